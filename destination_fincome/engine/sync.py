"""The sync itself: one thread that takes what arrives and what is answered, and lets states leave.

Read `Sync.run` top to bottom: it is the protocol (docs/architecture.md).
"""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from destination_fincome.engine.arrivals import ArrivedMerged, ArrivedRecord, EndOfInput, HeldByReader
from destination_fincome.engine.bookkeeping import Bookkeeping, Books
from destination_fincome.engine.credits import FIRST_KEY, Credits
from destination_fincome.engine.earlier_ids import FIRST_ID_KEY, EarlierIds, Inquiry
from destination_fincome.engine.final_report import FinalReport, Reporting
from destination_fincome.engine.lists import Lists
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.missing import MissingAtSource, MissingOptions
from destination_fincome.engine.objects import Objects, SyncScope
from destination_fincome.engine.pace.kept_failing import KeptFailing, Next
from destination_fincome.engine.pace.pace import Pace
from destination_fincome.engine.pace.retries import Retries
from destination_fincome.engine.reader import Batch, Intake, Reader
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.standing import Standing
from destination_fincome.engine.states import Ledger
from destination_fincome.engine.stored_check import StoredCheck
from destination_fincome.engine.subscription_stubs import SubscriptionStubs
from destination_fincome.engine.workers import Answer, AnswersReady, WorkerBroke, Workers
from destination_fincome.failure import ConfigFailure, ConnectorFailure, SystemFailure, TransientFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.delivery import Deliverer, Request
from destination_fincome.reporting.facts import Factbook
from destination_fincome.reporting.report import NOT_SELECTED, Report
from destination_fincome.retry_policy import RetryPolicy, backoff
from destination_fincome.wording import counted

LOGGER = logging.getLogger("airbyte")

PROGRESS_SECONDS = 10.0
IDLE_SECONDS = 1.0
# How long answers may lie that nobody was woken for.
GATHER_SECONDS = 0.05
# How much is taken in between two looks at the clock, the workers and the states.
ITEMS_PER_TURN = 256
# How long requests in flight may take to end when the sync fails, and when it is told to stop: platforms that stop it
# end it by force later, Kubernetes after 30 seconds.
GRACE_SECONDS = 30.0
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """The settings of the engine (spec.json, "Advanced"); `concurrency` None: the pace finds it out."""

    concurrency: int | None = None
    requests_per_second: float | None = None
    retry_seconds: float = 600
    parent_wait_seconds: float = 300
    spool_bytes: int = 1 << 30
    most_rejected: int | None = None
    most_rejected_percent: float = 50
    max_settled_percent: float = 10
    stored_check_fails: bool = True
    dry_run: bool = False
    settles_missing: bool = False
    has_whole_input: bool = False


@dataclass(frozen=True)
class Interrupted:
    """The sync is asked to stop."""

    failure: ConnectorFailure


Item = Batch | EndOfInput | Inquiry | AnswersReady | WorkerBroke | Interrupted

# What each record meets: see lifecycle.py.
_ACCEPTED = Kind.ACCEPTED


