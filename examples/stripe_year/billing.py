"""What a deal leads to: the subscription as it stands, and the invoices it has produced until now.

No chance is at work here: the same deal always gives the same books (only ids come from the registry).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from examples.stripe_year.calendar_time import DAY, HOUR, Instant, add_months, english_date
from examples.stripe_year.chance import Registry
from examples.stripe_year.model import (
    Change,
    Coupon,
    CreditLine,
    CreditNote,
    Customer,
    Deal,
    Extra,
    Invoice,
    InvoiceStatus,
    Item,
    Line,
    LineKind,
    Payment,
    Subscription,
    SubscriptionStatus,
    Trouble,
)
from examples.stripe_year.money import rounded, split, tax_on

WRITE_OFF_AFTER = 21 * DAY
EXPIRES_AFTER = 23 * HOUR
Period = tuple[Instant, Instant]
Settlement = tuple[InvoiceStatus, Instant | None, Instant | None]
"""Status, finalized at, closed at."""


def bill(deal: Deal, now: Instant, registry: Registry) -> tuple[Subscription, list[Invoice]]:
    """Bill a deal from its start until now."""
    return _Billing(deal, now, registry).run()


def bill_by_hand(
    customer: Customer, extras: Sequence[Extra], created: Instant, registry: Registry, *, voided: bool = False
) -> Invoice:
    """Make an invoice without a subscription: paid on the spot, or voided an hour later."""
    lines = [_one_off(extra, created, registry, inclusive=False) for extra in extras]
    return Invoice(
        id=registry.new_id("in"),
        customer=customer,
        subscription_id=None,
        reason="manual",
        payment=Payment.CARD,
        coupon=None,
        discount_id=None,
        created=created,
        period=(created, created),
        lines=_with_discount_and_tax(lines, None, customer.tax_percent),
        status=InvoiceStatus.VOID if voided else InvoiceStatus.PAID,
        number=registry.next_number(customer.series),
        finalized_at=created,
        closed_at=created + HOUR if voided else created,
    )


def credit(
    invoice: Invoice,
    parts: Sequence[tuple[Line, Fraction]],
    created: Instant,
    registry: Registry,
    *,
    reason: str = "order_change",
    voided_at: Instant | None = None,
) -> CreditNote:
    """Give back parts of a paid invoice's lines, after its payment."""
    lines = []
    for line, part in parts:
        amount, discount = rounded(line.amount * part), rounded(line.discount * part)
        tax = tax_on(amount - discount, invoice.customer.tax_percent, inclusive=line.inclusive)
        lines.append(CreditLine(registry.new_id("cnli"), line, amount, discount, tax))
    return CreditNote(
        id=registry.new_id("cn"),
        number=f"{invoice.number}-CN-01",
        invoice=invoice,
        created=created,
        reason=reason,
        lines=tuple(lines),
        voided_at=voided_at,
    )


