"""Pennylane's second version of its API: an account that the first one filled keeps its ids, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform, Seen

CATALOG = catalog(
    stream("customers", "id", "name", "external_reference", "ledger_account", "billing_language", "updated_at"),
    stream("customer_invoices", "id", "draft", "external_reference", "credited_invoice", "invoice_lines", "status"),
    stream(
        "customer_invoice_lines", "id", "customer_invoice_id", "raw_currency_unit_price", "section_rank", "vat_rate"
    ),
)


@pytest.fixture
def account(new_account: NewAccount) -> Iterator[Account]:
    """An account that nobody has filled yet."""
    with new_account() as found:
        yield found


def customer(number: int) -> Message:
    return record("customers", {"id": number, "name": f"PRIVATE {number}", "external_reference": f"v1-{number}"})


def document(number: int, net: str, **fields: object) -> Message:
    values: dict[str, Any] = {
        "id": number, "external_reference": f"v1-{number}", "draft": False, "status": "paid", "currency": "EUR",
        "currency_amount": net, "currency_amount_before_tax": net, "currency_tax": "0", "date": "2026-03-01",
        "customer": {"id": 7}, "invoice_lines": {"url": "https://pennylane.example"}, "credited_invoice": None,
    }  # fmt: skip
    return record("customer_invoices", {**values, **fields})


def line(number: int, document_: int, net: str) -> Message:
    values = {"id": number, "customer_invoice_id": document_, "currency_amount_before_tax": net, "currency_tax": "0"}
    return record("customer_invoice_lines", {**values, "label": "L", "quantity": "1"})


ALL = (
    line(1, 42, "60"), line(2, 42, "40"), line(3, 43, "30"), customer(7),
    document(42, "90", discount={"type": "relative", "value": "10"}),
    document(43, "-30", credited_invoice={"id": 42}, status="credit_note"), state("customers", 1),
)  # fmt: skip


def synced(platform: Platform, account: Account, *messages: Message, **settings: object) -> Seen:
    seen = platform.sync(account.config(**settings), CATALOG, *messages)
    assert sum(one["rejected"] for one in seen.summary["streams"]) == 0 or not seen.good
    return seen


def names(account: Account) -> dict[str, list[str]]:
    found = {entity: sorted(account.objects(entity)) for entity in ("customers", "invoices", "invoice_lines")}
    return {**found, "credit_notes": sorted(account.objects("credit_notes"))}


def test_given_an_account_that_version_1_filled_when_version_2_syncs_then_all_keep_their_ids(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "v1-7", "name": "Before"})
    seen = synced(platform, account, *ALL)
    assert seen.good
    kept = {"customers": ["v1-7"], "invoices": ["v1-42"], "invoice_lines": ["1", "2"], "credit_notes": ["v1-43"]}
    assert names(account) == kept
    invoice, credit = account.get("invoices", "v1-42"), account.get("credit_notes", "v1-43")
    assert invoice
    assert credit
    assert (invoice["customer_id"], credit["invoice_id"], credit["amount"]) == ("v1-7", "v1-42", 30)
    lines = account.objects("invoice_lines").values()
    assert [(one["invoice_id"], one["amount_excluding_tax_after_discount"]) for one in lines] == [
        ("v1-42", 54), ("v1-42", 36),
    ]  # fmt: skip
    assert any("Version 1 of Pennylane's API filled this account" in text for text in seen.logs)
    again = synced(platform, account, *ALL)
    assert again.good
    assert names(account) == kept


def test_given_an_empty_account_then_version_2_has_its_own_ids_at_each_sync(
    platform: Platform, account: Account
) -> None:
    own = {"customers": ["7"], "invoices": ["42"], "invoice_lines": ["1", "2"], "credit_notes": ["43"]}
    for _ in range(2):
        assert synced(platform, account, *ALL, source="pennylane").good
        assert names(account) == own


def test_given_passing_trouble_with_the_look_ups_then_they_are_tried_again_before_anything_is_written(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "v1-7", "name": "Before"})
    account.misbehave(error_rate=0.3, fault_seed=7)
    begun = len(account.requests())
    assert synced(platform, account, *ALL).good
    assert names(account)["customers"] == ["v1-7"]
    requests = [(one["verb"], one["status"]) for one in account.requests(begun)]
    looks = requests[: next(place for place, (verb, _) in enumerate(requests) if verb != "GET")]
    assert ("GET", 500) in looks
    assert ("GET", 200) in looks


@pytest.mark.parametrize(("source", "good"), [("auto", False), ("pennylane_v2", True)])
def test_given_an_api_that_proves_nothing_missing_then_nothing_is_sent_unless_the_user_says_so(
    platform: Platform, account: Account, source: str, good: bool
) -> None:
    account.misbehave(missing_form="404-bare")
    seen = synced(platform, account, *ALL, source=source)
    assert seen.good is good
    assert bool(names(account)["customers"]) is good
    if not good:
        kind, message = seen.failure
        assert kind == "config_error"
        assert message.startswith("Version 1 of Pennylane's API may have filled this account")
