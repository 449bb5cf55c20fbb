"""The protocol through the command line: what goes in, which states come out and when, how it ends."""

from __future__ import annotations

import fcntl
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer, ConfiguredAirbyteCatalogSerializer

from destination_fincome import DestinationFincome
from integration_tests.accounts import ACCEPTED, Account, Answer, Call, Scripted, wait_for
from integration_tests.conftest import NewAccount
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    Message,
    catalog,
    customer,
    global_state,
    invoice,
    legacy_state,
    record,
    state,
    stream,
)
from integration_tests.orchestrator import Platform
from unit_tests.fork_server import ForkServer

BOTH = catalog(CUSTOMERS, INVOICES)


def test_given_states_of_streams_when_synced_then_each_comes_back_whole(platform: Platform, account: Account) -> None:
    """The orchestrator compares all keys; here are those that typed models drop."""
    seen = platform.sync(
        account.config(),
        catalog(
            stream("customers", "id", "name", namespace="crm"),
            stream("invoices", *INVOICES["stream"]["json_schema"]["properties"], namespace=None),
        ),
        record("customers", {"id": "states-ada", "name": "PRIVATE"}, namespace="crm"),
        state(
            "customers", {"cursor": "PRIVATE"}, namespace="crm", global_=None, data=None, unheard_of={"a": [1, None]}
        ),
        state("customers", {"cursor": "PRIVATE2"}, namespace="crm", sourceStats={"recordCount": 99.0}),
        record("invoices", invoice("states-1", "states-ada")["record"]["data"], namespace=None),
        record("invoices", invoice("states-2", "states-ada")["record"]["data"]),
        state("invoices", None),
        state("invoices", {"id": 7}, namespace=None, additionalStats={"bytes": 12.5}),
        {**state("customers", {}, namespace="crm"), "beside_the_state": None},
    )
    assert seen.good
    assert len(seen.states) == 5
    assert seen.outcomes("crm.customers") == {"sent": 1}
    assert seen.outcomes("invoices") == {"sent": 2}
    by_id = {message["state"]["id"]: message["state"]["destinationStats"]["recordCount"] for message in seen.states}
    assert by_id == {1: 1.0, 2: 0.0, 3: 2.0, 4: 0.0, 5: 0.0}


@pytest.mark.parametrize(("catalogs", "records"), [("crm", None), (None, "crm"), ("crm", "erp")])
def test_given_records_with_another_namespace_than_the_catalog_when_synced_then_a_warning_names_both(
    platform: Platform, account: Account, catalogs: str | None, records: str | None
) -> None:
    seen = platform.sync(
        account.config(),
        catalog(stream("customers", "id", "name", namespace=catalogs)),
        record("customers", {"id": "of-another-namespace", "name": "PRIVATE"}, namespace=records),
    )
    assert seen.outcomes("(not in the catalog)") == {"skipped": 1}
    there, came = (f"{one}.customers" if one else "customers" for one in (catalogs, records))
    (warning,) = seen.warnings
    assert f"stream {came} is not in the catalog: there it is {there}" in warning
    assert account.get("customers", "of-another-namespace") is None


@pytest.mark.parametrize(
    "make",
    [
        lambda cursor: global_state(
            {"lsn": f"PRIVATE{cursor}"}, state("customers", {"cursor": cursor}), state("invoices", None)
        ),
        lambda cursor: legacy_state({"customers": f"PRIVATE{cursor}"}, global_=None),
    ],
    ids=["GLOBAL", "legacy"],
)
def test_given_states_of_all_streams_when_synced_then_they_count_all_streams(
    platform: Platform, account: Account, request: pytest.FixtureRequest, make: Callable[[int], Message]
) -> None:
    me = request.node.callspec.id
    seen = platform.sync(
        account.config(),
        BOTH,
        invoice(f"{me}-1", f"{me}-ada"),
        customer(f"{me}-ada"),
        make(1),
        make(2),
        invoice(f"{me}-2", f"{me}-ada"),
        invoice(f"{me}-3", f"{me}-ada", status="PRIVATE"),
        make(3),
    )
    assert seen.returned_ids() == [1, 2, 3]
    assert seen.counts() == [(2.0, 0.0), (0.0, 0.0), (1.0, 1.0)]


