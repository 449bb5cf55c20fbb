"""The Invoiced preset: own records in the shape of Invoiced's API, the payloads field by field (sources.md, 12)."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

# 2024-01-01, 2024-02-01 and 2024-03-01, midnight UTC, and a day in 2100.
JAN, FEB, MAR, FAR = 1704067200, 1706745600, 1709251200, 4102444800

ALL = ("customers", "items", "plans", "subscriptions", "invoices", "credit_notes")
MAPPERS = {name: mapper_for(name, *(other for other in ALL if other != name), source="invoiced") for name in ALL}


def mapped(stream: str, record: dict[str, Any]) -> Payloads:
    return payloads(MAPPERS[stream], record)


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": 101,
        "object": "customer",
        "number": "CUST-1",
        "name": "Acme SAS",
        "email": "billing@acme.test",
        "country": "FR",
        "postal_code": "69001",
        "parent_customer": 100,
        "metadata": {"segment": "smb"},
        "updated_at": FEB,
        **changes,
    }


CUSTOMER = {
    "id": "101",
    "root_parent_id": "100",
    "name": "Acme SAS",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"segment": "smb"},
}


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pro-month",
        "object": "plan",
        "name": "Pro",
        "catalog_item": "pro",
        "currency": "eur",
        "amount": 49.9,
        "interval": "month",
        "interval_count": 1,
        "pricing_mode": "per_unit",
        "quantity_type": "constant",
        "metadata": {"tier": "b"},
        "updated_at": JAN,
        **changes,
    }


PLAN = {
    "id": "pro-month",
    "product_id": "pro",
    "name": "Pro",
    "interval": "month",
    "interval_count": 1,
    "amount": 49.9,
    "currency": "EUR",
    "custom_properties": {"tier": "b"},
}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": 201,
        "object": "subscription",
        "customer": 101,
        "plan": "pro-month",
        "quantity": 2,
        "addons": [],
        "status": "active",
        "paused": False,
        "start_date": JAN,
        "period_start": FEB,
        "period_end": MAR,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "recurring_total": 119.76,
        "mrr": 99.8,
        "metadata": {"crm": "7"},
        "created_at": JAN,
        "updated_at": FEB,
        **changes,
    }


SUBSCRIPTION = {
    "id": "201",
    "customer_id": "101",
    "plan_id": "pro-month",
    "status": "active",
    "start_date": "2024-01-01T00:00:00Z",
    "monthly_value": 99.8,
    "custom_properties": {"crm": "7"},
}


def amount(value: float) -> dict[str, Any]:
    return {"id": 1, "amount": value}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": 401,
        "object": "line_item",
        "type": "plan",
        "name": "Pro",
        "description": "2 seats",
        "plan": "pro-month",
        "subscription": 201,
        "quantity": 2,
        "unit_cost": 50,
        "amount": 100,
        "discountable": True,
        "discounts": [amount(10)],
        "taxable": True,
        "taxes": [],
        "period_start": FEB,
        "period_end": MAR,
        "metadata": {},
        **changes,
    }


SET_UP = line(
    id=402,
    type="service",
    name="Set-up",
    plan=None,
    subscription=None,
    quantity=1,
    amount=60,
    discounts=[],
    taxes=[amount(3)],
    period_start=None,
    period_end=None,
)


def invoice(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Lines of 90 and 60, 15 off the document (9 and 6), tax of 27 on it (16.20 and 10.80) and of 3 on a line."""
    return {
        "id": 301,
        "object": "invoice",
        "customer": 101,
        "subscription": 201,
        "subscription_id": 201,
        "number": "INV-1",
        "currency": "eur",
        "date": FEB,
        "due_date": FAR,
        "draft": False,
        "closed": False,
        "paid": False,
        "status": "sent",
        "items": list(items) or [line(), SET_UP],
        "subtotal": 160,
        "discounts": [amount(15)],
        "taxes": [amount(27)],
        "shipping": [],
        "total": 165,
        "balance": 165,
        "metadata": {"order": "PO-7"},
        "updated_at": MAR,
        **changes,
    }


