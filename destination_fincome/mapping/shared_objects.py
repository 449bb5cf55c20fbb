"""Objects of which several streams of a connection bring a part each: they are merged field by field."""

from __future__ import annotations

from collections.abc import Sequence

from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.compiled import SAME_NAMES
from destination_fincome.mapping.preset import Emission, Preset, StreamRule

Planned = tuple[StreamRule | None, frozenset[str]]
"""A stream's rule, None if it is ignored, and its columns, as far as the catalog says."""


def merging(streams: Sequence[Planned], preset: Preset, contract: Contract) -> list[StreamRule | None]:
    """Return the streams' rules, in which what several streams know of an object is merged.

    That is for streams whose rules were written without one another in view: the user's own, and tables in Fincome's
    own shape. Where each has all fields that the others have, the newest row counts as a whole, and nothing waits.
    """
    built_in = {id(emission) for rule in preset.streams.values() for emission in rule.emits}
    parts: dict[str, list[frozenset[str]]] = {}
    for rule, columns in streams:
        for emission in rule.emits if rule else ():
            if _may_share(emission, built_in):
                parts.setdefault(emission.entity, []).append(_fields(emission, columns, contract))
    shared = {entity for entity, fields in parts.items() if len(set(fields)) > 1}
    return [rule and _with_merge(rule, shared, built_in) for rule, _ in streams]


def _may_share(emission: Emission, built_in: set[int]) -> bool:
    own = id(emission) not in built_in or emission.fields == SAME_NAMES
    return own and emission.operation == "upsert" and emission.for_each is None


def _fields(emission: Emission, columns: frozenset[str], contract: Contract) -> frozenset[str]:
    """Return what an emission gives, attributes among it."""
    if isinstance(emission.fields, dict):
        attributes = emission.custom_properties
        return frozenset(emission.fields) | frozenset(attributes if isinstance(attributes, dict) else ())
    return columns or frozenset(field.name for field in contract.entities[emission.entity].fields)


def _with_merge(rule: StreamRule, shared: set[str], built_in: set[int]) -> StreamRule:
    if not any(emission.entity in shared for emission in rule.emits):
        return rule
    emits = [
        emission.model_copy(update={"merge": emission.merge or {}})
        if emission.entity in shared and _may_share(emission, built_in)
        else emission
        for emission in rule.emits
    ]
    return rule.model_copy(update={"emits": emits})
