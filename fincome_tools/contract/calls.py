"""Single calls with the key, for people's commands: the connector's own client, and a few tries of each call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation
from destination_fincome.fincome.delivery import Access, Reply
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.refusals import Discretion, Fault, read_fault
from destination_fincome.retry_policy import RetryPolicy

POLICY = RetryPolicy()
# An id that no object has.
NOBODY = "destination-fincome-probe-nobody"


class CallFailure(Exception):
    """No further call makes sense; the message says why.

    Attributes:
        passing: the same call may succeed later.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


@dataclass(frozen=True)
class Answered:
    """An answer, and what the connector makes of it.

    Attributes:
        content: the body, parsed; None if it isn't JSON.
        headers: of the answer.
    """

    status: int
    verdict: Verdict
    content: Any
    headers: Mapping[str, str]
    fault: Fault
    words: str

    @property
    def accepted(self) -> bool:
        """Whether the connector takes it for a success."""
        return self.verdict.kind is Kind.ACCEPTED

    @property
    def allow(self) -> list[str]:
        """The verbs that a 405 says it takes."""
        return [verb.strip().upper() for verb in self.headers.get("Allow", "").split(",") if verb.strip()]

    def __str__(self) -> str:
        where = f" at {self.fault.field}" if self.fault.field else ""
        return f"{self.status}{where}" + (f": {self.words}" if self.words else "")


class Caller:
    """Makes calls in the form that a contract says; passing trouble is waited out a few times."""

    def __init__(self, connect: Callable[[Contract], FincomeClient], contract: Contract, api_key: str) -> None:
        self._connect = connect
        self._key = api_key
        self.contract = contract
        self.client = connect(contract)
        self._discretion = Discretion(contract)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def speak(self, contract: Contract) -> None:
        """Go on by another contract."""
        self.client.close()
        self.contract = contract
        self.client = self._connect(contract)

    def create(self, entity: str, body: dict[str, Any]) -> Answered:
        """Create an object."""
        spec = self.contract.entities[entity]
        return self._call(spec.create or self.contract.create, spec, body["id"], encode(body))

    def update(self, entity: str, identity: str, body: dict[str, Any]) -> Answered:
        """Update an object by its id."""
        spec = self.contract.entities[entity]
        return self._call(spec.update or self.contract.update, spec, identity, encode(body))

    def retrieve(self, entity: str, identity: str, key: str | None = None) -> Answered:
        """Ask for an object, with another key if one is given."""
        spec = self.contract.entities[entity]
        return self._call(spec.retrieve, spec, identity, key=key)

    def ask(self, entity: str, operation: Operation) -> Answered:
        """Ask for something of an entity that isn't an object by its id."""
        return self._call(operation, self.contract.entities[entity], "")

    def _call(
        self, operation: Operation, spec: EntitySpec, identity: str, body: bytes = b"", key: str | None = None
    ) -> Answered:
        """Send one request. Trouble that lasts is an answer too, as long as others are answered.

        Raises:
            CallFailure: the network or the API is in trouble, or refuses the key all of a sudden.
        """
        contract = self.contract
        access = Access(contract.api_key_header, contract.api_key_prefix, key) if key else None
        for left in reversed(range(POLICY.command_tries)):
            reply = self.client.exchange(operation, spec, identity, body, access=access)
            if reply.status == 0 and reply.verdict.kind is not Kind.REFUSED:
                raise CallFailure(_network(reply.verdict), passing=reply.verdict.kind is Kind.RETRY)
            if reply.verdict.kind is not Kind.RETRY:
                break
            if left:
                time.sleep(min(reply.verdict.retry_after or 1.0, POLICY.longest_delay))
        if reply.verdict.kind is Kind.RETRY and self._is_down():
            text = f"Fincome {reply.verdict.problem} {POLICY.command_tries} times. Try again later."
            raise CallFailure(text, passing=True)
        answered = self._answered(reply)
        # A list may be what this key may not see.
        if key is None and operation.name != "list" and reply.status in contract.answers["key_refused"].statuses:
            raise CallFailure(f"Fincome refuses the key for {operation.verb} on {spec.path} ({answered}).")
        return answered

    def _is_down(self) -> bool:
        """Tell whether trouble is everybody's, and not that of one request."""
        spec = next(spec for spec in self.contract.entities.values() if not spec.absent)
        reply = self.client.exchange(spec.retrieve, spec, NOBODY)
        return reply.status == 0 or reply.verdict.kind is Kind.RETRY

    def _answered(self, reply: Reply) -> Answered:
        content = reply.content.replace(self._key.encode(), "…".encode())
        fault = read_fault(content, self.contract.error_key) or Fault()
        return Answered(
            reply.status, reply.verdict, _parsed(content), reply.headers, fault, self._discretion.told(fault)
        )


def _network(verdict: Verdict) -> str:
    return verdict.problem if verdict.kind is Kind.STOP else f"Fincome {verdict.problem}."


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
