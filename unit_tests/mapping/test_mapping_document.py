"""The setting `mapping`: one text, read as it was typed, with line and column in every mistake."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.connection.config import parse_config
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.own import MappingError, read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, check_own, make_plan
from unit_tests.mapping.payloads import Payloads, Stream, payloads


def planned(text: str, *streams: Stream, **options: Any) -> Plan:
    return make_plan(streams, load_presets(), load_contract(), PlanOptions(own=read_mapping(text), **options))


def become(text: str, record: dict[str, Any], stream: str = "clients", **options: Any) -> Payloads:
    plan = planned(text, Stream(stream, frozenset(record)), **options)
    assert plan.streams[0].mapper is not None
    return payloads(plan.streams[0].mapper, record)


def wrong(text: str) -> str:
    """Return what is said of a text that can't be used."""
    with pytest.raises((MappingError, ConfigFailure)) as failure:
        check_own(read_mapping(text), load_contract(), load_presets())
    return str(failure.value)


CLIENTS = """\
version: 1
streams:
  clients:
    emits:
      - entity: customers
        fields:
          id: no
          name: nom
"""


def test_given_a_text_when_a_record_is_mapped_then_it_becomes_what_the_text_says() -> None:
    assert become(CLIENTS, {"no": "007", "nom": "Alpha"}).only("customers") == {"id": "007", "name": "Alpha"}


def test_given_the_same_in_json_with_tabs_when_read_then_it_means_the_same() -> None:
    document = yaml.load(CLIENTS, Loader=yaml.BaseLoader)
    text = json.dumps(document, indent="\t")
    assert read_mapping(text).streams == read_mapping(CLIENTS).streams


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "null", "2026-01-05"])
def test_given_a_word_that_yaml_would_change_when_it_names_a_column_then_it_is_that_column(word: str) -> None:
    text = CLIENTS.replace("nom", word)
    assert become(text, {"no": 1, word: "Alpha"}).only("customers")["name"] == "Alpha"


@pytest.mark.parametrize("number", ["007", "1_000", "12.50", "-3"])
def test_given_a_plain_number_when_it_is_a_fields_expression_then_it_is_what_was_typed(number: str) -> None:
    text = CLIENTS + f"        custom_properties: {{code: {number}}}\n"
    assert become(text, {"no": 1, "nom": "A"}).only("customers")["custom_properties"] == {"code": number}


def test_given_true_without_quotes_when_it_is_an_expression_then_it_is_the_truth_value() -> None:
    text = CLIENTS + "        custom_properties: {vip: true}\n"
    assert become(text, {"no": 1, "nom": "A"}).only("customers")["custom_properties"] == {"vip": True}


@pytest.mark.parametrize(
    "name", ["Raison sociale", "N° facture", "Date d'échéance", "Montant (HT)", "Société", "Code-client", "Nom, prénom"]
)
def test_given_a_columns_name_with_blanks_accents_or_signs_when_it_stands_alone_then_it_is_that_column(
    name: str,
) -> None:
    text = CLIENTS.replace("name: nom", f"name: {name}")
    assert become(text, {"no": 1, name: "Alpha"}).only("customers")["name"] == "Alpha"


def test_given_tables_of_words_when_null_is_typed_without_quotes_then_it_is_nothing() -> None:
    text = CLIENTS.replace("nom", "{lookup: kind, in: {a: Alpha, no: null}, default: 'null'}")
    assert become(text, {"no": 1, "kind": "no"}).only("customers") == {"id": "1"}
    assert become(text, {"no": 1, "kind": "x"}).only("customers")["name"] == "null"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add_days('2026-01-31', 1)", "2026-02-01"),
        ("concat('-', 1, \"a, 2)\", 3)", "1-x-3"),
        ("text(divide(n, 1.5))", "4"),
        ("when(n == 6 && n > -1, 'yes', 'no')", "yes"),
        ("text(list[1])", "8"),
        ("upper(Échéance.été)", "X"),
    ],
)
def test_given_plain_numbers_in_an_expression_when_mapped_then_they_are_numbers(text: str, expected: str) -> None:
    record = {"no": 1, "n": 6, "a, 2)": "x", "list": [7, 8], "Échéance": {"été": "x"}}
    assert become(CLIENTS.replace("nom", json.dumps(text)), record).only("customers")["name"] == expected


