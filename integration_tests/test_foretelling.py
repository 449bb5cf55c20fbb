"""What a dry run foretells is what the sync then does, against a Fincome that behaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from destination_fincome.connection.assembly import build_sync
from destination_fincome.engine import sync as engine
from destination_fincome.engine.standing import MostlyRejected
from destination_fincome.protocol.catalog import parse_catalog
from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform
from integration_tests.test_void_documents import STRIPE, stripe_customer, stripe_invoice
from unit_tests.fork_server import ForkServer

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]
"""Rows by stream and id."""

REFERENCES = {
    "customers": {"root_parent_id": "customers"},
    "products": {},
    "plans": {"product_id": "products"},
    "subscriptions": {"customer_id": "customers", "plan_id": "plans"},
    "invoices": {"customer_id": "customers", "subscription_id": "subscriptions"},
    "attributes": {},
}
FIELDS: dict[str, dict[str, Sequence[object]]] = {
    "customers": {"name": ["Alpha", "Beta"], "country": ["FR", "DE", None], "email": ["a@b.example", None, []]},
    "products": {"name": ["Desk", "Chair"]},
    "plans": {"name": ["Pro", "Basic"], "currency": ["EUR"], "amount": ["10", "20.50"], "interval": ["month"]},
    "subscriptions": {
        "currency": ["EUR"],
        "status": ["active", "canceled", "nonsense"],
        "start_date": ["2026-01-01", "2026-02-01"],
        "monthly_value": ["10", "12.50", None],
    },
    "invoices": {
        "number": ["1", "2"],
        "date": ["2026-01-31"],
        "status": ["paid", "open", "nonsense"],
        "currency": ["EUR"],
        "amount": ["12.50", "99"],
    },
    "attributes": {"country": ["IT", "FR"]},
}
ATTRIBUTES = {"stream": "attributes", "entity": "customers", "operation": "update_only"}
NUMBERS = count()


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Some rows of each stream, which refer to one another and to what is nowhere."""
    found: Rows = {}
    for name, fields in FIELDS.items():
        for number in draw(st.sets(st.integers(0, 2))):
            row = {"id": f"{number}", **{field: draw(st.sampled_from(values)) for field, values in fields.items()}}
            for field in REFERENCES[name]:
                row[field] = draw(st.sampled_from(["0", "1", "2", "nowhere", None]))
            found.setdefault(name, {})[f"{number}"] = row
    return found


def named(rows: Rows, prefix: str) -> Iterator[Message]:
    """Make messages of rows, with ids that no other example has."""
    for name, by_id in rows.items():
        for row in by_id.values():
            ids = {field: f"{prefix}{row[field]}" for field in ("id", *REFERENCES[name]) if row[field] is not None}
            yield record(name, {**row, **ids})


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, account: Account) -> Run:
    """Runs a sync in this process; gives its summary."""
    monkeypatch.setattr(engine, "backoff", lambda *_: 0.0)  # a parent that is unknown now is unknown later

    def sync(messages: Sequence[Message], streams: Sequence[str], **settings: object) -> dict[str, Any]:
        chosen = catalog(*(stream(name, "id", *FIELDS[name], *REFERENCES[name]) for name in streams))
        config = account.config(source="fincome", streams=[ATTRIBUTES], max_rejected_percent=100, **settings)
        built = build_sync(config, parse_catalog(chosen))
        lines = iter([json.dumps(message).encode() + b"\n" for message in messages])
        with suppress(MostlyRejected):
            for _ in built.run(lambda _limit: next(lines, b"")):
                pass
        return built.report.document(0, 0)

    return sync


def held(account: Account, prefix: str) -> Mapping[str, Mapping[str, Row]]:
    """What the account has of one example, by entity."""
    return {
        entity: {key: row for key, row in account.objects(entity).items() if key.startswith(prefix)}
        for entity in FIELDS
        if entity != "attributes"
    }


def done(before: Mapping[str, Row], after: Mapping[str, Row]) -> tuple[int, int, dict[str, int]]:
    """How many objects were created and changed, and how often each field."""
    fields: dict[str, int] = {}
    changed = 0
    for identity, row in before.items():
        differing = [name for name in row.keys() | after[identity].keys() if row.get(name) != after[identity].get(name)]
        changed += bool(differing)
        fields |= {name: fields.get(name, 0) + 1 for name in differing}
    return len(after) - len(before), changed, fields


CHANGING = {
    "customers": {"0": {"id": "0", "name": "Alpha", "country": "FR", "email": None, "root_parent_id": None}},
    "subscriptions": {
        "0": {
            "id": "0", "customer_id": "0", "plan_id": "nowhere", "currency": "EUR", "status": "active",
            "start_date": "2026-01-01", "monthly_value": "10",
        }
    },
}  # fmt: skip
REJECTED_PARENT = {
    **CHANGING,
    "customers": {"0": {**CHANGING["customers"]["0"], "email": []}},
}


