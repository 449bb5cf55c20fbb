"""Expressions that have a form of their own in YAML: tables of words, and choices.

    status: {lookup: state, in: {sent: open, settled: paid}, default: null}
    status: {when: is_past(due), then: "'unpaid'", else: {lookup: state, in: {sent: open}}}

Each is written out as a call of the function that means the same, so forms add nothing to the language itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from jmespath.exceptions import JMESPathError

from destination_fincome.mapping.language.syntax import tree

_KEYS = {"lookup": ("lookup", "in", "default"), "when": ("when", "then", "else")}
_NEEDED = {"lookup": ("lookup", "in"), "when": ("then",)}
_SHAPES = "a table of words has the keys lookup, in and perhaps default; a choice has when, then and perhaps else"


def as_expression(form: Any) -> Any:
    """Return the expression that a form stands for; anything but a mapping is returned as it is.

    Raises:
        ValueError: a mapping that is neither form, an unknown or missing key, a table that is empty or holds anything
            but words, numbers, true, false and null, or a part that isn't an expression.
    """
    if not isinstance(form, Mapping):
        return form
    kind = "when" if "when" in form else "lookup"
    for key in form:
        if key not in _KEYS[kind]:
            raise ValueError(f"has the key {key}: {_SHAPES}")
    for key in _NEEDED[kind]:
        if key not in form:
            raise ValueError(f"lacks the key {key}: {_SHAPES}")
    return _lookup(form) if kind == "lookup" else _choice(form)


def _lookup(form: Mapping[Any, Any]) -> str:
    parts = [_part(form, "lookup"), _table(form["in"])]
    if "default" in form:
        parts.append(_literal("default", form["default"]))
    return f"lookup({', '.join(parts)})"


def _choice(form: Mapping[Any, Any]) -> str:
    return f"when({', '.join(_part(form, key) for key in _KEYS['when'] if key in form)})"


def _part(form: Mapping[Any, Any], key: str) -> str:
    text = as_expression(form[key])
    if not isinstance(text, str):
        raise ValueError(f"{key} is no expression: write text, with `…` around a number, true, false or null")  # noqa: TRY004
    try:
        tree(text)
    except JMESPathError as error:
        raise ValueError(f"{key} is not a JMESPath expression: {str(error).splitlines()[0]}") from None
    return text


def _table(table: Any) -> str:
    if not isinstance(table, Mapping) or not table:
        raise ValueError("in is no table: write the source's words, each with what it becomes, as in {sent: open}")
    for word in table:
        if not isinstance(word, str):
            raise ValueError("in has a key that is no word")  # noqa: TRY004
    values = ", ".join(f"{_json(word)}: {_json(_scalar(f'in: {word}', value))}" for word, value in table.items())
    return f"`{{{values}}}`"


def _literal(place: str, value: Any) -> str:
    return f"`{_json(_scalar(place, value))}`"


def _scalar(place: str, value: Any) -> Any:
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value)):
        return value
    raise ValueError(f"{place} becomes something else than a word, a number, true, false or null")


def _json(value: Any) -> str:
    """Write a value as JSON for use inside backquotes, which the value itself must therefore not contain."""
    return json.dumps(value, ensure_ascii=False).replace("`", "\\u0060")
