"""Records that are completed with rows of other streams before they are mapped: tables that belong together.

Rows may come before or after the records that need them, so what is joined, and what brings rows, is held until the
input has ended. So is what is added up: a row that comes twice counts once, as it came last. Then all of it goes on in
the order in which it came, states among it: a state still follows what it counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.compiled import CompiledJoin
from destination_fincome.mapping.language.compiler import truthy
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.outcomes import Reason
from destination_fincome.protocol.catalog import PrimaryKey, StreamKey
from destination_fincome.protocol.messages import Record, State, Unreadable, parse_line
from destination_fincome.temporary_database import open_database, write_rows

Message = Record | Unreadable | State
Row = dict[str, Any]
REPEATED = Reason(Code.SUPERSEDED, "the same row (by the stream's primary key) came again later in this sync")

# What may stay in memory.
LINES_KEPT = 1000
BYTES_KEPT = 4 << 20
# About what a line takes in the file beside its text, and what a name of a row takes with its index.
LINE_BYTES = 15
ROW_BYTES = 25
# How many single rows (currencies, countries) stay at hand.
ROWS_AT_HAND = 4096

_SCHEMA = """
CREATE TABLE held(place INTEGER PRIMARY KEY, number INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE rows(source INTEGER NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL);
"""
_INDEX = "CREATE INDEX rows_by_name ON rows(source, name)"
_LAST = "SELECT max(place) FROM rows WHERE source = ? AND name = ?"
_FOUND = """
SELECT held.line, held.number FROM rows JOIN held ON held.place = rows.place WHERE source = ? AND name = ?
ORDER BY rows.place
"""


class Repeated(NamedTuple):
    """A record whose row came again later."""

    record: Record


class Joining:
    """Holds what must be completed, and completes it.

    Args:
        joined: the streams whose records are completed, with what maps them.
        sources: by the preset's name of a stream, that stream of the connection; only those that it has.
        streams: all streams of the connection. A state of another one may count any record.
        once: the streams of which each row is to count once, and what tells their rows apart.
    """

    def __init__(
        self,
        joined: Mapping[StreamKey, StreamMapper],
        sources: Mapping[str, StreamKey],
        streams: Collection[StreamKey],
        once: Mapping[StreamKey, PrimaryKey] | None = None,
    ) -> None:
        self._joined = joined
        pairs = {
            (sources[join.stream], join.by)
            for mapper in joined.values()
            for join in mapper.joins
            if join.stream in sources
        }
        self._numbers = {pair: number for number, pair in enumerate(sorted(pairs, key=str))}
        self._sources = sources
        self._columns: dict[StreamKey, list[tuple[str, int]]] = {}
        for (stream, column), number in self._numbers.items():
            self._columns.setdefault(stream, []).append((column, number))
        # Their rows' own names have numbers as the columns have.
        self._once = {key: (len(pairs) + place, paths) for place, (key, paths) in enumerate((once or {}).items())}
        self._others = frozenset(streams) - self._joined.keys() - self._columns.keys() - self._once.keys()
        self._lines: list[tuple[int, int, bytes]] = []
        self._rows: list[tuple[int, str, int]] = []
        self._last = self._bytes = 0
        # How many of what was held haven't been handed over, and what all of it takes.
        self._left = self._all_bytes = 0
        # Opened by the thread that reads.
        self._stored: sqlite3.Connection | None = None
        self._single = lru_cache(ROWS_AT_HAND)(self._last_row)

    @property
    def bytes_held(self) -> int:
        """About how many bytes wait here, in the file and in memory."""
        return self._all_bytes * self._left // max(1, self._last)

    def holds(self, message: Message, line: bytes, number: int) -> bool:
        """Keep a message that goes on when the input has ended; False if it can go on at once."""
        if isinstance(message, State):
            if not self._last or message.stream in self._others:
                return False
        elif message.stream in self._columns or message.stream in self._once:
            if isinstance(message, Record):
                self._keep_row(message)
        elif message.stream not in self._joined:
            return False
        self._last += 1
        self._lines.append((self._last, number, line))
        self._bytes += len(line)
        self._all_bytes += len(line) + LINE_BYTES
        self._left += 1
        if len(self._lines) >= LINES_KEPT or self._bytes >= BYTES_KEPT:
            self._store()
        return True

    def _keep_row(self, record: Record) -> None:
        row = in_small_letters(record.data)
        names = [(source, _name(row.get(column))) for column, source in self._columns.get(record.stream, ())]
        if record.stream in self._once:
            number, paths = self._once[record.stream]
            names.append((number, _own_name(record.data, paths)))
        for source, name in names:
            if name is not None:
                self._rows.append((source, name, self._last + 1))
                self._all_bytes += ROW_BYTES

    def _store(self) -> sqlite3.Connection:
        if self._stored is None:
            self._stored = open_database(_SCHEMA)
        write_rows(self._stored, "INSERT INTO held", self._lines)
        write_rows(self._stored, "INSERT INTO rows", self._rows)
        self._lines.clear()
        self._rows.clear()
        self._bytes = 0
        return self._stored

    def completed(self) -> Iterator[Message | Repeated]:
        """Yield what was held, in its order, once the input has ended."""
        if not self._last:
            return
        stored = self._store()
        stored.execute(_INDEX)
        for place, line, number in stored.execute("SELECT place, line, number FROM held ORDER BY place"):
            self._left -= 1
            message = parse_line(line, number)
            if isinstance(message, Record) and self._comes_again(message, place):
                yield Repeated(message)
                continue
            if isinstance(message, Record) and (mapper := self._joined.get(message.stream)):
                message = self._complete(message, mapper)
            if message is not None:
                yield message
        stored.close()
        self._stored = None

    def _comes_again(self, record: Record, place: int) -> bool:
        """Tell whether the row of a record that counts once has come again after it."""
        if record.stream not in self._once:
            return False
        source, paths = self._once[record.stream]
        name = _own_name(record.data, paths)
        if name is None:
            return False
        assert self._stored is not None
        (last,) = self._stored.execute(_LAST, (source, name)).fetchone()
        return bool(last > place)

    def _complete(self, record: Record, mapper: StreamMapper) -> Record:
        names = mapper.keys(record.data)
        found = {
            join.name: self._rows_of(join, _name(names[join.name]))
            for join in mapper.joins
            # A record that is sent again has its rows already.
            if join.name not in record.data and join.stream in self._sources
        }
        data = {**record.data, **found}
        return structs.replace(record, data=data, line=_line(record, data))

    def _rows_of(self, join: CompiledJoin, name: str | None) -> Any:
        source = self._numbers[self._sources[join.stream], join.by]
        if not join.every:
            return None if name is None else self._single(source, name, join)
        return [] if name is None else _last_of_each(self._found(source, name, join), join)

    def _last_row(self, source: int, name: str, join: CompiledJoin) -> Row | None:
        found = self._found(source, name, join)
        return found[-1] if found else None

    def _found(self, source: int, name: str, join: CompiledJoin) -> list[Row]:
        assert self._stored is not None
        messages = (parse_line(line, number) for line, number in self._stored.execute(_FOUND, (source, name)))
        rows = (in_small_letters(one.data) for one in messages if isinstance(one, Record))
        return [row for row in rows if _counts(join, row)]


def _last_of_each(rows: Sequence[Row], join: CompiledJoin) -> list[Row]:
    """Return one row of each name, in their order."""
    found: dict[str, Row] = {}
    for row in rows:
        found[_told(join, row)] = row
    order = join.order
    return list(found.values()) if order is None else sorted(found.values(), key=lambda row: _place(row.get(order)))


def _place(value: Any) -> float:
    """Return a row's place in its order; what has none comes last."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return inf


def _told(join: CompiledJoin, row: Row) -> str:
    assert join.unique is not None
    try:
        return str(join.unique(row))
    except ValueFault:
        return str(row)


def _counts(join: CompiledJoin, row: Row) -> bool:
    try:
        return join.when is None or truthy(join.when(row))
    except ValueFault:
        return True


def in_small_letters(row: Mapping[str, Any]) -> Row:
    """Return a row with its columns' names in small letters, as mappings name them."""
    return {name.lower(): value for name, value in row.items()}


def _name(value: Any) -> str | None:
    """Return what an id is as text, whether it came as text, as an integer or as a number."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    return (str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()) or None


def _own_name(data: Mapping[str, Any], paths: PrimaryKey) -> str | None:
    """Return what tells a row apart, as JSON; None if it lacks a part of that, and so counts by itself."""
    values = []
    for first, *rest in paths:
        value = data.get(first)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        values.append(value)
    return None if None in values else encode(values).decode()


def _line(record: Record, data: Row) -> bytes:
    """Return the message of a record as if it had come whole."""
    message: Row = {"stream": record.stream.name, "namespace": record.stream.namespace, "data": data}
    if record.cut:
        message["meta"] = {"changes": [{"field": name} for name in sorted(record.cut)]}
    return encode({"type": "RECORD", "record": message})
