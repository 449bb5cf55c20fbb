"""One worker's HTTP client: session, key, time-outs, and the upsert that makes one object out of two verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
import requests
from requests import exceptions

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import ACCEPTED, Interpreter, Kind, Verdict
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation, WritePolicy

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Network:
    """The environment's proxies and certificates, looked up once: requests would do so on every call."""

    proxies: Mapping[str, str]
    verify: bool | str

    @classmethod
    def of_environment(cls, url: str) -> Network:
        """Read HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and their kin for one address."""
        settings = requests.Session().merge_environment_settings(url, {}, None, None, None)
        verify = settings["verify"]
        return cls(dict(settings["proxies"]), True if verify is None else verify)


# May be the lag of an asynchronous write (202), so it is asked again as an unknown reference is, a few times.
# The id is taken, and there is no such object: an object that was accepted may be visible only later (202).
CONTRADICTION = Verdict(
    Kind.UNKNOWN_REFERENCE, Code.REFUSED_BY_API, "id", "exists by one answer of Fincome, and doesn't by the next"
)


EXISTS = Verdict(Kind.EXISTS)
ACCEPTED_BY = {existed: replace(ACCEPTED, existed=existed) for existed in (True, False, None)}


def _existed(verdict: Verdict, existed: bool | None) -> Verdict:
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


