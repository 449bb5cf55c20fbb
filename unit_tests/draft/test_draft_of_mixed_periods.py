"""Periods in the texts of one column that are written in several ways, and those that no way reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from fincome_tools.draft.objects import draft
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import drafted_file, mrr_of

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


def mrr(path: Path) -> dict[str, str]:
    return mrr_of(path, period="text of Item")


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


_NAMES = {
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
}
MONTHS = {"English": ENGLISH, "German": GERMAN} | {language: names.split() for language, names in _NAMES.items()}
BESIDE_MONTHS = [
    (
        "English",
        ["Care, quarter 1, 2025", "Care, quarter 2, 2025", "Care Jul–Sep 2025", "Care 01/10/2025 - 31/12/2025"],
    ),
    ("English", ["Care H1 2025", "Care, 6 months starting July 2025"]),
    ("English", ["Licence year 2025"]),
    (
        "French",
        ["Maintenance du 1er janvier au 31 mars 2025", "2e trimestre 2025", "3T 2025", "octobre à décembre 2025"],
    ),
    ("French", ["Licence, 6 mois à compter du 1er janvier 2025", "Licence : 2e semestre 2025"]),
    ("French", ["Licence exercice 2025"]),
    (
        "German",
        ["Wartung Quartal 1/2025", "Wartung 2. Quartal 2025", "Wartung 07-09/2025", "Wartung 01.10.–31.12.2025"],
    ),
    ("German", ["Lizenz, 12 Monate ab Januar 2025"]),
    ("German", ["Lizenz Jahr 2025"]),
    (
        "Spanish",
        ["1er trimestre de 2025", "del 1 de abril al 30 de junio de 2025", "julio a septiembre de 2025", "4T 2025"],
    ),
    ("Spanish", ["Licencia año 2025"]),
    (
        "Italian",
        ["I trimestre 2025", "2° trimestre 2025", "da luglio a settembre 2025", "dal 1 ottobre al 31 dicembre 2025"],
    ),
    ("Italian", ["Licenza, 12 mesi dal 01/01/2025"]),
    (
        "Dutch",
        ["1e kwartaal 2025", "april t/m juni 2025", "3e kwartaal 2025", "van 1 oktober tot en met 31 december 2025"],
    ),
    ("Dutch", ["Licentie, 12 maanden vanaf 1 januari 2025"]),
]
"""What stands beside months in one column, in all of 2025."""


@pytest.mark.parametrize(("language", "others"), BESIDE_MONTHS)
def test_given_months_beside_other_periods_of_a_language_when_answered_then_all_are_read(
    tmp_path: Path, language: str, others: list[str]
) -> None:
    items = [(text, f"{360 // len(others)}.00") for text in others]
    path = written(tmp_path, [*monthly("Pro {} 2025", MONTHS[language]), *items, ("Setup", "99.00")])
    assert mrr(path) == {f"2025-{month:02}": "40.00" for month in range(1, 13)}


def test_given_weeks_beside_months_when_answered_then_each_is_of_seven_days(tmp_path: Path) -> None:
    weeks = [(f"Betreuung KW {week}/2025", "7.00") for week in range(1, 53)]
    found = drafted_file(written(tmp_path, [*weeks, *monthly("Pro {} 2025", GERMAN)]), period="text of Item")
    assert [question.id for question in found.questions.open if question.id.endswith("ends")] == []
    assert float(mrr(tmp_path / "export.csv")["2025-05"]) == pytest.approx(10 + 31)


def test_given_one_licence_for_a_year_that_is_much_of_a_file_when_asked_then_its_text_may_tell_the_period(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, [("Licence année 2025", "120.00"), ("Setup", "99.00"), ("Formation", "50.00")])
    assert mrr(path)["2025-01"] == "10.00"


def test_given_days_of_unknown_order_beside_months_when_asked_then_the_answer_says_what_they_come_to(
    tmp_path: Path,
) -> None:
    items = [*monthly("Pro {} 2025", ENGLISH), ("Care 01/02/2025 - 03/04/2025", "30.00")]
    (question,) = [one for one in drafted_file(written(tmp_path, items)).questions.open if one.id == "export.period"]
    assert "1 row (30.00) whose text says a time" in question.answers["text of Item"]["en"]
    assert "1 ligne (30.00) dont le texte dit un temps" in question.answers["text of Item"]["fr"]


def test_given_texts_that_say_a_time_which_nothing_reads_when_asked_then_one_off_says_what_they_come_to(
    tmp_path: Path,
) -> None:
    items = [("Hosting January", "30.00"), ("Hosting February", "30.00"), *((f"Case {n}", "9.00") for n in range(9))]
    (question,) = [one for one in drafted_file(written(tmp_path, items)).questions.open if one.id == "export.period"]
    assert "text of Item" not in question.answers
    assert question.answers["one_off"] == {
        "en": "one-off sales, also 2 rows (60.00) whose Item says a time",
        "fr": "ventes uniques, aussi 2 lignes (60.00) dont Item dit un temps",
    }


@pytest.mark.parametrize(("last", "is_asked"), [("Q1 2025", False), ("-", False), ("Jan 25", True), ("FY 2025", True)])
def test_given_a_column_called_period_when_a_text_of_it_may_say_another_time_then_it_is_asked(
    tmp_path: Path, last: str, *, is_asked: bool
) -> None:
    path = written(tmp_path, [*monthly("{} 2025", ENGLISH), ("Q2 2025", "30.00"), (last, "30.00")])
    path.write_text(path.read_text(encoding="utf-8").replace("Item", "Period"), encoding="utf-8")
    assert ("export.period" in [question.id for question in drafted_file(path).questions.open]) == is_asked


def test_given_business_years_when_asked_then_the_answer_says_that_they_are_taken_for_calendar_years(
    tmp_path: Path,
) -> None:
    items = [*monthly("Pro {} 2025", MONTHS["French"]), ("Licence exercice 2025", "120.00")]
    (question,) = [one for one in drafted_file(written(tmp_path, items)).questions.open if one.id == "export.period"]
    assert question.answers["text of Item"]["en"].endswith("; business years are taken for calendar years")
    assert question.answers["text of Item"]["fr"].endswith(" ; les exercices sont pris pour années civiles")


def test_given_invoices_of_another_table_whose_texts_say_a_time_when_asked_then_one_off_says_what_they_come_to(
    tmp_path: Path,
) -> None:
    numbers = range(1, 13)
    invoices = [f"I-{n};2025-{n:02}-20;C-{n % 3};Hosting {ENGLISH[n - 1]} 2025;30.00;paid;EUR" for n in numbers]
    lines = [f"I-{n};{place};Part {place};{net}" for n in numbers for place, net in ((1, "20.00"), (2, "10.00"))]
    (tmp_path / "invoices.csv").write_text("\n".join([HEADING.replace("Item", "Subject"), *invoices]), encoding="utf-8")
    (tmp_path / "lines.csv").write_text("\n".join(["Invoice no;Position;Item;Net amount", *lines]), encoding="utf-8")
    found = draft(read_files(sorted(tmp_path.iterdir())).tables, {})
    (question,) = [one for one in found.questions.open if one.id.endswith(".period")]
    assert (
        question.answers["one_off"]["en"]
        == "one-off sales, also 12 rows of invoices (360.00) whose Subject says a time"
    )


def test_given_several_months_in_a_text_beside_months_when_asked_then_they_are_not_the_last_one(tmp_path: Path) -> None:
    path = written(tmp_path, [*monthly("Plan {} 2025", ENGLISH), ("Plan January, February, March 2025", "30.00")])
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "export.period"]
    assert "1 row (30.00) whose text says a time" in question.answers["text of Item"]["en"]
    assert mrr(path)["2025-03"] == "10.00"


def test_given_ends_of_days_that_are_the_day_after_beside_months_when_answered_then_it_is_asked(tmp_path: Path) -> None:
    items = [(f"Care 2025-{n:02}-15 - 2025-{n + 1:02}-15", "30.00") for n in range(1, 12)]
    path = written(tmp_path, [*monthly("Pro {} 2025", ENGLISH), *items])
    found = drafted_file(path, period="text of Item")
    assert "export.ends" in [question.id for question in found.questions.open]


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
    found = drafted_file(written(tmp_path, items), period="text of Item")
    assert "export.dates" in [question.id for question in found.questions.open]


def test_given_texts_with_a_year_that_no_way_reads_when_asked_then_the_answer_says_how_many(tmp_path: Path) -> None:
    items = [*monthly("Plan {} 2025", ENGLISH), ("Season 2025", "9.00"), ("Season 2026", "9.00"), ("Setup", "9.00")]
    (question,) = [one for one in drafted_file(written(tmp_path, items)).questions.open if one.id == "export.period"]
    assert (
        "2 rows (18.00) whose text says a time that can't be read would be one-off sales"
        in question.answers["text of Item"]["en"]
    )


def test_given_a_month_beside_a_word_for_a_longer_time_when_asked_then_it_is_no_month(tmp_path: Path) -> None:
    quarters = [(f"Care Q{n}/2025", "30.00") for n in range(1, 5)]
    path = written(tmp_path, [*quarters, *monthly("Plan {} 2025", ENGLISH), ("Annual licence March 2025", "120.00")])
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "export.period"]
    assert "1 row (120.00) whose text says a time" in question.answers["text of Item"]["en"]
    assert mrr(path)["2025-03"] == "20.00"


def test_given_a_column_without_texts_when_drafted_then_no_period_is_looked_for_in_it(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    rows = [f"I-{n:03};2025-{n % 12 + 1:02}-20;C-{n % 3};Plan;9.00;paid;EUR;" for n in range(30)]
    path.write_text("\n".join([f"{HEADING};Note", *rows]) + "\n", encoding="utf-8")
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "export.period"]
    assert set(question.answers) == {"one_off", "month"}
