"""The figures that a revenue team reads off an account, recomputed from its objects alone.

Pure functions over objects as they are stored. Amounts are Decimals, sums are exact, and rounding (half-even, to
the currency's minor units) happens once, at the end. docs/revenue.md has the formulas of recurring revenue.
"""

import calendar
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from fincome_sandbox.exact_json import Json, JsonObject
from fincome_sandbox.formats import parse_instant

Sums: TypeAlias = dict[str, Fraction]

# Monthly values are whole numbers of this part of a major unit, so that sums of a hundred thousand lines are sums
# of integers. An amount of up to six decimals, spread over up to 36 months or days, is exact.
PARTS = 10_000 * math.lcm(*range(1, 37))
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)

# ISO 4217's decimals of the currencies that don't have two.
_NO_DECIMALS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR_DECIMALS = ("CLF", "UYW")
MINOR_UNITS = {
    **dict.fromkeys(_NO_DECIMALS, 0),
    **dict.fromkeys(_THREE_DECIMALS, 3),
    **dict.fromkeys(_FOUR_DECIMALS, 4),
}
RUNNING = frozenset({"active", "past_due"})


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month, in UTC."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-01`.

        Raises:
            ValueError: for any other form.
        """
        moment = parse_instant(f"{text}-01")
        if moment is None:
            raise ValueError("A month has the form 2026-01")
        return cls.of(moment)

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month that a moment lies in."""
        return cls(moment.year, moment.month)

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        if (self.year, self.number) == (9999, 12):  # there is no later moment
            return datetime.max.replace(tzinfo=UTC)
        return Month.of(self.start + timedelta(days=31)).start

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def parts_of(amount: Decimal | int, months: Fraction | int = 1) -> int:
    """An amount of major units in whole parts (see PARTS), divided by a number of months; half-even."""
    over, under = amount.as_integer_ratio()
    over, under = over * PARTS * months.denominator, under * months.numerator
    whole, rest = divmod(over, under)
    return whole if not rest else round(Fraction(over, under))


def shifted(moment: datetime, months: int) -> datetime:
    """The same day and time some months later or earlier; a day that the month lacks becomes its last."""
    year, number = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return (datetime.max if year > 1 else datetime.min).replace(tzinfo=UTC)
    day = min(moment.day, calendar.monthrange(year, number + 1)[1])
    return moment.replace(year=year, month=number + 1, day=day)


@lru_cache(maxsize=20_000)  # many lines share their period
def months_of(start: datetime, end: datetime) -> Fraction:
    """How many months a period has.

    Within an hour of a whole number of months it is that number, because clocks change; also when just the last day
    is missing, because some bill from the first to the last day. Else the months are counted back from the end, and
    the rest is a share of the month that it lies in: a part of a period, billed after a change, runs until the day
    on which the next one begins.
    """
    difference = (end.year - start.year) * 12 + end.month - start.month
    for months in (difference, difference + 1, difference - 1):
        if months >= 1 and _fits(start, end, months):
            return Fraction(months)
    whole = difference if shifted(end, -difference) >= start else difference - 1
    last = shifted(end, -whole)
    month = last - shifted(end, -whole - 1)
    return whole + Fraction(_microseconds(last - start), _microseconds(month)) if month else Fraction(max(whole, 1))


def _fits(start: datetime, end: datetime, months: int) -> bool:
    """Whether a period has so many months, from either side: the 31st leads to the 28th, and the 28th to the 31st."""
    surplus = (end - shifted(start, months), shifted(end, -months) - start)
    return any(abs(one) <= _HOUR or one == -_DAY for one in surplus)


@dataclass(frozen=True)
class RecurringLine:
    """An invoice line of a subscription: an amount for the period from `start` to `end`."""

    currency: str
    amount: Decimal | int
    start: datetime
    end: datetime

    @property
    def monthly(self) -> int:
        """The amount divided by the months of its period, in parts."""
        return parts_of(self.amount, months_of(self.start, self.end))

    def runs_at(self, moment: datetime) -> bool:
        """Whether the period contains the moment; its end is no longer in it."""
        return self.start <= moment < self.end


def recurring_line(line: JsonObject) -> RecurringLine | None:
    """What an invoice line says of recurring revenue; nothing if it is one-off or has no period."""
    if line.get("type") != "subscription":
        return None
    start, end = parse_instant(line.get("period_start")), parse_instant(line.get("period_end"))
    if not (start and end and start < end):
        return None
    return RecurringLine(str(line.get("currency")), amount_of(line, "amount_excluding_tax_after_discount"), start, end)


def recurring_lines(invoice_lines: Iterable[JsonObject]) -> list[RecurringLine]:
    """The lines that carry recurring revenue."""
    return [found for line in invoice_lines if (found := recurring_line(line))]


def newest(invoices: Iterable[JsonObject]) -> datetime | None:
    """The date of the newest invoice: how far the account's knowledge goes."""
    return max((moment for invoice in invoices if (moment := parse_instant(invoice.get("date")))), default=None)


