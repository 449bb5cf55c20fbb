"""A small Airbyte platform: it runs the real command line, and holds it to the platform's rules.

What it does, as the real one does it (platform.md):

- it sends RECORD and STATE messages and, when a test gives them, whatever else sources write; then the end of the
  input, without a COMPLETE (1);
- it stamps a number (`state.id`) on every STATE (7);
- it reads stdout line by line while it writes, and never sets PYTHONUNBUFFERED (11).

What it demands, of every sync (`broken_rules`):

1. Every line on stdout is one Airbyte message, and stderr stays empty.
2. A STATE that comes back is one that was sent, equal to it but for `destinationStats`.
3. The states of a stream (and those of all streams) come back in the order in which they were sent, once each.
   After a good sync all are back; after a failure the first ones, without gaps.
4. `recordCount` + `rejectedRecordCount` are floats and together the records sent since that stream's previous state.
5. Exit code 0 and no TRACE ERROR, or exit code 1 and exactly one TRACE ERROR with a failure type.
6. After a good sync each stream's received is the sum of its outcomes in the summary, received is what
   was sent to it, and the states' rejected counts are not more than the summary's.
7. No log, trace or status line holds the API key, anything marked PRIVATE, or a word that the test forbids.
8. Nothing is left in the temporary folder.
"""

from __future__ import annotations

import copy
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from integration_tests.messages import Catalog, Message
from unit_tests.fork_server import CONNECTOR, Start

COMMAND = (sys.executable, "-m", CONNECTOR)
END_SECONDS = 60.0
FAILURE_TYPES = frozenset({"config_error", "transient_error", "system_error"})
OUTCOMES = ("sent", "unchanged", "settled", "skipped", "rejected")
SUMMARY = "Summary (JSON): "
PRIVATE = "PRIVATE"

StateKey: TypeAlias = tuple[str | None, str] | None
"""The (namespace, name) of a state's stream; None for a state of all streams."""


# --- processes


class Connector:
    """One run of the command line, in a folder of its own."""

    def __init__(self, start: Start, folder: Path, *arguments: object) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._stderr = folder / "stderr"
        with self._stderr.open("wb") as errors:
            self.process = start(*arguments, env={"TMPDIR": str(self.temporary)}, stderr=errors)

    def stderr(self) -> str:
        return self._stderr.read_text(encoding="utf-8", errors="replace")

    def left_behind(self) -> list[str]:
        """What is in its temporary folder."""
        return sorted(path.name for path in self.temporary.iterdir())

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.close()


# --- what is seen


@dataclass(frozen=True)
class SentState:
    """A state as it was sent, and how many records of its streams were sent since the one before it."""

    message: Message
    records: int


