"""What tables become: which kinds of objects, and each of their fields, decided, asked or told to be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fincome_tools.draft.columns.content import give
from fincome_tools.draft.columns.kept import KeptTable, kept
from fincome_tools.draft.columns.lists import ListTable, lists_of
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.nested import named, opened
from fincome_tools.draft.columns.table_names import lasting_names
from fincome_tools.draft.decisions.decisions import Decision, Emission, cells_of, one_of, says_one_of
from fincome_tools.draft.decisions.questions import Questions
from fincome_tools.draft.fields.amount_currency import give_currency, written_currency
from fincome_tools.draft.fields.amounts import (
    Found,
    compare_amounts,
    compare_headings,
    leave_gross_to_lines,
    net_amount,
    optional_number,
    settle_by_invoices,
    tax_amount,
)
from fincome_tools.draft.fields.credits import Credits, credits_below_zero, credits_of, in_lines
from fincome_tools.draft.fields.document_sums import signed_sums
from fincome_tools.draft.fields.given import (
    CURRENCY_OF_INVOICE,
    OF_CREDIT_NOTES,
    REQUIRED,
    customer_id,
    customer_name,
    date_of,
    give_column,
    give_document,
    refers,
    whole,
)
from fincome_tools.draft.fields.line_ids import grouped_lines, line_id
from fincome_tools.draft.fields.not_counted import known_kinds, not_counted, waits_for
from fincome_tools.draft.fields.periods import give_periods
from fincome_tools.draft.fields.repeated import amount_of_rows
from fincome_tools.draft.fields.same_headings import follow_larger
from fincome_tools.draft.fields.signs import computed_amounts, divide_by_invoices, signed, taken_off, without_revenue
from fincome_tools.draft.fields.status_fields import ends_canceled, give_status, not_final, status_of_subscriptions
from fincome_tools.draft.fields.subscriptions import made_of_lines, named_by_lines, of_line
from fincome_tools.draft.fields.taken_twice import taken_twice
from fincome_tools.draft.recognition.code_tables import read_codes
from fincome_tools.draft.recognition.credit_tables import (
    amounts_by_lines,
    base_of,
    credit_notes,
    credited_by_lines,
)
from fincome_tools.draft.recognition.journals import (
    customers,
    invoices,
    journal_of,
    key_of_customers,
    lines,
    sums_of_revenue,
)
from fincome_tools.draft.recognition.kinds import Kind, kind_of
from fincome_tools.draft.recognition.month_columns import ask_months, made_of_months
from fincome_tools.draft.recognition.parts_of_export import share_references
from fincome_tools.draft.recognition.plans import plan_of, plans
from fincome_tools.draft.recognition.relations import relate
from fincome_tools.draft.recognition.streams import Stream, tell_credits_apart, tell_subscriptions_of_lines
from fincome_tools.draft.tables.keys import find_customer, find_date
from fincome_tools.draft.tables.minor_units import settle_minor_units
from fincome_tools.draft.tables.understanding import Understanding, understand
from fincome_tools.files.table import Table

_MADE_BY_SETTING = "with the setting create_missing_parents on, subscriptions are made of their lines"


@dataclass
class Drafted:
    """All tables, and what is asked."""

    streams: list[Stream]
    questions: Questions


def prepared(table: Table) -> KeptTable:
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
    all_tables = [*_with_lists(tables)]
    headings = {table.name: table.columns for table in all_tables}
    drafted = _draft(all_tables, Questions(given, lasting_names(headings)))
    if drafted.questions.differ:
        drafted = _draft(all_tables, Questions(given, lasting_names(headings, share=False)))
    return drafted


def _draft(tables: Sequence[KeptTable], questions: Questions) -> Drafted:
    understood = [understand(table, questions) for table in tables]
    for one in understood:
        settle_minor_units(one)
    relate(understood)
    share_references(understood)
    read_codes(understood)
    compare_headings(understood)
    follow_larger(understood)
    streams = _without_other_lists([Stream(table, kind_of(table, understood)) for table in understood], questions)
    tell_credits_apart(streams)
    tell_subscriptions_of_lines(streams)
    _Objects(streams, questions).make()
    return Drafted(streams, questions)


def _with_lists(tables: Sequence[Table]) -> Iterator[KeptTable]:
    """Yield tables as drafts look at them, before each one the lists within its records."""
    for table in map(prepared, tables):
        yield from lists_of(table)
        yield table


def _without_other_lists(streams: Sequence[Stream], questions: Questions) -> list[Stream]:
    """Return streams without the lists that hold no lines, of which nothing is asked."""
    others = [one for one in streams if isinstance(one.table.table, ListTable) and one.kind != "lines"]
    for stream in others:
        questions.withdraw_all(stream.table.question_id(""))
    return [stream for stream in streams if stream not in others]


class _Objects:
    """Makes the objects of all tables, which know of each other."""

    def __init__(self, streams: Sequence[Stream], questions: Questions) -> None:
        self._streams = streams
        self._questions = questions

    def make(self) -> None:
        for stream in self._streams:
            headers = self._headers_of(stream.table) if stream.kind == "lines" else None
            if headers and refers(stream.table, headers.table, "invoice_id"):
                settle_by_invoices(stream.table, headers.table)
                compare_amounts(stream.table, headers.table)
                leave_gross_to_lines(stream.table, headers.table)
        self._tell_customers_of_journals()
        for stream in self._streams:
            if stream.kind == "products":
                self._products(stream)
            elif stream.kind == "customers":
                stream.emissions.append(self._customers(stream))
            elif stream.kind == "subscriptions":
                self._subscriptions(stream)
            elif stream.kind == "credits":
                self._credit_notes(stream.table, stream)
            elif stream.kind == "journal":
                self._journal(stream)
            elif stream.kind == "months":
                self._months(stream)
            elif (base := self._base(stream.table)) is not None:
                self._credits_by_lines(stream, base)
            elif stream.kind in ("lines", "invoices"):
                self._invoicing(stream)
        self._refuse_further_kinds()
        self._without_invoices()

    def _refuse_further_kinds(self) -> None:
        """A kind of documents that a table doesn't have yet is told, and no invoice."""
        for stream in self._streams:
            for made in stream.emissions:
                if made.entity == "invoices" and (known := known_kinds(stream.table)):
                    made.when = f"{known} && {made.when}" if made.when else known

    def _tell_customers_of_journals(self) -> None:
        """A table without another kind that has a row for each customer of a journal is that of customers."""
        for journal in [found for one in self._streams if one.kind == "journal" and (found := journal_of(one.table))]:
            for stream in self._streams:
                key = key_of_customers(journal, stream.table) if stream.kind in ("unknown", "customers") else None
                if key:
                    stream.kind = "customers"
                    stream.table.roles.release(key)
                    give(stream.table.roles, "customer_id", key)

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
        give_column(made, "id", table, "product_id")
        give_column(made, "name", table, "product_name")
        if "id" not in made.fields and table.column("product_name"):
            give_column(made, "id", table, "product_name", "no other id")
        stream.emissions.append(whole(made, ("id", "name")))

    def _customers(self, stream: Stream) -> Emission:
        table, made = stream.table, Emission("customers")
        made.give("id", *customer_id(table))
        made.give("name", *customer_name(table))
        for name in ("email", "country", "zip_code"):
            give_column(made, name, table, name)
        return whole(made, ("id", "name"))

    def _customers_of(self, stream: Stream) -> None:
        """Make customers of a table of invoices, or of another with their names, where no table is one of customers."""
        table = stream.table
        if self._of("customers") or not (table.column("customer_id") or table.column("customer_name")):
            return
        if table.column("customer_name") is None:
            others = (one for one in self._streams if one is not stream and one.table.column("customer_name"))
            stream = next((one for one in others if refers(table, one.table, "customer_id")), stream)
        if not any(made.entity == "customers" for made in stream.emissions):
            stream.emissions.append(self._customers(stream))

    def _subscriptions(self, stream: Stream) -> None:
        table, made = stream.table, Emission("subscriptions")
        give_column(made, "id", table, "subscription_id")
        give_column(made, "customer_id", table, "customer_id")
        if not table.column("customer_id"):
            made.give("customer_id", *self._named_as_in_invoices(table))
        start, end = table.column("period_start"), table.column("period_end")
        made.give("start_date", date_of(table, start), table.doubts.get(start or ""))
        if end:
            made.give("end_date", date_of(table, end), table.doubts.get(end))
        canceled = table.column("canceled_date")
        if canceled:
            made.give("canceled_at", date_of(table, canceled), table.doubts.get(canceled))
        status_of_subscriptions(table)
        give_status(made, table, "subscriptions")
        if canceled and not end and ends_canceled(table, canceled):
            made.give("end_date", date_of(table, canceled), table.doubts.get(canceled))
        if (value := optional_number(table, "monthly_value")) is not None:
            made.give("monthly_value", value)
        if value or table.column("currency") or written_currency(table):
            give_currency(made, table, self._questions)
        self._plans(table, made)
        stream.emissions.append(whole(made, ("id", "customer_id", "status", "start_date")))

    def _named_as_in_invoices(self, table: Understanding) -> Found:
        """Return the customers' names of a table without codes, if they are the ids that invoices have for them."""
        name = table.column("customer_name")
        for one in self._streams if name else ():
            is_of_names = one.kind in ("invoices", "lines") and one.table.column("customer_id") is None
            if name and is_of_names and refers(table, one.table, "customer_name"):
                found, doubt = customer_id(one.table)
                if found is None or found.expression != one.table.column("customer_name"):
                    return None, doubt
                return Decision(name, f"as {found.expression} of {one.table.table.name}", (name,)), None
        return None, None

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
        known = [one.table for one in self._streams if one.kind == "customers"]
        if any(key_of_customers(journal, one) for one in known):
            journal = replace(journal, are_known=True)
        else:
            stream.emissions.append(whole(customers(journal), ("id", "name")))
        has_periods = bool(table.column("period_start") or table.column("period") or table.spans)
        credit, doubt = credits_below_zero(table, sums_of_revenue(journal)) if has_periods else (None, None)
        for made in (invoices(journal), lines(journal)):
            give_currency(made, table, self._questions)
            if made.entity == "invoices":
                give_status(made, table, "invoices")
            else:
                give_periods(made, table)
                if credit:
                    without_revenue(made, credit)
            if doubt:
                made.missing["amount"] = doubt
            stream.emissions.append(whole(made, REQUIRED[made.entity]))

    def _credit_notes(self, table: Understanding, stream: Stream) -> None:
        """Make credit notes of rows; their lines say what they come to, where they don't."""
        lines = next((one for one in self._streams if one.kind == "credit_lines" and one.table.parent is table), None)
        notes = credit_notes(table)
        required: tuple[str, ...] = OF_CREDIT_NOTES
        if lines and "amount" not in notes.fields and not _has_amounts(table):
            amount, doubt = net_amount(lines.table)
            of_lines = amounts_by_lines(lines.table, amount, doubt)
            lines.emissions.append(whole(of_lines, ("id", "amount")))
            required = tuple(name for name in required if name != "amount")
        stream.emissions.append(whole(notes, required))
        self._left_out(stream)

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
            stream.emissions.append(whole(credited_by_lines(table, base), ("id", "invoice_id")))
            return
        table.roles.columns["credit_id"] = table.roles.columns["invoice_id"]
        stream.emissions.append(whole(credit_notes(table), ("id", "date", "currency", "amount")))

    def _months(self, stream: Stream) -> None:
        table = stream.table
        find_customer(table)
        if not self._of("customers") and (table.column("customer_id") or table.column("customer_name")):
            stream.emissions.append(self._customers(stream))
        customer, _ = customer_id(table)
        for made in made_of_months(ask_months(table), customer):
            if made.entity != "subscriptions":
                give_currency(made, table, self._questions)
            if made.entity == "invoices":
                give_status(made, table, "invoices")
            required = REQUIRED.get(made.entity, ("id", "customer_id", "status", "start_date"))
            stream.emissions.append(whole(made, required) if made.fields else made)

    def _invoicing(self, stream: Stream) -> None:
        table = stream.table
        headers = self._headers_of(table)
        has_headers = stream.kind == "lines" and headers is not None and refers(table, headers.table, "invoice_id")
        if not has_headers:
            find_date(table, has_lines=self._has_lines(table))
            find_customer(table)
        net = of_row = net_amount(table)
        if stream.kind == "lines" and not has_headers:
            net, of_row = amount_of_rows(table, net)
        credit, doubt = self._of_headers(stream, headers) if headers and has_headers else (None, None)
        if credit is None and doubt is None:
            credit, doubt = self._credits(stream)
        are_notes = credit is not None and credit.are_all
        if not are_notes:
            self._customers_of(stream)
        if not has_headers:
            stream.emissions += self._documents(stream, net, credit)
        elif headers and not _has_amounts(headers.table):
            stream.emissions += _sums_of_lines(table, net, credit)
        if not are_notes and (stream.kind == "lines" or not self._has_lines(table)):
            made = self._lines(stream, headers if has_headers else None, of_row, credit)
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
        return any(one.kind == "lines" and refers(one.table, table, "invoice_id") for one in self._streams)

    def _credits(self, stream: Stream) -> tuple[Credits | None, str | None]:
        lines = next((one.table for one in self._streams if one.table.parent is stream.table), None)
        if lines and not _has_amounts(stream.table):
            return credits_of(stream.table, None, signed_sums(lines))
        amount, _ = net_amount(stream.table)
        named = (stream.table.column(role) for role in ("net", "amount", "gross", "unit_price"))
        figure = amount.columns[0] if amount else next(filter(None, named), None)
        return credits_of(stream.table, figure, computed=computed_amounts(stream.table, amount) if amount else None)

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
        if credit is None or credit.notes is None:
            return [made]
        made.when = f"!({credit.notes})"
        if credit.origin is None:
            return [made]  # Another table makes the notes.
        note = Emission("credit_notes", when=None if credit.are_all else credit.notes, merge=dict(made.merge))
        note.fields = {name: made.fields[name] for name in ("id", "date", "currency") if name in made.fields}
        note.doubts = {name: made.doubts[name] for name in ("date", "currency", "amount") if name in made.doubts}
        note.fields["invoice_id"] = Decision(credit.origin, "the credited invoice", (credit.origin,))
        if stream.table.holds_credits:
            give_column(note, "customer_id", stream.table, "customer_id")
            if not stream.table.column("currency"):
                note.fields["currency"] = CURRENCY_OF_INVOICE
        amount, _ = net
        if amount:
            note.fields["amount"] = taken_off(amount, of_rows=bool(note.merge), are_negative=credit.are_negative)
        divide_by_invoices(note, stream.table, credit)
        required = [name for name in OF_CREDIT_NOTES if name != "amount" or _has_amounts(stream.table)]
        return [*([] if credit.are_all else [made]), whole(note, required)]

    def _invoices(self, stream: Stream, net: Found, credit: Credits | None) -> Emission:
        table, made = stream.table, Emission("invoices")
        give_document(made, "id", table)
        give_column(made, "number", table, "number" if table.column("number") else "invoice_id")
        made.give("customer_id", *customer_id(table))
        issued, due = table.column("invoice_date"), table.column("due_date")
        made.give("date", date_of(table, issued), table.doubts.get(issued or "invoice_date"))
        if due:
            made.give("due_date", date_of(table, due), table.doubts.get(due))
        give_status(made, table, "invoices")
        give_currency(made, table, self._questions)
        amount, doubt = net
        made.give("amount", signed(amount, credit), doubt)
        if amount and not table.repeats_totals and (stream.kind == "lines" or table.has_parts):
            made.merge["amount"] = "sum"
        if stream.kind == "invoices" and not _has_amounts(table):
            if any(one.table.parent is table for one in self._streams):
                made.merge["amount"] = "sum"  # of a list in the same record, to be one object with its sums
            return whole(made, [name for name in REQUIRED["invoices"] if name != "amount"])
        return whole(made, REQUIRED["invoices"])

    def _lines(self, stream: Stream, headers: Stream | None, net: Found, credit: Credits | None) -> Emission:
        table, made = stream.table, Emission("invoice_lines")
        if credit and credit.notes:
            made.when = f"!({credit.notes})"
        give_document(made, "invoice_id", table)
        made.give("id", *line_id(table, alone=stream.kind == "invoices"))
        amount, doubt = net
        made.give("amount_excluding_tax_after_discount", signed(amount, credit), doubt)
        made.give("tax_amount", signed(tax_amount(table, amount), credit))
        for name, role in (("quantity", "quantity"), ("discount_amount", "discount")):
            made.give(name, optional_number(table, role))
        give_column(made, "description", table, "description" if table.column("description") else "product_name")
        subscriptions = self._of("subscriptions")
        if subscriptions and refers(table, subscriptions.table, "subscription_id"):
            give_column(made, "subscription_id", table, "subscription_id")
        give_periods(made, table)
        if credit and credit.condition != credit.notes:
            without_revenue(made, credit)
        grouped_lines(made, table)
        if headers and not table.column("currency"):
            made.fields["currency"] = CURRENCY_OF_INVOICE
        else:
            give_currency(made, table, self._questions)
        return whole(made, REQUIRED["invoice_lines"])

    def _subscriptions_of_lines(self, stream: Stream, lines: Emission) -> None:
        """Let lines tell the subscriptions, where no table does."""
        customer, _ = customer_id(stream.table)
        has_periods = {*lines.fields, *lines.doubts} >= {"type", "period_start", "period_end"}
        if self._of("subscriptions"):
            return
        if customer is None or len(customer.columns) > 1 or not has_periods:
            give_column(lines, "subscription_id", stream.table, "subscription_id", _MADE_BY_SETTING)
            return
        if named := named_by_lines(stream.table, customer.columns[0]):
            lines.fields["subscription_id"] = of_line(lines, named)
            made = made_of_lines(lines, named, customer)
            stream.emissions.append(whole(made, ("id", "customer_id", "status", "start_date")))

    def _left_out(self, stream: Stream) -> None:
        """Drafts and cancelled documents are left out: by a status, a yes to "cancelled", or as answered."""
        known = list(not_final(stream.table))
        for name, reason, found in known:
            _leave_out(stream, says_one_of(name, found, stream.table.profiles[name].values), reason)
        for condition, of_documents in not_counted(stream.table, [name for name, _, _ in known]):
            _leave_out(stream, condition, of_documents)
        number = stream.table.profile("invoice_id")
        if number and (repeated := cells_of(stream.table.repeated, number.values)):
            _leave_out(stream, one_of(number.name, repeated), None)
        doubt = waits_for(stream.table)
        if stream.holds_credits:
            twice, asked = taken_twice(stream.table, [one.table for one in self._streams if one is not stream])
            doubt = doubt or asked
            if twice:
                _leave_out(stream, twice, None)
        if doubt:
            for made in stream.emissions:
                if made.entity != "customers":
                    made.missing["status"] = doubt


