"""A small Airbyte platform: it runs the real command line, and holds it to the platform's rules.

What it does, as the real one does it:

- it sends RECORD and STATE messages and, when a test gives them, whatever else sources write; then the end of the
  input, without a COMPLETE;
- it stamps a number (`state.id`) on every STATE;
- it reads stdout line by line while it writes, and never sets PYTHONUNBUFFERED.

What it demands, of every sync, is in fincome_tools/demo/rules.py: the demo demands the same. No line may hold anything
marked PRIVATE.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema

from fincome_tools.demo import rules
from fincome_tools.demo.summary import PREFIX
from integration_tests.messages import Catalog, Message
from unit_tests.fork_server import CONNECTOR, Start

COMMAND = (sys.executable, "-m", CONNECTOR)
END_SECONDS = 60.0
OUTCOMES = ("sent", "unchanged", "settled", "skipped", "rejected")
SUMMARY_SCHEMA = json.loads(
    resources.files("destination_fincome.reporting").joinpath("summary.schema.json").read_bytes()
)
# The schema itself is looked at once, not with every summary.
jsonschema.Draft7Validator.check_schema(SUMMARY_SCHEMA)
SUMMARY = jsonschema.Draft7Validator(SUMMARY_SCHEMA)
PRIVATE = "PRIVATE"


# --- processes


class Connector:
    """One run of the command line, in a folder of its own."""

    def __init__(
        self, start: Start, folder: Path, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._stderr = folder / "stderr"
        with self._stderr.open("wb") as errors:
            self.process = start(*arguments, env={"TMPDIR": str(self.temporary), **(environment or {})}, stderr=errors)

    def stderr(self) -> str:
        return self._stderr.read_text(encoding="utf-8", errors="replace")

    def left_behind(self) -> list[str]:
        """What is in its temporary folder."""
        return sorted(path.name for path in self.temporary.iterdir())

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.close()


# --- what is seen


@dataclass
class Seen(rules.Seen):
    """One run, in words that tests use."""

    @property
    def failure(self) -> tuple[str, str]:
        """The failure type and the message of the one TRACE ERROR."""
        (error,) = self.errors
        return error["failure_type"], error["message"]

    @property
    def summary(self) -> dict[str, Any]:
        """The summary that is for machines."""
        (line,) = [text for text in self.logs if text.startswith(PREFIX)]
        document: dict[str, Any] = json.loads(line.removeprefix(PREFIX))
        return document

    def outcomes(self, stream: str) -> dict[str, int]:
        """How the records of a stream ended: those outcomes that any had."""
        (row,) = [row for row in self.summary["streams"] if row["stream"] == stream]
        return {outcome: row[outcome] for outcome in OUTCOMES if row[outcome]}

    def reasons(self, outcome: str) -> list[tuple[str, str]]:
        """Code and text of all reasons for an outcome."""
        return [(one["code"], one["text"]) for one in self.summary["reasons"] if one["outcome"] == outcome]

    def counts(self) -> list[tuple[float, float]]:
        """recordCount and rejectedRecordCount of the states that came back, in order."""
        stats = [message["state"]["destinationStats"] for message in self.states]
        return [(one["recordCount"], one["rejectedRecordCount"]) for one in stats]

    def returned_ids(self) -> list[int]:
        return [message["state"]["id"] for message in self.states]


# --- runs


class LiveSync:
    """A sync under way: messages go in when the test says so, and what comes out is seen at once."""

    def __init__(
        self,
        connector: Connector,
        key: str,
        forbidden: Sequence[str] = (),
        *,
        listen: bool = True,
    ) -> None:
        self.connector = connector
        self.process = connector.process
        self.seen = Seen(key, (PRIVATE, *forbidden))
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        if listen:
            self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._changed:
                self.seen.take(line)
                self._changed.notify_all()

    def send(self, *messages: Message | bytes, line_end: bytes = b"\n") -> None:
        """Send messages; bytes go as they are, and count as nothing."""
        with suppress(BrokenPipeError):  # If it ended early, its exit code and its error tell why.
            for message in messages:
                self.process.stdin.write(message if isinstance(message, bytes) else self._line(message) + line_end)
            self.process.stdin.flush()

    def _line(self, message: Message) -> bytes:
        return json.dumps(self.seen.give(message)).encode()

    def wait_until(self, condition: Callable[[Seen], bool], seconds: float = 10.0) -> None:
        """Wait for something to be seen."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.seen), seconds), (
                f"not seen in {seconds} s: {self.seen}"
            )

    def end_input(self) -> None:
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def finish(self, seconds: float = END_SECONDS) -> Seen:
        """Wait for the end, and hold the sync to the rules."""
        try:
            self.seen.exit_code = self.process.wait(seconds)
            self._reader.join(seconds)
        finally:
            self.connector.end()
        self.seen.stderr = self.connector.stderr()
        self.seen.left_behind = self.connector.left_behind()
        broken = rules.broken_rules(self.seen)
        assert not broken, "\n".join(broken)
        hold_summary_to_its_schema(self.seen)
        return self.seen


