"""The generated files: repeatable, consistent, and with every case that billing has."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examples.stripe_year import generate
from examples.stripe_year.cast import FEWEST_CUSTOMERS, SCENARIOS

ROOT = Path(__file__).parents[2]
FILES = ("catalog.json", "messages.jsonl", "expected.json")
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@dataclass(frozen=True)
class Example:
    folder: Path
    catalog: dict[str, Any]
    messages: list[dict[str, Any]]
    expected: dict[str, Any]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [
            message["record"]["data"]
            for message in self.messages
            if message["type"] == "RECORD" and message["record"]["stream"] == stream
        ]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    folder = tmp_path_factory.mktemp("stripe_year")
    generate(folder)
    return Example(
        folder=folder,
        catalog=json.loads((folder / "catalog.json").read_bytes()),
        messages=[json.loads(line) for line in (folder / "messages.jsonl").read_bytes().splitlines()],
        expected=json.loads((folder / "expected.json").read_bytes()),
    )


def test_two_runs_write_the_same_bytes(example: Example, tmp_path: Path) -> None:
    # The command line, in a process whose hashes differ: no order of a set may leak into the files.
    command = [sys.executable, "-m", "examples.stripe_year", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo", "LC_ALL": "C"}

    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    assert b"records in 10 streams" in done.stdout
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (example.folder / name).read_bytes(), name


def test_another_seed_is_another_year_with_the_same_cases(example: Example, tmp_path: Path) -> None:
    generate(tmp_path, seed=7, customers=FEWEST_CUSTOMERS)

    other = (tmp_path / "messages.jsonl").read_text()
    assert example.records("customers")[0]["id"] not in other
    assert '"status": "void"' in other
    assert '"status": "trialing"' in other


def test_the_number_of_records_is_that_of_a_small_company(example: Example) -> None:
    counts = Counter(m["record"]["stream"] for m in example.messages if m["type"] == "RECORD")

    assert 2_500 <= counts.total() <= 4_000
    assert counts == example.expected["records"]


def test_every_record_fits_its_stream_in_the_catalog(example: Example) -> None:
    schemas = {
        stream["stream"]["name"]: stream["stream"]["json_schema"]["properties"] for stream in example.catalog["streams"]
    }
    for message in example.messages:
        if message["type"] != "RECORD":
            continue
        stream, data = message["record"]["stream"], message["record"]["data"]
        for key, value in data.items():
            assert key in schemas[stream], f"{stream}.{key} is not in the catalog"
            _, kind = schemas[stream][key]["type"]
            assert isinstance(value, PYTHON_TYPES[kind]), (stream, key, value)
            assert kind == "boolean" or not isinstance(value, bool), (stream, key)


def test_ids_are_unique_in_their_stream(example: Example) -> None:
    for name in example.expected["records"]:
        ids = [record["id"] for record in example.records(name)]
        assert len(set(ids)) == len(ids) > 0, name


def test_states_count_exactly_the_records_since_the_one_before(example: Example) -> None:
    unsaved: Counter[str] = Counter()
    state_ids = []
    for message in example.messages:
        if message["type"] == "RECORD":
            unsaved[message["record"]["stream"]] += 1
        elif message["type"] == "STATE":
            state = message["state"]
            name = state["stream"]["stream_descriptor"]["name"]
            assert state["type"] == "STREAM"
            assert state["sourceStats"]["recordCount"] == unsaved.pop(name, 0), state
            state_ids.append(state["id"])

    assert not +unsaved, "records without a state after them"
    assert state_ids == list(range(1, len(state_ids) + 1))
    assert len(state_ids) > len(example.expected["records"])


def test_every_stream_starts_before_its_records_and_completes_after_them(example: Example) -> None:
    phase: dict[str, str] = {}
    for message in example.messages:
        if message["type"] == "TRACE":
            status = message["trace"]["stream_status"]
            phase[status["stream_descriptor"]["name"]] = status["status"]
        elif message["type"] == "RECORD":
            assert phase[message["record"]["stream"]] == "RUNNING"

    assert phase == dict.fromkeys(example.expected["records"], "COMPLETE")


def test_streams_interleave_and_some_children_come_before_their_parents(example: Example) -> None:
    order = [message["record"] for message in example.messages if message["type"] == "RECORD"]
    changes = sum(a["stream"] != b["stream"] for a, b in itertools.pairwise(order))
    seen: set[str] = set()
    early: Counter[str] = Counter()
    parents = {"subscriptions": "customer", "invoice_line_items": "invoice_id", "credit_notes": "invoice"}
    for record in order:
        parent = parents.get(record["stream"])
        if parent and record["data"][parent] not in seen:
            early[record["stream"]] += 1
        seen.add(record["data"]["id"])

    assert changes > 50
    assert early["subscriptions"] > 5
    assert early["invoice_line_items"] > 5
    assert early["credit_notes"] > 0


def test_embedded_lines_are_cut_at_ten_and_the_stream_has_them_all(example: Example) -> None:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in example.records("invoice_line_items"):
        lines.setdefault(line["invoice_id"], []).append(line)
    cut = 0
    for invoice in example.records("invoices"):
        embedded, every = invoice["lines"], lines.pop(invoice["id"])
        assert [line["id"] for line in embedded["data"]] == [line["id"] for line in every[:10]]
        assert embedded["total_count"] == len(every)
        assert embedded["has_more"] is (len(every) > 10)
        cut += embedded["has_more"]

    assert cut > 10
    assert not lines, "lines of invoices that do not exist"


def test_the_lines_of_every_invoice_add_up_to_its_totals(example: Example) -> None:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in example.records("invoice_line_items"):
        lines.setdefault(line["invoice_id"], []).append(line)
    for invoice in example.records("invoices"):
        own = lines[invoice["id"]]
        amount = sum(line["amount"] for line in own)
        without_tax = sum(line["amount_excluding_tax"] for line in own)
        discount = sum(d["amount"] for line in own for d in line["discount_amounts"])
        taxes = [tax for line in own for tax in line["tax_amounts"]]
        on_top = sum(tax["amount"] for tax in taxes if not tax["inclusive"])

        assert invoice["subtotal"] == amount
        assert invoice["subtotal_excluding_tax"] == without_tax
        assert sum(d["amount"] for d in invoice["total_discount_amounts"]) == discount
        assert invoice.get("tax", 0) == sum(tax["amount"] for tax in taxes)
        assert invoice["total_excluding_tax"] == without_tax - discount
        assert invoice["total"] == amount - discount + on_top
        assert invoice["amount_paid"] + invoice["amount_remaining"] == invoice["amount_due"]


def test_the_lines_of_every_credit_note_add_up_and_stay_within_the_invoice(example: Example) -> None:
    invoices = {invoice["id"]: invoice for invoice in example.records("invoices")}
    line_invoices = {line["id"]: line["invoice_id"] for line in example.records("invoice_line_items")}
    for note in example.records("credit_notes"):
        lines = note["lines"]["data"]
        net = sum(line["amount_excluding_tax"] - line["discount_amount"] for line in lines)
        tax = sum(tax["amount"] for line in lines for tax in line["tax_amounts"])
        invoice = invoices[note["invoice"]]

        assert note["total_excluding_tax"] == net > 0
        assert note["total"] == net + tax <= invoice["total"]
        assert invoice["status"] == "paid"
        assert {line_invoices[line["invoice_line_item"]] for line in lines} == {note["invoice"]}


def _has(example: Example, stream: str, **wanted: object) -> bool:
    return any(all(record.get(key) == value for key, value in wanted.items()) for record in example.records(stream))


@pytest.mark.parametrize("status", ["active", "canceled", "trialing", "past_due", "incomplete_expired"])
def test_there_are_subscriptions_of_every_status(example: Example, status: str) -> None:
    assert _has(example, "subscriptions", status=status)


@pytest.mark.parametrize("status", ["draft", "open", "paid", "uncollectible", "void"])
def test_there_are_invoices_of_every_status(example: Example, status: str) -> None:
    assert _has(example, "invoices", status=status)


def test_a_subscription_that_never_started_has_only_a_void_invoice(example: Example) -> None:
    never = [s["id"] for s in example.records("subscriptions") if s["status"] == "incomplete_expired"]
    invoices = [invoice for invoice in example.records("invoices") if invoice.get("subscription") in never]

    assert [invoice["status"] for invoice in invoices] == ["void"]


def test_there_is_variety_in_invoices(example: Example) -> None:
    invoices = example.records("invoices")
    finalized = [i["status_transitions"]["finalized_at"] for i in invoices]

    assert {invoice["currency"] for invoice in invoices} == {"eur", "usd", "gbp", "jpy"}
    assert any(at and at > invoice["created"] for at, invoice in zip(finalized, invoices, strict=True))
    assert any(invoice["total"] < 0 for invoice in invoices)
    assert any("subscription" not in invoice for invoice in invoices)
    assert all(("number" in invoice) is (invoice["status"] != "draft") for invoice in invoices)
    assert {i["billing_reason"] for i in invoices} == {
        "manual",
        "subscription_create",
        "subscription_cycle",
        "subscription_update",
    }


def test_there_is_variety_in_lines(example: Example) -> None:
    lines = example.records("invoice_line_items")
    prorations = [line for line in lines if line["proration"]]
    one_off = [line for line in lines if line["price"]["type"] == "one_time"]
    inclusive = [line for line in lines if any(tax["inclusive"] for tax in line["tax_amounts"])]

    assert any(line["amount"] < 0 and line["description"].startswith("Unused time") for line in prorations)
    assert any(line["amount"] > 0 and line["description"].startswith("Remaining") for line in prorations)
    assert all(line["type"] == "invoiceitem" and line["subscription"] for line in prorations)
    assert all(line["period"]["start"] == line["period"]["end"] for line in one_off)
    assert all("subscription" not in line for line in one_off)
    assert any(line["discount_amounts"] for line in inclusive)
    assert all(line["amount_excluding_tax"] < line["amount"] for line in inclusive)
    assert any(not line["tax_amounts"] for line in lines)


def test_there_is_variety_in_the_rest(example: Example) -> None:
    coupons, notes = example.records("coupons"), example.records("credit_notes")

    assert {price["tax_behavior"] for price in example.records("prices")} == {"inclusive", "exclusive"}
    assert {plan["id"] for plan in example.records("plans")} == {p["id"] for p in example.records("prices")}
    assert any("percent_off" in coupon for coupon in coupons)
    assert any("amount_off" in coupon for coupon in coupons)
    assert Counter(note["status"] for note in notes)["void"] == 1
    assert any(note["discount_amount"] != "0" for note in notes)
    assert any("address" not in customer for customer in example.records("customers"))
    assert any(len(sub["items"]["data"]) > 1 for sub in example.records("subscriptions"))
    assert any(sub["cancel_at_period_end"] and sub["status"] == "active" for sub in _subs(example))
    assert len(SCENARIOS) < FEWEST_CUSTOMERS


def _subs(example: Example) -> list[dict[str, Any]]:
    return example.records("subscriptions")


def test_nothing_is_null_at_the_top_of_a_record(example: Example) -> None:
    for message in example.messages:
        if message["type"] == "RECORD":
            assert None not in message["record"]["data"].values()
