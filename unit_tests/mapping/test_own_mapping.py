"""The user's own mapping: how it changes a preset's streams, maps strangers, and what is said of mistakes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from destination_fincome.connection.config import parse_config
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Contract, load_contract
from destination_fincome.fincome.models import build_models
from destination_fincome.mapping.misfits import FURTHER_MONTHS, LOST
from destination_fincome.mapping.old_streams import OldEntry, as_mapping
from destination_fincome.mapping.own import OwnMapping, read_mapping
from destination_fincome.mapping.preset import load_presets, read_preset
from destination_fincome.mapping.recognition import Plan, PlanOptions, check_own, make_plan
from destination_fincome.mapping.stream_compiler import NullHandling
from unit_tests.mapping.payloads import Payloads, Stream, payloads

CUSTOMER = {"id": "cus_1", "object": "customer", "name": "Example Ltd", "email": "a@example.com", "tier": "gold"}
INVOICE: dict[str, Any] = {
    "id": "in_1", "object": "invoice", "status": "paid", "customer": "cus_1", "currency": "eur", "total": 1200,
    "created": 1767225600, "livemode": False, "description": "Thanks",
    "lines": {"has_more": False, "data": [
        {"id": "il_1", "amount": 1200, "currency": "eur", "type": "invoiceitem", "description": "Set-up"}]},
}  # fmt: skip


def old(*items: dict[str, Any]) -> OwnMapping:
    return as_mapping([OldEntry.model_validate(item) for item in items])


def check(own: OwnMapping, contract: Contract | None = None) -> None:
    check_own(own, contract or load_contract(), load_presets())


def plan(
    streams: list[Stream],
    *items: dict[str, Any],
    source: str = "auto",
    unmapped: Any = "auto",
    default_currency: str | None = None,
    nulls: NullHandling = "omit",
) -> Plan:
    return make_plan(
        streams, load_presets(), load_contract(), PlanOptions(source, unmapped, old(*items), default_currency, nulls)
    )


def become(
    stream: str, record: dict[str, Any], *items: dict[str, Any], source: str = "auto", unmapped: Any = "auto"
) -> Payloads:
    mapper = plan([Stream(stream, frozenset(record))], *items, source=source, unmapped=unmapped).streams[0].mapper
    assert mapper is not None
    return payloads(mapper, record)


def fields(**expressions: str) -> list[dict[str, str]]:
    return [{"field": name, "expression": text} for name, text in expressions.items()]


def properties(**expressions: str) -> list[dict[str, str]]:
    return [{"name": name, "expression": text} for name, text in expressions.items()]


# --- laid over a preset's stream


def test_fields_are_laid_over_those_of_the_preset() -> None:
    item = {"stream": "customers", "entity": "customers", "fields": fields(name="email", zip_code="'none'")}
    assert become("customers", CUSTOMER, item, source="stripe").only("customers") == {
        "id": "cus_1", "name": "a@example.com", "email": "a@example.com", "zip_code": "none",
    }  # fmt: skip


@pytest.mark.parametrize(("given", "told"), [("number", ["amount_with_tax"]), ("amount", [])])
def test_what_a_preset_warns_of_is_not_told_of_a_field_that_the_user_gives(given: str, told: list[str]) -> None:
    invoice = {"invoice_id": "1", "customer_id": "2", "status": "paid", "total": 120, "currency_code": "EUR"}
    item = {"stream": "invoices", "entity": "invoices", "fields": fields(**{given: "'100'"})}
    mapper = plan([Stream("invoices", frozenset(invoice))], item, source="zoho_billing").streams[0].mapper
    assert mapper is not None
    assert [str(warning.code) for warning in mapper.map(invoice).warnings] == told


@pytest.mark.parametrize("metadata", [{"crm": "7", "tier": "old"}, None, {}])
def test_custom_properties_are_added_to_those_of_the_preset_and_win(metadata: dict[str, str] | None) -> None:
    item = {"stream": "customers", "entity": "customers", "custom_properties": properties(tier="tier")}
    body = become("customers", {**CUSTOMER, "metadata": metadata}, item, source="stripe").only("customers")
    assert body["custom_properties"] == {**(metadata or {}), "tier": "gold"}


def test_without_an_entity_a_skip_rule_counts_for_all_that_a_record_becomes() -> None:
    item = {"stream": "invoices", "skip_when": "livemode == `false`"}
    found = become("invoices", INVOICE, item, source="stripe")
    assert found.skipped == [("invoices", "in_1", "left_out"), ("invoice_lines", "il_1", "left_out")]
    found = become("invoices", {**INVOICE, "livemode": True}, item, source="stripe")
    assert {entity: len(bodies) for entity, bodies in found.sent.items()} == {"invoices": 1, "invoice_lines": 1}


def test_an_entity_that_the_preset_does_not_make_of_the_stream_is_made_besides() -> None:
    item = {"stream": "customers", "entity": "products", "fields": fields(id="id", name="concat(' ', 'For', name)")}
    found = become("customers", CUSTOMER, item, source="stripe")
    assert found.sent["products"] == [{"id": "cus_1", "name": "For Example Ltd"}]
    assert found.sent["customers"][0]["name"] == "Example Ltd"


def test_for_each_makes_objects_besides_those_of_the_preset() -> None:
    item = {
        "stream": "invoices", "entity": "invoice_lines", "for_each": "lines.data",
        "fields": fields(id="concat('-', _record.id, _index)", invoice_id="_record.id", type="'one_off'",
                         currency="currency", amount_excluding_tax_after_discount="`1`"),
    }  # fmt: skip
    found = become("invoices", INVOICE, item, source="stripe")
    assert [line["id"] for line in found.sent["invoice_lines"]] == ["il_1", "in_1-0"]


def test_the_mapping_of_the_preset_can_be_replaced() -> None:
    item = {
        "stream": "invoices", "entity": "customers", "replace_preset": True,
        "fields": fields(id="customer", name="description"),
    }  # fmt: skip
    found = become("invoices", INVOICE, item, source="stripe")
    assert found.sent == {"customers": [{"id": "cus_1", "name": "Thanks"}]}


def test_a_stream_that_the_preset_ignores_can_be_mapped() -> None:
    item = {"stream": "coupons", "entity": "products", "fields": fields(id="id", name="name")}
    assert become("coupons", {"id": "c1", "name": "Ten"}, item, source="stripe").only("products")["name"] == "Ten"


def test_operation_and_version_of_a_presets_stream_can_be_changed() -> None:
    item = {"stream": "customers", "entity": "customers", "operation": "update_only", "version": "seen"}
    mapper = plan([Stream("customers")], item, source="stripe").streams[0].mapper
    assert mapper is not None
    (draft,) = mapper.map({**CUSTOMER, "updated": 1, "seen": 7}).objects
    assert (draft.policy, draft.version) == ("update_only", 7)  # type: ignore[union-attr]


def test_operation_without_an_entity_counts_for_all_objects() -> None:
    item = {"stream": "invoices", "operation": "create_only"}
    mapper = plan([Stream("invoices")], item, source="stripe").streams[0].mapper
    assert mapper is not None
    assert {draft.policy for draft in mapper.map(INVOICE).objects} == {"create_only"}  # type: ignore[union-attr]


def test_ignore() -> None:
    found = plan([Stream("customers"), Stream("products")], {"stream": "products", "ignore": True}, source="stripe")
    assert (found.streams[1].mapper, found.streams[1].ignored) == (None, "the mapping in the settings says so")
    assert found.fed == {"customers"}


# --- streams that no preset knows

PEOPLE = {"stream": "people", "entity": "customers", "fields": fields(id="key", name="label", country="land")}
PERSON = {"key": 7, "label": "Example", "land": "Germany", "shoe_size": 42, "empty": None}


def test_an_unknown_stream_is_mapped_and_its_other_columns_are_ignored() -> None:
    assert become("people", PERSON, PEOPLE).only("customers") == {"id": "7", "name": "Example", "country": "DE"}


def test_other_columns_are_kept_when_the_user_asks_for_it() -> None:
    body = become("people", PERSON, PEOPLE, unmapped="custom_properties").only("customers")
    assert body["custom_properties"] == {"shoe_size": 42}


def test_without_fields_an_unknown_stream_has_fincomes_columns() -> None:
    item = {"stream": "people", "entity": "customers"}
    record = {"id": 7, "name": "Example", "country": "fr", "shoe_size": 42}
    assert become("people", record, item).only("customers") == {
        "id": "7", "name": "Example", "country": "FR", "custom_properties": {"shoe_size": 42},
    }  # fmt: skip


def test_only_the_named_custom_properties_of_a_mapped_stream_and_nested_ones_as_json() -> None:
    item = {**PEOPLE, "custom_properties": properties(size="shoe_size", all="{a: key, b: [label]}", none="empty")}
    body = become("people", PERSON, item).only("customers")
    assert body["custom_properties"] == {"size": 42, "all": '{"a":7,"b":["Example"]}'}


def test_values_are_read_by_the_type_of_their_field() -> None:
    item = {
        "stream": "bills", "entity": "invoices",
        "fields": fields(id="id", customer_id="who", date="at", status="state", currency="cur", amount="sum_"),
    }  # fmt: skip
    record = {"id": 1, "who": 2, "at": 1767225600, "state": "paid", "cur": "eur", "sum_": "12.50"}
    assert become("bills", record, item).only("invoices") == {
        "id": "1", "customer_id": "2", "date": "2026-01-01T00:00:00Z", "status": "paid", "currency": "EUR",
        "amount": 12.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "namespace", "said"),
    [("people", None, "people"), ("People", None, "people"), ("people", "public", "public.people"),
     ("people", "public", "people"), ("recurring bills", None, "recurring_bills")],
)  # fmt: skip
def test_how_a_stream_may_be_called(name: str, namespace: str | None, said: str) -> None:
    found = plan([Stream(name, namespace=namespace)], {**PEOPLE, "stream": said})
    assert found.streams[0].entities == {"customers"}


def test_the_connections_prefix_may_be_left_out() -> None:
    columns = frozenset(["object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt", "discount"])
    found = plan([Stream("st_customers", columns), Stream("st_coupons")], {"stream": "coupons", "ignore": True},
                 {"stream": "st_customers", "skip_when": "livemode"})  # fmt: skip
    assert found.streams[1].ignored == "the mapping in the settings says so"
    assert found.notes == ()


def test_the_source_is_recognised_by_the_streams_that_the_settings_leave_to_it() -> None:
    # By its name alone this stream could be several sources'.
    found = plan([Stream("customers")], {**PEOPLE, "stream": "customers", "replace_preset": True})
    assert found.preset.title == "the mapping in the settings"


def test_unknown_streams_without_an_entry_are_ignored_beside_those_with_one() -> None:
    found = plan([Stream("people", frozenset(PERSON)), Stream("zebras", frozenset(["stripes"]))], PEOPLE)
    assert found.streams[1].ignored == "the settings say nothing of it"


def test_the_cursor_is_the_version_of_an_unknown_stream() -> None:
    mapper = plan([Stream("people", cursor=("seen",))], PEOPLE).streams[0].mapper
    assert mapper is not None
    (draft,) = mapper.map({**PERSON, "seen": "2026-01-01"}).objects
    assert (draft.version, draft.tie_first) == (1767225600.0, False)  # type: ignore[union-attr]


# --- the default currency


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"sum_": 12}, {"amount": 12, "currency": "USD"}),
        ({"sum_": 12, "cur": "eur"}, {"amount": 12, "currency": "EUR"}),
        ({"sum_": 12, "cur": ""}, {"amount": 12, "currency": "USD"}),
        ({}, {}),
        ({"cur": "eur"}, {"currency": "EUR"}),
    ],
)
def test_amounts_without_a_currency_get_the_default_one(record: dict[str, Any], expected: dict[str, Any]) -> None:
    item = {"stream": "bills", "entity": "invoices", "fields": fields(id="id", currency="cur", amount="sum_")}
    mapper = plan([Stream("bills")], item, default_currency="USD").streams[0].mapper
    assert mapper is not None
    assert payloads(mapper, {"id": "1", **record}).only("invoices") == {"id": "1", **expected}


@pytest.mark.parametrize(("default", "amount"), [("USD", 12.5), ("JPY", 1250), ("KWD", 1.25)])
def test_minor_units_without_a_currency_are_those_of_the_default_one(default: str, amount: float) -> None:
    item = {
        "stream": "bills",
        "entity": "invoices",
        "fields": fields(id="id", currency="cur", amount="money(cents, cur)"),
    }
    mapper = plan([Stream("bills")], item, default_currency=default).streams[0].mapper
    assert mapper is not None
    assert payloads(mapper, {"id": "1", "cents": 1250}).only("invoices")["amount"] == amount


# --- what an empty value clears


def emptied(found: Plan, record: dict[str, Any]) -> set[str]:
    """The fields of the one object for which the draft holds a null."""
    mapper = found.streams[0].mapper
    assert mapper is not None
    (draft,) = mapper.map(record).objects
    values = draft.values  # type: ignore[union-attr]
    return {name for name, value in values.items() if value is None}


def test_without_clearing_every_null_is_there_and_left_out_later() -> None:
    assert emptied(plan([Stream("people", frozenset(PERSON))], PEOPLE), {"key": 1}) == {"name", "country"}


FULL = "id customer_id status start_date end_date plan_id monthly_value currency"


@pytest.mark.parametrize(
    ("source", "name", "columns", "expected"),
    [
        ("fincome", "subscriptions", FULL, {"end_date", "plan_id", "monthly_value"}),
        # A table that couldn't create an object changes some fields of it: what it lacks, it knows nothing of.
        ("fincome", "subscriptions", "id end_date plan_id", set()),
        (
            "stripe",
            "subscriptions",
            "id object customer status cancel_at canceled_at livemode",
            {"end_date", "canceled_at"},
        ),
    ],
)
def test_by_itself_a_full_record_clears_what_makes_figures(source: str, name: str, columns: str, expected: set[str]):
    found = plan([Stream(name, frozenset(columns.split()))], source=source, nulls="auto")
    record = {"id": "s", "customer": "c", "customer_id": "c", "status": "active"}
    assert emptied(found, record) & (expected | {"trial_start"}) == expected


@pytest.mark.parametrize("empty", ["", "  "])
def test_by_itself_an_empty_text_clears_nothing_that_people_may_have_completed(empty: str) -> None:
    columns = frozenset(["id", "name", "email", "country"])
    found = plan([Stream("customers", columns)], source="fincome", nulls="auto")
    mapper = found.streams[0].mapper
    assert mapper is not None
    (draft,) = mapper.map({"id": "c", "name": "n", "email": empty, "country": empty}).objects
    values = build_models(load_contract())["customers"].validate(draft.values, keep_nulls=True).values
    assert values == {"id": "c", "name": "n"}


def test_by_itself_a_mapping_of_ones_own_clears_nothing() -> None:
    assert emptied(plan([Stream("people", frozenset(PERSON))], PEOPLE, nulls="auto"), {"key": 1}) == set()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [("key label land", {"name", "country"}), ("key land", {"country"}), ("key", set()), ("", {"name", "country"})],
)
def test_only_fields_whose_columns_are_to_come_are_cleared(columns: str, expected: set[str]) -> None:
    found = plan([Stream("people", frozenset(columns.split()))], PEOPLE, nulls="clear")
    assert emptied(found, {"key": 1}) == expected


def test_helpers_are_looked_through_for_columns() -> None:
    preset = read_preset("""
