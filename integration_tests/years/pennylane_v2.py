"""The year as version 2 of Pennylane's API tells it (https://pennylane.readme.io/reference/getcustomerinvoices).

Ids are numbers, amounts decimals as text. Lines are records of their own, to which the connection adds the id of their
document; the days over which their revenue is spread end with the last one. A credit names its invoice; what counts no
more without one is archived. Subscriptions tell the net amount of an invoice to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "pennylane_v2"
PRORATES, CREDITS = False, True
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, second: int = 0) -> str:
    return f"{day}T00:00:{second:02d}.146343Z"


def _number(name: str) -> int:
    return int.from_bytes(name.encode(), "big") % 10**12


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {
            "id": _number(one.customer), "name": one.customer.upper(), "emails": [], "external_reference": one.customer,
            "billing_address": {"country_alpha2": "FR"}, "ledger_account": {"id": 1}, "updated_at": at(first(1)),
        }  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    now = step or one.steps[0]
    assert now.monthly is not None
    net = now.monthly * one.every * (1 - one.off(day.month))
    yield "billing_subscriptions", {
        "id": _number(one.id), "status": "in_progress" if step else "stopped", "start": str(one.start), "finish": None,
        "stopped_at": None if step else at(day), "customer": {"id": _number(one.customer)},
        "recurring_rule": {"rule_type": "monthly", "interval": one.every},
        "customer_invoice_data": {"label": now.price, "currency": one.currency, "currency_amount_before_tax": str(net)},
        "updated_at": at(day),
    }  # fmt: skip


def _lines(document: Document, owner: int, sign: int = 1) -> Records:
    for line in document.lines:
        yield "customer_invoice_lines", _line(document, line, owner, sign)


def _line(document: Document, line: Line, owner: int, sign: int) -> dict[str, Any]:
    days = {"start_date": str(line.start), "end_date": str(line.end - timedelta(days=1))}
    return {
        "id": _number(f"{line.id}{owner}"), "customer_invoice_id": owner, "label": line.price, "quantity": "1",
        "raw_currency_unit_price": str(line.net + line.discount), "currency_tax": str(sign * line.tax),
        "currency_amount": str(sign * (line.net + line.tax)), "currency_amount_before_tax": str(sign * line.net),
        "discount": {"type": "absolute", "value": str(line.discount)}, "section_rank": None,
        "imputation_dates": None if line.once else days, "updated_at": at(document.day, document.version),
    }  # fmt: skip


def _document(document: Document, number: int, sign: int = 1, **more: Any) -> dict[str, Any]:
    one = document.subscription
    return {
        "id": number, "invoice_number": document.id, "external_reference": f"x-{number}", "draft": False,
        "currency": one.currency, "currency_amount": str(sign * (document.net + document.tax)),
        "currency_amount_before_tax": str(sign * document.net), "currency_tax": str(sign * document.tax),
        "date": str(document.day), "deadline": str(document.day), "paid": True, "status": "paid", "archived_at": None,
        "discount": {"type": "absolute", "value": "0"}, "customer": {"id": _number(one.customer)},
        "billing_subscription": {"id": _number(one.id)}, "credited_invoice": None, "invoice_lines": {"url": "https://x"},
        "updated_at": at(document.credited or document.day, document.version), **more,
    }  # fmt: skip


def invoice(document: Document) -> Records:
    number = _number(document.id)
    gone: dict[str, Any] = {"status": "archived", "archived_at": at(document.day, 1)} if document.void else {}
    settled: dict[str, Any] = {"status": "cancelled"} if document.credited else {}
    yield "customer_invoices", _document(document, number, **gone, **settled)
    yield from _lines(document, number)
    if document.credited:
        credit, day = _number(f"{document.id}-credit"), str(document.credited)
        named = {"credited_invoice": {"id": number}, "status": "credit_note", "date": day, "deadline": day}
        yield "customer_invoices", _document(document, credit, -1, **named)
        yield from _lines(document, credit, -1)


def stale(document: Document) -> Records:
    """The invoice as it was before it was final."""
    for stream, record in invoice(document):
        if stream == "customer_invoices" and record["credited_invoice"] is None:
            yield stream, {**record, "draft": True, "status": "draft", "updated_at": at(document.day)}
