"""The year as Chargebee tells it (product catalog 2.0): https://apidocs.chargebee.com/docs/api/invoices.

Amounts are integers: of hundredths, or of the whole where a currency has no decimals
(https://apidocs.chargebee.com/docs/api/currencies). Times are epoch seconds, a period ends with its last second; where
prices include tax, so do the amounts of lines, and the discount is taken off before. Plans change at renewals.
The site's time zone is that of Paris, by whose midnight it bills.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from integration_tests.years.company import DIGITS, Document, Line, Subscription, first

SOURCE = "chargebee"
ZONE = "Europe/Paris"
PRORATES, CREDITS = False, True
DINARS = "7.12"
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).timestamp())


def cents(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(min(DIGITS[currency], 2)))


def _versioned(day: date, version: int = 1) -> dict[str, Any]:
    return {"updated_at": at(day) + version, "resource_version": (at(day) + version) * 1000, "deleted": False}


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customer", {"id": one.customer, "company": one.customer.upper(), **_versioned(first(1))}
        for name in dict.fromkeys(step.price for step in one.steps):
            monthly = next(step.monthly for step in one.steps if step.monthly)
            unit = "year" if one.every == 12 else "month"
            yield "item", {"id": name, "name": name, "type": "plan", "status": "active", **_versioned(first(1))}
            yield "item_price", {"id": f"{name}-{one.currency}", "item_id": name, "name": name, "period": 1,
                                 "period_unit": unit, "currency_code": one.currency, "status": "active",
                                 "price": cents(monthly * one.every, one.currency), **_versioned(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    now = step or one.steps[0]
    yield "subscription", {
        "id": one.id, "customer_id": one.customer, "status": "active" if step else "cancelled",
        "currency_code": one.currency, "started_at": at(one.start), "cancelled_at": None if step else at(day),
        "billing_period": 1, "billing_period_unit": "year" if one.every == 12 else "month",
        "subscription_items": [{"item_price_id": f"{now.price}-{one.currency}", "item_type": "plan", "quantity": 1}],
        **_versioned(day),
    }  # fmt: skip


def _row(one: Subscription, line: Line) -> dict[str, Any]:
    tax = line.tax if one.inclusive else Decimal(0)
    return {
        "id": line.id, "subscription_id": line.subscription, "quantity": 1, "description": line.price,
        "entity_type": "charge_item_price" if line.once else "plan_item_price",
        "entity_id": f"{line.price}-{one.currency}", "date_from": at(line.start),
        "date_to": at(line.end) - (0 if line.once else 1),
        "amount": cents(line.net + line.discount + tax, one.currency),
        "discount_amount": cents(line.discount, one.currency), "tax_amount": cents(line.tax, one.currency),
    }  # fmt: skip


def _document(document: Document) -> dict[str, Any]:
    one = document.subscription
    return {
        "customer_id": one.customer, "currency_code": one.currency,
        "price_type": "tax_inclusive" if one.inclusive else "tax_exclusive",
        "total": cents(document.net + document.tax, one.currency),
        "line_items": [_row(one, line) for line in document.lines],
    }  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    yield "invoice", {
        **_document(document), "id": document.id, "subscription_id": one.id,
        "status": "voided" if document.void else "paid", "date": at(document.day), "due_date": at(document.day),
        "tax": cents(document.tax, one.currency), **_versioned(document.credited or document.day, document.version),
    }  # fmt: skip
    if document.credited:
        lines = [
            {**_row(one, line), "id": f"cn-{line.id}", "reference_line_item_id": line.id} for line in document.lines
        ]
        yield "credit_note", {
            **_document(document), "id": f"CN-{document.id}", "reference_invoice_id": document.id, "type": "refundable",
            "status": "refunded", "date": at(document.credited), "line_items": lines, "allocations": [],
            "taxes": [{"amount": cents(document.tax, one.currency)}], **_versioned(document.credited),
        }  # fmt: skip


def stale(document: Document) -> Records:
    """The invoice as it was before it was closed."""
    for stream, record in invoice(document):
        if stream == "invoice":
            old = {"status": "pending", "resource_version": at(document.day) * 1000, "updated_at": at(document.day)}
            yield stream, {**record, **old}
