"""The command `fincome load`."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from destination_fincome.wording import counted
from fincome_tools.exits import Exit, failures_told
from fincome_tools.settings import read_config

if TYPE_CHECKING:
    from destination_fincome.engine.sync import Sync
    from destination_fincome.failure import ConnectorFailure
    from fincome_tools.files.reading import Files

LOGGER = logging.getLogger("airbyte")
_FOR_MACHINES = ("Summary (JSON)", "Progress:")


def load(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, XLSX, ODS, JSON, Parquet, Airbyte messages; or folders of them.")
    ],
    config: Annotated[Path, typer.Option(help="The connector's config, a JSON file.")],
    mapping: Annotated[
        Path | None, typer.Option(help="The mapping, as `fincome map` drafts it; without it a built-in one is chosen.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would happen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before the first write.")] = False,
    memory: Annotated[
        Path | None, typer.Option(help="Folder of the memory: what Fincome has confirmed isn't sent again.")
    ] = None,
    summary: Annotated[Path | None, typer.Option(help="File for the whole summary, as JSON.")] = None,
) -> None:
    """Load files into Fincome: the same engine as in Airbyte, with totals first, and a question before it writes."""
    with failures_told():
        document = _document(config, mapping, dry_run=dry_run)
        if memory:
            document["memory_url"] = str(memory.absolute())
        rejected = _load(document, files, config, yes=yes, summary=summary)
    raise typer.Exit(Exit.DIFFERENT if rejected else Exit.DONE)


def _document(config: Path, mapping: Path | None, *, dry_run: bool) -> dict[str, Any]:
    from fincome_tools.preview.inputs import read_mapping_file

    document = read_config(config)
    if mapping:
        document["mapping"] = read_mapping_file(mapping)
    return {**document, "dry_run": True} if dry_run else document


def _load(document: dict[str, Any], paths: list[Path], config: Path, *, yes: bool, summary: Path | None) -> int:
    """Return how many records were rejected."""
    from destination_fincome.connection.assembly import build_sync, understand
    from destination_fincome.outcomes import Outcome
    from destination_fincome.reporting.summary_file import SummaryFile
    from fincome_tools.files.messages import catalog_of, reader_of
    from fincome_tools.load import announcement

    console = Console(stderr=True)
    found = _read(console, document, paths)
    catalog = catalog_of(found)
    announcement.refuse_unknown(found, understand(document, catalog))
    _prove_key(console, document)
    if not document.get("dry_run"):
        _foretell(console, document, found)
        _ask(config, document, yes=yes)
    _tell(console)
    kept = SummaryFile(summary) if summary else None
    sync = build_sync(document, catalog, kept, has_whole_input=True)
    signal.signal(signal.SIGTERM, lambda *_: sync.interrupt(_stopped()))
    signal.signal(signal.SIGINT, lambda *_: sync.interrupt(_stopped()))
    _run(console, sync, reader_of(found))
    return sync.report.total(Outcome.REJECTED)


def _read(console: Console, document: dict[str, Any], paths: list[Path]) -> Files:
    """Read the files, and say how."""
    from fincome_tools.files.reading import read_files
    from fincome_tools.load import announcement
    from fincome_tools.preview.headings import refuse_other_columns
    from fincome_tools.preview.naming import as_mapped

    found, mapping = read_files(paths), document.get("mapping")
    announcement.show_files(console, found)
    called, renamed = as_mapped(found, mapping)
    announcement.show_names(console, renamed)
    refuse_other_columns(found, renamed, mapping)
    return called


def _prove_key(console: Console, document: dict[str, Any]) -> None:
    """End at once if the address or the key is wrong; passing trouble is waited out by the load itself."""
    from destination_fincome.connection.assembly import prove_key
    from destination_fincome.failure import TransientFailure

    try:
        prove_key(document)
    except TransientFailure as failure:
        patience = "The load goes on, and keeps trying for `retry_minutes`; Ctrl-C ends it."
        console.print(f"{failure.message} {patience}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _foretell(console: Console, document: dict[str, Any], files: Files) -> None:
    """Show the totals of what is about to be sent; nobody is asked for it."""
    from fincome_tools.files.messages import catalog_of, reader_of
    from fincome_tools.load import announcement
    from fincome_tools.preview.rehearsal import rehearse

    LOGGER.disabled = True
    seen = rehearse(document, catalog_of(files), lambda: reader_of(files), 0)
    LOGGER.disabled = False
    announcement.show_totals(console, seen.summary)


def _ask(config: Path, document: dict[str, Any], *, yes: bool) -> None:
    """Ask before the first write, where there is somebody to answer."""
    if yes or not sys.stdin.isatty():
        return
    from destination_fincome.connection.assembly import contract_of
    from destination_fincome.connection.config import parse_config

    address = contract_of(parse_config(document)).base_url
    if not typer.confirm(f"Load this into {address}, the account of the key in {config}?"):
        raise typer.Exit(Exit.NOT_DONE)


def _tell(console: Console) -> None:
    """Let the sync's own words be read on the terminal."""
    logging.getLogger().handlers.clear()
    LOGGER.handlers.clear()
    LOGGER.addHandler(_Terminal(console))
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


class _Terminal(logging.Handler):
    """Prints what people read, and leaves out what is for machines."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        text = record.getMessage()
        if not text.startswith(_FOR_MACHINES):
            style = "yellow" if record.levelno >= logging.WARNING else ""
            self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _run(console: Console, sync: Sync, read: Callable[[int], bytes]) -> None:
    """Run the sync, with its progress where somebody looks."""
    from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
    from rich.text import Text

    class Ended(ProgressColumn):
        """How many of the records read so far have ended."""

        def render(self, task: Task) -> Text:
            """Return the counts; they are another thread's, so for a moment there may be none."""
            try:
                ended, received = (sum(counts.values()) for counts in (sync.report.records, sync.report.received))
            except RuntimeError:
                return Text("…")
            return Text(f"{ended:,} of {counted(received, 'record', form=',')} read so far ended")

    columns = (SpinnerColumn(), Ended(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        bar.add_task("records", total=None)
        for _ in sync.run(read):
            pass


def _stopped() -> ConnectorFailure:
    from destination_fincome.failure import TransientFailure

    return TransientFailure("The load was told to stop. What was confirmed is in Fincome; run it again to go on.")
