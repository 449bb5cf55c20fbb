"""The retry policy: how often, after which pauses and for how long trouble is met with another try.

All layers ask here, as they do `failure` and `outcomes`: the engine, the connection test, people's commands. Which
answers are worth another try is another matter: `fincome.answers` decides it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """All the constants of trying again. Times are in seconds.

    Attributes:
        patience: how long trouble may last before it fails the sync (`retry_minutes`).
        first_delay: most that the first try again of an object waits; doubled at each further one.
        longest_delay: most that any of them waits.
        first_pause: how long nobody asks after the first refusal (429).
        pause_growth: how many times longer each further pause is, while nothing but refusals comes.
        longest_pause: most that any of them lasts. An API that works again is in use again so long later at most.
        pause_jitter: seconds of a pause that are left to chance.
        barred_pause: how long nobody asks after a firewall's page, where the connector sets its own width.
        own_refusals: after so many of them (429) patience counts for an object alone, whatever becomes of others.
        aside_after: after so many failures of its own an object is set aside, so that it isn't in the way of others.
        longest_aside: most that an object that is set aside waits for its next try.
        reference_tries: how often an object is tried again whose parent Fincome says it doesn't know: it may show
            the parent only a little after it was accepted.
        longest_lag: so long Fincome may not show what it has accepted: a child that it refuses in words that nobody
            knows is tried again.
        command_tries: how often a person's command asks the same before it gives up.
    """

    patience: float = 600.0
    first_delay: float = 0.5
    longest_delay: float = 30.0
    first_pause: float = 1.0
    pause_growth: float = 4.0
    longest_pause: float = 14.0
    pause_jitter: float = 0.25
    barred_pause: float = 30.0
    own_refusals: int = 20
    aside_after: int = 3
    longest_aside: float = 300.0
    reference_tries: int = 4
    longest_lag: float = 30.0
    command_tries: int = 4

    def asked(self, retry_after: float | None) -> float | None:
        """Return the seconds that the API asks to wait: None also for a time that is past, or no time at all."""
        return retry_after if retry_after is not None and retry_after > 0 else None


DEFAULT = RetryPolicy()


def backoff(tries: int, policy: RetryPolicy = DEFAULT, jitter: Callable[[], float] = random.random) -> float:
    """Return the seconds before try number `tries` + 1: doubled each time, of which up to a half is left to chance.

    Args:
        tries: how often it was tried, 1 or more.
        jitter: a number from 0 to 1, so that not all try again at the same moment.
    """
    longest = min(policy.longest_delay, policy.first_delay * 2.0 ** min(tries - 1, 30))
    return longest * (0.5 + 0.5 * jitter())
