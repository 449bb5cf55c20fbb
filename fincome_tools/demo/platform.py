"""The platform's side of a sync: feeds the connector, and holds it to what the platform demands."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from fincome_tools.demo.processes import Access, read_lines, started
from fincome_tools.demo.summary import Summary

Message: TypeAlias = dict[str, Any]
StateKey: TypeAlias = tuple[str | None, str] | None
"""The (namespace, name) of a state's stream; None for a state of all streams."""


@dataclass(frozen=True)
class SentState:
    """A state as it went in, and how many of its records came since the one before."""

    message: Message
    records: int


@dataclass
class Sync:
    """One run of the connector, as seen from outside."""

    records: Counter[StateKey] = field(default_factory=Counter)
    sent: list[SentState] = field(default_factory=list)
    returned: list[Message] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Messages of the TRACE ERRORs."""
    log: list[str] = field(default_factory=list)
    noise: int = 0
    """Lines on stdout that are no messages."""
    summary: Summary | None = None
    exit_code: int | None = None
    seconds: float = 0.0
    stderr: str = ""


def sync(folder: Path, access: Access, workspace: Path) -> Sync:
    """Run one sync of a folder's catalog.json and messages.jsonl, as the platform runs it."""
    config = workspace / "config.json"
    config.write_text(json.dumps({"api_key": access.api_key, "base_url": access.base_url}), encoding="utf-8")
    command = [sys.executable, "-m", "destination_fincome.run", "write"]
    command += ["--config", str(config), "--catalog", str(folder / "catalog.json")]
    stderr = workspace / "connector.log"
    seen = Sync()
    began = time.monotonic()
    with started(command, errors_to=stderr) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        reader = read_lines(process.stdout, lambda line: _take(line, seen))
        try:
            for line in _input(folder / "messages.jsonl", seen):
                process.stdin.write(line)
            process.stdin.close()
        except BrokenPipeError:
            pass  # It ended early: its exit code and its error tell why.
        seen.exit_code = process.wait()
        reader.join()
    seen.seconds = time.monotonic() - began
    seen.stderr = stderr.read_text(encoding="utf-8", errors="replace")
    return seen


def _input(messages: Path, seen: Sync) -> Iterator[bytes]:
    """Yield what reaches a destination's stdin, records and states, and take note of it."""
    unsaved: Counter[StateKey] = Counter()
    with messages.open("rb") as lines:
        for line in lines:
            message: Message = json.loads(line)
            if message["type"] == "RECORD":
                record = message["record"]
                key = (record.get("namespace"), record["stream"])
                seen.records[key] += 1
                unsaved[key] += 1
                yield line
            elif message["type"] == "STATE":
                key_of_state = state_key(message)
                count = unsaved.total() if key_of_state is None else unsaved[key_of_state]
                if key_of_state is None:
                    unsaved.clear()
                unsaved[key_of_state] = 0
                # The platform numbers the states, and fails the sync if one comes back without its number.
                message["state"]["id"] = len(seen.sent) + 1
                seen.sent.append(SentState(message, count))
                yield json.dumps(message).encode() + b"\n"


def _take(line: bytes, seen: Sync) -> None:
    """Take note of a line of stdout. This runs in the reading thread: an exception would stop the reading."""
    try:
        _note(json.loads(line), seen)
    except (ValueError, TypeError, KeyError):
        seen.noise += 1


def _note(message: Message, seen: Sync) -> None:
    kind = message["type"]
    if kind == "STATE":
        seen.returned.append(message)
    elif kind == "LOG":
        text = str(message["log"]["message"])
        seen.log.append(text)
        seen.summary = Summary.from_log(text) or seen.summary
    elif kind == "TRACE" and message["trace"]["type"] == "ERROR":
        seen.errors.append(str(message["trace"]["error"]["message"]))


def state_key(message: Message) -> StateKey:
    """Return whose state it is."""
    descriptor = (message["state"].get("stream") or {}).get("stream_descriptor")
    return (descriptor.get("namespace"), descriptor["name"]) if descriptor else None


def complaints(seen: Sync) -> list[str]:
    """Return what the platform would object to; nothing if the sync is good."""
    found = []
    if len(seen.errors) > 1 or (seen.exit_code != 0 and not seen.errors):
        found.append(f"The connector reported {len(seen.errors)} errors; a failure has exactly one")
    if seen.noise:
        found.append(f"{seen.noise} lines on the connector's stdout are no messages")
    if seen.exit_code != 0:
        # What is missing after a failure is missing because of it.
        return [f"The connector ended with exit code {seen.exit_code}", *found]
    return found + _state_complaints(seen) + _count_complaints(seen)


def _state_complaints(seen: Sync) -> list[str]:
    found = []
    returned = {message["state"].get("id"): message for message in seen.returned}
    for sent in seen.sent:
        number = sent.message["state"]["id"]
        back = returned.get(number)
        if back is None:
            found.append(f"State {number} of {_name(state_key(sent.message))} did not come back")
        else:
            found += _differences(number, sent, back)
    for key in {state_key(sent.message) for sent in seen.sent}:
        numbers = [message["state"].get("id") for message in seen.returned if state_key(message) == key]
        wanted = [sent.message["state"]["id"] for sent in seen.sent if state_key(sent.message) == key]
        if numbers != [number for number in wanted if number in returned]:
            found.append(f"The states of {_name(key)} came back in another order, or more than once: {numbers}")
    unknown = set(returned) - {sent.message["state"]["id"] for sent in seen.sent}
    if unknown:
        found.append(f"States came back that were never sent: {sorted(map(str, unknown))}")
    return found


def _differences(number: int, sent: SentState, back: Message) -> list[str]:
    found = []
    content = {key: value for key, value in back["state"].items() if key != "destinationStats"}
    if content != sent.message["state"]:
        found.append(f"State {number} of {_name(state_key(sent.message))} came back changed")
    stats = back["state"].get("destinationStats") or {}
    counted = stats.get("recordCount", 0) + stats.get("rejectedRecordCount", 0)
    if counted != sent.records:
        found.append(f"State {number} counts {counted:g} records, but {sent.records} came before it")
    return found


def _count_complaints(seen: Sync) -> list[str]:
    """Check that no record is forgotten: each ends in exactly one outcome, and all are counted."""
    if seen.summary is None:
        return ["The connector's log has no summary"]
    found = []
    for tally in (*seen.summary.streams, *seen.summary.entities):
        if tally.received != tally.ended:
            found.append(f"{tally.name}: {tally.received} received, but {tally.ended} ended in some outcome")
    read: Counter[str] = Counter()
    for key, count in seen.records.items():
        read[_name(key)] += count
    counted = {tally.name: tally.received for tally in seen.summary.streams}
    for stream, count in read.items():
        if counted.get(stream, 0) != count:
            found.append(f"{stream}: {count} records went in, the summary counts {counted.get(stream, 0)}")
    return found


def _name(key: StateKey) -> str:
    return "all streams" if key is None else key[1]
