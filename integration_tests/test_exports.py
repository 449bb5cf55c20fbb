"""The corpus itself: whoever reads an export's files as its truth says finds the truth's figures."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import yaml

from integration_tests.exports import forms, revenue
from integration_tests.exports.export import Export
from integration_tests.exports.held_back import HELD_BACK
from integration_tests.exports.languages import DE, EN, ES, FR, IT, NL
from integration_tests.exports.registry import EXPORTS, OPEN, PRACTICE
from integration_tests.exports.truth import Column, Table, Truth

LANGUAGES = {language.code: language for language in (DE, EN, ES, FR, IT, NL)}
NET = "invoice_lines.amount_excluding_tax_after_discount"
Cells = dict[str, Any]
PARENT = "(the record whose list it is)"


def grid(folder: Path, table: Table) -> list[list[Any]]:
    """All rows of a table as they stand in the file."""
    path = folder / table.file
    if path.suffix in (".xlsx", ".ods"):
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(table.sheet)
        return sheet.to_python(skip_empty_area=False)
    text = path.read_bytes().decode(table.encoding)
    return list(csv.reader(text.splitlines(), delimiter=table.separator))


def flat(record: dict[str, Any], before: str = "") -> Cells:
    """A nested record as columns with points in their headings."""
    cells: Cells = {}
    for name, value in record.items():
        cells |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return cells


def read(folder: Path, table: Table) -> list[Cells]:
    """The data of a table: what is no data is left out as the truth says."""
    path = folder / table.file
    if path.suffix == ".jsonl":
        return [flat(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    if path.suffix == ".json":
        document = json.loads(path.read_text("utf-8"))
        records = document if isinstance(document, list) else next(iter(document.values()))
        if table.sheet:
            return [flat(line) | {PARENT: flat(record)} for record in records for line in record[table.sheet]]
        return [flat(record) for record in records]
    rows = grid(folder, table)
    heading = [column.heading for column in table.columns]
    assert [cell for cell in rows[table.heading_row - 1] if cell] == heading
    data = [row for row in rows[table.heading_row :] if any(cell not in (None, "") for cell in row)]
    data = [row for row in data if row[: len(heading)] != heading]
    if table.left_out.get("total"):
        data.pop()
    return [dict(zip(heading, row, strict=False)) for row in data]


def amount(column: Column, cell: Any) -> Decimal:
    """An amount, read by its form."""
    if cell in (None, ""):
        return Decimal(0)
    if column.form == "123456":
        return Decimal(str(cell)) / 100
    if not isinstance(cell, str):
        return Decimal(str(cell))
    digits = re.sub(r"[^\d.,]", "", cell)
    mark = re.sub(r"[^.,]", "", column.form)[-1:]
    other = "," if mark == "." else "."
    value = Decimal(digits.replace(other, "").replace(",", "."))
    negative = {"-": cell.startswith("-"), "trailing": cell.endswith("-"), "parentheses": cell.startswith("(")}
    return -value if negative.get(column.negative) else value


def day(column: Column, cell: Any) -> date | None:
    """A day, or the first day of a month, read by its form."""
    if cell in (None, ""):
        return None
    if column.form == "cell":
        return cell.date() if isinstance(cell, datetime) else cell
    if column.form == "epoch milliseconds":
        return date(1970, 1, 1) + timedelta(days=cell // 86_400_000)
    if column.form == "serial":
        return date(1899, 12, 30) + timedelta(days=int(cell))
    found = re.fullmatch(r"(.*?) \((\w\w)\)", column.form)
    if found:
        return named_day(LANGUAGES[found[2]].months, str(cell))
    pattern = column.form.split("T")[0].split(" hh")[0]
    text = cell[: len(pattern)] if "hh" in column.form else cell
    for letters, code in (("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("M/", "%m/"), ("/D/", "/%d/")):
        pattern = pattern.replace(letters, code)
    return datetime.strptime(text, pattern).date()


def named_day(months: list[str], text: str) -> date:
    year, word = re.search(r"\d{4}", text), re.search(r"[^\W\d_]{3,}", text)
    assert year
    assert word
    month = next(place for place, name in enumerate(months, 1) if name.lower().startswith(word[0].lower()))
    before = re.match(r"\d{1,2}\b", text)
    return date(int(year[0]), month, int(before[0]) if before else 1)


@dataclass
class Reading:
    """What the files of an export come to, read by their truth alone."""

    folder: Path
    truth: Truth

    def __post_init__(self) -> None:
        self.tables = [(table, read(self.folder, table)) for table in self.truth.tables]
        self.net: dict[str, Fraction] = defaultdict(Fraction)
        self.mrr: dict[str, Fraction] = defaultdict(Fraction)
        self.periods: list[tuple[str, date, date, Decimal]] = []
        self.newest = date.min
        self.negative: set[Any] = set()

    def heads(self) -> dict[Any, tuple[Table, Cells]]:
        """Invoices by id, from the table that has their dates."""
        table, rows = next(item for item in self.tables if _column(item[0], "invoices.date"))
        key = _must(table, "invoices.id").heading
        return {row[key]: (table, row) for row in rows}

    def count(self) -> None:
        if self.truth.fact("period") == "headings":
            self._count_months()
        else:
            self._count_lines()
        for currency, start, end, value in self.periods:
            month = start.replace(day=1)
            while month <= self.newest:
                if start <= min(revenue.add_months(month, 1) - timedelta(days=1), self.newest) < end:
                    self.mrr[f"{month:%Y-%m} {currency}"] += Fraction(value) / revenue.months_of(start, end)
                month = revenue.add_months(month, 1)

    def _count_months(self) -> None:
        """Each cell below a month's heading is an invoice of the first of that month, for that month."""
        table, rows = self.tables[0]
        currency = self.truth.fact("currency") or ""
        months = LANGUAGES[self.truth.export[:2]].months
        for column in table.columns:
            for row in rows if column.role == "month" else ():
                start = named_day(months, column.heading)
                if row[column.heading] not in (None, ""):
                    value = amount(column, row[column.heading])
                    self.newest = max(self.newest, start)
                    self.net[f"{start:%Y-%m} {currency}"] += Fraction(value)
                    self.periods.append((currency, start, revenue.add_months(start, 1), value))

    def _count_lines(self) -> None:
        heads = self.heads()
        wanted = "invoices.amount" if self.truth.fact("amount of") == "document" else NET
        table, rows = next(item for item in self.tables if _column(item[0], wanted))
        self._find_negative(table, rows, wanted)
        for row in rows:
            head_table, head = heads[self._invoice_of(table, row)]
            if self.truth.fact("accounts") and not self._is_revenue(table, row):
                continue
            self._add(table, row, head_table, head, self._amount(table, row, wanted))
        if self.truth.fact("credits") == "own table":
            self._subtract_credits()

    def _invoice_of(self, table: Table, row: Cells) -> Any:
        key = _column(table, "invoice_lines.invoice_id") or _column(table, "invoices.id")
        if key:
            return row[key.heading]
        head_table = next(item for item, _ in self.tables if _column(item, "invoices.date"))
        return row[PARENT][_must(head_table, "invoices.id").heading]

    def _find_negative(self, table: Table, rows: list[Cells], wanted: str) -> None:
        """Where nothing else tells credits, they are the documents that come to less than nothing."""
        if (self.truth.fact("credits"), self.truth.fact("credit reference")) == ("negative, untyped", "none"):
            totals: dict[Any, Decimal] = defaultdict(Decimal)
            for row in rows:
                if not self.truth.fact("accounts") or self._is_revenue(table, row):
                    totals[self._invoice_of(table, row)] += self._amount(table, row, wanted)
            self.negative = {number for number, total in totals.items() if total < 0}

    def _is_revenue(self, table: Table, row: Cells) -> bool:
        account = next(column for column in table.columns if column.role == "account")
        return bool(row[account.heading].startswith(self.truth.fact("accounts")))

    def _amount(self, table: Table, row: Cells, field: str) -> Decimal:
        parts = {
            column.role: amount(column, row[column.heading]) for column in table.columns if field in column.becomes
        }
        if "debit" in parts:
            return parts["credit"] - parts["debit"]
        if "before discount" in parts:
            return parts["before discount"] - parts["discount"]
        if "quantity" in parts:
            return parts["quantity"] * parts["unit price"]
        if "gross" not in parts:
            return parts[""]
        if "tax" in parts:
            return parts["gross"] - parts["tax"]
        rate = next(column for column in table.columns if column.role == "rate")
        percent = amount(rate, row[rate.heading]) * (100 if rate.form == "0.2" else 1)
        return (parts["gross"] / (1 + percent / 100)).quantize(Decimal("0.01"))

    def _add(self, table: Table, row: Cells, head_table: Table, head: Cells, value: Decimal) -> None:
        if _is_left_out(head_table, head):
            return
        issued = day(_must(head_table, "invoices.date"), head[_must(head_table, "invoices.date").heading])
        assert issued
        origin = _column(head_table, "credit_notes.invoice_id")
        kinds = [column for column in head_table.columns if column.role == "kind"]
        kind = next((column for column in kinds if {*column.words.values()} & {"credit_note", "credit"}), None)
        credit = bool(origin and head[origin.heading]) or (
            kind is not None and kind.words[str(head[kind.heading])] in ("credit_note", "credit")
        )
        credit = credit or head[_must(head_table, "invoices.id").heading] in self.negative
        signed = -value if credit and self.truth.fact("credits") == "typed, positive" else value
        currency = self._currency(head_table, head)
        self.net[f"{issued:%Y-%m} {currency}"] += Fraction(signed)
        if credit:
            return
        self.newest = max(self.newest, issued)
        period = self._period(table, row)
        if period:
            self.periods.append((currency, *period, value))

    def _subtract_credits(self) -> None:
        table, rows = next(item for item in self.tables if item[0].objects == ("credit_notes",))
        date_column, amount_column = _must(table, "credit_notes.date"), _amount_of_credits(table)
        tax_column = next((one for one in table.columns if one.role == "tax" and one.becomes), None)
        sign = -1 if self.truth.fact("sign of credits") == "positive" else 1
        for row in rows:
            issued = day(date_column, row[date_column.heading])
            column = _column(table, "credit_notes.currency")
            currency = row[column.heading].upper() if column else self.truth.fact("currency")
            value = amount(amount_column, row[amount_column.heading])
            value -= amount(tax_column, row[tax_column.heading]) if tax_column else 0
            self.net[f"{issued:%Y-%m} {currency}"] += sign * Fraction(value)

    def _currency(self, table: Table, row: Cells) -> str:
        column = _column(table, "invoices.currency")
        answer = self.truth.fact("currency") or ""
        return str(row[column.heading])[-3:].upper() if column else {"in cells": "EUR"}.get(answer, answer)

    def _period(self, table: Table, row: Cells) -> tuple[date, date] | None:
        first, last = _column(table, "invoice_lines.period_start"), _column(table, "invoice_lines.period_end")
        if first is None or last is None:
            return None
        start, end = day(first, row[first.heading]), day(last, row[last.heading])
        if start is None or end is None:
            return None
        if first is last:
            return start, revenue.add_months(start, 1)
        return start, end + timedelta(days=self.truth.fact("period end") == "inclusive")


