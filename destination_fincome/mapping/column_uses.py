"""What a rule reads of which columns: numbers, days, lists, flags. It is worked out from its expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.value_types import LINES
from destination_fincome.mapping.compiled import CUSTOM_PROPERTIES, RECORD
from destination_fincome.mapping.language.uses import Scope, Uses
from destination_fincome.mapping.preset import (
    AllocationsRule,
    CreditLinesRule,
    CreditLinksRule,
    CreditRule,
    Emission,
    NestedField,
    StreamRule,
    StubRule,
)


def uses_of(rule: StreamRule, entities: Mapping[str, EntitySpec]) -> Uses:
    """Follow all expressions of a stream's rule."""
    uses = Uses()
    scope = _helped(uses, Scope(), rule.let)
    if rule.version:
        uses.compare(rule.version, scope)
    if rule.time_zone:
        uses.keep(rule.time_zone, scope)
    _follow_texts(uses, (join.of for join in rule.joins.values()), scope)
    for other in rule.other_ids:
        _follow_texts(uses, (other.id, other.of), scope)
    for warning in rule.warnings:
        uses.test(warning.when, scope)
    for emission in rule.emits:
        _follow(uses, emission, scope, entities[emission.entity])
    for part in [*chain.from_iterable(map(_parts_of, rule.credits)), *map(_as_emission, rule.credit_links)]:
        _follow(uses, part, scope, entities[part.entity])
    return uses


def _parts_of(credit: CreditRule) -> Iterator[Emission]:
    """Yield emissions that use columns as a credit does."""
    others = {f"negative {name}": text for name, text in credit.negative.items()}
    total = {"total": credit.total} if credit.total else {}
    yield Emission(
        entity="credit_notes",
        when=credit.when,
        let=credit.let,
        fields={**credit.fields, **others, **total},
        custom_properties=credit.custom_properties,
        skip=credit.skip,
        stubs=credit.stubs,
    )
    if credit.allocations:
        yield _of_list(credit.allocations.for_each, _texts(credit.allocations))
    if credit.lines:
        lines = credit.lines
        yield _of_list(
            lines.for_each, {**lines.negative, **lines.custom_properties, **_texts(lines)}, lines.let, lines.stubs
        )


def _of_list(
    each: str,
    fields: Mapping[str, str | NestedField],
    let: Mapping[str, str] | None = None,
    stubs: Sequence[StubRule] = (),
) -> Emission:
    return Emission(entity="credit_notes", for_each=each, let=dict(let or {}), fields=dict(fields), stubs=list(stubs))


def _as_emission(link: CreditLinksRule) -> Emission:
    return Emission(entity="credit_notes", when=link.when, for_each=link.for_each, fields=_texts(link))


def _texts(rule: AllocationsRule | CreditLinesRule | CreditLinksRule) -> dict[str, str | NestedField]:
    """Return a rule's expressions by name."""
    apart = ("for_each", "when", "let", "negative", "stubs")
    return {name: text for name, text in rule if isinstance(text, str) and name not in apart}


def _helped(uses: Uses, scope: Scope, let: Mapping[str, str]) -> Scope:
    for name, text in let.items():
        scope = scope.with_helper(name, uses.value(text, scope))
    return scope


def _follow(uses: Uses, emission: Emission, scope: Scope, spec: EntitySpec) -> None:
    if emission.when is not None:
        uses.test(emission.when, scope)
    if emission.complete is not None:
        uses.test(emission.complete, scope)
    if emission.for_each is not None:
        scope = scope.element(uses.open(emission.for_each, scope), RECORD)
    scope = _helped(uses, scope, emission.let)
    if emission.version:
        uses.compare(emission.version, scope)
    if isinstance(emission.fields, str):
        uses.read |= {field.name for field in spec.fields}
        uses.opened |= {field.name for field in spec.fields if field.type is LINES}
        uses.perhaps_opened.add(CUSTOM_PROPERTIES)
        uses.read.add(CUSTOM_PROPERTIES)
        uses.kept |= {field.name for field in spec.fields if field.type is not LINES}
    else:
        _follow_fields(uses, emission.fields, scope)
    for text in emission.gives.values():
        uses.keep(text, scope)
    for variant in emission.variants:
        if variant.when is not None:
            uses.test(variant.when, scope)
        _follow_fields(uses, variant.fields, scope)
    _follow_rest(uses, emission, scope)


def _follow_rest(uses: Uses, rule: Emission | CreditRule, scope: Scope) -> None:
    if isinstance(rule.custom_properties, str):
        uses.perhaps_open(rule.custom_properties, scope)
    for text in rule.custom_properties.values() if isinstance(rule.custom_properties, dict) else ():
        uses.keep(text, scope)
    for skip in rule.skip:
        uses.test(skip.when, scope)
    _follow_stubs(uses, rule.stubs, scope)


def _follow_stubs(uses: Uses, stubs: Iterable[StubRule], scope: Scope) -> None:
    for stub in stubs:
        if stub.when is not None:
            uses.test(stub.when, scope)
        inner = scope if stub.for_each is None else scope.element(uses.open(stub.for_each, scope), RECORD)
        _follow_fields(uses, stub.fields, inner)


def _follow_credit(uses: Uses, credit: CreditRule, scope: Scope) -> None:
    scope = _helped(uses, scope, credit.let)
    if credit.when is not None:
        uses.test(credit.when, scope)
    if credit.linked is not None:
        uses.test(credit.linked, scope)
    _follow_fields(uses, {**credit.fields, **credit.negative}, scope)
    _follow_texts(uses, (credit.total,), scope)
    if part := credit.allocations:
        inner = scope.element(uses.open(part.for_each, scope), RECORD)
        _follow_texts(uses, (part.invoice, part.amount, part.date, part.key), inner)
    if lines := credit.lines:
        inner = _helped(uses, scope.element(uses.open(lines.for_each, scope), RECORD), lines.let)
        _follow_texts(uses, (lines.id, lines.invoice_line, lines.amount, lines.discount, lines.tax), inner)
        _follow_fields(uses, lines.negative, inner)
        _follow_stubs(uses, lines.stubs, inner)
    _follow_rest(uses, credit, scope)


def _follow_links(uses: Uses, links: CreditLinksRule, scope: Scope) -> None:
    if links.when is not None:
        uses.test(links.when, scope)
    if links.for_each is not None:
        scope = scope.element(uses.open(links.for_each, scope), RECORD)
    _follow_texts(uses, (links.credit, links.key, links.invoice, links.amount, links.date), scope)
    if links.gone is not None:
        uses.test(links.gone, scope)


def _follow_texts(uses: Uses, texts: Iterable[str | None], scope: Scope) -> None:
    for text in texts:
        if text is not None:
            uses.keep(text, scope)


def _follow_fields(uses: Uses, fields: Mapping[str, str | NestedField], scope: Scope) -> None:
    for text in fields.values():
        if isinstance(text, str):
            uses.keep(text, scope)
            continue
        inner = scope.element(uses.open(text.for_each, scope), RECORD)
        _follow_fields(uses, text.fields, inner)


# --- what is done with a record