class _Billing:
    """One deal's way through the year."""

    def __init__(self, deal: Deal, now: Instant, registry: Registry) -> None:
        self._deal = deal
        self._now = now
        self._registry = registry
        self._anchor = deal.start + deal.trial_days * DAY
        self._id = registry.new_id("sub")
        self._discount_id = registry.new_id("di") if deal.coupon else None
        self._ended_at, self._ends_at = self._end()
        self._stop = now if self._ended_at is None else self._ended_at
        self._invoices: list[Invoice] = []

    def run(self) -> tuple[Subscription, list[Invoice]]:
        """Bill period after period, and changes between them."""
        pending: list[Line] = []
        for cycle, period in self._periods():
            self._bill_cycle(cycle, period, pending)
            pending = self._bill_change(period)
        return self._subscription(), self._invoices

    # -- time

    def _period(self, cycle: int) -> Period:
        months = self._deal.months
        return add_months(self._anchor, cycle * months), add_months(self._anchor, (cycle + 1) * months)

    def _periods(self) -> Iterator[tuple[int, Period]]:
        cycle = 0
        while (period := self._period(cycle))[0] < self._stop:
            yield cycle, period
            if self._deal.trouble is Trouble.NEVER_STARTED:
                return
            cycle += 1

    def _end(self) -> tuple[Instant | None, Instant | None]:
        """Return (when it ended, when it is going to end)."""
        deal = self._deal
        ends: Instant | None = None
        if deal.trouble is Trouble.NEVER_STARTED:
            ends = deal.start + EXPIRES_AFTER
        elif deal.trouble is Trouble.WRITTEN_OFF:
            ends = self._finalization(self._period(deal.trouble_cycle)[0], deal.trouble_cycle) + WRITE_OFF_AFTER
        elif deal.cancellation:
            ends = deal.cancellation.at
            if deal.cancellation.at_period_end:
                ends = self._period_end_after(ends)
        if ends is None or ends <= self._now:
            return ends, None
        return None, ends

    def _period_end_after(self, moment: Instant) -> Instant:
        cycle = 0
        while self._period(cycle)[1] <= moment:
            cycle += 1
        return self._period(cycle)[1]

    def _finalization(self, created: Instant, cycle: int) -> Instant:
        """First invoices are final at once; the others stay drafts while somebody may look at them."""
        return created if cycle == 0 else created + self._deal.review_hours * HOUR

    # -- invoices

    def _items_at(self, moment: Instant) -> tuple[Item, ...]:
        change = self._deal.change
        return change.items if change and change.at <= moment else self._deal.items

    def _bill_cycle(self, cycle: int, period: Period, pending: Sequence[Line]) -> None:
        lines = [
            Line(
                id=self._registry.new_id("il"),
                kind=LineKind.RECURRING,
                description=f"{item.quantity} × {item.price.product.name}",
                amount=item.amount,
                quantity=item.quantity,
                start=period[0],
                end=period[1],
                inclusive=item.price.inclusive,
                price=item.price,
                position=position,
            )
            for position, item in enumerate(self._items_at(period[0]))
        ]
        lines += pending
        inclusive = self._deal.items[0].price.inclusive
        extras = [extra for extra in self._deal.extras if extra.cycle == cycle]
        lines += [_one_off(extra, period[0], self._registry, inclusive=inclusive) for extra in extras]
        reason = "subscription_create" if cycle == 0 else "subscription_cycle"
        self._issue(reason, period[0], period, lines, cycle)

    def _bill_change(self, period: Period) -> list[Line]:
        """Return the lines that the next invoice has to carry for a change within the period."""
        change = self._deal.change
        if not change or not period[0] < change.at < min(period[1], self._stop):
            return []
        lines = self._prorations(change, period)
        if not change.invoice_now:
            return lines
        # Nobody reviews the invoice of a change: it is final at once, like the first one.
        self._issue("subscription_update", change.at, (change.at, period[1]), lines, cycle=0)
        return []

    def _prorations(self, change: Change, period: Period) -> list[Line]:
        remaining = Fraction(period[1] - change.at, period[1] - period[0])
        lines = []
        for position, (old, new) in enumerate(zip(self._deal.items, change.items, strict=True)):
            if old == new:
                continue
            for sign, words, item in ((-1, "Unused", old), (1, "Remaining", new)):
                name = f"{item.quantity} × {item.price.product.name}"
                line = Line(
                    id=self._registry.new_id("il"),
                    kind=LineKind.PRORATION,
                    description=f"{words} time on {name} after {english_date(change.at)}",
                    amount=rounded(sign * item.amount * remaining),
                    quantity=item.quantity,
                    start=change.at,
                    end=period[1],
                    inclusive=item.price.inclusive,
                    price=item.price,
                    position=position,
                )
                lines.append(line)
        return lines

    def _issue(self, reason: str, created: Instant, period: Period, lines: list[Line], cycle: int) -> None:
        deal = self._deal
        priced = _with_discount_and_tax(lines, deal.coupon, deal.customer.tax_percent)
        troubled = deal.trouble is not None and cycle == deal.trouble_cycle and reason != "subscription_update"
        finalized = self._finalization(created, cycle)
        payable = sum(line.payable for line in priced)
        status, finalized_at, closed_at = self._settle(finalized, payable, deal.trouble if troubled else None)
        invoice = Invoice(
            id=self._registry.new_id("in"),
            customer=deal.customer,
            subscription_id=self._id,
            reason=reason,
            payment=deal.payment,
            coupon=deal.coupon,
            discount_id=self._discount_id,
            created=created,
            period=period,
            lines=priced,
            status=status,
            number=self._registry.next_number(deal.customer.series) if finalized_at is not None else None,
            finalized_at=finalized_at,
            closed_at=closed_at,
        )
        self._invoices.append(invoice)

    def _settle(self, finalized: Instant, payable: int, trouble: Trouble | None) -> Settlement:
        if finalized > self._now:
            return InvoiceStatus.DRAFT, None, None
        if trouble is Trouble.PAST_DUE:
            return InvoiceStatus.OPEN, finalized, None
        if trouble is Trouble.WRITTEN_OFF and finalized + WRITE_OFF_AFTER <= self._now:
            return InvoiceStatus.UNCOLLECTIBLE, finalized, finalized + WRITE_OFF_AFTER
        if trouble is Trouble.NEVER_STARTED:
            return InvoiceStatus.VOID, finalized, finalized + EXPIRES_AFTER
        if payable <= 0 or self._deal.payment is Payment.CARD:
            return InvoiceStatus.PAID, finalized, finalized
        paid = finalized + self._deal.pays_after_days * DAY
        if paid > self._now:
            return InvoiceStatus.OPEN, finalized, None
        return InvoiceStatus.PAID, finalized, paid

    # -- the subscription

    def _subscription(self) -> Subscription:
        cycles = [period for _, period in self._periods()]
        items = self._items_at(self._stop)
        return Subscription(
            id=self._id,
            deal=self._deal,
            item_ids=tuple(self._registry.new_id("si") for _ in items),
            discount_id=self._discount_id,
            items=items,
            status=self._status(),
            period=cycles[-1] if cycles else (self._deal.start, self._anchor),
            ended_at=self._ended_at,
            ends_at=self._ends_at,
            latest_invoice_id=self._invoices[-1].id if self._invoices else None,
        )

    def _status(self) -> SubscriptionStatus:
        if self._deal.trouble is Trouble.NEVER_STARTED:
            return SubscriptionStatus.INCOMPLETE_EXPIRED
        if self._ended_at is not None:
            return SubscriptionStatus.CANCELED
        if self._anchor > self._now:
            return SubscriptionStatus.TRIALING
        if self._deal.trouble is Trouble.PAST_DUE:
            return SubscriptionStatus.PAST_DUE
        return SubscriptionStatus.ACTIVE


