"""A table whose columns were read once: proofs look at them as often as they like.

Equal texts of a column are kept once. The columns of a table beyond MOST_CELLS lie in a private file without a name, so
that memory stays bounded; a proof reads those that it is about.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

import orjson

from destination_fincome.fincome.models import encode
from destination_fincome.protocol.json_text import has_long_number, read_exactly
from fincome_tools.files.private import PrivateFile
from fincome_tools.files.table import Row, Table

MOST_CELLS = 4_000_000
_AT_ONCE = 4000
_MOST_SHARED = 50_000
Reader = tuple[Callable[[Any, Any], Any], Any]
"""What reads a cell, and how it is told that cells are written: a decimal sign, a form of dates."""


def _go_on() -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class KeptTable(Table):
    """A table and its columns.

    Attributes:
        kept: the values of each column, row by row: lists, or what reads them from a file.
        known: what cells of columns were read as, by column and reader.
        found: what proofs have found, by what they looked for.
        pause: called before anything is looked at in all rows: waits while others work, or ends the work by raising.
    """

    kept: Mapping[str, Collection[Any]] = field(default_factory=dict)
    known: dict[tuple[str, Reader], list[Any]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    pause: Callable[[], None] = _go_on

    def read_as(self, column: str, reader: Reader) -> Iterable[Any]:
        """Return what a column's cells are, by a reader; each column is read once by each, if it is in memory."""
        read, form = reader
        if not isinstance(self.kept[column], list):
            self.pause()
            return (read(value, form) for value in self.kept[column])
        if (column, reader) not in self.known:
            self.pause()
            cells = self.kept[column]
            if set(map(type, cells)) <= {str, type(None)}:
                each = {value: read(value, form) for value in dict.fromkeys(cells)}
                self.known[column, reader] = list(map(each.__getitem__, cells))
            else:
                self.known[column, reader] = [read(value, form) for value in cells]
        return self.known[column, reader]


class _Filed(Collection[Any]):
    """The values of a column that lie in a file, some thousands at a time."""

    def __init__(self, file: PrivateFile, lock: threading.Lock) -> None:
        self._file, self._lock = file, lock
        self._places: list[tuple[int, int]] = []
        self._count = 0

    def add(self, values: Sequence[Any]) -> None:
        """Put further values at the end."""
        data = encode(list(values))
        with self._lock:
            self._places.append((self._file.content.seek(0, os.SEEK_END), len(data)))
            self._file.content.write(data)
        self._count += len(values)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, value: object) -> bool:
        return any(one == value for one in self)

    def __iter__(self) -> Iterator[Any]:
        for place, length in self._places:
            with self._lock:
                self._file.content.seek(place)
                data = self._file.content.read(length)
            yield from read_exactly(data) if has_long_number(data) else orjson.loads(data)


# As Excel writes them in its languages: #N/A, #NV, #REF!, #VALEUR!, #DIV/0!, #NOM?; and a column that is too narrow.
_ERROR = re.compile(r"#(?:N/A|NV|N/D|#+|[A-ZÀ-Þ0-9/]+[!?])")


def _without_errors(row: Row) -> Row:
    if not any(isinstance(value, str) and value[:1] == "#" for value in row.values):
        return row
    values = (None if isinstance(value, str) and _ERROR.fullmatch(value.strip()) else value for value in row.values)
    return Row(row.number, tuple(values))


def kept(table: Table) -> KeptTable:
    """Return a table with its columns in memory; those of a larger one in a file.

    A cell with a spreadsheet's error says nothing of its column, so it is none here. Its row is rejected when it is
    loaded.
    """
    whole = table.read
    table = replace(table, read=lambda: map(_without_errors, whole()))
    columns: list[list[Any]] = [[] for _ in table.columns]
    shared: list[dict[Any, Any]] = [{} for _ in table.columns]
    most_rows = MOST_CELLS // max(1, len(columns))
    numbers: list[int] = []
    rows = table.read()
    while several := list(islice(rows, _AT_ONCE)):
        if len(numbers) + len(several) > most_rows:
            return _filed(table, columns, chain([several], iter(lambda: list(islice(rows, _AT_ONCE)), [])))
        numbers.extend(row.number for row in several)
        for values, column, same in zip(
            zip(*(row.values for row in several), strict=True), columns, shared, strict=True
        ):
            if len(same) < _MOST_SHARED and set(map(type, values)) == {str}:
                column.extend(map(same.setdefault, values, values))
            else:
                column.extend(values)

    def read() -> Iterator[Row]:
        for number, values in zip(numbers, zip(*columns, strict=True), strict=True):
            yield Row(number, values)

    named = dict(zip(table.columns, columns, strict=True))
    return KeptTable(table.name, table.columns, table.reading, read, table.left_out, named)


def _filed(table: Table, begun: list[list[Any]], further: Iterable[list[Row]]) -> KeptTable:
    """Return a table with its columns in a file: those that were begun in memory, and further rows."""
    file, lock = PrivateFile(), threading.Lock()
    columns = [_Filed(file, lock) for _ in begun]
    for column, values in zip(columns, begun, strict=True):
        for start in range(0, len(values), _AT_ONCE):
            column.add(values[start : start + _AT_ONCE])
        values.clear()
    for several in further:
        for column, cells in zip(columns, zip(*(row.values for row in several), strict=True), strict=True):
            column.add(cells)
    named = dict(zip(table.columns, columns, strict=True))
    return KeptTable(table.name, table.columns, table.reading, table.read, table.left_out, named)


def rows_as(table: KeptTable, columns: Sequence[str], readers: Sequence[Reader]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of some columns, row by row, each as its reader reads it."""
    yield from zip(*(table.read_as(*one) for one in zip(columns, readers, strict=True)), strict=True)
