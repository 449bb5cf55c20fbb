"""What is looked up in bodies that are sent, and left out of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.stored import parsed


def has_only(shown: Mapping[str, Any], spec: EntitySpec, body: bytes) -> bool:
    """Tell whether an object has nothing but what was sent: then it wasn't there before."""
    has = {field.name for field in spec.fields if shown.get(field.name) is not None}
    return has <= {"id", *parsed(body)}


def null_at(body: bytes, field: str | None) -> str | None:
    """Return the name of the field that a refusal speaks of, if a null was sent there."""
    name = (field or "").partition(".")[0]
    return name if name and without_nulls(body, {name})[1] else None


def without_nulls(body: bytes, fields: Collection[str]) -> tuple[bytes, tuple[str, ...]]:
    """Return a body without the nulls of some fields, and the names of those that had one."""
    if b"null" not in body:
        return body, ()
    kept: dict[str, Any] = parsed(body)
    without = []
    for name in fields:
        properties = kept.get(name) if name == CUSTOM_PROPERTIES else None
        if name in kept and kept[name] is None:
            without.append(name)
            del kept[name]
        elif properties and None in properties.values():
            without.append(name)
            kept[name] = {one: value for one, value in properties.items() if value is not None}
            if not kept[name]:
                del kept[name]
    return (encode(kept), tuple(without)) if without else (body, ())


def without_id(body: bytes) -> bytes:
    """Return a body without the id."""
    return encode({name: value for name, value in parsed(body).items() if name != "id"})
