"""Decides what happens in the year: who buys what, who upgrades, who doesn't pay, who leaves.

The first customers play the scenarios of `SCENARIOS`, so that every case is there with any seed; the others
are ordinary, by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from examples.stripe_year.billing import bill, bill_by_hand, credit
from examples.stripe_year.calendar_time import (
    DAY,
    HOUR,
    SYNC_TIME,
    YEAR_START,
    Instant,
    instant,
)
from examples.stripe_year.chance import Dice, Registry
from examples.stripe_year.model import (
    Cancellation,
    Change,
    Customer,
    Deal,
    Extra,
    Invoice,
    InvoiceStatus,
    Item,
    Payment,
    Trouble,
    World,
)
from examples.stripe_year.people import People
from examples.stripe_year.price_list import PriceList

FEWEST_CUSTOMERS = 40
_CREDIT_NOTES_PERCENT = 3


class Cast:
    """The company's sales department: makes deals."""

    def __init__(self, dice: Dice, prices: PriceList) -> None:
        self.dice = dice
        self.prices = prices

    def ordinary(self, customer: Customer, start: Instant) -> Deal:
        """Make a deal as most customers have it."""
        months = self.dice.weighted(((1, 76), (3, 12), (12, 12)))
        products = [("Team", 55), ("Scale", 30)] + ([("Solo", 15)] if customer.currency != "usd" else [])
        product = self.dice.weighted(products)
        deal = Deal(
            customer=customer,
            items=(self.item(customer, product, months, 1 if product == "Solo" else self.dice.between(1, 12)),),
            start=start,
            payment=Payment.TRANSFER if self.dice.happens(20) else Payment.CARD,
            review_hours=self.dice.weighted(((1, 80), (5, 12), (26, 8))),
            pays_after_days=self.dice.between(5, 45),
        )
        if self.dice.happens(30):
            amount = 20_000 if customer.currency == "jpy" else 15_000
            deal = replace(deal, extras=(Extra(0, "Set-up fee", amount),))
        return deal

    def with_events(self, deal: Deal) -> Deal:
        """Let the year bring something, or nothing."""
        event = self.dice.weighted((("nothing", 52), ("leaves", 20), ("coupon", 10), ("hours", 12), ("usage", 6)))
        if event == "leaves":
            return self.leaves(deal, at_period_end=self.dice.happens(50))
        if event == "coupon":
            return replace(deal, coupon=self.prices.quarter_off)
        if event == "hours":
            cycle = self.dice.between(0, 5)
            hours = Extra(cycle, "Consulting hours", 9_000, self.dice.between(1, 6))
            return replace(deal, extras=(*deal.extras, hours))
        if event == "usage" and deal.months == 1:
            return self.heavy_usage(deal)
        return deal

    def item(self, customer: Customer, product: str, months: int, quantity: int = 1) -> Item:
        """Return so many of a product, at the price of the customer's currency."""
        return Item(self.prices.price(product, customer.currency, months), quantity)

    def monthly(self, deal: Deal, *products: str, quantity: int = 2, start: Instant = YEAR_START) -> Deal:
        """Return the deal with these products instead, billed monthly."""
        items = tuple(self.item(deal.customer, product, 1, quantity) for product in products)
        return replace(deal, items=items, start=start + 9 * HOUR, payment=Payment.CARD)

    def yearly(self, deal: Deal, product: str, quantity: int, start: Instant) -> Deal:
        """Return the deal with this product instead, billed yearly."""
        item = self.item(deal.customer, product, 12, quantity)
        return replace(deal, items=(item,), start=start, payment=Payment.CARD, extras=())

    def leaves(self, deal: Deal, *, at_period_end: bool) -> Deal:
        """Let the customer leave between its second month and the sync."""
        day = deal.start + self.dice.between(35, 330) * DAY + 5 * HOUR
        return replace(deal, cancellation=Cancellation(day, at_period_end)) if day < SYNC_TIME else deal

    def heavy_usage(self, deal: Deal) -> Deal:
        """Charge single reports each month: more lines than Stripe embeds in an invoice (10)."""
        extras = list(deal.extras)
        for cycle in range(12):
            for report in range(self.dice.between(9, 15)):
                unit_amount = 10 * self.dice.between(20, 90)
                extras.append(Extra(cycle, f"Custom report {report + 1}", unit_amount, self.dice.between(1, 4)))
        return replace(deal, extras=tuple(extras))


Scenario = Callable[[Cast, Deal], Deal]


