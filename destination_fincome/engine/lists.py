"""What the API's lists show of objects before these are sent: a first sync into a filled account reads, page by page.

Lists are read of entities of which the memory knows nothing. Objects of such an entity wait for the pages; what a page
shows as it would be sent needn't go. A list proves what it shows: what it doesn't show is sent as ever, and so is
everything if it can't be read. What this sync has sent isn't believed of any page.

Pages are asked for one after the other, as long as they pay: at most one for ten objects that have waited, and one for
each object that a list has spared. So lists never cost more than a tenth of what is sent without them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Content
from destination_fincome.engine.earlier_ids import FIRST_ID_KEY
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.listing import FIRST_PAGE, Page
from destination_fincome.fincome.pages import Listed
from destination_fincome.fincome.stored import would_change
from destination_fincome.retry_policy import DEFAULT
from destination_fincome.temporary_database import bytes_of, open_database, write_rows

# Keys of these requests: no look-up of an earlier id has one so high.
FIRST_LIST_KEY = FIRST_ID_KEY + (1 << 60)
# For so many objects that have waited, a page may be asked for.
OBJECTS_A_PAGE = 10
# How long objects wait, where the source is slow, for others that make another page pay (seconds).
STILL_SECONDS = 30.0
# How many objects are let go at a time.
RELEASED = 500
MOST_BYTES = 1 << 30
_CACHE_KIB = 4_096
_SCHEMA = """CREATE TABLE shown(entity INTEGER NOT NULL, id TEXT NOT NULL, body BLOB, UNIQUE(entity, id))"""
# Shown twice with two contents, or sent by this sync: nobody knows what Fincome has of it.
_SHOW = "INSERT INTO shown(entity, id, body)"
_SHOWN_AGAIN = "ON CONFLICT DO UPDATE SET body = CASE WHEN body = excluded.body THEN body END"
_DOUBT = "INSERT INTO shown(entity, id) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = NULL"
_FIND = "SELECT body FROM shown WHERE entity = ? AND id = ?"

Warn = Callable[[Code, str, str], None]
Ask = Callable[[Request, float | None], None]


class Look(Enum):
    """What lists say of an object that could go."""

    STORED = auto()  # it is shown as it would be sent
    OTHERWISE = auto()  # it is shown otherwise, or isn't to be believed
    UNSEEN = auto()


class Keys:
    """A set of rows' keys, a bit for each: a million of them may wait."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._first = 0
        self.count = 0

    def __contains__(self, key: int) -> bool:
        """Tell whether a key is among them."""
        place, bit = key >> 3, 1 << (key & 7)
        return place < len(self._bits) and bool(self._bits[place] & bit)

    def add(self, key: int) -> bool:
        """Add a key; False if it is there already."""
        if key in self:
            return False
        place = key >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (key & 7)
        self._first = min(self._first, place)
        self.count += 1
        return True

    def discard(self, key: int) -> bool:
        """Take a key out; False if it isn't there."""
        if key not in self:
            return False
        self._bits[key >> 3] &= ~(1 << (key & 7))
        self.count -= 1
        return True

    def take(self, limit: int) -> Iterator[int]:
        """Take out up to so many keys, the least first."""
        while limit and self.count:
            while not self._bits[self._first]:
                self._first += 1
            byte = self._bits[self._first]
            key = (self._first << 3) + (byte & -byte).bit_length() - 1
            self.discard(key)
            limit -= 1
            yield key


@dataclass(slots=True)
class _Reading:
    """How far the list of one entity is read.

    Attributes:
        page: the one that is to be asked for; None if the last one was.
        asked: how many pages were asked for.
        held: how many objects have waited for pages.
        stored: how many of them were shown as they would be sent.
        shown: how many objects pages have shown.
        waiting: the objects that wait.
        let_go: those that have waited for long enough.
        last: the ids of the page before.
        facets: those of the objects that have waited.
        in_flight: a page is asked for.
        failures: how often in a row that was met with trouble of its own.
        moved: when something happened (monotonic seconds).
        ended: no more is read.
        whole: it was read to its end.
    """

    spec: EntitySpec
    page: Page | None = FIRST_PAGE
    asked: int = 0
    held: int = 0
    stored: int = 0
    shown: int = 0
    waiting: Keys = field(default_factory=Keys)
    let_go: Keys = field(default_factory=Keys)
    last: frozenset[str] = frozenset()
    facets: set[int] = field(default_factory=set)
    in_flight: bool = False
    failures: int = 0
    moved: float = 0.0
    ended: bool = False
    whole: bool = False

    @property
    def pays(self) -> bool:
        """Whether another page may be asked for."""
        return self.asked < self.held // OBJECTS_A_PAGE + self.stored

    @property
    def shows_nothing(self) -> bool:
        """Whether nothing is known of it, and nothing will be."""
        return self.ended and not self.shown


