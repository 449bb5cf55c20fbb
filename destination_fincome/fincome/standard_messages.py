"""The messages that FastAPI's kind of services give by themselves: those of pydantic 2, and of pydantic 1 before it.

https://docs.pydantic.dev/latest/errors/validation_errors/ has the types; `{…}` stands for what a message is about.
"""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, ...]] = {
    "bool_parsing": ("Input should be a valid boolean, unable to interpret input",),
    "bool_type": ("Input should be a valid boolean",),
    "date_from_datetime_inexact": ("Datetimes provided to dates should have zero time - e.g. be exact dates",),
    "date_from_datetime_parsing": ("Input should be a valid date or datetime, {error}",),
    "date_future": ("Date should be in the future",),
    "date_parsing": ("Input should be a valid date in the format YYYY-MM-DD, {error}",),
    "date_past": ("Date should be in the past",),
    "date_type": ("Input should be a valid date",),
    "datetime_from_date_parsing": ("Input should be a valid datetime or date, {error}",),
    "datetime_future": ("Input should be in the future",),
    "datetime_parsing": ("Input should be a valid datetime, {error}",),
    "datetime_past": ("Input should be in the past",),
    "datetime_type": ("Input should be a valid datetime",),
    "decimal_max_digits": ("Decimal input should have no more than {max_digits} digit{plural} in total",),
    "decimal_max_places": ("Decimal input should have no more than {decimal_places} decimal place{plural}",),
    "decimal_parsing": ("Input should be a valid decimal",),
    "decimal_type": ("Decimal input should be an integer, float, string or Decimal object",),
    "decimal_whole_digits": (
        "Decimal input should have no more than {whole_digits} digit{plural} before the decimal point",
    ),
    "dict_type": ("Input should be a valid dictionary", "Input should be an object"),
    "enum": ("Input should be {expected}",),
    "extra_forbidden": ("Extra inputs are not permitted",),
    "finite_number": ("Input should be a finite number",),
    "float_parsing": ("Input should be a valid number, unable to parse string as a number",),
    "float_type": ("Input should be a valid number",),
    "greater_than": ("Input should be greater than {gt}",),
    "greater_than_equal": ("Input should be greater than or equal to {ge}",),
    "int_from_float": ("Input should be a valid integer, got a number with a fractional part",),
    "int_parsing": ("Input should be a valid integer, unable to parse string as an integer",),
    "int_parsing_size": ("Unable to parse input string as an integer, exceeded maximum size",),
    "int_type": ("Input should be a valid integer",),
    "json_invalid": ("Invalid JSON: {error}", "JSON decode error"),
    "less_than": ("Input should be less than {lt}",),
    "less_than_equal": ("Input should be less than or equal to {le}",),
    "list_type": ("Input should be a valid list", "Input should be a valid array"),
    "literal_error": ("Input should be {expected}",),
    "missing": ("Field required",),
    "model_attributes_type": (
        "Input should be a valid dictionary or object to extract fields from",
        "Input should be an object",
    ),
    "model_type": ("Input should be a valid dictionary or instance of {class_name}", "Input should be an object"),
    "multiple_of": ("Input should be a multiple of {multiple_of}",),
    "none_required": ("Input should be None", "Input should be null"),
    "string_pattern_mismatch": ("String should match pattern '{pattern}'",),
    "string_too_long": ("String should have at most {max_length} character{plural}",),
    "string_too_short": ("String should have at least {min_length} character{plural}",),
    "string_type": ("Input should be a valid string",),
    "string_unicode": ("Input should be a valid string, unable to parse raw data as a unicode string",),
    "timezone_aware": ("Input should have timezone info",),
    "timezone_naive": ("Input should not have timezone info",),
    "too_long": (
        "{kind} should have at most {max_length} item{plural} after validation, not {actual_length}",
        "{kind} should have at most {max_length} item{plural} after validation, not more",
    ),
    "too_short": ("{kind} should have at least {min_length} item{plural} after validation, not {actual_length}",),
    "url_parsing": ("Input should be a valid URL, {error}",),
    "uuid_parsing": ("Input should be a valid UUID, {error}",),
    "value_error": ("Value error, {error}", "value is not a valid email address: {error}"),
    "assertion_error": ("Assertion failed, {error}",),
    # pydantic 1
    "type_error.bool": ("value could not be parsed to a boolean",),
    "type_error.decimal": ("value is not a valid decimal",),
    "type_error.dict": ("value is not a valid dict",),
    "type_error.enum": ("value is not a valid enumeration member; permitted: {expected}",),
    "type_error.float": ("value is not a valid float",),
    "type_error.integer": ("value is not a valid integer",),
    "type_error.list": ("value is not a valid list",),
    "type_error.none.not_allowed": ("none is not an allowed value",),
    "type_error.str": ("str type expected",),
    "value_error.any_str.max_length": ("ensure this value has at most {max_length} characters",),
    "value_error.any_str.min_length": ("ensure this value has at least {min_length} characters",),
    "value_error.const": ("unexpected value; permitted: {expected}",),
    "value_error.date": ("invalid date format",),
    "value_error.datetime": ("invalid datetime format",),
    "value_error.email": ("value is not a valid email address",),
    "value_error.extra": ("extra fields not permitted",),
    "value_error.missing": ("field required",),
    "value_error.number.not_ge": ("ensure this value is greater than or equal to {ge}",),
    "value_error.number.not_gt": ("ensure this value is greater than {gt}",),
    "value_error.number.not_le": ("ensure this value is less than or equal to {le}",),
    "value_error.number.not_lt": ("ensure this value is less than {lt}",),
}

