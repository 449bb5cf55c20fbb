"""Amounts of money, which have as many decimals as their currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.fincome.value_types import read_decimal as decimal
from destination_fincome.mapping.language import parents
from destination_fincome.mapping.language.discount_rows import after_discounts
from destination_fincome.mapping.language.shares import allocate

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal(0)


def currency(value: Any) -> str | None:
    """Write a currency code in upper case; whether it exists is checked along with the object."""
    if isinstance(value, str):
        return value.strip().upper() if value else None
    if value is None:
        return None
    raise ValueFault("is not a currency code")


@lru_cache(maxsize=16)
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


class CurrencyAmounts:
    """The functions of amounts.

    Args:
        exponents: decimal places of the currencies that don't have two.
        default_currency: the currency of amounts whose record names none.
    """

    def __init__(self, exponents: Mapping[str, int], default_currency: str | None) -> None:
        self._exponents = exponents
        self._default = default_currency
        # A source names few currencies, many times.
        self._remembered = lru_cache(maxsize=256)(self._places)

    def places(self, code: Any) -> int:
        """Return how many decimals amounts of a currency have."""
        return self._remembered(code) if code.__class__ is str else self._places(code)

    def _places(self, code: Any) -> int:
        name = currency(code) or self._default
        return self._exponents.get(name, 2) if name else 2

    def money(self, amount: Any, code: Any) -> Decimal | None:
        """Return an amount that is given in the smallest unit of its currency."""
        number = decimal(amount)
        if number is None:
            return None
        if not code and not self._default:
            raise ValueFault("is in minor units of a currency that the record doesn't name")
        return number.scaleb(-self.places(code), context=_EXACT)

    def round_money(self, amount: Any, code: Any) -> Decimal | None:
        """Round an amount to the smallest unit of its currency, halves to the even one."""
        number = decimal(amount)
        if number is None:
            return None
        try:
            return number.quantize(_unit(self.places(code)), context=_EXACT)
        except InvalidOperation:
            raise ValueFault("is out of any sensible range") from None

    def allocate(self, amount: Any, weights: Any, code: Any) -> list[Decimal] | None:
        """Divide an amount in proportion to weights (see shares.py); null weights count as zero."""
        if weights is None:
            return None
        if not isinstance(weights, list):
            raise ValueFault("is to be spread over something that is not a list")
        return allocate(decimal(amount) or _ZERO, [decimal(weight) or _ZERO for weight in weights], self.places(code))

    def after_discounts(self, kinds: Any, amounts: Any, code: Any) -> list[Decimal] | None:
        """Return what the rows that are sold come to after the discounts below them (see discount_rows.py)."""
        if kinds is None or amounts is None:
            return None
        if not isinstance(kinds, list) or not isinstance(amounts, list) or len(kinds) != len(amounts):
            raise ValueFault("has rows whose kinds and amounts are not two lists of one length")
        return after_discounts(kinds, [decimal(amount) or _ZERO for amount in amounts], self.places(code))

    def discounted_by(
        self, reference: Any, field: Any, price: Any, code: Any, *others: Any
    ) -> parents.DiscountedBy | None:
        """Return a price that the discounts lower which another object has (see parents.py)."""
        number = decimal(price)
        if number is None:
            return None
        rate = decimal(others[0]) if others else Decimal(1)
        digits = decimal(others[1]) if others[1:] else None
        shown = self.places(code) if digits is None else int(digits)
        return parents.DiscountedBy(reference, field, number, rate, shown, currency(code) or self._default)
