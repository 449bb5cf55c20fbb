"""YAML as it was typed: a mapping is full of words, and YAML 1.1 makes booleans, dates and octal numbers of some.

`no`, `on`, 007, 1_000 and 2026-01-05 are text here, as values and as keys. As in YAML 1.2, only `null` (or nothing),
`true`, `false` and numbers as JSON writes them are more than text; keys are never more.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

# Both loaders are safe ones; only the first needs libyaml, which some builds of PyYAML lack.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_STANDARD = "tag:yaml.org,2002:"
_MERGE = f"{_STANDARD}merge"
# What PyYAML finds by itself; other tags were written.
_TAGS = {
    _STANDARD + name for name in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
}


class YamlError(ValueError):
    """A text that isn't YAML, or not of the kind that a mapping is written in; says where, as line and column."""


def read_yaml(text: str) -> Any:
    """Return what a YAML document holds: dicts with text as keys, lists, text, numbers, booleans, None.

    A value that aliases repeat is one and the same object.

    Raises:
        YamlError: bad syntax, a key that is there twice or isn't text, a tag, an alias inside of what it stands for.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _at(error.problem_mark, error.problem or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {str(error).splitlines()[0]}") from None
    return None if root is None else _Builder().build(root)


class _Builder:
    """Makes values of YAML's nodes."""

    def __init__(self) -> None:
        self._built: dict[yaml.Node, Any] = {}
        self._open: set[yaml.Node] = set()

    def build(self, node: yaml.Node) -> Any:
        """Make the value of a node, the same one each time."""
        if node in self._open:
            raise _at(node.start_mark, "an alias stands inside of what it stands for")
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
                # Of several mappings that are merged the first counts, and what stands beside them counts before all.
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
