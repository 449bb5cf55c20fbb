"""Answers of 429 in forms that once made a sync crawl, hang or crash, through the command line.

unit_tests/engine/test_limits.py has the whole table, in simulated time.
"""

from __future__ import annotations

from collections import Counter

import pytest

from integration_tests.accounts import ACCEPTED, Answer, Call, Scripted
from integration_tests.messages import CUSTOMERS, Message, catalog, customer, state
from integration_tests.orchestrator import Platform
from unit_tests.engine.simulated_api import FORMS, Limit, outage, window_from_first_request

ONLY_CUSTOMERS = catalog(CUSTOMERS)
ENDLESS = 1e9
WORKERS = 8


def customers(count: int) -> list[Message]:
    return [*(customer(f"c{number}") for number in range(count)), state("customers", {"cursor": count})]


class Limited:
    """Lets an account's requests through as a limit says, and keeps count of what it refuses."""

    def __init__(self, fincome: Scripted, limit: Limit, form: str) -> None:
        self.passed: list[float] = []
        self.refused: list[float] = []
        self._calls = fincome.calls
        self._limit, self._form = limit, FORMS[form]
        fincome.default = self._answer

    def _answer(self, call: Call) -> Answer:
        now = call.at - self._calls[0].at
        wait = self._limit(now)
        if wait <= 0:
            self.passed.append(now)
            return ACCEPTED
        self.refused.append(now)
        header = self._form(wait)
        return Answer(429, headers={} if header is None else {"Retry-After": header})


def test_given_a_window_that_says_nothing_when_synced_then_all_is_sent_with_few_refusals(
    platform: Platform, fincome: Scripted
) -> None:
    limited = Limited(fincome, window_from_first_request(150, 5), "absent")
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *customers(400))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 400}
    assert Counter(Counter(fincome.written()).values())[1] >= 400 - len(limited.refused)
    assert len(limited.refused) < 0.05 * len(fincome.calls)
    # Two more windows are needed.
    assert 10 <= limited.passed[-1] <= 1.25 * 10 + 15


def test_given_a_burst_of_429s_with_a_retry_after_of_zero_when_it_is_over_then_all_is_sent(
    platform: Platform, fincome: Scripted
) -> None:
    limited = Limited(fincome, outage(0, 3), "zero")
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *customers(300))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 300}
    # What was under way, and one after a second.
    assert len(limited.refused) <= WORKERS + 1
    assert limited.passed[-1] <= 1.25 * 3 + 15


@pytest.mark.parametrize("form", ["nan", "negative"])
def test_given_429s_without_end_when_patience_ends_then_it_fails_after_few_requests(
    platform: Platform, fincome: Scripted, form: str
) -> None:
    with platform.started(fincome.config(retry_minutes=0.05), ONLY_CUSTOMERS) as live:
        live.send(customer("saved"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        limited = Limited(fincome, outage(0, ENDLESS), form)
        live.send(*customers(100))
        seen = live.finish(30)
    kind, message = seen.failure
    assert kind == "transient_error"
    assert "429" in message
    assert "`retry_minutes`" in message
    assert seen.returned_ids() == [1]
    # What was under way, and two more: after a second, and when patience ends.
    assert len(limited.refused) <= WORKERS + 2
    assert 2.5 <= limited.refused[-1] - limited.refused[0] <= 3 + 10


def test_given_a_retry_after_of_centuries_when_refused_then_it_fails_at_once(
    platform: Platform, fincome: Scripted
) -> None:
    limited = Limited(fincome, outage(0, 100 * ENDLESS), "exact")
    with platform.started(fincome.config(), ONLY_CUSTOMERS) as live:
        live.send(*customers(100))
        seen = live.finish(30)  # its input stays open
    kind, message = seen.failure
    assert kind == "transient_error"
    assert "429 and asks to wait 100000000000 s, longer than `retry_minutes` allows" in message
    assert len(limited.refused) <= WORKERS
