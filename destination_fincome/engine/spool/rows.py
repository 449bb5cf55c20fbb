"""One object as the engine knows it, and the form in which it is stored."""

from __future__ import annotations

from enum import IntEnum

import orjson

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import NO_TOKEN, Ref, Token
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.results import Children, Version
from destination_fincome.outcomes import Reason


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


_STATUS = {int(status): status for status in Status}


class Row:
    """One object.

    Attributes:
        facet: see outcomes.Arrival.
        known: it exists in Fincome, as far as this sync knows.
        created: by this sync, which may change it from then on, also where it is only to be created.
        stream: the stream that brought the current payload.
        root: the topmost of the objects above it, as Fincome was told; None without one above.
        revision: grows with each payload that replaces another, so that what belongs to an older one is told.
        token: where the outcome of the current payload is booked.
        followed: other records' outcome is that of the current payload, too.
        blockers: how many parents it waits for.
        since: when it was first referred to, or ended without being delivered (monotonic seconds).
        looked: what could be found out about it as a parent was found out.
        awaited: stored objects wait for it, or have waited.
        reason: why it was skipped or rejected.
        children: of a skipped object, see drafts.Skip.
        detour: fields left out of the first sending, to break a cycle of references.
        weight: bytes of the body, as last counted by the spool.
    """

    __slots__ = (
        "_refs", "attempts", "awaited", "blockers", "body", "children", "complete", "created", "detour", "digest",
        "due", "entity", "facet", "followed", "id", "key", "known", "looked", "operation", "reason", "revision", "root",
        "since", "status", "stream", "token", "version", "weight",
    )  # fmt: skip

    def __init__(self, key: int, entity: int, identity: str, facet: int = 0) -> None:
        self.key = key
        self.entity = entity
        self.id = identity
        self.facet = facet
        self.status = Status.ABSENT
        self.known = False
        self.created = False
        self.operation: WritePolicy = "upsert"
        self.stream = -1
        self.root: str | None = None
        self.version: Version = None
        self.digest = b""
        self.body: bytes | None = None
        self._refs: tuple[Ref, ...] | bytes = ()
        self.complete = True
        self.revision = 0
        self.token: Token = NO_TOKEN
        self.followed = False
        self.blockers = 0
        self.attempts = 0
        self.due = 0.0
        self.since = 0.0
        self.looked = False
        self.awaited = False
        self.reason: Reason | None = None
        self.children: Children = "skip"
        self.detour: tuple[str, ...] = ()
        self.weight = 0

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The references of the current payload. Stored ones are read when they are asked for, which is rare."""
        if isinstance(self._refs, bytes):
            self._refs = load_refs(self._refs)
        return self._refs

    @refs.setter
    def refs(self, refs: tuple[Ref, ...]) -> None:
        self._refs = refs

    def stored(self) -> tuple[object, ...]:
        """Return the values of COLUMNS."""
        reason, refs = self.reason, self._refs
        return (
            self.key, self.entity, self.id, self.facet, int(self.status), self.known, self.version, self.digest,
            self.body, (refs if isinstance(refs, bytes) else dump_refs(refs)) if refs else None, self.complete,
            self.revision, self.token[0], self.token[1], self.followed, self.blockers, self.attempts, self.due,
            self.since, self.looked, self.awaited,
            orjson.dumps([reason.code, reason.text, reason.field]) if reason else None, self.children,
            orjson.dumps(self.detour) if self.detour else None, self.created, self.operation, self.root, self.stream,
        )  # fmt: skip

    @classmethod
    def load(cls, values: tuple[object, ...]) -> Row:
        """Make a row of the values of COLUMNS."""
        (key, entity, identity, facet, status, known, version, digest, body, refs, complete, revision, segment, group,
         followed, blockers, attempts, due, since, looked, awaited, reason, children, detour, created, operation,
         root, stream) = values  # fmt: skip
        row = cls(key, entity, identity, facet)  # type: ignore[arg-type]
        row.status = _STATUS[status]  # type: ignore[index]
        row.known, row.complete, row.followed = known == 1, complete == 1, followed == 1
        row.looked, row.awaited, row.created = looked == 1, awaited == 1, created == 1
        row.operation, row.root, row.stream = operation, root, stream  # type: ignore[assignment]
        row.version, row.digest, row.body = version, digest, body  # type: ignore[assignment]
        row._refs = refs or ()  # type: ignore[assignment]
        row.revision, row.token = revision, (segment, group)  # type: ignore[assignment]
        row.blockers, row.attempts, row.due, row.since = blockers, attempts, due, since  # type: ignore[assignment]
        row.reason = _reason(reason) if reason else None  # type: ignore[arg-type]
        row.children = children  # type: ignore[assignment]
        row.detour = tuple(orjson.loads(detour)) if detour else ()  # type: ignore[arg-type]
        return row


COLUMNS = (
    "key", "entity", "id", "facet", "status", "known", "version", "digest", "body", "refs", "complete", "revision",
    "segment", "grp", "followed", "blockers", "attempts", "due", "since", "looked", "awaited", "reason", "children",
    "detour", "created", "operation", "root", "stream",
)  # fmt: skip


def _reason(text: bytes) -> Reason:
    code, words, field = orjson.loads(text)
    return Reason(Code(code), words, field)


def dump_refs(refs: tuple[Ref, ...]) -> bytes:
    """Write references as they are stored."""
    return orjson.dumps([tuple(ref) for ref in refs])


def load_refs(text: bytes) -> tuple[Ref, ...]:
    """Read what `dump_refs` wrote."""
    return tuple(map(Ref._make, orjson.loads(text)))
