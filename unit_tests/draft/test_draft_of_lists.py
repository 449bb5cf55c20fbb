"""Records of JSON that hold lists: lines of invoices become lines, whatever else is listed stays where it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import Files, read_files
from fincome_tools.studio.results import result_of
from unit_tests.draft.drafting import asked, made, read

DAYS = [date(2025, 1, 1) + timedelta(days=12 * n) for n in range(25)]
ANSWERS = {"bills.status": "paid", "currency": "EUR"}


def bills(**more: Any) -> list[dict[str, Any]]:
    return [
        {
            "billNumber": 4000 + n,
            "billDate": str(day),
            "client": {"clientNumber": 70 + n % 6, "name": f"Client {n % 6} Ltd"},
            "netAmount": 100 + n,
            "vatAmount": (100 + n) / 5,
            "grossAmount": (100 + n) * 1.2,
            "lines": [
                {"text": "Plan A", "count": 1, "total": 60 + n, "from": f"{day:%Y-%m}-01", "until": _last(day)},
                {"text": "Hours", "count": 2, "total": 40},
            ],
            "payments": [{"id": n, "amount": 30}],
            "tags": ["new"],
            **more,
        }
        for n, day in enumerate(DAYS)
    ]


def _last(day: date) -> str:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return str(following - timedelta(days=1))


def files_of(folder: Path, records: list[dict[str, Any]]) -> Files:
    path = folder / "bills.json"
    path.write_text(json.dumps({"bills": records}), encoding="utf-8")
    return read_files([path])


def drafted(folder: Path, records: list[dict[str, Any]], answers: Mapping[str, str] | None = None) -> Drafted:
    return draft(files_of(folder, records).tables, answers or {})


def test_given_lines_in_each_invoice_when_drafted_then_they_are_its_lines(tmp_path: Path) -> None:
    found = drafted(tmp_path, bills())
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "total"
    assert read(found, "invoice_lines.invoice_id") == "_record.billNumber"
    assert read(found, "invoices.id") == "billNumber"
    assert read(found, "invoices.amount") == "netAmount"
    text = text_of(found)
    assert text.count("for_each: lines") == 1
    assert "bills lines:" not in text.replace("# bills lines:", "")


def test_given_lists_that_are_no_lines_when_drafted_then_nothing_is_made_of_them_or_asked(tmp_path: Path) -> None:
    found = drafted(tmp_path, bills())
    assert [stream.table.table.name for stream in found.streams] == ["bills lines", "bills"]
    assert not [one for one in asked(found) if "payments" in one]


def test_given_lines_that_nothing_tells_apart_when_drafted_then_their_place_does(tmp_path: Path) -> None:
    same = {"text": "Plan A", "count": 1, "total": 50}
    records = [row | {"netAmount": 100, "grossAmount": 120, "vatAmount": 20, "lines": [same, same]} for row in bills()]
    found = drafted(tmp_path, records)
    assert read(found, "invoice_lines.id") == "concat('-', _record.billNumber, _index)"


def test_given_the_draft_of_lists_when_it_is_run_then_all_lines_arrive_with_their_periods(tmp_path: Path) -> None:
    files = files_of(tmp_path, bills())
    result = result_of(text_of(draft(files.tables, ANSWERS)), files)
    counts = {one["entity"]: one["sent"] for one in result.entities}
    assert (counts["invoices"], counts["invoice_lines"]) == (25, 50)
    assert not result.faults
    lines, invoices = result.totals
    assert lines[3] == invoices[3] == "2800.00"


def test_given_credits_with_typed_numbers_when_they_are_told_by_them_then_their_lines_have_no_period(
    tmp_path: Path,
) -> None:
    records = bills()
    for row in records[-3:]:
        row["netAmount"], row["vatAmount"], row["grossAmount"] = (
            -row[name] for name in ("netAmount", "vatAmount", "grossAmount")
        )
        row["lines"] = [one | {"total": -one["total"]} for one in row["lines"]]
    found = drafted(tmp_path, records, ANSWERS | {"bills.negative": "yes"})
    assert asked(found) == []
    assert "contains(`[4022, 4023, 4024]`, _record.billNumber)" in str(
        made(found, "invoice_lines").fields["period_start"].expression
    )


def test_given_credits_that_their_records_tell_when_run_then_their_lines_are_not_those_of_invoices(
    tmp_path: Path,
) -> None:
    records = bills(origin=None)
    for row in records[-3:]:
        row["origin"] = row["billNumber"] - 10
        row |= {name: -row[name] for name in ("netAmount", "vatAmount", "grossAmount")}
        row["lines"] = [one | {"total": -one["total"]} for one in row["lines"]]
    files = files_of(tmp_path, records)
    result = result_of(text_of(draft(files.tables, ANSWERS)), files)
    assert not result.faults
    assert {entity: count for entity, _, count, _ in result.totals if entity != "customers"} == {
        "invoices": 22,
        "invoice_lines": 44,
        "credit_notes": 3,
    }


def test_given_records_without_amounts_when_run_then_those_of_their_lists_are_the_invoices(tmp_path: Path) -> None:
    records = [
        {name: value for name, value in row.items() if not name.endswith("Amount")}
        | {"type": "Invoice", "creditedInvoice": None}
        for row in bills()
    ]
    for row in records[-2:]:
        row |= {"type": "Credit note", "creditedInvoice": row["billNumber"] - 10}
        row["lines"] = [one | {"total": -one["total"]} for one in row["lines"]]
    files = files_of(tmp_path, records)
    found = draft(files.tables, ANSWERS | {"bills lines.net": "net"})
    result = result_of(text_of(found), files)
    assert not result.faults
    assert {entity: (count, float(amount)) for entity, _, count, amount in result.totals if entity != "customers"} == {
        "invoices": (23, 23 * 100 + sum(range(23))),
        "invoice_lines": (46, 23 * 100 + sum(range(23))),
        "credit_notes": (2, 247),
    }
