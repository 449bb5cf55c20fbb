"""Names of streams, which connections change: case, accents, punctuation, a prefix, a namespace."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


# Every name of a catalog is compared with every name of every preset.
@lru_cache(maxsize=1 << 14)
def normal(name: str) -> str:
    """Write a stream's name in lower case, without accents, with underscores for all but letters and digits.

    It is as long as the name, unless that has accents apart from their letters.
    """
    letters = (unicodedata.normalize("NFD", char)[0] for char in unicodedata.normalize("NFC", name).lower())
    return "".join(char if char.isalnum() else "_" for char in letters)
