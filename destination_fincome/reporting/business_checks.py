"""Business checks: what is valid object by object, but together would give wrong revenue. They only warn.

They look at invoices and their lines, which Fincome's figures are made of (fincome-api.md, rules 2 and 4). A few
numbers of each are kept in a file of their own; the questions are asked once, when all of the input has been read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from destination_fincome.codes import Code
from destination_fincome.temporary_database import open_database, write_rows

INVOICES, LINES = "invoices", "invoice_lines"
SUBSCRIPTION = "subscription"

# Amounts are kept as whole numbers of this part of a unit, so that the database adds them up exactly.
_PARTS = 10_000
# Differences below half a cent are none: some sources give fractions of a cent.
_NEGLIGIBLE = _PARTS // 200
_LARGEST = 2**63 // (_PARTS * 1000)
_DATE_LENGTH = len("2026-01-31")
_CACHE_KIB = 2048
_KEPT = 1024

_SCHEMA = """
CREATE TABLE invoices(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, amount INTEGER, currency TEXT);
CREATE TABLE lines(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, invoice TEXT, subscription TEXT, price TEXT,
  recurring INTEGER NOT NULL, amount INTEGER, currency TEXT, starts TEXT, ends TEXT);
"""


class InvoiceFacts(NamedTuple):
    """What the business checks need of an invoice.

    Attributes:
        amount: in ten-thousandths of a unit; None if it is unknown or beyond all sense.
    """

    id: str
    amount: int | None
    currency: str | None


class LineFacts(NamedTuple):
    """What the business checks need of an invoice line.

    Attributes:
        amount: as of InvoiceFacts, without tax and after discounts.
        starts, ends: its period, as date-times that compare as text.
    """

    id: str
    invoice: str | None
    subscription: str | None
    price: str | None
    recurring: bool
    amount: int | None
    currency: str | None
    starts: str | None
    ends: str | None


Facts = InvoiceFacts | LineFacts


@dataclass(frozen=True)
class Finding:
    """Something that would give wrong figures: how often, and an example."""

    code: Code
    text: str
    count: int
    example: str


def invoice_facts(values: Mapping[str, Any]) -> InvoiceFacts:
    """Take the facts from an invoice's valid fields."""
    return InvoiceFacts(values["id"], _parts(values.get("amount")), values.get("currency"))


def line_facts(values: Mapping[str, Any]) -> LineFacts:
    """Take the facts from an invoice line's valid fields."""
    return LineFacts(
        values["id"],
        values.get("invoice_id"),
        values.get("subscription_id"),
        values.get("price_id"),
        values.get("type") == SUBSCRIPTION,
        _parts(values.get("amount_excluding_tax_after_discount")),
        values.get("currency"),
        _comparable(values.get("period_start")),
        _comparable(values.get("period_end")),
    )


FACTS: Mapping[str, Callable[[Mapping[str, Any]], Facts]] = {INVOICES: invoice_facts, LINES: line_facts}


@lru_cache(maxsize=1 << 14)
def _parts(amount: Decimal | None) -> int | None:
    if amount is None or abs(amount) > _LARGEST:
        return None
    return round(amount * _PARTS)


def _comparable(instant: str | None) -> str | None:
    """Write a date as the date-time of its midnight, so that instants compare as text, to the second."""
    return instant + "T00:00:00Z" if instant is not None and len(instant) == _DATE_LENGTH else instant


