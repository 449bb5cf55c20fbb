"""The two sides of a journal's rows: columns of debit and credit, an amount with a letter for its side, or a sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import give
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.roles import Assigned
from fincome_tools.draft.decisions.decisions import EMPTY, is_one_of

_DEBIT = re.compile(r"(?P<before>.*?)(?:debe|debit|debito|debet|soll|dare)(?P<after>.*)")
_CREDIT = re.compile(r"(?P<before>.*?)(?:haber|credit|credito|haben|avere)(?P<after>.*)")


_MOST_AMOUNTS = 5
_NO_AMOUNTS = frozenset(
    {"rate", "quantity", "id", "zip", "siret", "date", "line", "balance", "account_number", "customer"}
)
_CREDIT_LETTERS = frozenset(["c", "h", "a", "cr", "k", "credit", "haben", "haber", "avere", "hb", "ha"])
_DEBIT_LETTERS = frozenset(["d", "s", "dr", "debit", "soll", "debe", "dare", "so"])


@dataclass(frozen=True)
class Sides:
    """How a row says its debit or its credit.

    Attributes:
        columns: a debit and a credit; or an amount and its side; or an amount with a sign.
        marks: the decimal signs of amounts.
        credits: the words for the credit side, where a column has it.
        debits: those for the other.
        sign: of an amount on the credit side, where nothing but its sign says it.
    """

    columns: tuple[str, ...]
    marks: Mapping[str, Mark]
    credits: tuple[str, ...] = ()
    debits: tuple[str, ...] = ()
    sign: int = 0

    @property
    def are_columns(self) -> bool:
        """Whether debit and credit are columns of their own."""
        return not self.credits and not self.sign

    def credited(self, cells: Sequence[Any]) -> Decimal:
        """Return a row's credit less its debit."""
        first = proofs.figure(cells[0], self.marks[self.columns[0]]) or Decimal(0)
        if self.sign:
            return self.sign * first
        if self.credits:
            return first if str(cells[1]).strip() in self.credits else -first
        return (proofs.figure(cells[1], self.marks[self.columns[1]]) or Decimal(0)) - first

    def expression(self, read: Callable[[str], str | None]) -> str:
        """Return the expression of a row's credit less its debit.

        Args:
            read: gives the expression of a column's number.
        """
        amount = read(self.columns[0])
        if self.sign:
            return str(amount) if self.sign > 0 else f"subtract(`0`, {amount})"
        if self.credits:
            return f"when({is_one_of(self.columns[1], self.credits, self.debits)}, {amount}, subtract(`0`, {amount}))"
        parts = [f"coalesce({read(name)}, `0`)" for name in reversed(self.columns)]
        return f"subtract({', '.join(parts)})"

    def __str__(self) -> str:
        if self.are_columns:
            return f"{self.columns[1]} less {self.columns[0]}"
        return f"{self.columns[0]} by {self.columns[1]}" if self.credits else f"{self.columns[0]} by its sign"


def sides_in(
    profiles: Mapping[str, Profile], roles: Assigned, marks: Mapping[str, Mark], side: str | None
) -> Iterator[Sides]:
    """Yield how rows may say their sides, the plainest first; whether they do is to be proved unless it is two columns.

    Args:
        side: the column that is called one of sides.
    """
    debit, credit = roles.get("debit"), roles.get("credit_side")
    if debit and credit:
        if {debit, credit} <= marks.keys():
            yield Sides((debit, credit), {name: marks[name] for name in (debit, credit)})
        return
    known = {name: mark for name, one in profiles.items() if (mark := marks.get(name) or one.only_mark)}
    amounts = {name: mark for name, mark in known.items() if _may_be_amount(profiles[name])}
    if len(amounts) > _MOST_AMOUNTS:
        return
    if side and (words := _credit_words(profiles[side])):
        others = tuple(_debit_words(profiles[side], words))
        yield from (Sides((name, side), {name: mark}, words, others) for name, mark in amounts.items())
        return
    for name, mark in amounts.items():
        if any(str(value).strip().startswith(("-", "(")) for value in profiles[name].values):
            yield from (Sides((name,), {name: mark}, sign=sign) for sign in (-1, 1))


def _may_be_amount(profile: Profile) -> bool:
    return bool(profile.numbers) and not profile.dates and not concepts_of(profile.name) & _NO_AMOUNTS


def _debit_words(profile: Profile, credits: Collection[str]) -> Iterator[str]:
    yield from sorted({str(value).strip() for value in profile.values}.difference(credits))
    if profile.filled < profile.rows:
        yield EMPTY


def _credit_words(profile: Profile) -> tuple[str, ...]:
    """Return the words for the credit side of a column that has nothing but words of sides."""
    said = {str(value).strip(): str(value).strip().casefold().rstrip(".") for value in profile.values}
    credits = tuple(word for word, plain in said.items() if plain in _CREDIT_LETTERS)
    are_sides = all(plain in _CREDIT_LETTERS | _DEBIT_LETTERS for plain in said.values())
    return credits if are_sides and 0 < len(credits) < len(said) else ()


def find_sides(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Find the debit and the credit of rows where their headings say more than this: `EURODEBE`, `EUROHABER`.

    Of several such pairs, of which some have nothing but zeros, the only other one is meant.
    """
    taken = [roles.columns[role] for role in ("debit", "credit_side") if role in roles.columns]
    if len(taken) == 2 and any(profiles[name].has_figures for name in taken):
        return
    numeric = [name for name, profile in profiles.items() if profile.numbers and (name in roles.left or name in taken)]
    rivals = [name for role in ("debit", "credit_side") for name in roles.rivals.get(role, ())]
    numeric += [name for name in rivals if name not in numeric and profiles[name].numbers]
    pairs = [(debit, credit) for debit in numeric for credit in numeric if _are_sides(debit, credit)]
    pairs = [pair for pair in pairs if all(profiles[name].has_figures for name in pair)]
    if len(pairs) != 1:
        return
    for role in ("debit", "credit_side"):
        roles.rivals.pop(role, None)
    roles.release(*taken)
    roles.left += [name for name in taken if name not in roles.left]
    give(roles, "debit", pairs[0][0])
    give(roles, "credit_side", pairs[0][1])


def _are_sides(debit: str, credit: str) -> bool:
    """Tell whether two headings differ only by one's saying debit, the other credit."""
    ours, theirs = concepts_of(debit), concepts_of(credit)
    if "debit" in ours and "credit" in theirs and ours - {"debit"} == theirs - {"credit"}:
        return True
    first, second = _DEBIT.fullmatch(" ".join(words_of(debit))), _CREDIT.fullmatch(" ".join(words_of(credit)))
    return bool(first and second and first.groups() == second.groups())
