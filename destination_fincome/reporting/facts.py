"""What is remembered of each object for the end of the sync: its money, its dates, what became of it.

A few values of each are kept in a private file, from which the business checks and the control totals are asked once.
Writing is cheap: rows are numbered in the order of their arrival, and nothing else is sorted before it is needed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct, structs

from destination_fincome.outcomes import Outcome
from destination_fincome.temporary_database import open_database, write_rows

INVOICES, LINES, CREDIT_NOTES, SUBSCRIPTIONS = "invoices", "invoice_lines", "credit_notes", "subscriptions"

# Amounts are kept as whole numbers of this part of a unit, so that the database adds them up exactly.
DIGITS = 6
PARTS = 10**DIGITS
# What is larger is beyond all sense, and can't be added up.
_LARGEST = 2**63 // PARTS
_DATE_LENGTH = len("2026-01-31")
_CACHE_KIB = 1_024
# So many objects are written at a time, once they have ended; so many are kept at most that haven't yet.
_KEPT = 1024
_OPEN = 3000


# Yes and no are 1 and 0 in all of them: the database takes plain numbers in a tenth of the time of other types.
class DocumentFacts(Struct, frozen=True, gc=False):
    """What is remembered of an invoice or a credit note; None is what it doesn't have.

    Attributes:
        amount: in millionths of a unit; None, too, if it is beyond all sense.
        starts: its date, as a date-time that compares as text.
        customer, subscription: their ids.
        cut: it has more parts than its record.
        apart: by how much a credit note's amount differs from what its own lines come to; None if it has none.
        invoice: id of the one that a credit note lowers.
    """

    amount: int | None
    currency: str | None
    status: str | None
    starts: str | None
    customer: str | None
    subscription: str | None
    cut: int = 0
    apart: int | None = None
    invoice: str | None = None


class LineFacts(Struct, frozen=True, gc=False):
    """What is remembered of an invoice line, as of DocumentFacts.

    Attributes:
        amount: without tax and after discounts.
        starts, ends: its period.
        recurring: it is of type subscription.
    """

    amount: int | None
    currency: str | None
    starts: str | None
    ends: str | None
    recurring: int
    invoice: str | None
    subscription: str | None
    price: str | None


class SubscriptionFacts(Struct, frozen=True, gc=False):
    """What is remembered of a subscription, as of DocumentFacts.

    Attributes:
        amount: its monthly value.
        ends: its end, or when it was canceled.
        runs_from: when its monthly value begins to count: its start, or the end of its trial.
        recurring: its monthly value counts.
    """

    amount: int | None
    currency: str | None
    status: str | None
    starts: str | None
    ends: str | None
    runs_from: str | None
    recurring: int


Facts = DocumentFacts | LineFacts | SubscriptionFacts | None
"""None is of an object without money, or of one that could not be read or is not to be sent."""


class Billed(NamedTuple):
    """What invoices and their lines say of a subscription: for whom, and from when to when lines of it run."""

    customer: str
    currency: str | None
    starts: str
    ends: str


# Statuses in which a subscription brings in its monthly value; a canceled one until its end.
_RUNNING = frozenset(("active", "past_due", "canceled"))


def _of_document(values: Mapping[str, Any]) -> Facts:
    amount, starts = _parts(values.get("amount")), comparable(values.get("date"))
    customer, subscription = values.get("customer_id"), values.get("subscription_id")
    return DocumentFacts(amount, values.get("currency"), values.get("status"), starts, customer, subscription)


def _of_credit_note(values: Mapping[str, Any]) -> Facts:
    found = _of_document(values)
    return (
        structs.replace(found, apart=_apart(values), invoice=values.get("invoice_id"))
        if isinstance(found, DocumentFacts)
        else found
    )


def _apart(credit: Mapping[str, Any]) -> int | None:
    """Return a credit note's amount less its lines, which are before their discounts."""
    amount, lines = credit.get("amount"), credit.get("lines")
    if amount is None or not lines:
        return None
    return _parts(amount - sum(line["amount"] - (line.get("discount_amount") or 0) for line in lines))


def _of_line(values: Mapping[str, Any]) -> Facts:
    return LineFacts(
        _parts(values.get("amount_excluding_tax_after_discount")),
        values.get("currency"),
        comparable(values.get("period_start")),
        comparable(values.get("period_end")),
        int(values.get("type") == "subscription"),
        values.get("invoice_id"),
        values.get("subscription_id"),
        values.get("price_id"),
    )


