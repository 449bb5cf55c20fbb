"""The pace and the retries: by a clock of the test's own where time matters, with threads where they matter."""

import math
import threading
import time

import pytest

from destination_fincome.engine.pace.pace import CATCH_UP, Pace
from destination_fincome.engine.pace.retries import Retries
from destination_fincome.engine.pace.width import RAISE_AFTER, FixedWidth
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.retry_policy import RetryPolicy, backoff
from unit_tests.engine.simulated_api import Clock

FIRST_PAUSES = [1.0, 4.0, 14.0, 14.0, 14.0]


def paced(width=8, per_second=None, **policy):
    """A pace and its clock; no pause is left to chance."""
    clock = Clock()
    return Pace(width, per_second, RetryPolicy(pause_jitter=0.0, **policy), clock), clock


def refuse(pace, retry_after=None):
    """Send one request that is refused."""
    pace.throttled(pace.wait(), retry_after)


# --- before a request


def test_given_a_limit_when_requests_want_to_go_then_they_are_spread_evenly():
    pace = Pace(8, 200.0)
    started = time.monotonic()
    for _ in range(21):
        pace.good(pace.wait())
    assert time.monotonic() - started >= (20 - CATCH_UP) / 200


@pytest.mark.parametrize(("per_second", "at_once"), [(1, 1), (4, 1), (128, 3), (1024, 3)])
def test_given_a_worker_that_comes_late_when_it_catches_up_then_only_a_little(per_second, at_once):
    pace, clock = paced(per_second=per_second)
    pace.good(pace.wait())
    clock.now += 3600
    for _ in range(at_once):
        assert pace.delay() <= 0
        pace.good(pace.wait())
    assert pace.delay() > 0


def test_given_a_limit_when_an_object_takes_several_requests_then_all_of_them_count():
    pace, clock = paced(per_second=10)
    clock.now += 1
    pace.good(pace.wait(), requests=3)
    assert pace.delay() == pytest.approx(3 / 10 - 0.05)


def test_given_a_pause_when_it_is_stopped_then_waiting_workers_are_told_to_end():
    pace = Pace(1, None)
    pace.pause(3600)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pace.wait()))
    waiting.start()
    pace.stop()
    waiting.join(timeout=10)
    assert answers == [None]


def test_given_a_pause_when_time_passes_then_requests_go_again():
    pace, clock = paced()
    pace.pause(5)
    assert pace.paused() == 5
    clock.now += 5
    assert pace.wait()


def test_given_shorter_and_longer_pauses_when_both_are_asked_for_then_the_longer_one_counts():
    pace, _ = paced()
    pace.pause(5)
    pace.pause(1)
    assert pace.paused() == 5


def test_given_a_pause_of_centuries_when_a_worker_waits_then_it_sleeps_and_can_be_stopped():
    pace = Pace(1, None)
    pace.throttled(pace.wait(), 1e12)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pace.wait()))
    waiting.start()
    pace.stop()
    waiting.join(timeout=10)
    assert answers == [None]


# --- refusals


def test_given_refusals_when_no_good_answer_comes_then_pauses_grow_up_to_a_bound():
    pace, clock = paced()
    pauses = []
    for _ in FIRST_PAUSES:
        refuse(pace)
        pauses.append(pace.paused())
        clock.now += pace.paused()
    assert pauses == FIRST_PAUSES


def test_given_many_requests_under_way_when_all_are_refused_then_it_is_one_event():
    pace, clock = paced()
    leaves = [pace.wait() for _ in range(8)]
    for leave in leaves:
        pace.throttled(leave, None)
    assert pace.paused() == FIRST_PAUSES[0]
    assert pace.refused_since == clock.now


def test_given_a_refusal_when_its_pause_is_over_then_one_request_goes_alone_until_it_is_answered():
    pace, clock = paced()
    refuse(pace)
    clock.now += 1
    first = pace.wait()
    assert pace.delay() == math.inf
    pace.good(first)
    assert pace.refused_since is None
    clock.now += 1
    assert pace.delay() <= 0


def test_given_a_worker_that_waits_for_anothers_answer_when_it_is_good_then_it_goes():
    pace = Pace(2, None, RetryPolicy(first_pause=0.0, pause_jitter=0.0))
    refuse(pace)
    first = pace.wait()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pace.wait()))
    waiting.start()
    pace.good(first)
    waiting.join(timeout=10)
    assert len(answers) == 1
    assert not answers[0].alone


