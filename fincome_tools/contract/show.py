"""Findings on a terminal, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from destination_fincome.wording import counted
from fincome_tools.contract.findings import Fact, Finding, Result

COLOURS = {Result.AGREES: "green", Result.DIFFERS: "red", Result.LEARNED: "cyan", Result.UNKNOWN: "yellow"}


def show(console: Console, findings: Sequence[Finding], *, everything: bool = False) -> None:
    """Print the differences and what was learned, the assumptions that are confirmed, and how many of each."""
    shown = [one for one in findings if everything or one.result in (Result.DIFFERS, Result.LEARNED)]
    if shown:
        console.print(_table(shown))
    confirmed = confirmed_facts(findings)
    if confirmed and not everything:
        console.print("[green]Confirmed assumptions[/]", highlight=False)
        for fact in confirmed:
            console.print(f"  {escape(str(fact))}", highlight=False)
    untold = [one for one in findings if one.result is Result.UNKNOWN]
    if untold and not everything:
        console.print("[yellow]Not told[/]", highlight=False)
        for one in untold:
            reason = "" if one.found == "not said" else f": {one.found}"
            console.print(f"  {escape(one.subject)}{escape(reason)}", highlight=False)
    counts = Counter(one.result for one in findings)
    words = ", ".join(_counted(counts[result], result) for result in Result if counts[result])
    console.print(f"{counted(len(findings), 'fact')} looked at: {words}.", highlight=False)


def _counted(number: int, result: Result) -> str:
    """Write how many facts came to a result: "3 differ", "1 differs"."""
    several = result.value.removesuffix("s") if result in (Result.AGREES, Result.DIFFERS) else result.value
    return counted(number, result.value, several)


def confirmed_facts(findings: Sequence[Finding]) -> list[Fact]:
    """Return the assumptions and inferences of which everything that was looked at agrees."""
    doubtful = {one.fact for one in findings if one.result in (Result.DIFFERS, Result.UNKNOWN)}
    return list(dict.fromkeys(one.fact for one in findings if one.confirms and one.fact not in doubtful))


def _table(findings: Iterable[Finding]) -> Table:
    table = Table("", "what", "contract", "found", "settles", "what to do", show_lines=True)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    for one in findings:
        cells = (one.subject, one.believed, one.found, one.settles, one.remedy)
        table.add_row(f"[{COLOURS[one.result]}]{one.result.value}[/]", *map(escape, cells))
    return table


def as_json(findings: Sequence[Finding], **more: Any) -> str:
    """Return everything for machines, one JSON object."""
    counts = Counter(one.result for one in findings)
    document = {
        **more,
        "counts": {result.value: counts[result] for result in Result},
        "confirmed": [str(fact) for fact in confirmed_facts(findings)],
        "findings": [one.as_json() for one in findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
