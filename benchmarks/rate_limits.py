"""What becomes of a rate limit: how much of it is used, and how many requests run into it."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import billing
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, percent
from benchmarks.processes import Connector, call, running_connector, started, wait_until

LIMIT = 50
API_KEY = "sandbox-key"
REFUSED = 429
SYNCS = 4
# Of several syncs on one account.
TOGETHER, FEW_REFUSED, OF_FAIR_SHARE = Goal(least=0.9), Goal(most=0.05), Goal(least=0.4)
# Until each has found its part.
SETTLING_SECONDS = 15.0


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
    """Sync into sandboxes that let 50 requests a second pass, at the same time, as all are idle.

    One sync is told of the limit, one isn't, and four on one account aren't.
    """
    cases = [
        (f"{LIMIT}/s, told by `requests_per_second`", extent.limited_seconds, LIMIT),
        (f"{LIMIT}/s, not told", extent.unlimited_seconds, None),
    ]
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(_figures, *case, folder) for case in cases if case[1]]
        if extent.shared_seconds:
            futures.append(pool.submit(_shared, extent.shared_seconds, folder))
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


def _shared(seconds: float, folder: Path) -> list[Figure]:
    """Let several syncs that know nothing of each other into one account."""
    with _sandbox(folder) as port, ExitStack() as stack:
        for number in range(SYNCS):
            stack.enter_context(_one_of_several(number, seconds, port, folder))
        log = f"http://localhost:{port}/_sandbox/requests?limit=100000"
        assert wait_until(lambda: len(_syncs(call(log))) == SYNCS, 120, 0.5), "not all connectors start"
        time.sleep(SETTLING_SECONDS + seconds)
        requests = call(log)
    shares = shares_of(requests, seconds, LIMIT)
    name = f"{SYNCS} syncs, {LIMIT}/s, not told, {seconds:.0f} s"
    each = f"of a fair one, the others {', '.join(f'{share:.2f}' for share in shares.each[1:])}"
    return [
        Figure(f"{name}: share of the limit used", Spread.of([shares.used]), TOGETHER, write=percent),
        Figure(f"{name}: share of 429s", Spread.of([shares.refused]), FEW_REFUSED, write=percent),
        Figure(f"{name}: least share", Spread.of([shares.each[0]]), OF_FAIR_SHARE, note=each),
    ]


@contextmanager
def _one_of_several(number: int, seconds: float, port: int, folder: Path) -> Iterator[None]:
    config = {"api_key": API_KEY, "base_url": f"http://localhost:{port}/product"}
    own = Path(tempfile.mkdtemp(dir=folder))
    with running_connector(config, billing.catalog({"customers": ("id", "name")}), own) as connector:
        records = _customers(int(2 * LIMIT * (seconds + SETTLING_SECONDS)), f"{number}_")
        feeder = threading.Thread(target=_feed, args=(connector, records), daemon=True)
        feeder.start()
        yield
        connector.process.kill()
        feeder.join(20)


def _feed(connector: Connector, records: Iterator[bytes]) -> None:
    # More than can pass: it is ended while it is still at it.
    with suppress(BrokenPipeError):
        connector.feed(records)


def _syncs(requests: list[dict[str, Any]]) -> set[str]:
    """Return the numbers of the syncs that have got something through."""
    return {str(request["id"]).split("_")[1] for request in requests if request["status"] != REFUSED}


def _customers(count: int, prefix: str = "") -> Iterator[bytes]:
    for number in range(count):
        yield billing.record("customers", {"id": f"cus_{prefix}{number}", "name": f"Customer {number}"})


@dataclass(frozen=True)
class Shares:
    """What several syncs made of one limit.

    Attributes:
        used, refused: as in Use.
        each: what passed of each sync, as multiples of a fair share, the least one first.
    """

    used: float
    refused: float
    each: tuple[float, ...]


def shares_of(requests: list[dict[str, Any]], seconds: float, limit: float) -> Shares:
    """Tell how syncs whose ids are `cus_SYNC_…` shared a limit in the last so many seconds.

    Args:
        requests: the sandbox's log: `time` as ISO 8601, `status`, `id`.
    """
    end = max(map(_seconds, requests))
    counted = [request for request in requests if _seconds(request) > end - seconds]
    passed = Counter(str(r["id"]).split("_")[1] for r in counted if r["status"] != REFUSED)
    possible = limit * seconds
    each = sorted(passed[str(number)] / (possible / SYNCS) for number in range(SYNCS))
    return Shares(passed.total() / possible, 1 - passed.total() / max(1, len(counted)), tuple(each))


def _seconds(request: dict[str, Any]) -> float:
    return datetime.fromisoformat(request["time"].replace("Z", "+00:00")).timestamp()


def use_of(requests: list[dict[str, Any]], seconds: float, limit: float) -> Use:
    """Tell how a limit was used in so many seconds from the first request on.

    Args:
        requests: the sandbox's log: `time` as ISO 8601, `status`.
    """
    times = [_seconds(request) for request in requests]
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
