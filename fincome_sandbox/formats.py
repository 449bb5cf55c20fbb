"""The types of single values: what a JSON value must be to be an id, a text, an amount, a country, and so on.

Each check returns None, or (type, message) of the problem in FastAPI's manner. No message quotes a value.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

import pycountry

from fincome_sandbox.exact_json import Json

Fault: TypeAlias = tuple[str, str]

COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)
# Old invoices are in currencies that ISO 4217 has withdrawn since 2010.
CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies) | frozenset(
    ["ANG", "BGN", "BYR", "CUC", "EEK", "HRK", "LTL", "LVL", "MRO", "SLL", "STD", "VEF", "ZMK", "ZWL"]
)

_INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<clock>(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?Z)?"
)
_DAY = len("2026-01-31")
# What a double can hold. Beyond it a server that reads numbers as doubles sees an infinity.
_GREATEST_EXPONENT = 308
_SMALLEST_EXPONENT = -400


def parse_instant(value: Json) -> datetime | None:
    """A date (then midnight UTC) or a date-time that ends in Z; None for everything else."""
    return _instant_in(value) if isinstance(value, str) else None


@lru_cache(maxsize=20_000)  # an account's documents share their days
def _instant_in(text: str) -> datetime | None:
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    clock, fraction = found["clock"] or "00:00:00", (found["fraction"] or "").ljust(6, "0")
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{clock}.{fraction}")
    except ValueError:  # the 30th of February
        return None
    return moment.replace(tzinfo=UTC)


def check_text(value: Json) -> Fault | None:
    """Any text that can be stored: no lone surrogates, no NUL."""
    if not isinstance(value, str):
        return ("string_type", "Input should be a valid string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return ("string_unicode", "Input should be valid Unicode text")
    return ("string_unicode", "Input should not contain NUL") if "\0" in value else None


def check_id(value: Json) -> Fault | None:
    """A key of the caller's: text that isn't empty."""
    if value == "":
        return ("string_too_short", "String should have at least 1 character")
    return check_text(value)


def check_decimal(value: Json) -> Fault | None:
    """A finite JSON number; numbers in quotes are text."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ("decimal_type", "Input should be a JSON number")
    number = Decimal(value)
    smallest = number.as_tuple().exponent
    if number.adjusted() > _GREATEST_EXPONENT or not isinstance(smallest, int) or smallest < _SMALLEST_EXPONENT:
        return ("finite_number", "Input should be a finite number")
    return None


def check_integer(value: Json) -> Fault | None:
    """A whole number, written without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int):
        return ("int_type", "Input should be a valid integer")
    return check_decimal(value)


def check_country(value: Json) -> Fault | None:
    """A country that exists, in the form of ISO 3166-1 alpha-2."""
    if isinstance(value, str) and value in COUNTRIES:
        return None
    return check_text(value) or ("country_code", "Input should be an ISO 3166-1 alpha-2 code in upper case")


def check_currency(value: Json) -> Fault | None:
    """A currency that exists, in the form of ISO 4217."""
    if isinstance(value, str) and value in CURRENCIES:
        return None
    return check_text(value) or ("currency_code", "Input should be an ISO 4217 code in upper case")


def check_instant(value: Json) -> Fault | None:
    """A date or a date-time in UTC; a date-time without offset is ambiguous and refused."""
    if parse_instant(value) is not None:
        return None
    return check_text(value) or (
        "datetime_from_date_parsing",
        "Input should be a date (2026-01-31) or a date-time in UTC (2026-01-31T12:00:00Z)",
    )


def check_day(value: Json) -> Fault | None:
    """A date, without a time."""
    if isinstance(value, str) and len(value) == _DAY and parse_instant(value) is not None:
        return None
    return check_text(value) or ("date_from_datetime_inexact", "Input should be a date (2026-01-31)")


def check_date_time(value: Json) -> Fault | None:
    """A date-time in UTC."""
    if isinstance(value, str) and len(value) > _DAY and parse_instant(value) is not None:
        return None
    return check_text(value) or ("datetime_parsing", "Input should be a date-time in UTC (2026-01-31T12:00:00Z)")


CHECKS: dict[str, Callable[[Json], Fault | None]] = {
    "id": check_id,
    "text": check_text,
    "decimal": check_decimal,
    "integer": check_integer,
    "country": check_country,
    "currency": check_currency,
    "instant": check_instant,
    "date": check_day,
    "date-time": check_date_time,
}


def kind_of(value: Json) -> str:
    """The contract's name for the kind of a custom property's value, or `other`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    return "text" if isinstance(value, str) else "other"
