"""The objects of some files as a sync would send them, each beside what Fincome has of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from destination_fincome.engine.bodies import laid_over
from destination_fincome.fincome.answers import ACCEPTED, UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import Contract
from destination_fincome.fincome.delivery import Deliverer, Request
from destination_fincome.fincome.listing import Page
from destination_fincome.fincome.models import encode
from destination_fincome.temporary_database import open_database

_SCHEMA = """
CREATE TABLE objects (
    entity TEXT, id TEXT, policy TEXT, body BLOB, presence TEXT, shown BLOB, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
"""
_CACHE_KIB = 2048


class Presence(Enum):
    """What Fincome says of an object."""

    THERE = "there"
    MISSING = "missing"
    UNTOLD = "untold"  # it can't be asked for


_PRESENCE = {Kind.ACCEPTED: Presence.THERE, Kind.MISSING: Presence.MISSING, Kind.UNTOLD: Presence.UNTOLD}


class Holding(NamedTuple):
    """One object.

    Attributes:
        body: what a sync would send of it, JSON.
        policy: see contract.WritePolicy.
        shown: what Fincome shows of it, JSON in the connector's form.
    """

    entity: str
    id: str
    policy: str
    body: bytes
    presence: Presence
    shown: bytes


class Holdings:
    """All objects, in a private file. For several threads."""

    def __init__(self) -> None:
        self._db = open_database(_SCHEMA, cache_kib=_CACHE_KIB, any_thread=True)
        self._lock = threading.Lock()

    def add(self, request: Request, presence: Presence, shown: bytes) -> None:
        """Take an object in; what comes of it later is laid over what came before."""
        name = (request.entity, request.id)
        with self._lock:
            earlier = self._db.execute("SELECT body FROM objects WHERE entity = ? AND id = ?", name).fetchone()
            body = laid_over(earlier[0], request.body) if earlier else request.body
            row = (*name, request.policy, body, presence.value, shown)
            self._db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)", row)

    def count(self, entity: str) -> int:
        """Return how many objects of an entity there are."""
        with self._lock:
            found: int = self._db.execute("SELECT count(*) FROM objects WHERE entity = ?", (entity,)).fetchone()[0]
        return found

    def of(self, entity: str) -> Iterator[Holding]:
        """Yield the objects of an entity, by their ids."""
        query = "SELECT entity, id, policy, body, presence, shown FROM objects WHERE entity = ? ORDER BY id"
        with self._lock:
            for entity_, identity, policy, body, presence, shown in self._db.execute(query, (entity,)):
                yield Holding(entity_, identity, policy, body, Presence(presence), shown)

    def __enter__(self) -> Holdings:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._db.close()


class Collector:
    """Takes whatever a sync would send, and asks Fincome for it if it has a client to ask."""

    def __init__(self, contract: Contract, holdings: Holdings, client: Deliverer | None = None) -> None:
        """Collect into `holdings`, which all workers share."""
        self._contract = contract
        self._holdings = holdings
        self._client = client

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._client.requests if self._client else 0

    def close(self) -> None:
        """Close the connections."""
        if self._client:
            self._client.close()

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Take any parent for one that Fincome has: the children are compared by themselves."""
        return ACCEPTED

    def read_page(self, entity: str, page: Page) -> Verdict:
        """Show nothing: each object is asked for by itself."""
        return UNTOLD

    def deliver(self, request: Request) -> Verdict:
        """Write nothing; note what would be written, and what is there."""
        found = UNTOLD
        if self._client and self._contract.entities[request.entity].retrievable:
            found = self._client.look_up(request.entity, request.id)
        if found.kind not in _PRESENCE:
            return found
        # It may be there and show nothing of itself.
        shows_nothing = found.kind is Kind.ACCEPTED and found.found is None
        presence = Presence.UNTOLD if shows_nothing else _PRESENCE[found.kind]
        self._holdings.add(request, presence, encode(dict(found.found or {})))
        return ACCEPTED
