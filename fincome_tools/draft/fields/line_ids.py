"""Ids of invoices' lines: what tells every row from every other, or which rows are one line together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.lists import ListTable
from fincome_tools.draft.columns.nested import quoted, sources
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.tables.understanding import Understanding

_LABELS = ("line_id", "product_id", "product_name", "description", "subscription_id", "period_start", "period")

_SAME_LINE = (*_LABELS, "period_end", "line_type", "unit_price", "currency")
"""What lines that are taken together have in common: whatever isn't added up."""


def line_id(table: Understanding, *, alone: bool) -> tuple[Decision | None, str | None]:
    """Return an id that tells every row from every other."""
    invoice = table.column("invoice_id")
    if invoice is None:
        return None, table.doubts.get("invoice_id")
    mark = table.mark_of_documents
    if alone and mark is None:
        return Decision(invoice, "one line each", (invoice,)), None
    for line in (table.profile("line_id"), table.profile("id")):
        if line and line.is_unique and mark is None:
            return Decision(line.name, "each row has its own", (line.name,)), None
    columns = _telling(table, _LABELS)
    for count in range(0 if alone else 1, min(3, len(columns)) + 1):
        for several in combinations(columns, count):
            if proofs.are_unique(table.table, [invoice, *several]):
                names = [invoice, *several]
                listed = ", ".join([*([mark] if mark else []), *map(quoted, names)])
                return Decision(f"concat('-', {listed})", "together they tell every row", tuple(names)), None
    if isinstance(table.table, ListTable):
        return Decision(f"concat('-', {quoted(invoice)}, _index)", "the invoice, and the place in it", (invoice,)), None
    return None, None


def _telling(table: Understanding, roles: Sequence[str]) -> list[str]:
    """Return the columns of roles; of a part of a text the whole one, which may tell lines apart by more."""
    return list(sources([name for role in roles if (name := table.column(role))]))


def grouped_lines(made: Emission, table: Understanding) -> None:
    """Rows of an invoice that nothing tells apart become one line, with the sum of what they come to."""
    invoice = table.column("invoice_id")
    if invoice is None or "id" in made.fields or "id" in made.doubts:
        return
    columns = _telling(table, _SAME_LINE)
    mark = table.mark_of_documents
    listed = ", ".join([*([mark] if mark else []), *map(quoted, [invoice, *columns])])
    reason = "rows that are alike in all of this are one line, with their sum"
    made.fields["id"] = Decision(f"concat('-', {listed})", reason, (invoice, *columns))
    for name in ("amount_excluding_tax_after_discount", "tax_amount", "quantity", "discount_amount"):
        if name in made.fields or name in made.doubts:
            made.merge[name] = "sum"
