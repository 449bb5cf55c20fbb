"""What needn't go is told where it arrives, if nothing else hangs on it: it takes no row and no step of its life then.

It ends as it would with one (lifecycle.py, `_recalled`): an object whose parents are there, and that an earlier sync
has had confirmed just as it is, would go through without a request.
"""

from __future__ import annotations

from destination_fincome.engine.arrivals import Arrival, Content, Ref
from destination_fincome.engine.confirmed import Confirmed
from destination_fincome.engine.spool.spool import Spool


class UnchangedArrivals:
    """Looks at what arrives."""

    def __init__(self, spool: Spool, confirmed: Confirmed) -> None:
        self._spool = spool
        self._confirmed = confirmed

    def take(self, arrival: Arrival) -> int:
        """Take an arrival in that needn't go, and of which nothing else has to be found out.

        Returns:
            Its key; 0: it needs a row.
        """
        content = arrival.content
        if content is None or arrival.facet or not _is_plain(content):
            return 0
        if self._spool.knows(arrival.entity, arrival.id):
            return 0
        if not all(self._is_there(ref) for ref in content.refs if ref.watched or ref.asked):
            return 0
        if not self._confirmed.has_come(arrival, content):
            return 0
        kept = content if self._confirmed.keeps(arrival.entity, 0, len(content.body)) else None
        return self._spool.keep_unchanged(arrival, kept)

    def _is_there(self, ref: Ref) -> bool:
        """Tell whether a parent is there, and says nothing of its children but that."""
        if self._spool.unchanged is not None and self._spool.unchanged.has(ref.entity, ref.id):
            return True
        row = self._spool.get(ref.entity, ref.id)
        return row is not None and row.there and not row.parts and not (row.content and row.content.settles)


def _is_plain(content: Content) -> bool:
    """Tell whether what goes is the content as it came, and changes or creates the object itself."""
    if content.fills or content.variants:
        return False
    return content.policy != "create_only" and not (content.settles or content.moved or content.stands_for)
