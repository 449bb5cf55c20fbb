"""One invoice's walk from bytes to state: which functions of the connector run for it, and in how many files.

`python -m benchmarks.walk` prints them. A sync runs in this process, against a server that keeps what it is
sent. A customer and some invoices of his come first, so that what is done once (start, first samples, first requests)
is over. Then all threads are watched, from the moment that one more invoice's bytes are read until its state has come
out. That is done with a few invoices, and the shortest walk counts: what runs once a second, or for one object in two
hundred, is no invoice's own.

Counted is each function of `destination_fincome` that is called in that time, by file and name (`sys.setprofile`).
Not counted, as they have no name to read: comprehensions, generator expressions, lambdas, and what `NamedTuple`,
`dataclass` and `Enum` make.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import CodeType, FrameType
from typing import Any

from benchmarks.billing import catalog, record, state

PACKAGE = "destination_fincome"
COLUMNS = {
    "customers": ("id", "name"),
    "invoices": ("id", "customer_id", "date", "status", "currency", "amount"),
}
# Of what comes before, so that samples are taken and habits are learned.
INVOICES_BEFORE = 50
WATCHED = 4
WAIT_SECONDS = 60


@dataclass
class Walk:
    """The functions that ran while somebody looked."""

    looks: bool = False
    codes: set[CodeType] = field(default_factory=set)

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take an event of the profiler."""
        if self.looks and event == "call":
            self.codes.add(frame.f_code)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Be told of this thread and of all that start in the block."""
        threading.setprofile(self.note)
        sys.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @property
    def functions(self) -> list[tuple[str, str]]:
        """The connector's own, as (file, function), sorted."""
        found = set()
        for code in self.codes:
            _, inside, file = code.co_filename.rpartition(f"/{PACKAGE}/")
            if inside and not code.co_name.startswith("<"):
                found.add((file, code.co_qualname))
        return sorted(found)

    @property
    def files(self) -> list[str]:
        """Those that the functions stand in."""
        return sorted({file for file, _ in self.functions})


class _Account(BaseHTTPRequestHandler):
    """Keeps what it is sent, and shows it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body go together
    kept: dict[str, bytes]

    def do_POST(self) -> None:
        """Keep an object."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept[f"{self.path}/{json.loads(body)['id']}"] = body
        self._answer(201, body)

    def do_GET(self) -> None:
        """Show an object."""
        body = self.kept.get(self.path)
        self._answer(200 if body else 404, body or b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def account() -> Iterator[str]:
    """Serve an empty account while the block runs; gives its address."""
    handler = type("Account", (_Account,), {"kept": {}})
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/product"
        finally:
            server.shutdown()
            thread.join()


def invoice(number: int) -> bytes:
    """Return an invoice as a line."""
    values = {"customer_id": "cus_1", "date": "2026-01-31", "status": "paid", "currency": "EUR", "amount": 120.6}
    return record("invoices", {"id": f"in_{number}", **values})


def walk(settings: Mapping[str, Any] | None = None) -> Walk:
    """Sync, and return the shortest of some invoices' walks.

    Args:
        settings: beside key and address.
    """
    from destination_fincome.connection.assembly import build_sync
    from destination_fincome.protocol.catalog import parse_catalog

    one, walks, left = Walk(), list[set[CodeType]](), threading.Semaphore(0)

    def pieces() -> Iterator[bytes]:
        before = [record("customers", {"id": "cus_1", "name": "One"}), *map(invoice, range(INVOICES_BEFORE))]
        yield b"".join([*before, state("invoices", 0)])
        for number in range(1, WATCHED + 1):
            assert left.acquire(timeout=WAIT_SECONDS), "what came before doesn't end"
            one.codes, one.looks = set(), True
            yield invoice(INVOICES_BEFORE + number) + state("invoices", number)
        assert left.acquire(timeout=WAIT_SECONDS), "the last invoice doesn't end"
        yield b""

    with account() as base_url, one.watching():
        config = {"api_key": "sk_of_nobody", "base_url": base_url, **(settings or {})}
        sync = build_sync(config, parse_catalog(catalog(COLUMNS)))
        inputs = pieces()
        for _state in sync.run(lambda _limit: next(inputs)):
            if one.looks:
                walks.append(one.codes)
            one.looks = False
            left.release()
    return min((Walk(codes=codes) for codes in walks), key=lambda walk: len(walk.functions))


def told(found: Walk) -> Iterable[str]:
    """Say which functions ran, file by file."""
    for file in found.files:
        yield f"{file}: {', '.join(name for other, name in found.functions if other == file)}"
    yield f"{len(found.functions)} functions in {len(found.files)} files"


if __name__ == "__main__":
    logging.getLogger("airbyte").setLevel(logging.ERROR)
    print("\n".join(told(walk())))
