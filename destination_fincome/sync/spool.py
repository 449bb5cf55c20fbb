"""The spool: what has arrived and not yet left, and what became of the rest. SQLite, private, bounded memory.

One row per object (entity, id): the newest version, or a mere name that others refer to. Rows that were touched in
a turn are kept in memory until `flush`; set operations flush first.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

import orjson

from destination_fincome.failure import SystemFailure
from destination_fincome.mapping.drafts import Children, Version
from destination_fincome.sync.outcomes import NO_TOKEN, Outcome, Reason, Ref, StubArrival, Token

CACHE_KIB = 16_384
# How many rows may stay in memory between two turns of the coordinator.
ROWS_KEPT = 4096


class Status(IntEnum):
    """Where an object is on its way."""

    ABSENT = 0  # others refer to it; it has not arrived
    WAITING = 1  # it waits for parents
    READY = 2  # it can go, or a worker has it
    LATER = 4  # it is tried again when `due`
    PARKED = 5  # it is tried once more at the end
    DELIVERED = 6
    REJECTED = 7
    SKIPPED = 8
    MISSING = 9  # others refer to it; it has not arrived and Fincome doesn't have it


class Row:
    """One object.

    Attributes:
        known: it exists in Fincome, as far as this sync knows.
        revision: grows with each payload that replaces another, so that what belongs to an older one is told.
        token: where the outcome of the current payload is booked.
        blockers: how many parents it waits for.
        since: when it was first referred to, or ended without being delivered (monotonic seconds).
        looked: what could be found out about it as a parent was found out.
        awaited: others have waited for it.
        reason: why it was skipped or rejected.
        children: of a skipped object, see drafts.Skip.
        detour: fields left out of the first sending, to break a cycle of references.
    """

    __slots__ = (
        "attempts", "awaited", "blockers", "body", "children", "complete", "detour", "digest", "due", "entity", "id",
        "key", "known", "looked", "reason", "refs", "revision", "since", "status", "token", "version",
    )  # fmt: skip

    def __init__(self, key: int, entity: int, identity: str) -> None:
        self.key = key
        self.entity = entity
        self.id = identity
        self.status = Status.ABSENT
        self.known = False
        self.version: Version = None
        self.digest = b""
        self.body: bytes | None = None
        self.refs: tuple[Ref, ...] = ()
        self.complete = True
        self.revision = 0
        self.token: Token = NO_TOKEN
        self.blockers = 0
        self.attempts = 0
        self.due = 0.0
        self.since = 0.0
        self.looked = False
        self.awaited = False
        self.reason: Reason | None = None
        self.children: Children = "skip"
        self.detour: tuple[str, ...] = ()


_SCHEMA = """
CREATE TABLE objects(
  key INTEGER PRIMARY KEY, entity INTEGER NOT NULL, id TEXT NOT NULL, status INTEGER NOT NULL, known INTEGER NOT NULL,
  version, digest BLOB, body BLOB, refs BLOB, complete INTEGER, revision INTEGER, segment INTEGER, grp INTEGER,
  blockers INTEGER, attempts INTEGER, due REAL, since REAL, looked INTEGER, awaited INTEGER, reason BLOB, children TEXT,
  detour BLOB,
  UNIQUE(entity, id));
CREATE INDEX ready ON objects(entity, key) WHERE status = 2;
CREATE INDEX later ON objects(due) WHERE status = 4;
CREATE INDEX unresolved ON objects(since) WHERE looked = 0 AND status IN (0, 7, 8);
CREATE TABLE waits(parent INTEGER NOT NULL, child INTEGER NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY(parent, child, revision)) WITHOUT ROWID;
CREATE TABLE followers(key INTEGER NOT NULL, segment INTEGER NOT NULL, grp INTEGER NOT NULL);
CREATE INDEX followers_by_key ON followers(key);
CREATE TABLE groups(id INTEGER PRIMARY KEY, remaining INTEGER NOT NULL, worst INTEGER NOT NULL, content BLOB);
CREATE TABLE stubs(entity INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, refs BLOB NOT NULL,
  UNIQUE(entity, id));
