"""Which ids each stream brought in full refreshes, and since when which of them are missing.

Absence proves little: a stream of the same name may belong to another source, its mapping or its start date may have
changed. So ids are kept in sets: those of one stream under one mapping, of refreshes that had at least half of the ids
in common. What a refresh hasn't brought of its own set is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from destination_fincome.temporary_database import open_database, write_rows

DAY_SECONDS = 86_400
# Of a stream of one name, so many sets are kept, the latest ones.
MOST_SETS = 3
# Of a set, so much may be missing for the refresh to be believed.
MOST_MISSING = 0.05
# Of a set, so much must have been brought for the refresh to be one of the same source.
LEAST_IN_COMMON = 0.5
_MOST_KEPT = 10_000
_IDS_AT_ONCE = 2000
_CACHE_KIB = 2_048
_SCHEMA = """
CREATE TABLE sets(number INTEGER PRIMARY KEY, stream TEXT NOT NULL, mapping TEXT NOT NULL, refreshed INTEGER NOT NULL);
CREATE TABLE ids(number INTEGER NOT NULL, entity TEXT NOT NULL, document TEXT NOT NULL, id TEXT NOT NULL,
  since INTEGER NOT NULL, whole_since INTEGER NOT NULL, PRIMARY KEY(number, entity, document, id)) WITHOUT ROWID;
CREATE TABLE seen(entity TEXT NOT NULL, id TEXT NOT NULL, stream INTEGER NOT NULL, document TEXT,
  PRIMARY KEY(entity, id, stream)) WITHOUT ROWID;
