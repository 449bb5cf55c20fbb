"""Amounts of a small table, of credits mostly, that a larger one has under the same headings: what is proved there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import give
from fincome_tools.draft.tables.understanding import Understanding, settle_numbers

_ROLES = ("net", "amount", "gross")
_ENOUGH = 20


def follow_larger(tables: Sequence[Understanding]) -> None:
    """Let amounts of a table too small to prove anything have the roles that they have in a larger one.

    Which of two currencies' amounts is the documents', and whether it is before discounts, isn't seen in a few rows.
    """
    for table in tables:
        for other in tables:
            if other is not table and table.rows < _ENOUGH <= other.rows and table.parent is not other:
                _follow(table, other)


def _follow(table: Understanding, other: Understanding) -> None:
    theirs = {name: role for role, name in other.roles.columns.items()}
    for role in _ROLES:
        name, chosen = table.column(role), other.column(role)
        if name is None or name not in other.profiles:
            continue
        if theirs.get(name) is None and chosen in table.profiles and _are_figures(table, name, chosen):
            _take(table, role, name, chosen)
        elif theirs.get(name) == "before_discount":
            _follow_discount(table, other, name)


def _follow_discount(table: Understanding, other: Understanding, before: str) -> None:
    """Take a discount off, as in the larger table, if nothing in the small one contradicts it."""
    for role, sign in (("deducted", 1), ("reduction", -1)):
        less, tax, gross = other.column(role), other.column("tax"), other.column("gross")
        if less is None or less not in table.profiles:
            continue
        named = [name for name in (before, less, tax, gross) if name in table.profiles]
        marks = {name: mark for name in named if name and (mark := table.profiles[name].only_mark)}
        if tax in marks and gross in marks and before in marks and less in marks:
            rows = map(_whole, proofs.figures_of(table.table, [before, less, tax, gross], marks))
            if any(abs(whole - sign * part + more - total) > proofs.CENT for whole, part, more, total in rows):
                continue
        _take(table, "before_discount", before, before)
        table.roles.release(less)
        table.roles.columns[role] = less
        settle_numbers(table)
        return


def _whole(figures: Sequence[Decimal | None]) -> list[Decimal]:
    return [figure or Decimal(0) for figure in figures]


def _are_figures(table: Understanding, *names: str | None) -> bool:
    """Tell whether all are amounts, which aren't equal in all rows."""
    profiles = [table.profiles[name] for name in names if name]
    are_numbers = all(profile.numbers for profile in profiles)
    return are_numbers and len({tuple(profile.values) for profile in profiles}) == len(profiles)


def _take(table: Understanding, role: str, old: str, new: str | None) -> None:
    """Give a role to a column in the place of another, whose it is no longer."""
    table.roles.release(old)
    give(table.roles, role, new or old)
    settle_numbers(table)
