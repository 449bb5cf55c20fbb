"""One worker's HTTP client: address, key, and the upsert that makes one object out of two verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

import orjson

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import (
    ACCEPTED,
    EXISTS,
    KEY_REFUSED,
    Experience,
    Interpreter,
    Kind,
    Verdict,
)
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation, WritePolicy
from destination_fincome.fincome.transport import Network, NoAnswer, Transport
from destination_fincome.fincome.wire import NotWritable, wire_of

# An id that no customer has.
NOBODY = "airbyte-connection-test-of-an-id-that-does-not-exist"

# May be the lag of an asynchronous write (202), so it is asked again as an unknown reference is, a few times.
# The id is taken, and there is no such object: an object that was accepted may be visible only later (202).
CONTRADICTION = Verdict(
    Kind.UNKNOWN_REFERENCE, Code.REFUSED_BY_API, "id", "exists by one answer of Fincome, and doesn't by the next"
)
# What a user's `contract` says of an entity.
NOT_CREATED = Verdict(Kind.REFUSED, Code.MISSING_OBJECT, "id", "isn't there, and Fincome's API can't create it")
NOT_PARTIAL = Verdict(
    Kind.REFUSED, Code.REFUSED_BY_API, None, "isn't whole, and Fincome's updates wipe whatever they don't bring"
)
NOT_UPDATED = Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "id", "exists already, and Fincome's API can't change it")
ACCEPTED_BY = {existed: replace(ACCEPTED, existed=existed) for existed in (True, False, None)}


def _existed(verdict: Verdict, *, existed: bool | None) -> Verdict:
    return ACCEPTED_BY[existed] if verdict.kind is Kind.ACCEPTED else verdict


class Request(NamedTuple):
    """One object to deliver.

    Attributes:
        body: the JSON to send.
        complete: it has what is needed to create the object; if not, an update is tried first.
        update_first: the object probably exists already.
        policy: what may become of the object.
        key: the sender's own mark, to know the request by when it is answered.
        look_up: nothing is written; it is asked for.
    """

    entity: str
    id: str
    body: bytes
    complete: bool = True
    update_first: bool = False
    policy: WritePolicy = "upsert"
    key: int = 0
    look_up: bool = False


class Reply(NamedTuple):
    """One answer, and what it means.

    Attributes:
        status: 0 if there was no answer.
        content: the body, at most 1 MiB.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    verdict: Verdict


class Access(NamedTuple):
    """A way to show a key: in a header, after a prefix."""

    header: str
    prefix: str
    key: str


