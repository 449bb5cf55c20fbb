"""The reader: from stdin's bytes to arrivals, in a thread of its own. Parses, maps, validates; books nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    Arrival,
    ArrivedMerged,
    ArrivedRecord,
    ArrivedState,
    Content,
    CreditArrival,
    EndOfInput,
    HeldByReader,
)
from destination_fincome.engine.earlier_ids import HeldBack, Inquiry, Kept, TwoIds
from destination_fincome.engine.gathering import Gathered, Gathering
from destination_fincome.engine.joining import REPEATED, Joining, Repeated
from destination_fincome.engine.object_maker import MakerOptions, ObjectMaker, Targets, facet_of
from destination_fincome.engine.stub_maker import StubMaker
from destination_fincome.failure import ConfigFailure, SystemFailure
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.fincome.value_types import ID
from destination_fincome.mapping.credits import Known, Link
from destination_fincome.mapping.enrichment import KeyCandidates
from destination_fincome.mapping.mapper import NOTHING_KNOWN, StreamMapper
from destination_fincome.mapping.results import Draft, Fault, Skip, Warned
from destination_fincome.outcomes import Reason
from destination_fincome.protocol.catalog import PrimaryKey, StreamKey
from destination_fincome.protocol.json_text import is_deeper
from destination_fincome.protocol.messages import (
    TOO_DEEP,
    Record,
    State,
    Unreadable,
    completed_stream,
    parse_line,
    read_lines,
)
from destination_fincome.wording import several_of

Batch = list[ArrivedRecord | ArrivedState | ArrivedMerged | HeldByReader]
Message = Record | Unreadable | State
Observe = Callable[[Message, ArrivedRecord | ArrivedState], None]

# How many batches (of up to 256 KiB of input, and 200 lines) may wait for the coordinator.
BATCHES_AHEAD = 4
# How many levels of a record's data may be nested: JSON isn't written any deeper.
DEEPEST = 250
# How many objects that were merged of several records, or completed, are handed over at a time.
MERGED_AT_ONCE = 500


@dataclass(frozen=True)
class IntakeOptions:
    """What the settings say of the making of arrivals.

    Attributes:
        stubs: objects that exist nowhere may be created from what their children say.
        contents: each record's line goes along, in case that it is rejected.
        clear_nulls: a null clears the field that it is mapped to; else it is left out.
        settles: documents that are void or deleted are taken out of the figures; else they are reported.
        remembers: a memory tells which descriptive fields were sent, so those that are empty now are told.
    """

    stubs: bool = True
    contents: bool = False
    clear_nulls: bool = False
    settles: bool = True
    remembers: bool = False


@dataclass(frozen=True)
class Streams:
    """The streams of a sync, and what becomes of their records.

    Attributes:
        mappers: of the catalog's streams, in order: key, and the mapper or the reason why the stream is ignored.
        candidates: of streams whose key isn't set: reading ends with what their first records show, and brings nothing.
        kept: the mapping under the ids of an earlier version of the source, if that may have filled the account.
        sources: by the preset's name of a stream, that stream of the connection: whose rows others are completed with.
        keys: the primary keys of streams, as paths of columns.
    """

    mappers: Sequence[tuple[StreamKey, StreamMapper | str]]
    candidates: Mapping[StreamKey, KeyCandidates] = field(default_factory=dict)
    kept: Kept | None = None
    sources: Mapping[str, StreamKey] = field(default_factory=dict)
    keys: Mapping[StreamKey, PrimaryKey] = field(default_factory=dict)


class Intake:
    """Turns records into arrivals.

    Args:
        observe: told of each message and of what was made of it; of a credit again, once its objects are made.

    Attributes:
        fed: the entities that this sync brings.
        asked: by entity, the fields that other objects may ask of its objects.
        makes_stubs: objects that exist nowhere may be created.
        completed: the streams, by index, of which the source has said that all has come, by the end of the input.
    """

    def __init__(
        self, streams: Streams, targets: Targets, options: IntakeOptions, observe: Observe | None = None
    ) -> None:
        self._candidates = streams.candidates
        self._kept = streams.kept
        self.completed: set[int] = set()
        self._options = options
        self.makes_stubs = options.stubs
        self._observe = observe
        self._streams = {key: (index, mapper) for index, (key, mapper) in enumerate(streams.mappers)}
        self._unknown = len(self._streams)
        mappers = [None if isinstance(mapper, str) else mapper for _, mapper in streams.mappers]
        self._maker = ObjectMaker(
            mappers, targets, MakerOptions(options.clear_nulls, options.settles, options.remembers)
        )
        self._stubs = StubMaker(self._maker)
        self.fed, self.asked = self._maker.fed, self._maker.asked
        self._gathering = Gathering()
        self._last_held = HeldByReader()
        parts = {entity for mapper in mappers if mapper for entity in mapper.brings_parts}
        # Of these, some streams bring parts, and others whole objects, which don't wait for the parts.
        self._beside = {entity for mapper in mappers if mapper for entity in mapper.brings_whole} & parts
        joined = {key: one for key, one in streams.mappers if isinstance(one, StreamMapper) and one.joins}
        once = {
            key: streams.keys[key]
            for key, one in streams.mappers
            if isinstance(one, StreamMapper) and one.adds_up and key in streams.keys
        }
        self._joining = Joining(joined, streams.sources, self._streams.keys(), once) if joined or once else None

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
        arrival = self._seen_arrival if self._observe else self.arrival
        try:
            for lines in read_lines(read):
                for line in lines:
                    message = parse_line(line, number)
                    if message is None:
                        self._note_status(line)
                    elif (held is None and self._joining is None) or not self._is_held(message, line, number, held):
                        batch.append(arrival(message))
                    number += 1
                    if held is not None and held.is_enough:
                        batch += self._released(held, keeps_ids)
                        held = None
                yield [*batch, *self._held()] if self._joining or self._gathering.begun else batch
                batch = []
            yield from self._at_the_end(held, keeps_ids)
        except Exception as error:
            yield batch
            if isinstance(error, MemoryError):
                raise _no_memory(number) from None
            raise

    def _at_the_end(
        self, held: HeldBack | None, keeps_ids: Callable[[Kept, Sequence[TwoIds]], bool] | None
    ) -> Iterator[Batch]:
        """Yield what waited for the end of the input."""
        if held is not None:
            yield self._released(held, keeps_ids)
        yield from self._completed()
        yield from self._merged()

    def _note_status(self, line: bytes) -> None:
        key = completed_stream(line)
        if key in self._streams:
            self.completed.add(self._streams[key][0])

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
            yield from self._in_batches(self._held_arrival(message) for message in self._joining.completed())

    def _held_arrival(self, message: Message | Repeated) -> ArrivedRecord | ArrivedState:
        if not isinstance(message, Repeated):
            return self._seen_arrival(message)
        record = message.record
        content = record.line if self._options.contents else None
        arrived = ArrivedRecord(self._streams[record.stream][0], reason=REPEATED, content=content)
        if self._observe:
            self._observe(record, arrived)
        return arrived

    def _is_held(self, message: Message, line: bytes, number: int, held: HeldBack | None) -> bool:
        """Tell whether a message goes on later: when all rows have come, or when it is known which ids count."""
        if self._joining is not None and self._joining.holds(message, line, number):
            return True
        return held is not None and held.holds(message, self._mapper(message))

    def _merged(self) -> Iterator[Batch]:
        """Yield the objects of several records, now that all have come."""
        mappers = {index: mapper for index, mapper in self._streams.values() if not isinstance(mapper, str)}
        yield from self._in_batches(self._merged_arrival(one, mappers[one.stream]) for one in self._gathering.take())

    def _in_batches(self, arrived: Iterable[ArrivedRecord | ArrivedMerged | ArrivedState]) -> Iterator[Batch]:
        """Yield what comes at the end of the input, some at a time."""
        left = iter(arrived)
        while batch := list(islice(left, MERGED_AT_ONCE)):
            yield [*batch, *self._held()]

    def _held(self) -> Iterator[HeldByReader]:
        """Yield how much waits here, if that has changed."""
        now = HeldByReader(self._gathering.bytes_held, self._joining.bytes_held if self._joining else 0)
        if now != self._last_held:
            self._last_held = now
            yield now

    def _merged_arrival(self, gathered: Gathered, mapper: StreamMapper) -> ArrivedMerged:
        (_, facet, _), stream, item, follows = gathered
        if isinstance(item, Draft):
            item = mapper.judged(item)
        policy = item.policy if isinstance(item, Draft) else "update_only" if facet or follows else "upsert"
        return ArrivedMerged(self._maker.make(item, policy, stream), facet)

    def arrival(self, message: Message) -> ArrivedRecord | ArrivedState:
        """Make of a message what the coordinator books."""
        if isinstance(message, State):
            return self._state(message)
        index, mapper = self._streams.get(message.stream) or (self._unknown, self._not_selected(message.stream))
        if isinstance(mapper, str):
            return ArrivedRecord(index, reason=Reason(Code.STREAM_IGNORED, mapper))
        if isinstance(message, Unreadable):
            return self._unreadable(message, index, mapper)
        try:
            return self._record(message, index, mapper)
        except (TypeError, RecursionError):
            if not is_deeper(message.data, DEEPEST):
                raise
            return self._unreadable(Unreadable(message.stream, TOO_DEEP, message.line, message.number), index, mapper)

    def _not_selected(self, stream: StreamKey) -> str:
        namesakes = [str(key) for key in self._streams if key.name == stream.name]
        what_to_do = "if it is wanted, select it in the connection"
        if namesakes:
            what_to_do = f"there it is {' and '.join(namesakes)}: records must carry the catalog's namespace"
        return f"stream {stream} is not in the catalog: {what_to_do}"

    def _record(
        self, message: Record, index: int, mapper: StreamMapper, known: Known | None = None, links: Sequence[Link] = ()
    ) -> ArrivedRecord:
        """Make of a record what is booked; of a credit its objects, as soon as it is known what Fincome has of it."""
        mapped = mapper.map(message.data, known or NOTHING_KNOWN, links, message.cut)
        content = message.line if self._options.contents else None
        if mapped.credit is not None and known is None:
            credit = CreditArrival(mapped.credit, index, message.line, message.number)
            return ArrivedRecord(index, warnings=mapped.warnings, content=content, credit=credit)
        make, policies = self._arrival if mapper.merges else self._maker.make, mapper.policies
        made = ArrivedRecord(
            index,
            [make(item, policies[item.entity], index) for item in mapped.objects],
            self._stubs.make(mapped.stubs) if self._options.stubs and mapped.stubs else [],
            mapped.warnings if self._options.settles else [*mapped.warnings, *self._gone(mapped.objects)],
            Reason(mapped.reason, mapped.text or "") if mapped.reason else None,
            content,
            [self._maker.other_id(one) for one in mapped.other_ids] if mapped.other_ids else [],
            mapped.links,
        )
        if self._beside and known is None:
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
        made = self._record(message, credit.stream, mapper, known, links)
        if self._observe:
            self._observe(message, made)
        return made

    def _unreadable(self, message: Unreadable, index: int, mapper: StreamMapper) -> ArrivedRecord:
        """Reject a record as an object of its stream's first entity; its line stands for its id."""
        entity = self._maker.number(next(iter(mapper.policies)))
        fault = Reason(Code.UNREADABLE_RECORD, f"the record {message.problem}")
        rejected = Arrival(entity, f"line {message.number} of the input", stream=index, fault=fault)
        return ArrivedRecord(index, [rejected], content=message.line if self._options.contents else None)

    def _state(self, state: State) -> ArrivedState:
        if state.stream is None or state.stream in self._streams:
            return ArrivedState(state.message, None if state.stream is None else self._streams[state.stream][0])
        # Nobody knows which records a state of a strange stream speaks of, perhaps with another namespace than theirs.
        return ArrivedState(state.message, self._unknown, awaits_all=True)

    def _gone(self, items: Sequence[Draft | Skip | Fault]) -> Iterator[Warned]:
        """Warn of documents that may still count in Fincome."""
        for item in items:
            if isinstance(item, Skip) and item.gone and self._maker.counts_in_figures(item.entity):
                text = "void or deleted in the source; if an earlier sync sent them, they still count in Fincome"
                yield Warned(Code.GONE_DOCUMENT, f"{several_of(item.entity)} are {text}", item.id)

    def _arrival(self, item: Draft | Skip | Fault, policy: WritePolicy, stream: int) -> Arrival:
        if item.merge is None if isinstance(item, Draft) else not item.merges:
            return self._maker.make(item, policy, stream)
        try:
            identity = ID.read(item.values.get("id") if isinstance(item, Draft) else item.id)
        except ValueError:
            return self._maker.make(item, policy, stream)
        entity, facet = self._maker.number(item.entity), facet_of(stream, policy)
        self._gathering.add((item.entity, facet, identity), stream, item)
        if isinstance(item, Draft):
            # Those who watch see what this record brings of it.
            shown = self._maker.make(item, policy, stream) if self._observe else None
            return Arrival(entity, identity, facet, content=shown.content if shown else None, is_part=True)
        arrival = self._maker.make(item, policy, stream)
        # What the user's stream can't tell, or skips, says nothing of what another one brings itself.
        is_part = item.entity in self._beside and not (isinstance(item, Skip) and item.gone)
        return structs.replace(arrival, is_part=True) if is_part else arrival

    def stub_content(self, entity: str, values: Mapping[str, Any]) -> Content | None:
        """Return what is to be sent to create an object that only others know; None if they don't know enough."""
        found = self._maker.to_create(entity, values)
        return found[1] if found else None


def _no_memory(number: int) -> SystemFailure:
    return SystemFailure(
        f"There is not enough memory to read line {number} of the input. Give the connector more memory; the next "
        "attempt starts from the last saved state."
    )


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

    def more(self, batches: int = 1) -> None:
        """Allow some more batches."""
        self._permits.release(batches)

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
