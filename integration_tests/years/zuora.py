"""The year as tables of Zuora's Data Query tell it (https://docs.zuora.com: Invoice, InvoiceItem, Subscription).

Amounts are decimals; a service period ends with its last day; discounts are items of their own; each change of a
subscription is a version with an id of its own, which the items of its time name. Items name no currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "zuora"
PRORATES, CREDITS = True, True
Records = Iterator[tuple[str, dict[str, Any]]]


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:00:00.000+00:00"


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "account", {"id": one.customer, "name": one.customer.upper(), "accountnumber": one.customer,
                          "currency": one.currency, "status": "Active", "updateddate": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(step.price for step in one.steps):
            yield "product", {"id": f"p-{name}", "name": name, "sku": name, "updateddate": at(first(1))}
            yield (
                "productrateplan",
                {"id": f"r-{name}", "productid": f"p-{name}", "name": name, "updateddate": at(first(1))},
            )


def _version(one: Subscription, day: date) -> int:
    return sum(step.day <= day for step in one.steps)


def subscription(one: Subscription, day: date) -> Records:
    newest = _version(one, day)
    for number in range(1, newest + 1):
        step = one.steps[number - 1]
        ended = step.monthly is None
        yield "subscription", {
            "id": f"{one.id}-v{number}", "originalid": f"{one.id}-v1", "name": one.id, "version": number,
            "accountid": one.customer, "islatestversion": number == newest, "currency": one.currency,
            "status": "Expired" if number < newest else "Cancelled" if ended else "Active",
            "subscriptionstartdate": str(one.start), "cancelleddate": str(step.day) if ended else None,
            "subscriptionenddate": None, "autorenew": True, "updateddate": at(day, number),
        }  # fmt: skip


def _items(document: Document, line: Line) -> Records:
    last = str(line.end - timedelta(days=1)) if not line.once else str(line.start)
    version = _version(document.subscription, document.day)
    base = {"invoiceid": document.id, "subscriptionid": f"{line.subscription}-v{version}",
            "chargename": line.price, "quantity": 1, "servicestartdate": str(line.start), "serviceenddate": last,
            "chargetype": "OneTime" if line.once else "Recurring", "productrateplanid": f"r-{line.price}",
            "updateddate": at(document.day, document.version)}  # fmt: skip
    yield "invoiceitem", {**base, "id": line.id, "processingtype": 0, "taxamount": float(line.tax),
                          "chargeamount": float(line.net + line.discount)}  # fmt: skip
    if line.discount:
        yield "invoiceitem", {**base, "id": f"{line.id}-off", "processingtype": 1, "taxamount": 0,
                              "chargeamount": -float(line.discount)}  # fmt: skip


def invoice(document: Document) -> Records:
    one = document.subscription
    yield "invoice", {
        "id": document.id, "accountid": one.customer, "invoicenumber": document.id, "invoicedate": str(document.day),
        "duedate": str(document.day), "amount": float(document.net + document.tax), "balance": 0,
        "amountwithouttax": float(document.net), "taxamount": float(document.tax),
        "status": "Canceled" if document.void else "Posted",
        "updateddate": at(document.credited or document.day, document.version),
    }  # fmt: skip
    for line in document.lines:
        yield from _items(document, line)
    if document.credited:
        yield "creditmemo", {
            "id": f"memo-{document.id}", "memonumber": f"CM-{document.id}", "accountid": one.customer,
            "memodate": str(document.credited), "referredinvoiceid": document.id, "status": "Posted",
            "totalamount": float(document.net + document.tax), "totalamountwithouttax": float(document.net),
            "taxamount": float(document.tax), "updateddate": at(document.credited, 1),
        }  # fmt: skip


def stale(document: Document) -> Records:
    """The document as it was before it was posted."""
    for stream, record in invoice(document):
        if stream == "invoice":
            yield stream, {**record, "status": "Draft", "updateddate": at(document.day)}
