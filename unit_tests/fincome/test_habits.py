"""What the client learns about an API that differs from the contract: once, and no more than answers prove."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
from msgspec import structs
from pytest_httpserver import HTTPServer
from werkzeug import Request as Received
from werkzeug import Response

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import Experience, Kind
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import CONTRADICTION, Request
from destination_fincome.fincome.habits import Habits

KEY = "sk_test_0123456789"
CUSTOMER = {"id": "c_1", "name": "Acme"}
WHOLE = Request("customers", "c_1", json.dumps(CUSTOMER).encode())
AGAIN = structs.replace(WHOLE, update_first=True)
ATTRIBUTES = Request("customers", "c_1", b'{"id":"c_1","custom_properties":{"nps":9}}', complete=False)
ROUTER_404 = (404, {"detail": "Not Found"})
NOT_ALLOWED = (405, {"detail": "Method Not Allowed"})
NO_CUSTOMER = (404, {"detail": "Customer not found"})
TAKEN = (409, {"detail": "exists"})


class Api:
    """Answers each verb and path as a test says; a list is answered in its order, its last answer for ever."""

    def __init__(self, server: HTTPServer) -> None:
        self._server = server
        self.now = 100.0
        self.on_call: Callable[[str], None] = lambda _: None
        self.answers: dict[tuple[str, str], tuple[int, object] | list[tuple[int, object]]] = {}
        self.headers: dict[tuple[str, str], dict[str, str]] = {}
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)
        experience = Experience()
        experience.habits = Habits(clock=lambda: self.now)
        self.client = FincomeClient(
            load_contract().with_overrides(server.url_for("/product")), KEY, 5, experience=experience
        )

    def _answer(self, request: Received) -> Response:
        self.on_call(request.method)
        place = (request.method, request.path.removeprefix("/product"))
        said = self.answers.get(place, NOT_ALLOWED)
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        status, body = said
        return Response(json.dumps(body), status, self.headers.get(place), content_type="application/json")

    @property
    def calls(self) -> list[tuple[str, str]]:
        self._server.check_assertions()
        return [(one.method, one.path.removeprefix("/product")) for one, _ in self._server.log]

    def bodies(self, verb: str) -> list[dict[str, object]]:
        return [json.loads(one.data) for one, _ in self._server.log if one.method == verb]


@pytest.fixture
def api(httpserver: HTTPServer, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    caplog.set_level(logging.INFO, "airbyte")
    made = Api(httpserver)
    yield made
    made.client.close()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "airbyte"]


# --- verbs


@pytest.mark.parametrize("allow", [{"Allow": "PUT, GET"}, {}])
def test_given_an_api_that_updates_by_put_when_patch_is_not_allowed_then_put_is_used_and_remembered(
    api: Api, caplog: pytest.LogCaptureFixture, allow: dict[str, str]
) -> None:
    api.answers[("PUT", "/clients/c_1")] = (202, CUSTOMER)
    api.headers[("PATCH", "/clients/c_1")] = allow
    assert [api.client.deliver(AGAIN).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["PATCH", "PUT", "PUT"]
    (line,) = told(caplog)
    assert "customers are updated by PUT" in line
    assert "entities: {customers: {operations: {update: {verb: PUT}}}}" in line


def test_given_an_unknown_verb_that_finds_nothing_when_the_id_is_taken_then_the_other_one_is_tried(api: Api) -> None:
    api.answers |= {
        ("POST", "/clients"): TAKEN,
        ("PATCH", "/clients/c_1"): ROUTER_404,
        ("PUT", "/clients/c_1"): (202, CUSTOMER),
    }
    assert [api.client.deliver(WHOLE).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["POST", "PATCH", "PUT", "POST", "PUT"]


def test_given_put_that_was_not_promised_to_be_partial_when_attributes_go_then_the_whole_object_goes(api: Api) -> None:
    there = {**CUSTOMER, "country": "FR", "custom_properties": {"size": 3}, "updated_at": "2026-01-01"}
    api.answers |= {("GET", "/clients/c_1"): (200, {"data": there}), ("PUT", "/clients/c_1"): (202, {})}
    assert api.client.deliver(ATTRIBUTES).kind is Kind.ACCEPTED
    assert api.bodies("PUT") == [{**CUSTOMER, "country": "FR", "custom_properties": {"size": 3, "nps": 9}}]


@pytest.mark.parametrize(("missing", "shown"), [(ROUTER_404, ROUTER_404), (NOT_ALLOWED, NO_CUSTOMER)])
def test_given_an_object_that_is_not_there_when_attributes_go_then_nothing_is_put_and_no_verb_is_learned(
    api: Api, caplog: pytest.LogCaptureFixture, missing: tuple[int, object], shown: tuple[int, object]
) -> None:
    api.answers |= {("PATCH", "/clients/c_1"): missing, ("GET", "/clients/c_1"): shown}
    assert api.client.deliver(structs.replace(ATTRIBUTES, policy="update_only")).kind is Kind.MISSING
    assert "PUT" not in [verb for verb, _ in api.calls]
    assert told(caplog) == []


def test_given_an_object_that_is_shown_when_its_update_finds_nothing_then_that_is_not_believed(api: Api) -> None:
    there = (200, {"data": CUSTOMER})
    api.answers |= {("PATCH", "/clients/c_1"): (404, {"detail": "Customer not found"}), ("GET", "/clients/c_1"): there}
    assert api.client.deliver(structs.replace(ATTRIBUTES, policy="update_only")) == CONTRADICTION
    del api.answers["PATCH", "/clients/c_1"]
    api.answers["PATCH", "/clients/c_1"] = (202, {})
    assert api.client.deliver(structs.replace(ATTRIBUTES, policy="update_only")).kind is Kind.ACCEPTED


def test_given_an_id_that_is_taken_and_nowhere_when_that_is_told_then_it_says_why_the_create_was_refused(
    api: Api,
) -> None:
    api.answers |= {
        ("POST", "/clients"): (409, {"detail": "The customer is being merged"}),
        ("PATCH", "/clients/c_1"): (404, {"detail": "Customer not found"}),
    }
    verdict = api.client.deliver(WHOLE)
    assert verdict.kind is CONTRADICTION.kind
    told = "exists by one answer of Fincome, and doesn't by the next: its create was refused by Fincome (409: {})"
    assert verdict.problem == told.format("The customer is being …")
    assert verdict.whole == told.format("The customer is being merged")


def test_given_put_and_no_way_to_read_when_attributes_go_then_they_are_refused(api: Api) -> None:
    api.answers[("PUT", "/clients/c_1")] = (202, {})
    verdict = api.client.deliver(ATTRIBUTES)
    assert (verdict.kind, "isn't whole" in verdict.problem) == (Kind.REFUSED, True)
    assert ("PUT", "/clients/c_1") not in api.calls


def test_given_an_update_that_wipes_the_rest_when_attributes_go_then_the_object_is_mended_and_goes_whole_later(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    there = {**CUSTOMER, "country": "FR"}
    wiped = {"id": "c_1", "custom_properties": {"nps": 9}}
    api.answers |= {
        ("GET", "/clients/c_1"): [(200, there), (200, wiped), (200, there)],
        ("PATCH", "/clients/c_1"): (202, {}),
    }
    assert [api.client.deliver(ATTRIBUTES).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    whole = {**there, "custom_properties": {"nps": 9}}
    assert api.bodies("PATCH") == [wiped, whole, whole]
    assert "customers: {operations: {update: {partial: false}}}" in told(caplog)[0]


def test_given_a_partial_update_when_attributes_go_then_it_is_looked_at_once(api: Api) -> None:
    api.answers |= {
        ("GET", "/clients/c_1"): [(200, CUSTOMER), (200, {**CUSTOMER, "custom_properties": {"nps": 9}})],
        ("PATCH", "/clients/c_1"): (202, {}),
    }
    assert [api.client.deliver(ATTRIBUTES).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["GET", "PATCH", "GET", "PATCH"]


def test_given_objects_that_do_not_show_when_attributes_go_then_it_is_not_asked_for_ever(api: Api) -> None:
    api.answers |= {("GET", "/clients/c_1"): NO_CUSTOMER, ("PATCH", "/clients/c_1"): (202, {})}
    assert [api.client.deliver(ATTRIBUTES).kind for _ in range(9)] == [Kind.ACCEPTED] * 9
    assert [verb for verb, _ in api.calls].count("GET") == 5


@pytest.mark.parametrize("tells", ["the mapping", "the API", None])
def test_given_what_can_never_be_created_when_fincome_does_not_show_it_then_no_update_finds_that_out(
    api: Api, tells: str | None
) -> None:
    api.answers |= {("GET", "/clients/c_1"): NO_CUSTOMER, ("PATCH", "/clients/c_1"): NO_CUSTOMER}
    if tells == "the API":
        api.answers[("GET", "/clients/c_0")] = (200, {**CUSTOMER, "id": "c_0"})
        assert api.client.look_up("customers", "c_0").kind is Kind.ACCEPTED
    before = len(api.calls)
    verdict = api.client.deliver(structs.replace(ATTRIBUTES, changes_only=tells == "the mapping"))
    assert (verdict.kind, verdict.code) == (Kind.REFUSED, Code.MISSING_OBJECT)
    assert [verb for verb, _ in api.calls[before:]] == (["GET"] if tells else ["GET", "PATCH"])


@pytest.mark.parametrize(("status", "complete"), [(202, False), (201, False), (201, True)])
def test_given_an_update_that_creates_when_only_a_change_was_meant_then_it_is_told_and_the_next_is_asked_for(
    api: Api, caplog: pytest.LogCaptureFixture, status: int, *, complete: bool
) -> None:
    sent = {"id": "c_1", "custom_properties": {"nps": 9}}
    api.answers |= {
        ("GET", "/clients/c_1"): [NO_CUSTOMER, (200, {**sent, "name": None})],
        ("PATCH", "/clients/c_1"): (status, sent),
        ("GET", "/clients/c_2"): NO_CUSTOMER,
        ("GET", "/clients/c_3"): (200, {**CUSTOMER, **sent, "id": "c_3"}),
        ("PATCH", "/clients/c_3"): (202, {}),
    }
    only = structs.replace(ATTRIBUTES, policy="update_only", complete=complete)
    requests = [
        structs.replace(only, id=name, body=json.dumps({**sent, "id": name}).encode()) for name in ("c_1", "c_2", "c_3")
    ]
    assert [api.client.deliver(one).kind for one in requests] == [Kind.ACCEPTED, Kind.MISSING, Kind.ACCEPTED]
    assert ("PATCH", "/clients/c_2") not in api.calls
    (said,) = told(caplog)
    assert "an update of customers creates what isn't there, as it did customer c_1" in said


def test_given_an_object_that_shows_late_when_only_a_change_was_meant_then_it_is_not_held_for_created(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers |= {
        ("GET", "/clients/c_1"): [NO_CUSTOMER, (200, {**CUSTOMER, "custom_properties": {"nps": 9}})],
        ("PATCH", "/clients/c_1"): (202, {}),
    }
    assert api.client.deliver(structs.replace(ATTRIBUTES, policy="update_only")).kind is Kind.ACCEPTED
    assert told(caplog) == []


LATER = 30


@pytest.mark.parametrize(
    ("status", "answer", "complete"),
    [(202, {}, False), (202, {}, True), (200, None, True), (202, {"id": "c_1", "name": None}, False)],
)
def test_given_an_update_that_creates_later_when_only_a_change_was_meant_then_it_is_noticed_without_a_word_of_it(
    api: Api, caplog: pytest.LogCaptureFixture, status: int, answer: object, *, complete: bool
) -> None:
    api.answers |= {("GET", "/clients/c_1"): NO_CUSTOMER, ("PATCH", "/clients/c_1"): (status, answer)}
    only = structs.replace(ATTRIBUTES, policy="update_only", complete=complete)
    assert [api.client.deliver(only).kind for _ in range(2)] == [Kind.ACCEPTED, Kind.MISSING]
    (said,) = told(caplog)
    assert "an update of customers" in said
    assert "created customer c_1" in said or "as it did customer c_1" in said


def test_given_updates_of_what_is_there_when_one_of_many_creates_then_a_later_look_notices(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"custom_properties": {"nps": 9}}
    for number in range(LATER):
        path, there = f"/clients/c_{number}", {**CUSTOMER, **sent, "id": f"c_{number}"}
        api.answers |= {("PATCH", path): (202, {}), ("GET", path): (200, there) if number < LATER // 3 else NO_CUSTOMER}
    only = structs.replace(ATTRIBUTES, policy="update_only")
    requests = [
        structs.replace(only, id=f"c_{number}", body=json.dumps({"id": f"c_{number}", **sent}).encode())
        for number in range(LATER)
    ]
    kinds = [api.client.deliver(one).kind for one in requests]
    assert kinds == [Kind.ACCEPTED] * 20 + [Kind.MISSING] * 10
    assert "may have created customer c_19 and others before it; from now on" in "".join(told(caplog))
    assert sum(verb == "GET" for verb, _ in api.calls) == 5 + 1 + 1 + 1 + 10


def test_given_an_update_that_finds_nothing_when_many_may_only_be_changed_then_they_are_not_asked_for(api: Api) -> None:
    api.answers |= {("GET", "/clients/c_1"): NO_CUSTOMER, ("PATCH", "/clients/c_1"): NO_CUSTOMER}
    only = structs.replace(WHOLE, policy="update_only")
    assert {api.client.deliver(only).kind for _ in range(50)} == {Kind.MISSING}
    assert [verb for verb, _ in api.calls].count("GET") == 1


def test_given_no_update_at_all_when_a_post_updates_then_it_is_used(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.answers[("POST", "/clients")] = (202, CUSTOMER)
    assert [api.client.deliver(AGAIN).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["PATCH", "PUT", "POST", "POST"]
    assert [one.levelname for one in caplog.records if one.name == "airbyte"] == ["WARNING"]


def test_given_no_update_and_a_taken_id_when_sent_then_it_is_refused_in_words(api: Api) -> None:
    api.answers[("POST", "/clients")] = TAKEN
    verdict = api.client.deliver(WHOLE)
    assert (verdict.kind, verdict.of_form) == (Kind.REFUSED, True)
    assert verdict.problem == "exists already, and Fincome's API has neither PATCH nor PUT of customers by id"


@pytest.mark.parametrize("answer", [NOT_ALLOWED, ROUTER_404])
def test_given_no_create_when_something_new_comes_then_it_alone_is_refused_and_the_rest_is_changed(
    api: Api, caplog: pytest.LogCaptureFixture, answer: tuple[int, object]
) -> None:
    api.answers |= {
        ("POST", "/clients"): answer,
        ("GET", "/clients"): answer,
        ("PATCH", "/clients/c_1"): (202, CUSTOMER),
        ("PATCH", "/clients/c_2"): NO_CUSTOMER,
    }
    api.answers[("GET", "/clients/airbyte-connection-test-of-an-id-that-does-not-exist")] = NO_CUSTOMER
    new = structs.replace(WHOLE, id="c_2", body=b'{"id":"c_2","name":"x"}')
    first, second, known = (api.client.deliver(one) for one in (new, new, WHOLE))
    assert (first.kind, second.kind, known.kind) == (Kind.REFUSED, Kind.REFUSED, Kind.ACCEPTED)
    assert first.problem == "isn't there, and Fincome's API has no POST of customers"
    assert [verb for verb, _ in api.calls].count("POST") == 1
    assert len(told(caplog)) == 1


def test_given_a_post_that_finds_no_route_when_the_route_is_there_then_it_is_passing_trouble(api: Api) -> None:
    api.answers[("POST", "/clients")] = ROUTER_404
    assert api.client.deliver(WHOLE).kind is Kind.RETRY


def test_given_no_route_at_all_when_posted_then_it_stops(api: Api) -> None:
    api.answers |= dict.fromkeys([("POST", "/clients"), ("GET", "/clients")], ROUTER_404)
    api.answers[("GET", "/clients/airbyte-connection-test-of-an-id-that-does-not-exist")] = ROUTER_404
    verdict = api.client.deliver(WHOLE)
    assert (verdict.kind, "no route /clients" in verdict.problem) == (Kind.STOP, True)
    assert "customers: {absent: true}" in verdict.problem


# --- bodies


def test_given_an_id_that_is_refused_in_an_update_when_sent_then_it_goes_without_from_then_on(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    extra = {"detail": [{"loc": ["body", "id"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]}
    api.answers[("PATCH", "/clients/c_1")] = [(422, extra), (202, CUSTOMER)]
    assert [api.client.deliver(AGAIN).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert api.bodies("PATCH") == [CUSTOMER, {"name": "Acme"}, {"name": "Acme"}]
    assert len(told(caplog)) == 1


# --- a POST on an existing id


def test_given_a_post_that_ignores_what_exists_when_its_answer_shows_it_then_an_update_follows(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers |= {
        ("POST", "/clients"): (200, {**CUSTOMER, "name": "Old"}),
        ("PATCH", "/clients/c_1"): (202, CUSTOMER),
        ("GET", "/clients/c_1"): (200, CUSTOMER),
    }
    assert [api.client.deliver(WHOLE).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["POST", "PATCH", "GET", "PATCH"]
    assert "post_updates: ignores" in told(caplog)[0]


def test_given_a_post_that_shows_nothing_when_it_is_accepted_then_the_object_is_looked_at(api: Api) -> None:
    api.answers |= {
        ("POST", "/clients"): (200, {"ok": True}),
        ("GET", "/clients/c_1"): [(200, {**CUSTOMER, "name": "Old"}), (200, CUSTOMER)],
        ("PATCH", "/clients/c_1"): (204, {}),
    }
    assert api.client.deliver(WHOLE).kind is Kind.ACCEPTED
    assert [verb for verb, _ in api.calls] == ["POST", "GET", "PATCH", "PATCH", "GET"], "the first 204 may be no answer"


def test_given_many_posts_that_change_nothing_when_a_later_one_should_then_it_is_noticed(api: Api) -> None:
    old = {**CUSTOMER, "name": "Old"}
    for number in range(10):
        one = {**CUSTOMER, "id": f"same_{number}"}
        api.answers[("POST", "/clients")] = (200, one)
        api.client.deliver(Request("customers", str(one["id"]), json.dumps(one).encode()))
    api.answers |= {("POST", "/clients"): (200, old), ("PATCH", "/clients/c_1"): (202, CUSTOMER)}
    api.client.deliver(WHOLE)
    assert api.calls[-2] == ("PATCH", "/clients/c_1")


def test_given_what_another_worker_has_learned_meanwhile_when_answered_then_it_counts(api: Api) -> None:
    """Eight workers ask at the same time: what one learns comes while the others' requests are under way."""
    extra = {"detail": [{"loc": ["body", "id"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]}
    habits = api.client._habits.of("customers")

    def meanwhile(**learned: object) -> None:
        for name, value in learned.items():
            setattr(habits, name, value)

    api.answers |= {
        ("PATCH", "/clients/c_1"): NOT_ALLOWED,
        ("PUT", "/clients/c_1"): (202, CUSTOMER),
        ("POST", "/clients"): (200, CUSTOMER),
    }
    api.on_call = lambda verb: meanwhile(verb="PUT") if verb == "PATCH" else None
    assert api.client.deliver(AGAIN).kind is Kind.ACCEPTED
    assert habits.updates
    api.answers[("PUT", "/clients/c_1")] = [(422, extra), (202, CUSTOMER)]
    api.on_call = lambda verb: meanwhile(takes_id=False)
    assert api.client.deliver(AGAIN).kind is Kind.ACCEPTED
    api.on_call = lambda verb: meanwhile(repeated_post="ignored") if verb == "POST" else None
    api.client.deliver(WHOLE)
    assert api.calls[-2:] == [("POST", "/clients"), ("PUT", "/clients/c_1")]


def test_given_values_that_the_api_changes_whatever_the_verb_when_sent_then_it_is_not_taken_for_an_ignored_post(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    other = (200, {**CUSTOMER, "name": "ACME SAS"})
    api.answers |= {("POST", "/clients"): other, ("PATCH", "/clients/c_1"): other, ("GET", "/clients/c_1"): other}
    assert [api.client.deliver(WHOLE).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [verb for verb, _ in api.calls] == ["POST", "PATCH", "GET", "POST"]
    assert told(caplog) == []


def test_given_a_created_object_when_its_answer_shows_other_values_then_no_update_follows(api: Api) -> None:
    api.answers[("POST", "/clients")] = (201, {**CUSTOMER, "name": "ACME"})
    assert api.client.deliver(WHOLE).existed is None
    assert [verb for verb, _ in api.calls] == ["POST"]


BILL = {"id": "in_1", "status": "paid"}
INVOICE = Request("invoices", "in_1", json.dumps(BILL).encode())


def test_given_a_post_that_makes_a_second_object_when_the_first_shows_then_it_is_told_and_updates_follow(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers |= {
        ("GET", "/invoices/in_1"): [(200, {**BILL, "status": "open"})] * 2 + [(200, BILL)],
        ("POST", "/invoices"): (201, BILL),
        ("POST", "/clients"): (202, CUSTOMER),
        ("PATCH", "/invoices/in_1"): (202, BILL),
    }
    met = [api.client.deliver(WHOLE).kind for _ in range(3)]
    assert [*met, *(api.client.deliver(INVOICE).kind for _ in range(2))] == [Kind.ACCEPTED] * 5
    assert [verb for verb, path in api.calls if "inv" in path] == ["GET", "POST", "GET", "PATCH", "GET", "PATCH"]
    (line,) = told(caplog)
    assert "or makes a second object (see invoice in_1 in Fincome)" in line


def test_given_a_post_that_is_refused_when_the_object_shows_then_nothing_is_looked_at_any_more(api: Api) -> None:
    api.answers |= {
        ("GET", "/invoices/in_1"): (200, BILL),
        ("POST", "/invoices"): TAKEN,
        ("POST", "/clients"): (202, CUSTOMER),
        ("PATCH", "/invoices/in_1"): (202, BILL),
    }
    met = [api.client.deliver(WHOLE).kind for _ in range(3)]
    assert [*met, *(api.client.deliver(INVOICE).kind for _ in range(2))] == [Kind.ACCEPTED] * 5
    assert [verb for verb, path in api.calls if "inv" in path] == ["GET", "POST", "PATCH", "POST", "PATCH"]


@pytest.mark.parametrize("readable", [(200, CUSTOMER), NOT_ALLOWED])
def test_given_a_taken_id_that_is_answered_500_when_posted_twice_then_an_update_is_tried_and_later_ones_follow_at_once(
    api: Api, caplog: pytest.LogCaptureFixture, readable: tuple[int, object]
) -> None:
    api.answers |= {
        ("POST", "/clients"): (500, {}),
        ("GET", "/clients/c_1"): readable,
        ("PATCH", "/clients/c_1"): (202, {}),
    }
    assert [api.client.deliver(WHOLE).kind for _ in range(3)] == [Kind.RETRY, Kind.ACCEPTED, Kind.ACCEPTED]
    assert [verb for verb, _ in api.calls] == ["POST", "POST", "GET", "PATCH", "POST", "PATCH"]
    assert "a POST of customers that exist is answered 500" in told(caplog)[-1]


def test_given_an_object_that_is_nowhere_when_its_post_fails_then_it_stays_passing_trouble(api: Api) -> None:
    api.answers |= {("POST", "/clients"): (500, {}), ("GET", "/clients/c_1"): NO_CUSTOMER}
    assert [api.client.deliver(WHOLE).kind for _ in range(3)] == [Kind.RETRY] * 3


# --- where it is


@pytest.mark.parametrize("status", [307, 308])
def test_given_collections_with_a_slash_when_redirected_there_then_it_is_followed_once_and_remembered(
    api: Api, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    api.answers |= {("POST", "/clients"): (status, {}), ("POST", "/clients/"): (201, CUSTOMER)}
    # Starlette's own redirect, behind a proxy that speaks https: http, and the application's port.
    api.headers[("POST", "/clients")] = {"Location": "http://localhost:8000/product/clients/"}
    assert [api.client.deliver(WHOLE).kind for _ in range(2)] == [Kind.ACCEPTED] * 2
    assert [path for _, path in api.calls] == ["/clients", "/clients/", "/clients/"]
    (line,) = told(caplog)
    assert 'entities: {customers: {operations: {create: {path: "/clients/"}}}}' in line


@pytest.mark.parametrize(
    "location",
    ["https://elsewhere.test/product/clients/", "/product/customers/", "", "/product/clients"],
)
def test_given_a_redirect_to_another_place_when_it_comes_then_it_is_not_followed(api: Api, location: str) -> None:
    api.answers[("POST", "/clients")] = (307, {})
    api.headers[("POST", "/clients")] = {"Location": location}
    assert api.client.deliver(WHOLE).kind is Kind.STOP
    assert len(api.calls) == 1


# --- asking by id


def test_given_the_routers_404_when_an_object_was_found_before_then_it_is_missing(api: Api) -> None:
    api.answers |= {("GET", "/clients/c_1"): (200, CUSTOMER), ("GET", "/clients/c_2"): ROUTER_404}
    assert api.client.look_up("customers", "c_2").kind is Kind.UNTOLD
    assert api.client.look_up("customers", "c_1").kind is Kind.ACCEPTED
    assert api.client.look_up("customers", "c_2").kind is Kind.MISSING


def test_given_the_routers_404_when_an_accepted_object_shows_then_it_is_missing(api: Api) -> None:
    api.answers |= {
        ("POST", "/clients"): (201, CUSTOMER),
        ("GET", "/clients/c_1"): (200, CUSTOMER),
        ("GET", "/clients/c_2"): ROUTER_404,
    }
    api.client.deliver(WHOLE)
    early = api.client.look_up("customers", "c_2")
    assert (early.kind, early.retry_after) == (Kind.UNTOLD, 10)
    api.now += 10
    assert api.client.look_up("customers", "c_2").kind is Kind.MISSING


def test_given_an_accepted_object_that_never_shows_when_looked_for_three_times_then_nothing_can_be_asked_for(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers |= {("POST", "/clients"): (201, CUSTOMER), ("GET", "/clients/c_1"): ROUTER_404}
    api.answers[("GET", "/clients/c_2")] = ROUTER_404
    api.client.deliver(WHOLE)
    waits = []
    for _ in range(4):
        verdict = api.client.look_up("customers", "c_2")
        assert verdict.kind is Kind.UNTOLD
        waits.append(verdict.retry_after)
        api.now += verdict.retry_after or 0
    assert waits == [10, 1, 1, None]
    before = len(api.calls)
    assert api.client.look_up("customers", "c_3").kind is Kind.UNTOLD
    assert len(api.calls) == before
    (line,) = told(caplog)
    assert "entities: {customers: {retrievable: false}}" in line


def test_given_get_that_is_not_allowed_when_asked_then_it_is_learned_at_once(api: Api) -> None:
    assert [api.client.look_up("plans", one).kind for one in ("p_1", "p_2")] == [Kind.UNTOLD] * 2
    assert len(api.calls) == 1


def test_given_an_id_with_a_slash_when_the_router_finds_nothing_then_it_is_neither_missing_nor_changed(
    api: Api,
) -> None:
    api.answers |= {("POST", "/clients"): TAKEN, ("PATCH", "/clients/a/b"): ROUTER_404}
    api.answers[("GET", "/clients/a/b")] = ROUTER_404
    one = Request("customers", "a/b", b'{"id":"a/b","name":"x"}')
    assert api.client.look_up("customers", "a/b").kind is Kind.UNTOLD
    for request in (one, structs.replace(one, update_first=True), structs.replace(one, policy="update_only")):
        verdict = api.client.deliver(request)
        assert (verdict.kind, "id with a slash" in verdict.problem) == (Kind.REFUSED, True)
