"""Tables whose cells hold objects, as JSON has them: each member is a column of its own, at whatever depth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from fincome_tools.draft.columns.names import without_shared
from fincome_tools.files.table import MOST_COLUMNS, Row, Table

_LOOKED_AT = 1_000
_DEEPEST = 4


class Path(str):
    """A member of an object as a column: its name is the expression of the way to it."""

    def __new__(cls, parts: Sequence[str]) -> Path:
        """Name a member by the names on the way."""
        return super().__new__(cls, ".".join(map(quoted, parts)))


class Part(Path):
    """A part of a column's text as a column.

    Attributes:
        source: the column.
    """

    source: str

    def __new__(cls, expression: str, source: str = "") -> Part:
        """Name a part by the expression that reads it."""
        part = str.__new__(cls, expression)
        part.source = source
        return part


def sources(columns: Sequence[str]) -> tuple[str, ...]:
    """Return columns as files have them: of a part, the column that it is of."""
    return tuple(dict.fromkeys(column.source if isinstance(column, Part) else column for column in columns))


def quoted(column: str) -> str:
    """Return a column's name as it stands within an expression."""
    is_plain = isinstance(column, Path) or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column)
    return column if is_plain else json.dumps(column, ensure_ascii=False)


def opened(table: Table) -> Table:
    """Return a table with the members of its objects as columns, by its first rows; one without objects is itself."""
    found: dict[int, dict[tuple[str, ...], None]] = {}
    for row in islice(table.read(), _LOOKED_AT):
        for place, value in enumerate(row.values):
            if isinstance(value, dict):
                found.setdefault(place, {}).update(dict.fromkeys(_members(value, ())))
    if not found:
        return table
    ways = [(place, way) for place, name in enumerate(table.columns) for way in found.get(place, {(): None}) if name]
    if len(ways) > MOST_COLUMNS:
        return table
    columns = tuple(Path((table.columns[place], *way)) if way else table.columns[place] for place, way in ways)

    def read() -> Iterator[Row]:
        for row in table.read():
            yield Row(row.number, tuple(_at(row.values[place], way) for place, way in ways))

    return replace(table, columns=columns, read=read)


def named(table: Table) -> Table:
    """Return a table whose headings know which of their words say something."""
    plain = [column for column in table.columns if not isinstance(column, Path)]
    known = dict(zip(plain, without_shared(plain, table.name), strict=True))
    return replace(table, columns=tuple(known.get(column, column) for column in table.columns))


def _members(value: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, inner in value.items():
        if isinstance(inner, dict) and inner and len(above) + 1 < _DEEPEST:
            yield from _members(inner, (*above, name))
        else:
            yield (*above, name)


def _at(value: Any, way: tuple[str, ...]) -> Any:
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    return value
