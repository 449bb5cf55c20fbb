"""Remembers after how many requests the API closed, and when it opened again: was it an outage, or is it a window?

Many limits count over a fixed time ("100 requests a minute") and refuse what comes in the rest of it. At first that
looks like an outage. When it closes again after as many requests as before, it is taken for a window.
"""

from __future__ import annotations

import math

from destination_fincome.engine.pace.rate import LARGE_GAIN, EvenRate

# A window of fewer requests isn't used up at full speed: the refusal at the end of each would be too large a share.
SMALL = 64
# After so many closings it is known whether full speed does.
LEARNED = 3
# How far from the remembered number of requests a closing is still one at the same place.
SAME_SHARE = 0.02
SAME_LEAST = 2
# How much earlier than it is known to do the API is asked at most whether it has opened.
EARLIER = 0.9
# Two lengths of a window that differ by less are the same one.
SAME_LENGTH = 0.98


class Window:
    """Where the API closes, and how long that takes."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._closings = 0
        self.times = 0
        """How often the API has closed at the remembered place; 0: none is remembered."""
        self._size = 0
        self._length = 0.0
        self._too_short = 0.0

    def ends(self, taken: int) -> bool:
        """Tell whether a closing after so many requests is one at the remembered place."""
        return self.times > 0 and abs(taken - self._size) <= max(SAME_LEAST, SAME_SHARE * self._size)

    def is_near(self, taken: int) -> bool:
        """Tell whether the next request may be refused, after so many since it opened."""
        return self.times > 0 and abs(taken - self._size) <= SAME_LEAST

    def opened(self, taken: int, length: float, too_short: float, *, at_end: bool) -> None:
        """Note that the API is open again.

        Args:
            taken: requests from the last opening until it closed.
            length: seconds from the last opening to this one.
            too_short: seconds from the last opening to the last refusal.
            at_end: it had closed at the remembered place.
        """
        if at_end and length >= SAME_LENGTH * self._length:
            too_short = max(too_short, self._too_short)
        self._size, self._length, self._too_short = taken, length, too_short
        self.times = self.times + 1 if at_end else 1
        self._closings += 1

    def looks(self, *, may_risk: bool) -> list[float]:
        """Return when to look whether it has opened, in seconds after the last opening.

        Args:
            may_risk: also too early, for a small gain.
        """
        if self.times > 1 and (may_risk or self._length > LARGE_GAIN * self._too_short):
            return [min(EARLIER * self._length, (self._too_short + self._length) / 2), self._length]
        return [self._length]

    def even_rate(self, *, many_refused: bool) -> EvenRate | None:
        """Return the rate at which the API is better asked evenly, once it is known; None if full speed does.

        Args:
            many_refused: bursts cost too many refusals, whatever the reason.
        """
        small = self.times >= LEARNED and self._size < SMALL
        if not small and not (many_refused and self._closings >= LEARNED):
            return None
        size = max(1, self._size)
        at_most = size / self._too_short if self._too_short else math.inf
        return EvenRate(size / self._length, at_most, self._length)
