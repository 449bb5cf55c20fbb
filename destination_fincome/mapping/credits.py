"""What a credit becomes: credit notes on the invoices that it was applied to, a negative invoice for the rest.

One policy for all sources (docs/mapping.md, "Credits"). Pure arithmetic: presets say with `credits` where a record has
its amounts, lines and allocations; compiled.py and mapper.py make objects of what is worked out here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.functions import decimal
from destination_fincome.mapping.language.shares import allocate

APPLIED_TO = "applied_to"
"""The attribute of a credit note that keeps the allocations of its credit, if one note alone can't tell them all."""

_ZERO = Decimal(0)


class Allocation(NamedTuple):
    """A part of a credit that was used for an invoice.

    Attributes:
        invoice: the invoice's id.
        amount: in the measure of the credit's total (with tax, mostly); None for all of the credit.
        date: when; text that sorts by time, or empty.
        key: tells it from the credit's others, if the source says so; else empty.
    """

    invoice: str
    amount: Decimal | None
    date: str = ""
    key: str = ""


class Link(NamedTuple):
    """An allocation that another record than the credit's own tells.

    Attributes:
        credit: the credit's id.
        version: of the record that tells it.
        gone: it was taken back.
        made: the record that tells it makes the credit note, too, as well as it can.
    """

    credit: str
    allocation: Allocation
    version: int | float | None = None
    gone: bool = False
    made: bool = False


class Known(NamedTuple):
    """What Fincome has of a credit.

    Attributes:
        note: the credit note with the credit's id, as Fincome shows it; None if there is none.
        invoice: the negative invoice is there, or may be.
    """

    note: Mapping[str, Any] | None = None
    invoice: bool = False


class CreditLine(NamedTuple):
    """A line of a credit.

    Attributes:
        amount: without tax, before `discount`.
        tax: on the whole line.
    """

    amount: Decimal
    discount: Decimal
    tax: Decimal | None

    @property
    def net(self) -> Decimal:
        """What it lowers revenue by."""
        return self.amount - self.discount


_NOTHING = CreditLine(_ZERO, _ZERO, _ZERO)


class Part(NamedTuple):
    """A part of a credit.

    Attributes:
        net: what it lowers revenue by.
        lines: what it takes of each line.
    """

    net: Decimal
    lines: tuple[CreditLine, ...]


class Division(NamedTuple):
    """A credit, divided: a part for each allocation, in their order, and the rest, which is applied to nothing."""

    parts: tuple[Part, ...]
    rest: Part


def merged(allocations: Iterable[Allocation]) -> list[Allocation]:
    """Return the allocations, one for each invoice, by date and invoice: the first keeps the credit's id."""
    several = list(allocations)
    if len(several) < 2:
        return [one for one in several if one.amount is None or one.amount > 0]
    found: dict[str, Allocation] = {}
    for one in several:
        if one.amount is not None and not one.amount:
            continue
        other = found.get(one.invoice)
        if other is None:
            found[one.invoice] = one
            continue
        amount = None if other.amount is None or one.amount is None else other.amount + one.amount
        dates = [date for date in (other.date, one.date) if date]
        found[one.invoice] = Allocation(one.invoice, amount, min(dates, default=""))
    order = sorted((one for one in found.values() if one.amount is None or one.amount > 0), key=_order)
    # What is all of the credit leaves nothing for the others.
    whole = next((one for one in order if one.amount is None), None)
    return order if whole is None else [whole]


def joined(
    own: Sequence[Allocation], links: Iterable[Link], kept: Sequence[Allocation], *, linked: bool
) -> list[Allocation]:
    """Return all allocations of a credit that are known.

    Args:
        own: those that its record tells.
        links: those that others tell; one that the record tells too counts once.
        kept: those that Fincome has. They count if others may have told them, and the record tells none.
        linked: others may tell allocations; if not, those that they tell don't count.
    """
    if not linked:
        return list(own)
    told = {link.allocation.key: link for link in links}
    invoices = {link.allocation.invoice for link in told.values()}
    base = own or kept
    found = [one for one in base if one.key not in told and (one.key or one in own or one.invoice not in invoices)]
    return found + [link.allocation for link in told.values() if not link.gone]


def _order(one: Allocation) -> tuple[str, str]:
    return one.date, one.invoice


def note_ids(credit: str, allocations: Sequence[Allocation]) -> list[str]:
    """Return the ids of the credit notes of a credit's allocations, which are in order."""
    return [credit if place == 0 else f"{credit}-{one.invoice}" for place, one in enumerate(allocations)]