class Sync:
    """One sync, from the first byte to the summary; nothing runs before `run`.

    Args:
        intake: makes arrivals of the input.
        streams: names of the streams for the report, by index.
        entities: in the contract's order.
        client: makes what one worker delivers with; in a dry run it writes nothing.
        limits: the settings of the engine.
        reporting: what people are told with, beside the log.
        recall: what earlier syncs have had confirmed; None: everything is sent.
    """

    def __init__(
        self,
        intake: Intake,
        streams: Sequence[str],
        entities: Sequence[EntitySpec],
        client: Callable[[], Deliverer],
        limits: Limits,
        reporting: Reporting | None = None,
        recall: Recall | None = None,
    ) -> None:
        self._intake, self._client, self._limits, self._entities = intake, client, limits, entities
        self._inbox: SimpleQueue[Item] = SimpleQueue()
        reporting = reporting or Reporting()
        names = [spec.name for spec in entities]
        # A last name for messages of streams that the catalog doesn't have.
        self._report = Report([*streams, NOT_SELECTED], names, limits.dry_run, reporting.expected)
        self._rejections = reporting.rejections
        facts = Factbook(names)
        self._final = FinalReport(self._report, facts, intake.fed, reporting)
        self._spool = Spool()
        self._ledger = Ledger()
        self._standing = Standing(self._ledger, self._report, limits.most_rejected_percent)
        self._stored = StoredCheck(entities, self._ledger, self._report.warn, fails=limits.stored_check_fails)
        books = Books(self._ledger, self._report, self._standing, self._stored, self._rejections)
        self._book = Bookkeeping(books, self._spool.groups, limits.most_rejected)
        self._recall, self._lists = recall, self._lists_of(recall)
        self._objects = Objects(self._spool, entities, self._scope(streams, facts), self._book, facts)
        self._credits = Credits(entities, intake, self._objects, self._book, self._spool.stubs)
        self._earlier_ids = EarlierIds(self._objects)
        self._missing = self._missing_at_source(recall) if recall and recall.streams and not limits.dry_run else None
        self._policy = RetryPolicy(patience=limits.retry_seconds)
        self._pace = Pace(limits.concurrency, limits.requests_per_second, self._policy)
        self._trouble = KeptFailing(Retries(self._pace, self._policy), self._policy, gives_up=not limits.dry_run)
        self._ended: float | None = None
        self._broken_input: BaseException | None = None
        self._grace = GRACE_SECONDS
        self._failure: BaseException | None = None
        self._complete = False
        self._held_permits, self._with_reader = 0, HeldByReader()
        self._busy, self._looked = False, 0.0

    def _missing_at_source(self, recall: Recall) -> MissingAtSource:
        whole = None if self._limits.has_whole_input else self._intake.completed
        options = MissingOptions(whole, settles=self._limits.settles_missing)
        return MissingAtSource(recall, self._objects, self._report, self._entities, self._rejections, options)

    def _lists_of(self, recall: Recall | None) -> Lists | None:
        if recall is None or all(spec.listing is None for spec in self._entities):
            return None
        return Lists(self._entities, recall, self._stored.wrong, self._report.warn, self._limits.spool_bytes)

    def _scope(self, streams: Sequence[str], facts: Factbook) -> SyncScope:
        intake = self._intake
        return SyncScope(
            intake.fed,
            intake.asked,
            streams,
            self._limits.max_settled_percent,
            SubscriptionStubs(facts, intake.stub_content) if intake.makes_stubs else None,
            self._recall,
            self._lists,
        )

    @property
    def report(self) -> Report:
        """What has become of the records so far."""
        return self._report

    def interrupt(self, failure: ConnectorFailure) -> None:
        """Ask the sync to stop in good order; callable from a signal handler."""
        self._inbox.put(Interrupted(failure))

    def run(self, read: Callable[[int], bytes]) -> Generator[dict[str, Any], None, None]:
        """Sync everything that `read` gives.

        Yields:
            The states, as they came plus destinationStats, each as soon as everything before it has ended.

        Raises:
            ConnectorFailure: the sync failed; the states that may leave were yielded before.
        """
        self._started = self._reported = time.monotonic()
        if self._recall:
            self._recall.begin()
        reader = Reader(self._intake, read, self._inbox.put)
        workers = Workers(self._client, self._pace, self._inbox.put)
        try:
            yield from self._until_done(reader, workers)
            if self._rejections:
                self._rejections.flush()
        except sqlite3.Error as error:
            self._failure = SystemFailure(
                f"The spool in the temporary folder can't be used ({error}). Give the connector more disk space there; "
                "the next attempt starts from the last saved state."
            )
        except Exception as error:  # noqa: BLE001 (it is raised again, once the summary has told of it)
            self._failure = error
        finally:
            reader.stop()
            workers.stop()
            self._close(workers)
        if self._failure:
            raise self._failure

    def _until_done(self, reader: Reader, workers: Workers) -> Iterator[dict[str, Any]]:
        """Go on until all has ended or the sync must fail; yields the states that may leave."""
        while self._failure is None:
            self._take_in(reader, workers)
            done = self._failure is None and self._send_out(reader, workers)
            verdict = self._stored.conclude() or self._standing.conclude() if done else None
            yield from self._states()
            if self._recall:
                self._recall.keep_alive()
            if time.monotonic() - self._reported >= PROGRESS_SECONDS:
                self._report_progress(workers)
            if done:
                self._objects.tell_old_values()
                self._complete, self._failure = True, verdict
                return
        reader.stop()
        self._wind_up(workers)
        self._stored.give_up()
        yield from self._states()

    def _close(self, workers: Workers) -> None:
        """Tell how the sync went, and keep or remove what it has kept."""
        seconds = time.monotonic() - self._started
        self._final.write(self._failure, complete=self._complete, requests=workers.requests, seconds=seconds)
        if self._missing:
            self._missing.end(ended_well=self._complete and self._failure is None)
        if self._recall:
            names = [spec.name for spec in self._entities]
            self._recall.end(names, right=self._stored.right, wrong=self._stored.wrong)
        self._spool.close()
        if self._lists:
            self._lists.close()
        self._credits.close()
        self._final.close()

    def _states(self) -> Iterator[dict[str, Any]]:
        """Yield the states that may leave, once the rejected records before them are stored.

        Not sooner: each time makes a file. A dry run keeps the states: the next sync must read the same data again.
        """
        for state in self._ledger.release():
            if self._rejections:
                self._rejections.flush()
            if not self._limits.dry_run:
                yield state

    # --- in

    def _take_in(self, reader: Reader, workers: Workers) -> None:
        """Wait for something to happen, then handle all that has."""
        for item in self._arrived(workers):
            if isinstance(item, list):
                self._book_batch(item)
                self._held_permits += 1
            elif isinstance(item, Inquiry):
                self._earlier_ids.begin(item)
            elif isinstance(item, EndOfInput):
                self._ended = time.monotonic()
                self._with_reader = HeldByReader()
                self._broken_input = item.failure
            elif isinstance(item, WorkerBroke):
                self._failure = self._failure or item.error
            elif isinstance(item, Interrupted):
                self._failure, self._grace = self._failure or item.failure, STOP_SECONDS
        for answer in workers.answers():
            self._answered(answer)
        self._failure = self._failure or self._book.failure or self._standing.failure or self._stored.failure
        if self._objects.freed:
            self._objects.free_children()
        self._spool.trim()
        if self._held_permits and self._spool.bytes_held() + sum(self._with_reader) <= self._limits.spool_bytes:
            reader.more(self._held_permits)
            self._held_permits = 0

    def _arrived(self, workers: Workers) -> Iterator[Item]:
        """Yield what happens, within the time in which nothing is due."""
        wait = 0.0
        if not self._busy:
            wait = GATHER_SECONDS if workers.in_hand else IDLE_SECONDS
            due = self._objects.next_due
            if self._stored.looks:
                due = min(due, self._stored.next_due)
            if due < math.inf:
                wait = min(wait, max(0.0, due - time.monotonic()))
        try:
            yield self._inbox.get(timeout=wait)
            for _ in range(ITEMS_PER_TURN - 1):
                yield self._inbox.get_nowait()
        except Empty:
            return

    def _book_batch(self, batch: Batch) -> None:
        for arrived in batch:
            if isinstance(arrived, ArrivedRecord):
                token = self._book.open(arrived)
                for arrival in arrived.objects:
                    if arrival.is_part:
                        self._spool.answering.keep(arrival.entity, arrival.facet, arrival.id, token)
                    else:
                        self._objects.arrive(arrival, token)
                for stub in arrived.stubs:
                    self._spool.stubs.keep(stub)
                for other in arrived.other_ids:
                    self._objects.name(other)
                if arrived.credit is not None:
                    self._credits.arrive(arrived.credit, token)
                for link in arrived.links:
                    self._credits.tell(link, token)
            elif isinstance(arrived, ArrivedMerged):
                merged = arrived.arrival
                for token in self._spool.answering.take(merged.entity, arrived.facet, merged.id):
                    self._objects.arrive(merged, token)
            elif isinstance(arrived, HeldByReader):
                self._with_reader = arrived
            else:
                self._ledger.add_state(arrived.message, arrived.stream, awaits_all=arrived.awaits_all)

    # --- out

    def _send_out(self, reader: Reader, workers: Workers) -> bool:
        """Send what may go, look after what can't; True when all is settled."""
        self._busy, now = False, time.monotonic()
        if self._stored.looks:
            workers.send(self._stored.take(now))
        if room := workers.room(now):
            requests = self._objects.take(room, now, ended=self._ended is not None)
            if self._stored.looks:
                self._stored.overtaken(requests)
            workers.send(requests)
        if self._ended is not None:
            return self._objects.at_rest and self._conclude(self._ended)
        if now - self._looked >= IDLE_SECONDS:
            self._look_for_late_parents(now)
        if self._held_permits and self._objects.at_rest:
            self._make_room(reader)
        return False

    def _conclude(self, ended: float) -> bool:
        """Take the next step when the input has ended and nothing is under way; True when none is left."""
        if self._broken_input and not self._stored.at_rest:
            return False
        if self._broken_input:
            # What could go has gone, so that its states leave; what waits may wait for something that was not read.
            self._failure = self._broken_input
            return False
        try:
            self._busy = (
                self._credits.conclude()
                or (self._missing is not None and self._missing.conclude())
                or self._objects.conclude(ended)
            )
        except ConnectorFailure as failure:
            self._failure = failure
            return False
        self._objects.free_children()
        return not self._busy and self._stored.at_rest

    def _look_for_late_parents(self, now: float) -> None:
        """Ask Fincome for parents that children have waited for too long."""
        self._looked = now
        self._busy = self._objects.look_after_parents(now - self._limits.parent_wait_seconds)
        self._objects.free_children()

    def _make_room(self, reader: Reader) -> None:
        """The spool is full and nothing in it can go: ask for the parents now, rather than wait for ever."""
        self._busy = self._objects.look_after_parents(math.inf)
        self._objects.free_children()
        if self._busy:
            return
        held = [
            counted(number, f"{self._entities[child].singular} waits", f"{self._entities[child].plural} wait")
            + f" for {self._entities[parent].plural}"
            for child, parent, number in self._spool.held()
        ]
        if held or any(self._with_reader):
            self._failure = ConfigFailure(self._too_full(held))
        else:
            reader.more(self._held_permits)
            self._held_permits = 0

    def _too_full(self, held: Sequence[str]) -> str:
        told = ", ".join([*held, *self._with_reader.told()])
        first = ", or sync the streams that bring those parents first" if held else ""
        return (
            f"The connector's temporary files are full (`max_spool_mb` = {self._limits.spool_bytes >> 20}), and "
            f"nothing in them can go: {told}. Raise `max_spool_mb`{first}. No record was rejected for this, and no "
            "state passes what waits."
        )

    def _answered(self, answer: Answer) -> None:
        request, verdict, aside = answer.request, answer.verdict, False
        due = now = time.monotonic()
        if request.check:
            self._stored.answered(request, verdict, now)
            return
        if request.page is not None:
            self._page_answered(answer, now)
            return
        if verdict.written or verdict.nulls_refused:
            self._stored.written(request, verdict, now)
        if verdict.kind is _ACCEPTED:
            self._trouble.good(request, verdict, answer.at)
        elif verdict.kind is Kind.STOP:
            self._failure = self._failure or ConfigFailure(verdict.problem)
        elif verdict.kind is Kind.RETRY:
            verdict, due, aside = self._try_again(request, verdict, now, answer.sent)
        else:
            self._trouble.good(request, verdict, answer.at)
            if verdict.kind is Kind.UNTOLD:
                due = now + (verdict.retry_after or 0)
            elif not request.look_up and (verdict.vague or verdict.kind in (Kind.UNKNOWN_REFERENCE, Kind.MISSING)):
                due = now + backoff(self._objects.tries(request.key) + 1, self._policy)
        if request.key >= FIRST_ID_KEY:
            self._objects.forget(request)
            self._earlier_ids.answered(request, verdict, due)
        elif request.key >= FIRST_KEY:
            self._objects.forget(request)
            self._credits.answered(request, verdict, due)
        else:
            self._objects.answered(request, verdict, due, aside=aside)

    def _page_answered(self, answer: Answer, now: float) -> None:
        """Take what was answered to a page of a list: trouble with it fails no sync."""
        request, verdict, due = answer.request, answer.verdict, None
        if verdict.kind is not Kind.RETRY:
            self._trouble.good(request, verdict, answer.at)
        elif self._failure is None:
            self._report.retried += 1
            self._report.throttled += verdict.throttled
            with suppress(TransientFailure):
                due = self._trouble.again(request, verdict, now, answer.sent).due
        self._objects.page_answered(request, verdict, due)

    def _try_again(self, request: Request, verdict: Verdict, now: float, sent: float) -> Next:
        self._report.retried += 1
        self._report.throttled += verdict.throttled
        if self._failure is not None:
            return Next(verdict, now)
        try:
            return self._trouble.again(request, verdict, now, sent)
        except ConnectorFailure as failure:
            self._failure = failure
            return Next(verdict, now)

    def _wind_up(self, workers: Workers) -> None:
        """After a failure: let the requests in flight end, in bounded time, so that what they did is booked."""
        workers.stop()
        deadline = time.monotonic() + self._grace
        while self._objects.in_flight and (left := deadline - time.monotonic()) > 0:
            with suppress(Empty):
                item = self._inbox.get(timeout=min(left, GATHER_SECONDS))
                if isinstance(item, Interrupted):
                    deadline = min(deadline, time.monotonic() + STOP_SECONDS)
            for answer in workers.answers():
                self._answered(answer)
        self._objects.free_children()

    # --- words

    def _report_progress(self, workers: Workers) -> None:
        self._reported = now = time.monotonic()
        rate = workers.requests / (now - self._started)
        others = [*self._stored.waits(), *self._trouble.waits()]
        LOGGER.info(self._report.progress(rate, self._pace.width, self._standing.waits(), others))
