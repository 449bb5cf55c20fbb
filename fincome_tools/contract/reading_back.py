"""What an account shows of an object, held against what was sent, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec
from destination_fincome.fincome.instants import NotAnInstant, parse_instant
from destination_fincome.fincome.models import encode, moment
from destination_fincome.fincome.value_types import INSTANT, LINES
from destination_fincome.fincome.wire import wire_of

Relation = Literal["same", "not shown", "without its decimals", "opposite sign", "its day only", "another value"]


@dataclass(frozen=True)
class Shown:
    """What became of one field: its path, such as lines.amount, and how what is shown stands to what was sent."""

    path: str
    relation: Relation
    there: Any = None


def object_in(content: object, identity: str) -> dict[str, Any] | None:
    """Find the object in an answer: the whole of it, or inside of an envelope such as {"data": {...}}."""
    if not isinstance(content, dict):
        return None
    for one in (content, *content.values()):
        if isinstance(one, dict) and str(one.get("id")) == identity:
            return one
    return None


def as_stored(spec: EntitySpec, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an API in the contract's form would show of an object that it stored whole."""
    content = encode(body)
    content = wire_of(spec.form).as_stored(content) if spec.form else content
    found: dict[str, Any] = json.loads(content, parse_float=Decimal)
    return found


def compared(spec: EntitySpec, body: Mapping[str, Any], there: Mapping[str, Any]) -> list[Shown]:
    """Hold each field that was sent against what is shown, those of lines by the line's id."""
    found = []
    kinds = {field.name: field for field in spec.fields}
    for name, value in as_stored(spec, body).items():
        kind = kinds.get(name)
        if kind is not None and kind.type is LINES:
            found += _lines(name, value, there.get(name))
        elif name == CUSTOM_PROPERTIES:
            shown = there.get(name)
            same = isinstance(shown, Mapping) and value.items() <= shown.items()
            found.append(Shown(name, "same" if same else "not shown" if not shown else "another value", shown))
        else:
            is_instant = kind is not None and kind.type is INSTANT
            found.append(Shown(name, relation(value, there.get(name), is_instant=is_instant), there.get(name)))
    return found


def _lines(name: str, sent: list[dict[str, Any]], there: object) -> list[Shown]:
    if not isinstance(there, list) or not all(isinstance(one, dict) for one in there):
        return [Shown(name, "not shown")]
    by_id = {str(line.get("id")): line for line in there}
    found = []
    for line in sent:
        shown: Mapping[str, Any] = by_id.get(str(line["id"])) or (there[0] if len(there) == 1 else {})
        found += [
            Shown(f"{name}.{field}", relation(value, shown.get(field)), shown.get(field))
            for field, value in line.items()
        ]
    return found


def relation(sent: Any, there: Any, *, is_instant: bool = False) -> Relation:
    """Tell how what is shown stands to what was sent, however a server writes numbers, times and words."""
    if there is None:
        return "same" if sent is None else "not shown"
    if sent is None:
        return "another value"
    if is_instant:
        return _instants(str(sent), there)
    if isinstance(sent, bool) or not isinstance(sent, int | float | Decimal):
        same = str(sent).casefold() == _identity(there).casefold()
        return "same" if same else "another value"
    try:
        first, second = Decimal(str(sent)), Decimal(str(there))
    except InvalidOperation:
        return "another value"
    if first == second:
        return "same"
    if first == -second:
        return "opposite sign"
    return "without its decimals" if second == int(first) else "another value"


def _identity(there: Any) -> str:
    """Return a value as a text; of an object that stands in for a reference, its id."""
    return str(there.get("id")) if isinstance(there, dict) else str(there)


def _instants(sent: str, there: Any) -> Relation:
    try:
        shown = parse_instant(there)
    except NotAnInstant:
        return "another value"
    when, instant = shown.isoformat(), moment(sent)
    if len(when) == len("2026-01-31"):
        is_day = when == sent[:10]
        return "another value" if not is_day else "same" if moment(sent) == moment(when) else "its day only"
    if shown == instant:
        return "same"
    return "its day only" if when[:10] == sent[:10] and when[11:19] == "00:00:00" else "another value"
