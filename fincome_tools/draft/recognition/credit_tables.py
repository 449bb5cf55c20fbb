"""Credit notes in a table of their own: each row names the invoice, of another table, that it credits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, says_return, words_of
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.decisions import Decision, Emission, text
from fincome_tools.draft.fields.amounts import net_amount
from fincome_tools.draft.fields.document_sums import sums_of
from fincome_tools.draft.fields.given import CURRENCY_OF_INVOICE
from fincome_tools.draft.fields.signs import taken_off
from fincome_tools.draft.tables.keys import find_amount, find_date
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding, settle_dates
from fincome_tools.draft.texts.references import reference_in
from fincome_tools.draft.texts.spans import profile_of_part, with_parts

_SHARE = 0.95
_OF_INVOICES = frozenset({"invoice", "origin", "invoice_id"})
_SHORTEST_CODE = 5
_FEWEST_CREDITS = 3
_MOST_CREDITED = 0.6
_SHARE_OF_CALLED = 0.5
_AMOUNTS = ("net", "before_discount", "gross", "amount", "unit_price", "debit")
_SHARE_OF_SAME = 0.9
_OF_OTHERS = frozenset({"line", "product", "customer", "order", "subscription", "quantity", "amount", "quote"})
_OF_PERIODS = frozenset({"period", "service", "start", "end"})


def is_of_credits(table: Understanding, tables: Sequence[Understanding]) -> bool:
    """Tell whether a table is one of credit notes, and give its columns that their roles.

    Its name or a heading says it, and one of its columns has numbers of another table's invoices.
    """
    if "credit" in concepts_of(table.table.name):
        return take_credits(table, tables)
    said = [name for name in table.table.columns if {"credit", "id"} <= concepts_of(name)]
    # An empty one names no credit: rows are of others, too.
    if not any(table.profiles[name].filled == table.profiles[name].rows for name in said):
        return False
    return take_credits(table, tables)


def may_be_called_credits(table: Understanding) -> bool:
    """Tell whether a table's name says that something is given back, or put right, and not that it was paid."""
    return says_return(table.table.name) and "paid" not in concepts_of(table.table.name)


def take_credits(table: Understanding, tables: Sequence[Understanding]) -> bool:
    """Give columns the roles that they have in a table of credits; tell whether each row is one that names an invoice.

    Else rows are lines of credits, or some name no invoice: they have the roles of documents that are all credits.
    """
    known = _invoices(table, tables)
    whose = _Customers(table, tables)
    origin = _origin(table, known, whose) or _origin_in_texts(table, known, whose)
    own = _own_number(table, origin) if origin else None
    if origin is None:
        return False
    if own is None:
        return _without_numbers(table, origin)
    table.doubts.pop("invoice_id", None)
    table.roles.rivals.pop("invoice_id", None)
    columns = table.roles.columns
    named = [role for role, name in columns.items() if name in (own, origin)]
    for role in {*named, *("id", "invoice_id", "origin_id", "credit_id")} & columns.keys():
        del columns[role]
    names = table.profiles[origin]
    if table.profiles[own].is_unique and names.filled == names.rows:
        columns["credit_id"], columns["origin_id"] = own, origin
        return True
    columns["invoice_id"], columns["origin_id"] = own, origin
    table.are_numbered_as_credits = True
    return False


def _without_numbers(table: Understanding, origin: str) -> bool:
    """Let rows without a number be credits of the invoices that all of them name: one on each day."""
    profile, columns = table.profiles[origin], table.roles.columns
    if profile.filled < profile.rows or not any(one.days for one in table.profiles.values()):
        return False
    table.settle_rivals("invoice_id")
    table.roles.release(origin)
    columns.pop("invoice_id", None)
    columns["origin_id"] = origin
    return True


def complete_credits(table: Understanding) -> None:
    """Find the day and the amount of credits that no heading tells: the only day is theirs, else they are asked."""
    if table.column("invoice_date") is None and "invoice_date" not in table.doubts:
        days = [
            name
            for name, profile in table.profiles.items()
            if profile.dates and not profile.dates.of_months and profile.filled == profile.rows
            if not _is_of_period(name)
        ]
        if len(days) == 1:
            table.roles.release(days[0])
            give(table.roles, "invoice_date", days[0])
            settle_dates(table)
        else:
            find_date(table)
    if not any(table.column(role) or role in table.doubts for role in _AMOUNTS):
        find_amount(table)


class _Customers:
    """Whose the invoices of other tables are, as far as a table of credits says its customers in the same way."""

    def __init__(self, table: Understanding, tables: Sequence[Understanding]) -> None:
        role = "customer_id" if table.column("customer_id") else "customer_name"
        self._own = table.column(role)
        self._of: dict[str, str] = {}
        for other in tables:
            number, customer = other.column("invoice_id"), other.column(role)
            if other is not table and number and customer:
                pairs = proofs.rows_of(other.table, [number, customer])
                self._of |= {str(one).strip(): str(who) for one, who in pairs if who not in (None, "")}

    def agree(self, table: KeptTable, name: str) -> bool:
        """Tell whether a column names invoices of the same customer, as far as both are known."""
        if self._own is None:
            return True
        tally = proofs.Tally()
        for invoice, who in proofs.rows_of(table, [name, self._own]):
            if str(invoice).strip() in self._of and who not in (None, ""):
                tally.add(holds=self._of[str(invoice).strip()] == str(who))
        return tally.agree >= _SHARE_OF_SAME * tally.say


