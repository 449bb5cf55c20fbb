"""Expressions as users type them: columns by their names, plain numbers, and the forms that have keys of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from destination_fincome.mapping.language.forms import as_expression
from destination_fincome.mapping.language.functions import bound
from destination_fincome.mapping.language.syntax import tree
from destination_fincome.mapping.language.yaml_text import IN_BRACES, Typed
from destination_fincome.mapping.skip_rules import SkipRules

_NUMBER = re.compile(r"-?[0-9][0-9_]*(\.[0-9]+)?")
# Signs of an expression that went wrong, in a text that is none. An apostrophe within a word is none of them.
_SIGNS = re.compile(r"""["`\[\]{}|@*<>!=]|&&|\w\(|(?<!\w)'|'(?!\w)""")

# What reads like a call of a function, but for the blank.
_CALL = re.compile(r"([A-Za-z_]\w*) +\([^()'\"`]*\)")
_FUNCTIONS = {*bound({}, frozenset()), *Functions.FUNCTION_TABLE}


# Texts, names and literals: in here nothing is a number.
_QUOTED = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)""")
_WORD = re.compile(r"[^\W\d]\w*")
_TWO_WORDS = re.compile(r"[^\W\d]\w*\s+[^\W\d]\w*")
_BARE_NUMBER = re.compile(r"([(,]\s*|(?:[=!<>]=|[<>])\s*)(-?[0-9]+(?:\.[0-9]+)?)(?=\s*(?:[),\]}]|&&|\|\||$))")


def quoted(name: str) -> str:
    """Return the expression that reads a column."""
    return json.dumps(name, ensure_ascii=False)


def _is_name(text: str) -> bool:
    """Tell whether a text can only be the name of a column: `N° facture`, `Montant (HT)`."""
    if called := _CALL.fullmatch(text):
        return called[1] not in _FUNCTIONS
    return not _SIGNS.search(text) and any(map(str.isalnum, text)) and not _compiles(text)


def expression(value: Any) -> Any:
    """Return the expression that a value of the user's document stands for.

    Raises:
        ValueError: it is empty, or a form that is none.
    """
    if value is None:
        raise ValueError(f"is empty: say which column, or leave the key out ({IN_BRACES})")
    if isinstance(value, Mapping):
        return as_expression(_form(value))
    if not isinstance(value, str):
        return value
    if isinstance(value, Typed):
        if _NUMBER.fullmatch(value):
            return f"'{value}'"
        if value in ("true", "false"):
            return f"`{value}`"
    text = str(value).strip()
    return quoted(text) if _is_name(text) else _as_jmespath(text)


def _as_jmespath(text: str) -> str:
    """Return an expression in which plain numbers, as arguments and in comparisons, and accented names are JMESPath's.

    Raises:
        ValueError: two words stand side by side, which JMESPath's parser takes for two arguments.
    """
    parts = _QUOTED.split(text)
    for part in parts[::2]:
        if words := _TWO_WORDS.search(part):
            raise ValueError(
                f"is not a JMESPath expression: {words[0]} are two words side by side (a column's name with blanks, "
                f'accents or signs stands in double quotes: "{words[0]}")'
            )
    return "".join(part if at % 2 else _of_jmespath(part) for at, part in enumerate(parts))


def _of_jmespath(part: str) -> str:
    """Write a part without quotes as JMESPath has it: names with accents in quotes, numbers as literals."""
    part = part if part.isascii() else _WORD.sub(lambda word: word[0] if word[0].isascii() else quoted(word[0]), part)
    return _BARE_NUMBER.sub(r"\1`\2`", part)


def _form(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of words or a choice with its expressions written out; `null` without quotes is null there."""
    parts = {}
    for key, value in form.items():
        if key == "in" and isinstance(value, Mapping):
            parts[key] = {word: _null(becomes) for word, becomes in value.items()}
        elif key == "default":
            parts[key] = _null(value)
        else:
            parts[key] = value if key == "in" else expression(value)
    return parts


def _null(value: Any) -> Any:
    if isinstance(value, Typed):
        return None if value in ("null", "~") else str(value)
    return value


def _compiles(text: str) -> bool:
    try:
        tree(text)
    except JMESPathError:
        return False
    return True


class WrittenOut:
    """Writes out all expressions of a document; what can't be is a mistake, told with its place."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[str, str]] = []

    def document(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document whose expressions are all text, and whose skip rules say all that they have."""
        own = document.get("skip")
        self._names = SkipRules("the source", own if isinstance(own, dict) else {})
        streams = document.get("streams")
        if not isinstance(streams, dict):
            return document
        return {**document, "streams": {name: self._stream(f"streams.{name}", one) for name, one in streams.items()}}

    def _stream(self, place: str, stream: Any) -> Any:
        if not isinstance(stream, dict):
            return {} if stream is None else stream
        found = self._parts(place, stream)
        emits = stream.get("emits")
        if isinstance(emits, list):
            found["emits"] = [
                self._parts(f"{place}.emits[{index}]", one) if isinstance(one, dict) else one
                for index, one in enumerate(emits)
            ]
        return found

    def _parts(self, place: str, part: dict[str, Any]) -> dict[str, Any]:
        """Write out what streams, emissions, stubs and lists of lines have in common."""
        read: dict[str, Callable[[str, Any], Any]] = {
            **dict.fromkeys(("when", "for_each", "version", "complete_per", "gone"), self._one),
            **dict.fromkeys(("let", "custom_properties"), self._several),
            "fields": self._fields,
            "skip": self._skip,
            "stubs": self._stubs,
        }
        return {
            key: read[key](f"{place}.{key}", value) if key in read and value is not None else value
            for key, value in part.items()
            if value is not None or key not in read
        }

    def _one(self, place: str, value: Any) -> Any:
        try:
            return expression(value)
        except ValueError as error:
            self.mistakes.append((place, str(error)))
            return "@"

    def _several(self, place: str, values: Any) -> Any:
        if not isinstance(values, dict):
            return self._one(place, values)
        return {name: self._one(f"{place}.{name}", value) for name, value in values.items()}

    def _fields(self, place: str, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        return {name: self._field(f"{place}.{name}", value) for name, value in fields.items()}

    def _field(self, place: str, value: Any) -> Any:
        is_list = isinstance(value, dict) and "for_each" in value
        return self._parts(place, value) if is_list else self._one(place, value)

    def _stubs(self, place: str, stubs: Any) -> Any:
        if not isinstance(stubs, list):
            return stubs
        return [
            self._parts(f"{place}[{index}]", stub) if isinstance(stub, dict) else stub
            for index, stub in enumerate(stubs)
        ]

    def _skip(self, place: str, skip: Any) -> Any:
        if isinstance(skip, str) and not self._names.knows(skip):
            skip = {"left_out": skip}
        try:
            rules = self._names.written_out(skip)
        except ValueError as error:
            self.mistakes.append((place, str(error)))
            return []
        return [
            {**rule, "when": self._one(f"{place}[{index}]", rule["when"])}
            if isinstance(rule, dict) and "when" in rule
            else rule
            for index, rule in enumerate(rules)
        ]
