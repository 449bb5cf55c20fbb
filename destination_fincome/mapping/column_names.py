"""What the names of columns say: how they are compared, and which ones a connector has added for itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from destination_fincome.mapping.compiled import INDEX

# Columns that connectors add for themselves.
_OWN = ("_airbyte_", "_ab_", "_fivetran_", "_sdc_", "_dlt_", "__hevo__", "__deleted")
# What dlt, Meltano and Singer write between the names of an object and its member, which become columns of the row.
_BETWEEN = "__"


@lru_cache(maxsize=1 << 12)
def plainly(name: str) -> str:
    """Write a column's name in small letters and without accents."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return letters if letters.isascii() else "".join(char for char in letters if not unicodedata.combining(char))


def is_own(column: str) -> bool:
    """Tell whether a column is one that connectors add for themselves."""
    return column[:1] == "_" and column.lower().startswith(_OWN)


def is_attribute(column: str, value: Any) -> bool:
    """Tell whether a column is worth keeping; some are connectors' own (change capture, files, times of loading)."""
    own = is_own(column) or column == INDEX
    return isinstance(value, (str, int, float)) and value != "" and value == value and not own


def members(column: str) -> tuple[str, ...]:
    """Return the path of a column that was a member of an object (`address__country`); empty if it is none."""
    names = tuple(column.split(_BETWEEN))
    return names if len(names) > 1 and all(names) else ()


@lru_cache(maxsize=256)
def with_objects(columns: frozenset[str]) -> frozenset[str]:
    """Return columns with those of which others were members."""
    return columns | frozenset(path[0] for path in map(members, columns) if path)


def taken_apart(
    columns: Collection[str], objects: Iterable[str], read: Collection[str]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the objects of which only members are columns, by name: each member's column, and its path within.

    Args:
        objects: the names that objects may have, whatever their case.
        read: columns that the mapping names as they are: they stay.
    """
    wanted, taken = {plainly(name) for name in objects}, {plainly(name) for name in columns}
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for column in sorted(set(columns).difference(read)):
        name, *path = members(column) or ("",)
        if plainly(name) in wanted - taken:
            # A name in capitals is one without quotes.
            inner = path if column.upper() != column else [one.lower() for one in path]
            found.setdefault(name, {})[column] = tuple(inner)
    return found