def test_given_a_good_answer_that_was_under_way_when_refused_then_the_api_is_not_open_for_that():
    pace, _ = paced()
    early = pace.wait()
    refuse(pace)
    pace.good(early)
    assert pace.refused_since is not None
    assert pace.paused() == FIRST_PAUSES[0]


def test_given_a_refusal_that_comes_late_when_the_api_is_open_again_then_it_is_old_news():
    pace, clock = paced()
    late = pace.wait()
    refuse(pace)
    clock.now += 1
    pace.good(pace.wait())
    pace.throttled(late, 30.0)
    assert pace.refused_since is None
    assert pace.paused() == 0


@pytest.mark.parametrize("retry_after", [0.0, -5.0, math.nan, None])
def test_given_a_retry_after_that_says_nothing_when_refused_then_it_counts_as_none(retry_after):
    pace, _ = paced()
    refuse(pace, retry_after)
    assert pace.paused() == FIRST_PAUSES[0]


@pytest.mark.parametrize(("asked", "pauses"), [(7.0, [7.0, 7.0, 14.0]), (1.0, [1.0, 4.0, 14.0])])
def test_given_a_retry_after_when_refusals_go_on_then_pauses_are_no_shorter_and_grow_all_the_same(asked, pauses):
    pace, clock = paced()
    found = []
    for _ in pauses:
        refuse(pace, asked)
        found.append(pace.paused())
        clock.now += pace.paused()
    assert found == pauses


def test_given_another_retry_after_when_a_request_was_under_way_then_the_longer_one_counts():
    pace, _ = paced()
    other = pace.wait()
    refuse(pace, 5.0)
    pace.throttled(other, 9.0)
    assert pace.paused() == 9.0


def test_given_trouble_of_another_kind_when_the_api_was_closed_then_one_request_at_a_time_goes_on_asking():
    pace, clock = paced()
    refuse(pace)
    clock.now += 1
    pace.troubled(pace.wait())
    assert pace.paused() == 1.0
    assert pace.refused_since is not None
    clock.now += 1
    assert pace.wait().alone


def test_given_patience_that_ends_soon_when_refused_then_the_last_look_is_at_its_end():
    pace, clock = paced(patience=8.0)
    for pause in (1.0, 4.0, 3.0):
        refuse(pace)
        assert pace.paused() == pytest.approx(pause)
        clock.now += pace.paused()


def test_given_patience_that_is_all_but_over_when_refused_then_there_is_a_pause_all_the_same():
    pace, clock = paced(patience=1.1)
    refuse(pace)
    clock.now += 1.0
    refuse(pace)
    assert pace.paused() == 1.0


def closed_after(pace, clock, taken):
    """Let so many requests pass, then one be refused twice; and leave it open again."""
    for _ in range(taken):
        pace.good(pace.wait())
    for _ in range(2):
        refuse(pace)
        clock.now += pace.paused()
    pace.good(pace.wait())


def test_given_a_place_where_the_api_closed_when_it_is_near_then_one_request_at_a_time_goes():
    pace, clock = paced()
    closed_after(pace, clock, 10)
    for _ in range(6):
        pace.good(pace.wait())
    first = pace.wait()
    assert pace.delay() == math.inf
    pace.good(first)
    for _ in range(5):
        pace.good(pace.wait())
    assert pace.wait()
    assert pace.delay() <= 0


def test_given_answers_to_requests_from_before_when_the_api_is_open_again_then_they_do_not_count_for_it():
    pace, clock = paced()
    late = [pace.wait() for _ in range(3)]
    closed_after(pace, clock, 10)
    for leave in late:
        pace.good(leave)
    for _ in range(6):
        pace.good(pace.wait())
    assert pace.wait()
    assert pace.delay() == math.inf


# --- the width


def test_given_a_width_when_so_many_requests_are_under_way_then_the_next_one_waits_for_an_answer():
    pace, _ = paced(width=2)
    first = pace.wait()
    pace.wait()
    assert pace.delay() == math.inf
    pace.good(first)
    assert pace.delay() <= 0


def test_given_a_worker_that_waits_for_room_when_an_answer_comes_then_it_goes():
    pace = Pace(1, None)
    first = pace.wait()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pace.wait()))
    waiting.start()
    pace.troubled(first)
    waiting.join(timeout=10)
    assert len(answers) == 1


def barred(pace):
    """Send one request that a firewall's page answers."""
    pace.barred(pace.wait())


