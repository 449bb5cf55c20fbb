"""The commands `fincome contract check` and `fincome contract probe`.

What they do is imported when they run. They end with 0 if all agrees, 1 if something differs, 2 if nothing can be told.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from destination_fincome.connection.config import Config
    from destination_fincome.fincome.contract import Contract
    from fincome_tools.contract.experiment import Experiment
    from fincome_tools.contract.findings import Finding

NARROWEST = 140
DIFFERS = 1
UNUSABLE = 2

app = typer.Typer(
    help="Hold what the connector believes about Fincome's API against the API.",
    no_args_is_help=True,
)


@app.command()
def check(
    openapi: Annotated[Path, typer.Option(help="OpenAPI document, as Fincome's API reference offers it.")],
    config: Annotated[
        Path | None, typer.Option(help="The connector's config: its address, paths and header count.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show also what agrees.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the contract with an OpenAPI document. Makes no calls."""
    from destination_fincome.fincome.contract import load_contract
    from fincome_tools.contract.comparison import NotFincome, compare
    from fincome_tools.contract.findings import load_facts
    from fincome_tools.contract.openapi import Document, DocumentError
    from fincome_tools.contract.show import as_json, show

    contract = _of(config)[1] if config else load_contract()
    try:
        comparison = compare(contract, load_facts(), Document.read(openapi))
    except (DocumentError, NotFincome) as error:
        _fail(f"{openapi} can't be compared. {error}")
    if machine:
        typer.echo(as_json(comparison.findings, document=comparison.title, notes=comparison.notes))
    else:
        console = _console()
        console.print(f"Compared with: {comparison.title}", markup=False, highlight=False)
        show(console, comparison.findings, everything=everything)
        if comparison.notes:
            console.print("Also in the document, and not used by the connector:", highlight=False)
            for note in comparison.notes:
                console.print(f"  {note}", markup=False, highlight=False)
    raise typer.Exit(_code(comparison.findings))


@app.command()
def probe(
    config: Annotated[Path, typer.Option(help="The connector's config, with a key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write test objects without asking.")] = False,
    wait: Annotated[float, typer.Option(min=0, max=300, help="Seconds to wait for a write to be visible.")] = 10,
    everything: Annotated[bool, typer.Option("--all", help="Show also what agrees.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON; needs --yes.")] = False,
) -> None:
    """Find out by real calls what Fincome does. Reads first, and asks before it writes a few test objects."""
    from destination_fincome.fincome.client import FincomeClient
    from destination_fincome.fincome.probe import ProbeFailure
    from destination_fincome.fincome.probe import probe as prove
    from fincome_tools.contract.calls import Caller, CallFailure
    from fincome_tools.contract.experiment import Experiment
    from fincome_tools.contract.findings import load_facts

    settings, contract = _of(config)
    key, timeout = settings.api_key.get_secret_value(), settings.request_timeout_seconds
    if not yes and (machine or not sys.stdin.isatty()):
        _fail("This writes test objects, which stay in the account: say --yes, or run it in a terminal to be asked.")
    client = FincomeClient(contract, key, timeout)
    experiment = Experiment(contract, load_facts(), Caller(contract, client, key), wait)
    console = _console(errors=machine)
    try:
        prove(contract, client, timeout)
        experiment.read()
        console.print(f"Read from {contract.base_url}: the key and all paths are right.", highlight=False)
        _announce(console, experiment)
        if not yes and not typer.confirm("Write them?"):
            _end(experiment, machine, everything)
        _write(console, experiment)
    except (ProbeFailure, CallFailure) as failure:
        if experiment.made():
            _report(experiment, machine, everything)
        _fail(str(failure))
    finally:
        client.close()
    _end(experiment, machine, everything)


def _announce(console: Console, experiment: Experiment) -> None:
    console.print("These objects will be written. They stay in the account: Fincome's API can't delete.")
    for entity, identity in experiment.planned():
        console.print(f"  {entity.replace('_', ' ')}: {identity}", highlight=False)
    console.print(
        "Their amounts are a few cents, and count. If Fincome accepts what it should refuse, a few more are made:"
    )
    console.print(f"  all of them with ids that begin with {experiment.prefix}", highlight=False)


def _write(console: Console, experiment: Experiment) -> None:
    """Write, and whatever happens, say what stays."""
    try:
        experiment.write()
    finally:
        console.print("These objects are in the account now, and stay there:")
        for entity, identity, certain in experiment.made():
            doubt = "" if certain else " (perhaps)"
            console.print(f"  {entity.replace('_', ' ')}: {identity}{doubt}", highlight=False)


def _end(experiment: Experiment, machine: bool, everything: bool) -> NoReturn:
    _report(experiment, machine, everything)
    raise typer.Exit(_code(experiment.findings))


def _report(experiment: Experiment, machine: bool, everything: bool) -> None:
    from fincome_tools.contract.show import as_json, show

    if machine:
        made = [{"entity": entity, "id": identity, "certain": sure} for entity, identity, sure in experiment.made()]
        typer.echo(as_json(experiment.findings, stays=made))
    else:
        show(_console(), experiment.findings, everything=everything)


def _of(config: Path) -> tuple[Config, Contract]:
    """Read a config, and return it with the contract as it corrects it."""
    from destination_fincome.connection.assembly import contract_of
    from destination_fincome.connection.config import parse_config
    from destination_fincome.failure import ConnectorFailure
    from destination_fincome.protocol.catalog import read_json_object

    try:
        settings = parse_config(read_json_object(config, "configuration"))
        return settings, contract_of(settings)
    except ConnectorFailure as failure:
        _fail(failure.message)


def _console(errors: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=errors)
    console.width = max(NARROWEST, console.width)
    return console


def _code(findings: list[Finding]) -> int:
    from fincome_tools.contract.findings import differing

    return DIFFERS if any(differing(findings)) else 0


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)
