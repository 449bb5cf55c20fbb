"""How many requests a second are let through. Pure: the time comes in as an argument.

Fincome publishes no limit; these are the two that gateways commonly use, a token bucket and fixed windows.
"""


class RateLimit:
    """A bucket of `max(1, rate / 10)` requests that starts full and refills evenly, `rate` a second.

    A request takes one out. If there is no whole one it is refused and takes nothing: refused requests don't
    count. So at most `max(1, rate / 10) + rate * t` requests pass in any `t` seconds.
    """

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._burst = max(1.0, rate / 10)
        self._left = self._burst
        self._at = now

    def wait(self, now: float) -> float:
        """Let a request pass at `now` (seconds of any steady clock) and return 0, or the seconds until one would."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate


class WindowLimit:
    """Fixed windows of `seconds`, each of which lets `rate * seconds` requests pass (at least 1), whenever they come.

    Refused requests don't count.
    """

    def __init__(self, rate: float, seconds: float, now: float) -> None:
        self._most = max(1, int(rate * seconds))
        self._seconds = seconds
        self._start = now
        self._passed = 0

    def wait(self, now: float) -> float:
        """Let a request pass at `now` (seconds of any steady clock) and return 0, or the seconds until one would."""
        if (windows := int((now - self._start) / self._seconds)) > 0:
            self._start += windows * self._seconds
            self._passed = 0
        if self._passed < self._most:
            self._passed += 1
            return 0.0
        return self._start + self._seconds - now
