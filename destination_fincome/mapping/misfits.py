"""What a user's mapping and the columns of its stream don't share, where it makes figures.

A heading that was renamed leaves a field empty: a line whose period stands under another heading now would come as a
one-off. A column for a further month isn't read at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from destination_fincome.mapping.column_names import plainly
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.written_dates import month_of
from destination_fincome.mapping.own import OwnEmission, OwnStream

LOST = "the mapping reads columns for figures that the stream doesn't have"
FURTHER_MONTHS = "the stream has columns for months that the mapping doesn't read"
_MONEY = frozenset({"subscriptions", "invoices", "invoice_lines", "credit_notes"})
_FEWEST_MONTHS = 3
_YEAR = r"(?:20)?\d\d"
_IN_NUMBERS = re.compile(
    rf"(?:0?[1-9]|1[0-2])[/. -]{_YEAR}|20\d\d[/. -](?:0?[1-9]|1[0-2])(?:[/.-]0?1)?(?:[ T]00:00.*)?"
)
_IN_WORDS = re.compile(rf"([^\W\d_]+)\.?[\s/.'’-]*{_YEAR}")


def lost_columns(stream: OwnStream, there: Collection[str]) -> list[str]:
    """Return the columns that make figures and aren't there; of `coalesce(a, b)` one may be missing.

    Args:
        there: the columns that the stream has.
    """
    plain = {plainly(name) for name in there}
    own = {plainly(name) for let in (stream.let, *(one.let for one in stream.emits)) for name in let}
    return list(dict.fromkeys(name for text in _texts_of(stream) for name in _lost(text, plain, own)))


def _lost(text: str, there: set[str], own: set[str]) -> list[str]:
    """Return the columns of an expression, if none is there.

    Args:
        own: names that the mapping itself gives to values.
    """
    if plainly(text) in there:
        return []  # a heading with a dot in it
    # Names with an underscore are those of values, the built-in mapping's among them.
    read = sorted(name for name in columns(text) if plainly(name) not in own and not name.startswith("_"))
    return [] if any(plainly(name) in there for name in read) else read


def further_months(stream: OwnStream, there: Sequence[str]) -> list[str]:
    """Return the columns of months that a mapping of such columns doesn't read."""
    known = {plainly(name) for text in _texts_of(stream) for name in columns(text)}
    months = [name for name in there if is_month(name)]
    further = [name for name in months if plainly(name) not in known]
    return further if len(months) - len(further) >= _FEWEST_MONTHS else []


def is_month(heading: str) -> bool:
    """Tell whether a heading is a month of a year."""
    text = heading.strip()
    in_words = _IN_WORDS.fullmatch(text)
    return bool(_IN_NUMBERS.fullmatch(text)) or (in_words is not None and month_of(in_words[1]) is not None)


def _texts_of(stream: OwnStream) -> Iterator[str]:
    """Yield the expressions that make figures of a row."""
    for emission in stream.emits:
        if emission.entity in _MONEY and not emission.for_each and not emission.ignore:
            yield from _of_fields(emission)


def _of_fields(emission: OwnEmission) -> Iterator[str]:
    fields = emission.fields if isinstance(emission.fields, Mapping) else {}
    texts = (value.get("lookup") if isinstance(value, Mapping) else value for value in fields.values())
    yield from (text for text in [emission.when, *texts] if isinstance(text, str))
