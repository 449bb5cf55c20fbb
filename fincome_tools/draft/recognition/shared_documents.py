"""Documents whose numbers two tables have: parts of the same ones, the same ones twice, or others, counted apart."""

from __future__ import annotations

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.fields.document_sums import signed_sums
from fincome_tools.draft.recognition.listed_credits import are_same
from fincome_tools.draft.tables.understanding import Understanding

_FEWEST = 2
_SHARE = 0.9


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
    ours, others = signed_sums(table), signed_sums(larger)
    equal = frozenset(one for one in common if ours and others and abs(ours[one] - others[one]) <= proofs.CENT)
    if len(equal) >= _SHARE * len(common):
        table.repeated = equal
    if len(equal) < len(common):
        table.has_parts = larger.has_parts = True
