"""Half a year of Stripe, a sync a month: after each of them Fincome's figures are the generator's own, to the cent."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from integration_tests import stripe_months
from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform
from integration_tests.stripe_months import CURRENCIES, MONTHS, YEAR, Sums, account_after, first_sync, next_sync

COLUMNS = {
    name: sorted({column for stream_name, row in first_sync(account_after(1)) if stream_name == name for column in row})
    for name in ("customers", "products", "prices", "subscriptions", "invoices", "invoice_line_items")
}
COLUMNS["invoices"] += ["parent"]
COLUMNS["invoice_line_items"] += ["parent", "pricing", "taxes", "lines", "status"]
COLUMNS["credit_notes"] = ["id", "object", "livemode", "lines", "invoice", "customer", "currency", "created", "status",
                           "total_excluding_tax", "discount_amount", "customer_balance_transaction"]  # fmt: skip
CATALOG = catalog(*(stream(name, *columns) for name, columns in COLUMNS.items()))


def sync(platform: Platform, account: Account, messages: list[Message]) -> None:
    states = [state(name, {"c": 1}) for name in COLUMNS]
    seen = platform.sync(account.config(), CATALOG, *messages, *states, seconds=90)
    assert seen.good
    assert sum(row["rejected"] for row in seen.summary["streams"]) == 0
    assert {one["code"] for one in seen.summary["warnings"]} <= {"invoice_without_lines"}


def by_month(account: Account, entity: str) -> Sums:
    """Amounts of documents in minor units, by month (0 is before the year) and currency."""
    found: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for one in account.objects(entity).values():
        month = int(one["date"][5:7]) if one["date"].startswith(str(YEAR)) else 0
        found[month, one["currency"]] += Decimal(str(one["amount"])) * (1 if one["currency"] == "JPY" else 100)
    return {key: int(value) for key, value in found.items() if value}


def mrr(account: Account, month: int) -> dict[str, int]:
    figures = account.figures(f"{YEAR}-{month:02}")["currencies"]
    found = {code: Decimal(str(figures.get(code, {}).get("mrr", 0))) for code in CURRENCIES}
    return {code: int(value * (1 if code == "JPY" else 100)) for code, value in found.items() if value}


def test_given_a_sync_a_month_with_stale_and_doubled_events_when_each_ends_then_the_figures_are_right(
    platform: Platform, new_account: NewAccount
) -> None:
    with new_account() as account:
        for month in MONTHS:
            known = account_after(month)
            rows = first_sync(known) if month == 1 else next_sync(account_after(month - 1), known)
            sync(platform, account, [record(name, row) for name, row in rows])
            assert by_month(account, "invoices") == known.invoiced(), month
            assert by_month(account, "credit_notes") == known.credited(), month
            assert [mrr(account, past) for past in range(1, month + 1)] == [
                stripe_months.mrr(past, month) for past in range(1, month + 1)
            ], month
