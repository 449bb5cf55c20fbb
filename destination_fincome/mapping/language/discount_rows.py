"""Discounts that are rows of a document: what each row that is sold comes to after those below it.

In ERPs a discount is a row below what it lowers: below a row that is sold, below a subtotal, which adds up the rows
since the one before it, or below a group of rows. Further discounts below it lower the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from destination_fincome.mapping.language.shares import allocate

SOLD: Final = "sold"
DISCOUNT: Final = "discount"
SUBTOTAL: Final = "subtotal"
GROUP: Final = "group"
END_GROUP: Final = "end_group"


def after_discounts(kinds: Sequence[str], amounts: Sequence[Decimal], places: int) -> list[Decimal]:
    """Return what each row that is sold comes to after the discounts below it.

    Args:
        kinds: what each row is, from the top; any other word is a row that says nothing.
        amounts: one for each row; a discount's has the other sign than that of what it lowers.
        places: decimals of a discount's shares in several rows.

    Returns:
        An amount for each row of the kind SOLD. A discount below nothing that is sold is in none of them.
    """
    nets: list[Decimal] = []
    lowered = range(0)  # what a discount in the next row lowers
    since_subtotal = group = 0
    for kind, amount in zip(kinds, amounts, strict=True):
        if kind == SOLD:
            nets.append(amount)
            lowered = range(len(nets) - 1, len(nets))
        elif kind == SUBTOTAL and since_subtotal < len(nets):
            lowered = range(since_subtotal, len(nets))
            since_subtotal = len(nets)
        elif kind == GROUP:
            group = len(nets)
        elif kind == END_GROUP:
            lowered = range(group, len(nets))
        elif kind == DISCOUNT:
            shares = allocate(amount, nets[lowered.start : lowered.stop], places)
            for index, share in zip(lowered, shares, strict=True):
                nets[index] += share
    return nets
