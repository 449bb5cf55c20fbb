"""The QuickBooks preset: own records in the shape that source-quickbooks emits (sources.md, section 10)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit_tests.mapping.payloads import Payloads, mapper_for, payloads, without

CUSTOMERS = mapper_for("customers", source="quickbooks")
ITEMS = mapper_for("items", source="quickbooks")
INVOICES = mapper_for("invoices", "items", source="quickbooks")
INVOICES_ALONE = mapper_for("invoices", source="quickbooks")
SALES_RECEIPTS = mapper_for("sales_receipts", "items", source="quickbooks")
CREDIT_MEMOS = mapper_for("credit_memos", "items", source="quickbooks")
REFUND_RECEIPTS = mapper_for("refund_receipts", "items", source="quickbooks")

# Records that Airbyte's acceptance tests recorded; they are not part of this project.
REAL = Path(__file__).parents[4] / "shared" / "data" / "source_records" / "quickbooks"
PAST, FUTURE = "2001-06-30", "2199-06-30"
META = {"CreateTime": "2026-03-01T09:00:00-08:00", "LastUpdatedTime": "2026-03-02T09:00:00-08:00"}
# 2026-03-02T17:00:00Z, in epoch seconds.
UPDATED = 1772470800


def item(number: int, amount: float | None, code: str | None = "TAX", **changes: Any) -> dict[str, Any]:
    detail = {
        "ItemRef": {"value": f"4{number}", "name": f"Design:Item {number}"},
        "UnitPrice": amount,
        "Qty": 1,
        "TaxCodeRef": {"value": code},
    }
    return {
        "Id": str(number),
        "LineNum": number,
        "Description": f"Work {number}",
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {**detail, **changes.pop("detail", {})},
        **changes,
    }


def subtotal(amount: float) -> dict[str, Any]:
    return {"Amount": amount, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}


def discount(amount: float) -> dict[str, Any]:
    detail = {"PercentBased": True, "DiscountPercent": 10, "DiscountAccountRef": {"value": "86"}}
    return {"Amount": amount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}


def note() -> dict[str, Any]:
    return {"Id": "9", "Description": "Thank you", "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}


def document(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Lines of 300 (taxed) and 100 (not taxed), 10 % off (40), 8 % tax."""
    given = list(lines) or [item(1, 300.0), item(2, 100.0, "NON"), subtotal(400.0), discount(40.0), note()]
    return {
        "Id": "119",
        "SyncToken": "3",
        "domain": "QBO",
        "sparse": False,
        "MetaData": META,
        "airbyte_cursor": META["LastUpdatedTime"],
        "DocNumber": "1035",
        "TxnDate": "2026-03-01",
        "DueDate": FUTURE,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "CustomerRef": {"value": "17", "name": "Acme Works"},
        "BillEmail": {"Address": "pay@acme.test, boss@acme.test"},
        "BillAddr": {"Country": "USA", "PostalCode": "94304"},
        "Line": given,
        "TxnTaxDetail": {"TotalTax": 24.0},
        "TotalAmt": 384.0,
        "Balance": 384.0,
        **changes,
    }


INVOICE_BODY = {
    "id": "119",
    "customer_id": "17",
    "number": "1035",
    "date": "2026-03-01",
    "due_date": FUTURE,
    "status": "open",
    "currency": "USD",
    "amount": 360,
}
LINE_BODIES: list[dict[str, Any]] = [
    {
        "id": "119-1",
        "invoice_id": "119",
        "price_id": "41",
        "type": "one_off",
        "description": "Work 1",
        "currency": "USD",
        "amount_excluding_tax_after_discount": 270,
        "tax_amount": 24,
        "discount_amount": 30,
        "quantity": 1,
    },
    {
        "id": "119-2",
        "invoice_id": "119",
        "price_id": "42",
        "type": "one_off",
        "description": "Work 2",
        "currency": "USD",
        "amount_excluding_tax_after_discount": 90,
        "tax_amount": 0,
        "discount_amount": 10,
        "quantity": 1,
    },
]