def snapshot(month: Month, issued: datetime | None) -> datetime:
    """The moment for which a month's recurring revenue is told: its last.

    In the month of the newest invoice it is the last of that invoice's day: what is billed later isn't known yet, and
    would look like customers who left. The clock plays no part, so the same objects always give the same figures.
    """
    last = month.end
    if issued is not None and Month.of(issued) == month:
        last = min(last, _end_of_day(issued))
    return last - timedelta(microseconds=1)


def mrr(lines: Iterable[RecurringLine], moment: datetime) -> dict[str, str]:
    """Monthly recurring revenue by currency: the monthly values of the lines whose period contains the moment."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.runs_at(moment):
            sums[line.currency] += line.monthly
    return {currency: rounded(Fraction(total, PARTS), currency) for currency, total in sums.items()}


def default_month(lines: Iterable[RecurringLine], issued: datetime | None) -> Month | None:
    """The newest month with recurring revenue, but none after the month of the newest invoice.

    A yearly line runs for months to come, and they would show only a part of the revenue.
    """
    months = (_last_month(line, issued) for line in lines)
    return max((month for month in months if month is not None), default=None)


def _last_month(line: RecurringLine, issued: datetime | None) -> Month | None:
    """The last month for which the line counts."""
    if issued is not None and line.runs_at(snapshot(Month.of(issued), issued)):
        return Month.of(issued)
    first, after = Month.of(line.start), Month.of(line.end)
    if first == after or (issued is not None and line.start > issued):
        return None
    return Month.of(after.start - timedelta(days=1))


def figures(objects: Mapping[str, Iterable[JsonObject]], month: Month | None) -> dict[str, object]:
    """All figures of an account, as JSON shows them: decimals as strings, by currency.

    `objects` holds them by entity; `month` is that of the recurring revenue, or None for the default.
    """
    invoices, lines = list(objects.get("invoices", ())), list(objects.get("invoice_lines", ()))
    recurring, issued = recurring_lines(lines), newest(invoices)
    month = month or default_month(recurring, issued)
    columns = {
        "invoiced_net": _totals(invoices, "amount"),
        "line_net": _totals(lines, "amount_excluding_tax_after_discount"),
        "line_tax": _totals(lines, "tax_amount"),
        "credited": _totals(objects.get("credit_notes", ()), "amount"),
        "mrr": mrr(recurring, snapshot(month, issued)) if month else {},
    }
    statuses = _invoices_by_status(invoices)
    currencies = sorted({currency for column in columns.values() for currency in column})
    return {
        "month": str(month) if month else None,
        "currencies": {
            currency: {
                **{name: column.get(currency, exact(Fraction(0), currency)) for name, column in columns.items()},
                "invoices_by_status": statuses.get(currency, {}),
            }
            for currency in currencies
        },
        "subscriptions": _subscriptions(objects.get("subscriptions", ())),
    }


def rounded(value: Fraction, currency: str) -> str:
    """The value in the currency's minor units, half-even."""
    units = MINOR_UNITS.get(currency, 2)
    return _with_decimals(round(value * 10**units), units)


def exact(value: Fraction, currency: str) -> str:
    """The value with all its decimals, and at least those of the currency. `value` is a sum of decimals."""
    units = MINOR_UNITS.get(currency, 2)
    while (value * 10**units).denominator != 1:
        units += 1
    return _with_decimals(int(value * 10**units), units)


def _with_decimals(scaled: int, units: int) -> str:
    digits = str(abs(scaled)).rjust(units + 1, "0")
    whole, decimals = (digits[:-units], "." + digits[-units:]) if units else (digits, "")
    return ("-" if scaled < 0 else "") + whole + decimals


def _totals(objects: Iterable[JsonObject], field: str) -> dict[str, str]:
    sums: Sums = defaultdict(Fraction)
    for one in objects:
        sums[str(one.get("currency"))] += Fraction(amount_of(one, field))
    return {currency: exact(total, currency) for currency, total in sums.items()}


def _invoices_by_status(invoices: Iterable[JsonObject]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for invoice in invoices:
        counts[str(invoice.get("currency"))][str(invoice.get("status"))] += 1
    return {currency: dict(sorted(by_status.items())) for currency, by_status in counts.items()}


def _subscriptions(subscriptions: Iterable[JsonObject]) -> dict[str, int]:
    statuses = [subscription.get("status") for subscription in subscriptions]
    return {"active": sum(status in RUNNING for status in statuses), "trialing": statuses.count("trialing")}


def amount_of(one: JsonObject, field: str) -> Decimal | int:
    """An amount of an object; what isn't there is zero."""
    value: Json = one.get(field)
    return value if isinstance(value, int | Decimal) else 0


def _end_of_day(moment: datetime) -> datetime:
    if moment.date() == datetime.max.date():  # there is no later day
        return datetime.max.replace(tzinfo=UTC)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
