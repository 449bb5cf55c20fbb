"""Divides an amount into parts that add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from math import lcm

# Enough for all digits that amounts may have: nothing is rounded.
_EXACT = Context(prec=4000)


def allocate(amount: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Divide an amount in proportion to weights, by the largest remainder method.

    Args:
        amount: what is divided, of either sign.
        weights: one for each part; if they add up to zero, all parts are equal.
        places: decimals of the parts; if the amount needs more, so have the parts.

    Returns:
        One share for each weight; their sum is the amount. Empty for no weights.
    """
    if not weights:
        return []
    if not amount:  # the usual document has no discount
        return [Decimal(0)] * len(weights)
    whole, denominator = amount.as_integer_ratio()
    if 10**places % denominator:
        places = -_exponent(amount.normalize(_EXACT))
    units = whole * 10**places // denominator
    parts = _whole(weights)
    total = sum(parts)
    if not total:
        parts, total = [1] * len(parts), len(parts)
    if total < 0:
        units, total = -units, -total
    shares, remainders = [], []
    for part in parts:
        share, remainder = divmod(units * part, total)
        shares.append(share)
        remainders.append(remainder)
    if missing := sum(remainders) // total:
        # The parts that lost most by rounding down get one unit each, in their order if they lost the same.
        for index in sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)[:missing]:
            shares[index] += 1
    return [Decimal(share).scaleb(-places, _EXACT) for share in shares]


def _whole(weights: Sequence[Decimal]) -> list[int]:
    """Return whole numbers in the same proportion."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in ratios))
    return [number * (common // denominator) for number, denominator in ratios]


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent
