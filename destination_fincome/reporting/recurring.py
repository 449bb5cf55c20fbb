"""Monthly recurring revenue of what a sync brings, by the formulas of docs/revenue.md."""

from __future__ import annotations

import calendar
import math
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from destination_fincome.reporting.facts import PARTS

# Months that are told at most, back from the newest.
MOST_MONTHS = 120
# A monthly value is a whole number of this part of what amounts are whole numbers of, so that sums of very many are
# sums of integers: what is spread over up to 36 months or days is exact.
_FINE = math.lcm(*range(1, 37))
_MONTH = len("2026-01")
_DATE = len("2026-01-31")
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class MonthlyRevenue(NamedTuple):
    """One month's recurring revenue in one currency, rounded to the currency's decimals.

    Attributes:
        month: such as `2026-01`.
        lines: of the invoice lines whose period contains the month's last moment; None if none does.
        monthly_values: of the subscriptions that run at that moment, by their own monthly values; None if none does.
    """

    month: str
    currency: str
    lines: Decimal | None
    monthly_values: Decimal | None


class _Run(NamedTuple):
    """A value that counts from one day until another, in whole parts; None is for ever."""

    currency: str
    first_day: str
    after: str | None
    value: int


def recurring_revenue(database: sqlite3.Connection, decimals: Callable[[str], int]) -> list[MonthlyRevenue]:
    """Return each month's revenue, the newest last, currency by currency.

    Args:
        database: as Factbook.ask gives it.
        decimals: those of a currency.
    """
    ends = _ends_of_months(database)
    if not ends:
        return []
    by_lines, by_values = _summed(_lines(database), ends), _summed(_subscriptions(database), ends)
    return [
        MonthlyRevenue(
            ends[month][:_MONTH],
            currency,
            _rounded(by_lines.get((currency, month)), decimals(currency)),
            _rounded(by_values.get((currency, month)), decimals(currency)),
        )
        for month, currency in sorted({(month, currency) for currency, month in [*by_lines, *by_values]})
    ]


def _ends_of_months(database: sqlite3.Connection) -> Sequence[str]:
    """Return the last day of each month that is told; of the newest month it is the day of the newest invoice.

    What is billed later isn't known yet, and would look like customers who left. Without an invoice, what begins last
    is the newest.
    """
    first, newest = database.execute(
        """SELECT substr(min(counts), 1, 10), substr(max(begins), 1, 10) FROM (
          SELECT min(starts) AS counts, max(starts) AS begins FROM invoice_lines WHERE recurring UNION ALL
          SELECT min(coalesce(runs_from, starts)), max(starts) FROM subscriptions WHERE recurring)"""
    ).fetchone()
    (issued,) = database.execute("SELECT substr(max(starts), 1, 10) FROM invoices").fetchone()
    newest = issued or newest
    if first is None or newest is None:
        return []
    year, month = int(newest[:4]), int(newest[5:7])
    back = (year - int(first[:4])) * 12 + month - int(first[5:7])
    months = [divmod(year * 12 + month - 1 - ago, 12) for ago in range(min(back, MOST_MONTHS - 1), 0, -1)]
    return [*(f"{y:04}-{m + 1:02}-{calendar.monthrange(y, m + 1)[1]:02}" for y, m in months), newest]


