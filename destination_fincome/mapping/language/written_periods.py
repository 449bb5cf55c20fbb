"""Periods that texts tell: `du 01/01/2025 au 31/01/2025`, `Q1/2025`, `Jan–Mar 2025`, `KW 12/2025`.

What tells its days is taken first, then what tells a first day and a length; of what is left all has to tell the same.
A text that tells several periods tells none, and so does a month beside a word for a longer time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import moved
from destination_fincome.mapping.language.written_dates import month_of

_LONGEST = 1000
_ORDERS = ("dmy", "mdy")


class Period(NamedTuple):
    """Its first and its last day."""

    first: date
    last: date


def first_day_in(text: Any, *order: Any) -> str | None:
    """Return the first day of the period that a text tells; None if it tells none, or several."""
    found = _told(text, *order)
    return found.first.isoformat() if found else None


def last_day_in(text: Any, *order: Any) -> str | None:
    """Return the last day of the period that a text tells; None if it tells none, or several."""
    found = _told(text, *order)
    return found.last.isoformat() if found else None


def known_order(order: Any) -> Any:
    """Return an order of day, month and year.

    Raises:
        ValueFault: it is none.
    """
    if order not in _ORDERS:
        raise ValueFault("is no order of days (use dmy or mdy)")
    return order


def _told(text: Any, *order: Any) -> Period | None:
    if not isinstance(text, str):
        return None
    return period_in(text, known_order(order[0]) if order else None)


@lru_cache(maxsize=1 << 14)  # What was sold repeats.
def period_in(text: str, order: str | None = None) -> Period | None:
    """Return the period that a text tells.

    Args:
        text: in English, French, German, Spanish, Italian, Dutch or Portuguese.
        order: `dmy` or `mdy`, of days in numbers; without it, only those that begin with the year are read.
    """
    if len(text) > _LONGEST or not _ANY_YEAR.search(text):
        return None
    plain = _plain(text)
    if not _HINT.search(plain):
        return None
    for way in (_between_days, _lasting):
        if found := set(way(plain, order)):
            return found.pop() if len(found) == 1 else None
    rest = _FULL_DAY.sub("#", plain)
    found = set()
    for pattern, reading in _WAYS:
        told = {period for match in pattern.finditer(rest) if (period := reading(match))}
        if told:
            rest = pattern.sub("#", rest)
        found |= told
    if not found:
        found = {_year(match) for match in _YEAR.finditer(rest)}
    return found.pop() if len(found) == 1 else None


def tells_days(text: str, order: str | None = None) -> bool:
    """Tell whether a text tells its period by a first and a last day; whether the last is included, it doesn't say."""
    return bool(_TWO_NUMBERS.search(text)) and any(_between_days(_plain(text), order))


def names_business_year(text: str) -> bool:
    """Tell whether a text names a business year, which is read as the calendar year."""
    return bool(_ANY_YEAR.search(text)) and any(_BUSINESS.match(match[0]) for match in _YEAR.finditer(_plain(text)))


def days_in(text: str) -> list[str]:
    """Return the days in numbers that a text has whose order isn't plain: those that don't begin with the year."""
    return [match[0] for match in _NUMBERS.finditer(_plain(text))] if _TWO_NUMBERS.search(text) else []


