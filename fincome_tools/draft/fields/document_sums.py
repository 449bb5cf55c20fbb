"""What documents come to by their rows: figures that are added up by the document's number."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.tables.understanding import Understanding

_FIGURES = ("net", "before_discount", "amount", "gross", "unit_price")


def sums_of(table: Understanding, *figures: str) -> defaultdict[str, Decimal]:
    """Return what columns of figures come to together, by the document's number.

    Args:
        figures: columns whose decimal sign is known.
    """
    number, sums = table.column("invoice_id"), defaultdict[str, Decimal](Decimal)
    for document, *values in proofs.rows_of(table.table, [number, *figures]) if number else ():
        for name, value in zip(figures, values, strict=True):
            sums[str(document)] += proofs.figure(value, table.marks[name]) or Decimal(0)
    return sums


def signed_sums(table: Understanding) -> defaultdict[str, Decimal]:
    """Return what documents come to, or cost, by the first figure that can be read: whatever it is, it has a sign."""
    named = (table.column(role) for role in _FIGURES)
    figure = next((name for name in named if name in table.marks), None)
    return sums_of(table, figure) if figure else defaultdict(Decimal)
