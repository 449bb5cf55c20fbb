"""Workbooks: XLSX by openpyxl, row by row; ODS and XLS by a reader in its own process, which a bad file may end."""

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
from fincome_tools.files.cells import json_value, without_blank_end
from fincome_tools.files.grid import Cells, Grid
from fincome_tools.files.private import PrivateFile

MOST_UNPACKED = 1 << 30
MOST_RATIO = 300
CHILD_SECONDS = 120


def read_xlsx(path: Path) -> list[Grid]:
    """Read the sheets of a workbook that aren't empty; formulas as the values that were saved with them.

    Raises:
        ConfigFailure: it is none, or grows beyond bounds when it is unpacked.
    """
    from openpyxl import load_workbook

    _check_packed(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheets = [sheet.title for sheet in book.worksheets]
        book.close()
    except Exception as error:
        raise _broken(path) from error
    return _filled(path, [(title, partial(_xlsx_rows, path, title)) for title in sheets], "Excel workbook")


def read_others(path: Path) -> list[Grid]:
    """Read the sheets of an ODS or XLS workbook that aren't empty.

    Raises:
        ConfigFailure: it can't be read in bounded time and memory.
    """
    if zipfile.is_zipfile(path):
        _check_packed(path)
    file = _converted(path)
    sheets: dict[str, int] = {}
    for line in file.content:
        sheets.setdefault(orjson.loads(line)[0], 0)
    kind = "OpenDocument workbook" if path.suffix.lower() == ".ods" else "Excel workbook"
    return _filled(path, [(title, partial(_converted_rows, file, title)) for title in sheets], kind)


def _filled(path: Path, sheets: list[tuple[str, Any]], kind: str) -> list[Grid]:
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


def _xlsx_rows(path: Path, title: str) -> Iterator[Cells]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book[title]
        # What a workbook says of its own size is often wrong, and one far cell makes it huge.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(), 1):
            if not row:  # rows that aren't there, a million of them above one far cell
                continue
            cells = without_blank_end([_cell(cell.value, getattr(cell, "number_format", "")) for cell in row])
            if any(cell is not None for cell in cells):
                yield Cells(number, cells)
    except Exception as error:
        raise _broken(path) from error
    finally:
        book.close()


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


def _converted_rows(file: PrivateFile, title: str) -> Iterator[Cells]:
    # Several readings may be under way.
    place = 0
    while True:
        file.content.seek(place)
        line = file.content.readline()
        place = file.content.tell()
        if not line:
            return
        sheet, number, cells = orjson.loads(line)
        if sheet == title:
            yield Cells(number, cells)
