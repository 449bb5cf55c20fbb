"""Objects that are merged of several rows: their parts, until the input has ended. Bounded memory, the rest in SQLite.

The reader keeps what is known of each object, the coordinator which records answer for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Entity, Token
from destination_fincome.mapping.language.parents import OfParent
from destination_fincome.mapping.merging import MergeFault, Parts, given, is_newer, joined, without
from destination_fincome.mapping.results import Draft, Fault, Skip, Version
from destination_fincome.temporary_database import bytes_of, open_database, write_rows

OBJECTS_KEPT = 5000
# How many objects are taken out of the file at a time; what has been taken leaves it.
TAKEN_AT_ONCE = 500
# One of so many objects is weighed: the others in memory count as much as the last of them.
WEIGHED = 100
TOKENS_KEPT = 5000

Name = tuple[str, int, str]
"""What an object is called: entity, facet (see arrivals.Arrival), id."""

_SCHEMA = """
PRAGMA auto_vacuum=INCREMENTAL;
CREATE TABLE gathered(entity TEXT NOT NULL, facet INTEGER NOT NULL, id TEXT NOT NULL, state BLOB NOT NULL,
  UNIQUE(entity, facet, id))
"""
_REPLACE = "ON CONFLICT(entity, facet, id) DO UPDATE SET state = excluded.state"
TOKENS_SCHEMA = """
CREATE TABLE gathered(entity INTEGER NOT NULL, facet INTEGER NOT NULL, id TEXT NOT NULL, segment INTEGER NOT NULL,
  grp INTEGER NOT NULL);
