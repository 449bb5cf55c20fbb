"""Which names may be in the file."""

from __future__ import annotations

from collections.abc import Iterable

# Two bits of 2^24 for each name: of a million names, one in seventy that were never stored is looked for in vain.
FILTER_BYTES = 1 << 21


class NameFilter:
    """Tells, at next to no cost, of most names that were never stored that they weren't (a Bloom filter)."""

    def __init__(self) -> None:
        self._bits = bytearray(FILTER_BYTES)
        self._mask = FILTER_BYTES * 8 - 1

    def add(self, names: Iterable[tuple[object, ...]]) -> None:
        """Note that names are stored."""
        bits, mask = self._bits, self._mask
        for number in map(hash, names):
            first, second = number & mask, (number >> 32) & mask
            bits[first >> 3] |= 1 << (first & 7)
            bits[second >> 3] |= 1 << (second & 7)

    def may_have(self, name: tuple[object, ...]) -> bool:
        """Tell whether a name may be stored; False is certain."""
        number = hash(name)
        first, second = number & self._mask, (number >> 32) & self._mask
        bits = self._bits
        return bool(bits[first >> 3] >> (first & 7) & 1 and bits[second >> 3] >> (second & 7) & 1)
