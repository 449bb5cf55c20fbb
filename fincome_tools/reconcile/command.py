"""The command `fincome reconcile`."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from destination_fincome import wording
from fincome_tools.exits import Exit, failures_told
from fincome_tools.files.objects import is_of_messages
from fincome_tools.preview.inputs import STDIN, catalog_of_messages, opened, reader_of_messages

if TYPE_CHECKING:
    from destination_fincome.connection.assembly import Connection
    from destination_fincome.fincome.delivery import Deliverer
    from destination_fincome.protocol.catalog import Catalog
    from destination_fincome.reporting.report import Report
    from fincome_tools.reconcile.comparison import Comparison

Begin = Callable[[], Callable[[int], bytes]]

BEYOND = "What Fincome has beyond the files isn't seen: its API can't list objects."


def reconcile(
    files: Annotated[
        list[Path],
        typer.Argument(help="Airbyte messages, one a line; or CSV, XLSX, ODS, JSON, Parquet; - for a source's pipe."),
    ],
    config: Annotated[Path, typer.Option(help="The connector's config, with the key.")],
    mapping: Annotated[Path | None, typer.Option(help="The mapping that the files were loaded with.")] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Configured catalog, or what the source's `discover` wrote; without it: from the messages."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every object that differs, and all figures.")] = False,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold files against what Fincome has: field by field, and in figures. Writes nothing."""
    from destination_fincome.connection.assembly import understand
    from fincome_tools.preview.inputs import read_catalog_of_any_form, read_mapping_file
    from fincome_tools.reconcile import show
    from fincome_tools.settings import read_config

    logging.getLogger("airbyte").disabled = True
    with failures_told(), ExitStack() as stack:
        # No brake on settlements: nothing is written.
        document = {**read_config(config), "dry_run": True, "max_settled_percent": 100}
        if mapping:
            document["mapping"] = read_mapping_file(mapping)
        found, begin = _input(files, stack, document.get("mapping"))
        chosen = read_catalog_of_any_form(catalog) if catalog else found()
        comparison, report = _reconcile(understand(document, chosen), begin)
    (show.as_json if machine else show.as_tables)(comparison, report, everything=everything)
    raise typer.Exit(Exit.DONE if comparison.agrees and not show.rejections(report) else Exit.DIFFERENT)


def _input(paths: Sequence[Path], stack: ExitStack, mapping: Any) -> tuple[Callable[[], Catalog], Begin]:
    """Open messages, or files of people: what makes their catalog, and what begins to read them."""
    if STDIN not in paths and any(_is_of_people(path) for path in paths):
        from fincome_tools.files.messages import catalog_of, reader_of
        from fincome_tools.files.reading import read_files
        from fincome_tools.preview.headings import other_columns
        from fincome_tools.preview.naming import as_mapped

        read = read_files(paths)
        tables, renamed = as_mapped(read, mapping)
        for problem in other_columns(read, renamed, mapping):
            typer.echo(f"Warning: {problem} What is compared lacks it.", err=True)
        return lambda: catalog_of(tables), lambda: reader_of(tables)
    messages = [stack.enter_context(opened(path)) for path in paths]
    return lambda: catalog_of_messages(*messages), lambda: reader_of_messages(*messages)


def _is_of_people(path: Path) -> bool:
    """Tell whether a path is a folder, or a file of something else than messages; an empty one may be of messages."""
    return path.is_dir() or (path.is_file() and path.stat().st_size > 0 and not is_of_messages(path))


def _reconcile(connection: Connection, begin: Begin) -> tuple[Comparison, Report]:
    """Ask Fincome for each object of the input, once it was said how many these are."""
    from destination_fincome.connection.assembly import deliverers
    from fincome_tools.reconcile.comparison import compare
    from fincome_tools.reconcile.holdings import Collector, Holdings

    contract = connection.contract
    with ExitStack() as stack:
        counted, holdings = (stack.enter_context(Holdings()) for _ in range(2))
        _run(connection, begin, lambda: Collector(contract, counted), per_second=None)
        looks = sum(counted.count(spec.name) for spec in connection.entities if spec.retrievable)
        requests = wording.counted(looks, "request", form=",")
        typer.echo(f"This takes {requests} (GET), at the pace of a sync. Nothing is written. {BEYOND}", err=True)
        clients = deliverers(connection)
        pace = connection.config.requests_per_second
        report = _run(connection, begin, lambda: Collector(contract, holdings, clients()), per_second=pace)
        return compare(contract, holdings), report


def _run(
    connection: Connection,
    begin: Begin,
    deliverer: Callable[[], Deliverer],
    *,
    per_second: float | None,
) -> Report:
    """Run the engine over the input; whatever is rejected, the rest is compared."""
    from destination_fincome.connection.assembly import limits_of
    from destination_fincome.engine.standing import MostlyRejected
    from destination_fincome.engine.sync import Sync

    # Parents are compared where the files bring them, and not asked for otherwise: nobody need wait for them.
    limits = replace(
        limits_of(connection.config),
        parent_wait_seconds=math.inf,
        most_rejected_percent=100,
        requests_per_second=per_second,
    )
    # Whoever collects takes everything for something that Fincome has, so it can't tell under which ids it has it.
    intake = connection.intake(contents=False, keeps_ids=False)
    sync = Sync(intake, connection.stream_names, connection.entities, deliverer, limits)
    with suppress(MostlyRejected):
        for _ in sync.run(begin()):
            pass
    return sync.report
