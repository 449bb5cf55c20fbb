"""Objects of several rows: what becomes of their values, which rows must be there, and when streams share objects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.merging import MergeFault, Parts, joined, merge_of
from destination_fincome.mapping.own import read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, check_own, make_plan
from destination_fincome.mapping.results import Draft
from unit_tests.mapping.payloads import Stream

INVOICES = load_contract().entities["invoices"]


def merged(rules: dict[str, Any], *rows: dict[str, Any], versions: tuple[float | None, ...] = ()) -> dict[str, Any]:
    parts: Parts | None = None
    for index, row in enumerate(rows):
        version = versions[index] if versions else None
        draft = Draft("invoices", {"id": "F1", **row}, version, tie_first=False, merge=merge_of(INVOICES, rules))
        parts = joined(parts, draft)
    assert parts is not None
    return {name: value for name, value in parts.draft.values.items() if name != "id"}


@pytest.mark.parametrize(
    ("how", "values", "expected"),
    [
        ("sum", ["10.10", 20, Decimal("0.05"), None, ""], Decimal("30.15")),
        ("min", ["9", "10", None], "9"),
        ("max", ["9", "10", ""], "10"),
        ("first", [None, "5", "6"], "5"),
        ("any", ["", "5", "6"], "5"),
        ("last", ["5", "6", None], "6"),
        ("newest", ["5", "6", " "], "6"),
    ],
)
def test_given_rows_of_one_object_when_merged_then_its_field_is_what_the_rule_says(
    how: str, values: list[Any], expected: Any
) -> None:
    assert merged({"amount": how}, *({"amount": value} for value in values)) == {"amount": expected}


def test_given_dates_in_several_forms_when_the_earliest_is_asked_then_it_is_by_time() -> None:
    rows = [{"date": "2026-01-05"}, {"date": "2026-01-04T23:00:00Z"}, {"date": 1767657600}]
    assert merged({"date": "min"}, *rows)["date"] == "2026-01-04T23:00:00Z"
    assert merged({"date": "max"}, *rows)["date"] == 1767657600


def test_given_attributes_when_merged_then_each_is_by_itself() -> None:
    rows: list[dict[str, Any]] = [
        {"custom_properties": {"a": "1", "seats": 2}},
        {"custom_properties": {"b": "2", "seats": 3}},
        {},
    ]
    assert merged({"custom_properties.seats": "sum"}, *rows) == {
        "custom_properties": {"a": "1", "b": "2", "seats": Decimal(5)}
    }


def test_given_versions_when_rows_come_in_any_order_then_each_field_has_its_newest_value() -> None:
    rows = [{"number": "new", "subscription_id": None}, {"number": "old", "subscription_id": "S1"}]
    assert merged({}, *rows, versions=(2, 1)) == {"number": "new", "subscription_id": "S1"}


@given(st.permutations(range(4)))
def test_given_any_order_of_rows_when_all_have_versions_then_the_object_is_the_same(order: list[int]) -> None:
    rows: list[dict[str, Any]] = [{"number": "a"}, {"amount": 5}, {"number": "c", "amount": 7}, {"amount": 1}]
    found = merged({"amount": "sum"}, *(rows[i] for i in order), versions=tuple(order))
    assert found == {"number": "c", "amount": Decimal(13)}


@pytest.mark.parametrize(
    ("rules", "row"), [({"amount": "sum"}, {"amount": "1,5"}), ({"date": "min"}, {"date": "soon"})]
)
def test_given_a_value_that_can_not_be_combined_when_merged_then_its_field_is_named(
    rules: dict[str, Any], row: dict[str, Any]
) -> None:
    with pytest.raises(MergeFault) as fault:
        merged(rules, row)
    assert fault.value.field == next(iter(rules))


@pytest.mark.parametrize("field", ["customer_id", "currency"])
def test_given_rows_of_one_id_that_are_of_several_objects_when_their_amounts_are_summed_then_it_is_a_fault(
    field: str,
) -> None:
    rows: list[dict[str, Any]] = [{"amount": 5, field: "A"}, {"amount": 7, field: None}, {"amount": 7, field: "B"}]
    with pytest.raises(MergeFault) as fault:
        merged({"amount": "sum"}, *rows)
    assert fault.value.field == field
    assert merged({field: "last", "amount": "sum"}, *rows) == {field: "B", "amount": Decimal(19)}
    assert merged({}, *rows) == {field: "B", "amount": 7}


def test_given_a_customer_in_several_forms_when_amounts_are_summed_then_it_is_one() -> None:
    rows: list[dict[str, Any]] = [{"amount": 5, "customer_id": customer} for customer in (7, 7.0, "7 ")]
    assert merged({"amount": "sum"}, *rows)["amount"] == 15


MAPPING = """\
version: 1
streams:
  lignes:
    emits:
      - entity: customers
        fields: {id: client, name: nom}
        merge: %s
