"""The types of values that fields have: all that is known of each of them, in one place.

A value is read once, on its way from a source's record to the JSON that is sent: numbers become Decimals, instants,
countries and currencies the one text that Fincome takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

import pycountry

from destination_fincome.codes import Code
from destination_fincome.fincome.country_names import find_by_name
from destination_fincome.fincome.instants import FIRST_DAY, NotAnInstant, is_none, is_plain, rewrite_instant

Kind = Literal["number", "instant", "country", "currency", "text", "list"]
"""What a value is before it becomes a field's: an instant may be written as a text, an amount as a number."""

Read = Callable[[Any], Any]
"""Takes what a source gives; returns what is sent, None if that is nothing, or raises ValueFault."""

# No amount is larger or finer than this power of ten: beyond it, arithmetic would round or overflow.
_SENSIBLE = 30
# No address can hold them.
_NO_IDS = frozenset(["", ".", ".."])
# Withdrawn from ISO 4217 since 2010: old invoices are in them (the ECB's rates for them stay published).
_WITHDRAWN = frozenset(
    ["ANG", "BGN", "BYR", "CUC", "EEK", "HRK", "LTL", "LVL", "MRO", "SLL", "STD", "VEF", "ZMK", "ZWL"]
)
# ISO 4217 has codes that are no currency: "no currency" and one for tests. An amount in them is of an unknown one.
_NO_CURRENCIES = frozenset(["XXX", "XTS"])
# Codes in wide use that ISO 3166 doesn't have: it reserves the first two for just these countries, and XI is Northern
# Ireland in VAT numbers and in the addresses of systems that keep them.
_RESERVED_CODES = {"UK": "GB", "EL": "GR", "XI": "GB"}


class ValueFault(ValueError):
    """A value that can't be worked with; says what was expected, never what was there.

    Attributes:
        code: of the reason: INVALID_VALUE, UNKNOWN_VALUE, or INVALID_FIELD if the value is clear and breaks a rule.
    """

    def __init__(self, problem: str, code: Code = Code.INVALID_VALUE) -> None:
        super().__init__(problem)
        self.code = code


@dataclass(frozen=True, eq=False, slots=True)
class ValueType:
    """One type of values.

    Attributes:
        name: in contract.yaml.
        words: what a value is, for messages.
        takes: what may become a value of this type.
        read: reads a value; of `lines`, whose elements have fields of their own, the model does that.
        json_schema: of a value, for those who ask what a field takes.
        json_types: what an API's own document may call the values that are sent.
        sent_as: the same for people.
    """

    name: str
    words: str
    takes: frozenset[Kind]
    read: Read
    json_schema: Mapping[str, Any]
    json_types: frozenset[str] = frozenset(["string"])
    sent_as: str = "string"


def plain(value: Decimal) -> str:
    """Write a Decimal without exponent and without trailing zeros: 12.50 -> "12.5", 1E+3 -> "1000", -0 -> "0"."""
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_id(value: Any) -> str:
    """Take text, and whole numbers as text."""
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, int) and not isinstance(value, bool):
        text = plain(Decimal(value))
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    else:
        raise ValueFault("must be text or a whole number", Code.INVALID_FIELD)
    if text in _NO_IDS:
        raise ValueFault("must not be empty, nor a dot or two, which no address can hold", Code.INVALID_FIELD)
    return text


def read_text(value: Any) -> str:
    """Take text as it is, and numbers as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = _exactly(value)
        if number.is_finite():
            return plain(number)
    raise ValueFault("must be text", Code.INVALID_FIELD)


def read_decimal(value: Any) -> Decimal | None:
    """Take numbers, and numbers written as text; a float by its shortest form, so that 0.1 is 0.1."""
    kind = value.__class__
    # The usual cases are told first, without another call: most numbers of a record pass here several times.
    if kind is Decimal:
        usual = value.is_finite() and -_SENSIBLE <= value.adjusted() <= _SENSIBLE
        return value if usual else _sensible(value)
    if kind is float or kind is int:
        return _number(value)
    if value is None or value == "":
        return None
    if kind is bool or not isinstance(value, (int, float, str, Decimal)):
        raise ValueFault("is not a number")
    return _number(value)


@lru_cache(maxsize=1 << 12)  # amounts repeat: prices, quantities, zero
def _number(value: float | str) -> Decimal:
    try:
        return _sensible(_exactly(value))
    except InvalidOperation:
        raise ValueFault("is not a number") from None


def _exactly(value: float | str | Decimal) -> Decimal:
    """Return a number with just its digits, however many: a float's are those of its shortest form."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    text = value.strip()
    if "_" in text:  # Python's own way to group digits; nobody else's
        raise InvalidOperation
    return Decimal(text)


