"""What tables become: which kinds of objects, and each of their fields, decided, asked or told to be missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, Literal

from destination_fincome.wording import counted
from fincome_tools.draft import proofs
from fincome_tools.draft.amounts import (
    Found,
    compare_amounts,
    compare_headings,
    leave_gross_to_lines,
    net_amount,
    optional_number,
    settle_by_invoices,
    tax_amount,
)
from fincome_tools.draft.code_tables import read_codes
from fincome_tools.draft.content import free, give
from fincome_tools.draft.credit_tables import (
    base_of,
    credit_notes,
    credited_by_lines,
    may_be_called_credits,
    names_invoices,
    take_credits,
)
from fincome_tools.draft.credits import Credits, credits_below_zero, credits_of, in_lines
from fincome_tools.draft.decisions import Decision, Emission, one_of, text
from fincome_tools.draft.evidence import says_yes_or_no
from fincome_tools.draft.journals import customers, invoices, journal_of, lines, sums_of_revenue
from fincome_tools.draft.kept import KeptTable, kept
from fincome_tools.draft.keys import find_customer, find_date, names_customers
from fincome_tools.draft.kinds import Kind, kind_of
from fincome_tools.draft.lengths import end_of_month
from fincome_tools.draft.lists import ListTable, lists_of
from fincome_tools.draft.month_columns import ask_months, made_of_months
from fincome_tools.draft.names import concepts_of
from fincome_tools.draft.nested import named, opened, quoted
from fincome_tools.draft.plans import plan_of, plans
from fincome_tools.draft.profiles import Profile, is_currency
from fincome_tools.draft.questions import Other, Question, Questions, answers, words
from fincome_tools.draft.relations import ask_kind, ask_what_documents_are, relate, relate_subscriptions
from fincome_tools.draft.statuses import is_status, status_of
from fincome_tools.draft.subscriptions import made_of_lines, named_by_lines, of_line
from fincome_tools.draft.terms import ask_what_they_are
from fincome_tools.draft.understanding import BY_NAME, Understanding, settle_dates, take_span, understand
from fincome_tools.draft.vocabulary import NO, YES, meaning
from fincome_tools.files.table import Table

_REFERENCE_SHARE = 0.95
_MOST_FLAGS = 4
_MADE_BY_SETTING = "with the setting create_missing_parents on, subscriptions are made of their lines"
_MOST_UNKNOWN_TYPES = 6
_REQUIRED: Mapping[str, Sequence[str]] = {
    "invoices": ("id", "customer_id", "date", "status", "currency", "amount"),
    "invoice_lines": ("id", "invoice_id", "type", "currency", "amount_excluding_tax_after_discount"),
}
_OF_CREDIT_NOTES = ("id", "invoice_id", "date", "currency", "amount")


@dataclass
class Stream:
    """A table and what becomes of it."""

    table: Understanding
    kind: Kind
    emissions: list[Emission] = field(default_factory=list)


@dataclass
class Drafted:
    """All tables, and what is asked."""

    streams: list[Stream]
    questions: Questions


def prepared(table: Table) -> Table:
    """Return a table as a draft looks at it, its columns in memory; one that is prepared is itself."""
    return table if isinstance(table, KeptTable) else kept(named(opened(table)))


def draft(tables: Sequence[Table], given: Mapping[str, str]) -> Drafted:
    """Draft the mapping of tables.

    Args:
        tables: as files have them, or prepared for several drafts.
        given: answers by the questions' ids.

    Raises:
        ConfigFailure: a table can't be read, or an answer isn't one.
    """
    questions = Questions(given)
    understood = [understand(table, questions) for table in _with_lists(tables)]
    relate(understood)
    read_codes(understood)
    compare_headings(understood)
    streams = _without_other_lists([Stream(table, kind_of(table, understood)) for table in understood], questions)
    _tell_credits_apart(streams)
    _tell_subscriptions_of_lines(streams)
    _Objects(streams, questions).make()
    return Drafted(streams, questions)


def _with_lists(tables: Sequence[Table]) -> Iterator[Table]:
    """Yield tables as drafts look at them, before each one the lists within its records."""
    for table in map(prepared, tables):
        if isinstance(table, KeptTable):
            yield from lists_of(table)
        yield table


def _without_other_lists(streams: Sequence[Stream], questions: Questions) -> list[Stream]:
    """Return streams without the lists that hold no lines, of which nothing is asked."""
    others = [one for one in streams if isinstance(one.table.table, ListTable) and one.kind != "lines"]
    for stream in others:
        questions.withdraw_all(stream.table.question_id(""))
    return [stream for stream in streams if stream not in others]


def _tell_credits_apart(streams: Sequence[Stream]) -> None:
    """Ask what further tables of documents are; lines wait with their documents."""
    _tell_what_names_invoices(streams)
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
    left = [stream.table for stream in streams if stream.kind == "unknown"]
    for stream in streams:
        if stream.table.parent in left:
            stream.kind = "unknown"


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
        if stream.kind not in ("invoices", "lines"):
            continue
        others = [one.table for one in streams if one is not stream and one.kind in ("invoices", "lines")]
        if any(one.parent is None and names_invoices(stream.table, one) for one in others):
            answer = ask_kind(stream.table)
            if answer == "credits" and take_credits(stream.table, tables):
                stream.kind = "credits"
            elif answer != "invoices":
                stream.kind = "unknown"


def _tell_subscriptions_of_lines(streams: Sequence[Stream]) -> None:
    contracts = next((one.table for one in streams if one.kind == "subscriptions"), None)
    for stream in streams:
        if contracts and stream.kind in ("lines", "invoices"):
            relate_subscriptions(stream.table, contracts)


class _Objects:
    """Makes the objects of all tables, which know of each other."""

    def __init__(self, streams: Sequence[Stream], questions: Questions) -> None:
        self._streams = streams
        self._questions = questions

    def make(self) -> None:
        for stream in self._streams:
            headers = self._headers_of(stream.table) if stream.kind == "lines" else None
            if headers and _refers(stream.table, headers.table, "invoice_id"):
                settle_by_invoices(stream.table, headers.table)
                compare_amounts(stream.table, headers.table)
                leave_gross_to_lines(stream.table, headers.table)
        for stream in self._streams:
            if stream.kind == "products":
                self._products(stream)
            elif stream.kind == "customers":
                stream.emissions.append(self._customers(stream))
            elif stream.kind == "subscriptions":
                self._subscriptions(stream)
            elif stream.kind == "credits":
                stream.emissions.append(_whole(credit_notes(stream.table), _OF_CREDIT_NOTES))
            elif stream.kind == "journal":
                self._journal(stream)
            elif stream.kind == "months":
                self._months(stream)
            elif (base := self._base(stream.table)) is not None:
                self._credits_by_lines(stream, base)
            elif stream.kind in ("lines", "invoices"):
                self._invoicing(stream)
        self._without_invoices()

    def _without_invoices(self) -> None:
        """Lines and credit notes wait for what the invoices wait for: alone they would all be rejected."""
        made = [emission for stream in self._streams for emission in stream.emissions]
        invoices = [emission for emission in made if emission.entity == "invoices"]
        if not invoices or not all(emission.missing for emission in invoices):
            return
        missing = {f"invoices.{name}": why for emission in invoices for name, why in emission.missing.items()}
        for emission in made:
            is_of_lines = emission.entity == "subscriptions" and "status" in emission.merge
            if is_of_lines or emission.entity in ("invoice_lines", "credit_notes"):
                emission.missing |= missing

    def _of(self, kind: Kind) -> Stream | None:
        return next((stream for stream in self._streams if stream.kind == kind), None)

    def _headers_of(self, table: Understanding) -> Stream | None:
        """Return the invoices whose lines a table may have."""
        own = (one for one in self._streams if one.kind == "invoices" and one.table is table.parent)
        return next(own, None) or self._of("invoices")

    # --- small kinds

    def _products(self, stream: Stream) -> None:
        table, made = stream.table, Emission("products")
        _give(made, "id", table, "product_id")
        _give(made, "name", table, "product_name")
        if "id" not in made.fields and table.column("product_name"):
            _give(made, "id", table, "product_name", "no other id")
        stream.emissions.append(_whole(made, ("id", "name")))

    def _customers(self, stream: Stream) -> Emission:
        table, made = stream.table, Emission("customers")
        made.give("id", *_customer_id(table))
        made.give("name", *_customer_name(table))
        for name in ("email", "country", "zip_code"):
            _give(made, name, table, name)
        return _whole(made, ("id", "name"))

    def _customers_of(self, stream: Stream) -> None:
        """Make customers of a table of invoices, or of another with their names, where no table is one of customers."""
        table = stream.table
        if self._of("customers") or not (table.column("customer_id") or table.column("customer_name")):
            return
        if table.column("customer_name") is None:
            others = (one for one in self._streams if one is not stream and one.table.column("customer_name"))
            stream = next((one for one in others if _refers(table, one.table, "customer_id")), stream)
        if not any(made.entity == "customers" for made in stream.emissions):
            stream.emissions.append(self._customers(stream))

    def _subscriptions(self, stream: Stream) -> None:
        table, made = stream.table, Emission("subscriptions")
        _give(made, "id", table, "subscription_id")
        _give(made, "customer_id", table, "customer_id")
        start, end = table.column("period_start"), table.column("period_end")
        made.give("start_date", _date(table, start), table.doubts.get(start or ""))
        if end:
            made.give("end_date", _date(table, end), table.doubts.get(end))
        canceled = table.column("canceled_date")
        if canceled:
            made.give("canceled_at", _date(table, canceled), table.doubts.get(canceled))
        _status_of_subscriptions(table)
        _status(made, table, "subscriptions")
        if canceled and not end and _ends_canceled(table, canceled):
            made.give("end_date", _date(table, canceled), table.doubts.get(canceled))
        if (value := optional_number(table, "monthly_value")) is not None:
            made.give("monthly_value", value)
        if value or table.column("currency") or _written_currency(table):
            _currency(made, table, self._questions)
        self._plans(table, made)
        stream.emissions.append(_whole(made, ("id", "customer_id", "status", "start_date")))

    def _plans(self, contracts: Understanding, made: Emission) -> None:
        """Make plans of the one table of prices that subscriptions name."""
        possible = (one for one in self._streams if one.kind in ("unknown", "products"))
        found = [(one, pair) for one in possible if (pair := plan_of(contracts, one.table))]
        if len(found) == 1:
            stream, (name, key) = found[0]
            stream.kind = "plans"
            made.give("plan_id", Decision(name, f"it names the rows of {stream.table.table.name}", (name,)))
            stream.emissions = list(plans(stream.table, key))

    # --- invoices and their lines

    def _journal(self, stream: Stream) -> None:
        table, journal = stream.table, journal_of(stream.table)
        if journal is None:
            return
        stream.emissions.append(_whole(customers(journal), ("id", "name")))
        has_periods = bool(table.column("period_start") or table.column("period") or table.spans)
        credit, doubt = credits_below_zero(table, sums_of_revenue(journal)) if has_periods else (None, None)
        for made in (invoices(journal), lines(journal)):
            _currency(made, table, self._questions)
            if made.entity == "invoices":
                _status(made, table, "invoices")
            else:
                _periods(made, table)
                if credit:
                    _without_revenue(made, credit)
            if doubt:
                made.missing["amount"] = doubt
            stream.emissions.append(_whole(made, _REQUIRED[made.entity]))

    def _base(self, table: Understanding) -> str | None:
        """Return the column by which lines of credits name what is credited; of the credits, that of their lines."""
        lines = [one.table for one in self._streams if one.table.parent and one.table.parent.are_credits]
        own = next((one for one in lines if table in (one, one.parent)), None)
        documents = (one.table for one in self._streams if one.kind == "invoices" and not one.table.are_credits)
        found = (base_of(own, one) for one in documents) if own else iter(())
        return next(filter(None, found), None)

    def _credits_by_lines(self, stream: Stream, base: str) -> None:
        """Make credit notes of a table of credits, and of their lines only what they credit."""
        table = stream.table
        if not table.are_credits:
            stream.emissions.append(_whole(credited_by_lines(table, base), ("id", "invoice_id")))
            return
        table.roles.columns["credit_id"] = table.roles.columns["invoice_id"]
        stream.emissions.append(_whole(credit_notes(table), ("id", "date", "currency", "amount")))

    def _months(self, stream: Stream) -> None:
        table = stream.table
        find_customer(table)
        if not self._of("customers") and (table.column("customer_id") or table.column("customer_name")):
            stream.emissions.append(self._customers(stream))
        customer, _ = _customer_id(table)
        for made in made_of_months(ask_months(table), customer):
            if made.entity != "subscriptions":
                _currency(made, table, self._questions)
            if made.entity == "invoices":
                _status(made, table, "invoices")
            required = _REQUIRED.get(made.entity, ("id", "customer_id", "status", "start_date"))
            stream.emissions.append(_whole(made, required) if made.fields else made)

    def _invoicing(self, stream: Stream) -> None:
        table = stream.table
        headers = self._headers_of(table)
        has_headers = stream.kind == "lines" and headers is not None and _refers(table, headers.table, "invoice_id")
        if not has_headers:
            find_date(table, has_lines=self._has_lines(table))
            find_customer(table)
        self._customers_of(stream)
        net = net_amount(table)
        credit, doubt = self._of_headers(stream, headers) if headers and has_headers else (None, None)
        if credit is None and doubt is None:
            credit, doubt = self._credits(stream)
        if not has_headers:
            stream.emissions += self._documents(stream, net, credit)
        elif headers and not _has_amounts(headers.table):
            stream.emissions.append(_sums_of_lines(table, net, credit))
        if stream.kind == "lines" or not self._has_lines(table):
            made = self._lines(stream, headers if has_headers else None, net, credit)
            stream.emissions.append(made)
            self._subscriptions_of_lines(stream, made)
        for made in stream.emissions:
            if doubt and made.entity != "customers":
                made.missing["amount"] = doubt
            if (taxes := _rows_of_taxes(table)) and made.entity != "customers":
                made.when = f"({made.when}) && !{taxes}" if made.when else f"!{taxes}"
        self._left_out(stream)

    def _has_lines(self, table: Understanding) -> bool:
        """Tell whether another table has the lines of a table's invoices."""
        return any(one.kind == "lines" and _refers(one.table, table, "invoice_id") for one in self._streams)

    def _credits(self, stream: Stream) -> tuple[Credits | None, str | None]:
        lines = next((one.table for one in self._streams if one.table.parent is stream.table), None)
        if lines and not _has_amounts(stream.table):
            return credits_of(stream.table, None, _sums_by_document(lines))
        amount, _ = net_amount(stream.table)
        named = (stream.table.column(role) for role in ("net", "amount", "gross", "unit_price"))
        return credits_of(stream.table, amount.columns[0] if amount else next(filter(None, named), None))

    def _of_headers(self, stream: Stream, headers: Stream) -> tuple[Credits | None, str | None]:
        """Return the lines of credits as their invoices tell them, or the question; neither: there are none."""
        credit, doubt = self._credits(headers)
        ours, theirs = stream.table.column("invoice_id"), headers.table.profile("invoice_id")
        if credit is None or ours is None or theirs is None:
            return None, doubt
        return in_lines(credit, ours, list(theirs.values)), None

    def _documents(self, stream: Stream, net: Found, credit: Credits | None) -> list[Emission]:
        """Return the invoices, and the credit notes where they name what they credit."""
        made = self._invoices(stream, net, credit)
        if credit is None or credit.origin is None or credit.notes is None:
            return [made]
        made.when = f"!({credit.notes})"
        note = Emission("credit_notes", when=credit.notes, merge=dict(made.merge))
        note.fields = {name: made.fields[name] for name in ("id", "date", "currency") if name in made.fields}
        note.doubts = {name: made.doubts[name] for name in ("date", "currency", "amount") if name in made.doubts}
        note.fields["invoice_id"] = Decision(credit.origin, "the credited invoice", (credit.origin,))
        amount, _ = net
        if amount:
            note.fields["amount"] = _taken_off(amount, credit, of_rows=bool(note.merge))
        return [made, _whole(note, _OF_CREDIT_NOTES)]

    def _invoices(self, stream: Stream, net: Found, credit: Credits | None) -> Emission:
        table, made = stream.table, Emission("invoices")
        _document(made, "id", table)
        _give(made, "number", table, "number" if table.column("number") else "invoice_id")
        made.give("customer_id", *_customer_id(table))
        issued, due = table.column("invoice_date"), table.column("due_date")
        made.give("date", _date(table, issued), table.doubts.get(issued or "invoice_date"))
        if due:
            made.give("due_date", _date(table, due), table.doubts.get(due))
        _status(made, table, "invoices")
        _currency(made, table, self._questions)
        amount, doubt = net
        made.give("amount", _signed(amount, credit), doubt)
        number = table.column("invoice_id")
        if amount and number and stream.kind == "lines":
            repeated = proofs.one_of_each(table.table, number, amount.columns[0])
            if not repeated.is_proof:
                made.merge["amount"] = "sum"
        if stream.kind == "invoices" and not _has_amounts(table):
            return _whole(made, [name for name in _REQUIRED["invoices"] if name != "amount"])
        return _whole(made, _REQUIRED["invoices"])

    def _lines(self, stream: Stream, headers: Stream | None, net: Found, credit: Credits | None) -> Emission:
        table, made = stream.table, Emission("invoice_lines")
        if credit and credit.notes:
            made.when = f"!({credit.notes})"
        _document(made, "invoice_id", table)
        made.give("id", *_line_id(table, alone=stream.kind == "invoices"))
        amount, doubt = net
        made.give("amount_excluding_tax_after_discount", _signed(amount, credit), doubt)
        made.give("tax_amount", _signed(tax_amount(table, amount), credit))
        for name, role in (("quantity", "quantity"), ("discount_amount", "discount")):
            made.give(name, optional_number(table, role))
        _give(made, "description", table, "description" if table.column("description") else "product_name")
        subscriptions = self._of("subscriptions")
        if subscriptions and _refers(table, subscriptions.table, "subscription_id"):
            _give(made, "subscription_id", table, "subscription_id")
        _periods(made, table)
        if credit and credit.condition != credit.notes:
            _without_revenue(made, credit)
        _grouped_lines(made, table)
        if headers and not table.column("currency"):
            made.fields["currency"] = Decision("of_parent('invoice_id', 'currency')", "its invoice's")
        else:
            _currency(made, table, self._questions)
        return _whole(made, _REQUIRED["invoice_lines"])

    def _subscriptions_of_lines(self, stream: Stream, lines: Emission) -> None:
        """Let lines tell the subscriptions, where no table does."""
        customer, _ = _customer_id(stream.table)
        has_periods = {*lines.fields, *lines.doubts} >= {"type", "period_start", "period_end"}
        if self._of("subscriptions"):
            return
        if customer is None or not has_periods:
            _give(lines, "subscription_id", stream.table, "subscription_id", _MADE_BY_SETTING)
            return
        if named := named_by_lines(stream.table, customer.columns[0]):
            lines.fields["subscription_id"] = of_line(lines, named)
            made = made_of_lines(lines, named, customer)
            stream.emissions.append(_whole(made, ("id", "customer_id", "status", "start_date")))

    def _left_out(self, stream: Stream) -> None:
        """Drafts and cancelled documents are left out: by their status, by another, or by a yes to "cancelled"."""
        for name, reason, found in _not_final(stream.table):
            for made in stream.emissions:
                condition = one_of(name, found)
                if made.entity in ("invoices", "invoice_lines"):
                    older = made.skip.get(reason)
                    made.skip[reason] = f"{older} || {condition}" if older else condition
                elif made.entity == "subscriptions" and made.when:
                    # One of the rows that make it; the others still do.
                    made.when = f"{made.when} && !{condition}"


