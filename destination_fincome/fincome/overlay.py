"""The setting `contract`: a user's corrections, one text that is laid over contract.yaml.

It has that file's form (docs/contract.md lists the keys), and is read as YAML whose words stay words: a value `no` or
`on` is never taken for a truth value where a text is asked for. What isn't known here is a mistake, told with its line
and column; nothing is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import yaml

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, Contract, Corrections, FieldSpec, load_contract
from destination_fincome.fincome.forms import DateForm, Unit
from destination_fincome.fincome.listing import NO_PAGES, Pages
from destination_fincome.fincome.value_types import DECIMAL, ID, INSTANT, INTEGER, LINES, VALUE_TYPES
from destination_fincome.wording import did_you_mean

VERSION = "1"
MOST_SHOWN = 5
VERBS = ("POST", "PUT", "PATCH", "GET")

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TAGS = frozenset("DIA")
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PARAMETER = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$\-\[\]]*\Z")
_PLACE = re.compile(r"[A-Za-z_@$][A-Za-z0-9_@$\-]*(?:\.[A-Za-z_@$][A-Za-z0-9_@$\-]*)*\Z")
_QUERY = re.compile(r"[^\s?#&=]+=[^\s?#&]*(?:&[^\s?#&=]+=[^\s?#&]*)*\Z")
LARGEST_PAGE = 1000
_TEMPLATE = re.compile(r"(?:\{path\})?(?:/(?:\{id\}|[^\s?#{}/]*))*\Z")


class OverlayError(ValueError):
    """The text can't be used; the message names line and column of each mistake."""


# --- single values; each says what it must be, and never quotes it


def check_path(text: str) -> str:
    """Return a path of the API.

    Raises:
        ValueError: it is none.
    """
    if not text.startswith("/") or set(text) & set("?#{}") or any(map(str.isspace, text)) or "//" in text:
        raise ValueError("must be a path such as /customers")
    return text


def check_header(text: str) -> str:
    """Return the name of a header.

    Raises:
        ValueError: it is none.
    """
    name = text.strip()
    if not name or not all((char.isascii() and char.isalnum()) or char in "-_" for char in name):
        raise ValueError("must be the name of an HTTP header, such as X-API-KEY")
    return name


def check_prefix(text: str) -> str:
    """Return what stands before a key, with the blank that forms cut off.

    Raises:
        ValueError: no header can hold it.
    """
    if not (text.isascii() and text.isprintable()):
        raise ValueError("contains characters that no header can hold: use text such as Bearer")
    prefix = text.lstrip()
    return prefix + " " if prefix and prefix[-1].isalnum() else prefix


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError("must be true or false")
    return _TRUTH[text.lower()]


def _repeated_post(text: str) -> bool | str:
    if text in ("ignores", "doubles"):
        return {"ignores": "ignored", "doubles": "doubles"}[text]
    if text.lower() not in _TRUTH:
        raise ValueError("must be true, false, ignores or doubles")
    return _TRUTH[text.lower()]


def _verb(text: str) -> str:
    return _one_of(VERBS)(text.upper())


