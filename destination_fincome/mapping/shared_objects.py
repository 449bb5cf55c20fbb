"""Objects of which several streams of a connection bring a part each: they are merged field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.compiled import SAME_NAMES
from destination_fincome.mapping.preset import Emission, StreamRule


class Planned(NamedTuple):
    """One stream of a connection.

    Attributes:
        rule: None if the stream is ignored.
        columns: as far as the catalog says.
        built_in: what the built-in mapping makes of the stream, whatever the user lays over it.
    """

    rule: StreamRule | None
    columns: frozenset[str]
    built_in: tuple[Emission, ...] = ()


def merging(streams: Sequence[Planned], contract: Contract) -> list[StreamRule | None]:
    """Return the streams' rules, in which what several streams know of an object is merged.

    That is for streams whose rules were written without one another in view: the user's own, and tables in Fincome's
    own shape. Where each has all fields that the others have, the newest row counts as a whole, and nothing waits.
    What a built-in mapping brings besides never waits: what the user's streams know of it goes after it.
    """
    parts: dict[str, list[frozenset[str]]] = {}
    beside = {one.entity for stream in streams if stream.rule for one in stream.rule.emits if _is_built_in(one, stream)}
    for stream in streams:
        for emission in stream.rule.emits if stream.rule else ():
            if _may_share(emission, stream):
                parts.setdefault(emission.entity, []).append(_fields(emission, stream.columns, contract))
    shared = {entity for entity, fields in parts.items() if len(set(fields)) > 1 or entity in beside}
    return [stream.rule and _with_merge(stream.rule, shared, stream) for stream in streams]


def _is_built_in(emission: Emission, stream: Planned) -> bool:
    """Tell whether a built-in mapping brings an object by rules that know of the other streams' rules."""
    known = any(one.entity == emission.entity and one.fields != SAME_NAMES for one in stream.built_in)
    return known and emission.operation == "upsert"


def _may_share(emission: Emission, stream: Planned) -> bool:
    known = _is_built_in(emission, stream)
    return not known and emission.operation == "upsert" and emission.for_each is None


def _fields(emission: Emission, columns: frozenset[str], contract: Contract) -> frozenset[str]:
    """Return what an emission gives, attributes among it."""
    if isinstance(emission.fields, dict):
        attributes = emission.custom_properties
        return frozenset(emission.fields) | frozenset(attributes if isinstance(attributes, dict) else ())
    return columns or frozenset(field.name for field in contract.entities[emission.entity].fields)


def _with_merge(rule: StreamRule, shared: set[str], stream: Planned) -> StreamRule:
    if not any(emission.entity in shared for emission in rule.emits):
        return rule
    emits = [
        emission.model_copy(update={"merge": emission.merge or {}})
        if emission.entity in shared and _may_share(emission, stream)
        else emission
        for emission in rule.emits
    ]
    return rule.model_copy(update={"emits": emits})
