"""The two sides of a journal's rows: columns of debit and credit, an amount with a letter for its side, or a sign."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fincome_tools.draft import proofs
from fincome_tools.draft.content import give
from fincome_tools.draft.names import concepts_of, words_of
from fincome_tools.draft.numbers import Mark, number
from fincome_tools.draft.profiles import Profile
from fincome_tools.draft.roles import Assigned

_DEBIT = re.compile(r"(?P<before>.*?)(?:debe|debit|debito|debet|soll|dare)(?P<after>.*)")
_CREDIT = re.compile(r"(?P<before>.*?)(?:haber|credit|credito|haben|avere)(?P<after>.*)")


@dataclass(frozen=True)
class Sides:
    """The columns of a row's debit and credit, with their decimal signs."""

    debit: str
    credit: str
    marks: Mapping[str, Mark]

    @property
    def columns(self) -> tuple[str, str]:
        """Both."""
        return self.debit, self.credit

    def credited(self, cells: Sequence[Any]) -> Decimal:
        """Return a row's credit less its debit."""
        debit, credit = (
            proofs.figure(cell, self.marks[name]) or Decimal(0) for name, cell in zip(self.columns, cells, strict=True)
        )
        return credit - debit


def find_sides(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Find the debit and the credit of rows where their headings say more than this: `EURODEBE`, `EUROHABER`.

    Of several such pairs, of which some have nothing but zeros, the only other one is meant.
    """
    taken = [roles.columns[role] for role in ("debit", "credit_side") if role in roles.columns]
    if len(taken) == 2 and any(_has_figures(profiles[name]) for name in taken):
        return
    numeric = [name for name, profile in profiles.items() if profile.numbers and (name in roles.left or name in taken)]
    rivals = [name for role in ("debit", "credit_side") for name in roles.rivals.get(role, ())]
    numeric += [name for name in rivals if name not in numeric and profiles[name].numbers]
    pairs = [(debit, credit) for debit in numeric for credit in numeric if _are_sides(debit, credit)]
    pairs = [pair for pair in pairs if all(_has_figures(profiles[name]) for name in pair)]
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


def _has_figures(profile: Profile) -> bool:
    marks = profile.numbers.marks if profile.numbers else ()
    return bool(marks) and any(number(value, marks[0]) for value in profile.values)
