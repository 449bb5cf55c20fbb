"""Names of streams, which connections change: case, accents, punctuation, a prefix, a namespace."""

from __future__ import annotations

import unicodedata


def normal(name: str) -> str:
    """Write a stream's name in lower case, without accents, with underscores for all but letters and digits.

    It is as long as the name, unless that has accents apart from their letters.
    """
    letters = (unicodedata.normalize("NFD", char)[0] for char in unicodedata.normalize("NFC", name).lower())
    return "".join(char if char.isalnum() else "_" for char in letters)
