"""Makes the arrivals of a sync: of what the mapping says of an object, what may be sent of it and whom it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    AFTER,
    ITSELF,
    Arrival,
    Content,
    Entity,
    Fill,
    Gives,
    Less,
    OtherIdArrival,
    Ref,
    Variant,
)
from destination_fincome.engine.parent_values import values_given
from destination_fincome.engine.settlements import settlement
from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec, WritePolicy
from destination_fincome.fincome.models import EntityModel, InvalidObject, encode
from destination_fincome.fincome.value_types import ID
from destination_fincome.mapping.language.parents import DiscountedBy, OfParent
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft, Fault, OtherId, Skip
from destination_fincome.outcomes import Reason
from destination_fincome.reporting.facts import FACTS, DocumentFacts, Facts


class _Reference(NamedTuple):
    """A field that refers to a parent: `outer` is the object's field, `inner` a field of the objects in its list."""

    field: str
    outer: str
    inner: str
    entity: Entity
    required: bool
    watched: bool


class _Kind(NamedTuple):
    """An entity, as each of its objects asks for it."""

    number: Entity
    absent: Reason | None
    watched: bool
    model: EntityModel
    references: tuple[_Reference, ...]
    facts: Callable[[Mapping[str, Any]], Facts] | None
    root: str | None
    fills: tuple[Fill, ...]
    asked: tuple[str, ...]
    renames: tuple[Fill, ...]


@dataclass(frozen=True)
class Targets:
    """What records may become.

    Attributes:
        entities: in the contract's order.
        models: what checks the objects of each.
        fed: names of the entities that this sync brings: objects wait for parents of these only.
    """

    entities: Sequence[EntitySpec]
    models: Mapping[str, EntityModel]
    fed: frozenset[str]

    def brought_by(self, mappers: Sequence[StreamMapper]) -> frozenset[str]:
        """Return the entities whose objects streams bring: what only changes an object doesn't."""
        brought = {
            entity for mapper in mappers for entity, policy in mapper.policies.items() if policy != "update_only"
        }
        return (self.fed & brought) - {spec.name for spec in self.entities if spec.absent}


@dataclass(frozen=True)
class MakerOptions:
    """What the settings say of the objects that are made.

    Attributes:
        clear_nulls: a null clears the field that it is mapped to; else it is left out.
        settles: documents that are void or deleted are taken out of the figures; else they are reported.
        remembers: a null of what makes no figures is left out, and told (`Content.emptied`).
    """

    clear_nulls: bool
    settles: bool
    remembers: bool = False


