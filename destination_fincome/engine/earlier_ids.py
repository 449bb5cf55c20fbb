"""Which ids the account's objects have, if an earlier version of the source may have brought them under others.

That is decided once, before anything is written: the first objects that have two ids are asked for under the earlier
one. If one of them is there, all go by their earlier ids. Until it is known the reader holds back what it has read.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from destination_fincome.engine.credits import FIRST_KEY
from destination_fincome.failure import ConfigFailure, ConnectorFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.value_types import ID
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.messages import Record, State, Unreadable
from destination_fincome.wording import several_of

LOGGER = logging.getLogger("airbyte")

Message = Record | Unreadable | State

# So many objects are asked for, of those that come first.
FIRST_ASKED = 20
# And so many of each kind that come last before the question: sources list the newest first, which Fincome may not have
# yet under either id.
LAST_ASKED = 5
# So many messages wait for that at most, from the first object with two ids on.
MOST_HELD = 2_000
# Keys of these look-ups: no credit has one so high.
FIRST_ID_KEY = FIRST_KEY + (FIRST_KEY >> 1)


class TwoIds(NamedTuple):
    """An object, the id that the source gives it, and that of the earlier version."""

    entity: str
    own: str
    earlier: str


@dataclass(frozen=True)
class Kept:
    """The mapping under the ids of an earlier version of the source.

    Attributes:
        source: name of the preset, which as `source` stands for its own ids.
        version: what the earlier version is called.
        mappers: of the streams from which something is made.
    """

    source: str
    version: str
    mappers: Mapping[StreamKey, StreamMapper]


class Inquiry:
    """The reader's question under which ids the account was filled."""

    def __init__(self, kept: Kept, names: Sequence[TwoIds]) -> None:
        self.kept = kept
        self.names = names
        self._answers: SimpleQueue[bool | ConnectorFailure] = SimpleQueue()

    def answer(self, found: bool | ConnectorFailure) -> None:  # noqa: FBT001 (it is the answer)
        """Let the reader go on: whether objects are there under their earlier ids."""
        self._answers.put(found)

    def wait(self) -> bool:
        """Return the answer.

        Raises:
            ConnectorFailure: nobody can tell.
        """
        found = self._answers.get()
        if isinstance(found, ConnectorFailure):
            raise found
        return found


class HeldBack:
    """What was read and waits until the ids are known. Before the first object with two ids nothing needs to wait."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.messages: list[Message] = []
        self._first: dict[TwoIds, None] = {}
        self._last: dict[str, deque[TwoIds]] = {}

    def holds(self, message: Message, own: StreamMapper | str) -> bool:
        """Take a message in; False if it needs not wait."""
        kept = self.kept.mappers.get(message.stream) if isinstance(message, Record) else None
        if kept is not None and isinstance(message, Record) and isinstance(own, StreamMapper):
            for found in _two_ids(own, kept, message):
                if len(self._first) < FIRST_ASKED:
                    self._first[found] = None
                else:
                    self._last.setdefault(found.entity, deque(maxlen=LAST_ASKED)).append(found)
        if self._first:
            self.messages.append(message)
        return bool(self._first)

    @property
    def names(self) -> list[TwoIds]:
        """The objects to ask for, each once."""
        return [*dict.fromkeys([*self._first, *(one for last in self._last.values() for one in last)])]

    @property
    def is_enough(self) -> bool:
        """Whether it is time to ask, although more may come."""
        return len(self.messages) >= MOST_HELD


def _two_ids(own: StreamMapper, kept: StreamMapper, message: Record) -> Iterator[TwoIds]:
    """Yield the objects of a record that have another id under the other mapping."""
    first, second = (
        [item for item in mapper.map(message.data).objects if isinstance(item, Draft) and not item.moved]
        for mapper in (own, kept)
    )
    for one, other in zip(first, second, strict=False):
        try:
            names = ID.read(one.values.get("id")), ID.read(other.values.get("id"))
        except ValueError:
            continue
        if names[0] != names[1]:
            yield TwoIds(one.entity, *names)


class Asking(Protocol):
    """What is needed to ask Fincome."""

    def ask(self, request: Request, due: float | None = None) -> None:
        """Let a look-up go, now or at a certain time."""


class EarlierIds:
    """Answers the reader's question.

    Args:
        objects: lets look-ups go; trouble with them is tried again as any trouble is.
    """

    def __init__(self, objects: Asking) -> None:
        self._objects = objects
        self._inquiry: Inquiry | None = None
        self._open: set[int] = set()
        self._proven = False

    def begin(self, inquiry: Inquiry) -> None:
        """Ask for all of the objects under their earlier ids."""
        self._inquiry = inquiry
        for place, name in enumerate(inquiry.names):
            self._ask(name.entity, name.earlier, 2 * place)

    def _ask(self, entity: str, identity: str, number: int) -> None:
        self._open.add(number)
        self._objects.ask(Request(entity, identity, b"", key=FIRST_ID_KEY + number, look_up=True))

    def answered(self, request: Request, verdict: Verdict, due: float) -> None:
        """Take what Fincome answered; passing trouble is no answer."""
        if self._inquiry is None:
            return
        is_final = verdict.kind is Kind.UNTOLD and verdict.retry_after is None
        if verdict.kind not in (Kind.ACCEPTED, Kind.MISSING) and not is_final:
            self._objects.ask(request, due)
            return
        number = request.key - FIRST_ID_KEY
        self._open.discard(number)
        name, is_earlier = self._inquiry.names[number // 2], number % 2 == 0
        # That an object is missing is proven where others can be found: such as this one, under its own id.
        self._proven |= verdict.kind is Kind.MISSING or not (is_earlier or is_final)
        if is_earlier and verdict.kind is Kind.ACCEPTED:
            self._tell(found=name)
        elif is_earlier and is_final and not self._proven:
            self._ask(name.entity, name.own, number + 1)
        elif not self._open:
            self._tell(found=None)

    def _tell(self, found: TwoIds | None) -> None:
        assert self._inquiry is not None
        inquiry, self._inquiry = self._inquiry, None
        version = inquiry.kept.version
        if found is not None:
            LOGGER.info(
                "%s filled this account: it has %s %s. So all objects keep the ids that they had there.",
                version, several_of(found.entity), found.earlier,
            )  # fmt: skip
            inquiry.answer(True)
        elif self._proven:
            LOGGER.info(
                "%s didn't fill this account: of %d objects none is there under the id that it had there.",
                version, len(inquiry.names),
            )  # fmt: skip
            inquiry.answer(False)
        else:
            inquiry.answer(ConfigFailure(_UNTOLD.format(version=version, source=inquiry.kept.source)))


_UNTOLD = (
    "{version} may have filled this account under other ids, and Fincome doesn't tell whether it has an object: "
    "nothing was sent, because everything could be there twice. If it never filled it, set `source` to {source}: then "
    "nothing is asked, and the ids of this version are used."
)