def _leave_out(stream: Stream, condition: str, reason: str | None) -> None:
    """Skip documents for a reason, or leave rows out of them."""
    for made in stream.emissions:
        if reason and made.entity in ("invoices", "invoice_lines", "credit_notes"):
            older = made.skip.get(reason)
            made.skip[reason] = f"{older} || {condition}" if older else condition
        elif made.entity in ("invoices", "invoice_lines", "credit_notes") or (
            # One of the rows that make it; the others still do.
            made.entity == "subscriptions" and made.when
        ):
            others = f"!{condition}" if condition.startswith(("contains(", "lookup(")) else f"!({condition})"
            made.when = f"{made.when} && {others}" if made.when else others


def _rows_of_taxes(table: Understanding) -> str | None:
    """Return the condition of rows that are taxes of others: a type says so."""
    for role in ("line_type", "document_type"):
        profile = table.profile(role)
        found = [value for value in profile.values if concepts_of(str(value)) == {"tax"}] if profile else []
        if profile and found and len(found) < len(profile.values):
            return says_one_of(profile.name, found, profile.values)
    return None


def _has_amounts(table: Understanding) -> bool:
    """Tell whether documents say themselves what they come to; else their lines do."""
    roles = ("net", "before_discount", "amount", "gross", "unit_price", "debit")
    return table.parent is not None or any(table.column(role) or role in table.doubts for role in roles)


def _sums_of_lines(table: Understanding, net: Found, credit: Credits | None) -> Iterator[Emission]:
    """Yield what lines say of their invoices and credit notes, of which another table has the rest: their amounts."""
    made = Emission("invoices", merge={"amount": "sum"})
    give_document(made, "id", table)
    amount, doubt = net
    made.give("amount", signed(amount, credit), doubt)
    yield whole(made, ("id", "amount"))
    if credit and credit.notes:
        made.when = f"!({credit.notes})"
        note = Emission("credit_notes", when=credit.notes, merge=dict(made.merge))
        give_document(note, "id", table)
        part = taken_off(amount, of_rows=True, are_negative=credit.are_negative) if amount else None
        note.give("amount", part, doubt)
        yield whole(note, ("id", "amount"))
