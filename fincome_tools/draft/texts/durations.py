"""Periods that texts tell by a day and how long they last: `12 mois à compter du 01/01/2025`, `ab 1.1.2025, 1 Jahr`.

The expressions of both are in the mapping language. What stands between the number and the day parts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from destination_fincome.mapping.language.written_periods import MONTHS_OF
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.decisions import decisions

_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
# `10 Mo` may be megabytes: only a draft takes it for months, because people look at what it takes.
_UNITS: Mapping[str, int] = {**MONTHS_OF, "mo": 1}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
# The number's unit, then the day that it counts from: no other number and no other day is between them.
_BEFORE = re.compile(rf"(?<![\d.,/])(\d{{1,3}})([ -]({_UNIT})\b\D{{1,40}}?)({_DAY})(?![\d/])", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\d/])({_DAY})(\D{{1,40}}?)(\d{{1,3}})[ -]({_UNIT})\b", re.IGNORECASE)
_MARKS_OF_DAYS = "./-"
_MOST_WAYS = 8
_AROUND = "()[],;"


class Lasting(NamedTuple):
    """What texts say: the way in which one writes it, its first day, and the number and the months of its unit."""

    between: str
    day: str
    number: int
    unit: str
    is_day_last: bool

    @property
    def months(self) -> int:
        """How many months it lasts."""
        return self.number * _UNITS[self.unit.casefold()]


def lasting(text: str) -> Lasting | None:
    """Return the day and the duration that a text has, if it has one only."""
    if not any(mark in text for mark in _MARKS_OF_DAYS):
        return None
    before, after = list(_BEFORE.finditer(text)), list(_AFTER.finditer(text))
    if len(before) == 1:
        found = before[0]
        return Lasting(found[2], found[4], int(found[1]), found[3], is_day_last=True)
    if len(after) == 1 and not before:
        found = after[0]
        return Lasting(found[2], found[1], int(found[3]), found[4], is_day_last=False)
    return None


def expressions(column: str, texts: Sequence[str], found: Mapping[str, Lasting]) -> tuple[str, str] | None:
    """Return the expressions of the first day and of the months; None where no few words part them in all texts.

    Args:
        column: that has the texts.
        texts: all of its texts.
        found: those that tell a duration.
    """
    # What has the words of another in its own comes first: `trimestres` before `mes`.
    ways = sorted(set(map(_way, found.values())), key=lambda way: (-len(way[0]), -len(way[2]), way))
    if not 0 < len(ways) <= _MOST_WAYS:
        return None
    is_all = len(ways) == 1 and len(found) == len(texts)
    start, months = "", ""
    for way in reversed(ways):
        day, count = _read(_plain(quoted(column), found), way)
        if is_all:
            return day, count
        mark, _, unit, is_day_last = way
        condition = f"contains({quoted(column)}, {decisions.text(mark)})"
        if not is_day_last:
            condition += f" && contains(lower({quoted(column)}), {decisions.text(unit)})"
        start = f"when({condition}, {day}{_or(start)})"
        months = f"when({condition}, {count}{_or(months)})"
    return f"when({quoted(column)}, {start})", f"when({quoted(column)}, {months})"


_Way = tuple[str, int, str, bool]
"""What stands between the number and the day, the months of the unit, the unit, and whether the day comes last."""


def _way(one: Lasting) -> _Way:
    unit = one.unit.casefold()
    return one.between, _UNITS[unit], "" if one.is_day_last else unit, one.is_day_last


def _plain(column: str, texts: Iterable[str]) -> str:
    """Return the expression of a text without the signs that may stand beside a day or a number."""
    found = column
    for sign in _AROUND:
        if any(sign in text for text in texts):
            found = f"replace({found}, {decisions.text(sign)}, ' ')"
    return found


def _read(column: str, way: _Way) -> tuple[str, str]:
    mark, unit, _, is_day_last = way
    between = decisions.text("".join(" " if char in _AROUND else char for char in mark))
    first, second = f"split(split({column}, {between})[-2], ' ')[-1]", f"split(split({column}, {between})[-1], ' ')[0]"
    day, count = (second, first) if is_day_last else (first, second)
    return day, f"number({count})" if unit == 1 else f"multiply(number({count}), `{unit}`)"


def _or(rest: str) -> str:
    return f", {rest}" if rest else ""