def divide(
    net: Decimal, total: Decimal | None, lines: Sequence[CreditLine], allocations: Sequence[Allocation], places: int
) -> Division:
    """Divide a credit among its allocations and a rest, each line likewise; all parts of a line make the line.

    Args:
        net: what the credit lowers revenue by.
        total: in the measure of the allocations; None if it isn't known.
        places: decimals of the currency.
    """
    if not allocations:
        return Division((), Part(net, tuple(lines)))
    first = allocations[0].amount
    if len(allocations) == 1 and (first is None or total is None or first >= total):  # the usual credit
        return Division((Part(net, tuple(lines)),), Part(_ZERO, (_NOTHING,) * len(lines)))
    weights = _weights(total, allocations)
    nets = allocate(net, weights, places)
    # What is on no line is divided as if it were a last one.
    left = [*(line.net for line in lines), net - sum((line.net for line in lines), _ZERO)]
    shares = []
    for amount, weight in zip(nets[:-1], weights[:-1], strict=True):
        taken = left if weight == sum(weights) else allocate(amount, left, places)
        shares.append(taken)
        left = [all_ - one for all_, one in zip(left, taken, strict=True)]
    shares.append(left)
    parts = [
        Part(amount, tuple(_share(line, taken, places) for line, taken in zip(lines, own, strict=False)))
        for amount, own in zip(nets, shares, strict=True)
    ]
    return Division(tuple(parts[:-1]), parts[-1])


def _weights(total: Decimal | None, allocations: Sequence[Allocation]) -> list[Decimal]:
    """Return what each allocation is worth, and, last, the rest."""
    if any(one.amount is None for one in allocations):
        return [Decimal(1), _ZERO]
    amounts = [one.amount or _ZERO for one in allocations]
    rest = _ZERO if total is None else total - sum(amounts, _ZERO)
    return [*amounts, max(rest, _ZERO)]


def _share(line: CreditLine, net: Decimal, places: int) -> CreditLine:
    """Return the part of a line that takes so much of its net."""
    if net == line.net:
        return line
    discount = _portion(line.discount, net, line.net, places) or _ZERO
    return CreditLine(net + discount, discount, _portion(line.tax, net, line.net, places))


def _portion(amount: Decimal | None, part: Decimal, whole: Decimal, places: int) -> Decimal | None:
    if not amount or not part:
        return amount and _ZERO
    return allocate(amount, [part, whole - part], places)[0] if whole else amount


def remembered(allocations: Iterable[Allocation]) -> str:
    """Return the text of the attribute that keeps allocations."""
    told = [
        [one.invoice, None if one.amount is None else f"{one.amount.normalize():f}", one.date, one.key]
        for one in allocations
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def known_allocations(note: Mapping[str, Any] | None, net: Decimal, total: Decimal | None) -> list[Allocation]:
    """Return the allocations that a credit note in Fincome tells of; none, if there is no note or it is settled.

    Args:
        net: of the whole credit.
        total: likewise, in the measure of the allocations.
    """
    if note is None:
        return []
    if kept := _remembered(note):
        return kept
    amount, invoice = _amount(note.get("amount")), note.get("invoice_id")
    if not amount or invoice is None:
        return []
    if amount == net or not net:
        return [Allocation(str(invoice), None)]
    return [Allocation(str(invoice), amount if total is None else amount * total / net)]


def _remembered(note: Mapping[str, Any]) -> list[Allocation]:
    properties = note.get("custom_properties")
    text = properties.get(APPLIED_TO) if isinstance(properties, Mapping) else None
    try:
        told = json.loads(text) if isinstance(text, str) else []
        return [Allocation(str(invoice), _amount(amount), str(date), str(key)) for invoice, amount, date, key in told]
    except (ValueError, TypeError):
        return []  # somebody else's attribute of that name


def _amount(value: Any) -> Decimal | None:
    try:
        return decimal(value)
    except ValueFault:
        return None


def gone_notes(credit: str, note: Mapping[str, Any] | None, current: Sequence[str]) -> list[str]:
    """Return the ids of the credit notes in Fincome whose allocation is gone; the credit's own is the last.

    Args:
        note: the one with the credit's id, as Fincome shows it.
        current: the ids that the credit's allocations have now.
    """
    if note is None or not (_amount(note.get("amount")) or current):
        return []
    ids = note_ids(credit, merged(_remembered(note))) or [credit]
    return [identity for identity in [*ids[1:], ids[0]] if identity not in current]
