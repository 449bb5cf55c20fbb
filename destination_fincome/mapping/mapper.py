"""One record in, the objects it becomes out. Pure: no state but a memory of stubs already made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.fincome.instants import seconds_of
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.value_types import ID, ValueFault, read_country
from destination_fincome.mapping.billing_days import put_in_local_days
from destination_fincome.mapping.column_forms import UnreadableColumn
from destination_fincome.mapping.column_names import is_attribute
from destination_fincome.mapping.compiled import (
    CUSTOM_PROPERTIES,
    INDEX,
    RECORD,
    CompiledEmission,
    CompiledField,
    CompiledFields,
    CompiledLet,
    CompiledOtherId,
    CompiledSkip,
    CompiledSkips,
    CompiledStub,
    FieldFault,
    Readable,
    elements,
)
from destination_fincome.mapping.compiled_credits import CompiledCredit, PreparedCredit, written
from destination_fincome.mapping.compiled_stream import CompiledStream
from destination_fincome.mapping.credits import Known, Link
from destination_fincome.mapping.cut_values import CutValues
from destination_fincome.mapping.language.calendar_time import known_zone
from destination_fincome.mapping.language.compiler import Evaluate, truthy, without_empty
from destination_fincome.mapping.language.functions import decimal
from destination_fincome.mapping.language.parents import DiscountedBy, OfParent
from destination_fincome.mapping.results import (
    NO_ORIGIN,
    CreditKey,
    Draft,
    DraftVariant,
    Fault,
    Mapped,
    Origin,
    OtherId,
    Parts,
    Skip,
    Stub,
    Version,
    Warned,
)

Scope = dict[str, Any]

NOTHING_KNOWN = Known()
NOTHING_CREDITED = CompiledSkip(Code.NOT_REVENUE, "it credits nothing", children="skip", stub=False, gone=False)

REJECTING = frozenset((Code.INVALID_FIELD, Code.INVALID_VALUE))
"""Reasons of rules for merged objects that reject rather than skip."""

SUBSCRIPTIONS = "subscriptions"
GONE_SUBSCRIPTION = (
    "subscriptions are void or deleted in the source; what an earlier sync sent of them still counts in Fincome"
)

LINES = "lines"
"""The field of a document that holds its lines, where they are no objects of their own (credit notes)."""


class StreamMapper:
    """Maps the records of one stream."""

    def __init__(
        self,
        compiled: CompiledStream,
        read: Callable[[Scope], Scope] | None = None,
        zone: ZoneInfo | None = None,
        cuts: CutValues | None = None,
    ) -> None:
        """Make the mapper of a stream.

        Args:
            read: makes of a record what the mapping expects (see ColumnForms).
            zone: by whose midnight records are billed that name no zone of their own.
            cuts: what becomes of objects whose values the source cut.
        """
        self._cuts = cuts
        self._zone = zone
        self._compiled = compiled
        made = {one.entity for one in compiled.emissions}
        self._listing = tuple([one for one in compiled.emissions if one.complete is not None and one.part_of in made])
        self._parted = [
            one for one in compiled.emissions if one.part_of in made or (one.part_of and one.for_each is not None)
        ]
        self._read = read
        self.policies: dict[str, WritePolicy] = compiled.policies
        self.joins = compiled.joins
        """The rows of other streams that its records are completed with before they are mapped."""
        self.merges = any(one.merge is not None for one in compiled.emissions)
        """Some of its objects are merged of several records."""
        self.adds_up = any(one.merge for one in compiled.emissions)
        """A record that comes twice would count twice in some of them."""
        # What a record's own faults and warnings are told of.
        self._main = next(chain(compiled.emissions, (one.whole for one in compiled.credits)), None)
        self._merged_skips = {one.entity: one.merged_skips for one in compiled.emissions if one.merged_skips}
        self._tells_values = _gives_values(compiled)

    @property
    def renamed(self) -> frozenset[str]:
        """The entities whose objects its records may name by other ids."""
        return frozenset(one.entity for one in self._compiled.other_ids)

    @property
    def asks(self) -> frozenset[tuple[str, OfParent | DiscountedBy]]:
        """What its objects may ask of the objects that they refer to, by the entity of those that ask."""
        credited = (part for one in self._compiled.credits for part in (one.note, one.invoice))
        return frozenset((one.entity, asked) for one in chain(self._compiled.emissions, credited) for asked in one.asks)

    def sets(self, columns: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
        """Yield the fields that records with these columns set, with their entity, and whether they only change it."""
        record = dict.fromkeys(columns, "x")
        for one in self._compiled.emissions:
            for field in one.fields.single:
                if field.name not in ("id", CUSTOM_PROPERTIES) and _may_give(field, record):
                    yield one.entity, field.name, one.operation == "update_only"

    @property
    def never_gives(self) -> dict[str, tuple[str, ...]]:
        """By entity, the fields without which Fincome creates nothing and that its records never have.

        Parts of one object, as a record and its list may bring them, lack what none of them has.
        """
        found: dict[str, tuple[str, ...]] = {}
        for one in self._compiled.emissions:
            lacks, known = one.never_gives, found.get(one.entity)
            if known is not None and one.merge is not None:
                lacks = tuple(name for name in known if name in lacks)
            elif known is not None:
                lacks = tuple(dict.fromkeys((*known, *lacks)))
            found[one.entity] = lacks
        return {entity: lacks for entity, lacks in found.items() if lacks}

    @property
    def needs_all_rows(self) -> tuple[str, ...]:
        """The fields whose values are wrong if only some of an object's rows come, each with its merge."""
        return tuple(one for emission in self._compiled.emissions for one in emission.needs_all_rows)

    @property
    def brings_parts(self) -> frozenset[str]:
        """The entities of which other records may bring parts of its objects, too."""
        merged = (one.entity for one in self._compiled.emissions if one.merge is not None)
        return frozenset(entity for entity in merged if self.policies[entity] == "upsert")

    @property
    def brings_whole(self) -> frozenset[str]:
        """The entities of whose objects a record is all that its stream knows."""
        whole = (one.entity for one in self._compiled.emissions if one.merge is None)
        return frozenset(entity for entity in whole if self.policies[entity] == "upsert")

    @property
    def set_once(self) -> dict[str, tuple[str, ...]]:
        """By entity, the fields that only the creation of an object takes."""
        return {one.entity: one.set_once for one in self._compiled.emissions if one.set_once}

    def map(
        self, record: Scope, known: Known = NOTHING_KNOWN, links: Sequence[Link] = (), cut: frozenset[str] = frozenset()
    ) -> Mapped:
        """Map one record; never raises for what is in it.

        Args:
            known: of a record that is a credit: what Fincome has of it.
            links: likewise, what other records tell of it.
            cut: columns whose values the source emptied or cut.

        Raises:
            ConfigFailure: it has columns that nothing tells apart (see ColumnForms).
        """
        mapped = Mapped()
        try:
            if self._read is not None:
                record = self._read(record)
            let = self._compiled.let
            scope = record if let is None else _with_let(let, record)
        except (UnreadableColumn, FieldFault) as error:
            fault = error if isinstance(error, FieldFault) else FieldFault(error.column, error.fault)
            mapped.objects.append(self._faulty(record, fault))
            return mapped
        self._make(scope, record, mapped, known, links)
        if cut and self._cuts:
            for item in mapped.objects:
                mapped.warnings += self._cuts.left_out(item, cut)
            mapped.objects = [self._cuts.applied(item, cut) for item in mapped.objects]
        if self._zone is not None or self._compiled.time_zone is not None:
            self._put_in_days(scope, mapped)
        for warning in self._compiled.warnings:
            if _truth(warning.when, scope):
                mapped.warnings.append(Warned(warning.code, warning.text, self._named(scope)))
        if self._tells_values:
            mapped.warnings += _unknown_values(mapped.objects)
        for other in self._compiled.other_ids:
            mapped.other_ids += _other_id(other, scope)
        if not mapped.objects and not mapped.links:
            mapped.reason, mapped.text = self._compiled.otherwise_reason, self._compiled.otherwise
        return mapped

    def _make(self, scope: Scope, record: Scope, mapped: Mapped, known: Known, links: Sequence[Link]) -> None:
        """Make the objects of a record, and those parts of void documents that may have been sent."""
        for emission in self._compiled.emissions:
            if emission.when is None and emission.for_each is None:
                self._emit(emission, scope, record, mapped)
                continue
            for source in self._scopes(emission, scope, mapped):
                self._emit(emission, source, record, mapped)
        if self._listing:
            _list_parts(self._listing, scope, mapped)
        for credit in self._compiled.credits:
            self._credit(credit, scope, record, mapped, known, links)
        if self._parted:
            for document in [item for item in mapped.objects if isinstance(item, Skip) and item.gone]:
                mapped.objects += self._parts(document, scope, mapped)
        if self._compiled.links:
            self._links(scope, mapped)

    def _named(self, scope: Scope) -> Any:
        """Return what to call a record in warnings."""
        return _id_of(self._main, scope) if self._main else scope.get("id")

    def _put_in_days(self, scope: Scope, mapped: Mapped) -> None:
        """Make local days of the dates and periods of who bills by local midnight."""
        zone = self._zone_of(scope, mapped) if self._compiled.time_zone else self._zone
        if zone is None:
            return
        for item in mapped.objects:
            if isinstance(item, Draft):
                put_in_local_days(item.values, zone)
        for stub in mapped.stubs:
            put_in_local_days(stub.values, zone)

    def keys(self, record: Scope) -> dict[str, Any]:
        """Return what names the rows that complete a record, by the name of the join; null of what can't be read."""
        try:
            record = self._read(record) if self._read is not None else record
            return {join.name: join.of(record) for join in self.joins}
        except (UnreadableColumn, ValueFault):
            # It is told when the record is mapped.
            return {join.name: None for join in self.joins}

    def judged(self, draft: Draft) -> Draft | Skip | Fault:
        """Return what becomes of an object that is merged of several records, now that all have come."""
        rules = self._merged_skips.get(draft.entity)
        if not rules:
            return draft
        identity = draft.values.get("id")
        try:
            skip = _skip_rule(rules, draft.values)
        except FieldFault as error:
            return Fault(draft.entity, identity, error.field, error.fault.code, str(error.fault))
        if skip is not None and skip.reason in REJECTING:
            return Fault(draft.entity, identity, "amount", skip.reason, skip.text)
        if skip is not None:
            return Skip(
                draft.entity, identity, draft.version, draft.tie_first, skip.reason, skip.text, skip.children
            )  # fmt: skip
        properties = draft.values.get(CUSTOM_PROPERTIES)
        if not isinstance(properties, dict):
            return draft
        shown = {name: value for name, value in properties.items() if not name.startswith("_")}
        return structs.replace(draft, values={**draft.values, CUSTOM_PROPERTIES: shown})

    def _faulty(self, record: Scope, error: FieldFault) -> Fault:
        """Say why nothing can be made of a record."""
        if self._main is None:
            return Fault("credit_notes", record.get("id"), error.field, error.fault.code, str(error.fault))
        return _fault(self._main, record, error)

    def _zone_of(self, scope: Scope, mapped: Mapped) -> ZoneInfo | None:
        """Return the zone that a record names, else the company's; UTC for one that nobody knows."""
        assert self._compiled.time_zone is not None
        try:
            name = self._compiled.time_zone(scope)
            return self._zone if _absent(name) else known_zone(name)
        except ValueFault:
            text = "records name a time zone that doesn't exist; their days are those of UTC"
            mapped.warnings.append(Warned(Code.UNKNOWN_TIME_ZONE, text, self._named(scope)))
            return None

    def _parts(self, document: Skip, scope: Scope, mapped: Mapped) -> list[Draft | Skip | Fault]:
        """Return the parts of a document that is gone and that the mapping doesn't make, as they may have been sent."""
        made = {(item.entity, written(item.id)) for item in mapped.objects if isinstance(item, Skip)}
        made |= {(item.entity, written(item.values.get("id"))) for item in mapped.objects if isinstance(item, Draft)}
        found: list[Draft | Skip | Fault] = []
        for emission in self._parted:
            if emission.part_of == document.entity:
                ids = dict.fromkeys(_ids(emission, scope))
                found += [
                    replace(document, entity=emission.entity, id=identity, lines=(), document=document.id)
                    for identity in ids
                    if (emission.entity, written(identity)) not in made
                ]
        return found

    def _credit(
        self,
        credit: CompiledCredit,
        record: Scope,
        columns: Scope,
        mapped: Mapped,
        known: Known,
        links: Sequence[Link],
    ) -> None:
        """Make the objects of a credit: credit notes, and a negative invoice for what is applied to nothing."""
        whole = credit.whole
        try:
            if credit.when is not None and not _truthful("when", credit.when, record):
                return
            scope = record if whole.let is None else _with_let(whole.let, record)
            version = to_version(_labelled("version", whole.version, scope) if whole.version else None)
            key = _credit_key(credit, scope, version, tie_first=self._compiled.tie_first)
            skip = _skip_rule(whole.skips, scope) if whole.skips else None
            if skip is not None:
                mapped.objects += self._skipped_credit(credit, skip, scope, version, known)
            else:
                self._credited(credit.prepare(scope, columns, known, links), credit, scope, mapped)
        except FieldFault as error:
            mapped.objects.append(_fault(whole, record, error))
            return
        if (skip is None or skip.gone) and whole.operation == "upsert":
            mapped.credit = key
        _add_stubs(whole.stubs, scope, mapped.stubs)

    def _credited(self, prepared: PreparedCredit, credit: CompiledCredit, scope: Scope, mapped: Mapped) -> None:
        gone = [self._moved(credit.note, values, scope) for values in prepared.gone]
        first = tuple((one.entity, one.values["id"]) for one in gone)
        if gone:  # what keeps the names of the others goes last
            gone[-1] = structs.replace(gone[-1], after=first[:-1])
        notes = self._of(credit.note, prepared.notes, scope, first)
        mapped.objects += [*gone, *notes]
        named: tuple[tuple[str, str], ...] = ()
        if prepared.invoices or prepared.settles:
            ids = [written(one.values["id"]) for one in notes if isinstance(one, Draft)]
            named = tuple((credit.note.entity, identity) for identity in ids if identity is not None)
        if prepared.invoices:
            mapped.objects += self._of(credit.invoice, prepared.invoices, scope, named)
            mapped.objects += self._of(credit.line, prepared.lines, scope, ())
            for source in prepared.scopes:
                _add_stubs(credit.line_stubs, source, mapped.stubs)
        elif prepared.settles:
            settled = {"id": prepared.negative, "amount": 0}
            mapped.objects.append(structs.replace(self._moved(credit.invoice, settled, scope), after=named))
            mapped.objects += [self._moved(credit.line, _zeroed(line), scope) for line in prepared.lines]
        if not mapped.objects:
            skip = NOTHING_CREDITED
            mapped.objects.append(_skipped(credit.whole, skip, scope, None, tie_first=self._compiled.tie_first))

    def _of(
        self, emission: CompiledEmission, found: Sequence[Scope], scope: Scope, after: tuple[tuple[str, str], ...]
    ) -> list[Draft | Skip | Fault]:
        """Make objects of what was prepared."""
        mapped = Mapped()
        for place, values in enumerate(found):
            self._emit(emission, {**values, RECORD: scope, INDEX: place}, values, mapped)
        if not after:
            return mapped.objects
        return [structs.replace(one, after=after) if isinstance(one, Draft) else one for one in mapped.objects]

    def _moved(self, emission: CompiledEmission, values: Scope, scope: Scope) -> Draft:
        """Make what settles an object whose amount stands elsewhere now."""
        source = {**values, RECORD: scope, INDEX: 0}
        version = to_version(emission.version(source) if emission.version else None)
        return Draft(emission.entity, values, version, self._compiled.tie_first, "update_only", moved=True)

    def _skipped_credit(
        self, credit: CompiledCredit, skip: CompiledSkip, scope: Scope, version: Version, known: Known
    ) -> list[Draft | Skip | Fault]:
        """Skip a credit; one that is void is taken out of the figures wherever it may stand."""
        tie_first = self._compiled.tie_first
        note = _skipped(credit.whole, skip, scope, version, tie_first=tie_first)
        if not note.gone:
            return [note]
        void = credit.void(scope, known)
        found: list[Draft | Skip | Fault] = [replace(note, id=name, lines=tuple(lines)) for name, lines in void.notes]
        if void.invoice is not None:
            partless = credit.lines is None
            document = replace(note, entity=credit.invoice.entity, id=void.invoice, lines=(), partless=partless)
            parts = [replace(document, entity=credit.line.entity, id=line, document=document.id) for line in void.lines]
            found += [document, *parts]
        return found

    def _links(self, scope: Scope, mapped: Mapped) -> None:
        """Note what the record tells of other credits; what can't be read tells nothing."""
        for rule in self._compiled.links:
            try:
                version = to_version(rule.version(scope) if rule.version else None)
                mapped.links += rule.of(scope, version)
            except ValueFault as fault:
                mapped.objects.append(self._faulty(scope, FieldFault("credit_links", fault)))

    def _scopes(self, emission: CompiledEmission, record: Scope, mapped: Mapped) -> Iterator[Scope]:
        """Yield what the emission's objects are computed from: the record, or the elements of its list."""
        part = "when"
        try:
            if emission.when is not None and not truthy(emission.when(record)):
                return
            part = "for_each"
            yield from (
                [record] if emission.for_each is None else elements(emission.for_each, record, record, strict=True)
            )
        except ValueFault as fault:
            mapped.objects.append(_fault(emission, record, FieldFault(part, fault)))

    def _emit(self, emission: CompiledEmission, source: Scope, record: Scope, mapped: Mapped) -> None:
        try:
            scope = source if emission.let is None else _with_let(emission.let, source)
            version = _labelled("version", emission.version, scope) if emission.version else None
            skip = _skip_rule(emission.skips, scope) if emission.skips else None
            if skip is None or skip.stub:
                values = self._values(emission, scope, source if emission.for_each else record, mapped)
            newest, tie_first = to_version(version), self._compiled.tie_first
            found: Draft | Skip
            if skip is not None:
                found = _skipped(emission, skip, scope, newest, tie_first=tie_first)
                if skip.gone and emission.entity == SUBSCRIPTIONS and emission.operation == "upsert":
                    mapped.warnings.append(Warned(Code.GONE_SUBSCRIPTION, GONE_SUBSCRIPTION, found.id))
            else:
                found = Draft(
                    emission.entity,
                    values,
                    newest,
                    tie_first,
                    emission.operation,
                    emission.strict,
                    _take_asked(emission, values) if emission.asks else (),
                    # Of what was asked, nothing is left in the values now.
                    _variants(emission, values, scope) if emission.variants else (),
                    emission.merge,
                    _given(emission, scope) if emission.gives else (),
                    emission.set_once,
                    Origin(emission.columns, source) if emission.columns else NO_ORIGIN,
                )
        except FieldFault as error:
            mapped.objects.append(_fault(emission, source, error))
            return
        if emission.countries and isinstance(found, Draft):
            _tell_countries(emission.countries, found, mapped)
        mapped.objects.append(found)
        if skip and skip.stub:
            mapped.stubs.append(Stub(emission.entity, values))
        if emission.stubs:
            _add_stubs(emission.stubs, scope, mapped.stubs)

    def _values(self, emission: CompiledEmission, scope: Scope, record: Scope, mapped: Mapped) -> dict[str, Any]:
        values = _all(emission.fields, scope)
        default = emission.default_currency
        if default and _absent(values.get(default.field)) and not all(_absent(values.get(a)) for a in default.amounts):
            values[default.field] = default.code
        properties = {}
        if emission.properties:
            named = emission.clears is not None and CUSTOM_PROPERTIES in emission.clears
            found = _labelled(CUSTOM_PROPERTIES, emission.properties, scope)
            if type(found) is Readable:
                mapped.warnings += _left_out(emission, found, values.get("id"))
            elif found and type(found) is not dict:
                text = f"{emission.entity} go without custom properties, whose expression gives no names with values"
                mapped.warnings.append(Warned(Code.ATTRIBUTE_LEFT_OUT, text, values.get("id")))
            properties = scalars(found, keep_nulls=named) if found else {}
        if emission.keep_unmapped and not emission.used.issuperset(record):
            for column, value in record.items():
                if column not in emission.used and is_attribute(column, value):
                    properties.setdefault(column, value)
        if properties:
            values[CUSTOM_PROPERTIES] = properties
        return values


