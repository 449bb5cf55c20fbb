"""Which column identifies what: by what other tables name, by what no row lacks, by whose number it is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from unit_tests.tools.drafting import Rows, asked, drafted, read

DAYS = [date(2025, 1, 3) + timedelta(days=9 * n) for n in range(30)]


def accounts(count: int = 8) -> Rows:
    return [{"id": str(n), "email": f"a{n}@firm.example", "companyname": f"Firm {n} Ltd"} for n in range(1, count + 1)]


def bills(**more: str) -> Rows:
    return [
        {
            "id": str(500 + n),
            "userid": str(1 + n % 8),
            "invoicenum": f"B-{n}" if n % 3 else "",
            "date": str(day),
            "subtotal": f"{100 + n}.00",
            "tax": f"{20 + n / 5:.2f}",
            "total": f"{120 + n * 1.2:.2f}",
            **more,
        }
        for n, day in enumerate(DAYS)
    ]


def items() -> Rows:
    return [
        {
            "id": str(900 + 2 * n + part),
            "invoiceid": str(500 + n),
            "userid": str(1 + n % 8),
            "description": f"Part {part}",
            "amount": f"{60 + n if part else 40}.00",
            "duedate": str(day),
        }
        for n, day in enumerate(DAYS)
        for part in (0, 1)
    ]


def test_given_ids_of_users_that_are_most_of_the_customers_when_drafted_then_they_are_the_customer(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, tblclients=accounts(), tblinvoices=bills(), tblinvoiceitems=items())
    assert read(found, "invoices.customer_id") == "userid"
    assert read(found, "invoices.id") == "id"
    assert read(found, "invoice_lines.invoice_id") == "invoiceid"
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "amount"


def test_given_ids_of_users_and_no_customers_when_drafted_then_it_is_asked(tmp_path: Path) -> None:
    found = drafted(tmp_path, tblinvoices=bills())
    assert read(found, "invoices.customer_id") is None
    assert "tblinvoices.customer_id" in asked(found)
    found = drafted(tmp_path, {"tblinvoices.customer_id": "userid"}, tblinvoices=bills())
    assert read(found, "invoices.customer_id") == "userid"


def test_given_a_number_that_some_documents_lack_when_drafted_then_it_is_not_their_id(tmp_path: Path) -> None:
    found = drafted(tmp_path, tblinvoices=bills())
    assert read(found, "invoices.id") == "id"


def test_given_lines_with_an_id_each_when_drafted_then_it_is_theirs(tmp_path: Path) -> None:
    found = drafted(tmp_path, tblinvoices=bills(), tblinvoiceitems=items())
    assert read(found, "invoice_lines.id") == "id"


def test_given_an_id_of_customers_transactions_when_another_table_numbers_its_rows_by_it_then_it_is_theirs(
    tmp_path: Path,
) -> None:
    heads = [
        {
            "CUSTOMER_TRX_ID": str(70010 + 3 * n),
            "TRX_NUMBER": str(100 + n),
            "TRX_DATE": str(day),
            "BILL_TO_CUSTOMER_ID": str(4000 + n % 8),
            "CURRENCY_CODE": "USD",
        }
        for n, day in enumerate(DAYS)
    ]
    lines = [
        {
            "CUSTOMER_TRX_LINE_ID": str(990_000 + 2 * n + part),
            "CUSTOMER_TRX_ID": str(70010 + 3 * n),
            "DESCRIPTION": f"Part {part}",
            "EXTENDED_AMOUNT": f"{60 + n if part else 40}.00",
        }
        for n in range(len(DAYS))
        for part in (0, 1)
    ]
    found = drafted(tmp_path, trx=heads, trx_lines=lines)
    assert read(found, "invoices.id", "trx") == "CUSTOMER_TRX_ID"
    assert read(found, "invoices.number", "trx") == "TRX_NUMBER"
    assert read(found, "invoices.customer_id", "trx") == "BILL_TO_CUSTOMER_ID"
    assert read(found, "invoice_lines.invoice_id") == "CUSTOMER_TRX_ID"


def test_given_a_day_of_booking_beside_the_documents_when_drafted_then_the_documents_is_the_date(
    tmp_path: Path,
) -> None:
    rows = [
        {"Booked on": str(day + timedelta(days=40)), "Document date": str(day), **row}
        for day, row in zip(DAYS, bills(), strict=True)
    ]
    for row in rows:
        del row["date"]
    found = drafted(tmp_path, invoices=rows)
    assert read(found, "invoices.date") == "Document date"


def coded() -> dict[str, Rows]:
    """Return customers, documents and lines under headings that nobody knows, joined by codes."""
    people = [{"ZKEY": f"K{n:05}", "ZTXT": f"Firm {n} Ltd", "ZGRP": "A"} for n in range(1, 9)]
    heads = [
        {
            "QREF": f"D{n:05}",
            "QWHO": f"K{1 + n % 8:05}",
            "QWHEN": str(day),
            "QTHEN": str(day),
            "QA": f"{100 + 7 * n}.00",
            "QB": f"{20 + 1.4 * n:.2f}",
            "QC": f"{120 + 8.4 * n:.2f}",
        }
        for n, day in enumerate(DAYS)
    ]
    rows = [
        {"QREF": f"D{n:05}", "RTXT": f"Part {part}", "RSUM": f"{60 + 7 * n if part else 40}.00", "RQ": "1"}
        for n in range(len(DAYS))
        for part in (0, 1)
    ]
    return {"zpeople": people, "qheads": heads, "qrows": rows}


def test_given_tables_whose_headings_nobody_knows_when_their_keys_and_sums_fit_then_they_are_found(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, {"qheads.invoice_date": "QWHEN"}, **coded())
    assert [(one.table.table.name, one.kind) for one in found.streams] == [
        ("zpeople", "customers"),
        ("qheads", "invoices"),
        ("qrows", "lines"),
    ]
    assert read(found, "invoices.id") == "QREF"
    assert read(found, "invoices.customer_id") == "QWHO"
    assert read(found, "invoices.amount") == "QA"
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "RSUM"
    assert read(found, "customers.name") == "ZTXT"


def test_given_days_that_are_the_same_in_two_columns_when_the_date_is_asked_then_one_of_them_is_offered(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, **coded())
    (question,) = [one for one in found.questions.open if one.id == "qheads.invoice_date"]
    assert question.columns == ("QWHEN",)


def test_given_plain_names_of_lines_when_drafted_then_they_are_products(tmp_path: Path) -> None:
    positions = [
        {"id": row["id"], "invoice_id": row["invoiceid"], "name": f"Plan {row['id'][-1]}", "total_net": row["amount"]}
        for row in items()
    ]
    heads = [{"buyer_id": f"B-{n % 5:03}", **row} for n, row in enumerate(bills())]
    found = drafted(tmp_path, invoices=heads, positions=positions)
    assert read(found, "invoice_lines.description") == "name"
    assert [one.table.table.name for one in found.streams for e in one.emissions if e.entity == "customers"] != [
        "positions"
    ]


def test_given_descriptions_that_are_kinds_of_documents_when_drafted_then_they_describe_no_line(
    tmp_path: Path,
) -> None:
    rows = [
        {"Causale": "Nota di credito" if n > 26 else "Fattura di vendita", "Cliente": f"C-{n % 5:03}", **row}
        for n, row in enumerate(bills())
    ]
    found = drafted(tmp_path, registro=rows)
    descriptions = [e.fields.get("description") for one in found.streams for e in one.emissions]
    assert [one for one in descriptions if one] == []
