"""Ids as they lie in a memory: packed, and sealed with a key that only who has the account's API key can make."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
LENGTH_BYTES = 4
# How much is packed and sealed at a time: a million ids must not lie in memory twice.
PIECE_BYTES = 1 << 20
# The first level packs ids almost as well as the last, in a fraction of the time.
LEVEL = 1


def sealed(lines: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Yield lines in sealed pieces, each with its length before it."""
    piece = bytearray()
    for line in lines:
        piece += line + b"\n"
        if len(piece) >= PIECE_BYTES:
            yield _sealed(bytes(piece), key)
            piece.clear()
    if piece:
        yield _sealed(bytes(piece), key)


def unsealed(file: BinaryIO, end: int, key: bytes) -> Iterator[bytes]:
    """Yield the lines again.

    Args:
        file: stands where the first piece begins.
        end: where the last one ends.

    Raises:
        ValueError: these are no pieces that were sealed with this key.
    """
    while file.tell() < end:
        size = int.from_bytes(file.read(LENGTH_BYTES))
        yield from _unsealed(file.read(size), key).splitlines()


def _sealed(piece: bytes, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    text = nonce + _cipher(key).encrypt(nonce, zlib.compress(piece, LEVEL), None)
    return len(text).to_bytes(LENGTH_BYTES) + text


def _unsealed(piece: bytes, key: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return zlib.decompress(_cipher(key).decrypt(piece[:NONCE_BYTES], piece[NONCE_BYTES:], None))
    except (InvalidTag, zlib.error) as error:
        raise ValueError("not sealed with this key") from error


def _cipher(key: bytes) -> AESGCM:
    # Only a sync with a memory pays for loading it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(blake2b(b"ids", digest_size=32, key=key).digest())
