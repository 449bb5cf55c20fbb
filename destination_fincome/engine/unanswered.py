"""Writes that got no answer: Fincome may carry one out later, over a newer content of the object.

A time-out, a gateway's 504 or a broken connection ends the wait for an answer, and not what Fincome does. Where another
content of the object was accepted meanwhile, the newest one goes once more when such a write should be over.
"""

from __future__ import annotations

from typing import NamedTuple

from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.fincome.answers import Verdict
from destination_fincome.retry_policy import DEFAULT

# So many are kept before those that are over are dropped.
MANY = 1000
_OLDER = -1


class _Write(NamedTuple):
    """A write without an answer.

    Attributes:
        revision: of the content that it has; -1 if that is older than the object's newest.
        over: when it should be over (monotonic seconds).
    """

    revision: int
    over: float


class UnansweredWrites:
    """The last one of each object."""

    def __init__(self) -> None:
        self.writes: dict[int, _Write] = {}
        """Those that may not be over, by the object's key."""

    def note(self, row: Row, verdict: Verdict, now: float) -> None:
        """Take what was answered to a write.

        Args:
            row: as it was before.
        """
        if not verdict.unanswered:
            return
        if len(self.writes) >= MANY:
            self.writes = {key: write for key, write in self.writes.items() if write.over > now}
        revision = row.revision if row.status is Status.SENDING else _OLDER
        known = self.writes.get(row.key)
        if known is not None and known.over > now and known.revision != revision:
            revision = _OLDER  # of the two the older one is worse
        self.writes[row.key] = _Write(revision, now + DEFAULT.longest_lag)

    def may_undo(self, row: Row, now: float) -> float | None:
        """Return when a write with another content than an object's, which was accepted, should be over."""
        write = self.writes.get(row.key)
        if write is None:
            return None
        if write.over <= now:
            del self.writes[row.key]
            return None
        return write.over if write.revision != row.revision else None
