"""What mapping makes of a record: the words between mapping and the sync."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.credits import Link
from destination_fincome.mapping.language.parents import DiscountedBy, OfParent

Version = int | float | None
"""When an object's state was true, comparable within one source: epoch seconds, a counter, or unknown."""


class Parts(NamedTuple):
    """What a document's record says of its parts.

    Attributes:
        entity: the contract's name of the parts' entity.
        ids: of all parts that the document has; None if the record has only some of them.
    """

    entity: str
    ids: tuple[str, ...] | None


class DraftVariant(NamedTuple):
    """What an object is instead, if another one that it refers to has a certain value.

    Attributes:
        of_parent: whose value.
        value: the certain value.
        changes: the fields that differ.
    """

    of_parent: OfParent
    value: str
    changes: dict[str, Any]


class Origin(Struct, frozen=True, gc=False):
    """The columns that an object was made of.

    Attributes:
        columns: those that each field reads; empty where they would tell the user nothing.
        record: the record, or the element of a list.
    """

    columns: Mapping[str, tuple[str, ...]]
    record: Mapping[str, Any]

    def of(self, field_name: str, problem: str) -> str:
        """Say of a field's fault which columns it comes from, what kind of value is there, and what reads it.

        Returns:
            What follows the problem in a message; nothing if nobody knows.
        """
        names = self.columns.get(field_name, ())
        if not names:
            return ""
        if len(names) > 1:
            return f" (columns {', '.join(names)})"
        value = self.record.get(names[0])
        return f" (column {names[0]}: {_kind_of(value)}{_what_reads(value, problem)})"


NO_ORIGIN = Origin({}, {})


_READERS = (
    ("is not a number", "number(column, ',') reads numbers as exports write them"),
    ("is not a date", "parse_time(column, '%d/%m/%Y') reads dates in other forms"),
)


def _what_reads(value: Any, problem: str) -> str:
    """Name the function that reads a text of digits which is in no form that programs write."""
    if not isinstance(value, str) or not any(map(str.isdigit, value)):
        return ""
    return next(
        (f"; {reader}" for start, reader in _READERS if problem == start or problem.startswith(f"{start} or")), ""
    )


def _kind_of(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


class Draft(Struct, frozen=True, gc=False):
    """An object to be sent, before its values are checked against the contract.

    Attributes:
        entity: the contract's name of the entity.
        values: the fields by name, `custom_properties` among them; None is absent.
        version: see Version; the newest version of an id wins.
        tie_first: of two equal versions the first seen is the newer one (docs/mapping.md, "Versions and ties").
        policy: see contract.WritePolicy; the same for all objects of one stream and entity.
        whole: it is all that the source knows of the object, so what it lacks the object lacks.
        asked: the fields whose values are those of others, and of which; until then they have the value in `values`.
        variants: see DraftVariant.
        merge: it is only a part: how its fields go together with those of other records; see merging.Merge.
        gives: what others may ask of it beside its fields, as JSON, by name.
        set_once: fields that only its creation takes.
        origin: the columns that it was made of, for messages.
        parts: of a document: what its record says of its parts; None if nothing.
        after: objects (entity, id) that must have gone before this one may change Fincome's figures.
        moved: of a document whose amount stands elsewhere now: it is settled.
    """

    entity: str
    values: dict[str, Any]
    version: Version
    tie_first: bool
    policy: WritePolicy = "upsert"
    whole: bool = False
    asked: tuple[tuple[str, OfParent | DiscountedBy], ...] = ()
    variants: tuple[DraftVariant, ...] = ()
    merge: Mapping[str, Callable[[Any, Any], Any]] | None = None
    gives: tuple[tuple[str, str], ...] = ()
    set_once: tuple[str, ...] = ()
    origin: Origin = NO_ORIGIN
    parts: Parts | None = None
    after: tuple[tuple[str, str], ...] = ()
    moved: bool = False


class Stub(Struct, frozen=True, gc=False):
    """What a record knows of another object: created only if that one is needed and exists nowhere."""

    entity: str
    values: dict[str, Any]


Children = Literal["skip", "lookup"]


@dataclass(frozen=True, slots=True)
class Skip:
    """An object that must not be sent: that is its newest state (a draft, a void document).

    Attributes:
        reason: the code; `text` says it in words.
        children: what becomes of objects that refer to it: `skip` them too (or leave the reference out, where it is
            optional), or `lookup`: they only need it to exist in Fincome.
        gone: the document never counts, also if Fincome has it already.
        lines: what the document's own list of lines holds, as far as it can be read.
        document: of a part of a document that is gone: the document's id.
        partless: of a document that is gone: it was never sent with parts that are objects of their own.
        merges: other records may bring parts of the same object.
    """

    entity: str
    id: Any
    version: Version
    tie_first: bool
    reason: Code
    text: str
    children: Children
    gone: bool = False
    lines: tuple[Any, ...] = ()
    document: Any = None
    merges: bool = False
    partless: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an object can't be made from a record; `problem` never quotes the record.

    Attributes:
        merges: other records may bring parts of the same object.
    """

    entity: str
    id: Any
    field: str
    code: Code
    problem: str
    merges: bool = False


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user should know about a record that is sent nevertheless."""

    code: Code
    text: str
    id: Any


class CreditKey(NamedTuple):
    """A credit that a record is: what Fincome has of it decides what the record becomes.

    Attributes:
        note, invoice: ids of its credit note and of its negative invoice.
        linked: other records may tell what it was applied to.
    """

    note: str
    invoice: str
    version: Version
    tie_first: bool
    linked: bool


class OtherId(NamedTuple):
    """Another id by which records name an object."""

    entity: str
    id: str
    of: str


class Mapped(Struct, gc=False):
    """All that one record becomes. Empty `objects` and `reason` set: the record itself is skipped.

    Attributes:
        credit: the record is a credit; `objects` are right if Fincome has nothing of it yet.
        links: what the record tells of other credits.
    """

    objects: list[Draft | Skip | Fault] = []
    stubs: list[Stub] = []
    warnings: list[Warned] = []
    other_ids: list[OtherId] = []
    reason: Code | None = None
    text: str | None = None
    credit: CreditKey | None = None
    links: list[Link] = []
