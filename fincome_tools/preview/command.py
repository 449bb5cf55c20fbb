"""The command `fincome preview`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
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
    offline: Annotated[bool, typer.Option("--offline", help="Don't ask Fincome what it has.")] = False,
) -> None:
    """Foretell what a sync would do, and why some would not be sent. Writes nothing into Fincome.

    With a key in the config Fincome is asked (GET) what it has already; without one it isn't.
    """
    logging.getLogger("airbyte").disabled = True
    with failures_told():
        document = read_json_object(config, "configuration") if config else {}
        with opened(messages) as file:
            asks = None if offline or not document.get("api_key") else _announce
            rejected = _preview(document, file, catalog, html, samples, asks)
    raise typer.Exit(Exit.DIFFERENT if rejected else Exit.DONE)


def _announce(looks: int) -> None:
    typer.echo(
        f"Fincome is asked for up to {looks:,} objects (GET), at the pace of a sync. Nothing is written.", err=True
    )


def _preview(
    document: dict[str, Any],
    file: IO[bytes],
    catalog: Path | None,
    html: Path | None,
    samples: int,
    asks: Callable[[int], None] | None,
) -> bool:
    """Show everything; tells whether something would be rejected."""
    from fincome_tools.preview import page, terminal
    from fincome_tools.preview.rehearsal import rehearse

    chosen = read_catalog_of_any_form(catalog) if catalog else catalog_of_messages(file)
    descriptor = file.fileno()

    def begin() -> Callable[[int], bytes]:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return lambda limit: os.read(descriptor, limit)

    seen = rehearse(document, chosen, begin, samples, asks)
    if html:
        page.write(seen, html)
    console = Console()
    terminal.show(Console(width=max(NARROWEST, console.width)), seen)
    if html:
        console.print(f"The page is in {html}. It shows your customers' data: keep it accordingly.", highlight=False)
    return seen.rejects
