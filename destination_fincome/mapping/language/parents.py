"""A value that another object has, one that this object refers to: it is known when the object goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.discounts import discounted
from destination_fincome.mapping.language.syntax import tree

_ASKING = ("of_parent", "discounted_by")
MISUSE = (
    "uses of_parent() or discounted_by() for something else than a field's whole value: it can be the expression "
    "itself, the last argument of coalesce(), a result of when(), or stand last after ||"
)


class OfParent(NamedTuple):
    """Stands for a value of the object that a reference names.

    Attributes:
        reference: the field that holds the other object's id.
        field: the other object's field; `custom_properties.x` for one of its own attributes.
    """

    reference: str
    field: str


class DiscountedBy(NamedTuple):
    """Stands for a price that discounts lower which only the object that a reference names knows.

    Attributes:
        reference: the field that holds the other object's id.
        field: what the other object gives: a list of discounts, as discounted() takes them, perhaps with a `currency`;
            or an attribute of it with a number, which is a percentage.
        price: before these discounts; what counts if the other one has none.
        rate: see discounted().
        digits: how many decimals the result has.
        currency: the price's. A discount in another one makes the result unknown.
    """

    reference: str
    field: str
    price: Decimal
    rate: Decimal | None
    digits: int
    currency: str | None


def lowered(price: DiscountedBy, discounts: Any) -> Decimal | None:
    """Return what is left of a price; None if it can't be told."""
    listed = discounts if isinstance(discounts, list) else [discounts]
    known = [{"percent": one} if isinstance(one, (int, Decimal)) else one for one in listed]
    currencies = {str(one["currency"]).upper() for one in known if isinstance(one, dict) and one.get("currency")}
    if currencies - {price.currency}:
        return None
    left = discounted([{"value": price.price}], known, price.rate)
    return None if left is None else round(left, price.digits)


def of_parent(reference: Any, field: Any) -> OfParent:
    """Return what stands for a field of the object that a reference names."""
    return OfParent(reference, field)


def mentions_parents(text: str) -> bool:
    """Tell whether an expression may ask other objects for something."""
    return "of_parent(" in text or "discounted_by(" in text


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
    node = tree(text)
    found = tuple(_results(node))
    if len(found) != sum(1 for _ in _calls(node)):
        raise ValueError(MISUSE)
    return found


def _calls(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node["type"] == "function_expression" and node["value"] in _ASKING:
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
        if node["value"] in _ASKING and all(child["type"] == "literal" for child in children[:2]):
            yield OfParent(*(child["value"] for child in children[:2]))
        elif node["value"] == "coalesce":
            yield from _results(children[-1])
        elif node["value"] == "when":
            for child in children[1:]:
                yield from _results(child)
