"""Compiles a stream's rule: expressions become functions, and each mistake is reported with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec
from destination_fincome.fincome.value_types import COUNTRY, CURRENCY, DECIMAL, ID, INSTANT, TEXT, ValueFault
from destination_fincome.mapping.compiled import (
    CUSTOM_PROPERTIES,
    INDEX,
    RECORD,
    SAME_NAMES,
    CompiledEmission,
    CompiledField,
    CompiledFields,
    CompiledJoin,
    CompiledLet,
    CompiledOtherId,
    CompiledSkip,
    CompiledSkips,
    CompiledStub,
    CompiledVariant,
    CompiledWarning,
    DefaultCurrency,
    Readable,
    elements,
)
from destination_fincome.mapping.compiled_stream import CompiledStream
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.compiler import Evaluate
from destination_fincome.mapping.language.countries import told_countries
from destination_fincome.mapping.language.expressions import ExpressionError, Expressions
from destination_fincome.mapping.language.kinds import mistake
from destination_fincome.mapping.language.parents import MISUSE, OfParent, asked_of_parents, mentions_parents
from destination_fincome.mapping.merging import NEED_ALL_ROWS, How, Merge, merge_of
from destination_fincome.mapping.preset import Emission, JoinRule, NestedField, StreamRule, StubRule, VariantRule
from destination_fincome.mapping.skip_rules import SkipRule

NullHandling = Literal["auto", "omit", "clear"]
Nulls = NullHandling | Literal["remembered"]
"""What an empty value does; remembered: as auto, and what else is empty is told, as a memory knows what was sent."""


class PresetError(ValueError):
    """A mapping that can't be used; the message names the place of the mistake."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


@dataclass(frozen=True)
class Options:
    """What the compilation of a stream depends on besides its rule.

    Attributes:
        tie_first: see Preset.tie.
        keep_unmapped: whether columns that no field uses become custom properties; None: only those of tables in
            Fincome's own shape.
        cursor: path of the stream's cursor, which is the version if the rule names none; empty if there is no cursor.
        nulls: what an empty value does: nothing (omit), clear its field (clear), or clear it where the record is full
            and the field makes figures (auto).
        full: whether records have everything that the source knows about an object; None: where they may have all that
            one needs.
        columns: those that the catalog declares. A field that reads none of them is never cleared: its values aren't
            empty, they were never going to arrive.
        own: the mapping is the user's, who is told of faults by his columns.
    """

    tie_first: bool
    keep_unmapped: bool | None = None
    cursor: tuple[str, ...] = ()
    nulls: Nulls = "omit"
    full: bool | None = False
    columns: frozenset[str] = frozenset()
    own: bool = False


