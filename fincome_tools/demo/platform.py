"""The platform's side of a sync: feeds the connector a folder's messages, and sees what comes back."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fincome_tools.demo.processes import Access, read_lines, started
from fincome_tools.demo.rules import Seen
from fincome_tools.demo.summary import Summary


@dataclass
class Sync:
    """One run of the connector."""

    seen: Seen
    seconds: float = 0.0

    @property
    def summary(self) -> Summary | None:
        """The account that the connector gave of it."""
        return next(iter(self.seen.summaries), None)


def sync(folder: Path, access: Access, workspace: Path) -> Sync:
    """Run one sync of a folder's catalog.json and messages.jsonl, as the platform runs it."""
    config = workspace / "config.json"
    config.write_text(json.dumps({"api_key": access.api_key, "base_url": access.base_url}), encoding="utf-8")
    command = [sys.executable, "-m", "destination_fincome.run", "write"]
    command += ["--config", str(config), "--catalog", str(folder / "catalog.json")]
    stderr = workspace / "connector.log"
    run = Sync(Seen(access.api_key))
    began = time.monotonic()
    with started(command, errors_to=stderr) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        reader = read_lines(process.stdout, run.seen.take)
        try:
            for line in _input(folder / "messages.jsonl", run.seen):
                process.stdin.write(line)
            process.stdin.close()
        except BrokenPipeError:
            pass  # It ended early: its exit code and its error tell why.
        run.seen.exit_code = process.wait()
        reader.join()
    run.seconds = time.monotonic() - began
    run.seen.stderr = stderr.read_text(encoding="utf-8", errors="replace")
    return run


def _input(messages: Path, seen: Seen) -> Iterator[bytes]:
    """Yield what reaches a destination's stdin: records and states, and nothing else that a source writes."""
    with messages.open("rb") as lines:
        for line in lines:
            message = json.loads(line)
            if message["type"] in ("RECORD", "STATE"):
                given = seen.give(message)
                yield line if given is message else json.dumps(given).encode() + b"\n"
