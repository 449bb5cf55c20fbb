"""Numbers as exports write them: `1 234,56 €`, `(12.50)`, `12,50-`, `1'250.00 CHF`, `20 %`, and `- €` for zero.

The decimal sign is a column's, and is said, not guessed: `1.234` is two numbers.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any

from destination_fincome.fincome.value_types import CURRENCY, ValueFault, read_decimal

OTHER = {",": ".", ".": ","}
"""The decimal signs, each with the sign that then can only group."""

# Units beside amounts that are no code of a currency, nor a sign: crowns, złoty, forint, francs, lei, dollars.
_UNITS = frozenset(["%", "kr", "kč", "zł", "ft", "fr", "lei", "r$", "us$", "a$", "c$"])
# A debit is positive, a credit negative, in English and in German (Soll, Haben).
_SIDES = {"dr": 1, "cr": -1, "s": 1, "h": -1}
_TYPED = {
    **dict.fromkeys(map(ord, "\u2212\u2013\u2014\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2019\u02bc\u2032"), "'"),
}
_FIRST_WORD = re.compile(r"([^\d\s.,'()+\-]+\.?)\s*")
_LAST_WORD = re.compile(r"\s*([^\d\s.,'()+\-]+\.?)\Z")


def number(value: Any, *mark: Any) -> Decimal | None:
    """Read a number of an export by its decimal sign; without one, a text must be clear by itself."""
    if value is None or isinstance(value, (int, float, Decimal)):
        return read_decimal(value)
    if not isinstance(value, str):
        raise ValueFault("is not a number")
    return _read(value, known_mark(mark[0]) if mark else None)


def known_mark(mark: Any) -> str:
    """Return a decimal sign.

    Raises:
        ValueFault: it is none.
    """
    if mark not in (",", "."):
        raise ValueFault("is no decimal sign (which is ',' or '.')")
    return str(mark)


@lru_cache(maxsize=1 << 12)  # amounts repeat
def _read(text: str, mark: str | None) -> Decimal | None:
    plain = "".join(" " if char.isspace() else char for char in text).translate(_TYPED).strip()
    if not plain:
        return None
    digits, sign = _without_units(plain)
    if mark is None and "," in digits:
        raise ValueFault("has a comma: say the column's decimal sign, as in number(column, ',') or number(column, '.')")
    if not digits and is_nil(text):
        return Decimal(0)
    found = _ungrouped(digits, mark or ".")
    if found is None:
        raise ValueFault(f"is not a number whose decimal sign is {mark or '.'!r}")
    return read_decimal(sign * Decimal(found))


def is_nil(text: str) -> bool:
    """Tell whether a text is a dash where a number is meant, with its unit perhaps: zero in formats of accounting."""
    plain = text.translate(_TYPED)
    return (
        plain.count("-") == 1
        and not any(char.isdigit() or char in ".,()+" for char in plain)
        and (_without_units(" ".join(plain.split())) == ("", -1))
    )


def _without_units(text: str) -> tuple[str, int]:
    """Return a number without what stands around it, and its sign; an empty text if there are two signs."""
    sign, signs = 1, 0
    while True:
        before = text
        if text.endswith((",-", ".-")):
            text = text[:-2]  # `12,-` are twelve, without cents
        elif text[:1] in ("-", "+") or text[-1:] in ("-", "+"):
            minus = "-" in (text[:1], text[-1:])
            text = text[1:] if text[:1] in ("-", "+") else text[:-1]
            sign, signs = -1 if minus else 1, signs + 1
        elif text.startswith("(") and text.endswith(")"):
            text, sign, signs = text[1:-1], -1, signs + 1
        elif (word := _LAST_WORD.search(text)) and (side := _SIDES.get(word[1].lower().rstrip("."))):
            text, sign, signs = text[: word.start()], side, signs + 1
        elif (word or (word := _FIRST_WORD.match(text))) and _is_unit(word[1].rstrip(".")):
            text = text[: word.start()] + text[word.end() :]
        text = text.strip()
        if text == before:
            return ("" if signs > 1 else text), sign


def _is_unit(word: str) -> bool:
    if word.lower() in _UNITS or all(unicodedata.category(char) == "Sc" for char in word):
        return True
    try:
        return CURRENCY.read(word) is not None
    except ValueFault:
        return False


def _ungrouped(text: str, mark: str) -> str | None:
    """Return a number as programs write it, or None if its signs can't be those of its decimal sign."""
    whole, _, fraction = text.partition(mark)
    if not text.isascii() or not (whole or fraction) or (fraction and not fraction.isdigit()):
        return None
    if whole and not whole.isdigit() and not _is_grouped(whole, mark):
        return None
    return f"{re.sub('[^0-9]', '', whole) or 0}.{fraction or 0}"


def _is_grouped(whole: str, mark: str) -> bool:
    """Tell whether one sign parts the digits in threes, or as in India in twos with three at the end."""
    signs = set(re.sub("[0-9]", "", whole))
    if len(signs) != 1 or not signs <= {" ", "'", OTHER[mark]}:
        return False
    first, *middle, last = whole.split(signs.pop())
    widths = {len(part) for part in middle}
    if len(last) != 3 or len(widths) > 1 or not widths <= {2, 3}:
        return False
    return 1 <= len(first) <= (2 if widths == {2} else 3)
