"""How a column writes its numbers: which sign is the decimal one, told by all of its values together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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
    for value in _of_each_form(values):
        if isinstance(value, str) and language.is_nil(value):
            continue  # zero, whatever the decimal sign; alone it may be anything that there is none of
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


_FORMS = str.maketrans("123456789", "9" * 9)


def _of_each_form(values: Iterable[Any]) -> Iterator[Any]:
    """Yield values, of texts that differ in digits only the first one: whether it is a number goes for the others."""
    seen: set[str] = set()
    for value in values:
        if isinstance(value, str):
            form = value.translate(_FORMS)
            if form in seen:
                continue
            seen.add(form)
        yield value


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


class _Signs(dict[int, str | None]):
    """The signs of a number that say something, for `str.translate`; all others go."""

    def __missing__(self, sign: int) -> None:
        self[sign] = None


_NINES = str.maketrans("012345678", "9" * 9)


def reader(mark: Mark) -> Callable[[str], Decimal | None]:
    """Return what reads texts as `number` does, and quickly those whose form it knows: only their digits differ."""
    signs = _Signs({ord(sign): sign for sign in "-0123456789"} | {ord(mark): "."})
    plain: dict[str, bool] = {}

    def read(text: str) -> Decimal | None:
        form = text.translate(_NINES)
        is_plain = plain.get(form)
        if is_plain is None:
            is_plain = plain[form] = _says_the_same(form, form.translate(signs), mark)
        return Decimal(text.translate(signs)) if is_plain else number(text, mark)

    return read


def _says_the_same(form: str, signs: str, mark: Mark) -> bool:
    """Tell whether the signs alone say what a text is."""
    whole = number(form, mark)
    try:
        return whole is not None and whole == Decimal(signs)
    except InvalidOperation:
        return False
