"""The Harvest preset: own records in Harvest's shape, the payloads field by field (sources.md, section 15)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads

CLIENTS = mapper_for("clients", source="harvest")
CATEGORIES = mapper_for("invoice_item_categories", source="harvest")
INVOICES = mapper_for("invoices", source="harvest")

# Records that Airbyte's acceptance tests recorded; they are not part of this project.
REAL = Path(__file__).parents[4] / "shared" / "data" / "source_records" / "harvest"
PAST, FUTURE = "2001-06-30", "2199-06-30"


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": 501,
        "kind": "Service",
        "description": "Design, two days",
        "quantity": 2.0,
        "unit_price": 400.0,
        "amount": 800.0,
        "taxed": True,
        "taxed2": False,
        "project": {"id": 71, "name": "Relaunch", "code": "RL"},
        **changes,
    }


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Lines of 800 and 200, 10 % off (100), 20 % tax on the first line (144) and 5 % second tax on the other (9)."""
    second = line(
        id=502, kind="Product", description="", quantity=1, amount=200.0, taxed=False, taxed2=True, project=None
    )
    return {
        "id": 9001,
        "client_key": "k1",
        "number": "2024-17",
        "purchase_order": "PO-7",
        "amount": 1053.0,
        "due_amount": 1053.0,
        "tax": 20.0,
        "tax_amount": 144.0,
        "tax2": 5.0,
        "tax2_amount": 9.0,
        "discount": 10.0,
        "discount_amount": 100.0,
        "subject": "Relaunch, March",
        "state": "open",
        "period_start": "2024-03-01",
        "period_end": "2024-03-31",
        "issue_date": "2024-04-02",
        "due_date": FUTURE,
        "payment_term": "net 30",
        "recurring_invoice_id": 33,
        "updated_at": "2024-04-02T09:00:00Z",
        "currency": "EUR",
        "client": {"id": 42, "name": "Acme SAS"},
        "line_items": list(lines) or [line(), second],
        **changes,
    }


INVOICE_BODY = {
    "id": "9001",
    "customer_id": "42",
    "number": "2024-17",
    "date": "2024-04-02",
    "due_date": FUTURE,
    "status": "open",
    "currency": "EUR",
    "amount": 900,
    "custom_properties": {"subject": "Relaunch, March", "purchase_order": "PO-7", "recurring_invoice_id": 33},
}
LINE_BODY = {
    "id": "501",
    "invoice_id": "9001",
    "type": "one_off",
    "description": "Design, two days",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 720,
    "tax_amount": 144,
    "discount_amount": 80,
    "quantity": 2,
    "custom_properties": {"kind": "Service", "project": "Relaunch"},
}
SECOND_LINE_BODY = {
    "id": "502",
    "invoice_id": "9001",
    "type": "one_off",
    "description": "Product",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 180,
    "tax_amount": 9,
    "discount_amount": 20,
    "quantity": 1,
    "custom_properties": {"kind": "Product"},
}
APRIL_2 = 1712048400


def net_of(found: Payloads) -> Decimal:
    lines = found.sent["invoice_lines"]
    return sum((Decimal(str(body["amount_excluding_tax_after_discount"])) for body in lines), Decimal(0))


def test_a_client_becomes_a_customer() -> None:
    record = {
        "id": 42,
        "name": "Acme SAS",
        "is_active": False,
        "address": "1 quai\n69001 Lyon\nFrance",
        "statement_key": "s1",
        "updated_at": "2024-04-02T09:00:00Z",
        "currency": "EUR",
    }
    found = payloads(CLIENTS, record)
    assert found.only("customers") == {"id": "42", "name": "Acme SAS", "custom_properties": {"active": False}}
    assert found.versions == [APRIL_2]


def test_an_item_category_becomes_a_product() -> None:
    record = {"id": 7, "name": "Service", "use_as_service": True, "updated_at": "2024-04-02T09:00:00Z"}
    found = payloads(CATEGORIES, record)
    assert found.only("products") == {"id": "7", "name": "Service"}
    assert found.versions == [APRIL_2]


def test_an_invoice_becomes_an_invoice_and_its_lines() -> None:
    found = payloads(INVOICES, invoice())
    assert not found.faults, found.problems
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": [LINE_BODY, SECOND_LINE_BODY]}
    assert found.versions == [APRIL_2] * 3
    assert found.stubs == {"customers": [{"id": "42", "name": "Acme SAS"}]}


@pytest.mark.parametrize(
    ("state", "due", "status"),
    [
        ("open", FUTURE, "open"),
        ("open", PAST, "unpaid"),
        ("open", None, "open"),
        ("paid", PAST, "paid"),
        ("closed", FUTURE, "unpaid"),
        ("closed", PAST, "unpaid"),
    ],
)
def test_states(state: str, due: str | None, status: str) -> None:
    body = payloads(INVOICES, invoice(state=state, due_date=due)).sent["invoices"][0]
    assert body["status"] == status


