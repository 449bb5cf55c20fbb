"""What a table of documents beside that of the invoices is: told by its name, its headings, its numbers, or asked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from fincome_tools.draft.columns.table_names import undated
from fincome_tools.draft.objects import Drafted
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

CALLED_CREDITS = (
    "credit_notes credits credit_memos creditnotes avoirs factures_avoir notes_de_credit"
    " factures_rectificatives gutschriften rechnungskorrekturen stornorechnungen stornos abonos"
    " facturas_rectificativas rectificativas notas_de_credito note_di_credito notecredito storni creditnotas"
    " creditfacturen notas_de_credito_2025"
)
CALLED_RETURNS = (
    "refunds sales_returns adjustments cancellations remboursements retours erstattungen devoluciones rimborsi"
    " resi terugbetalingen"
)
DAYS = [date(2025, 1, 3) + timedelta(days=9 * n) for n in range(30)]


def documents(series: str, count: int = 30, *, start: int = 1, number: str = "Number", parts: int = 1) -> Rows:
    """Return documents, or so many lines of each, above zero."""
    return [
        {
            number: f"{series}{start + n:04d}",
            "Customer code": f"C-{n % 6}",
            "Date": str(day),
            "Product": f"P{part}",
            "Net amount": f"{100 + 7 * (n % 11) + part}.00",
            "Currency": "EUR",
        }
        for n, day in enumerate(DAYS[:count])
        for part in range(parts)
    ]


def is_sure(found: Drafted, table: str) -> bool:
    """Tell whether a table's documents count as they are, without a question about that."""
    (stream,) = [one for one in found.streams if one.table.table.name == table]
    invoices = [one for one in stream.emissions if one.entity == "invoices"]
    waits = {f"{name}.{question}" for name in (table, undated(table)) for question in ("credits", "kind")}
    return bool(invoices) and not waits & set(invoices[0].missing.values())


@pytest.mark.parametrize(
    "name",
    CALLED_CREDITS.split(),
)
@pytest.mark.parametrize("series", ["F-", "X-"])
def test_given_a_table_that_is_called_credits_when_it_is_as_the_invoices_table_then_nothing_of_it_is_sure_revenue(
    tmp_path: Path, name: str, series: str
) -> None:
    found = drafted(tmp_path, invoices=documents("F-"), **{name: documents(series, 6, start=100)})
    assert f"{undated(name)}.credits" in asked(found)
    assert not is_sure(found, name)


@pytest.mark.parametrize(
    "name",
    CALLED_RETURNS.split(),
)
def test_given_a_table_that_is_called_returns_when_drafted_then_what_it_holds_is_asked(
    tmp_path: Path, name: str
) -> None:
    found = drafted(tmp_path, invoices=documents("F-"), **{name: documents("F-", 6, start=100)})
    assert f"{name}.kind" in asked(found)
    rows = documents("F-", 6, start=100)
    answered = drafted(tmp_path, {f"{name}.kind": "credits"}, invoices=documents("F-"), **{name: rows})
    assert f"{name}.credits" in asked(answered)
    answered = drafted(tmp_path, {f"{name}.kind": "none"}, invoices=documents("F-"), **{name: rows})
    assert not is_sure(answered, name)


def test_given_tables_with_the_same_headings_when_their_numbers_have_other_letters_then_the_second_one_is_asked(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, export_1=documents("F-"), export_2=documents("X-", 6))
    assert "export_2.kind" in asked(found)
    assert not is_sure(found, "export_2")


def test_given_tables_with_the_same_headings_when_their_numbers_go_on_then_nothing_is_asked_of_what_they_are(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, export_1=documents("F-"), export_2=documents("F-", 6, start=100))
    assert "export_2.kind" not in asked(found)
    assert is_sure(found, "export_2")


def test_given_lines_in_two_files_when_one_has_other_letters_before_its_numbers_then_it_is_asked(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, export_1=documents("F-", parts=2), export_2=documents("X-", 6, parts=2))
    assert "export_2.kind" in asked(found)
    assert not is_sure(found, "export_2")


@pytest.mark.parametrize(
    "heading",
    [
        "Credit number",
        "Numéro avoir",
        "Gutschriftsnummer",
        "Número abono",
        "Numero nota di credito",
        "Creditnotanummer",
        "Storno-Nr.",
    ],
)
def test_given_a_number_that_is_called_a_credits_when_drafted_then_the_documents_are_credits(
    tmp_path: Path, heading: str
) -> None:
    rows = documents("X-", 6, number=heading)
    found = drafted(tmp_path, export_1=documents("F-"), export_2=rows)
    assert "export_2.credits" in asked(found)
    assert not is_sure(found, "export_2")
    found = drafted(tmp_path, {"export_2.credits": "subtract"}, export_1=documents("F-"), export_2=rows)
    assert str(read(found, "invoices.amount", "export_2")).startswith("subtract(`0`")


@pytest.mark.parametrize("series", ["AV-", "AVO", "NC", "GS", "CN-", "CM"])
def test_given_numbers_that_begin_as_credits_do_among_others_when_all_are_above_zero_then_it_is_asked(
    tmp_path: Path, series: str
) -> None:
    rows = [*documents("F-"), *documents(series, 4)]
    found = drafted(tmp_path, sales=rows)
    assert "sales.credits" in asked(found)
    assert not is_sure(found, "sales")
    letters = series.rstrip("-")
    found = drafted(tmp_path, {"sales.credits": "subtract"}, sales=rows)
    assert f"starts_with(Number, '{letters}')" in str(read(found, "invoices.amount"))
    assert read(drafted(tmp_path, {"sales.credits": "add"}, sales=rows), "invoices.amount") == "Net amount"


def test_given_ids_of_a_machine_when_one_begins_as_credits_do_then_nothing_is_asked(tmp_path: Path) -> None:
    rows = documents("F-", 5)
    for n, row in enumerate(rows):
        row["Number"] = f"ab{n}f0e1c-1234-4cde-8f00-0123456789ab"
    assert "sales.credits" not in asked(drafted(tmp_path, sales=rows))


def test_given_a_table_of_returns_that_comes_first_when_drafted_then_the_invoices_are_not_what_is_asked(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, devoluciones=documents("F-", 6, start=100), facturas=documents("F-"))
    assert {one for one in asked(found) if one.endswith(".kind")} == {"devoluciones.kind"}
    assert made(found, "invoices", "facturas").fields["id"].expression == "Number"
