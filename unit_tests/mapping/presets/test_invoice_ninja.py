"""The Invoice Ninja preset: own records in the shape of its API, version 5 (sources.md, section 14)."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.own import OwnStream
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import make_plan
from destination_fincome.mapping.results import Skip
from unit_tests.mapping.payloads import Payloads, Stream, mapper_for, payloads

CLIENTS = mapper_for("clients", source="invoice_ninja")
PRODUCTS = mapper_for("products", source="invoice_ninja")
RECURRING = mapper_for("recurring invoices", source="invoice_ninja")
INVOICES = mapper_for("invoices", source="invoice_ninja")
INVOICES_BESIDE_RECURRING = mapper_for("invoices", "recurring invoices", source="invoice_ninja")
CREDITS = mapper_for("credits", source="invoice_ninja")

PAST, FUTURE = "2001-06-30", "2199-06-30"
UPDATED = 1712048400
# What a connector sends that asks for the client with each document: 3 is the euro.
EURO = {"id": "VolejRRejN", "settings": {"currency_id": "3"}}


def in_currency(number: str) -> dict[str, Any]:
    return {"id": "VolejRRejN", "settings": {"currency_id": number}}


def client(**changes: Any) -> dict[str, Any]:
    return {
        "id": "VolejRRejN",
        "name": "Acme",
        "display_name": "Acme SAS",
        "number": "0007",
        "classification": "company",
        "country_id": "250",
        "postal_code": "69001",
        "contacts": [
            {"id": "c1", "email": "desk@acme.test", "is_primary": False},
            {"id": "c2", "email": "ada@acme.test", "is_primary": True},
        ],
        "settings": {"entity": "App\\Models\\Client", "currency_id": "3"},
        "is_deleted": False,
        "archived_at": 0,
        "updated_at": UPDATED,
        **changes,
    }


def line(**changes: Any) -> dict[str, Any]:
    return {
        "_id": "x1",
        "product_key": "PRO",
        "notes": "Pro, April",
        "quantity": 2,
        "cost": 50.0,
        "discount": 20.0,
        "is_amount_discount": False,
        "line_total": 80.0,
        "gross_line_total": 91.44,
        "tax_amount": 14.4,
        "type_id": "1",
        **changes,
    }


SECOND = line(_id="", product_key="SETUP", notes="", quantity=1, cost=20.0, discount=0, line_total=20.0, type_id="2")


def document(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Lines of 80 and 20, 10 % off the whole (10), 20 % tax on the first line (14.40), a surcharge of 5."""
    return {
        "id": "Wpmbk5ezJn",
        "number": "2024-0017",
        "client_id": "VolejRRejN",
        "client": EURO,
        "date": "2024-04-02",
        "due_date": FUTURE,
        "amount": 109.4,
        "balance": 109.4,
        "total_taxes": 14.4,
        "discount": 10.0,
        "is_amount_discount": False,
        "uses_inclusive_taxes": False,
        "custom_surcharge1": 5.0,
        "custom_surcharge2": 0.0,
        "custom_surcharge3": 0.0,
        "custom_surcharge4": 0.0,
        "status_id": "2",
        "po_number": "PO-7",
        "is_deleted": False,
        "archived_at": 0,
        "updated_at": UPDATED,
        "line_items": list(lines) or [line(), {**SECOND, "tax_amount": 0}],
        **changes,
    }


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return document(*lines, **{"recurring_id": "rec1", **changes})


