"""One invoice's walk from bytes to state: which functions of the connector run for it, and in how many files.

`python -m benchmarks.walk` prints them. A sync runs in this process, against a server that keeps what it is
sent. A customer and some invoices of his come first, so that what is done once (start, first samples, first requests)
is over. Then all threads are watched, from the moment that one more invoice's bytes are read until its state has come
out. That is done with a few invoices, and the shortest walk counts: what runs once a second, or for one object in two
hundred, is no invoice's own.

Counted is each function of `destination_fincome` that is called in that time, by file and name (`sys.setprofile`).
Not counted, as they have no name to read: comprehensions, generator expressions, lambdas, and what `NamedTuple`,
`dataclass` and `Enum` make.

Of these functions it is told how long they are, how complex (as ruff's C901 counts), and how many of their decisions
(`if`, loops, handlers) are met by this one invoice: no arrangement of the same code has fewer of them on the way.
"""

from __future__ import annotations

import ast
import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

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
    lines: set[tuple[CodeType, int]] = field(default_factory=set)

    def trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        """Take an event of the tracer."""
        if f"/{PACKAGE}/" not in frame.f_code.co_filename:
            return None
        if self.looks and event == "line":
            self.lines.add((frame.f_code, frame.f_lineno))
        return self.trace

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take an event of the profiler."""
        if self.looks and event == "call":
            self.codes.add(frame.f_code)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Be told of this thread and of all that start in the block."""
        threading.setprofile(self.note)
        threading.settrace(self.trace)
        sys.setprofile(self.note)
        sys.settrace(self.trace)
        try:
            yield
        finally:
            sys.settrace(None)
            sys.setprofile(None)
            threading.settrace(None)
            threading.setprofile(None)

    @property
    def functions(self) -> list[tuple[str, str]]:
        """The connector's own, as (file, function), sorted."""
        return sorted((_file_of(code), code.co_qualname) for code in self._named)

    @property
    def _named(self) -> set[CodeType]:
        return {code for code in self.codes if _file_of(code) and not code.co_name.startswith("<")}

    @property
    def measures(self) -> list[Measure]:
        """What is to be read of these functions."""
        return [_measure(code, {line for own, line in self.lines if own is code}) for code in self._named]

    @property
    def files(self) -> list[str]:
        """Those that the functions stand in."""
        return sorted({file for file, _ in self.functions})


class Measure(NamedTuple):
    """What there is to be read of a function.

    Attributes:
        complexity: as ruff's C901 counts: 1, and 1 for each decision.
        met: how many of the decisions were met.
    """

    lines: int
    complexity: int
    met: int


def _file_of(code: CodeType) -> str:
    """Return a file's path in the package; nothing for one that is elsewhere."""
    _, inside, file = code.co_filename.rpartition(f"/{PACKAGE}/")
    return file if inside else ""


def _measure(code: CodeType, ran: set[int]) -> Measure:
    tree = ast.parse(Path(code.co_filename).read_text())
    own = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name == code.co_name
        and code.co_firstlineno in (node.lineno, *(one.lineno for one in node.decorator_list))
    )
    decisions = list(_decisions(own.body))
    met = sum(number for line, number in decisions if line in ran)
    return Measure((own.end_lineno or 0) - own.lineno + 1, 1 + sum(number for _, number in decisions), met)


def _decisions(body: Iterable[ast.stmt]) -> Iterator[tuple[int, int]]:
    """Yield where decisions stand, and how many."""
    for one in body:
        if isinstance(one, ast.If):
            yield one.test.lineno, 1
        elif isinstance(one, (ast.For, ast.While, ast.FunctionDef)):
            yield one.lineno, 1
        elif isinstance(one, ast.Try):
            yield one.body[0].lineno, len(one.handlers) + bool(one.orelse)
            for handler in one.handlers:
                yield from _decisions(handler.body)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(one, name, None)
            if inner:
                yield from _decisions(inner)


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

    one, walks, left = Walk(), list[Walk](), threading.Semaphore(0)

    def pieces() -> Iterator[bytes]:
        before = [record("customers", {"id": "cus_1", "name": "One"}), *map(invoice, range(INVOICES_BEFORE))]
        yield b"".join([*before, state("invoices", 0)])
        for number in range(1, WATCHED + 1):
            assert left.acquire(timeout=WAIT_SECONDS), "what came before doesn't end"
            one.codes, one.lines, one.looks = set(), set(), True
            yield invoice(INVOICES_BEFORE + number) + state("invoices", number)
        assert left.acquire(timeout=WAIT_SECONDS), "the last invoice doesn't end"
        yield b""

    with account() as base_url, one.watching():
        config = {"api_key": "sk_of_nobody", "base_url": base_url, **(settings or {})}
        sync = build_sync(config, parse_catalog(catalog(COLUMNS)))
        inputs = pieces()
        for _state in sync.run(lambda _limit: next(inputs)):
            if one.looks:
                walks.append(Walk(codes=one.codes, lines=one.lines))
            one.looks = False
            left.release()
    return min(walks, key=lambda walk: len(walk.functions))


def told(found: Walk) -> Iterable[str]:
    """Say which functions ran, file by file."""
    for file in found.files:
        yield f"{file}: {', '.join(name for other, name in found.functions if other == file)}"
    lines, complexity, met = zip(*found.measures, strict=True)
    yield (
        f"The longest has {max(lines)} lines. Mean complexity {sum(complexity) / len(complexity):.1f}; of "
        f"{sum(complexity) - len(complexity)} decisions this invoice meets {sum(met)}."
    )
    yield f"{len(found.functions)} functions in {len(found.files)} files"


if __name__ == "__main__":
    logging.getLogger("airbyte").setLevel(logging.ERROR)
    print("\n".join(told(walk())))
