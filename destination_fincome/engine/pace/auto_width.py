"""Finds how many requests at a time pay: wider while throughput grows, half as wide on trouble.

What is compared is throughput, by Little's law: requests in the air by their latency. Widening ends at the knee, from
which on requests only queue at the API; that is what TCP Vegas looks for as well (Brakmo and Peterson, "TCP Vegas: End
to End Congestion Avoidance on a Global Internet", 1995) and what Netflix uses for requests
(https://github.com/Netflix/concurrency-limits). Both compare the latency with the least one ever seen, and take an API
that becomes slow for a minute for a queue of their own; here a slow minute narrows nothing. Trouble halves the width,
as TCP does (RFC 5681).

No threads, no clock of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Where it starts, how far it goes before an API is known, and at most.
FIRST = 4
CAREFUL = 16
MOST = 64
# An API is known after so many seconds and requests without trouble.
KNOWN_SECONDS = 60.0
KNOWN_REQUESTS = 500
# Throughput must grow by so much to widen.
GROWTH = 1.05
# By how much it is widened: while little is known of the knee, and above.
STEP = 2.0
LARGE_STEP = 1.5
# A round is long enough to judge by from so many answers and seconds on; so many are enough for anything.
ROUND_ANSWERS = 24
ROUND_SECONDS = 0.5
ENOUGH_ANSWERS = 400
ENOUGH_SECONDS = 10.0
# By so many standard errors a growth must be beyond doubt to be judged before that.
CERTAIN = 2.0
# How long nothing wider is tried after it didn't pay, at first and at most.
FIRST_HOLD = 15.0
LONGEST_HOLD = 300.0
DOUBT_HOLD = 5.0
# After trouble at a width that had held, it is widened to so much of it at first.
STEADY = 0.9
# Of a width that is used by less, something else sets the speed.
USED = 0.8


@dataclass
class _Round:
    """Answers at one width.

    Attributes:
        skip: so many answers don't count: new workers make their connections.
    """

    begun: float
    skip: int
    answers: int = 0
    requests: int = 0
    in_air: int = 0
    latency: float = 0.0
    squares: float = 0.0

    @property
    def width_used(self) -> float:
        """How many requests were in the air."""
        return self.in_air / self.answers

    @property
    def throughput(self) -> float:
        """Requests per second."""
        return self.width_used * self.answers / self.latency if self.latency > 0 else math.inf

    @property
    def variance(self) -> float:
        """Of the throughput, relative to it."""
        mean = self.latency / self.answers
        spread = max(0.0, self.squares / self.answers - mean * mean)
        return spread / (mean * mean * self.answers) if mean > 0 else 0.0


class AutoWidth:
    """A number of requests at a time that looks for the best one."""

    def __init__(self, now: float) -> None:
        """Start narrow.

        Args:
            now: seconds of any steady clock, as everywhere here.
        """
        self.now = self.widest = FIRST
        # Never again above that, once the way was barred.
        self._most = MOST
        # Without trouble since then, for so many requests; once an API is known it stays so.
        self._well_since, self._well = now, 0
        self._is_known = False
        # Not above that for some time, because it didn't pay or met with trouble; how long the next time.
        self._held_at, self._hold_until, self._hold = MOST, now, FIRST_HOLD
        # The width that was tried last and met with trouble.
        self._bad = math.inf
        self._narrowed = now
        self._round = _Round(now, FIRST)
        # What a width that is tried must surpass, and the width that it was measured at.
        self._base: _Round | None = None
        self._before = FIRST

    def good(self, sent: float, now: float, requests: int, in_air: int) -> None:
        """Take a good answer; see Width. What was answered without a request says nothing."""
        if not requests:
            return
        self._well += requests
        if not self._is_known:
            self._is_known = now - self._well_since >= KNOWN_SECONDS and self._well >= KNOWN_REQUESTS
        current = self._round
        if sent < current.begun or (self._base is None and self.now >= self._ceiling(now)):
            return
        if current.skip:
            current.skip -= 1
            return
        each = (now - sent) / requests
        current.answers += 1
        current.requests += requests
        current.in_air += in_air
        current.latency += each
        current.squares += each * each
        if current.answers >= max(ROUND_ANSWERS, 2 * self.now) and now - current.begun >= ROUND_SECONDS:
            self._judge(current, now)

    def refused(self, sent: float, now: float) -> None:
        """Halve it, once for all requests that were under way at the time; from now on the rate keeps the limit."""
        if self._is_news(sent, now):
            self._halve(now)

    def overloaded(self, sent: float, now: float) -> None:
        """Halve it, and let it be less wide than it was for some time."""
        if not self._is_news(sent, now):
            return
        if self._base is not None:
            self._bad = self.now
            self._hold_at(self._before, now)
        else:
            self._hold_at(max(1, int(STEADY * self.now)), now)
        self._halve(now)

    def barred(self, sent: float, now: float) -> None:
        """Halve it, and never let it be wider than that again."""
        if self._is_news(sent, now):
            self._halve(now)
            self._most = self.now

    def _is_news(self, sent: float, now: float) -> bool:
        """Note trouble; tell whether the request went after the last halving."""
        self._well_since, self._well = now, 0
        return sent >= self._narrowed

    def _halve(self, now: float) -> None:
        self._narrowed = now
        self._set(max(1, self.now // 2), now)

    def begin_anew(self, now: float) -> None:
        """Measure anew: what was measured is of another time."""
        self._set(self._before if self._base is not None else self.now, now)

    def _ceiling(self, now: float) -> int:
        most = min(self._most, MOST if self._is_known else CAREFUL)
        return min(most, self._held_at) if now < self._hold_until else most

    def _judge(self, current: _Round, now: float) -> None:
        if current.width_used < USED * self.now:
            # Something else sets the speed.
            self.begin_anew(now)
        elif self._base is None:
            self._widen(current, now)
        else:
            self._compare(current, self._base, now)

    def _compare(self, current: _Round, base: _Round, now: float) -> None:
        growth = current.throughput / base.throughput
        error = growth * math.sqrt(current.variance + base.variance)
        enough = current.answers >= ENOUGH_ANSWERS or now - current.begun >= ENOUGH_SECONDS
        if growth - CERTAIN * error >= GROWTH or (enough and growth >= max(GROWTH, 1 + CERTAIN * error)):
            self._hold = FIRST_HOLD
            self._widen(current, now)
        elif growth + CERTAIN * error < GROWTH:
            self._hold_at(self._before, now)
            self._set(self._before, now)
        elif enough:
            self._hold_at(self._before, now, seconds=DOUBT_HOLD)
            self._set(self._before, now)

    def _widen(self, base: _Round, now: float) -> None:
        """Try a wider one."""
        before, wider = self.now, self._wider(now)
        self._set(wider, now)
        if wider > before:
            self._base, self._before = base, before

    def _wider(self, now: float) -> int:
        wider = min(self._ceiling(now), int(self.now * (STEP if self.now < CAREFUL else LARGE_STEP)))
        if self.now < self._bad <= wider:
            # Halfway to where the trouble was.
            return max(self.now + 1, (self.now + int(self._bad)) // 2)
        return max(self.now, wider)

    def _hold_at(self, width: int, now: float, seconds: float | None = None) -> None:
        """Let it be no wider for some time: in doubt for so long, else for longer each time."""
        if seconds is None:
            seconds, self._hold = self._hold, min(2 * self._hold, LONGEST_HOLD)
        self._held_at, self._hold_until = width, now + seconds

    def _set(self, width: int, now: float) -> None:
        self.now, self._base = width, None
        self.widest = max(self.widest, width)
        self._round = _Round(now, width)
