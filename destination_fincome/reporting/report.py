"""What a sync tells people: progress while it runs, and a summary at its end, also of a failed one."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from destination_fincome.codes import Code
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.business_checks import Finding
from destination_fincome.reporting.foretold import EntityForetold
from destination_fincome.reporting.totals import Totals
from destination_fincome.wording import counted, counted_objects

# Reasons beyond so many are counted together: a reason may quote Fincome's words, which can differ each time.
MOST_REASONS = 200
# Of the summary for machines; a key that is only added doesn't raise it.
SCHEMA_VERSION = 1

REJECTED = Outcome.REJECTED.name.lower()
# What is told in place of a stream that the catalog doesn't have.
NOT_SELECTED = "(not in the catalog)"


class Line(NamedTuple):
    """One line of the summary, and how loud it is (a level of logging)."""

    text: str
    level: int = logging.INFO


@dataclass
class _Counted:
    """What was counted under one key, and the first example."""

    text: str
    example: str
    count: int = 0

    def add(self, text: str) -> None:
        """Count one more; words in which its text differs from those before are masked."""
        self.count += 1
        if text != self.text:
            words = zip(self.text.split(), text.split(), strict=True)
            self.text = " ".join(old if old == new else "…" for old, new in words)


_Key = tuple[str, Code, str, str, str]
"""What reasons are counted by: outcome, code, entity or stream, and the rest of a ReasonKind."""


@dataclass
class Report:
    """Counts of one sync.

    Attributes:
        streams, entities: names, by index.
        dry_run: nothing is written.
        expected: the streams that should bring something, and whether all of their records were asked for.
        complete: all of the input was read, and all of it has ended.
        totals: control totals, once they are known.
        failure: type and message of what made the sync fail.
        foretold: of a dry run, what would become of the objects, by entity.
    """

    streams: Sequence[str]
    entities: Sequence[str]
    dry_run: bool = False
    expected: Mapping[str, bool] = field(default_factory=dict)
    complete: bool = False
    totals: Totals = field(default_factory=Totals)
    failure: tuple[str, str] | None = None
    foretold: Mapping[str, EntityForetold] | None = None
    received: Counter[int] = field(default_factory=Counter)
    records: Counter[tuple[int, Outcome]] = field(default_factory=Counter)
    objects: Counter[tuple[int, Outcome]] = field(default_factory=Counter)
    stubs: Counter[int] = field(default_factory=Counter)
    warnings: dict[tuple[Code, str], _Counted] = field(default_factory=dict)
    throttled: int = 0
    retried: int = 0
    _reasons: dict[_Key, _Counted] = field(default_factory=dict)

    # --- counting

    def reason(self, outcome: Outcome, where: str, reason: Reason, example: str) -> None:
        """Count one reason; `where` is the entity's or the stream's name."""
        text = reason.text
        code, name, words = reason.kind
        key = (outcome.name.lower(), code, where, name, words)
        if key not in self._reasons and len(self._reasons) >= MOST_REASONS:
            text = "for other reasons"
            key = (*key[:3], "", text)
        if reason.about:
            example = f"{example}, {reason.about}"
        self._reasons.setdefault(key, _Counted(text, example)).add(text)

    def warn(self, code: Code, text: str, example: str) -> None:
        """Count one warning."""
        self.warnings.setdefault((code, text), _Counted(text, example)).count += 1

    def found(self, finding: Finding) -> None:
        """Take in what a business check has found."""
        self.warnings[finding.code, finding.text] = _Counted(finding.text, finding.example, finding.count)

    def total(self, outcome: Outcome) -> int:
        """Return how many records ended so."""
        return sum(count for (_, ended), count in self.records.items() if ended is outcome)

    def main_reason(self, where: str | None = None, code: Code | None = None) -> str:
        """Return in words the most frequent reason for rejections, of an entity and with a code if they are given."""
        found = [
            (key, entry)
            for key, entry in self._reasons.items()
            if key[0] == REJECTED and where in (None, key[2]) and code in (None, key[1])
        ]
        (_, _, entity, name, _), entry = max(found, key=lambda item: item[1].count)
        subject = f"{entity}.{name}" if name else entity
        return f"{subject}: {entry.text} (for example {entry.example})"

    # --- telling

    def _held(self, stream: int) -> int:
        return self.received[stream] - sum(self.records[stream, outcome] for outcome in Outcome)

    def progress(self, rate: float, width: int, waits: Iterable[str] = (), others: Iterable[str] = ()) -> str:
        """Return one line on how far the sync is.

        Args:
            rate: requests per second.
            width: most requests at a time, at the moment.
            waits: what states that cover rejections wait for.
            others: what else states wait for besides the records before them.
        """
        parts = [
            f"{name}: {self.received[i]} received, {self.records[i, Outcome.SENT]} sent, "
            f"{self.records[i, Outcome.REJECTED]} rejected, {self._held(i)} held"
            for i, name in enumerate(self.streams)
            if self.received[i]
        ]
        counts = "; ".join(parts) or "nothing received yet"
        pace = f"{rate:.0f} requests/s, {width} at a time, {counted(self.throttled, 'time')} throttled"
        told = f"Progress: {counts}. {pace}."
        for whose, reasons in ((" that cover rejections", waits), ("", others)):
            if why := "; ".join(reasons):
                told += f" States{whose} wait: {why}."
        return told

    def summary(self, requests: int, seconds: float) -> Iterator[Line]:
        """Yield the lines of the summary; the last one is for machines."""
        for text in (*self._counts(requests, seconds), *self.totals.shortened().lines()):
            yield Line(text)
        yield from self._empty_streams()
        for key, entry in self._sorted_reasons():
            loud = key[0] == REJECTED or key[2] == NOT_SELECTED or self._fits_nothing(key, entry)
            yield _reason_line(key, entry, loud=loud)
        for (code, text), entry in self.warnings.items():
            line = f"Warning: {text}: {entry.count} (for example {entry.example}).{_next_step(code)}"
            yield Line(line, logging.WARNING)
        yield Line("Summary (JSON): " + orjson.dumps(self.document(requests, seconds)).decode())

    def _counts(self, requests: int, seconds: float) -> Iterator[str]:
        sent = f"{counted(requests, 'request')} ({self.retried} to be sent again)"
        yield f"Summary: {counted(self.received.total(), 'record')}, {sent}, {seconds:.1f} s."
        if self.dry_run:
            yield "This was a dry run: nothing was written. 'sent' counts what would be sent; no state was returned."
            for name in self.entities:
                if self.foretold and name in self.foretold:
                    yield f"What a sync would do with {name}: {self.foretold[name].words()}."
        yield from _table("stream", self.streams, self.received, self.records)
        yield from _table("entity", self.entities, self._objects_received(), self.objects)
        for i, name in enumerate(self.entities):
            if self.stubs[i]:
                made = counted_objects(self.stubs[i], name)
                yield f"Created from what their children say, as they exist nowhere else: {made}."

    def _empty_streams(self) -> Iterator[Line]:
        """Tell of streams that brought nothing: it is a surprise where all of their records were asked for."""
        if not self.complete:
            return
        empty = [name for i, name in enumerate(self.streams) if name in self.expected and not self.received[i]]
        if whole := [name for name in empty if self.expected[name]]:
            text = f"No record came from {', '.join(whole)}, though all were asked for (full refresh)."
            yield Line(f"{text} Is it empty in the source, or renamed?", logging.WARNING)
        if changes := [name for name in empty if not self.expected[name]]:
            yield Line(f"Nothing new came from {', '.join(changes)}.")

    def _fits_nothing(self, key: _Key, entry: _Counted) -> bool:
        """Tell whether none of many attributes found its object: the ids are hardly the same then."""
        _, code, where, _, _ = key
        if code not in _UNMATCHED or entry.count < _MANY:
            return False
        names, ended = (self.streams, self.records) if code == Code.NO_KEY else (self.entities, self.objects)
        place = names.index(where)
        return all(ended[place, outcome] == 0 for outcome in (Outcome.SENT, Outcome.UNCHANGED, Outcome.REJECTED))

    def _sorted_reasons(self) -> list[tuple[_Key, _Counted]]:
        return sorted(self._reasons.items(), key=lambda item: (item[0][0], -item[1].count))

    def _objects_received(self) -> Counter[int]:
        return Counter({i: sum(self.objects[i, o] for o in Outcome) for i in range(len(self.entities))})

    def document(self, requests: int, seconds: float, *, whole: bool = False) -> dict[str, Any]:
        """Return the summary for machines: counts by stream and entity, reasons, warnings, control totals.

        docs/summary.md explains it, and summary.schema.json is its schema.

        Args:
            whole: with all control totals, also where the log has them by years.
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "exit": 0 if self.failure is None else 1,
            "failure": dict(zip(("type", "message"), self.failure, strict=True)) if self.failure else None,
            "streams": _rows("stream", self.streams, self.received, self.records),
            "entities": _rows("entity", self.entities, self._objects_received(), self.objects),
            "reasons": [
                {"outcome": outcome, "code": code, "where": where, "field": name, "text": entry.text,
                 "count": entry.count, "example": entry.example}
                for (outcome, code, where, name, _), entry in self._sorted_reasons()
            ],
            "warnings": [
                {"code": code, "text": text, "count": entry.count, "example": entry.example}
                for (code, text), entry in self.warnings.items()
            ],
            **(self.totals if whole else self.totals.shortened()).document(),
            "stubs": {name: self.stubs[i] for i, name in enumerate(self.entities) if self.stubs[i]},
            "dry_run": self.dry_run,
            "foretold": None
            if self.foretold is None
            else {name: self.foretold[name].document() for name in self.entities if name in self.foretold},
            "requests": requests,
            "seconds": round(seconds, 3),
        }  # fmt: skip


