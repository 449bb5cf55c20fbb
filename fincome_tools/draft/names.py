"""What headings mean: their words as concepts, in seven languages, whatever the case, accents and abbreviations.

A concept that changes what a figure is (net or gross, due or issued, start or end) must fit exactly: it is never told
by the beginning of a word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from fincome_tools.draft.vocabulary import meaning, vocabulary

_MOST_PARTS = 4
_SHORTEST_PART = 3
# Short words that compounds end or begin with: `rechnungsnr`, `totalht`, `dtfacture`.
_SHORT_PARTS = frozenset(["nr", "no", "id", "ht", "dt", "mt", "kd", "rg"])
_JOINTS = ("", "s", "n", "en", "es")
_SHORTEST_ABBREVIATION = 3
_NEVER_ABBREVIATED = frozenset(
    ["net", "gross", "tax", "due", "start", "end", "origin", "credit", "of", "paid", "balance"]
)
_ALIAS = re.compile(r"^[a-z]{1,3}\.(?=[a-z_]+$)")
_ACRONYM = re.compile(r"\b(?:[A-Za-z]\.){2,}")


@lru_cache(maxsize=1)
def _concepts() -> dict[str, str]:
    """Return the concept of each word."""
    return {word: concept for concept, words in vocabulary()["concepts"].items() for word in words.split()}


def words_of(heading: str) -> list[str]:
    """Return a heading's words without case and accents; `N°`, camelCase and `snake_case` are taken apart."""
    return [word.rstrip(".") for word in _written(heading)]


def _written(heading: str) -> list[str]:
    """Return the words; those that are abbreviated keep the dot that says so."""
    text = _ACRONYM.sub(lambda found: found.group().replace(".", ""), _ALIAS.sub("", heading))
    text = re.sub(r"[Nn]\.?[°º]|#", " number ", text.replace("dû", "due"))
    text = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", text.replace("ß", "ss").replace("%", " rate "))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z]+\.?|\d+", plain)


def concepts_of(heading: str) -> frozenset[str]:
    """Return what a heading's words mean; a word that isn't known is kept, with a question mark before it.

    A word such as "du" or "am" means nothing among others; at a heading's end, or alone, it is a start, an end, a date.
    """
    return _meant(heading)


@lru_cache(maxsize=1 << 12)
def _meant(heading: str) -> frozenset[str]:
    written = _written(heading)
    if not written:
        return frozenset()
    abbreviated = {word.rstrip(".") for word in written if word.endswith(".")}
    text = " ".join(word.rstrip(".") for word in written)
    for phrase, instead in _phrases():
        text = phrase.sub(instead, text)
    words = text.split()
    found = {concept for word in words for concept in _of_word(word, is_cut=word in abbreviated)} - {"of"}
    if (last := _last().get(words[-1])) and not found & {"start", "end", "date"}:
        found.add(last)
    return frozenset(found)


def _of_word(word: str, *, is_cut: bool) -> tuple[str, ...]:
    """Return what a word means: as it is, by its parts, or as the beginning of words that all mean the same."""
    known = _concepts().get(word)
    if known:
        return (known,)
    if parts := _parts(word, _MOST_PARTS):
        return parts
    if is_cut and len(word) >= _SHORTEST_ABBREVIATION:
        meant = {concept for whole, concept in _concepts().items() if whole.startswith(word)}
        if len(meant) == 1 and not meant & _NEVER_ABBREVIATED:
            return tuple(meant)
    return (f"?{word}",)


def _parts(word: str, most: int) -> tuple[str, ...] | None:
    """Take a word apart into known ones, such as `vervaldatum` and `custname`; None if that can't be done."""
    known = _concepts()
    for length in range(len(word) - 1, 1, -1):
        head, rest = word[:length], word[length:]
        if not _is_part(head):
            continue
        for joint in _JOINTS:
            if not rest.startswith(joint):
                continue
            tail = rest[len(joint) :]
            if _is_part(tail):
                return known[head], known[tail]
            if most > 2 and len(tail) > _SHORTEST_PART and (others := _parts(tail, most - 1)):
                return known[head], *others
    return None


def _is_part(word: str) -> bool:
    return (len(word) >= _SHORTEST_PART or word in _SHORT_PARTS) and _concepts().get(word, "of") != "of"


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases as patterns, with what stands for them."""
    return tuple((re.compile(rf"\b(?:{phrase})\b"), instead) for phrase, instead in vocabulary()["phrases"].items())


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
