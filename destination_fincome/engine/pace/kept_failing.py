"""One object that keeps failing while others of its kind are accepted: the trouble is its own, and not Fincome's.

A firewall may take a description for an attack; one body may run into a defect of the API. Such an object must not
hold all others for ever, and an outage must not pass for many such objects. So it is set aside after a few failures,
and given up only at the very end, if all others went well.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from destination_fincome.codes import Code
from destination_fincome.engine.pace.retries import Retries, given_up
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.delivery import Request
from destination_fincome.retry_policy import RetryPolicy, backoff
from destination_fincome.wording import counted, one_of, several_of

LOGGER = logging.getLogger("airbyte")

# So many accepted since its first failure prove that an object's trouble is its own, whatever else fails.
ENOUGH_ACCEPTED = 20
# So many objects of an entity, or one in so many, may keep failing; more are an outage.
MOST_FAILING = 20
ONE_IN = 1000
# What each record meets: see lifecycle.py.
_ACCEPTED = Kind.ACCEPTED


class Next(NamedTuple):
    """What is to become of an object in trouble.

    Attributes:
        verdict: as it was, or the refusal that ends the object.
        due: when it is tried again (monotonic seconds).
        aside: it is set aside: at the end of the input it is tried before that, and nothing waits for `due`.
    """

    verdict: Verdict
    due: float
    aside: bool = False


@dataclass
class _Case:
    """An object in trouble.

    Attributes:
        since: when it failed first (monotonic seconds).
        sent: when it went first, which may be long after it was handed out.
        accepted: how many of its entity had been accepted when it failed first.
        answered: how many answers of Fincome's own there had been by then.
    """

    entity: str
    since: float
    sent: float
    accepted: int
    answered: int
    failures: int = 0


class KeptFailing:
    """Watches objects in trouble, and tells those whose trouble is their own.

    Args:
        retries: for trouble that may be everybody's.
        policy: how long trouble may last.
        gives_up: an object may end for it; if not, all trouble is everybody's.
    """

    def __init__(self, retries: Retries, policy: RetryPolicy, *, gives_up: bool = True) -> None:
        self._retries = retries
        self._policy = policy
        self._gives_up = gives_up
        self._cases: dict[int, _Case] = {}
        # Per entity: objects that were accepted, were answered otherwise, are in trouble, were given up.
        self._accepted: Counter[str] = Counter()
        self._others: Counter[str] = Counter()
        self._failing: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._answered = 0
        # When Fincome last gave an answer of its own, and when, per entity, it last accepted one.
        self._answered_at = -math.inf
        self._accepted_at: dict[str, float] = {}
        self._told: set[str] = set()

    def good(self, request: Request, verdict: Verdict, at: float) -> None:
        """Note that Fincome answered properly, and when (monotonic seconds)."""
        if self._retries.any:
            self._retries.good(_trouble(request))
        self._answered += 1
        # Answers are taken in the order in which they come, but for moments that are of no account.
        self._answered_at = at
        if request.look_up:
            return
        if verdict.kind is _ACCEPTED:
            self._accepted[request.entity] += 1
            self._accepted_at[request.entity] = at
        else:
            self._others[request.entity] += 1
        if self._cases and (case := self._cases.pop(request.key, None)):
            self._failing[case.entity] -= 1

    def again(self, request: Request, verdict: Verdict, now: float, sent: float) -> Next:
        """Return when to try again, or the end of an object that was tried for long enough.

        Args:
            now: monotonic seconds.
            sent: when this try of it went.

        Raises:
            TransientFailure: something was tried for long enough, and the trouble isn't a single object's.
        """
        if request.look_up or verdict.throttled or not self._gives_up:
            return Next(verdict, self._retries.again(_trouble(request), verdict, now))
        at_end = request.at_end
        case = self._case(request, now, sent)
        case.failures += 1
        if case.failures < self._policy.aside_after:
            return Next(verdict, self._retries.again(_trouble(request), verdict, now))
        patience_left = case.since + self._policy.patience - now
        if patience_left <= 0:
            self._check_for_outage(request, verdict, case, now, at_end=at_end)
            if at_end:
                return self._end(request, verdict, case, now)
        self._tell(request, verdict)
        return Next(verdict, now + self._pause(verdict, case, patience_left), aside=not at_end)

    def waits(self) -> Iterator[str]:
        """Say of each entity of which objects are set aside that states wait for them."""
        for entity in sorted(self._told):
            if number := self._failing[entity]:
                several = f"{several_of(entity)} keep failing and are"
                words = counted(number, f"{one_of(entity)} keeps failing and is", several)
                yield f"{words} tried again (`retry_minutes`)"

    def _case(self, request: Request, now: float, sent: float) -> _Case:
        if request.key not in self._cases:
            accepted = self._accepted[request.entity]
            self._cases[request.key] = _Case(request.entity, now, sent, accepted, self._answered)
            self._failing[request.entity] += 1
        return self._cases[request.key]

    def _pause(self, verdict: Verdict, case: _Case, patience_left: float) -> float:
        """Return the seconds until the next try: more each time, and one try when patience ends."""
        pause = backoff(case.failures, replace(self._policy, longest_delay=self._policy.longest_aside))
        pause = max(pause, self._policy.asked(verdict.retry_after) or 0.0)
        self._retries.failed(min(pause, self._policy.longest_delay))
        return min(pause, patience_left) if patience_left > 0 else pause

    def _check_for_outage(self, request: Request, verdict: Verdict, case: _Case, now: float, *, at_end: bool) -> None:
        failing = self._failing[case.entity] + self._ended[case.entity]
        # While the source is silent, only what came after the failure shows that Fincome works.
        if self._answered_at <= case.sent if at_end else self._answered == case.answered:
            raise self._outage(request, verdict, case, now)
        tried = failing + self._accepted[case.entity] + self._others[case.entity]
        if failing > max(MOST_FAILING, tried // ONE_IN):
            more = f"{failing} {several_of(case.entity)} fail, which is more than a few odd ones. "
            raise self._outage(request, verdict, case, now, more)

    def _end(self, request: Request, verdict: Verdict, case: _Case, now: float) -> Next:
        """Give an object up, if enough others went well."""
        alone = self._failing[case.entity] == 1 and self._accepted_at.get(case.entity, -math.inf) > case.sent
        if not alone and self._accepted[case.entity] - case.accepted < ENOUGH_ACCEPTED:
            raise self._outage(request, verdict, case, now)
        del self._cases[request.key]
        self._failing[case.entity] -= 1
        self._ended[case.entity] += 1
        problem = f"kept failing, while others were accepted: Fincome {verdict.problem}"
        return Next(Verdict(Kind.REFUSED, Code.KEPT_FAILING, problem=problem), now)

    def _outage(self, request: Request, verdict: Verdict, case: _Case, now: float, more: str = "") -> TransientFailure:
        text = given_up(verdict.problem, now - case.since)
        return TransientFailure(f"{text} {more}The last one tried: {request.entity} {request.id}.")

    def _tell(self, request: Request, verdict: Verdict) -> None:
        """Tell the first of each entity."""
        if request.entity not in self._told:
            self._told.add(request.entity)
            LOGGER.info(
                "Fincome %s at each try of %s %s: it is set aside, so that others go on, and tried again to the end.",
                verdict.problem, request.entity, request.id,
            )  # fmt: skip


def _trouble(request: Request) -> int:
    """Return what tells the troubles of an object and of the look-up of it apart."""
    return -request.key if request.look_up else request.key