def _summed(runs: Iterator[_Run], ends: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return what counts at the end of each month, by currency and the month's number; nothing where nothing runs."""
    values: dict[str, list[int]] = defaultdict(lambda: [0] * (len(ends) + 1))
    numbers: dict[str, list[int]] = defaultdict(lambda: [0] * (len(ends) + 1))
    for currency, first_day, after, value in runs:
        first = bisect_left(ends, first_day)
        last = len(ends) if after is None else bisect_left(ends, after)
        if first < last:
            for steps, step in ((values[currency], value), (numbers[currency], 1)):
                steps[first] += step
                steps[last] -= step
    found = {}
    for currency, steps in values.items():
        value = number = 0
        for month in range(len(ends)):
            value += steps[month]
            number += numbers[currency][month]
            if number:
                found[currency, month] = value
    return found


def _lines(database: sqlite3.Connection) -> Iterator[_Run]:
    """Yield what lines are worth in a month.

    Most periods begin and end on the same day of a month, at the same time: they are added up by days.
    """
    by_days: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for currency, starts, ends, units, parts in database.execute(_RECURRING_LINES):
        amount, first_day, after = units * PARTS + parts, starts[:_DATE], ends[:_DATE]
        if starts[_MONTH:] == ends[_MONTH:]:
            by_days[currency, first_day, after] += amount
        else:
            months = months_of(datetime.fromisoformat(starts), datetime.fromisoformat(ends))
            yield _Run(currency, first_day, after, _monthly(amount, months))
    for (currency, first_day, after), amount in by_days.items():
        whole = (int(after[:4]) - int(first_day[:4])) * 12 + int(after[5:_MONTH]) - int(first_day[5:_MONTH])
        yield _Run(currency, first_day, after, _monthly(amount, whole))


_RECURRING_LINES = f"""SELECT currency, starts, ends, sum(amount / {PARTS}), sum(amount % {PARTS}) FROM invoice_lines
WHERE recurring AND starts < ends AND amount IS NOT NULL GROUP BY 1, 2, 3"""  # noqa: S608 (numbers of ours)


def _subscriptions(database: sqlite3.Connection) -> Iterator[_Run]:
    """Yield the monthly values of subscriptions, added up by days."""
    for currency, first_day, after, units, parts in database.execute(
        f"""SELECT currency, substr(runs_from, 1, 10), substr(ends, 1, 10), sum(amount / {PARTS}), sum(amount % {PARTS})
        FROM subscriptions WHERE recurring AND amount IS NOT NULL AND currency IS NOT NULL AND runs_from IS NOT NULL
        GROUP BY 1, 2, 3"""  # noqa: S608 (a number of ours)
    ):
        yield _Run(currency, first_day, after, (units * PARTS + parts) * _FINE)


def _monthly(amount: int, months: Fraction | int) -> int:
    """Divide an amount by months, in fine parts; half to even."""
    return round(Fraction(amount * _FINE) / months)


def _rounded(value: int | None, decimals: int) -> Decimal | None:
    """Write fine parts in units of the currency; half to even."""
    if value is None:
        return None
    return Decimal(round(Fraction(value * 10**decimals, PARTS * _FINE))).scaleb(-decimals)


# --- months of a period


def months_of(start: datetime, end: datetime) -> Fraction:
    """Return how many months a period has; `start` is before `end`.

    A whole number of them within an hour, because clocks change, or with the last day missing, because some bill from
    the first to the last day. Else whole months are counted back from the end, and the rest is a share of the month
    that it lies in: what is billed after a change in mid-period ends on the day on which the next period begins.
    """
    apart = (end.year - start.year) * 12 + end.month - start.month
    for months in (apart, apart + 1, apart - 1):
        if months >= 1 and _are_whole(start, end, months):
            return Fraction(months)
    whole = apart if moved(end, -apart) >= start else apart - 1
    rest_ends = moved(end, -whole)
    share = (rest_ends - start) / timedelta(microseconds=1)
    month = (rest_ends - moved(end, -whole - 1)) / timedelta(microseconds=1)
    return whole + Fraction(int(share), int(month)) if month else Fraction(max(whole, 1))


def _are_whole(start: datetime, end: datetime, months: int) -> bool:
    """Tell whether a period has so many months, seen from either side: the 31st leads to the 28th, and back."""
    surplus = (end - moved(start, months), moved(end, -months) - start)
    return any(abs(one) <= _HOUR or one == -_DAY for one in surplus)


def moved(moment: datetime, months: int) -> datetime:
    """Return the same day and time some months away; a day that the month lacks is its last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return (datetime.max if year > 9999 else datetime.min).replace(tzinfo=UTC)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
