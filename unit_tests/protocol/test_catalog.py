"""The configured catalog: what is read of it, and what is said of one that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.failure import ConfigFailure, SystemFailure
from destination_fincome.protocol.catalog import StreamKey, parse_catalog, read_catalog, read_json_object


def entry(**changes: Any) -> dict[str, Any]:
    return {"stream": {"name": "customers"}, "sync_mode": "incremental", **changes}


def of(*entries: object) -> dict[str, object]:
    return {"streams": list(entries)}


def test_a_stream_is_read_with_all_that_a_destination_needs() -> None:
    schema = {"properties": {"id": {"type": "string"}, "name": None}}
    whole = entry(
        stream={"name": "customers", "namespace": "crm", "json_schema": schema, "unheard_of": 1},
        cursor_field=["updated", "at"],
        destination_sync_mode="append_dedup",
        destination_object_name="customers",
        generation_id=None,
    )
    (stream,) = parse_catalog(of(whole)).streams
    assert stream.key == StreamKey("crm", "customers")
    assert stream.properties == {"id", "name"}
    assert stream.cursor == ("updated", "at")
    assert (stream.mode, stream.object_name) == ("append_dedup", "customers")
    assert (stream.is_full_refresh, stream.drops_older, stream.is_cleared) == (False, False, False)


@pytest.mark.parametrize("absent", [{}, {"namespace": None, "json_schema": None}, {"namespace": "", "json_schema": {}}])
def test_what_is_null_or_empty_is_absent(absent: dict[str, object]) -> None:
    nulls = dict.fromkeys(["cursor_field", "destination_sync_mode", "destination_object_name", "sync_mode"])
    (stream,) = parse_catalog(of(entry(stream={"name": "a", **absent}, **nulls))).streams
    assert stream.key == StreamKey(None, "a")
    assert (stream.properties, stream.cursor, stream.mode, stream.object_name) == (frozenset(), (), "append", None)


@pytest.mark.parametrize(
    ("changes", "full", "drops", "cleared"),
    [
        ({"sync_mode": "full_refresh"}, True, False, False),
        ({"destination_sync_mode": "overwrite"}, False, True, True),
        ({"minimum_generation_id": 0}, False, False, False),
        ({"minimum_generation_id": 3}, False, True, False),
        ({"minimum_generation_id": None}, False, False, False),
    ],
)
def test_what_is_to_go_is_told(changes: dict[str, object], full: bool, drops: bool, cleared: bool) -> None:
    (stream,) = parse_catalog(of(entry(**changes))).streams
    assert (stream.is_full_refresh, stream.drops_older, stream.is_cleared) == (full, drops, cleared)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "`streams` must be a list"),
        ({"streams": {}}, "`streams` must be a list"),
        (of(None), "`streams[0].stream` must be an object"),
        (of("customers"), "`streams[0].stream` must be an object"),
        (of(entry(), entry(stream=[])), "`streams[1].stream` must be an object"),
        (of(entry(stream={})), "`streams[0].stream.name` must be a text"),
        (of(entry(stream={"name": None})), "`streams[0].stream.name` must be a text"),
        (of(entry(stream={"name": 7})), "`streams[0].stream.name` must be a text"),
        (of(entry(stream={"name": "a", "namespace": []})), "`streams[0].stream.namespace` must be a text"),
        (of(entry(stream={"name": "a", "json_schema": "x"})), "`streams[0].stream.json_schema` must be an object"),
        (
            of(entry(stream={"name": "a", "json_schema": {"properties": ["id"]}})),
            "`streams[0].stream.json_schema.properties` must be an object",
        ),
        (of(entry(cursor_field="updated_at")), "`streams[0].cursor_field` must be a list"),
        (of(entry(cursor_field=[["updated_at"]])), "`streams[0].cursor_field` must be a list of texts"),
        (of(entry(destination_sync_mode=1)), "`streams[0].destination_sync_mode` must be a text"),
        (of(entry(minimum_generation_id="1")), "`streams[0].minimum_generation_id` must be a whole number"),
    ],
)
def test_what_is_no_catalog_is_told_by_its_place(document: dict[str, object], place: str) -> None:
    with pytest.raises(SystemFailure) as caught:
        parse_catalog(document)
    assert caught.value.message == f"The configured catalog is not one: {place}."


def test_the_file_of_a_catalog_is_read(tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(of(entry(sync_id=None), entry(sync_id=42))))
    catalog = read_catalog(file)
    assert [str(stream.key) for stream in catalog.streams] == ["customers", "customers"]
    assert catalog.sync_id == 42


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "The configuration file can't be read: No such file or directory ({file})."),
        (b'{"api_key": "PRIVATE",\n\n!}', "The configuration file isn't valid JSON (line 3)."),
        (b'["PRIVATE"]', "The configuration file holds no JSON object."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_without_its_content(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "config.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigFailure) as caught:
        read_json_object(file, "configuration")
    assert caught.value.message == words.replace("{file}", str(file))


def test_a_stream_is_named_with_its_namespace() -> None:
    assert (str(StreamKey(None, "a")), str(StreamKey("crm", "a"))) == ("a", "crm.a")
