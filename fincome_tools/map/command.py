"""The command `fincome map`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from fincome_tools.exits import Exit, fail, failures_told


def map_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV, XLSX, ODS, JSON, Parquet; or folders of them.")
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(metavar="OUT", help="File for the drafted mapping; - for the terminal.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="File of answers to the draft's questions: `question: answer`, as YAML.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 if there are questions.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the studio; 0 picks a free one.")] = 0,
    browse: Annotated[bool, typer.Option(help="Open the studio in the browser.")] = True,
    convert: Annotated[
        Path | None,
        typer.Option(
            metavar="CONFIG",
            help="A config with the older setting `streams`: print the text for `mapping` that says the same.",
        ),
    ] = None,
) -> None:
    """Turn files into a text for the setting `mapping`: on a page on this machine, or, with --draft, at once."""
    if convert is not None:
        _convert(convert)
    elif not draft and (answers or strict):
        raise typer.BadParameter("--answers and --strict are for a draft: FILE… --draft OUT")
    elif draft:
        if not files:
            raise typer.BadParameter("say which files are to be mapped: FILE… --draft OUT")
        with failures_told():
            asked = _draft(files, draft, answers)
        raise typer.Exit(Exit.DIFFERENT if strict and asked else Exit.DONE)
    else:
        _studio(files or [], port, browse=browse)


def _draft(files: list[Path], out: Path, answers: Path | None) -> int:
    """Write the draft; return how many questions are open."""
    from destination_fincome.failure import ConfigFailure
    from fincome_tools.draft.objects import draft
    from fincome_tools.draft.report import told
    from fincome_tools.draft.text import text_of
    from fincome_tools.files.reading import read_files

    drafted = draft(read_files(files).tables, _answers(answers) if answers else {})
    text = text_of(drafted)
    if out == Path("-"):
        typer.echo(text, nl=False)
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigFailure(f"The draft can't be written: {error.strerror} ({out}).") from None
    for line in told(drafted):
        typer.echo(line, err=True)
    return len(drafted.questions.open)


def _studio(files: list[Path], port: int, *, browse: bool) -> None:
    """Serve the studio until Ctrl-C."""
    import errno
    import logging
    import tempfile
    import webbrowser

    from fincome_tools.files.reading import files_in

    try:
        from fincome_tools.studio.server import Studio, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "starlette", "uvicorn", "multipart"):
            raise
        fail(
            'The studio needs some more packages: pip install "airbyte-destination-fincome[studio]", or '
            'pip install ".[studio]" in a clone'
        )

    # The page tells what the engine would log. The server's own set-up of logging takes a mere `disabled` back.
    logging.getLogger("airbyte").setLevel(logging.CRITICAL + 1)

    def announce(address: str) -> None:
        typer.echo(f"Studio ready: {address}")
        typer.echo("It is on this machine only. Ctrl-C ends it, and forgets the files.")
        if browse:
            webbrowser.open(address)

    with failures_told():
        named = _names_of_their_own(files_in(files))
    with tempfile.TemporaryDirectory(prefix="fincome-studio-") as folder:
        studio = Studio(Path(folder))
        try:
            for name, path in named.items():
                studio.session.add(name, path.read_bytes())
            serve(studio, port, announce)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fail(f"The studio can't start: port {port} is in use. Name another one, or none.")
            which = f" ({error.filename})" if error.filename else ""
            fail(f"The studio can't start: {error.strerror or error}{which}.")
        finally:
            studio.close()


def _names_of_their_own(files: list[Path]) -> dict[str, Path]:
    """Return files by name; one that is called as one before it, in another folder, is numbered."""
    found: dict[str, Path] = {}
    for path in files:
        name, number = path.name, 1
        while name in found:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        found[name] = path
    return found


def _answers(path: Path) -> Mapping[str, str]:
    """Read answers: a YAML mapping of texts; a draft itself has none."""
    from destination_fincome.failure import ConfigFailure
    from destination_fincome.mapping.language.yaml_text import YamlError, read_typed

    try:
        found, _ = read_typed(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigFailure(f"The answers can't be read: {error.strerror} ({path}).") from None
    except UnicodeDecodeError:
        raise ConfigFailure(f"The answers aren't in UTF-8 ({path}): save them so.") from None
    except YamlError as error:
        raise ConfigFailure(f"The answers can't be read: {error} ({path}).") from None
    if found is None:
        return {}  # A file that waits for its first answer.
    if not isinstance(found, dict):
        raise ConfigFailure(f"The answers must be `question: answer` lines, such as `currency: EUR` ({path}).")
    return {str(key): str(value) for key, value in found.items()}


def _convert(config_file: Path) -> None:
    from destination_fincome.connection.config import parse_config
    from fincome_tools.settings import read_config

    with failures_told():
        document = read_config(config_file)
        config = parse_config({"api_key": "none-is-needed", **document})
    if not config.streams:
        fail("The config has no setting `streams`: there is nothing to convert.")
    typer.echo(config.own_mapping.text, nl=False)
