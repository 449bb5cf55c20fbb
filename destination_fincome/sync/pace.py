"""How fast requests may go: a rate, a common pause, a number at a time (design.md, "Delivery").

The one thing that workers share. It knows nothing of what is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# After so many good answers per request at a time, one more may run (additive increase).
RAISE_AFTER = 20


class Pace:
    """A token bucket, a pause for all, and the width that 429s lower and good answers raise again."""

    def __init__(self, width: int, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at full width.

        Args:
            width: most requests at a time.
            per_second: most requests per second; None for no limit.
        """
        self._most = width
        self._width = width
        self._good = 0
        self._interval = 1.0 / per_second if per_second else 0.0
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
            slot = 0.0
            if self._interval:
                slot = max(self._next, self._clock())
                self._next = slot + self._interval
            while not self._stopped:
                delay = max(slot, self._pause_until) - self._clock()
                if delay <= 0:
                    return True
                self._lock.wait(delay)
            return False

    def pause(self, seconds: float) -> None:
        """Let no request go for so long."""
        with self._lock:
            self._pause_until = max(self._pause_until, self._clock() + seconds)

    def paused(self) -> float:
        """Return how much longer the pause lasts."""
        return max(0.0, self._pause_until - self._clock())

    def slow_down(self) -> None:
        """Halve the width (multiplicative decrease), once per pause."""
        with self._lock:
            if self.paused() == 0.0:
                self._width = max(1, self._width // 2)
                self._good = 0

    def good(self) -> None:
        """Note a good answer."""
        if self._width == self._most:
            return
        with self._lock:
            self._good += 1
            if self._good >= RAISE_AFTER * self._width:
                self._good = 0
                self._width += 1

    def stop(self) -> None:
        """Let no request go any more."""
        with self._lock:
            self._stopped = True
            self._lock.notify_all()
