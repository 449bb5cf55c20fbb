"""Airbyte's messages and catalogs, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]
Catalog: TypeAlias = dict[str, Any]

ABSENT = object()
"""Of a key that a message doesn't have at all, unlike one that is null."""


def stream(name: str, *columns: str, namespace: object = ABSENT, **settings: object) -> Message:
    """One stream of a configured catalog, with the columns that its schema declares."""
    description: Message = {
        "name": name,
        "json_schema": {"type": "object", "properties": {column: {} for column in columns}},
        "supported_sync_modes": ["full_refresh", "incremental"],
    }
    if namespace is not ABSENT:
        description["namespace"] = namespace
    return {"stream": description, "sync_mode": "incremental", "destination_sync_mode": "append_dedup", **settings}


def catalog(*streams: Message) -> Catalog:
    return {"streams": list(streams)}


def record(stream_name: str, data: Mapping[str, Any], namespace: object = ABSENT, **more: object) -> Message:
    content: Message = {"stream": stream_name, "data": dict(data), "emitted_at": 1_700_000_000_000, **more}
    if namespace is not ABSENT:
        content["namespace"] = namespace
    return {"type": "RECORD", "record": content}


def state(stream_name: str, value: object = None, namespace: object = ABSENT, **more: object) -> Message:
    """The state of one stream."""
    descriptor: Message = {"name": stream_name}
    if namespace is not ABSENT:
        descriptor["namespace"] = namespace
    content = {"type": "STREAM", "stream": {"stream_descriptor": descriptor, "stream_state": value}, **more}
    return {"type": "STATE", "state": content}


def global_state(shared: object, *streams: Message) -> Message:
    """One state of all streams; `streams` are states as `state` makes them."""
    states = [one["state"]["stream"] for one in streams]
    return {"type": "STATE", "state": {"type": "GLOBAL", "global": {"shared_state": shared, "stream_states": states}}}


def legacy_state(data: Mapping[str, object], **more: object) -> Message:
    return {"type": "STATE", "state": {"data": dict(data), **more}}


CUSTOMERS = stream("customers", "id", "name", "email", "country", "root_parent_id", "updated_at")
INVOICES = stream("invoices", "id", "customer_id", "subscription_id", "number", "date", "status", "currency", "amount")
LINES = stream(
    "invoice_lines",
    "id",
    "invoice_id",
    "type",
    "description",
    "currency",
    "amount_excluding_tax_after_discount",
    "period_start",
    "period_end",
)


def customer(identity: str, **fields: object) -> Message:
    """A customer in Fincome's own shape; its name is none that may be seen in a log."""
    return record("customers", {"id": identity, "name": f"PRIVATE name of {identity}", **fields})


def invoice(identity: str, customer_id: str, **fields: object) -> Message:
    return record("invoices", invoice_body(identity, customer_id, **fields))


def invoice_body(identity: str, customer_id: str, **fields: object) -> Message:
    return {
        "id": identity,
        "customer_id": customer_id,
        "number": f"PRIVATE-{identity}",
        "date": "2026-01-31",
        "status": "paid",
        "currency": "EUR",
        "amount": "12.50",
        **fields,
    }


def line(identity: str, invoice_id: str, **fields: object) -> Message:
    body = {
        "id": identity,
        "invoice_id": invoice_id,
        "type": "one_off",
        "description": "PRIVATE work",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": "12.50",
    }
    return record("invoice_lines", {**body, **fields})
