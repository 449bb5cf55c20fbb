"""The two processes of the demo, the sandbox and the connector; both end with the block that started them."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import IO

READY = re.compile(r"Sandbox ready: base_url=(?P<base_url>\S+) api_key=(?P<api_key>\S+)")
START_SECONDS = 60
STOP_SECONDS = 10


class DemoError(Exception):
    """The demo can't go on; the message says why."""


@dataclass(frozen=True)
class Access:
    """How to reach the sandbox."""

    base_url: str
    api_key: str

    @property
    def control_url(self) -> str:
        """Where the sandbox shows what it holds: beside the API, not in it."""
        return self.base_url.removesuffix("/product") + "/_sandbox"

    @property
    def page_url(self) -> str:
        """The page that shows it to people."""
        return self.control_url + "/page"


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Access]:
    """Run a sandbox on a free port while the block runs; its log goes into the folder.

    Raises:
        DemoError: if it doesn't get ready.
    """
    command = [sys.executable, "-m", "fincome_tools.cli", "sandbox", "--port", "0"]
    log = folder / "sandbox.log"
    with started(command, errors_to=log) as process:
        lines: Queue[bytes | None] = Queue()
        assert process.stdout is not None
        # Read on after the ready line: a full pipe would stop the sandbox.
        read_lines(process.stdout, lines.put, at_end=lambda: lines.put(None))
        yield _access(lines, log)


def _access(lines: "Queue[bytes | None]", log: Path) -> Access:
    try:
        while (line := lines.get(timeout=START_SECONDS)) is not None:
            if found := READY.search(line.decode(errors="replace")):
                return Access(found["base_url"], found["api_key"])
    except Empty:
        raise DemoError(f"The sandbox was not ready after {START_SECONDS} seconds") from None
    raise DemoError(f"The sandbox ended at its start: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def started(command: list[str], *, errors_to: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command while the block runs, with pipes for stdin and stdout, and stderr in a file."""
    # An inherited PYTHONUNBUFFERED would hide output that is not flushed; the platform doesn't set it for us.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with errors_to.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # Only now: closing flushes, and would wait for a process that doesn't read.
    # What is still in a broken pipe's buffer would be reported again when Python collects it.
    with suppress(BrokenPipeError):
        if process.stdin is not None:
            process.stdin.close()


def read_lines(
    pipe: IO[bytes], each: Callable[[bytes], None], *, at_end: Callable[[], None] = lambda: None
) -> threading.Thread:
    """Hand every line of a pipe to `each` in a thread of its own, until the pipe ends."""

    def read() -> None:
        with pipe:
            for line in pipe:
                each(line)
        at_end()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
