"""A discount of a Stripe customer lowers the subscriptions that have none of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform

CATALOG = catalog(
    stream("customers", "id", "name", "object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt",
           "discount"),
    stream("subscriptions", "id", "object", "customer", "status", "items", "livemode", "billing_cycle_anchor",
           "collection_method", "latest_invoice", "discounts", "currency", "start_date"),
)  # fmt: skip
FOREVER = {"id": "C", "duration": "forever", "percent_off": None, "amount_off": None, "currency": None}


def customer(identity: str, **coupon: object) -> Message:
    discount = {"id": "di_1", "object": "discount", "coupon": {**FOREVER, **coupon}} if coupon else None
    return record(
        "customers", {"id": identity, "object": "customer", "name": "Shop", "updated": 5, "discount": discount}
    )


def subscription(identity: str, customer_id: str, interval: str = "month", **fields: object) -> Message:
    price = {"id": "sd-price", "currency": "eur", "unit_amount": 9900, "product": "sd-prod",
             "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"}}  # fmt: skip
    return record("subscriptions", {
        "id": identity, "object": "subscription", "customer": customer_id, "status": "active", "currency": "eur",
        "start_date": 1780272000, "updated": 5, "items": {"data": [{"id": "si", "price": price, "quantity": 1}]},
        **fields})  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def sold(account: Account) -> None:
    """Fincome has what is sold: a subscription would wait for it, as for what shows late."""
    account.given("products", {"id": "sd-prod", "name": "Product"})
    account.given("plans", {"id": "sd-price", "name": "Plan", "product_id": "sd-prod"})


def monthly_value(platform: Platform, account: Account, *messages: Message) -> Any:
    seen = platform.sync(account.config(source="stripe"), CATALOG, *messages, state("subscriptions", {"c": 1}))
    assert seen.good
    stored = account.get("subscriptions", "sd-s")
    assert stored is not None
    return stored.get("monthly_value")


@pytest.mark.parametrize("customer_first", [True, False])
@pytest.mark.parametrize(
    ("coupon", "interval", "expected"),
    [
        ({"percent_off": 50}, "month", 49.5),
        ({"percent_off": 33.33}, "month", 66),
        ({"amount_off": 900, "currency": "eur"}, "month", 90),
        # 9.00 off each invoice of 99.00 a year.
        ({"amount_off": 900, "currency": "eur"}, "year", 7.5),
        ({"amount_off": 90000, "currency": "eur"}, "month", 0),
        ({"percent_off": 50, "duration": "once"}, "month", 99),
        # In dollars, for some products, by its id only: nobody knows.
        ({"amount_off": 900, "currency": "usd"}, "month", None),
        ({"percent_off": 50, "applies_to": {"products": ["prod_2"]}}, "month", None),
        ({"id": "C"}, "month", None),
        ({}, "month", 99),
    ],
)
def test_given_a_customers_discount_when_both_come_then_the_monthly_value_is_what_is_left(
    platform: Platform,
    account: Account,
    *,
    coupon: dict[str, Any],
    interval: str,
    expected: object,
    customer_first: bool,
) -> None:
    messages = [customer("sd-c", **coupon), subscription("sd-s", "sd-c", interval)]
    assert monthly_value(platform, account, *messages[:: 1 if customer_first else -1]) == expected


def test_given_a_discount_of_its_own_when_the_customer_has_one_too_then_its_own_counts(
    platform: Platform, account: Account
) -> None:
    own = {"id": "di_2", "object": "discount", "coupon": {**FOREVER, "percent_off": 10}}
    messages = [customer("sd-c", percent_off=50), subscription("sd-s", "sd-c", discounts=[own])]
    assert monthly_value(platform, account, *messages) == Decimal("89.1")


def test_given_a_discount_of_an_earlier_sync_when_only_the_subscription_comes_then_its_value_is_unknown_and_told(
    platform: Platform, account: Account
) -> None:
    monthly_value(platform, account, customer("sd-c", percent_off=50), subscription("sd-s", "sd-c"))
    seen = platform.sync(
        account.config(source="stripe"), CATALOG, subscription("sd-s", "sd-c", updated=6), state("subscriptions", {})
    )
    stored = account.get("subscriptions", "sd-s")
    assert stored is not None
    assert stored.get("monthly_value") is None
    told = [(one["code"], one["count"], one["example"]) for one in seen.summary["warnings"]]
    assert ("monthly_value_unknown", 1, "subscription sd-s") in told


def test_given_a_discount_that_is_gone_when_both_come_again_then_the_price_counts(
    platform: Platform, account: Account
) -> None:
    monthly_value(platform, account, customer("sd-c", percent_off=50), subscription("sd-s", "sd-c"))
    assert monthly_value(platform, account, customer("sd-c"), subscription("sd-s", "sd-c", updated=6)) == 99


def test_given_a_customer_without_a_discount_when_only_the_subscription_comes_then_the_price_counts(
    platform: Platform, account: Account
) -> None:
    monthly_value(platform, account, customer("sd-full"), subscription("sd-s", "sd-full"))
    assert monthly_value(platform, account, subscription("sd-s", "sd-full", updated=6)) == 99


@pytest.mark.parametrize(
    ("coupon", "brings_subscription", "told"),
    [({"percent_off": 20}, False, 1), ({"percent_off": 20}, True, None), ({}, False, None)],
)
def test_given_a_discount_that_comes_without_its_subscriptions_then_their_old_values_are_told(
    platform: Platform, account: Account, *, coupon: dict[str, Any], brings_subscription: bool, told: int | None
) -> None:
    messages = [customer("sd-c", **coupon), *([subscription("sd-s", "sd-c")] if brings_subscription else [])]
    seen = platform.sync(account.config(source="stripe"), CATALOG, *messages, state("customers", {"c": 1}))
    assert seen.good
    found = {one["code"]: one["count"] for one in seen.summary["warnings"]}
    assert found.get("monthly_value_old") == told
