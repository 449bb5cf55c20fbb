"""What the text of an expression tells: the columns that it reads, what it may return, what it asks of others."""

from __future__ import annotations

import jmespath
import pytest

from destination_fincome.mapping.language.columns import columns, reads_nothing
from destination_fincome.mapping.language.kinds import Known, results
from destination_fincome.mapping.language.parents import MISUSE, OfParent, asked_of_parents


@pytest.mark.parametrize(
    ("text", "read"),
    [("a.b", "a"), ("a[?b == c].d", "a"), ("[a, {x: b}]", "a b"), ("map(&x, a)", "a"), ("a | b", "a"), ("'a'", "")],
)
def test_the_columns_of_an_expression_are_those_of_the_record(text: str, read: str) -> None:
    assert columns(text) == set(read.split())


@pytest.mark.parametrize(
    ("text", "let", "nothing"),
    [
        ("'x'", {}, True),
        ("concat('-', 'a', `1`)", {}, True),
        ("a", {}, False),
        ("@", {}, False),
        ("keys(@)", {}, False),
        ("h", {"h": "'x'"}, True),
        ("[h, 'x']", {"h": "'x'"}, True),
        ("h", {"h": "a"}, False),
        ("[h, a]", {"h": "'x'"}, False),
        ("h", {"h": "h"}, False),
        ("h | a", {"h": "'x'"}, False),
        ("[h, @]", {"h": "'x'"}, False),
    ],
)
def test_an_expression_that_reads_nothing_is_the_same_for_all_records(
    text: str, let: dict[str, str], nothing: bool
) -> None:
    assert reads_nothing(text, let) is nothing


@pytest.mark.parametrize(
    ("text", "may_return"),
    [
        ("'x'", [Known("x")]),
        ("'x' || `1`", [Known("x"), Known(1)]),
        ("a && 'x'", [Known("x")]),
        ("a == b", ["boolean"]),
        ("!a", ["boolean"]),
        ("a[]", ["list"]),
        ("a[?b == c]", ["list"]),
        ("[a]", ["list"]),
        ("decimal(a)", ["number"]),
        ("coalesce(decimal(a), 'x')", ["number", Known("x")]),
        ("when(a, 'x', 'y')", [Known("x"), Known("y")]),
        ('lookup(a, `{"k": "v"}`, \'d\')', [Known("v"), Known("d")]),
        ("lookup(a, b)", ["any"]),
        ("a", ["any"]),
    ],
)
def test_what_an_expression_may_return(text: str, may_return: list[object]) -> None:
    assert list(results(jmespath.compile(text).parsed)) == may_return


CURRENCY = OfParent("invoice_id", "currency")
CALL = "of_parent('invoice_id', 'currency')"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (CALL, (CURRENCY,)),
        (f"a || {CALL}", (CURRENCY,)),
        (f"coalesce(a, {CALL})", (CURRENCY,)),
        (f"when(a, {CALL}, b)", (CURRENCY,)),
        (f"when(a, b, {CALL})", (CURRENCY,)),
        (f"when(a, {CALL}, {CALL})", (CURRENCY, CURRENCY)),
        ("a", ()),
    ],
)
def test_what_an_expression_asks_of_others(text: str, asked: tuple[OfParent, ...]) -> None:
    assert asked_of_parents(text) == asked


@pytest.mark.parametrize(
    "text",
    [f"{CALL} || a", f"concat({CALL}, 'x')", f"coalesce({CALL}, a)", f"when({CALL}, a, b)", "of_parent(a, 'currency')"],
)
def test_an_expression_that_computes_with_what_others_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        asked_of_parents(text)
    assert str(refused.value) == MISUSE
