"""Whatever the mood of the API, the account ends the same: every fault of the sandbox, through the command line."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, LINES, Message, catalog, customer, invoice, line, state
from integration_tests.orchestrator import Platform

EVERYTHING = catalog(CUSTOMERS, INVOICES, LINES)
SIZE = 25


def business(prefix: str) -> list[Message]:
    """Customers, invoices and lines in any order, a state of each stream at the end."""
    messages = [customer(f"{prefix}cus_{i}") for i in range(SIZE)]
    messages += [invoice(f"{prefix}in_{i}", f"{prefix}cus_{i}", amount=f"{i}.50") for i in range(SIZE)]
    messages += [line(f"{prefix}il_{i}", f"{prefix}in_{i}") for i in range(SIZE)]
    random.Random(prefix).shuffle(messages)
    return [*messages, state("customers"), state("invoices"), state("invoice_lines")]


def held(account: Account, prefix: str) -> dict[str, int]:
    return {
        entity: sum(identity.startswith(prefix) for identity in account.objects(entity))
        for entity in ("customers", "invoices", "invoice_lines")
    }


@contextmanager
def misbehaving(account: Account, **faults: object) -> Iterator[None]:
    account.misbehave(**faults)
    try:
        yield
    finally:
        account.misbehave()


@pytest.mark.parametrize(
    "faults",
    [
        {"error_rate": 0.1},
        {"unavailable_rate": 0.03},
        {"lost_answer_rate": 0.1},
        {"reset_rate": 0.1},
        {"truncate_rate": 0.1},
        {"hang_rate": 0.03},
        {"latency_ms": 5, "latency_jitter_ms": 20},
        {"visibility_lag_ms": 300},
        {"visibility_lag_ms": 100, "unknown_reference_form": "404"},
        {"visibility_lag_ms": 100, "unknown_reference_form": "409"},
        {"visibility_lag_ms": 100, "unknown_reference_form": "400"},
        {"lost_answer_rate": 0.1, "exists_form": "422"},
        {"lost_answer_rate": 0.1, "exists_form": "400"},
        {
            "error_rate": 0.03,
            "lost_answer_rate": 0.05,
            "reset_rate": 0.03,
            "truncate_rate": 0.03,
            "visibility_lag_ms": 50,
        },
    ],
    ids=lambda faults: " ".join(f"{name}={value}" for name, value in faults.items()),
)
def test_given_a_fault_when_synced_then_all_ends_as_without_it(platform: Platform, account: Account, faults, request):
    prefix = f"{request.node.callspec.indices['faults']}f-"
    with misbehaving(account, fault_seed=7, **faults):
        seen = platform.sync(account.config(request_timeout_seconds=1), EVERYTHING, *business(prefix))
    assert seen.good
    assert seen.counts() == [(float(SIZE), 0.0)] * 3
    assert held(account, prefix) == {"customers": SIZE, "invoices": SIZE, "invoice_lines": SIZE}
    assert account.objects("invoices")[f"{prefix}in_3"]["amount"] == 3.5
    assert account.summary()["orphans"] == 0


def test_given_a_dead_key_in_mid_sync_when_refused_then_it_stops_with_few_requests(
    platform: Platform, account: Account
):
    before = account.summary()["requests"]["total"]
    with misbehaving(account, dead_key_after=20):
        seen = platform.sync(account.config(), EVERYTHING, *business("dead-"))
    assert seen.failure[0] == "config_error"
    assert "refused the API key (401)" in seen.failure[1]
    # What was on its way or ready when the first refusal came, at the most.
    assert account.summary()["requests"]["total"] - before <= 20 + 2 * 8


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_given_a_rate_limit_when_it_is_a_setting_then_hardly_a_request_is_refused(
    platform: Platform, account: Account, form: str
):
    with misbehaving(account, rate_limit=50, retry_after_form=form):
        before = Counter(account.summary()["requests"]["by_status"])
        seen = platform.sync(account.config(requests_per_second=49), EVERYTHING, *business(f"rate-{form}-"))
        answers = Counter(account.summary()["requests"]["by_status"]) - before
    assert seen.good
    assert answers["429"] < 0.02 * answers.total()


def test_given_a_rate_limit_when_nothing_is_set_then_it_is_learnt_and_all_is_sent(platform: Platform, account: Account):
    with misbehaving(account, rate_limit=100):
        seen = platform.sync(account.config(), EVERYTHING, *business("learn-"))
    assert seen.good
    assert held(account, "learn-") == {"customers": SIZE, "invoices": SIZE, "invoice_lines": SIZE}


def test_given_an_account_that_has_all_when_synced_again_then_few_requests_are_wasted(platform: Platform, new_account):
    with new_account() as account:
        wide = [invoice(f"in_{i}", "cus_1") for i in range(400)]
        messages = [customer("cus_1"), *wide, state("invoices")]
        first = platform.sync(account.config(), EVERYTHING, *messages)
        asked = account.summary()["requests"]["total"]
        second = platform.sync(account.config(), EVERYTHING, *messages)
        again = account.summary()["requests"]["total"] - asked
    assert first.good
    assert second.good
    assert asked == 401
    assert again <= 1.1 * 401


def test_given_a_dry_run_when_synced_then_it_tells_what_it_would_do_and_writes_nothing(
    platform: Platform, account: Account
):
    account.given("customers", {"id": "dry-known", "name": "Known"})
    before = account.summary()["requests"]["total"]
    messages = [
        customer("dry-1"),
        invoice("dry-in-1", "dry-1"),
        invoice("dry-in-2", "dry-known"),
        invoice("dry-in-3", "dry-nobody"),
        customer("dry-bad", email=["not", "text"]),
    ]
    with platform.started(account.config(dry_run=True), EVERYTHING) as live:
        live.send(*messages)
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 2, "rejected": 1}
    assert seen.outcomes("customers") == {"sent": 1, "rejected": 1}
    assert any("dry run" in text for text in seen.logs)
    verbs = {one["verb"] for one in account.requests(before)}
    assert verbs == {"GET"}
    assert "dry-1" not in account.objects("customers")
