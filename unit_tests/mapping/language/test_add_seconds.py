"""add_seconds: a last second becomes the first moment after it."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language.calendar_time import add_seconds


@pytest.mark.parametrize(
    ("value", "seconds", "moved"),
    [
        ("2026-01-31T23:59:59Z", 1, "2026-02-01T00:00:00Z"),
        ("2026-01-31T22:59:59.000Z", 1, "2026-01-31T23:00:00Z"),
        ("2026-01-31T23:59:59+01:00", "1", "2026-01-31T23:00:00Z"),
        ("2024-02-28", 86400, "2024-02-29T00:00:00Z"),
        (1767225600, -1, "2025-12-31T23:59:59Z"),
        (None, 1, None),
        ("", 1, None),
        ("2026-01-31", None, None),
    ],
)
def test_a_point_in_time_moves_by_seconds(value: Any, seconds: Any, moved: str | None) -> None:
    assert add_seconds(value, seconds) == moved


@pytest.mark.parametrize(("value", "seconds"), [("soon", 1), ("2026-01-31", 1.5), ("9998-12-31T23:59:59Z", 99_999_999)])
def test_what_cannot_move_is_a_fault(value: Any, seconds: Any) -> None:
    with pytest.raises(ValueFault):
        add_seconds(value, seconds)
