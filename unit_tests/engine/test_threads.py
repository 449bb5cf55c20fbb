"""Reader, workers and coordinator with fakes at their ends: an intake by script, an API by script."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from destination_fincome.engine import sync as sync_module
from destination_fincome.engine.arrivals import (
    Arrival,
    ArrivedRecord,
    ArrivedState,
    Content,
    EndOfInput,
    Entity,
    HeldByReader,
    Ref,
)
from destination_fincome.engine.reader import BATCHES_AHEAD, Batch, Reader
from destination_fincome.engine.sync import Limits, Sync
from destination_fincome.engine.workers import STOPPING, Answer, AnswersReady, WorkerBroke, Workers
from destination_fincome.failure import ConfigFailure, TransientFailure
from destination_fincome.fincome.answers import ACCEPTED, MISSING, Kind, Verdict
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.outcomes import Outcome

ENTITIES = list(load_contract().entities.values())
CUSTOMERS, INVOICES = (Entity([spec.name for spec in ENTITIES].index(name)) for name in ("customers", "invoices"))
SECONDS = 10
Respond = Callable[[Request], Verdict]


def customer(identity: str) -> ArrivedRecord:
    content = Content(orjson.dumps({"id": identity}))
    return ArrivedRecord(0, [Arrival(CUSTOMERS, identity, digest=hash(content.body), content=content)])


def invoice(identity: str, customer_id: str) -> ArrivedRecord:
    ref = Ref("customer_id", CUSTOMERS, customer_id, required=True)
    content = Content(orjson.dumps({"id": identity, "customer_id": customer_id}), (ref,))
    return ArrivedRecord(1, [Arrival(INVOICES, identity, digest=hash(content.body), content=content)])


def state(number: int, stream: int = 0) -> ArrivedState:
    return ArrivedState({"type": "STATE", "state": {"id": number}}, stream)


class Intake:
    """Gives batches by script; knows how many were taken."""

    fed = frozenset(["customers", "invoices"])
    asked: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    makes_stubs = False

    def __init__(self, *batches: Batch, failure: BaseException | None = None) -> None:
        self._batches = batches
        self._failure = failure
        self.given = 0

    def batches(self, *_: object) -> Iterator[Batch]:
        for batch in self._batches:
            self.given += 1
            yield batch
        if self._failure:
            raise self._failure


class Api:
    """A deliverer that answers by script."""

    def __init__(self, respond: Respond = lambda _: ACCEPTED) -> None:
        self._respond = respond
        self.requests = 0
        self.delivered: list[str] = []
        self.closed = threading.Event()

    def deliver(self, request: Request) -> Verdict:
        self.requests += 1
        self.delivered.append(request.id)
        return self._respond(request)

    def look_up(self, entity: str, identity: str) -> Verdict:
        return self._respond(Request(entity, identity, b"", look_up=True))

    def close(self) -> None:
        self.closed.set()


def nothing(_: int) -> bytes:
    return b""


# --- the reader


def test_a_reader_stays_a_few_batches_ahead_and_no_more() -> None:
    posted: SimpleQueue[Any] = SimpleQueue()
    batches: list[Batch] = [[state(number)] for number in range(BATCHES_AHEAD + 2)]
    reader = Reader(Intake(*batches), nothing, posted.put)  # type: ignore[arg-type]  # a fake
    taken = [posted.get(timeout=SECONDS) for _ in range(BATCHES_AHEAD)]
    assert taken == batches[:BATCHES_AHEAD]
    assert posted.empty()
    reader.more()
    assert posted.get(timeout=SECONDS) == batches[BATCHES_AHEAD]
    assert posted.empty()
    reader.more()
    assert posted.get(timeout=SECONDS) == batches[BATCHES_AHEAD + 1]
    assert posted.get(timeout=SECONDS) == EndOfInput()


def test_a_reader_says_why_the_input_broke_after_what_came_before() -> None:
    posted: SimpleQueue[Any] = SimpleQueue()
    failure = ValueError("line 2")
    Reader(Intake([state(1)], failure=failure), nothing, posted.put)  # type: ignore[arg-type]  # a fake
    assert posted.get(timeout=SECONDS) == [state(1)]
    assert posted.get(timeout=SECONDS) == EndOfInput(failure)


# --- the workers


class Pace:
    """Lets all go, until it is stopped; notes what came of it."""

    def __init__(self) -> None:
        self.told: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self.stopped = False
        self.width = 1

    def wait(self) -> object | None:
        return None if self.stopped else self

    def good(self, _: object, requests: int) -> None:
        self.told.put(("good", requests))

    def troubled(self, _: object, requests: int, *, overloaded: bool) -> None:
        self.told.put(("troubled", requests, overloaded))

    def barred(self, _: object, requests: int) -> None:
        self.told.put(("barred", requests))

    def throttled(self, _: object, retry_after: float | None, requests: int) -> None:
        self.told.put(("throttled", retry_after, requests))

    def stop(self) -> None:
        self.stopped = True


def workers(api: Api) -> tuple[Workers, Pace, SimpleQueue[Any]]:
    pace, posted = Pace(), SimpleQueue[Any]()
    return Workers(lambda: api, pace, posted.put), pace, posted  # type: ignore[arg-type]  # a fake


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (ACCEPTED, ("good", 1)),
        (Verdict(Kind.REFUSED), ("good", 1)),
        (Verdict(Kind.RETRY, retry_after=3.0), ("troubled", 1, False)),
        (Verdict(Kind.RETRY, overloaded=True), ("troubled", 1, True)),
        (Verdict(Kind.RETRY, barred=True), ("barred", 1)),
        (Verdict(Kind.RETRY, retry_after=3.0, throttled=True), ("throttled", 3.0, 1)),
    ],
)
def test_a_worker_posts_the_answer_and_tells_the_pace_what_it_means(verdict: Verdict, told: tuple[Any, ...]) -> None:
    pool, pace, posted = workers(Api(lambda _: verdict))
    request = Request("customers", "c1", b"{}")
    pool.send([request])
    assert posted.get(timeout=SECONDS) == AnswersReady()
    assert [(answer.request, answer.verdict) for answer in pool.answers()] == [(request, verdict)]
    assert pace.told.get(timeout=SECONDS) == told
    assert pool.requests == 1
    pool.stop()


def test_an_answer_tells_when_its_request_went_and_not_when_it_was_handed_out() -> None:
    go_on, handed_out = threading.Event(), time.monotonic()
    pool, _, posted = workers(Api(lambda _: ACCEPTED if go_on.wait(SECONDS) else STOPPING))
    for number in range(2):
        pool.send([Request("customers", f"c{number}", b"{}")])
    time.sleep(0.05)
    go_on.set()
    answers: list[Answer] = []
    while len(answers) < 2:
        assert posted.get(timeout=SECONDS) == AnswersReady()
        answers += pool.answers()
    assert answers[0].at - answers[0].sent >= 0.05
    assert handed_out + 0.05 <= answers[0].at <= answers[1].sent <= answers[1].at
    pool.stop()


def test_a_worker_makes_its_connection_itself_and_what_goes_wrong_with_that_is_told() -> None:
    threads: list[str] = []
    pace, posted = Pace(), SimpleQueue[Any]()

    def client() -> Api:
        threads.append(threading.current_thread().name)
        raise OSError("no more files")

    pool = Workers(client, pace, posted.put)  # type: ignore[arg-type]  # a fake
    pool.send([Request("customers", "c1", b"{}")])
    broke = posted.get(timeout=10)
    assert (threads[0], str(broke.error)) == ("worker-0", "no more files")
    pool.stop()


def test_nobody_is_woken_for_an_answer_while_enough_lies_ready() -> None:
    begun, go_on = SimpleQueue[str](), SimpleQueue[None]()

    def respond(request: Request) -> Verdict:
        begun.put(request.id)
        go_on.get(timeout=SECONDS)
        return ACCEPTED

    pool, _, posted = workers(Api(respond))
    first, second, third = [Request("customers", f"c{number}", b"{}") for number in range(3)]
    pool.send([first, second, third])
    assert begun.get(timeout=SECONDS) == "c0"
    go_on.put(None)
    assert begun.get(timeout=SECONDS) == "c1"
    assert posted.empty()
    go_on.put(None)
    assert posted.get(timeout=SECONDS) == AnswersReady()
    assert [answer.request for answer in pool.answers()] == [first, second]
    go_on.put(None)
    assert posted.get(timeout=SECONDS) == AnswersReady()
    assert [answer.request for answer in pool.answers()] == [third]


def test_what_is_not_accepted_wakes_at_once_however_much_lies_ready() -> None:
    begun, go_on = SimpleQueue[str](), SimpleQueue[None]()

    def respond(request: Request) -> Verdict:
        begun.put(request.id)
        go_on.get(timeout=SECONDS)
        return Verdict(Kind.REFUSED)

    pool, _, posted = workers(Api(respond))
    pool.send([Request("customers", f"c{number}", b"{}") for number in range(9)])
    assert begun.get(timeout=SECONDS) == "c0"
    go_on.put(None)
    assert begun.get(timeout=SECONDS) == "c1"
    assert posted.get_nowait() == AnswersReady()
    pool.stop()
    go_on.put(None)


def test_given_a_pace_that_widens_when_looked_at_then_what_lies_ready_has_more_workers() -> None:
    begun, go_on = SimpleQueue[str](), threading.Event()

    def respond(request: Request) -> Verdict:
        begun.put(request.id)
        return ACCEPTED if go_on.wait(SECONDS) else STOPPING

    pool, pace, _ = workers(Api(respond))
    pool.send([Request("customers", f"c{number}", b"{}") for number in range(9)])
    assert begun.get(timeout=SECONDS) == "c0"
    pace.width = 2
    pool.room(10.0)
    assert begun.get(timeout=SECONDS) == "c1"
    go_on.set()
    pool.stop()


def test_while_nothing_more_is_handed_out_each_half_of_the_rest_wakes_once() -> None:
    begun, go_on, found = SimpleQueue[str](), SimpleQueue[None](), []

    def respond(request: Request) -> Verdict:
        begun.put(request.id)
        go_on.get(timeout=SECONDS)
        return ACCEPTED

    pool, _, posted = workers(Api(respond))
    pool.send([Request("customers", f"c{number}", b"{}") for number in range(9)])
    for _ in range(8):
        assert begun.get(timeout=SECONDS)
        if not posted.empty():
            posted.get()
            found.append(len(list(pool.answers())))
        go_on.put(None)
    assert begun.get(timeout=SECONDS) == "c8"
    found.append(len(list(pool.answers())))
    go_on.put(None)
    assert posted.get(timeout=SECONDS) == AnswersReady()
    assert found == [5, 2, 1]
    pool.stop()


def send_and_answer(pool: Workers, posted: SimpleQueue[Any], number: int) -> None:
    for one in range(number):
        pool.send([Request("customers", f"c{one}", b"{}")])
    answered = 0
    while answered < number:
        assert posted.get(timeout=SECONDS) == AnswersReady()
        answered += len(list(pool.answers()))


def test_as_many_lie_ready_as_are_at_work_and_more_where_they_are_sent_in_a_moment() -> None:
    pool, pace, posted = workers(Api())
    pace.width = 8
    assert pool.room(10.0) == 8 + 8
    send_and_answer(pool, posted, 200)
    assert pool.room(11.0) == 8 + 40, "what 200 a second send in a fifth of a second"
    send_and_answer(pool, posted, 1600)
    assert pool.room(11.5) == 8 + 512, "3,200 a second: no more than 64 times the width"
    send_and_answer(pool, posted, 10)
    assert pool.room(12.5) == 8 + 8, "10 a second: no worker waits for the coordinator"
    pool.stop()


def test_requests_are_asked_for_several_at_a_time() -> None:
    go_on = threading.Event()
    pool, pace, _ = workers(Api(lambda _: ACCEPTED if go_on.wait(SECONDS) else STOPPING))
    pace.width = 8
    assert pool.room(10.0) == 16
    pool.send([Request("customers", f"c{number}", b"{}") for number in range(13)])
    assert pool.room(10.0) == 3
    pool.send([Request("customers", "c13", b"{}")])
    assert pool.room(10.0) == 0, "2 are no more than a quarter of what lies ready"
    go_on.set()
    pool.stop()


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_begun_and_closes_its_connections() -> None:
    api = Api()
    pool, pace, posted = workers(api)
    pace.stop()
    request = Request("customers", "c1", b"{}")
    pool.send([request])
    assert posted.get(timeout=SECONDS) == AnswersReady()
    assert [(answer.request, answer.verdict) for answer in pool.answers()] == [(request, STOPPING)]
    pool.stop()
    assert api.closed.wait(SECONDS)
    assert api.delivered == []


def test_a_defect_in_a_worker_is_posted() -> None:
    defect = ZeroDivisionError("a defect")

    def break_down(_: Request) -> Verdict:
        raise defect

    pool, _, posted = workers(Api(break_down))
    pool.send([Request("customers", "c1", b"{}")])
    assert posted.get(timeout=SECONDS) == WorkerBroke(defect)


# --- the coordinator


def syncing(respond: Respond, *batches: Batch, **limits: Any) -> tuple[Sync, Intake, Api]:
    intake, api = Intake(*batches), Api(respond)
    limits.setdefault("concurrency", 1)
    sync = Sync(intake, ["customers", "invoices"], ENTITIES, lambda: api, Limits(**limits))  # type: ignore[arg-type]
    return sync, intake, api


def ids(states: list[dict[str, Any]]) -> list[int]:
    return [one["state"]["id"] for one in states]


def test_a_state_leaves_when_all_before_it_has_ended_and_not_earlier() -> None:
    left: list[dict[str, Any]] = []
    seen: list[tuple[str, list[int]]] = []

    def respond(request: Request) -> Verdict:
        seen.append((request.id, ids(left)))
        return ACCEPTED

    sync, _, _ = syncing(respond, [customer("c1"), state(1)], [customer("c2"), customer("c3"), state(2)])
    for one in sync.run(nothing):
        left.append(one)
    assert ids(left) == [1, 2]
    assert all(1 not in before for identity, before in seen if identity == "c1")
    assert all(2 not in before for _, before in seen)
    assert left[1]["state"]["destinationStats"] == {"recordCount": 2.0, "rejectedRecordCount": 0.0}


def test_no_state_comes_back_from_a_dry_run() -> None:
    sync, _, api = syncing(lambda _: ACCEPTED, [customer("c1"), state(1)], dry_run=True)
    assert list(sync.run(nothing)) == []
    assert api.delivered == ["c1"]
    assert sync.report.total(Outcome.SENT) == 1


def test_a_defect_in_a_worker_ends_the_sync_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "GRACE_SECONDS", 0.05)

    def break_down(_: Request) -> Verdict:
        raise ZeroDivisionError("a defect")

    sync, _, _ = syncing(break_down, [customer("c1"), state(1)])
    with pytest.raises(ZeroDivisionError):
        list(sync.run(nothing))


def test_what_stops_a_sync_lets_the_request_under_way_end_and_saves_what_it_did() -> None:
    reason = TransientFailure("told to stop")

    def respond(request: Request) -> Verdict:
        sync.interrupt(reason)
        return ACCEPTED

    sync, _, _ = syncing(respond, [customer("c1"), state(1)])
    run = sync.run(nothing)
    assert ids([next(run)]) == [1]
    with pytest.raises(TransientFailure, match="told to stop"):
        next(run)


def test_what_stops_a_sync_does_not_wait_for_a_request_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sync_module.GRACE_SECONDS, sync_module.STOP_SECONDS) == (30, 5), "as docs/guarantees.md says"
    monkeypatch.setattr(sync_module, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(sync_module, "STOP_SECONDS", 0.05)
    hangs = threading.Event()

    def respond(request: Request) -> Verdict:
        sync.interrupt(TransientFailure("told to stop"))
        hangs.wait(SECONDS)
        return ACCEPTED

    sync, _, _ = syncing(respond, [customer("c1"), state(1)])
    left: list[dict[str, Any]] = []
    with pytest.raises(TransientFailure, match="told to stop"):
        left.extend(sync.run(nothing))
    assert (left, hangs.is_set()) == ([], False)
    assert sync.report.total(Outcome.SENT) == 0
    hangs.set()


def test_reading_pauses_while_the_spool_is_full_and_goes_on_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The customer whose invoices fill the spool is under way: what comes after must wait for it."""
    full = threading.Event()
    full.set()
    given: list[int] = []

    def respond(request: Request) -> Verdict:
        if request.id == "c1":
            given.append(intake.given)
            full.clear()
        return ACCEPTED

    batches: list[Batch] = [[customer("c1")], *([invoice(f"in_{number}", "c1")] for number in range(20)), [state(1, 1)]]
    sync, intake, api = syncing(respond, *batches)
    monkeypatch.setattr(sync._spool, "bytes_held", lambda: full.is_set() << 40)
    assert ids(list(sync.run(nothing))) == [1]
    assert given[0] <= BATCHES_AHEAD + 1
    assert intake.given == len(batches)
    assert len(api.delivered) == 21


