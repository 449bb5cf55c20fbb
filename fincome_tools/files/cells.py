"""The cells of workbooks as JSON has them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any


def json_value(value: Any) -> Any:
    """Return a cell's value: dates and times as ISO text, whole numbers without decimals, None for what is blank."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None if isinstance(value, str) and not value.strip() else value


def without_blank_end(cells: list[Any]) -> list[Any]:
    """Return a row without the blank cells at its end."""
    while cells and cells[-1] is None:
        cells.pop()
    return cells
