"""Where the members of an object are in its text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.protocol.json_text import has_long_number, members, whole_members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), VALUES), st.sampled_from([None, 0, 3]), st.booleans())
def test_whatever_an_object_holds_its_members_are_found(
    document: dict[str, object], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    found = members(text)
    assert found.end == len(text)
    assert {name: json.loads(value) for name, value in found.texts.items()} == document


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (b"{}", {}),
        (b"\t{ } ", {}),
        (b'{"a":1,"a": 2 }', {"a": b"2"}),
        (b'{"a":"\\\\","b":"\\"}","c":[{"d":1},2]}', {"a": b'"\\\\"', "b": b'"\\"}"', "c": b'[{"d":1},2]'}),
        (b'{"a":NaN,"b":\xff}', {"a": b"NaN", "b": b"\xff"}),
        (b'{"":0}', {"": b"0"}),
        (rb'{"caf\u00e9":0}', {"caf\u00e9": b"0"}),
    ],
)
def test_members_are_cut_out_as_they_are(text: bytes, texts: dict[str, bytes]) -> None:
    assert whole_members(text) == texts


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'"a"',
        b"{",
        b'{"a":1',
        b'{"a":"}',
        b'{"a":{}',
        b'{"a":1}}',
        b'{"a":1} {}',
        b"x{}",
        b"{1:2}",
        b"{:1}",
    ],
)
def test_what_is_not_one_whole_object_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        whole_members(text)


def test_an_object_is_found_at_its_place_and_its_end_is_told() -> None:
    assert members(b'{} {"a":1}x', 2) == ({"a": b"1"}, 10)


def test_a_name_with_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError):
        whole_members(rb'{"\ud83d":1}')


@pytest.mark.parametrize(
    ("text", "has"),
    [
        (b'{"n":1234567890123456}', False),
        (b'{"n":12345678901234567}', True),
        (b'{"n":-12345678901234567}', True),
        (b'{"n":1.234567890123456}', True),
        (b'{"n":1.23456789012345}', False),
        (b"[1,12345678901234567]", True),
        (b'{"n": 12345678901234567}', True),
        (b'{"n":"12345678901234567"}', False),
        (b'{"n":"x12345678901234567"}', False),
    ],
)
def test_a_long_number_is_noticed(text: bytes, has: bool) -> None:
    assert has_long_number(text) is has
