"""What an expression's text says about its results: literal values, and the kinds of value that functions return.

So a mistake such as a date for an amount, or a status that Fincome doesn't have, is found when the sync starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from destination_fincome.fincome import value_types
from destination_fincome.fincome.contract import FieldSpec
from destination_fincome.fincome.models import reader_of
from destination_fincome.fincome.value_types import COUNTRY, CURRENCY, DECIMAL, INSTANT, LINES, TEXT, ValueFault
from destination_fincome.mapping.language.syntax import tree

Kind = value_types.Kind | Literal["boolean", "any"]
Node = Mapping[str, Any]

# What each of our functions returns besides null; "any" if that depends on the arguments.
RETURNS: Mapping[str, Kind] = {
    **dict.fromkeys(
        ["decimal", "number", "net_of", "money", "round_money", "sum", "add", "subtract", "multiply", "divide"],
        "number",
    ),
    **dict.fromkeys(["whole", "percent", "discounted", "at_least", "abs", "monthly", "months_between"], "number"),
    **dict.fromkeys(["timestamp", "date", "epoch_ms", "local_time", "local_date", "parse_time"], "instant"),
    **dict.fromkeys(["first_day_in", "last_day_in"], "instant"),
    **dict.fromkeys(["add_seconds", "add_days", "add_months", "last_day"], "instant"),
    **dict.fromkeys(["text", "concat", "lower", "upper", "replace"], "text"),
    **dict.fromkeys(["before", "is_past", "one_of", "starts_with_any", "stream_selected"], "boolean"),
    **dict.fromkeys(["after_discounts", "allocate", "local_days", "split", "with_next"], "list"),
    **dict.fromkeys(["coalesce", "when", "lookup", "words", "ref", "element", "of_parent", "discounted_by"], "any"),
    "kept_id": "any",
    "country": "country",
    "currency": "currency",
}

_WORDS: Mapping[Kind, str] = {
    "number": DECIMAL.words,
    "instant": INSTANT.words,
    "country": COUNTRY.words,
    "currency": CURRENCY.words,
    "text": TEXT.words,
    "boolean": "true or false",
    "list": LINES.words,
}


@dataclass(frozen=True)
class Known:
    """A value that an expression may return, known from its text."""

    value: Any


def results(node: Node) -> Iterator[Known | Kind]:
    """Yield what an expression may return, as far as its text says."""
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


def mistake(text: str, field: FieldSpec) -> str | None:
    """Return why a valid expression can't be right for a field; None if it may be."""
    problems = (_problem(result, field) for result in results(tree(text)))
    return next((problem for problem in problems if problem), None)


def _problem(result: Known | Kind, field: FieldSpec) -> str | None:
    if field.type is LINES:
        return None
    if isinstance(result, Known):
        fault = _fault(result.value, field)
        return f"may give {result.value!r}, but {field.name} {fault}" if fault else None
    if result == "any" or result in field.type.takes:
        return None
    return f"gives {_WORDS[result]}, which {field.name} (of type {field.type.name}) can't be"


def _fault(value: Any, field: FieldSpec) -> str | None:
    if value is None or value == "":
        return None
    try:
        found = reader_of(field)(value)
    except ValueFault as fault:
        return str(fault)
    return f"must be {field.type.words}" if found is None else None