"""
_COLUMNS = (
    "key, entity, id, status, known, version, digest, body, refs, complete, revision, segment, grp, blockers, "
    "attempts, due, since, looked, awaited, reason, children, detour"
)
_STORE = f"INSERT OR REPLACE INTO objects({_COLUMNS}) VALUES({', '.join('?' * 22)})"
_BY_KEY = f"SELECT {_COLUMNS} FROM objects WHERE key = ?"  # noqa: S608
_BY_ID = f"SELECT {_COLUMNS} FROM objects WHERE entity = ? AND id = ?"  # noqa: S608
_LIVE_WAITS = (
    "waits JOIN objects AS child ON child.key = waits.child AND child.revision = waits.revision AND child.status = 1"
)


class Spool:
    """The tables, and the rows of the current turn."""

    def __init__(self, folder: str | None = None) -> None:
        """Create an empty spool in a private temporary folder.

        Args:
            folder: where to create it; the system's temporary folder by default.

        Raises:
            SystemFailure: the folder can't be written.
        """
        try:
            private = Path(tempfile.mkdtemp(prefix="fincome-spool-", dir=folder))
            path = private / "spool.sqlite"
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError as error:
            raise SystemFailure(f"The temporary folder can't be written ({error.strerror}).") from error
        self._db = sqlite3.connect(path, isolation_level=None)
        # The spool lives as long as the sync: nothing of it is ever recovered, so nothing is journalled.
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "locking_mode=EXCLUSIVE",
            f"cache_size=-{CACHE_KIB}",
            "temp_store=FILE",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        # Open, and gone from the folder: the system frees it even when the process is killed.
        shutil.rmtree(private, ignore_errors=True)
        self._rows: dict[int, Row] = {}
        self._keys: dict[tuple[int, str], int] = {}
        self._dirty: set[int] = set()
        self._new_waits: list[tuple[int, int, int]] = []
        self._last_key = 0
        self._last_group = 0
        self._followers = 0

    def close(self) -> None:
        """Remove the spool and all that is in it."""
        self._db.close()

    def bytes_used(self) -> int:
        """Return the size of the file, free pages left out."""
        (pages,), (free,), (size,) = (
            self._db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    # --- single rows

    def get(self, entity: int, identity: str) -> Row | None:
        """Find an object."""
        key = self._keys.get((entity, identity))
        if key is not None:
            return self._rows[key]
        found = self._db.execute(_BY_ID, (entity, identity)).fetchone()
        return self._keep(_row(found)) if found else None

    def by_key(self, key: int) -> Row:
        """Return the object with a key that exists."""
        if key in self._rows:
            return self._rows[key]
        return self._keep(_row(self._db.execute(_BY_KEY, (key,)).fetchone()))

    def create(self, entity: int, identity: str, now: float) -> Row:
        """Make the row of an object that has none."""
        self._last_key += 1
        row = Row(self._last_key, entity, identity)
        row.since = now
        self.touch(row)
        return row

    def touch(self, row: Row) -> None:
        """Note that a row was changed."""
        self._dirty.add(row.key)
        self._keep(row)

    def _keep(self, row: Row) -> Row:
        self._rows[row.key] = row
        self._keys[row.entity, row.id] = row.key
        return row

    def flush(self) -> None:
        """Write what was changed; forget the rows in memory when there are many."""
        if self._dirty:
            self._db.execute("BEGIN")
            self._db.executemany(_STORE, (_values(self._rows[key]) for key in sorted(self._dirty)))
            self._db.execute("COMMIT")
        if self._new_waits:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO waits VALUES(?, ?, ?)", self._new_waits)
            self._db.execute("COMMIT")
        self._dirty.clear()
        self._new_waits.clear()
        if len(self._rows) > ROWS_KEPT:
            self._forget()

    def _forget(self) -> None:
        self._rows.clear()
        self._keys.clear()

    # --- what is to be done

    def ready(self, limit: int) -> list[Row]:
        """Return objects that can go, parents' entities and older ones first."""
        return self._select("SELECT key FROM objects WHERE status = 2 ORDER BY entity, key LIMIT ?", (limit,))

    def due(self, now: float, limit: int) -> list[Row]:
        """Return objects whose next try is due."""
        return self._select("SELECT key FROM objects WHERE status = 4 AND due <= ? ORDER BY due LIMIT ?", (now, limit))

    def next_due(self) -> float | None:
        """Return when the next try is due."""
        self.flush()
        found: tuple[float | None] = self._db.execute("SELECT min(due) FROM objects WHERE status = 4").fetchone()
        return found[0]

    def parked(self, limit: int) -> list[Row]:
        """Return objects that are tried once more at the end."""
        return self._select("SELECT key FROM objects WHERE status = 5 LIMIT ?", (limit,))

    def waiting(self, limit: int) -> list[Row]:
        """Return objects that wait for parents, older ones first."""
        return self._select("SELECT key FROM objects WHERE status = 1 ORDER BY key LIMIT ?", (limit,))

    def unresolved(self, until: float, limit: int) -> list[Row]:
        """Return objects that others may wait for, and that did not come by themselves since `until`."""
        return self._select(
            "SELECT key FROM objects WHERE looked = 0 AND status IN (0, 7, 8) AND since <= ? ORDER BY since LIMIT ?",
            (until, limit),
        )

    def _select(self, query: str, parameters: tuple[float, ...] | tuple[int, ...]) -> list[Row]:
        self.flush()
        return [self.by_key(key) for (key,) in self._db.execute(query, parameters).fetchall()]

    # --- who waits for whom

    def wait(self, child: Row, parents: Iterable[Row]) -> None:
        """Let a child wait for parents."""
        for parent in parents:
            self._new_waits.append((parent.key, child.key, child.revision))
            if not parent.awaited:
                parent.awaited = True
                self.touch(parent)

    def release(self, parents: Iterable[int]) -> None:
        """Free the children of parents that are there now; those that wait for no other become ready."""
        self.flush()
        keys = [(key,) for key in parents]
        self._db.execute("BEGIN")
        self._db.executemany(
            "UPDATE objects SET blockers = blockers - 1, status = CASE WHEN blockers = 1 THEN 2 ELSE 1 END "
            "WHERE status = 1 AND (key, revision) IN (SELECT child, revision FROM waits WHERE parent = ?)",
            keys,
        )
        self._db.executemany("DELETE FROM waits WHERE parent = ?", keys)
        self._db.execute("COMMIT")
        self._forget()

    def stop_waiting(self, parent: Row, child: Row) -> None:
        """Forget that a child waits for a parent."""
        self.flush()
        self._db.execute("DELETE FROM waits WHERE parent = ? AND child = ?", (parent.key, child.key))

    def has_children(self, parent: Row) -> bool:
        """Tell whether objects wait for this one."""
        self.flush()
        query = f"SELECT 1 FROM {_LIVE_WAITS} WHERE waits.parent = ? LIMIT 1"  # noqa: S608
        return self._db.execute(query, (parent.key,)).fetchone() is not None

    def children(self, parent: Row, limit: int) -> list[Row]:
        """Return objects that wait for this one."""
        query = f"SELECT waits.child FROM {_LIVE_WAITS} WHERE waits.parent = ? LIMIT ?"  # noqa: S608
        return self._select(query, (parent.key, limit))

    def blocking(self, limit: int) -> list[Row]:
        """Return objects that others wait for and that will not come by themselves."""
        query = (
            f"SELECT DISTINCT waits.parent FROM {_LIVE_WAITS} "  # noqa: S608
            "JOIN objects AS parent ON parent.key = waits.parent WHERE parent.status IN (0, 6, 7, 8, 9) LIMIT ?"
        )
        return self._select(query, (limit,))

    # --- records that share an object, objects that share a record

    def follow(self, row: Row, token: Token) -> None:
        """Let another record's outcome be that of a row's current payload."""
        self._db.execute("INSERT INTO followers VALUES(?, ?, ?)", (row.key, *token))
        self._followers += 1

    def take_followers(self, row: Row) -> list[Token]:
        """Return and forget the records that follow a row."""
        if not self._followers:
            return []
        found = self._db.execute("SELECT segment, grp FROM followers WHERE key = ?", (row.key,)).fetchall()
        if found:
            self._db.execute("DELETE FROM followers WHERE key = ?", (row.key,))
            self._followers -= len(found)
        return [(segment, group) for segment, group in found]

    def open_group(self, size: int, content: bytes | None = None) -> int:
        """Book a record with several objects, or one whose content is kept; returns the group's number."""
        self._last_group += 1
        self._db.execute("INSERT INTO groups VALUES(?, ?, 0, ?)", (self._last_group, size, content))
        return self._last_group

    def content(self, group: int) -> bytes | None:
        """Return the content that was kept of a record."""
        found: tuple[bytes | None] = self._db.execute("SELECT content FROM groups WHERE id = ?", (group,)).fetchone()
        return found[0]

    def close_in_group(self, group: int, outcome: Outcome) -> Outcome | None:
        """Book the end of one object of a group; returns the record's outcome when it was the last one."""
        remaining, worst = self._db.execute("SELECT remaining, worst FROM groups WHERE id = ?", (group,)).fetchone()
        worst = max(worst, outcome)
        if remaining > 1:
            self._db.execute("UPDATE groups SET remaining = ?, worst = ? WHERE id = ?", (remaining - 1, worst, group))
            return None
        self._db.execute("DELETE FROM groups WHERE id = ?", (group,))
        return Outcome(worst)

    def keep_stub(self, stub: StubArrival) -> None:
        """Keep what a child knows of an object; of several, the one that says most stays."""
        self._db.execute(
            "INSERT INTO stubs VALUES(?, ?, ?, ?) ON CONFLICT(entity, id) DO UPDATE SET body = excluded.body, "
            "refs = excluded.refs WHERE length(excluded.body) > length(stubs.body)",
            (stub.entity, stub.id, stub.body, _dump_refs(stub.refs)),
        )

    def find_stub(self, entity: int, identity: str) -> StubArrival | None:
        """Return what children know of an object."""
        query = "SELECT body, refs FROM stubs WHERE entity = ? AND id = ?"
        found = self._db.execute(query, (entity, identity)).fetchone()
        return StubArrival(entity, identity, found[0], _load_refs(found[1])) if found else None


