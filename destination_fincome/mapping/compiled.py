"""What rules become: functions of a record, and what is known of them. stream_compiler.py makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.compiler import Evaluate
from destination_fincome.mapping.language.parents import OfParent
from destination_fincome.mapping.merging import Merge
from destination_fincome.mapping.results import Children

SAME_NAMES = "same_names"
CUSTOM_PROPERTIES = "custom_properties"
# What an element of a list sees besides its own columns: the whole record, and its position, from 0.
RECORD, INDEX = "_record", "_index"


class FieldFault(Exception):
    """A field that can't be computed."""

    def __init__(self, field: str, fault: ValueFault) -> None:
        super().__init__(field)
        self.field = field
        self.fault = fault


@dataclass(frozen=True)
class CompiledField:
    """A field and the function that computes it from the scope."""

    name: str
    evaluate: Evaluate


@dataclass(frozen=True)
class CompiledFields:
    """An object's fields: all in one function for speed, and one by one to find out which of them is at fault.

    Attributes:
        id: returns the object's id.
        all: returns the object, without the fields that are empty and not to be kept.
        kept: those that it has also if they are empty; None: all.
    """

    id: Evaluate
    all: Evaluate
    single: tuple[CompiledField, ...]
    kept: frozenset[str] | None = None


@dataclass(frozen=True)
class CompiledLet:
    """Values that are used several times, which expressions see beside what they are computed from.

    Attributes:
        all: returns a copy of a scope with all of them.
        single: computes each, in their order, to find out which of them is at fault.
    """

    all: Evaluate
    single: tuple[CompiledField, ...]


@dataclass(frozen=True)
class CompiledSkip:
    """What a skip rule says, once it holds."""

    reason: Code
    text: str
    children: Children
    stub: bool
    gone: bool
    settles: bool = False


@dataclass(frozen=True)
class CompiledSkips:
    """Skip rules in their order, compiled.

    Attributes:
        first: returns the position of the first that holds; None if none does.
    """

    rules: tuple[CompiledSkip, ...]
    first: Evaluate


@dataclass(frozen=True)
class CompiledStub:
    """A stub rule, compiled.

    Attributes:
        when: the condition of a rule with a list; whether an element makes a stub, its record tells.
        values: returns the fields; None where the condition of a rule without a list doesn't hold.
    """

    entity: str
    when: Evaluate | None
    for_each: Evaluate | None
    values: Evaluate


@dataclass(frozen=True)
class CompiledVariant:
    """A variant, compiled."""

    of_parent: OfParent
    value: str
    when: Evaluate | None
    fields: tuple[CompiledField, ...]


@dataclass(frozen=True)
class DefaultCurrency:
    """The currency of objects that name none: `field` becomes `code` if any of the amounts is set."""

    field: str
    code: str
    amounts: tuple[str, ...]


@dataclass(frozen=True)
class CompiledEmission:
    """An emission, compiled.

    Attributes:
        used: the columns that it reads.
        needed_by: for each helper (`let`), the field to blame for its faults: one that needs it, or a column it reads.
        countries: the fields that hold one.
        default_currency: for objects with an amount and no currency.
        clears: the fields that an empty value clears; None: empty values are left out by whoever checks them.
        whole: its objects are all that the source knows of them.
        strict: what one lacks, it lacks (see results.Draft). A row of a table in Fincome's own shape may be empty where
            Fincome has a value.
        part_of: the entity of the documents that its objects are parts of; None of what is no part.
        document_field: the field that names the document of a part which is a record of its own; None of others.
        complete: see preset.Emission.
        gives: what others may ask of its objects, beside their fields.
        asking: the fields that may take another object's value.
        asks: what it may ask of other objects.
        variants: see preset.VariantRule.
        never_gives: the fields without which no object can be created, and that none of its objects will have.
        merge: how the parts that several records bring become one object; None of an object that one record brings.
        merged_skips: see preset.Emission.
        needs_all_rows: see StreamMapper.
        set_once: fields that only the creation of an object takes.
        columns: of a mapping of the user's own: the columns that each field reads, for messages.
    """

    entity: str
    operation: WritePolicy
    when: Evaluate | None
    for_each: Evaluate | None
    let: CompiledLet | None
    version: Evaluate | None
    fields: CompiledFields
    properties: Evaluate | None
    keep_unmapped: bool
    skips: CompiledSkips | None
    stubs: tuple[CompiledStub, ...]
    used: frozenset[str]
    needed_by: Mapping[str, str]
    countries: tuple[str, ...] = ()
    default_currency: DefaultCurrency | None = None
    clears: frozenset[str] | None = None
    whole: bool = False
    strict: bool = False
    part_of: str | None = None
    document_field: str | None = None
    complete: Evaluate | None = None
    gives: tuple[CompiledField, ...] = ()
    asking: tuple[str, ...] = ()
    asks: tuple[OfParent, ...] = ()
    variants: tuple[CompiledVariant, ...] = ()
    never_gives: tuple[str, ...] = ()
    merge: Merge | None = None
    merged_skips: CompiledSkips | None = None
    needs_all_rows: tuple[str, ...] = ()
    set_once: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class CompiledWarning:
    """A warning, compiled."""

    when: Evaluate
    code: Code
    text: str


@dataclass(frozen=True)
class CompiledOtherId:
    """A rule of another id, compiled."""

    entity: str
    id: Evaluate
    of: Evaluate


@dataclass(frozen=True)
class CompiledJoin:
    """A join, compiled: see preset.JoinRule."""

    name: str
    stream: str
    of: Evaluate
    by: str
    every: bool
    unique: Evaluate | None
    order: str | None
    when: Evaluate | None
    whole: bool


class Readable(dict[str, Any]):
    """An object's attributes without those that can't be read.

    Attributes:
        faults: why others can't be, by name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, ValueFault] = {}


def elements(
    each: Callable[[Any], Any], scope: Mapping[str, Any], record: Mapping[str, Any], *, strict: bool = False
) -> list[dict[str, Any]]:
    """Return the objects in a list of the record, each with the record and its position added.

    Args:
        strict: what is neither empty nor a list of objects is a fault; otherwise it is nothing.

    Raises:
        ValueFault: see strict; or the list can't be computed.
    """
    found = each(scope)
    if not isinstance(found, list):
        if strict and found and str(found).strip():
            raise ValueFault("is no list")
        return []
    objects = [{**item, RECORD: record, INDEX: index} for index, item in enumerate(found) if isinstance(item, dict)]
    if strict and len(objects) < len(found) and not all(item is None or isinstance(item, dict) for item in found):
        raise ValueFault(
            "is a list of something else than objects (of texts or numbers, `list[].{value: @}` makes some)"
        )
    return objects
