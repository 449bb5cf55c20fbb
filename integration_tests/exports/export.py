"""What an export is made of, and the writer that makes its files and its truth from one description of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from integration_tests.exports import files, revenue
from integration_tests.exports.book import Book, Document, Row
from integration_tests.exports.forms import TEXT, Cell, Form
from integration_tests.exports.truth import Column, Fact, Table, Truth

CUSTOMER = "customers.id invoices.customer_id"
INVOICE = "invoices.id invoice_lines.invoice_id"
NET = "invoice_lines.amount_excluding_tax_after_discount"
START, END = "invoice_lines.period_start", "invoice_lines.period_end"
FLAT = "customers invoices invoice_lines"


@dataclass(frozen=True)
class Spec:
    """A column: how it comes from a row, how it is written, and what it truly is."""

    heading: str
    value: Callable[[Row], Any]
    form: Form
    becomes: tuple[str, ...]
    may: tuple[str, ...]
    role: str
    matters: bool
    summed: bool

    def cell(self, row: Row) -> Cell:
        return self.form.write(self.value(row))

    def column(self) -> Column:
        return Column(
            self.heading,
            self.becomes,
            self.may,
            self.form.kind,
            self.form.pattern,
            self.form.negative,
            self.role,
            dict(self.form.words),
            self.matters,
        )


def col(
    heading: str,
    value: Callable[[Row], Any],
    form: Form = TEXT,
    becomes: str = "",
    *,
    may: str = "",
    role: str = "",
    matters: bool | None = None,
    summed: bool = False,
) -> Spec:
    """Return a column.

    Args:
        heading: As in the file.
        value: What stands in a row.
        form: How it is written.
        becomes: The fields that are read from it, with blanks between.
        may: Fields that may be read from it too.
        role: Its part where several columns make one field, or what it is where it becomes none.
        matters: Whether it counts; if not said, every column that becomes something does.
        summed: Whether the row of totals sums it.
    """
    fields = tuple(becomes.split())
    counts = bool(fields) if matters is None else matters
    return Spec(heading, value, form, fields, tuple(may.split()), role, counts, summed)


@dataclass(frozen=True)
class Layout:
    """What stands in a table besides its data."""

    titles: Sequence[Sequence[Cell]] = ()
    """Rows above the heading; an empty one is an empty row."""
    repeat_heading: int = 0
    """After so many rows the heading comes again."""
    total: str = ""
    """The label of a row of totals at the end."""
    empty_before_total: bool = False
    empty_between: bool = False
    """Whether an empty row parts each document's rows from the next one's."""


@dataclass(frozen=True)
class Sheet:
    """A table to be written."""

    name: str
    specs: Sequence[Spec]
    rows: Sequence[Row]
    objects: str
    layout: Layout = field(default_factory=Layout)


@dataclass
class Writer:
    """Writes the files of one export into a folder, and keeps what is true of them."""

    folder: Path
    tables: list[Table] = field(default_factory=list)

    def text(
        self,
        file: str,
        specs: Sequence[Spec],
        rows: Sequence[Row],
        objects: str = FLAT,
        *,
        separator: str = ";",
        encoding: str = "cp1252",
        layout: Layout | None = None,
        quote_all: bool = False,
    ) -> None:
        """Write a table as delimited text."""
        sheet = Sheet("", specs, rows, objects, layout or Layout())
        grid = self._grid(file, sheet, encoding, separator)
        files.delimited(self.folder / file, grid, separator=separator, encoding=encoding, quote_all=quote_all)

    def workbook(self, file: str, *sheets: Sheet) -> None:
        """Write tables as the sheets of an XLSX file."""
        files.workbook(self.folder / file, {sheet.name: self._grid(file, sheet) for sheet in sheets})

    def opendocument(self, file: str, *sheets: Sheet) -> None:
        """Write tables as the sheets of an ODS file."""
        files.opendocument(self.folder / file, {sheet.name: self._grid(file, sheet) for sheet in sheets})

    def json_lines(self, file: str, specs: Sequence[Spec], rows: Sequence[Row], objects: str) -> None:
        """Write a table as JSON lines: a column whose heading has points is nested."""
        self._know(file, Sheet("", specs, rows, objects), 0, {}, "utf-8")
        files.json_lines(self.folder / file, [_nested(specs, row) for row in rows])

    def json(self, file: str, key: str, specs: Sequence[Spec], rows: Sequence[Row], objects: str) -> None:
        """Write a table as one JSON document: a list below a key, or at its top if there is no key."""
        self._know(file, Sheet("", specs, rows, objects), 0, {}, "utf-8")
        records = [_nested(specs, row) for row in rows]
        files.json_document(self.folder / file, {key: records, "count": len(records)} if key else records)

    def json_with_lists(self, file: str, key: str, documents: Sheet, lines: Sheet) -> None:
        """Write a JSON document whose records have their lines in a list, below the name of their sheet."""
        self._know(file, documents, 0, {}, "utf-8")
        self._know(file, lines, 0, {}, "utf-8")
        records = []
        for row in documents.rows:
            own = [_nested(lines.specs, line) for line in lines.rows if line.document == row.document]
            records.append(_nested(documents.specs, row) | {lines.name: own})
        files.json_document(self.folder / file, {key: records} if key else records)

    def _grid(self, file: str, sheet: Sheet, encoding: str = "", separator: str = "") -> list[list[Cell]]:
        layout, heading = sheet.layout, [spec.heading for spec in sheet.specs]
        grid: list[list[Cell]] = [list(row) for row in layout.titles]
        left_out = {"title": sum(1 for row in grid if row), "empty": sum(1 for row in grid if not row)}
        grid.append([*heading])
        for place, row in enumerate(sheet.rows):
            if layout.empty_between and place and row.document != sheet.rows[place - 1].document:
                grid.append([])
                left_out["empty"] += 1
            if layout.repeat_heading and place and place % layout.repeat_heading == 0:
                grid.append([*heading])
                left_out["heading"] = left_out.get("heading", 0) + 1
            grid.append([spec.cell(row) for spec in sheet.specs])
        if layout.total:
            if layout.empty_before_total:
                grid.append([])
                left_out["empty"] += 1
            grid.append(_total(sheet))
            left_out["total"] = 1
        self._know(file, sheet, len(layout.titles) + 1, left_out, encoding, separator)
        return grid

    def _know(
        self, file: str, sheet: Sheet, heading: int, left_out: dict[str, int], encoding: str = "", separator: str = ""
    ) -> None:
        columns = tuple(spec.column() for spec in sheet.specs)
        kinds = tuple(sheet.objects.split())
        told = {kind: count for kind, count in left_out.items() if count}
        table = Table(file, sheet.name, kinds, heading, len(sheet.rows), columns, encoding, separator, told)
        self.tables.append(table)


def _total(sheet: Sheet) -> list[Cell]:
    cells: list[Cell] = [
        spec.form.write(sum((spec.value(row) or Decimal(0) for row in sheet.rows), Decimal(0))) if spec.summed else None
        for spec in sheet.specs
    ]
    return [sheet.layout.total, *cells[1:]]


def _nested(specs: Sequence[Spec], row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for spec in specs:
        *parents, name = spec.heading.split(".")
        place = record
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = None if spec.value(row) is None else spec.cell(row)
    return record


_USUAL = {
    "amount": "net",
    "amount_of": "line",
    "currency": "column",
    "line_type": "period",
    "period": "columns",
    "period_end": "inclusive",
    "status": "column",
    "subscription": "customer and product",
}


def answers(**given: str | None) -> dict[str, str]:
    """Return the true answers by question (`FACTS`): the usual ones, but for those given; None if it doesn't arise."""
    return {name.replace("_", " "): value for name, value in {**_USUAL, **given}.items() if value is not None}


