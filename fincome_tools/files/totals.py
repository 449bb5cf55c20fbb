"""Rows of totals: below the data, or between its groups. They are no records.

A row is one by its label and by what it lacks, a date, a number, whatever the rows of data have; or the sums of the
rows above prove it. A customer may be called Total, so a label alone proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

# Of French, English, German, Spanish, Italian, Dutch and Portuguese, without accents.
_TOTAL = (
    "total totals totaux totale totali totales totaal totalen totais subtotal subtotals subtotale subtotaal subtotales"
    " subtotais somme sum summe summen gesamtsumme zwischensumme teilsumme endsumme gesamt gesamtbetrag gesamtergebnis"
    " suma soma somma som eindtotaal tussentotaal cumul"
)
_PARTS = "sous sub sub- sous- zwischen grand grande gross overall running"
# What a label may have besides, and is that of a total still.
_BESIDE = (
    "general generale generaal geral complessivo complessiva suma sum facture factures invoice invoices rechnung"
    " rechnungen factura facturas fattura fatture factuur facturen fatura faturas client clients customer customers"
    " ht ttc tva net netto brutto brut eur usd gbp chf hors taxe taxes of the du de des la le der die das report page"
    " amount montant betrag importe importo bedrag periode period mois month year annee jahr"
)
_TOTALS = frozenset(_TOTAL.split())
_WITH = _TOTALS | frozenset(_PARTS.split()) | frozenset(_BESIDE.split())
_LAST = _TOTALS | {"ergebnis"}  # `Dupont Ergebnis`, as spreadsheets write below a group.
# What pages begin and end with: the sum of all pages before.
_FORWARD = re.compile(
    r"reports?|a reporter|ue?bertrag|(balance )?(carried|brought) forward|suma (y sigue|anterior)|a riportare|riporto"
    r"|te transporteren|a transportar"
)
# A look at whole rows that nearly all of them fail: some of these letters are in every label.
_SOME = ("tota", "sum", "som", "gesamt", "ergebnis", "cumul", "report", "bertrag", "forward", "riport", "transport")
_MAY_BE = re.compile(
    r"tota|summe|somm|suma|soma|\bsom\b|\bsum\b|gesamt|ergebnis|cumul|report|bertrag|forward|riport|transport[ae]r"
)
_CURRENCY = re.compile(r"[A-Za-z]{3}|[€$£]")
_LATEST = 40
"""A total is that of the rows since one of so many totals above it, or of all rows."""
_NEARLY_ALL = 0.95
_FEW = 3
"""So few columns don't tell a total from data by what it lacks."""
_PAGE = re.compile(r"(page|seite|pagina|pag\.?|blad)\s*:?\s*(n\W*)?\d+(\s*(/|von|of|sur|de|di|van)\s*\d+)?")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](\d\d){1,2}")

TOTAL = "total row"
UNPROVED = "total row that isn't the sum of the rows above it"
TITLE = "title or page number"
SEVERAL = {
    UNPROVED: "total rows that aren't the sums of the rows above them",
    TITLE: "titles or page numbers",
}
"""What several of them are called, where an s doesn't say it."""


class Label(NamedTuple):
    """What a cell of a total says.

    Attributes:
        place: of the cell in its row.
        of: whose total it may be, folded; empty if nothing more is said.
        is_forward: it is what a page takes from the pages before.
    """

    place: int
    of: tuple[str, ...]
    is_forward: bool = False


def is_of_page(cells: Sequence[Any], titles: Collection[str]) -> bool:
    """Tell whether a row has nothing but a page's number, or one of the titles above the heading, as each page may."""
    if len(cells) - cells.count("") - cells.count(None) > 1:
        return False  # Nearly all rows; what follows would take as long as all the rest of the reading.
    there = [cell for cell in cells if _is_filled(cell)]
    if len(there) != 1 or not isinstance(there[0], str):
        return False
    return there[0].strip() in titles or bool(_PAGE.fullmatch(folded(there[0])))


def may_be_total(cells: Sequence[Any]) -> bool:
    """Tell whether a text of a row is a total's label: what merged cells say isn't said of such a row."""
    return label_of(cells) is not None


def label_of(cells: Sequence[Any]) -> Label | None:
    """Return the first text of a row that may be a total's label."""
    try:
        text = "\n".join(cells).lower()
    except TypeError:  # cells of a workbook
        text = "\n".join(cell for cell in cells if isinstance(cell, str)).lower()
    if not any(map(text.__contains__, _SOME)) or not _MAY_BE.search(text):
        return None
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and _MAY_BE.search(cell.lower()) and (of := _whose(cell)) is not None:
            return Label(place, of, _is_forward(cell))
    return None


@lru_cache(maxsize=1 << 10)
def _whose(text: str) -> tuple[str, ...] | None:
    """Return whose total a text may call itself, folded; nothing if a total is all that it says; None if it is none."""
    words = folded(text).replace(":", " ").replace("=", " ").strip(" .*-").split()
    words = [word.strip("().,") or word for word in words]
    if _is_forward(text):
        return ()
    if _TOTALS & {*words, *map(_without_part, words)}:
        plain = [word for word in words if _without_part(word) not in _WITH]
        if not plain or all(word.strip("-/.").isdigit() for word in plain):
            return ()
    found = []
    for first in (1, 2):
        begins = "".join(words[:first]).replace("-", "").removeprefix("sous")
        if begins in _TOTALS and len(words) > first:
            found.append(" ".join(word for word in words[first:] if word not in ("-", "–")))
    if len(words) > 1 and words[-1] in _LAST:
        found.append(" ".join(words[:-1]))
    return tuple(found) or None


