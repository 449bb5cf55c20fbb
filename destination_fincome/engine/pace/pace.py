"""How fast requests may go: a rate, a common pause, a number at a time (design.md, "Delivery").

The one thing that workers share. It knows nothing of what is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from destination_fincome.engine.pace.rate import RateFinder

# After so many good answers per request at a time, one more may run (additive increase).
RAISE_AFTER = 20
# How many requests a worker that comes late may catch up.
CATCH_UP = 2


class Pace:
    """A rate, a pause for all, and the width that 429s lower and good answers raise again."""

    def __init__(self, width: int, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at full width.

        Args:
            width: most requests at a time.
            per_second: most requests per second; None for no limit but the one that 429s teach.
            clock: seconds.
        """
        self._most = width
        self._width = width
        self._good = 0
        self._rate = RateFinder(per_second)
        self._clock = clock
        self._lock = threading.Condition()
        self._next = 0.0
        self._pause_until = 0.0
        self._stopped = False

    @property
    def width(self) -> int:
        """How many requests may run at a time now."""
        return self._width

    def wait(self) -> bool:
        """Block until the next request may go; False when no more may go at all."""
        with self._lock:
            while not self._stopped:
                now = self._clock()
                delay = max(self._next, self._pause_until) - now
                if delay <= 0:
                    # A worker that comes late may catch up a little, never with a burst that the API would refuse.
                    interval = self._rate.interval
                    self._next = max(self._next, now - CATCH_UP * interval) + interval
                    return True
                self._lock.wait(delay)
            return False

    def pause(self, seconds: float) -> None:
        """Let no request go for so long."""
        with self._lock:
            self._pause_until = max(self._pause_until, self._clock() + seconds)
            self._next = self._pause_until

    def paused(self) -> float:
        """Return how much longer the pause lasts."""
        return max(0.0, self._pause_until - self._clock())

    def throttled(self, seconds: float) -> None:
        """Take a 429: pause for all; the first one of a pause also lowers the rate and halves the width."""
        with self._lock:
            first = self.paused() == 0.0
            self.pause(seconds)
            if first:
                self._rate.refused(self._pause_until)
                self._width = max(1, self._width // 2)
                self._good = 0

    def good(self) -> None:
        """Take a good answer."""
        with self._lock:
            self._rate.accepted(self._clock())
            if self._width < self._most:
                self._good += 1
                if self._good >= RAISE_AFTER * self._width:
                    self._good = 0
                    self._width += 1

    def stop(self) -> None:
        """Let no request go any more."""
        with self._lock:
            self._stopped = True
            self._lock.notify_all()
