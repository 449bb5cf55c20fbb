"""Records of every source for measurements: those of examples/sources, each as often as needed and each time another.

Caches must not lie: real records repeat their prices and days, but a benchmark that maps one record again and again
would find everything in a cache. So in copy number n

- ids, references and document numbers have n appended (text) or added (numbers)
- amounts are n units of their last decimal place larger, zero excepted; so are those in text
- times are n seconds earlier, and days n days, but within a year: real records have no more days either

Names, and words of closed lists (currencies, countries, statuses) stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.processes import ROOT

FOLDER = ROOT / "examples" / "sources"
Records = Mapping[str, list[dict[str, Any]]]

_ID = re.compile(
    r"(^id|_id|[a-z]id|Id|ID|[Nn]umber)$|^(parent_)?customer$|^(plan_)?code$"
    r"|^(subscription|invoice|invoice_line_item|reference|PieceRef)$"
)
# Numbers that stand for words, and an amount.
_NO_ID = re.compile(r"^((status|country|currency|frequency|type)_id|paid)$")
_AMOUNT = re.compile(
    r"amount|price|cost|total|tax|discount|balance|paid|mrr|arr$|fee$|charge|credit|value", re.IGNORECASE
)
_NO_AMOUNT = re.compile(r"rate|percent|type|(^|_)count$|code|mode", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_EPOCH, _EPOCH_MS = 10**9, 10**12


def sources() -> dict[str, Records]:
    """Return the records of all sources by stream."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def varied(record: Any, n: int) -> Any:
    """Return a record's copy number n."""
    return {key: _value(key, value, n) for key, value in record.items()}


def _value(key: str, value: Any, n: int) -> Any:
    if isinstance(value, dict):
        return varied(value, n)
    if isinstance(value, list):
        return [_value(key, item, n) for item in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if _ID.search(key) and not _NO_ID.search(key):
        return value + n if isinstance(value, int) else f"{value}{n}"
    if isinstance(value, str):
        return _text(key, value, n)
    if value >= _EPOCH:
        return value - n * (1000 if value >= _EPOCH_MS else 1)
    return _moved(value, n) if _is_amount(key) else value


def _text(key: str, text: str, n: int) -> str:
    if _DAY.match(text):
        return (date.fromisoformat(text) - timedelta(days=n % 365)).isoformat()
    if _TIME.match(text):
        when = datetime.fromisoformat(text[:19]) - timedelta(seconds=n)
        return when.isoformat(text[10]) + text[19:]
    return str(_moved(Decimal(text), n)) if _NUMBER.match(text) and _is_amount(key) else text


def _is_amount(key: str) -> bool:
    return _AMOUNT.search(key) is not None and _NO_AMOUNT.search(key) is None


def _moved(amount: Any, n: int) -> Any:
    """Move an amount away from zero, by n units of its last place; that of a float is a hundredth."""
    if not amount:
        return amount
    signed = n if amount > 0 else -n
    if isinstance(amount, Decimal):
        return amount + Decimal(signed).scaleb(int(amount.as_tuple().exponent))
    return amount + signed if isinstance(amount, int) else round(amount + signed / 100, 2)
