"""Points in time, by table."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from destination_fincome.fincome.instants import parse_instant, to_seconds, write_instant
from destination_fincome.mapping.language.functions import ValueFault, date_of, timestamp


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1717598562, "2024-06-05T14:42:42Z"),
        (1717598562.0, "2024-06-05T14:42:42Z"),
        (1717598562.25, "2024-06-05T14:42:42.250000Z"),
        ("1717598562", "2024-06-05T14:42:42Z"),
        (Decimal("1717598562"), "2024-06-05T14:42:42Z"),
        (20240605144242, "2024-06-05T14:42:42Z"),
        ("20240605144242", "2024-06-05T14:42:42Z"),
        ("2024/06/05", "2024-06-05"),
        ("2024.06.05 14:42", "2024-06-05T14:42:00Z"),
        ("2024/06/05 14:42:42+02:00", "2024-06-05T12:42:42Z"),
        ("/Date(1717598562250+0200)/", "2024-06-05T14:42:42.250000Z"),
        ("/Date(1717598562000)/", "2024-06-05T14:42:42Z"),
        (1717598562250, "2024-06-05T14:42:42.250000Z"),
        ("1717598562000", "2024-06-05T14:42:42Z"),
        (1717598562000000.0, "2024-06-05T14:42:42Z"),
        (1717598562000000001, "2024-06-05T14:42:42Z"),
        (315532800, "1980-01-01T00:00:00Z"),
        (-315532800, "1960-01-02T00:00:00Z"),
        (20260105, "2026-01-05"),
        ("20260105", "2026-01-05"),
        (20260105.0, "2026-01-05"),
        (" 20240229 ", "2024-02-29"),
        ("2024-06-05T14:42:42Z", "2024-06-05T14:42:42Z"),
        ("2024-06-05t14:42:42z", None),
        ("2024-06-05 14:42:42", "2024-06-05T14:42:42Z"),
        ("2024-06-05 14:42:42 UTC", "2024-06-05T14:42:42Z"),
        ("2024-06-05 14:42:42.5 UTC", "2024-06-05T14:42:42.500000Z"),
        ("2024-06-05 14:42:42 CET", None),
        ("2024-06-05T14:42", "2024-06-05T14:42:00Z"),
        ("2024-06-05T14:42:42", "2024-06-05T14:42:42Z"),
        ("2024-06-05T14:42:42+02:00", "2024-06-05T12:42:42Z"),
        ("2024-06-05T14:42:42+0530", "2024-06-05T09:12:42Z"),
        ("2024-06-05T14:42:42-08", "2024-06-05T22:42:42Z"),
        ("2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00Z"),
        ("2024-06-05T14:42:42.5Z", "2024-06-05T14:42:42.500000Z"),
        ("2024-06-05T14:42:42.123456789Z", "2024-06-05T14:42:42.123456Z"),
        ("2024-06-05T14:42:42.000Z", "2024-06-05T14:42:42Z"),
        (" 2024-06-05 ", "2024-06-05"),
        ("2024-02-29", "2024-02-29"),
        ("1900-01-02T00:00:00Z", "1900-01-02T00:00:00Z"),
        (None, None),
        ("", None),
    ],
)
def test_timestamp_writes_utc_and_leaves_a_date_a_date(value: Any, expected: str | None) -> None:
    if expected is None and value:
        with pytest.raises(ValueFault):
            timestamp(value)
    else:
        assert timestamp(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        False,
        -1,
        46027,
        "46027.5",
        20458,
        2026,
        202601,
        20260230,
        "20261305",
        20260131250000,
        "2026/01-31",
        "2026/1/31",
        "31/01/2026",
        "/Date(soon)/",
        "202601311200",
        9783161484100,
        315532799999,
        -1717598562000,
        -99999999999,
        "2023-02-29",
        "2024-13-01",
        "2024-06-05T25:00:00Z",
        "2024-06-05T24:00:00Z",
        "05/06/2024",
        "yesterday",
        "NaN",
        "Infinity",
        "1e400",
        float("nan"),
        float("inf"),
        True,
        [],
        {},
        "   ",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_what_is_no_point_in_time_or_in_another_unit_is_a_fault(value: Any) -> None:
    with pytest.raises(ValueFault) as fault:
        timestamp(value)
    assert str(fault.value) == "is not a date or date-time (ISO 8601 or epoch seconds)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2024-06-05T23:30:00-01:00", "2024-06-06"), (1767225600, "2026-01-01"), (20260105, "2026-01-05"), (None, None)],
)
def test_date_is_the_day_in_utc(value: Any, expected: str | None) -> None:
    assert date_of(value) == expected


@pytest.mark.parametrize("there", [
    "2026-02-01T00:00:00+01:00",
    "2026-02-01 00:00:00-08",
    "2026-02-01T00:00:00.000+0530",
    "2026-02-01 00:00 +01:00",
])  # fmt: skip
def test_a_midnight_with_an_offset_is_the_day_that_begins_there(there: str) -> None:
    assert timestamp(there) == date_of(there) == "2026-02-01"


@pytest.mark.parametrize(("there", "instant"), [
    ("2026-02-01T00:00:00+00:00", "2026-02-01T00:00:00Z"),
    ("2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"),
    ("2026-02-01T00:00:01+01:00", "2026-01-31T23:00:01Z"),
    ("2026-02-01T12:00:00+01:00", "2026-02-01T11:00:00Z"),
])  # fmt: skip
def test_any_other_time_with_an_offset_is_an_instant(there: str, instant: str) -> None:
    assert timestamp(there) == instant


@given(st.datetimes(min_value=datetime(1900, 1, 3), max_value=datetime(2199, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_a_date_time_comes_back_as_the_same_instant(naive: datetime, minutes: int) -> None:
    assume(naive.time() != time() or not minutes)  # a midnight with an offset is a day
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    written = timestamp(moment.isoformat())
    assert parse_instant(written) == moment
    assert timestamp(written) == written
    assert to_seconds(parse_instant(written)) == moment.timestamp()


@given(st.integers(315_532_800, 7_258_118_400) | st.integers(-2_208_902_400, -315_532_800))
def test_epoch_seconds_come_back_as_the_same_number(seconds: int) -> None:
    written = timestamp(seconds)
    assert to_seconds(parse_instant(written)) == seconds
    assert timestamp(str(seconds)) == timestamp(float(seconds)) == written


@given(st.dates())
def test_a_date_stays_that_date(day: date) -> None:
    assert write_instant(parse_instant(day.isoformat())) == day.isoformat()
