"""The configured catalog, as far as a destination needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from destination_fincome.failure import ConfigFailure, SystemFailure

CLEARING = "overwrite"
"""The destination sync mode of "Clear data", which no connection can choose."""


class StreamKey(NamedTuple):
    """What identifies a stream in a connection: its namespace (may be absent) and its name."""

    namespace: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True)
class ConfiguredStream:
    """One selected stream of the connection.

    Attributes:
        key: namespace and name, as records and states carry them (with the connection's prefix).
        properties: the names of the top-level columns its schema declares.
        cursor: path of the cursor column, empty when there is none.
        mode: its destination sync mode, as the platform calls it: `append`, `update`, …
        is_full_refresh: the source sends all that it has, not what has changed.
        drops_older: what earlier syncs brought is to go ("Clear data", a refresh that removes what was there), which
            Fincome can't do.
        object_name: the object of ours that the platform's user chose for it, in a data-activation connection; its
            columns have that object's names then.
    """

    key: StreamKey
    properties: frozenset[str]
    cursor: tuple[str, ...] = ()
    mode: str = "append"
    is_full_refresh: bool = False
    drops_older: bool = False
    object_name: str | None = None

    @property
    def is_cleared(self) -> bool:
        """Somebody asked for "Clear data": there are no records."""
        return self.mode == CLEARING


@dataclass(frozen=True)
class Catalog:
    """All selected streams, in the order of the catalog.

    Attributes:
        sync_id: the number that the platform gave this sync, None if it gave none.
    """

    streams: tuple[ConfiguredStream, ...]
    sync_id: int | None = None


def parse_catalog(document: Mapping[str, Any]) -> Catalog:
    """Build a catalog from a ConfiguredAirbyteCatalog; keys it doesn't know are ignored.

    Raises:
        SystemFailure: the document isn't a configured catalog.
    """
    try:
        numbers = (entry.get("sync_id") for entry in document["streams"])
        sync_id = next((number for number in numbers if isinstance(number, int)), None)
        return Catalog(tuple(_stream(entry) for entry in document["streams"]), sync_id)
    except (KeyError, TypeError, AttributeError) as error:
        raise SystemFailure("The configured catalog is not one: `streams[].stream.name` is missing.") from error


def read_catalog(path: str | Path) -> Catalog:
    """Read the catalog file that the platform names on the command line.

    Raises:
        ConfigFailure: the file can't be read or isn't JSON.
    """
    return parse_catalog(read_json_object(path, "catalog"))


def read_json_object(path: str | Path, what: str) -> dict[str, Any]:
    """Read a JSON object from a file, never quoting its content in an error.

    Raises:
        ConfigFailure: the file can't be read, isn't JSON, or isn't an object.
    """
    try:
        document = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise ConfigFailure(f"The {what} file can't be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise ConfigFailure(f"The {what} file isn't valid JSON (line {error.lineno}).") from None
    if not isinstance(document, dict):
        raise ConfigFailure(f"The {what} file holds no JSON object.")
    return document


def _stream(entry: Mapping[str, Any]) -> ConfiguredStream:
    stream = entry["stream"]
    schema = stream.get("json_schema") or {}
    return ConfiguredStream(
        key=StreamKey(stream.get("namespace") or None, stream["name"]),
        properties=frozenset(schema.get("properties") or ()),
        cursor=tuple(entry.get("cursor_field") or ()),
        mode=entry.get("destination_sync_mode") or "append",
        is_full_refresh=entry.get("sync_mode") == "full_refresh",
        drops_older=_drops_older(entry),
        object_name=entry.get("destination_object_name") or None,
    )


def _drops_older(entry: Mapping[str, Any]) -> bool:
    """Tell whether what belongs to an older generation is to be removed (protocol: minimum_generation_id)."""
    minimum = entry.get("minimum_generation_id")
    return entry.get("destination_sync_mode") == CLEARING or (isinstance(minimum, int) and minimum > 0)
