"""Looks at what Fincome has: objects by their ids, and pages of lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import structs

from destination_fincome.fincome.answers import MISSING, UNTOLD, Experience, Kind, Verdict
from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec, Operation
from destination_fincome.fincome.delivery import Reply, unsent
from destination_fincome.fincome.habits import WITNESS_LOOKS, WITNESS_PAUSE_SECONDS, WITNESS_SECONDS
from destination_fincome.fincome.listing import Listing, Page
from destination_fincome.fincome.stored import object_in, parsed


class Asks(Protocol):
    """What sends a request and returns the reply."""

    def ask(self, operation: Operation, spec: EntitySpec, identity: str = "") -> Reply:
        """Send a request where the API has it."""

    def ask_checked(self, operation: Operation, spec: EntitySpec, identity: str = "") -> Reply:
        """Send a request, and tell a refusal of it from that of a key that is dead."""


class Looks:
    """Asks for objects by their ids, and learns whether the API shows any.

    Args:
        api: sends the requests.
        experience: what the clients of one sync have learned.
    """

    def __init__(self, api: Asks, experience: Experience) -> None:
        self._api = api
        self._habits = experience.habits

    def look_up(self, spec: EntitySpec, identity: str) -> Verdict:
        """Ask whether an object exists: ACCEPTED with what is shown of it, MISSING, UNTOLD, RETRY or STOP."""
        reply = self.retrieve(spec, identity)
        if reply.verdict.kind is Kind.ACCEPTED:
            return structs.replace(reply.verdict, found=shown_object(spec, reply.content, identity))
        return reply.verdict

    def retrieve(self, spec: EntitySpec, identity: str) -> Reply:
        """Ask for an object; see look_up for what its verdict may be."""
        habits = self._habits.of(spec.name)
        if habits.retrievable is False:
            return unsent(UNTOLD)
        reply = self._api.ask(spec.retrieve, spec, identity)
        verdict = reply.verdict
        if verdict.kind is Kind.ACCEPTED or (verdict.kind is Kind.MISSING and not verdict.bare):
            habits.retrievable = True
        elif verdict.kind is Kind.MISSING:
            verdict = self._unless_unroutable(spec, identity)
        elif reply.status == 405 and verdict.kind is Kind.STOP:
            verdict = self._not_retrievable(spec)
        elif reply.status == 403 and verdict.kind is Kind.REFUSED:
            self._habits.tell(spec.name, f"the key may not read all {spec.plural}", costs=True)
            verdict = UNTOLD
        elif verdict.kind is Kind.REFUSED:
            # That says nothing about whether it is there.
            verdict = Verdict(Kind.RETRY, problem=f"answered {reply.status} when asked for one of its {spec.name}")
        return reply._replace(verdict=verdict)

    def _unless_unroutable(self, spec: EntitySpec, identity: str) -> Verdict:
        """Judge the router's word that there is no such id: it may have no route to any id.

        It is proven by an object that this sync has brought: one that must be visible by now, and isn't.
        """
        habits = self._habits.of(spec.name)
        if "/" in identity:
            return UNTOLD
        if habits.retrievable:
            return MISSING
        witness, now = habits.witness, self._habits.clock()
        if witness is None:
            return UNTOLD
        wait = max(witness.at + WITNESS_SECONDS, habits.looked + WITNESS_PAUSE_SECONDS) - now
        if wait > 0:
            return structs.replace(UNTOLD, retry_after=wait)
        habits.looked = now
        verdict = self._api.ask_checked(spec.retrieve, spec, witness.id).verdict
        if verdict.kind is Kind.ACCEPTED:
            habits.retrievable = True
            return MISSING
        habits.looks += verdict.kind is Kind.MISSING and verdict.bare
        if habits.looks >= WITNESS_LOOKS:
            return self._not_retrievable(spec)
        return structs.replace(UNTOLD, retry_after=WITNESS_PAUSE_SECONDS)

    def _not_retrievable(self, spec: EntitySpec) -> Verdict:
        self._habits.of(spec.name).retrievable = False
        what = f"{spec.plural} can't be asked for by id, so Fincome decides whether what refers to them is right"
        self._habits.tell(spec.name, what, "retrievable: false", costs=True)
        return UNTOLD


def page_of(listing: Listing, page: Page) -> Operation:
    """Return the operation that asks for a page of a list."""
    query = listing.query_of(page)
    return Operation("list", "GET", listing.path, query=f"?{query}" if query else "")


def shown_object(spec: EntitySpec, content: bytes, identity: str) -> Mapping[str, Any] | None:
    """Return the object that an answer carries, by itself or in an envelope, with numbers as Decimal.

    It may be shown under an id of Fincome's own. None if the answer shows nothing of an object but its id.
    """
    document = parsed(content)
    found = object_in(document, identity)
    if found is None and isinstance(document, dict):
        found = document["data"] if isinstance(document.get("data"), dict) else document
    names = {field.name for field in spec.fields} | {CUSTOM_PROPERTIES}
    return found if found is not None and not names.isdisjoint(found.keys() - {"id"}) else None