def test_given_all_that_sources_write_when_synced_then_only_records_and_states_count(
    platform: Platform, account: Account
) -> None:
    status = {"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": {"status": "UNHEARD_OF"}}
    with platform.started(account.config(), catalog(CUSTOMERS)) as live:
        live.send(
            {"type": "LOG", "log": {"level": "INFO", "message": "PRIVATE words of the source"}},
            {"type": "TRACE", "trace": status},
            b"\n  \n\r\n",
            {"type": "TRACE", "trace": {"type": "ESTIMATE", "emitted_at": 1.0, "estimate": {"name": "customers"}}},
            {"type": "UNHEARD_OF", "unheard_of": {"PRIVATE": 1}},
            {"type": "CONTROL", "control": None, "record": None, "state": None},
            {**customer("noise-ada"), "log": None, "trace": None, "catalog": None},
            record(
                "customers",
                {
                    "id": "noise-bob",
                    "name": "PRIVATE",
                    "segment": "gold",
                    "email": None,
                    "_airbyte_raw_id": "x",
                    "_airbyte_extracted_at": "2026-01-01T00:00:00Z",
                    "_airbyte_meta": {"changes": []},
                    "_airbyte_anything": 1,
                },
                meta={"changes": [{"field": "a", "change": "UNHEARD_OF", "reason": "UNHEARD_OF"}]},
            ),
            record("not_in_the_catalog", {"id": "PRIVATE"}),
            state("customers", {"cursor": 1}),
            state("not_in_the_catalog", {"cursor": 1}),
        )
        live.send(customer("noise-cy"), line_end=b"")
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 3}
    assert seen.outcomes("(not in the catalog)") == {"skipped": 1}
    assert any("stream not_in_the_catalog is not in the catalog: if it is wanted, select" in text for text in seen.logs)
    expected = {"id": "noise-bob", "name": "PRIVATE", "custom_properties": {"segment": "gold"}}
    assert account.get("customers", "noise-bob") == expected
    assert account.get("customers", "noise-cy") is not None