def _template(*needed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        is_path = text.startswith(("/", "{path}")) and _TEMPLATE.match(text)
        if not is_path or any(one not in text for one in needed):
            raise ValueError(f"must be a path such as {{path}}{'/{id}' if needed else ''}")
        return text

    return read


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return read


def _text(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _name(text: str) -> str:
    if not _FIELD_NAME.match(text):
        raise ValueError("must be the name of a field: letters, digits and _")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(_text(text))
    except re.error:
        raise ValueError("must be a regular expression") from None
    return text


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _parameter(text: str) -> str:
    if not _PARAMETER.match(text):
        raise ValueError("must be the name of a query parameter, such as page")
    return text


def _place(text: str) -> str:
    if not _PLACE.match(text):
        raise ValueError("must be a place in the answer, such as data or meta.next")
    return text


def _query(text: str) -> str:
    if not _QUERY.match(text):
        raise ValueError("must be query parameters such as status=all&sort=id")
    return text


def _list_path(text: str) -> str:
    if "{id}" in text:
        raise ValueError("must be the path of a list, without {id}")
    return _template()(text)


def _size(text: str) -> int:
    size = _number(text)
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"must be a number of objects from 1 to {LARGEST_PAGE}")
    return size


def _first(text: str) -> int:
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return int(text)


def _minimum(text: str) -> int | None:
    return None if text == "none" else _number(text)


def _statuses(node: yaml.Node) -> list[int]:
    return [_status(_number(text)) for text in _texts(node)]


def _status(code: int) -> int:
    if not 200 <= code <= 599:
        raise ValueError("must be a list of HTTP statuses")
    return code


def _texts(node: yaml.Node) -> list[str]:
    """Read a list of texts; one text alone is a list of one."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not all(isinstance(item, yaml.ScalarNode) and item.value for item in items):
        raise ValueError("must be a list of texts")
    return [str(item.value) for item in items]


def _enum(node: yaml.Node, ours: tuple[str, ...]) -> list[str] | dict[str, str]:
    """Read a field's words: a list of those that there are, or what the API calls each of ours."""
    if not isinstance(node, yaml.MappingNode):
        return _texts(node)
    words = {str(key.value): value.value for key, value in node.value}
    if not all(isinstance(word, str) and word for word in words.values()):
        raise ValueError("must have one word for each word")
    if ours and (strange := words.keys() - set(ours)):
        wrong = ", ".join(sorted(strange))
        raise ValueError(f"has {wrong}; on the left are the connector's words: {', '.join(ours)}")
    return words


def _constant(node: yaml.Node) -> str | int | bool:
    """Read a value that every object carries; what stands in quotation marks is a text."""
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("must be one value")  # noqa: TRY004 (of the user's text, not of a program)
    text = str(node.value)
    if node.style is None and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return text == "true" if node.style is None and text in ("true", "false") else text


# --- the form


@dataclass(frozen=True)
class _Leaf:
    """One value: how its text is read, or (`whole`) its node, which may be a list or a mapping.

    Attributes:
        inner: the key that its value stands under where contract.yaml writes the fact as a mapping.
        stored: the value belongs under `inner`.
    """

    read: Callable[[str], Any] | None = None
    whole: Callable[[yaml.Node], Any] | None = None
    inner: str = "value"
    stored: bool = False


@dataclass(frozen=True)
class _Branch:
    """A mapping: its keys, and `new`, what an unknown key may be that says its `type` or a `constant`."""

    keys: Mapping[str, _Branch | _Leaf]
    new: _Branch | None = None


_UNIT = _Leaf(_one_of(get_args(Unit)))
_DATES = _Leaf(_one_of(get_args(DateForm)))
_ANSWER = _Branch(
    {
        "statuses": _Leaf(whole=_statuses),
        "detail": _Leaf(_text),
        "detail_matches": _Leaf(_pattern),
        "words": _Leaf(whole=_texts),
    }
)
_NEW_FIELD = _Branch(
    {
        "type": _Leaf(_one_of(tuple(name for name, one in VALUE_TYPES.items() if one is not LINES))),
        "required": _Leaf(_truth),
        "constant": _Leaf(whole=_constant),
        "name": _Leaf(_name),
    }
)

_LIST = _Branch(
    {
        "pages": _Leaf(_one_of((*get_args(Pages), NO_PAGES))),
        "path": _Leaf(_list_path),
        "parameter": _Leaf(_parameter),
        "first": _Leaf(_first),
        "size": _Leaf(_size),
        "size_parameter": _Leaf(_parameter),
        "items": _Leaf(_place),
        "next": _Leaf(_place),
        "more": _Leaf(_place),
        "query": _Leaf(_query),
        "omits_empty": _Leaf(_truth),
    }
)

Found = tuple[tuple[str, ...], Any]


class _Mistake(Exception):
    def __init__(self, mark: yaml.Mark, words: str) -> None:
        super().__init__(f"line {mark.line + 1}, column {mark.column + 1}: {words}")


@lru_cache(maxsize=1)
def _form() -> _Branch:
    """Return the form of the whole text, made of the contract that it corrects."""
    contract = load_contract()
    operation = {"verb": _Leaf(_verb), "path": _Leaf(_template("{id}"))}
    update = {**operation, "partial": _Leaf(_truth)}
    create = {"verb": _Leaf(_verb), "path": _Leaf(_template())}
    properties = {"name": _Leaf(_name), "absent": _Leaf(_truth)}
    return _Branch(
        {
            "version": _Leaf(_one_of((VERSION,))),
            "access": _Branch({"api_key_header": _Leaf(check_header), "api_key_prefix": _Leaf(check_prefix)}),
            "operations": _Branch(
                {
                    "create": _Branch(create),
                    "update": _Branch(update),
                    "retrieve": _Branch(operation),
                    "list": _LIST,
                }
            ),
            "amounts": _UNIT,
            "dates": _DATES,
            "nulls": _Leaf(_truth, inner="clear", stored=True),
            "custom_properties": _Branch(properties),
            "errors": _Branch(
                {
                    "key": _Leaf(_name),
                    "inside": _Branch(
                        dict.fromkeys(("keys", "flags", "outcomes", "failures", "codes"), _Leaf(whole=_texts))
                    ),
                }
            ),
            "answers": _Branch(dict.fromkeys(contract.answers, _ANSWER)),
            "entities": _Branch({name: _entity(contract, name) for name in contract.entities}),
        }
    )


def _entity(contract: Contract, name: str) -> _Branch:
    absent = _Leaf(_truth)
    retrieve = {"verb": _Leaf(_verb), "path": _Leaf(_template("{id}"))}
    fields = {field.name: _field(field) for field in contract.entities[name].fields}
    return _Branch(
        {
            "path": _Leaf(check_path),
            "called": _Leaf(whole=_texts),
            "post_updates": _Leaf(_repeated_post),
            "retrievable": _Leaf(_truth),
            "absent": absent,
            "amounts": _UNIT,
            "dates": _DATES,
            "operations": _Branch(
                {
                    "create": _Branch({"verb": _Leaf(_verb), "path": _Leaf(_template()), "absent": absent}),
                    "update": _Branch({**retrieve, "partial": _Leaf(_truth), "absent": absent}),
                    "retrieve": _Branch(retrieve),
                    "list": _LIST,
                }
            ),
            "fields": _Branch(
                {**fields, CUSTOM_PROPERTIES: _Branch({"name": _Leaf(_name), "absent": absent})}, _NEW_FIELD
            ),
        }
    )


def _field(spec: FieldSpec) -> _Branch:
    keys: dict[str, _Branch | _Leaf] = {"name": _Leaf(_name), "absent": _Leaf(_truth), "required": _Leaf(_truth)}
    if spec.type is LINES:
        return _Branch({**keys, "fields": _Branch({inner.name: _field(inner) for inner in spec.fields})})
    if spec.money:
        keys |= {"unit": _UNIT, "sign": _Leaf(_one_of(("positive", "negative")))}
    if spec.type is INSTANT:
        keys["form"] = _DATES
    if spec.type in (DECIMAL, INTEGER):
        keys["minimum"] = _Leaf(_minimum)
    if spec.type not in (DECIMAL, INTEGER, INSTANT, ID):
        keys["enum"] = _Leaf(whole=lambda node: _enum(node, spec.enum))
    return _Branch(keys)


def read_overlay(text: str) -> Corrections:
    """Read the setting.

    Returns:
        What it says, by place.

    Raises:
        OverlayError: with all mistakes, as far as they fit.
    """
    if not isinstance(text, str):
        raise OverlayError("must be one text, in YAML")
    root = _compose(text)
    if not isinstance(root, yaml.MappingNode):
        raise OverlayError("line 1, column 1: must be a mapping that begins with `version: 1`")
    found: dict[tuple[str, ...], Any] = {}
    mistakes = []
    if all(key.value != "version" for key, _ in root.value):  # a key may be a list, or a mapping
        mistakes.append("line 1, column 1: `version: 1` is missing")
    for item in _walk(root, _form(), ()):
        if isinstance(item, _Mistake):
            mistakes.append(str(item))
        else:
            found[item[0]] = item[1]
    if mistakes:
        more = f"; and {len(mistakes) - MOST_SHOWN} more" if len(mistakes) > MOST_SHOWN else ""
        raise OverlayError("; ".join(mistakes[:MOST_SHOWN]) + more)
    found.pop(("version",), None)
    return found


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise OverlayError(f"{place}isn't YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError):
        raise OverlayError("isn't YAML") from None


def _walk(node: yaml.MappingNode, branch: _Branch, place: tuple[str, ...]) -> Iterator[Found | _Mistake]:
    """Yield the values of a mapping by their places, and its mistakes."""
    seen = set()
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name in seen:
            yield _Mistake(key.start_mark, f"{_at((*place, name))} is there twice")
            continue
        seen.add(name)
        if name == "tag" and place:
            if value.value not in _TAGS:
                yield _Mistake(value.start_mark, f"{_at((*place, name))} must be one of D, I, A")
            continue
        try:
            yield from _value(key, value, branch, (*place, name))
        except _Mistake as mistake:
            yield mistake


def _value(key: yaml.Node, node: yaml.Node, branch: _Branch, place: tuple[str, ...]) -> Iterator[Found | _Mistake]:
    known = branch.keys.get(place[-1]) or _new(key, node, branch, place)
    if isinstance(known, _Branch):
        if not isinstance(node, yaml.MappingNode):
            raise _Mistake(node.start_mark, f"{_at(place)} must be a mapping with {_shown(known)}")
        yield from _walk(node, known, place)
        return
    if isinstance(node, yaml.MappingNode) and known.whole is None:
        node = _fact(node, known, place)
    try:
        value = _read(known, node)
    except ValueError as error:
        raise _Mistake(node.start_mark, f"{_at(place)} {error}") from None
    if place[-1] == "enum" and isinstance(value, dict):
        place = (*place[:-1], "words")
    yield (*place, known.inner) if known.stored else place, value


def _read(leaf: _Leaf, node: yaml.Node) -> Any:
    if leaf.whole is not None:
        return leaf.whole(node)
    if not isinstance(node, yaml.ScalarNode) or leaf.read is None:
        raise ValueError("must be one value")
    return leaf.read(str(node.value))


def _fact(node: yaml.MappingNode, leaf: _Leaf, place: tuple[str, ...]) -> yaml.Node:
    """Return the value of a fact that is written as contract.yaml writes it: {value: …, tag: A}."""
    value: yaml.Node | None = None
    for key, inner in node.value:
        if key.value == leaf.inner:
            value = inner
        elif key.value != "tag":
            raise _Mistake(key.start_mark, f"{_at((*place, str(key.value)))} isn't known; {_at(place)} is one value")
    if value is None:
        raise _Mistake(node.start_mark, f"{_at(place)} must be one value")
    return value


def _new(key: yaml.Node, node: yaml.Node, branch: _Branch, place: tuple[str, ...]) -> _Branch:
    """Return the form of a key that the contract doesn't have, if there may be one."""
    name = place[-1]
    if name in ("base_url", "api_key"):
        raise _Mistake(key.start_mark, f"{_at(place)} can't be set here: use the setting `{name}`")
    if branch.new is not None and {"type", "constant"} & _keys(node):
        if not _FIELD_NAME.match(name):
            raise _Mistake(key.start_mark, f"{_at(place)} must be the name of a field: letters, digits and _")
        return branch.new
    hint = did_you_mean(name, branch.keys) or f"; there are {_shown(branch)}"
    new = "; a field that the connector doesn't know needs a `type`" if branch.new else ""
    raise _Mistake(key.start_mark, f"{_at(place)} isn't known{hint}{new}")


def _keys(node: yaml.Node) -> set[str]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value) for key, _ in pairs if isinstance(key, yaml.ScalarNode)}


def _shown(branch: _Branch) -> str:
    return ", ".join(f"`{name}`" for name in branch.keys)


def _at(place: tuple[str, ...]) -> str:
    return "`" + ".".join(place) + "`"
