"""How many requests may run at a time."""

from __future__ import annotations

# After so many good answers per request at a time, one more may run (additive increase).
RAISE_AFTER = 20


class Width:
    """A number that refusals halve and good answers raise again, one at a time."""

    def __init__(self, most: int) -> None:
        """Start at full width.

        Args:
            most: requests at a time that are never exceeded.
        """
        self._most = most
        self._good = 0
        self.now = most

    def narrow(self) -> None:
        """Halve it, down to one request at a time."""
        self.now = max(1, self.now // 2)
        self._good = 0

    def good(self) -> None:
        """Take a good answer."""
        if self.now == self._most:
            return
        self._good += 1
        if self._good >= RAISE_AFTER * self.now:
            self._good = 0
            self.now += 1
