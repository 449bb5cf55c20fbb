"""The connection test: real calls, no writes, every failure told apart."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import urlsplit

import orjson

from destination_fincome.fincome.answers import KEY_REFUSED, Kind, header_expected
from destination_fincome.fincome.client import NOBODY, Access, FincomeClient, Reply
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation, load_contract
from destination_fincome.fincome.refusals import Fault, read_fault

LONGEST_CALL_SECONDS = 8.0
# The whole connection test: a platform waits for it with a person before it.
LONGEST_TEST_SECONDS = 50.0
# Tells whether a path is there: one that only creates answers 405 to it.
COLLECTION = Operation("collection", "GET", "{path}")


class ProbeFailure(Exception):
    """What is wrong, in words that say what to do.

    Attributes:
        passing: the same test may succeed later.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


def probe(contract: Contract, client: FincomeClient, timeout: float) -> None:
    """Prove that the address is Fincome's API, that it takes the key, and that every route exists.

    Raises:
        ProbeFailure: with the first thing that is wrong.
    """
    prober = _Prober(contract, client, min(timeout, LONGEST_CALL_SECONDS))
    prober.prove_key()
    prober.prove_routes()


class _Prober:
    def __init__(self, contract: Contract, client: FincomeClient, timeout: float) -> None:
        self._contract = contract
        self._client = client
        self._timeout = timeout
        self._ends = time.monotonic() + LONGEST_TEST_SECONDS
        self._host = urlsplit(contract.base_url).hostname or ""

    def prove_key(self) -> None:
        """Look up a customer that doesn't exist: the answer comes from behind the key's check."""
        reply = self._ask(self._contract.entities["customers"].retrieve, self._contract.entities["customers"], NOBODY)
        if reply.verdict.kind is Kind.ACCEPTED:
            raise ProbeFailure(
                f"{self._host} answers {reply.status} even for a customer that doesn't exist: it isn't "
                f"Fincome's API. Check `base_url` ({self._contract.base_url!r} is set)."
            )

    def prove_routes(self) -> None:
        """Ask each collection for its route. A route that only creates answers 405 to a GET, a missing one 404."""
        present = [spec for spec in self._contract.entities.values() if not spec.absent]
        missing = [spec for spec in present if not self._has_route(spec)]
        if not missing:
            return
        if len(missing) == len(present):
            raise ProbeFailure(
                f"{self._host} answers, but has none of Fincome's routes under `base_url`. The address usually ends in "
                f"{urlsplit(load_contract().base_url).path!r}: check `base_url`."
            )
        raise ProbeFailure(" ".join(self._route_advice(spec) for spec in missing))

    def _route_advice(self, spec: EntitySpec) -> str:
        for path in spec.alternatives:
            if path != spec.path and self._has_route(replace(spec, path=path)):
                return f"Fincome has no route {spec.path}, but {path} exists: set `paths.{spec.name}` to {path}."
        return f"Fincome has no route {spec.path}: set `paths.{spec.name}` to the path in Fincome's API reference."

    def _has_route(self, spec: EntitySpec) -> bool:
        reply = self._ask(COLLECTION, spec)
        fault = self._fault(reply)
        return fault is None or not self._contract.answers["route_missing"].fits(reply.status, fault.text)

    def _ask(self, operation: Operation, spec: EntitySpec, identity: str = "") -> Reply:
        reply = self._call(operation, spec, identity)
        if reply.status in self._contract.answers["key_refused"].statuses:
            self._no_page(reply)
            raise ProbeFailure(self._key_advice(operation, spec, identity, reply.status))
        fault = self._fault(reply)
        if fault and fault.items and fault.items[0].place == "header":
            raise ProbeFailure(header_expected(fault))
        self._judge(reply)
        return reply

    def _no_page(self, reply: Reply) -> None:
        """Tell a firewall's page from a refused key."""
        if reply.content.strip() and not _is_json(reply.content):
            raise ProbeFailure(
                f"{self._host} answers {reply.status} with a page, which isn't Fincome's: a firewall or a proxy turns "
                "the connector away. Check `base_url`, and whether this network may use the API."
            )

    def _fault(self, reply: Reply) -> Fault | None:
        return None if _is_success(reply) else read_fault(reply.content, self._contract.error_key)

    def _key_advice(self, operation: Operation, spec: EntitySpec, identity: str, status: int) -> str:
        """Say which other way of sending the key is accepted, or that none is."""
        contract = self._contract
        for header, prefix in contract.api_key_forms:
            if (header, prefix) == (contract.api_key_header, contract.api_key_prefix):
                continue
            reply = self._call(operation, spec, identity, (header, prefix))
            if reply.status in contract.answers["key_refused"].statuses or not self._is_behind_the_key(reply):
                continue
            setting = f"`api_key_prefix` to {prefix!r}" if prefix else "leave `api_key_prefix` empty"
            return (
                f"Fincome refuses the key in header {contract.api_key_header} ({status}), but accepts it in header "
                f"{header}{f' after {prefix!r}' if prefix else ''}: set `api_key_header` to {header}, and {setting}."
            )
        return KEY_REFUSED.format(status=status)

    def _call(
        self, operation: Operation, spec: EntitySpec, identity: str, form: tuple[str, str] | None = None
    ) -> Reply:
        access = Access(*form, self._client.api_key) if form else None
        left = self._ends - time.monotonic()
        if left <= 0:
            text = f"{self._host} answers too slowly: the test was given up. Try again later."
            raise ProbeFailure(text, passing=True)
        reply = self._client.exchange(operation, spec, identity, access=access, timeout=min(self._timeout, left))
        if reply.status == 0:
            problem = reply.verdict.problem
            if reply.verdict.kind is Kind.STOP:
                raise ProbeFailure(problem)
            text = f"{self._host} {problem}. Check `base_url`, and that this network lets the connector reach it."
            raise ProbeFailure(text, passing=True)
        return reply

    def _judge(self, reply: Reply) -> None:
        status = reply.status
        if 300 <= status < 400:
            raise ProbeFailure(
                f"{self._host} answers with a redirect ({status}), which is not followed with an API key. "
                "Set `base_url` to the address that it leads to."
            )
        if status == 429 or status >= 500:
            text = f"{self._host} is there, but answers {status} at the moment. Try again later."
            raise ProbeFailure(text, passing=True)
        if not self._is_fincome(reply):
            raise ProbeFailure(
                f"{self._host} answers {status}, but not as Fincome's API does. Check `base_url`: it must be "
                f"the address of the API ({self._contract.base_url!r} is set)."
            )

    def _is_behind_the_key(self, reply: Reply) -> bool:
        """Tell whether a request got past the key's check: not if it was turned away before."""
        return reply.status not in self._contract.answers["retry"].statuses and self._is_fincome(reply)

    def _is_fincome(self, reply: Reply) -> bool:
        """Tell Fincome's answers by their form: nothing or JSON, errors in Fincome's own (contract.yaml, "errors")."""
        if _is_success(reply):
            return not reply.content.strip() or _is_json(reply.content)
        return self._fault(reply) is not None


def _is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return True
