"""What is wrong with the user's own mapping, as far as it can be known without the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jmespath

from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.fincome.value_types import LINES
from destination_fincome.mapping.compiled import SAME_NAMES
from destination_fincome.mapping.laid_over import OF_CREDITS
from destination_fincome.mapping.language.columns import columns, reads_nothing
from destination_fincome.mapping.own import OwnEmission, OwnMapping, OwnStream
from destination_fincome.mapping.preset import NestedField, Preset
from destination_fincome.mapping.skip_rules import SkipRule
from destination_fincome.mapping.stream_compiler import PresetError, StreamCompiler, same_names
from destination_fincome.mapping.stream_names import normal
from destination_fincome.wording import did_you_mean

Mistake = tuple[str, str]
"""A place, and what is wrong there."""


def mistakes(own: OwnMapping, contract: Contract, compiler: StreamCompiler) -> Iterator[Mistake]:
    """Yield every mistake in the user's mapping that can be found without the catalog.

    Each names its place, such as `streams.bills.emits[0].fields.status`, and what would be right instead.
    """
    yield from own.mistakes
    seen: dict[str, str] = {}
    for name, stream in own.streams.items():
        place = f"streams.{name}"
        if (first := seen.setdefault(normal(name), name)) != name:
            yield place, f"is the same stream as {first}: put both into one"
        if stream.ignore and stream.changes_objects:
            yield place, "says `ignore` and at the same time what the stream becomes; leave one of them out"
        if not stream.ignore and not stream.changes_objects and not stream.replace_preset:
            yield place, f"says nothing of stream {name}; say what it `emits`, or `ignore` it"
        yield from _of_stream(place, stream, contract, compiler)


def _of_stream(place: str, stream: OwnStream, contract: Contract, compiler: StreamCompiler) -> Iterator[Mistake]:
    texts = {f"{place}.gone": stream.gone, f"{place}.version": stream.version}
    yield from _of_texts(compiler, {**texts, **_lets(place, stream.let), **_conditions(place, stream.skip)})
    yield from _of_order(place, stream.let, {})
    for index, emission in enumerate(stream.emits):
        here = f"{place}.emits[{index}]"
        spec = contract.entities.get(emission.entity)
        if spec is None:
            hint = did_you_mean(emission.entity, contract.entities)
            others = f"(there are {', '.join(contract.entities)})"
            yield f"{here}.entity", f"{emission.entity} is no entity {others}{hint}"
            continue
        if emission.ignore:
            continue
        operation = emission.operation or stream.operation
        if operation == "create_only" and not spec.can_create_only:
            yield f"{here}.operation", f"create_only isn't possible for {spec.name}, which Fincome can't be asked for"
        yield from _of_emission(here, emission, stream, spec, compiler)
        for earlier, other in enumerate(stream.emits[:index]):
            if not other.ignore and _replaces(emission, other, spec):
                yield (
                    here,
                    f"makes {spec.name} with the same id as emits[{earlier}]: one would replace the other; give them "
                    "ids of their own, or put both into one",
                )


def _replaces(emission: OwnEmission, other: OwnEmission, spec: EntitySpec) -> bool:
    """Tell whether two entries make the same object of the same record."""
    if emission.entity != other.entity or emission.for_each != other.for_each or (emission.when and other.when):
        return False
    return _id_of(emission, spec) == _id_of(other, spec)


def _id_of(emission: OwnEmission, spec: EntitySpec) -> object:
    fields = emission.fields if isinstance(emission.fields, dict) else same_names(spec)
    return fields.get("id")


def _of_emission(
    place: str, emission: OwnEmission, stream: OwnStream, spec: EntitySpec, compiler: StreamCompiler
) -> Iterator[Mistake]:
    fields = emission.fields if isinstance(emission.fields, dict) else {}
    yield from _of_fields(f"{place}.fields", fields, spec, compiler)
    let = {**stream.let, **emission.let}
    identity = fields.get("id")
    if isinstance(identity, str) and _is_constant(identity, let):
        yield (
            f"{place}.fields.id",
            "is the same for every record: say which column is the id, without single quotes (those are for texts)",
        )
    properties = emission.custom_properties
    texts: dict[str, str | None] = _conditions(place, emission.skip)
    if isinstance(properties, str):
        texts[f"{place}.custom_properties"] = properties
    else:
        texts |= {f"{place}.custom_properties.{name}": text for name, text in (properties or {}).items()}
        if any(not name.strip() for name in properties or ()):
            yield f"{place}.custom_properties", "has one without a name"
    texts |= {f"{place}.when": emission.when, f"{place}.for_each": emission.for_each}
    texts |= {f"{place}.version": emission.version, f"{place}.complete_per": emission.complete_per}
    texts |= {f"{place}.gone": emission.gone}
    yield from _of_texts(compiler, {**texts, **_lets(place, emission.let)})
    yield from _of_order(place, emission.let, stream.let)
    try:
        compiler.set_once(f"{place}.set_once", spec, emission.set_once)
        compiler.merge(f"{place}.merge", spec, emission.merge or {})
    except PresetError as error:
        yield error.place, error.problem
    for index, stub in enumerate(emission.stubs):
        try:
            compiler.stub(f"{place}.stubs[{index}]", stub)
        except PresetError as error:
            yield error.place, error.problem


def _of_fields(
    place: str, fields: Mapping[str, str | NestedField], spec: EntitySpec, compiler: StreamCompiler
) -> Iterator[Mistake]:
    known = {field.name: field for field in spec.fields}
    for name, value in fields.items():
        here = f"{place}.{name}"
        if name not in known:
            others = f"it has {', '.join(known)}; use custom_properties for others"
            yield here, f"{spec.name} has no field {name} ({others}){did_you_mean(name, known)}"
        elif known[name].type is LINES and isinstance(value, str):
            yield here, f"{name} is a list: say `for_each` and `fields`"
        else:
            try:
                compiler.field_or_lines(here, known[name], value)
            except PresetError as error:
                yield error.place, error.problem


def _is_constant(text: str, let: Mapping[str, str]) -> bool:
    """Tell whether an expression that is valid has the same value for every record."""
    try:
        return reads_nothing(text, let)
    except jmespath.exceptions.JMESPathError:
        return False


def _lets(place: str, let: Mapping[str, str]) -> dict[str, str | None]:
    return {f"{place}.let.{name}": text for name, text in let.items()}


def _of_order(place: str, let: Mapping[str, str], outer: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield the values that use one which isn't computed yet; `outer` are computed before all of them."""
    names = list(let)
    for index, name in enumerate(names):
        try:
            used = columns(let[name])
        except jmespath.exceptions.JMESPathError:
            continue
        for other in names[index:]:
            if other in used and other not in outer:
                what = "itself" if other == name else f"{other}, which comes after it: put {other} before it"
                yield f"{place}.let.{name}", f"uses {what}"


