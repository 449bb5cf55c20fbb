"""The Recurly preset: own records in the API's shape (v2021-02-25), the payloads field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.mapping.results import Draft
from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, plan_for, without

MAPPERS = {
    name: mapper_for(name, source="recurly")
    for name in ("accounts", "plans", "add_ons", "subscriptions", "invoices", "line_items")
}
ACCOUNTS, PLANS, ADD_ONS = MAPPERS["accounts"], MAPPERS["plans"], MAPPERS["add_ons"]
SUBSCRIPTIONS, INVOICES, LINES = MAPPERS["subscriptions"], MAPPERS["invoices"], MAPPERS["line_items"]
INVOICES_BESIDE_LINES = mapper_for("invoices", "line_items", source="recurly")

JAN, FEB, MAR = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"
FAR = "2199-01-01T00:00:00Z"
FEB_SECONDS = 1706745600


ACCOUNT = {
    "id": "acc1",
    "object": "account",
    "code": "acme",
    "email": "billing@acme.test",
    "first_name": "Ada",
    "last_name": "Noor",
    "company": "Acme SAS",
    "parent_account_id": None,
}


def account(**changes: Any) -> dict[str, Any]:
    return {
        **ACCOUNT,
        "parent_account_id": "acc0",
        "state": "active",
        "address": {"country": "FR", "postal_code": "69001", "city": "Lyon"},
        "custom_fields": [{"name": "seats", "value": "12"}],
        "hosted_login_token": "t",
        "created_at": JAN,
        "updated_at": FEB,
        **changes,
    }


CUSTOMER_BODY = {
    "id": "acc1",
    "root_parent_id": "acc0",
    "name": "Acme SAS",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"seats": "12", "code": "acme"},
}


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pl1",
        "object": "plan",
        "code": "pro",
        "name": "Pro",
        "state": "active",
        "interval_unit": "months",
        "interval_length": 1,
        "currencies": [
            {"currency": "EUR", "setup_fee": 0, "unit_amount": 49.0},
            {"currency": "JPY", "setup_fee": 0, "unit_amount": 8000},
        ],
        "custom_fields": [{"name": "line", "value": "core"}],
        "updated_at": FEB,
        **changes,
    }


PLAN_BODY = {
    "id": "pl1:EUR",
    "product_id": "pl1",
    "name": "Pro EUR",
    "interval": "month",
    "interval_count": 1,
    "amount": 49,
    "currency": "EUR",
}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": "sub1",
        "object": "subscription",
        "uuid": "u1",
        "account": ACCOUNT,
        "plan": {"id": "pl1", "object": "plan_mini", "code": "pro", "name": "Pro"},
        "state": "active",
        "currency": "EUR",
        "unit_amount": 49.0,
        "quantity": 2,
        "add_ons_total": 10.5,
        "subtotal": 108.5,
        "tax_inclusive": False,
        "activated_at": JAN,
        "created_at": "2023-12-31T23:00:00Z",
        "current_period_started_at": FEB,
        "current_period_ends_at": MAR,
        "custom_fields": [{"name": "rep", "value": "Kim"}],
        "coupon_redemptions": [],
        "updated_at": FEB,
        **changes,
    }


SUBSCRIPTION_BODY = {
    "id": "sub1",
    "customer_id": "acc1",
    "plan_id": "pl1:EUR",
    "status": "active",
    "start_date": JAN,
    "monthly_value": 108.5,
    "currency": "EUR",
    "custom_properties": {"rep": "Kim"},
}


def line(**changes: Any) -> dict[str, Any]:
    """Two seats at 49.00, 9.80 off, 20 % tax on top."""
    return {
        "id": "li1",
        "object": "line_item",
        "type": "charge",
        "state": "invoiced",
        "legacy_category": None,
        "subscription_id": "sub1",
        "plan_id": "pl1",
        "plan_code": "pro",
        "add_on_id": None,
        "invoice_id": "in1",
        "invoice_number": "1001",
        "origin": "plan",
        "currency": "EUR",
        "description": "Pro",
        "quantity": 2,
        "unit_amount": 49.0,
        "subtotal": 98.0,
        "discount": 9.8,
        "tax": 17.64,
        "amount": 105.84,
        "refund": False,
        "start_date": JAN,
        "end_date": FEB,
        "updated_at": FEB,
        **changes,
    }


LINE_BODY = {
    "id": "li1",
    "invoice_id": "in1",
    "subscription_id": "sub1",
    "price_id": "pl1:EUR",
    "type": "subscription",
    "description": "Pro",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 88.2,
    "tax_amount": 17.64,
    "discount_amount": 9.8,
    "quantity": 2,
    "period_start": JAN,
    "period_end": FEB,
}
ONE_OFF_BODY = {**without(LINE_BODY, "price_id", "period_start", "period_end"), "type": "one_off"}


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "in1",
        "object": "invoice",
        "type": "charge",
        "origin": "renewal",
        "state": "paid",
        "account": ACCOUNT,
        "address": {"country": "FR", "postal_code": "69001"},
        "subscription_ids": ["sub1"],
        "previous_invoice_id": None,
        "number": "1001",
        "po_number": "PO-7",
        "currency": "EUR",
        "subtotal": 98.0,
        "discount": 9.8,
        "tax": 17.64,
        "total": 105.84,
        "paid": 105.84,
        "balance": 0,
        "line_items": list(lines) or [line()],
        "has_more_line_items": False,
        "created_at": JAN,
        "due_at": FEB,
        "updated_at": MAR,
        **changes,
    }


INVOICE_BODY = {
    "id": "in1",
    "customer_id": "acc1",
    "subscription_id": "sub1",
    "number": "1001",
    "date": JAN,
    "due_date": FEB,
    "status": "paid",
    "currency": "EUR",
    "amount": 88.2,
    "custom_properties": {"origin": "renewal", "po_number": "PO-7"},
}


def credit_line(**changes: Any) -> dict[str, Any]:
    refund = {
        "id": "li9",
        "type": "credit",
        "invoice_id": "cr1",
        "subtotal": -49.0,
        "discount": -4.9,
        "tax": -8.82,
        "amount": -52.92,
        "refund": True,
        "previous_line_item_id": "li1",
        "original_line_item_invoice_id": "in1",
    }
    return line(**{**refund, **changes})


def credit(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Half of the invoice is refunded."""
    return invoice(
        *(lines or (credit_line(),)),
        **{
            "id": "cr1",
            "type": "credit",
            "origin": "refund",
            "state": "closed",
            "number": "1002",
            "po_number": None,
            "subtotal": -49.0,
            "discount": -4.9,
            "tax": -8.82,
            "total": -52.92,
            "created_at": FEB,
            **changes,
        },
    )


