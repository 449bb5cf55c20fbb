"""The year as NetSuite's tables tell it (SuiteQL: transaction, transactionLine, NextTransactionLineLink, currency).

Rows of an invoice's ledger are negative where something was sold, and positive in a credit memo; tax and discounts have
rows of their own. Ids are numbers, flags the letters T and F, times have no zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "netsuite_tables"
PRORATES, CREDITS = True, True
WHOLE = ("transactionline", "nexttransactionlinelink", "currency")
Records = Iterator[tuple[str, dict[str, Any]]]
CURRENCIES = {"USD": 1, "GBP": 2, "EUR": 4, "JPY": 5, "KWD": 6}


def at(day: date, hour: int = 0) -> str:
    return f"{day} {hour:02d}:00:00"


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        yield "customer", {"id": one.customer, "entityid": one.customer, "altname": one.customer.upper(),
                           "defaultbillingaddress": None, "defaultshippingaddress": None, "searchstage": "Customer",
                           "lastmodifieddate": at(first(1))}  # fmt: skip
        for name in dict.fromkeys(["setup", *(step.price for step in one.steps)]):
            yield "item", {"id": f"i-{name}", "fullname": name, "itemtype": "Service", "incomeaccount": 1,
                           "deferralaccount": 2, "lastmodifieddate": at(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    yield from ()


def rows(told: Document, number: str, sign: int) -> Records:
    """The ledger of an invoice (sign -1) or a credit memo (1): its total first."""
    base = {"transaction": number, "mainline": "F", "taxline": "F", "iscogs": "F", "transactiondiscount": "F"}
    place = 0

    def row(key: str, amount: Any, **others: Any) -> tuple[str, dict[str, Any]]:
        nonlocal place
        place += 1
        return "transactionline", {**base, "id": place, "uniquekey": key, "linesequencenumber": place,
                                   "foreignamount": str(amount), **others}  # fmt: skip

    yield row(f"{number}-total", -sign * (told.net + told.tax), mainline="T")
    for line in told.lines:
        yield from goods(row, line, sign)
    if told.tax:
        yield row(f"{number}-tax", sign * told.tax, taxline="T", itemtype="TaxItem")
    yield row(f"{number}-cost", 7, iscogs="T", itemtype="InvtPart")


def goods(row: Any, line: Line, sign: int) -> Records:
    dates = {} if line.once else {
        "custcol_iw_rr_start_date": at(line.start), "custcol_iw_rr_end_date": at(line.end - timedelta(1))
    }  # fmt: skip
    key = line.id if sign < 0 else f"credit-{line.id}"
    yield row(
        key, sign * (line.net + line.discount), item=f"i-{line.price}", itemtype="Service", quantity=sign, **dates
    )
    if line.discount:
        yield row(f"{key}-off", -sign * line.discount, itemtype="Discount")


def header(told: Document, number: str, day: date, kind: str, status: str) -> tuple[str, dict[str, Any]]:
    return "transaction", {
        "id": number, "tranid": f"N-{number}", "transactionnumber": number, "type": kind, "status": status,
        "entity": told.subscription.customer, "trandate": at(day), "duedate": at(day), "postingperiod": 1,
        "currency": CURRENCIES[told.subscription.currency], "lastmodifieddate": at(told.credited or day, told.version),
    }  # fmt: skip


def invoice(told: Document) -> Records:
    # The rows come before the transaction that needs them, or after it.
    yield header(told, told.id, told.day, "CustInvc", "V" if told.void else "B")
    yield from rows(told, told.id, -1)
    if told.credited:
        memo = f"memo-{told.id}"
        yield from rows(told, memo, 1)
        yield header(told, memo, told.credited, "CustCred", "B")
        yield "nexttransactionlinelink", {
            "previousdoc": told.id, "previousline": 0, "previoustype": "CustInvc", "nextdoc": memo, "nextline": 0,
            "nexttype": "CustCred", "linktype": "Payment", "foreignamount": str(told.net + told.tax),
        }  # fmt: skip
    yield header(told, f"order-{told.id}", told.day, "SalesOrd", "G")
    yield from rows(told, f"order-{told.id}", -1)
    for code, number in CURRENCIES.items():
        yield "currency", {"id": number, "symbol": code, "displaysymbol": "?", "currencyprecision": 2,
                           "isbasecurrency": "F"}  # fmt: skip


def stale(told: Document) -> Records:
    """The invoice as it was before it was approved."""
    name, values = header(told, told.id, told.day, "CustInvc", "D")
    yield name, {**values, "lastmodifieddate": at(told.day)}
