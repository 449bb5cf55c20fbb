"""Single calls with the key, for people's commands: the connector's own client, and a few tries of each call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson

from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.client import Access, FincomeClient, Reply
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation
from destination_fincome.fincome.refusals import Discretion, Fault, read_fault
from destination_fincome.retry_policy import RetryPolicy

POLICY = RetryPolicy()


class CallFailure(Exception):
    """No further call makes sense; the message says why."""


@dataclass(frozen=True)
class Answered:
    """An answer, and what the connector makes of it.

    Attributes:
        content: the body, parsed; None if it isn't JSON.
    """

    status: int
    verdict: Verdict
    content: Any
    fault: Fault
    words: str

    @property
    def accepted(self) -> bool:
        """Whether the connector takes it for a success."""
        return self.verdict.kind is Kind.ACCEPTED

    def __str__(self) -> str:
        where = f" at {self.fault.field}" if self.fault.field else ""
        return f"{self.status}{where}" + (f": {self.words}" if self.words else "")


class Caller:
    """Makes calls; passing trouble is waited out a few times."""

    def __init__(self, contract: Contract, client: FincomeClient, api_key: str) -> None:
        self._contract = contract
        self._client = client
        self._key = api_key
        self._discretion = Discretion(contract)

    def create(self, spec: EntitySpec, body: dict[str, Any]) -> Answered:
        """Create an object."""
        return self._call(self._contract.create, spec, body["id"], orjson.dumps(body))

    def update(self, spec: EntitySpec, body: dict[str, Any]) -> Answered:
        """Update an object by its id."""
        return self._call(self._contract.update, spec, body["id"], orjson.dumps(body))

    def retrieve(self, spec: EntitySpec, identity: str, key: str | None = None) -> Answered:
        """Ask for an object, with another key if one is given."""
        return self._call(self._contract.retrieve, spec, identity, key=key)

    def _call(
        self, operation: Operation, spec: EntitySpec, identity: str, body: bytes = b"", key: str | None = None
    ) -> Answered:
        """Send one request.

        Raises:
            CallFailure: the network or the API is in trouble, or refuses the key all of a sudden.
        """
        contract = self._contract
        access = Access(contract.api_key_header, contract.api_key_prefix, key) if key else None
        for left in reversed(range(POLICY.command_tries)):
            reply = self._client.exchange(operation, spec, identity, body, access=access)
            if reply.status == 0:
                raise CallFailure(_network(reply.verdict))
            if reply.verdict.kind is not Kind.RETRY:
                break
            if not left:
                raise CallFailure(f"Fincome {reply.verdict.problem} {POLICY.command_tries} times. Try again later.")
            time.sleep(min(reply.verdict.retry_after or 1.0, POLICY.longest_delay))
        answered = self._answered(reply)
        if key is None and reply.status in contract.answers["key_refused"].statuses:
            raise CallFailure(f"Fincome refuses the key for {operation.verb} on {spec.path} ({answered}).")
        return answered

    def _answered(self, reply: Reply) -> Answered:
        fault = read_fault(reply.content, self._contract.error_key) or Fault()
        words = self._discretion.told(fault).replace(self._key, "…")
        return Answered(reply.status, reply.verdict, _parsed(reply.content), fault, words)


def _network(verdict: Verdict) -> str:
    return verdict.problem if verdict.kind is Kind.STOP else f"Fincome {verdict.problem}."


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