CREDIT_NOTE_BODY = {
    "id": "cr1",
    "invoice_id": "in1",
    "customer_id": "acc1",
    "date": FEB,
    "status": "issued",
    "currency": "EUR",
    "amount": 44.1,
    "lines": [{"id": "li9", "invoice_line_id": "li1", "amount": 49, "discount_amount": 4.9}],
    "custom_properties": {"origin": "refund"},
}
CUSTOMER_STUB = {
    "id": "acc1",
    "name": "Acme SAS",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
}


def nets(found: Payloads) -> Decimal:
    bodies = found.sent["invoice_lines"]
    return sum((Decimal(str(body["amount_excluding_tax_after_discount"])) for body in bodies), Decimal(0))


# --- customers


def test_account() -> None:
    found = payloads(ACCOUNTS, account())
    assert found.only("customers") == CUSTOMER_BODY
    assert found.versions == [FEB_SECONDS]
    assert found.stubs == {"customers": [{"id": "acc0", "name": "acc0"}]}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"company": None}, "Ada Noor"),
        ({"company": "", "first_name": None}, "Noor"),
        ({"company": None, "first_name": None, "last_name": None}, "billing@acme.test"),
        ({"company": None, "first_name": None, "last_name": None, "email": None}, "acme"),
    ],
)
def test_account_without_a_company_takes_the_next_best_name(changes: dict[str, Any], name: str) -> None:
    assert payloads(ACCOUNTS, account(**changes)).only("customers")["name"] == name


