"""A late record must not overwrite a newer one: versions and ties, by table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.arrivals import Arrival, Content, Entity
from destination_fincome.engine.lifecycle import Arrived, step
from destination_fincome.engine.spool.rows import Row
from destination_fincome.mapping.mapper import scalars, to_version


@pytest.mark.parametrize(
    ("value", "version"),
    [
        (1717598562, 1717598562),
        (1717598562.5, 1717598562.5),
        ("1717598562", 1717598562),
        (" 1717598562 ", 1717598562),
        ("-5", -5),
        ("1717598562.5", 1717598562.5),
        # Milliseconds and log positions are counters: compared as they are.
        (1717598562000, 1717598562000),
        ("1717598562000", 1717598562000),
        (2**70, float(2**70)),
        ("2024-06-05T14:42:42Z", 1717598562),
        ("2024-06-05T14:42:42", 1717598562),
        ("2024-06-05T16:42:42+02:00", 1717598562),
        ("2024-06-05T14:42:42.250Z", 1717598562.25),
        ("2024-06-05", 1717545600),
        ("2024/06/05 14:42:42", 1717598562),
        (None, None),
        ("", None),
        ("yesterday", None),
        (True, None),
        (float("nan"), None),
        ("NaN", None),
        ([], None),
        ({}, None),
        ("9" * 400, None),
        ("9" * 5000, None),
        ("²", None),
        ("--5", None),
    ],
)
def test_to_version(value: Any, version: Any) -> None:
    assert to_version(value) == version


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_a_version_is_always_something_that_compares_and_can_be_stored(value: Any) -> None:
    version = to_version(value)
    assert version is None or (isinstance(version, float) and version == version) or -(2**63) <= version < 2**63


def kept(there: Any, late: Any, tie_first: bool, contents: tuple[str, str] = ("there", "late")) -> tuple[str, Any]:
    """Which of two contents counts after both have arrived, and its version."""
    row = Row(1, Entity(0), "x_1")
    for token, (version, content) in enumerate(zip((there, late), contents, strict=True), start=1):
        arrival = Arrival(
            Entity(0),
            "x_1",
            version=version,
            tie_first=tie_first,
            digest=hash(content),
            content=Content(content.encode()),
        )
        row, _ = step(row, Arrived(arrival, (token, 0), 0.0))
    assert row.content is not None
    return row.content.body.decode(), row.version


@pytest.mark.parametrize(
    ("there", "late", "tie_first", "expected"),
    [
        (1, 2, False, "late"),
        (1, 2, True, "late"),
        (2, 1, False, "there"),
        (2, 1, True, "there"),
        (1.5, 1, False, "there"),
        (1, 1.5, True, "late"),
        # Of two equal ones, Stripe's first is the newest; elsewhere it is the last.
        (1, 1, True, "there"),
        (1, 1, False, "late"),
        (1, 1.0, True, "there"),
        # Unknown is older than anything known, and equal to unknown.
        (None, 1, True, "late"),
        (1, None, False, "there"),
        (None, None, True, "there"),
        (None, None, False, "late"),
        (0, None, False, "there"),
        (None, 0, True, "late"),
        (-1, None, False, "there"),
    ],
)
def test_a_late_record_must_not_overwrite_a_newer_one(there: Any, late: Any, tie_first: bool, expected: str) -> None:
    assert kept(there, late, tie_first)[0] == expected


@pytest.mark.parametrize(
    ("there", "late", "newest"), [(1, 2, 2), (2, 1, 2), (1, 1, 1), (None, 1, 1), (1, None, 1), (None, None, None)]
)
@pytest.mark.parametrize("tie_first", [True, False])
def test_the_same_content_is_true_since_its_newest_version(there: Any, late: Any, newest: Any, tie_first: bool) -> None:
    assert kept(there, late, tie_first, ("same", "same")) == ("same", newest)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1, "b": "x", "c": True, "d": 0, "e": False}, {"a": 1, "b": "x", "c": True, "d": 0, "e": False}),
        ({"none": None, "empty": ""}, {}),
        ({"list": [1, "é"], "object": {"k": None}}, {"list": '[1,"é"]', "object": '{"k":null}'}),
        (None, {}),
        ("text", {}),
        ([1], {}),
    ],
)
def test_attributes_are_scalars(value: Any, expected: dict[str, Any]) -> None:
    assert scalars(value) == expected
