"""Which column identifies what: by what other tables name, by what no row lacks, by whose number it is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from fincome_tools.draft.columns.names import concepts_of, without_shared
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

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


def test_given_letters_that_all_headings_begin_with_when_named_then_the_rest_says_what_they_are() -> None:
    headings = ["PCVID", "PCVNUM", "PCVDATE", "PCVMNTHT", "PCVMNTTTC", "TIRID"]
    found = without_shared(headings, "PIECES")
    assert [set(concepts_of(one)) for one in found[1:4]] == [{"id"}, {"date"}, {"amount", "net"}]
    assert concepts_of(without_shared(["FACNUM", "FACDAT", "FACTVA", "FACHT", "FACTTC"], "x")[0]) == {"invoice", "id"}


def test_given_documents_that_others_of_the_table_name_when_their_ids_are_found_by_keys_then_they_are_credits(
    tmp_path: Path,
) -> None:
    tables = coded()
    for place, row in enumerate(tables["qheads"]):
        row["QBACK"] = tables["qheads"][place - 9]["QREF"] if place > 26 else ""
    found = drafted(tmp_path, **tables)
    assert "qheads.credits" in asked(found)


def test_given_signs_of_documents_in_a_column_when_drafted_then_those_below_zero_are_credits(tmp_path: Path) -> None:
    tables = coded()
    for place, row in enumerate(tables["qheads"]):
        row["QSIGN"] = "-1" if place > 26 else "1"
    found = drafted(tmp_path, **tables)
    assert "qheads.credits" in asked(found)


def test_given_a_table_like_that_of_the_invoices_under_other_letters_when_drafted_then_what_it_holds_is_asked(
    tmp_path: Path,
) -> None:
    names = {"id": "COD", "userid": "CLI", "date": "FEC", "subtotal": "NET", "tax": "IVA", "total": "TOT"}
    first, other = (
        [{names[key] + end: value for key, value in row.items() if key in names} for row in bills()]
        for end in ("XQA", "XQB")
    )
    found = drafted(tmp_path, F_XQA=first, F_XQB=other[:5])
    assert "F_XQB.kind" in asked(found)


def test_given_names_of_customers_in_another_table_than_the_invoices_when_drafted_then_they_are_made_of_it(
    tmp_path: Path,
) -> None:
    heads = [{"client_id": f"C-{n % 5:03}", **row} for n, row in enumerate(bills())]
    plans = [{"client_id": f"C-{n % 5:03}", "client_name": f"Firm {n % 5}", "mood": f"m{n}"} for n in range(9)]
    found = drafted(tmp_path, invoices=heads, moods=plans)
    assert read(found, "customers.name", "moods") == "client_name"


def test_given_amounts_of_documents_in_a_table_of_their_own_when_drafted_then_they_are_made_once(
    tmp_path: Path,
) -> None:
    tables = coded()
    sums = [{name: row.pop(name) for name in ("QA", "QB", "QC")} for row in tables["qheads"]]
    for row, own in zip(tables["qheads"], sums, strict=True):
        row["Invoice date"], row["Customer code"] = row.pop("QWHEN"), row.pop("QWHO")
        own["QREF"] = row["QREF"]
    found = drafted(tmp_path, **tables, qsums=sums)
    assert [one.kind for one in found.streams if one.table.table.name == "qsums"] == ["unknown"]


def test_given_invoices_that_name_customers_by_an_id_and_a_number_when_drafted_then_both_tables_have_the_same(
    tmp_path: Path,
) -> None:
    people = [{"id": str(5000 + n), "customerNumber": f"K{n:05}", "company": f"Firm {n}"} for n in range(8)]
    heads = [
        {"customerId": str(5000 + n % 8), "customerNumber": f"K{n % 8:05}", **row} for n, row in enumerate(bills())
    ]
    found = drafted(tmp_path, customer=people, invoices=heads)
    keys = {"customerId": "id", "customerNumber": "customerNumber"}
    assert read(found, "customers.id") == keys[str(read(found, "invoices.customer_id"))]


def test_given_small_numbers_of_documents_of_the_same_customer_each_time_when_drafted_then_these_are_credited(
    tmp_path: Path,
) -> None:
    rows: Rows = []
    for n, row in enumerate(bills()):
        back = str(500 + n - 8) if n > 25 else ""  # The eighth one before is the same customer's.
        rows.append({"Kunden-Nr": f"K{n % 8:03}", "Verrechnen mit": back, **row})
    found = drafted(tmp_path, invoices=rows)
    assert "invoices.credits" in asked(found)
    for n, row in enumerate(rows):
        row["Verrechnen mit"] = str(500 + n - 7) if n > 25 else ""
    assert "invoices.credits" not in asked(drafted(tmp_path, invoices=rows))


def test_given_a_key_of_lines_and_a_counter_within_invoices_when_drafted_then_the_key_is_their_id(
    tmp_path: Path,
) -> None:
    lines = [{"Line Unique Key": f"88{n:04}", "Line": str(n % 2 + 1), **row} for n, row in enumerate(items())]
    for row in lines:
        del row["id"]
    found = drafted(tmp_path, tblclients=accounts(), tblinvoices=bills(), tblinvoiceitems=lines)
    assert read(found, "invoice_lines.id") == "Line Unique Key"


def test_given_rows_that_are_taxes_of_lines_when_drafted_then_they_are_left_out(tmp_path: Path) -> None:
    lines = [{"LINE_TYPE": "LINE", **row} for row in items()]
    lines += [row | {"id": "1" + row["id"], "LINE_TYPE": "TAX", "description": "VAT"} for row in lines[::2]]
    found = drafted(tmp_path, tblclients=accounts(), tblinvoices=bills(), tblinvoiceitems=lines)
    assert made(found, "invoice_lines").when == '!lookup(LINE_TYPE, `{"TAX": true}`, `false`)'


def contracts() -> Rows:
    return [
        {
            "id": str(300 + n),
            "client_id": str(1 + n % 8),
            "date_added": str(DAYS[n]),
            "date_canceled": str(DAYS[n + 9]) if n % 4 == 0 else "",
            "status": "canceled" if n % 4 == 0 else "active",
        }
        for n in range(16)
    ]


def test_given_rows_that_begin_and_end_for_a_customer_when_drafted_then_they_are_subscriptions_that_lines_name(
    tmp_path: Path,
) -> None:
    lines = [{"service_id": str(300 + n % 16), **row} for n, row in enumerate(items())]
    tables = {"tblclients": accounts(), "tblinvoices": bills(), "tblinvoiceitems": lines, "services": contracts()}
    found = drafted(tmp_path, **tables)
    assert read(found, "subscriptions.id", "services") == "id"
    assert read(found, "subscriptions.start_date", "services") == "date_added"
    assert read(found, "invoice_lines.subscription_id") == "service_id"


def test_given_a_status_as_a_code_and_as_a_word_when_drafted_then_the_word_is_read(tmp_path: Path) -> None:
    rows = [
        {"status": str(n % 2), "status_text": "paid" if n % 2 else "open", "client_number": f"C{n % 5}", **row}
        for n, row in enumerate(bills())
    ]
    found = drafted(tmp_path, invoices=rows)
    assert read(found, "invoices.status") == {"lookup": "status_text", "in": {"paid": "paid", "open": "open"}}


def test_given_lines_that_name_subscriptions_by_another_id_when_drafted_then_it_is_theirs(tmp_path: Path) -> None:
    rows = [{"Subscription number": row["id"], "EntryKey": f"E{row['id']}-x", **row} for row in contracts()]
    for row in rows:
        del row["id"]
    lines = [{"Subscription": f"E{300 + n % 16}-x", **row} for n, row in enumerate(items())]
    tables = {"tblclients": accounts(), "tblinvoices": bills(), "tblinvoiceitems": lines, "subscriptions": rows}
    found = drafted(tmp_path, **tables)
    assert read(found, "subscriptions.id", "subscriptions") == "EntryKey"
    assert read(found, "invoice_lines.subscription_id") == "Subscription"


def of_a_program() -> dict[str, Rows]:
    """Return invoices and lines of a program that begins its tables' names with `kb`: days of validity, no date."""
    days = [date(2025, 1, 1) + timedelta(days=11 * n) for n in range(30)]
    headers = [
        {
            "id": str(300 + n),
            "document_nr": f"RE-{n:05d}",
            "contact_id": str(7 + n % 6),
            "is_valid_from": str(one),
            "is_valid_to": str(one + timedelta(days=30)),
            "total_net": f"{100 + n}.00",
            "total_taxes": f"{(100 + n) / 5:.2f}",
            "total": f"{(100 + n) * 1.2:.2f}",
            "kb_item_status_id": "19" if n % 9 == 0 else "9",
            "updated_at": f"{one} 09:12:06",
        }
        for n, one in enumerate(days, 1)
    ]
    lines = [
        {"id": str(900 + n), "kb_invoice_id": row["id"], "text": "Abo", "position_total": row["total_net"]}
        for n, row in enumerate(headers)
    ]
    return {"kb_invoice": headers, "kb_position": lines}


