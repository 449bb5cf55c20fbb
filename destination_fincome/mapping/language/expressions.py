"""Expressions of the mapping language: JMESPath with our functions, compiled once.

What can be known from the text is found at start: syntax, unknown functions, wrong numbers of arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import jmespath
from jmespath import exceptions, functions, visitor

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import known_zone
from destination_fincome.mapping.language.columns import INTO_FIRST
from destination_fincome.mapping.language.compiler import Compiler, Evaluate
from destination_fincome.mapping.language.functions import known_interval
from destination_fincome.mapping.language.numbers import known_mark
from destination_fincome.mapping.language.parents import known_name
from destination_fincome.mapping.language.syntax import TooDeep, tree
from destination_fincome.mapping.language.texts import known_list, known_table
from destination_fincome.mapping.language.words import words
from destination_fincome.mapping.language.written_dates import known_format
from destination_fincome.mapping.language.written_periods import known_order
from destination_fincome.wording import counted, did_you_mean

# Arguments that are part of the mapping rather than data, by function and position: mistakes are found at the start.
LITERALS: Mapping[str, Mapping[int, Callable[[Any], object]]] = {
    "lookup": {1: known_table},
    "one_of": {1: known_list},
    "local_time": {1: known_zone},
    "local_date": {1: known_zone},
    "parse_time": {1: known_format, 2: known_zone},
    "first_day_in": {1: known_order},
    "last_day_in": {1: known_order},
    "monthly": {1: known_interval},
    "of_parent": {0: known_name, 1: known_name},
    "discounted_by": {0: known_name, 1: known_name},
    "number": {1: known_mark},
    "words": {0: words},
}


# How many arguments are given where the last one may be left out, and how many at least where there may be any number.
_OPTIONAL: Mapping[str, int] = {"local_date": 2, "discounted": 3, "lookup": 3, "number": 2, "parse_time": 3, "when": 3}
_LEAST: Mapping[str, int] = {"coalesce": 1, "concat": 2}


class ExpressionError(ValueError):
    """An expression that can't be compiled; the message says why."""


class Expressions:
    """Compiles expressions that share one set of functions, and each of them once.

    Args:
        own: our functions by name; they take precedence over JMESPath's of the same name.
    """

    def __init__(self, own: Mapping[str, Callable[..., Any]]) -> None:
        self._own = own
        self._compiler = Compiler({**_STANDARD, **own}, self._interpret)
        # A mapping has many of its texts more than once, and a preset's streams are compiled for each catalog.
        self._one = lru_cache(maxsize=4096)(self._compile)
        self._object = lru_cache(maxsize=1024)(self._compile_object)
        self._choice = lru_cache(maxsize=1024)(self._compile_choice)
        self._extension = lru_cache(maxsize=1024)(self._compile_extension)

    @cached_property
    def _interpreter(self) -> visitor.TreeInterpreter:
        return visitor.TreeInterpreter(jmespath.Options(custom_functions=_registry(self._own)))

    def compile(self, text: str) -> Evaluate:
        """Compile one expression into a function of the record.

        Raises:
            ExpressionError: bad syntax, an unknown function, a wrong number of arguments.
        """
        return self._one(text)

    def compile_object(
        self, members: Mapping[str, str | Evaluate], kept: Collection[str] | None = None, when: str | None = None
    ) -> Evaluate:
        """Compile several expressions into one function that returns an object, which is faster than one by one.

        Args:
            members: by name, an expression or a function of the record.
            kept: the members that the object has also if they are empty (see compiler.is_empty); None: all.
            when: a condition; unless it holds, the function returns None.

        Raises:
            ExpressionError: as for one.
        """
        return self._object(tuple(members.items()), None if kept is None else frozenset(kept), when)

    def compile_choice(self, conditions: Sequence[str]) -> Evaluate:
        """Compile conditions into one function that returns the position of the first that holds; None if none does.

        Raises:
            ExpressionError: as for one.
        """
        return self._choice(tuple(conditions))

    def compile_extension(self, members: Mapping[str, str]) -> Evaluate:
        """Compile expressions into one function that copies an object and adds what they are; later ones see it.

        Raises:
            ExpressionError: as for one.
        """
        return self._extension(tuple(members.items()))

    def _compile(self, text: str) -> Evaluate:
        return self._compiler.compile(self._parse(text))

    def _compile_object(
        self, members: tuple[tuple[str, str | Evaluate], ...], kept: frozenset[str] | None, when: str | None
    ) -> Evaluate:
        return self._compiler.compile_object(
            {name: self._parse(member) if isinstance(member, str) else member for name, member in members},
            kept,
            None if when is None else self._parse(when),
        )

    def _compile_choice(self, conditions: tuple[str, ...]) -> Evaluate:
        return self._compiler.compile_choice([self._parse(text) for text in conditions])

    def _compile_extension(self, members: tuple[tuple[str, str], ...]) -> Evaluate:
        return self._compiler.compile_extension({name: self._parse(text) for name, text in members})

    def _parse(self, text: str) -> Mapping[str, Any]:
        try:
            parsed = tree(text)
        except (exceptions.ParseError, exceptions.LexerError, exceptions.EmptyExpressionError) as error:
            raise ExpressionError(
                f"is not a JMESPath expression: {_first_line(error)} (a column's name with blanks, accents or signs "
                'stands in double quotes: "Raison sociale")'
            ) from None
        except TooDeep as error:
            raise ExpressionError(str(error)) from None
        self._check(parsed)
        return parsed

    def _check(self, node: Mapping[str, Any]) -> None:
        if node["type"] in INTO_FIRST and node["children"][0]["type"] == "not_expression":
            raise ExpressionError("says !a.b or !a[…], where ! belongs to a alone; write !(a.b)")
        if node["type"] == "function_expression":
            self._check_call(node["value"], len(node["children"]))
            self._check_literals(node["value"], node["children"])
        for child in node["children"]:
            if isinstance(child, dict) and "type" in child:
                self._check(child)

    def _check_call(self, name: str, given: int) -> None:
        if name in self._own:
            least, variadic = _takes(self._own[name])
            least, most = _LEAST.get(name, least), _OPTIONAL.get(name, None if variadic else least)
        elif spec := functions.Functions.FUNCTION_TABLE.get(name):
            least = len(spec["signature"])
            most = None if spec["signature"] and spec["signature"][-1].get("variadic") else least
        else:
            hint = did_you_mean(name, (*self._own, *functions.Functions.FUNCTION_TABLE), "{}()")
            raise ExpressionError(f"calls {name}(), which is no function of the mapping language{hint}")
        if given < least or (most is not None and given > most):
            others = "" if most == least else " or more" if most is None else f" or {most}"
            raise ExpressionError(f"calls {name}() with {counted(given, 'argument')} instead of {least}{others}")

    def _check_literals(self, name: str, arguments: list[Any]) -> None:
        for position, check in LITERALS.get(name, {}).items():
            if position < len(arguments) and (found := _written(arguments[position])):
                try:
                    check(found[0])
                except ValueFault as fault:
                    raise ExpressionError(f"calls {name}() with something that {fault}") from None

    def _interpret(self, node: Any) -> Evaluate:
        def interpret(record: Any) -> Any:
            try:
                return self._interpreter.visit(node, record)
            except (exceptions.JMESPathTypeError, TypeError) as error:
                raise _fault(error) from None

        return interpret


