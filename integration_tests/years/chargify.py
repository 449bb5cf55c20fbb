"""The year as Chargify (Maxio Advanced Billing) tells it: https://developers.maxio.com.

Subscriptions have their product's price in cents, and the list of them tells neither what a coupon takes off nor a
monthly amount; invoices are headers with decimals as text, without lines; there are no credit notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from integration_tests.years.company import DIGITS, Document, Subscription, first

SOURCE = "chargify"
PRORATES, CREDITS = True, False
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, second: int = 0) -> str:
    return f"{day}T00:00:{second:02d}+00:00"


def _number(name: str) -> int:
    """Ids are numbers."""
    return int.from_bytes(name.encode(), "big") % 10**9


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield (
            "customers",
            {"id": _number(one.customer), "organization": one.customer.upper(), "updated_at": at(first(1))},
        )


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    now = step or one.steps[0]
    trialing = step is not None and day < first(one.start.month + one.trial)
    assert now.monthly is not None
    cents = int((now.monthly * one.every).scaleb(DIGITS[one.currency]))
    yield "subscriptions", {
        "id": _number(one.id), "state": "trialing" if trialing else "active" if step else "canceled",
        "customer": {"id": _number(one.customer), "organization": one.customer.upper()}, "currency": one.currency,
        "product": {"id": _number(now.price), "name": now.price, "interval": one.every, "interval_unit": "month"},
        "product_price_in_cents": cents, "product_price_point_id": _number(now.price), "product_version_number": 1,
        "activated_at": at(one.start), "created_at": at(one.start), "balance_in_cents": 0,
        "canceled_at": None if step else at(day), "coupon_codes": ["HALF"] if one.off(day.month) else [],
        "updated_at": at(day),
    }  # fmt: skip


def _text(amount: Decimal) -> str:
    return f"{amount:.3f}"


def invoice(document: Document) -> Records:
    one = document.subscription
    off = sum((line.discount for line in document.lines), Decimal(0))
    yield "invoices", {
        "uid": document.id, "number": document.id, "customer_id": _number(one.customer), "currency": one.currency,
        "subscription_id": _number(one.id), "issue_date": str(document.day), "due_date": str(document.day),
        "status": "voided" if document.void else "paid", "consolidation_level": "none",
        "subtotal_amount": _text(document.net + off), "discount_amount": _text(off), "tax_amount": _text(document.tax),
        "total_amount": _text(document.net + document.tax), "product_name": document.lines[-1].price,
        "updated_at": at(document.day, document.version),
    }  # fmt: skip


def stale(document: Document) -> Records:
    """The invoice as it was before it was issued."""
    for stream, record in invoice(document):
        yield stream, {**record, "status": "draft", "updated_at": at(document.day)}
