"""The words that exports have for statuses, kinds of lines and intervals (words.yaml), and for yes and no."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.yaml_text import read_yaml

# Yes and no, and what spreadsheets of that language write for true and false, in small letters.
_TRUE = ["true", "vrai", "wahr", "verdadero", "verdadeiro", "vero", "waar"]
_FALSE = ["false", "faux", "falsch", "falso", "onwaar"]
YES = frozenset([*_TRUE, "yes", "oui", "ja", "si", "sí", "sì", "sim", "y", "o", "j", "x", "1"])
NO = frozenset([*_FALSE, "no", "non", "nein", "nee", "não", "nao", "n", "0"])


def folded(word: str) -> str:
    """Write a word without what people type now so, now so: case, accents, blanks."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in letters if not unicodedata.combining(char) and not char.isspace())


@lru_cache(maxsize=1)
def known_words() -> dict[str, dict[str, str]]:
    """Return all tables, by name: each word, folded, with what it means to Fincome."""
    text = resources.files(__package__).joinpath("words.yaml").read_text(encoding="utf-8")
    return {name: dict(_flat(table)) for name, table in read_yaml(text).items()}


def _flat(table: Mapping[str, Mapping[str, list[str]]]) -> list[tuple[str, str]]:
    return [
        (folded(word), meaning)
        for meaning, languages in table.items()
        for words in ([meaning], *languages.values())
        for word in words
    ]


def words(name: Any) -> dict[str, str]:
    """Return a table of words, for lookup().

    Raises:
        ValueFault: there is none of that name.
    """
    tables = known_words()
    if not isinstance(name, str) or name not in tables:
        raise ValueFault(f"is no table of words (there are {', '.join(tables)})")
    return tables[name]