@example(first={}, then=CHANGING, streams=["customers", "subscriptions"], parents="off", nulls="auto")
@example(first={}, then=REJECTED_PARENT, streams=["customers", "subscriptions"], parents="off", nulls="auto")
@example(first=CHANGING, then=REJECTED_PARENT, streams=["subscriptions"], parents="on", nulls="omit")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=rows(),
    then=rows(),
    streams=st.lists(st.sampled_from(list(FIELDS)), min_size=1, unique=True),
    parents=st.sampled_from(["on", "off"]),
    nulls=st.sampled_from(["auto", "omit", "clear"]),
)
def test_given_any_account_when_a_dry_run_foretells_then_the_sync_does_just_that(
    run: Run, account: Account, first: Rows, then: Rows, streams: list[str], parents: str, nulls: str
) -> None:
    prefix = f"ft{next(NUMBERS)}-"
    chosen = {"create_missing_parents": parents, "null_handling": nulls}
    if set(streams) == {"attributes"}:
        streams = ["attributes", "customers"]
    run([*named(first, prefix)], [*FIELDS], create_missing_parents="off")
    before = held(account, prefix)
    messages = [message for message in named(then, prefix) if message["record"]["stream"] in streams]

    asked = account.summary()["requests"]["total"]
    foretold = run(messages, streams, dry_run=True, **chosen)
    assert {one["verb"] for one in account.requests(asked)} <= {"GET"}
    assert held(account, prefix) == before
    summary = run(messages, streams, **chosen)
    after = held(account, prefix)

    for table in ("exit", "streams", "entities", "stubs"):
        assert foretold[table] == summary[table]
    assert told(foretold) == told(summary)
    for entity, rows_after in after.items():
        row = foretold["foretold"].get(entity, {"created": 0, "changed": 0, "fields": {}})
        assert (row["created"], row["changed"], row["fields"]) == done(before[entity], rows_after)


def told(summary: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Why some were rejected or skipped, and what was warned of."""
    reasons = [tuple(one[key] for key in ("outcome", "code", "where", "field", "count")) for one in summary["reasons"]]
    return sorted(reasons, key=str) + sorted((one["code"], one["count"]) for one in summary["warnings"])


def test_given_objects_of_all_fates_when_a_dry_run_ends_then_its_log_tells_them_by_field(
    platform: Platform, account: Account
) -> None:
    account.given(
        "customers",
        {"id": "fl-old", "name": "Old", "country": "FR"},
        {"id": "fl-same", "name": "Same"},
    )
    seen = platform.sync(
        account.config(dry_run=True),
        catalog(stream("customers", "id", "name", "country")),
        record("customers", {"id": "fl-old", "name": "New", "country": "DE"}),
        record("customers", {"id": "fl-same", "name": "same"}),
        record("customers", {"id": "fl-new", "name": "New"}),
    )
    assert seen.good
    words = (
        "What a sync would do with customers: 1 created (for example fl-new), 1 changed: name 1, country 1 (for "
        "example fl-old), 1 unchanged (for example fl-same)."
    )
    assert words in seen.logs
    assert any(text.startswith("Dry run: nothing is written.") for text in seen.logs)


def test_given_states_when_a_dry_run_ends_then_none_comes_back(
    connector: ForkServer, account: Account, tmp_path: Path
) -> None:
    """The source would go on after data that was never written."""
    (tmp_path / "config.json").write_text(json.dumps(account.config(dry_run=True)))
    (tmp_path / "catalog.json").write_text(json.dumps(catalog(stream("customers", "id", "name"))))
    files = ("--config", tmp_path / "config.json", "--catalog", tmp_path / "catalog.json")
    messages = record("customers", {"id": "fs-1", "name": "One"}), state("customers", 1)
    done = connector.run("write", *files, given=b"".join(json.dumps(one).encode() + b"\n" for one in messages))
    assert done.returncode == 0
    assert {json.loads(line)["type"] for line in done.stdout.splitlines()} == {"LOG"}


def test_given_void_documents_when_a_dry_run_foretells_then_the_sync_settles_just_those(
    platform: Platform, account: Account
) -> None:
    sent = [
        message for name in ("fv-1", "fv-2") for message in (stripe_customer(name), stripe_invoice(name, "open", 1))
    ]
    assert platform.sync(account.config(), STRIPE, *sent).good
    void = [stripe_invoice(name, "void", 2) for name in ("fv-1", "fv-never")]
    before = account.summary()
    dry = platform.sync(account.config(dry_run=True), STRIPE, *void)
    assert account.summary()["changed"] == before["changed"]
    foretold = dry.summary["foretold"]
    assert (foretold["invoices"]["changed"], foretold["invoices"]["fields"]) == (1, {"amount": 1})
    assert (foretold["invoice_lines"]["changed"], foretold["invoice_lines"]["created"]) == (1, 0)
    real = platform.sync(account.config(), STRIPE, *void)
    for table in ("streams", "entities", "reasons"):
        assert real.summary[table] == dry.summary[table]
    changed = {kind: number - before["changed"].get(kind, 0) for kind, number in account.summary()["changed"].items()}
    assert {kind: number for kind, number in changed.items() if number} == {"invoices": 1, "invoice_lines": 1}
