"""Credits of invoices that are left out as cancelled: what such credits take off would be taken off twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from destination_fincome.wording import counted
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.decisions.decisions import cells_of, one_of
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.status_fields import not_final
from fincome_tools.draft.tables.understanding import Understanding

_FIGURES = ("net", "amount", "gross")
_CUSTOMERS = ("customer_id", "customer_name")


def taken_twice(credits: Understanding, others: Sequence[Understanding]) -> tuple[str | None, str | None]:
    """Return the condition of credits that are left out, as answered; or the id of the question while it is open.

    Args:
        credits: a table of credits, of which those that name no invoice are meant.
        others: tables of invoices, of which some are cancelled.
    """
    number = credits.column("invoice_id")
    found = {one for other in others for one in _alike(credits, other)}
    if number is None or not found:
        return None, None
    question = Question(
        credits.question_id("canceled"),
        words(
            f"{counted(len(found), 'credit')} of {credits.table.name} come to what a cancelled invoice of the same "
            "customer came to, which is left out: are these left out, too?",
            f"{credits.table.name} : {counted(len(found), 'avoir')} au montant d'une facture annulée du même client, "
            "déjà écartée : faut-il les écarter aussi ?",
        ),
        (number,),
        answers(
            leave_out=("yes, else they are taken off twice", "oui, sinon ils seraient déduits deux fois"),
            keep=("no, they are for other invoices", "non, ils concernent d'autres factures"),
        ),
        likely="leave_out",
    )
    answer = credits.questions.ask(question)
    cells = cells_of(found, credits.profiles[number].values)
    return one_of(number, cells) if answer == "leave_out" else None, None if answer else question.id


def _alike(credits: Understanding, invoices: Understanding) -> set[str]:
    """Return the numbers of credits without an invoice's that come to a cancelled one of the same customer."""
    canceled = {
        number
        for name, reason, values in not_final(invoices)
        if reason == "void"
        for number in _numbers(invoices, name, {str(value) for value in values})
    }
    role = next((one for one in _CUSTOMERS if credits.column(one) and invoices.column(one)), None)
    figure = next((one for one in _FIGURES if credits.column(one) and invoices.column(one)), None)
    if not canceled or role is None or figure is None:
        return set()
    theirs = {pair for number, pair in _documents(invoices, role, figure).items() if number in canceled}
    origin = credits.column("origin_id")
    named = _numbers(credits, origin, None) if origin else set()
    return {
        number for number, pair in _documents(credits, role, figure).items() if pair in theirs and number not in named
    }


def _numbers(table: Understanding, name: str, values: set[str] | None) -> set[str]:
    """Return the numbers of rows in which a column has one of some values; None: any."""
    number = table.column("invoice_id")
    rows = proofs.rows_of(table.table, [number, name]) if number else ()
    return {str(one) for one, value in rows if value not in (None, "") and (values is None or str(value) in values)}


def _documents(table: Understanding, role: str, figure: str) -> dict[str, tuple[str, Decimal]]:
    """Return the customer of documents, and what they come to, without its sign."""
    number, customer, column = (table.column(one) for one in ("invoice_id", role, figure))
    if number is None or customer is None or column is None or column not in table.marks:
        return {}
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one, who, value in proofs.rows_of(table.table, [number, customer, column]):
        sums[str(one), str(who)] += proofs.figure(value, table.marks[column]) or Decimal(0)
    return {one: (who, abs(amount)) for (one, who), amount in sums.items() if amount}
