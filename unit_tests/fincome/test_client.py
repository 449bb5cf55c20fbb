"""The client against a real server on a real socket, its answers scripted."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from msgspec import structs
from pytest_httpserver import HTTPServer, RequestMatcher
from werkzeug import Request as Received
from werkzeug import Response

from destination_fincome.fincome.answers import Experience, Kind
from destination_fincome.fincome.client import NOBODY, FincomeClient
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Access, Request
from destination_fincome.fincome.habits import POSTS_LOOKED_AT
from destination_fincome.fincome.transport import Network

KEY = "sk_test_0123456789"
NOT_THERE = {"detail": "Customer c_1 not found"}
WHOLE = Request("customers", "c_1", b'{"id":"c_1","name":"Acme"}')


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[FincomeClient]:
    contract, experience = load_contract().with_overrides(httpserver.url_for("/product")), Experience()
    for entity in contract.entities:
        # The first looks, by which a client learns what an API does, are another matter: test_habits.py.
        experience.habits.of(entity).posts_preceded = POSTS_LOOKED_AT
        experience.habits.of(entity).partial = True
    made = FincomeClient(contract, KEY, timeout=5, experience=experience)
    yield made
    made.close()


def script(server: HTTPServer, *calls: tuple[str, str, int, object]) -> None:
    """Expect calls in this order: verb, path, and the status and body to answer."""
    for verb, path, status, body in calls:
        server.expect_ordered_request(path, method=verb).respond_with_json(body, status=status)


def seen(server: HTTPServer) -> list[tuple[str, str, bytes]]:
    server.check_assertions()
    return [(request.method, request.path, request.data) for request, _ in server.log]


def test_a_create(httpserver: HTTPServer, client: FincomeClient) -> None:
    script(httpserver, ("POST", "/product/clients", 201, {"id": "c_1"}))
    assert client.deliver(WHOLE).kind is Kind.ACCEPTED
    assert seen(httpserver) == [("POST", "/product/clients", WHOLE.body)]
    (request, _) = httpserver.log[0]
    assert request.headers["X-API-KEY"] == KEY
    assert request.headers["Content-Type"] == request.headers["Accept"] == "application/json"
    assert "Authorization" not in request.headers
    assert client.requests == 1


def said(server: HTTPServer, *answers: tuple[str, int, str]) -> None:
    """Expect writes in this order: verb, status and the very content to answer."""
    for verb, status, content in answers:
        path = "/product/clients" if verb == "POST" else "/product/clients/c_1"
        server.expect_ordered_request(path, method=verb).respond_with_data(
            content, status=status, content_type="application/json"
        )


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
def test_a_success_that_says_nothing_may_not_be_fincomes_so_the_first_one_is_sent_once_more(
    httpserver: HTTPServer, client: FincomeClient, verb: str
) -> None:
    said(httpserver, (verb, 200, ""), (verb, 200, '{"id":"c_1","name":"Acme"}'))
    assert client.deliver(structs.replace(WHOLE, update_first=verb == "PATCH")).kind is Kind.ACCEPTED
    assert len(seen(httpserver)) == 2


def test_an_api_whose_successes_say_nothing_is_believed(httpserver: HTTPServer, client: FincomeClient) -> None:
    said(httpserver, *[("PATCH", 200, "")] * 3)
    updates = structs.replace(WHOLE, update_first=True)
    assert [client.deliver(updates).kind, client.deliver(updates).kind] == [Kind.ACCEPTED] * 2
    assert len(seen(httpserver)) == 3


def test_a_success_that_says_nothing_where_others_do_is_passing_trouble(
    httpserver: HTTPServer, client: FincomeClient
) -> None:
    said(httpserver, ("PATCH", 200, '{"id":"c_1","name":"Acme"}'), ("PATCH", 200, ""))
    updates = structs.replace(WHOLE, update_first=True)
    assert [client.deliver(updates).kind for _ in range(2)] == [Kind.ACCEPTED, Kind.RETRY]


@pytest.mark.parametrize(("status", "content"), [(204, ""), (200, "null"), (202, " [] ")])
def test_a_success_that_may_say_nothing_is_believed_if_it_says_so_twice(
    httpserver: HTTPServer, client: FincomeClient, status: int, content: str
) -> None:
    said(httpserver, ("PATCH", 200, '{"id":"c_1"}'), *[("PATCH", status, content)] * 3)
    updates = structs.replace(WHOLE, update_first=True)
    assert [client.deliver(updates).kind for _ in range(3)] == [Kind.ACCEPTED] * 3
    assert len(seen(httpserver)) == 4


def test_of_a_write_without_an_answer_nobody_knows_whether_it_may_still_be_carried_out() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        contract = load_contract().with_overrides(f"http://127.0.0.1:{silent.getsockname()[1]}/product")
        with closing(FincomeClient(contract, KEY, 0.05, Network({}, True))) as client:
            written = client.deliver(Request("customers", "c1", b'{"id":"c1","name":"A"}'))
            asked = client.look_up("customers", "c1")
    assert (written.kind, written.unanswered, asked.kind, asked.unanswered) == (Kind.RETRY, True, Kind.RETRY, False)


def test_given_fields_that_are_set_once_when_the_object_exists_then_it_is_updated_without_them(
    httpserver: HTTPServer, client: FincomeClient
) -> None:
    script(httpserver, ("PATCH", "/product/clients/c_1", 200, {}))
    assert client.deliver(structs.replace(WHOLE, once=("name",))).kind is Kind.ACCEPTED
    assert seen(httpserver) == [("PATCH", "/product/clients/c_1", b'{"id":"c_1"}')]


@pytest.mark.parametrize(("once", "late"), [(("name",), False), ((), True)])
def test_given_fields_that_are_set_once_when_an_update_shows_others_then_it_is_not_held_for_one_to_come(
    httpserver: HTTPServer, once: tuple[str, ...], late: bool
) -> None:
    contract = load_contract().with_overrides(httpserver.url_for("/product"))
    script(httpserver, ("PATCH", "/product/clients/c_1", 202, {"id": "c_1", "name": "By hand"}))
    with closing(FincomeClient(contract, KEY, timeout=5, experience=Experience(confirms=True))) as confirming:
        assert confirming.deliver(structs.replace(WHOLE, once=once, update_first=True)).late is late


def test_given_fields_that_are_set_once_when_it_does_not_exist_then_it_is_created_with_them(
    httpserver: HTTPServer, client: FincomeClient
) -> None:
    script(
        httpserver,
        ("PATCH", "/product/clients/c_1", 404, NOT_THERE),
        ("POST", "/product/clients", 201, {"id": "c_1"}),
    )
    assert client.deliver(structs.replace(WHOLE, once=("name",))).kind is Kind.ACCEPTED
    assert [body for _, _, body in seen(httpserver)] == [b'{"id":"c_1"}', WHOLE.body]


@pytest.mark.parametrize(("status", "body"), [(409, {"detail": "exists"}), (422, {"detail": "id already taken"})])
def test_a_create_of_what_exists_becomes_an_update(
    httpserver: HTTPServer, client: FincomeClient, status: int, body: object
) -> None:
    script(
        httpserver,
        ("POST", "/product/clients", status, body),
        ("PATCH", "/product/clients/c_1", 202, {}),
    )
    assert client.deliver(WHOLE).kind is Kind.ACCEPTED
    assert [data for _, _, data in seen(httpserver)] == [WHOLE.body, WHOLE.body]


def test_what_lacks_a_required_field_is_never_offered_to_be_created(
    httpserver: HTTPServer, client: FincomeClient
) -> None:
    wanted = Request("invoices", "i_1", b'{"id":"i_1","customer_id":"c_1","amount":1}', complete=False)
    script(httpserver, ("PATCH", "/product/invoices/i_1", 404, {"detail": "Invoice not found"}))
    verdict = client.deliver(wanted)
    assert verdict.kind is Kind.REFUSED
    assert "date, status, currency are needed to create it" in verdict.problem
    assert [verb for verb, _, _ in seen(httpserver)] == ["PATCH"]


def test_an_update_of_what_is_not_there_becomes_a_create(httpserver: HTTPServer, client: FincomeClient) -> None:
    wanted = Request("customers", "c_1", WHOLE.body, update_first=True)
    script(
        httpserver,
        ("PATCH", "/product/clients/c_1", 404, NOT_THERE),
        ("POST", "/product/clients", 201, {}),
    )
    assert client.deliver(wanted).kind is Kind.ACCEPTED
    assert [(verb, data) for verb, _, data in seen(httpserver)] == [("PATCH", wanted.body), ("POST", wanted.body)]


def test_an_incomplete_object_that_exists_is_updated_only(httpserver: HTTPServer, client: FincomeClient) -> None:
    script(httpserver, ("PATCH", "/product/clients/c_1", 200, {}))
    assert client.deliver(Request("customers", "c_1", b'{"id":"c_1"}', complete=False)).kind is Kind.ACCEPTED
    assert len(seen(httpserver)) == 1


NEW = Request("customers", "c_1", WHOLE.body, policy="create_only")
BILL = Request("invoices", "in_1", b'{"id":"in_1"}', policy="create_only")
THERE = ("GET", "/product/clients/c_1", 200, {})
NOWHERE = ("GET", "/product/clients/c_1", 404, NOT_THERE)
NO_BILL = ("GET", "/product/invoices/in_1", 404, {"detail": "Invoice not found"})
NO_GET = ("GET", "/product/clients/c_1", 405, {"detail": "Method Not Allowed"})
NO_BILL_GET = ("GET", "/product/invoices/in_1", 405, {"detail": "Method Not Allowed"})


@pytest.mark.parametrize(
    ("wanted", "calls", "kind"),
    [
        # A POST would change the customer: Fincome is asked first.
        (NEW, [THERE], Kind.EXISTS),
        (NEW, [NOWHERE, ("POST", "/product/clients", 201, {})], Kind.ACCEPTED),
        (NEW, [NOWHERE, ("POST", "/product/clients", 409, {})], Kind.EXISTS),
        (NEW, [("GET", "/product/clients/c_1", 503, {})], Kind.RETRY),
        # That a POST of an invoice only creates is an assumption: it is asked for, too.
        (BILL, [NO_BILL, ("POST", "/product/invoices", 201, {})], Kind.ACCEPTED),
        (BILL, [NO_BILL, ("POST", "/product/invoices", 409, {})], Kind.EXISTS),
        # Whether it is there can't be told: only a POST that is believed to change nothing may go.
        (NEW, [NO_GET], Kind.REFUSED),
        (BILL, [NO_BILL_GET, ("POST", "/product/invoices", 409, {})], Kind.EXISTS),
        (NEW, [("GET", "/product/clients/c_1", 404, {"detail": "Not Found"})], Kind.REFUSED),
    ],
)
def test_what_is_only_to_be_created_is_never_changed(
    httpserver: HTTPServer,
    client: FincomeClient,
    wanted: Request,
    calls: list[tuple[str, str, int, object]],
    kind: Kind,
) -> None:
    script(httpserver, *calls)
    assert client.deliver(wanted).kind is kind
    assert len(seen(httpserver)) == len(calls)


@pytest.mark.parametrize(("status", "body", "kind"), [(202, {}, Kind.ACCEPTED), (404, NOT_THERE, Kind.MISSING)])
def test_what_is_only_to_be_changed_is_never_created(
    httpserver: HTTPServer, client: FincomeClient, status: int, body: object, kind: Kind
) -> None:
    script(httpserver, ("PATCH", "/product/clients/c_1", status, body))
    assert client.deliver(Request("customers", "c_1", WHOLE.body, policy="update_only", known=True)).kind is kind
    assert len(seen(httpserver)) == 1


@pytest.mark.parametrize(
    ("then", "kind", "existed"),
    [
        (("PATCH", "/product/clients/c_1", 202, {}), Kind.ACCEPTED, True),
        (("PATCH", "/product/clients/c_1", 404, NOT_THERE), Kind.REFUSED, None),
        (("PATCH", "/product/clients/c_1", 422, {"detail": "no"}), Kind.REFUSED, None),
        (("PATCH", "/product/clients/c_1", 503, {}), Kind.RETRY, None),
    ],
)
def test_a_refusal_that_may_mean_a_taken_id_is_believed_after_an_update(
    httpserver: HTTPServer,
    client: FincomeClient,
    then: tuple[str, str, int, object],
    kind: Kind,
    existed: bool | None,
) -> None:
    script(httpserver, ("POST", "/product/clients", 422, {"detail": "identifier is not available"}), then)
    verdict = client.deliver(WHOLE)
    assert (verdict.kind, verdict.existed) == (kind, existed)
    if kind is Kind.REFUSED:
        assert verdict.problem == "was refused by Fincome (422: identifier is not …)"


def test_what_is_only_to_be_created_is_not_updated_on_a_doubtful_refusal(
    httpserver: HTTPServer, client: FincomeClient
) -> None:
    script(httpserver, NO_BILL, ("POST", "/product/invoices", 422, {"detail": "identifier is not available"}))
    assert client.deliver(BILL).kind is Kind.REFUSED
    assert len(seen(httpserver)) == 2


FORBIDDEN = (403, {"detail": "Not enough permissions"})
ANY_CUSTOMER = f"/product/clients/{NOBODY}"


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ((404, {"detail": "Customer not found"}), Kind.REFUSED),
        ((404, {"detail": "Not Found"}), Kind.REFUSED),
        (FORBIDDEN, Kind.STOP),
        ((401, {"detail": "no"}), Kind.STOP),
        ((503, {}), Kind.RETRY),
        ((403, {"message": "Forbidden"}), Kind.RETRY),
    ],
)
def test_a_403_after_good_answers_is_the_objects_if_the_key_still_works(
    httpserver: HTTPServer, client: FincomeClient, check: tuple[int, object], kind: Kind
) -> None:
    script(
        httpserver,
        ("POST", "/product/clients", 201, {}),
        ("POST", "/product/invoices", *FORBIDDEN),
        ("GET", ANY_CUSTOMER, *check),
    )
    client.deliver(WHOLE)
    verdict = client.deliver(Request("invoices", "in_1", b'{"id":"in_1"}'))
    assert verdict.kind is kind
    assert len(seen(httpserver)) == 3


def test_clients_of_one_sync_share_what_answers_have_proven(httpserver: HTTPServer) -> None:
    contract, experience = load_contract().with_overrides(httpserver.url_for("/product")), Experience()
    one, other = (FincomeClient(contract, KEY, 5, experience=experience) for _ in range(2))
    script(
        httpserver, ("POST", "/product/clients", 201, {}), ("POST", "/product/clients", 404, {"detail": "Not Found"})
    )
    assert one.deliver(WHOLE).kind is Kind.ACCEPTED
    assert other.deliver(WHOLE).kind is Kind.RETRY
    one.close()
    other.close()


@pytest.mark.parametrize(
    ("status", "kind", "problem"),
    [(403, Kind.UNTOLD, ""), (402, Kind.RETRY, "answered 402 when asked for one of its customers")],
)
def test_what_may_not_be_asked_for_is_not_missing(
    httpserver: HTTPServer, client: FincomeClient, status: int, kind: Kind, problem: str
) -> None:
    script(httpserver, ("POST", "/product/clients", 201, {}), ("GET", "/product/clients/c_1", status, {"detail": "no"}))
    client.deliver(WHOLE)
    verdict = client.look_up("customers", "c_1")
    assert (verdict.kind, verdict.problem) == (kind, problem)


def test_attributes_alone_do_not_create_an_object(httpserver: HTTPServer, client: FincomeClient) -> None:
    script(httpserver, ("PATCH", "/product/clients/c_1", 404, NOT_THERE))
    body = b'{"id":"c_1","custom_properties":{"nps":9}}'
    verdict = client.deliver(Request("customers", "c_1", body, complete=False))
    assert (verdict.kind, verdict.code, verdict.field) == (Kind.REFUSED, "missing_object", "id")
    assert verdict.problem == "names a customer that Fincome doesn't have, and name is needed to create it"
    assert len(seen(httpserver)) == 1


@pytest.mark.parametrize(
    ("wanted", "calls"),
    [
        (WHOLE, [("POST", "/product/clients", 409, {}), ("PATCH", "/product/clients/c_1", 404, NOT_THERE)]),
        (
            Request("customers", "c_1", WHOLE.body, update_first=True),
            [("PATCH", "/product/clients/c_1", 404, NOT_THERE), ("POST", "/product/clients", 409, {})],
        ),
    ],
)
def test_there_and_not_there_may_be_the_lag_of_an_asynchronous_write(
    httpserver: HTTPServer, client: FincomeClient, wanted: Request, calls: list[tuple[str, str, int, object]]
) -> None:
    script(httpserver, *calls)
    verdict = client.deliver(wanted)
    assert (verdict.kind, verdict.code, verdict.field) == (Kind.UNKNOWN_REFERENCE, "refused_by_api", "id")
    assert len(seen(httpserver)) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, {"detail": [{"loc": ["body", "name"], "msg": "too long"}]}, Kind.REFUSED),
        (404, {"detail": "Parent customer not found"}, Kind.UNKNOWN_REFERENCE),
        (404, {"detail": "Nothing"}, Kind.REFUSED),
        (429, {}, Kind.RETRY),
        (500, {}, Kind.RETRY),
        (401, {"detail": "no"}, Kind.STOP),
        (401, {}, Kind.RETRY),
    ],
)
def test_any_other_answer_ends_the_delivery(
    httpserver: HTTPServer, client: FincomeClient, status: int, body: object, kind: Kind
) -> None:
    script(httpserver, ("POST", "/product/clients", status, body))
    assert client.deliver(WHOLE).kind is kind
    assert len(seen(httpserver)) == 1


@pytest.mark.parametrize(("status", "kind"), [(401, Kind.STOP), (503, Kind.RETRY), (422, Kind.REFUSED)])
def test_an_update_that_fails_is_not_followed_by_a_create(
    httpserver: HTTPServer, client: FincomeClient, status: int, kind: Kind
) -> None:
    script(httpserver, ("PATCH", "/product/clients/c_1", status, {"detail": "no"}))
    assert client.deliver(Request("customers", "c_1", WHOLE.body, update_first=True)).kind is kind
    assert len(seen(httpserver)) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"id": "c_1"}, Kind.ACCEPTED),
        (404, NOT_THERE, Kind.MISSING),
        # Is there no such customer, or no such route?
        (404, {"detail": "Not Found"}, Kind.UNTOLD),
        (405, {"detail": "Method Not Allowed"}, Kind.UNTOLD),
        (422, {"detail": "bad id"}, Kind.MISSING),
        (410, {"detail": "Gone"}, Kind.MISSING),
        (410, {}, Kind.RETRY),
        (503, {}, Kind.RETRY),
        (403, {"detail": "no"}, Kind.STOP),
        (403, {"message": "Forbidden"}, Kind.RETRY),
    ],
)
def test_a_look_up(httpserver: HTTPServer, client: FincomeClient, status: int, body: object, kind: Kind) -> None:
    script(httpserver, ("GET", "/product/clients/c_1", status, body))
    assert client.look_up("customers", "c_1").kind is kind
    assert seen(httpserver) == [("GET", "/product/clients/c_1", b"")]


@pytest.mark.parametrize(
    ("identity", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("100%", "100%25"),
        ("ü@x.test", "%C3%BC%40x.test"),
        ("../invoices", "..%2Finvoices"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
    ],
)
def test_an_id_is_one_part_of_the_path_whatever_it_holds(
    httpserver: HTTPServer, client: FincomeClient, identity: str, path: str
) -> None:
    raw: list[str] = []

    def answer(request: Received) -> Response:
        raw.append(request.environ["REQUEST_URI"])
        return Response("{}", content_type="application/json")

    httpserver.expect(RequestMatcher(method="GET", uri=_Anything())).respond_with_handler(answer)
    assert client.look_up("customers", identity).kind is Kind.ACCEPTED
    assert [uri.removeprefix(httpserver.url_for("")) for uri in raw] == [f"/product/clients/{path}"]


class _Anything:
    """Equal to any path."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_stays_here(
    httpserver: HTTPServer, client: FincomeClient, status: int
) -> None:
    location = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/product/clients").respond_with_data("", status=status, headers=location)
    verdict = client.deliver(WHOLE)
    assert verdict.kind is Kind.STOP
    assert [path for _, path, _ in seen(httpserver)] == ["/product/clients"]


