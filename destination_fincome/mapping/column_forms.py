"""One source in every form in which its records come: as it gives them, or as a warehouse gives them back.

A warehouse may write columns in capitals, nested values as JSON text, numbers and booleans as text. What a record must
be for its mapping is worked out once, from the mapping and the stream's columns; it is done before all else.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from destination_fincome.codes import Code
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.instants import NotAnInstant, seconds_of
from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.column_names import is_own, plainly, taken_apart
from destination_fincome.mapping.language.uses import Uses
from destination_fincome.mapping.language.words import NO, YES

Record = dict[str, Any]

_FLAGS: Mapping[str, bool] = {"true": True, "false": False}
_SHORT_FLAGS: Mapping[str, bool] = {
    **_FLAGS,
    **dict.fromkeys([*YES, "t", "v", "s", "1.0"], True),
    **dict.fromkeys([*NO, "f", "0.0"], False),
}
# As databases without truth values have them (MySQL's and SQLite's booleans, Oracle's NUMBER(1)).
_NUMERIC_FLAGS: Mapping[Any, bool] = {1: True, 0: False}
_BRACKETS = frozenset("{[")
# What may stand before them in JSON that was written as JSON once more.
_AROUND = ' "\t\r\n'
_JSON_BEGINS = _BRACKETS | {'"'}
# What an id or a word begins with, and neither an object, nor a list, nor null does: the commonest texts by far.
_IDS_BEGIN = frozenset((string.ascii_letters + string.digits).replace("n", ""))
# A number that a float or 64 bits may not hold.
_LONG_NUMBER = re.compile(r"[\d.]{17}")
# How deep a text may be nested, so that all of the record is no deeper than JSON is written.
_DEEPEST = 200


class UnreadableColumn(ValueError):
    """A column whose text should be JSON and isn't."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column
        self.fault = ValueFault(
            "is text that begins as JSON does, and is none; it may have been cut", Code.INVALID_FIELD
        )


@dataclass(frozen=True)
class ColumnForms:
    """Makes of a stream's records what its mapping expects.

    Attributes:
        columns: the names as the mapping writes them of the columns that the catalog declares.
        cursor: path of the stream's cursor, written so.
        read: makes of one record what the mapping expects; None where nothing is ever to be done.
            It raises UnreadableColumn, and ConfigFailure for columns that nothing tells apart.
    """

    columns: frozenset[str]
    cursor: tuple[str, ...]
    read: Callable[[Record], Record] | None


class Columns(NamedTuple):
    """The columns of a stream, as the catalog declares them.

    Attributes:
        names: all of them; none if it says nothing of them.
        nested: those that it calls objects or lists.
        cursor: path of the cursor, or empty.
    """

    names: frozenset[str]
    nested: frozenset[str]
    cursor: tuple[str, ...]


def column_forms(stream: str, uses: Uses, columns: Columns, *, keeps: bool, empties: bool = False) -> ColumnForms:
    """Work out how a stream's records are read.

    Args:
        stream: the stream's name, for messages.
        keeps: columns that no field uses become custom properties.
        empties: a column whose text is empty has no value, whatever reads it.

    Raises:
        ConfigFailure: two columns differ by their case or accents only, and the mapping names neither.
    """
    objects = uses.opened | uses.perhaps_opened | uses.kept
    if not columns.names:
        wanted = frozenset(uses.read) | frozenset(columns.cursor[:1])
        rename = _Names(stream, wanted, objects).rename
        return ColumnForms(columns.names, columns.cursor, _both(rename, _values(uses, frozenset(), empties=empties)))
    apart = taken_apart(columns.names, objects, uses.read)
    names = columns.names.difference(*apart.values()) | apart.keys()
    renamed = _Names(stream, frozenset(uses.read)).of(names) or _Renamed({}, {})
    nested = frozenset(map(renamed.name, columns.nested))
    values = _values(uses, nested if keeps else nested & uses.read, empties=empties)
    cursor = (*map(renamed.name, columns.cursor[:1]), *columns.cursor[1:])
    named = _both(_Objects(apart).put_together if apart else None, renamed.rename if _any(renamed) else None)
    return ColumnForms(renamed.columns(names), cursor, _both(named, values))


def _both(
    first: Callable[[Record], Record] | None, second: Callable[[Record], Record] | None
) -> Callable[[Record], Record] | None:
    if first is None or second is None:
        return first or second
    return lambda record: second(first(record))


