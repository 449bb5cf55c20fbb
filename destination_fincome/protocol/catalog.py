"""The configured catalog, as far as a destination needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from destination_fincome.failure import ConfigFailure, SystemFailure

PrimaryKey = tuple[tuple[str, ...], ...]
"""Paths of the columns that tell the rows of a stream apart."""

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
        nested: those of them that may hold objects or lists.
        cursor: path of the cursor column, empty when there is none.
        primary_key: empty when the catalog names none.
        mode: its destination sync mode, as the platform calls it: `append`, `update`, …
        is_full_refresh: the source sends all that it has, not what has changed.
        is_incremental: the source sends what has changed since the last sync.
        drops_older: what earlier syncs brought is to go ("Clear data", a refresh that removes what was there), which
            Fincome can't do.
        object_name: the object of ours that the platform's user chose for it, in a data-activation connection; its
            columns have that object's names then.
    """

    key: StreamKey
    properties: frozenset[str]
    nested: frozenset[str] = frozenset()
    cursor: tuple[str, ...] = ()
    primary_key: PrimaryKey = ()
    mode: str = "append"
    is_full_refresh: bool = False
    is_incremental: bool = False
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


class _NoCatalog(Exception):
    """Says where a document isn't a configured catalog, and what should be there."""


def parse_catalog(document: Mapping[str, Any]) -> Catalog:
    """Build a catalog from a ConfiguredAirbyteCatalog; keys it doesn't know are ignored.

    Raises:
        SystemFailure: the document isn't a configured catalog.
    """
    try:
        entries = _get(document, "streams", list, "")
        streams = tuple(_stream(entry, f"streams[{number}].") for number, entry in enumerate(entries))
        numbers = (entry.get("sync_id") for entry in entries)
        return Catalog(streams, next((number for number in numbers if isinstance(number, int)), None))
    except _NoCatalog as error:
        raise SystemFailure(f"The configured catalog is not one: {error}.") from None


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
        raise ConfigFailure(f"The {what} file can't be read: {error.strerror} ({path}).") from error
    except orjson.JSONDecodeError as error:
        raise ConfigFailure(f"The {what} file isn't valid JSON (line {error.lineno}).") from None
    if not isinstance(document, dict):
        raise ConfigFailure(f"The {what} file holds no JSON object.")
    return document


def _stream(entry: object, place: str) -> ConfiguredStream:
    stream = _get(entry, "stream", dict, place)
    of_stream = place + "stream."
    schema = _get(stream, "json_schema", dict, of_stream, optional=True) or {}
    columns = _get(schema, "properties", dict, of_stream + "json_schema.", optional=True) or {}
    cursor = _get(entry, "cursor_field", list, place, optional=True) or []
    if not all(isinstance(part, str) for part in cursor):
        raise _NoCatalog(f"`{place}cursor_field` must be a list of texts")
    mode = _get(entry, "destination_sync_mode", str, place, optional=True) or "append"
    # What belongs to an older generation is to be removed.
    minimum = _get(entry, "minimum_generation_id", int, place, optional=True)
    return ConfiguredStream(
        key=StreamKey(
            _get(stream, "namespace", str, of_stream, optional=True) or None, _get(stream, "name", str, of_stream)
        ),
        properties=frozenset(columns),
        nested=frozenset(name for name, column in columns.items() if _is_nested(column)),
        cursor=tuple(cursor),
        primary_key=_paths(_get(entry, "primary_key", list, place, optional=True))
        or _paths(_get(stream, "source_defined_primary_key", list, of_stream, optional=True)),
        mode=mode,
        is_full_refresh=_get(entry, "sync_mode", str, place, optional=True) == "full_refresh",
        is_incremental=_get(entry, "sync_mode", str, place, optional=True) == "incremental",
        drops_older=mode == CLEARING or (minimum is not None and minimum > 0),
        object_name=_get(entry, "destination_object_name", str, place, optional=True) or None,
    )


def _paths(found: list[Any] | None) -> PrimaryKey:
    """Return the paths of a key."""
    return tuple(tuple(map(str, path)) for path in found or () if isinstance(path, list) and path)


def _is_nested(column: object) -> bool:
    """Tell whether a column's schema allows an object or a list."""
    if not isinstance(column, Mapping):
        return False
    said = column.get("type")
    types = said if isinstance(said, list) else [said]
    alternatives = [one for key in ("oneOf", "anyOf") if isinstance(of := column.get(key), list) for one in of]
    return "object" in types or "array" in types or any(map(_is_nested, alternatives))


_WORDS: Mapping[type, str] = {str: "a text", int: "a whole number", list: "a list", dict: "an object"}


def _get(holder: object, name: str, kind: type, place: str, *, optional: bool = False) -> Any:
    """Return a value of a document, if it is of its kind; null stands for an absent one."""
    value = holder.get(name) if isinstance(holder, Mapping) else None
    if isinstance(value, kind) or (optional and value is None):
        return value
    raise _NoCatalog(f"`{place}{name}` must be {_WORDS[kind]}")
