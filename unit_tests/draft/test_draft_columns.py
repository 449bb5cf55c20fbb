"""What headings mean in seven languages, how dates are written, and which of two columns is the key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fincome_tools.draft.columns.dates import dates_of, serials_of
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.decisions.questions import Questions
from fincome_tools.draft.objects import Drafted, draft, prepared
from fincome_tools.draft.tables.understanding import Understanding, understand
from fincome_tools.files.reading import read_files


def drafted(path: Path, text: str) -> Drafted:
    path.write_text(text, encoding="utf-8")
    return draft(read_files([path]).tables, {})


def understood(folder: Path, heading: str, *rows: str) -> Understanding:
    path = folder / "export.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")

    (table,) = read_files([path]).tables
    return understand(prepared(table), Questions({}))


HEADINGS = [
    ("Du", "start"),
    ("Au", "end"),
    ("Periodo dal", "period start"),
    ("Periodo al", "period end"),
    ("Facturé le", "date issue"),
    ("Fällig am", "date due"),
    ("N° d'abonnement", "id subscription"),
    ("Date (UTC)", "date"),
    ("Sub Total", "net"),
    ("amount_incl_vat", "amount gross tax"),
    ("Base imponible", "net"),
    ("CD_CLI", "id customer"),
    ("DO_DateEcheance", "date due"),
    ("Facture associée", "invoice origin"),
    ("Factura rectificada", "invoice origin"),
    ("Unit price", "unit price"),
    ("net_amount_cents", "amount cents net"),
    ("Vervaldatum", "due"),
    ("Debitorennr.", "customer id"),
    ("Rag. Soc.", "name"),
    ("Cód. cliente", "customer id"),
    ("Valor sem IVA", "amount net"),
    ("T.V.A.", "tax"),
    ("f.ref", "id"),
    ("custname", "customer name"),
    ("À payer avant le", "due"),
    ("Restaurant", "?restaurant"),
]


@pytest.mark.parametrize(("heading", "concepts"), HEADINGS, ids=[heading for heading, _ in HEADINGS])
def test_given_a_heading_when_it_is_read_then_its_words_mean_the_same_in_all_languages(heading, concepts):
    assert concepts_of(heading) == frozenset(concepts.split())


DATES = [
    (["05-Mar-2025 09:12", "17-Apr-2025 18:00"], ("%d-%b-%Y %H:%M",), False),
    (["5 mars 2025", "17 août 2025"], ("%d %b %Y",), False),
    (["31/01/2025 08:00", "01/02/2025 09:30"], ("%d/%m/%Y %H:%M",), False),
    (["janv. 2025", "févr. 2025"], ("%b %Y",), True),
    (["202501", "202512"], ("%Y%m",), True),
    (["2025-01-31T08:00:00+01:00"], ("iso",), False),
]


@pytest.mark.parametrize(("values", "formats", "of_months"), DATES, ids=[values[0] for values, _, _ in DATES])
def test_given_dates_as_exports_write_them_when_looked_at_then_their_form_is_known(values, formats, of_months):
    found = dates_of(values)
    assert found is not None
    assert (found.formats, found.of_months) == (formats, of_months)


@pytest.mark.parametrize("values", [["maybe"], ["12345"], ["2025"], ["1 mars"], []])
def test_given_what_is_no_date_when_looked_at_then_it_is_none(values: Sequence[str]) -> None:
    assert dates_of(values) is None


def test_given_days_as_spreadsheets_count_them_when_the_heading_says_a_date_then_they_are_read_so(tmp_path):
    assert serials_of([45658, 45689])
    assert not serials_of([45658, 12])
    found = understood(tmp_path, "Invoice no;Invoice date;Net amount", "I-1;45658;10", "I-2;45689;12")
    assert found.date("Invoice date") == "parse_time(\"Invoice date\", 'serial')"


def test_given_two_names_of_the_same_invoices_when_drafted_then_nothing_is_asked_and_the_key_is_taken(tmp_path):
    rows = [f"INV-{n};{n:09};{n}.00" for n in (1, 1, 2, 3)]
    found = understood(tmp_path, "Invoice Number;Invoice ID;Net amount", *rows)
    assert found.column("invoice_id") == "Invoice ID"
    assert found.questions.open == []


def test_given_two_invoice_numbers_when_they_differ_then_it_is_asked(tmp_path):
    rows = ["INV-1;A;1.00", "INV-1;B;1.00", "INV-2;B;2.00"]
    found = understood(tmp_path, "Invoice Number;Invoice ID;Net amount", *rows)
    assert found.column("invoice_id") is None
    assert [question.id for question in found.questions.open] == ["export.invoice_id"]


def test_given_a_second_number_in_few_rows_when_it_names_other_rows_then_it_is_the_credited_invoice(tmp_path):
    rows = ["F1;;10.00", "F2;;12.00", "A1;F1;-10.00"]
    found = understood(tmp_path, "NO_FACT;NO_FACT_REF;MT_HT", *rows)
    assert (found.column("invoice_id"), found.column("origin_id")) == ("NO_FACT", "NO_FACT_REF")


def test_given_a_customers_code_and_its_tax_number_when_drafted_then_the_code_is_the_id(tmp_path):
    both = understood(tmp_path, "CD_CLI;SIRET;NO_FACT;MT_HT", "C1;12345678900011;F1;1.00")
    assert both.column("customer_id") == "CD_CLI"
    alone = understood(tmp_path, "SIRET;NO_FACT;MT_HT", "12345678900011;F1;1.00")
    assert alone.column("customer_id") == "SIRET"


def test_given_a_customer_column_when_it_holds_codes_or_names_then_it_is_the_one_or_the_other(tmp_path):
    codes = understood(tmp_path, "Customer;Invoice no;Net amount", "cus_01;I-1;1.00", "cus_02;I-2;1.00")
    names = understood(tmp_path, "Customer;Invoice no;Net amount", "Acme 3 Ltd;I-1;1.00", "Roe;I-2;1.00")
    assert (codes.column("customer_id"), names.column("customer_name")) == ("Customer", "Customer")


def test_given_a_price_when_nothing_is_counted_then_it_is_the_amount(tmp_path):
    counted = understood(tmp_path, "Invoice no;Prix HT;Quantité", "I-1;10.00;2")
    alone = understood(tmp_path, "Invoice no;Prix HT", "I-1;10.00")
    assert (counted.column("unit_price"), alone.column("net")) == ("Prix HT", "Prix HT")


def test_given_amounts_in_hundredths_when_the_heading_says_so_then_they_are_divided_by_the_currencys_own(tmp_path):
    own = understood(tmp_path, "Invoice no;net_amount_cents;currency", "I-1;1250;EUR", "I-2;900;JPY")
    other = understood(tmp_path, "Invoice no;net_amount_cents", "I-1;1250")
    assert own.number("net_amount_cents") == "money(net_amount_cents, currency)"
    assert other.number("net_amount_cents") == "divide(net_amount_cents, `100`)"


def test_given_objects_within_objects_when_drafted_then_their_members_are_columns(tmp_path):
    rows = [
        {
            "invoice": {"number": f"I-{n}", "issued on": f"2025-01-{n + 12}"},
            "customer": {"code": f"c{n}", "name": f"Customer {n}"},
            "net_amount": n + 0.5,
            "currency": "EUR",
        }
        for n in range(1, 4)
    ]
    found = drafted(tmp_path / "export.json", json.dumps(rows))
    made = {one.entity: one.fields for stream in found.streams for one in stream.emissions}
    assert made["invoices"]["id"].expression == "invoice.number"
    assert made["invoices"]["date"].expression == 'invoice."issued on"'
    assert made["customers"]["name"].expression == "customer.name"


def test_given_figures_without_a_number_of_invoices_when_drafted_then_it_is_asked_and_not_left_out(tmp_path):
    heading = "Kennung XY;Datum;Kunde;Nettobetrag;Bemerkung"
    rows = [f"X{n};{n + 12}.03.2025;Kunde {n};{n}0,00;ohne" for n in range(1, 9)]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    (question,) = [one for one in draft(read_files([path]).tables, {}).questions.open if one.id.endswith("invoice_id")]
    assert "Kennung XY" in question.answers
    assert "Bemerkung" not in question.answers
    found = draft(read_files([path]).tables, {"export.invoice_id": "Kennung XY"})
    made = {one.entity: one.fields for stream in found.streams for one in stream.emissions}
    assert made["invoices"]["id"].expression in ("Kennung XY", '"Kennung XY"')