def _is_left_out(table: Table, row: Cells) -> bool:
    """Whether any column says that the document was cancelled, or isn't final."""
    return any(
        column.words.get(str(row[column.heading] or "")) in ("cancelled", "draft")
        for column in table.columns
        if column.words
    )


def _amount_of_credits(table: Table) -> Column:
    """What the net amount of credits is read from: the amount with tax, where the tax is taken off it."""
    found = [column for column in table.columns if "credit_notes.amount" in column.becomes and column.role != "tax"]
    return found[0]


def _column(table: Table, field: str) -> Column | None:
    return next((column for column in table.columns if field in column.becomes), None)


def _must(table: Table, field: str) -> Column:
    column = _column(table, field)
    assert column, field
    return column


def difference(first: dict[str, str], second: dict[str, str]) -> dict[str, Decimal]:
    keys = sorted({*first, *second})
    values = {key: Decimal(first.get(key, "0")) - Decimal(second.get(key, "0")) for key in keys}
    return {key: value for key, value in values.items() if value}


def rounded(values: dict[str, Fraction]) -> dict[str, Decimal]:
    texts = {key: Decimal(value.numerator) / Decimal(value.denominator) for key, value in sorted(values.items())}
    return {key: cents for key, value in texts.items() if (cents := value.quantize(Decimal("0.01")))}


