"""Delivery, as a fraction of what `requests` and threads can do, and of what the latency allows.

The connector runs as the platform runs it. The server takes the time, from the first request to the last answer, of
the connector as of what it is compared with, so that starting Python counts for neither. The two take turns, and each
ratio is that of neighbours in time: the machine's mood is nearly the same for both.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import billing
from benchmarks.clients import API_KEY
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, possible_rate, rate_of
from benchmarks.processes import ROOT, Target, run_clients, running_connector
from benchmarks.server import Measured

# What the bare pool is expected to reach without latency, to choose a number of records only.
EXPECTED_REQUESTS_PER_SECOND = 1500
OF_BARE_POOL = Goal(least=0.97)
OF_POSSIBLE = Goal(least=0.98)
# Below this latency not even the bare pool comes near to workers/latency: CPU is what limits.
OF_POSSIBLE_FROM = 0.1
OF_UNCHECKED = Goal(least=0.97)
CHECKED_WORKERS = 8
SERVER_REQUESTS_PER_SECOND = Goal(least=10_000)


@dataclass(frozen=True)
class Pair:
    """One repetition: both sides, in requests per second."""

    connector: float
    bare: float


def run_connector(target: Target, workers: int | None, count: int, folder: Path, *, check: str = "off") -> Measured:
    """Sync `count` records, at a width of its own without `workers`; returns what the server saw.

    Args:
        check: the setting `stored_check`.
    """
    config: dict[str, object] = {"api_key": API_KEY, "base_url": target.base_url, "stored_check": check}
    if workers:
        config["max_concurrency"] = workers
    with running_connector(config, billing.catalog({"invoice_lines": billing.COLUMNS}), folder) as connector:
        connector.feed(billing.messages(0, count))
        connector.finish()
    return target.measured()


def measured_rate(measured: Measured, count: int) -> float:
    """Return requests per second, of a measurement in which all came, once each."""
    assert measured.requests == count, f"{measured.requests} requests in place of {count}"
    return rate_of(count, measured.seconds)


def records_for(workers: int, latency: float, seconds: float) -> int:
    """Return how many records take about so long: the same number for each worker."""
    rate = possible_rate(workers, latency) if latency else EXPECTED_REQUESTS_PER_SECOND
    rounds = int(min(rate, EXPECTED_REQUESTS_PER_SECOND) * seconds / workers)
    return max(1, rounds) * workers


def seconds_for(latency: float, extent: Extent) -> float:
    """Return how long to measure: long latencies need longer, or the first and the last round count for too much."""
    return extent.delivery_seconds if latency < OF_POSSIBLE_FROM else extent.slow_delivery_seconds


def repeat(target: Target, workers: int, latency: float, extent: Extent, folder: Path) -> Iterator[Pair]:
    """Yield repetitions; who goes first changes."""
    count = records_for(workers, latency, seconds_for(latency, extent))
    bodies = billing.bodies(0, count)
    for repetition in range(extent.repetitions):
        rates = {}
        for side in ("connector", "bare") if repetition % 2 else ("bare", "connector"):
            target.begin(latency)
            if side == "bare":
                measured = run_clients("pool", target, workers, bodies, folder)
            else:
                measured = run_connector(target, workers, count, folder)
            assert measured.body_bytes == count * billing.BODY_BYTES, "the two sides send other bodies"
            rates[side] = measured_rate(measured, count)
        yield Pair(**rates)


def measure_server(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Show what the server can do."""
    target.begin(0)
    rates = []
    for _ in range(extent.repetitions):
        command = [sys.executable, "-m", "benchmarks.load", str(target.port), "16", str(extent.load_seconds)]
        rates.append(float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout))
    return [Figure("server, 16 connections", Spread.of(rates), SERVER_REQUESTS_PER_SECOND, "requests/s")]


def measure_delivery(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Compare with the bare pool and with what the latency allows."""
    of_bare, of_possible = [], []
    for latency in extent.latencies:
        for workers in extent.workers:
            pairs = list(repeat(target, workers, latency, extent, folder))
            where = f"{latency * 1000:.0f} ms, {workers} workers"
            of_bare.append(_of_bare(where, pairs))
            if latency:
                of_possible.append(_of_possible(where, pairs, workers, latency))
    return of_bare + of_possible


def _of_bare(where: str, pairs: list[Pair]) -> Figure:
    rates = f"{Spread.of([p.connector for p in pairs]).median:,.0f} of "
    rates += f"{Spread.of([p.bare for p in pairs]).median:,.0f} requests/s"
    ratios = Spread.of([pair.connector / pair.bare for pair in pairs])
    return Figure(f"{where}: fraction of the bare pool", ratios, OF_BARE_POOL, write=ratio, note=rates)


def _of_possible(where: str, pairs: list[Pair], workers: int, latency: float) -> Figure:
    most = possible_rate(workers, latency)
    bare = Spread.of([pair.bare / most for pair in pairs]).median
    return Figure(
        f"{where}: fraction of workers/latency",
        Spread.of([pair.connector / most for pair in pairs]),
        OF_POSSIBLE if latency >= OF_POSSIBLE_FROM else None,
        write=ratio,
        note=f"the bare pool reaches {ratio(bare)}",
    )


def measure_stored_check(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Compare with delivery that looks at nothing, where only a GET shows what is stored."""
    figures = []
    for latency in extent.latencies[:2]:
        count = records_for(CHECKED_WORKERS, latency, extent.delivery_seconds)
        ratios, looks = [], 0
        for repetition in range(extent.repetitions):
            rates = {}
            for check in ("fail", "off") if repetition % 2 else ("off", "fail"):
                target.begin(latency, keeps=True)
                measured = run_connector(target, CHECKED_WORKERS, count, folder, check=check)
                rates[check] = rate_of(count, measured.seconds)
                looks = max(looks, measured.requests - count)
            ratios.append(rates["fail"] / rates["off"])
        where = f"{latency * 1000:.0f} ms, {CHECKED_WORKERS} workers: of the rate without the check"
        note = f"{looks} looks at {count:,} objects"
        figures.append(Figure(where, Spread.of(ratios), OF_UNCHECKED, write=ratio, note=note))
    return figures


def ratio(value: float) -> str:
    """Write a ratio with three decimals: 0.965 doesn't reach 0.97."""
    return f"{value:.3f}"
