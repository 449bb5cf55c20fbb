"""The Stripe preset: own records in Stripe's two shapes, the payloads field by field (sources.md, section 1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from unit_tests.mapping.payloads import mapper_for, payloads, without

# 2024-01-01, 2024-02-01, 2024-03-01 and 2025-01-01, midnight UTC.
JAN, FEB, MAR, NEXT_JAN = 1704067200, 1706745600, 1709251200, 1735689600

CUSTOMERS = mapper_for("customers")
PRODUCTS = mapper_for("products")
PRICES = mapper_for("prices")
PLANS = mapper_for("plans")
SUBSCRIPTIONS = mapper_for("subscriptions")
INVOICES = mapper_for("invoices")
INVOICES_BESIDE_LINES = mapper_for("invoices", "invoice_line_items")
LINES = mapper_for("invoice_line_items")
CREDIT_NOTES = mapper_for("credit_notes")


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "cus_A1",
        "object": "customer",
        "address": {"country": "FR", "postal_code": "69001", "city": "Lyon", "line1": "1 quai", "state": None},
        "email": "billing@acme.test",
        "name": "Acme SAS",
        "metadata": {"segment": "smb", "seats": "12"},
        "livemode": True,
        "created": JAN,
        "updated": FEB,
        **changes,
    }


def price(**changes: Any) -> dict[str, Any]:
    return {
        "id": "price_pro",
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "eur",
        "nickname": "Pro monthly",
        "product": "prod_pro",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "aggregate_usage": None},
        "type": "recurring",
        "unit_amount": 4900,
        "unit_amount_decimal": "4900",
        "updated": FEB,
        **changes,
    }


def recurring(interval: str, count: int = 1, usage_type: str = "licensed") -> dict[str, Any]:
    return {"interval": interval, "interval_count": count, "usage_type": usage_type}


def item(quantity: int | None = 1, **price_changes: Any) -> dict[str, Any]:
    element = {"id": "si_1", "object": "subscription_item", "price": price(**price_changes), "quantity": quantity}
    return {name: value for name, value in element.items() if value is not None}


def subscription(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_A1",
        "status": "active",
        "currency": "eur",
        "created": JAN,
        "start_date": JAN,
        "cancel_at_period_end": False,
        "current_period_start": FEB,
        "current_period_end": MAR,
        "items": {"object": "list", "data": list(items) or [item()], "has_more": False, "total_count": len(items)},
        "metadata": {},
        "updated": FEB,
        **changes,
    }


def coupon(**changes: Any) -> dict[str, Any]:
    rule = {"id": "C1", "duration": "forever", "percent_off": None, "amount_off": None, "currency": None, **changes}
    return {"id": "di_1", "object": "discount", "coupon": rule}


def line(**changes: Any) -> dict[str, Any]:
    """A line in API version 2022-11-15."""
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": 10000,
        "amount_excluding_tax": 10000,
        "currency": "eur",
        "description": "2 x Pro",
        "discount_amounts": [{"amount": 1000, "discount": "di_1"}],
        "period": {"start": JAN, "end": FEB},
        "plan": {"id": "price_pro"},
        "price": price(),
        "proration": False,
        "quantity": 2,
        "subscription": "sub_1",
        "tax_amounts": [{"amount": 1800, "inclusive": False, "tax_rate": "txr_1"}],
        "type": "subscription",
        **changes,
    }


def basil_line(**changes: Any) -> dict[str, Any]:
    """A line in API version 2025-03-31.basil."""
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": 10000,
        "currency": "eur",
        "description": "2 x Pro",
        "discount_amounts": [{"amount": 1000, "discount": "di_1"}],
        "invoice": "in_1",
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {"subscription": "sub_1", "subscription_item": "si_1", "proration": False},
        },
        "period": {"start": JAN, "end": FEB},
        "pretax_credit_amounts": [{"amount": 1000, "discount": "di_1", "type": "discount"}],
        "pricing": {"type": "price_details", "price_details": {"price": "price_pro", "product": "prod_pro"}},
        "quantity": 2,
        "taxes": [{"amount": 1800, "tax_behavior": "exclusive", "taxable_amount": 9000}],
        **changes,
    }


LINE_BODY = {
    "id": "il_1",
    "invoice_id": "in_1",
    "subscription_id": "sub_1",
    "price_id": "price_pro",
    "type": "subscription",
    "description": "2 x Pro",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 90,
    "tax_amount": 18,
    "discount_amount": 10,
    "quantity": 2,
    "period_start": "2024-01-01T00:00:00Z",
    "period_end": "2024-02-01T00:00:00Z",
}


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An invoice in API version 2022-11-15, created in January and finalised in February."""
    return {
        "id": "in_1",
        "object": "invoice",
        "billing_reason": "subscription_cycle",
        "created": JAN,
        "currency": "eur",
        "customer": "cus_A1",
        "customer_address": {"country": "FR", "postal_code": "69001"},
        "customer_email": "billing@acme.test",
        "customer_name": "Acme SAS",
        "amount_due": 5000,
        "due_date": MAR,
        "effective_at": FEB,
        "lines": {"object": "list", "data": list(lines) or [line()], "has_more": False, "total_count": 1},
        "metadata": {"order": "PO-7"},
        "number": "A-0001",
        "status": "paid",
        "status_transitions": {"finalized_at": FEB, "paid_at": MAR},
        "subscription": "sub_1",
        "tax": 1800,
        "total": 10800,
        "total_excluding_tax": 9000,
        "total_tax_amounts": [{"amount": 1800, "inclusive": False, "tax_rate": "txr_1"}],
        "updated": MAR,
        **changes,
    }


