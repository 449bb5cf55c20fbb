"""How a draft finds credits: by their type, their number, their sign, or the invoice that they name, by its values."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.columns.names import document_kind
from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import result_of

HEADING = ("Rechnungsnummer", "Rechnungsdatum", "Kundennummer", "Beschreibung", "Netto", "von", "bis")
LINES = [
    ["RE-01", "15.01.2025", "K7", "Basis", "100,00", "01.01.2025", "31.01.2025"],
    ["RE-02", "15.02.2025", "K7", "Basis", "100,00", "01.02.2025", "28.02.2025"],
    ["RE-03", "15.03.2025", "K8", "Basis", "80,00", "01.03.2025", "31.03.2025"],
]
CREDIT = ["RE-04", "20.03.2025", "K8", "Basis", "-80,00", "01.03.2025", "31.03.2025"]


def drafted(folder: Path, **tables: list[list[str]]) -> Drafted:
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(";".join(row) for row in rows) + "\n", encoding="utf-8")
    return draft(read_files([folder / f"{name}.csv" for name in tables]).tables, {"currency": "EUR"})


def emission(found: Drafted, entity: str):
    (made,) = [one for stream in found.streams for one in stream.emissions if one.entity == entity]
    return made


def asked(found: Drafted) -> list[str]:
    return [question.id.partition(".")[2] for question in found.questions.open]


def with_columns(rows: list[list[str]], *columns: tuple[str, ...]) -> list[list[str]]:
    return [[*row, *(column[place] for column in columns)] for place, row in enumerate(rows)]


@pytest.mark.parametrize("heading", ["Ursprungsrechnung", "Reference", "Zu_Beleg", "xyz"])
def test_given_a_column_with_the_numbers_of_other_rows_when_drafted_then_it_names_the_credited_invoice(
    tmp_path, heading
):
    rows = with_columns([list(HEADING), *LINES, CREDIT], (heading, "", "", "", "RE-03"))
    found = drafted(tmp_path, belege=rows)
    note = emission(found, "credit_notes")
    assert note.fields["invoice_id"].expression == heading
    assert (note.when, emission(found, "invoice_lines").when) == (heading, f"!({heading})")
    assert "negative" not in asked(found)


def test_given_counters_that_are_other_rows_numbers_by_chance_when_drafted_then_they_name_nothing(tmp_path):
    rows = [[*HEADING, "xyz"], *([str(n), *LINES[0][1:], "1" if n > 3 else ""] for n in range(1, 9))]
    assert not [one for one in drafted(tmp_path, belege=rows).streams[0].emissions if one.entity == "credit_notes"]


def test_given_types_that_are_all_of_documents_when_drafted_then_they_are_not_taken_for_types_of_lines(tmp_path):
    kinds = ("Typ", "Rechnung", "Rechnung", "Rechnung", "Rechnungsgutschrift Gutschrift")
    rows = with_columns([[*HEADING], *LINES, CREDIT], ("Type", *kinds[1:]), ("x", "", "", "", "RE-03"))
    found = drafted(tmp_path, belege=rows)
    assert not [one for one in asked(found) if one.startswith("type")]
    assert emission(found, "credit_notes").when == 'lookup(Type, `{"Rechnungsgutschrift Gutschrift": true}`, `false`)'


def test_given_credits_that_name_no_invoice_when_drafted_then_their_lines_have_no_period(tmp_path):
    found = drafted(tmp_path, belege=[[*HEADING], *LINES, ["GS-04", *CREDIT[1:]]])
    lines = emission(found, "invoice_lines").fields
    assert lines["type"].expression == (
        "when(starts_with(Rechnungsnummer, 'GS'), 'one_off', when(von, 'subscription', 'one_off'))"
    )
    assert str(lines["period_start"].expression).startswith("when(!(starts_with(Rechnungsnummer, 'GS')), ")
    assert "Rechnungsnummer" in str(emission(found, "invoices").fields["number"].expression)


def test_given_credits_of_which_some_name_an_invoice_when_drafted_then_only_these_are_credit_notes(tmp_path):
    rows = [[*HEADING], *LINES, ["GS-04", *CREDIT[1:]], ["GS-05", *CREDIT[1:]]]
    found = drafted(tmp_path, belege=with_columns(rows, ("zu", "", "", "", "RE-03", "")))
    assert emission(found, "credit_notes").when == "(starts_with(Rechnungsnummer, 'GS')) && zu"
    assert emission(found, "invoices").when == "!((starts_with(Rechnungsnummer, 'GS')) && zu)"


def test_given_a_credit_that_gives_back_a_discount_when_drafted_then_its_rows_are_subtracted_from_each_other(tmp_path):
    rebate = ["RE-04", *CREDIT[1:3], "Rabatt", "8,00", *CREDIT[5:]]
    rows = with_columns([[*HEADING], *LINES, CREDIT, rebate], ("zu", "", "", "", "RE-03", "RE-03"))
    note = emission(drafted(tmp_path, belege=rows), "credit_notes")
    assert note.fields["amount"].expression == "subtract(`0`, number(Netto, ','))"
    assert note.merge == {"amount": "sum"}


def test_given_credits_among_the_invoices_when_their_lines_are_in_another_table_then_those_are_left_out(tmp_path):
    heads = [["Rechnungsnummer", "Rechnungsdatum", "Kundennummer", "Netto", "zu"]]
    heads += [[*row[:3], row[4], ""] for row in LINES] + [["RE-04", *CREDIT[1:3], CREDIT[4], "RE-03"]]
    parts = [["Rechnungsnummer", "Position", "Beschreibung", "Netto", "von", "bis"]]
    parts += [[row[0], "1", *row[3:]] for row in [*LINES, CREDIT]] + [["RE-01", "2", *LINES[0][3:]]]
    found = drafted(tmp_path, rechnungen=heads, positionen=parts)
    assert emission(found, "credit_notes").fields["invoice_id"].expression == "zu"
    assert emission(found, "invoice_lines").when == '!(contains(`["RE-04"]`, Rechnungsnummer))'


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Sales invoice", "invoice"),
        ("Sales credit note", "credit_note"),
        ("Facture comptabilisée", "invoice"),
        ("Avoir client", "credit_note"),
        ("Abonnement", None),
    ],
)
def test_given_words_of_a_document_when_read_then_its_kind_is_known(word, kind):
    assert document_kind(word) == kind


def test_given_lines_of_an_invoice_that_are_alike_when_drafted_then_they_are_one_line_with_their_sum(tmp_path):
    found = drafted(tmp_path, belege=[[*HEADING], *LINES, LINES[0]])
    lines = emission(found, "invoice_lines")
    assert asked(found) == ["status", "subscription"]
    assert lines.fields["id"].expression == "concat('-', Rechnungsnummer, Beschreibung, von, bis)"
    assert lines.merge == {"amount_excluding_tax_after_discount": "sum"}


def test_given_credits_whose_lines_name_an_invoice_of_the_same_customer_when_answered_then_they_credit_it(tmp_path):
    documents = ["DocEntry;DocNum;DocDate;CardCode;DocCur;Net amount;Status"]
    documents += [f"{n};R{n};2025-{n % 12 + 1:02}-15;C-{n % 7};EUR;{n}00.00;paid" for n in range(1, 40)]
    credits = ["DocEntry;DocNum;DocDate;CardCode;DocCur;Net amount"]
    sold = ["DocEntry;LineNum;Dscription;LineTotal", *(f"{n};{k};Pro;{n}0.00" for n in range(1, 40) for k in range(10))]
    lines = ["DocEntry;LineNum;Dscription;Zelle;LineTotal"]
    for n, invoice in enumerate((9, 17, 24, 31), 1):
        credits.append(f"{n};G{n};2025-12-1{n};C-{invoice % 7};EUR;50.00")
        lines += [f"{n};{line};Pro;{invoice};25.00" for line in range(2)]
    for name, rows in (("AAA", documents), ("AAA1", sold), ("CCC", credits), ("CCC1", lines)):
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
    files = read_files([tmp_path])
    answers = {"CCC.kind": "credits", "CCC.net": "net", "AAA1.period": "one_off"}
    found = draft(files.tables, answers)
    notes = {s.table.table.name: e for s in found.streams for e in s.emissions if e.entity == "credit_notes"}
    assert notes["CCC1"].fields["invoice_id"].expression == "Zelle"
    assert notes["CCC"].fields["amount"].expression == 'abs("Net amount")'
    assert ("credit_notes", "EUR", 4, "200.00") in result_of(text_of(found), files).totals


BACK = ["RE-04", "20.03.2025", "K8", "Basis", "80,00", "01.03.2025", "31.03.2025"]
OPERATIONS = ("Document Type", "C", "C", "C", "D")


def test_given_types_of_documents_that_nobody_knows_when_drafted_then_it_is_asked_which_is_that_of_credits(tmp_path):
    found = drafted(tmp_path, belege=with_columns([[*HEADING], *LINES, BACK], OPERATIONS))
    (question,) = [one for one in found.questions.open if one.id == "belege.kinds"]
    assert list(question.answers) == ["C", "D", "none"]
    assert emission(found, "invoices").missing["amount"] == question.id


@pytest.mark.parametrize(
    ("answer", "amount"),
    [
        (
            "D",
            """when(lookup("Document Type", `{"D": true}`, `false`), """
            """subtract(`0`, number(Netto, ',')), number(Netto, ','))""",
        ),
        ("none", "number(Netto, ',')"),
    ],
)
def test_given_the_type_of_credits_when_drafted_then_they_are_subtracted(tmp_path, answer, amount):
    rows = with_columns([[*HEADING], *LINES, BACK], OPERATIONS)
    (tmp_path / "belege.csv").write_text("\n".join(";".join(row) for row in rows) + "\n", encoding="utf-8")
    tables = read_files([tmp_path / "belege.csv"]).tables
    found = draft(tables, {"currency": "EUR", "belege.kinds": answer})
    assert "kinds" not in asked(found)
    assert emission(found, "invoices").fields["amount"].expression == amount
