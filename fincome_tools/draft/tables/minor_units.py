"""Amounts that may be in cents though no heading says so: whole numbers everywhere, as own systems keep them."""

from __future__ import annotations

import re

from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.understanding import Understanding

_MONEY = ("net", "gross", "tax", "amount", "unit_price", "before_discount", "deducted", "discount", "monthly_value")
_MARKED = re.compile(r"[A-Za-z0-9]_c")
_SMALLEST = 100
_FEWEST_COLUMNS = 2


def settle_minor_units(found: Understanding) -> None:
    """Ask whether whole amounts are in cents: where headings end in `_c`, or none of several in JSON has a fraction."""
    names = [name for role in _MONEY if (name := found.column(role)) and "cents" not in concepts_of(name)]
    profiles = [found.profiles[name] for name in names]
    if not names or not all(one.numbers and one.numbers.whole for one in profiles):
        return
    marked = any(_MARKED.fullmatch(name[-3:]) for name in names)
    if not marked and not (found.table.reading.startswith("JSON") and _may_be_cents(profiles)):
        return
    shown = next((value for one in profiles for value in one.values if value), 0)
    question = Question(
        found.question_id("cents"),
        words(
            f"All amounts of {found.table.name} are whole numbers, such as {shown}: are they in cents?",
            f"Tous les montants de {found.table.name} sont entiers, par exemple {shown} : sont-ils en centimes ?",
        ),
        tuple(names),
        answers(cents=("in cents", "en centimes"), units=("in whole units", "en unités entières")),
        likely="cents" if marked else None,
    )
    answer = found.questions.ask(question)
    if answer == "cents":
        found.in_cents += names
    elif answer is None:
        found.doubts |= dict.fromkeys(names, question.id)


def _may_be_cents(profiles: list[Profile]) -> bool:
    """Tell whether none of several amounts is small, and some are no whole hundreds."""
    values = [value for one in profiles for value in one.values if value]
    if len(profiles) < _FEWEST_COLUMNS or not all(isinstance(value, int) for value in values):
        return False
    return min(map(abs, values), default=0) >= _SMALLEST and any(value % _SMALLEST for value in values)
