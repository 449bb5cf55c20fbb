"""The connection test: real calls, no writes, every failure told apart."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import orjson

from destination_fincome.fincome.answers import KEY_REFUSED, Kind, header_expected
from destination_fincome.fincome.client import NOBODY, FincomeClient
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation, load_contract
from destination_fincome.fincome.delivery import Access, Reply
from destination_fincome.fincome.listing import FIRST_PAGE
from destination_fincome.fincome.looks import page_of
from destination_fincome.fincome.refusals import Fault, read_fault

LONGEST_CALL_SECONDS = 8.0
# The whole connection test: a platform waits for it with a person before it.
LONGEST_TEST_SECONDS = 50.0
# What no key is: whether Fincome looks at the key at all.
NO_KEY = "airbyte-connection-test-of-a-key-that-does-not-exist"


class ProbeFailure(Exception):
    """What is wrong, in words that say what to do.

    Attributes:
        passing: the same test may succeed later.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


def probe(contract: Contract, client: FincomeClient, timeout: float) -> list[str]:
    """Prove that the address is Fincome's API and that it takes the key, and look for every route.

    Returns:
        What will not work, or could not be proven; the connection can be used all the same.

    Raises:
        ProbeFailure: with the first thing that is wrong.
    """
    prober = _Prober(contract, client, min(timeout, LONGEST_CALL_SECONDS))
    proven = prober.prove_key()
    prober.find_routes()
    prober.try_lists()
    if not proven:
        prober.prove_that_keys_matter()
    return prober.warnings


def probe_key(contract: Contract, client: FincomeClient, timeout: float) -> None:
    """Prove that the address is Fincome's API and that it takes the key, as far as it says so in its own words.

    Raises:
        ProbeFailure: what is wrong.
    """
    _Prober(contract, client, min(timeout, LONGEST_CALL_SECONDS)).prove_key()


