"""The pace: rate, pause and width, by a clock of the test's own where time matters."""

import threading
import time

import pytest

from destination_fincome.engine.pace.pace import CATCH_UP, RAISE_AFTER, Pace
from destination_fincome.engine.pace.retries import Retries
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.retry_policy import RetryPolicy, backoff


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_given_a_limit_when_requests_want_to_go_then_they_are_spread_evenly():
    pace = Pace(8, 200.0)
    started = time.monotonic()
    for _ in range(21):
        assert pace.wait()
    assert time.monotonic() - started >= (20 - CATCH_UP) / 200


def test_given_a_pause_when_it_is_stopped_then_waiting_workers_are_told_to_end():
    pace = Pace(1, None)
    pace.pause(3600)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pace.wait()))
    waiting.start()
    pace.stop()
    waiting.join(timeout=10)
    assert answers == [False]


def test_given_a_pause_when_time_passes_then_requests_go_again():
    clock = Clock()
    pace = Pace(1, None, clock)
    pace.pause(5)
    assert pace.paused() == 5
    clock.now += 5
    assert pace.wait()


def test_given_shorter_and_longer_pauses_when_both_are_asked_for_then_the_longer_one_counts():
    clock = Clock()
    pace = Pace(1, None, clock)
    pace.pause(5)
    pace.pause(1)
    assert pace.paused() == 5


def test_given_429s_when_they_come_together_then_the_width_is_halved_once_and_climbs_back():
    clock = Clock()
    pace = Pace(8, None, clock)
    for _ in range(3):
        pace.throttled(1)
    assert pace.width == 4
    clock.now += 1
    for _ in range(RAISE_AFTER * 4):
        pace.good()
    assert pace.width == 5
    for _ in range(10_000):
        pace.good()
    assert pace.width == 8


def test_given_the_narrowest_width_when_slowed_down_then_one_request_still_runs():
    pace = Pace(1, None)
    pace.throttled(0)
    assert pace.width == 1


# --- retries


def trouble(**facts):
    return Verdict(Kind.RETRY, problem="answered 503", **facts)


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 0.25, 0.5), (2, 0.5, 1.0), (3, 1.0, 2.0), (60, 15.0, 30.0)])
def test_backoff_doubles_with_jitter_up_to_a_bound(tries, least, most):
    assert backoff(tries, jitter=lambda: 0.0) == least
    assert backoff(tries, jitter=lambda: 1.0) == most


def test_given_retry_after_when_tried_again_then_everybody_waits_just_so_long():
    pace = Pace(4, None, Clock())
    retries = Retries(pace, RetryPolicy(patience=600))
    assert retries.again(1, trouble(retry_after=7.0), now=100.0) == 107.0
    assert pace.paused() == 7.0


def test_given_one_object_in_trouble_when_tried_again_then_the_others_go_on():
    pace = Pace(4, None, Clock())
    Retries(pace, RetryPolicy(patience=600)).again(1, trouble(), now=100.0)
    assert pace.paused() == 0


def test_given_everything_in_trouble_when_tried_again_then_all_pause():
    pace = Pace(4, None, Clock())
    retries = Retries(pace, RetryPolicy(patience=600))
    for key in range(4):
        retries.again(key, trouble(), now=100.0)
    assert pace.paused() > 0


def test_given_patience_used_up_when_in_trouble_again_then_it_fails_and_says_for_how_long():
    retries = Retries(Pace(4, None, Clock()), RetryPolicy(patience=60))
    retries.again(1, trouble(), now=100.0)
    with pytest.raises(TransientFailure, match=r"answered 503, for 60 s"):
        retries.again(1, trouble(), now=160.0)


def test_given_a_good_answer_in_between_when_in_trouble_again_then_patience_begins_anew():
    retries = Retries(Pace(4, None, Clock()), RetryPolicy(patience=60))
    retries.again(1, trouble(), now=100.0)
    retries.good(1)
    assert retries.again(1, trouble(), now=160.0) > 160.0


def test_given_retry_after_of_hours_when_asked_then_it_fails_at_once():
    retries = Retries(Pace(4, None, Clock()), RetryPolicy(patience=600))
    with pytest.raises(TransientFailure, match="asks to wait 7200 s"):
        retries.again(1, trouble(retry_after=7200.0), now=100.0)
