"""The gate: which version of an object counts, and whether its parents are there (design.md, "Gate", "Identity").

Bookkeeping only: it is told what arrived and what was answered, and says what may go. Time and HTTP are the
coordinator's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.client import Parcel
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.models import encode
from destination_fincome.mapping.drafts import Version
from destination_fincome.sync.outcomes import (
    NO_TOKEN,
    SUPERSEDED,
    Arrival,
    Outcome,
    Reason,
    Ref,
    StubArrival,
    Token,
)
from destination_fincome.sync.spool import Row, Spool, Status
from destination_fincome.sync.verbs import Verbs

Settle = Callable[[Token, Outcome, int, str, Reason | None], None]

# How often "unknown parent" is asked again before it is believed: the parent's update may be asynchronous (202).
REFERENCE_TRIES = 4
LAST_TRY = 1_000_000
BATCH = 500

_PENDING = (Status.WAITING, Status.READY, Status.LATER, Status.PARKED)


@dataclass(frozen=True, slots=True)
class Flight:
    """What a worker is given: an object to deliver, or (without a body) one to look up."""

    key: int
    revision: int
    token: Token
    parcel: Parcel
    look_up: bool = False
    detour: bool = False


class Order(Enum):
    """How an arriving object stands to the one that is there."""

    NEWER = auto()
    SAME = auto()
    OLDER = auto()


def order(row_version: Version, row_digest: bytes, arrival: Arrival) -> Order:
    """Compare an arrival with the version that is there (sources.md rule 2).

    An unknown version is older than any known one; of two equal ones the tie rule decides.
    """
    if arrival.digest == row_digest:
        return Order.SAME
    old, new = row_version, arrival.version
    if old == new:
        return Order.OLDER if arrival.tie_first else Order.NEWER
    if old is None or (new is not None and new > old):
        return Order.NEWER
    return Order.OLDER


class Gate:
    """Decides what may go to Fincome and when."""

    def __init__(
        self,
        spool: Spool,
        entities: Sequence[EntitySpec],
        settle: Settle,
        note: Callable[[str, str, str], None],
        verbs: Verbs | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set up an empty gate.

        Args:
            entities: in the contract's order; arrivals name them by index.
            settle: books the end of an object.
            note: notes a warning: code, text, example id.
            verbs: learns which verb goes first.
        """
        self._spool = spool
        self._entities = entities
        self._settle = settle
        self._note = note
        self._verbs = verbs or Verbs()
        self._clock = clock
        self._flying: dict[int, int] = {}
        self._looking: set[int] = set()
        self._freed: list[int] = []
        self._later = 0

    @property
    def in_flight(self) -> int:
        """How many objects and look-ups the workers have."""
        return len(self._flying) + len(self._looking)

    # --- what arrives

    def arrive(self, arrival: Arrival, token: Token) -> None:
        """Take an object in."""
        row = self._spool.get(arrival.entity, arrival.id)
        if row is None:
            row = self._spool.create(arrival.entity, arrival.id, self._clock())
        if arrival.fault:
            if row.status in (Status.ABSENT, Status.MISSING):
                self._end(row, Status.REJECTED, arrival.fault)
            self._settle(token, Outcome.REJECTED, arrival.entity, arrival.id, arrival.fault)
            return
        stands = Order.NEWER if not row.digest else order(row.version, row.digest, arrival)
        if stands is Order.OLDER:
            self._settle(token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)
        elif stands is Order.SAME:
            self._same_again(row, arrival, token)
        else:
            self._replace(row, arrival, token)

    def _same_again(self, row: Row, arrival: Arrival, token: Token) -> None:
        if arrival.version is not None and (row.version is None or arrival.version > row.version):
            # The same content is true for longer: what comes after an older version of it must be newer than this.
            row.version = arrival.version
            self._spool.touch(row)
        if row.status in _PENDING:
            self._spool.follow(row, token)
        elif row.status is Status.REJECTED:
            self._settle(token, Outcome.REJECTED, row.entity, row.id, row.reason)
        elif row.status is Status.SKIPPED:
            self._settle(token, Outcome.SKIPPED, row.entity, row.id, row.reason)
        else:
            self._settle(token, Outcome.UNCHANGED, row.entity, row.id, None)

    def _replace(self, row: Row, arrival: Arrival, token: Token) -> None:
        """Put a newer version in the place of what is there."""
        in_air = row.key in self._flying
        self._later -= row.status is Status.LATER
        if row.status in _PENDING:
            if not (in_air and self._flying[row.key] == row.revision):
                self._settle(row.token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)
            self._settle_followers(row, Outcome.SKIPPED, SUPERSEDED)
        row.revision += 1
        row.version, row.digest, row.body = arrival.version, arrival.digest, arrival.body
        row.refs, row.complete, row.token = arrival.refs, arrival.complete, token
        row.attempts, row.detour, row.reason, row.children = 0, (), arrival.skip, arrival.children
        self._spool.touch(row)
        if arrival.skip:
            row.token = NO_TOKEN
            self._settle(token, Outcome.SKIPPED, row.entity, row.id, arrival.skip)
        if in_air:
            row.status = Status.READY  # whatever it is now, it is placed when the one under way has landed
        else:
            self._place(row)

    def _place(self, row: Row) -> None:
        """Let the row's newest version go, wait for its parents, or rest."""
        if row.body is None:
            self._settle_followers(row, Outcome.SKIPPED, row.reason)
            self._end(row, Status.SKIPPED, row.reason)
            return
        parents: dict[int, Row] = {}
        for ref in row.refs:
            if ref.watched and ref.field not in row.detour:
                parent = self._parent(ref)
                if not parent.known:
                    parents[parent.key] = parent
        row.blockers = len(parents)
        row.status = Status.WAITING if parents else Status.READY
        self._spool.touch(row)
        self._spool.wait(row, parents.values())

    def _parent(self, ref: Ref) -> Row:
        now = self._clock()
        parent = self._spool.get(ref.entity, ref.id) or self._spool.create(ref.entity, ref.id, now)
        if parent.looked and parent.status in (Status.REJECTED, Status.SKIPPED):
            # It has a child again: to be looked into once more.
            parent.looked, parent.since = False, now
            self._spool.touch(parent)
        return parent

    def _end(self, row: Row, status: Status, reason: Reason | None) -> None:
        row.status, row.reason = status, reason
        row.body, row.refs, row.detour, row.blockers = None, (), (), 0
        row.since, row.looked = self._clock(), False
        self._spool.touch(row)

    def _settle_followers(self, row: Row, outcome: Outcome, reason: Reason | None) -> None:
        for token in self._spool.take_followers(row):
            self._settle(token, outcome, row.entity, row.id, reason)

    # --- what goes

    def departures(self, limit: int, now: float) -> list[Flight]:
        """Return up to so many objects that may go now: repeated tries first, then parents before children."""
        rows = self._spool.due(now, limit) if self._later else []
        for row in rows:
            row.status = Status.READY
            self._spool.touch(row)
        self._later -= len(rows)
        if len(rows) < limit:
            # Those under way are ready ones too, as the spool sees it.
            ready = self._spool.ready(limit - len(rows) + len(self._flying))
            known = {row.key for row in rows}
            waiting = [row for row in ready if row.key not in self._flying and row.key not in known]
            rows += waiting[: limit - len(rows)]
        return [self._depart(row) for row in rows]

    def next_due(self) -> float | None:
        """Return when the next try of an object is due; None if none is to be tried again."""
        return self._spool.next_due() if self._later else None

    def _try_later(self, row: Row, due: float | None) -> None:
        assert due is not None
        row.status, row.due = Status.LATER, due
        self._later += 1
        self._spool.touch(row)

    def _depart(self, row: Row) -> Flight:
        assert row.body is not None
        self._flying[row.key] = row.revision
        body = without(row.body, row.detour) if row.detour else row.body
        # After a detour the object exists, and only what was left out is missing.
        entity = self._entities[row.entity].name
        update_first = row.known or self._verbs.update_first(entity)
        parcel = Parcel(entity, row.id, body, row.complete, update_first)
        return Flight(row.key, row.revision, row.token, parcel, detour=bool(row.detour))

    # --- what is answered

    def land(self, flight: Flight, verdict: Verdict, due: float | None) -> None:
        """Book the answer to a flight.

        Args:
            due: when to try again, for verdicts that are worth another try.
        """
        row = self._spool.by_key(flight.key)
        if flight.look_up:
            self._looking.discard(row.key)
            self._found(row, verdict)
            return
        del self._flying[row.key]
        if verdict.existed is not None and not row.known:
            self._verbs.learn(flight.parcel.entity, verdict.existed)
        if verdict.kind is Kind.ACCEPTED:
            self._delivered(row, flight)
        elif row.revision != flight.revision:
            self._settle(flight.token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)
            self._place(row)
        elif verdict.kind is Kind.UNKNOWN_REFERENCE:
            self._unknown_reference(row, verdict, due)
        elif verdict.kind is Kind.REFUSED:
            self._reject(row, Reason(verdict.code, verdict.problem, verdict.field))
        else:
            self._try_later(row, due)

    def _delivered(self, row: Row, flight: Flight) -> None:
        self._is_there(row)
        current = row.revision == flight.revision
        if flight.detour and current:
            row.detour = ()
            self._place(row)
            return
        self._settle(flight.token, Outcome.SENT, row.entity, row.id, None)
        if not current:
            self._place(row)
            return
        self._settle_followers(row, Outcome.UNCHANGED, None)
        self._end(row, Status.DELIVERED, None)

    def _unknown_reference(self, row: Row, verdict: Verdict, due: float | None) -> None:
        """Ask again a few times; then create the parent if enough is known of it, else park until the end."""
        row.attempts += 1
        self._spool.touch(row)
        if row.attempts <= REFERENCE_TRIES:
            self._try_later(row, due)
            return
        ref = next((ref for ref in row.refs if ref.field == verdict.field), None)
        if ref and not ref.watched and self._create_unwatched(row, ref):
            return
        if row.attempts <= LAST_TRY:
            row.status = Status.PARKED
            return
        text = f"{self._name(ref)} is not known to Fincome" if ref else verdict.problem
        self._reject(row, Reason(verdict.code, text, verdict.field))

    def _create_unwatched(self, child: Row, ref: Ref) -> bool:
        """Create a parent of an entity that this sync doesn't bring, from what children say of it."""
        stub = self._spool.find_stub(ref.entity, ref.id)
        if stub is None:
            return False
        parent = self._parent(ref)
        if parent.known or parent.status is Status.REJECTED:
            return False
        if parent.status is Status.ABSENT:
            self._create_from_stub(parent, stub)
        child.status, child.blockers = Status.WAITING, 1
        self._spool.wait(child, [parent])
        return True

    def _reject(self, row: Row, reason: Reason) -> None:
        self._settle(row.token, Outcome.REJECTED, row.entity, row.id, reason)
        self._settle_followers(row, Outcome.REJECTED, reason)
        self._end(row, Status.REJECTED, reason)

    def _is_there(self, row: Row) -> None:
        """Note that an object exists in Fincome: whoever waits for it may go."""
        if not row.known:
            row.known = True
            self._spool.touch(row)
            if row.awaited:
                self._freed.append(row.key)

    def release_freed(self) -> None:
        """Let the children go of all parents that were found or delivered since the last call."""
        if self._freed:
            self._spool.release(self._freed)
            self._freed.clear()

    # --- parents that don't come

    def look_ups(self, since: float) -> tuple[bool, list[Flight]]:
        """Look into parents that children have waited for since some time.

        Returns:
            Whether anything was looked into, and the look-ups to send to Fincome. Children of skipped parents are
            dealt with on the way.
        """
        flights = []
        rows = [row for row in self._spool.unresolved(since, BATCH) if row.key not in self._looking]
        for row in rows:
            row.looked = True
            self._spool.touch(row)
            if not self._spool.has_children(row):
                continue
            if row.status is Status.SKIPPED and row.children == "skip":
                self._settle_children_of_skipped(row)
            elif flight := self._look_up(row):
                flights.append(flight)
        return bool(rows), flights

    def _look_up(self, row: Row) -> Flight | None:
        spec = self._entities[row.entity]
        row.looked, row.since = True, self._clock()
        self._spool.touch(row)
        if not spec.retrievable:
            # Only the children's own refusal could tell: let Fincome decide.
            self._is_there(row)
            return None
        self._looking.add(row.key)
        return Flight(row.key, row.revision, NO_TOKEN, Parcel(spec.name, row.id, b""), look_up=True)

    def _found(self, row: Row, verdict: Verdict) -> None:
        self._spool.touch(row)
        if verdict.kind is Kind.ACCEPTED:
            self._is_there(row)
        elif verdict.kind is Kind.MISSING:
            if row.status is Status.ABSENT:
                row.status = Status.MISSING
        else:
            row.looked = False

    def _settle_children_of_skipped(self, parent: Row) -> None:
        reason = parent.reason.code if parent.reason else "skipped"
        name = f"{self._entities[parent.entity].singular} {parent.id}"
        while children := self._spool.children(parent, BATCH):
            for child in children:
                refs = [ref for ref in child.refs if (ref.entity, ref.id) == (parent.entity, parent.id)]
                if any(ref.required for ref in refs):
                    text = f"the {self._entities[parent.entity].singular} it belongs to is skipped ({reason})"
                    why = Reason("parent_skipped", text, refs[0].field)
                    self._settle(child.token, Outcome.SKIPPED, child.entity, child.id, why)
                    self._settle_followers(child, Outcome.SKIPPED, why)
                    self._end(child, Status.SKIPPED, why)
                else:
                    self._leave_out(child, parent, refs)
                    text = f"sent without {refs[0].field}, because the object it names is skipped ({reason})"
                    self._note(
                        "reference_left_out",
                        text,
                        f"{self._entities[child.entity].singular} {child.id}, {name}",
                    )

    def _leave_out(self, child: Row, parent: Row, refs: Collection[Ref]) -> None:
        assert child.body is not None
        child.body = without(child.body, [ref.field for ref in refs])
        child.refs = tuple(ref for ref in child.refs if ref not in refs)
        self._unblock(child, parent)

    def _unblock(self, child: Row, parent: Row) -> None:
        child.blockers -= 1
        if child.blockers == 0:
            child.status = Status.READY
        self._spool.touch(child)
        self._spool.stop_waiting(parent, child)

    def force(self) -> bool:
        """Send the oldest waiting objects without their parents (the spool is full); False if there are none.

        Fincome's answer is the last word on them: those that it refuses must make room.
        """
        rows = self._spool.waiting(BATCH)
        for row in rows:
            row.status, row.blockers, row.attempts = Status.READY, 0, LAST_TRY
            row.revision += 1  # what it waited for frees it no more
            self._spool.touch(row)
        return bool(rows)

    # --- the end

    def conclude(self, ended: float) -> tuple[bool, list[Flight]]:
        """Move on when the input has ended and nothing is under way: the last step for whatever still waits.

        Args:
            ended: when the input ended.

        Returns:
            Whether anything was done, and look-ups to send. Nothing done: all is settled.
        """
        if parked := self._spool.parked(BATCH):
            for row in parked:
                row.status, row.attempts = Status.READY, LAST_TRY
                self._spool.touch(row)
            return True, []
        if blocking := self._spool.blocking(BATCH):
            flights = [flight for row in blocking if (flight := self._last_resort(row, ended))]
            return True, flights
        if waiting := self._spool.waiting(1):
            self._break_cycle(waiting[0])
            return True, []
        return False, []

    def _last_resort(self, parent: Row, ended: float) -> Flight | None:
        if parent.known:
            self._freed.append(parent.key)
            return None
        if parent.since < ended and self._entities[parent.entity].retrievable:
            return self._look_up(parent)
        stub = None if parent.status is Status.REJECTED else self._spool.find_stub(parent.entity, parent.id)
        if stub:
            self._create_from_stub(parent, stub)
        else:
            self._reject_children(parent)
        return None

    def _create_from_stub(self, row: Row, stub: StubArrival) -> None:
        row.revision += 1
        row.digest, row.body, row.refs, row.complete = b"stub", stub.body, stub.refs, True
        row.token, row.attempts = NO_TOKEN, 0
        self._place(row)

    def _reject_children(self, parent: Row) -> None:
        for child in self._spool.children(parent, BATCH):
            ref = next(ref for ref in child.refs if (ref.entity, ref.id) == (parent.entity, parent.id))
            if parent.status is Status.REJECTED:
                reason = Reason("parent_rejected", f"{self._name(ref)} was itself rejected", ref.field)
            else:
                reason = Reason(
                    "missing_reference",
                    f"{self._name(ref)} is neither in this sync nor in Fincome",
                    ref.field,
                )
            self._reject(child, reason)

    def _break_cycle(self, start: Row) -> None:
        """Send one object of a cycle without the reference that closes it; the whole object follows as an update."""
        seen: set[int] = set()
        row = start
        while row.key not in seen:
            seen.add(row.key)
            parents = [self._parent(ref) for ref in row.refs if ref.watched and ref.field not in row.detour]
            parent = next(parent for parent in parents if not parent.known)
            row = parent
        watched = [ref for ref in row.refs if ref.watched and not ref.required]
        optional = [ref.field for ref in watched if not self._parent(ref).known]
        if not optional:
            self._reject(
                row,
                Reason("circular_reference", "it refers to itself through other objects", row.refs[0].field),
            )
            return
        row.detour = (*row.detour, *optional)
        blocking = {p.key: p for ref in row.refs if ref.field in row.detour for p in [self._parent(ref)]}
        for parent in blocking.values():
            self._unblock(row, parent)

    def _name(self, ref: Ref) -> str:
        return f"{self._entities[ref.entity].singular} {ref.id}"


def without(body: bytes, fields: Collection[str]) -> bytes:
    """Return an object's JSON without some fields; `lines.x` is left out of each of the lines."""
    values = json.loads(body, parse_float=Decimal)
    for field in fields:
        outer, _, inner = field.partition(".")
        if inner:
            for element in values.get(outer, ()):
                element.pop(inner, None)
        else:
            values.pop(outer, None)
    return encode(values)
