"""The reader: from stdin's bytes to arrivals, in a thread of its own. Parses, maps, validates; books nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    AFTER,
    ITSELF,
    Arrival,
    ArrivedMerged,
    ArrivedRecord,
    ArrivedState,
    Content,
    CreditArrival,
    EndOfInput,
    Entity,
    Fill,
    Less,
    OtherIdArrival,
    Ref,
    StubArrival,
    Variant,
)
from destination_fincome.engine.earlier_ids import HeldBack, Inquiry, Kept, TwoIds
from destination_fincome.engine.gathering import Gathered, Gathering
from destination_fincome.engine.joining import Joining
from destination_fincome.engine.parent_values import values_given
from destination_fincome.engine.settlements import settlement
from destination_fincome.failure import ConfigFailure, SystemFailure
from destination_fincome.fincome.contract import EntitySpec, WritePolicy
from destination_fincome.fincome.models import EntityModel, InvalidObject, Validated, encode
from destination_fincome.fincome.value_types import ID
from destination_fincome.mapping.credits import Known, Link
from destination_fincome.mapping.enrichment import KeyCandidates
from destination_fincome.mapping.language.parents import DiscountedBy, OfParent
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft, Fault, Mapped, OtherId, Skip, Stub, Warned
from destination_fincome.outcomes import Reason
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.messages import TOO_DEEP, Record, State, Unreadable, parse_line, read_lines
from destination_fincome.reporting.facts import FACTS, DocumentFacts, Facts

Batch = list[ArrivedRecord | ArrivedState | ArrivedMerged]
Message = Record | Unreadable | State
Observe = Callable[[Message, ArrivedRecord | ArrivedState], None]

# How many batches (of up to 256 KiB of input) may wait for the coordinator.
BATCHES_AHEAD = 4
# How many levels of a record's data may be nested: JSON isn't written any deeper.
DEEPEST = 250
# How many stubs are remembered as already made: the same few are known by very many children.
STUBS_REMEMBERED = 20_000
# How many objects that were merged of several records, or completed, are handed over at a time.
MERGED_AT_ONCE = 500


class _Reference(NamedTuple):
    """A field that refers to a parent: `outer` is the object's field, `inner` a field of the objects in its list."""

    field: str
    outer: str
    inner: str
    entity: Entity
    required: bool
    watched: bool


class _Entity(NamedTuple):
    """What is asked of an entity for each object."""

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
class IntakeOptions:
    """What the settings say of the making of arrivals.

    Attributes:
        stubs: objects that exist nowhere may be created from what their children say.
        contents: each record's line goes along, in case that it is rejected.
        clear_nulls: a null clears the field that it is mapped to; else it is left out.
        settles: documents that are void or deleted are taken out of the figures; else they are reported.
        looks: what a credit becomes waits until it is known what Fincome has of it.
    """

    stubs: bool = True
    contents: bool = False
    clear_nulls: bool = False
    settles: bool = True
    looks: bool = True