@dataclass(frozen=True)
class Export:
    """One export: `make` writes its files into an empty folder, and returns the truth."""

    name: str
    about: str
    make: Callable[[Export, Writer], Truth]

    def write(self, folder: Path) -> Truth:
        """Write the files into the folder, which is made if need be, and return the truth."""
        folder.mkdir(parents=True, exist_ok=True)
        return self.make(self, Writer(folder))

    def truth(
        self,
        writer: Writer,
        book: Book,
        facts: Mapping[str, str],
        *,
        amounts: Sequence[str],
        has_mrr: bool = True,
        invoices: Iterable[Document] | None = None,
    ) -> Truth:
        """Return the truth of the files that were written.

        Args:
            writer: What wrote them.
            book: The books that they are of.
            facts: The true answers; those that columns give (orders of dates, decimal signs) come from there.
            amounts: The headings of the columns that the net amount is read from.
            has_mrr: Whether the files tell the periods of lines.
            invoices: Those that count, if they aren't all of the books.
        """
        counted = book.invoices if invoices is None else list(invoices)
        told = [Fact(name, value, tuple(amounts) if name == "amount" else ()) for name, value in facts.items()]
        objects = {
            "invoices": len(counted),
            "invoice_lines": len(counted)
            if facts["amount of"] == "document"
            else sum(len(item.lines) for item in counted),
            "credit_notes": len(book.credits),
            "credit_documents": len({item.number for item in book.credits}),
        }
        return Truth(
            self.name,
            self.about,
            tuple(writer.tables),
            (*told, *_of_columns(writer.tables)),
            revenue.sums(counted),
            revenue.sums(book.credits),
            revenue.mrr(book) if has_mrr else {},
            objects,
        )


def _of_columns(tables: Iterable[Table]) -> list[Fact]:
    """Return the facts that the columns' forms tell: orders of dates, decimal signs."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for column in table.columns:
            answer = _order(column.form) if column.kind == "date" else _decimal_sign(column)
            if answer:
                name = "date order" if column.kind == "date" else "decimal sign"
                found.setdefault((name, answer), []).append(column.heading)
    return [Fact(name, value, tuple(dict.fromkeys(columns))) for (name, value), columns in found.items()]


def _order(form: str) -> str:
    if form == "cell":
        return "cells"
    if "MMM" in form:
        return "month names"
    return {"D": "day first", "M": "month first", "Y": "year first", "s": "serial", "e": "epoch"}[form[0]]


def _decimal_sign(column: Column) -> str:
    if column.kind != "amount" or column.form in ("number", "123456"):
        return ""
    return "cells" if column.form == "cell" else {",": "comma", ".": "point"}[column.form.rsplit("56", 1)[0][-1]]
