"""Numbers, dates and words as exports write them; expectations are literals, or follow from how the text was made."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.language.words import folded, known_words, words

FUNCTIONS = bound(EXPONENT_TABLES["iso4217"], frozenset())
number, parse_time, last_day, net_of = (FUNCTIONS[name] for name in ("number", "parse_time", "last_day", "net_of"))
lookup = FUNCTIONS["lookup"]

GROUPS = {
    ",": ["", ".", " ", "\u00a0", "\u202f", "'", "\u2019"],
    ".": ["", ",", " ", "\u00a0", "\u202f", "'", "\u2019"],
}
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False)


# --- numbers


@given(AMOUNTS, st.sampled_from([",", "."]), st.data())
def test_given_any_amount_when_written_by_a_columns_form_then_it_is_read_back_exactly(
    amount: Decimal, mark: str, data: st.DataObject
) -> None:
    group = data.draw(st.sampled_from(GROUPS[mark]))
    whole, fraction = f"{abs(amount):,.2f}".split(".")
    digits = whole.replace(",", group) + mark + fraction
    around = ["{}", "{} €", "€ {}", "{} EUR", "CHF {}", " {}\u00a0$ "]
    forms = [f"-{one}" for one in around] + ["({})", "{}-", "{} CR", "\u2212{}"] if amount < 0 else [*around, "+{}"]
    assert number(data.draw(st.sampled_from(forms)).format(digits), mark) == amount


@given(st.text(max_size=12), st.sampled_from([",", "."]))
def test_given_any_text_when_read_as_a_number_then_it_is_one_or_a_fault_that_never_quotes(text: str, mark: str) -> None:
    try:
        found = number(text, mark)
    except ValueFault as fault:
        found = str(fault)
    assert found in (None, f"is not a number whose decimal sign is {mark!r}") or isinstance(found, Decimal)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,23,456.50", ".", "123456.50"),
        ("12,-", ",", "12"),
        (",50", ",", "0.50"),
        ("20 %", ".", "20"),
        ("Fr. 12.50", ".", "12.50"),
        ("1.234,56 kr.", ",", "1234.56"),
        ("100,00 S", ",", "100"),
        ("100,00 H", ",", "-100"),
        ("100.00 Cr.", ".", "-100"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        (" -   € ", ",", "0"),
        ("–", ".", "0"),
        (1234.5, ",", "1234.5"),
        (7, ",", "7"),
    ],
)
def test_given_a_number_in_one_of_many_forms_when_read_then_it_is_that_number(
    text: Any, mark: str, expected: str
) -> None:
    assert number(text, mark) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "mark"),
    [("12.5", ","), ("12,5", "."), ("1.23,4", ","), ("1 23,4", ","), ("1.234 567,0", ","), ("--5", "."), ("-5-", "."),
     ("(-5)", "."), ("1e5", "."), ("12 apples", "."), ("1,2,3", ","), ("--", "."), ("(-)", "."), ("€", "."),
     ("n/a", "."), ("٣", "."), (True, ".")],
)  # fmt: skip
def test_given_a_text_of_another_form_when_read_as_a_number_then_it_is_a_fault(text: Any, mark: str) -> None:
    with pytest.raises(ValueFault):
        number(text, mark)


@pytest.mark.parametrize("nothing", [None, "", "  ", "\u00a0"])
def test_given_nothing_when_read_then_it_is_nothing(nothing: Any) -> None:
    assert number(nothing, ",") is None
    assert parse_time(nothing, "%d/%m/%Y") is None
    assert lookup(nothing, {"a": "b"}, "c") == "c"


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.integers(min_value=0, max_value=30))
def test_given_a_net_amount_and_its_rate_when_taxed_then_net_of_gives_the_net_back(net: Decimal, rate: int) -> None:
    gross = net + net * rate / 100
    assert round(net_of(gross, rate), 6) == net
    assert round(net_of(gross, f"{rate} %"), 6) == net


# --- dates

NAMES = {
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"],
    "fr short": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "de": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"],
    "de short": ["Jän", "Feb.", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    "es": ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"],
    "es short": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic"],
    "it": ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"],
    "it short": ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    "en": calendar.month_name[1:],
    "en short": calendar.month_abbr[1:],
}  # fmt: skip
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2068, 12, 31))


@given(DAYS, st.sampled_from([*NAMES]), st.sampled_from([str, str.upper, folded]))
def test_given_any_day_when_its_month_has_a_name_then_it_is_read_in_every_language(
    day: date, language: str, typed: Any
) -> None:
    month = typed(NAMES[language][day.month - 1])
    first = "1er" if day.day == 1 else str(day.day)
    assert parse_time(f"{first} {month} {day.year}", "%d %b %Y") == day.isoformat()
    assert parse_time(f"{month}-{day:%y}", "%B-%y") == day.replace(day=1).isoformat()


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%d.%m.%y", "%Y-%m-%d"]))
def test_given_any_day_when_one_of_several_formats_fits_then_it_is_that_day(day: date, form: str) -> None:
    written = day.strftime(form)
    assert parse_time(written, ["%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d.%m.%y"]) == day.isoformat()
    if form == "%Y%m%d":
        assert parse_time(int(written), form) == day.isoformat()


@given(DAYS)
def test_given_any_day_when_a_spreadsheet_counts_it_then_it_is_that_day(day: date) -> None:
    # 1 January 1990 is day 32874, in all spreadsheets of the 1900 system.
    serial = 32874 + (day - date(1990, 1, 1)).days
    assert parse_time(serial, "serial") == parse_time(f"{serial}.0", "serial") == day.isoformat()
    assert parse_time(serial - 1462, "serial1904") == day.isoformat()
    assert parse_time(serial + 0.25, "serial") == f"{day.isoformat()}T06:00:00Z"


@pytest.mark.parametrize(
    ("text", "form"),
    [("46027", "%d/%m/%Y"), ("32", "serial"), ("1e9", "serial"), ("abc", "serial"), ("31/02/2026", "%d/%m/%Y"),
     ("5 janvier 2026", "%b %d %Y"), ("jui 2026", "%b %Y"), ("ma 2026", "%b %Y"), ("lundi 2026", "%b %Y")],
)  # fmt: skip
def test_given_a_text_that_is_no_such_date_when_read_then_it_is_a_fault(text: str, form: str) -> None:
    with pytest.raises(ValueFault):
        parse_time(text, form)


@given(DAYS)
def test_given_any_day_when_its_months_last_day_is_asked_then_the_next_day_is_a_first(day: date) -> None:
    last = date.fromisoformat(last_day(day.isoformat()))
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + timedelta(days=1)).day == 1


# --- words


def test_given_a_word_when_typed_otherwise_then_it_is_found_all_the_same() -> None:
    table = {"Payée": "paid", "En cours": "open"}
    assert [lookup(word, table) for word in ("payee", "PAYÉE ", "en  cours", "EnCours")] == ["paid"] * 2 + ["open"] * 2


def test_given_words_that_differ_in_case_only_when_looked_up_then_only_their_own_spelling_counts() -> None:
    table = {"A": "paid", "a": "open"}
    assert (lookup("A", table), lookup("a", table), lookup("á", table, "no")) == ("paid", "open", "no")


@pytest.mark.parametrize(
    ("name", "entity", "field"),
    [
        ("invoice_status", "invoices", "status"),
        ("subscription_status", "subscriptions", "status"),
        ("line_type", "invoice_lines", "type"),
        ("interval", "plans", "interval"),
    ],
)
def test_every_word_means_something_that_fincome_knows(name: str, entity: str, field: str) -> None:
    (spec,) = (one for one in load_contract().entities[entity].fields if one.name == field)
    assert set(words(name).values()) <= set(spec.enum)
    assert {folded(word) for word in spec.enum} <= words(name).keys()


@pytest.mark.parametrize(
    ("name", "word", "meaning"),
    [
        ("invoice_status", "Réglée", "paid"),
        ("invoice_status", "überfällig", "unpaid"),
        ("invoice_status", "da pagare", "open"),
        ("subscription_status", "Résilié", "canceled"),
        ("line_type", "Suscripción", "subscription"),
        ("interval", "jährlich", "year"),
        ("document_type", "AVOIR", "credit_note"),
        ("not_final", "bozza", "draft"),
    ],
)
def test_words_of_five_languages_are_known(name: str, word: str, meaning: str) -> None:
    assert lookup(word, words(name)) == meaning


def test_no_word_means_two_things() -> None:
    from importlib import resources

    from destination_fincome.mapping.language.yaml_text import read_yaml

    text = resources.files("destination_fincome.mapping.language").joinpath("words.yaml").read_text(encoding="utf-8")
    for name, table in read_yaml(text).items():
        pairs = {(folded(word), meaning) for meaning, languages in table.items() for words_ in languages.values()
                 for word in words_}  # fmt: skip
        assert len({word for word, _ in pairs}) == len(pairs), name
        assert known_words()[name].keys() >= {word for word, _ in pairs}
