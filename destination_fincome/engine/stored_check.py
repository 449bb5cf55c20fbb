"""Whether Fincome stores what it is sent: what it shows of a few objects is held against what was sent.

"Accepted" says only that something answered. So the first objects of each kind and operation are looked at, in the
answer to the write or else by asking for them; later a few samples. What is shown as another value is told, and if an
amount, a date, a status or a reference is, of most objects, the sync stops before the states that cover them leave.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Entity, Token
from destination_fincome.engine.states import Ledger
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec, FieldSpec
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.samples import FIRST, Written
from destination_fincome.fincome.stored import Shown, compared
from destination_fincome.fincome.value_types import INSTANT
from destination_fincome.wording import several_of

Warn = Callable[[Code, str, str], None]

# How long states wait for a look.
LONGEST_LOOK = 30.0
# How long what is written may take to show: after an answer that says so (202), and after any other.
LATE_SECONDS = 10.0
SOON_SECONDS = 2.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 2.0
# After passing trouble others have better use for requests.
TROUBLE_PAUSE = 5.0
# With fewer objects in all, so many must be looked at for a share of them to say something.
LEAST_LOOKED_AT = 2


class StoredDoubt(NamedTuple):
    """What states wait for (see Ledger.doubt)."""

    entity: Entity


class StoredDifferently(ConfigFailure):
    """Fincome stores an amount, a date, a status or a reference otherwise than it was sent."""


@dataclass(slots=True)
class _Look:
    """An object that Fincome is to be asked for.

    Attributes:
        request: asks for it.
        body: what was sent.
        refused: the nulls in it that were left out.
        shown: what the answer to the write showed, by path.
        until: how long another value than was sent may be an old one (monotonic seconds).
        missing_until: how long it may not be found.
        ends: when it is given up.
    """

    request: Request
    body: bytes
    refused: tuple[str, ...]
    written: Written
    shown: Mapping[str, Shown]
    until: float
    missing_until: float
    ends: float
    pause: float = FIRST_PAUSE


@dataclass(slots=True)
class _Counts:
    """One field of one kind of objects, by one operation, among those that were looked at first.

    Attributes:
        looked_at: how many showed it.
        relations: how many showed another value, by relation.
        example: an id of those.
    """

    looked_at: int = 0
    relations: Counter[str] = field(default_factory=Counter)
    example: str = ""

    @property
    def differing(self) -> int:
        return self.relations.total()

    @property
    def is_most(self) -> bool:
        return self.differing * 2 > self.looked_at


_Place = tuple[str, str, str]
"""Entity, operation, path of a field."""


class StoredCheck:
    """Looks at what was written.

    Args:
        entities: in the contract's order.
        ledger: holds the states.
        warn: counts a warning: its code, its text, an example.
        fails: the sync may fail for what is found; if not, all of it is warnings.
    """

    def __init__(self, entities: Sequence[EntitySpec], ledger: Ledger, warn: Warn, *, fails: bool = True) -> None:
        self._specs = {spec.name: spec for spec in entities}
        self._numbers = {spec.name: Entity(number) for number, spec in enumerate(entities)}
        self._critical = {spec.name: frozenset(_critical(spec.fields)) for spec in entities}
        self._ledger = ledger
        self._warn = warn
        self._fails = fails
        self.looks: dict[tuple[str, str], _Look] = {}
        """What is to be asked for, or was and has no answer yet, by entity and id."""
        # When each is to be asked for.
        self._due: dict[tuple[str, str], float] = {}
        self._in_flight: set[tuple[str, str]] = set()
        self._readable: set[str] = set()
        self._unreadable: set[str] = set()
        self._counts: dict[_Place, _Counts] = {}
        self.right: set[str] = set()
        """The entities of which some objects were shown as they were sent."""
        self.wrong: set[str] = set()
        """The entities of which something is shown otherwise, or wasn't cleared."""
        self.failure: StoredDifferently | None = None
        """Why the sync must stop now."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing is to be asked for, nor waited for."""
        return not self.looks

    @property
    def next_due(self) -> float:
        """When something is to be asked for (monotonic seconds); infinity if nothing is."""
        return min((when for key, when in self._due.items() if self._may_go(key)), default=math.inf)

    # --- what is written

    def written(self, request: Request, verdict: Verdict, now: float) -> None:
        """Take in a write that was accepted."""
        for name in verdict.nulls_refused:
            self.wrong.add(request.entity)
            self._warn(Code.NOT_CLEARED, _unsent(request.entity, name), self._name(request))
        written = verdict.written
        if written is None:
            return
        request = request.as_sent_by(written.operation, self._specs[request.entity])
        refused = verdict.nulls_refused
        found = self._compared(request, request.body, refused, written.shown) if written.shown is not None else []
        if found and all(one.is_same for one in found):
            self.right.add(request.entity)
            self._count(request, written, found)
        elif found or written.look == "first":
            self._look(request, written, refused, found, now)
        self._weigh(request.entity)

    def _look(
        self, request: Request, written: Written, refused: tuple[str, ...], found: Sequence[Shown], now: float
    ) -> None:
        if not self._specs[request.entity].retrievable or request.entity in self._unreadable:
            self._tell(request, written, [one for one in found if not one.is_same], by_answer=True)
            return
        key = (request.entity, request.id)
        asks = Request(request.entity, request.id, b"", key=request.key, look_up=True, check=True)
        until = now + (LATE_SECONDS if written.late else SOON_SECONDS)
        shown = {one.path: one for one in found}
        missing_until, ends = now + LATE_SECONDS, now + LONGEST_LOOK
        self.looks[key] = _Look(asks, request.body, refused, written, shown, until, missing_until, ends)
        self._due[key] = now

    def _compared(
        self, request: Request, body: bytes, refused: tuple[str, ...], shown: Mapping[str, object]
    ) -> list[Shown]:
        """Hold an object against what was sent; that Fincome has an id of its own beside ours is no difference."""
        found = compared(self._specs[request.entity], body, shown)
        return [
            one
            for one in found
            if one.path != "id" and not (one.relation == "not cleared" and one.path in refused)
        ]  # fmt: skip

    def overtaken(self, requests: Iterable[Request]) -> None:
        """Objects go once more: what is shown of them from now on may be that."""
        for request in requests:
            if not request.look_up and (request.entity, request.id) in self.looks:
                self._end((request.entity, request.id))

    # --- what is asked for

    def take(self, now: float) -> list[Request]:
        """Return what is to be asked for now; gives up what took too long."""
        for key in [key for key, look in self.looks.items() if look.ends <= now]:
            self._end(key)
        taken = []
        for key in [key for key, when in self._due.items() if when <= now]:
            if self._may_go(key):
                del self._due[key]
                self._in_flight.add(key)
                taken.append(self.looks[key].request)
        return taken

    def _may_go(self, key: tuple[str, str]) -> bool:
        """Tell whether an object may be asked for: the first of a kind alone, as it shows whether they can be read."""
        return key[0] in self._readable or all(other[0] != key[0] for other in self._in_flight)

    def answered(self, request: Request, verdict: Verdict, now: float) -> None:
        """Take what Fincome answered when it was asked for an object."""
        key = (request.entity, request.id)
        self._in_flight.discard(key)
        look = self.looks.get(key)
        if look is None or look.request is not request:
            return
        if verdict.kind is Kind.ACCEPTED and verdict.found is not None:
            self._readable.add(key[0])
            self._seen(look, verdict.found, now)
        elif verdict.kind is Kind.RETRY:
            self._due[key] = now + TROUBLE_PAUSE
        elif verdict.kind is Kind.MISSING and now < look.missing_until:
            self._later(look, now)
        else:
            self._unseen(look, verdict)

    def _seen(self, look: _Look, there: Mapping[str, object], now: float) -> None:
        found = [_shown_at_all(one, look.shown) for one in self._compared(look.request, look.body, look.refused, there)]
        if any(one.is_another for one in found) and now < look.until:
            self._later(look, now)
            return
        self._tell(look.request, look.written, [one for one in found if not one.is_same])
        if found and not any(one.is_another for one in found):
            self.right.add(look.request.entity)
        self._count(look.request, look.written, found)
        self._end((look.request.entity, look.request.id))

    def _unseen(self, look: _Look, verdict: Verdict) -> None:
        entity = look.request.entity
        if verdict.kind is Kind.MISSING:
            self._warn(Code.NOT_SHOWN, _nowhere(entity), self._name(look.request))
        else:
            if verdict.kind is Kind.ACCEPTED and entity not in self._unreadable:
                self._warn(Code.NOT_SHOWN, _unreadable(entity), self._name(look.request))
            self._cannot_read(entity)
            different = [one for one in look.shown.values() if not one.is_same]
            self._tell(look.request, look.written, different, by_answer=True)
        self._end((entity, look.request.id))

    def give_up(self) -> None:
        """Look at nothing more: the sync fails. What nothing speaks against may be saved."""
        for key in list(self.looks):
            self._end(key)

    def _cannot_read(self, entity: str) -> None:
        """Ask for no other object of a kind that can't be read."""
        self._unreadable.add(entity)
        for key in [key for key in self._due if key[0] == entity]:
            look = self.looks[key]
            different = [one for one in look.shown.values() if not one.is_same]
            self._tell(look.request, look.written, different, by_answer=True)
            self._end(key)

    def _later(self, look: _Look, now: float) -> None:
        self._due[look.request.entity, look.request.id] = now + look.pause
        look.pause = min(2 * look.pause, LONGEST_PAUSE)

    def _end(self, key: tuple[str, str]) -> None:
        self.looks.pop(key, None)
        self._due.pop(key, None)
        self._weigh(key[0])

    # --- what is found

    def _tell(self, request: Request, written: Written, found: Sequence[Shown], *, by_answer: bool = False) -> None:
        """Warn of what isn't shown as it was sent.

        Args:
            by_answer: only the answer to the write is known, which need not be what is stored.
        """
        for one in found:
            place = f"{request.entity}.{one.path}"
            if one.is_another:
                self.wrong.add(request.entity)
            if one.relation == "not shown":
                self._warn(Code.NOT_SHOWN, f"{place} is accepted, and no answer shows it", self._name(request))
            elif one.relation == "not cleared":
                text = f"{place} was sent empty, and Fincome still shows a value"
                self._warn(Code.NOT_CLEARED, text, self._name(request))
            else:
                where = ", by the answer to the write" if by_answer else ""
                text = f"{place} is shown otherwise than it was sent{where}: {_in_words(one.relation, written)}"
                self._warn(Code.STORED_DIFFERENTLY, text, self._name(request))

    def _count(self, request: Request, written: Written, found: Sequence[Shown]) -> None:
        """Count what was looked at, of the first objects."""
        if written.look != "first":
            return
        for one in found:
            if one.path in self._critical[request.entity] and one.relation not in ("not shown", "not cleared"):
                place = (request.entity, written.operation, one.path)
                counts = self._counts.setdefault(place, _Counts())
                counts.looked_at += 1
                if not one.is_same:
                    counts.relations[_in_words(one.relation, written)] += 1
                    counts.example = counts.example or request.id

    def _weigh(self, entity: str) -> None:
        """Let states wait, or go; or stop the sync."""
        if not self._fails:
            return
        doubt = StoredDoubt(self._numbers[entity])
        mostly = [(place, counts) for place, counts in self._counts.items() if place[0] == entity and counts.is_most]
        looking = any(key[0] == entity and look.written.look == "first" for key, look in self.looks.items())
        if mostly or looking:
            self._ledger.doubts.add(doubt)
        else:
            self._ledger.doubts.discard(doubt)
        enough = [(place, counts) for place, counts in mostly if counts.looked_at >= FIRST]
        if enough and self.failure is None:
            self.failure = StoredDifferently(_failure(enough))

    def mark(self, entity: Entity, token: Token) -> None:
        """Note that a record's object was sent: while its kind is in doubt, the states that cover it wait."""
        doubt = StoredDoubt(entity)
        if doubt in self._ledger.doubts and token not in (NO_TOKEN, COMPLETION):
            self._ledger.doubt(token[0], doubt)

    def conclude(self) -> StoredDifferently | None:
        """Judge what was looked at when all has ended: states that need not stay back are let go."""
        found = [
            (place, counts)
            for place, counts in self._counts.items()
            if self._fails and counts.is_most and counts.looked_at >= LEAST_LOOKED_AT
        ]
        in_doubt = {place[0] for place, _ in found}
        for name, number in self._numbers.items():
            if name not in in_doubt:
                self._ledger.doubts.discard(StoredDoubt(number))
        return StoredDifferently(_failure(found)) if found else None

    def waits(self) -> Iterator[str]:
        """Say of each entity why states wait for it, if they do."""
        for name, number in self._numbers.items():
            if StoredDoubt(number) in self._ledger.doubts:
                yield f"Fincome is asked whether {several_of(name)} are stored as they were sent (`stored_check`)"

    def _name(self, request: Request) -> str:
        return f"{self._specs[request.entity].singular} {request.id}"


