"""The sandbox's key by plain http: to private addresses only, looked at on each connect."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import structs
from pytest_httpserver import HTTPServer
from werkzeug import Response

from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.private_network import SANDBOX_KEY, is_private
from destination_fincome.fincome.probe import ProbeFailure, probe
from destination_fincome.fincome.transport import Network
from fincome_tools import cli

NAME = "fincome-sandbox.test"
PUBLIC = "203.0.113.7"
Leads = Callable[..., None]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::1", "fc00::1",
     "fdff::1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize(
    "address",
    ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "169.254.169.254",
     "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "fe80::1", "2001:db8::1", "::", "::ffff:8.8.8.8",
     "64:ff9b::a00:1"],
)  # fmt: skip
def test_public_addresses(address: str) -> None:
    assert not is_private(address)


def test_the_key_is_the_sandboxs_default() -> None:
    assert inspect.signature(cli.sandbox).parameters["api_key"].default == SANDBOX_KEY


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Leads:
    """Lets the name lead to addresses: one list of them for each time that it is asked for."""
    genuine = socket.getaddrinfo

    def set_up(*answers: list[str]) -> None:
        ahead = iter(answers)

        def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
            if host != NAME:
                return genuine(host, port, *rest, **more)
            try:
                addresses = next(ahead)
            except StopIteration:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return set_up


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses that a connection was tried to."""
    tried: list[str] = []
    genuine = socket.create_connection

    def connect(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        tried.append(address[0])
        return genuine(address, *rest, **more)

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def client(server: HTTPServer) -> FincomeClient:
    contract = load_contract().with_overrides(f"http://{NAME}:{server.port}/product", None, None, {})
    return FincomeClient(contract, SANDBOX_KEY, 5, Network.of_environment(contract.base_url))


ADA = Request("customers", "c1", b'{"id":"c1","name":"Ada"}')


def test_a_name_that_leads_to_a_private_address_gets_the_request(
    httpserver: HTTPServer, leads: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{PUBLIC}:3128")
    httpserver.expect_request("/product/clients", headers={"X-API-KEY": SANDBOX_KEY}).respond_with_json(
        {"id": "c1"}, status=201
    )
    leads(["127.0.0.1"])
    assert client(httpserver).deliver(ADA).kind is Kind.ACCEPTED


@pytest.mark.parametrize("addresses", [[PUBLIC], ["127.0.0.1", PUBLIC], ["169.254.169.254"]])
def test_a_name_that_also_leads_outside_gets_nothing_and_the_sync_ends(
    httpserver: HTTPServer, leads: Leads, connected: list[str], addresses: list[str]
) -> None:
    leads(addresses)
    verdict = client(httpserver).deliver(ADA)
    assert verdict.kind is Kind.STOP
    assert "outside of private networks" in (verdict.problem or "")
    assert "https" in (verdict.problem or "")
    assert connected == []
    assert httpserver.log == []


def test_the_connection_test_says_so(httpserver: HTTPServer, leads: Leads, connected: list[str]) -> None:
    leads([PUBLIC])
    contract = load_contract().with_overrides(f"http://{NAME}:{httpserver.port}/product", None, None, {})
    with pytest.raises(ProbeFailure, match="The host of `base_url` leads outside of private networks"):
        probe(contract, client(httpserver), 5)
    assert connected == []


def test_a_name_that_leads_elsewhere_later_is_looked_at_again(
    httpserver: HTTPServer, leads: Leads, connected: list[str]
) -> None:
    closing = Response('{"id":"c1"}', status=201, headers={"Connection": "close"})
    httpserver.expect_request("/product/clients").respond_with_response(closing)
    leads(["127.0.0.1"], [PUBLIC])
    sender = client(httpserver)
    assert sender.deliver(ADA).kind is Kind.ACCEPTED
    assert sender.deliver(structs.replace(ADA, id="c2")).kind is Kind.STOP
    assert connected == ["127.0.0.1"]


def test_the_next_address_is_tried_when_one_does_not_answer(httpserver: HTTPServer, leads: Leads) -> None:
    httpserver.expect_request("/product/clients").respond_with_json({"id": "c1"}, status=201)
    leads(["127.0.0.9", "127.0.0.1"])
    assert client(httpserver).deliver(ADA).kind is Kind.ACCEPTED


def test_a_name_that_leads_nowhere_is_tried_again_later(httpserver: HTTPServer, leads: Leads) -> None:
    leads()
    verdict = client(httpserver).deliver(ADA)
    assert (verdict.kind, verdict.problem) == (Kind.RETRY, "can't be found (its host name doesn't resolve)")