def test_given_a_firewalls_page_when_the_width_is_its_own_then_all_pause_and_it_is_halved():
    pace, clock = paced(width=None)
    others = [pace.wait() for _ in range(3)]
    barred(pace)
    for other in others:
        pace.barred(other)
    assert (pace.paused(), pace.width) == (30.0, 2)
    clock.now += 30
    assert pace.wait()


def test_given_firewalls_pages_when_good_answers_come_in_between_then_only_the_first_one_counts():
    pace, clock = paced(width=None)
    barred(pace)
    clock.now += 30
    for _ in range(3):
        pace.good(pace.wait())
        barred(pace)
    assert (pace.paused(), pace.width) == (0.0, 2)
    barred(pace)
    assert (pace.paused(), pace.width) == (30.0, 1)


def test_given_a_firewalls_page_when_the_width_is_the_users_then_nothing_pauses():
    pace, _ = paced(width=8)
    barred(pace)
    assert (pace.paused(), pace.width) == (0.0, 8)


def test_given_little_patience_when_a_firewalls_page_is_met_then_the_pause_is_no_longer_than_that():
    pace, _ = paced(width=None, patience=3.0)
    barred(pace)
    assert pace.paused() == 3.0


@pytest.mark.parametrize(("overloaded", "width"), [(True, 2), (False, 4)])
def test_given_trouble_when_the_width_is_its_own_then_only_an_api_that_can_not_follow_halves_it(overloaded, width):
    pace, _ = paced(width=None)
    pace.troubled(pace.wait(), overloaded=overloaded)
    assert pace.width == width


def test_given_429s_when_they_come_together_then_the_width_is_halved_once_and_climbs_back():
    pace, clock = paced()
    leaves = [pace.wait() for _ in range(3)]
    for leave in leaves:
        pace.throttled(leave, None)
    clock.now += 1
    pace.good(pace.wait())
    assert pace.width == 4
    for _ in range(10_000):
        clock.now += 1
        pace.good(pace.wait())
    assert pace.width == 8


def test_given_429s_for_long_when_they_are_over_then_as_many_may_run_as_before():
    pace, clock = paced()
    refuse(pace)
    clock.now += 1
    refuse(pace)
    clock.now += 4
    pace.good(pace.wait())
    assert pace.width == 8
    assert pace.delay() <= 0


def test_given_the_narrowest_width_when_narrowed_then_one_request_still_runs():
    width = FixedWidth(1)
    width.refused(0.0, 0.0)
    assert width.now == 1


def test_given_a_narrow_width_when_answers_are_good_then_it_grows_by_one_after_some_per_request():
    width = FixedWidth(8)
    width.refused(0.0, 0.0)
    for _ in range(RAISE_AFTER * 4 - 1):
        width.good(0.0, 0.0, 1, 1)
    assert width.now == 4
    width.good(0.0, 0.0, 1, 1)
    assert width.now == 5
    for _ in range(RAISE_AFTER * 5 - 1):
        width.good(0.0, 0.0, 1, 1)
    assert width.now == 5


def test_given_a_width_that_is_narrowed_again_when_answers_are_good_then_it_counts_anew():
    width = FixedWidth(8)
    width.refused(0.0, 0.0)
    for _ in range(RAISE_AFTER * 4 - 1):
        width.good(0.0, 0.0, 1, 1)
    width.refused(0.0, 0.0)
    width.good(0.0, 0.0, 1, 1)
    assert width.now == 2


# --- retries


def trouble(**facts):
    return Verdict(Kind.RETRY, problem="answered 503", **facts)


def refusal(retry_after=None):
    return Verdict(Kind.RETRY, problem="answered 429", retry_after=retry_after, throttled=True)


def retrying(patience=600.0, width=4):
    """Retries with their pace and clock, which stands at 100."""
    pace, clock = paced(width, patience=patience)
    return Retries(pace, RetryPolicy(patience=patience)), pace, clock


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 0.25, 0.5), (2, 0.5, 1.0), (3, 1.0, 2.0), (60, 15.0, 30.0)])
def test_backoff_doubles_with_jitter_up_to_a_bound(tries, least, most):
    assert backoff(tries, jitter=lambda: 0.0) == least
    assert backoff(tries, jitter=lambda: 1.0) == most


def test_given_retry_after_when_tried_again_then_everybody_waits_just_so_long():
    retries, pace, _ = retrying()
    assert retries.again(1, trouble(retry_after=7.0), now=100.0) == 107.0
    assert pace.paused() == 7.0