class Intake:
    """Turns records into arrivals.

    Args:
        streams: the catalog's streams, in order: key, and the mapper or the reason why the stream is ignored.
        entities: in the contract's order.
        fed: names of the entities that this sync brings: objects wait for parents of these only.
        options: what the settings say.
        observe: told of each message and of what was made of it.
        candidates: of streams whose key isn't set: reading ends with what their first records show, and brings nothing.
        kept: the mapping under the ids of an earlier version of the source, if that may have filled the account.
        sources: by the preset's name of a stream, that stream of the connection: whose rows others are completed with.
    """

    def __init__(
        self,
        streams: Sequence[tuple[StreamKey, StreamMapper | str]],
        entities: Sequence[EntitySpec],
        models: Mapping[str, EntityModel],
        fed: frozenset[str],
        options: IntakeOptions,
        observe: Observe | None = None,
        candidates: Mapping[StreamKey, KeyCandidates] | None = None,
        kept: Kept | None = None,
        sources: Mapping[str, StreamKey] | None = None,
    ) -> None:
        self._candidates = candidates or {}
        # What only changes an object doesn't bring it.
        fed = fed & {entity for _, mapper in streams for entity in _brought(mapper)}
        fed -= {spec.name for spec in entities if spec.absent}
        self.fed = fed
        self._options = options
        self.makes_stubs = options.stubs
        self._observe = observe
        self._kept = kept
        self._streams = {key: (index, mapper) for index, (key, mapper) in enumerate(streams)}
        self._unknown = len(self._streams)
        self.asked = _asked(streams, entities)
        renamed = {entity for _, mapper in streams if not isinstance(mapper, str) for entity in mapper.renamed}
        index = {spec.name: Entity(number) for number, spec in enumerate(entities)}
        self._entities = {
            spec.name: _Entity(
                index[spec.name],
                _absent(spec) if spec.absent else None,
                spec.name in fed,
                models[spec.name],
                tuple(
                    _Reference(r.field, *_split(r.field), index[r.entity], r.required, r.entity in fed)
                    for r in spec.references
                ),
                FACTS.get(spec.name),
                spec.root,
                (Fill(spec.root, spec.root, spec.root),) if spec.root else (),
                self.asked.get(spec.name, ()),
                tuple(
                    Fill(one.field, one.field, ITSELF)
                    for one in spec.references
                    if one.entity in renamed and "." not in one.field
                ),
            )
            for spec in entities
        }
        # How much the stubs say that were already made.
        self._stubs_made: dict[tuple[str, str], int] = {}
        # Hashes of the stubs that came before, whatever became of them.
        self._stubs_seen: set[int] = set()
        self._gathering = Gathering()
        mappers = [mapper for _, mapper in streams if not isinstance(mapper, str)]
        parts = {entity for mapper in mappers for entity in mapper.brings_parts}
        self._never_created = [
            frozenset() if isinstance(one, str) else frozenset(one.never_gives) for _, one in streams
        ]
        # Of these, some streams bring parts, and others whole objects, which don't wait for the parts.
        self._beside = {entity for mapper in mappers for entity in mapper.brings_whole} & parts
        joined = {key: mapper for key, mapper in streams if isinstance(mapper, StreamMapper) and mapper.joins}
        self._joining = Joining(joined, sources or {}, self._streams.keys()) if joined else None

    def batches(
        self, read: Callable[[int], bytes], keeps_ids: Callable[[Kept, Sequence[TwoIds]], bool] | None = None
    ) -> Iterator[Batch]:
        """Read until the end of the input.

        Args:
            keeps_ids: asked once whether objects are there under the ids of an earlier version; without it they have
                the source's own ids.

        Raises:
            SystemFailure: at the first line that is no message, or for which memory is short; what came before it was
                yielded.
            ConfigFailure: the key of a stream isn't set.
        """
        if self._candidates:
            raise self._without_key(read)
        number = 1  # of the line at hand
        batch: Batch = []
        held = HeldBack(self._kept) if self._kept and keeps_ids else None
        try:
            for lines in read_lines(read):
                for line in lines:
                    message = parse_line(line, number)
                    if message is not None and not self._is_held(message, line, number, held):
                        batch.append(self._seen_arrival(message))
                    number += 1
                    if held is not None and held.is_enough:
                        batch += self._released(held, keeps_ids)
                        held = None
                yield batch
                batch = []
            if held is not None:
                yield self._released(held, keeps_ids)
            yield from self._completed()
            yield from self._merged()
        except Exception as error:
            yield batch
            if isinstance(error, MemoryError):
                raise _no_memory(number) from None
            raise

    def _without_key(self, read: Callable[[int], bytes]) -> ConfigFailure:
        """Read as much as it takes to say which property may be a stream's key; no state of it is kept."""
        number = 0
        for lines in read_lines(read):
            for line in lines:
                number += 1
                message = parse_line(line, number)
                found = self._candidates.get(message.stream) if isinstance(message, Record) else None
                if found is not None and isinstance(message, Record):
                    found.note(message.data)
                    if found.has_enough:
                        return found.failure()
        return max(self._candidates.values(), key=lambda one: one.records).failure()

    def _mapper(self, message: Message) -> StreamMapper | str:
        stream = message.stream
        return "" if isinstance(message, State) or stream not in self._streams else self._streams[stream][1]

    def _seen_arrival(self, message: Message) -> ArrivedRecord | ArrivedState:
        arrived = self.arrival(message)
        if self._observe:
            self._observe(message, arrived)
        return arrived

    def _released(self, held: HeldBack, keeps_ids: Callable[[Kept, Sequence[TwoIds]], bool] | None) -> Batch:
        """Make arrivals of what was held back, now that it is known which ids count."""
        if held.names and keeps_ids and keeps_ids(held.kept, held.names):
            self._streams = {key: (i, held.kept.mappers.get(key, own)) for key, (i, own) in self._streams.items()}
        return [self._seen_arrival(message) for message in held.messages]

    def _completed(self) -> Iterator[Batch]:
        """Yield what was held until all rows had come."""
        if self._joining is not None:
            yield from _in_batches(self._seen_arrival(message) for message in self._joining.completed())

    def _is_held(self, message: Message, line: bytes, number: int, held: HeldBack | None) -> bool:
        """Tell whether a message goes on later: when all rows have come, or when it is known which ids count."""
        if self._joining is not None and self._joining.holds(message, line, number):
            return True
        return held is not None and held.holds(message, self._mapper(message))

    def _merged(self) -> Iterator[Batch]:
        """Yield the objects of several records, now that all have come."""
        mappers = {index: mapper for index, mapper in self._streams.values() if not isinstance(mapper, str)}
        yield from _in_batches(self._merged_arrival(one, mappers[one.stream]) for one in self._gathering.take())

    def _merged_arrival(self, gathered: Gathered, mapper: StreamMapper) -> ArrivedMerged:
        (_, facet, _), stream, item, follows = gathered
        if isinstance(item, Draft):
            item = mapper.judged(item)
        policy = item.policy if isinstance(item, Draft) else "update_only" if facet or follows else "upsert"
        return ArrivedMerged(self._object(item, policy, stream), facet)

    def arrival(self, message: Message) -> ArrivedRecord | ArrivedState:
        """Make of a message what the coordinator books."""
        if isinstance(message, State):
            return self._state(message)
        index, mapper = self._streams.get(
            message.stream,
            (self._unknown, "the stream is not in the catalog: if it is wanted, select it in the connection"),
        )
        if isinstance(mapper, str):
            return ArrivedRecord(index, reason=Reason(Code.STREAM_IGNORED, mapper))
        if isinstance(message, Unreadable):
            return self._unreadable(message, index, mapper)
        try:
            return self._record(message, index, mapper)
        except (TypeError, RecursionError):
            if not _is_deeper(message.data, DEEPEST):
                raise
            return self._unreadable(Unreadable(message.stream, TOO_DEEP, message.line, message.number), index, mapper)

    def _record(self, message: Record, index: int, mapper: StreamMapper) -> ArrivedRecord:
        mapped = mapper.map(message.data, cut=message.cut) if message.cut else mapper.map(message.data)
        if mapped.credit is not None and self._options.looks:
            return ArrivedRecord(
                index,
                warnings=mapped.warnings,
                content=message.line if self._options.contents else None,
                credit=CreditArrival(mapped.credit, index, message.line, message.number),
            )
        made = self._made(mapped, message, index, mapper)
        if self._beside:
            self._note(mapped.objects, made.objects, index)
        return made

    def _note(self, items: Sequence[Draft | Skip | Fault], arrivals: Sequence[Arrival], stream: int) -> None:
        """Note what goes as its record has it, although other streams bring parts of such objects."""
        for item, arrival in zip(items, arrivals, strict=True):
            if isinstance(item, Fault) or item.entity not in self._beside:
                continue
            if not arrival.is_part and not arrival.facet and arrival.fault is None:
                self._gathering.goes_itself((item.entity, 0, arrival.id), stream, item)

    def credited(self, credit: CreditArrival, known: Known, links: Sequence[Link]) -> ArrivedRecord:
        """Make the objects of a credit, now that it is known what Fincome has of it."""
        message = parse_line(credit.line, credit.number)
        assert isinstance(message, Record)
        _, mapper = self._streams[message.stream]
        assert isinstance(mapper, StreamMapper)
        return self._made(mapper.map(message.data, known, links, message.cut), message, credit.stream, mapper)

    def _made(self, mapped: Mapped, message: Record, index: int, mapper: StreamMapper) -> ArrivedRecord:
        policies = mapper.policies
        if mapped.links and not mapped.objects and not self._options.looks:
            return ArrivedRecord(
                index, reason=Reason(Code.NOT_MAPPED, "a sync joins it with the credit that it is about")
            )
        return ArrivedRecord(
            index,
            [self._arrival(item, policies[item.entity], index) for item in mapped.objects],
            self._known_objects(mapped.stubs) if self._options.stubs and mapped.stubs else [],
            mapped.warnings if self._options.settles else [*mapped.warnings, *self._gone(mapped.objects)],
            Reason(mapped.reason, mapped.text or "") if mapped.reason else None,
            message.line if self._options.contents else None,
            [self._other_id(one) for one in mapped.other_ids] if mapped.other_ids else [],
            links=mapped.links if self._options.looks else [],
        )

    def _other_id(self, one: OtherId) -> OtherIdArrival:
        entity = self._entities[one.entity].number
        own = Ref(ITSELF, entity, one.of, required=True, watched=self._entities[one.entity].watched, asked=True)
        return OtherIdArrival(entity, one.id, Content(b"", (own,), gives=((ITSELF, one.of),), stands_for=True))

    def _unreadable(self, message: Unreadable, index: int, mapper: StreamMapper) -> ArrivedRecord:
        """Reject a record as an object of its stream's first entity; its line stands for its id."""
        entity = self._entities[next(iter(mapper.policies))].number
        fault = Reason(Code.UNREADABLE_RECORD, f"the record {message.problem}")
        rejected = Arrival(entity, f"line {message.number} of the input", fault=fault)
        return ArrivedRecord(index, [rejected], content=message.line if self._options.contents else None)

    def _state(self, state: State) -> ArrivedState:
        if state.stream is None or state.stream in self._streams:
            return ArrivedState(state.message, None if state.stream is None else self._streams[state.stream][0])
        # Nobody knows which records a state of a strange stream speaks of, perhaps with another namespace than theirs.
        return ArrivedState(state.message, self._unknown, awaits_all=True)

    def _gone(self, items: Sequence[Draft | Skip | Fault]) -> Iterator[Warned]:
        """Warn of documents that may still count in Fincome."""
        for item in items:
            if isinstance(item, Skip) and item.gone and self._entities[item.entity].model.spec.settled:
                text = "void or deleted in the source; if an earlier sync sent them, they still count in Fincome"
                yield Warned(Code.GONE_DOCUMENT, f"{item.entity.replace('_', ' ')} are {text}", item.id)

    def _arrival(self, item: Draft | Skip | Fault, policy: WritePolicy, stream: int) -> Arrival:
        if item.merge is None if isinstance(item, Draft) else not item.merges:
            return self._object(item, policy, stream)
        try:
            identity = ID.read(item.values.get("id") if isinstance(item, Draft) else item.id)
        except ValueError:
            return self._object(item, policy, stream)
        kind, facet = self._entities[item.entity], stream + 1 if policy == "update_only" else 0
        self._gathering.add((item.entity, facet, identity), stream, item)
        if isinstance(item, Draft):
            # Those who watch see what this record brings of it.
            shown = self._object(item, policy, stream) if self._observe else None
            return Arrival(kind.number, identity, facet, content=shown.content if shown else None, is_part=True)
        arrival = self._object(item, policy, stream)
        # What the user's stream can't tell, or skips, says nothing of what another one brings itself.
        is_part = item.entity in self._beside and not (isinstance(item, Skip) and item.gone)
        return arrival._replace(is_part=True) if is_part else arrival

    def _object(self, item: Draft | Skip | Fault, policy: WritePolicy, stream: int) -> Arrival:
        kind = self._entities[item.entity]
        if isinstance(item, Draft) and item.moved:
            return self._settled(kind, item, stream)
        policy = item.policy if isinstance(item, Draft) else policy
        # Enrichments don't compete with the object itself, nor with each other.
        facet = stream + 1 if policy == "update_only" else 0
        if kind.absent:
            named = item.values.get("id") if isinstance(item, Draft) else item.id
            return Arrival(kind.number, name_of(named), facet, digest=1, stream=stream, skip=kind.absent)
        if isinstance(item, Fault):
            fault = Reason(item.code, item.problem, item.field)
            return Arrival(kind.number, name_of(item.id), facet, fault=fault)
        if isinstance(item, Skip):
            return self._skip(kind, item, facet, stream)
        try:
            values, complete = self._validated(kind, item, item.values)
            identity, content = _content(kind, values, policy, complete=complete)
            if item.set_once:
                content = content._replace(once=item.set_once)
            if not complete and item.entity in self._never_created[stream]:
                content = content._replace(changes_only=True)
            if item.asked or item.variants:
                content = self._with_parents(kind, item, content)
        except InvalidObject as error:
            return Arrival(kind.number, name_of(item.values.get("id")), facet, fault=_invalid(error, item))
        if item.after:
            content = content._replace(refs=(*content.refs, *self._before(item)))
        if item.gives:
            content = content._replace(gives=(*content.gives, *item.gives))
        if facet:
            itself = Ref(ITSELF, kind.number, identity, required=True, watched=kind.watched)
            content = content._replace(refs=(itself, *content.refs))
        facts = kind.facts(values) if kind.facts and not facet else None
        parts: tuple[str, ...] = ()
        if item.parts is not None:
            parts = item.parts.ids or ()
            facts = facts._replace(cut=item.parts.ids is None) if isinstance(facts, DocumentFacts) else facts
        return Arrival(
            kind.number, identity, facet, item.version, item.tie_first, _digest(content, item), stream, content,
            facts=facts, parts=parts,
        )  # fmt: skip

    def _validated(self, kind: _Entity, item: Draft, values: Mapping[str, Any]) -> Validated:
        """Check an object, which may get some values from its parents later."""
        nulls, later = self._options.clear_nulls, [field for field, _ in item.asked]
        return kind.model.validate(values, keep_nulls=nulls, whole=item.whole, later=later)

    def _with_parents(self, kind: _Entity, item: Draft, content: Content) -> Content:
        """Return what is to be sent, with what it takes of its parents."""
        required = kind.model.spec.required if content.complete else frozenset()
        fills = tuple(_fill(name, parent, required=name in required) for name, parent in item.asked)
        variants = []
        for one in item.variants:
            values, _ = self._validated(kind, item, {**item.values, **one.changes})
            variants.append(Variant(*one.of_parent, one.value, encode(values)))
        # What isn't sent can't be looked up: only a parent that comes has it.
        asked = {fill.reference for fill in fills if fill.less is None} | {variant.reference for variant in variants}
        refs = tuple(ref._replace(asked=True) if ref.field in asked else ref for ref in content.refs)
        return content._replace(refs=refs, fills=(*content.fills, *fills), variants=tuple(variants))

    def _settled(self, kind: _Entity, item: Draft, stream: int) -> Arrival:
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
        return tuple(Ref(AFTER, self._entities[entity].number, name, required=True) for entity, name in item.after)

    def _skip(self, kind: _Entity, item: Skip, facet: int, stream: int) -> Arrival:
        try:
            identity = ID.read(item.id)
        except ValueError as error:
            return Arrival(kind.number, name_of(item.id), facet, fault=Reason(Code.INVALID_FIELD, str(error), "id"))
        reason = Reason(item.reason, item.text)
        digest = digest_of(b"skip:" + item.reason.encode())
        content = None
        if item.gone and self._options.settles:
            content = settlement(kind.model.spec, identity, item.lines)
        if content is not None and item.document is not None:
            # It is looked for only if its document is there.
            content = content._replace(refs=(_document(kind, item.document),))
        return Arrival(
            kind.number, identity, facet, item.version, item.tie_first, digest, stream, content, reason, item.children
        )

    def _known_objects(self, stubs: list[Stub]) -> list[StubArrival]:
        return [arrival for stub in stubs if (arrival := self._stub(stub))]

    def _stub(self, stub: Stub) -> StubArrival | None:
        """Return a stub, unless one that says as much was made before: very many children know the same few."""
        if self._seen(stub):
            return None
        found = self._stub_content(stub.entity, stub.values)
        if found is None:
            return None
        kind, identity, content = self._entities[stub.entity], *found
        size = len(content.body)
        if self._stubs_made.get((stub.entity, identity), 0) >= size:
            return None
        if len(self._stubs_made) >= STUBS_REMEMBERED:
            self._stubs_made.clear()
        self._stubs_made[stub.entity, identity] = size
        return StubArrival(kind.number, identity, content)

    def stub_content(self, entity: str, values: Mapping[str, Any]) -> Content | None:
        """Return what is to be sent to create an object that only others know; None if they don't know enough."""
        found = self._stub_content(entity, values)
        return found[1] if found else None

    def _stub_content(self, entity: str, values: Mapping[str, Any]) -> tuple[str, Content] | None:
        kind = self._entities[entity]
        if kind.absent:
            return None
        try:
            valid, complete = kind.model.validate(values)
        except InvalidObject:
            return None
        return _content(kind, valid, "create_only", complete=True) if complete else None

    def _seen(self, stub: Stub) -> bool:
        """Tell whether the very same stub came before."""
        try:
            seen = hash((stub.entity, *stub.values.items()))
        except TypeError:  # a value that can't be hashed, so none that a field takes but a list of lines
            return False
        if seen in self._stubs_seen:
            return True
        if len(self._stubs_seen) >= STUBS_REMEMBERED:
            self._stubs_seen.clear()
        self._stubs_seen.add(seen)
        return False


