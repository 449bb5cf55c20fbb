"""Exact arithmetic on amounts: integers of minor units in, integers of minor units out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

ZERO_DECIMAL = frozenset({"jpy"})
"""Currencies of the example that have no minor unit."""


def exponent(currency: str) -> int:
    """Return how many decimals a currency has."""
    return 0 if currency in ZERO_DECIMAL else 2


def rounded(amount: Fraction) -> int:
    """Round to a whole minor unit, halves away from zero, as on an invoice."""
    doubled = abs(amount) * 2 + 1
    size = doubled.numerator // (doubled.denominator * 2)
    return size if amount >= 0 else -size


def tax_on(amount: int, percent: int, *, inclusive: bool) -> int:
    """Return the tax on top of an amount, or the one contained in it."""
    whole = 100 + percent if inclusive else 100
    return rounded(Fraction(amount * percent, whole))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total in proportion to the weights; the parts add up to the total exactly.

    What whole units can't express goes to the largest remainders, first come first served.
    """
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def major_units(amount: int, currency: str) -> str:
    """Write minor units as a decimal in major units: 1250 eur is 12.50, 1250 jpy is 1250."""
    decimals = exponent(currency)
    if not decimals:
        return str(amount)
    units, rest = divmod(abs(amount), 10**decimals)
    return f"{'-' if amount < 0 else ''}{units}.{rest:0{decimals}d}"
