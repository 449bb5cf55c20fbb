"""The Lago preset: own records in the shape of Lago's API, the payloads field by field (sources.md, section 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

ALL = ("customers", "plans", "add_ons", "subscriptions", "invoices", "fees")
MAPPERS = {name: mapper_for(name, *(other for other in ALL if other != name), source="lago") for name in ALL}


def mapped(stream: str, record: dict[str, Any]) -> Payloads:
    return payloads(MAPPERS[stream], record)


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "lago_id": "c0000000-0000-4000-8000-000000000001",
        "external_id": "acme",
        "account_type": "customer",
        "name": "Acme",
        "firstname": "Ada",
        "lastname": "Byron",
        "legal_name": "Acme SAS",
        "email": "billing@acme.test, ada@acme.test",
        "country": "FR",
        "zipcode": "69001",
        "slug": "ACM-001",
        "currency": "EUR",
        "applicable_timezone": "Europe/Paris",
        "metadata": [{"lago_id": "m1", "key": "segment", "value": "smb", "display_in_invoice": False}],
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-02-01T00:00:00Z",
        **changes,
    }


CUSTOMER = {"id": "acme", "name": "Acme", "email": "billing@acme.test", "country": "FR", "zip_code": "69001"}


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "lago_id": "p0000000-0000-4000-8000-000000000001",
        "code": "pro",
        "name": "Pro",
        "interval": "monthly",
        "amount_cents": 4900,
        "amount_currency": "EUR",
        "trial_period": 14.0,
        "pay_in_advance": True,
        "charges": [],
        "metadata": {"tier": "b"},
        "created_at": "2024-01-01T00:00:00Z",
        **changes,
    }


PLAN = {
    "id": "pro",
    "product_id": "pro",
    "name": "Pro",
    "interval": "month",
    "interval_count": 1,
    "amount": 49,
    "currency": "EUR",
    "custom_properties": {"tier": "b"},
}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "lago_id": "s0000000-0000-4000-8000-000000000002",
        "external_id": "acme-pro",
        "lago_customer_id": "c0000000-0000-4000-8000-000000000001",
        "external_customer_id": "acme",
        "plan_code": "pro",
        "plan_amount_cents": 4900,
        "plan_amount_currency": "EUR",
        "status": "active",
        "billing_time": "calendar",
        "subscription_at": "2024-01-15T00:00:00Z",
        "started_at": "2024-03-01T00:00:00.000Z",
        "trial_ended_at": None,
        "ending_at": None,
        "terminated_at": None,
        "canceled_at": None,
        "created_at": "2024-01-14T00:00:00Z",
        **changes,
    }


SUBSCRIPTION = {
    "id": "acme-pro",
    "customer_id": "acme",
    "plan_id": "pro",
    "status": "active",
    "start_date": "2024-01-15T00:00:00Z",
    "currency": "EUR",
}


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "lago_id": "i0000000-0000-4000-8000-000000000001",
        "number": "ACM-001-001",
        "issuing_date": "2024-03-31",
        "payment_due_date": "2124-04-30",
        "invoice_type": "subscription",
        "status": "finalized",
        "payment_status": "pending",
        "payment_overdue": False,
        "currency": "EUR",
        "fees_amount_cents": 10000,
        "progressive_billing_credit_amount_cents": 0,
        "coupons_amount_cents": 1000,
        "credit_notes_amount_cents": 500,
        "prepaid_credit_amount_cents": 300,
        "taxes_amount_cents": 1800,
        "sub_total_excluding_taxes_amount_cents": 9000,
        "sub_total_including_taxes_amount_cents": 10800,
        "total_amount_cents": 10000,
        "self_billed": False,
        "customer": customer(),
        "metadata": [{"key": "order", "value": "PO-7"}],
        "created_at": "2024-03-31T00:00:00Z",
        "updated_at": "2024-04-02T00:00:00Z",
        **changes,
    }


INVOICE = {
    "id": "i0000000-0000-4000-8000-000000000001",
    "customer_id": "acme",
    "number": "ACM-001-001",
    "date": "2024-03-31",
    "due_date": "2124-04-30",
    "status": "open",
    "currency": "EUR",
    "amount": 90,
    "custom_properties": {"order": "PO-7"},
}


def fee(**changes: Any) -> dict[str, Any]:
    return {
        "lago_id": "f0000000-0000-4000-8000-000000000001",
        "lago_invoice_id": "i0000000-0000-4000-8000-000000000001",
        "lago_subscription_id": "s0000000-0000-4000-8000-000000000002",
        "external_subscription_id": "acme-pro",
        "external_customer_id": "acme",
        "item": {"type": "subscription", "code": "pro", "name": "Pro", "invoice_display_name": "Pro plan"},
        "invoice_display_name": None,
        "amount_cents": 10000,
        "amount_currency": "EUR",
        "taxes_amount_cents": 1800,
        "total_amount_cents": 11800,
        "precise_coupons_amount_cents": "1000.0",
        "sub_total_excluding_taxes_amount_cents": 9000,
        "units": "1.0",
        # A month in Paris: Lago gives the last second, in UTC.
        "from_date": "2024-02-29T23:00:00Z",
        "to_date": "2024-03-31T21:59:59Z",
        "payment_status": "pending",
        "self_billed": False,
        "created_at": "2024-03-31T00:10:00Z",
        **changes,
    }


LINE = {
    "id": "f0000000-0000-4000-8000-000000000001",
    "invoice_id": "i0000000-0000-4000-8000-000000000001",
    "subscription_id": "acme-pro",
    "price_id": "pro",
    "type": "subscription",
    "description": "Pro plan",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 90,
    "tax_amount": 18,
    "discount_amount": 10,
    "quantity": 1,
    "period_start": "2024-02-29T23:00:00Z",
    "period_end": "2024-03-31T22:00:00Z",
}


def item(kind: str, code: str = "seats", name: str = "Seats") -> dict[str, Any]:
    return {"type": kind, "code": code, "name": name, "invoice_display_name": None}


# --- customers


def test_customer() -> None:
    found = mapped("customers", customer())
    assert found.only("customers") == {**CUSTOMER, "custom_properties": {"segment": "smb"}}
    assert found.versions == [1706745600]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": None}, "Acme SAS"),
        ({"name": "", "legal_name": None}, "Ada Byron"),
        ({"name": None, "legal_name": None, "firstname": None}, "Byron"),
        (
            {"name": None, "legal_name": None, "firstname": None, "lastname": None},
            "billing@acme.test, ada@acme.test",
        ),
        ({"name": None, "legal_name": None, "firstname": None, "lastname": None, "email": None}, "acme"),
    ],
)
def test_customer_without_a_name_takes_the_next_best(changes: dict[str, Any], name: str) -> None:
    assert mapped("customers", customer(**changes)).only("customers")["name"] == name


@pytest.mark.parametrize(("email", "expected"), [("one@acme.test", "one@acme.test"), (None, None), ("", None)])
def test_the_first_of_several_email_addresses_counts(email: str | None, expected: str | None) -> None:
    assert mapped("customers", customer(email=email)).only("customers").get("email") == expected


def test_a_partner_is_no_customer() -> None:
    assert mapped("customers", customer(account_type="partner")).skipped == [("customers", "acme", "not_revenue")]


# --- plans and add-ons


def test_a_plan_is_a_product_and_its_price() -> None:
    found = mapped("plans", plan())
    assert found.sent == {"products": [{"id": "pro", "name": "Pro"}], "plans": [PLAN]}
    # Without a version the order of arrival counts.
    assert found.versions == [None, None]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("weekly", ("week", 1)),
        ("monthly", ("month", 1)),
        ("quarterly", ("month", 3)),
        ("semiannual", ("month", 6)),
        ("yearly", ("year", 1)),
        (None, (None, None)),
    ],
)
def test_a_plans_interval(interval: str | None, expected: tuple[Any, Any]) -> None:
    (body,) = mapped("plans", plan(interval=interval)).sent["plans"]
    assert (body.get("interval"), body.get("interval_count")) == expected


def test_an_unknown_interval_is_rejected() -> None:
    assert [fault[2:] for fault in mapped("plans", plan(interval="daily")).faults] == [("interval", "unknown_value")]


@pytest.mark.parametrize(("code", "amount"), [("JPY", 4900), ("KWD", 4.9), ("EUR", 49)])
def test_minor_units(code: str, amount: float) -> None:
    assert mapped("plans", plan(amount_currency=code)).sent["plans"] == [{**PLAN, "currency": code, "amount": amount}]


def test_an_add_on_is_a_product() -> None:
    record = {"lago_id": "a1", "code": "pro", "name": "Set-up", "amount_cents": 100, "amount_currency": "EUR"}
    assert mapped("add_ons", record).only("products") == {"id": "add_on-pro", "name": "Set-up"}
    assert mapped("add_ons", {**record, "name": None}).only("products")["name"] == "pro"


# --- subscriptions


def test_subscription() -> None:
    found = mapped("subscriptions", subscription())
    assert found.only("subscriptions") == SUBSCRIPTION
    assert found.versions == [1709251200]
    assert found.stubs == {
        "products": [{"id": "pro", "name": "pro"}],
        "plans": [{"id": "pro", "product_id": "pro", "name": "pro", "amount": 49, "currency": "EUR"}],
    }


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", "future"), ("active", "active"), ("terminated", "canceled"), ("canceled", "canceled")],
)
def test_a_subscriptions_status(status: str, expected: str) -> None:
    assert mapped("subscriptions", subscription(status=status)).only("subscriptions")["status"] == expected


def test_a_subscription_that_is_not_activated_is_skipped() -> None:
    found = mapped("subscriptions", subscription(status="incomplete"))
    assert (found.sent, found.skipped) == ({}, [("subscriptions", "acme-pro", "incomplete")])


def test_an_unknown_status_of_a_subscription_is_rejected() -> None:
    assert [fault[2:] for fault in mapped("subscriptions", subscription(status="frozen")).faults] == [
        ("status", "unknown_value")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"subscription_at": None}, {"start_date": "2024-03-01T00:00:00Z"}),
        ({"subscription_at": None, "started_at": None}, {"start_date": "2024-01-14T00:00:00Z"}),
        ({"ending_at": "2025-01-01T00:00:00Z"}, {"end_date": "2025-01-01T00:00:00Z"}),
        (
            {"terminated_at": "2024-06-01T00:00:00Z", "ending_at": "2025-01-01T00:00:00Z"},
            {"end_date": "2024-06-01T00:00:00Z", "canceled_at": "2024-06-01T00:00:00Z"},
        ),
        ({"canceled_at": "2024-05-01T00:00:00Z"}, {"canceled_at": "2024-05-01T00:00:00Z"}),
        (
            {"trial_ended_at": "2024-03-15T00:00:00Z"},
            {"trial_start": "2024-03-01T00:00:00Z", "trial_end": "2024-03-15T00:00:00Z"},
        ),
    ],
)
def test_a_subscriptions_dates(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("subscriptions", subscription(**changes)).only("subscriptions") == {**SUBSCRIPTION, **expected}


def test_of_two_versions_of_a_subscription_the_one_that_started_later_is_newer() -> None:
    old = mapped("subscriptions", subscription(status="terminated", started_at="2024-01-15T00:00:00Z"))
    planned = mapped("subscriptions", subscription(status="pending", started_at=None))
    assert old.versions[0] < mapped("subscriptions", subscription()).versions[0]
    assert planned.versions == [None]


# --- invoices


def test_invoice() -> None:
    found = mapped("invoices", invoice())
    assert found.only("invoices") == INVOICE
    assert found.versions == [1712016000]
    assert found.stubs == {"customers": [CUSTOMER]}


@pytest.mark.parametrize(
    ("payment_status", "expected"), [("pending", "open"), ("succeeded", "paid"), ("failed", "unpaid")]
)
def test_an_invoices_status(payment_status: str, expected: str) -> None:
    assert mapped("invoices", invoice(payment_status=payment_status)).only("invoices")["status"] == expected


def test_an_invoice_is_unpaid_once_it_is_overdue() -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert mapped("invoices", invoice(payment_due_date=yesterday)).only("invoices")["status"] == "unpaid"
    assert mapped("invoices", invoice(payment_overdue=True)).only("invoices")["status"] == "unpaid"
    paid = invoice(payment_due_date=yesterday, payment_status="succeeded")
    assert mapped("invoices", paid).only("invoices")["status"] == "paid"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "voided"}, "void"),
        ({"status": "draft"}, "draft"),
        ({"status": "pending"}, "draft"),
        ({"status": "generating"}, "draft"),
        ({"status": "open"}, "draft"),
        ({"status": "failed"}, "draft"),
        ({"status": "closed"}, "deleted"),
        ({"status": "deleted"}, "deleted"),
        ({"invoice_type": "credit"}, "not_revenue"),
        ({"self_billed": True}, "not_revenue"),
    ],
)
def test_what_is_no_revenue_or_not_final_is_skipped(changes: dict[str, Any], reason: str) -> None:
    found = mapped("invoices", invoice(**changes))
    assert (found.sent, [skip[2] for skip in found.skipped]) == ({}, [reason])


@pytest.mark.parametrize("changes", [{"status": "disputed"}, {"payment_status": "lost"}, {"status": None}])
def test_an_unknown_status_of_an_invoice_is_rejected(changes: dict[str, Any]) -> None:
    assert [fault[2:] for fault in mapped("invoices", invoice(**changes)).faults] == [("status", "unknown_value")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"payment_due_date": None}, {"due_date": "2024-03-31"}),
        ({"sub_total_excluding_taxes_amount_cents": None}, {"amount": 90}),
        (
            {"sub_total_excluding_taxes_amount_cents": None, "progressive_billing_credit_amount_cents": 2000},
            {"amount": 70},
        ),
        ({"currency": None, "amount_currency": "usd"}, {"currency": "USD"}),
        ({"currency": "JPY"}, {"currency": "JPY", "amount": 9000}),
        ({"invoice_type": "progressive_billing"}, {}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("invoices", invoice(**changes)).only("invoices") == {**INVOICE, **expected}


# --- fees


def test_fee() -> None:
    found = mapped("fees", fee())
    assert found.only("invoice_lines") == LINE
    assert found.versions == [None]
    assert found.stubs == {
        "subscriptions": [
            {
                "id": "acme-pro",
                "customer_id": "acme",
                "plan_id": "pro",
                "status": "canceled",
                "start_date": "2024-02-29T23:00:00Z",
                "currency": "EUR",
            }
        ],
        "plans": [{"id": "pro", "product_id": "pro", "name": "Pro", "currency": "EUR"}],
        "products": [{"id": "pro", "name": "Pro"}],
    }


@pytest.mark.parametrize(
    ("kind", "type_", "price"),
    [
        ("subscription", "subscription", "seats"),
        ("commitment", "subscription", "seats"),
        ("charge", "subscription", None),
        ("fixed_charge", "subscription", None),
        ("product", "subscription", None),
        ("add_on", "one_off", None),
    ],
)
def test_what_a_fee_is_for(kind: str, type_: str, price: str | None) -> None:
    found = mapped("fees", fee(item=item(kind)))
    body = found.only("invoice_lines")
    assert (body["type"], body.get("price_id"), "period_end" in body) == (type_, price, type_ == "subscription")
    assert ("plans" in found.stubs, "products" in found.stubs) == (bool(price), bool(price))


@pytest.mark.parametrize("changes", [{"from_date": None}, {"to_date": None}, {"to_date": "2024-02-29T22:59:59Z"}])
def test_a_fee_without_a_real_period_is_one_off(changes: dict[str, Any]) -> None:
    body = mapped("fees", fee(**changes)).only("invoice_lines")
    assert body == {**without(LINE, "price_id", "period_start", "period_end"), "type": "one_off"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"invoice_display_name": "March"}, {"description": "March"}),
        ({"item": item("subscription", "pro", "Pro")}, {"description": "Pro"}),
        # The connector's schema misspells the amount; a user who selects columns may not get it at all.
        ({"amount_cents": None, "amout_cents": 10000}, {}),
        ({"amount_cents": None}, {}),
        (
            {"amount_currency": "JPY"},
            {
                "currency": "JPY",
                "amount_excluding_tax_after_discount": 9000,
                "tax_amount": 1800,
                "discount_amount": 1000,
            },
        ),
        ({"units": "2.5"}, {"quantity": 2.5}),
    ],
)
def test_a_fees_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert mapped("fees", fee(**changes)).only("invoice_lines") == {**LINE, **expected}


def test_a_fee_without_a_coupon_share_is_taken_whole() -> None:
    body = mapped("fees", fee(precise_coupons_amount_cents=None)).only("invoice_lines")
    assert body == {**without(LINE, "discount_amount"), "amount_excluding_tax_after_discount": 100}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lago_invoice_id": None}, "draft"),
        ({"item": item("credit")}, "not_revenue"),
        ({"self_billed": True}, "not_revenue"),
        ({"amount_cents": 0}, "not_revenue"),
        ({"amount_cents": "0"}, "not_revenue"),
    ],
)
def test_a_fee_that_is_no_line_is_skipped(changes: dict[str, Any], reason: str) -> None:
    found = mapped("fees", fee(**changes))
    assert (found.sent, [skip[2] for skip in found.skipped]) == ({}, [reason])


def test_without_the_stream_subscriptions_nothing_refers_to_one() -> None:
    found = payloads(mapper_for("fees", source="lago"), fee())
    assert found.only("invoice_lines") == without(LINE, "subscription_id")
    assert "subscriptions" not in found.stubs


def test_a_fee_without_amounts_or_currency_says_what_is_missing() -> None:
    nothing = without(fee(), "amount_cents", "total_amount_cents", "precise_coupons_amount_cents")
    assert "amount_excluding_tax_after_discount" not in mapped("fees", nothing).only("invoice_lines")
    assert [fault[2:] for fault in mapped("fees", without(fee(), "amount_currency")).faults] == [
        ("amount_excluding_tax_after_discount", "invalid_value")
    ]


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=12), st.integers(0, 100))
def test_the_nets_of_the_fees_add_up_to_the_invoices_amount_to_the_cent(cents: list[int], rate: int) -> None:
    # Lago's own way: each fee bears its part of the coupon, kept to five decimals of a cent.
    coupon = sum(cents) * rate // 100
    parts = [(Decimal(coupon) * amount / sum(cents)).quantize(Decimal("0.00001")) for amount in cents]
    nets = [
        Decimal(
            str(
                mapped("fees", fee(amount_cents=amount, precise_coupons_amount_cents=str(part))).only("invoice_lines")[
                    "amount_excluding_tax_after_discount"
                ]
            )
        )
        for amount, part in zip(cents, parts, strict=True)
    ]
    record = invoice(fees_amount_cents=sum(cents), sub_total_excluding_taxes_amount_cents=sum(cents) - coupon)
    net = Decimal(str(mapped("invoices", record).only("invoices")["amount"]))
    assert sum(nets, Decimal(0)).quantize(Decimal("0.01")) == net


@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], {"type": None}, "1e999999"])
def test_no_record_is_too_strange(value: Any) -> None:
    add_on = {"lago_id": "a1", "code": "setup", "name": "Set-up"}
    for stream, record in zip(ALL, [customer(), plan(), add_on, subscription(), invoice(), fee()], strict=True):
        for name in record:
            mapped(stream, {**record, name: value})
        mapped(stream, dict.fromkeys(record, value))
