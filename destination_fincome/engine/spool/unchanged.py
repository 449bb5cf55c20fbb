"""What ended as unchanged where it arrived: its name, what tells later arrivals from it, and perhaps its content.

Such an object has no row until somebody asks for it: it came again, or an object that is sent refers to it. That others
refer to it and only need to know that it is there costs a look into a table in memory.
"""

from __future__ import annotations

import sqlite3
from array import array

from msgspec import Struct
from msgspec.msgpack import Decoder

from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Arrival, Content, Entity, Gives
from destination_fincome.engine.spool.rows import Presence, Row, Status, write
from destination_fincome.temporary_database import write_rows

SCHEMA = "CREATE TABLE unchanged(key INTEGER PRIMARY KEY, about BLOB NOT NULL)"
# What may stay in memory.
ABOUT_KEPT = 2000
BYTES_KEPT = 1 << 20
_FIRST_SIZE = 1 << 10
_HASH = (1 << 64) - 1


class _About(Struct, frozen=True, array_like=True, gc=False):
    """What is kept of an arrival."""

    entity: Entity
    id: str
    version: int | float | None
    digest: int
    stream: int
    gives: Gives
    content: Content | None
    parts: tuple[str, ...] = ()


_READ = Decoder(_About).decode


class Unchanged:
    """Objects that need no row, by their names."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._keys = _KeysByHash()
        self._new: dict[int, bytes] = {}
        self._new_bytes = 0
        self.bytes = 0
        """How many bytes it has written, or is about to."""

    def keep(self, key: int, arrival: Arrival, kept: Content | None) -> None:
        """Keep what has come; `kept`: what is sent if Fincome doesn't have it after all."""
        gives = arrival.content.gives if arrival.content else ()
        about = _About(
            arrival.entity, arrival.id, arrival.version, arrival.digest, arrival.stream, gives, kept, arrival.parts
        )
        stored = write(about)
        self._new[key] = stored
        self._new_bytes += len(stored)
        self.bytes += len(stored)
        self._keys.put(hash((arrival.entity, arrival.id)) & _HASH, key)
        if len(self._new) > ABOUT_KEPT or self._new_bytes > BYTES_KEPT:
            write_rows(self._db, "INSERT INTO unchanged", self._new.items())
            self._new.clear()
            self._new_bytes = 0

    def has(self, entity: int, identity: str) -> bool:
        """Tell whether it has an object: by 64 bits of its name's hash, so almost certainly."""
        return self._keys.find(hash((entity, identity)) & _HASH) > 0

    def take(self, entity: int, identity: str) -> Row | None:
        """Return the row of an object, which isn't here any more then."""
        number = hash((entity, identity)) & _HASH
        key = self._keys.find(number)
        if not key:
            return None
        stored = self._new.get(key)
        if stored is None:
            (stored,) = self._db.execute("SELECT about FROM unchanged WHERE key = ?", (key,)).fetchone()
        about = _READ(stored)
        if (about.entity, about.id) != (entity, identity):
            return None
        self._keys.remove(number)
        return _row(key, about)


def _row(key: int, about: _About) -> Row:
    """Return the row that an object has that ended as unchanged."""
    return Row(
        key,
        about.entity,
        about.id,
        status=Status.SENT,
        presence=Presence.ASSUMED,
        revision=1,
        token=NO_TOKEN if about.content is None else COMPLETION,
        gives=about.gives,
        version=about.version,
        digest=about.digest,
        parts=about.parts,
        stream=about.stream,
        content=about.content,
    )


class _KeysByHash:
    """Keys by 64 bits of hash, in 12 bytes a place (a hash table with open addressing): a dict takes ten times that."""

    def __init__(self, size: int = _FIRST_SIZE) -> None:
        self.count = 0
        self._size = size
        self._hashes = array("Q", bytes(8 * size))
        self._keys = array("I", bytes(4 * size))

    def find(self, number: int) -> int:
        """Return the key of a hash; 0: it has none."""
        return self._keys[self._place(number)]

    def put(self, number: int, key: int) -> None:
        """Give a hash a key."""
        place = self._place(number)
        self.count += not self._hashes[place]
        self._hashes[place], self._keys[place] = number or 1, key
        if 4 * self.count > 3 * self._size:
            self._grow()

    def remove(self, number: int) -> None:
        """Take the key of a hash away."""
        self._keys[self._place(number)] = 0

    def _place(self, number: int) -> int:
        """Return where a hash is, or may be put."""
        number, size, hashes = number or 1, self._size, self._hashes
        place = number % size
        while (found := hashes[place]) and found != number:
            place = place + 1 if place + 1 < size else 0
        return place

    def _grow(self) -> None:
        larger = _KeysByHash(self._size * 3 // 2 + 1)
        for number, key in zip(self._hashes, self._keys, strict=True):
            if key:
                larger.put(number, key)
        self.count, self._size, self._hashes, self._keys = larger.count, larger._size, larger._hashes, larger._keys
