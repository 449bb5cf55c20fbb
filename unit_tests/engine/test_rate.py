"""The search for the API's rate, against a token bucket in simulated time."""

from dataclasses import dataclass

import pytest

from destination_fincome.engine.pace.rate import FIRST_RATE, LOWEST_RATE, EvenRate, RateFinder


@dataclass
class Run:
    """What came of a run: the share of the limit that was used, and the share of requests that were refused."""

    used: float
    refused: float
    highest: float


def run(finder, limit, seconds, most_at_once=8, latency=0.02, retry_after=1.0):
    """Send as fast as the finder and the workers allow; a refusal hits all that are on their way."""
    burst = max(1.0, limit / 10)
    tokens, now, last = burst, 0.0, 0.0
    accepted = refused = 0
    highest = 0.0
    while now < seconds:
        step = max(finder.interval, latency / most_at_once)
        now += step
        tokens, last = min(burst, tokens + (now - last) * limit), now
        highest = max(highest, 1 / step)
        if tokens >= 1:
            tokens -= 1
            accepted += 1
            finder.accepted(now)
        else:
            refused += 1 + min(most_at_once - 1, int(latency / step))
            now += retry_after
            finder.refused(now)
    return Run(accepted / (limit * seconds), refused / (accepted + refused), highest)


@pytest.mark.parametrize("limit", [5, 50, 200])
def test_given_an_unknown_limit_when_syncing_for_some_minutes_then_it_is_used_well_and_hit_rarely(limit):
    result = run(RateFinder(), limit, seconds=300)
    assert result.used >= 0.95
    assert result.refused < 0.02


def test_given_the_limit_as_a_setting_when_syncing_then_no_request_is_refused():
    result = run(RateFinder(50), 50, seconds=60)
    assert result.refused == 0
    assert result.used >= 0.99


def test_given_a_setting_when_the_api_allows_more_then_it_is_never_exceeded():
    result = run(RateFinder(20), 50, seconds=120)
    assert result.highest <= 20


def test_given_a_setting_above_the_limit_when_refused_then_a_lower_rate_is_found():
    result = run(RateFinder(100), 50, seconds=300)
    assert result.used >= 0.95
    assert result.refused < 0.02


def test_given_no_refusal_when_syncing_then_there_is_no_limit():
    finder = RateFinder()
    finder.accepted(1.0)
    assert (finder.rate, finder.interval) == (None, 0.0)


def test_given_the_first_refusal_when_nothing_is_known_then_the_search_begins_low():
    finder = RateFinder()
    finder.refused(1.0)
    assert finder.rate == FIRST_RATE


def test_given_a_limit_that_rises_when_syncing_on_then_the_rate_climbs():
    finder = RateFinder()
    run(finder, 50, seconds=60)
    before, now = finder.rate, 1000.0
    while now < 1300:
        now += finder.interval
        finder.accepted(now)
    assert finder.rate > before * 1.05


def test_given_a_limit_that_rises_when_it_is_too_risky_to_ask_then_the_rate_stays():
    finder = RateFinder()
    run(finder, 50, seconds=60)
    before, now = finder.rate, 1000.0
    while now < 1300:
        now += finder.interval
        finder.accepted(now, may_risk=False)
    assert finder.rate == before


def test_given_a_rate_that_is_not_used_when_nothing_is_refused_then_it_proves_nothing():
    finder = RateFinder()
    finder.refused(0.0)
    for now in range(1, 100):
        finder.accepted(float(now))
    assert finder.rate == FIRST_RATE


def test_given_requests_from_before_when_they_are_accepted_then_they_prove_nothing_of_the_new_rate():
    finder = RateFinder()
    finder.refused(100.0)
    for _ in range(1000):
        finder.accepted(99.0)
    finder.accepted(100.6)
    assert finder.rate == FIRST_RATE


def test_given_refusals_without_end_when_the_rate_falls_then_it_has_a_floor():
    finder = RateFinder()
    for now in range(1000):
        finder.refused(float(now))
    assert finder.rate == LOWEST_RATE


def test_given_a_setting_below_the_floor_when_refused_then_it_is_not_exceeded():
    finder = RateFinder(LOWEST_RATE / 2)
    finder.refused(1.0)
    assert finder.rate == LOWEST_RATE / 2


def test_given_a_rate_that_was_computed_when_it_holds_then_a_better_one_is_tried_with_care():
    finder = RateFinder()
    finder.hold(EvenRate(rate=1.0, at_most=4.0, counted_over=60.0), 0.0)
    for second in range(60):
        finder.accepted(float(second))
    assert finder.rate == 1.0
    finder.accepted(60.0)
    assert finder.rate == 1.25
