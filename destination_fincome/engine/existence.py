"""Whether objects probably exist already, as in a re-sync: it decides which verb goes first."""

from __future__ import annotations

# How much the newest answer counts against all before it.
WEIGHT = 0.2


class Existence:
    """Guesses from the answers of a sync so far; a wrong guess costs a request."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}

    def probable(self, entity: str) -> bool:
        """Tell whether an entity's objects probably exist."""
        return self._shares.get(entity, 0.0) > 0.5

    def learn(self, entity: str, *, existed: bool) -> None:
        """Note whether an object existed before it was sent."""
        share = self._shares.get(entity, 0.0)
        self._shares[entity] = share + WEIGHT * (existed - share)
