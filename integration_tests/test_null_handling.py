"""`null_handling`: what an empty value in the source does to a field that Fincome has filled."""

from __future__ import annotations

from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import catalog, record, stream
from integration_tests.orchestrator import Platform

FULL = {"name": "PRIVATE", "email": "private@example.com", "country": "FR", "zip_code": "69001",
        "custom_properties": {"tier": "gold", "seats": 3}}  # fmt: skip
OWN = [{
    "stream": "people", "entity": "customers",
    "fields": [{"field": "id", "expression": "key"}, {"field": "name", "expression": "label"},
               {"field": "country", "expression": "land"}, {"field": "zip_code", "expression": "gone"}],
    "custom_properties": [{"name": "tier", "expression": "tier"}],
}]  # fmt: skip


def left(account: Account, identity: str) -> dict[str, Any]:
    found = account.get("customers", identity)
    assert found is not None
    return {name: value for name, value in found.items() if name != "id"}


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        ("omit", FULL),
        ("auto", FULL),
        # Of the columns that the catalog declares, the empty ones are cleared; a required one never is.
        (
            "clear",
            {"name": "PRIVATE", "country": "FR", "zip_code": "69001", "custom_properties": FULL["custom_properties"]},
        ),
    ],
)
def test_given_a_table_in_fincomes_shape_when_a_column_is_empty_then_only_that_field_may_be_cleared(
    platform: Platform, account: Account, handling: str, expected: dict[str, Any]
) -> None:
    identity = f"nh-{handling}"
    account.given("customers", {"id": identity, **FULL})
    # No country and no zip_code in this table; its name and e-mail are empty.
    table = catalog(stream("customers", "id", "name", "email", "updated_at"))
    message = record("customers", {"id": identity, "updated_at": "2026-01-01"})
    assert platform.sync(account.config(null_handling=handling), table, message).good
    assert left(account, identity) == {
        **expected,
        "custom_properties": {**FULL["custom_properties"], "updated_at": "2026-01-01"},
    }


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        ("omit", FULL),
        ("auto", FULL),
        (
            "clear",
            {"name": "PRIVATE", "email": "private@example.com", "zip_code": "69001", "custom_properties": {"seats": 3}},
        ),
    ],
)
def test_given_a_mapping_of_ones_own_when_a_column_is_empty_then_its_field_may_be_cleared(
    platform: Platform, account: Account, handling: str, expected: dict[str, Any]
) -> None:
    identity = f"nh-own-{handling}"
    account.given("customers", {"id": identity, **FULL})
    table = catalog(stream("people", "key", "label", "land", "tier"))
    message = record("people", {"key": identity, "label": "PRIVATE", "land": None})
    assert platform.sync(account.config(null_handling=handling, streams=OWN), table, message).good
    assert left(account, identity) == expected


STRIPE = catalog(
    stream("customers", "id", "object", "livemode", "name", "invoice_prefix", "tax_exempt"),
    stream(
        "subscriptions", "id", "object", "livemode", "customer", "status", "currency", "start_date", "cancel_at",
        "canceled_at", "trial_start", "trial_end", "items", "current_period_end",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("handling", "end"), [("auto", None), ("omit", "2025-07-01T00:00:00Z")])
def test_given_a_cancellation_that_was_taken_back_when_synced_again_then_the_end_is_gone(
    platform: Platform, account: Account, handling: str, end: str | None
) -> None:
    identity = f"nh-back-{handling}"
    config = account.config(null_handling=handling)
    customer = record("customers", {"id": f"{identity}-c", "object": "customer", "name": "PRIVATE", "updated": 1})
    subscription = {
        "id": identity,
        "object": "subscription",
        "customer": f"{identity}-c",
        "status": "active",
        "currency": "eur",
        "start_date": 1735689600,
    }
    canceled = {**subscription, "cancel_at": 1751328000, "canceled_at": 1748736500, "updated": 1748736500}
    assert platform.sync(config, STRIPE, customer, record("subscriptions", canceled)).good
    assert platform.sync(config, STRIPE, record("subscriptions", {**subscription, "updated": 1748800000})).good
    found = account.get("subscriptions", identity)
    assert found is not None
    assert found.get("end_date") == end
