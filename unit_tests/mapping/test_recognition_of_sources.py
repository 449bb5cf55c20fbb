"""Every source is recognised by its own catalog and by no other's, with and without a prefix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.preset import StreamRule, load_presets
from destination_fincome.mapping.recognition import Plan, make_plan, normal
from unit_tests.mapping.payloads import Stream

FOLDER = Path(__file__).parent / "catalogs"
CATALOGS: dict[str, dict[str, list[str]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}


def rules_for(source: str, name: str) -> list[StreamRule]:
    """The rules of a source's preset for one of its streams: one, or none."""
    streams = load_presets()[source].streams
    return [rule for key, rule in streams.items() if normal(name) in {normal(known) for known in (key, *rule.names)}]


# Every stream that a preset makes something of, with its catalog's columns.
NEEDED = [
    (source, name)
    for source, catalog in CATALOGS.items()
    for name in catalog
    if any(not rule.ignored for rule in rules_for(source, name))
]


def plan(source: str, names: list[str], prefix: str = "") -> Plan:
    streams = [Stream(prefix + name, frozenset(CATALOGS[source][name])) for name in names]
    return make_plan(streams, load_presets(), load_contract())


def test_every_source_has_a_catalog() -> None:
    assert set(CATALOGS) == set(load_presets()) - {"fincome"}


@pytest.mark.parametrize("prefix", ["", "billing_", "Prod-", "stripe_", "customer"])
@pytest.mark.parametrize("source", CATALOGS)
def test_a_source_is_recognised_by_its_whole_catalog_under_any_prefix(source: str, prefix: str) -> None:
    found = plan(source, list(CATALOGS[source]), prefix)
    assert (found.preset.name, found.notes) == (source, ())
    for name, planned in zip(CATALOGS[source], found.streams, strict=True):
        assert (planned.preset_stream is not None) == bool(rules_for(source, name)), name


@pytest.mark.parametrize("source", CATALOGS)
def test_a_source_is_recognised_in_capitals(source: str) -> None:
    streams = [
        Stream(f"RAW_{name.upper()}", frozenset(column.upper() for column in columns))
        for name, columns in CATALOGS[source].items()
    ]
    assert make_plan(streams, load_presets(), load_contract()).preset.name == source


@pytest.mark.parametrize(("source", "name"), NEEDED)
def test_a_source_is_never_taken_for_another_one_by_a_single_stream(source: str, name: str) -> None:
    try:
        found = plan(source, [name]).preset.name
    except ConfigFailure:
        # Rather asked than guessed.
        return
    assert found == source


@pytest.mark.parametrize("source", CATALOGS)
def test_a_source_is_recognised_without_one_of_the_telling_columns_of_each_stream(source: str) -> None:
    streams = []
    for name, columns in CATALOGS[source].items():
        signature = [column for rule in rules_for(source, name) for column in rule.signature]
        streams.append(Stream(name, frozenset(columns) - set(signature[:1])))
    assert make_plan(streams, load_presets(), load_contract()).preset.name == source