name: shop
title: Shop
streams:
  people:
    let: {_place: address.country, _none: nothing}
    emits:
      - entity: customers
        let: {_land: country(_place)}
        fields: {id: id, country: _land, zip_code: _none, name: "'x'"}
""")
    streams = [Stream("people", frozenset(["id", "address"]))]
    found = make_plan(streams, {"shop": preset}, load_contract(), PlanOptions("shop", nulls="clear"))
    assert emptied(found, {"id": 1}) == {"country"}


@pytest.mark.parametrize(("columns", "expected"), [("id email", {"email"}), ("", set())])
def test_of_a_table_in_fincomes_shape_only_declared_columns_are_cleared(columns: str, expected: set[str]) -> None:
    found = plan([Stream("customers", frozenset(columns.split()))], source="fincome", nulls="clear")
    assert emptied(found, {"id": 1}) == expected


# --- faults


def test_a_fault_names_the_objects_id_whatever_its_column_and_the_field_that_needs_the_helper() -> None:
    preset = """
name: shop
title: Shop
streams:
  bills:
    let: {_net: decimal(net), _test: "lookup(kind, `{\\"real\\": false}`)"}
    emits:
      - entity: invoices
        let: {_day: date(at), _due: "add_days(_day, `1`)"}
        fields: {id: number, amount: _net, due_date: _due}
        skip: [{when: _test, reason: draft, text: a test}]
