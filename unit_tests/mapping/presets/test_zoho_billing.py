"""The Zoho Billing preset: own records in the shape of its list endpoints (sources.md, section 13)."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.mapping.payloads import mapper_for, payloads

PRODUCTS = mapper_for("products", source="zoho_billing")
PLANS = mapper_for("plans", source="zoho_billing")
CUSTOMERS = mapper_for("customers", source="zoho_billing")
SUBSCRIPTIONS = mapper_for("subscriptions", source="zoho_billing")
INVOICES = mapper_for("invoices", source="zoho_billing")

# A customer's id is longer than a float is exact.
CUSTOMER, SUBSCRIPTION, INVOICE = "903000000000099427", "903000000000109051", "903000000000204013"
PAST, FUTURE = "2001-06-30", "2199-06-30"
UPDATED, UPDATED_EPOCH = "2024-01-02T03:04:05+0530", 1704144845


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "customer_id": CUSTOMER,
        "customer_name": "Bowman Ltd",
        "display_name": "Bowman and Co",
        "company_name": "Bowman Limited",
        "first_name": "Ada",
        "email": "ada@bowman.test",
        "currency_code": "USD",
        "status": "active",
        "updated_time": UPDATED,
        **changes,
    }


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "plan_code": "basic-monthly",
        "plan_id": "903000000000088001",
        "product_id": "903000000000077001",
        "name": "Basic, monthly",
        "interval": 3,
        "interval_unit": "months",
        "recurring_price": 30.5,
        "pricing_scheme": "unit",
        "unit": "seat",
        "status": "active",
        "updated_time": UPDATED,
        **changes,
    }


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "subscription_id": SUBSCRIPTION,
        "subscription_number": "SUB-00007",
        "reference_id": "crm-12",
        "name": "Basic product-Basic, monthly",
        "customer_id": CUSTOMER,
        "customer_name": "Bowman Ltd",
        "email": "ada@bowman.test",
        "plan_code": "basic-monthly",
        "plan_name": "Basic, monthly",
        "status": "live",
        "created_at": "2023-12-20",
        "created_time": "2023-12-20T10:00:00+0530",
        "activated_at": "2024-01-01",
        "current_term_starts_at": "2024-01-01",
        "current_term_ends_at": "2024-04-01",
        "trial_starts_at": "",
        "trial_ends_at": "",
        "expires_at": "",
        "scheduled_cancellation_date": "",
        "interval": 3,
        "interval_unit": "months",
        "sub_total": 91.5,
        "amount": 109.8,
        "currency_code": "USD",
        "is_metered_billing": False,
        "coupon_duration": "",
        "updated_time": UPDATED,
        **changes,
    }


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "invoice_id": INVOICE,
        "invoice_number": "INV-000004",
        "number": "INV-000004",
        "customer_id": CUSTOMER,
        "customer_name": "Bowman Ltd",
        "email": "ada@bowman.test",
        "invoice_date": "2024-01-01",
        "due_date": FUTURE,
        "status": "sent",
        "total": 109.8,
        "balance": 109.8,
        "currency_code": "USD",
        "transaction_type": "renewal",
        "reference_number": "PO-7",
        "billing_address": {"street": "1 Main St", "city": "Boston", "country": "U.S.A", "zipcode": "02108"},
        "updated_time": UPDATED,
        **changes,
    }


CUSTOMER_BODY = {
    "id": CUSTOMER,
    "name": "Bowman and Co",
    "email": "ada@bowman.test",
    "custom_properties": {"status": "active"},
}
PLAN_BODY = {
    "id": "basic-monthly",
    "product_id": "903000000000077001",
    "name": "Basic, monthly",
    "interval": "month",
    "interval_count": 3,
    "amount": 30.5,
    "custom_properties": {"status": "active", "unit": "seat"},
}
SUBSCRIPTION_BODY = {
    "id": SUBSCRIPTION,
    "customer_id": CUSTOMER,
    "plan_id": "basic-monthly",
    "status": "active",
    "start_date": "2024-01-01",
    "monthly_value": 30.5,
    "currency": "USD",
    "custom_properties": {"number": "SUB-00007", "reference": "crm-12"},
}
INVOICE_BODY = {
    "id": INVOICE,
    "customer_id": CUSTOMER,
    "number": "INV-000004",
    "date": "2024-01-01",
    "due_date": FUTURE,
    "status": "open",
    "currency": "USD",
    "amount": 109.8,
    "custom_properties": {"transaction_type": "renewal", "reference": "PO-7"},
}
LINE_BODY = {
    "id": f"{INVOICE}-total",
    "invoice_id": INVOICE,
    "type": "one_off",
    "description": "Invoice INV-000004",
    "currency": "USD",
    "amount_excluding_tax_after_discount": 109.8,
    "quantity": 1,
}
PLACE = {"id": CUSTOMER, "country": "US", "zip_code": "02108"}


def test_a_product() -> None:
    record = {"product_id": "77", "name": "Basic", "status": "inactive", "plans_count": 3, "updated_time": UPDATED}
    found = payloads(PRODUCTS, record)
    assert found.only("products") == {"id": "77", "name": "Basic", "custom_properties": {"status": "inactive"}}
    assert found.versions == [UPDATED_EPOCH]
    assert payloads(PRODUCTS, {"product_id": "77"}).only("products") == {"id": "77", "name": "77"}


def test_a_plan() -> None:
    found = payloads(PLANS, plan())
    assert found.only("plans") == PLAN_BODY
    assert found.versions == [UPDATED_EPOCH]
    assert found.stubs == {"products": [{"id": "903000000000077001", "name": "903000000000077001"}]}


@pytest.mark.parametrize(
    ("unit", "interval"), [("days", "day"), ("weeks", "week"), ("months", "month"), ("years", "year")]
)
def test_interval_units(unit: str, interval: str) -> None:
    assert payloads(PLANS, plan(interval_unit=unit)).only("plans")["interval"] == interval


def test_an_unknown_interval_unit_is_rejected() -> None:
    found = payloads(PLANS, plan(interval_unit="moons"))
    assert [fault[2:] for fault in found.faults] == [("interval", "unknown_value")]


@pytest.mark.parametrize("scheme", ["tier", "volume", "package"])
def test_prices_in_brackets_are_no_amount(scheme: str) -> None:
    assert "amount" not in payloads(PLANS, plan(pricing_scheme=scheme)).only("plans")


@pytest.mark.parametrize("scheme", ["unit", "flat", None])
def test_one_price_is_the_amount(scheme: str | None) -> None:
    assert payloads(PLANS, plan(pricing_scheme=scheme)).only("plans")["amount"] == 30.5


def test_a_customer() -> None:
    found = payloads(CUSTOMERS, customer())
    assert found.only("customers") == CUSTOMER_BODY
    assert found.versions == [UPDATED_EPOCH]


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        (["display_name"], "Bowman Limited"),
        (["display_name", "company_name"], "Bowman Ltd"),
        (["display_name", "company_name", "customer_name"], "ada@bowman.test"),
        (["display_name", "company_name", "customer_name", "email"], CUSTOMER),
    ],
)
def test_a_customers_name(missing: list[str], name: str) -> None:
    record = customer(**dict.fromkeys(missing, ""))
    assert payloads(CUSTOMERS, record).only("customers")["name"] == name


def test_a_subscription() -> None:
    found = payloads(SUBSCRIPTIONS, subscription())
    assert found.only("subscriptions") == SUBSCRIPTION_BODY
    assert found.versions == [UPDATED_EPOCH]
    assert found.stubs == {
        "customers": [{"id": CUSTOMER, "name": "Bowman Ltd", "email": "ada@bowman.test"}],
        "plans": [
            {
                "id": "basic-monthly",
                "product_id": "plan-basic-monthly",
                "name": "Basic, monthly",
                "interval": "month",
                "interval_count": 3,
                "currency": "USD",
            }
        ],
        "products": [{"id": "plan-basic-monthly", "name": "Basic, monthly"}],
    }


def test_two_subscriptions_of_a_customer_stay_two() -> None:
    bodies = [payloads(SUBSCRIPTIONS, subscription(subscription_id=n)).only("subscriptions") for n in ("1", "2")]
    assert [(body["id"], body["customer_id"]) for body in bodies] == [("1", CUSTOMER), ("2", CUSTOMER)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("future", "future"),
        ("trial", "trialing"),
        ("live", "active"),
        ("non_renewing", "active"),
        ("dunning", "past_due"),
        ("unpaid", "unpaid"),
        ("paused", "paused"),
        ("cancelled", "canceled"),
        ("cancelled_from_dunning", "canceled"),
        ("expired", "canceled"),
        ("trial_expired", "canceled"),
    ],
)
def test_subscription_statuses(status: str, expected: str) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(status=status)).only("subscriptions")["status"] == expected


def test_an_unknown_subscription_status_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(status="frozen"))
    assert [fault[0] for fault in found.faults] == ["subscriptions"]
    assert [fault[2:] for fault in found.faults] == [("status", "unknown_value")]


def test_a_subscription_that_never_began_is_skipped() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(status="creation_failed"))
    assert found.skipped == [("subscriptions", SUBSCRIPTION, "incomplete")]


@pytest.mark.parametrize(
    ("changes", "end", "canceled"),
    [
        ({}, None, None),
        ({"expires_at": FUTURE}, FUTURE, None),
        ({"status": "non_renewing"}, "2024-04-01", None),
        ({"status": "non_renewing", "scheduled_cancellation_date": "2024-03-01"}, "2024-03-01", None),
        ({"status": "cancelled"}, "2024-04-01", None),
        ({"status": "cancelled", "expires_at": FUTURE}, "2024-04-01", None),
        ({"status": "cancelled", "cancelled_at": "2024-02-03"}, "2024-02-03", "2024-02-03"),
        ({"status": "cancelled_from_dunning", "cancelled_at": "2024-02-03"}, "2024-02-03", "2024-02-03"),
        ({"status": "live", "cancelled_at": "2024-02-03"}, None, None),
        ({"status": "expired", "expires_at": "2024-02-28"}, "2024-02-28", None),
        ({"status": "trial_expired", "trial_ends_at": "2024-01-15"}, "2024-01-15", None),
    ],
)
def test_a_subscriptions_end(changes: dict[str, Any], end: str | None, canceled: str | None) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    assert (body.get("end_date"), body.get("canceled_at")) == (end, canceled)


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"trial_starts_at": "2023-12-25", "trial_ends_at": "2024-01-01"}, "2023-12-25"),
        ({"activated_at": ""}, "2024-01-01"),
        ({"activated_at": "", "current_term_starts_at": ""}, "2023-12-20"),
        ({"activated_at": "", "current_term_starts_at": "", "created_at": None}, "2023-12-20T04:30:00Z"),
    ],
)
def test_a_subscriptions_start(changes: dict[str, Any], start: str) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")["start_date"] == start


def test_a_subscriptions_trial() -> None:
    record = subscription(status="trial", trial_starts_at="2023-12-25", trial_ends_at="2024-01-08")
    body = payloads(SUBSCRIPTIONS, record).only("subscriptions")
    assert (body["trial_start"], body["trial_end"]) == ("2023-12-25", "2024-01-08")


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"interval": 1}, 91.5),
        ({"interval": 1, "interval_unit": "years", "sub_total": 100}, 8.33),
        ({"interval": 2, "interval_unit": "weeks", "sub_total": "30"}, 65),
        ({"currency_code": "JPY", "sub_total": 1000}, 333),
        ({"currency_code": "KWD", "sub_total": 1}, 0.333),
        ({"is_metered_billing": True}, None),
        ({"coupon_duration": "forever"}, None),
        ({"sub_total": None}, None),
    ],
)
def test_the_monthly_value_is_known_for_sure_or_left_out(changes: dict[str, Any], value: float | None) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    assert body.get("monthly_value") == value


def test_an_invoice_becomes_an_invoice_one_line_and_the_customers_place() -> None:
    found = payloads(INVOICES, invoice())
    assert not found.faults, found.problems
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY], "customers": [PLACE]}
    assert found.versions == [UPDATED_EPOCH] * 3
    assert found.stubs == {"customers": [{**PLACE, "name": "Bowman Ltd", "email": "ada@bowman.test"}]}


def test_the_customers_place_is_never_created() -> None:
    operations = {draft.entity: draft.policy for draft in INVOICES.map(invoice()).objects}
    assert operations == {"invoices": "upsert", "invoice_lines": "upsert", "customers": "update_only"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"billing_address": None, "billing_country": "France", "billing_zipcode": "69001"}, ("FR", "69001")),
        ({"billing_address": {"country": "Allemagne", "zipcode": ""}}, ("DE", None)),
        ({"billing_address": {"country": "", "zipcode": ""}, "country": "Inde"}, ("IN", None)),
        ({"billing_address": {"country": "Atlantis", "zipcode": "1"}}, (None, "1")),
        ({"billing_address": None}, None),
        ({"customer_id": None}, None),
    ],
)
def test_where_a_customer_is(changes: dict[str, Any], place: tuple[str | None, str | None] | None) -> None:
    found = payloads(INVOICES, invoice(**changes)).sent.get("customers", [])
    assert [(body.get("country"), body.get("zip_code")) for body in found] == ([place] if place else [])


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("sent", FUTURE, "open"),
        ("sent", PAST, "unpaid"),
        ("unpaid", FUTURE, "open"),
        ("partially_paid", FUTURE, "open"),
        ("partially_paid", PAST, "unpaid"),
        ("overdue", FUTURE, "unpaid"),
        ("paid", PAST, "paid"),
        ("sent", None, "open"),
    ],
)
def test_invoice_statuses(status: str, due: str | None, expected: str) -> None:
    assert payloads(INVOICES, invoice(status=status, due_date=due)).sent["invoices"][0]["status"] == expected


@pytest.mark.parametrize(("status", "reason"), [("draft", "draft"), ("pending", "draft"), ("void", "void")])
def test_what_is_not_final_or_not_valid_is_skipped(status: str, reason: str) -> None:
    found = payloads(INVOICES, invoice(status=status))
    assert found.skipped == [("invoices", INVOICE, reason)]
    assert not found.sent


def test_an_unknown_invoice_status_is_rejected() -> None:
    found = payloads(INVOICES, invoice(status="disputed"))
    assert [fault[2:] for fault in found.faults] == [("status", "unknown_value")]


@pytest.mark.parametrize(("currency", "total"), [("JPY", 1200), ("KWD", "1.255")])
def test_amounts_are_decimals_in_any_currency(currency: str, total: Any) -> None:
    found = payloads(INVOICES, invoice(currency_code=currency, total=total))
    line, header = found.sent["invoice_lines"][0], found.sent["invoices"][0]
    assert header["amount"] == line["amount_excluding_tax_after_discount"] == float(total)


@pytest.mark.parametrize(
    ("column", "lacking"),
    [
        ("total", {"invoices": "amount", "invoice_lines": "amount_excluding_tax_after_discount"}),
        ("currency_code", {"invoices": "currency", "invoice_lines": "currency"}),
        ("invoice_date", {"invoices": "date"}),
        ("customer_id", {"invoices": "customer_id"}),
        ("status", {"invoices": "status"}),
    ],
)
def test_a_deselected_column_leaves_its_fields_out(column: str, lacking: dict[str, str]) -> None:
    record = invoice()
    del record[column]
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert all(field not in found.sent[entity][0] for entity, field in lacking.items())


def test_an_amount_that_is_no_number_is_a_fault_without_its_value() -> None:
    found = payloads(INVOICES, invoice(total="abc"))
    assert [fault[2:] for fault in found.faults] == [
        ("amount", "invalid_value"),
        ("amount_excluding_tax_after_discount", "invalid_value"),
    ]
    assert "abc" not in "".join(found.problems)