@pytest.mark.parametrize("written", ["Raison Sociale", "raison sociale", "RAISON SOCIALE", "Ráison sociale"])
def test_given_a_column_in_other_capitals_or_accents_when_mapped_then_it_is_that_column(written: str) -> None:
    text = CLIENTS.replace("nom", "Raison sociale")
    assert become(text, {"No": 1, written: "Alpha"}).only("customers") == {"id": "1", "name": "Alpha"}


def test_given_a_columns_name_that_reads_like_a_path_when_it_is_in_the_catalog_then_it_is_the_column() -> None:
    text = CLIENTS.replace("nom", "Soc.client")
    assert become(text, {"no": 1, "Soc.client": "Alpha"}).only("customers")["name"] == "Alpha"
    assert become(text, {"no": 1, "Soc": {"client": "Bravo"}}).only("customers")["name"] == "Bravo"


def test_given_columns_with_dots_when_planned_then_none_is_said_to_be_missing_and_a_misspelt_one_is_told() -> None:
    text = CLIENTS.replace("no", "Client.No", 1).replace("nom", "client.nmo")
    columns = frozenset(["Client.No", "Client.Nom", "autre"])
    plan = planned(text, Stream("clients", columns))
    (note,) = plan.notes
    assert note.startswith("line 8, column 11, streams.clients.emits[0].fields.name: the catalog has no column client")
    text = CLIENTS.replace("nom", "statu")
    plan = planned(text, Stream("clients", frozenset(["no", "Statut"])))
    assert plan.notes[0].endswith("the catalog has no column statu in stream clients; did you mean `Statut`?")


def test_given_a_stream_that_is_misspelt_when_no_other_is_known_then_it_is_named_with_the_one_that_may_be_meant() -> (
    None
):
    with pytest.raises(ConfigFailure) as failure:
        planned(CLIENTS + "  autres: {ignore: true}\n", Stream("client", frozenset(["no", "nom"])))
    assert "is known (client). The mapping in the settings names clients, autres; did you mean `client`? Known are" in (
        failure.value.message
    )


def test_given_a_wrong_expression_when_told_then_it_says_how_to_quote_a_columns_name() -> None:
    assert 'stands in double quotes: "Montant HT"' in wrong(CLIENTS.replace("nom", "text(Montant HT)"))
    assert 'stands in double quotes: "Raison sociale"' in wrong(CLIENTS.replace("nom", "text(N°)"))


def test_given_a_fault_when_the_record_is_mapped_then_field_column_and_kind_are_named() -> None:
    text = CLIENTS.replace("nom", "text(number(Montant, ','))")
    found = become(text, {"no": 7, "Montant": "x"})
    assert found.faults == [("customers", 7, "name", "invalid_value")]
    assert found.problems == ["is not a number whose decimal sign is ',' (column Montant: a text)"]


@pytest.mark.parametrize(
    ("expression", "value", "problem"),
    [
        (
            "text(decimal(v))",
            "12,50",
            "is not a number (column v: a text; number(column, ',') reads numbers as exports",
        ),
        ("text(decimal(v))", "twelve", "is not a number (column v: a text)"),
        ("text(decimal(v))", [12], "is not a number (column v: a list)"),
        (
            "timestamp(v)",
            "05/01/2026",
            "is not a date or date-time (ISO 8601 or epoch seconds) (column v: a text; parse",
        ),
    ],
)
def test_given_a_fault_when_told_then_the_kind_of_value_and_what_reads_it_are_named(
    expression: str, value: Any, problem: str
) -> None:
    (found,) = become(CLIENTS.replace("nom", expression), {"no": 7, "v": value}).problems
    assert found.startswith(problem)


@pytest.mark.parametrize("blank", ["", " \n", None])
def test_given_a_text_of_blanks_when_the_settings_are_read_then_there_is_no_mapping(blank: Any) -> None:
    assert parse_config({"api_key": "0123456789", "mapping": blank}).mapping is None


