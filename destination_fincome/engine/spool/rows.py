"""One object as the engine knows it, and the form in which it is stored."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from destination_fincome.engine.arrivals import NO_TOKEN, Content, Entity, Token
from destination_fincome.mapping.results import Children, Version
from destination_fincome.outcomes import Reason


class Status(IntEnum):
    """Where an object's newest content is on its way. The transitions are in lifecycle.py."""

    ABSENT = 0  # others refer to it; nothing of it has arrived
    WAITING = 1  # it waits for parents
    READY = 2  # it can go
    SENDING = 3  # a worker has it
    OVERTAKEN = 4  # a worker has an older content of it
    LATER = 5  # passing trouble: it is tried again when `due`
    PARKED = 6  # it goes when all else has gone; what is set aside for its own trouble is tried again before, too
    SENT = 7
    REJECTED = 8
    SKIPPED = 9
    SETTLING = 10  # it is void, and taken out of the figures when all else has gone


class Presence(IntEnum):
    """What this sync knows of an object's existence in Fincome: that is what children wait for."""

    UNKNOWN = 0  # and nobody has asked
    WANTED = 1  # children wait for it
    ASKED = 2  # children wait for it, and Fincome was asked
    NOWHERE = 3  # children can't have it: Fincome doesn't, or it is not to be sent
    ASSUMED = 4  # nobody can tell: Fincome decides whether what refers to it is right
    THERE = 5
    CREATED = 6  # there, and by this sync


UNDER_WAY = frozenset((Status.SENDING, Status.OVERTAKEN))
HELD = frozenset((Status.WAITING, Status.READY, Status.LATER, Status.PARKED, Status.SETTLING))
PENDING = HELD | UNDER_WAY
ENDED = frozenset((Status.SENT, Status.REJECTED, Status.SKIPPED))
# What doesn't come by itself any more: children that wait for it need an answer from elsewhere.
BLOCKING = ENDED | {Status.ABSENT}
_THERE = frozenset((Presence.ASSUMED, Presence.THERE, Presence.CREATED))


class Row(Struct, array_like=True, gc=False):
    """One object (of a facet): its newest content, and how far that is.

    A row is a value: lifecycle.step makes a new one of it, and the spool keeps what step returned. Nobody else
    changes one. The fields that each new content sets come first (see arrivals.py).

    Attributes:
        facet: see Arrival.
        revision: grows with each content that replaces another, so that what belongs to an older one is told.
        token: where the outcome of the current content is booked.
        due: when it is tried again (monotonic seconds).
        since: when it was first wanted or asked for, or ended without being sent (monotonic seconds).
        reason: why it was skipped or rejected.
        children: what becomes of a skipped object's children.
        gives: what it has in Fincome, of what its children ask.
        parts: of a document: the ids of all parts that its newest version has; empty if nobody knows.
        version, digest, stream: of the newest content that arrived.
        content: what is to be sent; None once it has ended, and before it has arrived.
        followed: other records' outcome is that of the current content, too.
        attempts: how often it was sent and its parent was unknown.
        last_try: the next answer is believed, whatever it is.
        left_out: references (field, id) that it goes without: to break a cycle, or as they lead nowhere.
        given_up: what is left out leads nowhere, so it ends without; else it follows.
    """

    key: int
    entity: Entity
    id: str
    facet: int = 0
    status: Status = Status.ABSENT
    presence: Presence = Presence.UNKNOWN
    revision: int = 0
    due: float = 0.0
    since: float = 0.0
    version: Version = None
    token: Token = NO_TOKEN
    reason: Reason | None = None
    children: Children = "skip"
    gives: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    digest: int = 0
    stream: int = -1
    content: Content | None = None
    followed: bool = False
    attempts: int = 0
    last_try: bool = False
    left_out: tuple[tuple[str, str], ...] = ()
    given_up: bool = False

    @property
    def there(self) -> bool:
        """Whether it exists in Fincome, as far as this sync knows."""
        return self.presence in _THERE

    @property
    def is_void(self) -> bool:
        """Whether it is to be taken out of the figures."""
        return self.content is not None and self.content.settles


copy_of: Callable[[Row], Row] = Row.__copy__  # type: ignore[attr-defined]  # that Structs have one isn't in their stubs
"""Return a new row that is equal."""


# --- the stored form: columns for what the file is asked by, and the whole row

SCHEMA = """
  key INTEGER PRIMARY KEY, entity INTEGER NOT NULL, id TEXT NOT NULL, facet INTEGER NOT NULL, status INTEGER NOT NULL,
  presence INTEGER NOT NULL, revision INTEGER NOT NULL, since REAL NOT NULL, row BLOB NOT NULL"""
NAMES = ("key", "entity", "id", "facet", "status", "presence", "revision", "since", "row")
"""The columns of a table of rows."""

write: Callable[[Struct | tuple[str, str]], bytes] = Encoder().encode
"""Write a row, another Struct, or a pair as it stands in them, to be stored."""
load: Callable[[bytes], Row] = Decoder(Row).decode
load_content: Callable[[bytes], Content] = Decoder(Content).decode


def dump(row: Row) -> tuple[Any, ...]:
    """Return a row's values as they are stored, in the order of `NAMES`."""
    return (
        row.key, row.entity, row.id, row.facet, int(row.status), int(row.presence), row.revision, row.since, write(row),
    )  # fmt: skip
