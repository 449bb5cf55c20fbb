"""Lists of objects within the records of a table, such as the lines of an invoice: each list is a table of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from fincome_tools.draft.columns.kept import KeptTable, kept
from fincome_tools.draft.columns.nested import Path, named, opened, quoted
from fincome_tools.files.table import Row, Table

_LOOKED_AT = 1_000


OF_RECORD = "_record."
"""Before a column of the record, where an expression is of an element."""


class Outer(Path):
    """A column of the record that an element is in; its name is the expression that reads it from there.

    Attributes:
        source: the column.
        plain: its words, none of which are the element's own.
    """

    source: str
    plain: str

    def __new__(cls, source: str) -> Outer:
        """Name a column of the record."""
        named_so = str.__new__(cls, f"{OF_RECORD}{quoted(source)}")
        named_so.source, named_so.plain = source, ""
        return named_so


@dataclass(frozen=True)
class ListTable(KeptTable):
    """The elements of a list.

    Attributes:
        column: of the records, which has the list.
        records: for each element the place of its record.
        whole: the table of the records.
    """

    column: str = ""
    records: Sequence[int] = field(default_factory=list)
    whole: KeptTable | None = None


def lists_of(table: KeptTable) -> list[ListTable]:
    """Return the lists of objects in a table's records, worked out once."""
    if "lists" not in table.found:
        columns = [name for name in table.columns if _has_lists(table, name)]
        table.found["lists"] = [_elements(table, name) for name in columns]
    return [replace(one, whole=table, pause=table.pause) for one in table.found["lists"]]


def _has_lists(table: KeptTable, name: str) -> bool:
    first = [value for value in islice(table.kept[name], _LOOKED_AT) if value not in (None, [])]
    return bool(first) and all(
        isinstance(value, list) and all(isinstance(one, dict) for one in value) for value in first
    )


def _elements(table: KeptTable, name: str) -> ListTable:
    found: list[tuple[int, dict[str, Any]]] = []
    for place, value in enumerate(table.kept[name]):
        if isinstance(value, list):
            found += [(place, one) for one in value if isinstance(one, dict)]
    columns = tuple(dict.fromkeys(key for _, one in found for key in one))

    def read() -> Iterator[Row]:
        return (Row(number, tuple(one.get(key) for key in columns)) for number, (_, one) in enumerate(found, 1))

    table_of_list = Table(f"{table.name} {name}", columns, f"a list in each record of {table.name}", read)
    made = kept(named(opened(table_of_list)))
    records = [place for place, _ in found]
    return ListTable(made.name, made.columns, made.reading, made.read, kept=made.kept, column=name, records=records)


def with_outer(table: ListTable, name: str) -> tuple[ListTable, Outer]:
    """Return the elements with a column of their records as a further one of theirs."""
    outer = Outer(name)
    values = list(table.whole.kept[name]) if table.whole else []
    own = [values[place] for place in table.records]
    return replace(table, columns=(*table.columns, outer), kept={**table.kept, outer: own}), outer
