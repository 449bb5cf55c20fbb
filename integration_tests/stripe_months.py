"""Half a year of a Stripe account, month by month, from Stripe's documented rules. It imports nothing of the connector.

Rules: prorations credit the rest of the old price and charge that of the new one, by the second
(https://docs.stripe.com/billing/subscriptions/prorations); a coupon takes its percentage of each line
(https://docs.stripe.com/billing/subscriptions/coupons); a trial begins with an invoice of nothing
(https://docs.stripe.com/billing/subscriptions/trials); what is canceled at the period's end is billed no more; an open
invoice may be voided (https://docs.stripe.com/invoicing/overview#void). Events come newest first
(https://docs.stripe.com/api/events/list), each with the whole object as it was then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Sums = dict[tuple[int, str], int]
"""Amounts in minor units, by month and currency."""

MONTHS = range(1, 7)
YEAR = 2026
CURRENCIES = ("EUR", "JPY", "USD")


def at(month: int, day: int = 1, hour: int = 0) -> int:
    return int(datetime(YEAR, month, day, hour, tzinfo=UTC).timestamp())


def local_midnight(month: int) -> int:
    """The first of a month in Paris: the evening before in UTC, an hour earlier in summer."""
    return at(month) - 3600 * (2 if month in range(4, 11) else 1)


@dataclass(frozen=True)
class Line:
    """A line: its net amount is `amount` less `discount`, and less `tax` if prices hold it."""

    id: str
    amount: int
    start: int
    end: int
    kind: str = "subscription"
    tax: int = 0
    inclusive: bool = False
    discount: int = 0

    @property
    def net(self) -> int:
        return self.amount - self.discount - (self.tax if self.inclusive else 0)


@dataclass(frozen=True)
class Invoice:
    id: str
    customer: str
    subscription: str
    currency: str
    issued: int
    lines: tuple[Line, ...]
    status: str = "paid"

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def month(self) -> int:
        return datetime.fromtimestamp(self.issued, UTC).month if self.issued >= at(1) else 0


@dataclass(frozen=True)
class Credit:
    id: str
    invoice: str
    line: str
    currency: str
    issued: int
    net: int
    tax: int = 0


@dataclass(frozen=True)
class Subscription:
    id: str
    customer: str
    currency: str
    price: str
    start: int
    status: str = "active"
    ended: int | None = None
    trial_end: int | None = None


@dataclass
class Account:
    """What the account holds once so many months have passed, and what changed in the last of them."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def invoiced(self) -> Sums:
        found: Sums = defaultdict(int)
        for one in self.invoices.values():
            if one.status in ("paid", "open"):
                found[one.month, one.currency] += one.net
        return {key: value for key, value in found.items() if value}

    def credited(self) -> Sums:
        found: Sums = defaultdict(int)
        for one in self.credits.values():
            found[datetime.fromtimestamp(one.issued, UTC).month, one.currency] += one.net
        return dict(found)


PRICES = {
    "basic": ("EUR", 10000),
    "pro": ("EUR", 20000),
    "gross": ("EUR", 12000),
    "half": ("EUR", 6000),
    "dollar": ("USD", 8000),
    "yen": ("JPY", 5000),
    "paris": ("EUR", 5000),
}


def mrr(month: int, known: int) -> dict[str, int]:
    """What runs at a month's end, by currency, in minor units, as it is known after so many months."""
    euro = 20000 if month >= 4 else 10000  # a: the upgrade of 16 April
    euro += 5000 if month >= 6 else 10000  # b, with tax within: the downgrade of 16 June
    euro += 0 if month in (3, 4) else 10000  # e: left in March, back in May
    euro += 10000 if month == known == 3 else 0  # f: voided in April
    euro += 5000  # g, at midnight in Paris
    return {"EUR": euro, "USD": 7200} | ({"JPY": 5000} if month >= 2 else {})


