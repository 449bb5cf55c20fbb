"""A CRM's attributes in a sync: onto customers that Fincome has, and onto no others; nothing before the key is set."""

from __future__ import annotations

from typing import Any

from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform

COLUMNS = ("id", "archived", "updatedAt", "properties", "properties_hs_object_id", "properties_billing_id")
CRM = catalog(stream("crm_companies", *COLUMNS), stream("crm_deals", *COLUMNS[:5]))


def company(number: int, key: str | None, **properties: object) -> Message:
    data: dict[str, Any] = {"id": str(number), "archived": False, "updatedAt": f"2026-01-{number:02}T00:00:00Z"}
    return record("crm_companies", {**data, "properties": {"billing_id": key, **properties}})


def test_given_no_key_when_records_come_then_candidates_are_told_and_nothing_is_asked_or_saved(
    platform: Platform, account: Account
) -> None:
    before = len(account.requests())
    seen = platform.sync(
        account.config(crm_properties="segment"),
        CRM,
        company(1, "ek-1", segment="SMB"),
        state("crm_companies", {"page": 1}),
        company(2, None, segment="SMB"),
        state("crm_companies", {"page": 2}),
    )
    kind, message = seen.failure
    assert kind == "config_error"
    assert "`crm_key` isn't set" in message
    assert "billing_id (50 % filled, 100 % unique)" in message
    assert "ek-1" not in message
    assert seen.counts() == []
    assert account.requests(before) == []


def test_given_a_key_when_synced_then_only_named_properties_go_and_only_onto_customers_that_exist(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "ek-7", "name": "Held", "custom_properties": {"health": "good"}})
    seen = platform.sync(
        account.config(crm_key="billing_id", crm_properties="segment; health"),
        CRM,
        company(2, "ek-7", segment="SMB", health="", city="Lyon"),
        company(1, "ek-7", segment="older"),
        company(3, "ek-nobody", segment="SMB"),
        company(4, None, segment="SMB"),
        record("crm_deals", {"id": "1", "properties": {"amount": 5}}),
        state("crm_companies", {"page": 1}),
    )
    assert seen.good, seen.failure
    assert seen.outcomes("crm_companies") == {"sent": 1, "skipped": 3}
    assert sorted(code for code, _ in seen.reasons("skipped")) == [
        "no_key",
        "not_in_fincome",
        "stream_ignored",
        "superseded",
    ]
    held = account.get("customers", "ek-7")
    assert held is not None
    assert (held["name"], held["custom_properties"]) == ("Held", {"health": "good", "segment": "SMB"})
    assert account.get("customers", "ek-nobody") is None


def test_given_an_api_that_creates_by_update_and_shows_it_later_when_synced_then_it_is_told_and_not_done_again(
    platform: Platform, new_account: NewAccount
) -> None:
    companies = [company(number, f"ek-{number}", segment="SMB") for number in range(60)]
    settings = {"crm_key": "billing_id", "crm_properties": "segment", "max_concurrency": 1}
    with new_account() as account:
        account.given("customers", *({"id": f"ek-{number}", "name": "Held"} for number in range(10)))
        account.misbehave(update_creates="customers", visibility_lag_ms=1500)
        seen = platform.sync(account.config(**settings), CRM, *companies, state("crm_companies", {"page": 1}))
        there = set(account.objects("customers"))
    assert seen.good, seen.failure
    (said,) = (text for text in seen.warnings if "an update of customers" in text)
    assert "is accepted where nothing is there, and may have created customer ek-19 and others before it" in said
    # One in twenty is asked for while updates only meet what is there.
    assert there == {f"ek-{number}" for number in range(20)}
    assert seen.outcomes("crm_companies") == {"sent": 20, "skipped": 40}


def test_given_a_crm_without_a_key_when_checked_then_it_passes_and_says_what_the_first_sync_will_do(
    platform: Platform, account: Account
) -> None:
    seen = platform.check(account.config(source="hubspot"))
    (status,) = seen.statuses
    assert status["status"] == "SUCCEEDED"
    assert "`crm_key` isn't set: the first sync will stop" in status["message"]
