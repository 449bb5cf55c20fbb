"""A mistake in a rule is told with its place, whichever part of the rule it is in."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.preset import StreamRule
from destination_fincome.mapping.stream_compiler import Options, PresetError, StreamCompiler

NO_JMESPATH = "name("
ID = {"id": "id"}


def compiler() -> StreamCompiler:
    return StreamCompiler(load_contract(), Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset())))


@pytest.mark.parametrize(
    ("entity", "emission", "place"),
    [
        ("customers", {"fields": {**ID, "name": NO_JMESPATH}}, "fields.name"),
        ("customers", {"fields": ID, "custom_properties": NO_JMESPATH}, "custom_properties"),
        ("customers", {"fields": ID, "custom_properties": {"a": NO_JMESPATH}}, "custom_properties.a"),
        ("customers", {"fields": ID, "when": NO_JMESPATH}, "when"),
        ("customers", {"fields": ID, "for_each": NO_JMESPATH}, "for_each"),
        ("customers", {"fields": ID, "version": NO_JMESPATH}, "version"),
        ("customers", {"fields": ID, "complete": NO_JMESPATH}, "complete"),
        ("customers", {"fields": ID, "let": {"_a": NO_JMESPATH}}, "let._a"),
        ("customers", {"fields": ID, "set_once": ["id"]}, "set_once"),
        ("customers", {"fields": ID, "set_once": ["nothing"]}, "set_once"),
        (
            "credit_notes",
            {"fields": {**ID, "lines": {"for_each": "rows", "fields": {"amount_excluding_tax": NO_JMESPATH}}}},
            "fields.lines.fields.amount_excluding_tax",
        ),
        ("credit_notes", {"fields": {**ID, "lines": {"for_each": NO_JMESPATH, "fields": ID}}}, "fields.lines.for_each"),
    ],
)
def test_a_mistake_in_what_a_stream_becomes_names_its_place(entity: str, emission: dict[str, Any], place: str) -> None:
    rule = StreamRule.model_validate({"emits": [{"entity": entity, **emission}]})
    with pytest.raises(PresetError) as wrong:
        compiler().compile("s", rule, Options(tie_first=False, full=True))
    assert wrong.value.place.endswith(f"emits[0].{place}")


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"time_zone": NO_JMESPATH}, "time_zone"),
        ({"let": {"_a": NO_JMESPATH}}, "let._a"),
        ({"other_ids": [{"entity": "customers", "id": NO_JMESPATH, "of": "id"}]}, "other_ids[0].id"),
        ({"other_ids": [{"entity": "customers", "id": "id", "of": NO_JMESPATH}]}, "other_ids[0].of"),
        ({"joins": {"_a": {"stream": "t", "of": NO_JMESPATH, "by": "id"}}}, "joins._a.of"),
        ({"joins": {"_a": {"stream": "t", "of": "a", "by": "id", "when": NO_JMESPATH}}}, "joins._a.when"),
        (
            {"joins": {"_a": {"stream": "t", "of": "a", "by": "id", "every": True, "unique": NO_JMESPATH}}},
            "joins._a.unique",
        ),
    ],
)
def test_a_mistake_in_what_all_of_a_streams_records_have_names_its_place(rule: dict[str, Any], place: str) -> None:
    with pytest.raises(PresetError) as wrong:
        compiler().compile("s", StreamRule.model_validate(rule), Options(tie_first=False, full=True))
    assert wrong.value.place.endswith(place)


@pytest.mark.parametrize(
    ("names", "problem"), [(["id"], "the id can't be left out"), (["nothing"], "customers has no field nothing")]
)
def test_what_can_not_be_set_once_is_told(names: list[str], problem: str) -> None:
    rule = StreamRule.model_validate({"emits": [{"entity": "customers", "fields": ID, "set_once": names}]})
    with pytest.raises(PresetError) as wrong:
        compiler().compile("s", rule, Options(tie_first=False, full=True))
    assert wrong.value.problem == problem


def test_a_join_is_compiled_with_all_that_its_rule_says() -> None:
    join = {"stream": "t", "of": "a", "by": "id", "every": True, "unique": "no", "order": "place", "when": "counts"}
    compiled = compiler().compile("s", StreamRule.model_validate({"joins": {"_a": join}}), Options(False, full=True))
    (found,) = compiled.joins
    assert (found.name, found.stream, found.by, found.every, found.order) == ("_a", "t", "id", True, "place")
    assert found.of({"a": 7}) == 7
    assert found.unique is not None
    assert found.when is not None
    assert (found.unique({"no": 3}), found.when({"counts": True})) == (3, True)
