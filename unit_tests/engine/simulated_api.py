"""An API with limits, and a sync's workers, in simulated time: no threads, no sleeping, the connector's own pace."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush, heapreplace
from itertools import count

from destination_fincome.engine.pace.pace import Leave, Pace
from destination_fincome.engine.pace.retries import Retries
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import ACCEPTED, Kind, Verdict, retry_after
from destination_fincome.retry_policy import RetryPolicy

Limit = Callable[[float], float]
"""Takes the time at which a request arrives, from the first one on; returns 0 if it is let through, else how many
seconds later one would be."""

Form = Callable[[float], str | None]
"""How a wait in seconds is told in the header Retry-After, if it is."""

# What says nothing, and must count as no header at all.
NONSENSE: dict[str, Form] = {
    "zero": lambda _: "0",
    "negative": lambda _: "-5",
    "past date": lambda _: "Wed, 21 Oct 2015 07:28:00 GMT",
    "nan": lambda _: "nan",
}
FORMS: dict[str, Form] = {
    "exact": lambda wait: str(math.ceil(wait)),
    "always a second": lambda _: "1",
    "absent": lambda _: None,
    **NONSENSE,
}


def no_limit(_: float) -> float:
    return 0.0


def fixed_window(size: int, period: float, entered: float = 0.0) -> Limit:
    """So many requests in each period by the clock; the first one comes `entered` seconds into one."""
    taken: dict[int, int] = {}

    def ask(now: float) -> float:
        number = int((now + entered) // period)
        if taken.get(number, 0) < size:
            taken[number] = taken.get(number, 0) + 1
            return 0.0
        return (number + 1) * period - now - entered

    return ask


def window_from_first_request(size: int, period: float) -> Limit:
    """So many requests in a period, which begins with the first request after the one before."""
    started, taken = -math.inf, 0

    def ask(now: float) -> float:
        nonlocal started, taken
        if now >= started + period:
            started, taken = now, 0
        taken += 1
        return 0.0 if taken <= size else started + period - now

    return ask


def sliding_window(size: int, period: float) -> Limit:
    """So many requests in any period."""
    log: deque[float] = deque()

    def ask(now: float) -> float:
        while log and log[0] <= now - period:
            log.popleft()
        if len(log) == size:
            return log[0] + period - now
        log.append(now)
        return 0.0

    return ask


def token_bucket(rate: float, burst: float) -> Limit:
    """So many requests a second, and `burst` at once after a rest."""
    tokens, last = burst, 0.0

    def ask(now: float) -> float:
        nonlocal tokens, last
        tokens, last = min(burst, tokens + (now - last) * rate), now
        if tokens < 1:
            return (1 - tokens) / rate
        tokens -= 1
        return 0.0

    return ask


class Server:
    """Answers so many requests at a time, in `latency` seconds each; the others queue.

    Args:
        knee: how many; None: any number.
        latency: seconds, by the time at which a request begins.
    """

    def __init__(self, latency: Callable[[float], float], knee: int | None = None) -> None:
        self._latency = latency
        self._free = [0.0] * knee if knee else None

    def takes(self, now: float) -> float:
        """Return the seconds from now until a request is answered."""
        if self._free is None:
            return self._latency(now)
        begins = max(now, self._free[0])
        ends = begins + self._latency(begins)
        heapreplace(self._free, ends)
        return ends - now


def outage(begins: float, lasts: float, limit: Limit = no_limit) -> Limit:
    """Refuses everything for some time."""
    return lambda now: begins + lasts - now if begins <= now < begins + lasts else limit(now)


class Clock:
    """Time that moves only when it is told to, or from one thing that is to happen to the next."""

    def __init__(self) -> None:
        self.now = 100.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float, happen: Callable[[], None]) -> None:
        heappush(self._events, (self.now + seconds, next(self._order), happen))

    def move(self) -> Callable[[], None]:
        """Move to what happens next, and return it."""
        self.now, _, happen = heappop(self._events)
        return happen


@dataclass
class Outcome:
    """What came of a run. Times are in seconds from the first request on, of arrivals at the API; `done` of answers."""

    seconds: float = 0.0
    failed: str | None = None
    passed: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)

    def rate(self, begin: float, end: float) -> float:
        """Requests per second that were answered in a time."""
        return sum(begin <= at < end for at in self.done) / (end - begin)

    @property
    def share_refused(self) -> float:
        return len(self.refused) / (len(self.passed) + len(self.refused))

    def most_within(self, seconds: float) -> int:
        """The most requests that arrived within so long a time."""
        times = sorted(self.passed + self.refused)
        return max(sum(begin <= at < begin + seconds for at in times) for begin in times)


class Simulation:
    """Objects on their way to an API, by the real pace and the real retries.

    Args:
        limit: what the API lets through.
        form: how it tells when to come back.
        width: requests at a time; None for the connector's own choice.
        latency: seconds from a request to its answer.
        server: what takes the time, in place of `latency`.
        clock: shared by several that ask one API.
        chance: numbers from 0 to 1 for the pauses.
    """

    def __init__(
        self,
        limit: Limit,
        form: str = "absent",
        *,
        width: int | None = 8,
        per_second: float | None = None,
        patience: float = 600.0,
        latency: float = 0.02,
        server: Server | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self._clock = clock or Clock()
        self._started = self._clock.now + latency / 2
        policy = RetryPolicy(patience=patience)
        self.pace = Pace(width, per_second, policy, self._clock, chance)
        self._retries = Retries(self.pace, policy)
        self._limit, self._form = limit, FORMS[form]
        self._way = latency / 2 if server is None else 0.0
        self._server = server or Server(lambda _: latency / 2)
        self._next_look = math.inf
        # What is new: the time of the next one, its number, how many there are, and the seconds between them.
        self._fresh_at = math.inf
        self._fresh, self._objects, self._gap = 0, 0, 0.0
        self._later: list[tuple[float, int]] = []
        self._handed_out: deque[int] = deque()
        self._in_air = 0
        self._left = 0
        self.outcome = Outcome()

    def run(self, objects: int, *, gap: float = 0.0, until: float = math.inf) -> Outcome:
        """Send so many objects.

        Args:
            gap: seconds from one of them to the next in the source; without, all are there at once.
            until: when to end, finished or not.
        """
        self.begin(objects, gap)
        clock, last = self._clock, self._started + until
        try:
            while self._left:
                happen = clock.move()
                if clock.now > last:
                    break
                happen()
        except TransientFailure as failure:
            self.outcome.failed = failure.message
        self.outcome.seconds = clock.now - self._started
        return self.outcome

    def begin(self, objects: int, gap: float = 0.0) -> None:
        """Send what may go at once; `Clock.move` brings what happens next."""
        self._left = self._objects = objects
        self._begun, self._gap = self._clock.now, gap
        self._fresh_at = self._begun if objects else math.inf
        self._move()

    def _move(self) -> None:
        """Hand out what may be handed out, as the coordinator does, and let go what may go."""
        clock, pace, handed_out = self._clock, self.pace, self._handed_out
        now = clock.now
        room = 2 * pace.width - self._in_air - len(handed_out)
        while room > 0 and self._hand_out(now):
            room -= 1
        while handed_out:
            if (delay := pace.delay()) > 0:
                self._look_again(delay)
                break
            leave = pace.wait()
            assert leave
            self._in_air += 1
            # Its arrival makes no room for another one.
            clock.after(self._way, partial(self._arrive, handed_out.popleft(), leave))
        if self._later:
            self._look_again(self._later[0][0] - now)
        if self._fresh_at > now:
            self._look_again(self._fresh_at - now)

    def _hand_out(self, now: float) -> bool:
        """Hand out what is to go next, if there is something: what is tried again, then what is new."""
        if self._later and self._later[0][0] <= now:
            self._handed_out.append(heappop(self._later)[1])
        elif self._fresh_at <= now:
            self._handed_out.append(self._fresh)
            self._fresh += 1
            left = self._fresh < self._objects
            self._fresh_at = self._begun + self._fresh * self._gap if left else math.inf
        else:
            return False
        return True

    def _look_again(self, delay: float) -> None:
        if 0 < delay < math.inf and self._clock.now + delay < self._next_look:
            self._next_look = self._clock.now + delay
            self._clock.after(delay, self._looked)

    def _looked(self) -> None:
        self._next_look = math.inf
        self._move()

    def _arrive(self, key: int, leave: Leave) -> None:
        now, takes = self._clock.now - self._started, self._way
        wait = self._limit(now)
        if wait <= 0:
            self.outcome.passed.append(now)
            verdict, takes = ACCEPTED, self._server.takes(now)
        else:
            self.outcome.refused.append(now)
            after = retry_after(self._form(wait))
            verdict = Verdict(Kind.RETRY, problem="answered 429", retry_after=after, throttled=True)
        self._clock.after(takes, partial(self._land, key, leave, verdict))

    def _land(self, key: int, leave: Leave, verdict: Verdict) -> None:
        self._in_air -= 1
        if verdict.throttled:
            self.pace.throttled(leave, verdict.retry_after)
            heappush(self._later, (self._retries.again(key, verdict, self._clock.now), key))
        else:
            self.pace.good(leave)
            self._retries.good(key)
            self.outcome.done.append(self._clock.now - self._started)
            self._left -= 1
        self._move()
