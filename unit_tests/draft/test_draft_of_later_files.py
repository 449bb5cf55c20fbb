"""What the mapping of a draft makes of a later file of the same export, whose words are other ones."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import Result, result_of
from unit_tests.draft.drafting import Rows, asked, drafted, totals

ANSWERS = {"sales.status": "paid", "sales.credits": "subtract", "sales.subscription": "both", "currency": "EUR"}
KINDS = {
    "types": ("Type de pièce", "FACTURE", "AVOIR"),
    "sides": ("Sens", "D", "C"),
    "signs": ("Signe", "+", "-"),
    "answers": ("Avoir", "", "oui"),
}
LATER = {
    "types": ("Facture", "Avoir "),
    "sides": ("d", "c"),
    "signs": ("+", " - "),
    "answers": ("non", "OUI"),
}


def sales(heading: str, invoice: str, credit: str) -> Rows:
    days = [f"28/{month:02d}/2025" for month in range(1, 13)]
    return [
        {
            heading: credit if number % 8 == 7 else invoice,
            "N° facture": f"{number + 1:04d}",
            "Date facture": day,
            "Code client": f"K{number % 6}",
            "Désignation": "Support",
            "Montant HT": "40,00" if number % 8 == 7 else "100,00",
            "Facture d'origine": f"{number:04d}" if number % 8 == 7 else "",
        }
        for number, day in enumerate([*days, *days])
    ]


def of_later(folder: Path, drafted_from: Rows, later: Rows) -> Result:
    found = drafted(folder, ANSWERS | {"sales.period": "one_off"}, sales=drafted_from)
    assert not asked(found)
    drafted(folder, ANSWERS, sales=later)  # writes the file
    return result_of(text_of(found), read_files([folder / "sales.csv"]))


@pytest.mark.parametrize("kind", KINDS)
def test_given_words_of_credits_when_a_later_file_writes_them_in_another_case_then_they_are_credits_still(
    tmp_path: Path, kind: str
) -> None:
    heading, *words = KINDS[kind]
    found = of_later(tmp_path, sales(heading, *words), sales(heading, *LATER[kind]))
    assert not found.faults
    sums = totals(found)
    assert sums["invoices"] == (21, Decimal(2100))
    assert sums["credit_notes"] == (3, Decimal(120))


@pytest.mark.parametrize("kind", KINDS)
def test_given_a_word_that_the_column_of_credits_never_had_when_a_later_file_has_it_then_its_documents_are_rejected(
    tmp_path: Path, kind: str
) -> None:
    heading, invoice, credit = KINDS[kind]
    found = of_later(tmp_path, sales(heading, invoice, credit), sales(heading, invoice, "autre"))
    assert {"unknown_value"} <= {fault["code"] for fault in found.faults}
    assert totals(found)["invoices"] == (21, Decimal(2100))


def journal(journal_of_sales: str, debit: str, credit: str) -> Rows:
    rows: Rows = []
    for number in range(12):
        parts = [
            ("VE", "411000", "120,00", debit),
            ("VE", "706000", "100,00", credit),
            ("VE", "445710", "20,00", credit),
        ]
        parts += [("BQ", "512000", "120,00", debit), ("BQ", "411000", "120,00", credit)]
        for code, account, amount, side in parts:
            rows.append(
                {
                    "Journal": journal_of_sales if code == "VE" else code,
                    "Date": f"28/{number + 1:02d}/2025",
                    "Pièce": f"{code}-{number:03d}",
                    "Compte": account,
                    "Client": f"Client {number % 4}",
                    "Libellé": "Abonnement",
                    "Montant": amount,
                    "Sens": side,
                }
            )
    return rows


@pytest.mark.parametrize(
    ("later", "sent"),
    [(("VE", "d", "c"), (12, Decimal(1200))), (("ve", "D", "C"), (12, Decimal(1200))), (("VE", "D", "X"), None)],
)
def test_given_a_journal_when_a_later_one_has_other_words_then_they_are_read_or_refused(
    tmp_path: Path, later: tuple[str, str, str], sent: tuple[int, Decimal] | None
) -> None:
    found = drafted(tmp_path, ANSWERS | {"sales.period": "one_off"}, sales=journal("VE", "D", "C"))
    assert not asked(found)
    drafted(tmp_path, ANSWERS, sales=journal(*later))
    ran = result_of(text_of(found), read_files([tmp_path / "sales.csv"]))
    assert totals(ran).get("invoices") == sent
    assert {"unknown_value"} <= {fault["code"] for fault in ran.faults} or sent
