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

    def good(self, key: int) -> None:
        """Note that Fincome answered properly."""
        self._in_a_row = 0
        self._trouble.pop(key, None)
        self._pace.good()

    def again(self, key: int, verdict: Verdict, now: float) -> float:
        """Return when to try again.

        Raises:
            TransientFailure: it was tried for long enough.
        """
        tries, since = self._trouble.get(key, (0, now))
        self._trouble[key] = (tries + 1, since)
        self._in_a_row += 1
        delay = verdict.retry_after if verdict.retry_after is not None else backoff(tries + 1, self._policy)
        if now + delay - since > self._policy.patience:
            raise TransientFailure(self._given_up(verdict, now - since))
        if not verdict.throttled and (verdict.retry_after is not None or self._in_a_row >= self._pace.width):
            # Not this object's trouble alone: nobody needs to run into it.
            self._pace.pause(delay)
        return now + delay

    def _given_up(self, verdict: Verdict, lasted: float) -> str:
        if verdict.retry_after is not None and verdict.retry_after > self._policy.patience:
            return (
                f"Fincome {verdict.problem} and asks to wait {verdict.retry_after:.0f} s, longer than `retry_minutes` "
                "allows. The next attempt starts from the last saved state."
            )
        return (
            f"Fincome {verdict.problem}, for {lasted:.0f} s of trying again (`retry_minutes`). "
            "What was confirmed is saved; the next attempt starts from there."
        )
