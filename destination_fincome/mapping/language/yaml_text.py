"""YAML as it was typed: mappings are full of words, some of which YAML 1.1 turns into booleans, dates or numbers.

Here `no`, `on`, 007, 1_000 and 2026-01-05 are text, whether as values or as keys. As in YAML 1.2, only `null` (or
nothing at all), `true`, `false` and numbers in JSON's form are anything else, and keys are always text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

# Both are safe loaders; the first is faster, but needs libyaml, which some builds of PyYAML lack.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
# How JSON writes characters beyond 16 bits, which YAML reads as two that aren't any.
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF = re.compile("[\ud800-\udfff]")
_STANDARD = "tag:yaml.org,2002:"
_MERGE = f"{_STANDARD}merge"
# The tags that PyYAML gives by itself; all others were written in the document.
_TAGS = {
    _STANDARD + name for name in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
}


# What a user's text may hold, once every alias is written out.
MOST_VALUES = 50_000
LONGEST_TEXT = 1_000_000
# What is most often wrong within braces.
IN_BRACES = "within { } an expression with a comma, a quote or a bracket stands in double quotes"


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


class Typed(str):
    """A text that stood in the document without quotation marks."""

    __slots__ = ()


class Place(NamedTuple):
    """Where something stands in a text, counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class Document(NamedTuple):
    """What a text holds, with every word as it was typed.

    Attributes:
        value: dicts with text keys, lists, and texts; None of what is empty.
        places: where each part begins, by its name: `streams.clients.emits[0].fields.id`.
    """

    value: Any
    places: dict[str, Place]


def read_typed(text: str) -> Document:
    """Read a user's text in YAML or JSON; no word becomes anything but a text (`Typed`, if it had no quotes).

    Raises:
        YamlError: as for `read_yaml`; also a tab, a text that is too long, or one that aliases make so.
    """
    if len(text.encode()) > LONGEST_TEXT:
        raise YamlError("is longer than 1 MB")
    if text.lstrip().startswith("{"):
        # JSON may be indented with tabs, YAML may not. Inside of JSON's texts there are none.
        text = _PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text.replace("\t", " "))
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            return Document(None, {})
        _must_fit(root)
        value = _Builder(as_typed=True).build(root)
        return Document(value, dict(_places(root, "")))
    except yaml.MarkedYAMLError as error:
        problem = error.problem or "this is not YAML"
        if "'\\t'" in problem:
            problem = "a tab stands here: indent with blanks"
        elif error.context == "while parsing a flow mapping":
            problem = f"{problem} ({IN_BRACES})"
        raise _at(error.problem_mark or error.context_mark, problem) from None
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise YamlError("is nested too deeply") from None


def _must_fit(root: yaml.Node) -> None:
    """Refuse a document whose aliases make it huge."""
    sizes: dict[yaml.Node, int] = {}

    def size(node: yaml.Node) -> int:
        if node not in sizes:
            sizes[node] = 1  # of an alias inside of what it refers to, which is refused later
            parts = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
            sizes[node] = 1 + (0 if isinstance(node, yaml.ScalarNode) else sum(map(size, parts)))
            if sizes[node] > MOST_VALUES:
                raise _at(node.start_mark, f"has more than {MOST_VALUES} values, with every alias written out")
        return sizes[node]

    size(root)


def _places(node: yaml.Node, name: str) -> Iterator[tuple[str, Place]]:
    """Yield the places of a node's parts: a key's own, where there is one."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield f"{name}[{index}]", _place(item.start_mark)
            yield from _places(item, f"{name}[{index}]")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == _MERGE:
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from _places(merged, name)
        for index, (key, value) in enumerate(node.value):
            here = f"{name}.{key.value}" if name else str(key.value)
            for called in (here, f"{name}[{index}]"):
                yield called, _place(key.start_mark)
            yield from _places(value, here)


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Builder:
    """Builds values from YAML's nodes.

    Args:
        as_typed: every word stays a text.
    """

    def __init__(self, *, as_typed: bool = False) -> None:
        self._as_typed = as_typed
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
            if _HALF.search(node.value):
                raise _at(node.start_mark, "a text has half a character (\\ud800 to \\udfff)")
            return node.value if node.style else self._scalar(node.value)
        return [self.build(item) for item in node.value]

    def _scalar(self, text: str) -> Any:
        if not self._as_typed:
            return _scalar(text)
        return Typed(text) if text else None

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