def basil_invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An invoice in API version 2025-03-31.basil."""
    record = invoice(*(lines or (basil_line(),)))
    for gone in ("subscription", "tax", "total_tax_amounts", "total_excluding_tax"):
        del record[gone]
    return {
        **record,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        "total_taxes": [{"amount": 1800, "tax_behavior": "exclusive"}],
        **changes,
    }


INVOICE_BODY = {
    "id": "in_1",
    "customer_id": "cus_A1",
    "subscription_id": "sub_1",
    "number": "A-0001",
    "date": "2024-02-01T00:00:00Z",
    "due_date": "2024-03-01T00:00:00Z",
    "status": "paid",
    "currency": "EUR",
    "amount": 90,
    "custom_properties": {"order": "PO-7"},
}


def credit_note(**changes: Any) -> dict[str, Any]:
    return {
        "id": "cn_1",
        "object": "credit_note",
        "amount": 6000,
        "created": JAN,
        "currency": "eur",
        "customer": "cus_A1",
        "discount_amount": "0",
        "effective_at": FEB,
        "invoice": "in_1",
        "lines": {
            "data": [
                {
                    "id": "cnli_1",
                    "amount": 5500,
                    "amount_excluding_tax": 5500,
                    "discount_amount": 500,
                    "discount_amounts": [{"amount": 500, "discount": "di_1"}],
                    "invoice_line_item": "il_1",
                    "tax_amounts": [{"amount": 1000, "inclusive": False}],
                    "type": "invoice_line_item",
                }
            ],
            "has_more": False,
        },
        "status": "issued",
        "tax_amounts": [{"amount": 1000, "inclusive": False}],
        "total": 6000,
        "total_excluding_tax": 5000,
        "type": "post_payment",
        "updated": MAR,
        **changes,
    }


CREDIT_NOTE_BODY = {
    "id": "cn_1",
    "invoice_id": "in_1",
    "customer_id": "cus_A1",
    "date": "2024-02-01T00:00:00Z",
    "status": "issued",
    "currency": "EUR",
    "amount": 50,
    "lines": [{"id": "cnli_1", "invoice_line_id": "il_1", "amount": 55, "discount_amount": 5}],
}


# --- customers


def test_customer() -> None:
    found = payloads(CUSTOMERS, customer())
    assert found.only("customers") == {
        "id": "cus_A1",
        "name": "Acme SAS",
        "email": "billing@acme.test",
        "country": "FR",
        "zip_code": "69001",
        "custom_properties": {"segment": "smb", "seats": "12"},
    }
    assert found.versions == [FEB]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": None, "description": "Acme (Lyon)"}, "Acme (Lyon)"),
        ({"name": "", "description": ""}, "billing@acme.test"),
        ({"name": None, "email": None}, "cus_A1"),
    ],
)
def test_customer_without_a_name_takes_the_next_best(changes: dict[str, Any], name: str) -> None:
    assert payloads(CUSTOMERS, customer(**changes)).only("customers")["name"] == name


@pytest.mark.parametrize("address", [None, {}, {"country": None, "postal_code": ""}])
def test_customer_without_an_address_takes_the_one_for_shipping(address: Any) -> None:
    shipping = {"address": {"country": "de", "postal_code": "10115"}, "name": "Dock 4"}
    body = payloads(CUSTOMERS, customer(address=address, shipping=shipping)).only("customers")
    assert (body["country"], body["zip_code"]) == ("DE", "10115")


@pytest.mark.parametrize("metadata", [None, {}, {"empty": "", "none": None}])
def test_customer_without_metadata_has_no_custom_properties(metadata: Any) -> None:
    assert "custom_properties" not in payloads(CUSTOMERS, customer(metadata=metadata)).only("customers")


def test_absent_and_null_are_the_same() -> None:
    nulls = customer(address=None, email=None, metadata=None, name="Acme SAS", shipping=None)
    absent = without(nulls, "address", "email", "metadata", "shipping")
    assert payloads(CUSTOMERS, nulls).only("customers") == {"id": "cus_A1", "name": "Acme SAS"}
    assert payloads(CUSTOMERS, absent).only("customers") == {"id": "cus_A1", "name": "Acme SAS"}


@pytest.mark.parametrize(
    ("mapper", "record", "entity", "stub"),
    [
        (CUSTOMERS, customer(metadata={}), "customers", {"id": "cus_A1", "name": "Acme SAS"}),
        (PRODUCTS, {"id": "prod_1", "object": "product", "name": "Pro"}, "products", {"id": "prod_1", "name": "Pro"}),
        (PRICES, price(), "plans", {"id": "price_pro", "amount": 49}),
    ],
)
@pytest.mark.parametrize("mark", ["is_deleted", "deleted"])
def test_a_deleted_object_is_skipped_but_still_known_to_its_children(
    mapper: Any, record: dict[str, Any], entity: str, stub: dict[str, Any], mark: str
) -> None:
    found = payloads(mapper, {**record, mark: True, "updated": MAR})
    assert found.sent == {}
    assert found.skipped == [(entity, record["id"], "deleted")]
    assert (found.skips[0].version, found.skips[0].children) == (MAR, "lookup")
    assert stub.items() <= found.stubs[entity][0].items()


def test_is_deleted_false_is_alive() -> None:
    assert payloads(CUSTOMERS, customer(is_deleted=False)).only("customers")["id"] == "cus_A1"


# --- products, prices, plans


def test_product() -> None:
    record = {"id": "prod_1", "object": "product", "name": "Pro", "active": False, "metadata": {"family": "crm"}}
    assert payloads(PRODUCTS, {**record, "updated": JAN}).only("products") == {
        "id": "prod_1",
        "name": "Pro",
        "custom_properties": {"family": "crm"},
    }
    assert payloads(PRODUCTS, {"id": "prod_1"}).only("products") == {"id": "prod_1", "name": "prod_1"}


PLAN_BODY = {
    "id": "price_pro",
    "product_id": "prod_pro",
    "name": "Pro monthly",
    "interval": "month",
    "interval_count": 1,
    "amount": 49,
    "currency": "EUR",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"metadata": {"tier": "gold"}}, {"custom_properties": {"tier": "gold"}}),
        ({"unit_amount": 4900.0, "recurring": recurring("year", 1)}, {"interval": "year"}),
        ({"recurring": {"interval": "week", "interval_count": 2.0}}, {"interval": "week", "interval_count": 2}),
        ({"recurring": recurring("day", 10)}, {"interval": "day", "interval_count": 10}),
        ({"unit_amount": None, "unit_amount_decimal": "0.5"}, {"amount": 0.005}),
        ({"unit_amount": None, "unit_amount_decimal": 8400.0}, {"amount": 84}),
        ({"unit_amount": 0, "unit_amount_decimal": "0"}, {"amount": 0}),
        ({"currency": "jpy"}, {"amount": 4900, "currency": "JPY"}),
        ({"currency": "kwd"}, {"amount": 4.9, "currency": "KWD"}),
        ({"nickname": None}, {"name": "prod_pro month"}),
        ({"nickname": None, "product": {"id": "prod_pro", "name": "Pro"}}, {"name": "Pro month"}),
    ],
)
def test_price(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(PRICES, price(**changes)).only("plans") == {**PLAN_BODY, **expected}


def test_a_price_with_tiers_has_no_amount() -> None:
    body = payloads(
        PRICES, price(unit_amount=None, unit_amount_decimal=None, billing_scheme="tiered", tiers_mode="graduated")
    ).only("plans")
    assert body == without(PLAN_BODY, "amount")


def test_a_one_time_price_has_no_interval() -> None:
    body = payloads(PRICES, price(type="one_time", recurring=None, nickname=None)).only("plans")
    assert body == {**without(PLAN_BODY, "interval", "interval_count"), "name": "prod_pro one-time"}


def test_a_price_knows_its_product() -> None:
    assert payloads(PRICES, price()).stubs == {"products": [{"id": "prod_pro", "name": "prod_pro"}]}
    expanded = price(product={"id": "prod_pro", "name": "Pro"})
    assert payloads(PRICES, expanded).stubs == {"products": [{"id": "prod_pro", "name": "Pro"}]}
    assert payloads(PRICES, expanded).only("plans")["product_id"] == "prod_pro"


def test_plan() -> None:
    record = {
        "id": "price_pro",
        "object": "plan",
        "amount": 4900.0,
        "amount_decimal": "4900",
        "currency": "eur",
        "interval": "month",
        "interval_count": 1.0,
        "nickname": "Pro monthly",
        "product": "prod_pro",
        "updated": FEB,
    }
    assert payloads(PLANS, record).only("plans") == PLAN_BODY
    sub_cent = {**record, "amount": None, "amount_decimal": "0.25"}
    assert payloads(PLANS, sub_cent).only("plans") == {**PLAN_BODY, "amount": 0.0025}
    unnamed = {**record, "nickname": None, "product": {"id": "prod_pro", "name": "Pro"}}
    assert payloads(PLANS, unnamed).only("plans") == {**PLAN_BODY, "name": "Pro month"}


# --- subscriptions

SUBSCRIPTION_BODY = {
    "id": "sub_1",
    "customer_id": "cus_A1",
    "plan_id": "price_pro",
    "status": "active",
    "start_date": "2024-01-01T00:00:00Z",
    "monthly_value": 49,
    "currency": "EUR",
}


def test_subscription() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(metadata={"order": "PO-9"}))
    assert found.only("subscriptions") == {**SUBSCRIPTION_BODY, "custom_properties": {"order": "PO-9"}}
    assert found.stubs == {
        "plans": [PLAN_BODY],
        "products": [{"id": "prod_pro", "name": "prod_pro"}],
    }


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "unpaid", "paused", "canceled"])
def test_a_subscriptions_status_is_kept(status: str) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(status=status)).only("subscriptions")["status"] == status


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_a_subscription_that_never_began_is_skipped(status: str) -> None:
    found = payloads(SUBSCRIPTIONS, subscription(status=status))
    assert (found.sent, found.skipped) == ({}, [("subscriptions", "sub_1", "incomplete")])


def test_a_status_that_stripe_invents_tomorrow_is_a_fault_that_names_the_field() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(status="hibernating"))
    assert found.faults == [("subscriptions", "sub_1", "status", "unknown_value")]
    assert "hibernating" not in found.problems[0]


def test_a_subscriptions_deleted_event_is_a_cancellation_and_no_delete() -> None:
    record = subscription(status="canceled", is_deleted=True, canceled_at=FEB, ended_at=MAR, updated=MAR)
    assert payloads(SUBSCRIPTIONS, record).only("subscriptions") == {
        **SUBSCRIPTION_BODY,
        "status": "canceled",
        "canceled_at": "2024-02-01T00:00:00Z",
        "end_date": "2024-03-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"ended_at": FEB, "cancel_at": MAR}, "2024-02-01T00:00:00Z"),
        ({"cancel_at": MAR, "cancel_at_period_end": True}, "2024-03-01T00:00:00Z"),
        ({"cancel_at_period_end": True}, "2024-03-01T00:00:00Z"),
        ({"cancel_at_period_end": True, "current_period_end": "1709251200"}, "2024-03-01T00:00:00Z"),
        ({"cancel_at_period_end": False}, None),
    ],
)
def test_a_subscriptions_end(changes: dict[str, Any], end: str | None) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions").get("end_date") == end


def test_a_basil_subscription_has_its_period_on_its_items() -> None:
    record = subscription({**item(), "current_period_start": FEB, "current_period_end": MAR})
    record = {**without(record, "current_period_start", "current_period_end"), "cancel_at_period_end": True}
    assert payloads(SUBSCRIPTIONS, record).only("subscriptions") == {
        **SUBSCRIPTION_BODY,
        "end_date": "2024-03-01T00:00:00Z",
    }


def test_a_subscriptions_trial() -> None:
    body = payloads(SUBSCRIPTIONS, subscription(status="trialing", trial_start=JAN, trial_end=float(FEB)))
    assert body.only("subscriptions") == {
        **SUBSCRIPTION_BODY,
        "status": "trialing",
        "trial_start": "2024-01-01T00:00:00Z",
        "trial_end": "2024-02-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({"items": {"data": [{"id": "si_1", "plan": {"id": "plan_old"}}]}}, "plan_old"),
        ({"items": None, "plan": {"id": "plan_single"}}, "plan_single"),
        ({"items": None, "plan": None}, None),
    ],
)
def test_a_subscription_whose_items_have_no_price(changes: dict[str, Any], plan: str | None) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    assert body.get("plan_id") == plan
    assert "monthly_value" not in body


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (subscription(item(3)), 147),
        (subscription(item(None)), 49),
        (subscription(item(2.0, unit_amount=4900.0)), 98),  # type: ignore[arg-type]
        (subscription(item(recurring=recurring("year"), unit_amount=120000)), 100),
        (subscription(item(recurring=recurring("year", 2), unit_amount=120000)), 50),
        (subscription(item(recurring=recurring("month", 3), unit_amount=30000)), 100),
        (subscription(item(recurring=recurring("week"), unit_amount=1200)), 52),
        (subscription(item(recurring=recurring("week", 4), unit_amount=1200)), 13),
        (subscription(item(recurring=recurring("day"), unit_amount=1200)), 365),
        (subscription(item(recurring=recurring("year"), unit_amount=10000)), 8.33),
        (subscription(item(1000, unit_amount=None, unit_amount_decimal="0.5")), 5),
        (subscription(item(2), item(1, unit_amount=1200, recurring=recurring("year"))), 99),
        (subscription(item(unit_amount=0)), 0),
        (subscription(item(currency="jpy", unit_amount=1000), currency="jpy"), 1000),
        (
            subscription(item(currency="jpy", unit_amount=10000, recurring=recurring("year")), currency="jpy"),
            833,
        ),
        (subscription(item(currency="kwd", unit_amount=10000, recurring=recurring("year")), currency="kwd"), 0.833),
        (subscription(discount=coupon(percent_off=20.0)), 39.2),
        (subscription(discount=coupon(percent_off=33.33)), 32.67),
        (subscription(discount=coupon(percent_off=100)), 0),
        (subscription(discount=coupon(amount_off=900, currency="eur")), 40),
        (subscription(discount=coupon(amount_off=900)), 40),
        (subscription(discount=coupon(amount_off=9900, currency="eur")), 0),
        (
            subscription(item(unit_amount=120000, recurring=recurring("year")), discount=coupon(amount_off=12000)),
            90,
        ),
        (subscription(discount=coupon(percent_off=50, duration="repeating")), 24.5),
        (subscription(discount=coupon(percent_off=50, duration="once")), 49),
        (subscription(discounts=[]), 49),
        (subscription(discounts=[coupon(percent_off=20.0)]), 39.2),
    ],
)
def test_the_monthly_value(record: dict[str, Any], value: float) -> None:
    assert payloads(SUBSCRIPTIONS, record).only("subscriptions")["monthly_value"] == value


@pytest.mark.parametrize(
    "changes", [{"discounts": ["di_1"]}, {"items": {"data": [item()], "has_more": True}}], ids=["ids", "more items"]
)
def test_the_monthly_value_is_unknown_when_not_all_of_it_is_there(changes: dict[str, Any]) -> None:
    assert "monthly_value" not in payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")


@pytest.mark.parametrize(
    "unknown",
    [
        {"unit_amount": None, "unit_amount_decimal": None, "billing_scheme": "tiered"},
        {"recurring": recurring("month", usage_type="metered")},
        {"transform_quantity": {"divide_by": 100, "round": "up"}},
    ],
)
def test_the_monthly_value_is_unknown_as_soon_as_one_items_is(unknown: dict[str, Any]) -> None:
    record = subscription(item(2), item(None if "recurring" in unknown else 1, **unknown))
    assert payloads(SUBSCRIPTIONS, record).only("subscriptions") == without(SUBSCRIPTION_BODY, "monthly_value")


def test_a_subscription_stands_for_each_plan_of_its_items() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(item(), item(id="price_seat", product="prod_seat", nickname="Seat")))
    assert [plan["id"] for plan in found.stubs["plans"]] == ["price_pro", "price_seat"]
    assert [product["id"] for product in found.stubs["products"]] == ["prod_pro", "prod_seat"]


def test_an_expanded_customer_and_product_are_references_all_the_same() -> None:
    record = subscription(item(product={"id": "prod_pro", "name": "Pro"}), customer={"id": "cus_A1", "name": "Acme"})
    found = payloads(SUBSCRIPTIONS, record)
    assert found.only("subscriptions") == SUBSCRIPTION_BODY
    assert found.stubs["products"] == [{"id": "prod_pro", "name": "Pro"}]


def test_another_object_on_the_stream_is_no_subscription() -> None:
    found = payloads(SUBSCRIPTIONS, {"id": "si_1", "object": "subscription_item", "subscription": "sub_1"})
    assert (found.sent, found.reason, found.text) == ({}, "not_mapped", "the record is no subscription")


# --- invoices


@pytest.mark.parametrize("record", [invoice(), basil_invoice()], ids=["2022-11-15", "basil"])
def test_invoice_and_its_lines_in_both_shapes(record: dict[str, Any]) -> None:
    found = payloads(INVOICES, record)
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY]}
    assert found.versions == [MAR, MAR]
    assert (found.faults, found.skipped, found.warnings) == ([], [], [])


def test_an_invoice_stands_for_its_customer_and_its_lines_prices() -> None:
    found = payloads(INVOICES, invoice())
    assert found.stubs == {
        "customers": [
            {
                "id": "cus_A1",
                "name": "Acme SAS",
                "email": "billing@acme.test",
                "country": "FR",
                "zip_code": "69001",
            }
        ],
        "plans": [PLAN_BODY],
        "products": [{"id": "prod_pro", "name": "prod_pro"}],
    }
    assert payloads(INVOICES, basil_invoice(customer_name=None, customer_email=None)).stubs == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "open"}, {"status": "open"}),
        ({"status": "uncollectible"}, {"status": "unpaid"}),
        ({"status": "paid", "amount_paid": 0}, {"status": "paid"}),
        ({"status_transitions": None}, {"date": "2024-02-01T00:00:00Z"}),
        ({"status_transitions": {"finalized_at": None}, "effective_at": None}, {"date": "2024-01-01T00:00:00Z"}),
        ({"due_date": None}, {"due_date": "2024-02-01T00:00:00Z"}),
        ({"due_date": float(MAR)}, {"due_date": "2024-03-01T00:00:00Z"}),
        ({"total": -4200, "total_excluding_tax": -3500}, {"amount": -35}),
        ({"total_excluding_tax": None}, {"amount": 90}),
        ({"total_excluding_tax": None, "tax": None}, {"amount": 90}),
        ({"total_excluding_tax": None, "tax": None, "total_tax_amounts": []}, {"amount": 108}),
        ({"total_excluding_tax": "9000"}, {"amount": 90}),
        ({"currency": "jpy"}, {"amount": 9000, "currency": "JPY"}),
        ({"currency": "kwd"}, {"amount": 9, "currency": "KWD"}),
        ({"currency": "isk"}, {"amount": 90, "currency": "ISK"}),
        ({"customer": {"id": "cus_A1", "name": "Acme"}}, {}),
        ({"subscription": {"id": "sub_1", "status": "active"}}, {}),
        ({"subscription": None}, {}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = payloads(INVOICES, invoice(**changes))
    assert found.sent["invoices"] == [{**INVOICE_BODY, **expected}]
    assert found.faults == []


@pytest.mark.parametrize(
    ("record", "subscription_id"),
    [
        (basil_invoice(parent=None), "sub_1"),
        (basil_invoice({**basil_line(), "parent": None, "subscription": "sub_7"}, parent=None), "sub_7"),
        (invoice(line(subscription=None, type="invoiceitem"), subscription=None), None),
    ],
)
def test_an_invoices_subscription_may_be_known_from_its_lines(
    record: dict[str, Any], subscription_id: str | None
) -> None:
    assert payloads(INVOICES, record).sent["invoices"][0].get("subscription_id") == subscription_id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "draft", "number": None}, "draft"),
        ({"status": None}, "draft"),
        ({"status": "void"}, "void"),
        ({"status": "draft", "is_deleted": True}, "deleted"),
    ],
)
@pytest.mark.parametrize("mapper", [INVOICES, INVOICES_BESIDE_LINES])
def test_what_is_no_final_invoice_is_skipped_with_its_lines(mapper: Any, changes: dict[str, Any], reason: str) -> None:
    found = payloads(mapper, invoice(**changes))
    assert (found.sent, found.skipped) == ({}, [("invoices", "in_1", reason)])
    assert found.skips[0].children == "skip"


def test_embedded_lines_give_way_to_the_stream_only_when_they_are_cut() -> None:
    cut = invoice(lines={"data": [line()], "has_more": True})
    assert payloads(INVOICES_BESIDE_LINES, invoice()).sent["invoice_lines"] == [LINE_BODY]
    assert list(payloads(INVOICES_BESIDE_LINES, cut).sent) == ["invoices"]
    assert payloads(INVOICES_BESIDE_LINES, cut).warnings == []


def test_cut_lines_without_the_stream_are_sent_and_warned_of() -> None:
    found = payloads(INVOICES, invoice(lines={"data": [line()], "has_more": True}))
    assert found.sent["invoice_lines"] == [LINE_BODY]
    assert [(warning.code, warning.id) for warning in found.warnings] == [("incomplete_lines", "in_1")]


def test_an_invoice_whose_columns_were_deselected_names_what_is_missing() -> None:
    found = payloads(INVOICES, {"id": "in_1", "status": "paid", "total_excluding_tax": 900, "lines": None})
    assert found.faults == [("invoices", "in_1", "amount", "invalid_value")]
    assert found.problems == ["is in minor units of a currency that the record doesn't name"]


# --- lines


@pytest.mark.parametrize(
    "record",
    [line(invoice_id="in_1", invoice_updated=MAR), basil_line(invoice_updated=MAR)],
    ids=["2022-11-15", "basil"],
)
def test_a_line_of_the_stream_in_both_shapes(record: dict[str, Any]) -> None:
    found = payloads(LINES, record)
    assert found.only("invoice_lines") == LINE_BODY
    assert found.versions == [MAR]


INCLUSIVE = {"amount": 12000, "discount_amounts": [{"amount": 1000}]}


@pytest.mark.parametrize(
    ("record", "net", "tax", "discount"),
    [
        # Tax on top: 100.00 - 10.00.
        (line(), 90, 18, 10),
        (basil_line(), 90, 18, 10),
        # Tax within: 120.00 holds 20.00 of it.
        (line(**INCLUSIVE, amount_excluding_tax=10000, tax_amounts=[{"amount": 2000, "inclusive": True}]), 90, 20, 10),
        (line(**INCLUSIVE, amount_excluding_tax=None, tax_amounts=[{"amount": 2000, "inclusive": True}]), 90, 20, 10),
        (basil_line(**INCLUSIVE, taxes=[{"amount": 2000, "tax_behavior": "inclusive"}]), 90, 20, 10),
        # Both kinds at once, and several discounts.
        (
            basil_line(
                amount=12000,
                discount_amounts=[{"amount": 1000}, {"amount": 250}],
                taxes=[
                    {"amount": 2000, "tax_behavior": "inclusive"},
                    {"amount": 300, "tax_behavior": "exclusive"},
                ],
            ),
            87.5,
            23,
            12.5,
        ),
        # Neither tax nor discount.
        (line(tax_amounts=[], discount_amounts=[]), 100, 0, 0),
        (basil_line(taxes=[], discount_amounts=[]), 100, 0, 0),
        (line(tax_amounts=None, discount_amounts=None), 100, None, None),
        # A credit of a proration.
        (line(amount=-3000, amount_excluding_tax=-3000, discount_amounts=[], tax_amounts=[]), -30, 0, 0),
        (basil_line(amount=-3000, discount_amounts=[{"amount": -300}], taxes=[]), -27, 0, -3),
        # Numbers of any type.
        (line(amount_excluding_tax="10000", discount_amounts=[{"amount": 1000.0}]), 90, 18, 10),
        (line(currency="jpy"), 9000, 1800, 1000),
        (line(currency="kwd"), 9, 1.8, 1),
    ],
)
def test_a_lines_amounts(record: dict[str, Any], net: float, tax: float | None, discount: float | None) -> None:
    body = payloads(LINES, {**record, "invoice_id": "in_1"}).only("invoice_lines")
    assert body["amount_excluding_tax_after_discount"] == net
    assert body.get("tax_amount") == tax
    assert body.get("discount_amount") == discount


ONE_OFF = without({**LINE_BODY, "type": "one_off"}, "price_id", "period_start", "period_end")
ONE_TIME = price(id="price_setup", type="one_time", recurring=None)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # A proration: an invoice item of a subscription, with a recurring price and a period.
        (line(type="invoiceitem", proration=True), LINE_BODY),
        (
            basil_line(
                parent={
                    "type": "invoice_item_details",
                    "invoice_item_details": {"subscription": "sub_1", "proration": True},
                    "subscription_item_details": None,
                }
            ),
            LINE_BODY,
        ),
        # A set-up fee: an invoice item with a one-time price, or for a moment only.
        (line(type="invoiceitem", price=ONE_TIME, plan=None), ONE_OFF),
        (line(type="invoiceitem", period={"start": JAN, "end": JAN}), ONE_OFF),
        (line(type="invoiceitem", period=None), ONE_OFF),
        (line(type="invoiceitem", subscription=None), without(ONE_OFF, "subscription_id")),
        (
            basil_line(
                parent={"type": "invoice_item_details", "invoice_item_details": {"subscription": None}},
                pricing={"price_details": {"price": "price_setup"}},
            ),
            without(ONE_OFF, "subscription_id"),
        ),
        # References.
        (line(price=None), LINE_BODY),
        (line(plan=None), LINE_BODY),
        (line(plan={"id": "plan_old"}), LINE_BODY),
        (line(subscription={"id": "sub_1"}), LINE_BODY),
        (line(quantity=None), without(LINE_BODY, "quantity")),
        (line(quantity=2.0), LINE_BODY),
        (line(description=None), without(LINE_BODY, "description")),
    ],
)
def test_a_lines_type_period_and_references(record: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(LINES, {**record, "invoice_id": "in_1"}).only("invoice_lines") == expected


def test_a_line_stands_for_its_price_unless_that_was_made_for_it_alone() -> None:
    assert payloads(LINES, line(invoice_id="in_1")).stubs == {
        "plans": [PLAN_BODY],
        "products": [{"id": "prod_pro", "name": "prod_pro"}],
    }
    assert payloads(LINES, line(invoice_id="in_1", price=ONE_TIME)).stubs == {}
    assert payloads(LINES, basil_line()).stubs == {}


@pytest.mark.parametrize(
    ("record", "identity", "reason"),
    [
        (line(id="il_tmp_9", invoice_id="in_1"), "il_tmp_9", "draft"),
        (line(invoice_id="in_1", is_deleted=True), "il_1", "deleted"),
    ],
)
def test_a_line_that_is_not_final_is_skipped(record: dict[str, Any], identity: str, reason: str) -> None:
    found = payloads(LINES, record)
    assert (found.sent, found.skipped) == ({}, [("invoice_lines", identity, reason)])


@pytest.mark.parametrize("record", [invoice(status="open"), basil_invoice()], ids=["2022-11-15", "basil"])
def test_an_invoice_on_the_lines_stream_gives_its_lines_at_the_lowest_version_never_its_header(
    record: dict[str, Any],
) -> None:
    found = payloads(LINES, record)
    assert found.only("invoice_lines") == LINE_BODY
    assert found.versions == [None]
    assert "customers" not in found.stubs


def test_an_invoice_on_the_lines_stream_whose_lines_are_cut_is_warned_of() -> None:
    found = payloads(LINES, invoice(lines={"data": [line()], "has_more": True}))
    assert found.sent == {"invoice_lines": [LINE_BODY]}
    assert [(warning.code, warning.id) for warning in found.warnings] == [("incomplete_lines", "in_1")]


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "void"}, {"status": None}, {"status": "open", "is_deleted": True}]
)
def test_an_invoice_on_the_lines_stream_that_is_not_final_gives_nothing(changes: dict[str, Any]) -> None:
    found = payloads(LINES, invoice(**changes))
    assert (found.sent, found.skipped, found.reason) == ({}, [], "not_mapped")
    assert found.text == "the record is neither a line nor an invoice with final lines"


def test_the_nets_of_the_lines_add_up_to_the_invoices_amount() -> None:
    # 3 seats at 40.00 less 10 %, a credit of 12.50 and a fee of 99.00; 20 % VAT on top.
    lines = [
        line(id="il_1", amount=12000, amount_excluding_tax=12000, discount_amounts=[{"amount": 1200}]),
        line(id="il_2", amount=-1250, amount_excluding_tax=-1250, discount_amounts=[], type="invoiceitem"),
        line(
            id="il_3",
            amount=9900,
            amount_excluding_tax=9900,
            discount_amounts=[],
            type="invoiceitem",
            price=ONE_TIME,
        ),
    ]
    found = payloads(INVOICES, invoice(*lines, total=23340, tax=3890, total_excluding_tax=19450))
    nets = [Decimal(str(body["amount_excluding_tax_after_discount"])) for body in found.sent["invoice_lines"]]
    assert nets == [Decimal("108"), Decimal("-12.5"), Decimal("99")]
    assert sum(nets) == Decimal(str(found.sent["invoices"][0]["amount"])) == Decimal("194.5")


def test_one_broken_line_spoils_neither_the_invoice_nor_the_others() -> None:
    found = payloads(INVOICES, invoice(line(), line(id="il_2", discount_amounts=[{"amount": "a lot"}])))
    assert (len(found.sent["invoices"]), len(found.sent["invoice_lines"])) == (1, 1)
    assert found.faults == [
        ("invoice_lines", "il_2", "amount_excluding_tax_after_discount", "invalid_value"),
    ]


# --- credit notes


def test_credit_note() -> None:
    found = payloads(CREDIT_NOTES, credit_note())
    assert found.only("credit_notes") == CREDIT_NOTE_BODY
    assert found.versions == [MAR]


def credit_line(**changes: Any) -> dict[str, Any]:
    return {**credit_note()["lines"]["data"][0], **changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"effective_at": None}, {"date": "2024-01-01T00:00:00Z"}),
        ({"total_excluding_tax": None}, {"amount": 50}),
        ({"total_excluding_tax": None, "total": None}, {"amount": 50}),
        ({"total_excluding_tax": None, "tax_amounts": None, "total_taxes": [{"amount": 1000}]}, {"amount": 50}),
        ({"total_excluding_tax": 5000.0}, {"amount": 50}),
        ({"invoice": {"id": "in_1", "status": "paid"}, "customer": {"id": "cus_A1"}}, {}),
        ({"type": "pre_payment", "metadata": {"why": "error"}}, {"custom_properties": {"why": "error"}}),
        (
            {"currency": "jpy"},
            {
                "currency": "JPY",
                "amount": 5000,
                "lines": [{"id": "cnli_1", "invoice_line_id": "il_1", "amount": 5500, "discount_amount": 500}],
            },
        ),
        # Basil: neither amount_excluding_tax nor tax_amounts on the lines.
        (
            {
                "lines": {
                    "data": [
                        {
                            "id": "cnli_1",
                            "amount": 6500,
                            "discount_amounts": [{"amount": 500}],
                            "invoice_line_item": "il_1",
                            "taxes": [{"amount": 1000, "tax_behavior": "inclusive"}],
                        }
                    ]
                }
            },
            {},
        ),
        # A custom line refers to no line of the invoice; amounts come as text.
        (
            {"lines": {"data": [credit_line(invoice_line_item=None, discount_amount="500", type="custom_line_item")]}},
            {"lines": [{"id": "cnli_1", "amount": 55, "discount_amount": 5}]},
        ),
    ],
)
def test_a_credit_notes_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(CREDIT_NOTES, credit_note(**changes)).only("credit_notes") == {**CREDIT_NOTE_BODY, **expected}


@pytest.mark.parametrize("lines", [None, {}, {"data": []}])
def test_a_credit_note_without_lines_says_nothing_of_lines(lines: Any) -> None:
    body = payloads(CREDIT_NOTES, credit_note(lines=lines)).only("credit_notes")
    assert body == without(CREDIT_NOTE_BODY, "lines")


def test_a_void_credit_note_is_skipped() -> None:
    found = payloads(CREDIT_NOTES, credit_note(status="void"))
    assert (found.sent, found.skipped) == ({}, [("credit_notes", "cn_1", "void")])


def test_a_credit_note_with_cut_lines_is_warned_of() -> None:
    record = credit_note()
    record["lines"]["has_more"] = True
    assert [warning.code for warning in payloads(CREDIT_NOTES, record).warnings] == ["incomplete_lines"]


def test_a_credit_note_line_without_an_amount_is_a_fault() -> None:
    record = credit_note(lines={"data": [{"id": "cnli_1", "invoice_line_item": "il_1"}]})
    assert payloads(CREDIT_NOTES, record).faults == [("credit_notes", "cn_1", "lines.0.amount", "invalid_field")]


# --- the rest


@pytest.mark.parametrize("version", [MAR, float(MAR), str(MAR), "2024-03-01T00:00:00Z"])
def test_the_cursor_is_the_version_whatever_its_type(version: Any) -> None:
    mapped = CUSTOMERS.map(customer(updated=version))
    assert [draft.version for draft in mapped.objects] == [MAR]
    assert mapped.objects[0].tie_first is True  # type: ignore[union-attr]


def test_unmapped_columns_are_kept_when_the_user_asks_for_it() -> None:
    mapper = mapper_for("customers", unmapped="custom_properties")
    body = payloads(mapper, customer(phone="+33 1", balance=-500, livemode=False)).only("customers")
    assert body["custom_properties"] == {
        "segment": "smb",
        "seats": "12",
        "object": "customer",
        "phone": "+33 1",
        "balance": -500,
        "livemode": False,
        "created": JAN,
        "updated": FEB,
    }


def test_unmapped_columns_of_a_line_are_its_own_and_no_names_of_the_mapping() -> None:
    mapper = mapper_for("invoices", unmapped="custom_properties")
    body = payloads(mapper, invoice()).sent["invoice_lines"][0]
    assert body["custom_properties"] == {"object": "line_item", "proration": False}


@pytest.mark.parametrize("mapper", [CUSTOMERS, PRODUCTS, PRICES, PLANS, SUBSCRIPTIONS, INVOICES, LINES, CREDIT_NOTES])
@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], {"data": None}, "1e999999"])
def test_no_record_is_too_strange(mapper: Any, value: Any) -> None:
    names = {*customer(), *price(), *subscription(), *invoice(), *basil_invoice(), *line(), *basil_line()}
    for name in sorted(names):
        for base in ({"id": "x_1"}, customer(), price(), subscription(), invoice(), basil_invoice(), credit_note()):
            payloads(mapper, {**base, name: value})
    payloads(mapper, dict.fromkeys(names, value))
