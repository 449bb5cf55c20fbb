"""A table whose columns were read once: proofs look at them as often as they like.

Equal texts of a column are kept once. A table beyond MOST_CELLS is read anew by each proof: its memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from fincome_tools.files.table import Row, Table

MOST_CELLS = 12_000_000
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
        kept: the values of each column, row by row.
        known: what cells of columns were read as, by column and reader.
        found: what proofs have found, by what they looked for.
        pause: called before anything is looked at in all rows: waits while others work, or ends the work by raising.
    """

    kept: Mapping[str, list[Any]] = field(default_factory=dict)
    known: dict[tuple[str, Reader], list[Any]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    pause: Callable[[], None] = _go_on

    def read_as(self, column: str, reader: Reader) -> list[Any]:
        """Return what a column's cells are, by a reader; each column is read once by each."""
        if (column, reader) not in self.known:
            self.pause()
            read, form = reader
            cells = self.kept[column]
            if set(map(type, cells)) <= {str, type(None)}:
                each = {value: read(value, form) for value in dict.fromkeys(cells)}
                self.known[column, reader] = list(map(each.__getitem__, cells))
            else:
                self.known[column, reader] = [read(value, form) for value in cells]
        return self.known[column, reader]


def kept(table: Table) -> Table:
    """Return a table with its columns in memory; a larger one as it is."""
    columns: list[list[Any]] = [[] for _ in table.columns]
    shared: list[dict[Any, Any]] = [{} for _ in table.columns]
    most_rows = MOST_CELLS // max(1, len(columns))
    numbers: list[int] = []
    rows = table.read()
    while several := list(islice(rows, _AT_ONCE)):
        if len(numbers) + len(several) > most_rows:
            return table
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


def rows_as(table: Table, columns: Sequence[str], readers: Sequence[Reader]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of some columns, row by row, each as its reader reads it."""
    if isinstance(table, KeptTable):
        yield from zip(*(table.read_as(*one) for one in zip(columns, readers, strict=True)), strict=True)
        return
    places = [(table.columns.index(name), *reader) for name, reader in zip(columns, readers, strict=True)]
    for row in table.read():
        yield tuple(read(row.values[place], form) for place, read, form in places)
