"""How many requests run at a time when no setting says it."""

from __future__ import annotations

import time
from threading import Lock

from pytest_httpserver import HTTPServer

from integration_tests.accounts import ACCEPTED, Answer, Call, Scripted
from integration_tests.messages import CUSTOMERS, catalog, customer, state
from integration_tests.orchestrator import Platform


class Crowd:
    """Answers after a time, and notes how many requests are under way as each one comes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._now = 0
        self._lock = Lock()

    def __call__(self, _: Call) -> Answer:
        with self._lock:
            self._now += 1
            self.sizes.append(self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1
        return ACCEPTED


def test_given_no_setting_when_syncing_then_a_few_requests_run_at_first_and_more_as_that_is_faster(
    platform: Platform,
) -> None:
    messages = [*(customer(f"c{number}") for number in range(100)), state("customers", {"cursor": 100})]
    with HTTPServer(threaded=True) as server:
        fincome, crowd = Scripted(server), Crowd()
        fincome.default = crowd
        seen = platform.sync(fincome.config(stored_check="off"), catalog(CUSTOMERS), *messages)
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 100}
    assert max(crowd.sizes[:20]) == 4
    assert 4 < max(crowd.sizes) <= 16
