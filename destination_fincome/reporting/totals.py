"""Control totals: what a sync brought, in numbers that a finance team can hold against those of the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from destination_fincome.outcomes import Outcome
from destination_fincome.reporting.facts import DIGITS, PARTS, Factbook, columns_of
from destination_fincome.reporting.recurring import MonthlyRevenue, recurring_revenue
from destination_fincome.wording import counted

# With more cells than this, the log has years in place of months.
MOST_CELLS = 300
_YEAR = len("2026")
# An object whose end has not come, as in progress lines.
HELD = "held"

Decimals = Callable[[str], int]
"""The decimals of a currency."""


class Cell(NamedTuple):
    """Objects of one entity that have currency, month, status and outcome in common.

    Attributes:
        month: of their date or the start of their period, `2026-01`; None if they have none.
        amount: the sum of their net amounts, of those that have one; None if none has.
    """

    entity: str
    currency: str | None
    month: str | None
    status: str | None
    outcome: str
    objects: int
    amount: Decimal | None


class LinesOfInvoices(NamedTuple):
    """The invoices of one currency that came with lines, and these lines together."""

    currency: str
    invoices: int
    invoices_amount: Decimal
    lines: int
    lines_amount: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much the lines are more than their invoices."""
        return self.lines_amount - self.invoices_amount


@dataclass(frozen=True)
class Totals:
    """All control totals of one sync.

    Attributes:
        partial: the sync didn't bring all that the source has: what it says of revenue isn't all of it.
        by: what cells and revenue are told by: `month` or `year`.
    """

    cells: Sequence[Cell] = ()
    lines_of_invoices: Sequence[LinesOfInvoices] = ()
    revenue: Sequence[MonthlyRevenue] = ()
    partial: bool = True
    by: str = "month"

    @property
    def are_too_many(self) -> bool:
        """Whether there are too many of them for a log."""
        return max(len(self.cells), len(self.revenue)) > MOST_CELLS

    def shortened(self) -> Totals:
        """Return them by years, if there are too many for a log. Revenue is that of a year's last month."""
        if not self.are_too_many:
            return self
        last = {(one.month[:_YEAR], one.currency): one for one in self.revenue}
        return Totals(list(_by_years(self.cells)), self.lines_of_invoices, list(last.values()), self.partial, "year")

    def lines(self) -> Iterator[str]:
        """Yield them for people."""
        if self.cells:
            yield f"Control totals by {self.by}, each object once, in its newest version:"
            yield from _table(
                ("entity", "currency", self.by, "status", "outcome", "count", "amount"),
                [
                    (one.entity, one.currency, one.month, one.status, one.outcome, str(one.objects), _text(one.amount))
                    for one in self.cells
                ],
            )
        for own in self.lines_of_invoices:
            yield (
                f"Lines against invoices in {own.currency}: "
                f"{counted(own.invoices, 'invoice that came with lines makes', 'invoices that came with lines make')} "
                f"{_text(own.invoices_amount)}, {counted(own.lines, 'line makes', 'lines make')} "
                f"{_text(own.lines_amount)}; the difference is "
                f"{_text(own.difference)}."
            )
        if self.revenue:
            part = "; not all that the source has" if self.partial else ""
            yield f"MRR by the {self.by}'s end, of what this sync brought{part}:"
            yield from _table(
                (self.by, "currency", "lines", "monthly values"),
                [(one.month, one.currency, _text(one.lines), _text(one.monthly_values)) for one in self.revenue],
            )

    def document(self) -> dict[str, Any]:
        """Return them for machines."""
        return {
            "totals_by": self.by,
            "totals": [
                {
                    "entity": cell.entity,
                    "currency": cell.currency,
                    "month": cell.month,
                    "status": cell.status,
                    "outcome": cell.outcome,
                    "count": cell.objects,
                    "amount": _text(cell.amount),
                }
                for cell in self.cells
            ],
            "lines_of_invoices": [
                {
                    "currency": one.currency,
                    "invoices": one.invoices,
                    "invoices_amount": _text(one.invoices_amount),
                    "lines": one.lines,
                    "lines_amount": _text(one.lines_amount),
                    "difference": _text(one.difference),
                }
                for one in self.lines_of_invoices
            ],
            "mrr": {
                "partial": self.partial,
                "months": [
                    {
                        "month": one.month,
                        "currency": one.currency,
                        "lines": _text(one.lines),
                        "monthly_values": _text(one.monthly_values),
                    }
                    for one in self.revenue
                ],
            },
        }


