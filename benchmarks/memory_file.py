"""A memory of many objects: `python -m benchmarks.memory_file fill|again COUNT FILE` writes one, or uses it once more.

As a sync does that brings all of them again in a full refresh. Prints seconds, megabytes and its peak as JSON. Ids are
random text of 24 characters, as those of large billing systems are: what has an order would be packed far smaller.
"""

from __future__ import annotations

import json
import os
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from benchmarks.processes import memory_of
from destination_fincome.engine.memory.brought import Brought, Stream
from destination_fincome.engine.memory.memory import Memory, Name

KEY = b"a key of the benchmark's own, 32"
STREAMS = [Stream("invoices", "mapping", is_full_refresh=True)]
SENT = frozenset({"id", "name", "amount", "date"})
LINES = 3


def main() -> None:
    """Do one of the two steps."""
    step, count, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    is_first = step == "fill"
    brought = Brought(STREAMS, 1_000_000 if is_first else 2_000_000)
    memory = Memory(KEY, 20_000, 30, brought)
    begun = time.monotonic()
    if not is_first:
        with file.open("rb") as content:
            memory.load(content)
    read = time.monotonic() - begun
    for entity, identity, document in objects(count):
        brought.see(0, entity, identity, document)
        if is_first:
            memory.remember(Name(entity, identity), b"a body", "upsert", SENT)
    begun = time.monotonic()
    held = brought.held_against(0)
    assert held.missing == 0, "what came again is missing"
    brought.seen_again()
    brought.refreshed(0, held, is_whole=True)
    compared = time.monotonic() - begun
    begun = time.monotonic()
    with file.open("wb") as content:
        content.writelines(memory.dump())
    written = time.monotonic() - begun
    size, peak = file.stat().st_size / 1e6, memory_of(os.getpid(), "VmHWM")
    print(json.dumps({"megabytes": size, "read": read, "compared": compared, "written": written, "peak": peak}))


def objects(count: int) -> Iterator[tuple[str, str, str]]:
    """Yield invoices with three lines each: entity, id, the document's id."""
    invoice = ""
    for number in range(count):
        name = urlsafe_b64encode(blake2b(b"%d" % number, digest_size=18).digest()).decode()
        if number % (1 + LINES) == 0:
            invoice = f"in_{name}"
            yield "invoices", invoice, ""
        else:
            yield "invoice_lines", f"il_{name}", invoice


if __name__ == "__main__":
    main()
