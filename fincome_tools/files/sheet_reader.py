"""Reads an ODS or XLS workbook in a process of its own: the library ends the whole process over some broken files."""

import resource
import sys

import orjson
from python_calamine import CalamineWorkbook

from fincome_tools.files.cells import json_value, without_blank_end

MEMORY = 2 << 30
SECONDS = 100


def main() -> None:
    """Write a JSON list a row: the sheet's name, the row's number, its cells."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    book = CalamineWorkbook.from_path(sys.argv[1])
    for name in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            cells = without_blank_end([json_value(value) for value in row])
            if any(cell is not None for cell in cells):
                sys.stdout.buffer.write(orjson.dumps([name, number, cells]) + b"\n")


if __name__ == "__main__":
    main()
