"""The functions of the mapping language, beside JMESPath's own (docs/mapping.md lists them with examples).

All compute with Decimal. A null argument gives null unless said otherwise; a value of the wrong kind raises
`ValueFault`, which says what was expected and never what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from destination_fincome.codes import Code
from destination_fincome.fincome.instants import (
    NotAnInstant,
    is_no_end,
    is_none,
    parse_instant,
    seconds_of,
    to_seconds,
)
from destination_fincome.fincome.minor_units import HUNDREDTH, ISO_EXPONENTS
from destination_fincome.fincome.value_types import ValueFault, read_country, read_decimal, read_instant
from destination_fincome.mapping.language import (
    calendar_time,
    numbers,
    parents,
    texts,
    words,
    written_dates,
    written_periods,
)
from destination_fincome.mapping.language.compiler import truthy
from destination_fincome.mapping.language.currencies import CurrencyAmounts, currency
from destination_fincome.mapping.language.discounts import discounted

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal(0)

# https://docs.stripe.com/currencies#zero-decimal and #special-cases: Stripe gives amounts in ISK and UGX two decimals,
# and those in MGA none.
STRIPE_EXPONENTS: Mapping[str, int] = dict.fromkeys(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], 0
) | dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3)

# https://apidocs.chargebee.com/docs/api/currencies: whatever has decimals counts hundredths, dinars and rials too.
CHARGEBEE_EXPONENTS: Mapping[str, int] = {
    code: exponent for code, exponent in ISO_EXPONENTS.items() if exponent < HUNDREDTH
}

EXPONENT_TABLES: Mapping[str, Mapping[str, int]] = {
    "iso4217": ISO_EXPONENTS,
    "stripe": STRIPE_EXPONENTS,
    "chargebee": CHARGEBEE_EXPONENTS,
}

# How often each interval occurs in a year (docs/mapping.md, `monthly`).
_A_YEAR = {"year": Decimal(1), "month": Decimal(12), "week": Decimal(52), "day": Decimal(365)}


# Expressions read values exactly as fields do.
decimal = read_decimal
timestamp = read_instant
country = read_country


def date_of(value: Any) -> str | None:
    """Read a point in time, and cut it to the day in UTC; a midnight with an offset is the day that begins there."""
    text = timestamp(value)
    return text[:10] if text else None


def before(first: Any, second: Any) -> bool | None:
    """Return whether one point in time is strictly earlier than another."""
    if is_none(first) or is_none(second):
        return None
    try:
        return seconds_of(first) < seconds_of(second)
    except NotAnInstant:
        raise ValueFault("is not a date or date-time (ISO 8601 or epoch seconds)") from None


def lookup(value: Any, table: Any, *default: Any) -> Any:
    """Look up a word in a table, as it is or whatever its case, accents and blanks; else the default, or a fault."""
    if value is None:
        return default[0] if default else None
    words = texts.known_table(table)
    word = str(value)
    if isinstance(value, bool) and word not in words:
        word = word.lower()  # as JSON and YAML write it
    if word in words:
        return words[word]
    if not word.strip() and default:
        return default[0]
    found = texts.looked_up(word, words)
    if found is not texts.UNKNOWN:
        return found
    if default:
        return default[0]
    raise ValueFault("has a value that the mapping doesn't know", code=Code.UNKNOWN_VALUE)


def coalesce(*values: Any) -> Any:
    """Return the first value that is neither null nor an empty text."""
    for value in values:
        if value is not None and value != "":
            return value
    return None


def when(condition: Any, value: Any, *otherwise: Any) -> Any:
    """Return one value if the condition is true, else the other (null if there is none)."""
    if truthy(condition):
        return value
    return otherwise[0] if otherwise else None


def ref(value: Any) -> Any:
    """Return the id of a reference, which is either an id or an object with one."""
    return value.get("id") if isinstance(value, dict) else value


def total(values: Any) -> Decimal | None:
    """Add up a list; if one part is null, so is the sum."""
    if values is None:
        return None
    if not isinstance(values, list):
        raise ValueFault("is not a list")
    result: Decimal | None = _ZERO
    for value in values:
        number = decimal(value)
        result = None if number is None or result is None else _EXACT.add(result, number)
    return result


def subtract(value: Any, *others: Any) -> Decimal | None:
    """Subtract numbers from the first; null ones count as zero."""
    number = decimal(value)
    if number is None:
        return None
    for other in others:
        number = _EXACT.subtract(number, decimal(other) or _ZERO)
    return number


def add(value: Any, *others: Any) -> Decimal | None:
    """Add numbers to the first; null ones count as zero."""
    number = decimal(value)
    if number is None:
        return None
    for other in others:
        number = _EXACT.add(number, decimal(other) or _ZERO)
    return number


def divide(first: Any, second: Any) -> Decimal | None:
    """Divide a number by another, unrounded."""
    one, two = decimal(first), decimal(second)
    if one is None or two is None:
        return None
    if not two:
        raise ValueFault("would be divided by zero")
    return _EXACT.divide(one, two)


def multiply(first: Any, second: Any) -> Decimal | None:
    """Multiply two numbers."""
    one, two = decimal(first), decimal(second)
    return None if one is None or two is None else _EXACT.multiply(one, two)


def percent(value: Any, rate: Any) -> Decimal | None:
    """Return a percentage of a number."""
    number, part = decimal(value), decimal(rate)
    return None if number is None or part is None else _EXACT.divide(_EXACT.multiply(number, part), Decimal(100))


def net_of(gross: Any, rate: Any) -> Decimal | None:
    """Return an amount without the tax that it holds, by the tax's rate in percent; null counts as no tax."""
    number, part = decimal(gross), numbers.number(rate)
    if number is None:
        return None
    if part is not None and part <= -100:
        raise ValueFault("holds a tax whose rate is no percentage")
    return _EXACT.divide(_EXACT.multiply(number, Decimal(100)), _EXACT.add(Decimal(100), part or _ZERO))


