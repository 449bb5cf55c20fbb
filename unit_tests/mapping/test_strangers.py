"""Tables that are named as Fincome's objects and are somebody else's: nothing of them leaves by a guess."""

from __future__ import annotations

import re
from typing import Any

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.own import read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, make_plan
from unit_tests.mapping.payloads import Stream

# What an object of each kind needs.
WHOLE = {
    "customers": "id name",
    "products": "id name",
    "plans": "id product_id name",
    "subscriptions": "id customer_id status start_date",
    "invoices": "id customer_id date status currency amount",
    "invoice_lines": "id invoice_id type currency amount_excluding_tax_after_discount",
    "credit_notes": "id invoice_id date currency amount",
}
OWN_COLUMNS = "_airbyte_raw_id _ab_cdc_deleted_at _fivetran_synced _fivetran_deleted"


def stream(name: str, columns: str) -> Stream:
    return Stream(name, frozenset(columns.split()))


def plan(*streams: Stream, text: str | None = None, source: str = "auto", **options: Any) -> Plan:
    own = read_mapping(text) if text else None
    return make_plan(streams, load_presets(), load_contract(), PlanOptions(source, own=own, **options))


def policies(*streams: Stream, **options: Any) -> list[dict[str, str]]:
    return [dict(one.mapper.policies) if one.mapper else {} for one in plan(*streams, **options).streams]


def refused(*streams: Stream, **options: Any) -> str:
    with pytest.raises(ConfigFailure) as failure:
        plan(*streams, **options)
    return failure.value.message


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("others", ["", "segment phone", OWN_COLUMNS])
def test_given_all_that_an_object_needs_then_the_table_is_fincomes_whatever_else_it_has(name: str, others: str) -> None:
    columns = f"{WHOLE[name]} {others}"
    assert policies(stream(name, columns)) == [{name: "upsert"}]
    assert policies(stream(name.upper(), columns.upper())) == [{name: "upsert"}]


LACKING = [(name, column) for name, columns in WHOLE.items() for column in columns.split() if column != "id"]


@pytest.mark.parametrize(("name", "column"), LACKING)
def test_given_a_needed_column_is_missing_then_the_message_names_it(name: str, column: str) -> None:
    columns = " ".join("phone" if one == column else one for one in WHOLE[name].split())
    told = refused(stream(name, columns), stream("zebras", "id"))
    assert re.search(rf"{name}: it has no {column}, which {name.replace('_', ' ')} need", told)


@pytest.mark.parametrize("name", ["invoices", "invoice_lines", "credit_notes"])
def test_given_a_default_currency_then_it_stands_for_the_column(name: str) -> None:
    table = stream(name, WHOLE[name].replace("currency", "cost_centre"))
    assert "it has no currency" in refused(table)
    assert policies(table, default_currency="EUR") == [{name: "upsert"}]


STRANGERS = [
    ("customers", "id name object email", "Stripe (object)"),
    ("customer", "id name livemode _fivetran_synced", "Fivetran's copy of Stripe (livemode)"),
    ("invoices", f"{WHOLE['invoices']} amount_due", "Stripe (amount_due)"),
    ("accounts", "Id Name Phone SystemModstamp IsDeleted", "Salesforce (isdeleted and systemmodstamp)"),
    ("customer", "id name _fivetran_id", "Fivetran (_fivetran_id)"),
    ("customers", "ID NAME MAINLINE", "NetSuite (mainline)"),
    ("customers", "id name zcrm_potential_id", "Zoho (zcrm_potential_id)"),
    ("subscriptions", "id status start_date links upcoming_payments", "GoCardless (upcoming_payments)"),
]


@pytest.mark.parametrize(("name", "columns", "whose"), STRANGERS)
def test_given_a_column_that_only_others_have_then_the_message_says_whose_it_looks(
    name: str, columns: str, whose: str
) -> None:
    assert f"{name}: it looks like {whose}" in refused(stream(name, columns))


def test_given_an_id_and_fields_of_fincomes_then_objects_are_changed_and_never_created() -> None:
    assert policies(stream("customers", f"id email country {OWN_COLUMNS}")) == [{"customers": "update_only"}]
    assert policies(Stream("customers", frozenset(["id", "email", "seen"]), ("seen",))) == [
        {"customers": "update_only"}
    ]


def test_given_an_id_and_a_column_of_somebodys_then_it_stays_where_it_is_unless_the_user_says_so() -> None:
    table = stream("customers", "id email phone")
    assert "it has no name, which customers need, and columns that Fincome has no field for (phone)" in refused(table)
    assert policies(table, unmapped_fields="custom_properties") == [{"customers": "update_only"}]
    for said in ("{operation: update_only}", "{emits: [{entity: customers}]}"):
        plan(table, text=f"version: 1\nstreams:\n  customers: {said}\n")


def test_given_only_an_id_or_no_columns_then_there_is_nothing_to_go_by() -> None:
    assert "it has no name" in refused(stream("customers", "id"))
    assert "the catalog names none of its columns" in refused(stream("clients", ""), stream("customers", "id name"))


def test_given_several_tables_then_one_message_names_all_and_those_that_are_fincomes_are_not_in_it() -> None:
    told = refused(
        stream("customers", "id name"), stream("plan", "id livemode"), stream("invoices", "id total"), stream("x", "id")
    )
    assert "plan: it looks like Stripe" in told
    assert "invoices: it has no customer_id, date, status, currency or amount" in told
    assert "customers:" not in told.partition("{")[0]


def test_the_text_of_the_message_can_be_pasted() -> None:
    tables = [stream("wh_plan", "id livemode"), stream("wh_customers", "id phone"), stream("wh_products", "id name")]
    text = refused(*tables).partition("update_only): ")[2]
    assert policies(*tables, text=text) == [{}, {"customers": "update_only"}, {"products": "upsert"}]


def test_given_the_source_is_said_then_every_table_is_taken() -> None:
    tables = [stream("plan", "id livemode"), stream("customers", "id phone"), stream("invoices", "")]
    assert policies(*tables, source="fincome") == [{"plans": "upsert"}, {"customers": "upsert"}, {"invoices": "upsert"}]


def test_no_column_of_a_stranger_is_one_that_fincomes_tables_have() -> None:
    preset = load_presets()["fincome"]
    marks = [name for names in preset.strangers.values() for name in names]
    fields = {field.name for spec in load_contract().entities.values() for field in spec.fields}
    assert not fields & set(marks)
    assert marks == [name.lower() for name in marks]
