"""Divides an amount into parts that add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal

_EXACT = Context(prec=60, rounding=ROUND_FLOOR)


def allocate(amount: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Divide an amount in proportion to weights, by the largest remainder method.

    Args:
        amount: what is divided, of either sign.
        weights: one for each part; if they add up to zero, all parts are equal.
        places: decimals of the parts; if the amount has more, so have the parts.

    Returns:
        One share for each weight; their sum is the amount. Empty for no weights.
    """
    if not weights:
        return []
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(-max(places, -exponent))
    if not amount:  # the usual document has no discount
        return [unit * 0] * len(weights)
    total = sum(weights, Decimal(0))
    if not total:
        weights, total = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [_EXACT.divide(_EXACT.multiply(amount, weight), total) for weight in weights]
    shares = [share.quantize(unit, rounding=ROUND_FLOOR, context=_EXACT) for share in exact]
    missing = int((amount - sum(shares, Decimal(0))) / unit)
    # The parts that lost most by rounding down get one unit each, in their order if they lost the same.
    for index in sorted(range(len(weights)), key=lambda i: shares[i] - exact[i])[:missing]:
        shares[index] += unit
    return shares
