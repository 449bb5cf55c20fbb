"""Decimals of currencies, as ISO 4217 has them."""

import pycountry
import pytest

from destination_fincome.fincome.minor_units import HUNDREDTH, ISO_EXPONENTS


@pytest.mark.parametrize(
    ("code", "places"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("ISK", 0), ("KRW", 0), ("XOF", 0), ("KWD", 3), ("TND", 3), ("CLF", 4),
     ("UYW", 4), ("UYI", 0), ("HUF", 2), ("MGA", 2)],
)  # fmt: skip
def test_decimals(code: str, places: int) -> None:
    assert ISO_EXPONENTS.get(code, HUNDREDTH) == places


def test_only_currencies_that_exist_have_decimals_of_their_own() -> None:
    assert {code for code in ISO_EXPONENTS if not pycountry.currencies.get(alpha_3=code)} == set()
    assert set(ISO_EXPONENTS.values()) == {0, 3, 4}