def test_given_an_attribute_that_can_not_be_read_when_mapped_then_it_alone_is_left_out_and_named() -> None:
    text = CLIENTS + "        custom_properties: {a: a, effectif: decimal(effectif), b: b}\n"
    record = {"no": 1, "nom": "A", "a": "x", "effectif": "ten", "b": 2}
    plan = planned(text, Stream("clients", frozenset(record)))
    assert plan.streams[0].mapper is not None
    assert payloads(plan.streams[0].mapper, record).only("customers")["custom_properties"] == {"a": "x", "b": 2}
    assert [(one.code, one.text, one.id) for one in plan.streams[0].mapper.map(record).warnings] == [
        ("attribute_left_out", "customers go without the custom property effectif, which is not a number", 1)
    ]


def test_given_one_expression_for_all_attributes_when_it_gives_none_by_name_then_that_is_told() -> None:
    text = CLIENTS + "        custom_properties: extra\n"
    record = {"no": 1, "nom": "A", "extra": "gold"}
    plan = planned(text, Stream("clients", frozenset(record)))
    mapper = plan.streams[0].mapper
    assert mapper is not None
    assert payloads(mapper, record).only("customers") == {"id": "1", "name": "A"}
    assert [(one.code, one.id) for one in mapper.map(record).warnings] == [("attribute_left_out", 1)]
    assert payloads(mapper, {**record, "extra": {"tier": "gold"}}).only("customers")["custom_properties"] == {
        "tier": "gold"
    }
    for nothing in ("", None, {}):
        assert mapper.map({**record, "extra": nothing}).warnings == []


# --- lists in a record

TEAMS = """\
version: 1
streams:
  teams:
    emits:
      - entity: customers
        for_each: members
        fields: {id: no, name: nom}
"""


def test_given_a_list_when_some_of_its_elements_are_null_then_the_others_are_objects() -> None:
    found = become(TEAMS, {"members": [{"no": 1, "nom": "A"}, None, {"no": 2, "nom": "B"}]}, "teams")
    assert [one["id"] for one in found.sent["customers"]] == ["1", "2"]


@pytest.mark.parametrize("nothing", [None, [], {}, "", "  "])
def test_given_no_list_when_its_elements_are_to_be_objects_then_there_are_none(nothing: Any) -> None:
    found = become(TEAMS, {"members": nothing}, "teams")
    assert (found.sent, found.faults) == ({}, [])


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"no": 1, "nom": "A"}, "is no list"),
        ("Alpha, Beta", "is no list"),
        (7, "is no list"),
        (["Alpha", "Beta"], "is a list of something else than objects"),
        ([{"no": 1, "nom": "A"}, "Beta"], "is a list of something else than objects"),
    ],
)
def test_given_what_is_no_list_of_objects_when_its_elements_are_to_be_some_then_the_record_is_rejected(
    members: Any, problem: str
) -> None:
    found = become(TEAMS, {"members": members}, "teams")
    assert found.sent == {}
    assert [field for _, _, field, _ in found.faults] == ["for_each"]
    assert problem in found.problems[0]


# --- gone, full

INVOICES = """\
version: 1
streams:
  factures:
    emits:
      - entity: invoices
        fields:
          {id: no, customer_id: client, date: le, due_date: avant, status: "'paid'", currency: "'EUR'", amount: ht}
"""


def invoice(text: str, **changes: Any) -> Any:
    record = {"no": "F1", "client": "K", "le": "2026-01-05", "avant": None, "ht": 5, "annulee": False, **changes}
    plan = planned(text, Stream("factures", frozenset(record)), nulls="auto")
    assert plan.streams[0].mapper is not None
    (found,) = plan.streams[0].mapper.map(record).objects
    return found


def test_given_documents_that_are_gone_when_mapped_then_they_are_to_be_settled() -> None:
    text = INVOICES + "        gone: annulee\n"
    assert invoice(text).values["amount"] == 5
    skip = invoice(text, annulee=True)
    assert (skip.reason, skip.gone) == ("void", True)
    of_stream = INVOICES.replace("    emits", "    gone: annulee\n    emits")
    assert invoice(of_stream, annulee=True).gone


