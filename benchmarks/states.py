"""How long a state takes: from writing it to stdin, right behind its records, to seeing it on stdout."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import billing
from benchmarks.clients import API_KEY
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Spread, percentile
from benchmarks.processes import Connector, Target, running_connector, wait_until

LATENCY = 0.02
WORKERS = 8
START_SECONDS = 60.0


@dataclass(frozen=True)
class Load:
    """So many records with a state behind them, every so many seconds."""

    name: str
    records: int
    interval: float


# 8 workers can send 400 requests a second at 20 ms.
LOADS = (Load("light: 4 records/s, a state each", 1, 0.25), Load("steady: 200 records/s, a state per 20", 20, 0.1))


def measure_states(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Time states under each load, with stdin open."""
    return [figure for load in LOADS for figure in _measure(target, load, extent.state_seconds, folder)]


def _measure(target: Target, load: Load, seconds: float, folder: Path) -> list[Figure]:
    target.begin(LATENCY)
    seen: dict[int, float] = {}

    def on_state(message: Mapping[str, Any]) -> None:
        seen[message["state"]["id"]] = time.monotonic()

    config = {
        "api_key": API_KEY,
        "base_url": target.base_url,
        "max_concurrency": WORKERS,
        "stored_check": "off",
    }
    catalog = billing.catalog({"invoice_lines": billing.COLUMNS})
    with running_connector(config, catalog, folder, on_state) as connector:
        _warm_up(connector)
        written = _write_states(connector, load, seconds)
        assert wait_until(lambda: connector.states == len(written) + 1, 60), "states are missing"
        connector.finish()
    waits = [1000 * (seen[number] - at) for number, at in written.items()]
    note = f"{len(waits)} states; one request takes {LATENCY * 1000:.0f} ms"
    if load.records > WORKERS:
        note += f", {load.records} of them with {WORKERS} workers {LATENCY * 1000 * -(-load.records // WORKERS):.0f} ms"
    return [
        Figure(f"{load.name}: median", Spread.of([percentile(waits, 0.5)]), unit="ms", note=note),
        Figure(f"{load.name}: 95th percentile", Spread.of([percentile(waits, 0.95)]), unit="ms"),
        Figure(f"{load.name}: longest", Spread.of([max(waits)]), unit="ms"),
    ]


def _warm_up(connector: Connector) -> None:
    connector.feed([billing.record("invoice_lines", billing.invoice_line(0)), billing.state("invoice_lines", 0)])
    assert wait_until(lambda: connector.states == 1, START_SECONDS), "the connector doesn't start"


def _write_states(connector: Connector, load: Load, seconds: float) -> dict[int, float]:
    written = {}
    beginning = time.monotonic()
    for number in range(1, int(seconds / load.interval) + 1):
        time.sleep(max(0.0, beginning + number * load.interval - time.monotonic()))
        first = number * load.records
        lines = [billing.record("invoice_lines", billing.invoice_line(at)) for at in range(first, first + load.records)]
        connector.feed([*lines, billing.state("invoice_lines", number)])
        written[number] = time.monotonic()
    return written