class Lists:
    """The lists of one sync.

    Args:
        entities: in the contract's order.
        recall: the memory: of what it knows no list is needed.
        wrong: the entities of which something is stored otherwise than it was sent; grows.
        warn: counts a warning: its code, its text, an example.
        most_bytes: of what pages show, so much is kept.
    """

    def __init__(
        self,
        entities: Sequence[EntitySpec],
        recall: Recall,
        wrong: Collection[str],
        warn: Warn,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entities = entities
        self._recall = recall
        self._wrong = wrong
        self._warn = warn
        self._most_bytes = most_bytes
        self._clock = clock
        self._file = open_database(_SCHEMA, cache_kib=_CACHE_KIB)
        self._readings: dict[int, _Reading | None] = {}

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def _reading(self, entity: int) -> _Reading | None:
        """Return how far an entity's list is; None if it is not to be read."""
        if entity not in self._readings:
            spec = self._entities[entity]
            is_read = spec.listing is not None and self._recall.knows_none_of(spec.name)
            self._readings[entity] = _Reading(spec) if is_read else None
        return self._readings[entity]

    # --- an object that could go

    def look(self, row: Row, content: Content, body: bytes) -> Look:
        """Tell what lists show of an object; `body`: as it would be sent."""
        reading = self._reading(row.entity)
        if reading is None or reading.shows_nothing:
            return Look.UNSEEN
        found = self._file.execute(_FIND, (row.entity, row.id)).fetchone()
        if found is None:
            return Look.UNSEEN
        spec = reading.spec
        if found[0] is None or spec.name in self._wrong:
            return Look.OTHERWISE
        request = Request(spec.name, row.id, body, once=content.once)
        sent = request.of_what_exists.body if spec.update is not None and spec.update.partial else body
        omits = spec.listing is not None and spec.listing.omits_empty
        if would_change(spec, sent, json.loads(found[0], parse_float=Decimal), omits_empty=omits):
            return Look.OTHERWISE
        reading.stored += 1
        return Look.STORED

    def holds(self, row: Row) -> bool:
        """Tell whether an object that no page has shown waits for others; it is handed back when it may go."""
        reading = self._reading(row.entity)
        if reading is None or reading.ended or row.key in reading.let_go:
            return False
        if reading.waiting.add(row.key):
            reading.held += 1
            reading.facets.add(row.facet)
            reading.moved = self._clock()
        return True

    def forget(self, row: Row) -> None:
        """Believe no page about an object: it is about to be sent, or isn't there."""
        reading = self._reading(row.entity)
        if reading is not None and not reading.shows_nothing:
            self._file.execute(_DOUBT, (row.entity, row.id))

    def exists(self, row: Row) -> bool | None:
        """Tell whether an object is in Fincome; None if lists don't tell."""
        reading = self._reading(row.entity)
        if reading is None or reading.shows_nothing:
            return False if reading is not None and reading.whole else None
        if self._file.execute(_FIND, (row.entity, row.id)).fetchone() is not None:
            return True
        return False if reading.whole else None

    # --- pages

    @property
    def holds_any(self) -> bool:
        """Whether objects wait."""
        return any(reading is not None and reading.waiting.count for reading in self._readings.values())

    def ask(self, ask: Ask, now: float) -> None:
        """Ask for the pages that objects wait for, as far as they pay."""
        for number, reading in self._readings.items():
            if reading is None or reading.ended or reading.in_flight or not reading.waiting.count:
                continue
            if bytes_of(self._file) > self._most_bytes:
                self._give_up(reading, "has more than the temporary files take (`max_spool_mb`)")
            elif reading.pays:
                reading.asked += 1
                reading.in_flight, reading.moved = True, now
                request = Request(reading.spec.name, "", b"", key=FIRST_LIST_KEY + number, look_up=True)
                ask(structs.replace(request, page=reading.page), None)

    def release(self, spool: Spool, now: float, *, is_last: bool) -> bool:
        """Let objects go that need wait no longer; tells whether there were any.

        Args:
            is_last: nothing else goes on, and nothing more will come: no other page will pay.
        """
        waiting = [one for one in self._readings.values() if one is not None and one.waiting.count]
        free = next((one for one in waiting if one.ended), None)
        if free is None:
            idle = [one for one in waiting if not (one.in_flight or one.pays)]
            free = next((one for one in idle if is_last or now - one.moved >= STILL_SECONDS), None)
            if free is None:
                return False
            free.ended = is_last
        for key in free.waiting.take(RELEASED):
            free.let_go.add(key)
            row = spool.by_key(key)
            if row.status is Status.READY:
                spool.ready(row)
        return True

    def answered(self, request: Request, verdict: Verdict, due: float | None, spool: Spool, ask: Ask) -> None:
        """Take what was answered to a page; `due`: when to ask again, where that is worth it."""
        reading = self._readings[request.key - FIRST_LIST_KEY]
        assert reading is not None
        reading.moved = self._clock()
        if verdict.kind is Kind.RETRY:
            reading.failures += not verdict.throttled
            if due is not None and reading.failures < DEFAULT.aside_after:
                ask(request, due)
                return
        reading.in_flight, reading.failures = False, 0
        listed = verdict.listed
        if verdict.kind is not Kind.ACCEPTED:
            self._give_up(reading, verdict.problem or "isn't there")
        elif listed is None:
            self._give_up(reading, "is answered with something else than a list")
        elif listed.entries and not listed.objects:
            self._give_up(reading, "shows objects without ids")
        elif listed.next and listed.objects and reading.last.issuperset(identity for identity, _ in listed.objects):
            self._give_up(reading, "shows the same page again")
        else:
            self._take(reading, request.key - FIRST_LIST_KEY, listed, spool)

    def _take(self, reading: _Reading, entity: int, listed: Listed, spool: Spool) -> None:
        rows = ((entity, identity, body) for identity, body in listed.objects)
        write_rows(self._file, _SHOW, rows, _SHOWN_AGAIN)
        reading.shown += len(listed.objects)
        reading.last = frozenset(identity for identity, _ in listed.objects)
        reading.page = listed.next
        reading.ended = reading.whole = listed.next is None
        for identity in reading.last:
            for facet in reading.facets:
                row = spool.get(entity, identity, facet)
                if row is not None and reading.waiting.discard(row.key) and row.status is Status.READY:
                    spool.ready(row)

    def _give_up(self, reading: _Reading, why: str) -> None:
        """Read no more of a list: what it has shown stands, and everything else is sent."""
        reading.ended = True
        text = f"the list of {reading.spec.plural} {why}: it is read no further, and what it hasn't shown is sent"
        self._warn(Code.LIST_NOT_READ, text, reading.spec.path)
