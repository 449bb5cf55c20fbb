"""Headings of files that the mapping doesn't expect: what it reads and isn't there, and months that it doesn't read.

A row would go with less than it should: a line whose period stands under another heading now would come as a one-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from destination_fincome.failure import ConfigFailure
from destination_fincome.mapping.column_names import plainly
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.own import MappingError, OwnEmission, OwnStream, read_mapping
from destination_fincome.mapping.stream_names import normal
from fincome_tools.draft.recognition.month_columns import month_of_heading
from fincome_tools.files.reading import Files
from fincome_tools.files.table import Table

_MONEY = frozenset({"subscriptions", "invoices", "invoice_lines", "credit_notes"})
_WITHOUT_HEADING = (".json", ".jsonl", ".ndjson")  # a record there has the fields that it has a value for
_FEWEST_MONTHS = 3


def refuse_other_columns(files: Files, renamed: Mapping[str, str], mapping: Any) -> None:
    """Refuse tables that lack columns which make figures, or have months that the mapping doesn't read.

    Args:
        files: as they were read.
        renamed: what the mapping calls tables that it has under another name.

    Raises:
        ConfigFailure: there are some; what to do.
    """
    try:
        own = read_mapping(mapping) if mapping else None
    except MappingError:
        return  # told where the mapping is used
    streams = {normal(name): stream for name, stream in own.streams.items()} if own else {}
    for table in files.tables:
        stream = streams.get(normal(renamed.get(table.name, table.name)))
        has_heading = files.origins[table.name].suffix.lower() not in _WITHOUT_HEADING
        if stream and not stream.ignore and has_heading:
            _refuse(table, stream)


def _refuse(table: Table, stream: OwnStream) -> None:
    texts = [*_texts_of(stream)]
    there = {plainly(name) for name in table.columns}
    own = {plainly(name) for let in (stream.let, *(one.let for one in stream.emits)) for name in let}
    if lost := list(dict.fromkeys(name for text in texts for name in _lost(text, there, own))):
        raise ConfigFailure(
            f"{table.name} has no column {', '.join(lost)}, which the mapping reads. If a heading was renamed, give it "
            "the name back in the file, or draft the mapping anew from this file (`fincome map`); if the column is "
            "gone for good, take what reads it out of the mapping. Nothing was sent."
        )
    known = {plainly(name) for text in texts for name in columns(text)}
    if months := list(_further_months(table, known)):
        raise ConfigFailure(
            f"{table.name} has amounts in {', '.join(months)}, and the mapping reads other months only: they would be "
            "missing. Draft the mapping anew from this file (`fincome map`). Nothing was sent."
        )


def _texts_of(stream: OwnStream) -> Iterator[str]:
    """Yield the expressions that make figures of a row."""
    for emission in stream.emits:
        if emission.entity in _MONEY and not emission.for_each and not emission.ignore:
            yield from _of_fields(emission)


def _of_fields(emission: OwnEmission) -> Iterator[str]:
    fields = emission.fields if isinstance(emission.fields, Mapping) else {}
    yield from (text for text in [emission.when, *fields.values()] if isinstance(text, str))


def _lost(text: str, there: set[str], own: set[str]) -> list[str]:
    """Return the columns of an expression, if none is there: of `coalesce(a, b)` one may be missing.

    Args:
        there: the table's columns, plainly.
        own: names that the mapping itself gives to values.
    """
    if plainly(text) in there:
        return []  # a heading with a dot in it
    read = sorted(name for name in columns(text) if plainly(name) not in own)
    return [] if any(plainly(name) in there for name in read) else read


def _further_months(table: Table, known: set[str]) -> Iterator[str]:
    """Yield the columns of months with amounts that the mapping of such columns doesn't read."""
    months = [name for name in table.columns if month_of_heading(name)]
    further = {place: name for place, name in enumerate(table.columns) if name in months and plainly(name) not in known}
    if not further or len(months) - len(further) < _FEWEST_MONTHS:
        return
    filled: set[str] = set()
    for row in table.read():
        filled |= {name for place, name in further.items() if row.values[place] not in (None, "")}
    yield from (name for name in further.values() if name in filled)
