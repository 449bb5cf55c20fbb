"""Credits that only a series of numbers, or a `no` to being an invoice, tells: asked about, never taken for revenue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.columns.series import rare_series
from unit_tests.draft.drafting import Rows, asked, drafted, read, run, totals

FIRST = date(2025, 1, 3)
ANSWERS = {"currency": "EUR", "sales.status": "paid", "sales.period": "one_off"}


def sales(number: Callable[[int], str], *, credit: Callable[[int], bool] = lambda n: n % 9 == 8) -> Rows:
    """Return forty documents above zero, every ninth of which is a credit."""
    return [
        {
            "Number": number(n),
            "Date": str(FIRST + timedelta(days=8 * n)),
            "Customer code": f"C-{n % 7}",
            "Net amount": f"{100 + 3 * (n % 11)}.00",
            "Is invoice": "false" if credit(n) else "true",
        }
        for n in range(40)
    ]


def without(rows: Rows, heading: str) -> Rows:
    return [{name: value for name, value in row.items() if name != heading} for row in rows]


SERIES = {
    "no letters": (lambda n: f"{n:03d}" if n % 9 == 8 else f"F25-{n:04d}", "!starts_with(text(Number), 'F')"),
    "other letters": (lambda n: f"Z{n:04d}" if n % 9 == 8 else f"F{n:04d}", "starts_with(text(Number), 'Z')"),
    "other digits": (lambda n: f"9{n:05d}" if n % 9 == 8 else f"2025{n:04d}", "starts_with(text(Number), '9')"),
}


@pytest.mark.parametrize(("number", "condition"), SERIES.values(), ids=SERIES)
def test_given_a_rare_series_of_numbers_at_the_same_time_when_drafted_then_it_is_asked_whether_it_is_of_credits(
    tmp_path: Path, number: Callable[[int], str], condition: str
) -> None:
    rows = without(sales(number), "Is invoice")
    found = drafted(tmp_path, ANSWERS, sales=rows)
    assert asked(found) == ["sales.credits"]
    assert not [
        one for stream in found.streams for one in stream.emissions if one.entity == "invoices" and not one.missing
    ]
    found = drafted(tmp_path, {**ANSWERS, "sales.credits": "subtract"}, sales=rows)
    assert read(found, "invoices.amount") == f'when({condition}, subtract(`0`, "Net amount"), "Net amount")'
    found = drafted(tmp_path, {**ANSWERS, "sales.credits": "add"}, sales=rows)
    assert read(found, "invoices.amount") == "Net amount"


@pytest.mark.parametrize(
    "number",
    [
        lambda n: f"A{n:04d}" if n < 32 else f"B{n:04d}",
        lambda n: f"2024{n:04d}" if n < 32 else f"2025{n:04d}",
        lambda n: str(980 + n),
        lambda n: f"{'ABCDEFG'[n % 7]}{n:04d}",
        lambda n: f"Z{n:04d}" if n == 8 else f"F{n:04d}",
    ],
    ids=["letters from a day on", "a year in numbers", "a digit more", "a series a customer", "one number"],
)
def test_given_series_that_follow_each_other_or_are_many_when_drafted_then_nothing_is_asked_of_them(
    tmp_path: Path, number: Callable[[int], str]
) -> None:
    assert asked(drafted(tmp_path, ANSWERS, sales=without(sales(number), "Is invoice"))) == []


def test_given_documents_that_are_no_invoices_when_drafted_then_it_is_asked_what_they_are(tmp_path: Path) -> None:
    rows = sales(lambda n: f"F{n:04d}")
    found = drafted(tmp_path, ANSWERS, sales=rows)
    assert asked(found) == ["sales.kinds"]
    found = drafted(tmp_path, {**ANSWERS, "sales.kinds": "false"}, sales=rows)
    assert 'lookup("Is invoice", `{"false": true}`, `false`)' in str(read(found, "invoices.amount"))


def test_given_a_reference_to_what_is_credited_that_most_rows_lack_when_drafted_then_the_others_are_invoices(
    tmp_path: Path,
) -> None:
    rows = without(sales(lambda n: f"F{n:04d}"), "Is invoice")
    for n, row in enumerate(rows):
        row["Credit invoice reference"] = f"F{n - 7:04d}" if n % 9 == 8 else ""
        row["Net amount"] = f"{'-' if n % 9 == 8 else ''}{row['Net amount']}"
    lines = [{"Number": row["Number"], "Text": "Pro", "Total": row["Net amount"]} for row in rows]
    found = drafted(tmp_path, {**ANSWERS, "lines.period": "one_off"}, sales=rows, lines=lines)
    assert read(found, "invoices.amount", "sales") == "Net amount"
    assert read(found, "credit_notes.invoice_id", "sales") == "Credit invoice reference"
    assert {stream.table.table.name: stream.holds for stream in found.streams} == {
        "sales": "invoices",
        "lines": "lines",
    }


SIGNED = {
    "debit and credit": (
        lambda amount: {"Debit": amount, "Credit": ""},
        lambda amount: {"Debit": "", "Credit": amount},
    ),
    "a quantity below zero": (
        lambda amount: {"Quantity": "-2", "Unit price": amount},
        lambda amount: {"Quantity": "2", "Unit price": amount},
    ),
    "a price below zero": (
        lambda amount: {"Quantity": "2", "Unit price": f"-{amount}"},
        lambda amount: {"Quantity": "2", "Unit price": amount},
    ),
}


@pytest.mark.parametrize(("of_credit", "of_invoice"), SIGNED.values(), ids=SIGNED)
def test_given_amounts_that_two_columns_make_when_credits_name_what_they_credit_then_they_take_off_what_they_come_to(
    tmp_path: Path, of_credit: Callable[[str], dict[str, str]], of_invoice: Callable[[str], dict[str, str]]
) -> None:
    rows = without(without(sales(lambda n: f"F{n:04d}"), "Is invoice"), "Net amount")
    for n, row in enumerate(rows):
        is_credit = n % 9 == 8
        row |= (of_credit if is_credit else of_invoice)(f"{100 + 3 * (n % 11)}.50")
        row["Type"] = "Credit note" if is_credit else "Invoice"
        row["Credited invoice"] = f"F{n - 7:04d}" if is_credit else ""
    answers = {**ANSWERS, "sales.product": "yes", "sales.sides": "credit"}
    found = drafted(tmp_path, answers, sales=rows)
    assert asked(found) == []
    sums = totals(run(found, tmp_path))
    times = 1 if "Debit" in rows[0] else 2
    amounts = [times * Decimal(f"{100 + 3 * (n % 11)}.50") for n in range(40)]
    credited = sum(amounts[8::9])
    assert sums["credit_notes"] == (4, credited)
    assert sums["invoices"] == (36, sum(amounts) - credited)


def test_given_numbers_of_which_one_begins_the_others_when_parted_then_neither_way_tells_them() -> None:
    days = {f"1{n:03d}": FIRST + timedelta(days=n) for n in range(30)} | {"1": FIRST + timedelta(days=5)}
    days["100300"] = FIRST + timedelta(days=9)
    assert rare_series(days) is None
