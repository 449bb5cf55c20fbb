"""A late record must not overwrite a newer one: versions and ties, by table."""

from __future__ import annotations

from typing import Any

import pytest
from destination_fincome.engine.gate import Order, order
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.arrivals import Arrival
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


def arrival(version: Any, tie_first: bool, digest: bytes = b"new") -> Arrival:
    return Arrival(0, "x_1", version, tie_first, digest, b"{}")


@pytest.mark.parametrize(
    ("there", "late", "tie_first", "expected"),
    [
        (1, 2, False, Order.NEWER),
        (1, 2, True, Order.NEWER),
        (2, 1, False, Order.OLDER),
        (2, 1, True, Order.OLDER),
        (1.5, 1, False, Order.OLDER),
        (1, 1.5, True, Order.NEWER),
        # Of two equal ones, Stripe's first is the newest; elsewhere it is the last.
        (1, 1, True, Order.OLDER),
        (1, 1, False, Order.NEWER),
        (1, 1.0, True, Order.OLDER),
        # Unknown is older than anything known, and equal to unknown.
        (None, 1, True, Order.NEWER),
        (1, None, False, Order.OLDER),
        (None, None, True, Order.OLDER),
        (None, None, False, Order.NEWER),
        (0, None, False, Order.OLDER),
        (None, 0, True, Order.NEWER),
        (-1, None, False, Order.OLDER),
    ],
)
def test_a_late_record_must_not_overwrite_a_newer_one(there: Any, late: Any, tie_first: bool, expected: Order) -> None:
    assert order(there, b"old", arrival(late, tie_first)) is expected


@pytest.mark.parametrize(("there", "late"), [(1, 2), (2, 1), (1, 1), (None, 1), (1, None), (None, None)])
@pytest.mark.parametrize("tie_first", [True, False])
def test_the_same_content_is_the_same_whatever_its_version(there: Any, late: Any, tie_first: bool) -> None:
    assert order(there, b"same", arrival(late, tie_first, b"same")) is Order.SAME


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
