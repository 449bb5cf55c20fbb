"""The command `fincome preview`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from destination_fincome.protocol.catalog import Catalog
from destination_fincome.wording import counted
from fincome_tools.exits import Exit, failures_told
from fincome_tools.files.objects import is_of_messages
from fincome_tools.preview.inputs import (
    STDIN,
    catalog_of_messages,
    opened,
    read_catalog_of_any_form,
    read_mapping_file,
    reader_of_messages,
)
from fincome_tools.settings import read_config

Begin = Callable[[], Callable[[int], bytes]]

NARROWEST = 120


def preview(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Airbyte messages, one a line; or CSV, XLSX, ODS, JSON, Parquet; - for a source's pipe."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The connector's config; its key isn't needed.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping, as `fincome map` drafts it.")] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Configured catalog, or what the source's `discover` wrote; without it: from the messages."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write everything into this file too, as one web page.")] = None,
    samples: Annotated[int, typer.Option(min=0, max=1000, help="How many records of each stream are shown.")] = 3,
    offline: Annotated[bool, typer.Option("--offline", help="Don't ask Fincome what it has.")] = False,
) -> None:
    """Foretell what a sync would do, and why some would not be sent. Writes nothing into Fincome.

    With a key in the config Fincome is asked (GET) what it has already; without one it isn't.
    """
    logging.getLogger("airbyte").disabled = True
    if not files and sys.stdin.isatty():
        raise typer.BadParameter("name the files, or let a source's messages come through a pipe")
    with failures_told():
        document = read_config(config) if config else {}
        if mapping:
            document["mapping"] = read_mapping_file(mapping)
        with _input(files or [STDIN], catalog, document.get("mapping")) as (chosen, begin):
            asks = None if offline or not document.get("api_key") else _announce
            rejected = _preview(document, chosen, begin, html, samples, asks)
    raise typer.Exit(Exit.DIFFERENT if rejected else Exit.DONE)


def _announce(looks: int) -> None:
    objects = counted(looks, "object", form=",")
    typer.echo(f"Fincome is asked for up to {objects} (GET), at the pace of a sync. Nothing is written.", err=True)


@contextmanager
def _input(paths: list[Path], catalog: Path | None, mapping: Any) -> Iterator[tuple[Catalog, Begin]]:
    """Open what is to be previewed: messages, or files of people."""
    if paths == [STDIN] or (len(paths) == 1 and paths[0].is_file() and is_of_messages(paths[0])):
        with opened(paths[0]) as file:
            chosen = read_catalog_of_any_form(catalog) if catalog else catalog_of_messages(file)
            yield chosen, lambda: reader_of_messages(file)
        return
    from fincome_tools.files.messages import catalog_of, reader_of
    from fincome_tools.files.reading import read_files
    from fincome_tools.preview.headings import refuse_other_columns
    from fincome_tools.preview.naming import as_mapped

    read = read_files(paths)
    found, renamed = as_mapped(read, mapping)
    if catalog is None:
        refuse_other_columns(read, renamed, mapping)
    yield read_catalog_of_any_form(catalog) if catalog else catalog_of(found), lambda: reader_of(found)


def _preview(
    document: dict[str, Any],
    chosen: Catalog,
    begin: Begin,
    html: Path | None,
    samples: int,
    asks: Callable[[int], None] | None,
) -> bool:
    """Show everything; tells whether something would be rejected."""
    from fincome_tools.preview import page, terminal
    from fincome_tools.preview.rehearsal import rehearse

    seen = rehearse(document, chosen, begin, samples, asks)
    if html:
        page.write(seen, html)
    console = Console()
    terminal.show(Console(width=max(NARROWEST, console.width)), seen)
    if html:
        console.print(f"The page is in {html}. It shows your customers' data: keep it accordingly.", highlight=False)
    return seen.rejects
