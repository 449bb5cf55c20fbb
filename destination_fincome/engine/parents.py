"""Parents that don't come: they are looked up, made from stubs, left out, or their children end (design.md, "Gate")."""

from __future__ import annotations

from collections.abc import Callable, Collection
from heapq import heappop, heappush

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import ITSELF, NO_TOKEN, Flight, Ref
from destination_fincome.engine.bodies import without
from destination_fincome.engine.objects import Objects
from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.client import Request
from destination_fincome.outcomes import Reason

LAST_TRY = 1_000_000
BATCH = 500


class Parents:
    """Looks after children that wait.

    Args:
        note: notes a warning: code, text, example id.
    """

    def __init__(self, objects: Objects, note: Callable[[Code, str, str], None]) -> None:
        self._objects = objects
        self._spool = objects.spool
        self._entities = objects.entities
        self._note = note
        self._looking: set[int] = set()
        # Look-ups that met passing trouble, as (when to ask again, key): a heap. They count as under way.
        self._again: list[tuple[float, int]] = []

    @property
    def looking(self) -> int:
        """How many look-ups are under way: the workers have them, or they wait to be asked again."""
        return len(self._looking)

    @property
    def pausing(self) -> int:
        """How many of them wait to be asked again."""
        return len(self._again)

    def next_due(self) -> float | None:
        """Return when the next look-up is asked again."""
        return self._again[0][0] if self._again else None

    def take_due(self, now: float) -> list[Flight]:
        """Return the look-ups that are to be asked again by now."""
        flights = []
        while self._again and self._again[0][0] <= now:
            row = self._spool.by_key(heappop(self._again)[1])
            self._looking.discard(row.key)
            if flight := self._look_up(row):
                flights.append(flight)
        return flights

    # --- while the input goes on

    def look_ups(self, since: float) -> tuple[bool, list[Flight]]:
        """Look into parents that children have waited for since some time.

        Returns:
            Whether anything was looked into, and the look-ups to send to Fincome. Children of skipped parents are
            dealt with on the way.
        """
        flights = []
        keys = [key for key in self._spool.unresolved(since, BATCH) if key not in self._looking]
        for key in keys:
            row = self._spool.by_key(key)
            row.looked = True
            self._spool.touch(row)
            if not self._spool.has_children(row):
                continue
            if row.status is Status.SKIPPED and row.children == "skip":
                self._settle_children_of_skipped(row)
            elif flight := self._look_up(row):
                flights.append(flight)
        return bool(keys), flights

    def _look_up(self, row: Row) -> Flight | None:
        spec = self._entities[row.entity]
        row.looked, row.since = True, self._objects.clock()
        self._spool.touch(row)
        if not spec.retrievable:
            # Only the children's own refusal could tell: let Fincome decide.
            self._objects.is_there(row)
            return None
        self._looking.add(row.key)
        return Flight(row.key, row.revision, NO_TOKEN, Request(spec.name, row.id, b""), look_up=True)

    def found(self, row: Row, verdict: Verdict, due: float | None) -> None:
        """Book the answer to a look-up.

        Args:
            due: when to ask again, after passing trouble: that is no answer, and never taken for one.
        """
        if verdict.kind is Kind.ACCEPTED:
            self._looking.discard(row.key)
            self._objects.is_there(row)
        elif verdict.kind is Kind.MISSING:
            self._looking.discard(row.key)
            if row.status is Status.ABSENT:
                row.status = Status.MISSING
                self._spool.touch(row)
        else:
            assert due is not None
            heappush(self._again, (due, row.key))

    def _settle_children_of_skipped(self, parent: Row) -> None:
        reason = parent.reason.code if parent.reason else "skipped"
        singular = self._entities[parent.entity].singular
        while keys := self._spool.children(parent, BATCH):
            for child in map(self._spool.by_key, keys):
                refs = [ref for ref in child.refs if (ref.entity, ref.id) == (parent.entity, parent.id)]
                if any(ref.field == ITSELF for ref in refs):
                    text = f"the {singular} itself is skipped ({reason})"
                    self._objects.skip(child, Reason(Code.OBJECT_SKIPPED, text))
                elif any(ref.required for ref in refs):
                    text = f"the {singular} it belongs to is skipped ({reason})"
                    self._objects.skip(child, Reason(Code.PARENT_SKIPPED, text, refs[0].field))
                else:
                    self._leave_out(child, parent, refs)
                    text = f"sent without {refs[0].field}, because the object it names is skipped ({reason})"
                    example = f"{self._entities[child.entity].singular} {child.id}, {singular} {parent.id}"
                    self._note(Code.REFERENCE_LEFT_OUT, text, example)

    def _leave_out(self, child: Row, parent: Row, refs: Collection[Ref]) -> None:
        assert child.body is not None
        child.body = without(child.body, [ref.field for ref in refs])
        child.refs = tuple(ref for ref in child.refs if ref not in refs)
        self._unblock(child, parent)

    def _unblock(self, child: Row, parent: Row) -> None:
        child.blockers -= 1
        self._spool.stop_waiting(parent, child)
        if child.blockers:
            self._spool.touch(child)
        else:
            self._spool.ready(child)

    def force(self) -> bool:
        """Send the oldest waiting objects without their parents (the spool is full); False if there are none.

        Fincome's answer is the last word on them: those that it refuses must make room.
        """
        keys = self._spool.waiting(BATCH)
        for row in map(self._spool.by_key, keys):
            row.blockers, row.attempts = 0, LAST_TRY
            row.revision += 1  # what it waited for frees it no more
            self._spool.ready(row)
        return bool(keys)

    # --- the end

    def conclude(self, ended: float) -> tuple[bool, list[Flight]]:
        """Move on when the input has ended and nothing is under way: the last step for whatever still waits.

        Args:
            ended: when the input ended.

        Returns:
            Whether anything was done, and look-ups to send. Nothing done: all is settled.
        """
        if parked := self._spool.parked(BATCH):
            for row in map(self._spool.by_key, parked):
                row.attempts = LAST_TRY
                self._spool.ready(row)
            return True, []
        if blocking := self._spool.blocking(BATCH):
            flights = [self._last_resort(self._spool.by_key(key), ended) for key in blocking]
            return True, [flight for flight in flights if flight]
        if waiting := self._spool.waiting(1):
            self._break_cycle(self._spool.by_key(waiting[0]))
            return True, []
        return False, []

    def _last_resort(self, parent: Row, ended: float) -> Flight | None:
        if parent.known:
            self._objects.free_children(parent)
            return None
        if parent.since < ended and self._entities[parent.entity].retrievable:
            return self._look_up(parent)
        stub = None if parent.status is Status.REJECTED else self._spool.stubs.find(parent.entity, parent.id)
        if stub and self._is_needed(parent):
            # Asking for its children may have sent it to the file.
            self._objects.create_from_stub(self._spool.by_key(parent.key), stub)
        else:
            self._reject_children(parent)
        return None

    def _is_needed(self, parent: Row) -> bool:
        """Tell whether others than its own enrichments, which create nothing, wait for an object."""
        children = map(self._spool.by_key, self._spool.children(parent, BATCH))
        return any((child.entity, child.id) != (parent.entity, parent.id) for child in children)

    def not_there(self, entity: int) -> Reason:
        """Say why what is only to be changed is skipped."""
        singular = self._entities[entity].singular
        text = f"the {singular} is neither in this sync nor in Fincome, and is only to be changed (update_only)"
        return Reason(Code.NOT_IN_FINCOME, text)

    def _reject_children(self, parent: Row) -> None:
        for child in map(self._spool.by_key, self._spool.children(parent, BATCH)):
            ref = next(ref for ref in child.refs if (ref.entity, ref.id) == (parent.entity, parent.id))
            if ref.field == ITSELF:
                self._skip_enrichment(child, parent)
                continue
            if parent.status is Status.REJECTED:
                reason = Reason(Code.PARENT_REJECTED, f"{self._objects.name(ref)} was itself rejected", ref.field)
            else:
                text = f"{self._objects.name(ref)} is neither in this sync nor in Fincome"
                reason = Reason(Code.MISSING_REFERENCE, text, ref.field)
            self._objects.reject(child, reason)

    def _skip_enrichment(self, row: Row, itself: Row) -> None:
        reason = self.not_there(row.entity)
        if itself.status is Status.REJECTED:
            text = f"the {self._entities[row.entity].singular} itself was rejected, and Fincome doesn't have it"
            reason = Reason(Code.OBJECT_REJECTED, text)
        self._objects.skip(row, reason)

    def _break_cycle(self, start: Row) -> None:
        """Send one object of a cycle without the reference that closes it; the whole object follows as an update."""
        seen: set[int] = set()
        row = start
        while row.key not in seen:
            seen.add(row.key)
            parents = [self._objects.parent(ref) for ref in row.refs if ref.watched and ref.field not in row.detour]
            row = next(parent for parent in parents if not parent.known)
        watched = [ref for ref in row.refs if ref.watched and not ref.required]
        optional = [ref.field for ref in watched if not self._objects.parent(ref).known]
        if not optional:
            text = "it refers to itself through other objects"
            self._objects.reject(row, Reason(Code.CIRCULAR_REFERENCE, text, row.refs[0].field))
            return
        row.detour = (*row.detour, *optional)
        blocking = {p.key: p for ref in row.refs if ref.field in row.detour for p in [self._objects.parent(ref)]}
        for parent in blocking.values():
            self._unblock(row, parent)
