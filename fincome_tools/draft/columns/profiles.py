"""What a column holds, by all of its rows."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from destination_fincome.fincome.value_types import ValueFault, read_country, read_currency
from fincome_tools.draft.columns.dates import SERIAL, Dates, dates_of, milliseconds_of, serials_of
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.numbers import Mark, Numbers, number, numbers_of

MOST_DISTINCT = 100_000
_AT_ONCE = 4000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Profile:
    """One column.

    Attributes:
        name: its heading.
        rows: of the table.
        values: its distinct values that aren't empty, with how often they occur; beyond MOST_DISTINCT the first ones.
        filled: how many rows have a value.
        is_whole: all distinct values are among `values`.
        distinct: how many there are, where more were counted than are in `values`.
    """

    name: str
    rows: int
    values: Counter[Any]
    filled: int
    is_whole: bool
    distinct: int | None = None

    @cached_property
    def numbers(self) -> Numbers | None:
        """How its values are numbers."""
        return numbers_of(self.values)

    @property
    def only_mark(self) -> Mark | None:
        """The decimal sign of its numbers; None if it isn't known."""
        numbers = self.numbers
        if numbers is None or not numbers.marks:
            return None
        return numbers.marks[0] if len(numbers.marks) == 1 or numbers.whole else None

    @cached_property
    def has_figures(self) -> bool:
        """Whether its values are numbers, and not all of them zeros."""
        numbers = self.numbers
        return numbers is not None and any(number(value, numbers.marks[0]) for value in self.values)

    @cached_property
    def dates(self) -> Dates | None:
        """How its values are dates."""
        return dates_of(self.values)

    @cached_property
    def days(self) -> Dates | None:
        """How its values are dates, if its heading says that they are: also the days that spreadsheets count."""
        if self.dates:
            return self.dates
        form = milliseconds_of(self.values) or (SERIAL if serials_of(self.values) else None)
        return Dates((form,)) if form else None

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own."""
        distinct = len(self.values) if self.is_whole else self.distinct
        return self.filled == self.rows == distinct

    @cached_property
    def is_currency(self) -> bool:
        """Whether all values are codes of currencies."""
        return self._all(lambda text: len(text.strip()) == 3 and is_currency(text), most=200)

    @cached_property
    def is_country(self) -> bool:
        """Whether nearly all values are countries."""
        return self._all(_is_country, most=400, share=0.9)

    @cached_property
    def is_email(self) -> bool:
        """Whether nearly all values are e-mail addresses."""
        return self._all(lambda text: bool(_EMAIL.fullmatch(text.strip())), share=0.9)

    @cached_property
    def is_text(self) -> bool:
        """Whether most values have letters and are no dates."""
        return self._all(lambda text: any(sign.isalpha() for sign in text), share=0.5) and self.dates is None

    def _all(self, test: Any, most: int = MOST_DISTINCT, share: float = 1) -> bool:
        if not self.values or len(self.values) > most:
            return False
        may_fail = len(self.values) - math.ceil(share * len(self.values))
        failed = 0
        for value in self.values:
            failed += not _holds(test, str(value))
            if failed > may_fail:
                return False
        return True


def _is_country(text: str) -> bool:
    """Tell whether a text is a country: its code, or its name, in which are no figures."""
    return (len(text.strip()) <= 3 or not any(map(str.isdigit, text))) and read_country(text) is not None


def is_currency(text: str) -> bool:
    """Tell whether a text is the code of a currency."""
    return _holds(lambda code: read_currency(code) is not None, text)


def _holds(test: Any, text: str) -> bool:
    try:
        return bool(test(text))
    except ValueFault:
        return False


def profiles_of(table: KeptTable) -> dict[str, Profile]:
    """Look at all rows of a table, once."""
    return {name: profile_of(table, name) for name in table.columns}


def _is_blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or isinstance(value, (dict, list))


def profile_of(table: KeptTable, name: str) -> Profile:
    """Look at a column of a table that is kept, once for all drafts."""
    key = f"profile {name}"
    if key not in table.found:
        table.pause()
        table.found[key] = _of_values(name, table.kept[name])
    found: Profile = table.found[key]
    return found


def _of_values(name: str, values: Collection[Any]) -> Profile:
    if not isinstance(values, list):
        return _of_many(name, values)
    nested = {dict, list} & set(map(type, values))
    counter = Counter([value for value in values if not isinstance(value, (dict, list))] if nested else values)
    for value in [value for value in counter if _is_blank(value)]:
        del counter[value]
    filled = sum(counter.values())
    is_whole = len(counter) <= MOST_DISTINCT
    kept = counter if is_whole else Counter(dict(islice(counter.items(), MOST_DISTINCT)))
    return Profile(name, len(values), kept, filled, is_whole, len(counter))


def _of_many(name: str, values: Collection[Any]) -> Profile:
    """Look at values that don't lie in memory, of which no more distinct ones are kept than may be."""
    counter: Counter[Any] = Counter()
    filled, is_whole, cells = 0, True, iter(values)
    while several := list(islice(cells, _AT_ONCE)):
        found = [value for value in several if not _is_blank(value)]
        filled += len(found)
        if len(counter) > MOST_DISTINCT:
            is_whole = is_whole and all(value in counter for value in found)
            found = [value for value in found if value in counter]
        counter.update(found)
    return Profile(name, len(values), counter, filled, is_whole)
