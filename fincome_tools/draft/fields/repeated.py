"""Amounts that are alike on all rows of each invoice: its total, repeated, or prices that happen to be equal."""

from __future__ import annotations

from fincome_tools.draft.arithmetic.totals import make_total
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.amounts import Found, net_amount
from fincome_tools.draft.tables.understanding import Understanding


def amount_of_rows(table: Understanding, net: Found) -> tuple[Found, Found]:
    """Return what rows say of their document's amount, and of their own; which one it is may be asked."""
    amount, number = net[0], table.column("invoice_id")
    if amount is None or number is None or not all(_is_alike(table, number, name) for name in amount.columns):
        return net, net
    if any(make_total(table.table, table.profiles, number, name) for name in amount.columns):
        return net, net
    listed = " and ".join(amount.columns)
    question = Question(
        table.question_id("repeated"),
        words(
            f"{listed} is the same on all rows of each invoice: is it the whole invoice's, or each row's?",
            f"{listed} : même montant sur toutes les lignes d'une facture ; total de la facture, ou de chaque ligne ?",
        ),
        amount.columns,
        answers(invoice=("the whole invoice's", "celui de la facture"), row=("each row's", "celui de chaque ligne")),
    )
    answer = table.questions.ask(question)
    if answer is None:
        return (None, question.id), (None, question.id)
    table.repeats_totals = answer == "invoice"
    if not table.repeats_totals:
        return net, net
    table.roles.release(*amount.columns)
    return net, net_amount(table)  # Of what else there is.


def _is_alike(table: Understanding, number: str, name: str) -> bool:
    tally = proofs.one_of_each(table.table, number, name)
    return tally.is_enough
