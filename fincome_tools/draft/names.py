"""What headings mean: their words as concepts, in five languages, whatever the case, the accents and the abbreviations.

A concept that changes what a figure is (net or gross, due or issued, start or end) must fit exactly; nothing is matched
by likeness of letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from fincome_tools.draft.vocabulary import meaning, vocabulary


@lru_cache(maxsize=1)
def _concepts() -> dict[str, str]:
    """Return the concept of each word."""
    return {word: concept for concept, words in vocabulary()["concepts"].items() for word in words.split()}


def words_of(heading: str) -> list[str]:
    """Return a heading's words without case and accents; `N°`, camelCase and `snake_case` are taken apart."""
    text = (
        heading.replace("N°", " number ").replace("n°", " number ").replace("Nº", " number ").replace("nº", " number ")
    )
    text = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", text.replace("ß", "ss").replace("%", " rate "))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z]+|\d+", plain)


def concepts_of(heading: str) -> frozenset[str]:
    """Return what a heading's words mean; a word that isn't known is kept, with a question mark before it.

    A word such as "du" or "am" means nothing among others; at a heading's end, or alone, it is a start, an end, a date.
    """
    return _meant(heading)


@lru_cache(maxsize=1 << 12)
def _meant(heading: str) -> frozenset[str]:
    words = words_of(heading)
    if not words:
        return frozenset()
    text = " ".join(words)
    for phrase, instead in vocabulary()["phrases"].items():
        text = re.sub(rf"\b{phrase}\b", instead, text)
    words, known = text.split(), _concepts()
    found = {known.get(word, f"?{word}") for word in words} - {"of"}
    if (last := _last().get(words[-1])) and not found & {"start", "end", "date"}:
        found.add(last)
    return frozenset(found)


@lru_cache(maxsize=1)
def _last() -> dict[str, str]:
    """Return what words mean that stand last."""
    return {word: concept for concept, words in vocabulary()["last"].items() for word in words.split()}


def document_kind(word: object) -> str | None:
    """Return what a type of document is: `invoice`, `credit_note`; None if its words don't say it."""
    if known := meaning(word, "document_type"):
        return known
    says = concepts_of(str(word))
    if says & {"credit", "?refund"}:
        return "credit_note"
    return "invoice" if "invoice" in says else None
