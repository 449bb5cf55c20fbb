"""The gate: which version of an object counts, and when it may go (design.md, "Gate", "Identity").

Bookkeeping only: it is told what arrived and what was answered, and says what may go. Time and HTTP are the
coordinator's. Parents that don't come are a chapter of their own: parents.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import ITSELF, NO_TOKEN, Arrival, Flight, Ref, Token
from destination_fincome.engine.bodies import without
from destination_fincome.engine.objects import Objects, Settle
from destination_fincome.engine.parents import LAST_TRY, Parents
from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.verbs import Verbs
from destination_fincome.engine.versions import Order, order
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.client import Request
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.outcomes import ALREADY_EXISTS, SUPERSEDED, Outcome, Reason
from destination_fincome.reporting.business_checks import Checks

# How often "unknown parent" is asked again before it is believed: the parent's update may be asynchronous (202).
REFERENCE_TRIES = 4

_PENDING = (Status.WAITING, Status.READY, Status.LATER, Status.PARKED)


class Gate:
    """Decides what may go to Fincome and when."""

    def __init__(
        self,
        spool: Spool,
        entities: Sequence[EntitySpec],
        settle: Settle,
        note: Callable[[Code, str, str], None],
        verbs: Verbs | None = None,
        clock: Callable[[], float] = time.monotonic,
        checks: Checks | None = None,
    ) -> None:
        """Set up an empty gate.

        Args:
            entities: in the contract's order; arrivals name them by index.
            settle: books the end of an object.
            note: notes a warning: code, text, example id.
            verbs: learns which verb goes first.
            checks: told of what is to be sent.
        """
        self._spool = spool
        self._entities = entities
        self._settle = settle
        self._verbs = verbs or Verbs()
        self._note = note
        self._checks = checks
        self._objects = Objects(spool, entities, settle, clock, checks)
        self.parents = Parents(self._objects, note)
        self._clock = clock
        self._flying: dict[int, int] = {}
        # Facets of one object are never under way together: who waits for whom to land.
        self._in_air: dict[tuple[int, str], list[int]] = {}

    @property
    def in_flight(self) -> int:
        """How many objects and look-ups the workers have."""
        return len(self._flying) + self.parents.looking

    # --- what arrives

    def arrive(self, arrival: Arrival, token: Token) -> None:
        """Take an object in."""
        row = self._spool.get(arrival.entity, arrival.id, arrival.facet)
        if row is None:
            row = self._spool.create(arrival.entity, arrival.id, self._clock(), arrival.facet)
        if arrival.fault:
            if row.status in (Status.ABSENT, Status.MISSING):
                self._objects.end(row, Status.REJECTED, arrival.fault)
            self._settle(token, Outcome.REJECTED, arrival.entity, arrival.id, arrival.fault)
            return
        stands = Order.NEWER if not row.digest else order(row.version, row.digest, arrival)
        if stands is not Order.SAME and row.digest and row.stream != arrival.stream:
            self._note_other_stream(row, arrival)
        if stands is Order.NEWER:
            self._replace(row, arrival, token)
        elif stands is Order.SAME:
            self._same_again(row, arrival, token)
        else:
            self._settle(token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)

    def _note_other_stream(self, row: Row, arrival: Arrival) -> None:
        """Warn of one id with two contents, of which no version says that one is only newer than the other."""
        if arrival.body and row.status is not Status.SKIPPED and row.version == arrival.version:
            text = "one id comes from two streams with different contents, of which the newest counts as a whole"
            self._note(Code.DIFFERING_STREAMS, text, f"{self._entities[row.entity].singular} {row.id}")

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
        if row.status in _PENDING:
            if not (in_air and self._flying[row.key] == row.revision):
                self._settle(row.token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)
            self._objects.settle_followers(row, Outcome.SKIPPED, SUPERSEDED)
        row.revision += 1
        row.version, row.digest, row.body = arrival.version, arrival.digest, arrival.body
        row.refs, row.complete, row.token = arrival.refs, arrival.complete, token
        row.attempts, row.detour, row.reason, row.children = 0, (), arrival.skip, arrival.children
        row.operation, row.stream = arrival.operation, arrival.stream
        if arrival.facts and self._checks:
            self._checks.see(arrival.facts)
        self._objects.roots.leave_out_itself(row)
        if arrival.skip:
            row.token = NO_TOKEN
            self._settle(token, Outcome.SKIPPED, row.entity, row.id, arrival.skip)
        if in_air:
            row.status = Status.READY  # whatever it is now, it is placed when the one under way has landed
            self._spool.touch(row)
        else:
            self._objects.place(row)

    # --- what goes

    def departures(self, limit: int, now: float) -> list[Flight]:
        """Return up to so many objects that may go now: repeated tries first, then parents before children."""
        due = self._spool.take_due(now, limit)
        for row in due:
            row.status = Status.READY
            self._spool.touch(row)
        flights = [flight for row in due if (flight := self._depart(row))]
        ready = self._spool.take_ready(limit - len(flights), self._flying)
        return flights + [flight for row in ready if (flight := self._depart(row))]

    def _depart(self, row: Row) -> Flight | None:
        """Let an object go, unless another facet of it is under way."""
        assert row.body is not None
        name = (row.entity, row.id)
        if name in self._in_air:
            self._in_air[name].append(row.key)
            return None
        self._in_air[name] = []
        self._flying[row.key] = row.revision
        body = without(row.body, row.detour) if row.detour else row.body
        body, root = self._objects.roots.resolved(row, body)
        entity = self._entities[row.entity].name
        # After a detour the object exists, and only what was left out is missing.
        update_first = row.known or self._verbs.update_first(entity) if not row.facet else _waited_for_itself(row)
        operation = "upsert" if row.created else row.operation
        request = Request(entity, row.id, body, row.complete, update_first, operation)
        return Flight(row.key, row.revision, row.token, request, detour=bool(row.detour), root=root)

    # --- what is answered

    def land(self, flight: Flight, verdict: Verdict, due: float | None) -> None:
        """Book the answer to a flight.

        Args:
            due: when to try again, for verdicts that are worth another try.
        """
        row = self._spool.by_key(flight.key)
        if flight.look_up:
            self.parents.found(row, verdict, due)
            return
        del self._flying[row.key]
        for key in self._in_air.pop((row.entity, row.id)):
            self._spool.ready_again(key)
        if verdict.existed is not None and not row.known:
            self._verbs.learn(flight.request.entity, verdict.existed)
        if verdict.kind is Kind.EXISTS:
            self._objects.is_there(row)
        if verdict.kind is Kind.ACCEPTED:
            self._delivered(row, flight)
        elif row.revision != flight.revision:
            self._settle(flight.token, Outcome.SKIPPED, row.entity, row.id, SUPERSEDED)
            self._objects.place(row)
        elif verdict.kind is Kind.UNKNOWN_REFERENCE:
            self._unknown_reference(row, verdict, due)
        elif verdict.kind is Kind.EXISTS:
            self._objects.skip(row, ALREADY_EXISTS)
        elif verdict.kind is Kind.MISSING:
            self._not_there(row, due)
        elif verdict.kind is Kind.REFUSED:
            self._objects.reject(row, Reason(verdict.code, verdict.problem, verdict.field))
        else:
            self._try_later(row, due)

    def _delivered(self, row: Row, flight: Flight) -> None:
        row.root = flight.root
        row.created = row.created or flight.request.policy == "create_only"
        self._objects.is_there(row)
        current = row.revision == flight.revision
        if flight.detour and current:
            row.detour = ()
            self._objects.place(row)
            return
        self._settle(flight.token, Outcome.SENT, row.entity, row.id, None)
        if not current:
            self._objects.place(row)
            return
        self._objects.settle_followers(row, Outcome.UNCHANGED, None)
        self._objects.end(row, Status.DELIVERED, None)

    def release_freed(self) -> None:
        """Let the children go of all parents that were found or delivered since the last call."""
        self._objects.release_freed()

    def _try_later(self, row: Row, due: float | None) -> None:
        assert due is not None
        self._spool.later(row, due)

    def _not_there(self, row: Row, due: float | None) -> None:
        """End what is only to be changed and isn't there; what this sync has just brought may show a little later."""
        if _waited_for_itself(row):
            row.attempts += 1
            self._spool.touch(row)
            if row.attempts <= REFERENCE_TRIES:
                self._try_later(row, due)
                return
            if row.attempts <= LAST_TRY:
                row.status = Status.PARKED
                return
        self._objects.skip(row, self.parents.not_there(row.entity))

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
        text = f"{self._objects.name(ref)} is not known to Fincome" if ref else verdict.problem
        self._objects.reject(row, Reason(verdict.code, text, verdict.field))

    def _create_unwatched(self, child: Row, ref: Ref) -> bool:
        """Create a parent of an entity that this sync doesn't bring, from what children say of it."""
        stub = self._spool.stubs.find(ref.entity, ref.id)
        if stub is None:
            return False
        parent = self._objects.parent(ref)
        if parent.known or parent.status is Status.REJECTED:
            return False
        if parent.status is Status.ABSENT:
            self._objects.create_from_stub(parent, stub)
        child.status, child.blockers = Status.WAITING, 1
        self._spool.wait(child, [parent])
        return True


def _waited_for_itself(row: Row) -> bool:
    """Tell of an enrichment whether this sync brings the object itself."""
    return any(ref.field == ITSELF and ref.watched for ref in row.refs)
