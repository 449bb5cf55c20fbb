"""Tables with their kind; what further tables of documents are, which may be credits, is told or asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fincome_tools.draft.decisions.decisions import Emission
from fincome_tools.draft.recognition.credit_tables import (
    may_be_called_credits,
    names_invoices,
    take_credits,
)
from fincome_tools.draft.recognition.kinds import Kind
from fincome_tools.draft.recognition.listed_credits import listed_in
from fincome_tools.draft.recognition.relations import ask_kind, ask_what_documents_are, relate_subscriptions
from fincome_tools.draft.recognition.shared_documents import settle_shared
from fincome_tools.draft.tables.understanding import Understanding


@dataclass
class Stream:
    """A table and what becomes of it."""

    table: Understanding
    kind: Kind
    emissions: list[Emission] = field(default_factory=list)

    @property
    def holds_credits(self) -> bool:
        """Whether rows are documents, or lines of documents, that are all credits."""
        return self.table.holds_credits and self.kind in ("invoices", "lines")

    @property
    def holds(self) -> Kind:
        """What people are told that it is: documents of which all are credits are such."""
        if self.holds_credits:
            return "credits" if self.kind == "invoices" or self.table.parent is None else "credit_lines"
        return self.kind


def tell_credits_apart(streams: Sequence[Stream]) -> None:
    """Ask what further tables of documents are; lines wait with their documents."""
    _tell_what_names_invoices(streams)
    _tell_listed_credits(streams)
    documents = [stream for stream in streams if stream.kind == "invoices" or _are_flat(stream)]
    for stream in documents:
        if stream.table.holds_credits and _has_numbers_of_others(stream, streams):
            stream.table.are_credits = True
    largest = max(documents, key=_rank, default=None)
    for stream in documents:
        if stream is not largest and largest:
            answer = ask_what_documents_are(stream.table, [largest.table])
            stream.table.are_credits = stream.table.are_credits or answer == "credits"
            if answer not in ("invoices", "credits"):
                stream.kind = "unknown"
    _tell_shared_documents([stream for stream in documents if stream.kind in ("invoices", "lines")])
    left = [stream.table for stream in streams if stream.kind == "unknown"]
    credits = [stream.table for stream in streams if stream.kind == "credits"]
    for stream in streams:
        if stream.table.parent in left:
            stream.kind = "unknown"
        elif stream.kind in ("lines", "invoices") and stream.table.parent in credits:
            stream.kind = "credit_lines"


def _tell_listed_credits(streams: Sequence[Stream]) -> None:
    """Let a table of credits tell which documents of another are the same ones; they count once."""
    for stream in streams:
        if stream.kind != "credits" and not stream.holds_credits:
            continue
        for other in streams:
            if other is stream or other.table.holds_credits or other.kind not in ("invoices", "lines"):
                continue
            if (numbers := listed_in(stream.table, other.table)) and other.table.parent is None:
                other.table.listed_credits = numbers
                other.table.are_notes_elsewhere = stream.kind == "credits"
                if stream.kind != "credits":
                    stream.kind = "credit_lines"  # What they come to stands in the other table.


def _tell_shared_documents(documents: Sequence[Stream]) -> None:
    """Tell what documents are whose numbers several tables have; credits are told apart already."""
    tables = [stream.table for stream in documents if not stream.table.holds_credits]
    tables.sort(key=lambda table: -table.rows)
    for place, table in enumerate(tables):
        for larger in tables[:place]:
            settle_shared(table, larger)


def _are_flat(stream: Stream) -> bool:
    """Tell whether rows are lines that tell all of their documents."""
    column = stream.table.column
    is_whole = column("invoice_date") and (column("customer_id") or column("customer_name"))
    return bool(stream.kind == "lines" and stream.table.parent is None and is_whole)


def _rank(stream: Stream) -> tuple[bool, int]:
    """Order tables of documents: invoices rather than what may be credits, then those with more columns."""
    table = stream.table
    return not (table.holds_credits or may_be_called_credits(table)), len(table.profiles)


def _has_numbers_of_others(stream: Stream, streams: Sequence[Stream]) -> bool:
    """Tell whether documents have numbers that those of another table have, too."""
    own = stream.table.profile("invoice_id")
    others = [one.table.profile("invoice_id") for one in streams if one is not stream and one.table.parent is None]
    numbers = {str(value) for value in own.values} if own else set()
    return any(not numbers.isdisjoint(map(str, other.values)) for other in others if other)


def _tell_what_names_invoices(streams: Sequence[Stream]) -> None:
    """Ask what a table is whose rows have days and amounts and name the invoices of another: credits, or payments."""
    tables = [stream.table for stream in streams]
    for stream in streams:
        if stream.kind not in ("invoices", "lines") or stream.table.are_numbered_as_credits:
            continue
        others = [one.table for one in streams if one is not stream and one.kind in ("invoices", "lines")]
        if any(one.parent is None and names_invoices(stream.table, one) for one in others):
            answer = ask_kind(stream.table)
            if answer == "credits":
                stream.kind = _kind_of_credits(stream.table, tables)
            elif answer != "invoices":
                stream.kind = "unknown"


def _kind_of_credits(table: Understanding, tables: Sequence[Understanding]) -> Kind:
    if take_credits(table, tables):
        return "credits"
    number = table.profile("invoice_id")
    if number is None:
        return "unknown"
    table.are_numbered_as_credits = True
    return "invoices" if number.is_unique else "lines"


def tell_subscriptions_of_lines(streams: Sequence[Stream]) -> None:
    """Find the column by which lines and invoices name the subscriptions of a table."""
    contracts = next((one.table for one in streams if one.kind == "subscriptions"), None)
    for stream in streams:
        if contracts and stream.kind in ("lines", "invoices"):
            relate_subscriptions(stream.table, contracts)
