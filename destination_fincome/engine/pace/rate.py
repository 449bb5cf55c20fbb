"""Finds the rate that an API allows, from nothing but its refusals (429). No threads, no clock of its own.

Nothing of Fincome's limits is published, so the search starts without a limit. The first refusal starts it: from a
small rate doubled until refused, then halving the gap between the best rate that held and the worst that didn't.
A rate that has held for long is tried a little higher.
"""

from __future__ import annotations

import math

# Where the search begins after the first refusal, in requests per second.
FIRST_RATE = 8.0
# How long a rate must hold before the next one is tried: while doubling, while narrowing down, and when found.
DOUBLE_SECONDS = 0.5
HOLD_SECONDS = 2.0
CONTENT_SECONDS = 30.0
# The gap between what held and what didn't at which the search ends, and how far below the refusal it stays.
CLOSE_ENOUGH = 1.08
BELOW_REFUSAL = 0.98
A_LITTLE_HIGHER = 1.01


class RateFinder:
    """The current rate, lowered by refusals and raised by time without them."""

    def __init__(self, most: float | None = None) -> None:
        """Start without a limit, or at the user's.

        Args:
            most: requests per second that are never exceeded.
        """
        self._most = most
        self.rate: float | None = most
        self._held = 0.0
        self._refused: float | None = None
        self._since = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two requests; 0 without a limit."""
        return 1.0 / self.rate if self.rate else 0.0

    def refused(self, resumes: float) -> None:
        """Note a refusal at the current rate; `resumes` is when requests go again."""
        if self.rate is None:
            self._set(FIRST_RATE, resumes)
            return
        self._refused = self.rate
        if self._held >= self.rate:
            # It held only because the API lets short bursts pass.
            self._held = self.rate * BELOW_REFUSAL**2
        self._set(self._between(), resumes)

    def accepted(self, now: float) -> None:
        """Note a request that was not refused."""
        if self.rate is None:
            return
        lasted = now - self._since
        if self._refused is None:
            if lasted >= DOUBLE_SECONDS and self.rate != self._most:
                self._held = self.rate
                self._set(self.rate * 2, now)
        elif lasted >= CONTENT_SECONDS:
            self._held, self._refused = self.rate, max(self._refused, self.rate * A_LITTLE_HIGHER)
            self._set(self.rate * A_LITTLE_HIGHER, now)
        elif lasted >= HOLD_SECONDS and self._refused / self.rate > CLOSE_ENOUGH:
            self._held = self.rate
            self._set(self._between(), now)

    def _between(self) -> float:
        assert self._refused is not None
        if self._held * CLOSE_ENOUGH >= self._refused:
            return self._refused * BELOW_REFUSAL
        return math.sqrt(max(self._held, self._refused / 4) * self._refused)

    def _set(self, rate: float, since: float) -> None:
        self.rate = min(rate, self._most) if self._most else rate
        self._since = since
