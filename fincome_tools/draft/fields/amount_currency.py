"""The currency of a table's amounts: a column has it, by its code or beside words; else it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.profiles import is_currency
from fincome_tools.draft.decisions.decisions import Decision, Emission, text
from fincome_tools.draft.decisions.questions import Other, Question, Questions, answers, words
from fincome_tools.draft.fields.given import give_column
from fincome_tools.draft.tables.understanding import Understanding

_MOST_WORDS = 12
_WORDS: Mapping[str, str] = {
    "EUR": "euro,euros,€",
    "USD": "us dollar,us dollars,dollar us,dollars us,usd dollar,dolar estadounidense,dollaro usa,dollar americain",
    "GBP": "pound sterling,british pound,livre sterling,libra esterlina,sterlina,£",
    "CHF": "swiss franc,franc suisse,schweizer franken,franco suizo,franco svizzero,zwitserse frank",
}
_KNOWN = {word: code for code, said in _WORDS.items() for word in said.split(",")}
_CODES = answers(EUR=("euro", "euro"), USD=("US dollar", "dollar US"), GBP=("pound", "livre sterling"))
_OTHERS = Other("another code, such as CHF", is_currency)
_CODE = re.compile(r"\b[A-Z]{3}\b")


def give_currency(made: Emission, table: Understanding, questions: Questions) -> None:
    """Give an object the currency of its amounts; one for all of them is asked where no column has it."""
    if table.column("currency"):
        give_column(made, "currency", table, "currency")
        return
    if doubt := table.doubts.get("currency"):
        made.doubts["currency"] = doubt
        return
    if written := written_currency(table):
        made.fields["currency"] = written
        return
    if column := _in_words(table):
        _translate(made, table, column)
        return
    question = Question(
        "currency",
        words("In which currency are the amounts? (ISO code)", "Dans quelle devise sont les montants ? (code ISO)"),
        (),
        _CODES,
        other=_OTHERS,
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


def _in_words(table: Understanding) -> str | None:
    """Return the only column that says the currency otherwise than by codes: `Euro`, `US dollar`, `€`."""
    names = [
        name
        for name in free(table.roles)
        if concepts_of(name) == {"currency"} and 0 < len(table.profiles[name].values) <= _MOST_WORDS
        if table.profiles[name].numbers is None and table.profiles[name].filled == table.profiles[name].rows
    ]
    if len(names) != 1:
        return None
    values = [str(value) for value in table.profiles[names[0]].values]
    return names[0] if len(values) > 1 or _known(values[0]) else None  # One for all is asked plainly.


def _known(word: str) -> str | None:
    return _KNOWN.get(" ".join(words_of(word)) or word.strip())


def _translate(made: Emission, table: Understanding, column: str) -> None:
    """Translate the words of a column; one that several countries call theirs, or that nobody knows, is asked."""
    codes: dict[str, str] = {}
    for value in map(str, table.profiles[column].values):
        question = Question(
            f"currency.{value.strip()}",
            words(f"Which currency is {value}? (ISO code)", f"Quelle devise est {value} ? (code ISO)"),
            (column,),
            _CODES,
            other=_OTHERS,
        )
        answer = _known(value) or table.questions.ask(question)
        if answer is None:
            made.doubts["currency"] = question.id
            return
        codes[value] = answer.upper()
    made.fields["currency"] = Decision({"lookup": column, "in": codes}, "by its words", (column,))


def _sign(table: Understanding) -> str | None:
    """Return the currency whose sign stands in the amounts or their headings."""
    for role in ("net", "amount", "gross", "unit_price"):
        if name := table.column(role):
            seen = name + " ".join(str(value) for value in list(table.profiles[name].values)[:50])
            for sign, code in (("€", "EUR"), ("EUR", "EUR"), ("£", "GBP"), ("$", "USD")):
                if sign in seen:
                    return code
    return None
