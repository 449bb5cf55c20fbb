"""How fast requests may go: what workers share, and the one thing that they share (docs/architecture.md, "The pace").

It is open or closed. A refusal (429) closes it for everybody. While it is closed one request at a time goes, after
pauses that grow; the first good answer opens it again.

It knows nothing of what is sent.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from destination_fincome.engine.pace.auto_width import AutoWidth
from destination_fincome.engine.pace.rate import RateFinder
from destination_fincome.engine.pace.width import FixedWidth, Width
from destination_fincome.engine.pace.window import Window
from destination_fincome.retry_policy import DEFAULT, RetryPolicy

# How many requests a worker that comes late may catch up, and how late it may be for that.
CATCH_UP = 2
CATCH_UP_SECONDS = 0.05
# If the API was closed for no longer than this, it was asked too fast; else it was out of order, or a window used up.
BRIEF_SECONDS = 2.5
# The share of requests, beyond those under way at the first refusal, that may be refused for a small gain of speed.
RISKED_SHARE = 0.015
# The share from which on full speed isn't worth its refusals.
MANY_SHARE = 0.08
# The longest sleep: threads can't sleep for centuries.
SLEEP_SECONDS = 60.0


class Leave(NamedTuple):
    """Leave for one request.

    Attributes:
        stretch: how often the API had opened again by then.
        at: when it was given.
        alone: it finds out whether the API is open again.
        in_air: how many requests were under way then, with this one.
    """

    stretch: int
    at: float
    alone: bool
    in_air: int


@dataclass
class _Closure:
    """The API refuses, from its first refusal to the next good answer.

    Attributes:
        since: time of the first refusal.
        first: when that request went.
        last: when the last request went that was refused.
        rate_used: the rate set the speed until then.
        at_end: a window was used up, by all that is remembered.
        looks: times at which to look whether it is open again, as remembered.
        pause: how long the next pause is, when there is nothing more to remember.
        asking: a request is on its way to find out.
    """

    since: float
    first: float
    last: float
    rate_used: bool
    at_end: bool
    pause: float
    looks: list[float] = field(default_factory=list)
    asking: bool = False


class Pace:
    """A rate, a pause for all, and a width."""

    def __init__(
        self,
        width: int | None,
        per_second: float | None,
        policy: RetryPolicy = DEFAULT,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Start open.

        Args:
            width: most requests at a time; None to find out how many pay.
            per_second: most requests per second; None for no limit but the one that 429s teach.
            policy: the pauses.
            clock: seconds.
            jitter: a number from 0 to 1.
        """
        self._width: Width = AutoWidth(clock()) if width is None else FixedWidth(width)
        self._is_auto = width is None
        # A firewall's page was met, and no good answer has come since the last one.
        self._barred = False
        self._was_barred = False
        self._rate = RateFinder(per_second)
        self._window = Window()
        self._policy = policy
        self._clock = clock
        self._jitter = jitter
        # The lock itself, not the condition, is what is entered for every request: that takes a fraction of the time.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._next = -math.inf
        self._pause_until = -math.inf
        self._closure: _Closure | None = None
        # Since the API opened last: when that was, and how many requests it took.
        self._stretch = 0
        self._opened: float | None = None
        self._taken = 0
        self._in_air = 0
        self._good = self._refused = 0
        self._stopped = False

    @property
    def width(self) -> int:
        """How many requests may run at a time now."""
        return self._width.now

    @property
    def refused_since(self) -> float | None:
        """When the first refusal came since the last good answer; None if none did."""
        closure = self._closure
        return closure.since if closure else None

    def paused(self) -> float:
        """Return how much longer the pause lasts."""
        return max(0.0, self._pause_until - self._clock())

    # --- before a request

    def wait(self) -> Leave | None:
        """Block until the next request may go; None when no more may go at all.

        What becomes of it must be told: `good`, `throttled` or `troubled`.
        """
        with self._lock:
            while not self._stopped:
                now = self._clock()
                if (delay := self._delay(now)) > 0:
                    self._changed.wait(min(delay, SLEEP_SECONDS))
                    continue
                # A worker that comes late may catch up a little, never with a burst that the API would refuse.
                interval = self._rate.interval
                self._next = max(self._next, now - min(CATCH_UP * interval, CATCH_UP_SECONDS)) + interval
                self._in_air += 1
                if self._opened is None:
                    self._opened = now
                if self._closure:
                    self._closure.asking = True
                return Leave(self._stretch, now, self._closure is not None, self._in_air)
            return None

    def delay(self) -> float:
        """Return for how many seconds no request may go; infinite if an answer must come first."""
        with self._lock:
            return self._delay(self._clock())

    def _delay(self, now: float) -> float:
        if self._in_air >= self._width.now or (self._in_air and self._one_at_a_time()):
            return math.inf
        return max(self._next, self._pause_until) - now

    def _one_at_a_time(self) -> bool:
        if self._closure:
            return self._closure.asking
        return self._window.times > 0 and self._window.is_near(self._taken + self._in_air)

    # --- after it

    def good(self, leave: Leave, requests: int = 1) -> None:
        """Take a good answer.

        Args:
            requests: how many it took.
        """
        with self._lock:
            self._landed(requests)
            self._good += requests
            self._barred = False
            if leave.stretch != self._stretch:
                return
            if leave.alone:
                self._open(leave.at)
            elif not self._closure:
                if self._rate.rate is not None:
                    self._rate.accepted(leave.at, may_risk=self._may_risk())
                before = self._width.now
                self._width.good(leave.at, self._clock(), requests, leave.in_air)
                if self._width.now > before:
                    self._changed.notify_all()
            self._taken += requests

    def troubled(self, leave: Leave, requests: int = 1, *, overloaded: bool = False) -> None:
        """Take an answer that is neither good nor a refusal, or none at all.

        Args:
            overloaded: the API can't follow, or doesn't answer.
        """
        with self._lock:
            self._landed(requests)
            if overloaded:
                self._width.overloaded(leave.at, self._clock())
            if self._closure and leave.alone and leave.stretch == self._stretch:
                # Whether it is open again is still not known.
                self._closure.asking = False
                self._pause(self._policy.first_pause)

    def barred(self, leave: Leave, requests: int = 1) -> None:
        """Take a firewall's page: it takes the connector for an attack, or one body for it.

        The first page is taken for the former, and so are two with no good answer in between.
        """
        self.troubled(leave, requests)
        with self._lock:
            now = self._clock()
            if self._is_auto and (self._barred or not self._was_barred) and now >= self._pause_until:
                self._width.barred(leave.at, now)
                self._pause(min(self._policy.barred_pause, self._policy.patience))
            self._barred = self._was_barred = True

    def throttled(self, leave: Leave, retry_after: float | None, requests: int = 1) -> None:
        """Take a refusal. Those that come before the next good answer are one event.

        Args:
            retry_after: seconds that the API asks to wait, as far as it does.
        """
        with self._lock:
            self._landed(requests)
            self._refused += 1
            if leave.stretch != self._stretch:
                return
            asked = self._policy.asked(retry_after) or 0.0
            if self._closure and not leave.alone:
                # It was on its way already, and only says the same.
                self._pause(asked)
                return
            now = self._clock()
            closure = self._closure = self._closure or self._closed(now, leave.at)
            closure.asking, closure.last = False, leave.at
            self._pause(max(asked, self._next_look(closure, now)))

    def pause(self, seconds: float) -> None:
        """Let no request go for so long."""
        with self._lock:
            self._pause(seconds)

    def stop(self) -> None:
        """Let no request go any more."""
        with self._lock:
            self._stopped = True
            self._changed.notify_all()

    def _landed(self, requests: int) -> None:
        if self._one_at_a_time():
            self._changed.notify_all()
        else:
            self._changed.notify()
        self._in_air -= 1
        # One object may take several requests; only the first one has waited for its turn.
        self._next += (requests - 1) * self._rate.interval

    def _pause(self, seconds: float) -> None:
        self._pause_until = max(self._pause_until, self._clock() + seconds)

    def _may_risk(self) -> bool:
        # Those that were under way at the first refusal couldn't be helped.
        return self._refused < self._width.widest + RISKED_SHARE * (self._good + self._refused)

    # --- closed and open

    def _closed(self, now: float, refused: float) -> _Closure:
        at_end = self._window.ends(self._taken)
        closure = _Closure(now, refused, refused, self._rate.is_used(refused), at_end, self._policy.first_pause)
        if at_end and self._opened is not None:
            looks = [self._opened + after for after in self._window.looks(may_risk=self._may_risk())]
            closure.looks = looks
            # If it isn't open by then, all that is known is that it takes long.
            closure.pause = self._policy.longest_pause
        return closure

    def _next_look(self, closure: _Closure, now: float) -> float:
        """Return the seconds until one request may find out whether the API is open again."""
        if closure.looks:
            pause = closure.looks.pop(0) - now
        else:
            pause = closure.pause + self._policy.pause_jitter * self._jitter()
            closure.pause = min(closure.pause * self._policy.pause_growth, self._policy.longest_pause)
        # The last look is when patience ends.
        left = closure.since + self._policy.patience - now
        return max(self._policy.first_pause, min(pause, left))

    def _open(self, now: float) -> None:
        closure, opened = self._closure, self._opened
        assert closure is not None
        assert opened is not None
        lasted = now - opened
        if now - closure.since <= max(BRIEF_SECONDS, self._rate.counted_over):
            self._rate.refused(closure.first, now, self._taken / lasted)
            if not closure.rate_used:
                self._width.refused(closure.first, now)
        else:
            self._window.opened(self._taken, lasted, closure.last - opened, at_end=closure.at_end)
            if even := self._window.even_rate(many_refused=self._refused > MANY_SHARE * self._good):
                self._rate.hold(even, now)
                self._window = Window()
        self._closure = None
        self._width.begin_anew(now)
        self._stretch += 1
        self._opened, self._taken = now, 0
        self._next = now + self._rate.interval
