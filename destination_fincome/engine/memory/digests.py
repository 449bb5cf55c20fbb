"""A sorted table of what was confirmed, by name: 9 bytes of each in memory, found by bisection, 24 in a file.

A name begins with its kind and the object, and ends with the facet: so all of a kind, and all facets of an object,
stand together and can be forgotten together. What is new is kept beside the table until that is much.
"""

from __future__ import annotations

import os
import sys
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import IO, BinaryIO, NamedTuple

# The first bytes of a name are its head, a number: the table is sorted by it, and it is found by it.
HEAD_BYTES, REST_BYTES, DIGEST_BYTES, DAY_BYTES, SHAPE_BYTES = 8, 8, 12, 2, 2
NAME_BYTES = HEAD_BYTES + REST_BYTES
KIND_BYTES, FACET_BYTES = 2, 2
_DAY, _SHAPE = REST_BYTES + DIGEST_BYTES, REST_BYTES + DIGEST_BYTES + DAY_BYTES
TAIL_BYTES = _SHAPE + SHAPE_BYTES
RECORD_BYTES = HEAD_BYTES + TAIL_BYTES
_OBJECT = NAME_BYTES - FACET_BYTES
# States of a record: from an earlier sync or shown by a list, sent by this one, forgotten.
_OLD, _NEW, _GONE = b"\0", b"\1", b"\2"
_ONE_KIND = 1 << 8 * (HEAD_BYTES - KIND_BYTES)
_MOST_ADDED = 20_000
# How much of a file is read at a time.
PIECE_BYTES = 1 << 20
_TAILS_AT_ONCE = PIECE_BYTES // TAIL_BYTES


class Known(NamedTuple):
    """What was confirmed under a name.

    Attributes:
        day: since 1970.
        shape: the number of the set of names that it was sent values for.
    """

    digest: bytes
    day: int
    shape: int = 0