INVOICE = {
    "id": "301",
    "customer_id": "101",
    "subscription_id": "201",
    "number": "INV-1",
    "date": "2024-02-01T00:00:00Z",
    "due_date": "2100-01-01T00:00:00Z",
    "status": "open",
    "currency": "EUR",
    "amount": 135,
    "custom_properties": {"order": "PO-7"},
}
LINE = {
    "id": "401",
    "invoice_id": "301",
    "subscription_id": "201",
    "price_id": "pro-month",
    "type": "subscription",
    "description": "Pro",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 81,
    "tax_amount": 16.2,
    "discount_amount": 19,
    "quantity": 2,
    "period_start": "2024-02-01T00:00:00Z",
    "period_end": "2024-03-01T00:00:00Z",
}
SET_UP_LINE = {
    "id": "402",
    "invoice_id": "301",
    "subscription_id": "201",
    "type": "one_off",
    "description": "Set-up",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 54,
    "tax_amount": 13.8,
    "discount_amount": 6,
    "quantity": 1,
}


def credit_note(**changes: Any) -> dict[str, Any]:
    record = without(invoice(), "subscription", "subscription_id", "due_date")
    return {**record, "id": 501, "object": "credit_note", "invoice": 301, "status": "open", "metadata": {}, **changes}


CREDIT_NOTE = {
    "id": "501",
    "invoice_id": "301",
    "customer_id": "101",
    "date": "2024-02-01T00:00:00Z",
    "status": "issued",
    "currency": "EUR",
    "amount": 135,
    "lines": [
        {"id": "401", "amount": 100, "discount_amount": 19},
        {"id": "402", "amount": 60, "discount_amount": 6},
    ],
}


# --- customers, items, plans


def test_customer() -> None:
    found = mapped("customers", customer())
    assert found.only("customers") == CUSTOMER
    assert found.versions == [FEB]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": None}, "CUST-1"),
        ({"name": "", "number": None}, "billing@acme.test"),
        ({"name": None, "number": None, "email": None}, "101"),
    ],
)
def test_customer_without_a_name_takes_the_next_best(changes: dict[str, Any], name: str) -> None:
    assert mapped("customers", customer(**changes)).only("customers")["name"] == name


def test_customer_without_a_parent() -> None:
    assert mapped("customers", customer(parent_customer=None)).only("customers") == without(CUSTOMER, "root_parent_id")


def test_item() -> None:
    record = {"id": "pro", "name": "Pro", "unit_cost": 10, "metadata": {"line": "a"}, "updated_at": JAN}
    assert mapped("items", record).versions == [JAN]
    assert mapped("items", record).only("products") == {
        "id": "pro",
        "name": "Pro",
        "custom_properties": {"line": "a"},
    }
    assert mapped("items", {**record, "name": None}).only("products")["name"] == "pro"


def test_plan() -> None:
    found = mapped("plans", plan())
    assert found.only("plans") == PLAN
    assert found.stubs == {"products": [{"id": "pro", "name": "pro"}]}
    assert found.versions == [JAN]
    assert mapped("plans", plan(catalog_item=None, item="pro")).only("plans") == PLAN


def test_a_plan_without_an_item_is_a_product_of_its_own() -> None:
    found = mapped("plans", plan(catalog_item=None))
    assert found.sent == {
        "products": [{"id": "plan-pro-month", "name": "Pro"}],
        "plans": [{**PLAN, "product_id": "plan-pro-month"}],
    }
    assert found.stubs == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interval": "year", "interval_count": 2}, {"interval": "year", "interval_count": 2}),
        ({"currency": "kwd", "amount": 1.234}, {"currency": "KWD", "amount": 1.234}),
        ({"name": None}, {"name": "pro-month"}),
    ],
)
def test_a_plans_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("plans", plan(**changes)).only("plans") == {**PLAN, **expected}


@pytest.mark.parametrize("mode", ["volume", "tiered", "custom"])
def test_a_plan_whose_price_depends_has_no_amount(mode: str) -> None:
    assert mapped("plans", plan(pricing_mode=mode)).only("plans") == without(PLAN, "amount")


# --- subscriptions


def test_subscription() -> None:
    found = mapped("subscriptions", subscription())
    assert found.only("subscriptions") == SUBSCRIPTION
    assert found.versions == [FEB]
    assert found.stubs == {
        "products": [{"id": "plan-pro-month", "name": "pro-month"}],
        "plans": [{"id": "pro-month", "product_id": "plan-pro-month", "name": "pro-month"}],
    }


