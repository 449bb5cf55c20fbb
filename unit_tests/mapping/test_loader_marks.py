"""Rows that a database or a warehouse marks as deleted, or keeps as history, whatever the source."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.own import read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft, Skip
from unit_tests.mapping.payloads import Stream
from unit_tests.mapping.source_files import SOURCES, crm_of, shared_cases, source_file

WHEN = "2026-03-01T00:00:00Z"
PRESETS = load_presets()
MARKS: dict[str, Any] = {
    "_ab_cdc_deleted_at": WHEN,
    "_sdc_deleted_at": WHEN,
    "_fivetran_deleted": True,
    "__deleted": "true",
    "__hevo__marked_deleted": 1,
}
# A stream, the column with the id, and what its rows are.
TABLES = [
    ("stripe", "customers", "id", "customers"),
    ("stripe", "invoices", "id", "invoices"),
    ("stripe", "invoice_line_items", "id", "invoice_lines"),
    ("stripe", "credit_notes", "id", "credit_notes"),
    ("chargebee", "invoice", "id", "invoices"),
    ("recurly", "subscriptions", "id", "subscriptions"),
    ("xero", "invoices", "InvoiceID", "invoices"),
    ("xero", "credit_notes", "CreditNoteID", "credit_notes"),
    ("braintree", "transaction_stream", "id", "invoices"),
    ("pennylane_v2", "customer_invoices", "id", "invoices"),
    ("quickbooks", "customers", "Id", "customers"),
    ("woocommerce", "orders", "id", "invoices"),
    ("fincome", "invoices", "id", "invoices"),
]


def mapper(source: str, stream: str, columns: frozenset[str], cursor: tuple[str, ...] = ()) -> StreamMapper:
    plan = make_plan([Stream(stream, columns, cursor)], PRESETS, load_contract(), PlanOptions(source, nulls="auto"))
    found = plan.streams[0].mapper
    assert found is not None
    return found


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(("source", "stream", "key", "entity"), TABLES)
def test_a_row_with_the_mark_of_a_deletion_and_its_key_is_deleted(source, stream, key, entity, mark):
    needed = load_contract().entities[entity].required
    row = dict.fromkeys([*PRESETS[source].streams[stream].signature, *needed]) | {key: "7", mark: MARKS[mark]}
    found = mapper(source, stream, frozenset(row)).map(row)
    assert all(isinstance(item, Skip) and item.reason == "deleted" and item.gone for item in found.objects)
    assert (entity, "7") in [(item.entity, str(item.id)) for item in found.objects if isinstance(item, Skip)]
    assert [one.code for one in found.warnings] == [Code.GONE_SUBSCRIPTION] * (entity == "subscriptions")


@pytest.mark.parametrize("mark", MARKS)
def test_a_row_without_a_value_in_the_mark_is_as_ever(mark):
    columns = frozenset(["id", "name", "object", "livemode", "updated", mark])
    for empty in (None, False if MARKS[mark] is True else ""):
        (item,) = mapper("stripe", "customers", columns).map({"id": "7", "name": "Acme", mark: empty}).objects
        assert isinstance(item, Draft)


def test_the_mark_is_found_in_capitals():
    row = {"ID": "7", "NAME": "Acme", "_FIVETRAN_DELETED": "TRUE"}
    (item,) = mapper("stripe", "customers", frozenset(row)).map(row).objects
    assert isinstance(item, Skip)


def test_what_a_deleted_row_says_of_another_object_says_nothing_of_that():
    columns = frozenset(["customer_id", "country_code", "status", "_fivetran_deleted"])
    row = {"customer_id": "c", "country_code": "FR", "status": "active", "_fivetran_deleted": True}
    assert mapper("paddle", "customer_addresses", columns).map(row).objects == []


def test_an_old_version_that_the_table_keeps_is_nothing():
    columns = frozenset(["id", "name", "livemode", "_fivetran_active", "_fivetran_synced"])
    old = {"id": "7", "name": "Acme", "_fivetran_active": False}
    found = mapper("stripe_fivetran", "customer", columns).map(old)
    assert (found.objects, found.text) == ([], "it is a deleted row, or an old version of one, which the table keeps")
    (item,) = mapper("stripe_fivetran", "customer", columns).map({**old, "_fivetran_active": True}).objects
    assert isinstance(item, Draft)


def test_a_deleted_line_names_its_invoice():
    columns = frozenset(["id", "invoiceid", "chargeamount", "processingtype", "deleted"])
    (item,) = mapper("zuora", "invoiceitem", columns).map({"id": "l", "invoiceid": "i", "deleted": True}).objects
    assert isinstance(item, Skip)
    assert (item.gone, item.document) == (True, "i")


@pytest.mark.parametrize(("cursor", "versions"), [
    ((), [5.0, 1772323200.0]),
    (("_ab_cdc_lsn",), [70, 80]),
])  # fmt: skip
def test_a_deletion_is_newer_than_what_was_there_before(cursor, versions):
    columns = frozenset(["id", "name", "livemode", "updated", "_ab_cdc_deleted_at", "_ab_cdc_lsn"])
    rows = [
        {"id": "7", "name": "Acme", "updated": 5, "_ab_cdc_lsn": 70},
        {"id": "7", "_ab_cdc_deleted_at": WHEN, "_ab_cdc_lsn": 80},
    ]
    found = [mapper("stripe", "customers", columns, cursor).map(row).objects[0] for row in rows]
    assert [item.version for item in found if isinstance(item, (Draft, Skip))] == versions


def test_a_customer_of_whom_only_the_key_is_left_is_no_stub():
    columns = frozenset(["id", "name", "livemode", "_ab_cdc_deleted_at"])
    assert mapper("stripe", "customers", columns).map({"id": "7", "_ab_cdc_deleted_at": WHEN}).stubs == []


def test_rows_that_complete_a_record_are_left_out_where_they_are_deleted():
    columns = {
        "res_partner": frozenset(["id", "commercial_partner_id", "customer_rank", "supplier_rank", "country_id"]),
        "res_country": frozenset(["id", "code", "_fivetran_deleted"]),
    }
    streams = [Stream(name, there) for name, there in columns.items()]
    plan = make_plan(streams, PRESETS, load_contract(), PlanOptions("odoo"))
    assert plan.streams[0].mapper is not None
    (join,) = plan.streams[0].mapper.joins
    assert join.when is not None
    assert [bool(join.when({"id": 1, "_fivetran_deleted": deleted})) for deleted in (False, True)] == [True, False]


OWN = """
version: "1"
streams:
  bills:
    emits:
      - entity: invoices
        fields: {id: no, customer_id: client, date: day, status: "'paid'", currency: "'EUR'", amount: total}
