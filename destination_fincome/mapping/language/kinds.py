"""What can be known of an expression's results before any record: literal values, and the kinds that functions give.

So a mistake such as a date for an amount, or a status that Fincome doesn't have, is found when the sync starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import jmespath

from destination_fincome.fincome.contract import EntitySpec, FieldSpec
from destination_fincome.fincome.models import EntityModel, InvalidObject
from destination_fincome.mapping.language.faults import ValueFault
from destination_fincome.mapping.language.functions import country, currency, decimal, timestamp

Kind = Literal["number", "instant", "country", "currency", "text", "boolean", "list", "any"]
Node = Mapping[str, Any]

# What each of our functions gives (null aside); "any" where it depends on the arguments.
RETURNS: Mapping[str, Kind] = {
    **dict.fromkeys(["decimal", "money", "round_money", "sum", "add", "subtract", "multiply", "divide"], "number"),
    **dict.fromkeys(["percent", "at_least", "abs", "monthly", "months_between"], "number"),
    **dict.fromkeys(["timestamp", "date", "epoch_ms", "local_time", "parse_time"], "instant"),
    **dict.fromkeys(["add_seconds", "add_days", "add_months"], "instant"),
    **dict.fromkeys(["text", "concat", "lower", "upper", "replace"], "text"),
    **dict.fromkeys(["before", "is_past", "one_of", "starts_with_any", "stream_selected"], "boolean"),
    **dict.fromkeys(["allocate", "split"], "list"),
    **dict.fromkeys(["coalesce", "when", "lookup", "ref", "element"], "any"),
    "country": "country",
    "currency": "currency",
}

# What may become a field of each type. A number may be an instant: epoch seconds.
_FITS: Mapping[str, frozenset[str]] = {
    "id": frozenset(["text", "number"]),
    "text": frozenset(["text", "number", "instant", "country", "currency"]),
    "decimal": frozenset(["number", "text"]),
    "integer": frozenset(["number", "text"]),
    "instant": frozenset(["instant", "text", "number"]),
    "country": frozenset(["country", "text"]),
    "currency": frozenset(["currency", "text"]),
}
# How a value becomes that of a field of each type, and the kind that it is then.
READ: Mapping[str, tuple[Kind, Callable[[Any], Any]]] = {
    "decimal": ("number", decimal),
    "instant": ("instant", timestamp),
    "country": ("country", country),
    "currency": ("currency", currency),
}
_WORDS: Mapping[Kind, str] = {
    "number": "a number",
    "instant": "a date or date-time",
    "country": "a country",
    "currency": "a currency",
    "text": "text",
    "boolean": "true or false",
    "list": "a list",
}


@dataclass(frozen=True)
class Known:
    """A value that an expression may give, known from its text."""

    value: Any


def results(node: Node) -> Iterator[Known | Kind]:
    """Yield what an expression may give, as far as its text tells."""
    children = node["children"]
    match node["type"]:
        case "literal":
            yield Known(node["value"])
        case "or_expression":
            for child in children:
                yield from results(child)
        case "and_expression":
            yield from results(children[1])
        case "comparator" | "not_expression":
            yield "boolean"
        case "projection" | "filter_projection" | "flatten" | "value_projection" | "multi_select_list":
            yield "list"
        case "function_expression":
            yield from _function_results(node["value"], children)
        case _:
            yield "any"


def _function_results(name: str, arguments: list[Node]) -> Iterator[Known | Kind]:
    if name == "lookup" and arguments[1]["type"] == "literal" and isinstance(arguments[1]["value"], dict):
        yield from (Known(value) for value in arguments[1]["value"].values())
        for default in arguments[2:]:
            yield from results(default)
    elif name == "coalesce":
        for argument in arguments:
            yield from results(argument)
    elif name == "when":
        for argument in arguments[1:]:
            yield from results(argument)
    else:
        yield RETURNS.get(name, "any")


def reading(text: str, field: FieldSpec) -> Callable[[Any], Any] | None:
    """Return how an expression's results become a field's values; None if they always are such."""
    kind, read = READ.get(field.type, (None, None))
    settled = all(result == kind for result in results(jmespath.compile(text).parsed))
    return None if settled else read


def mistake(text: str, field: FieldSpec) -> str | None:
    """Say why a correct expression can't be right for a field; None if nothing speaks against it."""
    problems = (_problem(result, field) for result in results(jmespath.compile(text).parsed))
    return next((problem for problem in problems if problem), None)


def _problem(result: Known | Kind, field: FieldSpec) -> str | None:
    if field.type == "lines":
        return None
    if isinstance(result, Known):
        fault = _fault(result.value, field)
        return f"may give {result.value!r}, but {field.name} {fault}" if fault else None
    if result == "any" or result in _FITS[field.type]:
        return None
    return f"gives {_WORDS[result]}, which {field.name} (of type {field.type}) can't be"


def _fault(value: Any, field: FieldSpec) -> str | None:
    if value is None or value == "":
        return None
    try:
        read = READ[field.type][1](value) if field.type in READ else value
        if read is None:
            return f"must be a {field.type}"
        _model(field).validate({"id": "x", field.name: read})
    except (ValueFault, InvalidObject) as fault:
        return fault.problem if isinstance(fault, InvalidObject) else str(fault)
    return None


@lru_cache(maxsize=128)
def _model(field: FieldSpec) -> EntityModel:
    """Return a model that knows the id and this one field."""
    others = () if field.name == "id" else (FieldSpec("id", "id"),)
    return EntityModel(EntitySpec("object", "", (), False, False, (*others, field), ()))
