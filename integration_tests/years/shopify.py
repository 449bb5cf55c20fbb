"""The year as Shopify's orders tell it (https://shopify.dev/docs/api/admin-rest/latest/resources/order).

Each bill is an order: prices before discounts, with tax where the shop's prices have it; a discount is allocated to its
line. Ids are numbers, times have the shop's offset. There are no subscriptions and no negative lines, so what changes,
changes with the next order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "shopify"
PRORATES, CREDITS = False, True
# Nothing tells for what time an order is.
RECURS = False
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, second: int = 0) -> str:
    return f"{day}T09:00:{second:02d}+02:00"


def _number(name: str) -> int:
    return int.from_bytes(name.encode(), "big") % 10**12


def _customer(one: Subscription) -> dict[str, Any]:
    return {"id": _number(one.customer), "first_name": one.customer.upper(), "email": f"{one.customer}@shop.test"}


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {**_customer(one), "shop_url": "shop", "updated_at": at(first(1))}


def subscription(one: Subscription, day: date) -> Records:
    """There are none."""
    yield from ()


def _told(one: Subscription, net: Decimal) -> Decimal:
    """Return an amount as the shop tells it."""
    return net * (100 + one.tax) / 100 if one.inclusive else net


def _line(one: Subscription, line: Line) -> dict[str, Any]:
    return {
        "id": _number(line.id), "name": line.price, "quantity": 1, "price": str(_told(one, line.net + line.discount)),
        "tax_lines": [{"price": str(line.tax)}], "discount_allocations": [{"amount": str(_told(one, line.discount))}],
    }  # fmt: skip


def _refund(document: Document) -> dict[str, Any]:
    one = document.subscription
    assert document.credited
    items = [
        {"id": _number(f"{line.id}-back"), "line_item_id": _number(line.id), "quantity": 1,
         "subtotal": str(_told(one, line.net)), "total_tax": str(line.tax)}
        for line in document.lines
    ]  # fmt: skip
    return {"id": _number(f"{document.id}-back"), "processed_at": at(document.credited), "refund_line_items": items,
            "order_adjustments": [], "refund_shipping_lines": []}  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    yield "orders", {
        "id": _number(document.id), "name": document.id, "shop_url": "shop", "customer": _customer(one), "test": False,
        "currency": one.currency, "taxes_included": one.inclusive, "processed_at": at(document.day),
        "total_price": str(document.net + document.tax), "total_tax": str(document.tax),
        "financial_status": "refunded" if document.credited else "paid", "presentment_currency": one.currency,
        "cancelled_at": at(document.day, 1) if document.void else None, "shipping_lines": [],
        "line_items": [_line(one, line) for line in document.lines],
        "refunds": [_refund(document)] if document.credited else [],
        "updated_at": at(document.credited or document.day, document.version),
    }  # fmt: skip


def stale(document: Document) -> Records:
    """The order as it was before it was paid."""
    for stream, record in invoice(document):
        before = {"financial_status": "pending", "refunds": [], "cancelled_at": None}
        yield stream, {**record, **before, "updated_at": at(document.day)}