def net_of(found: Payloads) -> Decimal:
    lines = found.sent.get("invoice_lines", [])
    return sum((Decimal(str(line["amount_excluding_tax_after_discount"])) for line in lines), Decimal(0))


# --- customers and items


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "8",
        "SyncToken": "0",
        "MetaData": META,
        "airbyte_cursor": META["LastUpdatedTime"],
        "DisplayName": "Acme Lyon",
        "CompanyName": "Acme SAS",
        "FullyQualifiedName": "Acme:Acme Lyon",
        "Level": 1,
        "ParentRef": {"value": "7"},
        "PrimaryEmailAddr": {"Address": "pay@acme.test, boss@acme.test"},
        "BillAddr": {"Country": "France", "PostalCode": "69001"},
        "Active": True,
        **changes,
    }


def test_customer() -> None:
    found = payloads(CUSTOMERS, customer())
    assert found.only("customers") == {
        "id": "8",
        "root_parent_id": "7",
        "name": "Acme Lyon",
        "email": "pay@acme.test",
        "country": "FR",
        "zip_code": "69001",
        "custom_properties": {"company_name": "Acme SAS"},
    }
    assert found.stubs == {"customers": [{"id": "7", "name": "Acme"}]}
    assert found.versions == [UPDATED]


def test_a_root_customer_with_little_in_it() -> None:
    record = {"Id": "7", "DisplayName": "Acme", "FullyQualifiedName": "Acme", "ShipAddr": {"PostalCode": "10115"}}
    found = payloads(CUSTOMERS, {**record, "airbyte_cursor": META["LastUpdatedTime"]})
    assert found.only("customers") == {"id": "7", "name": "Acme", "zip_code": "10115"}
    assert found.stubs == {}
    assert found.versions == [UPDATED]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"DisplayName": None}, "Acme SAS"),
        ({"DisplayName": "", "CompanyName": ""}, "Acme:Acme Lyon"),
        ({"DisplayName": None, "CompanyName": None, "FullyQualifiedName": None}, "8"),
    ],
)
def test_a_customer_without_a_display_name_takes_the_next_best(changes: dict[str, Any], name: str) -> None:
    assert payloads(CUSTOMERS, customer(**changes)).only("customers")["name"] == name


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"ParentRef": {"value": "7", "name": "Acme Group"}}, "Acme Group"),
        ({"FullyQualifiedName": "Acme:Europe:Acme Lyon", "Level": 2}, "Europe"),
        ({"Level": None}, "7"),
        ({"FullyQualifiedName": None}, "7"),
    ],
)
def test_the_parents_name_comes_from_the_path(changes: dict[str, Any], name: str) -> None:
    assert payloads(CUSTOMERS, customer(**changes)).stubs == {"customers": [{"id": "7", "name": name}]}


def test_an_inactive_customer_is_loaded_because_its_invoices_are() -> None:
    assert payloads(CUSTOMERS, customer(Active=False)).only("customers")["id"] == "8"


def test_an_item_is_a_product_and_a_plan_of_the_same_id() -> None:
    record = {"Id": "41", "Name": "Item 1", "FullyQualifiedName": "Design:Item 1", "Type": "Service", "MetaData": META}
    found = payloads(ITEMS, {**record, "UnitPrice": 300})
    assert found.sent == {
        "products": [{"id": "41", "name": "Design:Item 1", "custom_properties": {"item_type": "Service"}}],
        "plans": [{"id": "41", "product_id": "41", "name": "Design:Item 1"}],
    }
    assert found.versions == [UPDATED, UPDATED]
    assert payloads(ITEMS, without(record, "FullyQualifiedName")).sent["plans"][0]["name"] == "Item 1"
    assert payloads(ITEMS, {"Id": "41"}).sent["products"] == [{"id": "41", "name": "41"}]


def test_a_category_is_no_product() -> None:
    found = payloads(ITEMS, {"Id": "40", "Name": "Design", "Type": "Category"})
    assert found.sent == {}
    assert found.skipped == [("products", "40", "not_revenue"), ("plans", "40", "not_revenue")]


