"""Columns that are called ids and identify nobody: accounts, constants, counters of rows, numbers that are shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.files.reading import read_files

PLANS = ("Basic", "Plus", "Max")


def lines(**more: str) -> list[dict[str, str]]:
    """Return two lines for each of 24 invoices of 6 customers; values may name `{n}`, `{row}`, `{who}` and `{plan}`."""
    rows = []
    for row in range(48):
        n, plan = row // 2, (row // 2 + row % 2) % 3
        texts = {"n": n, "row": row, "who": n % 6, "plan": plan, "day": f"2025-{1 + n // 6:02}-{5 + n % 6:02}"}
        given = {"Date": "{day}", **more, "Product": PLANS[plan], "Net amount": f"{90 + n}.{row % 2}0"}
        rows.append({name: value.format(**texts) for name, value in given.items()})
    return rows


def drafted(folder: Path, rows: list[dict[str, str]]) -> Drafted:
    text = "\n".join([";".join(rows[0]), *(";".join(row.values()) for row in rows)])
    (folder / "sales.csv").write_text(text + "\n", encoding="utf-8")
    return draft(read_files([folder / "sales.csv"]).tables, {})


def field(found: Drafted, entity: str, name: str) -> object:
    made = [one for one in found.streams[0].emissions if one.entity == entity and name in one.fields]
    return made[0].fields[name].expression if made else None


def asked(found: Drafted) -> list[str]:
    return [question.id.partition(".")[2] for question in found.questions.open]


def test_given_accounts_of_revenue_when_a_column_of_customers_stands_beside_then_that_is_the_customer(tmp_path):
    rows = lines(Piece="F{n:05}", Compte="70{plan}000", Tiers="C-{who}")
    assert field(drafted(tmp_path, rows), "customers", "id") == "Tiers"


def test_given_accounts_of_revenue_alone_when_drafted_then_they_are_no_customers(tmp_path):
    rows = lines(Beleg="R{n:05}", Konto="840{plan}", Name="Firma {who} GmbH")
    found = drafted(tmp_path, rows)
    assert field(found, "customers", "id") != "Konto"
    assert field(found, "invoices", "customer_id") != "Konto"


def test_given_an_account_of_each_customer_when_it_goes_with_the_name_then_it_is_the_customers_id(tmp_path):
    rows = lines(Beleg="R{n:05}", Konto="7000{who}", Kunde="Firma {who} GmbH")
    assert field(drafted(tmp_path, rows), "customers", "id") == "Konto"


def test_given_accounts_that_differ_within_an_invoice_when_drafted_then_they_are_no_customers(tmp_path):
    rows = lines(Invoice="I-{n:03}", Account="Income {plan}", Customer="Company {who}")
    assert field(drafted(tmp_path, rows), "customers", "id") == "Customer"


def test_given_one_code_in_all_rows_when_drafted_then_it_is_no_customer(tmp_path):
    rows = lines(**{"Invoice": "I-{n:03}", "Account ID": "acct_1", "Client ref": "c-{who}", "Client": "Company {who}"})
    found = drafted(tmp_path, rows)
    assert field(found, "customers", "id") == "Client ref"
    assert "customer_id" not in asked(found)


def test_given_an_id_of_each_row_when_a_number_groups_rows_of_one_customer_and_day_then_that_is_the_invoice(tmp_path):
    rows = lines(**{"Transaction ID": "T{row:04}", "Num": "I-{n:03}", "Customer": "Company {who}"})
    assert field(drafted(tmp_path, rows), "invoice_lines", "invoice_id") == "Num"


def test_given_a_number_that_customers_share_when_drafted_then_the_invoices_number_is_asked(tmp_path):
    rows = lines(Num="{who}", Customer="Company {n}")
    found = drafted(tmp_path, rows)
    assert field(found, "invoices", "id") is None
    assert "invoice_id" in asked(found)


def test_given_a_number_beside_each_documents_id_when_drafted_then_it_is_the_invoices_number(tmp_path):
    rows = lines(DOCID="{n}", DOCNUM="FC-{n:05}", Customer="Company {who}")
    found = drafted(tmp_path, rows)
    assert field(found, "invoice_lines", "invoice_id") == "DOCID"
    assert field(found, "invoices", "number") == "DOCNUM"


def test_given_a_net_total_on_each_line_when_one_column_is_the_lines_net_then_that_is_the_amount(tmp_path):
    rows = lines(PIECE="F{n:05}", TIERS="C-{who}")
    for row in rows:
        row["HT_LIGNE"] = row.pop("Net amount")
        row["TOTAL_HT"] = f"{float(row['PIECE'][1:]) * 3 + 7}0"
    found = drafted(tmp_path, rows)
    assert field(found, "invoice_lines", "amount_excluding_tax_after_discount") == "HT_LIGNE"


def test_given_names_of_accounts_of_revenue_when_invoices_have_a_line_each_then_they_are_no_customers(tmp_path):
    rows = lines(Factura="{row:05}", Cuenta="70500000{plan}", **{"Nombre cuenta": "Ventas {plan}"})
    found = drafted(tmp_path, rows)
    assert field(found, "invoices", "id") == "Factura"
    assert field(found, "customers", "id") is None
    assert field(found, "invoices", "customer_id") is None


def test_given_a_company_of_several_customers_when_their_names_stand_beside_then_it_is_no_customer(tmp_path):
    rows = lines(Facture="F{n:05}", Societe="S{plan}", Client="Company {who}")
    for row in rows:
        row["Societe"] = f"S{int(row['Client'][-1]) % 2}"
    assert field(drafted(tmp_path, rows), "customers", "id") == "Client"


def test_given_a_reference_of_each_customer_when_documents_have_a_number_then_that_is_the_invoice(tmp_path):
    rows = lines(Document="FA{n:05}", Ref="PO-{who}", Client="C-{who}")
    assert field(drafted(tmp_path, rows), "invoice_lines", "invoice_id") == "Document"


POSTAL_CODES = ("75011", "13008", "69003", "44000", "33700", "06100")
PHONES = ("0611223344", "0622334455", "0633445566", "0644556677", "0655667788", "0666778899")
ACCOUNTS_AT_BANKS = tuple(f"FR76 3000 6000 0112 3456 7890 1{n}9" for n in range(6))


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("PostCd", POSTAL_CODES),
        ("Bcode", POSTAL_CODES),
        ("Portable", PHONES),
        ("Customer phone", PHONES),
        ("Kontakt", PHONES),
        ("Rib", ACCOUNTS_AT_BANKS),
    ],
)
def test_given_what_stands_in_an_address_when_it_goes_with_the_name_then_it_is_no_customers_id(
    tmp_path, heading, values
):
    rows = lines(Piece="F{n:05}", Firma="Firma {who}")
    for row in rows:
        row[heading] = values[int(row["Firma"].split()[1])]
    found = drafted(tmp_path, rows)
    assert field(found, "invoices", "customer_id") == "Firma"
    assert field(found, "customers", "id") == "Firma"


def test_given_codes_that_somebody_gave_out_when_they_go_with_the_name_then_they_are_the_customers_ids(tmp_path):
    rows = lines(Piece="F{n:05}", Dossier="1004{who}", Firma="Firma {who}")
    assert field(drafted(tmp_path, rows), "invoices", "customer_id") == "Dossier"


@pytest.mark.parametrize("heading", ["Customer reference", "Référence client", "Kundenreferenz", "Riferimento cliente"])
def test_given_a_customers_own_reference_of_each_document_when_names_stand_beside_then_it_is_no_customers_id(
    tmp_path, heading
):
    rows = lines(Piece="F{n:05}", **{heading: "PO-{n}"}, Customer="Firma {who}")
    assert field(drafted(tmp_path, rows), "invoices", "customer_id") == "Customer"


@pytest.mark.parametrize(("code", "name"), [("Magasin", "Vendeur"), ("Store", "City"), ("Lager", "Ort")])
def test_given_shops_and_sellers_that_go_together_when_drafted_then_they_are_no_customers(tmp_path, code, name):
    rows = lines(Piece="F{n:05}", **{code: "M{who}", name: "Place {who}"})
    found = drafted(tmp_path, rows)
    assert field(found, "invoices", "customer_id") is None
