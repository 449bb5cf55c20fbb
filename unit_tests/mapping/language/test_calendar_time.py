"""Points in time at the edges of the calendar, and what is only nearly a period or a date."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import add_days, add_seconds, last_day, local_days
from destination_fincome.mapping.language.numbers import number
from destination_fincome.mapping.language.written_dates import parse_time


@pytest.mark.parametrize("move", [add_days, add_seconds])
def test_a_move_beyond_the_calendar_is_told(move: Any) -> None:
    with pytest.raises(ValueFault, match=r"^would leave the calendar$"):
        move("9999-12-31T00:00:00Z", 99_999)


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


@pytest.mark.parametrize("serial", ["200000", "NaN", "Infinity", "0"])
def test_a_serial_number_that_is_no_day_of_a_sheet_fits_no_format(serial: str) -> None:
    with pytest.raises(ValueFault, match=r"^does not fit the format serial$"):
        parse_time(serial, "serial")


@pytest.mark.parametrize(("written", "read"), [("12.50 CR.", "-12.5"), ("12.50 Dr.", "12.5"), ("12.50 S", "12.5")])
def test_the_side_of_an_account_is_the_sign_with_a_full_stop_or_without(written: str, read: str) -> None:
    assert str(number(written, ".").normalize()) == read