def _tell_countries(fields: tuple[str, ...], draft: Draft, mapped: Mapped) -> None:
    """Leave out countries that can't be told, and say so: what Fincome has stays."""
    for name in fields:
        value = draft.values.get(name)
        if isinstance(value, (str, int)) and value != "" and read_country(value) is None:
            del draft.values[name]
            text = "countries that can't be told are left out"
            mapped.warnings.append(Warned(Code.UNKNOWN_COUNTRY, text, draft.values.get("id")))


def _list_parts(emissions: Sequence[CompiledEmission], scope: Scope, mapped: Mapped) -> None:
    """Note with a record's document whether its parts are all of it; `emissions` make them, all of one kind."""
    entity, document_entity = emissions[0].entity, emissions[0].part_of
    documents = [
        index for index, item in enumerate(mapped.objects) if isinstance(item, Draft) and item.entity == document_entity
    ]
    if len(documents) != 1:
        return
    try:
        told = [one.complete(scope) for one in emissions if one.complete is not None]
    except ValueFault:
        return  # nothing is known of the list
    if False not in told and None in told:
        return
    found = [item for item in mapped.objects if item.entity == entity]
    named = (written(item.values.get("id") if isinstance(item, Draft) else item.id) for item in found)
    ids = tuple([name for name in named if name is not None])
    document = mapped.objects[documents[0]]
    assert isinstance(document, Draft)
    mapped.objects[documents[0]] = structs.replace(document, parts=Parts(entity, None if False in told else ids))


