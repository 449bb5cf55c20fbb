"""YAML as it was typed: mappings are full of words, some of which YAML 1.1 turns into booleans, dates or numbers.

Here `no`, `on`, 007, 1_000 and 2026-01-05 are text, whether as values or as keys. As in YAML 1.2, only `null` (or
nothing at all), `true`, `false` and numbers in JSON's form are anything else, and keys are always text.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

# Both are safe loaders; the first is faster, but needs libyaml, which some builds of PyYAML lack.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_STANDARD = "tag:yaml.org,2002:"
_MERGE = f"{_STANDARD}merge"
# The tags that PyYAML gives by itself; all others were written in the document.
_TAGS = {
    _STANDARD + name for name in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
}


class YamlError(ValueError):
    """A text that isn't YAML, or uses what mappings can't; the message names line and column."""


def read_yaml(text: str) -> Any:
    """Return what a YAML document holds, as dicts with text keys, lists, text, numbers, booleans and None.

    All aliases of a value give the same object.

    Raises:
        YamlError: bad syntax, a key that occurs twice or isn't text, a tag, or an alias inside the value it refers to.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _at(error.problem_mark, error.problem or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {str(error).splitlines()[0]}") from None
    return None if root is None else _Builder().build(root)


class _Builder:
    """Builds values from YAML's nodes."""

    def __init__(self) -> None:
        self._built: dict[yaml.Node, Any] = {}
        self._open: set[yaml.Node] = set()

    def build(self, node: yaml.Node) -> Any:
        """Return the value of a node: the same object each time."""
        if node in self._open:
            raise _at(node.start_mark, "an alias stands inside the value that it refers to")
        if node not in self._built:
            self._open.add(node)
            self._built[node] = self._value(node)
            self._open.remove(node)
        return self._built[node]

    def _value(self, node: yaml.Node) -> Any:
        if node.tag not in _TAGS:
            raise _at(node.start_mark, f"the tag {node.tag.replace(_STANDARD, '!!')} means nothing here")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else _scalar(node.value)
        return [self.build(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                # Of several merged mappings the first wins; keys of the mapping itself win over all of them.
                merged = {**self._merged(value), **merged}
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise _at(key.start_mark, "a key must be a word, not a list or a mapping")
            if key.value in own:
                raise _at(key.start_mark, f"the key {key.value} is there twice")
            own[key.value] = self.build(value)
        return {**merged, **own}

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        several = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for one in several:
            found = self.build(one)
            if not isinstance(found, dict):
                raise _at(one.start_mark, "<< takes a mapping, or a list of mappings")
            merged = {**found, **merged}
        return merged


def _scalar(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number["fraction"] or number["exponent"] else int(text)


def _at(mark: yaml.Mark | None, problem: str) -> YamlError:
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return YamlError(place + problem)
