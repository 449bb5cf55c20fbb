"""The connector's own width, step by step. test_limits.py shows what comes of it."""

import pytest

from destination_fincome.engine.pace import auto_width
from destination_fincome.engine.pace.auto_width import CAREFUL, FIRST, FIRST_HOLD, KNOWN_SECONDS, MOST, AutoWidth

LATENCY = 0.1


class Api:
    """Answers `knee` requests at a time, always in the same time; `use` of the width is asked for."""

    def __init__(self, knee: float) -> None:
        self.width, self.now, self.knee = AutoWidth(0.0), 0.0, knee

    def run(self, seconds: float, use: float = 1.0) -> int:
        """Send for so long; returns the width then."""
        end = self.now + seconds
        while self.now < end:
            in_air = max(1, int(use * self.width.now))
            latency = LATENCY * max(1.0, in_air / self.knee)
            self.now += latency / in_air
            self.width.good(self.now - latency, self.now, 1, in_air)
        return self.width.now


@pytest.mark.parametrize(("knee", "width"), [(4, 4), (8, 8), (16, CAREFUL), (1000, CAREFUL)])
def test_given_an_api_that_answers_so_many_at_a_time_when_a_few_seconds_pass_then_it_is_as_wide_and_careful(
    knee, width
):
    assert Api(knee).run(10) == width


def test_given_an_api_without_trouble_when_it_is_known_then_it_is_wider_up_to_a_bound():
    api = Api(1000)
    assert api.run(KNOWN_SECONDS - 1) == CAREFUL
    assert api.run(10) == MOST
    assert api.width.widest == MOST


def test_given_trouble_when_a_minute_passes_then_it_is_counted_from_the_trouble_on():
    api = Api(1000)
    api.run(40)
    api.width.overloaded(api.now, api.now)
    assert api.run(KNOWN_SECONDS - 1) == CAREFUL
    assert api.run(10) > CAREFUL


def test_given_a_source_that_is_slow_when_the_width_is_not_used_then_it_is_not_widened():
    assert Api(1000).run(10, use=0.5) == FIRST


def test_given_answers_that_took_no_request_when_they_are_taken_then_nothing_is_measured():
    width = AutoWidth(0.0)
    for number in range(200):
        width.good(number, number + 0.001, 0, 1)
    assert (width.now, width.widest) == (FIRST, FIRST)


def test_given_a_width_that_did_not_pay_when_some_time_has_passed_then_it_is_tried_again():
    api = Api(4)
    api.run(10)
    api.knee = 16
    assert api.run(FIRST_HOLD + 10) == CAREFUL


def test_given_an_api_that_becomes_slow_when_it_is_slow_then_nothing_is_narrowed(monkeypatch):
    api = Api(16)
    assert api.run(10) == 16
    monkeypatch.setitem(globals(), "LATENCY", 3 * LATENCY)
    assert api.run(60) == 16


def test_given_requests_under_way_when_all_meet_with_trouble_then_it_is_halved_once():
    api = Api(16)
    api.run(10)
    sent = api.now
    for _ in range(16):
        api.width.overloaded(sent, api.now + LATENCY)
    assert api.width.now == 8
    api.width.overloaded(api.now + 2 * LATENCY, api.now + 3 * LATENCY)
    assert api.width.now == 4


def test_given_trouble_when_it_is_over_then_it_is_nearly_as_wide_again_and_later_all_of_it():
    api = Api(16)
    api.run(10)
    api.width.overloaded(api.now, api.now)
    assert api.width.now == 8
    assert api.run(8) == 14
    assert api.run(FIRST_HOLD) == 16


def test_given_trouble_at_a_width_that_was_tried_when_it_is_tried_again_then_halfway():
    api = Api(1000)
    while api.width.now < CAREFUL:
        api.run(LATENCY)
    api.width.overloaded(api.now, api.now)
    assert api.run(10) == 8
    while api.width.now == 8:
        api.run(LATENCY)
    assert api.width.now == 12


def test_given_refusals_when_the_rate_is_lowered_for_them_then_the_width_is_halved_and_free_again():
    api = Api(16)
    api.run(10)
    api.width.refused(api.now, api.now)
    assert api.width.now == 8
    assert api.run(8) == 16


def test_given_a_firewalls_page_when_it_was_met_then_half_the_width_is_never_exceeded_again():
    api = Api(1000)
    api.run(10)
    api.width.barred(api.now, api.now)
    assert api.run(1000) == CAREFUL // 2


def test_given_the_narrowest_width_when_there_is_trouble_then_one_request_still_runs():
    width = AutoWidth(0.0)
    for now in range(1, 9):
        width.overloaded(now, now)
    assert width.now == 1


def test_given_a_pause_when_it_is_over_then_what_was_tried_is_tried_anew():
    api = Api(1000)
    api.run(1)
    tried = api.width.now
    assert tried > FIRST
    api.width.begin_anew(api.now)
    assert api.width.now == tried // auto_width.STEP