class ObjectMaker:
    """Makes arrivals of objects.

    Args:
        mappers: what maps each of the catalog's streams, in order; None for one that is ignored.

    Attributes:
        fed: the entities that this sync brings.
        asked: by entity, the fields that other objects may ask of its objects.
    """

    def __init__(self, mappers: Sequence[StreamMapper | None], targets: Targets, options: MakerOptions) -> None:
        mapping = [mapper for mapper in mappers if mapper is not None]
        self.fed = targets.brought_by(mapping)
        self.asked = _asked(mapping, targets.entities)
        self._options = options
        self._never_created = [frozenset(mapper.never_gives) if mapper else frozenset[str]() for mapper in mappers]
        renamed = frozenset(entity for mapper in mapping for entity in mapper.renamed)
        numbers = {spec.name: Entity(number) for number, spec in enumerate(targets.entities)}
        self._kinds = {
            spec.name: self._kind(spec, targets.models[spec.name], numbers, renamed) for spec in targets.entities
        }

    def _kind(
        self, spec: EntitySpec, model: EntityModel, numbers: Mapping[str, Entity], renamed: frozenset[str]
    ) -> _Kind:
        references = tuple(
            _Reference(one.field, *_split(one.field), numbers[one.entity], one.required, one.entity in self.fed)
            for one in spec.references
        )
        renames = tuple(
            Fill(one.field, one.field, ITSELF)
            for one in spec.references
            if one.entity in renamed and "." not in one.field
        )
        return _Kind(
            numbers[spec.name],
            _absent(spec) if spec.absent else None,
            spec.name in self.fed,
            model,
            references,
            FACTS.get(spec.name),
            spec.root,
            (Fill(spec.root, spec.root, spec.root),) if spec.root else (),
            self.asked.get(spec.name, ()),
            renames,
        )

    def number(self, entity: str) -> Entity:
        """Return the place of an entity in the contract's order."""
        return self._kinds[entity].number

    def counts_in_figures(self, entity: str) -> bool:
        """Tell whether an entity's objects are documents or parts of such, which stand in Fincome's figures."""
        return self._kinds[entity].model.spec.settled is not None

    def other_id(self, one: OtherId) -> OtherIdArrival:
        """Return another id of an object."""
        kind = self._kinds[one.entity]
        own = Ref(ITSELF, kind.number, one.of, required=True, watched=kind.watched, asked=True)
        return OtherIdArrival(kind.number, one.id, Content(b"", (own,), gives=((ITSELF, one.of),), stands_for=True))

    def to_create(self, entity: str, values: Mapping[str, Any]) -> tuple[str, Content] | None:
        """Return an object that only others know, as its id and what is to be sent; None if they don't know enough."""
        kind = self._kinds[entity]
        if kind.absent:
            return None
        try:
            valid = kind.model.validate(values)
        except InvalidObject:
            return None
        return _content(kind, valid.values, "create_only", complete=True) if valid.complete else None

    def make(self, item: Draft | Skip | Fault, policy: WritePolicy, stream: int) -> Arrival:
        """Return what arrives of an object.

        Args:
            policy: of what is no draft.
            stream: index of the stream that brings it.
        """
        kind = self._kinds[item.entity]
        if isinstance(item, Draft):
            if item.moved:
                return self._settled(kind, item, stream)
            policy = item.policy
        facet = facet_of(stream, policy)
        if kind.absent:
            named = item.values.get("id") if isinstance(item, Draft) else item.id
            return Arrival(kind.number, name_of(named), facet, digest=1, stream=stream, skip=kind.absent)
        if isinstance(item, Fault):
            fault = Reason(item.code, item.problem, item.field)
            return Arrival(kind.number, name_of(item.id), facet, stream=stream, fault=fault)
        if isinstance(item, Skip):
            return self._skip(kind, item, facet, stream)
        return self._drafted(kind, item, facet, stream)

    def _drafted(self, kind: _Kind, item: Draft, facet: int, stream: int) -> Arrival:
        """Return the arrival of an object with values, or of the fault that is found in them."""
        try:
            nulls, later = self._options.clear_nulls, [field for field, _ in item.asked] if item.asked else ()
            valid = kind.model.validate(item.values, keep_nulls=nulls, whole=item.whole, later=later)
            values, complete = valid.values, valid.complete
            emptied = _emptied(values, kind.model.spec.cleared) if self._options.remembers else ()
            identity, content = _content(kind, values, item.policy, complete=complete)
            if emptied:
                content = structs.replace(content, emptied=emptied)
            if not complete and item.entity in self._never_created[stream]:
                content = structs.replace(content, changes_only=True)
            if item.asked or item.variants:
                content = self._with_parents(kind, item, content)
        except InvalidObject as error:
            named = name_of(item.values.get("id"))
            return Arrival(kind.number, named, facet, stream=stream, fault=_invalid(error, item))
        if item.set_once:
            content = structs.replace(content, once=item.set_once)
        if item.after:
            content = structs.replace(content, refs=(*content.refs, *self._before(item)))
        if item.gives:
            content = structs.replace(content, gives=(*content.gives, *item.gives))
        if facet:
            itself = Ref(ITSELF, kind.number, identity, required=True, watched=kind.watched)
            content = structs.replace(content, refs=(itself, *content.refs))
        facts = kind.facts(values) if kind.facts and not facet else None
        parts: tuple[str, ...] = ()
        if item.parts is not None:
            parts = item.parts.ids or ()
            facts = (
                structs.replace(facts, cut=int(item.parts.ids is None)) if isinstance(facts, DocumentFacts) else facts
            )
        digest = digest_of(content.body, item.gives)
        return Arrival(
            kind.number, identity, facet, item.version, item.tie_first, digest, stream, content, facts, parts
        )

    def _with_parents(self, kind: _Kind, item: Draft, content: Content) -> Content:
        """Return what is to be sent, with what it takes of its parents."""
        required = kind.model.spec.required if content.complete else frozenset()
        later = [field for field, _ in item.asked]
        fills = tuple(_fill(name, parent, required=name in required) for name, parent in item.asked)
        variants = []
        for one in item.variants:
            changed, nulls = {**item.values, **one.changes}, self._options.clear_nulls
            values = kind.model.validate(changed, keep_nulls=nulls, whole=item.whole, later=later).values
            if self._options.remembers:
                _emptied(values, kind.model.spec.cleared)
            variants.append(Variant(*one.of_parent, one.value, encode(values)))
        # What isn't sent can't be looked up: only a parent that comes has it.
        sent = [fill for fill in fills if fill.less is None or fill.of_parent.startswith(f"{CUSTOM_PROPERTIES}.")]
        asked = {fill.reference for fill in sent} | {variant.reference for variant in variants}
        refs = tuple(structs.replace(ref, asked=True) if ref.field in asked else ref for ref in content.refs)
        return structs.replace(content, refs=refs, fills=(*content.fills, *fills), variants=tuple(variants))

    def _settled(self, kind: _Kind, item: Draft, stream: int) -> Arrival:
        """Return what settles an object whose amount stands elsewhere now; it needs none of its parents for that."""
        identity = name_of(item.values["id"])
        if kind.absent:
            return Arrival(kind.number, identity, digest=1, stream=stream, skip=kind.absent)
        body = encode({**item.values, "id": identity})
        content = Content(body, self._before(item), complete=False, policy="update_only", moved=True)
        return Arrival(
            kind.number, identity, 0, item.version, item.tie_first, digest_of(body), stream, content,
        )  # fmt: skip

    def _before(self, item: Draft) -> tuple[Ref, ...]:
        """Return the references to what must have gone before an object."""
        return tuple(Ref(AFTER, self._kinds[entity].number, name, required=True) for entity, name in item.after)

    def _skip(self, kind: _Kind, item: Skip, facet: int, stream: int) -> Arrival:
        try:
            identity = ID.read(item.id)
        except ValueError as error:
            fault = Reason(Code.INVALID_FIELD, str(error), "id")
            return Arrival(kind.number, name_of(item.id), facet, stream=stream, fault=fault)
        reason = Reason(item.reason, item.text)
        digest = digest_of(b"skip:" + item.reason.encode())
        content = None
        if item.gone and self._options.settles:
            content = settlement(kind.model.spec, identity, item.lines, partless=item.partless)
        if content is not None and item.document is not None:
            # It is looked for only if its document is there.
            content = structs.replace(content, refs=(_document(kind, item.document),))
        return Arrival(
            kind.number, identity, facet, item.version, item.tie_first, digest, stream, content,
            skip=reason, children=item.children,
        )  # fmt: skip


