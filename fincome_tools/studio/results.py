"""What a mapping makes of files, for the page: counts, faults, totals and MRR, by the real engine, sending nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from destination_fincome.failure import ConnectorFailure
from fincome_tools.files.messages import catalog_of, reader_of
from fincome_tools.files.reading import Files
from fincome_tools.files.table import Table
from fincome_tools.preview.figures import amounts_to_be_sent
from fincome_tools.preview.rehearsal import rehearse


@dataclass(frozen=True)
class Result:
    """What would be sent.

    Attributes:
        entities: counts by kind of object.
        faults: reasons why some would not be sent.
        totals: entity, currency, number and amount of what would be sent.
        mrr: month, currency and MRR of the lines.
        problem: why there is no result.
    """

    entities: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()
    totals: tuple[tuple[str, str, int, str], ...] = ()
    mrr: tuple[tuple[str, str, str], ...] = ()
    problem: str | None = None

    def mrr_at_end(self) -> str | None:
        """Return the MRR of the month with the most, which a question is about, in its currency."""
        best = max(self.mrr, key=lambda row: Decimal(row[2]), default=None)
        return f"{best[2]} {best[1]} ({best[0]})" if best else None


def first_rows(files: Files, count: int) -> Files:
    """Return the same tables with their first rows only."""
    return replace(files, tables=tuple(replace(table, read=partial(_first, table, count)) for table in files.tables))


def _first(table: Table, count: int) -> Any:
    rows: Any = islice(table.read(), count)
    return rows


def result_of(text: str, files: Files) -> Result:
    """Run a sync that sends nothing."""
    try:
        seen = rehearse({"mapping": text}, catalog_of(files), partial(reader_of, files), 0)
    except ConnectorFailure as failure:
        return Result(problem=failure.message)
    summary = seen.summary
    months = [row for row in summary["mrr"]["months"] if row["lines"] is not None]
    return Result(
        tuple(row for row in summary["entities"] if row["received"]),
        tuple(reason for reason in summary["reasons"] if reason["outcome"] in ("rejected", "skipped")),
        tuple(summary["warnings"]),
        tuple((one.entity, one.currency, one.count, str(one.total)) for one in amounts_to_be_sent(summary)),
        tuple((row["month"], row["currency"], str(row["lines"])) for row in months),
    )
