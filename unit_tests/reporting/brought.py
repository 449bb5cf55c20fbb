"""What a sync has brought, as the engine tells it to the factbook."""

from __future__ import annotations

from typing import Any, NamedTuple

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import build_models
from destination_fincome.outcomes import Outcome
from destination_fincome.reporting.facts import FACTS, Factbook

ENTITIES = list(load_contract().entities)
MODELS = build_models(load_contract())


class One(NamedTuple):
    """An object: its entity and its fields."""

    entity: str
    values: dict[str, Any]


class Brought:
    """A factbook that is told of objects by their ids."""

    def __init__(self, folder: str | None = None) -> None:
        self.book = Factbook(ENTITIES, folder)
        self._keys: dict[tuple[str, str], int] = {}

    def see(self, one: One, outcome: Outcome | None = None) -> None:
        """Bring an object, or a newer version of one, and say what became of it."""
        values = MODELS[one.entity].validate(one.values).values
        facts = FACTS[one.entity](values) if one.entity in FACTS else None
        name = one.entity, values["id"]
        again = name in self._keys
        key = self._keys.setdefault(name, len(self._keys) + 1)
        self.book.see(key, ENTITIES.index(one.entity), values["id"], facts, again=again)
        if outcome is not None:
            self.end(*name, outcome)

    def end(self, entity: str, identity: str, outcome: Outcome) -> None:
        """Say what became of an object."""
        self.book.end(self._keys[entity, identity], ENTITIES.index(entity), outcome)

    def close(self) -> None:
        self.book.close()
