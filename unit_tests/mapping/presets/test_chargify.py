"""The Chargify (Maxio) preset: own records in the API's shape, the payloads field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.mapping.payloads import mapper_for, payloads, plan_for, without

MAPPERS = {name: mapper_for(name, source="chargify") for name in ("customers", "products", "subscriptions", "invoices")}
CUSTOMERS, PRODUCTS = MAPPERS["customers"], MAPPERS["products"]
SUBSCRIPTIONS, INVOICES = MAPPERS["subscriptions"], MAPPERS["invoices"]

# The source gives times with the site's offset.
JAN, FEB, MAR = "2024-01-01T01:00:00+01:00", "2024-02-01T01:00:00+01:00", "2024-03-01T01:00:00+01:00"
JAN_UTC, FEB_UTC, MAR_UTC = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"
JAN_SECONDS, FEB_SECONDS = 1704067200, 1706745600


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": 501,
        "first_name": "Ada",
        "last_name": "Noor",
        "organization": "Acme SAS",
        "email": "billing@acme.test",
        "reference": "crm-7",
        "country": "FR",
        "zip": "69001",
        "parent_id": 500,
        "created_at": JAN,
        "updated_at": FEB,
        **changes,
    }


CUSTOMER_BODY = {
    "id": "501",
    "root_parent_id": "500",
    "name": "Acme SAS",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"reference": "crm-7"},
}
CUSTOMER_STUB = without(CUSTOMER_BODY, "root_parent_id", "custom_properties")


def product(**changes: Any) -> dict[str, Any]:
    return {
        "id": 31,
        "name": "Pro",
        "handle": "pro",
        "price_in_cents": 4900,
        "interval": 1,
        "interval_unit": "month",
        "product_family": {"id": 3, "name": "Apps"},
        "product_price_point_name": "Original",
        "updated_at": JAN,
        **changes,
    }


PRODUCT_BODY = {"id": "31", "name": "Pro", "custom_properties": {"handle": "pro", "product_family": "Apps"}}
PLAN_BODY = {
    "id": "77:EUR",
    "product_id": "31",
    "name": "Pro Original EUR",
    "interval": "month",
    "interval_count": 1,
    "amount": 45,
    "currency": "EUR",
}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": 9001,
        "state": "active",
        "customer": customer(),
        "product": product(),
        "product_price_point_id": 77,
        "product_price_in_cents": 4500,
        "product_version_number": 4,
        "current_billing_amount_in_cents": 6450,
        "balance_in_cents": 450,
        "currency": "EUR",
        "reference": "app-1",
        "created_at": JAN,
        "activated_at": FEB,
        "updated_at": FEB,
        **changes,
    }


SUBSCRIPTION_BODY = {
    "id": "9001",
    "customer_id": "501",
    "plan_id": "77:EUR",
    "status": "active",
    "start_date": FEB_UTC,
    "monthly_value": 60,
    "currency": "EUR",
    "custom_properties": {"reference": "app-1"},
}


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "uid": "inv_8",
        "site_id": 1,
        "customer_id": 501,
        "subscription_id": 9001,
        "number": "1008",
        "sequence_number": 1008,
        "issue_date": "2024-01-01",
        "due_date": "2024-01-31",
        "status": "paid",
        "consolidation_level": "none",
        "currency": "EUR",
        "product_name": "Pro",
        "memo": "Thank you",
        "subtotal_amount": "98.0",
        "discount_amount": "9.8",
        "tax_amount": "17.64",
        "total_amount": "105.84",
        "customer": {
            "chargify_id": 501,
            "first_name": "Ada",
            "last_name": "Noor",
            "organization": "Acme SAS",
            "email": "billing@acme.test",
        },
        "billing_address": {"country": "FR", "zip": "69001", "city": "Lyon"},
        **changes,
    }


INVOICE_BODY = {
    "id": "inv_8",
    "customer_id": "501",
    "subscription_id": "9001",
    "number": "1008",
    "date": "2024-01-01",
    "due_date": "2024-01-31",
    "status": "paid",
    "currency": "EUR",
    "amount": 88.2,
}
LINE_BODY = {
    "id": "inv_8-total",
    "invoice_id": "inv_8",
    "subscription_id": "9001",
    "type": "one_off",
    "description": "Pro",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 88.2,
    "tax_amount": 17.64,
    "discount_amount": 9.8,
    "quantity": 1,
}


# --- customers and products


def test_customer() -> None:
    found = payloads(CUSTOMERS, customer())
    assert found.only("customers") == CUSTOMER_BODY
    assert found.versions == [FEB_SECONDS]
    assert found.stubs == {"customers": [{"id": "500", "name": "500"}]}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"organization": None}, "Ada Noor"),
        ({"organization": "", "last_name": None}, "Ada"),
        ({"organization": None, "first_name": None, "last_name": None}, "billing@acme.test"),
        ({"organization": None, "first_name": None, "last_name": None, "email": None}, "crm-7"),
    ],
)
def test_customer_without_an_organization_takes_the_next_best_name(changes: dict[str, Any], name: str) -> None:
    assert payloads(CUSTOMERS, customer(**changes)).only("customers")["name"] == name


@pytest.mark.parametrize("parent", [None, 501])
def test_customer_without_a_parent_or_that_is_its_own(parent: Any) -> None:
    found = payloads(CUSTOMERS, customer(parent_id=parent))
    assert found.only("customers") == without(CUSTOMER_BODY, "root_parent_id")
    assert found.stubs == {}


@pytest.mark.parametrize("identity", [501, 501.0, "501"])
def test_a_customer_of_which_only_the_id_is_known(identity: Any) -> None:
    assert payloads(CUSTOMERS, {"id": identity}).only("customers") == {"id": "501", "name": "501"}


def test_product() -> None:
    found = payloads(PRODUCTS, product())
    assert found.only("products") == PRODUCT_BODY
    assert found.versions == [JAN_SECONDS]


@pytest.mark.parametrize(("changes", "name"), [({"name": None}, "pro"), ({"name": None, "handle": None}, "31")])
def test_product_without_a_name(changes: dict[str, Any], name: str) -> None:
    record = product(**changes)
    assert payloads(PRODUCTS, record).only("products")["name"] == name
    found = payloads(SUBSCRIPTIONS, subscription(product=record))
    assert found.sent["products"][0]["name"] == name
    assert found.sent["plans"][0]["name"] == f"{name} Original EUR"


# --- subscriptions


def test_subscription_brings_its_product_and_plan() -> None:
    found = payloads(SUBSCRIPTIONS, subscription())
    assert not found.faults, found.problems
    assert found.sent == {"products": [PRODUCT_BODY], "plans": [PLAN_BODY], "subscriptions": [SUBSCRIPTION_BODY]}
    # The plan's version is the product's: an older subscription may still have the older price.
    assert found.versions == [JAN_SECONDS, 4, FEB_SECONDS]
    assert found.stubs == {"customers": [CUSTOMER_STUB]}


@pytest.mark.parametrize(
    ("state", "status", "ended"),
    [
        ("trialing", "trialing", False),
        ("assessing", "active", False),
        ("active", "active", False),
        ("soft_failure", "past_due", False),
        ("past_due", "past_due", False),
        ("unpaid", "unpaid", False),
        ("suspended", "paused", False),
        ("paused", "paused", False),
        ("on_hold", "paused", False),
        ("awaiting_signup", "future", False),
        ("canceled", "canceled", True),
        ("expired", "canceled", True),
        ("trial_ended", "canceled", True),
    ],
)
def test_states_of_subscriptions(state: str, status: str, ended: bool) -> None:
    # The time of an earlier cancellation stays when the subscription is reactivated.
    (body,) = payloads(SUBSCRIPTIONS, subscription(state=state, canceled_at=MAR)).sent["subscriptions"]
    end = {"canceled_at": MAR_UTC, "end_date": MAR_UTC} if ended else {}
    assert body == {**SUBSCRIPTION_BODY, "status": status, **end}


def test_an_unknown_state_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(state="dormant"))
    assert found.faults == [("subscriptions", 9001, "status", "unknown_value")]


@pytest.mark.parametrize("state", ["pending", "failed_to_create"])
def test_a_subscription_that_never_began_is_skipped(state: str) -> None:
    found = payloads(SUBSCRIPTIONS, subscription(state=state))
    assert found.skipped == [("subscriptions", 9001, "incomplete")]
    assert "subscriptions" not in found.sent


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"activated_at": None}, {"start_date": JAN_UTC}),
        (
            {"activated_at": None, "state": "awaiting_signup", "next_assessment_at": MAR},
            {"start_date": MAR_UTC, "status": "future"},
        ),
        ({"next_assessment_at": MAR}, {}),
        ({"trial_started_at": JAN, "trial_ended_at": FEB}, {"trial_start": JAN_UTC, "trial_end": FEB_UTC}),
        ({"expires_at": MAR}, {"end_date": MAR_UTC}),
        ({"expires_at": MAR, "delayed_cancel_at": FEB}, {"end_date": FEB_UTC}),
        ({"delayed_cancel_at": MAR, "scheduled_cancellation_at": FEB}, {"end_date": FEB_UTC}),
        ({"state": "expired", "expires_at": MAR}, {"end_date": MAR_UTC, "status": "canceled"}),
        ({"balance_in_cents": 0}, {"monthly_value": 64.5}),
        ({"balance_in_cents": -550}, {"monthly_value": 70}),
        ({"product": product(interval=12)}, {"monthly_value": 5}),
        ({"product": product(interval=30, interval_unit="day")}, {"monthly_value": 60.83}),
        ({"currency": "JPY"}, {"currency": "JPY", "plan_id": "77:JPY", "monthly_value": 6000}),
    ],
)
def test_a_subscriptions_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    (body,) = payloads(SUBSCRIPTIONS, subscription(**changes)).sent["subscriptions"]
    assert body == {**SUBSCRIPTION_BODY, **expected}


@pytest.mark.parametrize("column", ["current_billing_amount_in_cents", "balance_in_cents"])
def test_the_monthly_value_is_left_out_when_it_is_not_known_for_sure(column: str) -> None:
    (body,) = payloads(SUBSCRIPTIONS, without(subscription(), column)).sent["subscriptions"]
    assert body == without(SUBSCRIPTION_BODY, "monthly_value")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"product_price_in_cents": None}, {"amount": 49}),
        ({"product": product(interval=3)}, {"interval_count": 3}),
        ({"product": product(interval=30, interval_unit="day")}, {"interval": "day", "interval_count": 30}),
        ({"product": product(product_price_point_name=None)}, {"name": "Pro EUR"}),
        ({"currency": "KWD"}, {"id": "77:KWD", "name": "Pro Original KWD", "currency": "KWD", "amount": 4.5}),
    ],
)
def test_a_plans_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(**changes)).sent["plans"] == [{**PLAN_BODY, **expected}]


def test_an_unknown_interval_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(product=product(interval_unit="fortnight")))
    assert found.faults == [
        ("plans", "77:EUR", "interval", "unknown_value"),
        ("subscriptions", 9001, "monthly_value", "unknown_value"),
    ]


@pytest.mark.parametrize("column", ["product", "product_price_point_id"])
def test_a_subscription_whose_plan_is_not_known(column: str) -> None:
    found = payloads(SUBSCRIPTIONS, without(subscription(), column))
    assert not found.faults
    assert "plans" not in found.sent
    assert "plan_id" not in found.sent["subscriptions"][0]
    assert ("products" in found.sent) == (column != "product")


def test_a_subscription_without_its_currency_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, without(subscription(), "currency"))
    assert found.faults == [("subscriptions", 9001, "monthly_value", "invalid_value")]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"organization": None}, "Ada Noor"),
        ({"organization": None, "first_name": None, "last_name": None}, "billing@acme.test"),
        ({"organization": None, "first_name": None, "last_name": None, "email": None}, "501"),
    ],
)
def test_what_children_know_of_a_customer(changes: dict[str, Any], name: str) -> None:
    by_subscription = payloads(SUBSCRIPTIONS, subscription(customer=customer(**changes))).stubs["customers"]
    by_invoice = payloads(INVOICES, invoice(customer={**invoice()["customer"], **changes})).stubs["customers"]
    assert [stub["name"] for stub in by_subscription + by_invoice] == [name, name]


# --- invoices


def test_invoice_has_one_line() -> None:
    found = payloads(INVOICES, invoice(updated_at=FEB))
    assert not found.faults, found.problems
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY]}
    assert found.versions == [FEB_SECONDS] * 2
    assert found.stubs == {"customers": [CUSTOMER_STUB]}


def test_without_a_version_the_order_of_arrival_counts() -> None:
    assert payloads(INVOICES, invoice()).versions == [None, None]


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("open", "2199-01-01", "open"),
        ("open", "2024-01-31", "unpaid"),
        ("open", None, "open"),
        ("pending", "2024-01-31", "open"),
        ("processing", "2024-01-31", "open"),
        ("paid", "2024-01-31", "paid"),
    ],
)
def test_statuses_of_invoices(status: str, due: str | None, expected: str) -> None:
    (body,) = payloads(INVOICES, invoice(status=status, due_date=due)).sent["invoices"]
    assert body == {**INVOICE_BODY, "status": expected, "due_date": due or "2024-01-01"}


def test_an_unknown_status_of_an_invoice_is_rejected() -> None:
    found = payloads(INVOICES, invoice(status="disputed"))
    assert found.faults == [("invoices", "inv_8", "status", "unknown_value")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "voided"}, "void"),
        ({"status": "canceled"}, "void"),
        ({"consolidation_level": "parent"}, "not_revenue"),
    ],
)
def test_invoices_that_are_not_loaded(changes: dict[str, Any], reason: str) -> None:
    found = payloads(INVOICES, invoice(**changes))
    assert (found.sent, found.skipped) == ({}, [("invoices", "inv_8", reason)])


@pytest.mark.parametrize("level", ["child", None])
def test_the_invoices_of_a_group_are_loaded(level: Any) -> None:
    found = payloads(INVOICES, invoice(consolidation_level=level))
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"product_name": None}, {"description": "Thank you"}),
        ({"tax_amount": None}, {"tax_amount": None}),
        ({"total_amount": None}, {}),
        ({"subscription_id": None}, {"subscription_id": None}),
        ({"total_amount": "-12.0", "tax_amount": "0.0"}, {"amount_excluding_tax_after_discount": -12, "tax_amount": 0}),
    ],
)
def test_a_lines_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = payloads(INVOICES, invoice(**changes))
    (line,), (document,) = found.sent["invoice_lines"], found.sent["invoices"]
    assert line == {name: value for name, value in {**LINE_BODY, **expected}.items() if value is not None}
    assert document["amount"] == line["amount_excluding_tax_after_discount"]


@pytest.mark.parametrize(
    ("columns", "entity", "field"),
    [
        (["customer_id"], "invoices", "customer_id"),
        (["issue_date"], "invoices", "date"),
        (["status"], "invoices", "status"),
        (["currency"], "invoices", "currency"),
        (["tax_amount", "discount_amount"], "invoices", "amount"),
        (["tax_amount", "discount_amount"], "invoice_lines", "amount_excluding_tax_after_discount"),
    ],
)
def test_an_invoice_without_a_column_lacks_a_field_that_it_needs(columns: list[str], entity: str, field: str) -> None:
    found = payloads(INVOICES, without(invoice(), *columns))
    assert not found.faults
    assert field not in found.sent[entity][0]


@given(
    subtotal=st.integers(-(10**8), 10**8),
    discount=st.integers(0, 10**6),
    tax=st.integers(0, 10**6),
    places=st.booleans(),
)
def test_the_line_is_the_invoices_net_amount(subtotal: int, discount: int, tax: int, places: bool) -> None:
    def text(amount: int) -> str:
        return str(Decimal(amount).scaleb(-2)) if places else str(amount)

    record = invoice(
        subtotal_amount=text(subtotal),
        discount_amount=text(discount),
        tax_amount=text(tax),
        total_amount=text(subtotal - discount + tax),
    )
    found = payloads(INVOICES, record)
    (line,), (document,) = found.sent["invoice_lines"], found.sent["invoices"]
    net = Decimal(text(subtotal - discount))
    assert Decimal(str(document["amount"])) == net
    assert Decimal(str(line["amount_excluding_tax_after_discount"])) == net


# --- the rest


def test_streams_that_are_not_needed_say_why() -> None:
    found = plan_for("customers", "transactions", "coupons", source="chargify")
    assert all(stream.ignored for stream in found.streams[1:])
    assert found.fed == {"customers"}


@pytest.mark.parametrize("stream", sorted(MAPPERS))
@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], {"data": None}, "1e999999"])
def test_no_record_is_too_strange(stream: str, value: Any) -> None:
    records = [customer(), product(), subscription(), invoice()]
    names = {name for record in records for name in record}
    for name in sorted(names):
        for record in records:
            payloads(MAPPERS[stream], {**record, name: value})
