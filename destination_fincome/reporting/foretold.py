"""What a dry run foretells: what would become of each object, held against what Fincome has."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from destination_fincome.temporary_database import open_database

_SCHEMA = """
CREATE TABLE objects (
    entity TEXT, id TEXT, effect TEXT, body BLOB, fields TEXT, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE looked (entity TEXT, id TEXT, there INTEGER, PRIMARY KEY (entity, id)) WITHOUT ROWID;
"""
_CACHE_KIB = 2048


class Effect(Enum):
    """What a sync would do to an object that it sends."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_ASKED = "not_asked"  # Fincome can't be asked for it


class Told(NamedTuple):
    """What was foretold of one object.

    Attributes:
        body: all that would have been sent of it so far, JSON.
    """

    effect: Effect
    body: bytes


@dataclass
class EntityForetold:
    """What would become of an entity's objects.

    Attributes:
        fields: how many of the changed objects each field changes.
        examples: one id of each effect.
    """

    effects: Counter[Effect] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[Effect, str] = field(default_factory=dict)

    def words(self) -> str:
        """Say it in one line: `3 created (for example c_1), 2 changed: name 2, country 1 (for example c_7)`."""
        return ", ".join(self._words(effect) for effect in Effect if self.effects[effect])

    def _words(self, effect: Effect) -> str:
        words = f"{self.effects[effect]} {effect.value.replace('_', ' ')}"
        if effect is Effect.CHANGED:
            words += ": " + ", ".join(f"{name} {count}" for name, count in self.fields.most_common())
        return f"{words} (for example {self.examples[effect]})"

    def document(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            **{effect.value: self.effects[effect] for effect in Effect},
            "fields": dict(self.fields.most_common()),
            "examples": {effect.value: identity for effect, identity in self.examples.items()},
        }


class Foretold:
    """The objects of a dry run. For several threads."""

    def __init__(self, folder: str | None = None) -> None:
        """Begin with none; they are kept in a private file.

        Raises:
            SystemFailure: the temporary folder can't be written.
        """
        self._db = open_database(_SCHEMA, folder, _CACHE_KIB, any_thread=True)
        self._lock = threading.Lock()

    def get(self, entity: str, identity: str) -> Told | None:
        """Return what was foretold of an object."""
        with self._lock:
            query = "SELECT effect, body FROM objects WHERE entity = ? AND id = ?"
            row = self._db.execute(query, (entity, identity)).fetchone()
        return Told(Effect(row[0]), row[1]) if row else None

    def tell(self, entity: str, identity: str, told: Told, fields: Sequence[str] = ()) -> None:
        """Note what would become of an object, in the place of what was foretold of it before.

        Args:
            fields: those that would change.
        """
        with self._lock:
            row = (entity, identity, told.effect.value, told.body, "\n".join(fields))
            self._db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", row)

    def looked(self, entity: str, identity: str, *, there: bool) -> None:
        """Note whether Fincome has an object."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO looked VALUES (?, ?, ?)", (entity, identity, there))

    def is_there(self, entity: str, identity: str) -> bool | None:
        """Tell whether an object is there, or would be by now; None if nobody looked."""
        query = (
            "SELECT 1 FROM objects WHERE entity = ?1 AND id = ?2 "
            "UNION ALL SELECT there FROM looked WHERE entity = ?1 AND id = ?2 LIMIT 1"
        )
        with self._lock:
            row = self._db.execute(query, (entity, identity)).fetchone()
        return bool(row[0]) if row else None

    def __len__(self) -> int:
        """How many objects something was foretold of."""
        with self._lock:
            count: int = self._db.execute("SELECT count(*) FROM objects").fetchone()[0]
        return count

    def by_entity(self) -> dict[str, EntityForetold]:
        """Return what would become of the objects, by entity."""
        found: dict[str, EntityForetold] = {}
        for entity, identity, effect, fields in self._rows():
            one = found.setdefault(entity, EntityForetold())
            one.effects[Effect(effect)] += 1
            one.fields.update(fields.split("\n") if fields else ())
            one.examples.setdefault(Effect(effect), identity)
        return found

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        with self._lock:
            yield from self._db.execute("SELECT entity, id, effect, fields FROM objects")

    def close(self) -> None:
        """Drop everything."""
        with self._lock:
            self._db.close()
