"""Changes of an object's JSON after it was written: numbers keep exactly their digits."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import orjson

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES
from destination_fincome.fincome.models import encode


def without(body: bytes, references: Collection[tuple[str, str]]) -> bytes:
    """Return an object's JSON without some of its references.

    Args:
        references: field and id of each; `lines.x` is left out of those of the lines that hold the id.
    """
    values = json.loads(body, parse_float=Decimal)
    for field, identity in references:
        outer, _, inner = field.partition(".")
        for holder in values.get(outer, ()) if inner else [values]:
            if holder.get(inner or outer) == identity:
                del holder[inner or outer]
    return encode(values)


def with_number(body: bytes, field: str, number: Decimal | None) -> bytes:
    """Return an object's JSON with another number in a field; null, if there is none."""
    return encode({**json.loads(body, parse_float=Decimal), field: number})


def with_text(body: bytes, field: str, text: str) -> bytes:
    """Return an object's JSON with another text in a field."""
    return encode({**json.loads(body, parse_float=Decimal), field: text})


def laid_over(earlier: bytes, later: bytes) -> bytes:
    """Return what two deliveries of an object send together, JSON."""
    first, second = values_of(earlier), values_of(later)
    if CUSTOM_PROPERTIES in first and second.get(CUSTOM_PROPERTIES):
        second[CUSTOM_PROPERTIES] = {**(first[CUSTOM_PROPERTIES] or {}), **second[CUSTOM_PROPERTIES]}
    return encode({**first, **second})


def sent_in(body: bytes) -> frozenset[str]:
    """Return which fields, and attributes as `custom_properties.x`, an object's JSON has a value for."""
    values = orjson.loads(body)
    properties = values.get(CUSTOM_PROPERTIES) or {}
    names = [name for name, value in values.items() if value is not None and name != CUSTOM_PROPERTIES]
    names += [f"{CUSTOM_PROPERTIES}.{name}" for name, value in properties.items() if value is not None]
    return frozenset(names)


def clearing(body: bytes, names: Collection[str]) -> bytes:
    """Return an object's JSON with nulls for fields and attributes that it doesn't have."""
    values = values_of(body)
    for name in names:
        field, _, attribute = name.partition(".")
        if attribute:
            values.setdefault(CUSTOM_PROPERTIES, {}).setdefault(attribute, None)
        else:
            values.setdefault(field, None)
    return encode(values)


def values_of(body: bytes) -> dict[str, Any]:
    """Read an object's JSON; numbers with decimals are Decimal."""
    values: dict[str, Any] = json.loads(body, parse_float=Decimal)
    return values
