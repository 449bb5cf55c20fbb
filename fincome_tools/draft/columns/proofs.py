"""Arithmetic between columns: what proves that an amount is net, how numbers are written, and where a period ends."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Concatenate, ParamSpec, TypeVar

from fincome_tools.draft.columns.dates import day
from fincome_tools.draft.columns.kept import KeptTable, rows_as
from fincome_tools.draft.columns.numbers import MARKS, Mark, number, reader

# So many of the rows that say something must agree, and so many must say something.
SHARE = 0.98
ENOUGH = 20
_HIGH = Decimal(16)
CENT = Decimal("0.011")
"""How far sums may be off: what rounding costs."""
_RATES = tuple(
    Decimal(rate)
    for rate in [
        "20",
        "10",
        "5.5",
        "2.1",
        "19",
        "7",
        "21",
        "22",
        "25",
        "24",
        "23",
        "8.1",
        "7.7",
        "9",
        "4",
        "6",
        "12",
        "13",
        "16",
        "18",
        "15",
        "17",
        "14",
        "5",
        "3",
        "0",
    ]
)


@dataclass
class Tally:
    """How many rows agree with a statement, of those that say something about it."""

    agree: int = 0
    say: int = 0

    def add(self, *, holds: bool, rows: int = 1) -> None:
        """Count a row that says something, or several that say the same."""
        self.say += rows
        self.agree += rows * holds

    @property
    def is_proof(self) -> bool:
        """Whether it is proved."""
        return self.say >= ENOUGH and self.agree >= SHARE * self.say

    @property
    def is_likely(self) -> bool:
        """Whether nothing speaks against it, with a few rows only."""
        return self.say >= 3 and self.agree == self.say

    @property
    def is_enough(self) -> bool:
        """Whether it is proved, or likely."""
        return self.is_proof or self.is_likely

    def __str__(self) -> str:
        return f"in {self.agree:,} of {self.say:,} rows"


_P = ParamSpec("_P")
_R = TypeVar("_R")


Find = Callable[Concatenate[KeptTable, _P], _R]


def once(find: Find[_P, _R]) -> Find[_P, _R]:
    """Let what was found of a table that is kept not be looked for again."""

    def found(table: KeptTable, /, *given: _P.args, **named: _P.kwargs) -> _R:
        key = f"{find.__name__}{given}{named}"
        if key not in table.found:
            table.pause()
            table.found[key] = find(table, *given, **named)
        result: _R = table.found[key]
        return result

    return found


def rows_of(table: KeptTable, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of some columns, row by row."""
    if columns:
        yield from zip(*(table.kept[name] for name in columns), strict=True)
    else:
        yield from (() for _ in table.read())


def figures_of(
    table: KeptTable, columns: Sequence[str], marks: Mapping[str, Mark]
) -> Iterator[tuple[Decimal | None, ...]]:
    """Yield the numbers of some columns, row by row."""
    return rows_as(table, columns, [(figure, marks[name]) for name in columns])


def _days_of(table: KeptTable, columns: tuple[str, str], forms: tuple[str, str]) -> Iterator[tuple[date | None, ...]]:
    return rows_as(table, columns, [(day, form) for form in forms])


