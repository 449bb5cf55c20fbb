"""JSON in and out without loss: a number keeps its digits, because an amount is money and never a float."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | None"
JsonObject: TypeAlias = dict[str, Json]


class NotJsonError(ValueError):
    """The text isn't JSON (NaN and Infinity aren't either)."""


def parse(text: bytes | str) -> Json:
    """Read UTF-8 JSON; a number with a fraction or an exponent becomes a Decimal with exactly its digits.

    Raises:
        NotJsonError: if it isn't JSON. The message doesn't quote it.
    """
    try:
        # Decoded here, because json.loads would also take UTF-16 and UTF-32 for JSON.
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        parsed: Json = _DECODER.decode(decoded)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise NotJsonError("Not JSON") from error
    return parsed


def write(value: object) -> str:
    """Write JSON text, in ASCII. Decimals are written with their own digits.

    Raises:
        TypeError: for a value that isn't one of JSON's.
    """
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{write(key)}: {write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(write(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same: 12.5 and 12.50 do; true and 1, equal in Python, don't."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _refuse_constant(_: str) -> None:
    raise NotJsonError("NaN and Infinity are no JSON")


# Made once: json.loads would make one for each text.
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)
