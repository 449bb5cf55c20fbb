"""How many requests may run at a time, where the user says how many."""

from __future__ import annotations

from typing import Protocol

# After so many good answers per request at a time, one more may run (additive increase).
RAISE_AFTER = 20


class Width(Protocol):
    """A number of requests at a time. Times are seconds of any steady clock; `sent` is when a request went.

    Attributes:
        now: so many may run now.
        widest: the most that ever might.
    """

    now: int
    widest: int

    def good(self, sent: float, now: float, requests: int, in_air: int) -> None:
        """Take a good answer.

        Args:
            requests: how many it took, one after the other.
            in_air: how many were under way when it was sent, with itself.
        """

    def refused(self, sent: float, now: float) -> None:
        """Take refusals (429) for which the rate isn't the reason."""

    def overloaded(self, sent: float, now: float) -> None:
        """Take an answer of an API that can't follow, or none."""

    def barred(self, sent: float, now: float) -> None:
        """Take a firewall's page."""

    def begin_anew(self, now: float) -> None:
        """Forget what was measured: it is of another time."""


class FixedWidth:
    """The user's number, that refusals halve and good answers raise again, one at a time."""

    def __init__(self, most: int) -> None:
        """Start at full width.

        Args:
            most: requests at a time that are never exceeded.
        """
        self.now = self.widest = most
        self._good = 0

    def good(self, sent: float, now: float, requests: int, in_air: int) -> None:
        """Take a good answer."""
        if self.now == self.widest:
            return
        self._good += 1
        if self._good >= RAISE_AFTER * self.now:
            self._good = 0
            self.now += 1

    def refused(self, sent: float, now: float) -> None:
        """Halve it, down to one request at a time."""
        self.now = max(1, self.now // 2)
        self._good = 0

    def overloaded(self, sent: float, now: float) -> None:
        """Leave it: it is the user's."""

    def barred(self, sent: float, now: float) -> None:
        """Leave it: it is the user's."""

    def begin_anew(self, now: float) -> None:
        """Nothing was measured."""
