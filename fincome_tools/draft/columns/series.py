"""Series of documents' numbers: a rare one beside that of the invoices, at the same time, may be that of credits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import date
from itertools import pairwise

_MOST_RARE = 0.3
_FEWEST = 2
_FEWEST_OTHERS = 10
_LETTERS = re.compile(r"[^\W\d_]+|")
_DIGITS = re.compile(r"\d+")


def rare_series(days: Mapping[str, date]) -> tuple[set[str], str, bool] | None:
    """Return the numbers of a rare series, with what tells them: how all of them begin, or all others do.

    Args:
        days: of the documents, by their numbers.

    Returns:
        The numbers; the beginning; whether it is theirs, else it is that of the others. None if there is no such
        series, or several.
    """
    by_letters = _grouped(days.keys())
    groups = by_letters if len(by_letters) > 1 else _by_ranges(days)
    if len(groups) != 2:
        return None
    rare, others = sorted(groups, key=len)
    if not _FEWEST <= len(rare) <= _MOST_RARE * len(days) or len(others) < _FEWEST_OTHERS:
        return None
    if not _are_at_the_same_time([days[one] for one in rare], [days[one] for one in others]):
        return None
    own, theirs = _telling(rare, others), _telling(others, rare)
    if theirs and (own is None or own.isdigit()) and not theirs.isdigit():
        return rare, theirs, False
    return (rare, own, True) if own else (rare, theirs, False) if theirs else None


def _telling(some: Set[str], others: Set[str]) -> str | None:
    """Return the letters, else the fewest digits, with which all of some numbers begin, and none of the others."""
    first, last = min(some), max(some)
    match = _LETTERS.match(first)
    letters = match[0] if match else ""
    same = next((place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    possible = [letters] if letters else [first[:length] for length in range(1, same + 1) if first[0].isdigit()]
    return next((one for one in possible if not any(other.startswith(one) for other in others)), None)


def _grouped(numbers: Set[str]) -> list[set[str]]:
    """Return numbers by the letters with which they begin."""
    groups: dict[str, set[str]] = defaultdict(set)
    for number in numbers:
        match = _LETTERS.match(number)
        groups[match[0] if match else ""].add(number)
    return list(groups.values())


def _by_ranges(days: Mapping[str, date]) -> list[set[str]]:
    """Return numbers that are counted, parted where by far the widest gap is between them."""
    counted = sorted((int(found[-1]), one) for one in days if (found := _DIGITS.findall(one)) and len(found) == 1)
    if len(counted) < len(days):
        return []
    gaps = [(after[0] - before[0], place) for place, (before, after) in enumerate(pairwise(counted), start=1)]
    if not gaps:
        return []
    widest, place = max(gaps)
    if widest <= len(days):
        return []
    return [{one for _, one in counted[:place]}, {one for _, one in counted[place:]}]


def _are_at_the_same_time(some: list[date], others: list[date]) -> bool:
    """Tell whether two series run beside each other: the counter didn't just go on with other letters."""
    return min(some) < max(others) and max(some) > min(others)
