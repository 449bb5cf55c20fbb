"""How long the sandbox's pages take in a large account: `python -m benchmarks.page [--lines N]`.

The account is written straight into a store's file, then served by a real sandbox. Each page is asked for after an
object was written, so that nothing that was computed before is still good, and once more without a change. No browser
is part of it: what is measured is the answer's whole way over loopback.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import requests

from benchmarks.figures import Figure, Goal, Spread, table
from fincome_sandbox.exact_json import JsonObject, write
from fincome_sandbox.store import Request, Store
from fincome_tools.demo.processes import Access, read_lines, started

GOAL_SECONDS = 1.0
REPETITIONS = 5
# Monthly lines of one subscription, and every tenth is a yearly one.
MONTHS = 24
PAGES = {
    "overview": "",
    "revenue, all currencies": "/revenue",
    "revenue, one currency": "/revenue?currency=EUR",
    "customers": "/customers",
    "customers, last page of a search": "/customers?search=e&page={last}",
    "one customer": "/customers/one?id=c7",
    "requests": "/requests",
    "requests, refused": "/requests?outcome=refused",
    "requests, far back": "/requests?page=2000",
    "quality": "/quality",
    "quality, sums": "/quality?check=sums",
}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=main.__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory(prefix="fincome-page-") as folder:
        file = Path(folder, "data.sqlite")
        customers = fill(file, lines)
        figures = measure(file, Path(folder), customers)
    print(f"{os.cpu_count()} cores, the machine's load at the end: {os.getloadavg()[0]:.1f}\n")
    print(table(f"The sandbox's pages with {lines:,} invoice lines", figures))


def fill(file: Path, lines: int) -> int:
    """Write an account with so many lines, and a log of the requests that could have made it; return its customers."""
    customers = 0
    with closing(Store(file, durable=False)) as store:
        for at, (entity, body) in enumerate(account(lines)):
            text = write(body)
            store.put(entity, str(body["id"]), text)
            moment = f"2026-01-01T{at // 3_600_000 % 24:02d}:{at // 60_000 % 60:02d}:{at // 1000 % 60:02d}.000Z"
            refused = at % 500 == 0
            status, effect = (422, None) if refused else (201, "created")
            reason = "amount: Input should be a JSON number" if refused else None
            path = f"/product/{entity}"
            store.log(
                Request(moment, "POST", path, entity, str(body["id"]), status, 0.5, effect, reason, text.encode(), "{}")
            )
            customers += entity == "customers"
    return customers


def account(lines: int) -> Iterator[tuple[str, JsonObject]]:
    """Customers in three currencies, each with a subscription and its invoices, until there are enough lines."""
    chance = random.Random(1)
    written = number = 0
    while written < lines:
        number += 1
        customer, subscription = f"c{number}", f"s{number}"
        currency = ("EUR", "EUR", "USD", "GBP")[number % 4]
        yield "customers", {"id": customer, "name": f"Customer {number}", "email": f"c{number}@example.com"}
        begins = date(2024, 1, 1) + timedelta(days=chance.randrange(300))
        dated = {"status": "active", "start_date": begins.isoformat()}
        yield "subscriptions", {"id": subscription, "customer_id": customer, **dated}
        step, count = (12, 2) if number % 10 == 0 else (1, chance.randrange(3, MONTHS))
        for at in range(min(count, lines - written)):
            start, end = months_later(begins, at * step), months_later(begins, (at + 1) * step)
            amount = chance.randrange(10, 500) * step
            invoice = f"i{number}-{at}"
            money: JsonObject = {"currency": currency, "amount": amount}
            yield "invoices", {
                "id": invoice, "customer_id": customer, "subscription_id": subscription, "date": start.isoformat(),
                "status": "paid", **money,
            }  # fmt: skip
            yield "invoice_lines", {
                "id": f"l{number}-{at}", "invoice_id": invoice, "subscription_id": subscription, "type": "subscription",
                "currency": currency, "amount_excluding_tax_after_discount": amount - at % 2, "tax_amount": amount // 5,
                "period_start": start.isoformat(), "period_end": end.isoformat(),
            }  # fmt: skip
            written += 1


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the 28th if that is earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def measure(file: Path, folder: Path, customers: int) -> list[Figure]:
    """Serve the account, and time every page."""
    command = [sys.executable, "-m", "fincome_tools.cli", "sandbox", "--port", "0", "--data", str(file)]
    began = time.perf_counter()
    with started(command, errors_to=folder / "sandbox.log") as process:
        assert process.stdout is not None
        words = process.stdout.readline().decode().split()
        figures = [Figure("start with this account", Spread.of([time.perf_counter() - began]), unit="s")]
        read_lines(process.stdout, lambda _: None)
        access = Access(*(word.partition("=")[2] for word in words[-2:]))
        for name, path in PAGES.items():
            url = access.page_url + path.format(last=-(-customers // 50))
            figures.append(_timed(f"{name}: after a write", url, access, process.pid, change=True))
            figures.append(_timed(f"{name}: again", url, access, process.pid, change=False))
    return figures


def _timed(name: str, url: str, access: Access, server: int, *, change: bool) -> Figure:
    seconds, cpu = [], []
    size = 0
    for at in range(REPETITIONS):
        if change:
            # A line's amount: what most of the pages depend on.
            body = {"amount_excluding_tax_after_discount": at + len(name)}
            headers = {"X-API-KEY": access.api_key}
            assert requests.patch(f"{access.base_url}/invoice_lines/l1-0", json=body, headers=headers, timeout=60).ok
        used, began = cpu_seconds(server), time.perf_counter()
        answer = requests.get(url, timeout=60)
        seconds.append(time.perf_counter() - began)
        cpu.append(cpu_seconds(server) - used)
        assert answer.ok, answer.text
        size = len(answer.content)
    remarks = f"{1000 * median(cpu):,.0f} ms of CPU, {size / 1000:,.0f} kB"
    return Figure(name, Spread.of([1000 * one for one in seconds]), Goal(most=GOAL_SECONDS * 1000), "ms", note=remarks)


def cpu_seconds(process: int) -> float:
    """The CPU time of a process so far (Linux): a machine that is busy with other things doesn't add to it."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