def control_totals(book: Factbook, decimals: Decimals, *, partial: bool, seconds: float | None = None) -> Totals:
    """Ask for all control totals.

    Args:
        seconds: see Factbook.ask.

    Raises:
        sqlite3.Error: see Factbook.ask.
    """
    database = book.ask(seconds)
    return Totals(
        [_cell(name, row, decimals) for name in book.entities for row in database.execute(_cells_of(name))],
        [_against(row, decimals) for row in database.execute(_LINES_OF_INVOICES)],
        recurring_revenue(database, decimals),
        partial,
    )


_LINES_OF_INVOICES = f"""SELECT currency, count(*), sum(amount / {PARTS}), sum(amount % {PARTS}),
  sum(lines), sum(units), sum(parts) FROM invoices JOIN (
    SELECT invoice, count(*) AS lines, sum(amount / {PARTS}) AS units, sum(amount % {PARTS}) AS parts
    FROM invoice_lines WHERE outcome IS NOT NULL AND amount IS NOT NULL AND EXISTS (SELECT 1 FROM invoices)
    GROUP BY invoice) AS own
  ON own.invoice = invoices.id
WHERE outcome IS NOT NULL AND amount IS NOT NULL GROUP BY currency ORDER BY currency"""  # noqa: S608


def _cells_of(entity: str) -> str:
    """Return the question for an entity's cells: what its objects don't have is null."""
    known = columns_of(entity)
    amount, currency, status, starts = (
        name if name in known else "NULL" for name in ("amount", "currency", "status", "starts")
    )
    return f"""SELECT {currency}, substr({starts}, 1, 7), {status}, outcome, count(*), count({amount}),
      sum({amount} / {PARTS}), sum({amount} % {PARTS})
    FROM all_{entity} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""  # noqa: S608 (names of ours)


def _cell(entity: str, row: Sequence[Any], decimals: Decimals) -> Cell:
    currency, month, status, outcome, count, known, units, parts = row
    amount = _amount(units, parts, currency, decimals) if known else None
    word = HELD if outcome is None else Outcome(outcome).name.lower()
    return Cell(entity, currency, month, status, word, count, amount)


def _against(row: Sequence[Any], decimals: Decimals) -> LinesOfInvoices:
    currency, invoices, units, parts, lines, line_units, line_parts = row
    return LinesOfInvoices(
        currency,
        invoices,
        _amount(units, parts, currency, decimals),
        lines,
        _amount(line_units, line_parts, currency, decimals),
    )


def _amount(units: int, parts: int, currency: str | None, decimals: Decimals) -> Decimal:
    """Return an amount with all its decimals, and at least those of its currency."""
    amount = Decimal(units * PARTS + parts).scaleb(-DIGITS)
    least = Decimal(1).scaleb(-decimals(currency or ""))
    return amount.quantize(least) if amount == amount.quantize(least) else amount.normalize()


def _by_years(cells: Iterable[Cell]) -> Iterator[Cell]:
    found: dict[tuple[Any, ...], Cell] = {}
    for cell in cells:
        year = cell.month[:_YEAR] if cell.month else None
        key = (cell.entity, cell.currency, year, cell.status, cell.outcome)
        if before := found.get(key):
            amounts = [amount for amount in (before.amount, cell.amount) if amount is not None]
            cell = cell._replace(
                objects=before.objects + cell.objects, amount=sum(amounts, Decimal(0)) if amounts else None
            )
        found[key] = cell._replace(month=year)
    yield from found.values()


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


_NUMBERS = frozenset(("count", "amount", "lines", "monthly values"))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Iterator[str]:
    texts = [heads, *([text or "-" for text in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for row in texts:
        parts = [
            text.rjust(width) if head in _NUMBERS else text.ljust(width)
            for head, text, width in zip(heads, row, widths, strict=True)
        ]
        yield "  ".join(parts).rstrip()
