"""The memory of one sync: for each object that Fincome has confirmed, a digest of what it was sent.

Ids and contents go in as keyed digests, and what `brought` needs of ids is sealed: nothing of a customer's can be read
from it. It is true at any moment of a sync, because an object is forgotten before it is sent, and remembered once
Fincome has confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from io import SEEK_END
from itertools import chain
from typing import BinaryIO, NamedTuple

import orjson

from destination_fincome.engine.memory.brought import Brought
from destination_fincome.engine.memory.digests import (
    DIGEST_BYTES,
    FACET_BYTES,
    KIND_BYTES,
    NAME_BYTES,
    PIECE_BYTES,
    Digests,
    Known,
)
from destination_fincome.engine.memory.sealed import sealed, unsealed

DAY_SECONDS = 86_400
_OBJECT_BYTES = NAME_BYTES - KIND_BYTES - FACET_BYTES
# How names of objects themselves end, and those of facets never do.
_ITSELF, _NO_FACET = bytes(FACET_BYTES), b"\1".ljust(FACET_BYTES)
# So many shapes are told apart; of an object of any other nobody knows what it was sent.
MOST_SHAPES = 20_000
HEAD = b"fincome-memory 6\n"
CHECK_BYTES = 16
TIME_BYTES = 5
COUNT_BYTES = 4
_TIME = len(HEAD)
_COUNT = _TIME + TIME_BYTES
_START = _COUNT + COUNT_BYTES


class Damaged(ValueError):
    """The content is no memory: it was cut, changed, or comes from another version."""


class Name(NamedTuple):
    """What tells an object from all others.

    Attributes:
        facet: the stream whose attributes it brings onto an object; empty for the object itself.
    """

    entity: str
    id: str
    facet: str = ""


class Memory:
    """Digests by object.

    Args:
        key: of the digests: whoever hasn't it can't try out which ids are in it. It says all that a confirmation hangs
            on: the account, the contract, the version of the mapping language.
        today: days since 1970.
        days: after so many, at the latest, an object is sent again, so that what was changed elsewhere heals.
        brought: which ids the streams brought; it is kept with the digests, and closed with them.
    """

    def __init__(self, key: bytes, today: int, days: int, brought: Brought | None = None) -> None:
        self.brought = brought or Brought((), today * DAY_SECONDS)
        self.shapes = Shapes()
        self.written_at = 0
        self._key = key
        self._today = today
        self._days = days
        self._digests = Digests()
        self._kinds: dict[str, bytes] = {}

    def close(self) -> None:
        """Forget everything."""
        self._digests.close()
        self.brought.close()

    def knows(self, name: Name, body: bytes, policy: str) -> bool:
        """Tell whether Fincome has confirmed just this, and not too long ago."""
        called = self._name(name)
        known = self._digests.find(called)
        if known is None or known.digest != self._digest(name, body, policy):
            return False
        # Spread over the second half of the time, so that what was loaded in one day isn't sent again in one.
        longest = self._days * (1 + called[KIND_BYTES] / 256) / 2
        return 0 <= self._today - known.day < longest

    def has(self, name: Name) -> bool:
        """Tell whether Fincome has confirmed the object, whatever was sent: it exists, most probably."""
        return self._digests.find(self._name(name)) is not None

    def confirmed_on(self, name: Name) -> int | None:
        """Return on which day (since 1970) Fincome has confirmed the object last; None if that isn't known."""
        known = self._digests.find(self._name(name))
        return known.day if known else None

    def sent(self, name: Name) -> frozenset[str]:
        """Return what an object was sent a value for, as far as that is known."""
        known = self._digests.find(self._name(name))
        return self.shapes.names(known.shape) if known else frozenset()

    def has_any(self, entity: str) -> bool:
        """Tell whether anything of an entity was confirmed."""
        return self._digests.has_kind(self._kind(entity))

    def remember(
        self, name: Name, body: bytes, policy: str, sent: frozenset[str] = frozenset(), *, shown: bool = False
    ) -> None:
        """Note that Fincome has confirmed this.

        Args:
            sent: what it has a value for.
            shown: a list has shown it so: nothing was sent that a sample would have to prove right.
        """
        known = Known(self._digest(name, body, policy), self._today, self.shapes.number(sent))
        self._digests.put(self._name(name), known, was_sent=not shown)

    def forget(self, name: Name) -> None:
        """Note that nobody knows what Fincome has of it: it is about to be sent, or wasn't confirmed.

        With an object all that streams add to it is forgotten: it may change that back. Whichever connection sends it.
        """
        self._digests.forget(self._name(name), with_facets=not name.facet)

    def _name(self, name: Name) -> bytes:
        text = f"{name.entity}\0{name.id}".encode(errors="surrogatepass")
        part = self._kind(name.entity) + blake2b(text, digest_size=_OBJECT_BYTES, key=self._key).digest()
        return part + (self._facet(name.facet) if name.facet else _ITSELF)

    def _kind(self, entity: str) -> bytes:
        found = self._kinds.get(entity)
        if found is None:
            found = self._kinds[entity] = blake2b(entity.encode(), digest_size=KIND_BYTES, key=self._key).digest()
        return found

    def _facet(self, stream: str) -> bytes:
        text = stream.encode(errors="surrogatepass")
        found = blake2b(text, digest_size=FACET_BYTES, key=self._key).digest()
        return found if found != _ITSELF else _NO_FACET

    def _digest(self, name: Name, body: bytes, policy: str) -> bytes:
        """Return what tells two contents apart; of two facets that are called alike, also whose they are."""
        facet = name.facet.encode(errors="surrogatepass") + b"\0" if name.facet else b""
        text = b"%b%b\0%b" % (facet, policy.encode(), body)
        return blake2b(text, digest_size=DIGEST_BYTES, key=self._key).digest()

    def forget_kind(self, entity: str, *, new_only: bool = False) -> None:
        """Forget all objects of an entity, or those that this sync has sent."""
        self._digests.forget_kind(self._kind(entity), new_only=new_only)

    # --- its form outside of a sync

    def dump(self, now: int = 0) -> Iterator[bytes]:
        """Yield all of it, in pieces, and at the end a digest of itself.

        Args:
            now: seconds since 1970; `load` keeps it as `written_at`.
        """
        check = self._check()
        head = HEAD + now.to_bytes(TIME_BYTES) + self._digests.count().to_bytes(COUNT_BYTES)
        lines = sealed(chain([self.shapes.dump()], self.brought.lines()), self._key)
        for piece in chain([head], self._digests.dump(), lines):
            check.update(piece)
            yield piece
        yield check.digest()

    def load(self, file: BinaryIO) -> int:
        """Take in what `dump` gave; returns how many objects that are.

        Args:
            file: its whole content, from the beginning; it can be sought.

        Raises:
            Damaged: it isn't just that, or was written for another account, contract or version.
        """
        end = self._checked(file)
        file.seek(0)
        head = file.read(_START)
        self.written_at = int.from_bytes(head[_TIME:_COUNT])
        count = int.from_bytes(head[_COUNT:_START])
        self._digests.load(file, count)
        lines = unsealed(file, end, self._key)
        self.shapes.load(next(lines, b"[]"))
        self.brought.load(lines)
        return count

    def _checked(self, file: BinaryIO) -> int:
        """Return where the digest of a file begins; it is right."""
        if not file.read(len(HEAD)) == HEAD:
            raise Damaged
        end = file.seek(0, SEEK_END) - CHECK_BYTES
        file.seek(0)
        check = self._check()
        while piece := file.read(min(PIECE_BYTES, end - file.tell())):
            check.update(piece)
        if end < _START or file.read() != check.digest():
            raise Damaged
        return end

    def _check(self) -> blake2b:
        return blake2b(digest_size=CHECK_BYTES, key=self._key)


class Shapes:
    """The sets of names that objects were sent values for, by number: very many objects share few of them."""

    def __init__(self) -> None:
        self._sets: list[frozenset[str]] = [frozenset()]
        self._numbers: dict[frozenset[str], int] = {frozenset(): 0}

    def number(self, names: frozenset[str]) -> int:
        """Return the number of a set; 0, which is nothing's, when there are too many."""
        found = self._numbers.get(names)
        if found is None:
            if len(self._sets) > MOST_SHAPES:
                return 0
            found = self._numbers[names] = len(self._sets)
            self._sets.append(names)
        return found

    def names(self, number: int) -> frozenset[str]:
        """Return the set that has a number."""
        return self._sets[number]

    def dump(self) -> bytes:
        """Return all of them, as JSON."""
        return orjson.dumps([sorted(names) for names in self._sets[1:]])

    def load(self, content: bytes) -> None:
        """Take in what `dump` gave."""
        for names in orjson.loads(content):
            self.number(frozenset(names))
