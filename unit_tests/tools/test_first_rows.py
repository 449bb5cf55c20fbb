"""Documents whose number, day and customer stand in their first row only: others are filled in, if it is certain."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.objects import draft
from fincome_tools.files.first_rows import may_number_documents
from fincome_tools.files.reading import read_files
from fincome_tools.files.table import Table
from fincome_tools.studio.french import in_french
from unit_tests.draft.drafting import drafted_file, run, totals

HEADING = "N° facture;Date;Code client;Client;Réf.;Désignation;Montant HT"
ROWS = [
    "F1;05/01/2026;00041;Alba;x1;Pro;100,50",
    ";;;;;Support;20,00",
    ";;;;;Formation;30,00",
    "F2;06/01/2026;00042;Berg;;Pro;100,50",
    ";;;;;Support;20,00",
    "F3;07/01/2026;00041;Alba;x3;Pro;100,50",
]
WORDS = "N° facture / Date / Code client / Client / Réf."


def table(folder: Path, *rows: str, heading: str = HEADING) -> Table:
    path = folder / "sales.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    (found,) = read_files([path]).tables
    return found


def filled(found: Table) -> list[tuple[str, ...]]:
    return [tuple(str(cell or "") for cell in row.values) for row in found.read()]


def test_given_documents_whose_head_stands_in_their_first_row_when_read_then_the_others_have_it_too(
    tmp_path: Path,
) -> None:
    found = table(tmp_path, *ROWS)
    rows = filled(found)
    assert rows == filled(found)
    assert rows[2] == ("F1", "05/01/2026", "00041", "Alba", "x1", "Formation", "30,00")
    assert rows[4] == ("F2", "06/01/2026", "00042", "Berg", "", "Support", "20,00")
    assert f"3 further rows of documents filled in from the first one ({WORDS})" in found.reading
    french = in_french(found.reading, ", ")
    assert f"3 lignes suivantes complétées d'après la première de leur facture ({WORDS})" in french


def test_given_such_documents_when_drafted_then_their_invoices_are_whole(tmp_path: Path) -> None:
    table(tmp_path, *ROWS)
    found = drafted_file(tmp_path / "sales.csv", status="paid", period="one_off", dates="dmy")
    answers = {**found.questions.given, "currency": "EUR"}
    found = draft(read_files([tmp_path / "sales.csv"]).tables, answers)
    assert not found.questions.open
    ran = run(found, tmp_path)
    assert not ran.faults
    assert totals(ran)["invoices"] == (3, Decimal("371.50"))
    assert totals(ran)["invoice_lines"] == (6, Decimal("371.50"))


def test_given_totals_between_documents_when_read_then_they_are_neither_filled_in_nor_in_the_way(
    tmp_path: Path,
) -> None:
    totals = [";;;;;Total F1;150,50", ";;;;;Total facture;120,50"]
    rows = [*ROWS[:3], totals[0], *ROWS[3:5], totals[1], ROWS[5], "Total général;;;;;;371,50"]
    found = table(tmp_path, *rows)
    assert (len(filled(found)), found.left_out) == (6, "3 total rows")
    assert filled(found)[2][0] == "F1"


def test_given_an_amount_of_the_whole_document_in_its_first_row_when_read_then_it_is_not_repeated(
    tmp_path: Path,
) -> None:
    heads = {0: "150,50", 3: "120,50", 5: "100,50"}
    rows = [f"{row};{heads.get(place, '')}" for place, row in enumerate(ROWS)]
    assert [row[7] for row in filled(table(tmp_path, *rows, heading=f"{HEADING};Total"))][:3] == ["150,50", "", ""]


def test_given_a_period_of_the_first_line_when_read_then_the_other_lines_have_none(tmp_path: Path) -> None:
    periods = dict.fromkeys((0, 3, 5), "01/01/2026;31/01/2026")
    rows = [f"{row};{periods.get(place, ';')}" for place, row in enumerate(ROWS)]
    found = table(tmp_path, *rows, heading=f"{HEADING};Début;Fin")
    assert WORDS in found.reading
    assert [row[7:] for row in filled(found)][:3] == [("01/01/2026", "31/01/2026"), ("", ""), ("", "")]


GROUPED = [
    "Alba;F1;05/01/2026;Pro;100,50",
    ";;;Support;20,00",
    ";F2;06/02/2026;Pro;100,50",
    "Total Alba;;;;221,00",
    "Total Énergies;F3;07/01/2026;Pro;100,50",
    ";F4;07/02/2026;Pro;100,50",
    ";;;Support;20,00",
    "Total Énergies Total;;;;221,00",
]


def test_given_customers_that_stand_once_above_all_their_documents_when_each_has_a_total_then_he_is_filled_in(
    tmp_path: Path,
) -> None:
    heading = "Client;Facture;Date;Désignation;Montant HT"
    rows = filled(table(tmp_path, *GROUPED, heading=heading))
    assert [row[:2] for row in rows] == [
        *[("Alba", "F1")] * 2,
        ("Alba", "F2"),
        ("Total Énergies", "F3"),
        *[("Total Énergies", "F4")] * 2,
    ]
    without = [row for row in GROUPED if not row.startswith("Total Énergies T")]
    assert filled(table(tmp_path, *without, heading=heading))[2][0] == ""


UNCERTAIN = {
    "a customer in each row: what has no number may not be invoiced yet": (
        "N° facture;Date;Client;Désignation;Montant HT",
        ["F1;05/01/2026;Alba;Pro;10,50", ";;Alba;Pro;10,50", "F2;06/01/2026;Berg;Pro;9,00"],
    ),
    "an order's number": (
        "N° commande;Date;Client;Désignation;Montant HT",
        ["C1;05/01/2026;Alba;Pro;10,50", ";;;Aide;10,50", "C2;06/01/2026;Berg;Pro;9,00"],
    ),
    "a row without an amount": (HEADING, [*ROWS, ";;;;;Merci de votre confiance;"]),
    "a row without a text": (HEADING, [*ROWS, ";;;;;;12,00"]),
    "a further row first": (HEADING, ROWS[1:]),
    "no day": (
        "N° facture;Client;Désignation;Montant HT",
        ["F1;Alba;Pro;10,50", ";;Aide;10,50", "F2;Berg;Pro;9,00"],
    ),
    "a day that further rows have, too": (
        "N° facture;Date;Client;Désignation;Montant HT",
        ["F1;05/01/2026;Alba;Pro;10,50", ";06/01/2026;;Aide;10,50", "F2;06/01/2026;Berg;Pro;9,00"],
    ),
    "no day but the first line's period": (
        "N° facture;Client;Désignation;Début;Montant HT",
        ["F1;Alba;Pro;05/01/2026;10,50", ";;Aide;;10,50", "F2;Berg;Pro;06/01/2026;9,00"],
    ),
    "two numbers": (
        "N° facture;N° pièce;Date;Client;Désignation;Montant HT",
        ["F1;1;05/01/2026;Alba;Pro;10,50", ";;;;Aide;10,50", "F2;2;06/01/2026;Berg;Pro;9,00"],
    ),
    "one document": (HEADING, ROWS[:3]),
}


@pytest.mark.parametrize("why", UNCERTAIN)
def test_given_rows_that_may_be_of_another_document_when_read_then_nothing_is_filled_in(
    tmp_path: Path, why: str
) -> None:
    heading, rows = UNCERTAIN[why]
    found = table(tmp_path, *rows, heading=heading)
    assert filled(found) == [tuple(row.split(";")) for row in rows]
    assert "filled in" not in found.reading


NUMBERS = """
    N° facture|Facture|Numéro|Invoice No.|Invoice #|Rechnungsnummer|Rechnungs-Nr.|Nº Factura|Numero fattura
    |Factuurnummer|Número da fatura|N° de pièce|Belegnr.|Document No.|N° avoir
"""
OTHERS = """
    N° commande|Order number|Date facture|Invoice date|Montant facture|N° client|Rechnungsbetrag|Invoice total
    |N° ligne|Type de document|Désignation|Rechnungsdatum|Auftragsnummer|Client
"""


def test_given_a_documents_number_in_any_language_when_its_heading_is_read_then_it_is_known() -> None:
    assert not [one for one in NUMBERS.split("|") if not may_number_documents(one.strip())]
    assert not [one for one in OTHERS.split("|") if may_number_documents(one.strip())]
