"""Instants as epoch seconds (UTC), and the calendar arithmetic of billing periods."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

Instant = int
"""Epoch seconds, UTC."""

HOUR = 3_600
DAY = 24 * HOUR


def instant(year: int, month: int, day: int = 1, hour: int = 0, minute: int = 0) -> Instant:
    """Return the epoch seconds of a moment in UTC."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def add_months(start: Instant, months: int) -> Instant:
    """Move by calendar months at the same time of day; a day that the month lacks becomes its last.

    Always count from the anchor (31 January + 2 months is 31 March): moving month by month would stay on 28.
    """
    moment = datetime.fromtimestamp(start, tz=UTC)
    year, month0 = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month0 + 1)[1])
    return int(moment.replace(year=year, month=month0 + 1, day=day).timestamp())


def english_date(moment: Instant) -> str:
    """Return a date as Stripe writes it in descriptions: 14 May 2025 (no locale involved)."""
    day = datetime.fromtimestamp(moment, tz=UTC)
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[day.month - 1]
    return f"{day.day:02d} {month} {day.year}"


# The year that is simulated, and the moment of the sync. It is before midnight on New Year's Eve, so that an
# invoice of that evening is still a draft and December is complete.
YEAR_START = instant(2025, 1)
YEAR_END = instant(2026, 1)
SYNC_TIME = instant(2025, 12, 31, 21)
MRR_MONTH = "2025-12"
