"""Reads an ODS or XLS workbook in a process of its own: the library ends the whole process over some broken files."""

import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from python_calamine import CalamineWorkbook

MEMORY = 2 << 30
SECONDS = 100


def main() -> None:
    """Write a JSON list a row: the sheet's name, the row's number, its cells."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    book = CalamineWorkbook.from_path(sys.argv[1])
    for name in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            cells = [_cell(value) for value in row]
            while cells and cells[-1] is None:
                cells.pop()
            if any(cell is not None for cell in cells):
                sys.stdout.buffer.write(orjson.dumps([name, number, cells]) + b"\n")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None if isinstance(value, str) and not value.strip() else value


if __name__ == "__main__":
    main()
