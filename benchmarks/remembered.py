"""What a memory saves: a sync of what Fincome has already, and of what has changed; and what a large memory takes.

The account is the sandbox, with a latency of 20 ms. Seven kinds of objects, most of them invoices and their lines, come
in a full refresh: first all are new, then nothing has changed, then one of a hundred has.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request

from benchmarks import billing
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread
from benchmarks.grown_memory import PEAK
from benchmarks.processes import CONNECTOR, ROOT, call, running_connector, started

API_KEY = "sandbox-key"
LATENCY_MS = 20
MILLION = 1_000_000
UNCHANGED, CHANGED, TIMES_FASTER = Goal(most=0.01), Goal(most=0.03), Goal(least=10)
MEGABYTES, SECONDS, MEBIBYTES = Goal(most=64), Goal(most=5), Goal(most=150)
# One object in so many changes.
CHANGES = 100
# Of a customer, so many objects of each kind; products and plans are few.
INVOICES, LINES = 4, 8
OBJECTS_OF_A_CUSTOMER = 1 + 1 + INVOICES + LINES + 1
PLANS = 10
_LONGEST_SECONDS = 3600.0


@dataclass(frozen=True)
class Run:
    """One sync: its requests, and how long it took from the start of the process to its end.

    Attributes:
        peak: of its resident memory, in MiB, if it was asked for.
    """

    requests: int
    seconds: float
    peak: float | None = None


def measure_memory(extent: Extent, folder: Path) -> list[Figure]:
    """Sync three times, then write and read a large memory."""
    count = extent.remembered_objects
    first, again, changed, large = _syncs(count, extent.memory_objects - count, folder)
    assert large.requests == 0
    assert large.peak is not None
    size = _size(extent.memory_objects, folder)
    times = Spread.of([first.seconds / again.seconds])
    note = f"{first.seconds:.0f} s and {first.requests:,} requests at first, {again.seconds:.1f} s then"
    name, many = f"{count:,} objects", f"{extent.memory_objects:,} objects"
    is_whole = extent.memory_objects == MILLION

    def of(run: Run) -> Spread:
        return Spread.of([run.requests / count])

    return [
        Figure(f"{name}, nothing changed: requests per object", of(again), UNCHANGED, write=_fine),
        Figure(f"{name}, nothing changed: times faster", times, TIMES_FASTER if count >= 100_000 else None, note=note),
        Figure(f"{name}, one in {CHANGES} changed: requests per object", of(changed), CHANGED, write=_fine),
        Figure(
            f"{many} known, nothing changed: peak of the whole connector",
            Spread.of([large.peak]),
            MEBIBYTES if is_whole else None,
            "MiB",
            note=f"a sync of {count:,} in {large.seconds:.1f} s",
        ),
        Figure(f"{many}: the memory's file", Spread.of([size["megabytes"]]), MEGABYTES if is_whole else None, "MB"),
        Figure(f"{many}: read", Spread.of([size["read"]]), SECONDS if is_whole else None, "s"),
        Figure(f"{many}: compared with a full refresh", Spread.of([size["compared"]]), None, "s"),
        Figure(f"{many}: written", Spread.of([size["written"]]), SECONDS if is_whole else None, "s"),
        Figure(f"{many}: peak resident memory", Spread.of([size["peak"]]), MEBIBYTES if is_whole else None, "MiB"),
    ]


def _fine(value: float) -> str:
    return f"{value:.4f}"


# --- syncs


def _syncs(count: int, more: int, folder: Path) -> tuple[Run, Run, Run, Run]:
    """Return the three syncs, and one more when the memory knows so many more objects."""
    with _sandbox(folder) as port:
        faults = json.dumps({"latency_ms": LATENCY_MS}).encode()
        control = f"http://localhost:{port}/_sandbox/faults"
        call(Request(control, faults, {"Content-Type": "application/json"}, method="PUT"))
        config = {
            "api_key": API_KEY,
            "base_url": f"http://localhost:{port}/product",
            "source": "fincome",
            "memory_url": str(folder / "memory"),
        }
        three = _sync(config, count, 0, folder), _sync(config, count, 0, folder), _sync(config, count, 1, folder)
        files = [str(folder / name) for name in ("config.json", "catalog.json")]
        subprocess.run([*GROWN, "grow", str(more), *files], cwd=ROOT, check=True)
        return *three, _sync(config, count, 1, folder, GROWN)


GROWN = (sys.executable, "-m", "benchmarks.grown_memory")


def _sync(config: dict[str, Any], count: int, version: int, folder: Path, command: tuple[str, ...] = CONNECTOR) -> Run:
    begun = time.monotonic()
    catalog = billing.catalog(COLUMNS)
    for stream in catalog["streams"]:
        stream["sync_mode"] = "full_refresh"
    with running_connector(config, catalog, folder, command=command) as connector:
        connector.feed(records(count, version))
        connector.finish(_LONGEST_SECONDS)
        seconds = time.monotonic() - begun
    summary = _said(connector.logs, "Summary (JSON): ")
    peak = _said(connector.logs, PEAK)
    assert summary is not None
    return Run(json.loads(summary)["requests"], seconds, None if peak is None else float(peak))


def _said(logs: list[str], what: str) -> str | None:
    """Return what a log says behind certain words."""
    return next((json.loads(line)["log"]["message"].partition(what)[2] for line in logs if what in line), None)


COLUMNS = {
    "products": ("id", "name"),
    "plans": ("id", "product_id", "name", "amount", "currency"),
    "customers": ("id", "name", "email"),
    "subscriptions": ("id", "customer_id", "plan_id", "status", "start_date", "monthly_value", "currency"),
    "invoices": ("id", "customer_id", "subscription_id", "number", "date", "status", "currency", "amount"),
    "invoice_lines": ("id", "invoice_id", "subscription_id", "type", "currency", "amount_excluding_tax_after_discount"),
    "credit_notes": ("id", "invoice_id", "date", "currency", "amount"),
}


def records(count: int, version: int) -> Iterator[bytes]:
    """Yield about so many records, parents first; one in a hundred differs from version to version."""
    for number, (stream, values) in enumerate(_objects(count), 1):
        if version and number % CHANGES == 0:
            values = {**values, _CHANGING.get(stream, "name"): _changed(stream, version)}
        yield billing.record(stream, values)


_CHANGING = {
    "subscriptions": "monthly_value",
    "invoices": "amount",
    "invoice_lines": "amount_excluding_tax_after_discount",
    "credit_notes": "amount",
}


def _changed(stream: str, version: int) -> object:
    return 90 + version if stream in _CHANGING else f"Version {version}"


def _objects(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    customers = range(max(1, (count - 2 * PLANS) // OBJECTS_OF_A_CUSTOMER))
    date = "2026-01-31"
    euros: dict[str, Any] = {"currency": "EUR"}
    for n in range(PLANS):
        yield "products", {"id": f"prod_{n}", "name": f"Product {n}"}
    for n in range(PLANS):
        yield "plans", {"id": f"plan_{n}", "product_id": f"prod_{n}", "name": f"Plan {n}", "amount": 10, **euros}
    for n in customers:
        yield "customers", {"id": f"cus_{n}", "name": f"Customer {n}", "email": f"{n}@example.com"}
    for n in customers:
        values: dict[str, Any] = {
            "id": f"sub_{n}",
            "customer_id": f"cus_{n}",
            "plan_id": f"plan_{n % PLANS}",
            "status": "active",
        }
        yield "subscriptions", {**values, "start_date": date, "monthly_value": 10, **euros}
    for n in (n for customer in customers for n in range(customer * INVOICES, (customer + 1) * INVOICES)):
        owner = {"customer_id": f"cus_{n // INVOICES}", "subscription_id": f"sub_{n // INVOICES}"}
        values = {"id": f"in_{n}", "number": f"F-{n}", "date": date, "status": "paid", "amount": 20}
        yield "invoices", {**values, **owner, **euros}
    for n in (n for customer in customers for n in range(customer * LINES, (customer + 1) * LINES)):
        values = {"id": f"il_{n}", "invoice_id": f"in_{n * INVOICES // LINES}", "subscription_id": f"sub_{n // LINES}"}
        yield "invoice_lines", {**values, "type": "one_off", "amount_excluding_tax_after_discount": 10, **euros}
    for n in customers:
        values = {"id": f"cn_{n}", "invoice_id": f"in_{n * INVOICES}", "date": date}
        yield "credit_notes", {**values, "amount": 1, **euros}


@contextmanager
def _sandbox(folder: Path) -> Iterator[int]:
    with started([sys.executable, "-m", "fincome_tools.cli", "sandbox", "--port", "0"], folder) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().decode()
        # It says little more, far less than a pipe holds.
        yield int(ready.split("base_url=")[1].split("/")[2].rpartition(":")[2])


# --- a large memory


def _size(count: int, folder: Path) -> dict[str, float]:
    """Write a memory of so many objects, and have another process read it, compare with it, and write it."""
    file = str(folder / "large-memory")
    found: dict[str, float] = {}
    for step in ("fill", "again"):
        with started([sys.executable, "-m", "benchmarks.memory_file", step, str(count), file], folder) as process:
            assert process.stdout is not None
            found = json.loads(process.stdout.readline())
            assert process.wait(60) == 0, "the memory failed"
    return found
