"""Periods within texts: `Pro du 01/01/2025 au 31/01/2025`, `12 mois à compter du 01/01/2025`, `Abo janvier 2025`, `Q1`.

Each becomes columns of its own, whose names are the expressions that read them: what the draft looks at is what the
mapping will read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import bound
from destination_fincome.mapping.language.written_dates import month_of
from destination_fincome.mapping.language.written_periods import PARTS_BY_LETTER
from fincome_tools.draft.columns.dates import dates_of
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions import decisions
from fincome_tools.draft.texts.durations import expressions, lasting

_NUMBERS = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_NAMED = r"\d{1,2}\.? [^\W\d_]{3,}\.? \d{4}|[^\W\d_]{3,}\.? \d{1,2},? \d{4}"
_RANGE = re.compile(rf"({_NUMBERS}|{_NAMED})(\D{{1,14}}?)({_NUMBERS}|{_NAMED})")
_SHORT = re.compile(r"\d[./-]\d{2}\b.{1,14}?[./-]\d{2}\b")  # Of ranges whose years have two digits.
_YEARLESS = re.compile(
    rf"(\d{{1,2}}\.? [^\W\d_]{{3,}}\.?|\b[^\W\d_]{{3,}}\.? \d{{1,2}})( ?[-\u2013\u2014] ?| [^\W\d_]{{1,3}} )({_NAMED})"
)
_MONTH = re.compile(r"(?:.* )?(?:(?:0?[1-9]|1[0-2])[/-]20\d\d|20\d\d-(?:0[1-9]|1[0-2]))")
_NAMED_MONTH = re.compile(r"(?:.* )?([^\W\d_]{3,}\.?) 20\d\d")
_QUARTER = re.compile(r"([QTSH][1-4])([ /-])(20\d\d)|(20\d\d)([ /-])([QTSH][1-4])")
_MARKS_OF_MONTHS = ("/20", "-20", " 20", "20", "/", "-")
_FEWEST = 3
_LEAST_SHARE = 0.05
LONGEST = 300


Reader = Callable[[Any], Any]
"""Returns a part of a cell, None if it has none."""


@dataclass(frozen=True)
class Span:
    """A period in a column's text.

    Attributes:
        columns: start and end; or the month alone, or the first day.
        is_whole: each row that has a text has a period, and nothing else in it.
        months: the expression of how many months it lasts, of periods told by their first day.
        unread: the texts that say a time, and tell no period that is read.
        are_ends_last: ends are the last days of periods, for sure.
        has_business_years: a text names a business year, which is read as the calendar year.
        read: what reads the columns, each as the mapping will.
    """

    source: str
    columns: tuple[Part, ...]
    is_whole: bool
    months: str | None = None
    unread: frozenset[str] = frozenset()
    are_ends_last: bool = False
    has_business_years: bool = False
    read: tuple[Reader, ...] = field(default=(), compare=False)

    def readers(self) -> dict[Part, Reader]:
        """Return what reads each of the columns."""
        return dict(zip(self.columns, self.read or map(reader_of, self.columns), strict=True))


Found = tuple[Span, Mapping[Part, Profile]]
"""Periods in a column's texts, with what their parts hold."""


def span_in(name: str, profile: Profile, texts: list[str]) -> Found | None:
    """Return the periods that a column's texts tell in one way; None if they tell none so."""
    if not texts or max(map(len, texts)) > LONGEST or not any("20" in one or _SHORT.search(one) for one in texts):
        return None
    for reading in (_range, _yearless, _duration, _month, _quarter):
        if span := reading(name, texts):
            parts = {part: profile_of_part(profile, part) for part in span.columns}
            if all(one.dates for one in parts.values()):
                return span, parts
    return None


def with_parts(table: KeptTable, parts: list[Part], known: Mapping[Part, Reader] | None = None) -> KeptTable:
    """Return a table with the parts as further columns, read by what is known to read them as the mapping will."""
    readers = {part: reader_of(part) for part in parts} | dict(known or {})
    more: dict[str, list[Any]] = {part: list(map(read, table.kept[part.source])) for part, read in readers.items()}
    return replace(table, columns=(*table.columns, *more), kept={**table.kept, **more})


