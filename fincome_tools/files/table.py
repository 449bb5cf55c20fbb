"""What a file holds: tables with headings, whose rows can be read as often as is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_COLUMNS = 1000
"""No export has more; what has is another kind of file, or broken."""


class Row(NamedTuple):
    """One row.

    Attributes:
        number: of its line (of a workbook: its row) in the file, from 1 on, as other programs show it.
        values: as many as the table has columns; a text as it stands there, None where the row is too short. Cells of
            workbooks and values of JSON keep their type.
    """

    number: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """One table of a file.

    Attributes:
        name: what its stream is called: the file's name without its ending, or the sheet's.
        columns: the headings.
        reading: how it was read, in words: `windows-1252, separated by ";", heading in line 7`.
        read: gives the rows, from the first one on each time. Raises ConfigFailure where the file turns out broken.
        left_out: rows that are no data, in words (`2 total rows`), as far as they are known before the first reading.
    """

    name: str
    columns: tuple[str, ...]
    reading: str
    read: Callable[[], Iterator[Row]]
    left_out: str = ""
