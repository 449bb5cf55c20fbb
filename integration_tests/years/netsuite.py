"""The year as records of NetSuite's SuiteTalk REST tell it (the REST API browser: invoice, creditMemo, customer).

Amounts are positive decimals in the document's currency, of which the record knows a number and a name; lines are
before their discount, which is a row below the line; a period's last day is part of it; there are no subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "netsuite"
PRORATES, CREDITS = True, True
WHOLE = ("currency",)
Records = Iterator[tuple[str, dict[str, Any]]]
CURRENCIES = {"USD": ("1", "US Dollar"), "GBP": ("2", "British pound"), "EUR": ("4", "Euro"), "JPY": ("5", "Yen"),
              "KWD": ("6", "Dinar")}  # fmt: skip


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:00:00Z"


def ref(identity: str, name: str) -> dict[str, Any]:
    return {"id": identity, "refName": name, "links": []}


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customer", {"id": one.customer, "entityId": one.customer, "companyName": one.customer.upper(),
                           "links": [], "addressBook": {"items": []}, "currencyList": {"items": []},
                           "searchStage": "Customer", "lastModifiedDate": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(["setup", *(step.price for step in one.steps)]):
            yield "servicesaleitem", {"id": f"i-{name}", "itemId": name, "displayName": name, "incomeAccount": {},
                                      "links": [], "lastModifiedDate": at(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    yield from ()


def rows(line: Line, number: int) -> Iterator[dict[str, Any]]:
    """A line, and its discount below it."""
    dates = {} if line.once else {"revRecStartDate": str(line.start), "revRecEndDate": str(line.end - timedelta(1))}
    yield {"line": number, "lineUniqueKey": line.id, "item": ref(f"i-{line.price}", line.price), "quantity": 1,
           "amount": float(line.net + line.discount), "itemType": {"id": "Service"}, "tax1Amt": float(line.tax),
           **dates}  # fmt: skip
    if line.discount:
        yield {"line": number + 1, "lineUniqueKey": f"{line.id}-off", "amount": -float(line.discount),
               "itemType": {"id": "Discount"}}  # fmt: skip


def document(told: Document, number: str, day: date, status: str) -> dict[str, Any]:
    currency = CURRENCIES[told.subscription.currency]
    items = [row for place, line in enumerate(told.lines) for row in rows(line, place * 2 + 1)]
    return {
        "id": number, "tranId": f"N-{number}", "entity": ref(told.subscription.customer, told.subscription.customer),
        "tranDate": str(day), "dueDate": str(day), "currency": ref(*currency), "status": {"id": status},
        "total": float(told.net + told.tax), "taxTotal": float(told.tax), "discountTotal": 0, "links": [],
        "item": {"items": items}, "lastModifiedDate": at(told.credited or told.day, told.version),
    }  # fmt: skip


def money(told: Document) -> Records:
    """All currencies come with every sync."""
    for code, (number, name) in CURRENCIES.items():
        yield "currency", {"id": number, "name": name, "symbol": code, "displaySymbol": code, "links": [],
                           "currencyPrecision": 2, "isBaseCurrency": code == "USD"}  # fmt: skip


def invoice(told: Document) -> Records:
    yield "invoice", {**document(told, told.id, told.day, "V" if told.void else "B"), "amountRemaining": 0}
    if told.credited:
        applied = {"doc": ref(told.id, told.id), "apply": True, "amount": float(told.net + told.tax), "type": "Invoice",
                   "applyDate": str(told.day)}  # fmt: skip
        possible = {"doc": ref("other", "other"), "apply": False, "amount": 0, "due": 5, "type": "Invoice"}
        yield "creditmemo", {**document(told, f"memo-{told.id}", told.credited, "B"), "unapplied": 0,
                             "apply": {"items": [possible, applied]}}  # fmt: skip
    yield from money(told)


def stale(told: Document) -> Records:
    """The invoice as it was before it was approved."""
    yield "invoice", {**document(told, told.id, told.day, "D"), "lastModifiedDate": at(told.day)}
