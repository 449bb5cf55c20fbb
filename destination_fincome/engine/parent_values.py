"""Values that an object takes of its parents when it goes, and what goes again when they change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import ITSELF, Content, Fill, Gives, Less, Ref
from destination_fincome.engine.bodies import with_number, with_text, without
from destination_fincome.engine.spool.rows import Row
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.models import encode
from destination_fincome.mapping.language.parents import DiscountedBy, lowered
from destination_fincome.outcomes import Reason
from destination_fincome.reporting.facts import FACTS, Factbook

# What a price that can't be told is, to the user.
DISCOUNT_UNKNOWN = (
    "the customer has a discount, or had one, and the customer's record did not come in this sync, or tells too little "
    "of it; read customers and subscriptions in full, so that both come"
)

# What customers give for their subscriptions.
DISCOUNTS = "_discounts"
DISCOUNT_ALONE = (
    "customers with a discount came without any subscription that it lowers; if they have one, and the discount has "
    "changed, its monthly value in Fincome has not"
)


class Filled(NamedTuple):
    """An object with its parents' values.

    Attributes:
        body: its JSON.
        gives: see Row.
        is_unknown: a price of it can't be told, for want of what a parent knows of a discount; said once of each one.
    """

    body: bytes
    gives: Gives
    is_unknown: bool = False


class ParentValues:
    """Fills objects with their parents' values.

    Args:
        entities: in the contract's order.
        facts: is told of what an object counts with these values.
    """

    def __init__(self, spool: Spool, entities: Sequence[EntitySpec], facts: Factbook | None) -> None:
        self._spool = spool
        self._entities = entities
        self._facts = facts
        self._unknown: set[int] = set()

    def filled(self, row: Row, content: Content) -> Filled | Reason:
        """Return an object with its parents' values, and what it gives itself; or why it can't go.

        A parent's value is used if this sync has told it to Fincome, or was told it.
        """
        if not content.fills and not content.variants:
            return Filled(without(content.body, row.left_out) if row.left_out else content.body, content.gives)
        chosen = (v.body for v in content.variants if self._value_of(row, content, v.reference, v.of_parent) == v.value)
        body = next(chosen, content.body)
        if row.left_out:
            body = without(body, row.left_out)
        gives = dict(content.gives)
        for fill in content.fills:
            value = self._value_of(row, content, fill.reference, fill.of_parent)
            if fill.field == fill.reference:
                body = self._rooted(row, content, fill, value, body, gives)
            elif fill.less is not None:
                body = body if value is None else with_number(body, fill.field, _lowered(fill.less, value))
            elif value is not None:
                body = with_text(body, fill.field, value)
                gives[fill.field] = value
            elif fill.required and fill.field not in json.loads(body):
                return self._without_value(content, fill)
        if content.asks:
            self._remember(row, content, body)
        is_unknown = row.key not in self._unknown and _lacks_price(content, body)
        if is_unknown:
            self._unknown.add(row.key)
        return Filled(body, tuple(gives.items()), is_unknown)

    def _rooted(
        self, row: Row, content: Content, fill: Fill, value: str | None, body: bytes, gives: dict[str, str]
    ) -> bytes:
        """Name the topmost of the objects above this one, or what an id is another id of.

        In a cycle nothing is topmost: what would name the object itself keeps the name of its parent.
        """
        ref = self._ref(row, content, fill.reference)
        if ref is None:
            return body
        same = value is None or value in (row.id, ref.id)
        name = ref.id if same or value is None else value
        if fill.of_parent == fill.field:
            gives[fill.field] = name
        return body if same else with_text(body, fill.field, name)

    def _ref(self, row: Row, content: Content, field: str) -> Ref | None:
        ref = next((ref for ref in content.refs if ref.field == field), None)
        return None if ref is None or (ref.field, ref.id) in row.left_out else ref

    def _value_of(self, row: Row, content: Content, reference: str, field: str) -> str | None:
        """Return a parent's value, as far as this sync knows."""
        ref = self._ref(row, content, reference)
        parent = self._spool.get(ref.entity, ref.id) if ref else None
        if ref is None or parent is None:
            return None
        own = self._stood_for(ref, parent) if field != ITSELF else None
        return dict((own or parent).gives).get(field)

    def _stood_for(self, ref: Ref, named: Row) -> Row | None:
        """Return the object itself, if it is named by another id of it."""
        own = dict(named.gives).get(ITSELF)
        return self._spool.get(ref.entity, own) if own is not None and own != named.id else None

    def _without_value(self, content: Content, fill: Fill) -> Reason:
        ref = next(ref for ref in content.refs if ref.field == fill.reference)
        singular = self._entities[ref.entity].singular
        return Reason(
            Code.INVALID_FIELD, f"is missing, and the {singular} that it refers to has none either", fill.field
        )

    def _remember(self, row: Row, content: Content, body: bytes) -> None:
        """Note who gave values to an object that goes now, and correct what counts of it."""
        parents = {fill.reference for fill in content.fills} | {variant.reference for variant in content.variants}
        refs = [ref for field in parents if (ref := self._ref(row, content, field))]
        again = content
        if not content.variants:
            values = {"id": row.id, **{ref.field: ref.id for ref in refs}}
            again = Content(encode(values), tuple(refs), complete=False, policy="update_only", fills=content.fills)
        named = [(ref, parent) for ref in refs if (parent := self._spool.get(ref.entity, ref.id))]
        self._spool.fill(row, [(self._stood_for(ref, parent) or parent).key for ref, parent in named], again)
        facts = FACTS.get(self._entities[row.entity].name)
        if self._facts and facts and content.complete and not row.facet:
            values = json.loads(body, parse_float=Decimal)
            self._facts.see(row.key, row.entity, row.id, facts(values), again=True)


def _lacks_price(content: Content, body: bytes) -> bool:
    """Tell whether a price that a parent's discounts lower can't be told."""
    lowered_ones = [fill.field for fill in content.fills if fill.less is not None]
    return bool(lowered_ones) and any(json.loads(body).get(field) is None for field in lowered_ones)


def _lowered(less: Less, discounts: str) -> Decimal | None:
    """Return what a parent's discounts leave of a price."""
    rate = None if less.rate is None else Decimal(less.rate)
    price = DiscountedBy("", "", Decimal(less.price), rate, less.digits, less.currency)
    return lowered(price, json.loads(discounts, parse_float=Decimal))


def values_given(values: Mapping[str, Any], asked: Sequence[str]) -> Gives:
    """Return what an object has of the fields that others ask of it; `custom_properties.x` is one of its attributes."""
    found = []
    for field in asked:
        outer, _, inner = field.partition(".")
        value = values.get(outer)
        if inner:
            value = value.get(inner) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            found.append((field, value))
    return tuple(found)