def _rows_of_taxes(table: Understanding) -> str | None:
    """Return the condition of rows that are taxes of others: a type says so."""
    for role in ("line_type", "document_type"):
        profile = table.profile(role)
        found = [value for value in profile.values if concepts_of(str(value)) == {"tax"}] if profile else []
        if profile and found and len(found) < len(profile.values):
            return one_of(profile.name, found)
    return None


def _has_amounts(table: Understanding) -> bool:
    """Tell whether documents say themselves what they come to; else their lines do."""
    roles = ("net", "before_discount", "amount", "gross", "unit_price", "debit")
    return table.parent is not None or any(table.column(role) or role in table.doubts for role in roles)


def _sums_by_document(lines: Understanding) -> dict[str, Decimal]:
    """Return what the lines of each document come to, by what they come to or cost; whatever it is, it has a sign."""
    named = (lines.column(role) for role in ("net", "before_discount", "amount", "gross", "unit_price"))
    figure, invoice = next((name for name in named if name in lines.marks), None), lines.column("invoice_id")
    sums: dict[str, Decimal] = {}
    if figure and invoice:
        for number, value in proofs.rows_of(lines.table, [invoice, figure]):
            sums[str(number)] = sums.get(str(number), Decimal(0)) + (
                proofs.figure(value, lines.marks[figure]) or Decimal(0)
            )
    return sums


