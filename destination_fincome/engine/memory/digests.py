"""A sorted table of what was confirmed, by name, in memory: 33 bytes a name, found by bisection.

A name begins with its kind and the object, and ends with the facet: so all of a kind, and all facets of an object,
stand together and can be forgotten together. What is new is kept beside the table until that is much.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from typing import NamedTuple

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
        self._tails = bytearray()
        self._states = bytearray()
        # What is new, with its state, by what tells its object from all others, and by its facet.
        self._added: dict[bytes, dict[bytes, tuple[Known, bytes]]] = {}
        self._number_added = 0

    def find(self, name: bytes) -> Known | None:
        """Return what was confirmed under a name, if anything was."""
        added = self._added.get(name[:_OBJECT]) if self._added else None
        if added and (new := added.get(name[_OBJECT:])):
            return new[0]
        place = self._place(name)
        if place < 0 or self._states[place] == _GONE[0]:
            return None
        start = place * TAIL_BYTES
        day, shape, end = start + _DAY, start + _SHAPE, start + TAIL_BYTES
        tails = self._tails
        digest = bytes(tails[start + REST_BYTES : day])
        return Known(digest, int.from_bytes(tails[day:shape]), int.from_bytes(tails[shape:end]))

    def put(self, name: bytes, known: Known, *, was_sent: bool = True) -> None:
        """Keep what this sync has confirmed; `was_sent`: by what was answered when it was sent."""
        state = _NEW if was_sent else _OLD
        place = self._place(name)
        if place >= 0:
            start = place * TAIL_BYTES
            self._tails[start : start + TAIL_BYTES] = _tail(name, known)
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
        for place in self._places(name[:_OBJECT] if with_facets else name):
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

    def _place(self, name: bytes) -> int:
        """Return where a name is; -1: nowhere."""
        places = self._places(name)
        return places[0] if places else -1

    def _places(self, start: bytes) -> list[int]:
        """Return where names are that begin with an object, or are one."""
        head, rest = int.from_bytes(start[:HEAD_BYTES]), start[HEAD_BYTES:]
        heads, tails, found = self._heads, self._tails, list[int]()
        place = bisect_left(heads, head)
        while place < len(heads) and heads[place] == head:
            if tails.startswith(rest, place * TAIL_BYTES):
                found.append(place)
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

    def take_out(self, content: bytearray) -> int:
        """Put all of it behind a content, and forget it: a million names needn't be there twice. Return their number.

        First the heads, then the rest of each record, in the order of the heads.
        """
        self._merge()
        count = len(self._heads)
        _swap(self._heads)
        content += memoryview(self._heads).cast("B")
        self._heads = array("Q")
        content += self._tails
        self._tails, self._states = bytearray(), bytearray()
        return count

    def load(self, content: memoryview) -> None:
        """Take in what `take_out` gave."""
        count = len(content) // RECORD_BYTES
        self._heads = array("Q", bytes(content[: count * HEAD_BYTES]))
        _swap(self._heads)
        self._tails = bytearray(content[count * HEAD_BYTES :])
        self._states = bytearray(count)


class _Merged:
    """A table that is put together of another one, without what is forgotten there, and of new records in order."""

    def __init__(self, heads: array[int], tails: bytearray, states: bytearray) -> None:
        self._old = heads, tails, states
        self._heads, self._tails, self._states = array("Q"), bytearray(), bytearray()
        self._taken = 0

    def add(self, head: int, tail: bytes, state: bytes) -> None:
        """Add a new record."""
        self._take(bisect_left(self._old[0], head, self._taken))
        self._heads.append(head)
        self._tails += tail
        self._states += state

    def whole(self) -> tuple[array[int], bytearray, bytearray]:
        """Return all of it."""
        self._take(len(self._old[0]))
        return self._heads, self._tails, self._states

    def _take(self, until: int) -> None:
        """Take over what is left of the old table up to a place."""
        heads, tails, states = self._old
        while self._taken < until:
            gone = states.find(_GONE, self._taken, until)
            end = until if gone < 0 else gone
            self._heads += heads[self._taken : end]
            self._tails += tails[self._taken * TAIL_BYTES : end * TAIL_BYTES]
            self._states += states[self._taken : end]
            self._taken = end + (gone >= 0)


def _tail(name: bytes, known: Known) -> bytes:
    return name[HEAD_BYTES:] + known.digest + known.day.to_bytes(DAY_BYTES) + known.shape.to_bytes(SHAPE_BYTES)


def _swap(heads: array[int]) -> None:
    """Turn numbers of this machine into those that compare as the bytes of names do, or back."""
    if sys.byteorder == "little":
        heads.byteswap()
