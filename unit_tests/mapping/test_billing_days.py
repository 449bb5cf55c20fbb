"""Days by the midnight of the company's own time zone: the record's, the setting's, else UTC."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from destination_fincome.connection.config import parse_config
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.billing_days import put_in_local_days
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft, Mapped
from unit_tests.mapping.payloads import Stream
from unit_tests.mapping.record_results import found_result
from unit_tests.mapping.source_files import SOURCES, cases_of, mapper_of, part

PARIS = ZoneInfo("Europe/Paris")


def in_days(zone: str = "Europe/Paris", **values: Any) -> dict[str, Any]:
    put_in_local_days(values, ZoneInfo(zone))
    return values


def in_zone(source: str, stream: str, record: dict[str, Any], zone: ZoneInfo | None) -> Mapped:
    (planned,) = make_plan([Stream(stream)], load_presets(), load_contract(), PlanOptions(source, zone=zone)).streams
    assert planned.mapper is not None
    return planned.mapper.map(record)


def values(mapped: Mapped, entity: str) -> dict[str, Any]:
    (found,) = (item.values for item in mapped.objects if isinstance(item, Draft) and item.entity == entity)
    return found


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/Paris", "2025-12-31T23:00:00Z", "2026-01-01"),
        ("Europe/Paris", "2026-06-30T21:59:59Z", "2026-06-30"),
        ("Europe/Paris", 1767222000, "2026-01-01"),
        ("America/New_York", "2026-01-01T04:59:59+00:00", "2025-12-31"),
        ("Pacific/Auckland", "2025-12-31T11:00:00Z", "2026-01-01"),
        ("America/New_York", "2026-01-01", "2026-01-01"),
        ("Europe/Paris", "soon", "soon"),
    ],
)
def test_a_documents_date_is_the_local_day(zone: str, instant: Any, day: str) -> None:
    assert in_days(zone, date=instant, due_date=instant) == {"date": day, "due_date": day}


@pytest.mark.parametrize(
    ("zone", "start", "end", "days"),
    [
        ("Europe/Paris", "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", ("2026-01-01", "2026-02-01")),
        ("Europe/Paris", "2026-02-28T23:00:00Z", "2026-03-31T21:59:59Z", ("2026-03-01", "2026-04-01")),
        ("Europe/Paris", "2026-02-28T23:00:00Z", "2026-03-31T21:59:59.999Z", ("2026-03-01", "2026-04-01")),
        ("America/New_York", 1767243600, 1769922000, ("2026-01-01", "2026-02-01")),
        # Clocks change at midnight there: the day begins at 01:00.
        ("Africa/Cairo", "2026-04-23T22:00:00Z", "2026-05-23T21:00:00Z", ("2026-04-24", "2026-05-24")),
        ("Europe/Paris", "2026-01-01", "2026-01-31T23:00:00Z", ("2026-01-01", "2026-02-01")),
    ],
)
def test_a_period_from_midnight_to_midnight_is_one_of_days(zone: str, start: Any, end: Any, days: Any) -> None:
    for first, last in (("period_start", "period_end"), ("start_date", "end_date"), ("trial_start", "trial_end")):
        assert in_days(zone, **{first: start, last: end}) == {first: days[0], last: days[1]}


@pytest.mark.parametrize(
    ("start", "end", "local"),
    [
        ("2025-12-31T23:00:00Z", "2026-01-20T10:00:00Z", ("2026-01-01", "2026-01-20T11:00:00Z")),
        ("2026-04-16T10:30:00Z", "2026-04-30T22:00:00Z", ("2026-04-16T12:30:00Z", "2026-05-01")),
        ("2026-02-28T23:00:00Z", "2026-03-31T22:30:00Z", ("2026-03-01", "2026-04-01T00:30:00Z")),
    ],
)
def test_a_period_with_one_end_in_the_middle_of_a_day_keeps_its_length(start: str, end: str, local: Any) -> None:
    assert in_days(period_start=start, period_end=end) == {"period_start": local[0], "period_end": local[1]}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-05T10:00:00Z", "2026-02-05T10:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        ("2026-01-30T22:59:59Z", "2026-01-30T23:00:00Z"),
        ("2025-12-31T23:00:00Z", "then"),
        ("2026-01-01", "2026-02-01"),
    ],
)
def test_other_periods_keep_their_instants(start: str, end: str) -> None:
    assert in_days(period_start=start, period_end=end) == {"period_start": start, "period_end": end}


def test_a_subscription_without_an_end_begins_on_its_local_day_if_it_begins_at_midnight() -> None:
    assert in_days(start_date="2025-12-31T23:00:00Z", end_date=None)["start_date"] == "2026-01-01"
    assert in_days(start_date="2025-12-31T23:00:01Z")["start_date"] == "2025-12-31T23:00:01Z"


def test_the_records_own_zone_counts_before_the_setting() -> None:
    invoice = {**part("lago", "invoice"), "issuing_date": "2025-12-31T23:00:00Z"}
    assert values(in_zone("lago", "invoices", invoice, ZoneInfo("Asia/Tokyo")), "invoices")["date"] == "2026-01-01"
    invoice["customer"]["applicable_timezone"] = None
    tokyo = {**invoice, "issuing_date": "2025-12-31T15:00:00Z"}
    assert values(in_zone("lago", "invoices", tokyo, ZoneInfo("Asia/Tokyo")), "invoices")["date"] == "2026-01-01"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", 5, {"name": "Europe/Paris"}, ["Europe/Paris"]])
def test_an_unknown_zone_of_a_record_is_warned_of_and_utc_counts(zone: Any) -> None:
    invoice = {**part("lago", "invoice"), "issuing_date": "2025-12-31T23:00:00Z"}
    invoice["customer"]["applicable_timezone"] = zone
    found = in_zone("lago", "invoices", invoice, PARIS)
    assert values(found, "invoices")["date"] == "2025-12-31T23:00:00Z"
    assert [warned.code for warned in found.warnings] == ["unknown_time_zone"]


def test_an_unknown_zone_in_the_settings_is_a_mistake() -> None:
    with pytest.raises(ConfigFailure, match="`billing_time_zone` names no time zone that exists"):
        parse_config({"api_key": "0123456789", "billing_time_zone": "Europe/Atlantis"})
    assert parse_config({"api_key": "0123456789", "billing_time_zone": "Europe/Paris"}).zone == PARIS
    assert parse_config({"api_key": "0123456789", "billing_time_zone": " "}).zone is None


@pytest.mark.parametrize("source", SOURCES)
def test_with_a_zone_nothing_but_dates_changes(source: str) -> None:
    for case in cases_of(source)[::5]:
        one, other = (found_result(mapper_of(case.setting, zone), case.record) for zone in (None, PARIS))
        assert without_dates(one) == without_dates(other)


def without_dates(value: Any) -> Any:
    if isinstance(value, list):
        return [without_dates(item) for item in value]
    if isinstance(value, dict):
        dates = ("date", "due_date", "period_start", "period_end", "start_date", "end_date", "trial_start", "trial_end")
        return {name: without_dates(item) for name, item in value.items() if name not in dates}
    return value