@pytest.mark.parametrize("parent", [None, "acc1"])
def test_account_without_a_parent_or_that_is_its_own(parent: Any) -> None:
    found = payloads(ACCOUNTS, account(parent_account_id=parent))
    assert found.only("customers") == without(CUSTOMER_BODY, "root_parent_id")
    assert found.stubs == {}


def test_closed_accounts_are_loaded() -> None:
    assert payloads(ACCOUNTS, account(state="inactive", deleted_at=FEB)).only("customers") == CUSTOMER_BODY


def test_absent_columns_of_an_account() -> None:
    assert payloads(ACCOUNTS, {"id": "acc1"}).only("customers") == {"id": "acc1", "name": "acc1"}


# --- products and plans


def test_plan_becomes_a_product_and_a_plan_for_each_currency() -> None:
    found = payloads(PLANS, plan())
    yen = {**PLAN_BODY, "id": "pl1:JPY", "name": "Pro JPY", "amount": 8000, "currency": "JPY"}
    assert found.sent == {
        "products": [{"id": "pl1", "name": "Pro", "custom_properties": {"line": "core", "code": "pro"}}],
        "plans": [PLAN_BODY, yen],
    }
    assert found.versions == [FEB_SECONDS] * 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interval_length": 3}, {"interval_count": 3}),
        ({"interval_length": 12}, {"interval": "year"}),
        ({"interval_length": 24}, {"interval_count": 24}),
        ({"interval_unit": "days", "interval_length": 12}, {"interval": "day", "interval_count": 12}),
        ({"interval_length": 12.0}, {"interval": "year"}),
        ({"name": None}, {"name": "pro EUR"}),
        ({"name": None, "code": None}, {"name": "pl1 EUR"}),
        ({"state": "inactive", "deleted_at": FEB}, {}),
    ],
)
def test_a_plans_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(PLANS, plan(**changes)).sent["plans"][0] == {**PLAN_BODY, **expected}


def test_an_unknown_interval_is_rejected() -> None:
    found = payloads(PLANS, plan(interval_unit="fortnights"))
    assert found.faults == [("products", "pl1", "interval_unit", "unknown_value")]


@pytest.mark.parametrize("currencies", [None, []])
def test_plan_without_prices_is_a_product(currencies: Any) -> None:
    assert list(payloads(PLANS, plan(currencies=currencies)).sent) == ["products"]


@pytest.mark.parametrize(("changes", "name"), [({"name": None}, "pro"), ({"name": None, "code": None}, "pl1")])
@pytest.mark.parametrize("mapper", [PLANS, ADD_ONS])
def test_names_of_products(mapper: Any, changes: dict[str, Any], name: str) -> None:
    assert payloads(mapper, plan(**changes)).sent["products"][0]["name"] == name


def test_add_on() -> None:
    record = {
        "id": "ao1",
        "plan_id": "pl1",
        "code": "seats",
        "name": "Seats",
        "add_on_type": "fixed",
        "currencies": [{"currency": "EUR", "unit_amount": "5.25"}],
        "updated_at": FEB,
    }
    body = {"id": "ao1:EUR", "product_id": "ao1", "name": "Seats EUR", "amount": 5.25, "currency": "EUR"}
    found = payloads(ADD_ONS, record)
    assert found.sent == {
        "products": [{"id": "ao1", "name": "Seats", "custom_properties": {"code": "seats"}}],
        "plans": [body],
    }
    assert found.versions == [FEB_SECONDS] * 2
    by_code = payloads(ADD_ONS, {**record, "name": None}).sent["plans"]
    by_id = payloads(ADD_ONS, {**record, "name": None, "code": None}).sent["plans"]
    assert (by_code, by_id) == ([{**body, "name": "seats EUR"}], [{**body, "name": "ao1 EUR"}])


# --- subscriptions


def test_subscription() -> None:
    found = payloads(SUBSCRIPTIONS, subscription())
    assert found.only("subscriptions") == SUBSCRIPTION_BODY
    assert found.versions == [FEB_SECONDS]
    assert found.stubs == {
        "customers": [without(CUSTOMER_STUB, "country", "zip_code")],
        "plans": [{"id": "pl1:EUR", "product_id": "pl1", "name": "Pro EUR", "currency": "EUR"}],
        "products": [{"id": "pl1", "name": "Pro"}],
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("future", "future"),
        ("active", "active"),
        ("canceled", "active"),
        ("paused", "paused"),
        ("expired", "canceled"),
    ],
)
def test_states_of_subscriptions(state: str, status: str) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(state=state)).only("subscriptions")
    assert body == {**SUBSCRIPTION_BODY, "status": status}


