"""Credits among invoices: told by the type of document, by its number, or by an amount below zero, which is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fincome_tools.draft import proofs
from fincome_tools.draft.decisions import one_of, quoted
from fincome_tools.draft.numbers import Mark, number
from fincome_tools.draft.questions import Question, answers, words
from fincome_tools.draft.understanding import Understanding
from fincome_tools.draft.vocabulary import meaning

_PREFIX = re.compile(r"\s*([A-Za-z]+)")


@dataclass(frozen=True)
class Credits:
    """The rows that are credits.

    Attributes:
        condition: in the mapping language.
        are_negative: their amounts are below zero; else they are written as what is taken off.
        origin: the column that names the credited invoice.
    """

    condition: str
    are_negative: bool
    origin: str | None


Found = tuple[Credits | None, str | None]
"""The credits, if there are some; or the question that tells."""


def credits_of(table: Understanding, amount: str | None) -> Found:
    """Find the credits among a table's rows.

    Args:
        amount: the column of the amount without tax.
    """
    invoice = table.column("invoice_id")
    mark = table.marks.get(amount or "")
    if amount is None or invoice is None or mark is None:
        return None, None
    origin = table.column("origin_id")
    sums = _sums(table, invoice, amount, mark)
    if kinds := _typed(table):
        condition, is_credit = kinds
        return _of_type(table, condition, _signs(table, amount, mark, is_credit), origin)
    negative = {one for one, total in sums.items() if total < 0}
    if not negative:
        return None, None
    if prefix := _prefix(negative, sums.keys() - negative):
        return Credits(f"starts_with({quoted(invoice)}, '{prefix}')", True, origin), None
    return _untyped(table, invoice, len(negative))


def _typed(table: Understanding) -> tuple[str, Mapping[str, frozenset[str]]] | None:
    """Return the condition of rows whose type is a credit's, and the column with those words."""
    for role in ("document_type", "line_type"):
        column, profile = table.column(role), table.profile(role)
        if column and profile:
            found = [str(value) for value in profile.values if meaning(value, "document_type") == "credit_note"]
            if found:
                return one_of(column, found), {column: frozenset(found)}
    return None


def _signs(table: Understanding, amount: str, mark: Mark, is_credit: Mapping[str, frozenset[str]]) -> set[bool]:
    """Return whether credits' amounts are below zero, as far as both occur."""
    ((column, values),) = is_credit.items()
    signs = set()
    for kind, value in proofs.rows_of(table.table, [column, amount]):
        found = None if value is None else number(value, mark)
        if str(kind) in values and found:
            signs.add(found < 0)
    return signs


def _of_type(table: Understanding, condition: str, signs: set[bool], origin: str | None) -> Found:
    if signs == {True}:
        return Credits(condition, True, origin), None
    question = Question(
        table.question_id("credits"),
        words(
            "The credits have amounts above zero: are they to be subtracted?",
            "Les avoirs ont des montants positifs : faut-il les soustraire ?",
        ),
        (),
        answers(subtract=("yes, subtract them", "oui, les soustraire"), add=("no, they count as invoices", "non")),
        likely="subtract",
    )
    answer = table.questions.ask(question)
    if answer is None:
        return None, question.id
    return (Credits(condition, False, origin), None) if answer == "subtract" else (None, None)


def _untyped(table: Understanding, invoice: str, count: int) -> Found:
    """An invoice below zero that nothing calls a credit: whether it counts is asked."""
    question = Question(
        table.question_id("negative"),
        words(
            f"{count} documents have a total below zero: do they lower the revenue, as credits do?",
            f"{count} documents ont un total négatif : diminuent-ils le chiffre d'affaires, comme des avoirs ?",
        ),
        (invoice,),
        answers(yes=("yes", "oui"), no=("no, I'll take them out of the file", "non, je les retirerai du fichier")),
        likely="yes",
    )
    return None, None if table.questions.ask(question) == "yes" else question.id


def _sums(table: Understanding, invoice: str, amount: str, mark: Mark) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for identity, value in proofs.rows_of(table.table, [invoice, amount]):
        sums[str(identity)] += (None if value is None or value == "" else number(value, mark)) or Decimal(0)
    return sums


def _prefix(negative: set[str], others: set[str]) -> str | None:
    """Return the letters with which the numbers of credits begin, and those of no invoice."""
    begins = {found.group(1) if (found := _PREFIX.match(one)) else "" for one in negative}
    if len(begins) != 1:
        return None
    prefix = begins.pop()
    return prefix if prefix and not any(one.strip().startswith(prefix) for one in others) else None
