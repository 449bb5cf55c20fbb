"""Credits of one sync: each becomes objects once it is known what Fincome has of it.

What a credit was applied to changes: a negative invoice is lowered, a credit note's allocation may be gone. Fincome
lists nothing, so the credit note and the negative invoice are asked for under the ids that the credit gives them, once
in a sync. What others tell of a credit (links) is joined with its record, whichever of them comes first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Arrival, ArrivedRecord, CreditArrival, Entity, Token
from destination_fincome.engine.bookkeeping import Bookkeeping
from destination_fincome.engine.spool.stubs import Stubs
from destination_fincome.fincome.answers import UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.delivery import Request
from destination_fincome.mapping.credits import Known, Link
from destination_fincome.mapping.results import Version
from destination_fincome.outcomes import SUPERSEDED, Outcome, Reason
from destination_fincome.temporary_database import open_database

NOTES, INVOICES = "credit_notes", "invoices"
# Keys of look-ups: no row of the spool has one so high.
FIRST_KEY = 1 << 62
_SCHEMA = "CREATE TABLE lines(credit INTEGER PRIMARY KEY, line BLOB NOT NULL)"

WITHOUT_CREDIT = Reason(
    Code.INCOMPLETE,
    "it tells what a credit was applied to, and this sync doesn't bring the credit; it is loaded when that comes again",
)


class Objects(Protocol):
    """What credits need of the objects of the sync."""

    def arrive(self, arrival: Arrival, token: Token) -> None:
        """Take an object in; `token` answers for it."""

    def ask(self, request: Request, due: float | None = None) -> None:
        """Let a look-up go, now or at a certain time."""


class Maker(Protocol):
    """What makes a credit's objects."""

    def credited(self, credit: CreditArrival, known: Known, links: Sequence[Link]) -> ArrivedRecord:
        """Make the objects of a credit, now that it is known what Fincome has of it."""


@dataclass(slots=True)
class _Credit:
    """One credit.

    Attributes:
        number: tells it from the others of this sync.
        arrival: its newest record, whose line is in the file; None before it has come.
        known: what Fincome has of it; None while that isn't known.
        answers: of the look-ups, so far.
        waiting: the records that end with its objects.
    """

    number: int
    arrival: CreditArrival | None = None
    known: Known | None = None
    asked: bool = False
    answers: dict[str, Verdict] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    waiting: list[Token] = field(default_factory=list)