@pytest.mark.parametrize("export", [*EXPORTS, *PRACTICE], ids=lambda export: export.name)
def test_an_export_read_as_its_truth_says_gives_the_true_figures(export: Export, tmp_path: Path) -> None:
    truth = export.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {table.file for table in truth.tables}
    for table in truth.tables:
        assert len(read(tmp_path, table)) == table.rows
    reading = Reading(tmp_path, truth)
    reading.count()
    assert rounded(reading.net) == difference(truth.invoiced, truth.credited)
    if truth.fact("period") != "text":
        assert rounded(reading.mrr) == {key: Decimal(value) for key, value in truth.mrr.items()}
    assert bool(truth.mrr) == (truth.fact("period") != "none")
    assert yaml.safe_load(truth.as_yaml())["invoiced"] == truth.invoiced


@pytest.mark.parametrize("name", ["fr_cegid", "ss_ods", "fr_sage_tables"])
def test_the_same_seed_gives_the_same_files(name: str, tmp_path: Path) -> None:
    export = next(export for export in OPEN if export.name == name)
    first, second = export.write(tmp_path / "first"), export.write(tmp_path / "second")
    assert first == second
    for table in first.tables:
        assert (tmp_path / "first" / table.file).read_bytes() == (tmp_path / "second" / table.file).read_bytes()


