"""Data activation: Fincome's objects as Airbyte's users choose and fill them, in place of a mapping of ours.

`discover` offers the objects as operations (protocol: DestinationCatalog). A connection that was made with them names
one per stream (`destination_object_name`), and its columns have Fincome's names by then: the platform renames them.
The form of the offer, and what each sync mode means, are those of Airbyte's own data-activation destinations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec, WritePolicy
from destination_fincome.fincome.value_types import LINES
from destination_fincome.mapping.own import OwnEmission, OwnMapping, OwnStream
from destination_fincome.mapping.stream_names import normal
from destination_fincome.protocol.catalog import CLEARING, Catalog, ConfiguredStream, StreamKey
from destination_fincome.wording import several_of

# What the platform's destination sync modes do with an object. There is no soft_delete: nothing can be deleted in
# Fincome.
OPERATIONS: Mapping[str, WritePolicy] = {
    "append": "create_only",
    "append_dedup": "upsert",
    "update": "update_only",
}
# What means an upsert, where the stream's object is none that the user chose in Airbyte.
UPSERTS = frozenset(("append", "append_dedup", CLEARING))
MATCHING_KEYS = [["id"]]


def destination_catalog(contract: Contract, *, keeps_others: bool) -> dict[str, Any]:
    """Return the DESTINATION_CATALOG message. The CDK's own models have no place for it.

    Args:
        keeps_others: columns without a field of Fincome's become custom properties, and may be called as one likes.
    """
    operations = [
        {
            "object_name": spec.name,
            "sync_mode": mode,
            "json_schema": _object_schema(spec, OPERATIONS[mode], keeps_others=keeps_others),
            "matching_keys": MATCHING_KEYS,
        }
        for spec in contract.entities.values()
        if not spec.absent
        for mode in modes_of(spec)
    ]
    return {"type": "DESTINATION_CATALOG", "destination_catalog": {"operations": operations}}


def modes_of(spec: EntitySpec) -> list[str]:
    """Return the sync modes that an entity can have: to create only, one must be able to tell what exists."""
    return [mode for mode, operation in OPERATIONS.items() if spec.can_create_only or operation != "create_only"]


def _object_schema(spec: EntitySpec, operation: WritePolicy, *, keeps_others: bool) -> dict[str, Any]:
    properties = {field.name: _field_schema(field) for field in spec.fields}
    properties["custom_properties"] = {
        "type": "object",
        "description": "Attributes of your own: text, numbers, true or false.",
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    }
    required = ["id"] if operation == "update_only" else [field.name for field in spec.fields if field.required]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": keeps_others,
    }


def _field_schema(field: FieldSpec) -> dict[str, Any]:
    if field.type is LINES:
        line = {
            "type": "object",
            "properties": {inner.name: _field_schema(inner) for inner in field.fields},
            "required": [inner.name for inner in field.fields if inner.required],
        }
        return {**field.type.json_schema, "items": line}
    schema = dict(field.type.json_schema)
    if field.enum:
        schema["enum"] = list(field.enum)
    if field.minimum is not None:
        schema["minimum"] = field.minimum
    if field.references:
        schema["description"] = f"Id of one of the {several_of(field.references)}."
    return schema


def check_modes(catalog: Catalog) -> None:
    """Refuse sync modes that mean something else than what would be done.

    Raises:
        ConfigFailure: naming a stream and its mode.
    """
    for stream in catalog.streams:
        if stream.object_name is None and stream.mode not in UPSERTS:
            raise ConfigFailure(
                f"Stream {stream.key} has the destination sync mode {stream.mode!r}, which can't be done without an "
                "object of Fincome's that was chosen for it in Airbyte (`destination_object_name`). Choose append or "
                "append_dedup: both create objects and change those that exist. `operation`, in `mapping`, is for "
                "the rest."
            )


def with_chosen_objects(catalog: Catalog, own: OwnMapping, contract: Contract) -> OwnMapping:
    """Return the user's own mapping, and what the catalog itself says that other streams become.

    Raises:
        ConfigFailure: an object or a sync mode that Fincome doesn't have.
    """
    return replace(own, streams={**own.streams, **dict(_chosen(catalog, own, contract))})


def _chosen(catalog: Catalog, own: OwnMapping, contract: Contract) -> Iterator[tuple[str, OwnStream]]:
    for stream in catalog.streams:
        if stream.object_name is None or any(_may_mean(name, stream.key) for name in own.streams):
            continue
        spec = contract.entities.get(stream.object_name)
        if spec is None:
            raise ConfigFailure(
                f"Stream {stream.key} is to become {stream.object_name!r}, which is no object of Fincome's. There are "
                f"{', '.join(contract.entities)}: refresh the destination's schema and choose one of them."
            )
        _must_be_alone(stream, catalog)
        emission = OwnEmission(entity=spec.name, operation=_operation(stream, spec))
        yield str(stream.key), OwnStream(replace_preset=True, emits=(emission,))


def _operation(stream: ConfiguredStream, spec: EntitySpec) -> WritePolicy:
    if stream.is_cleared:
        return "upsert"
    if stream.mode not in modes_of(spec):
        raise ConfigFailure(
            f"Stream {stream.key} is to {stream.mode} {spec.plural}, which Fincome can't do. Choose "
            f"one of the sync modes {', '.join(modes_of(spec))}."
        )
    return OPERATIONS[stream.mode]


def _must_be_alone(stream: ConfiguredStream, catalog: Catalog) -> None:
    """Two streams that a mapping can't tell apart by name would both become what one of them is to be."""
    for other in catalog.streams:
        if other is not stream and _may_mean(str(stream.key), other.key):
            raise ConfigFailure(
                f"Streams {stream.key} and {other.key} can't be told apart: case, punctuation and a missing namespace "
                "don't count. Select one of them only, or give them other names."
            )


def _may_mean(name: str, key: StreamKey) -> bool:
    """Tell whether a mapping's name of a stream means this one (recognition: without a prefix)."""
    return normal(name) in {normal(key.name), normal(str(key))}
