"""The revenue page: charts of the report, and the same figures as tables."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fincome_sandbox.figures import PARTS, Month
from fincome_sandbox.page import charts
from fincome_sandbox.page.quality import money
from fincome_sandbox.page.rates import BASE, PER_EURO, to_base
from fincome_sandbox.page.revenue import MOVEMENTS, Revenue, Series

# Months in a chart.
SHOWN = 24
_COLOURS = {"new": "up1", "expansion": "up2", "reactivation": "up3", "contraction": "down1", "churn": "down2"}
_CURRENCY_COLOURS = ("c1", "c2", "c3", "c4", "c5", "c6")


@dataclass(frozen=True)
class Table:
    """A chart's figures: text, ready to be shown; the first cell of a row is its heading."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Panel:
    """A chart, its figures, and what they mean."""

    key: str
    chart: charts.Chart
    table: Table


def content(report: Revenue, currency: str, end: str) -> dict[str, object]:
    """What the template shows: one currency, or (without) all of them, converted if there are several."""
    currencies = list(report.by_currency)
    if currency not in currencies:
        currency = currencies[0] if len(currencies) == 1 else ""
    window = _window(report, end)
    view = _View(report, currency, window) if currencies else None
    return {
        "report": report,
        "currency": currency,
        "currencies": currencies,
        "unit": currency or BASE,
        "panels": view.panels() if view else [],
        "headline": view.headline() if view else None,
        "rates": [(one, PER_EURO[one]) for one in currencies if one != BASE and one in PER_EURO],
        "left_out": [one for one in currencies if to_base(one) is None],
        "base": BASE,
        "earlier": str(report.months[window.start - 1]) if window.start > 0 else "",
        "later": str(report.months[min(window.stop + SHOWN, len(report.months)) - 1])
        if window.stop < len(report.months)
        else "",
        "latest": name_of(report.months[report.latest]) if report.months else "",
    }


def _window(report: Revenue, end: str) -> range:
    names = [str(month) for month in report.months]
    stop = names.index(end) + 1 if end in names else len(names)
    return range(max(0, stop - SHOWN), stop)


def name_of(month: Month) -> str:
    """January 2026."""
    return f"{calendar.month_name[month.number]} {month.year}"


def short_name(month: Month) -> str:
    """Jan 26."""
    return f"{calendar.month_abbr[month.number]} {month.year % 100:02d}"


