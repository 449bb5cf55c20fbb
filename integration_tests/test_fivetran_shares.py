"""What Fivetran's invoices know of their lines' discounts and of a credit's tax holds in later syncs, too."""

from __future__ import annotations

from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform

INVOICE = {
    "id": "fs-in", "_fivetran_synced": "2026-06-01T00:00:00Z", "livemode": True, "customer_id": "fs-c",
    "status_transitions_finalized_at": "2026-06-01 00:00:00", "billing_reason": "manual", "number": "N-1",
    "created": "2026-06-01 00:00:00", "status": "paid", "currency": "eur", "subtotal": 20000, "tax": 3600,
    "total": 21600,
}  # fmt: skip
LINE = {
    "id": "fs-il", "_fivetran_synced": "2026-06-01T00:00:00Z", "livemode": True, "invoice_id": "fs-in",
    "subscription_item_id": None, "discountable": True, "proration": False, "type": "invoiceitem", "currency": "eur",
    "amount": 20000, "quantity": 1,
}  # fmt: skip
CREDIT = {
    "id": "fs-cn", "_fivetran_synced": "2026-06-02T00:00:00Z", "livemode": True, "invoice_id": "fs-in",
    "created": "2026-06-02 00:00:00", "currency": "eur", "status": "issued", "subtotal": 2000, "discount_amount": 200,
    "total": 2160,
}  # fmt: skip
CATALOG = catalog(
    stream("customer", "id", "name", "_fivetran_synced", "livemode", "is_deleted", "invoice_prefix"),
    stream("invoice", *INVOICE),
    stream("invoice_line_item", *LINE),
    stream("credit_note", *CREDIT, "voided_at"),
)
FIRST = [record("customer", {"id": "fs-c", "name": "Shop"}), record("invoice", INVOICE)]


def amounts(platform: Platform, account: Account, *messages: Message) -> tuple[Any, Any]:
    seen = platform.sync(account.config(source="stripe_fivetran"), CATALOG, *messages, state("invoice", {"c": 1}))
    assert seen.good
    line, credit = account.get("invoice_lines", "fs-il"), account.get("credit_notes", "fs-cn")
    assert line is not None
    assert credit is not None
    return line["amount_excluding_tax_after_discount"], credit["amount"]


@pytest.mark.parametrize("together", [True, False])
def test_given_an_invoice_with_a_discount_and_a_tax_when_its_parts_come_later_then_both_are_taken_off(
    platform: Platform, account: Account, *, together: bool
) -> None:
    parts = [record("invoice_line_item", LINE), record("credit_note", CREDIT)]
    if not together:
        assert amounts(platform, account, *FIRST, *parts) == (180, 18)
        parts = [record("invoice_line_item", {**LINE, "quantity": 2}), record("credit_note", {**CREDIT, "total": 1080})]
    assert amounts(platform, account, *(FIRST if together else []), *parts) == ((180, 18) if together else (180, 9))