def _without_part(word: str) -> str:
    return word.removeprefix("sous-").removeprefix("sub-")


def _is_forward(text: str) -> bool:
    return bool(_FORWARD.fullmatch(folded(text).strip(" .:")))


def folded(text: str) -> str:
    """Return a text without case, accents and further blanks."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(plain.casefold().split())


class _Candidate(NamedTuple):
    cells: Sequence[Any]
    label: Label
    is_proved: bool
    is_known: bool  # Rows above it are of what it is a total of.


Rows = Callable[[], Iterable[tuple[int, Sequence[Any]]]]


def totals_among(rows: Rows, labels: Mapping[int, Label]) -> dict[int, str]:
    """Return the rows that are totals by their numbers, with what they are in words.

    Args:
        rows: gives all rows below the heading that may be data, each time from the first one on.
        labels: of those that may be totals.
    """
    core = _core(cells for number, cells in rows() if number not in labels)
    found: dict[int, str] = {}
    sums, groups = _RunningSums(), dict[int, str]()
    for number, cells in rows():
        if (label := labels.get(number)) is not None:
            is_known = not {*label.of}.isdisjoint(map(folded, groups.values()))
            if words := _words_for(_Candidate(cells, label, sums.prove(cells), is_known), core):
                found[number] = words
                sums.pass_total()
                continue
        sums.add(cells)
        groups.update((place, cell) for place, cell in enumerate(cells) if isinstance(cell, str) and cell)
    return found


def _core(rows: Iterable[Sequence[Any]]) -> set[int]:
    """Return the places of what nearly all rows of data have."""
    filled: Counter[int] = Counter()
    data = 0
    for cells in rows:
        data += 1
        filled.update(place for place, cell in enumerate(cells) if _is_filled(cell))
    return {place for place, times in filled.items() if times >= _NEARLY_ALL * data}


def _words_for(one: _Candidate, core: Collection[int]) -> str:
    """Return what a row is called that is a total; nothing if it may be data."""
    is_bare = _is_bare(one, core)
    if one.label.is_forward and not (is_bare and one.is_proved):
        return ""
    lacks = _lacks(one, core) or not _is_filled(one.cells[0])
    if one.label.of:
        is_named = one.is_proved and one.is_known and (lacks or len(core) <= _FEW)
        if not is_named and not (is_bare and (one.is_proved or one.is_known)):
            return ""
    elif one.label.place and not lacks:
        return ""  # What programs keep their totals in: a row for each.
    if one.is_proved:
        return TOTAL
    return UNPROVED if is_bare and _has_figures(one.cells) else ""


def _is_bare(one: _Candidate, core: Collection[int]) -> bool:
    """Tell whether a row has a label and figures, and lacks what rows of data have."""
    others = [(place, cell) for place, cell in enumerate(one.cells) if place != one.label.place and _is_filled(cell)]
    is_plain = all(_is_figure(cell) or _CURRENCY.fullmatch(str(cell).strip()) for _, cell in others)
    return is_plain and _lacks(one, core)


def _lacks(one: _Candidate, core: Collection[int]) -> bool:
    """Tell whether a row lacks something that nearly all rows of data have."""
    return not all(place < len(one.cells) and _is_filled(one.cells[place]) for place in core)


def _has_figures(cells: Sequence[Any]) -> bool:
    return any(map(_is_figure, cells))


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _is_figure(cell: Any) -> bool:
    if isinstance(cell, str) and _DAY.fullmatch(cell.strip()):
        return False
    return number_in(cell, ",") is not None or number_in(cell, ".") is not None


Sums = Mapping[tuple[int, str], Decimal]


class _RunningSums:
    """The sums of columns, by either reading of the decimal sign, and what they were at the totals above."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str], Decimal] = {}
        self._earlier: deque[Sums] = deque(maxlen=_LATEST)
        self._group: tuple[Any, Sums] = (None, {})

    def add(self, cells: Sequence[Any]) -> None:
        """Add a row of data; its first cell tells of which group it is."""
        if cells and cells[0] != self._group[0] and _is_filled(cells[0]):
            self._group = (cells[0], dict(self._sums))
        for place, cell in enumerate(cells):
            for mark in ",.":
                if (number := number_in(cell, mark)) is not None:
                    self._sums[place, mark] = self._sums.get((place, mark), Decimal(0)) + number

    def pass_total(self) -> None:
        """Note that a total has come."""
        self._earlier.append(dict(self._sums))

    def prove(self, cells: Sequence[Any]) -> bool:
        """Tell whether a row holds the sum of one column at least: of all rows, or since a total or a group began."""
        starts: Iterator[Sums] = iter(({}, self._group[1], *self._earlier))
        numbers = {
            (place, mark): number
            for place, cell in enumerate(cells)
            for mark in ",."
            if (number := number_in(cell, mark)) is not None
        }
        return any(
            key in self._sums and self._sums[key] - start.get(key, Decimal(0)) == number
            for start in starts
            for key, number in numbers.items()
            if number or not start
        )


def number_in(cell: Any, mark: str) -> Decimal | None:
    """Return a cell's number if `mark` is the decimal sign; None if it is no number so."""
    if not isinstance(cell, str):
        return Decimal(str(cell)) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None
    grouping = "." if mark == "," else ","
    text = "".join(cell.split()).replace("'", "").strip("€$£")
    text = text.replace(grouping, "").replace(mark, ".")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1].strip('€$£')}"
    elif text.endswith("-"):
        text = f"-{text[:-1]}"
    return Decimal(text) if text.lstrip("-+").replace(".", "", 1).isdecimal() else None
