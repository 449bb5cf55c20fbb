"""What a stream's rule becomes, as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.compiled import (
    CompiledEmission,
    CompiledJoin,
    CompiledLet,
    CompiledOtherId,
    CompiledWarning,
)
from destination_fincome.mapping.compiled_credits import CompiledCredit, CompiledLinks
from destination_fincome.mapping.language.compiler import Evaluate


@dataclass(frozen=True)
class CompiledStream:
    """Everything that a stream's records become; `credits` and `links` are compiled by credit_compiler.py."""

    let: CompiledLet | None
    emissions: tuple[CompiledEmission, ...]
    warnings: tuple[CompiledWarning, ...]
    tie_first: bool
    otherwise: str
    otherwise_reason: Code = Code.NOT_MAPPED
    time_zone: Evaluate | None = None
    other_ids: tuple[CompiledOtherId, ...] = ()
    credits: tuple[CompiledCredit, ...] = ()
    links: tuple[CompiledLinks, ...] = ()
    joins: tuple[CompiledJoin, ...] = ()

    @property
    def policies(self) -> dict[str, WritePolicy]:
        """What may become of the objects, by the entities that this stream feeds; the main one comes first."""
        found: dict[str, WritePolicy] = {}
        for emission in self.emissions:
            found.setdefault(emission.entity, emission.operation)
        if self.links:
            found.setdefault("credit_notes", "upsert")
        for credit in self.credits:
            for one in (credit.note, credit.invoice, *([credit.line] if credit.lines else [])):
                found.setdefault(one.entity, one.operation)
        return found

    @property
    def entities(self) -> frozenset[str]:
        """The entities that this stream feeds."""
        return frozenset(self.policies)