def test_a_subscription_or_a_line_without_a_plan_makes_no_plan() -> None:
    assert mapped("subscriptions", subscription(plan=None)).stubs == {}
    assert mapped("invoices", invoice(SET_UP)).stubs.keys() == {"subscriptions"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("not_started", "future"),
        ("trialing", "trialing"),
        ("active", "active"),
        ("past_due", "past_due"),
        ("pending_renewal", "active"),
        ("paused", "paused"),
        ("canceled", "canceled"),
    ],
)
def test_a_subscriptions_status(status: str, expected: str) -> None:
    assert mapped("subscriptions", subscription(status=status)).only("subscriptions")["status"] == expected


def test_an_unknown_status_of_a_subscription_is_rejected() -> None:
    found = mapped("subscriptions", subscription(status="frozen"))
    assert (found.sent, [fault[3] for fault in found.faults]) == ({}, ["unknown_value"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paused": True}, {"status": "paused"}),
        ({"paused": True, "status": "past_due"}, {"status": "past_due"}),
        ({"start_date": None, "created_at": FEB}, {"start_date": "2024-02-01T00:00:00Z"}),
        ({"cancel_at_period_end": True}, {"end_date": "2024-03-01T00:00:00Z"}),
        (
            {"status": "canceled", "canceled_at": FEB},
            {"status": "canceled", "canceled_at": "2024-02-01T00:00:00Z", "end_date": "2024-02-01T00:00:00Z"},
        ),
        ({"status": "finished"}, {"status": "canceled", "end_date": "2024-03-01T00:00:00Z"}),
        ({"plan": {"id": "pro-month"}, "customer": {"id": 101}}, {}),
    ],
)
def test_a_subscriptions_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("subscriptions", subscription(**changes)).only("subscriptions") == {**SUBSCRIPTION, **expected}


# --- invoices


def test_invoice() -> None:
    found = mapped("invoices", invoice())
    assert found.sent == {"invoices": [INVOICE], "invoice_lines": [LINE, SET_UP_LINE]}
    assert found.faults == []
    assert found.versions == [MAR] * 3
    ended = {"id": "201", "customer_id": "101", "status": "canceled", "start_date": "2024-02-01T00:00:00Z"}
    assert found.stubs == {
        "subscriptions": [{**ended, "currency": "EUR"}, {**ended, "plan_id": "pro-month", "currency": "EUR"}],
        "products": [{"id": "plan-pro-month", "name": "Pro"}],
        "plans": [{"id": "pro-month", "product_id": "plan-pro-month", "name": "Pro", "currency": "EUR"}],
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "not_sent"}, "open"),
        ({"status": "sent"}, "open"),
        ({"status": "viewed"}, "open"),
        ({"status": "pending"}, "open"),
        ({"status": "past_due"}, "unpaid"),
        ({"status": "bad_debt"}, "unpaid"),
        ({"status": "paid", "paid": True}, "paid"),
        ({"status": "paid", "closed": True, "due_date": JAN}, "paid"),
        ({"closed": True}, "unpaid"),
        ({"due_date": int(time.time()) - 86400}, "unpaid"),
        ({"due_date": None}, "open"),
    ],
)
def test_an_invoices_status(changes: dict[str, Any], expected: str) -> None:
    assert mapped("invoices", invoice(**changes)).sent["invoices"][0]["status"] == expected


def test_an_unknown_status_of_an_invoice_is_rejected() -> None:
    assert mapped("invoices", invoice(status="disputed")).faults == [("invoices", 301, "status", "unknown_value")]


NOT_SENT = [
    ({"status": "draft"}, "draft"),
    ({"draft": True}, "draft"),
    ({"status": "voided"}, "void"),
    ({"voided": True}, "void"),
]


@pytest.mark.parametrize(("changes", "reason"), NOT_SENT)
def test_a_draft_or_a_void_invoice_is_skipped_with_its_lines(changes: dict[str, Any], reason: str) -> None:
    found = mapped("invoices", invoice(**changes))
    assert (found.sent, found.faults, found.skipped) == ({}, [], [("invoices", 301, reason)])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"due_date": None}, {"due_date": "2024-02-01T00:00:00Z"}),
        ({"subscription": None}, {}),
        ({"subscription": {"id": 201}, "customer": {"id": 101}}, {}),
        ({"subscription": None, "subscription_id": None}, {"subscription_id": None}),
        # Binary noise of a float.
        ({"total": 165.00000000000003}, {}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**INVOICE, **expected}.items() if value is not None}
    assert mapped("invoices", invoice(**changes)).sent["invoices"] == [body]


