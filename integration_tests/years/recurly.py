"""The year as Recurly tells it (API v2021-02-25): https://recurly.com/developers/api/v2021-02-25/index.html.

Amounts are decimals, times are instants; a line's amount is what is paid for it, with tax; what is given back is an
invoice of type credit, with negative amounts, whose lines name what they refund. Plans change at renewals.
The site's time zone is that of New York, by whose midnight it bills.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "recurly"
ZONE = "America/New_York"
PRORATES, CREDITS = False, True
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, second: int = 0) -> str:
    local = datetime(day.year, day.month, day.day, second=second, tzinfo=ZoneInfo(ZONE))
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _account(one: Subscription) -> dict[str, Any]:
    return {"id": one.customer, "code": one.customer, "company": one.customer.upper()}


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "accounts", {**_account(one), "email": f"{one.customer}@example.com", "updated_at": at(first(1))}
        for name in dict.fromkeys(step.price for step in one.steps):
            monthly = next(step.monthly for step in one.steps if step.price == name and step.monthly)
            price = {"currency": one.currency, "unit_amount": float(monthly * one.every)}
            yield "plans", {"id": name, "code": name, "name": name, "interval_unit": "months", "currencies": [price],
                            "interval_length": one.every, "updated_at": at(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    now = step or one.steps[0]
    yield "subscriptions", {
        "id": one.id, "account": _account(one), "plan": {"id": now.price, "code": now.price, "name": now.price},
        "state": "active" if step else "expired", "activated_at": at(one.start), "currency": one.currency,
        "expires_at": None if step else at(day), "updated_at": at(day),
    }  # fmt: skip


def _line(document: Document, line: Line, sign: int = 1) -> dict[str, Any]:
    one = document.subscription
    listed = line.net + line.discount + (line.tax if one.inclusive else 0)
    return {
        "id": line.id, "invoice_id": document.id, "account": _account(one), "subscription_id": line.subscription,
        "type": "charge", "state": "invoiced", "origin": "setup_fee" if line.once else "plan", "plan_id": line.price,
        "plan_code": line.price, "currency": one.currency, "quantity": 1, "subtotal": sign * float(listed),
        "discount": sign * float(line.discount), "tax": sign * float(line.tax),
        "amount": sign * float(line.net + line.tax), "tax_inclusive": one.inclusive, "refund": False,
        "start_date": at(line.start), "end_date": at(line.end), "updated_at": at(document.day, document.version),
    }  # fmt: skip


def _invoice(document: Document, sign: int = 1) -> dict[str, Any]:
    one = document.subscription
    return {
        "id": document.id, "number": document.id, "type": "charge", "origin": "renewal", "account": _account(one),
        "subscription_ids": [one.id], "currency": one.currency, "total": sign * float(document.net + document.tax),
        "tax": sign * float(document.tax), "state": "voided" if document.void else "paid",
        "created_at": at(document.day), "due_at": at(document.day), "has_more_line_items": False,
        "updated_at": at(document.day, document.version), "credit_payments": [],
        "line_items": [_line(document, line, sign) for line in document.lines],
    }  # fmt: skip


def invoice(document: Document) -> Records:
    yield "invoices", _invoice(document)
    if document.credited:
        credit = {"id": f"cr-{document.id}", "number": f"cr-{document.id}", "type": "credit", "origin": "refund",
                  "state": "closed", "created_at": at(document.credited),
                  "updated_at": at(document.credited)}  # fmt: skip
        lines = [
            {**line, "id": f"cr-{line['id']}", "invoice_id": credit["id"], "type": "credit", "refund": True,
             "previous_line_item_id": line["id"], "original_line_item_invoice_id": document.id}
            for line in _invoice(document, -1)["line_items"]
        ]  # fmt: skip
        yield "invoices", {**_invoice(document, -1), **credit, "line_items": lines}


def stale(document: Document) -> Records:
    """The invoice as it was before it was paid."""
    yield "invoices", {**_invoice(document), "state": "pending", "updated_at": at(document.day)}
