"""Who is in trouble, since when, and when each is tried again."""

from __future__ import annotations

from destination_fincome.engine.pace.pace import Pace
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import Verdict
from destination_fincome.retry_policy import RetryPolicy, backoff


class Retries:
    """Keeps count of objects in trouble.

    Args:
        pace: told to pause when the trouble is everybody's.
        policy: how long trouble may last, and the delays.
    """

    def __init__(self, pace: Pace, policy: RetryPolicy) -> None:
        self._pace = pace
        self._policy = policy
        self._trouble: dict[int, tuple[int, float]] = {}
        self._in_a_row = 0
        self.any = False
        """Whether anything was in trouble since the last good answer, or is."""

    def good(self, key: int) -> None:
        """Note that Fincome answered properly."""
        self._in_a_row = 0
        self._trouble.pop(key, None)
        self.any = bool(self._trouble)

    def again(self, key: int, verdict: Verdict, now: float) -> float:
        """Return when to try again.

        Raises:
            TransientFailure: it was tried for long enough, or Fincome asks to wait for longer.
        """
        tries, since = self._trouble.get(key, (0, now))
        self._trouble[key] = (tries + 1, since)
        self.any = True
        if verdict.throttled and tries < self._policy.own_refusals:
            # Not this object's trouble: it began with the first refusal of any that no good answer followed.
            since = self._pace.refused_since or now
        left = since + self._policy.patience - now
        asked = self._policy.asked(verdict.retry_after)
        if left <= 0 or (asked is not None and asked > left):
            raise TransientFailure(given_up(verdict.problem, now - since, asked))
        if verdict.throttled:
            # The pace has seen to it already.
            return now + self._pace.paused()
        delay = asked or min(left, backoff(tries + 1, self._policy))
        if asked is not None:
            self._pace.pause(delay)
        self.failed(delay)
        return now + delay

    def failed(self, delay: float) -> None:
        """Note trouble after which its object waits for so long; if nothing else is met, so does everybody."""
        self._in_a_row += 1
        self.any = True
        if self._in_a_row >= self._pace.width:
            # Not this object's trouble alone: nobody needs to run into it.
            self._pace.pause(delay)


def given_up(problem: str, lasted: float, asked: float | None = None) -> str:
    """Say that patience is used up.

    Args:
        lasted: seconds since the trouble began.
        asked: seconds that Fincome asks to wait.
    """
    tried = f", for {lasted:.0f} s of trying again" if lasted >= 1 or asked is None else ""
    limit = " (`retry_minutes`)" if asked is None else ""
    wish = f" and asks to wait {asked:.0f} s, longer than `retry_minutes` allows" if asked is not None else ""
    return f"Fincome {problem}{tried}{limit}{wish}. What was confirmed is saved; the next attempt starts from there."
