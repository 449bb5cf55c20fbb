"""An object's life, as one table: `step(row, event)` says what becomes of it, and what is to be done.

Pure: it reads no clock, no file and no queue, and leaves the row that it is given as it was. objects.py stores the row
that it returns and carries out the effects. `TABLE` says which events can meet which status; docs/architecture.md shows
it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum, auto
from math import inf

from msgspec import Struct, structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    AFTER,
    COMPLETION,
    ITSELF,
    NO_TOKEN,
    Arrival,
    Content,
    Gives,
    Ref,
    Token,
)
from destination_fincome.engine.spool.rows import (
    BLOCKING,
    ENDED,
    HELD,
    PENDING,
    UNDER_WAY,
    Presence,
    Row,
    Status,
    copy_of,
)
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.mapping.results import Version
from destination_fincome.outcomes import ALREADY_EXISTS, SUPERSEDED, Outcome, Reason
from destination_fincome.reporting.facts import Facts
from destination_fincome.retry_policy import DEFAULT

# --- events


class Arrived(Struct, frozen=True, gc=False):
    """The object arrived, once more or for the first time; `token` answers for it."""

    arrival: Arrival
    token: Token
    now: float


class ParentsThere(Struct, frozen=True, gc=False):
    """All parents that it waited for are there."""


PARENTS_THERE = ParentsThere()


class ParentGone(Struct, frozen=True, gc=False):
    """A parent that it waits for won't be there.

    Attributes:
        parent: the parent's row.
        singular: what one object of the parent's entity is called.
        now: monotonic seconds.
        settlement: what takes this object out of the figures, if its parent is void.
    """

    parent: Row
    singular: str
    now: float
    settlement: Content | None = None


class ParentVoid(Struct, frozen=True, gc=False):
    """A document was sent in this sync, and so was this part of it; now the document is void, or has other parts.

    Attributes:
        unlisted: the document has other parts.
        version: the document's then: what arrives of the part in an older one doesn't count.
    """

    settlement: Content
    reason: Reason
    now: float
    unlisted: bool = False
    version: Version = None


class NotListed(Struct, frozen=True, gc=False):
    """The newest version of the document that it is part of doesn't have it.

    Attributes:
        singular: what the document is called.
    """

    singular: str
    now: float


class CycleFound(Struct, frozen=True, gc=False):
    """It waits for itself, through others; `refs` are the optional references that would break the cycle."""

    refs: tuple[Ref, ...]
    now: float


class Taken(Struct, frozen=True, gc=False):
    """A worker is given it."""


TAKEN = Taken()


class Answered(Struct, frozen=True, gc=False):
    """What Fincome answered to it.

    Attributes:
        token: of the content that was sent.
        due: when another try is due, if the verdict is worth one.
        gives: see Row.
        parent: what to call the parent that Fincome doesn't know.
        parent_is_there: Fincome has shown or accepted that parent all the same.
        is_early: a parent was accepted so short a time ago that Fincome may not show it yet.
        aside: it is tried again when due, or earlier if the input ends.
        only_created: what was sent might only create it, whatever may become of a newer content.
    """

    verdict: Verdict
    token: Token
    due: float
    now: float
    gives: Gives = ()
    parent: str = ""
    parent_is_there: bool = False
    is_early: bool = False
    aside: bool = False
    only_created: bool = False


class Named(Struct, frozen=True, gc=False):
    """It is another id of an object, to which `content` refers."""

    content: Content


class StoodFor(Struct, frozen=True, gc=False):
    """The object is there that it is another id of."""


class Recalled(Struct, frozen=True, gc=False):
    """An earlier sync has had just this confirmed: it needn't go.

    Attributes:
        gives: see Row.
        kept: its content is kept, in case that Fincome doesn't have it after all.
    """

    gives: Gives
    now: float
    kept: bool


class RecallWrong(Struct, frozen=True, gc=False):
    """Fincome says that it doesn't have what an earlier sync has had confirmed."""

    now: float


class Unfilled(Struct, frozen=True, gc=False):
    """It can't go: it needs a value of a parent that has none."""

    reason: Reason
    now: float


class ValueChanged(Struct, frozen=True, gc=False):
    """It went with a value of a parent, and the parent has another one now; `content` is what goes then."""

    content: Content


class MayBeUndone(Struct, frozen=True, gc=False):
    """It is there as `content` says; but an older write of it, which got no answer, may still be carried out.

    Attributes:
        due: when it goes once more, so that the newest content is there in the end.
    """

    content: Content
    due: float


class Wanted(Struct, frozen=True, gc=False):
    """A child waits for it."""

    now: float


class Overdue(Struct, frozen=True, gc=False):
    """Its children have waited for long, or there is no room to wait on.

    Attributes:
        has_children: somebody still waits for it.
        retrievable: Fincome can be asked for objects of its kind.
    """

    has_children: bool
    retrievable: bool
    now: float


