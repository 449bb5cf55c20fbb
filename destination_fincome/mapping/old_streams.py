"""The setting `streams`, which `mapping` has replaced: its shape, and the document that says the same.

One entry of a list says what one kind of object becomes of one stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.own import VERSION, OwnMapping, OwnStream
from destination_fincome.mapping.own_expressions import WrittenOut
from destination_fincome.mapping.preset import Expression
from destination_fincome.mapping.skip_rules import KNOWN, SkipRule, SkipRules
from destination_fincome.mapping.stream_names import normal


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

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


class OldEntry(_Part):
    """One entry; keys are those of own.OwnStream and own.OwnEmission, in one.

    Attributes:
        entity: what the records become; absent: `operation` and `skip` are about all that the stream becomes.
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
        rest = {key: value for key, value in entry.items() if key not in _SKIP_KEYS}
        return {**rest, "skip": rules} if rules else rest

    @model_validator(mode="after")
    def _nothing_twice(self) -> OldEntry:
        for key, names in (
            ("fields", [item.field for item in self.fields or ()]),
            ("custom_properties", [item.name for item in self.custom_properties or ()]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"{key}: {name} is there {names.count(name)} times")
        return self

    @model_validator(mode="after")
    def _entity_is_said(self) -> OldEntry:
        if not self.entity and (self.fields or self.for_each or self.custom_properties or self.version):
            raise ValueError(f"entity: is missing: choose what the records of stream {self.stream} become")
        return self


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


def as_mapping(entries: Sequence[OldEntry]) -> OwnMapping:
    """Return the mapping that the entries stand for, with the text that says the same."""
    document: dict[str, Any] = {"version": int(VERSION), "streams": {}}
    places: dict[str, str] = {}
    names: dict[str, str] = {}
    for index, entry in enumerate(entries):
        name = names.setdefault(normal(entry.stream), entry.stream)
        stream = document["streams"].setdefault(name, {})
        places.setdefault(f"streams.{name}", f"streams[{index}]")
        _add(stream, f"streams.{name}", entry, f"streams[{index}]", places)
    written = WrittenOut()
    parts = written.document(document)["streams"]
    streams = {name: OwnStream.model_validate(stream) for name, stream in parts.items()}
    return OwnMapping(streams, old_places=places, text=as_text(document), mistakes=tuple(written.mistakes))


def _add(stream: dict[str, Any], place: str, entry: OldEntry, old: str, places: dict[str, str]) -> None:
    """Add what an entry says to its stream, and where each part stands in the entry."""
    for key in ("ignore", "replace_preset"):
        if getattr(entry, key):
            stream[key] = True
    part, here = stream, place
    if entry.entity:
        emits = stream.setdefault("emits", [])
        here = f"{place}.emits[{len(emits)}]"
        part = {"entity": entry.entity}
        emits.append(part)
        places[f"{place}.emits"] = places[here] = old
    for key in ("operation", "for_each", "version"):
        if getattr(entry, key):
            part[key] = getattr(entry, key)
            places[f"{here}.{key}"] = f"{old}.{key}"
    places[f"{here}.entity"], places[f"{here}.fields"] = f"{old}.entity", f"{old}.fields"
    if entry.fields:
        part["fields"] = {item.field: item.expression for item in entry.fields}
    for i, item in enumerate(entry.fields or ()):
        places[f"{here}.fields.{item.field}"] = f"{old}.fields[{i}]"
    if entry.custom_properties:
        part["custom_properties"] = {item.name: item.expression for item in entry.custom_properties}
    for i, prop in enumerate(entry.custom_properties or ()):
        places[f"{here}.custom_properties.{prop.name}"] = f"{old}.custom_properties[{i}]"
    if entry.skip:
        rules = [(_rule_name(name), rule) for name, rule in entry.skip.items()]
        forms = [{name: _short(name, rule)} for name, rule in rules]
        same = len({name for name, _ in rules}) < len(rules)
        part["skip"] = forms if same else {name: form for one in forms for name, form in one.items()}
    for i, name in enumerate(entry.skip or ()):
        places[f"{here}.skip[{i}]"] = f"{old}.{name if name in _SKIP_KEYS else f'skip.{name}'}"


def _rule_name(name: str) -> str:
    """Return what the rules of the document call a rule."""
    return "left_out" if name in _SKIP_KEYS else name


def _short(name: str, rule: SkipRule) -> Any:
    """Return a rule as people write it: a known one is its condition."""
    known = SkipRules("the source").rule(name, rule.when) if name in KNOWN else None
    if known and SkipRule.model_validate(known) == rule:
        return rule.when
    return rule.model_dump(mode="json", exclude_defaults=True)


class _Dumper(yaml.SafeDumper):
    """Writes lists within their keys, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's own)
        super().increase_indent(flow, indentless=False)


def _text_of(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    """Choose the quotes that need no escapes: expressions have single ones for their texts."""
    style = '"' if "'" in value and not set(value) & set('"\\') and not value[0].isalnum() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text_of)


def as_text(document: dict[str, Any]) -> str:
    """Write a document as YAML; what would be read as something else than it is has quotes."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
