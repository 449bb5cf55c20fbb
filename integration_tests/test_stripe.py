"""A year of Stripe, synced through the command line, is in Fincome to the cent, however it arrives.

The year is the example's, of few customers: its generator knows what an account must hold. What each invoice and line
must be is computed here from the records themselves, by code of the test's own. A year that source-stripe really wrote
stands the same tests: `make test-recorded DATA=folder`, a folder with its catalog.json and messages.jsonl.gz.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.stripe_year import generate
from examples.stripe_year.cast import FEWEST_CUSTOMERS
from fincome_tools.demo.account import differences, expected_rows, read_account
from integration_tests.accounts import Account
from integration_tests.conftest import RECORDED_DATA, NewAccount
from integration_tests.messages import Catalog, Message
from integration_tests.orchestrator import Platform, Seen

SECONDS = 90


class Delivery:
    """What the source wrote, and the words in it that no log may hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog: Catalog = json.loads((folder / "catalog.json").read_text())
        packed = folder / "messages.jsonl.gz"
        text = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "messages.jsonl").read_bytes()
        self.messages: list[Message] = [json.loads(line) for line in text.splitlines()]
        self.records: dict[str, list[Message]] = defaultdict(list)
        for message in self.messages:
            if message["type"] == "RECORD":
                self.records[message["record"]["stream"]].append(message["record"]["data"])
        people = self.records["customers"]
        self.private = [
            *{str(one[key]) for one in people for key in ("email", "name") if one.get(key)},
            *{str(one["number"]) for one in self.records["invoices"] if one.get("number")},
        ]

    def prefixed(self, prefix: str) -> tuple[Catalog, list[Message]]:
        """The same from a connection with a prefix."""
        catalog, messages = json.loads(json.dumps([self.catalog, self.messages]))
        for configured in catalog["streams"]:
            configured["stream"]["name"] = prefix + configured["stream"]["name"]
        for message in messages:
            if message["type"] == "RECORD":
                message["record"]["stream"] = prefix + message["record"]["stream"]
            elif message["type"] == "STATE":
                descriptor = message["state"]["stream"]["stream_descriptor"]
                descriptor["name"] = prefix + descriptor["name"]
        return catalog, messages

    def shuffled(self, seed: int) -> list[Message]:
        """The same with all records in another order, and the states after them."""
        records = [message for message in self.messages if message["type"] == "RECORD"]
        random.Random(seed).shuffle(records)
        return [*records, *(message for message in self.messages if message["type"] == "STATE")]


# --- what must be there, from the raw records


def money(minor: object, currency: str) -> Decimal:
    """Major units: all of these currencies but the yen have cents."""
    return Decimal(str(minor)) / {"eur": 100, "usd": 100, "gbp": 100, "jpy": 1}[currency]


def instant(epoch: object) -> datetime:
    return datetime.fromtimestamp(float(str(epoch)), UTC)