def test_a_third_of_eighty_exports_is_held_back() -> None:
    names = [export.name for export in EXPORTS]
    assert len(names) == len(set(names)) == 80
    assert len(HELD_BACK) * 3 >= len(EXPORTS)
    assert not {export.name for export in PRACTICE} & set(names)


def test_the_corpus_shares_no_code_with_what_it_measures() -> None:
    for path in Path(__file__).with_name("exports").rglob("*.py"):
        assert not re.search(r"^(from|import) (destination_fincome|fincome_tools|examples)", path.read_text(), re.M)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 1, 1), date(2025, 2, 1), Fraction(1)),
        (date(2025, 1, 31), date(2025, 2, 28), Fraction(1)),
        (date(2025, 2, 28), date(2025, 3, 31), Fraction(1)),
        (date(2026, 1, 15), date(2027, 1, 15), Fraction(12)),
        (date(2026, 4, 16), date(2026, 5, 1), Fraction(1, 2)),
        (date(2026, 1, 1), date(2026, 1, 8), Fraction(7, 31)),
        (date(2026, 1, 1), date(2026, 1, 31), Fraction(1)),
    ],
)
def test_months_of_a_period_are_those_of_the_documented_table(start: date, end: date, months: Fraction) -> None:
    assert revenue.months_of(start, end) == months


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        (forms.amount("1\u00a0234,56 €"), Decimal("-1234567.8"), "-1\u00a0234\u00a0567,80 €"),
        (forms.amount("1.234,56", "trailing"), Decimal("-1234.5"), "1.234,50-"),
        (forms.amount("$1,234.56", "parentheses"), Decimal("-1234.5"), "($1,234.50)"),
        (forms.amount("1234,5600"), Decimal("0.5"), "0,5000"),
        (forms.amount("1 234,56", blank_zero=True), Decimal(0), ""),
        (forms.percent("20,00 %"), Decimal("5.5"), "5,50 %"),
        (forms.percent("0.2"), Decimal(20), "0.2"),
        (forms.percent("20%"), Decimal(8), "8%"),
        (forms.day("DD. MMM YYYY", DE), date(2025, 3, 5), "05. Mär. 2025"),
        (forms.day("D MMMM YYYY", FR), date(2025, 8, 5), "5 août 2025"),
        (forms.day("MMM YYYY", FR), date(2025, 7, 1), "juil. 2025"),
        (forms.day("DD-MMM-YYYY hh:mm", EN), date(2025, 3, 5), "05-Mar-2025 09:12"),
        (forms.day("M/D/YYYY"), date(2025, 3, 5), "3/5/2025"),
        (forms.day("serial"), date(2025, 3, 5), "45721"),
        (forms.day("YYYY-MM-DDThh:mm:ss+01:00"), date(2025, 3, 5), "2025-03-05T09:12:10+01:00"),
    ],
)
def test_a_form_writes_as_its_pattern_says(form: forms.Form, value: Any, written: str) -> None:
    assert form.write(value) == written