class Credits:
    """The credits of one sync.

    Args:
        entities: in the contract's order.
        maker: makes the objects.
        objects: takes them.
        book: is told of what ends without objects.
        stubs: keeps what credits know of other objects.
    """

    def __init__(
        self, entities: Sequence[EntitySpec], maker: Maker, objects: Objects, book: Bookkeeping, stubs: Stubs
    ) -> None:
        self._names = [spec.name for spec in entities]
        self._retrievable = {spec.name: spec.retrievable and not spec.absent for spec in entities}
        self._note = Entity(self._names.index(NOTES)) if NOTES in self._names else Entity(0)
        self._maker = maker
        self._objects = objects
        self._book = book
        self._stubs = stubs
        self._credits: dict[str, _Credit] = {}
        self._numbered: list[_Credit] = []
        self._file: sqlite3.Connection | None = None

    def close(self) -> None:
        """Remove what it keeps."""
        if self._file is not None:
            self._file.close()

    # --- what arrives

    def arrive(self, arrival: CreditArrival, token: Token) -> None:
        """Take a credit's record in."""
        one = self._of(arrival.key.note)
        if one.arrival is not None and not _is_newer(one.arrival.key.version, arrival):
            self._end(token, arrival.key.note, Outcome.SKIPPED, SUPERSEDED)
            return
        one.arrival = structs.replace(arrival, line=b"")
        self._keep(one, arrival.line)
        one.waiting.append(token)
        self._go(one)

    def tell(self, link: Link, token: Token) -> None:
        """Take in what another record tells of a credit."""
        one = self._of(link.credit)
        told = one.links.get(link.allocation.key)
        if told is not None and told.version is not None and (link.version is None or link.version < told.version):
            self._end(token, link.credit, Outcome.SKIPPED, SUPERSEDED)
            return
        one.links[link.allocation.key] = link
        if link.made and one.arrival is None:
            self._end(token, link.credit, Outcome.UNCHANGED, None)
            return
        one.waiting.append(token)
        self._go(one)

    def _of(self, name: str) -> _Credit:
        one = self._credits.get(name)
        if one is None:
            one = self._credits[name] = _Credit(len(self._numbered))
            self._numbered.append(one)
        return one

    def conclude(self) -> bool:
        """End what waits for credits that this sync doesn't bring; tells whether there was any."""
        left = [(name, one) for name, one in self._credits.items() if one.waiting and one.arrival is None]
        for name, one in left:
            waiting, one.waiting = one.waiting, []
            for token in waiting:
                self._end(token, name, Outcome.SKIPPED, WITHOUT_CREDIT)
        return bool(left)

    # --- what Fincome has

    def _go(self, one: _Credit) -> None:
        if one.arrival is None:
            return
        if one.known is not None:
            self._make(one, one.arrival, one.known)
        elif not one.asked:
            one.asked = True
            self._ask(one, one.arrival)

    def _ask(self, one: _Credit, arrival: CreditArrival) -> None:
        for place, (entity, name) in enumerate(((NOTES, arrival.key.note), (INVOICES, arrival.key.invoice))):
            if self._retrievable.get(entity):
                key = FIRST_KEY + 2 * one.number + place
                self._objects.ask(Request(entity, name, b"", key=key, look_up=True))
            else:
                one.answers[entity] = UNTOLD
        self._learn(one)

    def answered(self, request: Request, verdict: Verdict, due: float) -> None:
        """Take what Fincome answered; passing trouble is no answer."""
        is_final = verdict.kind is Kind.UNTOLD and verdict.retry_after is None
        if verdict.kind not in (Kind.ACCEPTED, Kind.MISSING) and not is_final:
            self._objects.ask(request, due)
            return
        one = self._numbered[(request.key - FIRST_KEY) // 2]
        one.answers[request.entity] = verdict
        self._learn(one)

    def _learn(self, one: _Credit) -> None:
        if len(one.answers) < 2 or one.arrival is None:
            return
        note, invoice = one.answers[NOTES], one.answers[INVOICES]
        # Where Fincome can't be asked, the negative invoice may be there.
        one.known = Known(note.found if note.kind is Kind.ACCEPTED else None, invoice.kind is not Kind.MISSING)
        one.answers = {}
        self._make(one, one.arrival, one.known)

    # --- its objects

    def _make(self, one: _Credit, arrival: CreditArrival, known: Known) -> None:
        links = list(one.links.values())
        record = self._maker.credited(structs.replace(arrival, line=self._line(one)), known, links)
        newest = _newest([arrival.key.version, *(link.version for link in links)])
        objects = [structs.replace(found, version=newest) if found.content else found for found in record.objects]
        for stub in record.stubs:
            self._stubs.keep(stub)
        one.known = self._then(known, arrival, objects)
        waiting, one.waiting = one.waiting, []
        for token in waiting:
            if not objects:
                self._end(token, arrival.key.note, Outcome.UNCHANGED, None)
                continue
            self._book.make(token, len(objects))
            for found in objects:
                self._objects.arrive(found, token)

    def _then(self, known: Known, arrival: CreditArrival, objects: Iterable[Arrival]) -> Known:
        """Return what Fincome has once these objects have gone."""
        note, invoice = known
        for found in objects:
            if found.content is None:
                continue
            name = (self._names[found.entity], found.id)
            if name == (NOTES, arrival.key.note):
                body: Mapping[str, object] = json.loads(found.content.body)
                note = {**(note or {}), **body}
            elif name == (INVOICES, arrival.key.invoice):
                invoice = True
        return Known(note, invoice)

    def _end(self, token: Token, name: str, outcome: Outcome, reason: Reason | None) -> None:
        self._book.end(token, outcome, self._note, name, reason)

    # --- the records, in a file

    def _keep(self, one: _Credit, line: bytes) -> None:
        if self._file is None:
            self._file = open_database(_SCHEMA)
        self._file.execute("INSERT OR REPLACE INTO lines VALUES(?, ?)", (one.number, line))

    def _line(self, one: _Credit) -> bytes:
        assert self._file is not None
        found: tuple[bytes] = self._file.execute("SELECT line FROM lines WHERE credit = ?", (one.number,)).fetchone()
        if one.arrival is not None and not one.arrival.key.linked:
            self._file.execute("DELETE FROM lines WHERE credit = ?", (one.number,))
        return found[0]


def _is_newer(version: Version, arrival: CreditArrival) -> bool:
    """Tell whether a record takes the place of another; see docs/mapping.md, "Versions and ties"."""
    key = arrival.key
    if version == key.version:
        return not key.tie_first
    return version is None or (key.version is not None and key.version > version)


def _newest(versions: Iterable[Version]) -> Version:
    return max((one for one in versions if one is not None), default=None)
