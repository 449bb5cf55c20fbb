"""The contract of Fincome's API, as the sandbox reads it.

Only the file is shared with the connector, never code. A fact that is corrected in the file, or by a text that is laid
over it, changes what the sandbox does; what it can't fully obey is refused at start, so that no fact is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from fincome_sandbox.listing import Listing, listing_of
from fincome_sandbox.overlay import OverlayError, laid_over
from fincome_sandbox.wire import Form

FIELD_TYPES = frozenset({"id", "text", "decimal", "integer", "country", "currency", "instant", "lines"})
# `root`, `clears` and `money` tell a client what a field is for; to the API they are nothing.
FIELD_ATTRIBUTES = frozenset(
    {"type", "required", "references", "root", "clears", "money", "enum", "minimum", "fields", "tag"}
    # These come with a text that corrects the contract.
    | {"name", "absent", "words", "unit", "sign", "form", "constant"}
)
CUSTOM_VALUE_KINDS = frozenset({"text", "number", "boolean"})
OPERATIONS = ("create", "update", "retrieve")
CUSTOM = "custom_properties"


class ContractError(ValueError):
    """The contract file says something that the sandbox can't obey."""


@dataclass(frozen=True)
class Field:
    """One field of an object: its type, and what is demanded of its value.

    Of the type `constant`, nothing but the value of that text is accepted.
    """

    name: str
    type: str
    required: bool = False
    references: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    fields: Mapping[str, "Field"] = field(default_factory=dict)
    constant: str | None = None


@dataclass(frozen=True)
class Rule:
    """What must hold between fields of one object, when `when` (field: value) matches it."""

    when: Mapping[str, object]
    before: tuple[str, str] | None
    absent: tuple[str, ...]
    present: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """One resource of the API.

    `fields` are as the account keeps them; `wire_fields`, by the API's names, are what bodies are held against, and
    `forms` lead from one to the other: None, if both are the same. `custom` is what custom properties are called on the
    wire; None, if there are none. `repeated_post` is what becomes of a POST on an existing id: updates, refused,
    ignores or doubles. `listing`: how objects are listed; None if they aren't.
    """

    name: str
    path: str
    repeated_post: str
    retrievable: bool
    operations: Mapping[str, "Operation"]
    fields: Mapping[str, Field]
    wire_fields: Mapping[str, Field]
    forms: Mapping[str, Form] | None
    custom: str | None
    rules: tuple[Rule, ...]
    listing: Listing | None = None

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
    partial: bool = True

    def path_of(self, entity_path: str) -> str:
        """The template with the entity's path filled in; a slash at its end counts once."""
        return self.path.replace("{path}/", entity_path.rstrip("/") + "/").replace("{path}", entity_path)


@dataclass(frozen=True)
class Words:
    """How a kind of refusal is said, where an overlay says how."""

    status: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Contract:
    """All that the sandbox knows of the API. `base_path` is the real base URL's, e.g. `/product`."""

    base_path: str
    key_header: str
    key_prefix: str
    entities: Mapping[str, Entity]
    custom_value_kinds: frozenset[str]
    nulls_clear: bool
    error_key: str = "detail"
    exists: Words = Words()
    unknown_reference: Words = Words()


def load_contract(file: Path | None = None, overlay: str | None = None) -> Contract:
    """Read the packaged contract, or another file of the same form, and lay a text over it.

    Raises:
        ContractError: if one lacks a fact or states one that the sandbox doesn't know how to obey.
    """
    # By way of the top package: naming the connector's package here would import its code.
    packaged = resources.files("destination_fincome").joinpath("fincome/contract.yaml")
    text = (file or packaged).read_text(encoding="utf-8")
    try:
        facts = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
        return _contract(facts if overlay is None else laid_over(facts, overlay), corrected=overlay is not None)
    except OverlayError as error:
        raise ContractError(f"The text that corrects the contract can't be obeyed. {error}.") from error
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ContractError(f"The contract can't be read: {type(error).__name__}: {error}") from error


def _contract(facts: Mapping[str, Any], *, corrected: bool) -> Contract:
    access, answers = facts["access"], facts["answers"]
    absent = frozenset(name for name, entity in facts["entities"].items() if entity.get("absent"))
    entities = {name: _entity(name, entity, facts, absent) for name, entity in facts["entities"].items()}
    kinds = frozenset(facts["custom_properties"]["values"])
    if unknown := kinds - CUSTOM_VALUE_KINDS:
        raise ContractError(f"custom_properties: unknown kinds of values {sorted(unknown)}")
    _check_references(entities)
    return Contract(
        base_path=urlsplit(access["base_url"]["value"]).path.rstrip("/"),
        key_header=access["api_key_header"]["value"],
        key_prefix=_prefix(access["api_key_prefix"]["value"]),
        entities={name: entity for name, entity in entities.items() if name not in absent},
        custom_value_kinds=kinds,
        nulls_clear=facts["nulls"]["clear"],
        error_key=facts["errors"]["key"]["value"],
        exists=_words(answers["already_exists"]) if corrected else Words(),
        unknown_reference=_words(answers["unknown_reference"]) if corrected else Words(),
    )


