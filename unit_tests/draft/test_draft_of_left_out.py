"""Documents that something else than a status calls cancelled, or drafts: asked about, they don't count in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, made, run

FIRST = date(2025, 1, 3)
ANSWERS = {"currency": "EUR", "sales.status": "paid", "sales.period": "one_off"}
Cell = Callable[[int], str]


def is_left_out(n: int) -> bool:
    return n % 10 == 4


def sales(**more: Cell) -> Rows:
    """Return forty invoices of two lines each, of 100 and of 20; every tenth doesn't count."""
    return [
        {
            "Number": f"F{n:04d}",
            "Date": str(FIRST + timedelta(days=8 * n)),
            "Customer code": f"C-{n % 7}",
            "Product": product,
            "Net amount": amount,
            **{heading.replace("_", " "): cell(n) for heading, cell in more.items()},
        }
        for n in range(40)
        for product, amount in (("Pro", "100.00"), ("Support", "20.00"))
    ]


TELLING: Mapping[str, tuple[str, Cell]] = {
    "a day": ("Date d'annulation", lambda n: "22/03/2025" if is_left_out(n) else ""),
    "why": ("Motif d'annulation", lambda n: "Erreur de client" if is_left_out(n) else ""),
    "a day in English": ("Voided on", lambda n: "2025-03-12" if is_left_out(n) else ""),
    "a word below an unknown heading": ("Suivi", lambda n: "Annulée" if is_left_out(n) else "Suivie"),
    "a word among codes": ("X1", lambda n: "Storniert" if is_left_out(n) else f"K{n % 3}"),
    "a draft": ("Phase", lambda n: "Brouillon" if is_left_out(n) else "Phase 2"),
    "a remark": ("Remarque", lambda n: f"ANNULÉE le {n}/03" if is_left_out(n) else f"Vue le {n}/02"),
    "a remark of some": ("Bemerkung", lambda n: f"wurde storniert, siehe {n}" if is_left_out(n) else ""),
}


@pytest.mark.parametrize(("heading", "cell"), TELLING.values(), ids=TELLING)
def test_given_what_may_call_documents_cancelled_when_drafted_then_it_is_asked_and_they_are_left_out_if_so(
    tmp_path: Path, heading: str, cell: Cell
) -> None:
    rows = sales(**{heading: cell})
    question = f"sales.left_out.{heading}"
    found = drafted(tmp_path, ANSWERS, sales=rows)
    assert asked(found) == [question]
    assert made(found, "invoices").missing == {"status": question}
    assert invoiced(tmp_path, {**ANSWERS, question: "leave_out"}, rows) == (36, "4320.00")
    assert invoiced(tmp_path, {**ANSWERS, question: "keep"}, rows) == (40, "4800.00")


def invoiced(folder: Path, answers: Mapping[str, str], rows: Rows) -> tuple[int, str]:
    """Return the number and the sum of the invoices that are sent."""
    found = drafted(folder, answers, sales=rows)
    assert asked(found) == []
    result = run(found, folder)
    assert result.problem is None
    ((count, amount),) = [row[2:] for row in result.totals if row[0] == "invoices"]
    return count, amount


def test_given_a_word_in_one_line_of_an_invoice_when_it_is_left_out_then_the_other_lines_count(tmp_path: Path) -> None:
    rows = [
        row | {"Remark": "annulée" if row["Product"] == "Support" and is_left_out(int(row["Number"][1:])) else "livrée"}
        for row in sales()
    ]
    assert invoiced(tmp_path, {**ANSWERS, "sales.left_out.Remark": "leave_out"}, rows) == (40, "4720.00")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Contract cancellation date", lambda n: "2025-06-30" if is_left_out(n) else ""),
        ("Cancelled", lambda n: "false" if n % 2 else ""),
        ("Remark", lambda n: f"Concept {n}" if is_left_out(n) else f"Note {n}"),
        ("Etat", lambda n: "Annulée" if n % 10 else "Soldée"),
    ],
    ids=["a contract's", "a no", "a product", "most of them"],
)
def test_given_what_says_nothing_of_few_documents_when_drafted_then_nothing_is_asked_of_it(
    tmp_path: Path, heading: str, cell: Cell
) -> None:
    found = drafted(tmp_path, ANSWERS, sales=sales(**{heading: cell}))
    assert [one for one in asked(found) if "left_out" in one] == []


@pytest.mark.parametrize("status", ["Annulé", "Brouillon"])
def test_given_credits_that_are_cancelled_when_drafted_then_they_are_skipped(tmp_path: Path, status: str) -> None:
    credits = [
        {
            "N° avoir": f"AV{n:03d}",
            "Facture d'origine": f"F{n * 3:04d}",
            "Date": str(FIRST + timedelta(days=50 + 30 * n)),
            "Net amount": "10.00",
            "Statut": status if n == 2 else "Remboursé",
        }
        for n in range(6)
    ]
    found = drafted(tmp_path, ANSWERS, sales=sales(), avoirs=credits)
    result = run(found, tmp_path)
    assert [row[2:] for row in result.totals if row[0] == "credit_notes"] == [(5, "50.00")]


def test_given_a_cancelled_invoice_and_a_credit_of_the_same_amount_when_drafted_then_it_is_asked_if_both_are_left_out(
    tmp_path: Path,
) -> None:
    rows = sales(Status=lambda n: "Annulée" if n == 12 else "Payée")
    credits = [
        {"N° avoir": f"AV{n}", "Date": "2025-12-20", "Customer code": f"C-{customer}", "Net amount": amount}
        for n, (customer, amount) in enumerate([(12 % 7, "-120.00"), (3, "-120.00"), (12 % 7, "-15.00")])
    ]
    found = drafted(tmp_path, ANSWERS, sales=rows, avoirs=credits)
    assert asked(found) == ["avoirs.canceled"]
    assert made(found, "invoices", "avoirs").missing == {"status": "avoirs.canceled"}
    for answer, credited in (("leave_out", 135), ("keep", 255)):
        found = drafted(tmp_path, {**ANSWERS, "avoirs.canceled": answer}, sales=rows, avoirs=credits)
        result = run(found, tmp_path)
        (amount,) = [row[3] for row in result.totals if row[0] == "invoices"]
        assert float(amount) == 39 * 120 - credited
