"""Revenue by month, from the books: recurring revenue and what moved it, what was invoiced and credited.

The value of a line and the moment of a month are those of `figures`; docs/revenue.md has all formulas. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fincome_sandbox.figures import PARTS, Month, snapshot
from fincome_sandbox.page.books import Books, Document, Line, month_number

MOVEMENTS = ("new", "expansion", "reactivation", "contraction", "churn")
# How far back movements are followed, in months: a customer who left earlier is new again.
LONGEST = 120
# A customer with less than this is none: prorations are rounded to cents, and leave crumbs behind.
_CRUMB = PARTS // 2


@dataclass
class Series:
    """Figures by month, in parts of one currency. What is lost (contraction, churn) is negative."""

    mrr: list[int]
    new: list[int]
    expansion: list[int]
    reactivation: list[int]
    contraction: list[int]
    churn: list[int]
    invoiced: list[int]
    credited: list[int]
    customers: list[int]
    """With recurring revenue at the month's end; a number, not parts."""
    subscriptions: list[int]

    @classmethod
    def empty(cls, months: int) -> "Series":
        """Zeros."""
        return cls(*([0] * months for _ in range(10)))


@dataclass
class Revenue:
    """The report: the months, oldest first, and the figures of each currency."""

    months: list[Month] = field(default_factory=list)
    told: datetime | None = None
    """The moment of the last month, when that isn't over yet; the others are told for their ends."""
    latest: int = 0
    """The position of the newest month with recurring revenue: `figures.default_month`."""
    by_currency: dict[str, Series] = field(default_factory=dict)
    by_customer: dict[str, dict[str, int]] = field(default_factory=dict)
    """Each customer's recurring revenue at the end of the latest month, by currency."""
    subscriptions: list[int] = field(default_factory=list)
    """Those with recurring revenue at each month's end, whatever the currency."""
    customers: list[int] = field(default_factory=list)


def revenue_of(books: Books) -> Revenue:
    """Compute the report from all that the books hold."""
    lines = [line for line in books.lines.values() if line.start is not None]
    issued = max((one.date for one in books.invoices.values() if one.date), default=None)
    calendar = Calendar.of(lines, issued, [*books.invoices.values(), *books.credit_notes.values()])
    if calendar is None:
        return Revenue()
    report = Revenue(calendar.months, calendar.told_early)
    count = len(calendar.months)
    by_currency: dict[str, Series] = defaultdict(lambda: Series.empty(count))
    _add_recurring(books, lines, calendar, report, by_currency)
    for documents, name in ((books.invoices, "invoiced"), (books.credit_notes, "credited")):
        for one in documents.values():
            at = calendar.index(one.date) if one.date else -1
            if 0 <= at < count:
                getattr(by_currency[one.currency], name)[at] += one.amount
    report.by_currency = dict(sorted(by_currency.items()))
    return report


@dataclass(frozen=True)
class Calendar:
    """The months of a report, and for which of them a line counts."""

    months: list[Month]
    first: int
    last_moment: datetime
    told_early: datetime | None

    @classmethod
    def of(cls, lines: list[Line], issued: datetime | None, documents: Iterable[Document]) -> "Calendar | None":
        """From the first line or document to the month of the newest invoice, or of the last line that begins."""
        begins = [line.start for line in lines if line.start]
        dated = [one.date for one in documents if one.date]
        if not begins and not dated:
            return None
        last = month_number(issued or max([*begins, *dated]))
        first = max(month_number(min([*begins, *dated])), last - LONGEST + 1)
        months = [Month(number // 12, number % 12 + 1) for number in range(first, last + 1)]
        moment = snapshot(months[-1], issued)
        early = moment if snapshot(months[-1], None) != moment else None
        return cls(months, first, moment, early)

    def index(self, moment: datetime) -> int:
        """The position of a moment's month; negative or too large if the report doesn't have it."""
        return month_number(moment) - self.first

    def span(self, line: Line) -> range:
        """The positions of the months at whose end (see `figures.snapshot`) the line runs."""
        if line.start is None or line.end is None:
            return range(0)
        # Ends of months lie in a period from the month of its start until before the month of its end.
        begin, end = max(0, line.first - self.first), line.after - self.first
        last = len(self.months) - 1
        if end >= last:
            end = last + (line.start <= self.last_moment < line.end)
        return range(begin, end)


def _add_recurring(
    books: Books, lines: list[Line], calendar: Calendar, report: Revenue, by_currency: Mapping[str, Series]
) -> None:
    count = len(calendar.months)
    of_customers: dict[tuple[str, str], list[int]] = {}
    of_subscriptions: dict[str, list[int]] = {}
    earlier: set[tuple[str, str]] = set()
    for line in lines:
        key = (books.customer_of_line(line), line.currency)
        if line.first < calendar.first:
            earlier.add(key)
        span = calendar.span(line)
        if not span:
            continue
        values = of_customers.get(key) or of_customers.setdefault(key, [0] * count)
        for at in span:
            values[at] += line.monthly
        if line.subscription:
            own = of_subscriptions.get(line.subscription)
            own = own or of_subscriptions.setdefault(line.subscription, [0] * count)
            for at in span:
                own[at] += line.monthly
        report.latest = max(report.latest, span.stop - 1)
    for (customer, currency), values in of_customers.items():
        _add_customer(by_currency[currency], values, known=(customer, currency) in earlier)
        if value := values[report.latest]:
            report.by_customer.setdefault(customer, {})[currency] = value
    _count_paying(books, report, of_customers, of_subscriptions, by_currency)


def _add_customer(series: Series, values: list[int], *, known: bool) -> None:
    """Add one customer's recurring revenue, and what became of it since each month before.

    Of a customer that is `known` from before the first month, what is there in the first didn't move.
    """
    before, ever = values[0] if known else 0, known
    paid_before = before > _CRUMB
    for at, value in enumerate(values):
        if value or before:
            pays = value > _CRUMB
            series.mrr[at] += value
            if value != before or pays != paid_before:
                movement = movement_of(value - before, pays=pays, paid_before=paid_before, ever_paid=ever)
                getattr(series, movement)[at] += value - before
            before, paid_before, ever = value, pays, ever or pays
            series.customers[at] += pays


def movement_of(change: int, *, pays: bool, paid_before: bool, ever_paid: bool) -> str:
    """What a change of a customer's recurring revenue is called."""
    if pays and not paid_before:
        return "reactivation" if ever_paid else "new"
    if paid_before and not pays:
        return "churn"
    return "expansion" if change > 0 else "contraction"


def _count_paying(
    books: Books,
    report: Revenue,
    of_customers: Mapping[tuple[str, str], list[int]],
    of_subscriptions: Mapping[str, list[int]],
    by_currency: Mapping[str, Series],
) -> None:
    """Count subscriptions and customers at each month's end; a customer with two currencies is one."""
    count = len(report.months)
    currencies = {line.subscription: line.currency for line in books.lines.values() if line.start and line.subscription}
    report.subscriptions, report.customers = [0] * count, [0] * count
    for subscription, values in of_subscriptions.items():
        series = by_currency[currencies[subscription]]
        for at, value in enumerate(values):
            if value > _CRUMB:
                report.subscriptions[at] += 1
                series.subscriptions[at] += 1
    paying: dict[str, set[int]] = defaultdict(set)
    for (customer, _), values in of_customers.items():
        paying[customer].update(at for at, value in enumerate(values) if value > _CRUMB)
    for months in paying.values():
        for at in months:
            report.customers[at] += 1
