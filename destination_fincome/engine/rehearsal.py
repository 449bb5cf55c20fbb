"""The Deliverer of a dry run: it looks at what Fincome has, writes nothing, and notes what a delivery would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.bodies import laid_over, values_of
from destination_fincome.fincome.answers import EXISTS, MISSING, UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.fincome.delivery import (
    ACCEPTED_BY,
    NOT_CREATED,
    NOT_CREATED_ONLY,
    NOT_PARTIAL,
    NOT_UPDATED,
    BeforeAnother,
    Deliverer,
    Request,
    incomplete,
)
from destination_fincome.fincome.stored import differences
from destination_fincome.fincome.wire import NotWritable
from destination_fincome.reporting.foretold import Effect, Foretold, Told


class Rehearsal(BeforeAnother):
    """Only asks. What it has accepted counts as being there from then on, as it would be in the sync.

    What Fincome itself would refuse, nobody can tell without writing.
    """

    def __init__(self, contract: Contract, client: Deliverer, foretold: Foretold) -> None:
        """Rehearse what `client` would do.

        Args:
            client: is asked for objects, and delivers nothing.
            foretold: shared by all workers of a dry run.
        """
        super().__init__(client)
        self._contract = contract
        self._foretold = foretold

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists, or would by now; see Deliverer."""
        told = self._foretold.get(entity, identity)
        if told is None and self._foretold.is_there(entity, identity) is False:
            return MISSING
        found = self._client.look_up(entity, identity)
        if found.kind in (Kind.ACCEPTED, Kind.MISSING):
            self._foretold.looked(entity, identity, there=found.kind is Kind.ACCEPTED)
            if told is not None:
                return structs.replace(ACCEPTED_BY[None], found={**(found.found or {}), **values_of(told.body)})
        return found

    def deliver(self, request: Request) -> Verdict:
        """Tell what would become of the object, and note it; see Deliverer."""
        spec = self._contract.entities[request.entity]
        told = self._foretold.get(request.entity, request.id)
        body = laid_over(told.body, request.body) if told else request.body
        found = self._found(spec, request, told)
        if found.kind is Kind.UNTOLD or (found.kind is Kind.ACCEPTED and found.found is None):
            return self._untold(spec, request, body, exists=found.kind is Kind.ACCEPTED)
        if found.kind not in (Kind.ACCEPTED, Kind.MISSING):
            return found
        exists = told is not None or found.kind is Kind.ACCEPTED
        if request.once and exists:
            request = request.of_what_exists
            body = laid_over(told.body, request.body) if told else request.body
        if refusal := _refusal(spec, request, exists=exists) or self._unknown_reference(spec, request.body):
            return refusal
        try:
            fields = _changed(spec, body, found)
        except NotWritable as fault:
            return Verdict(Kind.REFUSED, Code.INVALID_FIELD, fault.field, fault.problem)
        effect = Effect.CREATED if found.kind is Kind.MISSING else Effect.CHANGED if fields else Effect.UNCHANGED
        self._foretold.tell(request.entity, request.id, Told(effect, body), fields)
        return ACCEPTED_BY[exists]

    def _found(self, spec: EntitySpec, request: Request, told: Told | None) -> Verdict:
        """Return what Fincome says of an object, without what this dry run would have made of it."""
        if not spec.retrievable:
            return UNTOLD
        if told and told.effect is Effect.CREATED:
            return MISSING
        return self._client.look_up(request.entity, request.id)

    def _untold(self, spec: EntitySpec, request: Request, body: bytes, *, exists: bool) -> Verdict:
        """Take for accepted what nobody can tell anything of, if a sync would send it."""
        if exists and request.policy == "create_only":
            return EXISTS
        if request.policy == "create_only" and spec.repeated_post in ("updates", "doubles"):
            return NOT_CREATED_ONLY
        refusal = self._unknown_reference(spec, request.body)
        if refusal is None:
            self._foretold.tell(request.entity, request.id, Told(Effect.NOT_ASKED, body))
        return refusal or ACCEPTED_BY[None]

    def _unknown_reference(self, spec: EntitySpec, body: bytes) -> Verdict | None:
        """Return what Fincome would say of a reference that leads nowhere, or the trouble in asking for it."""
        for field, entity, identity in _references(spec, values_of(body)):
            if not self._contract.entities[entity].retrievable:
                continue
            there = self._foretold.is_there(entity, identity)
            if there is None:
                found = self.look_up(entity, identity)
                if found.kind not in (Kind.ACCEPTED, Kind.MISSING, Kind.UNTOLD):
                    return found
                # What nobody can tell, Fincome decides.
                there = found.kind is not Kind.MISSING
            if not there:
                problem = "refers to an object that Fincome doesn't know"
                return Verdict(Kind.UNKNOWN_REFERENCE, Code.MISSING_REFERENCE, field, problem, certain=True)
        return None


def _references(spec: EntitySpec, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield field, entity and id of all that an object refers to."""
    for reference in spec.references:
        outer, _, inner = reference.field.partition(".")
        for holder in (values.get(outer) or ()) if inner else [values]:
            if identity := holder.get(inner or outer):
                yield reference.field, reference.entity, identity


def _refusal(spec: EntitySpec, request: Request, *, exists: bool) -> Verdict | None:
    """Return why an object would not be written, by its policy and by what the contract says that the API can do."""
    if exists and request.policy == "create_only":
        return EXISTS
    if not exists and request.policy == "update_only":
        return MISSING
    if not exists:
        if spec.create is None:
            return NOT_CREATED
        return None if request.complete else incomplete(spec, request)
    if spec.update is None:
        return None if spec.post_updates and request.complete else NOT_UPDATED
    return None if spec.update.partial or request.complete else NOT_PARTIAL


def _changed(spec: EntitySpec, body: bytes, found: Verdict) -> list[str]:
    """Return the fields of an object that exists and would change, each once."""
    if found.kind is Kind.MISSING:
        return []
    return list(dict.fromkeys(one.path for one in differences(spec, body, found.found or {})))
