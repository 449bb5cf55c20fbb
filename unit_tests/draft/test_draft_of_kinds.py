"""Kinds of documents above zero that may be credits: by codes, by words of what is given back, by flags; or asked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, made, read, run

DAYS = [date(2025, 1, 3) + timedelta(days=5 * n) for n in range(48)]


def documents(heading: str, usual: str, rare: str) -> Rows:
    """Return documents of one series, of which every eighth one has a rare value under a heading."""
    return [
        {
            "Number": f"{1000 + n}",
            "Customer code": f"C-{n % 7}",
            "Date": str(day),
            heading: rare if n % 8 == 5 else usual,
            "Net amount": f"{100 + 7 * (n % 13)}.00",
            "Currency": "EUR",
        }
        for n, day in enumerate(DAYS)
    ]


@pytest.mark.parametrize(
    ("heading", "usual", "rare", "condition"),
    [
        ("Tipo documento", "TD01", "TD04", 'lookup("Tipo documento", `{"TD04": true}`, `false`)'),
        ("InvoiceClass", "OO", "OR", 'lookup(InvoiceClass, `{"OR": true}`, `false`)'),
        ("Avoir", "non", "oui", 'lookup(Avoir, `{"oui": true}`, `false`)'),
        ("Is credit", "false", "true", 'lookup("Is credit", `{"true": true}`, `false`)'),
        ("is_refund", "0", "1", 'lookup(is_refund, `{"1": true}`, `false`)'),
        ("Gutschrift", "", "X", 'lookup(Gutschrift, `{"X": true}`, `false`)'),
        ("Storno", "nein", "ja", 'lookup(Storno, `{"ja": true}`, `false`)'),
    ],
)
def test_given_a_code_or_a_flag_of_credits_when_all_are_above_zero_then_they_are_subtracted_once_that_is_said(
    tmp_path: Path, heading: str, usual: str, rare: str, condition: str
) -> None:
    rows = documents(heading, usual, rare)
    found = drafted(tmp_path, sales=rows)
    assert made(found, "invoices").missing["amount"] == "sales.credits"
    found = drafted(tmp_path, {"sales.credits": "subtract"}, sales=rows)
    whole = '"Net amount"'
    assert read(found, "invoices.amount") == f"when({condition}, subtract(`0`, {whole}), {whole})"


@pytest.mark.parametrize(
    ("heading", "usual", "rare"),
    [
        ("kind", "vat", "correction"),
        ("Movimiento", "Venta", "Devolución"),
        ("Typ", "Rechnung", "Korrektur"),
        ("Event", "charge", "chargeback"),
        ("Description", "Abonnement Pro", "Remboursement partiel"),
        ("Description", "Abo Pro", "Gutschrift Januar"),
    ],
)
def test_given_a_rare_word_of_what_is_given_back_when_all_are_above_zero_then_it_is_asked(
    tmp_path: Path, heading: str, usual: str, rare: str
) -> None:
    rows = documents(heading, usual, rare)
    found = drafted(tmp_path, sales=rows)
    assert made(found, "invoices").missing["amount"] == "sales.kinds"
    (question,) = [one for one in found.questions.open if one.id == "sales.kinds"]
    assert rare in question.answers
    found = drafted(tmp_path, {"sales.kinds": rare}, sales=rows)
    assert f'lookup({heading}, `{{"{rare}": true}}`, `false`)' in str(read(found, "invoices.amount"))
    found = drafted(tmp_path, {"sales.kinds": "none"}, sales=rows)
    assert read(found, "invoices.amount") == "Net amount"


@pytest.mark.parametrize(
    ("heading", "usual", "rare"),
    [("Status", "paid", "refunded"), ("Product", "Basic", "Module of returns"), ("Flag", "N", "Y")],
)
def test_given_words_that_say_something_else_when_drafted_then_no_kind_of_documents_is_asked(
    tmp_path: Path, heading: str, usual: str, rare: str
) -> None:
    found = drafted(tmp_path, sales=documents(heading, usual, rare))
    assert not {"sales.kinds", "sales.credits"} & set(asked(found))


@pytest.mark.parametrize("kind", ["Avoir", "Proforma", ""])
def test_given_a_kind_of_documents_that_comes_later_when_loaded_then_it_is_no_invoice_before_somebody_looks(
    tmp_path: Path, kind: str
) -> None:
    rows = documents("Type", "Facture", "Facture")
    found = drafted(tmp_path, {"sales.status": "paid", "sales.period": "one_off"}, sales=rows)
    assert made(found, "invoices").when == "lookup(coalesce(Type, '?'), `{\"Facture\": true}`)"
    rows[7]["Type"] = kind
    drafted(tmp_path, sales=rows)
    ran = run(found, tmp_path)
    assert {(entity, count) for entity, _, count, _ in ran.totals} == {("invoices", 47), ("invoice_lines", 47)}


def test_given_documents_without_a_kind_when_drafted_then_further_ones_are_none_of_another(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"sales.credits": "subtract"}, sales=documents("Type", "", "Avoir"))
    assert made(found, "invoices").when == 'lookup(coalesce(Type, \'?\'), `{"Avoir": true, "?": true}`)'