CREATE TABLE broken_off(stream TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_INSERT = "INSERT INTO ids (number, entity, document, id, since, whole_since)"
_SEE = "INSERT INTO seen (entity, id, stream, document)"
_SEEN_AGAIN = (
    "ON CONFLICT DO UPDATE SET document = coalesce(nullif(excluded.document, ''), document, excluded.document)"
)
_COMPARE = """SELECT count(*), total(own), total(own IS NULL) FROM (
  SELECT (SELECT max(stream = ?) FROM seen WHERE seen.entity = ids.entity AND seen.id = ids.id) AS own
  FROM ids WHERE number = ? LIMIT -1)"""
_IS_KNOWN = "SELECT EXISTS (SELECT 1 FROM sets WHERE stream = ?)"
_SEEN = "EXISTS (SELECT 1 FROM seen WHERE seen.entity = ids.entity AND seen.id = ids.id)"


class Stream(NamedTuple):
    """A stream of the connection.

    Attributes:
        mapping: what its ids hang on: a digest of all that makes objects of its records.
        is_full_refresh: the source sends all that it has.
    """

    name: str
    mapping: str
    is_full_refresh: bool


class Absent(NamedTuple):
    """An id that a full refresh didn't bring.

    Attributes:
        document: the id of the document that it is a part of; empty if it is none.
        since: seconds since 1970 of the first full refresh that didn't bring it.
        whole_since: of the first such one that is known to have been whole; 0 if there was none.
    """

    entity: str
    document: str
    id: str
    since: int
    whole_since: int


class Held(NamedTuple):
    """A set that a full refresh is held against.

    Attributes:
        number: of the set; None: it is the first refresh of a new set.
        known: how many ids the set has.
        missing: how many of them this sync hasn't brought.
        common: how many of them this refresh has.
        is_another: sets of the stream are known, and it is none of theirs.
        is_resumed: the sync of the stream before this one was broken off, so that this one may have gone on from there.
    """

    number: int | None
    known: int = 0
    missing: int = 0
    common: int = 0
    is_another: bool = False
    is_resumed: bool = False


class Brought:
    """The sets, and what this sync brings.

    Args:
        streams: of the connection, by index.
        now: seconds since 1970.
    """

    def __init__(self, streams: Sequence[Stream], now: int) -> None:
        self._streams = streams
        self._now = now
        self._database = open_database(_SCHEMA, cache_kib=_CACHE_KIB)
        self._pending: list[tuple[str, str, int, str | None]] = []
        self._is_used = any(stream.is_full_refresh for stream in streams)

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    # --- what this sync brings

    def see(self, stream: int, entity: str, identity: str, document: str | None) -> None:
        """Note that a stream brings an object; `document`: see `Absent`, None if its record doesn't tell."""
        if self._is_used:
            self._pending.append((entity, identity, stream, document))
            if len(self._pending) >= _MOST_KEPT:
                self._flush()

    def _flush(self) -> None:
        # In the order of the table, so that it is written in one go.
        self._pending.sort(key=itemgetter(0, 1, 2))
        write_rows(self._database, _SEE, self._pending, _SEEN_AGAIN)
        self._pending.clear()

    def held_against(self, stream: int) -> Held:
        """Return which set a full refresh of a stream is one of: that with most of its ids."""
        self._flush()
        own, found = self._streams[stream], Held(None)
        numbers = self._numbers(own)
        brings = self._one("SELECT EXISTS (SELECT 1 FROM seen WHERE stream = ?)", (stream,))
        for number in numbers:
            known, common, missing = self._database.execute(_COMPARE, (stream, number)).fetchone()
            # What brings nothing at all is of no other source, if there is none.
            is_own = common >= LEAST_IN_COMMON * known if brings else len(numbers) == 1
            if known and is_own and known - missing >= found.known - found.missing:
                found = Held(number, known, int(missing), int(common))
        is_resumed = bool(self._one("SELECT EXISTS (SELECT 1 FROM broken_off WHERE stream = ?)", (own.name,)))
        is_another = found.number is None and brings and self._one(_IS_KNOWN, (own.name,))
        return found._replace(is_resumed=is_resumed, is_another=bool(is_another))

    def _numbers(self, stream: Stream) -> list[int]:
        query = "SELECT number FROM sets WHERE stream = ? AND mapping = ? ORDER BY number"
        return [number for (number,) in self._database.execute(query, (stream.name, stream.mapping))]

    def _one(self, query: str, values: Sequence[object]) -> Any:
        return self._database.execute(query, values).fetchone()[0]

    def counts(self, held: Held) -> list[tuple[str, int]]:
        """Return how many objects of each entity this sync hasn't brought of a set."""
        query = f"""SELECT entity, count(*) FROM ids WHERE number = ? AND NOT {_SEEN}
          GROUP BY entity ORDER BY entity"""  # noqa: S608
        return self._database.execute(query, (held.number,)).fetchall()

    def absent(self, held: Held, entity: str, limit: int = -1) -> list[Absent]:
        """Return what this sync hasn't brought of the objects of an entity, those first that are missing longest."""
        query = f"""SELECT entity, document, id, CASE since WHEN 0 THEN ? ELSE since END, whole_since
          FROM ids WHERE number = ? AND entity = ? AND NOT {_SEEN}
          ORDER BY since = 0, since, document, id LIMIT ?"""  # noqa: S608
        found = self._database.execute(query, (self._now, held.number, entity, limit))
        return list(map(Absent._make, found))

    # --- what this sync leaves

    def broke_off(self, streams: Iterable[int]) -> None:
        """Note that nobody knows whether the next sync of some streams begins at their beginning."""
        write_rows(self._database, "INSERT OR IGNORE INTO broken_off (stream)", self._names(streams))

    def doubt(self) -> None:
        """Take nothing for missing yet, and no next sync for whole: one was broken off that nobody knows of."""
        self._database.execute("INSERT OR IGNORE INTO broken_off SELECT stream FROM sets")
        self.broke_off(range(len(self._streams)))
        self._database.execute("UPDATE ids SET since = 0, whole_since = 0 WHERE since > 0")

    def came_whole(self, streams: Iterable[int]) -> None:
        """Note that all of some streams has come, so that their next sync begins at the beginning."""
        self._database.executemany("DELETE FROM broken_off WHERE stream = ?", self._names(streams))

    def _names(self, streams: Iterable[int]) -> list[tuple[str]]:
        return [(self._streams[stream].name,) for stream in streams]

    def seen_again(self) -> None:
        """Note of all that this sync has brought that it is missing no more."""
        self._flush()
        self._database.execute(f"UPDATE ids SET since = 0, whole_since = 0 WHERE since > 0 AND {_SEEN}")  # noqa: S608

    def refreshed(self, stream: int, held: Held, *, is_whole: bool) -> None:
        """Take in a full refresh that ended well; `is_whole`: it is known that all of the stream came."""
        self._flush()
        number, own = held.number, self._streams[stream]
        if number is None:
            if not self._one("SELECT EXISTS (SELECT 1 FROM seen WHERE stream = ?)", (stream,)):
                return
            number = self._one("SELECT ifnull(max(number), 0) + 1 FROM sets", ())
            self._database.execute("INSERT INTO sets VALUES (?, ?, ?, ?)", (number, own.name, own.mapping, self._now))
        self._database.execute("UPDATE sets SET refreshed = ? WHERE number = ?", (self._now, number))
        if held.missing:
            self._mark(number, is_whole=is_whole)
        if self._one("SELECT count(*) FROM seen WHERE stream = ?", (stream,)) != held.common:
            self._database.execute(
                "INSERT OR IGNORE INTO ids SELECT ?, entity, document, id, 0, 0 FROM seen "
                "WHERE stream = ? AND document IS NOT NULL",
                (number, stream),
            )
        self._drop_older(own.name)

    def _mark(self, number: int, *, is_whole: bool) -> None:
        """Note since when ids are missing."""
        for column in ("since", "whole_since") if is_whole else ("since",):
            mark = f"UPDATE ids SET {column} = ? WHERE number = ? AND {column} = 0 AND NOT {_SEEN}"  # noqa: S608
            self._database.execute(mark, (self._now, number))

    def _drop_older(self, name: str) -> None:
        query = "SELECT number FROM sets WHERE stream = ? ORDER BY refreshed DESC, number DESC LIMIT -1 OFFSET ?"
        for (number,) in self._database.execute(query, (name, MOST_SETS)).fetchall():
            for table in ("ids", "sets"):
                self._database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608

    def forget(self, held: Held, entity: str, identity: str) -> None:
        """Note that an id that was missing is settled."""
        query = "DELETE FROM ids WHERE number = ? AND entity = ? AND id = ?"
        self._database.execute(query, (held.number, entity, identity))

    # --- its form outside of a sync

    def lines(self) -> Iterator[bytes]:
        """Yield all of it, in lines of JSON."""
        broken_off = [name for (name,) in self._database.execute("SELECT stream FROM broken_off ORDER BY stream")]
        sets = self._database.execute("SELECT number, stream, mapping, refreshed FROM sets ORDER BY number").fetchall()
        if broken_off or sets:
            yield orjson.dumps([broken_off, sets])
        rows = self._database.execute(
            "SELECT number, entity, document, id, since, whole_since FROM ids ORDER BY number, entity, document, id"
        )
        for (number, entity), group in groupby(rows, itemgetter(0, 1)):
            while batch := [row for _, row in zip(range(_IDS_AT_ONCE), group, strict=False)]:
                yield orjson.dumps([number, entity, *_packed(batch)])

    def load(self, lines: Iterator[bytes]) -> None:
        """Take in what `lines` gave."""
        with suppress(StopIteration):
            broken_off, sets = orjson.loads(next(lines))
            write_rows(self._database, "INSERT INTO broken_off (stream)", [(name,) for name in broken_off])
            write_rows(self._database, "INSERT INTO sets (number, stream, mapping, refreshed)", sets)
            self._is_used = self._is_used or bool(sets)
        write_rows(self._database, _INSERT, _unpacked(lines))


_Row = tuple[int, str, str, str, int, int]


def _packed(rows: Sequence[_Row]) -> tuple[list[Any], dict[str, tuple[int, int]]]:
    """Return documents with their ids, and by their places the times since which ids are missing."""
    documents = [[document, [row[3] for row in group]] for document, group in groupby(rows, itemgetter(2))]
    return documents, {str(place): row[4:] for place, row in enumerate(rows) if row[4]}


def _unpacked(lines: Iterable[bytes]) -> Iterator[_Row]:
    for line in lines:
        number, entity, documents, times = orjson.loads(line)
        place = 0
        for document, ids in documents:
            for identity in ids:
                since, whole_since = times.get(str(place), (0, 0)) if times else (0, 0)
                yield number, entity, document, identity, since, whole_since
                place += 1
