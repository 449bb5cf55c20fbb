"""Expressions: mistakes are found at start, compiled ones agree with JMESPath's interpreter, errors quote nothing."""

import re
from typing import Any

import jmespath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jmespath import exceptions, visitor

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.minor_units import ISO_EXPONENTS
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.expressions import ExpressionError, Expressions, _registry
from destination_fincome.mapping.language.functions import ValueFault, bound, truthy
from destination_fincome.mapping.preset import StreamRule, load_presets
from destination_fincome.mapping.stream_compiler import Options, PresetError, StreamCompiler

OWN = bound(ISO_EXPONENTS, frozenset({"invoices"}))
EXPRESSIONS = Expressions(OWN)
REFERENCE = jmespath.Options(custom_functions=_registry(OWN))
FAULT = object()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not a JMESPath expression"),
        ("a..b", "is not a JMESPath expression"),
        ("items[", "is not a JMESPath expression"),
        ("a b", "is not a JMESPath expression"),
        ("status == 'open", "is not a JMESPath expression"),
        ("cents(a)", r"calls cents\(\), which is no function"),
        ("a.b[?cents(c)]", r"calls cents\(\), which is no function"),
        ("map(&cents(@), items)", r"calls cents\(\), which is no function"),
        ("money(amount)", r"calls money\(\) with 1 argument instead of 2"),
        ("money(a, b, c)", r"calls money\(\) with 3 arguments instead of 2"),
        ("lookup(a)", r"calls lookup\(\) with 1 argument instead of 2 or 3"),
        ("lookup(a, {x: b}, c, d)", r"calls lookup\(\) with 4 arguments instead of 2 or 3"),
        ("when(a)", r"calls when\(\) with 1 argument instead of 2 or 3"),
        ("when(a, b, c, d)", r"calls when\(\) with 4 arguments instead of 2 or 3"),
        ("number(a, ',', ' ')", r"calls number\(\) with 3 arguments instead of 1 or 2"),
        ("parse_time(a, '%Y', 'UTC', b)", r"calls parse_time\(\) with 4 arguments instead of 2 or 3"),
        ("local_date(a, b, c)", r"calls local_date\(\) with 3 arguments instead of 1 or 2"),
        ("concat(a)", r"calls concat\(\) with 1 argument instead of 2 or more"),
        ("coalesce()", r"calls coalesce\(\) with 0 arguments instead of 1 or more"),
        ("lowr(a)", r"calls lowr\(\), which is no function of the mapping language; did you mean lower\(\)\?"),
        ("Parse_Time(a, '%Y')", r"; did you mean parse_time\(\)\?"),
        (" || ".join(["a"] * 5000), "has more than 300 levels"),
        ("lower(" * 2000 + "a" + ")" * 2000, "has more than 300 levels"),
        ("timestamp()", r"calls timestamp\(\) with 0 arguments instead of 1"),
        ("join(a)", r"calls join\(\) with 1 argument instead of 2"),
        ("not_null()", r"calls not_null\(\) with 0 arguments instead of 1 or more"),
        ("coalesce(a, {x: length(a, b)})", r"calls length\(\) with 2 arguments instead of 1"),
    ],
)
def test_a_mistake_is_found_at_start_and_named(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError, match=problem) as error:
        EXPRESSIONS.compile(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        " || ".join(["a"] * 300),
        "coalesce(a)",
        "coalesce(a, b, c)",
        "subtract(a)",
        "lookup(a, b, c)",
        "when(a, b, c)",
        "not_null(a, b)",
        "sum(a)",
    ],
)
def test_optional_arguments_may_be_given_or_left_out(text: str) -> None:
    assert callable(EXPRESSIONS.compile(text))


