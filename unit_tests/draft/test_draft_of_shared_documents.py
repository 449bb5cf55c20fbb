"""Two files that have documents of the same numbers: parts of one, an overlap, or those of two counters."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, run, totals

FIRST = date(2025, 1, 16)
ANSWERS = {"currency": "EUR"} | {
    f"{table}.{name}": answer
    for table in ("first", "second")
    for name, answer in (("status", "paid"), ("period", "one_off"), ("kind", "invoices"))
}


def rows(of: range, item: str, amount: str, *, customer: int = 0, days: int = 0) -> Rows:
    return [
        {
            "Number": f"F{n:04d}",
            "Date": str(FIRST + timedelta(days=5 * n + days)),
            "Customer code": f"C{(n + customer) % 5}",
            "Item": item,
            "Net amount": amount,
        }
        for n in of
    ]


def sent(folder: Path, first: Rows, second: Rows) -> dict[str, tuple[int, Decimal]]:
    """Return the number and the sum of what is sent of two files."""
    found = drafted(folder, ANSWERS, first=first, second=second)
    assert asked(found) == []
    ran = run(found, folder)
    assert ran.problem is None
    assert [one["code"] for one in ran.warnings if "differ" in str(one["code"])] == []
    return totals(ran)


def test_given_invoices_whose_lines_stand_in_two_files_when_drafted_then_they_come_to_both(tmp_path: Path) -> None:
    fees = [row for row in rows(range(40), "Setup", "40.00") if int(row["Number"][1:]) % 4 == 0]
    found = sent(tmp_path, rows(range(40), "Pro", "100.00") + rows(range(20), "Seats", "30.00"), fees)
    assert found["invoices"] == (40, Decimal(40 * 100 + 20 * 30 + 10 * 40))
    assert found["invoice_lines"] == (70, found["invoices"][1])


def test_given_two_files_that_overlap_when_drafted_then_what_both_have_counts_once(tmp_path: Path) -> None:
    early = rows(range(30), "Pro", "100.00") + rows(range(30), "Seats", "30.00")
    late = rows(range(24, 40), "Pro", "100.00") + rows(range(24, 40), "Seats", "30.00")
    found = sent(tmp_path, early, late)
    assert found["invoices"] == (40, Decimal(5200))
    assert found["invoice_lines"] == (80, Decimal(5200))


def test_given_two_companies_with_the_same_numbers_when_drafted_then_none_takes_the_others_place(
    tmp_path: Path,
) -> None:
    others = rows(range(30), "Pro", "70.00", customer=2, days=3)
    found = sent(tmp_path, rows(range(40), "Pro", "100.00"), others)
    assert found["invoices"] == (70, Decimal(4000 + 2100))
    assert found["invoice_lines"] == found["invoices"]


@pytest.mark.parametrize("reference", [True, False], ids=["named", "not named"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_given_credits_with_the_counter_of_the_invoices_in_one_file_when_a_type_tells_them_then_each_is_its_own(
    tmp_path: Path, sign: str, *, reference: bool
) -> None:
    sold = [row | {"Type": "Invoice", "Credited": ""} for row in rows(range(40), "Pro", "100.00")]
    credited = [
        row | {"Type": "Credit note", "Credited": f"F{n + 20:04d}" if reference else ""}
        for n, row in enumerate(rows(range(6), "Pro", f"{sign}30.00", customer=2, days=150))
    ]
    given = {"currency": "EUR", "sales.status": "paid", "sales.period": "one_off", "sales.credits": "subtract"}
    given |= {"sales.invoice_id": "Number"}
    found = drafted(tmp_path, given, sales=[*sold, *credited])
    assert asked(found) == []
    sums = totals(run(found, tmp_path))
    if reference:
        assert sums["credit_notes"] == (6, Decimal(180))
        assert sums["invoices"] == sums["invoice_lines"] == (40, Decimal(4000))
    else:
        assert sums["invoices"] == sums["invoice_lines"] == (46, Decimal(4000 - 180))
