"""A window or an outage: what is remembered of the times that the API closed."""

import pytest

from destination_fincome.engine.pace.window import Window


def closed(*closings):
    """A window that opened after these closings: requests taken, seconds to the next opening, too few seconds."""
    window = Window()
    for taken, length, too_short in closings:
        window.opened(taken, length, too_short, at_end=window.ends(taken))
    return window


def test_given_nothing_when_asked_then_nothing_is_remembered():
    window = Window()
    assert not window.ends(0)
    assert not window.is_near(0)
    assert window.even_rate(many_refused=False) is None


@pytest.mark.parametrize(("taken", "ends"), [(391, False), (392, True), (400, True), (408, True), (409, False)])
def test_given_a_closing_when_it_closes_about_there_again_then_it_is_the_same_place(taken, ends):
    assert closed((400, 60.0, 45.0)).ends(taken) is ends


@pytest.mark.parametrize(("taken", "near"), [(97, False), (98, True), (102, True), (103, False)])
def test_given_a_closing_when_its_place_is_near_then_care_is_taken_only_there(taken, near):
    assert closed((100, 60.0, 45.0)).is_near(taken) is near


def test_given_one_closing_when_it_closes_there_again_then_its_length_is_waited_for():
    assert closed((100, 60.0, 20.0)).looks(may_risk=True) == [60.0]


@pytest.mark.parametrize(
    ("length", "too_short", "may_risk", "looks"),
    [
        # Much may be gained.
        (19.0, 5.0, False, [12.0, 19.0]),
        # Little, so only when it is cheap.
        (61.0, 47.0, False, [61.0]),
        (61.0, 47.0, True, [54.0, 61.0]),
        # Closer and closer, and never at once what is known to be too short.
        (60.0, 59.0, True, [54.0, 60.0]),
    ],
)
def test_given_a_window_when_it_might_open_earlier_then_it_is_looked_at_earlier_if_that_pays(
    length, too_short, may_risk, looks
):
    window = closed((100, length, too_short), (100, length, 0.3))
    assert window.looks(may_risk=may_risk) == looks


def test_given_a_window_that_opened_earlier_than_before_when_looked_at_again_then_what_was_too_short_is_forgotten():
    window = closed((100, 60.0, 50.0), (100, 60.0, 50.0), (100, 40.0, 2.0))
    assert window.looks(may_risk=False) == [21.0, 40.0]


def test_given_a_closing_elsewhere_when_a_window_was_known_then_only_the_last_one_is_remembered():
    window = closed((100, 15.0, 5.0), (100, 15.0, 5.0), (40, 50.0, 45.0))
    assert not window.ends(100)
    assert window.looks(may_risk=True) == [50.0]


def test_given_a_small_window_when_it_was_met_three_times_then_its_even_rate_is_told():
    closings = [(20, 20.0, 16.0)] * 3
    assert closed(*closings[:2]).even_rate(many_refused=False) is None
    assert closed(*closings).even_rate(many_refused=False) == (1.0, 1.25, 20.0)


def test_given_a_large_window_when_it_is_known_then_it_is_used_up_at_full_speed():
    assert closed(*[(100, 20.0, 16.0)] * 5).even_rate(many_refused=False) is None


def test_given_closings_here_and_there_when_they_cost_many_refusals_then_an_even_rate_is_told():
    closings = [(100, 20.0, 16.0), (160, 20.0, 16.0), (120, 20.0, 15.0)]
    assert closed(*closings).even_rate(many_refused=False) is None
    assert closed(*closings[:2]).even_rate(many_refused=True) is None
    assert closed(*closings).even_rate(many_refused=True) == (6.0, 8.0, 20.0)


def test_given_an_api_that_lets_nothing_pass_for_long_when_it_opened_three_times_then_a_rate_is_told_all_the_same():
    rate, at_most, _ = closed(*[(0, 20.0, 0.0)] * 3).even_rate(many_refused=False)
    assert rate == 1 / 20
    assert at_most == float("inf")
