"""From the bytes on stdin to records and states (platform.md 1-5).

Plain dictionaries, not the CDK's models: those drop `state.id` and die on enum values they don't know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from destination_fincome.failure import SystemFailure
from destination_fincome.protocol.catalog import StreamKey

CHUNK_BYTES = 1 << 18
OWN_COLUMN = "_airbyte_"
# A line in which neither of these occurs has no such column: the prefix as it is usually written, and the beginning of
# the only other way that JSON has to write a letter.
_SIGNS_OF_OWN_COLUMN = (b'"_airbyte_', rb"\u")


class Record(NamedTuple):
    """One RECORD: its stream and its data, without the columns that Airbyte itself adds (`_airbyte_*`)."""

    stream: StreamKey
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """One STATE message, whole and unaltered.

    Attributes:
        message: the message as it came: what is written back, once `destinationStats` is added.
        stream: the stream it covers, or None when it covers all of them (GLOBAL and legacy states).
    """

    message: dict[str, Any]
    stream: StreamKey | None


def read_lines(read: Callable[[int], bytes]) -> Iterator[list[bytes]]:
    """Cut a byte source into lines, as soon as they are there.

    Args:
        read: returns at most so many bytes, blocks only when nothing is there, b"" at the end
            (`io.BufferedReader.read1`).

    Yields:
        Lists of whole lines without their line ends, one list for each piece that arrived: so that a silent
        source never keeps back what it has already sent. A last line without an end counts as a line.
    """
    rest = b""
    while chunk := read(CHUNK_BYTES):
        *lines, tail = chunk.split(b"\n")
        if lines:
            lines[0] = rest + lines[0]
            rest = tail
            yield lines
        else:
            rest += tail
    if rest:
        yield [rest]


def parse_line(line: bytes, number: int) -> Record | State | None:
    """Parse one line of input.

    Returns:
        A record, a state, or None for blank lines and all other message types, which are ignored.

    Raises:
        SystemFailure: the line isn't a JSON object, or a RECORD or STATE without what makes it one. The error
            names the line's number and length, never its content (it may be customer data).
    """
    if not line.strip():
        return None
    try:
        message = orjson.loads(line)
        kind = message["type"] if isinstance(message, dict) else None
        if kind == "RECORD":
            record = message["record"]
            data = record["data"]
            if _SIGNS_OF_OWN_COLUMN[0] in line or _SIGNS_OF_OWN_COLUMN[1] in line:
                _strip_own_columns(data)
            data.keys()  # data that isn't an object isn't a record's
            return Record(StreamKey(record.get("namespace") or None, record["stream"]), data)
        if kind == "STATE":
            return _state(message)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        kind = None
    if kind is None:
        raise SystemFailure(
            f"Line {number} of the input ({len(line)} bytes) is not an Airbyte message. "
            "Nothing after it was read; the next attempt starts from the last saved state."
        ) from None
    return None


def _strip_own_columns(data: dict[str, Any]) -> None:
    for key in [key for key in data if key.startswith(OWN_COLUMN)]:
        del data[key]


def _state(message: dict[str, Any]) -> State:
    state = message["state"]
    stream = state.get("stream")
    if state.get("type") in ("GLOBAL", "LEGACY") or not stream:
        state.keys()  # a state that isn't an object isn't a state
        return State(message, None)
    descriptor = stream["stream_descriptor"]
    return State(message, StreamKey(descriptor.get("namespace") or None, descriptor["name"]))
