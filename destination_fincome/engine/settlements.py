"""Documents that are void or deleted after they were sent: Fincome has no delete, so they are taken out of its figures.

A settlement is one update by id of what Fincome has: contract.yaml says with which values (`settled`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Content, Entity
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.answers import Verdict
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.models import encode
from destination_fincome.outcomes import Reason

CREDIT_NOTES = "credit_notes"
LINES_UNKNOWN = Reason(
    Code.LINES_UNKNOWN, "it is void and was sent before, and its lines are not known, so it stays in Fincome's figures"
)


class Documents:
    """Which entities are documents, and which are parts of them that are objects of their own.

    Args:
        entities: in the contract's order.

    Attributes:
        of: of each entity, that of the documents whose figures its objects are part of, or None.
        have_parts: of each entity, whether the figures of its objects are made of such parts.
    """

    def __init__(self, entities: Sequence[EntitySpec]) -> None:
        numbers = {spec.name: Entity(number) for number, spec in enumerate(entities)}
        settled = {spec.name: spec for spec in entities if spec.settled}
        parents = {
            name: [one.entity for one in spec.references if one.required]
            for name, spec in settled.items()
            if name != CREDIT_NOTES
        }
        self.of = [
            next((numbers[parent] for parent in parents.get(spec.name, ()) if parent in settled), None)
            for spec in entities
        ]
        of_parts = {parent for found in parents.values() for parent in found}
        self.have_parts = [spec.name in of_parts for spec in entities]


def settlement(spec: EntitySpec, identity: str, lines: Sequence[Any], *, partless: bool = False) -> Content | None:
    """Return what takes an object out of the figures; None of what has no figures, or can't be updated."""
    if spec.settled is None or spec.update is None:
        return None
    values = {"id": identity, **spec.settled.fields}
    if spec.settled.lines and lines:
        own = [line for line in lines if isinstance(line, dict) and line.get("id") is not None]
        values["lines"] = [{**_named(line), **spec.settled.lines} for line in own]
    return Content(encode(values), complete=False, policy="update_only", settles=True, partless=partless)


def _named(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return what says which line it is."""
    return {name: str(line[name]) for name in ("id", "invoice_line_id") if line.get(name) is not None}


def is_settled(spec: EntitySpec, verdict: Verdict) -> bool:
    """Tell whether what Fincome shows of an object is what a settlement would make of it."""
    if spec.settled is None or not verdict.found:
        return False
    return all(_is_value(verdict.found.get(name), value) for name, value in spec.settled.fields.items())


def _is_value(found: Any, value: Any) -> bool:
    """Tell whether Fincome shows a number; it may write it as text."""
    try:
        return bool(Decimal(str(found)) == value)
    except InvalidOperation:
        return found is None


class TooManySettled(ConfigFailure):
    """More documents are to be taken out of the figures than is believed without a word of the user."""

    def __init__(self, spec: EntitySpec, count: int, arrived: int, ids: Sequence[str]) -> None:
        examples = ", ".join(ids[:10])
        super().__init__(
            f"{count} of {arrived} {spec.plural} of this sync are void or deleted in the source and "
            f"still count in Fincome (for example {examples}). None was changed, and the states that cover them stay. "
            "If they are right, set `max_settled_percent` to 100 for one sync; `gone_documents` on report leaves them "
            "in Fincome."
        )
