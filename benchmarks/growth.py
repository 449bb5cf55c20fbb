"""How reading, mapping and spooling hold when everything is held, and what memory that takes; how long a start takes.

All children wait: their parents' stream is selected, and doesn't come. A product before them shows that the connector
has started; one behind them, which nothing holds, shows when all have been taken in. The server sees them pass, by the
same clock as ours.
"""

from __future__ import annotations

import subprocess
import time
from itertools import chain
from pathlib import Path

from benchmarks import billing
from benchmarks.clients import API_KEY
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, rate_of
from benchmarks.processes import CONNECTOR, ROOT, Target, running_connector, wait_until

RECORDS_PER_SECOND = Goal(least=15_000)
MEBIBYTES = Goal(most=150)
SPEC_SECONDS = Goal(most=2.0)
GROWTH = Goal(most=1.25)
START_SECONDS, LONGEST_SECONDS = 60.0, 400.0
STREAMS = {
    "products": ("id", "name"),
    "invoices": ("id", "customer_id", "date", "status", "currency", "amount"),
    "invoice_lines": billing.COLUMNS,
}


def measure_growth(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Hold more and more records."""
    results = [(count, *hold(target, count, folder)) for count in extent.growth]
    speeds = [
        Figure(f"{count:,} records held: read, mapped, spooled", Spread.of([rate]), RECORDS_PER_SECOND, "records/s")
        for count, rate, _ in results
    ]
    sizes = [
        Figure(f"{count:,} records held: peak resident memory", Spread.of([peak]), MEBIBYTES, "MiB")
        for count, _, peak in results
    ]
    growth = Spread.of([results[-1][2] / results[0][2]])
    slowing = Spread.of([results[0][1] / results[-1][1]])
    return [
        *speeds,
        Figure("speed of the first as a multiple of the last", slowing, GROWTH, note="flat: 1.00"),
        *sizes,
        Figure("peak of the last as a multiple of the first", growth, GROWTH, note="flat: 1.00"),
    ]


def hold(target: Target, count: int, folder: Path) -> tuple[float, float]:
    """Have so many records held; returns records per second, and the peak of the connector's memory in MiB."""
    target.begin(0)
    config = {
        "api_key": API_KEY,
        "base_url": target.base_url,
        "source": "fincome",
        "stored_check": "off",
        "parent_wait_seconds": 3600,
        "max_spool_mb": 16_384,
    }
    with running_connector(config, billing.catalog(STREAMS), folder) as connector:
        connector.feed([_product("first")])
        assert wait_until(lambda: target.measured().requests == 1, START_SECONDS), "the connector doesn't start"
        begun = time.monotonic()
        connector.feed(chain(billing.cheap_records(count), [_product("last")]))
        assert wait_until(lambda: target.measured().requests >= 2, LONGEST_SECONDS, 0.2), "the last product is missing"
        measured = target.measured()
        assert measured.requests == 2, "a child was not held"
        return rate_of(count, measured.last - begun), connector.peak_mebibytes()


def _product(identity: str) -> bytes:
    return billing.record("products", {"id": identity, "name": "A product"})


def measure_start(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Time `spec`."""
    times = []
    for _ in range(extent.starts):
        begun = time.monotonic()
        subprocess.run([*CONNECTOR, "spec"], cwd=ROOT, check=True, capture_output=True)
        times.append(time.monotonic() - begun)
    return [Figure("`spec`, from start to end", Spread.of(times), SPEC_SECONDS, "s")]