class LookedUp(Struct, frozen=True, gc=False):
    """What Fincome answered when it was asked whether it has it.

    Attributes:
        brought: this sync brings objects of its kind, so it may still come.
        stub: see InputEnded.
        settled: of what is to be settled: Fincome has it so already.
        ended: the input has ended, so there is nothing to wait for.
        gives: see Row.
    """

    verdict: Verdict
    due: float
    now: float
    brought: bool = True
    stub: Content | None = None
    settled: bool = False
    ended: bool = False
    gives: Gives = ()


class Due(Struct, frozen=True, gc=False):
    """The time of another try has come."""


class LookUpDue(Struct, frozen=True, gc=False):
    """The time has come to ask Fincome for it again."""


class InputEnded(Struct, frozen=True, gc=False):
    """The input has ended, nothing is under way, and this is what is left.

    Attributes:
        ended: when the input ended (monotonic seconds).
        stub: what its children know of it, if that is enough and somebody needs it.
        look: of what is to be settled: look at it first.
        ends: of what is to be settled: why it can't be.
    """

    ended: float
    now: float
    retrievable: bool
    stub: Content | None
    look: bool = False
    ends: Reason | None = None


Event = (
    Arrived | Named | ParentsThere | ParentGone | ParentVoid | NotListed | CycleFound | Taken | StoodFor | Unfilled
    | Recalled | RecallWrong | Answered
    | ValueChanged | MayBeUndone | Wanted | Overdue | LookedUp | LookUpDue | Due | InputEnded
)  # fmt: skip

# --- effects


class End(Struct, frozen=True, gc=False):
    """Something ended: book it."""

    token: Token
    outcome: Outcome
    reason: Reason | None


class EndFollowers(Struct, frozen=True, gc=False):
    """The records that bring the same content ended, too."""

    outcome: Outcome
    reason: Reason | None


class LeftOut(Struct, frozen=True, gc=False):
    """It was sent without a reference: the record is kept, to complete it by."""

    token: Token
    reason: Reason


class Follow(Struct, frozen=True, gc=False):
    """Another record's outcome is that of the current content."""

    token: Token


class WaitFor(Struct, frozen=True, gc=False):
    """It waits for those of these parents that aren't there."""

    refs: tuple[Ref, ...]


class TryAt(Struct, frozen=True, gc=False):
    """It is tried again at a certain time."""

    due: float


class SetAside(Struct, frozen=True, gc=False):
    """It is tried again at a certain time, or earlier if the input ends."""

    due: float


class LookUpAt(Struct, frozen=True, gc=False):
    """Fincome is asked for it again at a certain time."""

    due: float


class Count(Struct, frozen=True, gc=False):
    """Its newest content counts in the control totals and the business checks, in the place of an older one."""

    facts: Facts
    again: bool


class Became(Struct, frozen=True, gc=False):
    """What has become of its newest content, for control totals and business checks."""

    outcome: Outcome


class Warn(Struct, frozen=True, gc=False):
    """People should know."""

    code: Code
    text: str
    about: str


class Simple(Enum):
    """Effects that say all by their name."""

    SEND = auto()  # it can go
    LOOK_UP = auto()  # ask Fincome whether it has it
    FREE_CHILDREN = auto()  # it is there: whoever waits for it may go
    LOSE_CHILDREN = auto()  # it won't be there: whoever waits for it is told
    FILL_AGAIN = auto()  # what it gives has changed: whoever went with it goes again
    SETTLE_PARTS = auto()  # it is void: so are the parts of it that this sync has sent


Effect = End | EndFollowers | LeftOut | Follow | WaitFor | TryAt | SetAside | LookUpAt | Count | Became | Warn | Simple
Effects = list[Effect]
Result = tuple[Row, Effects]

# What each record meets: Python 3.11 takes as long to find a member of an enum as for a whole line of these functions.
_ABSENT, _WAITING, _READY, _SENDING = Status.ABSENT, Status.WAITING, Status.READY, Status.SENDING
_UNKNOWN, _WANTED, _NOWHERE, _ASSUMED, _THERE = (
    Presence.UNKNOWN, Presence.WANTED, Presence.NOWHERE, Presence.ASSUMED, Presence.THERE
)  # fmt: skip
_ACCEPTED, _SEND = Kind.ACCEPTED, Simple.SEND


def step(row: Row, event: Event) -> Result:
    """Return what becomes of an object, and what is to be done.

    Raises:
        AssertionError: the event can't meet an object of this status (docs/architecture.md has the table).
    """
    handler = TABLE[type(event)].get(row.status)
    assert handler is not None, f"{type(event).__name__} can't meet an object that is {row.status.name}"
    return handler(row, event)


# --- it arrives


def _arrives(row: Row, event: Arrived) -> Result:
    """Its first content is placed; a faulty one is rejected."""
    if event.arrival.fault is not None:
        new = _ended(copy_of(row), Status.REJECTED, event.arrival.fault, event.now)
        end = End(event.token, Outcome.REJECTED, event.arrival.fault)
        return new, [end, Count(None, row.status is not Status.ABSENT), Became(Outcome.REJECTED)]
    return _placed(*_with_content(row, event), event.now)


def _arrives_while_pending(row: Row, event: Arrived) -> Result:
    """A newer content takes its place, an equal one follows it, an older one is superseded."""
    return _compare(row, event, _replace)


