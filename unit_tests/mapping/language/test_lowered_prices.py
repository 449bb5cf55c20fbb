"""A price that the discounts of another object lower, once they are known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from destination_fincome.mapping.language.calendar_time import local_time
from destination_fincome.mapping.language.parents import DiscountedBy, lowered

HALF = {"percent": 50, "repeats": True}


@pytest.mark.parametrize(
    ("discounts", "left"),
    [
        ([], "30.01"),
        (HALF, "15.00"),
        ([HALF], "15.00"),
        ([HALF, {"percent": 50}], "7.50"),
        ([{"amount": 1000, "currency": "eur"}], "20.01"),
        ([{"amount": 1000, "currency": "EUR"}, HALF], "10.00"),
        ([{"amount": 10, "currency": "usd"}], None),
        ([{"amount": 10, "currency": "EUR"}, {"percent": 50, "currency": "USD"}], None),
    ],
)
def test_a_price_is_lowered_by_discounts_of_its_currency_and_unknown_with_those_of_another(
    discounts: Any, left: str | None
) -> None:
    price = DiscountedBy("customer_id", "custom_properties.discounts", Decimal("30.01"), Decimal("0.01"), 2, "EUR")
    found = lowered(price, discounts)
    assert (found if found is None else str(found)) == left


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-07-01T10:00:00", "2026-07-01T08:00:00Z"),
        ("2026-07-01T10:00:00+04:00", "2026-07-01T06:00:00Z"),
        ("2026-07-01T10:00:00-04:00", "2026-07-01T14:00:00Z"),
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"),
        ("2026-07-01", "2026-07-01"),
    ],
)
def test_only_a_time_without_an_offset_is_local(written: str, read: str) -> None:
    assert local_time(written, "Europe/Paris") == read