def test_the_headers_and_paths_that_the_user_corrected(httpserver: HTTPServer) -> None:
    contract = load_contract().with_overrides(
        httpserver.url_for("/v2"), "Authorization", "Bearer ", {"customers": "/customers"}
    )
    script(httpserver, ("POST", "/v2/customers", 201, {}))
    client = FincomeClient(contract, KEY, 5)
    assert client.deliver(WHOLE).kind is Kind.ACCEPTED
    client.close()
    (request, _) = httpserver.log[0]
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert "X-API-KEY" not in request.headers


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_an_exchange_gives_the_whole_answer(httpserver: HTTPServer, client: FincomeClient) -> None:
    contract = load_contract()
    httpserver.expect_request("/product/clients/c_1", headers={"Authorization": "Bearer other"}).respond_with_json(
        {"id": "c_1"}, headers={"X-A": "b"}
    )
    access = Access("Authorization", "Bearer ", "other")
    reply = client.exchange(contract.retrieve, contract.entities["customers"], "c_1", access=access)
    assert (reply.status, reply.headers["x-a"], reply.verdict.kind) == (200, "b", Kind.ACCEPTED)
    assert json.loads(reply.content) == {"id": "c_1"}
    assert "X-API-KEY" not in httpserver.log[0][0].headers


