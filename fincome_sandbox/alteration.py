"""How a value that is stored can differ from the one that was sent."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from fincome_sandbox.exact_json import Json

_DAY = len("2026-01-31")


def _times(factor: str, value: Json) -> Json:
    return value if isinstance(value, bool) or not isinstance(value, int | Decimal) else value * Decimal(factor)


def _day_earlier(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    return f"{date.fromisoformat(value[:_DAY]) - timedelta(days=1)}{value[_DAY:]}"


def _day_only(value: Json) -> Json:
    return value[:_DAY] if isinstance(value, str) else value


ALTERATIONS: Mapping[str, Callable[[Json], Json]] = {
    "hundredth": partial(_times, "0.01"),
    "hundredfold": partial(_times, "100"),
    "negated": partial(_times, "-1"),
    "day-earlier": _day_earlier,
    "day-only": _day_only,
}
"""Each form by its name; a value that has no such form stays as it is."""
