"""Killed at any moment, again and again, a sync ends in the same Fincome: what no state covered comes once more."""

from __future__ import annotations

import random
from itertools import zip_longest

from fincome_tools.demo.rules import broken_by_words
from integration_tests.accounts import Account, wait_for
from integration_tests.messages import CUSTOMERS, INVOICES, LINES, Message, catalog, customer, invoice, line, state
from integration_tests.orchestrator import LiveSync, Platform

# Requests that the account has seen in an attempt when it is killed; 0 is before the first.
MOMENTS = (0, 1, 3, 12, 30, 50, 70, 90, 110)
SIZE = 60
STATE_EVERY = 7


def business() -> dict[str, list[Message]]:
    """Sixty invoices of sixty customers, with two lines each; every seventh customer belongs to another one."""
    customers = [
        customer(f"cus_{i}", **({"root_parent_id": f"cus_{i - 1}"} if i % 7 == 6 else {})) for i in range(SIZE)
    ]
    invoices = [invoice(f"in_{i}", f"cus_{i}", amount=f"{i}.25") for i in range(SIZE)]
    lines = [
        line(f"il_{i}_{part}", f"in_{i}", amount_excluding_tax_after_discount=f"{i}.1{part}")
        for i in range(SIZE)
        for part in (1, 2)
    ]
    return {"invoice_lines": lines, "invoices": invoices, "customers": customers}


def from_position(stream: str, records: list[Message], start: int) -> list[Message]:
    """What a source sends that starts from a state: the records after it, with states in between and at the end."""
    messages: list[Message] = []
    for position, message in enumerate(records[start:], start + 1):
        messages.append(message)
        if position % STATE_EVERY == 0 or position == len(records):
            messages.append(state(stream, {"position": position}))
    return messages or [state(stream, {"position": start})]


def interleaved(positions: dict[str, int], seed: int) -> list[Message]:
    """All streams at once, children before their parents more often than not."""
    shuffler = random.Random(seed)
    streams = [from_position(name, records, positions[name]) for name, records in business().items()]
    shuffler.shuffle(streams)
    return [message for together in zip_longest(*streams) for message in together if message is not None]


def test_given_kills_at_many_moments_when_the_platform_tries_again_then_the_account_ends_the_same(
    platform: Platform, new_account
):
    positions = dict.fromkeys(business(), 0)
    everything = catalog(CUSTOMERS, INVOICES, LINES)
    saved: list[dict[str, int]] = []
    with new_account() as account:
        for attempt, moment in enumerate(MOMENTS):
            before = account.summary()["requests"]["total"]
            with platform.started(account.config(max_concurrency=4, parent_wait_seconds=0), everything) as live:
                live.send(*interleaved(positions, attempt))
                wait_for_requests(account, before + moment, live)
                live.process.kill()
                live.process.wait()
                live._reader.join(10)
            assert not list(broken_by_words(live.seen))
            for returned in live.seen.states:
                stream = returned["state"]["stream"]
                positions[stream["stream_descriptor"]["name"]] = stream["stream_state"]["position"]
            for name, position in positions.items():
                assert_covered(account, business()[name][:position])
            saved.append(dict(positions))

        platform.sync(account.config(), everything, *interleaved(positions, len(MOMENTS)))

        expected = {
            "customers": {m["record"]["data"]["id"] for m in business()["customers"]},
            "invoices": {m["record"]["data"]["id"] for m in business()["invoices"]},
            "invoice_lines": {m["record"]["data"]["id"] for m in business()["invoice_lines"]},
        }
        assert {entity: set(account.objects(entity)) for entity in expected} == expected
        assert account.objects("invoices")["in_7"]["amount"] == 7.25
        assert account.objects("customers")["cus_6"]["root_parent_id"] == "cus_5"
        assert account.summary()["orphans"] == 0
    assert saved[0] != saved[-1], "no attempt got anywhere: the moments prove nothing"
    assert len({tuple(sorted(position.items())) for position in saved}) >= 3


def wait_for_requests(account: Account, count: int, live: LiveSync) -> None:
    """Wait until the account has seen so many requests, or all is done."""
    wait_for(lambda: account.summary()["requests"]["total"] >= count or len(live.seen.states) >= len(live.seen.sent))


def assert_covered(account: Account, records: list[Message]) -> None:
    """What a returned state covers is there, whatever was killed since."""
    if records:
        entity = records[0]["record"]["stream"]
        held = account.objects(entity)
        missing = [m["record"]["data"]["id"] for m in records if m["record"]["data"]["id"] not in held]
        assert not missing, f"a state left before {missing}"
