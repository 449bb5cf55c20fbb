"""The spool: what has arrived and not yet left, and what became of the rest. Bounded memory, the rest in SQLite.

One row per object (entity, id) and facet: the newest version, or a mere name that others refer to. Rows stay in memory
until there are many: an object that goes at once is stored only when it has ended, without its body. What asks for
sets of rows stores first what has changed.

Of the rows in memory there is one Python object each. Keys, and not rows, are handed out where the next question may
send rows to the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from heapq import heappop, heappush
from math import inf

import orjson

from destination_fincome.engine.arrivals import Token
from destination_fincome.engine.spool import groups, stubs
from destination_fincome.engine.spool.groups import Groups
from destination_fincome.engine.spool.rows import COLUMNS, Row, Status
from destination_fincome.engine.spool.stubs import Stubs
from destination_fincome.temporary_database import NameFilter, open_database, write_rows

# What may stay in memory between two turns of the coordinator: rows, bytes of their bodies, entries that lead to them.
ROWS_KEPT = 3000
BYTES_KEPT = 4 << 20
ENTRIES_KEPT = 30_000
# About what a row takes in the file beside its body.
ROW_BYTES = 300
# How many ready rows are read back at a time.
REFILL = 512

_SCHEMA = f"""
CREATE TABLE objects(
  key INTEGER PRIMARY KEY, entity INTEGER NOT NULL, id TEXT NOT NULL, facet INTEGER NOT NULL,
  status INTEGER NOT NULL, known INTEGER NOT NULL,
  version, digest BLOB, body BLOB, refs BLOB, complete INTEGER, revision INTEGER, segment INTEGER, grp INTEGER,
  followed INTEGER, blockers INTEGER, attempts INTEGER, due REAL, since REAL, looked INTEGER, awaited INTEGER,
  reason BLOB, children TEXT, detour BLOB, created INTEGER, operation TEXT, root TEXT,
  stream INTEGER,
  UNIQUE(entity, id, facet));