def test_given_full_records_when_mapped_then_they_clear_and_settle_as_built_in_ones_do() -> None:
    unsaid = INVOICES + "        skip: {void: annulee}\n"
    full, partial = (unsaid.replace("    emits", f"    full: {said}\n    emits") for said in ("true", "false"))
    others = "  montants:\n    emits: [{entity: invoices, fields: {id: no, amount: ht}}]\n"
    some = unsaid.replace(", amount: ht", "") + others
    texts = (unsaid, full, partial, some)
    assert [invoice(text, annulee=True).gone for text in texts] == [True, True, False, False]
    assert [("due_date" in invoice(text).values, invoice(text).whole) for text in texts] == [
        (True, True),
        (True, True),
        (False, False),
        (False, False),
    ]


def test_given_an_object_that_is_merged_when_a_row_lacks_a_value_then_that_clears_it_only_if_all_rows_come() -> None:
    merges = ["{}", "{due_date: newest}", "{amount: sum}", "{}\n        complete_per: no"]
    texts = [f"{INVOICES}        merge: {merge}\n" for merge in merges]
    assert ["due_date" in invoice(text).values for text in texts] == [False, False, True, True]


def test_given_a_row_without_a_name_when_mapped_then_its_customer_may_have_one_in_fincome() -> None:
    text = "version: 1\nstreams:\n  factures:\n    emits: [{entity: customers, fields: {id: id, name: nom}}]\n"
    assert not invoice(text, id="1", nom=None).whole


# --- fields that are set once


def test_given_fields_to_be_set_once_when_mapped_then_they_are_marked() -> None:
    assert invoice(INVOICES + "        set_once: [status, due_date]\n").set_once == ("status", "due_date")
    assert "has no field stat" in wrong(INVOICES + "        set_once: [stat]\n")
    assert "can't be left out" in wrong(INVOICES + "        set_once: [id]\n")


def test_given_an_api_without_partial_updates_when_fields_are_to_be_set_once_then_the_plan_warns() -> None:
    contract = load_contract()
    blind = replace(contract.entities["invoices"], update=None)
    contract = replace(contract, entities={**contract.entities, "invoices": blind})
    columns = frozenset(["no", "client", "le", "avant", "ht"])
    own = read_mapping(INVOICES + "        set_once: [status]\n")
    plan = make_plan([Stream("factures", columns)], load_presets(), contract, PlanOptions(own=own))
    assert any("is to set status of invoices once; they are sent always" in note for note in plan.notes)


# --- what can't be used

