"""Amounts before discounts: that a row's discount is still to be taken off is proved by the row's tax or its total.

Only rows with a discount tell: in them the amount less the discount makes the total with the tax, or has the tax that
rows without a discount have, and the whole amount doesn't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Literal, NamedTuple

from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.proofs import CENT, Tally, known_rates

Figures = Mapping[str, list[Decimal | None]]
Proof = tuple[tuple[tuple[str, str], ...], str]
"""The column of each role, and what proves it."""

_NONE = Decimal(0)
_NO_DISCOUNTS = frozenset({"rate", "type", "id", "date", "description", "name", "quantity", "origin"})
_SIGNS: tuple[Literal[1, -1], ...] = (1, -1)
_FEWEST_ROWS = 3
_LEAST_WRONG = Decimal("0.8")


def discounts_in(profiles: Mapping[str, Profile]) -> list[str]:
    """Return the columns of what was taken off in some rows: by their headings, and no rates."""
    return [name for name, profile in profiles.items() if _may_be_discount(name, profile)]


def _may_be_discount(name: str, profile: Profile) -> bool:
    says = concepts_of(name)
    return "discount" in says and not says & _NO_DISCOUNTS and profile.numbers is not None


class _Less(NamedTuple):
    """An amount with what is taken off of it.

    Attributes:
        before: its column.
        discount: the column of what is taken off, which is written below zero if `sign` is -1.
        rest: what is left, row by row; None where there is no amount.
    """

    before: str
    discount: str
    sign: Literal[1, -1]
    rest: list[Decimal | None]


def reduced(figures: Figures, discounts: list[str], taxes: list[str], wholes: Callable[[], list[str]]) -> Proof | None:
    """Return the amount and the discount whose difference is a row's amount without tax, if just these can be.

    Args:
        figures: the numbers of the table's amounts, those of the discounts among them.
        taxes: the columns that may be taxes.
        wholes: those that may be the amounts with tax.
    """
    found: dict[tuple[str, str], Proof] = {}
    for less in _possible(figures, discounts):
        for tax in taxes:
            if (proof := _proof(figures, less, tax, wholes())) is not None:
                found.setdefault((less.before, less.discount), proof)
    return found.popitem()[1] if len(found) == 1 else None


def _possible(figures: Figures, discounts: list[str]) -> Iterator[_Less]:
    amounts = [name for name in figures if not concepts_of(name) & {"tax", "discount", "unit"}]
    for before, discount in product(amounts, discounts):
        for sign in _SIGNS:
            less = _Less(before, discount, sign, _rest(figures, before, discount, sign))
            if _is_taken_off(figures, less) and not any(_is_same(figures, less, name) for name in figures):
                yield less


def _rest(figures: Figures, before: str, discount: str, sign: int) -> list[Decimal | None]:
    return [
        None if whole is None else whole - sign * (part or _NONE)
        for whole, part in zip(figures[before], figures[discount], strict=True)
    ]


def _is_taken_off(figures: Figures, less: _Less) -> bool:
    """Tell whether what is left is never more than the whole, and less in some rows."""
    count = 0
    for whole, rest in zip(figures[less.before], less.rest, strict=True):
        if whole is not None and rest is not None:
            if abs(rest) > abs(whole) or rest * whole < 0:
                return False
            count += rest != whole
    return count >= _FEWEST_ROWS


def _is_same(figures: Figures, less: _Less, name: str) -> bool:
    """Tell whether a column has just what is left: then nothing has to be computed."""
    pairs = [
        (rest, value)
        for whole, rest, value in zip(figures[less.before], less.rest, figures[name], strict=True)
        if rest is not None and rest != whole
    ]
    return all(value is not None and abs(rest - value) <= CENT for rest, value in pairs)


def _proof(figures: Figures, less: _Less, tax: str, wholes: list[str]) -> Proof | None:
    written = f"{less.before} {'-' if less.sign > 0 else '+'} {less.discount}"
    columns = (("before_discount", less.before), ("deducted" if less.sign > 0 else "reduction", less.discount))
    own = (less.before, less.discount)
    for gross in wholes:
        if gross not in (*own, tax) and (tally := _make_gross(figures, less, tax, gross)):
            return (*columns, ("tax", tax), ("gross", gross)), f"{written} + {tax} = {gross} {tally}"
    if tally := _have_rates(figures, less, tax):
        return (*columns, ("tax", tax)), f"{tax} is a known rate of {written} {tally}"
    return None


def _make_gross(figures: Figures, less: _Less, tax: str, gross: str) -> Tally | None:
    """Return in how many rows what is left makes an amount with the tax; None if that is no proof."""
    tally, discounted = Tally(), Tally()
    for whole, rest, part, total in zip(figures[less.before], less.rest, figures[tax], figures[gross], strict=True):
        if not whole or rest is None or total is None:
            continue
        holds = abs(rest + (part or _NONE) - total) <= CENT
        tally.add(holds=holds)
        if rest != whole:
            discounted.add(holds=holds)
    return tally if tally.is_enough and discounted.is_enough else None


def _have_rates(figures: Figures, less: _Less, tax: str) -> Tally | None:
    """Return in how many rows a tax is a rate of what is left that rows without a discount have; None if in too few."""
    rows = [
        (whole, rest, part)
        for whole, rest, part in zip(figures[less.before], less.rest, figures[tax], strict=True)
        if whole and rest is not None and part
    ]
    plain = [known_rates(whole, part) for whole, rest, part in rows if whole == rest]
    usual = frozenset[Decimal]().union(*plain)
    tally, discounted, otherwise = Tally(), Tally(), Tally()
    for found in plain:
        tally.add(holds=bool(found))
    for whole, rest, part in rows:
        if whole != rest:
            discounted.add(holds=bool(known_rates(rest, part) & usual))
            otherwise.add(holds=bool(known_rates(whole, part) & usual))
    are_wrong = otherwise.agree <= (1 - _LEAST_WRONG) * otherwise.say
    return tally if tally.is_enough and discounted.is_enough and are_wrong else None
