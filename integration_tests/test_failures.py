"""Trouble on Fincome's side, by script: what stops a sync, what is tried again, what is rejected."""

from __future__ import annotations

from collections import Counter

import pytest
from pytest_httpserver import HTTPServer

from integration_tests.accounts import BROKEN_OFF, Answer, Scripted, invalid
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    Message,
    catalog,
    customer,
    invoice,
    state,
    stream,
)
from integration_tests.orchestrator import Platform

ONLY_CUSTOMERS = catalog(CUSTOMERS)
MANY = 300


def three() -> list[Message]:
    """Three customers, and a state after them."""
    return [*(customer(name) for name in ("ada", "bob", "cy")), state("customers", {"cursor": 3})]


@pytest.mark.parametrize("status", [401, 403])
def test_given_a_key_that_stops_working_when_syncing_then_few_requests_follow(
    platform: Platform, fincome: Scripted, status: int
) -> None:
    with platform.started(fincome.config(), ONLY_CUSTOMERS) as live:
        live.send(customer("first"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        fincome.default = Answer(status, {"detail": "PRIVATE words about the key"})
        live.send(*(customer(f"c{number}") for number in range(MANY)), state("customers", {"cursor": 2}))
        seen = live.finish(15)  # its input stays open
    kind, message = seen.failure
    assert kind == "config_error"
    assert f"refused the API key ({status})" in message
    assert "`api_key`" in message
    assert seen.returned_ids() == [1]
    # Of a 403 each worker asks once more, whether it is the key.
    assert 2 <= len(fincome.calls) <= 1 + 2 * 8 * (2 if status == 403 else 1)


def test_given_too_many_requests_when_told_to_wait_a_second_then_nobody_asks_before_and_all_is_sent(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.script("ada", Answer(429, headers={"Retry-After": "1"}))
    seen = platform.sync(fincome.config(max_concurrency=1), ONLY_CUSTOMERS, *three())
    assert seen.outcomes("customers") == {"sent": 3}
    assert Counter(fincome.written()) == {"ada": 2, "bob": 1, "cy": 1}
    refused, following, *_ = fincome.calls
    assert following.at - refused.at >= 1.0


def test_given_passing_trouble_when_it_passes_then_all_is_sent(platform: Platform, fincome: Scripted) -> None:
    page = Answer(200, "<html>Sign in</html>", content_type="text/html")
    fincome.script("ada", Answer(500), Answer(500))
    fincome.script("bob", page, page)
    fincome.script("cy", BROKEN_OFF, BROKEN_OFF)
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *three())
    assert seen.outcomes("customers") == {"sent": 3}
    assert Counter(fincome.written()) == {"ada": 3, "bob": 3, "cy": 3}


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(503, {"detail": "PRIVATE"}),
        Answer(429, headers={"Retry-After": "7200"}),
    ],
    ids=["down", "hours to wait"],
)
def test_given_trouble_without_end_when_patience_ends_then_it_fails_and_keeps_what_was_saved(
    platform: Platform, fincome: Scripted, trouble: Answer
) -> None:
    with platform.started(fincome.config(retry_minutes=0.02), ONLY_CUSTOMERS) as live:
        live.send(customer("saved"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        fincome.default = trouble
        live.send(*three())
        seen = live.finish(20)
    kind, message = seen.failure
    assert kind == "transient_error"
    assert "`retry_minutes`" in message
    assert seen.returned_ids() == [1]
    assert seen.outcomes("customers") == {"sent": 1}


def test_given_one_bad_record_of_three_when_synced_then_it_alone_is_rejected_with_its_reason(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.script("bob", invalid("email", "bob@private.example is not a valid email address"))
    first, *rest = three()
    messages = [first, customer("bob", email="bob@private.example"), *rest[1:], state("customers", {"cursor": 4})]
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *messages, forbidden=["bob@", "private.example"])
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 2, "rejected": 1}
    assert seen.counts() == [(2.0, 1.0), (0.0, 0.0)]
    (reason,) = seen.summary["reasons"]
    assert {**reason, "text": ""} == {
        "outcome": "rejected",
        "code": "refused_by_api",
        "where": "customers",
        "field": "email",
        "text": "",
        "count": 1,
        "example": "bob of stream customers",
    }
    assert "422" in reason["text"]
    assert "is not a valid email address" in reason["text"]
    assert Counter(fincome.written()) == {"ada": 1, "bob": 1, "cy": 1}


def test_given_answers_that_quote_other_customers_when_all_is_rejected_then_none_of_it_is_logged(
    platform: Platform, fincome: Scripted
) -> None:
    """Fincome's words may name what was never sent: an e-mail address of the object that is in the way."""
    fincome.default = invalid("email", 'email is used by eve@elsewhere.example already ("Eve Elsewhere Ltd")')
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *three(), forbidden=["eve@", "elsewhere.example", "Eve"])
    assert seen.failure[0] == "config_error"
    assert seen.outcomes("customers") == {"rejected": 3}


