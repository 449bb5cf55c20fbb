"""At every end of a sync: what it brought, in numbers that can be held against those of the source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.accounts import ACCEPTED, Account, Answer, Scripted, wait_for
from integration_tests.conftest import NewAccount
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    LINES,
    Message,
    catalog,
    customer,
    invoice,
    line,
    record,
    state,
    stream,
)
from integration_tests.orchestrator import Platform, Seen

FULL = {"sync_mode": "full_refresh"}
SUBSCRIPTIONS = stream(
    "subscriptions", "id", "customer_id", "status", "start_date", "currency", "monthly_value", "canceled_at"
)
STREAMS = (CUSTOMERS, INVOICES, LINES, SUBSCRIPTIONS)
ALL = catalog(*STREAMS)


@pytest.fixture
def empty(new_account: NewAccount) -> Iterator[Account]:
    """An account in which nothing is yet: its figures are those of one sync."""
    with new_account() as started:
        yield started


def period(identity: str, invoice_id: str, starts: str, ends: str, **fields: object) -> Message:
    return line(identity, invoice_id, type="subscription", period_start=starts, period_end=ends, **fields)


def subscription(identity: str, **fields: object) -> Message:
    body = {"id": identity, "customer_id": "c", "status": "active", "start_date": "2026-01-01", "currency": "EUR",
            "monthly_value": 12.5}  # fmt: skip
    return record("subscriptions", {**body, **fields})


def some() -> list[Message]:
    return [
        customer("c"),
        subscription("s"),
        invoice("i1", "c", date="2026-01-31"),
        invoice("i1", "c", date="2026-01-31", amount="12.5"),  # the same once more
        invoice("i2", "c", date="2026-02-28", status="open", amount="25"),
        invoice("i3", "c", date="2026-02-28", currency="USD"),
        invoice("i4", "c", status="somehow"),
        period("l1", "i1", "2026-01-01", "2026-02-01"),
        period("l2", "i2", "2026-02-01", "2026-04-01", amount_excluding_tax_after_discount="24"),
        line("l3", "i2", amount_excluding_tax_after_discount="1"),
        line("l4", "i4"),
    ]


def cells(document: dict[str, Any], entity: str = "") -> set[tuple[object, ...]]:
    found = [tuple(cell.values()) for cell in document["totals"] if cell["entity"] == entity or not entity]
    assert len(set(found)) == len(found)
    return set(found)


def test_given_objects_of_several_kinds_when_synced_then_each_is_in_the_control_totals_once(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), ALL, *some())
    assert seen.good
    assert cells(seen.summary) == {
        ("customers", None, None, None, "sent", 1, None),
        ("subscriptions", "EUR", "2026-01", "active", "sent", 1, "12.50"),
        ("invoices", "EUR", "2026-01", "paid", "sent", 1, "12.50"),
        ("invoices", "EUR", "2026-02", "open", "sent", 1, "25.00"),
        ("invoices", "USD", "2026-02", "paid", "sent", 1, "12.50"),
        ("invoices", None, None, None, "rejected", 1, None),
        ("invoice_lines", "EUR", "2026-01", None, "sent", 1, "12.50"),
        ("invoice_lines", "EUR", "2026-02", None, "sent", 1, "24.00"),
        ("invoice_lines", "EUR", None, None, "sent", 1, "1.00"),
        ("invoice_lines", "EUR", None, None, "rejected", 1, "12.50"),
    }
    assert seen.summary["lines_of_invoices"] == [
        {"currency": "EUR", "invoices": 2, "invoices_amount": "37.50", "lines": 3, "lines_amount": "37.50",
         "difference": "0.00"}
    ]  # fmt: skip
    rows = [" ".join(text.split()) for text in seen.logs]
    assert "entity currency month status outcome count amount" in rows
    assert "invoices EUR 2026-02 open sent 1 25.00" in rows
    assert "customers - - - sent 1 -" in rows


def test_given_lines_and_subscriptions_when_synced_then_their_mrr_is_told_as_the_account_has_it(
    platform: Platform, empty: Account
) -> None:
    full = catalog(*({**one, **FULL} for one in STREAMS))
    seen = platform.sync(empty.config(), full, *some())
    mrr = seen.summary["mrr"]
    assert mrr == {
        "partial": False,
        "months": [
            {"month": "2026-01", "currency": "EUR", "lines": "12.50", "monthly_values": "12.50"},
            {"month": "2026-02", "currency": "EUR", "lines": "12.00", "monthly_values": "12.50"},
        ],
    }
    for month in mrr["months"]:
        figures = empty._control(f"figures?month={month['month']}")["currencies"]
        assert figures["EUR"]["mrr"] == month["lines"]


def test_given_changes_only_when_synced_then_what_is_said_of_revenue_is_called_partial(
    platform: Platform, account: Account
) -> None:
    mixed = catalog({**CUSTOMERS, **FULL}, {**INVOICES, **FULL}, LINES, {**SUBSCRIPTIONS, **FULL})
    seen = platform.sync(account.config(), mixed, *some())
    assert seen.summary["mrr"]["partial"]
    assert [text for text in seen.logs if text.startswith("MRR by the month's end") and "not all" in text]


def test_given_a_newer_version_when_synced_then_only_that_one_counts(platform: Platform, account: Account) -> None:
    messages = [customer("c"), invoice("v1", "c", amount=99), invoice("v1", "c", amount=10)]
    seen = platform.sync(account.config(), ALL, *messages)
    assert cells(seen.summary, "invoices") == {("invoices", "EUR", "2026-01", "paid", "sent", 1, "10.00")}


def test_given_attributes_only_when_synced_then_they_are_no_objects(platform: Platform, account: Account) -> None:
    account.given("customers", {"id": "attributes", "name": "A"})
    own = [{"stream": "crm", "entity": "customers", "operation": "update_only",
            "fields": [{"field": "id", "expression": "id"}, {"field": "zip_code", "expression": "zip"}]}]  # fmt: skip
    crm = catalog(stream("crm", "id", "zip"))
    seen = platform.sync(account.config(streams=own), crm, record("crm", {"id": "attributes", "zip": "69001"}))
    assert seen.outcomes("crm") == {"sent": 1}
    assert seen.summary["totals"] == []


def test_given_a_sync_that_fails_when_it_ends_then_what_had_not_ended_is_held(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: Answer(503) if call.id == "h2" else ACCEPTED
    with platform.started(fincome.config(retry_minutes=0.02), ALL) as live:
        live.send(customer("c"), invoice("h1", "c"))
        # Nothing is accepted after the first failure: so it is an outage, and not one object's own trouble.
        wait_for(lambda: "h1" in fincome.written())
        live.send(invoice("h2", "c", amount="0.5"))
        seen = live.finish(20)
    assert seen.failure[0] == "transient_error"
    assert seen.summary["failure"]["type"] == "transient_error"
    assert cells(seen.summary, "invoices") == {
        ("invoices", "EUR", "2026-01", "paid", "sent", 1, "12.50"),
        ("invoices", "EUR", "2026-01", "paid", "held", 1, "0.50"),
    }
    assert seen.summary["mrr"]["partial"]


# --- the whole of it


def many_months(number: int = 301) -> list[Message]:
    """Invoices of more months than a log shows."""
    return [
        customer("c"),
        *(
            invoice(f"m-{month}", "c", date=f"{2000 + month // 12}-{month % 12 + 1:02}-05", amount="1.10")
            for month in range(number)
        ),
    ]


def test_given_more_cells_than_a_log_shows_when_synced_then_it_has_years_and_the_files_have_months(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    summary, rejected = tmp_path / "summary.json", tmp_path / "rejected"
    config = account.config(rejected_records_url=str(rejected))
    seen = platform.sync(config, ALL, *many_months(), summary=summary)
    assert seen.good
    assert seen.summary["totals_by"] == "year"
    assert ("invoices", "EUR", "2003", "paid", "sent", 12, "13.20") in cells(seen.summary, "invoices")
    assert len(cells(seen.summary)) == 26 + 1
    whole = json.loads(summary.read_bytes())
    assert whole["totals_by"] == "month"
    assert ("invoices", "EUR", "2003-07", "paid", "sent", 1, "1.10") in cells(whole, "invoices")
    assert len(cells(whole)) == 301 + 1
    (beside,) = rejected.iterdir()
    assert beside.name.startswith("summary-")
    assert json.loads(beside.read_bytes()) == whole
    assert {key: whole[key] for key in whole if key not in ("totals", "totals_by", "mrr")} == {
        key: seen.summary[key] for key in whole if key not in ("totals", "totals_by", "mrr")
    }


def test_given_few_cells_when_synced_then_the_summary_is_stored_only_where_it_was_asked_for(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    summary, rejected = tmp_path / "summary.json", tmp_path / "rejected"
    summary.write_text("of the last sync")
    config = account.config(rejected_records_url=str(rejected))
    seen = platform.sync(config, ALL, customer("few"), summary=summary)
    assert json.loads(summary.read_bytes()) == seen.summary
    assert not rejected.exists() or list(rejected.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("place", ["missing/summary.json", "."])
def test_given_a_summary_that_cannot_be_written_when_a_sync_is_to_start_then_nothing_is_sent(
    platform: Platform, account: Account, tmp_path: Path, place: str
) -> None:
    seen: Seen = platform.sync(account.config(), ALL, customer("unwritten"), summary=tmp_path / place)
    assert seen.failure[0] == "config_error"
    assert "`--summary`" in seen.failure[1]
    assert account.get("customers", "unwritten") is None


def test_given_a_sync_that_fails_when_it_ends_then_the_summary_is_written_too(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    full = catalog(*({**one, **FULL} for one in STREAMS))
    seen = platform.sync(account.config(), full, customer("before"), b"no message", summary=summary)
    document = json.loads(summary.read_bytes())
    assert (document["exit"], document["failure"]["type"]) == (1, "system_error")
    assert document["failure"]["message"] == seen.failure[1]
    assert document["mrr"]["partial"], "the rest of the input may have had more"


def test_given_a_summary_that_cannot_be_written_any_more_when_a_sync_ends_then_it_is_told_and_nothing_else_changes(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    with platform.started(account.config(), ALL, summary=folder / "summary.json") as live:
        live.send(customer("late"), state("customers"))
        live.wait_until(lambda seen: len(seen.states) == 1)
        folder.rmdir()
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert [text for text in seen.warnings if "The whole summary could not be stored" in text]


def test_given_a_place_that_does_not_take_the_whole_summary_when_a_sync_ends_then_it_is_told(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file, not a folder")
    config = account.config(rejected_records_url=str(tmp_path / "file" / "below"))
    seen = platform.sync(config, ALL, *many_months())
    assert seen.good
    assert [text for text in seen.warnings if "The whole summary could not be stored" in text]
