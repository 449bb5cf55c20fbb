"""The year as Lago tells it: https://getlago.com/docs/api-reference/invoices/invoice-object.

Amounts are integers in the currency's minor unit; an invoice's lines are the stream of fees, each with its share of the
coupons; a period ends with its last second. The source has no credit notes, and plans change at renewals.
Customers are billed by the midnight of Paris, which the stream of invoices names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from integration_tests.years.company import DIGITS, Document, Line, Subscription, first

SOURCE = "lago"
CUSTOMERS_ZONE = "Europe/Paris"
PRORATES, CREDITS = False, False
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, seconds: int = 0) -> str:
    """A local midnight, and so many seconds."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(CUSTOMERS_ZONE)).astimezone(UTC)
    return (local + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def cents(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(DIGITS[currency]))


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {"lago_id": f"l-{one.customer}", "external_id": one.customer, "name": one.customer.upper(),
                            "updated_at": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(step.price for step in one.steps):
            monthly = next(step.monthly for step in one.steps if step.price == name and step.monthly)
            yield "plans", {"lago_id": f"l-{name}", "code": name, "name": name, "amount_currency": one.currency,
                            "interval": "yearly" if one.every == 12 else "monthly",
                            "amount_cents": cents(monthly * one.every, one.currency)}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    step = one.step_at(day)
    now = step or one.steps[0]
    yield "subscriptions", {
        "lago_id": f"l-{one.id}", "external_id": one.id, "external_customer_id": one.customer, "plan_code": now.price,
        "status": "active" if step else "terminated", "terminated_at": None if step else at(day),
        "started_at": at(now.day), "subscription_at": at(one.start), "plan_amount_currency": one.currency,
    }  # fmt: skip


def _fee(document: Document, line: Line) -> dict[str, Any]:
    one = document.subscription
    kind = {"type": "add_on" if line.once else "subscription", "code": line.price, "name": line.price}
    return {
        "lago_id": line.id, "lago_invoice_id": document.id, "external_subscription_id": line.subscription,
        "external_customer_id": one.customer, "item": kind, "amount_currency": one.currency, "units": "1.0",
        "amount_cents": cents(line.net + line.discount, one.currency),
        "precise_coupons_amount_cents": f"{line.discount.scaleb(DIGITS[one.currency])}",
        "taxes_amount_cents": cents(line.tax, one.currency), "from_date": at(line.start),
        "to_date": at(line.end, -1), "created_at": at(document.day),
    }  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    net, off = document.net, sum((line.discount for line in document.lines), Decimal(0))
    yield "invoices", {
        "lago_id": document.id, "number": document.id, "issuing_date": str(document.day), "currency": one.currency,
        "payment_due_date": str(document.day), "invoice_type": "subscription", "payment_status": "succeeded",
        "status": "voided" if document.void else "finalized", "fees_amount_cents": cents(net + off, one.currency),
        "coupons_amount_cents": cents(off, one.currency), "progressive_billing_credit_amount_cents": 0,
        "credit_notes_amount_cents": 0, "prepaid_credit_amount_cents": 0,
        "sub_total_excluding_taxes_amount_cents": cents(net, one.currency),
        "taxes_amount_cents": cents(document.tax, one.currency), "updated_at": at(document.day, document.version),
        "customer": {"external_id": one.customer, "name": one.customer.upper(), "applicable_timezone": CUSTOMERS_ZONE},
    }  # fmt: skip
    for line in document.lines:
        yield "fees", _fee(document, line)


def stale(document: Document) -> Records:
    """Each sync reads all that there is, so nothing older comes."""
    yield from ()