def whole(value: Any) -> Decimal | None:
    """Return a number that has no fraction, such as an amount in minor units; with one it is no such amount."""
    number = decimal(value)
    if number is not None and number != number.to_integral_value():
        raise ValueFault("is no whole number")
    return number


def at_least(value: Any, floor: Any) -> Decimal | None:
    """Return the number, or the floor if the number is smaller."""
    number, least = decimal(value), decimal(floor)
    return number if number is None or least is None else max(number, least)


def absolute(value: Any) -> Decimal | None:
    """Return a number without its sign."""
    number = decimal(value)
    return None if number is None else abs(number)


def monthly(amount: Any, interval: Any, count: Any) -> Decimal | None:
    """Convert an amount per so many days, weeks, months or years to one per month, unrounded."""
    number, times = decimal(amount), decimal(1 if count is None else count)
    if number is None or interval is None or times is None:
        return None
    a_year = _A_YEAR[known_interval(interval)]
    if times <= 0:
        raise ValueFault("has an interval count that isn't positive")
    # A single division, at the end, keeps this exact: 0.18 a day is 5.475 a month.
    return _EXACT.divide(_EXACT.multiply(number, a_year), _EXACT.multiply(Decimal(12), times))


def known_interval(interval: Any) -> str:
    """Return the name of an interval.

    Raises:
        ValueFault: it isn't one of the four.
    """
    if not isinstance(interval, str) or interval not in _A_YEAR:
        raise ValueFault("has an interval other than day, week, month or year", code=Code.UNKNOWN_VALUE)
    return interval


def months_between(start: Any, end: Any) -> Decimal | None:
    """Return the length of a period in months: whole calendar months, and the rest as a share of its month's days."""
    if is_none(start) or is_none(end):
        return None
    try:
        return _months_between(parse_instant(start), parse_instant(end))
    except ValueError:
        raise ValueFault("is not a date or date-time (ISO 8601 or epoch seconds)") from None


