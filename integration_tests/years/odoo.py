"""The year as Odoo's tables tell it (addons/account/models: account_move, account_move_line; sale_subscription).

Ids are numbers; amounts are in the document's currency, and a line's after its discount; an invoice has lines for its
tax and for what is to be paid as well; a period's last day is part of it. Bills and entries are in the same tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from integration_tests.years.company import Document, Line, Subscription, first

SOURCE = "odoo"
PRORATES, CREDITS = True, True
WHOLE = ("res_partner", "res_currency", "res_country", "account_journal")
Records = Iterator[tuple[str, dict[str, Any]]]
CURRENCIES = {"USD": 1, "EUR": 125, "GBP": 142, "JPY": 25, "KWD": 97}
SALES, PURCHASES = 1, 2


def number(name: str) -> int:
    return crc32(name.encode()) % 10**8


def at(day: date, hour: int = 0) -> str:
    return f"{day}T{hour:02d}:00:00.000000"


def partners(one: Subscription) -> Records:
    """The customer, and its contact."""
    main = number(one.customer)
    base = {"commercial_partner_id": main, "country_id": 75, "write_date": at(first(1)), "supplier_rank": 0}
    yield "res_partner", {**base, "id": main, "name": one.customer, "customer_rank": 1, "parent_id": None}
    yield "res_partner", {**base, "id": number(f"{one.customer}-contact"), "name": "Ada", "customer_rank": 0,
                          "parent_id": main}  # fmt: skip


def begin(cast: list[Subscription]) -> Records:
    for one in cast:
        for name in dict.fromkeys(["setup", *(step.price for step in one.steps)]):
            template = number(f"t-{name}")
            yield "product_template", {"id": template, "name": {"en_US": name}, "categ_id": 1, "list_price": 1,
                                       "write_date": at(first(1))}  # fmt: skip
            yield "product_product", {"id": number(name), "product_tmpl_id": template, "default_code": None,
                                      "write_date": at(first(1))}  # fmt: skip


def subscription(one: Subscription, day: date) -> Records:
    """The subscription's orders on a day: the first was renewed by another, which goes on with it."""
    yield from partners(one)
    step = one.step_at(day)
    base = {"is_subscription": True, "start_date": str(one.start), "first_contract_date": str(one.start),
            "currency_id": CURRENCIES[one.currency], "partner_id": number(f"{one.customer}-contact"),
            "partner_invoice_id": 1, "date_order": at(one.start), "write_date": at(day)}  # fmt: skip
    value = None if step is None or step.monthly is None else float(step.monthly * (1 - one.off(day.month)))
    root, renewed = number(one.id), number(f"{one.id}-renewed")
    yield "sale_order", {**base, "id": root, "origin_order_id": None, "subscription_state": "5_renewed"}
    yield "sale_order", {**base, "id": renewed, "origin_order_id": root, "recurring_monthly": value,
                         "subscription_state": "6_churn" if value is None else "3_progress",
                         "end_date": str(day) if value is None else None}  # fmt: skip


def move(told: Document, name: str, day: date, kind: str) -> dict[str, Any]:
    return {
        "id": number(name), "name": name, "move_type": kind, "state": "cancel" if told.void else "posted",
        "payment_state": "reversed" if told.credited else "paid", "invoice_date": str(day), "date": str(day),
        "invoice_date_due": str(day), "currency_id": CURRENCIES[told.subscription.currency],
        "partner_id": number(f"{told.subscription.customer}-contact"), "amount_untaxed": str(told.net),
        "commercial_partner_id": number(told.subscription.customer), "reversed_entry_id": None,
        "write_date": at(told.credited or day, told.version),
    }  # fmt: skip


def lines(told: Document, name: str, state: str) -> Records:
    base = {"move_id": number(name), "journal_id": SALES, "parent_state": state, "product_id": None,
            "currency_id": CURRENCIES[told.subscription.currency],
            "write_date": at(told.day, told.version)}  # fmt: skip
    for line in told.lines:
        yield "account_move_line", {**base, "id": number(f"{name}-{line.id}"), **sold(line)}
    for kind, amount in (("tax", -told.tax), ("payment_term", told.net + told.tax)):
        nothing = {"price_subtotal": None, "price_total": None}
        yield "account_move_line", {**base, **nothing, "id": number(f"{name}-{kind}"), "display_type": kind,
                                    "amount_currency": str(amount)}  # fmt: skip


def sold(line: Line) -> dict[str, Any]:
    full = line.net + line.discount
    period = {} if line.once else {
        "deferred_start_date": str(line.start), "deferred_end_date": str(line.end - timedelta(1)),
        "subscription_id": number(f"{line.subscription}-renewed"),
    }  # fmt: skip
    return {"display_type": "product", "price_subtotal": str(line.net), "price_total": str(line.net + line.tax),
            "discount": str(100 * line.discount / full if full else 0), "quantity": "1.0", "name": line.price,
            "product_id": number(line.price), "amount_currency": str(-line.net), **period}  # fmt: skip


def invoice(told: Document) -> Records:
    state = "cancel" if told.void else "posted"
    yield from lines(told, told.id, state)
    yield "account_move", move(told, told.id, told.day, "out_invoice")
    if told.credited:
        refund = f"refund-{told.id}"
        yield "account_move", {**move(told, refund, told.credited, "out_refund"), "payment_state": "paid",
                               "reversed_entry_id": number(told.id)}  # fmt: skip
        yield from lines(told, refund, state)
    yield "account_move", {**move(told, f"payment-{told.id}", told.day, "entry"), "payment_state": "not_paid"}
    bill = f"bill-{told.id}"
    yield "account_move", move(told, bill, told.day, "in_invoice")
    yield from ((name, {**row, "journal_id": PURCHASES}) for name, row in lines(told, bill, state))
    yield from small_tables()


def small_tables() -> Records:
    for code, identity in CURRENCIES.items():
        yield "res_currency", {"id": identity, "name": code, "symbol": "?", "rounding": 0.01, "decimal_places": 2}
    yield "res_country", {"id": 75, "code": "FR", "name": {"en_US": "France"}, "phone_code": 33, "address_format": ""}
    for identity, kind in ((SALES, "sale"), (PURCHASES, "purchase")):
        yield "account_journal", {"id": identity, "type": kind, "code": kind, "default_account_id": 1}


def stale(told: Document) -> Records:
    """The invoice as it was before it was posted."""
    yield "account_move", {**move(told, told.id, told.day, "out_invoice"), "state": "draft", "write_date": at(told.day)}