@dataclass
class Seen:
    """One run, as the platform sees it."""

    key: str
    forbidden: Sequence[str] = ()
    records: Counter[StateKey] = field(default_factory=Counter)
    sent: list[SentState] = field(default_factory=list)
    states: list[Message] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    """The `error` of each TRACE ERROR."""
    logs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    """All lines that carry words of the connector's own: all but the states."""
    noise: list[bytes] = field(default_factory=list)
    exit_code: int | None = None
    stderr: str = ""
    left_behind: list[str] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Take note of a line of stdout."""
        try:
            message = json.loads(line)
            kind = message["type"]
            {"STATE": self._state, "LOG": self._log, "TRACE": self._trace, "CONNECTION_STATUS": self._status}[kind](
                message
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            self.noise.append(line)
            return
        if kind != "STATE":
            # As text: escapes must not hide a word.
            self.spoken.append(json.dumps(message, ensure_ascii=False))

    def _state(self, message: Message) -> None:
        state_key(message)
        self.states.append(message)

    def _log(self, message: Message) -> None:
        text = str(message["log"]["message"])
        self.logs.append(text)
        if message["log"]["level"] == "WARN":
            self.warnings.append(text)

    def _trace(self, message: Message) -> None:
        if message["trace"]["type"] == "ERROR":
            self.errors.append(message["trace"]["error"])

    def _status(self, message: Message) -> None:
        self.statuses.append(message["connectionStatus"])

    # --- in words

    @property
    def good(self) -> bool:
        return self.exit_code == 0

    @property
    def failure(self) -> tuple[str, str]:
        """The failure type and the message of the one TRACE ERROR."""
        (error,) = self.errors
        return error["failure_type"], error["message"]

    @property
    def summary(self) -> dict[str, Any]:
        """The summary that is for machines."""
        (line,) = [text for text in self.logs if text.startswith(SUMMARY)]
        document: dict[str, Any] = json.loads(line.removeprefix(SUMMARY))
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


def state_key(message: Message) -> StateKey:
    """Return whose state it is."""
    if message["state"].get("type") in ("GLOBAL", "LEGACY"):
        return None
    descriptor = (message["state"].get("stream") or {}).get("stream_descriptor")
    return (descriptor.get("namespace") or None, descriptor["name"]) if descriptor else None


# --- the rules


def broken_rules(seen: Seen) -> list[str]:
    """Return what the platform objects to in a sync (rules in the module's docstring)."""
    return [
        *(f"rule 1: no message: {line[:200]!r}" for line in seen.noise),
        *([f"rule 1: on stderr: {seen.stderr[:2000]}"] if seen.stderr else []),
        *_broken_by_states(seen),
        *_broken_by_the_end(seen),
        *(_broken_by_counts(seen) if seen.good else []),
        *broken_by_words(seen),
        *(f"rule 8: left behind: {name}" for name in seen.left_behind),
    ]


def _broken_by_states(seen: Seen) -> Iterable[str]:
    sent = {one.message["state"]["id"]: one for one in seen.sent}
    for back in seen.states:
        state = dict(back["state"])
        stats = state.pop("destinationStats", None) or {}
        known = sent.get(state.get("id"))
        if known is None or {**back, "state": state} != known.message:
            yield f"rule 2: no such state was sent: {back}"
            continue
        numbers = [stats.get("recordCount"), stats.get("rejectedRecordCount")]
        if not all(isinstance(number, float) for number in numbers) or sum(numbers) != known.records:
            yield f"rule 4: {known.records} records came before state {state['id']}, counted are {stats}"
    for key in {state_key(one.message) for one in seen.sent}:
        wanted = [number for number, one in sent.items() if state_key(one.message) == key]
        found = [back["state"].get("id") for back in seen.states if state_key(back) == key]
        if found != (wanted if seen.good else wanted[: len(found)]):
            yield f"rule 3: of {key} states {wanted} were sent, {found} came back"


def _broken_by_the_end(seen: Seen) -> Iterable[str]:
    types = [error.get("failure_type") for error in seen.errors]
    if not (seen.exit_code == 0 and not types) and not (
        seen.exit_code == 1 and len(types) == 1 and types[0] in FAILURE_TYPES and seen.errors[0]["message"]
    ):
        yield f"rule 5: exit code {seen.exit_code} with errors {seen.errors}"


def _broken_by_counts(seen: Seen) -> Iterable[str]:
    summaries = [text for text in seen.logs if text.startswith(SUMMARY)]
    if len(summaries) != 1:
        yield f"rule 6: {len(summaries)} summaries"
        return
    rows = {row["stream"]: row for row in seen.summary["streams"]}
    for row in (*rows.values(), *seen.summary["entities"]):
        if row["received"] != sum(row[outcome] for outcome in OUTCOMES):
            yield f"rule 6: not every record ended: {row}"
    for key, number in seen.records.items():
        name = ".".join(part for part in key or () if part)
        if name in rows and rows[name]["received"] != number:
            yield f"rule 6: {number} records of {name} were sent, {rows[name]['received']} counted"
    if sum(row["received"] for row in rows.values()) != seen.records.total():
        yield f"rule 6: {seen.records.total()} records were sent, the summary counts others"
    if sum(rejected for _, rejected in seen.counts()) > sum(row["rejected"] for row in rows.values()):
        yield "rule 6: the states count more rejected records than the summary"


def broken_by_words(seen: Seen) -> Iterable[str]:
    """Rule 7."""
    for line in [*seen.spoken, seen.stderr]:
        for word in (seen.key, PRIVATE, *seen.forbidden):
            if word and word in line:
                yield f"rule 7: {word!r} in {line}"


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
        self.seen = Seen(key, forbidden)
        self._unsaved: dict[StateKey, Counter[StateKey]] = {}
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
        if message["type"] == "RECORD":
            key = (message["record"].get("namespace") or None, message["record"]["stream"])
            self.seen.records[key] += 1
        elif message["type"] == "STATE":
            message = copy.deepcopy(message)
            message["state"]["id"] = len(self.seen.sent) + 1
            self.seen.sent.append(SentState(message, self._records_since(state_key(message))))
        return json.dumps(message).encode()

    def _records_since(self, key: StateKey) -> int:
        """Count the records since the key's previous state: those sent so far, less those sent by then."""
        total = self.seen.records.total() if key is None else self.seen.records[key]
        before = self._unsaved.setdefault(key, Counter())
        since = total - before[key]
        before[key] = total
        return since

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
        broken = broken_rules(self.seen)
        assert not broken, "\n".join(broken)
        return self.seen


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
        self, config: Mapping[str, Any], catalog: Catalog, forbidden: Sequence[str] = (), *, listen: bool = True
    ) -> Iterator[LiveSync]:
        """Start a sync; its input stays open. It ends with the block, if it hasn't yet."""
        folder = self._new_folder()
        config_file, catalog_file = folder / "config.json", folder / "catalog.json"
        config_file.write_text(json.dumps(config))
        catalog_file.write_text(json.dumps(catalog))
        connector = Connector(self._start, folder, "write", "--config", config_file, "--catalog", catalog_file)
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
    ) -> Seen:
        """Run a sync to its end, under the rules."""
        with self.started(config, catalog, forbidden) as live:
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
        seen = Seen(str(config.get("api_key", "")) if isinstance(config, Mapping) else "")
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