@pytest.mark.parametrize("state", ["active", "canceled"])
def test_a_trial_lasts_until_its_end(state: str) -> None:
    trial = subscription(state=state, trial_started_at=JAN, trial_ends_at=FAR)
    assert payloads(SUBSCRIPTIONS, trial).only("subscriptions") == {
        **without(SUBSCRIPTION_BODY, "monthly_value"),
        "status": "trialing",
        "trial_start": JAN,
        "trial_end": FAR,
    }
    over = payloads(SUBSCRIPTIONS, subscription(state=state, trial_started_at=JAN, trial_ends_at=FEB))
    assert over.only("subscriptions") == {**SUBSCRIPTION_BODY, "trial_start": JAN, "trial_end": FEB}


@pytest.mark.parametrize("state", ["expired", "paused", "future"])
def test_only_a_running_subscription_is_in_trial(state: str) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(state=state, trial_ends_at=FAR)).only("subscriptions")
    assert body["status"] != "trialing"


def test_an_unknown_state_of_a_subscription_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(state="dormant"))
    assert found.faults == [("subscriptions", "sub1", "status", "unknown_value")]


def test_a_subscription_that_failed_is_skipped() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(state="failed"))
    assert (found.sent, found.skipped) == ({}, [("subscriptions", "sub1", "incomplete")])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"canceled_at": JAN, "expires_at": MAR}, {"canceled_at": JAN, "end_date": MAR}),
        ({"activated_at": None}, {"start_date": FEB}),
        (
            {"activated_at": None, "current_period_started_at": None, "subtotal": None},
            {"start_date": "2023-12-31T23:00:00Z"},
        ),
        ({"current_period_ends_at": "2024-05-01T00:00:00Z"}, {"monthly_value": 36.17}),
        ({"current_period_ends_at": "2025-02-01T00:00:00Z"}, {"monthly_value": 9.04}),
        ({"subtotal": "100"}, {"monthly_value": 100}),
    ],
)
def test_a_subscriptions_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    unknown = changes.get("subtotal", 1) is None
    assert body == {**without(SUBSCRIPTION_BODY, *["monthly_value"] * unknown), **expected}


@pytest.mark.parametrize(
    "changes",
    [
        {"current_period_ends_at": "2024-02-15T00:00:00Z"},
        {"current_period_ends_at": FEB},
        {"current_period_ends_at": None},
        {"coupon_redemptions": [{"id": "r1"}]},
        {"tax_inclusive": True},
        {"subtotal": None},
    ],
)
def test_the_monthly_value_is_left_out_when_it_is_not_known_for_sure(changes: dict[str, Any]) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    assert body == without(SUBSCRIPTION_BODY, "monthly_value")


def test_the_monthly_value_has_its_currencys_decimals() -> None:
    period = {"current_period_ends_at": "2024-05-01T00:00:00Z"}
    body = payloads(SUBSCRIPTIONS, subscription(**period, currency="JPY", subtotal=10000)).only("subscriptions")
    assert (body["monthly_value"], body["plan_id"]) == (3333, "pl1:JPY")


@pytest.mark.parametrize("column", ["plan", "currency"])
def test_a_subscription_without_its_plan_or_currency(column: str) -> None:
    found = payloads(SUBSCRIPTIONS, without(subscription(), column))
    assert not found.faults
    assert "plan_id" not in found.sent["subscriptions"][0]
    assert list(found.stubs) == ["customers"]


# --- invoices and their lines


def test_invoice() -> None:
    found = payloads(INVOICES, invoice())
    assert not found.faults, found.problems
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY]}
    assert found.stubs == {
        "customers": [CUSTOMER_STUB],
        "plans": [{"id": "pl1:EUR", "product_id": "pl1", "name": "pro EUR", "currency": "EUR"}],
        "products": [{"id": "pl1", "name": "pro"}],
    }


