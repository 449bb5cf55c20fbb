"""How each entity stands: whether so much of it is rejected that something is wrong as a whole.

One bad record is that record's matter. But if most are rejected, or Fincome refuses all for one reason, the cause is a
mapping, a source or the API, and a green sync would take the source past what was lost. So the states that cover such
rejections wait; if the entity doesn't recover, they stay back and the sync fails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Entity
from destination_fincome.engine.states import Ledger
from destination_fincome.failure import ConfigFailure
from destination_fincome.outcomes import Outcome, Reason, ReasonKind
from destination_fincome.reporting.report import Report
from destination_fincome.wording import several_of

# So many objects must have been tried before a share of them says something.
LEAST_TRIED = 20
# So many refused for one reason, with none accepted, stop the sync at once.
MOST_REFUSED = 20
# Tolerating all of them switches the whole watch off.
ALL_PERCENT = 100.0


class MostlyRejected(ConfigFailure):
    """Too much was rejected for the sync to end well."""


class Suspicion(Enum):
    """What may be wrong as a whole."""

    SHARE = auto()  # more of the entity's objects are rejected than the user tolerates
    FORM = auto()  # Fincome has refused some, and not accepted one yet


class Doubt(NamedTuple):
    """What states wait for (see Ledger.doubt)."""

    entity: Entity
    suspicion: Suspicion


@dataclass(slots=True)
class _Counts:
    """One entity's objects.

    Attributes:
        accepted, rejected: how many ended so; what is rejected for its parent's sake doesn't count.
        taken: Fincome has accepted one.
        refused: ids of those that Fincome has refused while it had accepted none, up to MOST_REFUSED.
        kinds: the kinds of those refusals; two are as good as many.
        of_form: the last of those refusals was one of form.
    """

    accepted: int = 0
    rejected: int = 0
    taken: bool = False
    refused: set[str] = field(default_factory=set)
    kinds: set[ReasonKind] = field(default_factory=set)
    of_form: bool = False

    @property
    def tried(self) -> int:
        return self.accepted + self.rejected

    @property
    def is_refused_as_a_whole(self) -> bool:
        """Whether, of all that were tried, each was refused for one reason that isn't a single object's."""
        if self.taken or len(self.kinds) != 1:
            return False
        return len(self.refused) > 1 or self.of_form


class Standing:
    """Watches what ends, and says which states wait and whether the sync may end well.

    Args:
        ledger: holds the states.
        report: knows the reasons, and the entities' names.
        most_percent: most of an entity's objects that may be rejected; with 100 no state waits.
    """

    def __init__(self, ledger: Ledger, report: Report, most_percent: float) -> None:
        self._ledger = ledger
        self._report = report
        self._most_percent = most_percent
        self._counts: defaultdict[Entity, _Counts] = defaultdict(_Counts)
        self.failure: MostlyRejected | None = None
        """Why the sync must stop now."""

    def ended(self, entity: Entity, outcome: Outcome, identity: str, segment: int, reason: Reason | None) -> None:
        """Take in the end of an object; its record is still pending."""
        counts = self._counts[entity]
        if outcome is Outcome.REJECTED:
            if reason is None or reason.code is Code.PARENT_REJECTED:
                return
            counts.rejected += 1
            if self._most_percent < ALL_PERCENT:
                self._suspect(counts, entity, identity, segment, reason)
        elif outcome is not Outcome.SKIPPED:
            counts.accepted += 1
            if not counts.taken:
                self.accepted(entity)
        elif reason is not None and reason.code is Code.ALREADY_EXISTS:
            self.accepted(entity)
        if counts.rejected:
            self._weigh(counts, entity)

    def accepted(self, entity: Entity) -> None:
        """Note that Fincome takes objects as they are sent."""
        counts = self._counts[entity]
        if not counts.taken:
            counts.taken = True
            self._ledger.doubts.discard(Doubt(entity, Suspicion.FORM))

    def _suspect(self, counts: _Counts, entity: Entity, identity: str, segment: int, reason: Reason) -> None:
        self._ledger.doubt(segment, Doubt(entity, Suspicion.SHARE))
        if reason.code is not Code.REFUSED_BY_API or counts.taken:
            return
        form = Doubt(entity, Suspicion.FORM)
        self._ledger.doubt(segment, form)
        self._ledger.doubts.add(form)
        counts.of_form = reason.of_form
        if len(counts.refused) < MOST_REFUSED:
            counts.refused.add(identity)
        if len(counts.kinds) < 2:
            counts.kinds.add(reason.kind)
        if len(counts.refused) == MOST_REFUSED and counts.is_refused_as_a_whole and self.failure is None:
            self.failure = MostlyRejected(f"{self._refused(counts, entity)} {_ABOUT_FORM}")

    def _weigh(self, counts: _Counts, entity: Entity) -> None:
        doubt = Doubt(entity, Suspicion.SHARE)
        if counts.tried >= LEAST_TRIED and counts.rejected * 100 > self._most_percent * counts.tried:
            self._ledger.doubts.add(doubt)
        else:
            self._ledger.doubts.discard(doubt)

    # --- the end

    def conclude(self) -> MostlyRejected | None:
        """Judge what has ended when all has: states that need not stay back are let go."""
        refused = []
        for entity, counts in self._counts.items():
            if counts.is_refused_as_a_whole:
                refused.append(self._refused(counts, entity))
            else:
                self._ledger.doubts.discard(Doubt(entity, Suspicion.FORM))
        shares = list(self._shares())
        if refused:
            return MostlyRejected(" ".join([*refused, *shares, _ABOUT_FORM]))
        if shares:
            return MostlyRejected(" ".join([*shares, _ABOUT_SHARE.format(percent=self._most_percent)]))
        if any(counts.rejected for counts in self._counts.values()) and not self._anything_accepted():
            return MostlyRejected(_NOTHING.format(reason=self._report.main_reason()))
        return None

    def _anything_accepted(self) -> bool:
        return any(counts.accepted for counts in self._counts.values())

    def _shares(self) -> Iterator[str]:
        for entity, counts in self._counts.items():
            if Doubt(entity, Suspicion.SHARE) in self._ledger.doubts:
                name = self._report.entities[entity]
                share = f"{counts.rejected} of {counts.tried} {several_of(name)} were rejected"
                yield f"{share}, most often: {self._report.main_reason(name)}."

    # --- words

    def waits(self) -> Iterator[str]:
        """Say of each entity why states wait for it, if they do."""
        for entity, counts in self._counts.items():
            name = several_of(self._report.entities[entity])
            if Doubt(entity, Suspicion.SHARE) in self._ledger.doubts:
                yield f"{counts.rejected} of {counts.tried} {name} are rejected (`max_rejected_percent`)"
            elif Doubt(entity, Suspicion.FORM) in self._ledger.doubts:
                yield f"Fincome has refused {name} and accepted none yet"

    def _refused(self, counts: _Counts, entity: Entity) -> str:
        name = self._report.entities[entity]
        number = f"{MOST_REFUSED} or more" if len(counts.refused) == MOST_REFUSED else str(len(counts.refused))
        reason = self._report.main_reason(name, Code.REFUSED_BY_API)
        return f"Fincome has refused all {several_of(name)} so far ({number}), for one reason: {reason}."


_ABOUT_FORM = (
    "That looks like a difference between what Fincome's API wants and what the connector sends: `fincome contract "
    "check FILE` (FILE: the OpenAPI document of Fincome's API) names it. If it is the records that are wrong, correct "
    "them in the source, or set `max_rejected_percent` to 100 to go on without them. The states that cover them stay "
    "back, so the next sync reads them again."
)
_ABOUT_SHARE = (
    "`max_rejected_percent` tolerates {percent:g} %. Mend the cause, or raise it (100: any number) to go on without "
    "them. The states that cover them stay back, so the next sync reads them again."
)
_NOTHING = (
    "Nothing of this sync came through: all that was not skipped was rejected. Most often: {reason}. Mend the cause, "
    "then let the source send everything again (Refresh): the states went back, so the next sync goes on after these "
    "records."
)
