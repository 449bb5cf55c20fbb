"""The spool: what has arrived and not yet left, and what became of the rest. Bounded memory, the rest in SQLite.

One row per object (entity, id) and facet: the newest content, or a mere name that others refer to. Rows stay in memory
until there are many: an object that goes at once is stored only when it has ended, without its body. What asks for
sets of rows stores first what has changed.

A row is a value (rows.py): `put` keeps what lifecycle.step made of it. Beside the rows the spool knows who waits for
whom, and what can go. Keys, and not rows, are handed out where the next question may send rows to the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

import orjson

from destination_fincome.engine import gathering
from destination_fincome.engine.arrivals import Arrival, Content, Entity
from destination_fincome.engine.gathering import Answering
from destination_fincome.engine.spool import followers, groups, rows, stubs, unchanged
from destination_fincome.engine.spool.followers import Followers
from destination_fincome.engine.spool.groups import Groups
from destination_fincome.engine.spool.names import NameFilter
from destination_fincome.engine.spool.rows import BLOCKING, ENDED, PENDING, Presence, Row, Status
from destination_fincome.engine.spool.stubs import Stubs
from destination_fincome.engine.spool.unchanged import Unchanged
from destination_fincome.temporary_database import bytes_of, open_database, write_rows

# What may stay in memory between two turns of the coordinator: rows, bytes of their bodies, entries that lead to them.
ROWS_KEPT = 2400
BYTES_KEPT = 4 << 20
ENTRIES_KEPT = 30_000
# About what a row takes in the file beside its body.
ROW_BYTES = 300
# At least what an object that has ended takes: its name and how it ended are kept.
ENDED_BYTES = 300
# About what the file takes of an entry of `filled` beside its content.
FILLED_BYTES = 30
# How many rows that can go are read back at a time.
REFILL = 512


def _is(column: str, *values: int) -> str:
    """Write a condition on a column that holds an enum's values."""
    return f"{column} IN ({', '.join(str(int(value)) for value in sorted(values))})"


_OVERDUE = f"{_is('presence', Presence.WANTED)} AND {_is('status', *BLOCKING)}"
_SCHEMA = f"""
CREATE TABLE objects({rows.SCHEMA}, UNIQUE(entity, id, facet));
CREATE INDEX overdue ON objects(since) WHERE {_OVERDUE};
CREATE TABLE waits(parent INTEGER NOT NULL, child INTEGER NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY(parent, child, revision)) WITHOUT ROWID;
CREATE TABLE filled(parent INTEGER NOT NULL, child INTEGER NOT NULL, revision INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY(parent, child)) WITHOUT ROWID;
CREATE TABLE queue(key INTEGER PRIMARY KEY, entity INTEGER NOT NULL, revision INTEGER NOT NULL,
  blockers INTEGER NOT NULL);
CREATE INDEX can_go ON queue(entity, key) WHERE blockers = 0;
{followers.SCHEMA};
{groups.SCHEMA};
{stubs.SCHEMA};
{unchanged.SCHEMA};
{gathering.TOKENS_SCHEMA};
"""
_COLUMNS = ", ".join(rows.NAMES)
_INSERT = f"INSERT INTO objects({_COLUMNS})"
# An object's name never changes.
_CHANGE = "ON CONFLICT(key) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in rows.NAMES if name not in ("key", "entity", "id", "facet")
)
_BY_KEY = "SELECT row FROM objects WHERE key = ?"
_BY_ID = "SELECT row FROM objects WHERE entity = ? AND id = ? AND facet = ?"
_OF_PARENTS = "FROM waits WHERE parent IN (SELECT value FROM json_each(?))"
_RELEASE = f"""
UPDATE queue SET blockers = blockers - freed.number
FROM (SELECT child, revision, count(*) AS number {_OF_PARENTS} GROUP BY child, revision) AS freed
WHERE queue.key = freed.child AND queue.revision = freed.revision
"""  # noqa: S608
_LIVE_WAITS = (
    "waits JOIN objects AS child ON child.key = waits.child AND child.revision = waits.revision "
    f"AND {_is('child.status', Status.WAITING)}"
)


# What a parent that is there sets free: what waits for it, and what was sent without it.
_FREED = frozenset((Status.WAITING, Status.SENT))
# What each record meets: see lifecycle.py.
_READY, _WANTED = Status.READY, Presence.WANTED


