"""How long a period is of which only the month stands there: texts may say a quarter or a year: `Licence annuelle`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.decisions.decisions import text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.understanding import Understanding

_WORDS: Mapping[int, tuple[str, ...]] = {
    6: ("semestr", "semi-annual", "semiannual", "halbjahr", "halbjähr", "halfjaar"),
    3: ("trimestr", "quarter", "quartal", "vierteljahr", "vierteljähr", "kwartaal"),
    12: ("annuel", "annual", "yearly", "jahres", "jährlich", "anual", "jaarlijks", "jaarabonnement"),
}
"""Parts of words by how many months they say; what is within another word comes after it."""


def end_of_month(table: Understanding, month: str, begins: str) -> tuple[str, str, str | None]:
    """Return the end of a period that begins with a month, why, and the id of the question while it isn't known."""
    if month in table.lasts:
        return f"add_months({begins}, {table.lasts[month]})", "as long as the text says", None
    whole = f"add_months({begins}, `1`)"
    found = [(name, said) for name in _texts(table, month) if (said := _said(table.profiles[name].values))]
    if not found or not isinstance(month, Part):
        return whole, "the whole month", None
    source, said = found[0]
    listed = ", ".join(said)
    question = Question(
        table.question_id("length"),
        words(
            f"Some texts of {source} say {listed}: do their periods last so long, from their month on?",
            f"Des textes de {source} disent {listed} : leurs périodes durent-elles autant, à partir du mois ?",
        ),
        tuple(dict.fromkeys([month.source, source])),
        answers(
            words=("yes, as long as the words say", "oui, autant que les mots le disent"),
            month=("no, each is one month", "non, chacune dure un mois"),
        ),
        likely="words",
    )
    answer = table.questions.ask(question)
    if answer != "words":
        return whole, "the whole month, as answered", None if answer else question.id
    months = "`1`"
    for word, count in reversed(said.items()):
        months = f"when(contains(lower({quoted(source)}), {text(word)}), `{count}`, {months})"
    return f"add_months({begins}, {months})", "as long as the words say, as answered", None


def _texts(table: Understanding, month: str) -> list[str]:
    """Return the columns that may say how long periods are: that of the month, and what describes what was sold."""
    own = [month.source] if isinstance(month, Part) else []
    named = [name for role in ("description", "product_name") if (name := table.column(role))]
    others = [name for name in free(table.roles) if concepts_of(name) & {"description", "product"}]
    return [name for name in dict.fromkeys([*own, *named, *others]) if not isinstance(name, Part)]


def _said(values: Iterable[object]) -> dict[str, int]:
    """Return the words of lengths that occur, the longest ones first where one is within another."""
    texts = [str(value).lower() for value in values]
    return {word: count for count, several in _WORDS.items() for word in several if any(word in one for one in texts)}