def _values(row: Row) -> tuple[object, ...]:
    reason = row.reason
    return (
        row.key, row.entity, row.id, int(row.status), row.known, row.version, row.digest, row.body,
        _dump_refs(row.refs) if row.refs else None, row.complete, row.revision, row.token[0], row.token[1],
        row.blockers, row.attempts, row.due, row.since, row.looked, row.awaited,
        orjson.dumps([reason.code, reason.text, reason.field]) if reason else None,
        row.children, orjson.dumps(row.detour) if row.detour else None,
    )  # fmt: skip


def _row(values: tuple[object, ...]) -> Row:
    (key, entity, identity, status, known, version, digest, body, refs, complete, revision, segment, group, blockers,
     attempts, due, since, looked, awaited, reason, children, detour) = values  # fmt: skip
    row = Row(key, entity, identity)  # type: ignore[arg-type]
    row.status = Status(status)  # type: ignore[arg-type]
    row.known, row.complete, row.looked, row.awaited = bool(known), bool(complete), bool(looked), bool(awaited)
    row.version, row.digest, row.body = version, digest, body  # type: ignore[assignment]
    row.refs = _load_refs(refs) if refs else ()  # type: ignore[arg-type]
    row.revision, row.token = revision, (segment, group)  # type: ignore[assignment]
    row.blockers, row.attempts, row.due, row.since = blockers, attempts, due, since  # type: ignore[assignment]
    row.reason = Reason(*orjson.loads(reason)) if reason else None  # type: ignore[arg-type]
    row.children = children  # type: ignore[assignment]
    row.detour = tuple(orjson.loads(detour)) if detour else ()  # type: ignore[arg-type]
    return row


def _dump_refs(refs: tuple[Ref, ...]) -> bytes:
    return orjson.dumps([(ref.field, ref.entity, ref.id, ref.required, ref.watched) for ref in refs])


def _load_refs(text: bytes) -> tuple[Ref, ...]:
    return tuple(Ref(*ref) for ref in orjson.loads(text))