def _sums_of_lines(table: Understanding, net: Found, credit: Credits | None) -> Emission:
    """Return what lines say of their invoices, of which another table has the rest: what they come to."""
    made = Emission("invoices", merge={"amount": "sum"})
    _document(made, "id", table)
    amount, doubt = net
    made.give("amount", _signed(amount, credit), doubt)
    return _whole(made, ("id", "amount"))


def _not_final(table: Understanding) -> Iterator[tuple[str, Literal["draft", "void"], list[object]]]:
    """Yield the columns that tell documents that don't count, with the reason and the words."""
    reasons: tuple[Literal["draft", "void"], ...] = ("draft", "void")
    own = table.column("status")
    others = [name for name in free(table.roles) if {"status"} <= concepts_of(name) and table.profiles[name].is_text]
    for name in [*([own] if own else []), *others]:
        for reason in reasons:
            answered = table.left_out if name == own and reason == "void" else []
            known = [
                value for value in table.values_of(name) if status_of(table.word(name, value), "not_final") == reason
            ]
            if found := [*known, *answered]:
                yield name, reason, found
    for name in _flags(table):
        found = [value for value in table.profiles[name].values if str(value).strip().casefold() not in NO]
        if found:
            yield name, "void", found


def _flags(table: Understanding) -> list[str]:
    """Return the columns that say of each document whether it was cancelled."""
    return [name for name in free(table.roles) if "canceled" in concepts_of(name) and _is_flag(table.profiles[name])]


