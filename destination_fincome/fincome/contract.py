"""The contract file, typed. What a fact is and where it comes from is in contract.yaml, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Literal, cast

import yaml

from destination_fincome.fincome.forms import DateForm, EntityForm, FieldForm, Unit
from destination_fincome.fincome.listing import Listing, listing_of
from destination_fincome.fincome.value_types import INSTANT, VALUE_TYPES, ValueType
from destination_fincome.wording import one_of, several_of

WritePolicy = Literal["upsert", "create_only", "update_only"]
"""What may become of an object in Fincome: both, only made if it isn't there, only changed if it is there."""

RepeatedPost = Literal["updates", "refused", "ignored", "doubles"]
"""What a POST on an existing id does: changes the object, is refused, changes nothing, makes a second one."""

Corrections = Mapping[tuple[str, ...], Any]
"""What a user's `contract` says: values by their place in contract.yaml (see overlay.py)."""

CUSTOM_PROPERTIES = "custom_properties"


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
    money: bool = False
    clears: bool = False


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
class Settled:
    """What takes an object out of the figures.

    Attributes:
        fields: values of its fields.
        lines: values of the fields of each of the lines that it holds itself.
    """

    fields: Mapping[str, Any]
    lines: Mapping[str, Any]


@dataclass(frozen=True)
class EntitySpec:
    """One kind of object in Fincome.

    Attributes:
        absent: the API doesn't have it.
        create: None where the API has none; update the same.
        form: how its objects are written on the wire; None where that is as the connector writes them.
        listing: how they are listed; None where nobody has said that they are.
    """

    name: str
    path: str
    alternatives: tuple[str, ...]
    repeated_post: RepeatedPost
    called: tuple[str, ...]
    retrievable: bool
    fields: tuple[FieldSpec, ...]
    rules: tuple[Rule, ...]
    create: Operation | None
    update: Operation | None
    retrieve: Operation
    absent: bool = False
    form: EntityForm | None = None
    settled: Settled | None = None
    listing: Listing | None = None

    @property
    def post_updates(self) -> bool:
        """Whether a POST on an existing id changes the object."""
        return self.repeated_post == "updates"

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields without which an object can't be created."""
        return frozenset(field.name for field in self.fields if field.required)

    @cached_property
    def document(self) -> str | None:
        """The field that names the invoice that an object belongs to: its currency is that of the object, too."""
        return next((one.field for one in self.references if one.required and one.entity == "invoices"), None)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All fields that refer to other objects, nested ones too."""
        found = [Reference(f.name, f.references, f.required) for f in self.fields if f.references]
        for parent in self.fields:
            found += [Reference(f"{parent.name}.{f.name}", f.references, False) for f in parent.fields if f.references]
        return tuple(found)

    @cached_property
    def cleared(self) -> frozenset[str]:
        """The fields that a full record clears where it has no value for them (contract.yaml, "Field attributes")."""
        return frozenset(field.name for field in self.fields if field.clears)

    @cached_property
    def root(self) -> str | None:
        """The field that holds the topmost of the objects above one (contract.yaml, "Field attributes")."""
        return next((field.name for field in self.fields if field.root), None)

    @property
    def can_create_only(self) -> bool:
        """Whether an object can be created with certainty that none is changed: by asking first, or by the refusal."""
        return self.retrievable or self.repeated_post in ("refused", "ignored")

    @property
    def singular(self) -> str:
        """The entity's name for one object, for messages: "invoice line"."""
        return one_of(self.name)

    @property
    def plural(self) -> str:
        """The same for several: "invoice lines"."""
        return several_of(self.name)


@dataclass(frozen=True)
class Operation:
    """One of the API's operations.

    Attributes:
        name: create, update, retrieve or list.
        path: `{path}` is the entity's path, `{id}` the object's id.
        partial: of an update: what isn't sent stays as it is.
        query: of a list: what follows the path.
    """

    name: str
    verb: str
    path: str
    partial: bool = True
    query: str = ""

    def path_of(self, spec: EntitySpec, identity: str) -> str:
        """Return the path of a request; `identity` is quoted already. A slash at the entity's end counts once."""
        path = self.path.replace("{path}/", spec.path.rstrip("/") + "/").replace("{path}", spec.path)
        return path.replace("{id}", identity)


