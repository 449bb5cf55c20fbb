"""Values that the source emptied or cut because it couldn't give them whole (`record.meta.changes`), or left out.

They are no values: what Fincome has of them stays. What makes figures or refers to others must not be missing or
outdated in silence, so without it the object is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import Contract
from destination_fincome.fincome.value_types import CURRENCY, DECIMAL, ID, INSTANT
from destination_fincome.mapping.compiled import CUSTOM_PROPERTIES
from destination_fincome.mapping.preset import Emission, StreamRule
from destination_fincome.mapping.results import Draft, Fault, Skip, Warned

PROBLEM = (
    "was emptied or cut by the source, which says so in the record's `meta.changes`, or left out by change capture, as "
    "it is long and hadn't changed (then give the table REPLICA IDENTITY FULL)"
)
_NAME = re.compile(r"\w+")
# What becomes of a credit: a credit note, or a negative invoice with its lines.
_OF_CREDITS = ("credit_notes", "invoices", "invoice_lines")


class CutValues:
    """What becomes of the objects of one stream whose records have values that were cut."""

    def __init__(self, rule: StreamRule, contract: Contract) -> None:
        self._rule = rule
        self._contract = contract

    def applied(self, item: Draft | Skip | Fault, cut: frozenset[str]) -> Draft | Skip | Fault:
        """Return an object without what reads a column that was cut, or why it can't be sent without it."""
        if not isinstance(item, Draft):
            return item
        names = frozenset(name.lower() for name in cut)
        critical = self._critical(item.entity)
        fields = self._fields(item.entity, names)
        if found := sorted(fields & critical):
            return Fault(item.entity, item.values.get("id"), found[0], Code.CUT_BY_SOURCE, PROBLEM)
        values = {name: value for name, value in item.values.items() if name not in fields}
        properties = values.get(CUSTOM_PROPERTIES)
        if isinstance(properties, Mapping):
            gone = names | self._properties(item.entity, names)
            values[CUSTOM_PROPERTIES] = {name: v for name, v in properties.items() if name.lower() not in gone}
        return structs.replace(item, values=values, whole=item.whole and not fields)

    def left_out(self, item: Draft | Skip | Fault, cut: frozenset[str]) -> Iterator[Warned]:
        """Yield a warning of what an object has to go without, as `applied` leaves it."""
        if not isinstance(item, Draft):
            return
        names = frozenset(name.lower() for name in cut)
        fields = self._fields(item.entity, names)
        if fields & self._critical(item.entity):
            return
        properties = item.values.get(CUSTOM_PROPERTIES)
        had = {name for name in properties if name.lower() in names} if isinstance(properties, Mapping) else set()
        if any(isinstance(emission.fields, str) for emission in self._emissions(item.entity)):
            # All columns that are no fields are custom properties there, and an empty one is none any more.
            had = set(names - fields)
        if told := ", ".join(sorted(fields | had | self._properties(item.entity, names))):
            text = f"{item.entity} go without {told}, which the source emptied, cut or left out; what Fincome has stays"
            yield Warned(Code.CUT_VALUE_LEFT_OUT, text, item.values.get("id"))

    def _critical(self, entity: str) -> frozenset[str]:
        types = (ID, DECIMAL, INSTANT, CURRENCY)
        return frozenset(field.name for field in self._contract.entities[entity].fields if field.type in types)

    def _fields(self, entity: str, cut: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for emission in self._emissions(entity):
            helpers = {**self._rule.let, **emission.let}
            texts = self._texts(emission, entity)
            found |= {name for name, text in texts.items() if _reads(text, helpers, cut)}
        for credit in self._rule.credits if entity in _OF_CREDITS else ():
            helpers = {**self._rule.let, **credit.let}
            found |= {name for name, text in credit.fields.items() if _reads(text, helpers, cut)}
        return found

    def _emissions(self, entity: str) -> Iterator[Emission]:
        return (emission for emission in self._rule.emits if emission.entity == entity)

    def _texts(self, emission: Emission, entity: str) -> dict[str, str]:
        """Return all that each field is made of; what a list is made of makes all fields of its elements."""
        if isinstance(emission.fields, str):
            found = {field.name: field.name for field in self._contract.entities[entity].fields}
        else:
            found = {
                name: text if isinstance(text, str) else " ".join([text.for_each, *text.fields.values()])
                for name, text in emission.fields.items()
            }
        if isinstance(emission.custom_properties, str):
            found[CUSTOM_PROPERTIES] = emission.custom_properties
        return {name: f"{emission.for_each or ''} {text}" for name, text in found.items()}

    def _properties(self, entity: str, cut: frozenset[str]) -> frozenset[str]:
        """Return the custom properties that are made of what was cut."""
        return frozenset(
            name.lower()
            for emission in self._emissions(entity)
            if isinstance(emission.custom_properties, dict)
            for name, text in emission.custom_properties.items()
            if _reads(text, {**self._rule.let, **emission.let}, cut)
        )


def _reads(text: str, helpers: Mapping[str, str], cut: frozenset[str]) -> bool:
    """Tell whether an expression, or a helper that it uses, names a column that was cut."""
    words = set(_NAME.findall(text))
    small = {word.lower() for word in words}
    if any(name in small if _NAME.fullmatch(name) else name in text.lower() for name in cut):
        return True
    others = {name: helper for name, helper in helpers.items() if name not in words}
    return any(_reads(helpers[name], others, cut) for name in words & helpers.keys())
