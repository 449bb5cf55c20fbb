"""The user's own mapping (setting `streams`): its shape, its mistakes, and how it changes a preset's rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec, WritePolicy
from destination_fincome.fincome.value_types import LINES
from destination_fincome.mapping.compiled import (
    CUSTOM_PROPERTIES,
    RECORD,
    SAME_NAMES,
    PresetError,
    StreamCompiler,
    same_names,
)
from destination_fincome.mapping.preset import Emission, Expression, StreamRule
from destination_fincome.mapping.skip_rules import SkipRule, SkipRules


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        # Airbyte's form sends an empty text for a field that was filled in and then cleared.
        return None if value == "" else value


class FieldExpression(_Part):
    """One of Fincome's fields, and the expression that gives its value."""

    field: str
    expression: Expression


class PropertyExpression(_Part):
    """One custom property, and the expression that gives its value."""

    name: str
    expression: Expression


# The second is the key's old name.
_SKIP_KEYS = ("skip", "skip_when")


class OwnStream(_Part):
    """What the user says about one stream; several entries for a stream make several kinds of objects.

    Attributes:
        stream: its name, with or without the connection's prefix and its namespace.
        ignore: nothing becomes of the stream.
        entity: what its records become; absent: what the preset makes of them.
        operation: see contract.WritePolicy; absent: the preset's, or upsert.
        replace_preset: the preset's own mapping of the stream doesn't count.
        for_each: a list in the record: one object for each element.
        skip: skip rules by name; an expression makes one rule, named like its key.
        version: which of two states of an object is the newer one.
    """

    stream: str
    ignore: bool | None = None
    entity: str | None = None
    operation: WritePolicy | None = None
    replace_preset: bool | None = None
    for_each: str | None = None
    fields: tuple[FieldExpression, ...] | None = None
    custom_properties: tuple[PropertyExpression, ...] | None = None
    skip: dict[str, SkipRule] | None = None
    version: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _skip_by_name(cls, entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        rules = {name: rule for key in _SKIP_KEYS for name, rule in _skip_rules(key, entry.get(key)).items()}
        return {**entry, "skip": rules or None}

    @property
    def changes_objects(self) -> bool:
        """Whether it says anything about the objects."""
        said = (self.entity, self.operation, self.for_each, self.fields, self.custom_properties, self.skip)
        return any(said) or self.version is not None

    @property
    def skip_rules(self) -> dict[str, SkipRule]:
        """The skip rules, each by its place in the entry."""
        rules = self.skip or {}
        return {name if name in _SKIP_KEYS else f"skip.{name}": rule for name, rule in rules.items()}

    @property
    def expressions(self) -> dict[str, str]:
        """The expressions of the fields, by name."""
        return {item.field: item.expression for item in self.fields or ()}

    @property
    def properties(self) -> dict[str, str]:
        """The expressions of the custom properties, by name."""
        return {item.name: item.expression for item in self.custom_properties or ()}


def _skip_rules(key: str, given: Any) -> dict[str, Any]:
    """Return the rules under a key of an entry, by name; the rule of an expression is named like the key."""
    names = SkipRules("the source")
    if given is None or given == "":
        return {}
    if isinstance(given, dict):
        return {name: names.rule(name, form) for name, form in given.items()}
    if isinstance(given, str):
        return {key: names.rule("left_out", given)}
    raise ValueError(f"{key} is neither an expression nor rules by name")


def mistakes(own: Sequence[OwnStream], contract: Contract, compiler: StreamCompiler) -> Iterator[str]:
    """Yield every mistake in the user's mapping that can be found without the catalog.

    Each names its place, such as `streams[1].fields[3]`, and what would be right instead.
    """
    for index, item in enumerate(own):
        place = f"streams[{index}]"
        if item.ignore and item.changes_objects:
            yield f"{place}: says `ignore` and at the same time what the stream becomes; leave one of them out"
        if not item.ignore and not item.changes_objects and not item.replace_preset:
            yield f"{place}: says nothing of stream {item.stream}; choose an `entity`, or `ignore` it"
        yield from _mistakes(place, item, contract, compiler)


def _mistakes(place: str, item: OwnStream, contract: Contract, compiler: StreamCompiler) -> Iterator[str]:
    spec = contract.entities.get(item.entity) if item.entity else None
    if item.entity and spec is None:
        yield f"{place}.entity: {item.entity} is no entity (there are {', '.join(contract.entities)})"
    if not item.entity and (item.fields or item.for_each or item.custom_properties or item.version):
        yield f"{place}.entity: is missing: choose what the records of stream {item.stream} become"
    if spec and item.operation == "create_only" and not spec.can_create_only:
        yield f"{place}.operation: create_only isn't possible for {spec.name}, which Fincome can't be asked for"
    if spec:
        yield from _field_mistakes(place, item, spec, compiler)
    for i, prop in enumerate(item.custom_properties or ()):
        yield from _expression_mistakes(f"{place}.custom_properties[{i}]", prop.expression, compiler)
    yield from _twice(f"{place}.custom_properties", [prop.name for prop in item.custom_properties or ()])
    conditions = {name: rule.when for name, rule in item.skip_rules.items()}
    for name, text in {"for_each": item.for_each, **conditions, "version": item.version}.items():
        if text is not None:
            yield from _expression_mistakes(f"{place}.{name}", text, compiler)


def _field_mistakes(place: str, item: OwnStream, spec: EntitySpec, compiler: StreamCompiler) -> Iterator[str]:
    known = {field.name: field for field in spec.fields}
    for i, field in enumerate(item.fields or ()):
        here = f"{place}.fields[{i}]"
        if field.field not in known:
            others = f"it has {', '.join(known)}; use custom_properties for others"
            yield f"{here}.field: {spec.name} has no field {field.field} ({others})"
        elif known[field.field].type is LINES:
            yield f"{here}.field: {field.field} is a list, which can't be mapped here"
        else:
            yield from _expression_mistakes(f"{here}.expression", field.expression, compiler, known[field.field])
    yield from _twice(f"{place}.fields", [field.field for field in item.fields or ()])


def _expression_mistakes(
    place: str, text: str, compiler: StreamCompiler, field: FieldSpec | None = None
) -> Iterator[str]:
    try:
        if field:
            compiler.field(place, field, text)
        else:
            compiler.one(place, text)
    except PresetError as error:
        yield str(error)


def _twice(place: str, names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{place}: {name} is there {names.count(name)} times"


def merged(rule: StreamRule | None, own: Sequence[tuple[int, OwnStream]], contract: Contract) -> StreamRule:
    """Return a stream's rule with the user's entries applied to it.

    Args:
        rule: the preset's; None for a stream that it doesn't know.
        own: the user's entries for the stream, each with its position in the setting.

    Raises:
        PresetError: an item that can only be judged with the stream at hand; names its place.
    """
    fresh = rule is None or any(item.replace_preset for _, item in own)
    emissions = [] if rule is None or fresh else list(rule.emits)
    for index, item in own:
        emissions = _with(emissions, f"streams[{index}]", item, contract)
    base = StreamRule() if rule is None or fresh else rule
    given = {name for _, item in own for name in item.expressions}
    warnings = [warning for warning in base.warnings if warning.field not in given]
    return base.model_copy(
        update={"emits": emissions, "warnings": warnings, "ignored": None, "ignored_if_selected": None}
    )


def _with(emissions: list[Emission], place: str, item: OwnStream, contract: Contract) -> list[Emission]:
    """Apply one entry: to the emissions of its entity, or as a new emission."""
    if not item.changes_objects:
        return emissions
    if item.entity is None:
        if not emissions:
            raise PresetError(f"{place}.entity: is missing: no built-in mapping knows stream {item.stream}")
        return [_restricted(emission, item) for emission in emissions]
    if item.for_each is None and any(emission.entity == item.entity for emission in emissions):
        return [
            _laid_over(emission, item, contract.entities[item.entity]) if emission.entity == item.entity else emission
            for emission in emissions
        ]
    return [*emissions, _new(place, item)]


def _restricted(emission: Emission, item: OwnStream) -> Emission:
    """Return an emission with what an entry without an entity may change; its conditions are about the record."""
    skip = [*item.skip_rules.values()]
    if emission.for_each is not None:
        skip = [rule.model_copy(update={"when": f"{RECORD} | {rule.when}"}) for rule in skip]
    update = {"operation": item.operation or emission.operation, "skip": [*skip, *emission.skip]}
    return emission.model_copy(update=update)


def _laid_over(emission: Emission, item: OwnStream, spec: EntitySpec) -> Emission:
    fields = same_names(spec) if isinstance(emission.fields, str) else emission.fields
    properties = emission.custom_properties
    if properties is None:
        properties = CUSTOM_PROPERTIES if emission.fields == SAME_NAMES else {}
    return emission.model_copy(
        update={
            "fields": {**fields, **item.expressions} if item.fields else emission.fields,
            "custom_properties": _joined(properties, item.properties)
            if item.properties
            else emission.custom_properties,
            "operation": item.operation or emission.operation,
            "version": item.version or emission.version,
            "skip": [*item.skip_rules.values(), *emission.skip],
        }
    )


def _joined(properties: dict[str, str] | str, own: dict[str, str]) -> dict[str, str] | str:
    """Return the custom properties of both; the user's win."""
    if isinstance(properties, dict):
        return {**properties, **own}
    pairs = ", ".join(f"{json.dumps(name)}: {text}" for name, text in own.items())
    return f"merge({properties} || `{{}}`, {{{pairs}}})"


def _new(place: str, item: OwnStream) -> Emission:
    assert item.entity
    if item.fields and "id" not in item.expressions:
        raise PresetError(f"{place}.fields: has no id; say which column identifies the object")
    return Emission(
        entity=item.entity,
        operation=item.operation or "upsert",
        for_each=item.for_each,
        version=item.version,
        fields=dict(item.expressions) if item.fields else "same_names",
        custom_properties=item.properties or None,
        skip=[*item.skip_rules.values()],
    )
