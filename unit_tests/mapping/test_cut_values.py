"""Values that the source emptied or cut (`meta.changes`) are left out, or reject the object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft, Fault, Mapped
from destination_fincome.protocol.messages import Record, parse_line
from unit_tests.mapping.payloads import Stream

UNCHANGED = "__debezium_unavailable_value"
CUSTOMER = {"id": "K1", "name": "Alpha", "email": "a@a.example", "segment": "b2b"}
INVOICE = {"id": "F1", "customer_id": "K1", "date": "2026-01-05", "status": "paid", "currency": "EUR", "amount": 10,
           "number": "7", "due_date": None}  # fmt: skip


def made(stream: str, record: dict[str, Any], *cut: str, source: str = "fincome") -> Mapped:
    streams = [Stream(stream, frozenset(record))]
    (planned,) = make_plan(streams, load_presets(), load_contract(), PlanOptions(source, nulls="auto")).streams
    assert planned.mapper is not None
    return planned.mapper.map(record, cut=frozenset(cut))


def mapped(stream: str, record: dict[str, Any], *cut: str, source: str = "fincome") -> Draft | Fault:
    found = made(stream, record, *cut, source=source).objects[0]
    assert isinstance(found, (Draft, Fault))
    return found


@pytest.mark.parametrize(
    ("stream", "record", "column", "left"),
    [
        ("customers", CUSTOMER, "email", {"id", "name", "custom_properties"}),
        ("customers", CUSTOMER, "segment", {"id", "name", "email"}),
        ("invoices", INVOICE, "number", {"id", "customer_id", "date", "status", "currency", "amount", "due_date"}),
    ],
)
def test_a_value_that_was_cut_is_left_out(stream: str, record: dict[str, Any], column: str, left: set[str]) -> None:
    found = mapped(stream, {**record, column: None}, column)
    assert isinstance(found, Draft)
    assert {name for name, value in found.values.items() if value != {}} == left


@pytest.mark.parametrize("value", [None, "cut sho"])
@pytest.mark.parametrize("column", ["email", "segment"])
def test_what_goes_without_a_value_that_was_cut_is_told_by_field(column: str, value: str | None) -> None:
    (warning,) = made("customers", {**CUSTOMER, column: value}, column).warnings
    said = f"customers go without {column}, which the source emptied, cut or left out; what Fincome has stays"
    assert (warning.code, warning.text, warning.id) == ("cut_value_left_out", said, "K1")


def test_custom_properties_that_were_cut_as_a_whole_are_told_as_such() -> None:
    product = {"id": "P1", "object": "product", "name": "Alpha", "metadata": {}, "created": 1767225600}
    (warning,) = made("products", product, "metadata", source="stripe").warnings
    assert warning.text.startswith("products go without custom_properties, ")


@pytest.mark.parametrize(
    ("source", "stream", "record", "column"),
    [("fincome", "invoices", INVOICE, "amount"),
     ("stripe", "products", {"id": "P1", "object": "product", "name": "Alpha", "created": 1767225600}, "images")],
)  # fmt: skip
def test_what_is_rejected_or_lacks_nothing_goes_without_no_value(
    source: str, stream: str, record: dict[str, Any], column: str
) -> None:
    assert made(stream, record, column, source=source).warnings == []


@pytest.mark.parametrize("column", ["id", "amount", "date", "currency", "customer_id", "due_date"])
def test_what_makes_figures_or_refers_rejects_the_object_if_it_was_cut(column: str) -> None:
    found = mapped("invoices", INVOICE, column)
    assert isinstance(found, Fault)
    assert (found.id, found.field, found.code) == ("F1", column, "cut_by_source")


def test_a_column_is_followed_through_helpers_and_whatever_its_case() -> None:
    invoice = {"id": "i", "object": "invoice", "customer": "c", "status": "paid", "currency": "eur", "total": 100,
               "created": 1767225600}  # fmt: skip
    assert isinstance(mapped("invoices", invoice, "TOTAL", source="stripe"), Fault)
    assert isinstance(mapped("invoices", invoice, "footer", source="stripe"), Draft)


@pytest.mark.parametrize("path", ["email", "/email", "$.email", "email.0", "/email/0"])
def test_the_columns_are_those_that_the_message_names(path: str) -> None:
    changes = [{"field": path, "change": "NULLED", "reason": "SOURCE_FIELD_SIZE_LIMITATION"}, {"change": "NULLED"}, 7]
    message = {"type": "RECORD", "record": {"stream": "s", "data": CUSTOMER, "meta": {"changes": changes}}}
    found = parse_line(json.dumps(message).encode(), 1)
    assert isinstance(found, Record)
    assert found.cut == {"email"}


@pytest.mark.parametrize("meta", [None, {}, {"changes": None}, {"changes": []}, [], "x"])
def test_without_changes_nothing_was_cut(meta: Any) -> None:
    message = {"type": "RECORD", "record": {"stream": "s", "data": CUSTOMER, "meta": meta}}
    found = parse_line(json.dumps(message).encode(), 1)
    assert isinstance(found, Record)
    assert found.cut == frozenset()


@pytest.mark.parametrize("placeholder", [UNCHANGED, json.dumps(UNCHANGED), [UNCHANGED]])
def test_a_value_that_change_capture_left_out_as_unchanged_is_one_that_was_cut(placeholder: Any) -> None:
    data = {**CUSTOMER, "email": placeholder}
    line = json.dumps({"type": "RECORD", "record": {"stream": "customers", "data": data, "emitted_at": 1}})
    message = parse_line(line.encode(), 1)
    assert isinstance(message, Record)
    assert (message.data["email"], message.data["name"], message.cut) == (None, "Alpha", {"email"})


def test_a_text_that_only_names_what_change_capture_writes_stays() -> None:
    data = {**CUSTOMER, "segment": f"see {UNCHANGED}"}
    line = json.dumps({"type": "RECORD", "record": {"stream": "customers", "data": data, "emitted_at": 1}})
    message = parse_line(line.encode(), 1)
    assert isinstance(message, Record)
    assert (message.data, message.cut) == (data, frozenset())


def test_a_subscription_whose_items_were_left_out_is_rejected_and_not_cleared() -> None:
    subscription = {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "currency": "eur",
                    "start_date": 1767225600, "items": None}  # fmt: skip
    found = mapped("subscriptions", subscription, "items", source="stripe")
    assert isinstance(found, Fault)
    assert found.code == "cut_by_source"
    assert "REPLICA IDENTITY FULL" in found.problem
