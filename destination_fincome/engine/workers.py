"""The workers: threads that send what they are given and report what was answered.

There are as many as the pace has had requests at a time: they are made when it widens.

To wake the coordinator costs more than to handle an answer. So it is woken when half of what it left ready for the
workers is used up, and finds several answers then; what it is not woken for it takes when it looks of its own accord.
Whatever isn't accepted wakes it at once: it may have to stop.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from msgspec import Struct

from destination_fincome.engine.pace.pace import Pace
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.delivery import Deliverer, Request

# Beyond those at work, so many requests lie ready for the workers as they send in so many seconds: at least as many as
# are at work, so that no worker waits for the coordinator, and at most so many times as many.
READY_SECONDS = 0.2
MOST_READY = 64
# Over how long it is counted how many they send.
COUNTED_SECONDS = 0.05

# What each record meets: see lifecycle.py.
_ACCEPTED = Kind.ACCEPTED

STOPPING = Verdict(Kind.RETRY, problem="was not sent, because the sync is stopping")


class Answer(Struct, frozen=True, gc=False):
    """What Fincome answered to a request.

    Attributes:
        sent: when it went (monotonic seconds), which may be long after it was handed out.
        at: when it was answered.
    """

    request: Request
    verdict: Verdict
    sent: float
    at: float


@dataclass(frozen=True, slots=True)
class AnswersReady:
    """There are answers to take."""


@dataclass(frozen=True, slots=True)
class WorkerBroke:
    """A defect in a worker: the sync can't go on."""

    error: BaseException


class Workers:
    """A pool of workers, each with its own client.

    What is handed out beyond `pace.width` lies ready, which spares the workers the coordinator's turn.
    """

    def __init__(
        self,
        client: Callable[[], Deliverer],
        pace: Pace,
        post: Callable[[AnswersReady | WorkerBroke], None],
    ) -> None:
        """Start without workers.

        Args:
            client: makes one for each worker.
            pace: asked before each request.
            post: is told when there is something to take.
        """
        self._client = client
        self._clients: list[Deliverer] = []
        self._hired = 0
        self._pace = pace
        self._post = post
        self._jobs: SimpleQueue[Request | None] = SimpleQueue()
        self._answers: deque[Answer] = deque()
        self._told = False
        self._ready = pace.width
        self._counted, self._since = 0, -math.inf
        # The coordinator is woken when no more than that lie ready: half of what it left.
        self._low = 0
        self.in_hand = 0
        """How many requests were handed out and have no answer yet that was taken."""

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(client.requests for client in self._clients)

    def room(self, now: float) -> int:
        """Return how many requests are to be handed out; none until they are several: each time costs a look for them.

        Args:
            now: monotonic seconds.
        """
        width = self._pace.width
        if self._hired < width:
            self._hire()  # for what lies ready, if the pace has widened
        if now - self._since >= COUNTED_SECONDS:
            in_time = int(self._counted * READY_SECONDS / (now - self._since))
            self._ready = max(width, min(in_time, MOST_READY * width))
            self._counted, self._since = 0, now
        room = width + self._ready - self.in_hand
        return room if room > self._ready // 4 else 0

    def send(self, requests: Sequence[Request]) -> None:
        """Hand out requests."""
        self.in_hand += len(requests)
        if self._hired < self._pace.width:
            self._hire()
        for request in requests:
            self._jobs.put(request)
        self._low = max(0, self.in_hand - self._pace.width + 1) // 2

    def _hire(self) -> None:
        """Let there be as many workers as may be at work."""
        while self._hired < min(self._pace.width, self.in_hand):
            threading.Thread(target=self._work, name=f"worker-{self._hired}", daemon=True).start()
            self._hired += 1

    def answers(self) -> Iterator[Answer]:
        """Take what was answered."""
        # Before it looks: whoever answers after it has looked must tell again.
        self._told = False
        while self._answers:
            self.in_hand -= 1
            self._counted += 1
            yield self._answers.popleft()
        # If nothing is handed out again, half of the rest is soon enough.
        self._low = max(0, self.in_hand - self._pace.width + 1) // 2

    def stop(self) -> None:
        """Let the workers end after what they have in hand; requests not yet begun come back unsent."""
        self._pace.stop()
        for _ in range(self._hired):
            self._jobs.put(None)

    def _work(self) -> None:
        client: Deliverer | None = None
        try:
            # Here, and not where it is hired: it takes the coordinator longer than many an answer.
            client = self._client()
            self._clients.append(client)
            while request := self._jobs.get():
                answer = self._answer(client, request)
                self._answers.append(answer)
                if not self._told and (answer.verdict.kind is not _ACCEPTED or self._jobs.qsize() <= self._low):
                    self._told = True
                    self._post(AnswersReady())
        except BaseException as error:  # noqa: BLE001 (nobody else would see it)
            self._post(WorkerBroke(error))
        finally:
            if client is not None:
                client.close()

    def _answer(self, client: Deliverer, request: Request) -> Answer:
        leave = self._pace.wait()
        sent = time.monotonic()
        if leave is None:
            return Answer(request, STOPPING, sent, sent)
        before = client.requests
        verdict = _asked(client, request) if request.look_up else client.deliver(request)
        requests = client.requests - before
        # At once, and not when the coordinator comes to it: the other workers must not ask meanwhile.
        if verdict.throttled:
            self._pace.throttled(leave, verdict.retry_after, requests)
        elif verdict.barred:
            self._pace.barred(leave, requests)
        elif verdict.kind is Kind.RETRY:
            self._pace.troubled(leave, requests, overloaded=verdict.overloaded)
        else:
            self._pace.good(leave, requests)
        return Answer(request, verdict, sent, time.monotonic())


def _asked(client: Deliverer, request: Request) -> Verdict:
    if request.page is not None:
        return client.read_page(request.entity, request.page)
    return client.look_up(request.entity, request.id)
