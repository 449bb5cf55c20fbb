"""The command `fincome resend`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from destination_fincome.wording import several_of
from fincome_tools.exits import Exit, failures_told

if TYPE_CHECKING:
    from fincome_tools.resend.sending import Result
    from fincome_tools.resend.stored import Line, Name, Place

MOST_LISTED = 50


def resend(
    place: Annotated[str, typer.Argument(help="Folder or URL of the rejected records, or one of their files.")],
    config: Annotated[Path, typer.Option(help="The connector's config, with the key.")],
    catalog: Annotated[
        Path | None, typer.Option(help="The connection's catalog; needed for records that an older version stored.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Send also what Fincome may have in a newer version.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take files from a call that was killed while it sent them.")
    ] = False,
) -> None:
    """Send rejected records again, once their cause is mended."""
    from destination_fincome.connection.config import parse_config
    from fincome_tools.preview.inputs import read_catalog_of_any_form
    from fincome_tools.resend.stored import Place
    from fincome_tools.settings import read_config

    logging.getLogger("airbyte").disabled = True
    with failures_told():
        document = read_config(config)
        found = Place.at(place, parse_config(document))
        chosen = read_catalog_of_any_form(catalog) if catalog else None
        claims = {name: found.claim(name, take_over=take_over) for name in found.open}
        left = _resend(found, claims, document, chosen, overwrite=overwrite)
    raise typer.Exit(Exit.DIFFERENT if left else Exit.DONE)


def _resend(
    place: Place, claims: Mapping[str, str | None], document: Mapping[str, Any], catalog: Any, *, overwrite: bool
) -> bool:
    """Send what the claimed files hold; tells whether something is left."""
    from fincome_tools.resend.sending import send_again

    busy = [name for name, claim in claims.items() if claim is None]
    if busy:
        typer.echo(f"Being sent by another call: {', '.join(busy)}. If it was killed, say --take-over.", err=True)
    mine = {name: claim for name, claim in claims.items() if claim is not None}
    try:
        lines = {name: [*place.lines(name)] for name in mine}
        everything = [line for of_file in lines.values() for line in of_file]
        if not everything:
            typer.echo("There is nothing to send again.")
        result = send_again(document, everything, _sent_before(place), catalog, overwrite=overwrite)
        for name, of_file in lines.items():
            if not any(result.is_open(line.name) for line in of_file):
                place.finish(name, _counts(of_file, result))
    finally:
        for claim in mine.values():
            place.release(claim)
    _show(everything, result)
    return bool(busy) or any(result.is_open(line.name) for line in everything)


def _sent_before(place: Place) -> dict[Name, float]:
    """Return the newest versions that were sent again before, by object."""
    found: dict[Name, float] = {}
    for line in (line for name in place.done for line in place.lines(name)):
        if line.version is not None:
            found[line.name] = max(line.version, found.get(line.name, line.version))
    return found


def _fate(name: Name, result: Result) -> str:
    if name in result.refused:
        return "refused again"
    if name in result.impossible:
        return "can't be sent again"
    if name in result.superseded:
        return "superseded: a later version was sent"
    fate = result.fates.of(name)
    return fate.value.replace("_", " ") if fate else "left out: the mapping or its parents say so"


def _counts(lines: Sequence[Line], result: Result) -> dict[str, int]:
    return dict(Counter(_fate(name, result) for name in {line.name for line in lines}))


def _show(lines: Sequence[Line], result: Result) -> None:
    """Say what became of the objects; of those that are left, which and why."""
    for fate, count in _counts(lines, result).items():
        typer.echo(f"{count:,} {fate}.")
    names = sorted({line.name for line in lines if result.is_open(line.name) or _is_settled(line.name, result)})
    for name in names[:MOST_LISTED]:
        entity = several_of(name.entity)
        typer.echo(f"  {entity} {name.id}: {_fate(name, result)}{_why(name, result)}")
    if len(names) > MOST_LISTED:
        typer.echo(f"  … and {len(names) - MOST_LISTED:,} more.")


def _is_settled(name: Name, result: Result) -> bool:
    return _fate(name, result) == "settled"


def _why(name: Name, result: Result) -> str:
    if why := result.refused.get(name) or result.impossible.get(name):
        return f": {why}"
    return {
        "perhaps outdated": ": Fincome has it otherwise, perhaps newer; --overwrite sends it all the same",
        "settled": ": it was taken out of Fincome's figures, and stays so",
    }.get(_fate(name, result), "")
