"""Makes stubs: objects that only their children know, each only once for what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from destination_fincome.engine.arrivals import StubArrival
from destination_fincome.engine.object_maker import ObjectMaker
from destination_fincome.fincome.instants import NotAnInstant, seconds_of
from destination_fincome.mapping.results import Stub

# How many stubs are remembered as already made: the same few are known by very many children.
STUBS_REMEMBERED = 20_000
_SUBSCRIPTIONS = "subscriptions"


class StubMaker:
    """Makes the stubs of one sync."""

    def __init__(self, maker: ObjectMaker) -> None:
        self._maker = maker
        # How much the stubs say that were already made.
        self._made: dict[tuple[str, str], int] = {}
        # What the documents of each subscription say of it together.
        self._subscriptions: dict[str, dict[str, Any]] = {}
        # Hashes of the stubs that came before, whatever became of them.
        self._hashes: set[int] = set()

    def make(self, stubs: Iterable[Stub]) -> list[StubArrival]:
        """Return those stubs that say more than the ones that came before."""
        return [arrival for stub in stubs if not self._came_before(stub) and (arrival := self._stub(stub))]

    def _stub(self, stub: Stub) -> StubArrival | None:
        values, more = (stub.values, False) if stub.entity != _SUBSCRIPTIONS else self._together(stub.values)
        found = self._maker.to_create(stub.entity, values)
        if found is None:
            return None
        identity, content = found
        said = self._made.get((stub.entity, identity), 0)
        says = max(len(content.body), said + 1) if more else len(content.body)
        if said >= says:
            return None
        if len(self._made) >= STUBS_REMEMBERED:
            self._made.clear()
        self._made[stub.entity, identity] = says
        return StubArrival(self._maker.number(stub.entity), identity, content, says)

    def _together(self, values: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Return what a subscription's documents say of it, and whether this one has changed that.

        Each tells of its own period only, and they come in any order: it began with the first, and runs if one does.
        """
        identity = str(values.get("id"))
        known = self._subscriptions.get(identity)
        found = values if known is None else _joined(known, values)
        if len(self._subscriptions) >= STUBS_REMEMBERED:
            self._subscriptions.clear()
        self._subscriptions[identity] = found
        return found, known is not None and found != known

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


def _joined(known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in values.items() if value is not None and value != ""}
    found = {**told, **{name: value for name, value in known.items() if value is not None and value != ""}}
    if "status" in told and found["status"] == "canceled":
        found["status"] = told["status"]
    if "start_date" in told and _is_earlier(told["start_date"], found["start_date"]):
        found["start_date"] = told["start_date"]
    return found


def _is_earlier(one: Any, other: Any) -> bool:
    try:
        return seconds_of(one) < seconds_of(other)
    except NotAnInstant:
        return False
