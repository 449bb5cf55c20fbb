"""The sync without Fincome: the real mapping and engine, a client that sends nothing, and an eye on what passes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from destination_fincome.connection.assembly import Connection, limits_of, understand
from destination_fincome.engine.arrivals import ArrivedRecord, ArrivedState
from destination_fincome.engine.reader import Message
from destination_fincome.engine.standing import MostlyRejected
from destination_fincome.engine.sync import Sync
from destination_fincome.fincome.answers import ACCEPTED, Verdict
from destination_fincome.fincome.client import Rehearsal, Request
from destination_fincome.protocol.catalog import Catalog
from destination_fincome.protocol.messages import Record

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
        asked: how many parents are not in the input, by entity: a sync would ask Fincome for them.
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


def rehearse(config: Mapping[str, Any], catalog: Catalog, read: Callable[[int], bytes], samples: int = 3) -> Preview:
    """Run a sync that sends nothing.

    Args:
        config: as for `write`; the key may be missing.
        read: gives the messages, as `Sync.run` takes them.
        samples: how many records of each stream are shown.

    Raises:
        ConnectorFailure: as a sync would.
    """
    connection = understand({"api_key": NO_KEY, **config}, catalog)
    views = _views(connection)
    watch = _Watch(views, connection, samples)
    offline = _Offline()
    limits = replace(limits_of(connection.config), dry_run=True, parent_wait_seconds=0, requests_per_second=None)
    sync = Sync(
        connection.intake(contents=False, observe=watch.see),
        connection.stream_names,
        connection.entities,
        lambda: Rehearsal(connection.contract, offline),
        limits,
    )
    notes = [*connection.plan.notes]
    try:
        for _ in sync.run(read):
            pass
    except MostlyRejected as failure:
        notes.append(f"a sync would fail. {failure.message}")
    summary = sync.report.document(0, 0)
    for view, row in zip(views, summary["streams"], strict=False):
        view.counts = {name: count for name, count in row.items() if name != "stream"}
    return Preview(connection.plan.preset.title, notes, views, summary, offline.asked, watch.states)


def _views(connection: Connection) -> list[StreamView]:
    return [
        StreamView(name, planned.preset_stream, sorted(planned.entities), planned.ignored)
        for name, planned in zip(connection.stream_names, connection.plan.streams, strict=True)
    ]


class _Offline:
    """Reaches nobody, for all workers. Takes every parent that is not in the input for one that Fincome has."""

    requests = 0

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def deliver(self, request: Request) -> Verdict:
        return ACCEPTED

    def look_up(self, entity: str, identity: str) -> Verdict:
        self.asked[entity] += 1
        return ACCEPTED

    def close(self) -> None:
        pass


class _Watch:
    """Keeps the samples."""

    def __init__(self, views: Sequence[StreamView], connection: Connection, samples: int) -> None:
        self._views = views
        self._entities = [spec.name for spec in connection.entities]
        self._samples = samples
        self._reasons: set[tuple[int, str, str]] = set()
        self.states = 0

    def see(self, message: Message, arrived: ArrivedRecord | ArrivedState) -> None:
        if not isinstance(message, Record) or not isinstance(arrived, ArrivedRecord):
            self.states += 1
        elif arrived.stream < len(self._views):
            self._take(message.data, arrived)

    def _take(self, data: dict[str, Any], arrived: ArrivedRecord) -> None:
        view = self._views[arrived.stream]
        sample = Sample(data)
        fresh = False
        for arrival in arrived.objects:
            entity = self._entities[arrival.entity]
            reason = arrival.fault or arrival.skip
            if reason is None:
                sample.bodies.append((entity, json.loads(arrival.content.body if arrival.content else b"{}")))
                continue
            outcome = "rejected" if arrival.fault else "skipped"
            place = f"{entity}.{reason.field}" if reason.field else entity
            sample.refusals.append((outcome, f"{place}: {reason.text}"))
            fresh |= self._is_new(arrived.stream, reason.code, place)
        if arrived.reason:
            sample.refusals.append(("skipped", arrived.reason.text))
            fresh |= view.ignored is None and self._is_new(arrived.stream, arrived.reason.code, "")
        if view.ignored is None and (len(view.samples) < self._samples or fresh):
            view.samples.append(sample)

    def _is_new(self, stream: int, code: str, place: str) -> bool:
        key = (stream, code, place)
        if key in self._reasons:
            return False
        self._reasons.add(key)
        return True
