"""One table of the same records, by what else there is: the usual ways, the fastest one, and what is possible at all.

All sides take turns in each repetition, against one server; each ratio is that of neighbours in time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import billing
from benchmarks.clients import API_KEY
from benchmarks.delivery import measured_rate, ratio, records_for, run_connector
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, possible_rate
from benchmarks.processes import Target, run_clients, running_connector
from benchmarks.server import Measured

WORKERS = 8
USUAL = (sys.executable, "-m", "benchmarks.usual")
TIMES_USUAL = Goal(least=6.0)
OF_BARE_POOL = Goal(least=0.97)
# The connector's own width has its first seconds at 4 and 8 requests at a time behind it after so long.
OWN_SECONDS = 3.0


@dataclass(frozen=True)
class Side:
    """One way to deliver records.

    Attributes:
        count: how many records it takes, to last about as long as the others.
        run: has so many delivered; returns what the server saw.
    """

    count: int
    run: Callable[[int], Measured]


def measure_comparison(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Compare at each latency but none."""
    return [
        figure
        for latency in extent.latencies
        if latency
        for figure in _figures(latency, _repeat(target, latency, extent, folder))
    ]


def _repeat(target: Target, latency: float, extent: Extent, folder: Path) -> list[dict[str, float]]:
    sides = _sides(target, latency, extent, folder)
    runs = []
    for repetition in range(extent.repetitions):
        rates = {}
        for name in sorted(sides, reverse=bool(repetition % 2)):
            target.begin(latency)
            rates[name] = measured_rate(sides[name].run(sides[name].count), sides[name].count)
        runs.append(rates)
    return runs


def _sides(target: Target, latency: float, extent: Extent, folder: Path) -> Mapping[str, Side]:
    seconds = extent.delivery_seconds if latency < 0.1 else extent.slow_delivery_seconds
    one, many = records_for(1, latency, seconds), records_for(WORKERS, latency, seconds)
    own = records_for(16, latency, seconds + OWN_SECONDS)

    def bare(workers: int) -> Callable[[int], Measured]:
        return lambda count: run_clients(
            "pool" if workers > 1 else "single", target, workers, billing.bodies(0, count), folder
        )

    return {
        "bare pool": Side(many, bare(WORKERS)),
        "connector": Side(many, lambda count: run_connector(target, WORKERS, count, folder)),
        "own width": Side(own, lambda count: run_connector(target, None, count, folder)),
        "one at a time": Side(one, bare(1)),
        "usual": Side(one, lambda count: _run_usual(target, count, folder)),
    }


def _run_usual(target: Target, count: int, folder: Path) -> Measured:
    config = {"api_key": API_KEY, "base_url": target.base_url}
    catalog = billing.catalog({"invoice_lines": billing.COLUMNS})
    with running_connector(config, catalog, folder, command=USUAL) as usual:
        usual.feed(billing.messages(0, count))
        usual.finish()
    return target.measured()


def _figures(latency: float, runs: list[dict[str, float]]) -> list[Figure]:
    where = f"{latency * 1000:.0f} ms"
    most = possible_rate(WORKERS, latency)

    def rate(name: str) -> str:
        return f"{Spread.of([run[name] for run in runs]).median:,.1f} requests/s"

    def of(name: str, other: str) -> Spread:
        return Spread.of([run[name] / run[other] for run in runs])

    eight = f"{where}, {WORKERS} workers"
    possible = Spread.of([run["connector"] / most for run in runs])
    note = f"{rate('connector')} of {most:,.0f}; one request a record is all that must be made"
    return [
        Figure(f"{eight}: fraction of the bare pool", of("connector", "bare pool"), OF_BARE_POOL, write=ratio,
               note=f"{rate('bare pool')} there"),
        Figure(f"{eight}: fraction of what is possible", possible, write=ratio, note=note),
        Figure(f"{eight}: times one at a time", of("connector", "one at a time"), TIMES_USUAL,
               note=f"{rate('one at a time')} there"),
        Figure(f"{eight}: times a stock CDK destination", of("connector", "usual"), TIMES_USUAL,
               note=f"{rate('usual')} there"),
        Figure(f"{where}, no setting: times a stock CDK destination", of("own width", "usual"), TIMES_USUAL,
               note=f"{rate('own width')}, its first seconds at 4 and 8 at a time among them"),
    ]  # fmt: skip
