"""What is kept with a rejected record is enough to map it again."""

from __future__ import annotations

import json
from typing import Any

from destination_fincome.connection.assembly import understand
from destination_fincome.connection.origins import catalog_of, origins_of, stream_of
from destination_fincome.protocol.catalog import StreamKey, parse_catalog

STRIPE = {"id": {}, "object": {}, "livemode": {}, "invoice_prefix": {}, "invoice_settings": {"type": "object"}}


def stream(name: str, columns: dict[str, Any], **more: object) -> dict[str, Any]:
    described = {"name": name, "namespace": "public", "json_schema": {"properties": columns}}
    return {"stream": described, "destination_sync_mode": "append_dedup", **more}


def test_the_stream_comes_back_as_it_was_and_the_others_by_their_names() -> None:
    document = {"streams": [stream("customers", STRIPE, cursor_field=["updated"]), stream("plans", {"id": {}})]}
    connection = understand({"api_key": "the-key-0123"}, parse_catalog(document))
    origins = origins_of(connection.catalog, connection.plan)
    assert [*origins] == ["public.customers", "public.plans"]
    origin = json.loads(origins["public.customers"])
    assert origin["preset"] == "stripe"
    assert stream_of(origin) == StreamKey("public", "customers")
    found = catalog_of([origin])
    assert found.streams[0] == connection.catalog.streams[0]
    assert [str(one.key) for one in found.streams] == ["public.customers", "public.plans"]


def test_of_several_origins_of_a_stream_all_columns_count() -> None:
    origins = []
    for columns in ({"id": {}, "name": {}}, {"id": {}, "email": {}}):
        connection = understand({"api_key": "the-key-0123"}, parse_catalog({"streams": [stream("customers", columns)]}))
        origins.append(json.loads(origins_of(connection.catalog, connection.plan)["public.customers"]))
    (found,) = catalog_of(origins).streams
    assert found.properties == {"id", "name", "email"}


def test_a_mapping_of_ones_own_names_no_preset() -> None:
    own = [{"stream": "bills", "entity": "customers", "fields": [{"field": "id", "expression": "no"}]}]
    document = {"streams": [stream("bills", {"no": {}}, destination_sync_mode="append")]}
    connection = understand({"api_key": "the-key-0123", "streams": own}, parse_catalog(document))
    assert json.loads(origins_of(connection.catalog, connection.plan)["public.bills"])["preset"] is None