class Deliverer(Protocol):
    """What brings objects to Fincome, or does as if. Used by one thread at a time."""

    @property
    def requests(self) -> int:
        """How many requests were sent."""

    def deliver(self, request: Request) -> Verdict:
        """Make Fincome hold the object: create it, or update it if it exists already, as its policy allows.

        Returns:
            ACCEPTED, UNKNOWN_REFERENCE, REFUSED, RETRY or STOP; EXISTS of what may only be created, and MISSING of
            what may only be updated. May be repeated at will: it ends in the same object.
        """

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists: ACCEPTED, MISSING, RETRY or STOP."""

    def close(self) -> None:
        """Close the connections."""


class FincomeClient:
    """Talks to Fincome: the Deliverer that delivers."""

    def __init__(
        self,
        contract: Contract,
        api_key: str,
        timeout: float,
        network: Network | None = None,
        experience: Experience | None = None,
    ) -> None:
        """Make a client; it connects when it is first used.

        Args:
            timeout: seconds that a request may take until its answer's last byte.
            network: the environment's, if none is given.
            experience: shared by the clients of one sync.
        """
        self._contract = contract
        self.api_key = api_key
        self._interpreter = Interpreter(contract, experience)
        network = network or Network.of_environment(contract.base_url)
        self._transport = Transport(contract.base_url, network, timeout)
        self._root = urlsplit(contract.base_url).path.rstrip("/")
        self._headers = _headers(Access(contract.api_key_header, contract.api_key_prefix, api_key))
        self._wires = {name: wire_of(spec.form) for name, spec in contract.entities.items() if spec.form}
        self.requests = 0

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def exchange(
        self,
        operation: Operation,
        spec: EntitySpec,
        identity: str = "",
        body: bytes = b"",
        *,
        access: Access | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Send one request; never raises for what comes back.

        Args:
            identity: the object's id.
            body: the JSON to send, as the connector writes it; the reply is in that form too.
            access: another way to show a key, or another key.
            timeout: in place of the client's own.
        """
        wire = self._wires.get(spec.name)
        if wire and body:
            try:
                body = wire.encode(body)
            except NotWritable as fault:
                return Reply(0, {}, b"", Verdict(Kind.REFUSED, Code.INVALID_FIELD, fault.field, fault.problem))
        self.requests += 1
        path = self._root + operation.path_of(spec, quote(identity, safe=""))
        headers = _headers(access) if access else self._headers
        try:
            status, received, content = self._transport.send(operation.verb, path, headers, body, timeout)
        except NoAnswer as failure:
            kind = Kind.STOP if failure.untrusted else Kind.RETRY
            return Reply(0, {}, b"", Verdict(kind, problem=failure.problem))
        content = wire.decode(content) if wire else content
        verdict = self._interpreter.read(operation, spec, status, received, content)
        return Reply(status, received, content, verdict)

    def deliver(self, request: Request) -> Verdict:
        """Make Fincome hold the object; see Deliverer."""
        spec = self._contract.entities[request.entity]
        if request.policy == "create_only":
            return self._create_only(spec, request)
        if request.policy == "update_only":
            return self._update(spec, request)
        if _updates_first(spec, request):
            return self._update_or_create(spec, request)
        verdict = self._create(spec, request)
        if verdict.kind is Kind.EXISTS:
            verdict = self._update(spec, request)
            return CONTRADICTION if verdict.kind is Kind.MISSING else _existed(verdict, existed=True)
        if verdict.doubtful:
            return self._unless_taken(spec, request, verdict)
        # Where a POST updates too, its success doesn't tell.
        return _existed(verdict, existed=None if spec.post_updates else False)

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists; see Deliverer."""
        spec = self._contract.entities[entity]
        reply = self._ask(spec.retrieve, spec, identity)
        if reply.verdict.kind is Kind.REFUSED:
            # That says nothing about whether it is there.
            return Verdict(Kind.RETRY, problem=f"answered {reply.status} when asked for one of its {entity}")
        if reply.verdict.kind is Kind.ACCEPTED:
            return replace(reply.verdict, found=found_object(reply.content))
        return reply.verdict

    def _create(self, spec: EntitySpec, request: Request) -> Verdict:
        if spec.create is None:
            return NOT_CREATED
        if not request.complete:
            return _incomplete(spec, request)
        return self._ask(spec.create, spec, request.id, request.body).verdict

    def _update(self, spec: EntitySpec, request: Request) -> Verdict:
        if spec.update is None:
            return NOT_UPDATED
        if not (spec.update.partial or request.complete):
            return NOT_PARTIAL
        return self._ask(spec.update, spec, request.id, request.body).verdict

    def _ask(self, operation: Operation, spec: EntitySpec, identity: str, body: bytes = b"") -> Reply:
        reply = self.exchange(operation, spec, identity, body)
        if reply.verdict.kind is Kind.REFUSED and reply.status in self._contract.answers["key_refused"].statuses:
            return reply._replace(verdict=self._unless_the_key_is_dead(reply))
        return reply

    def _unless_the_key_is_dead(self, reply: Reply) -> Verdict:
        """Tell a key that was taken away since its last good answer from what it may not do: ask what it may."""
        customers = self._contract.entities["customers"]
        check = self.exchange(customers.retrieve, customers, NOBODY)
        if check.verdict.kind is Kind.REFUSED:
            return Verdict(Kind.STOP, problem=KEY_REFUSED.format(status=reply.status))
        return check.verdict if check.verdict.kind in (Kind.STOP, Kind.RETRY) else reply.verdict

    def _unless_taken(self, spec: EntitySpec, request: Request, refusal: Verdict) -> Verdict:
        """Believe a refusal only if the id isn't just taken."""
        verdict = self._update(spec, request)
        return refusal if verdict.kind in (Kind.MISSING, Kind.REFUSED) else _existed(verdict, existed=True)

    def _create_only(self, spec: EntitySpec, request: Request) -> Verdict:
        # Where a POST changes what exists, it must not be sent before it is known that nothing does.
        changes = spec.repeated_post in ("updates", "doubles")
        if changes and (found := self.look_up(request.entity, request.id)).kind is not Kind.MISSING:
            return EXISTS if found.kind is Kind.ACCEPTED else found
        return self._create(spec, request)

    def _update_or_create(self, spec: EntitySpec, request: Request) -> Verdict:
        verdict = self._update(spec, request)
        if verdict.kind is not Kind.MISSING:
            return _existed(verdict, existed=True)
        verdict = self._create(spec, request)
        return CONTRADICTION if verdict.kind is Kind.EXISTS else _existed(verdict, existed=False)


class Rehearsal:
    """Only asks: the Deliverer of a dry run, which tells what would probably be answered."""

    def __init__(self, contract: Contract, client: Deliverer) -> None:
        self._contract = contract
        self._client = client

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._client.requests

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists; see Deliverer."""
        return self._client.look_up(entity, identity)

    def deliver(self, request: Request) -> Verdict:
        """Tell what would probably become of the object: EXISTS and MISSING as far as asking can tell."""
        retrievable = self._contract.entities[request.entity].retrievable
        if request.policy == "upsert" or request.update_first or not retrievable:
            return ACCEPTED
        found = self.look_up(request.entity, request.id)
        if request.policy == "update_only" or found.kind not in (Kind.ACCEPTED, Kind.MISSING):
            return found
        return EXISTS if found.kind is Kind.ACCEPTED else ACCEPTED


def _headers(access: Access) -> dict[str, str]:
    return {
        access.header: access.prefix + access.key,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "User-Agent": "airbyte-destination-fincome",
    }


def found_object(content: bytes) -> Mapping[str, Any]:
    """Return the object that an answer carries, by itself or in an envelope; nothing, if it can't be told."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(found, dict) and isinstance(found.get("data"), dict):
        found = found["data"]
    return found if isinstance(found, dict) else {}


def _updates_first(spec: EntitySpec, request: Request) -> bool:
    """Tell whether an update is tried before a create: also where a POST of what exists does nothing, or doubles it."""
    likely = request.update_first or not request.complete
    return spec.update is not None and (likely or spec.create is None or spec.repeated_post in ("ignored", "doubles"))


def _incomplete(spec: EntitySpec, request: Request) -> Verdict:
    """Refuse what can't be created, without asking Fincome to."""
    has = orjson.loads(request.body).keys()
    missing = [field.name for field in spec.fields if field.required and field.name not in has]
    needed = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} needed to create it"
    text = f"names a {spec.singular} that Fincome doesn't have, and {needed}"
    return Verdict(Kind.REFUSED, Code.MISSING_OBJECT, "id", text)
