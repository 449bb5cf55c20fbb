"""Which verb goes first: create, or update. A wrong guess costs a request (issue: verb order adapts)."""

from __future__ import annotations

# How much the newest answer counts against all before it.
WEIGHT = 0.2


class Verbs:
    """Learns for each entity whether its objects exist already, as in a re-sync."""

    def __init__(self) -> None:
        self._exist: dict[str, float] = {}

    def update_first(self, entity: str) -> bool:
        """Tell whether an update is the better guess."""
        return self._exist.get(entity, 0.0) > 0.5

    def learn(self, entity: str, existed: bool) -> None:
        """Note whether an object existed before it was sent."""
        share = self._exist.get(entity, 0.0)
        self._exist[entity] = share + WEIGHT * (existed - share)
