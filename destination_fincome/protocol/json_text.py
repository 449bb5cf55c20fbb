"""JSON as its own bytes: where the members of an object lie in its text, and numbers with all of their digits.

Reading JSON and writing it again changes it: orjson makes a float of each number that isn't whole and of whole ones
beyond 64 bits. What must come out as it came in is cut out of its text instead.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

# Strings as a whole, so that nothing in them counts; a quote alone begins a string that never ends.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{}:,"]', re.DOTALL)

# Digits and points become 0, all else becomes a blank.
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789." else ord(" ") for byte in range(256))
# A float keeps 15 digits, and 64 bits keep 18: no number of up to 16 letters is changed by reading it.
_LONG = b"0" * 17
# Where a value may begin; in a string the letters before are others, most often its quote.
_LONG_NUMBER = re.compile(rb"[:,\[\s]-?[\d.]{17}")
# Python makes no int of more digits than 4,300.
_LONGEST_INTEGER = 4000
# orjson reads nothing that is nested deeper; how deep Python's own reader goes depends on its version.
DEEPEST_TEXT = 1024


class Members(NamedTuple):
    """The members of an object: the text of each value, by name; and where the object ends."""

    texts: dict[str, bytes]
    end: int


def members(text: bytes, start: int = 0) -> Members:
    """Cut an object into its members; of a name that comes twice the last one counts, as for every JSON reader.

    Whether the values are JSON isn't looked at, but for brackets and quotes.

    Raises:
        ValueError: there is no object at this place, or it doesn't end.
    """
    found: dict[str, bytes] = {}
    depth = begin = 0  # the member's value begins there; 0 as long as it is its name's turn
    key, name = b"", ""
    for token in _TOKENS.finditer(text, start):
        what = token[0]
        if what == b'"' or (depth == 0 and (what != b"{" or text[start : token.start()].strip())):
            break
        if what in (b"{", b"["):
            depth += 1
        elif depth > 1:
            depth -= what in (b"}", b"]")
        elif what == b":" and not begin:
            name, begin = orjson.loads(key), token.end()
        elif what in (b",", b"}"):
            if begin:
                found[name] = text[begin : token.start()].strip()
                begin = 0
            if what == b"}":
                return Members(found, token.end())
        elif not begin:
            key = what
    raise ValueError("no whole object")


def whole_members(text: bytes) -> dict[str, bytes]:
    """Cut the object that a text is into its members.

    Raises:
        ValueError: the text is not one whole object.
    """
    found = members(text)
    if text[found.end :].strip():
        raise ValueError("something follows the object")
    return found.texts


def has_long_number(text: bytes) -> bool:
    """Tell whether a text may have a number that reading it as a float or as 64 bits would change; quickly."""
    # `find` takes half of the time of `in`.
    return text.translate(_DIGITS).find(_LONG) >= 0 and _LONG_NUMBER.search(text) is not None


def read_exactly(text: bytes) -> Any:
    """Read JSON with all digits of its numbers: what no float holds, and no int can be read of, is a Decimal.

    Raises:
        ValueError: the text isn't JSON (NaN and Infinity are none), or isn't UTF-8.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text.decode(), parse_float=_number, parse_int=_integer, parse_constant=_no_number)


def is_deeper(value: Any, levels: int) -> bool:
    """Tell whether a value is nested deeper than so many levels."""
    layer = [value]
    while layer and levels >= 0:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        levels -= 1
    return bool(layer)


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else Decimal(digits)


def _number(digits: str) -> float | Decimal:
    number = float(digits)
    exact = Decimal(digits)
    return number if Decimal(repr(number)) == exact else exact


def _no_number(name: str) -> Any:
    raise NoNumber(name)


class NoNumber(ValueError):
    """NaN or an infinity, which JSON doesn't have and some sources write."""
