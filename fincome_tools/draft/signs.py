"""The sign of amounts of credits, and lines that take back: as all credits they change no MRR."""

from __future__ import annotations

from fincome_tools.draft.credits import Credits
from fincome_tools.draft.decisions import Decision, Emission, text
from fincome_tools.draft.fields import within


def taken_off(amount: Decision, credit: Credits, *, of_rows: bool) -> Decision:
    """Return a credit note's amount, above zero; `of_rows`: it is the sum of several, of which some may give back."""
    inner = within(amount)
    expression = f"abs({inner})"
    if of_rows:
        expression = f"subtract(`0`, {inner})" if credit.are_negative else str(amount.expression)
    return Decision(expression, f"{amount.reason}; what is taken off", amount.columns)


def without_revenue(made: Emission, credit: Credits) -> None:
    """Lines of credits that name no invoice: as all credits they change no MRR, so they have no period."""
    kind = made.fields.get("type")
    if kind is None or kind.expression == text("one_off"):
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
    expression = f"when({credit.condition}, subtract(`0`, {inner}), {inner})"
    return Decision(expression, f"{amount.reason}; credits are subtracted", amount.columns)