@pytest.mark.parametrize(
    "line", [b'{"type": "RECORD", "record": {"data": "PRIVATE', b'["PRIVATE"]'], ids=["half", "array"]
)
def test_given_a_line_that_is_no_message_when_synced_then_it_is_named_and_not_shown(
    platform: Platform, account: Account, line: bytes
) -> None:
    with platform.started(account.config(), BOTH) as live:
        live.send(customer("broken-ada"), b"\n", state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.send(invoice("broken-1", "broken-nobody"), state("invoices", {"cursor": 1}), line + b"\n")
        live.send(customer("broken-bob"), state("customers", {"cursor": 2}))
        seen = live.finish(15)  # its input stays open: it reads no further
    kind, message = seen.failure
    assert kind == "system_error"
    assert f"Line 6 of the input ({len(line)} bytes)" in message
    assert seen.returned_ids() == [1]
    assert seen.outcomes("customers") == {"sent": 1}
    assert account.get("customers", "broken-bob") is None


def test_given_a_broken_line_right_after_a_state_when_synced_then_the_state_comes_back(
    platform: Platform, account: Account
) -> None:
    """Else a source that always breaks at the same place would never get any further."""
    seen = platform.sync(
        account.config(),
        BOTH,
        customer("before-ada"),
        state("customers", {"cursor": 1}),
        invoice("before-1", "before-nobody"),
        state("invoices", {"cursor": 1}),
        b"no JSON\n",
    )
    assert seen.failure[0] == "system_error"
    assert seen.returned_ids() == [1]


def test_given_no_input_at_all_when_synced_then_it_ends_well(platform: Platform, account: Account) -> None:
    seen = platform.sync(account.config(), BOTH)
    assert seen.good
    assert seen.states == []


def test_given_clear_data_when_synced_then_states_come_back_with_a_warning(
    platform: Platform, account: Account
) -> None:
    """As the platform does it: overwrite though the spec doesn't list it, no records, states that are null."""
    overwrite: dict[str, object] = {"sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
    ids = {"generation_id": None, "minimum_generation_id": None, "sync_id": None}
    before = account.summary()
    seen = platform.sync(
        account.config(),
        catalog(*({**one, **overwrite, **ids} for one in (CUSTOMERS, INVOICES))),
        state("customers", None),
        state("invoices", None),
    )
    assert seen.good
    assert len(seen.states) == 2
    assert any("Nothing can be deleted in Fincome" in text for text in seen.warnings)
    assert account.summary() == before


def test_given_a_source_that_falls_silent_when_its_record_is_sent_then_its_state_leaves_at_once(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), catalog(CUSTOMERS)) as live:
        live.send(customer("silent-ada"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1, 10)
        assert live.process.poll() is None
        live.end_input()
        assert live.finish().good


def test_given_a_sync_that_waits_when_time_passes_then_the_log_tells_how_far_it_is(
    connector: ForkServer, tmp_path: Path, account: Account
) -> None:
    platform = Platform(tmp_path, partial(connector.start, module="integration_tests.quick_to_report"))
    with platform.started(account.config(), BOTH) as live:
        live.send(customer("progress-ada"), invoice("progress-1", "progress-bob"))
        live.wait_until(lambda seen: any(text.startswith("Progress: ") for text in seen.logs), 40)
        assert live.process.poll() is None
        live.send(customer("progress-bob"))
        live.end_input()
        seen = live.finish()
    line = next(text for text in seen.logs if text.startswith("Progress: "))
    assert "customers: 1 received, 1 sent" in line
    assert "invoices: 1 received, 0 sent, 0 rejected, 1 held" in line
    assert "requests/s" in line


def test_given_an_answer_under_way_when_a_state_follows_then_it_waits_for_the_answer(
    platform: Platform, fincome: Scripted
) -> None:
    seen_at_answer: list[int] = []
    with platform.started(fincome.config(), catalog(CUSTOMERS)) as live:

        def answer(call: Call) -> Answer:
            if call.verb == "POST":
                live.wait_until(lambda seen: len(seen.sent) == 2)
                seen_at_answer.append(len(live.seen.states))
            return ACCEPTED

        fincome.default = answer
        live.send(customer("ada"), state("customers", {"cursor": 1}), state("customers", {"cursor": 2}))
        live.wait_until(lambda seen: len(seen.states) == 2)
        live.end_input()
        live.finish()
    assert seen_at_answer == [0]


@pytest.mark.parametrize("state_first", [True, False], ids=["while states leave", "before anything was written"])
def test_given_a_platform_that_is_gone_when_it_has_something_to_say_then_it_ends_quietly(
    platform: Platform, account: Account, state_first: bool
) -> None:
    with platform.started(account.config(), catalog(CUSTOMERS), listen=False) as live:
        if state_first:
            live.send(customer("gone-ada"), state("customers", {"cursor": 1}))
            while b'"STATE"' not in live.process.stdout.readline():
                pass
            live.process.stdout.close()
            live.send(customer("gone-bob"), state("customers", {"cursor": 2}))
        else:
            live.process.stdout.close()
            live.send(customer("gone-cy"))
        live.end_input()
        live.process.wait(30)
        assert live.connector.stderr() == ""
        assert live.connector.left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_given_a_sync_under_way_when_told_to_stop_then_it_ends_in_good_order(
    platform: Platform, account: Account, number: signal.Signals
) -> None:
    with platform.started(account.config(), BOTH) as live:
        live.send(customer("term-ada"), state("customers", {"cursor": 1}))
        live.send(invoice("term-1", "term-nobody"), state("invoices", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.process.send_signal(number)
        seen = live.finish(15)
    kind, message = seen.failure
    assert kind == "transient_error"
    assert number.name in message
    assert seen.returned_ids() == [1]
    assert seen.outcomes("customers") == {"sent": 1}


def test_given_requests_that_hang_when_told_to_stop_then_it_ends_before_it_would_be_ended_by_force(
    platform: Platform, new_account: NewAccount
) -> None:
    with new_account() as account, platform.started(account.config(), catalog(CUSTOMERS)) as live:
        live.send(customer("hang-ada"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        account.misbehave(hang_rate=1)
        live.send(customer("hang-bob"), state("customers", {"cursor": 2}))
        wait_for(lambda: len(account.requests()) > 1)
        live.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        seen = live.finish(25)
    assert time.monotonic() - begun < 15
    assert seen.failure[0] == "transient_error"
    assert seen.returned_ids() == [1]


def test_given_a_platform_that_does_not_read_when_told_to_stop_then_it_ends(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), catalog(CUSTOMERS), listen=False) as live:
        sender = threading.Thread(target=live.send, args=[state("customers", {"cursor": "x" * 500})] * 1000)
        sender.start()
        live.process.stdout.readline()
        # The pipe fills with states that nobody takes.
        wait_for(lambda: waiting_in(live.process.stdout) >= 40_000)
        live.process.send_signal(signal.SIGTERM)
        assert live.process.wait(25) == 1
        sender.join()
        assert live.connector.stderr() == (
            "destination-fincome: standard output can't be written (nobody reads it), where Airbyte's messages go.\n"
        )


def waiting_in(pipe: IO[bytes]) -> int:
    """Return how many bytes nobody has read yet."""
    found = fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(found, sys.byteorder)


def test_given_messages_in_memory_when_the_class_writes_them_then_their_states_come_back(account: Account) -> None:
    """As callers of the CDK's class do, without the command line."""
    messages = [customer("memory-ada"), state("customers", {"cursor": 1.5, "deep": [{"a": None}]})]
    states = DestinationFincome().write(
        account.config(),
        ConfiguredAirbyteCatalogSerializer.load(catalog(CUSTOMERS)),
        [AirbyteMessageSerializer.load(message) for message in messages],
    )
    (back,) = [AirbyteMessageSerializer.dump(message) for message in states]
    assert back["state"].pop("destinationStats")["recordCount"] == 1.0
    assert back == messages[1]
    assert account.get("customers", "memory-ada") is not None