def credit(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return document(
        *lines, **{"id": "cr1", "invoice_id": "Wpmbk5ezJn", "custom_surcharge1": 0, "amount": 104.4, **changes}
    )


def recurring(**changes: Any) -> dict[str, Any]:
    return {
        "id": "rec1",
        "number": "R-1",
        "client_id": "VolejRRejN",
        "client": EURO,
        "date": "2024-01-01",
        "last_sent_date": "2024-04-01",
        "next_send_date": FUTURE,
        "frequency_id": "5",
        "remaining_cycles": -1,
        "amount": 120.0,
        "total_taxes": 20.0,
        "status_id": "2",
        "is_deleted": False,
        "archived_at": 0,
        "created_at": 1704067200,
        "updated_at": UPDATED,
        **changes,
    }


CLIENT_BODY = {
    "id": "VolejRRejN",
    "name": "Acme SAS",
    "email": "ada@acme.test",
    "country": "FR",
    "zip_code": "69001",
    "custom_properties": {"number": "0007", "classification": "company"},
}
INVOICE_BODY = {
    "id": "Wpmbk5ezJn",
    "customer_id": "VolejRRejN",
    "number": "2024-0017",
    "date": "2024-04-02",
    "due_date": FUTURE,
    "status": "open",
    "currency": "EUR",
    "amount": 95,
    "custom_properties": {"po_number": "PO-7"},
}
LINE_BODY = {
    "id": "Wpmbk5ezJn-0",
    "invoice_id": "Wpmbk5ezJn",
    "type": "one_off",
    "description": "Pro, April",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 72,
    "tax_amount": 14.4,
    "discount_amount": 28,
    "quantity": 2,
    "custom_properties": {"product": "PRO", "line_type": "product"},
}
SECOND_LINE_BODY = {
    "id": "Wpmbk5ezJn-1",
    "invoice_id": "Wpmbk5ezJn",
    "type": "one_off",
    "description": "SETUP",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 18,
    "tax_amount": 0,
    "discount_amount": 2,
    "quantity": 1,
    "custom_properties": {"product": "SETUP", "line_type": "service"},
}
SURCHARGE_BODY = {
    "id": "Wpmbk5ezJn-surcharge",
    "invoice_id": "Wpmbk5ezJn",
    "type": "one_off",
    "description": "Surcharges",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 5,
    "quantity": 1,
}
SUBSCRIPTION_BODY = {
    "id": "rec1",
    "customer_id": "VolejRRejN",
    "status": "active",
    "start_date": "2024-01-01",
    "monthly_value": 100,
    "currency": "EUR",
    "custom_properties": {"number": "R-1"},
}
CREDIT_BODY = {
    "id": "cr1",
    "invoice_id": "Wpmbk5ezJn",
    "customer_id": "VolejRRejN",
    "date": "2024-04-02",
    "status": "issued",
    "currency": "EUR",
    "amount": 90,
    "lines": [
        {"id": "cr1-0", "amount": 100, "discount_amount": 28},
        {"id": "cr1-1", "amount": 20, "discount_amount": 2},
    ],
    "custom_properties": {"number": "2024-0017"},
}


def exact(value: Any) -> Decimal:
    return Decimal(str(value))


def net_of_lines(found: Payloads) -> Decimal:
    lines = found.sent["invoice_lines"]
    return sum((exact(body["amount_excluding_tax_after_discount"]) for body in lines), Decimal(0))


def test_a_client_becomes_a_customer() -> None:
    found = payloads(CLIENTS, client())
    assert found.only("customers") == CLIENT_BODY
    assert found.versions == [UPDATED]


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"display_name": ""}, "name", "Acme"),
        ({"display_name": "", "name": ""}, "name", "0007"),
        ({"display_name": "", "name": "", "number": ""}, "name", "VolejRRejN"),
        ({"contacts": [{"email": "only@acme.test"}]}, "email", "only@acme.test"),
        ({"contacts": [{"email": ""}]}, "email", None),
        ({"contacts": None}, "email", None),
        ({"country_id": "840"}, "country", "US"),
        ({"country_id": "8"}, "country", "AL"),
        ({"country_id": "999"}, "country", None),
        ({"country_id": ""}, "country", None),
        ({"postal_code": ""}, "zip_code", None),
    ],
)
def test_a_clients_fields(changes: dict[str, Any], field: str, value: str | None) -> None:
    assert payloads(CLIENTS, client(**changes)).only("customers").get(field) == value


def test_a_deleted_client_is_kept_for_its_invoices() -> None:
    found = payloads(CLIENTS, client(is_deleted=True))
    assert found.skipped == [("customers", "VolejRRejN", "deleted")]
    assert found.skips[0].children == "lookup"
    assert found.stubs == {"customers": [CLIENT_BODY]}


def test_an_archived_client_is_no_deleted_one() -> None:
    assert payloads(CLIENTS, client(archived_at=UPDATED)).only("customers") == CLIENT_BODY


def test_a_product() -> None:
    record = {"id": "p1", "product_key": "PRO", "notes": "Pro plan", "is_deleted": False, "updated_at": UPDATED}
    found = payloads(PRODUCTS, record)
    assert found.only("products") == {"id": "p1", "name": "PRO"}
    assert found.versions == [UPDATED]
    assert payloads(PRODUCTS, {**record, "product_key": ""}).only("products")["name"] == "p1"
    assert payloads(PRODUCTS, {**record, "is_deleted": True}).skipped == [("products", "p1", "deleted")]


def test_a_recurring_invoice_becomes_a_subscription() -> None:
    found = payloads(RECURRING, recurring())
    assert found.only("subscriptions") == SUBSCRIPTION_BODY
    assert found.versions == [UPDATED]


