"""Finds the rate that an API allows, from nothing but its refusals (429). No threads, no clock of its own.

Nothing of Fincome's limits is published, so the search starts without a limit. The first refusal starts it: from a
small rate doubled until refused, then halving the gap between the best rate that held and the worst that didn't.
A rate that has held for long is tried a little higher, and then faster and faster: the limit may be another one than it
was. Where others use the same limit (sharing.py), the rate is found otherwise: all of them must get a share.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from destination_fincome.engine.pace.sharing import FACTOR, STEP_SECONDS, Sharing

# Where the search begins after the first refusal, in requests per second, and what no refusal goes below.
FIRST_RATE = 8.0
LOWEST_RATE = 1 / 60
# No rate is above: nothing sends so fast.
HIGHEST_RATE = 10_000.0
# How long a rate must hold before the next one is tried: until one is refused, while narrowing down, and when found.
DOUBLE_SECONDS = 0.5
HOLD_SECONDS = 2.0
HOLD_REQUESTS = 20
CONTENT_SECONDS = 30.0
# By how much it is raised at most: at first, and from a rate that was computed.
DOUBLE = 2.0
SOMEWHAT = 1.25
# The gap between what held and what didn't at which the search ends, and how far below the refusal it stays.
CLOSE_ENOUGH = 1.08
BELOW_REFUSAL = 0.98
A_LITTLE = 0.01
# At each raise from what was found it is so much more that is tried, after so much less time.
HASTE = 2.0
MOST_HASTE = 32.0
# So much more may be gained that it is worth some refusals.
LARGE_GAIN = 4 / 3
# A rate of which less than this share was used has proved nothing.
USED = 0.5


class EvenRate(NamedTuple):
    """A rate that is known to hold in the long run.

    Attributes:
        rate: requests per second.
        at_most: what the API can't allow more of.
        counted_over: seconds over which the API counts: what holds for less has proved nothing.
    """

    rate: float
    at_most: float
    counted_over: float


class RateFinder:
    """The current rate, lowered by refusals and raised by time without them."""

    def __init__(self, most: float | None = None) -> None:
        """Start without a limit, or at the user's.

        Args:
            most: requests per second that are never exceeded.
        """
        self._most = most or math.inf
        self.rate: float | None = most
        """Requests per second; None without a limit."""
        self.interval = 1.0 / most if most else 0.0
        """Seconds between two requests; 0 without a limit."""
        # What held, and what was refused or can't hold: the rate that is looked for lies between them.
        self._held = 0.0
        self._refused = math.inf
        self._since = 0.0
        self._accepted = 0
        self._growth = DOUBLE
        self._haste = 1.0
        self._sharing = Sharing()
        # Seconds over which the API counts, as far as that is known.
        self.counted_over = 0.0

    def is_used(self, at: float) -> bool:
        """Tell whether the rate, and nothing else, set the speed until then."""
        return self.rate is not None and self._share_used(at) >= USED

    def refused(self, at: float, resumes: float, at_least: float = 0.0) -> None:
        """Lower the rate, because requests at the current one were refused.

        Args:
            at: when the first of them went.
            resumes: when requests go again.
            at_least: how many a second were accepted in the long run, all the same.
        """
        if self.rate is None:
            self._set(FIRST_RATE, resumes)
            return
        self._haste = 1.0
        self._sharing.refused(self.rate, at)
        if self._sharing.is_believed(at):
            self._held, self._refused, self._growth = self.rate * FACTOR, self.rate, SOMEWHAT
            self._set(self.rate * FACTOR, resumes)
            return
        if not self._has_held(at):
            # What seemed to hold may have done so only because the API lets bursts pass.
            self._held /= 2
        self._held = max(self._held, at_least)
        self._refused = self.rate
        lowest = max(self._held, self._refused / 4)
        if lowest * CLOSE_ENOUGH >= self._refused:
            self._set(self._refused * BELOW_REFUSAL, resumes)
        else:
            self._set(math.sqrt(lowest * self._refused), resumes)

    def hold(self, even: EvenRate, now: float) -> None:
        """Take a rate that was computed, and look for a better one with care."""
        self.counted_over, self._growth = even.counted_over, SOMEWHAT
        self._held, self._refused = even.rate, even.at_most
        self._set(even.rate, now)

    def accepted(self, at: float, *, may_risk: bool = True) -> None:
        """Note a request that was not refused.

        Args:
            at: when it went.
            may_risk: a rate may be tried that is probably refused, for a small gain.
        """
        if self.rate is None or at < self._since:
            return
        self._accepted += 1
        if self._has_held(at):
            self._sharing.held(self.rate, at)
        if self._sharing.is_believed(at):
            self._share(self.rate, at)
            return
        gain = self._refused / self.rate
        if at - self._since < max(self._proof_seconds(gain), self.counted_over):
            return
        if self._share_used(at) < USED:
            self._set(self.rate, at)
        elif may_risk or gain > LARGE_GAIN:
            self._raise(gain, at)

    def _raise(self, gain: float, now: float) -> None:
        assert self.rate is not None
        self._held = self.rate
        if self.rate == self._most:
            return
        if gain > CLOSE_ENOUGH:
            self._set(self.rate * min(math.sqrt(gain), self._growth), now)
            return
        self._set(self.rate * (1 + A_LITTLE * self._haste), now)
        self._refused = max(self._refused, self.rate)
        self._haste = min(HASTE * self._haste, MOST_HASTE)

    def _share(self, rate: float, at: float) -> None:
        if (seconds := at - self._since) >= STEP_SECONDS:
            self._set(self._sharing.raised(rate, seconds) if self._share_used(at) >= USED else rate, at)

    def _has_held(self, at: float) -> bool:
        return at - self._since >= max(HOLD_SECONDS, self.counted_over) and self._accepted >= HOLD_REQUESTS

    def _proof_seconds(self, gain: float) -> float:
        if gain == math.inf:
            return DOUBLE_SECONDS
        return HOLD_SECONDS if gain > CLOSE_ENOUGH else max(HOLD_SECONDS, CONTENT_SECONDS / self._haste)

    def _share_used(self, at: float) -> float:
        assert self.rate is not None
        return (self._accepted + 1) / (self.rate * (at - self._since) + 1)

    def _set(self, rate: float, since: float) -> None:
        self.rate = min(self._most, HIGHEST_RATE, max(LOWEST_RATE, rate))
        self.interval = 1.0 / self.rate
        self._since, self._accepted = since, 0
