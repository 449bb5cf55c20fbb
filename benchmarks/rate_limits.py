"""What becomes of a rate limit: how much of it is used, and how many requests run into it."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import billing
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Spread, percent
from benchmarks.processes import call, running_connector, started, wait_until

LIMIT = 50
API_KEY = "sandbox-key"
REFUSED = 429


@dataclass(frozen=True)
class Use:
    """Shares of a rate limit's use.

    Attributes:
        used: requests that passed, of those that the limit allows in the time.
        refused: requests that got 429, of all.
    """

    used: float
    refused: float


def measure_rate_limits(extent: Extent, folder: Path) -> list[Figure]:
    """Sync into a sandbox that lets 50 requests a second pass, told of it and not, at the same time: both are idle."""
    cases = [
        (f"{LIMIT}/s, told by `requests_per_second`", extent.limited_seconds, LIMIT),
        (f"{LIMIT}/s, not told", extent.unlimited_seconds, None),
    ]
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(_figures, *case, folder) for case in cases if case[1]]
    return [figure for future in futures for figure in future.result()]


def _figures(name: str, seconds: float, told: int | None, folder: Path) -> list[Figure]:
    use = _measure(seconds, told, Path(tempfile.mkdtemp(dir=folder)))
    return [
        Figure(f"{name}, {seconds:.0f} s: share of the limit used", Spread.of([use.used]), write=percent),
        Figure(f"{name}, {seconds:.0f} s: share of 429s", Spread.of([use.refused]), write=percent),
    ]


def _measure(seconds: float, told: int | None, folder: Path) -> Use:
    with _sandbox(folder) as port:
        control = f"http://localhost:{port}/_sandbox"
        config: dict[str, Any] = {"api_key": API_KEY, "base_url": f"http://localhost:{port}/product"}
        if told:
            config["requests_per_second"] = told
        catalog = billing.catalog({"customers": ("id", "name")})
        with running_connector(config, catalog, folder) as connector:
            # More than can pass: it is ended while it is still at it.
            enough = int(2 * LIMIT * seconds) + 10
            feeder = threading.Thread(target=connector.feed, args=(_customers(enough),), daemon=True)
            feeder.start()
            first = f"{control}/requests?limit=1"
            assert wait_until(lambda: bool(call(first)), 60), "the connector doesn't start"
            time.sleep(seconds)
            connector.process.kill()
            feeder.join(20)
        return use_of(call(f"{control}/requests?limit=100000"), seconds, LIMIT)


def _customers(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield billing.record("customers", {"id": f"cus_{number}", "name": f"Customer {number}"})


def use_of(requests: list[dict[str, Any]], seconds: float, limit: float) -> Use:
    """Tell how a limit was used in so many seconds from the first request on.

    Args:
        requests: the sandbox's log: `time` as ISO 8601, `status`.
    """
    times = [datetime.fromisoformat(request["time"].replace("Z", "+00:00")).timestamp() for request in requests]
    end = min(times) + seconds
    counts = Counter(request["status"] == REFUSED for request, at in zip(requests, times, strict=True) if at < end)
    return Use(counts[False] / (limit * seconds), counts[True] / max(1, counts.total()))


@contextmanager
def _sandbox(folder: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "fincome_tools.cli", "sandbox", "--port", "0", "--rate-limit", str(LIMIT)]
    with started(command, folder) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().decode()
        # It says little more, far less than a pipe holds.
        yield int(ready.split("base_url=")[1].split("/")[2].rpartition(":")[2])
