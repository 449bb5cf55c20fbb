"""What Fincome is asked for: the look-ups that are to go, and those that the workers have."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from destination_fincome.fincome.delivery import Request


class LookUps:
    """The look-ups of one sync, each by its key: a row's, or one that no row has.

    The latter are somebody else's (of credits, of earlier ids), and are asked again as they were.
    """

    def __init__(self) -> None:
        self.new: list[Request] = []
        """What no worker has yet."""
        self._under_way: set[int] = set()
        self.later: list[tuple[float, int]] = []
        """What met passing trouble, as (when to ask again, key): a heap."""
        # Those of them that are no row's.
        self._others: dict[int, Request] = {}

    @property
    def in_flight(self) -> int:
        """How many the workers have."""
        return len(self._under_way)

    def ask(self, request: Request) -> None:
        """Let a look-up go."""
        self.new.append(request)

    def ask_at(self, request: Request, due: float) -> None:
        """Let a look-up that is no row's go at a certain time."""
        self._others[request.key] = request
        heappush(self.later, (due, request.key))

    def ask_row_at(self, key: int, due: float) -> None:
        """Note when a row is to be asked for again."""
        heappush(self.later, (due, key))

    def due(self, now: float) -> Iterator[int]:
        """Yield the keys of the rows that are to be asked for again by now; what is no row's may go."""
        while self.later and self.later[0][0] <= now:
            key = heappop(self.later)[1]
            request = self._others.pop(key, None)
            if request is None:
                yield key
            else:
                self.new.append(request)

    def take(self, limit: int) -> list[Request]:
        """Return up to so many that may go; the workers have them from now on."""
        taken, self.new = self.new[:limit], self.new[limit:]
        self._under_way.update(request.key for request in taken)
        return taken

    def answered(self, key: int) -> None:
        """Note that a look-up is answered."""
        self._under_way.discard(key)
