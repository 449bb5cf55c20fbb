"""Stored lines through the engine again: what they were mapped by is put together anew from what they say."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from destination_fincome.connection.assembly import Connection, deliverers, limits_of, recall_of, understand
from destination_fincome.connection.origins import catalog_of, stream_of
from destination_fincome.engine.final_report import Reporting
from destination_fincome.engine.memory.memory import Name as Known
from destination_fincome.engine.memory.recall import Forgetting
from destination_fincome.engine.standing import MostlyRejected
from destination_fincome.engine.sync import Sync
from destination_fincome.failure import ConfigFailure
from destination_fincome.protocol.catalog import Catalog, StreamKey
from destination_fincome.reporting.rejected_records import Rejection
from fincome_tools.resend.resender import Fate, Fates, Resender
from fincome_tools.resend.stored import Line, Name

LINES_AT_ONCE = 200


@dataclass
class Result:
    """What became of the lines.

    Attributes:
        refused: of objects that were refused again, why, in words without values.
        impossible: of objects that can't be sent again, why.
        superseded: objects of which a later version was sent.
    """

    fates: Fates = field(default_factory=Fates)
    refused: dict[Name, str] = field(default_factory=dict)
    impossible: dict[Name, str] = field(default_factory=dict)
    superseded: set[Name] = field(default_factory=set)

    def is_open(self, name: Name) -> bool:
        """Tell whether something is left to be done for an object."""
        return name in self.refused or name in self.impossible or self.fates.of(name) is Fate.PERHAPS_OUTDATED


class _Refused:
    """Takes what is rejected again, in the place of a store."""

    stored = 0
    location = ""

    def __init__(self, refused: dict[Name, str]) -> None:
        self._refused = refused

    def add(self, rejection: Rejection) -> None:
        where = f"{rejection.field}: " if rejection.field else ""
        self._refused[Name(rejection.entity, rejection.id)] = f"{where}{rejection.message} ({rejection.code})"

    def flush(self) -> None:
        pass


class _Asked(Forgetting):
    """The account's memory, asked once it is taken out: which objects were confirmed last before they were stored?"""

    _stored_on: Mapping[Name, int]
    _newer: set[Name]

    def asks(self, days: Mapping[Name, int], newest: set[Name]) -> None:
        """Have it put those of some objects into `newest`; `days` are those on which they were stored."""
        self._stored_on, self._newer = days, newest

    def begin(self) -> None:
        """See `Recall`. On the day itself nobody knows which was first."""
        super().begin()
        for name, day in self._stored_on.items():
            confirmed = self.confirmed_on(Known(*name))
            if confirmed is not None and confirmed < day:
                self._newer.add(name)


def send_again(
    document: Mapping[str, Any],
    lines: Sequence[Line],
    later: Mapping[Name, float],
    catalog: Catalog | None,
    *,
    overwrite: bool,
) -> Result:
    """Send the objects of stored lines again.

    Args:
        document: the config.
        later: the newest versions that were sent again before, by object.
        catalog: for lines that don't say what they were mapped by.
        overwrite: also what may be outdated is sent.

    Raises:
        ConnectorFailure: as a sync does.
    """
    result = Result()
    going = []
    for line in lines:
        if line.record is None:
            result.impossible[line.name] = "its record was not stored, or can't be read"
        elif line.version is not None and later.get(line.name, -math.inf) > line.version:
            result.superseded.add(line.name)
        else:
            going.append(line)
    for preset, group in _groups(going).items():
        connection = _connection(document, preset, group, catalog)
        _send(connection, [*_possible(connection, group, result)], result, overwrite=overwrite)
    return result


_OLDER = "an older version"


def _groups(lines: Iterable[Line]) -> dict[str | None, list[Line]]:
    """Put lines together that were mapped by one preset."""
    found: dict[str | None, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.origin["preset"] if line.origin else _OLDER].append(line)
    return found


def _connection(
    document: Mapping[str, Any], preset: str | None, lines: Sequence[Line], catalog: Catalog | None
) -> Connection:
    if preset == _OLDER:
        if catalog is None:
            raise ConfigFailure(
                f"{len(lines)} of the lines were stored by an older version, and don't say which columns their streams "
                "have: name the connection's catalog (--catalog)."
            )
        return understand(document, catalog)
    source = document.get("source") or "auto"
    if source == "auto" and preset is not None:
        source = preset
    return understand({**document, "source": source}, catalog_of(line.origin for line in lines if line.origin))


def _possible(connection: Connection, lines: Iterable[Line], result: Result) -> Iterator[Line]:
    """Leave out what is made of several rows, of which the lines have one."""
    plans = zip(connection.catalog.streams, connection.plan.streams, strict=True)
    of_rows = {str(stream.key) for stream, plan in plans if plan.mapper and plan.mapper.needs_all_rows}
    for line in lines:
        if line.stream in of_rows:
            result.impossible[line.name] = "it is made of several rows: load or sync all of them again"
        else:
            yield line


def _send(connection: Connection, lines: Sequence[Line], result: Result, *, overwrite: bool) -> None:
    wanted: dict[Name, set[str]] = defaultdict(set)
    for line in lines:
        wanted[line.name] |= {line.field} if line.code == "incomplete" and line.field else set()
    days: dict[Name, int] = {}
    for line in lines:
        days[line.name] = min(line.day, days.get(line.name, line.day))
    recall, newest = recall_of(connection, _Asked), set[Name]()
    if recall:
        recall.asks(days, newest)
        recall.was_sent = lambda known: result.fates.of(Name(known.entity, known.id)) is Fate.SENT
    clients = deliverers(connection)
    limits = replace(
        limits_of(connection.config),
        dry_run=False,
        most_rejected=None,
        most_rejected_percent=100,
        max_settled_percent=100,
        parent_wait_seconds=math.inf,
    )
    sync = Sync(
        connection.intake(contents=True),
        connection.stream_names,
        connection.entities,
        lambda: Resender(connection.contract, clients(), wanted, newest, result.fates, overwrite=overwrite),
        limits,
        Reporting(_Refused(result.refused)),  # type: ignore[arg-type]  # it stores nothing, and takes what a store takes
        recall,
    )
    with suppress(MostlyRejected):
        for _ in sync.run(_reader(connection, lines)):
            pass


def _reader(connection: Connection, lines: Sequence[Line]) -> Callable[[int], bytes]:
    """Return what gives the records as messages, each once."""
    keys = {str(stream.key): stream.key for stream in connection.catalog.streams}
    records: dict[tuple[StreamKey, bytes], None] = {}
    for line in lines:
        key = stream_of(line.origin) if line.origin else keys.get(line.stream)
        if key is None:
            raise ConfigFailure(f"The catalog has no stream {line.stream}, whose records are to be sent again.")
        records[key, line.record or b"{}"] = None
    messages = iter([_message(key, record) for key, record in records])
    return lambda _limit: b"".join(message for message, _ in zip(messages, range(LINES_AT_ONCE), strict=False))


def _message(key: StreamKey, record: bytes) -> bytes:
    content = {"stream": key.name, "namespace": key.namespace, "emitted_at": 0, "data": orjson.Fragment(record)}
    return orjson.dumps({"type": "RECORD", "record": content}, option=orjson.OPT_APPEND_NEWLINE)