def _prefix(text: str) -> str:
    return text + " " if text and text[-1].isalnum() else text


def _words(facts: Mapping[str, Any]) -> Words:
    """How a refusal is said: by the overlay's own phrase, and with its status if it names just one."""
    statuses, phrases = facts["statuses"], facts.get("words", ())
    return Words(statuses[0] if len(statuses) == 1 else None, phrases[0] if phrases else None)


def _entity(name: str, facts: Mapping[str, Any], whole: Mapping[str, Any], absent: frozenset[str]) -> Entity:
    own = facts.get("operations", {})
    operations = {one: {**whole["operations"][one], **own.get(one, {})} for one in OPERATIONS}
    custom = {**whole[CUSTOM], **facts["fields"].get(CUSTOM, {})}
    described = {one: fact for one, fact in facts["fields"].items() if one != CUSTOM}
    unit = facts.get("amounts", whole["amounts"]["value"])
    dates = facts.get("dates", whole["dates"]["value"])
    forms = {one: _form(one, fact, unit, dates) for one, fact in described.items()}
    forms[CUSTOM] = Form(custom.get("name", CUSTOM), not custom.get("absent", False))
    fields = _fields(described, name, absent)
    is_own = all(form.is_own(one) for one, form in forms.items())
    repeated = facts["post_updates"]["value"]
    entity = Entity(
        name=name,
        path=facts["path"]["value"],
        repeated_post={True: "updates", False: "refused"}.get(repeated, repeated),
        retrievable=facts["retrievable"]["value"],
        operations={
            one: Operation(operation["verb"].upper(), operation["path"], operation.get("partial", True))
            for one, operation in operations.items()
            if not operation.get("absent")
        },
        fields={one: field for one, field in fields.items() if field.type != "constant"},
        wire_fields=fields if is_own else _wire_fields(fields, forms),
        forms=None if is_own else forms,
        custom=forms[CUSTOM].name if forms[CUSTOM].sent else None,
        rules=tuple(_rule(rule, name) for rule in facts.get("rules", ())),
        listing=listing_of({**whole["operations"].get("list", {}), **own.get("list", {})}),
    )
    for rule in entity.rules:
        named = {*rule.when, *(rule.before or ()), *rule.absent, *rule.present}
        if unknown := named - set(entity.fields):
            raise ContractError(f"{name}: a rule names unknown fields {sorted(unknown)}")
    return entity


def _form(name: str, facts: Mapping[str, Any], unit: str, dates: str) -> Form:
    return Form(
        name=facts.get("name", name),
        sent=not facts.get("absent", False),
        unit=facts.get("unit", unit) if facts.get("money") else "major",
        sign=-1 if facts.get("sign") == "negative" else 1,
        dates=facts.get("form", dates) if facts.get("type") == "instant" else "any",
        words=facts.get("words", {}),
        fields={inner: _form(inner, fact, unit, dates) for inner, fact in facts.get("fields", {}).items()},
    )


def _wire_fields(fields: Mapping[str, Field], forms: Mapping[str, Form]) -> dict[str, Field]:
    """The fields as bodies have them."""
    found = {}
    for name, one in fields.items():
        form = forms[name]
        if form.sent:
            kind = "integer" if form.unit != "major" else one.type
            found[form.name] = replace(
                one,
                name=form.name,
                type=kind if form.dates == "any" else form.dates,
                enum=None if one.enum is None else tuple(form.words.get(word, word) for word in one.enum),
                minimum=one.minimum if form.sign > 0 else None,
                maximum=-one.minimum if form.sign < 0 and one.minimum is not None else None,
                fields=_wire_fields(one.fields, form.fields),
            )
    return found


def _fields(facts: Mapping[str, Any], place: str, absent: frozenset[str]) -> dict[str, Field]:
    return {name: _field(name, field, f"{place}.{name}", absent) for name, field in facts.items()}


def _field(name: str, facts: Mapping[str, Any], place: str, absent: frozenset[str]) -> Field:
    if unknown := set(facts) - FIELD_ATTRIBUTES:
        raise ContractError(f"{place}: unknown attributes {sorted(unknown)}")
    if "constant" in facts:
        return Field(name, "constant", required=True, constant=str(facts["constant"]))
    if facts["type"] not in FIELD_TYPES:
        raise ContractError(f"{place}: unknown type {facts['type']}")
    minimum, references = facts.get("minimum"), facts.get("references")
    return Field(
        name=name,
        type=facts["type"],
        required=facts.get("required", False),
        references=None if references in absent else references,
        enum=tuple(facts["enum"]) if "enum" in facts else None,
        minimum=None if minimum is None else Decimal(str(minimum)),
        fields=_fields(facts.get("fields", {}), place, absent),
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
