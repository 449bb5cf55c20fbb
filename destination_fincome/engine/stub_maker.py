"""Makes stubs: objects that only their children know, each only once for what it says."""

from __future__ import annotations

from collections.abc import Iterable

from destination_fincome.engine.arrivals import StubArrival
from destination_fincome.engine.object_maker import ObjectMaker
from destination_fincome.mapping.results import Stub

# How many stubs are remembered as already made: the same few are known by very many children.
STUBS_REMEMBERED = 20_000


class StubMaker:
    """Makes the stubs of one sync."""

    def __init__(self, maker: ObjectMaker) -> None:
        self._maker = maker
        # How much the stubs say that were already made.
        self._made: dict[tuple[str, str], int] = {}
        # Hashes of the stubs that came before, whatever became of them.
        self._hashes: set[int] = set()

    def make(self, stubs: Iterable[Stub]) -> list[StubArrival]:
        """Return those stubs that say more than the ones that came before."""
        return [arrival for stub in stubs if not self._came_before(stub) and (arrival := self._stub(stub))]

    def _stub(self, stub: Stub) -> StubArrival | None:
        found = self._maker.to_create(stub.entity, stub.values)
        if found is None:
            return None
        identity, content = found
        size = len(content.body)
        if self._made.get((stub.entity, identity), 0) >= size:
            return None
        if len(self._made) >= STUBS_REMEMBERED:
            self._made.clear()
        self._made[stub.entity, identity] = size
        return StubArrival(self._maker.number(stub.entity), identity, content)

    def _came_before(self, stub: Stub) -> bool:
        """Tell whether the very same stub came before."""
        try:
            seen = hash((stub.entity, *stub.values.items()))
        except TypeError:  # a value that can't be hashed, so none that a field takes but a list of lines
            return False
        if seen in self._hashes:
            return True
        if len(self._hashes) >= STUBS_REMEMBERED:
            self._hashes.clear()
        self._hashes.add(seen)
        return False
