"""Who filters the log by WARN sees what was rejected and why: one line for each reason, whatever the ids."""

from __future__ import annotations

import json
from pathlib import Path

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, LINES, catalog, customer, invoice, line, state
from integration_tests.orchestrator import Platform

ALL = catalog(CUSTOMERS, INVOICES, LINES)
CHILDREN = 30


def test_given_children_of_many_rejected_parents_when_synced_then_one_warning_tells_of_all_with_an_example(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    broken = [invoice(f"told-{number}", "told-c", status="somehow") for number in range(CHILDREN)]
    children = [line(f"told-{number}-1", f"told-{number}") for number in range(CHILDREN)]
    config = account.config(rejected_records_url=str(tmp_path / "rejected"))
    seen = platform.sync(config, ALL, customer("told-c"), *broken, *children, state("invoice_lines"))

    (told,) = [text for text in seen.warnings if "parent_rejected" in text]
    assert told.startswith(
        "Rejected 30 (parent_rejected): invoice_lines.invoice_id: the invoice it refers to was itself rejected; for "
        "example told-"
    )
    assert " of stream invoice_lines, invoice told-" in told
    (reason,) = [one for one in seen.summary["reasons"] if one["code"] == "parent_rejected"]
    assert reason["count"] == CHILDREN
    # With the record, its own parent is named.
    stored = [json.loads(one) for part in (tmp_path / "rejected").iterdir() for one in part.read_bytes().splitlines()]
    messages = {one["id"]: one["message"] for one in stored if one["entity"] == "invoice_lines"}
    assert messages["told-7-1"] == "the invoice it refers to was itself rejected: invoice told-7"


def test_given_children_of_customers_that_exist_nowhere_when_synced_then_one_warning_tells_of_all(
    platform: Platform, account: Account
) -> None:
    orphans = [invoice(f"lone-{number}", f"lone-nobody-{number}") for number in range(CHILDREN)]
    seen = platform.sync(account.config(), ALL, customer("lone-c"), *orphans)
    (told,) = [text for text in seen.warnings if text.startswith("Rejected")]
    assert told.startswith("Rejected 30 (missing_reference): invoices.customer_id: the customer it refers to is")
    assert ", customer lone-nobody-" in told


def test_given_what_would_give_wrong_revenue_when_synced_then_it_is_told_as_a_warning(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), ALL, customer("loud-c"), invoice("loud-1", "loud-c"))
    assert [text for text in seen.warnings if text.startswith("Warning: invoices with an amount came without any line")]