@dataclass(frozen=True)
class AnswerRule:
    """When an answer counts as one of a kind: by its status, and by the words of its `detail` if given.

    Attributes:
        words: phrases that count besides the pattern, in lower case.
    """

    statuses: frozenset[int]
    detail: str | None = None
    pattern: re.Pattern[str] | None = None
    words: tuple[str, ...] = ()

    def fits(self, status: int, detail: str) -> bool:
        """Tell whether an answer is of this kind; `detail` is the text of the answer's `detail`."""
        if status not in self.statuses:
            return False
        if self.detail is not None:
            return detail == self.detail
        if self.has_words(detail):
            return True
        return self.pattern is None or self.pattern.search(detail) is not None

    def has_words(self, detail: str) -> bool:
        """Tell whether one of the phrases is in an answer's words."""
        return any(phrase in detail.lower() for phrase in self.words)


@dataclass(frozen=True)
class ErrorInside:
    """How an answer with a status of success says that it is none."""

    keys: tuple[str, ...]
    flags: tuple[str, ...]
    outcomes: tuple[str, ...]
    failures: tuple[str, ...]
    codes: tuple[str, ...]

    def fits(self, document: Any) -> bool:
        """Tell whether a parsed answer holds an error."""
        if not isinstance(document, dict):
            return False
        # A flag may be the number 0, too.
        if any(document.get(key) for key in self.keys) or any(document.get(flag) == 0 for flag in self.flags):
            return True
        # What shows an object may have a status, or a code, of that object.
        if "id" in document:
            return False
        said = [document.get(name) for name in (*self.flags, *self.outcomes)]
        if any(isinstance(word, str) and word.lower() in self.failures for word in said):
            return True
        return any(isinstance(code := document.get(name), int) and 400 <= code < 600 for name in self.codes)


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
    error_key: str
    error_inside: ErrorInside
    answers: Mapping[str, AnswerRule]
    entities: Mapping[str, EntitySpec]
    nulls_clear: bool

    @property
    def entities_to_ask(self) -> list[EntitySpec]:
        """Those that the API has, the one first whose GET by id is documented."""
        present = [spec for spec in self.entities.values() if not spec.absent]
        return sorted(present, key=lambda spec: spec.name != "customers")

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
    return _contract(_document())


def corrected_contract(corrections: Corrections) -> Contract:
    """Read contract.yaml with a user's corrections laid over it."""
    if not corrections:
        return load_contract()
    document = _copied(_document())
    for place, value in corrections.items():
        _set(document, place, value)
    return _contract(document)


def contract_text() -> bytes:
    """Return contract.yaml as it stands."""
    return resources.files(__package__).joinpath("contract.yaml").read_bytes()


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    text = contract_text()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast(dict[str, Any], yaml.load(text, Loader=loader))  # noqa: S506 (both are safe)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _set(document: dict[str, Any], place: Iterable[str], value: Any) -> None:
    """Set a value; a fact that stands there as {value, tag} keeps its form."""
    *above, last = place
    for part in above:
        document = document.setdefault(part, {})
    fact = document.get(last)
    if isinstance(fact, dict) and "value" in fact:
        fact["value"] = value
    else:
        document[last] = value


def _contract(document: Mapping[str, Any]) -> Contract:
    access, operations = document["access"], document["operations"]
    create, update, retrieve = (_operation(name, operations[name]) for name in ("create", "update", "retrieve"))
    return Contract(
        base_url=access["base_url"]["value"],
        api_key_header=access["api_key_header"]["value"],
        api_key_prefix=access["api_key_prefix"]["value"],
        api_key_forms=tuple((header, prefix) for header, prefix in access["api_key_forms"]["value"]),
        create=create,
        update=update,
        retrieve=retrieve,
        error_key=document["errors"]["key"]["value"],
        error_inside=ErrorInside(
            **{name: tuple(words) for name, words in document["errors"]["inside"].items() if name != "tag"}
        ),
        answers={name: _answer(rule) for name, rule in document["answers"].items()},
        entities={name: _entity(name, spec, document) for name, spec in document["entities"].items()},
        nulls_clear=document["nulls"]["clear"],
    )


def _operation(name: str, facts: Mapping[str, Any]) -> Operation:
    return Operation(name, facts["verb"], facts["path"], facts.get("partial", True))