def _arrives_while_sending(row: Row, event: Arrived) -> Result:
    """A newer content overtakes the one under way; else as above."""
    return _compare(row, event, _overtake)


def _arrives_after_end(row: Row, event: Arrived) -> Result:
    """A newer content is placed; an equal one ends as the last one did; an older one is superseded."""
    if not row.digest:  # what ended was faulty: nothing of it counts
        return _arrives(row, event)
    return _compare(row, event, _replace)


def _compare(row: Row, event: Arrived, newer: Callable[[Row, Arrived], Result]) -> Result:
    arrival, token = event.arrival, event.token
    if arrival.fault is not None:
        return row, [End(token, Outcome.REJECTED, arrival.fault)]
    if arrival.digest == row.digest:
        return _same_again(row, arrival, token)
    warnings: Effects = _of_two_streams(row, arrival)
    if not _is_newer(row.version, arrival):
        return row, [*warnings, End(token, Outcome.SKIPPED, SUPERSEDED)]
    new, effects = newer(row, event)
    return new, [*warnings, *effects]


def _is_newer(version: Version, arrival: Arrival) -> bool:
    """Tell which counts; an unknown version is older than any known one, and of two equal ones the tie rule decides."""
    if version == arrival.version:
        return not arrival.tie_first
    return version is None or (arrival.version is not None and arrival.version > version)


def _of_two_streams(row: Row, arrival: Arrival) -> Effects:
    """Warn of one id with two contents, of which no version says that one is only newer than the other."""
    if row.stream == arrival.stream or arrival.content is None or row.status is Status.SKIPPED:
        return []
    # A void document says of its parts only that they don't count.
    if row.version != arrival.version or row.is_void or arrival.content.settles:
        return []
    text = "one id comes from two streams with different contents, of which the newest counts as a whole"
    return [Warn(Code.DIFFERING_STREAMS, text, "")]


def _same_again(row: Row, arrival: Arrival, token: Token) -> Result:
    if arrival.version is not None and (row.version is None or arrival.version > row.version):
        # The same content is true for longer: what comes after an older version of it must be newer than this.
        row = copy_of(row)
        row.version, row.parts = arrival.version, arrival.parts
    if row.status in PENDING:
        new = copy_of(row)
        new.followed = True
        return new, [Follow(token)]
    outcome = {Status.REJECTED: Outcome.REJECTED, Status.SKIPPED: Outcome.SKIPPED}.get(row.status, Outcome.UNCHANGED)
    return row, [End(token, outcome, row.reason)]


def _with_content(row: Row, event: Arrived) -> Result:
    """Give an object what has arrived; of what it had it keeps its name, and what is known of it in Fincome."""
    arrival, content = event.arrival, event.arrival.content
    new = Row(
        row.key, row.entity, row.id, row.facet, row.status, row.presence, row.revision + 1, row.due, row.since,
        arrival.version, NO_TOKEN if content is None else event.token, arrival.skip, arrival.children, row.gives,
        arrival.parts, arrival.digest, arrival.stream, content,
    )  # fmt: skip
    again = row.status is not _ABSENT
    if content is not None:
        return new, [Count(arrival.facts, again)]
    end = End(event.token, Outcome.SKIPPED, arrival.skip)
    return new, [end, Count(None, again), Became(Outcome.SKIPPED)]


# Of what is to be settled: of its figures nothing is left.
NOTHING_COUNTS = Count(None, again=True)


def _replace(row: Row, event: Arrived) -> Result:
    effects = _superseded(row)
    new, more = _with_content(row, event)
    return _placed(new, [*effects, *more], event.now)


def _overtake(row: Row, event: Arrived) -> Result:
    effects = _superseded(row)
    if row.status is Status.SENDING:
        # The one under way ends when it is answered; only one that had overtaken it ends now.
        effects = [effect for effect in effects if not isinstance(effect, End)]
    new, more = _with_content(row, event)
    new.status = Status.OVERTAKEN
    return new, [*effects, *more]


def _superseded(row: Row) -> Effects:
    if row.status not in PENDING:
        return []
    effects: Effects = [End(row.token, Outcome.SKIPPED, SUPERSEDED)]
    if row.followed:
        effects.append(EndFollowers(Outcome.SKIPPED, SUPERSEDED))
    return effects


# --- it goes, or waits


def _placed(new: Row, effects: Effects, now: float) -> Result:
    """Let a row's new content go, wait for its parents, or rest. Takes the row over."""
    content = new.content
    if content is None:
        if new.followed:
            effects.append(EndFollowers(Outcome.SKIPPED, new.reason))
        return _ended(new, Status.SKIPPED, new.reason, now), effects
    if content.policy == "create_only" and new.presence is Presence.THERE:
        return _closed(new, Outcome.SKIPPED, ALREADY_EXISTS, now, effects)
    if content.settles:
        new.status = Status.SETTLING
        return new, [*effects, NOTHING_COUNTS, Simple.SETTLE_PARTS, Simple.LOSE_CHILDREN]
    refs = tuple([ref for ref in content.refs if ref.watched or ref.asked])
    if new.left_out:
        refs = tuple([ref for ref in refs if (ref.field, ref.id) not in new.left_out])
    new.status = _WAITING if refs else _READY
    effects.append(WaitFor(refs) if refs else _SEND)
    return new, effects