def _upgrade(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", start=instant(2025, 2, 10))
    better = (cast.item(deal.customer, "Scale", 1, 3),)
    return replace(deal, change=Change(instant(2025, 6, 21, 14, 30), better))


def _more_seats(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", "Priority support", start=instant(2025, 1, 31))
    more = (cast.item(deal.customer, "Team", 1, 7), deal.items[1])
    return replace(deal, change=Change(instant(2025, 11, 18, 8, 15), more))


def _yearly_upgrade(cast: Cast, deal: Deal) -> Deal:
    deal = cast.yearly(deal, "Team", 5, instant(2025, 3, 4, 10))
    better = (cast.item(deal.customer, "Scale", 12, 5),)
    return replace(deal, change=Change(instant(2025, 9, 2, 16), better, invoice_now=True))


def _yearly_downgrade(cast: Cast, deal: Deal) -> Deal:
    deal = cast.yearly(deal, "Scale", 4, instant(2025, 4, 15, 11))
    fewer = (cast.item(deal.customer, "Scale", 12, 1),)
    return replace(deal, change=Change(instant(2025, 8, 1, 9), fewer, invoice_now=True))


def _past_due(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", start=instant(2025, 5, 12))
    # Cycle 7 starts on 12 December: the last one before the sync.
    return replace(deal, trouble=Trouble.PAST_DUE, trouble_cycle=7)


def _written_off(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Scale", start=instant(2025, 3, 20))
    return replace(deal, trouble=Trouble.WRITTEN_OFF, trouble_cycle=5)


def _never_started(cast: Cast, deal: Deal) -> Deal:
    deal = cast.yearly(deal, "Team", 1, instant(2025, 7, 7, 7))
    return replace(deal, trouble=Trouble.NEVER_STARTED, trouble_cycle=0)


def _draft(cast: Cast, deal: Deal) -> Deal:
    # Billed on New Year's Eve at 20:30: half an hour before the sync, so still a draft.
    deal = replace(cast.monthly(deal, "Team"), start=instant(2025, 10, 31, 20, 30))
    return replace(deal, review_hours=1)


def _reviewed_late(cast: Cast, deal: Deal) -> Deal:
    return replace(cast.monthly(deal, "Scale", start=instant(2025, 1, 30)), review_hours=30)


def _pays_by_transfer(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Scale", start=instant(2025, 8, 25))
    return replace(deal, payment=Payment.TRANSFER, pays_after_days=38)


def _in_trial(cast: Cast, deal: Deal) -> Deal:
    return replace(cast.monthly(deal, "Team", start=instant(2025, 12, 22)), trial_days=14, extras=())


def _after_trial(cast: Cast, deal: Deal) -> Deal:
    return replace(cast.monthly(deal, "Team", start=instant(2025, 9, 5)), trial_days=14)


def _quarter_off(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", quantity=3, start=instant(2025, 2, 1))
    return replace(deal, coupon=cast.prices.quarter_off, extras=(Extra(0, "Set-up fee", 15_000),))


def _fifteen_off(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", "Priority support", quantity=1, start=instant(2025, 5, 3))
    return replace(deal, coupon=cast.prices.fifteen_off, extras=(Extra(0, "Set-up fee", 15_000),))


def _inclusive(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Solo", quantity=1, start=instant(2025, 1, 12))
    return replace(deal, extras=(Extra(0, "Set-up fee", 5_900),))


def _inclusive_quarter_off(cast: Cast, deal: Deal) -> Deal:
    return replace(_inclusive(cast, deal), coupon=cast.prices.quarter_off)


def _inclusive_fifteen_off(cast: Cast, deal: Deal) -> Deal:
    return replace(_inclusive(cast, deal), coupon=cast.prices.fifteen_off)


def _heavy_usage(cast: Cast, deal: Deal) -> Deal:
    return cast.heavy_usage(cast.monthly(deal, "Scale", quantity=1, start=instant(2025, 1, 17)))


def _leaves_later(cast: Cast, deal: Deal) -> Deal:
    # Told on 20 December; the running period ends on 9 January.
    deal = cast.monthly(deal, "Team", start=instant(2025, 6, 9))
    return replace(deal, cancellation=Cancellation(instant(2025, 12, 20, 12), at_period_end=True))


def _left_at_period_end(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Team", start=instant(2025, 1, 6))
    return replace(deal, cancellation=Cancellation(instant(2025, 7, 20, 12), at_period_end=True))


def _left_at_once(cast: Cast, deal: Deal) -> Deal:
    deal = cast.monthly(deal, "Scale", start=instant(2025, 2, 14))
    return replace(deal, cancellation=Cancellation(instant(2025, 9, 1, 18), at_period_end=False))


SCENARIOS: tuple[tuple[str, Scenario], ...] = (
    ("FR", _upgrade),
    ("DE", _more_seats),
    ("US", _yearly_upgrade),
    ("GB", _yearly_downgrade),
    ("GB", _past_due),
    ("US", _written_off),
    ("US", _never_started),
    ("FR", _draft),
    ("DE", _reviewed_late),
    ("BE", _pays_by_transfer),
    ("ES", _in_trial),
    ("JP", _in_trial),
    ("FR", _after_trial),
    ("DE", _quarter_off),
    ("FR", _fifteen_off),
    ("FR", _inclusive),
    ("GB", _inclusive),
    ("JP", _inclusive_quarter_off),
    ("BE", _inclusive_fifteen_off),
    ("US", _heavy_usage),
    ("FR", _heavy_usage),
    ("FR", _leaves_later),
    ("US", _left_at_period_end),
    ("DE", _left_at_once),
)

# These customers signed up but never bought.
_LOOKERS = range(len(SCENARIOS), len(SCENARIOS) + 4)


def invent_world(*, seed: int, customers: int) -> World:
    """Invent the year of a company with so many customers."""
    dice = Dice(seed)
    registry = Registry(dice)
    prices = PriceList(registry)
    people = People(dice, registry)
    cast = Cast(dice, prices)
    world = World(products=prices.products, prices=prices.prices, coupons=prices.coupons)
    for index in range(customers):
        if index < len(SCENARIOS):
            country, scenario = SCENARIOS[index]
            customer = people.new_customer(YEAR_START, country)
            deal = scenario(cast, cast.ordinary(customer, YEAR_START))
        else:
            start = _start(dice)
            customer = people.new_customer(start)
            deal = cast.with_events(cast.ordinary(customer, start))
        buys = index not in _LOOKERS
        _enter(world, customer, deal if buys else None, registry)
    _forget_some_details(world)
    _invoice_by_hand(world, registry)
    _give_credit(world, dice, registry)
    return world


def _start(dice: Dice) -> Instant:
    """Most of the business starts in the first half of the year, some of it on its first days."""
    day = dice.between(0, 10) if dice.happens(25) else dice.between(0, 345)
    return YEAR_START + day * DAY + dice.between(0, 23) * HOUR + dice.between(0, 3_599)


def _enter(world: World, customer: Customer, deal: Deal | None, registry: Registry) -> None:
    world.customers.append(customer)
    if deal is not None:
        subscription, invoices = bill(deal, SYNC_TIME, registry)
        world.subscriptions.append(subscription)
        world.invoices.extend(invoices)


def _forget_some_details(world: World) -> None:
    """Leave one customer without address and one without e-mail, as happens; neither has bought."""
    buyers = {invoice.customer.id for invoice in world.invoices}
    buyers |= {subscription.deal.customer.id for subscription in world.subscriptions}
    lookers = [at for at, customer in enumerate(world.customers) if customer.id not in buyers]
    world.customers[lookers[0]] = replace(world.customers[lookers[0]], country=None)
    world.customers[lookers[1]] = replace(world.customers[lookers[1]], email=None)


def _invoice_by_hand(world: World, registry: Registry) -> None:
    """Bill a workshop to two customers; the second invoice was a mistake and is voided."""
    workshop = [Extra(0, "Workshop, one day", 120_000), Extra(0, "Travel", 24_550)]
    for at, voided in ((0, False), (1, True)):
        created = instant(2025, 10, 7, 9, at)
        invoice = bill_by_hand(world.customers[at], workshop, created, registry, voided=voided)
        world.invoices.append(invoice)


def _give_credit(world: World, dice: Dice, registry: Registry) -> None:
    """Give whole lines or halves back on some paid invoices; the first note is a mistake, and voided."""
    for invoice in world.invoices:
        if not _creditable(invoice) or not (dice.happens(_CREDIT_NOTES_PERCENT) or _first_discounted(world, invoice)):
            continue
        assert invoice.closed_at is not None
        created = invoice.closed_at + 2 * DAY
        part = dice.pick((Fraction(1), Fraction(1, 2)))
        parts = [(line, part) for line in invoice.lines[: dice.between(1, 2)]]
        voided_at = None if world.credit_notes else created + HOUR
        reason = dice.pick(("order_change", "product_unsatisfactory"))
        note = credit(invoice, parts, created, registry, reason=reason, voided_at=voided_at)
        world.credit_notes.append(note)


def _first_discounted(world: World, invoice: Invoice) -> bool:
    """Tell if there is no credit note on a discounted invoice yet, and this could be it."""
    done = any(note.invoice.coupon and note.voided_at is None for note in world.credit_notes)
    return bool(world.credit_notes) and bool(invoice.coupon) and not done


def _creditable(invoice: Invoice) -> bool:
    paid = invoice.status is InvoiceStatus.PAID and invoice.closed_at is not None
    # A note needs two days after the payment, and lines that were charged, not credited.
    return paid and (invoice.closed_at or 0) + 3 * DAY < SYNC_TIME and all(line.amount > 0 for line in invoice.lines)
