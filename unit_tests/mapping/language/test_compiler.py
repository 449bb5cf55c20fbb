"""What is compiled needs no interpreter, and what is nested further than Python's parser goes means the same."""

from collections.abc import Callable
from typing import Any

import pytest
from jmespath.parser import Parser

from destination_fincome.mapping.language.compiler import Compiler, Node

# More levels than Python's parser takes of parentheses in one another.
MANY = 250


def tree(text: str) -> Node:
    node: Node = Parser().parse(text).parsed
    return node


def nested(node: Node, levels: int = MANY) -> Node:
    """Deny a node, and deny that; an even number of levels says the same as none."""
    for _ in range(levels):
        node = {"type": "not_expression", "children": [node]}
    return node


def never(_node: Node) -> Callable[[Any], Any]:
    raise AssertionError("the interpreter is asked")


def test_each_kind_of_node_that_presets_use_is_compiled():
    compiler = Compiler({"upper": str.upper}, never)
    value = {"a": {"b": "x"}, "items": [{"n": 1}, {"n": 2}], "c": "y"}
    written = {
        "a.b": "x",
        "@.c": "y",
        "a | b": "x",
        "items[].n": [1, 2],
        "items[*].n": [1, 2],
        "items[?n == `2`].n": [2],
        "items[0].n": 1,
        "a.b != c": True,
        "a.b == c": False,
        "!(a.b == c)": True,
        "missing || c": "y",
        "a && c": "y",
        "[a.b, c]": ["x", "y"],
        "{one: c}": {"one": "y"},
        "upper(c)": "Y",
        "when(c != 'z', a.b, c)": "x",
    }
    functions = Compiler({"upper": str.upper, "when": lambda *_: None}, never)
    assert {text: functions.compile(tree(text))(value) for text in written} == written
    with pytest.raises(AssertionError, match="the interpreter is asked"):
        compiler.compile(tree("a < b"))


def test_objects_choices_and_extensions_are_one_compiled_function_each():
    compiler = Compiler({}, never)
    value = {"a": "x", "empty": " ", "b": "y"}
    members = {"one": tree("a"), "two": tree("empty"), "three": str}
    some = compiler.compile_object(members, ["three"], tree("b != 'z'"))
    all_of_them = compiler.compile_object({"one": tree("a"), "two": tree("empty")})
    choice = compiler.compile_choice([tree("a == 'z'"), tree("b == 'y'")])
    more = compiler.compile_extension({"c": tree("a"), "d": tree("c")})
    assert some(value) == {"one": "x", "three": str(value)}
    assert all_of_them(value) == {"one": "x", "two": " "}
    assert (choice(value), choice({})) == (1, None)
    assert more(value) == {**value, "c": "x", "d": "x"}
    assert "c" not in value
    assert {made.__name__ for made in (some, all_of_them, choice, more)} == {"made"}
    assert {made.__code__.co_filename for made in (some, all_of_them, choice, more)} == {"<expressions>"}


def test_what_python_cannot_parse_is_interpreted_node_by_node_with_the_same_result():
    far = nested(tree("a"))

    def interpret(node: Node) -> Callable[[Any], Any]:
        assert node == far, "only what can't be compiled is interpreted"
        return lambda value: value.get("a")

    compiler = Compiler({}, interpret)
    members = {"far": far, "empty": tree("empty"), "kept": tree("empty"), "own": lambda value: value["b"]}
    value = {"a": "x", "empty": " ", "b": "y"}
    assert compiler.compile(far)(value) == "x"
    every = compiler.compile_object(members)
    assert every(value) == {"far": "x", "empty": " ", "kept": " ", "own": "y"}
    some = compiler.compile_object(members, ["kept"], tree("b"))
    assert some(value) == {"far": "x", "kept": " ", "own": "y"}
    assert some({"a": "x"}) is None
    assert compiler.compile_choice([tree("missing"), far])(value) == 1
    assert compiler.compile_choice([tree("missing"), far])({}) is None
    assert compiler.compile_extension({"c": far, "d": tree("c")})(value) == {**value, "c": "x", "d": "x"}
