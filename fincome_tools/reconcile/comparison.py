"""What is equal and what isn't, object by object, and in figures that a finance person can hold side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.engine.bodies import values_of
from destination_fincome.fincome.contract import Contract, EntitySpec
from destination_fincome.fincome.minor_units import decimals_of
from destination_fincome.fincome.models import reader_of
from destination_fincome.fincome.stored import Shown, differences
from destination_fincome.fincome.wire import NotWritable
from destination_fincome.reporting.facts import FACTS, PARTS
from fincome_tools.reconcile.holdings import Holding, Holdings, Presence

_MONTH = len("2026-01")


class Key(NamedTuple):
    """What the figures are told by; None is what the objects don't have.

    Attributes:
        month: of the object's date, or the start of its period: `2026-01`.
    """

    entity: str
    currency: str | None
    month: str | None


@dataclass
class Side:
    """One side's objects under a key.

    Attributes:
        parts: the sum of their net amounts in millionths of a unit; None if none has one.
    """

    count: int = 0
    parts: int | None = None

    def add(self, parts: int | None) -> None:
        """Take in one object."""
        self.count += 1
        if parts is not None:
            self.parts = parts + (self.parts or 0)

    def amount(self, currency: str | None) -> Decimal | None:
        """Return the sum of the amounts, with at least the decimals of the currency."""
        if self.parts is None:
            return None
        exact = (Decimal(self.parts) / Decimal(PARTS)).normalize()
        rounded = exact.quantize(Decimal(1).scaleb(-decimals_of(currency or "EUR")))
        return rounded if exact == rounded else exact


@dataclass
class Figures:
    """Both sides under one key."""

    files: Side = field(default_factory=Side)
    fincome: Side = field(default_factory=Side)

    @property
    def agree(self) -> bool:
        """Whether number and amount are the same on both sides."""
        return self.files == self.fincome


class Difference(NamedTuple):
    """One object that Fincome has otherwise; fields each with what they are there, in words without values."""

    entity: str
    id: str
    fields: tuple[Shown, ...]


@dataclass
class Comparison:
    """Everything.

    Attributes:
        equal: objects that are in Fincome as a sync would send them.
        missing: entity and id of those that Fincome doesn't have.
        untold: how many can't be asked for, by entity.
        left_alone: how many a sync would leave as they are, whatever the files say: what may only be created and is
            there, what may only be changed and isn't.
    """

    equal: int = 0
    differing: list[Difference] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    untold: Counter[str] = field(default_factory=Counter)
    left_alone: Counter[str] = field(default_factory=Counter)
    figures: dict[Key, Figures] = field(default_factory=lambda: defaultdict(Figures))

    @property
    def agrees(self) -> bool:
        """Whether nothing differs, and nothing is missing."""
        return not self.differing and not self.missing

    def rows(self) -> Iterator[tuple[Key, Figures]]:
        """Yield the figures in order: entities as in the contract, then currencies and months."""
        order = {entity: number for number, entity in enumerate(dict.fromkeys(key.entity for key in self.figures))}
        yield from sorted(
            self.figures.items(), key=lambda row: (order[row[0].entity], row[0].currency or "", row[0].month or "")
        )


def compare(contract: Contract, holdings: Holdings) -> Comparison:
    """Hold each object against what Fincome has of it."""
    found = Comparison()
    for spec in contract.entities.values():
        for holding in holdings.of(spec.name):
            _compare(found, spec, holding)
    return found


def _compare(found: Comparison, spec: EntitySpec, holding: Holding) -> None:
    sent, shown = values_of(holding.body), values_of(holding.shown)
    there = holding.presence is Presence.THERE
    if holding.presence is Presence.UNTOLD:
        found.untold[spec.name] += 1
        return
    if (there and holding.policy == "create_only") or (not there and holding.policy == "update_only"):
        found.left_alone[spec.name] += 1
        return
    _count(found, spec, {**shown, **sent}, shown if there else None)
    if not there:
        found.missing.append((spec.name, holding.id))
    elif fields := _differences(spec, holding.body, shown):
        found.differing.append(Difference(spec.name, holding.id, fields))
    else:
        found.equal += 1


def _differences(spec: EntitySpec, body: bytes, shown: Mapping[str, Any]) -> tuple[Shown, ...]:
    try:
        return tuple(differences(spec, body, shown))
    except NotWritable as fault:
        return (Shown(fault.field or "id", "not shown"),)


def _count(found: Comparison, spec: EntitySpec, ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> None:
    key, parts = _key_and_parts(spec, ours)
    found.figures[key].files.add(parts)
    if theirs is not None:
        key, parts = _key_and_parts(spec, theirs)
        found.figures[key].fincome.add(parts)


def _key_and_parts(spec: EntitySpec, values: Mapping[str, Any]) -> tuple[Key, int | None]:
    facts = FACTS[spec.name](_readable(spec, values)) if spec.name in FACTS else None
    if facts is None:
        return Key(spec.name, None, None), None
    return Key(spec.name, facts.currency, facts.starts[:_MONTH] if facts.starts else None), facts.amount


def _readable(spec: EntitySpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that can be read, in the connector's form: another program may have written them."""
    found = {}
    for one in spec.fields:
        if values.get(one.name) is not None:
            try:
                found[one.name] = reader_of(one)(values[one.name])
            except ValueError:
                continue
    return found