@pytest.mark.parametrize(
    ("emission", "place"),
    [
        (
            {"entity": "customers", "fields": {"id": "id", "name": "a.."}},
            r"^streams\.s\.emits\[0\]\.fields\.name: is",
        ),
        ({"entity": "customers", "fields": {"name": "name"}}, r"streams\.s\.emits\[0\]\.fields: has no id"),
        ({"entity": "customers", "fields": {"id": "id", "nme": "x"}}, r"fields\.nme: customers has no such field"),
        ({"entity": "clients", "fields": {"id": "id"}}, r"emits\[0\]\.entity: clients is no entity"),
        ({"entity": "customers", "fields": {"id": "id"}, "let": {"_x": "f(y)"}}, r"emits\[0\]\.let\._x: calls f\(\)"),
        ({"entity": "customers", "fields": {"id": "id"}, "when": "="}, r"emits\[0\]\.when: is not"),
        (
            {"entity": "credit_notes", "fields": {"id": "id", "lines": {"for_each": "l", "fields": {"no": "x"}}}},
            r"fields\.lines\.fields\.no: no such field",
        ),
        (
            {"entity": "customers", "fields": {"id": "id"}, "skip": [{"when": "]", "reason": "void", "text": "t"}]},
            r"emits\[0\]\.skip\[0\]\.when: is not",
        ),
        (
            {"entity": "customers", "fields": {"id": "id"}, "stubs": [{"entity": "plans", "fields": {"x": "y"}}]},
            r"emits\[0\]\.stubs\[0\]\.fields: has no id",
        ),
    ],
)
def test_a_mistake_in_a_preset_names_its_place(emission: dict[str, Any], place: str) -> None:
    rule = StreamRule.model_validate({"emits": [emission]})
    with pytest.raises(PresetError, match=place):
        StreamCompiler(load_contract(), EXPRESSIONS).compile("s", rule, Options(tie_first=False, keep_unmapped=False))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _preset_expressions() -> list[str]:
    found: set[str] = set()
    for rule in load_presets()["stripe"].streams.values():
        for emission in rule.model_dump()["emits"]:
            parts = [emission[key] for key in ("when", "for_each", "let", "version", "fields", "custom_properties")]
            parts += [skip["when"] for skip in emission["skip"]]
            parts += [stub[key] for stub in emission["stubs"] for key in ("when", "for_each", "fields")]
            found.update(_texts(parts))
    return sorted(found)


