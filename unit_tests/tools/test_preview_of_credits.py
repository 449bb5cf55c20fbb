"""What a preview shows of credits that other records tell of: what a sync makes of both together."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from destination_fincome.protocol.catalog import parse_catalog
from fincome_tools.preview.rehearsal import Preview, Sample, rehearse

INVOICE: dict[str, Any] = {
    "id": "F1", "invoice_number": "F-1", "customer": {"source_id": "C1", "name": "Alma"}, "date": "2026-03-01",
    "deadline": "2026-03-31", "status": "paid", "paid": True, "is_draft": False, "is_estimate": False,
    "currency": "EUR", "currency_amount": "1200.0", "currency_amount_before_tax": "1000.0", "currency_tax": "200.0",
    "line_items": [{"id": 1, "label": "A year", "quantity": 1, "currency_amount": "1200.0", "currency_tax": "200.0"}],
    "credit_notes": [{"id": "A1", "invoice_number": "A-1", "currency_amount": "-600.0", "currency_tax": "-100.0"}],
}  # fmt: skip
CREDIT: dict[str, Any] = {
    **INVOICE, "id": "A1", "invoice_number": "A-1", "date": "2026-06-15", "status": "credit_note",
    "currency_amount": "-600.0", "currency_amount_before_tax": "-500.0", "currency_tax": "-100.0", "credit_notes": [],
    "line_items": [{"id": 2, "label": "Back", "quantity": 1, "currency_amount": "-600.0", "currency_tax": "-100.0"}],
}  # fmt: skip
PAYMENT: dict[str, Any] = {
    "id": "p1", "object": "credit_payment", "action": "payment", "currency": "EUR", "amount": 50.0,
    "applied_to_invoice": {"id": "i1", "number": "1"}, "original_invoice": {"id": "k1", "number": "2"},
    "created_at": "2026-04-02T00:00:00Z", "updated_at": "2026-04-02T00:00:00Z", "voided_at": None,
}  # fmt: skip


def preview(source: str, *records: tuple[str, dict[str, Any]], samples: int = 3) -> Preview:
    columns = {stream: {column: {} for column in record} for stream, record in records}
    streams = [{"stream": {"name": name, "json_schema": {"properties": known}}} for name, known in columns.items()]
    lines = [
        json.dumps({"type": "RECORD", "record": {"stream": stream, "data": record, "emitted_at": 1}})
        for stream, record in records
    ]
    text = "\n".join([*lines, ""]).encode()
    return rehearse({"source": source}, parse_catalog({"streams": streams}), lambda: BytesIO(text).read, samples)


def becomes(sample: Sample) -> list[tuple[str, str, object]]:
    return [(entity, body["date"], body["amount"]) for entity, body in sample.bodies if "date" in body]


@pytest.mark.parametrize("order", [[INVOICE, CREDIT], [CREDIT, INVOICE]], ids=["invoice first", "credit first"])
def test_given_an_invoice_that_names_a_credit_when_previewed_then_the_credit_is_on_it_and_not_there_twice(
    order: list[dict[str, Any]],
) -> None:
    found = preview("pennylane", *(("customer_invoices", record) for record in order))
    (view,) = found.streams
    shown = {sample.source["id"]: becomes(sample) for sample in view.samples}
    assert list(shown) == [record["id"] for record in order]
    assert shown["A1"] == [("credit_notes", "2026-06-15", 500)]
    totals = {(row["entity"], row["month"]): row["amount"] for row in found.summary["totals"]}
    assert totals[("invoices", "2026-03")] == "1000.00"
    assert totals[("credit_notes", "2026-06")] == "500.00"
    assert ("invoices", "2026-06") not in totals
    assert not found.asked.keys() & {"credit_notes", "invoices"}


def test_given_a_credit_that_nothing_names_when_previewed_then_it_is_a_negative_invoice() -> None:
    (view,) = preview("pennylane", ("customer_invoices", CREDIT)).streams
    assert [becomes(sample) for sample in view.samples] == [[("invoices", "2026-06-15", -500)]]


def test_given_two_versions_of_a_credit_when_previewed_then_the_one_that_counts_is_shown() -> None:
    old = {**CREDIT, "currency_amount_before_tax": "-400.0", "updated_at": "2026-06-15T00:00:00Z"}
    new = {**CREDIT, "updated_at": "2026-06-16T00:00:00Z"}
    (view,) = preview("pennylane", ("customer_invoices", new), ("customer_invoices", old)).streams
    assert [becomes(sample) for sample in view.samples] == [[("invoices", "2026-06-15", -500)]]


def test_what_only_tells_of_a_credit_is_shown_as_joined_with_it() -> None:
    (view,) = preview("recurly", ("credit_payments", PAYMENT)).streams
    assert [outcome for sample in view.samples for outcome, _ in sample.refusals] == ["joined"]
