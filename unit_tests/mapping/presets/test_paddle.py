"""The Paddle preset: own records in the shape of Paddle Billing's API, the payloads field by field (sources.md, 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

ALL = ("customers", "customer_addresses", "businesses", "products", "prices", "subscriptions", "transactions")
MAPPERS = {name: mapper_for(name, *(other for other in ALL if other != name), source="paddle") for name in ALL}


def mapped(stream: str, record: dict[str, Any]) -> Payloads:
    return payloads(MAPPERS[stream], record)


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ctm_1",
        "status": "active",
        "custom_data": {"segment": "smb", "nested": {"seats": 3}},
        "name": "Ada Byron",
        "email": "ada@acme.test",
        "marketing_consent": False,
        "locale": "en",
        "created_at": "2024-01-05T09:00:00.123456Z",
        "updated_at": "2024-02-01T09:00:00.5Z",
        **changes,
    }


def address(**changes: Any) -> dict[str, Any]:
    return {
        "id": "add_1",
        "customer_id": "ctm_1",
        "status": "active",
        "country_code": "FR",
        "postal_code": "69001",
        "first_line": "1 quai",
        "region": None,
        "updated_at": "2024-02-02T00:00:00Z",
        **changes,
    }


def business(**changes: Any) -> dict[str, Any]:
    return {
        "id": "biz_1",
        "customer_id": "ctm_1",
        "status": "active",
        "name": "Acme SAS",
        "company_number": "812 345 678",
        "tax_identifier": "FR12812345678",
        "contacts": [],
        "updated_at": "2024-02-03T00:00:00Z",
        **changes,
    }


def product(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pro_1",
        "name": "Acme Cloud",
        "tax_category": "saas",
        "image_url": None,
        "custom_data": {"family": "cloud"},
        "status": "active",
        "updated_at": "2024-01-01T00:00:00Z",
        **changes,
    }


def price(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pri_month",
        "product_id": "pro_1",
        "type": "standard",
        "name": "Monthly",
        "description": "Monthly (per seat)",
        "billing_cycle": {"interval": "month", "frequency": 1},
        "trial_period": None,
        "tax_mode": "external",
        "unit_price": {"amount": "3000", "currency_code": "EUR"},
        "unit_price_overrides": [],
        "custom_data": None,
        "status": "active",
        "updated_at": "2024-01-02T00:00:00Z",
        **changes,
    }


ONE_TIME = price(id="pri_setup", name=None, description="Set-up", billing_cycle=None)
YEARLY = price(id="pri_year", name="Yearly", billing_cycle={"interval": "year", "frequency": 1})

PLAN = {
    "id": "pri_month",
    "product_id": "pro_1",
    "name": "Monthly",
    "interval": "month",
    "interval_count": 1,
    "amount": 30,
    "currency": "EUR",
}


def item(quantity: int = 1, recurring: bool = True, **changes: Any) -> dict[str, Any]:
    return {
        "status": "active",
        "quantity": quantity,
        "recurring": recurring,
        "trial_dates": None,
        "price": price(),
        "product": product(),
        **changes,
    }


def subscription(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "status": "active",
        "customer_id": "ctm_1",
        "address_id": "add_1",
        "business_id": None,
        "currency_code": "EUR",
        "created_at": "2024-02-08T11:00:00Z",
        "updated_at": "2024-02-09T00:00:00.738972238Z",
        "started_at": "2024-02-08T11:02:03.946454Z",
        "first_billed_at": "2024-02-08T11:02:03.946454Z",
        "next_billed_at": "2024-03-08T11:02:03.946454Z",
        "paused_at": None,
        "canceled_at": None,
        "collection_mode": "automatic",
        "current_billing_period": {"starts_at": "2024-02-08T11:02:03Z", "ends_at": "2024-03-08T11:02:03Z"},
        "billing_cycle": {"interval": "month", "frequency": 1},
        "scheduled_change": None,
        "items": list(items) or [item(10)],
        "custom_data": {"crm": "42"},
        "management_urls": {},
        "discount": None,
        **changes,
    }


SUBSCRIPTION = {
    "id": "sub_1",
    "customer_id": "ctm_1",
    "plan_id": "pri_month",
    "status": "active",
    "start_date": "2024-02-08T11:02:03.946454Z",
    "monthly_value": 300,
    "currency": "EUR",
    "custom_properties": {"crm": "42"},
}


def totals(subtotal: str, discount: str, tax: str, total: str) -> dict[str, Any]:
    return {"subtotal": subtotal, "discount": discount, "tax": tax, "total": total}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": "txnitm_1",
        "price_id": "pri_month",
        "quantity": 10,
        "totals": totals("30000", "3000", "5400", "32400"),
        "unit_totals": totals("3000", "300", "540", "3240"),
        "tax_rate": "0.2",
        "product": product(),
        **changes,
    }


SET_UP = line(id="txnitm_2", price_id="pri_setup", quantity=1, totals=totals("9999", "0", "2000", "11999"))


def transaction(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "txn_1",
        "status": "completed",
        "customer_id": "ctm_1",
        "subscription_id": "sub_1",
        "invoice_id": "inv_1",
        "invoice_number": "325-1001",
        "origin": "subscription_recurring",
        "collection_mode": "automatic",
        "billing_details": None,
        "billing_period": {"starts_at": "2024-02-08T11:02:03Z", "ends_at": "2024-03-08T11:02:03Z"},
        "currency_code": "EUR",
        "discount_id": "dsc_1",
        "created_at": "2024-02-08T11:02:00Z",
        "billed_at": "2024-02-08T11:02:03Z",
        "updated_at": "2024-02-08T11:02:09Z",
        "revised_at": None,
        "custom_data": {"order": "PO-7"},
        "items": [{"price": price(), "quantity": 10}, {"price": ONE_TIME, "quantity": 1}],
        "details": {
            "totals": {
                **totals("39999", "3000", "7400", "44399"),
                "grand_total": "43399",
                "credit": "1000",
                "balance": "0",
                "currency_code": "EUR",
            },
            "line_items": list(lines) or [line(), SET_UP],
        },
        **changes,
    }


INVOICE = {
    "id": "txn_1",
    "customer_id": "ctm_1",
    "subscription_id": "sub_1",
    "number": "325-1001",
    "date": "2024-02-08T11:02:03Z",
    "due_date": "2024-02-08T11:02:03Z",
    "status": "paid",
    "currency": "EUR",
    "amount": 369.99,
    "custom_properties": {"order": "PO-7"},
}
LINE = {
    "id": "txnitm_1",
    "invoice_id": "txn_1",
    "subscription_id": "sub_1",
    "price_id": "pri_month",
    "type": "subscription",
    "description": "Acme Cloud",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 270,
    "tax_amount": 54,
    "discount_amount": 30,
    "quantity": 10,
    "period_start": "2024-02-08T11:02:03Z",
    "period_end": "2024-03-08T11:02:03Z",
}
SET_UP_LINE = {
    "id": "txnitm_2",
    "invoice_id": "txn_1",
    "subscription_id": "sub_1",
    "type": "one_off",
    "description": "Acme Cloud",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 99.99,
    "tax_amount": 20,
    "discount_amount": 0,
    "quantity": 1,
}


# --- customers, with what other streams know of them


def test_customer() -> None:
    found = mapped("customers", customer())
    assert found.only("customers") == {
        "id": "ctm_1",
        "name": "Ada Byron",
        "email": "ada@acme.test",
        "custom_properties": {"segment": "smb", "nested": '{"seats":3}'},
    }
    assert found.versions == [1706778000.5]


@pytest.mark.parametrize(
    ("changes", "name"), [({"name": None}, "ada@acme.test"), ({"name": "", "email": None}, "ctm_1")]
)
def test_customer_without_a_name_takes_the_next_best(changes: dict[str, Any], name: str) -> None:
    assert mapped("customers", customer(**changes)).only("customers")["name"] == name


def test_an_archived_customer_is_history_all_the_same() -> None:
    assert mapped("customers", customer(status="archived")).only("customers")["id"] == "ctm_1"


def test_an_address_brings_country_and_zip_code_onto_its_customer() -> None:
    found = mapped("customer_addresses", address())
    assert found.only("customers") == {"id": "ctm_1", "country": "FR", "zip_code": "69001"}
    assert found.versions == [1706832000]


def test_a_business_brings_its_name_and_numbers_onto_its_customer() -> None:
    found = mapped("businesses", business())
    assert found.versions == [1706918400]
    assert found.only("customers") == {
        "id": "ctm_1",
        "custom_properties": {
            "business_name": "Acme SAS",
            "company_number": "812 345 678",
            "tax_identifier": "FR12812345678",
        },
    }


@pytest.mark.parametrize(("stream", "record"), [("customer_addresses", address()), ("businesses", business())])
def test_what_belongs_to_a_customer_never_creates_one(stream: str, record: dict[str, Any]) -> None:
    (draft,) = MAPPERS[stream].map(record).objects
    assert draft.policy == "update_only"  # type: ignore[union-attr]


@pytest.mark.parametrize(("stream", "record"), [("customer_addresses", address()), ("businesses", business())])
def test_what_is_archived_is_left_out_without_skipping_the_customer(stream: str, record: dict[str, Any]) -> None:
    found = mapped(stream, {**record, "status": "archived"})
    assert (found.sent, found.skipped, found.reason) == ({}, [], "not_mapped")
    assert "archived" in str(found.text)


# --- products and prices


def test_product() -> None:
    found = mapped("products", product())
    assert found.only("products") == {"id": "pro_1", "name": "Acme Cloud", "custom_properties": {"family": "cloud"}}
    assert found.versions == [1704067200]


def test_price() -> None:
    found = mapped("prices", price(custom_data={"tier": "a"}))
    assert found.only("plans") == {**PLAN, "custom_properties": {"tier": "a"}}
    assert found.stubs == {"products": [{"id": "pro_1", "name": "pro_1"}]}
    assert found.versions == [1704153600]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, {"name": "Monthly (per seat)"}),
        ({"name": None, "description": None}, {"name": "pri_month"}),
        ({"status": "archived"}, {}),
        ({"billing_cycle": {"interval": "week", "frequency": 2}}, {"interval": "week", "interval_count": 2}),
        ({"unit_price": {"amount": "3000", "currency_code": "JPY"}}, {"amount": 3000, "currency": "JPY"}),
        ({"unit_price": {"amount": "3000", "currency_code": "KWD"}}, {"amount": 3, "currency": "KWD"}),
    ],
)
def test_a_prices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("prices", price(**changes)).only("plans") == {**PLAN, **expected}


def test_a_one_time_price_has_no_interval() -> None:
    assert mapped("prices", ONE_TIME).only("plans") == {
        "id": "pri_setup",
        "product_id": "pro_1",
        "name": "Set-up",
        "amount": 30,
        "currency": "EUR",
    }


# --- subscriptions


def test_subscription() -> None:
    found = mapped("subscriptions", subscription())
    assert found.only("subscriptions") == SUBSCRIPTION
    # Nanoseconds are cut to microseconds.
    assert found.versions == [pytest.approx(1707436800.738972, abs=1e-6)]
    assert found.stubs == {"plans": [PLAN], "products": [{"id": "pro_1", "name": "Acme Cloud"}]}


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "paused", "canceled"])
def test_a_subscriptions_status(status: str) -> None:
    assert mapped("subscriptions", subscription(status=status)).only("subscriptions")["status"] == status


def test_an_unknown_status_of_a_subscription_is_rejected() -> None:
    assert mapped("subscriptions", subscription(status="frozen")).faults == [
        ("subscriptions", "sub_1", "status", "unknown_value")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"started_at": None}, {"start_date": "2024-02-08T11:02:03.946454Z"}),
        ({"started_at": None, "first_billed_at": None}, {"start_date": "2024-02-08T11:00:00Z"}),
        (
            {"status": "canceled", "canceled_at": "2024-05-01T00:00:00Z"},
            {"status": "canceled", "canceled_at": "2024-05-01T00:00:00Z", "end_date": "2024-05-01T00:00:00Z"},
        ),
        (
            {"scheduled_change": {"action": "cancel", "effective_at": "2024-03-08T11:02:03Z"}},
            {"end_date": "2024-03-08T11:02:03Z"},
        ),
        ({"scheduled_change": {"action": "pause", "effective_at": "2024-03-08T11:02:03Z"}}, {}),
    ],
)
def test_a_subscriptions_dates(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("subscriptions", subscription(**changes)).only("subscriptions") == {**SUBSCRIPTION, **expected}


def test_a_trial_is_that_of_the_first_item_that_has_one() -> None:
    trial = {"starts_at": "2024-02-08T00:00:00Z", "ends_at": "2024-02-22T00:00:00Z"}
    body = mapped("subscriptions", subscription(item(), item(trial_dates=trial))).only("subscriptions")
    assert (body["trial_start"], body["trial_end"]) == ("2024-02-08T00:00:00Z", "2024-02-22T00:00:00Z")


@pytest.mark.parametrize(
    ("items", "value"),
    [
        ([item(10)], 300),
        ([item(10), item(1, price=YEARLY)], 302.5),
        # What is charged once and what is no longer active don't count.
        ([item(2), item(1, recurring=False, price=ONE_TIME), item(5, status="inactive")], 60),
    ],
)
def test_a_monthly_value(items: list[dict[str, Any]], value: float) -> None:
    assert mapped("subscriptions", subscription(*items)).only("subscriptions")["monthly_value"] == value


@pytest.mark.parametrize(
    ("items", "changes"),
    [
        ([item(10, price=price(tax_mode="account_setting"))], {}),
        ([item(10), item(1, price=price(tax_mode="internal"))], {}),
        ([item(10, price=price(unit_price={"amount": "3000", "currency_code": "USD"}))], {}),
        ([item(10), item(1, price=price(unit_price={"amount": "3000", "currency_code": "USD"}))], {}),
        ([item(10, price=price(unit_price_overrides=[{"country_codes": ["AU"]}]))], {}),
        ([item(10)], {"discount": {"id": "dsc_1", "starts_at": None, "ends_at": None}}),
        ([item(10)], {"items": None}),
    ],
)
def test_a_monthly_value_that_is_not_known_for_sure_is_left_out(
    items: list[dict[str, Any]], changes: dict[str, Any]
) -> None:
    assert "monthly_value" not in mapped("subscriptions", subscription(*items, **changes)).only("subscriptions")


def test_the_plan_is_the_first_recurring_one() -> None:
    found = mapped("subscriptions", subscription(item(recurring=False, price=ONE_TIME), item(price=YEARLY)))
    assert found.only("subscriptions")["plan_id"] == "pri_year"
    only_once = mapped("subscriptions", subscription(item(recurring=False, price=ONE_TIME)))
    assert only_once.only("subscriptions")["plan_id"] == "pri_setup"


# --- transactions


def test_transaction() -> None:
    found = mapped("transactions", transaction())
    assert found.sent == {"invoices": [INVOICE], "invoice_lines": [LINE, SET_UP_LINE]}
    assert found.faults == []
    assert found.versions == [1707390129] * 3
    assert found.stubs == {
        "plans": [PLAN, {"id": "pri_setup", "product_id": "pro_1", "name": "Set-up", "amount": 30, "currency": "EUR"}],
        "products": [{"id": "pro_1", "name": "Acme Cloud"}] * 2,
    }


def test_the_nets_of_the_lines_add_up_to_the_invoices_amount() -> None:
    sent = mapped("transactions", transaction()).sent
    nets = [Decimal(str(body["amount_excluding_tax_after_discount"])) for body in sent["invoice_lines"]]
    assert sum(nets) == Decimal(str(sent["invoices"][0]["amount"]))


STATUSES = {"billed": "open", "past_due": "unpaid", "paid": "paid", "completed": "paid"}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_a_transactions_status(status: str, expected: str) -> None:
    found = mapped("transactions", transaction(status=status))
    assert (found.sent["invoices"][0]["status"], len(found.sent["invoice_lines"])) == (expected, 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "ready"}, "draft"),
        ({"status": "canceled"}, "void"),
        ({"origin": "subscription_payment_method_change"}, "not_revenue"),
    ],
)
def test_a_transaction_that_is_no_invoice_is_skipped_with_its_lines(changes: dict[str, Any], reason: str) -> None:
    found = mapped("transactions", transaction(**changes))
    assert (found.sent, found.faults, found.skipped) == ({}, [], [("invoices", "txn_1", reason)])


def test_an_unknown_status_of_a_transaction_is_rejected() -> None:
    found = mapped("transactions", transaction(status="disputed"))
    assert (found.sent, found.faults) == ({}, [("invoices", "txn_1", "status", "unknown_value")])


def terms(interval: str, frequency: int) -> dict[str, Any]:
    return {"enable_checkout": False, "payment_terms": {"interval": interval, "frequency": frequency}}


@pytest.mark.parametrize(
    ("interval", "frequency", "due"),
    [
        ("day", 14, "2024-02-22T11:02:03Z"),
        ("week", 2, "2024-02-22T11:02:03Z"),
        ("month", 1, "2024-03-08T11:02:03Z"),
        ("year", 1, "2025-02-08T11:02:03Z"),
        ("fortnight", 1, "2024-02-08T11:02:03Z"),
    ],
)
def test_terms_of_payment_give_the_due_date(interval: str, frequency: int, due: str) -> None:
    found = mapped("transactions", transaction(billing_details=terms(interval, frequency)))
    assert found.sent["invoices"][0]["due_date"] == due


@pytest.mark.parametrize(("days", "expected"), [(3, "open"), (60, "unpaid")])
def test_a_billed_transaction_is_unpaid_once_its_due_date_has_passed(days: int, expected: str) -> None:
    billed = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    record = transaction(status="billed", billed_at=billed, billing_details=terms("day", 30))
    assert mapped("transactions", record).sent["invoices"][0]["status"] == expected


def test_a_transaction_without_terms_is_not_unpaid_by_its_date() -> None:
    assert mapped("transactions", transaction(status="billed")).sent["invoices"][0]["status"] == "open"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"billed_at": None}, {"date": "2024-02-08T11:02:00Z", "due_date": "2024-02-08T11:02:00Z"}),
        ({"currency_code": "JPY"}, {"currency": "JPY", "amount": 36999}),
        ({"currency_code": "KWD"}, {"currency": "KWD", "amount": 36.999}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("transactions", transaction(**changes)).sent["invoices"] == [{**INVOICE, **expected}]


def test_a_prorated_line_has_its_own_period() -> None:
    own = {"starts_at": "2024-02-20T00:00:00Z", "ends_at": "2024-03-08T11:02:03Z"}
    found = mapped("transactions", transaction(line(proration={"rate": "0.6", "billing_period": own})))
    assert found.sent["invoice_lines"] == [{**LINE, "period_start": "2024-02-20T00:00:00Z"}]


@pytest.mark.parametrize(
    "period", [None, {"starts_at": "2024-02-08T11:02:03Z", "ends_at": "2024-02-08T11:02:03Z"}, {"starts_at": None}]
)
def test_a_recurring_price_without_a_real_period_is_one_off(period: Any) -> None:
    found = mapped("transactions", transaction(line(), billing_period=period))
    assert found.sent["invoice_lines"] == [
        {**without(LINE, "price_id", "period_start", "period_end"), "type": "one_off"}
    ]


def test_without_the_stream_subscriptions_nothing_refers_to_one() -> None:
    found = payloads(mapper_for("transactions", source="paddle"), transaction())
    assert found.sent == {
        "invoices": [without(INVOICE, "subscription_id")],
        "invoice_lines": [without(LINE, "subscription_id"), without(SET_UP_LINE, "subscription_id")],
    }


@pytest.mark.parametrize(
    ("column", "missing"), [("details", "amount"), ("status", "status"), ("customer_id", "customer_id")]
)
def test_a_deselected_column_leaves_out_its_field_and_no_line_is_made_up(column: str, missing: str) -> None:
    # Fincome's required fields are asked for when the object is created.
    found = mapped("transactions", without(transaction(), column))
    assert (found.faults, missing in found.sent["invoices"][0]) == ([], False)
    assert len(found.sent.get("invoice_lines", [])) == (2 if column == "customer_id" else 0)


def test_without_the_column_items_lines_are_rejected_instead_of_being_taken_for_one_off() -> None:
    found = mapped("transactions", without(transaction(), "items"))
    assert [(entity, identity, code) for entity, identity, _, code in found.faults] == [
        ("invoice_lines", "txnitm_1", "invalid_value"),
        ("invoice_lines", "txnitm_2", "invalid_value"),
    ]


@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], {"totals": None}, "1e999999"])
def test_no_record_is_too_strange(value: Any) -> None:
    records = [customer(), address(), business(), product(), price(), subscription(), transaction()]
    for stream, record in zip(ALL, records, strict=True):
        for name in record:
            mapped(stream, {**record, name: value})
        mapped(stream, dict.fromkeys(record, value))
