"""The world: what the invented company sold, billed and credited. Nothing here knows Stripe's field names.

Amounts are integers of the currency's minor unit, times are epoch seconds (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from examples.stripe_year.calendar_time import Instant


@dataclass(frozen=True)
class Product:
    """Something on the company's price list."""

    id: str
    name: str
    created: Instant


@dataclass(frozen=True)
class Price:
    """A recurring price of a product in one currency."""

    id: str
    product: Product
    currency: str
    amount: int
    months: int
    inclusive: bool
    created: Instant

    @property
    def interval(self) -> tuple[str, int]:
        """The billing interval as (unit, how many): quarterly is three months."""
        return ("year", 1) if self.months == 12 else ("month", self.months)

    @property
    def nickname(self) -> str:
        """A name that people recognise: Team EUR monthly."""
        rhythm = {1: "monthly", 3: "quarterly", 12: "yearly"}[self.months]
        return f"{self.product.name} {self.currency.upper()} {rhythm}"


@dataclass(frozen=True)
class Coupon:
    """A discount on every invoice: a percentage, or an amount per invoice in one currency."""

    id: str
    name: str
    created: Instant
    percent_off: int | None = None
    amount_off: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Customer:
    """A company that buys. `series` starts its invoice numbers; no `country`: no address is known."""

    id: str
    name: str
    email: str | None
    country: str | None
    city: str
    street: str
    postal_code: str
    currency: str
    tax_percent: int
    series: str
    created: Instant


@dataclass(frozen=True)
class Item:
    """A price in a subscription, so many times."""

    price: Price
    quantity: int

    @property
    def amount(self) -> int:
        """What the item costs per period."""
        return self.price.amount * self.quantity


@dataclass(frozen=True)
class Extra:
    """A one-time charge on the invoice of one cycle (0 is the first)."""

    cycle: int
    description: str
    unit_amount: int
    quantity: int = 1


@dataclass(frozen=True)
class Change:
    """New items from a moment on; what it costs or saves is billed at once, or on the next invoice."""

    at: Instant
    items: tuple[Item, ...]
    invoice_now: bool = False


@dataclass(frozen=True)
class Cancellation:
    """A customer's decision to leave, at once or at the end of the running period."""

    at: Instant
    at_period_end: bool


class Payment(Enum):
    """How a customer pays."""

    CARD = "card"
    TRANSFER = "transfer"


class Trouble(Enum):
    """How the payment of one invoice goes wrong."""

    PAST_DUE = "it stays open, and the subscription is past due"
    WRITTEN_OFF = "it is written off, and the subscription ends"
    NEVER_STARTED = "the first payment fails, the invoice is voided, and the subscription never starts"


@dataclass(frozen=True)
class Deal:
    """All that is agreed with a customer, and all that happens to it during the year."""

    customer: Customer
    items: tuple[Item, ...]
    start: Instant
    payment: Payment = Payment.CARD
    trial_days: int = 0
    coupon: Coupon | None = None
    extras: tuple[Extra, ...] = ()
    change: Change | None = None
    cancellation: Cancellation | None = None
    trouble: Trouble | None = None
    trouble_cycle: int = 0
    review_hours: int = 1
    pays_after_days: int = 20

    @property
    def months(self) -> int:
        """Length of a billing period."""
        return self.items[0].price.months


class LineKind(Enum):
    """What a line of an invoice is for."""

    RECURRING = "recurring"
    PRORATION = "proration"
    ONE_OFF = "one_off"


@dataclass(frozen=True)
class Line:
    """A line of an invoice. `amount` is before discount, and contains the tax if `inclusive`.

    A recurring or proration line has a price; a one-off line has none and no period either (start == end).
    """

    id: str
    kind: LineKind
    description: str
    amount: int
    quantity: int
    start: Instant
    end: Instant
    inclusive: bool
    price: Price | None = None
    position: int = 0
    discount: int = 0
    tax: int = 0

    @property
    def net(self) -> int:
        """Excluding tax, after discount: revenue."""
        return self.amount - self.discount - (self.tax if self.inclusive else 0)

    @property
    def payable(self) -> int:
        """Including tax, after discount."""
        return self.amount - self.discount + (0 if self.inclusive else self.tax)


class InvoiceStatus(Enum):
    """Where an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


@dataclass(frozen=True)
class Invoice:
    """An invoice. It has no number before it is finalized, and no subscription if made by hand."""

    id: str
    customer: Customer
    subscription_id: str | None
    reason: str
    payment: Payment
    coupon: Coupon | None
    discount_id: str | None
    created: Instant
    period: tuple[Instant, Instant]
    lines: tuple[Line, ...]
    status: InvoiceStatus
    number: str | None = None
    finalized_at: Instant | None = None
    closed_at: Instant | None = None
    """When it was paid, written off or voided."""

    @property
    def net(self) -> int:
        """Excluding tax, after discount."""
        return sum(line.net for line in self.lines)

    @property
    def payable(self) -> int:
        """Including tax, after discount."""
        return sum(line.payable for line in self.lines)


class SubscriptionStatus(Enum):
    """Where a subscription stands at the time of the sync."""

    ACTIVE = "active"
    TRIALING = "trialing"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    INCOMPLETE_EXPIRED = "incomplete_expired"


@dataclass(frozen=True)
class Subscription:
    """A deal as it stands at the time of the sync."""

    id: str
    deal: Deal
    item_ids: tuple[str, ...]
    discount_id: str | None
    items: tuple[Item, ...]
    status: SubscriptionStatus
    period: tuple[Instant, Instant]
    ended_at: Instant | None
    ends_at: Instant | None
    """A cancellation that lies ahead."""
    latest_invoice_id: str | None


@dataclass(frozen=True)
class CreditLine:
    """Part of an invoice's line, given back: amounts are positive, with the line's own conventions."""

    id: str
    line: Line
    amount: int
    discount: int
    tax: int

    @property
    def net(self) -> int:
        """Excluding tax, after discount."""
        return self.amount - self.discount - (self.tax if self.line.inclusive else 0)

    @property
    def payable(self) -> int:
        """Including tax, after discount."""
        return self.amount - self.discount + (0 if self.line.inclusive else self.tax)


@dataclass(frozen=True)
class CreditNote:
    """Money given back on a paid invoice."""

    id: str
    number: str
    invoice: Invoice
    created: Instant
    reason: str
    lines: tuple[CreditLine, ...]
    voided_at: Instant | None = None

    @property
    def net(self) -> int:
        """Excluding tax, after discount."""
        return sum(line.net for line in self.lines)

    @property
    def payable(self) -> int:
        """Including tax, after discount."""
        return sum(line.payable for line in self.lines)


@dataclass
class World:
    """The company's books."""

    products: list[Product] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    coupons: list[Coupon] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