CREATE INDEX gathered_by_name ON gathered(entity, facet, id)
"""


class Gathered(NamedTuple):
    """One object, of all rows that came.

    Attributes:
        stream: the index of the stream that brought the last of them.
        item: what it becomes: a row that can't be read, or that is skipped, makes the whole of it so.
        follows: another stream brings the object itself; this changes it.
    """

    name: Name
    stream: int
    item: Draft | Skip | Fault
    follows: bool = False


class _Whole(NamedTuple):
    """What another stream has brought of an object, by a record that is all that it knows of it.

    Attributes:
        version: of its newest record.
        fields: those that have a value in it.
    """

    version: Version
    fields: frozenset[str]


class _State(NamedTuple):
    """What is known of an object so far, without `parts` and `end` only what a record of another stream has shown."""

    stream: int
    parts: Parts | None = None
    end: Skip | Fault | None = None
    whole: _Whole | None = None


class Gathering:
    """What is known of each object."""

    def __init__(self) -> None:
        self._states: dict[Name, _State] = {}
        # Opened when there are many.
        self._stored: sqlite3.Connection | None = None
        self._file_bytes = self._weight = self._kept = 0
        self.begun = False
        """Whether anything was ever kept."""

    @property
    def bytes_held(self) -> int:
        """About how many bytes wait here, in the file and in memory."""
        return self._file_bytes + self._weight * len(self._states)

    def add(self, name: Name, stream: int, item: Draft | Skip | Fault) -> None:
        """Take another row of an object in."""
        self._keep(name, _with(self._state(name), stream, item))

    def goes_itself(self, name: Name, stream: int, item: Draft | Skip) -> None:
        """Take in that an object goes as a record has it: what the parts know of it goes after it."""
        known = self._state(name)
        if (
            known is None
            or known.whole is None
            or is_newer(known.whole.version, item.version, tie_first=item.tie_first)
        ):
            fields = given(item) if isinstance(item, Draft) else frozenset[str]()
            self._keep(name, (known or _State(stream))._replace(whole=_Whole(item.version, fields)))

    def _keep(self, name: Name, state: _State) -> None:
        self.begun = True
        self._states[name] = state
        if self._kept % WEIGHED == 0:
            self._weight = len(name[0]) + len(name[2]) + len(_dump(state))
        self._kept += 1
        if len(self._states) > OBJECTS_KEPT:
            self._store()

    def take(self) -> Iterator[Gathered]:
        """Yield all objects, once the input has ended."""
        if self._stored is None:
            for name in list(self._states):
                if _has_parts(state := self._states.pop(name)):
                    yield _gathered(name, state)
            return
        self._store()
        query = "SELECT rowid, * FROM gathered ORDER BY rowid LIMIT ?"
        while rows := self._stored.execute(query, (TAKEN_AT_ONCE,)).fetchall():
            for _, entity, facet, identity, stored in rows:
                if _has_parts(state := _load(entity, stored)):
                    yield _gathered((entity, facet, identity), state)
            self._stored.execute("DELETE FROM gathered WHERE rowid <= ?", rows[-1][:1])
            self._stored.execute("PRAGMA incremental_vacuum").fetchall()
            self._file_bytes = bytes_of(self._stored)
        self._stored.close()
        self._stored, self._file_bytes = None, 0

    def _state(self, name: Name) -> _State | None:
        if name in self._states:
            return self._states[name]
        if self._stored is None:
            return None
        query = "SELECT state FROM gathered WHERE entity = ? AND facet = ? AND id = ?"
        found = self._stored.execute(query, name).fetchone()
        return _load(name[0], found[0]) if found else None

    def _store(self) -> None:
        if self._stored is None:
            self._stored = open_database(_SCHEMA)
        rows = ((*name, _dump(state)) for name, state in self._states.items())
        write_rows(self._stored, "INSERT INTO gathered(entity, facet, id, state)", rows, _REPLACE)
        self._states.clear()
        self._file_bytes = bytes_of(self._stored)


def _has_parts(state: _State) -> bool:
    return state.parts is not None or state.end is not None


def _with(known: _State | None, stream: int, item: Draft | Skip | Fault) -> _State:
    """Return what is known of an object with another row: a fault counts more than a skip, and that than values."""
    if known is None:
        known = _State(stream)
    if isinstance(item, Fault):
        return known._replace(stream=stream, parts=None, end=item)
    if isinstance(known.end, Fault):
        return known
    if isinstance(item, Skip):
        return known._replace(stream=stream, parts=None, end=item)
    if known.end is not None:
        return known
    try:
        return known._replace(stream=stream, parts=joined(known.parts, item))
    except MergeFault as error:
        fault = Fault(item.entity, item.values.get("id"), error.field, error.fault.code, str(error.fault))
        return known._replace(stream=stream, parts=None, end=fault)


def _gathered(name: Name, state: _State) -> Gathered:
    item = state.end if state.end is not None else _left(state) if state.parts else None
    assert item is not None
    return Gathered(name, state.stream, item, follows=state.whole is not None)


def _left(state: _State) -> Draft | Skip:
    """Return what the parts know that nothing newer says of the object."""
    assert state.parts is not None
    draft, whole = state.parts.draft, state.whole
    if whole is None:
        return draft
    versions, has = state.parts.versions, given(draft)
    newer = {
        name
        for name in whole.fields
        if name not in has or is_newer(versions.get(name, draft.version), whole.version, tie_first=True)
    }
    left = without(draft, newer)
    if given(left):
        return structs.replace(left, policy="update_only", whole=False)
    text = "what another stream brings of the object is newer"
    return Skip(draft.entity, draft.values["id"], draft.version, draft.tie_first, Code.SUPERSEDED, text, "lookup")


# --- the stored form


def _dump(state: _State) -> bytes:
    draft, versions = (state.parts.draft, state.parts.versions) if state.parts else (None, {})
    about: list[Any] = []
    if draft:
        asked = [(name, [*parent]) for name, parent in draft.asked]
        about = [draft.version, draft.tie_first, draft.policy, draft.whole, asked, draft.set_once]
    end: list[Any] = []
    if isinstance(state.end, Fault):
        end = [state.end.id, state.end.field, state.end.code, state.end.problem]
    elif state.end is not None:
        one = state.end
        end = [one.id, one.version, one.tie_first, one.reason, one.text, one.children]
    whole = [state.whole.version, [*state.whole.fields]] if state.whole else []
    return orjson.dumps([state.stream, draft.values if draft else None, about, versions, end, whole], default=_written)


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {_NUMBER: str(value)}
    raise TypeError


# A key that no column has.
_NUMBER = "\u0000number"


def _load(entity: str, stored: bytes) -> _State:
    stream, values, about, versions, end, shown = orjson.loads(stored)
    whole = _Whole(shown[0], frozenset(shown[1])) if shown else None
    if end:
        return _State(stream, None, _end(entity, end), whole)
    if values is None:
        return _State(stream, whole=whole)
    version, tie_first, policy, is_whole, asked, once = about
    taken = tuple((name, OfParent(*parent)) for name, parent in asked)
    draft = Draft(entity, _read(values), version, tie_first, policy, is_whole, asked=taken, set_once=tuple(once))
    return _State(stream, Parts(draft, versions), whole=whole)


def _end(entity: str, end: list[Any]) -> Skip | Fault:
    if len(end) == 4:
        identity, name, code, problem = end
        return Fault(entity, identity, name, Code(code), problem)
    identity, version, tie_first, reason, text, children = end
    return Skip(entity, identity, version, tie_first, Code(reason), text, children)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if _NUMBER in value:
            return Decimal(value[_NUMBER])
        return {name: _read(inner) for name, inner in value.items()}
    return [_read(inner) for inner in value] if isinstance(value, list) else value


class Answering:
    """Which records answer for each object that is merged: they end with it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._new: list[tuple[int, int, str, int, int]] = []

    def keep(self, entity: Entity, facet: int, identity: str, token: Token) -> None:
        """Note that a record has brought a part of an object."""
        self._new.append((entity, facet, identity, *token))
        if len(self._new) >= TOKENS_KEPT:
            self._store()

    def take(self, entity: Entity, facet: int, identity: str) -> list[Token]:
        """Return the records that brought parts of an object."""
        self._store()
        query = "SELECT segment, grp FROM gathered WHERE entity = ? AND facet = ? AND id = ? ORDER BY rowid"
        found: list[Token] = self._db.execute(query, (entity, facet, identity)).fetchall()
        return found

    def _store(self) -> None:
        if self._new:
            write_rows(self._db, "INSERT INTO gathered", self._new)
            self._new.clear()
