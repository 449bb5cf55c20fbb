"""What presets make of records: each case of sources/*.yaml, as it is written there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from unit_tests.mapping.payloads import Stream
from unit_tests.mapping.record_results import ENTITIES, differences, found_result
from unit_tests.mapping.source_files import SOURCES, Case, cases, cases_of, crm_of, mapper_of, parse, source_file

CASES = {source: cases_of(source) for source in SOURCES}


def named(case: Case) -> str:
    return f"{case.setting.source}: {case.name}"


def test_every_source_has_a_file() -> None:
    assert set(SOURCES) == set(load_presets())


TESTING = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
EXAMPLE = list(cases("harvest", parse(TESTING.split("```yaml harvest\n")[1].split("```")[0])))


@pytest.mark.parametrize("case", [*EXAMPLE, *(case for source in SOURCES for case in CASES[source])], ids=named)
def test_a_record_becomes_what_its_file_says(case: Case) -> None:
    mapper = mapper_of(case.setting)
    differing = differences(case.result, found_result(mapper, case.record))
    if differing:
        pytest.fail("\n".join(["- what the file says, + what is found", *differing]), pytrace=False)
    only_updated = {entity for entity, policy in mapper.policies.items() if policy == "update_only"}
    assert only_updated == set(case.setting.updates)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_said_of_a_fault_never_quotes_the_record(source: str) -> None:
    for case in CASES[source]:
        found = found_result(mapper_of(case.setting), case.record)
        said = [one["says"] for entity in ENTITIES for one in found.get(entity, []) if "fault" in one]
        assert not [text for text in texts(case.record) if len(text) > 2 and any(text in words for words in said)]


@pytest.mark.parametrize("source", SOURCES)
def test_of_two_equal_versions_that_counts_which_the_file_says(source: str) -> None:
    case = CASES[source][0]
    ties = {item.tie_first for item in mapper_of(case.setting).map(case.record).objects}  # type: ignore[union-attr]
    assert ties == {source_file(source).ties == "first"}


@pytest.mark.parametrize("source", SOURCES)
def test_every_sentence_stands_once_in_a_file(source: str) -> None:
    names = [case.name for case in CASES[source]]
    assert sorted(names) == sorted(set(names))


NAMED = [(source, name, entities) for source in SOURCES for name, entities in source_file(source).names.items()]
IGNORED = [(source, name, why) for source in SOURCES for name, why in source_file(source).ignored.items()]


@pytest.mark.parametrize(("source", "name", "entities"), NAMED)
def test_a_stream_brings_what_its_file_says(source: str, name: str, entities: tuple[str, ...]) -> None:
    plan = make_plan([Stream(name)], load_presets(), load_contract(), PlanOptions(source))
    assert plan.fed == set(entities)


@pytest.mark.parametrize(("source", "name", "why"), IGNORED)
def test_a_stream_that_is_not_needed_says_why(source: str, name: str, why: str) -> None:
    known = CASES[source][0].setting.stream
    streams = [Stream(known), Stream(name)]
    needed, ignored = make_plan(
        streams, load_presets(), load_contract(), PlanOptions(source, crm=crm_of(source))
    ).streams
    assert (needed.ignored, ignored.ignored, ignored.entities) == (None, why, frozenset())