def _origin(table: Understanding, known: Set[str], whose: _Customers) -> str | None:
    """Return the column that names the credited invoice."""
    origins = [name for name, profile in table.profiles.items() if profile.values and _refers(table, name, known)]
    origins = [name for name in origins if not _is_own_counter(table.profiles[name]) and whose.agree(table.table, name)]
    # Counters of their own may be among the invoices' ones: what is called the invoice's comes first.
    origins.sort(
        key=lambda name: (
            not concepts_of(name) & _OF_INVOICES,
            "id" not in concepts_of(name),
            _counts(table.profiles[name]),
        )
    )
    return next(iter(origins), None)


def _origin_in_texts(table: Understanding, known: Set[str], whose: _Customers) -> str | None:
    """Return the part of the one text that names invoices of other tables."""
    found = []
    said = filter(None, map(table.column, ("description", "product_name", "line_type")))
    for name in [*free(table.roles), *said]:
        part = None if isinstance(name, Part) else reference_in(table.profiles[name], known)
        if part:
            wider = with_parts(table.table, [part])
            if whose.agree(wider, part):
                found.append((wider, part, profile_of_part(table.profiles[name], part)))
    if len(found) != 1:
        return None
    table.table, part, table.profiles[part] = found[0]
    return part


def _own_number(table: Understanding, origin: str) -> str | None:
    """Return the credit's own number: it tells each row from every other, or what the days of all its rows are."""
    unique = next(_own_ids(table, [origin]), None)
    if unique and "credit" in concepts_of(unique):
        return unique
    days = [name for name, profile in table.profiles.items() if profile.dates and not _is_of_period(name)]
    customer = table.column("customer_id") or table.column("customer_name")
    repeated = [
        name
        for name in _ids_among(table, [origin])
        if not table.profiles[name].is_unique and len(table.profiles[name].values) > 1 and days
        if all(proofs.depends(table.table, name, one) for one in [*days, *([customer] if customer else [])])
    ]
    said = [name for name in repeated if "credit" in concepts_of(name)]
    return next(iter(said), None) or unique or next(iter(repeated), None)


def _is_of_period(name: str) -> bool:
    return bool(concepts_of(name) & _OF_PERIODS)


def _is_own_counter(profile: Profile) -> bool:
    """Tell whether a heading says the credit's own id: counters of two tables are among each other's."""
    is_plain = set(words_of(profile.name)) <= {"id", "identifiant", "identifier"} and profile.is_unique
    return concepts_of(profile.name) == {"credit", "id"} or is_plain


def names_invoices(table: Understanding, invoices: Understanding) -> bool:
    """Tell whether a table with days and amounts may be one of credits, or of payments, by what it names.

    Each row names one of the invoices of another table, and tells nothing that lines tell.
    """
    theirs, says = invoices.profile("invoice_id"), concepts_of(table.table.name)
    own = any(table.column(role) for role in ("net", "before_discount", "gross", "amount")) and _is_dated(table)
    of_lines = any(table.column(role) for role in ("period_start", "period", "quantity", "unit_price", "line_id"))
    if theirs is None or not own or of_lines or "line" in says:
        return False
    known = {str(value).strip() for value in theirs.values}
    # The documents of a table of lines are named by their own header as well: by all of it.
    most = len(known) if theirs.is_unique else _MOST_CREDITED * len(known)
    return any(
        profile.filled == profile.rows <= theirs.rows and len(profile.values) <= most and _refers(table, name, known)
        for name, profile in table.profiles.items()
        if _are_codes(profile) or concepts_of(name) & _OF_INVOICES or name == theirs.name
        if _are_codes(profile) or not (name == table.column("invoice_id") or _counts(profile))
    )


def _counts(profile: Profile) -> bool:
    """Tell whether values count the rows: a counter of its own is among any longer one."""
    texts = [str(value).strip() for value in profile.values]
    if not profile.is_unique or not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return max(numbers) - min(numbers) + 1 == len(numbers)


def _is_dated(table: Understanding) -> bool:
    return any(profile.dates and not profile.dates.of_months for profile in table.profiles.values())


def _are_codes(profile: Profile) -> bool:
    texts = [str(value).strip() for value in profile.values]
    return bool(texts) and all(len(text) >= _SHORTEST_CODE and any(map(str.isdigit, text)) for text in texts)


