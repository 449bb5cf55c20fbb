"""The command `fincome map`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fincome_tools.exits import fail, failures_told


def map_(
    convert: Annotated[
        Path | None,
        typer.Option(
            metavar="CONFIG",
            help="A config with the older setting `streams`: print the text for `mapping` that says the same.",
        ),
    ] = None,
) -> None:
    """Print a text for the connector's setting `mapping`."""
    if convert is None:
        raise typer.BadParameter("say what is to be mapped: --convert CONFIG")
    from destination_fincome.connection.config import parse_config
    from destination_fincome.protocol.catalog import read_json_object

    with failures_told():
        document = read_json_object(convert, "configuration")
        config = parse_config({"api_key": "none-is-needed", **document})
    if not config.streams:
        fail("The config has no setting `streams`: there is nothing to convert.")
    typer.echo(config.own_mapping.text, nl=False)