def _ready(row: Row, event: Event) -> Result:
    """It can go."""
    return structs.replace(row, status=_READY), [_SEND]


def _taken(row: Row, event: Taken) -> Result:
    """It is under way."""
    return structs.replace(row, status=_SENDING), []


def _named(row: Row, event: Named) -> Result:
    """It waits for the object that it is another id of."""
    new = copy_of(row)
    new.content, new.status, new.token = event.content, Status.WAITING, NO_TOKEN
    new.revision += 1
    return new, [WaitFor(event.content.refs)]


def _stood_for(row: Row, event: StoodFor) -> Result:
    """Whoever names the object by this id may go, and takes its own id."""
    new = copy_of(row)
    assert row.content is not None
    awaited = Presence.UNKNOWN < row.presence < Presence.THERE
    new.status, new.presence, new.gives, new.content = Status.SENT, Presence.THERE, row.content.gives, None
    return new, [Simple.FREE_CHILDREN] if awaited else []


def _recalled(row: Row, event: Recalled) -> Result:
    """It ends as unchanged, and its children go: if it is gone in Fincome, their own refusal tells."""
    new = copy_of(row)
    effects: Effects = [End(row.token, Outcome.UNCHANGED, None), Became(Outcome.UNCHANGED)]
    if row.followed:
        effects.append(EndFollowers(Outcome.UNCHANGED, None))
    if Presence.UNKNOWN < new.presence < Presence.ASSUMED:
        effects.append(Simple.FREE_CHILDREN)
    new.presence, new.gives = max(new.presence, Presence.ASSUMED), event.gives
    if not event.kept:
        return _ended(new, Status.SENT, None, event.now), effects
    new.status, new.token, new.followed, new.since = Status.SENT, COMPLETION, False, event.now
    return new, effects


def _recall_wrong(row: Row, event: RecallWrong) -> Result:
    """It goes after all; whoever needs it waits."""
    if row.content is None or row.presence is not Presence.ASSUMED:
        return row, []
    new = copy_of(row)
    new.presence, new.since = Presence.WANTED, event.now
    return _ready(new, event)


def _unfilled(row: Row, event: Unfilled) -> Result:
    """It is rejected: a value that it needs is nowhere."""
    return _closed(copy_of(row), Outcome.REJECTED, event.reason, event.now, [])


def _value_changed(row: Row, event: ValueChanged) -> Result:
    """It goes again, with the parent's newest value."""
    new = copy_of(row)
    if row.content is None:
        new.content, new.left_out, new.given_up = event.content, (), False
        new.token, new.followed = COMPLETION, False
    new.attempts, new.last_try = 0, False
    new.status = Status.READY
    return new, [Simple.SEND]


def _goes_once_more(row: Row, event: MayBeUndone) -> Result:
    """It goes once more, later."""
    new, _ = _value_changed(row, ValueChanged(event.content))
    return _later(new, event.due, [])


def _due(row: Row, event: Due) -> Result:
    """It is tried again."""
    return _ready(row, event)


# --- it is answered


def _answered(row: Row, event: Answered) -> Result:
    """It ends as Fincome's answer says; or it is tried again, or parked."""
    new = copy_of(row)
    effects = _is_there(new, event)
    kind = event.verdict.kind
    if kind is _ACCEPTED:
        return _delivered(new, event, effects)
    if kind is Kind.UNKNOWN_REFERENCE:
        return _unknown_reference(new, event, effects)
    if kind is Kind.EXISTS:
        return _closed(new, Outcome.SKIPPED, ALREADY_EXISTS, event.now, effects)
    if kind is Kind.MISSING:
        return _not_there(new, event, effects)
    if kind is Kind.REFUSED and not (event.verdict.vague and event.is_early):
        return _closed(new, Outcome.REJECTED, event.verdict.reason, event.now, effects)
    if event.aside:
        return _set_aside(new, event.due, effects)
    new.attempts += kind is Kind.REFUSED
    return _later(new, event.due, effects)


def _answered_after_newer(row: Row, event: Answered) -> Result:
    """The older content ends: as sent, if it was accepted, else as superseded. The newer one is placed."""
    new = copy_of(row)
    effects = _is_there(new, event)
    if event.verdict.kind is Kind.ACCEPTED:
        effects.append(End(event.token, Outcome.SENT, None))
    else:
        effects.append(End(event.token, Outcome.SKIPPED, SUPERSEDED))
    return _placed(new, effects, event.now)


def _is_there(new: Row, event: Answered) -> Effects:
    """Note that the object exists, if the answer says so."""
    kind = event.verdict.kind
    if kind is not _ACCEPTED and kind is not Kind.EXISTS:
        return []
    was_there = new.there
    if new.is_void:
        new.presence = Presence.THERE
        return []
    effects: Effects = []
    if _UNKNOWN < new.presence < _ASSUMED:
        effects.append(Simple.FREE_CHILDREN)
    new.presence = Presence.CREATED if kind is _ACCEPTED and event.only_created else max(new.presence, _THERE)
    if kind is _ACCEPTED:
        if was_there and event.gives != new.gives:
            effects.append(Simple.FILL_AGAIN)
        new.gives = event.gives
    return effects


