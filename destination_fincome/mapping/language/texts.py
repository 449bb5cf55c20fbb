"""Functions of the mapping language for text, lists and objects (docs/mapping.md lists them with examples)."""

from __future__ import annotations

from decimal import Decimal
from itertools import zip_longest
from math import isfinite
from typing import Any

from destination_fincome.fincome.value_types import ValueFault, plain
from destination_fincome.mapping.language.words import folded


def text(value: Any) -> str | None:
    """Write a text or a number as text; numbers have no exponent and no trailing zeros."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not isfinite(value):
        raise ValueFault("is neither a text nor a number")
    return plain(Decimal(str(value)))


def concat(separator: Any, *parts: Any) -> str | None:
    """Join the parts that are neither null nor empty; null if there is none."""
    written = [part for part in map(text, parts) if part]
    return str(separator).join(written) if written else None


def split(value: Any, separator: Any) -> list[str] | None:
    """Split a text at a separator; parts are stripped of blanks, and empty ones dropped."""
    if value is None:
        return None
    if not isinstance(value, str) or not isinstance(separator, str) or not separator:
        raise ValueFault("is not a text that can be split")
    return [part.strip() for part in value.split(separator) if part.strip()]


def lower(value: Any) -> str | None:
    """Write a text in lower case."""
    written = text(value)
    return written.lower() if written else None


def upper(value: Any) -> str | None:
    """Write a text in upper case."""
    written = text(value)
    return written.upper() if written else None


def replace(value: Any, old: Any, new: Any) -> str | None:
    """Replace every occurrence of one text in another."""
    written = text(value)
    if written is None:
        return None
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        raise ValueFault("needs texts to replace and to put in their place")
    return written.replace(old, new)


UNKNOWN: Any = object()
"""What looked_up() returns for a word that a table doesn't have."""

# The tables of a mapping are few, and the same all along; one that a record makes must not stay.
_FOLDED: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
_MOST_TABLES = 256


def looked_up(word: str, table: dict[str, Any]) -> Any:
    """Return what a table says of a word, whatever the case, accents and blanks; UNKNOWN if it says nothing.

    Words of the table that differ in nothing else, and mean different things, are not found so.
    """
    known = _FOLDED.get(id(table))
    if known is None or known[0] is not table:
        if len(_FOLDED) >= _MOST_TABLES:
            _FOLDED.clear()
        known = _FOLDED[id(table)] = table, _folded(table)
    return known[1].get(folded(word), UNKNOWN)


def _folded(table: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    unclear = set()
    for word, meaning in table.items():
        name = folded(word)
        if found.setdefault(name, meaning) != meaning:
            unclear.add(name)
    return {name: meaning for name, meaning in found.items() if name not in unclear}


def one_of(value: Any, candidates: Any) -> bool:
    """Return whether a value is in a list; null never is."""
    return value is not None and value in known_list(candidates)


def element(values: Any, position: Any) -> Any:
    """Return the element of a list at a position counted from 0; null if there is none."""
    if not isinstance(values, list) or isinstance(position, bool) or not isinstance(position, (int, float, Decimal)):
        return None
    index = int(position)
    return values[index] if 0 <= index < len(values) else None


def with_next(values: Any) -> list[Any] | None:
    """Return a list's objects, each with the one that follows it as `_next`; null for the last one.

    Raises:
        ValueFault: it is no list.
    """
    if values is None:
        return None
    if not isinstance(values, list):
        raise ValueFault("is not a list")
    found = [item for item in values if isinstance(item, dict)]
    return [{**item, "_next": following} for item, following in zip_longest(found, found[1:])]


def properties(values: Any, name: Any, value: Any) -> dict[str, Any] | None:
    """Make an object from a list of elements with a name and a value each; those without a name are left out."""
    if values is None:
        return None
    if not isinstance(values, list):
        raise ValueFault("is not a list of names and values")
    pairs = ((item.get(name), item.get(value)) for item in values if isinstance(item, dict))
    return {str(key): found for key, found in pairs if key is not None and key != ""}


def merge(first: Any, *others: Any) -> dict[str, Any]:
    """Merge objects; later ones win, and anything but an object is left out."""
    return {key: value for part in (first, *others) if isinstance(part, dict) for key, value in part.items()}


def known_list(values: Any) -> list[Any]:
    """Return a list.

    Raises:
        ValueFault: it is none.
    """
    if not isinstance(values, list):
        raise ValueFault("is not a list of values to look in")
    return values


def known_table(table: Any) -> dict[str, Any]:
    """Return a table of words.

    Raises:
        ValueFault: it is none.
    """
    if not isinstance(table, dict):
        raise ValueFault("is not a table of words to look up in")
    return table
