"""The year as Stripe tells it since API version 2025-03-31: https://docs.stripe.com/changelog/basil.

An invoice's subscription is under `parent`, a line's under the parent's details, its price under `pricing`; taxes are
`taxes`; discounts of a subscription are ids. A fee beside a subscription has the billing period:
https://docs.stripe.com/changelog/basil. The company bills by the midnight of Paris.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration_tests.years.company import Document, Line, Subscription, first
from integration_tests.years.stripe import amounts, begin, cents, contract_of, credit, header, is_proration

__all__ = ["begin"]

SOURCE = "stripe"
ZONE = "Europe/Paris"
PRORATES, CREDITS = True, True
Row = dict[str, Any]
Records = Iterator[tuple[str, Row]]


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).timestamp())


def subscription(one: Subscription, day: date) -> Records:
    row = contract_of(one, day, at)
    yield "subscriptions", {**row, "discounts": ["di_1"] if one.off(day.month) else []}


def _taxes(amount: int, one: Subscription) -> list[Row]:
    behavior = "inclusive" if one.inclusive else "exclusive"
    return [{"amount": amount, "tax_behavior": behavior, "type": "tax_rate_details"}] if amount else []


def _line(document: Document, line: Line) -> Row:
    one = document.subscription
    kind = "invoice_item_details" if line.once else "subscription_item_details"
    end = first(line.start.month + 1) if line.once else line.end
    return {
        **amounts(one, line), "invoice": document.id, "period": {"start": at(line.start), "end": at(end)},
        "parent": {"type": kind, kind: {"subscription": one.id, "proration": is_proration(line)}},
        "pricing": {"type": "price_details", "price_details": {"price": "setup" if line.once else line.price}},
        "taxes": _taxes(cents(line.tax, one.currency), one),
    }  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    rows = [_line(document, line) for line in document.lines]
    taxes = _taxes(cents(document.tax, one.currency), one)
    yield "invoices", {
        **header(document, at), "total_taxes": taxes, "lines": {"object": "list", "data": rows, "has_more": False},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": one.id}},
    }  # fmt: skip
    if document.credited:
        lines = [
            {"id": f"cn-{row['id']}", "object": "credit_note_line_item", "amount": row["amount"], "taxes": row["taxes"],
             "discount_amounts": row["discount_amounts"], "invoice_line_item": row["id"]}
            for row in rows
        ]  # fmt: skip
        yield "credit_notes", {
            **credit(document, at), "total_taxes": taxes, "lines": {"data": lines, "has_more": False},
        }  # fmt: skip


def stale(document: Document) -> Records:
    """The event of the invoice's draft, which comes after the newest one."""
    for stream, row in invoice(document):
        if stream == "invoices":
            yield stream, {**row, "status": "draft", "updated": at(document.day)}
