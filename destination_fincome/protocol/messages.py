"""From the bytes on stdin to records and states.

Plain dictionaries, not the CDK's models: those drop the `state.id` that the platform stamps on states, and die on enum
values that they don't know.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from msgspec import Struct

from destination_fincome.failure import SystemFailure
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.json_text import (
    DEEPEST_TEXT,
    NoNumber,
    has_long_number,
    is_deeper,
    read_exactly,
    whole_members,
)
from destination_fincome.wording import counted

CHUNK_BYTES = 1 << 18
# What short lines become takes many times their size: so many are handed on at a time.
LINES_AT_ONCE = 200
LARGE = 1 << 20
OWN_COLUMN = "_airbyte_"
_OWN = OWN_COLUMN.encode()
_ESCAPE = ord("\\")
_NO_COLUMNS: frozenset[str] = frozenset()

_PATH = re.compile(r"[/.\[]")
# What Debezium, and Airbyte's Postgres source with it, writes in place of a long value that an update didn't change:
# https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-toasted-values
_UNCHANGED = "__debezium_unavailable_value"
_UNCHANGED_BYTES = _UNCHANGED.encode()
_UNCHANGED_FORMS = (_UNCHANGED, f'"{_UNCHANGED}"', [_UNCHANGED])
HALF_CHARACTER = "has half a character (a lone surrogate, such as \\ud83d)"
TOO_DEEP = "is nested too deeply"
NOT_A_NUMBER = "has NaN or Infinity, which are no numbers in JSON"


class Record(Struct, frozen=True, gc=False):
    """One RECORD.

    Attributes:
        data: without the columns that Airbyte itself adds (`_airbyte_*`). Numbers are int and float; one that no float
            holds exactly is a Decimal.
        line: the message as it came.
        number: of its line in the input, from 1 on.
        cut: the columns whose values the source emptied or cut (`meta.changes`), by the first name of their path, or
            left out as unchanged. The latter are null.
    """

    stream: StreamKey
    data: dict[str, Any]
    line: bytes = b""
    number: int = 0
    cut: frozenset[str] = frozenset()


class Unreadable(NamedTuple):
    """One RECORD whose data can't be read, though it is known whose it is: this record ends, and not the sync.

    Attributes:
        problem: what is wrong with it, without its content.
    """

    stream: StreamKey
    problem: str
    line: bytes
    number: int


@dataclass(frozen=True, slots=True)
class State:
    """One STATE message.

    Attributes:
        message: what is written back, once `destinationStats` is added to its `state`. All other values are
            `orjson.Fragment`s of the very bytes that came, to be written and not to be looked at.
        stream: the stream it covers, or None when it covers all of them (GLOBAL and legacy states).
    """

    message: dict[str, Any]
    stream: StreamKey | None


def read_lines(read: Callable[[int], bytes]) -> Iterator[list[bytes]]:
    """Cut a byte source into lines, as soon as they are there, in time that grows with their length only.

    Args:
        read: returns at most so many bytes, blocks only when nothing is there, b"" at the end.

    Yields:
        Lists of whole lines without their line ends, for each piece that arrived: so that a silent source never keeps
        back what it has already sent. A last line without an end counts as a line.
    """
    pieces: list[bytes] = []  # of the line that hasn't ended
    while chunk := read(CHUNK_BYTES):
        *lines, tail = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join((*pieces, lines[0]))
            pieces.clear()
            for first in range(0, len(lines), LINES_AT_ONCE):
                yield lines[first : first + LINES_AT_ONCE]
        pieces.append(tail)
    if rest := b"".join(pieces):
        yield [rest]


def parse_line(line: bytes, number: int) -> Record | Unreadable | State | None:
    """Parse one line of input.

    Returns:
        A record, a record that can't be read, a state, or None for blank lines and all other message types, which
        are ignored.

    Raises:
        SystemFailure: the line isn't a JSON object, or a RECORD or STATE of which can't be told whose it is. The error
            names the line's number and length, never its content (it may be customer data).
        MemoryError: there isn't enough for this line.
    """
    if len(line) > LARGE:
        bytearray(5 * len(line))  # orjson may crash where memory is short; this says so
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _second_look(line, number) if line.strip() else None
    try:
        kind = message["type"]
        if kind == "RECORD":
            return _record(message["record"], line, number)
        if kind == "STATE":
            return _state(line)
    except (ValueError, KeyError, TypeError, AttributeError):
        kind = None
    if kind is None:
        raise _no_message(line, number)
    return None


def completed_stream(line: bytes) -> StreamKey | None:
    """Return of which stream a line says that the source has sent all (TRACE, STREAM_STATUS, COMPLETE); else None."""
    if b"STREAM_STATUS" not in line:
        return None
    try:
        said = orjson.loads(line)["trace"]["stream_status"]
        descriptor = said["stream_descriptor"]
        return _key(descriptor["name"], descriptor.get("namespace")) if said["status"] == "COMPLETE" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def data_of(line: bytes) -> bytes:
    """Return a record's data from the line that it came in, as JSON: its own bytes, without Airbyte's own columns.

    Data that can't be read as JSON is a JSON string of all its text.
    """
    text = whole_members(whole_members(line)["record"]).get("data", b"null")
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return orjson.dumps(text.decode(errors="replace"))
    if b'"_airbyte_' not in text and rb"\u" not in text:
        return text
    texts = whole_members(text).items()
    return b"{%s}" % b",".join(
        orjson.dumps(name) + b":" + value for name, value in texts if not name.startswith(OWN_COLUMN)
    )


def _record(record: dict[str, Any], line: bytes, number: int) -> Record | Unreadable:
    """Raise one of the errors that tell that a message is none, if the stream can't be told."""
    stream = _key(record["stream"], record.get("namespace"))
    data = record.get("data")
    if not isinstance(data, dict):
        return Unreadable(stream, "has no object in `data`", line, number)
    if has_long_number(line):
        try:
            data = read_exactly(line)["record"]["data"]
        except RecursionError:
            return Unreadable(stream, TOO_DEEP, line, number)
    # In most lines it stands nowhere; an escape may hide it. (`find` takes half of the time of `in`.)
    if (line.find(_OWN) >= 0 or _ESCAPE in line) and OWN_COLUMN in "\0".join(data):
        data = {name: value for name, value in data.items() if not name.startswith(OWN_COLUMN)}
    cut = _cut(record, data) if record.get("meta") else _NO_COLUMNS
    if line.find(_UNCHANGED_BYTES) >= 0 and (left_out := _left_out(data)):
        data, cut = {**data, **dict.fromkeys(left_out)}, cut | left_out
    return Record(stream, data, line, number, cut)


