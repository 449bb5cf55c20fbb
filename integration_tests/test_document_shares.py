"""What invoices know of their lines' discounts and of a credit's tax holds in later syncs, too."""

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


def test_given_an_invoice_of_pennylane_with_a_discount_when_its_line_comes_again_alone_then_it_is_lowered_as_before(
    platform: Platform, account: Account
) -> None:
    invoice = {
        "id": 7001, "draft": False, "external_reference": "r", "invoice_number": "F-7001", "date": "2026-06-01",
        "deadline": "2126-06-30", "currency": "EUR", "currency_amount_before_tax": "135.00", "currency_tax": "27.00",
        "currency_amount": "162.00", "status": "upcoming", "customer_id": 7000, "credited_invoice": None,
        "invoice_lines": {"url": "lines"}, "remaining_amount_with_tax": "0", "pdf_invoice_subject": "",
        "discount": {"type": "relative", "value": "10"},
    }  # fmt: skip
    line = {
        "id": 7002, "customer_invoice_id": 7001, "label": "Seats", "raw_currency_unit_price": "150.00",
        "currency_amount_before_tax": "150.00", "currency_amount": "180.00", "currency_tax": "30.00", "quantity": "1",
        "section_rank": 1, "imputation_dates": None, "vat_rate": "FR_200",
    }  # fmt: skip
    customer = {"id": 7000, "name": "Shop", "external_reference": "c", "billing_language": "fr"}
    pennylane = catalog(
        stream("customers", *customer), stream("customer_invoices", *invoice), stream("customer_invoice_lines", *line)
    )
    given = [record("customers", customer), record("customer_invoices", invoice)]
    for messages in ([*given, record("customer_invoice_lines", line)], [record("customer_invoice_lines", line)]):
        seen = platform.sync(account.config(source="pennylane_v2"), pennylane, *messages, state("customers", {"c": 1}))
        assert seen.good
        stored = account.get("invoice_lines", "7002")
        assert stored is not None
        assert (stored["amount_excluding_tax_after_discount"], stored["tax_amount"]) == (135, 27)