def _plain(text: str) -> str:
    """Return a text without case, accents, several signs for one thing; with months as `¤a` to `¤l`."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _ACCENT.sub("", unicodedata.normalize("NFKD", plain))
        plain = _DASH.sub("-", plain).replace("’", "'")
    plain = _MONTH_AND_SHORT_YEAR.sub(_with_whole_year, _SHORTENED.sub("20", plain))
    return " ".join(_LETTERS.sub(_numbered, plain).split())


def _with_whole_year(month: re.Match[str]) -> str:
    """Write `jan-25` as spreadsheets mean it; not the days of `15 jan-14 feb`."""
    is_year = month_of(month["name"]) and not (month["next"] and month_of(month["next"]))
    return f"{month['name']} 20{month['year']}{month['rest']}" if is_year else month[0]


def _numbered(word: re.Match[str]) -> str:
    month = month_of(word[1])
    return f" ¤{_SIGNS[month]} " if month else word[0]


def _month(name: str) -> int:
    return _SIGNS.index(name[1])


_ANY_YEAR = re.compile(
    r"(?<!\d)20\d\d(?!\d)|\d[./-]\d\d(?!\d)|\b[qQtT][1-4]/\d\d|['’]\d\d(?!\d)|[^\W\d_]\.?[-/–]\d\d(?!\d)"
)
_TWO_NUMBERS = re.compile(r"(?<!\d)\d{1,2}(?!\d).*?(?<!\d)\d{1,2}(?!\d)", re.DOTALL)
_SIGNS = " abcdefghijkl"
_SHORTENED = re.compile(r"(?<![\w'])'(?=\d\d(?![\w']))")  # '25
_MONTH_AND_SHORT_YEAR = re.compile(
    r"(?<![a-z])(?P<name>[a-z]{3,})\.?[-/](?P<year>[1-4]\d)(?![\w./])(?P<rest>(?:\.? (?:de )?(?P<next>[a-z]{3,}))?)"
)
_ACCENT = re.compile("[\u0300-\u036f]")
_DASH = re.compile("[‐‑‒–—−]")
_LETTERS = re.compile(r"(?<![a-z])([a-z]{3,})(?![a-z'])\.?")


# --- days

_NAME = "¤[a-l]"
_OF = r"(?:de |del |of |d' ?|des |du |di |van )?"
_ORDINAL = r"(?:er|ere|re|eme|ieme|st|nd|rd|th|e|o|a|°|\.)?"
_ISO = re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMBERS = re.compile(r"(?:(?<![\w./])\d{1,2}([./])\d{1,2}\1|(?<![\w./-])\d{1,2}-\d{1,2}-)(?:20)?\d\d(?!\d)")
_NAMED_PART = rf"\d{{1,2}}{_ORDINAL}[ -]*{_OF}{_NAME}|{_NAME} \d{{1,2}}(?:st|nd|rd|th)?"
_NAMED = rf"\d{{1,2}}{_ORDINAL}[ -]*{_OF}{_NAME}[ ,-]*{_OF}20\d\d|{_NAME} \d{{1,2}}(?:st|nd|rd|th)?,? 20\d\d"
_NUMBERED = r"20\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}(?:/\d{1,2}/|\.\d{1,2}\.|-\d{1,2}-)(?:20)?\d\d"
_FULL = rf"(?:{_NUMBERED}|{_NAMED})(?!\d)"
_FULL_DAY = re.compile(rf"(?<![\w./-]){_FULL}(?![/-]\d)")
_PART = rf"(?:\d{{1,2}}[./]\d{{1,2}}\.?|{_NAMED_PART})"
_TO = (
    r" ?(?:-+>?|\b(?:au|a|to|until|till|through|thru|bis zum|bis|zum|al|hasta el|hasta|fino al|tot en met|tot|t/m|ate)"
    r"\b) ?(?:the |den |el |le |il |einschl\. ?|einschliesslich |inkl\. ?|including )?"
)
_BETWEEN = re.compile(rf"(?<![\w./-])(?P<first>{_FULL})(?:{_TO}|/)(?P<last>{_FULL})")
_BETWEEN_PARTS = re.compile(rf"(?<![\w./-])(?P<first>{_PART}){_TO}(?P<last>{_FULL})")
_BETWEEN_NUMBERS = re.compile(
    rf"(?<![\w./-])(?:(?P<first>\d{{1,2}}){_ORDINAL}{_TO}(?P<last>\d{{1,2}}{_ORDINAL} ?{_OF}{_NAME},? {_OF}20\d\d)"
    rf"|(?P<begins>\d{{1,2}})\.{_TO}(?P<ends>\d{{1,2}}\.\d{{1,2}}\.(?:20)?\d\d)"
    rf"|(?P<opens>\d{{1,2}})(?: (?:au|to|bis|al|a|t/m) |-)(?P<closes>\d{{1,2}}/\d{{1,2}}/20\d\d)"
    rf"|(?P<name>{_NAME}) (?P<from>\d{{1,2}}){_TO}(?P<until>\d{{1,2}}),? (?P<year>20\d\d))(?!\d)"
)


def _between_days(text: str, order: str | None) -> Iterator[Period]:
    """Yield what tells its first and its last day; the year may stand once, so may the month."""
    if not _TWO_NUMBERS.search(text):
        return
    if whole := list(_BETWEEN.finditer(text)):
        for match in whole:
            yield from _period(_day(match["first"], order), _day(match["last"], order))
        return
    for match in _BETWEEN_PARTS.finditer(text):
        if last := _day(match["last"], order):
            first = _day_of_year(match["first"], order, last.year)
            if first and first > last:
                first = _day_of_year(match["first"], order, last.year - 1)
            yield from _period(first, last)
    for match in _BETWEEN_NUMBERS.finditer(text):
        if match["name"]:
            month, year = _month(match["name"]), int(match["year"])
            yield from _period(_date(year, month, match["from"]), _date(year, month, match["until"]))
        elif last := _day(match["last"] or match["ends"] or match["closes"], order):
            begins = match["first"] or match["begins"] or match["opens"]
            yield from _period(_date(last.year, last.month, begins), last)


def _period(first: date | None, last: date | None) -> Iterator[Period]:
    if first and last and first <= last:
        yield Period(first, last)


def _day(text: str, order: str | None) -> date | None:
    """Read a day with its year."""
    if named := re.search(_NAME, text):
        day, year = re.findall(r"\d+", text)
        return _date(int(year), _month(named[0]), day)
    if match := _ISO.fullmatch(text):
        return _date(int(match[1]), int(match[2]), match[3])
    first, second, year = re.split(r"[./-]", text)
    return _ordered(first, second, int(year) % 100 + 2000, order)


def _day_of_year(text: str, order: str | None, year: int) -> date | None:
    """Read a day without its year."""
    if named := re.search(_NAME, text):
        (day,) = re.findall(r"\d+", text)
        return _date(year, _month(named[0]), day)
    first, second = re.findall(r"\d+", text)
    return _ordered(first, second, year, order)


def _ordered(first: str, second: str, year: int, order: str | None) -> date | None:
    if order is None:
        return None
    day, month = (first, second) if order == "dmy" else (second, first)
    return _date(year, int(month), day)


def _date(year: int, month: int, day: str | int) -> date | None:
    try:
        return date(year, month, int(day))
    except ValueError:
        return None


# --- a first day and a length

_UNITS: Mapping[int, str] = {
    1: "mois month months monat monate monaten mes mês meses mese mesi maand maanden",
    3: "trimestre trimestres trimestri quarter quarters quartal quartale quartalen kwartaal kwartalen",
    6: "semestre semestres semestri semester halbjahr halbjahre halfjaar",
    12: "an ans année années annee annees year years yr jahr jahre jahren año años ano anos anno anni jaar",
}
MONTHS_OF: Mapping[str, int] = {word: months for months, several in _UNITS.items() for word in several.split()}
"""How many months a unit of time has, by the words for it, in lower case, with and without accents."""
_UNIT = "|".join(sorted(filter(str.isascii, MONTHS_OF), key=len, reverse=True))
_ONE = "un|une|one|ein|eine|uno|una|um|uma|een"
_COUNT = rf"(?<![\w.,/])(?P<count>\d{{1,3}}|{_ONE})[ -]?(?P<unit>{_UNIT})\b"
_ANY_COUNT = re.compile(_COUNT)
_MONTH_OF_YEAR = rf"(?:{_NAME}[ ,._/-]*{_OF}20\d\d|(?:0?[1-9]|1[0-2])[/.-]20\d\d|20\d\d[/-](?:0[1-9]|1[0-2]))(?!\d)"
_SINCE = (
    r"\b(?:from|start\w*|begin\w*|as of|commenc\w*|a compter d\w*|a partir d\w*|depuis|debut\w*|ab|seit|desde|"
    r"dal|da|a decorrere da\w*|con inicio|vanaf|met ingang van)\b"
)
_LASTS = (
    re.compile(rf"{_COUNT}[^\d¤]{{1,40}}?(?P<day>(?<![\w./-]){_FULL})"),
    re.compile(rf"{_COUNT}[^\d¤]{{0,30}}?{_SINCE}[^\d¤]{{1,10}}?(?<![\w./-])(?P<day>{_MONTH_OF_YEAR})(?![./-]\d)"),
    re.compile(rf"(?<![\w./-])(?P<day>{_FULL})[^\d¤]{{1,40}}?{_COUNT}"),
)


def _lasting(text: str, order: str | None) -> Iterator[Period]:
    """Yield what tells how long it lasts from a day, or a month, on."""
    if not _ANY_COUNT.search(text):
        return
    for pattern in _LASTS:
        matches = list(pattern.finditer(text))
        for match in matches:
            count = int(match["count"]) if match["count"].isdigit() else 1
            is_day = _FULL_DAY.fullmatch(match["day"])
            first = _day(match["day"], order) if is_day else _first_of(match["day"])
            if first and (found := _months(first, count * MONTHS_OF[match["unit"]])):
                yield found
        if matches:
            return


def _months(first: date, count: int) -> Period | None:
    """Return so many months from a day on."""
    return Period(first, moved(first, count) - timedelta(days=1)) if 0 < count <= _MOST_MONTHS else None


def _first_of(month: str) -> date | None:
    """Read a month with its year."""
    if named := re.match(_NAME, month):
        return _date(int(month[-4:]), _month(named[0]), 1)
    first, second = sorted(re.findall(r"\d+", month), key=len)
    return _date(int(second), int(first), 1)


_MOST_MONTHS = 120


# --- parts of years

_BEFORE_YEAR = r"[ .,/-]*(?:de l'annee |des jahres |de |del |of |d' ?)?"
_PARTS: Mapping[int, str] = {
    4: r"trimestre|trim\.?|quarter|qtr|quartal|kwartaal",
    2: r"semestre|semester|half[ -]year|half|halbjahr|hj|halfjaar",
}
PARTS_BY_LETTER: Mapping[str, int] = {"q": 4, "t": 4, "h": 2, "s": 2}
"""How many of them a year has, by the letter before or behind their number: `Q1`, `T1`, `H1`, `S1`."""
_RANKS: Mapping[str, int] = {
    word: rank
    for rank, several in enumerate(
        (
            "i first premier erstes erster primer primero primo eerste primeiro",
            "ii second deuxieme zweites zweiter segundo secondo tweede",
            "iii third troisieme drittes dritter tercer tercero terzo derde terceiro",
            "iv fourth quatrieme viertes vierter cuarto quarto vierde",
        ),
        1,
    )
    for word in several.split()
}
_RANK = rf"(?:(?P<number>[1-4]){_ORDINAL}|(?P<rank>{'|'.join(_RANKS)})\.?)"
_WORD = rf"(?P<word>{'|'.join(_PARTS.values())})"
_YEAR_OF = rf"{_BEFORE_YEAR}(?P<year>20\d\d)(?!\d)"
_WEEK_WORD = r"(?:kw|cw|wk|week|kalenderwoche|woche|semaine|semana|settimana)\.? ?"
_AND = r"(?: ?[/&+] ?| (?:und|u\.|et|and|e|y|en) )"
_NAMED_MONTH = rf"{_NAME}[ ,._/-]*{_OF}20\d\d(?!\d)"
_NAMES = re.compile(_NAME)
LONGER = re.compile(r"annu|anual|yearl|j[aä]hr|jaar|semest|semi|trimest|quart|kwart|halb|half", re.IGNORECASE)
"""A month beside such a word may be the first of several."""


def _of_letter(match: re.Match[str]) -> Period | None:
    parts, groups = PARTS_BY_LETTER[match["letter"]], match.groupdict()
    return _part(parts, int(match["number"]), int(groups.get("until") or match["number"]), match["year"])


def _of_word(match: re.Match[str]) -> Period | None:
    parts = next(count for count, words in _PARTS.items() if re.fullmatch(words, match["word"]))
    rank = int(match["number"] or _RANKS[match["rank"]])
    return _part(parts, rank, rank, match["year"])


def _part(parts: int, first: int, last: int, year: str) -> Period | None:
    """Return some parts of a year that has so many."""
    length = 12 // parts
    begins = _date(int(year) % 100 + 2000, (first - 1) * length + 1, 1)
    return _months(begins, (last - first + 1) * length) if begins and first <= last <= parts else None


def _of_weeks(match: re.Match[str]) -> Period | None:
    first, last = int(match["week"]), int(match.groupdict().get("until") or match["week"])
    try:
        begins, ends = (date.fromisocalendar(int(match["year"]), *one) for one in ((first, 1), (last, 7)))
    except ValueError:
        return None
    return Period(begins, ends) if first <= last else None


def _of_months(match: re.Match[str]) -> Period | None:
    """Read a first and a last month, whose year may stand once."""
    last = _first_of(match["last"])
    first = _first_of(match["first"]) if re.search(r"20\d\d", match["first"]) else None
    if last and first is None:
        month = _month(match["first"]) if match["first"].startswith("¤") else int(match["first"])
        first = _date(last.year - (month > last.month), month, 1)
    named = set(_NAMES.findall(match.string)) - set(_NAMES.findall(match[0]))
    if named or first is None or last is None or first > last:
        return None
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    are_apart = match.groupdict().get("and") and count != 2  # These two, not all between them.
    return None if are_apart else _months(first, count)


def _of_month(match: re.Match[str]) -> Period | None:
    """Read a month, unless something else says that it may be the first, or one, of several."""
    text = match.string
    counts = {one["count"] for one in _ANY_COUNT.finditer(text)} - {"1", *_ONE.split("|")}
    if counts or LONGER.search(text) or len(set(_NAMES.findall(text))) > 1:
        return None
    first = _first_of(match[0])
    return _months(first, 1) if first else None


def _year(match: re.Match[str]) -> Period:
    year = int(match["year"])
    return Period(date(year, 1, 1), date(year, 12, 31))


_YEAR = re.compile(
    r"(?<!\w)(?:annee|an|exercice|annuite|calendar year|fiscal year|year|fy|jahr|kalenderjahr|geschaftsjahr|"
    r"wirtschaftsjahr|ano|ejercicio|anno|esercizio|exercicio|jaar|boekjaar):? ?(?P<year>20\d\d)(?!\d| ?[/-] ?\d)"
)
_HINT = re.compile(
    rf"¤|(?<!\w)(?:[qths][1-4]|[1-4]\.?[qts])|[qths][1-4](?!\w)|{'|'.join(_PARTS.values())}|{_WEEK_WORD}\d|w\d|"
    rf"(?<!\d)\d{{1,2}}[./-]|20\d\d[-/.]\d{{1,2}}(?!\d)|{_YEAR.pattern}"
)
"""What every period has in its text; most texts with a year haven't it, as numbers of invoices."""
_BUSINESS = re.compile(r"exerci|fiscal|fy|geschaft|wirtschaft|ejercicio|esercizio|boekjaar")
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = tuple(
    (re.compile(rf"(?<![\w./-]){pattern}"), reading)
    for pattern, reading in (
        (rf"(?P<first>{_MONTH_OF_YEAR}){_TO}(?P<last>{_MONTH_OF_YEAR})", _of_months),
        (rf"(?P<first>{_NAME}(?: {_OF}20\d\d)?)(?:{_TO}|(?P<and>{_AND}))(?P<last>{_NAMED_MONTH})", _of_months),
        (rf"(?P<first>{_MONTH_NUMBER}){_TO}(?P<last>{_MONTH_NUMBER}[/.]20\d\d)(?!\d)", _of_months),
        (rf"(?P<letter>[qths])(?P<number>[1-4])(?:{_TO}[qths]?(?P<until>[1-4]))?{_YEAR_OF}", _of_letter),
        (r"(?P<letter>[qt])(?P<number>[1-4])/(?P<year>\d\d)(?!\d)", _of_letter),
        (rf"(?P<number>[1-4])\.?(?P<letter>[qts]){_YEAR_OF}", _of_letter),
        (r"(?P<year>20\d\d)[ /-]?(?P<letter>[qths])(?P<number>[1-4])(?!\w)", _of_letter),
        (rf"{_RANK} ?{_WORD}{_YEAR_OF}", _of_word),
        (rf"{_WORD} ?{_RANK}{_YEAR_OF}", _of_word),
        (rf"{_WEEK_WORD}(?P<week>\d{{1,2}})(?:{_TO}(?P<until>\d{{1,2}}))?{_YEAR_OF}", _of_weeks),
        (r"(?P<year>20\d\d)[ /-]?(?:kw|w) ?(?P<week>\d{1,2})(?!\w)", _of_weeks),
        (rf"{_MONTH_OF_YEAR}(?![./-]\d)", _of_month),
    )
)
"""How texts tell parts of years, the longest ones first."""
