"""A preset's `credits`, compiled: from a record to what its credit notes and its negative invoice hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.codes import Code
from destination_fincome.fincome.minor_units import decimals_of
from destination_fincome.fincome.value_types import ID, ValueFault
from destination_fincome.mapping.column_names import is_attribute
from destination_fincome.mapping.compiled import (
    CompiledEmission,
    CompiledField,
    CompiledLet,
    CompiledStub,
    FieldFault,
    elements,
)
from destination_fincome.mapping.credits import (
    APPLIED_TO,
    Allocation,
    CreditLine,
    Known,
    Link,
    Part,
    divide,
    gone_notes,
    joined,
    known_allocations,
    merged,
    note_ids,
    remembered,
)
from destination_fincome.mapping.language.compiler import Evaluate, truthy
from destination_fincome.mapping.language.functions import decimal
from destination_fincome.mapping.language.parents import OfParent

_ZERO = Decimal(0)


@dataclass(frozen=True)
class CompiledAllocations:
    """An AllocationsRule, compiled."""

    for_each: Evaluate
    invoice: Evaluate
    amount: Evaluate | None
    date: Evaluate | None
    key: Evaluate | None

    def of(self, scope: Mapping[str, Any]) -> Iterator[Allocation]:
        """Yield what a record tells."""
        for source in elements(self.for_each, scope, scope):
            if found := allocation_of(self, source):
                yield found


@dataclass(frozen=True)
class CompiledLinks:
    """A CreditLinksRule, compiled."""

    when: Evaluate | None
    for_each: Evaluate | None
    credit: Evaluate
    gone: Evaluate | None
    version: Evaluate | None
    made: bool
    invoice: Evaluate
    amount: Evaluate | None
    date: Evaluate | None
    key: Evaluate | None

    def of(self, scope: dict[str, Any], version: int | float | None) -> Iterator[Link]:
        """Yield what a record tells of others' credits."""
        if self.when is not None and not truthy(self.when(scope)):
            return
        for source in [scope] if self.for_each is None else elements(self.for_each, scope, scope):
            credit, found = written(self.credit(source)), allocation_of(self, source)
            if credit is not None and found is not None:
                gone = self.gone is not None and truthy(self.gone(source))
                yield Link(credit, found, version, gone, self.made)


def allocation_of(rule: CompiledAllocations | CompiledLinks, source: Mapping[str, Any]) -> Allocation | None:
    """Return an allocation; None of what names no invoice."""
    invoice = written(rule.invoice(source))
    if invoice is None:
        return None
    date = rule.date(source) if rule.date else None
    key = rule.key(source) if rule.key else None
    amount = decimal(rule.amount(source)) if rule.amount else None
    return Allocation(invoice, amount, "" if date is None else str(date), written(key) or "")


@dataclass(frozen=True)
class CompiledCreditLines:
    """A CreditLinesRule, compiled."""

    for_each: Evaluate
    let: CompiledLet | None
    id: Evaluate
    invoice_line: Evaluate | None
    amount: Evaluate
    discount: Evaluate | None
    tax: Evaluate | None
    negative: tuple[CompiledField, ...]
    properties: tuple[CompiledField, ...]
    stubs: tuple[CompiledStub, ...]


class _Line(NamedTuple):
    """A line of a credit, with what its objects have of it besides amounts."""

    id: Any
    invoice_line: Any
    line: CreditLine
    scope: dict[str, Any]


class PreparedCredit(NamedTuple):
    """What the objects of a credit hold.

    Attributes:
        notes, invoices, lines: what the credit notes, the negative invoice and its lines are made of.
        gone: likewise, of credit notes in Fincome whose allocation is gone.
        settles: the negative invoice, and its lines, are in Fincome, and nothing of the credit is left for them.
        negative: id of the negative invoice, if it is in Fincome or is to be.
        scopes: those of the lines, for what they know of others.
    """

    notes: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    scopes: list[dict[str, Any]]
    invoices: Sequence[dict[str, Any]] = ()
    lines: Sequence[dict[str, Any]] = ()
    settles: bool = False
    negative: Any = None


class VoidCredit(NamedTuple):
    """What may be in Fincome of a credit that is void.

    Attributes:
        notes: ids of credit notes, each with its lines.
        invoice: id of the negative invoice; None if there is none.
        lines: ids of its lines.
    """

    notes: list[tuple[str, list[dict[str, Any]]]]
    invoice: Any
    lines: list[Any]


