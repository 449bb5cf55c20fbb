"""One source in every form in which a warehouse gives it back: the same objects come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.old_streams import OldEntry, as_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from unit_tests.mapping.payloads import Stream, payloads
from unit_tests.mapping.record_results import ENTITIES, Result, found_result
from unit_tests.mapping.source_files import (
    SOURCES,
    Case,
    Record,
    Setting,
    cases_of,
    crm_of,
    mapper_of,
    shared_cases,
    source_file,
)


@cache
def shared_of(source: str) -> tuple[Case, ...]:
    return tuple(shared_cases(source, source_file(source)).values())


# --- forms


def in_capitals(record: Record) -> Record:
    return {name.upper(): value for name, value in record.items()}


def in_small_letters(record: Record) -> Record:
    return {name.lower(): value for name, value in record.items()}


def in_title_case(record: Record) -> Record:
    return {name.title(): value for name, value in record.items()}


def nested_as_text(record: Record) -> Record:
    return {name: json.dumps(v, indent=2) if isinstance(v, (dict, list)) else v for name, v in record.items()}


def nested_as_short_text(record: Record) -> Record:
    return {name: json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v for name, v in record.items()}


def nested_as_text_twice(record: Record) -> Record:
    return {
        name: json.dumps(text) if text is not record[name] else text for name, text in nested_as_text(record).items()
    }


def all_as_text(record: Record) -> Record:
    return {name: as_text(value) for name, value in nested_as_text(record).items()}


def as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (float, Decimal)) and value == int(value):
        return str(int(value))
    return json.dumps(value) if isinstance(value, (int, float)) else value


def truth_in_capitals(record: Record) -> Record:
    return {name: str(value).upper() if isinstance(value, bool) else value for name, value in record.items()}


def truth_as_numbers(record: Record) -> Record:
    return {name: int(value) if isinstance(value, bool) else value for name, value in record.items()}


def truth_as_digits(record: Record) -> Record:
    return {name: str(int(value)) if isinstance(value, bool) else value for name, value in record.items()}


def whole_numbers_with_a_point(record: Record) -> Record:
    return {name: with_a_point(value) for name, value in record.items()}


def with_a_point(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: with_a_point(one) for name, one in value.items()}
    if isinstance(value, list):
        return [with_a_point(one) for one in value]
    return float(value) if type(value) is int and abs(value) < 2**53 else value


def is_epoch(name: str, value: Any) -> bool:
    return type(value) is int and 10**9 < value < 2 * 10**9 and not name.lower().endswith("id")


def times_in_words(record: Record) -> Record:
    return {name: iso(value) if is_epoch(name, value) else value for name, value in record.items()}


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def midnights_as_days(record: Record) -> Record:
    return {
        name: iso(value)[:10] if is_epoch(name, value) and value % 86_400 == 0 else value
        for name, value in record.items()
    }


def with_own_columns_beside(record: Record) -> Record:
    loaded = {
        "_AIRBYTE_RAW_ID": "x",
        "_airbyte_meta": "{}",
        "_ab_source_file_url": "f",
        "_fivetran_synced": "2026-01-01",
    }
    return loaded | record


def from_snowflake(record: Record) -> Record:
    return in_capitals(with_own_columns_beside(nested_as_text(times_in_words(record))))


def nulls_as_empty_texts(record: Record) -> Record:
    """As files and forms write null."""
    return {column: "" if value is None else value for column, value in record.items()}


def with_marks_of_live_rows(record: Record) -> Record:
    """As change capture and Fivetran mark what isn't deleted."""
    marks = {"_ab_cdc_deleted_at": None, "_sdc_deleted_at": None, "_fivetran_deleted": False, "__deleted": "false"}
    return {"_fivetran_active": True, **marks, **record}


def members_as_columns(record: Record) -> Record:
    """As dlt and Singer's targets write objects; lists are text."""
    found: Record = {}
    for name, value in record.items():
        if isinstance(value, dict) and value and all(value):
            found |= {f"{name}__{inner}": one for inner, one in members_as_columns(value).items()}
        else:
            found[name] = json.dumps(value) if isinstance(value, (dict, list)) else value
    return found


