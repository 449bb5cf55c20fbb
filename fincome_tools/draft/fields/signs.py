"""What credits take off: their amounts' sign, their parts by invoice, and lines, which as all credits change no MRR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import bound
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.decisions.decisions import Decision, Emission, text
from fincome_tools.draft.fields.credits import Credits
from fincome_tools.draft.fields.given import within
from fincome_tools.draft.tables.understanding import Understanding


def taken_off(amount: Decision, *, of_rows: bool = False, are_negative: bool = False) -> Decision:
    """Return a credit note's amount, above zero.

    Args:
        of_rows: it is the sum of several, of which some may give back.
        are_negative: these rows are below zero.
    """
    inner = within(amount)
    expression = f"abs({inner})"
    if of_rows:
        expression = f"subtract(`0`, {inner})" if are_negative else str(amount.expression)
    return Decision(expression, f"{amount.reason}; what is taken off", amount.columns)


_FACTORS = ("debit", "credit_side", "quantity", "unit_price")


def computed_amounts(table: Understanding, amount: Decision) -> list[Decimal] | None:
    """Return what rows come to where no one column has the sign; None where one has it."""
    factors = {table.column(role) for role in _FACTORS}
    number = table.column("invoice_id")
    if (
        number is None
        or len(amount.columns) < 2
        or not factors & {*amount.columns}
        or isinstance(amount.expression, dict)
    ):
        return None
    names = [*amount.columns]
    evaluate = Expressions(bound({}, frozenset())).compile(amount.expression)
    return [_read(evaluate, dict(zip(names, values, strict=True))) for values in proofs.rows_of(table.table, names)]


def _read(evaluate: Callable[[dict[str, Any]], Any], record: dict[str, Any]) -> Decimal:
    try:
        return Decimal(str(evaluate(record) or 0))
    except (ValueFault, InvalidOperation):
        return Decimal(0)  # The engine tells of it.


def divide_by_invoices(note: Emission, table: Understanding, credit: Credits) -> None:
    """Make a credit note on each invoice of those that credit several, which have one number."""
    number, origin = table.column("invoice_id"), credit.origin
    made = note.fields.get("id")
    if number is None or origin is None or made is None:
        return
    invoices: dict[str, set[str]] = defaultdict(set)
    for one, named in proofs.rows_of(table.table, [number, origin]):
        if str(one) in credit.named and named not in (None, ""):
            invoices[str(one)].add(str(named))
    if any(len(several) > 1 for several in invoices.values()):
        expression = f"concat('-', {within(made)}, {quoted(origin)})"
        note.fields["id"] = Decision(expression, "a credit note on each invoice", (number, origin))
        note.merge["amount"] = "sum"


def without_revenue(made: Emission, credit: Credits) -> None:
    """Lines of credits that name no invoice: as all credits they change no MRR, so they have no period."""
    kind = made.fields.get("type")
    if kind is None or kind.expression == text("one_off"):
        return
    if credit.is_of_all:
        made.fields["type"] = Decision(text("one_off"), "credits change no MRR")
        for name in ("period_start", "period_end"):
            made.fields.pop(name, None)
        return
    is_credit = credit.condition
    made.fields["type"] = Decision(
        f"when({is_credit}, 'one_off', {kind.expression})", f"{kind.reason}; credits change no MRR", kind.columns
    )
    for name in ("period_start", "period_end"):
        if name in made.fields:
            old = made.fields[name]
            made.fields[name] = Decision(f"when(!({is_credit}), {within(old)})", old.reason, old.columns)


def signed(amount: Decision | None, credit: Credits | None) -> Decision | None:
    """Return an amount, below zero in the rows of credits that are written above it."""
    if amount is None or credit is None or credit.are_negative or credit.condition == credit.notes:
        return amount
    inner = within(amount)
    expression = f"subtract(`0`, {inner})"
    if not credit.is_of_all:
        expression = f"when({credit.condition}, {expression}, {inner})"
    return Decision(expression, f"{amount.reason}; credits are subtracted", amount.columns)
