"""The words of headings, and what words in cells mean: the connector's own tables, in seven languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from destination_fincome.mapping.language.words import folded, known_words
from destination_fincome.mapping.language.yaml_text import read_yaml


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Any]:
    """Return the words of headings, as their file has them."""
    text = files("fincome_tools.draft.columns").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = read_yaml(text)
    return found


def meaning(word: object, table: str) -> str | None:
    """Return what a word means in one of the connector's tables (`invoice_status`, `line_type`, …); None if unknown."""
    written, known = folded(str(word)), known_words()[table]
    return known.get(written) or known.get(re.sub(r"[_-]", "", written))