def _written(node: Mapping[str, Any]) -> tuple[Any] | None:
    """Return the value that a node's text says, if it says one: a literal, or a list of them."""
    if node["type"] == "literal":
        return (node["value"],)
    if node["type"] == "multi_select_list" and all(child["type"] == "literal" for child in node["children"]):
        return ([child["value"] for child in node["children"]],)
    return None


def _standard(registry: functions.Functions) -> dict[str, Callable[..., Any]]:
    """Return JMESPath's own functions, with its argument checks, ready to be called without its interpreter."""
    return {name: _called(registry, name) for name in functions.Functions.FUNCTION_TABLE}


def _called(registry: functions.Functions, name: str) -> Callable[..., Any]:
    call = registry.call_function

    def standard(*arguments: Any) -> Any:
        try:
            return call(name, arguments)
        except (exceptions.JMESPathTypeError, TypeError) as error:
            raise _fault(error) from None

    return standard


_STANDARD = _standard(functions.Functions())


def _fault(error: Exception) -> ValueFault:
    if isinstance(error, exceptions.JMESPathTypeError):
        # Not the error's own text, which quotes the value.
        return ValueFault(f"is of a kind that {error.function_name}() can't work with")
    # Python refuses to compare two values of different kinds, or to search a text for anything but text.
    return ValueFault("is compared with a value of another kind")


def _registry(own: Mapping[str, Callable[..., Any]]) -> functions.Functions:
    """Return JMESPath's function table with ours added."""
    registry = functions.Functions()
    table = dict(registry.FUNCTION_TABLE)
    for name, function in own.items():
        # No types in the signature: our functions check their arguments themselves, and take Decimals, which
        # JMESPath's own check doesn't know.
        table[name] = _entry(function)
    registry.FUNCTION_TABLE = table
    return registry


# Python takes its time to tell. A process has few functions, and whoever shows a mapping compiles it again and again.
@lru_cache(maxsize=256)
def _takes(function: Callable[..., Any]) -> tuple[int, bool]:
    """Return how many arguments a function takes at least, and whether it takes more."""
    parameters = inspect.signature(function).parameters.values()
    least = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    return least, any(p.kind is p.VAR_POSITIONAL for p in parameters)


@lru_cache(maxsize=256)
def _entry(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Return what JMESPath's function table says of a function that checks its arguments itself."""
    least, variadic = _takes(function)
    signature: list[dict[str, Any]] = [{"types": []} for _ in range(max(least, variadic))]
    if variadic:
        signature[-1]["variadic"] = True
    return {"function": lambda _self, *arguments: function(*arguments), "signature": tuple(signature)}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