def nets(found: Payloads) -> list[Decimal]:
    return [Decimal(str(body["amount_excluding_tax_after_discount"])) for body in found.sent["invoice_lines"]]


def test_what_is_not_discountable_bears_nothing_of_the_documents_discount() -> None:
    found = mapped("invoices", invoice(line(discountable=False), SET_UP))
    assert nets(found) == [Decimal(90), Decimal(45)]


def test_what_is_not_taxable_bears_nothing_of_the_documents_tax() -> None:
    found = mapped("invoices", invoice(line(taxable=False), SET_UP))
    assert [body["tax_amount"] for body in found.sent["invoice_lines"]] == [0, 30]


def test_taxes_that_prices_include_are_taken_out_of_the_lines() -> None:
    # Prices of 120 and 60 with 20 % in them: 30 tax in 180.
    record = invoice(
        line(amount=120, discounts=[]),
        line(id=402, amount=60, discounts=[]),
        subtotal=180,
        discounts=[],
        taxes=[{**amount(30), "tax_rate": {"inclusive": True}}],
        total=180,
    )
    found = mapped("invoices", record)
    assert (found.sent["invoices"][0]["amount"], nets(found)) == (150, [Decimal(100), Decimal(50)])


def test_shipping_is_no_part_of_any_line() -> None:
    found = mapped("invoices", invoice(shipping=[amount(12)], total=177))
    assert (found.sent["invoices"][0]["amount"], nets(found)) == (147, [Decimal(81), Decimal(54)])


@pytest.mark.parametrize(("code", "share"), [("jpy", ["33", "33", "34"]), ("eur", ["33.33", "33.33", "33.34"])])
def test_a_spread_discount_has_the_decimals_of_its_currency(code: str, share: list[str]) -> None:
    items = [line(id=number, amount=1000, discounts=[]) for number in (1, 2, 3)]
    found = mapped("invoices", invoice(*items, currency=code, discounts=[amount(100)], taxes=[], total=2900))
    assert sorted(Decimal(1000) - net for net in nets(found)) == [Decimal(part) for part in share]


cents = st.integers(1, 10**6).map(lambda value: Decimal(value) / 100)


@given(
    st.lists(st.tuples(cents, st.integers(0, 100), st.booleans(), st.booleans()), min_size=1, max_size=8),
    cents,
    cents,
    st.booleans(),
)
def test_the_nets_of_the_lines_add_up_to_the_invoices_amount(
    parts: list[tuple[Decimal, int, bool, bool]], off: Decimal, tax: Decimal, inclusive: bool
) -> None:
    items = [
        line(
            id=number,
            amount=float(value),
            discounts=[amount(float((value * rate / 100).quantize(Decimal("0.01"))))],
            discountable=discountable,
            taxable=taxable,
        )
        for number, (value, rate, discountable, taxable) in enumerate(parts)
    ]
    own = sum(
        (Decimal(str(item["amount"])) - Decimal(str(item["discounts"][0]["amount"])) for item in items), Decimal(0)
    )
    total = own - off + (0 if inclusive else tax)
    record = invoice(*items, discounts=[amount(float(off))], taxes=[amount(float(tax))], total=float(total))
    found = mapped("invoices", record)
    assert found.faults == []
    assert sum(nets(found), Decimal(0)) == Decimal(str(found.sent["invoices"][0]["amount"])) == total - tax


def test_a_line_of_a_subscription_without_a_plan_is_recurring() -> None:
    found = mapped("invoices", invoice(line(plan=None)))
    assert found.sent["invoice_lines"][0]["type"] == "subscription"
    assert "price_id" not in found.sent["invoice_lines"][0]


@pytest.mark.parametrize("changes", [{"period_start": None}, {"period_end": FEB}, {"plan": None, "subscription": None}])
def test_a_line_without_a_period_or_a_plan_is_one_off(changes: dict[str, Any]) -> None:
    (body,) = mapped("invoices", invoice(line(**changes))).sent["invoice_lines"]
    assert body["type"] == "one_off"
    assert not {"price_id", "period_start", "period_end"} & body.keys()


def test_a_line_without_a_name_has_its_description() -> None:
    found = mapped("invoices", invoice(line(name=None)))
    assert found.sent["invoice_lines"][0]["description"] == "2 seats"
    assert found.stubs["plans"][0]["name"] == "pro-month"


