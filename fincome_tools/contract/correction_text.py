"""The text that a user pastes into the setting `contract`: corrections, written as its reader takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from textwrap import indent
from typing import Any

import yaml

from destination_fincome.fincome.contract import Contract, Corrections
from destination_fincome.fincome.listing import Listing
from destination_fincome.fincome.value_types import INSTANT

ORDER = ("access", "operations", "amounts", "dates", "nulls", "custom_properties", "errors", "answers", "entities")
WIDEST = 100


def text_of(corrections: Corrections) -> str:
    """Return corrections as the text of the setting; the reader of the setting gives them back."""
    document: dict[str, Any] = {}
    places = sorted(corrections, key=lambda place: ORDER.index(place[0]))
    for place in places:
        _set(document, *_written(place, corrections[place]))
    return "version: 1\n" + "".join(f"{name}:{_dumped(value)}" for name, value in document.items())


def _dumped(value: Any) -> str:
    """Write a value; what is innermost in one line each."""
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, allow_unicode=True, width=WIDEST)
    return "\n" + indent(text, "  ") if isinstance(value, dict) else f" {text.removesuffix('...' + chr(10))}"


def _set(document: dict[str, Any], place: Sequence[str], value: Any) -> None:
    *above, last = place
    for part in above:
        document = document.setdefault(part, {})
    document[last] = value


def _written(place: tuple[str, ...], value: Any) -> tuple[tuple[str, ...], Any]:
    """Return a correction in the form of the text, where that isn't the form in which it is known."""
    if place[-1] == "post_updates":
        return place, {"ignored": "ignores"}.get(value, value) if isinstance(value, str) else value
    if place[-1] == "words" and isinstance(value, Mapping):
        return (*place[:-1], "enum"), dict(value)
    if place[-1] == "minimum" and value is None:
        return place, "none"
    return place, list(value) if isinstance(value, tuple) else value


def folded(corrections: Corrections, contract: Contract) -> dict[tuple[str, ...], Any]:
    """Return the same in fewer words: what holds of all fields is said once of their entity, or of all entities."""
    found = dict(corrections)
    for spec in contract.entities.values():
        money = [_field(spec.name, field.name, "unit") for field in spec.fields if field.money]
        _fold(found, money, ("entities", spec.name, "amounts"))
        # Those of lines count as their document does.
        whole = found.get(("entities", spec.name, "amounts"))
        for place in [one for one in found if one[:2] == ("entities", spec.name) and one[-1] == "unit"]:
            if found[place] == whole:
                del found[place]
        instants = [_field(spec.name, field.name, "form") for field in spec.fields if field.type is INSTANT]
        _fold(found, instants, ("entities", spec.name, "dates"))
    for name, whole in (("amounts", ("amounts",)), ("dates", ("dates",))):
        _fold(found, [("entities", entity, name) for entity in _having(contract, name)], whole)
    for operation in ("create", "update", "retrieve"):
        for fact in ("verb", "path"):
            everywhere = [("entities", spec.name, "operations", operation, fact) for spec in _present(contract)]
            _fold(found, everywhere, ("operations", operation, fact))
    for fact in [one.name for one in fields(Listing)]:
        everywhere = [("entities", spec.name, "operations", "list", fact) for spec in _present(contract)]
        _fold(found, everywhere, ("operations", "list", fact))
    properties = [_field(spec.name, "custom_properties", "name") for spec in _present(contract)]
    _fold(found, properties, ("custom_properties", "name"))
    return found


def _field(entity: str, field: str, fact: str) -> tuple[str, ...]:
    return ("entities", entity, "fields", field, fact)


def _present(contract: Contract) -> Iterator[Any]:
    return (spec for spec in contract.entities.values() if not spec.absent)


def _having(contract: Contract, what: str) -> list[str]:
    """Return the entities that have amounts, or dates."""
    return [
        spec.name
        for spec in _present(contract)
        if any(field.money if what == "amounts" else field.type is INSTANT for field in spec.fields)
    ]


def _fold(found: dict[tuple[str, ...], Any], places: Sequence[tuple[str, ...]], whole: tuple[str, ...]) -> None:
    """Put one correction in the place of several, if all of them are there and say the same."""
    values = [found.get(place) for place in places]
    if values and values[0] is not None and values == values[:1] * len(values) and whole not in found:
        for place in places:
            del found[place]
        found[whole] = values[0]