FORMS: list[Callable[[Record], Record]] = [
    in_capitals,
    in_small_letters,
    in_title_case,
    nested_as_text,
    nested_as_short_text,
    nested_as_text_twice,
    all_as_text,
    truth_in_capitals,
    truth_as_numbers,
    truth_as_digits,
    whole_numbers_with_a_point,
    times_in_words,
    nulls_as_empty_texts,
    midnights_as_days,
    with_own_columns_beside,
    from_snowflake,
    members_as_columns,
    with_marks_of_live_rows,
]
FOR_ALL = (all_as_text, from_snowflake, nulls_as_empty_texts, with_marks_of_live_rows)


# --- the same objects


@cache
def mapper_for(setting: Setting, columns: frozenset[str]) -> StreamMapper:
    """Return a mapper for a stream with other columns, under a prefix and in a namespace."""
    names = sorted({setting.stream, *setting.beside})
    streams = [
        Stream(
            f"wh_{name}",
            columns if name == setting.stream else frozenset(),
            (cursor_among(columns, setting.cursor),) if setting.cursor else (),
            "raw",
        )
        for name in names
    ]
    crm = crm_of(setting.source)
    plan = make_plan(
        streams, load_presets(), load_contract(), PlanOptions(setting.source, setting.unmapped or "auto", crm=crm)
    )
    mapper = plan.streams[names.index(setting.stream)].mapper
    assert mapper is not None
    return mapper


def cursor_among(columns: frozenset[str], cursor: str) -> str:
    return next((name for name in columns if name.lower() == cursor.lower()), cursor)


_DELETED_TOO = ", or it is a deleted row, or an old version of one, which the table keeps"


def plain_result(mapper: StreamMapper, record: Record) -> Result:
    """Return what a record becomes; custom properties keep the form in which they came, so as texts."""
    found = found_result(mapper, record)
    if "nothing" in found:
        # A table that marks deleted rows may have some, which is said besides.
        found["nothing"] = found["nothing"].removesuffix(_DELETED_TOO)
    for one in objects(found):
        own = one.pop("custom_properties", {}).items()
        # What is nested and no field's is left out, if it can be told from a text.
        one["attributes"] = {name: written(v) for name, v in own if not (isinstance(v, str) and v[:1] in ("{", "["))}
        # Of what is skipped, the id is still as it came.
        if "skipped" in one:
            one["id"] = str(one["id"]).removesuffix(".0")
        # A day is written as a day.
        for name, value in one.items():
            if isinstance(value, str) and value.endswith("T00:00:00Z"):
                one[name] = value.removesuffix("T00:00:00Z")
    return found


def written(value: Any) -> str:
    if isinstance(value, str):
        try:
            return written(json.loads(value.lower()))
        except ValueError:
            return value
    if isinstance(value, (bool, float, Decimal)) and value == int(value):
        return written(int(value))
    return iso(value) if is_epoch("", value) else json.dumps(value, default=float)


def objects(found: Result) -> Iterator[dict[str, Any]]:
    for entity in ENTITIES:
        yield from found.get(entity, [])
        yield from found.get("stubs", {}).get(entity, [])


@cache
def expected_of(source: str) -> dict[str, Result]:
    """Return what the records of a source become in their own form, by the names of their cases."""
    return {case.name: plain_result(mapper_of(case.setting), case.record) for case in cases_of(source)}


@pytest.mark.parametrize(("source", "form"), [
    (source, form)
    for source in SOURCES
    for form in FORMS
    # A property of HubSpot's is a column beside its object in any form, and is found by its name.
    if (source, form) != ("hubspot", members_as_columns)
], ids=lambda value: value if isinstance(value, str) else value.__name__)  # fmt: skip
def test_given_the_records_of_a_source_in_another_form_then_the_same_objects_come_of_them(
    source: str, form: Callable[[Record], Record]
) -> None:
    differing = []
    # One record of each kind; all of them only in two forms: each way to name columns takes a mapping of its own.
    for case in cases_of(source) if form in FOR_ALL else shared_of(source):
        expected = expected_of(source)[case.name]
        if any("fault" in one for one in objects(expected)):
            continue  # what is wrong with a value may be told in other words in another form
        record = form(case.record)
        for columns in (frozenset(record), frozenset[str]()):
            found = plain_result(mapper_for(case.setting, columns), record)
            if found != expected:
                differing.append(f"{case.name}\n  expected: {expected}\n  found:    {found}")
    assert not differing, "\n".join(differing)


