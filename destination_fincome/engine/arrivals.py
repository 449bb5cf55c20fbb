"""The words that pass between the engine's parts.

What is made for every record is a named tuple: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from destination_fincome.fincome.client import Request
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.results import Children, Version, Warned
from destination_fincome.outcomes import Reason
from destination_fincome.reporting.business_checks import Facts

ITSELF = "id"
"""The field by which an enrichment refers to the object itself."""


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


class Arrival(NamedTuple):
    """One object of a record, mapped and validated.

    Exactly one of `body` (to be sent), `skip` (must not be sent) and `fault` (can't be sent) is set.

    Attributes:
        entity: index of the entity in the contract's order.
        digest: of the body (or of the skip's reason): equal digests are the same object.
        refs: references to other objects.
        complete: see fincome.client.Request.
        operation: see contract.WritePolicy.
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
    operation: WritePolicy = "upsert"
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
    request: Request
    look_up: bool = False
    detour: bool = False
    root: str | None = None
