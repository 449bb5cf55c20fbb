"""The contract of Fincome's API, as the sandbox reads it.

Only the file is shared with the connector, never code. A fact that is corrected in the file changes what the
sandbox does; a file that the sandbox can't fully obey is refused at start, so that no fact is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

FIELD_TYPES = frozenset({"id", "text", "decimal", "integer", "country", "currency", "instant", "lines"})
# `root`, `clears` and `money` tell a client what a field is for; to the API they are nothing.
FIELD_ATTRIBUTES = frozenset(
    {"type", "required", "references", "root", "clears", "money", "enum", "minimum", "fields", "tag"}
)
CUSTOM_VALUE_KINDS = frozenset({"text", "number", "boolean"})
OPERATIONS = ("create", "update", "retrieve")


class ContractError(ValueError):
    """The contract file says something that the sandbox can't obey."""


@dataclass(frozen=True)
class Field:
    """One field of an object: its type, and what is demanded of its value."""

    name: str
    type: str
    required: bool = False
    references: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: Decimal | None = None
    fields: Mapping[str, "Field"] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """What must hold between fields of one object, when `when` (field: value) matches it."""

    when: Mapping[str, object]
    before: tuple[str, str] | None
    absent: tuple[str, ...]
    present: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """One resource of the API."""

    name: str
    path: str
    post_updates: bool
    retrievable: bool
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...]

    @property
    def singular(self) -> str:
        """The name of one object in the API's messages, e.g. `Invoice line`."""
        words = self.name.replace("_", " ")
        one = words[:-3] + "y" if words.endswith("ies") else words.removesuffix("s")
        return one.capitalize()


@dataclass(frozen=True)
class Operation:
    """The verb and the path template (`{path}` of the entity, `{id}` of the object) of one operation."""

    verb: str
    path: str


@dataclass(frozen=True)
class Contract:
    """All that the sandbox knows of the API. `base_path` is the real base URL's, e.g. `/product`."""

    base_path: str
    key_header: str
    key_prefix: str
    operations: Mapping[str, Operation]
    entities: Mapping[str, Entity]
    custom_value_kinds: frozenset[str]


def load_contract(file: Path | None = None) -> Contract:
    """Read the packaged contract, or another file of the same form.

    Raises:
        ContractError: if the file lacks a fact or states one that the sandbox doesn't know how to obey.
    """
    # By way of the top package: naming the connector's package here would import its code.
    packaged = resources.files("destination_fincome").joinpath("fincome/contract.yaml")
    text = (file or packaged).read_text(encoding="utf-8")
    try:
        return _contract(yaml.safe_load(text))
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ContractError(f"The contract can't be read: {type(error).__name__}: {error}") from error


def _contract(facts: Mapping[str, Any]) -> Contract:
    access = facts["access"]
    entities = {name: _entity(name, entity) for name, entity in facts["entities"].items()}
    kinds = frozenset(facts["custom_properties"]["values"])
    if unknown := kinds - CUSTOM_VALUE_KINDS:
        raise ContractError(f"custom_properties: unknown kinds of values {sorted(unknown)}")
    _check_references(entities)
    if facts["nulls"]["clear"] is not True:
        raise ContractError("nulls: here a null clears a field, and nothing else")
    return Contract(
        base_path=urlsplit(access["base_url"]["value"]).path.rstrip("/"),
        key_header=access["api_key_header"]["value"],
        key_prefix=access["api_key_prefix"]["value"],
        operations={name: _operation(facts["operations"][name]) for name in OPERATIONS},
        entities=entities,
        custom_value_kinds=kinds,
    )


def _operation(facts: Mapping[str, Any]) -> Operation:
    return Operation(verb=facts["verb"].upper(), path=facts["path"])


def _entity(name: str, facts: Mapping[str, Any]) -> Entity:
    entity = Entity(
        name=name,
        path=facts["path"]["value"],
        post_updates=facts["post_updates"]["value"],
        retrievable=facts["retrievable"]["value"],
        fields=_fields(facts["fields"], name),
        rules=tuple(_rule(rule, name) for rule in facts.get("rules", ())),
    )
    for rule in entity.rules:
        named = {*rule.when, *(rule.before or ()), *rule.absent, *rule.present}
        if unknown := named - set(entity.fields):
            raise ContractError(f"{name}: a rule names unknown fields {sorted(unknown)}")
    return entity


def _fields(facts: Mapping[str, Any], place: str) -> dict[str, Field]:
    return {name: _field(name, field, f"{place}.{name}") for name, field in facts.items()}


def _field(name: str, facts: Mapping[str, Any], place: str) -> Field:
    if unknown := set(facts) - FIELD_ATTRIBUTES:
        raise ContractError(f"{place}: unknown attributes {sorted(unknown)}")
    if facts["type"] not in FIELD_TYPES:
        raise ContractError(f"{place}: unknown type {facts['type']}")
    minimum = facts.get("minimum")
    return Field(
        name=name,
        type=facts["type"],
        required=facts.get("required", False),
        references=facts.get("references"),
        enum=tuple(facts["enum"]) if "enum" in facts else None,
        minimum=None if minimum is None else Decimal(str(minimum)),
        fields=_fields(facts.get("fields", {}), place),
    )


def _rule(facts: Mapping[str, Any], place: str) -> Rule:
    if unknown := set(facts) - {"when", "before", "absent", "present", "tag"}:
        raise ContractError(f"{place}: unknown rules {sorted(unknown)}")
    before = facts.get("before")
    return Rule(
        when=facts.get("when", {}),
        before=(before[0], before[1]) if before else None,
        absent=tuple(facts.get("absent", ())),
        present=tuple(facts.get("present", ())),
    )


def _check_references(entities: Mapping[str, Entity]) -> None:
    for entity in entities.values():
        for outer in entity.fields.values():
            for one in (outer, *outer.fields.values()):
                if one.references is not None and one.references not in entities:
                    raise ContractError(f"{entity.name}.{one.name} references unknown {one.references}")
