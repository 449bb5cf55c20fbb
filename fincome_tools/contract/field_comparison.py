"""Holds the fields of one entity against the body that a document describes: names, needs, types, words, units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec, FieldSpec
from destination_fincome.fincome.forms import FieldForm
from destination_fincome.fincome.value_types import COUNTRY, CURRENCY, ID, INSTANT, LINES, TEXT
from fincome_tools.contract.findings import Finding, Result
from fincome_tools.contract.openapi import Shape
from fincome_tools.contract.remedies import canonical, matched

CODE_LENGTHS = {COUNTRY: 2, CURRENCY: 3}
# What an API may call attributes of one's own.
PROPERTIES_NAMES = ("customproperties", "customfields", "customattributes", "metadata", "attributes")
CENTS = ("cents", "incents", "minor", "minorunits")

Find = Callable[..., Finding]
Place = tuple[str, ...]


@dataclass(frozen=True)
class _Field:
    """One field that is compared: where it stands, how it is called in findings, how it is written."""

    spec: FieldSpec
    form: FieldForm
    place: Place
    what: str

    @property
    def dotted(self) -> str:
        return ".".join(self.place)

    def correction(self, fact: str, value: Any) -> dict[Place, Any]:
        return {(*self.place, fact): value}


class FieldComparer:
    """Compares one entity's fields.

    Args:
        find: makes a finding (see comparison._Comparer).
    """

    def __init__(self, spec: EntitySpec, find: Find) -> None:
        self._spec = spec
        self._find = find
        self._forms: Mapping[str, FieldForm] = spec.form.fields if spec.form else {}

    def compare(self, shape: Shape) -> Iterator[Finding]:
        """Compare the fields, and the attributes of one's own."""
        place, name = ("entities", self._spec.name, "fields"), self._spec.name
        theirs = self._name_of_properties(shape)
        constants = frozenset(self._spec.form.constants) if self._spec.form else frozenset()
        known = constants | ({theirs} if theirs else frozenset())
        yield from self._fields(place, name, self._spec.fields, self._forms, shape, known)
        yield self._properties(shape, theirs)

    def _fields(
        self,
        place: Place,
        subject: str,
        specs: tuple[FieldSpec, ...],
        forms: Mapping[str, FieldForm],
        shape: Shape,
        known: frozenset[str],
    ) -> Iterator[Finding]:
        fields = [
            _Field(one, forms.get(one.name) or _own(one), (*place, one.name), f"{subject}.{one.name}") for one in specs
        ]
        names = {one.form.name for one in fields if one.form.sent} | known
        free = {name: shape.properties[name] for name in shape.properties if name not in names}
        for one in fields:
            if not one.form.sent:
                continue
            inner = shape.properties.get(one.form.name)
            if inner is None:
                yield from self._missing(one, shape, free)
                continue
            yield from self._field(one, inner, needed=one.form.name in shape.required)
        for name in sorted(free):
            yield self._more(place, subject, name, free[name], needed=name in shape.required)

    def _field(self, one: _Field, shape: Shape, *, needed: bool) -> Iterator[Finding]:
        yield self._required(one, needed=needed)
        yield from self._value(one, shape)
        if one.spec.type is LINES and shape.items and shape.items.properties:
            inner = one.form.fields or {}
            place = (*one.place, "fields")
            yield from self._fields(
                place, one.what, one.spec.fields, inner, shape.items, frozenset({CUSTOM_PROPERTIES})
            )

    def _missing(self, one: _Field, shape: Shape, free: dict[str, Shape]) -> Iterator[Finding]:
        """A field that isn't there, or has another name; then it is taken from those that are left."""
        name, cents = _renamed(one.spec, free)
        remedy = "remove the field, or correct its name"
        if name is None:
            # One that is refused must not be sent; one that is ignored does no harm.
            correction = one.correction("absent", True) if shape.closed else {}
            yield self._find(
                one.dotted, one.what, one.spec.type.name, "no such field", Result.DIFFERS, remedy, correction
            )
            return
        correction = one.correction("name", name) | (one.correction("unit", "cents") if cents else {})
        found = f"no such field, but {name}"
        yield self._find(one.dotted, one.what, one.spec.type.name, found, Result.DIFFERS, remedy, correction)
        named = free.pop(name)
        if not cents:
            yield from self._field(one, named, needed=name in shape.required)

    def _more(self, place: Place, subject: str, name: str, shape: Shape, *, needed: bool) -> Finding:
        """A field that the contract doesn't know."""
        found = f"{words_of(shape)}{', required' if needed else ''}"
        remedy = f"add {name}, if it is of use"
        correction: dict[Place, Any] = {}
        if needed and len(place) == len(("entities", self._spec.name, "fields")):
            kind = _type_of(shape)
            remedy = f"{name} is needed: a mapping has to fill it, or give it a `constant`"
            correction = {(*place, name, "type"): kind, (*place, name, "required"): True} if kind else {}
        return self._find(
            ".".join(place), f"{subject}.{name}", "no such field", found, Result.DIFFERS, remedy, correction
        )

    def _required(self, one: _Field, *, needed: bool) -> Finding:
        words = {True: "required", False: "optional"}
        result = Result.AGREES if needed == one.spec.required else Result.DIFFERS
        return self._find(
            one.dotted, f"{one.what}: needed", words[one.spec.required], words[needed], result,
            f"required: {str(needed).lower()}", one.correction("required", needed),
        )  # fmt: skip

    def _value(self, one: _Field, shape: Shape) -> Iterator[Finding]:
        fits = _fits(one.spec, one.form, shape)
        result = Result.UNKNOWN if fits is None else Result.AGREES if fits else Result.DIFFERS
        correction = _written_so(one, shape) if result is Result.DIFFERS else {}
        yield self._find(
            one.dotted, f"{one.what}: type", one.spec.type.sent_as, words_of(shape), result, "", correction
        )
        if one.spec.type in CODE_LENGTHS and fits:
            yield from self._code(one, shape)
        elif one.spec.enum or (shape.enum and fits):
            yield self._enum(one, shape)
        if one.spec.minimum is not None and fits:
            yield self._smallest(one, shape)

    def _smallest(self, one: _Field, shape: Shape) -> Finding:
        same = None if shape.minimum is None else shape.minimum == one.spec.minimum
        result = Result.UNKNOWN if same is None else Result.AGREES if same else Result.DIFFERS
        found = "not said" if same is None else f"{shape.minimum:g}"
        whole = shape.minimum is not None and shape.minimum == int(shape.minimum)
        correction = one.correction("minimum", int(shape.minimum or 0)) if whole else {}
        return self._find(one.dotted, f"{one.what}: smallest", one.spec.minimum, found, result, "", correction)

    def _enum(self, one: _Field, shape: Shape) -> Finding:
        sent = {word: (one.form.words or {}).get(word, word) for word in one.spec.enum}
        believed = ", ".join(sent.values())
        if shape.enum is None:
            return self._find(one.dotted, f"{one.what}: values", believed, "not said", Result.UNKNOWN)
        theirs = sorted(shape.enum)
        result = Result.AGREES if set(sent.values()) == shape.enum else Result.DIFFERS
        words = matched(one.spec.enum, theirs)
        correction = one.correction("words", words) if words else one.correction("enum", theirs)
        return self._find(
            one.dotted, f"{one.what}: values", believed or "any", ", ".join(theirs), result,
            f"enum: [{', '.join(theirs)}]", correction,
        )  # fmt: skip

    def _code(self, one: _Field, shape: Shape) -> Iterator[Finding]:
        """Compare the length of a code, by the limits of the text or by the values listed."""
        length = CODE_LENGTHS[one.spec.type]
        least, most = shape.lengths
        if shape.enum is not None:
            fits = all(len(value) == length and value.isupper() for value in shape.enum)
            found = f"for example {min(shape.enum, default='none')}"
        elif least is None and most is None:
            return
        else:
            fits = (least or 0) <= length <= (length if most is None else most)
            found = f"{least or 0} to {'any number of' if most is None else most} characters"
        result = Result.AGREES if fits else Result.DIFFERS
        yield self._find(one.dotted, f"{one.what}: code", f"{length} capital letters", found, result)

    # --- custom properties

    def _name_of_properties(self, shape: Shape) -> str | None:
        """Return what the document calls attributes of one's own: as the contract does, or a likely name."""
        form = self._forms.get(CUSTOM_PROPERTIES)
        ours = form.name if form else CUSTOM_PROPERTIES
        if ours in shape.properties:
            return ours
        likely = {canonical(name): name for name, inner in shape.properties.items() if "object" in inner.types}
        return next((likely[one] for one in PROPERTIES_NAMES if one in likely), None)

    def _properties(self, shape: Shape, theirs: str | None) -> Finding:
        form = self._forms.get(CUSTOM_PROPERTIES)
        ours = form.name if form else CUSTOM_PROPERTIES
        inner = shape.properties.get(theirs) if theirs else None
        found = "no such field" if inner is None else words_of(inner)
        fits = inner is not None and (not inner.types or "object" in inner.types)
        place = ("entities", self._spec.name, "fields", CUSTOM_PROPERTIES)
        correction: dict[Place, Any] = {}
        if theirs and theirs != ours:
            found, correction = f"no such field, but {theirs}", {(*place, "name"): theirs}
        elif inner is None and shape.closed:
            correction = {(*place, "absent"): True}
        agrees = fits and theirs == ours
        result = Result.AGREES if agrees else Result.DIFFERS
        subject = f"{self._spec.name}.{CUSTOM_PROPERTIES}"
        return self._find(CUSTOM_PROPERTIES, subject, "an object", found, result, "", correction)


