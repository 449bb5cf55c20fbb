"""The Hyperline preset: own records in the shape of Hyperline's API, the payloads field by field (sources.md, 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

ALL = ("customers", "products", "price_configurations", "subscriptions", "invoices")
MAPPERS = {name: mapper_for(name, *(other for other in ALL if other != name), source="hyperline") for name in ALL}


def mapped(stream: str, record: dict[str, Any]) -> Payloads:
    return payloads(MAPPERS[stream], record)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "cus_1",
        "type": "corporate",
        "status": "active",
        "name": "Acme",
        "billing_email": "billing@acme.test",
        "country": "BE",
        "billing_address": {"name": "Acme", "line1": "1 quai", "zip": "69001", "city": "Lyon", "country": "FR"},
        "custom_properties": {"segment": "smb"},
        "updated_at": "2024-02-01T00:00:00.500Z",
        **changes,
    }


CUSTOMER = {
    "id": "cus_1",
    "name": "Acme",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"segment": "smb"},
}


def price(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pcf_1",
        "product_id": "itm_1",
        "type": "flat_fee",
        "status": "active",
        "currency": "EUR",
        "billing_interval": {"period": "months", "count": 3},
        "prices": [{"id": "pri_1", "type": "fee", "amount": 15000}],
        "updated_at": "2024-01-01T00:00:00.000Z",
        **changes,
    }


PLAN = {
    "id": "pcf_1",
    "product_id": "itm_1",
    "name": "itm_1 3 months",
    "interval": "month",
    "interval_count": 3,
    "amount": 150,
    "currency": "EUR",
}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "customer_id": "cus_1",
        "status": "active",
        "currency": "EUR",
        "starts_at": "2024-01-20T16:04:11Z",
        "created_at": "2024-01-10T00:00:00Z",
        "estimated_arr": 100000,
        "contract_value": 200000,
        "custom_properties": {"crm": "7"},
        "updated_at": "2024-02-01T00:00:00.000Z",
        **changes,
    }


SUBSCRIPTION = {
    "id": "sub_1",
    "customer_id": "cus_1",
    "status": "active",
    "start_date": "2024-01-20T16:04:11Z",
    # 1,000 a year.
    "monthly_value": 83.33,
    "currency": "EUR",
    "custom_properties": {"crm": "7"},
}


def line(**changes: Any) -> dict[str, Any]:
    """After its discount of 10 %."""
    return {
        "id": "ili_1",
        "name": "Platform access",
        "entry_type": "debit",
        "product_id": "itm_1",
        "product_type": "flat_fee",
        "units_count": 2,
        "unit_amount": 5000,
        "amount": 10800,
        "amount_excluding_tax": 9000,
        "tax_rate": 20,
        "tax_amount": 1800,
        "discount_amount": 1000,
        "discount_percent": 10,
        "revenue_type": "recurring",
        "period_starts_at": "2024-03-01T00:00:00.000Z",
        "period_ends_at": "2024-04-01T00:00:00.000Z",
        "original_line_item_id": None,
        **changes,
    }


SET_UP = line(
    id="ili_2",
    name="Set-up",
    units_count=1,
    amount=6000,
    amount_excluding_tax=5000,
    tax_amount=1000,
    discount_amount=0,
    revenue_type="one_off",
)


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "inv_1",
        "type": "invoice",
        "number": "INV-35",
        "status": "paid",
        "currency": "EUR",
        "customer": {
            "id": "cus_1",
            "name": "Acme",
            "email": "billing@acme.test",
            "address": {"zip": "69001", "city": "Lyon", "country": "FR"},
        },
        "subscription_id": "sub_1",
        "emitted_at": "2024-03-01T00:00:00.000Z",
        "due_at": "2024-03-31T00:00:00.000Z",
        "settled_at": "2024-03-05T00:00:00.000Z",
        "period_starts_at": "2024-03-01T00:00:00.000Z",
        "period_ends_at": "2024-04-01T00:00:00.000Z",
        "total_amount": 16800,
        "amount_excluding_tax": 14000,
        "tax_amount": 2800,
        "discount_amount": 1000,
        "line_items": list(lines) or [line(), SET_UP],
        "original_invoice_id": None,
        "updated_at": "2024-03-05T00:00:00.000Z",
        **changes,
    }


INVOICE = {
    "id": "inv_1",
    "customer_id": "cus_1",
    "subscription_id": "sub_1",
    "number": "INV-35",
    "date": "2024-03-01T00:00:00Z",
    "due_date": "2024-03-31T00:00:00Z",
    "status": "paid",
    "currency": "EUR",
    "amount": 140,
}
LINE = {
    "id": "ili_1",
    "invoice_id": "inv_1",
    "subscription_id": "sub_1",
    "type": "subscription",
    "description": "Platform access",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 90,
    "tax_amount": 18,
    "discount_amount": 10,
    "quantity": 2,
    "period_start": "2024-03-01T00:00:00Z",
    "period_end": "2024-04-01T00:00:00Z",
}
SET_UP_LINE = {
    "id": "ili_2",
    "invoice_id": "inv_1",
    "subscription_id": "sub_1",
    "type": "one_off",
    "description": "Set-up",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 50,
    "tax_amount": 10,
    "discount_amount": 0,
    "quantity": 1,
}


def credit_note(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    items = list(lines) or [line(id="ili_9", original_line_item_id="ili_1")]
    own = {"id": "inv_9", "type": "credit_note", "number": "CN-1", "original_invoice_id": "inv_1"}
    return {**invoice(*items, **own, amount_excluding_tax=9000), **changes}


CREDIT_NOTE = {
    "id": "inv_9",
    "invoice_id": "inv_1",
    "customer_id": "cus_1",
    "date": "2024-03-01T00:00:00Z",
    "status": "issued",
    "currency": "EUR",
    "amount": 90,
    "lines": [{"id": "ili_9", "invoice_line_id": "ili_1", "amount": 100, "discount_amount": 10}],
}


# --- customers, products, prices


def test_customer() -> None:
    found = mapped("customers", customer())
    assert found.only("customers") == CUSTOMER
    assert found.versions == [1706745600.5]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, {"name": "billing@acme.test"}),
        ({"name": None, "billing_email": None}, {"name": "cus_1", "email": None}),
        ({"billing_address": None}, {"country": "BE", "zip_code": None}),
        ({"status": "archived"}, {}),
        ({"custom_properties": {}}, {"custom_properties": None}),
    ],
)
def test_a_customers_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**CUSTOMER, **expected}.items() if value is not None}
    assert mapped("customers", customer(**changes)).only("customers") == body


def test_product() -> None:
    record = {"id": "itm_1", "name": "Platform", "status": "archived", "custom_properties": {"family": "a"}}
    assert mapped("products", record).only("products") == {
        "id": "itm_1",
        "name": "Platform",
        "custom_properties": {"family": "a"},
    }
    assert mapped("products", {**record, "name": None}).only("products")["name"] == "itm_1"


def test_price() -> None:
    found = mapped("price_configurations", price())
    assert found.only("plans") == PLAN
    assert found.stubs == {"products": [{"id": "itm_1", "name": "itm_1"}]}
    assert found.versions == [1704067200]


@pytest.mark.parametrize(
    ("period", "interval"), [("days", "day"), ("weeks", "week"), ("months", "month"), ("years", "year")]
)
def test_an_interval(period: str, interval: str) -> None:
    body = mapped("price_configurations", price(billing_interval={"period": period, "count": None})).only("plans")
    assert (body["interval"], body["interval_count"], body["name"]) == (interval, 1, f"itm_1 {period}")


@pytest.mark.parametrize("interval", [None, {"period": "once", "count": 1}])
def test_a_price_that_is_charged_once_has_no_interval(interval: Any) -> None:
    body = mapped("price_configurations", price(billing_interval=interval)).only("plans")
    assert not {"interval", "interval_count"} & body.keys()


def test_an_unknown_interval_is_rejected() -> None:
    found = mapped("price_configurations", price(billing_interval={"period": "fortnights", "count": 1}))
    assert (found.sent, [fault[3] for fault in found.faults]) == ({}, ["unknown_value"])


@pytest.mark.parametrize(
    "prices",
    [None, [], [{"type": "volume", "amount": 100}], [{"type": "fee", "amount": 100}, {"type": "fee", "amount": 90}]],
)
def test_a_price_by_volume_has_no_amount(prices: Any) -> None:
    assert mapped("price_configurations", price(prices=prices)).only("plans") == without(PLAN, "amount")


@pytest.mark.parametrize(("code", "amount"), [("JPY", 15000), ("KWD", 15), ("ISK", 15000)])
def test_minor_units(code: str, amount: float) -> None:
    assert mapped("price_configurations", price(currency=code)).only("plans") == {
        **PLAN,
        "currency": code,
        "amount": amount,
    }


# --- subscriptions


def test_subscription() -> None:
    found = mapped("subscriptions", subscription())
    assert found.only("subscriptions") == SUBSCRIPTION
    assert found.versions == [1706745600]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", "future"),
        ("active", "active"),
        ("paused", "paused"),
        ("cancelled", "canceled"),
        ("errored", "unpaid"),
    ],
)
def test_a_subscriptions_status(status: str, expected: str) -> None:
    assert mapped("subscriptions", subscription(status=status)).only("subscriptions")["status"] == expected


@pytest.mark.parametrize(("status", "reason"), [("draft", "draft"), ("voided", "void")])
def test_a_subscription_that_never_began_is_skipped(status: str, reason: str) -> None:
    found = mapped("subscriptions", subscription(status=status))
    assert (found.sent, found.skipped) == ({}, [("subscriptions", "sub_1", reason)])


def test_an_unknown_status_of_a_subscription_is_rejected() -> None:
    assert mapped("subscriptions", subscription(status="frozen")).faults == [
        ("subscriptions", "sub_1", "status", "unknown_value")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"starts_at": None}, {"start_date": "2024-01-10T00:00:00Z"}),
        ({"cancel_at": "2024-12-31T00:00:00Z"}, {"end_date": "2024-12-31T00:00:00Z"}),
        (
            {"status": "cancelled", "cancel_at": "2024-02-01T00:00:00Z"},
            {"status": "canceled", "end_date": "2024-02-01T00:00:00Z", "canceled_at": "2024-02-01T00:00:00Z"},
        ),
        (
            {"trial_ends_at": "2024-02-03T00:00:00Z"},
            {"trial_start": "2024-01-20T16:04:11Z", "trial_end": "2024-02-03T00:00:00Z"},
        ),
        ({"estimated_arr": None}, {"monthly_value": None}),
        ({"currency": "JPY"}, {"currency": "JPY", "monthly_value": 8333}),
    ],
)
def test_a_subscriptions_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**SUBSCRIPTION, **expected}.items() if value is not None}
    assert mapped("subscriptions", subscription(**changes)).only("subscriptions") == body


def test_a_running_trial() -> None:
    body = mapped("subscriptions", subscription(trial_ends_at=in_days(3))).only("subscriptions")
    assert body["status"] == "trialing"
    paused = mapped("subscriptions", subscription(trial_ends_at=in_days(3), status="paused")).only("subscriptions")
    assert paused["status"] == "paused"


# --- invoices


def test_invoice() -> None:
    found = mapped("invoices", invoice())
    assert found.sent == {"invoices": [INVOICE], "invoice_lines": [LINE, SET_UP_LINE]}
    assert found.faults == []
    assert found.versions == [1709596800] * 3
    assert found.stubs == {"customers": [without(CUSTOMER, "custom_properties")]}


def nets(found: Payloads) -> list[Decimal]:
    return [Decimal(str(body["amount_excluding_tax_after_discount"])) for body in found.sent["invoice_lines"]]


@pytest.mark.parametrize("before", [False, True])
def test_the_nets_of_the_lines_add_up_to_the_invoices_amount(before: bool) -> None:
    # Whether Hyperline's amounts of lines are before or after the discount is seen from the invoice.
    lines = [line(amount_excluding_tax=10000 if before else 9000), SET_UP]
    found = mapped("invoices", invoice(*lines))
    assert nets(found) == [Decimal(90), Decimal(50)]
    assert sum(nets(found), Decimal(0)) == Decimal(str(found.sent["invoices"][0]["amount"]))


def test_a_credit_within_an_invoice_is_negative() -> None:
    back = line(id="ili_3", amount_excluding_tax=-2000, discount_amount=0)
    assert nets(mapped("invoices", invoice(line(), back, amount_excluding_tax=7000))) == [Decimal(90), Decimal(-20)]


STATUSES = {
    "to_pay": "open",
    "partially_paid": "open",
    "late": "unpaid",
    "error": "unpaid",
    "uncollectible": "unpaid",
    "paid": "paid",
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_an_invoices_status(status: str, expected: str) -> None:
    found = mapped("invoices", invoice(status=status, due_at=in_days(3)))
    assert (found.sent["invoices"][0]["status"], len(found.sent["invoice_lines"])) == (expected, 2)


@pytest.mark.parametrize(("status", "expected"), [("to_pay", "unpaid"), ("partially_paid", "unpaid"), ("paid", "paid")])
def test_an_invoice_is_unpaid_once_its_due_date_has_passed(status: str, expected: str) -> None:
    found = mapped("invoices", invoice(status=status, due_at=in_days(-1)))
    assert found.sent["invoices"][0]["status"] == expected


SKIPPED = [
    *((status, "draft") for status in ("draft", "open", "grace_period", "missing_info", "pending_approval")),
    *((status, "draft") for status in ("changes_requested", "pending_parent_concat", "pending_consolidation")),
    ("voided", "void"),
    ("closed", "deleted"),
    ("archived", "deleted"),
    ("charged_on_parent", "not_revenue"),
    ("consolidated", "not_revenue"),
]


@pytest.mark.parametrize(("status", "reason"), SKIPPED)
def test_what_is_not_final_or_charged_elsewhere_is_skipped(status: str, reason: str) -> None:
    found = mapped("invoices", invoice(status=status))
    assert (found.sent, found.faults, found.skipped) == ({}, [], [("invoices", "inv_1", reason)])
    credit = mapped("invoices", credit_note(status=status))
    assert (credit.sent, credit.faults, credit.skipped) == ({}, [], [("credit_notes", "inv_9", reason)])


@pytest.mark.parametrize("kind", ["document", "child_invoice_ref", "child_creditnote_ref"])
def test_what_has_no_legal_value_is_skipped(kind: str) -> None:
    found = mapped("invoices", invoice(type=kind))
    assert (found.sent, found.skipped) == ({}, [("invoices", "inv_1", "not_revenue")])


def test_an_unknown_status_is_rejected() -> None:
    assert mapped("invoices", invoice(status="lost")).faults == [("invoices", "inv_1", "status", "unknown_value")]
    assert mapped("invoices", credit_note(status="lost")).faults == [
        ("credit_notes", "inv_9", "status", "unknown_value")
    ]


@pytest.mark.parametrize("kind", [None, "receipt"])
def test_without_a_known_type_nothing_is_taken_for_an_invoice(kind: str | None) -> None:
    found = mapped("invoices", invoice(type=kind))
    assert (found.sent, [fault[3] for fault in found.faults]) == ({}, ["unknown_value"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"emitted_at": None, "issued_at": "2024-03-02T00:00:00Z"}, {"date": "2024-03-02T00:00:00Z"}),
        ({"due_at": None}, {"due_date": "2024-03-01T00:00:00Z"}),
        ({"currency": "JPY"}, {"currency": "JPY", "amount": 14000}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("invoices", invoice(**changes)).sent["invoices"] == [{**INVOICE, **expected}]


@pytest.mark.parametrize(
    ("line_changes", "changes"),
    [
        ({"revenue_type": "one_time"}, {}),
        ({"revenue_type": "non_recurring"}, {}),
        ({"period_starts_at": None}, {}),
        ({"period_ends_at": "2024-03-01T00:00:00.000Z"}, {}),
        ({}, {"subscription_id": None}),
    ],
)
def test_a_line_that_is_one_off(line_changes: dict[str, Any], changes: dict[str, Any]) -> None:
    (body,) = mapped("invoices", invoice(line(**line_changes), **changes)).sent["invoice_lines"]
    assert body["type"] == "one_off"
    assert not {"period_start", "period_end"} & body.keys()


def test_without_a_revenue_type_the_period_decides() -> None:
    assert mapped("invoices", invoice(line(revenue_type=None))).sent["invoice_lines"] == [LINE]


def test_without_the_stream_subscriptions_nothing_refers_to_one() -> None:
    found = payloads(mapper_for("invoices", source="hyperline"), invoice())
    assert found.sent == {
        "invoices": [without(INVOICE, "subscription_id")],
        "invoice_lines": [without(LINE, "subscription_id"), without(SET_UP_LINE, "subscription_id")],
    }


def test_without_a_customers_name_there_is_no_stub() -> None:
    assert mapped("invoices", invoice(customer={"id": "cus_1"})).stubs == {}
    assert mapped("invoices", credit_note(customer={"id": "cus_1"})).stubs == {}


def test_a_deselected_column_is_named() -> None:
    assert mapped("invoices", without(invoice(), "currency")).faults == [
        ("invoices", "inv_1", "amount", "invalid_value"),
        ("invoice_lines", "ili_1", "amount_excluding_tax_after_discount", "invalid_value"),
        ("invoice_lines", "ili_2", "amount_excluding_tax_after_discount", "invalid_value"),
    ]
    assert "invoice_lines" not in mapped("invoices", without(invoice(), "line_items")).sent


# --- credit notes


def test_credit_note() -> None:
    found = mapped("invoices", credit_note())
    assert found.only("credit_notes") == CREDIT_NOTE
    assert found.stubs == {"customers": [without(CUSTOMER, "custom_properties")]}


@pytest.mark.parametrize("status", STATUSES)
def test_a_credit_notes_status(status: str) -> None:
    assert mapped("invoices", credit_note(status=status)).only("credit_notes") == CREDIT_NOTE


def test_a_negative_credit_note_becomes_positive() -> None:
    negative = line(
        id="ili_9", original_line_item_id="ili_1", amount_excluding_tax=-9000, tax_amount=-1800, discount_amount=-1000
    )
    assert mapped("invoices", credit_note(negative, amount_excluding_tax=-9000)).only("credit_notes") == CREDIT_NOTE


def test_lines_before_their_discount() -> None:
    before = line(id="ili_9", original_line_item_id="ili_1", amount_excluding_tax=10000)
    assert mapped("invoices", credit_note(before)).only("credit_notes") == CREDIT_NOTE


def test_a_credit_note_without_an_invoice_is_skipped() -> None:
    found = mapped("invoices", credit_note(original_invoice_id=None))
    assert (found.sent, found.skipped) == ({}, [("credit_notes", "inv_9", "incomplete")])


@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], [1, {}], "1e999999"])
def test_no_record_is_too_strange(value: Any) -> None:
    products = {"id": "itm_1", "name": "Platform"}
    records = [customer(), products, price(), subscription(), invoice()]
    for stream, record in zip(ALL, records, strict=True):
        for name in record:
            mapped(stream, {**record, name: value})
        mapped(stream, dict.fromkeys(record, value))
    for name in credit_note():
        mapped("invoices", {**credit_note(), name: value})
