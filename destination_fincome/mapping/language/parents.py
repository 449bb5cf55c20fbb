"""A value that another object has, one that this object refers to: it is known when the object goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jmespath

from destination_fincome.fincome.value_types import ValueFault

MISUSE = (
    "uses of_parent() for something else than a field's whole value: it can be the expression itself, the last "
    "argument of coalesce(), a result of when(), or stand last after ||"
)


class OfParent(NamedTuple):
    """Stands for a value of the object that a reference names.

    Attributes:
        reference: the field that holds the other object's id.
        field: the other object's field; `custom_properties.x` for one of its own attributes.
    """

    reference: str
    field: str


def of_parent(reference: Any, field: Any) -> OfParent:
    """Return what stands for a field of the object that a reference names."""
    return OfParent(reference, field)


def known_name(name: Any) -> str:
    """Return a field's name.

    Raises:
        ValueFault: it isn't one.
    """
    if not isinstance(name, str) or not name:
        raise ValueFault("is not a field's name")
    return name


def asked_of_parents(text: str) -> tuple[OfParent, ...]:
    """Return what a valid expression may ask of others.

    Raises:
        ValueError: it would compute with a value that nobody knows yet, or the names aren't written out.
    """
    node = jmespath.compile(text).parsed
    found = tuple(_results(node))
    if len(found) != sum(1 for _ in _calls(node)):
        raise ValueError(MISUSE)
    return found


def _calls(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node["type"] == "function_expression" and node["value"] == "of_parent":
        yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _calls(child)


def _results(node: Mapping[str, Any]) -> Iterator[OfParent]:
    """Yield the calls whose result is the whole expression's."""
    children = node["children"]
    if node["type"] == "or_expression":
        yield from _results(children[1])
    elif node["type"] == "function_expression":
        if node["value"] == "of_parent" and all(child["type"] == "literal" for child in children):
            yield OfParent(*(child["value"] for child in children))
        elif node["value"] == "coalesce":
            yield from _results(children[-1])
        elif node["value"] == "when":
            for child in children[1:]:
                yield from _results(child)
