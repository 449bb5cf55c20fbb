"""Periods that the texts of one column tell in several ways: `Q1/2025`, `Jan 2025`, `Jan–Mar 2025`, `12 months from …`.

What each way reads is turned into a first day and the day after the last one, so that all ways make the same two
columns. A text that no way reads has no period.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from destination_fincome.mapping.language.written_dates import month_of
from fincome_tools.draft.dates import dates_of, day, form_of_firsts
from fincome_tools.draft.decisions import text as as_text
from fincome_tools.draft.durations import expressions, lasting
from fincome_tools.draft.nested import Part, quoted
from fincome_tools.draft.profiles import Profile
from fincome_tools.draft.spans import LONGEST, Span, profile_of_part, reader_of, spans_of

_NAME = r"[^\W\d_]{3,}\.?"
_MONTHS = re.compile(
    rf"(?<!\w)({_NAME})(?: (20\d\d))?( ?[-–—] ?| (?:to|bis|au|à|al|a|tot|t/m) )({_NAME}) (20\d\d)(?!\d)"
)
_MONTH = re.compile(rf"(?<!\w)({_NAME}) (20\d\d)$")
_QUARTER = re.compile(r"(?<!\w)([QTSH][1-4])([ /-])(20\d\d)$")
_STARTS = {"Q": (1, 4, 7, 10), "T": (1, 4, 7, 10), "S": (1, 7), "H": (1, 7)}
_LONGER = re.compile(
    r"annu|anual|yearl|jahr|jährl|jaar|semest|semi|trimest|quart|kwart|halb|half", re.IGNORECASE
)  # A month beside such a word may be the first of several.
_TIMED = re.compile(r"(?<!\d)20\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d")
_BRACKETS = "()[]"
_MOST_FORMS = 4
_FEWEST = 3
_LEAST_SHARE = 0.05

Period = tuple[str, str]
"""The first day, and the day after the last one, both `2025-01-31`."""


class _Way(NamedTuple):
    """How some texts tell their period: the condition of these, the expressions, and what they are to read."""

    condition: str
    start: str
    end: str
    has: Mapping[str, Period]


def periods_in(profiles: Mapping[str, Profile]) -> Iterator[tuple[Span, Mapping[Part, Profile]]]:
    """Yield the periods that columns have in their texts, with what their parts hold."""
    for name, profile in profiles.items():
        ways = _ways_of(name, profile, profiles)
        found = _made(name, profile, ways) if _are_several(ways) else None
        spans = [found] if found else list(spans_of({name: profile}))
        if not spans and (found := _made(name, profile, ways)):
            spans = [found]
        for span, parts in spans:
            yield replace(span, unread=_unread(profile, span)), parts


def _unread(profile: Profile, span: Span) -> int:
    """Return how many texts without a period have a year, or a day: they may tell one that isn't read."""
    read = reader_of(span.columns[0])
    return sum(bool(_TIMED.search(str(value))) and read(value) is None for value in profile.values)


def _ways_of(name: str, profile: Profile, profiles: Mapping[str, Profile]) -> list[_Way]:
    """Return the ways in which a column's texts tell periods."""
    if profile.dates is not None or profile.numbers is not None:
        return []
    texts = _texts(profile)
    if not texts or max(map(len, texts)) > LONGEST or not any("20" in text for text in texts):
        return []
    return list(_ways(quoted(name), name, texts, profiles))


def _texts(profile: Profile) -> list[str]:
    return [str(value).strip() for value in profile.values]


def _are_several(ways: Sequence[_Way]) -> bool:
    """Tell whether there are several ways, or one by two months, which nothing else reads."""
    return len(ways) > 1 or any(_MONTHS.search(text) for way in ways for text in way.has)