# --- invoices


def test_invoice() -> None:
    found = payloads(INVOICES, document())
    assert found.sent == {"invoices": [INVOICE_BODY], "invoice_lines": LINE_BODIES}
    assert (found.faults, found.skipped, found.versions) == ([], [], [UPDATED] * 3)
    assert found.stubs["customers"] == [
        {"id": "17", "name": "Acme Works", "email": "pay@acme.test", "country": "US", "zip_code": "94304"}
    ]
    assert found.stubs["plans"][0] == {"id": "41", "product_id": "41", "name": "Design:Item 1"}
    assert found.stubs["products"][1] == {"id": "42", "name": "Design:Item 2"}


def test_numbers_as_text_are_numbers() -> None:
    lines = [item(1, 0, Amount="300.00"), item(2, 0, "NON", Amount="100"), discount(40)]
    changes = {"TotalAmt": "384.00", "Balance": "384.0", "TxnTaxDetail": {"TotalTax": "24.00"}}
    assert payloads(INVOICES, document(*lines, **changes)).sent == {
        "invoices": [INVOICE_BODY],
        "invoice_lines": LINE_BODIES,
    }


@pytest.mark.parametrize(
    ("balance", "due", "status"),
    [
        (0, PAST, "paid"),
        ("0.00", FUTURE, "paid"),
        (384.0, FUTURE, "open"),
        (0.01, FUTURE, "open"),
        (384.0, PAST, "unpaid"),
        (384.0, None, "open"),
    ],
)
def test_the_balance_and_the_due_date_make_the_status(balance: Any, due: Any, status: str) -> None:
    (body,) = payloads(INVOICES, document(Balance=balance, DueDate=due)).sent["invoices"]
    assert body == {**INVOICE_BODY, "status": status, "due_date": due or "2026-03-01"}


def test_prices_that_include_tax() -> None:
    """As the Australian edition has it: Amount is without tax, TaxInclusiveAmt with it, the discount with it too."""
    lines = [
        item(1, 409.09, "10", detail={"TaxInclusiveAmt": 450.0}),
        item(2, 100.0, "12", detail={"TaxInclusiveAmt": 100.0}),
        discount(55.0),
    ]
    # 550 - 55 = 495 with tax; 36.82 tax on 90 % of the first line.
    record = document(*lines, GlobalTaxCalculation="TaxInclusive", TotalAmt=495.0, TxnTaxDetail={"TotalTax": 36.82})
    found = payloads(INVOICES, record)
    assert found.sent["invoices"][0]["amount"] == 458.18
    assert net_of(found) == Decimal("458.18")
    first, second = found.sent["invoice_lines"]
    assert (first["tax_amount"], second["tax_amount"]) == (36.82, 0)
    assert (first["amount_excluding_tax_after_discount"], first["discount_amount"]) == (368.18, 40.91)
    assert (second["amount_excluding_tax_after_discount"], second["discount_amount"]) == (90, 10)


def test_a_bundle_becomes_its_items() -> None:
    bundle = {
        "Id": "5",
        "DetailType": "GroupLineDetail",
        "Amount": 0,
        "GroupLineDetail": {"GroupItemRef": {"value": "90"}, "Quantity": 1, "Line": [item(6, 60.0), note()]},
    }
    lines = [item(1, 40.0), bundle, subtotal(100.0)]
    found = payloads(INVOICES, document(*lines, TotalAmt=108.0, TxnTaxDetail={"TotalTax": 8}))
    assert [line["id"] for line in found.sent["invoice_lines"]] == ["119-1", "119-6"]
    assert [line["tax_amount"] for line in found.sent["invoice_lines"]] == [3.2, 4.8]
    assert net_of(found) == 100