def test_a_line_keeps_its_own_version_whichever_stream_brings_it() -> None:
    mapped = [*INVOICES.map(invoice()).objects, *LINES.map(line()).objects]
    drafts = [item for item in mapped if isinstance(item, Draft)]
    march = 1709251200
    assert [(draft.entity, draft.version) for draft in drafts] == [
        ("invoices", march),
        ("invoice_lines", FEB_SECONDS),
        ("invoice_lines", FEB_SECONDS),
    ]
    assert drafts[1].values == drafts[2].values
    assert not any(draft.tie_first for draft in drafts)


@pytest.mark.parametrize(
    ("state", "due", "status"),
    [
        ("open", FAR, "open"),
        ("open", None, "open"),
        ("open", JAN, "unpaid"),
        ("pending", FAR, "open"),
        ("pending", JAN, "unpaid"),
        ("processing", JAN, "open"),
        ("past_due", FAR, "unpaid"),
        ("failed", FAR, "unpaid"),
        ("paid", JAN, "paid"),
        ("closed", JAN, "paid"),
    ],
)
@pytest.mark.parametrize("kind", ["charge", "legacy"])
def test_states_of_invoices(kind: str, state: str, due: str | None, status: str) -> None:
    body = payloads(INVOICES, invoice(type=kind, state=state, due_at=due)).sent["invoices"][0]
    assert body == {**INVOICE_BODY, "status": status, "due_date": due or JAN}


def test_an_unknown_state_of_an_invoice_is_rejected() -> None:
    found = payloads(INVOICES, invoice(state="disputed"))
    assert found.faults == [("invoices", "in1", "status", "unknown_value")]


@pytest.mark.parametrize("kind", ["estimate", None])
def test_an_invoice_of_an_unknown_type_is_rejected(kind: Any) -> None:
    found = payloads(INVOICES, invoice(type=kind))
    assert found.faults == [("invoices", "in1", "type", "unknown_value")]
    assert not found.sent


@pytest.mark.parametrize(
    ("changes", "reason"), [({"state": "voided"}, "void"), ({"origin": "prepayment"}, "not_revenue")]
)
def test_invoices_that_are_not_loaded(changes: dict[str, Any], reason: str) -> None:
    found = payloads(INVOICES, invoice(**changes))
    assert (found.sent, found.skipped) == ({}, [("invoices", "in1", reason)])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total": "105.84", "tax": "17.64"}, {}),
        # Without the tax the other amounts tell the net.
        ({"tax": None}, {}),
        ({"total": None}, {}),
        ({"currency": "jpy", "total": 1200, "tax": 200}, {"currency": "JPY", "amount": 1000}),
        ({"currency": "KWD", "total": 1.235, "tax": 0}, {"currency": "KWD", "amount": 1.235}),
        # A refund from before the site had credit invoices.
        ({"type": "legacy", "total": -12.0, "tax": -2.0}, {"amount": -10}),
        ({"po_number": None}, {"custom_properties": {"origin": "renewal"}}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(INVOICES, invoice(**changes)).sent["invoices"] == [{**INVOICE_BODY, **expected}]


@pytest.mark.parametrize("several", [["sub1", "sub2"], [], None])
def test_an_invoice_of_several_subscriptions_leaves_them_to_its_lines(several: Any) -> None:
    assert payloads(INVOICES, invoice(subscription_ids=several)).sent["invoices"] == [
        without(INVOICE_BODY, "subscription_id")
    ]


@pytest.mark.parametrize(
    ("columns", "field"),
    [(["account"], "customer_id"), (["created_at"], "date"), (["state"], "status"), (["tax", "subtotal"], "amount")],
)
def test_an_invoice_without_a_column_lacks_a_field_that_it_needs(columns: list[str], field: str) -> None:
    found = payloads(INVOICES, without(invoice(), *columns))
    assert not found.faults
    assert found.sent["invoices"] == [without(INVOICE_BODY, field)]


def test_the_lines_of_long_invoices_come_from_their_own_stream() -> None:
    cut = invoice(has_more_line_items=True)
    beside = payloads(INVOICES_BESIDE_LINES, cut)
    assert beside.sent == {"invoices": [INVOICE_BODY]}
    assert beside.warnings == []
    alone = payloads(INVOICES, cut)
    assert alone.sent["invoice_lines"] == [LINE_BODY]
    assert [warning.code for warning in alone.warnings] == ["incomplete_lines"]
    whole = payloads(INVOICES_BESIDE_LINES, invoice())
    assert whole.sent["invoice_lines"] == [LINE_BODY]
    assert whole.warnings == []


@pytest.mark.parametrize("mapper", [INVOICES, LINES])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"origin": "plan_trial"}, {}),
        ({"add_on_id": "ao1", "origin": "add_on"}, {"price_id": "ao1:EUR"}),
        ({"quantity_decimal": "2.5"}, {"quantity": 2.5}),
        ({"amount": "105.84", "tax": "17.64"}, {}),
        ({"tax": None}, {"tax_amount": None}),
        ({"tax": 0, "amount": 88.2}, {"tax_amount": 0}),
        # Tax that is included: 105.84 are 88.20 and 17.64.
        ({"subtotal": 115.64}, {}),
        ({"plan_id": None}, {"price_id": None}),
    ],
)
def test_a_recurring_lines_fields(mapper: Any, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    record = invoice(line(**changes)) if mapper is INVOICES else line(**changes)
    body = {name: value for name, value in {**LINE_BODY, **expected}.items() if value is not None}
    assert payloads(mapper, record).sent["invoice_lines"] == [body]


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "one_time"},
        {"origin": "setup_fee"},
        {"origin": "external_gift_card"},
        {"end_date": None},
        {"end_date": JAN},
    ],
)
def test_lines_that_are_one_off(changes: dict[str, Any]) -> None:
    found = payloads(LINES, line(**changes))
    assert found.sent["invoice_lines"] == [ONE_OFF_BODY]
    assert found.stubs == {}