def _in_batches(arrived: Iterable[ArrivedRecord | ArrivedMerged | ArrivedState]) -> Iterator[Batch]:
    """Yield what comes at the end of the input, some at a time."""
    left = iter(arrived)
    while batch := list(islice(left, MERGED_AT_ONCE)):
        yield batch


def _invalid(error: InvalidObject, item: Draft) -> Reason:
    """Say what is wrong with an object, by its fields and the columns that they read."""
    if not item.origin.columns:
        return Reason(error.code, error.problem, error.field)
    (first, problem), *others = error.each
    told = [problem + item.origin.of(first, problem)]
    told += [f"{name} {what}{item.origin.of(name, what)}" for name, what in others]
    return Reason(error.code, "; ".join(told), error.field)


def _content(kind: _Entity, values: dict[str, Any], policy: WritePolicy, *, complete: bool) -> tuple[str, Content]:
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
        fills=_fills(kind, values) if kind.root in values or kind.renames else (),
        gives=values_given(values, kind.asked) if kind.asked else (),
    )


def _fills(kind: _Entity, values: Mapping[str, Any]) -> tuple[Fill, ...]:
    own = kind.fills if kind.root in values else ()
    return own + tuple(fill for fill in kind.renames if values.get(fill.field) is not None)


def _asked(
    streams: Sequence[tuple[StreamKey, StreamMapper | str]], entities: Sequence[EntitySpec]
) -> dict[str, tuple[str, ...]]:
    """Return which fields objects of this sync may ask of those that they refer to, by the entity of the latter."""
    specs = {spec.name: spec for spec in entities}
    found: dict[str, dict[str, None]] = {}
    for _, mapper in streams:
        for entity, asked in [] if isinstance(mapper, str) else sorted(mapper.asks):
            for reference in specs[entity].references:
                if reference.field == asked.reference:
                    found.setdefault(reference.entity, {})[asked.field] = None
    return {entity: tuple(fields) for entity, fields in found.items()}


