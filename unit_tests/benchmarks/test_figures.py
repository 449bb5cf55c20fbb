"""The harness's arithmetic. What it measures isn't asserted anywhere: that depends on the machine."""

import pytest

from benchmarks.figures import Figure, Goal, Spread, percent, percentile, possible_rate, rate_of, shares, table


def test_a_spread_is_of_all_repetitions():
    assert Spread.of([3, 1, 2]) == Spread(median=2, least=1, most=3)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7], 0.95, 7),
        ([3, 1, 2], 0.5, 2),
        ([4, 3, 2, 1], 0.5, 2),
        (range(1, 101), 0.95, 95),
        (range(1, 11), 0.95, 10),
        ([1, 2], 0.0, 1),
        ([1, 2], 1.0, 2),
    ],
)
def test_a_percentile_is_one_of_the_values(values, share, expected):
    assert percentile(values, share) == expected


def test_rates_are_requests_per_second():
    assert rate_of(300, 2.0) == 150
    assert rate_of(1, 0.0) == float("inf")
    assert possible_rate(8, 0.02) == pytest.approx(400)


def test_shares_add_up_to_one():
    assert shares([1, 2, 5]) == [0.125, 0.25, 0.625]


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (Goal(least=0.97), 0.97, True),
        (Goal(least=0.97), 0.9699, False),
        (Goal(most=150), 150, True),
        (Goal(most=150), 150.1, False),
        (Goal(least=1, most=2), 1.5, True),
        (Goal(least=1, most=2), 2.5, False),
    ],
)
def test_a_goal_is_met_by_the_median(goal, value, met):
    figure = Figure("x", Spread(value, value / 2, value * 2), goal)
    assert goal.is_met(value) is met
    assert figure.verdict == ("met" if met else "MISSED")


def test_a_figure_without_a_goal_has_no_verdict():
    assert Figure("x", Spread.of([1])).verdict == ""


def test_a_table_shows_figure_goal_spread_verdict_and_remark():
    figures = [
        Figure("speed", Spread.of([16_000, 14_000, 18_000]), Goal(least=15_000), "records/s", note="on a good day"),
        Figure("share", Spread.of([0.25]), Goal(most=0.1), write=percent),
    ]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table("Title", figures).splitlines()[4:]]
    assert rows == [
        ["speed", "≥ 15,000 records/s", "16,000 (14,000–18,000) records/s", "met", "on a good day"],
        ["share", "≤ 10.0%", "25.0%", "MISSED", ""],
    ]


def test_all_lines_of_a_table_are_equally_long():
    figures = [Figure("a", Spread.of([1])), Figure("a longer name", Spread.of([12345.6]), unit="things")]
    assert len({len(line) for line in table("Title", figures).splitlines()[2:]}) == 1