MISTAKES = [
    ("streams: {}", "line 1, column 1", "`version` is missing"),
    ("version: 2\nstreams: {}", "line 1, column 1, version", "'1'"),
    ("- a", "line 1, column 1", "keys and values"),
    ("version: 1\nstream: {}", "line 2, column 1, stream", "did you mean `streams`?"),
    (CLIENTS.replace("emits", "emit"), "line 4, column 5, streams.clients.emit", "did you mean `emits`?"),
    (CLIENTS.replace("fields", "field"), "line 6, column 9, streams.clients.emits[0].field", "did you mean `fields`?"),
    (CLIENTS + "        skip: {own: {when: a, text: b, resaon: c}}\n", "line 9, column", "did you mean `reason`?"),
    (CLIENTS + "          id: x\n", "line 9, column 11", "the key id is there twice"),
    (CLIENTS.replace("  clients", "\tclients"), "line 3, column 1", "a tab stands here"),
    (CLIENTS.replace("nom", ""), "line 8, column 11, streams.clients.emits[0].fields.name", "is empty"),
    (CLIENTS.replace("nom", "a b("), "line 8, column 11, streams.clients.emits[0].fields.name", "is not a JMESPath"),
    (CLIENTS.replace("name", "nmae"), "line 8, column 11, streams.clients.emits[0].fields.nmae", "has no field nmae"),
    (CLIENTS.replace("name", "Nmae"), "line 8, column 11", "did you mean `name`?"),
    (CLIENTS.replace("customers", "Custmer"), "line 5, column 9", "did you mean `customers`?"),
    (CLIENTS.replace("nom", "uper(nom)"), "line 8, column 11", "did you mean upper()?"),
    (CLIENTS.replace("customers", "client"), "line 5, column 9, streams.clients.emits[0].entity", "is no entity"),
    (CLIENTS.replace("id: no", "id: \"'SIRET'\""), "line 7, column 11", "is the same for every record"),
    (CLIENTS.replace("id: no", "id: 7"), "line 7, column 11", "is the same for every record"),
    (CLIENTS.replace("    emits", "    let: {_a: \"'x'\"}\n    emits").replace("id: no", "id: _a"), "line 8, column 11",
     "is the same for every record"),
    (CLIENTS.replace("    emits", "    let: {a: b}\n    emits"), "line 4, column 11", "begins with _"),
    (CLIENTS.replace("    emits", "    let: {_a: _b, _b: nom}\n    emits"), "line 4, column 11", "put _b before it"),
    (CLIENTS.replace("    emits", "    let: {_a: lower(_a)}\n    emits"), "line 4, column 11", "uses itself"),
    (CLIENTS + "        let: {_a: _b, _b: nom}\n", "line 9, column 15", "put _b before it"),
    (CLIENTS + "        custom_properties: {' ': a}\n", "line 9, column 9", "has one without a name"),
    (CLIENTS.replace("nom", "parse_time(nom, 'dd/mm/yyyy')"), "line 8, column 11", "a format without a year"),
    (CLIENTS.replace("nom", "parse_time(nom, ['%d/%m/%Y', '%d/%m'])"), "line 8, column 11", "without a year"),
    (CLIENTS.replace("          name: nom\n", ""), "line 6, column 9", "customers need name too"),
    (CLIENTS.replace("clients", "tiers").replace("          id: no\n", ""), "line 6, column 9",
     "customers need id too"),
    (CLIENTS + "      - entity: customers\n        fields: {id: no, name: autre}\n", "line 9, column 9",
     "makes customers with the same id as emits[0]"),
    (CLIENTS + "  Clients: {ignore: true}\n", "line 9, column 3, streams.Clients", "is the same stream as clients"),
    (CLIENTS + "    ignore: true\n", "line 3, column 3, streams.clients", "says `ignore` and at the same time"),
    (CLIENTS.replace("nom", "[nom]"), "line 8, column 11, streams.clients.emits[0].fields.name",
     "fields.name: must be a text or keys and values."),
    (CLIENTS.replace("        fields:\n          id: no\n          name: nom", "        fields: [id, name]"),
     "line 6, column 9", "fields: must be keys and values."),
    (CLIENTS + "        operation: [upsert]\n", "line 9, column 9, streams.clients.emits[0].operation", "'upsert'"),
    (CLIENTS + "        merge: {name: [sum]}\n", "line 9, column 17, streams.clients.emits[0].merge.name", "'sum'"),
    (CLIENTS + "        custom_properties: [a]\n", "line 9, column 9", "must be keys and values or a text."),
    (CLIENTS + "    full: maybe\n", "line 9, column 5, streams.clients.full", "must be true or false"),
    (CLIENTS + "        operation: mirror\n", "line 9, column 9, streams.clients.emits[0].operation", "'upsert'"),
    (CLIENTS + "        skip: {drat: x}\n", "line 9, column 9, streams.clients.emits[0].skip", "rule drat is none"),
    (CLIENTS + "        skip: {draft: x ==}\n", "line 9, column 16, streams.clients.emits[0].skip[0]", "JMESPath"),
    ("version: 1\nshared: &a [1]\nstreams: {clients: *b}", "line 3, column 20", "undefined alias"),
    ("version: 1\nshared: !!python/name:os.system x\nstreams: {}", "line 2, column 9", "means nothing here"),
    ("version: 1\nstreams: {clients: {emits: {entity: customers}}}", "line 2, column 21", "must be a list"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "problem"), MISTAKES)
def test_given_a_mistake_when_the_text_is_read_then_line_and_column_are_told(
    text: str, place: str, problem: str
) -> None:
    said = f"{wrong(text)}."
    assert place in said
    assert problem in said


