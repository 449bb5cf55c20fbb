"""YAML is read as it was typed, and what is wrong with it is told with line and column."""

from __future__ import annotations

import pytest

from destination_fincome.mapping.language import yaml_text
from destination_fincome.mapping.language.yaml_text import YamlError, read_typed, read_yaml

WORDS = ["no", "No", "on", "off", "yes", "y", "n", "007", "1_000", "0x1F", "0o17", "1:30", "2026-01-05", "=",
         "2026-01-05T12:00:00Z", ".5", "1.", "+1", ".inf", ".nan", "1e", "Sent", "a b", "-", "NaN"]  # fmt: skip


@pytest.mark.parametrize("word", [word for word in WORDS if word != "-"])
def test_given_a_word_that_yaml_would_make_something_of_when_it_is_read_then_it_is_what_was_typed(word: str) -> None:
    assert read_yaml(f"{{a: {word}, {word}: b}}") == {"a": word, word: "b"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-12", -12), ("1.50", 1.5),
     ("1e3", 1000.0)],
)  # fmt: skip
def test_given_a_constant_or_a_number_when_it_is_read_then_it_is_one_as_a_value_only(typed: str, value: object) -> None:
    (read,) = read_yaml(f"a: {typed}").values()
    assert (read, type(read)) == (value, type(value))
    if typed:
        assert read_yaml(f"{typed}: a") == {typed: "a"}


@pytest.mark.parametrize("quoted", ["'7'", '"7"'])
def test_given_quotes_when_it_is_read_then_it_is_text(quoted: str) -> None:
    assert read_yaml(f"a: {quoted}") == {"a": "7"}


def test_given_block_text_when_it_is_read_then_it_is_text() -> None:
    assert read_yaml("a: |\n  true\nb: >-\n  12") == {"a": "true\n", "b": "12"}


def test_given_aliases_when_they_are_read_then_all_are_the_same_value() -> None:
    found = read_yaml("a: &a [1]\nb: *a\n")
    assert found == {"a": [1], "b": [1]}
    assert found["a"] is found["b"]


def test_given_merged_mappings_when_they_are_read_then_the_nearer_one_counts() -> None:
    text = "a: &a {x: 1, y: 1, z: 1}\nb: &b {x: 2, y: 2}\n"
    text += "c: {<<: [*b, *a], x: 3}\nd: {x: 4, <<: *a}\ne: {<<: *b, <<: *a}\n"
    found = read_yaml(text)
    assert found["c"] == {"x": 3, "y": 2, "z": 1}
    assert found["d"] == {"x": 4, "y": 1, "z": 1}
    assert found["e"] == {"x": 2, "y": 2, "z": 1}


def test_given_an_empty_document_when_it_is_read_then_it_is_null() -> None:
    assert read_yaml("# nothing\n") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  b: 1\n  c: 2\n  b: 3", "line 4, column 3: the key b is there twice"),
        ("{open: a, open: b}", "line 1, column 11: the key open is there twice"),
        ("{[a]: b}", "line 1, column 2: a key must be a word, not a list or a mapping"),
        ("{{a: b}: c}", "line 1, column 2: a key must be a word, not a list or a mapping"),
        ("a: &a {b: *a}", "line 1, column 4: an alias stands inside the value that it refers to"),
        ("a: !!python/object:os.system {}", "line 1, column 4: the tag !!python/object:os.system means nothing here"),
        ("a: !money 12", "line 1, column 4: the tag !money means nothing here"),
        ("a: {<<: 7}", "line 1, column 9: << takes a mapping, or a list of mappings"),
        ("a: [b\nc: ]", "line 2, column 2: "),
        ("a:\n\tb: 1", "line 2, column 1: "),
        ("a: *b", "line 1, column 4: "),
        ("a: \x00", "this is not YAML: "),
    ],
)
def test_given_a_mistake_when_it_is_read_then_its_line_and_column_are_told(text: str, said: str) -> None:
    with pytest.raises(YamlError) as error:
        read_yaml(text)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: " + "x" * 1_000_000, "is longer than 1 MB"),
        ("a: &a [*a]", "line 1, column 4: an alias stands inside the value that it refers to"),
        ('a: "\\ud800"', "line 1, column 4: a text has half a character (\\ud800 to \\udfff)"),
        ("a: [1, 2\n", "line 2, column 1: expected ',' or ']', but got '<stream end>'"),
        (
            "a: {b: add_days(c, '1')}",
            "line 1, column 23: expected ',' or '}', but got '<scalar>' (within { } an expression with a comma, a "
            "quote or a bracket stands in double quotes)",
        ),
        ("a:\n\tb: 1", "line 2, column 1: a tab stands here: indent with blanks"),
        ("a: \x00", "this is not YAML: unacceptable character #x0000: special characters are not allowed"),
    ],
)
def test_given_a_mistake_in_a_users_text_when_it_is_read_then_it_is_told(text: str, said: str) -> None:
    with pytest.raises(YamlError) as error:
        read_typed(text)
    assert str(error.value) == said


def test_given_aliases_when_they_are_written_out_then_only_so_many_values_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MOST_VALUES", 10)
    assert read_typed("[1, 2, 3, 4, 5, 6, 7, 8, 9]").value == list("123456789")
    with pytest.raises(YamlError, match=r"^line 1, column 1: has more than 10 values, with every alias written out$"):
        read_typed("[&a [1, 2, 3], *a, *a]")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("- a\n- b", {"[0]": (1, 3), "[1]": (2, 3)}),
        ("a:\n  b: 1", {"a": (1, 1), "[0]": (1, 1), "a.b": (2, 3), "a[0]": (2, 3)}),
        ("a: &m {x: 1}\nb: {<<: *m, y: 2}", {"a.x": (1, 8), "b.x": (1, 8), "b.y": (2, 13), "b[1]": (2, 13)}),
    ],
)
def test_every_part_of_a_users_text_has_its_place(text: str, places: dict[str, tuple[int, int]]) -> None:
    found = read_typed(text).places
    assert {name: tuple(found[name]) for name in places} == places
    assert all("None" not in name for name in found)
