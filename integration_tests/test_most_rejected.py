"""When so much is rejected that something is wrong as a whole, the sync is red, and no state passes what was lost."""

from __future__ import annotations

import pytest

from integration_tests.accounts import ACCEPTED, Account, Answer, Call, Scripted
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    LINES,
    Message,
    catalog,
    customer,
    invoice,
    line,
    state,
    stream,
)
from integration_tests.orchestrator import Platform, Seen

ALL = catalog(CUSTOMERS, INVOICES, LINES)
ONLY_CUSTOMERS = catalog(CUSTOMERS)


def customers(name: str, good: int, bad: int) -> list[Message]:
    """Good customers and then such as the contract refuses, with a state after each part."""
    return [
        *(customer(f"{name}-good-{number}") for number in range(good)),
        state("customers", {"good": good}),
        *(customer(f"{name}-bad-{number}", email=["not", "text"]) for number in range(bad)),
        state("customers", {"bad": bad}),
    ]


# --- a share


def test_given_most_of_a_kind_rejected_when_the_input_ends_then_the_sync_fails_and_those_states_stay(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), ONLY_CUSTOMERS, *customers("most", 10, 11))
    kind, message = seen.failure
    assert kind == "config_error"
    assert (
        "11 of 21 customers were rejected, most often: customers.email: must be text (for example most-bad" in message
    )
    assert "`max_rejected_percent` tolerates 50 %" in message
    assert seen.counts() == [(10.0, 0.0)], "the state before them leaves, the one that covers them stays"
    assert seen.outcomes("customers") == {"sent": 10, "rejected": 11}


@pytest.mark.parametrize(
    ("good", "bad", "settings"),
    [
        (10, 10, {}),  # half of them is tolerated
        (4, 15, {}),  # of fewer than 20, a share says nothing
        (1, 29, {"max_rejected_percent": 100}),
        (15, 5, {"max_rejected_percent": 25}),
    ],
)
def test_given_no_more_rejected_than_tolerated_when_synced_then_all_states_leave(
    platform: Platform, account: Account, good: int, bad: int, settings: dict[str, object]
) -> None:
    seen = platform.sync(account.config(**settings), ONLY_CUSTOMERS, *customers(f"less-{bad}", good, bad))
    assert seen.good
    assert seen.counts() == [(good, 0.0), (0.0, bad)]


def test_given_fewer_are_tolerated_when_more_are_rejected_then_it_fails(platform: Platform, account: Account) -> None:
    seen = platform.sync(account.config(max_rejected_percent=4.5), ONLY_CUSTOMERS, *customers("few", 19, 1))
    assert "1 of 20 customers were rejected" in seen.failure[1]
    assert "tolerates 4.5 %" in seen.failure[1]


def test_given_children_of_rejected_parents_when_synced_then_they_do_not_count_as_rejected_by_themselves(
    platform: Platform, account: Account
) -> None:
    good = [invoice(f"kin-{number}", "kin") for number in range(20)]
    bad = [invoice(f"kin-bad-{number}", "kin", status="somehow") for number in range(5)]
    lines = [line(f"kin-{number}-{i}", f"kin-bad-{number}") for number in range(5) for i in range(10)]
    seen = platform.sync(account.config(), ALL, customer("kin"), *good, *bad, *lines, state("invoice_lines"))
    assert seen.good
    assert seen.outcomes("invoice_lines") == {"rejected": 50}
    assert seen.counts() == [(0.0, 50.0)]


def test_given_most_rejected_at_first_when_it_recovers_then_the_states_wait_and_leave(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), ALL) as live:
        live.send(*(customer(f"up-bad-{number}", email=["not", "text"]) for number in range(20)), state("customers"))
        # Another stream's state shows that all before it is done.
        live.send(invoice("up-1", "up-good-0"), customer("up-good-0"), state("invoices"))
        live.wait_until(lambda seen: [one["state"]["id"] for one in seen.states] == [2])
        live.wait_until(lambda seen: any("States that cover rejections wait" in text for text in seen.logs), 25)
        live.send(*(customer(f"up-good-{number}") for number in range(1, 21)))
        live.wait_until(lambda seen: [one["state"]["id"] for one in seen.states] == [2, 1])
        live.end_input()
        seen = live.finish()
    assert seen.good
    (told, *_) = [text for text in seen.logs if "States that cover rejections wait" in text]
    assert "20 of 21 customers are rejected (`max_rejected_percent`)" in told


# --- a form


MISSING = Answer(422, {"detail": [{"loc": ["body", "legal_name"], "msg": "Field required", "type": "missing"}]})


