"""What is accepted is looked at: whether Fincome stores it as it was sent.

Where it shows at once, the connector waits a fifth as long for what might show late.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, Message, catalog, customer, invoice, state, stream
from integration_tests.orchestrator import Platform, Seen

Body = dict[str, Any]
Change = Callable[[Body], Body]
BOTH = catalog(CUSTOMERS, INVOICES)
KEY = "looked-at-key-0123"


class Storing:
    """An API that stores what it is sent, as a test says."""

    def __init__(self, server: HTTPServer) -> None:
        self.base_url = server.url_for("/product")
        self.objects: dict[str, Body] = {}
        self.calls: list[tuple[str, str]] = []
        self.stores: Change = lambda body: body
        self.answers: Change | None = lambda body: body
        self.shows: Change = lambda body: body
        self.updates = True
        self.refuses: set[str] = set()
        self.refused = 0
        self.status = 201
        server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def config(self, **settings: object) -> dict[str, object]:
        return {"api_key": KEY, "base_url": self.base_url, "request_timeout_seconds": 5, **settings}

    def gets(self) -> int:
        return Counter(verb for verb, _ in self.calls)["GET"]

    def _handle(self, request: Request) -> Response:
        sent = json.loads(request.get_data() or b"{}")
        identity = sent.get("id") or request.path.rpartition("/")[2]
        self.calls.append((request.method, identity))
        there = self.objects.get(identity)
        if request.method == "GET":
            return _answer(200, self.shows(there)) if there else _answer(404, {"detail": "Object not found"})
        if request.method == "POST" and there:
            return _answer(409, {"detail": "already exists"})
        if request.method == "PATCH" and not there:
            return _answer(404, {"detail": "Object not found"})
        for name in self.refuses & sent.keys():
            self.refused += 1
            problem = {"loc": ["body", name], "msg": "Input should be a valid string", "type": "string_type"}
            return _answer(422, {"detail": [problem]})
        if not there or self.updates:
            self.objects[identity] = self.stores({**(there or {}), **sent})
        if self.answers is None:
            return Response(status=204)
        return _answer(self.status, self.answers(self.objects[identity]))


def _answer(status: int, body: object) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


@pytest.fixture
def storing(httpserver: HTTPServer) -> Storing:
    return Storing(httpserver)


def business(number: int = 8) -> list[Message]:
    messages = [customer(f"c{one}", email=f"{one}@PRIVATE.example") for one in range(number)]
    messages += [state("customers", 1)]
    messages += [invoice(f"in_{one}", f"c{one}", amount=f"{one + 1}2.50") for one in range(number)]
    return [*messages, state("invoices", 1)]


def warnings(seen: Seen) -> dict[tuple[str, str], int]:
    return {(one["code"], one["text"]): one["count"] for one in seen.summary["warnings"]}


def changed(**changes: Callable[[Any], Any]) -> Change:
    def change(body: Body) -> Body:
        return {name: changes[name](value) if name in changes else value for name, value in body.items()}

    return change


def test_given_answers_that_show_the_object_as_it_was_sent_then_nothing_is_asked_for(
    quick_platform: Platform, storing: Storing
) -> None:
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    assert (seen.good, warnings(seen), storing.gets()) == (True, {}, 0)
    assert len(seen.states) == 2


def test_given_answers_that_show_nothing_then_the_first_of_each_kind_and_verb_are_asked_for(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.answers = lambda body: {"id": body["id"]}
    seen = quick_platform.sync(storing.config(), BOTH, *business(30))
    assert (seen.good, warnings(seen), storing.gets()) == (True, {}, 10)


@pytest.mark.parametrize(
    ("field", "change", "words"),
    [
        ("amount", lambda amount: int(amount), "without its decimals"),
        ("amount", lambda amount: amount / 100, "a hundredth"),
        ("amount", lambda amount: -amount, "opposite sign"),
        ("date", lambda _: "2020-01-01", "another value"),
        ("status", lambda _: "unpaid", "another value"),
        ("customer_id", lambda _: "c0x", "another value"),
    ],
)
def test_given_most_objects_are_stored_with_another_value_then_it_stops_before_their_states_leave(
    quick_platform: Platform, storing: Storing, field: str, change: Callable[[Any], Any], words: str
) -> None:
    storing.stores = changed(**{field: change})
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    kind, message = seen.failure
    assert kind == "config_error"
    assert f"invoices.{field}: {words} (5 of 5 looked at after create, such as in_" in message
    assert "stored_check" in message
    assert "contract" in message
    assert seen.returned_ids() == [1], "those of the customers"
    assert storing.gets() >= 5


def test_given_few_objects_in_all_when_both_are_stored_with_another_value_then_it_stops(
    platform: Platform, storing: Storing
) -> None:
    storing.stores = changed(amount=lambda amount: amount / 100)
    seen = platform.sync(storing.config(), BOTH, *business(2))
    assert seen.failure[0] == "config_error"
    assert "2 of 2 looked at" in seen.failure[1]
    assert seen.returned_ids() == [1]


def test_given_one_object_in_all_when_it_is_stored_with_another_value_then_it_is_a_warning(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.stores = changed(amount=lambda amount: amount / 100)
    seen = quick_platform.sync(storing.config(), BOTH, *business(1))
    assert seen.good
    assert len(seen.states) == 2
    text = "invoices.amount is shown otherwise than it was sent: a hundredth"
    assert warnings(seen) == {("stored_differently", text): 1}
    (warning,) = seen.summary["warnings"]
    assert warning["example"] == "invoice in_0"


def test_given_a_user_who_wants_warnings_only_when_all_is_stored_with_another_value_then_it_goes_on(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.stores = changed(amount=lambda amount: amount / 100)
    seen = quick_platform.sync(storing.config(stored_check="warn"), BOTH, *business())
    assert seen.good
    text = "invoices.amount is shown otherwise than it was sent: a hundredth"
    assert warnings(seen) == {("stored_differently", text): 5}


def test_given_a_user_who_wants_no_look_then_nothing_is_asked_for(quick_platform: Platform, storing: Storing) -> None:
    storing.stores, storing.answers = changed(amount=lambda amount: amount / 100), lambda body: {"id": body["id"]}
    seen = quick_platform.sync(storing.config(stored_check="off"), BOTH, *business())
    assert (seen.good, warnings(seen), storing.gets()) == (True, {}, 0)


def test_given_a_field_that_no_answer_shows_then_it_is_a_warning_and_never_a_failure(
    quick_platform: Platform, storing: Storing
) -> None:
    def without_amount(body: Body) -> Body:
        return {name: value for name, value in body.items() if name != "amount"}

    storing.stores = without_amount
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    assert seen.good
    assert warnings(seen) == {("not_shown", "invoices.amount is accepted, and no answer shows it"): 5}


def test_given_a_field_that_only_the_answer_to_the_write_shows_then_it_was_stored(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.answers = lambda body: {name: value for name, value in body.items() if name in ("id", "email", "amount")}
    storing.shows = lambda body: {name: value for name, value in body.items() if name not in ("email", "amount")}
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    assert (seen.good, warnings(seen)) == (True, {})


def test_given_an_answer_that_shows_another_value_when_a_look_does_not_then_it_is_no_difference(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.answers = changed(amount=lambda amount: amount * 100)
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    assert (seen.good, warnings(seen), storing.gets()) == (True, {}, 5)


def test_given_an_id_of_fincomes_own_beside_ours_when_ours_is_found_then_it_is_no_difference(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.answers = storing.shows = lambda body: {**body, "id": 4711, "external_id": body["id"]}
    seen = quick_platform.sync(storing.config(), BOTH, *business())
    assert (seen.good, warnings(seen)) == (True, {})


def test_given_updates_that_change_nothing_then_it_stops_before_their_states_leave(
    quick_platform: Platform, storing: Storing
) -> None:
    assert quick_platform.sync(storing.config(), BOTH, *business()).good
    storing.updates, storing.status = False, 200
    paid = [invoice(f"in_{one}", f"c{one}", status="open", amount="99.00") for one in range(8)]
    seen = quick_platform.sync(storing.config(), BOTH, *paid, state("invoices", 2))
    assert seen.failure[0] == "config_error"
    assert "invoices.amount: another value, perhaps unchanged after an update (5 of 5" in seen.failure[1]
    assert seen.returned_ids() == []


def test_given_a_write_that_shows_late_when_it_is_answered_202_then_it_is_waited_for(
    platform: Platform, storing: Storing
) -> None:
    looks: Counter[str] = Counter()

    def late(body: Body) -> Body:
        looks[body["id"]] += 1
        return body if looks[body["id"]] > 2 or "amount" not in body else {**body, "amount": 0}

    storing.answers, storing.status, storing.shows = lambda body: {"id": body["id"]}, 202, late
    seen = platform.sync(storing.config(), BOTH, *business())
    assert (seen.good, warnings(seen)) == (True, {})
    assert sum(number >= 3 for number in looks.values()) >= 5


# --- nulls

DUE = catalog(stream("invoices", "id", "customer_id", "number", "date", "due_date", "status", "currency", "amount"))


def emptied(number: int = 6) -> list[Message]:
    return [*(invoice(f"in_{one}", f"c{one}", due_date=None) for one in range(number)), state("invoices", 2)]


def test_given_a_null_that_changes_nothing_then_it_is_a_warning(quick_platform: Platform, storing: Storing) -> None:
    storing.objects = {f"in_{one}": {"id": f"in_{one}", "due_date": "2026-03-01"} for one in range(6)}
    storing.stores = lambda body: {**body, "due_date": body.get("due_date") or "2026-03-01"}
    seen = quick_platform.sync(storing.config(null_handling="clear"), DUE, *emptied())
    assert seen.good
    assert warnings(seen) == {("not_cleared", "invoices.due_date was sent empty, and Fincome still shows a value"): 5}
    assert len(seen.states) == 1


def test_given_a_null_that_fincome_refuses_then_it_is_sent_without_it_and_told_once(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.objects = {f"in_{one}": {"id": f"in_{one}", "due_date": "2026-03-01"} for one in range(6)}
    storing.refuses = {"due_date"}
    seen = quick_platform.sync(storing.config(null_handling="clear", max_concurrency=1), DUE, *emptied())
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 6}
    text = "invoices.due_date can't be emptied: Fincome refuses a null there, and keeps the value that it has"
    assert warnings(seen) == {("not_cleared", text): 6}
    assert storing.refused == 1, "it is learned"
    told = [text for text in seen.logs if "a null is refused as due_date of invoices" in text]
    assert len(told) == 1
    assert storing.objects["in_3"]["amount"] == 12.5


def test_given_a_refusal_for_something_else_than_its_null_then_it_stays_one(
    quick_platform: Platform, storing: Storing
) -> None:
    storing.objects = {"in_0": {"id": "in_0"}, "in_1": {"id": "in_1"}}
    storing.refuses = {"due_date"}
    messages = [invoice("in_0", "c0", due_date="2026-03-01"), invoice("in_1", "c0", due_date=None)]
    seen = quick_platform.sync(storing.config(null_handling="clear"), DUE, *messages, state("invoices", 2))
    assert seen.outcomes("invoices") == {"sent": 1, "rejected": 1}


# --- the sandbox plays it


@pytest.fixture
def misbehaving(account: Account) -> Iterator[Account]:
    yield account
    account.misbehave()


def of(prefix: str, **fields: object) -> list[Message]:
    """Some business whose ids begin so."""
    messages = [customer(f"{prefix}c{one}") for one in range(6)]
    invoices = [invoice(f"{prefix}in{one}", f"{prefix}c{one}", **fields) for one in range(6)]
    return [*messages, state("customers", 1), *invoices, state("invoices", 1)]


ROUNDED = {"rounded_fields": "invoices.amount"}, "invoices.amount: without its decimals"


@pytest.mark.parametrize(
    ("faults", "words", "answer_form"),
    [
        *((*ROUNDED, form) for form in ("object", "envelope", "id", "empty")),
        (
            {"altered_fields": "invoices.amount", "altered_form": "hundredth"},
            "invoices.amount: a hundredth",
            "object",
        ),
        ({"altered_fields": "invoices.date", "altered_form": "day-earlier"}, "invoices.date: a day earlier", "id"),
    ],
)
def test_given_a_sandbox_that_stores_something_else_when_synced_then_no_state_leaves_and_the_words_name_it(
    quick_platform: Platform, misbehaving: Account, faults: dict[str, str], words: str, answer_form: str
) -> None:
    prefix = f"{words[-7:]}{answer_form}-".replace(" ", "_")
    misbehaving.misbehave(answer_form=answer_form, **faults)
    seen = quick_platform.sync(misbehaving.config(), BOTH, *of(prefix))
    assert seen.failure[0] == "config_error"
    assert words in seen.failure[1]
    assert seen.returned_ids() == [1]


@pytest.mark.parametrize("answer_form", ["object", "envelope", "id", "empty"])
def test_given_a_sandbox_that_stores_all_when_synced_then_nothing_is_told_whatever_it_answers(
    quick_platform: Platform, misbehaving: Account, answer_form: str
) -> None:
    misbehaving.misbehave(answer_form=answer_form)
    seen = quick_platform.sync(misbehaving.config(), BOTH, *of(f"good-{answer_form}-"))
    assert (seen.good, warnings(seen), len(seen.states)) == (True, {}, 2)


def test_given_a_sandbox_that_loses_a_field_when_synced_then_it_is_told(
    quick_platform: Platform, misbehaving: Account
) -> None:
    misbehaving.misbehave(dropped_fields="invoices.number")
    seen = quick_platform.sync(misbehaving.config(), BOTH, *of("lost-"))
    assert seen.good
    assert warnings(seen) == {("not_shown", "invoices.number is accepted, and no answer shows it"): 5}


def test_given_a_sandbox_that_shows_late_when_synced_then_nothing_is_told(
    platform: Platform, misbehaving: Account
) -> None:
    misbehaving.misbehave(visibility_lag_ms=600, answer_form="id")
    seen = platform.sync(misbehaving.config(), BOTH, *of("late-"))
    assert (seen.good, warnings(seen), len(seen.states)) == (True, {}, 2)
