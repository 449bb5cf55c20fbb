"""How values are written: amounts, dates, words. A form's `pattern` is what the truth says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from integration_tests.exports.languages import Language

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Form:
    """A way of writing: `kind` is text, amount, date or words."""

    kind: str
    pattern: str
    write: Callable[[Any], Cell]
    negative: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def _text(value: Any) -> Cell:
    return "" if value is None else str(value)


TEXT = Form("text", "text", _text)
WHOLE = Form("text", "text", lambda value: None if value is None else int(value))
"""An id that JSON and workbooks have as a number."""
COUNT = Form("amount", "number", lambda value: None if value is None else int(value))
CELL = Form("date", "cell", lambda value: value)
"""A typed date in a workbook."""
NUMBER = Form("amount", "cell", lambda value: value if value is None or isinstance(value, int) else float(value), "-")
"""A typed number in a workbook or JSON."""


def amount(pattern: str, negative: str = "-", *, blank_zero: bool = False) -> Form:
    """Return the form of amounts that writes 1234.56 as the pattern does.

    Args:
        pattern: 1234.56 in that form, with more decimals or a currency's sign if there is one: `1.234,56 €`.
        negative: `-` (before), `trailing`, or `parentheses`.
        blank_zero: Whether nothing is written for 0.
    """
    found = re.fullmatch(r"(\D*)1(\D?)234(\D)(56\d*)(\D*)", pattern)
    assert found, pattern
    before, group, mark, decimals, after = found.groups()

    def write(value: Decimal | None) -> Cell:
        if value is None or (blank_zero and not value):
            return ""
        digits = f"{abs(value):,.{len(decimals)}f}".replace(",", "\0").replace(".", mark).replace("\0", group)
        text = f"{before}{digits}{after}"
        if value >= 0:
            return text
        return {"-": f"-{text}", "trailing": f"{text}-", "parentheses": f"({text})"}[negative]

    return Form("amount", pattern, write, negative)


def cents() -> Form:
    """Return the form of whole numbers of hundredths."""
    return Form("amount", "123456", lambda value: None if value is None else int(value * 100), "-")


def percent(pattern: str) -> Form:
    """Return the form of a rate in percent: 20 as `20`, `20,00`, `20 %` or `0.2`."""

    def write(value: Decimal) -> Cell:
        if pattern == "0.2":
            return str((value / 100).normalize() if value else "0")
        whole = f"{value:.2f}" if "00" in pattern else f"{value:.0f}"
        return pattern.replace("20,00", whole.replace(".", ",")).replace("20.00", whole).replace("20", whole, 1)

    if "00" in pattern:
        mark = "," if "," in pattern else "."
        sign = pattern[5:]
        return Form("rate", pattern, lambda value: f"{value:.2f}".replace(".", mark) + sign)
    return Form("rate", pattern, write)


_DATES: dict[str, str] = {
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "DD/MM/YY": "%d/%m/%y",
    "DD.MM.YY": "%d.%m.%y",
    "YYYYMMDD": "%Y%m%d",
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYY/MM/DD": "%Y/%m/%d",
    "MM/YYYY": "%m/%Y",
    "YYYY-MM": "%Y-%m",
}


def day(pattern: str, language: Language | None = None) -> Form:
    """Return the form of days; month names (`MMMM`, `MMM`) are in the language given.

    `serial` is a spreadsheet's number of a day, `M/D/YYYY` has no zeros, a pattern with `hh` has a time of the day.
    """
    name = f"{pattern} ({language.code})" if language else pattern
    return Form("date", name, lambda value: "" if value is None else _day(value, pattern, language))


def _day(value: date, pattern: str, language: Language | None) -> Cell:
    if pattern in _DATES:
        return value.strftime(_DATES[pattern])
    if pattern == "serial":
        return str((value - date(1899, 12, 30)).days)
    if pattern == "M/D/YYYY":
        return f"{value.month}/{value.day}/{value.year}"
    if "hh" in pattern:
        moment = datetime.combine(value, time(9, 12, 5 + value.day))
        text = pattern.replace("hh:mm:ss", f"{moment:%H:%M:%S}").replace("hh:mm", f"{moment:%H:%M}")
        text = text.replace("YYYY", f"{value:%Y}").replace("DD", f"{value:%d}")
        return text.replace("MMM", _short(value, language)) if "MMM" in text else text.replace("MM", f"{value:%m}")
    assert language, pattern
    month = language.months[value.month - 1] if "MMMM" in pattern else _short(value, language)
    text = pattern.replace("YYYY", str(value.year)).replace("DD", f"{value.day:02d}")
    text = re.sub(r"\bD\b", str(value.day), text)
    return re.sub("M{3,4}", month, text)


def _short(value: date, language: Language | None) -> str:
    """Return a month's short name, as a spreadsheet of that language writes it: a point where letters are missing."""
    if language is None or language.code == "en":
        return f"{value:%b}"
    name = language.months[value.month - 1]
    if language.code == "fr":
        return name if len(name) <= 4 else ("juil." if name == "juillet" else f"{name[:4]}.")
    return name if len(name) <= 3 else f"{name[:3]}" + ("." if language.code == "de" else "")


def words(meanings: Mapping[str, str]) -> Form:
    """Return the form that writes a meaning as its word, given the words by meaning."""
    known = {word: meaning.split("|")[0] for meaning, word in meanings.items()}
    return Form("words", "words", lambda value: "" if value is None else meanings[value], "", known)