def test_a_full_spool_in_which_nothing_can_go_ends_the_sync_and_rejects_nothing() -> None:
    def respond(request: Request) -> Verdict:
        return MISSING if request.look_up else ACCEPTED

    batches: list[Batch] = [[invoice(f"in_{number}", "nobody")] for number in range(3)]
    sync, _, api = syncing(respond, *batches, *([[state(1, 1)]] * 20), spool_bytes=1)
    with pytest.raises(ConfigFailure, match=r"`max_spool_mb`.* 3 invoices wait for customers"):
        list(sync.run(nothing))
    assert (api.delivered, sync.report.total(Outcome.REJECTED)) == ([], 0)


def test_what_the_reader_holds_for_the_end_of_the_input_counts_as_room_that_is_used() -> None:
    merged: Batch = [HeldByReader(merged=3 << 20)]
    sync, intake, _ = syncing(
        lambda _: ACCEPTED, [customer("c1")], merged, *([[state(1, 1)]] * 20), spool_bytes=2 << 20
    )
    with pytest.raises(
        ConfigFailure, match=r"`max_spool_mb` = 2\), .* 3 MB of rows, until all rows .*`merge`\)\. Raise"
    ):
        list(sync.run(nothing))
    assert intake.given < 20
    assert sync.report.total(Outcome.REJECTED) == 0


def test_what_the_reader_has_handed_over_makes_room_again() -> None:
    batches: list[Batch] = [[HeldByReader(completed=3 << 20), customer("c1")], [HeldByReader()], [state(1)]]
    sync, _, _ = syncing(lambda _: ACCEPTED, *batches, spool_bytes=4 << 20)
    assert ids(list(sync.run(nothing))) == [1]
