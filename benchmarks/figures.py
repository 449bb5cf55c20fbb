"""The harness's own arithmetic: medians, percentiles, goals, tables. Measures nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Several repetitions of one measurement."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Take repetitions, at least one."""
        return cls(median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values doesn't exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def rate_of(requests: int, seconds: float) -> float:
    """Return requests per second from the first request to the last answer."""
    return requests / seconds if seconds > 0 else math.inf


def possible_rate(workers: int, latency: float) -> float:
    """Return the requests per second that so many workers could make if they did nothing but wait."""
    return workers / latency


def shares(parts: Sequence[float]) -> list[float]:
    """Return each part's share of the sum."""
    whole = math.fsum(parts)
    return [part / whole for part in parts]


def plain(value: float) -> str:
    """Write a number with two decimals up to 10, one up to 100, else none."""
    return f"{value:,.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def percent(value: float) -> str:
    """Write a share."""
    return f"{value:.1%}"


@dataclass(frozen=True)
class Goal:
    """What a figure should be: not less than `least`, not more than `most`."""

    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        """Tell whether a value reaches it."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Figure:
    """One line of a table."""

    name: str
    spread: Spread
    goal: Goal | None = None
    unit: str = ""
    write: Callable[[float], str] = plain
    note: str = ""

    @property
    def verdict(self) -> str:
        """Tell whether the median reaches the goal; nothing without one."""
        if self.goal is None:
            return ""
        return "met" if self.goal.is_met(self.spread.median) else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """Return the line's cells: figure, goal, measured, verdict, note."""
        unit = f" {self.unit}" if self.unit else ""
        return (self.name, self._goal() + (unit if self.goal else ""), self._measured() + unit, self.verdict, self.note)

    def _goal(self) -> str:
        if self.goal is None:
            return ""
        bounds = (("≥", self.goal.least), ("≤", self.goal.most))
        return " and ".join(f"{sign} {self.write(value)}" for sign, value in bounds if value is not None)

    def _measured(self) -> str:
        written = self.write(self.spread.median)
        if self.spread.least == self.spread.most:
            return written
        return f"{written} ({self.write(self.spread.least)}–{self.write(self.spread.most)})"


HEAD = ("Figure", "Goal", "Measured: median (min–max)", "", "Remarks")


def table(title: str, figures: Sequence[Figure]) -> str:
    """Lay figures out, as Markdown that reads well in a terminal too."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(HEAD))]
    lines = [_line(row, widths) for row in rows]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([f"### {title}", "", lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
