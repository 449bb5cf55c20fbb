"""What source-stripe writes to its stdout: records of several streams in turns, states, logs, traces.

The streams are read at the same time, so some children come before their parents: subscriptions before their
customers, lines before their invoices, credit notes before the lines they credit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from examples.stripe_year.calendar_time import SYNC_TIME
from examples.stripe_year.chance import Dice
from examples.stripe_year.render_parts import StripeObject
from examples.stripe_year.render_streams import in_second_half

Message = dict[str, Any]

TIMETABLE = {
    "customers": (0, 2_400),
    "products": (100, 200),
    "prices": (250, 400),
    "plans": (450, 550),
    "coupons": (600, 650),
    "subscriptions": (700, 2_800),
    "subscription_items": (2_900, 3_800),
    "invoices": (3_700, 7_200),
    "invoice_line_items": (3_600, 9_800),
    "credit_notes": (4_200, 8_000),
}
"""When each stream is read, from and to, on a clock of 10,000 ticks."""

# These two are read through their parents, and keep another form of state.
PARTITIONED = {"subscription_items": "subscription_updated", "invoice_line_items": "invoice_updated"}


@dataclass(frozen=True)
class _Timed:
    """A message and the tick at which it is written."""

    tick: int
    message: Message


def messages_of(streams: Mapping[str, Sequence[StripeObject]], *, seed: int) -> Iterator[Message]:
    """Put all streams on one wire; states get their `id` as the platform does it."""
    dice = Dice(seed)
    timed = [step for name, records in streams.items() for step in _stream_steps(name, records, dice)]
    # The sort is stable and a stream's ticks never go back: each stream keeps its order.
    timed.sort(key=lambda step: step.tick)
    yield _log("Starting syncing")
    state_id = 0
    for position, step in enumerate(timed):
        message = _stamped(step.message, SYNC_TIME * 1_000 + 7 * position)
        if message["type"] == "STATE":
            state_id += 1
            message["state"]["id"] = state_id
        yield message
    yield _log("Finished syncing")


def _stream_steps(name: str, records: Sequence[StripeObject], dice: Dice) -> Iterator[_Timed]:
    """Write a stream: status and logs, its records slice by slice with a state after each, a last state."""
    start, end = TIMETABLE[name]
    yield _Timed(start, _log(f"Marking stream {name} as STARTED"))
    yield _Timed(start, _log(f"Syncing stream: {name} "))
    yield _Timed(start, _status(name, "STARTED"))
    yield _Timed(start, _log(f"Marking stream {name} as RUNNING"))
    yield _Timed(start, _status(name, "RUNNING"))
    ticks = _ticks(len(records), start, end, dice)
    unsaved, cursor = 0, 0
    for at, record in enumerate(records):
        slice_ends = at and in_second_half(record) and not in_second_half(records[at - 1])
        if slice_ends and name not in PARTITIONED:
            yield _Timed(ticks[at - 1], _state(name, cursor, unsaved))
            unsaved = 0
        yield _Timed(ticks[at], {"type": "RECORD", "record": {"stream": name, "data": record}})
        unsaved += 1
        cursor = max(cursor, record[PARTITIONED.get(name, "updated")])
    yield _Timed(end, _state(name, cursor, unsaved))
    yield _Timed(end, _log(f"Read {len(records)} records from {name} stream"))
    yield _Timed(end, _log(f"Marking stream {name} as STOPPED"))
    yield _Timed(end, _log(f"Finished syncing {name}"))
    yield _Timed(end, _status(name, "COMPLETE"))
    if name not in PARTITIONED:
        # The real one repeats its last state, for a slice without records.
        yield _Timed(end + 1, _state(name, cursor, 0))


def _ticks(count: int, start: int, end: int, dice: Dice) -> list[int]:
    """Spread records evenly over a stream's time, in pieces: the records of a piece come together."""
    ticks: list[int] = []
    while len(ticks) < count:
        piece = min(dice.between(1, 40), count - len(ticks))
        ticks += [start + (end - start) * len(ticks) // count] * piece
    return ticks


def _state(name: str, cursor: int, record_count: int) -> Message:
    state: Message = {"updated": str(cursor)}
    if name in PARTITIONED:
        state = {
            "use_global_cursor": True,
            "state": {PARTITIONED[name]: str(cursor)},
            "lookback_window": 9,
            "parent_state": {},
        }
    stream = {"stream_descriptor": {"name": name}, "stream_state": state}
    counts = {"recordCount": float(record_count)}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": stream, "sourceStats": counts}}


def _log(text: str) -> Message:
    return {"type": "LOG", "log": {"level": "INFO", "message": text}}


def _status(name: str, status: str) -> Message:
    stream_status = {"stream_descriptor": {"name": name}, "status": status}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": stream_status}}


def _stamped(message: Message, milliseconds: int) -> Message:
    """Say when a record or trace was emitted, in the place where the protocol has it."""
    if message["type"] == "RECORD":
        return {"type": "RECORD", "record": {**message["record"], "emitted_at": milliseconds}}
    if message["type"] == "TRACE":
        return {"type": "TRACE", "trace": {**message["trace"], "emitted_at": milliseconds + 0.5}}
    return message
