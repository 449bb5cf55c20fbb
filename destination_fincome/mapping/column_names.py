"""What the names of columns say: how they are compared, and which ones a connector has added for itself."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from destination_fincome.mapping.compiled import INDEX

# Columns that connectors add for themselves.
_OWN = ("_airbyte_", "_ab_", "_fivetran_", "_sdc_", "__hevo__", "__deleted")


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
