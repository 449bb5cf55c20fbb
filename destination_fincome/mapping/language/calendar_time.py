"""Functions of the mapping language that read and move points in time (docs/mapping.md lists them with examples)."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from destination_fincome.fincome.instants import NotAnInstant, is_no_end, is_none, parse_instant, write_instant
from destination_fincome.fincome.value_types import ValueFault

_HOUR = timedelta(hours=1)
NO_INSTANT = "is not a date or date-time (ISO 8601 or epoch seconds)"


def read(value: Any) -> datetime | date:
    """Read a point in time.

    Raises:
        ValueFault: it isn't one.
    """
    try:
        return parse_instant(value)
    except NotAnInstant:
        raise ValueFault(NO_INSTANT) from None


def epoch_ms(value: Any) -> str | None:
    """Read a point in time given in milliseconds since 1970."""
    if value is None or value == "":
        return None
    try:
        seconds = Decimal(str(value)) / 1000
        return write_instant(parse_instant(seconds))
    except (NotAnInstant, ArithmeticError):
        raise ValueFault("is not a number of milliseconds since 1970") from None


def local_time(value: Any, zone: Any) -> str | None:
    """Read a date-time without an offset as local time in a zone such as Europe/Paris; a date stays a date."""
    if is_none(value):
        return None
    when = read(value)
    if not isinstance(when, datetime) or not isinstance(value, str) or _has_offset(value):
        return write_instant(when)
    return at_zone(when.replace(tzinfo=None), zone)


def local_date(zone: ZoneInfo | None) -> Callable[..., str | None]:
    """Return the function that gives the day at a point in time: in a zone, or else in the company's own, or UTC."""

    def day(value: Any, *other: Any) -> str | None:
        if is_none(value):
            return None
        when = read(value)
        named = other[0] if other else None
        place = zone or UTC if named is None or named == "" else known_zone(named)
        try:
            return (when.astimezone(place).date() if isinstance(when, datetime) else when).isoformat()
        except OverflowError:
            return _never(when)[:10]

    return day


def local_days(start: Any, end: Any) -> list[str] | None:
    """Return the days at whose midnight a period begins and ends, in a time zone that nobody names.

    Both ends lie equally far from a midnight in UTC, or an hour apart (daylight saving time), by quarters of an hour:
    then they are midnights in the nearest zone. If just one of them is at a quarter of an hour, it alone is midnight,
    and the other is moved with it. Null if they can't be midnights, or are midnights in UTC.
    """
    if is_none(start) or is_none(end):
        return None
    first, last = read(start), read(end)
    if not isinstance(first, datetime) or not isinstance(last, datetime) or is_no_end(max(first, last)):
        return None
    days = _nearest_midnight(first), _nearest_midnight(last)
    offsets = days[0] - first, days[1] - last
    midnight = [offset % (_HOUR / 4) == timedelta(0) for offset in offsets]
    if midnight == [True, False] and offsets[0]:
        days = days[0], last + offsets[0]
    elif midnight == [False, True] and offsets[1]:
        days = first + offsets[1], days[1]
    elif not all(midnight) or not any(offsets) or abs(offsets[0] - offsets[1]) > _HOUR:
        return None
    if days[0] >= days[1]:
        return None
    return [
        day.date().isoformat() if is_one else write_instant(day) for day, is_one in zip(days, midnight, strict=True)
    ]


def _nearest_midnight(when: datetime) -> datetime:
    """Return the midnight that a point in time may be: zones reach from 10 hours behind UTC to less than 14 before it.

    (Few live farther off; a zone 11 hours behind can't be told from one 13 hours before.)
    """
    day = when.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if when - day <= 10 * _HOUR else day + timedelta(days=1)


def add_days(value: Any, days: Any) -> str | None:
    """Move a point in time by a number of days."""
    if is_none(value) or days is None:
        return None
    when = read(value)
    try:
        return write_instant(when + timedelta(days=_whole(days)))
    except OverflowError:
        return _never(when)


def add_seconds(value: Any, seconds: Any) -> str | None:
    """Move a point in time by a number of seconds; a date counts as its midnight in UTC."""
    if is_none(value) or seconds is None:
        return None
    when = read(value)
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, tzinfo=UTC)
    try:
        return write_instant(when + timedelta(seconds=_whole(seconds)))
    except OverflowError:
        return _never(when)


def add_months(value: Any, months: Any) -> str | None:
    """Move a point in time by a number of months; a day that the month doesn't have becomes its last."""
    if is_none(value) or months is None:
        return None
    when, count = read(value), _whole(months)
    try:
        return write_instant(moved(when, count))
    except ValueError:
        return _never(when)


def _never(when: date | datetime) -> str:
    """Return a point in time that can't be moved any further, if it stands for an end that never comes.

    Raises:
        ValueFault: it doesn't.
    """
    if is_no_end(when):
        return write_instant(when)
    raise ValueFault("would leave the calendar")


def moved(when: date | datetime, months: int) -> date | datetime:
    """Return the point in time so many months later; a day that the month doesn't have becomes its last."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    day = min(when.day, calendar.monthrange(year, month + 1)[1])
    return when.replace(year=year, month=month + 1, day=day)


def last_day(value: Any) -> str | None:
    """Return the last day of the month in which a point in time lies, in UTC."""
    if is_none(value):
        return None
    when = read(value)
    return when.replace(day=calendar.monthrange(when.year, when.month)[1]).isoformat()[:10]


def is_past(now: Callable[[], datetime]) -> Callable[[Any], bool | None]:
    """Return the function that says whether a point in time, or the whole of a day in UTC, is past."""

    def past(value: Any) -> bool | None:
        if is_none(value):
            return None
        when, here = read(value), now()
        return when < here if isinstance(when, datetime) else when < here.date()

    return past


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def _whole(value: Any) -> int:
    if isinstance(value, (int, float, str, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
            if number == number.to_integral_value() and abs(number) < 100_000:
                return int(number)
        except ArithmeticError:
            pass
    raise ValueFault("is moved by something that is not a whole number")


def _has_offset(text: str) -> bool:
    clock = text.strip()[10:]
    return not clock or clock[-1] in "Zz" or "+" in clock or "-" in clock


def at_zone(when: datetime, zone: Any) -> str:
    """Write a clock time of a zone as the moment in UTC that it was."""
    return in_utc(when.replace(tzinfo=known_zone(zone)))


def in_utc(when: datetime) -> str:
    """Write a moment of any zone in UTC."""
    try:
        return write_instant(when.astimezone(UTC))
    except OverflowError:
        return _never(when)


def known_zone(name: Any) -> ZoneInfo:
    """Return a time zone.

    Raises:
        ValueFault: there is no zone of that name, or the value is none.
    """
    zone = _zone(name) if isinstance(name, str) else None
    if zone is None:
        raise ValueFault("names no time zone that exists (use a name such as Europe/Paris)")
    return zone


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
