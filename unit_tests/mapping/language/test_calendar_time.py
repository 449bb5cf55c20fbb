"""Points in time at the edges of the calendar, and what is only nearly a period or a date."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import (
    add_days,
    add_months,
    add_seconds,
    is_past,
    last_day,
    local_date,
    local_days,
    local_time,
    utc_now,
)
from destination_fincome.mapping.language.functions import before, months_between
from destination_fincome.mapping.language.numbers import number
from destination_fincome.mapping.language.written_dates import parse_time


@pytest.mark.parametrize("move", [add_days, add_months])
def test_a_move_beyond_the_calendar_is_told(move: Any) -> None:
    with pytest.raises(ValueFault, match=r"^would leave the calendar$"):
        move("9901-12-31T00:00:00Z", 99_999)


@pytest.mark.parametrize("move", [add_days, add_seconds, add_months])
def test_an_end_that_never_comes_stays_where_it_is(move: Any) -> None:
    assert move("9999-12-31T23:59:59Z", 1) == "9999-12-31T23:59:59Z"
    assert move("9999-12-31T23:59:59Z", -1) < "9999-12-31T23:59:59Z"


def test_an_end_that_never_comes_is_the_same_everywhere() -> None:
    assert local_time("9999-12-31 23:59:59", "America/New_York") == "9999-12-31T23:59:59Z"
    assert local_date(None)("9999-12-31T23:59:59Z", "Asia/Tokyo") == "9999-12-31"
    assert parse_time("31/12/9999 23:59 -0500", "%d/%m/%Y %H:%M %z") == "9999-12-31T23:59:00Z"
    assert local_days("2026-01-31T23:00:00Z", "9999-12-31T23:59:59Z") is None
    assert months_between("2026-01-01", "9999-12-31") == (9999 - 2026) * 12 + 11


NO_DAY = ["0001-01-01T00:00:00Z", "1900-01-01", "00000000", "19000101", "0000-00-00", 0, "", None]


@pytest.mark.parametrize("none", NO_DAY)
def test_a_day_that_stands_for_none_is_null_in_every_function(none: Any) -> None:
    assert [add_days(none, 1), add_seconds(none, 1), add_months(none, 1), last_day(none)] == [None] * 4
    assert [local_time(none, "Asia/Tokyo"), local_date(None)(none), is_past(utc_now)(none)] == [None] * 3
    assert [before(none, "2026-01-01"), before("2026-01-01", none), months_between(none, "2026-01-01")] == [None] * 3
    assert local_days(none, "2026-01-31T23:00:00Z") is None


@pytest.mark.parametrize("none", ["00/00/0000", "00.00.0000", "00000000", "  /  /    ", 0])
def test_no_day_fits_every_format(none: Any) -> None:
    assert parse_time(none, "%d/%m/%Y") is None


@pytest.mark.parametrize(
    ("when", "last"),
    [("2026-02-03", "2026-02-28"), ("2028-02-29T12:00:00Z", "2028-02-29"), ("", None), (None, None)],
)
def test_the_last_day_of_a_month_is_a_date(when: str | None, last: str | None) -> None:
    assert last_day(when) == last


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, "2026-02-28T23:00:00Z"),
        ("", "2026-02-28T23:00:00Z"),
        ("2026-01-31T23:00:00Z", None),
        ("2026-01-31T23:00:00Z", ""),
        ("2026-01-31", "2026-02-28T23:00:00Z"),
        ("2026-01-31T23:00:00Z", "2026-02-28"),
    ],
)
def test_a_period_of_which_an_end_is_missing_or_a_date_has_no_local_days(start: str | None, end: str | None) -> None:
    assert local_days(start, end) is None


def test_a_period_between_two_midnights_somewhere_has_local_days() -> None:
    assert local_days("2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z") == ["2026-02-01", "2026-03-01"]


@pytest.mark.parametrize("serial", ["200000", "NaN", "Infinity", "1"])
def test_a_serial_number_that_is_no_day_of_a_sheet_fits_no_format(serial: str) -> None:
    with pytest.raises(ValueFault, match=r"^does not fit the format serial$"):
        parse_time(serial, "serial")


@pytest.mark.parametrize(("written", "read"), [("12.50 CR.", "-12.5"), ("12.50 Dr.", "12.5"), ("12.50 S", "12.5")])
def test_the_side_of_an_account_is_the_sign_with_a_full_stop_or_without(written: str, read: str) -> None:
    assert str(number(written, ".").normalize()) == read