def facet_of(stream: int, policy: WritePolicy) -> int:
    """Return the facet of an object: enrichments don't compete with the object itself, nor with each other."""
    return stream + 1 if policy == "update_only" else 0


def _invalid(error: InvalidObject, item: Draft) -> Reason:
    """Say what is wrong with an object, by its fields and the columns that they read."""
    if not item.origin.columns:
        return Reason(error.code, error.problem, error.field)
    (first, problem), *others = error.each
    told = [problem + item.origin.of(first, problem)]
    told += [f"{name} {what}{item.origin.of(name, what)}" for name, what in others]
    return Reason(error.code, "; ".join(told), error.field)


def _emptied(values: dict[str, Any], clears: frozenset[str]) -> tuple[str, ...]:
    """Leave out the nulls of what makes no figures; returns which they were."""
    names = [name for name, value in values.items() if value is None and name not in clears]
    for name in names:
        del values[name]
    properties = values.get(CUSTOM_PROPERTIES) or {}
    empty = [name for name, value in properties.items() if value is None]
    if empty:
        values[CUSTOM_PROPERTIES] = {name: value for name, value in properties.items() if value is not None}
        if not values[CUSTOM_PROPERTIES]:
            del values[CUSTOM_PROPERTIES]
    return (*names, *(f"{CUSTOM_PROPERTIES}.{name}" for name in empty))


