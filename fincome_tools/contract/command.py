"""The commands `fincome contract check` and `fincome contract probe`.

What they do is imported when they run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from destination_fincome.wording import several_of
from fincome_tools.exits import Exit, fail, failures_told

if TYPE_CHECKING:
    from rich.console import Console

    from destination_fincome.connection.config import Config
    from destination_fincome.fincome.contract import Contract
    from fincome_tools.contract.calls import Caller
    from fincome_tools.contract.comparison import Comparison
    from fincome_tools.contract.experiment import Experiment
    from fincome_tools.contract.findings import Finding

NARROWEST = 140

app = typer.Typer(
    help="Hold what the connector believes about Fincome's API against the API.",
    no_args_is_help=True,
)


@app.command()
def check(
    document: Annotated[
        Path | None, typer.Argument(help="OpenAPI document, as Fincome's API reference offers it.", show_default=False)
    ] = None,
    openapi: Annotated[Path | None, typer.Option(help="The same, as an option.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The connector's config: its address, paths and header count.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show also what agrees.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the contract with an OpenAPI document. Makes no calls, and prints what corrects the connector."""
    from destination_fincome.fincome.contract import load_contract
    from fincome_tools.contract.comparison import NotFincome, compare
    from fincome_tools.contract.correction_text import folded, text_of
    from fincome_tools.contract.findings import load_facts
    from fincome_tools.contract.openapi import Document, DocumentError
    from fincome_tools.contract.show import as_json

    file = document or openapi
    if file is None:
        fail("Name the OpenAPI document: fincome contract check openapi.json")
    settings, contract = _of(config) if config else (None, load_contract())
    said = settings.corrections() if settings else {}
    try:
        comparison = compare(contract, load_facts(), Document.read(file), said)
    except (DocumentError, NotFincome) as error:
        fail(f"{file} can't be compared. {error}")
    text = text_of(folded({**said, **comparison.corrections}, contract))
    if machine:
        told = as_json(comparison.findings, document=comparison.title, notes=comparison.notes, contract=text)
        typer.echo(told)
    else:
        _show_comparison(comparison, text, everything=everything)
    raise typer.Exit(_code(comparison.findings))


def _show_comparison(comparison: Comparison, text: str, *, everything: bool) -> None:
    from fincome_tools.contract.show import show

    console = _console()
    console.print(f"Compared with: {comparison.title}", markup=False, highlight=False)
    show(console, comparison.findings, everything=everything)
    if comparison.notes:
        console.print("Also in the document, and not used by the connector:", highlight=False)
        for note in comparison.notes:
            console.print(f"  {note}", markup=False, highlight=False)
    _show_text(text, changed=bool(comparison.corrections))


@app.command()
def probe(
    config: Annotated[Path, typer.Option(help="The connector's config, with a key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write test objects without asking.")] = False,
    wait: Annotated[float, typer.Option(min=0, max=300, help="Seconds to wait for a write to be visible.")] = 10,
    everything: Annotated[bool, typer.Option("--all", help="Show also what agrees.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON; needs --yes.")] = False,
) -> None:
    """Find out by real calls what Fincome does. Reads first, and asks before it writes test objects, which stay.

    `fincome contract check` reads a document instead, and writes nothing.
    """
    from destination_fincome.fincome.probe import ProbeFailure
    from destination_fincome.fincome.probe import probe as prove
    from fincome_tools.contract.calls import CallFailure

    settings, contract = _of(config)
    if not yes and (machine or not sys.stdin.isatty()):
        fail(
            "This writes test objects, which stay in the account: say --yes, or run it in a terminal to be asked. "
            "`fincome contract check` writes nothing."
        )
    caller, experiment = _experiment(settings, contract, wait)
    console = _console(errors=machine)
    try:
        prove(contract, caller.client, settings.request_timeout_seconds)
        experiment.read()
        console.print(f"Read from {contract.base_url}: the key and all paths are right.", highlight=False)
        _announce(console, experiment, contract)
        if not yes and not _agreed():
            _end(experiment, machine, everything)
        _write(console, experiment)
    except (ProbeFailure, CallFailure) as failure:
        if experiment.made():
            _report(experiment, machine, everything)
        fail(str(failure), Exit.PASSING if failure.passing else Exit.NOT_DONE)
    finally:
        caller.close()
    _end(experiment, machine, everything)


