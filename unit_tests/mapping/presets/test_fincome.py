"""Tables in Fincome's own shape: columns, synonyms, attributes, deletes."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.mapping.payloads import mapper_for, payloads, plan_for

FULL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "products": ({"id": 7, "name": "Pro"}, {"id": "7", "name": "Pro"}),
    "plans": (
        {
            "id": "pl_1",
            "product_id": 7,
            "name": "Pro monthly",
            "interval": "month",
            "interval_count": "1",
            "amount": "49.90",
            "currency": "eur",
        },
        {
            "id": "pl_1",
            "product_id": "7",
            "name": "Pro monthly",
            "interval": "month",
            "interval_count": 1,
            "amount": 49.9,
            "currency": "EUR",
        },
    ),
    "customers": (
        {
            "id": "c_2",
            "root_parent_id": "c_1",
            "name": "Acme",
            "email": "a@acme.test",
            "country": "France",
            "zip_code": 69001,
        },
        {
            "id": "c_2",
            "root_parent_id": "c_1",
            "name": "Acme",
            "email": "a@acme.test",
            "country": "FR",
            "zip_code": "69001",
        },
    ),
    "subscriptions": (
        {
            "id": "s_1",
            "customer_id": "c_2",
            "plan_id": "pl_1",
            "status": "active",
            "start_date": "2024-01-01",
            "end_date": "2024-12-31T23:59:59+01:00",
            "trial_start": 1704067200,
            "trial_end": "2024-02-01 00:00:00",
            "canceled_at": None,
            "monthly_value": 49.9,
            "currency": "EUR",
        },
        {
            "id": "s_1",
            "customer_id": "c_2",
            "plan_id": "pl_1",
            "status": "active",
            "start_date": "2024-01-01",
            "end_date": "2024-12-31T22:59:59Z",
            "trial_start": "2024-01-01T00:00:00Z",
            "trial_end": "2024-02-01T00:00:00Z",
            "monthly_value": 49.9,
            "currency": "EUR",
        },
    ),
    "invoices": (
        {
            "id": "i_1",
            "customer_id": "c_2",
            "subscription_id": "s_1",
            "number": 1001,
            "date": "2024-02-01",
            "due_date": "2024-03-01",
            "status": "open",
            "currency": "usd",
            "amount": "1000",
        },
        {
            "id": "i_1",
            "customer_id": "c_2",
            "subscription_id": "s_1",
            "number": "1001",
            "date": "2024-02-01",
            "due_date": "2024-03-01",
            "status": "open",
            "currency": "USD",
            "amount": 1000,
        },
    ),
    "invoice_lines": (
        {
            "id": "l_1",
            "invoice_id": "i_1",
            "subscription_id": "s_1",
            "price_id": "pl_1",
            "type": "subscription",
            "description": "Pro",
            "currency": "usd",
            "amount_excluding_tax_after_discount": "45.5",
            "tax_amount": 9.1,
            "discount_amount": 0,
            "quantity": "2",
            "period_start": "2024-02-01",
            "period_end": "2024-03-01",
        },
        {
            "id": "l_1",
            "invoice_id": "i_1",
            "subscription_id": "s_1",
            "price_id": "pl_1",
            "type": "subscription",
            "description": "Pro",
            "currency": "USD",
            "amount_excluding_tax_after_discount": 45.5,
            "tax_amount": 9.1,
            "discount_amount": 0,
            "quantity": 2,
            "period_start": "2024-02-01",
            "period_end": "2024-03-01",
        },
    ),
    "credit_notes": (
        {
            "id": "n_1",
            "invoice_id": "i_1",
            "customer_id": "c_2",
            "date": "2024-04-01",
            "status": "issued",
            "currency": "usd",
            "amount": "10",
            "lines": [{"id": "nl_1", "invoice_line_id": "l_1", "amount": "10", "discount_amount": None}],
        },
        {
            "id": "n_1",
            "invoice_id": "i_1",
            "customer_id": "c_2",
            "date": "2024-04-01",
            "status": "issued",
            "currency": "USD",
            "amount": 10,
            "lines": [{"id": "nl_1", "invoice_line_id": "l_1", "amount": 10}],
        },
    ),
}

CUSTOMERS = mapper_for("customers", source="fincome")


@pytest.mark.parametrize("entity", FULL)
def test_every_field_is_read_from_the_column_of_its_name(entity: str) -> None:
    record, body = FULL[entity]
    assert payloads(mapper_for(entity, source="fincome"), record).only(entity) == body


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("product", "products"),
        ("price", "plans"),
        ("Prices", "plans"),
        ("clients", "customers"),
        ("Account", "customers"),
        ("subscription", "subscriptions"),
        ("invoice", "invoices"),
        ("Invoice Items", "invoice_lines"),
        ("invoice_line_items", "invoice_lines"),
        ("line_items", "invoice_lines"),
        ("credit-memos", "credit_notes"),
        ("creditNotes", "credit_notes"),
    ],
)
def test_usual_names_of_tables_are_known(name: str, entity: str) -> None:
    assert plan_for(name, source="fincome").streams[0].entities == {entity}


def test_columns_that_are_no_field_become_custom_properties() -> None:
    record = {
        "id": "c_1",
        "name": "Acme",
        "nps": 9,
        "mrr_bucket": "10-50",
        "churn_risk": 0.25,
        "is_partner": False,
        "owner": None,
        "note": "",
        "tags": ["a", "b"],
        "address": {"city": "Lyon"},
        "_ab_cdc_lsn": 4711,
        "_ab_cdc_updated_at": "2024-01-01T00:00:00Z",
        "_ab_cdc_deleted_at": None,
        "is_deleted": False,
    }
    assert payloads(CUSTOMERS, record).only("customers") == {
        "id": "c_1",
        "name": "Acme",
        "custom_properties": {"nps": 9, "mrr_bucket": "10-50", "churn_risk": 0.25, "is_partner": False},
    }


def test_a_custom_properties_column_is_taken_whole_and_wins() -> None:
    record = {"id": "c_1", "custom_properties": {"nps": 10, "tags": ["a"], "none": None}, "nps": 9, "size": "L"}
    assert payloads(CUSTOMERS, record).only("customers")["custom_properties"] == {
        "nps": 10,
        "tags": '["a"]',
        "size": "L",
    }


def test_an_id_and_attributes_only_give_just_those_and_an_incomplete_object() -> None:
    found = payloads(CUSTOMERS, {"id": "c_1", "nps": 9})
    assert found.only("customers") == {"id": "c_1", "custom_properties": {"nps": 9}}


def test_unmapped_columns_are_ignored_when_the_user_asks_for_it() -> None:
    mapper = mapper_for("customers", source="fincome", unmapped="ignore")
    assert payloads(mapper, {"id": "c_1", "name": "Acme", "nps": 9}).only("customers") == {"id": "c_1", "name": "Acme"}


@pytest.mark.parametrize(
    "mark",
    [
        {"_ab_cdc_deleted_at": "2024-05-01T00:00:00Z"},
        {"is_deleted": True},
        {"deleted": True},
        {"deleted_at": "2024-05-01"},
    ],
)
@pytest.mark.parametrize("entity", FULL)
def test_a_deleted_row_is_skipped_although_its_other_columns_are_gone(entity: str, mark: dict[str, Any]) -> None:
    found = payloads(mapper_for(entity, source="fincome"), {"id": "x_1", **mark})
    assert (found.sent, found.faults, found.skipped) == ({}, [], [(entity, "x_1", "deleted")])
    assert found.skips[0].children == "lookup"


@pytest.mark.parametrize("mark", [{"_ab_cdc_deleted_at": None}, {"is_deleted": False}, {"deleted_at": ""}])
def test_a_row_that_is_alive_is_sent(mark: dict[str, Any]) -> None:
    assert payloads(CUSTOMERS, {"id": "c_1", "name": "A", **mark}).only("customers") == {"id": "c_1", "name": "A"}


@pytest.mark.parametrize(
    ("cursor", "version"),
    [(7, 7), ("7", 7), ("2024-01-01T00:00:00Z", 1704067200), ("2024-01-01", 1704067200), (None, None)],
)
def test_the_streams_cursor_is_the_version_and_the_last_of_a_tie_counts(cursor: Any, version: Any) -> None:
    mapper = mapper_for("customers", source="fincome", cursor="updated at")
    (draft,) = mapper.map({"id": "c_1", "updated at": cursor}).objects
    assert (draft.version, draft.tie_first) == (version, False)  # type: ignore[union-attr]


def test_without_a_cursor_the_order_of_arrival_is_the_version() -> None:
    assert payloads(CUSTOMERS, {"id": "c_1", "updated_at": "2024-01-01"}).versions == [None]


@pytest.mark.parametrize(
    ("entity", "changes", "fault"),
    [
        ("invoices", {"amount": "1,000.00"}, ("invoices", "i_1", "amount", "invalid_value")),
        ("invoices", {"date": 1706745600000}, ("invoices", "i_1", "date", "invalid_value")),
        ("invoices", {"status": "pending"}, ("invoices", "i_1", "status", "invalid_field")),
        ("invoices", {"currency": "EURO"}, ("invoices", "i_1", "currency", "invalid_field")),
        ("invoice_lines", {"period_end": "2024-02-01"}, ("invoice_lines", "l_1", "period_end", "invalid_field")),
        ("credit_notes", {"amount": -10}, ("credit_notes", "n_1", "amount", "invalid_field")),
        ("plans", {"interval": "quarter"}, ("plans", "pl_1", "interval", "invalid_field")),
        ("customers", {"id": None}, ("customers", None, "id", "invalid_field")),
    ],
)
def test_a_wrong_value_is_a_fault_that_names_record_and_field(
    entity: str, changes: dict[str, Any], fault: tuple[Any, ...]
) -> None:
    record, _ = FULL[entity]
    found = payloads(mapper_for(entity, source="fincome"), {**record, **changes})
    assert (found.sent, found.faults) == ({}, [fault])


def test_a_country_that_can_not_be_told_is_left_out() -> None:
    assert payloads(CUSTOMERS, {"id": "c_1", "country": "Atlantis"}).only("customers") == {"id": "c_1"}
