"""The sync that writes nothing: the real mapping and engine, clients that only ask, and an eye on what passes."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from destination_fincome.connection.assembly import Connection, consulted, deliverers, limits_of, understand
from destination_fincome.engine.arrivals import ArrivedRecord, ArrivedState, CreditArrival
from destination_fincome.engine.final_report import Reporting
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.reader import Message
from destination_fincome.engine.standing import MostlyRejected
from destination_fincome.engine.sync import Sync
from destination_fincome.fincome.answers import ACCEPTED, MISSING, UNTOLD, Verdict
from destination_fincome.fincome.delivery import Deliverer, Request
from destination_fincome.fincome.listing import Page
from destination_fincome.protocol.catalog import Catalog
from destination_fincome.protocol.messages import Record
from destination_fincome.reporting.foretold import Foretold

# Long enough for a config that has none yet; it leads nowhere.
NO_KEY = "no-key-is-needed-for-a-preview"


@dataclass
class Sample:
    """One record and what it becomes.

    Attributes:
        source: the record, without Airbyte's own columns.
        bodies: the objects that would be sent, each with its entity's name.
        refusals: why other objects, or the record itself, would not be: outcome and reason in words.
    """

    source: dict[str, Any]
    bodies: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class StreamView:
    """One stream, as the preview shows it.

    Attributes:
        becomes: the entities, or empty if the stream is ignored.
        ignored: why it is ignored.
        counts: records by outcome, and `received`.
        samples: its first records, and for each reason why something would not be sent the first that has it.
    """

    name: str
    preset_stream: str | None
    becomes: list[str]
    ignored: str | None
    counts: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)


@dataclass
class Preview:
    """All that the preview shows.

    Attributes:
        mapping: the title of the mapping that was chosen.
        asked: how many parents are not in the input, by entity: nobody asked Fincome for them, as a sync would.
        summary: as Report.document gives it.
    """

    mapping: str
    notes: Sequence[str]
    streams: list[StreamView]
    summary: dict[str, Any]
    asked: Counter[str]
    states: int

    @property
    def rejects(self) -> bool:
        """Something would be rejected."""
        return any(row["rejected"] for row in self.summary["entities"])


def rehearse(
    config: Mapping[str, Any],
    catalog: Catalog,
    messages: Callable[[], Callable[[int], bytes]],
    samples: int = 3,
    asks: Callable[[int], None] | None = None,
) -> Preview:
    """Run a sync that sends nothing.

    Args:
        config: as for `write`; the key may be missing.
        messages: begins with them anew, and returns what gives them, as `Sync.run` takes it.
        samples: how many records of each stream are shown.
        asks: Fincome is asked what it has; told first how many objects it is asked for at most. None: it isn't asked.

    Raises:
        ConnectorFailure: as a sync would.
    """
    connection = understand({"api_key": NO_KEY, **config, "dry_run": True}, catalog)
    if asks is None:
        return _Rehearsal(connection, samples).offline(messages())
    asks(_Rehearsal(connection, 0).looks(messages()))
    return _Rehearsal(connection, samples).against_the_account(messages())


class _Rehearsal:
    """One run over the messages."""

    def __init__(self, connection: Connection, samples: int) -> None:
        self._connection = connection
        self._views = _views(connection)
        self._watch = _Watch(self._views, connection, samples)
        self._notes = [*connection.plan.notes]

    def looks(self, read: Callable[[int], bytes]) -> int:
        """Return for how many objects a sync would ask Fincome at most."""
        offline = _Offline(self._watch)
        self._run(read, lambda: offline)
        return len(offline.delivered) + offline.asked.total() + offline.asked_for_credits

    def offline(self, read: Callable[[int], bytes]) -> Preview:
        """Ask nobody."""
        offline = _Offline(self._watch)
        return self._preview(self._run(read, lambda: offline), offline.asked)

    def against_the_account(self, read: Callable[[int], bytes]) -> Preview:
        """Hold everything against what Fincome has."""
        foretold = Foretold()
        recall = consulted(self._connection, foretold)
        return self._preview(self._run(read, deliverers(self._connection, foretold), foretold, recall), Counter())

    def _run(
        self,
        read: Callable[[int], bytes],
        deliverer: Callable[[], Deliverer],
        foretold: Foretold | None = None,
        recall: Recall | None = None,
    ) -> dict[str, Any]:
        """Run the sync; returns its summary."""
        limits = limits_of(self._connection.config)
        if foretold is None:
            # Whoever is asked at once answers for good, and what comes later must have come by then.
            limits = replace(limits, parent_wait_seconds=math.inf, requests_per_second=None)
        connection = self._connection
        intake = connection.intake(contents=False, observe=self._watch.see, keeps_ids=foretold is not None)
        reporting = Reporting(foretold=foretold)
        sync = Sync(intake, connection.stream_names, connection.entities, deliverer, limits, reporting, recall)
        try:
            for _ in sync.run(read):
                pass
        except MostlyRejected as failure:
            self._notes.append(f"a sync would fail. {failure.message}")
        return sync.report.document(0, 0)

    def _preview(self, summary: dict[str, Any], asked: Counter[str]) -> Preview:
        for view, row in zip(self._views, summary["streams"], strict=False):
            view.counts = {name: count for name, count in row.items() if name != "stream"}
            # Of a credit that came again in a newer version nothing was made.
            view.samples = [sample for sample in view.samples if sample.bodies or sample.refusals]
        title = self._connection.plan.preset.title
        return Preview(title, self._notes, self._views, summary, asked, self._watch.states)


def _views(connection: Connection) -> list[StreamView]:
    return [
        StreamView(name, planned.preset_stream, sorted(planned.entities), planned.ignored)
        for name, planned in zip(connection.stream_names, connection.plan.streams, strict=True)
    ]


class _Offline:
    """Reaches nobody, for all workers. Takes what is not in the input for something that Fincome has.

    Not so of what the credits in the input become.
    """

    requests = 0

    def __init__(self, watch: _Watch) -> None:
        self.asked: Counter[str] = Counter()
        self.asked_for_credits = 0
        self.delivered: set[int] = set()
        self._watch = watch

    def deliver(self, request: Request) -> Verdict:
        self.delivered.add(hash((request.entity, request.id)))
        return ACCEPTED

    def look_up(self, entity: str, identity: str) -> Verdict:
        if self._watch.is_of_a_credit(entity, identity):
            self.asked_for_credits += 1
            return MISSING
        if self._watch.has_seen(entity, identity):
            # It came, and is asked for all the same: it was rejected.
            return MISSING
        self.asked[entity] += 1
        return ACCEPTED

    def read_page(self, entity: str, page: Page) -> Verdict:
        """There is no account that could list anything."""
        return UNTOLD

    def close(self) -> None:
        pass


class _Watch:
    """Keeps the samples."""

    def __init__(self, views: Sequence[StreamView], connection: Connection, samples: int) -> None:
        self._views = views
        self._entities = [spec.name for spec in connection.entities]
        self._samples = samples
        self._reasons: set[tuple[int, str, str]] = set()
        # Hashes of the objects that came to be sent, and of those that credits may become.
        self._came: set[int] = set()
        self._of_credits: set[int] = set()
        # By stream and record. They are filled in once it is known what else tells of the credit.
        self._credits: dict[tuple[int, int], Sample] = {}
        self.states = 0

    def has_seen(self, entity: str, identity: str) -> bool:
        """Tell whether an object came, and not only to be left out."""
        return hash((entity, identity)) in self._came

    def is_of_a_credit(self, entity: str, identity: str) -> bool:
        """Tell whether it is what a credit among the records may become."""
        return hash((entity, identity)) in self._of_credits

    def see(self, message: Message, arrived: ArrivedRecord | ArrivedState) -> None:
        if not isinstance(message, Record) or not isinstance(arrived, ArrivedRecord):
            self.states += 1
        elif arrived.credit is not None:
            self._await(message, arrived.credit)
        elif arrived.stream < len(self._views):
            self._take(message, arrived)

    def _await(self, message: Record, credit: CreditArrival) -> None:
        """Keep a credit's place among the samples."""
        key = credit.key
        self._of_credits |= {hash(("credit_notes", key.note)), hash(("invoices", key.invoice))}
        view = self._views[credit.stream]
        if len(view.samples) < self._samples:
            view.samples.append(self._credits.setdefault((credit.stream, message.number), Sample(message.data)))

    def _take(self, message: Record, arrived: ArrivedRecord) -> None:
        view = self._views[arrived.stream]
        sample = self._credits.get((arrived.stream, message.number)) or Sample(message.data)
        # A credit's objects are made again where more is told of it.
        sample.bodies, sample.refusals = [], []
        fresh = False
        for arrival in arrived.objects:
            entity = self._entities[arrival.entity]
            if not (arrival.skip or arrival.facet):
                self._came.add(hash((entity, arrival.id)))
            reason = arrival.fault or arrival.skip
            if reason is None:
                sample.bodies.append((entity, json.loads(arrival.content.body if arrival.content else b"{}")))
                continue
            outcome = "rejected" if arrival.fault else "skipped"
            place = f"{entity}.{reason.field}" if reason.field else entity
            sample.refusals.append((outcome, f"{place}: {reason.text}"))
            fresh |= self._is_new(arrived.stream, reason.code, place)
        if arrived.links and not arrived.objects:
            sample.refusals.append(("joined", "it tells what a credit was applied to, and goes with that"))
        if arrived.reason:
            sample.refusals.append(("skipped", arrived.reason.text))
            fresh |= view.ignored is None and self._is_new(arrived.stream, arrived.reason.code, "")
        is_shown = any(one is sample for one in view.samples)
        if view.ignored is None and not is_shown and (len(view.samples) < self._samples or fresh):
            view.samples.append(sample)

    def _is_new(self, stream: int, code: str, place: str) -> bool:
        key = (stream, code, place)
        if key in self._reasons:
            return False
        self._reasons.add(key)
        return True