def test_given_strict_settings_when_a_record_is_rejected_then_the_failure_names_it(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.script("bob", invalid("country", "value is not a valid country"))
    seen = platform.sync(fincome.config(on_rejected="fail"), ONLY_CUSTOMERS, *three())
    kind, message = seen.failure
    assert kind == "config_error"
    for part in ("customers", "bob", "country", "not a valid country"):
        assert part in message


def test_given_no_rejected_record_is_tolerated_when_one_is_then_no_state_passes_it(
    platform: Platform, fincome: Scripted
) -> None:
    """Else the next attempt would begin after the record, and succeed without it."""
    fincome.script("bob", invalid("country", "value is not a valid country"))
    seen = platform.sync(fincome.config(max_rejected_records=0), ONLY_CUSTOMERS, *three())
    assert seen.failure[0] == "config_error"
    assert seen.returned_ids() == []


def test_given_one_rejected_record_is_tolerated_when_a_second_comes_then_it_fails(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.script("bob", invalid("country", "value is not a valid country"))
    with platform.started(fincome.config(max_rejected_records=1), ONLY_CUSTOMERS) as live:
        live.send(customer("ada"), customer("  "), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.send(customer("bob"), state("customers", {"cursor": 2}))
        seen = live.finish(15)
    assert seen.failure[0] == "config_error"
    assert "2 rejected records" in seen.failure[1]
    assert "bob" in seen.failure[1]
    assert seen.counts()[0] == (1.0, 1.0)


def test_given_a_redirect_when_syncing_then_the_key_goes_nowhere_else(platform: Platform, fincome: Scripted) -> None:
    with HTTPServer() as other_server:
        other = Scripted(other_server)
        fincome.default = Answer(301, headers={"Location": other.base_url + "/clients"})
        seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *three())
        assert other.calls == []
    kind, message = seen.failure
    assert kind == "config_error"
    assert "redirect (301)" in message
    assert "`base_url`" in message


def test_given_an_unknown_route_when_syncing_then_it_stops_and_names_the_setting(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = Answer(404, {"detail": "Not Found"})
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *three())
    assert seen.failure[0] == "config_error"
    assert "`paths.customers`" in seen.failure[1]


def test_given_another_path_and_header_when_set_then_they_are_used(platform: Platform, fincome: Scripted) -> None:
    config = fincome.config(paths={"customers": "/customers"}, api_key_header="Authorization", api_key_prefix="Bearer ")
    assert platform.sync(config, ONLY_CUSTOMERS, *three()).good
    assert {call.path for call in fincome.calls if call.verb == "POST"} == {"/product/customers"}
    assert {(call.key, call.authorization) for call in fincome.calls} == {(None, f"Bearer {fincome.api_key}")}


def test_given_a_parent_that_shows_late_when_its_child_is_refused_then_the_child_is_tried_again(
    platform: Platform, fincome: Scripted
) -> None:
    """Updates may be asynchronous (202), as Fincome documents of customers."""
    unknown = invalid("customer_id", "Customer not found")
    fincome.script("ada", Answer(202))
    fincome.script("in-1", unknown, unknown)
    seen = platform.sync(fincome.config(), catalog(CUSTOMERS, INVOICES), customer("ada"), invoice("in-1", "ada"))
    assert seen.outcomes("invoices") == {"sent": 1}
    assert fincome.written() == ["ada", "in-1", "in-1", "in-1"]


def test_given_no_known_stream_when_started_then_it_fails_before_it_reads(
    platform: Platform, fincome: Scripted
) -> None:
    with platform.started(fincome.config(), catalog(stream("weather", "id"), stream("tides", "id"))) as live:
        seen = live.finish(15)  # nothing was sent, and the input is open
    kind, message = seen.failure
    assert kind == "config_error"
    assert "weather" in message
    assert "tides" in message
    assert "Stripe" in message
    assert fincome.calls == []


WITH_INVOICES = catalog(CUSTOMERS, INVOICES)
NOWHERE = Answer(404, {"detail": "Customer not found"})


@pytest.mark.parametrize("trouble", [Answer(503), Answer(429, headers={"Retry-After": "0"}), BROKEN_OFF])
def test_given_passing_trouble_on_a_parents_look_up_when_it_passes_then_its_children_are_sent(
    platform: Platform, fincome: Scripted, trouble: Answer
) -> None:
    fincome.script("cus_old", trouble, trouble)
    fincome.default = lambda call: Answer(200 if call.verb == "GET" else 201)
    seen = platform.sync(
        fincome.config(), WITH_INVOICES, *(invoice(f"in_{n}", "cus_old") for n in range(20)), state("invoices", 1)
    )
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 20}
    assert [call.verb for call in fincome.calls if call.id == "cus_old"] == ["GET"] * 3


def test_given_trouble_on_a_parents_look_up_when_it_does_not_pass_then_it_fails_and_keeps_the_state(
    platform: Platform, fincome: Scripted
) -> None:
    """The pauses between the tries grow: few requests are made of trouble that stays."""
    fincome.default = lambda call: Answer(503) if call.verb == "GET" else Answer(201)
    messages = [customer("ada"), state("customers", 1), invoice("in_1", "cus_old"), state("invoices", 1)]
    seen = platform.sync(fincome.config(retry_minutes=0.1), WITH_INVOICES, *messages)
    kind, message = seen.failure
    assert kind == "transient_error"
    assert "503" in message
    assert seen.returned_ids() == [1]
    assert seen.reasons("rejected") == []
    assert 2 <= sum(call.verb == "GET" for call in fincome.calls if call.id == "cus_old") <= 6
