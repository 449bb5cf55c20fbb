"""Chance that falls the same way on every Python version.

Only `Random.random()` is promised to repeat across versions (the `random` module's notes on
reproducibility), so everything here is built on it alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Dice:
    """Seeded choices, all derived from `Random.random()`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def happens(self, percent: int) -> bool:
        """Be true in that many cases out of a hundred."""
        return self.between(1, 100) <= percent

    def between(self, low: int, high: int) -> int:
        """Pick a whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, choices: Sequence[_T]) -> _T:
        """Pick one of the choices."""
        return choices[self.between(0, len(choices) - 1)]

    def weighted(self, choices: Sequence[tuple[_T, int]]) -> _T:
        """Pick one of the (choice, weight) pairs."""
        ticket = self.between(1, sum(weight for _, weight in choices))
        for choice, weight in choices:
            ticket -= weight
            if ticket <= 0:
                return choice
        raise AssertionError("the weights add up to less than the ticket")

    def text(self, length: int) -> str:
        """Make up letters and digits, as in Stripe's ids."""
        return "".join(self.pick(_ALPHABET) for _ in range(length))


class Registry:
    """Gives out ids and invoice numbers, none of them twice."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def new_id(self, prefix: str) -> str:
        """Return a new id, such as `in_...`."""
        while (identity := f"{prefix}_{self._dice.text(14)}") in self._taken:
            pass
        self._taken.add(identity)
        return identity

    def next_number(self, series: str) -> str:
        """Return the next number of a customer's series of invoices, such as `AB12CD34-0001`."""
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return f"{series}-{self._numbers[series]:04d}"
