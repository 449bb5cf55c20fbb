"""`fincome init`: a config and an example export, to try the way from files to revenue."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from fincome_tools.exits import fail

CONFIG = {"api_key": "sandbox-key", "base_url": "http://localhost:8321/product"}
_EXAMPLE = ("factures.csv", "answers.yaml")


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; it is made if it isn't there.")] = Path(),
) -> None:
    """Write a config for the sandbox and an example export, and say how to go on. Overwrites nothing."""
    wanted = {"config.json": json.dumps(CONFIG, indent=2).encode() + b"\n"}
    source = files("fincome_tools.load").joinpath("example")
    wanted |= {name: source.joinpath(name).read_bytes() for name in _EXAMPLE}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if there := [name for name in wanted if (folder / name).exists()]:
            fail(f"{folder} has {', '.join(there)} already: name another folder.")
        for name, content in wanted.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(content)
    except OSError as error:
        fail(f"The files can't be written into {folder}: {error.strerror}. Name another folder.")
    typer.echo(f"Written to {folder}: {', '.join(wanted)}. Go on with:")
    for line in _NEXT:
        typer.echo(f"  {line}")
    typer.echo("For your own account, put its api_key into config.json, and take base_url out.")


_NEXT = (
    "fincome sandbox &",
    "fincome map factures.csv --draft mapping.yaml --answers answers.yaml    # or: fincome map factures.csv",
    "fincome load --config config.json --mapping mapping.yaml factures.csv",
    "then look at http://localhost:8321/_sandbox/page/revenue",
)
