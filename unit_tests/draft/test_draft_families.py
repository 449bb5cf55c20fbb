"""What families of exports have in common: words that all headings share, codes, keys between tables, sums of lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fincome_tools.draft.columns.names import Heading, concepts_of, document_kind, without_shared
from fincome_tools.draft.columns.numbers import MARKS, number, reader
from fincome_tools.files.encoding import encoding_of
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import Rows, asked, drafted, made, run


def sold(count: int = 24) -> list[tuple[int, date, Decimal]]:
    """Return a number, a day and a net amount for each invoice, of which some months have several."""
    return [(n, date(2025, 1, 1) + timedelta(days=13 * n), Decimal(100 + 7 * n)) for n in range(1, count + 1)]


# --- headings


def test_given_a_word_that_most_headings_share_when_named_then_the_others_say_what_they_are() -> None:
    headings = ["zzb__Invoice__c", "zzb__InvoiceDate__c", "zzb__Subtotal__c", "zzb__TaxAmount__c", "Name"]
    found = without_shared(headings, "zzb__Invoice__c")
    assert found == headings
    assert [set(concepts_of(one)) for one in found[:3]] == [{"invoice"}, {"invoice", "date"}, {"net"}]
    assert concepts_of(headings[0]) == {"invoice", "?zzb", "?c"}


def test_given_the_word_of_a_tables_rows_when_named_then_three_headings_are_enough() -> None:
    headings = ["booking_net_amount", "booking_date", "booking_quantity", *(f"column {n}" for n in "abcdefghijkl")]
    assert concepts_of(without_shared(headings, "bookings")[1]) == {"date"}
    assert concepts_of(without_shared(headings, "export")[1]) == {"?booking", "date"}


def test_given_a_word_of_somebody_else_when_named_then_it_stays_however_often_it_stands() -> None:
    headings = ["delivery_name", "delivery_zip", "delivery_country", "delivery_date"]
    assert not any(isinstance(one, Heading) for one in without_shared(headings, "deliveries"))


def test_given_codes_before_headings_when_named_then_the_words_behind_them_count() -> None:
    headings = ["BT-1 Invoice number", "BT-2 Invoice issue date", "BT-131 Invoice line net amount"]
    found = without_shared(headings, "invoices")
    assert [set(concepts_of(one)) for one in found] == [
        {"invoice", "id"},
        {"invoice", "issue", "date"},
        {"line", "net", "amount"},
    ]


@pytest.mark.parametrize(
    ("word", "kind"), [("381", "credit_note"), ("TD04", "credit_note"), ("SI", "invoice"), ("blue", None)]
)
def test_given_codes_of_documents_when_they_may_be_codes_then_they_are_known(word: str, kind: str | None) -> None:
    assert document_kind(word, by_code=True) == kind
    assert document_kind(word) is None


# --- numbers and files


@given(st.from_regex(r"\A[-(]?[0-9]{0,6}[ .,'\u202f]?[0-9]{0,4}[.,]?[0-9]{0,3}[)%€ -]?\Z"), st.sampled_from(MARKS))
def test_given_any_text_when_read_by_its_form_then_it_is_the_number_that_the_connector_reads(text, mark) -> None:
    assert reader(mark)(text) == number(text, mark)


def test_given_two_texts_of_one_form_when_read_then_each_has_its_own_number() -> None:
    read = reader(",")
    assert [read("1 234,50"), read("9 876,05"), read("(1,00)"), read("(2,00)")] == [
        Decimal("1234.50"),
        Decimal("9876.05"),
        Decimal(-1),
        Decimal(-2),
    ]


def test_given_decimal_commas_in_all_rows_when_read_then_they_do_not_separate(tmp_path: Path) -> None:
    rows = [f"R{n};1{n},50;;;;;;2{n},25;;;3{n},75;;;;;;" for n in range(10)]
    heading = ";".join(f"name {sign}" for sign in "abcdefghijklmnopq")
    path = tmp_path / "sparse.csv"
    path.write_text("\n".join(["Export of;today", heading, *rows]), encoding="utf-8")
    (table,) = read_files([path]).tables
    assert len(table.columns) == 17


def test_given_an_euro_sign_far_down_when_the_encoding_is_told_then_it_counts(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes("n;prix é\n".encode("cp1252") + "1;é\n".encode("cp1252") * 400_000 + "2;12 €\n".encode("cp1252"))
    assert encoding_of(path).codec == "cp1252"


# --- keys


def clients(keys: range) -> Rows:
    return [{"id": str(n), "client_number": f"K-{n:04}", "name": f"Client {n} Ltd"} for n in keys]


def test_given_invoices_that_refer_to_one_of_two_ids_of_customers_when_drafted_then_it_is_their_id(tmp_path) -> None:
    sales = [
        {"id": str(n), "number": f"I-{n}", "client_id": str(10 + n % 5), "date": str(day), "total_net": str(net)}
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, clients=clients(range(8, 18)), invoices=sales)
    assert made(found, "customers").fields["id"].expression == "id"
    assert made(found, "invoices").fields["customer_id"].expression == "client_id"


def test_given_codes_of_customers_under_a_strange_heading_when_a_table_has_them_then_they_are_the_customer(
    tmp_path,
) -> None:
    sales = [
        {"Invoice": f"I-{n}", "Zelle": f"K-{10 + n % 5:04}", "Date": str(day), "Net amount": str(net)}
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, clients=clients(range(8, 18)), invoices=sales)
    assert made(found, "invoices").fields["customer_id"].expression == "Zelle"
    assert made(found, "customers").fields["id"].expression == "client_number"


def test_given_credits_that_name_the_number_when_there_is_an_id_too_then_the_number_is_the_id(tmp_path) -> None:
    rows = [
        {
            "invoice_id": f"{n:08x}-aaaa-bbbb-cccc-1234567890ab",
            "invoice_number": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Net amount": str(-net if n in (9, 17) else net),
            "original_invoice_number": f"I-{n - 4}" if n in (9, 17) else "",
        }
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, sales=rows)
    assert made(found, "invoices").fields["id"].expression == "invoice_number"
    assert made(found, "credit_notes").fields["invoice_id"].expression == "original_invoice_number"


def test_given_a_counter_of_rows_beside_a_reference_when_the_rows_of_one_share_day_and_customer_then_it_is_the_invoice(
    tmp_path,
) -> None:
    rows = [
        {"No": str(2 * n + k), "Account": f"A{n % 5}", "Date": str(day), "Ref": str(700 + n), "Net": str(net + k)}
        for n, day, net in sold()
        for k in (0, 1)
    ]
    found = drafted(tmp_path, trail=rows)
    assert made(found, "invoices").fields["id"].expression == "Ref"
    assert not any(one.endswith((".id", ".invoice_id")) for one in asked(found))


# --- amounts


def shop() -> dict[str, Rows]:
    """Return invoices with two lines each, whose amounts hold 20 % of tax; the lines' headings don't say so."""
    heads, lines = [], []
    for n, day, net in sold():
        gross = net * Decimal("1.2")
        head = {"Invoice": f"I-{n}", "Customer code": f"C-{n % 5}", "Date": str(day)}
        heads.append(head | {"Net": f"{net:.2f}", "VAT": f"{gross - net:.2f}", "Gross": f"{gross:.2f}"})
        lines += [{"Invoice": f"I-{n}", "Item": f"item {k}", "Amount": f"{gross / 2:.2f}"} for k in (1, 2)]
    return {"invoices": heads, "invoice lines": lines}


def test_given_lines_that_make_the_gross_amount_of_their_invoices_when_drafted_then_they_hold_tax(tmp_path) -> None:
    found = drafted(tmp_path, **shop())
    assert "invoice lines.rate" in asked(found)
    assert "invoice lines.net" not in asked(found)


def test_given_invoices_without_amounts_when_their_lines_have_them_then_both_make_the_invoice(tmp_path) -> None:
    tables = shop()
    heads = [{name: row[name] for name in ("Invoice", "Customer code", "Date")} for row in tables["invoices"]]
    answers = {
        "invoice lines.net": "net",
        "invoice lines.period": "one_off",
        "invoices.status": "paid",
        "currency": "EUR",
    }
    found = run(drafted(tmp_path, answers, **(tables | {"invoices": heads})), tmp_path)
    assert found.problem is None
    whole = sum((net for _, _, net in sold()), Decimal(0)) * Decimal("1.2")
    assert ("invoices", "EUR", 24) in [one[:3] for one in found.totals]
    assert {Decimal(one[3]) for one in found.totals} == {whole}


def test_given_taxes_by_rate_when_only_the_gross_amount_is_there_then_all_of_them_are_taken_off(tmp_path) -> None:
    rows = [
        {
            "Invoice": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Gross": f"{net * 2:.2f}",
            "Tax 1 amount": f"{net / 4:.2f}",
            "Tax 2 amount": f"{net / 8:.2f}" if n % 2 else "",
            "Tax 3 amount": "",
        }
        for n, day, net in sold()
    ]
    amount = made(drafted(tmp_path, sales=rows), "invoices").fields["amount"]
    assert amount.columns == ("Gross", "Tax 1 amount", "Tax 2 amount", "Tax 3 amount")


def test_given_a_gross_amount_before_discounts_when_another_column_holds_net_and_tax_then_net_is_sure(tmp_path) -> None:
    rows = [
        {
            "Invoice": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Gross amount": f"{net + 9:.2f}",
            "Net amount": f"{net:.2f}",
            "Tax amount": f"{net / 5:.2f}",
            "To collect": f"{net * 6 / 5:.2f}",
        }
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, sales=rows)
    assert "Net amount + Tax amount = To collect" in made(found, "invoices").fields["amount"].reason
    assert "sales.net" not in asked(found)


def test_given_ends_at_a_days_last_second_when_drafted_then_a_second_makes_them_the_day_after(tmp_path) -> None:
    rows = []
    for n, day, net in sold():
        first = day.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        row = {"Invoice": f"I-{n}", "Customer code": f"C-{n % 5}", "Date": str(day), "Net amount": f"{net:.2f}"}
        rows.append(row | {"From": f"{first}T00:00:00Z", "To": f"{last}T23:59:59Z"})
    found = drafted(tmp_path, sales=rows)
    assert "add_seconds(To, `1`)" in str(made(found, "invoice_lines").fields["period_end"].expression)


# --- what is left to a person


def test_given_a_table_that_names_some_invoices_and_nothing_calls_it_when_drafted_then_it_is_asked_and_left_out(
    tmp_path,
) -> None:
    sales = [
        {"Invoice": f"I-{n:04}", "Customer code": f"C-{n % 5}", "Date": str(day), "Net amount": f"{net:.2f}"}
        for n, day, net in sold()
    ]
    others = [
        {"Ref": f"Z{n}", "Day": str(day), "Invoice": f"I-{n:04}", "Net amount": f"{net:.2f}"}
        for n, day, net in sold()[::4]
    ]
    found = drafted(tmp_path, sales=sales, adjustments=others)
    assert "adjustments.kind" in asked(found)
    assert [stream.kind for stream in found.streams] == ["invoices", "unknown"]
    answered = drafted(tmp_path, {"adjustments.kind": "credits"}, sales=sales, adjustments=others)
    assert made(answered, "credit_notes").fields["invoice_id"].expression == "Invoice"
    assert made(answered, "credit_notes").fields["id"].expression == "Ref"


def test_given_a_source_of_sales_that_is_called_origin_when_drafted_then_nothing_is_credited(tmp_path) -> None:
    rows = [
        {
            "Invoice": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Net amount": f"{net:.2f}",
            "Origin": "web" if n % 2 else "api",
        }
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, sales=rows)
    assert made(found, "invoices").when is None
    assert not any("credits" in one for one in asked(found))


def test_given_numbers_without_a_known_heading_when_their_rows_share_day_and_customer_then_they_are_the_invoices(
    tmp_path,
) -> None:
    rows = [
        {
            "Beleggut": f"2025-{n:04}",
            "Kdx": f"{n % 5:04}",
            "Kunde": f"Firma {n % 5}",
            "Datum": str(day),
            "Netto": "9.00",
        }
        for n, day, _ in sold()
        for _ in (0, 1)
    ]
    found = drafted(tmp_path, verkauf=rows)
    assert made(found, "invoices").fields["id"].expression == "Beleggut"
    assert made(found, "customers").fields["id"].expression == "Kdx"


def test_given_a_reference_that_few_rows_have_when_the_number_has_a_strange_heading_then_it_is_not_the_number(
    tmp_path,
) -> None:
    rows = [
        {
            "Zelle": f"R/{n:05}",
            "Reference": f"PO-{n}" if n % 4 == 0 else "",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Net amount": f"{net:.2f}",
        }
        for n, day, net in sold()
    ]
    found = drafted(tmp_path, sales=rows)
    invoices = [made for stream in found.streams for made in stream.emissions if made.entity == "invoices"]
    assert not any("Reference" in decision.columns for made in invoices for decision in made.fields.values())
    assert "sales.invoice_id" in asked(found)