def _is_flag(profile: Profile) -> bool:
    values = {str(value).strip().casefold() for value in profile.values}
    return 0 < len(values) <= _MOST_FLAGS and values <= YES | NO | {"c"}


# --- fields


def _within(decision: Decision) -> str:
    """Return a decision's expression as a part of another."""
    whole = str(decision.expression)
    return quoted(whole) if decision.columns == (whole,) else whole


def _taken_off(amount: Decision, credit: Credits, *, of_rows: bool) -> Decision:
    """Return a credit note's amount, above zero; `of_rows`: it is the sum of several, of which some may give back."""
    inner = _within(amount)
    expression = f"abs({inner})"
    if of_rows:
        expression = f"subtract(`0`, {inner})" if credit.are_negative else str(amount.expression)
    return Decision(expression, f"{amount.reason}; what is taken off", amount.columns)


def _without_revenue(made: Emission, credit: Credits) -> None:
    """Lines of credits that name no invoice: as all credits they change no MRR, so they have no period."""
    kind = made.fields.get("type")
    if kind is None or kind.expression == text("one_off"):
        return
    is_credit = credit.condition
    made.fields["type"] = Decision(
        f"when({is_credit}, 'one_off', {kind.expression})", f"{kind.reason}; credits change no MRR", kind.columns
    )
    for name in ("period_start", "period_end"):
        if name in made.fields:
            old = made.fields[name]
            made.fields[name] = Decision(f"when(!({is_credit}), {_within(old)})", old.reason, old.columns)