class Digests:
    """The table."""

    def __init__(self) -> None:
        self._heads = array("Q")
        self._tails = _private_file()
        self._states = bytearray()
        # What is new, with its state, by what tells its object from all others, and by its facet.
        self._added: dict[bytes, dict[bytes, tuple[Known, bytes]]] = {}
        self._number_added = 0

    def close(self) -> None:
        """Remove the file."""
        self._tails.close()

    def find(self, name: bytes) -> Known | None:
        """Return what was confirmed under a name, if anything was."""
        added = self._added.get(name[:_OBJECT]) if self._added else None
        if added and (new := added.get(name[_OBJECT:])):
            return new[0]
        for place, tail in self._places(name):
            if self._states[place] != _GONE[0]:
                day, shape = int.from_bytes(tail[_DAY:_SHAPE]), int.from_bytes(tail[_SHAPE:])
                return Known(tail[REST_BYTES:_DAY], day, shape)
        return None

    def put(self, name: bytes, known: Known, *, was_sent: bool = True) -> None:
        """Keep what this sync has confirmed; `was_sent`: by what was answered when it was sent."""
        state = _NEW if was_sent else _OLD
        for place, _ in self._places(name):
            os.pwrite(self._tails.fileno(), _tail(name, known), place * TAIL_BYTES)
            self._states[place] = state[0]
            return
        facets = self._added.setdefault(name[:_OBJECT], {})
        self._number_added += name[_OBJECT:] not in facets
        facets[name[_OBJECT:]] = known, state
        if self._number_added >= _MOST_ADDED:
            self._merge()

    def forget(self, name: bytes, *, with_facets: bool) -> None:
        """Forget a name; `with_facets`: all that begin with the same object."""
        if facets := self._added.get(name[:_OBJECT]):
            gone = list(facets) if with_facets else [name[_OBJECT:]]
            self._number_added -= sum(facets.pop(facet, None) is not None for facet in gone)
        for place, _ in self._places(name[:_OBJECT] if with_facets else name):
            self._states[place] = _GONE[0]

    def forget_kind(self, kind: bytes, *, new_only: bool) -> None:
        """Forget all names of a kind, or those that this sync has confirmed."""
        self._merge()
        least = int.from_bytes(kind) * _ONE_KIND
        first, last = bisect_left(self._heads, least), bisect_left(self._heads, least + _ONE_KIND)
        states = self._states[first:last]
        self._states[first:last] = states.replace(_NEW, _GONE) if new_only else _GONE * len(states)

    def has_kind(self, kind: bytes) -> bool:
        """Tell whether anything of a kind was confirmed."""
        self._merge()
        least = int.from_bytes(kind) * _ONE_KIND
        return bisect_left(self._heads, least) < bisect_left(self._heads, least + _ONE_KIND)

    def _places(self, start: bytes) -> list[tuple[int, bytes]]:
        """Return where names are that begin with an object, or are one, each with its tail."""
        head, rest = int.from_bytes(start[:HEAD_BYTES]), start[HEAD_BYTES:]
        heads, found = self._heads, list[tuple[int, bytes]]()
        place = bisect_left(heads, head)
        while place < len(heads) and heads[place] == head:
            tail = os.pread(self._tails.fileno(), TAIL_BYTES, place * TAIL_BYTES)
            if tail.startswith(rest):
                found.append((place, tail))
            place += 1
        return found

    def _merge(self) -> None:
        """Put what is new into the table, and take out what is forgotten."""
        added = sorted((part + facet, *new) for part, facets in self._added.items() for facet, new in facets.items())
        if not added and _GONE not in self._states:
            return
        merged = _Merged(self._heads, self._tails, self._states)
        for name, known, state in added:
            merged.add(int.from_bytes(name[:HEAD_BYTES]), _tail(name, known), state)
        self._heads, self._tails, self._states = merged.whole()
        self._added.clear()
        self._number_added = 0

    # --- its form outside of a sync

    def count(self) -> int:
        """Return how many names it has."""
        self._merge()
        return len(self._heads)

    def dump(self) -> Iterator[bytes]:
        """Yield all of it: first the heads, then the rest of each record, in the order of the heads."""
        self._merge()
        for first in range(0, len(self._heads), PIECE_BYTES // HEAD_BYTES):
            heads = self._heads[first : first + PIECE_BYTES // HEAD_BYTES]
            _swap(heads)
            yield heads.tobytes()
        yield from _read(self._tails, 0, len(self._heads))

    def load(self, file: BinaryIO, count: int) -> None:
        """Take in so many records that `dump` gave."""
        heads = array("Q")
        heads.frombytes(file.read(count * HEAD_BYTES))
        _swap(heads)
        for first in range(0, count, _TAILS_AT_ONCE):
            self._tails.write(file.read(min(_TAILS_AT_ONCE, count - first) * TAIL_BYTES))
        self._tails.flush()
        self._heads, self._states = heads, bytearray(count)


class _Merged:
    """A table that is put together of another one, without what is forgotten there, and of new records in order."""

    def __init__(self, heads: array[int], tails: IO[bytes], states: bytearray) -> None:
        self._old = heads, tails, states
        self._heads, self._tails, self._states = array("Q"), _private_file(), bytearray()
        self._taken = 0

    def add(self, head: int, tail: bytes, state: bytes) -> None:
        """Add a new record."""
        self._take(bisect_left(self._old[0], head, self._taken))
        self._heads.append(head)
        self._tails.write(tail)
        self._states += state

    def whole(self) -> tuple[array[int], IO[bytes], bytearray]:
        """Return all of it, in the place of the old one."""
        self._take(len(self._old[0]))
        self._tails.flush()
        self._old[1].close()
        return self._heads, self._tails, self._states

    def _take(self, until: int) -> None:
        """Take over what is left of the old table up to a place."""
        heads, tails, states = self._old
        while self._taken < until:
            gone = states.find(_GONE, self._taken, until)
            end = until if gone < 0 else gone
            self._heads += heads[self._taken : end]
            self._tails.writelines(_read(tails, self._taken, end))
            self._states += states[self._taken : end]
            self._taken = end + (gone >= 0)


def _private_file() -> IO[bytes]:
    """Return a file that nobody else can open, and that is gone when the process ends."""
    return tempfile.TemporaryFile(prefix="fincome-memory-")


def _read(tails: IO[bytes], first: int, end: int) -> Iterator[bytes]:
    """Yield the tails from one place to another, as they are in the file: what is to be written there was flushed."""
    for place in range(first, end, _TAILS_AT_ONCE):
        yield os.pread(tails.fileno(), min(_TAILS_AT_ONCE, end - place) * TAIL_BYTES, place * TAIL_BYTES)


def _tail(name: bytes, known: Known) -> bytes:
    return name[HEAD_BYTES:] + known.digest + known.day.to_bytes(DAY_BYTES) + known.shape.to_bytes(SHAPE_BYTES)


def _swap(heads: array[int]) -> None:
    """Turn numbers of this machine into those that compare as the bytes of names do, or back."""
    if sys.byteorder == "little":
        heads.byteswap()