@pytest.mark.parametrize(
    ("changes", "status", "start", "end"),
    [
        ({"status_id": "2"}, "active", "2024-01-01", None),
        ({"status_id": 2}, "active", "2024-01-01", None),
        ({"status_id": "2", "last_sent_date": ""}, "future", FUTURE, None),
        ({"status_id": "2", "last_sent_date": "", "next_send_date": PAST}, "active", "2024-01-01", None),
        ({"status_id": "2", "archived_at": UPDATED}, "paused", "2024-01-01", None),
        ({"status_id": "3"}, "paused", "2024-01-01", None),
        ({"status_id": "4"}, "canceled", "2024-01-01", "2024-05-01"),
        ({"status_id": "4", "archived_at": UPDATED}, "canceled", "2024-01-01", "2024-05-01"),
        ({"status_id": "4", "last_sent_date": ""}, "canceled", "2024-01-01", None),
        ({"status_id": "2", "is_deleted": True}, "canceled", "2024-01-01", "2024-05-01"),
        ({"date": ""}, "active", "2024-01-01T00:00:00Z", None),
    ],
)
def test_recurring_states(changes: dict[str, Any], status: str, start: str, end: str | None) -> None:
    body = payloads(RECURRING, recurring(**changes)).only("subscriptions")
    assert (body["status"], body["start_date"], body.get("end_date")) == (status, start, end)


def test_a_draft_and_an_unknown_state_of_a_recurring_invoice() -> None:
    assert payloads(RECURRING, recurring(status_id="1")).skipped == [("subscriptions", "rec1", "draft")]
    assert payloads(RECURRING, recurring(status_id="9")).faults == [
        ("subscriptions", "rec1", "status", "unknown_value")
    ]


@pytest.mark.parametrize(
    ("frequency", "value", "end"),
    [
        ("1", 3041.67, "2024-04-02"),
        ("2", 433.33, "2024-04-08"),
        ("3", 216.67, "2024-04-15"),
        ("4", 108.33, "2024-04-29"),
        ("5", 100, "2024-05-01"),
        ("6", 50, "2024-06-01"),
        ("7", 33.33, "2024-07-01"),
        ("8", 25, "2024-08-01"),
        ("9", 16.67, "2024-10-01"),
        ("10", 8.33, "2025-04-01"),
        ("11", 4.17, "2026-04-01"),
        ("12", 2.78, "2027-04-01"),
    ],
)
def test_frequencies(frequency: str, value: float, end: str) -> None:
    body = payloads(RECURRING, recurring(frequency_id=frequency, status_id="4")).only("subscriptions")
    assert (body["monthly_value"], body["end_date"]) == (value, end)


def test_an_unknown_frequency_is_rejected() -> None:
    found = payloads(RECURRING, recurring(frequency_id="13"))
    assert [fault[2:] for fault in found.faults] == [("monthly_value", "unknown_value")]


def test_without_its_taxes_a_subscriptions_value_is_unknown() -> None:
    assert "monthly_value" not in payloads(RECURRING, recurring(total_taxes=None)).only("subscriptions")


def test_an_invoice_becomes_an_invoice_its_lines_and_a_surcharge() -> None:
    found = payloads(INVOICES, invoice())
    assert not found.faults, found.problems
    assert found.sent == {
        "invoices": [INVOICE_BODY],
        "invoice_lines": [LINE_BODY, SECOND_LINE_BODY, SURCHARGE_BODY],
    }
    assert found.versions == [UPDATED] * 4
    assert net_of_lines(found) == 95


def test_without_a_surcharge_there_is_no_line_for_it() -> None:
    found = payloads(INVOICES, invoice(custom_surcharge1=None, amount=104.4))
    assert found.sent["invoice_lines"] == [LINE_BODY, SECOND_LINE_BODY]


def test_taxes_included_in_the_prices() -> None:
    """80 and 20 with tax, 10 off the whole; 20 % on both, so 15 of 90: 12 and 3."""
    lines = [line(tax_amount=13.33), {**SECOND, "tax_amount": 3.33}]
    found = payloads(
        INVOICES,
        invoice(
            *lines, uses_inclusive_taxes=True, custom_surcharge1=0, amount=90, total_taxes=15, is_amount_discount=True
        ),
    )
    bodies = found.sent["invoice_lines"]
    assert found.sent["invoices"][0]["amount"] == 75
    assert [body["amount_excluding_tax_after_discount"] for body in bodies] == [60, 15]
    assert [body["tax_amount"] for body in bodies] == [12, 3]
    assert [body["discount_amount"] for body in bodies] == [28, 2]