def _sensible(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueFault("is not a finite number")
    if number and not -_SENSIBLE <= number.adjusted() <= _SENSIBLE:
        raise ValueFault("is out of any sensible range")
    return number


def read_integer(value: Any) -> int | None:
    """Take whole numbers in any form."""
    number = read_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise ValueFault("must be a whole number", Code.INVALID_FIELD)
    if abs(number) >= 2**63:
        raise ValueFault("is out of any sensible range")
    return int(number)


_MIDNIGHT_THERE = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)? ?[+-](?!00:?(?:00)?$)\d\d(?::?\d\d)?")


def read_instant(value: Any) -> str | None:
    """Take epoch seconds and ISO 8601; give a date-time in UTC, or a date for a date; None for days that are none.

    A midnight with an offset is a date, too: in UTC it would be in another day, month and year.
    """
    if isinstance(value, str) and is_plain(value) and value >= FIRST_DAY:
        return value
    if is_none(value):
        return None
    try:
        instant = rewrite_instant(value)
    except NotAnInstant:
        raise ValueFault("is not a date or date-time (ISO 8601 or epoch seconds)") from None
    if isinstance(value, str) and value[-1:] != "Z" and (day := _MIDNIGHT_THERE.fullmatch(value.strip())):
        instant = day[1]
    return instant if instant >= FIRST_DAY else None  # a number, or another form


def read_country(value: Any) -> str | None:
    """Find a country by alpha-2, alpha-3, numeric code or name; None when it can't be told: never a guess."""
    return None if value is None else _country(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=2048)
def _country(written: str) -> str | None:
    if not (text := written.strip()):
        return None
    code = text.replace(".", "").upper()
    if code in _RESERVED_CODES:
        return _RESERVED_CODES[code]
    if len(code) == 2 and (found := pycountry.countries.get(alpha_2=code)):
        return str(found.alpha_2)
    if text.isdigit() and (found := pycountry.countries.get(numeric=text.zfill(3))):
        return str(found.alpha_2)
    try:
        return str(pycountry.countries.lookup(code if len(code) == 3 else text).alpha_2)
    except LookupError:
        return find_by_name(text)


def read_currency(value: Any) -> str | None:
    """Take ISO 4217, in any case."""
    if not isinstance(value, str):
        raise ValueFault("is not a currency code")
    code = _currency(value)
    if code is None:
        if not value:
            return None
        raise ValueFault("must be an ISO 4217 currency code such as EUR", Code.INVALID_FIELD)
    return code


@lru_cache(maxsize=512)
def _currency(text: str) -> str | None:
    code = text.strip().upper()
    known = code in _WITHDRAWN or (len(code) == 3 and pycountry.currencies.get(alpha_3=code))
    return code if known and code not in _NO_CURRENCIES else None


def read_lines(value: Any) -> list[Any]:
    """Take a list."""
    if not isinstance(value, list):
        raise ValueFault("must be a list", Code.INVALID_FIELD)
    return value


_TEXT: Mapping[str, Any] = {"type": "string"}

ID = ValueType("id", "an id", frozenset(["text", "number"]), read_id, _TEXT)
TEXT = ValueType("text", "text", frozenset(["text", "number", "instant", "country", "currency"]), read_text, _TEXT)
DECIMAL = ValueType(
    "decimal",
    "a number",
    frozenset(["number", "text"]),
    read_decimal,
    {"type": "number"},
    frozenset(["number"]),
    "number",
)
INTEGER = ValueType(
    "integer",
    "a whole number",
    frozenset(["number", "text"]),
    read_integer,
    {"type": "integer"},
    frozenset(["integer", "number"]),
    "integer",
)
COUNTRY = ValueType(
    "country",
    "a country",
    frozenset(["country", "text"]),
    read_country,
    {**_TEXT, "description": "Country: ISO 3166-1 code of two letters, or its name."},
)
CURRENCY = ValueType(
    "currency",
    "a currency",
    frozenset(["currency", "text"]),
    read_currency,
    {**_TEXT, "description": "Currency: ISO 4217 code."},
)
INSTANT = ValueType(
    "instant",
    "a date or date-time",
    # A number may be one: epoch seconds.
    frozenset(["instant", "text", "number"]),
    read_instant,
    {
        **_TEXT,
        "format": "date-time",
        "airbyte_type": "timestamp_with_timezone",
        "description": "Date-time with its offset; a mere date is accepted too.",
    },
    sent_as="string (date or date-time)",
)
LINES = ValueType(
    "lines",
    "a list",
    frozenset(["list"]),
    read_lines,
    {"type": "array"},
    frozenset(["array"]),
    "array",
)

VALUE_TYPES: Mapping[str, ValueType] = {
    one.name: one for one in (ID, TEXT, DECIMAL, INTEGER, COUNTRY, CURRENCY, INSTANT, LINES)
}
"""All types by the names that contract.yaml has for them."""
