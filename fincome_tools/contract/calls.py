"""Plain calls with the key, answered in full: the connector's own client tells only what an answer means."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson
import requests
from requests import exceptions

from destination_fincome.fincome.answers import Fault, Interpreter, Kind, Verdict, read_detail, safe_words
from destination_fincome.fincome.client import CERTIFICATE, CONNECT_SECONDS, FincomeClient, Network, network_problem
from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.retry_policy import RetryPolicy

POLICY = RetryPolicy()


class CallFailure(Exception):
    """No further call makes sense; the message says why."""


@dataclass(frozen=True)
class Reply:
    """An answer, and what the connector makes of it.

    Attributes:
        verb: of the request.
        content: the body, parsed; None if it isn't JSON.
    """

    verb: str
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
    """Sends single requests, as the connector does: nothing follows a redirect, TLS is verified."""

    def __init__(self, contract: Contract, api_key: str, timeout: float, network: Network) -> None:
        self._contract = contract
        self._client = FincomeClient(contract, api_key, timeout, network)
        self._key = api_key
        self._interpreter = Interpreter(contract)
        self._timeout = (min(CONNECT_SECONDS, timeout), timeout)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = dict(network.proxies)
        self._session.verify = network.verify

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._client.close()

    def create(self, spec: EntitySpec, body: dict[str, Any]) -> Reply:
        """Create an object."""
        return self._call("create", spec, body["id"], body)

    def update(self, spec: EntitySpec, body: dict[str, Any]) -> Reply:
        """Update an object by its id."""
        return self._call("update", spec, body["id"], body)

    def retrieve(self, spec: EntitySpec, identity: str, key: str | None = None) -> Reply:
        """Ask for an object, with another key if one is given."""
        return self._call("retrieve", spec, identity, None, key)

    def _call(
        self, name: str, spec: EntitySpec, identity: str, body: dict[str, Any] | None, key: str | None = None
    ) -> Reply:
        """Send one request; passing trouble is waited out a few times.

        Raises:
            CallFailure: the network or the API is in trouble, or refuses the key all of a sudden.
        """
        for left in reversed(range(POLICY.command_tries)):
            reply = self._once(name, spec, identity, body, key)
            if reply.verdict.kind is not Kind.RETRY:
                break
            pause = min(reply.verdict.retry_after or 1.0, POLICY.longest_delay)
            if not left:
                raise CallFailure(f"Fincome {reply.verdict.problem} {POLICY.command_tries} times. Try again later.")
            time.sleep(pause)
        if key is None and reply.status in self._contract.answers["key_refused"].statuses:
            raise CallFailure(f"Fincome refuses the key for {reply.verb} on {spec.path} ({reply}).")
        return reply

    def _once(self, name: str, spec: EntitySpec, identity: str, body: dict[str, Any] | None, key: str | None) -> Reply:
        contract = self._contract
        operation = {"create": contract.create, "update": contract.update, "retrieve": contract.retrieve}[name]
        sent = orjson.dumps(body) if body is not None else b""
        try:
            response = self._session.request(
                operation.verb,
                self._client.url(operation, spec, identity),
                data=sent or None,
                headers={
                    contract.api_key_header: contract.api_key_prefix + (key or self._key),
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "airbyte-destination-fincome",
                },
                timeout=self._timeout,
                allow_redirects=False,
            )
        except exceptions.SSLError as error:
            raise CallFailure(
                CERTIFICATE if "CERTIFICATE_VERIFY_FAILED" in str(error) else network_problem(error)
            ) from None
        except exceptions.RequestException as error:
            raise CallFailure(f"Fincome {network_problem(error)}.") from None
        fault = read_detail(response.content)
        verdict = self._interpreter.read(name, spec, response.status_code, response.headers, response.content, sent)
        words = safe_words(fault.text, sent).replace(self._key, "…")
        return Reply(operation.verb, response.status_code, verdict, _parsed(response.content), fault, words)


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