def test_shipping_is_a_line_without_a_plan() -> None:
    shipping = {
        "Amount": 12.0,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
    }
    found = payloads(INVOICES, document(shipping, TotalAmt=12.0, TxnTaxDetail={"TotalTax": 0}))
    (line,) = found.sent["invoice_lines"]
    assert line == {
        "id": "119-SHIPPING_ITEM_ID",
        "invoice_id": "119",
        "type": "one_off",
        "currency": "USD",
        "amount_excluding_tax_after_discount": 12,
        "tax_amount": 0,
        "discount_amount": 0,
    }
    assert set(found.stubs) == {"customers"}


def test_a_line_says_when_the_service_was_done_and_takes_its_text_from_the_item() -> None:
    line = item(1, 400.0, Description=None, detail={"ServiceDate": "2026-02-28", "Qty": None})
    (body,) = payloads(INVOICES, document(line)).sent["invoice_lines"]
    assert body["description"] == "Design:Item 1"
    assert body["custom_properties"] == {"service_date": "2026-02-28"}
    assert "quantity" not in body


def test_lines_name_plans_only_if_items_are_selected() -> None:
    found = payloads(INVOICES_ALONE, document())
    assert found.sent["invoice_lines"] == [without(line, "price_id") for line in LINE_BODIES]


def test_a_voided_invoice_is_skipped_with_its_lines() -> None:
    lines = [item(1, 0.0), subtotal(0.0)]
    found = payloads(INVOICES, document(*lines, TotalAmt=0, Balance=0, PrivateNote="Voided - was for May"))
    assert (found.sent, found.skipped) == ({}, [("invoices", "119", "void")])


def test_an_invoice_over_nothing_is_no_voided_one() -> None:
    found = payloads(INVOICES, document(item(1, 0.0), TotalAmt=0, Balance=0, TxnTaxDetail={"TotalTax": 0}))
    assert found.sent["invoices"] == [{**INVOICE_BODY, "amount": 0, "status": "paid"}]
    assert payloads(INVOICES, document(PrivateNote="Voided the old one")).skipped == []


def test_a_document_without_a_customer_is_skipped() -> None:
    found = payloads(SALES_RECEIPTS, document(CustomerRef=None))
    assert (found.sent, found.skipped) == ({}, [("invoices", "sales_receipt-119", "incomplete")])


@pytest.mark.parametrize(
    ("column", "field"),
    [("TotalAmt", "amount"), ("Balance", "status"), ("CurrencyRef", "currency"), ("TxnDate", "date")],
)
def test_a_deselected_column_leaves_its_field_empty(column: str, field: str) -> None:
    """Without a required field the invoice can't be created: the sync rejects it, and names the field."""
    (body,) = payloads(INVOICES, without(document(DueDate=FUTURE), column)).sent["invoices"]
    assert field not in body


def test_without_its_lines_an_invoice_is_still_an_invoice() -> None:
    assert payloads(INVOICES, document(Line=None)).sent == {"invoices": [INVOICE_BODY]}


def test_a_value_that_is_no_number_is_a_fault_that_does_not_quote_it() -> None:
    found = payloads(INVOICES, document(TotalAmt="lots"))
    assert found.sent == {}
    assert found.faults == [("invoices", "119", "amount", "invalid_value")]
    assert "lots" not in "".join(found.problems)


