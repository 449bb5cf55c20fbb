"""The ledger: how many records before each state are pending, and which states may leave.

Airbyte takes a state for the promise that every record before it is safe.

A stream's records are counted in segments, one between each two of its states. A record is known to the ledger only
by its segment's number, so memory doesn't grow with the records that wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from destination_fincome.outcomes import Outcome

ALL_STREAMS = -1


@dataclass(slots=True)
class Segment:
    """The records of one stream between two of its states."""

    number: int
    stream: int
    pending: int = 0
    accepted: int = 0
    rejected: int = 0
    doubts: tuple[Hashable, ...] = ()


@dataclass(slots=True)
class _PendingState:
    """A state that may not leave yet.

    Attributes:
        counted: the segments whose records are its own.
        awaited: the last segment that it waits for, of each stream that it waits for.
    """

    message: dict[str, Any]
    counted: list[Segment]
    awaited: list[Segment]


@dataclass(slots=True)
class _Lane:
    """One stream's segments that are not yet behind a state that left.

    Attributes:
        uncounted: those closed ones whose records no state counts yet.
    """

    open: Segment
    closed: deque[Segment] = field(default_factory=deque)
    uncounted: list[Segment] = field(default_factory=list)


class Ledger:
    """Counts records and releases states.

    Attributes:
        doubts: those that are open at the moment (see `doubt`).
    """

    def __init__(self) -> None:
        self.doubts: set[Hashable] = set()
        self._lanes: dict[int, _Lane] = {}
        self._segments: dict[int, Segment] = {}
        self._states: dict[int, deque[_PendingState]] = {}
        self._numbers = count(1)

    def open_record(self, stream: int) -> int:
        """Book one more record as pending; returns its segment's number."""
        lane = self._lanes.get(stream) or self._lane(stream)
        segment = lane.open
        segment.pending += 1
        return segment.number

    def close_record(self, number: int, outcome: Outcome) -> int:
        """Book the end of a record; returns its stream."""
        segment = self._segments[number]
        segment.pending -= 1
        assert segment.pending >= 0, "a record ended twice"
        if outcome is Outcome.REJECTED:
            segment.rejected += 1
        else:
            segment.accepted += 1
        return segment.stream

    def doubt(self, number: int, doubt: Hashable) -> None:
        """Note a doubt about a segment: whenever it is among the open ones, the states that cover the segment wait."""
        segment = self._segments[number]
        if doubt not in segment.doubts:
            segment.doubts = (*segment.doubts, doubt)

    def stream_of(self, number: int) -> int:
        """Return the stream that a segment belongs to."""
        return self._segments[number].stream

    def add_state(self, message: dict[str, Any], stream: int | None, *, awaits_all: bool = False) -> None:
        """Note a state: it covers all records of its stream so far (of every stream, if None).

        Args:
            awaits_all: it also waits for all records of the other streams so far, and doesn't count them.
        """
        covered = sorted(self._lanes) if stream is None else [stream]
        counted: list[Segment] = []
        awaited = []
        for one in covered:
            lane = self._lanes.get(one) or self._lane(one)
            awaited.append(self._close_segment(lane))
            counted += [*lane.uncounted, awaited[-1]]
            lane.uncounted.clear()
        if awaits_all:
            for lane in [lane for one, lane in self._lanes.items() if one != stream]:
                awaited.append(self._close_segment(lane))
                lane.uncounted.append(awaited[-1])
        scope = ALL_STREAMS if stream is None else stream
        self._states.setdefault(scope, deque()).append(_PendingState(message, counted, awaited))

    def release(self) -> Iterator[dict[str, Any]]:
        """Yield the states that may leave now, in order, each with its counts added."""
        for states in self._states.values():
            while states and all(self._is_settled(segment) for segment in states[0].awaited):
                state = states.popleft()
                yield _with_counts(state.message, state.counted)
                for segment in state.awaited:
                    self._forget_through(segment)

    def _is_settled(self, segment: Segment) -> bool:
        """Tell whether nothing of the segment's stream up to its end is pending or in doubt."""
        for earlier in self._lanes[segment.stream].closed:
            # The segment itself may be gone, with a later state of its stream that could leave before this one.
            if earlier.number > segment.number:
                break
            if earlier.pending or not self.doubts.isdisjoint(earlier.doubts):
                return False
        return True

    def _forget_through(self, segment: Segment) -> None:
        closed = self._lanes[segment.stream].closed
        while closed and closed[0].number <= segment.number:
            del self._segments[closed.popleft().number]

    def _lane(self, stream: int) -> _Lane:
        """Begin to count a stream's records."""
        lane = self._lanes[stream] = _Lane(Segment(next(self._numbers), stream))
        self._segments[lane.open.number] = lane.open
        return lane

    def _close_segment(self, lane: _Lane) -> Segment:
        segment = lane.open
        lane.closed.append(segment)
        lane.open = Segment(next(self._numbers), segment.stream)
        self._segments[lane.open.number] = lane.open
        return segment


def _with_counts(message: dict[str, Any], segments: list[Segment]) -> dict[str, Any]:
    """Add destinationStats to a state, and nothing else."""
    stats = {
        "recordCount": float(sum(segment.accepted for segment in segments)),
        "rejectedRecordCount": float(sum(segment.rejected for segment in segments)),
    }
    return {**message, "state": {**message["state"], "destinationStats": stats}}