def profile_of_part(source: Profile, part: Part, reader: Reader | None = None) -> Profile:
    """Return what a part of a column holds, by what reads it."""
    reader, values = reader or reader_of(part), Counter[Any]()
    for value, count in source.values.items():
        if (found := reader(value)) is not None:
            values[found] += count
    return Profile(part, source.rows, values, sum(values.values()), source.is_whole)


def reader_of(part: Part) -> Callable[[Any], Any]:
    """Return what reads a part of a cell, as the mapping will; None where it fails."""
    evaluate = Expressions(bound({}, frozenset())).compile(part)

    @lru_cache(maxsize=1 << 17)
    def read(value: Any) -> Any:
        try:
            return evaluate({part.source: value})
        except ValueFault:
            return None

    return lambda value: read(value) if isinstance(value, str) else None


def _enough(found: int, texts: list[str]) -> bool:
    return found >= min(_FEWEST, len(texts)) and found >= _LEAST_SHARE * len(texts)


# --- two dates


def _range(name: str, texts: list[str]) -> Span | None:
    found = [(text, match) for text in texts if (match := _RANGE.search(text))]
    if not _enough(len(found), texts):
        return None
    sides = _sides(name, found)
    if sides is None:
        return None
    before, after = sides
    words = 1 if re.fullmatch(_NUMBERS, found[0][1][1]) else 3
    start, end = before, after
    if any(text[: match.start()].strip() for text, match in found):
        start = _words(before, range(-words, 0))
    if any(text[match.end() :].strip() for text, match in found):
        end = _words(after, range(words))
    if len(found) < len(texts):
        end = f"when({start}, {end})"
    parts = (Part(start, name), Part(end, name))
    has = {text: (match[1], match[3]) for text, match in found}
    reads = [reader_of(part) for part in parts]
    if any(tuple(read(text) for read in reads) != has.get(text, (None, None)) for text in texts):
        return None
    return Span(name, parts, _are_whole(found, texts))


def _are_whole(found: list[tuple[str, re.Match[str]]], texts: list[str]) -> bool:
    """Tell whether each text is a range, and nothing else."""
    return len(found) == len(texts) and all(match.span() == (0, len(text)) for text, match in found)


def _sides(name: str, found: list[tuple[str, re.Match[str]]]) -> tuple[str, str] | None:
    """Return what stands before and after the separator of ranges; None if they have several."""
    between = Counter(match[2] for _, match in found)
    if len(between) != 1:
        return None
    (separator,) = between
    column = quoted(name)
    before, after = (f"split({column}, {decisions.text(separator)})[{place}]" for place in (-2, -1))
    for sign in "([":
        if any(sign in text[: match.start()] for text, match in found):
            before = f"replace({before}, {decisions.text(sign)}, ' ')"
    for sign in ")].;":
        if any(text[match.end() : match.end() + 1] == sign for text, match in found):
            after = f"replace({after}, {decisions.text(sign)}, ' ')"
    return before, after


def _yearless(name: str, texts: list[str]) -> Span | None:
    """Read ranges such as `Dec 15 - Jan 14, 2026`, whose first day is the last such day before the second one."""
    found = [(text, match) for text in texts if (match := _YEARLESS.search(text))]
    if not found or not _enough(len(found), texts) or (sides := _sides(name, found)) is None:
        return None
    before, after = sides
    first = f"concat(' ', {_words(before, range(-2, 0))}, split({after}, ' ')[2])"
    last = _words(after, range(3))
    dated = [dates_of(Counter(values)) for values in _written(found)]
    if any(one is None or len(one.formats) != 1 for one in dated):
        return None
    forms = [one.formats[0] for one in dated if one]
    begins, ends = (
        f"parse_time({one}, {decisions.text(form)})" for one, form in zip((first, last), forms, strict=True)
    )
    start = f"when(before({ends}, {begins}), add_months({begins}, `-12`), {begins})"
    column = quoted(name)
    condition = _told_apart(column, [text for text, _ in found], texts)
    if condition is None:
        return None
    if condition:
        start, ends = (f"when({condition}, {one})" for one in (start, ends))
    parts = (Part(start, name), Part(ends, name))
    is_read = [
        all((read(text) is not None) == (text in dict(found)) for text in texts) for read in map(reader_of, parts)
    ]
    return Span(name, parts, _are_whole(found, texts)) if all(is_read) else None


