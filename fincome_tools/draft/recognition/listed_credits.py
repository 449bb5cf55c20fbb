"""Credits that a table lists, and that stand among the documents of another table, too: they are the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.dates import day
from fincome_tools.draft.tables.understanding import Understanding

_FEWEST = 2
_LEAST_LISTED = 0.8
_MOST_CREDITED = 0.5
_SHARE = 0.9


def listed_in(credits: Understanding, documents: Understanding) -> frozenset[str]:
    """Return the numbers of documents that a table of credits lists: of the same customers and days; else none.

    Counters of credits and of invoices may go over the same numbers: then their days and customers differ.
    """
    number, theirs = credits.column("credit_id") or credits.column("invoice_id"), documents.column("invoice_id")
    if number is None or theirs is None:
        return frozenset()
    own = {str(value) for value in credits.profiles[number].values}
    all_of = {str(value) for value in documents.profiles[theirs].values}
    common = own & all_of
    if len(common) < max(_FEWEST, _LEAST_LISTED * len(own)) or len(common) > _MOST_CREDITED * len(all_of):
        return frozenset()
    return frozenset(common) if are_same(credits, number, documents, theirs, common) else frozenset()


def are_same(some: Understanding, number: str, others: Understanding, theirs: str, common: set[str]) -> bool | None:
    """Tell whether documents of two tables with the same numbers have the same customers and days; None: not known."""
    checks = [
        _alike(_customers(some, number, role), _customers(others, theirs, role), common)
        for role in ("customer_id", "customer_name")
    ]
    checks.append(_alike(_days(some, number), _days(others, theirs), common))
    said = [tally for tally in checks if tally.say]
    return all(tally.agree >= _SHARE * tally.say for tally in said) if len(said) > 1 else None


def _customers(table: Understanding, number: str, role: str) -> dict[str, str]:
    column = table.column(role)
    rows = proofs.rows_of(table.table, [number, column]) if column else ()
    return {str(one): str(who) for one, who in rows if who not in (None, "")}


def _days(table: Understanding, number: str) -> dict[str, date]:
    column = table.column("invoice_date")
    form = table.formats.get(column or "")
    rows = proofs.rows_of(table.table, [number, column]) if column and form else ()
    return {str(one): found for one, value in rows if form and (found := day(value, form))}


def _alike(some: Mapping[str, object], others: Mapping[str, object], common: set[str]) -> proofs.Tally:
    tally = proofs.Tally()
    for one in common & some.keys() & others.keys():
        tally.add(holds=some[one] == others[one])
    return tally
