"""One object as the engine knows it, and the form in which it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from operator import attrgetter
from typing import Any, NamedTuple

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


@dataclass(slots=True)
class Row:
    """One object (of a facet): its newest content, and how far that is.

    A row is a value: lifecycle.step makes a new one of it, and the spool keeps what step returned. Nobody else
    changes one.

    Attributes:
        facet: see Arrival.
        revision: grows with each content that replaces another, so that what belongs to an older one is told.
        token: where the outcome of the current content is booked.
        followed: other records' outcome is that of the current content, too.
        attempts: how often it was sent and its parent was unknown.
        last_try: the next answer is believed, whatever it is.
        due: when it is tried again (monotonic seconds).
        since: when it was first wanted or asked for, or ended without being sent (monotonic seconds).
        left_out: references (field, id) that it goes without: to break a cycle, or as they lead nowhere.
        given_up: what is left out leads nowhere, so it ends without; else it follows.
        reason: why it was skipped or rejected.
        children: what becomes of a skipped object's children.
        gives: what it has in Fincome, of what its children ask.
        parts: of a document: the ids of all parts that its newest version has; empty if nobody knows.
        version, digest, stream: of the newest content that arrived.
        content: what is to be sent; None once it has ended, and before it has arrived.
    """

    key: int
    entity: Entity
    id: str
    facet: int = 0
    status: Status = Status.ABSENT
    presence: Presence = Presence.UNKNOWN
    revision: int = 0
    token: Token = NO_TOKEN
    followed: bool = False
    attempts: int = 0
    last_try: bool = False
    due: float = 0.0
    since: float = 0.0
    left_out: tuple[tuple[str, str], ...] = ()
    given_up: bool = False
    reason: Reason | None = None
    children: Children = "skip"
    gives: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    version: Version = None
    digest: int = 0
    stream: int = -1
    content: Content | None = None

    @property
    def there(self) -> bool:
        """Whether it exists in Fincome, as far as this sync knows."""
        return self.presence >= Presence.ASSUMED

    @property
    def is_void(self) -> bool:
        """Whether it is to be taken out of the figures."""
        return self.content is not None and self.content.settles


NAMES = tuple(field.name for field in fields(Row))
_VALUES: Callable[[Row], tuple[Any, ...]] = attrgetter(*NAMES)


def copy_of(row: Row) -> Row:
    """Return a new row that is equal: five times as fast as dataclasses.replace."""
    return Row(*_VALUES(row))


# --- the stored form: a column for each field


class _Form(NamedTuple):
    """How the values of one type are stored, if not as they are; what is empty is stored as `empty`."""

    sql: str
    dump: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None
    empty: int | None = None


def dump_content(content: Content) -> bytes:
    """Write what is said of the body, in one line, and then the body. Most contents have no more than references."""
    body, refs, *others = content
    about: tuple[Any, ...] = ([tuple(ref) for ref in refs],)
    if others != _USUAL:
        fills = [_dump_fill(fill) for fill in content.fills]
        variants = [(*variant[:3], variant.body.decode()) for variant in content.variants]
        about += content._replace(fills=fills, variants=variants)[2:]  # type: ignore[arg-type]  # as JSON has them
    return orjson.dumps(about) + b"\n" + body


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
_USUAL = list(Content(b""))[2:]


def _dump_fill(fill: Fill) -> tuple[Any, ...]:
    return (*fill[:4], tuple(fill.less) if fill.less else None)


def _load_fill(stored: list[Any]) -> Fill:
    field, reference, of_parent, required, less = stored
    return Fill(field, reference, of_parent, required, Less(*less) if less else None)


def _dump_reason(reason: Reason) -> bytes:
    return orjson.dumps((reason.code, reason.text, reason.field, reason.about, reason.of_form, reason.whole))


def _load_reason(stored: bytes) -> Reason:
    code, *others = orjson.loads(stored)
    return Reason(Code(code), *others)


def _load_tuple(stored: bytes) -> tuple[Any, ...]:
    return tuple(orjson.loads(stored))


def _load_pairs(stored: bytes) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in orjson.loads(stored))


_FORMS: Mapping[str, _Form] = {
    "int": _Form("INTEGER NOT NULL"),
    "Entity": _Form("INTEGER NOT NULL"),
    "float": _Form("REAL NOT NULL"),
    "str": _Form("TEXT NOT NULL"),
    "Children": _Form("TEXT NOT NULL"),
    "Version": _Form(""),
    "bool": _Form("INTEGER NOT NULL", int, bool, empty=0),
    "Status": _Form("INTEGER NOT NULL", int, tuple(Status).__getitem__, empty=0),
    "Presence": _Form("INTEGER NOT NULL", int, tuple(Presence).__getitem__, empty=0),
    "Token": _Form("BLOB", orjson.dumps, _load_tuple),
    "tuple[tuple[str, str], ...]": _Form("BLOB", orjson.dumps, _load_pairs),
    "tuple[str, ...]": _Form("BLOB", orjson.dumps, _load_tuple),
    "Reason | None": _Form("BLOB", _dump_reason, _load_reason),
    "Content | None": _Form("BLOB", dump_content, load_content),
}
_FIELDS = fields(Row)
_DUMPS = [(i, form.dump, form.empty) for i, one in enumerate(_FIELDS) if (form := _FORMS[str(one.type)]).dump]
_LOADS = [(i, form.load, one.default) for i, one in enumerate(_FIELDS) if (form := _FORMS[str(one.type)]).load]
SCHEMA = ", ".join(
    f"{one.name} {'INTEGER PRIMARY KEY' if one.name == 'key' else _FORMS[str(one.type)].sql}" for one in _FIELDS
)
"""The columns of a table of rows, in the order of `NAMES`."""


def dump(row: Row) -> list[Any]:
    """Return a row's values as they are stored, in the order of `NAMES`."""
    values = list(_VALUES(row))
    for i, write, empty in _DUMPS:
        values[i] = write(values[i]) if values[i] else empty
    return values


def load(stored: Sequence[Any]) -> Row:
    """Make a row of what `dump` wrote."""
    values = list(stored)
    for i, read, empty in _LOADS:
        values[i] = read(values[i]) if values[i] else empty
    return Row(*values)
