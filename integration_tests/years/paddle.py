"""The year as Paddle Billing tells it: https://developer.paddle.com/api-reference/transactions/overview.

Amounts are texts in the currency's lowest denomination; a transaction's totals exclude discounts and include tax; what
is adjusted shows in `adjusted_totals`; an item that a change gives up is a negative line, prorated.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from integration_tests.years.company import DIGITS, Document, Line, Subscription, first

SOURCE = "paddle"
PRORATES = CREDITS = True
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:00:00.123456789Z" if hour else f"{day}T00:00:00Z"


def cents(amount: Decimal, currency: str) -> str:
    return str(int(amount.scaleb(DIGITS[currency])))


def _price(one: Subscription, name: str) -> dict[str, Any]:
    monthly = (
        next(step.monthly for step in one.steps if step.price == name and step.monthly)
        if name != "setup"
        else one.setup
    )
    amount = monthly * one.every * (100 + one.tax) / 100 if one.inclusive else monthly * one.every
    cycle = (
        None
        if name == "setup"
        else {"interval": "year", "frequency": 1}
        if one.every == 12
        else {"interval": "month", "frequency": 1}
    )
    return {"id": f"pri_{name}", "product_id": f"pro_{name}", "name": name, "billing_cycle": cycle,
            "tax_mode": "internal" if one.inclusive else "external",
            "unit_price": {"amount": cents(amount, one.currency), "currency_code": one.currency}}  # fmt: skip


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {"id": one.customer, "name": one.customer.upper(), "email": f"{one.customer}@example.com",
                            "status": "active", "updated_at": at(first(1))}  # fmt: skip
        for name in dict.fromkeys([*(step.price for step in one.steps), *(["setup"] if one.setup else [])]):
            yield "products", {"id": f"pro_{name}", "name": name, "updated_at": at(first(1))}
            yield "prices", {**_price(one, name), "updated_at": at(first(1))}


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    ended = step is None
    now = step or one.steps[0]
    yield "subscriptions", {
        "id": one.id, "status": "canceled" if ended else "active", "customer_id": one.customer,
        "currency_code": one.currency, "started_at": at(one.start), "canceled_at": at(day) if ended else None,
        "scheduled_change": None, "discount": None, "updated_at": at(day, 1),
        "items": [{"status": "active", "recurring": True, "quantity": 1, "price": _price(one, now.price)}],
    }  # fmt: skip


def _totals(lines: tuple[Line, ...], currency: str) -> dict[str, str]:
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    off = sum(line.discount for line in lines)
    return {"subtotal": cents(Decimal(net + off), currency), "discount": cents(Decimal(off), currency),
            "tax": cents(Decimal(tax), currency), "total": cents(Decimal(net + tax), currency)}  # fmt: skip


def _row(document: Document, line: Line) -> dict[str, Any]:
    prorated = line.start.day != 1 and {
        "rate": "0.5",
        "billing_period": {"starts_at": at(line.start), "ends_at": at(line.end)},
    }
    return {"id": line.id, "price_id": f"pri_{line.price}", "quantity": -1 if line.net < 0 else 1,
            "totals": _totals((line,), document.subscription.currency), "proration": prorated or None,
            "product": {"id": f"pro_{line.price}", "name": line.price}}  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    totals = _totals(document.lines, one.currency)
    left = (
        dict.fromkeys(["subtotal", "tax", "total"], "0")
        if document.credited
        else {k: totals[k] for k in ("subtotal", "tax", "total")}
    )
    kept = [line for line in document.lines if line.net >= 0]
    yield "transactions", {
        "id": document.id, "status": "canceled" if document.void else "completed", "customer_id": one.customer,
        "subscription_id": one.id, "currency_code": one.currency, "invoice_number": document.id,
        "origin": "subscription_update" if document.day.day == 16 else "subscription_recurring",
        "billing_period": {"starts_at": at(document.lines[0].start), "ends_at": at(document.lines[0].end)},
        "billed_at": at(document.day), "created_at": at(document.day),
        "updated_at": at(document.credited or document.day, document.version + 1),
        "items": [{"price": _price(one, line.price), "quantity": 1} for line in kept],
        "details": {"totals": totals, "adjusted_totals": left,
                    "line_items": [_row(document, line) for line in document.lines]},
    }  # fmt: skip


def stale(document: Document) -> Records:
    """The document as it was before it was paid."""
    for stream, record in invoice(document):
        yield stream, {**record, "status": "draft", "updated_at": at(document.day)}
