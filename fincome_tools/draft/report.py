"""A draft in a few lines for a terminal: what each table was taken for, how sure its columns are, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator

from destination_fincome.wording import counted
from fincome_tools.draft.columns.nested import sources
from fincome_tools.draft.decisions.questions import words
from fincome_tools.draft.objects import Drafted
from fincome_tools.draft.recognition.kinds import KINDS
from fincome_tools.draft.recognition.streams import Stream


def told(drafted: Drafted) -> Iterator[str]:
    """Yield the lines."""
    for stream in drafted.streams:
        yield from _stream(stream)
    for question in drafted.questions.open:
        keys = ", ".join(question.answers) + (", …" if question.is_open else "")
        yield f"? {question.id}: {question.text['en']} ({keys})"
    if drafted.questions.open:
        yield (
            f"{counted(len(drafted.questions.open), 'question is', 'questions are')} open: what waits for an answer is "
            "left out. Answer in a file of lines `question: answer`, and draft again with --answers FILE."
        )
    for unused in drafted.questions.unused():
        yield f"The answer to {unused} isn't used: these files ask no such question. Correct its name, or delete it."


def _stream(stream: Stream) -> Iterator[str]:
    table = stream.table.table
    left_out = f"; left out: {table.left_out}" if table.left_out else ""
    yield f"{table.name}: {KINDS[stream.holds]} ({table.reading}{left_out})"
    if not stream.table.rows:
        yield "  no row stands below the heading: export again, without a filter"
    if name := first_row_only(stream):
        yield f"  {FIRST_ROW_ONLY['en'].format(column=name)}"
    reasons: dict[str, list[str]] = {}
    for emission in stream.emissions:
        for name, decision in emission.fields.items():
            for column in decision.columns:
                reasons.setdefault(column, []).append(f"{emission.entity}.{name}")
    waiting = {column for question in stream.table.questions.open for column in question.columns}
    for column in sources(table.columns):
        if column in reasons:
            yield f"  sure      {column} -> {', '.join(dict.fromkeys(reasons[column]))}"
        elif column in stream.table.telling_credits:
            yield f"  sure      {column} -> which rows are credits"
        elif column in waiting:
            yield f"  to check  {column}"
        else:
            yield f"  not used  {column}"


FIRST_ROW_ONLY = words(
    "{column} is filled on the first row of each document only, it seems: fill it in on each of its rows, with the day "
    "and the customer, and draft again",
    "{column} n'est rempli que sur la première ligne de chaque document, semble-t-il : remplissez chacune de ses "
    "lignes, avec la date et le client, et recommencez",
)
"""What to do about a column whose values stand on the first rows only, by language."""


def first_row_only(stream: Stream) -> str | None:
    """Return the first column of a table that is taken for nothing, if it and another are empty in the same rows."""
    if stream.kind != "unknown":
        return None
    table = stream.table.table
    filled = {name: [value not in (None, "") for value in table.kept[name]] for name in table.columns}
    name, *others = table.columns or ("",)
    rows = filled.get(name, [])
    is_so = bool(rows) and rows[0] and not all(rows) and any(filled[other] == rows for other in others)
    return name if is_so else None
