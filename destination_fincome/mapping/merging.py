"""Objects of which several rows, or several streams, know a part each: how the parts become one, field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import structs

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.instants import NotAnInstant, is_none, seconds_of
from destination_fincome.fincome.value_types import DECIMAL, INSTANT, INTEGER, LINES, ValueFault, read_decimal
from destination_fincome.mapping.language.functions import add
from destination_fincome.mapping.results import Draft, Version

How = Literal["newest", "first", "last", "min", "max", "sum", "any"]
"""How the values of several rows become one. Empty values count for none of them."""

NEED_ALL_ROWS = frozenset(("first", "min", "max", "sum", "any"))
"""What is wrong where only some of an object's rows come."""

CUSTOM_PROPERTIES = "custom_properties"

# What rows have in common whose amounts are added up: else they are of several objects, or money of several kinds.
_OF_ONE = frozenset(("customer_id", "invoice_id", "currency"))
_SEVERAL = (
    "isn't the same in all rows of this id, and their amounts are added up: the id must be that of one object only"
)

Combine = Callable[[Any, Any], Any]
Merge = Mapping[str, Combine]
"""By field (`custom_properties.x` for an attribute): the value of the rows so far and that of another one, to one."""


class MergeFault(Exception):
    """A row's value can't be combined with those of the others."""

    def __init__(self, field_name: str, fault: ValueFault) -> None:
        super().__init__(field_name)
        self.field = field_name
        self.fault = fault


def merge_of(spec: EntitySpec, rules: Mapping[str, How]) -> dict[str, Combine]:
    """Return how an entity's fields are merged; those that no rule names keep their newest value.

    Raises:
        ValueError: a field can't be merged so; its first argument is the field.
    """
    known = {one.name: one for one in spec.fields}
    found: dict[str, Combine] = {}
    for name, how in rules.items():
        attribute = name.startswith(f"{CUSTOM_PROPERTIES}.")
        if name not in known and not attribute:
            others = f"it has {', '.join(known)}, and {CUSTOM_PROPERTIES}.x"
            raise ValueError(name, f"{spec.name} has no field {name} ({others})")
        kind = None if attribute else known[name].type
        if name == "id" or kind is LINES:
            raise ValueError(name, f"{name} can't be merged")
        if how == "sum" and kind not in (None, DECIMAL, INTEGER):
            raise ValueError(name, f"{name} is no number, so there is no sum of it")
        if how != "newest":
            order = seconds_of if kind is INSTANT else read_decimal if kind in (DECIMAL, INTEGER) else _by_itself
            combine = _combine(how, order)
            found[name] = _of_days(combine) if kind is INSTANT else combine
    return found


def _combine(how: How, order: Callable[[Any], Any]) -> Combine:
    if how in ("first", "any"):
        return lambda so_far, value: so_far
    if how == "last":
        return lambda so_far, value: value
    if how == "sum":
        return add
    if how == "min":
        return lambda so_far, value: value if order(value) < order(so_far) else so_far
    return lambda so_far, value: value if order(value) > order(so_far) else so_far


def _of_days(combine: Combine) -> Combine:
    """Combine points in time; a day that systems write for none is no value."""
    return lambda so_far, value: value if is_none(so_far) else so_far if is_none(value) else combine(so_far, value)


def _by_itself(value: Any) -> Any:
    """Order texts as numbers if they are some, else by their letters."""
    try:
        return (0, read_decimal(value), "")
    except ValueFault:
        return (1, 0, str(value))


@dataclass
class Parts:
    """What is known so far of one object.

    Attributes:
        draft: its values, and its newest version.
        versions: of each field's value, where it isn't merged by a rule.
    """

    draft: Draft
    versions: dict[str, Version] = field(default_factory=dict)


def joined(parts: Parts | None, draft: Draft) -> Parts:
    """Return what is known of an object with another row.

    Raises:
        MergeFault: a value can't be combined with the others.
    """
    flat = _flat(draft.values)
    if parts is None:
        first = {name: value for name, value in flat.items() if _is_value(value)}
        for name, value in first.items():
            _checked(name, draft, value, value)
        return Parts(structs.replace(draft, values=_nested(flat)), dict.fromkeys(first, draft.version))
    values, versions = _flat(parts.draft.values), dict(parts.versions)
    for name, value in flat.items():
        if not _is_value(value):
            values.setdefault(name, value)
        elif not _is_value(values.get(name)):
            values[name] = value
            versions[name] = draft.version
        elif draft.merge and name in draft.merge:
            values[name] = _checked(name, draft, values[name], value)
        elif name in _OF_ONE and _says(value) != _says(values[name]) and _adds_up(draft):
            raise MergeFault(name, ValueFault(_SEVERAL))
        elif is_newer(versions.get(name), draft.version, tie_first=draft.tie_first):
            values[name], versions[name] = value, draft.version
    asked = draft.asked or parts.draft.asked
    newest = draft.version if is_newer(parts.draft.version, draft.version, tie_first=False) else parts.draft.version
    whole = draft.whole and parts.draft.whole
    return Parts(structs.replace(draft, values=_nested(values), version=newest, whole=whole, asked=asked), versions)


def _adds_up(draft: Draft) -> bool:
    return any(combine is add for combine in (draft.merge or {}).values())


def _says(value: Any) -> str:
    """Write an id or a currency, to compare it: a number of a table may come as 7 and as 7.0."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip().casefold()


def _checked(name: str, draft: Draft, so_far: Any, value: Any) -> Any:
    """Combine two values by a field's rule."""
    combine = (draft.merge or {}).get(name)
    if combine is None:
        return value
    try:
        return combine(so_far, value)
    except ValueFault as fault:
        raise MergeFault(name, fault) from None
    except NotAnInstant:
        raise MergeFault(name, ValueFault("is not a date or date-time (ISO 8601 or epoch seconds)")) from None


def is_newer(version: Version, other: Version, *, tie_first: bool) -> bool:
    """Tell whether another version counts; an unknown one is older than any known one."""
    if version == other:
        return not tie_first
    return version is None or (other is not None and other > version)


def given(draft: Draft) -> frozenset[str]:
    """Return the fields beside the id that have a value, or get one of a parent; attributes each by itself."""
    has = {name for name, value in _flat(draft.values).items() if _is_value(value)}
    return frozenset(has | {name for name, _ in draft.asked}) - {"id"}


def without(draft: Draft, fields: Collection[str]) -> Draft:
    """Return an object without some of its fields."""
    left = {name: value for name, value in _flat(draft.values).items() if name not in fields}
    return structs.replace(draft, values=_nested(left), asked=tuple(one for one in draft.asked if one[0] not in fields))


def _is_value(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object's values, each attribute as one of its own."""
    flat = {name: value for name, value in values.items() if name != CUSTOM_PROPERTIES}
    attributes = values.get(CUSTOM_PROPERTIES)
    if isinstance(attributes, dict):
        flat |= {f"{CUSTOM_PROPERTIES}.{name}": value for name, value in attributes.items()}
    return flat


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in flat.items():
        if name.startswith(f"{CUSTOM_PROPERTIES}."):
            values.setdefault(CUSTOM_PROPERTIES, {})[name.partition(".")[2]] = value
        else:
            values[name] = value
    return values
