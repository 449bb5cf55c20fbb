"""What the platform sees of a sync, and what it holds every sync to.

1. Every line on stdout is one Airbyte message, and stderr stays empty.
2. A STATE that comes back is one that was sent, equal to it but for `destinationStats`.
3. The states of a stream (and those of all streams) come back in the order in which they were sent, once each.
   After a good sync all are back; after a failure the first ones, without gaps.
4. `recordCount` + `rejectedRecordCount` are floats and together the records sent since that stream's previous state.
5. Exit code 0 and no TRACE ERROR, or exit code 1 and exactly one TRACE ERROR with a failure type.
6. After a good sync each stream's received = the sum of its outcomes in the summary, received is what was sent to it,
   and the states' rejected counts are not more than the summary's.
7. No log, trace or status line holds the API key, or a word that must not be seen.
8. Nothing is left in the temporary folder.
"""

import copy
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fincome_tools.demo.summary import Summary

Message: TypeAlias = dict[str, Any]
StateKey: TypeAlias = tuple[str | None, str] | None
"""The (namespace, name) of a state's stream; None for a state of all streams."""

FAILURE_TYPES = frozenset({"config_error", "transient_error", "system_error"})


@dataclass(frozen=True)
class SentState:
    """A state as it was sent, and how many records of its streams were sent since the one before it."""

    message: Message
    records: int


@dataclass
class Seen:
    """One run of the connector, as the platform sees it.

    Attributes:
        key: the API key.
        forbidden: other words that no line may hold.
        records: how many went in, by stream.
        sent: the states that went in.
        states: those that came back, as they came.
        errors: the `error` of each TRACE ERROR.
        logs: the texts of all log lines; `warnings` are those of level WARN.
        statuses: the `connectionStatus` of each CONNECTION_STATUS.
        spoken: all lines that carry words of the connector's own: all but the states.
        noise: lines on stdout that are no messages.
        exit_code: None while it runs.
        stderr: all that it wrote there.
        left_behind: names of what it left in its temporary folder.
    """

    key: str
    forbidden: Sequence[str] = ()
    records: Counter[StateKey] = field(default_factory=Counter)
    sent: list[SentState] = field(default_factory=list)
    states: list[Message] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    noise: list[bytes] = field(default_factory=list)
    exit_code: int | None = None
    stderr: str = ""
    left_behind: list[str] = field(default_factory=list)
    _saved: Counter[StateKey] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        """Whether the exit code tells of success."""
        return self.exit_code == 0

    @property
    def summaries(self) -> list[Summary]:
        """The accounts that it gave of itself; a sync gives one."""
        return [summary for text in self.logs if (summary := Summary.from_log(text))]

    # --- what goes in

    def give(self, message: Message) -> Message:
        """Take note of a record or a state that goes in; return it as it goes: states are numbered by the platform."""
        if message["type"] == "RECORD":
            self.records[message["record"].get("namespace") or None, message["record"]["stream"]] += 1
        elif message["type"] == "STATE":
            message = copy.deepcopy(message)
            message["state"]["id"] = len(self.sent) + 1
            self.sent.append(SentState(message, self._records_since(state_key(message))))
        return message

    def _records_since(self, key: StateKey) -> int:
        """Count the records since the key's previous state."""
        total = self.records.total() if key is None else self.records[key]
        since = total - self._saved[key]
        self._saved[key] = total
        return since

    # --- what comes out

    def take(self, line: bytes) -> None:
        """Take note of a line of stdout. It never raises: what is no message is noise."""
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


def state_key(message: Message) -> StateKey:
    """Return whose state it is."""
    if message["state"].get("type") in ("GLOBAL", "LEGACY"):
        return None
    descriptor = (message["state"].get("stream") or {}).get("stream_descriptor")
    return (descriptor.get("namespace") or None, descriptor["name"]) if descriptor else None


def name_of(key: StateKey) -> str:
    """Return a stream's name as the connector's summary has it."""
    return "all streams" if key is None else ".".join(part for part in key if part)


def broken_rules(seen: Seen) -> list[str]:
    """Return what the platform objects to in a sync (rules in the module's docstring)."""
    return [
        *(f"on stdout is a line that is no message: {line[:200]!r}" for line in seen.noise),
        *([f"on stderr is: {seen.stderr[:2000]}"] if seen.stderr else []),
        *_broken_by_states(seen),
        *_broken_by_order(seen),
        *_broken_by_the_end(seen),
        *(_broken_by_counts(seen) if seen.good else []),
        *broken_by_words(seen),
        *(f"in the temporary folder it left {name}" for name in seen.left_behind),
    ]


def _broken_by_states(seen: Seen) -> Iterator[str]:
    """Rules 2 and 4."""
    sent = {one.message["state"]["id"]: one for one in seen.sent}
    for back in seen.states:
        state = dict(back["state"])
        stats = state.pop("destinationStats", None) or {}
        known = sent.get(state.get("id"))
        if known is None or {**back, "state": state} != known.message:
            yield f"a state came back that was not sent, or not like this: {back}"
            continue
        counts = (stats.get("recordCount"), stats.get("rejectedRecordCount"))
        floats = [count for count in counts if isinstance(count, float)]
        if len(floats) < len(counts) or sum(floats) != known.records:
            yield f"records before state {state['id']}: {known.records}; it counts {stats}"


def _broken_by_order(seen: Seen) -> Iterator[str]:
    """Rule 3."""
    for key in dict.fromkeys(state_key(one.message) for one in seen.sent):
        wanted = [one.message["state"]["id"] for one in seen.sent if state_key(one.message) == key]
        found = [back["state"].get("id") for back in seen.states if state_key(back) == key]
        if found != (wanted if seen.good else wanted[: len(found)]):
            yield f"of {name_of(key)} the states {wanted} were sent, {found} came back"


def _broken_by_the_end(seen: Seen) -> Iterator[str]:
    """Rule 5."""
    types = [error.get("failure_type") for error in seen.errors]
    if seen.good and not types:
        return
    if seen.exit_code == 1 and len(types) == 1 and types[0] in FAILURE_TYPES and seen.errors[0].get("message"):
        return
    yield f"it ended with exit code {seen.exit_code} and these errors: {seen.errors}"


def _broken_by_counts(seen: Seen) -> Iterator[str]:
    """Rule 6."""
    if len(seen.summaries) != 1:
        yield f"its log has {len(seen.summaries)} summaries"
        return
    (summary,) = seen.summaries
    for tally in (*summary.streams, *summary.entities):
        if tally.received != tally.ended:
            yield f"of {tally.name} {tally.received} were received, and {tally.ended} ended in an outcome"
    received = {tally.name: tally.received for tally in summary.streams}
    for key, number in seen.records.items():
        if (counted := received.get(name_of(key))) not in (None, number):
            yield f"records of {name_of(key)}: {number} sent, {counted} counted"
    if sum(received.values()) != seen.records.total():
        yield f"records: {seen.records.total()} sent, {sum(received.values())} counted"
    rejected = sum(tally.rejected for tally in summary.streams)
    of_states = sum(back["state"]["destinationStats"]["rejectedRecordCount"] for back in seen.states)
    if of_states > rejected:
        yield f"the states count {of_states:g} rejected records, the summary {rejected}"


def broken_by_words(seen: Seen) -> Iterator[str]:
    """Rule 7."""
    for line in [*seen.spoken, seen.stderr]:
        for word in (seen.key, *seen.forbidden):
            if word and word in line:
                yield f"a line holds {word!r}: {line}"