class FincomeClient:
    """Talks to Fincome; used by one thread at a time."""

    def __init__(self, contract: Contract, api_key: str, timeout: float, network: Network | None = None) -> None:
        self._contract = contract
        self._api_key = api_key
        self._interpreter = Interpreter(contract)
        self._timeout = (min(CONNECT_SECONDS, timeout), timeout)
        network = network or Network.of_environment(contract.base_url)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = dict(network.proxies)
        self._session.verify = network.verify
        self._session.headers.update(
            {
                contract.api_key_header: contract.api_key_prefix + api_key,
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "airbyte-destination-fincome",
            }
        )
        # Everything but verb, address and body is the same in all calls: preparing it anew would take a third of
        # the time that a call takes here.
        self._prepared = self._session.prepare_request(requests.Request("GET", contract.base_url))
        self._environment: dict[str, Any] = {"proxies": dict(network.proxies), "verify": network.verify}
        self.requests = 0

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def deliver(self, request: Request) -> Verdict:
        """Make Fincome hold the object: create it, or update it if it exists already, as its policy allows.

        Returns:
            ACCEPTED, UNKNOWN_REFERENCE, REFUSED, RETRY or STOP; EXISTS of what may only be created, and MISSING of
            what may only be updated. May be repeated at will: it ends in the same object.
        """
        spec = self._contract.entities[request.entity]
        if request.policy == "create_only":
            return self._create_only(spec, request)
        if request.policy == "update_only":
            return self._call("update", self._contract.update, spec, request)
        if request.update_first or not request.complete:
            return self._update_or_create(spec, request)
        verdict = self._call("create", self._contract.create, spec, request)
        if verdict.kind is Kind.EXISTS:
            verdict = self._call("update", self._contract.update, spec, request)
            return CONTRADICTION if verdict.kind is Kind.MISSING else _existed(verdict, True)
        # Where a POST updates too, its success doesn't tell.
        return _existed(verdict, None if spec.post_updates else False)

    def _create_only(self, spec: EntitySpec, request: Request) -> Verdict:
        # Where a POST changes what exists, it must not be sent before it is known that nothing does.
        if spec.post_updates and (found := self.look_up(request.entity, request.id)).kind is not Kind.MISSING:
            return EXISTS if found.kind is Kind.ACCEPTED else found
        return self._call("create", self._contract.create, spec, request)

    def rehearse(self, request: Request) -> Verdict:
        """Tell what `deliver` would probably answer, without writing: EXISTS and MISSING as far as asking can tell."""
        if (
            request.policy == "upsert"
            or request.update_first
            or not self._contract.entities[request.entity].retrievable
        ):
            return ACCEPTED
        found = self.look_up(request.entity, request.id)
        if request.policy == "update_only" or found.kind not in (Kind.ACCEPTED, Kind.MISSING):
            return found
        return EXISTS if found.kind is Kind.ACCEPTED else ACCEPTED

    def _update_or_create(self, spec: EntitySpec, request: Request) -> Verdict:
        verdict = self._call("update", self._contract.update, spec, request)
        if verdict.kind is not Kind.MISSING:
            return _existed(verdict, True)
        if not request.complete and _only_attributes(request.body):
            return Verdict(
                Kind.REFUSED,
                Code.MISSING_OBJECT,
                "id",
                f"names a {spec.singular} that Fincome doesn't have; attributes alone can't create it",
            )
        verdict = self._call("create", self._contract.create, spec, request)
        return CONTRADICTION if verdict.kind is Kind.EXISTS else _existed(verdict, False)

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists: ACCEPTED, MISSING, RETRY or STOP."""
        spec = self._contract.entities[entity]
        verdict = self._call("retrieve", self._contract.retrieve, spec, Request(entity, identity, b""))
        return Verdict(Kind.MISSING) if verdict.kind is Kind.REFUSED else verdict

    def url(self, operation: Operation, spec: EntitySpec, identity: str) -> str:
        """Build the address of one operation."""
        path = operation.path.replace("{path}", spec.path).replace("{id}", quote(identity, safe=""))
        return self._contract.base_url + path

    def get(self, url: str, timeout: float, form: tuple[str, str] | None = None) -> requests.Response:
        """Send one plain GET with the key, for `check`; raises what requests raises.

        Args:
            url: the whole address.
            timeout: seconds to connect, and again to answer.
            form: header and prefix of the key, in place of the contract's.
        """
        headers: dict[str, str | None] = {}
        if form:
            header, prefix = form
            headers = {self._contract.api_key_header: None, header: prefix + self._api_key}
        return self._session.get(url, headers=headers, timeout=(timeout, timeout), allow_redirects=False)

    def _call(self, name: str, operation: Operation, spec: EntitySpec, request: Request) -> Verdict:
        self.requests += 1
        prepared = self._prepared.copy()
        prepared.method = operation.verb
        prepared.url = self.url(operation, spec, request.id)
        if request.body:
            prepared.body = request.body
            prepared.headers["Content-Length"] = str(len(request.body))
        try:
            response = self._session.send(prepared, timeout=self._timeout, allow_redirects=False, **self._environment)
        except exceptions.RequestException as error:
            return network_verdict(error)
        return self._interpreter.read(
            name, spec, response.status_code, response.headers, response.content, request.body
        )


def network_verdict(error: exceptions.RequestException) -> Verdict:
    """Tell what a failed call means. Only a certificate that can't be trusted is for the user to mend."""
    text = str(error)
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return Verdict(Kind.STOP, problem=CERTIFICATE)
    return Verdict(Kind.RETRY, problem=network_problem(error))


CERTIFICATE = (
    "The TLS certificate of Fincome's address can't be verified. If your network inspects TLS, give the connector its "
    "certificate through REQUESTS_CA_BUNDLE."
)


def network_problem(error: exceptions.RequestException) -> str:
    """Say in a few words what went wrong on the network."""
    text = str(error)
    if isinstance(error, exceptions.ConnectTimeout):
        return "can't be reached (time-out while connecting)"
    if isinstance(error, exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, exceptions.ProxyError):
        return "can't be reached through the proxy"
    if isinstance(error, exceptions.SSLError):
        return "can't be reached safely (TLS error)"
    if "NameResolutionError" in text or "Name or service not known" in text or "getaddrinfo" in text:
        return "can't be found (its host name doesn't resolve)"
    if "Connection refused" in text:
        return "refuses connections"
    return "broke the connection"


def _only_attributes(body: bytes) -> bool:
    return set(orjson.loads(body)) <= {"id", "custom_properties"}
