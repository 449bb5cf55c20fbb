"""Records that the real connectors emitted: nothing is rejected, and documents add up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from unit_tests.mapping.record_results import ENTITIES, Result, found_result
from unit_tests.mapping.source_files import mapper_of, shared_cases, source_file

RECORDED = Path(os.environ["RECORDED_RECORDS"])
Record = dict[str, Any]


def settled(record: Record) -> Record:
    """A document of Xero as if it were a sale that had been approved."""
    kind = "ACCREC" if "InvoiceID" in record else "ACCRECCREDIT"
    return {**record, "Type": kind, "Status": "PAID"}


def ordered(record: Record) -> Record:
    """An order of Shopify as if a customer had placed it, and not as a test."""
    return {**record, "test": False, "customer": {"id": 1}}


# Which of the recorded records are skipped, and why; and what they would be if they weren't.
SKIPPED: dict[str, Callable[[Record], set[str]]] = {
    # Most of the recorded payments were made without a customer.
    "braintree": lambda record: set() if record.get("customer_details", {"id": "1"})["id"] else {"incomplete"},
    "harvest": lambda record: {"draft"} if record.get("state") == "draft" else set(),
    # A supplier, bills, drafts, and a credit note that isn't allocated.
    "xero": lambda record: {"not_revenue", "draft", "incomplete"},
    # Two orders name no customer, one is a test order.
    "shopify": lambda record: {"incomplete", "not_revenue"},
    "chargebee": lambda record: set(),
    "quickbooks": lambda record: set(),
}
AS_IF = {"xero": settled, "shopify": ordered}


def recorded(source: str) -> Iterator[tuple[str, str, Record]]:
    """Yield the file, the stream and the record; answers of an API hold several records, under their streams."""
    for file in sorted((RECORDED / source).glob("*.json")):
        # What another tool recorded has its ids and most of its dates blacked out.
        text = file.read_text(encoding="utf-8").replace('"redacted"', '"2024-11-26"')
        content = json.loads(text)
        name, _, origin = file.stem.partition(".")
        stream = {"subscriptions": "subscription_stream", "transactions": "transaction_stream"}.get(
            name if origin == "estuary_native" else "", content.get("stream", name)
        )
        for record in content["records"]:
            if "list" in record:
                yield from ((file.stem, kind, one) for entry in record["list"] for kind, one in entry.items())
            elif isinstance(record.get(stream), list):
                yield from ((file.stem, stream, one) for one in record[stream])
            else:
                yield file.stem, stream, record


SETTINGS = {
    source: {case.setting.stream: case.setting for case in reversed(shared_cases(source, source_file(source)).values())}
    for source in SKIPPED
}
RECORDS = [
    pytest.param(source, stream, record, id=f"{source}-{file}-{number}")
    for source in SKIPPED
    for number, (file, stream, record) in enumerate(recorded(source))
    if stream in SETTINGS[source]
]


def net_of(result: Result) -> Decimal:
    return sum(
        (Decimal(line["amount_excluding_tax_after_discount"]) for line in result.get("invoice_lines", [])), Decimal(0)
    )


@pytest.mark.parametrize(("source", "stream", "record"), RECORDS)
def test_a_recorded_record_is_sent_or_skipped(source: str, stream: str, record: Record) -> None:
    found = found_result(mapper_of(SETTINGS[source][stream]), record)
    objects = [one for entity in ENTITIES for one in found.get(entity, [])]
    reasons = {str(one["skipped"]) for one in objects if "skipped" in one}
    assert not any("fault" in one for one in objects), objects
    assert bool(reasons) != any("skipped" not in one for one in objects)
    if source in AS_IF:
        assert reasons <= SKIPPED[source](record)
    else:
        assert reasons == SKIPPED[source](record)


@pytest.mark.parametrize(("source", "stream", "record"), [one for one in RECORDS if one.values[0] != "braintree"])
def test_a_recorded_document_adds_up(source: str, stream: str, record: Record) -> None:
    counted = AS_IF[source](record) if source in AS_IF else record
    found = found_result(mapper_of(SETTINGS[source][stream]), counted)
    for body in found.get("invoices", []):
        assert "skipped" in body or net_of(found) == Decimal(body["amount"])
    credited = [Decimal(body["amount"]) for body in found.get("credit_notes", [])]
    if source == "xero" and stream in ("invoices", "credit_notes"):
        assert abs(net_of(found)) == Decimal(str(record["SubTotal"]))
    elif (source, stream) == ("shopify", "orders"):
        assert credited == [Decimal(paid["amount"]) for refund in record["refunds"] for paid in refund["transactions"]]
    elif source == "chargebee":
        lines = [line for body in found.get("credit_notes", []) for line in body["lines"]]
        assert sum(Decimal(line["amount"]) - Decimal(line["discount_amount"]) for line in lines) == sum(credited)