# The statuses of a subscription that is billed. What comes after a trial or a pause is told by then.
_RUNNING = frozenset(["active", "past_due", "unpaid"])
_VALUE = "monthly_value"
_NO_VALUE = (
    "the record of a subscription that runs doesn't tell its monthly value (a discount, an add-on, usage or tax may "
    "hide it), so it has none"
)


def _gives_values(compiled: CompiledStream) -> bool:
    """Tell whether a rule gives subscriptions their monthly value, and doesn't itself say when it can't."""
    if any(one.code is Code.MONTHLY_VALUE_UNKNOWN for one in compiled.warnings):
        return False
    return any(one.strict and _VALUE in {field.name for field in one.fields.single} for one in compiled.emissions)


def _unknown_values(objects: Sequence[Draft | Skip | Fault]) -> Iterator[Warned]:
    for one in objects:
        if not isinstance(one, Draft) or one.entity != SUBSCRIPTIONS:
            continue
        if one.values.get("status") in _RUNNING and _absent(one.values.get(_VALUE)):
            yield Warned(Code.MONTHLY_VALUE_UNKNOWN, _NO_VALUE, one.values["id"])


# What stands in an object's field for a value of its parent.
_ASKED = frozenset((OfParent, DiscountedBy))


def _take_asked(emission: CompiledEmission, values: dict[str, Any]) -> tuple[tuple[str, OfParent | DiscountedBy], ...]:
    """Take out what stands for the values of others; in their place is what counts if the others have none."""
    asked = [(name, values[name]) for name in emission.asking if type(values.get(name)) in _ASKED]
    if not asked:
        return ()
    default = emission.default_currency
    for name, value in asked:
        if isinstance(value, DiscountedBy):
            values[name] = round(value.price, value.digits)
        else:
            values[name] = default.code if default and default.field == name else None
    return tuple(asked)