class StreamCompiler:
    """Compiles stream rules for one connection."""

    def __init__(self, contract: Contract, expressions: Expressions, default_currency: str | None = None) -> None:
        self._contract = contract
        self._expressions = expressions
        self._default_currency = default_currency

    def compile(self, name: str, rule: StreamRule, options: Options) -> CompiledStream:
        """Compile one stream's rule.

        Raises:
            PresetError: naming the place, e.g. `streams.invoices.emits[0].fields.amount`.
        """
        place = f"streams.{name}"
        version = version_of(rule, options)
        return CompiledStream(
            let=self.let(f"{place}.let", rule.let),
            emissions=tuple(
                self.emission(f"{place}.emits[{i}]", emission, version, options, rule.let)
                for i, emission in enumerate(rule.emits)
            ),
            warnings=tuple(
                CompiledWarning(self.one(f"{place}.warnings[{i}].when", w.when), w.code, w.text)
                for i, w in enumerate(rule.warnings)
            ),
            tie_first=options.tie_first,
            otherwise=rule.otherwise,
            otherwise_reason=rule.otherwise_reason,
            time_zone=self._optional(f"{place}.time_zone", rule.time_zone),
            other_ids=tuple(
                CompiledOtherId(
                    self._entity(f"{place}.other_ids[{i}]", one.entity).name,
                    self.one(f"{place}.other_ids[{i}].id", one.id),
                    self.one(f"{place}.other_ids[{i}].of", one.of),
                )
                for i, one in enumerate(rule.other_ids)
            ),
            joins=tuple(self._join(f"{place}.joins.{joined}", joined, one) for joined, one in rule.joins.items()),
        )

    def _join(self, place: str, name: str, rule: JoinRule) -> CompiledJoin:
        """Compile a join.

        Raises:
            PresetError: naming the place.
        """
        if not name.startswith("_"):
            raise PresetError(place, "the name of a join starts with an underscore")
        if rule.every and rule.unique is None:
            raise PresetError(place, "of every row that comes, `unique` tells it from the others")
        return CompiledJoin(
            name,
            rule.stream,
            self.one(f"{place}.of", rule.of),
            rule.by,
            rule.every,
            self._optional(f"{place}.unique", rule.unique),
            rule.order,
            self._optional(f"{place}.when", rule.when),
            rule.whole,
        )

    def emission(
        self, place: str, rule: Emission, version: str | None, options: Options, let: Mapping[str, str]
    ) -> CompiledEmission:
        """Compile what makes objects of a stream's records.

        Args:
            version: expression of the objects' version, unless the rule has one.
            let: the stream's.

        Raises:
            PresetError: naming the place.
        """
        spec = self._entity(place, rule.entity)
        fields = same_names(spec) if rule.fields == SAME_NAMES else rule.fields
        assert not isinstance(fields, str)
        keep = rule.fields == SAME_NAMES if options.keep_unmapped is None else options.keep_unmapped
        clears = self._clears(spec, rule, fields, {**let, **rule.let}, options)
        return CompiledEmission(
            entity=rule.entity,
            operation=rule.operation,
            when=self._optional(f"{place}.when", rule.when),
            for_each=self._optional(f"{place}.for_each", rule.for_each),
            let=self.let(f"{place}.let", rule.let),
            version=self._optional(f"{place}.version", rule.version or _of_the_record(version, rule.for_each)),
            fields=self._fields(place, spec, fields, clears),
            countries=tuple(field.name for field in spec.fields if field.type is COUNTRY and field.name in fields),
            properties=self._properties(f"{place}.{CUSTOM_PROPERTIES}", rule),
            keep_unmapped=keep,
            used=_used(rule, fields) if keep else frozenset(),
            needed_by=_needed_by({**let, **rule.let}, fields),
            default_currency=self._default_of(spec),
            clears=clears,
            whole=_is_whole(spec, rule, options),
            strict=_is_strict(spec, rule, options),
            columns=_columns_read(_with_condition(rule, fields), {**let, **rule.let}) if options.own else {},
            never_gives=self._never_given(spec, rule, options.columns),
            **self.of_parents(place, spec, rule, fields),
            **self._beside(place, spec, rule),
            **self._of_several_records(place, spec, rule),
        )

    def _beside(self, place: str, spec: EntitySpec, rule: Emission) -> dict[str, Any]:
        """Return what comes in place of an object, and what its record tells of others: parts of CompiledEmission."""
        return {
            "skips": self._skips(f"{place}.skip", rule.skip),
            "stubs": tuple(self.stub(f"{place}.stubs[{i}]", stub) for i, stub in enumerate(rule.stubs)),
            "gives": self.named(f"{place}.gives", rule.gives),
            "part_of": self._document_of(spec),
            # What has lines of its own is a document itself.
            "document_field": spec.document if spec.settled and not spec.settled.lines and not rule.for_each else None,
            "complete": self._optional(f"{place}.complete", rule.complete),
        }

    def _of_several_records(self, place: str, spec: EntitySpec, rule: Emission) -> dict[str, Any]:
        """Return how an object is made that several records tell of: the parts of CompiledEmission that say so."""
        return {
            "merge": None if rule.merge is None else self.merge(f"{place}.merge", spec, rule.merge),
            "merged_skips": self._skips(f"{place}.merged_skip", rule.merged_skip),
            "needs_all_rows": _needs_all_rows(rule),
            "set_once": self.set_once(f"{place}.set_once", spec, rule.set_once),
        }

    def _skips(self, place: str, rules: Sequence[SkipRule]) -> CompiledSkips | None:
        if not rules:
            return None
        for i, one in enumerate(rules):
            self.one(f"{place}[{i}].when", one.when)  # says which of them can't be compiled
        found = (CompiledSkip(one.reason, one.text, one.children, one.stub, one.gone, one.settles) for one in rules)
        first = self._expressions.compile_choice([one.when for one in rules])
        return CompiledSkips(tuple(found), first)

    def _never_given(self, spec: EntitySpec, rule: Emission, columns: frozenset[str]) -> tuple[str, ...]:
        """Return the fields that creating an object takes and that no record can give, in the contract's order."""
        if rule.operation == "update_only":
            return ()
        given = set(rule.fields) if rule.fields != SAME_NAMES else set(columns or spec.required)
        if rule.fields == SAME_NAMES and spec.document in given:
            given.add("currency")
        default = self._default_of(spec)
        needed = [field.name for field in spec.fields if field.required and field.name not in given]
        return tuple(name for name in needed if default is None or name != default.field)

    def set_once(self, place: str, spec: EntitySpec, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the fields that only a creation takes.

        Raises:
            PresetError: naming the place of one that there isn't.
        """
        for name in names:
            if name not in {one.name for one in spec.fields}:
                raise PresetError(place, f"{spec.name} has no field {name}")
            if name == "id":
                raise PresetError(place, "the id can't be left out")
        return names

    def merge(self, place: str, spec: EntitySpec, rules: Mapping[str, How]) -> Merge:
        """Compile how an entity's fields are merged.

        Raises:
            PresetError: naming the place.
        """
        try:
            return merge_of(spec, rules)
        except ValueError as error:
            name, problem = error.args
            raise PresetError(f"{place}.{name}", problem) from None

    def _document_of(self, spec: EntitySpec) -> str | None:
        """Return the entity of the documents whose figures an entity's objects are part of."""
        documents = (
            one.entity for one in spec.references if one.required and self._contract.entities[one.entity].settled
        )
        return next(documents, None) if spec.settled else None

    @staticmethod
    def _clears(
        spec: EntitySpec,
        rule: Emission,
        fields: Mapping[str, str | NestedField],
        let: Mapping[str, str],
        options: Options,
    ) -> frozenset[str] | None:
        """Return the fields that an empty value clears."""
        if options.nulls == "omit":
            return None
        if options.nulls == "clear":
            return _cleared(rule, fields, let, options.columns)
        if not _is_whole(spec, rule, options) or rule.operation != "upsert":
            return frozenset()
        if options.full is None and not _has_all_rows(rule):
            return frozenset()  # other rows, or other streams, may have what this one lacks
        found = _cleared(rule, fields, let, options.columns)
        # Of merged objects, the empty value of one record says nothing of the others.
        return found if options.nulls == "remembered" and not rule.merge else found & spec.cleared

    def _default_of(self, spec: EntitySpec) -> DefaultCurrency | None:
        currencies = [field.name for field in spec.fields if field.type is CURRENCY]
        if self._default_currency is None or not currencies:
            return None
        # A quantity is a number too, but it needs no currency.
        amounts = tuple(f.name for f in spec.fields if f.type is DECIMAL and f.name != "quantity")
        return DefaultCurrency(currencies[0], self._default_currency, amounts)

    def of_parents(
        self, place: str, spec: EntitySpec, rule: Emission, fields: Mapping[str, str | NestedField]
    ) -> dict[str, Any]:
        """Return what an emission asks of other objects: the parts of CompiledEmission that say so."""
        asked = {n: asked_of_parents(t) for n, t in fields.items() if isinstance(t, str) and mentions_parents(t)}
        variants = tuple(
            self._variant(f"{place}.variants[{i}]", spec, variant) for i, variant in enumerate(rule.variants)
        )
        asks = [*(one for several in asked.values() for one in several), *(variant.of_parent for variant in variants)]
        for one in asks:
            self._check_asked(place, spec, one)
        asking = tuple(name for name, several in asked.items() if several)
        return {"asking": asking, "asks": tuple(dict.fromkeys(asks)), "variants": variants}

    def _variant(self, place: str, spec: EntitySpec, rule: VariantRule) -> CompiledVariant:
        known = {field.name: field for field in spec.fields}
        if unknown := set(rule.fields) - set(known):
            raise PresetError(f"{place}.fields.{min(unknown)}", "no such field")
        fields = tuple(
            CompiledField(name, self.field(f"{place}.fields.{name}", known[name], text))
            for name, text in rule.fields.items()
        )
        when = self._optional(f"{place}.when", rule.when)
        return CompiledVariant(OfParent(rule.reference, rule.field), rule.value, when, fields)

    def _check_asked(self, place: str, spec: EntitySpec, asked: OfParent) -> None:
        """Refuse to ask what can't be answered: a field that isn't there, or that is no text."""
        reference = next((field for field in spec.fields if field.name == asked.reference), None)
        if reference is None or reference.type is not ID:
            raise PresetError(place, f"of_parent() names {asked.reference}, which is no reference of {spec.name}")
        if reference.references is None or asked.field.startswith(("_", f"{CUSTOM_PROPERTIES}.")):
            return
        parent = self._contract.entities[reference.references]
        field = next((field for field in parent.fields if field.name == asked.field), None)
        if field is None or field.type not in (ID, TEXT, CURRENCY, COUNTRY, INSTANT):
            raise PresetError(place, f"of_parent() asks for {asked.field}, which is no text that {parent.name} have")

    def let(self, place: str, values: Mapping[str, str]) -> CompiledLet | None:
        """Compile values that are used several times.

        Raises:
            PresetError: naming the place.
        """
        single = self.named(place, values)
        return CompiledLet(self._expressions.compile_extension(values), single) if values else None

    def named(self, place: str, values: Mapping[str, str]) -> tuple[CompiledField, ...]:
        """Compile expressions whose results may be anything that is known at once.

        Raises:
            PresetError: naming the place.
        """
        return tuple(CompiledField(name, self.one(f"{place}.{name}", text)) for name, text in values.items())

    def stub(self, place: str, rule: StubRule) -> CompiledStub:
        """Compile a stub rule.

        Raises:
            PresetError: naming the place.
        """
        spec = self._entity(place, rule.entity)
        when = self._optional(f"{place}.when", rule.when)
        if rule.for_each is None:
            return CompiledStub(rule.entity, None, None, self._fields(place, spec, rule.fields, when=rule.when).all)
        each = self.one(f"{place}.for_each", rule.for_each)
        return CompiledStub(rule.entity, when, each, self._fields(place, spec, rule.fields).all)

    def _fields(
        self,
        place: str,
        spec: EntitySpec,
        fields: Mapping[str, str | NestedField],
        kept: frozenset[str] | None = None,
        when: str | None = None,
    ) -> CompiledFields:
        known = {field.name: field for field in spec.fields}
        if "id" not in fields:
            raise PresetError(f"{place}.fields", "has no id")
        for name in fields:
            if name not in known:
                raise PresetError(
                    f"{place}.fields.{name}", f"{spec.name} has no such field (it has {', '.join(known)})"
                )
        single = [
            CompiledField(name, self.field_or_lines(f"{place}.fields.{name}", known[name], text))
            for name, text in fields.items()
        ]
        texts = {
            name: told_countries(text) if known[name].type is COUNTRY else text
            for name, text in fields.items()
            if isinstance(text, str)
        }
        members = {field.name: texts.get(field.name, field.evaluate) for field in single}
        (identity,) = (field.evaluate for field in single if field.name == "id")
        return CompiledFields(identity, self._expressions.compile_object(members, kept, when), tuple(single), kept)

    def field_or_lines(self, place: str, spec: FieldSpec, text: str | NestedField) -> Evaluate:
        """Compile a field: an expression, or a list of objects.

        Raises:
            PresetError: naming the place.
        """
        if isinstance(text, str):
            return self.field(place, spec, text)
        known = {field.name: field for field in spec.fields}
        if unknown := set(text.fields) - set(known):
            raise PresetError(f"{place}.fields.{min(unknown)}", "no such field")
        each = self.one(f"{place}.for_each", text.for_each)
        for name, inner in text.fields.items():
            self.field(f"{place}.fields.{name}", known[name], inner)
            self.one(f"{place}.fields.{name}", inner)
        line = self._expressions.compile_object(text.fields)

        def lines(scope: Any) -> list[dict[str, Any]] | None:
            # Without a list the field is absent: an empty one might wipe what Fincome has.
            return [line(element) for element in elements(each, scope, scope, strict=True)] or None

        return lines

    def field(self, place: str, spec: FieldSpec, text: str) -> Evaluate:
        """Compile the expression of one field; its results are read by the field's type when the object is checked.

        Raises:
            PresetError: naming the place.
        """
        evaluate = self._compiled(place, text)
        if mentions_parents(text):
            try:
                asked_of_parents(text)
            except ValueError as error:
                raise PresetError(place, str(error)) from None
        if problem := mistake(text, spec):
            raise PresetError(place, problem)
        return evaluate

    def _properties(self, place: str, rule: Emission) -> Evaluate | None:
        if rule.custom_properties is None:
            return self.one(place, CUSTOM_PROPERTIES) if rule.fields == SAME_NAMES else None
        if isinstance(rule.custom_properties, str):
            return self.one(place, rule.custom_properties)
        named = [(name, self.one(f"{place}.{name}", text)) for name, text in rule.custom_properties.items()]

        def attributes(scope: Any) -> dict[str, Any]:
            try:
                return {name: evaluate(scope) for name, evaluate in named}
            except ValueFault:
                return _readable(named, scope)

        return attributes

    def _entity(self, place: str, name: str) -> EntitySpec:
        if name not in self._contract.entities:
            others = ", ".join(self._contract.entities)
            raise PresetError(f"{place}.entity", f"{name} is no entity (there are {others})")
        return self._contract.entities[name]

    def _optional(self, place: str, text: str | None) -> Evaluate | None:
        return None if text is None else self.one(place, text)

    def one(self, place: str, text: str) -> Evaluate:
        """Compile an expression whose result may be anything that is known at once.

        Raises:
            PresetError: naming the place.
        """
        if mentions_parents(text):
            raise PresetError(place, MISUSE)
        return self._compiled(place, text)

    def _compiled(self, place: str, text: str) -> Evaluate:
        try:
            return self._expressions.compile(text)
        except ExpressionError as error:
            raise PresetError(place, str(error)) from None


def version_of(rule: StreamRule, options: Options) -> str | None:
    """Return the expression of the version of a stream's objects; None if there is none."""
    return rule.version or ".".join(f'"{part}"' for part in options.cursor) or None


def _of_the_record(version: str | None, each: str | None) -> str | None:
    """Return the stream's version as an object sees it: an element of a list has the version of its record."""
    return version if version is None or each is None else f"{RECORD} | {version}"


def _columns_read(fields: Mapping[str, str | NestedField], let: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the columns of the record that each field reads."""
    return {
        name: tuple(sorted(_reads(text if isinstance(text, str) else text.for_each, let) - {RECORD, INDEX}))
        for name, text in fields.items()
    }


def _readable(named: Sequence[tuple[str, Evaluate]], scope: Any) -> Readable:
    found = Readable()
    for name, evaluate in named:
        try:
            found[name] = evaluate(scope)
        except ValueFault as fault:
            found.faults[name] = fault
    return found


def _with_condition(rule: Emission, fields: Mapping[str, str | NestedField]) -> dict[str, str | NestedField]:
    """Return an emission's fields, and its condition among them: both may be at fault."""
    return {**fields, "when": rule.when} if rule.when else dict(fields)


def _needs_all_rows(rule: Emission) -> tuple[str, ...]:
    if rule.complete_per is not None:
        return ()
    return tuple(f"{name}: {how}" for name, how in (rule.merge or {}).items() if how in NEED_ALL_ROWS)


def _has_all_rows(rule: Emission) -> bool:
    """Tell whether all rows of an object come together, as far as it is merged of several."""
    together = rule.complete_per is not None or any(how in NEED_ALL_ROWS for how in (rule.merge or {}).values())
    return rule.merge is None or together


def _is_whole(spec: EntitySpec, rule: Emission, options: Options) -> bool:
    """Tell whether an emission's objects are all that the source knows of them.

    A table in Fincome's own shape may have some columns only, and a user's mapping some fields, to change these fields
    of what exists.
    """
    if options.full is False or rule.operation == "update_only":
        return False
    if isinstance(rule.fields, str):
        return spec.required <= options.columns
    # A default stands in for the currency.
    return options.full or spec.required - {"currency"} <= rule.fields.keys()


def _is_strict(spec: EntitySpec, rule: Emission, options: Options) -> bool:
    """Tell whether what one of its objects lacks is a mistake, if Fincome can't do without it.

    A row of a table in Fincome's own shape may be empty where Fincome has a value. So may one of a user's mapping, but
    for what makes figures: an amount that a row no longer has must not stay at what it was.
    """
    makes_figures = spec.settled or bool(spec.cleared)
    return not isinstance(rule.fields, str) and _is_whole(spec, rule, options) and bool(options.full or makes_figures)


def _cleared(
    rule: Emission, fields: Mapping[str, str | NestedField], let: Mapping[str, str], known: frozenset[str]
) -> frozenset[str]:
    """Return the fields that a null clears; `custom_properties` is one if its attributes are named one by one."""
    named = {CUSTOM_PROPERTIES} if isinstance(rule.custom_properties, dict) else set()
    if rule.for_each is not None:
        # The catalog says nothing about the elements of a list.
        return frozenset(fields) | named
    return frozenset(name for name, text in fields.items() if _comes(name, text, let, known)) | named


def _comes(name: str, text: str | NestedField, let: Mapping[str, str], known: frozenset[str]) -> bool:
    """Return whether the records will have any column that the field reads."""
    expression = text if isinstance(text, str) else text.for_each
    reads = _reads(expression, let)
    if not known:
        return expression != f'"{name}"'
    return not reads or bool(reads & known)


def _reads(text: str, let: Mapping[str, str]) -> frozenset[str]:
    """Return the columns that an expression reads, directly or through helpers."""
    found = columns(text)
    # A helper can use only the ones before it.
    earlier = dict(let)
    for name in reversed([*let]):
        del earlier[name]
        if name in found:
            found = (found - {name}) | _reads(let[name], earlier)
    return found


def _needed_by(let: Mapping[str, str], fields: Mapping[str, str | NestedField]) -> dict[str, str]:
    """Return for each helper the first field that needs it, directly or through other helpers; else what it reads."""
    texts = {name: text if isinstance(text, str) else " ".join([text.for_each, *text.fields.values()])
             for name, text in fields.items()}  # fmt: skip
    found: dict[str, str] = {}
    # A later helper may use an earlier one, so they are worked out from the last to the first.
    for name in reversed([*let]):
        users = [found.get(other, other) for other, text in {**texts, **let}.items() if _mentions(text, name)]
        needing = [user for user in users if user in texts] or sorted(columns(let[name]) - let.keys())
        if needing:
            found[name] = needing[0]
    return found


def _mentions(text: str, name: str) -> bool:
    # Most have nothing like it, which is told sooner.
    return name in text and re.search(rf"\b{re.escape(name)}\b", text) is not None


def _used(rule: Emission, fields: Mapping[str, str | NestedField]) -> frozenset[str]:
    properties = CUSTOM_PROPERTIES if rule.custom_properties is None else rule.custom_properties
    texts = [*rule.let.values()] + ([properties] if isinstance(properties, str) else [*properties.values()])
    texts += [field if isinstance(field, str) else field.for_each for field in fields.values()]
    texts += [skip.when for skip in rule.skip]
    return frozenset().union(*(columns(text) for text in texts))


def same_names(spec: EntitySpec) -> dict[str, str | NestedField]:
    """Return an entity's fields, each read from the column of the same name.

    A document has one currency: a part of it that names none has that of the document.
    """
    fields: dict[str, str | NestedField] = {field.name: f'"{field.name}"' for field in spec.fields}
    if spec.document and "currency" in fields:
        fields["currency"] = f"currency || of_parent('{spec.document}', 'currency')"
    return fields