def _answer(facts: Mapping[str, Any]) -> AnswerRule:
    words = facts.get("detail_matches")
    return AnswerRule(
        frozenset(facts["statuses"]),
        facts.get("detail"),
        re.compile(words, re.IGNORECASE) if words else None,
        tuple(phrase.lower() for phrase in facts.get("words", ())),
    )


def _entity(name: str, facts: Mapping[str, Any], document: Mapping[str, Any]) -> EntitySpec:
    operations = {
        operation: {**general, **facts.get("operations", {}).get(operation, {})}
        for operation, general in document["operations"].items()
    }
    create, update, retrieve = (_operation(one, operations[one]) for one in ("create", "update", "retrieve"))
    repeated = facts["post_updates"]["value"]
    fields = {name: fact for name, fact in facts["fields"].items() if name != CUSTOM_PROPERTIES}
    absent = frozenset(entity for entity, spec in document["entities"].items() if spec.get("absent"))
    form = _form(name, facts, document)
    return EntitySpec(
        name=name,
        path=facts["path"]["value"],
        alternatives=tuple(facts["path"].get("alternatives", ())),
        repeated_post={True: "updates", False: "refused"}.get(repeated, repeated),
        called=tuple(facts["called"]["value"]),
        retrievable=facts["retrievable"]["value"],
        fields=_fields(fields, absent),
        rules=tuple(_rule(rule) for rule in facts.get("rules", ())),
        create=None if operations["create"].get("absent") else create,
        update=None if operations["update"].get("absent") else update,
        retrieve=retrieve,
        absent=facts.get("absent", False),
        form=None if form.is_own else form,
        settled=_settled(facts.get("settled")),
        listing=listing_of(operations["list"]),
    )


def _settled(facts: Mapping[str, Any] | None) -> Settled | None:
    return Settled(facts["value"], facts.get("lines", {})) if facts else None


def _fields(facts: Mapping[str, Any], absent: frozenset[str]) -> tuple[FieldSpec, ...]:
    """Make the fields that objects have; a reference to what the API doesn't have is a mere id."""
    return tuple(
        FieldSpec(
            name=name,
            type=VALUE_TYPES[fact["type"]],
            required=fact.get("required", False),
            references=None if fact.get("references") in absent else fact.get("references"),
            enum=tuple(fact.get("enum", ())),
            minimum=fact.get("minimum"),
            fields=_fields(fact.get("fields", {}), absent),
            root=fact.get("root", False),
            money=fact.get("money", False),
            clears=fact.get("clears", False),
        )
        for name, fact in facts.items()
        if "constant" not in fact
    )


def _form(name: str, facts: Mapping[str, Any], document: Mapping[str, Any]) -> EntityForm:
    """Return how an entity's objects are written: its own say first, then that of the whole contract."""
    unit = facts.get("amounts", document["amounts"]["value"])
    dates = facts.get("dates", document["dates"]["value"])
    properties = {**document[CUSTOM_PROPERTIES], **facts["fields"].get(CUSTOM_PROPERTIES, {})}
    fields = {**facts["fields"], CUSTOM_PROPERTIES: properties}
    constants = {
        fact.get("name", field): fact["constant"] for field, fact in facts["fields"].items() if "constant" in fact
    }
    return EntityForm(name, _field_forms(fields, unit, dates), constants)


def _field_forms(facts: Mapping[str, Any], unit: Unit, dates: DateForm) -> dict[str, FieldForm]:
    forms = {}
    for name, fact in facts.items():
        if "constant" in fact:
            continue
        words = fact.get("words")
        forms[name] = FieldForm(
            name=fact.get("name", name),
            sent=not fact.get("absent", False),
            unit=fact.get("unit", unit) if fact.get("money") else None,
            negative=fact.get("sign") == "negative",
            dates=fact.get("form", dates) if fact.get("type") == INSTANT.name else None,
            words={ours: theirs for ours, theirs in words.items() if ours != theirs} if words else None,
            fields=_field_forms(fact["fields"], unit, dates) if "fields" in fact else None,
        )
    return forms


def _rule(facts: Mapping[str, Any]) -> Rule:
    before = facts.get("before")
    return Rule(
        when=tuple(facts.get("when", {}).items()),
        before=(before[0], before[1]) if before else None,
        absent=tuple(facts.get("absent", ())),
        present=tuple(facts.get("present", ())),
    )
