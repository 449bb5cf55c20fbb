"""The currency of a table's amounts: a column has it, by its code or beside words; else it is asked."""

from __future__ import annotations

import re

from fincome_tools.draft.decisions import Decision, Emission, text
from fincome_tools.draft.fields import give_column
from fincome_tools.draft.names import concepts_of
from fincome_tools.draft.profiles import is_currency
from fincome_tools.draft.questions import Other, Question, Questions, answers, words
from fincome_tools.draft.understanding import Understanding

_CODE = re.compile(r"\b[A-Z]{3}\b")


def give_currency(made: Emission, table: Understanding, questions: Questions) -> None:
    """Give an object the currency of its amounts; one for all of them is asked where no column has it."""
    if table.column("currency"):
        give_column(made, "currency", table, "currency")
        return
    if written := written_currency(table):
        made.fields["currency"] = written
        return
    question = Question(
        "currency",
        words("In which currency are the amounts? (ISO code)", "Dans quelle devise sont les montants ? (code ISO)"),
        (),
        answers(EUR=("euro", "euro"), USD=("US dollar", "dollar US"), GBP=("pound", "livre sterling")),
        other=Other("another code, such as CHF", is_currency),
        likely=_sign(table),
    )
    answer = questions.ask(question)
    made.give("currency", Decision(text(answer.upper()), "as answered") if answer else None, question.id)


def written_currency(table: Understanding) -> Decision | None:
    """Return the currency of a column that has its code beside words: `US dollar - USD`."""
    for name, profile in table.profiles.items():
        if "currency" not in concepts_of(name) or not profile.values or len(profile.values) > 40:
            continue
        codes = {str(value): [one for one in _CODE.findall(str(value)) if is_currency(one)] for value in profile.values}
        if all(len(found) == 1 for found in codes.values()):
            table_of_codes = {value: found[0] for value, found in codes.items()}
            return Decision({"lookup": name, "in": table_of_codes}, "the code in its text", (name,))
    return None


def _sign(table: Understanding) -> str | None:
    """Return the currency whose sign stands in the amounts or their headings."""
    for role in ("net", "amount", "gross", "unit_price"):
        if name := table.column(role):
            seen = name + " ".join(str(value) for value in list(table.profiles[name].values)[:50])
            for sign, code in (("€", "EUR"), ("EUR", "EUR"), ("£", "GBP"), ("$", "USD")):
                if sign in seen:
                    return code
    return None
