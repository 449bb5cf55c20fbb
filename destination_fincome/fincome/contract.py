"""The contract file, typed. What a fact is and where it comes from is in contract.yaml, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

from destination_fincome.fincome.value_types import VALUE_TYPES, ValueType

WritePolicy = Literal["upsert", "create_only", "update_only"]
"""What may become of an object in Fincome: both, only made if it isn't there, only changed if it is there."""


@dataclass(frozen=True)
class FieldSpec:
    """One field on the wire (contract.yaml, "Field attributes")."""

    name: str
    type: ValueType
    required: bool = False
    references: str | None = None
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    fields: tuple[FieldSpec, ...] = ()
    root: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule over several fields of one object; exactly one of before, absent and present is set."""

    when: tuple[tuple[str, str], ...] = ()
    before: tuple[str, str] | None = None
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A field that holds the id of another object.

    Attributes:
        field: the field's name, `lines.invoice_line_id` for a field of the objects in a list.
        entity: the entity that the id belongs to.
        required: the object can't exist without it.
    """

    field: str
    entity: str
    required: bool


@dataclass(frozen=True)
class EntitySpec:
    """One kind of object in Fincome."""

    name: str
    path: str
    alternatives: tuple[str, ...]
    post_updates: bool
    retrievable: bool
    fields: tuple[FieldSpec, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields without which an object can't be created."""
        return frozenset(field.name for field in self.fields if field.required)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All fields that refer to other objects, nested ones too."""
        found = [Reference(f.name, f.references, f.required) for f in self.fields if f.references]
        for parent in self.fields:
            found += [Reference(f"{parent.name}.{f.name}", f.references, False) for f in parent.fields if f.references]
        return tuple(found)

    @cached_property
    def root(self) -> str | None:
        """The field that holds the topmost of the objects above one (contract.yaml, "Field attributes")."""
        return next((field.name for field in self.fields if field.root), None)

    @property
    def can_create_only(self) -> bool:
        """Whether an object can be created with certainty that none is changed: by asking first, or by the refusal."""
        return self.retrievable or not self.post_updates

    @property
    def singular(self) -> str:
        """The entity's name for one object, for messages: "invoice line"."""
        return self.name.removesuffix("s").replace("_", " ")


@dataclass(frozen=True)
class Operation:
    """One of the API's operations.

    Attributes:
        name: create, update or retrieve.
        path: `{path}` is the entity's path, `{id}` the object's id.
    """

    name: str
    verb: str
    path: str


@dataclass(frozen=True)
class AnswerRule:
    """When an answer counts as one of a kind: by its status, and by the words of its `detail` if given."""

    statuses: frozenset[int]
    detail: str | None = None
    pattern: re.Pattern[str] | None = None

    def fits(self, status: int, detail: str) -> bool:
        """Tell whether an answer is of this kind; `detail` is the text of the answer's `detail`."""
        if status not in self.statuses:
            return False
        if self.detail is not None:
            return detail == self.detail
        return self.pattern is None or self.pattern.search(detail) is not None


@dataclass(frozen=True)
class Contract:
    """Everything the connector believes about the API."""

    base_url: str
    api_key_header: str
    api_key_prefix: str
    api_key_forms: tuple[tuple[str, str], ...]
    create: Operation
    update: Operation
    retrieve: Operation
    answers: Mapping[str, AnswerRule]
    entities: Mapping[str, EntitySpec]
    nulls_clear: bool

    def with_overrides(
        self,
        base_url: str | None = None,
        header: str | None = None,
        prefix: str | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> Contract:
        """Return the contract as this user's config corrects it."""
        entities = {
            name: replace(spec, path=(paths or {}).get(name, spec.path)) for name, spec in self.entities.items()
        }
        return replace(
            self,
            base_url=base_url or self.base_url,
            api_key_header=header or self.api_key_header,
            api_key_prefix=self.api_key_prefix if prefix is None else prefix,
            entities=entities,
        )


@lru_cache(maxsize=1)
def load_contract() -> Contract:
    """Read contract.yaml, once."""
    text = resources.files(__package__).joinpath("contract.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    access, operations = document["access"], document["operations"]
    return Contract(
        base_url=access["base_url"]["value"],
        api_key_header=access["api_key_header"]["value"],
        api_key_prefix=access["api_key_prefix"]["value"],
        api_key_forms=tuple((header, prefix) for header, prefix in access["api_key_forms"]["value"]),
        create=_operation("create", operations["create"]),
        update=_operation("update", operations["update"]),
        retrieve=_operation("retrieve", operations["retrieve"]),
        answers={name: _answer(rule) for name, rule in document["answers"].items()},
        entities={name: _entity(name, spec) for name, spec in document["entities"].items()},
        nulls_clear=document["nulls"]["clear"],
    )


def _operation(name: str, facts: Mapping[str, Any]) -> Operation:
    return Operation(name, facts["verb"], facts["path"])


def _answer(facts: Mapping[str, Any]) -> AnswerRule:
    words = facts.get("detail_matches")
    return AnswerRule(
        frozenset(facts["statuses"]), facts.get("detail"), re.compile(words, re.IGNORECASE) if words else None
    )


def _entity(name: str, facts: Mapping[str, Any]) -> EntitySpec:
    return EntitySpec(
        name=name,
        path=facts["path"]["value"],
        alternatives=tuple(facts["path"].get("alternatives", ())),
        post_updates=facts["post_updates"]["value"],
        retrievable=facts["retrievable"]["value"],
        fields=_fields(facts["fields"]),
        rules=tuple(_rule(rule) for rule in facts.get("rules", ())),
    )


def _fields(facts: Mapping[str, Any]) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(
            name=name,
            type=VALUE_TYPES[fact["type"]],
            required=fact.get("required", False),
            references=fact.get("references"),
            enum=tuple(fact.get("enum", ())),
            minimum=fact.get("minimum"),
            fields=_fields(fact.get("fields", {})),
            root=fact.get("root", False),
        )
        for name, fact in facts.items()
    )


def _rule(facts: Mapping[str, Any]) -> Rule:
    before = facts.get("before")
    return Rule(
        when=tuple(facts.get("when", {}).items()),
        before=(before[0], before[1]) if before else None,
        absent=tuple(facts.get("absent", ())),
        present=tuple(facts.get("present", ())),
    )
