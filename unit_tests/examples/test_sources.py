"""The records of examples/sources: every stream of every preset has some, and all of them become objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import normal
from docs.source_pages import preview
from unit_tests.mapping.payloads import payloads
from unit_tests.mapping.source_files import Setting, mapper_of

ROOT = Path(__file__).parents[2]
RECORDS: dict[str, dict[str, list[dict[str, Any]]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (ROOT / "examples" / "sources").glob("*.json")
}
SOURCES = sorted(RECORDS)


def mapped_streams(source: str) -> dict[str, str]:
    """The preset's streams that become something, by each name that they may have."""
    rules = load_presets()[source].streams
    return {
        normal(name): key for key, rule in rules.items() if rule.emits or rule.credits for name in (key, *rule.names)
    }


def test_every_source_has_records() -> None:
    assert set(RECORDS) == set(load_presets()) - {"fincome"}


@pytest.mark.parametrize("source", SOURCES)
def test_every_stream_that_becomes_something_has_one_to_three_records(source: str) -> None:
    names = mapped_streams(source)
    assert sorted(names.get(normal(stream), stream) for stream in RECORDS[source]) == sorted(set(names.values()))
    assert {len(records) for records in RECORDS[source].values()} <= {1, 2, 3}


@pytest.mark.parametrize("source", SOURCES)
def test_every_record_becomes_objects_that_the_contract_allows(source: str) -> None:
    names = mapped_streams(source)
    for stream, records in RECORDS[source].items():
        mapper = mapper_of(Setting(source, names[normal(stream)]))
        for record in records:
            found = payloads(mapper, record)
            assert not found.faults, (stream, found.problems)
            assert found.sent, (stream, found.skipped, found.reason)


@pytest.mark.parametrize("source", SOURCES)
def test_a_preview_of_all_rejects_nothing_and_misses_no_parent(source: str) -> None:
    found = preview(source)
    assert found.mapping == load_presets()[source].title
    for view in found.streams:
        received = view.counts["received"]
        assert received == len(RECORDS[source].get(view.name, ())), view.name
        accepted = view.counts["sent"] + view.counts["unchanged"]
        # Stripe's plans are its prices once more, and are ignored beside them.
        assert accepted == (0 if view.ignored else received), (view.name, view.counts)
    assert not found.asked


@pytest.mark.parametrize("source", SOURCES)
def test_every_kind_of_object_that_a_source_can_bring_is_among_them(source: str) -> None:
    rules = load_presets()[source].streams.values()
    can = {emission.entity for rule in rules for emission in rule.emits}
    # What is applied to no invoice is a negative one.
    linked = any(rule.credit_links for rule in rules)
    can |= {"credit_notes" for rule in rules for credit in rule.credits if credit.allocations or linked}
    assert {entity for view in preview(source).streams for sample in view.samples for entity, _ in sample.bodies} == can
