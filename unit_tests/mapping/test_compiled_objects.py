"""Several expressions compiled into one function give what they give one by one."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.expressions import ExpressionError, Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound

EXPRESSIONS = Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset()))
RECORD: dict[str, Any] = {"id": "x", "it's": 0, "price": {"amount": 1250, "tiers": [{"up": 1}, {}]}, "list": [[1], 2]}
TEXTS = [
    "id",
    '"it\'s"',
    "price.amount",
    "money(price.amount, 'EUR')",
    "price.tiers[].up | [0]",
    "price.tiers[?up].up",
    "list[]",
    "list[-1]",
    "map(&up, price.tiers)",
    "keys(price)",
    "[id, absent || 'none', !absent, \"it's\" && 'zero is true']",
    '`{"a": [1]}`',
]


def test_members_are_as_they_are_one_by_one() -> None:
    together = EXPRESSIONS.compile_object({text: text for text in TEXTS})(RECORD)
    assert together == {text: EXPRESSIONS.compile(text)(RECORD) for text in TEXTS}
    assert list(together) == TEXTS
    assert together["[id, absent || 'none', !absent, \"it's\" && 'zero is true']"] == [
        "x",
        "none",
        True,
        "zero is true",
    ]


def test_a_member_may_be_a_function() -> None:
    compiled = EXPRESSIONS.compile_object({"a": "price.amount", "b": lambda record: record["id"] * 2})
    assert compiled(RECORD) == {"a": 1250, "b": "xx"}


def test_what_is_nested_too_deep_for_one_function_works_all_the_same() -> None:
    deep = "!" * 298 + "id"
    compiled = EXPRESSIONS.compile_object({"deep": deep, "id": "id", "more": lambda _: 1})
    assert compiled(RECORD) == {"deep": True, "id": "x", "more": 1}


@pytest.mark.parametrize("name", ["a'b", "a\\", 'a"b', "__import__('os')", "\n", "{0}"])
def test_a_name_in_an_expression_is_never_code(name: str) -> None:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    assert EXPRESSIONS.compile_object({name: quoted})({name: 7}) == {name: 7}


def test_mistakes_and_faults_are_those_of_a_single_expression() -> None:
    with pytest.raises(ExpressionError, match="no function"):
        EXPRESSIONS.compile_object({"a": "unknown(x)"})
    with pytest.raises(ValueFault, match="is not a number"):
        EXPRESSIONS.compile_object({"a": "decimal(id)"})(RECORD)


def test_empty_members_are_left_out_unless_they_are_kept() -> None:
    members = {"id": "id", "name": "name", "note": "note", "gone": "missing", "price": "price"}
    record = {"id": 7, "name": "  ", "note": "", "price": 0}
    assert EXPRESSIONS.compile_object(members, kept={"note", "gone"})(record) == {
        "id": 7,
        "note": "",
        "gone": None,
        "price": 0,
    }


def test_an_object_whose_condition_does_not_hold_is_none() -> None:
    made = EXPRESSIONS.compile_object({"id": "id"}, when="kind == 'a'")
    assert made({"id": 1, "kind": "a"}) == {"id": 1}
    assert made({"id": 1, "kind": "b"}) is None


@pytest.mark.parametrize(
    ("record", "expected"), [({"a": 0}, 0), ({"b": "x"}, 1), ({"a": "", "b": []}, None), ({"a": 1, "b": 1}, 0)]
)
def test_the_first_condition_that_holds_is_chosen(record: dict[str, Any], expected: int | None) -> None:
    assert EXPRESSIONS.compile_choice(["a", "b"])(record) == expected