def _made(name: str, profile: Profile, ways: Sequence[_Way]) -> tuple[Span, Mapping[Part, Profile]] | None:
    """Return the periods that several ways read together; None if one of them reads a text otherwise than it should."""
    has = {text: period for way in reversed(ways) for text, period in way.has.items()}
    if not has or len(has) < max(min(_FEWEST, len(profile.values)), _LEAST_SHARE * len(profile.values)):
        return None
    start = end = "`null`"
    for way in reversed(ways):
        start, end = (f"when({way.condition}, {one}, {other})" for one, other in ((way.start, start), (way.end, end)))
    parts = (Part(start, name), Part(end, name))
    readers = [reader_of(part) for part in parts]
    if any(tuple(reader(text) for reader in readers) != has.get(text, (None, None)) for text in _texts(profile)):
        return None
    return Span(name, parts, is_whole=False), {part: profile_of_part(profile, part) for part in parts}


def _ways(column: str, name: str, texts: list[str], profiles: Mapping[str, Profile]) -> Iterator[_Way]:
    """Yield the ways in which texts tell their period; a text is read by the first one that reads it."""
    found = [_by_duration(column, name, texts, profiles), *_by_months(column, name, texts), _by_quarter(column, texts)]
    ways = [way for way in found if way]
    yield from ways
    left = [text for text in texts if not any(text in way.has for way in ways)]
    if month := _by_month(column, name, left):
        yield month


def _condition(name: str, plain: str, listed: str, some: Container[str], texts: list[str]) -> str:
    """Return the plain condition if it holds for some texts and no others, else that which lists what they have."""
    holds = reader_of(Part(plain, name))
    return plain if all(bool(holds(text)) == (text in some) for text in texts) else listed


def _by_duration(column: str, name: str, texts: list[str], profiles: Mapping[str, Profile]) -> _Way | None:
    """Read `12 months from 01/01/2025`."""
    found = {text: one for text in texts if (one := lasting(text))}
    form = _form([one.day for one in found.values()], profiles)
    read = expressions(name, texts, found) if found and form else None
    if read is None or form is None:
        return None
    begins = f"parse_time({read[0]}, {as_text(form)})"
    has = {text: _lasting(day(one.day, form), one.months) for text, one in found.items()}
    return _Way(read[0], begins, f"add_months({begins}, {read[1]})", {t: one for t, one in has.items() if one})


def _form(days: Sequence[str], profiles: Mapping[str, Profile]) -> str | None:
    """Return the form of days: the only one, or that which another column of the table proves."""
    dates = dates_of(Counter(days))
    if dates is None or len(dates.formats) == 1:
        return dates.formats[0] if dates else None
    others = {one.dates.formats[0] for one in profiles.values() if one.dates and len(one.dates.formats) == 1}
    fitting = [form for form in dates.formats if form in others]
    return fitting[0] if len(fitting) == 1 else form_of_firsts(days, dates.formats)


def _lasting(first: date | None, months: int) -> Period | None:
    if first is None:
        return None
    year, month = divmod(first.month - 1 + months, 12)
    return f"{first}", f"{first.replace(year=first.year + year, month=month + 1)}"


def _by_months(column: str, name: str, texts: list[str]) -> Iterator[_Way]:
    """Read `Jan–Mar 2025` and `Nov 2025–Jan 2026`, for each sign between them on its own."""
    found: dict[tuple[str, bool], dict[str, re.Match[str]]] = defaultdict(dict)
    for text in texts:
        match = _MONTHS.search(text)
        if match and month_of(match[1]) and month_of(match[4]) and not _MONTHS.search(text, match.end()):
            found[match[3], bool(match[2])][text] = match
    for (sign, has_year), matches in sorted(found.items()) if len(found) <= _MOST_FORMS else ():
        first, last = (_open(f"split({column}, {as_text(sign)})[{place}]", matches) for place in (-2, -1))
        ends = f"parse_time(concat(' ', split({last}, ' ')[0], split({last}, ' ')[1]), '%b %Y')"
        year = f"split({first}, ' ')[-1]" if has_year else f"split({last}, ' ')[1]"
        begins = f"parse_time(concat(' ', split({first}, ' ')[{-2 if has_year else -1}], {year}), '%b %Y')"
        if not has_year:
            begins = f"when(before({ends}, {begins}), add_months({begins}, `-12`), {begins})"
        named = json.dumps(sorted({match[1] for match in matches.values()}), ensure_ascii=False)
        has_sign = f"contains({column}, {as_text(sign)})"
        dated = f"{'' if has_year else '!'}contains({first}, ' 20') && contains({last}, ' 20')"
        word = f"split({first}, ' ')[{-2 if has_year else -1}]"
        condition = _condition(
            name, f"({has_sign} && {dated})", f"({has_sign} && contains(`{named}`, {word}))", matches, texts
        )
        has = {text: _of_months(match) for text, match in matches.items()}
        yield _Way(condition, begins, f"add_months({ends}, `1`)", has)