NAMES = st.sampled_from(["a", "b", "c"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "open", "7", "eur"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


# JMESPath's own functions: called without its interpreter, with its checks.
STANDARD_OF_ONE = st.sampled_from(["length", "type", "to_string", "to_number", "max", "min", "sort", "keys", "reverse"])
STANDARD_OF_TWO = st.sampled_from(["contains", "join", "not_null", "starts_with"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of expressions; parentheses are JMESPath's own."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).{p[1]}"),
        st.tuples(inner, st.integers(-2, 2)).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]})[].{p[1]}"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]})[*].{p[1]}"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).*.{p[1]}"),
        inner.map(lambda p: f"({p})[]"),
        inner.map(lambda p: f"({p})[::-1]"),
        st.tuples(inner, inner, NAMES).map(lambda p: f"({p[0]})[?{p[1]}].{p[2]}"),
        pair.map(lambda p: f"({p[0]}) | ({p[1]})"),
        pair.map(lambda p: f"({p[0]}) || ({p[1]})"),
        pair.map(lambda p: f"({p[0]}) && ({p[1]})"),
        inner.map(lambda p: f"!({p})"),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">="]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        pair.map(lambda p: f"[{p[0]}, {p[1]}]"),
        pair.map(lambda p: f"{{a: {p[0]}, b: {p[1]}}}"),
        pair.map(lambda p: f"coalesce({p[0]}, {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"when({p[0]}, {p[1]}, {p[2]})"),
        inner.map(lambda p: f"ref({p})"),
        st.tuples(STANDARD_OF_ONE, inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(STANDARD_OF_TWO, inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        pair.map(lambda p: f"map(&({p[0]}), {p[1]})"),
        pair.map(lambda p: f"subtract({p[0]}, {p[1]})"),
        pair.map(lambda p: f"money({p[0]}, {p[1]})"),
    )


LEAVES = NAMES | st.sampled_from(["@", "`1`", "`true`", "`null`", "'x'", "'eur'", '`["a", 2]`'])
GRAMMAR = st.recursive(LEAVES, _compound, max_leaves=8)


def _by_compiler(text: str, document: Any) -> Any:
    try:
        compiled = EXPRESSIONS.compile(text)
    except ExpressionError as error:
        # What is right by the grammar, and never what its writer means.
        assume("where ! belongs to a alone" not in str(error))
        raise
    try:
        return compiled(document)
    except ValueFault:
        return FAULT


class Choosing(visitor.TreeInterpreter):
    """JMESPath's own interpreter; of a choice it computes what is chosen, and all where a word may be unknown."""

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        name, (first, *others) = node["value"], node["children"] or [None]
        if name not in ("when", "coalesce") or any(
            call in str(others) for call in ("'lookup'", "'words'", "'monthly'")
        ):
            return super().visit_function_expression(node, value)
        if name == "when":
            branches = [*others, {"type": "literal", "value": None, "children": []}]
            return self.visit(branches[0 if truthy(self.visit(first, value)) else 1], value)
        found = (self.visit(one, value) for one in (first, *others))
        return next((one for one in found if one is not None and one != ""), None)


def _by_jmespath(text: str, document: Any) -> Any:
    try:
        return Choosing(REFERENCE).visit(jmespath.compile(text).parsed, document)
    except (ValueFault, exceptions.JMESPathTypeError, TypeError):
        return FAULT


def _same(first: Any, second: Any) -> bool:
    """Equal and of one type all the way down: true is not 1."""
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return bool(first == second)


@settings(max_examples=400, deadline=None)
@given(GRAMMAR, JSON)
def test_compiled_expressions_answer_as_jmespath_does(text: str, document: Any) -> None:
    assert _same(_by_compiler(text, document), _by_jmespath(text, document)), text


RECORD_KEYS = sorted(
    {"id", "object", "status", "price", "plan", "type", "product", "recurring", "interval", "amount", "currency"}
    | {"lines", "data", "discount_amounts", "tax_amounts", "inclusive", "items", "quantity", "period", "start", "end"}
    | {"unit_amount", "subscription", "parent", "customer", "metadata", "discount", "coupon", "percent_off"}
)
RECORDS = st.dictionaries(
    st.sampled_from(RECORD_KEYS),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(0, 5)
        | st.sampled_from(["", "eur", "month", "recurring", "paid", "12"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(RECORD_KEYS), inner, max_size=4),
        max_leaves=25,
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_every_expression_of_the_stripe_preset_answers_as_jmespath_does(record: dict[str, Any]) -> None:
    for text in PRESET_EXPRESSIONS:
        assert _same(_by_compiler(text, record), _by_jmespath(text, record)), text


PRESET_EXPRESSIONS = _preset_expressions()


@pytest.mark.parametrize(
    "text",
    [
        "join('-', [a, 'x'])",
        "max([a, 'x'])",
        "contains(a, 'x')",
        "contains(a, `1`)",
        "not_null(b, a)",
        "{x: a, y: type(b), x: b}",
        "a.{x: @}",
        "to_string({x: a})",
        "sort_by(a, &@)",
        "max_by(a, &x).x",
    ],
)
@pytest.mark.parametrize("value", [None, "xa", "", 0, True, [], ["x", "y"], [{"x": 2}, {"x": 1}], {"x": 1}])
def test_what_is_called_without_the_interpreter_answers_as_it_would(text: str, value: Any) -> None:
    assert _same(_by_compiler(text, {"a": value}), _by_jmespath(text, {"a": value}))


SECRET = "Jane Roe, 12 Elm St"


@pytest.mark.parametrize(
    "text",
    [
        "money(v, 'eur')",
        "decimal(v)",
        "timestamp(v)",
        "before(v, v)",
        "sum([v])",
        "sum(v)",
        "lookup(v, `{}`)",
        "monthly(`1`, v, `1`)",
        "abs(v)",
        "length(`1`) || v",
        "join(v, v)",
        "sort(v)",
        "max_by(v, &x)",
        "map(&x, v)",
        "keys(v)",
        "avg(v)",
        "v < `1` || decimal(v)",
        "[v][?decimal(@)]",
    ],
)
def test_an_error_never_quotes_the_record(text: str) -> None:
    with pytest.raises(ValueFault) as fault:
        EXPRESSIONS.compile(text)({"v": SECRET})
    words = str(fault.value)
    assert not any(part in words for part in re.split(r"\W+", SECRET) if len(part) > 2)
    assert fault.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", {"id"}),
        ('"two words"', {"two words"}),
        ("address.country", {"address"}),
        ("items.data[0].price.id", {"items"}),
        ("lines.data[?subscription].subscription | [0]", {"lines"}),
        ("sum(tax_amounts[?inclusive].amount)", {"tax_amounts"}),
        ("money(coalesce(a, b.c), currency)", {"a", "b", "currency"}),
        ("sum(map(&multiply(x, y), items.data))", {"items"}),
        ("a == `1` && !b || c.d", {"a", "b", "c"}),
        ("{x: a, y: [b, c[].d]}", {"a", "b", "c"}),
        ("values(a)[*].b", {"a"}),
        ("'text'", set()),
    ],
)
def test_columns_are_what_an_expression_reads_of_the_record_itself(text: str, expected: set[str]) -> None:
    assert columns(text) == expected