def _of_subscription(values: Mapping[str, Any]) -> Facts:
    status, starts = values.get("status"), comparable(values.get("start_date"))
    trial_ends, ends = comparable(values.get("trial_end")), comparable(values.get("end_date"))
    if status == "canceled" and ends is None:
        ends = comparable(values.get("canceled_at")) or starts
    runs_from = max(starts, trial_ends) if starts and trial_ends else starts
    amount, currency = _parts(values.get("monthly_value")), values.get("currency")
    return SubscriptionFacts(amount, currency, status, starts, ends, runs_from, int(status in _RUNNING))


FACTS: Mapping[str, Callable[[Mapping[str, Any]], Facts]] = {
    INVOICES: _of_document,
    LINES: _of_line,
    CREDIT_NOTES: _of_credit_note,
    SUBSCRIPTIONS: _of_subscription,
}
"""What takes the facts from an object's valid fields, by entity; the other entities have none."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    INVOICES: DocumentFacts.__struct_fields__,
    LINES: LineFacts.__struct_fields__,
    CREDIT_NOTES: DocumentFacts.__struct_fields__,
    SUBSCRIPTIONS: SubscriptionFacts.__struct_fields__,
}


@lru_cache(maxsize=1 << 14)
def _parts(amount: Decimal | None) -> int | None:
    if amount is None or abs(amount) >= _LARGEST:
        return None
    parts: int = round(amount * PARTS)
    return parts


def comparable(instant: str | None) -> str | None:
    """Write a date as the date-time of its midnight, so that instants compare as text, to the second."""
    return instant + "T00:00:00Z" if instant is not None and len(instant) == _DATE_LENGTH else instant


# Of each entity, all objects; and those that are in Fincome or on their way.
_TABLE = """
CREATE TABLE all_{entity}(key INTEGER PRIMARY KEY, id TEXT, outcome INTEGER{columns});
CREATE TEMP VIEW {entity} AS SELECT * FROM all_{entity} WHERE outcome IS NULL OR outcome NOT IN ({left_out});
"""
_ENDS = "CREATE TABLE ends(key INTEGER PRIMARY KEY, outcome INTEGER);"


_BILLED = f"""SELECT min(invoices.customer), min(lines.currency), min(lines.starts), max(lines.ends)
FROM {LINES} AS lines JOIN {INVOICES} AS invoices ON invoices.id = lines.invoice
WHERE lines.subscription = ? AND lines.recurring"""  # noqa: S608 (names of this module)


# Of the columns that hold no text.
_TYPES = {"amount": "INTEGER", "recurring": "INTEGER", "cut": "INTEGER", "apart": "INTEGER"}


def _schema(entities: Sequence[str]) -> str:
    left_out = f"{int(Outcome.SKIPPED)}, {int(Outcome.REJECTED)}"
    found = [_ENDS]
    for name in entities:
        columns = "".join(f", {column} {_TYPES.get(column, 'TEXT')}" for column in columns_of(name))
        found.append(_TABLE.format(entity=name, columns=columns, left_out=left_out))
    return "".join(found)


def columns_of(entity: str) -> tuple[str, ...]:
    """Return the names of an entity's facts."""
    return _COLUMNS.get(entity, ())


_INVOICE_OF_LINE = 3 + LineFacts.__struct_fields__.index("invoice")
# More of them are not told apart: the cause is the same.
_MOST_MOVED = 1000


