"""What a preview reads: a catalog in any of the forms that people have one in, and messages from a file or a pipe."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson

from destination_fincome.failure import ConfigFailure
from destination_fincome.protocol.catalog import Catalog, parse_catalog
from destination_fincome.protocol.messages import Record, parse_line

STDIN = Path("-")
# How many messages are looked at for the names of columns when there is no catalog.
LOOKED_AT = 10_000
LINES_AT_ONCE = 200
BLANKS = b" \t\r\xef\xbb\xbf"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open the messages so that they can be read twice; those of a pipe are kept in a private temporary file.

    Raises:
        ConfigFailure: the file can't be read.
    """
    if path == STDIN:
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield kept
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise ConfigFailure(f"The messages can't be read: {error.strerror} ({path}).") from error
    with file:
        yield file


def read_catalog_of_any_form(path: Path) -> Catalog:
    """Read a configured catalog, a catalog as `discover` gives it, or all that `discover` wrote.

    Raises:
        ConfigFailure: the file can't be read, or holds no catalog.
        SystemFailure: a stream in it has no name.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigFailure(f"The catalog file can't be read: {error.strerror} ({path}).") from error
    for document in _documents(text):
        if isinstance(document, dict):
            inner = document.get("catalog") if document.get("type") == "CATALOG" else document
            if isinstance(inner, dict) and isinstance(inner.get("streams"), list):
                return parse_catalog({"streams": [_configured(entry) for entry in inner["streams"]]})
    raise ConfigFailure("The catalog file holds no catalog: neither a configured one nor what `discover` writes.")


def read_mapping_file(path: Path) -> str:
    """Return the text of a mapping.

    Raises:
        ConfigFailure: the file can't be read, or isn't UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigFailure(f"The mapping can't be read: {error.strerror} ({path}).") from error
    except UnicodeDecodeError:
        raise ConfigFailure(f"The mapping isn't in UTF-8 ({path}): save it so.") from None


def _documents(text: bytes) -> Iterator[Any]:
    for part in (text, *text.splitlines()):
        try:
            yield orjson.loads(part)
        except orjson.JSONDecodeError:
            continue


def _configured(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return entry if "stream" in entry else {"stream": entry}


def catalog_of_messages(*files: IO[bytes]) -> Catalog:
    """Make a catalog of the streams and columns that the first messages of each file have.

    Raises:
        SystemFailure: a line is no message.
    """
    found: dict[tuple[str | None, str], Any] = {}
    for entry in (entry for file in files for entry in streams_of_messages(file)):
        stream = entry["stream"]
        earlier = found.setdefault((stream["namespace"], stream["name"]), entry)
        earlier["stream"]["json_schema"]["properties"].update(stream["json_schema"]["properties"])
    return parse_catalog({"streams": [*found.values()]})


def reader_of_messages(*files: IO[bytes]) -> Callable[[int], bytes]:
    """Return what gives the messages of files, one after the other, from their beginnings; as `Sync.run` reads them."""
    lines = chain.from_iterable(_lines(file) for file in files)
    return lambda _limit: b"".join(islice(lines, LINES_AT_ONCE))


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines from the first one on, without what sources print between their messages."""
    file.seek(0)
    for line in file:
        if line.lstrip(BLANKS).startswith(b"{"):
            yield line if line.endswith(b"\n") else line + b"\n"


def _complain_of_others(file: IO[bytes]) -> None:
    """Raise what is to be said of a file whose lines are other things than messages; not of an empty one."""
    file.seek(0)
    for number, line in enumerate(islice(file, LOOKED_AT), 1):
        parse_line(line, number)


def streams_of_messages(file: IO[bytes]) -> list[Mapping[str, Any]]:
    """Return the streams of a catalog, with the columns that the first messages have; the file is at its begin then.

    Raises:
        SystemFailure: a line is no message.
    """
    columns: dict[tuple[str | None, str], dict[str, dict[str, Any]]] = {}
    for number, line in enumerate(islice(_lines(file), LOOKED_AT), 1):
        message = parse_line(line, number)
        if isinstance(message, Record):
            columns.setdefault(message.stream, {}).update({column: {} for column in message.data})
    if not columns:
        _complain_of_others(file)
    file.seek(0)
    return [
        {"stream": {"namespace": namespace, "name": name, "json_schema": {"properties": properties}}}
        for (namespace, name), properties in columns.items()
    ]
