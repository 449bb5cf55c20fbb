"""Rejected records are stored where the user asked, whole, before the state that covers them leaves."""

from __future__ import annotations

import json
from pathlib import Path

from integration_tests.accounts import Account, Scripted, invalid
from integration_tests.messages import CUSTOMERS, INVOICES, catalog, customer, invoice, state
from integration_tests.orchestrator import Platform


def stored(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for part in sorted(folder.iterdir()) for line in part.read_bytes().splitlines()]


def test_given_rejected_records_when_their_state_is_back_then_they_are_stored_whole_with_their_reasons(
    platform: Platform, account: Account, tmp_path: Path
):
    folder = tmp_path / "rejected"
    everything = catalog(CUSTOMERS, INVOICES)
    config = account.config(rejected_records_url=str(folder), parent_wait_seconds=0)
    bad = customer("kept-1", country="Atlantis", email=["not", "text"])
    orphan = invoice("kept-2", "kept-nobody")
    with platform.started(config, everything) as live:
        live.send(customer("kept-0"), bad, state("customers"))
        live.wait_until(lambda seen: len(seen.states) == 1)
        (first,) = stored(folder)
        assert live.process.poll() is None, "the record was stored while the sync ran"
        live.send(orphan, state("invoices"))
        live.end_input()
        seen = live.finish()

    assert seen.good
    assert seen.counts() == [(1.0, 1.0), (0.0, 1.0)]
    assert {key: first[key] for key in ("stream", "entity", "id", "code", "field")} == {
        "stream": "customers",
        "entity": "customers",
        "id": "kept-1",
        "code": "invalid_field",
        "field": "email",
    }
    assert first["record"] == bad["record"]["data"]
    assert first["time"]
    assert first["message"] == "must be text"
    second = stored(folder)[1]
    assert (second["id"], second["code"], second["field"]) == ("kept-2", "missing_reference", "customer_id")
    assert second["record"] == orphan["record"]["data"]


def test_given_a_refusal_by_the_api_when_it_is_stored_then_the_record_is_the_sources(
    platform: Platform, fincome: Scripted, tmp_path: Path
):
    fincome.script("refused", invalid("name", "is not nice"))
    config = fincome.config(rejected_records_url=str(tmp_path / "rejected"))
    messages = [customer("fine"), customer("refused", segment="x"), state("customers")]
    assert platform.sync(config, catalog(CUSTOMERS), *messages).good
    (line,) = stored(tmp_path / "rejected")
    assert (line["code"], line["field"]) == ("refused_by_api", "name")
    assert line["record"]["segment"] == "x"


def test_given_a_place_that_cannot_be_written_when_a_record_is_rejected_then_the_sync_fails_and_keeps_the_state(
    platform: Platform, account: Account, tmp_path: Path
):
    place = tmp_path / "file"
    place.write_text("a file, not a folder")
    config = account.config(rejected_records_url=str(place / "below"))
    seen = platform.sync(
        config, catalog(CUSTOMERS), customer("lost-1", email=["not", "text"]), state("customers"), customer("lost-2")
    )
    assert seen.exit_code == 1
    assert seen.states == []


def test_given_many_rejected_records_when_no_state_comes_between_then_they_are_in_few_files(
    platform: Platform, fincome: Scripted, tmp_path: Path
):
    folder = tmp_path / "rejected"
    fincome.default = invalid("name", "is not nice")
    config = fincome.config(rejected_records_url=str(folder), max_rejected_percent=100)
    bad = [customer(f"many-{number}") for number in range(100)]
    platform.sync(config, catalog(CUSTOMERS), *bad[:50], state("customers", 1), *bad[50:])
    assert len(stored(folder)) == 100
    assert len([*folder.iterdir()]) <= 2


def test_given_nothing_rejected_when_the_sync_ends_then_nothing_is_stored(
    platform: Platform, account: Account, tmp_path: Path
):
    config = account.config(rejected_records_url=str(tmp_path / "rejected"))
    assert platform.sync(config, catalog(CUSTOMERS), customer("fine-1"), state("customers")).good
    assert not (tmp_path / "rejected").exists() or stored(tmp_path / "rejected") == []


def test_given_an_object_that_is_sent_without_a_reference_then_its_record_is_stored_to_complete_it(
    platform: Platform, account: Account, tmp_path: Path
):
    folder = tmp_path / "rejected"
    config = account.config(rejected_records_url=str(folder), create_missing_parents="off")
    bill = invoice("left-1", "left-c", subscription_id="left-nowhere")
    seen = platform.sync(config, catalog(CUSTOMERS, INVOICES), customer("left-c"), bill, state("invoices"))
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 1}
    (line,) = stored(folder)
    assert {key: line[key] for key in ("entity", "id", "code", "field", "record")} == {
        "entity": "invoices",
        "id": "left-1",
        "code": "incomplete",
        "field": "subscription_id",
        "record": bill["record"]["data"],
    }
    origin = line["origin"]
    assert isinstance(origin, dict)
    assert (origin["name"], origin["preset"], origin["streams"]) == ("invoices", "fincome", ["customers", "invoices"])
