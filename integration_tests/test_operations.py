"""What may become of an object: created only, changed only beside another stream, named by its topmost parent."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from destination_fincome.connection.assembly import build_sync, contract_of, understand
from destination_fincome.connection.config import parse_config
from destination_fincome.engine.object_maker import Targets
from destination_fincome.engine.reader import Intake, IntakeOptions, Streams
from destination_fincome.engine.sync import Limits, Sync
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.models import build_models
from destination_fincome.mapping.results import Draft, Mapped
from destination_fincome.protocol.catalog import parse_catalog
from fincome_tools.demo.processes import Access
from integration_tests.accounts import Account
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    Message,
    catalog,
    customer,
    invoice,
    record,
    state,
    stream,
)
from integration_tests.orchestrator import Platform
from integration_tests.sandboxes import running_sandbox
from unit_tests.fork_server import ForkServer

SCORES = stream("scores", "cid", "nps", "version")
ENRICHING: dict[str, Any] = {
    "stream": "scores",
    "entity": "customers",
    "operation": "update_only",
    "version": "version",
    "fields": [{"field": "id", "expression": "cid"}],
    "custom_properties": [{"name": "nps", "expression": "nps"}],
}


def score(identity: str, nps: int, version: int = 1) -> Message:
    return record("scores", {"cid": identity, "nps": nps, "version": version})


def only(operation: str, *streams: str) -> list[dict[str, str]]:
    return [{"stream": name, "operation": operation} for name in streams]


def test_given_create_only_when_objects_exist_then_they_are_skipped_and_not_touched(
    platform: Platform, account: Account
) -> None:
    old = {"id": "co-old", "name": "As it was"}
    bill = {"id": "co-bill", "customer_id": "co-old", "date": "2026-01-01", "status": "open", "currency": "EUR"}
    account.given("customers", old)
    account.given("invoices", {**bill, "amount": 1})
    before = len(account.requests())
    seen = platform.sync(
        account.config(streams=only("create_only", "customers", "invoices")),
        catalog(CUSTOMERS, INVOICES),
        customer("co-old"),
        customer("co-new"),
        invoice("co-bill", "co-old"),
        invoice("co-bill-2", "co-new"),
        state("customers"),
        state("invoices"),
    )
    assert seen.good, seen.failure
    assert seen.outcomes("customers") == seen.outcomes("invoices") == {"sent": 1, "skipped": 1}
    assert [code for code, _ in seen.reasons("skipped")] == ["already_exists", "already_exists"]
    assert account.get("customers", "co-old") == old
    assert account.get("invoices", "co-bill") == {**bill, "amount": 1}
    assert account.get("invoices", "co-bill-2") is not None
    assert "PATCH" not in {one["verb"] for one in account.requests(before)}
    assert account.requests_about("co-old")[1:] == [("GET", 200)]


def test_given_update_only_when_objects_do_not_exist_then_they_are_skipped_and_not_created(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "uo-old", "name": "Old", "email": "a@b.example"})
    seen = platform.sync(
        account.config(streams=only("update_only", "customers")),
        catalog(CUSTOMERS),
        customer("uo-old", country="FR"),
        customer("uo-new"),
        state("customers"),
    )
    assert seen.good, seen.failure
    assert seen.outcomes("customers") == {"sent": 1, "skipped": 1}
    assert [code for code, _ in seen.reasons("skipped")] == ["not_in_fincome"]
    assert account.get("customers", "uo-new") is None
    found = account.get("customers", "uo-old")
    assert found is not None
    assert (found["country"], found["email"]) == ("FR", "a@b.example")
    assert account.requests_about("uo-new") == [("GET", 404), ("PATCH", 404)]


def test_given_a_dry_run_when_operations_are_limited_then_it_says_what_would_be_skipped(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "dry-old", "name": "Old"})
    seen = platform.sync(
        account.config(dry_run=True, streams=only("create_only", "customers")),
        catalog(CUSTOMERS),
        customer("dry-old"),
        customer("dry-new"),
    )
    assert seen.outcomes("customers") == {"sent": 1, "skipped": 1}
    assert account.get("customers", "dry-new") is None


def test_given_levels_of_customers_when_synced_then_each_names_the_topmost(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(
        account.config(),
        catalog(CUSTOMERS),
        customer("lv-low", root_parent_id="lv-mid"),
        customer("lv-self", root_parent_id="lv-self"),
        customer("lv-mid", root_parent_id="lv-top"),
        customer("lv-top"),
        state("customers"),
    )
    assert seen.outcomes("customers") == {"sent": 4}
    held = account.objects("customers")
    assert {one: held[one].get("root_parent_id") for one in ("lv-top", "lv-mid", "lv-low", "lv-self")} == {
        "lv-top": None,
        "lv-mid": "lv-top",
        "lv-low": "lv-top",
        "lv-self": None,
    }


# --- any order

EXAMPLES = itertools.count()
# The object in two versions, what two streams know of it, one that is nowhere, and one that is faulty itself.
RECORDS = [
    ("customers", {"id": "a", "name": "Old", "updated_at": "2026-01-01T00:00:00Z"}),
    ("customers", {"id": "a", "name": "New", "updated_at": "2026-01-02T00:00:00Z"}),
    ("customers", {"id": "bad", "name": {"no": "text"}}),
    ("scores", {"cid": "a", "nps": 1, "version": 1}),
    ("scores", {"cid": "a", "nps": 9, "version": 2}),
    ("scores", {"cid": "gone", "nps": 5, "version": 1}),
    ("scores", {"cid": "bad", "nps": 5, "version": 1}),
    ("owners", {"cid": "a", "owner": "Kim", "version": 1}),
]
OWNERS = {**ENRICHING, "stream": "owners", "custom_properties": [{"name": "owner", "expression": "owner"}]}
STREAMS = [CUSTOMERS | {"cursor_field": ["updated_at"]}, SCORES, stream("owners", "cid", "owner", "version")]


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory, fincome_command: ForkServer) -> Iterator[Access]:
    with running_sandbox(fincome_command, tmp_path_factory.mktemp("sandbox")) as access:
        yield access


def fetched(access: Access, identity: str) -> Any:
    answer = requests.get(f"{access.base_url}/clients/{identity}", headers={"X-API-KEY": access.api_key}, timeout=10)
    return answer.json() if answer.ok else answer.status_code


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(RECORDS))),
    twice=st.sets(st.integers(0, len(RECORDS) - 1)),
    workers=st.integers(1, 4),
    again=st.booleans(),
)
def test_any_order_of_an_object_and_its_enrichments_ends_in_the_same_fincome(
    access: Access, order: list[int], twice: set[int], workers: int, again: bool
) -> None:
    suffix = f"-{next(EXAMPLES)}"
    config = {
        "api_key": access.api_key,
        "base_url": access.base_url,
        "max_concurrency": workers,
        "streams": [ENRICHING, OWNERS],
    }
    lines = []
    for position in [*order, *sorted(twice)]:
        name, values = RECORDS[position]
        lines.append(record(name, {k: f"{v}{suffix}" if k in ("id", "cid") else v for k, v in values.items()}))
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    for _ in range(1 + again):
        pieces = iter([data])
        sync = build_sync(config, parse_catalog(catalog(*STREAMS)))
        assert list(sync.run(lambda _limit, pieces=pieces: next(pieces, b""))) == []  # type: ignore[misc]
        report = sync.report
        assert sum(report.records.values()) == sum(report.received.values()) == len(lines)
    found = fetched(access, f"a{suffix}")
    # The cursor is no field of Fincome's: it becomes a property, as the object's own stream says it.
    properties = {"nps": 9, "owner": "Kim", "updated_at": "2026-01-02T00:00:00Z"}
    assert found == {"id": f"a{suffix}", "name": "New", "custom_properties": properties}
    assert fetched(access, f"gone{suffix}") == fetched(access, f"bad{suffix}") == 404


# --- parts of objects that a built-in mapping brings

PARTS = """\
version: 1
streams:
  crm:
    version: seen
    emits:
      - entity: customers
        fields: {id: cid, name: name, email: email, zip_code: zip}
        custom_properties: {owner: owner, tier: tier}
