"""Headings of files that the mapping doesn't expect: what it reads and isn't there, and months that it doesn't read.

A row would go with less than it should: a line whose period stands under another heading now would come as a one-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from destination_fincome.failure import ConfigFailure
from destination_fincome.mapping.misfits import further_months, lost_columns
from destination_fincome.mapping.own import MappingError, OwnStream, read_mapping
from destination_fincome.mapping.stream_names import normal
from fincome_tools.files.reading import Files
from fincome_tools.files.table import Table

_WITHOUT_HEADING = (".json", ".jsonl", ".ndjson")  # a record there has the fields that it has a value for


def refuse_other_columns(files: Files, renamed: Mapping[str, str], mapping: Any) -> None:
    """Refuse tables that lack columns which make figures, or have months that the mapping doesn't read.

    Args:
        files: as they were read.
        renamed: what the mapping calls tables that it has under another name.

    Raises:
        ConfigFailure: there are some; what to do.
    """
    for problem in other_columns(files, renamed, mapping):
        raise ConfigFailure(f"{problem} Nothing was sent.")


def other_columns(files: Files, renamed: Mapping[str, str], mapping: Any) -> Iterator[str]:
    """Yield what tables lack, or have besides, that would make other figures; arguments as above."""
    try:
        own = read_mapping(mapping) if mapping else None
    except MappingError:
        return  # told where the mapping is used
    streams = {normal(name): stream for name, stream in own.streams.items()} if own else {}
    for table in files.tables:
        stream = streams.get(normal(renamed.get(table.name, table.name)))
        has_heading = files.origins[table.name].suffix.lower() not in _WITHOUT_HEADING
        if stream and not stream.ignore and has_heading:
            yield from _problems(table, stream)


def _problems(table: Table, stream: OwnStream) -> Iterator[str]:
    if lost := lost_columns(stream, table.columns):
        yield (
            f"{table.name} has no column {', '.join(lost)}, which the mapping reads. If a heading was renamed, give it "
            "the name back in the file, or draft the mapping anew from this file (`fincome map`); if the column is "
            "gone for good, take what reads it out of the mapping."
        )
    if months := list(_filled(table, further_months(stream, table.columns))):
        yield (
            f"{table.name} has amounts in {', '.join(months)}, and the mapping reads other months only: they would be "
            "missing. Draft the mapping anew from this file (`fincome map`)."
        )


def _filled(table: Table, names: list[str]) -> Iterator[str]:
    """Yield those of some columns that hold something."""
    if not names:
        return
    places = {place: name for place, name in enumerate(table.columns) if name in names}
    filled: set[str] = set()
    for row in table.read():
        filled |= {name for place, name in places.items() if row.values[place] not in (None, "")}
    yield from (name for name in places.values() if name in filled)