def test_members_of_objects_that_are_columns_in_capitals_are_those_of_the_object() -> None:
    record = {"ID": "c", "OBJECT": "customer", "NAME": "Acme", "ADDRESS__COUNTRY": "FR", "METADATA__CRM": "7"}
    (one,) = payloads(mapper_for(Setting("stripe", "customers"), frozenset(record)), record).sent["customers"]
    assert (one["country"], one["custom_properties"]) == ("FR", {"crm": "7"})


def test_a_list_that_is_a_members_column_is_read_as_text() -> None:
    lines = json.dumps([{"id": "il_1", "amount": 900, "currency": "eur", "type": "invoiceitem"}])
    record = {
        "id": "in_1",
        "object": "invoice",
        "status": "paid",
        "customer": "c",
        "currency": "eur",
        "total": 900,
        "status_transitions__finalized_at": 1_769_904_000,
        "created": 1_767_225_600,
        "lines__data": lines,
    }
    sent = payloads(mapper_for(Setting("stripe", "invoices"), frozenset(record)), record).sent
    assert [one["date"] for one in sent["invoices"]] == ["2026-02-01T00:00:00Z"]
    assert [one["id"] for one in sent["invoice_lines"]] == ["il_1"]


def test_an_object_of_which_no_member_has_a_value_is_none() -> None:
    record = {"id": "c", "object": "customer", "name": "Acme", "discount__id": None, "discount__coupon__id": None}
    assert "custom_properties" not in payloads(
        mapper_for(Setting("stripe", "customers"), frozenset(record)), record
    ).only("customers")


def test_a_column_that_a_mapping_names_stays_whatever_its_name_has() -> None:
    mapper = own_mapper("id name address__country", fields=[{"field": "country", "expression": "address__country"}])
    assert payloads(mapper, {"id": "c", "name": "Acme", "address__country": "FR"}).only("customers")["country"] == "FR"


# --- names


def own_mapper(columns: str, **entry: Any) -> StreamMapper:
    names = frozenset(columns.split())
    entries = as_mapping([OldEntry.model_validate({"stream": "customers", "entity": "customers", **entry})])
    plan = make_plan(
        [Stream("customers", names)], load_presets(), load_contract(), PlanOptions("fincome", "auto", entries)
    )
    (mapper,) = (planned.mapper for planned in plan.streams)
    assert mapper is not None
    return mapper


def test_given_two_columns_that_differ_by_case_then_the_one_that_is_named_exactly_counts() -> None:
    mapper = own_mapper("id ID NAME name")
    body = payloads(mapper, {"id": "exact", "ID": "other", "NAME": "OTHER", "name": "exact"}).only("customers")
    assert (body["id"], body["name"]) == ("exact", "exact")


@pytest.mark.parametrize("columns", ["ID Id NAME", ""])
def test_given_two_columns_that_differ_by_case_and_none_is_named_exactly_then_that_is_a_mistake(columns: str) -> None:
    with pytest.raises(
        ConfigFailure, match=r"customers has columns that differ by capitals or accents only, ID and Id, .*reads id"
    ):
        own_mapper(columns).map({"ID": "1", "Id": "2", "NAME": "Alpha"})


def test_a_column_that_a_mapping_names_in_capitals_is_there_for_fincomes_name_too() -> None:
    mapper = own_mapper("ID NAME ZIP", custom_properties=[{"name": "key", "expression": "ID"}])
    body = payloads(mapper, {"ID": "7", "NAME": "Alpha", "ZIP": "01000"}).only("customers")
    assert (body["id"], body["name"], body["custom_properties"]["key"]) == ("7", "Alpha", "7")


def test_the_other_columns_of_a_table_in_capitals_keep_no_capitals() -> None:
    body = payloads(own_mapper("ID NAME SEGMENT"), {"ID": "7", "NAME": "Alpha", "SEGMENT": "B2B"}).only("customers")
    assert body["custom_properties"] == {"segment": "B2B"}


def test_a_mapping_of_ones_own_finds_columns_whatever_their_case() -> None:
    fields = [{"field": "id", "expression": "kunde"}, {"field": "name", "expression": "Adresse.Name"}]
    mapper = own_mapper("KUNDE ADRESSE", fields=fields)
    assert payloads(mapper, {"KUNDE": "007", "ADRESSE": '{"Name": "Alpha"}'}).only("customers") == {
        "id": "007",
        "name": "Alpha",
    }


# --- values


