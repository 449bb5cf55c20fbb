"""One object as the engine knows it, and the form in which it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from operator import attrgetter
from typing import Any

import orjson

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import NO_TOKEN, Content, Entity, Fill, Less, Ref, Token, Variant
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


@dataclass(slots=True)
class Row:
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


_VALUES: Callable[[Row], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Row)))


def copy_of(row: Row) -> Row:
    """Return a new row that is equal: five times as fast as dataclasses.replace."""
    return Row(*_VALUES(row))


# --- the stored form: columns for what the file is asked by, and for all else one, as JSON


def dump_content(content: Content) -> bytes:
    """Write what is said of the body, in one line, and then the body. Most contents have no more than references."""
    about: tuple[Any, ...] = ([tuple(ref) for ref in content.refs],)
    if content[2:] != _USUAL:
        fills = [_dump_fill(fill) for fill in content.fills]
        variants = [(*variant[:3], variant.body.decode()) for variant in content.variants]
        about += content._replace(fills=fills, variants=variants)[2:]  # type: ignore[arg-type]  # as JSON has them
    return orjson.dumps(about) + b"\n" + content.body


def load_content(stored: bytes) -> Content:
    """Read what `dump_content` wrote."""
    about, _, body = stored.partition(b"\n")
    listed, *others = orjson.loads(about)
    refs = tuple([Ref(*ref) for ref in listed])
    if not others:
        return Content(body, refs)
    told = dict(zip(_OTHERS, others, strict=True))
    told["fills"] = tuple(map(_load_fill, told["fills"]))
    told["gives"] = tuple((name, value) for name, value in told["gives"])
    told["variants"] = tuple(
        Variant(ref, field, value, other.encode()) for ref, field, value, other in told["variants"]
    )
    told["once"], told["emptied"] = tuple(told["once"]), tuple(told["emptied"])
    return Content(body, refs, **told)


_OTHERS = Content._fields[2:]
_USUAL = Content(b"")[2:]


def _dump_fill(fill: Fill) -> tuple[Any, ...]:
    return (*fill[:4], tuple(fill.less) if fill.less else None)


def _load_fill(stored: list[Any]) -> Fill:
    field, reference, of_parent, required, less = stored
    return Fill(field, reference, of_parent, required, Less(*less) if less else None)


_COLUMNS = {
    "key": "INTEGER PRIMARY KEY",
    "entity": "INTEGER NOT NULL",
    "id": "TEXT NOT NULL",
    "facet": "INTEGER NOT NULL",
    "status": "INTEGER NOT NULL",
    "presence": "INTEGER NOT NULL",
    "revision": "INTEGER NOT NULL",
    # Numbers that JSON may not have: infinite ones.
    "due": "REAL NOT NULL",
    "since": "REAL NOT NULL",
    "version": "",
}
_FIELDS = {one.name: one for one in fields(Row) if one.name not in _COLUMNS and one.name != "content"}
_CONTENT = [one.name for one in fields(Row) if one.name not in _COLUMNS].index("content")
_FIELDS_OF: Callable[[Row], tuple[Any, ...]] = attrgetter(*_FIELDS)
_DEFAULTS: tuple[Any, ...] = tuple(one.default for one in _FIELDS.values())
NAMES = (*_COLUMNS, "others", "content")
"""The columns of a table of rows. One holds most fields: what is bound to a statement costs more than JSON."""

SCHEMA = ", ".join(f"{name} {form}" for name, form in _COLUMNS.items()) + ", others BLOB, content BLOB"


def dump(row: Row) -> tuple[Any, ...]:
    """Return a row's values as they are stored, in the order of `NAMES`."""
    others, content = _FIELDS_OF(row), row.content
    return (
        row.key,
        row.entity,
        row.id,
        row.facet,
        int(row.status),
        int(row.presence),
        row.revision,
        row.due,
        row.since,
        row.version,
        None if others == _DEFAULTS else orjson.dumps(others, _dump_reason, orjson.OPT_PASSTHROUGH_DATACLASS),
        None if content is None else dump_content(content),
    )


def _dump_reason(reason: Reason) -> tuple[Any, ...]:
    return (reason.code, reason.text, reason.field, reason.about, reason.of_form, reason.whole)


def load(stored: Sequence[Any]) -> Row:
    """Make a row of what `dump` wrote."""
    key, entity, identity, facet, status, presence, revision, due, since, version, others, content = stored
    values: list[Any] = list(_DEFAULTS)
    if others is not None:
        values = orjson.loads(others)
        for place, read, empty in _READS:
            values[place] = read(values[place]) if values[place] else empty
    values.insert(_CONTENT, None if content is None else load_content(content))
    named = (key, entity, identity, facet, _STATUSES[status], _PRESENCES[presence], revision, due, since, version)
    return Row(*named, *values)


def _load_reason(stored: list[Any]) -> Reason:
    code, *others = stored
    return Reason(Code(code), *others)


def _load_pairs(stored: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in stored)


_STATUSES, _PRESENCES = tuple(Status), tuple(Presence)
# What JSON has in another form.
_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "Token": tuple,
    "tuple[tuple[str, str], ...]": _load_pairs,
    "tuple[str, ...]": tuple,
    "Reason | None": _load_reason,
}
_READS = [
    (place, read, one.default)
    for place, one in enumerate(_FIELDS.values())
    if (read := _FORMS.get(str(one.type))) is not None
]