@once
def add_up(table: KeptTable, parts: Sequence[str], whole: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which some columns add up to another; rows in which they are trivially equal say nothing."""
    tally = Tally()
    for first, *others, total in figures_of(table, [*parts, whole], marks):
        if total is None or (first is None and not any(others)):
            continue
        rest = sum(filter(None, others), first or Decimal(0)) - total
        holds = -CENT <= rest <= CENT
        if any(others) or not holds:
            tally.add(holds=holds)
    return tally


@once
def make_same(table: KeptTable, parts: Sequence[str], whole: Sequence[str], marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which some columns add up to what others do; with one figure only, a row says nothing."""
    tally = Tally()
    for figures in figures_of(table, [*parts, *whole], marks):
        first, *others = (one or Decimal(0) for one in figures[: len(parts)])
        rest = sum(others, first) - sum(filter(None, figures[len(parts) :]), Decimal(0))
        holds = -CENT <= rest <= CENT
        if any(others) or not holds:
            tally.add(holds=holds)
    return tally


@once
def at_rates(table: KeptTable, net: str, rate: str, tax: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which the tax is the amount at the row's own rate, which is in percent or a share."""
    tally = Tally()
    for amount, percent, due in figures_of(table, [net, rate, tax], marks):
        if amount and percent and due is not None:
            shares = (percent / 100, percent) if percent < 1 else (percent / 100,)
            tally.add(holds=any(abs(amount * share - due) <= CENT for share in shares))
    return tally


@once
def multiply(table: KeptTable, first: str, second: str, product: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which a column is the product of two others; factors of one say nothing."""
    tally = Tally()
    for one, two, whole in figures_of(table, [first, second, product], marks):
        if one is not None and two is not None and whole is not None and one not in (0, 1):
            tally.add(holds=abs(one * two - whole) <= max(CENT, abs(whole) / 1000))
    return tally


@once
def known_rate(table: KeptTable, net: str, tax: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which the tax is a known rate of the amount."""
    tally = Tally()
    for amount, due in figures_of(table, [net, tax], marks):
        if due:
            tally.add(holds=amount is not None and is_known_rate(amount, due))
    return tally


@once
def with_tax(table: KeptTable, net: str, gross: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which an amount is another one with tax at a known rate; rows without tax say nothing."""
    tally = Tally()
    for without, whole in figures_of(table, [net, gross], marks):
        if without and whole is not None and without != whole:
            tally.add(holds=is_known_rate(without, whole - without))
    return tally


@once
def gross_at_rates(table: KeptTable, gross: str, rate: str | None, tax: str, marks: Mapping[str, Mark]) -> Tally:
    """Count the rows in which the tax is in the amount: a known rate of the rest, or the row's own one.

    Its sign doesn't matter. Low rates of the rest may be other ones of the whole, to the cent: unless the row says its
    rate, most rows must have a high one, which no tax that is put on an amount comes to.
    """
    tally, high = Tally(), 0
    for whole, due, percent in figures_of(table, [gross, tax, rate or tax], marks):
        if not whole or not due:
            continue
        rest, part = abs(whole) - abs(due), abs(due)
        if rate:
            shares = (percent / 100, percent) if percent and percent < 1 else ((percent or Decimal(0)) / 100,)
            tally.add(holds=any(abs(rest * share - part) <= CENT for share in shares))
        else:
            rates = known_rates(rest, part)
            tally.add(holds=bool(rates))
            high += any(one >= _HIGH for one in rates)
    return tally if rate or high > tally.say / 2 else Tally()


def is_turned(table: KeptTable, amount: str, tax: str, marks: Mapping[str, Mark]) -> bool:
    """Tell whether a tax has the other sign than its amount in all rows that have both."""
    same, opposite = signs_alike(table, amount, tax, marks)
    return opposite > 0 == same


@once
def signs_alike(table: KeptTable, first: str, second: str, marks: Mapping[str, Mark]) -> tuple[int, int]:
    """Count the rows in which two figures have the same sign, and those in which they have opposite ones."""
    same = opposite = 0
    for one, two in figures_of(table, [first, second], marks):
        if one and two:
            same += one * two > 0
            opposite += one * two < 0
    return same, opposite


def is_known_rate(amount: Decimal, tax: Decimal) -> bool:
    """Tell whether a tax is a known rate of an amount, to the cent."""
    return any(abs(amount * rate / 100 - tax) <= CENT for rate in _RATES)


def known_rates(amount: Decimal, tax: Decimal) -> frozenset[Decimal]:
    """Return the known rates, in percent, of which a tax is one of an amount, to the cent."""
    return frozenset(rate for rate in _RATES if abs(amount * rate / 100 - tax) <= CENT)


def are_of_less(rows: Iterable[tuple[Decimal | None, Decimal | None, Decimal | None]]) -> bool:
    """Tell whether taxes are at other rates where there is a discount than elsewhere: not of the amount, then.

    Args:
        rows: amount, discount and tax of each.
    """
    taxed = [(amount, less, tax) for amount, less, tax in rows if amount and tax]
    rates = {rate for amount, less, tax in taxed if not less for rate in known_rates(amount, tax)}
    return bool(rates) and any(less and rates.isdisjoint(known_rates(amount, tax)) for amount, less, tax in taxed)


_OF_PERCENT = frozenset(_RATES)
_OF_SHARES = frozenset(rate / 100 for rate in _RATES)


def are_rates(values: Iterable[Decimal | None]) -> bool:
    """Tell whether all of some values are known rates, in percent or as a share."""
    are_percent = are_shares = True
    count = 0
    for value in values:
        if value is not None:
            count += 1
            are_percent = are_percent and value in _OF_PERCENT
            are_shares = are_shares and value in _OF_SHARES
            if not (are_percent or are_shares):
                return False
    return count > 0


@once
def one_of_each(table: KeptTable, key: str, column: str) -> Tally:
    """Count the keys with several rows in which a column is the same in all of them."""
    seen: dict[Any, set[Any]] = defaultdict(set)
    counts: dict[Any, int] = defaultdict(int)
    for identity, value in rows_of(table, [key, column]):
        seen[identity].add(value)
        counts[identity] += 1
    tally = Tally()
    for identity, number_ in counts.items():
        if number_ > 1:
            tally.add(holds=len(seen[identity]) == 1)
    return tally


@once
def in_order(table: KeptTable, first: str, second: str, forms: tuple[str, str]) -> Tally:
    """Count the rows in which the first date isn't after the second."""
    tally = Tally()
    for (one, two), rows in Counter(_days_of(table, (first, second), forms)).items():
        if one and two:
            tally.add(holds=one <= two, rows=rows)
    return tally


@once
def whole_months(table: KeptTable, start: str, end: str, forms: tuple[str, str]) -> tuple[Tally, Tally]:
    """Count the rows whose periods are whole months: if the end is their last day, and if it is the day after."""
    inclusive, exclusive = Tally(), Tally()
    for (one, two), rows in Counter(_days_of(table, (start, end), forms)).items():
        if one and two:
            inclusive.add(holds=_is_months(one, two + timedelta(days=1)), rows=rows)
            exclusive.add(holds=_is_months(one, two), rows=rows)
    return inclusive, exclusive


def _is_months(start: date, end: date) -> bool:
    """Tell whether a period (its end excluded) is made of whole months; a month's last day counts as any later one."""
    if end <= start:
        return False
    if start.day == end.day:
        return True
    return (end + timedelta(days=1)).day == 1 and start.day > end.day


@once
def chained(table: KeptTable, keys: Sequence[str], start: str, end: str, forms: tuple[str, str]) -> tuple[int, int]:
    """Count periods of one key that follow each other: with a day between end and next start, and without one."""
    periods: dict[tuple[Any, ...], list[tuple[date, date]]] = defaultdict(list)
    for key, (one, two) in zip(rows_of(table, keys), _days_of(table, (start, end), forms), strict=True):
        if one and two:
            periods[key].append((one, two))
    apart = together = 0
    for several in periods.values():
        several.sort()
        for (_, ended), (begins, _) in pairwise(several):
            apart += begins - ended == timedelta(days=1)
            together += begins == ended
    return apart, together


@once
def depends(table: KeptTable, key: str, column: str) -> bool:
    """Tell whether a column has one value for each of another's, empty ones aside."""
    seen: dict[Any, Any] = {}
    for identity, value in rows_of(table, [key, column]):
        if value not in (None, "") and seen.setdefault(identity, value) != value:
            return False
    return bool(seen)


@once
def have_same(table: KeptTable, first: str, second: str) -> bool:
    """Tell whether two columns have the same value in a row."""
    return any(one == two and one not in (None, "") for one, two in rows_of(table, [first, second]))


@once
def are_copies(table: KeptTable, first: str, second: str) -> bool:
    """Tell whether two columns have the same in all rows."""
    return all(one == other for one, other in rows_of(table, [first, second]))


def sums_make(lines: KeptTable, parts: tuple[str, str], documents: KeptTable, wholes: tuple[str, str]) -> bool:
    """Tell whether the figures of lines, by their document, are figures of documents, by their key: in nearly all.

    Args:
        parts: the columns of the document and of the figure.
        wholes: those of the key and of the figure; the decimal sign is one in both.
    """
    for mark in MARKS:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for key, value in rows_of(lines, parts):
            sums[str(key).strip()] += figure(value, mark) or Decimal(0)
        tally = Tally()
        for key, value in rows_of(documents, wholes):
            whole = figure(value, mark)
            if whole and (own := sums.get(str(key).strip())) is not None:
                tally.add(holds=abs(own - whole) <= CENT)
        if tally.is_proof:
            return True
    return False


@once
def are_unique(table: KeptTable, columns: Sequence[str]) -> bool:
    """Tell whether some columns together tell every row from every other, none of them empty in all."""
    seen = set()
    for values in rows_of(table, columns):
        if values in seen:
            return False
        seen.add(values)
    return True


@once
def name_alike(table: KeptTable, columns: Sequence[str]) -> bool:
    """Tell whether columns are names of the same things: each value of one goes with one value of the others."""
    seen: dict[tuple[int, Any], tuple[Any, ...]] = {}
    for values in rows_of(table, columns):
        for place, value in enumerate(values):
            if value is None or seen.setdefault((place, value), values) != values:
                return False
    return bool(seen)


_READERS = {mark: lru_cache(maxsize=1 << 17)(reader(mark)) for mark in MARKS}


def figure(value: Any, mark: Mark) -> Decimal | None:
    """Return the number in a cell; None of an empty one, and of what is none."""
    if isinstance(value, str):
        return _READERS[mark](value)
    return None if value is None else number(value, mark)
