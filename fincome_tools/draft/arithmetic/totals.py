"""Totals that all rows of a document repeat: what a number's rows add up to tells that it is the document's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile

_MOST_FIGURES = 8
_FEWEST_GROUPS = 5


def makes_totals(table: KeptTable, profiles: Mapping[str, Profile], number: str) -> bool:
    """Tell whether the rows of each number make a total that they repeat, as it is or with tax at a known rate."""
    marks = _marks(profiles)
    if len(marks) > _MOST_FIGURES:
        return False
    return any(_make(table, number, part, total, marks) for part, total in permutations(marks, 2))


def make_total(table: KeptTable, profiles: Mapping[str, Profile], number: str, part: str) -> bool:
    """Tell whether one amount of the rows of each number makes a total that they repeat."""
    marks = _marks(profiles)
    return part in marks and any(_make(table, number, part, total, marks) for total in marks if total != part)


def _marks(profiles: Mapping[str, Profile]) -> dict[str, Mark]:
    """Return the figures that have fractions."""
    return {
        name: mark
        for name, profile in profiles.items()
        if (mark := profile.only_mark) and profile.numbers and not profile.numbers.whole
    }


def _make(table: KeptTable, number: str, part: str, total: str, marks: Mapping[str, Mark]) -> bool:
    sums: dict[object, Decimal] = defaultdict(Decimal)
    rows: dict[object, int] = defaultdict(int)
    totals: dict[object, set[Decimal | None]] = defaultdict(set)
    for key, one, whole in proofs.rows_of(table, [number, part, total]):
        sums[key] += proofs.figure(one, marks[part]) or Decimal(0)
        totals[key].add(proofs.figure(whole, marks[total]))
        rows[key] += 1
    several = sum(count > 1 for count in rows.values())
    agree = sum(_is_total(sums[key], totals[key]) for key in sums)
    return several >= _FEWEST_GROUPS and agree >= proofs.SHARE * len(sums)


def _is_total(summed: Decimal, totals: set[Decimal | None]) -> bool:
    (whole,) = totals if len(totals) == 1 else (None,)
    if whole is None or not summed:
        return False
    return abs(whole - summed) <= proofs.CENT or proofs.is_known_rate(summed, whole - summed)
