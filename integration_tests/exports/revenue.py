"""MRR and sums by docs/revenue.md, from the company's books: written from the formula alone."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from integration_tests.exports.book import Book, Document

Figures = dict[str, str]


def add_months(day: date, months: int) -> date:
    """Return the same day, that many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months(start: date, end: date) -> int | None:
    """Return how many whole months there are from start to end, None if they aren't whole."""
    months = (end.year - start.year) * 12 + end.month - start.month
    whole = months > 0 and (add_months(start, months) == end or add_months(end, -months) == start)
    return months if whole else None


def months_of(start: date, end: date) -> Fraction:
    """Return the length of a period, its end not in it, in months."""
    whole = whole_months(start, end) or whole_months(start, end + timedelta(days=1))
    if whole:
        return Fraction(whole)
    months = 0
    while add_months(end, -months - 1) >= start:
        months += 1
    upper, lower = add_months(end, -months), add_months(end, -months - 1)
    return months + Fraction((upper - start).days, (upper - lower).days)


def _text(value: Fraction) -> str:
    cents = Decimal(value.numerator * 100) / Decimal(value.denominator)
    return str((cents.quantize(Decimal(1), rounding=ROUND_HALF_EVEN) / 100).quantize(Decimal("0.01")))


def _figures(values: dict[str, Fraction]) -> Figures:
    return {key: text for key, value in sorted(values.items()) if (text := _text(value)) not in ("0.00", "-0.00")}


def sums(documents: Iterable[Document]) -> Figures:
    """Return what the documents come to, net, by month and currency."""
    values: dict[str, Fraction] = defaultdict(Fraction)
    for document in documents:
        values[f"{document.date:%Y-%m} {document.currency}"] += Fraction(document.net)
    return _figures(values)


def mrr(book: Book) -> Figures:
    """Return the MRR at the end of each month, by currency, up to the newest invoice's day."""
    lines = [(document, line) for document in book.invoices for line in document.lines if line.period]
    newest = max(document.date for document in book.invoices)
    values: dict[str, Fraction] = defaultdict(Fraction)
    for document, line in lines:
        assert line.period
        start, end = line.period
        monthly = Fraction(line.net) / months_of(start, end)
        month = start.replace(day=1)
        while month <= newest:
            last = min(add_months(month, 1) - timedelta(days=1), newest)
            if start <= last < end:
                values[f"{month:%Y-%m} {document.currency}"] += monthly
            month = add_months(month, 1)
    return _figures(values)
