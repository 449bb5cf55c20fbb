"""Terms of contracts: a start and an end that several invoices of a customer share are no periods of their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.dates import day
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.understanding import Understanding

_FEWEST_TERMS = 3
_LEAST_REPEATED = 0.5
_FEWEST_DOCUMENTS = 3
_LONGEST_MONTHS = timedelta(days=62)
"""A period that isn't longer is no contract's."""
_WHAT_WAS_SOLD = ("subscription_id", "product_id", "product_name", "description", "unit_price")


def ask_what_they_are(table: Understanding, start: str, end: str) -> tuple[bool, str | None]:
    """Tell whether a start and an end are the periods of the lines; where invoices repeat them it is asked.

    Returns:
        Whether they are, and the id of the question while that isn't known.
    """
    if not _are_repeated(table, start, end):
        return True, None
    question = Question(
        table.question_id("terms"),
        words(
            f"Several invoices of a customer have the same {start} and {end}: is each of them for all of this time, or"
            " does the contract last so long?",
            f"Plusieurs factures d'un client ont les mêmes {start} et {end} : chacune facture-t-elle tout ce temps, ou"
            " est-ce la durée du contrat ?",
        ),
        (start, end),
        answers(
            lines=("each invoice is for all of it", "chacune facture tout ce temps"),
            contracts=("the contract lasts so long", "c'est la durée du contrat"),
        ),
        likely="contracts",
    )
    answer = table.questions.ask(question)
    return answer == "lines", None if answer else question.id


def _are_repeated(table: Understanding, start: str, end: str) -> bool:
    """Tell whether most times of several months stand in several invoices each, of one customer.

    They may be for one product, or for whatever was sold in this time.
    """
    invoice, whose = table.column("invoice_id"), _customers(table)
    if invoice is None or not {start, end} <= table.formats.keys():
        return False
    sold = [name for role in _WHAT_WAS_SOLD if (name := table.column(role))]
    of_products: dict[tuple[object, ...], set[str]] = defaultdict(set)
    of_customers: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for number, *what in proofs.rows_of(table.table, [invoice, start, end, *sold]):
        first, last = day(what[0], table.formats[start]), day(what[1], table.formats[end])
        is_long = first and last and last - first > _LONGEST_MONTHS
        if is_long:
            customer = whose.get(str(number))  # None where they aren't known.
            of_products[(customer, *what)].add(str(number))
            of_customers[(customer, *what[:2])].add(str(number))
    return _most_are_repeated(of_products) or _most_are_repeated(of_customers)


def _most_are_repeated(documents: Mapping[tuple[object, ...], set[str]]) -> bool:
    repeated = [one for one in documents.values() if len(one) >= _FEWEST_DOCUMENTS]
    held = sum(map(len, repeated))
    return len(repeated) >= _FEWEST_TERMS and held >= _LEAST_REPEATED * sum(map(len, documents.values()))


def _customers(table: Understanding) -> dict[str, str]:
    """Return the customer of each document, as the table or that of its documents says."""
    for one in (table, table.parent):
        number = one.column("invoice_id") if one else None
        customer = (one.column("customer_id") or one.column("customer_name")) if one else None
        if one and number and customer:
            return {str(own): str(who) for own, who in proofs.rows_of(one.table, [number, customer])}
    return {}
