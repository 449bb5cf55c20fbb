"""The connector's config, as people's commands read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer


def read_config(path: Path) -> dict[str, Any]:
    """Read a config's file; names that are much like a setting's but none are told on stderr, and left out.

    Raises:
        ConfigFailure: the file can't be read, or holds no JSON object.
    """
    from destination_fincome.connection.config import misspelt_settings
    from destination_fincome.protocol.catalog import read_json_object

    document = read_json_object(path, "configuration")
    for name, doubt in misspelt_settings(document).items():
        typer.echo(f"Warning: {doubt}", err=True)
        del document[name]
    return document
