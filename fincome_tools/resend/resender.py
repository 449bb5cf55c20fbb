"""The Deliverer that sends again: it looks first, and changes nothing that may be newer than what it has."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from enum import Enum

from msgspec import structs

from destination_fincome.engine.settlements import is_settled
from destination_fincome.fincome.answers import EXISTS, UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.fincome.delivery import ACCEPTED_BY, NOT_CREATED_ONLY, BeforeAnother, Deliverer, Request
from destination_fincome.fincome.stored import differences
from fincome_tools.resend.stored import Name


class Fate(Enum):
    """What became of an object that exists, or was sent."""

    SENT = "sent"
    EQUAL = "equal"  # Fincome has it so already
    PERHAPS_OUTDATED = "perhaps_outdated"  # Fincome has it otherwise, perhaps in a newer version
    SETTLED = "settled"  # it was taken out of Fincome's figures since


class Fates:
    """What became of the objects. For several threads."""

    def __init__(self) -> None:
        self._fates: dict[Name, Fate] = {}
        self._lock = threading.Lock()

    def note(self, name: Name, fate: Fate) -> None:
        """Note it, in the place of what was noted before."""
        with self._lock:
            self._fates[name] = fate

    def of(self, name: Name) -> Fate | None:
        """Return what became of an object; None if nothing did."""
        with self._lock:
            return self._fates.get(name)


class Resender(BeforeAnother):
    """Creates what isn't there; changes what is there only if that completes it, is newer for certain, or is wanted."""

    def __init__(
        self,
        contract: Contract,
        client: Deliverer,
        wanted: Mapping[Name, Collection[str]],
        newest: Collection[Name],
        fates: Fates,
        *,
        overwrite: bool,
    ) -> None:
        """Send by a client.

        Args:
            wanted: the objects that are to be sent again, each with the references that it was sent without.
            newest: those that are certainly newer than what Fincome has.
            fates: shared by all workers.
            overwrite: also what may be outdated is sent.
        """
        super().__init__(client)
        self._contract = contract
        self._wanted = wanted
        self._newest = newest
        self._fates = fates
        self._overwrite = overwrite

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists; see Deliverer."""
        return self._client.look_up(entity, identity)

    def deliver(self, request: Request) -> Verdict:
        """Send an object where that can't take back what is newer; see Deliverer."""
        spec, name = self._contract.entities[request.entity], Name(request.entity, request.id)
        if self._fates.of(name) is Fate.SENT:
            return self._client.deliver(request)
        found = self._client.look_up(*name) if spec.retrievable else UNTOLD
        if found.kind is Kind.MISSING or found.kind is Kind.UNTOLD:
            return self._created(request, name, untold=found.kind is Kind.UNTOLD)
        if found.kind is not Kind.ACCEPTED:
            return found
        if name not in self._wanted or request.policy == "create_only":
            return EXISTS if request.policy == "create_only" else ACCEPTED_BY[True]
        return self._changed(spec, request, name, found)

    def _created(self, request: Request, name: Name, *, untold: bool) -> Verdict:
        """Create an object, and change none that came in the meantime or that nobody can tell of."""
        if request.policy == "update_only" or (untold and self._overwrite):
            return self._sent(request, name)
        verdict = self._sent(structs.replace(request, policy="create_only"), name)
        if request.policy == "upsert" and (verdict.kind is Kind.EXISTS or verdict == NOT_CREATED_ONLY):
            self._fates.note(name, Fate.PERHAPS_OUTDATED)
            return ACCEPTED_BY[True]
        return verdict

    def _changed(self, spec: EntitySpec, request: Request, name: Name, found: Verdict) -> Verdict:
        """Change an object that exists, if that is right."""
        differing = differences(spec, request.body, found.found or {})
        completes = found.found is not None and all(
            one.relation == "not shown" and one.path in self._wanted[name] for one in differing
        )
        if found.found is not None and not differing:
            fate = Fate.EQUAL
        elif is_settled(spec, found):
            fate = Fate.SETTLED
        elif completes or self._overwrite or name in self._newest:
            return self._sent(structs.replace(request, update_first=True), name)
        else:
            fate = Fate.PERHAPS_OUTDATED
        self._fates.note(name, fate)
        return ACCEPTED_BY[True]

    def _sent(self, request: Request, name: Name) -> Verdict:
        verdict = self._client.deliver(request)
        if verdict.kind is Kind.ACCEPTED:
            self._fates.note(name, Fate.SENT)
        return verdict