def as_instant(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def total(parts: list[dict[str, Any]]) -> int:
    return sum(part["amount"] for part in parts)


def expected_invoices(delivery: Delivery) -> dict[str, tuple[str, datetime]]:
    """Status and date of all invoices that are neither draft nor void."""
    words = {"paid": "paid", "open": "open", "uncollectible": "unpaid"}
    return {
        one["id"]: (words[one["status"]], instant(one["status_transitions"]["finalized_at"]))
        for one in delivery.records["invoices"]
        if one["status"] in words
    }


Line = tuple[str, Decimal, Decimal, Decimal, str, datetime | None, datetime | None]


def expected_line(raw: dict[str, Any]) -> Line:
    """Invoice, net, tax, discount, type and period of a line."""
    discount = total(raw["discount_amounts"])
    recurring = raw["type"] == "subscription" or raw.get("subscription") is not None
    start, end = instant(raw["period"]["start"]), instant(raw["period"]["end"])
    # Fincome's periods begin before they end, and one-off lines have none.
    recurring = recurring and start < end
    return (
        raw["invoice_id"],
        money(raw["amount_excluding_tax"] - discount, raw["currency"]),
        money(total(raw["tax_amounts"]), raw["currency"]),
        money(discount, raw["currency"]),
        "subscription" if recurring else "one_off",
        start if recurring else None,
        end if recurring else None,
    )


def found_line(stored: dict[str, Any]) -> Line:
    start, end = stored.get("period_start"), stored.get("period_end")
    return (
        stored["invoice_id"],
        Decimal(stored["amount_excluding_tax_after_discount"]),
        Decimal(stored.get("tax_amount", 0)),
        Decimal(stored.get("discount_amount", 0)),
        stored["type"],
        as_instant(start) if start else None,
        as_instant(end) if end else None,
    )


def expected_counts(delivery: Delivery) -> dict[str, int]:
    """How many objects there must be of each entity that is one stream's."""
    records = delivery.records
    invoices = expected_invoices(delivery)
    return {
        **{entity: len({one["id"] for one in records[entity]}) for entity in ("customers", "products", "plans")},
        "subscriptions": sum(one["status"] != "incomplete_expired" for one in records["subscriptions"]),
        "invoices": len(invoices),
        "invoice_lines": sum(one["invoice_id"] in invoices for one in records["invoice_line_items"]),
        "credit_notes": sum(one["status"] != "void" for one in records["credit_notes"]),
    }


def assert_complete(delivery: Delivery, account: Account, seen: Seen) -> None:
    """Hold an account to the figures, and the sync that filled it to having rejected nothing."""
    assert seen.good
    assert sum(row["rejected"] for row in seen.summary["streams"]) == 0
    summary = account.summary()
    assert summary["objects"] == expected_counts(delivery)
    assert summary["orphans"] == 0
    foretold, month = expected_rows(delivery.folder)
    if foretold:
        assert differences(foretold, read_account(account.access, month).figures) == []
    invoices = account.objects("invoices")
    found = {name: (one["status"], as_instant(one["date"])) for name, one in invoices.items()}
    assert found == expected_invoices(delivery)
    lines = account.objects("invoice_lines")
    assert {one["invoice_id"] for one in lines.values()} <= invoices.keys()
    raw = {one["id"]: one for one in delivery.records["invoice_line_items"] if one["invoice_id"] in invoices}
    assert lines.keys() == raw.keys()
    wrong = {
        name: (found, wanted)
        for name, one in raw.items()
        if (found := found_line(lines[name])) != (wanted := expected_line(one))
    }
    assert wrong == {}
    assert all(isinstance(one["amount_excluding_tax_after_discount"], (int, Decimal)) for one in lines.values())


# --- the syncs


def year(folder: Path) -> Path:
    """Generate a year into a folder."""
    generate(folder, seed=26, customers=FEWEST_CUSTOMERS)
    return folder


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    recorded = os.environ.get(RECORDED_DATA)
    return Delivery(Path(recorded) if recorded else year(tmp_path_factory.mktemp("year")))


def sync(platform: Platform, account: Account, catalog: Catalog, messages: list[Message], delivery: Delivery) -> Seen:
    return platform.sync(account.config(), catalog, *messages, forbidden=delivery.private, seconds=SECONDS)


def texts(account: Account) -> dict[str, str]:
    return {entity: account.texts(entity) for entity in account.summary()["objects"]}


def test_given_a_year_of_stripe_when_synced_twice_then_fincome_holds_it_to_the_cent_and_once(
    platform: Platform, new_account: NewAccount, delivery: Delivery
) -> None:
    with new_account() as account:
        assert_complete(delivery, account, sync(platform, account, delivery.catalog, delivery.messages, delivery))
        summary, objects = account.summary(), texts(account)
        assert summary["created"] == summary["objects"]
        assert sum(summary["changed"].values()) == 0

        assert_complete(delivery, account, sync(platform, account, delivery.catalog, delivery.messages, delivery))
        again = account.summary()
        assert (again["created"], again["changed"]) == (summary["created"], summary["changed"])
        assert texts(account) == objects


def test_given_a_connection_with_a_prefix_when_synced_then_the_end_is_the_same(
    platform: Platform, new_account: NewAccount, delivery: Delivery
) -> None:
    with new_account() as account:
        assert_complete(delivery, account, sync(platform, account, *delivery.prefixed("acme_"), delivery))


def test_given_records_in_any_order_when_synced_then_the_end_is_the_same(
    platform: Platform, new_account: NewAccount, delivery: Delivery
) -> None:
    with new_account() as account:
        messages = delivery.shuffled(seed=20_260_131)
        assert_complete(delivery, account, sync(platform, account, delivery.catalog, messages, delivery))
