"""The year as version 1 of Pennylane's API tells it (https://pennylane.readme.io/v1.0/reference/customer_invoices-1).

Amounts are decimals as text, of lines with tax and after their discount. The days over which revenue is spread are the
invoice's, their last one included; what is charged once has an invoice of its own. A credit has a record of its own,
which doesn't name its invoice: that one names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "pennylane"
PRORATES, CREDITS = True, True
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, second: int = 0) -> str:
    return f"{day}T00:00:{second:02d}.146343Z"


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", _customer(one)


def _customer(one: Subscription) -> dict[str, Any]:
    return {
        "source_id": one.customer, "name": one.customer.upper(), "customer_type": "company", "emails": [],
        "billing_address": {"country_alpha2": "FR"}, "reg_no": "", "vat_number": "", "updated_at": at(first(1)),
    }  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    """No stream has them."""
    yield from ()


def _line(line: Line, sign: int = 1) -> dict[str, Any]:
    full = line.net + line.discount
    return {
        "id": line.id, "label": line.price, "quantity": "1", "raw_currency_unit_price": str(full),
        "currency_amount": str(sign * (line.net + line.tax)), "currency_tax": str(sign * line.tax),
        "discount": str(line.discount / full * 100 if full else 0), "discount_type": "relative",
    }  # fmt: skip


def _amounts(lines: Sequence[Line], sign: int = 1) -> dict[str, Any]:
    net, tax = (sum((one.net for one in lines), Decimal(0)), sum((one.tax for one in lines), Decimal(0)))
    return {
        "currency_amount": str(sign * (net + tax)), "currency_amount_before_tax": str(sign * net),
        "currency_tax": str(sign * tax), "line_items": [_line(one, sign) for one in lines],
    }  # fmt: skip


def invoice(document: Document) -> Records:
    for mark, once in (("", False), ("-once", True)):
        if lines := [line for line in document.lines if line.once is once]:
            yield from _invoice(document, f"{document.id}{mark}", lines)


def _invoice(document: Document, name: str, lines: Sequence[Line]) -> Records:
    one, spread = document.subscription, not lines[0].once
    days = {"start_date": str(lines[0].start), "end_date": str(lines[0].end - timedelta(days=1))} if spread else None
    credited = {"id": f"{name}-credit", "invoice_number": f"A-{name}", "currency": one.currency, "draft": False}
    record = {
        "id": name, "invoice_number": name, "is_draft": False, "is_estimate": False, "currency": one.currency,
        "date": str(document.day), "deadline": str(document.day), "paid": not document.void, "discount": "0.0",
        "discount_type": "absolute", "customer": _customer(one), "imputation_dates": days, "quote_group_uuid": None,
        "billing_subscription": {"id": one.id}, "updated_at": at(document.credited or document.day, document.version),
        "status": "cancelled" if document.void or document.credited else "paid", "credit_notes": [], **_amounts(lines),
    }  # fmt: skip
    if document.credited:
        back = _amounts(lines, -1)
        credited |= {key: back[key] for key in ("currency_amount", "currency_tax")}
        yield "customer_invoices", {**record, "credit_notes": [credited]}
        yield "customer_invoices", {
            **record, **back, "id": credited["id"], "invoice_number": credited["invoice_number"],
            "status": "credit_note", "date": str(document.credited), "billing_subscription": None,
        }  # fmt: skip
    else:
        yield "customer_invoices", record


def stale(document: Document) -> Records:
    """The invoice as it was before it was final."""
    for stream, record in invoice(document):
        if record["status"] != "credit_note":
            yield stream, {**record, "is_draft": True, "status": "draft", "updated_at": at(document.day)}
