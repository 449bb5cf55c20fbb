"""The shares of a record's CPU time: runs `benchmarks.cpu` in processes of its own, and adds up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.cpu import PARTS
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, percent, shares
from benchmarks.processes import ROOT, Target

ALL_BUT_SEND = Goal(most=0.20)
# Of Fincome's own shape, where a record is one object.
BOOK = Goal(most=50)
SHAPES = {"fincome": "Fincome's own shape", "stripe": "Stripe's year"}


def measure_cpu(target: Target, extent: Extent, folder: Path) -> list[Figure]:
    """Split the CPU time of both shapes."""
    sizes = {"fincome": extent.cpu_records, "stripe": extent.cpu_customers}
    return [
        figure
        for shape, size in sizes.items()
        for figure in figures_of(
            SHAPES[shape], [_run(target, shape, size, folder) for _ in range(extent.cpu_repetitions)]
        )
    ]


def _run(target: Target, shape: str, size: int, folder: Path) -> dict[str, float]:
    target.begin(0)
    command = [sys.executable, "-m", "benchmarks.cpu", target.base_url, shape, str(size)]
    result: dict[str, float] = json.loads(
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1]
    )
    return result


def figures_of(shape: str, runs: list[dict[str, float]]) -> list[Figure]:
    """Make figures of microseconds by part."""
    by_part = [Spread.of([run[part] for run in runs]) for part in PARTS]
    all_but_send = [1 - shares([run[part] for part in PARTS])[-1] for run in runs]
    objects, bare = (Spread.of([run[name] for run in runs]).median for name in ("objects", "bare"))
    notes = {
        "book": "the coordinator: spool, gate, ledger, states",
        "send": f"{objects:.2f} objects a record; a bare session takes {bare:,.0f} µs",
    }
    goals = {(SHAPES["fincome"], "book"): BOOK}
    lines = [
        Figure(f"{shape}: {part}", spread, goals.get((shape, part)), "µs/record", note=notes.get(part, ""))
        for part, spread in zip(PARTS, by_part, strict=True)
    ]
    return [*lines, Figure(f"{shape}: all but send", Spread.of(all_but_send), ALL_BUT_SEND, write=percent)]
