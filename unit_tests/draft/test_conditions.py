"""Conditions that are taken apart: what is of a record and what is of an element of its list goes to its place."""

from __future__ import annotations

import pytest

from destination_fincome.mapping.own import read_mapping
from fincome_tools.draft.columns.kept import kept
from fincome_tools.draft.columns.lists import lists_of
from fincome_tools.draft.decisions.conditions import parts_of
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.text import _emission
from fincome_tools.files.table import Row, Table


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("a", ["a"]),
        ("a && b", ["a", "b"]),
        ("(a && !b) && c", ["a", "!b", "c"]),
        ("a || b", ["a || b"]),
        ("a && b || c", ["a && b || c"]),
        ("!(a || b)", ["!(a)", "!(b)"]),
        ("!(a && b)", ["!(a && b)"]),
        ("(a) || (b)", ["(a) || (b)"]),
        ("f(a && b, 'x && (y') && \"c && d\"", ["f(a && b, 'x && (y')", '"c && d"']),
        ('lookup(a, `{"(&&": true}`, `false`) && b', ['lookup(a, `{"(&&": true}`, `false`)', "b"]),
        (r"a == 'it\'s && so' && b", [r"a == 'it\'s && so'", "b"]),
    ],
)
def test_a_condition_is_taken_apart_where_all_of_it_must_be_true(condition: str, parts: list[str]) -> None:
    assert parts_of(condition) == parts


def emitted(when: str) -> str:
    rows = [Row(1, ({"kind": "a"}, [{"text": "x", "sum": 1}]))]
    (inner,) = lists_of(kept(Table("bills", ("head", "rows"), "", lambda: iter(rows))))
    made = Emission("invoice_lines", {"id": Decision("text", "")}, when=when)
    return "\n".join(_emission(made, inner))


def test_given_a_condition_of_both_when_written_then_each_part_is_asked_where_it_stands() -> None:
    text = emitted("!(_record.kind == 'b') && !contains(`[\"no\"]`, text)")
    assert "when: \"!(kind == 'b')\"" in text
    assert 'for_each: "rows[?!contains(`[\\"no\\"]`, text)]"' in text
    assert "ignore" not in text


def test_given_a_condition_that_can_be_asked_at_neither_place_when_written_then_nothing_is_made_and_it_is_told() -> (
    None
):
    text = emitted("_record.kind == 'b' || sum == `1`")
    assert "ignore: true" in text
    assert "a condition is of its record and of its list" in text
    document = f"version: 1\nstreams:\n  bills:\n    emits:\n{text}\n"
    assert read_mapping(document).streams["bills"].emits[0].ignore
