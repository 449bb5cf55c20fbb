"""Documents whose numbers two tables have: parts of the same ones, the same ones twice, or others, counted apart."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.recognition.listed_credits import are_same
from fincome_tools.draft.tables.understanding import Understanding

_FEWEST = 2
_SHARE = 0.9
_FIGURES = ("net", "before_discount", "amount", "gross", "unit_price")


def settle_shared(table: Understanding, larger: Understanding) -> None:
    """Note what documents are whose numbers a larger table has, too.

    Those of other customers and days are counted apart; those that come to the same in both are repeated, and count
    once; what the others come to is added up.
    """
    own, theirs = table.column("invoice_id"), larger.column("invoice_id")
    if own is None or theirs is None:
        return
    common = {str(one) for one in table.profiles[own].values} & {str(one) for one in larger.profiles[theirs].values}
    if len(common) < _FEWEST:
        return
    same = are_same(table, own, larger, theirs, common)
    if same is None:
        return
    if not same:
        table.are_counted_apart = True
        return
    ours, others = _sums(table, own, common), _sums(larger, theirs, common)
    equal = frozenset(one for one in common if ours and others and abs(ours[one] - others[one]) <= proofs.CENT)
    if len(equal) >= _SHARE * len(common):
        table.repeated = equal
    if len(equal) < len(common):
        table.has_parts = larger.has_parts = True


def _sums(table: Understanding, number: str, common: set[str]) -> dict[str, Decimal] | None:
    """Return what documents come to by what has a sign, whatever it is; None if nothing has."""
    figure = next((name for role in _FIGURES if (name := table.column(role)) in table.marks), None)
    if figure is None:
        return None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for document, value in proofs.rows_of(table.table, [number, figure]):
        if str(document) in common:
            sums[str(document)] += proofs.figure(value, table.marks[figure]) or Decimal(0)
    return sums
