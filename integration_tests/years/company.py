"""The company's year: who bought what, what was billed for it, and what it comes to each month.

All periods begin on the first of a month, except those of a change in mid-month, which are halves of months of 30 days:
so every proration is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

YEAR = 2025
MONTHS = range(1, 13)
NOTHING = Decimal(0)
DIGITS = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 3}
Money = dict[str, Decimal]


def first(month: int) -> date:
    """The first day of a month; the 13th is the next year's first."""
    return date(YEAR + (month - 1) // 12, (month - 1) % 12 + 1, 1)


@dataclass(frozen=True)
class Step:
    """From a day on, a subscription costs so much a month, without tax and before discount; None: nothing any more."""

    day: date
    price: str
    monthly: Decimal | None


@dataclass(frozen=True)
class Subscription:
    """One subscription.

    Attributes:
        tax: percent of the net amount.
        inclusive: prices are told with tax.
        discount: percent, until the month `discounted` inclusive.
        every: months of a period.
        trial: months from the first step on that cost nothing.
        setup: charged once, with the first invoice.
    """

    id: str
    customer: str
    currency: str
    steps: tuple[Step, ...]
    tax: int = 0
    inclusive: bool = False
    discount: int = 0
    discounted: int = 0
    every: int = 1
    trial: int = 0
    setup: Decimal = NOTHING

    @property
    def start(self) -> date:
        return self.steps[0].day

    def step_at(self, day: date) -> Step | None:
        """What counts on a day; None before the start and after the end."""
        found = next((step for step in reversed(self.steps) if step.day <= day), None)
        return found if found and found.monthly is not None else None

    def changes(self, month: int) -> list[date]:
        """The days of a month on which something of it changes, besides what is billed."""
        days = [step.day for step in self.steps]
        days += [first(self.start.month + self.trial)] if self.trial else []
        days += [first(self.discounted + 1)] if self.discounted else []
        return sorted(day for day in days if (day.year, day.month) == (YEAR, month))

    def off(self, month: int) -> Decimal:
        return Decimal(self.discount if month <= self.discounted else 0) / 100


@dataclass(frozen=True)
class Line:
    """One line: amounts without tax; `net` is after the discount."""

    id: str
    price: str
    net: Decimal
    discount: Decimal
    tax: Decimal
    start: date
    end: date
    once: bool = False
    subscription: str = ""


@dataclass(frozen=True)
class Document:
    """An invoice.

    Attributes:
        told: the month in which the source tells this state of it.
        credited: the day on which all of it was given back.
    """

    id: str
    subscription: Subscription
    day: date
    lines: tuple[Line, ...]
    told: int
    void: bool = False
    credited: date | None = None
    version: int = 1

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), NOTHING)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), NOTHING)


@dataclass
class Truth:
    """What the months really come to, by currency."""

    mrr: dict[int, Money] = field(default_factory=dict)
    invoiced: dict[int, Money] = field(default_factory=dict)
    credited: dict[int, Money] = field(default_factory=dict)


def euros(amount: str) -> Decimal:
    return Decimal(amount)


def subscriptions(*, prorates: bool, dinars: str = "7.125") -> list[Subscription]:
    """The company's subscriptions. Where the vendor doesn't put prorations on invoices, plans change at renewals.

    Args:
        dinars: a price in a currency of three decimals, of which not all vendors have all.
    """
    up, down = (date(YEAR, 4, 16), date(YEAR, 9, 16)) if prorates else (first(5), first(10))
    return [
        Subscription(
            "s-changes", "c-1", "EUR",
            (Step(first(1), "basic", euros("30")), Step(up, "pro", euros("90")), Step(down, "basic", euros("30"))),
            tax=20, setup=euros("100"),
        ),
        Subscription("s-yearly", "c-2", "USD", (Step(first(2), "yearly", euros("100")),), every=12),
        Subscription(
            "s-gross", "c-3", "EUR", (Step(first(1), "gross", euros("20")),), tax=20, inclusive=True, discount=50,
            discounted=3,
        ),
        Subscription(
            "s-yen", "c-4", "JPY",
            (Step(first(3), "yen", euros("3000")), Step(first(8), "yen", None), Step(first(10), "yen", euros("3000"))),
        ),
        Subscription("s-trial", "c-5", "EUR", (Step(first(1), "trial", euros("50")),), tax=20, trial=1),
        Subscription("s-void", "c-6", "GBP", (Step(first(4), "pound", euros("10.50")),)),
        Subscription("s-dinar", "c-7", "KWD", (Step(first(6), "dinar", euros(dinars)),)),
    ]  # fmt: skip