def test_given_a_value_that_its_stream_has_too_when_one_of_an_entry_uses_it_then_nothing_is_wrong() -> None:
    text = CLIENTS.replace("    emits", "    let: {_a: nom}\n    emits").replace("name: nom", "name: _b")
    text += "        let: {_b: upper(_a), _a: _b}\n"
    assert become(text, {"no": 1, "nom": "A"}).only("customers") == {"id": "1", "name": "A"}


def test_given_several_mistakes_when_the_text_is_read_then_all_are_told_at_once() -> None:
    said = wrong(CLIENTS.replace("nom", "lower(") + "        for_each: a[\n")
    assert "line 8" in said
    assert "line 9" in said


def test_given_anchors_that_explode_when_read_then_it_is_refused_with_its_place() -> None:
    lines = ["version: 1", "shared:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    said = wrong("\n".join([*lines, "streams: {}"]))
    assert "line 7, column" in said
    assert "with every alias written out" in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 1\n#" + "x" * 1_000_000, "longer than 1 MB"),
        ("[" * 100_000, "nested too deeply"),
        ("version: 1\nshared: &a [*a]\nstreams: {}", "inside the value that it refers to"),
        ('{"version": 1, "shared": "\\ud83d", "streams": {}}', "line 1, column 26: a text has half a character"),
    ],
)
def test_given_a_text_that_would_cost_too_much_when_read_then_it_is_refused(text: str, problem: str) -> None:
    assert problem in wrong(text)


def test_given_update_only_when_fields_are_missing_then_nothing_is_wrong() -> None:
    text = CLIENTS.replace("          name: nom\n", "") + "        operation: update_only\n"
    check_own(read_mapping(text), load_contract(), load_presets())


def test_given_fields_of_one_object_from_two_streams_when_all_are_given_then_nothing_is_wrong() -> None:
    two = """\
version: 1
streams:
  a: {emits: [{entity: customers, fields: {id: no, name: nom}}]}
  b: {emits: [{entity: customers, fields: {id: no, email: mail}}]}
"""
    check_own(read_mapping(two), load_contract(), load_presets())


def test_given_a_stream_of_a_built_in_mapping_when_one_field_is_changed_then_nothing_is_missing() -> None:
    text = "version: 1\nstreams:\n  erp_invoices:\n    emits: [{entity: invoices, fields: {currency: \"'EUR'\"}}]\n"
    check_own(read_mapping(text), load_contract(), load_presets())


# --- laid over a built-in mapping

CUSTOMER = {"id": "cus_1", "object": "customer", "name": "Example Ltd", "email": "a@example.com", "tier": "gold"}


def test_given_a_built_in_stream_when_a_field_and_a_condition_are_given_then_the_rest_stays() -> None:
    text = """\
version: 1
streams:
  customers:
    let: {_upper: upper(name)}
    emits: [{entity: customers, when: tier == 'gold', fields: {name: _upper}}]
"""
    found = become(text, CUSTOMER, "customers", source="stripe").only("customers")
    assert found == {"id": "cus_1", "name": "EXAMPLE LTD", "email": "a@example.com"}
    assert become(text, {**CUSTOMER, "tier": "iron"}, "customers", source="stripe").sent == {}


def test_given_two_entries_laid_over_the_same_objects_when_planned_then_the_second_is_refused() -> None:
    text = """\
version: 1
streams:
  customers:
    emits:
      - {entity: customers, fields: {id: id, name: name}}
      - {entity: customers, fields: {id: email, name: name}}
"""
    with pytest.raises(ConfigFailure, match=r"line 6, column 9, streams\.customers\.emits\[1\]: customers of this"):
        become(text, CUSTOMER, "customers", source="stripe")


def test_given_two_entries_of_one_kind_with_ids_of_their_own_when_mapped_then_both_are_made() -> None:
    text = """\
version: 1
streams:
  export:
    emits:
      - {entity: products, fields: {id: "concat('-', f, 'a')", name: abo}}
      - {entity: products, fields: {id: "concat('-', f, 'p')", name: presta}}
"""
    found = become(text, {"f": "F1", "abo": "A", "presta": "P"}, "export")
    assert found.sent == {"products": [{"id": "F1-a", "name": "A"}, {"id": "F1-p", "name": "P"}]}


