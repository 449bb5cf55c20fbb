"""What the reader hands over: records and states, and of each record the objects that it becomes.

What is made for every record is a Struct: a named tuple takes three times as long to make, a dataclass four times.
What the spool stores, too, is like an array, so that it is written without the names of its fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, NewType

from msgspec import Struct

from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.credits import Link
from destination_fincome.mapping.results import Children, CreditKey, Version, Warned
from destination_fincome.outcomes import Reason
from destination_fincome.reporting.facts import Facts

Entity = NewType("Entity", int)
"""One of the contract's entities, by its place in the contract's order: parents come before their children."""

ITSELF = "id"
"""The field by which an enrichment refers to the object itself."""

AFTER = "after"
"""Stands for a field in references to what must have gone before: the credit notes that hold a document's amount."""


class Ref(Struct, frozen=True, array_like=True, gc=False):
    """A reference to a parent.

    Attributes:
        field: the field that holds it; `lines.invoice_line_id` for one in a list.
        entity: the parent's entity.
        id: the parent's id.
        required: it can't be left out.
        watched: this sync brings the parent's entity, so the object waits for it.
        asked: the object needs a value of the parent, so it waits for it in any case.
    """

    field: str
    entity: Entity
    id: str
    required: bool
    watched: bool = True
    asked: bool = False


Gives = tuple[tuple[str, str], ...]
"""Values that an object gives to those that refer to it, by field."""


class Less(Struct, frozen=True, array_like=True, gc=False):
    """A price that a parent's discounts lower: see mapping.language.parents.DiscountedBy. Numbers are text."""

    price: str
    rate: str | None
    digits: int
    currency: str | None


class Fill(Struct, frozen=True, array_like=True, gc=False):
    """A field that a parent's value fills when the object goes.

    Attributes:
        field: the object's field.
        reference: the field of the reference that names the parent.
        of_parent: the parent's field whose value it takes. Without one, the field keeps what it came with.
        required: without a value, the object can't go.
        less: the parent's value is a list of discounts on this price, as JSON; without a value it stays as it came.
    """

    field: str
    reference: str
    of_parent: str
    required: bool = False
    less: Less | None = None


class Variant(Struct, frozen=True, array_like=True, gc=False):
    """Another body, which goes if a parent has a certain value.

    Attributes:
        reference: the field of the reference that names the parent.
        of_parent: the parent's field.
        value: the certain value.
        body: in the place of the content's own.
    """

    reference: str
    of_parent: str
    value: str
    body: bytes


class Content(Struct, frozen=True, array_like=True, gc=False):
    """What is to be sent of an object.

    Attributes:
        body: its fields, as JSON.
        refs: its references to other objects.
        complete: see fincome.client.Request.
        policy: what may become of the object in Fincome.
        fills: fields that depend on its parents.
        gives: what its children may ask of it.
        settles: it takes a document that is void out of the figures. It changes what is there, goes when all else has
            gone, and ends as settled.
        variants: see Variant.
        once: fields that only the creation of the object takes.
        partless: what it settles is a document that was sent without parts, whose own figures are all there are.
        moved: it settles a document whose amount stands in others now; they have gone before.
        changes_only: see fincome.client.Request.
        emptied: fields, and attributes as `custom_properties.x`, that the source has no value for and that aren't sent:
            they are cleared if it is known that an earlier sync sent them.
        stands_for: it is no object, but another id of the one that it refers to: nothing is sent.
    """

    body: bytes
    refs: tuple[Ref, ...] = ()
    complete: bool = True
    policy: WritePolicy = "upsert"
    fills: tuple[Fill, ...] = ()
    gives: Gives = ()
    settles: bool = False
    variants: tuple[Variant, ...] = ()
    moved: bool = False
    stands_for: bool = False
    once: tuple[str, ...] = ()
    changes_only: bool = False
    emptied: tuple[str, ...] = ()
    partless: bool = False

    @property
    def asks(self) -> bool:
        """Whether values of parents are needed to know what goes."""
        return bool(self.variants) or any(fill.field != fill.reference for fill in self.fills)


