"""Periods within texts: every way of writing a known period is read back as that period."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.written_periods import (
    Period,
    days_in,
    first_day_in,
    last_day_in,
    names_business_year,
    period_in,
)

NAMES = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
AROUND = st.sampled_from(["{}", "Pro {}", "Pro ({})", "Pro - {}", "{} : Pro", "Pro, {} (x 3)", "Formule Pro [{}]"])
"""What stands beside a period; the sign is where it stands."""
LANGUAGES = st.sampled_from(sorted(NAMES))
YEARS = st.integers(2001, 2098)
MONTHS = st.integers(1, 12)
DASHES = st.sampled_from(["-", " - ", "–", " – ", "—"])


def whole(year: int, first: int, last: int) -> Period:
    """Return some months of a year."""
    return Period(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def name(language: str, month: int) -> str:
    return NAMES[language].split()[month - 1]


@given(AROUND, LANGUAGES, YEARS, MONTHS)
def test_given_a_month_by_name_or_number_when_read_then_it_is_that_month(
    around: str, language: str, year: int, month: int
) -> None:
    of = " de " if language in ("es", "pt") else " "
    named = name(language, month)
    for text in (f"{named}{of}{year}", f"{named.upper()} {year}", f"{month:02}/{year}", f"{year}-{month:02}"):
        assert period_in(around.format(text)) == whole(year, month, month)


@given(AROUND, LANGUAGES, YEARS, MONTHS, MONTHS, DASHES)
def test_given_a_first_and_a_last_month_when_read_then_it_is_all_between_them(
    around: str, language: str, year: int, one: int, other: int, dash: str
) -> None:
    first, last = sorted((one, other))
    begins, ends = name(language, first), name(language, last)
    words = {"en": "to", "fr": "à", "de": "bis", "es": "a", "it": "a", "nl": "t/m", "pt": "a"}[language]
    for text in (
        f"{begins}{dash}{ends} {year}",
        f"{begins} {year}{dash}{ends} {year}",
        f"{begins} {words} {ends} {year}",
        f"{first:02}/{year}{dash}{last:02}/{year}",
        f"{first:02}{dash}{last:02}/{year}",
    ):
        assert period_in(around.format(text)) == whole(year, first, last)


@given(LANGUAGES, YEARS, MONTHS, MONTHS, DASHES)
def test_given_months_over_new_year_when_read_then_the_first_is_of_the_year_before(
    language: str, year: int, one: int, other: int, dash: str
) -> None:
    last, first = sorted((one, other))
    if first == last:
        return
    begins, ends = name(language, first), name(language, last)
    expected = Period(date(year - 1, first, 1), whole(year, last, last).last)
    for text in (f"{begins}{dash}{ends} {year}", f"{begins} {year - 1}{dash}{ends} {year}"):
        assert period_in(text) == expected


QUARTERS = (
    "Q{n}/{y} Q{n} {y} Q{n}-{y} {y}-Q{n} T{n} {y} {n}T {y} {n}._Quartal {y} Quartal_{n}/{y} {n}e_trimestre_{y} "
    "{n}º_trimestre_de_{y} {n}°_trimestre_{y} trimestre_{n}_{y} {n}e_kwartaal_{y} {n}st_quarter_{y} quarter_{n},_{y} "
    "{r}_trimestre_{y} {n}er_trimestre_de_l'année_{y}"
)
HALVES = (
    "H{n}_{y} S{n}/{y} {n}er_semestre_{y} {n}._Halbjahr_{y} {n}º_semestre_de_{y} {n}e_halfjaar_{y} {n}st_half_of_{y}"
)
WAYS_OF_YEARS = (
    "année_{y} exercice_{y} FY_{y} year_{y} Jahr_{y} Geschäftsjahr_{y} año_{y} ejercicio_{y} anno_{y} jaar_{y}"
)


def ways(forms: str) -> list[str]:
    return [form.replace("_", " ") for form in forms.replace(" {y}", "_{y}").split()]


@given(AROUND, YEARS, st.integers(1, 4))
def test_given_a_part_of_a_year_when_read_then_it_is_these_months(around: str, year: int, number: int) -> None:
    roman = ("I", "II", "III", "IV")[number - 1]
    for form in ways(QUARTERS):
        text = form.format(n=number, y=year, r=roman)
        assert period_in(around.format(text)) == whole(year, number * 3 - 2, number * 3), text
    for form in ways(HALVES) if number < 3 else ():
        text = form.format(n=number, y=year)
        assert period_in(around.format(text)) == whole(year, number * 6 - 5, number * 6), text
    for form in ways(WAYS_OF_YEARS):
        text = form.format(y=year)
        assert period_in(around.format(text)) == whole(year, 1, 12), text


@given(AROUND, st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(0, 400), LANGUAGES, DASHES)
def test_given_a_first_and_a_last_day_when_read_then_it_is_all_between_them(
    around: str, first: date, days: int, language: str, dash: str
) -> None:
    last = first + timedelta(days=days)
    begins, ends = (f"{one.day} {name(language, one.month)} {one.year}" for one in (first, last))
    words = {
        "en": "from {} to {}",
        "fr": "du {} au {}",
        "de": "vom {} bis {}",
        "es": "del {} al {}",
        "it": "dal {} al {}",
        "nl": "van {} tot en met {}",
        "pt": "de {} a {}",
    }[language]
    for text in (
        words.format(begins, ends),
        words.format(f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}"),
        f"{begins}{dash}{ends}",
        f"{first:%d.%m.%Y}{dash}{last:%d.%m.%Y}",
        f"{first}{dash}{last}",
        f"{first:%d/%m/%y}{dash}{last:%d/%m/%y}",
    ):
        assert period_in(around.format(text), "dmy") == Period(first, last), text
    assert period_in(f"{first:%m/%d/%Y} to {last:%m/%d/%Y}", "mdy") == Period(first, last)


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(0, 300), LANGUAGES, DASHES)
def test_given_days_whose_year_stands_once_when_read_then_the_first_is_before_the_last(
    first: date, days: int, language: str, dash: str
) -> None:
    last = first + timedelta(days=days)
    begins, ends = (f"{one.day} {name(language, one.month)}" for one in (first, last))
    assert period_in(f"Pro {begins}{dash}{ends} {last.year}") == Period(first, last)
    assert period_in(f"Pro {first:%d.%m.}{dash}{last:%d.%m.%Y}", "dmy") == Period(first, last)
    if first.month == last.month and first.year == last.year:
        assert period_in(f"du {first.day} au {ends} {last.year}") == Period(first, last)
        assert period_in(f"{first:%d}.{dash}{last:%d.%m.%Y}", "dmy") == Period(first, last)


LASTING = {
    "en": "{n} months from {d}",
    "fr": "{n} mois à compter du {d}",
    "de": "{n} Monate ab {d}",
    "es": "{n} meses desde el {d}",
    "it": "{n} mesi dal {d}",
    "nl": "{n} maanden vanaf {d}",
    "pt": "{n} meses a partir de {d}",
}


@given(AROUND, LANGUAGES, YEARS, MONTHS, st.integers(1, 28), st.integers(1, 36))
def test_given_a_day_or_a_month_and_how_long_when_read_then_it_lasts_so_long_from_then_on(
    around: str, language: str, year: int, month: int, day: int, months: int
) -> None:
    end = (year * 12 + month - 1 + months) // 12, (month - 1 + months) % 12 + 1
    named = name(language, month)
    for written in (f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day} {named} {year}"):
        text = around.format(LASTING[language].format(n=months, d=written))
        assert period_in(text, "dmy") == Period(date(year, month, day), date(*end, day) - timedelta(days=1)), text
    text = around.format(LASTING[language].format(n=months, d=f"{named} {year}"))
    assert period_in(text) == Period(date(year, month, 1), date(*end, 1) - timedelta(days=1)), text


@given(st.integers(2001, 2098), st.integers(1, 52))
def test_given_a_week_when_read_then_it_is_from_monday_to_sunday(year: int, week: int) -> None:
    monday = date.fromisocalendar(year, week, 1)
    for form in ("KW {w}/{y}", "KW {w:02} {y}", "week {w}, {y}", "semaine {w} {y}", "{y}-W{w:02}", "{y} KW {w}"):
        assert period_in(form.format(w=week, y=year)) == Period(monday, monday + timedelta(days=6))
    assert period_in(f"KW {week}-52 {year}") == Period(monday, date.fromisocalendar(year, 52, 7))


@pytest.mark.parametrize(
    "text",
    [
        "Setup",
        "Training Jan 25",  # Perhaps a day.
        "Pack-25",
        "Office 2025",
        "Facture 2025-0123",
        "Avoir sur facture FA-2025-0016",
        "Abo ab 1. Januar 2025",  # No end.
        "Pro 31/02/2025 - 30/02/2025",  # No days.
        "Pro du 31/03/2025 au 01/01/2025",  # Backwards.
        "Q5 2025",
        "S12 2025",
        "KW 54/2025",
        "exercice 2025/2026",  # Not the calendar year.
        "Licence annuelle janvier 2025",  # Perhaps all of a year from January on.
        "Abo Januar 2025, Mindestlaufzeit 12 Monate",
        "Jan, Feb, Mar 2025",
        "Jan & Mar 2025",
        "T4 2024 + T1 2025",
        "Jan 2025, then Apr 2025 and Jul 2025",
        "20 heures" * 200,
    ],
)
def test_given_a_text_that_tells_no_period_or_several_when_read_then_there_is_none(text: str) -> None:
    assert period_in(text, "dmy") is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("T1 2025 (janvier à mars 2025)", "2025-01-01", "2025-03-31"),
        ("Janvier 2025, du 15/01/2025 au 31/01/2025", "2025-01-15", "2025-01-31"),
        ("Janvier 2025, exercice 2025", "2025-01-01", "2025-01-31"),
        ("Pack 3 - 01/01/2025 - 31/03/2025", "2025-01-01", "2025-03-31"),
        ("Juli/August 2025", "2025-07-01", "2025-08-31"),
        ("décembre 2024 et janvier 2025", "2024-12-01", "2025-01-31"),
        ("Q1-Q2 2025", "2025-01-01", "2025-06-30"),
        ("un an à compter du 15 mars 2025", "2025-03-15", "2026-03-14"),
        ("12 mois à compter du 31/03/2025", "2025-03-31", "2026-03-30"),
        ("1 month from 31/01/2025", "2025-01-31", "2025-02-27"),
        ("from 15/01/2025 for 3 months", "2025-01-15", "2025-04-14"),
        ("January 1-31, 2025", "2025-01-01", "2025-01-31"),
        ("Q3/25", "2025-07-01", "2025-09-30"),
        ("Hosting Jan-25", "2025-01-01", "2025-01-31"),
        ("janv.-25 : hébergement", "2025-01-01", "2025-01-31"),
        ("Jan-25 - Mar-25", "2025-01-01", "2025-03-31"),
        ("1-Jan-25 to 31-Jan-25", "2025-01-01", "2025-01-31"),
        ("15 Jan-14 Feb 2025", "2025-01-15", "2025-02-14"),
        ("15 enero-14 de febrero de 2025", "2025-01-15", "2025-02-14"),
        ("Q3 '25", "2025-07-01", "2025-09-30"),
        ("Jan – Mar ’25", "2025-01-01", "2025-03-31"),
        ("1.Q 2025", "2025-01-01", "2025-03-31"),
        ("du 1 au 31/01/2025", "2025-01-01", "2025-01-31"),
        ("01-31/01/2025", "2025-01-01", "2025-01-31"),
        ("Januar bis einschl. März 2025", "2025-01-01", "2025-03-31"),
    ],
)
def test_given_a_text_when_read_then_what_tells_most_counts(text: str, first: str, last: str) -> None:
    assert (first_day_in(text, "dmy"), last_day_in(text, "dmy")) == (first, last)


@pytest.mark.parametrize(
    ("text", "names"), [("Licence exercice 2025", True), ("FY 2025", True), ("année 2025", False), ("Jan 2025", False)]
)
def test_a_business_year_is_told_from_other_years(text: str, *, names: bool) -> None:
    assert names_business_year(text) == names


def test_given_days_in_numbers_without_an_order_when_read_then_only_those_that_begin_with_the_year_are() -> None:
    assert period_in("01/02/2025 - 28/02/2025") is None
    assert period_in("2025-02-01 - 2025-02-28") == whole(2025, 2, 2)
    assert days_in("Pro 01/02/2025 - 28/02/2025, 2025-03-01") == ["01/02/2025", "28/02/2025"]
    assert days_in("Setup") == []


@pytest.mark.parametrize("text", ["January 1-15, 2026", "Pro, Jan 1 to 15 2026", "1-15/01/2026", "1. - 15.01.2026"])
def test_given_two_days_of_one_month_when_read_then_the_month_stands_once(text: str) -> None:
    assert period_in(text, "dmy") == Period(date(2026, 1, 1), date(2026, 1, 15))


@pytest.mark.parametrize("text", ["Q2-Q1 2026", "Janvier à mars 2026, facturé en juin"])
def test_given_parts_in_the_wrong_order_or_another_month_when_read_then_it_is_no_period(text: str) -> None:
    assert period_in(text, "dmy") is None


@pytest.mark.parametrize("read", [first_day_in, last_day_in])
def test_given_no_text_or_no_order_when_read_then_it_is_none_or_a_fault(read: Callable[..., str | None]) -> None:
    assert [read(value) for value in (None, "", 2025)] == [None] * 3
    with pytest.raises(ValueFault, match="no order of days"):
        read("Q1 2025", "ymd")


@given(st.text(alphabet="0123456789 ./-–JanuarMärzQTKWduaumoisà'()", max_size=60))
def test_given_any_text_when_read_then_it_ends_and_its_days_are_in_order(text: str) -> None:
    found = period_in(text, "dmy")
    assert found is None or found.first <= found.last
