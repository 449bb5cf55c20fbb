"""What all steps of a probe share: calls that leave objects behind, waiting for a write to be seen, and notes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.contract import EntitySpec, Operation
from destination_fincome.fincome.stored import object_in
from fincome_tools.contract.calls import Answered, Caller, CallFailure
from fincome_tools.contract.chain import Body
from fincome_tools.contract.findings import Facts, Finding, Result
from fincome_tools.contract.learned import Learned

POLL_SECONDS = 0.25


def is_late(seconds: float) -> bool:
    """Tell whether something took so long that it was waited for."""
    return seconds >= POLL_SECONDS


class Session:
    """One probe's calls and notes.

    Attributes:
        learned: the corrections that were seen to work.
        findings: grow as it goes on.
        wait: seconds to wait for a write to be visible.
        nulls_clear: what was believed of nulls at the beginning.
    """

    def __init__(self, caller: Caller, learned: Learned, facts: Facts, wait_seconds: float) -> None:
        self._caller = caller
        self.learned = learned
        self._facts = facts
        self.wait = wait_seconds
        self.nulls_clear = learned.contract.nulls_clear
        self.findings: list[Finding] = []
        self._made: dict[tuple[str, str], bool] = {}
        self._bodies: dict[tuple[str, str], Body] = {}
        # Entities whose updates must not have the id, or must have all fields.
        self.without_id: set[str] = set()
        self.whole: set[str] = set()

    def spec(self, entity: str) -> EntitySpec:
        """Return an entity as it is known now."""
        return self.learned.contract.entities[entity]

    # --- calls

    def made(self) -> list[tuple[str, str, bool]]:
        """Entity and id of what was written, and whether that is certain."""
        return [(entity, identity, certain) for (entity, identity), certain in self._made.items()]

    def has_made(self, entity: str, identity: str) -> bool:
        """Tell whether an object was written."""
        return (entity, identity) in self._made

    def body_of(self, entity: str, identity: str) -> Body:
        """Return what was sent of an object."""
        return self._bodies.get((entity, identity), {"id": identity})

    def create(self, entity: str, body: Body, *, waits: bool = True) -> Answered:
        """Create an object; its parents may take a moment to be known."""
        start = time.monotonic()
        while True:
            reply = self._writing(entity, body, lambda: self._caller.create(entity, body))
            lags = waits and reply.verdict.kind is Kind.UNKNOWN_REFERENCE
            if not lags or time.monotonic() - start > self.wait:
                return reply
            time.sleep(POLL_SECONDS)

    def update(self, entity: str, body: Body) -> Answered:
        """Update an object by its id."""
        known = self.body_of(entity, body["id"])
        # Where amounts are whole numbers of the currency's smallest unit, an update has to name the currency.
        needed = {name: known[name] for name in ("currency",) if name in known and self.spec(entity).form}
        whole = {**(known if entity in self.whole else needed), **body}
        sent = {name: value for name, value in whole.items() if name != "id"} if entity in self.without_id else whole
        return self._writing(entity, body, lambda: self._caller.update(entity, body["id"], sent))

    def retrieve(self, entity: str, identity: str, key: str | None = None) -> Answered:
        """Ask for an object, with another key if one is given."""
        return self._caller.retrieve(entity, identity, key)

    def ask(self, entity: str, operation: Operation) -> Answered:
        """Ask for something of an entity that isn't an object by its id."""
        return self._caller.ask(entity, operation)

    def _writing(self, entity: str, body: Body, call: Callable[[], Answered]) -> Answered:
        """Make a call that may leave an object behind, and remember it, also when the answer gets lost."""
        place = (entity, body["id"])
        try:
            reply = call()
        except CallFailure:
            self._made.setdefault(place, False)
            raise
        if reply.accepted or 200 <= reply.status < 300:
            self._made[place] = True
            self._bodies[place] = {**self._bodies.get(place, {}), **body}
        elif reply.status >= 500:
            self._made.setdefault(place, False)
        return reply

    # --- asking

    def get(self, entity: str, identity: str) -> dict[str, Any] | None:
        """Return an object as it is shown, None if it isn't."""
        reply = self._caller.retrieve(entity, identity)
        return object_in(reply.content, identity) if reply.accepted else None

    def until(
        self, entity: str, identity: str, condition: Callable[[dict[str, Any]], bool]
    ) -> tuple[dict[str, Any] | None, bool]:
        """Ask for an object until it is as it should be; return what was shown last, and whether it came to that."""
        start = time.monotonic()
        while True:
            there = self.get(entity, identity)
            if there is not None and condition(there):
                return there, True
            if time.monotonic() - start > self.wait:
                return there, False
            time.sleep(POLL_SECONDS)

    # --- noting

    def note(
        self,
        place: str,
        subject: str,
        believed: str,
        found: str,
        result: Result,
        remedy: str = "",
        corrections: Mapping[tuple[str, ...], Any] | None = None,
    ) -> None:
        """Note a finding; corrections are what the text to paste says of it."""
        fact = self._facts.at(place)
        by_config = self.learned.is_said(place)
        words = remedy or ("the text below" if corrections else "")
        self.findings.append(
            Finding(result, subject, believed, found, fact, words if result is Result.DIFFERS else "", by_config)
        )
        if corrections and result is Result.DIFFERS:
            self.learned.take(corrections)

    def compare(
        self,
        place: str,
        subject: str,
        believed: str,
        found: str,
        remedy: str = "",
        corrections: Mapping[tuple[str, ...], Any] | None = None,
        *,
        agrees: bool,
    ) -> None:
        """Note what agrees with the contract, or differs from it."""
        self.note(place, subject, believed, found, Result.AGREES if agrees else Result.DIFFERS, remedy, corrections)