class Arrival(Struct, frozen=True, gc=False):
    """One object of a record, mapped and validated.

    Exactly one of `content` (to be sent), `skip` (must not be sent) and `fault` (can't be sent) is set; of what is to
    be settled, `skip` says why.

    Attributes:
        facet: 0 for the object itself; for an enrichment (update_only), the number of its stream, from 1 on. Each
            facet has versions and an end of its own, and changes nothing but its own fields.
        version: when this was the object's state; None if nobody knows.
        tie_first: of two equal versions the first is the newer one, and not the last.
        digest: of the body (or of the skip's reason): equal digests are the same object. Good for this process only.
        stream: index of the stream that brings it.
        facts: its money and dates, for the business checks and the control totals.
        parts: of a document: the ids of all parts that it has; empty if nobody knows.
        children: what becomes of a skipped object's children.
        is_part: it is one of several rows that become one object, which comes later and ends the record.
    """

    entity: Entity
    id: str
    facet: int = 0
    version: Version = None
    tie_first: bool = False
    digest: int = 0
    stream: int = -1
    content: Content | None = None
    facts: Facts = None
    parts: tuple[str, ...] = ()
    skip: Reason | None = None
    children: Children = "skip"
    fault: Reason | None = None
    is_part: bool = False


class StubArrival(Struct, frozen=True, gc=False):
    """An object known from its children only, ready to be created if it is needed and exists nowhere.

    Attributes:
        says: how much it says: of several, the one that says most counts.
    """

    entity: Entity
    id: str
    content: Content
    says: int = 0


class CreditArrival(Struct, frozen=True, gc=False):
    """A record that is a credit: its objects are made when it is known what Fincome has of it.

    Attributes:
        key: what its objects are called.
        stream: index of the stream that brings it.
        line: the message as it came.
        number: of its line in the input.
    """

    key: CreditKey
    stream: int
    line: bytes
    number: int


class OtherIdArrival(Struct, frozen=True, gc=False):
    """Another id by which records name an object."""

    entity: Entity
    id: str
    content: Content


class ArrivedRecord(Struct, gc=False):
    """One record: all objects it becomes. Without objects it is skipped for `reason`.

    Attributes:
        content: the line that it came in, where rejected records are to be kept.
        links: what it tells of other credits.
        credit: the record is a credit; its objects are still to be made.
    """

    stream: int
    objects: list[Arrival] = []
    stubs: list[StubArrival] = []
    warnings: list[Warned] = []
    reason: Reason | None = None
    content: bytes | None = None
    other_ids: list[OtherIdArrival] = []
    links: list[Link] = []
    credit: CreditArrival | None = None


class ArrivedState(Struct, frozen=True, gc=False):
    """One state.

    Attributes:
        message: as it came.
        stream: index of the stream whose records it counts; None for all.
        awaits_all: it waits for the records of all streams, whichever it counts.
    """

    message: dict[str, Any]
    stream: int | None
    awaits_all: bool = False


class ArrivedMerged(Struct, frozen=True, gc=False):
    """An object of several records: all that brought a part of it end with it.

    Attributes:
        facet: as its parts had it.
    """

    arrival: Arrival
    facet: int


class HeldByReader(NamedTuple):
    """How many bytes wait with the reader for the end of the input.

    Attributes:
        merged: of objects that are merged of several rows.
        completed: of records that are completed with rows of other streams, and of those rows.
    """

    merged: int = 0
    completed: int = 0

    def told(self) -> Iterator[str]:
        """Say of each what it waits for."""
        if self.merged:
            yield f"{_megabytes(self.merged)} of rows, until all rows of their objects have come (`merge`)"
        if self.completed:
            yield f"{_megabytes(self.completed)} of records, until the rows that complete them have come"


def _megabytes(size: int) -> str:
    return f"{max(1, size >> 20)} MB"


class EndOfInput(Struct, frozen=True):
    """The input ended; `failure` is why reading stopped early."""

    failure: BaseException | None = None


Token = tuple[int, int]
"""Where an object's outcome is booked: its record's segment in the ledger, and its record's group (0: alone)."""

NO_TOKEN: Token = (0, 0)
"""Of objects that no record of this sync answers for: stubs, and what was booked already."""

COMPLETION: Token = (0, -1)
"""Of an object that was sent without a reference, and is completed: its records have ended."""
