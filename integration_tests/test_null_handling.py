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
