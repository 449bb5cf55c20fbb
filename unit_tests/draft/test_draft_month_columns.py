"""Tables with a column for each month: what they become, and what is asked first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from fincome_tools.draft.objects import draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import Result, result_of

ROWS = """Turnover by customer;;;;;;
Customer code;Customer;Offer;{};Total
C-1;North Ltd;Pro;10,50;10,50;;21,00
C-1;North Ltd;Basic;;4,00;4,00;8,00
C-2;South Ltd;Pro;;;30,00;30,00
C-3;East Ltd;Pro;7,25;7,25;7,25;21,75
C-4;West Ltd;Pro;0,75;0,75;0,75;2,25
"""
ANSWERS = {"turnover.months": "subscriptions", "turnover.status": "paid", "currency": "EUR"}


def drafted(folder: Path, months: str, answers: Mapping[str, str]) -> tuple[list[str], Result]:
    path = folder / "turnover.csv"
    path.write_text(ROWS.format(months), encoding="utf-8")
    files = read_files([path])
    found = draft(files.tables, answers)
    return [question.id for question in found.questions.open], result_of(text_of(found), files)


@pytest.mark.parametrize(
    "months", ["2025-01;2025-02;2025-03", "01/2025;02/2025;03/2025", "Jan 2025;févr. 2025;März 2025"]
)
def test_given_a_column_for_each_month_when_answered_then_each_cell_is_a_month_of_subscription(
    tmp_path, months
) -> None:
    asked, result = drafted(tmp_path, months, ANSWERS)
    assert (asked, result.problem, result.faults) == ([], None, ())
    assert [(month, mrr) for month, _, mrr in result.mrr][:3] == [
        ("2025-01", "18.50"),
        ("2025-02", "22.50"),
        ("2025-03", "42.00"),
    ]
    sent = {str(row["entity"]): row["sent"] for row in result.entities}
    assert sent == {"customers": 4, "invoices": 11, "invoice_lines": 11, "subscriptions": 5}


def test_given_a_column_for_each_month_when_nothing_is_answered_then_only_customers_are_made(tmp_path) -> None:
    asked, result = drafted(tmp_path, "2025-01;2025-02;2025-03", {})
    assert "turnover.months" in asked
    assert [row["entity"] for row in result.entities] == ["customers"]


def test_given_sales_of_months_when_answered_so_then_they_have_no_mrr(tmp_path) -> None:
    _, result = drafted(tmp_path, "2025-01;2025-02;2025-03", {**ANSWERS, "turnover.months": "one_off"})
    assert ("invoices", "EUR", 11, "83.00") in result.totals
    assert result.mrr == ()


def test_given_two_columns_of_months_when_drafted_then_the_table_is_no_such_one(tmp_path) -> None:
    asked, _ = drafted(tmp_path, "janvier 2025;février 2025;Budget", {})
    assert "turnover.months" not in asked
