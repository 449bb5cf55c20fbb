"""Books the end of objects and records: in the ledger, which holds the states, and in the report, which people read."""

from __future__ import annotations

from collections.abc import Sequence

from destination_fincome.failure import ConfigFailure
from destination_fincome.sync.ledger import Ledger
from destination_fincome.sync.outcomes import NO_TOKEN, ArrivedRecord, Outcome, Reason, Token
from destination_fincome.sync.report import Report
from destination_fincome.sync.spool import Spool


class TooManyRejected(ConfigFailure):
    """The user asked for the sync to fail at so many rejected records."""


class Book:
    """The one place where something ends."""

    def __init__(
        self, ledger: Ledger, spool: Spool, report: Report, entities: Sequence[str], most_rejected: int | None
    ) -> None:
        """Join the books.

        Args:
            entities: names, by index.
            most_rejected: how many rejected records the user tolerates; None for any number.
        """
        self._ledger = ledger
        self._spool = spool
        self._report = report
        self._entities = entities
        self._most_rejected = most_rejected
        self.overdrawn: TooManyRejected | None = None

    def open(self, record: ArrivedRecord) -> Token:
        """Book a record as pending; returns the token of its objects."""
        self._report.received[record.stream] += 1
        segment = self._ledger.open_record(record.stream)
        group = self._spool.open_group(len(record.objects)) if len(record.objects) > 1 else 0
        for warning in record.warnings:
            self._report.warn(warning.code, warning.text, str(warning.id))
        if not record.objects:
            reason = record.reason or Reason("not_mapped", "the mapping makes nothing of it")
            self._report.reason(Outcome.SKIPPED, self._report.streams[record.stream], reason, "")
            self._close(segment, Outcome.SKIPPED)
        return segment, group

    def settle(self, token: Token, outcome: Outcome, entity: int, identity: str, reason: Reason | None) -> None:
        """Book the end of an object; its record ends with its last object."""
        if token == NO_TOKEN:
            self._report.stubs[entity] += outcome is Outcome.SENT
            return
        self._report.objects[entity, outcome] += 1
        if reason:
            stream = self._report.streams[self._ledger.stream_of(token[0])]
            self._report.reason(outcome, self._entities[entity], reason, f"{identity} of stream {stream}")
        segment, group = token
        ended = self._spool.close_in_group(group, outcome) if group else outcome
        if ended is not None:
            self._close(segment, ended)
            if ended is Outcome.REJECTED:
                self._tolerate(entity, identity, reason)

    def _close(self, segment: int, outcome: Outcome) -> None:
        stream = self._ledger.close_record(segment, outcome)
        self._report.records[stream, outcome] += 1

    def _tolerate(self, entity: int, identity: str, reason: Reason | None) -> None:
        if self._most_rejected is None or self._report.total(Outcome.REJECTED) <= self._most_rejected:
            return
        why = (
            f"{reason.field + ': ' if reason.field else ''}{reason.text}" if reason else "an object of it was rejected"
        )
        self.overdrawn = self.overdrawn or TooManyRejected(
            f"The sync was stopped after {self._report.total(Outcome.REJECTED)} rejected record(s), as the settings "
            f"under 'Rejected records' ask. The last one: {self._entities[entity]} {identity}: {why}."
        )
