"""The year as Xero's Accounting API tells it (https://developer.xero.com: Invoices, Credit Notes, Repeating Invoices).

It is accounting: lines have no period. Amounts are decimals; where an invoice's are `Inclusive`, a line's is with tax;
a line's is after its discount. Sales (ACCREC) and bills (ACCPAY) are on one stream; dates are midnights in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "xero"
PRORATES, CREDITS, RECURS = True, True, False
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:00:00+00:00"


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "contacts", {"ContactID": one.customer, "Name": one.customer.upper(), "ContactStatus": "ACTIVE",
                           "IsCustomer": True, "IsSupplier": False, "EmailAddress": "",
                           "UpdatedDateUTC": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(["setup", *(step.price for step in one.steps)]):
            yield "items", {"ItemID": f"i-{name}", "Code": name, "Name": name, "SalesDetails": {},
                            "IsTrackedAsInventory": False, "UpdatedDateUTC": at(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    yield from ()


def sold(line: Line, *, inclusive: bool) -> dict[str, Any]:
    share = (line.net + line.tax) / line.net if inclusive and line.net else 1
    full = line.net + line.discount
    return {
        "LineItemID": line.id, "Description": line.price, "ItemCode": line.price, "Quantity": 1,
        "Item": {"ItemID": f"i-{line.price}", "Code": line.price, "Name": line.price},
        "UnitAmount": float(full * share), "LineAmount": float(line.net * share), "TaxAmount": float(line.tax),
        "DiscountRate": float(100 * line.discount / full) if full else 0,
    }  # fmt: skip


def document(told: Document, day: date, status: str) -> dict[str, Any]:
    one = told.subscription
    return {
        "Contact": {"ContactID": one.customer, "Name": one.customer.upper()}, "Date": at(day), "DueDate": at(day),
        "Status": status, "LineAmountTypes": "Inclusive" if one.inclusive else "Exclusive",
        "LineItems": [sold(line, inclusive=one.inclusive) for line in told.lines], "CurrencyCode": one.currency,
        "SubTotal": float(told.net), "TotalTax": float(told.tax), "Total": float(told.net + told.tax),
        "UpdatedDateUTC": at(told.credited or told.day, told.version),
    }  # fmt: skip


def bill(told: Document) -> dict[str, Any]:
    """What a supplier asks for: of the same shape, and nothing that the company earns."""
    lines = [{**sold(line, inclusive=False), "LineItemID": f"bill-{line.id}"} for line in told.lines]
    return {**document(told, told.day, "PAID"), "Type": "ACCPAY", "InvoiceID": f"bill-{told.id}", "LineItems": lines}


def invoice(told: Document) -> Records:
    base = {"Type": "ACCREC", "InvoiceID": told.id, "InvoiceNumber": told.id, "AmountDue": 0}
    yield "invoices", {**document(told, told.day, "VOIDED" if told.void else "PAID"), **base}
    yield "invoices", {**bill(told), "AmountDue": 0}
    if told.credited:
        applied = {"Amount": float(told.net + told.tax), "Date": at(told.credited), "Invoice": {"InvoiceID": told.id}}
        lines = [{**sold(line, inclusive=False), "LineItemID": f"credit-{line.id}"} for line in told.lines]
        yield "credit_notes", {
            **document(told, told.credited, "PAID"), "Type": "ACCRECCREDIT", "CreditNoteID": f"note-{told.id}",
            "CreditNoteNumber": f"note-{told.id}", "RemainingCredit": 0, "LineItems": lines, "Allocations": [applied],
        }  # fmt: skip


def stale(told: Document) -> Records:
    """The invoice as it was before it was approved."""
    yield "invoices", {**document(told, told.day, "DRAFT"), "Type": "ACCREC", "InvoiceID": told.id,
                       "InvoiceNumber": told.id, "AmountDue": 1, "UpdatedDateUTC": at(told.day)}  # fmt: skip