"""


@pytest.mark.parametrize(("more", "told"), [("", True), ("    gone: _AB_CDC_DELETED_AT\n", False)])
def test_deleted_rows_of_which_a_mapping_of_ones_own_says_nothing_are_told(more, told):
    columns = frozenset(["no", "client", "day", "total", "_ab_cdc_deleted_at"])
    own = read_mapping(OWN.replace("    emits:\n", f"{more}    emits:\n"))
    notes = make_plan([Stream("bills", columns)], PRESETS, load_contract(), PlanOptions(own=own)).notes
    assert [("_ab_cdc_deleted_at" in note, "`gone`" in note) for note in notes] == [(True, True)] * told


SHARED = [case for source in SOURCES for case in shared_cases(source, source_file(source)).values()]


@pytest.mark.parametrize("case", SHARED, ids=lambda case: f"{case.setting.source}: {case.name}")
def test_a_deleted_row_of_any_source_is_no_object_whatever_else_it_has(case):
    row = {**case.record, "_fivetran_deleted": True}
    setting = case.setting
    names = sorted({setting.stream, *setting.beside})
    streams = [Stream(name, frozenset(row) if name == setting.stream else frozenset()) for name in names]
    options = PlanOptions(setting.source, setting.unmapped or "auto", nulls="auto", crm=crm_of(setting.source))
    plan = make_plan(streams, PRESETS, load_contract(), options).streams[names.index(setting.stream)]
    assert plan.mapper is not None
    # What is left of a row that change capture brings: a few columns, whatever they are.
    for left in (row, {name: value for name, value in row.items() if isinstance(value, (str, int))}):
        found = plan.mapper.map(left)
        assert [item for item in found.objects if not isinstance(item, Skip)] == []
        subscriptions = {item.id for item in found.objects if item.entity == "subscriptions"}
        assert {(one.code, one.id) for one in found.warnings} <= {
            (Code.GONE_SUBSCRIPTION, one) for one in subscriptions
        }
