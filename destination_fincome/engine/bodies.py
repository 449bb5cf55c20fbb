"""Changes of an object's JSON after it was written: numbers keep exactly their digits."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal

from destination_fincome.fincome.models import encode


def without(body: bytes, fields: Collection[str]) -> bytes:
    """Return an object's JSON without some fields; `lines.x` is left out of each of the lines."""
    values = json.loads(body, parse_float=Decimal)
    for field in fields:
        outer, _, inner = field.partition(".")
        if inner:
            for element in values.get(outer, ()):
                element.pop(inner, None)
        else:
            values.pop(outer, None)
    return encode(values)


def with_text(body: bytes, field: str, text: str) -> bytes:
    """Return an object's JSON with another text in a field."""
    return encode({**json.loads(body, parse_float=Decimal), field: text})