def _content(kind: _Kind, values: dict[str, Any], policy: WritePolicy, *, complete: bool) -> tuple[str, Content]:
    """Return the id of an object with valid values, and what is to be sent of it."""
    identity: str = values["id"]
    if kind.root and values.get(kind.root) == identity:
        # What names itself as the one above it has none.
        del values[kind.root]
    return identity, Content(
        encode(values),
        _refs(kind.references, values),
        complete,
        policy,
        _fills(kind, values) if kind.root in values or kind.renames else (),
        values_given(values, kind.asked) if kind.asked else (),
    )


def _fills(kind: _Kind, values: Mapping[str, Any]) -> tuple[Fill, ...]:
    own = kind.fills if kind.root in values else ()
    return own + tuple(fill for fill in kind.renames if values.get(fill.field) is not None)


def _asked(mappers: Sequence[StreamMapper], entities: Sequence[EntitySpec]) -> dict[str, tuple[str, ...]]:
    """Return which fields objects of this sync may ask of those that they refer to, by the entity of the latter."""
    specs = {spec.name: spec for spec in entities}
    found: dict[str, dict[str, None]] = {}
    for entity, asked in (one for mapper in mappers for one in sorted(mapper.asks)):
        for reference in specs[entity].references:
            if reference.field == asked.reference:
                found.setdefault(reference.entity, {})[asked.field] = None
    return {entity: tuple(fields) for entity, fields in found.items()}


def digest_of(body: bytes, gives: Gives = ()) -> int:
    """Return what tells two contents of one object apart: their bodies, and what they give without sending it.

    It is Python's own keyed hash of 64 bits, good for this process.
    """
    return hash(body + encode(gives) if gives else body) or 1


def _fill(name: str, parent: OfParent | DiscountedBy, *, required: bool) -> Fill:
    if isinstance(parent, OfParent):
        return Fill(name, parent.reference, parent.field, required)
    rate = None if parent.rate is None else str(parent.rate)
    less = Less(str(parent.price), rate, parent.digits, parent.currency)
    return Fill(name, parent.reference, parent.field, less=less)


def _absent(spec: EntitySpec) -> Reason:
    return Reason(Code.ENTITY_ABSENT, f"Fincome has no {spec.plural}, as the setting `contract` says")


def _document(kind: _Kind, identity: Any) -> Ref:
    """Return the reference of a part to its document."""
    reference = next(one for one in kind.references if one.required)
    return Ref(reference.field, reference.entity, name_of(identity), required=True, watched=reference.watched)


def _refs(references: tuple[_Reference, ...], values: Mapping[str, Any]) -> tuple[Ref, ...]:
    """List an object's references, each parent once per field."""
    refs = []
    for field, outer, inner, entity, required, watched in references:
        value = values.get(outer)
        if value is None:
            continue
        if inner:
            found = dict.fromkeys(element.get(inner) for element in value)
            refs += [Ref(field, entity, identity, required, watched) for identity in found if identity is not None]
        else:
            refs.append(Ref(field, entity, value, required, watched))
    return tuple(refs)


def _split(field: str) -> tuple[str, str]:
    """Return the two parts of `lines.invoice_line_id`; the second is empty for a field of the object itself."""
    outer, _, inner = field.partition(".")
    return outer, inner


def name_of(identity: Any) -> str:
    """Return what to call an object whose id may be unusable."""
    try:
        name: str = ID.read(identity)
    except ValueError:
        return "(no id)"
    return name