def _delivered(new: Row, event: Answered, effects: Effects) -> Result:
    if new.left_out and not new.given_up:
        # Others may refer to it now; what was left out of it follows.
        new.left_out = ()
        return _placed(new, effects, event.now)
    settled = new.content is not None and (new.content.settles or new.content.moved)
    outcome = Outcome.SETTLED if settled else Outcome.SENT
    if new.given_up and new.left_out:
        field = new.left_out[0][0]
        effects.append(
            LeftOut(event.token, Reason(Code.INCOMPLETE, f"sent without {field}, which leads nowhere", field))
        )
    effects += [End(event.token, outcome, None), Became(outcome)]
    if new.followed:
        effects.append(EndFollowers(Outcome.UNCHANGED, None))
    if new.given_up and new.content is not None:
        return _incomplete(new, new.content, effects)
    return _ended(new, Status.SENT, None, event.now), effects


def _incomplete(new: Row, content: Content, effects: Effects) -> Result:
    """Keep what was sent without a reference: if the object that it names comes after all, it is completed."""
    refs = tuple(ref for ref in content.refs if (ref.field, ref.id) in new.left_out)
    new.status, new.token, new.followed = Status.SENT, COMPLETION, False
    return new, [*effects, WaitFor(refs)]


def _completed(row: Row, event: ParentsThere) -> Result:
    """What it was sent without is there after all: it goes once more, whole. What was sent whole stays so."""
    if not row.given_up:
        return row, []
    new = copy_of(row)
    new.left_out, new.given_up = (), False
    return _ready(new, event)


def _unknown_reference(new: Row, event: Answered, effects: Effects) -> Result:
    """Ask again a few times: an update may show later. Then look for the parent, or wait for the end of the input."""
    new.attempts += 1
    verdict = event.verdict
    if new.attempts <= DEFAULT.reference_tries and not verdict.certain:
        return _later(new, event.due, effects)
    ref = reference(new, verdict)
    if new.last_try and ref is not None and not ref.required:
        why = "Fincome keeps saying that it doesn't know the object it names"
        return _without_references(new, [ref], why, event.now, effects)
    if new.last_try:
        reason = Reason(verdict.code, _why_unknown(event), verdict.field, event.parent, whole=verdict.whole)
        return _closed(new, Outcome.REJECTED, reason, event.now, effects)
    new.last_try = True
    if ref is not None and not ref.watched:
        new.status = Status.WAITING
        return new, [*effects, WaitFor((ref,))]
    return _parked(new, effects)


def _why_unknown(event: Answered) -> str:
    if not event.parent:
        return event.verdict.problem
    if event.parent_is_there:
        return f"{event.verdict.problem}, although Fincome has accepted or shown what it refers to"
    return "what it refers to is not known to Fincome"


def reference(row: Row, verdict: Verdict) -> Ref | None:
    """Return the reference that an answer names."""
    refs = row.content.refs if row.content else ()
    return next((ref for ref in refs if ref.field == verdict.field), None)


def _not_there(new: Row, event: Answered, effects: Effects) -> Result:
    """End what is only to be changed and isn't there; what this sync has just brought may show a little later."""
    if new.content is not None and any(ref.field == ITSELF and ref.watched for ref in new.content.refs):
        new.attempts += 1
        if new.attempts <= DEFAULT.reference_tries:
            return _later(new, event.due, effects)
        if not new.last_try:
            new.last_try = True
            return _parked(new, effects)
    # A void document that Fincome never had is skipped for what it is.
    settles = new.content is not None and new.content.settles
    reason = new.reason if settles and new.reason is not None else NOT_IN_FINCOME
    return _closed(new, Outcome.SKIPPED, reason, event.now, effects)


NOT_IN_FINCOME = Reason(
    Code.NOT_IN_FINCOME, "it is neither in this sync nor in Fincome, and is only to be changed (update_only)"
)


def _later(new: Row, due: float, effects: Effects) -> Result:
    new.status, new.due = Status.LATER, due
    return new, [*effects, TryAt(due)]


def _set_aside(new: Row, due: float, effects: Effects) -> Result:
    new.status, new.due = Status.PARKED, due
    return new, [*effects, SetAside(due)]


def _parked(new: Row, effects: Effects) -> Result:
    new.status, new.due = Status.PARKED, inf
    return new, effects


# --- it ends


def _closed(new: Row, outcome: Outcome, reason: Reason, now: float, effects: Effects) -> Result:
    """End an object, and whoever follows it, as skipped or rejected. Takes the row over."""
    effects.append(End(new.token, outcome, reason))
    if new.followed:
        effects.append(EndFollowers(outcome, reason))
    if new.token != COMPLETION or new.is_void:
        effects.append(Became(outcome))
    return _ended(new, Status.REJECTED if outcome is Outcome.REJECTED else Status.SKIPPED, reason, now), effects


