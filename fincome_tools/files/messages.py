"""Files as a sync's input: a catalog of their tables, and their rows as Airbyte's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from destination_fincome.fincome.models import encode
from destination_fincome.protocol.catalog import Catalog, parse_catalog
from destination_fincome.protocol.messages import CHUNK_BYTES
from fincome_tools.files.reading import Files
from fincome_tools.files.table import Table
from fincome_tools.preview.inputs import streams_of_messages

Read = Callable[[int], bytes]


def catalog_of(files: Files) -> Catalog:
    """Return a catalog of all tables, each a full refresh: a file holds all that it holds.

    Raises:
        SystemFailure: a line of a file of messages is none.
    """
    streams = [_stream(table) for table in files.tables]
    for path in files.messages:
        with path.open("rb") as file:
            streams += streams_of_messages(file)
    return parse_catalog({"streams": streams})


def _stream(table: Table) -> Mapping[str, Any]:
    columns: dict[str, Any] = {column: {} for column in table.columns}
    return {"stream": {"name": table.name, "json_schema": {"properties": columns}}, "sync_mode": "full_refresh"}


def reader_of(files: Files) -> Read:
    """Return what gives all messages, as `Sync.run` reads them; a new one begins at the beginning again."""
    messages = chain(
        chain.from_iterable(_messages(table) for table in files.tables),
        chain.from_iterable(_lines(path) for path in files.messages),
    )

    def read(_limit: int) -> bytes:
        piece = bytearray()
        for message in messages:
            piece += message
            if len(piece) >= CHUNK_BYTES:
                break
        return bytes(piece)

    return read


def _messages(table: Table) -> Iterator[bytes]:
    """Yield a record a row, without what is empty."""
    head = b'{"type":"RECORD","record":{"emitted_at":0,"stream":' + orjson.dumps(table.name) + b',"data":'
    for row in table.read():
        values = {name: value for name, value in zip(table.columns, row.values, strict=True) if value is not None}
        yield head + encode(values) + b"}}\n"


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line if line.endswith(b"\n") else line + b"\n"
