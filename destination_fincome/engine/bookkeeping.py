"""Books the end of objects and records: in the ledger, which holds the states, and in the report, which people read."""

from __future__ import annotations

from dataclasses import dataclass

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, ArrivedRecord, Entity, Token
from destination_fincome.engine.spool.groups import Groups
from destination_fincome.engine.standing import Standing
from destination_fincome.engine.states import Ledger
from destination_fincome.engine.stored_check import StoredCheck
from destination_fincome.failure import ConfigFailure
from destination_fincome.mapping.results import Version
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.protocol.messages import data_of
from destination_fincome.reporting.rejected_records import RejectedRecords, Rejection
from destination_fincome.reporting.report import Report
from destination_fincome.wording import counted

# What each record meets: see lifecycle.py.
_REJECTED = Outcome.REJECTED


class TooManyRejected(ConfigFailure):
    """The user asked for the sync to fail at so many rejected records."""


@dataclass(frozen=True)
class Books:
    """What is told of each end.

    Attributes:
        ledger: holds the states.
        report: told of everything.
        standing: watches how much of each entity is rejected.
        stored: watches whether what was sent is stored.
        rejections: where rejected records go, if the user named a place.
    """

    ledger: Ledger
    report: Report
    standing: Standing
    stored: StoredCheck
    rejections: RejectedRecords | None = None


class Bookkeeping:
    """The one place where something ends.

    Args:
        groups: the records with several objects.
        most_rejected: how many rejected records the user tolerates; None for any number.
    """

    def __init__(self, books: Books, groups: Groups, most_rejected: int | None = None) -> None:
        self._ledger = books.ledger
        self._report = books.report
        self._standing = books.standing
        self._stored = books.stored
        self._rejections = books.rejections
        self._groups = groups
        self._most_rejected = most_rejected
        self.failure: TooManyRejected | None = None
        """Why the sync must stop now."""

    def open(self, record: ArrivedRecord) -> Token:
        """Book a record as pending; returns the token of its objects."""
        self._report.received[record.stream] += 1
        segment = self._ledger.open_record(record.stream)
        # How many ends it waits for: of its objects, of the credit that it is, of those that it tells of.
        parts = len(record.objects) + (record.credit is not None) + len(record.links)
        shared = parts > 1 or record.credit is not None or (parts and record.content is not None)
        group = self._groups.open(parts, record.content) if shared or record.links else 0
        for warning in record.warnings:
            self._report.warn(warning.code, warning.text, str(warning.id))
        if not parts:
            reason = record.reason or Reason(Code.NOT_MAPPED, "the mapping makes nothing of it")
            self._report.reason(Outcome.SKIPPED, self._report.streams[record.stream], reason, "")
            self._report.records[self._ledger.close_record(segment, Outcome.SKIPPED), Outcome.SKIPPED] += 1
        return segment, group

    def make(self, token: Token, objects: int) -> None:
        """Book that a credit has become so many objects."""
        self._groups.grow(token[1], objects - 1)

    def end(
        self,
        token: Token,
        outcome: Outcome,
        entity: Entity,
        identity: str,
        reason: Reason | None,
        version: Version = None,
    ) -> None:
        """Book the end of an object; its record ends with its last object."""
        if token == COMPLETION:
            return
        if token == NO_TOKEN:
            if outcome is Outcome.SENT:
                self._report.stubs[entity] += 1
                self._standing.accepted(entity)
            return
        self._report.objects[entity, outcome] += 1
        if reason:
            stream = self._report.streams[self._ledger.stream_of(token[0])]
            self._report.reason(outcome, self._report.entities[entity], reason, f"{identity} of stream {stream}")
            if outcome is _REJECTED and self._rejections:
                self._keep(token, entity, identity, reason, version)
        segment, group = token
        if self._ledger.doubts and outcome in (Outcome.SENT, Outcome.SETTLED):
            self._stored.mark(entity, token)
        self._standing.ended(entity, outcome, identity, segment, reason)
        ended = self._groups.close_one(group, outcome) if group else outcome
        if ended is _REJECTED and not self._tolerates_another():
            # For the ledger the record stays pending: no state that covers it may leave.
            self._report.records[self._ledger.stream_of(segment), ended] += 1
            self.failure = self.failure or self._too_many(entity, identity, reason)
        elif ended is not None:
            self._report.records[self._ledger.close_record(segment, ended), ended] += 1

    def warn(self, code: Code, text: str, example: str) -> None:
        """Count one warning."""
        self._report.warn(code, text, example)

    def left_out(self, token: Token, entity: Entity, identity: str, reason: Reason, version: Version) -> None:
        """Keep the record of an object that was sent without a reference, where rejected records are kept."""
        if self._rejections and token not in (COMPLETION, NO_TOKEN):
            self._keep(token, entity, identity, reason, version)

    def _keep(self, token: Token, entity: int, identity: str, reason: Reason, version: Version) -> None:
        assert self._rejections is not None
        stream = self._report.streams[self._ledger.stream_of(token[0])]
        line = self._groups.content(token[1]) if token[1] else None
        name, record = self._report.entities[entity], None if line is None else data_of(line)
        message = reason.whole or reason.in_full
        self._rejections.add(Rejection(stream, identity, name, reason.code, reason.field, message, record, version))

    def _tolerates_another(self) -> bool:
        return self._most_rejected is None or self._report.total(Outcome.REJECTED) < self._most_rejected

    def _too_many(self, entity: int, identity: str, reason: Reason | None) -> TooManyRejected:
        why = "an object of it was rejected"
        if reason:
            why = f"{reason.field}: {reason.in_full}" if reason.field else reason.in_full
        number = counted(self._report.total(Outcome.REJECTED), "rejected record")
        return TooManyRejected(
            f"The sync was stopped after {number}, as the settings under 'Rejected records' ask. "
            f"The last one: {self._report.entities[entity]} {identity}: {why}."
        )