def test_given_why_when_a_stream_is_ignored_then_the_plan_says_it() -> None:
    text = CLIENTS + "  journal: {ignore: true, why: accounting entries}\n"
    streams = [Stream("clients", frozenset(["no", "nom"])), Stream("journal")]
    plan = planned(text, *streams)
    assert plan.streams[1].ignored == "accounting entries"


# --- names of streams


@pytest.mark.parametrize("names", [["erp_clients", "erp_journal"], ["CLIENTS", "JOURNAL"], ["clïents", "journal"]])
@pytest.mark.parametrize("namespace", [None, "public"])
def test_given_streams_with_a_prefix_when_planned_then_the_mapping_names_them_without(
    names: list[str], namespace: str | None
) -> None:
    text = CLIENTS + "  journal: {ignore: true}\n"
    streams = [Stream(name, frozenset(["no", "nom"]), namespace=namespace) for name in names]
    plan = planned(text, *streams)
    assert [one.entities for one in plan.streams] == [{"customers"}, frozenset()]
    assert plan.notes == ()


def test_given_a_name_that_only_some_streams_begin_with_when_planned_then_it_is_no_prefix() -> None:
    streams = [Stream("old_clients", frozenset(["no", "nom"])), Stream("clients", frozenset(["no", "nom"]))]
    plan = planned(CLIENTS, *streams)
    assert [bool(one.mapper) for one in plan.streams] == [False, True]


# --- the older form

OLD: list[dict[str, Any]] = [
    {
        "stream": "clients", "entity": "customers", "skip": "test", "operation": "create_only", "version": "seen",
        "fields": [{"field": "id", "expression": "no"}, {"field": "name", "expression": "'null'"}],
        "custom_properties": [{"name": "on", "expression": {"lookup": "x", "in": {"yes": "1"}}}],
    },
    {"stream": "clients", "skip": {"draft": "a == 'b'", "own": {"when": "c", "reason": "not_revenue", "text": "d"}}},
    {"stream": "Clients", "entity": "products", "for_each": "items", "fields": [{"field": "id", "expression": "no"}]},
    {"stream": "log", "ignore": True},
]  # fmt: skip


def test_given_the_older_form_when_converted_then_the_text_means_the_same() -> None:
    older = parse_config({"api_key": "0123456789", "streams": OLD}).own_mapping
    assert read_mapping(older.text).streams == older.streams
    assert [emission.entity for emission in older.streams["clients"].emits] == ["customers", "products"]
    assert [rule.reason for rule in older.streams["clients"].skip] == ["draft", "not_revenue"]


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip)


@given(st.dictionaries(NAMES, NAMES, min_size=1, max_size=3))
def test_given_any_names_and_texts_in_the_older_form_when_converted_then_the_text_means_the_same(
    properties: dict[str, str],
) -> None:
    entry = {
        "stream": "x", "entity": "customers",
        "custom_properties": [{"name": name, "expression": json.dumps(text)} for name, text in properties.items()],
    }  # fmt: skip
    older = parse_config({"api_key": "0123456789", "streams": [entry]}).own_mapping
    assert read_mapping(older.text).streams == older.streams
    as_json = json.dumps(yaml.load(older.text, Loader=yaml.BaseLoader))
    assert read_mapping(as_json).streams == older.streams


def test_given_both_forms_when_the_settings_are_read_then_they_are_refused() -> None:
    with pytest.raises(ConfigFailure, match="`mapping` and `streams` both say"):
        parse_config({"api_key": "0123456789", "streams": OLD, "mapping": CLIENTS})


def test_given_a_mistake_in_the_setting_when_the_settings_are_read_then_it_is_named_with_its_place() -> None:
    with pytest.raises(ConfigFailure, match=r"`mapping` line 4, column 5, streams\.clients\.emit: `emit` isn't known"):
        parse_config({"api_key": "0123456789", "mapping": CLIENTS.replace("emits", "emit")})
