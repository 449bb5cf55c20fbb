"""Workbooks: XLSX by openpyxl; ODS and XLS by a reader in its own process, which a bad file may end.

Each is read once, into a private file that has its rows as JSON: a table is looked at several times.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.models import encode
from destination_fincome.protocol.json_text import has_long_number, read_exactly
from fincome_tools.files.cells import json_value, without_blank_end
from fincome_tools.files.grid import Cells, Grid
from fincome_tools.files.merged_cells import merged_in, with_merged
from fincome_tools.files.private import PrivateFile

MOST_UNPACKED = 1 << 30
MOST_RATIO = 300
CHILD_SECONDS = 120
_AT_ONCE = 1 << 16
"""Bytes of rows that are read in one go."""


def read_xlsx(path: Path) -> list[Grid]:
    """Read the sheets of a workbook that aren't empty; formulas as the values that were saved with them.

    Raises:
        ConfigFailure: it is none, or grows beyond bounds when it is unpacked.
    """
    from openpyxl import load_workbook

    _check_packed(path)
    file = PrivateFile()
    starts: dict[str, int] = {}
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            starts[sheet.title] = file.content.tell()
            for number, cells in with_merged(_xlsx_rows(sheet), merged_in(path, sheet)):
                file.content.write(encode([sheet.title, number, cells]) + b"\n")
        book.close()
    except Exception as error:
        raise _broken(path) from error
    return _filled(path, file, starts, "Excel workbook")


def read_others(path: Path) -> list[Grid]:
    """Read the sheets of an ODS or XLS workbook that aren't empty.

    Raises:
        ConfigFailure: it can't be read in bounded time and memory.
    """
    if zipfile.is_zipfile(path):
        _check_packed(path)
    file = _converted(path)
    starts: dict[str, int] = {}
    place = 0
    for line in file.content:
        starts.setdefault(orjson.loads(line)[0], place)
        place += len(line)
    kind = "OpenDocument workbook" if path.suffix.lower() == ".ods" else "Excel workbook"
    return _filled(path, file, starts, kind)


def _filled(path: Path, file: PrivateFile, starts: dict[str, int], kind: str) -> list[Grid]:
    """Return the sheets that aren't empty, of those that a file has, each from its place on."""
    sheets = [(title, partial(_rows_of, file, title, start)) for title, start in starts.items()]
    filled = [(title, read) for title, read in sheets if next(read(), None) is not None]
    return [
        Grid(
            title if len(filled) > 1 else path.stem,
            f"{path.name}, sheet {title}",
            kind if len(sheets) == 1 else f"{kind}, sheet {title}",
            "row",
            read,
        )
        for title, read in filled
    ]


def _check_packed(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _broken(path) from error
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(path.stat().st_size, 1 << 16):
        raise ConfigFailure(
            f"{path.name} grows to {unpacked >> 20:,} MB when it is unpacked, which no export does: it isn't opened. "
            "Save the sheet as CSV."
        )


def _broken(path: Path) -> ConfigFailure:
    return ConfigFailure(f"{path.name} can't be read as a workbook. Open it once and save it again, or save it as CSV.")


def _xlsx_rows(sheet: Any) -> Iterator[Cells]:
    # What a workbook says of its own size is often wrong, and one far cell makes it huge.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), 1):
        if not row:  # rows that aren't there, a million of them above one far cell
            continue
        cells = without_blank_end([_cell(cell.value, getattr(cell, "number_format", "")) for cell in row])
        if any(cell is not None for cell in cells):
            yield Cells(number, cells)


def _cell(value: Any, number_format: str = "") -> Any:
    """Return a cell's value as JSON has it; a number that is shown with zeros before it as text."""
    value = json_value(value)
    if isinstance(value, int) and not isinstance(value, bool) and number_format and set(number_format) == {"0"}:
        return f"{value:0{len(number_format)}}"
    return value


def _converted(path: Path) -> PrivateFile:
    """Have the workbook read by another process, into a private file: a list of sheet, row and cells a line."""
    file = PrivateFile()
    command = [sys.executable, "-m", "fincome_tools.files.sheet_reader", str(path)]
    try:
        done = subprocess.run(  # noqa: S603
            command, stdout=file.content, stderr=subprocess.DEVNULL, timeout=CHILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _broken(path) from None
    if done.returncode:
        raise _broken(path)
    file.content.seek(0)
    return file


def _rows_of(file: PrivateFile, title: str, place: int) -> Iterator[Cells]:
    lines = [b""]
    while lines:
        with file.lock:  # Several readings may be under way.
            file.content.seek(place)
            lines = file.content.readlines(_AT_ONCE)
            place = file.content.tell()
        for sheet, number, cells in map(_read, lines):
            if sheet != title:
                return
            yield Cells(number, cells)


def _read(line: bytes) -> Any:
    return read_exactly(line) if has_long_number(line) else orjson.loads(line)
