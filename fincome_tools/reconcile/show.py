"""A comparison on a terminal, and for machines. Values of customers are in neither: fields, and how they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from destination_fincome.reporting.report import Report
from destination_fincome.wording import counted, counted_objects, several_of
from fincome_tools.reconcile.comparison import Comparison, Figures, Key

NARROWEST = 120
# So many objects are listed, and so many rows of figures that agree, unless all are asked for.
MOST = 50


def rejections(report: Report) -> list[dict[str, Any]]:
    """Return why some of the files' objects were rejected before anybody was asked for them."""
    return [one for one in report.document(0, 0)["reasons"] if one["outcome"] == "rejected"]


def as_tables(comparison: Comparison, report: Report, *, everything: bool) -> None:
    """Print everything for people."""
    console = Console()
    console = Console(width=max(NARROWEST, console.width))
    _show_figures(console, comparison, everything=everything)
    _show_objects(console, comparison, everything=everything)
    for reason in rejections(report):
        place = f"{reason['where']}.{reason['field']}" if reason["field"] else reason["where"]
        text = f"Not compared, as a sync would reject them: {reason['count']:,} {place}: {reason['text']} (for example "
        console.print(f"[red]{escape(text + reason['example'])})[/]", highlight=False)
    for entity, count in comparison.untold.items():
        console.print(
            f"Not compared, as Fincome can't be asked for them: {counted_objects(count, entity, form=',')}.",
            highlight=False,
        )
    for entity, count in comparison.left_alone.items():
        console.print(
            f"Not compared, as a sync would leave them alone: {counted_objects(count, entity, form=',')}.",
            highlight=False,
        )
    console.print(_verdict(comparison), highlight=False)


def _show_figures(console: Console, comparison: Comparison, *, everything: bool) -> None:
    rows = [*comparison.rows()]
    shown = [row for row in rows if everything or len(rows) <= MOST or not row[1].agree]
    table = Table("entity", "currency", "month", title="Side by side", title_justify="left")
    for column in ("in the files", "amount", "in Fincome", "amount", "difference"):
        table.add_column(column, justify="right")
    for key, figures in shown:
        cells = _cells(key, figures)
        colour = "" if figures.agree else "red"
        table.add_row(several_of(key.entity), key.currency or "-", key.month or "-", *cells, style=colour)
    console.print(table)
    if len(shown) < len(rows):
        left_out = counted(len(rows) - len(shown), "row that agrees is", "rows that agree are", form=",")
        console.print(f"{left_out} left out; --all shows them.", highlight=False)


def _cells(key: Key, figures: Figures) -> Iterator[str]:
    ours, theirs = figures.files.amount(key.currency), figures.fincome.amount(key.currency)
    yield f"{figures.files.count:,}"
    yield _amount(ours)
    yield f"{figures.fincome.count:,}"
    yield _amount(theirs)
    yield _amount(None if ours is None and theirs is None else (theirs or Decimal(0)) - (ours or Decimal(0)))


def _amount(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,}"


def _show_objects(console: Console, comparison: Comparison, *, everything: bool) -> None:
    if comparison.agrees:
        return
    table = Table("entity", title="What differs", title_justify="left")
    table.add_column("id", overflow="fold")
    table.add_column("in Fincome", overflow="fold")
    lines = [(entity, identity, "isn't there") for entity, identity in comparison.missing]
    for one in comparison.differing:
        lines.append((one.entity, one.id, "; ".join(f"{field.path}: {field.relation}" for field in one.fields)))
    for entity, identity, words in lines if everything else lines[:MOST]:
        table.add_row(several_of(entity), escape(identity), escape(words))
    console.print(table)
    if len(lines) > MOST and not everything:
        console.print(f"{len(lines) - MOST:,} more; --all lists them.", highlight=False)


def _verdict(comparison: Comparison) -> str:
    counts = told(comparison.equal, len(comparison.differing), len(comparison.missing))
    return f"[green]{counts}[/]" if comparison.agrees else f"[red]{counts}[/]"


def told(equal: int, differing: int, missing: int) -> str:
    """Say how many objects are equal, differ, and are missing in Fincome."""
    parts = (
        counted(equal, "object is equal", "objects are equal", form=","),
        counted(differing, "differs", "differ", form=","),
        counted(missing, "isn't in Fincome", "aren't in Fincome", form=","),
    )
    return ", ".join(parts) + "."


def as_json(comparison: Comparison, report: Report, *, everything: bool) -> None:
    """Print everything for machines, whatever `everything` says."""
    document = {
        "equal": comparison.equal,
        "differing": [
            {
                "entity": one.entity,
                "id": one.id,
                "fields": [{"field": field.path, "relation": field.relation} for field in one.fields],
            }
            for one in comparison.differing
        ],
        "missing": [{"entity": entity, "id": identity} for entity, identity in comparison.missing],
        "untold": comparison.untold,
        "left_alone": comparison.left_alone,
        "rejected": rejections(report),
        "figures": [_row(key, figures) for key, figures in comparison.rows()],
    }
    typer.echo(json.dumps(document, indent=2))


def _row(key: Key, figures: Figures) -> dict[str, Any]:
    ours, theirs = figures.files.amount(key.currency), figures.fincome.amount(key.currency)
    return {
        **key._asdict(),
        "files": {"count": figures.files.count, "amount": None if ours is None else str(ours)},
        "fincome": {"count": figures.fincome.count, "amount": None if theirs is None else str(theirs)},
    }
