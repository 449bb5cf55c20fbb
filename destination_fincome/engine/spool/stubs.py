"""What children know of other objects; of several, the one that says most stays."""

from __future__ import annotations

import sqlite3

from destination_fincome.engine.arrivals import Entity, StubArrival
from destination_fincome.engine.spool.rows import load_content, write
from destination_fincome.temporary_database import write_rows

SCHEMA = """CREATE TABLE stubs(entity INTEGER NOT NULL, id TEXT NOT NULL, content BLOB NOT NULL, size INTEGER NOT NULL,
  UNIQUE(entity, id))"""
STUBS_KEPT = 2048
_SAYS_MORE = (
    "ON CONFLICT(entity, id) DO UPDATE SET content = excluded.content, size = excluded.size "
    "WHERE excluded.size > stubs.size"
)


class Stubs:
    """Stubs by entity and id."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._new: dict[tuple[int, str], StubArrival] = {}

    def keep(self, stub: StubArrival) -> None:
        """Keep a stub."""
        kept = self._new.get((stub.entity, stub.id))
        if kept is None or stub.says > kept.says:
            self._new[stub.entity, stub.id] = stub
            if len(self._new) > STUBS_KEPT:
                self._store()

    def find(self, entity: Entity, identity: str) -> StubArrival | None:
        """Return what children know of an object."""
        self._store()
        query = "SELECT content FROM stubs WHERE entity = ? AND id = ?"
        found = self._db.execute(query, (entity, identity)).fetchone()
        return StubArrival(entity, identity, load_content(found[0])) if found else None

    def _store(self) -> None:
        if self._new:
            rows = ((stub.entity, stub.id, write(stub.content), stub.says) for stub in self._new.values())
            write_rows(self._db, "INSERT INTO stubs", rows, _SAYS_MORE)
            self._new.clear()