def _invoices(table: Understanding, tables: Sequence[Understanding]) -> set[str]:
    """Return the numbers of the invoices in the other tables."""
    known: set[str] = set()
    for other in tables:
        invoice = other.profile("invoice_id") or other.profile("id")
        if other is not table and invoice is not None and "credit" not in concepts_of(other.table.name):
            known |= {str(value).strip() for value in invoice.values}
    return known


def _refers(table: Understanding, name: str, known: Set[str]) -> bool:
    values = [str(value).strip() for value in table.profiles[name].values]
    if "customer" in concepts_of(name) or name == table.column("customer_id"):
        return False
    # Some may credit invoices of a time before the files.
    share = _SHARE_OF_CALLED if "origin" in concepts_of(name) else _SHARE
    return sum(value in known for value in values) >= share * len(values)


def _ids_among(table: Understanding, origins: Sequence[str]) -> Iterator[str]:
    """Yield the columns that may be the credits' numbers by their headings, in all rows."""
    for name, profile in table.profiles.items():
        says = concepts_of(name)
        says_id = says & {"id", "credit", "document", "invoice_id"} and not says & _OF_OTHERS
        if says_id and profile.filled == profile.rows and name not in origins and profile.dates is None:
            yield name


def _own_ids(table: Understanding, origins: Sequence[str]) -> Iterator[str]:
    """Yield those of them that tell each row from every other."""
    return (name for name in _ids_among(table, origins) if table.profiles[name].is_unique)


def base_of(lines: Understanding, invoices: Understanding) -> str | None:
    """Return the column of credits' lines that names the credited invoice: that of the same customer, each time.

    Args:
        lines: of a table of credits, which is their parent.
        invoices: the documents that may be credited.
    """
    credits, own = lines.parent, lines.column("invoice_id")
    if credits is None or own is None:
        return None
    credited, invoiced = _customers_of(credits), _customers_of(invoices)
    found = []
    origin = lines.column("origin_id")
    for name in [*([origin] if origin else []), *free(lines.roles)]:
        if lines.profiles[name].dates or lines.profiles[name].filled < lines.profiles[name].rows:
            continue
        tally = proofs.Tally()
        for credit, invoice in set(proofs.rows_of(lines.table, [own, name])):
            tally.add(holds=credited.get(str(credit)) == invoiced.get(str(invoice), ""))
        if tally.say >= _FEWEST_CREDITS and tally.agree == tally.say and proofs.depends(lines.table, own, name):
            found.append(name)
    return found[0] if len(found) == 1 else None


def _customers_of(documents: Understanding) -> dict[str, str]:
    """Return the customer of each document."""
    number, customer = documents.column("invoice_id"), documents.column("customer_id")
    if number is None or customer is None:
        return {}
    return {str(one): str(other) for one, other in proofs.rows_of(documents.table, [number, customer])}


def credited_by_lines(lines: Understanding, base: str) -> Emission:
    """Return what lines of credits say of the credit notes, of which another table has the rest: what is credited."""
    made, own = Emission("credit_notes", merge={"invoice_id": "first"}), lines.column("invoice_id") or ""
    made.give("id", Decision(own, BY_NAME, (own,)))
    made.give("invoice_id", Decision(base, "it names an invoice of the same customer each time", (base,)))
    return made


def amounts_by_lines(lines: Understanding, amount: Decision | None, doubt: str | None) -> Emission:
    """Return what lines say of their credit notes, of which another table has the rest: what they come to."""
    made, own = Emission("credit_notes", merge={"amount": "sum"}), lines.column("invoice_id") or ""
    made.give("id", Decision(own, BY_NAME, (own,)))
    figure = amount.columns[0] if amount else ""
    signs = {total < 0 for total in sums_of(lines, figure).values() if total} if figure in lines.marks else set()
    if amount and len(signs) == 1:
        made.give("amount", taken_off(amount, of_rows=True, are_negative=signs == {True}))
    else:
        made.give("amount", None, doubt)
    return made


def credit_notes(table: Understanding) -> Emission:
    """Return the credit notes that the rows are, as far as they are known."""
    made = Emission("credit_notes")
    complete_credits(table)
    for name, role in (("id", "credit_id"), ("invoice_id", "origin_id"), ("customer_id", "customer_id")):
        if column := table.column(role):
            made.give(name, Decision(column, BY_NAME, (column,)))
    issued = table.column("invoice_date")
    date = table.reading(issued, table.date(issued)) if issued else None
    made.give("date", date, table.doubts.get(issued or "invoice_date"))
    if issued and "id" not in made.fields and (origin := table.column("origin_id")):
        key = f"concat('-', {text(table.questions.called(table.table.name))}, {quoted(origin)}, {quoted(issued)})"
        made.give("id", Decision(key, "credits of an invoice on one day are one", (origin, issued)))
        made.merge["amount"] = "sum"
    if currency := table.column("currency"):
        made.give("currency", Decision(currency, BY_NAME, (currency,)))
    else:
        made.give("currency", CURRENCY_OF_INVOICE)
    amount, doubt = net_amount(table)
    made.give("amount", taken_off(amount) if amount else None, doubt)
    return made