def _no_memory(number: int) -> SystemFailure:
    return SystemFailure(
        f"There is not enough memory to read line {number} of the input. Give the connector more memory; the next "
        "attempt starts from the last saved state."
    )


def _is_deeper(value: Any, levels: int) -> bool:
    """Tell whether a value is nested deeper than so many levels."""
    layer = [value]
    while layer and levels >= 0:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        levels -= 1
    return bool(layer)


def digest_of(body: bytes) -> int:
    """Return what tells two bodies of one object apart: Python's own keyed hash of 64 bits, good for this process."""
    return hash(body) or 1


def _digest(content: Content, item: Draft) -> int:
    """Return what tells two contents of one object apart: their bodies, and what they give without sending it."""
    return digest_of(content.body + encode(item.gives)) if item.gives else digest_of(content.body)


def _fill(name: str, parent: OfParent | DiscountedBy, *, required: bool) -> Fill:
    if isinstance(parent, OfParent):
        return Fill(name, parent.reference, parent.field, required)
    rate = None if parent.rate is None else str(parent.rate)
    less = Less(str(parent.price), rate, parent.digits, parent.currency)
    return Fill(name, parent.reference, parent.field, less=less)


def _absent(spec: EntitySpec) -> Reason:
    return Reason(Code.ENTITY_ABSENT, f"Fincome has no {spec.plural}, as the setting `contract` says")


