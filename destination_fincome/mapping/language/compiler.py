"""Compiles JMESPath's syntax tree to one Python function, many times faster than JMESPath's interpreter.

A tree becomes the source of a single Python expression, which Python compiles. Of the mapping's own text only names and
words of the tree get into it, each as a Python literal of itself (`repr`); everything else is bound to a name.
Node types without a rule here are left to the interpreter.
The meaning is JMESPath's own (its specification; a property test compares both).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

Evaluate = Callable[[Any], Any]
Node = Mapping[str, Any]


Member = Node | Evaluate
"""Where a member of an object comes from: an expression's tree, or a function."""


class Compiler:
    """Compiles trees.

    Args:
        functions: all functions by name, called directly unless an argument is an expression (&x).
        interpret: returns a function for a node that has no rule here.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]], interpret: Callable[[Node], Evaluate]) -> None:
        self._functions = functions
        self._interpret = interpret

    def compile(self, node: Node) -> Evaluate:
        """Compile a node and everything below it."""
        source = _Source(self._functions, self._interpret)
        try:
            return source.function(source.of(node, "value"))
        except (SyntaxError, RecursionError, MemoryError):  # nested deeper than Python's own parser goes
            return self._interpret(node)

    def compile_object(
        self, members: Mapping[str, Member], kept: Collection[str] | None = None, when: Node | None = None
    ) -> Evaluate:
        """Compile a function of an object that returns an object, from the expression or function of each member.

        Args:
            kept: the members that the result has also if they are empty (see `is_empty`); None: all.
            when: a condition; unless it holds, the function returns None.
        """
        source = _ObjectSource(self._functions, self._interpret)
        try:
            return source.of_object(members, members if kept is None else kept, when)
        except (SyntaxError, RecursionError, MemoryError):
            single = {name: self._member(member) for name, member in members.items()}
            holds = None if when is None else self.compile(when)

            def made(value: Any) -> Any:
                if holds is not None and not truthy(holds(value)):
                    return None
                found = {name: evaluate(value) for name, evaluate in single.items()}
                return found if kept is None else without_empty(found, kept)

            return made

    def compile_choice(self, conditions: Sequence[Node]) -> Evaluate:
        """Compile a function of an object that returns the position of the first condition that holds; else None."""
        source = _ObjectSource(self._functions, self._interpret)
        try:
            return source.choice(conditions)
        except (SyntaxError, RecursionError, MemoryError):
            single = [self.compile(condition) for condition in conditions]
            return lambda value: next((place for place, one in enumerate(single) if truthy(one(value))), None)

    def compile_extension(self, members: Mapping[str, Node]) -> Evaluate:
        """Compile a function that returns a copy of an object with more members; later ones see those before them."""
        source = _ObjectSource(self._functions, self._interpret)
        try:
            return source.extension(members)
        except (SyntaxError, RecursionError, MemoryError):
            single = {name: self.compile(member) for name, member in members.items()}

            def extended(value: Any) -> Any:
                found = dict(value)
                for name, evaluate in single.items():
                    found[name] = evaluate(found)
                return found

            return extended

    def _member(self, member: Member) -> Evaluate:
        return self.compile(member) if isinstance(member, Mapping) else member


class _Source:
    """Writes one tree.

    Each rule takes a node and `given`, the source of the value that the node is applied to, and returns the source of
    its result. `given` is evaluated once and before everything else; a rule that needs it more often gives it a name.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]], interpret: Callable[[Node], Evaluate]) -> None:
        self._functions = functions
        self._interpret = interpret
        self._variables = 0
        self.names: dict[str, Any] = {"_equal": _equal}

    def function(self, body: str) -> Evaluate:
        """Return the function of a source text that refers to its argument as `value`."""
        made: Evaluate = eval(_code(f"lambda value: {body}", "<expression>", "eval"), self.names)  # noqa: S307
        return made

    def member(self, member: Member, given: str) -> str:
        """Write a member of an object; `given` is a name."""
        return self.of(member, given) if isinstance(member, Mapping) else f"{self._bind(member)}({given})"

    def of(self, node: Node, given: str) -> str:
        """Write a node and everything below it."""
        rule = _RULES.get(node["type"])
        return self._interpreted(node, given) if rule is None else rule(self, node, given)

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _bind(self, value: Any) -> str:
        """Give a value a name that the source can use; return the name."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def _once(self, given: str) -> tuple[str, str]:
        """Return a name for a value, and the source that assigns it and must be evaluated first."""
        if given.isidentifier():
            return given, given
        name = self._variable()
        return name, f"{name} := {given}"

    def _with(self, given: str, write: Callable[[str], str]) -> str:
        """Write source that may use a value more than once."""
        name, first = self._once(given)
        return write(name) if name == first else f"(({first}), {write(name)})[1]"

    def _condition(self, node: Node, given: str) -> str:
        """Write whether a node's result counts as true (see `truthy`)."""
        kind = node["type"]
        if kind == "not_expression":
            return self._not(node, given)
        if kind == "comparator" and node["value"] in ("eq", "ne"):
            return self._comparator(node, given)
        if kind in ("and_expression", "or_expression"):
            first, second = node["children"]
            word = kind.partition("_")[0]
            return self._with(given, lambda v: f"({self._condition(first, v)} {word} {self._condition(second, v)})")
        return self._is_true(self._variable(), self.of(node, given))

    def _is_true(self, name: str, result: str) -> str:
        """Write whether a result, which is given the name, counts as true: as in Python, except that zero does."""
        return f"(({name} := {result}) or ({name} == 0 and {name} is not False))"

    def _interpreted(self, node: Node, given: str) -> str:
        return f"{self._bind(self._interpret(node))}({given})"

    def _literal(self, node: Node, given: str) -> str:
        value = node["value"]
        plain = value is None or isinstance(value, (bool, int, str))
        source = f"({value!r})" if plain else self._bind(value)
        return self._with(given, lambda _: source)

    def _field(self, node: Node, given: str) -> str:
        name, first = self._once(given)
        return f"({name}.get({node['value']!r}) if type({first}) is dict else None)"

    def _identity(self, node: Node, given: str) -> str:
        return given

    def _index(self, node: Node, given: str) -> str:
        name, first = self._once(given)
        at = int(node["value"])
        enough = f"len({name}) > {at}" if at >= 0 else f"len({name}) >= {-at}"
        return f"({name}[{at}] if type({first}) is list and {enough} else None)"

    def _chain(self, node: Node, given: str) -> str:
        for child in node["children"]:
            given = self.of(child, given)
        return given

    def _or(self, node: Node, given: str) -> str:
        first, second = node["children"]
        name = self._variable()
        return self._with(
            given, lambda v: f"({name} if {self._is_true(name, self.of(first, v))} else {self.of(second, v)})"
        )

    def _and(self, node: Node, given: str) -> str:
        first, second = node["children"]
        name = self._variable()
        return self._with(
            given, lambda v: f"({self.of(second, v)} if {self._is_true(name, self.of(first, v))} else {name})"
        )

    def _not(self, node: Node, given: str) -> str:
        return f"(not {self._condition(node['children'][0], given)})"

    def _comparator(self, node: Node, given: str) -> str:
        if node["value"] not in ("eq", "ne"):
            return self._interpreted(node, given)
        first, second = node["children"]
        equal = node["value"] == "eq"
        if second["type"] == "literal":
            value = second["value"]
            if value is None or isinstance(value, bool):
                return f"({self.of(first, given)} {'is' if equal else 'is not'} {value})"
            if isinstance(value, str):
                return f"({self.of(first, given)} {'==' if equal else '!='} {value!r})"
        no = "" if equal else "not "
        return self._with(given, lambda v: f"({no}_equal({self.of(first, v)}, {self.of(second, v)}))")

    def _projection(self, node: Node, given: str) -> str:
        base, each = node["children"]
        found, element, result = self._variable(), self._variable(), self._variable()
        return (
            f"([{result} for {element} in {found} if ({result} := {self.of(each, element)}) is not None]"
            f" if type({found} := {self.of(base, given)}) is list else None)"
        )

    def _filter(self, node: Node, given: str) -> str:
        base, each, condition = node["children"]
        found, element, result = self._variable(), self._variable(), self._variable()
        kept = f"{self._condition(condition, element)} and ({result} := {self.of(each, element)}) is not None"
        is_list = f"type({found} := {self.of(base, given)}) is list"
        return f"([{result} for {element} in {found} if {kept}] if {is_list} else None)"

    def _flatten(self, node: Node, given: str) -> str:
        found, element, inner = self._variable(), self._variable(), self._variable()
        inside = f"{element} if type({element}) is list else ({element},)"
        is_list = f"type({found} := {self.of(node['children'][0], given)}) is list"
        return f"([{inner} for {element} in {found} for {inner} in ({inside})] if {is_list} else None)"

    def _list(self, node: Node, given: str) -> str:
        return self._with(given, lambda v: f"(None if {v} is None else [{self._arguments(node['children'], v)}])")

    def _dict(self, node: Node, given: str) -> str:
        def write(value: str) -> str:
            pairs = (f"{pair['value']!r}: {self.of(pair['children'][0], value)}" for pair in node["children"])
            return f"(None if {value} is None else {{{', '.join(pairs)}}})"

        return self._with(given, write)

    def _function(self, node: Node, given: str) -> str:
        name, arguments = node["value"], node["children"]
        if name not in self._functions or any(argument["type"] == "expref" for argument in arguments):
            return self._map(node, given) if name == "map" else self._interpreted(node, given)
        if (inlined := _INLINED.get(name)) and not any(map(_must_be_heard, arguments[1:])):
            return self._with(given, lambda v: inlined(self, arguments, v))
        function = self._bind(self._functions[name])
        return self._with(given, lambda v: f"{function}({self._arguments(arguments, v)})")

    def _when(self, arguments: list[Node], given: str) -> str:
        condition, *branches = arguments
        then, otherwise, *_ = [*(self.of(branch, given) for branch in branches), "None"]
        return f"({then} if {self._condition(condition, given)} else {otherwise})"

    def _coalesce(self, arguments: list[Node], given: str) -> str:
        written = "None"
        for argument in reversed(arguments):
            name = self._variable()
            written = f"({name} if ({name} := {self.of(argument, given)}) is not None and {name} != '' else {written})"
        return written

    def _ref(self, arguments: list[Node], given: str) -> str:
        name, first = self._once(self.of(arguments[0], given))
        return f"({name}.get('id') if type({first}) is dict else {name})"

    def _map(self, node: Node, given: str) -> str:
        """Write map(&x, y); if y isn't a list, the interpreter reports the fault."""
        each, base = node["children"]
        if each["type"] != "expref":
            return self._interpreted(node, given)
        found, element = self._variable(), self._variable()

        def write(value: str) -> str:
            results = f"[{self.of(each['children'][0], element)} for {element} in {found}]"
            is_list = f"type({found} := {self.of(base, value)}) is list"
            return f"({results} if {is_list} else {self._interpreted(node, value)})"

        return self._with(given, write)

    def _arguments(self, nodes: list[Node], given: str) -> str:
        return ", ".join(self.of(node, given) for node in nodes)


