"""What earlier syncs have had confirmed of this sync's objects: what needn't go again, and what is to be remembered."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from msgspec import Struct

from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Arrival, Content, Entity, Gives, Token
from destination_fincome.engine.bodies import clearing, sent_in
from destination_fincome.engine.lists import Lists, Look
from destination_fincome.engine.memory.memory import Name
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.spool.rows import Row
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec, WritePolicy

# So much content of objects that needn't go is kept, in case that Fincome doesn't have them after all.
MOST_KEPT_BYTES = 64 << 20
_NOTHING: frozenset[str] = frozenset()


class Standing(Enum):
    """What is known of an object that could go."""

    KNOWN = auto()  # it needn't go
    WAITS = auto()  # a list may show it
    GOES = auto()


class UnderWay(Struct, frozen=True, gc=False):
    """What has to be known of an object that a worker has, when it is answered.

    Attributes:
        sent: the content that was sent, to be remembered once it is confirmed; empty if it isn't to be.
        before: what earlier syncs sent a value for, and this one leaves as it is (see `Memory.sent`).
    """

    token: Token
    gives: Gives
    sent: bytes = b""
    policy: WritePolicy = "upsert"
    before: frozenset[str] = frozenset()


class Confirmed:
    """An account's memory, asked about rows.

    Args:
        entities: in the contract's order.
        facets: the names of the streams that facets are numbered by, from 1 on.
        lists: what the API's lists show; None: none is read.
    """

    def __init__(
        self, recall: Recall, entities: Sequence[EntitySpec], facets: Sequence[str], lists: Lists | None = None
    ) -> None:
        self._recall = recall
        self._lists = lists
        self._entities = entities
        self._facets = facets
        referred = {one.entity for spec in entities for one in spec.references}
        self._is_parent = [spec.name in referred for spec in entities]
        self._kept_bytes = 0
        # Of objects that are under way, or to be tried again: what the memory knew was sent of them.
        self._sent: dict[int, frozenset[str]] = {}

    def knows(self, row: Row, content: Content, body: bytes) -> bool:
        """Tell whether it needn't go: just this was confirmed, and this sync hasn't sent anything else of it."""
        usual = _is_remembered(row, content) and row.token != COMPLETION
        return usual and self._recall.knows(self._called(row), body, content.policy)

    def has_come(self, arrival: Arrival, content: Content) -> bool:
        """Tell whether what arrives is just what was confirmed."""
        name = Name(self._entities[arrival.entity].name, arrival.id)
        return self._recall.knows(name, content.body, content.policy)

    def standing(self, row: Row, content: Content, body: bytes) -> Standing:
        """Tell whether an object that could go needs to, by what was confirmed and by what lists show."""
        if self.knows(row, content, body):
            return Standing.KNOWN
        if self._lists is None or content.settles or row.token == COMPLETION or not _is_remembered(row, content):
            return Standing.GOES
        name = self._called(row)
        sent = self._recall.sent(name)
        emptied = sent.intersection(content.emptied)
        look = self._lists.look(row, content, clearing(body, emptied) if emptied else body)
        if look is Look.STORED:
            self._recall.shown(name, body, content.policy, sent.difference(emptied) | sent_in(body))
            return Standing.KNOWN
        return Standing.WAITS if look is Look.UNSEEN and self._lists.holds(row) else Standing.GOES

    def exists(self, row: Row) -> bool | None:
        """Tell whether an object is in Fincome, as far as lists or an earlier sync know; None if they don't."""
        listed = self._lists.exists(row) if self._lists else None
        return listed if listed is not None else self._recall.has(self._called(row)) or None

    def keeps(self, entity: Entity, facet: int, size: int) -> bool:
        """Tell whether to keep the content of what needn't go: its children may say that it isn't there."""
        if not self._is_parent[entity] or facet or self._kept_bytes + size > MOST_KEPT_BYTES:
            return False
        self._kept_bytes += size
        return True

    def departing(self, row: Row, content: Content, body: bytes, gives: Gives) -> tuple[bytes, UnderWay]:
        """Forget an object that is about to go.

        Returns:
            What goes: with nulls for what is empty now and was sent by an earlier sync; and what is to be remembered
            once it is confirmed.
        """
        # A try after the first one is like it, though the memory has forgotten what was sent.
        sent = self._recall.sent(self._called(row)) or self._sent.get(row.key, _NOTHING)
        if sent:
            self._sent[row.key] = sent
        self.forget(row)
        remembered = body if _is_remembered(row, content) else b""
        emptied = sorted(sent.intersection(content.emptied))
        under_way = UnderWay(row.token, gives, remembered, content.policy, sent.difference(emptied))
        return clearing(body, emptied) if emptied else body, under_way

    def note(self, row: Row, sent: UnderWay, verdict: Verdict) -> None:
        """Remember what Fincome has confirmed."""
        if verdict.kind is Kind.ACCEPTED and sent.sent and not verdict.late and not verdict.nulls_refused:
            self._recall.remember(self._called(row), sent.sent, sent.policy, sent.before | sent_in(sent.sent))
        if verdict.kind is Kind.ACCEPTED:
            self._sent.pop(row.key, None)

    def forget(self, row: Row) -> None:
        """Forget what was confirmed of an object, and of what streams add to it: it may change that back."""
        self._recall.forget(self._called(row))
        if self._lists is not None:
            self._lists.forget(row)

    def see(self, arrival: Arrival, documents: Entity | None) -> None:
        """Note that a stream brings an object, whatever becomes of it.

        Args:
            documents: the entity of the documents that its objects are part of.
        """
        if arrival.facet or arrival.stream < 0:
            return
        document: str | None = ""
        if documents is not None:
            refs = arrival.content.refs if arrival.content else ()
            document = next((ref.id for ref in refs if ref.required and ref.entity == documents), None)
        entity = self._entities[arrival.entity].name
        self._recall.brought(lambda brought: brought.see(arrival.stream, entity, arrival.id, document), None)

    def _called(self, row: Row) -> Name:
        return Name(self._entities[row.entity].name, row.id, self._facets[row.facet - 1] if row.facet else "")


def _is_remembered(row: Row, content: Content) -> bool:
    """Tell whether an object as it goes is all that is known of it, and what Fincome has then.

    Parents that are made from what their children know, and what may not change anything, say nothing of it.
    """
    return not (row.left_out or row.token == NO_TOKEN or content.policy == "create_only")
