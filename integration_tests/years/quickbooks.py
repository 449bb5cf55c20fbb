"""The year as QuickBooks Online's API tells it (https://developer.intuit.com: Invoice, CreditMemo, Customer, Item).

It is accounting: there are no subscriptions, and lines have no period. Amounts are decimals, a line's without tax; a
discount is a line of the whole document; the tax is its total. A void document is one of nothing, with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from integration_tests.years.company import NOTHING, Document, Line, Subscription, first

SOURCE = "quickbooks"
PRORATES, CREDITS, RECURS = True, True, False
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:30:00-08:00"


def meta(day: date, hour: int = 0) -> dict[str, Any]:
    changed = at(day, hour)
    return {"MetaData": {"CreateTime": at(first(1)), "LastUpdatedTime": changed}, "airbyte_cursor": changed,
            "SyncToken": str(hour), "domain": "QBO"}  # fmt: skip


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customers", {"Id": one.customer, "DisplayName": one.customer.upper(), "Active": True,
                            "FullyQualifiedName": one.customer.upper(), **meta(first(1))}  # fmt: skip
        for name in dict.fromkeys(["setup", *(step.price for step in one.steps)]):
            yield "items", {"Id": f"i-{name}", "Name": name, "FullyQualifiedName": name, "Type": "Service",
                            "IncomeAccountRef": {"value": "1"}, **meta(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    yield from ()


def sold(told: Document, line: Line, number: int) -> dict[str, Any]:
    """A line, before the document's discount; where prices include tax, it says what it is with it."""
    full = NOTHING if told.void else line.net + line.discount
    detail = {"ItemRef": {"value": f"i-{line.price}", "name": line.price}, "Qty": 1, "TaxCodeRef": {"value": "TAX"}}
    if told.subscription.inclusive:
        detail["TaxInclusiveAmt"] = float(full * (1 + Decimal(told.subscription.tax) / 100))
    return {"Id": str(number), "LineNum": number, "Description": line.price, "Amount": float(full),
            "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}  # fmt: skip


def document(told: Document, name: str, day: date) -> dict[str, Any]:
    one, nothing = told.subscription, told.void
    lines = [sold(told, line, number) for number, line in enumerate(told.lines, 1)]
    off = sum((line.discount for line in told.lines), NOTHING)
    if off and not nothing:
        gross = off * (1 + Decimal(one.tax) / 100) if one.inclusive else off
        lines.append({"Amount": float(gross), "DetailType": "DiscountLineDetail",
                      "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": one.discount}})  # fmt: skip
    total = NOTHING if nothing else told.net + told.tax
    lines.append({"Amount": float(total), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    return {
        "Id": name, "DocNumber": name, "TxnDate": str(day), "DueDate": str(day), "Line": lines,
        "CustomerRef": {"value": one.customer, "name": one.customer.upper()}, "CurrencyRef": {"value": one.currency},
        "TotalAmt": float(total), "TxnTaxDetail": {"TotalTax": 0 if nothing else float(told.tax)},
        "GlobalTaxCalculation": "TaxInclusive" if one.inclusive else "TaxExcluded",
        **({"PrivateNote": "Voided - by hand"} if nothing else {}),
        **meta(told.credited or told.day, told.version),
    }  # fmt: skip


def invoice(told: Document) -> Records:
    yield "invoices", {**document(told, told.id, told.day), "Balance": 0}
    if told.credited:
        yield "credit_memos", {**document(told, f"memo-{told.id}", told.credited), "RemainingCredit": 0,
                               "InvoiceRef": {"value": told.id}}  # fmt: skip


def stale(told: Document) -> Records:
    """The invoice as it was before it was paid."""
    old = {**document(told, told.id, told.day), "Balance": float(told.net + told.tax), **meta(told.day)}
    yield "invoices", old
