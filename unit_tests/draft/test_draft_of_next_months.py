"""The same export a month later: its file has another date in its name, and nothing is asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.columns.table_names import lasting_names, undated
from fincome_tools.draft.report import told
from fincome_tools.draft.text import text_of
from unit_tests.draft.drafting import asked, drafted

ROWS = [
    {"Invoice no": f"F{n}", "Invoice date": f"2025-01-{n:02d}", "Customer no": f"C{n % 3}", "Amount": f"{n}.50"}
    for n in range(13, 25)
]
ANSWERS = {"currency": "EUR", "invoices.net": "net", "invoices.status": "paid", "invoices.period": "one_off"}


@pytest.mark.parametrize(
    ("name", "lasting"),
    [
        ("factures", "factures"),
        ("invoices_2026-11", "invoices"),
        ("Export factures 30.11.2026 (2)", "Export factures"),
        ("2026-11_Rechnungen", "Rechnungen"),
        ("Rechnungen November 2026", "Rechnungen"),
        ("factures202611", "factures"),
        ("ventes_T4", "ventes"),
        ("sales-q3-2026-final", "sales-final"),
        ("2026-11", "2026-11"),
        ("Sheet1", "Sheet1"),
        ("Décembre", "Décembre"),
    ],
)
def test_given_a_files_name_when_asked_about_then_dates_and_numbers_are_no_part_of_ids(name: str, lasting: str) -> None:
    assert undated(name) == lasting


def test_given_files_that_differ_by_their_date_only_when_asked_about_then_each_has_all_its_name() -> None:
    names = ("invoices_2026-10", "invoices_2026-11", "clients_2026")
    assert lasting_names(names) == {
        **dict.fromkeys(names[:2]),
        names[0]: names[0],
        names[1]: names[1],
        names[2]: "clients",
    }


def test_given_the_answers_of_a_month_when_the_next_one_is_drafted_then_nothing_is_asked(tmp_path: Path) -> None:
    first = drafted(tmp_path, {}, **{"invoices_2026-11": ROWS})
    assert set(asked(first)) == set(ANSWERS)
    following = drafted(tmp_path, ANSWERS, **{"invoices_2026-12": ROWS})
    assert asked(following) == []
    assert text_of(following).replace("2026-12", "2026-11") == text_of(
        drafted(tmp_path, ANSWERS, **{"invoices_2026-11": ROWS})
    )


@pytest.mark.parametrize("table", ["invoices_2026-11", "invoices_2026-12", "invoices"])
def test_given_answers_with_a_files_date_in_their_ids_when_drafted_then_they_count_as_before(
    tmp_path: Path, table: str
) -> None:
    older = {key.replace("invoices.", "invoices_2026-11."): answer for key, answer in ANSWERS.items()}
    found = drafted(tmp_path, older, **{table: ROWS})
    assert asked(found) == []
    assert not any("isn't used" in line for line in told(found))


def test_given_older_answers_that_contradict_each_other_when_drafted_then_it_is_asked(tmp_path: Path) -> None:
    answers = {"currency": "EUR", "invoices_2026-10.net": "net", "invoices_2026-11.net": "20"}
    assert "invoices.net" in asked(drafted(tmp_path, answers, **{"invoices_2026-12": ROWS}))
    of_its_own = drafted(tmp_path, answers, **{"invoices_2026-11": ROWS})
    assert "invoices.net" not in asked(of_its_own)
    assert of_its_own.questions.answered["invoices.net"] == "20"


def test_given_two_months_at_once_when_one_was_answered_then_both_are(tmp_path: Path) -> None:
    months = {
        "invoices_2026-10": ROWS,
        "invoices_2026-11": [{**row, "Invoice no": f"G{n}"} for n, row in enumerate(ROWS)],
    }
    assert "invoices_2026-11.net" in asked(drafted(tmp_path, {"currency": "EUR"}, **months))
    assert not [one for one in asked(drafted(tmp_path, ANSWERS, **months)) if one.endswith((".net", ".period"))]