def _open(part: str, texts: Iterable[str]) -> str:
    """Return a part of texts without their brackets; one that isn't there costs nothing."""
    for sign in _BRACKETS:
        if any(sign in text for text in texts):
            part = f"replace({part}, {as_text(sign)}, ' ')"
    return part


def _of_months(match: re.Match[str]) -> Period:
    begins, ends, last = month_of(match[1]) or 1, month_of(match[4]) or 1, int(match[5])
    first = int(match[2]) if match[2] else last - (begins > ends)
    return f"{first}-{begins:02}-01", f"{last + ends // 12}-{ends % 12 + 1:02}-01"


def _by_quarter(column: str, texts: list[str]) -> _Way | None:
    """Read `Wartung Q1/2025`: a part of a year that stands last."""
    found = {text: match for text in texts if (match := _QUARTER.search(text.rstrip(_BRACKETS)))}
    letters, signs = {match[1][0] for match in found.values()}, {match[2] for match in found.values()}
    if len(letters) != 1 or len(signs) != 1 or any(int(one[1][1]) > len(_STARTS[one[1][0]]) for one in found.values()):
        return None
    (letter,), (sign,) = letters, signs
    last = _open(column, found)
    if sign != " ":
        last = f"split({last}, ' ')[-1]"
    part, year = (f"split({last}, {as_text(sign)})[{place}]" for place in (-2, -1))
    months = _STARTS[letter]
    names = [f"{letter}{number}" for number in range(1, len(months) + 1)]
    month = "`null`"
    for name, first in zip(names, months, strict=True):
        month = f"when({part} == '{name}', '{first:02}', {month})"
    begins = f"concat('-', {year}, {month}, '01')"
    length = 12 // len(months)
    has = {}
    for text, match in found.items():
        if period := _lasting(date(int(match[3]), months[int(match[1][1]) - 1], 1), length):
            has[text] = period
    return _Way(f"contains(`{json.dumps(names)}`, {part})", begins, f"add_months({begins}, `{length}`)", has)


def _by_month(column: str, name: str, texts: list[str]) -> _Way | None:
    """Read `Abo Jan 2025`: a month that stands last, unless a word beside it may say that there are more of them."""
    found = {text: match for text in texts if (match := _MONTH.search(text)) and month_of(match[1])}
    longer = sorted({one[0].casefold() for text in found if (one := _LONGER.search(text))})
    found = {text: match for text, match in found.items() if not _LONGER.search(text)}
    if not found:
        return None
    but = "".join(f" && !contains(lower({column}), {as_text(word)})" for word in longer)
    month, year = (f"split({column}, ' ')[{place}]" for place in (-2, -1))
    begins = f"parse_time(concat(' ', {month}, {year}), '%b %Y')"
    listed = json.dumps(sorted({match[1] for match in found.values()}), ensure_ascii=False)
    has = {}
    for text, match in found.items():
        if period := _lasting(date(int(match[2]), month_of(match[1]) or 1, 1), 1):
            has[text] = period
    plain, named = (f"({one}{but})" for one in (f"contains({column}, ' 20')", f"contains(`{listed}`, {month})"))
    condition = _condition(name, plain, named, found, texts)
    return _Way(condition, begins, f"add_months({begins}, `1`)", has)
