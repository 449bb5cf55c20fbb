"""What it takes to map a record again: kept with each rejected record, and read by whoever sends it again.

What becomes of a stream depends on its columns, on the source that was recognised, and on what else was selected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from destination_fincome.mapping.recognition import OWN, Plan
from destination_fincome.protocol.catalog import Catalog, ConfiguredStream, StreamKey, parse_catalog


def origins_of(catalog: Catalog, plan: Plan) -> dict[str, bytes]:
    """Return the origin of each stream's records, by the stream's name as people know it, as JSON."""
    streams = [str(stream.key) for stream in catalog.streams]
    preset = None if plan.preset is OWN else plan.preset.name
    return {str(stream.key): orjson.dumps(_origin(stream, preset, streams)) for stream in catalog.streams}


def _origin(stream: ConfiguredStream, preset: str | None, streams: Iterable[str]) -> dict[str, Any]:
    return {
        "namespace": stream.key.namespace,
        "name": stream.key.name,
        "columns": {name: {"type": "object"} if name in stream.nested else {} for name in sorted(stream.properties)},
        "cursor": stream.cursor,
        "mode": stream.mode,
        "object": stream.object_name,
        "preset": preset,
        "streams": streams,
    }


def stream_of(origin: Mapping[str, Any]) -> StreamKey:
    """Return which stream an origin is of."""
    return StreamKey(origin["namespace"], origin["name"])


def catalog_of(origins: Iterable[Mapping[str, Any]]) -> Catalog:
    """Return a catalog of the streams of some origins, and of those that were selected with them.

    Of several origins of a stream all columns count, and the rest of the last one.

    Raises:
        SystemFailure: something that is no origin.
    """
    found: dict[str, dict[str, Any]] = {}
    others: dict[str, dict[str, Any]] = {}
    for origin in origins:
        name = str(stream_of(origin))
        earlier = found.get(name, {"stream": {"json_schema": {"properties": {}}}})
        columns = {**earlier["stream"]["json_schema"]["properties"], **origin["columns"]}
        found[name] = {
            "stream": {
                "namespace": origin["namespace"],
                "name": origin["name"],
                "json_schema": {"type": "object", "properties": columns},
            },
            "cursor_field": origin["cursor"],
            "destination_sync_mode": origin["mode"],
            "destination_object_name": origin["object"],
        }
        others |= {other: {"stream": {"name": other}} for other in origin["streams"]}
    return parse_catalog({"streams": [*found.values(), *(others[name] for name in others if name not in found)]})
