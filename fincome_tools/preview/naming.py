"""Files of one export under other names: `factures_2026-02.csv` is the next one of the mapping's `factures`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from destination_fincome.mapping.own import MappingError, OwnMapping, OwnStream, read_mapping
from destination_fincome.mapping.stream_names import normal
from fincome_tools.draft.columns.table_names import stem
from fincome_tools.files.reading import Files
from fincome_tools.files.table import Row, Table


def as_mapped(files: Files, mapping: Any) -> tuple[Files, Mapping[str, str]]:
    """Call tables as the mapping calls them of which only the number or the date in the name is another.

    Tables that are called the same then are one, with the rows of all. A table stays what it is called if several
    streams of the mapping may be meant, or if the one that has the name itself has other columns, or is of the same
    file: a copy of a sheet is no further one.

    Returns:
        The files, and what tables that were renamed are called now.
    """
    try:
        own = read_mapping(mapping) if mapping else OwnMapping()
    except MappingError:
        return files, {}  # told where the mapping is used
    names = {table.name: _stream_of(table, own, files) for table in files.tables}
    renamed = {name: stream for name, stream in names.items() if stream is not None}
    called: dict[str, list[Table]] = {}
    for table in files.tables:
        called.setdefault(normal(renamed.get(table.name, table.name)), []).append(table)
    tables = tuple(_joined(renamed.get(parts[-1].name, parts[-1].name), parts) for parts in called.values())
    return replace(files, tables=tables) if renamed else files, renamed


def _stream_of(table: Table, own: OwnMapping, files: Files) -> str | None:
    """Return the stream of the mapping that a table is, though it has another name; None if it has none."""
    if any(normal(name) == normal(table.name) for name in own.streams):
        return None
    alike = [name for name in own.streams if stem(name) == stem(table.name)]
    if not alike or not _are_the_same(own.streams[name] for name in alike):
        return None
    itself = [other for other in files.tables if normal(other.name) in map(normal, alike)]
    is_next = all(
        set(other.columns) == set(table.columns) and files.origins[other.name] != files.origins[table.name]
        for other in itself
    )
    return alike[0] if is_next else None


def _are_the_same(streams: Iterable[OwnStream]) -> bool:
    first, *others = streams
    return all(other == first for other in others)


def _joined(name: str, tables: Sequence[Table]) -> Table:
    """Return tables as one: of the columns of all, with the rows of one after the other.

    A row that an earlier table has as well, in all of its cells, comes once: exports of the last twelve months overlap.
    """
    if len(tables) == 1:
        return replace(tables[0], name=name)
    columns = tuple(dict.fromkeys(chain.from_iterable(table.columns for table in tables)))
    return replace(tables[0], name=name, columns=columns, read=_rows_of(tables, columns))


def _rows_of(tables: Sequence[Table], columns: Sequence[str]) -> Callable[[], Iterator[Row]]:
    def read() -> Iterator[Row]:
        earlier: set[int] = set()
        for table in tables:
            places = {column: place for place, column in enumerate(table.columns)}
            own: set[int] = set()
            for row in table.read():
                values = tuple(row.values[places[column]] if column in places else None for column in columns)
                known = hash(str(["" if value is None else value for value in values]))
                if known not in earlier:
                    own.add(known)
                    yield Row(row.number, values)
            earlier |= own

    return read