def _conditions(place: str, rules: tuple[SkipRule, ...]) -> dict[str, str | None]:
    return {f"{place}.skip[{index}]": rule.when for index, rule in enumerate(rules)}


def _of_texts(compiler: StreamCompiler, texts: Mapping[str, str | None]) -> Iterator[Mistake]:
    for place, text in texts.items():
        if text is not None:
            if ".let." in place and not place.rpartition(".let.")[2].startswith("_"):
                yield place, "the name of a value that is used several times begins with _"
            try:
                compiler.one(place, text)
            except PresetError as error:
                yield error.place, error.problem


def never_given(own: OwnMapping, contract: Contract, presets: Mapping[str, Preset]) -> Iterator[Mistake]:
    """Yield the entries that are to create objects without fields which Fincome requires of new ones.

    Of a stream that a preset may know, the rest may be the preset's.
    """
    given: dict[str, set[str]] = {}
    for stream in own.streams.values():
        for emission in stream.emits:
            if emission.ignore:
                continue
            spec = contract.entities.get(emission.entity)
            given.setdefault(emission.entity, set()).update(
                emission.fields if isinstance(emission.fields, dict) else (spec.required if spec else ())
            )
    for name, stream in own.streams.items():
        for index, emission in enumerate(stream.emits):
            spec = contract.entities.get(emission.entity)
            changes_only = (emission.operation or stream.operation) == "update_only"
            if (
                spec is None
                or changes_only
                or emission.ignore
                or (not stream.replace_preset and _may_be_laid_over(name, emission, presets))
            ):
                continue
            if missing := [field for field in spec.required if field not in given[spec.name]]:
                yield (
                    f"streams.{name}.emits[{index}].fields",
                    f"{spec.name} need {', '.join(sorted(missing))} too, or new ones can't be created; give them, or "
                    "say `operation: update_only` if only existing ones are to be changed",
                )


def _may_be_laid_over(name: str, emission: OwnEmission, presets: Mapping[str, Preset]) -> bool:
    """Tell whether a preset may make such objects of a stream of this name, whatever stands before it.

    Who says what the id is has a table of his own, unless the source is known.
    """
    called = normal(name)
    says_id = isinstance(emission.fields, dict) and "id" in emission.fields
    if emission.for_each is not None:
        return False
    rules = [
        rule
        for preset in presets.values()
        for stream, rule in preset.streams.items()
        if any(called.endswith(normal(other)) for other in (stream, *rule.names))
    ]
    own_tables = says_id and len(presets) > 1
    if any(rule.credits for rule in rules) and emission.entity in OF_CREDITS and not own_tables:
        return True
    return any(
        one.entity == emission.entity and not (own_tables or (says_id and one.fields == SAME_NAMES))
        for rule in rules
        for one in rule.emits
    )
