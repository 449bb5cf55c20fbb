"""The faults that are set now: what they decide for each request, and how often they struck."""

import random
import time
from collections import Counter
from dataclasses import dataclass

from fincome_sandbox.faults import Faults
from fincome_sandbox.rate_limit import RateLimit, WindowLimit
from fincome_sandbox.visibility import VisibilityLag

_DRAWN = (
    "reset_rate",
    "hang_rate",
    "unavailable_rate",
    "error_rate",
    "lost_answer_rate",
    "truncate_rate",
    "gateway_rate",
    "drip_rate",
    "interim_rate",
)
_IN_ORDER = (
    "burst_seconds",
    "rate_limit",
    "reset_rate",
    "hang_rate",
    "unavailable_rate",
    "gateway_rate",
    "dead_key_after",
    "error_rate",
    "lost_answer_rate",
    "truncate_rate",
    "drip_rate",
    "interim_rate",
)
_LISTS = (
    "dropped_fields",
    "rounded_fields",
    "altered_fields",
    "refused_nulls",
    "ignored_posts",
    "ignored_updates",
    "lost_creates",
    "update_creates",
    "unchecked_references",
    "uncreatable",
    "unreadable",
)


@dataclass(frozen=True)
class Fate:
    """What is to happen to one request: at most one fault, by its option's name, and at least `delay` seconds.

    `wait` is how many seconds later the rate limit would let it pass. `faults` are those it was decided by.
    """

    fault: str | None
    delay: float
    wait: float
    faults: Faults


class Plan:
    """Decides request by request, in the order of their arrival. The time comes in as an argument."""

    def __init__(self, faults: Faults, now: float) -> None:
        self.faults = faults
        self._requests = 0
        self._since = now
        self._limit = _limit(faults, now)
        self._rates = {name: rate for name in _DRAWN if (rate := getattr(faults, name))}
        self._randoms = {name: _random(faults, name) for name in (*self._rates, "latency_jitter_ms")}

    def next_fate(self, now: float) -> Fate:
        """The fate of a request that arrives at `now`. Each rate draws, whatever the others say."""
        self._requests += 1
        faults = self.faults
        struck = {name for name, rate in self._rates.items() if self._randoms[name].random() < rate}
        wait = self._limit.wait(now) if self._limit else 0.0
        if wait:
            struck.add("rate_limit")
        if burst := self._burst(now):
            struck.add("burst_seconds")
            wait = burst
        if faults.dead_key_after is not None and self._requests > faults.dead_key_after:
            struck.add("dead_key_after")
        jitter = self._randoms["latency_jitter_ms"].uniform(0, faults.latency_jitter_ms)
        fault = next((name for name in _IN_ORDER if name in struck), None) if struck else None
        return Fate(fault, (faults.latency_ms + jitter) / 1000, wait, faults)

    def _burst(self, now: float) -> float:
        """The seconds that a burst still lasts."""
        passed, every = now - self._since, self.faults.burst_every_seconds
        return max(0.0, (self.faults.burst_seconds or 0.0) - (passed % every if every else passed))


class ActiveFaults:
    """What is set, changeable while the sandbox runs.

    `plan` and `lag` are None unless a fault needs them, so that without faults a request costs one look each.
    `counts` has the option's name of each fault that struck since the start of the sandbox, also before a change.
    """

    def __init__(self, faults: Faults) -> None:
        self.counts: Counter[str] = Counter()
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Have these from the next request on. Draws, limit, lag and count of the key's requests start anew."""
        self.faults = faults
        self.plan = Plan(faults, time.monotonic()) if _concerns_requests(faults) else None
        self.lag = VisibilityLag(faults.visibility_lag_ms / 1000) if faults.visibility_lag_ms else None
        self._lists = {name: frozenset((getattr(faults, name) or "").split(",")) for name in _LISTS}

    def strikes(self, name: str, what: str) -> bool:
        """Whether a fault that lists kinds of objects or fields has this one; counted, if it has."""
        if what not in self._lists[name]:
            return False
        self.counts[name] += 1
        return True


def _limit(faults: Faults, now: float) -> RateLimit | WindowLimit | None:
    if not faults.rate_limit:
        return None
    if faults.rate_window_seconds:
        return WindowLimit(faults.rate_limit, faults.rate_window_seconds, now)
    return RateLimit(faults.rate_limit, now)


def _random(faults: Faults, name: str) -> random.Random:
    return random.Random(f"{faults.fault_seed}:{name}")  # noqa: S311 - to be repeatable, not to be secret


def _concerns_requests(faults: Faults) -> bool:
    return (
        faults.rate_limit is not None
        or faults.burst_seconds is not None
        or faults.dead_key_after is not None
        or any(getattr(faults, name) for name in ("latency_ms", "latency_jitter_ms", *_DRAWN))
    )