def _own(field: FieldSpec) -> FieldForm:
    """Return the form of a field that is written as the contract writes it."""
    return FieldForm(
        field.name,
        unit="major" if field.money else None,
        dates="any" if field.type is INSTANT else None,
        fields={inner.name: _own(inner) for inner in field.fields} if field.fields else None,
    )


def _renamed(field: FieldSpec, free: Mapping[str, Shape]) -> tuple[str | None, bool]:
    """Return the name that a field has among those that are left, and whether that says that it counts cents."""
    ours = canonical(field.name)
    for name in free:
        if canonical(name) == ours:
            return name, False
    for name in free:
        if field.money and canonical(name) in {ours + suffix for suffix in CENTS}:
            return name, True
    return None, False


def _written_so(one: _Field, shape: Shape) -> dict[Place, Any]:
    """Return what makes a value be written as the document wants it, if anything does."""
    if one.spec.money and shape.types == {"integer"}:
        return one.correction("unit", "cents")
    if one.spec.type is INSTANT and "string" in shape.types and len(shape.formats) == 1:
        (form,) = shape.formats
        return one.correction("form", form) if form in ("date", "date-time") else {}
    return {}


def _type_of(shape: Shape) -> str | None:
    """Return the contract's type for a value that a document describes, of those that a user can add."""
    if "string" in shape.types:
        return "instant" if shape.formats & {"date", "date-time"} else "text"
    return "integer" if shape.types == {"integer"} else "decimal" if "number" in shape.types else None


def _fits(field: FieldSpec, form: FieldForm, shape: Shape) -> bool | None:
    """Tell whether what the connector sends of a field is accepted; None if the document doesn't say."""
    whole = form.unit not in (None, "major")
    kinds = frozenset({"integer", "number"}) if whole else field.type.json_types
    if not shape.types:
        return None if shape.enum is None else "string" in kinds
    if not shape.types & kinds:
        return False
    if field.type is INSTANT:
        # Both are sent, unless the contract says otherwise: dates as dates, date-times as date-times.
        sent = {"date", "date-time"} if form.dates in (None, "any") else {str(form.dates)}
        return shape.formats >= sent or bool(shape.formats & {""})
    if field.type in (ID, TEXT):
        return not shape.formats.isdisjoint({"", "email", "password"})
    return True


def words_of(shape: Shape) -> str:
    """Say what a document describes."""
    kinds = " or ".join(sorted(shape.types)) or ("one of its values" if shape.enum else "any type")
    formats = " or ".join(sorted(shape.formats - {""}))
    return f"{kinds} ({formats})" if formats else kinds