def test_given_invoices_with_days_of_validity_when_lines_name_their_ids_then_these_days_are_no_lines_periods(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, **of_a_program())
    assert read(found, "invoices.id") == "id"
    assert read(found, "invoices.number") == "document_nr"
    assert read(found, "invoice_lines.invoice_id") == "kb_invoice_id"
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "position_total"
    (question,) = [one for one in found.questions.open if one.id == "kb_invoice.invoice_date"]
    assert question.columns == ("is_valid_from",)


def test_given_a_status_by_number_under_a_heading_with_the_programs_letters_when_drafted_then_each_number_is_asked(
    tmp_path: Path,
) -> None:
    assert {"kb_invoice.status.9", "kb_invoice.status.19"} <= set(asked(drafted(tmp_path, **of_a_program())))


def test_given_documents_without_amounts_when_each_has_one_line_in_another_table_then_that_has_the_lines(
    tmp_path: Path,
) -> None:
    heads = [
        {"Number": f"F{n:04d}", "Customer code": f"C{n % 5}", "Date": str(day), "Currency": "EUR"}
        for n, day in enumerate(DAYS)
    ]
    parts = [{"Number": row["Number"], "Product": "Plus", "Net amount": f"{90 + n}.00"} for n, row in enumerate(heads)]
    found = drafted(tmp_path, invoices=heads, invoice_lines=parts)
    assert {one.table.table.name: one.kind for one in found.streams} == {
        "invoices": "invoices",
        "invoice_lines": "lines",
    }
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "Net amount"