def test_a_line_of_no_subscription_is_one_off() -> None:
    body = payloads(LINES, line(subscription_id=None)).only("invoice_lines")
    assert body == without(ONE_OFF_BODY, "subscription_id")


def test_what_a_line_knows_of_an_add_on() -> None:
    assert payloads(LINES, line(add_on_id="ao1", add_on_code="seats")).stubs == {
        "plans": [{"id": "ao1:EUR", "product_id": "ao1", "name": "seats EUR", "currency": "EUR"}],
        "products": [{"id": "ao1", "name": "seats"}],
    }
    nameless = payloads(LINES, line(plan_code=None))
    assert [stub["name"] for stubs in nameless.stubs.values() for stub in stubs] == ["pl1 EUR", "pl1"]


def test_an_embedded_line_takes_what_it_lacks_from_the_invoice() -> None:
    found = payloads(INVOICES, invoice(without(line(), "invoice_id", "currency")))
    assert found.sent["invoice_lines"] == [LINE_BODY]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"state": "pending", "invoice_id": None}, "draft"), ({"origin": "prepayment"}, "not_revenue")],
)
def test_lines_that_are_not_loaded(changes: dict[str, Any], reason: str) -> None:
    found = payloads(LINES, line(**changes))
    assert (found.sent, found.skipped) == ({}, [("invoice_lines", "li1", reason)])


def test_lines_of_credit_invoices_are_left_to_the_credit_notes() -> None:
    found = payloads(LINES, credit_line())
    assert (found.sent, found.reason) == ({}, "not_mapped")
    assert found.text == "a line of a credit invoice; the credit note carries it"


def test_credits_among_the_charges_of_a_legacy_invoice_are_lines() -> None:
    old = line(type="credit", legacy_category="credit", amount=-12.0, tax=-2.0, discount=0)
    body = payloads(LINES, old).only("invoice_lines")
    assert body == {
        **LINE_BODY,
        "amount_excluding_tax_after_discount": -10,
        "tax_amount": -2,
        "discount_amount": 0,
    }


def cents(value: int) -> float:
    return value / 100