def _brought(mapper: StreamMapper | str) -> Iterator[str]:
    """Yield the entities whose objects a stream brings."""
    if not isinstance(mapper, str):
        yield from (entity for entity, policy in mapper.policies.items() if policy != "update_only")


def _document(kind: _Entity, identity: Any) -> Ref:
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


class Reader:
    """The thread that runs an intake, held back when the coordinator falls behind."""

    def __init__(
        self, intake: Intake, read: Callable[[int], bytes], post: Callable[[Batch | EndOfInput | Inquiry], None]
    ) -> None:
        self._intake = intake
        self._read = read
        self._post = post
        self._permits = threading.Semaphore(BATCHES_AHEAD)
        self._stopped = False
        self._inquiry: Inquiry | None = None
        threading.Thread(target=self._run, name="reader", daemon=True).start()

    def more(self) -> None:
        """Allow one more batch."""
        self._permits.release()

    def stop(self) -> None:
        """Read no further than the line at hand."""
        self._stopped = True
        self._permits.release()
        if self._inquiry is not None:
            self._inquiry.answer(False)

    def _run(self) -> None:
        try:
            for batch in self._intake.batches(self._read, self._keeps_ids):
                self._permits.acquire()
                if self._stopped:
                    return
                self._post(batch)
        except BaseException as error:  # noqa: BLE001 (the coordinator decides what it means)
            self._post(EndOfInput(error))
        else:
            self._post(EndOfInput())

    def _keeps_ids(self, kept: Kept, names: Sequence[TwoIds]) -> bool:
        """Ask whether an earlier version of the source filled the account, and wait for the answer."""
        inquiry = self._inquiry = Inquiry(kept, names)
        if not self._stopped:
            self._post(inquiry)
            return inquiry.wait()
        return False
