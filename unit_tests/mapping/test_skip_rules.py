"""Skip rules by name: in presets and in the user's own mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from destination_fincome.connection.config import parse_config
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping import preset
from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.mapping.old_streams import OldEntry, as_mapping
from destination_fincome.mapping.preset import load_presets, read_preset
from destination_fincome.mapping.recognition import PlanOptions, check_own, make_plan
from destination_fincome.mapping.skip_rules import KNOWN, SkipRule
from unit_tests.mapping.payloads import Stream, payloads

PRESETS = Path(preset.__file__).parent / "presets"
SHOP = """
name: shop
title: The Shop
skip:
  draft: state == 'draft'
  gift: {when: gift, reason: not_revenue, text: "a gift card of {source}"}
streams:
  orders:
    emits:
      - entity: invoices
        fields: {id: id}
        skip: %s
"""


def rules(skip: str) -> list[SkipRule]:
    (emission,) = read_preset(SHOP % skip).streams["orders"].emits
    return emission.skip


def test_given_a_known_name_with_a_condition_when_it_is_read_then_reason_and_text_come_with_the_name() -> None:
    (rule,) = rules("{void: cancelled}")
    assert (rule.when, rule.reason, rule.text) == ("cancelled", "void", KNOWN["void"].text)
    assert (rule.children, rule.stub) == ("skip", False)


def test_given_a_known_rule_of_parents_when_it_is_read_then_their_children_are_looked_up_and_the_source_is_named() -> (
    None
):
    (rule,) = rules("{deleted_parent: gone}")
    assert rule.text == "deleted in The Shop; Fincome keeps its history and has no way to delete"
    assert (rule.children, rule.stub) == ("lookup", True)


def test_given_names_of_the_presets_own_rules_when_they_are_listed_then_each_is_that_rule_in_the_lists_order() -> None:
    gift, draft, void = rules("[gift, draft, {void: cancelled}]")
    assert (gift.when, gift.reason, gift.text) == ("gift", "not_revenue", "a gift card of The Shop")
    assert (draft.when, draft.reason) == ("state == 'draft'", "draft")
    assert (void.when, void.reason) == ("cancelled", "void")


def test_given_other_words_when_they_stand_at_the_emission_then_they_count_and_the_rest_stays() -> None:
    (rule,) = rules("{draft: {text: not sent yet}}")
    assert (rule.when, rule.reason, rule.text) == ("state == 'draft'", "draft", "not sent yet")


def test_given_a_rule_without_a_name_when_it_says_all_then_it_is_a_rule() -> None:
    (rule,) = rules("[{when: test, reason: not_revenue, text: a test order}]")
    assert (rule.when, rule.reason, rule.text) == ("test", "not_revenue", "a test order")


@pytest.mark.parametrize(
    ("skip", "said"),
    [
        ("[drat]", "skip rule drat is none of those that are known (draft, gift, draft, void,"),
        ("{drat: state}", "another one says when, reason and text"),
        ("[void]", "emits.0.skip.0.when\n  Field required"),
        ("{own: {when: a}}", "emits.0.skip.0.reason\n  Field required"),
        ("{void: {when: a, txt: b}}", "emits.0.skip.0.txt\n  Extra inputs are not permitted"),
        ("{void: {when: a, reason: voided}}", "emits.0.skip.0.reason\n  Input should be"),
        ("{void: [a]}", "skip rule void is neither an expression nor has the keys of a rule"),
        ("[[draft]]", "emits.0.skip.0\n"),
        ("draft: 1", "skip rule draft is neither"),
    ],
)
def test_given_a_wrong_rule_when_the_preset_is_read_then_its_place_is_named(skip: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        rules(skip if skip[0] in "[{" else f"{{{skip}}}")
    assert said in str(error.value)


def named(emission: dict[str, Any]) -> set[str]:
    skip = emission.get("skip", [])
    return {
        name
        for item in (skip if isinstance(skip, list) else [skip])
        for name in ({item} if isinstance(item, str) else item)
    }


@pytest.mark.parametrize("file", sorted(PRESETS.glob("*.yaml")), ids=lambda file: file.stem)
def test_given_a_preset_when_it_has_rules_of_its_own_then_each_is_named_by_an_emission(file: Path) -> None:
    document = read_yaml(file.read_text(encoding="utf-8"))
    emissions = [
        emission
        for rule in document["streams"].values()
        for emission in [*rule.get("emits", []), *rule.get("credits", [])]
    ]
    assert document.get("skip", {}).keys() <= set().union(*map(named, emissions))


def test_given_the_presets_when_they_are_read_then_no_text_has_a_place_left_for_the_source() -> None:
    texts = [
        skip.text
        for one in load_presets().values()
        for rule in one.streams.values()
        for emission in [*rule.emits, *rule.credits]
        for skip in emission.skip
    ]
    assert texts
    assert [text for text in texts if "{" in text] == []


# --- the user's own mapping

ENTRY: dict[str, Any] = {
    "stream": "people", "entity": "customers",
    "fields": [{"field": "id", "expression": "id"}, {"field": "name", "expression": "name"}],
}  # fmt: skip


def skipped(record: dict[str, Any], **entry: Any) -> list[tuple[str, str]]:
    own = as_mapping([OldEntry.model_validate({**ENTRY, **entry})])
    mapper = make_plan([Stream("people")], load_presets(), load_contract(), PlanOptions(own=own)).streams[0].mapper
    assert mapper is not None
    return [(skip.reason, skip.text) for skip in payloads(mapper, {"id": 1, **record}).skips]


@pytest.mark.parametrize("key", ["skip", "skip_when"])
def test_given_either_spelling_when_its_expression_is_true_then_the_object_is_left_out(key: str) -> None:
    assert skipped({"test": True}, **{key: "test"}) == [("left_out", KNOWN["left_out"].text)]
    assert skipped({"test": False}, **{key: "test"}) == []


@pytest.mark.parametrize("key", ["skip", "skip_when"])
@pytest.mark.parametrize("nothing", ["", None, {}])
def test_given_a_key_that_the_form_left_empty_when_it_is_read_then_there_is_no_rule(key: str, nothing: Any) -> None:
    assert OldEntry.model_validate({**ENTRY, key: nothing}).skip is None


def test_given_both_spellings_when_one_is_true_then_the_object_is_left_out() -> None:
    assert [len(skipped(record, skip="a", skip_when="b")) for record in ({"a": 1}, {"b": 1}, {})] == [1, 1, 0]


def test_given_rules_by_name_when_one_is_true_then_its_reason_is_told() -> None:
    skip = {"draft": "planned", "partner": {"when": "partner", "reason": "not_revenue", "text": "a partner"}}
    assert skipped({"planned": True}, skip=skip) == [("draft", KNOWN["draft"].text)]
    assert skipped({"partner": True}, skip=skip) == [("not_revenue", "a partner")]


def test_given_a_deleted_object_when_its_rule_is_known_then_its_source_is_called_the_source() -> None:
    assert skipped({"gone": True}, skip={"deleted_parent": "gone"})[0][1].startswith("deleted in the source; ")


@pytest.mark.parametrize(
    ("skip", "said"),
    [
        ("a ==", "streams[0].skip: is not a JMESPath expression"),
        ({"draft": "a =="}, "streams[0].skip.draft: is not a JMESPath expression"),
    ],
)
def test_given_a_wrong_condition_when_the_mapping_is_checked_then_its_place_is_named(skip: Any, said: str) -> None:
    with pytest.raises(ConfigFailure) as failure:
        check_own(as_mapping([OldEntry.model_validate({**ENTRY, "skip": skip})]), load_contract(), load_presets())
    assert said in failure.value.message


@pytest.mark.parametrize(
    ("skip", "said"),
    [
        ({"drat": "a"}, "`streams[0]` skip rule drat is none of those that are known (draft, void,"),
        ({"draft": {"when": "a", "txt": "b"}}, "`streams[0].skip.draft.txt` extra inputs"),
        ({"own": {"when": "a", "text": "b"}}, "`streams[0].skip.own.reason` is missing"),
        (["a"], "`streams[0]` skip is neither an expression nor rules by name"),
    ],
)
def test_given_a_wrong_form_when_the_settings_are_read_then_its_place_is_named(skip: Any, said: str) -> None:
    with pytest.raises(ConfigFailure) as failure:
        parse_config({"api_key": "0123456789", "streams": [{**ENTRY, "skip": skip}]})
    assert said in failure.value.message


def test_given_a_column_that_the_catalog_lacks_when_a_rule_reads_it_then_the_place_is_noted() -> None:
    own = as_mapping([OldEntry.model_validate({**ENTRY, "skip": {"draft": "planned"}})])
    streams = [Stream("people", frozenset(["id", "name"]))]
    plan = make_plan(streams, load_presets(), load_contract(), PlanOptions(own=own))
    assert plan.notes == ("streams[0].skip.draft: the catalog has no column planned in stream people",)


# Streams of which a record that is nothing may well be another source's.
STRANGE = {
    "stripe": {"subscriptions", "invoices", "invoice_line_items"},
}


@pytest.mark.parametrize("name", sorted(load_presets()))
def test_what_a_stream_brings_beside_its_objects_is_not_taken_for_another_source_s(name: str) -> None:
    streams = load_presets()[name].streams
    told = {stream for stream, rule in streams.items() if "otherwise" in rule.model_fields_set}
    assert {stream for stream in told if streams[stream].otherwise_reason == "not_mapped"} == STRANGE.get(name, set())
