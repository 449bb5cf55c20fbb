"""How the user's own mapping changes what a preset makes of a stream."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.mapping.column_names import plainly
from destination_fincome.mapping.compiled import CUSTOM_PROPERTIES, RECORD, SAME_NAMES
from destination_fincome.mapping.own import OwnEmission, OwnStream
from destination_fincome.mapping.own_expressions import quoted
from destination_fincome.mapping.preset import AllocationsRule, CreditRule, Emission, NestedField, StreamRule
from destination_fincome.mapping.skip_rules import SkipRule, SkipRules
from destination_fincome.mapping.stream_compiler import PresetError, same_names


def merged(rule: StreamRule | None, place: str, own: OwnStream, contract: Contract) -> StreamRule:
    """Return a stream's rule with what the user says of it.

    Args:
        rule: the preset's; None for a stream that it doesn't know.
        place: where the user's words stand, such as `streams.clients`.

    Raises:
        PresetError: what can only be judged with the stream at hand; names its place.
    """
    base = StreamRule() if rule is None or own.replace_preset else rule
    emissions, credits = _with_entries(base, place, own, contract)
    given = {name for emission in own.emits for name in _named(emission)}
    return base.model_copy(
        update={
            # A warning about a field is silent where the user gives the field.
            "warnings": [warning for warning in base.warnings if warning.field not in given],
            "emits": [_restricted(emission, own) for emission in emissions],
            "credits": [
                one.model_copy(update={"operation": own.operation or one.operation, "skip": [*own.skip, *one.skip]})
                for one in credits
            ],
            "version": own.version or base.version,
            "let": {**base.let, **own.let},
            "otherwise": own.otherwise or base.otherwise,
            "ignored": None,
            "ignored_if_selected": None,
        }
    )


def _with_entries(
    base: StreamRule, place: str, own: OwnStream, contract: Contract
) -> tuple[list[Emission], list[CreditRule]]:
    """Return what a stream emits, and its credits, with each of the user's entries laid over or added."""
    emissions, credits, changed = [*base.emits], [*base.credits], set[str]()
    for index, emission in enumerate(own.emits):
        here = f"{place}.emits[{index}]"
        if emission.ignore:
            continue
        if credits and emission.for_each is None and emission.entity in OF_CREDITS:
            credits = [_credit_with(credit, here, emission) for credit in credits]
            if all(one.entity != emission.entity for one in base.emits):
                continue
        if emission.for_each is None and any(one.entity == emission.entity for one in base.emits):
            if emission.entity in changed:
                raise PresetError(
                    here, f"{emission.entity} of this stream are changed by an entry before: put both into one"
                )
            changed.add(emission.entity)
            spec = contract.entities[emission.entity]
            emissions = [
                _laid_over(one, emission, spec) if number < len(base.emits) and one.entity == spec.name else one
                for number, one in enumerate(emissions)
            ]
        else:
            emissions.append(_new(here, emission))
    if not emissions and not credits:
        raise PresetError(place, "says nothing of what the stream `emits`, and no built-in mapping knows it")
    return emissions, credits


# What an entry may be about if a stream's records are credits.
OF_CREDITS = ("credit_notes", "invoices", "invoice_lines")


def _credit_with(credit: CreditRule, place: str, own: OwnEmission) -> CreditRule:
    """Return a credit with what an entry changes: of the credit, or of what is peculiar to its negative invoice."""
    fields: dict[str, str] = {}
    for name, value in _named(own).items():
        if not isinstance(value, str):
            raise PresetError(f"{place}.fields.{name}", "can't be changed: a credit's lines are divided")
        fields[name] = value
    update: dict[str, object] = {"let": {**credit.let, **own.let}}
    if own.entity == "credit_notes":
        if (invoice := fields.pop("invoice_id", None)) is not None:
            update["allocations"] = AllocationsRule(for_each="[@]", invoice=invoice)
        update["fields"] = {**credit.fields, **fields}
        update["skip"] = [*own.skip, *credit.skip]
        update["operation"] = own.operation or credit.operation
        update["when"] = _both(credit.when, own.when)
    elif own.entity == "invoices":
        update["negative"] = {**credit.negative, **fields}
    elif credit.lines is not None:
        update["lines"] = credit.lines.model_copy(update={"negative": {**credit.lines.negative, **fields}})
    if own.custom_properties:
        update["custom_properties"] = _joined(credit.custom_properties or {}, own.custom_properties)
    return credit.model_copy(update=update)


