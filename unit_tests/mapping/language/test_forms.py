"""Tables of words and choices: what they are written out as, and what is said of a wrong one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.forms import as_expression
from destination_fincome.mapping.language.functions import ISO_EXPONENTS, bound

EXPRESSIONS = Expressions(bound(ISO_EXPONENTS, frozenset()))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def value_of(form: Any, record: dict[str, Any]) -> Any:
    return EXPRESSIONS.compile(as_expression(form))(record)


def test_given_a_table_when_a_word_is_in_it_then_the_word_becomes_what_stands_there() -> None:
    form = {"lookup": "state", "in": {"sent": "open", "paid": True, "3": None, "4": 12}}
    assert [value_of(form, {"state": word}) for word in ("sent", "paid", "3", 4)] == ["open", True, None, 12]


def test_given_a_table_without_a_default_when_a_word_is_not_in_it_then_it_is_a_fault_and_a_null_stays_null() -> None:
    form = {"lookup": "state", "in": {"sent": "open"}}
    assert value_of(form, {}) is None
    with pytest.raises(ValueFault) as fault:
        value_of(form, {"state": "lost"})
    assert fault.value.code == "unknown_value"


@pytest.mark.parametrize("default", [None, "other", 0, False])
def test_given_a_default_when_a_word_is_not_in_the_table_then_it_is_the_default_and_no_expression(default: Any) -> None:
    form = {"lookup": "state", "in": {"sent": "open"}, "default": default}
    assert [value_of(form, {"state": word, "other": "a column"}) for word in ("lost", None)] == [default, default]


@given(st.dictionaries(st.text(min_size=1), SCALARS, min_size=1, max_size=4))
def test_given_any_words_when_they_are_looked_up_then_each_becomes_its_own(table: dict[str, Any]) -> None:
    form = {"lookup": "word", "in": table}
    for word, value in table.items():
        assert value_of(form, {"word": word}) == value


@pytest.mark.parametrize(("paid", "becomes"), [(True, "paid"), (False, "open")])
def test_given_a_table_of_true_and_false_when_a_column_is_boolean_then_its_words_are_those_of_json(
    paid: bool, becomes: str
) -> None:
    assert value_of({"lookup": "paid", "in": {"true": "paid", "false": "open"}}, {"paid": paid}) == becomes


def test_given_a_choice_when_the_condition_is_true_or_not_then_the_one_or_the_other_part_counts() -> None:
    form = {"when": "late", "then": "'unpaid'", "else": {"lookup": "state", "in": {"sent": "open"}}}
    assert value_of(form, {"late": True, "state": "sent"}) == "unpaid"
    assert value_of(form, {"late": False, "state": "sent"}) == "open"
    assert value_of({"when": "late", "then": "state"}, {"late": False, "state": "sent"}) is None


def test_given_a_choice_when_the_other_part_has_a_fault_then_it_counts_as_in_the_function() -> None:
    form = {"when": "late", "then": "'unpaid'", "else": {"lookup": "state", "in": {"sent": "open"}}}
    with pytest.raises(ValueFault):
        value_of(form, {"late": True, "state": "lost"})


def test_given_a_choice_in_a_table_when_it_is_written_out_then_both_are() -> None:
    form = {"lookup": {"when": "old", "then": "state", "else": "status"}, "in": {"sent": "open"}}
    assert as_expression(form) == 'lookup(when(old, state, status), `{"sent": "open"}`)'


@pytest.mark.parametrize("value", ["a.b", "", None, 7, ["a"]])
def test_given_what_is_no_mapping_when_it_is_read_then_it_stays_what_it_is(value: Any) -> None:
    assert as_expression(value) is value


MISTAKES: list[tuple[Any, str]] = [
    ({}, "lacks the key lookup: a table of words has"),
    ({"lokup": "a", "in": {"b": "c"}}, "has the key lokup: a table of words has the keys lookup, in and perhaps"),
    ({"lookup": "a"}, "lacks the key in: "),
    ({"lookup": "a", "inn": {"b": "c"}}, "has the key inn: "),
    ({"lookup": "a", "in": {"b": "c"}, "else": "d"}, "has the key else: "),
    ({"lookup": "a", "in": {}}, "in is no table: "),
    ({"lookup": "a", "in": ["b"]}, "in is no table: "),
    ({"lookup": "a", "in": {"b": ["c"]}}, "in: b becomes something else than a word, a number"),
    ({"lookup": "a", "in": {"b": float("nan")}}, "in: b becomes something else than a word, a number"),
    ({"lookup": "a", "in": {1: "c"}}, "in has a key that is no word"),
    ({"lookup": "a", "in": {"b": "c"}, "default": {}}, "default becomes something else than a word"),
    ({"lookup": "a b", "in": {"b": "c"}}, "lookup is not a JMESPath expression: "),
    ({"lookup": "a, b", "in": {"b": "c"}}, "lookup is not a JMESPath expression: "),
    ({"lookup": "", "in": {"b": "c"}}, "lookup is not a JMESPath expression: "),
    ({"lookup": True, "in": {"b": "c"}}, "lookup is no expression: write text, with `…` around a number"),
    ({"when": "a"}, "lacks the key then: "),
    ({"when": "a", "then": 1}, "then is no expression: "),
    ({"when": "a", "then": "b", "otherwise": "c"}, "has the key otherwise: "),
    ({"when": "a", "then": "b", "else": {"lookup": "c"}}, "lacks the key in: "),
]  # fmt: skip


@pytest.mark.parametrize(("form", "said"), MISTAKES, ids=[str(form) for form, _ in MISTAKES])
def test_given_a_wrong_form_when_it_is_read_then_the_key_at_fault_is_named(form: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        as_expression(form)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)