def _signed(amount: Decision | None, credit: Credits | None) -> Decision | None:
    """Return an amount, below zero in the rows of credits that are written above it."""
    if amount is None or credit is None or credit.are_negative or credit.condition == credit.notes:
        return amount
    inner = _within(amount)
    expression = f"when({credit.condition}, subtract(`0`, {inner}), {inner})"
    return Decision(expression, f"{amount.reason}; credits are subtracted", amount.columns)


def _give(made: Emission, name: str, table: Understanding, role: str, reason: str = "") -> None:
    """Give a field the column of a role as it is."""
    column = table.column(role)
    if column is not None:
        made.give(name, Decision(column, reason or BY_NAME, (column,)))
    elif role in table.doubts:
        made.give(name, None, table.doubts[role])


def _document(made: Emission, name: str, table: Understanding) -> None:
    """Give a field the document's id; that of credits in a table of their own is marked, for invoices may have it."""
    number, mark = table.column("invoice_id"), table.mark_of_documents
    if number and mark:
        made.give(
            name, Decision(f"concat('-', {text(mark)}, {quoted(number)})", "credits are counted apart", (number,))
        )
    else:
        _give(made, name, table, "invoice_id")


def _customer_id(table: Understanding) -> tuple[Decision | None, str | None]:
    """Return what tells customers apart; that it is their name is asked."""
    column, name = table.column("customer_id"), table.column("customer_name")
    if column is not None:
        return Decision(column, BY_NAME, (column,)), None
    if name is None:
        return None, table.doubts.get("customer_id") or table.doubts.get("customer_name")
    if names_customers(table, name):
        return Decision(name, "there is no code of customers; their names are told apart", (name,)), None
    question = Question(
        table.question_id("customer"),
        words(
            f"{table.table.name} has no customer codes: does each {name} always stand for one and the same customer?",
            f"{table.table.name} n'a pas de code client : {name} désigne-t-il toujours un seul et même client ?",
        ),
        (name,),
        answers(name=("yes, it is their id", "oui, c'est leur identifiant"), none=("no", "non")),
        likely="name",
    )
    if table.questions.ask(question) != "name":
        return None, question.id
    return Decision(name, "the customer's id, as answered", (name,)), None


def _customer_name(table: Understanding) -> tuple[Decision | None, str | None]:
    """Return customers' name: what is called so, else the text that each code has for itself, else the code."""
    name, code = table.column("customer_name"), table.column("customer_id")
    if name is not None or code is None:
        reason = BY_NAME
        return (Decision(name, reason, (name,)), None) if name else (None, table.doubts.get("customer_name"))
    codes = len(table.profiles[code].values)
    taken = {column for role, column in table.roles.columns.items() if role not in ("description", "product_name")}
    names = [
        column
        for column, profile in table.profiles.items()
        if column not in taken and profile.is_text and not profile.is_email and len(profile.values) >= 0.5 * codes
        if codes > 1 and ("customer_name", column) not in table.roles.refused
    ]
    names = [column for column in names if proofs.depends(table.table, code, column)]
    if not names:
        return Decision(code, "there is no name", (code,)), None
    if len(names) == 1:
        return Decision(names[0], f"a text that each {code} has for itself", (names[0],)), None
    question = Question(
        table.question_id("name"),
        words(f"Which column of {table.table.name} is the customers' name?", "Quelle colonne est le nom des clients ?"),
        tuple(names),
        {column: words(column, column) for column in names},
    )
    answer = table.questions.ask(question)
    return (Decision(answer, "as answered", (answer,)), None) if answer else (None, question.id)


def _whole(made: Emission, required: Sequence[str]) -> Emission:
    """Note what is missing of an object."""
    for name in required:
        if name not in made.fields:
            made.missing[name] = made.doubts.get(name, "")
    return made


def _date(table: Understanding, column: str | None) -> Decision | None:
    return table.reading(column, table.date(column)) if column else None


def _currency(made: Emission, table: Understanding, questions: Questions) -> None:
    if table.column("currency"):
        _give(made, "currency", table, "currency")
        return
    if written := _written_currency(table):
        made.fields["currency"] = written
        return
    question = Question(
        "currency",
        words("In which currency are the amounts? (ISO code)", "Dans quelle devise sont les montants ? (code ISO)"),
        (),
        answers(EUR=("euro", "euro"), USD=("US dollar", "dollar US"), GBP=("pound", "livre sterling")),
        other=Other("another code, such as CHF", is_currency),
        likely=_sign(table),
    )
    answer = questions.ask(question)
    made.give("currency", Decision(text(answer.upper()), "as answered") if answer else None, question.id)


_LAST_CLOCK = re.compile(r"23:59(?::59)?(?![:.\d])")
_CODE = re.compile(r"\b[A-Z]{3}\b")


def _written_currency(table: Understanding) -> Decision | None:
    """Return the currency of a column that has its code beside words: `US dollar - USD`."""
    for name, profile in table.profiles.items():
        if "currency" not in concepts_of(name) or not profile.values or len(profile.values) > 40:
            continue
        codes = {str(value): [one for one in _CODE.findall(str(value)) if is_currency(one)] for value in profile.values}
        if all(len(found) == 1 for found in codes.values()):
            table_of_codes = {value: found[0] for value, found in codes.items()}
            return Decision({"lookup": name, "in": table_of_codes}, "the code in its text", (name,))
    return None


