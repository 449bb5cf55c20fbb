"""The closed set of what becomes of a record, and the words that pass between the engine's parts.

What is made for every record is a named tuple: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from destination_fincome.fincome.client import Parcel
from destination_fincome.mapping.drafts import Children, Operation, Version, Warned


class Outcome(IntEnum):
    """How a record or an object ended. Of a record with several objects, the greatest is its outcome."""

    SKIPPED = 0
    UNCHANGED = 1
    SENT = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was skipped or rejected: a stable code, the field if one is at fault, and words without values."""

    code: str
    text: str
    field: str | None = None


ITSELF = "id"
"""The field by which an enrichment refers to the object itself."""

SUPERSEDED = Reason("superseded", "another version of the same id in this sync is newer")
ALREADY_EXISTS = Reason("already_exists", "it exists in Fincome already, and is only to be created (create_only)")


class Ref(NamedTuple):
    """A reference to a parent.

    Attributes:
        field: the field that holds it; `lines.invoice_line_id` for one in a list.
        entity: index of the parent's entity.
        id: the parent's id.
        required: it can't be left out.
        watched: this sync brings the parent's entity, so the gate waits for it.
    """

    field: str
    entity: int
    id: str
    required: bool
    watched: bool = True


class InvoiceFacts(NamedTuple):
    """What the business checks need of an invoice.

    Attributes:
        amount: in ten-thousandths of a unit; None if it is unknown or beyond all sense.
    """

    id: str
    amount: int | None
    currency: str | None


class LineFacts(NamedTuple):
    """What the business checks need of an invoice line.

    Attributes:
        amount: as of InvoiceFacts, without tax and after discounts.
        starts, ends: its period, as date-times that compare as text.
    """

    id: str
    invoice: str | None
    subscription: str | None
    price: str | None
    recurring: bool
    amount: int | None
    currency: str | None
    starts: str | None
    ends: str | None


Facts = InvoiceFacts | LineFacts


class Arrival(NamedTuple):
    """One object of a record, mapped and validated.

    Exactly one of `body` (to be sent), `skip` (must not be sent) and `fault` (can't be sent) is set.

    Attributes:
        entity: index of the entity in the contract's order.
        digest: of the body (or of the skip's reason): equal digests are the same object.
        refs: references to other objects.
        complete: see fincome.client.Parcel.
        operation: see drafts.Operation.
        facet: 0 for the object itself; for an enrichment (update_only), the number of its stream, from 1 on. Each
            facet has versions and an end of its own, and changes nothing but its own fields.
        stream: index of the stream that brings it.
        facts: what the business checks need of it.
    """

    entity: int
    id: str
    version: Version = None
    tie_first: bool = False
    digest: bytes = b""
    body: bytes | None = None
    refs: tuple[Ref, ...] = ()
    complete: bool = True
    skip: Reason | None = None
    children: Children = "skip"
    fault: Reason | None = None
    operation: Operation = "upsert"
    facet: int = 0
    stream: int = -1
    facts: Facts | None = None


class StubArrival(NamedTuple):
    """An object known from its children only, ready to be created if it is needed and exists nowhere."""

    entity: int
    id: str
    body: bytes
    refs: tuple[Ref, ...]


@dataclass(slots=True)
class ArrivedRecord:
    """One record: all objects it becomes. Without objects it is skipped for `reason`.

    Attributes:
        content: the record's data as JSON, where rejected records are to be kept.
    """

    stream: int
    objects: list[Arrival] = field(default_factory=list)
    stubs: list[StubArrival] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    reason: Reason | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class ArrivedState:
    """One state: its message as it came, and the streams (indexes) it covers; None for all."""

    message: dict[str, Any]
    stream: int | None


@dataclass(frozen=True, slots=True)
class EndOfInput:
    """The input ended; `failure` is why reading stopped early."""

    failure: BaseException | None = None


Token = tuple[int, int]
"""Where an object's outcome is booked: its record's segment in the ledger, and its record's group (0: alone)."""

NO_TOKEN: Token = (0, 0)
"""Of objects that no record of this sync answers for: stubs, and what was booked already."""


class Flight(NamedTuple):
    """What a worker is given: an object to deliver, or (without a body) one to look up.

    Attributes:
        detour: a part of it is left out, and follows.
        root: what it says is the topmost of the objects above it.
    """

    key: int
    revision: int
    token: Token
    parcel: Parcel
    look_up: bool = False
    detour: bool = False
    root: str | None = None
