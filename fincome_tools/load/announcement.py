"""What a load is about to do, in figures that a finance person can hold against the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from destination_fincome.failure import ConfigFailure
from destination_fincome.wording import counted_objects, several_of
from fincome_tools.files.reading import Files
from fincome_tools.preview.figures import amounts_to_be_sent, numbers_to_be_sent

if TYPE_CHECKING:
    from destination_fincome.connection.assembly import Connection


def show_files(console: Console, files: Files) -> None:
    """Print how each table was read."""
    for table in files.tables:
        left_out = f"; left out: {table.left_out}" if table.left_out else ""
        console.print(f"[bold]{escape(table.name)}[/]: {escape(table.reading)}{left_out}", highlight=False)
    for path in files.messages:
        console.print(f"[bold]{escape(path.name)}[/]: Airbyte messages", highlight=False)


def show_names(console: Console, renamed: Mapping[str, str]) -> None:
    """Print which tables are read as streams of the mapping that have another name."""
    for name, stream in renamed.items():
        console.print(f"[bold]{escape(name)}[/] is read as {escape(stream)} of the mapping.", highlight=False)
    if renamed:
        console.print("Rows that an earlier file of the same name has as well, cell by cell, count once.")


def refuse_unknown(files: Files, connection: Connection) -> None:
    """Refuse files of which nothing would be loaded, though they were named.

    Raises:
        ConfigFailure: there are some; what to do.
    """
    streams = zip(connection.catalog.streams, connection.plan.streams, strict=True)
    unknown = {stream.key.name for stream, planned in streams if planned.unknown}
    known = {path for name, path in files.origins.items() if name not in unknown}
    lost = sorted(path.name for path in files.named - known)
    if lost:
        raise ConfigFailure(
            f"Nothing would be loaded of {', '.join(lost)}: the mapping doesn't know the name. Call the file as the "
            "mapping calls its stream (a date or a number behind that does no harm), say in the mapping what becomes "
            "of it (`ignore: true` if nothing), or leave it out."
        )


def show_totals(console: Console, summary: Mapping[str, Any]) -> None:
    """Print what would be sent, by entity and currency, and what would not."""
    grid = Grid(title="To be sent", title_justify="left")
    grid.add_column("", no_wrap=True)
    grid.add_column("number", justify="right")
    grid.add_column("amount", justify="right")
    sums = amounts_to_be_sent(summary)
    numbers = numbers_to_be_sent(summary)
    for row in summary["entities"]:
        if count := numbers[row["entity"]]:
            amounts = [f"{one.total:,} {one.currency}".strip() for one in sums if one.entity == row["entity"]]
            grid.add_row(several_of(row["entity"]), f"{count:,}", "\n".join(amounts))
    console.print(grid)
    entities = {row["entity"] for row in summary["entities"]}
    for reason in summary["reasons"]:
        where, count = reason["where"], reason["count"]
        of = counted_objects(count, where, form=",") if where in entities else f"{count:,} {where}"
        place = f"{of}, {reason['field']}" if reason["field"] else of
        example = f"; for example {reason['example']}" if reason["example"] else ""
        console.print(
            f"{reason['outcome'].capitalize()}: {place}: {reason['text']}{example}",
            highlight=False,
            markup=False,
        )
