"""The year as Stripe tells it in API version 2022-11-15: https://docs.stripe.com/api/invoices/object.

Amounts are integers in the currency's smallest unit, times are epoch seconds, a period ends where the next begins.
A change in mid-month is two prorations on an invoice of its own; where prices include tax, so do amounts and discounts
of lines. A fee that is billed beside a subscription is an invoice item. Events come newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integration_tests.years.company import DIGITS, Document, Line, Subscription, first

SOURCE = "stripe"
PRORATES, CREDITS = True, True
Row = dict[str, Any]
Records = Iterator[tuple[str, Row]]


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def cents(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(DIGITS[currency]))


def price(one: Subscription, name: str) -> Row:
    monthly = next(step.monthly for step in one.steps if step.price == name and step.monthly)
    gross = 1 + Decimal(one.tax if one.inclusive else 0) / 100
    return {
        "id": name, "object": "price", "product": f"prod_{name}", "currency": one.currency.lower(), "type": "recurring",
        "unit_amount": cents(monthly * one.every * gross, one.currency), "nickname": name, "livemode": True,
        "tax_behavior": "inclusive" if one.inclusive else "exclusive", "billing_scheme": "per_unit",
        "recurring": {"interval": "year" if one.every == 12 else "month", "interval_count": 1,
                      "usage_type": "licensed"},
    }  # fmt: skip


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {"id": one.customer, "object": "customer", "name": one.customer.upper(), "livemode": True,
                            "invoice_prefix": "X", "tax_exempt": "none", "updated": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(step.price for step in one.steps):
            yield "products", {"id": f"prod_{name}", "object": "product", "name": name, "livemode": True,
                               "updated": at(first(1))}  # fmt: skip
            yield "prices", {**price(one, name), "updated": at(first(1))}


def subscription(one: Subscription, day: date) -> Records:
    yield "subscriptions", {**contract_of(one, day, at), "discount": _discount(one, day, at)}


def contract_of(one: Subscription, day: date, at: Callable[[date], int]) -> Row:
    """What a subscription has in all versions."""
    step = one.step_at(day)
    trial_end = at(first(one.start.month + one.trial)) if one.trial else None
    status = "trialing" if trial_end and at(day) < trial_end else "active"
    item = {"id": f"si_{one.id}", "price": price(one, (step or one.steps[0]).price), "quantity": 1, "tax_rates": []}
    rates = [{"id": "txr", "percentage": one.tax, "inclusive": one.inclusive}] if one.tax else []
    return {
        "id": one.id, "object": "subscription", "customer": one.customer, "currency": one.currency.lower(),
        "status": status if step else "canceled", "start_date": at(one.start), "ended_at": None if step else at(day),
        "trial_start": at(one.start) if one.trial else None, "trial_end": trial_end, "livemode": True,
        "default_tax_rates": rates, "items": {"data": [item], "has_more": False}, "updated": at(day),
    }  # fmt: skip


def _discount(one: Subscription, day: date, at: Callable[[date], int]) -> Row | None:
    if not one.off(day.month):
        return None
    coupon = {"id": "half", "percent_off": one.discount, "duration": "repeating", "applies_to": None}
    return {"id": "di_1", "object": "discount", "coupon": coupon, "end": at(first(one.discounted + 1))}


def amounts(one: Subscription, line: Line) -> Row:
    """What a line has in all versions."""
    gross = 1 + Decimal(one.tax if one.inclusive else 0) / 100
    off = cents(line.discount * gross, one.currency)
    return {
        "id": line.id, "object": "line_item", "currency": one.currency.lower(), "description": line.price,
        "amount": cents((line.net + line.discount) * gross, one.currency), "quantity": 1, "discountable": True,
        "discount_amounts": [{"amount": off, "discount": "di_1"}] if off else [],
    }  # fmt: skip


def is_proration(line: Line) -> bool:
    return line.id.endswith(("-back", "-new"))


def _line(document: Document, line: Line) -> Row:
    one = document.subscription
    item = line.once or is_proration(line)
    tax = {"amount": cents(line.tax, one.currency), "inclusive": one.inclusive}
    return {
        **amounts(one, line), "amount_excluding_tax": cents(line.net + line.discount, one.currency),
        "type": "invoiceitem" if item else "subscription", "proration": is_proration(line),
        "subscription": one.id, "period": {"start": at(line.start), "end": at(line.end)},
        "price": {"id": "setup", "type": "one_time"} if line.once else price(one, line.price),
        "tax_amounts": [tax] if line.tax else [],
    }  # fmt: skip


def header(document: Document, at: Callable[[date], int]) -> Row:
    """What an invoice has in all versions."""
    one = document.subscription
    return {
        "id": document.id, "object": "invoice", "customer": one.customer, "currency": one.currency.lower(),
        "number": document.id, "status": "void" if document.void else "paid", "created": at(document.day),
        "status_transitions": {"finalized_at": at(document.day)}, "billing_reason": "subscription_cycle",
        "amount_due": 0, "livemode": True, "total": cents(document.net + document.tax, one.currency),
        "subtotal": cents(document.net, one.currency), "updated": at(document.day) + document.version,
    }  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    rows = [_line(document, line) for line in document.lines]
    tax = cents(document.tax, one.currency)
    yield "invoices", {
        **header(document, at), "subscription": one.id, "tax": tax or None,
        "total_excluding_tax": cents(document.net, one.currency),
        "total_tax_amounts": [{"amount": tax, "inclusive": one.inclusive}] if tax else [],
        "lines": {"object": "list", "data": rows, "has_more": False},
    }  # fmt: skip
    for row in rows:
        yield "invoice_line_items", {**row, "invoice_id": document.id,
                                     "invoice_updated": at(document.day) + document.version}  # fmt: skip
    if document.credited:
        lines = [
            {**{name: row[name] for name in ("amount", "amount_excluding_tax", "discount_amounts", "tax_amounts")},
             "id": f"cn-{row['id']}", "object": "credit_note_line_item", "invoice_line_item": row["id"]}
            for row in rows
        ]  # fmt: skip
        taxes = [{"amount": tax, "inclusive": one.inclusive}] if tax else []
        yield "credit_notes", {
            **credit(document, at), "total_excluding_tax": cents(document.net, one.currency), "tax_amounts": taxes,
            "lines": {"data": lines, "has_more": False},
        }  # fmt: skip


def credit(document: Document, at: Callable[[date], int]) -> Row:
    """What a credit note of all of an invoice has in all versions."""
    one = document.subscription
    assert document.credited is not None
    total = cents(document.net + document.tax, one.currency)
    return {
        "id": f"cn-{document.id}", "object": "credit_note", "invoice": document.id, "customer": one.customer,
        "currency": one.currency.lower(), "status": "issued", "created": at(document.credited), "amount": total,
        "total": total, "discount_amount": 0, "customer_balance_transaction": None, "livemode": True,
        "updated": at(document.credited),
    }  # fmt: skip


def stale(document: Document) -> Records:
    """The events of the invoice's draft and of its finalisation, which come after the newest one."""
    for stream, row in invoice(document):
        if stream == "invoices":
            yield stream, {**row, "status": "open", "updated": at(document.day)}
            yield stream, {**row, "status": "draft", "updated": at(document.day)}
