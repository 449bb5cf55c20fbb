"""An OpenAPI 3.x document, as far as it can be held against the contract: addresses, keys, routes, shapes of bodies.

Documents are taken as they come: what can't be understood is as if it weren't there, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import yaml

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARAMETER = re.compile(r"\{[^{}]*\}")
DEEPEST = 24
COMPOSING = ("allOf", "anyOf", "oneOf")


class DocumentError(Exception):
    """The file is no OpenAPI document; the message says why."""


@dataclass(frozen=True)
class Shape:
    """What a JSON schema demands of a value, with all its references, parts and alternatives put together.

    Attributes:
        types: JSON types without null; empty when the schema doesn't say.
        formats: of text; "" stands for any text.
        enum: the only values, or None.
        required: properties that must be there.
        closed: other properties are refused.
    """

    types: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    enum: frozenset[str] | None = None
    properties: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Shape | None = None
    minimum: float | None = None
    lengths: tuple[int | None, int | None] = (None, None)
    closed: bool = False


ANYTHING = Shape()


@dataclass(frozen=True)
class Parameter:
    """A query parameter; numbers as far as the document gives them."""

    name: str
    default: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Route:
    """One verb on one path, as the document writes them.

    Attributes:
        answer: what a success holds.
        answer_headers: the headers that it has.
    """

    verb: str
    path: str
    words: str
    statuses: frozenset[int]
    body: Shape | None
    headers: tuple[str, ...]
    queries: tuple[Parameter, ...] = ()
    answer: Shape | None = None
    answer_headers: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """The path without names of parameters and without a slash at the end: /clients/{}."""
        return PARAMETER.sub("{}", self.path).rstrip("/")


@dataclass(frozen=True)
class KeyForm:
    """How a key is sent: a header and what stands before the key; `other` describes a form that is no header."""

    header: str = ""
    prefix: str = ""
    prefix_is_known: bool = True
    other: str = ""


class Document:
    """A parsed document.

    Raises:
        DocumentError: it isn't an OpenAPI 3.x document.
    """

    def __init__(self, content: object) -> None:
        if not isinstance(content, dict):
            raise DocumentError("It holds no object: an OpenAPI document is a JSON or YAML object.")
        version = str(content.get("openapi", ""))
        if "swagger" in content:
            raise DocumentError("It is a Swagger 2.0 document; an OpenAPI document of version 3 is needed.")
        if not version.startswith("3."):
            raise DocumentError("It doesn't say that it is OpenAPI 3: the key `openapi` is missing or another version.")
        if not _mapping(content.get("paths")):
            raise DocumentError("It has no `paths`.")
        self._content: dict[str, Any] = content
        info = _mapping(content.get("info"))
        self.title = f"{info.get('title', 'untitled')} {info.get('version', '')}".strip()
        self.routes = tuple(self._routes())

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a file, JSON or YAML.

        Raises:
            DocumentError: it can't be read, or is no OpenAPI document.
        """
        try:
            text = path.read_bytes()
        except OSError as error:
            raise DocumentError(f"It can't be read: {error.strerror}.") from None
        try:
            return cls(orjson.loads(text))
        except orjson.JSONDecodeError:
            pass
        try:
            return cls(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506 (both are safe)
        except (yaml.YAMLError, RecursionError, ValueError):
            raise DocumentError("It is neither JSON nor YAML.") from None

    @property
    def servers(self) -> list[str]:
        """The addresses it names, without a slash at the end; "" for the place where the document itself lies."""
        found = []
        for server in _list(self._content.get("servers")):
            url = str(_mapping(server).get("url", ""))
            for name, variable in _mapping(_mapping(server).get("variables")).items():
                url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
            found.append(url.rstrip("/"))
        return found

    def key_forms(self) -> list[KeyForm]:
        """Return how keys may be sent: the schemes in use, else all that are declared, or likely headers."""
        declared = _mapping(_mapping(self._content.get("components")).get("securitySchemes"))
        used = {name for demands in self._demands() for name in demands}
        schemes = [self._resolved(scheme) for name, scheme in declared.items() if name in used or not used]
        forms = [_key_form(_mapping(scheme)) for scheme in schemes]
        if forms:
            return forms
        keylike = re.compile(r"(api|access)[-_]?(key|token)|authori[sz]ation", re.IGNORECASE)
        names = {name for route in self.routes for name in route.headers if keylike.search(name)}
        return [KeyForm(name, prefix_is_known=name.lower() != "authorization") for name in sorted(names)]

    def _demands(self) -> Iterator[Mapping[str, Any]]:
        yield from map(_mapping, _list(self._content.get("security")))
        for item in _mapping(self._content.get("paths")).values():
            for operation in _mapping(item).values():
                yield from map(_mapping, _list(_mapping(operation).get("security")))

    def _routes(self) -> Iterator[Route]:
        for path, item in _mapping(self._content.get("paths")).items():
            found = _mapping(self._resolved(item))
            shared = _list(found.get("parameters"))
            for verb in VERBS:
                operation = _mapping(found.get(verb.lower()))
                if operation:
                    yield self._route(verb, str(path), operation, [*shared, *_list(operation.get("parameters"))])

    def _route(self, verb: str, path: str, operation: Mapping[str, Any], parameters: Iterable[Any]) -> Route:
        resolved = [_mapping(self._resolved(parameter)) for parameter in parameters]
        success = self._success(operation)
        texts = (str(operation.get(key) or "") for key in ("summary", "description", "operationId"))
        return Route(
            verb,
            path,
            " ".join(texts).replace("_", " "),
            frozenset(int(str(code)) for code in _mapping(operation.get("responses")) if str(code).isdigit()),
            self._body(operation.get("requestBody")),
            tuple(str(one.get("name")) for one in resolved if one.get("in") == "header"),
            tuple(self._query(one) for one in resolved if one.get("in") == "query"),
            self._body(success),
            tuple(map(str, _mapping(success.get("headers")))),
        )

    def _success(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        responses = _mapping(operation.get("responses"))
        said = (response for code, response in responses.items() if str(code) in ("200", "2XX"))
        return _mapping(self._resolved(next(said, None)))

    def _query(self, parameter: Mapping[str, Any]) -> Parameter:
        schema = _mapping(self._resolved(parameter.get("schema")))
        parts = [schema, *(_mapping(self._resolved(one)) for one in _list(schema.get("anyOf")))]
        numbers = {
            name: next((part[name] for part in parts if _is_number(part.get(name))), None)
            for name in ("default", "minimum", "maximum")
        }
        return Parameter(str(parameter.get("name")), **numbers)

    def _body(self, body: object) -> Shape | None:
        contents = _mapping(_mapping(self._resolved(body)).get("content"))
        for kind, content in contents.items():
            if "json" in str(kind) or str(kind) == "*/*":
                return self.shape(_mapping(content).get("schema"))
        return None

    def _resolved(self, node: object) -> object:
        """Follow references inside the document; one that leads nowhere is as if it said nothing."""
        for _ in range(DEEPEST):
            reference = _mapping(node).get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._find(reference)
        return {}

    def _find(self, reference: str) -> object:
        if not reference.startswith("#/"):
            return {}
        node: object = self._content
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            node = _mapping(node).get(name, {})
        return node

    # --- shapes

    def shape(self, schema: object, above: tuple[str, ...] = ()) -> Shape:
        """Put a schema together.

        Args:
            above: the references it is inside of; what refers to itself counts as anything there.
        """
        reference = _mapping(schema).get("$ref")
        if isinstance(reference, str):
            if reference in above or len(above) > DEEPEST:
                return ANYTHING
            above = (*above, reference)
        found = _mapping(self._resolved(schema))
        parts = [self._own(found, above)]
        if found.keys().isdisjoint(COMPOSING):
            return parts[0]
        parts += [self.shape(part, above) for part in _list(found.get("allOf"))]
        for key in ("anyOf", "oneOf"):
            variants = [self.shape(one, above) for one in _list(found.get(key)) if not self._is_null(one)]
            if variants:
                parts.append(_any_of(variants))
        whole = parts[0]
        for part in parts[1:]:
            whole = _both(whole, part)
        return whole

    def _is_null(self, schema: object) -> bool:
        found = _mapping(self._resolved(schema))
        return found.get("type") in ("null", ["null"]) or found.get("enum") == [None]

    def _own(self, schema: Mapping[str, Any], above: tuple[str, ...]) -> Shape:
        """Return what a schema says itself, without its parts and alternatives."""
        said = schema.get("type")
        types = frozenset(str(one) for one in (said if isinstance(said, list) else [said]) if one) - {"null"}
        properties = _mapping(schema.get("properties"))
        if properties and not types:
            types = frozenset({"object"})
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        return Shape(
            types=types,
            formats=frozenset({str(schema.get("format") or "")}) if "string" in types else frozenset(),
            enum=frozenset(str(one) for one in values if one is not None) if isinstance(values, list) else None,
            properties={str(name): self.shape(one, above) for name, one in properties.items()},
            required=frozenset(map(str, _list(schema.get("required")))),
            items=self.shape(schema["items"], above) if "items" in schema else None,
            minimum=_least(schema),
            lengths=(_whole(schema.get("minLength")), _whole(schema.get("maxLength"))),
            closed=schema.get("additionalProperties") is False,
        )


def _key_form(scheme: Mapping[str, Any]) -> KeyForm:
    kind, words = str(scheme.get("type", "")), str(scheme.get("description") or "")
    if kind == "apiKey" and scheme.get("in") == "header":
        name = str(scheme.get("name", ""))
        # In Authorization anything may stand before a key, and the document can't say what.
        says_bearer = "bearer" in words.lower()
        if name.lower() == "authorization":
            return KeyForm(name, "Bearer " if says_bearer else "", prefix_is_known=says_bearer)
        return KeyForm(name)
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "bearer":
        return KeyForm("Authorization", "Bearer ")
    detail = scheme.get("in") or scheme.get("scheme") or ""
    return KeyForm(other=f"{kind} {detail}".strip() or "a scheme without a type")


def _both(one: Shape, other: Shape) -> Shape:
    """Return the shape of what satisfies both."""
    types = one.types & other.types if one.types and other.types else one.types | other.types
    if {"integer", "number"} <= one.types | other.types and not types:
        types = frozenset({"integer"})
    names = [*one.properties, *(name for name in other.properties if name not in one.properties)]
    enums = [shape.enum for shape in (one, other) if shape.enum is not None]
    formats = (one.formats | other.formats) - {""}
    return Shape(
        types=types,
        formats=formats or (one.formats | other.formats),
        enum=frozenset.intersection(*enums) if enums else None,
        properties={
            name: _both(one.properties.get(name, ANYTHING), other.properties.get(name, ANYTHING)) for name in names
        },
        required=one.required | other.required,
        items=one.items or other.items,
        minimum=max((m for m in (one.minimum, other.minimum) if m is not None), default=None),
        lengths=(one.lengths[0] or other.lengths[0], one.lengths[1] or other.lengths[1]),
        closed=one.closed or other.closed,
    )


def _any_of(variants: list[Shape]) -> Shape:
    """Return the shape of what satisfies at least one."""
    first = variants[0]
    if len(variants) == 1:
        return first
    names = dict.fromkeys(name for shape in variants for name in shape.properties)
    objects = [shape for shape in variants if not shape.types or "object" in shape.types]
    minimums = [shape.minimum for shape in variants if shape.types & {"number", "integer"} or not shape.types]
    enums = [shape.enum for shape in variants]
    return replace(
        first,
        types=frozenset().union(*(shape.types for shape in variants))
        if all(shape.types for shape in variants)
        else frozenset(),
        formats=frozenset().union(*(shape.formats for shape in variants)),
        enum=frozenset().union(*(enum for enum in enums if enum is not None)) if None not in enums else None,
        properties={
            name: _any_of([shape.properties[name] for shape in objects if name in shape.properties]) for name in names
        },
        required=frozenset.intersection(*(shape.required for shape in objects)) if objects else frozenset(),
        items=next((shape.items for shape in variants if shape.items), None),
        minimum=min((m for m in minimums if m is not None), default=None) if None not in minimums else None,
        lengths=first.lengths if all(shape.lengths == first.lengths for shape in variants) else (None, None),
        closed=all(shape.closed for shape in objects) if objects else False,
    )


def _least(schema: Mapping[str, Any]) -> float | None:
    """Return the smallest value, or the bound itself where it is excluded: the nearest that can be said."""
    for key in ("minimum", "exclusiveMinimum"):
        value = schema.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