class Checks:
    """Collects the facts of one sync.

    Args:
        fed: the entities that the sync brings: an invoice can't lack lines that nobody was going to bring.
        folder: where to create the file; the system's temporary folder by default.
    """

    def __init__(self, fed: frozenset[str], folder: str | None = None) -> None:
        self._fed = fed
        self._db = open_database(_SCHEMA, folder, _CACHE_KIB)
        self._invoices: dict[str, InvoiceFacts | None] = {}
        self._lines: dict[str, LineFacts | None] = {}

    def close(self) -> None:
        """Remove the file."""
        self._db.close()

    def see(self, facts: Facts) -> None:
        """Note the newest version of an object."""
        if isinstance(facts, LineFacts):
            self._lines[facts.id] = facts
        else:
            self._invoices[facts.id] = facts
        self._store_if_many()

    def forget(self, entity: str, identity: str) -> None:
        """Note that an object isn't sent after all: it is skipped, or rejected."""
        if entity == LINES:
            self._lines[identity] = None
        elif entity == INVOICES:
            self._invoices[identity] = None
        self._store_if_many()

    def parts_of(self, entity: str, identity: str) -> list[tuple[str, str]]:
        """Return the parts of a document that this sync brings, as (entity, id)."""
        if entity != INVOICES:
            return []
        self._store()
        found = self._db.execute("SELECT id FROM lines WHERE invoice = ?", (identity,)).fetchall()
        return [(LINES, line) for (line,) in found]

    def findings(self) -> Iterator[Finding]:
        """Yield what was found; to be asked when all of the input has been seen."""
        self._store()
        if {INVOICES, LINES} <= self._fed:
            yield from self._without_lines()
            yield from self._differing_sums()
        yield from self._differing_currencies()
        yield from self._without_subscription()
        yield from self._overlapping_periods()

    def _store_if_many(self) -> None:
        if len(self._invoices) + len(self._lines) >= _KEPT:
            self._store()

    def _store(self) -> None:
        for table, kept in (("invoices", self._invoices), ("lines", self._lines)):
            gone = [(identity,) for identity, facts in kept.items() if facts is None]
            rows = [facts for facts in kept.values() if facts is not None]
            self._db.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608
            names = ", ".join(rows[0]._fields) if rows else ""
            write_rows(self._db, f"INSERT OR REPLACE INTO {table}({names})", rows)
            kept.clear()

    # --- questions

    def _counted(self, code: Code, text: str, query: str) -> Iterator[Finding]:
        """Yield a finding if a query finds anything: it gives one row with the number and an example."""
        count, example = self._db.execute(query).fetchone()
        if count:
            yield Finding(code, text, count, example)

    def _without_lines(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.INVOICE_WITHOUT_LINES,
            "invoices with an amount came without any line in this sync, so their revenue has no period",
            """SELECT count(*), 'invoice ' || min(id) FROM invoices
            WHERE amount <> 0 AND id NOT IN (SELECT invoice FROM lines WHERE invoice IS NOT NULL)""",
        )

    def _differing_sums(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.LINES_DIFFER_FROM_INVOICE,
            "invoices have another amount than their lines together",
            f"""SELECT count(*), 'invoice ' || min(id) FROM (
              SELECT invoices.id FROM invoices JOIN (
                SELECT invoice, sum(amount) AS together, count(*) - count(amount) AS unknown
                FROM lines WHERE invoice IS NOT NULL GROUP BY invoice) AS summed ON summed.invoice = invoices.id
              WHERE unknown = 0 AND abs(invoices.amount - together) > {_NEGLIGIBLE})""",  # noqa: S608
        )

    def _differing_currencies(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.CURRENCY_DIFFERS,
            "invoice lines are in another currency than their invoice",
            """SELECT count(*), 'invoice line ' || min(lines.id) FROM lines JOIN invoices ON invoices.id = lines.invoice
            WHERE lines.currency <> invoices.currency""",
        )

    def _without_subscription(self) -> Iterator[Finding]:
        yield from self._counted(
            Code.LINE_WITHOUT_SUBSCRIPTION,
            "invoice lines are of type subscription and name none, so their revenue belongs to no subscription",
            "SELECT count(*), 'invoice line ' || min(id) FROM lines WHERE recurring AND subscription IS NULL",
        )

    def _overlapping_periods(self) -> Iterator[Finding]:
        """Find prices that are charged twice for the same time of one subscription.

        A credit takes back a charge (a change in mid-period), and lines of one invoice for one period are one charge
        (tiers). So what counts is how many charges, less credits, there are at any time.
        """
        charges = self._db.execute(
            """SELECT subscription, price, starts, ends, CASE WHEN amount > 0 THEN 1 ELSE -1 END, min(id)
            FROM lines WHERE recurring AND amount <> 0 AND starts < ends
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