def _written(found: list[tuple[str, re.Match[str]]]) -> tuple[list[str], list[str]]:
    """Return the first days with the years of the second ones, and the second ones."""
    return [f"{match[1]} {match[3].split()[2]}" for _, match in found], [match[3] for _, match in found]


def _words(text: str, places: range) -> str:
    if len(places) == 1:
        return f"split({text}, ' ')[{places[0]}]"
    listed = ", ".join(f"split({text}, ' ')[{place}]" for place in places)
    return f"concat(' ', {listed})"


# --- a day and a duration


def _duration(name: str, texts: list[str]) -> Span | None:
    """Read texts such as `12 mois à compter du 01/01/2025`, each by the words that it is written with."""
    found = {text: one for text in texts if (one := lasting(text))}
    if not _enough(len(found), texts) or (read := expressions(name, texts, found)) is None:
        return None
    start, months = read
    readers = [reader_of(Part(one, name)) for one in read]
    has = {text: (one.day, one.months) for text, one in found.items()}
    if any(tuple(reader(text) for reader in readers) != has.get(text, (None, None)) for text in texts):
        return None
    return Span(name, (Part(start, name),), is_whole=False, months=months)


# --- months and quarters


def _month(name: str, texts: list[str]) -> Span | None:
    column = quoted(name)
    plain = [text for text in texts if _MONTH.fullmatch(text)]
    named = [text for text in texts if (match := _NAMED_MONTH.fullmatch(text)) and month_of(match[1])]
    found, expression = (
        (plain, _words(column, range(-1, 0))) if len(plain) >= len(named) else (named, _words(column, range(-2, 0)))
    )
    if not _enough(len(found), texts) or (condition := _told_apart(column, found, texts)) is None:
        return None
    whole = f"when({condition}, {expression})" if condition else expression
    return Span(name, (Part(whole, name),), is_whole=False)


def _told_apart(column: str, some: list[str], texts: list[str]) -> str | None:
    """Return the condition that holds for some texts and no others; an empty one, if these are all."""
    if len(some) == len(texts):
        return ""
    chosen = set(some)
    for mark in _MARKS_OF_MONTHS:
        if all((mark in text) == (text in chosen) for text in texts):
            return f"{column} && contains({column}, {decisions.text(mark)})"
    return None


def _quarter(name: str, texts: list[str]) -> Span | None:
    matches = [_QUARTER.search(text) for text in texts]
    found = [(text, match) for text, match in zip(texts, matches, strict=True) if match]
    if len(found) < len(texts) or any(not text.endswith(match[0]) for text, match in found):
        return None
    separators = {match[2] or match[5] for _, match in found}
    is_first, letters = {bool(match[1]) for _, match in found}, {(match[1] or match[6])[0] for _, match in found}
    if len(separators) != 1 or len(is_first) != 1 or len(letters) != 1:
        return None
    (separator,), (letter,), column = separators, letters, quoted(name)
    last = column if all(match[0] == text for text, match in found) else f"split({column}, ' ')[-1]"
    if last != column and separator == " ":
        last = column
    places = (-2, -1) if is_first.pop() else (-1, -2)
    part, year = (f"split({last}, {decisions.text(separator)})[{place}]" for place in places)
    parts = PARTS_BY_LETTER[letter.lower()]
    length = 12 // parts
    table = json.dumps({f"{letter}{number + 1}": f"{number * length + 1:02}" for number in range(parts)})
    start = f"concat('-', {year}, lookup({part}, `{table}`), '01')"
    columns = (Part(start, name), Part(f"add_months({start}, `{length}`)", name))
    return Span(name, columns, is_whole=all(match[0] == text for text, match in found))