def test_an_unknown_state_is_rejected() -> None:
    found = payloads(INVOICES, invoice(state="archived"))
    assert found.faults == [("invoices", 9001, "status", "unknown_value")]


def test_a_draft_is_skipped_with_its_lines() -> None:
    found = payloads(INVOICES, invoice(state="draft"))
    assert found.skipped == [("invoices", 9001, "draft")]
    assert not found.sent


def test_an_invoice_without_discount_and_tax() -> None:
    plain = invoice(line(amount="800.0"), amount="800.0", tax_amount=0.0, tax2_amount=0.0, discount_amount=0.0)
    found = payloads(INVOICES, plain)
    assert found.sent["invoices"][0]["amount"] == 800
    (body,) = found.sent["invoice_lines"]
    assert body == {**LINE_BODY, "amount_excluding_tax_after_discount": 800, "tax_amount": 0, "discount_amount": 0}


def test_the_shares_of_a_currency_without_decimals_are_whole() -> None:
    lines = [line(id=n, amount=1000, taxed=True) for n in (1, 2, 3)]
    found = payloads(
        INVOICES,
        invoice(*lines, currency="JPY", amount=3189, discount_amount=100, tax_amount=289, tax2_amount=0),
    )
    bodies = found.sent["invoice_lines"]
    assert [body["discount_amount"] for body in bodies] == [34, 33, 33]
    assert [body["amount_excluding_tax_after_discount"] for body in bodies] == [966, 967, 967]
    assert [body["tax_amount"] for body in bodies] == [97, 96, 96]
    assert net_of(found) == 2900


@given(
    amounts=st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=12),
    percent=st.integers(0, 100),
    tax=st.decimals(0, 9999, places=2),
)
def test_lines_add_up_to_the_invoice_to_the_cent(amounts: list[Decimal], percent: int, tax: Decimal) -> None:
    subtotal = sum(amounts, Decimal(0))
    discount = (subtotal * percent / 100).quantize(Decimal("0.01"))
    lines = [line(id=n, amount=float(amount)) for n, amount in enumerate(amounts)]
    record = invoice(
        *lines,
        amount=float(subtotal - discount + tax),
        discount_amount=float(discount),
        tax_amount=float(tax),
        tax2_amount=0.0,
    )
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert net_of(found) == Decimal(str(found.sent["invoices"][0]["amount"])) == subtotal - discount
    taxes = sum((Decimal(str(body["tax_amount"])) for body in found.sent["invoice_lines"]), Decimal(0))
    assert taxes == tax


@pytest.mark.parametrize(
    ("column", "faults"),
    [
        ("tax_amount", [("invoices", "amount")]),
        ("tax2_amount", [("invoices", "amount")]),
        ("amount", [("invoices", "amount")]),
        ("discount_amount", [("invoice_lines", "amount_excluding_tax_after_discount")] * 2),
        ("issue_date", [("invoices", "date")]),
        ("client", [("invoices", "customer_id")]),
        ("state", [("invoices", "status")]),
        ("currency", [("invoices", "currency"), ("invoice_lines", "currency"), ("invoice_lines", "currency")]),
    ],
)
def test_a_deselected_column_is_a_fault_that_names_the_field(column: str, faults: list[tuple[str, str]]) -> None:
    record = invoice()
    del record[column]
    found = payloads(INVOICES, record)
    # What is required is checked when an object is created: here the bodies just lack it.
    lacking = [(entity, field) for entity, field in faults for body in found.sent[entity][:1] if field not in body]
    assert lacking == faults


@pytest.mark.parametrize(
    "column", ["line_items", "due_date", "number", "subject", "recurring_invoice_id", "updated_at"]
)
def test_other_deselected_columns_are_left_out(column: str) -> None:
    record = invoice()
    del record[column]
    found = payloads(INVOICES, record)
    assert not found.faults, found.problems
    assert len(found.sent["invoices"]) == 1


def test_an_amount_that_is_no_number_is_a_fault_without_its_value() -> None:
    found = payloads(INVOICES, invoice(amount="abc"))
    assert found.faults == [("invoices", 9001, "amount", "invalid_value")]
    assert "abc" not in "".join(found.problems)


@pytest.mark.parametrize("file", sorted(REAL.glob("*.json")) if REAL.is_dir() else [], ids=lambda path: path.stem)
def test_real_records(file: Path) -> None:
    records = json.loads(file.read_text(encoding="utf-8"))["records"]
    stream = file.stem.split(".")[0]
    if file.stem.endswith("unit_test_response"):
        records = [record for envelope in records for record in envelope.get(stream, [])]
    mappers = {"clients": CLIENTS, "invoice_item_categories": CATEGORIES, "invoices": INVOICES}
    for record in records if stream in mappers else []:
        found = payloads(mappers[stream], record)
        assert not found.faults, found.problems
        assert found.skipped == ([("invoices", record["id"], "draft")] if record.get("state") == "draft" else [])
        for body in found.sent.get("invoices", []):
            assert net_of(found) == Decimal(str(body["amount"]))