def hold_summary_to_its_schema(seen: Seen) -> None:
    """Demand that the summary, if there is one, has the form that is promised, and tells the end as it was."""
    for text in seen.logs:
        if text.startswith(PREFIX):
            document = json.loads(text.removeprefix(PREFIX))
            SUMMARY.validate(document)
            ends = [{"type": error["failure_type"], "message": error["message"]} for error in seen.errors]
            assert (document["exit"], document["failure"]) == (seen.exit_code, ends[0] if ends else None)


class Platform:
    """Runs syncs and checks, each in a folder of its own.

    Args:
        folder: where their folders are made.
        start: starts the connector.
    """

    def __init__(self, folder: Path, start: Start) -> None:
        self._folder = folder
        self._start = start
        self._numbers = count(1)

    def _new_folder(self) -> Path:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    @contextmanager
    def started(
        self,
        config: Mapping[str, Any],
        catalog: Catalog,
        forbidden: Sequence[str] = (),
        *,
        listen: bool = True,
        environment: Mapping[str, str] | None = None,
        summary: Path | None = None,
    ) -> Iterator[LiveSync]:
        """Start a sync; its input stays open. It ends with the block, if it hasn't yet."""
        folder = self._new_folder()
        config_file, catalog_file = folder / "config.json", folder / "catalog.json"
        config_file.write_text(json.dumps(config))
        catalog_file.write_text(json.dumps(catalog))
        arguments = ["write", "--config", config_file, "--catalog", catalog_file]
        arguments += ["--summary", summary] if summary else []
        connector = Connector(self._start, folder, *arguments, environment=environment)
        try:
            yield LiveSync(connector, str(config.get("api_key", "")), forbidden, listen=listen)
        finally:
            connector.end()

    def sync(
        self,
        config: Mapping[str, Any],
        catalog: Catalog,
        *messages: Message | bytes,
        forbidden: Sequence[str] = (),
        seconds: float = END_SECONDS,
        summary: Path | None = None,
    ) -> Seen:
        """Run a sync to its end, under the rules."""
        with self.started(config, catalog, forbidden, summary=summary) as live:
            live.send(*messages)
            live.end_input()
            return live.finish(seconds)

    def check(self, config: Mapping[str, Any] | bytes | Path) -> Seen:
        """Run a connection test; a path is that of a config file, bytes are what such a file holds."""
        folder = self._new_folder()
        file = config if isinstance(config, Path) else folder / "config.json"
        if not isinstance(config, Path):
            file.write_bytes(config if isinstance(config, bytes) else json.dumps(config).encode())
        connector = Connector(self._start, folder, "check", "--config", file)
        seen = Seen(str(config.get("api_key", "")) if isinstance(config, Mapping) else "", (PRIVATE,))
        try:
            out, _ = connector.process.communicate(timeout=END_SECONDS)
        finally:
            connector.end()
        for line in out.splitlines(keepends=True):
            seen.take(line)
        seen.exit_code = connector.process.returncode
        seen.stderr = connector.stderr()
        seen.left_behind = connector.left_behind()
        return seen