def test_text_is_opened_only_where_the_mapping_looks_into_it_or_the_catalog_says_so() -> None:
    mapper = own_mapper("id name email zip_code", custom_properties=[{"name": "note", "expression": "note"}])
    record = {"id": "[1]", "name": '{"a": 1}', "zip_code": "01000", "note": '["x"]'}
    body = payloads(mapper, record).only("customers")
    assert (body["id"], body["name"], body["zip_code"]) == ("[1]", '{"a": 1}', "01000")
    assert body["custom_properties"]["note"] == '["x"]'


def test_what_the_catalog_calls_nested_and_no_field_takes_is_no_custom_property_as_text_either() -> None:
    streams = [Stream("customers", frozenset(["id", "name", "tags"]), nested=frozenset(["tags"]))]
    (planned,) = make_plan(streams, load_presets(), load_contract(), PlanOptions("fincome")).streams
    assert planned.mapper is not None
    body = payloads(planned.mapper, {"id": "1", "name": "A", "tags": '["x"]'}).only("customers")
    assert body == {"id": "1", "name": "A"}


def test_numbers_in_text_keep_all_their_digits() -> None:
    mapper = own_mapper("id data", fields=[{"field": "id", "expression": "data.id"}])
    body = payloads(mapper, {"id": "x", "data": '{"id": 123456789012345678901234567890}'}).only("customers")
    assert body["id"] == "123456789012345678901234567890"


@pytest.mark.parametrize("text", ['{"name": "Al', "[1, 2", "{'name': 'Alpha'}", '"{1}"', '"[1', "[" * 300 + "]" * 300])
def test_text_that_begins_as_json_and_is_none_is_no_absent_value(text: str) -> None:
    mapper = own_mapper(
        "id data", fields=[{"field": "id", "expression": "id"}, {"field": "name", "expression": "data.name"}]
    )
    found = payloads(mapper, {"id": "K1", "data": text})
    assert (found.sent, found.faults) == ({}, [("customers", "K1", "data", "invalid_field")])


@pytest.mark.parametrize("text", ["null", "", "plain", "  ", '"', '"plain"'])
def test_other_text_in_a_column_that_is_looked_into_is_an_absent_value_as_ever(text: str) -> None:
    fields = [{"field": "id", "expression": "id"}, {"field": "name", "expression": "data.name || 'none'"}]
    body = payloads(own_mapper("id data", fields=fields), {"id": "K1", "data": text}).only("customers")
    assert body["name"] == "none"


@pytest.mark.parametrize("true", [True, "true", "TRUE", "t", "1", "1.0", "Y", "yes", "O", "Sí", "VRAI", "WAHR", "X"])
def test_a_truth_value_may_be_text(true: Any) -> None:
    mapper = own_mapper("id name test", skip_when="test == `true`")
    assert payloads(mapper, {"id": "1", "name": "A", "test": true}).skipped
    assert payloads(mapper, {"id": "1", "name": "A", "test": "false"}).sent


@pytest.mark.parametrize("false", ["false", "F", "0", "0.0", "N", "no", "Non", "nee", "não", "FAUX", "FALSCH", "Falso"])
def test_a_condition_that_says_no_as_text_is_untrue(false: str) -> None:
    assert payloads(own_mapper("id name test", skip_when="test"), {"id": "1", "name": "A", "test": false}).sent


def test_given_an_own_mapping_when_a_text_is_empty_then_it_may_be_compared_with_one() -> None:
    mapper = own_mapper("id name until", skip_when="until != ''")
    assert payloads(mapper, {"id": "1", "name": "A", "until": ""}).sent
    assert payloads(mapper, {"id": "1", "name": "A", "until": "2026-01-01"}).skipped


def test_an_empty_list_as_text_counts_as_empty() -> None:
    mapper = own_mapper("id name tags", skip_when="tags")
    assert payloads(mapper, {"id": "1", "name": "A", "tags": "[]"}).sent
    assert payloads(mapper, {"id": "1", "name": "A", "tags": '["x"]'}).skipped


def test_a_record_is_left_as_it_came() -> None:
    record = {"id": "1", "data": '{"name": "Alpha"}'}
    mapper = own_mapper(
        "id data", fields=[{"field": "id", "expression": "id"}, {"field": "name", "expression": "data.name"}]
    )
    mapper.map(record)
    assert record == {"id": "1", "data": '{"name": "Alpha"}'}