def _line(one: Subscription, name: str, step: Step, months: Decimal, off: Decimal, start: date, end: date) -> Line:
    assert step.monthly is not None
    full = step.monthly * months
    net = full * (1 - off)
    return Line(name, step.price, net, full - net, net * one.tax / 100, start, end, subscription=one.id)


def _change(one: Subscription, step: Step, before: Step) -> Document:
    """What a change in mid-month bills: the rest of the old price back, and that of the new one."""
    half, end = Decimal("0.5"), first(step.day.month + 1)
    name = f"{one.id}-{step.day}"
    back = _line(one, f"{name}-back", before, -half, NOTHING, step.day, end)
    return Document(
        name, one, step.day, (back, _line(one, f"{name}-new", step, half, NOTHING, step.day, end)), step.day.month
    )


def _bills(one: Subscription, month: int) -> Iterator[Document]:
    day = first(month)
    step = one.step_at(day)
    begun = (day.year - one.start.year) * 12 + day.month - one.start.month
    if step and begun >= one.trial and begun % one.every == 0:
        name = f"{one.id}-{day}"
        end = first(month + one.every)
        lines = [_line(one, f"{name}-1", step, Decimal(one.every), one.off(month), day, end)]
        if one.setup and begun == one.trial:
            lines.append(
                Line(f"{name}-2", "setup", one.setup, NOTHING, one.setup * one.tax / 100, day, day, once=True,
                     subscription=one.id)
            )  # fmt: skip
        yield Document(name, one, day, tuple(lines), month)
    for before, after in zip(one.steps, one.steps[1:], strict=False):
        if after.day.month == month and after.day.day != 1 and month <= 12:
            yield _change(one, after, before)


def documents(cast: list[Subscription], *, credits: bool) -> list[Document]:
    """All states of all invoices, in the order in which the source tells them; the 13th month is the next January."""
    found = [document for month in (*MONTHS, 13) for one in cast for document in _bills(one, month)]
    by_name = {document.id: document for document in found}
    void = by_name[f"s-void-{first(5)}"]
    again = replace(void, id=f"{void.id}-again", day=date(YEAR, 6, 2), told=6,
                    lines=tuple(replace(line, id=f"{line.id}-again") for line in void.lines))  # fmt: skip
    found += [replace(void, void=True, told=6, version=2), again]
    if credits:
        refunded = by_name[f"s-trial-{first(3)}"]
        found.append(replace(refunded, credited=date(YEAR, 4, 10), told=4, version=2))
    return sorted(found, key=lambda document: document.told)


def truth(cast: list[Subscription], told: list[Document]) -> Truth:
    """What the months come to, by what was told: each invoice in its newest state."""
    found = Truth()
    newest = {document.id: document for document in sorted(told, key=lambda document: document.version)}
    invoiced: dict[int, Money] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    credited: dict[int, Money] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    for document in newest.values():
        currency = document.subscription.currency
        if not document.void and document.day.year == YEAR:
            invoiced[document.day.month][currency] += document.net
        if document.credited:
            credited[document.credited.month][currency] += document.net
    found.invoiced, found.credited = dict(invoiced), dict(credited)
    for month in MONTHS:
        found.mrr[month] = dict(_mrr(cast, month))
    return found


def _mrr(cast: list[Subscription], month: int) -> Money:
    """What all subscriptions cost a month at a month's end."""
    sums: Money = defaultdict(lambda: NOTHING)
    last = date.fromordinal(first(month + 1).toordinal() - 1)
    for one in cast:
        step = one.step_at(last)
        if step and step.monthly and month - one.start.month >= one.trial:
            sums[one.currency] += step.monthly * (1 - one.off(month))
    return sums
