"""Where the sandbox keeps its objects and the log of its requests: one SQLite file.

One connection, bound to the thread that opened it: SQLite refuses every other thread, so the server's event
loop is the only writer, each write is finished before the next request is looked at, and no lock is needed.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fincome_sandbox.contract import Contract, Entity

# Of a request's body no more is kept.
LONGEST_BODY = 64 * 1024
_LINE = "time, verb, path, entity, id, status, ms, effect, reason"
# Tells our files from other SQLite files ("FinS"), so that none of somebody else's is written to.
_APPLICATION_ID = 0x46696E53

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    entity TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY, time TEXT NOT NULL, verb TEXT NOT NULL, path TEXT NOT NULL,
    entity TEXT, id TEXT, status INTEGER NOT NULL, ms REAL NOT NULL, effect TEXT, reason TEXT
);
CREATE INDEX IF NOT EXISTS requests_by_object ON requests (entity, id);
CREATE TABLE IF NOT EXISTS bodies (number INTEGER PRIMARY KEY, body BLOB NOT NULL, answer TEXT);
"""


class StoreError(Exception):
    """The file can't be used as the sandbox's store."""


@dataclass(frozen=True)
class Request:
    """One line of the log. `effect` is created, updated (in vain) or changed; keys and queries aren't kept.

    `body` is what was sent (cut, if it is very long), `answer` what was answered to a request that was refused.
    """

    time: str
    verb: str
    path: str
    entity: str | None
    id: str | None
    status: int
    ms: float
    effect: str | None
    reason: str | None
    body: bytes | None = None
    answer: str | None = None


class Follower(Protocol):
    """Who wants to know of everything that is written."""

    def written(self, entity: str, id_: str, body: str) -> None:
        """An object was created or replaced."""

    def logged(self, number: int, request: Request) -> None:
        """A request was noted."""