def _ended(new: Row, status: Status, reason: Reason | None, now: float) -> Row:
    """Note the end of an object. Takes the row over."""
    new.status, new.reason, new.since = status, reason, now
    new.content, new.left_out, new.given_up, new.followed = None, (), False, False
    if new.presence is _NOWHERE:
        new.presence = _WANTED
    return new


# --- its children wait for it


def _wanted(row: Row, event: Wanted) -> Result:
    """Note it; of what ended and isn't there, it is to be found out anew."""
    again = row.presence is _NOWHERE and row.status is not _ABSENT
    if row.presence is not _UNKNOWN and not again:
        return row, []
    new = copy_of(row)
    new.presence = _WANTED
    if row.status in BLOCKING:
        new.since = event.now
    return new, []


def _overdue(row: Row, event: Overdue) -> Result:
    """Its children wait for too long: Fincome is asked, unless it is known that they can't have it."""
    new = copy_of(row)
    if not event.has_children:
        new.presence = Presence.UNKNOWN
        return new, []
    new.since = event.now
    if row.status is Status.SKIPPED and row.children == "skip":
        new.presence = Presence.NOWHERE
        return new, [Simple.LOSE_CHILDREN]
    return _asked(new, retrievable=event.retrievable)


def _asked(new: Row, *, retrievable: bool) -> Result:
    if not retrievable:
        return _assumed(new)
    new.presence = Presence.ASKED
    return new, [Simple.LOOK_UP]


def _assumed(new: Row) -> Result:
    """Only the children's own refusal could tell: let Fincome decide. Takes the row over."""
    new.presence = Presence.ASSUMED
    return new, [Simple.FREE_CHILDREN]


def _looked_up(row: Row, event: LookedUp) -> Result:
    """Its children go, or wait until the end; passing trouble is no answer."""
    if row.there:
        return row, []
    new = copy_of(row)
    if event.verdict.kind is Kind.ACCEPTED:
        new.presence, new.gives = Presence.THERE, event.gives
        return new, [Simple.FREE_CHILDREN]
    if event.verdict.kind is Kind.UNTOLD and event.verdict.retry_after is None:
        if event.ended or not event.brought:
            return _assumed(new)
        new.presence = Presence.NOWHERE
        return new, []
    if event.verdict.kind is not Kind.MISSING:
        kept_failing = row.reason is not None and row.reason.code is Code.KEPT_FAILING
        if kept_failing and not event.verdict.throttled:
            # Asking for it may fail for ever as well: let Fincome decide about its children.
            return _assumed(new)
        return new, [LookUpAt(event.due)]
    new.presence = Presence.NOWHERE
    return (new, []) if event.brought else _given_up(new, event.stub, event.now)


def _given_up(row: Row, stub: Content | None, now: float) -> Result:
    """It is created from what its children know, or they lose it."""
    if stub is not None and row.status is not Status.REJECTED:
        return _stub_found(row, stub, now)
    return row, [Simple.LOSE_CHILDREN]


def _stub_found(row: Row, stub: Content, now: float) -> Result:
    new = copy_of(row)
    new.content, new.digest, new.token = stub, hash(stub.body) or 1, NO_TOKEN
    new.revision += 1
    new.attempts, new.last_try, new.left_out, new.given_up = 0, False, (), False
    return _placed(new, [], now)


def _looked_up_while_pending(row: Row, event: LookedUp) -> Result:
    """It is there, or will come by itself."""
    if row.there:
        return row, []
    new = copy_of(row)
    if event.verdict.kind is Kind.ACCEPTED:
        new.presence, new.gives = Presence.THERE, event.gives
        return new, [Simple.FREE_CHILDREN]
    new.presence = Presence.WANTED
    return new, []


def _look_up_due(row: Row, event: LookUpDue) -> Result:
    """Fincome is asked again."""
    return row, [Simple.LOOK_UP]


def _look_up_needless(row: Row, event: LookUpDue) -> Result:
    """It will come by itself."""
    if row.there:
        return row, []
    new = copy_of(row)
    new.presence = Presence.WANTED
    return new, []


# --- the input has ended


def _settles_at_last(row: Row, event: InputEnded) -> Result:
    """It is taken out of the figures; where it isn't sure that it may be, it is looked at first."""
    if event.ends is not None:
        return _closed(copy_of(row), Outcome.SKIPPED, event.ends, event.now, [])
    if not event.look:
        return _ready(row, event)
    new = copy_of(row)
    new.presence, new.since = Presence.ASKED, event.now
    return new, [Simple.LOOK_UP]


def _settlement_looked_up(row: Row, event: LookedUp) -> Result:
    """It is skipped if Fincome never had it, unchanged if it is settled already; else it stays to be settled."""
    new = copy_of(row)
    kind = event.verdict.kind
    if kind is Kind.UNTOLD and event.verdict.retry_after is None:
        new.presence = Presence.ASSUMED
        return new, []
    if kind not in (Kind.ACCEPTED, Kind.MISSING):
        return new, [LookUpAt(event.due)]
    new.presence = Presence.THERE if kind is Kind.ACCEPTED else Presence.NOWHERE
    if kind is Kind.MISSING:
        return _closed(new, Outcome.SKIPPED, row.reason or NOT_IN_FINCOME, event.now, [])
    return _settled_before(new, event.now) if event.settled else (new, [])


