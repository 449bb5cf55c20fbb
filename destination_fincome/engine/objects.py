"""The objects of one sync: what arrives is met with what is there, and what lifecycle.step decides is done.

Bookkeeping only: it is told what arrived and what was answered, and says what may go. Time and HTTP are the sync's.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    ITSELF,
    NO_TOKEN,
    Arrival,
    Content,
    Entity,
    Gives,
    OtherIdArrival,
    Ref,
    Token,
)
from destination_fincome.engine.bookkeeping import Bookkeeping
from destination_fincome.engine.confirmed import Confirmed, Standing, UnderWay
from destination_fincome.engine.lifecycle import (
    PARENTS_THERE,
    TAKEN,
    Answered,
    Arrived,
    Became,
    Count,
    CycleFound,
    Due,
    Effect,
    End,
    EndFollowers,
    Event,
    Follow,
    InputEnded,
    LeftOut,
    LookedUp,
    LookUpAt,
    LookUpDue,
    MayBeUndone,
    Named,
    NotListed,
    Overdue,
    ParentGone,
    ParentVoid,
    Recalled,
    RecallWrong,
    SetAside,
    Simple,
    StoodFor,
    TryAt,
    Unfilled,
    ValueChanged,
    WaitFor,
    Wanted,
    Warn,
    reference,
    step,
    unlisted,
)
from destination_fincome.engine.lists import Lists
from destination_fincome.engine.look_ups import LookUps
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.parent_values import (
    DISCOUNT_ALONE,
    DISCOUNT_UNKNOWN,
    DISCOUNTS,
    Filled,
    ParentValues,
    values_given,
)
from destination_fincome.engine.settlements import LINES_UNKNOWN, Documents, TooManySettled, is_settled, settlement
from destination_fincome.engine.spool.rows import BLOCKING, PENDING, UNDER_WAY, Presence, Row, Status
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.subscription_stubs import TOLD, SubscriptionStubs
from destination_fincome.engine.unanswered import UnansweredWrites
from destination_fincome.engine.unchanged import UnchangedArrivals
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.delivery import Request
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.facts import Factbook
from destination_fincome.retry_policy import DEFAULT

# How many objects are looked into between two looks at the clock and the workers.
BATCH = 500
# How much the newest answer says of whether objects exist already, as in a re-sync, against all before it.
NEWEST = 0.2
# So many settlements of an entity are believed, whatever their share.
FEW_SETTLED = 20
SUBSCRIPTIONS = "subscriptions"
# What can be settled with its document.
_WITH_PARENT = PENDING | {Status.SENT}
_SENT = UNDER_WAY | {Status.SENT}
_NOT_WANTED = frozenset((Presence.UNKNOWN, Presence.NOWHERE))
# What each record meets: see lifecycle.py.
_SEND, _WAITING = Simple.SEND, Status.WAITING
_UNKNOWN_REFERENCE, _GOES, _CREATED = Kind.UNKNOWN_REFERENCE, Standing.GOES, Presence.CREATED


@dataclass(frozen=True)
class SyncScope:
    """What a sync brings, and what it may do.

    Attributes:
        brought: the entities whose objects it brings.
        asked: by entity, the fields that other objects may ask of its objects.
        facets: the names of the streams that facets are numbered by, from 1 on.
        max_settled_percent: of an entity's objects, how many may be settled; 100 for any number.
        subscriptions: makes those that only their invoices know; None: nothing is to be created for that.
        recall: what earlier syncs have had confirmed; None: everything is sent.
        lists: what the API's lists show; None: none is read.
    """

    brought: frozenset[str]
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: Sequence[str] = ()
    max_settled_percent: float = 10
    subscriptions: SubscriptionStubs | None = None
    recall: Recall | None = None
    lists: Lists | None = None


class Objects:
    """Applies events to rows.

    Args:
        entities: in the contract's order.
        book: is told of whatever ends.
        facts: is told of what is to be sent, and what becomes of it.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        spool: Spool,
        entities: Sequence[EntitySpec],
        scope: SyncScope,
        book: Bookkeeping,
        facts: Factbook | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool, self._entities = spool, entities
        self._brought = [spec.name in scope.brought for spec in entities]
        self._scope, self._lists = scope, scope.lists
        self._confirmed = Confirmed(scope.recall, entities, scope.facets, scope.lists) if scope.recall else None
        self._unchanged = UnchangedArrivals(spool, self._confirmed) if self._confirmed else None
        self._book = book
        self._facts = facts
        self._clock = clock
        self._values = ParentValues(spool, entities, facts)
        self._documents = Documents(entities)
        self._numbers = {spec.name: Entity(number) for number, spec in enumerate(entities)}
        self._look_ups, self._unanswered = LookUps(), UnansweredWrites()
        # By entity, the share of objects that were there before they were sent, as of the last answers.
        self._existed: dict[str, float] = {}
        self._under_way: dict[int, UnderWay] = {}
        # Of each object under way, the keys of its facets that wait for it: they are never under way together.
        self._names_under_way: dict[tuple[int, str], list[int]] = {}
        # Of objects with a newer content that hasn't gone, the keys of the facets that go after it.
        self._behind: dict[int, list[int]] = {}
        # Of objects under way whose parents' values have changed: what goes once they are answered.
        self._fill_later: dict[int, tuple[int, Content]] = {}
        # Objects that are set aside, as (when to try again, key): a heap.
        self._aside: list[tuple[float, int]] = []
        self.freed: list[int] = []
        """Parents that are there since their children were last freed, by key."""
        self._arrived: Counter[int] = Counter()
        self.faulty: set[int] = set()
        """The streams, by index, with records that can't be sent: what they would have brought nobody knows."""
        # Void documents of which a part is known.
        self._with_parts: set[int] = set()
        self._at_end = self._concluding = False  # the input has ended; and nothing more will come

    @property
    def in_flight(self) -> int:
        """How many requests the workers have."""
        return len(self._under_way) + self._look_ups.in_flight

    @property
    def next_due(self) -> float:
        """When something is to be tried again; infinity if nothing is but what is set aside."""
        due = self._spool.next_due() if self._spool.due else None
        later = self._look_ups.later[0][0] if self._look_ups.later else math.inf
        return later if due is None else min(due, later)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, and nothing will go or be asked by itself."""
        idle = not self.in_flight and not self._look_ups.new and not self.freed and not self._spool.has_ready
        return idle and self.next_due == math.inf and not (self._lists is not None and self._lists.holds_any)

    # --- events

    def arrive(self, arrival: Arrival, token: Token = NO_TOKEN) -> None:
        """Take an object in; `token` answers for it, if a record of this sync speaks of it."""
        now = self._clock()
        if token != NO_TOKEN:
            self._arrived[arrival.entity] += 1
            if arrival.fault is not None:
                self.faulty.add(arrival.stream)
            if self._confirmed is not None:
                self._confirmed.see(arrival, self._documents.of[arrival.entity])
            if self._unchanged is not None and (key := self._unchanged.take(arrival)):
                self._end_unchanged(key, arrival, token)
                return
        row = self._spool.named(arrival.entity, arrival.id, now, arrival.facet, keep=False)
        listed = row.parts
        row = self._apply(row, Arrived(arrival, token, now))
        if listed and row.parts and row.parts is not listed:
            self._settle_unlisted(row, listed)
        content = row.content
        if content is not None and content.settles and content.refs:
            ref = content.refs[0]
            self._with_parts.add(self._spool.named(ref.entity, ref.id, now).key)

    def _end_unchanged(self, key: int, arrival: Arrival, token: Token) -> None:
        if self._facts:
            self._facts.see(key, arrival.entity, arrival.id, arrival.facts, again=False)
            self._facts.end(key, arrival.entity, Outcome.UNCHANGED)
        self._book.end(token, Outcome.UNCHANGED, arrival.entity, arrival.id, None, arrival.version)

    def row(self, entity: Entity, identity: str) -> Row | None:
        """Return what this sync knows of an object."""
        return self._spool.get(entity, identity)

    def ask(self, request: Request, due: float | None = None) -> None:
        """Let a look-up go that isn't a row's, now or at a certain time; its answer is somebody else's."""
        if due is None:
            self._look_ups.ask(request)
        else:
            self._look_ups.ask_at(request, due)

    def forget(self, request: Request) -> None:
        """Note that such a look-up is answered."""
        self._look_ups.answered(request.key)

    def page_answered(self, request: Request, verdict: Verdict, due: float | None) -> None:
        """Take what was answered to a page of a list; `due`: when to ask again, where that is worth it."""
        self.forget(request)
        if self._lists is not None:
            self._lists.answered(request, verdict, due, self._spool, self.ask)

    def name(self, other: OtherIdArrival) -> None:
        """Take in another id of an object."""
        row = self._spool.named(other.entity, other.id, self._clock())
        if row.status is Status.ABSENT:
            self._apply(row, Named(other.content))

    def answered(self, request: Request, verdict: Verdict, due: float, *, aside: bool = False) -> None:
        """Take what Fincome answered.

        Args:
            due: when to try again, for verdicts that are worth another try.
            aside: the object is tried earlier if the input ends before.
        """
        row, now = self._spool.by_key(request.key), self._clock()
        if request.look_up:
            self._looked_up(row, verdict, due, now)
            return
        sent = self._under_way.pop(row.key)
        if self._confirmed is not None:
            self._confirmed.note(row, sent, verdict)
            self._take_back(self._confirmed, row, verdict)
        for key in self._names_under_way.pop((row.entity, row.id)):
            self._spool.ready(self._spool.by_key(key))
        if verdict.existed is not None and not row.there:
            share = self._existed.get(request.entity, 0.0)
            self._existed[request.entity] = share + NEWEST * (verdict.existed - share)
        is_early = verdict.vague and self._has_new_parent(row, now)
        name, is_there = self._unknown_parent(row, verdict) if verdict.kind is _UNKNOWN_REFERENCE else ("", False)
        before = row
        only_created = request.policy == "create_only"
        row = self._apply(
            row, Answered(verdict, sent.token, due, now, sent.gives, name, is_there, is_early, aside, only_created)
        )
        if self._fill_later and row.key in self._fill_later:
            revision, content = self._fill_later.pop(row.key)
            if row.revision == revision and row.status is Status.SENT:
                row = self._apply(row, ValueChanged(content))
        if verdict.unanswered or self._unanswered.writes:
            self._unanswered.note(before, verdict, now)
            if row.status is Status.SENT and before.content and (again := self._unanswered.may_undo(before, now)):
                self._apply(row, MayBeUndone(before.content, again))

    def tries(self, key: int) -> int:
        """Return how often an object was sent before and its parent was unknown."""
        return self._spool.by_key(key).attempts

    def _unknown_parent(self, row: Row, verdict: Verdict) -> tuple[str, bool]:
        """Return what to call the parent that Fincome doesn't know, and whether it has shown or accepted it."""
        ref = reference(row, verdict)
        if ref is None:
            return "", False
        parent = self._spool.get(ref.entity, ref.id)
        return self._name(ref.entity, ref.id), parent is not None and parent.presence >= Presence.THERE

    def _has_new_parent(self, row: Row, now: float) -> bool:
        """Tell whether this sync had a parent accepted so short a time ago that Fincome may not show it yet."""
        for ref in row.content.refs if row.content else ():
            parent = self._spool.get(ref.entity, ref.id)
            if parent is not None and parent.status is Status.SENT and now - parent.since < DEFAULT.longest_lag:
                return True
        return False

    def _looked_up(self, row: Row, verdict: Verdict, due: float, now: float) -> None:
        self._look_ups.answered(row.key)
        # What only its invoices know is known when all of them have come.
        brought = self._brought[row.entity] or self._is_known_by_invoices(row)
        stub = None if brought or verdict.kind is not Kind.MISSING else self._stub(row)
        settled = row.status is Status.SETTLING and is_settled(self._entities[row.entity], verdict)
        gives = values_given(verdict.found or {}, self._scope.asked.get(self._entities[row.entity].name, ()))
        self._apply(row, LookedUp(verdict, due, now, brought, stub, settled, self._concluding, gives))

    def _apply(self, row: Row, event: Event) -> Row:
        """Let an event meet an object: keep what becomes of it, and do what is to be done."""
        new, effects = step(row, event)
        if new is not row:
            self._spool.put(new, row)
        for effect in effects:
            self._do(new, effect)
        if self._behind and new.status not in PENDING:
            for key in self._behind.pop(new.key, ()):
                self._spool.ready(self._spool.by_key(key))
        return new

    # --- effects

    def _do(self, row: Row, effect: Effect) -> None:
        if effect is _SEND:
            self._spool.ready(row)
        elif isinstance(effect, Count):
            if self._facts and not row.facet:
                self._facts.see(row.key, row.entity, row.id, effect.facts, again=effect.again)
        elif isinstance(effect, WaitFor):
            self._wait(row, effect.refs)
        elif isinstance(effect, End):
            self._book.end(effect.token, effect.outcome, row.entity, row.id, effect.reason, row.version)
        elif isinstance(effect, Became):
            if self._facts and not row.facet:
                self._facts.end(row.key, row.entity, effect.outcome)
        elif isinstance(effect, LeftOut):
            self._book.left_out(effect.token, row.entity, row.id, effect.reason, row.version)
        elif isinstance(effect, EndFollowers):
            for token in self._spool.followers.take(row.key):
                self._book.end(token, effect.outcome, row.entity, row.id, effect.reason)
        elif isinstance(effect, Follow):
            self._spool.followers.keep(row.key, effect.token)
        elif isinstance(effect, TryAt):
            self._spool.try_at(row, effect.due)
        elif isinstance(effect, SetAside):
            heappush(self._aside, (effect.due, row.key))
        elif isinstance(effect, LookUpAt):
            self._look_ups.ask_row_at(row.key, effect.due)
        elif isinstance(effect, Warn):
            self._book.warn(effect.code, effect.text, effect.about or self._name(row.entity, row.id))
        else:
            self._do_simple(row, effect)

    def _do_simple(self, row: Row, effect: Simple) -> None:
        if effect is Simple.FREE_CHILDREN:
            self.freed.append(row.key)
        elif effect is Simple.LOOK_UP:
            self._look_ups.ask(Request(self._entities[row.entity].name, row.id, b"", key=row.key, look_up=True))
        elif effect is Simple.SETTLE_PARTS:
            self._settle_parts(row)
        elif effect is Simple.FILL_AGAIN:
            self._fill_again(row)
        else:
            self._lose_children(row)

    def _wait(self, row: Row, refs: Sequence[Ref]) -> None:
        """Let an object wait for those of its parents that aren't there."""
        absent: dict[int, None] = {}
        now = self._clock()
        void: Row | None = None
        for ref in refs:
            parent = self._spool.named(ref.entity, ref.id, now)
            if not parent.there:
                if row.status is _WAITING and parent.presence in _NOT_WANTED:
                    self._want(parent, ref)
                absent[parent.key] = None
            void = void or parent if parent.is_void else void
        if void is not None:
            self._lose_parent(row, void)
        elif absent:
            self._spool.wait(row, absent.keys())
        else:
            self._apply(row, PARENTS_THERE)

    def _want(self, parent: Row, ref: Ref) -> None:
        parent = self._apply(parent, Wanted(self._clock()))
        if not ref.watched and parent.presence is Presence.WANTED and parent.status in BLOCKING:
            # Nobody will bring it, and it isn't on its way as a stub: there is nothing to wait for.
            self._apply(parent, self._overdue(parent, has_children=True))

    def _lose_children(self, parent: Row) -> None:
        if parent.presence is Presence.UNKNOWN:
            return  # nobody has ever waited for it
        while keys := self._spool.children(parent, BATCH):
            for child in map(self._spool.by_key, keys):
                self._lose_parent(child, parent)

    def _lose_parent(self, child: Row, parent: Row) -> None:
        part = self._part(child, parent) if parent.is_void else None
        self._apply(child, ParentGone(parent, self._entities[parent.entity].singular, self._clock(), part))

    def _part(self, child: Row, document: Row) -> Content | None:
        """Return what settles a part of a void document; None of what isn't a part of it."""
        if self._entities[child.entity].settled is None or child.facet:
            return None
        self._with_parts.add(document.key)
        lines = json.loads(child.content.body).get("lines", ()) if child.content else ()
        content = settlement(self._entities[child.entity], child.id, lines)
        if content is None:
            return None
        # It is looked for only if its document is there.
        field = next(one.field for one in self._entities[child.entity].references
                     if one.required and one.entity == self._entities[document.entity].name)  # fmt: skip
        return structs.replace(content, refs=(Ref(field, document.entity, document.id, required=True),))

    def _settle_parts(self, document: Row) -> None:
        """Settle the parts of a void document that this sync has sent, or is about to."""
        if self._facts is None or document.reason is None:
            return
        for entity, identity in self._facts.parts_of(self._entities[document.entity].name, document.id):
            row = self._spool.get(self._numbers[entity], identity)
            part = self._part(row, document) if row and not row.is_void else None
            if row and part and row.status in _WITH_PARENT:
                self._apply(row, ParentVoid(part, document.reason, self._clock()))

    def _settle_unlisted(self, document: Row, listed: Collection[str]) -> None:
        """Settle the parts of a document's older version that were sent and that the newest one doesn't have.

        Those that haven't gone are told when they would (see _lists_it_not).

        Args:
            listed: the older version's parts.
        """
        number = Entity(self._documents.of.index(document.entity))
        for identity in sorted(set(listed).difference(document.parts)):
            row = self._spool.get(number, identity)
            if row is None or row.status not in _SENT or row.is_void:
                continue
            if part := self._part(row, document):
                reason = unlisted(self._entities[document.entity].singular)
                self._apply(row, ParentVoid(part, reason, self._clock(), True, document.version))

    def free_children(self) -> None:
        """Let the children go of all parents that are there since the last call."""
        while self.freed:
            parents, self.freed = self.freed, []
            for key in self._spool.release(parents):
                self._apply(self._spool.by_key(key), PARENTS_THERE)

    # --- what goes

    def take(self, limit: int, now: float, *, ended: bool = False) -> list[Request]:
        """Return up to so many requests that may go now: repeated tries first, then parents before children.

        Args:
            ended: the input has ended.
        """
        self._at_end = ended
        if self._spool.due or self._aside or self._look_ups.later:
            self._take_due(limit, now)
        found = self._look_ups.take(limit) if self._look_ups.new else []
        while len(found) < limit:
            rows = self._spool.take_ready(limit - len(found))
            found += [request for row in rows if (request := self._request(row))]
            if self.freed:  # by what is only another id, or needn't go
                self.free_children()
            if not rows:
                if self._spool.ready_stored:
                    for key in self._spool.refill():
                        self._apply(self._spool.by_key(key), PARENTS_THERE)
                elif self._lists is None or not self._let_go(self._lists, now, is_last=ended and not found):
                    break
        if self._lists is not None:
            self._lists.ask(self.ask, now)
            found += self._look_ups.take(limit - len(found))
        return found

    def _let_go(self, lists: Lists, now: float, *, is_last: bool) -> bool:
        """Let objects go that need wait for no list any longer; False if there are none."""
        is_last = is_last and not (self.in_flight or self._look_ups.new or self.freed)
        return lists.release(self._spool, now, is_last=is_last)

    def _take_due(self, limit: int, now: float) -> None:
        """Let go again what is to be tried again by now."""
        for row in self._spool.take_due(now, limit):
            self._apply(row, Due())
        for key in self._look_ups.due(now):
            self._apply(self._spool.by_key(key), LookUpDue())
        while self._aside and self._aside[0][0] <= now:
            due, key = heappop(self._aside)
            row = self._spool.by_key(key)
            if row.status is Status.PARKED and row.due == due:
                self._apply(row, Due())

    def _request(self, row: Row) -> Request | None:
        """Let an object go, unless another facet of it is under way."""
        name = (row.entity, row.id)
        if name in self._names_under_way:
            self._names_under_way[name].append(row.key)
            return None
        if row.facet and self._waits_for_itself(row):
            return None
        content = row.content
        assert content is not None
        if content.stands_for:
            self._apply(row, StoodFor())
            return None
        if self._documents.of[row.entity] is not None and (document := self._lists_it_not(row, content)):
            self._apply(row, NotListed(self._entities[document.entity].singular, self._clock()))
            return None
        body, gives = content.body, content.gives
        if content.fills or content.variants or row.left_out:
            filled = self._filled(row, content)
            if filled is None:
                return None
            body, gives = filled.body, filled.gives
        confirmed = self._confirmed
        if confirmed is not None and (standing := confirmed.standing(row, content, body)) is not _GOES:
            if standing is Standing.KNOWN:
                kept = confirmed.keeps(row.entity, row.facet, len(content.body))
                self._apply(row, Recalled(gives, self._clock(), kept))
            return None
        return self._departing(row, content, body, gives)

    def _filled(self, row: Row, content: Content) -> Filled | None:
        """Return an object with its parents' values; None if it can't go without them."""
        filled = self._values.filled(row, content)
        if isinstance(filled, Reason):
            self._apply(row, Unfilled(filled, self._clock()))
            return None
        if filled.is_unknown:
            self._book.warn(Code.MONTHLY_VALUE_UNKNOWN, DISCOUNT_UNKNOWN, self._name(row.entity, row.id))
        return filled

    def _departing(self, row: Row, content: Content, body: bytes, gives: Gives) -> Request:
        """Note that an object goes now; returns what the workers are given."""
        entity = self._entities[row.entity].name
        probable = row.there or self._existed.get(entity, 0.0) > 0.5
        exists = _waited_for_itself(content) if row.facet else probable
        self._names_under_way[row.entity, row.id] = []
        if self._confirmed is None:
            self._under_way[row.key] = UnderWay(row.token, gives)
        else:
            if not (row.facet or row.there) and (known := self._confirmed.exists(row)) is not None:
                exists = known
            # Only now: it forgets what an earlier sync knows.
            body, self._under_way[row.key] = self._confirmed.departing(row, content, body, gives)
        # What this sync has created, it may change.
        policy = "upsert" if row.presence is _CREATED else content.policy
        self._apply(row, TAKEN)
        known = row.there or bool(row.facet and _waited_for_itself(content))
        return Request(
            entity, row.id, body, content.complete, exists, policy, row.key, content.once, content.changes_only, known,
            self._at_end,
        )  # fmt: skip

    def _waits_for_itself(self, facet: Row) -> bool:
        """Let what changes an object wait for the object's newest content, which might change it back."""
        itself = self._spool.get(facet.entity, facet.id)
        if itself is None or itself.status not in PENDING:
            return False
        self._behind.setdefault(itself.key, []).append(facet.key)
        return True

    def _take_back(self, confirmed: Confirmed, row: Row, verdict: Verdict) -> None:
        """Take back what an earlier sync knew of a parent that Fincome denies."""
        ref = reference(row, verdict) if verdict.kind is Kind.UNKNOWN_REFERENCE else None
        parent = self._spool.get(ref.entity, ref.id) if ref else None
        if parent is not None and parent.presence is Presence.ASSUMED and parent.status is Status.SENT:
            confirmed.forget(parent)
            self._apply(parent, RecallWrong(self._clock()))

    def _lists_it_not(self, row: Row, content: Content) -> Row | None:
        """Return the document that an object is an older part of, if its newest version has other parts only.

        A part of a draft may have been taken out again; its document is there before it goes.
        """
        number = self._documents.of[row.entity]
        if number is None or row.version is None or row.facet:
            return None
        name = next((ref.id for ref in content.refs if ref.required and ref.entity == number), None)
        document = self._spool.get(number, name) if name is not None else None
        if document is None or not document.parts or document.version is None:
            return None
        return document if row.version < document.version and row.id not in document.parts else None

    def _fill_again(self, parent: Row) -> None:
        """Let go again what went with other values of a parent than it has now."""
        for key, revision, content in self._spool.filled(parent):
            child = self._spool.by_key(key)
            if child.revision != revision:
                continue
            if child.status in UNDER_WAY:
                self._fill_later[key] = (revision, content)
            elif child.status is Status.SENT:
                self._apply(child, ValueChanged(content))

    # --- parents that don't come

    def look_after_parents(self, since: float) -> bool:
        """Look into objects that children have waited for since some time; tells whether there were any."""
        keys = self._spool.overdue(since, max(0, BATCH - self._look_ups.in_flight - len(self._look_ups.new)))
        for row in map(self._spool.by_key, keys):
            self._apply(row, self._overdue(row, has_children=self._spool.has_children(row)))
        return bool(keys)

    def _overdue(self, row: Row, *, has_children: bool) -> Overdue:
        return Overdue(has_children, self._entities[row.entity].retrievable, self._clock())

    # --- the end

    def conclude(self, ended: float) -> bool:
        """Move on when the input has ended and nothing is under way: the next step for whatever is left.

        Args:
            ended: when the input ended.

        Returns:
            Whether anything was done. If not, all objects have ended.
        """
        self._concluding = True
        if self.look_after_parents(math.inf):
            return True
        if not self._spool.may_hold:
            return False
        if keys := self._spool.parked(BATCH) or self._spool.blocking(BATCH):
            for row in map(self._spool.by_key, keys):
                self._apply(row, self._end_of_input(row, ended))
            return True
        if waiting := self._spool.waiting(1):
            self._break_cycle(self._spool.by_key(waiting[0]))
            return True
        return self._settle(ended)

    def tell_old_values(self) -> None:
        """Tell which parents came with discounts, and without any child that these lower: those may have changed."""
        for place, spec in enumerate(self._entities):
            if DISCOUNTS in self._scope.asked.get(spec.name, ()):
                number = Entity(place)
                count, example = self._spool.unasked(number, DISCOUNTS)
                for _ in range(count):
                    self._book.warn(Code.MONTHLY_VALUE_OLD, DISCOUNT_ALONE, self._name(number, str(example)))

    def _settle(self, ended: float) -> bool:
        """Let the settlements of one entity go: documents before their parts.

        Raises:
            TooManySettled: so many that something else than the documents may be at fault.
        """
        counts = self._spool.settling()
        for number, count in counts:
            most = self._most_settled(number)
            keys = self._spool.settling_keys(number, BATCH)
            rows = [self._spool.by_key(key) for key in keys]
            confirmed = self._confirmed
            known = [r for r in rows if confirmed and r.content and confirmed.knows(r, r.content, r.content.body)]
            for row in known:
                self._apply(row, Recalled((), self._clock(), kept=False))
            if known:
                return True
            doubtful = count > most
            sure = not self._entities[number].retrievable or all(row.there for row in rows)
            if doubtful and sure:
                raise TooManySettled(self._entities[number], count, self._arrived[number], [row.id for row in rows])
            for row in rows:
                self._apply(row, self._end_of_settlement(row, ended, doubtful=doubtful))
            return True
        return False

    def _most_settled(self, number: int) -> float:
        """Return how many settlements of an entity are believed without a look."""
        share = self._arrived[number] * self._scope.max_settled_percent / 100
        return math.inf if self._scope.max_settled_percent >= 100 else max(FEW_SETTLED, share)

    def _end_of_settlement(self, row: Row, ended: float, *, doubtful: bool) -> InputEnded:
        retrievable = self._entities[row.entity].retrievable
        content = row.content
        assert content is not None
        document = self._spool.get(content.refs[0].entity, content.refs[0].id) if content.refs else None
        # Of a document that doesn't come itself, nobody knows whether Fincome has it.
        if document is not None and document.status is not Status.ABSENT and not document.there:
            return InputEnded(ended, self._clock(), retrievable, None, ends=row.reason)
        unknown = self._documents.have_parts[row.entity] and not content.partless
        partless = unknown and row.key not in self._with_parts
        if partless and row.there:
            self._book.warn(LINES_UNKNOWN.code, LINES_UNKNOWN.text, self._name(row.entity, row.id))
            return InputEnded(ended, self._clock(), retrievable, None, ends=LINES_UNKNOWN)
        look = retrievable and not row.there and (partless or doubtful)
        return InputEnded(ended, self._clock(), retrievable, None, look=look)

    def _end_of_input(self, row: Row, ended: float) -> InputEnded:
        is_last_resort = row.status is not Status.PARKED and not row.there and row.since >= ended
        stub = self._stub(row) if is_last_resort else None
        return InputEnded(ended, self._clock(), self._entities[row.entity].retrievable, stub)

    def _stub(self, row: Row) -> Content | None:
        """Return what an object's children know of it, if others than its enrichments, which create nothing, wait."""
        stub = self._spool.stubs.find(row.entity, row.id)
        children = map(self._spool.by_key, self._spool.children(row, BATCH))
        if not any((child.entity, child.id) != (row.entity, row.id) for child in children):
            return None
        if stub is not None:
            return stub.content
        if row.status is Status.REJECTED or not self._is_known_by_invoices(row) or self._scope.subscriptions is None:
            return None
        content = self._scope.subscriptions.find(row.id)
        if content is not None:
            self._book.warn(Code.STUB_SUBSCRIPTION, TOLD, self._name(row.entity, row.id))
        return content

    def _is_known_by_invoices(self, row: Row) -> bool:
        return self._scope.subscriptions is not None and self._entities[row.entity].name == SUBSCRIPTIONS

    def _break_cycle(self, start: Row) -> None:
        """Find one object of a cycle, and the optional references that keep it there."""
        seen: set[int] = set()
        row = start
        while row.key not in seen:
            seen.add(row.key)
            row = next(parent for _, parent in self._absent_parents(row))
        refs = tuple(ref for ref, _ in self._absent_parents(row) if not ref.required)
        self._apply(row, CycleFound(refs, self._clock()))

    def _absent_parents(self, row: Row) -> Iterator[tuple[Ref, Row]]:
        assert row.content is not None
        for ref in row.content.refs:
            if (ref.watched or ref.asked) and (ref.field, ref.id) not in row.left_out:
                parent = self._spool.named(ref.entity, ref.id, self._clock())
                if not parent.there:
                    yield ref, parent

    # --- words

    def _name(self, entity: Entity, identity: str) -> str:
        return f"{self._entities[entity].singular} {identity}"


def _waited_for_itself(content: Content) -> bool:
    """Tell of an enrichment whether this sync brings the object itself."""
    return any(ref.field == ITSELF and ref.watched for ref in content.refs)