# --- names


@dataclass(frozen=True)
class _Objects:
    """Objects whose members are columns: see column_names.taken_apart."""

    columns: Mapping[str, Mapping[str, tuple[str, ...]]]

    def put_together(self, record: Record) -> Record:
        """Return a record that has the objects in place of their members; one that has no member is null."""
        found = dict(record)
        for name, columns in self.columns.items():
            whole: Record = {}
            for column, path in columns.items():
                value = found.pop(column, None)
                if value is not None:
                    _put(whole, path, _read_if_json(column, value) if isinstance(value, str) else value)
            found[name] = whole or None
        return found


def _put(whole: Record, path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = whole.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        whole = inner
    whole.setdefault(path[-1], value)


def _any(renamed: _Renamed) -> bool:
    return bool(renamed.names or renamed.copies)


@dataclass(frozen=True)
class _Renamed:
    """Names of columns as they come, and as the mapping writes them."""

    names: Mapping[str, str]
    copies: Mapping[str, str]

    def name(self, column: str) -> str:
        return self.names.get(column, column)

    def columns(self, columns: Iterable[str]) -> frozenset[str]:
        return frozenset(self.name(column) for column in columns) | self.copies.keys()

    def rename(self, record: Record) -> Record:
        names = self.names
        found = {names.get(column, column): value for column, value in record.items()}
        for name, column in self.copies.items():
            found[name] = record.get(column)
        return found


class _Names:
    """Finds the columns that a mapping names, whatever their case and accents."""

    def __init__(self, stream: str, wanted: frozenset[str], objects: Collection[str] = ()) -> None:
        self._stream = stream
        self._wanted = wanted
        self._objects = objects
        self._known: dict[tuple[str, ...], tuple[_Objects | None, _Renamed | None]] = {}

    def rename(self, record: Record) -> Record:
        """Rename the columns of a record of which the catalog doesn't say the columns."""
        columns = tuple(record)
        try:
            objects, renamed = self._known[columns]
        except KeyError:
            if len(self._known) > _SHAPES_REMEMBERED:
                self._known.clear()
            objects, renamed = self._known[columns] = self._shape(columns)
        record = record if objects is None else objects.put_together(record)
        return record if renamed is None else renamed.rename(record)

    def _shape(self, columns: tuple[str, ...]) -> tuple[_Objects | None, _Renamed | None]:
        objects = taken_apart(columns, self._objects, self._wanted)
        renamed = self.of(frozenset(columns).difference(*objects.values()) | objects.keys())
        return _Objects(objects) if objects else None, renamed

    def of(self, columns: frozenset[str]) -> _Renamed | None:
        """Return how columns are renamed; None if they aren't.

        Raises:
            ConfigFailure: of two columns that differ by their case or accents only, the mapping names neither.
        """
        if not (missing := self._wanted - columns):
            return None
        by_case: dict[str, list[str]] = {}
        for column in columns:
            by_case.setdefault(plainly(column), []).append(column)
        names: dict[str, str] = {}
        copies: dict[str, str] = {}
        for name in sorted(missing):
            several = sorted(by_case.get(plainly(name), ()))
            # A column that the mapping names as it is written is the one that is meant, wherever it is written so.
            exact = [column for column in several if column in self._wanted]
            if len(several) > 1 and len(exact) != 1:
                raise self._ambiguous(name, several)
            for column in exact or several:
                if exact or column in names:
                    copies[name] = column
                else:
                    names[column] = name
        if not names and not copies:
            return None
        return _Renamed({**self._in_small_letters(columns, names), **names}, copies)

    def _in_small_letters(self, columns: frozenset[str], names: Mapping[str, str]) -> dict[str, str]:
        """Return the other columns of a table that is in capitals as a whole: they are names without quotes, too."""
        theirs = {column for column in columns if not is_own(column)}
        if theirs & self._wanted or any(column.upper() != column for column in theirs):
            return {}
        return {column: column.lower() for column in columns - names.keys()}

    def _ambiguous(self, name: str, several: list[str]) -> ConfigFailure:
        return ConfigFailure(
            f"Stream {self._stream} has columns that differ by capitals or accents only, {' and '.join(several)}, and "
            f"the mapping reads {name}: nobody can tell which of them is meant. Select only one of them in the "
            "connection, or map the stream with `fields` that name the one."
        )


# How many sets of columns are remembered of a stream whose columns the catalog doesn't declare.
_SHAPES_REMEMBERED = 1000


# --- values


def _values(uses: Uses, nested: frozenset[str], *, empties: bool) -> Callable[[Record], Record] | None:
    """Return what reads a record's texts as what they stand for; a record that has none of them stays as it is."""
    tested = uses.tested - uses.kept - uses.words
    flags = uses.flags | tested
    conditions = uses.conditions
    kinds: dict[str, Callable[[str, str], Any]] = {
        column: _read_short_flag if column in uses.flags | conditions else _read_flag for column in flags
    }
    kinds |= dict.fromkeys(uses.numbers, _read_number)
    kinds |= dict.fromkeys(uses.perhaps_opened, _read_if_json)
    kinds |= dict.fromkeys(nested, _read_nested)
    kinds |= dict.fromkeys(uses.opened, _read_opened)
    if not kinds and not empties:
        return None
    items = tuple(sorted(kinds.items()))

    def read(record: Record) -> Record:
        if empties and "" in record.values():
            record = {column: None if value == "" else value for column, value in record.items()}
        found = record
        get = record.get
        for column, kind in items:
            value = get(column)
            if value.__class__ is str:
                made = kind(column, value)
            elif (value.__class__ is int or value.__class__ is float) and column in conditions:
                made = _NUMERIC_FLAGS.get(value, value)
            else:
                continue
            if made is not value:
                if found is record:
                    found = dict(record)
                found[column] = made
        return found

    return read


def _read_flag(column: str, text: str) -> Any:
    """Return the truth value that a short text is, or the empty object or list, else the text."""
    return _FLAGS.get(text.strip().lower(), text) if text[:1] not in _JSON_BEGINS else _read_if_json(column, text)


def _read_short_flag(column: str, text: str) -> Any:
    return _SHORT_FLAGS.get(text.strip().lower(), text) if text[:1] not in _JSON_BEGINS else _read_if_json(column, text)


def _read_number(_column: str, text: str) -> Any:
    return _number(text)


@lru_cache(maxsize=1 << 10)
def _number(text: str) -> Any:
    """Return the number that a text is, or the seconds of a point in time, else the text."""
    try:
        found = _of_json(text.strip())
        if isinstance(found, (int, float, Decimal)) and not isinstance(found, bool):
            return found
    except (ValueError, RecursionError):
        pass
    return _seconds(text)


def _seconds(text: str) -> Any:
    try:
        return seconds_of(text) if text[4:5] == "-" else text
    except NotAnInstant:
        return text


def _read_opened(column: str, text: str) -> Any:
    """Read a text in a column that the mapping looks into.

    Raises:
        UnreadableColumn: it begins as an object or a list does, and is none.
    """
    if text[:1] in _IDS_BEGIN:
        return text
    found = _read_nested(column, text)
    if found is text and text.lstrip(_AROUND)[:1] in _BRACKETS:
        raise UnreadableColumn(column)
    return found


def _read_nested(column: str, text: str) -> Any:
    """Read a text in a column of objects or lists: JSON's own null is none."""
    return None if text == "null" else _read_if_json(column, text)


def _read_if_json(_column: str, text: str) -> Any:
    """Return the object or the list that a text is, else the text."""
    begin = text[:1]
    if begin.isspace():
        begin = text.lstrip()[:1]
    if begin == '"' and text.lstrip(_AROUND)[:1] in _BRACKETS:
        return _unwrapped(text)
    if begin not in _BRACKETS:
        return text
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        return text
    try:
        return _of_json(text)
    except (ValueError, RecursionError):
        return text


def _unwrapped(text: str) -> Any:
    """Return the object or the list in a text of JSON that was written as JSON once more, else the text."""
    try:
        inner = orjson.loads(text)
    except ValueError:
        return text
    found = _read_if_json("", inner)
    return text if found is inner else found


def _of_json(text: str) -> Any:
    """Read JSON; a number that no float holds is a Decimal.

    Raises:
        ValueError, RecursionError: it is none.
    """
    if _LONG_NUMBER.search(text) is None:
        return orjson.loads(text)
    return json.loads(text, parse_float=_exactly, parse_constant=_no_number)


def _exactly(digits: str) -> float | Decimal:
    number, exact = float(digits), Decimal(digits)
    return number if Decimal(repr(number)) == exact else exact


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _depth(text: str) -> int:
    """Return how deep brackets are nested, those in strings too: no less than the values are."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest
