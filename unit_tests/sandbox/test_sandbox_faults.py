"""Each fault as a client meets it. Nothing sleeps: times are lower bounds, and the seed foretells what is drawn."""

from __future__ import annotations

import json
import random
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from email.utils import parsedate_to_datetime
from importlib.util import find_spec

import pytest
import requests
from typer.testing import CliRunner

from fincome_sandbox.active_faults import Plan
from fincome_sandbox.faults import OPTIONS, Faults, FaultsError
from fincome_sandbox.rate_limit import RateLimit, WindowLimit
from fincome_sandbox.visibility import VisibilityLag
from fincome_tools import cli
from unit_tests.fork_server import FINCOME, ForkServer
from unit_tests.sandbox.processes import COMMAND, Sandbox, running

MINUTE_MS = 60_000
# The event loops that the server may run on here: it takes uvloop where that is installed.
LOOPS = {"asyncio": "unit_tests.sandbox.on_asyncio"} | ({"uvloop": FINCOME} if find_spec("uvloop") else {})
INVOICE = {"customer_id": "nobody", "date": "2026-01-01", "status": "paid", "currency": "EUR", "amount": 1}


class Faulty:
    """A sandbox whose faults a test chooses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._before: dict[str, int] = {}

    def set(self, **faults: object) -> None:
        answer = self.put(faults)
        assert answer.status_code == 200, answer.text
        self._before = self._counts()

    def put(self, body: object) -> requests.Response:
        return requests.put(f"{self.sandbox.root}/_sandbox/faults", json=body, timeout=10)

    def now(self) -> object:
        return self.sandbox.control("faults")

    def struck(self) -> dict[str, int]:
        """How often which faults struck since they were set."""
        return {name: count for name, total in self._counts().items() if (count := total - self._before.get(name, 0))}

    def _counts(self) -> dict[str, int]:
        return self.sandbox.control("summary")["faults"]

    def new_id(self) -> str:
        return uuid.uuid4().hex

    def post(self, id_: str | None = None) -> requests.Response:
        """Create a customer."""
        return self.sandbox.post("/clients", {"id": id_ or self.new_id(), "name": "Ada"})

    def statuses(self, count: int) -> list[int]:
        return [self.post().status_code for _ in range(count)]

    def has(self, id_: str) -> bool:
        """Whether the customer is stored, asked beside the API."""
        return any(one["id"] == id_ for one in self.sandbox.control("objects/customers?limit=100000")["objects"])

    def logged(self) -> list[int]:
        return [one["status"] for one in self.sandbox.control("requests?limit=100000")]

    @contextmanager
    def sent(self, id_: str) -> Iterator[socket.socket]:
        """Send a request to create a customer; its answer is not read."""
        host, port = self.sandbox.root.removeprefix("http://").split(":")
        body = json.dumps({"id": id_, "name": "Ada"}).encode()
        head = f"POST /product/clients HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: {self.sandbox.api_key}\r\n"
        with closing(socket.create_connection((host, int(port)), timeout=10)) as connection:
            connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            yield connection


@pytest.fixture(scope="module", params=LOOPS.values(), ids=LOOPS)
def both(request: pytest.FixtureRequest, fincome_command: ForkServer) -> Iterator[Faulty]:
    with running(fincome_command, *COMMAND, module=request.param) as started:
        yield Faulty(started)


@pytest.fixture
def any_loop(both: Faulty) -> Iterator[Faulty]:
    """For what concerns connections: on either event loop that the server may run on."""
    yield both
    both.set()


@pytest.fixture
def faulty(fresh: Sandbox) -> Iterator[Faulty]:
    one = Faulty(fresh)
    yield one
    one.set()


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end


def drawn(seed: int, name: str, rate: float, count: int) -> list[bool]:
    source = random.Random(f"{seed}:{name}")
    return [source.random() < rate for _ in range(count)]


# The options


def test_without_faults_all_is_as_ever(faulty: Faulty) -> None:
    assert faulty.now() == {
        "latency_ms": 0,
        "latency_jitter_ms": 0,
        "rate_limit": None,
        "rate_window_seconds": None,
        "burst_seconds": None,
        "burst_every_seconds": None,
        "retry_after_form": "seconds",
        "error_rate": 0,
        "unavailable_rate": 0,
        "gateway_rate": 0,
        "gateway_form": "502",
        "lost_answer_rate": 0,
        "reset_rate": 0,
        "truncate_rate": 0,
        "hang_rate": 0,
        "drip_rate": 0,
        "interim_rate": 0,
        "visibility_lag_ms": 0,
        "dead_key_after": None,
        "unknown_reference_form": "422",
        "exists_form": "409",
        "missing_form": "404",
        "name_form": "words",
        "key_form": "401",
        "id_type": "text",
        "poison_id": None,
        "poison_form": "500",
        "dropped_fields": None,
        "rounded_fields": None,
        "altered_fields": None,
        "altered_form": "hundredth",
        "refused_nulls": None,
        "ignored_posts": None,
        "ignored_updates": None,
        "lost_creates": None,
        "update_creates": None,
        "unchecked_references": None,
        "known_properties": None,
        "uncreatable": None,
        "update_verb": "contract",
        "verb_form": "405",
        "id_in_updates": "taken",
        "slash_form": "contract",
        "unreadable": None,
        "unreadable_form": "405",
        "id_routing": "whole",
        "answer_form": "object",
        "fault_seed": 0,
    }
    assert faulty.statuses(3) == [201, 201, 201]
    assert faulty.struck() == {}


def test_faults_change_while_it_runs_and_what_isnt_named_ends(faulty: Faulty) -> None:
    none = faulty.now()
    answer = faulty.put({"error_rate": 1, "exists_form": 400})
    assert (answer.status_code, answer.json()) == (200, {**none, "error_rate": 1, "exists_form": "400"})
    assert faulty.now() == answer.json()
    assert faulty.post().status_code == 500
    assert faulty.put({"latency_ms": 0.5, "rate_limit": None}).json() == {**none, "latency_ms": 0.5}
    assert faulty.put({}).json() == none
    assert faulty.post().status_code == 201


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"error_rat": 1}, ["error_rat"]),
        ({"error-rate": 1}, ["error-rate"]),
        ({"error_rate": 1.01}, ["error_rate"]),
        ({"error_rate": -0.01, "hang_rate": "1", "nothing": 1}, ["nothing", "error_rate", "hang_rate"]),
        ({"error_rate": True}, ["error_rate"]),
        ({"error_rate": None}, ["error_rate"]),
        ({"latency_ms": -1}, ["latency_ms"]),
        ({"latency_ms": 3_600_001}, ["latency_ms"]),
        ({"latency_jitter_ms": 1e400}, [None]),
        ({"rate_limit": 0}, ["rate_limit"]),
        ({"dead_key_after": -1}, ["dead_key_after"]),
        ({"dead_key_after": 1.5}, ["dead_key_after"]),
        ({"fault_seed": "1"}, ["fault_seed"]),
        ({"retry_after_form": "minutes"}, ["retry_after_form"]),
        ({"retry_after_form": None}, ["retry_after_form"]),
        ({"unknown_reference_form": 410}, ["unknown_reference_form"]),
        ({"exists_form": 404}, ["exists_form"]),
        ({"dropped_fields": "amount"}, ["dropped_fields"]),
        ({"unreadable": "plans, invoices"}, ["unreadable"]),
        ({"ignored_posts": ""}, ["ignored_posts"]),
        ({"poison_id": 5}, ["poison_id"]),
        ([], [None]),
        (None, [None]),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    faulty: Faulty, body: object, names: list[str | None]
) -> None:
    faulty.set(latency_ms=1)
    before = faulty.now()
    text = json.dumps(body)  # 1e400 becomes Infinity, which is no JSON
    answer = requests.put(f"{faulty.sandbox.root}/_sandbox/faults", data=text, timeout=10)
    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["detail"]] == [["body", name] if name else ["body"] for name in names]
    assert faulty.now() == before


def test_not_a_number_is_in_no_range() -> None:
    with pytest.raises(FaultsError, match=r"^latency_ms: Input should be from 0 to "):
        Faults(latency_ms=float("nan"))


def test_the_command_line_has_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "latency_ms": 1.5,
        "latency_jitter_ms": 2.0,
        "rate_limit": 0.5,
        "rate_window_seconds": 15.0,
        "burst_seconds": 5.0,
        "burst_every_seconds": 60.0,
        "retry_after_form": "date",
        "error_rate": 0.1,
        "unavailable_rate": 0.2,
        "gateway_rate": 0.3,
        "gateway_form": "404-json",
        "lost_answer_rate": 0.3,
        "reset_rate": 0.4,
        "truncate_rate": 0.5,
        "hang_rate": 0.6,
        "drip_rate": 0.7,
        "interim_rate": 0.8,
        "visibility_lag_ms": 7.0,
        "dead_key_after": 0,
        "unknown_reference_form": "404",
        "exists_form": "400",
        "missing_form": "204",
        "name_form": "snake",
        "key_form": "422",
        "id_type": "integer",
        "poison_id": "FA/2026/001",
        "poison_form": "403",
        "dropped_fields": "plans.amount,credit_notes.lines",
        "rounded_fields": "plans.amount",
        "altered_fields": "invoices.date,invoices.due_date",
        "altered_form": "day-only",
        "refused_nulls": "invoices.due_date",
        "ignored_posts": "invoices",
        "ignored_updates": "invoices,plans",
        "lost_creates": "invoices",
        "update_creates": "customers",
        "unchecked_references": "invoices",
        "known_properties": "segment,nps",
        "uncreatable": "customers",
        "update_verb": "PUT",
        "verb_form": "404",
        "id_in_updates": "refused",
        "slash_form": "redirect",
        "unreadable": "plans",
        "unreadable_form": "404",
        "id_routing": "plain",
        "answer_form": "empty",
        "fault_seed": -3,
    }
    assert list(given) == list(OPTIONS)
    arguments = [text for name, value in given.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    from fincome_sandbox import server  # here: for one of the tests' processes only

    served: list[Faults] = []

    def serve(*_: object, ready: Callable[[server.Ready], None], faults: Faults, **__: object) -> None:
        served.append(faults)
        ready(server.Ready("http://127.0.0.1:1", is_loopback=True, page_url="http://127.0.0.1:1/page"))

    monkeypatch.setattr(server, "serve", serve)
    ended = CliRunner().invoke(cli.app, ["sandbox", *arguments])
    assert [one.as_json() for one in served] == [given]
    assert ended.output.splitlines()[-1].startswith("Faults: latency_ms=1.5 latency_jitter_ms=2.0 rate_limit=0.5 ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--error-rate", "1.1"),
        ("--latency-ms", "nan"),
        ("--rate-limit", "0"),
        ("--dead-key-after", "-1"),
        ("--retry-after-form", "minutes"),
        ("--exists-form", "404"),
        ("--rounded-fields", "amount"),
    ],
)
def test_the_command_line_refuses_what_makes_no_sense(arguments: tuple[str, str]) -> None:
    ended = CliRunner().invoke(cli.app, ["sandbox", "--port", "0", *arguments])
    assert ended.exit_code == 2
    assert arguments[0] in ended.output


# Time


def test_each_answer_takes_the_latency(faulty: Faulty) -> None:
    faulty.set(latency_ms=120, error_rate=0.5, fault_seed=1)

    def timed(_: int) -> float:
        started = time.monotonic()
        requests.get(f"{faulty.sandbox.base_url}/nowhere", timeout=10)
        return time.monotonic() - started

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(timed, range(16))) >= 0.12
    assert faulty.struck() == {"latency_ms": 16, "error_rate": sum(drawn(1, "error_rate", 0.5, 16))}


def test_a_slow_answer_keeps_no_other_waiting_and_its_write_has_happened(faulty: Faulty) -> None:
    slow = faulty.new_id()
    faulty.set(latency_ms=MINUTE_MS)
    with faulty.sent(slow) as connection:
        until(lambda: faulty.has(slow))
        faulty.set()
        assert faulty.post().status_code == 201
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    until(lambda: faulty.logged()[-1] == 0)  # the client gave up: nothing was sent


def test_jitter_is_drawn_from_the_seed(faulty: Faulty) -> None:
    faulty.set(latency_ms=5, latency_jitter_ms=60, fault_seed=3)
    source = random.Random("3:latency_jitter_ms")
    for delay in [0.005 + source.uniform(0, 60) / 1000 for _ in range(6)]:
        started = time.monotonic()
        assert faulty.post().status_code == 201
        assert time.monotonic() - started >= delay
    assert faulty.struck() == {"latency_ms": 6, "latency_jitter_ms": 6}


# The rate limit


@pytest.mark.parametrize(
    ("rate", "arrivals", "waits"),
    [
        # A bucket of one: refused requests take nothing, however many there are.
        (2, [0, 0, 0.25, 0.5, 0.5, 1.0], [0, 0.5, 0.25, 0, 0.5, 0]),
        (0.5, [0, 1, 1.5, 2, 3], [0, 1, 0.5, 0, 1]),
        # A tenth of the rate at once, then as they refill; a rest fills the bucket no further.
        (40, [0, 0, 0, 0, 0, 0.025, 0.025], [0, 0, 0, 0, 0.025, 0, 0.025]),
        (40, [60, 60, 60, 60, 60], [0, 0, 0, 0, 0.025]),
        (25, [0, 0, 0], [0, 0, 0.02]),
    ],
)
def test_the_limit_counts_what_passes(rate: float, arrivals: list[float], waits: list[float]) -> None:
    limit = RateLimit(rate, now=0)
    assert [limit.wait(at) for at in arrivals] == pytest.approx(waits)


@pytest.mark.parametrize(
    ("rate", "seconds", "arrivals", "waits"),
    [
        # All of a window at once; what comes then waits for the next one, however long ago the first one was.
        (2, 5, [0] * 11 + [4.5, 5, 5.5], [0] * 10 + [5, 0.5, 0, 0]),
        (1, 2, [3, 3.5, 3.9, 4], [0, 0, 0.1, 0]),
        # At least one in each.
        (0.1, 2, [0, 1, 2], [0, 1, 0]),
    ],
)
def test_given_fixed_windows_when_requests_come_then_each_lets_its_number_pass(
    rate: float, seconds: float, arrivals: list[float], waits: list[float]
) -> None:
    limit = WindowLimit(rate, seconds, now=0)
    assert [limit.wait(at) for at in arrivals] == pytest.approx(waits)


def test_given_fixed_windows_when_one_is_used_up_then_the_rest_gets_429(faulty: Faulty) -> None:
    faulty.set(rate_limit=0.01, rate_window_seconds=300)
    assert faulty.statuses(5) == [201, 201, 201, 429, 429]
    answer = faulty.post()
    assert 290 < int(answer.headers["Retry-After"]) <= 300


def test_what_is_above_the_limit_gets_429(faulty: Faulty) -> None:
    faulty.set(rate_limit=20)
    started = time.monotonic()
    statuses = faulty.statuses(40)
    passed = statuses.count(201)
    assert 2 <= passed <= 2 + 20 * (time.monotonic() - started)
    assert faulty.struck().get("rate_limit", 0) == statuses.count(429) == 40 - passed


def test_refused_requests_dont_keep_the_limit_from_recovering(faulty: Faulty) -> None:
    faulty.set(rate_limit=5)
    started = time.monotonic()
    for _ in range(3):
        until(lambda: faulty.post().status_code == 201)
    assert time.monotonic() - started >= 2 / 5
    assert faulty.struck()["rate_limit"] >= 1


def test_a_limit_counts_every_answer_but_429(faulty: Faulty) -> None:
    faulty.set(rate_limit=0.01)
    assert faulty.sandbox.get("/nowhere").status_code == 404
    assert faulty.statuses(2) == [429, 429]
    faulty.set(rate_limit=0.01, error_rate=1)
    assert faulty.statuses(2) == [500, 429]


def test_a_429_says_when_to_come_back(faulty: Faulty) -> None:
    def refused(**form: object) -> requests.Response:
        faulty.set(rate_limit=0.1, **form)
        first, second = faulty.post(), faulty.post()
        assert (first.status_code, second.status_code) == (201, 429)
        assert second.json() == {"detail": "Too many requests"}
        return second

    assert refused().headers["Retry-After"] in {"9", "10"}
    assert refused(retry_after_form="seconds").headers["Retry-After"] in {"9", "10"}
    before = time.time()
    at = parsedate_to_datetime(refused(retry_after_form="date").headers["Retry-After"])
    assert before + 9 <= at.timestamp() <= time.time() + 11
    assert at.tzinfo is not None
    assert "Retry-After" not in refused(retry_after_form="none").headers
    odd = {form: refused(retry_after_form=form).headers["Retry-After"] for form in ("zero", "negative", "past", "nan")}
    assert odd == {"zero": "0", "negative": "-5", "past": "Thu, 01 Jan 1970 00:00:00 GMT", "nan": "nan"}
    assert int(refused(retry_after_form="centuries").headers["Retry-After"]) > 100 * 365 * 86400


def test_a_burst_lasts_its_time_and_comes_again() -> None:
    plan = Plan(Faults(burst_seconds=5, burst_every_seconds=60), now=100)
    fates = {at: plan.next_fate(at) for at in (100, 104, 105, 159, 160, 164.5, 165)}
    assert [at for at, fate in fates.items() if fate.fault == "burst_seconds"] == [100, 104, 160, 164.5]
    assert fates[160].wait == 5
    once = Plan(Faults(burst_seconds=5), now=100)
    assert [once.next_fate(at).fault for at in (104, 106, 1000)] == ["burst_seconds", None, None]


def test_in_a_burst_all_get_429(faulty: Faulty) -> None:
    faulty.set(burst_seconds=60)
    assert faulty.statuses(3) == [429] * 3
    assert faulty.struck() == {"burst_seconds": 3}


# Answers instead of the account's


def test_an_error_is_a_page_and_nothing_is_written(faulty: Faulty) -> None:
    faulty.set(error_rate=1)
    customer = faulty.new_id()
    answer = faulty.post(customer)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "<html>" in answer.text
    assert not faulty.has(customer)
    assert faulty.logged()[-1] == 500
    assert faulty.struck() == {"error_rate": 1}


def test_unavailable_says_when_to_come_back_and_nothing_is_written(faulty: Faulty) -> None:
    faulty.set(unavailable_rate=1)
    customer = faulty.new_id()
    answer = faulty.post(customer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert not faulty.has(customer)
    assert faulty.struck() == {"unavailable_rate": 1}


@pytest.mark.parametrize(
    ("form", "status", "content"),
    [
        ("502", 502, "<html>"),
        ("403", 403, "<h1>403 Forbidden</h1>"),
        ("404", 404, "<h1>404 Not Found</h1>"),
        ("421", 421, "<html>"),
        ("520", 520, "<html>"),
        ("403-json", 403, '{"message":"Forbidden"}'),
        ("404-json", 404, '{"message":"Forbidden"}'),
        ("527", 527, "<html>"),
        ("404-text", 404, "404 page not found"),
        ("423-detail", 423, '{"detail":"Locked'),
    ],
)
def test_given_a_gateway_when_it_answers_then_that_is_nothing_of_the_account(
    faulty: Faulty, form: str, status: int, content: str
) -> None:
    faulty.set(gateway_rate=1, gateway_form=form)
    customer = faulty.new_id()
    answer = faulty.post(customer)
    assert (answer.status_code, content in answer.text) == (status, True)
    assert not faulty.has(customer)
    assert faulty.struck() == {"gateway_rate": 1}


@pytest.mark.parametrize(("name", "status"), [("error_rate", 500), ("unavailable_rate", 503)])
def test_the_seed_foretells_who_is_struck(faulty: Faulty, name: str, status: int) -> None:
    seen = []
    for seed in (7, 7, 8):
        faulty.set(**{name: 0.4, "fault_seed": seed})
        seen.append(faulty.statuses(30))
        assert seen[-1] == [status if struck else 201 for struck in drawn(seed, name, 0.4, 30)]
        assert faulty.struck() == {name: seen[-1].count(status)}
    assert seen[0] == seen[1] != seen[2]


def test_a_dead_key_is_refused_for_good(faulty: Faulty) -> None:
    faulty.set(dead_key_after=3)
    assert faulty.sandbox.get("/nowhere").status_code == 404
    assert faulty.statuses(4) == [201, 201, 401, 401]
    assert faulty.post().json() == {"detail": "Invalid API key"}
    assert faulty.struck() == {"dead_key_after": 3}
    faulty.set(dead_key_after=0)
    assert faulty.post().status_code == 401


def test_one_rate_doesnt_change_the_draws_of_another() -> None:
    def struck(**others: float) -> list[bool]:
        plan = Plan(Faults(error_rate=0.3, latency_jitter_ms=5, fault_seed=2, **others), now=0)
        return [plan.next_fate(0).fault == "error_rate" for _ in range(50)]

    assert struck() == struck(truncate_rate=0.5, lost_answer_rate=1) == drawn(2, "error_rate", 0.3, 50)


def test_what_applies_first() -> None:
    rates = ["reset_rate", "hang_rate", "unavailable_rate", "error_rate", "lost_answer_rate", "truncate_rate"]
    seen = [
        Plan(Faults(**dict.fromkeys(rates[start:], 1.0), dead_key_after=0 if start < 4 else None), 0).next_fate(0).fault
        for start in range(6)
    ]
    assert seen == [
        "reset_rate",
        "hang_rate",
        "unavailable_rate",
        "dead_key_after",
        "lost_answer_rate",
        "truncate_rate",
    ]
    limited = Plan(Faults(rate_limit=1, reset_rate=1.0), 0)
    assert [limited.next_fate(0).fault for _ in range(2)] == ["reset_rate", "rate_limit"]


# Connections


def test_an_answer_is_lost_after_the_write(any_loop: Faulty) -> None:
    any_loop.set(lost_answer_rate=1)
    customer = any_loop.new_id()
    with any_loop.sent(customer) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert any_loop.has(customer)
    assert any_loop.logged()[-1] == 0
    assert any_loop.struck() == {"lost_answer_rate": 1}


def test_a_reset_comes_before_anything_happens(any_loop: Faulty) -> None:
    any_loop.set(reset_rate=1)
    customer = any_loop.new_id()
    with any_loop.sent(customer) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert not any_loop.has(customer)
    assert any_loop.logged()[-1] == 0
    assert any_loop.struck() == {"reset_rate": 1}


def test_requests_sees_a_broken_connection_and_the_next_one_works(any_loop: Faulty) -> None:
    any_loop.set(reset_rate=0.5, fault_seed=4)
    for struck in drawn(4, "reset_rate", 0.5, 12):
        with pytest.raises(requests.ConnectionError) if struck else nullcontext():
            assert requests.get(f"{any_loop.sandbox.base_url}/nowhere", timeout=10).status_code == 404


def test_an_answer_is_cut_after_the_write(any_loop: Faulty) -> None:
    any_loop.set(truncate_rate=1)
    customer = any_loop.new_id()
    with any_loop.sent(customer) as connection:
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    whole = json.dumps({"id": customer, "name": "Ada"}).encode()
    assert head.startswith(b"HTTP/1.1 201 ")
    assert f"content-length: {len(whole)}".encode() in head.split(b"\r\n")
    assert 0 < len(body) < len(whole)
    assert whole.startswith(body)
    assert any_loop.has(customer)
    assert any_loop.logged()[-1] == 201
    assert any_loop.struck() == {"truncate_rate": 1}
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        any_loop.sandbox.get(f"/clients/{customer}")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        any_loop.sandbox.patch(f"/clients/{customer}", {"name": "Eve"})


def test_only_good_answers_are_cut(faulty: Faulty) -> None:
    faulty.set(truncate_rate=1)
    assert faulty.sandbox.get("/clients/nobody").json() == {"detail": "Customer not found"}
    assert faulty.struck() == {}


def test_given_an_interim_answer_when_read_then_the_real_one_comes_after_it(any_loop: Faulty) -> None:
    any_loop.set(interim_rate=1)
    customer = any_loop.new_id()
    with any_loop.sent(customer) as connection:
        lines = connection.makefile("rb")
        assert lines.readline() == b"HTTP/1.1 103 Early Hints\r\n"
        while lines.readline() != b"\r\n":
            pass
        assert lines.readline() == b"HTTP/1.1 201 Created\r\n"
    assert any_loop.has(customer)
    assert any_loop.struck() == {"interim_rate": 1}


def test_given_a_dripping_answer_when_read_then_it_comes_byte_by_byte(any_loop: Faulty) -> None:
    any_loop.set(drip_rate=1)
    customer = any_loop.new_id()
    started = time.monotonic()
    with any_loop.sent(customer) as connection:
        body = connection.recv(65536).partition(b"\r\n\r\n")[2]
        while len(body) < 2:
            body += connection.recv(65536)
    assert body == b'{"'
    assert time.monotonic() - started >= 2
    assert any_loop.has(customer)
    any_loop.set()
    assert any_loop.post().status_code == 201


def test_a_hanging_request_is_read_and_never_answered(any_loop: Faulty) -> None:
    any_loop.set(hang_rate=1)
    customer = any_loop.new_id()
    with any_loop.sent(customer) as connection:
        until(lambda: any_loop.struck() == {"hang_rate": 1})
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert any_loop.logged()[-1] == 0
    assert not any_loop.has(customer)
    any_loop.set()
    assert any_loop.post(customer).status_code == 201


@pytest.mark.parametrize("module", LOOPS.values(), ids=LOOPS)
def test_neither_a_hanging_nor_a_slow_request_delays_the_end(fincome_command: ForkServer, module: str) -> None:
    with running(fincome_command, *COMMAND, "--hang-rate", "1", module=module) as started:
        faulty = Faulty(started)
        slow = faulty.new_id()
        with faulty.sent("hangs") as hanging:
            until(lambda: faulty.struck() == {"hang_rate": 1})
            faulty.set(latency_ms=MINUTE_MS)
            with faulty.sent(slow) as waiting:
                until(lambda: faulty.has(slow))
                started.process.terminate()
                assert b" 201 " in read_all(waiting)
                with pytest.raises(ConnectionResetError):
                    hanging.recv(1)
        _, errors = started.process.communicate(timeout=10)
    assert (started.process.returncode, errors) == (0, b"")


# What the account says


def test_a_new_object_is_hidden_for_the_lag(faulty: Faulty) -> None:
    faulty.set(visibility_lag_ms=MINUTE_MS)
    parent, invoice = faulty.new_id(), {**INVOICE, "id": faulty.new_id()}
    assert faulty.post(parent).status_code == 201
    hidden = faulty.sandbox.get(f"/clients/{parent}")
    assert (hidden.status_code, hidden.json()) == (404, {"detail": "Customer not found"})
    refused = faulty.sandbox.post("/invoices", {**invoice, "customer_id": parent})
    assert refused.status_code == 422
    assert refused.json()["detail"] == [
        {"loc": ["body", "customer_id"], "msg": "Customer not found", "type": "reference_not_found"}
    ]
    assert faulty.has(parent)
    assert faulty.post(parent).status_code == 202  # its id is taken
    assert faulty.sandbox.patch(f"/clients/{parent}", {"name": "Eve"}).status_code == 202
    assert faulty.struck() == {"visibility_lag_ms": 2}
    faulty.set()
    assert faulty.sandbox.post("/invoices", {**invoice, "customer_id": parent}).status_code == 201
    assert faulty.sandbox.get(f"/clients/{parent}").json()["name"] == "Eve"


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
@pytest.mark.parametrize("name", ["Ada", "Eve"])
def test_an_updated_object_is_hidden_again(faulty: Faulty, verb: str, name: str) -> None:
    customer = faulty.new_id()
    faulty.post(customer)
    faulty.set(visibility_lag_ms=MINUTE_MS)
    assert faulty.sandbox.get(f"/clients/{customer}").status_code == 200
    path = "/clients" if verb == "POST" else f"/clients/{customer}"
    assert faulty.sandbox.call(verb, path, {"id": customer, "name": name}).status_code == 202
    assert faulty.sandbox.get(f"/clients/{customer}").status_code == 404


def test_what_was_hidden_is_seen_after_the_lag(faulty: Faulty) -> None:
    faulty.set(visibility_lag_ms=250)
    customer = faulty.new_id()
    started = time.monotonic()
    assert faulty.post(customer).status_code == 201
    until(lambda: faulty.sandbox.get(f"/clients/{customer}").status_code == 200)
    assert time.monotonic() - started >= 0.25


def test_faults_set_anew_hide_nothing_of_before(faulty: Faulty) -> None:
    customer = faulty.new_id()
    for _ in range(2):
        faulty.set(visibility_lag_ms=MINUTE_MS)
        assert faulty.sandbox.get(f"/clients/{customer}").status_code == (200 if faulty.has(customer) else 404)
        faulty.post(customer)
        assert faulty.sandbox.get(f"/clients/{customer}").status_code == 404


def test_a_lag_forgets_what_can_be_seen() -> None:
    lag = VisibilityLag(10)
    for now in range(100):
        lag.written("customers", f"c{now}", now)
        lag.written("customers", "often", now)
    assert [lag.hides("customers", f"c{number}", 99) for number in (89, 90, 99)] == [False, True, True]
    assert (lag.hides("customers", "often", 108), lag.hides("invoices", "often", 108)) == (True, False)
    assert len(lag) == 11


@pytest.mark.parametrize("form", ["404", "409", "400"])
def test_an_unknown_reference_in_other_forms(faulty: Faulty, form: str) -> None:
    faulty.set(unknown_reference_form=form)
    invoice = {**INVOICE, "id": faulty.new_id()}
    answer = faulty.sandbox.post("/invoices", {**invoice, "subscription_id": "nothing"})
    assert (answer.status_code, answer.json()) == (int(form), {"detail": "Customer not found"})
    # What is wrong besides is said first, in the usual form.
    answer = faulty.sandbox.post("/invoices", {**invoice, "status": "void"})
    assert answer.status_code == 422
    assert [one["loc"][-1] for one in answer.json()["detail"]] == ["status"]
    customer = faulty.new_id()
    faulty.post(customer)
    answer = faulty.sandbox.patch(f"/clients/{customer}", {"root_parent_id": "nobody"})
    assert (answer.status_code, answer.json()) == (int(form), {"detail": "Customer not found"})
    assert faulty.struck() == {"unknown_reference_form": 2}
    assert faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer}).status_code == 201


def test_a_taken_id_in_other_forms(faulty: Faulty) -> None:
    customer, invoice = faulty.new_id(), {**INVOICE, "id": faulty.new_id()}
    faulty.post(customer)
    detail = "Invoice with this id already exists"
    as_list = [{"loc": ["body", "id"], "msg": detail, "type": "already_exists"}]
    assert faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer}).status_code == 201
    for form, expected in (("409", detail), ("422", as_list), ("400", detail)):
        faulty.set(exists_form=form)
        answer = faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer})
        assert (answer.status_code, answer.json()) == (int(form), {"detail": expected})
        assert faulty.struck() == ({} if form == "409" else {"exists_form": 1})


def test_given_words_that_nobody_knows_when_something_is_refused_then_they_are_said(faulty: Faulty) -> None:
    customer, invoice = faulty.new_id(), {**INVOICE, "id": faulty.new_id()}
    faulty.post(customer)
    assert faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer}).status_code == 201
    for form, status in (("unknown", 422), ("500", 500)):
        faulty.set(exists_form=form)
        answer = faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer})
        assert answer.status_code == status
    faulty.set(unknown_reference_form="unknown")
    answer = faulty.sandbox.post("/invoices", {**INVOICE, "id": faulty.new_id()})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Integrity error"})


def test_given_french_words_when_something_is_refused_then_they_are_said(faulty: Faulty) -> None:
    customer, invoice = faulty.new_id(), {**INVOICE, "id": faulty.new_id()}
    faulty.post(customer)
    assert faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer}).status_code == 201
    faulty.set(exists_form="french", unknown_reference_form="french")
    taken = faulty.sandbox.post("/invoices", {**invoice, "customer_id": customer})
    assert (taken.status_code, taken.json()) == (422, {"detail": "Cet identifiant existe déjà"})
    unknown = faulty.sandbox.post("/invoices", {**INVOICE, "id": faulty.new_id()})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Client introuvable"})
    faulty.set(unknown_reference_form="404-bare")
    bare = faulty.sandbox.post("/invoices", {**INVOICE, "id": faulty.new_id()})
    assert (bare.status_code, bare.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    ("form", "status", "content"),
    [
        ("404", 404, '{"detail": "Customer not found"}'),
        ("404-bare", 404, '{"detail":"Not Found"}'),
        ("400", 400, '{"detail": "Customer not found"}'),
        ("422", 422, '{"detail": "Customer not found"}'),
        ("500", 500, '{"detail": "Customer not found"}'),
        ("null", 200, "null"),
        ("list", 200, "[]"),
        ("204", 204, ""),
    ],
)
def test_given_a_form_of_nothing_when_asked_for_it_then_it_is_answered_so(
    faulty: Faulty, form: str, status: int, content: str
) -> None:
    faulty.set(missing_form=form)
    answer = faulty.sandbox.get("/clients/nobody")
    assert (answer.status_code, answer.text) == (status, content)
    assert faulty.sandbox.patch("/clients/nobody", {"name": "Eve"}).status_code == 404


@pytest.mark.parametrize(("form", "name"), [("snake", "invoice_line"), ("camel", "InvoiceLine")])
def test_given_another_way_of_naming_when_an_object_is_missing_then_it_is_called_so(
    faulty: Faulty, form: str, name: str
) -> None:
    faulty.set(name_form=form)
    for answer in (faulty.sandbox.get("/invoice_lines/no"), faulty.sandbox.patch("/invoice_lines/no", {})):
        assert answer.json() == {"detail": f"{name} not found"}


def test_given_a_form_of_refusing_keys_when_one_is_wrong_or_missing_then_it_is_used(faulty: Faulty) -> None:
    def asked(**headers: str) -> requests.Response:
        return requests.get(f"{faulty.sandbox.base_url}/clients/no", headers=headers, timeout=10)

    faulty.set(key_form="403")
    assert asked(**{"X-API-KEY": "wrong"}).status_code == 403
    faulty.set(key_form="422")
    missing = asked(Authorization="Bearer x")
    assert (missing.status_code, missing.json()["detail"][0]["loc"]) == (422, ["header", "x-api-key"])
    assert asked(**{"X-API-KEY": "wrong"}).status_code == 401
    faulty.set(key_form="query")
    assert asked(**{"X-API-KEY": faulty.sandbox.api_key}).status_code == 401
    in_the_address = requests.get(
        f"{faulty.sandbox.base_url}/clients/no", params={"api_key": faulty.sandbox.api_key}, timeout=10
    )
    assert in_the_address.status_code == 404


def test_given_ids_that_must_be_numbers_when_one_is_a_text_then_it_is_refused(faulty: Faulty) -> None:
    faulty.set(id_type="integer")
    refused = faulty.post("c1")
    assert (refused.status_code, refused.json()["detail"][0]["type"]) == (422, "int_parsing")
    assert faulty.post("1234567").status_code in (201, 202)


# How the API is, where it isn't as the contract says


PLAN = {"name": "Plan", "interval": "month", "interval_count": 1, "amount": 12.5, "currency": "EUR"}


@pytest.fixture
def plan(faulty: Faulty) -> dict[str, object]:
    """A plan that is ready to be created."""
    product = faulty.new_id()
    faulty.sandbox.given(("/products", {"id": product, "name": "Product"}))
    return {**PLAN, "id": faulty.new_id(), "product_id": product}


@pytest.mark.parametrize(
    ("form", "status", "kind"), [("500", 500, "json"), ("403", 403, "html"), ("403-detail", 403, "json")]
)
def test_given_a_poisonous_object_when_it_is_sent_or_asked_for_then_it_always_gets_trouble(
    faulty: Faulty, form: str, status: int, kind: str
) -> None:
    poison = faulty.new_id()
    faulty.set(poison_id=poison, poison_form=form)
    answers = [
        faulty.post(poison),
        faulty.sandbox.patch(f"/clients/{poison}", {"name": "Eve"}),
        faulty.sandbox.get(f"/clients/{poison}"),
    ]
    assert [one.status_code for one in answers] == [status] * 3
    assert all(kind in one.headers["content-type"] for one in answers)
    assert (faulty.has(poison), faulty.post().status_code) == (False, 201)
    assert faulty.struck() == {"poison_id": 3}


def test_given_fields_that_get_lost_when_stored_then_they_are_not_there(
    faulty: Faulty, plan: dict[str, object]
) -> None:
    faulty.set(dropped_fields="plans.currency,plans.name", rounded_fields="plans.amount")
    stored = {**plan, "amount": 12}
    del stored["currency"], stored["name"]
    created = faulty.sandbox.post("/plans", plan)
    assert (created.status_code, created.json()) == (201, stored)
    assert faulty.sandbox.patch(f"/plans/{plan['id']}", {"name": "New", "amount": 7.75}).json() == {
        **stored,
        "amount": 7,
    }
    assert faulty.sandbox.get(f"/plans/{plan['id']}").json()["amount"] == 7


@pytest.mark.parametrize(
    ("form", "amount"), [("hundredth", 0.125), ("hundredfold", 1250), ("negated", -12.5), ("day-only", 12.5)]
)
def test_given_amounts_that_are_altered_when_stored_then_another_one_is_shown(
    faulty: Faulty, plan: dict[str, object], form: str, amount: float
) -> None:
    faulty.set(altered_fields="plans.amount,plans.interval_count", altered_form=form)
    assert faulty.sandbox.post("/plans", {**plan, "amount": 12.5}).json()["amount"] == amount
    assert faulty.sandbox.patch(f"/plans/{plan['id']}", {"name": "New"}).json()["amount"] == amount, "once only"


@pytest.mark.parametrize(
    ("form", "date"), [("day-earlier", "2026-02-28T15:00:00Z"), ("day-only", "2026-03-01"), ("negated", None)]
)
def test_given_dates_that_are_altered_when_stored_then_another_one_is_shown(
    faulty: Faulty, form: str, date: str | None
) -> None:
    customer, one, sent = faulty.new_id(), faulty.new_id(), "2026-03-01T15:00:00Z"
    faulty.post(customer)
    faulty.set(altered_fields="invoices.date", altered_form=form)
    body = {"id": one, "customer_id": customer, "date": sent, "status": "open", "currency": "EUR", "amount": 1}
    assert faulty.sandbox.post("/invoices", body).json()["date"] == (date or sent)


def test_given_nulls_that_are_refused_when_sent_then_the_refusal_names_the_field(faulty: Faulty) -> None:
    customer = faulty.new_id()
    faulty.post(customer)
    faulty.set(refused_nulls="customers.email")
    refused = faulty.sandbox.patch(f"/clients/{customer}", {"email": None, "zip_code": None})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "email"])
    assert faulty.sandbox.patch(f"/clients/{customer}", {"zip_code": None}).status_code == 202
    assert faulty.sandbox.post("/clients", {"id": faulty.new_id(), "name": "Ada", "email": None}).status_code == 422
    assert faulty.struck() == {"refused_nulls": 2}


def test_given_posts_and_updates_that_are_ignored_when_sent_then_nothing_changes(
    faulty: Faulty, plan: dict[str, object]
) -> None:
    faulty.set(ignored_posts="plans", ignored_updates="plans")
    assert faulty.sandbox.post("/plans", plan).status_code == 201
    again = faulty.sandbox.post("/plans", {**plan, "name": "New"})
    update = faulty.sandbox.patch(f"/plans/{plan['id']}", {"name": "New"})
    assert (again.status_code, update.status_code) == (200, 202)
    assert faulty.sandbox.get(f"/plans/{plan['id']}").json() == plan
    # Other kinds are as ever.
    customer = faulty.new_id()
    faulty.post(customer)
    assert faulty.sandbox.patch(f"/clients/{customer}", {"name": "Eve"}).json()["name"] == "Eve"


def test_given_another_verb_of_updates_when_sent_then_only_that_one_works(faulty: Faulty) -> None:
    customer = faulty.new_id()
    faulty.post(customer)
    path = f"/clients/{customer}"
    assert faulty.sandbox.call("PUT", path, {"name": "Eve"}).headers["Allow"] == "PATCH"
    faulty.set(update_verb="PUT")
    refused = faulty.sandbox.patch(path, {"name": "Eve"})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "PUT")
    assert faulty.sandbox.call("PUT", path, {"name": "Eve"}).status_code == 202
    faulty.set(update_verb="none")
    assert [faulty.sandbox.call(verb, path, {}).status_code for verb in ("PUT", "PATCH")] == [405, 405]
    faulty.set(update_verb="PUT", verb_form="404")
    assert faulty.sandbox.patch(path, {"name": "Eve"}).json() == {"detail": "Not Found"}


def test_given_no_create_or_one_that_loses_when_posted_then_nothing_is_there(faulty: Faulty) -> None:
    customer = faulty.new_id()
    faulty.set(uncreatable="customers")
    assert faulty.post(customer).status_code == 405
    assert faulty.sandbox.get("/clients").status_code == 405
    faulty.set(lost_creates="customers")
    assert (faulty.post(customer).status_code, faulty.has(customer)) == (202, False)


def test_given_an_update_that_creates_when_nothing_is_there_then_the_object_is(faulty: Faulty) -> None:
    customer = faulty.new_id()
    assert faulty.sandbox.patch(f"/clients/{customer}", {"email": "a@b.example"}).status_code == 404
    faulty.set(update_creates="customers")
    assert faulty.sandbox.patch(f"/clients/{customer}", {"email": "a@b.example"}).status_code == 202
    assert faulty.sandbox.get(f"/clients/{customer}").json()["email"] == "a@b.example"


def test_given_references_that_nobody_checks_when_they_lead_nowhere_then_the_object_is_taken(faulty: Faulty) -> None:
    line = {"id": faulty.new_id(), "name": "Pro", "product_id": "nowhere", "interval": "month", "interval_count": 1}
    plan = {**line, "amount": 1, "currency": "EUR"}
    assert faulty.sandbox.post("/plans", plan).status_code == 422
    faulty.set(unchecked_references="plans")
    assert faulty.sandbox.post("/plans", plan).status_code == 201
    assert faulty.sandbox.post("/plans", {**plan, "id": faulty.new_id(), "amount": "much"}).status_code == 422


def test_given_properties_that_must_exist_when_one_does_not_then_it_is_named(faulty: Faulty) -> None:
    faulty.set(known_properties="segment,nps")
    customer = {"id": faulty.new_id(), "name": "Ada", "custom_properties": {"nps": 9, "tier": "gold"}}
    refused = faulty.sandbox.post("/clients", customer)
    assert [one["loc"] for one in refused.json()["detail"]] == [["body", "custom_properties", "tier"]]
    del customer["custom_properties"]["tier"]
    assert faulty.sandbox.post("/clients", customer).status_code == 201


def test_given_an_update_that_must_not_have_the_id_when_it_has_it_then_it_is_refused(faulty: Faulty) -> None:
    customer = faulty.new_id()
    faulty.post(customer)
    faulty.set(id_in_updates="refused")
    refused = faulty.sandbox.patch(f"/clients/{customer}", {"id": customer, "name": "Eve"})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "id"])
    assert faulty.sandbox.patch(f"/clients/{customer}", {"name": "Eve"}).status_code == 202


def test_given_collections_with_a_slash_when_asked_without_it_then_they_lead_there(faulty: Faulty) -> None:
    customer = {"id": faulty.new_id(), "name": "Ada"}
    assert faulty.sandbox.post("/clients/", customer).status_code == 404
    faulty.set(slash_form="redirect")
    for verb in ("GET", "POST"):
        led = faulty.sandbox.call(verb, "/clients", customer, allow_redirects=False)
        assert (led.status_code, led.headers["Location"]) == (307, f"{faulty.sandbox.base_url}/clients/")
    assert faulty.sandbox.post("/clients/", customer).status_code == 201
    assert faulty.sandbox.get(f"/clients/{customer['id']}").status_code == 200


@pytest.mark.parametrize("form", ["405", "404", "403"])
def test_given_objects_that_can_not_be_read_when_asked_for_then_there_is_no_such_operation(
    faulty: Faulty, plan: dict[str, object], form: str
) -> None:
    faulty.set(unreadable="plans,invoices", unreadable_form=form)
    faulty.sandbox.given(("/plans", plan))
    answer = faulty.sandbox.get(f"/plans/{plan['id']}")
    words = {"405": "Method Not Allowed", "404": "Not Found", "403": "Forbidden"}[form]
    assert (answer.status_code, answer.json()) == (int(form), {"detail": words})
    customer = faulty.new_id()
    faulty.post(customer)
    assert faulty.sandbox.get(f"/clients/{customer}").status_code == 200


def test_given_plain_routing_when_an_id_has_a_slash_then_it_finds_no_route(faulty: Faulty) -> None:
    customer = f"FA/{faulty.new_id()}"
    quoted = customer.replace("/", "%2F")
    assert faulty.post(customer).status_code == 201
    assert faulty.sandbox.get(f"/clients/{quoted}").status_code == 200
    faulty.set(id_routing="plain")
    for verb in ("GET", "PATCH"):
        answer = faulty.sandbox.call(verb, f"/clients/{quoted}", {"name": "Eve"})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert faulty.post(customer).status_code == 202


@pytest.mark.parametrize(
    ("form", "status", "content"),
    [
        ("envelope", 201, '{"data": {"id": "<id>", "name": "Ada"}}'),
        ("id", 201, '{"id": "<id>"}'),
        ("empty", 204, ""),
        ("error", 200, '{"success": false, "message": "Quota exceeded, nothing was saved"}'),
    ],
)
def test_given_a_form_of_answers_when_something_is_written_then_it_is_answered_so(
    faulty: Faulty, form: str, status: int, content: str
) -> None:
    faulty.set(answer_form=form)
    customer = faulty.new_id()
    answer = faulty.post(customer)
    assert (answer.status_code, answer.text) == (status, content.replace("<id>", customer))
    assert faulty.has(customer) == (form != "error")
    assert faulty.sandbox.get(f"/clients/{customer}").status_code == (404 if form == "error" else 200)
