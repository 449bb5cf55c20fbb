"""The search for the API's rate, step by step. test_limits.py shows what comes of it."""

from itertools import pairwise

from destination_fincome.engine.pace.rate import (
    CLOSE_ENOUGH,
    FIRST_RATE,
    HIGHEST_RATE,
    LOWEST_RATE,
    EvenRate,
    RateFinder,
)
from destination_fincome.engine.pace.sharing import STEP_SECONDS


def use(finder, begin, seconds, **risk):
    """Send at the finder's rate for so long; nothing is refused."""
    now = begin
    while now < begin + seconds:
        now += finder.interval
        finder.accepted(now, **risk)
    return now


def found(limit=50.0):
    """A finder that has found a limit, and the time."""
    finder, now = RateFinder(), 0.0
    finder.refused(now, now)
    while now < 60:
        now += finder.interval
        if finder.rate > limit:
            finder.refused(now, now + 1)
            now += 1
        else:
            finder.accepted(now)
    return finder, now


def test_given_a_limit_when_searching_then_it_is_found():
    finder, _ = found()
    assert 50 / CLOSE_ENOUGH <= finder.rate <= 50


def test_given_rates_that_hold_when_nothing_was_refused_at_them_then_they_are_doubled():
    finder = RateFinder()
    finder.refused(0.0, 1.0)
    use(finder, 1.0, 0.5)
    assert finder.rate == 2 * FIRST_RATE


def test_given_a_rate_that_is_refused_soon_when_it_had_held_at_first_then_bursts_may_have_let_it_pass():
    finder, now = found()
    held = finder.rate
    finder.refused(now, now)
    first = finder.rate
    finder.refused(now, now)
    assert held / 4 < finder.rate < 0.8 * first


def test_given_a_rate_that_is_refused_late_when_it_had_held_then_it_is_only_a_little_lower():
    finder, now = found()
    held = finder.rate
    now = use(finder, now, 4)
    finder.refused(now, now)
    assert 0.97 * held < finder.rate < held


def test_given_what_was_accepted_in_the_long_run_when_refused_then_the_rate_does_not_fall_below():
    finder = RateFinder()
    finder.refused(0.0, 0.0)
    finder.refused(0.1, 0.1, at_least=7.0)
    assert 7.0 < finder.rate < FIRST_RATE


def test_given_no_refusal_when_syncing_then_there_is_no_limit():
    finder = RateFinder()
    finder.accepted(1.0)
    assert (finder.rate, finder.interval) == (None, 0.0)


def test_given_the_first_refusal_when_nothing_is_known_then_the_search_begins_low():
    finder = RateFinder()
    finder.refused(0.0, 1.0)
    assert finder.rate == FIRST_RATE


def test_given_a_limit_that_rises_when_syncing_on_then_the_rate_climbs():
    finder, now = found()
    before = finder.rate
    use(finder, now, 60)
    assert finder.rate > before * 1.05


def test_given_a_rate_that_was_found_when_nothing_is_refused_for_long_then_it_climbs_faster_and_faster():
    finder, now = found()
    rates = [finder.rate]
    for _ in range(3):
        now = use(finder, now, 8)
        rates.append(finder.rate)
    steps = [after / before for before, after in pairwise(rates)]
    assert steps == sorted(steps)
    assert steps[-1] > 2 * steps[0]


def test_given_rates_without_end_when_nothing_is_refused_then_they_have_a_ceiling():
    finder = RateFinder()
    finder.refused(0.0, 0.0)
    use(finder, 0.0, 8)
    assert finder.rate == HIGHEST_RATE


def test_given_a_limit_that_rises_when_it_is_too_risky_to_ask_then_the_rate_stays():
    finder, now = found()
    before = finder.rate
    use(finder, now, 300, may_risk=False)
    assert finder.rate == before


def test_given_a_rate_that_is_not_used_when_nothing_is_refused_then_it_proves_nothing():
    finder = RateFinder()
    finder.refused(0.0, 0.0)
    for now in range(1, 100):
        finder.accepted(float(now))
    assert finder.rate == FIRST_RATE


def test_given_requests_from_before_when_they_are_accepted_then_they_prove_nothing_of_the_new_rate():
    finder = RateFinder()
    finder.refused(99.0, 100.0)
    for _ in range(1000):
        finder.accepted(99.0)
    finder.accepted(100.6)
    assert finder.rate == FIRST_RATE


def test_given_refusals_without_end_when_the_rate_falls_then_it_has_a_floor():
    finder = RateFinder()
    for now in range(1000):
        finder.refused(float(now), float(now))
    assert finder.rate == LOWEST_RATE


def test_given_a_setting_below_the_floor_when_refused_then_it_is_not_exceeded():
    finder = RateFinder(LOWEST_RATE / 2)
    finder.refused(0.0, 1.0)
    assert finder.rate == LOWEST_RATE / 2


def test_given_a_setting_that_held_for_long_when_refused_once_then_the_rate_is_only_a_little_lower():
    finder = RateFinder(50.0)
    now = use(finder, 0.0, 10)
    finder.refused(now, now)
    assert finder.rate == 49.0


def test_given_a_rate_that_was_computed_when_it_holds_then_a_better_one_is_tried_with_care():
    finder = RateFinder()
    finder.hold(EvenRate(rate=1.0, at_most=4.0, counted_over=60.0), 0.0)
    for second in range(60):
        finder.accepted(float(second))
    assert finder.rate == 1.0
    finder.accepted(60.0)
    assert finder.rate == 1.25


# --- others use the same limit


def shared(limit=50.0):
    """A finder of which a lower rate was refused than had held, and the time."""
    finder, now = found(limit)
    now = use(finder, now, 3)
    finder.refused(now, now)
    first = finder.rate
    for _ in range(3):
        now += 1
        finder.refused(now, now)
    assert finder.rate < 0.6 * first
    return finder, now


def test_given_a_rate_that_had_held_when_a_lower_one_is_refused_then_room_is_made_for_others_and_won_back_in_steps():
    finder, now = shared()
    rates = [finder.rate]
    for _ in range(5):
        now = use(finder, now, STEP_SECONDS)
        rates.append(finder.rate)
    steps = [after - before for before, after in pairwise(rates)]
    assert min(steps) > 0
    assert max(steps) < 1.2 * min(steps)


def test_given_others_who_are_gone_when_nothing_more_is_refused_then_the_whole_limit_is_found_again():
    finder, now = shared()
    use(finder, now, 120)
    assert finder.rate > 50