def _shown_at_all(one: Shown, by_answer: Mapping[str, Shown]) -> Shown:
    """Return what is known of a field: what the answer to the write showed as it was sent need not be shown twice."""
    answered = by_answer.get(one.path)
    return answered if one.relation == "not shown" and answered is not None and answered.is_same else one


def _critical(fields: Sequence[FieldSpec], place: str = "") -> Iterator[str]:
    """Yield the paths of the fields that make figures: amounts, dates, the status, references."""
    for one in fields:
        if one.fields:
            yield from _critical(one.fields, f"{one.name}.")
        elif one.money or one.type is INSTANT or one.name == "status" or one.references:
            yield place + one.name


# --- words


def _in_words(relation: str, written: Written) -> str:
    if relation == "another value" and written.operation == "update":
        return "another value, perhaps unchanged after an update"
    return relation


def _unsent(entity: str, name: str) -> str:
    return f"{entity}.{name} can't be emptied: Fincome refuses a null there, and keeps the value that it has"


def _nowhere(entity: str) -> str:
    return f"{several_of(entity)} are accepted, and then not found by their id"


def _unreadable(entity: str) -> str:
    return f"{several_of(entity)} are accepted, and no answer shows anything of them"


_HINTS = {
    "a hundredth": "`amounts: cents`",
    "a hundred times": "`amounts: cents`",
    "without its decimals": "`amounts: cents`",
    "opposite sign": "`sign: negative` of the field",
    "its day only": "`dates: date`",
}


def _failure(found: Sequence[tuple[_Place, _Counts]]) -> str:
    """Say what is stored otherwise, and what can be done."""
    told, hints = [], []
    for (entity, operation, path), counts in found:
        (relation, _), *_ = counts.relations.most_common(1)
        many = f"{counts.differing} of {counts.looked_at} looked at after {operation}, such as {counts.example}"
        told.append(f"{entity}.{path}: {relation} ({many})")
        hints += [_HINTS[relation]] if relation in _HINTS else []
    hint = f" That looks like {' and '.join(dict.fromkeys(hints))} in the setting `contract`." if hints else ""
    return (
        f"Fincome shows otherwise what it was sent: {'; '.join(told)}.{hint} `fincome contract check FILE` (FILE: the "
        "OpenAPI document of Fincome's API) reads only; `fincome contract probe` writes test objects that stay, and "
        "prints the text for the setting `contract`. If it is right so, set `stored_check` to warn. The states that "
        "cover these objects stay back, so the next sync sends them again."
    )
