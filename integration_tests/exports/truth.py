"""What is true of an export: plain data, for whoever measures a draft against it.

    Truth                 one export: its files belong together
      tables  -> Table    one table: a CSV or JSON file, or a sheet of a workbook
        columns -> Column what one column is
      facts   -> Fact     what can't be read off a single column: the true answers to questions
      invoiced, credited  {"2025-01 EUR": "1234.56"}: net, by the month of the document's date
      mrr                 the same, at the end of each month, by the formula of docs/revenue.md
      objects             {"invoices": 212, …}: how many objects the export makes, documents left out not counted;
                          `credit_documents`: credit notes, where one that gives back of several invoices is one

How a column of a draft compares with its `Column`:

- **right**: each field of `becomes` is read from this column, as `form`, `negative` and `words` say, alone or together
  with the others of the same field (`role` says what part it has: gross and rate, debit and credit). Fields of `may`
  are right too, and none of them is needed. Nothing else is read from it. The net column is right as well if the net
  is computed from others that may become it (gross less tax).
- **asked**: a question covers it, and the true answer is among the readings.
- **missed**: it isn't used, and nothing is asked.
- **wrong**: it becomes a field that is neither in `becomes` nor in `may`, or the right field by another reading.

A column whose `becomes` is empty is right if it isn't used, or kept as an attribute; it is wrong as anything else.
`matters` marks those that count for revenue: ids, references, dates, periods, amounts, currencies, statuses, kinds.
The rate of right ones is of these; a wrong one is wrong in any column.

`role` is empty where a column is simply its field. Else it is:

- `gross` and `rate`: net = gross / (1 + rate), `gross` and `tax`: net = gross - tax, `quantity` and `unit price`: net =
  quantity x unit price, `before discount` and `discount`: net is their difference, if both have the field in `becomes`;
- `debit` and `credit`: see `sides`;
- `month`: the net amount of the month that the heading names, a line for each cell that isn't empty. All such columns
  are one decision, so that only the first of them matters;
- `kind`: tells invoices from credit notes, in `words`; right if credits are told by it, though it becomes no field;
- `account`: the booked account: see `accounts`;
- `document`: an amount of the whole document, repeated on each of its lines: never to be summed;
- `gross`, `unit price`, `tax`, `rate`, `discount`, `before discount`, `balance`, `plan price` without `becomes`: what
  it is, though no field is read from it.

Months in which nothing was invoiced, or without MRR, aren't listed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

OBJECTS = {
    "products": "id name",
    "plans": "id product_id name interval interval_count amount currency",
    "customers": "id name root_parent_id email country zip_code",
    "subscriptions": "id customer_id status start_date plan_id end_date canceled_at monthly_value currency",
    "invoices": "id customer_id date status currency amount subscription_id number due_date",
    "invoice_lines": "id invoice_id type currency amount_excluding_tax_after_discount subscription_id price_id "
    "description tax_amount discount_amount quantity period_start period_end",
    "credit_notes": "id invoice_id date currency amount customer_id status lines",
}
FIELDS = {f"{entity}.{name}" for entity, names in OBJECTS.items() for name in names.split()}

FACTS = {
    "amount": "What the amount that counts is: `net` or `gross`; `columns` are those that it is read from.",
    "amount of": "What the amount is of: `line`, `document` (repeated on each of its lines, or one row a document), "
    "or `entry` (a booking).",
    "credits": "How credits are told: `negative, untyped`, `typed, negative`, `typed, positive`, `own table` (and then "
    "their amounts are positive unless `sign of credits` says `negative`), `none`.",
    "sign of credits": "`negative` or `positive`, of credits in a table of their own.",
    "credit reference": "The column that names the credited invoice, or `none`.",
    "currency": "The ISO code of all amounts, or `column`, or `in cells` (a sign beside the amount).",
    "date order": "`day first`, `month first`, `year first`, `month names`, `serial`, `epoch` "
    "(milliseconds since 1970), or `cells` (typed dates).",
    "date proof": "What proves the order where no column's value is past the 12th: `due after issue`, `sibling`, "
    "`period`, or `none` (must be asked).",
    "decimal sign": "`comma`, `point`, or `cells` (typed numbers).",
    "minor units": "`cents`: whole numbers of hundredths. Left out where amounts are in major units.",
    "line type": "What tells subscriptions from one-off lines: `period` (those with a period are subscriptions), "
    "`column`, `none` (no periods: all are one-off).",
    "period": "`columns` (start and end), `one column` (a month), `headings` (a column for each month), `text` (in a "
    "line's description only), `none`.",
    "period end": "`inclusive` (the last day that is covered) or `exclusive`.",
    "product": "The column that names what was sold, or `none`.",
    "status": "`column`, or `none` (nothing says whether it is paid).",
    "subscription": "The column with the subscription's id; `customer and product` where there is none; or `none`.",
    "sides": "Of pairs of debit and credit: `credit minus debit` is the net amount of revenue.",
    "accounts": "Which of the booked accounts are revenue: the beginning of their numbers.",
}
"""The questions that an export can raise, and their true answers. Others (a word of a status) are in the columns."""


@dataclass(frozen=True)
class Column:
    """What one column is.

    `form` says how values are written: an amount as 1234.56 would be (`1.234,56`), a date by its letters
    (`DD/MM/YYYY`, `D MMMM YYYY (fr)`, `cell`, `serial`, `epoch milliseconds`), `text`, or `words`, whose meanings are
    in `words`. Of statuses these are `paid`, `open`, `overdue` (Fincome's `unpaid`; `open` is right too), `cancelled`
    and `draft` (both are left out), of subscriptions' `active` and `canceled`; of kinds `invoice` and `credit_note`,
    or `debit` and `credit`; of lines `subscription` and `one_off`. A month (`MM/YYYY`) stands for its first day and
    the first of the next.
    """

    heading: str
    becomes: tuple[str, ...]
    may: tuple[str, ...]
    kind: str
    form: str
    negative: str = ""
    role: str = ""
    words: dict[str, str] = field(default_factory=dict)
    matters: bool = True

    def __post_init__(self) -> None:
        strangers = {*self.becomes, *self.may} - FIELDS
        if strangers:
            raise ValueError(f"{self.heading}: Fincome has no field {sorted(strangers)}")


@dataclass(frozen=True)
class Table:
    """One table of an export. Rows are counted from 1, as they stand in the file; empty ones count.

    Records of a JSON file that have their lines in a list are two tables: the records', without a sheet, and the
    lines', whose `sheet` is the list's name. Lines name no invoice there: theirs is the one that they stand in.
    """

    file: str
    sheet: str
    objects: tuple[str, ...]
    heading_row: int
    rows: int
    columns: tuple[Column, ...]
    encoding: str = ""
    separator: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    """Rows that are no data, by what they are: `title`, `total`, `heading` (repeated), `empty`."""


@dataclass(frozen=True)
class Fact:
    """The true answer to one question, for all tables, or for the columns named."""

    name: str
    value: str
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in FACTS:
            raise ValueError(f"FACTS doesn't tell what {self.name!r} is")


@dataclass(frozen=True)
class Truth:
    """All that is true of one export."""

    export: str
    about: str
    tables: tuple[Table, ...]
    facts: tuple[Fact, ...]
    invoiced: dict[str, str]
    credited: dict[str, str]
    mrr: dict[str, str]
    objects: dict[str, int]

    def fact(self, name: str) -> str | None:
        """Return the answer to the question of that name, None where it doesn't arise."""
        return next((fact.value for fact in self.facts if fact.name == name), None)

    def columns_that_matter(self) -> list[tuple[Table, Column]]:
        """Return what the rate of right columns is counted over."""
        return [(table, column) for table in self.tables for column in table.columns if column.matters]

    def as_yaml(self) -> str:
        """Return the truth as the text of its file."""
        told = {key: _plain(value) for key, value in asdict(self).items()}
        return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item not in ("", {}, ())}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
