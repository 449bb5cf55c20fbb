"""JSON, JSON lines and Parquet: their values keep their types, and nested ones stay nested."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from destination_fincome.failure import ConfigFailure
from destination_fincome.protocol.json_text import read_exactly
from fincome_tools.files.encoding import MOST_BYTES
from fincome_tools.files.table import Row, Table

Objects = list[dict[str, Any]]


def read_json(path: Path) -> list[Table]:
    """Read a list of objects, or an object whose lists of objects are a table each, by its keys.

    Raises:
        ConfigFailure: it is no JSON, or has no list of objects.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ConfigFailure(f"{path.name} has more than {MOST_BYTES >> 20:,} MB: write one object a line, as .jsonl.")
    try:
        document = read_exactly(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ConfigFailure(f"{path.name} is no JSON ({error}).") from None
    if isinstance(document, list):
        return [_table(path, path.stem, document)]
    lists = {name: value for name, value in document.items() if _is_table(value)} if isinstance(document, dict) else {}
    if not lists:
        raise ConfigFailure(f"{path.name} holds no list of objects.")
    return [_table(path, name if len(lists) > 1 else path.stem, value) for name, value in lists.items()]


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _table(path: Path, name: str, items: list[Any]) -> Table:
    if not _is_table(items):
        raise ConfigFailure(f"{path.name} holds no list of objects.")
    columns = tuple(dict.fromkeys(key for item in items for key in item))
    return Table(name, columns, "JSON", partial(_rows_of, items, columns))


def _rows_of(items: Objects, columns: tuple[str, ...]) -> Iterator[Row]:
    return (Row(number, tuple(item.get(name) for name in columns)) for number, item in enumerate(items, 1))


def read_json_lines(path: Path) -> Table:
    """Read one object a line.

    Raises:
        ConfigFailure: a line is no object.
    """
    columns: dict[str, None] = {}
    for _, item in _lines(path):
        columns.update(dict.fromkeys(item))
    names = tuple(columns)
    return Table(path.stem, names, "JSON lines", partial(_line_rows, path, names))


def _line_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    return (Row(number, tuple(item.get(name) for name in columns)) for number, item in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                item = read_exactly(line)
            except (ValueError, RecursionError):
                item = None
            if not isinstance(item, dict):
                raise ConfigFailure(f"{path.name}, line {number}: it is no JSON object.")
            yield number, item


def is_of_messages(path: Path) -> bool:
    """Tell whether a file of JSON lines holds Airbyte messages."""
    with path.open("rb") as file:
        for line in file:
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            return isinstance(found, dict) and found.get("type") in _MESSAGES and found["type"].lower() in found
    return False


_MESSAGES = frozenset(["RECORD", "STATE", "LOG", "TRACE", "CATALOG", "SPEC", "CONTROL"])


def read_parquet(path: Path) -> Table:
    """Read a Parquet file, batch by batch.

    Raises:
        ConfigFailure: pyarrow isn't installed, or it can't be read.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError:
        raise ConfigFailure(f"{path.name}: to read Parquet, install pyarrow beside this: pip install pyarrow") from None
    try:
        columns = tuple(parquet.ParquetFile(path).schema_arrow.names)
    except (ArrowException, OSError) as error:
        raise ConfigFailure(f"{path.name} can't be read as Parquet ({type(error).__name__}).") from None
    return Table(path.stem, columns, "Parquet", partial(_parquet_rows, path, columns))


def _parquet_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    from pyarrow import parquet

    number = 0
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=4096):
            for item in batch.to_pylist():
                number += 1
                yield Row(number, tuple(_plain(item[name]) for name in columns))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.decode(errors="replace") if isinstance(value, bytes) else value