def _rows(
    head: str, names: Sequence[str], received: Counter[int], ended: Counter[tuple[int, Outcome]]
) -> list[dict[str, Any]]:
    return [
        {head: name, "received": received[i], **{o.name.lower(): ended[i, o] for o in _COLUMNS}}
        for i, name in enumerate(names)
    ]


# Why attributes reach no object, and from how many on it is no chance that none does.
_UNMATCHED = frozenset([Code.NO_KEY, Code.NOT_IN_FINCOME])
_MANY = 20
_COLUMNS = (Outcome.SENT, Outcome.UNCHANGED, Outcome.SETTLED, Outcome.SKIPPED, Outcome.REJECTED)


def _table(
    head: str, names: Sequence[str], received: Counter[int], ended: Counter[tuple[int, Outcome]]
) -> Iterator[str]:
    width = max([len(head), *(len(name) for name in names)])
    yield f"{head:<{width}}  {'received':>9}" + "".join(f"  {o.name.lower():>9}" for o in _COLUMNS)
    for i, name in enumerate(names):
        if received[i]:
            yield f"{name:<{width}}  {received[i]:>9}" + "".join(f"  {ended[i, o]:>9}" for o in _COLUMNS)


def _reason_line(key: _Key, entry: _Counted, *, loud: bool) -> Line:
    outcome, code, where, name, _ = key
    subject = f"{where}.{name}" if name else where
    example = f"; for example {entry.example}" if entry.example else ""
    line = f"{outcome.capitalize()} {entry.count} ({code}): {subject}: {entry.text}{example}.{_next_step(code)}"
    return Line(line, logging.WARNING if loud else logging.INFO)


def _next_step(code: Code) -> str:
    return f" Next step: {code.next_step}." if code.next_step else ""