def _sign(table: Understanding) -> str | None:
    """Return the currency whose sign stands in the amounts or their headings."""
    for role in ("net", "amount", "gross", "unit_price"):
        if name := table.column(role):
            seen = name + " ".join(str(value) for value in list(table.profiles[name].values)[:50])
            for sign, code in (("€", "EUR"), ("EUR", "EUR"), ("£", "GBP"), ("$", "USD")):
                if sign in seen:
                    return code
    return None


def _status(made: Emission, table: Understanding, entity: str) -> None:
    """Translate a column of words; without one it is asked."""
    possible = _STATUSES[entity]
    name, profile = table.column("status"), table.profile("status")
    if name is None or profile is None:
        if "status" in table.doubts:
            made.doubts["status"] = table.doubts["status"]
            return
        if table.holds_credits:
            made.fields["status"] = Decision(text("paid"), "a credit's status changes no figure")
            return
        _ask_status(made, table, entity)
        return
    known: dict[str, str] = {}
    for value in table.values_of(name):
        found = _of_entity(table.word(name, value), entity)
        found = found or (_yes_or_no(name, profile, value) if entity == "invoices" else None)
        if found is None and value not in profile.values:
            continue  # A code that hasn't occurred, with a word that nobody knows.
        if found is None and table.holds_credits:
            found = "paid"  # It changes no figure.
        if found is None:
            question = _word_question(table, name, value, possible)
            found = table.questions.ask(question)
            if found is None:
                made.doubts["status"] = question.id
                continue
        if found == "leave_out":
            table.left_out.append(value)
        if found in ("draft", "void", "leave_out"):
            continue
        known[str(value)] = found
    if "status" not in made.doubts and known:
        empty = _empty_status(made, table, name, known) if entity == "invoices" else None
        word = name
        if empty is not None:
            word, known[_EMPTY] = f"when({quoted(name)}, {quoted(name)}, '{_EMPTY}')", empty
        if "status" not in made.doubts:
            made.fields["status"] = Decision({"lookup": word, "in": known}, "by its words", (name,))