class _View:
    """The report in one unit: a currency, or all of them in the base currency."""

    def __init__(self, report: Revenue, currency: str, window: range) -> None:
        self._report = report
        self._unit = currency or BASE
        self._window = window
        self._currencies = [currency] if currency else [one for one in report.by_currency if to_base(one)]
        self._rates = {one: Fraction(1) if currency else (to_base(one) or Fraction(0)) for one in self._currencies}
        self._names = [short_name(report.months[at]) for at in window]

    def panels(self) -> list[Panel]:
        """All charts, in the order of the page."""
        return [self._mrr(), self._movements(), self._invoiced(), self._subscriptions()]

    def headline(self) -> dict[str, str | int]:
        """The figures of the latest month, and how recurring revenue changed since the one before."""
        at = self._report.latest
        now = self._sum("mrr", at)
        change = now - self._sum("mrr", at - 1) if at else None
        one = self._report.by_currency[self._currencies[0]] if self._unit in self._report.by_currency else None
        alone = one is not None and len(self._currencies) == 1
        first = max(0, at - 11)
        return {
            "mrr": money(now, self._unit),
            "change": "" if change is None else ("+" if change > 0 else "") + money(change, self._unit),
            "invoiced": money(sum(self._sum("invoiced", month) for month in range(first, at + 1)), self._unit),
            "credited": money(sum(self._sum("credited", month) for month in range(first, at + 1)), self._unit),
            "months": at - first + 1,
            "subscriptions": one.subscriptions[at] if one and alone else self._report.subscriptions[at],
            "customers": one.customers[at] if one and alone else self._report.customers[at],
        }

    def _sum(self, name: str, at: int) -> int:
        return sum(self._value(one, name, at) for one in self._currencies)

    def _value(self, currency: str, name: str, at: int) -> int:
        value: int = getattr(self._report.by_currency[currency], name)[at]
        return round(value * self._rates[currency])

    def _numbers(self, name: str, currencies: Sequence[str] | None = None) -> list[float]:
        chosen = self._currencies if currencies is None else currencies
        return [sum(self._value(one, name, at) for one in chosen) / PARTS for at in self._window]

    def _texts(self, name: str, at: int) -> str:
        return money(self._sum(name, at), self._unit)

    def _mrr(self) -> Panel:
        kinds = [
            charts.Values(one, _CURRENCY_COLOURS[place % len(_CURRENCY_COLOURS)], self._numbers("mrr", [one]))
            for place, one in enumerate(self._currencies)
        ]
        several = len(self._currencies) > 1
        rows = []
        for at in self._window:
            own = [self._report.by_currency[one].mrr[at] for one in self._currencies] if several else []
            cells = [money(value, one) for value, one in zip(own, self._currencies, strict=False)]
            rows.append([name_of(self._report.months[at]), *cells, self._texts("mrr", at)])
        columns = ["Month", *(self._currencies if several else []), f"MRR in {self._unit}"]
        description = self._told("Monthly recurring revenue", "mrr")
        chart = charts.stacked("Monthly recurring revenue", self._names, kinds, description, self._unit)
        return Panel("mrr", chart, Table("Monthly recurring revenue at the end of each month", columns, rows))

    def _movements(self) -> Panel:
        kinds = [charts.Values(name, _COLOURS[name], self._numbers(name)) for name in MOVEMENTS]
        rows = []
        for at in self._window:
            cells = [self._texts(name, at) for name in MOVEMENTS]
            net = sum(self._sum(name, at) for name in MOVEMENTS)
            rows.append([name_of(self._report.months[at]), *cells, money(net, self._unit), self._texts("mrr", at)])
        columns = ["Month", *(name.capitalize() for name in MOVEMENTS), "Net", "MRR"]
        description = "What was gained is above the line, what was lost below it."
        chart = charts.stacked("What moved it", self._names, kinds, description, self._unit)
        return Panel("movements", chart, Table(f"Movements of MRR, in {self._unit}", columns, rows))

    def _invoiced(self) -> Panel:
        kinds = [
            charts.Values("invoiced", "c1", self._numbers("invoiced")),
            charts.Values("credited", "down1", self._numbers("credited")),
        ]
        rows = [
            [name_of(self._report.months[at]), self._texts("invoiced", at), self._texts("credited", at)]
            for at in self._window
        ]
        description = self._told("Net amount invoiced", "invoiced")
        chart = charts.grouped("Invoiced and credited", self._names, kinds, description, self._unit)
        caption = f"Net amounts by the month of the document's date, in {self._unit}"
        return Panel("invoiced", chart, Table(caption, ["Month", "Invoiced", "Credited"], rows))

    def _subscriptions(self) -> Panel:
        alone = self._report.by_currency[self._currencies[0]] if len(self._currencies) == 1 else None
        source: Revenue | Series = alone or self._report
        kinds = [charts.Values("subscriptions", "c1", [source.subscriptions[at] for at in self._window])]
        rows = [
            [name_of(self._report.months[at]), f"{source.subscriptions[at]:,}", f"{source.customers[at]:,}"]
            for at in self._window
        ]
        last = self._window[-1]
        description = f"{source.subscriptions[last]:,} at the end of {name_of(self._report.months[last])}."
        chart = charts.stacked("Active subscriptions", self._names, kinds, description)
        caption = "Subscriptions and customers with MRR at the end of each month"
        return Panel("subscriptions", chart, Table(caption, ["Month", "Subscriptions", "Customers"], rows))

    def _told(self, what: str, name: str) -> str:
        first, last = self._window[0], self._window[-1]
        return (
            f"{what}: {self._texts(name, first)} {self._unit} in {name_of(self._report.months[first])}, "
            f"{self._texts(name, last)} {self._unit} in {name_of(self._report.months[last])}."
        )
