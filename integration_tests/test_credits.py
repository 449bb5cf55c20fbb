"""Credits of every source: applied to nothing, in part, wholly, to other invoices; each in a sync of its own.

credits.yaml has the records and the arithmetic. After each sync Fincome's revenue is the source's; the same sync once
more changes nothing. That is tried after the step that leaves the most, and after each in `make test-long`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.mapping.language.yaml_text import read_yaml
from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import catalog, record, state, stream
from integration_tests.orchestrator import Platform

Record = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One sync.

    Attributes:
        records: as (stream, record).
        notes: by id, invoice and amount of the credit notes that aren't zero after it.
        rest: by id, the negative invoices that aren't zero after it.
    """

    name: str
    records: list[tuple[str, Record]]
    notes: dict[str, list[Any]]
    rest: dict[str, Any]
    revenue: Decimal


@dataclass(frozen=True)
class Story:
    source: str
    name: str
    first: list[tuple[str, Record]]
    steps: list[Step]


def changed(value: Record, changes: Record) -> Record:
    """Return a record with other values; `a.0.b` is the path to one inside."""
    found = deepcopy(value)
    for path, new in changes.items():
        holder: Any = found
        *parents, last = path.split(".")
        for name in parents:
            holder = holder[int(name) if isinstance(holder, list) else name]
        holder[int(last) if isinstance(holder, list) else last] = new
    return found


def stories() -> list[Story]:
    document = read_yaml((Path(__file__).parent / "credits.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    found = []
    for name, told in document.items():
        shared = told["records"]
        records = {key: (one["stream"], one["record"]) for key, one in shared.items()}
        steps = []
        for title, step in told["steps"].items():
            sent = [
                (records[key][0], changed(records[key][1], changes or {})) for key, changes in step["sends"].items()
            ]
            revenue = Decimal(str(step["revenue"]))
            steps.append(Step(title, sent, step.get("notes", {}), step.get("rest", {}), revenue))
        found.append(Story(name.split(":")[0], name, [records[key] for key in told["first"]], steps))
    return found


STORIES = stories()


def amounts(account: Account, entity: str) -> dict[str, Decimal]:
    return {name: Decimal(str(body["amount"])) for name, body in account.objects(entity).items()}


def lines_of(account: Account, invoice: str) -> Decimal:
    own = [body for body in account.objects("invoice_lines").values() if body["invoice_id"] == invoice]
    return sum((Decimal(str(body["amount_excluding_tax_after_discount"])) for body in own), Decimal(0))


def check(account: Account, step: Step, documents: set[str]) -> None:
    notes = account.objects("credit_notes")
    found = {name: [body["invoice_id"], Decimal(str(body["amount"]))] for name, body in notes.items() if body["amount"]}
    assert found == {name: [invoice, Decimal(str(amount))] for name, (invoice, amount) in step.notes.items()}, step.name
    rest = {name: amount for name, amount in amounts(account, "invoices").items() if amount and name not in documents}
    assert rest == {name: Decimal(str(amount)) for name, amount in step.rest.items()}, step.name
    total = sum(amounts(account, "invoices").values()) - sum(amounts(account, "credit_notes").values())
    assert total == step.revenue, step.name
    for body in notes.values():
        if own := body.get("lines"):
            net = sum(Decimal(str(one["amount"])) - Decimal(str(one.get("discount_amount") or 0)) for one in own)
            assert net == Decimal(str(body["amount"])), f"{step.name}: lines of {body['id']}"
    for name, amount in amounts(account, "invoices").items():
        if name not in documents and lines_of(account, name):
            assert lines_of(account, name) == amount, f"{step.name}: lines of {name}"
        if name not in documents and not amount:
            assert not lines_of(account, name), f"{step.name}: lines of {name}"


def sync(platform: Platform, account: Account, story: Story, records: list[tuple[str, Record]]) -> None:
    every = [*story.first, *(one for step in story.steps for one in step.records)]
    streams = list(dict.fromkeys(name for name, _ in every))
    columns = {name: sorted({key for other, values in every if other == name for key in values}) for name in streams}
    known = catalog(*(stream(name, *columns[name]) for name in streams))
    messages = [record(name, values) for name, values in records]
    done = [state(name, 1) for name in dict.fromkeys(name for name, _ in records)]
    seen = platform.sync(account.config(source=story.source, retry_minutes=0.2), known, *messages, *done)
    assert seen.good, seen.failure
    assert sum(stream_["rejected"] for stream_ in seen.summary["streams"]) == 0, seen.summary["reasons"]
    assert len(seen.states) == len(done)


@pytest.mark.parametrize(
    "each_twice", [pytest.param(False, id="once"), pytest.param(True, marks=pytest.mark.long, id="each_twice")]
)
@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_given_a_credit_whatever_it_is_applied_to_then_revenue_is_the_source_s(
    story: Story, each_twice: bool, platform: Platform, new_account: NewAccount
) -> None:
    with new_account() as account:
        fullest = max(story.steps, key=lambda step: len(step.notes) + len(step.rest))
        tell(story, story.steps if each_twice else [fullest], platform, account)


def tell(story: Story, twice: list[Step], platform: Platform, account: Account) -> None:
    sync(platform, account, story, story.first)
    documents = set(account.objects("invoices"))
    for step in story.steps:
        for _ in range(1 + (step in twice)):
            sync(platform, account, story, step.records)
            check(account, step, documents)