def bills(month: int) -> Iterator[Invoice]:
    """Yield what is billed in a month."""
    start, end = at(month), at(month + 1)

    def bill(name: str, currency: str, *lines: Line, issued: int = start, suffix: str = "", **more: str) -> Invoice:
        identity, number = f"in_{name}{month}{suffix}", iter(range(9))
        named = tuple(replace(line, id=f"il_{name}{month}{suffix}{next(number)}") for line in lines)
        subscription = more.pop("subscription", f"sub_{name}")
        return Invoice(identity, f"cus_{name}", subscription, currency, issued, named, **more)

    def line(amount: int, begin: int = start, **more: Any) -> Line:
        return Line("", amount, begin, more.pop("end", end), **more)

    price = 20000 if month > 4 else 10000
    fee = [line(50000, kind="fee", tax=10000)] if month in (1, 3) else []
    yield bill("a", "EUR", line(price, tax=price // 5), *fee)
    if month == 4:
        half = at(4, 16)
        credit, charge = line(-5000, half, kind="proration", tax=-1000), line(10000, half, kind="proration", tax=2000)
        yield bill("a", "EUR", credit, charge, issued=half, suffix="u")
    yield bill("b", "EUR", line(12000, tax=2000, inclusive=True))
    if month == 6:
        half = at(6, 16)
        given = line(-6000, half, kind="proration", tax=-1000, inclusive=True)
        kept = line(3000, half, kind="proration", tax=500, inclusive=True)
        yield bill("b", "EUR", given, kept, issued=half, suffix="d")
    yield bill("c", "USD", line(8000, discount=800))
    yield bill("d", "JPY", line(0 if month == 1 else 5000))
    if month not in (3, 4):
        yield bill("e", "EUR", line(10000), subscription="sub_e" if month < 3 else "sub_e2")
    if month == 3:
        yield bill("f", "EUR", line(10000), status="open")
    # The next month's, which begins in Paris before this one ends.
    begin = local_midnight(month + 1)
    yield bill("g", "EUR", line(5000, begin, end=local_midnight(month + 2)), issued=begin)


def subscriptions(month: int) -> Iterator[Subscription]:
    """Yield all subscriptions that exist, as they are at a month's end."""
    yield Subscription("sub_a", "cus_a", "EUR", "pro" if month >= 4 else "basic", at(1))
    yield Subscription("sub_b", "cus_b", "EUR", "half" if month >= 6 else "gross", at(1))
    yield Subscription("sub_c", "cus_c", "USD", "dollar", at(1))
    yield Subscription("sub_d", "cus_d", "JPY", "yen", at(1), "trialing" if month == 1 else "active", None, at(2))
    left = ("canceled", at(3)) if month >= 3 else ("active", None)
    yield Subscription("sub_e", "cus_e", "EUR", "basic", at(1), *left)
    if month >= 5:
        yield Subscription("sub_e2", "cus_e", "EUR", "basic", at(5))
    if month >= 3:
        gone = ("canceled", at(4)) if month >= 4 else ("active", None)
        yield Subscription("sub_f", "cus_f", "EUR", "basic", at(3), *gone)
    yield Subscription("sub_g", "cus_g", "EUR", "paris", local_midnight(1))


def account_after(months: int) -> Account:
    """Return the account after so many months."""
    found = Account()
    first = Line("il_g00", 5000, local_midnight(1), local_midnight(2))
    found.invoices["in_g0"] = Invoice("in_g0", "cus_g", "sub_g", "EUR", local_midnight(1), (first,))
    for month in range(1, months + 1):
        found.invoices |= {one.id: one for one in bills(month)}
    if months >= 4:
        found.invoices["in_f3"] = replace(found.invoices["in_f3"], status="void")
    if months >= 3:
        found.credits["cn_c"] = Credit("cn_c", "in_c2", "il_c20", "USD", at(3, 10), 2000)
    if months >= 5:
        found.credits["cn_a"] = Credit("cn_a", "in_a4", "il_a40", "EUR", at(5, 20), 5000, 1000)
    found.subscriptions = {one.id: one for one in subscriptions(months)}
    return found


# --- as Stripe writes them


def first_sync(account: Account) -> Iterator[tuple[str, Row]]:
    """Yield all objects in API version 2022-11-15, invoices newest first."""
    for name in "abcdefg":
        yield "customers", customer(f"cus_{name}")
    yield "products", {"id": "prod_1", "object": "product", "name": "Suite", "livemode": True, "updated": 1}
    for name in PRICES:
        yield "prices", {**price(name), "updated": 1}
    for one in account.subscriptions.values():
        yield "subscriptions", subscription(one, updated=one.start)
    for invoice in reversed(account.invoices.values()):
        yield "invoices", invoice_2022(invoice)
        for line in invoice.lines:
            row = {**line_2022(invoice, line), "invoice_id": invoice.id, "invoice_updated": invoice.issued}
            yield "invoice_line_items", row


def next_sync(before: Account, after: Account) -> Iterator[tuple[str, Row]]:
    """Yield a month's events in API version 2025-03-31 and the last one's again, each stream's newest first."""
    for new in after.subscriptions.values():
        if new != before.subscriptions.get(new.id):
            yield "subscriptions", subscription(new, updated=at(1) + new.start + len(new.price))
    for one in reversed(after.invoices.values()):
        old = before.invoices.get(one.id)
        if one != old:
            yield from events_of(one, old)
    for one in list(before.invoices.values())[-3:]:
        yield from events_of(replace(one, status="paid"), None)  # doubled: it was read in the last sync, too
    for credit in after.credits.values():
        if credit.id not in before.credits:
            yield "credit_notes", credit_note(credit, after.invoices[credit.invoice])


def events_of(one: Invoice, old: Invoice | None) -> Iterator[tuple[str, Row]]:
    """Yield an invoice as each of its events shows it, newest first; as a draft it had another line."""
    steps = [one.status] if old else [one.status, "open", "draft"]
    for step in dict.fromkeys(steps):
        row = invoice_today(one, step)
        yield "invoices", row
        # What some versions of the source put on the stream of lines.
        yield "invoice_line_items", {**row, "invoice_updated": row["updated"]}
    if old is None:
        removed = Line(f"{one.lines[0].id}x", 99900, one.lines[0].start, one.lines[0].end)
        draft = {**line_today(one, removed), "invoice_id": one.id, "invoice_updated": one.issued}
        yield "invoice_line_items", draft


def customer(identity: str) -> Row:
    return {"id": identity, "object": "customer", "name": f"Example {identity}", "invoice_prefix": "X",
            "invoice_settings": {}, "tax_exempt": "none", "livemode": True, "updated": 1}  # fmt: skip


def price(name: str) -> Row:
    currency, amount = PRICES[name]
    return {"id": f"price_{name}", "object": "price", "currency": currency.lower(), "unit_amount": amount,
            "unit_amount_decimal": str(amount), "product": "prod_1", "type": "recurring", "nickname": name,
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
            "lookup_key": None, "livemode": True}  # fmt: skip


def subscription(one: Subscription, updated: int) -> Row:
    items = [{"id": f"si_{one.id}", "price": price(one.price), "quantity": 1}]
    coupon = {"id": "C10", "percent_off": 10, "duration": "forever"}
    return {"id": one.id, "object": "subscription", "customer": one.customer, "status": one.status,
            "currency": one.currency.lower(), "start_date": one.start, "ended_at": one.ended, "livemode": True,
            "trial_end": one.trial_end, "trial_start": one.start if one.trial_end else None, "updated": updated,
            "billing_cycle_anchor": one.start, "collection_method": "charge_automatically", "latest_invoice": None,
            "discount": {"id": "di_1", "coupon": coupon} if one.currency == "USD" else None,
            "items": {"data": items, "has_more": False}}  # fmt: skip


def common(one: Invoice, status: str) -> Row:
    gross = one.net + sum(line.tax for line in one.lines)
    return {"id": one.id, "object": "invoice", "customer": one.customer, "currency": one.currency.lower(),
            "status": status, "number": one.id.upper(), "created": one.issued, "effective_at": one.issued,
            "status_transitions": {"finalized_at": one.issued}, "billing_reason": "subscription_cycle",
            "amount_due": gross, "livemode": True, "total": gross, "total_excluding_tax": one.net}  # fmt: skip


def parts(one: Invoice, line: Line) -> Row:
    return {"id": line.id, "object": "line_item", "amount": line.amount, "currency": one.currency.lower(),
            "description": line.kind, "period": {"start": line.start, "end": line.end}, "quantity": 1,
            "discountable": True,
            "discount_amounts": [{"amount": line.discount, "discount": "di_1"}] if line.discount else []}  # fmt: skip


def line_2022(one: Invoice, line: Line) -> Row:
    fee = line.kind == "fee"
    return {
        **parts(one, line),
        "amount_excluding_tax": line.net + line.discount,
        "type": "subscription" if line.kind == "subscription" else "invoiceitem",
        "proration": line.kind == "proration",
        "subscription": one.subscription,
        "price": {"id": "price_fee", "type": "one_time", "currency": "eur"} if fee else {"id": price_of(one)},
        "tax_amounts": [{"amount": line.tax, "inclusive": line.inclusive}] if line.tax else [],
    }


def line_today(one: Invoice, line: Line) -> Row:
    kind = "subscription_item_details" if line.kind == "subscription" else "invoice_item_details"
    details = {"subscription": one.subscription, "proration": line.kind == "proration"}
    behavior = "inclusive" if line.inclusive else "exclusive"
    return {
        **parts(one, line),
        "parent": {"type": kind, kind: details},
        "pricing": {"type": "price_details", "price_details": {"price": price_of(one)}},
        "taxes": [{"amount": line.tax, "tax_behavior": behavior}] if line.tax else [],
    }


def price_of(one: Invoice) -> str:
    names = {"a": "basic", "b": "gross", "c": "dollar", "d": "yen", "e": "basic", "f": "basic", "g": "paris"}
    return f"price_{names[one.customer[-1]]}"


def invoice_2022(one: Invoice) -> Row:
    lines = [line_2022(one, line) for line in one.lines]
    return {**common(one, one.status), "subscription": one.subscription, "updated": one.issued,
            "lines": {"data": lines, "has_more": False}}  # fmt: skip


def invoice_today(one: Invoice, status: str) -> Row:
    age = ["draft", "open", "paid", "void"].index(status)
    details = {"subscription": one.subscription}
    return {**common(one, status), "parent": {"type": "subscription_details", "subscription_details": details},
            "updated": one.issued + 60 * age, "lines": {"data": [line_today(one, line) for line in one.lines],
                                                        "has_more": False}}  # fmt: skip


def credit_note(one: Credit, invoice: Invoice) -> Row:
    line = {"id": f"cnli_{one.id}", "amount": one.net, "invoice_line_item": one.line, "discount_amount": 0,
            "taxes": [{"amount": one.tax, "tax_behavior": "exclusive"}] if one.tax else []}  # fmt: skip
    return {"id": one.id, "object": "credit_note", "invoice": one.invoice, "customer": invoice.customer,
            "currency": one.currency.lower(), "created": one.issued, "effective_at": one.issued, "status": "issued",
            "amount": one.net + one.tax, "total": one.net + one.tax, "total_excluding_tax": one.net, "livemode": True,
            "discount_amount": 0, "customer_balance_transaction": None, "updated": one.issued,
            "lines": {"data": [line], "has_more": False}}  # fmt: skip
