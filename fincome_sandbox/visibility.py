"""Objects that are written but can't be seen yet.

An update may be asynchronous (202, as Fincome documents of customers): a child that is sent right after its parent can
be refused for a moment. Here every write can be: also what was seen before isn't for a while, once it is written again.
"""

from collections import OrderedDict


class VisibilityLag:
    """Which objects were written less than `seconds` ago. The time comes in, of any steady clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._visible_at: OrderedDict[tuple[str, str], float] = OrderedDict()  # in the order of the times

    def __len__(self) -> int:
        """How many objects are remembered."""
        return len(self._visible_at)

    def written(self, entity: str, id_: str, now: float) -> None:
        """Hide the object from now on for the lag."""
        self._forget(now)
        self._visible_at[entity, id_] = now + self._seconds
        self._visible_at.move_to_end((entity, id_))

    def hides(self, entity: str, id_: str, now: float) -> bool:
        """Whether the object, if it is there, can't be seen yet."""
        return self._visible_at.get((entity, id_), now) > now

    def _forget(self, now: float) -> None:
        """Drop what can be seen, so that memory is bounded by the writes of one lag."""
        while self._visible_at and next(iter(self._visible_at.values())) <= now:
            self._visible_at.popitem(last=False)
