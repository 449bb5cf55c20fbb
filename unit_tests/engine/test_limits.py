"""Limits of an API that a sync must live with, in simulated time: a table of limits by forms of Retry-After."""

import math
import random
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit_tests.engine.simulated_api import (
    FORMS,
    NONSENSE,
    Clock,
    Server,
    Simulation,
    fixed_window,
    no_limit,
    outage,
    sliding_window,
    token_bucket,
    window_from_first_request,
)

LATENCY = 0.02
TELLING = ["exact", "always a second", "absent"]
MOST_REFUSED = 0.05


def at_full_speed(objects, latency=LATENCY, width=8):
    """The seconds that so many objects take without a limit."""
    return math.ceil(objects / width) * latency


def windows(objects, size, period):
    """The seconds until the window opens in which the last of so many objects can go."""
    return (math.ceil(objects / size) - 1) * period


def assert_good(outcome, objects, ideal):
    """All went, in little more than the best possible time, and few requests were wasted."""
    assert outcome.failed is None
    assert len(outcome.passed) == objects
    assert outcome.seconds <= 1.25 * ideal + 15
    assert outcome.share_refused < MOST_REFUSED


# --- windows

WINDOWS = [
    (60, 15, 600),
    (100, 15, 600),
    (1000, 15, 5000),
    (100, 30, 600),
    (150, 30, 600),
    (100, 60, 300),
    (300, 60, 1200),
    (3000, 60, 9000),
    (50, 1, 2000),
    (250, 5, 2000),
]
# At the end of each of these a refusal would be too large a share: the rate must become even.
SMALL_WINDOWS = [(10, 15, 600), (20, 15, 600), (20, 30, 600), (20, 60, 600), (50, 60, 600)]


@pytest.mark.parametrize("form", TELLING)
@pytest.mark.parametrize(("size", "period", "objects"), WINDOWS + SMALL_WINDOWS)
@pytest.mark.parametrize("window", [fixed_window, window_from_first_request, sliding_window])
def test_given_a_window_when_syncing_then_it_takes_little_longer_than_it_must(window, size, period, objects, form):
    outcome = Simulation(window(size, period), form, latency=LATENCY).run(objects)
    assert_good(outcome, objects, windows(objects, size, period) + at_full_speed(objects))


@pytest.mark.parametrize("form", TELLING)
@pytest.mark.parametrize(("size", "period", "objects"), WINDOWS)
@pytest.mark.parametrize("entered", [0.2, 0.5, 0.8])
def test_given_a_window_that_has_begun_when_syncing_then_it_takes_little_longer_than_it_must(
    entered, size, period, objects, form
):
    outcome = Simulation(fixed_window(size, period, entered * period), form, latency=LATENCY).run(objects)
    assert_good(outcome, objects, windows(objects, size, period) - entered * period + at_full_speed(objects))


@pytest.mark.parametrize("latency", [0.002, 0.1, 0.3])
@pytest.mark.parametrize(("size", "period", "objects"), [(100, 15, 600), (100, 30, 600), (100, 60, 300)])
def test_given_a_slow_or_a_fast_api_when_it_has_a_window_then_it_takes_little_longer_than_it_must(
    size, period, objects, latency
):
    outcome = Simulation(fixed_window(size, period), latency=latency).run(objects)
    assert_good(outcome, objects, windows(objects, size, period) + at_full_speed(size, latency))


def test_given_a_window_when_it_is_known_then_it_costs_two_refusals_each_time_at_most():
    simulation = Simulation(fixed_window(100, 15), "absent")
    outcome = simulation.run(6000)
    late = [at for at in outcome.refused if at > 150]
    assert len(late) <= 2 * (outcome.seconds - 150) / 15


def test_given_windows_that_end_at_a_different_place_each_time_when_syncing_then_the_rate_becomes_even():
    """The pauses add up to two windows, so that each opening is late in one, and the next one begins unnoticed."""
    outcome = Simulation(fixed_window(20, 3), latency=0.1).run(2000)
    assert_good(outcome, 2000, windows(2000, 20, 3))


# --- bursts of 429s


@pytest.mark.parametrize("form", TELLING)
@pytest.mark.parametrize("begins", [0.0, 1.0])
@pytest.mark.parametrize("lasts", [5, 10, 15, 20, 30, 45, 60])
def test_given_a_burst_of_429s_when_it_is_over_then_the_speed_is_full_again_within_15_seconds(lasts, begins, form):
    objects = 1000
    outcome = Simulation(outage(begins, lasts), form, latency=LATENCY).run(objects)
    assert_good(outcome, objects, lasts + at_full_speed(objects))
    over = begins + lasts
    left = sum(at >= over for at in outcome.passed)
    assert outcome.seconds - over <= 15 + at_full_speed(left)


