"""Measure drafts against what is true of the exports: `python -m integration_tests.measure_drafts [NAME…]`.

Printed are, for each export and for those that are held back together with the others, the columns that matter by what
the draft makes of them (right, asked, missed, wrong: see truth.py), the number of questions, and whether the MRR of
each month, what is invoiced and credited, and the number of documents are right once the questions have their true
answers: by the mapping that the draft then is, and the engine that runs it.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from destination_fincome.failure import ConfigFailure
from fincome_tools.draft.objects import Drafted, draft, prepared
from fincome_tools.draft.recognition.streams import Stream
from fincome_tools.files.reading import read_files
from integration_tests.exports.export import NET, Export
from integration_tests.exports.registry import EXPORTS, PRACTICE
from integration_tests.exports.truth import Column, Table, Truth
from integration_tests.loaded_figures import differences, loaded
from integration_tests.true_answers import answered, names_of, plain

# What follows from a column's field as well: the same figure in a credit note, what a line says of its subscription.
_FOLLOWING = """
credit_notes.id credit_notes.lines credit_notes.amount credit_notes.date credit_notes.customer_id credit_notes.currency
invoice_lines.id invoice_lines.type invoice_lines.currency invoice_lines.discount_amount invoice_lines.price_id
invoices.number invoices.amount invoices.subscription_id customers.currency products.id products.name plans.id
plans.name plans.product_id subscriptions.id subscriptions.customer_id subscriptions.start_date subscriptions.status
subscriptions.end_date subscriptions.plan_id
"""
_NEUTRAL = frozenset(_FOLLOWING.split())
_OF_CUSTOMERS = frozenset({"customers.id", "invoices.customer_id"})
_SAME_ID = frozenset({"invoices.id", "invoice_lines.invoice_id"})
"""An invoice's id is what its lines name: a row may be both, or tell only one of them."""


class Judged(NamedTuple):
    """What a draft makes of an export.

    Attributes:
        counts: columns that matter by what they are: right, asked, missed, wrong; wrong ones also of the others.
        questions: how many are asked.
        wrong: the columns that are wrong.
        is_mrr_right: the MRR of all months is the true one, after the true answers.
        differences: what of the invoiced and credited sums, and of the numbers of documents, isn't as it truly is then.
        unanswered: questions that the export's truth has no answer to.
    """

    counts: Counter[str]
    questions: int
    wrong: list[str]
    is_mrr_right: bool
    differences: list[str]
    unanswered: int


def judged(export: Export, folder: Path) -> Judged:
    """Hold a draft, and what it comes to after the true answers, against what is true of an export."""
    truth = export.write(folder)
    try:
        files = read_files(sorted(folder.iterdir()))
    except ConfigFailure as failure:
        return Judged(
            Counter(missed=len(truth.columns_that_matter())), 0, [f"not read: {failure}"], False, ["nothing"], 0
        )
    # Read once, as the studio reads them.
    tables = [prepared(table) for table in files.tables]
    found = draft(tables, {})
    counts: Counter[str] = Counter()
    wrong = []
    for table, column, stream in _columns(truth, found):
        is_of_credits = truth.fact("credit reference") == "none" and _has_credits_only(table)
        # A customer's id may be one of several columns: those that may be it and aren't are right, too.
        others = {name for one in table.columns if one is not column for name in _read_of(one, stream) & {*one.may}}
        verdict = _verdict(column, stream, found, others & _OF_CUSTOMERS, is_of_credits=is_of_credits)
        if column.matters:
            counts[verdict] += 1
        elif verdict == "wrong":
            counts["wrong"] += 1
        if verdict == "wrong":
            wrong.append(f"{table.file} {column.heading}")
    finished = answered(truth, tables)
    would = loaded(finished, files)
    told = differences(truth, would)
    open_ = len(finished.questions.open)
    return Judged(counts, len(found.questions.open), wrong, would.mrr == truth.mrr, told, open_)


def _columns(truth: Truth, found: Drafted) -> Iterator[tuple[Table, Column, Stream | None]]:
    for table in truth.tables:
        names = names_of(table)
        streams = [stream for stream in found.streams if plain(stream.table.table.name) in names]
        # A workbook's sheet may be called as the workbook is.
        streams.sort(key=lambda stream: plain(stream.table.table.name) != plain(table.sheet))
        own = streams[0] if streams else found.streams[0] if len(found.streams) == 1 else None
        for column in table.columns:
            yield table, column, own


def _has_credits_only(table: Table) -> bool:
    return "credit_notes" in table.objects and "invoices" not in table.objects


