"""Where a memory lies between syncs, and who may use it: one sync at a time, and nobody after one that broke off.

Files, each named after the account:

- `memory-<account>`: the memory.
- `memory-<account>.lease`: a sync uses it. It is renewed as long as that sync lives.
- `memory-<account>.beside-<token>`: a sync ran without the lease: what it sent isn't in the memory.

A memory is believed only if it is certain that nothing was sent to the account since it was written. So it is thrown
away if a lease or a sync beside it was never ended, and not used while one is.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

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
    """

    def __init__(self, store: Store, account: str, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._name = f"memory-{account}"
        self._now = now
        self._token = secrets.token_hex(16)
        self._renewed = 0.0
        self._use = Use.BESIDE
        self._believed = True
        self._broken = False

    @property
    def is_held(self) -> bool:
        """Whether this sync has the lease: only then there is a memory to use and to keep."""
        return self._use is Use.HELD

    @property
    def _lease(self) -> str:
        return f"{self._name}.lease"

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
        self._store.names()
        self._store.remove(name)

    def begin(self) -> bytes | None:
        """Take the lease, and return the memory; None: there is none, or this sync runs beside another one.

        Raises:
            ConnectorFailure: the place can't be used; nothing of the memory may be believed then.
        """
        names = set(self._store.names())
        marks = [name for name in names if name.startswith(f"{self._name}.beside-")]
        living = [name for name in marks if self._is_alive(name)]
        if living or not self._take_lease():
            self._use = Use.BESIDE
            self._renew(self._mark)
            LOGGER.warning("The memory is in use by another sync of this account: this one sends everything.")
            return None
        self._use, self._renewed = Use.HELD, self._now()
        if marks or self._broken:
            self._throw_away("a sync before this one was broken off, or ran beside it", marks)
            return None
        return self._store.get(self._name) if self._name in names else None

    def look(self) -> bytes | None:
        """Return the memory without using the place; None: there is none, or it is in use, or was when a sync died.

        Raises:
            ConnectorFailure: the place can't be used.
        """
        names = set(self._store.names())
        in_use = self._lease in names or any(name.startswith(f"{self._name}.beside-") for name in names)
        return self._store.get(self._name) if self._name in names and not in_use else None

    def _take_lease(self) -> bool:
        """Tell whether this sync has the lease now; of several at once one has."""
        self._broken = False
        if self._store.create(self._lease, self._signed()):
            return True
        if self._is_alive(self._lease):
            return False
        self._broken = True
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
        return json.dumps({"token": self._token, "at": self._now(), "ended": ended}).encode()

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

    def end(self, memory: bytes | bytearray | None) -> None:
        """Keep the memory, and give the lease back.

        Args:
            memory: what this sync has learned; None: nothing may be believed.
        """
        if self._use is Use.BESIDE:
            self._store.put(self._mark, self._signed(ended=True))
            return
        beside = [name for name in self._store.names() if name.startswith(f"{self._name}.beside-")]
        if memory is None or beside or not self._believed or not self._is_ours():
            why = "another sync of this account ran at the same time" if memory is not None else "it can't be used"
            self._throw_away(why, [])
        else:
            self._store.put(self._name, memory)
        if self._is_ours():
            self._store.remove(self._lease)

    def _throw_away(self, why: str, marks: list[str]) -> None:
        LOGGER.warning("The memory is set aside (%s): the objects of this account are sent again.", why)
        for name in (self._name, *marks):
            self._store.remove(name)
