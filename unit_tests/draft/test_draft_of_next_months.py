"""The same export a month later: its file has another date in its name, and nothing is asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.columns.table_names import lasting_names, undated
from fincome_tools.draft.report import told
from fincome_tools.draft.text import text_of
from unit_tests.draft.drafting import Rows, asked, drafted, run, totals

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


def test_given_files_that_differ_by_their_date_only_when_asked_about_then_months_of_one_export_are_called_alike() -> (
    None
):
    tables = {"invoices_2026-10": ("No", "Net"), "invoices_2026-11": ("No", "Net"), "clients_2026": ("Code",)}
    assert lasting_names(tables) == {**dict.fromkeys([*tables][:2], "invoices"), "clients_2026": "clients"}
    assert lasting_names(tables, share=False) == {**{name: name for name in tables}, "clients_2026": "clients"}
    others = {**tables, "invoices_2026-11": ("No", "Gross")}
    assert lasting_names(others) == lasting_names(others, share=False) == lasting_names(tables, share=False)


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


def months(**more: str) -> dict[str, Rows]:
    second = [{**row, "Invoice no": f"F{n + 50}", **more} for n, row in enumerate(ROWS)]
    return {"invoices_2026-10": ROWS, "invoices_2026-11": second}


def test_given_two_months_at_once_when_drafted_then_each_question_is_asked_once(tmp_path: Path) -> None:
    found = drafted(tmp_path, **months())
    assert asked(found) == ["invoices.net", "invoices.status", "currency", "invoices.period"]
    assert not [one for one in found.questions.open if "2026" in "".join(one.text.values())]
    found = drafted(tmp_path, ANSWERS, **months())
    assert asked(found) == []
    assert totals(run(found, tmp_path))["invoices"][0] == 2 * len(ROWS)


def test_given_two_months_at_once_when_one_was_answered_by_its_whole_name_then_both_are(tmp_path: Path) -> None:
    answers = {key.replace("invoices.", "invoices_2026-10."): answer for key, answer in ANSWERS.items()}
    assert asked(drafted(tmp_path, answers, **months())) == []


def test_given_a_month_with_other_possible_answers_when_drafted_then_each_is_asked_for_itself(tmp_path: Path) -> None:
    """The first one's texts tell periods, the second one's don't."""
    other = months()
    other["invoices_2026-10"] = [{**row, "Text": f"Pro {n % 12 + 1:02}/2025"} for n, row in enumerate(ROWS)]
    other["invoices_2026-11"] = [{**row, "Text": "Pro"} for row in other["invoices_2026-11"]]
    periods = [one for one in asked(drafted(tmp_path, **other)) if one.endswith(".period")]
    assert periods in ([], ["invoices_2026-10.period", "invoices_2026-11.period"])


def test_given_two_months_that_were_answered_differently_when_drafted_then_it_is_asked(tmp_path: Path) -> None:
    answers = {**ANSWERS, "invoices_2026-10.net": "net", "invoices_2026-11.net": "20"}
    del answers["invoices.net"]
    assert asked(drafted(tmp_path, answers, **months())) == ["invoices.net"]
