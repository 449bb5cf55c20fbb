"""What happens to single objects, whoever decides it: they are placed, they wait, they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from destination_fincome.engine.arrivals import NO_TOKEN, Ref, StubArrival, Token
from destination_fincome.engine.roots import Roots
from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.outcomes import ALREADY_EXISTS, Outcome, Reason
from destination_fincome.reporting.business_checks import Checks

Settle = Callable[[Token, Outcome, int, str, Reason | None], None]


class Objects:
    """The steps that the gate's parts share.

    Args:
        entities: in the contract's order; rows name them by index.
        settle: books the end of an object.
        clock: monotonic seconds.
        checks: told of what isn't sent after all.
    """

    def __init__(
        self,
        spool: Spool,
        entities: Sequence[EntitySpec],
        settle: Settle,
        clock: Callable[[], float],
        checks: Checks | None = None,
    ) -> None:
        self.spool = spool
        self.entities = entities
        self.settle = settle
        self.clock = clock
        self.roots = Roots(spool, entities)
        self._checks = checks
        self._freed: list[int] = []

    # --- on the way

    def place(self, row: Row) -> None:
        """Let the row's newest version go, wait for its parents, or rest."""
        if row.body is None:
            self.settle_followers(row, Outcome.SKIPPED, row.reason)
            self.end(row, Status.SKIPPED, row.reason)
            return
        if row.operation == "create_only" and row.known and not row.created:
            self.skip(row, ALREADY_EXISTS)
            return
        parents: dict[int, Row] = {}
        for ref in row.refs:
            if ref.watched and ref.field not in row.detour:
                parent = self.parent(ref)
                if not parent.known:
                    parents[parent.key] = parent
        row.blockers = len(parents)
        if parents:
            row.status = Status.WAITING
            self.spool.touch(row)
            self.spool.wait(row, parents.values())
        else:
            self.spool.ready(row)

    def parent(self, ref: Ref) -> Row:
        """Return the object that a reference names, or make its name known."""
        parent = self.spool.get(ref.entity, ref.id) or self.spool.create(ref.entity, ref.id, self.clock())
        if parent.looked and parent.status in (Status.REJECTED, Status.SKIPPED):
            # It has a child again: to be looked into once more.
            parent.looked, parent.since = False, self.clock()
            self.spool.touch(parent)
        return parent

    def create_from_stub(self, row: Row, stub: StubArrival) -> None:
        """Let an object that nobody brings be made of what its children say."""
        row.revision += 1
        row.digest, row.body, row.refs, row.complete = b"stub", stub.body, stub.refs, True
        row.token, row.attempts, row.operation = NO_TOKEN, 0, "upsert"
        self.roots.leave_out_itself(row)
        self.place(row)

    # --- there

    def is_there(self, row: Row) -> None:
        """Note that an object exists in Fincome: whoever waits for it may go."""
        if not row.known:
            row.known = True
            self.spool.touch(row)
            if self.spool.is_awaited(row):
                self._freed.append(row.key)

    def free_children(self, row: Row) -> None:
        """Let the children go of an object that is there."""
        self._freed.append(row.key)

    def release_freed(self) -> None:
        """Let the children go of all parents that were found or delivered since the last call."""
        if self._freed:
            self.spool.release(self._freed)
            self._freed.clear()

    # --- at the end

    def end(self, row: Row, status: Status, reason: Reason | None) -> None:
        """Note that nothing more is to be done for an object."""
        if self._checks and status is not Status.DELIVERED and not row.facet:
            self._checks.forget(self.entities[row.entity].name, row.id)
        row.status, row.reason = status, reason
        row.body, row.refs, row.detour, row.blockers = None, (), (), 0
        row.since, row.looked = self.clock(), False
        self.spool.touch(row)

    def reject(self, row: Row, reason: Reason) -> None:
        """End an object, and whoever follows it, as rejected."""
        self._close(row, Outcome.REJECTED, Status.REJECTED, reason)

    def skip(self, row: Row, reason: Reason) -> None:
        """End an object, and whoever follows it, as skipped."""
        self._close(row, Outcome.SKIPPED, Status.SKIPPED, reason)

    def _close(self, row: Row, outcome: Outcome, status: Status, reason: Reason) -> None:
        self.settle(row.token, outcome, row.entity, row.id, reason)
        self.settle_followers(row, outcome, reason)
        self.end(row, status, reason)

    def settle_followers(self, row: Row, outcome: Outcome, reason: Reason | None) -> None:
        """Book the end of the records that bring the same content."""
        if row.followed:
            for token in self.spool.take_followers(row):
                self.settle(token, outcome, row.entity, row.id, reason)

    # --- words

    def name(self, ref: Ref) -> str:
        """Name the object that a reference names."""
        return f"{self.entities[ref.entity].singular} {ref.id}"