def with_columns(own: OwnStream, columns: Container[str]) -> OwnStream:
    """Return what the user says, where an expression that is a column's name is that column, whatever its signs.

    Args:
        columns: as `column_forms.plainly` writes them. Of the elements of lists nothing is known.
    """

    def named(texts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: quoted(text) if isinstance(text, str) and "." in text and plainly(text) in columns else text
            for name, text in texts.items()
        }

    emits = tuple(
        emission.model_copy(
            update={
                key: named(value)
                for key, value in (("fields", emission.fields), ("custom_properties", emission.custom_properties))
                if isinstance(value, dict)
            }
        )
        if emission.for_each is None
        else emission
        for emission in own.emits
    )
    return own.model_copy(update={"emits": emits, "let": named(own.let)})


def _restricted(emission: Emission, own: OwnStream) -> Emission:
    """Return an emission with what is said of all that the stream becomes; its conditions are about the record."""
    skip = _rules(own)
    if emission.for_each is not None:
        skip = [rule.model_copy(update={"when": f"{RECORD} | {rule.when}"}) for rule in skip]
    update = {"operation": own.operation or emission.operation, "skip": [*skip, *emission.skip]}
    return emission.model_copy(update=update)


def _laid_over(emission: Emission, own: OwnEmission, spec: EntitySpec) -> Emission:
    fields = same_names(spec) if isinstance(emission.fields, str) else emission.fields
    properties = emission.custom_properties
    if properties is None:
        properties = CUSTOM_PROPERTIES if emission.fields == SAME_NAMES else {}
    return emission.model_copy(
        update={
            "fields": {**fields, **_named(own)} if _named(own) else emission.fields,
            "custom_properties": _joined(properties, own.custom_properties)
            if own.custom_properties
            else emission.custom_properties,
            "operation": own.operation or emission.operation,
            "version": own.version or emission.version,
            "when": _both(emission.when, own.when),
            "let": {**emission.let, **own.let},
            "skip": [*_rules(own), *emission.skip],
            "set_once": own.set_once or emission.set_once,
            "stubs": [*emission.stubs, *own.stubs],
            "merge": emission.merge if own.merge is None else {**(emission.merge or {}), **own.merge},
            "complete_per": own.complete_per or emission.complete_per,
        }
    )


def _rules(own: OwnEmission | OwnStream) -> list[SkipRule]:
    """Return the skip rules that the user gives; what is gone is void, and settled whatever its record has."""
    if own.gone is None:
        return [*own.skip]
    void = SkipRules("the source").rule("void", own.gone)
    return [SkipRule.model_validate({**void, "settles": True}), *own.skip]


def _named(own: OwnEmission) -> dict[str, str | NestedField]:
    """Return the fields that an entry names."""
    return own.fields if isinstance(own.fields, dict) else {}


def _both(first: str | None, second: str | None) -> str | None:
    """Return the condition that both conditions are true."""
    return f"({first}) && ({second})" if first and second else first or second


def _joined(properties: dict[str, str] | str, own: dict[str, str] | str) -> dict[str, str] | str:
    """Return the custom properties of both; the user's win."""
    if isinstance(properties, dict) and isinstance(own, dict):
        return {**properties, **own}
    return f"merge({_as_object(properties)}, {_as_object(own)})"


def _as_object(properties: dict[str, str] | str) -> str:
    if isinstance(properties, str):
        return f"{properties} || `{{}}`"
    pairs = ", ".join(f"{json.dumps(name)}: {text}" for name, text in properties.items())
    return f"{{{pairs}}}" if pairs else "`{}`"


def _new(place: str, own: OwnEmission) -> Emission:
    if isinstance(own.fields, dict) and "id" not in own.fields:
        raise PresetError(f"{place}.fields", "has no id; say which column identifies the object")
    return Emission(
        entity=own.entity,
        operation=own.operation or "upsert",
        when=own.when,
        for_each=own.for_each,
        let=own.let,
        version=own.version,
        fields=own.fields or "same_names",
        custom_properties=own.custom_properties or None,
        skip=_rules(own),
        set_once=own.set_once,
        stubs=[*own.stubs],
        merge=own.merge,
        complete_per=own.complete_per,
    )
