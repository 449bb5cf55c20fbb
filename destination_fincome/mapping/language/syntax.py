"""The syntax of expressions, which is JMESPath's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath


# What a stream's texts read, what they do with it, and what they become: all of it is asked for one after the other.
@lru_cache(maxsize=1024)
def tree(text: str) -> Mapping[str, Any]:
    """Return an expression's syntax tree, which is nobody's to change.

    Raises:
        jmespath.exceptions.JMESPathError: it is no expression; says why.
    """
    parsed: Mapping[str, Any] = jmespath.compile(text).parsed
    return parsed
