"""Disk and spool at their limits, and parents made from what their children say."""

from __future__ import annotations

import re
import resource

import pytest

from integration_tests.accounts import Account, Answer, Scripted
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    LINES,
    catalog,
    customer,
    line,
    record,
    state,
    stream,
)
from integration_tests.orchestrator import Platform

EVERYTHING = catalog(CUSTOMERS, INVOICES, LINES)
# Held lines that take about 2 MB of spool.
MANY = 2500

STRIPE = catalog(
    stream("customers", "id", "object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt", "name"),
    stream("invoices", "id", "object", "livemode", "lines", "status_transitions", "amount_due", "billing_reason"),
)


def test_given_a_full_spool_when_fincome_has_the_parents_then_all_is_sent_while_the_input_is_open(
    platform: Platform, account: Account
):
    """Nothing in it can go, so the parents are looked up at once: nobody waits for `parent_wait_seconds`."""
    account.given("customers", {"id": "full-cus", "name": "Full"})
    invoice = {"customer_id": "full-cus", "date": "2026-01-01", "status": "paid", "currency": "EUR", "amount": 1}
    account.given("invoices", {"id": "full-in", **invoice})
    messages = [line(f"full-{i}", "full-in", description="x" * 300) for i in range(MANY)]
    with platform.started(account.config(max_spool_mb=1), EVERYTHING) as live:
        live.send(*messages, state("invoice_lines"))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.counts() == [(float(MANY), 0.0)]


def test_given_a_full_spool_when_nothing_can_make_room_then_it_fails_names_the_setting_and_rejects_nothing(
    platform: Platform, account: Account
):
    """The parents might have come last: a good record is never rejected for want of room."""
    messages = [line(f"nowhere-{i}", "nowhere-in", description="x" * 300) for i in range(MANY)]
    late = [record("invoices", {"id": "nowhere-in"}), state("invoice_lines")]
    seen = platform.sync(account.config(max_spool_mb=1), EVERYTHING, *messages, *late)
    kind, message = seen.failure
    assert kind == "config_error"
    assert "`max_spool_mb`" in message
    assert re.search(r"\d+ invoice lines wait for invoices", message)
    assert seen.states == []
    assert seen.reasons("rejected") == []


MERGED = """\
version: 1
streams:
  people:
    emits:
      - {entity: customers, fields: {id: no, name: name}, merge: {name: last}}
"""


def test_given_rows_to_be_merged_beyond_the_room_when_syncing_then_it_fails_before_it_has_read_all_and_names_them(
    platform: Platform, account: Account
):
    """They wait for the last row of their object, so nothing of them can leave before the end of the input."""
    people = stream("people", "no", "name", sync_mode="full_refresh")
    messages = [record("people", {"no": f"merged-{i}", "name": "x" * 900}) for i in range(MANY)]
    seen = platform.sync(account.config(max_spool_mb=1, mapping=MERGED), catalog(people), *messages, state("people"))
    kind, message = seen.failure
    assert kind == "config_error"
    assert re.search(r"`max_spool_mb` = 1.* MB of rows, until all rows of their objects have come", message)
    assert (seen.states, seen.reasons("rejected")) == ([], [])


def test_given_a_disk_that_is_full_when_syncing_then_it_fails_in_words_and_keeps_what_was_saved(
    platform: Platform, account: Account
):
    with platform.started(account.config(), EVERYTHING) as live:
        live.send(customer("disk-cus"), state("customers"))
        live.wait_until(lambda seen: len(seen.states) == 1)
        # The system refuses larger files from now on, as it does on a full disk.
        resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        live.send(*(line(f"disk-{i}", "disk-in", description="x" * 300) for i in range(MANY)), state("invoice_lines"))
        live.end_input()
        seen = live.finish()
    kind, message = seen.failure
    assert kind == "system_error"
    assert "temporary folder" in message
    assert seen.returned_ids() == [1]
    assert seen.summary["requests"] == 1


def stripe_invoice(identity: str, customer_id: str, **fields: object):
    return record(
        "invoices",
        {
            "id": identity,
            "object": "invoice",
            "customer": customer_id,
            "status": "paid",
            "currency": "eur",
            "total": 1200,
            "total_excluding_tax": 1000,
            "created": 1_750_000_000,
            "lines": {"data": [], "has_more": False},
            "updated": 1_750_000_000,
            **fields,
        },
    )


def test_given_a_customer_deleted_long_ago_when_its_invoice_comes_then_it_is_created_from_the_invoice(
    platform: Platform, account: Account
):
    messages = [
        stripe_invoice("stub-in-1", "stub-gone", customer_name="Gone Ltd", customer_email="a@gone.example"),
        stripe_invoice("stub-in-2", "stub-unknown"),
    ]
    seen = platform.sync(account.config(), STRIPE, *messages, state("invoices"))
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 2}
    # Where nobody knows a name, the id is one, as for customers that come themselves.
    assert account.get("customers", "stub-unknown") == {"id": "stub-unknown", "name": "stub-unknown"}
    assert account.get("customers", "stub-gone") == {"id": "stub-gone", "name": "Gone Ltd", "email": "a@gone.example"}
    assert seen.summary["stubs"] == {"customers": 2}
    assert account.get("invoices", "stub-in-1")["amount"] == 10


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        pytest.param(Answer(200, {"id": "cus_old", "name": "By hand"}), "Customer not found", marks=pytest.mark.long),
        pytest.param(Answer(405, {"detail": "Method Not Allowed"}), "Customer not found", marks=pytest.mark.long),
        (Answer(404, {"detail": "Not Found"}), "Unknown tax code for this customer"),
    ],
)
def test_given_a_customer_that_may_exist_when_its_invoice_is_refused_then_what_the_invoice_says_of_it_is_not_sent(
    quick_platform: Platform, fincome: Scripted, shown: Answer, words: str
):
    fincome.default = lambda call: shown if call.verb == "GET" else Answer(422, {"detail": words})
    old = stripe_invoice("in_1", "cus_old", customer_name="From the invoice")
    only_invoices = {"streams": [one for one in STRIPE["streams"] if one["stream"]["name"] == "invoices"]}
    seen = quick_platform.sync(fincome.config(stored_check="off"), only_invoices, old)
    assert seen.outcomes("invoices") == {"rejected": 1}
    assert "cus_old" not in fincome.written()


def test_given_the_setting_off_when_a_customer_exists_nowhere_then_its_invoice_is_rejected(
    platform: Platform, account: Account
):
    gone = stripe_invoice("off-in-1", "off-gone", customer_name="Gone Ltd")
    seen = platform.sync(account.config(create_missing_parents="off"), STRIPE, gone, state("invoices"))
    assert seen.outcomes("invoices") == {"rejected": 1}
    assert account.get("customers", "off-gone") is None


def test_given_a_customer_deleted_in_this_sync_when_it_has_an_invoice_then_its_last_state_is_kept(
    platform: Platform, account: Account
):
    deleted = {"id": "del-cus", "object": "customer", "name": "Last Name", "is_deleted": True, "updated": 5}
    messages = [
        record("customers", deleted),
        stripe_invoice("del-in", "del-cus"),
        state("customers"),
        state("invoices"),
    ]
    seen = platform.sync(account.config(), STRIPE, *messages)
    assert seen.outcomes("customers") == {"skipped": 1}
    assert seen.outcomes("invoices") == {"sent": 1}
    assert account.get("customers", "del-cus")["name"] == "Last Name"