def _settlement_recalled(row: Row, event: Recalled) -> Result:
    """It was settled by an earlier sync."""
    new = copy_of(row)
    new.presence = max(new.presence, Presence.ASSUMED)
    return _settled_before(new, event.now)


def _settled_before(new: Row, now: float) -> Result:
    effects: Effects = [End(new.token, Outcome.UNCHANGED, None), Became(Outcome.UNCHANGED)]
    if new.followed:
        effects.append(EndFollowers(Outcome.UNCHANGED, None))
    return _ended(new, Status.SKIPPED, new.reason, now), effects


def _goes_at_last(row: Row, event: InputEnded) -> Result:
    """All else has gone: it goes."""
    return _ready(row, event)


def _blocks_at_the_end(row: Row, event: InputEnded) -> Result:
    """Fincome is asked once more; then it is created from what its children know, or they lose it."""
    if row.there:
        return row, [Simple.FREE_CHILDREN]
    new = copy_of(row)
    if row.since < event.ended:
        new.since = event.now
        return _asked(new, retrievable=event.retrievable)
    return _given_up(row, event.stub, event.now)


def _cycle(row: Row, event: CycleFound) -> Result:
    """It goes without the reference that closes the cycle, and follows whole; what can't do without is rejected."""
    new = copy_of(row)
    if not event.refs:
        field = row.content.refs[0].field if row.content else None
        reason = Reason(Code.CIRCULAR_REFERENCE, "it refers to itself through other objects", field)
        return _closed(new, Outcome.REJECTED, reason, event.now, [])
    new.left_out = (*new.left_out, *((ref.field, ref.id) for ref in event.refs))
    new.revision += 1  # what it waited for frees it no more
    return _placed(new, [], event.now)


# --- a parent is lost


def _parent_gone(row: Row, event: ParentGone) -> Result:
    """It ends as well if it can't do without; else it goes without the reference, and people are told."""
    parent, new = event.parent, copy_of(row)
    assert row.content is not None
    refs = [ref for ref in row.content.refs if (ref.entity, ref.id) == (parent.entity, parent.id)]
    if not refs:
        return row, []
    if refs[0].field == AFTER:
        return _goes_alone(new, event)
    if event.settlement is not None and parent.reason is not None:
        return _settles(new, event.settlement, _part_of(event, parent.reason))
    if any(ref.field == ITSELF for ref in refs):
        return _closed(new, Outcome.SKIPPED, _without_itself(event), event.now, [])
    skipped = parent.is_void or (parent.status is Status.SKIPPED and parent.children == "skip")
    if not any(ref.required for ref in refs):
        return _without_references(new, refs, f"the {event.singular} that it names {_why_gone(parent)}", event.now, [])
    if skipped:
        text = f"the {event.singular} it belongs to {_why_gone(parent)}"
        return _closed(new, Outcome.SKIPPED, Reason(Code.PARENT_SKIPPED, text, refs[0].field), event.now, [])
    code = Code.PARENT_REJECTED if parent.status is Status.REJECTED else Code.MISSING_REFERENCE
    text = f"the {event.singular} it refers to {_why_gone(parent)}"
    reason = Reason(code, text, refs[0].field, f"{event.singular} {parent.id}")
    return _closed(new, Outcome.REJECTED, reason, event.now, [])


def _goes_alone(new: Row, event: ParentGone) -> Result:
    """Let a document's amount change, as what should have gone before doesn't count; not if it was rejected."""
    parent = event.parent
    if parent.status is Status.REJECTED:
        text = f"the {event.singular} that has its amount now was itself rejected, so it stays as it is"
        reason = Reason(Code.PARENT_REJECTED, text, "amount", f"{event.singular} {parent.id}")
        return _closed(new, Outcome.REJECTED, reason, event.now, [])
    new.left_out, new.given_up = (*new.left_out, (AFTER, parent.id)), True
    new.revision += 1  # what it waited for frees it no more
    return _placed(new, [], event.now)


def _part_of(event: ParentGone, reason: Reason) -> Reason:
    return Reason(Code.PARENT_SKIPPED, f"the {event.singular} it belongs to doesn't count ({reason.code})")


def _settles(new: Row, settlement: Content, reason: Reason) -> Result:
    """Let a settlement take the place of an object's content. Takes the row over."""
    new.content, new.reason, new.status = settlement, reason, Status.SETTLING
    new.revision += 1
    new.attempts, new.last_try, new.left_out, new.given_up = 0, False, (), False
    return new, [NOTHING_COUNTS]


def _part_settles(row: Row, event: ParentVoid) -> Result:
    """It is taken out of the figures with the document that it is part of."""
    new = copy_of(row)
    if row.status is Status.SENT:
        new.token, new.followed = COMPLETION, False
    _note_version(new, event)
    return _settles(new, event.settlement, event.reason)


