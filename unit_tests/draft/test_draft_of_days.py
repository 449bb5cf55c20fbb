"""Days as milliseconds since 1970: at midnights in UTC, or in central Europe, where they are days of there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fincome_tools.draft.columns.dates import EPOCH_MS, EPOCH_MS_LOCAL, day, milliseconds_of
from unit_tests.draft.drafting import Rows, drafted, read, run

DAYS = [date(2025, 1, 1) + timedelta(days=13 * n) for n in range(25)]


def milliseconds(one: date, zone: str, hours: int = 0) -> str:
    moment = datetime(one.year, one.month, one.day, hours, tzinfo=ZoneInfo(zone))
    return str(int(moment.timestamp() * 1000))


def sales(zone: str, hours: int = 0) -> Rows:
    return [
        {
            "Invoice": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Invoice date": milliseconds(one, zone, hours),
            "Net amount": f"{100 + n}.00",
            "Currency": "EUR",
        }
        for n, one in enumerate(DAYS)
    ]


@pytest.mark.parametrize(
    ("zone", "hours", "expression"),
    [
        ("UTC", 0, 'epoch_ms("Invoice date")'),
        ("Europe/Berlin", 0, "local_date(epoch_ms(\"Invoice date\"), 'Europe/Berlin')"),
        ("UTC", 9, 'epoch_ms("Invoice date")'),
    ],
)
def test_given_milliseconds_when_drafted_then_days_of_central_europe_are_told_by_their_midnights(
    tmp_path: Path, zone: str, hours: int, expression: str
) -> None:
    assert read(drafted(tmp_path, sales=sales(zone, hours)), "invoices.date") == expression


def test_given_midnights_of_berlin_when_the_draft_is_run_then_the_days_are_right(tmp_path: Path) -> None:
    given = {"sales.status": "paid", "sales.period": "one_off"}
    ran = run(drafted(tmp_path, given, sales=sales("Europe/Berlin")), tmp_path)
    assert ran.problem is None
    assert not ran.faults
    assert day(milliseconds(DAYS[0], "Europe/Berlin"), EPOCH_MS_LOCAL) == DAYS[0]


def test_given_ids_of_as_many_digits_when_read_then_they_are_no_milliseconds() -> None:
    assert milliseconds_of(["9780306406157", "9783161484100"]) is None
    assert milliseconds_of([milliseconds(one, "UTC") for one in DAYS]) == EPOCH_MS


def test_given_days_in_eight_figures_on_each_line_when_drafted_then_they_are_no_amounts_of_the_document(
    tmp_path: Path,
) -> None:
    rows = [
        {**row, "Belegdatum": f"{one:%Y%m%d}", "Buchdatum": f"{one:%Y%m%d}", "Position": part, "Netto": f"{n + 7}.00"}
        for n, (row, one) in enumerate(zip(sales("UTC"), DAYS, strict=True))
        for part in "12"
    ]
    for row in rows:
        del row["Invoice date"], row["Net amount"]
    assert read(drafted(tmp_path, sales=rows), "invoices.date") == "parse_time(Belegdatum, '%Y%m%d')"