def _given(emission: CompiledEmission, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return what others may ask of an object beside its fields, as JSON; nothing of what is empty."""
    values = ((field.name, _compute(field, scope)) for field in emission.gives)
    return tuple((name, encode(value).decode()) for name, value in values if truthy(value))


def _variants(emission: CompiledEmission, values: dict[str, Any], scope: Scope) -> tuple[DraftVariant, ...]:
    """Return what an object is instead, by what it refers to."""
    return tuple(
        DraftVariant(one.of_parent, one.value, {field.name: _compute(field, scope) for field in one.fields})
        for one in emission.variants
        if not _absent(values.get(one.of_parent.reference)) and (one.when is None or _truth(one.when, scope))
    )


def _other_id(rule: CompiledOtherId, scope: Scope) -> list[OtherId]:
    """Return another id of an object; none, if it can't be told."""
    try:
        other, own = ID.read(rule.id(scope)), ID.read(rule.of(scope))
    except ValueError:
        return []
    return [OtherId(rule.entity, other, own)] if other and own and other != own else []


def _credit_key(credit: CompiledCredit, scope: Scope, version: Version, *, tie_first: bool) -> CreditKey | None:
    """Return what a credit's objects are called in Fincome; None if it can't be told."""
    note = written(_labelled("id", credit.id_of, scope))
    invoice = written(_labelled("id", credit.invoice_id_of, scope)) if credit.negative_id else note
    if note is None or invoice is None:
        return None
    return CreditKey(note, invoice, version, tie_first, credit.is_linked(scope))


def _zeroed(line: Scope) -> Scope:
    return {"id": line["id"], "amount_excluding_tax_after_discount": 0, "tax_amount": 0, "discount_amount": 0}


def _truthful(name: str, condition: Evaluate, scope: Scope) -> bool:
    try:
        return truthy(condition(scope))
    except ValueFault as fault:
        raise FieldFault(name, fault) from None


def _left_out(emission: CompiledEmission, found: Readable, identity: Any) -> Iterator[Warned]:
    """Tell of attributes that can't be read: they cost nothing but themselves."""
    for name, fault in found.faults.items():
        text = f"{emission.entity} go without the custom property {name}, which {fault}"
        yield Warned(Code.ATTRIBUTE_LEFT_OUT, text, identity)


def _fault(emission: CompiledEmission, source: Scope, error: FieldFault) -> Fault:
    """Say why an object can't be made; a helper's fault is told as that of the field that needs it."""
    field = emission.needed_by.get(error.field, error.field)
    identity, merges = _id_of(emission, source), emission.merge is not None
    problem = str(error.fault)
    problem += Origin(emission.columns, source).of(field, problem)
    return Fault(emission.entity, identity, field, error.fault.code, problem, merges)


def _id_of(emission: CompiledEmission, source: Scope) -> Any:
    """Return an object's id as far as it can be told of a record with a fault."""
    try:
        found = emission.fields.id(source)
    except ValueFault:
        found = None
    return source.get("id") if found is None else found


def _absent(value: Any) -> bool:
    """Tell whether a field's value says nothing; an empty text is nothing to most types."""
    return value is None or value == ""


def _skipped(
    emission: CompiledEmission, skip: CompiledSkip, scope: Scope, version: Version, *, tie_first: bool
) -> Skip:
    found = _labelled("id", emission.fields.id, scope)
    gone = skip.gone and (emission.whole or skip.settles) and emission.operation == "upsert"
    lines = _own_lines(emission, scope) if gone else ()
    document = _named_document(emission, scope) if gone and emission.document_field else None
    merges = emission.merge is not None
    return Skip(
        emission.entity, found, version, tie_first, skip.reason, skip.text, skip.children, gone, lines, document, merges
    )


def _named_document(emission: CompiledEmission, scope: Scope) -> Any:
    """Return the document that a part names which is a row of its own; None if that can't be told."""
    field = next((one for one in emission.fields.single if one.name == emission.document_field), None)
    try:
        found = None if field is None else field.evaluate(scope)
    except ValueFault:
        return None
    return found if isinstance(found, (str, int)) and not isinstance(found, bool) and found != "" else None


def _ids(emission: CompiledEmission, scope: Scope) -> Iterator[Any]:
    """Yield the ids of all objects that an emission might make of a record, as far as they can be told."""
    try:
        for source in [scope] if emission.for_each is None else elements(emission.for_each, scope, scope):
            identity = _id_of(emission, source if emission.let is None else _with_let(emission.let, source))
            if isinstance(identity, (str, int)):
                yield identity
    except (ValueFault, FieldFault):
        return


def _own_lines(emission: CompiledEmission, scope: Scope) -> tuple[Any, ...]:
    """Return the lines that a document holds itself; none, if they can't be read."""
    for field in emission.fields.single:
        if field.name == LINES:
            try:
                return tuple(field.evaluate(scope) or ())
            except ValueFault:
                return ()
    return ()


def _add_stubs(stubs: tuple[CompiledStub, ...], scope: Scope, found: list[Stub]) -> None:
    """Add what the record knows of other objects; what can't be computed is no stub, and no fault either."""
    for stub in stubs:
        try:
            if stub.for_each is not None:
                _add_listed_stubs(stub, stub.for_each, scope, found)
                continue
            values = stub.values(scope)
            if values is not None and values["id"] is not None:
                found.append(Stub(stub.entity, values))
        except ValueFault:
            continue


def _add_listed_stubs(stub: CompiledStub, each: Evaluate, scope: Scope, found: list[Stub]) -> None:
    """Add what a list of the record knows of other objects, of each element by itself."""
    if stub.when is not None and not truthy(stub.when(scope)):
        return
    for source in elements(each, scope, scope):
        try:
            values = stub.values(source)
        except ValueFault:
            continue
        if values["id"] is not None:
            found.append(Stub(stub.entity, values))


def _with_let(let: CompiledLet, source: Scope) -> Scope:
    """Return what expressions see: the record or element, and the values that are used several times."""
    scope: Scope
    try:
        scope = let.all(source)
    except ValueFault:
        scope = dict(source)
        for field in let.single:
            scope[field.name] = _compute(field, scope)
    return scope


def _all(fields: CompiledFields, scope: Scope) -> dict[str, Any]:
    try:
        values: dict[str, Any] = fields.all(scope)
    except ValueFault:
        values = {field.name: _compute(field, scope) for field in fields.single}
        if fields.kept is not None:
            values = without_empty(values, fields.kept)
    return values


def _may_give(field: CompiledField, record: Scope) -> bool:
    """Tell whether a field has a value in a record, if only one that doesn't fit."""
    try:
        return field.evaluate(record) is not None
    except ValueFault:
        return True


def _skip_rule(skips: CompiledSkips, scope: Scope) -> CompiledSkip | None:
    place = _labelled("skip", skips.first, scope)
    return None if place is None else skips.rules[place]


def _compute(field: CompiledField, scope: Scope) -> Any:
    return _labelled(field.name, field.evaluate, scope)


def _labelled(name: str, evaluate: Evaluate, scope: Scope) -> Any:
    """Evaluate, and say of a fault where it is."""
    try:
        return evaluate(scope)
    except ValueFault as fault:
        raise FieldFault(name, fault) from None


def _truth(condition: Any, scope: Mapping[str, Any]) -> bool:
    try:
        return truthy(condition(scope))
    except ValueFault:
        return False


def to_version(value: Any) -> Version:
    """Make a version comparable: numbers as they are, points in time as epoch seconds, else unknown."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _storable(value) if value == value else None
    try:
        if isinstance(value, str):
            text = value.strip()
            if text.lstrip("-").isdigit():
                return _storable(int(text))
            if text[4:5] in ("-", "/"):
                return seconds_of(text)
        number = decimal(value)
    except ValueError:
        return None
    return _storable(float(number)) if number is not None else None


def _storable(number: float) -> Version:
    """Return a number that fits the spool: whole numbers of 64 bits, others as floats; unknown if it is no number."""
    try:
        return number if -(2**63) <= number < 2**63 else float(number)
    except OverflowError:
        return None


def scalars(value: Any, *, keep_nulls: bool = False) -> dict[str, Any]:
    """Return an object's attributes as Fincome takes them: text, numbers, booleans; nested ones as compact JSON.

    Args:
        keep_nulls: empty ones stay, as null; else they are left out.
    """
    if not isinstance(value, dict):
        return {}
    if keep_nulls:
        return {name: None if item is None or item == "" else _scalar(item) for name, item in value.items()}
    return {name: _scalar(item) for name, item in value.items() if item is not None and item != ""}


def _scalar(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return encode(value).decode()
    return value if isinstance(value, (str, int, float, Decimal)) else str(value)