CREATE INDEX ready ON objects(entity, key) WHERE status = 2;
CREATE INDEX unresolved ON objects(since) WHERE looked = 0 AND awaited = 1 AND status IN (0, 7, 8);
CREATE TABLE waits(parent INTEGER NOT NULL, child INTEGER NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY(parent, child, revision)) WITHOUT ROWID;
CREATE TABLE followers(key INTEGER NOT NULL, segment INTEGER NOT NULL, grp INTEGER NOT NULL);
CREATE INDEX followers_by_key ON followers(key);
{groups.SCHEMA};
{stubs.SCHEMA};
"""
_NAMES = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO objects({_NAMES})"
# An object's name never changes.
_CHANGE = "ON CONFLICT(key) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in COLUMNS if name not in ("key", "entity", "id", "facet")
)
_BY_KEY = f"SELECT {_NAMES} FROM objects WHERE key = ?"  # noqa: S608
_BY_ID = f"SELECT {_NAMES} FROM objects WHERE entity = ? AND id = ? AND facet = ?"  # noqa: S608
_READY = f"SELECT {_NAMES} FROM objects WHERE status = 2 ORDER BY entity, key LIMIT ?"  # noqa: S608
_LIVE_WAITS = (
    "waits JOIN objects AS child ON child.key = waits.child AND child.revision = waits.revision AND child.status = 1"
)
_OF_PARENTS = "FROM waits WHERE parent IN (SELECT value FROM json_each(?))"
_RELEASE = f"""
UPDATE objects SET blockers = blockers - freed.number, status = CASE WHEN blockers = freed.number THEN 2 ELSE 1 END
FROM (SELECT child, revision, count(*) AS number {_OF_PARENTS} GROUP BY child, revision) AS freed
WHERE objects.key = freed.child AND objects.revision = freed.revision AND objects.status = 1
"""  # noqa: S608
_UNRESOLVED = "FROM objects WHERE looked = 0 AND awaited = 1 AND status IN (0, 7, 8)"
_MAY_BLOCK = frozenset((Status.ABSENT, Status.REJECTED, Status.SKIPPED))


class Spool:
    """The rows, and what belongs to them."""

    def __init__(self, folder: str | None = None) -> None:
        """Create an empty spool.

        Args:
            folder: where to create its file; the system's temporary folder by default.

        Raises:
            SystemFailure: the folder can't be written.
        """
        self._db = open_database(_SCHEMA, folder)
        self.groups = Groups(self._db)
        self.stubs = Stubs(self._db)
        self._rows: dict[int, Row] = {}
        self._names: dict[tuple[int, str, int], Row] = {}
        self._dirty: dict[int, Row] = {}
        self._bytes = 0
        self._stored = NameFilter()
        # Children by parent, as (child's key, its revision): those of them that are not stored. A child that is in
        # here is in memory.
        self._waits: dict[int, list[tuple[int, int]]] = {}
        self._waits_kept = 0
        # A heap of rows that can go, as (entity, key), outdated entries among them.
        self._ready: list[tuple[int, int]] = []
        # More can go than are in the heap: those are found by a question to the file.
        self._ready_stored = False
        self._due: list[tuple[float, int]] = []
        # No row that others may wait for has waited for longer.
        self._first_unresolved = inf
        self._last_key = 0
        self._file_bytes: int | None = None

    def close(self) -> None:
        """Remove the spool and all that is in it."""
        self._db.close()

    def bytes_used(self) -> int:
        """Return about how many bytes it holds, in the file and in memory."""
        if self._file_bytes is None:
            (pages,), (free,), (size,) = (
                self._db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
            )
            self._file_bytes = int((pages - free) * size)
        return self._file_bytes + self._bytes + ROW_BYTES * len(self._dirty) + self.groups.bytes_kept

    # --- single rows

    def get(self, entity: int, identity: str, facet: int = 0) -> Row | None:
        """Find an object."""
        name = (entity, identity, facet)
        row = self._names.get(name)
        if row is None and self._stored.may_have(name):
            found = self._db.execute(_BY_ID, name).fetchone()
            return self._keep(Row.load(found)) if found else None
        return row

    def by_key(self, key: int) -> Row:
        """Return the object with a key that exists."""
        row = self._rows.get(key)
        return row or self._keep(Row.load(self._db.execute(_BY_KEY, (key,)).fetchone()))

    def create(self, entity: int, identity: str, now: float, facet: int = 0) -> Row:
        """Make the row of an object that has none."""
        self._last_key += 1
        row = Row(self._last_key, entity, identity, facet)
        row.since = now
        self._keep(row)
        self.touch(row)
        return row

    def touch(self, row: Row) -> None:
        """Note that a row was changed."""
        key = row.key
        assert self._rows.get(key) is row, "an outdated row was changed"
        self._dirty[key] = row
        weight = len(row.body) if row.body else 0
        self._bytes += weight - row.weight
        row.weight = weight
        if row.since < self._first_unresolved and not row.looked and row.status in _MAY_BLOCK:
            self._first_unresolved = row.since

    def _keep(self, row: Row) -> Row:
        self._rows[row.key] = self._names[row.entity, row.id, row.facet] = row
        row.weight = len(row.body) if row.body else 0
        self._bytes += row.weight
        return row

    # --- memory and file

    def trim(self) -> None:
        """Send rows to the file when many are in memory. A row that somebody holds may be outdated then."""
        if self.groups.trim() or self.stubs.trim():
            self._file_bytes = None
        entries = self._waits_kept + len(self._ready)
        if len(self._rows) <= ROWS_KEPT and self._bytes <= BYTES_KEPT and entries <= ENTRIES_KEPT:
            return
        self._store_waits()
        self._ready = sorted({entry for entry in self._ready if entry[1] in self._rows})
        ready = [row for row in self._rows.values() if row.status is Status.READY]
        if len(ready) > ROWS_KEPT // 2 or sum(row.weight for row in ready) > BYTES_KEPT // 2:
            self._ready = self._ready[:REFILL]
            self._ready_stored = True
            ready = [self._rows[key] for _, key in self._ready]
        self._forget_all_but(ready)

    def _forget_all_but(self, kept: list[Row]) -> None:
        keys = {row.key for row in kept}
        self._store([row for key, row in self._dirty.items() if key not in keys])
        self._dirty = {row.key: row for row in kept if row.key in self._dirty}
        self._rows.clear()
        self._names.clear()
        self._bytes = 0
        for row in kept:
            self._keep(row)

    def _flush(self) -> None:
        """Store what was changed."""
        self._store_waits()
        self._store(self._dirty.values())
        self._dirty.clear()

    def _store(self, rows: Collection[Row]) -> None:
        if not rows:
            return
        write_rows(self._db, _INSERT, (row.stored() for row in rows), _CHANGE)
        for row in rows:
            self._stored.add((row.entity, row.id, row.facet))
        self._file_bytes = None

    def _store_waits(self) -> None:
        if not self._waits:
            return
        for key in self._waits:
            parent = self._rows[key]
            parent.awaited = True
            self.touch(parent)
        waits = sorted((parent, *child) for parent, children in self._waits.items() for child in children)
        write_rows(self._db, "INSERT OR IGNORE INTO waits", waits)
        self._waits.clear()
        self._waits_kept = 0

    def _keys(self, query: str, parameters: tuple[float, ...]) -> list[int]:
        """Ask the file for keys."""
        self.trim()
        self._flush()
        return [key for (key,) in self._db.execute(query, parameters).fetchall()]

    # --- what can go

    def ready(self, row: Row) -> None:
        """Note that an object can go."""
        row.status = Status.READY
        self.touch(row)
        if not self._ready_stored:
            heappush(self._ready, (row.entity, row.key))

    def ready_again(self, key: int) -> None:
        """Note that an object that was taken has not gone yet."""
        if key in self._rows:
            heappush(self._ready, (self._rows[key].entity, key))
        else:
            self._ready_stored = True

    def take_ready(self, limit: int, flying: Collection[int]) -> list[Row]:
        """Return objects that can go, parents' entities and older ones first, without those under way."""
        taken: dict[int, Row] = {}
        while len(taken) < limit:
            if not self._ready:
                if not self._ready_stored:
                    break
                self._refill({*flying, *taken})
                continue
            key = heappop(self._ready)[1]
            row = self._rows.get(key)
            if row and row.status is Status.READY and key not in flying:
                taken[key] = row
        return list(taken.values())

    def _refill(self, taken: Collection[int]) -> None:
        """Find out what can go among all rows."""
        self._flush()
        limit = REFILL + len(taken)
        found = self._db.execute(_READY, (limit,)).fetchall()
        self._ready_stored = len(found) == limit
        for values in found:
            key, entity = values[:2]
            if key not in taken:
                if key not in self._rows:
                    self._keep(Row.load(values))
                heappush(self._ready, (entity, key))

    def later(self, row: Row, due: float) -> None:
        """Note that an object is tried again at a certain time."""
        row.status, row.due = Status.LATER, due
        self.touch(row)
        heappush(self._due, (due, row.key))

    def take_due(self, now: float, limit: int) -> list[Row]:
        """Return objects whose next try is due."""
        rows: list[Row] = []
        while len(rows) < limit and (due := self.next_due()) is not None and due <= now:
            rows.append(self.by_key(heappop(self._due)[1]))
        return rows

    def next_due(self) -> float | None:
        """Return when the next try is due."""
        while self._due:
            due, key = self._due[0]
            row = self.by_key(key)
            if row.status is Status.LATER and row.due == due:
                return due
            heappop(self._due)
        return None

    # --- what can't

    def parked(self, limit: int) -> list[int]:
        """Return the keys of objects that are tried once more at the end."""
        return self._keys("SELECT key FROM objects WHERE status = 5 LIMIT ?", (limit,))

    def waiting(self, limit: int) -> list[int]:
        """Return the keys of objects that wait for parents, older ones first."""
        return self._keys("SELECT key FROM objects WHERE status = 1 ORDER BY key LIMIT ?", (limit,))

    def unresolved(self, until: float, limit: int) -> list[int]:
        """Return the keys of objects that others may wait for, and that did not come by themselves since `until`."""
        if self._first_unresolved > until or self._first_unresolved == inf:
            return []
        keys = self._keys(f"SELECT key {_UNRESOLVED} AND since <= ? ORDER BY since LIMIT ?", (until, limit))
        if len(keys) < limit:
            (first,) = self._db.execute(f"SELECT min(since) {_UNRESOLVED} AND since > ?", (until,)).fetchone()
            self._first_unresolved = inf if first is None else first
        return keys

    # --- who waits for whom

    def wait(self, child: Row, parents: Iterable[Row]) -> None:
        """Let a child wait for parents."""
        for parent in parents:
            self._waits.setdefault(parent.key, []).append((child.key, child.revision))
            self._waits_kept += 1

    def is_awaited(self, row: Row) -> bool:
        """Tell whether others wait for an object, or have waited."""
        return row.awaited or row.key in self._waits

    def release(self, parents: Iterable[int]) -> None:
        """Free the children of parents that are there now; those that wait for no other can go."""
        stored = []
        for key in parents:
            waits = self._waits.pop(key, ())
            self._waits_kept -= len(waits)
            for child, revision in waits:
                self._free(child, revision)
            if self.by_key(key).awaited:
                stored.append(key)
        if stored:
            self._release_stored(orjson.dumps(stored).decode())

    def _release_stored(self, parents: str) -> None:
        # Rows in memory hide what the file says of them: they are changed here, and stored when all others are.
        elsewhere = False
        for child, revision in self._db.execute(f"SELECT child, revision {_OF_PARENTS}", (parents,)):
            if child in self._rows:
                self._free(child, revision)
            else:
                elsewhere = True
        self._db.execute("BEGIN")
        if self._db.execute(_RELEASE, (parents,)).rowcount and elsewhere:
            self._ready_stored = True
        self._db.execute(f"DELETE {_OF_PARENTS}", (parents,))
        self._db.execute("COMMIT")
        self._file_bytes = None

    def _free(self, key: int, revision: int) -> None:
        child = self._rows[key]
        if child.status is not Status.WAITING or child.revision != revision:
            return
        child.blockers -= 1
        if not child.blockers:
            child.status = Status.READY
            # Also when more can go than are in the heap: it is an older one.
            heappush(self._ready, (child.entity, key))
        self.touch(child)

    def stop_waiting(self, parent: Row, child: Row) -> None:
        """Forget that a child waits for a parent."""
        self._flush()
        self._db.execute("DELETE FROM waits WHERE parent = ? AND child = ?", (parent.key, child.key))

    def has_children(self, parent: Row) -> bool:
        """Tell whether objects wait for this one."""
        self._flush()
        query = f"SELECT 1 FROM {_LIVE_WAITS} WHERE waits.parent = ? LIMIT 1"  # noqa: S608
        return self._db.execute(query, (parent.key,)).fetchone() is not None

    def children(self, parent: Row, limit: int) -> list[int]:
        """Return the keys of objects that wait for this one."""
        query = f"SELECT waits.child FROM {_LIVE_WAITS} WHERE waits.parent = ? LIMIT ?"  # noqa: S608
        return self._keys(query, (parent.key, limit))

    def blocking(self, limit: int) -> list[int]:
        """Return the keys of objects that others wait for and that will not come by themselves."""
        query = (
            f"SELECT DISTINCT waits.parent FROM {_LIVE_WAITS} "  # noqa: S608
            "JOIN objects AS parent ON parent.key = waits.parent WHERE parent.status IN (0, 6, 7, 8, 9) LIMIT ?"
        )
        return self._keys(query, (limit,))

    # --- records that share an object

    def follow(self, row: Row, token: Token) -> None:
        """Let another record's outcome be that of a row's current payload."""
        self._db.execute("INSERT INTO followers VALUES(?, ?, ?)", (row.key, *token))
        row.followed = True
        self.touch(row)

    def take_followers(self, row: Row) -> list[Token]:
        """Return and forget the records that follow a row."""
        if not row.followed:
            return []
        found: list[Token] = self._db.execute("SELECT segment, grp FROM followers WHERE key = ?", (row.key,)).fetchall()
        self._db.execute("DELETE FROM followers WHERE key = ?", (row.key,))
        row.followed = False
        self.touch(row)
        return found