def _left_out(data: dict[str, Any]) -> frozenset[str]:
    """Return the columns whose values the source left out, as they hadn't changed."""
    return frozenset(name for name, value in data.items() if value in _UNCHANGED_FORMS)


def _cut(record: dict[str, Any], data: dict[str, Any]) -> frozenset[str]:
    """Return the columns that `meta.changes` names; a path into a column counts as the column."""
    meta = record["meta"]
    changes = meta.get("changes") if isinstance(meta, dict) else None
    paths = [one.get("field") for one in changes or () if isinstance(one, dict)] if isinstance(changes, list) else []
    names = [path.lstrip("$/.") for path in paths if isinstance(path, str)]
    return frozenset(name if name in data else _PATH.split(name, maxsplit=1)[0] for name in names if name)


@lru_cache(maxsize=1024)
def _key(name: object, namespace: object) -> StreamKey:
    """Raise TypeError if the stream can't be told."""
    if not isinstance(name, str) or not isinstance(namespace, (str, type(None))):
        raise TypeError("a stream's name and namespace are texts")
    return StreamKey(namespace or None, name)


def _state(line: bytes) -> State:
    """Raise one of the errors that tell that a message is none, if it can't be told whose it is."""
    message = whole_members(line)
    state = whole_members(message["state"])
    kind = orjson.loads(state.get("type", b"null"))
    stream = whole_members(state["stream"]) if state.get("stream", b"null") != b"null" else {}
    key = None
    if stream and kind not in ("GLOBAL", "LEGACY"):
        descriptor = orjson.loads(stream["stream_descriptor"])
        key = _key(descriptor["name"], descriptor.get("namespace"))
    return State({**_as_they_came(message), "state": _as_they_came(state)}, key)


def _as_they_came(texts: dict[str, bytes]) -> dict[str, Any]:
    # Between tokens a carriage return is a blank; readers of lines take it for a line's end.
    return {name: orjson.Fragment(text.replace(b"\r", b" ")) for name, text in texts.items()}


def _second_look(line: bytes, number: int) -> Record | Unreadable | State | None:
    """Read what orjson doesn't, or tell at least whose it is."""
    if line.startswith(BOM_UTF8):
        return parse_line(line.removeprefix(BOM_UTF8), number)
    try:
        envelope = whole_members(line)
        kind = orjson.loads(envelope["type"])
        problem = _problem(line)
        if kind == "STATE" and problem in ("", HALF_CHARACTER, TOO_DEEP):
            return _state(line)
        if kind == "RECORD":
            return _unread(line, number, envelope, problem)
    except (ValueError, KeyError, TypeError, AttributeError):
        kind = None
    if kind in (None, "STATE"):
        raise _no_message(line, number)
    return None


def _unread(line: bytes, number: int, envelope: dict[str, bytes], problem: str) -> Record | Unreadable:
    if not problem:
        return _record(read_exactly(line)["record"], line, number)
    record = whole_members(envelope["record"])
    stream = _key(orjson.loads(record["stream"]), orjson.loads(record.get("namespace", b"null")))
    return Unreadable(stream, problem, line, number)


def _problem(line: bytes) -> str:
    """Return why a line can't be read; nothing if only its numbers are beyond a float."""
    try:
        message = read_exactly(line)
        if is_deeper(message, DEEPEST_TEXT):
            return TOO_DEEP
        json.dumps(message, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    except UnicodeEncodeError:
        return HALF_CHARACTER
    except NoNumber:
        return NOT_A_NUMBER
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        return "is not JSON"
    return ""


def _no_message(line: bytes, number: int) -> SystemFailure:
    return SystemFailure(
        f"Line {number} of the input ({counted(len(line), 'byte')}) is not an Airbyte message. "
        "Nothing after it was read; the next attempt starts from the last saved state."
    )
