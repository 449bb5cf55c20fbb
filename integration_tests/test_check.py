"""`check` through the command line: always one CONNECTION_STATUS, and words that say what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from fincome_tools.demo.rules import broken_by_words
from integration_tests.accounts import Account, Answer, Call, Scripted
from integration_tests.orchestrator import Platform, Seen

KEY = "the-key-of-the-test-0123"
NO_SUCH_ROUTE = Answer(404, {"detail": "Not Found"})


class World:
    """The servers that a connection test may meet, all of them the test's own."""

    def __init__(self, account: Account, stack: ExitStack, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self._stack = stack
        self.servers: dict[str, Scripted] = {}
        self.asked: dict[str, list[dict[str, Any]]] = {}
        """The account's log of requests, by case."""

    def server(self, name: str, answer: Callable[[Call], Answer], host: str = "127.0.0.1") -> str:
        """Start a scripted server; returns its base URL."""
        server = self._stack.enter_context(HTTPServer(host))
        scripted = self.servers[name] = Scripted(server)
        scripted.default = answer
        return scripted.base_url

    def port(self, listening: bool) -> int:
        """Return a port that never answers, or (not listening) that refuses."""
        taken = self._stack.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        if listening:
            taken.listen()
        port: int = taken.getsockname()[1]
        return port

    def unencrypted(self) -> str:
        # 0.0.0.0 leads to this machine, and is no loopback address.
        url = self.server("unencrypted", lambda _: Answer(200))
        return url.replace("localhost", "0.0.0.0").replace("127.0.0.1", "0.0.0.0")

    def broken_file(self) -> bytes:
        return b'{"api_key": "' + KEY.encode() + b'",\n'


def as_fincome(call: Call, customers: str) -> Answer:
    """Answer as FastAPI would, with customers under one path (or none)."""
    collection, _, identity = call.path.removeprefix("/product/").partition("/")
    if collection in ("clients", "customers") and collection != customers:
        return NO_SUCH_ROUTE
    return Answer(404, {"detail": "Customer not found"}) if identity else Answer(405, {"detail": "Method Not Allowed"})


def in_authorization(call: Call) -> Answer:
    """Answer as Fincome would, if it took the key as a bearer token."""
    if call.authorization != f"Bearer {KEY}":
        return Answer(401, {"detail": "Not authenticated"})
    return as_fincome(call, "clients")


CASES: dict[str, tuple[Callable[[World], object], str]] = {
    "the sandbox": (lambda world: world.account.config(), ""),
    "a wrong key": (
        lambda world: world.account.config(api_key=KEY),
        r"refused the API key \(401\).*Settings > Developers",
    ),
    "an unknown host": (
        lambda _: {"api_key": KEY, "base_url": "https://nonexistent.invalid/product"},
        r"nonexistent\.invalid can't be found.*Check `base_url`",
    ),
    "a port that refuses": (
        lambda world: {"api_key": KEY, "base_url": f"http://127.0.0.1:{world.port(False)}"},
        r"refuses connections.*Check `base_url`",
    ),
    "a server that never answers": (
        lambda world: {
            "api_key": KEY,
            "base_url": f"http://127.0.0.1:{world.port(True)}",
            "request_timeout_seconds": 1,
        },
        r"did not answer in time.*Check `base_url`",
    ),
    "plain http to another machine": (
        lambda world: {"api_key": KEY, "base_url": world.unencrypted()},
        r"`base_url` must start with https://",
    ),
    "another path for customers": (
        lambda world: {"api_key": KEY, "base_url": world.server("renamed", lambda c: as_fincome(c, "customers"))},
        r"no route /clients.*set `paths\.customers` to /customers",
    ),
    "an address that is an endpoint's": (
        lambda world: world.account.config(base_url=f"{world.account.base_url}/clients"),
        r"`base_url` leads to Fincome's customers: leave out '/clients' at its end",
    ),
    "an address that is an object's": (
        lambda world: world.account.config(base_url=f"{world.account.base_url}/invoices/in_1/"),
        r"`base_url` leads to Fincome's invoices: leave out '/invoices/in_1' at its end",
    ),
    "a firewall": (
        lambda world: {
            "api_key": KEY,
            "base_url": world.server("firewall", lambda _: Answer(403, "<html>No</html>", content_type="text/html")),
        },
        r"a page, which isn't Fincome's: a firewall or a proxy",
    ),
    "a key in a header of its own": (
        lambda world: {
            "api_key": KEY,
            "base_url": world.server(
                "named",
                lambda _: Answer(422, {"detail": [{"loc": ["header", "x-fincome-key"], "msg": "Field required"}]}),
            ),
        },
        r"header x-fincome-key: set `api_key_header`",
    ),
    "none of the routes": (
        lambda world: {"api_key": KEY, "base_url": world.server("elsewhere", lambda _: NO_SUCH_ROUTE)},
        r"none of Fincome's routes.*check `base_url`",
    ),
    "a key in another header": (
        lambda world: {"api_key": KEY, "base_url": world.server("bearer", in_authorization)},
        r"accepts it in header Authorization after 'Bearer '.*`api_key_header` to Authorization.*`api_key_prefix`",
    ),
    "a page of HTML": (
        lambda world: {
            "api_key": KEY,
            "base_url": world.server("html", lambda _: Answer(200, "<html>Sign in</html>", content_type="text/html")),
        },
        r"answers 200, but not as Fincome's API does.*Check `base_url`",
    ),
    "JSON of another service": (
        lambda world: {"api_key": KEY, "base_url": world.server("json", lambda _: Answer(200, {"hello": "world"}))},
        r"Check `base_url`",
    ),
    "no key": (lambda _: {}, r"`api_key` is missing: create a secret key"),
    "a short key": (lambda _: {"api_key": "sh0rt"}, r"`api_key` is shorter than 8 characters: paste"),
    "a config that isn't JSON": (World.broken_file, r"configuration file isn't valid JSON \(line \d\)"),
    "a config file that isn't there": (
        lambda world: world.folder / "nowhere.json",
        r"configuration file can't be read: No such file",
    ),
}


@pytest.fixture(scope="module")
def world(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(account, stack, tmp_path_factory.mktemp("check"))


@pytest.fixture(scope="module")
def check(platform: Platform, world: World) -> Callable[[str], Seen]:
    """Runs a case, once."""
    done: dict[str, Seen] = {}

    def run(case: str) -> Seen:
        if case not in done:
            before = world.account.summary()
            done[case] = platform.check(CASES[case][0](world))
            world.asked[case] = world.account.requests(before["requests"]["total"])
            assert world.account.summary()["objects"] == before["objects"]
        return done[case]

    return run


@pytest.mark.parametrize("case", CASES)
def test_given_a_connection_when_checked_then_one_status_says_what_to_do(
    check: Callable[[str], Seen], case: str
) -> None:
    seen = check(case)
    assert (seen.exit_code, seen.errors, seen.noise, seen.stderr) == (0, [], [], "")
    (status,) = seen.statuses
    expected = CASES[case][1]
    if expected:
        assert status["status"] == "FAILED"
        assert re.search(expected, status["message"])
    else:
        assert status == {"status": "SUCCEEDED"}
    seen.forbidden = (KEY, "sh0rt")
    assert list(broken_by_words(seen)) == []


def test_given_different_mistakes_when_checked_then_no_two_messages_are_the_same(
    check: Callable[[str], Seen],
) -> None:
    # Hosts and ports apart: they tell nothing about the mistake.
    messages = [
        re.sub(r"127\.0\.0\.1|localhost|:\d+", "", check(case).statuses[0]["message"])
        for case, (_, expected) in CASES.items()
        if expected
    ]
    assert len(set(messages)) == len(messages)


def test_given_kinds_of_objects_without_a_route_when_checked_then_they_are_warned_of_and_it_works(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: as_fincome(call, "") if "notes" not in call.path else NO_SUCH_ROUTE
    (status,) = platform.check(fincome.config()).statuses
    assert status["status"] == "SUCCEEDED"
    assert status["message"].startswith("WARNING: Fincome has no route /clients, so customers can't be synced")
    assert "entities: {credit_notes: {absent: true}}" in status["message"]


@pytest.mark.parametrize("case", ["the sandbox", "a wrong key"])
def test_given_an_account_when_checked_then_it_is_only_read(
    check: Callable[[str], Seen], world: World, case: str
) -> None:
    check(case)
    assert {one["verb"] for one in world.asked[case]} == {"GET"}


def test_given_any_server_when_checked_then_it_is_only_asked(check: Callable[[str], Seen], world: World) -> None:
    for case in CASES:
        check(case)
    assert world.servers["unencrypted"].calls == []
    assert {call.verb for server in world.servers.values() for call in server.calls} == {"GET"}
    assert all(len(server.calls) <= 15 for server in world.servers.values())


def test_what_the_mapping_never_gives_is_told_by_a_connection_test(platform: Platform, account: Account) -> None:
    fields = [{"field": "id", "expression": "no"}, {"field": "date", "expression": "day"}]
    own = [{"stream": "bills", "entity": "invoices", "fields": fields}]
    seen = platform.check(account.config(streams=own))
    (status,) = seen.statuses
    assert status["status"] == "SUCCEEDED"
    assert "Mapping: stream bills never gives customer_id, status, currency, amount, " in status["message"]