def _months_between(first: date | datetime, last: date | datetime) -> Decimal:
    whole = (last.year - first.year) * 12 + last.month - first.month
    if to_seconds(calendar_time.moved(first, whole)) > to_seconds(last):
        whole -= 1
    here = calendar_time.moved(first, whole)
    if is_no_end(here):
        return Decimal(whole)
    following = calendar_time.moved(first, whole + 1)
    rest = Decimal(str(to_seconds(last) - to_seconds(here)))
    return Decimal(whole) + _EXACT.divide(rest, Decimal(str(to_seconds(following) - to_seconds(here))))


def starts_with_any(value: Any, prefixes: Any) -> bool:
    """Return whether a text starts with one of several prefixes; false for anything but text."""
    if not isinstance(value, str):
        return False
    if isinstance(prefixes, str):
        return value.startswith(prefixes)
    return isinstance(prefixes, list) and any(value.startswith(str(prefix)) for prefix in prefixes)


_FREE: Mapping[str, Callable[..., Any]] = {
    "decimal": decimal,
    "number": numbers.number,
    "timestamp": timestamp,
    "date": date_of,
    "before": before,
    "epoch_ms": calendar_time.epoch_ms,
    "local_time": calendar_time.local_time,
    "local_days": calendar_time.local_days,
    "parse_time": written_dates.parse_time,
    "first_day_in": written_periods.first_day_in,
    "last_day_in": written_periods.last_day_in,
    "add_seconds": calendar_time.add_seconds,
    "add_days": calendar_time.add_days,
    "add_months": calendar_time.add_months,
    "last_day": calendar_time.last_day,
    "currency": currency,
    "country": country,
    "lookup": lookup,
    "words": words.words,
    "coalesce": coalesce,
    "one_of": texts.one_of,
    "properties": texts.properties,
    "merge": texts.merge,
    "element": texts.element,
    "with_next": texts.with_next,
    "text": texts.text,
    "concat": texts.concat,
    "split": texts.split,
    "lower": texts.lower,
    "upper": texts.upper,
    "replace": texts.replace,
    "when": when,
    "ref": ref,
    "of_parent": parents.of_parent,
    "sum": total,
    "add": add,
    "subtract": subtract,
    "divide": divide,
    "multiply": multiply,
    "percent": percent,
    "net_of": net_of,
    "whole": whole,
    "discounted": discounted,
    "at_least": at_least,
    "abs": absolute,
    "monthly": monthly,
    "months_between": months_between,
    "starts_with_any": starts_with_any,
}
"""The functions that need nothing but their arguments, by their names in expressions."""


def bound(
    exponents: Mapping[str, int],
    selected: frozenset[str],
    now: Callable[[], datetime] = calendar_time.utc_now,
    default_currency: str | None = None,
    zone: ZoneInfo | None = None,
    *,
    keeps_ids: bool = False,
) -> dict[str, Callable[..., Any]]:
    """Return all functions by their names in expressions.

    Args:
        exponents: decimal places of the currencies that don't have two, for money().
        selected: the streams that the connection has selected, by the preset's names.
        now: the clock of is_past().
        default_currency: the currency of amounts whose record names none.
        zone: the time zone by whose midnight the company bills, for local_date().
        keeps_ids: the account has objects under the ids of an earlier version of the source, for kept_id().
    """
    money = CurrencyAmounts(exponents, default_currency)

    def stream_selected(name: str) -> bool:
        return isinstance(name, str) and name in selected

    def kept_id(own: Any, earlier: Any) -> Any:
        return coalesce(earlier, own) if keeps_ids else own

    return {
        **_FREE,
        "is_past": calendar_time.is_past(now),
        "local_date": calendar_time.local_date(zone),
        "money": money.money,
        "round_money": money.round_money,
        "allocate": money.allocate,
        "after_discounts": money.after_discounts,
        "discounted_by": money.discounted_by,
        "stream_selected": stream_selected,
        "kept_id": kept_id,
    }