class Store:
    """Objects by (entity, id) as JSON text, and the requests in order."""

    def __init__(self, file: Path, *, durable: bool) -> None:
        """Open or create the file.

        Raises:
            StoreError: if it can't be opened, is in use by another sandbox, or isn't a sandbox's file.
        """
        self.followers: list[Follower] = []
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # private: it may hold customers' data
            self._sql = sqlite3.connect(file, isolation_level=None, timeout=0.2)
            self._prepare(durable=durable)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{file} can't be used to keep the sandbox's data: {error}") from error

    def _prepare(self, *, durable: bool) -> None:
        (application,) = self._sql.execute("PRAGMA application_id").fetchone()
        (tables,) = self._sql.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION_ID and tables:
            raise sqlite3.DatabaseError("it is a database of something else")
        self._sql.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._sql.execute("PRAGMA journal_mode = WAL")
        self._sql.execute(f"PRAGMA synchronous = {'NORMAL' if durable else 'OFF'}")
        self._sql.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._sql.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._sql.close()

    def get(self, entity: str, id_: str) -> str | None:
        """The JSON text of one object."""
        row = self._sql.execute("SELECT body FROM objects WHERE entity = ? AND id = ?", (entity, id_)).fetchone()
        return None if row is None else str(row[0])

    def has(self, entity: str, id_: str) -> bool:
        """Whether the object exists."""
        query = "SELECT 1 FROM objects WHERE entity = ? AND id = ?"
        return self._sql.execute(query, (entity, id_)).fetchone() is not None

    def put(self, entity: str, id_: str, body: str) -> None:
        """Create or replace one object."""
        self._sql.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (entity, id_, body))
        for follower in self.followers:
            follower.written(entity, id_, body)

    def page(self, entity: str, offset: int, limit: int) -> list[str]:
        """Objects in the order of their ids; a negative limit is none."""
        query = "SELECT body FROM objects WHERE entity = ? ORDER BY id LIMIT ? OFFSET ?"
        return [body for (body,) in self._sql.execute(query, (entity, limit, offset))]

    def part(self, entity: str, after: str | None, offset: int, limit: int) -> list[tuple[str, str]]:
        """Objects with their ids, in the order of these: those after an id (from the first on), and after so many."""
        query = "SELECT id, body FROM objects WHERE entity = ? AND id > ? ORDER BY id LIMIT ? OFFSET ?"
        return self._sql.execute(query, (entity, after or "", limit, offset)).fetchall()

    def bodies(self, entity: str) -> Iterator[str]:
        """All objects of an entity, one at a time."""
        for (body,) in self._sql.execute("SELECT body FROM objects WHERE entity = ?", (entity,)):
            yield body

    def objects(self, entity: str) -> Iterator[tuple[str, str]]:
        """All objects of an entity, one at a time, each with its id."""
        yield from self._sql.execute("SELECT id, body FROM objects WHERE entity = ?", (entity,))

    def counts(self) -> dict[str, int]:
        """Objects by entity."""
        return dict(self._sql.execute("SELECT entity, count(*) FROM objects GROUP BY entity"))

    def orphans(self, contract: Contract) -> int:
        """References that point to no object. Looked up afresh: a proof, not a counter."""
        total = 0
        for entity in contract.entities.values():
            for query, references in _orphan_queries(entity):
                total += self._sql.execute(query, (entity.name, references)).fetchone()[0]
        return total

    def log(self, request: Request) -> None:
        """Note one request that was answered."""
        noted = self._sql.execute(
            "INSERT INTO requests (time, verb, path, entity, id, status, ms, effect, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                request.time,
                request.verb,
                request.path,
                request.entity,
                request.id,
                request.status,
                request.ms,
                request.effect,
                request.reason,
            ),
        )

        number = noted.lastrowid
        assert number is not None
        if request.body:
            cut = request.body[:LONGEST_BODY]
            self._sql.execute("INSERT INTO bodies VALUES (?, ?, ?)", (number, cut, request.answer))
        for follower in self.followers:
            follower.logged(number, request)

    def log_lines(self, condition: str = "TRUE", *parameters: object) -> Iterator[tuple[int, Request]]:
        """The lines of the log that an SQL condition chooses (with its order and limit), without bodies."""
        query = f"SELECT number, {_LINE} FROM requests WHERE {condition}"  # noqa: S608 - never a user's words
        for number, *values in self._sql.execute(query, parameters):
            yield number, Request(*values)

    def log_count(self, condition: str, *parameters: object) -> int:
        """How many lines of the log an SQL condition chooses."""
        query = f"SELECT count(*) FROM requests WHERE {condition}"  # noqa: S608 - never a user's words
        return int(self._sql.execute(query, parameters).fetchone()[0])

    def body(self, number: int) -> tuple[bytes, str | None] | None:
        """What a request sent and, if it was refused, what it was answered."""
        row = self._sql.execute("SELECT body, answer FROM bodies WHERE number = ?", (number,)).fetchone()
        return None if row is None else (bytes(row[0]), row[1])

    def requests(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """The log in order, each line as the control route shows it."""
        columns = ("number", "time", "verb", "path", "entity", "id", "status", "ms")
        query = f"SELECT {', '.join(columns)} FROM requests ORDER BY number LIMIT ? OFFSET ?"  # noqa: S608
        return [dict(zip(columns, row, strict=True)) for row in self._sql.execute(query, (limit, offset))]

    def requests_by_status(self) -> dict[int, int]:
        """How many requests were answered with each status."""
        return dict(self._sql.execute("SELECT status, count(*) FROM requests GROUP BY status ORDER BY status"))

    def effects(self, effects: Iterable[str]) -> dict[str, int]:
        """How many requests had one of these effects, by entity."""
        wanted = tuple(effects)
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT entity, count(*) FROM requests WHERE effect IN ({marks}) GROUP BY entity"  # noqa: S608
        return dict(self._sql.execute(query, wanted))

    def refusals(self) -> list[dict[str, Any]]:
        """Refused requests by entity, status and reason, the most frequent first, with the first id seen."""
        columns = ("entity", "status", "reason", "count", "example_id")
        query = """
            SELECT refused.entity, refused.status, refused.reason, refused.total, example.id FROM (
                SELECT entity, status, reason, count(*) AS total, min(number) AS first,
                    min(CASE WHEN id IS NOT NULL THEN number END) AS named
                FROM requests WHERE status >= 400 GROUP BY entity, status, reason
            ) AS refused LEFT JOIN requests AS example ON example.number = refused.named
            ORDER BY refused.total DESC, refused.first
        """
        return [dict(zip(columns, row, strict=True)) for row in self._sql.execute(query)]


_ORPHANS = """
SELECT count(*) FROM (
    SELECT json_extract({holder}, '$."{field}"') AS target FROM {holders} WHERE objects.entity = ?
) WHERE target IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM objects AS parent WHERE parent.entity = ? AND parent.id = target)
"""


def _orphan_queries(entity: Entity) -> Iterator[tuple[str, str]]:
    """For each field that references, also in lines: the query that counts, and the entity referred to."""
    for outer in entity.fields.values():
        if outer.references:
            yield (
                _ORPHANS.format(holder="objects.body", field=outer.name, holders="objects"),
                outer.references,
            )
        lines = f"objects, json_each(objects.body, '$.\"{outer.name}\"') AS line"
        for inner in outer.fields.values():
            if inner.references:
                yield _ORPHANS.format(holder="line.value", field=inner.name, holders=lines), inner.references
