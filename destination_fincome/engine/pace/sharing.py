"""Tells whether others use the same limit: a rate is refused that is lower than one that held a short time ago.

Then the rate is lowered by a factor and raised by equal steps, so that in time all who do so get the same share (AIMD:
Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989).
No threads, no clock of its own.
"""

from __future__ import annotations

import math

# How long it is believed after it was seen last, and how long ago the other rate held at most.
BELIEVED_SECONDS = 60.0
# Only what is lower by so much is lower.
LOWER = 0.97
# The factor, and a second's step as a share of the best rate that ever held.
FACTOR = 0.7
STEP = 0.005
STEP_SECONDS = 2.0


class Sharing:
    """The belief, and what follows from it."""

    def __init__(self) -> None:
        """Believe to be alone."""
        self._held, self._held_at = 0.0, -math.inf
        self._best = 0.0
        self._until = -math.inf

    def is_believed(self, at: float) -> bool:
        """Tell whether others are believed to use the limit."""
        return at < self._until

    def held(self, rate: float, at: float) -> None:
        """Note that a rate holds."""
        if rate >= self._held or at >= self._held_at + BELIEVED_SECONDS:
            self._held, self._held_at = rate, at
            self._best = max(self._best, rate)

    def refused(self, rate: float, at: float) -> None:
        """Note that a rate was refused."""
        if rate < LOWER * self._held and at < self._held_at + BELIEVED_SECONDS:
            self._until = at + BELIEVED_SECONDS

    def raised(self, rate: float, seconds: float) -> float:
        """Return a rate's next step after so many seconds without a refusal."""
        return rate + STEP * max(self._best, rate) * seconds