def test_a_tax_of_the_whole_document_is_spread_by_the_lines_totals() -> None:
    lines = [line(tax_amount=0), {**SECOND, "tax_amount": 0}]
    found = payloads(INVOICES, invoice(*lines, custom_surcharge1=0, amount=108, total_taxes=18))
    assert [body["tax_amount"] for body in found.sent["invoice_lines"]] == [14.4, 3.6]
    assert net_of_lines(found) == 90


def test_the_subscription_is_named_where_its_stream_is_selected() -> None:
    assert payloads(INVOICES_BESIDE_RECURRING, invoice()).sent["invoices"][0]["subscription_id"] == "rec1"
    once = payloads(INVOICES_BESIDE_RECURRING, invoice(recurring_id=""))
    assert once.sent["invoices"] == [INVOICE_BODY]


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("2", FUTURE, "open"),
        ("2", PAST, "unpaid"),
        ("2", "", "open"),
        ("3", FUTURE, "open"),
        ("3", PAST, "unpaid"),
        ("4", PAST, "paid"),
        (4, FUTURE, "paid"),
    ],
)
def test_invoice_statuses(status: Any, due: str, expected: str) -> None:
    assert payloads(INVOICES, invoice(status_id=status, due_date=due)).sent["invoices"][0]["status"] == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status_id": "1"}, "draft"),
        ({"status_id": "5"}, "void"),
        ({"status_id": "6"}, "void"),
        ({"is_deleted": True}, "deleted"),
    ],
)
def test_what_is_not_final_or_not_valid_is_skipped_with_its_lines(changes: dict[str, Any], reason: str) -> None:
    found = payloads(INVOICES, invoice(**changes))
    assert found.skipped == [("invoices", "Wpmbk5ezJn", reason)]
    assert not found.sent


def test_an_archived_invoice_is_no_deleted_one() -> None:
    assert payloads(INVOICES, invoice(archived_at=UPDATED)).sent["invoices"] == [INVOICE_BODY]


def test_an_unknown_status_is_rejected() -> None:
    assert payloads(INVOICES, invoice(status_id="7")).faults == [("invoices", "Wpmbk5ezJn", "status", "unknown_value")]
    assert payloads(CREDITS, credit(status_id="7")).faults == [("credit_notes", "cr1", "status", "unknown_value")]


def test_without_a_client_in_the_record_the_currency_is_unknown() -> None:
    found = payloads(INVOICES, invoice(client=None))
    assert not any("currency" in body for bodies in found.sent.values() for body in bodies)
    assert found.sent["invoices"][0]["amount"] == 95


@pytest.mark.parametrize(
    ("number", "code"),
    [("1", "USD"), ("2", "GBP"), ("3", "EUR"), ("17", "CHF"), ("123", "MRU"), ("999", None), ("", None)],
)
def test_currencies(number: str, code: str | None) -> None:
    body = payloads(INVOICES, invoice(client=in_currency(number))).sent["invoices"][0]
    assert body.get("currency") == code


@pytest.mark.parametrize(("number", "shares"), [("45", [34, 33, 33]), ("89", [33.334, 33.333, 33.333])])
def test_shares_have_the_currencys_decimals(number: str, shares: list[float]) -> None:
    lines = [line(cost=1000, quantity=1, line_total=1000, tax_amount=0)] * 3
    record = invoice(*lines, client=in_currency(number), amount=2900, total_taxes=0, discount=100, custom_surcharge1=0)
    found = payloads(INVOICES, record)
    assert [body["discount_amount"] for body in found.sent["invoice_lines"]] == shares
    assert net_of_lines(found) == 2900


@given(
    totals=st.lists(st.decimals("0.01", "9999", places=2), min_size=1, max_size=12),
    percent=st.integers(0, 100),
    rate=st.integers(0, 30),
    inclusive=st.booleans(),
    surcharge=st.decimals(0, 50, places=2),
)
def test_lines_add_up_to_the_invoice_to_the_cent(
    totals: list[Decimal], percent: int, rate: int, inclusive: bool, surcharge: Decimal
) -> None:
    subtotal = sum(totals, Decimal(0))
    cent = Decimal("0.01")
    discount = (subtotal * percent / 100).quantize(cent, ROUND_HALF_UP)
    taxed = subtotal - discount
    tax = (taxed * rate / (100 + rate if inclusive else 100)).quantize(cent, ROUND_HALF_UP)
    lines = [line(line_total=float(t), cost=float(t), quantity=1, tax_amount=float(t * rate / 100)) for t in totals]
    record = invoice(
        *lines,
        discount=percent,
        uses_inclusive_taxes=inclusive,
        total_taxes=float(tax),
        custom_surcharge1=float(surcharge),
        amount=float(taxed + surcharge + (0 if inclusive else tax)),
    )
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert net_of_lines(found) == exact(found.sent["invoices"][0]["amount"])
    taxes = sum((exact(body.get("tax_amount", 0)) for body in found.sent["invoice_lines"]), Decimal(0))
    assert taxes == tax


