"""The figures that a revenue team reads off an account, recomputed from its objects alone.

Pure functions over objects as they are stored. All sums are exact: amounts are Decimals, shares of a period
are Fractions, and rounding (half-even, to the currency's minor units) happens once, at the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from destination_fincome.sandbox.exact_json import Json, JsonObject
from destination_fincome.sandbox.formats import parse_instant

Sums: TypeAlias = dict[str, Fraction]

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
        return datetime(self.year, self.number, 1, tzinfo=timezone.utc)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        if (self.year, self.number) == (9999, 12):  # there is no later moment
            return datetime.max.replace(tzinfo=timezone.utc)
        return Month.of(self.start + timedelta(days=31)).start

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True)
class RecurringLine:
    """An invoice line of a subscription: an amount earned evenly from `start` to `end`."""

    currency: str
    amount: Decimal | int
    start: datetime
    end: datetime

    def share_of(self, month: Month) -> Fraction:
        """The part of the amount that is earned in the month."""
        overlap = min(self.end, month.end) - max(self.start, month.start)
        if overlap <= timedelta(0):
            return Fraction(0)
        return Fraction(self.amount) * Fraction(_microseconds(overlap), _microseconds(self.end - self.start))


def recurring_lines(invoice_lines: Iterable[JsonObject]) -> list[RecurringLine]:
    """The lines that carry recurring revenue; others (one-off, without a period) carry none."""
    found = []
    for line in invoice_lines:
        start, end = parse_instant(line.get("period_start")), parse_instant(line.get("period_end"))
        if line.get("type") == "subscription" and start and end and start < end:
            amount = _amount(line, "amount_excluding_tax_after_discount")
            found.append(RecurringLine(str(line.get("currency")), amount, start, end))
    return found


def mrr(lines: Iterable[RecurringLine], month: Month) -> dict[str, str]:
    """Monthly recurring revenue by currency: what the lines earn in this calendar month."""
    sums: Sums = defaultdict(Fraction)
    for line in lines:
        if line.start < month.end and line.end > month.start:
            sums[line.currency] += line.share_of(month)
    return {currency: rounded(total, currency) for currency, total in sums.items()}


def default_month(lines: Iterable[RecurringLine], invoices: Iterable[JsonObject]) -> Month | None:
    """The newest month with recurring revenue that had ended when the newest invoice was issued.

    A yearly line earns for months to come, and they would show only a part of the revenue. If no month is
    complete in this sense, it is the newest month that has recurring revenue. The clock plays no part in it,
    so the same objects always give the same figures.
    """
    spans = [(Month.of(line.start), Month.of(line.end - timedelta(microseconds=1))) for line in lines]
    if not spans:
        return None
    newest = max(last for _, last in spans)
    issued = [moment for invoice in invoices if (moment := parse_instant(invoice.get("date")))]
    if not issued:
        return newest
    current = Month.of(max(issued))
    complete = Month.of(current.start - timedelta(days=1)) if current > Month(1, 1) else current
    ended = [min(last, complete) for first, last in spans if first <= complete]
    return max(ended, default=newest)


def figures(objects: Mapping[str, Iterable[JsonObject]], month: Month | None) -> dict[str, object]:
    """All figures of an account, as JSON shows them: decimals as strings, by currency.

    `objects` holds them by entity; `month` is that of the recurring revenue, or None for the default.
    """
    invoices, lines = list(objects.get("invoices", ())), list(objects.get("invoice_lines", ()))
    recurring = recurring_lines(lines)
    month = month or default_month(recurring, invoices)
    columns = {
        "invoiced_net": _totals(invoices, "amount"),
        "line_net": _totals(lines, "amount_excluding_tax_after_discount"),
        "line_tax": _totals(lines, "tax_amount"),
        "credited": _totals(objects.get("credit_notes", ()), "amount"),
        "mrr": mrr(recurring, month) if month else {},
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
        sums[str(one.get("currency"))] += Fraction(_amount(one, field))
    return {currency: exact(total, currency) for currency, total in sums.items()}


def _invoices_by_status(invoices: Iterable[JsonObject]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for invoice in invoices:
        counts[str(invoice.get("currency"))][str(invoice.get("status"))] += 1
    return {currency: dict(sorted(by_status.items())) for currency, by_status in counts.items()}


def _subscriptions(subscriptions: Iterable[JsonObject]) -> dict[str, int]:
    statuses = [subscription.get("status") for subscription in subscriptions]
    return {"active": sum(status in RUNNING for status in statuses), "trialing": statuses.count("trialing")}


def _amount(one: JsonObject, field: str) -> Decimal | int:
    value: Json = one.get(field)
    return value if isinstance(value, int | Decimal) else 0


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