class _Blocked(NamedTuple):
    """How many parents a child in memory waits for, and for which of its contents."""

    revision: int
    blockers: int


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
        self.followers = Followers(self._db)
        self.stubs = Stubs(self._db)
        self.unchanged: Unchanged | None = None  # what ended so without a row
        self.answering = Answering(self._db)
        self._rows: dict[int, Row] = {}
        self._names: dict[tuple[int, str, int], int] = {}
        self._dirty: set[int] = set()
        self._bytes = 0
        # Which names may be in the file.
        self._stored: NameFilter | None = None
        # Children by parent, as (child's key, its revision), and how many parents each of them waits for: those that
        # are not in the file. A child that is in here is in memory.
        self._waits: dict[int, list[tuple[int, int]]] = {}
        self._blocked: dict[int, _Blocked] = {}
        self._waits_kept, self._waits_stored = 0, False
        # A heap of rows in memory that can go, as (entity, key), outdated entries among them.
        self._ready: list[tuple[int, int]] = []
        self.ready_stored = False
        """Whether more can go than what is in memory: see `refill`."""
        self.due: list[tuple[float, int]] = []
        """A heap of what is tried again, as (when, key), outdated entries among them: see `next_due`."""
        # No row that others wait for, and that doesn't come by itself, has been so for longer.
        self._first_overdue = inf
        # What went with values of parents, as (parent, child, its revision, content), not yet in the file.
        self._filled: list[tuple[int, int, int, bytes]] = []
        self._filled_bytes = 0
        self._last_key = self._ended = 0
        # What its file takes, as of so many changes to it.
        self._file_bytes, self._changes = 0, -1

    def close(self) -> None:
        """Remove the spool and all that is in it."""
        self._db.close()

    def bytes_held(self) -> int:
        """Return about how many bytes of it wait to leave. What has ended leaves its name behind."""
        if self._changes != self._db.total_changes:
            self._changes, self._file_bytes = self._db.total_changes, bytes_of(self._db)
        used = self._file_bytes + self._bytes + ROW_BYTES * len(self._dirty) + self.groups.bytes_kept
        left_behind = ENDED_BYTES * self._ended + self._filled_bytes + (self.unchanged.bytes if self.unchanged else 0)
        return max(0, used - left_behind)

    # --- single rows

    def get(self, entity: int, identity: str, facet: int = 0) -> Row | None:
        """Find an object."""
        name = (entity, identity, facet)
        key = self._names.get(name)
        if key is not None:
            return self._rows[key]
        if self.unchanged is not None and not facet and (row := self.unchanged.take(entity, identity)):
            self._ended += 1
            self._dirty.add(row.key)
            return self._keep(row)
        if self._stored is None or not self._stored.may_have(name):
            return None
        found = self._db.execute(_BY_ID, name).fetchone()
        return self._keep(rows.load(found[0])) if found else None

    def knows(self, entity: int, identity: str) -> bool:
        """Tell whether there is a row of an object itself, or it was unchanged."""
        name = (entity, identity, 0)
        if name in self._names or (self.unchanged is not None and self.unchanged.has(entity, identity)):
            return True
        return self._stored is not None and self._stored.may_have(name) and self.get(*name) is not None

    def keep_unchanged(self, arrival: Arrival, kept: Content | None) -> int:
        """Keep what has ended as unchanged, without a row; returns the key that it has if it gets one after all.

        Args:
            kept: what is sent if Fincome doesn't have it after all.
        """
        self._last_key += 1
        self.unchanged = self.unchanged or Unchanged(self._db)
        self.unchanged.keep(self._last_key, arrival, kept)
        return self._last_key

    def by_key(self, key: int) -> Row:
        """Return the object with a key that exists."""
        row = self._rows.get(key)
        return row or self._keep(rows.load(self._db.execute(_BY_KEY, (key,)).fetchone()[0]))

    def named(self, entity: Entity, identity: str, now: float, facet: int = 0, *, keep: bool = True) -> Row:
        """Find an object, or make its row; with `keep` False it is none of the spool's until it is `put`."""
        name = (entity, identity, facet)
        known = self._names.get(name)
        if known is not None:
            return self._rows[known]
        may_be = self.unchanged is not None or (self._stored is not None and self._stored.may_have(name))
        if may_be and (found := self.get(*name)) is not None:
            return found
        self._last_key = key = self._last_key + 1
        row = Row(key, entity, identity, facet, since=now)
        if keep:
            self._rows[key] = row
            self._names[name] = key
            self._dirty.add(key)
        return row

    def put(self, row: Row, old: Row) -> None:
        """Keep a row in the place of an older one."""
        key = row.key
        if row.status is not old.status:
            self._ended += (row.status in ENDED) - (old.status in ENDED)
        kept = self._rows.get(key)
        if kept is None:
            self._names[row.entity, row.id, row.facet] = key
        new, known = row.content, kept.content if kept else None
        if known is not new:
            self._bytes += (len(new.body) if new else 0) - (len(known.body) if known else 0)
        self._rows[key] = row
        self._dirty.add(key)
        if row.presence is _WANTED and row.since < self._first_overdue and row.status in BLOCKING:
            self._first_overdue = row.since

    def _keep(self, row: Row) -> Row:
        self._rows[row.key] = row
        self._names[row.entity, row.id, row.facet] = row.key
        self._bytes += _weight(row)
        return row

    # --- memory and file

    def trim(self) -> None:
        """Send rows to the file when many are in memory."""
        entries = self._waits_kept + len(self._ready)
        if len(self._rows) <= ROWS_KEPT and self._bytes <= BYTES_KEPT and entries <= ENTRIES_KEPT:
            return
        self._store_waits()
        ready = sorted({entry for entry in self._ready if entry[1] in self._rows})
        kept = [key for _, key in ready if self._rows[key].status is Status.READY]
        if len(kept) > ROWS_KEPT // 2 or sum(_weight(self._rows[key]) for key in kept) > BYTES_KEPT // 2:
            self._store_ready(kept[REFILL:])
            kept = kept[:REFILL]
        self._forget_all_but(kept)

    def _store_ready(self, keys: list[int]) -> None:
        """Note in the file that rows which leave the memory can go."""
        entries = ((key, row.entity, row.revision, 0) for key in keys for row in [self._rows[key]])
        write_rows(self._db, "INSERT OR REPLACE INTO queue", entries)
        self.ready_stored = True

    def _forget_all_but(self, keys: list[int]) -> None:
        kept = [self._rows[key] for key in keys]
        self._ready = [(row.entity, row.key) for row in kept]
        dirty = self._dirty.intersection(keys)
        self._store(self._dirty - dirty)
        self._dirty = dirty
        self._rows.clear()
        self._names.clear()
        self._bytes = 0
        for row in kept:
            self._keep(row)

    def _flush(self) -> None:
        """Store what was changed."""
        self._store_waits()
        self._store(self._dirty)
        self._dirty.clear()

    def _store(self, keys: Collection[int]) -> None:
        if not keys:
            return
        write_rows(self._db, _INSERT, (rows.dump(self._rows[key]) for key in keys), _CHANGE)
        self._stored = self._stored or NameFilter()
        self._stored.add((row.entity, row.id, row.facet) for row in map(self._rows.__getitem__, keys))

    def _store_waits(self) -> None:
        if not self._waits and not self._blocked:
            return
        waits = sorted((parent, *child) for parent, children in self._waits.items() for child in children)
        write_rows(self._db, "INSERT OR IGNORE INTO waits", waits)
        queue = ((key, self._rows[key].entity, *blocked) for key, blocked in self._blocked.items())
        write_rows(self._db, "INSERT OR REPLACE INTO queue", queue)
        self._waits.clear()
        self._blocked.clear()
        self._waits_kept = 0
        self._waits_stored = True

    def _keys(self, query: str, parameters: tuple[float, ...]) -> list[int]:
        """Ask the file for keys."""
        self.trim()
        self._flush()
        return [key for (key,) in self._db.execute(query, parameters).fetchall()]

    # --- what can go

    def ready(self, row: Row) -> None:
        """Note that an object can go."""
        heappush(self._ready, (row.entity, row.key))

    def take_ready(self, limit: int) -> list[Row]:
        """Return objects in memory that can go, parents' entities and older ones first."""
        taken: dict[int, Row] = {}
        while self._ready and len(taken) < limit:
            row = self._rows.get(heappop(self._ready)[1])
            if row and row.status is _READY:
                taken[row.key] = row
        return list(taken.values())

    @property
    def has_ready(self) -> bool:
        """Whether something may go; surely not, if it says so after all that `take_ready` gives was taken."""
        return bool(self._ready) or self.ready_stored

    def refill(self) -> list[int]:
        """Read back what can go among the rows in the file.

        Returns:
            The keys of those that still count as waiting: their parents are there.
        """
        self._flush()
        query = "SELECT key, revision FROM queue WHERE blockers = 0 ORDER BY entity, key LIMIT ?"
        found = self._db.execute(query, (REFILL,)).fetchall()
        self.ready_stored = len(found) == REFILL
        keys = orjson.dumps([key for key, _ in found]).decode()
        self._db.execute("DELETE FROM queue WHERE key IN (SELECT value FROM json_each(?))", (keys,))
        query = "SELECT key, row FROM objects WHERE key IN (SELECT value FROM json_each(?))"
        for key, stored in self._db.execute(query, (keys,)).fetchall():
            if key not in self._rows:
                self._keep(rows.load(stored))
        current = [self._rows[key] for key, revision in found if self._rows[key].revision == revision]
        for row in current:
            if row.status is Status.READY:
                self.ready(row)
        return [row.key for row in current if row.status in _FREED]

    def try_at(self, row: Row, due: float) -> None:
        """Note that an object is tried again at a certain time."""
        heappush(self.due, (due, row.key))

    def take_due(self, now: float, limit: int) -> list[Row]:
        """Return objects whose next try is due."""
        found: list[Row] = []
        while len(found) < limit and (due := self.next_due()) is not None and due <= now:
            found.append(self.by_key(heappop(self.due)[1]))
        return found

    def next_due(self) -> float | None:
        """Return when the next try is due."""
        while self.due:
            due, key = self.due[0]
            row = self.by_key(key)
            if row.status is Status.LATER and row.due == due:
                return due
            heappop(self.due)
        return None

    # --- what can't

    @property
    def may_hold(self) -> bool:
        """Whether something may be left that hasn't ended: what is in the file isn't looked into."""
        return self._stored is not None or any(row.status in PENDING for row in self._rows.values())

    def parked(self, limit: int) -> list[int]:
        """Return the keys of objects that go when all else has gone."""
        where = _is("status", Status.PARKED)
        return self._keys(f"SELECT key FROM objects WHERE {where} LIMIT ?", (limit,))  # noqa: S608

    def settling(self) -> list[tuple[int, int]]:
        """Return how many objects are to be settled, as (entity, number), parents' entities first."""
        self._flush()
        where = _is("status", Status.SETTLING)
        query = f"SELECT entity, count(*) FROM objects WHERE {where} GROUP BY entity ORDER BY entity"  # noqa: S608
        return self._db.execute(query).fetchall()

    def settling_keys(self, entity: int, limit: int) -> list[int]:
        """Return the keys of objects of an entity that are to be settled: those not yet looked at first."""
        where = _is("status", Status.SETTLING)
        query = f"SELECT key FROM objects WHERE {where} AND entity = ? ORDER BY presence, key LIMIT ?"  # noqa: S608
        return self._keys(query, (entity, limit))

    def waiting(self, limit: int) -> list[int]:
        """Return the keys of objects that wait for parents, older ones first."""
        where = _is("status", Status.WAITING)
        return self._keys(f"SELECT key FROM objects WHERE {where} ORDER BY key LIMIT ?", (limit,))  # noqa: S608

    def overdue(self, until: float, limit: int) -> list[int]:
        """Return the keys of objects that others wait for, and that have not come by themselves since `until`."""
        if self._first_overdue > until or self._first_overdue == inf:
            return []
        query = f"SELECT key FROM objects WHERE {_OVERDUE} AND since <= ? ORDER BY since LIMIT ?"  # noqa: S608
        keys = self._keys(query, (until, limit))
        if len(keys) < limit:
            query = f"SELECT min(since) FROM objects WHERE {_OVERDUE} AND since > ?"  # noqa: S608
            (first,) = self._db.execute(query, (until,)).fetchone()
            self._first_overdue = inf if first is None else first
        return keys

    def held(self) -> list[tuple[int, int, int]]:
        """Return how many objects wait for parents, as (entity, parent's entity, number), most first."""
        self._flush()
        query = (
            f"SELECT child.entity, parent.entity, count(DISTINCT child.key) FROM {_LIVE_WAITS} "  # noqa: S608
            "JOIN objects AS parent ON parent.key = waits.parent GROUP BY 1, 2 ORDER BY 3 DESC"
        )
        return self._db.execute(query).fetchall()

    def blocking(self, limit: int) -> list[int]:
        """Return the keys of objects that others wait for and that will not come by themselves."""
        where = _is("parent.status", *BLOCKING)
        query = (
            f"SELECT DISTINCT waits.parent FROM {_LIVE_WAITS} "  # noqa: S608
            f"JOIN objects AS parent ON parent.key = waits.parent WHERE {where} LIMIT ?"
        )
        return self._keys(query, (limit,))

    # --- who waits for whom

    def wait(self, child: Row, parents: Collection[int]) -> None:
        """Let a child wait for parents."""
        for parent in parents:
            self._waits.setdefault(parent, []).append((child.key, child.revision))
        self._waits_kept += len(parents)
        self._blocked[child.key] = _Blocked(child.revision, len(parents))

    def release(self, parents: Iterable[int]) -> list[int]:
        """Free the children of parents that are there now.

        Returns:
            The keys of those in memory that wait for no other. Those in the file come out of `take_ready`.
        """
        freed: list[int] = []
        parents = list(parents)
        for key in parents:
            waits = self._waits.pop(key, ())
            self._waits_kept -= len(waits)
            freed += [child for child, revision in waits if self._unblock(child, revision)]
        if self._waits_stored:
            self._release_stored(orjson.dumps(parents).decode())
        return freed

    def _unblock(self, child: int, revision: int) -> bool:
        """Note that one of a child's parents is there; tell whether it was the last."""
        blocked = self._blocked.get(child)
        if blocked is None or blocked.revision != revision:
            return False
        if blocked.blockers > 1:
            self._blocked[child] = _Blocked(revision, blocked.blockers - 1)
            return False
        del self._blocked[child]
        row = self._rows[child]
        # What has a newer content waits for other parents, or for none.
        return row.revision == revision and row.status in _FREED

    def _release_stored(self, parents: str) -> None:
        self._db.execute("BEGIN")
        if self._db.execute(_RELEASE, (parents,)).rowcount:
            self.ready_stored = True
        self._db.execute(f"DELETE {_OF_PARENTS}", (parents,))
        self._db.execute("COMMIT")

    def has_children(self, parent: Row) -> bool:
        """Tell whether objects wait for this one."""
        return bool(self.children(parent, 1))

    def children(self, parent: Row, limit: int) -> list[int]:
        """Return the keys of objects that wait for this one."""
        query = f"SELECT waits.child FROM {_LIVE_WAITS} WHERE waits.parent = ? LIMIT ?"  # noqa: S608
        return self._keys(query, (parent.key, limit))

    # --- who went with values of whom

    def fill(self, child: Row, parents: Iterable[int], content: Content) -> None:
        """Note that a child goes with values of its parents.

        Args:
            content: what goes if the values change.
        """
        stored = rows.write(content)
        for parent in parents:
            self._filled.append((parent, child.key, child.revision, stored))
            self._filled_bytes += len(stored) + FILLED_BYTES
        if len(self._filled) >= ROWS_KEPT:
            self._store_filled()

    def filled(self, parent: Row) -> list[tuple[int, int, Content]]:
        """Return who went with values of a parent: the child's key and revision, and what goes if they change."""
        self._store_filled()
        query = "SELECT child, revision, content FROM filled WHERE parent = ? ORDER BY child"
        found = self._db.execute(query, (parent.key,)).fetchall()
        return [(child, revision, rows.load_content(stored)) for child, revision, stored in found]

    def unasked(self, entity: Entity, gives: str) -> tuple[int, str | None]:
        """Count the objects that went and give a value that nothing which went asked for; return one's id, too."""
        self._flush()
        self._store_filled()
        # As a pair begins in `Row.gives`: a field of that name in the content is none.
        pair = rows.write((gives, ""))[:-1]
        query = (
            f"SELECT count(*), min(id) FROM objects WHERE entity = ? AND {_is('status', Status.SENT)} "  # noqa: S608
            "AND instr(row, ?) AND NOT EXISTS (SELECT 1 FROM filled WHERE parent = objects.key)"
        )
        found: tuple[int, str | None] = self._db.execute(query, (entity, pair)).fetchone()
        return found

    def _store_filled(self) -> None:
        if self._filled:
            write_rows(self._db, "INSERT OR REPLACE INTO filled", self._filled)
            self._filled.clear()


def _weight(row: Row) -> int:
    return len(row.content.body) if row.content else 0
