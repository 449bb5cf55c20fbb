"""What full refreshes don't bring any more: it is listed, and documents are settled where all speaks for it.

Only a memory can tell. Absence proves little (see memory.brought), so documents are settled only if the user has asked
for that, and only if they were missing in two refreshes a day apart of which it is known that all had come.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Arrival, Entity, Ref
from destination_fincome.engine.memory.brought import DAY_SECONDS, MOST_MISSING, Absent, Held, Stream
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.object_maker import digest_of
from destination_fincome.engine.objects import Objects
from destination_fincome.engine.settlements import settlement
from destination_fincome.engine.spool.rows import Status
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.outcomes import Reason
from destination_fincome.reporting.business_checks import Finding
from destination_fincome.reporting.rejected_records import Missing, RejectedRecords
from destination_fincome.reporting.report import Report
from destination_fincome.wording import several_of

LOGGER = logging.getLogger("airbyte")

SETTLED = Reason(Code.MISSING_AT_SOURCE, "full refreshes of the source don't bring it any more")
_DIGEST = digest_of(b"missing at the source")
# So many of an entity are listed where nothing of it is settled, those first that are missing longest.
MOST_LISTED = 50_000
_TOO_NEW = "not missing yet in two whole refreshes a day apart"


class _Due(NamedTuple):
    """An object that is to be settled."""

    held: Held
    entity: str
    id: str


@dataclass(frozen=True)
class MissingOptions:
    """What is known beside the memory.

    Attributes:
        whole: the streams, by index, of which all has come, as is known at the end of the input; None: of all of them,
            as the input is whole files.
        settles: documents may be settled (`gone_documents`: settle_missing).
    """

    whole: Collection[int] | None
    settles: bool


class MissingAtSource:
    """Holds the full refreshes of one sync against what earlier ones brought.

    Args:
        entities: in the contract's order.
        rejections: where lists of what is missing go.
    """

    def __init__(
        self,
        recall: Recall,
        objects: Objects,
        report: Report,
        entities: Sequence[EntitySpec],
        rejections: RejectedRecords | None,
        options: MissingOptions,
    ) -> None:
        self._recall = recall
        self._objects = objects
        self._report = report
        self._specs = {spec.name: spec for spec in entities}
        self._numbers = {spec.name: Entity(number) for number, spec in enumerate(entities)}
        self._rejections = rejections
        self._options = options
        self._held: dict[int, Held] | None = None
        self._due: list[_Due] = []

    def conclude(self) -> bool:
        """Look once, when the whole input has been booked, at what is missing; tells whether something is to go."""
        if self._held is not None:
            return False
        streams = enumerate(self._recall.streams)
        self._held = {number: self._held_against(number) for number, stream in streams if stream.is_full_refresh}
        for number, held in self._held.items():
            if held.missing:
                self._look_into(number, held)
        return bool(self._due)

    def _held_against(self, number: int) -> Held:
        held = self._recall.brought(lambda brought: brought.held_against(number), Held(None))
        if held.is_another:
            LOGGER.warning(
                "Full refresh of stream %s: less than half of what earlier ones brought came, or its mapping has "
                "changed. It is taken for one of another source, and nothing of it is called missing.",
                self._recall.streams[number].name,
            )
        return held

    def _look_into(self, number: int, held: Held) -> None:
        doubt, counts = self._doubt(number, held), list[tuple[str, int]]()
        counts = self._recall.brought(lambda brought: brought.counts(held), counts)
        for entity, count in counts:
            absent = self._absent(held, entity, MOST_LISTED if doubt else -1)
            if doubt:
                self._tell(number, absent, count, doubt)
                continue
            doubts = [(one, self._own_doubt(self._specs.get(entity), one)) for one in absent]
            for why in dict.fromkeys(why for _, why in doubts):
                told = [one for one, other in doubts if other == why]
                self._tell(number, told, len(told), why)
            for one in [one for one, why in doubts if not why]:
                self._settle(number, held, one)

    def _absent(self, held: Held, entity: str, limit: int) -> list[Absent]:
        nothing: list[Absent] = []
        return self._recall.brought(lambda brought: brought.absent(held, entity, limit), nothing)

    def _doubt(self, number: int, held: Held) -> str:
        """Return why nothing of a refresh is settled; empty if nothing speaks against it."""
        if not self._options.settles:
            return "`gone_documents` isn't settle_missing"
        if not self._is_whole(number):
            return "the source hasn't said that all has come"
        if held.is_resumed:
            return "the sync before this one was broken off, and this one may have gone on from there"
        if number in self._objects.faulty:
            return "some of the stream's records are rejected"
        if held.missing > MOST_MISSING * held.known:
            return f"{held.missing} of the {held.known} ids of the stream are missing, which is too many to be believed"
        return ""

    def _is_whole(self, number: int) -> bool:
        return self._options.whole is None or number in self._options.whole

    def _own_doubt(self, spec: EntitySpec | None, one: Absent) -> str:
        """Return why an object isn't settled, of a refresh of which nothing speaks against it."""
        if spec is None or spec.settled is None or spec.update is None:
            return "only documents can be settled"
        if spec.settled.lines:
            return "nobody knows its lines"
        return "" if one.whole_since and self._recall.now() - one.whole_since >= DAY_SECONDS else _TOO_NEW

    def _settle(self, number: int, held: Held, one: Absent) -> None:
        content = settlement(self._specs[one.entity], one.id, ())
        assert content is not None
        if one.document:
            reference = next(ref for ref in self._specs[one.entity].references if ref.required)
            parent = self._numbers[reference.entity]
            content = structs.replace(content, refs=(Ref(reference.field, parent, one.document, required=True),))
        entity = self._numbers[one.entity]
        self._objects.arrive(Arrival(entity, one.id, 0, digest=_DIGEST, stream=number, content=content, skip=SETTLED))
        self._due.append(_Due(held, one.entity, one.id))

    # --- the end

    def end(self, *, ended_well: bool) -> None:
        """Note what this sync leaves, once all has ended."""
        full = [number for number, stream in enumerate(self._recall.streams) if stream.is_full_refresh]
        self._recall.brought(lambda brought: brought.seen_again(), None)
        if not ended_well or self._held is None:
            self._recall.brought(lambda brought: brought.broke_off(full), None)
            return
        for number, held in self._held.items():
            self._refreshed(number, held)
        for due in self._due:
            self._settled(due)
        whole = [number for number in full if self._is_whole(number)]
        self._recall.brought(lambda brought: brought.came_whole(whole), None)
        self._recall.brought(lambda brought: brought.broke_off(set(full).difference(whole)), None)

    def _refreshed(self, number: int, held: Held) -> None:
        is_whole = self._is_whole(number) and not held.is_resumed and number not in self._objects.faulty
        self._recall.brought(lambda brought: brought.refreshed(number, held, is_whole=is_whole), None)

    def _settled(self, due: _Due) -> None:
        """Forget what is out of the figures; what isn't is listed again."""
        row = self._objects.row(self._numbers[due.entity], due.id)
        if row is not None and row.status is Status.SENT:
            self._recall.brought(lambda brought: brought.forget(*due), None)

    # --- words

    def _tell(self, number: int, absent: Sequence[Absent], count: int, why: str) -> None:
        if not absent:
            return
        stream, entity = self._recall.streams[number], absent[0].entity
        since = datetime.fromtimestamp(min(one.since for one in absent), UTC)
        what = f"not settled: {why}" if why else "settled"
        text = (
            f"{several_of(entity)} that earlier full refreshes of stream {stream.name} brought don't come any "
            f"more, since {since:%Y-%m-%d} or later ({what})"
        )
        self._report.found(Finding(Code.MISSING_AT_SOURCE, text, count, absent[0].id))
        if self._rejections:
            self._rejections.keep_missing(self._listed(stream, absent, what))

    def _listed(self, stream: Stream, absent: Sequence[Absent], what: str) -> Iterator[Missing]:
        for one in absent:
            since = datetime.fromtimestamp(one.since, UTC)
            yield Missing(stream.name, one.entity, one.id, one.document or None, f"{since:%Y-%m-%dT%H:%M:%SZ}", what)