class _Prober:
    def __init__(self, contract: Contract, client: FincomeClient, timeout: float) -> None:
        self._contract = contract
        self._client = client
        self._timeout = timeout
        self._ends = time.monotonic() + LONGEST_TEST_SECONDS
        self._host = urlsplit(contract.base_url).hostname or ""
        self.warnings: list[str] = []

    # --- the key

    def prove_key(self) -> bool:
        """Look up an object that doesn't exist: an answer in Fincome's own words comes from behind the key's check.

        Returns:
            False if there was no such answer: the router knows no such paths, and says so to everybody.
        """
        troubles = []
        for spec in self._contract.entities_to_ask:
            reply = self._call(spec.retrieve, spec, NOBODY)
            if (reply.status == 403 and self._fault(reply) is not None) or reply.status == 429 or reply.status >= 500:
                troubles.append((spec, reply))
            elif not _is_routers(reply):
                self._must_be_behind_the_key(spec, reply)
                self._warn_of_troubles(troubles)
                return True
        for spec, reply in troubles:
            self._must_be_behind_the_key(spec, reply)
        return False

    def _must_be_behind_the_key(self, spec: EntitySpec, reply: Reply) -> None:
        if reply.status in self._contract.answers["key_refused"].statuses:
            self._no_page(reply)
            raise ProbeFailure(self._key_advice(spec, reply.status))
        fault = self._fault(reply)
        if fault and any(item.place == "header" for item in fault.items):
            raise ProbeFailure(header_expected(fault))
        self._judge(reply)
        if reply.verdict.kind is Kind.ACCEPTED or (_is_success(reply) and _is_no_object(reply)):
            raise ProbeFailure(
                f"{self._host} answers {reply.status} even for a {spec.singular} that doesn't exist: it isn't "
                f"Fincome's API. Check `base_url` ({self._contract.base_url!r} is set)."
            )

    def _warn_of_troubles(self, troubles: Iterable[tuple[EntitySpec, Reply]]) -> None:
        for spec, reply in troubles:
            may_not = f"The key may not read {spec.plural}"
            trouble = f"{self._host} answers {reply.status} when asked for {spec.plural}"
            self.warnings.append(f"{may_not if reply.status == 403 else trouble}, so parents can't be looked up there.")

    def prove_that_keys_matter(self) -> None:
        """Where no kind of object can be asked for by id in so many words, a wrong key must at least be turned away."""
        spec, contract = self._contract.entities_to_ask[0], self._contract
        access = Access(contract.api_key_header, contract.api_key_prefix, NO_KEY)
        reply = self._call(spec.retrieve, spec, NOBODY, access)
        if reply.status not in contract.answers["key_refused"].statuses:
            self.warnings.append("Nothing can be asked for by id, so only the first records show if the key works.")

    def _key_advice(self, spec: EntitySpec, status: int) -> str:
        """Say which other way of sending the key is accepted, or that none is."""
        contract = self._contract
        for header, prefix in contract.api_key_forms:
            if (header, prefix) == (contract.api_key_header, contract.api_key_prefix):
                continue
            reply = self._call(spec.retrieve, spec, NOBODY, Access(header, prefix, self._client.api_key))
            if reply.status in contract.answers["key_refused"].statuses or not self._is_behind_the_key(reply):
                continue
            setting = f"`api_key_prefix` to {prefix!r}" if prefix else "leave `api_key_prefix` empty"
            return (
                f"Fincome refuses the key in header {contract.api_key_header} ({status}), but accepts it in header "
                f"{header}{f' after {prefix!r}' if prefix else ''}: set `api_key_header` to {header}, and {setting}."
            )
        return KEY_REFUSED.format(status=status)

    # --- the routes

    def find_routes(self) -> None:
        """Ask each collection for its route. A route that only creates answers 405 to a GET, a missing one 404."""
        present = self._contract.entities_to_ask
        missing = [spec for spec in present if not self._has_route(spec)]
        if missing and len(missing) == len(present):
            raise ProbeFailure(
                f"{self._host} answers, but has none of Fincome's routes under `base_url`. The address usually ends in "
                f"{urlsplit(load_contract().base_url).path!r}: check `base_url`."
            )
        moved = [advice for spec in missing if (advice := self._moved(spec))]
        if moved:
            raise ProbeFailure(" ".join(moved))
        self.warnings += map(_without_route, missing)

    def _moved(self, spec: EntitySpec) -> str | None:
        """Say where an entity is, if it is where others have it."""
        for path in spec.alternatives:
            if path != spec.path and self._has_route(replace(spec, path=path)):
                return f"Fincome has no route {spec.path}, but {path} exists: set `paths.{spec.name}` to {path}."
        return None

    def _has_route(self, spec: EntitySpec) -> bool:
        if spec.create is None:
            return True
        # The path of a create answers 405 to this, if it can't be listed.
        collection = replace(spec.create, name="collection", verb="GET")
        if spec.listing is not None and spec.listing.path == spec.create.path:
            collection = page_of(spec.listing, FIRST_PAGE)
        reply = self._call(collection, spec)
        if reply.status == 403 or reply.status == 429 or reply.status >= 500:
            return True
        self._judge(reply)
        return not (reply.status == 404 and _is_routers(reply))

    def try_lists(self) -> None:
        """Read the first page of each list that the contract has: without one, a first sync only takes longer."""
        for spec in self._contract.entities_to_ask:
            if spec.listing is None:
                continue
            left = self._ends - time.monotonic()
            verdict = self._client.read_page(spec.name, FIRST_PAGE, timeout=max(1.0, min(self._timeout, left)))
            listed = verdict.listed
            if verdict.kind is not Kind.ACCEPTED:
                self.warnings.append(_LIST.format(what=spec.plural, why=verdict.problem or "isn't there"))
            elif listed is None or (listed.entries and not listed.objects):
                why = "is answered with something else than a list" if listed is None else "shows no ids"
                self.warnings.append(_LIST.format(what=spec.plural, why=why))

    # --- one call

    def _no_page(self, reply: Reply) -> None:
        """Tell a firewall's page from a refused key."""
        if reply.content.strip() and not _is_json(reply.content):
            raise ProbeFailure(
                f"{self._host} answers {reply.status} with a page, which isn't Fincome's: a firewall or a proxy turns "
                "the connector away. Check `base_url`, and whether this network may use the API."
            )

    def _fault(self, reply: Reply) -> Fault | None:
        return None if _is_success(reply) else read_fault(reply.content, self._contract.error_key)

    def _call(self, operation: Operation, spec: EntitySpec, identity: str = "", access: Access | None = None) -> Reply:
        left = self._ends - time.monotonic()
        if left <= 0:
            text = f"{self._host} answers too slowly: the test was given up. Try again later."
            raise ProbeFailure(text, passing=True)
        reply = self._client.ask(operation, spec, identity, access=access, timeout=min(self._timeout, left))
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


_LIST = (
    "The list of {what} {why}, so a first sync sends all of them: look at `operations.list` in the setting `contract`."
)


def _without_route(spec: EntitySpec) -> str:
    return (
        f"Fincome has no route {spec.path}, so {spec.plural} can't be synced: set `paths.{spec.name}` to the path in "
        "Fincome's API reference. If there are none, say so in the setting `contract`: "
        f"entities: {{{spec.name}: {{absent: true}}}}."
    )


def _is_routers(reply: Reply) -> bool:
    """Tell whether an answer is the router's word that it has no such path or operation: it asked for no key."""
    return reply.status in (404, 405) and reply.verdict.bare


def _is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def _is_no_object(reply: Reply) -> bool:
    """Tell whether an answer has something else than an object, as no API has of one object."""
    return reply.verdict.kind is Kind.RETRY and bool(reply.content.strip())


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return True
