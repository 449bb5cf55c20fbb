"""What would give wrong revenue is told in the summary of a good sync, with count and example, and blocks nothing."""

from __future__ import annotations

from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, customer, invoice, line, record, state, stream
from integration_tests.orchestrator import Platform

LINES = ["id", "invoice_id", "subscription_id", "price_id", "type", "currency", "amount_excluding_tax_after_discount",
         "period_start", "period_end"]  # fmt: skip
CATALOG = catalog(
    stream("customers", "id", "name"),
    stream("subscriptions", "id", "customer_id", "status", "start_date"),
    stream("invoices", "id", "customer_id", "date", "status", "currency", "amount"),
    stream("invoice_lines", *LINES),
    stream("line_items", *LINES),
)


def charge(identity: str, invoice_id: str, starts: str, ends: str, **fields: object) -> Message:
    body: dict[str, Any] = {"type": "subscription", "subscription_id": "bc-sub", "price_id": "bc-price",
                            "period_start": starts, "period_end": ends}  # fmt: skip
    return line(identity, invoice_id, **{**body, **fields})


def warnings(platform: Platform, account: Account, *messages: Message) -> dict[str, tuple[int, str]]:
    """The summary's warnings after a good sync: count and example by code."""
    account_ready(account)
    start = record(
        "subscriptions", {"id": "bc-sub", "customer_id": "bc-c", "status": "active", "start_date": "2026-01-01"}
    )
    seen = platform.sync(account.config(), CATALOG, customer("bc-c"), start, *messages, state("invoices", {"c": 1}))
    assert seen.good
    assert all(row["rejected"] == row["skipped"] == 0 for row in seen.summary["streams"])
    log = "\n".join(seen.logs)
    assert all(warning["text"] in log for warning in seen.summary["warnings"])
    return {warning["code"]: (warning["count"], warning["example"]) for warning in seen.summary["warnings"]}


def account_ready(account: Account) -> None:
    """The plan that lines name is in Fincome already."""
    if account.get("plans", "bc-price") is None:
        account.given("products", {"id": "bc-prod", "name": "Suite"})
        account.given("plans", {"id": "bc-price", "product_id": "bc-prod", "name": "Month"})


def test_given_good_invoices_when_synced_then_there_is_no_warning(platform: Platform, account: Account) -> None:
    assert warnings(
        platform, account,
        invoice("bc-1", "bc-c"), charge("bc-1-1", "bc-1", "2026-01-01", "2026-02-01"),
        invoice("bc-2", "bc-c"), charge("bc-2-1", "bc-2", "2026-02-01", "2026-03-01"),
    ) == {}  # fmt: skip


CASES: dict[str, tuple[list[Message], tuple[int, str]]] = {
    "invoice_without_lines": ([invoice("bc-10", "bc-c")], (1, "invoice bc-10")),
    "lines_differ_from_invoice": (
        [invoice("bc-20", "bc-c"), line("bc-20-1", "bc-20", amount_excluding_tax_after_discount="12.40")],
        (1, "invoice bc-20"),
    ),
    "currency_differs": (
        [invoice("bc-30", "bc-c"), line("bc-30-1", "bc-30", currency="USD")],
        (1, "invoice line bc-30-1"),
    ),
    "line_without_subscription": (
        [invoice("bc-40", "bc-c"), charge("bc-40-1", "bc-40", "2026-01-01", "2026-02-01", subscription_id=None)],
        (1, "invoice line bc-40-1"),
    ),
    "line_of_several_invoices": (
        [invoice("bc-70", "bc-c"), line("1", "bc-70"), line("2", "bc-70"),
         invoice("bc-71", "bc-c"), line("1", "bc-71")],
        (1, "invoice line 1"),
    ),
    "overlapping_periods": (
        [invoice("bc-50", "bc-c"), charge("bc-50-1", "bc-50", "2026-01-01", "2026-02-01"),
         invoice("bc-51", "bc-c"), charge("bc-51-1", "bc-51", "2026-01-20", "2026-02-20")],
        (1, "invoice line bc-51-1"),
    ),
    "differing_streams": (
        [invoice("bc-60", "bc-c"), line("bc-60-1", "bc-60"),
         record("line_items", {**line("bc-60-1", "bc-60")["record"]["data"], "description": "PRIVATE other words"})],
        (1, "invoice line bc-60-1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_given_what_would_give_wrong_revenue_when_synced_then_it_is_sent_and_told(
    platform: Platform, account: Account, code: str
) -> None:
    messages, expected = CASES[code]
    if code in ("differing_streams", "line_of_several_invoices"):  # what is replaced is skipped
        account_ready(account)
        seen = platform.sync(account.config(), CATALOG, customer("bc-c"), *messages)
        found = {one["code"]: (one["count"], one["example"]) for one in seen.summary["warnings"]}
    else:
        found = warnings(platform, account, *messages)
    assert found == {code: expected}


def test_given_a_sync_that_fails_when_it_ends_then_nothing_is_said_of_a_part_of_the_input(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), CATALOG, customer("bc-c"), invoice("bc-70", "bc-c"), b"no message")
    assert seen.failure[0] == "system_error"
    assert seen.summary["warnings"] == []
