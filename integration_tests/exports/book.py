"""The books of an invented company that sells subscriptions: who is billed what, when, for which days.

All that an export tells comes from here, and so do the true figures. Amounts are net and positive, also those of
credit notes; how an export writes them is the export's own matter.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from integration_tests.exports.languages import Language

Period = tuple[date, date]
Day = date
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Plan:
    """What is sold by subscription: its price holds for one seat and `months`."""

    number: int
    name: str
    months: int
    price: Decimal

    @property
    def interval(self) -> str:
        return {1: "month", 3: "quarter", 12: "year"}[self.months]


@dataclass(frozen=True)
class Customer:
    """Whom the company bills."""

    number: int
    name: str
    city: str
    zip_code: str
    currency: str
    siret: str

    @property
    def email(self) -> str:
        return f"compta{self.number}@client-{self.number:03d}.example"


@dataclass(frozen=True)
class Subscription:
    """What a customer has subscribed to; `end` is the first day without it, None while it runs."""

    number: int
    customer: Customer
    plan: Plan
    start: date
    end: date | None
    seats: int


@dataclass(frozen=True)
class Line:
    """quantity x unit_price - discount = net; tax is of the net amount; a one-off line has no period."""

    number: int
    label: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    rate: Decimal
    period: Period | None
    subscription: Subscription | None

    @property
    def net(self) -> Decimal:
        return self.quantity * self.unit_price - self.discount

    @property
    def tax(self) -> Decimal:
        return (self.net * self.rate / 100).quantize(CENT, rounding=ROUND_HALF_UP)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class Document:
    """An invoice, or a credit note, which `credits` an invoice."""

    number: int
    customer: Customer
    date: Day
    due: Day
    status: str
    lines: tuple[Line, ...]
    credits: Document | None = None

    @property
    def currency(self) -> str:
        return self.customer.currency

    @property
    def is_credit(self) -> bool:
        return self.credits is not None

    @property
    def sign(self) -> int:
        return -1 if self.is_credit else 1

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class Row:
    """What a row of a table is about; what it isn't about can't be asked for."""

    of_customer: Customer | None = None
    of_document: Document | None = None
    of_line: Line | None = None
    of_subscription: Subscription | None = None
    of_plan: Plan | None = None
    rank: int = 0

    @property
    def customer(self) -> Customer:
        assert self.of_customer
        return self.of_customer

    @property
    def document(self) -> Document:
        assert self.of_document
        return self.of_document

    @property
    def line(self) -> Line:
        assert self.of_line
        return self.of_line

    @property
    def subscription(self) -> Subscription:
        assert self.of_subscription
        return self.of_subscription

    @property
    def plan(self) -> Plan:
        assert self.of_plan
        return self.of_plan

    @property
    def start(self) -> date | None:
        return self.line.period[0] if self.line.period else None

    @property
    def end(self) -> date | None:
        """The first day that the line no longer covers."""
        return self.line.period[1] if self.line.period else None

    @property
    def last_day(self) -> date | None:
        return self.line.period[1] - timedelta(days=1) if self.line.period else None


@dataclass(frozen=True)
class Book:
    """All documents by date, those cancelled or never issued too."""

    language: Language
    customers: tuple[Customer, ...]
    plans: tuple[Plan, ...]
    subscriptions: tuple[Subscription, ...]
    documents: tuple[Document, ...]

    @property
    def invoices(self) -> list[Document]:
        """The invoices that count: neither cancelled nor drafts."""
        return [item for item in self.documents if not item.is_credit and item.status not in ("cancelled", "draft")]

    @property
    def credits(self) -> list[Document]:
        return [item for item in self.documents if item.is_credit]

    def document_rows(self, which: Literal["all", "invoices", "credits"] = "all") -> list[Row]:
        """Return a row for each document."""
        return [Row(item.customer, item) for item in self.documents if which in ("all", _kind(item))]

    def line_rows(self, which: Literal["all", "invoices", "credits"] = "all") -> list[Row]:
        """Return a row for each line of each document, ranked from 1 within it."""
        return [
            Row(item.customer, item, line, line.subscription, _plan(line), rank)
            for item in self.documents
            if which in ("all", _kind(item))
            for rank, line in enumerate(item.lines, 1)
        ]

    def customer_rows(self) -> list[Row]:
        """Return a row for each customer, also those who were never billed."""
        return [Row(customer) for customer in self.customers]

    def subscription_rows(self) -> list[Row]:
        """Return a row for each subscription."""
        return [Row(item.customer, of_subscription=item, of_plan=item.plan) for item in self.subscriptions]

    def plan_rows(self) -> list[Row]:
        """Return a row for each plan."""
        return [Row(of_plan=plan) for plan in self.plans]


def _plan(line: Line) -> Plan | None:
    return line.subscription.plan if line.subscription else None


def _kind(document: Document) -> str:
    return "credits" if document.is_credit else "invoices"


@dataclass(frozen=True)
class Company:
    """What is drawn: the seed decides everything that isn't said here."""

    seed: int
    language: Language
    customers: int = 26
    first: date = date(2025, 1, 1)
    months: int = 12
    currencies: tuple[str, ...] = ("EUR",)
    rate: str = "20"
    untaxed_share: float = 0.1
    """Of customers, those abroad, who are billed without tax."""
    anchor: Literal["first", "anniversary"] = "first"
    """Periods begin on the first of a month, or on the day on which the customer came."""
    issue_days: tuple[int, ...] = (0,)
    """Days from a period's start to its invoice, one of them for each customer."""
    arrears: bool = False
    """Billed at a period's end in place of its start."""
    term: int = 30
    plans: tuple[tuple[int, str], ...] = ((1, "49.00"), (1, "129.90"), (3, "270.00"), (12, "1490.00"))
    seats: int = 6
    credits: float = 0.04
    cancelled: float = 0.02
    drafts: bool = False
    one_offs: float = 0.35
    upgrades: float = 0.15
    discounts: Literal["none", "column", "line"] = "column"

    def book(self) -> Book:
        """Return the company's books."""
        return _Year(self).book()


