"""Dates as exports write them: by one or several formats, months by their names in seven languages, days as numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from destination_fincome.fincome.instants import write_instant
from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import at_zone, in_utc
from destination_fincome.mapping.language.words import folded

# A format with any of these directives gives a date-time, others give a date.
_CLOCK = ("%H", "%I", "%M", "%S", "%f", "%T", "%R", "%c", "%X", "%z")
# Spreadsheets count days; the 1900 system takes 1900 for a leap year, which moves its beginning back by a day for all
# days after February 1900 (https://learn.microsoft.com/office/troubleshoot/excel/1900-and-1904-date-system).
_SERIALS = {"serial": datetime(1899, 12, 30), "serial1904": datetime(1904, 1, 1)}
_LEAST_SERIAL = 61

# English, French, German, Spanish, Italian, Dutch, Portuguese; what begins so, from the third letter on, is the month.
_MONTHS = [
    ("january", "janvier", "januar", "janner", "enero", "gennaio", "januari", "janeiro"),
    ("february", "fevrier", "februar", "feber", "febrero", "febbraio", "februari", "fevereiro"),
    ("march", "mars", "marz", "maerz", "marzo", "mrz", "maart", "mrt", "marco"),
    ("april", "avril", "abril", "aprile"),
    ("may", "mai", "mayo", "maggio", "mei", "maio"),
    ("june", "juin", "juni", "junio", "giugno", "junho"),
    ("july", "juillet", "juli", "julio", "luglio", "juli", "julho"),
    ("august", "aout", "agosto", "augustus"),
    ("september", "septembre", "septiembre", "setiembre", "settembre", "setembro"),
    ("october", "octobre", "oktober", "octubre", "ottobre", "outubro"),
    ("november", "novembre", "noviembre", "novembro"),
    ("december", "decembre", "dezember", "diciembre", "dicembre", "dezembro"),
]
# What systems write for no day in any format: 00/00/0000, or the signs of an empty field.
_NO_DAY = "0/.-: "
_WORD = re.compile(r"[^\W\d_]+\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:er|st|nd|rd|th|º|°|ª)\b|(?<=\d)[º°ª]")


def parse_time(value: Any, form: Any, *zone: Any) -> str | None:
    """Read a date by a strptime format, or by the first of several that fits; without a clock it is a date."""
    if value is None or value == "":
        return None
    forms = form if isinstance(form, list) else [form]
    text = str(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not forms or not all(isinstance(one, str) for one in forms):
        raise ValueFault("is not a text to be read by a format")
    text = text.strip()
    if not text.strip(_NO_DAY):
        return None
    for one in forms:
        if (when := _read(text, one)) is not None:
            if not isinstance(when, datetime):
                return when.isoformat()
            if when.tzinfo is not None:
                return in_utc(when)
            return at_zone(when, zone[0]) if zone else write_instant(when)
    raise ValueFault(
        f"does not fit the format {forms[0]}" if len(forms) == 1 else f"fits none of the formats {', '.join(forms)}"
    )


@lru_cache(maxsize=1 << 12)  # dates repeat
def _read(text: str, form: str) -> datetime | date | None:
    """Return a date, or a date-time without a zone if the text has none; None if the text doesn't fit."""
    if form in _SERIALS:
        return _of_serial(text, _SERIALS[form])
    try:
        when = _strptime(text, form)
    except ValueError:
        return None
    return when if any(directive in form for directive in _CLOCK) else when.date()


def _strptime(text: str, form: str) -> datetime:
    if "%b" in form or "%B" in form:
        text = _with_numbered_month(text)
        # Marked, so that a name fits only where the format has it.
        form = form.replace("%b", "M%m").replace("%B", "M%m")
    return datetime.strptime(text, form)


def _with_numbered_month(text: str) -> str:
    """Write the name of a month, in any of the seven languages, as M and its number; an ordinal as a number."""
    text = _ORDINAL.sub("", text)
    for word in _WORD.finditer(text):
        if month := month_of(word[0]):
            return f"{text[: word.start()]}M{month}{text[word.end() :]}"
    return text


@lru_cache(maxsize=512)
def month_of(word: str) -> int | None:
    """Return the number of a month from its name or its abbreviation; None for any other word."""
    name = folded(word).rstrip(".")
    if len(name) < 3:
        return None
    found = {number for number, names in enumerate(_MONTHS, 1) if any(one.startswith(name) for one in names)}
    return found.pop() if len(found) == 1 else None


def _of_serial(text: str, origin: datetime) -> datetime | date | None:
    try:
        days = Decimal(text)
    except InvalidOperation:
        return None
    if not days.is_finite() or not _LEAST_SERIAL <= days < 110_000:
        return None
    when = origin + timedelta(seconds=round(float(days) * 86_400))
    return when.date() if days == days.to_integral_value() else when


_SOME_DAY = datetime(2001, 2, 3, 4, 5, 6)


def known_format(form: Any) -> Any:
    """Return a strptime format, `serial` or `serial1904`, or a list of these.

    Raises:
        ValueFault: it is none.
    """
    for one in form if isinstance(form, list) else [form]:
        if one in _SERIALS:
            continue
        try:
            found = _strptime(_SOME_DAY.strftime(one), one)
        except (ValueError, TypeError):
            raise ValueFault("is no format for dates (use one such as %d/%m/%Y)") from None
        if found.year != _SOME_DAY.year:
            raise ValueFault("is a format without a year (use one such as %d/%m/%Y)")
    return form
