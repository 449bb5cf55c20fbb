"""The connection test against scripted servers: every failure is told apart, nothing is written."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import Corrections, corrected_contract
from destination_fincome.fincome.probe import ProbeFailure, probe

KEY = "sk_test_0123456789"
ROUTES = {"/clients", "/products", "/plans", "/subscriptions", "/invoices", "/invoice_lines", "/credit_notes"}


def run(base_url: str, timeout: float = 5, corrections: Corrections | None = None, **overrides: Any) -> list[str]:
    contract = corrected_contract(corrections or {}).with_overrides(base_url, **overrides)
    client = FincomeClient(contract, KEY, timeout)
    try:
        return probe(contract, client, timeout)
    finally:
        client.close()


def failure(base_url: str, **options: Any) -> str:
    with pytest.raises(ProbeFailure) as error:
        run(base_url, **options)
    assert KEY not in str(error.value)
    return str(error.value)


def json_answer(status: int, detail: str) -> Response:
    return Response(f'{{"detail":"{detail}"}}', status=status, content_type="application/json")


Serve = Callable[[Callable[[Request], Response]], str]


@pytest.fixture
def serve(httpserver: HTTPServer) -> Iterator[Serve]:
    """Serves any request with a function; afterwards, nothing but GET may have been called."""

    def start(handler: Callable[[Request], Response]) -> str:
        httpserver.expect_request(re.compile(".*")).respond_with_handler(handler)
        return httpserver.url_for("/product")

    yield start
    assert {request.method for request, _ in httpserver.log} <= {"GET"}


def fastapi(
    routes: set[str] = ROUTES, root: str = "/product", header: str = "X-API-KEY", value: str = KEY
) -> Callable[[Request], Response]:
    """Answers GET as FastAPI does when collections only take POST and objects have a GET."""

    def answer(request: Request) -> Response:
        path = request.path.removeprefix(root) if request.path.startswith(root + "/") else ""
        collection, _, identity = path.removeprefix("/").partition("/")
        if f"/{collection}" not in routes:
            return json_answer(404, "Not Found")
        if request.headers.get(header) != value:
            return json_answer(401, "Invalid API key")
        return json_answer(404, "Customer not found") if identity else json_answer(405, "Method Not Allowed")

    return answer


def test_a_good_connection(serve: Serve) -> None:
    assert run(serve(fastapi())) == []


def test_collections_that_can_be_listed_are_routes_too(serve: Serve) -> None:
    good = fastapi()

    def listing(request: Request) -> Response:
        answer = good(request)
        return Response("[]", content_type="application/json") if answer.status_code == 405 else answer

    run(serve(listing))


def test_a_wrong_key(serve: Serve) -> None:
    words = failure(serve(fastapi(value="another key")))
    assert words.startswith("Fincome refused the API key (401). Create a secret key in Fincome")


def test_a_key_that_is_expected_in_another_header(serve: Serve) -> None:
    words = failure(serve(fastapi(header="Authorization", value=f"Bearer {KEY}")))
    assert "set `api_key_header` to Authorization" in words
    assert "`api_key_prefix` to 'Bearer '" in words


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_is_no_proof_that_another_header_is_right(serve: Serve, status: int) -> None:
    def answer(request: Request) -> Response:
        return json_answer(401 if "X-API-KEY" in request.headers else status, "no")

    assert failure(serve(answer)).startswith("Fincome refused the API key (401)")


def test_customers_under_their_other_path(serve: Serve) -> None:
    base_url = serve(fastapi((ROUTES - {"/clients"}) | {"/customers"}))
    words = failure(base_url)
    assert words == "Fincome has no route /clients, but /customers exists: set `paths.customers` to /customers."
    run(base_url, paths={"customers": "/customers"})


@pytest.mark.parametrize("missing", [{"/plans", "/invoice_lines"}, {"/clients"}])
def test_routes_that_are_missing_are_all_warned_of(serve: Serve, missing: set[str]) -> None:
    words = " ".join(run(serve(fastapi(ROUTES - missing))))
    for path in missing:
        assert f"no route {path}, so" in words
    name = "customers" if "/clients" in missing else "invoice_lines"
    assert f"set `paths.{name}` to" in words
    assert f"entities: {{{name}: {{absent: true}}}}" in words


@pytest.mark.parametrize("absent", ["customers", "plans"])
def test_what_the_api_does_not_have_is_not_asked_for(serve: Serve, httpserver: HTTPServer, absent: str) -> None:
    path = "/clients" if absent == "customers" else f"/{absent}"
    assert run(serve(fastapi(ROUTES - {path})), corrections={("entities", absent, "absent"): True}) == []
    assert not [request for request, _ in httpserver.log if path in request.path]


@pytest.mark.parametrize("content", ["null", "[]", ""])
def test_nothing_where_nothing_is_counts_as_missing(serve: Serve, content: str) -> None:
    good = fastapi()

    def answer(request: Request) -> Response:
        answered = good(request)
        is_look_up = answered.status_code == 404 and b"Customer" in answered.get_data()
        return Response(content, 200 if content else 204, content_type="application/json") if is_look_up else answered

    assert run(serve(answer)) == []


@pytest.mark.parametrize(
    ("status", "words"), [(500, "answers 500 when asked for customers"), (403, "may not read cust")]
)
def test_one_kind_of_objects_in_trouble_is_a_warning(serve: Serve, status: int, words: str) -> None:
    good = fastapi()

    def answer(request: Request) -> Response:
        return json_answer(status, "no") if "/clients/" in request.path else good(request)

    (warning,) = run(serve(answer))
    assert words in warning


def test_a_key_in_a_header_that_the_api_names(serve: Serve) -> None:
    fault = '{"detail":[{"loc":["query","x"],"msg":"no"},{"loc":["header","x-fincome-key"],"msg":"Field required"}]}'
    words = failure(serve(lambda _: Response(fault, status=422, content_type="application/json")))
    assert "header x-fincome-key: set `api_key_header` to it" in words


def test_a_firewalls_page_is_no_refused_key(serve: Serve) -> None:
    words = failure(serve(lambda _: Response("<html>Blocked</html>", status=403, content_type="text/html")))
    assert "a firewall or a proxy turns the connector away" in words
    assert "key" not in words


def without_words(request: Request, *, checks_key: bool = True) -> Response:
    """Answers as an API that has nothing but the router's words for an id that isn't there."""
    if checks_key and request.headers.get("X-API-KEY") != KEY:
        return json_answer(401, "no")
    is_collection = request.path.count("/") == 2
    return json_answer(405, "Method Not Allowed") if is_collection else json_answer(404, "Not Found")


def test_an_api_without_words_of_its_own_must_turn_a_wrong_key_away(serve: Serve) -> None:
    assert run(serve(without_words)) == []


def test_an_api_that_asks_for_no_key_to_say_that_there_is_nothing_leaves_the_key_unproven(serve: Serve) -> None:
    (warning,) = run(serve(lambda request: without_words(request, checks_key=False)))
    assert "only the first records show if the key works" in warning


def test_collections_with_a_slash_at_the_end(serve: Serve) -> None:
    good = fastapi()

    def answer(request: Request) -> Response:
        is_collection = request.path.rstrip("/").count("/") == 2
        if is_collection and not request.path.endswith("/"):
            return Response("", 307, {"Location": f"http://localhost{request.path}/"})
        return good(request)

    assert run(serve(answer)) == []


def test_an_address_without_its_path(serve: Serve) -> None:
    base_url = serve(fastapi()).removesuffix("/product")
    words = failure(base_url)
    assert "has none of Fincome's routes under `base_url`" in words
    assert "'/product'" in words


@pytest.mark.parametrize("status", [200, 404])
def test_a_web_page(serve: Serve, status: int) -> None:
    words = failure(serve(lambda _: Response("<html>Welcome</html>", status=status, content_type="text/html")))
    assert f"answers {status}" in words
    assert "Check `base_url`" in words


@pytest.mark.parametrize("yes", ["{}", '"ok"', "true"])
def test_another_api_that_says_yes_to_everything(serve: Serve, yes: str) -> None:
    words = failure(serve(lambda _: Response(yes, content_type="application/json")))
    assert "even for a customer that doesn't exist" in words


def test_a_redirect_is_not_followed(serve: Serve, httpserver: HTTPServer) -> None:
    words = failure(serve(lambda _: Response("", status=308, headers={"Location": "/product/v2"})))
    assert "answers with a redirect (308)" in words
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble(serve: Serve, status: int) -> None:
    words = failure(serve(lambda _: Response("busy", status=status)))
    assert words == f"localhost is there, but answers {status} at the moment. Try again later."


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "127.0.0.1 refuses connections. Check `base_url`" in failure(f"http://127.0.0.1:{port}/product")


def test_a_host_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    words = failure("https://fincome.invalid/product")
    assert words.startswith("fincome.invalid can't be found (its host name doesn't resolve).")


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        words = failure(f"http://127.0.0.1:{port}/product", timeout=0.1)
    assert words.startswith("127.0.0.1 did not answer in time.")
