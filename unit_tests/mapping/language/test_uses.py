"""What an expression does with columns: which it reads, opens, takes for flags, numbers or words, and hands on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from destination_fincome.mapping.language.uses import RECORD, Member, Scope, Uses


def done(uses: Uses) -> dict[str, str]:
    """Return what was done with which columns, besides reading them all."""
    found = {name: " ".join(sorted(columns)) for name, columns in asdict(uses).items() if columns}
    return {name: columns for name, columns in found.items() if name != "read"}


@pytest.mark.parametrize(
    ("text", "hands_on", "does"),
    [
        ("a", "a", {}),
        ("a || b", "a b", {}),
        ("a && b", "b", {"tested": "a"}),
        ("!a", "", {"tested": "a"}),
        ("a == `true` && b == `false`", "", {"flags": "a b"}),
        ("`1` < a", "", {"numbers": "a"}),
        ("a > b", "", {"numbers": "a b"}),
        ("a == `2` || b == `3`", "", {"numbers": "a b"}),
        ("a == 'x' || b == 'y'", "", {"words": "a b"}),
        ("a == b", "", {}),
        ("a.b", "", {"opened": "a"}),
        ("[a.x, b.x]", "", {"opened": "a b"}),
        ("a[0].b", "", {"opened": "a"}),
        ("a[1:]", "", {"opened": "a"}),
        ("[a, b][0]", "a b", {}),
        ("{x: a, y: b} | x", "a b", {}),
        ("lines[?kind == 'x'].amount", "", {"opened": "lines"}),
        ("when(a, b, c)", "b c", {"tested": "a"}),
        ("when(a == `true`, b, c) == 'x'", "", {"flags": "a", "words": "b c"}),
        ("coalesce(a, b)", "a b", {}),
        ('lookup(a, `{"true": 1}`)', "", {"flags": "a", "words": "a"}),
        ('lookup(a, `{"x": 1}`)', "", {"words": "a"}),
        ("lookup(a, b)", "", {"words": "a"}),
        ("lookup(a, `{}`)", "", {"words": "a"}),
        ("one_of(a, 'x')", "", {"words": "a"}),
        ("add(a, b)", "", {"calculated": "a b"}),
        ("[sum(a), sum(b)]", "", {"opened": "a b", "given": "a b"}),
        ("[length(a), length(b)]", "", {"perhaps_opened": "a b", "given": "a b"}),
        ("map(&x, a)", "", {"opened": "a", "given": "a"}),
        ("sort_by(a, &b)", "", {"perhaps_opened": "a", "given": "a"}),
        ("ref(a)", "a", {"perhaps_opened": "a"}),
        ("merge(a, b)", "", {"perhaps_opened": "a b", "given": "a b"}),
        ("text(a)", "", {"given": "a"}),
        ("'a'", "", {}),
    ],
)
def test_what_an_expression_does_and_hands_on(text: str, hands_on: str, does: dict[str, str]) -> None:
    uses = Uses()
    found = uses.value(text, Scope())
    assert (" ".join(sorted(one for one in found if isinstance(one, str))), done(uses)) == (hands_on, does)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("a == `true`", {"a"}),
        ("a && 'x'", {"a"}),
        ("a && decimal(a)", set()),
        ("a && a > `1`", set()),
        ("a && a.b", set()),
        ("a && add(a, b)", set()),
        ("a && a == 'x'", set()),
    ],
)
def test_a_condition_is_what_nothing_else_is_done_with(text: str, conditions: set[str]) -> None:
    uses = Uses()
    uses.value(text, Scope())
    assert uses.conditions == conditions


def test_members_of_a_list_that_is_made_are_told_from_columns() -> None:
    assert Uses().value("[a, b][?@ == 'x']", Scope()) == {Member("a"), Member("b")}


@pytest.mark.parametrize(
    ("how", "text", "does"),
    [
        ("keep", "a || b", {"kept": "a b"}),
        ("test", "a", {"tested": "a"}),
        ("open", "[a, b]", {"opened": "a b"}),
        ("perhaps_open", "a", {"perhaps_opened": "a"}),
        ("compare", "add(a, `1`)", {"numbers": "a", "calculated": "a"}),
    ],
)
def test_what_becomes_of_a_value_adds_to_what_is_known(how: str, text: str, does: dict[str, str]) -> None:
    uses = Uses()
    getattr(uses, how)(text, Scope())
    assert done(uses) == does


@pytest.mark.parametrize(("text", "elements"), [("[a, b]", {"a", "b"}), ("a", set()), ("@", {RECORD})])
def test_the_elements_of_what_is_opened(text: str, elements: set[Any]) -> None:
    assert Uses().open(text, Scope()) == elements


def test_what_was_calculated_before_is_no_point_in_time() -> None:
    uses = Uses()
    uses.value("add(a, b)", Scope())
    uses.compare("add(c, `1`)", Scope())
    assert done(uses) == {"calculated": "a b c", "numbers": "c"}


@pytest.mark.parametrize(
    ("scope", "text", "reads"),
    [
        (Scope().with_helper("h", frozenset(["a"])), "h == 'x'", ""),
        (Scope().element(frozenset(), "_record"), "[_record.a, b] | [0] == 'x'", "a"),
        (Scope().element(frozenset(), "_record").with_helper("h", frozenset(["a"])), "h == 'x'", ""),
    ],
)
def test_a_helper_stands_for_its_columns_and_an_element_reads_the_record_by_its_name(
    scope: Scope, text: str, reads: str
) -> None:
    uses = Uses()
    uses.value(text, scope)
    assert (" ".join(sorted(uses.read)), uses.words) == (reads, {"a"})
