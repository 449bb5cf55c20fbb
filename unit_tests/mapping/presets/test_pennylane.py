"""The Pennylane preset: own records in the shape of Pennylane's API, the payloads field by field (sources.md, 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

ALL = ("customers", "products", "customer_invoices")
MAPPERS = {name: mapper_for(name, *(other for other in ALL if other != name), source="pennylane") for name in ALL}


def mapped(stream: str, record: dict[str, Any]) -> Payloads:
    return payloads(MAPPERS[stream], record)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "source_id": "38a1f19a-256d-4692-a8fe-0a16403f59ff",
        "customer_type": "company",
        "name": "Acme SAS",
        "emails": ["billing@acme.test", "ada@acme.test"],
        "billing_address": {"address": "1 quai", "postal_code": "69001", "city": "Lyon", "country_alpha2": "FR"},
        "reg_no": "812345678",
        "vat_number": "FR12812345678",
        "reference": "ACME",
        "updated_at": "2024-02-01T00:00:00.146343Z",
        **changes,
    }


CUSTOMER = {
    "id": "38a1f19a-256d-4692-a8fe-0a16403f59ff",
    "name": "Acme SAS",
    "email": "billing@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"reg_no": "812345678", "vat_number": "FR12812345678", "reference": "ACME"},
}


def line(**changes: Any) -> dict[str, Any]:
    """2 x 50.00 less 10 %, and 20 % tax."""
    return {
        "id": 444,
        "label": "Subscription March",
        "description": "2 seats",
        "product_id": "pro",
        "quantity": "2",
        "raw_currency_unit_price": "50.0",
        "currency_amount": "108.00",
        "currency_tax": "18.00",
        "currency_price_before_tax": "90.00",
        "amount": "99.36",
        "discount": "10.0",
        "discount_type": "relative",
        "vat_rate": "FR_200",
        **changes,
    }


SET_UP = line(
    id=445,
    label=None,
    description="Set-up",
    quantity="1",
    raw_currency_unit_price="60.0",
    currency_amount="72.00",
    currency_tax="12.00",
    discount="0.0",
)


def credit(**changes: Any) -> dict[str, Any]:
    return {
        "id": "CN1",
        "invoice_number": "A-1",
        "currency": "USD",
        "currency_amount": "-54.00",
        "currency_tax": "-9.00",
        "draft": False,
        **changes,
    }


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "wMoOACctiA",
        "label": "March",
        "invoice_number": "F2024-35",
        "is_draft": False,
        "is_estimate": False,
        "currency": "USD",
        "amount": "165.60",
        "currency_amount": "180.00",
        "currency_amount_before_tax": "150.00",
        "currency_tax": "30.00",
        "date": "2024-03-01",
        "deadline": "2124-03-31",
        "paid": False,
        "status": "upcoming",
        "discount": "0.0",
        "discount_type": "absolute",
        "customer": customer(),
        "line_items": list(lines) or [line(), SET_UP],
        "credit_notes": [],
        "imputation_dates": {"start_date": "2024-03-01", "end_date": "2024-03-31"},
        "billing_subscription": {"id": 7, "v2_id": 70},
        "updated_at": "2024-03-05T00:00:00.146343Z",
        **changes,
    }


INVOICE = {
    "id": "wMoOACctiA",
    "customer_id": "38a1f19a-256d-4692-a8fe-0a16403f59ff",
    "number": "F2024-35",
    "date": "2024-03-01",
    "due_date": "2124-03-31",
    "status": "open",
    "currency": "USD",
    "amount": 150,
    "custom_properties": {"label": "March", "billing_subscription": 7},
}
LINE = {
    "id": "444",
    "invoice_id": "wMoOACctiA",
    "type": "subscription",
    "description": "Subscription March",
    "currency": "USD",
    "amount_excluding_tax_after_discount": 90,
    "tax_amount": 18,
    "discount_amount": 10,
    "quantity": 2,
    "period_start": "2024-03-01",
    "period_end": "2024-04-01",
}
SET_UP_LINE = {
    "id": "445",
    "invoice_id": "wMoOACctiA",
    "type": "subscription",
    "description": "Set-up",
    "currency": "USD",
    "amount_excluding_tax_after_discount": 60,
    "tax_amount": 12,
    "discount_amount": 0,
    "quantity": 1,
    "period_start": "2024-03-01",
    "period_end": "2024-04-01",
}
CREDIT_NOTE = {
    "id": "CN1",
    "invoice_id": "wMoOACctiA",
    "customer_id": "38a1f19a-256d-4692-a8fe-0a16403f59ff",
    "date": "2024-03-01",
    "status": "issued",
    "currency": "USD",
    "amount": 45,
    "custom_properties": {"number": "A-1"},
}


# --- customers and products


def test_customer() -> None:
    found = mapped("customers", customer())
    assert found.only("customers") == CUSTOMER
    assert found.versions == [pytest.approx(1706745600.146343, abs=1e-6)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, {"name": "billing@acme.test"}),
        ({"name": "", "emails": []}, {"name": "38a1f19a-256d-4692-a8fe-0a16403f59ff", "email": None}),
        ({"emails": None}, {"email": None}),
        ({"billing_address": None}, {"country": None, "zip_code": None}),
        ({"reg_no": None, "vat_number": "", "reference": None}, {"custom_properties": None}),
    ],
)
def test_a_customers_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**CUSTOMER, **expected}.items() if value is not None}
    assert mapped("customers", customer(**changes)).only("customers") == body


def test_product() -> None:
    record = {"source_id": "pro", "label": "Pro", "reference": "P1", "updated_at": "2024-01-01T00:00:00.000000Z"}
    found = mapped("products", record)
    assert found.only("products") == {"id": "pro", "name": "Pro"}
    assert found.versions == [1704067200]
    assert mapped("products", {**record, "label": None}).only("products")["name"] == "P1"
    assert mapped("products", {"source_id": "pro"}).only("products")["name"] == "pro"


# --- invoices


def test_invoice() -> None:
    found = mapped("customer_invoices", invoice())
    assert found.sent == {"invoices": [INVOICE], "invoice_lines": [LINE, SET_UP_LINE]}
    assert found.faults == []
    assert found.versions == [pytest.approx(1709596800.146343, abs=1e-6)] * 3
    assert found.stubs == {"customers": [without(CUSTOMER, "custom_properties")]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "incomplete"}, "open"),
        ({"status": "upcoming"}, "open"),
        ({"status": "partially_paid"}, "open"),
        ({"status": "partially_cancelled"}, "open"),
        ({"status": "late"}, "unpaid"),
        ({"status": "paid"}, "paid"),
        ({"status": "cancelled", "credit_notes": [credit()]}, "paid"),
        ({"status": None}, "open"),
        ({"paid": True}, "paid"),
        ({"paid": True, "deadline": in_days(-2)}, "paid"),
        ({"deadline": in_days(-2)}, "unpaid"),
        ({"status": "paid", "deadline": in_days(-2)}, "paid"),
        ({"status": "cancelled", "credit_notes": [credit()], "deadline": in_days(-2)}, "paid"),
        ({"status": "partially_paid", "deadline": in_days(-2)}, "unpaid"),
    ],
)
def test_an_invoices_status(changes: dict[str, Any], expected: str) -> None:
    found = mapped("customer_invoices", invoice(**changes))
    assert (found.sent["invoices"][0]["status"], len(found.sent["invoice_lines"])) == (expected, 2)


def test_an_unknown_status_is_rejected() -> None:
    found = mapped("customer_invoices", invoice(status="disputed"))
    assert (found.sent, found.faults) == ({}, [("invoices", "wMoOACctiA", "status", "unknown_value")])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_draft": True}, "draft"),
        ({"status": "draft"}, "draft"),
        ({"is_estimate": True}, "not_revenue"),
        ({"status": "proforma"}, "not_revenue"),
        ({"status": "archived"}, "deleted"),
        ({"status": "cancelled"}, "void"),
    ],
)
def test_what_is_not_loaded_has_no_lines_and_no_credit_notes(changes: dict[str, Any], reason: str) -> None:
    notes = [] if reason == "void" else [credit()]
    found = mapped("customer_invoices", invoice(**changes, credit_notes=notes))
    assert (found.sent, found.faults, found.skipped) == ({}, [], [("invoices", "wMoOACctiA", reason)])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"deadline": None}, {"due_date": "2024-03-01"}),
        ({"currency_amount_before_tax": None}, {"amount": 150}),
        ({"billing_subscription": None, "label": None}, {"custom_properties": None}),
        ({"currency": "eur"}, {"currency": "EUR"}),
    ],
)
def test_an_invoices_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**INVOICE, **expected}.items() if value is not None}
    assert mapped("customer_invoices", invoice(**changes)).sent["invoices"] == [body]


def test_amounts_have_the_decimals_of_the_source() -> None:
    yen = line(currency_amount="1100", currency_tax="100", quantity="3", raw_currency_unit_price="370")
    found = mapped("customer_invoices", invoice(yen, currency="JPY", currency_amount_before_tax="1000"))
    assert found.sent["invoices"][0]["amount"] == 1000
    assert found.sent["invoice_lines"][0]["discount_amount"] == 110


@pytest.mark.parametrize(
    "dates",
    [None, {}, {"start_date": "2024-03-01", "end_date": None}, {"start_date": "2024-04-01", "end_date": "2024-03-31"}],
)
def test_without_days_to_spread_over_lines_are_one_off(dates: Any) -> None:
    found = mapped("customer_invoices", invoice(line(), imputation_dates=dates))
    assert found.sent["invoice_lines"] == [{**without(LINE, "period_start", "period_end"), "type": "one_off"}]


def test_a_line_may_have_days_of_its_own() -> None:
    own = {"start_date": "2024-01-01", "end_date": "2024-12-31"}
    (body,) = mapped("customer_invoices", invoice(line(imputation_dates=own))).sent["invoice_lines"]
    assert (body["period_start"], body["period_end"]) == ("2024-01-01", "2025-01-01")


def nets(found: Payloads) -> list[Decimal]:
    return [Decimal(str(body["amount_excluding_tax_after_discount"])) for body in found.sent["invoice_lines"]]


def test_a_discount_of_the_invoice_is_spread_over_its_lines() -> None:
    # Lines of 90 and 60, and 15 off both.
    found = mapped("customer_invoices", invoice(discount="15.0", currency_amount_before_tax="135.00"))
    assert nets(found) == [Decimal(81), Decimal(54)]
    assert [body["discount_amount"] for body in found.sent["invoice_lines"]] == [19, 6]


def test_a_discount_that_the_lines_hold_already_is_not_taken_twice() -> None:
    assert nets(mapped("customer_invoices", invoice(discount="10.0", discount_type="relative"))) == [
        Decimal(90),
        Decimal(60),
    ]


def test_without_a_discount_lines_that_differ_are_left_as_they_are() -> None:
    assert nets(mapped("customer_invoices", invoice(currency_amount_before_tax="149.99"))) == [Decimal(90), Decimal(60)]


def test_the_discount_of_a_line_is_never_negative() -> None:
    (body,) = mapped("customer_invoices", invoice(line(raw_currency_unit_price="40.0"))).sent["invoice_lines"]
    assert body["discount_amount"] == 0


cents = st.integers(1, 10**6).map(lambda value: Decimal(value) / 100)


@given(st.lists(cents, min_size=1, max_size=8), st.integers(1, 100))
def test_the_nets_of_the_lines_add_up_to_the_invoices_amount(parts: list[Decimal], rate: int) -> None:
    items = [line(id=number, currency_amount=str(part), currency_tax="0") for number, part in enumerate(parts)]
    net = (sum(parts, Decimal(0)) * (100 - rate) / 100).quantize(Decimal("0.01"))
    record = invoice(*items, discount=str(rate), discount_type="relative", currency_amount_before_tax=str(net))
    found = mapped("customer_invoices", record)
    assert sum(nets(found), Decimal(0)) == net == Decimal(str(found.sent["invoices"][0]["amount"]))


def test_without_its_currency_or_amounts_nothing_is_made_up() -> None:
    body = mapped("customer_invoices", without(invoice(), "currency")).sent["invoices"][0]
    assert "currency" not in body
    empty = without(invoice(), "currency_amount_before_tax", "currency_amount", "line_items")
    found = mapped("customer_invoices", empty)
    assert ("amount" in found.sent["invoices"][0], "invoice_lines" in found.sent) == (False, False)


# --- credit notes


def test_a_credit_note_comes_with_its_invoice() -> None:
    found = mapped("customer_invoices", invoice(credit_notes=[credit()]))
    assert found.sent["credit_notes"] == [CREDIT_NOTE]
    assert found.versions == [pytest.approx(1709596800.146343, abs=1e-6)] * 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"currency_amount": "54.00", "currency_tax": "9.00"}, {}),
        ({"date": "2024-04-02"}, {"date": "2024-04-02"}),
        ({"currency": None}, {}),
        ({"invoice_number": None}, {"custom_properties": None}),
    ],
)
def test_a_credit_notes_fields(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    body = {name: value for name, value in {**CREDIT_NOTE, **expected}.items() if value is not None}
    found = mapped("customer_invoices", invoice(credit_notes=[credit(**changes)]))
    assert found.sent["credit_notes"] == [body]


def test_a_draft_of_a_credit_note_is_skipped() -> None:
    found = mapped("customer_invoices", invoice(credit_notes=[credit(draft=True)]))
    assert ("credit_notes" in found.sent, found.skipped) == (False, [("credit_notes", "CN1", "draft")])


@pytest.mark.parametrize("changes", [{"status": "credit_note"}, {"currency_amount": "-54.00"}])
def test_a_credit_note_among_the_invoices_makes_nothing(changes: dict[str, Any]) -> None:
    found = mapped("customer_invoices", invoice(**changes))
    assert (found.sent, found.skipped, found.faults, found.reason) == ({}, [], [], "not_mapped")
    assert found.text == "a credit note; it is loaded with the invoice that it credits"


@pytest.mark.parametrize("value", [None, {}, [], "x", 0, True, [None], [1, {}], "1e999999"])
def test_no_record_is_too_strange(value: Any) -> None:
    records = [customer(), {"source_id": "pro", "label": "Pro"}, invoice(credit_notes=[credit()])]
    for stream, record in zip(ALL, records, strict=True):
        for name in record:
            mapped(stream, {**record, name: value})
        mapped(stream, dict.fromkeys(record, value))
