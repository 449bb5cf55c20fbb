"""The memory of one sync: for each object that Fincome has confirmed, a digest of what it was sent.

Ids and contents go in as keyed digests, and what `brought` needs of ids is sealed: nothing of a customer's can be read
from it. It is true at any moment of a sync, because an object is forgotten before it is sent, and remembered once
Fincome has confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import orjson

from destination_fincome.engine.memory.brought import Brought
from destination_fincome.engine.memory.sealed import sealed, unsealed
from destination_fincome.temporary_database import open_database, write_rows

DAY_SECONDS = 86_400
# A name begins with its kind, so that all of a kind can be forgotten.
KIND_BYTES, NAME_BYTES, DIGEST_BYTES, DAY_BYTES, SHAPE_BYTES = 2, 16, 12, 2, 2
RECORD_BYTES = NAME_BYTES + DIGEST_BYTES + DAY_BYTES + SHAPE_BYTES
# So many shapes are told apart; of an object of any other nobody knows what it was sent.
MOST_SHAPES = 20_000
HEAD = b"fincome-memory 4\n"
CHECK_BYTES = 16
TIME_BYTES = 5
COUNT_BYTES = 4
_TIME = len(HEAD) + CHECK_BYTES
_COUNT = _TIME + TIME_BYTES
_START = _COUNT + COUNT_BYTES
_SCHEMA = """CREATE TABLE known (
    name BLOB PRIMARY KEY, digest BLOB NOT NULL, day INTEGER NOT NULL, is_new INTEGER NOT NULL,
    shape INTEGER NOT NULL
) WITHOUT ROWID"""
_INSERT = "INSERT OR REPLACE INTO known (name, digest, day, is_new, shape)"
# Changes that are kept in memory before they go into the database.
_MOST_CHANGES = 20_000
_CACHE_KIB = 8_192


class Damaged(ValueError):
    """The content is no memory: it was cut, changed, or comes from another version."""


class Name(NamedTuple):
    """What tells an object from all others.

    Attributes:
        facet: the stream whose attributes it brings onto an object; empty for the object itself.
    """

    entity: str
    id: str
    facet: str = ""


class _Known(NamedTuple):
    digest: bytes
    day: int
    is_new: int = 1
    shape: int = 0


class Memory:
    """Digests by object.

    Args:
        key: of the digests: whoever hasn't it can't try out which ids are in it. It says all that a confirmation hangs
            on: the account, the contract, the version of the mapping language.
        today: days since 1970.
        days: after so many, at the latest, an object is sent again, so that what was changed elsewhere heals.
        brought: which ids the streams brought; it is kept with the digests, and closed with them.
    """

    def __init__(self, key: bytes, today: int, days: int, brought: Brought | None = None) -> None:
        self.brought = brought or Brought((), today * DAY_SECONDS)
        self.shapes = Shapes()
        self.written_at = 0
        self._key = key
        self._today = today
        self._days = days
        self._database = open_database(_SCHEMA, cache_kib=_CACHE_KIB)
        self._changes: dict[bytes, _Known | None] = {}
        self._kinds: dict[str, bytes] = {}

    def close(self) -> None:
        """Forget everything."""
        self._database.close()
        self.brought.close()

    def knows(self, name: Name, body: bytes, policy: str) -> bool:
        """Tell whether Fincome has confirmed just this, and not too long ago."""
        digest = self._name(name)
        known = self._find(digest)
        if known is None or known.digest != self._digest(name, body, policy):
            return False
        # Spread over the second half of the time, so that what was loaded in one day isn't sent again in one.
        longest = self._days * (1 + digest[-1] / 256) / 2
        return 0 <= self._today - known.day < longest

    def has(self, name: Name) -> bool:
        """Tell whether Fincome has confirmed the object, whatever was sent: it exists, most probably."""
        return self._find(self._name(name)) is not None

    def confirmed_on(self, name: Name) -> int | None:
        """Return on which day (since 1970) Fincome has confirmed the object last; None if that isn't known."""
        known = self._find(self._name(name))
        return known.day if known else None

    def sent(self, name: Name) -> frozenset[str]:
        """Return what an object was sent a value for, as far as that is known."""
        known = self._find(self._name(name))
        return self.shapes.names(known.shape) if known else frozenset()

    def remember(self, name: Name, body: bytes, policy: str, sent: frozenset[str] = frozenset()) -> None:
        """Note that Fincome has confirmed this; `sent`: what it has a value for."""
        known = _Known(self._digest(name, body, policy), self._today, shape=self.shapes.number(sent))
        self._change(self._name(name), known)

    def forget(self, name: Name) -> None:
        """Note that nobody knows what Fincome has of it: it is about to be sent, or wasn't confirmed."""
        self._change(self._name(name), None)

    def _name(self, name: Name) -> bytes:
        text = "\0".join(name).encode(errors="surrogatepass")
        return self._kind(name.entity) + blake2b(text, digest_size=NAME_BYTES - KIND_BYTES, key=self._key).digest()

    def _kind(self, entity: str) -> bytes:
        found = self._kinds.get(entity)
        if found is None:
            found = self._kinds[entity] = blake2b(entity.encode(), digest_size=KIND_BYTES, key=self._key).digest()
        return found

    def _digest(self, name: Name, body: bytes, policy: str) -> bytes:
        """Return what tells two contents apart; of a facet also what was confirmed of the object itself.

        Whenever that goes again, it may change back what the facet had changed: also with a content that it had before.
        """
        itself = self._find(self._name(Name(name.entity, name.id))) if name.facet else None
        before = itself.digest + itself.day.to_bytes(4, "big") if itself else b""
        text = before + policy.encode() + b"\0" + body
        return blake2b(text, digest_size=DIGEST_BYTES, key=self._key).digest()

    def _find(self, name: bytes) -> _Known | None:
        if name in self._changes:
            return self._changes[name]
        row = self._database.execute("SELECT digest, day, is_new, shape FROM known WHERE name = ?", (name,)).fetchone()
        return _Known(*row) if row else None

    def _change(self, name: bytes, known: _Known | None) -> None:
        self._changes[name] = known
        if len(self._changes) >= _MOST_CHANGES:
            self._flush()

    def _flush(self) -> None:
        gone = [(name,) for name, known in self._changes.items() if known is None]
        self._database.execute("BEGIN")
        self._database.executemany("DELETE FROM known WHERE name = ?", gone)
        self._database.execute("COMMIT")
        write_rows(self._database, _INSERT, ((name, *known) for name, known in self._changes.items() if known))
        self._changes.clear()

    def forget_kind(self, entity: str, *, new_only: bool = False) -> None:
        """Forget all objects of an entity, or those that this sync has sent."""
        self._flush()
        kind = self._kind(entity)
        last = kind + b"\xff" * NAME_BYTES
        self._database.execute("DELETE FROM known WHERE name BETWEEN ? AND ? AND is_new >= ?", (kind, last, new_only))

    # --- its form outside of a sync

    def dump(self, now: int = 0) -> bytearray:
        """Return all of it, with a digest of itself: one fixed-size record an object, in the order of their names.

        Args:
            now: seconds since 1970; `load` keeps it as `written_at`.
        """
        self._flush()
        # Grown in place: a list of a million records would take several times their size.
        content = bytearray(_START)
        for name, digest, day, shape in self._database.execute(
            "SELECT name, digest, day, shape FROM known ORDER BY name"
        ):
            content += name + digest + day.to_bytes(DAY_BYTES) + shape.to_bytes(SHAPE_BYTES)
        content[_TIME:_COUNT] = now.to_bytes(TIME_BYTES)
        content[_COUNT:_START] = ((len(content) - _START) // RECORD_BYTES).to_bytes(COUNT_BYTES)
        for piece in sealed(chain([self.shapes.dump()], self.brought.lines()), self._key):
            content += piece
        with memoryview(content) as view:
            check = self._check(view[_TIME:])
        content[:_TIME] = HEAD + check
        return content

    def load(self, content: bytes | bytearray) -> int:
        """Take in what `dump` gave; returns how many objects that are.

        Raises:
            Damaged: it isn't just that, or was written for another account, contract or version.
        """
        view = memoryview(content)
        check = content[len(HEAD) : _TIME]
        if not content.startswith(HEAD) or check != self._check(view[_TIME:]):
            raise Damaged
        self.written_at = int.from_bytes(content[_TIME:_COUNT])
        count = int.from_bytes(content[_COUNT:_START])
        end = _START + count * RECORD_BYTES
        write_rows(self._database, _INSERT, _records(view[_START:end]))
        lines = unsealed(view[end:], self._key)
        self.shapes.load(next(lines, b"[]"))
        self.brought.load(lines)
        return count

    def _check(self, records: bytes | memoryview) -> bytes:
        return blake2b(records, digest_size=CHECK_BYTES, key=self._key).digest()


class Shapes:
    """The sets of names that objects were sent values for, by number: very many objects share few of them."""

    def __init__(self) -> None:
        self._sets: list[frozenset[str]] = [frozenset()]
        self._numbers: dict[frozenset[str], int] = {frozenset(): 0}

    def number(self, names: frozenset[str]) -> int:
        """Return the number of a set; 0, which is nothing's, when there are too many."""
        found = self._numbers.get(names)
        if found is None:
            if len(self._sets) > MOST_SHAPES:
                return 0
            found = self._numbers[names] = len(self._sets)
            self._sets.append(names)
        return found

    def names(self, number: int) -> frozenset[str]:
        """Return the set that has a number."""
        return self._sets[number]

    def dump(self) -> bytes:
        """Return all of them, as JSON."""
        return orjson.dumps([sorted(names) for names in self._sets[1:]])

    def load(self, content: bytes) -> None:
        """Take in what `dump` gave."""
        for names in orjson.loads(content):
            self.number(frozenset(names))


def _records(content: memoryview) -> Iterator[tuple[bytes, bytes, int, int, int]]:
    for start in range(0, len(content), RECORD_BYTES):
        name = bytes(content[start : start + NAME_BYTES])
        digest = bytes(content[start + NAME_BYTES : start + NAME_BYTES + DIGEST_BYTES])
        day, shape = start + NAME_BYTES + DIGEST_BYTES, start + RECORD_BYTES - SHAPE_BYTES
        yield name, digest, int.from_bytes(content[day:shape]), 0, int.from_bytes(content[shape : start + RECORD_BYTES])
