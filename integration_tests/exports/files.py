"""The files themselves: delimited text, workbooks, OpenDocument spreadsheets, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl

from integration_tests.exports.forms import Cell

Grid = Sequence[Sequence[Cell]]

_ODS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_LONG_AGO = (2020, 1, 1, 0, 0, 0)
"""The time of all entries of archives, so that the same seed gives the same bytes."""


def delimited(path: Path, grid: Grid, *, separator: str, encoding: str, quote_all: bool = False) -> None:
    """Write delimited text with Windows line ends; `utf-16` and `utf-8-sig` begin with their mark."""
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=separator,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
        lineterminator="\r\n",
    )
    writer.writerows([["" if cell is None else cell for cell in row] for row in grid])
    path.write_bytes(buffer.getvalue().encode(encoding))


def workbook(path: Path, sheets: Mapping[str, Grid]) -> None:
    """Write an XLSX file, numbers and dates as typed cells."""
    book = openpyxl.Workbook(write_only=True)
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for row in grid:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as saved, zipfile.ZipFile(path, "w") as archive:
        for name in saved.namelist():
            content = saved.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2020-01-01T00:00:00Z", content)
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)


def opendocument(path: Path, sheets: Mapping[str, Grid]) -> None:
    """Write an ODS file, numbers and dates as typed cells."""
    body = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in grid)
        + "</table:table>"
        for name, grid in sheets.items()
    )
    names = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in _ODS.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2">'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", _LONG_AGO), _ODS_TYPE)
        for name, text in (("META-INF/manifest.xml", _ODS_MANIFEST), ("content.xml", content)):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), text, zipfile.ZIP_DEFLATED)


def _ods_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        attributes, shown = f'office:value-type="date" office:date-value="{cell.isoformat()}"', f"{cell:%d/%m/%Y}"
    elif isinstance(cell, int | float):
        attributes, shown = f'office:value-type="float" office:value="{cell}"', str(cell)
    else:
        attributes, shown = 'office:value-type="string"', escape(cell)
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


def json_document(path: Path, value: Any) -> None:
    """Write one JSON value, with its letters as they are."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a JSON object on each line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
