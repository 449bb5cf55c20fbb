"""What a draft's mapping would load, in the figures that a finance person holds against the source's.

These are the MRR of each month, what is invoiced and what is credited, net, by the month of the document's date and the
currency, and how many documents there are: by the engine itself, sending nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from destination_fincome.failure import ConnectorFailure
from fincome_tools.draft.objects import Drafted
from fincome_tools.draft.text import text_of
from fincome_tools.files.messages import catalog_of, reader_of
from fincome_tools.files.reading import Files
from fincome_tools.preview.figures import GOES
from fincome_tools.preview.rehearsal import rehearse
from integration_tests.exports.truth import Truth

Sums = Mapping[str, Decimal]


class Loaded(NamedTuple):
    """What would be loaded: sums by month and currency (`2025-01 EUR`), without those of zero, and numbers.

    Attributes:
        mrr: at the end of each month.
        invoiced: of invoices.
        in_lines: of their lines, by the months that these are for.
        credited: of credit notes.
        invoices: how many there are.
        credit_notes: how many there are.
    """

    mrr: dict[str, str]
    invoiced: Sums
    in_lines: Sums
    credited: Sums
    invoices: int
    credit_notes: int


def loaded(drafted: Drafted, files: Files) -> Loaded:
    """Return what the mapping of a draft would load of files."""
    try:
        summary = rehearse({"mapping": text_of(drafted)}, catalog_of(files), partial(reader_of, files), 0).summary
    except ConnectorFailure:  # All is ignored, for what is asked.
        return Loaded({}, {}, {}, {}, 0, 0)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    numbers: dict[str, int] = defaultdict(int)
    for cell in summary["totals"]:
        if cell["outcome"] in GOES:
            numbers[cell["entity"]] += cell["count"]
            sums[cell["entity"]][_key(cell)] += Decimal(cell["amount"] or 0)
    mrr = {_key(row): row["lines"] for row in summary["mrr"]["months"] if Decimal(row["lines"] or 0)}
    invoiced, in_lines, credited = (_without_zeros(sums[one]) for one in ("invoices", "invoice_lines", "credit_notes"))
    return Loaded(mrr, invoiced, in_lines, credited, numbers["invoices"], numbers["credit_notes"])


def differences(truth: Truth, found: Loaded) -> list[str]:
    """Return in words what of the sums and the numbers isn't as it truly is; the MRR apart.

    Credits may be documents below zero, those that name no invoice, or all: then what is invoiced holds them.
    """
    return list(_differences(truth, found))


def _differences(truth: Truth, found: Loaded) -> Iterator[str]:
    invoiced, credited = _decimals(truth.invoiced), _decimals(truth.credited)
    invoices, credit_notes = truth.objects["invoices"], truth.objects["credit_notes"]
    documents = truth.objects.get("credit_documents", credit_notes)
    if found.credit_notes in (credit_notes, documents):
        yield from _difference("invoiced", found.invoiced, invoiced)
        yield from _difference("credited", found.credited, credited)
    else:
        yield from _difference(
            "invoiced less credited", _less(found.invoiced, found.credited), _less(invoiced, credited)
        )
    if _by_currency(found.in_lines) != _by_currency(found.invoiced):
        of_lines, of_invoices = _text(_by_currency(found.in_lines)), _text(_by_currency(found.invoiced))
        yield f"in lines {of_lines}, invoiced {of_invoices}"
    true = {invoices + credit_notes, invoices + documents}
    if _tells_documents(truth) and found.invoices + found.credit_notes not in true:
        yield f"{found.invoices} invoices and {found.credit_notes} credit notes, true {invoices} and {credit_notes}"


def _difference(what: str, found: Sums, true: Sums) -> Iterator[str]:
    """Yield what a sum is by currency, if it isn't right in any of the months."""
    if found != true:
        by_currency, of_truth = _by_currency(found), _by_currency(true)
        where = "" if by_currency != of_truth else " (in other months)"
        yield f"{what} {_text(by_currency)}, true {_text(of_truth)}{where}"


def _tells_documents(truth: Truth) -> bool:
    """Tell whether the files have the invoices' numbers: what is booked as sums of a month has none."""
    return any("invoices.id" in (*one.becomes, *one.may) for table in truth.tables for one in table.columns)


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['month']} {row['currency'] or ''}"


def _decimals(figures: Mapping[str, str]) -> Sums:
    return _without_zeros({key: Decimal(value) for key, value in figures.items()})


def _less(first: Sums, second: Sums) -> Sums:
    keys = {*first, *second}
    return _without_zeros({key: first.get(key, Decimal(0)) - second.get(key, Decimal(0)) for key in keys})


def _without_zeros(sums: Sums) -> Sums:
    return {key: value for key, value in sums.items() if value}


def _by_currency(sums: Sums) -> Sums:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for key, value in sums.items():
        found[key.split(" ")[1] or "without currency"] += value
    return dict(sorted(found.items()))


def _text(sums: Sums) -> str:
    return " + ".join(f"{value} {currency}" for currency, value in sums.items()) or "nothing"
