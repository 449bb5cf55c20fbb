"""What was decided of fields, and why: the reason that is shown is the reason that was used.

A decision is sure; what isn't waits for an answer.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from destination_fincome.mapping.language.words import folded
from fincome_tools.draft.columns.nested import quoted, sources

EMPTY = "?"
"""The word of an empty cell in `is_one_of`."""


@dataclass(frozen=True)
class Decision:
    """A field's value.

    Attributes:
        expression: in the mapping language; a form (lookup, when) as a dictionary.
        reason: in one line.
        columns: what it is made of.
    """

    expression: str | dict[str, object]
    reason: str
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Name the columns as the file has them."""
        object.__setattr__(self, "columns", sources(self.columns))


@dataclass
class Emission:
    """An object that a table's rows become.

    Attributes:
        fields: what is decided.
        doubts: fields that wait for an answer, with the question's id.
        missing: required fields that nothing gives, with the reason.
        skip: rows that are left out, by the reason of the mapping language.
        merge: fields that are put together of several rows.
        once: fields that only the creation of an object takes.
        when: which rows become one.
    """

    entity: str
    fields: dict[str, Decision] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    skip: dict[str, str] = field(default_factory=dict)
    merge: dict[str, str] = field(default_factory=dict)
    once: list[str] = field(default_factory=list)
    when: str | None = None

    def give(self, name: str, decision: Decision | None, doubt: str | None = None) -> None:
        """Set a field, or note which question it waits for; neither: nothing is known of it."""
        if decision is not None:
            self.fields[name] = decision
        elif doubt is not None:
            self.doubts[name] = doubt


def text(value: str) -> str:
    """Return a text as it stands within an expression."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def one_of(column: str, values: Sequence[object]) -> str:
    """Return a condition: the column holds one of some values."""
    plain = [value if isinstance(value, (bool, int, float)) else str(value) for value in values]
    return f"contains({literal(plain)}, {quoted(column)})"


def says_one_of(column: str, words: Sequence[object], others: Iterable[object]) -> str:
    """Return a condition: the column holds one of some words, whatever their case, accents and blanks.

    The next file of an export may write `Avoir` where the first wrote `AVOIR`.

    Args:
        others: what else the column holds: a word that differs from those by its case only keeps its own meaning.
    """
    if not all(isinstance(word, str) for word in words):
        return one_of(column, words)
    table = dict.fromkeys(map(str, words), True)
    alike = {folded(word) for word in table}
    table |= {other: False for other in map(str, others) if other not in table and folded(other) in alike}
    return f"lookup({quoted(column)}, {literal(table)}, `false`)"


def is_one_of(column: str, words: Iterable[str], others: Iterable[str]) -> str:
    """Return a condition as `says_one_of`, of a column that holds nothing else: any other word is a fault."""
    table = dict.fromkeys(others, False) | dict.fromkeys(words, True)
    return f"lookup(coalesce({quoted(column)}, {text(EMPTY)}), {literal(table)})"


def literal(value: object) -> str:
    """Return a value as it stands within an expression."""
    listed = json.dumps(value, ensure_ascii=False).replace("`", "\\`")
    return f"`{listed}`"


def cells_of(texts: Container[str], cells: Iterable[object]) -> list[object]:
    """Return texts, such as numbers of documents, as the cells of a column have them: typed, where they are."""
    return sorted((cell for cell in cells if str(cell) in texts), key=str)
