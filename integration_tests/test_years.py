"""A year of each vendor's records, generated from the vendors' documentation, ends in the year's real revenue.

Once read in full, and once month by month with what sources send besides: what was sent before, and what has been
overtaken. Month by month by two vendors here, and by the others in `make test-long`. What a vendor's module calls
WHOLE is read in full with every sync. Where nothing RECURS, there is no MRR.
"""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest

from integration_tests import years
from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform
from integration_tests.years import chargebee, chargify, company, netsuite, zuora

# All modules of the folder that are a source's.
VENDORS = [
    module
    for found in iter_modules(years.__path__)
    if hasattr(module := import_module(f"{years.__name__}.{found.name}"), "SOURCE")
]
# Records whose increments hold nothing that those of others don't.
MONTHLY = [vendor for vendor in VENDORS if vendor is not netsuite]
# Both have credits; one prorates, and tells changes by versions of a subscription.
EVERY_TIME = [chargebee, zuora]
Records = list[tuple[str, dict[str, Any]]]


class Year:
    """One vendor's year."""

    def __init__(self, vendor: ModuleType) -> None:
        self.vendor = vendor
        prices = {"dinars": vendor.DINARS} if hasattr(vendor, "DINARS") else {}
        self.cast = company.subscriptions(prorates=vendor.PRORATES, **prices)
        self.documents = company.documents(self.cast, credits=vendor.CREDITS)

    def told_in(self, month: int) -> list[company.Document]:
        return [document for document in self.documents if document.told == month]

    def records(self, month: int) -> Records:
        """All that the source says of a month."""
        found: Records = list(self.vendor.begin(self.cast)) if month == 1 else []
        for one in self.cast:
            found += [item for day in one.changes(month) for item in self.vendor.subscription(one, day)]
        return found + [item for document in self.told_in(month) for item in self.vendor.invoice(document)]

    def increment(self, month: int) -> Records:
        """The month's records, the month before once more, and what has been overtaken, last."""
        before = self.records(month - 1) if month > 1 else []
        old = [item for document in self.told_in(month) for item in self.vendor.stale(document)]
        return before + self.records(month) + old


def sync(platform: Platform, account: Account, year: Year, records: Records) -> dict[str, Any]:
    names = list(dict.fromkeys(name for name, _ in records))
    columns = {name: sorted({key for other, values in records if other == name for key in values}) for name in names}
    whole = getattr(year.vendor, "WHOLE", ())
    modes = {name: {"sync_mode": "full_refresh"} if name in whole else {} for name in names}
    known = catalog(*(stream(name, *columns[name], **modes[name]) for name in names))
    messages: list[Message] = [record(name, values) for name, values in records]
    seen = platform.sync(config_of(account, year.vendor), known, *messages, *(state(n, 1) for n in names))
    assert seen.good, seen.failure
    assert sum(one["rejected"] for one in seen.summary["streams"]) == 0, seen.summary["reasons"]
    return seen.summary


def config_of(account: Account, vendor: ModuleType) -> dict[str, Any]:
    """The settings, with the zone by whose midnight the company bills, if the vendor's records don't name it."""
    zone = getattr(vendor, "ZONE", None)
    return account.config(source=vendor.SOURCE, **({"billing_time_zone": zone} if zone else {}))


def by_month(account: Account, entity: str) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = {}
    for body in account.objects(entity).values():
        if str(body["date"]).startswith(str(company.YEAR)) and body["amount"]:
            sums = found.setdefault(int(body["date"][5:7]), {})
            sums[body["currency"]] = sums.get(body["currency"], Decimal(0)) + Decimal(str(body["amount"]))
    return found


def check(account: Account, year: Year, told: int) -> None:
    """Hold an account to the year as far as it was told: MRR of the months before the last, all else of all."""
    documents = [document for document in year.documents if document.told <= told]
    truth = company.truth(year.cast, documents)
    assert by_month(account, "invoices") == truth.invoiced
    assert by_month(account, "credit_notes") == truth.credited
    if year.vendor is chargify:
        check_values(account, year, told)
        return
    if not getattr(year.vendor, "RECURS", True):
        truth.mrr = {month: {} for month in company.MONTHS}
    for month in range(1, told):
        found = account.figures(f"{company.YEAR}-{month:02d}")["currencies"]
        mrr = {currency: Decimal(one["mrr"]) for currency, one in found.items() if Decimal(one["mrr"])}
        assert mrr == truth.mrr[month], f"MRR of month {month}, told up to {told}"


def check_values(account: Account, year: Year, told: int) -> None:
    """Hold the monthly values of what runs to the prices of the month; with a coupon nobody knows them."""
    running = [body for body in account.objects("subscriptions").values() if body["status"] == "active"]
    found = {body["plan_id"]: Decimal(str(body["monthly_value"])) for body in running if "monthly_value" in body}
    assert found
    last = company.first(min(told, 12))
    known = [one for one in year.cast if not one.off(last.month) and last >= company.first(one.start.month + one.trial)]
    changed = [one.step_at(last.replace(day=28)) for one in known]
    assert sorted(found.values()) == sorted(step.monthly for step in changed if step and step.monthly)


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.__name__.rpartition(".")[2])
def test_a_year_read_in_full_is_the_years_real_revenue(
    vendor: ModuleType, platform: Platform, new_account: NewAccount
) -> None:
    year = Year(vendor)
    with new_account() as account:
        sync(platform, account, year, [item for month in range(1, 14) for item in year.records(month)])
        check(account, year, 13)


@pytest.mark.parametrize(
    "vendor",
    [
        pytest.param(one, marks=[] if one in EVERY_TIME else [pytest.mark.long], id=one.__name__.rpartition(".")[2])
        for one in MONTHLY
    ],
)
def test_after_every_month_the_account_has_the_real_revenue_so_far(
    vendor: ModuleType, platform: Platform, new_account: NewAccount
) -> None:
    year = Year(vendor)
    with new_account() as account:
        for month in range(1, 14):
            sync(platform, account, year, year.increment(month))
            check(account, year, month)
