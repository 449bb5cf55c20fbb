"""What a sync tells when it is over: what was brought is asked for checks and totals, and the summary is written."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from destination_fincome.failure import ConnectorFailure, SystemFailure
from destination_fincome.fincome.minor_units import decimals_of
from destination_fincome.protocol.trace import describe
from destination_fincome.reporting.business_checks import Checks
from destination_fincome.reporting.facts import Factbook
from destination_fincome.reporting.foretold import Foretold
from destination_fincome.reporting.rejected_records import RejectedRecords
from destination_fincome.reporting.report import Report
from destination_fincome.reporting.summary_file import SummaryFile
from destination_fincome.reporting.totals import control_totals

LOGGER = logging.getLogger("airbyte")

# How long the control totals of a sync that was broken off may take.
FACTS_SECONDS = 2.0
BROKEN_OFF = SystemFailure("The sync was broken off: nobody reads what the connector writes any more.")


@dataclass(frozen=True)
class Reporting:
    """What people are told with, beside the log.

    Attributes:
        rejections: where rejected records go.
        expected: the streams that should bring something, and whether all of their records were asked for.
        summary: where the whole summary is to be written.
        foretold: of a dry run, what its clients note; it is closed at the end.
    """

    rejections: RejectedRecords | None = None
    expected: Mapping[str, bool] = field(default_factory=dict)
    summary: SummaryFile | None = None
    foretold: Foretold | None = None


class FinalReport:
    """Ends the report of a sync.

    Args:
        facts: of all that was brought.
        fed: the entities that the sync brings.
    """

    def __init__(self, report: Report, facts: Factbook, fed: frozenset[str], reporting: Reporting) -> None:
        self._report = report
        self._facts = facts
        self._fed = fed
        self._reporting = reporting

    def write(self, failure: BaseException | None, *, complete: bool, requests: int, seconds: float) -> None:
        """Log the summary, and store it where it was asked for.

        Args:
            failure: why the sync fails.
            complete: all of the input was read, and all of it has ended.
            requests: how many were sent.
            seconds: how long the sync took.
        """
        self._report.complete = complete
        try:
            self._ask_facts()
            if self._reporting.foretold is not None:
                self._report.foretold = self._reporting.foretold.by_entity()
        except sqlite3.Error as error:
            LOGGER.warning("Control totals are missing or incomplete (%s).", error)
        if failure is not None or not complete:
            self._report.failure = describe(failure or BROKEN_OFF)
        for line in self._report.summary(requests, seconds):
            LOGGER.log(line.level, line.text)
        rejections = self._reporting.rejections
        if rejections and rejections.stored:
            LOGGER.info("%d rejected or incomplete objects are stored in %s.", rejections.stored, rejections.location)
        self._keep(orjson.dumps(self._report.document(requests, seconds, whole=True)))

    def _ask_facts(self) -> None:
        """Ask what was brought for control totals, and, if all of the input was read, for the business checks.

        An invoice's lines may be in the rest of it. A sync that is broken off has little time.
        """
        complete = self._report.complete
        if complete:
            for finding in Checks(self._facts, self._fed).findings():
                self._report.found(finding)
        partial = not (complete and all(self._reporting.expected.values()))
        seconds = None if complete else FACTS_SECONDS
        self._report.totals = control_totals(self._facts, decimals_of, partial=partial, seconds=seconds)

    def _keep(self, document: bytes) -> None:
        """Write the whole summary where it was asked for, and where the log hasn't all of it."""
        try:
            if self._reporting.summary:
                self._reporting.summary.write(document)
            if self._reporting.rejections and self._report.totals.are_too_many:
                self._reporting.rejections.keep_summary(document)
        except (OSError, ConnectorFailure) as error:
            LOGGER.warning("The whole summary could not be stored (%s).", error)

    def close(self) -> None:
        """Remove the files of what was brought."""
        self._facts.close()
        if self._reporting.foretold is not None:
            self._reporting.foretold.close()