@pytest.mark.parametrize("retry_after", [0.0, -1.0, math.nan])
def test_given_a_retry_after_that_says_nothing_when_tried_again_then_it_waits_as_without(retry_after):
    retries, pace, _ = retrying()
    assert 100.25 <= retries.again(1, trouble(retry_after=retry_after), now=100.0) <= 100.5
    assert pace.paused() == 0


def test_given_one_object_in_trouble_when_tried_again_then_the_others_go_on():
    retries, pace, _ = retrying()
    retries.again(1, trouble(), now=100.0)
    assert pace.paused() == 0


def test_given_everything_in_trouble_when_tried_again_then_all_pause():
    retries, pace, _ = retrying()
    for key in range(4):
        retries.again(key, trouble(), now=100.0)
    assert pace.paused() > 0


def test_given_a_good_answer_in_between_when_others_are_in_trouble_then_nobody_pauses_for_them():
    retries, pace, _ = retrying()
    for key in range(3):
        retries.again(key, trouble(), now=100.0)
    retries.good(9)
    retries.again(3, trouble(), now=100.0)
    assert pace.paused() == 0


def test_given_patience_used_up_when_in_trouble_again_then_it_fails_and_says_for_how_long():
    retries, _, _ = retrying(60)
    retries.again(1, trouble(), now=100.0)
    with pytest.raises(TransientFailure, match=r"answered 503, for 60 s of trying again \(`retry_minutes`\)"):
        retries.again(1, trouble(), now=160.0)


def test_given_patience_that_ends_soon_when_in_trouble_then_the_last_try_is_at_its_end():
    retries, _, _ = retrying(60)
    retries.again(1, trouble(), now=100.0)
    assert retries.again(1, trouble(), now=159.9) == pytest.approx(160.0)


def test_given_a_good_answer_in_between_when_in_trouble_again_then_patience_begins_anew():
    retries, _, _ = retrying(60)
    retries.again(1, trouble(), now=100.0)
    retries.good(1)
    assert retries.again(1, trouble(), now=160.0) > 160.0


@pytest.mark.parametrize("verdict", [trouble(retry_after=7200.0), refusal(7200.0)])
def test_given_retry_after_of_hours_when_asked_then_it_fails_at_once(verdict):
    retries, pace, _ = retrying()
    pace.throttled(pace.wait(), verdict.retry_after)
    with pytest.raises(TransientFailure, match="asks to wait 7200 s, longer than `retry_minutes` allows"):
        retries.again(1, verdict, now=100.0)


def test_given_retry_after_beyond_what_is_left_when_asked_then_it_fails_at_once():
    retries, _, _ = retrying(60)
    retries.again(1, trouble(), now=100.0)
    with pytest.raises(TransientFailure, match="for 40 s of trying again and asks to wait 30 s"):
        retries.again(1, trouble(retry_after=30.0), now=140.0)


def test_given_a_refusal_when_tried_again_then_it_waits_for_the_common_pause():
    retries, pace, clock = retrying()
    pace.throttled(pace.wait(), 3.0)
    clock.now += 1
    assert retries.again(1, refusal(3.0), now=clock.now) == clock.now + 2


def test_given_refusals_only_when_patience_ends_then_the_first_of_any_object_counts():
    retries, pace, clock = retrying(60)
    refuse(pace)
    retries.again(1, refusal(), now=clock.now)
    clock.now += 60
    refuse(pace)
    with pytest.raises(TransientFailure, match="answered 429, for 60 s"):
        retries.again(2, refusal(), now=clock.now)


def test_given_an_object_whose_turn_comes_late_when_others_were_accepted_then_its_refusal_is_a_new_one():
    retries, pace, clock = retrying(60)
    refuse(pace)
    retries.again(1, refusal(), now=clock.now)
    clock.now += 2
    pace.good(pace.wait())
    clock.now += 100
    refuse(pace)
    assert retries.again(1, refusal(), now=clock.now) == clock.now + pace.paused()


def test_given_an_object_that_is_always_refused_when_others_are_accepted_then_patience_ends_all_the_same():
    retries, pace, clock = retrying(60)

    def ask_on():
        for _ in range(100):
            clock.now += max(0.0, pace.delay())
            refuse(pace)
            retries.again(1, refusal(), now=clock.now)
            clock.now += pace.delay()
            pace.good(pace.wait())

    with pytest.raises(TransientFailure, match="429"):
        ask_on()