"""
    presets = {"shop": read_preset(preset)}
    mapper = make_plan([Stream("bills")], presets, load_contract(), PlanOptions("shop")).streams[0].mapper
    assert mapper is not None
    assert payloads(mapper, {"number": 7, "net": "x"}).faults == [("invoices", 7, "amount", "invalid_value")]
    assert payloads(mapper, {"number": 7, "net": 1, "at": "x"}).faults == [("invoices", 7, "due_date", "invalid_value")]
    assert payloads(mapper, {"number": 7, "kind": "x"}).faults == [("invoices", 7, "kind", "unknown_value")]


# --- what the user is told


def test_entries_for_streams_that_are_not_there_and_columns_that_are_not_are_noted() -> None:
    nested = {"stream": "people", "entity": "products", "for_each": "items", "fields": fields(id="x", name="y")}
    found = plan([Stream("people", frozenset(["key", "label"]))], PEOPLE, nested, {"stream": "zebras", "ignore": True})
    assert found.notes == (
        "streams[2]: the connection has no stream zebras",
        "streams[0].fields[2]: the catalog has no column land in stream people",
        "streams[1].for_each: the catalog has no column items in stream people",
    )


BILL = {"stream": "bills", "entity": "invoices"}
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"stream": "a", "entity": "client"}, "streams[0].entity: client is no entity (there are products, plans,"),
    ({"stream": "a", "ignore": True, "entity": "customers"}, "streams[0]: says `ignore` and at the same time"),
    ({"stream": "a"}, "streams[0]: says nothing of stream a; say what it `emits`, or `ignore` it"),
    ({**PEOPLE, "fields": fields(id="id", fullname="n")},
     "streams[0].fields[1]: customers has no field fullname (it has id, root_parent_id, name,"),
    ({**PEOPLE, "fields": fields(id="id", name="a b(")},
     "streams[0].fields[1]: is not a JMESPath expression"),
    ({**PEOPLE, "fields": fields(id="id", name="titlecase(x)")},
     "streams[0].fields[1]: calls titlecase(), which is no function of the mapping language"),
    ({**PEOPLE, "fields": fields(id="id", name="money(x)")},
     "streams[0].fields[1]: calls money() with 1 argument instead of 2"),
    ({**PEOPLE, "custom_properties": properties(a="x", b="y(")},
     "streams[0].custom_properties[1]: is not a JMESPath expression"),
    ({**PEOPLE, "skip_when": "a =="}, "streams[0].skip_when: is not a JMESPath expression"),
    ({**PEOPLE, "for_each": "a["}, "streams[0].for_each: is not a JMESPath expression"),
    ({**PEOPLE, "version": "a("}, "streams[0].version: is not a JMESPath expression"),
    ({**BILL, "fields": fields(id="id", status="lookup(s, `{\"x\": \"live\"}`)")},
     "streams[0].fields[1]: may give 'live', but status must be one of open, paid, unpaid"),
    ({**BILL, "fields": fields(id="id", status="when(p, 'paid', 'due')")},
     "streams[0].fields[1]: may give 'due', but status must be one of"),
    ({**BILL, "fields": fields(id="id", status="s || 'due'")},
     "streams[0].fields[1]: may give 'due', but status must be one of"),
    ({**BILL, "fields": fields(id="id", status="coalesce(s, 'due')")},
     "streams[0].fields[1]: may give 'due', but status must be one of"),
    ({**BILL, "fields": fields(id="id", amount="timestamp(at)")},
     "streams[0].fields[1]: gives a date or date-time, which amount (of type decimal) can't be"),
    ({**BILL, "fields": fields(id="id", amount="'twelve'")},
     "streams[0].fields[1]: may give 'twelve', but amount is not a number"),
    ({**BILL, "fields": fields(id="id", date="currency(c)")},
     "streams[0].fields[1]: gives a currency, which date (of type instant) can't be"),
    ({**BILL, "fields": fields(id="id", date="paid == `true`")},
     "streams[0].fields[1]: gives true or false, which date (of type instant) can't be"),
    ({**BILL, "fields": fields(id="id", number="lines[].id")},
     "streams[0].fields[1]: gives a list, which number (of type text) can't be"),
    ({**BILL, "fields": fields(id="id", currency="'euro'")},
     "streams[0].fields[1]: may give 'euro', but currency must be an ISO 4217"),
    ({**PEOPLE, "fields": fields(id="id", country="'Atlantis'")},
     "streams[0].fields[1]: may give 'Atlantis', but country must be a country"),
    ({**BILL, "fields": fields(id="id", date="local_time(at, 'Paris')")},
     "streams[0].fields[1]: calls local_time() with something that names no time zone"),
    ({**BILL, "fields": fields(id="id", date="parse_time(at, '%d.%q')")},
     "streams[0].fields[1]: calls parse_time() with something that is no format for dates"),
    ({**BILL, "fields": fields(id="id", date="parse_time(at, '%d/%m/%Y', 'Paris')")},
     "streams[0].fields[1]: calls parse_time() with something that names no time zone"),
    ({**BILL, "fields": fields(id="id", status="lookup(s, 'paid')")},
     "streams[0].fields[1]: calls lookup() with something that is not a table of words"),
    ({"stream": "n", "entity": "credit_notes", "fields": fields(id="id", lines="lines")},
     "streams[0].fields[1]: lines is a list: say `for_each` and `fields`"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "said"), MISTAKES, ids=[said[:60] for _, said in MISTAKES])
def test_each_kind_of_mistake_gets_its_message_without_a_catalog(item: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigFailure) as failure:
        check(old(item))
    assert failure.value.message.startswith(f"The mapping in the settings can't be used: {said}")


def test_all_mistakes_are_told_at_once_and_by_the_place_of_their_entry() -> None:
    own = old(PEOPLE, {"stream": "b"}, {"stream": "c", "entity": "x"})
    with pytest.raises(ConfigFailure, match=r"streams\[1\].+; streams\[2\]\.entity"):
        check(own)


def test_a_missing_id_is_found_when_the_stream_is_at_hand() -> None:
    with pytest.raises(ConfigFailure, match=r"streams\[0\]\.fields: has no id; say which column"):
        plan([Stream("people")], {**PEOPLE, "fields": fields(name="label")})


def test_an_entity_is_needed_for_a_stream_that_no_mapping_knows() -> None:
    with pytest.raises(ConfigFailure, match=r"streams\[0\]: says nothing of what the stream `emits`, and no built-in"):
        plan([Stream("customers"), Stream("zoo")], {"stream": "zoo", "skip_when": "x"}, source="stripe")


def test_create_only_needs_an_entity_that_can_be_asked_for_if_creating_would_update_it() -> None:
    contract = load_contract()

    blind = replace(contract.entities["customers"], retrievable=False)
    contract = replace(contract, entities={**contract.entities, "customers": blind})
    with pytest.raises(ConfigFailure, match=r"streams\[0\]\.operation: create_only isn't possible for customers"):
        check(old({**PEOPLE, "operation": "create_only"}), contract)


@pytest.mark.parametrize(
    ("streams", "said"),
    [
        ("x", "`streams` "),
        ([{"entity": "customers"}], "`streams[0].stream` is missing"),
        ([{"stream": "a", "operation": "mirror"}], "`streams[0].operation` "),
        ([{"stream": "a", "fields": [{"field": "id"}]}], "`streams[0].fields[0].expression` is missing"),
        ([{"stream": "a", "fields": "id"}], "`streams[0].fields` "),
        (
            [{"stream": "a", "fields": fields(id="id")}],
            "`streams[0]` entity: is missing: choose what the records of stream a",
        ),
        ([{"stream": "a", "custom_properties": properties(x="x")}], "`streams[0]` entity: is missing"),
        ([{**PEOPLE, "fields": [*fields(id="id"), *fields(id="key")]}], "`streams[0]` fields: id is there 2 times"),
        (
            [{**PEOPLE, "custom_properties": [*properties(a="x"), *properties(a="y")]}],
            "`streams[0]` custom_properties: a is there 2 times",
        ),
        ([{**PEOPLE, "custom_propertys": []}], "`streams[0].custom_propertys` extra inputs are not permitted"),
    ],
)
def test_a_wrong_form_is_told_by_its_place(streams: Any, said: str) -> None:
    with pytest.raises(ConfigFailure) as failure:
        parse_config({"api_key": "0123456789", "streams": streams})
    assert said in failure.value.message


def test_what_the_form_left_empty_counts_as_not_given() -> None:
    config = parse_config(
        {"api_key": "0123456789", "streams": [{"stream": "a", "entity": "customers", "for_each": "", "version": ""}]}
    )
    assert (config.streams[0].for_each, config.streams[0].version) == (None, None)


# --- what it never gives


def test_what_fincome_requires_and_the_mapping_never_gives_is_told_before_the_first_record() -> None:
    invoices = {"stream": "bills", "entity": "invoices", "fields": fields(id="no", customer_id="client", date="day")}
    (note,) = plan([Stream("bills", frozenset(["no", "client", "day"]))], invoices).notes
    assert note == (
        "stream bills never gives status, currency, amount, without which Fincome creates no invoice: invoices that "
        "Fincome has are changed, all others will be rejected"
    )
    assert plan([Stream("bills", frozenset())], {**invoices, "operation": "update_only"}).notes == ()
    (note,) = plan([Stream("bills", frozenset())], invoices, default_currency="EUR").notes
    assert "never gives status, amount, " in note


HEADERS = {"id": "no", "customer_id": "client", "date": "day", "status": "state", "currency": "'EUR'"}
SUMS = {"id": "no", "amount": "net"}


def merged_notes(**streams: Any) -> list[str]:
    found = read_mapping(json.dumps({"version": 1, "streams": streams}))
    there = [Stream(name, frozenset()) for name in streams]
    options = PlanOptions(own=found)
    return [one for one in make_plan(there, load_presets(), load_contract(), options).notes if "never gives" in one]


def invoices(fields: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"entity": "invoices", "fields": fields, **more}


def test_given_two_tables_that_bring_parts_of_invoices_when_planned_then_what_both_have_is_not_missed() -> None:
    merge = {"amount": "sum"}
    both = {"heads": {"emits": [invoices(HEADERS, merge=merge)]}, "rows": {"emits": [invoices(SUMS, merge=merge)]}}
    assert merged_notes(**both) == []


def test_given_a_record_and_its_list_that_bring_parts_when_planned_then_what_both_have_is_not_missed() -> None:
    sums = {"id": "_record.no", "amount": "net"}
    parts = [invoices(HEADERS, merge={"amount": "sum"}), invoices(sums, merge={"amount": "sum"}, for_each="rows")]
    assert merged_notes(bills={"emits": parts}) == []
    assert merged_notes(bills={"emits": parts[::-1]}) == []


def misfits(columns: str, fields: dict[str, str], entity: str = "invoices") -> tuple[tuple[str, str], ...]:
    given = {"entity": entity, "fields": fields, "operation": "update_only"}
    found = read_mapping(json.dumps({"version": 1, "streams": {"bills": {"emits": [given]}}}))
    there = [Stream("erp_bills", frozenset(columns.split()))]
    return make_plan(there, load_presets(), load_contract(), PlanOptions(own=found)).misfits


def test_given_a_catalog_without_columns_of_figures_when_planned_then_the_stream_and_the_columns_are_told() -> None:
    amount = {"id": "no", "amount": "coalesce(net, base)"}
    assert misfits("no net", amount) == misfits("no base more", amount) == misfits("", amount) == ()
    assert misfits("no total", amount) == ((LOST, "base, net of stream erp_bills"),)
    assert misfits("no total", {"id": "no", "name": "firm"}, "customers") == ()
    assert misfits("no total", {"id": "no", "amount": "_net"}) == ()


def test_given_a_catalog_with_further_months_when_planned_then_they_are_told() -> None:
    months = [f"2025-{month:02}" for month in range(1, 4)]
    added = f"add({months[0]!r}, {months[1]!r})".replace("'", '"')
    fields = {"id": "no", "amount": f'add({added}, "{months[2]}")'}
    assert misfits(f"no {' '.join(months)}", fields) == ()
    assert misfits(f"no {' '.join(months)} 2025-04", fields) == ((FURTHER_MONTHS, "2025-04 of stream erp_bills"),)
    assert misfits("no net 2025-04", {"id": "no", "amount": "net"}) == ()


ADDS: dict[str, Any] = {"entity": "customers", "operation": "update_only"}


@pytest.mark.parametrize(
    ("columns", "fields", "told"),
    [
        ("id email", None, True),
        ("id segment", None, False),
        ("no mail", {"id": "no", "email": "mail"}, True),
        ("no zip", {"id": "no", "zip_code": "text(zip)"}, False),
    ],
)
def test_given_a_field_that_two_streams_set_when_one_only_adds_to_objects_then_that_is_told(
    columns: str, fields: dict[str, str] | None, told: bool
) -> None:
    own = [{"field": name, "expression": text} for name, text in (fields or {}).items()]
    streams = [Stream("customers", frozenset(["id", "name", "email"])), Stream("crm", frozenset(columns.split()))]
    found = plan(streams, {"stream": "crm", **ADDS, **({"fields": own} if own else {})}, source="fincome")
    note = "streams crm and customers both set customers.email"
    assert [one.startswith(note) for one in found.notes] == [True] * told
