"""Objects made of lists of names and values, and objects joined."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.language.texts import merge, properties


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, None),
        ([], {}),
        ([{"name": "seats", "value": 12}, {"name": "segment", "value": None}], {"seats": 12, "segment": None}),
        ([{"name": 7, "value": "x"}], {"7": "x"}),
        ([{"name": "seats"}], {"seats": None}),
        ([{"name": "seats", "value": 1}, {"name": "seats", "value": 2}], {"seats": 2}),
        ([{"name": None, "value": 1}, {"name": "", "value": 2}, {"value": 3}, None, "x", 4], {}),
        ([{"name": "nested", "value": {"a": [1]}}], {"nested": {"a": [1]}}),
    ],
)
def test_properties_makes_an_object_of_names_and_values(values: Any, expected: Any) -> None:
    assert properties(values, "name", "value") == expected


@pytest.mark.parametrize("values", ["x", 1, {"name": "a", "value": "b"}, True])
def test_properties_of_anything_but_a_list_is_a_fault(values: Any) -> None:
    with pytest.raises(ValueFault, match="is not a list of names and values"):
        properties(values, "name", "value")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([None], {}),
        ([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ([{"a": 1, "b": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ([None, {"a": 1}, "text", 3, ["x"]], {"a": 1}),
    ],
)
def test_merge_joins_what_is_an_object(parts: list[Any], expected: dict[str, Any]) -> None:
    assert merge(*parts) == expected


def test_merge_leaves_its_parts_as_they_are() -> None:
    first = {"a": 1}
    assert merge(first, {"a": 2}) == {"a": 2}
    assert first == {"a": 1}


def test_both_work_together_in_an_expression() -> None:
    text = "merge(meta, properties(custom, 'key', 'content'))"
    evaluate = Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset())).compile(text)
    record = {"meta": {"a": 1}, "custom": [{"key": "b", "content": 2}]}
    assert evaluate(record) == {"a": 1, "b": 2}
    assert columns(text) == {"meta", "custom"}
