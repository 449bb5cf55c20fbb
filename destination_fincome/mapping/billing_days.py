"""Days as the company bills them: by midnight in its own time zone, and not in UTC.

1 January, 00:00 in Paris, is 31 December, 23:00 in UTC: by UTC it is another day, month and year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from destination_fincome.fincome.instants import NotAnInstant, parse_instant, write_instant

# Fincome's fields that stand for a day; and those that are the two ends of something.
DAYS = ("date", "due_date")
SPANS = (("period_start", "period_end"), ("start_date", "end_date"), ("trial_start", "trial_end"))


def put_in_local_days(values: dict[str, Any], zone: ZoneInfo) -> None:
    """Write the dates of an object as days of a time zone.

    A day is that of its instant. An end of a period, or of a subscription or its trial, that is local midnight is a day
    (23:59:59 is the next one), and the other end of it is then the local time of day: so a period keeps its length, and
    what is billed from a change in the middle of a day to the end of the month ends where the next month begins. If
    neither end is local midnight, both keep their instants. A date without a time of day stays as it is, and so does
    what is no date at all.

    Args:
        values: its fields, as sources have them; changed in place.
    """
    for name in DAYS:
        if (value := values.get(name)) is not None and (day := _day_of(value, zone)) is not None:
            values[name] = day
    for span in SPANS:
        there = {name: value for name in span if (value := values.get(name)) is not None}
        days = {name: _midnight(value, zone) for name, value in there.items()}
        if not any(days.values()):
            continue
        ends = {name: day or _of(_local_time, there[name], zone) for name, day in days.items()}
        if None not in ends.values() and len(set(ends.values())) == len(ends):
            values.update(ends)


def _day_of(value: Any, zone: ZoneInfo) -> str | None:
    return _of(_local_day, value, zone)


def _midnight(value: Any, zone: ZoneInfo) -> str | None:
    return _of(_day_that_begins, value, zone)


def _of(read: Any, value: Any, zone: ZoneInfo) -> str | None:
    try:
        found: str | None = read(value, zone)
    except (NotAnInstant, TypeError, OverflowError):
        return None
    return found


@lru_cache(maxsize=1 << 12, typed=True)
def _local_day(value: Any, zone: ZoneInfo) -> str:
    return local_day(parse_instant(value), zone).isoformat()


def local_day(when: datetime | date, zone: ZoneInfo) -> date:
    """Return the day in a time zone at a point in time; a date is its day."""
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


@lru_cache(maxsize=1 << 12, typed=True)
def _local_time(value: Any, zone: ZoneInfo) -> str:
    """Return the local date and time of day, written as if they were those of UTC, as days are."""
    when = parse_instant(value)
    return write_instant(when.astimezone(zone).replace(tzinfo=UTC) if isinstance(when, datetime) else when)


@lru_cache(maxsize=1 << 12, typed=True)
def _day_that_begins(value: Any, zone: ZoneInfo) -> str | None:
    """Return the day that begins at a point in time; None if it is no midnight."""
    when = parse_instant(value)
    if not isinstance(when, datetime):
        return when.isoformat()
    for moment in _nearest_seconds(when):
        day = moment.astimezone(zone).date()
        # Where clocks change at midnight, a day may begin twice, or at another hour.
        begins = datetime(day.year, day.month, day.day, tzinfo=zone)
        if moment in (begins.astimezone(UTC), begins.replace(fold=1).astimezone(UTC)):
            return day.isoformat()
    return None


def _nearest_seconds(when: datetime) -> Iterator[datetime]:
    yield when
    if when.second == 59:
        yield when.replace(microsecond=0) + timedelta(seconds=1)