def _one_off(extra: Extra, at: Instant, registry: Registry, *, inclusive: bool) -> Line:
    return Line(
        id=registry.new_id("il"),
        kind=LineKind.ONE_OFF,
        description=extra.description,
        amount=extra.unit_amount * extra.quantity,
        quantity=extra.quantity,
        start=at,
        end=at,
        inclusive=inclusive,
    )


def _with_discount_and_tax(lines: Sequence[Line], coupon: Coupon | None, percent: int) -> tuple[Line, ...]:
    """Discount first, then tax on what is left: Stripe's order."""
    priced = []
    for line, discount in zip(lines, _discounts(lines, coupon), strict=True):
        tax = tax_on(line.amount - discount, percent, inclusive=line.inclusive)
        priced.append(replace(line, discount=discount, tax=tax))
    return tuple(priced)


def _discounts(lines: Sequence[Line], coupon: Coupon | None) -> list[int]:
    """Return each line's discount. Prorations have none: their difference is between prices."""
    bases = [0 if line.kind is LineKind.PRORATION else line.amount for line in lines]
    if coupon is None or not sum(bases):
        return [0] * len(bases)
    if coupon.percent_off is not None:
        return [rounded(Fraction(base * coupon.percent_off, 100)) for base in bases]
    return split(min(coupon.amount_off or 0, sum(bases)), bases)