@given(
    lines=st.lists(
        st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**5), st.integers(0, 10**5)), min_size=1, max_size=8
    ),
    inclusive=st.booleans(),
)
def test_the_nets_of_the_lines_add_up_to_the_invoices(lines: list[tuple[int, int, int]], inclusive: bool) -> None:
    subtotal, off, tax = (sum(part) for part in zip(*lines, strict=True))
    parts = [
        line(
            id=f"li{n}",
            subtotal=cents(s),
            discount=cents(d),
            tax=cents(t),
            amount=cents(s - d + (0 if inclusive else t)),
        )
        for n, (s, d, t) in enumerate(lines)
    ]
    record = invoice(
        *parts,
        subtotal=cents(subtotal),
        discount=cents(off),
        tax=cents(tax),
        total=cents(subtotal - off + (0 if inclusive else tax)),
    )
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert nets(found) == Decimal(str(found.sent["invoices"][0]["amount"]))


# --- credit notes


def test_credit_invoice() -> None:
    found = payloads(INVOICES, credit())
    assert found.only("credit_notes") == CREDIT_NOTE_BODY
    assert found.versions == [1709251200]
    assert found.stubs == {}


@pytest.mark.parametrize("state", ["open", "pending", "processing", "paid", "closed"])
def test_states_of_credit_invoices(state: str) -> None:
    assert payloads(INVOICES, credit(state=state)).only("credit_notes") == CREDIT_NOTE_BODY


def test_an_unknown_state_of_a_credit_invoice_is_rejected() -> None:
    found = payloads(INVOICES, credit(state="lost"))
    assert found.faults == [("credit_notes", "cr1", "status", "unknown_value")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"previous_invoice_id": "in0"}, {"invoice_id": "in0"}),
        ({"tax": None}, {}),
        ({"origin": "write_off"}, {"custom_properties": {"origin": "write_off"}}),
        ({"line_items": [credit_line(tax=None, amount=-44.1)]}, {}),
    ],
)
def test_a_credit_notes_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert payloads(INVOICES, credit(**changes)).only("credit_notes") == {**CREDIT_NOTE_BODY, **expected}


def test_a_credit_of_another_credit_names_no_line_of_the_invoice() -> None:
    body = payloads(INVOICES, credit(credit_line(refund=False))).only("credit_notes")
    assert body["lines"] == [{"id": "li9", "amount": 49, "discount_amount": 4.9}]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "voided"}, "void"),
        ({"origin": "prepayment"}, "not_revenue"),
        ({"line_items": [credit_line(original_line_item_invoice_id=None)], "origin": "credit"}, "not_revenue"),
        ({"line_items": None, "origin": "gift_card"}, "not_revenue"),
    ],
)
def test_credit_invoices_that_are_not_loaded(changes: dict[str, Any], reason: str) -> None:
    found = payloads(INVOICES, credit(**changes))
    assert (found.sent, found.skipped) == ({}, [("credit_notes", "cr1", reason)])


@pytest.mark.parametrize("mapper", [INVOICES, INVOICES_BESIDE_LINES])
def test_a_credit_invoice_with_cut_lines_is_warned_of(mapper: Any) -> None:
    found = payloads(mapper, credit(has_more_line_items=True))
    assert [warning.code for warning in found.warnings] == ["incomplete_lines"]
    assert payloads(mapper, credit()).warnings == []


def test_the_lines_of_a_credit_note_add_up_to_it() -> None:
    second = credit_line(id="li8", subtotal=-10.0, discount=0, tax=-2.0, amount=-12.0)
    body = payloads(INVOICES, credit(credit_line(), second, total=-64.92, tax=-10.82)).only("credit_notes")
    shares = [Decimal(str(part["amount"])) - Decimal(str(part["discount_amount"])) for part in body["lines"]]
    assert sum(shares) == Decimal(str(body["amount"])) == Decimal("54.1")


# --- the rest


def test_streams_that_are_not_needed_say_why() -> None:
    names = ["credit_payments", "transactions", "billing_infos", "coupons", "account_coupon_redemptions"]
    found = plan_for("accounts", *names, source="recurly")
    assert all(stream.ignored for stream in found.streams[1:])
    assert found.fed == {"customers"}


@pytest.mark.parametrize("stream", sorted(MAPPERS))
@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], {"data": None}, "1e999999"])
def test_no_record_is_too_strange(stream: str, value: Any) -> None:
    records = [account(), plan(), subscription(), invoice(), credit(), line()]
    names = {name for record in records for name in record}
    for name in sorted(names):
        for record in records:
            payloads(MAPPERS[stream], {**record, name: value})