"""


@pytest.mark.parametrize(
    ("merge", "said"),
    [
        ("{nmae: any}", "line 7, column 17, streams.lignes.emits[0].merge.nmae: customers has no field nmae"),
        ("{id: any}", "id can't be merged"),
        ("{name: sum}", "name is no number, so there is no sum of it"),
        ("{name: avg}", "line 7, column 17, streams.lignes.emits[0].merge.name: must be 'newest', 'first'"),
    ],
)
def test_given_a_merge_that_can_not_be_when_the_mapping_is_read_then_its_place_is_told(merge: str, said: str) -> None:
    with pytest.raises((ConfigFailure, ValueError)) as failure:
        check_own(read_mapping(MAPPING % merge), load_contract(), load_presets())
    assert said in str(failure.value)


# --- streams that share objects


def merges(plan: Plan) -> list[bool]:
    """Return for each stream whether its objects wait for those of others."""
    return [
        any(emission.merge is not None for emission in one.mapper._compiled.emissions)
        for one in plan.streams
        if one.mapper
    ]


TWO = """\
version: 1
streams:
  clients: {emits: [{entity: customers, fields: {id: no, name: nom}}]}
  contacts: {emits: [{entity: customers, fields: {id: client, email: mail}}]}
"""


def test_given_two_streams_with_a_part_each_when_planned_then_their_objects_are_merged() -> None:
    streams = [Stream("clients", frozenset(["no", "nom"])), Stream("contacts", frozenset(["client", "mail"]))]
    assert merges(make_plan(streams, load_presets(), load_contract(), PlanOptions(own=read_mapping(TWO)))) == [
        True,
        True,
    ]


def test_given_two_streams_with_the_same_fields_when_planned_then_nothing_waits() -> None:
    same = TWO.replace("id: client, email: mail", "id: no, name: autre")
    streams = [Stream("clients", frozenset(["no", "nom"])), Stream("contacts", frozenset(["no", "autre"]))]
    assert merges(make_plan(streams, load_presets(), load_contract(), PlanOptions(own=read_mapping(same)))) == [
        False,
        False,
    ]


def test_given_tables_in_fincomes_shape_with_a_part_each_when_planned_then_their_objects_are_merged() -> None:
    streams = [Stream("customers", frozenset(["id", "name"])), Stream("clients", frozenset(["id", "email"]))]
    assert merges(make_plan(streams, load_presets(), load_contract(), PlanOptions("fincome"))) == [True, True]


BESIDE_CHARGEBEE = """\
version: 1
streams:
  crm: {emits: [{entity: customers, fields: {id: no, name: nom, email: mail}}]}
  customer: {emits: [{entity: customers, custom_properties: {team: cf_team}}]}
"""


@pytest.mark.parametrize("replaced", [False, True])
def test_given_a_stream_beside_a_built_in_mapping_when_planned_then_only_the_user_s_objects_wait(
    *, replaced: bool
) -> None:
    columns = frozenset(load_presets()["chargebee"].streams["customer"].signature)
    streams = [Stream("customer", columns), Stream("crm", frozenset(["no", "nom", "mail"]))]
    text = BESIDE_CHARGEBEE
    if replaced:
        text = text.replace("customer: {", "customer: {replace_preset: true, ")
        text = text.replace("entity: customers, custom", "entity: customers, fields: {id: id, name: company}, custom")
    plan = make_plan(streams, load_presets(), load_contract(), PlanOptions("chargebee", own=read_mapping(text)))
    assert merges(plan) == [replaced, True]


def test_given_attributes_for_existing_objects_when_planned_then_nothing_waits() -> None:
    update = TWO.replace(
        "entity: customers, fields: {id: client", "entity: customers, operation: update_only, fields: {id: client"
    )
    streams = [Stream("clients", frozenset(["no", "nom"])), Stream("contacts", frozenset(["client", "mail"]))]
    assert merges(make_plan(streams, load_presets(), load_contract(), PlanOptions(own=read_mapping(update)))) == [
        False,
        False,
    ]