def wrong_value(call: Call) -> Answer:
    """A refusal whose words quote the object's id, as that of a value."""
    words = f"Value error, customer {call.id} has a country that is not supported"
    return Answer(422, {"detail": [{"loc": ["body", "country"], "msg": words, "type": "value_error"}]})


def refused(platform: Platform, fincome: Scripted, number: int, **settings: object) -> Seen:
    """A sync of so many customers, with a state after each."""
    messages = [m for n in range(number) for m in (customer(f"c{n}"), state("customers", {"n": n}))]
    return platform.sync(fincome.config(**settings), ONLY_CUSTOMERS, *messages)


@pytest.mark.parametrize("answer", [MISSING, wrong_value])
def test_given_all_refused_for_one_reason_when_twenty_are_then_the_sync_stops_before_any_state(
    platform: Platform, fincome: Scripted, answer: Answer
) -> None:
    fincome.default = answer
    with platform.started(fincome.config(), ONLY_CUSTOMERS) as live:
        live.send(*(m for n in range(300) for m in (customer(f"c{n}"), state("customers", {"n": n}))))
        seen = live.finish(30)  # its input stays open
    kind, message = seen.failure
    assert kind == "config_error"
    assert "Fincome has refused all customers so far (20 or more), for one reason: customers." in message
    for part in ("legal_name" if answer is MISSING else "country", "`fincome contract check FILE`",
                 "`max_rejected_percent` to 100"):  # fmt: skip
        assert part in message
    assert seen.states == []
    assert 20 <= len(fincome.calls) <= 20 + 2 * 8


@pytest.mark.parametrize(
    ("number", "answer", "stops"),
    [
        (1, MISSING, True),
        (1, wrong_value, False),
        (2, MISSING, True),
        (2, wrong_value, True),
    ],
)
def test_given_few_refused_when_the_input_ends_then_a_reason_of_form_stops_and_one_of_a_value_does_not(
    platform: Platform, fincome: Scripted, number: int, answer: Answer, stops: bool
) -> None:
    fincome.default = answer
    seen = refused(platform, fincome, number)
    assert ("`fincome contract check FILE`" in seen.failure[1]) is stops
    assert len(seen.states) == (0 if stops else number)


def test_given_two_refused_for_two_reasons_when_the_input_ends_then_their_states_leave(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: MISSING if call.id == "c1" else wrong_value(call)
    seen = refused(platform, fincome, 2)
    assert "Nothing of this sync came through" in seen.failure[1]
    assert seen.counts() == [(0.0, 1.0), (0.0, 1.0)]


def test_given_one_accepted_when_the_others_are_refused_then_the_states_that_waited_leave(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: ACCEPTED if call.id == "last" else MISSING
    with platform.started(fincome.config(), ONLY_CUSTOMERS) as live:
        live.send(*(customer(f"c{n}") for n in range(5)), state("customers", {"n": 5}))
        live.wait_until(lambda _: len(fincome.calls) == 5)
        assert live.seen.states == []
        live.send(customer("last"))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 1, "rejected": 5}


def test_given_the_way_past_it_when_all_are_refused_then_it_reads_on_and_the_states_leave(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = MISSING
    seen = refused(platform, fincome, 30, max_rejected_percent=100)
    assert len(seen.states) == 30
    assert "Nothing of this sync came through" in seen.failure[1]


def test_given_one_kind_refused_when_another_is_accepted_then_only_its_own_states_stay(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: MISSING if "invoices" in call.path else ACCEPTED
    account = fincome.config()
    seen = platform.sync(
        account, ALL, customer("c"), state("customers"), invoice("i1", "c"), invoice("i2", "c"), state("invoices")
    )
    assert "refused all invoices so far (2)" in seen.failure[1]
    assert [one["state"]["stream"]["stream_descriptor"]["name"] for one in seen.states] == ["customers"]


# --- nothing


def test_given_nothing_that_came_through_when_synced_then_it_is_red_and_the_states_leave(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), ONLY_CUSTOMERS, *customers("none", 0, 2))
    kind, message = seen.failure
    assert kind == "config_error"
    assert "Nothing of this sync came through" in message
    assert "customers.email: must be text (for example none-bad-0" in message
    assert seen.counts() == [(0.0, 0.0), (0.0, 2.0)]


def test_given_nothing_but_what_is_skipped_when_synced_then_it_is_green(platform: Platform, account: Account) -> None:
    everything = catalog(CUSTOMERS, stream("unheard_of", "x"))
    data = {"stream": "unheard_of", "data": {"x": 1}, "emitted_at": 1}
    assert platform.sync(account.config(), everything, {"type": "RECORD", "record": data}).good
