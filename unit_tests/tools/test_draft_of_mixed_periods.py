"""Periods in the texts of one column that are written in several ways, and those that no way reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import result_of

HEADING = "Invoice no;Invoice date;Customer no;Item;Net amount;Status;Currency"
ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
GERMAN = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


def written(folder: Path, items: Sequence[tuple[str, str]]) -> Path:
    """Write a line for each item, with its amount, of an invoice of its own."""
    rows = [f"I-{n:03};2025-{n % 12 + 1:02}-20;C-{n % 3};{item};{net};paid;EUR" for n, (item, net) in enumerate(items)]
    path = folder / "export.csv"
    path.write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    return path


def drafted(path: Path, **answers: str) -> Drafted:
    return draft(read_files([path]).tables, {f"export.{name}": answer for name, answer in answers.items()})


def mrr(path: Path) -> dict[str, str]:
    files = read_files([path])
    found = result_of(text_of(drafted(path, period="text of Item")), files)
    assert found.problem is None
    return {month: amount for month, _, amount in found.mrr if float(amount)}


def monthly(text: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(text.format(name), "10.00") for name in names]


WAYS = {
    "German": [
        *monthly("Basis {} 2025", GERMAN),
        *((f"Wartung Q{n}/2025", "30.00") for n in range(1, 5)),
        ("Jahreslizenz Jan–Dez 2025", "120.00"),
        ("Einrichtung", "99.00"),
    ],
    "English": [
        *monthly("Plan - {} 2025", ENGLISH),
        *((f"Care ({one} 2025)", "30.00") for one in ("Jan–Mar", "Apr–Jun", "Jul–Sep", "Oct–Dec")),
        ("Licence, 12 months from 2025-01-01", "120.00"),
        ("Setup", "99.00"),
    ],
    "two months and their years": [
        ("Care January 2025 to March 2025", "60.00"),
        ("Care April 2025 to June 2025", "60.00"),
        ("Care July 2025 to December 2025", "120.00"),
        *monthly("Plan {} 2025", ENGLISH),
    ],
}


@pytest.mark.parametrize("items", WAYS.values(), ids=WAYS)
def test_given_texts_that_tell_periods_in_several_ways_when_answered_then_each_is_read(
    tmp_path: Path, items: list[tuple[str, str]]
) -> None:
    assert mrr(written(tmp_path, items)) == {f"2025-{month:02}": "30.00" for month in range(1, 13)}


def test_given_months_over_new_year_when_their_year_stands_once_then_the_first_is_of_the_year_before(
    tmp_path: Path,
) -> None:
    items = [("Care Nov–Jan 2026", "30.00"), ("Care Feb–Apr 2025", "30.00"), *monthly("Plan {} 2025", ENGLISH)]
    found = mrr(written(tmp_path, items))
    assert len(found) == 12
    assert {month for month, amount in found.items() if amount == "20.00"} == {
        f"2025-{month:02}" for month in (2, 3, 4, 11, 12)
    }


def test_given_days_that_may_be_read_both_ways_when_all_are_firsts_of_months_by_one_then_it_is_this(
    tmp_path: Path,
) -> None:
    items = [(f"Plan, 1 month from 01/{month:02}/2025", "30.00") for month in range(1, 13)]
    assert mrr(written(tmp_path, items)) == {f"2025-{month:02}": "30.00" for month in range(1, 13)}


def test_given_days_that_may_be_read_both_ways_when_nothing_proves_one_then_it_is_asked(tmp_path: Path) -> None:
    items = [(f"Plan, 1 month from 02/{month:02}/2025", "30.00") for month in range(1, 13)]
    found = drafted(written(tmp_path, items), period="text of Item")
    assert "export.dates" in [question.id for question in found.questions.open]


def test_given_texts_with_a_year_that_no_way_reads_when_asked_then_the_answer_says_how_many(tmp_path: Path) -> None:
    items = [*monthly("Plan {} 2025", ENGLISH), ("Season 2025", "9.00"), ("Season 2026", "9.00"), ("Setup", "9.00")]
    (question,) = [one for one in drafted(written(tmp_path, items)).questions.open if one.id == "export.period"]
    assert "2 texts with a year or a day can't be read" in question.answers["text of Item"]["en"]


def test_given_a_month_beside_a_word_for_a_longer_time_when_asked_then_it_is_no_month(tmp_path: Path) -> None:
    quarters = [(f"Care Q{n}/2025", "30.00") for n in range(1, 5)]
    path = written(tmp_path, [*quarters, *monthly("Plan {} 2025", ENGLISH), ("Annual licence March 2025", "120.00")])
    (question,) = [one for one in drafted(path).questions.open if one.id == "export.period"]
    assert "1 text with a year" in question.answers["text of Item"]["en"]
    assert mrr(path)["2025-03"] == "20.00"


def test_given_a_column_without_texts_when_drafted_then_no_period_is_looked_for_in_it(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    rows = [f"I-{n:03};2025-{n % 12 + 1:02}-20;C-{n % 3};Plan;9.00;paid;EUR;" for n in range(30)]
    path.write_text("\n".join([f"{HEADING};Note", *rows]) + "\n", encoding="utf-8")
    (question,) = [one for one in drafted(path).questions.open if one.id == "export.period"]
    assert set(question.answers) == {"one_off", "month"}
