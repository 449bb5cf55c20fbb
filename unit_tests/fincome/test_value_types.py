"""The types of values: what each takes, and what it says of what it doesn't take."""

from decimal import Decimal

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.value_types import (
    COUNTRY,
    CURRENCY,
    DECIMAL,
    ID,
    INSTANT,
    INTEGER,
    LINES,
    TEXT,
    VALUE_TYPES,
    ValueFault,
)


@pytest.mark.parametrize("value_type", [DECIMAL, INTEGER, INSTANT, COUNTRY, CURRENCY])
def test_given_an_empty_text_when_it_is_read_then_it_is_nothing_but_to_texts(value_type):
    assert value_type.read("") is None
    assert TEXT.read("") == ""


@pytest.mark.parametrize(
    ("value_type", "given", "read"),
    [
        (ID, 7, "7"),
        (ID, 100, "100"),
        (ID, " 7 ", "7"),
        (ID, 7.0, "7"),
        (ID, 2.0**53 - 1, "9007199254740991"),
        (TEXT, Decimal("-0.00"), "0"),
        (TEXT, Decimal("1E+3"), "1000"),
        (TEXT, Decimal("10.10"), "10.1"),
        (TEXT, Decimal("1.50"), "1.5"),
        (TEXT, 0.1, "0.1"),
        (DECIMAL, " 12.50 ", Decimal("12.50")),
        (DECIMAL, "0.5", Decimal("0.5")),
        (DECIMAL, "1E+30", Decimal("1E+30")),
        (DECIMAL, "1E-30", Decimal("1E-30")),
        (DECIMAL, 0.1, Decimal("0.1")),
        (DECIMAL, Decimal("0E+40"), Decimal("0E+40")),
        (DECIMAL, Decimal("1E+30"), Decimal("1E+30")),
        (DECIMAL, Decimal("1E-30"), Decimal("1E-30")),
        (INTEGER, "3.0", 3),
        (INTEGER, 2**63 - 1, 2**63 - 1),
        (INSTANT, "2026-01-31 10:00+02:00", "2026-01-31T08:00:00Z"),
        (INSTANT, "1900-01-02", "1900-01-02"),
        (INSTANT, "0001-01-01T00:00:00", None),
        (INSTANT, "1753-01-01", None),
        (INSTANT, "1899-12-30T00:00:00.000Z", None),
        (INSTANT, "1900-01-01 00:00:00", None),
        (INSTANT, "19000101", None),
        (INSTANT, "00000000", None),
        (INSTANT, "0000-00-00 00:00:00", None),
        (INSTANT, 0, None),
        (INSTANT, "/Date(-62135596800000)/", None),
        (INSTANT, "1900/01/01", None),
        (INSTANT, "0", None),
        (COUNTRY, "UK", "GB"),
        (COUNTRY, "Atlantis", None),
        (COUNTRY, 250, "FR"),
        (CURRENCY, " eur ", "EUR"),
    ],
)
def test_given_a_form_that_sources_have_when_it_is_read_then_it_is_fincomes(value_type, given, read):
    assert value_type.read(given) == read


@pytest.mark.parametrize(
    ("value_type", "given", "problem", "code"),
    [
        (ID, True, "must be text or a whole number", Code.INVALID_FIELD),
        (ID, 2.0**53, "must be text or a whole number", Code.INVALID_FIELD),
        (ID, 1.5, "must be text or a whole number", Code.INVALID_FIELD),
        (ID, " .. ", "must not be empty, nor a dot or two, which no address can hold", Code.INVALID_FIELD),
        (TEXT, {}, "must be text", Code.INVALID_FIELD),
        (TEXT, Decimal("sNaN"), "must be text", Code.INVALID_FIELD),
        (DECIMAL, "12,50", "is not a number", Code.INVALID_VALUE),
        (DECIMAL, "1_250", "is not a number", Code.INVALID_VALUE),
        (DECIMAL, Decimal("NaN"), "is not a finite number", Code.INVALID_VALUE),
        (DECIMAL, Decimal("1E+31"), "is out of any sensible range", Code.INVALID_VALUE),
        (DECIMAL, Decimal("1E-31"), "is out of any sensible range", Code.INVALID_VALUE),
        (INTEGER, 2**63, "is out of any sensible range", Code.INVALID_VALUE),
        (LINES, "a", "must be a list", Code.INVALID_FIELD),
        (INTEGER, 1.5, "must be a whole number", Code.INVALID_FIELD),
        (INSTANT, "tomorrow", "is not a date or date-time (ISO 8601 or epoch seconds)", Code.INVALID_VALUE),
        (CURRENCY, "XXX", "must be an ISO 4217 currency code such as EUR", Code.INVALID_FIELD),
        (CURRENCY, "XTS", "must be an ISO 4217 currency code such as EUR", Code.INVALID_FIELD),
        (CURRENCY, 978, "is not a currency code", Code.INVALID_VALUE),
        (CURRENCY, "ZZZ", "must be an ISO 4217 currency code such as EUR", Code.INVALID_FIELD),
    ],
)
def test_given_something_else_when_it_is_read_then_the_fault_says_what_was_expected(value_type, given, problem, code):
    with pytest.raises(ValueFault) as fault:
        value_type.read(given)
    assert (str(fault.value), fault.value.code) == (problem, code)


def test_given_a_number_longer_than_python_writes_when_it_is_read_then_nothing_breaks():
    long = 10**5000
    assert ID.read(long) == TEXT.read(long) == "1" + "0" * 5000
    with pytest.raises(ValueFault, match="is out of any sensible range"):
        DECIMAL.read(long)


def test_every_type_is_one_that_the_contract_uses():
    fields = [field for spec in load_contract().entities.values() for field in spec.fields]
    assert {field.type for field in fields} == set(VALUE_TYPES.values())