class Factbook:
    """Collects the facts of one sync's objects, by their keys. Enrichments of an object don't count as one.

    Args:
        entities: names, by index.
        folder: where to create the file; the system's temporary folder by default.
    """

    def __init__(self, entities: Sequence[str], folder: str | None = None) -> None:
        self.entities = entities
        self._db = open_database(_schema(entities), folder, _CACHE_KIB)
        self._nothing = [(None,) * len(columns_of(name)) for name in entities]
        # Rows that aren't written yet, by entity; the outcome is their third value.
        self._seen: list[dict[int, list[object]]] = [{} for _ in entities]
        # Outcomes of what may be written already.
        self._ends: dict[int, int | None] = {}
        self._has_late_ends = False  # of rows that were written already
        # How many there are, and at how many they are looked through for what has ended.
        self._kept, self._most_kept = 0, _KEPT
        self.moved: set[str] = set()
        """Lines that came with one id for several invoices: only the last one has them."""

    def close(self) -> None:
        """Remove the file."""
        self._db.close()

    def see(self, key: int, entity: int, identity: str, facts: Facts, *, again: bool) -> None:
        """Note an object, whose end is to come.

        Args:
            again: it was seen before; this is its newest version.
        """
        if again:
            self._ends[key] = None
            if isinstance(facts, LineFacts) and len(self.moved) < _MOST_MOVED and self._is_moved(key, entity, facts):
                self.moved.add(identity)
        self._seen[entity][key] = [key, identity, None, *(structs.astuple(facts) if facts else self._nothing[entity])]
        self._kept += 1
        if self._kept >= self._most_kept:
            self._store_ended()

    def _is_moved(self, key: int, entity: int, facts: LineFacts) -> bool:
        """Tell whether a line was another invoice's before."""
        if (row := self._seen[entity].get(key)) is not None:
            before = row[_INVOICE_OF_LINE]
        else:
            stored = self._db.execute(f"SELECT invoice FROM all_{LINES} WHERE key = ?", (key,)).fetchone()  # noqa: S608
            before = stored and stored[0]
        return None not in (before, facts.invoice) and before != facts.invoice

    def end(self, key: int, entity: int, outcome: Outcome) -> None:
        """Note what has become of an object's newest version."""
        row, number = self._seen[entity].get(key), int(outcome)
        if row is None or key in self._ends:
            self._ends[key] = number
        if row is not None:
            row[2] = number
        elif len(self._ends) >= _KEPT:
            self._store()

    def _store_ended(self) -> None:
        """Write what has ended: of what is written sooner, the end is written, too."""
        for name, seen in zip(self.entities, self._seen, strict=True):
            ended = [key for key, row in seen.items() if row[2] is not None]
            write_rows(self._db, f"INSERT OR REPLACE INTO all_{name}", map(seen.pop, ended))
        self._kept = sum(map(len, self._seen))
        if self._kept > _OPEN:
            self._store()
        self._most_kept = self._kept + _KEPT

    def _store(self) -> None:
        for name, seen in zip(self.entities, self._seen, strict=True):
            if seen:
                write_rows(self._db, f"INSERT OR REPLACE INTO all_{name}", seen.values())
                seen.clear()
        if self._ends:
            write_rows(self._db, "INSERT OR REPLACE INTO ends", self._ends.items())
            self._ends.clear()
            self._has_late_ends = True
        self._kept, self._most_kept = 0, _KEPT

    def parts_of(self, entity: str, identity: str) -> list[tuple[str, str]]:
        """Return the parts of a document that this sync brings, as (entity, id)."""
        if entity != INVOICES:
            return []
        self._store()
        self._db.execute(f"CREATE INDEX IF NOT EXISTS lines_by_invoice ON all_{LINES}(invoice)")
        found = self._db.execute(f"SELECT id FROM {LINES} WHERE invoice = ?", (identity,))  # noqa: S608
        return [(LINES, line) for (line,) in found]

    def billed(self, subscription: str) -> Billed | None:
        """Return what this sync's invoices and lines say of a subscription; None if that isn't all of it."""
        self._store()
        self._db.execute(f"CREATE INDEX IF NOT EXISTS lines_by_subscription ON all_{LINES}(subscription)")
        self._db.execute(f"CREATE INDEX IF NOT EXISTS invoices_by_id ON all_{INVOICES}(id)")
        found = self._db.execute(_BILLED, (subscription,)).fetchone()
        return Billed(*found) if None not in (found[0], found[2], found[3]) else None

    def ask(self, seconds: float | None = None) -> sqlite3.Connection:
        """Return the file, to be asked.

        For each entity it has a table `all_…`, and a view with the entity's name of the objects that are in Fincome or
        on their way: neither skipped nor rejected. Columns: `id`, `outcome` (null if it hasn't ended), and the facts.

        Args:
            seconds: after which any question is broken off.

        Raises:
            sqlite3.Error: broken off, or the disk is full.
        """
        self._store()
        if seconds is not None:
            deadline = time.monotonic() + seconds
            self._db.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        if self._has_late_ends:
            for name in self.entities:
                ended = f"UPDATE all_{name} SET outcome = ends.outcome FROM ends WHERE ends.key = all_{name}.key"  # noqa: S608
                self._db.execute(ended)
            self._db.execute("DELETE FROM ends")
            self._has_late_ends = False
        # Lines find their invoices by it.
        self._db.execute(f"CREATE INDEX IF NOT EXISTS invoices_by_id ON all_{INVOICES}(id)")
        return self._db
