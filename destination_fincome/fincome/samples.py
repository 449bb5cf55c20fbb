"""Which writes are looked at: the first ones of each kind of objects and operation, then one in many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Literal, NamedTuple

FIRST = 5
ONE_IN = 200

Look = Literal["first", "later"]


class Written(NamedTuple):
    """A write that was accepted and is to be looked at.

    Attributes:
        operation: create or update.
        look: it is one of the first of its kind, or one of those that are picked later.
        late: it may be visible only later (202).
        shown: the object as the answer shows it, numbers as Decimal; None if it shows none.
    """

    operation: str
    look: Look
    late: bool
    shown: Mapping[str, Any] | None


class Samples:
    """Picks writes; shared by all workers of a sync. Without a lock: a pick more or less is no matter."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], Iterator[int]] = {}

    def pick(self, entity: str, operation: str) -> Look | None:
        """Count an accepted write; tell whether it is to be looked at."""
        key = (entity, operation)
        numbers = self._numbers.get(key)
        if numbers is None:
            numbers = self._numbers.setdefault(key, count())
        number = next(numbers)
        if number < FIRST:
            return "first"
        return None if number % ONE_IN else "later"