def _part_settles_later(row: Row, event: ParentVoid) -> Result:
    """It is under way: once it is answered it is taken out of the figures."""
    new = copy_of(row)
    new.content, new.reason, new.status = event.settlement, event.reason, Status.OVERTAKEN
    new.token, new.followed = COMPLETION, False
    new.revision += 1
    _note_version(new, event)
    effects: Effects = [EndFollowers(Outcome.SKIPPED, SUPERSEDED)] if row.followed else []
    if row.status is Status.OVERTAKEN:
        effects.append(End(row.token, Outcome.SKIPPED, SUPERSEDED))
    return new, effects


def _note_version(new: Row, event: ParentVoid) -> None:
    """Let what comes of an older version than the document's be superseded, and of a newer one count, equal or not."""
    if event.unlisted:
        new.version, new.digest = event.version, NO_DIGEST


# That of no content: Python's hash is never -1.
NO_DIGEST = -1


def unlisted(singular: str) -> Reason:
    """Say why a part of a document doesn't count."""
    return Reason(Code.SUPERSEDED, f"the newest version of its {singular} doesn't have it")


def _not_listed(row: Row, event: NotListed) -> Result:
    """The newest version of its document doesn't have it."""
    reason = unlisted(event.singular)
    return _closed(copy_of(row), Outcome.SKIPPED, reason, event.now, [])


def _why_gone(parent: Row) -> str:
    if parent.is_void or (parent.status is Status.SKIPPED and parent.children == "skip"):
        return f"is skipped ({parent.reason.code if parent.reason else 'skipped'})"
    if parent.status is Status.REJECTED:
        return "was itself rejected"
    return "is neither in this sync nor in Fincome"


def _without_references(new: Row, refs: Sequence[Ref], why: str, now: float, effects: Effects) -> Result:
    """Let an object go without references that lead nowhere. Takes the row over."""
    new.left_out = (*new.left_out, *((ref.field, ref.id) for ref in refs))
    new.given_up = True
    new.attempts, new.last_try = 0, False
    new.revision += 1  # what it waited for frees it no more
    text = f"sent without {refs[0].field}, because {why}"
    return _placed(new, [*effects, Warn(Code.REFERENCE_LEFT_OUT, text, "")], now)


def _without_itself(event: ParentGone) -> Reason:
    """Say why an enrichment of an object ends with it."""
    itself = event.parent
    if itself.is_void or (itself.status is Status.SKIPPED and itself.children == "skip"):
        why = itself.reason.code if itself.reason else "skipped"
        return Reason(Code.OBJECT_SKIPPED, f"the {event.singular} itself is skipped ({why})")
    if itself.status is Status.REJECTED:
        text = f"the {event.singular} itself was rejected, and Fincome doesn't have it"
        return Reason(Code.OBJECT_REJECTED, text)
    return NOT_IN_FINCOME


# --- the table

Handler = Callable[[Row, "Event"], Result]


def _for(statuses: Collection[Status], handler: object) -> dict[Status, Handler]:
    return dict.fromkeys(statuses, handler)  # type: ignore[arg-type]  # each handler takes its own kind of event


TABLE: Mapping[type, Mapping[Status, Handler]] = {
    Arrived: _for([Status.ABSENT], _arrives)
    | _for(HELD, _arrives_while_pending)
    | _for(UNDER_WAY, _arrives_while_sending)
    | _for(ENDED, _arrives_after_end),
    Named: _for([Status.ABSENT], _named),
    ParentsThere: _for([Status.WAITING], _ready) | _for([Status.SENT], _completed),
    ParentGone: _for([Status.WAITING], _parent_gone),
    ParentVoid: _for(HELD | {Status.SENT}, _part_settles) | _for(UNDER_WAY, _part_settles_later),
    NotListed: _for([Status.READY], _not_listed),
    CycleFound: _for([Status.WAITING], _cycle),
    Taken: _for([Status.READY], _taken),
    StoodFor: _for([Status.READY], _stood_for),
    Unfilled: _for([Status.READY], _unfilled),
    Recalled: _for([Status.READY], _recalled) | _for([Status.SETTLING], _settlement_recalled),
    RecallWrong: _for([Status.SENT], _recall_wrong),
    ValueChanged: _for([Status.SENT], _value_changed),
    MayBeUndone: _for([Status.SENT], _goes_once_more),
    Answered: _for([Status.SENDING], _answered) | _for([Status.OVERTAKEN], _answered_after_newer),
    Wanted: _for(tuple(Status), _wanted),
    Overdue: _for(BLOCKING, _overdue),
    LookedUp: _for(BLOCKING, _looked_up)
    | _for(PENDING - {Status.SETTLING}, _looked_up_while_pending)
    | _for([Status.SETTLING], _settlement_looked_up),
    LookUpDue: _for(BLOCKING | {Status.SETTLING}, _look_up_due) | _for(PENDING - {Status.SETTLING}, _look_up_needless),
    Due: _for([Status.LATER, Status.PARKED], _due),
    InputEnded: _for([Status.PARKED], _goes_at_last)
    | _for([Status.SETTLING], _settles_at_last)
    | _for(BLOCKING, _blocks_at_the_end),
}