def _empty_status(made: Emission, table: Understanding, name: str, known: Mapping[str, str]) -> str | None:
    """Return what an empty status of an invoice means; None where none is empty, or what it means is asked."""
    profile = table.profiles[name]
    if profile.filled == profile.rows or _is_told_by_other_rows(table, name):
        return None
    if table.holds_credits:
        return "paid"  # It changes no figure.
    if {*known.values()} == {"paid"} and len(known) == len(profile.values):
        return "open"  # It is a mark on what is paid.
    question = Question(
        table.question_id("status", "empty"),
        words(
            f"What does an empty {name} mean ({counted(profile.rows - profile.filled, 'row')})?",
            f"Que veut dire {name} vide ({counted(profile.rows - profile.filled, 'ligne')}) ?",
        ),
        (name,),
        _STATUSES["invoices"],
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["status"] = question.id
    return answer


def _is_told_by_other_rows(table: Understanding, name: str) -> bool:
    """Tell whether rows without a status are of invoices that have one in another row."""
    number = table.column("invoice_id")
    rows = list(proofs.rows_of(table.table, [number, name])) if number else []
    told = {invoice for invoice, word in rows if word not in (None, "")}
    return any(invoice in told or invoice in (None, "") for invoice, word in rows if word in (None, ""))


def _ask_status(made: Emission, table: Understanding, entity: str) -> None:
    """Ask for the status of all rows, or whether a date of payment tells it."""
    paid = _dates_of_payment(table) if entity == "invoices" else []
    by_date = {
        f"by {name}": words(f"paid where {name} is filled, else open", f"payées si {name} est rempli, sinon ouvertes")
        for name in paid
    }
    question = Question(
        table.question_id("status"),
        words(
            f"What is the status of the {entity} in {table.table.name}?",
            f"Quel est le statut des {_FRENCH[entity]} de {table.table.name} ?",
        ),
        (*paid, *_flags(table)),
        {**by_date, **_STATUSES[entity]},
        likely=next(iter(by_date), "paid" if entity == "invoices" else "active"),
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["status"] = question.id
    elif answer in by_date:
        name = answer.removeprefix("by ")
        made.fields["status"] = Decision(f"when({quoted(name)}, 'paid', 'open')", "as answered", (name,))
    else:
        made.fields["status"] = Decision(text(answer), "as answered")


def _dates_of_payment(table: Understanding) -> list[str]:
    """Return the columns of dates of payments, empty where none has come."""
    return [
        name
        for name in free(table.roles)
        if {"paid", "date"} <= concepts_of(name) and table.profiles[name].dates
        if 0 < table.profiles[name].filled < table.profiles[name].rows
    ]


def _ends_canceled(table: Understanding, canceled: str) -> bool:
    """Tell whether just the rows that have been canceled are over by their status: there is no later end then."""
    status = table.column("status")
    if status is None:
        return False
    rows = proofs.rows_of(table.table, [canceled, status])
    return all((day not in (None, "")) == (_of_entity(word, "subscriptions") == "canceled") for day, word in rows)


def _status_of_subscriptions(table: Understanding) -> None:
    """A status that says whose it is, is the one in a table of subscriptions."""
    own = [name for name in free(table.roles) if {"status", "subscription"} <= concepts_of(name)]
    own = own or [name for name in free(table.roles) if "status" in concepts_of(name) and _are_statuses(table, name)]
    if table.column("status") is None and "status" not in table.doubts and len(own) == 1:
        give(table.roles, "status", own[0])


def _are_statuses(table: Understanding, name: str) -> bool:
    return all(map(is_status, table.profiles[name].values))


def _word_question(table: Understanding, name: str, value: Any, possible: Mapping[str, Mapping[str, str]]) -> Question:
    rows = table.profiles[name].values[value]
    return Question(
        table.question_id("status", str(value)),
        words(
            f"What does {value} mean in {name} ({counted(rows, 'row')})?",
            f"Que veut dire {value} dans {name} ({counted(rows, 'ligne')}) ?",
        ),
        (name,),
        {**possible, **answers(leave_out=("it doesn't count: leave it out", "ne compte pas : écarter"))},
    )


_STATUSES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "invoices": answers(
        paid=("paid", "payées"), open=("open, not due yet", "ouvertes, non échues"), unpaid=("unpaid", "impayées")
    ),
    "subscriptions": answers(
        active=("active", "actifs"), canceled=("canceled", "résiliés"), trialing=("in trial", "en essai")
    ),
}
_FRENCH = {"invoices": "factures", "subscriptions": "abonnements"}
# What stands in a table of words for none.
_EMPTY = "(empty)"


def _of_entity(value: object, entity: str) -> str | None:
    """Return what a status word means: a status of the entity, or why the object doesn't count."""
    if entity == "invoices":
        return status_of(value, "not_final") or status_of(value, "invoice_status")
    return status_of(value, "subscription_status")


_LABELS = ("line_id", "product_id", "product_name", "description", "subscription_id", "period_start", "period")
_SAME_LINE = (*_LABELS, "period_end", "line_type", "unit_price", "currency")
"""What lines that are taken together have in common: whatever isn't added up."""


def _yes_or_no(name: str, profile: Profile, value: object) -> str | None:
    """Return the status that an answer to `paid?` is; None if the column doesn't ask this."""
    if not concepts_of(name) & {"paid", "balance"} or not says_yes_or_no(profile.values):
        return None
    return "paid" if str(value).strip().casefold() in YES else "open"


def _line_id(table: Understanding, *, alone: bool) -> tuple[Decision | None, str | None]:
    """Return an id that tells every row from every other."""
    invoice = table.column("invoice_id")
    if invoice is None:
        return None, table.doubts.get("invoice_id")
    mark = table.mark_of_documents
    if alone and mark is None:
        return Decision(invoice, "one line each", (invoice,)), None
    for line in (table.profile("line_id"), table.profile("id")):
        if line and line.is_unique and mark is None:
            return Decision(line.name, "each row has its own", (line.name,)), None
    columns = [name for role in _LABELS if (name := table.column(role))]
    for count in range(0 if alone else 1, min(3, len(columns)) + 1):
        for several in combinations(columns, count):
            if proofs.are_unique(table.table, [invoice, *several]):
                names = [invoice, *several]
                listed = ", ".join([*([text(mark)] if mark else []), *map(quoted, names)])
                return Decision(f"concat('-', {listed})", "together they tell every row", tuple(names)), None
    if isinstance(table.table, ListTable):
        return Decision(f"concat('-', {quoted(invoice)}, _index)", "the invoice, and the place in it", (invoice,)), None
    return None, None


def _grouped_lines(made: Emission, table: Understanding) -> None:
    """Rows of an invoice that nothing tells apart become one line, with the sum of what they come to."""
    invoice = table.column("invoice_id")
    if invoice is None or "id" in made.fields or "id" in made.doubts:
        return
    columns = [name for role in _SAME_LINE if (name := table.column(role))]
    mark = table.mark_of_documents
    listed = ", ".join([*([text(mark)] if mark else []), *map(quoted, [invoice, *columns])])
    reason = "rows that are alike in all of this are one line, with their sum"
    made.fields["id"] = Decision(f"concat('-', {listed})", reason, (invoice, *columns))
    for name in ("amount_excluding_tax_after_discount", "tax_amount", "quantity", "discount_amount"):
        if name in made.fields or name in made.doubts:
            made.merge[name] = "sum"


def _periods(made: Emission, table: Understanding) -> None:
    """Give a line its period and its type, which hang together: a subscription has a period, a one-off hasn't."""
    start, end, month = table.column("period_start"), table.column("period_end"), table.column("period")
    if start and end:
        are_of_lines, doubt = ask_what_they_are(table, start, end)
        if doubt:
            made.doubts["period_start"] = made.doubts["type"] = doubt
            return
        if not are_of_lines:
            _without_period(made, table)
            return
        begins, ends = table.date(start), table.date(end)
        for column in (start, end):
            if column in table.doubts:
                made.doubts["period_start"] = made.doubts["type"] = table.doubts[column]
                return
        if begins is None or ends is None:
            return
        shift, reason, doubt = _end(table, start, end)
        if doubt:
            made.doubts["period_end"] = made.doubts["type"] = doubt
            return
        finish = ends
        if shift:
            clock = _clock_of_end(table.profiles[end])
            finish = f"add_seconds({ends}, `{clock}`)" if clock else f"add_days({ends}, `1`)"
        has_time = "" if shift or not _are_some_at_once(table, start, end) else f" && before({begins}, {ends})"
        _typed(made, table, start, begins, finish, reason, (start, end), has_time=has_time)
    elif month and (begins := table.date(month)):
        finish, reason, doubt = end_of_month(table, month, begins)
        if doubt:
            made.doubts["period_end"] = made.doubts["type"] = doubt
            return
        _typed(made, table, month, begins, finish, reason, (month,))
    else:
        _without_period(made, table)


def _are_some_at_once(table: Understanding, start: str, end: str) -> bool:
    """Tell whether some periods end when they begin: what is sold once may have such."""
    return any(
        begins == ends and begins not in (None, "") for begins, ends in proofs.rows_of(table.table, [start, end])
    )


def _clock_of_end(ends: Profile) -> int | None:
    """Return how many seconds are missing to the day's end, where all ends are a last second, or minute, of a day."""
    clocks = {found[0] if (found := _LAST_CLOCK.search(str(value))) else None for value in ends.values}
    return {"23:59:59": 1, "23:59": 60}.get(clocks.pop() or "") if len(clocks) == 1 else None


def _typed(
    made: Emission,
    table: Understanding,
    column: str,
    begins: str,
    ends: str,
    reason: str,
    columns: tuple[str, ...],
    *,
    has_time: str = "",
) -> None:
    is_recurring = _recurring(made, table, column) + has_time
    kind = table.column("line_type")
    told_by = (*columns, kind) if kind else columns
    if "type" not in made.doubts:
        condition = f"when({is_recurring}, 'subscription', 'one_off')"
        made.fields["type"] = Decision(condition, "a row with a period", told_by)
    made.fields["period_start"] = Decision(f"when({is_recurring}, {begins})", BY_NAME, columns[:1])
    made.fields["period_end"] = Decision(f"when({is_recurring}, {ends})", reason, columns[-1:])


def _recurring(made: Emission, table: Understanding, column: str) -> str:
    """Return the condition of a subscription's line: it has a period, and its type isn't a one-off's.

    A word of its type that nobody knows is asked: the type waits for the answer.
    """
    name, profile = table.column("line_type"), table.profile("line_type")
    if name is None or profile is None:
        return quoted(column)
    once = [value for value in profile.values if meaning(value, "line_type") == "one_off" and not _may_recur(value)]
    unknown = [value for value in profile.values if meaning(value, "line_type") is None or _may_recur(value)]
    if len(unknown) > _MOST_UNKNOWN_TYPES:
        unknown = []  # Families of products rather than types: a period tells a subscription.
    if _are_some_without(table, column):
        unknown = []  # The period tells the rows apart.
    for value in unknown:
        question = Question(
            table.question_id("type", str(value)),
            words(f"What is {value} in {name}?", f"Qu'est-ce que {value} dans {name} ?"),
            (name,),
            answers(subscription=("a subscription", "un abonnement"), one_off=("a one-off sale", "une vente unique")),
        )
        answer = table.questions.ask(question)
        if answer is None:
            made.doubts["type"] = question.id
        if answer == "one_off":
            once.append(value)
    return f"{quoted(column)} && !{one_of(name, once)}" if once else quoted(column)


def _may_recur(value: object) -> bool:
    """Tell whether a word is `service` in some language: what is sold by the month may be called so, too."""
    return frozenset() < concepts_of(str(value)) <= {"service", "product"}


def _are_some_without(table: Understanding, period: str) -> bool:
    """Tell whether of a table's rows some have a period and some haven't."""
    profile = table.profiles[period]
    return 0 < profile.filled < profile.rows


def _end(table: Understanding, start: str, end: str) -> tuple[bool, str, str | None]:
    """Tell whether periods end with their last day (so a day is added), or before the day that is named."""
    forms = (table.formats[start], table.formats[end])
    keys = [
        name for role in ("customer_id", "customer_name", "product_id", "product_name") if (name := table.column(role))
    ]
    apart, together = proofs.chained(table.table, keys, start, end, forms)
    inclusive, exclusive = proofs.whole_months(table.table, start, end, forms)
    says_apart = apart and apart >= _REFERENCE_SHARE * (apart + together)
    says_together = together and together >= _REFERENCE_SHARE * (apart + together)
    months_apart = inclusive.say and inclusive.agree >= _REFERENCE_SHARE * inclusive.say
    months_together = exclusive.say and exclusive.agree >= _REFERENCE_SHARE * exclusive.say
    if (says_apart or (months_apart and not says_together)) and not months_together:
        return True, f"{end} is the last day of a period: whole months {inclusive}; a day is added", None
    if (says_together or (months_together and not says_apart)) and not months_apart:
        return False, f"{end} is the day after a period: whole months {exclusive}", None
    question = Question(
        table.question_id("ends"),
        words(
            f"Is {end} the last day of a period, or the day after it?",
            f"{end} : dernier jour inclus, ou jour suivant ?",
        ),
        (start, end),
        answers(last=("the last day", "dernier jour inclus"), after=("the day after it", "jour suivant")),
        likely="last",
    )
    answer = table.questions.ask(question)
    return answer == "last", "as answered", None if answer else question.id


def _without_period(made: Emission, table: Understanding) -> None:
    """Lines without columns of a period: it stands in a text, or starts with the invoice, or they are one-off sales."""
    if table.holds_credits:
        made.fields["type"] = Decision(text("one_off"), "credits change no MRR")
        return
    issued = table.column("invoice_date")
    begins = table.date(issued) if issued else None
    possible = {**answers(one_off=("one-off sales", "ventes uniques")), **_in_texts(table)}
    if begins:
        month = ("subscriptions, for a month from the invoice's date on", "abonnements, un mois à partir de la facture")
        possible = {**possible, **answers(month=month)}
    question = Question(
        table.question_id("period"),
        words(
            f"The lines of {table.table.name} have no column for their period: what are they?",
            f"Les lignes de {table.table.name} n'ont pas de colonne de période : que sont-elles ?",
        ),
        tuple(span.source for span in table.spans),
        possible,
        likely=f"text of {table.spans[0].source}" if table.spans else None,
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["type"] = question.id
    elif answer == "one_off":
        made.fields["type"] = Decision(text("one_off"), "as answered")
    elif answer == "month":
        columns = (issued,) if issued else ()
        made.fields["type"] = Decision(text("subscription"), "as answered")
        made.fields["period_start"] = Decision(f"{begins}", "as answered", columns)
        made.fields["period_end"] = Decision(f"add_months({begins}, `1`)", "as answered", columns)
    else:
        (span,) = [one for one in table.spans if answer == f"text of {one.source}"]
        take_span(table, span)
        settle_dates(table)
        _periods(made, table)


def _in_texts(table: Understanding) -> Mapping[str, Mapping[str, str]]:
    """Return the answers that take a period from a text."""
    return {
        f"text of {span.source}": words(
            f"subscriptions where {span.source} tells a period, else one-off sales",
            f"abonnements là où {span.source} indique une période, sinon ventes uniques",
        )
        for span in table.spans
    }


def _refers(child: Understanding, parent: Understanding, role: str) -> bool:
    """Tell whether nearly all values of a role in one table are in another's."""
    ours, theirs = child.profile(role), parent.profile(role)
    if ours is None or theirs is None or not ours.values:
        return False
    known = {str(value).strip() for value in theirs.values}
    return sum(str(value).strip() in known for value in ours.values) >= _REFERENCE_SHARE * len(ours.values)
