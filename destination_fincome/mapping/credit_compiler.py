"""Compiles a stream's `credits` and `credit_links` (docs/mapping.md, "Credits")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.compiled import CompiledEmission, CompiledField
from destination_fincome.mapping.compiled_credits import (
    CompiledAllocations,
    CompiledCredit,
    CompiledCreditLines,
    CompiledLinks,
)
from destination_fincome.mapping.compiled_stream import CompiledStream
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.compiler import Evaluate
from destination_fincome.mapping.preset import (
    AllocationsRule,
    CreditLinesRule,
    CreditLinksRule,
    CreditRule,
    Emission,
    NestedField,
    StreamRule,
)
from destination_fincome.mapping.stream_compiler import Options, PresetError, StreamCompiler, version_of

NOTES, INVOICES, LINES = "credit_notes", "invoices", "invoice_lines"
# What the construct itself says of each object; presets add to it.
_OF_NOTE = ("invoice_id",)
_OF_INVOICE = ("id", "customer_id", "date", "due_date", "status", "currency", "amount")
_OF_LINE = (
    "id", "invoice_id", "type", "currency", "amount_excluding_tax_after_discount", "tax_amount", "discount_amount",
)  # fmt: skip
_NOTE_LINES = NestedField(
    for_each="lines",
    fields={name: name for name in ("id", "invoice_line_id", "amount", "discount_amount")},
)


def compile_stream(
    compiler: StreamCompiler, contract: Contract, name: str, rule: StreamRule, options: Options
) -> CompiledStream:
    """Compile one stream's rule, its credits among it.

    Raises:
        PresetError: naming the place, e.g. `streams.credit_notes.credits[0].fields.amount`.
    """
    compiled = compiler.compile(name, rule, options)
    if not rule.credits and not rule.credit_links:
        return compiled
    credits = _CreditCompiler(compiler, contract, rule, options)
    place = f"streams.{name}"
    return replace(
        compiled,
        credits=tuple(credits.credit(f"{place}.credits[{i}]", one) for i, one in enumerate(rule.credits)),
        links=tuple(credits.links(f"{place}.credit_links[{i}]", one) for i, one in enumerate(rule.credit_links)),
    )


class _CreditCompiler:
    """Compiles the credits of one stream."""

    def __init__(self, compiler: StreamCompiler, contract: Contract, rule: StreamRule, options: Options) -> None:
        self._compiler = compiler
        self._contract = contract
        self._rule = rule
        self._options = options
        self._version = version_of(rule, options)

    def credit(self, place: str, rule: CreditRule) -> CompiledCredit:
        """Compile a credit."""
        one = self._optional
        if "amount" not in rule.fields:
            raise PresetError(f"{place}.fields", "has no amount")
        own_lines = rule.lines.negative if rule.lines else {}
        whole = Emission(
            entity=NOTES,
            operation=rule.operation,
            let=rule.let,
            fields=dict(rule.fields),
            custom_properties=rule.custom_properties,
            skip=rule.skip,
            stubs=rule.stubs,
        )
        compiled = self._compiler.emission(place, whole, self._version, self._options, self._rule.let)
        note = self._emission(place, rule, NOTES, (*rule.fields, *_OF_NOTE), lines=rule.lines is not None)
        texts = [text for text in (rule.total, *rule.negative.values()) if text is not None]
        used = compiled.used.union(*map(columns, texts))
        negative = self._fields(f"{place}.negative", INVOICES, rule.negative)
        return CompiledCredit(
            when=one(f"{place}.when", rule.when),
            whole=replace(compiled, used=used),
            total=one(f"{place}.total", rule.total),
            allocations=self._allocations(f"{place}.allocations", rule.allocations),
            lines=self._lines(f"{place}.lines", rule.lines),
            negative=negative,
            negative_id=next((field.evaluate for field in negative if field.name == "id"), None),
            linked=one(f"{place}.linked", rule.linked),
            note=replace(note, asks=compiled.asks, asking=compiled.asking),
            invoice=self._invoice(place, rule),
            line=self._emission(place, rule, LINES, (*_OF_LINE, *own_lines)),
        )

    def _invoice(self, place: str, rule: CreditRule) -> CompiledEmission:
        """Compile the negative invoice of what is applied to nothing."""
        invoice, spec = Emission(entity=INVOICES, fields={}), self._contract.entities[INVOICES]
        asks = self._compiler.of_parents(f"{place}.negative", spec, invoice, rule.negative)
        return replace(self._emission(place, rule, INVOICES, (*_OF_INVOICE, *rule.negative)), **asks)

    def links(self, place: str, rule: CreditLinksRule) -> CompiledLinks:
        """Compile what records tell of others' credits."""
        one = self._optional
        return CompiledLinks(
            when=one(f"{place}.when", rule.when),
            for_each=one(f"{place}.for_each", rule.for_each),
            credit=self._compiler.one(f"{place}.credit", rule.credit),
            gone=one(f"{place}.gone", rule.gone),
            version=one(f"{place}.version", self._version),
            made=rule.made,
            invoice=self._compiler.one(f"{place}.invoice", rule.invoice),
            amount=one(f"{place}.amount", rule.amount),
            date=one(f"{place}.date", rule.date),
            key=self._compiler.one(f"{place}.key", rule.key),
        )

    def _emission(
        self, place: str, credit: CreditRule, entity: str, names: tuple[str, ...], *, lines: bool = False
    ) -> CompiledEmission:
        """Return what makes objects of what was prepared, whose names are those of the fields."""
        fields: dict[str, str | NestedField] = {name: f'"{name}"' for name in dict.fromkeys(names)}
        if lines:
            fields["lines"] = _NOTE_LINES
        rule = Emission(
            entity=entity,
            operation=credit.operation,
            for_each="[@]",
            fields=fields,
            custom_properties="custom_properties",
        )
        return self._compiler.emission(place, rule, self._version, replace(self._options, keep_unmapped=False), {})

    def _allocations(self, place: str, rule: AllocationsRule | None) -> CompiledAllocations | None:
        if rule is None:
            return None
        one = self._optional
        return CompiledAllocations(
            for_each=self._compiler.one(f"{place}.for_each", rule.for_each),
            invoice=self._compiler.one(f"{place}.invoice", rule.invoice),
            amount=one(f"{place}.amount", rule.amount),
            date=one(f"{place}.date", rule.date),
            key=one(f"{place}.key", rule.key),
        )

    def _lines(self, place: str, rule: CreditLinesRule | None) -> CompiledCreditLines | None:
        if rule is None:
            return None
        compiler = self._compiler
        return CompiledCreditLines(
            for_each=compiler.one(f"{place}.for_each", rule.for_each),
            let=compiler.let(f"{place}.let", rule.let),
            id=compiler.one(f"{place}.id", rule.id),
            invoice_line=self._optional(f"{place}.invoice_line", rule.invoice_line),
            amount=compiler.one(f"{place}.amount", rule.amount),
            discount=self._optional(f"{place}.discount", rule.discount),
            tax=self._optional(f"{place}.tax", rule.tax),
            negative=self._fields(f"{place}.negative", LINES, rule.negative),
            properties=compiler.named(f"{place}.custom_properties", rule.custom_properties),
            stubs=tuple(compiler.stub(f"{place}.stubs[{i}]", stub) for i, stub in enumerate(rule.stubs)),
        )

    def _fields(self, place: str, entity: str, texts: Mapping[str, str]) -> tuple[CompiledField, ...]:
        spec = self._contract.entities[entity]
        known = {field.name: field for field in spec.fields}
        for name in texts:
            if name not in known:
                raise PresetError(f"{place}.{name}", f"{entity} has no such field (it has {', '.join(known)})")
        found = [(name, self._compiler.field(f"{place}.{name}", known[name], text)) for name, text in texts.items()]
        return tuple(CompiledField(name, evaluate) for name, evaluate in found)

    def _optional(self, place: str, text: str | None) -> Evaluate | None:
        return None if text is None else self._compiler.one(place, text)
