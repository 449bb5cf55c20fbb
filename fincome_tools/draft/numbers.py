"""How a column writes its numbers: which sign is the decimal one, told by all of its values together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language import numbers as language

Mark = Literal[",", "."]
MARKS: tuple[Mark, ...] = (",", ".")


@dataclass(frozen=True)
class Numbers:
    """How a column's values can be read as numbers.

    Attributes:
        marks: the decimal signs that fit all values; two, if the values don't tell.
        proved: a value has shown the sign: it fits no other.
        whole: no value has a sign at all.
    """

    marks: tuple[Mark, ...]
    proved: bool
    whole: bool


def numbers_of(values: Iterable[Any]) -> Numbers | None:
    """Tell how values are written; None if they aren't all numbers in one way, or there are none."""
    possible, whole, seen, written = set(MARKS), True, False, False
    for value in values:
        seen = True
        if not isinstance(value, str):
            if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
                return None
            whole = whole and value == int(value)
            continue
        written = True
        whole = whole and "," not in value and "." not in value
        possible = {mark for mark in possible if _fits(value, mark)}
        if not possible:
            return None
    if seen and not written:
        return Numbers((".",), proved=False, whole=whole)  # Typed numbers have no sign that could be misread.
    marks = tuple(mark for mark in MARKS if mark in possible)
    return Numbers(marks, len(marks) == 1, whole) if seen else None


def _fits(text: str, mark: Mark) -> bool:
    """Tell whether a text is a number by a decimal sign; no group begins with a zero."""
    signs = re.sub(r"[^0-9.,]", "", text)
    if signs.startswith("0") and language.OTHER[mark] in signs:
        return False
    return any(sign.isdigit() for sign in signs) and number(text, mark) is not None


def number(value: Any, mark: Mark) -> Decimal | None:
    """Read one number; None if it is none by this sign."""
    try:
        return language.number(value, mark)
    except ValueFault:
        return None
