"""A memory in use: asked before an object goes, told what was confirmed. Trouble with it never fails a sync."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import BinaryIO, TypeVar

from destination_fincome.engine.memory.brought import Brought, Stream
from destination_fincome.engine.memory.memory import DAY_SECONDS, Damaged, Memory, Name
from destination_fincome.engine.memory.shelf import Shelf
from destination_fincome.failure import ConnectorFailure

LOGGER = logging.getLogger("airbyte")

T = TypeVar("T")

# What the files can raise in which a memory is kept during a sync.
TROUBLE = (sqlite3.Error, OSError)

# Raise it when the same records become other objects: what was confirmed then says nothing of them.
LANGUAGE_VERSION = 1
# A file that the store wrote so much later (seconds) than it says was copied there. Clocks differ, and large files take
# their time.
COPIED_AFTER = 900.0


def account_key(base_url: str, api_key: str) -> bytes:
    """Return a key that only who knows the account's key can make: of names and digests."""
    return blake2b(base_url.rstrip("/").encode(), digest_size=32, key=blake2b(api_key.encode()).digest()).digest()


class Recall:
    """What an earlier sync knows, during this one.

    Args:
        key: see `Memory`.
        streams: see `Brought`.
    """

    def __init__(
        self,
        shelf: Shelf,
        key: bytes,
        days: int,
        now: Callable[[], float] = time.time,
        streams: Sequence[Stream] = (),
    ) -> None:
        self.streams = streams
        self._shelf = shelf
        self._key = key
        self._days = days
        self.now = now
        self._memory: Memory | None = None
        self._begun = False

    def begin(self) -> None:
        """Take the memory out, if it can be believed."""
        try:
            content = self._shelf.begin()
            self._begun = True
            if self._shelf.is_held:
                self._memory = self._loaded(content)
                self._doubt(self._memory, self._shelf.doubts)
        except ConnectorFailure as failure:
            LOGGER.warning("The memory can't be used, so everything is sent: %s", failure.message)
        except TROUBLE as error:
            LOGGER.warning("The memory can't be used, so everything is sent (%s).", error)

    def _doubt(self, memory: Memory, entities: Collection[str]) -> None:
        """Forget what a sync may have sent that was broken off, or ran beside another one."""
        for entity in entities:
            memory.forget_kind(entity)
        if entities:
            memory.brought.doubt()

    def _use(self, use: Callable[[Memory], T], otherwise: T) -> T:
        """Use the memory while it can be used; without it everything is sent, and nothing is kept."""
        if self._memory is None:
            return otherwise
        try:
            return use(self._memory)
        except TROUBLE as error:
            LOGGER.warning("The memory can't be used any more, so everything is sent from here on (%s).", error)
            self._set_aside()
            return otherwise

    def _set_aside(self) -> None:
        """Do without the memory."""
        if self._memory is not None:
            with suppress(*TROUBLE):
                self._memory.close()
        self._memory = None

    def _loaded(self, content: BinaryIO | None) -> Memory:
        memory = self._new()
        if content is None:
            return memory
        try:
            with content:
                count = memory.load(content)
        except Damaged:
            LOGGER.warning("The memory is damaged, or of other settings: everything is sent again.")
            return memory
        except TROUBLE:
            memory.close()
            raise
        is_copied = self._shelf.changed_at() - memory.written_at > COPIED_AFTER
        if is_copied or memory.written_at < self._shelf.newest():
            LOGGER.warning("The memory's file is a copy, perhaps of an older one: everything is sent again.")
            memory.close()
            return self._new()
        LOGGER.info("The memory knows %d objects of this account.", count)
        return memory

    def _new(self) -> Memory:
        now = int(self.now())
        return Memory(self._key, now // DAY_SECONDS, self._days, Brought(self.streams, now))

    def keep_alive(self) -> None:
        """Say that this sync lives."""
        if self._begun:
            self._shelf.keep_alive()

    def knows(self, name: Name, body: bytes, policy: str) -> bool:
        """Tell whether an object needn't be sent."""
        return self._use(lambda memory: memory.knows(name, body, policy), otherwise=False)

    def has(self, name: Name) -> bool:
        """Tell whether Fincome most probably has an object."""
        return self._use(lambda memory: memory.has(name), otherwise=False)

    def forget(self, name: Name) -> None:
        """An object is about to be sent, or isn't there."""
        if self._begun:
            self._touch(name.entity)
        self._use(lambda memory: memory.forget(name), otherwise=None)

    def _touch(self, entity: str) -> None:
        try:
            self._shelf.touch(entity)
        except ConnectorFailure as failure:
            LOGGER.warning("The memory can't be used any more, so everything is sent: %s", failure.message)
            self._set_aside()

    def remember(self, name: Name, body: bytes, policy: str, sent: frozenset[str] = frozenset()) -> None:
        """Fincome has confirmed an object; `sent`: what it has a value for."""
        self._use(lambda memory: memory.remember(name, body, policy, sent), otherwise=None)

    def knows_none_of(self, entity: str) -> bool:
        """Tell whether there is a memory that knows nothing of an entity, so that lists are worth reading."""
        return self._use(lambda memory: not memory.has_any(entity), otherwise=False)

    def shown(self, name: Name, body: bytes, policy: str, sent: frozenset[str]) -> None:
        """A list has shown an object as it would be sent; `sent`: what it has a value for."""
        self._use(lambda memory: memory.remember(name, body, policy, sent, shown=True), otherwise=None)

    def sent(self, name: Name) -> frozenset[str]:
        """Return what an object was sent a value for, as far as that is known."""
        nothing: frozenset[str] = frozenset()
        return self._use(lambda memory: memory.sent(name), nothing)

    def brought(self, use: Callable[[Brought], T], otherwise: T) -> T:
        """Use what is known of the ids that streams bring."""
        return self._use(lambda memory: use(memory.brought), otherwise)

    def end(self, entities: Sequence[str], *, right: Collection[str], wrong: Collection[str]) -> None:
        """Keep what this sync has learned, whatever became of it.

        Args:
            entities: all of them.
            right: those of which samples have shown that Fincome has what it was sent. Of others an answer alone
                proves nothing.
            wrong: those of which a sample has shown something else.
        """
        if not self._begun:
            # It may work by now: the next sync must know that this one has sent what it doesn't know.
            with suppress(ConnectorFailure):
                self._shelf.end(None)
            return

        written_at = int(time.time())

        def kept(memory: Memory) -> Iterator[bytes]:
            for entity in entities:
                if entity in wrong or entity not in right:
                    memory.forget_kind(entity, new_only=entity not in wrong)
            return memory.dump(written_at)

        try:
            self._shelf.end(self._use(kept, otherwise=None), written_at)
        except TROUBLE as error:
            LOGGER.warning("The memory can't be used any more, so the next sync sends everything (%s).", error)
            with suppress(ConnectorFailure):
                self._shelf.end(None)
        except ConnectorFailure as failure:
            LOGGER.warning("The memory could not be kept, so the next sync sends everything: %s", failure.message)
        finally:
            if self._memory is not None:
                self._memory.close()


class Consulted(Recall):
    """The memory of whoever sends nothing: it is only read."""

    told: Callable[[Name, bytes], None] = staticmethod(lambda _name, _body: None)
    """Is told of what needn't be sent."""

    def begin(self) -> None:
        """Read the memory, if it can be believed."""
        try:
            if (content := self._shelf.look()) is not None:
                self._memory = self._loaded(content)
        except TROUBLE as error:
            LOGGER.warning("The memory can't be read, so Fincome is asked for everything (%s).", error)
        except ConnectorFailure as failure:
            LOGGER.warning("The memory can't be read, so Fincome is asked for everything: %s", failure.message)

    def knows(self, name: Name, body: bytes, policy: str) -> bool:
        """Tell whether an object needn't be sent."""
        if not super().knows(name, body, policy):
            return False
        self.told(name, body)
        return True

    def knows_none_of(self, entity: str) -> bool:
        """Without a memory, a sync would make one."""
        return self._memory is None or super().knows_none_of(entity)

    def shown(self, name: Name, body: bytes, policy: str, sent: frozenset[str]) -> None:
        """Nothing is kept; it needn't be sent."""
        self.told(name, body)

    def forget(self, name: Name) -> None:
        """Nothing goes, so nothing is forgotten."""

    def remember(self, name: Name, body: bytes, policy: str, sent: frozenset[str] = frozenset()) -> None:
        """Nothing went, so nothing is confirmed."""

    def end(self, entities: Sequence[str], *, right: Collection[str], wrong: Collection[str]) -> None:
        """Keep nothing."""
        if self._memory is not None:
            self._memory.close()


class Forgetting(Recall):
    """The memory of whoever sends something old: it believes nothing, and forgets at its end what was sent.

    So the next sync sends these objects again, in the version that the source has then. Who breaks off leaves a lease
    that was never ended, and the memory isn't believed any more. What it sends is nobody's refresh, whatever `streams`.
    """

    def __init__(
        self,
        shelf: Shelf,
        key: bytes,
        days: int,
        now: Callable[[], float] = time.time,
        streams: Sequence[Stream] = (),
    ) -> None:
        super().__init__(shelf, key, days, now)
        self._about_to_go: set[Name] = set()
        self.was_sent: Callable[[Name], bool] = lambda _name: True
        """Tells of an object that was about to go whether it went."""

    def confirmed_on(self, name: Name) -> int | None:
        """Return on which day (since 1970) an object was confirmed last, as far as the memory is believed."""
        return self._use(lambda memory: memory.confirmed_on(name), otherwise=None)

    def knows(self, name: Name, body: bytes, policy: str) -> bool:
        """Believe nothing."""
        return False

    def has(self, name: Name) -> bool:
        """Believe nothing."""
        return False

    def knows_none_of(self, entity: str) -> bool:
        """Believe no list either."""
        return False

    def sent(self, name: Name) -> frozenset[str]:
        """Clear nothing: what is empty in an old record may have a value by now."""
        return frozenset()

    def forget(self, name: Name) -> None:
        """An object is about to go."""
        self._about_to_go.add(name)

    def remember(self, name: Name, body: bytes, policy: str, sent: frozenset[str] = frozenset()) -> None:
        """What was confirmed is forgotten with the rest."""

    def end(self, entities: Sequence[str], *, right: Collection[str], wrong: Collection[str]) -> None:
        """See `Recall`."""
        for name in self._about_to_go:
            if self.was_sent(name):
                super().forget(name)
        super().end(entities, right=right, wrong=wrong)