"""
OF_CRM = ("name", "email", "zip", "owner", "tier")
CRM = stream("crm", "cid", *OF_CRM, "seen")
OF_STRIPE = ("name", "email", "tier", "plan")
STRIPE = stream("customers", "id", "object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt", "name")
VALUES = st.sampled_from(["Alpha", "Beta", "Gamma"])
Version = dict[str, str | None]


def versions_of(columns: tuple[str, ...], values: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[Version]]:
    return st.lists(st.fixed_dictionaries(dict.fromkeys(columns, values)), min_size=1, max_size=3)


def newest_of_each_field(*versions: tuple[int, Version]) -> Version:
    found: Version = {}
    for _, values in sorted(versions, key=lambda one: one[0]):
        found |= {name: value for name, value in values.items() if value}
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stripe=versions_of(OF_STRIPE, VALUES),
    lacking=st.sets(st.sampled_from(OF_STRIPE[1:])),
    crm=versions_of(OF_CRM, st.none() | VALUES),
    times=st.permutations(range(6)),
    order=st.permutations(range(6)),
    workers=st.integers(1, 3),
)
@example(
    stripe=[{"name": "New", "email": None, "tier": "gold", "plan": None}],
    lacking={"email", "plan"},
    crm=[{"name": "Old", "email": "a@b.example", "zip": None, "owner": "Kim", "tier": None}],
    times=[1, 2, 3, 0, 4, 5],
    order=[0, 1, 2, 3, 4, 5],
    workers=1,
)
def test_any_order_of_streams_that_know_a_part_each_ends_with_the_newest_version_of_each_field(
    access: Access,
    stripe: list[Version],
    lacking: set[str],
    crm: list[Version],
    times: list[int],
    order: list[int],
    workers: int,
) -> None:
    identity = f"part-{next(EXAMPLES)}"
    lines: dict[int, Message] = {}
    for number, values in enumerate(stripe):
        values.update(dict.fromkeys(lacking))
        metadata = {name: values[name] for name in ("tier", "plan") if values[name]}
        shown = {"id": identity, "name": values["name"], "email": values["email"], "metadata": metadata}
        lines[order[number]] = record("customers", {**shown, "object": "customer", "updated": times[number] + 1})
    for number, values in enumerate(crm, 3):
        lines[order[number]] = record("crm", {**values, "cid": identity, "seen": times[number] + 1})
    config = {
        "api_key": access.api_key, "base_url": access.base_url, "max_concurrency": workers, "source": "stripe",
        "mapping": PARTS,
    }  # fmt: skip
    pieces = iter([b"".join(json.dumps(lines[place]).encode() + b"\n" for place in sorted(lines))])
    sync = build_sync(config, parse_catalog(catalog(STRIPE, CRM)))
    assert list(sync.run(lambda _limit: next(pieces, b""))) == []
    assert sum(sync.report.records.values()) == len(lines)
    found = fetched(access, identity)
    found |= found.pop("custom_properties", {})
    held = {"zip" if name == "zip_code" else name: value for name, value in found.items() if name != "id"}
    newest = max(zip(times, stripe, strict=False), key=lambda one: one[0])
    assert held == newest_of_each_field(newest, *zip(times[3:], crm, strict=False))


# --- clearing


class Rows:
    """A mapper whose records are objects already."""

    def __init__(self, entity: str) -> None:
        self.entity = entity
        self.policies = {entity: "upsert"}
        self.asks: frozenset[tuple[str, Any]] = frozenset()
        self.renamed: frozenset[str] = frozenset()
        self.never_gives: dict[str, tuple[str, ...]] = {}
        self.brings_parts: frozenset[str] = frozenset()
        self.brings_whole = frozenset([entity])
        self.merges = False

    def map(self, record: dict[str, Any], *_: object) -> Mapped:
        mapped = Mapped()
        mapped.objects.append(Draft(self.entity, record, None, False))
        return mapped


@pytest.mark.parametrize("clear", [True, False])
def test_given_nulls_when_they_clear_then_fincome_forgets_the_fields(
    access: Access, clear: bool, tmp_path: Path
) -> None:
    identity = f"clear-{clear}"
    document = {"api_key": access.api_key, "base_url": access.base_url, "source": "fincome"}
    connection = understand(document, parse_catalog(catalog(CUSTOMERS)))
    contract = contract_of(parse_config(document))
    whole = {"id": identity, "name": "Acme", "email": "a@b.example", "custom_properties": {"nps": 9, "tier": "gold"}}
    emptied = {"id": identity, "name": None, "email": None, "custom_properties": {"nps": None, "tier": "gold"}}
    for values in (whole, emptied):
        (key,) = [configured.key for configured in connection.catalog.streams]
        intake = Intake(
            Streams([(key, Rows("customers"))]),  # type: ignore[list-item]
            Targets(connection.entities, build_models(contract), frozenset(["customers"])),
            IntakeOptions(clear_nulls=clear),
        )
        client = lambda: FincomeClient(contract, access.api_key, 10)  # noqa: E731
        sync = Sync(intake, ["customers"], connection.entities, client, Limits(concurrency=1))
        pieces = iter([json.dumps(record("customers", values)).encode() + b"\n"])
        list(sync.run(lambda _limit, pieces=pieces: next(pieces, b"")))  # type: ignore[misc]
    kept = {"id": identity, "name": "Acme", "custom_properties": {"tier": "gold"}}
    assert fetched(access, identity) == (kept if clear else whole)
