"""What is void or deleted in a source may have been sent before: the mapping names it with all its parts."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Skip
from destination_fincome.mapping.stream_compiler import NullHandling
from unit_tests.mapping.payloads import Stream

STRIPE = {
    "id": "in_1",
    "object": "invoice",
    "status": "void",
    "customer": "cus_1",
    "currency": "eur",
    "created": 1,
    "lines": {"data": [{"id": "il_1", "amount": 1}, {"id": "il_2", "amount": 2}]},
}
CHARGEBEE = {
    "id": "in_1",
    "object": "invoice",
    "status": "voided",
    "customer_id": "c_1",
    "currency_code": "EUR",
    "date": 1,
    "line_items": [{"id": "il_1", "amount": 1}, {"id": "il_2", "amount": 2}],
}
CHARGIFY = {"uid": "in_1", "status": "voided", "customer_id": 5, "currency": "EUR", "total_amount": "9.0"}
INVOICE_NINJA = {
    "id": "in_1",
    "status_id": "5",
    "client_id": "c_1",
    "custom_surcharge1": 5,
    "line_items": [{"line_total": 95, "cost": 95, "quantity": 1}],
}
STRIPE_SHIPPED = {**STRIPE, "shipping_cost": {"amount_total": 5, "amount_tax": 0}}
FINCOME = {"id": "in_1", "deleted": True}
# What an earlier sync sent, and what it became since, without the word void.
DECLINED = {
    "id": "in_1",
    "type": "sale",
    "status": "settlement_declined",
    "customer_details": {"id": "c_1"},
    "currency_iso_code": "EUR",
    "amount": "5",
    "tax_amount": "0",
}
CONSOLIDATED = {
    "id": "in_1",
    "type": "invoice",
    "status": "consolidated",
    "customer": {"id": "c_1"},
    "line_items": [{"id": "il_1"}],
}


def skips(source: str, stream: str, record: dict[str, Any], nulls: NullHandling = "auto") -> list[Skip]:
    columns = frozenset([*record, *load_contract().entities["invoices"].required])
    return [item for item in mapper_of(source, stream, columns, nulls).map(record).objects if isinstance(item, Skip)]


def mapper_of(source: str, stream: str, columns: frozenset[str], nulls: NullHandling = "auto") -> StreamMapper:
    plan = make_plan([Stream(stream, columns)], load_presets(), load_contract(), PlanOptions(source, nulls=nulls))
    mapper = plan.streams[0].mapper
    assert mapper is not None
    return mapper


@pytest.mark.parametrize(("source", "stream", "record"), [
    ("stripe", "invoices", STRIPE),
    ("chargebee", "invoice", CHARGEBEE),
])  # fmt: skip
def test_a_void_invoice_names_its_lines_also_where_the_mapping_makes_none_of_them(source, stream, record):
    found = skips(source, stream, record)
    assert [(item.entity, item.id, item.gone, item.document) for item in found] == [
        ("invoices", "in_1", True, None),
        ("invoice_lines", "il_1", True, "in_1"),
        ("invoice_lines", "il_2", True, "in_1"),
    ]


@pytest.mark.parametrize(("source", "stream", "record", "line"), [
    ("chargify", "invoices", CHARGIFY, "in_1-total"),
    ("invoice_ninja", "invoices", INVOICE_NINJA, "in_1-surcharge"),
    ("stripe", "invoices", STRIPE_SHIPPED, "in_1-shipping"),
])  # fmt: skip
def test_a_void_invoice_names_the_line_that_no_list_of_its_record_has(source, stream, record, line):
    found = skips(source, stream, record)
    assert (line, True, "in_1") in [(item.id, item.gone, item.document) for item in found]


@pytest.mark.parametrize(("source", "stream", "record", "line"), [
    ("braintree", "transaction_stream", DECLINED, "in_1-line"),
    ("hyperline", "invoices", CONSOLIDATED, "il_1"),
    ("hyperline", "invoices", {**CONSOLIDATED, "status": "archived"}, "il_1"),
])  # fmt: skip
def test_what_counts_no_more_under_another_name_is_gone_with_its_lines(source, stream, record, line):
    assert [(item.id, item.gone, item.document) for item in skips(source, stream, record)] == [
        ("in_1", True, None),
        (line, True, "in_1"),
    ]


def test_a_row_that_was_deleted_in_a_table_of_invoices_is_gone():
    assert [(item.id, item.gone) for item in skips("fincome", "invoices", FINCOME)] == [("in_1", True)]


FINCOMES = {"subscriptions": "subscriptions", "subscription": "subscriptions", "customers": "customers"}


@pytest.mark.parametrize(("source", "stream", "told"), [
    ("fincome", "subscriptions", ["sub_1"]),
    ("fincome", "customers", []),
    ("chargebee", "subscription", ["sub_1"]),
])  # fmt: skip
def test_a_subscription_that_is_deleted_is_warned_of_as_what_was_sent_still_counts(source, stream, told):
    columns = frozenset(["id", "deleted", *load_contract().entities[FINCOMES[stream]].required])
    mapped = mapper_of(source, stream, columns).map({"id": "sub_1", "deleted": True})
    warned = [one.id for one in mapped.warnings if one.code is Code.GONE_SUBSCRIPTION]
    assert ([one.reason for one in mapped.objects], warned) == ([Code.DELETED], told)


def test_a_draft_is_not_gone():
    assert [item.gone for item in skips("stripe", "invoices", {**STRIPE, "status": "draft"})] == [False]


@pytest.mark.parametrize("kind", ["out_invoice", "out_refund"])
@pytest.mark.parametrize(("name", "gone"), [("INV/2026/00007", True), ("/", False), (None, False)])
def test_a_draft_that_was_posted_before_is_gone(kind: str, name: str | None, gone: bool) -> None:
    move = {"id": 7, "move_type": kind, "state": "draft", "name": name, "currency_id": 1, "commercial_partner_id": 5}
    assert {item.gone for item in skips("odoo", "account_move", move) if item.reason == "draft"} == {gone}


@pytest.mark.parametrize(("name", "gone"), [("INV/2026/00007", True), ("/", False), (None, False)])
def test_a_line_of_a_draft_that_was_posted_before_is_gone(name: str | None, gone: bool) -> None:
    line = {"id": 8, "move_id": 7, "parent_state": "draft", "move_name": name, "display_type": "product"}
    assert [item.gone for item in skips("odoo", "account_move_line", line)] == [gone]


FOR_APPROVAL = {"id": "1", "status": {"id": "D"}, "item": {"items": [{"lineUniqueKey": "2", "amount": 5}]}}
UNAPPROVED = {"id": 1, "type": "CustInvc", "status": "CustInvc:D", "_lines": [{"uniquekey": 2, "foreignamount": -5}]}
SET_BACK = [
    ("netsuite", "invoice", FOR_APPROVAL, [("invoices", "1"), ("invoice_lines", "2")]),
    ("netsuite_tables", "transaction", UNAPPROVED, [("invoices", 1), ("invoice_lines", 2)]),
    ("zoho_billing", "invoices", {"invoice_id": "1", "status": "draft"},
     [("invoices", "1"), ("invoice_lines", "1-total")]),
    ("harvest", "invoices", {"id": 1, "state": "draft", "line_items": [{"id": 2}]},
     [("invoices", 1), ("invoice_lines", 2)]),
    ("woocommerce", "orders", {"id": 1, "status": "pending", "line_items": [{"id": 2}]},
     [("invoices", 1), ("invoice_lines", 2)]),
    ("woocommerce", "orders", {"id": 1, "status": "checkout-draft", "line_items": [{"id": 2}]}, []),
    ("zuora", "invoice", {"id": "1", "status": "Draft"}, [("invoices", "1")]),
    ("zuora", "debitmemo", {"id": "1", "status": "Draft"}, [("invoices", "1")]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "stream", "record", "gone"), SET_BACK)
def test_what_can_be_set_back_to_draft_is_gone_with_its_lines(source, stream, record, gone):
    found = skips(source, stream, record)
    assert [(item.entity, item.id, item.reason) for item in found if item.gone] == [(*one, Code.DRAFT) for one in gone]


def test_a_void_credit_note_has_its_own_lines():
    credit = {"id": "cn_1", "object": "credit_note", "status": "void", "invoice": "in_1", "currency": "eur",
              "created": 1, "lines": {"data": [{"id": "cl_1", "invoice_line_item": "il_1", "amount": 1}]}}  # fmt: skip
    (skip,) = skips("stripe", "credit_notes", credit)
    assert skip.gone
    assert [(line["id"], line["invoice_line_id"]) for line in skip.lines] == [("cl_1", "il_1")]
