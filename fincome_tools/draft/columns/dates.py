"""How a column writes its dates: all forms by which each of its values is a date that can be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from destination_fincome.mapping.language.written_dates import parse_time

ISO = "iso"
# Forms with four digits of the year come first; of two that fit all values one is only likely.
DAY_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y%m%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%m-%y",
)
# Months by name: those of seven languages.
NAMED_FORMATS = (
    "%d %b %Y",
    "%d-%b-%Y",
    "%d. %b %Y",
    "%d/%b/%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d-%b-%y",
    "%d %b %y",
)
MONTH_FORMATS = ("%m/%Y", "%Y-%m", "%m-%Y", "%m.%Y", "%Y/%m", "%b %Y", "%b-%Y", "%b-%y", "%b %y", "%Y %b", "%Y%m")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S UTC", " %H:%M UTC")
SERIAL = "serial"
EPOCH_MS = "epoch milliseconds"
"""Milliseconds since 1970: at midnights of UTC, or at any time where the heading says that it is a date."""
EPOCH_MS_LOCAL = "epoch milliseconds, central European days"
"""The same, at midnights of Paris, Berlin, Madrid, Rome: 22 or 23 o'clock of the day before in UTC."""
_CENTRAL = ZoneInfo("Europe/Berlin")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_FEWEST_FIRSTS = 4
_EARLIEST, _LATEST = date(1990, 1, 1), date(2060, 1, 1)


@dataclass(frozen=True)
class Dates:
    """How a column's values can be read as dates.

    Attributes:
        formats: the forms (of `strptime`, or ISO with a time) that fit all values.
        of_months: they name whole months.
    """

    formats: tuple[str, ...]
    of_months: bool = False


def dates_of(values: Iterable[Any]) -> Dates | None:
    """Tell how values are written; None if they aren't all dates in one way. No values are no dates."""
    texts = [str(value).strip() for value in values]
    if not texts or any(not 5 <= len(text) <= 35 or not any(map(str.isdigit, text)) for text in texts):
        return None
    if all(_ISO_TIME.fullmatch(text) for text in texts):
        return Dates((ISO,))
    if (form := milliseconds_of(texts)) and all(_is_midnight(text, form) for text in texts):
        return Dates((form,))
    for formats, of_months in ((_day_formats(texts[0]), False), (_month_formats(texts[0]), True)):
        fitting = tuple(form for form in formats if all(day(text, form) for text in texts))
        if fitting:
            return Dates(fitting, of_months)
    return None


def serials_of(values: Iterable[Any]) -> bool:
    """Tell whether all values may be days as spreadsheets count them; other numbers may look the same."""
    texts = [str(value).strip() for value in values]
    return bool(texts) and all(day(text, SERIAL) for text in texts)


def milliseconds_of(values: Iterable[Any]) -> str | None:
    """Return how values are milliseconds since 1970, if all may be: by days of central Europe if all begin these."""
    texts = [str(value).strip() for value in values]
    if not texts or not all(_MILLISECONDS.fullmatch(text) and day(text, EPOCH_MS) for text in texts):
        return None
    is_plain = all(_is_midnight(text, EPOCH_MS) for text in texts)
    is_local = not is_plain and all(_is_midnight(text, EPOCH_MS_LOCAL) for text in texts)
    return EPOCH_MS_LOCAL if is_local else EPOCH_MS


def _is_midnight(text: str, form: str) -> bool:
    return _instant(text, form).time() == time()


def _instant(text: str, form: str) -> datetime:
    return datetime.fromtimestamp(int(text) / 1000, _CENTRAL if form == EPOCH_MS_LOCAL else UTC)


def _day_formats(shown: str) -> tuple[str, ...]:
    plain = NAMED_FORMATS if any(map(str.isalpha, shown.partition(":")[0])) else DAY_FORMATS
    return tuple(form + clock for clock in (_CLOCKS if ":" in shown else _CLOCKS[:1]) for form in plain)


def _month_formats(shown: str) -> tuple[str, ...]:
    named = any(map(str.isalpha, shown))
    return tuple(form for form in MONTH_FORMATS if ("%b" in form) == named and (form != "%Y%m" or len(shown) == 6))


def day(value: Any, form: str) -> date | None:
    """Read one date; None if it is none in this form, or can't be one of a business."""
    return _day(str(value), form)


@lru_cache(maxsize=1 << 17)
def _day(value: str, form: str) -> date | None:
    text = value.strip()
    if (form == "%Y%m%d" and len(text) != 8) or (form == "%Y%m" and len(text) != 6):
        return None
    try:
        if form in (EPOCH_MS, EPOCH_MS_LOCAL):
            found = _instant(text, form).date()
        elif form == ISO:
            found = datetime.fromisoformat(text.replace("Z", "+00:00")).date()
        else:
            # As the mapping will read it.
            found = date.fromisoformat((parse_time(text, form) or "")[:10])
    except (ValueError, OverflowError, OSError):
        return None
    return found if _EARLIEST <= found < _LATEST else None


def form_of_firsts(values: Iterable[Any], formats: Iterable[str]) -> str | None:
    """Return the only form by which all of several days are the first of a month, as those of periods are."""
    distinct = list(dict.fromkeys(values))
    fitting = [form for form in formats if all((found := day(value, form)) and found.day == 1 for value in distinct)]
    return fitting[0] if len(distinct) >= _FEWEST_FIRSTS and len(fitting) == 1 else None
