"""The command `fincome preview`."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console

from destination_fincome.protocol.catalog import read_json_object
from fincome_tools.exits import Exit, failures_told
from fincome_tools.preview.inputs import STDIN, catalog_of_messages, opened, read_catalog_of_any_form

NARROWEST = 120


def preview(
    messages: Annotated[
        Path, typer.Argument(help="File of Airbyte messages, one per line; - for what a source writes into a pipe.")
    ] = STDIN,
    config: Annotated[Path | None, typer.Option(help="The connector's config; its key isn't needed.")] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Configured catalog, or what the source's `discover` wrote; without it: from the messages."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write everything into this file too, as one web page.")] = None,
    samples: Annotated[int, typer.Option(min=0, max=1000, help="How many records of each stream are shown.")] = 3,
) -> None:
    """Show what a sync would send, and why some would not be. Sends nothing, and needs no key."""
    logging.getLogger("airbyte").disabled = True
    with failures_told():
        document = read_json_object(config, "configuration") if config else {}
        with opened(messages) as file:
            rejected = _preview(document, file, catalog, html, samples)
    raise typer.Exit(Exit.DIFFERENT if rejected else Exit.DONE)


def _preview(document: dict[str, Any], file: IO[bytes], catalog: Path | None, html: Path | None, samples: int) -> bool:
    """Show everything; tells whether something would be rejected."""
    from fincome_tools.preview import page, terminal
    from fincome_tools.preview.rehearsal import rehearse

    chosen = read_catalog_of_any_form(catalog) if catalog else catalog_of_messages(file)
    descriptor = file.fileno()
    os.lseek(descriptor, 0, os.SEEK_SET)
    seen = rehearse(document, chosen, lambda limit: os.read(descriptor, limit), samples)
    if html:
        page.write(seen, html)
    console = Console()
    terminal.show(Console(width=max(NARROWEST, console.width)), seen)
    if html:
        console.print(f"The page is in {html}. It shows your customers' data: keep it accordingly.", highlight=False)
    return seen.rejects