@dataclass(frozen=True)
class CompiledCredit:
    """A CreditRule, compiled.

    Attributes:
        whole: the credit as if it were one credit note: its fields, without its invoice.
        negative: the fields of the negative invoice that the credit doesn't have.
        negative_id: its id, if it is another than the credit's.
        note, invoice, line: make the objects of what was prepared.
    """

    when: Evaluate | None
    whole: CompiledEmission
    total: Evaluate | None
    allocations: CompiledAllocations | None
    lines: CompiledCreditLines | None
    negative: tuple[CompiledField, ...]
    negative_id: Evaluate | None
    linked: Evaluate | None
    note: CompiledEmission
    invoice: CompiledEmission
    line: CompiledEmission

    def id_of(self, scope: Mapping[str, Any]) -> Any:
        """Return the credit's id."""
        return self.whole.fields.id(scope)

    def invoice_id_of(self, scope: Mapping[str, Any]) -> Any:
        """Return the id of its negative invoice."""
        return (self.negative_id or self.whole.fields.id)(scope)

    @property
    def line_stubs(self) -> tuple[CompiledStub, ...]:
        """What its lines know of others."""
        return self.lines.stubs if self.lines else ()

    def is_linked(self, scope: Mapping[str, Any]) -> bool:
        """Tell whether other records may tell its allocations."""
        return self.linked is not None and truthy(self.linked(scope))

    def prepare(
        self, scope: dict[str, Any], record: Mapping[str, Any], known: Known, links: Sequence[Link]
    ) -> PreparedCredit:
        """Work out what becomes of a credit.

        Args:
            scope: the record with the values that are used several times.
            known: what Fincome has of it.
            links: what other records tell of it.

        Raises:
            FieldFault: naming the field that can't be computed.
        """
        fields = self._fields(scope)
        lines = _labelled("lines", self._lines, scope) if self.lines else []
        try:
            return self._prepared(scope, record, fields, lines, known, links)
        except ValueFault as fault:
            raise FieldFault("amount", fault) from None
        except ArithmeticError:
            raise FieldFault("amount", ValueFault("is out of any sensible range")) from None

    def _fields(self, scope: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any]
        try:
            found = self.whole.fields.all(scope)
        except ValueFault:
            found = {field.name: _labelled(field.name, field.evaluate, scope) for field in self.whole.fields.single}
        return found

    def void(self, scope: dict[str, Any], known: Known) -> VoidCredit:
        """Return what may be in Fincome of a credit that doesn't count any more; of its record, only ids are read.

        Raises:
            FieldFault: naming the field that can't be computed.
        """
        credit = written(_labelled("id", self.id_of, scope)) or ""
        lines = list(self._line_ids(scope))
        names = gone_notes(credit, known.note, ()) or [credit]
        notes = [(name, [{"id": f"{written(line)}{name.removeprefix(credit)}"} for line, _ in lines]) for name in names]
        invoice = _labelled("id", self.invoice_id_of, scope) if known.invoice else None
        return VoidCredit(notes, invoice, [negative for _, negative in lines] if known.invoice else [])

    def _line_ids(self, scope: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
        """Yield the ids of the lines, in credit notes and in the negative invoice."""
        rule = self.lines
        if rule is None:
            return
        try:
            for element in elements(rule.for_each, scope, scope):
                source = rule.let.all(element) if rule.let else element
                own = rule.id(source)
                yield own, next((one.evaluate(source) for one in rule.negative if one.name == "id"), own)
        except ValueFault:
            return

    def _prepared(
        self,
        scope: dict[str, Any],
        record: Mapping[str, Any],
        fields: dict[str, Any],
        lines: list[_Line],
        known: Known,
        links: Sequence[Link],
    ) -> PreparedCredit:
        net, linked = decimal(fields.get("amount")), self.is_linked(scope)
        total = decimal(self.total(scope)) if self.total else None
        own = list(self.allocations.of(scope)) if self.allocations else []
        told = joined(own, links, known_allocations(known.note, net or _ZERO, total), linked=linked)
        allocations = merged(told)
        # What is to be asked of the invoice can't be asked by a document that names none.
        own_currency = None if isinstance(fields.get("currency"), OfParent) else fields.get("currency")
        division = divide(net or _ZERO, total, [line.line for line in lines], allocations, self._places(own_currency))
        properties = _properties(self.whole, scope, record)
        credit = written(fields.get("id")) or ""
        ids = note_ids(credit, allocations)
        notes = [
            self._note(fields, properties, identity, one, part, lines, ids)
            for identity, one, part in zip(ids, allocations, division.parts, strict=True)
        ]
        if notes and (linked or len(allocations) > 1 or _has_memory(known)):
            notes[0]["custom_properties"] = {**properties, APPLIED_TO: remembered(told)}
        if net is None:
            notes = [{**note, "amount": None} for note in notes]
        gone = [_gone(credit, identity, lines) for identity in gone_notes(credit, known.note, ids)]
        scopes = [line.scope for line in lines]
        is_left = bool(division.rest.net) or (net is None and not notes)
        if not is_left and not known.invoice:
            return PreparedCredit(notes, gone, scopes)
        rest = None if net is None else -division.rest.net
        invoice = {**self._invoice(scope, fields, own_currency, rest), "custom_properties": properties}
        parts = zip(lines, division.rest.lines, strict=True)
        own_lines = [self._line(own_currency, invoice["id"], line, part) for line, part in parts]
        return PreparedCredit(notes, gone, scopes, [invoice] if is_left else [], own_lines, not is_left, invoice["id"])

    def _places(self, currency: Any) -> int:
        default = self.whole.default_currency
        return decimals_of(str(currency or (default.code if default else None)).strip().upper())

    def _invoice(
        self, scope: dict[str, Any], fields: dict[str, Any], currency: Any, amount: Decimal | None
    ) -> dict[str, Any]:
        date = fields.get("date")
        return {
            **{name: fields[name] for name in ("id", "customer_id") if name in fields},
            "currency": currency,
            "date": date,
            "due_date": date,
            "status": "paid",
            "amount": amount,
            **{field.name: _labelled(field.name, field.evaluate, scope) for field in self.negative},
        }

    def _note(
        self,
        fields: Mapping[str, Any],
        properties: Mapping[str, Any],
        identity: str,
        one: Allocation,
        part: Part,
        lines: Sequence[_Line],
        ids: Sequence[str],
    ) -> dict[str, Any]:
        """Return what a credit note has of its allocation. Of several, none is sure to have a line's invoice line."""
        is_first, is_only = identity == ids[0], len(ids) == 1
        discounts = self.lines is not None and self.lines.discount is not None
        own = [
            {
                "id": line.id if is_first else f"{written(line.id)}-{one.invoice}",
                "invoice_line_id": line.invoice_line if is_only else None,
                "amount": share.amount,
                "discount_amount": share.discount if discounts else None,
            }
            for line, share in zip(lines, part.lines, strict=True)
        ]
        return {
            **fields,
            "custom_properties": properties,
            "id": fields.get("id") if is_first else identity,
            "invoice_id": one.invoice,
            "amount": part.net,
            "lines": own,
        }

    def _line(self, currency: Any, invoice: Any, line: _Line, part: CreditLine) -> dict[str, Any]:
        rule = self.lines
        assert rule is not None
        return {
            "id": line.id,
            "invoice_id": invoice,
            "type": "one_off",
            "currency": currency,
            "amount_excluding_tax_after_discount": -part.net,
            "tax_amount": None if part.tax is None else -part.tax,
            "discount_amount": -part.discount if rule.discount else None,
            **{one.name: _labelled("lines", one.evaluate, line.scope) for one in rule.negative},
            "custom_properties": {one.name: _labelled("lines", one.evaluate, line.scope) for one in rule.properties},
        }

    def _lines(self, scope: dict[str, Any]) -> list[_Line]:
        assert self.lines is not None
        rule = self.lines
        found = []
        for element in elements(rule.for_each, scope, scope):
            source = rule.let.all(element) if rule.let else element
            amount = decimal(rule.amount(source))
            if amount is None:
                raise ValueFault("has a line without an amount", Code.INVALID_FIELD)
            discount = decimal(rule.discount(source)) if rule.discount else None
            line = CreditLine(amount, discount or _ZERO, decimal(rule.tax(source)) if rule.tax else None)
            invoice_line = rule.invoice_line(source) if rule.invoice_line else None
            found.append(_Line(rule.id(source), invoice_line, line, source))
        return found


def written(identity: Any) -> str | None:
    """Return an id as it is sent (a number of a table may come as 7 and as 7.0); None of what can be none."""
    try:
        found: str = ID.read(identity)
    except ValueFault:
        return None
    return found


def _has_memory(known: Known) -> bool:
    properties = known.note.get("custom_properties") if known.note else None
    return isinstance(properties, Mapping) and APPLIED_TO in properties


def _properties(whole: CompiledEmission, scope: dict[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    found = whole.properties(scope) if whole.properties else None
    own = dict(found) if isinstance(found, dict) else {}
    if whole.keep_unmapped:
        left = {name: value for name, value in record.items() if name not in whole.used and is_attribute(name, value)}
        return {**left, **own}
    return own


def _gone(credit: str, identity: str, lines: Sequence[_Line]) -> dict[str, Any]:
    """Return what settles a credit note."""
    suffix = identity.removeprefix(credit)
    own = [{"id": f"{written(line.id)}{suffix}", "amount": 0, "discount_amount": 0} for line in lines]
    return {"id": identity, "amount": 0, **({"lines": own} if own else {})}


def _labelled(name: str, evaluate: Evaluate, scope: Any) -> Any:
    try:
        return evaluate(scope)
    except ValueFault as fault:
        raise FieldFault(name, fault) from None