@pytest.mark.parametrize("lasts", [5, 20, 60])
def test_given_a_rate_that_was_found_when_a_burst_of_429s_is_over_then_it_is_used_again(lasts):
    limit = outage(120, lasts, token_bucket(50, 5))
    outcome = Simulation(limit).run(100_000, until=260)
    over = 120 + lasts
    before = sum(100 <= at < 120 for at in outcome.passed)
    after = sum(over + 15 <= at < over + 35 for at in outcome.passed)
    assert before >= 0.9 * 20 * 50
    assert after >= 0.95 * before


# --- what Retry-After says


@pytest.mark.parametrize("form", NONSENSE)
@pytest.mark.parametrize("limit", [lambda: fixed_window(100, 15), lambda: outage(0.5, 20), lambda: token_bucket(50, 5)])
def test_given_a_retry_after_that_says_nothing_when_syncing_then_it_counts_as_none(limit, form):
    outcome, without = Simulation(limit(), form).run(600), Simulation(limit(), "absent").run(600)
    assert outcome == without


def test_given_a_retry_after_when_it_is_right_then_nobody_asks_earlier():
    outcome = Simulation(outage(0, 42), "exact").run(300)
    assert len(outcome.refused) == 8
    assert 42 <= outcome.passed[0] <= 43


# --- 429s without end


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"exact"}))
@pytest.mark.parametrize("patience", [6, 60, 600])
def test_given_429s_without_end_when_patience_ends_then_it_fails_after_few_requests(patience, form):
    outcome = Simulation(outage(0, math.inf), form, patience=patience).run(1000)
    assert "429" in outcome.failed
    assert "`retry_minutes`" in outcome.failed
    assert 0.85 * patience <= outcome.seconds <= patience + 10
    assert len(outcome.refused) <= 8 + 4 + patience / 14


def test_given_429s_without_end_when_much_was_accepted_before_then_patience_counts_from_the_first_refusal():
    outcome = Simulation(outage(100, math.inf), patience=60).run(10_000, gap=0.1)
    assert outcome.failed
    assert 150 <= outcome.seconds <= 170


@pytest.mark.parametrize(("lasts", "seconds"), [(601, 0), (1e11, 0), (400, None)])
def test_given_a_retry_after_beyond_patience_when_refused_then_it_fails_at_once(lasts, seconds):
    outcome = Simulation(outage(0, lasts), "exact").run(100)
    if seconds is None:
        assert outcome.failed is None
    else:
        assert "asks to wait" in outcome.failed
        assert outcome.seconds < 1


def test_given_a_retry_after_beyond_what_is_left_of_patience_when_refused_again_then_it_fails_at_once():
    limit = outage(0, 400, outage(400, 300))
    outcome = Simulation(limit, "exact").run(100)
    assert "asks to wait 300 s, longer than `retry_minutes` allows" in outcome.failed
    assert 400 <= outcome.seconds <= 401


# --- even limits, and the user's


@pytest.mark.parametrize(
    ("limit", "latency", "form"),
    [(5, 0.02, "exact"), (5, 0.1, "absent"), (50, 0.005, "always a second"), (50, 0.1, "exact"), (200, 0.02, "absent")],
)
def test_given_an_unknown_even_limit_when_syncing_for_some_minutes_then_it_is_used_well_and_hit_rarely(
    limit, latency, form
):
    outcome = Simulation(token_bucket(limit, max(1, limit / 10)), form, latency=latency).run(limit * 400, until=300)
    assert len(outcome.passed) >= 0.94 * limit * 300
    assert outcome.share_refused < 0.02


@pytest.mark.parametrize(("rate", "burst", "objects"), [(1.67, 100, 600), (10, 100, 1000), (0.5, 1, 600)])
def test_given_an_even_limit_that_lets_bursts_pass_when_syncing_then_it_takes_little_longer_than_it_must(
    rate, burst, objects
):
    outcome = Simulation(token_bucket(rate, burst)).run(objects)
    assert_good(outcome, objects, (objects - burst) / rate)


@pytest.mark.parametrize(("per_second", "most"), [(1, 2), (5, 6), (50, 53)])
@pytest.mark.parametrize(
    "limit",
    [lambda: no_limit, lambda: fixed_window(100, 15), lambda: outage(2, 20), lambda: token_bucket(30, 3)],
    ids=["no limit", "window", "burst", "even limit"],
)
def test_given_the_users_limit_when_the_api_has_another_one_then_the_users_always_holds(limit, per_second, most):
    outcome = Simulation(limit(), per_second=per_second).run(300)
    assert outcome.failed is None
    assert outcome.most_within(1.0) <= most


def test_given_the_users_limit_above_the_apis_when_refused_then_a_lower_rate_is_found():
    outcome = Simulation(token_bucket(50, 5), per_second=100).run(100_000, until=300)
    assert len(outcome.passed) >= 0.94 * 50 * 300
    assert outcome.share_refused < 0.02


def test_given_the_users_limit_below_the_apis_when_syncing_then_nothing_is_refused():
    outcome = Simulation(token_bucket(50, 5), per_second=49).run(2000)
    assert outcome.refused == []
    assert outcome.seconds <= 2000 / 49 + 1