def _agreed() -> bool:
    try:
        return typer.confirm("Write them?")
    except typer.Abort:  # the end of the input is no yes
        return False


def _experiment(settings: Config, contract: Contract, wait: float) -> tuple[Caller, Experiment]:
    from destination_fincome.fincome.client import FincomeClient
    from destination_fincome.fincome.transport import Network
    from fincome_tools.contract.calls import Caller
    from fincome_tools.contract.experiment import Experiment
    from fincome_tools.contract.findings import load_facts
    from fincome_tools.contract.learned import Learned
    from fincome_tools.contract.session import Session

    network, key = Network.of_environment(contract.base_url), settings.api_key.get_secret_value()

    def connect(by: Contract) -> FincomeClient:
        return FincomeClient(by, key, settings.request_timeout_seconds, network)

    caller = Caller(connect, contract, key)
    learned = Learned(caller, settings.corrections())
    return caller, Experiment(Session(caller, learned, load_facts(), wait))


def _announce(console: Console, experiment: Experiment, contract: Contract) -> None:
    console.print(
        f"These objects will be written into the account behind {contract.base_url}. "
        "They stay there: Fincome's API can't delete.",
        highlight=False,
    )
    for entity, identity in experiment.planned():
        console.print(f"  {several_of(entity)}: {identity}", highlight=False)
    console.print(
        "Their amounts are a few cents, or one unit, and are set to 0 at the end; what has a name is then called "
        '"probe, ignore". If Fincome accepts what it should refuse, a few more are made:'
    )
    console.print(f"  all of them with ids that begin with {experiment.prefix}", highlight=False)
    console.print("Nothing else is touched.")


def _write(console: Console, experiment: Experiment) -> None:
    """Write, and whatever happens, say what stays."""
    try:
        experiment.write()
    finally:
        console.print("These objects are in the account now, and stay there:")
        for entity, identity, certain in experiment.made():
            doubt = "" if certain else " (perhaps)"
            left = " (its amounts and name could not be changed)" if (entity, identity) in experiment.kept else ""
            console.print(f"  {several_of(entity)}: {identity}{doubt}{left}", highlight=False)


def _end(experiment: Experiment, machine: bool, everything: bool) -> NoReturn:
    _report(experiment, machine, everything)
    raise typer.Exit(_code(experiment.findings))


def _report(experiment: Experiment, machine: bool, everything: bool) -> None:
    from fincome_tools.contract.show import as_json, show

    text = experiment.text()
    if machine:
        made = [{"entity": entity, "id": identity, "certain": sure} for entity, identity, sure in experiment.made()]
        typer.echo(as_json(experiment.findings, stays=made, contract=text))
    else:
        show(_console(), experiment.findings, everything=everything)
        _show_text(text, changed=bool(experiment.corrections))


def _show_text(text: str, *, changed: bool) -> None:
    """Print what is to be pasted, as it is: no line may be broken or coloured."""
    if not changed:
        typer.echo("Nothing has to be corrected: the setting `contract` can stay as it is.")
        return
    typer.echo("\nPaste this text into the connector's setting `contract`, in place of what it holds:\n")
    typer.echo(text)


def _of(config: Path) -> tuple[Config, Contract]:
    """Read a config, and return it with the contract as it corrects it."""
    from destination_fincome.connection.assembly import contract_of
    from destination_fincome.connection.config import parse_config
    from fincome_tools.settings import read_config

    with failures_told():
        settings = parse_config(read_config(config))
        return settings, contract_of(settings)


def _console(errors: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=errors)
    console.width = max(NARROWEST, console.width)
    return console


def _code(findings: list[Finding]) -> Exit:
    from fincome_tools.contract.findings import differing

    return Exit.DIFFERENT if any(differing(findings)) else Exit.DONE
