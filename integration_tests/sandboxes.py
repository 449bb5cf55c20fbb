"""Sandboxes as processes of their own, quickly started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fincome_tools.demo.processes import READY, Access
from unit_tests.fork_server import ForkServer


@contextmanager
def running_sandbox(fincome: ForkServer, folder: Path, *arguments: object) -> Iterator[Access]:
    """Run a sandbox on a free port while the block runs; what it says on stderr goes into the folder."""
    log = folder / "sandbox.log"
    with log.open("wb") as errors:
        process = fincome.start("sandbox", "--port", "0", *arguments, stderr=errors)
    try:
        ready = READY.search(process.stdout.readline().decode())
        assert ready, log.read_text()
        yield Access(ready["base_url"], ready["api_key"])
    finally:
        process.terminate()
        process.wait(10)
        process.close()
