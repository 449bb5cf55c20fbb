"""A subscription that doesn't come is created from its invoices and their lines, if that is allowed and enough."""

from __future__ import annotations

from datetime import date

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import INVOICES, Message, catalog, customer, invoice, line, record, state, stream
from integration_tests.orchestrator import Platform, Seen

SUBSCRIPTIONS = stream("subscriptions", "id", "customer_id", "status", "start_date")
LINES_OF_SUBSCRIPTIONS = stream(
    "invoice_lines", "id", "invoice_id", "subscription_id", "type", "currency", "amount_excluding_tax_after_discount",
    "period_start", "period_end",
)  # fmt: skip
OTHER = record(
    "subscriptions", {"id": "ss-other", "customer_id": "ss-c", "status": "active", "start_date": "2026-01-01"}
)


def billed(number: int, subscription: str, starts: str, ends: str) -> list[Message]:
    """An invoice of one line for a period."""
    fields = {"type": "subscription", "subscription_id": subscription, "period_start": starts, "period_end": ends}
    identity = f"{subscription}-{number}"
    return [invoice(identity, "ss-c", subscription_id=subscription), line(f"{identity}-1", identity, **fields)]


def sync(platform: Platform, account: Account, *messages: Message, parents: str = "on", selected: bool = True) -> Seen:
    streams = [stream("customers", "id", "name"), *([SUBSCRIPTIONS] * selected), INVOICES, LINES_OF_SUBSCRIPTIONS]
    config = account.config(create_missing_parents=parents)
    known = [customer("ss-c"), *([OTHER] * selected)]
    seen = platform.sync(config, catalog(*streams), *known, *messages, state("invoices", {"c": 1}))
    assert seen.good
    assert all(row["rejected"] == 0 for row in seen.summary["streams"])
    return seen


def codes(seen: Seen) -> dict[str, tuple[int, str]]:
    return {one["code"]: (one["count"], one["example"]) for one in seen.summary["warnings"]}


@pytest.mark.parametrize("selected", [True, False])
def test_given_an_older_subscription_when_its_lines_run_on_then_it_is_active_since_the_first_of_them(
    platform: Platform, account: Account, selected: bool
) -> None:
    name = f"ss-runs-{selected}"
    runs_on = f"{date.today().year + 2}-01-01"
    later, earlier = billed(2, name, "2026-02-01", runs_on), billed(1, name, "2026-01-01", "2026-02-01")
    seen = sync(platform, account, *later, *earlier, selected=selected)
    assert account.get("subscriptions", name) == {
        "id": name, "customer_id": "ss-c", "status": "active", "start_date": "2026-01-01T00:00:00Z", "currency": "EUR",
    }  # fmt: skip
    stored = account.get("invoice_lines", f"{name}-1-1")
    assert stored is not None
    assert stored["subscription_id"] == name
    assert codes(seen) == {"stub_subscription": (1, f"subscription {name}")}
    assert "start date" in "\n".join(seen.warnings)


def test_given_an_older_subscription_when_its_lines_have_ended_then_it_is_canceled_since_then(
    platform: Platform, account: Account
) -> None:
    sync(platform, account, *billed(1, "ss-ended", "2020-01-01", "2020-02-01"))
    stored = account.get("subscriptions", "ss-ended")
    assert stored is not None
    assert (stored["status"], stored["end_date"]) == ("canceled", "2020-02-01T00:00:00Z")


def test_given_a_subscription_that_fincome_has_when_it_does_not_come_then_it_stays_as_it_is(
    platform: Platform, account: Account
) -> None:
    sync(platform, account, record("subscriptions", {**OTHER["record"]["data"], "id": "ss-known"}))
    seen = sync(platform, account, *billed(1, "ss-known", "2020-01-01", "2020-02-01"))
    stored = account.get("subscriptions", "ss-known")
    assert stored is not None
    assert stored["status"] == "active"
    assert codes(seen) == {}


@pytest.mark.parametrize("parents", ["off", "on"])
def test_given_what_may_not_be_created_or_too_little_when_synced_then_the_reference_is_left_out(
    platform: Platform, account: Account, parents: str
) -> None:
    messages = billed(1, "ss-gone", "2026-01-01", "2026-02-01")
    if parents == "on":  # an invoice alone says nothing of when the subscription ran
        messages = [messages[0], line("ss-gone-1-1", "ss-gone-1")]
    seen = sync(platform, account, *messages, parents=parents)
    assert account.get("subscriptions", "ss-gone") is None
    stored = account.get("invoices", "ss-gone-1")
    assert stored is not None
    assert "subscription_id" not in stored
    assert "reference_left_out" in codes(seen)
