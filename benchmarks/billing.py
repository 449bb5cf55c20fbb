"""What is synced: invoice lines in Fincome's own shape, as messages and as the bodies that they become."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

BODY_BYTES = 487
COLUMNS = (
    "id",
    "invoice_id",
    "type",
    "description",
    "currency",
    "amount_excluding_tax_after_discount",
    "tax_amount",
    "discount_amount",
    "quantity",
    "period_start",
    "period_end",
)
LINES_OF_AN_INVOICE = 4
RECORDS_PER_STATE = 200


def invoice_line(number: int) -> dict[str, Any]:
    """Return one line, whose JSON has `BODY_BYTES` bytes."""
    line = {
        "id": f"il_{number:012d}",
        "invoice_id": f"in_{number // LINES_OF_AN_INVOICE:012d}",
        "type": "subscription",
        "description": "",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": 1000 + number % 9000 + 0.25,
        "tax_amount": 200.05,
        "discount_amount": 10.5,
        "quantity": 3,
        "period_start": "2026-01-01T00:00:00Z",
        "period_end": "2026-02-01T00:00:00Z",
    }
    line["description"] = ("Business plan, monthly, per seat. " * 12)[: BODY_BYTES - len(orjson.dumps(line))]
    return line


def bodies(first: int, count: int) -> list[bytes]:
    """Return what should reach Fincome."""
    return [orjson.dumps(invoice_line(number)) for number in range(first, first + count)]


def record(stream: str, values: dict[str, Any]) -> bytes:
    """Return a RECORD as a line."""
    message = {"type": "RECORD", "record": {"stream": stream, "data": values, "emitted_at": int(time.time() * 1000)}}
    return orjson.dumps(message) + b"\n"


def cheap_records(count: int) -> Iterator[bytes]:
    """Yield lines that differ in their ids only, at next to no cost to whoever measures their reader."""
    line = record("invoice_lines", invoice_line(0))
    template = line.replace(b"il_%012d" % 0, b"il_%012d").replace(b"in_%012d" % 0, b"in_%012d")
    for number in range(count):
        yield template % (number, number // LINES_OF_AN_INVOICE)


def state(stream: str, number: int) -> bytes:
    """Return a STATE as a line; `number` is its `id`."""
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": number}}
    return orjson.dumps({"type": "STATE", "state": {"id": number, "type": "STREAM", "stream": descriptor}}) + b"\n"


def messages(first: int, count: int) -> Iterator[bytes]:
    """Yield the lines of a sync: records, and a state after every few."""
    for number in range(first, first + count):
        yield record("invoice_lines", invoice_line(number))
        if (number - first + 1) % RECORDS_PER_STATE == 0 or number == first + count - 1:
            yield state("invoice_lines", number - first + 1)


def catalog(streams: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return a configured catalog of streams with these columns."""
    return {
        "streams": [
            {
                "stream": {
                    "name": name,
                    "json_schema": {"type": "object", "properties": {column: {} for column in columns}},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for name, columns in streams.items()
        ]
    }