_LIMIT = r"-?\d[\d.eE+-]{0,30}"
_QUOTED = r"'[^']{0,60}'"
# What in a message is the API's own: limits, and values that are allowed. All else may be part of a value.
HOLES: Mapping[str, str] = {
    **dict.fromkeys(["gt", "ge", "lt", "le", "multiple_of", "max_length", "min_length", "max_digits"], _LIMIT),
    **dict.fromkeys(["decimal_places", "whole_digits"], _LIMIT),
    "expected": rf"{_QUOTED}(?:(?:, | or ){_QUOTED}){{0,40}}",
    "plural": "s?",
    "kind": r"\w{1,30}",
    "pattern": r"\S{0,100}",
}

# What FastAPI, Starlette and services built with them say besides, or might.
SENTENCES = """
not found, method not allowed, not authenticated, invalid authentication credentials, could not validate credentials,
not enough permissions, there was an error parsing the body, internal server error, request entity too large,
already exists, already in use, already taken, is already used by another, must be unique, duplicate, conflict,
does not exist, doesn't exist, do not exist, could not be found, cannot be found, no such, unknown, missing,
required, is required, must not be empty, must be positive, must be negative, must be zero, must be a number, must be
text, must be one of, must be before, must be after, must be later than, must be earlier than, must be greater than,
must be at least, must be at most, must be present, must be absent, may not be, may be, can not be, can't be, cannot be
changed, updated, created, deleted, used, set, read only, too long, too short, too large, too small, too many, invalid,
is not a valid, not supported, unsupported, unexpected, expected, allowed, forbidden, denied, refused, rejected,
bad request, wrong, failed, error, format, value, values, field, object, the, this, that, a, an, of, for, to, in, with,
without, by, on, at, from, and, or, because, when, it, its, has, have, been, was, were, is, are, locked, closed, paid,
quota exceeded, limit exceeded, nothing was saved, import running, retry later, try again later, email address,
phone, date, time, period, start, end, amount, total, tax, code, line, lines, id, ids, identifier, identifiers, key,
reference, references, referenced, related, parent, child, integrity, foreign, constraint, violation, violates
"""
