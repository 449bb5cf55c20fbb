"""Business checks: what is valid object by object, but together would give wrong revenue. They only warn.

They look at invoices, credits and their lines, which Fincome's figures are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from destination_fincome.codes import Code
from destination_fincome.reporting.facts import CREDIT_NOTES, INVOICES, LINES, PARTS, SUBSCRIPTIONS, Factbook
from destination_fincome.wording import one_of, several_of

_MIDNIGHT = "T00:00:00Z"
_FIRST_OF_MONTH = f"-01{_MIDNIGHT}"
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# No charge is paid for longer in advance; 9999-12-31 is what systems write for an end that nobody knows.
_LONGEST_YEARS = 20
# So many one-off lines of subscriptions, and none that recurs, are no chance.
_MANY_LINES = 20
# Differences below half a cent are none: some sources give fractions of a cent.
_NEGLIGIBLE = PARTS // 200

_DIFFERING = f"""SELECT count(*), 'invoice ' || min(id) FROM (
  SELECT invoices.id FROM invoices JOIN (
    SELECT invoice, sum(amount / {PARTS}) AS units, sum(amount % {PARTS}) AS parts, count(*) - count(amount) AS unknown
    FROM invoice_lines WHERE invoice IS NOT NULL GROUP BY invoice) AS summed ON summed.invoice = invoices.id
  WHERE {{which}} AND unknown = 0
    AND abs((amount / {PARTS} - units) * {PARTS} + amount % {PARTS} - parts) > {_NEGLIGIBLE})"""  # noqa: S608

# A credit in parts may be some cents more than what it takes back.
_CENTS = PARTS // 20

_EXCEEDED = f"""SELECT count(*), 'invoice ' || min(invoices.id) FROM invoices JOIN (
    SELECT invoice, sum(amount / {PARTS}) AS units, sum(amount % {PARTS}) AS parts FROM credit_notes
    WHERE invoice IS NOT NULL AND amount IS NOT NULL GROUP BY invoice) AS summed ON summed.invoice = invoices.id
  WHERE amount >= 0 AND (units - amount / {PARTS}) * {PARTS} + parts - amount % {PARTS} > {_CENTS}"""  # noqa: S608


@dataclass(frozen=True)
class Finding:
    """Something that would give wrong figures: how often, and an example."""

    code: Code
    text: str
    count: int
    example: str


class Checks:
    """Asks what a sync has brought.

    Args:
        book: the facts.
        fed: the entities that the sync brings: an invoice can't lack lines that nobody was going to bring.
    """

    def __init__(self, book: Factbook, fed: frozenset[str]) -> None:
        self._book = book
        self._fed = fed

    def findings(self) -> Iterator[Finding]:
        """Yield what was found; to be asked when all of the input has been seen.

        Raises:
            sqlite3.Error: the file can't be asked.
        """
        self._db = self._book.ask()
        if {INVOICES, LINES} <= self._fed:
            yield from self._without_lines()
            yield from self._differing_sums()
        yield from self._of_several_invoices()
        yield from self._differing_credits()
        yield from self._exceeding_credits()
        yield from self._differing_currencies()
        yield from self._without_subscription()
        yield from self._nothing_recurring()
        yield from self._overlapping_periods()
        yield from self._inclusive_ends()
        yield from self._endless_periods()

    # --- questions

    def _counted(self, code: Code, text: str, query: str) -> Iterator[Finding]:
        """Yield a finding if a query finds anything: it gives one row with the number and an example."""
        count, example = self._db.execute(query).fetchone() or (0, "")
        if count:
            yield Finding(code, text, count, example)

    def _without_lines(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.INVOICE_WITHOUT_LINES,
            "invoices with an amount came without any line in this sync, so their revenue has no period",
            """SELECT count(*), 'invoice ' || min(id) FROM invoices
            WHERE amount <> 0 AND id NOT IN (SELECT invoice FROM invoice_lines WHERE invoice IS NOT NULL)""",
        )

    def _differing_sums(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.LINES_DIFFER_FROM_INVOICE,
            "invoices have another amount than their lines together",
            _DIFFERING.format(which="NOT cut"),
        )
        yield from self._counted(
            Code.INCOMPLETE_LINES,
            "invoices have more lines than their records carry, and the others did not all come; lines that Fincome "
            "has already stay",
            _DIFFERING.format(which="cut"),
        )

    def _of_several_invoices(self) -> Iterator[Finding]:
        if moved := self._book.moved:
            yield Finding(
                Code.LINE_OF_SEVERAL_INVOICES,
                "lines came with one id for several invoices, and only the last one has them, so the revenue of the "
                "others is lost",
                len(moved),
                f"invoice line {min(moved)}",
            )

    def _differing_credits(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.LINES_DIFFER_FROM_INVOICE,
            "credit notes have another amount than their lines together",
            f"SELECT count(*), 'credit note ' || min(id) FROM credit_notes WHERE abs(apart) > {_NEGLIGIBLE}",  # noqa: S608
        )

    def _exceeding_credits(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.CREDITS_EXCEED_INVOICE, "invoices are credited with more than their amount", _EXCEEDED
        )

    def _differing_currencies(self) -> Iterator[Finding]:
        for entity, field, parent in ((CREDIT_NOTES, "invoice", INVOICES), (LINES, "subscription", SUBSCRIPTIONS),
                                      (LINES, "invoice", INVOICES)):  # fmt: skip
            if {entity, parent} <= self._fed:
                yield from self._counted(
                    Code.CURRENCY_DIFFERS,
                    f"{several_of(entity)} are in another currency than their {field}",
                    f"""SELECT count(*), '{one_of(entity)} ' || min(one.id)
                    FROM {entity} AS one JOIN {parent} AS parent ON parent.id = one.{field}
                    WHERE one.currency <> parent.currency""",  # noqa: S608 (names of ours)
                )

    def _without_subscription(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.LINE_WITHOUT_SUBSCRIPTION,
            "invoice lines are of type subscription and name none, so their revenue belongs to no subscription",
            "SELECT count(*), 'invoice line ' || min(id) FROM invoice_lines WHERE recurring AND subscription IS NULL",
        )

    def _nothing_recurring(self) -> Iterator[Finding]:
        """Find that subscriptions are billed, and no line of theirs has a period: their MRR would be nothing."""
        yield from self._counted(
            Code.NOTHING_RECURS,
            "invoice lines name a subscription, and none of all lines recurs, so they make no monthly revenue",
            f"""SELECT number, example FROM (
              SELECT count(*) AS number, 'invoice line ' || min(id) AS example FROM invoice_lines
              WHERE subscription IS NOT NULL AND amount <> 0)
            WHERE number >= {_MANY_LINES} AND NOT EXISTS (SELECT 1 FROM invoice_lines WHERE recurring)""",  # noqa: S608
        )

    def _overlapping_periods(self) -> Iterator[Finding]:
        """Find prices that are charged twice for the same time of one subscription.

        A credit takes back a charge (a change in mid-period), and lines of one invoice for one period are one charge
        (tiers). So what counts is how many charges, less credits, there are at any time.
        """
        charges = self._db.execute(
            """SELECT subscription, price, starts, ends, CASE WHEN amount > 0 THEN 1 ELSE -1 END, min(id)
            FROM invoice_lines WHERE recurring AND amount <> 0 AND starts < ends
              AND subscription IS NOT NULL AND price IS NOT NULL
            GROUP BY subscription, price, invoice, starts, ends, amount > 0
            ORDER BY subscription, price"""
        )
        found = [example for _, lines in groupby(charges, itemgetter(0, 1)) if (example := _overlap(lines))]
        if found:
            yield Finding(
                Code.OVERLAPPING_PERIODS,
                "subscriptions are charged twice for one price at the same time, which counts as too much MRR",
                len(found),
                f"invoice line {min(found)}",
            )

    def _inclusive_ends(self) -> Iterator[Finding]:
        """Find periods that end on their last day, or in its last minute, in place of the moment after it.

        The next one begins a day later (or at once, after 23:59:59), or the month has no day after it.
        Most must be so: one day without service, or a change on the last of a month, is none of it.
        """
        lines = self._db.execute(
            """SELECT subscription, price, starts, ends, min(id) FROM invoice_lines
            WHERE recurring AND amount > 0 AND starts < ends AND subscription IS NOT NULL
            GROUP BY subscription, price, starts, ends ORDER BY subscription, price, starts, ends"""
        )
        short: list[str] = []
        regular = 0
        before: tuple[Any, ...] | None = None
        for line in lines:
            following = before is not None and before[:2] == line[:2]
            if following and before and _is_cut_short(before[3], line[2]):
                short.append(before[4])
            elif _is_whole_months(line[2], line[3], last_day_included=True):
                short.append(line[4])
            regular += bool(following and before and before[3] == line[2])
            regular += _is_whole_months(line[2], line[3], last_day_included=False)
            before = line
        if len(short) > regular:
            yield Finding(
                Code.INCLUSIVE_ENDS,
                "periods of subscriptions seem to end on their last day, and Fincome's `period_end` is the moment "
                "after it: each lacks that day, or its last second, and monthly revenue with it",
                len(set(short)),
                f"invoice line {min(short)}",
            )

    def _endless_periods(self) -> Iterator[Finding]:
        """Find charges that are spread over so long a time that next to nothing of them is left in a month."""
        yield from self._counted(
            Code.ENDLESS_PERIOD,
            f"invoice lines have a period of more than {_LONGEST_YEARS} years, so that next to nothing of them counts "
            "in a month",
            f"""SELECT count(*), 'invoice line ' || min(id) FROM invoice_lines
            WHERE recurring AND amount <> 0 AND substr(ends, 1, 4) - substr(starts, 1, 4) > {_LONGEST_YEARS}""",  # noqa: S608
        )


def _is_cut_short(ends: str, following: str) -> bool:
    """Tell whether a period ends just a day before the following one, or in the last minute before it (23:59:59)."""
    gap = datetime.fromisoformat(following) - datetime.fromisoformat(ends)
    return gap == _DAY or timedelta(0) < gap <= _MINUTE


def _is_whole_months(starts: str, ends: str, *, last_day_included: bool) -> bool:
    """Tell whether a period goes from the first of a month to a month's last day, or to the first of one."""
    if not starts.endswith(_FIRST_OF_MONTH):
        return False
    end = datetime.fromisoformat(ends)
    if end.year == datetime.max.year:  # no end, and no day after it
        return False
    if not ends.endswith(_MIDNIGHT):
        return last_day_included and end.day != 1 and (end + _MINUTE).day == 1
    return (end + _DAY).day == 1 if last_day_included else end.day == 1


def _overlap(lines: Iterable[tuple[Any, ...]]) -> str | None:
    """Return the id of a line that begins while another charge still runs; None if none does."""
    steps: dict[str, int] = {}
    begins: dict[str, str] = {}
    for _, _, starts, ends, sign, identity in lines:
        steps[starts] = steps.get(starts, 0) + sign
        steps[ends] = steps.get(ends, 0) - sign
        if sign > 0:
            begins[starts] = identity
    running = 0
    for instant, step in sorted(steps.items()):
        running += step
        if running > 1:
            return begins.get(instant, "")
    return None
