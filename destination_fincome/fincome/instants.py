"""Points in time as sources write them, to the two forms that Fincome takes (contract.yaml, "Field types")."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
# The year comes first with these signs too, whoever writes them.
_OTHER_DATE = re.compile(r"(\d{4})([/.])(\d\d)\2(\d\d)(?=\Z|[T ])")
# A day, and perhaps the time, in the notation of French accounting exports, SAP and others; as seconds since 1970 the
# day would be one of that year, and with its time none of ours.
_DIGITS = re.compile(r"((?:19|20|21)\d{6})(\d{6})?(?:\.0+)?\Z")
# As Microsoft's JSON had points in time: milliseconds since 1970, whatever the offset behind them.
_MICROSOFT = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/\Z")
# The first seconds that are taken for seconds since 1970: smaller ones are days, years, serial numbers of spreadsheets.
_FIRST = 315_532_800
# Milliseconds, microseconds and nanoseconds, by how many there are in a second.
_FINER = (10**9, 10**6, 10**3)
# Not 24:00, which Python reads from 3.14 on, as the next day.
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):\d\d)(:\d\d)?(?:\.(\d+))?\s*(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?\Z"
)


# What systems write for no day at all ends with this one's eve: .NET's first day, that of SQL Server's dates, the zero
# of spreadsheets, and the day that SQL Server makes of an empty text. As an end it would be a churn.
FIRST_DAY = "1900-01-02"
_FIRST_DIGITS = FIRST_DAY.replace("-", "")
# .NET's first day, in seconds since 1970.
_NO_DAY = (datetime.min - datetime(1970, 1, 1)).total_seconds()
# And what they write for an end that never comes is in the last year: it can't be moved any further.
_NO_END = 9999


class NotAnInstant(ValueError):
    """The value is no point in time that we know how to read."""


def parse_instant(value: Any) -> datetime | date:
    """Read seconds since 1970 (int, float or text; also in finer units), ISO 8601 or a day of eight digits.

    Without an offset UTC is taken.

    Returns:
        A date for a date, else an aware date-time in UTC.

    Raises:
        NotAnInstant: for anything else.
    """
    try:
        if isinstance(value, str):
            return _parse_text(value.strip())
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return _from_number(str(value))
    except (ValueError, OverflowError, InvalidOperation):
        pass
    raise NotAnInstant


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> datetime | date:
    if len(text) == 10 and _DATE.match(text):
        return date.fromisoformat(text)
    if match := _DATE_TIME.match(text):
        try:
            when = datetime.fromisoformat(text)
            return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # a form that ISO 8601 doesn't know: a blank before the offset, a small z
        day, minutes, seconds, fraction, offset = match.groups()
        when = datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}")
        when += timedelta(microseconds=int((fraction or "0")[:6].ljust(6, "0")))
        return (when - _offset(offset)).replace(tzinfo=UTC)
    if match := _OTHER_DATE.match(text):
        return _parse_text(_OTHER_DATE.sub(r"\1-\3-\4", text))
    if match := _MICROSOFT.match(text):
        seconds = Decimal(match[1]) / 1000
        return date.min if seconds == _NO_DAY else _from_epoch(seconds)
    return _from_number(text)


def is_none(value: Any) -> bool:
    """Tell whether a value stands for no point in time.

    Null, an empty text, a day that systems write for none, and zero: SAP's 00000000, MySQL's 0000-00-00, and the 0 of
    systems that count seconds.
    """
    if value is None or value == "":
        return True
    if value.__class__ is not str:
        # `not` compares nothing: a signaling NaN can't be compared.
        return isinstance(value, (int, float, Decimal)) and not value and value is not False
    if value[4:5] == "-":
        return bool(value < FIRST_DAY)
    return not value.strip("0") or (len(value) == len(_FIRST_DIGITS) and value < _FIRST_DIGITS and value.isdigit())


def is_no_end(when: date | datetime) -> bool:
    """Tell whether a point in time is what systems write for an end that never comes, such as 9999-12-31."""
    return when.year == _NO_END


def _from_number(text: str) -> datetime | date:
    if match := _DIGITS.match(text):
        if match[2]:
            return datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    return _from_epoch(Decimal(text))


def _offset(text: str | None) -> timedelta:
    if not text or text in ("Z", "z", "UTC"):  # the last as BigQuery writes timestamps
        return timedelta(0)
    digits = text[1:].replace(":", "").ljust(4, "0")
    amount = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -amount if text[0] == "-" else amount


def _from_epoch(seconds: Decimal) -> datetime:
    if not seconds.is_finite():
        raise NotAnInstant
    # No billing data is older than 1900 or younger than 2200, nor of the 1970s: what is out of that in seconds may be
    # in it in a finer unit, and in one only.
    unit = next((one for one in _FINER if seconds >= one * _FIRST), 1)
    seconds /= unit
    if not -2_208_988_800 <= seconds <= 7_258_118_400 or abs(seconds) < _FIRST:
        raise NotAnInstant
    return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


@lru_cache(maxsize=1 << 14)
def is_plain(text: str) -> bool:
    """Tell whether a text is an instant that is written already as `write_instant` would (the usual case, fast)."""
    try:
        if len(text) == 20 and text[10] == "T" and text[19] == "Z":
            return datetime.fromisoformat(text[:19]).isoformat() == text[:19]
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def write_instant(when: datetime | date) -> str:
    """Write a date as a date, a date-time in UTC with Z, its fraction only if it has one."""
    if not isinstance(when, datetime):
        return when.isoformat()
    return when.replace(tzinfo=None).isoformat() + "Z"


def rewrite_instant(value: Any) -> str:
    """Read a point in time in any form and write it in Fincome's.

    Raises:
        NotAnInstant: see parse_instant.
    """
    return _rewritten(value) if type(value) in _REPEATING else write_instant(parse_instant(value))


def seconds_of(value: Any) -> float:
    """Read a point in time in any form; return epoch seconds.

    Raises:
        NotAnInstant: see parse_instant.
    """
    return _seconds(value) if type(value) in _REPEATING else to_seconds(parse_instant(value))


# The forms that sources use. Points in time repeat: a record's in its parts, a month's begin in all its records.
# (True and 1.0 would share one place in a cache.)
_REPEATING = frozenset([int, str])


@lru_cache(maxsize=1 << 12)
def _rewritten(value: int | str) -> str:
    return write_instant(parse_instant(value))


@lru_cache(maxsize=1 << 12)
def _seconds(value: int | str) -> float:
    return to_seconds(parse_instant(value))


def to_seconds(when: datetime | date) -> float:
    """Return epoch seconds; a date counts from its midnight, UTC."""
    if isinstance(when, datetime):
        return (when - EPOCH).total_seconds()
    return float((when - EPOCH.date()).days * 86_400)
