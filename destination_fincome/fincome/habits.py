"""What the API does otherwise than the contract says, learned from its answers and shared by all workers of a sync.

Only what an answer proves is learned: nothing of it outlasts the sync, and each thing is told once, with the text for
the setting `contract` that says the same.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

LOGGER = logging.getLogger("airbyte")

# Whether objects can be asked for by id is judged by one that was accepted so long ago that it must be visible,
# and by so many looks at it.
WITNESS_SECONDS = 10.0
WITNESS_LOOKS = 3
WITNESS_PAUSE_SECONDS = 1.0
# So many objects of each kind are looked at, before their POST and after it, until it is believed that it does what
# it says.
POSTS_LOOKED_AT = 5
# So many creates that met what was there before tell that a sync brings it again.
MANY_MET = 3
# How often it is tried to see what an update does to what it doesn't bring.
PROOFS_TRIED = 5
# How many objects that are only to be changed are asked for before, until it is known whether an update creates what
# isn't there: the first ones, and one in so many.
CHANGES_LOOKED_AT = 5
ONE_CHANGE_IN = 20
# How often another verb is tried where an update only finds nothing.
VERBS_TRIED = 3
# Creates that failed are remembered up to this number: the same object is tried again soon.
MOST_FAILED = 1000


class Witness(NamedTuple):
    """An object that was accepted in this sync.

    Attributes:
        at: when (monotonic seconds).
    """

    id: str
    at: float


@dataclass(slots=True)
class EntityHabits:
    """What is known of one kind of objects beyond the contract; the defaults say that nothing is.

    Attributes:
        verb: of updates.
        creates, updates: there is such an operation.
        partial: an update leaves alone what it doesn't bring; None if that isn't proven.
        proofs: see PROOFS_TRIED.
        update_creates: an update creates what isn't there; None if nothing has shown it.
        changes: how many objects were only to be changed, while that isn't known.
        takes_id: the body of an update may hold the id.
        repeated_post: what a POST on an existing id does.
        fails_on_taken: it is answered 500.
        retrievable: objects can be asked for by id; None if that isn't known.
        slashes: of an operation, whether its path ends in a slash.
        witness: an object that must be found if any can be.
        looks: how often it was looked for in vain.
        looked: when it was last looked for.
        posts_preceded: how many objects were asked for before their POST.
        alters: it shows other values than those that were sent, whichever verb they came with.
        posts_looked_at: how many answers to a POST were looked at.
        verbs_tried: see VERBS_TRIED.
        nulls_refused: fields that take no null.
        shows: the writes that were answered with something, by operation and status.
        says_nothing: those that are answered with nothing, each time.
    """

    verb: str | None = None
    creates: bool = True
    updates: bool = True
    partial: bool | None = None
    proofs: int = 0
    update_creates: bool | None = None
    changes: int = 0
    takes_id: bool = True
    repeated_post: Literal["refused", "ignored"] | None = None
    fails_on_taken: bool = False
    retrievable: bool | None = None
    slashes: dict[str, bool] = field(default_factory=dict)
    witness: Witness | None = None
    looks: int = 0
    looked: float = 0.0
    posts_preceded: int = 0
    alters: bool = False
    posts_looked_at: int = 0
    verbs_tried: int = 0
    nulls_refused: frozenset[str] = frozenset()
    shows: set[tuple[str, int]] = field(default_factory=set)
    says_nothing: set[tuple[str, int]] = field(default_factory=set)


class Habits:
    """The habits of all kinds of objects.

    Args:
        clock: monotonic seconds.

    Attributes:
        met: how many creates were answered as if the object was there.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.met = 0
        self._entities: dict[str, EntityHabits] = {}
        self._told: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._failed: set[tuple[str, str]] = set()

    def of(self, entity: str) -> EntityHabits:
        """Return what is known of a kind of objects, to be read and added to."""
        found = self._entities.get(entity)
        return found or self._entities.setdefault(entity, EntityHabits())

    def accepted(self, entity: str, identity: str) -> None:
        """Note that an object was accepted. An id with a slash proves nothing: its path may lead elsewhere."""
        habits = self.of(entity)
        if habits.witness is None and "/" not in identity:
            habits.witness = Witness(identity, self.clock())

    def has_failed_before(self, entity: str, identity: str) -> bool:
        """Note that a create was answered 500, and tell whether it was for this object before."""
        one = (entity, identity)
        if one in self._failed:
            return True
        if len(self._failed) < MOST_FAILED:
            self._failed.add(one)
        return False

    def tell(self, entity: str, what: str, correction: str = "", *, costs: bool = False) -> None:
        """Say once what was learned.

        Args:
            entity: its name in the contract.
            what: a sentence without its full stop.
            correction: what the setting `contract` would say of the entity.
            costs: something can't be done, so people should know.
        """
        with self._lock:
            if (entity, what) in self._told:
                return
            self._told.add((entity, what))
        setting = f" In the setting `contract`: entities: {{{entity}: {{{correction}}}}}." if correction else ""
        LOGGER.log(logging.WARNING if costs else logging.INFO, "Learned about Fincome's API: %s.%s", what, setting)