_RULES: Mapping[str, Callable[[_Source, Node, str], str]] = {
    "literal": _Source._literal,
    "field": lambda source, node, given: source._field(node, given),
    "identity": _Source._identity,
    "current": _Source._identity,
    "index": _Source._index,
    "subexpression": _Source._chain,
    "index_expression": _Source._chain,
    "pipe": _Source._chain,
    "or_expression": _Source._or,
    "and_expression": _Source._and,
    "not_expression": _Source._not,
    "comparator": _Source._comparator,
    "projection": _Source._projection,
    "filter_projection": _Source._filter,
    "flatten": _Source._flatten,
    "multi_select_list": _Source._list,
    "multi_select_dict": _Source._dict,
    "function_expression": _Source._function,
}
_INLINED: Mapping[str, Callable[[_Source, list[Node], str], str]] = {
    "when": _Source._when,
    "coalesce": _Source._coalesce,
    "ref": _Source._ref,
}


class _ObjectSource(_Source):
    """Writes several trees that are applied to one object: what they read of it, at any depth, is read once."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], interpret: Callable[[Node], Evaluate]) -> None:
        super().__init__(functions, interpret)
        self._lines: list[str] = []
        self._read: dict[tuple[str, str], str] = {}

    def of_object(self, members: Mapping[str, Member], kept: Collection[str], when: Node | None) -> Evaluate:
        """Return the function that makes an object of named members; if they are empty, only of those that are kept."""
        if when is not None:
            holds = self._condition(when, "value")
            self._lines.append(f"if not {holds}: return None")
        if all(name in kept for name in members):
            pairs = [f"{name!r}: {self.member(member, 'value')}" for name, member in members.items()]
            return self._defined(["get = value.get", *self._lines, f"return {{{', '.join(pairs)}}}"])
        for name, member in members.items():
            result = self.member(member, "value")
            if name in kept:
                self._lines.append(f"made[{name!r}] = {result}")
            elif result.isidentifier():
                self._lines.append(f"if {_is_filled(result)}: made[{name!r}] = {result}")
            else:
                self._lines += [f"result = {result}", f"if {_is_filled('result')}: made[{name!r}] = result"]
        return self._defined(["get = value.get", "made = {}", *self._lines, "return made"])

    def choice(self, conditions: Sequence[Node]) -> Evaluate:
        """Return the function that tells which condition is the first to hold."""
        for place, condition in enumerate(conditions):
            # In two steps: what the condition reads stands in lines of its own.
            holds = self._condition(condition, "value")
            self._lines.append(f"if {holds}: return {place}")
        return self._defined(["get = value.get", *self._lines, "return None"])

    def extension(self, members: Mapping[str, Node]) -> Evaluate:
        """Return the function that copies an object and adds members."""
        for name, node in members.items():
            result = self.of(node, "value")
            variable = self._read["value", name] = self._name()
            self._lines.append(f"value[{name!r}] = {variable} = {result}")
        return self._defined(["value = dict(value)", "get = value.get", *self._lines, "return value"])

    def _defined(self, lines: list[str]) -> Evaluate:
        text = "\n ".join(["def made(value):", *lines])
        exec(_code(text, "<expressions>", "exec"), self.names)  # noqa: S102
        made: Evaluate = self.names["made"]
        return made

    def _name(self) -> str:
        return f"m{len(self._lines)}"

    def _field(self, node: Node, given: str) -> str:
        name = node["value"]
        if given != "value" and given not in self._read.values():
            return super()._field(node, given)
        if (given, name) not in self._read:
            get = f"get({name!r})" if given == "value" else f"{given}.get({name!r}) if type({given}) is dict else None"
            variable = self._read[given, name] = self._name()
            self._lines.append(f"{variable} = {get}")
        return self._read[given, name]


# Most streams have expressions that others have too. What a text's names mean is no part of its code.
@lru_cache(maxsize=4096)
def _code(text: str, place: str, mode: str) -> CodeType:
    return compile(text, place, mode)


def truthy(value: Any) -> bool:
    """Return whether a value counts as true by JMESPath's rule: null, false and empty things don't, zero does."""
    return bool(value) or (value == 0 and value is not False)


def is_empty(value: Any) -> bool:
    """Return whether a member has nothing to say: null, and text without a character that can be seen."""
    return value is None or (value.__class__ is str and (not value or value.isspace()))


def _is_filled(name: str) -> str:
    """Write `not is_empty`, without a call."""
    return f"{name} is not None and ({name}.__class__ is not str or ({name} and not {name}.isspace()))"


def without_empty(members: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    """Return an object without those of its members that are empty and not to be kept."""
    return {name: value for name, value in members.items() if name in kept or not is_empty(value)}


# A word that nobody knows may mean anything, void for instance: it counts also where another value was chosen.
_KNOWS_WORDS = frozenset(["lookup", "monthly", "words"])


def _must_be_heard(node: Node) -> bool:
    """Tell whether a node may find a word that nobody knows."""
    if node["type"] == "function_expression" and node["value"] in _KNOWS_WORDS:
        return True
    return any(_must_be_heard(child) for child in node["children"] if isinstance(child, Mapping))


def _equal(first: Any, second: Any) -> bool:
    """Compare as JMESPath does: true isn't 1, and false isn't 0."""
    return bool(first == second) and isinstance(first, bool) == isinstance(second, bool)
