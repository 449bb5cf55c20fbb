"""Cells of a workbook that are merged over several rows: what they say, they say of each.

A document's number, its day, its customer stand in the first row only, and the other rows are its further lines. Only
texts and dates are repeated: an amount that is merged is that of all rows together, and would count in each of them.
Nor are they in a row of a total, which would look like a further line.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fincome_tools.files.grid import Cells
from fincome_tools.files.totals import may_be_total

_RANGE = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_LONGEST = 200
_AT_ONCE = 1 << 20

Ranges = Mapping[int, list[tuple[int, int]]]
"""By the first row: the places in a row, from 0, of cells that are merged, with their last rows."""


def merged_in(path: Path, sheet: Any) -> Ranges:
    """Return the cells of a sheet that are merged with those below them, and with none beside them."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    with zipfile.ZipFile(path) as packed, packed.open(sheet._worksheet_path) as part:
        for first, start, last, end in _ranges(part):
            if first == last and int(start) < int(end):
                found[int(start)].append((_place(first), int(end)))
    return found


def _ranges(part: Any) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Yield the corners of ranges; a sheet has them behind its rows, and it may be long."""
    rest = b""
    while piece := part.read(_AT_ONCE):
        text, end = rest + piece, 0
        for match in _RANGE.finditer(text):
            end = match.end()
            yield match[1], match[2], match[3], match[4]
        rest = text[max(end, len(text) - _LONGEST) :]


def _place(letters: bytes) -> int:
    """Return the place of a column in its row, from 0: of `A`, `AB`."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def with_merged(rows: Iterable[Cells], ranges: Ranges) -> Iterator[Cells]:
    """Yield rows with what cells above say of theirs as well."""
    said: dict[int, tuple[str, int]] = {}
    for number, cells in rows:
        is_line = not may_be_total(cells)
        for place, (value, last) in said.items():
            if is_line and number <= last and (place >= len(cells) or cells[place] is None):
                cells.extend([None] * (place + 1 - len(cells)))
                cells[place] = value
        for place, last in ranges.get(number, ()):
            if place < len(cells) and isinstance(cells[place], str):
                said[place] = (cells[place], last)
        yield Cells(number, cells)
