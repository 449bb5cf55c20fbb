"""Which of two versions of an object counts (design.md, "Identity"; sources.md rule 2)."""

from __future__ import annotations

from enum import Enum, auto

from destination_fincome.engine.arrivals import Arrival
from destination_fincome.mapping.results import Version


class Order(Enum):
    """How an arriving object stands to the one that is there."""

    NEWER = auto()
    SAME = auto()
    OLDER = auto()


def order(row_version: Version, row_digest: bytes, arrival: Arrival) -> Order:
    """Compare an arrival with the version that is there.

    An unknown version is older than any known one; of two equal ones the tie rule decides.
    """
    if arrival.digest == row_digest:
        return Order.SAME
    old, new = row_version, arrival.version
    if old == new:
        return Order.OLDER if arrival.tie_first else Order.NEWER
    if old is None or (new is not None and new > old):
        return Order.NEWER
    return Order.OLDER