def test_given_a_number_at_a_time_when_the_api_allows_no_more_then_it_is_hit_rarely():
    takes, at_a_time, objects = 0.05, 4, 4000
    under_way: list[float] = []

    def limit(now):
        under_way[:] = [at for at in under_way if at > now - takes]
        if len(under_way) == at_a_time:
            return takes
        under_way.append(now)
        return 0.0

    outcome = Simulation(limit, latency=2 * takes).run(objects)
    assert outcome.seconds <= 2.5 * objects * takes / at_a_time
    assert outcome.share_refused < 0.01


# --- anything

LIMITS = st.one_of(
    st.builds(fixed_window, st.integers(10, 2000), st.floats(0.5, 90), st.floats(0, 90)),
    st.builds(sliding_window, st.integers(10, 2000), st.floats(0.5, 90)),
    st.builds(token_bucket, st.floats(0.2, 500), st.floats(1, 500)),
    st.builds(outage, st.floats(0, 30), st.floats(0, 90), st.builds(fixed_window, st.integers(20, 500), st.just(15))),
)


@settings(max_examples=150, deadline=None)
@given(
    LIMITS,
    st.sampled_from(sorted(FORMS)),
    st.integers(1, 64),
    st.floats(0.001, 2),
    st.one_of(st.none(), st.floats(0.1, 300)),
    st.integers(0, 1_000_000),
)
def test_whatever_the_limit_a_sync_neither_stalls_nor_asks_without_pause(limit, form, width, latency, per_second, seed):
    """Whatever is refused, something passes within some pauses, and refusals stay few; or it fails in words."""
    outcome = Simulation(
        limit, form, width=width, latency=latency, per_second=per_second, chance=random.Random(seed).random
    ).run(300, until=3600)
    assert outcome.failed is None
    assert len(outcome.refused) <= 8 * width + 20 + 0.1 * len(outcome.passed)
    gaps = [after - before for before, after in zip([0.0, *outcome.passed], outcome.passed, strict=False)]
    assert max(gaps, default=0.0) <= 90 + 60 + 2 * 14.25 + 4 * latency


# --- a width of the connector's own


def jittery(seconds, spread=0.3, slow=math.inf, seed=1):
    """Latencies with so wide a spread (of their logarithm); three times as long for a minute."""
    draw = random.Random(seed)
    return lambda at: seconds * (3 if slow <= at < slow + 60 else 1) * draw.lognormvariate(-spread * spread / 2, spread)


def speeds(knee, latency, begin, until, slow=math.inf):
    """Requests per second of the connector's own width, and of the best fixed one, in that time."""
    found = []
    for width in (None, knee):
        simulation = Simulation(no_limit, width=width, server=Server(jittery(latency, slow=slow), knee))
        found.append(simulation.run(int(knee / latency * until) + 1000, until=until).rate(begin, until))
    return found


@pytest.mark.parametrize("slow", [math.inf, 10.0], ids=["steady", "a slow minute"])
@pytest.mark.parametrize("latency", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("knee", [4, 16])
def test_given_an_api_that_answers_so_many_at_a_time_when_syncing_then_its_best_speed_is_reached_in_15_seconds(
    knee, latency, slow
):
    own, best = speeds(knee, latency, 15, 30, slow)
    assert own >= 0.9 * best


@pytest.mark.parametrize("latency", [0.1, 0.3])
def test_given_an_api_that_answers_very_many_at_a_time_when_it_is_known_then_its_best_speed_is_reached(latency):
    own, best = speeds(48, latency, 90, 110)
    assert own >= 0.9 * best


@pytest.mark.parametrize("latency", [0.02, 0.1, 0.3])
def test_given_an_even_limit_when_syncing_at_a_width_of_its_own_then_it_is_used_well_and_hit_rarely(latency):
    draw = random.Random(1).random
    simulation = Simulation(token_bucket(50, 5), width=None, server=Server(jittery(latency)), chance=draw)
    outcome = simulation.run(10_000, until=75)
    assert outcome.rate(15, 75) >= 0.9 * 50
    assert outcome.share_refused <= 0.02


# --- several syncs


@pytest.mark.parametrize("form", ["always a second", "absent"])
@pytest.mark.parametrize("latency", [0.02, 0.1])
def test_given_four_syncs_on_one_account_when_its_limit_is_even_then_they_use_it_all_and_share_it(latency, form):
    clock, limit, draw = Clock(), token_bucket(50, 5), random.Random(1).random
    syncs = [
        Simulation(
            lambda _: limit(clock.now), form, width=None, server=Server(jittery(latency)), clock=clock, chance=draw
        )
        for _ in range(4)
    ]
    begun = clock.now
    for number, sync in enumerate(syncs):
        clock.after(number * 1.3, partial(sync.begin, 100_000))
    while clock.now < begun + 180:
        clock.move()()
    rates = [sync.outcome.rate(20, 175) for sync in syncs]
    assert sum(rates) >= 0.9 * 50
    assert min(rates) >= 0.4 * 50 / 4
    refused = sum(len(sync.outcome.refused) for sync in syncs)
    assert refused < 0.05 * sum(len(sync.outcome.passed) for sync in syncs)
