"""The `fincome` command, for people: files into Fincome, what a sync will do, and a sandbox to try it in.

What the commands do is imported when they run: `fincome --help` is quick and needs no extra.
"""

import errno
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fincome_sandbox.faults import OPTIONS, Faults, FaultsError, faults_of
from fincome_tools.contract.command import app as contract_commands
from fincome_tools.exits import Exit, fail
from fincome_tools.load.command import load
from fincome_tools.load.starter import init
from fincome_tools.map.command import map_
from fincome_tools.preview.command import preview
from fincome_tools.reconcile.command import reconcile
from fincome_tools.resend.command import resend

if TYPE_CHECKING:
    from fincome_sandbox.certificate import Certificate

app = typer.Typer(
    help="Bring billing data into Fincome from files, and see beforehand what a sync will do.",
    no_args_is_help=True,
    add_completion=False,
)

_SANDBOX_PACKAGES = {"fastapi", "starlette", "uvicorn", "httptools", "jinja2"}


def _with_faults(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each of the sandbox's faults, in the place of its `**faults`."""
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    none = Faults().as_json()
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=none[name],
            annotation=Annotated[
                option.kind | None if option.can_be_none else option.kind,
                typer.Option(
                    min=option.least,
                    max=option.most,
                    metavar="|".join(option.choices) or None,
                    help=option.help,
                    rich_help_panel="Faults, to see what a client makes of them",
                ),
            ],
        )
        for name, option in OPTIONS.items()
    ]
    command.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    return command


@app.command()
@_with_faults
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8321,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    data: Annotated[
        Path | None, typer.Option(help="File to keep the objects in; without it they are gone at the end.")
    ] = None,
    api_key: Annotated[str, typer.Option(help="The key that requests must carry.")] = "sandbox-key",
    contract: Annotated[
        Path | None,
        typer.Option(help="File with a text as in the connector's setting `contract`: serve an API of that kind."),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak https, with a certificate made for it.")] = False,
    tls_file: Annotated[
        Path, typer.Option(help="With --tls: file of the certificate, kept for the next time; its key lies beside it.")
    ] = Path("fincome-sandbox.pem"),
    tls_name: Annotated[
        list[str] | None, typer.Option(help="With --tls: a further name by which it is reached; may be repeated.")
    ] = None,
    **faults: float | str | None,
) -> None:
    """Serve an embedded Fincome: the API as this connector knows it, to sync into without an account."""
    chosen = _faults(faults)
    try:
        from fincome_sandbox.contract import ContractError
        from fincome_sandbox.server import Ready, serve
        from fincome_sandbox.store import StoreError
    except ModuleNotFoundError as error:
        _say_if_extra_is_missing(error)
        raise

    def announce(ready: Ready) -> None:
        typer.echo(f"Sandbox ready: base_url={ready.base_url} api_key={api_key}")
        typer.echo(f"Look at it in a browser: {ready.page_url}")
        typer.echo("This is not Fincome: it is a stand-in on your machine, and nothing here reaches Fincome.")
        if tls:
            typer.echo(f"Clients that are to trust it: REQUESTS_CA_BUNDLE={tls_file.absolute()}")
        if not ready.is_loopback:
            typer.echo("Warning: other machines can reach this sandbox, and its /_sandbox needs no key.", err=True)
        if chosen != Faults():
            typer.echo(f"Faults: {chosen}")

    try:
        files = _certificate(tls_file.absolute(), tls_name or []) if tls else None
        overlay = contract.read_text(encoding="utf-8") if contract else None
        serve(host, port, data, api_key, ready=announce, overlay=overlay, faults=chosen, tls=files)
    except (OSError, StoreError, ContractError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            fail(f"The sandbox can't start: port {port} is in use. Name another one: --port 0 picks a free one.")
        if isinstance(error, OSError) and error.filename:
            fail(f"The sandbox can't start: {error.strerror} ({error.filename})")
        fail(f"The sandbox can't start: {error}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder with the example data.", exists=True, file_okay=False)],
    keep: Annotated[bool, typer.Option("--keep", help="Keep the sandbox and its page open until Ctrl-C.")] = False,
) -> None:
    """Sync example data into a sandbox through the real connector, and show the result."""
    try:
        from fincome_tools.demo import run_demo
    except ModuleNotFoundError as error:
        _say_if_extra_is_missing(error)
        raise
    raise typer.Exit(run_demo(folder, keep=keep))


app.command()(preview)
app.command()(load)
app.command()(init)
app.command("map")(map_)
app.command()(reconcile)
app.command()(resend)
app.add_typer(contract_commands, name="contract")


def main() -> None:
    """Run the command line; whatever is raised ends as docs/commands.md says."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 (a defect: 1 would say that the command was done)
        from destination_fincome.protocol.trace import describe

        typer.echo(describe(error)[1], err=True)
        sys.exit(Exit.NOT_DONE)


def _certificate(file: Path, names: list[str]) -> "Certificate":
    from fincome_sandbox.certificate import certificate  # takes a while, and few need it

    return certificate(file, names)


def _faults(given: dict[str, float | str | None]) -> Faults:
    try:
        return faults_of(given)
    except FaultsError as error:
        name, problem = next(iter(error.problems.items()))
        raise typer.BadParameter(problem, param_hint=f"--{name.replace('_', '-')}") from error


def _say_if_extra_is_missing(error: ModuleNotFoundError) -> None:
    if (error.name or "").partition(".")[0] in _SANDBOX_PACKAGES:
        fail(
            'The sandbox needs some more packages: pip install "airbyte-destination-fincome[sandbox]", or '
            'pip install ".[sandbox]" in a clone'
        )


if __name__ == "__main__":
    main()
