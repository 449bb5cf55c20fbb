"""What of a summary's control totals would be sent, in figures that can be held against the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

GOES = ("sent", "unchanged")
"""The outcomes of what Fincome has after a sync as the source has it."""


@dataclass(frozen=True)
class Amount:
    """How many objects of an entity have an amount in a currency, and what these come to."""

    entity: str
    currency: str
    count: int
    total: Decimal


def numbers_to_be_sent(summary: Mapping[str, Any]) -> Counter[str]:
    """Return how many objects of each entity would be sent, each once, however often it came.

    Control totals don't count attributes that are brought onto objects: where there is nothing else of an entity, each
    of these counts.
    """
    found: Counter[str] = Counter()
    for cell in summary["totals"]:
        if cell["outcome"] in GOES:
            found[cell["entity"]] += cell["count"]
    came = {row["entity"]: sum(row[outcome] for outcome in GOES) for row in summary["entities"]}
    return Counter({entity: found[entity] or count for entity, count in came.items()})


def amounts_to_be_sent(summary: Mapping[str, Any]) -> list[Amount]:
    """Return the amounts by entity and currency, sorted; `summary` is as Report.document gives it."""
    found: dict[tuple[str, str], Amount] = {}
    for cell in summary["totals"]:
        if cell["outcome"] in GOES and cell["amount"] is not None:
            key = (cell["entity"], cell["currency"] or "")
            before = found.get(key, Amount(*key, 0, Decimal(0)))
            found[key] = Amount(*key, before.count + cell["count"], before.total + Decimal(cell["amount"]))
    return [found[key] for key in sorted(found)]
