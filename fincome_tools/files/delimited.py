"""CSV and its kin: the separator is the one of four by which most rows have the same number of cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

from destination_fincome.failure import ConfigFailure
from fincome_tools.files.encoding import Encoding, encoding_of
from fincome_tools.files.grid import LOOKED_AT, Cells, Grid

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
LONGEST_CELL = 1 << 20


def read_delimited(path: Path) -> Grid:
    """Read a file of text with separators.

    Raises:
        ConfigFailure: it is no text, or its quotes are broken.
    """
    encoding = encoding_of(path)
    separator = _separator(path, encoding)
    word = SEPARATORS[separator]
    return Grid(
        path.stem,
        path.name,
        f"{encoding.name}, separated by {word}",
        "line",
        partial(_lines, path, encoding, separator),
        f"A text with a {word} in it needs quotes: repair that line, or export the file again.",
    )


def _lines(path: Path, encoding: Encoding, separator: str) -> Iterator[Cells]:
    """Yield all rows that aren't blank.

    Raises:
        ConfigFailure: a quote isn't closed, or a cell has no end.
    """
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding.codec, errors="strict", newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        begun = 1
        while True:
            begun = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ConfigFailure(
                    f"{path.name}, line {begun}: the quotes aren't closed as they should be ({error}). "
                    "Repair that line, or export the file again."
                ) from None
            except UnicodeDecodeError:
                raise ConfigFailure(
                    f"{path.name}, line {begun} and on: it can't be read as {encoding.name}. Save it as UTF-8."
                ) from None
            if "".join(cells).strip():
                yield Cells(begun, cells)


def _separator(path: Path, encoding: Encoding) -> str:
    """Find the separator: by it most rows have the same number of cells, the more the better."""
    scores: dict[str, float] = {}
    within: dict[str, float] = {}
    faults: list[ConfigFailure] = []
    for separator in SEPARATORS:
        try:
            rows = [cells for _, cells in islice(_lines(path, encoding, separator), LOOKED_AT)]
        except ConfigFailure as fault:
            faults.append(fault)
            continue
        scores[separator], within[separator] = _regularity(rows), _within_numbers(rows)
    if not scores:
        raise faults[0]
    if any(score > 0 for separator, score in scores.items() if separator != ","):
        # Decimal signs make regular rows too.
        scores[","] = scores.get(",", 0) * (1 - within.get(",", 0))
    best = max(scores, key=lambda separator: scores[separator])
    if scores[best] == 0 and faults:
        raise faults[0]
    return best


def _within_numbers(rows: Sequence[list[str]]) -> float:
    """Return the share of the places of a separator that have a figure on both sides."""
    places = [left[-1:].isdigit() and right[:1].isdigit() for cells in rows for left, right in pairwise(cells)]
    return sum(places) / len(places) if places else 0


def _regularity(rows: Sequence[list[str]]) -> float:
    """Return the share of the rows that have the commonest width above one, weighed by how much the width says."""
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    if not widths:
        return 0
    # Of equally frequent widths the larger one: a title block is narrower than the table.
    width, number = max(widths.items(), key=lambda item: (item[1], item[0]))
    filled = sum(bool(cell) for cells in rows if len(cells) == width for cell in cells) / (width * number)
    return number / len(rows) * (1 - 1 / width) * (0.5 + filled / 2)
