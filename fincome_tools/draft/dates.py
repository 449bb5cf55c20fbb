"""How a column writes its dates: all forms by which each of its values is a date that can be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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
MONTH_FORMATS = ("%m/%Y", "%Y-%m", "%m-%Y", "%m.%Y", "%Y/%m")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
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
    if not texts or any(not text[:1].isdigit() or not 6 <= len(text) <= 35 for text in texts):
        return None
    if all(_ISO_TIME.fullmatch(text) for text in texts):
        return Dates((ISO,))
    for formats, of_months in ((DAY_FORMATS, False), (MONTH_FORMATS, True)):
        fitting = tuple(form for form in formats if all(day(text, form) for text in texts))
        if fitting:
            return Dates(fitting, of_months)
    return None


def day(value: Any, form: str) -> date | None:
    """Read one date; None if it is none in this form, or can't be one of a business."""
    text = str(value).strip()
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00")) if form == ISO else datetime.strptime(text, form)
    except ValueError:
        return None
    if form == "%Y%m%d" and len(text) != 8:
        return None
    return found.date() if _EARLIEST <= found.date() < _LATEST else None
