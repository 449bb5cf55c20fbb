"""Decimal places of currencies: what the smallest unit of an amount is, where amounts are whole numbers of it."""

from __future__ import annotations

from collections.abc import Mapping

from iso4217 import Currency

HUNDREDTH = 2

ISO_EXPONENTS: Mapping[str, int] = {
    currency.code: currency.exponent for currency in Currency if currency.exponent not in (None, HUNDREDTH)
}
"""ISO 4217's own table, for the currencies whose smallest unit isn't a hundredth; gold and the like have none."""


def decimals_of(currency: str) -> int:
    """Return how many decimals amounts in a currency have; two, if it is unknown."""
    return ISO_EXPONENTS.get(currency, HUNDREDTH)
