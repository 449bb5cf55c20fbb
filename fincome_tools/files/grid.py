"""From rows of cells to a table: where the heading is, and which rows are no data.

The heading is the first row of different words above rows of its width: exports often begin with a block of titles.
Rows of totals are left out (totals.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from typing import Any, NamedTuple

from destination_fincome.failure import ConfigFailure
from destination_fincome.wording import counted
from fincome_tools.files.first_rows import FirstRows, filled_in, first_rows_of, has_gaps, may_number_documents
from fincome_tools.files.table import MOST_COLUMNS, Row, Table
from fincome_tools.files.totals import SEVERAL, TITLE, Label, is_of_page, label_of, totals_among

LOOKED_AT = 5000
MOST_TITLE_ROWS = 30


class Cells(NamedTuple):
    """A row as it stands: its number in the file, and its cells."""

    number: int
    cells: list[Any]


@dataclass(frozen=True)
class Grid:
    """Rows of cells, of a file or of a sheet.

    Attributes:
        name: of the table that it holds.
        place: the file, and of a workbook the sheet: for messages.
        reading: how it is read, in words.
        row_is: what people call a row there: `line` or `row`.
        read: gives all rows that aren't blank, each time from the first one on.
        remedy: what to do about a row with more cells than the heading has.
    """

    name: str
    place: str
    reading: str
    row_is: str
    read: Callable[[], Iterator[Cells]]
    remedy: str = "Give each column a name in the heading."


def table_of(grid: Grid) -> Table:
    """Find the heading and the rows that are no data.

    Raises:
        ConfigFailure: it is empty, has no heading or too many columns, or can't be read.
    """
    heading = _heading(list(islice(grid.read(), LOOKED_AT)), grid.place)
    columns = _headings([_text(cell) for cell in heading.cells], grid.place)
    left_out = _no_data(grid, heading, columns)
    words = f"{grid.reading}, heading in {grid.row_is} {heading.number}"
    counts = Counter(left_out.rows.values())
    told = ", ".join(counted(number, what, SEVERAL.get(what, "")) for what, number in counts.items())
    read = partial(_rows, grid, heading.number, columns, frozenset(left_out.rows))
    first = None
    if left_out.has_gaps and (first := first_rows_of(columns, (row.values for row in read()), left_out.groups)):
        words = f"{words}, {_filled_in_words(first, columns)}"
    return Table(grid.name, columns, words, (lambda: filled_in(read(), first)) if first else read, told)


def _filled_in_words(first: FirstRows, columns: Sequence[str]) -> str:
    """Say what was filled in; no comma, which stands between the parts of how a table is read."""
    names = " / ".join(columns[place].replace(",", "") for place in first.places)
    return f"{counted(first.rows, 'further row')} of documents filled in from the first one ({names})"


def _headings(cells: list[str], place: str) -> tuple[str, ...]:
    """Return the names of the columns: those without a name are numbered, and so are doubles."""
    if len(cells) > MOST_COLUMNS:
        raise ConfigFailure(
            f"{place} has {len(cells):,} columns, and no more than {MOST_COLUMNS:,} are read: "
            "is the separator another one, or is it no export?"
        )
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = first = " ".join(cell.split()) or f"column {number}"
        again = 1
        while name in names:
            again += 1
            name = f"{first} ({again})"
        names.append(name)
    return tuple(names)


def _heading(rows: Sequence[Cells], place: str) -> Cells:
    """Find the heading: below it the rows have its width."""
    if not rows:
        raise ConfigFailure(f"{place} is empty.")
    widths = Counter(len(row.cells) for row in rows)
    width, _ = max(widths.items(), key=lambda item: (item[1], item[0]))
    for row in rows[:MOST_TITLE_ROWS]:
        named = [_text(cell) for cell in row.cells if _text(cell).strip()]
        is_whole = len(row.cells) >= width and len(named) > width / 2 and len(set(named)) > len(named) / 2
        if is_whole and not any(map(_is_value, _without_months(row.cells))):
            return row
    raise ConfigFailure(f"{place}: no row looks like a heading: give each column a name, in one row above the data.")


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


_MONTH = re.compile(r"(0?[1-9]|1[0-2])[/.-](20)?\d\d|20\d\d[/.-](0?[1-9]|1[0-2])([/.-]01)?( 00:00:00)?")
_FEWEST_MONTHS = 3


def _without_months(cells: Sequence[Any]) -> list[Any]:
    """Return the cells of a row without its months, if it has several: they head columns."""
    others = [cell for cell in cells if not _MONTH.fullmatch(_text(cell).strip())]
    return others if len(cells) - len(others) >= _FEWEST_MONTHS else list(cells)


def _is_value(cell: Any) -> bool:
    """Tell whether a cell holds a number or a date: a heading has none."""
    text = _text(cell).strip().lstrip("-+(€$£ ")
    return text[:1].isdigit() and sum(sign.isdigit() for sign in text) * 2 > len(text)


def _below(grid: Grid, heading: int) -> Iterator[Cells]:
    return (row for row in grid.read() if row.number > heading)


def _rows(grid: Grid, heading: int, columns: Sequence[str], left_out: frozenset[int]) -> Iterator[Row]:
    """Yield the data.

    Raises:
        ConfigFailure: a row has more cells than the heading has names.
    """
    width = len(columns)
    for number, cells in _below(grid, heading):
        if number in left_out:
            continue
        if "NULL" in cells or "\\N" in cells:
            cells = [None if one in _NULLS else one for one in cells]
        if len(cells) == width:
            yield Row(number, tuple(cells))
            continue
        if len(cells) > width and any(_text(cell).strip() for cell in cells[width:]):
            raise ConfigFailure(
                f"{grid.place}, {grid.row_is} {number}: it has {len(cells)} cells, and the heading {width}. "
                f"{grid.remedy}"
            )
        yield Row(number, (*cells[:width], *[None] * (width - len(cells))))


# What databases' tools write for no value at all, and nothing else has in a cell by itself.
_NULLS = frozenset(["NULL", "\\N"])


# --- rows that are no data


class _NoData(NamedTuple):
    """What a look at all rows shows.

    Attributes:
        rows: those that are no data, by their numbers, with what they are.
        has_gaps: others lack what may be a document's number.
        groups: whose totals there are, folded.
    """

    rows: dict[int, str]
    has_gaps: bool
    groups: frozenset[str]


def _no_data(grid: Grid, heading: Cells, columns: Sequence[str]) -> _NoData:
    numbers = [place for place, name in enumerate(columns) if may_number_documents(name)]
    above = takewhile(lambda row: row.number < heading.number, grid.read())
    titles = {_text(cell).strip() for _, cells in above for cell in cells} - {""}
    found: dict[int, str] = {}
    labels: dict[int, Label] = {}
    gaps = False
    for number, cells in _below(grid, heading.number):
        if cells == heading.cells:
            found[number] = "repeated heading"
        elif is_of_page(cells, titles):
            found[number] = TITLE
        elif label := label_of(cells):
            labels[number] = label
        else:
            gaps = gaps or has_gaps(cells, numbers)
    if labels:
        others = frozenset(found)
        found |= totals_among(
            lambda: ((number, cells) for number, cells in _below(grid, heading.number) if number not in others),
            labels,
        )
    groups = frozenset(name for number, label in labels.items() if number in found for name in label.of)
    return _NoData(found, gaps, groups)
