"""The syntax of expressions, which is JMESPath's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

# Whatever walks through a tree goes up to two calls deeper for each level, and Python has a thousand of them.
MOST_LEVELS = 300


class TooDeep(JMESPathError):
    """An expression has more levels than can be walked through."""

    def __init__(self) -> None:
        super().__init__(f"has more than {MOST_LEVELS} levels, one inside of the other")


# What a stream's texts read, what they do with it, and what they become: all of it is asked for one after the other.
@lru_cache(maxsize=1024)
def tree(text: str) -> Mapping[str, Any]:
    """Return an expression's syntax tree, which is nobody's to change.

    Raises:
        jmespath.exceptions.JMESPathError: it is no expression; says why.
    """
    try:
        parsed: Mapping[str, Any] = jmespath.compile(text).parsed
    except RecursionError:
        raise TooDeep from None
    level = [parsed]
    for _ in range(MOST_LEVELS):
        level = [child for node in level for child in node["children"] if isinstance(child, dict) and "type" in child]
        if not level:
            return parsed
    raise TooDeep