def test_an_exchange_without_an_answer_says_so(closed: str) -> None:
    contract = load_contract().with_overrides(closed)
    reply = FincomeClient(contract, KEY, 1).exchange(contract.retrieve, contract.entities["customers"], "c_1")
    assert (reply.status, reply.content) == (0, b"")
    assert (reply.verdict.kind, reply.verdict.problem) == (Kind.RETRY, "refuses connections")


def test_a_time_out_is_tried_again(silent: str) -> None:
    client = FincomeClient(load_contract().with_overrides(silent), KEY, timeout=0.1)
    verdict = client.deliver(WHOLE)
    client.close()
    assert (verdict.kind, verdict.problem) == (Kind.RETRY, "did not answer in time")


def test_a_refused_connection_is_tried_again(closed: str) -> None:
    client = FincomeClient(load_contract().with_overrides(closed), KEY, timeout=1)
    verdict = client.deliver(WHOLE)
    client.close()
    assert (verdict.kind, verdict.problem) == (Kind.RETRY, "refuses connections")


def test_no_proxy_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "fincome.test")
    assert "https" not in Network.of_environment("https://api.fincome.test/product").proxies
    assert Network.of_environment("https://other.test/").proxies["https"] == "http://proxy.test:3128"


def test_without_settings_certificates_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    assert Network.of_environment("https://api.fincome.test/product").verify is True
