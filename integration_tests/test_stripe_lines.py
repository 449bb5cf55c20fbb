"""Lines of Stripe's invoices have two ways into a sync: in their invoice, and as records of a stream of their own."""

from __future__ import annotations

from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform, Seen

JUNE, JULY = 1780272000, 1782864000
INVOICE = ["id", "object", "livemode", "lines", "status_transitions", "amount_due", "billing_reason"]
LINE = ["id", "object", "period", "invoice_id", "discount_amounts", "discountable", "subscription", "price", "amount",
        "currency", "description", "quantity", "tax_amounts", "type", "unique_id"]  # fmt: skip
CATALOG = catalog(
    stream("customers", "id", "name", "object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt"),
    stream("invoices", *INVOICE),
    stream("invoice_line_items", *LINE),
    stream("credit_notes", "id", "object", "livemode", "lines", "invoice", "discount_amount"),
)


def line(identity: str, amount: int, **fields: object) -> dict[str, Any]:
    return {"id": identity, "object": "line_item", "amount": amount, "currency": "eur", "type": "invoiceitem",
            "description": "a fee", "period": {"start": JUNE, "end": JULY}, **fields}  # fmt: skip


def invoice(identity: str, total: int, *lines: dict[str, Any], updated: int = 9, more: bool = False,
            **fields: object) -> Message:  # fmt: skip
    return record("invoices", {
        "id": identity, "object": "invoice", "customer": "sl-c", "status": "paid", "currency": "eur", "created": JUNE,
        "total": total, "total_excluding_tax": total, "updated": updated,
        "lines": {"data": list(lines), "has_more": more}, **fields})  # fmt: skip


def of_stream(invoice_id: str, one: dict[str, Any], updated: int = 9) -> Message:
    return record("invoice_line_items", {**one, "invoice_id": invoice_id, "invoice_updated": updated})


def sync(platform: Platform, account: Account, *messages: Message) -> Seen:
    start = record("customers", {"id": "sl-c", "object": "customer", "name": "Example Ltd", "updated": 1})
    seen = platform.sync(account.config(source="stripe"), CATALOG, start, *messages, state("invoices", {"c": 1}))
    assert seen.good
    assert all(row["rejected"] == 0 for row in seen.summary["streams"])
    return seen


def codes(seen: Seen) -> dict[str, tuple[int, str]]:
    return {one["code"]: (one["count"], one["example"]) for one in seen.summary["warnings"]}


@pytest.mark.parametrize("order", [1, -1])
def test_given_a_line_that_was_taken_out_of_a_draft_when_the_final_invoice_comes_then_it_does_not_count(
    platform: Platform, account: Account, order: int
) -> None:
    kept, removed = line("sl-1a", 10000), line("sl-1b", 5000)
    messages = [invoice("sl-1", 10000, kept, updated=9), of_stream("sl-1", kept, 9), of_stream("sl-1", kept, 5),
                of_stream("sl-1", removed, 5)]  # fmt: skip
    seen = sync(platform, account, *messages[::order])
    assert account.get("invoice_lines", "sl-1a") is not None
    assert account.get("invoice_lines", "sl-1b") is None
    assert ("superseded", "the newest version of its invoice doesn't have it") in seen.reasons("skipped")
    assert codes(seen) == {}


def test_given_a_line_beyond_the_ten_of_its_invoice_when_only_the_stream_has_it_then_it_counts(
    platform: Platform, account: Account
) -> None:
    first, other = line("sl-2a", 10000), line("sl-2b", 5000)
    seen = sync(
        platform, account,
        invoice("sl-2", 15000, first, updated=9, more=True), of_stream("sl-2", first, 5), of_stream("sl-2", other, 5),
    )  # fmt: skip
    assert account.get("invoice_lines", "sl-2b") is not None
    assert codes(seen) == {}


def test_given_a_stream_that_brings_none_of_a_long_invoices_lines_when_synced_then_those_of_its_record_count(
    platform: Platform, account: Account
) -> None:
    seen = sync(
        platform, account,
        invoice("sl-3", 15000, line("sl-3a", 10000), more=True),
        invoice("sl-4", 500, line("sl-4a", 500)), of_stream("sl-4", line("sl-4a", 500)),
    )  # fmt: skip
    assert account.get("invoice_lines", "sl-3a") is not None
    assert codes(seen) == {"incomplete_lines": (1, "invoice sl-3")}


def test_given_a_credit_of_a_line_that_never_came_when_synced_then_only_the_reference_is_left_out(
    platform: Platform, account: Account
) -> None:
    note = {"id": "sl-n", "object": "credit_note", "invoice": "sl-5", "customer": "sl-c", "created": JUNE,
            "currency": "eur", "status": "issued", "total": 1000, "total_excluding_tax": 1000, "updated": 9,
            "lines": {"data": [{"id": "sl-nl", "amount": 1000, "invoice_line_item": "sl-5z"}]}}  # fmt: skip
    seen = sync(platform, account, invoice("sl-5", 10000, line("sl-5a", 10000)), record("credit_notes", note))
    stored = account.get("credit_notes", "sl-n")
    assert stored is not None
    assert stored["invoice_id"] == "sl-5"
    assert stored["lines"] == [{"id": "sl-nl", "amount": 10}]
    assert codes(seen) == {"reference_left_out": (1, "credit note sl-n")}


def test_given_a_line_of_an_older_api_version_when_its_newer_id_is_known_then_it_is_one_line(
    platform: Platform, account: Account
) -> None:
    sync(platform, account, invoice("sl-6", 10000, line("sl-6a", 10000), status="open"))
    old = line("sli_6", 10000, unique_id="sl-6a")
    sync(platform, account, invoice("sl-6", 10000, old), of_stream("sl-6", old))
    stored = account.get("invoice_lines", "sl-6a")
    assert stored is not None
    assert account.get("invoice_lines", "sli_6") is None
