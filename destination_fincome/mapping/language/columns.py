"""Finds out which columns of a record an expression reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from destination_fincome.mapping.language.syntax import tree

# In these nodes only the first part sees the record; the others see what the first one found.
INTO_FIRST = frozenset(
    ["subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe"]
)


@lru_cache(maxsize=1024)
def columns(text: str) -> frozenset[str]:
    """Return the names that a valid expression looks up in the record itself rather than in a part of it."""
    return frozenset(_columns(tree(text)))


def _columns(node: Mapping[str, Any]) -> Iterator[str]:
    kind, children = node["type"], [child for child in node["children"] if isinstance(child, dict)]
    if kind == "field":
        yield node["value"]
    elif kind in INTO_FIRST:
        yield from _columns(children[0])
    elif kind != "expref":
        for child in children:
            yield from _columns(child)


def reads_nothing(text: str, let: Mapping[str, str]) -> bool:
    """Tell whether a valid expression gives the same for every record.

    Args:
        let: helpers by name, which it may read.
    """
    names = columns(text)
    if any(name not in let for name in names) or not _constant(tree(text), frozenset(let)):
        return False
    return all(reads_nothing(let[name], {k: v for k, v in let.items() if k != name}) for name in names)


def _constant(node: Mapping[str, Any], let: frozenset[str]) -> bool:
    if node["type"] in ("current", "identity") or (node["type"] == "field" and node["value"] not in let):
        return False
    return all(_constant(child, let) for child in node["children"] if isinstance(child, dict))