@settings(deadline=None)
@given(
    amounts=st.lists(st.integers(-50_000, 500_000), min_size=1, max_size=6),
    off=st.integers(0, 100_000),
    tax=st.integers(0, 90_000),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_lines_and_taxes_add_up_to_the_document(amounts: list[int], off: int, tax: int, currency: str) -> None:
    unit = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
    lines = [item(number, float(amount * unit)) for number, amount in enumerate(amounts, 1)]
    net = (sum(amounts) - off) * unit
    record = document(
        *lines,
        discount(float(off * unit)),
        TotalAmt=float(net + tax * unit),
        TxnTaxDetail={"TotalTax": float(tax * unit)},
        CurrencyRef={"value": currency},
    )
    found = payloads(INVOICES, record)
    assert not found.faults
    assert net_of(found) == Decimal(str(found.sent["invoices"][0]["amount"])) == net
    assert sum(Decimal(str(line["tax_amount"])) for line in found.sent["invoice_lines"]) == tax * unit


# --- receipts and credit memos


def test_a_sales_receipt_is_a_paid_invoice() -> None:
    found = payloads(SALES_RECEIPTS, without(document(Balance=0), "DueDate"))
    header = {"id": "sales_receipt-119", "status": "paid", "due_date": "2026-03-01"}
    assert found.sent["invoices"] == [{**INVOICE_BODY, **header}]
    assert found.sent["invoice_lines"] == [
        {**line, "id": f"sales_receipt-{line['id']}", "invoice_id": "sales_receipt-119"} for line in LINE_BODIES
    ]
    assert found.stubs["customers"][0]["name"] == "Acme Works"
    assert found.versions == [UPDATED] * 3


@pytest.mark.parametrize(("mapper", "kind"), [(CREDIT_MEMOS, "credit_memo"), (REFUND_RECEIPTS, "refund_receipt")])
def test_a_credit_without_an_invoice_is_a_negative_invoice(mapper: Any, kind: str) -> None:
    found = payloads(mapper, document(Balance=0, RemainingCredit=0))
    assert not found.faults
    assert found.versions == [UPDATED] * 3
    header = {"id": f"{kind}-119", "status": "paid", "due_date": "2026-03-01", "amount": -360}
    assert found.sent["invoices"] == [{**INVOICE_BODY, **header}]
    first, second = LINE_BODIES
    assert found.sent["invoice_lines"] == [
        {
            **first,
            "id": f"{kind}-119-1",
            "invoice_id": f"{kind}-119",
            "amount_excluding_tax_after_discount": -270,
            "tax_amount": -24,
            "discount_amount": -30,
        },
        {
            **second,
            "id": f"{kind}-119-2",
            "invoice_id": f"{kind}-119",
            "amount_excluding_tax_after_discount": -90,
            "tax_amount": 0,
            "discount_amount": -10,
        },
    ]


def test_a_credit_memo_that_names_its_invoice_is_a_credit_note() -> None:
    found = payloads(CREDIT_MEMOS, document(Id="73", InvoiceRef={"value": "119"}))
    assert found.versions == [UPDATED]
    assert found.only("credit_notes") == {
        "id": "73",
        "invoice_id": "119",
        "customer_id": "17",
        "date": "2026-03-01",
        "status": "issued",
        "currency": "USD",
        "amount": 360,
        "lines": [
            {"id": "73-1", "amount": 300, "discount_amount": 30},
            {"id": "73-2", "amount": 100, "discount_amount": 10},
        ],
    }


def test_voided_credits_are_skipped() -> None:
    void = {"TotalAmt": 0, "PrivateNote": "Voided", "TxnTaxDetail": None}
    linked = payloads(CREDIT_MEMOS, document(item(1, 0.0), InvoiceRef={"value": "119"}, **void))
    assert (linked.sent, linked.skipped) == ({}, [("credit_notes", "119", "void")])
    free = payloads(CREDIT_MEMOS, document(item(1, 0.0), **void))
    assert (free.sent, free.skipped) == ({}, [("invoices", "credit_memo-119", "void")])


@pytest.mark.parametrize("file", sorted(REAL.glob("*.json")) if REAL.is_dir() else [], ids=lambda path: path.stem)
def test_real_records(file: Path) -> None:
    mappers = {
        "customers": CUSTOMERS,
        "items": ITEMS,
        "invoices": INVOICES,
        "sales_receipts": SALES_RECEIPTS,
        "credit_memos": CREDIT_MEMOS,
        "refund_receipts": REFUND_RECEIPTS,
    }
    records = json.loads(file.read_text(encoding="utf-8"))["records"]
    for record in records if file.stem in mappers else []:
        found = payloads(mappers[file.stem], record)
        assert (found.faults, found.skipped) == ([], []), found.problems
        assert found.sent
        for body in found.sent.get("invoices", []):
            assert net_of(found) == Decimal(str(body["amount"]))
