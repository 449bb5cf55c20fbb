"""What is left of a price after its discounts: one after the other, on all of its parts or on some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from destination_fincome.fincome.value_types import ValueFault, read_decimal

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)


def discounted(parts: Any, discounts: Any, *rate: Any) -> Decimal | None:
    """Return what is left of a price after its discounts, in the order in which they come.

    Args:
        parts: what the price is made of, each with its `value` and, where discounts are for some parts only, a name
            (`of`).
        discounts: each with a `percent` or an `amount` that it takes away, and perhaps the names of the parts that it
            is for (`of`). None of them takes more than there is.
        rate: what an `amount` is multiplied by, to be in the unit of the values. Left out: 1.

    Returns:
        The sum of what is left of the parts; null if a part's value is, or if a discount says neither.

    Raises:
        ValueFault: one of them is no list, or a number is none.
    """
    if parts is None:
        return None
    found = [(_known(part).get("of"), read_decimal(_known(part).get("value"))) for part in _listed(parts)]
    left = {index: value for index, (_, value) in enumerate(found) if value is not None}
    if len(left) < len(found):
        return None
    each = read_decimal(rate[0]) if rate else _ONE
    for discount in map(_known, _listed(discounts if discounts is not None else [])):
        of = discount.get("of")
        meant = [index for index, (name, _) in enumerate(found) if of is None or name in _listed(of)]
        share = _share_left(discount, sum((left[index] for index in meant), _ZERO), each)
        if share is None:
            return None
        left.update({index: _EXACT.multiply(left[index], share) for index in meant})
    return sum(left.values(), _ZERO)


def _share_left(discount: Mapping[str, Any], price: Decimal, rate: Decimal | None) -> Decimal | None:
    """Return which part of a price a discount leaves; None if it can't be told."""
    percent, amount = read_decimal(discount.get("percent")), read_decimal(discount.get("amount"))
    if percent is not None:
        return max(_ZERO, _EXACT.subtract(_ONE, _EXACT.divide(percent, _HUNDRED)))
    if amount is None or rate is None:
        return None
    if not price:
        return _ONE
    return max(_ZERO, _EXACT.subtract(_ONE, _EXACT.divide(_EXACT.multiply(amount, rate), price)))


def _listed(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueFault("is not a list")
    return value


def _known(value: Any) -> Mapping[str, Any]:
    """Return what is known of a part or a discount: of one that is only named, nothing."""
    return value if isinstance(value, dict) else {}