def _read_of(column: Column, stream: Stream | None) -> set[str]:
    return _fields(stream).get(column.heading, set()) if stream else set()


def _verdict(column: Column, stream: Stream | None, found: Drafted, elsewhere: set[str], *, is_of_credits: bool) -> str:
    """Judge a column.

    Args:
        elsewhere: fields that others of the table may be as well, and are.
    """
    if stream is None:
        return "missed"
    fields, whole = _fields(stream), {*column.becomes, *column.may}
    if is_of_credits:
        fields = {name: set(map(_of_credits, several)) for name, several in fields.items()}
    own = fields.get(column.heading, set())
    if whole & _SAME_ID:
        whole |= _SAME_ID
    if own - whole - _NEUTRAL or _is_misread(column, stream):
        return "wrong"
    asked = any(column.heading in question.columns for question in found.questions.open)
    if not column.becomes:
        told = column.heading in _conditions(stream) or column.heading in stream.table.telling_credits
        told = told or not column.matters
        return "right" if told else "asked" if asked else "missed"
    # The net is right, too, where it is computed of others.
    computed = not own and not column.role and _is_net(column)
    reached = {name for names in fields.values() for name in names} if computed else own
    if reached and set(column.becomes) <= reached | elsewhere:
        return "right"
    return "asked" if asked else "missed"


def _of_credits(name: str) -> str:
    """Return the field of a credit note that one of a document stands for: credits of no invoice are such below zero.

    They are one line each, whose figures are the credit's.
    """
    entity, _, field = name.replace("invoices.number", "invoices.id").partition(".")
    if entity == "invoice_lines":
        return {NET: "credit_notes.amount"}.get(name, "credit_notes.lines")
    return f"credit_notes.{field}" if entity == "invoices" and field != "due_date" else name


def _is_net(column: Column) -> bool:
    return column.becomes == (NET,)


def _fields(stream: Stream) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for made in stream.emissions:
        for name, decision in made.fields.items():
            for column in decision.columns:
                found[column].add(f"{made.entity}.{name}")
    return found


def _conditions(stream: Stream) -> str:
    """Return all that decides which rows become what."""
    texts = [text for made in stream.emissions for text in (made.when or "", *made.skip.values(), *made.skip)]
    return " ".join(texts) + " ".join(str(one.expression) for made in stream.emissions for one in made.fields.values())


def _is_misread(column: Column, stream: Stream) -> bool:
    """Tell whether a date or a number is read in another form than it is written in."""
    form = stream.table.formats.get(column.heading, "")
    if form[:2] in ("%d", "%m") and column.form[:2] in ("DD", "MM") and column.kind == "date":
        return (form[1] == "d") != (column.form[0] == "D")
    mark = stream.table.marks.get(column.heading)
    used = column.heading in _fields(stream)
    return used and mark is not None and column.form[-3:-2] in (",", ".") and column.form[-3] != mark


def main(*names: str) -> None:
    """Print the table of all exports, or of those named."""
    logging.disable(logging.WARNING)  # What a sync would warn of, of each export.
    chosen = [export for export in (*EXPORTS, *PRACTICE) if not names or export.name in names]
    groups: dict[str, list[Judged]] = defaultdict(list)
    _say(f"{'export':26} right asked missed wrong questions  MRR           sums")
    for export in chosen:
        with tempfile.TemporaryDirectory() as folder:
            found = judged(export, Path(folder, export.name))
        group = "practice" if export in PRACTICE else "held back" if export.name.startswith("held_") else "open"
        groups[group].append(found)
        mrr = "right" if found.is_mrr_right else f"not ({found.unanswered} open)"
        sums = "not" if found.differences else "right"
        faults = "; ".join((*found.wrong, *found.differences))
        _say(f"{export.name:26} {_row(found.counts)} {found.questions:9}  {mrr:12}  {sums:5}  {faults}".rstrip())
    for group, several in groups.items():
        counts = sum((one.counts for one in several), Counter[str]())
        share = f"{counts['right'] / counts.total():.0%} right"
        asked = f"at the median {median(one.questions for one in several):g} questions"
        mrr = f"MRR right of {sum(one.is_mrr_right for one in several)} of {len(several)}"
        sums = f"sums of {sum(not one.differences for one in several)}"
        _say(f"{group + ', all':26} {_row(counts)}  {share}, {asked}, {mrr}, {sums}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _row(counts: Counter[str]) -> str:
    return f"{counts['right']:5} {counts['asked']:5} {counts['missed']:6} {counts['wrong']:5}"


if __name__ == "__main__":
    main(*sys.argv[1:])
