"""Where a memory lies between syncs, and who may use it: one sync at a time, and nobody after one that broke off.

Files, each named after the account:

- `memory-<account>`: the memory.
- `memory-<account>.newest`: when it was written, in its own words; what is older is a copy that was put back.
- `memory-<account>.lease`: a sync uses it. It is renewed as long as that sync lives.
- `memory-<account>.beside-<token>`: a sync ran without the lease: what it sent isn't in the memory.

A memory is believed only as far as it is certain that nothing was sent to the account since it was written. Lease and
mark say which entities their sync may send: of these nothing is believed if it was never ended or ran beside another
one; of all, if that can't be read. While another sync lives, the memory isn't used.
"""

from __future__ import annotations

import json
import logging
import math
import secrets
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, BinaryIO

from destination_fincome.failure import ConnectorFailure
from destination_fincome.reporting.storage import Store

LOGGER = logging.getLogger("airbyte")

# A sync that hasn't said that it lives for so long (seconds) is dead.
DEAD_AFTER = 600.0
RENEW_AFTER = 60.0


class Use(Enum):
    """How a sync may use the memory."""

    HELD = auto()  # it has the lease
    BESIDE = auto()  # another one has, or it can't be told


class Shelf:
    """The files of one account's memory.

    Args:
        account: a keyed digest of address and key, for the files' names.
        now: seconds since 1970.
        touches: the entities whose objects this sync may send; None: any.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        now: Callable[[], float] = time.time,
        touches: Iterable[str] | None = None,
    ) -> None:
        self._store = store
        self._touches = None if touches is None else frozenset(touches)
        self.doubts: frozenset[str] = frozenset()
        """The entities of which nothing in the memory may be believed; to be asked once the sync has begun."""
        self._name = f"memory-{account}"
        self._now = now
        self._token = secrets.token_hex(16)
        self._renewed = 0.0
        self._use = Use.BESIDE
        self._believed = True

    @property
    def is_held(self) -> bool:
        """Whether this sync has the lease: only then there is a memory to use and to keep."""
        return self._use is Use.HELD

    @property
    def _lease(self) -> str:
        return f"{self._name}.lease"

    @property
    def _newest(self) -> str:
        return f"{self._name}.newest"

    @property
    def _mark(self) -> str:
        return f"{self._name}.beside-{self._token}"

    def prove(self) -> None:
        """Prove that the place can be written, read, replaced and cleared.

        Raises:
            ConnectorFailure: it can't.
        """
        name = f"{self._name}.proof-{self._token}"
        for content in (b"1", b"2"):
            self._store.put(name, content)
        self._store.get(name)
        self._store.changed_at(name)
        self._store.names()
        self._store.remove(name)

    def begin(self) -> BinaryIO | None:
        """Take the lease, and return the memory, to be read and closed.

        None: there is none, or this sync runs beside another one.

        Raises:
            ConnectorFailure: the place can't be used; nothing of the memory may be believed then.
        """
        if any(map(self._is_alive, self._marks())) or not self._take_lease():
            self._use = Use.BESIDE
            self._renew(self._mark)
            LOGGER.warning("The memory is in use by another sync of this account: this one sends everything.")
            return None
        self._use, self._renewed = Use.HELD, self._now()
        # Once more: whoever lost the race for a lease that was never ended has left a mark of it.
        marks = self._marks()
        doubts = self._doubted(marks)
        dead = [name for name in marks if not self._is_alive(name)]
        if doubts is None:
            self._throw_away("a sync before this one was broken off, or ran beside it", dead)
            return None
        if doubts:
            self._doubt(doubts, dead)
        return self._store.open(self._name) if self._name in self._store.names() else None

    def _marks(self) -> list[str]:
        return [name for name in self._store.names() if name.startswith(f"{self._name}.beside-")]

    def _doubted(self, names: Iterable[str]) -> frozenset[str] | None:
        """Return what the syncs that wrote some files may have sent; None: anything."""
        found: frozenset[str] = frozenset()
        for name in names:
            touched = self._touched(name)
            if touched is None:
                return None
            found |= touched
        return found

    def _touched(self, name: str) -> frozenset[str] | None:
        try:
            said: Any = json.loads(self._store.get(name))["touches"]
            return frozenset(map(str, said)) if isinstance(said, list) else None
        except (ConnectorFailure, ValueError, KeyError, TypeError):
            return None

    def _doubt(self, doubts: frozenset[str], marks: Iterable[str]) -> None:
        """Believe nothing of some entities: this sync's lease says so before the marks that said it are gone."""
        self.doubts = doubts
        self._touches = None if self._touches is None else self._touches | doubts
        self._renew(self._lease)
        for name in marks:
            self._store.remove(name)
        LOGGER.warning(
            "A sync before this one was broken off, or ran beside it: the objects that it may have sent are sent again "
            "(%s). The others are known.",
            ", ".join(sorted(doubts)),
        )

    def touch(self, entity: str) -> None:
        """Note that an object of an entity is about to be sent.

        Raises:
            ConnectorFailure: it is none of those that were named, and that can't be noted.
        """
        if self._touches is not None and entity not in self._touches:
            self._touches = None
            self._renew(self._lease if self.is_held else self._mark)

    def look(self) -> BinaryIO | None:
        """Return the memory without using the place; None: there is none, or it is in use, or was when a sync died.

        Raises:
            ConnectorFailure: the place can't be used.
        """
        names = set(self._store.names())
        in_use = self._lease in names or any(name.startswith(f"{self._name}.beside-") for name in names)
        return self._store.open(self._name) if self._name in names and not in_use else None

    def changed_at(self) -> float:
        """Return when the memory's file was written or copied there: seconds since 1970.

        Raises:
            ConnectorFailure: it can't be told.
        """
        return self._store.changed_at(self._name)

    def newest(self) -> float:
        """Return when the newest memory was written that there was here, as it says itself; 0 if nobody has noted it.

        Raises:
            ConnectorFailure: it can't be told.
        """
        if self._newest not in self._store.names():
            return 0.0
        try:
            return float(self._store.get(self._newest))
        except ValueError:
            return math.inf

    def _take_lease(self) -> bool:
        """Tell whether this sync has the lease now; of several at once one has."""
        if self._store.create(self._lease, self._signed()):
            return True
        if self._is_alive(self._lease):
            return False
        # What the dead sync may have sent is doubted from here on: a mark says so before its lease is gone.
        doubts = self._touched(self._lease)
        self._store.put(self._mark, self._said(doubts, ended=True))
        self._touches = None if self._touches is None or doubts is None else self._touches | doubts
        self._store.remove(self._lease)
        return self._store.create(self._lease, self._signed())

    def _is_alive(self, name: str) -> bool:
        """Tell whether the sync that wrote a file still lives; one that can't be read was written half."""
        try:
            said: Any = json.loads(self._store.get(name))
            return not said["ended"] and self._now() - float(said["at"]) < DEAD_AFTER
        except (ConnectorFailure, ValueError, KeyError, TypeError):
            return False

    def _signed(self, *, ended: bool = False) -> bytes:
        return self._said(self._touches, ended=ended)

    def _said(self, touches: frozenset[str] | None, *, ended: bool) -> bytes:
        named = None if touches is None else sorted(touches)
        return json.dumps({"token": self._token, "at": self._now(), "ended": ended, "touches": named}).encode()

    def _renew(self, name: str) -> None:
        self._store.put(name, self._signed())
        self._renewed = self._now()

    def keep_alive(self) -> None:
        """Say that this sync lives, if it hasn't for a while. Trouble is passed over: it may then count as dead."""
        if self._now() - self._renewed < RENEW_AFTER:
            return
        try:
            if self._use is Use.HELD and not self._is_ours():
                self._believed = False
            self._renew(self._lease if self._use is Use.HELD and self._believed else self._mark)
        except ConnectorFailure:
            self._renewed = self._now()

    def _is_ours(self) -> bool:
        try:
            return bool(json.loads(self._store.get(self._lease))["token"] == self._token)
        except (ConnectorFailure, ValueError, KeyError, TypeError):
            return False

    def end(self, memory: Iterable[bytes] | None, written_at: int = 0) -> None:
        """Keep the memory, and give the lease back.

        Args:
            memory: what this sync has learned, in pieces; None: nothing may be believed.
            written_at: when it is written, as it says itself.
        """
        if self._use is Use.BESIDE:
            self._store.put(self._mark, self._signed(ended=True))
            return
        if memory is None or not self._believed or not self._is_ours():
            why = "another sync of this account ran at the same time" if memory is not None else "it can't be used"
            self._throw_away(why, [])
        else:
            self._store.put_pieces(self._name, memory)
            self._store.put(self._newest, str(written_at).encode())
        if self._is_ours():
            self._store.remove(self._lease)

    def _throw_away(self, why: str, marks: list[str]) -> None:
        LOGGER.warning("The memory is set aside (%s): the objects of this account are sent again.", why)
        # First, so that no copy of it is believed.
        self._store.put(self._newest, str(int(time.time()) + 1).encode())
        for name in (self._name, *marks):
            self._store.remove(name)