def test_without_the_stream_subscriptions_nothing_refers_to_one() -> None:
    found = payloads(mapper_for("invoices", source="invoiced"), invoice())
    assert found.sent == {
        "invoices": [without(INVOICE, "subscription_id")],
        "invoice_lines": [without(LINE, "subscription_id"), without(SET_UP_LINE, "subscription_id")],
    }
    assert "subscriptions" not in found.stubs


def test_a_stub_of_a_subscription_begins_with_the_document_if_no_line_has_a_period() -> None:
    found = mapped("invoices", invoice(SET_UP))
    assert [stub["start_date"] for stub in found.stubs["subscriptions"]] == ["2024-02-01T00:00:00Z"]
    late = mapped("invoices", invoice(line(period_start=JAN)))
    assert [stub["start_date"] for stub in late.stubs["subscriptions"]] == ["2024-01-01T00:00:00Z"] * 2
    without_period = mapped("invoices", invoice(line(period_start=None)))
    assert [stub["start_date"] for stub in without_period.stubs["subscriptions"]] == ["2024-02-01T00:00:00Z"] * 2


@pytest.mark.parametrize("column", ["taxes", "items", "total"])
def test_without_a_column_that_it_is_computed_from_there_is_no_amount(column: str) -> None:
    found = mapped("invoices", without(invoice(), column))
    assert (found.faults, "amount" in found.sent["invoices"][0]) == ([], False)


def test_without_the_currency_nothing_is_sent_in_another() -> None:
    body = mapped("invoices", without(invoice(), "currency")).sent["invoices"][0]
    assert "currency" not in body


# --- credit notes


def test_credit_note() -> None:
    found = mapped("credit_notes", credit_note())
    assert found.only("credit_notes") == CREDIT_NOTE
    assert found.versions == [MAR]


def test_taxes_that_prices_include_are_taken_out_of_a_credit_notes_lines() -> None:
    items = [line(amount=120, discounts=[]), line(id=402, amount=60, discounts=[])]
    body = mapped("credit_notes", credit_note(items=items, discounts=[], taxes=[amount(30)], total=180)).only(
        "credit_notes"
    )
    assert (body["amount"], [part["amount"] for part in body["lines"]]) == (150, [100, 50])


def test_what_is_not_taxable_holds_no_tax() -> None:
    items = [line(amount=120, discounts=[]), line(id=402, amount=60, discounts=[], taxable=False)]
    body = mapped("credit_notes", credit_note(items=items, discounts=[], taxes=[amount(20)], total=180)).only(
        "credit_notes"
    )
    assert [part["amount"] for part in body["lines"]] == [100, 60]


@pytest.mark.parametrize("status", ["open", "paid", "closed"])
def test_a_credit_notes_status(status: str) -> None:
    assert mapped("credit_notes", credit_note(status=status)).only("credit_notes") == CREDIT_NOTE


@pytest.mark.parametrize(("changes", "reason"), [*NOT_SENT, ({"invoice": None}, "incomplete")])
def test_a_credit_note_that_cannot_be_loaded_is_skipped(changes: dict[str, Any], reason: str) -> None:
    found = mapped("credit_notes", credit_note(**changes))
    assert (found.sent, found.faults, found.skipped) == ({}, [], [("credit_notes", 501, reason)])


def test_an_unknown_status_of_a_credit_note_is_rejected() -> None:
    assert mapped("credit_notes", credit_note(status="lost")).faults == [
        ("credit_notes", 501, "status", "unknown_value")
    ]


def test_a_credit_notes_lines_less_their_discounts_are_its_amount() -> None:
    body = mapped("credit_notes", credit_note(metadata={"why": "error"})).only("credit_notes")
    assert body["custom_properties"] == {"why": "error"}
    assert sum(part["amount"] - part["discount_amount"] for part in body["lines"]) == body["amount"]


@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], [1, {}], "1e999999"])
def test_no_record_is_too_strange(value: Any) -> None:
    item = {"id": "pro", "name": "Pro"}
    records = [customer(), item, plan(), subscription(), invoice(), credit_note()]
    for stream, record in zip(ALL, records, strict=True):
        for name in record:
            mapped(stream, {**record, name: value})
        mapped(stream, dict.fromkeys(record, value))
