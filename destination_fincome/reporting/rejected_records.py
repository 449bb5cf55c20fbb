"""Where rejected records go, with the reason and the record itself: JSON lines in a place of the user's choice.

The records are customer data: they are written there because the user asked for it, and nowhere else.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

import orjson

from destination_fincome.codes import Code
from destination_fincome.reporting.storage import (
    OWN_NAMES,
    Place,
    SettingNames,
    StorageCredentials,
    Store,
    open_store,
    parse_place,
)

# How much is held in memory before it is written, even if no state waits for it.
PART_BYTES = 2 << 20
# How many lines a list of missing objects has in one file.
LISTED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """One rejected object, or a record that was rejected before it became any; or one sent without a reference.

    Attributes:
        id: of the object, as messages name it.
        entity: name of the Fincome entity.
        code, field, message: see `outcomes.Reason`.
        record: the source record's data as it came, JSON; None if it isn't known any more.
        version: which of two states of the object is the newer one, as a number; None if nobody knows.
    """

    stream: str
    id: str
    entity: str
    code: Code
    field: str | None
    message: str
    record: bytes | None = dataclasses.field(repr=False)
    version: float | None = None


class Missing(NamedTuple):
    """An object that a full refresh hasn't brought, though earlier ones had.

    Attributes:
        document: the id of the document that it is a part of.
        since: of the first refresh that hasn't, ISO 8601.
        what: what becomes of it, in words.
    """

    stream: str
    entity: str
    id: str
    document: str | None
    since: str
    what: str


class RejectedRecords:
    """The rejected records of one sync. Not for several threads.

    Each flush makes one more file, `rejected-<start of the sync>-<random id>-<number>.jsonl`: several syncs may write
    to the same place, also at the same time.
    """

    def __init__(
        self, place: Place, store: Store, part_bytes: int = PART_BYTES, origins: Mapping[str, bytes] | None = None
    ) -> None:
        self._origins = origins or {}
        self._place = place
        self._store = store
        self._part_bytes = part_bytes
        self._run = f"rejected-{_now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        self._parts = 0
        self._lists = 0
        self._pending = bytearray()
        self._pending_lines = 0
        self.stored = 0
        """How many lines are stored for good."""

    @classmethod
    def open(
        cls,
        url: str,
        credentials: StorageCredentials,
        names: SettingNames = OWN_NAMES,
        *,
        origins: Mapping[str, bytes] | None = None,
    ) -> RejectedRecords:
        """Make ready to write; nothing is written yet.

        Args:
            names: what the user's settings are called.
            origins: what it takes to map a stream's records again, by the stream's name, as JSON.

        Raises:
            ValueError: the URL names no place; in words for the user.
            ConnectorFailure: credentials are missing or refused.
        """
        place = parse_place(url, names)
        return cls(place, open_store(place, credentials), origins=origins)

    @property
    def location(self) -> str:
        """Where the files are, for messages: never with credentials."""
        return str(self._place)

    def add(self, rejection: Rejection) -> None:
        """Take a rejection, to be written by the next flush, or now when much is pending.

        Raises:
            ConnectorFailure: see `flush`.
        """
        self._pending += _line(rejection, self._origins.get(rejection.stream))
        self._pending_lines += 1
        if len(self._pending) >= self._part_bytes:
            self.flush()

    def flush(self) -> None:
        """Store what was added since the last flush; returns when it is stored for good.

        After a failure everything is still pending, and the next flush writes it under the same name.

        Raises:
            ConnectorFailure: it could not be stored: the sync must fail.
        """
        if not self._pending_lines:
            return
        self._store.put(f"{self._run}-{self._parts + 1:05}.jsonl", bytes(self._pending))
        self._parts += 1
        self.stored += self._pending_lines
        self._pending = bytearray()
        self._pending_lines = 0

    def keep_summary(self, document: bytes) -> None:
        """Store the summary of the sync beside the rejected records, as one file.

        Raises:
            ConnectorFailure: it could not be stored.
        """
        self._store.put(f"{self._run.replace('rejected', 'summary', 1)}.json", document)

    def keep_missing(self, missing: Iterable[Missing]) -> None:
        """Store a list of what a full refresh hasn't brought, in files `missing-….jsonl` beside the rejected records.

        Raises:
            ConnectorFailure: it could not be stored.
        """
        lines = (orjson.dumps(one._asdict(), option=orjson.OPT_APPEND_NEWLINE) for one in missing)
        while piece := b"".join(islice(lines, LISTED_AT_ONCE)):
            self._lists += 1
            self._store.put(f"{self._run.replace('rejected', 'missing', 1)}-{self._lists:05}.jsonl", piece)

    def prove_writable(self) -> None:
        """Write a file and remove it again, to see that the place can be written.

        Nothing is left behind, but an empty object where credentials may create objects and not remove them: syncs
        don't need that right, so that it is no failure (the log names the object).

        Raises:
            ConnectorFailure: it can't be written; in words for the user.
        """
        self._store.prove()


def _line(rejection: Rejection, origin: bytes | None) -> bytes:
    record = rejection.record
    if record is not None and (b"\n" in record or b"\r" in record):
        # Between tokens, where JSON has nothing but blanks, they mean the same; inside strings they can't be.
        record = record.replace(b"\n", b" ").replace(b"\r", b" ")
    document = {
        "stream": rejection.stream,
        "entity": rejection.entity,
        "id": rejection.id,
        "code": rejection.code,
        "field": rejection.field,
        "message": rejection.message,
        "time": f"{_now():%Y-%m-%dT%H:%M:%S.%f}Z",
        "version": rejection.version,
        "origin": None if origin is None else orjson.Fragment(origin),
        # Its own bytes: parsing and writing it again could change its numbers.
        "record": None if record is None else orjson.Fragment(record),
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _now() -> datetime:
    return datetime.now(UTC)


__all__ = ["RejectedRecords", "Rejection", "SettingNames", "StorageCredentials", "parse_place"]