@dataclass
class _Year:
    """One drawing of a company's documents."""

    company: Company
    lines: int = 0
    charges: dict[tuple[date, int], list[Line]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.random = random.Random(self.company.seed)
        self.until = _later(self.company.first, self.company.months)

    def book(self) -> Book:
        company = self.company
        plans = tuple(
            Plan(number, name, months, Decimal(price))
            for number, (name, (months, price)) in enumerate(
                zip(company.language.plans, company.plans, strict=False), start=1
            )
        )
        customers = tuple(self._customers())
        by_number = {customer.number: customer for customer in customers}
        self.rates = {
            customer.number: Decimal(0) if self.random.random() < company.untaxed_share else Decimal(company.rate)
            for customer in customers
        }
        self.delays = {customer.number: self.random.choice(company.issue_days) for customer in customers}
        subscriptions = tuple(self._subscriptions(customers, plans))
        for subscription in subscriptions:
            self._bill(subscription)
        documents = self._documents(by_number)
        return Book(company.language, customers, plans, subscriptions, tuple(documents))

    def _customers(self) -> Iterator[Customer]:
        language = self.company.language
        pairs = [(first, last) for first in language.firsts for last in language.lasts]
        for number, (first, last) in enumerate(self.random.sample(pairs, self.company.customers), start=1):
            yield Customer(
                number=number * 7 + 11,
                name=f"{first} {last} {self.random.choice(language.forms)}",
                city=self.random.choice(language.cities),
                zip_code=f"{self.random.randrange(1000, 98000):05d}",
                currency=self.company.currencies[number % len(self.company.currencies)],
                siret=_siret(self.random.randrange(10**6, 10**7), self.random.randrange(1, 9)),
            )

    def _subscriptions(self, customers: tuple[Customer, ...], plans: tuple[Plan, ...]) -> Iterator[Subscription]:
        number = 0
        for customer in customers[:-2]:  # two prospects who are billed nothing
            chosen = self.random.sample(plans, 2 if self.random.random() < 0.3 else 1)
            month = 0 if self.random.random() < 0.6 else self.random.randrange(self.company.months - 2)
            day = self.random.randrange(28) if self.company.anchor == "anniversary" else 0
            start = _later(self.company.first, month) + timedelta(days=day)
            for plan in chosen:
                number += 1
                periods = self.random.randrange(2, 7) if self.random.random() < 0.25 else 999
                end = _later(start, plan.months * periods) if periods < 999 else None
                seats = self.random.randrange(1, self.company.seats + 1)
                yield Subscription(number + 400, customer, plan, start, end, seats)

    def _bill(self, subscription: Subscription) -> None:
        plan, start, price = subscription.plan, subscription.start, subscription.plan.price
        changes = plan.months == 1 and self.random.random() < self.company.upgrades
        change_at = self.random.randrange(2, 7)
        discounted = self.random.random() < 0.2
        count = 0
        while start < self.until and (subscription.end is None or start < subscription.end):
            end = _later(subscription.start, plan.months * (count + 1))
            self._charge(subscription, plan.name, (start, end), subscription.seats, price, discounted)
            if count == 0 and self.random.random() < self.company.one_offs:
                self._one_off(subscription, start, self.company.language.setup, 1, "350.00")
            elif self.random.random() < self.company.one_offs / 8:
                self._one_off(subscription, start, self.company.language.service, self.random.randrange(1, 4), "680.00")
            if changes and count == change_at:
                price = self._change_price(subscription, (start, end), price)
            start, count = end, count + 1

    def _change_price(self, subscription: Subscription, period: Period, price: Decimal) -> Decimal:
        start, end = period
        middle, dearer = start + timedelta(days=10), price + 30
        share = Decimal((end - middle).days) / Decimal((end - start).days)
        language, rest = self.company.language, (middle, end)
        back, new = (-(price * share)).quantize(CENT), (dearer * share).quantize(CENT)
        self._add(subscription, middle, language.unused, rest, subscription.seats, back, Decimal(0))
        self._add(subscription, middle, language.remaining, rest, subscription.seats, new, Decimal(0))
        return dearer

    def _charge(
        self, subscription: Subscription, label: str, period: Period, seats: int, price: Decimal, discounted: bool
    ) -> None:
        day = (period[1] if self.company.arrears else period[0]) + timedelta(days=self.delays[self._who(subscription)])
        off = (seats * price / 10).quantize(CENT) if discounted else Decimal(0)
        column = off if self.company.discounts == "column" else Decimal(0)
        self._add(subscription, day, label, period, seats, price, column)
        if off and self.company.discounts == "line":
            self._add(subscription, day, self.company.language.discount, period, 1, -off, Decimal(0))

    def _one_off(self, subscription: Subscription, start: date, label: str, quantity: int, price: str) -> None:
        day = start + timedelta(days=self.delays[self._who(subscription)])
        self._add(subscription, day, label, None, quantity, Decimal(price), Decimal(0))

    def _who(self, subscription: Subscription) -> int:
        return subscription.customer.number

    def _add(
        self,
        subscription: Subscription,
        day: date,
        label: str,
        period: Period | None,
        quantity: int,
        price: Decimal,
        discount: Decimal,
    ) -> None:
        customer = subscription.customer.number
        of = subscription if period else None
        line = Line(0, label, quantity, price, discount, self.rates[customer], period, of)
        self.charges[(day, customer)].append(line)

    def _documents(self, customers: dict[int, Customer]) -> list[Document]:
        company, found = self.company, []
        for (day, number), lines in sorted(self.charges.items(), key=lambda item: item[0]):
            if day >= self.until:
                continue
            document = Document(0, customers[number], day, day + timedelta(days=company.term), "", tuple(lines))
            status = self._status(document)
            if self.random.random() < company.cancelled:
                found.append(replace(document, status="cancelled"))
            found.append(replace(document, status=status))
        numbered = [
            replace(document, number=number, lines=self._numbered(document.lines))
            for number, document in enumerate(found, start=1)
        ]
        credits = [replace(credit, number=number) for number, credit in enumerate(self._credits(numbered), start=1)]
        return sorted([*numbered, *credits], key=lambda item: (item.date, item.is_credit, item.number))

    def _status(self, document: Document) -> str:
        age = (self.until - document.date).days
        if self.company.drafts and age < 8:
            return "draft"
        if age > 50:
            return "overdue" if self.random.random() < 0.06 else "paid"
        return "paid" if self.random.random() < 0.4 else "open"

    def _numbered(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        self.lines += len(lines)
        return tuple(replace(line, number=self.lines - len(lines) + rank + 1) for rank, line in enumerate(lines))

    def _credits(self, invoices: list[Document]) -> Iterator[Document]:
        counted = [item for item in invoices if item.status not in ("cancelled", "draft") and item.net > 0]
        wanted = max(2, round(len(counted) * self.company.credits)) if self.company.credits else 0
        for invoice in sorted(self.random.sample(counted, wanted), key=lambda item: (item.date, item.number)):
            day = min(invoice.date + timedelta(days=self.random.randrange(2, 20)), self.until - timedelta(days=1))
            first = next(line for line in invoice.lines if line.net > 0)
            half = (first.net / 2).quantize(CENT, rounding=ROUND_HALF_UP)
            part = replace(first, quantity=1, unit_price=half, discount=Decimal(0))
            lines = invoice.lines if self.random.random() < 0.5 else (part,)
            yield Document(0, invoice.customer, day, day, "paid", self._numbered(lines), invoice)


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, day.day)


def _siret(company: int, branch: int) -> str:
    """Return 14 digits that begin with 0; by Luhn's sum the first nine are right, and all of them."""
    siren = _with_check_digit(f"0{company:07d}")
    return _with_check_digit(f"{siren}{branch:04d}")


def _with_check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(int(digit) * 2, 10)) if place % 2 == 0 else int(digit)
    return f"{digits}{-total % 10}"
