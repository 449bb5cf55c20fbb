"""The preview on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.json import JSON
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from destination_fincome.wording import several_of
from fincome_tools.preview.rehearsal import Preview, Sample, StreamView

OUTCOMES = {
    "sent": "to be sent",
    "unchanged": "the same again",
    "settled": "settled",
    "skipped": "skipped",
    "rejected": "rejected",
}
EFFECTS = {"created": "created", "changed": "changed", "unchanged": "as they are", "not_asked": "not asked for"}
NOT_ASKED = "Fincome was not asked: which of these objects it has already isn't known."
NOT_IN_THE_INPUT = "are referred to and not in the input: a sync asks Fincome for them, and here they count as there."
_COLOURS = {"skipped": "yellow", "rejected": "red"}


def show(console: Console, preview: Preview) -> None:
    """Print everything."""
    console.rule("Preview: nothing is sent")
    console.print(f"Mapping: [bold]{escape(preview.mapping)}[/]. States in the input: {preview.states}.\n")
    _show_counts(console, "stream", preview.summary["streams"], _about(preview.streams))
    _show_counts(console, "entity", preview.summary["entities"])
    _show_foretold(console, preview.summary["foretold"])
    _show_reasons(console, preview.summary["reasons"])
    _show_warnings(console, preview)
    for stream in preview.streams:
        _show_samples(console, stream)


def _about(streams: Sequence[StreamView]) -> Mapping[str, str]:
    return {
        stream.name: ", ".join(stream.becomes).replace("_", " ") if not stream.ignored else f"ignored: {stream.ignored}"
        for stream in streams
    }


def _show_counts(
    console: Console, what: str, rows: Sequence[Mapping[str, Any]], about: Mapping[str, str] | None = None
) -> None:
    table = Table(title=f"By {what}", title_justify="left")
    table.add_column(what, no_wrap=True)
    if about is not None:
        table.add_column("becomes", overflow="fold", min_width=24)
    for column in ("received", *OUTCOMES.values()):
        table.add_column(column, justify="right")
    for row in rows:
        if row["received"] or (about and row[what] in about):
            words = [] if about is None else [escape(about.get(row[what], ""))]
            counts = [f"{row[name]:,}" for name in ("received", *OUTCOMES)]
            table.add_row(escape(row[what].replace("_", " ") if about is None else row[what]), *words, *counts)
    console.print(table)


def _show_foretold(console: Console, foretold: Mapping[str, Mapping[str, Any]] | None) -> None:
    if foretold is None:
        console.print(f"{NOT_ASKED}\n", highlight=False)
        return
    table = Table("entity", title="What becomes of them in Fincome", title_justify="left")
    for column in EFFECTS.values():
        table.add_column(column, justify="right")
    table.add_column("fields that change", overflow="fold")
    for entity, row in foretold.items():
        counts = [f"{row[name]:,}" for name in EFFECTS]
        table.add_row(escape(several_of(entity)), *counts, escape(fields_of(row)))
    console.print(table)


def fields_of(row: Mapping[str, Any]) -> str:
    """Say which fields change, and of how many objects."""
    return ", ".join(f"{name} ({count:,})" for name, count in row["fields"].items())


def _show_reasons(console: Console, reasons: Sequence[Mapping[str, Any]]) -> None:
    if not reasons:
        return
    table = Table("outcome", title="Why some would not be sent", title_justify="left")
    table.add_column("count", justify="right")
    for column in ("of", "reason", "for example"):
        table.add_column(column, overflow="fold")
    for reason in reasons:
        place = f"{reason['where']}.{reason['field']}" if reason["field"] else reason["where"]
        colour = _COLOURS.get(reason["outcome"], "white")
        words = map(escape, (place, f"{reason['text']} ({reason['code']})", reason["example"]))
        table.add_row(f"[{colour}]{reason['outcome']}[/]", f"{reason['count']:,}", *words)
    console.print(table)


def _show_warnings(console: Console, preview: Preview) -> None:
    for note in preview.notes:
        console.print(f"[yellow]Mapping:[/] {escape(note)}", highlight=False)
    for warning in preview.summary["warnings"]:
        example = f"; for example {escape(warning['example'])}" if warning["example"] else ""
        console.print(f"[yellow]Warning:[/] {escape(warning['text'])}: {warning['count']:,}{example}", highlight=False)
    for entity, count in preview.asked.items():
        words = f"{count:,} {entity.replace('_', ' ')} {NOT_IN_THE_INPUT}"
        console.print(words, highlight=False)
    console.print()


def _show_samples(console: Console, stream: StreamView) -> None:
    if not stream.samples:
        return
    console.rule(f"{escape(stream.name)}: first records", align="left")
    for sample in stream.samples:
        _show_sample(console, sample)


def _show_sample(console: Console, sample: Sample) -> None:
    for entity, body in sample.bodies:
        console.print(f"[bold]{escape(entity.replace('_', ' '))}[/]")
        console.print(Padding(JSON(json.dumps(body, ensure_ascii=False)), (0, 0, 0, 2)))
    for outcome, text in sample.refusals:
        console.print(f"[{_COLOURS[outcome]}]{outcome}[/] {escape(text)}", highlight=False)
    console.print()
