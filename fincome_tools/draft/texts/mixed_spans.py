"""Periods that the texts of one column tell, in whatever ways: `Q1/2025`, `Jan 2025`, `Jan–Mar 2025`, `1 year from …`.

The mapping's own functions read them all together, as a first day and a last one. Where the texts tell them in one way
only, that way's own columns are read (spans.py): what these leave open, as how long a period is, can be asked then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from destination_fincome.mapping.language.written_dates import month_of
from destination_fincome.mapping.language.written_periods import (
    LONGER,
    Period,
    days_in,
    names_business_year,
    period_in,
    tells_days,
)
from fincome_tools.draft.columns.dates import dates_of, day, form_of_firsts
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.texts.spans import LONGEST, Found, Span, profile_of_part, reader_of, span_in

_TIME = re.compile(
    r"(?<!\d)20\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d|\b(?:[QT][1-4]|(?:KW|W) ?\d{1,2})\b|(?<![\d/])[01]?\d/\d\d(?![\d/])"
)
_SHORT = re.compile(r"([^\W\d_]{3})\.?[ -]?['’]?\d\d(?!\d)")
_WORD = re.compile(r"[^\W\d_]{4,}")
_FEWEST = 3
_LEAST_SHARE = 0.05
_LEAST_OF_ROWS = 0.2
_DAY = timedelta(days=1)


def periods_in(profiles: Mapping[str, Profile]) -> Iterator[Found]:
    """Yield the periods that columns have in their texts, with what their parts hold."""
    for name, profile in profiles.items():
        if profile.dates is not None or profile.numbers is not None:
            continue
        texts = [str(value).strip() for value in profile.values]
        found = span_in(name, profile, texts)
        order = _order(texts, profiles)
        has = _told(texts, order, profile)
        if has and not (found and _says_as_much(found, texts, has)):
            found = _together(name, profile, has, order)
        if found:
            span, parts = found
            read = next(iter(span.readers().values()))
            yield replace(span, unread=frozenset(one for one in texts if says_a_time(one) and not read(one))), parts


def _told(texts: Sequence[str], order: str | None, profile: Profile) -> Mapping[str, Period]:
    """Return the periods of texts; nothing if too few of these, and of the rows, have one."""
    if not texts or max(map(len, texts)) > LONGEST:
        return {}
    has = {text: period for text in texts if (period := period_in(text, order))}
    rows = sum(count for value, count in profile.values.items() if str(value).strip() in has)
    are_enough = len(has) >= max(min(_FEWEST, len(texts)), _LEAST_SHARE * len(texts))
    return has if are_enough or rows >= _LEAST_OF_ROWS * profile.filled > 0 else {}


def _order(texts: Sequence[str], profiles: Mapping[str, Profile]) -> str | None:
    """Return the order of days in numbers: the only one, or that which another column of the table proves."""
    written = [re.sub(r"[.-]", "/", one) for text in texts if len(text) <= LONGEST for one in days_in(text)]
    days = [f"{one[:-2]}20{one[-2:]}" if one[-3] == "/" else one for one in written]
    dates = dates_of(days)
    if dates is None:
        return None
    others = {one.dates.formats[0][:2] for one in profiles.values() if one.dates and len(one.dates.formats) == 1}
    forms = [form for form in dates.formats if len(dates.formats) == 1 or form[:2] in others]
    form = forms[0] if len(forms) == 1 else form_of_firsts(days, dates.formats)
    if all(len({day(one, each) for each in dates.formats}) == 1 for one in days):
        form = dates.formats[0]  # Both orders read the same days: 01/01.
    return {"%d": "dmy", "%m": "mdy"}[form[:2]] if form else None


def _together(name: str, profile: Profile, has: Mapping[str, Period], order: str | None) -> Found:
    """Return what the mapping's functions read."""
    arguments = f"{quoted(name)}, '{order}'" if order else quoted(name)
    parts = (Part(f"first_day_in({arguments})", name), Part(f"last_day_in({arguments})", name))
    first = {text: period.first.isoformat() for text, period in has.items()}
    last = {text: period.last.isoformat() for text, period in has.items()}
    readers = tuple(partial(_looked_up, days) for days in (first, last))
    span = Span(
        name,
        parts,
        is_whole=False,
        are_ends_last=not any(tells_days(text, order) for text in has),
        has_business_years=any(map(names_business_year, has)),
        read=readers if profile.is_whole else (),
    )
    return span, {part: profile_of_part(profile, part, read) for part, read in span.readers().items()}


def _looked_up(days: Mapping[str, str], value: Any) -> str | None:
    """Return what the functions read, without running them for each row."""
    return days.get(value.strip()) if isinstance(value, str) else None


def _says_as_much(found: Found, texts: Sequence[str], has: Mapping[str, Period]) -> bool:
    """Tell whether the columns of one way have all periods of the texts, and no others."""
    span, parts = found
    forms = [dates.formats for part in span.columns if (dates := parts[part].dates)]
    readers = [reader_of(part) for part in span.columns]
    for text, period in has.items():
        days = [read(text) for read in readers]
        if None in days:
            return False
        # Days whose order isn't known can't be compared.
        if all(len(several) == 1 for several in forms):
            told = [day(one, form) for one, (form,) in zip(days, forms, strict=True)]
            if not _is_same(told, period, lasts=bool(span.months)):
                return False
    if len(span.columns) > 1 or span.months:
        return True
    # A month beside a word for a longer time: how long that is, is asked.
    return all(text in has or LONGER.search(text) or readers[0](text) is None for text in texts)


def _is_same(days: Sequence[date | None], period: Period, *, lasts: bool) -> bool:
    """Tell whether a first day, or a month, and maybe the last day or the one after it, are a period's."""
    if days[0] != period.first:
        return False
    after = period.last + _DAY
    if len(days) == 1:
        month = (after.year - period.first.year) * 12 + after.month - period.first.month
        return lasts or (month == 1 and after.day == 1)
    return days[1] in (period.last, after)


def says_a_time(text: str) -> bool:
    """Tell whether a text has a year, a day, a month, a quarter or a week: it may tell a period."""
    return bool(_TIME.search(text)) or any(map(month_of, [*_WORD.findall(text), *_SHORT.findall(text)]))