@pytest.mark.parametrize(
    ("column", "lacking"),
    [
        ("total_taxes", {"invoices": "amount", "invoice_lines": "amount_excluding_tax_after_discount"}),
        ("amount", {"invoices": "amount", "invoice_lines": "amount_excluding_tax_after_discount"}),
        ("client_id", {"invoices": "customer_id"}),
        ("date", {"invoices": "date"}),
        ("status_id", {"invoices": "status"}),
    ],
)
def test_a_deselected_column_leaves_its_fields_out(column: str, lacking: dict[str, str]) -> None:
    record = invoice()
    del record[column]
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert all(field not in found.sent[entity][0] for entity, field in lacking.items())


def test_without_the_column_of_lines_there_are_none() -> None:
    record = invoice(custom_surcharge1=0)
    del record["line_items"]
    assert list(payloads(INVOICES, record).sent) == ["invoices"]


def test_an_amount_that_is_no_number_is_a_fault_without_its_value() -> None:
    found = payloads(INVOICES, invoice(amount="abc"))
    assert found.faults == [("invoices", "Wpmbk5ezJn", "amount", "invalid_value")]
    assert "abc" not in "".join(found.problems)


@pytest.mark.parametrize(
    ("type_id", "name"),
    [("3", "unpaid gateway fee"), ("4", "paid gateway fee"), ("5", "late fee"), ("6", "expense"), ("9", None)],
)
def test_kinds_of_lines(type_id: str, name: str | None) -> None:
    body = payloads(INVOICES, invoice(line(type_id=type_id))).sent["invoice_lines"][0]
    assert body["custom_properties"].get("line_type") == name


def test_a_credit_becomes_a_credit_note() -> None:
    found = payloads(CREDITS, credit())
    assert found.only("credit_notes") == CREDIT_BODY
    assert found.versions == [UPDATED]


def test_a_credits_surcharge_is_in_its_amount_and_on_none_of_its_lines() -> None:
    body = payloads(CREDITS, credit(custom_surcharge1=5, amount=109.4)).only("credit_notes")
    assert body == {**CREDIT_BODY, "amount": 95}


def test_a_credit_with_taxes_included_in_the_prices() -> None:
    record = credit(line(tax_amount=12), uses_inclusive_taxes=True, amount=72, total_taxes=12)
    body = payloads(CREDITS, record).only("credit_notes")
    assert body["amount"] == 60
    assert body["lines"] == [{"id": "cr1-0", "amount": 88, "discount_amount": 28}]


@pytest.mark.parametrize("status", ["2", "3", "4"])
def test_credit_statuses(status: str) -> None:
    assert payloads(CREDITS, credit(status_id=status)).only("credit_notes")["status"] == "issued"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"status_id": "1"}, "draft"), ({"is_deleted": True}, "deleted"), ({"invoice_id": ""}, "incomplete")],
)
def test_credits_that_are_skipped(changes: dict[str, Any], reason: str) -> None:
    assert payloads(CREDITS, credit(**changes)).skipped == [("credit_notes", "cr1", reason)]


def test_a_credit_whose_lines_lack_a_price_counts_their_totals() -> None:
    body = payloads(CREDITS, credit(line(cost=None, quantity=None), amount=86.4)).only("credit_notes")
    assert body["lines"] == [{"id": "cr1-0", "amount": 80, "discount_amount": 8}]


def test_the_texts_of_skips_say_what_can_be_done() -> None:
    (skip,) = [item for item in INVOICES.map(invoice(status_id="5")).objects if isinstance(item, Skip)]
    assert "remove it in Fincome by hand" in skip.text


def test_the_mapping_that_the_docs_page_gives_names_the_currency() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources" / "invoice_ninja.md").read_text(encoding="utf-8")
    settings = json.loads(page.split("```json\n")[1].split("```")[0])
    own = [OwnStream.model_validate(item) for item in settings["streams"]]
    streams = [Stream(name) for name in ("invoices", "credits", "recurring invoices")]
    plan = make_plan(streams, load_presets(), load_contract(), "invoice_ninja", own=own)
    records = [invoice(client=None), credit(client=None), recurring(client=None)]
    for planned, record in zip(plan.streams, records, strict=True):
        assert planned.mapper is not None
        found = payloads(planned.mapper, record)
        assert found.sent
        assert all(body["currency"] == "EUR" for bodies in found.sent.values() for body in bodies)
