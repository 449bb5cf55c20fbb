"""Accounting journals: rows of accounts with a debit and a credit, of which those of revenue are what was invoiced.

A document is all rows with its number: its customer stands on the row of the customers' account, its amount on those
of accounts of revenue. Only charts of accounts whose numbers are fixed are read: those of France, Germany, Spain,
Belgium and Portugal.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from fincome_tools.draft import proofs
from fincome_tools.draft.decisions import Decision, Emission, one_of
from fincome_tools.draft.nested import quoted
from fincome_tools.draft.profiles import Profile
from fincome_tools.draft.understanding import BY_NAME, Understanding

_SHARE = 0.95
_SHARE_OF_NAMES = 0.8
_MOST_LETTERS = 20
_MOST_JOURNALS = 40


class _Chart(NamedTuple):
    """How the numbers of a chart of accounts begin: of revenue, of customers, of tax."""

    revenue: tuple[str, ...]
    customers: tuple[str, ...]
    tax: tuple[str, ...]


_CHARTS = (
    _Chart(("70",), ("411",), ("4457", "445")),
    _Chart(("70",), ("430", "431"), ("477",)),  # Spain
    _Chart(("70",), ("400",), ("451",)),  # Belgium
    _Chart(("71", "72"), ("211",), ("2433",)),  # Portugal
    _Chart(("8",), ("10", "11", "12", "13", "14", "15", "2", "3", "4", "5", "6"), ("17",)),
    _Chart(("4",), ("10", "11", "12", "13", "14", "15", "2", "3", "5", "6"), ("38",)),
)


@dataclass(frozen=True)
class Journal:
    """A table that is a journal.

    Attributes:
        account: the column of account numbers.
        customer: the column that tells customers apart, in the rows of their account.
        name: that of their names.
        among: the condition of rows of documents with revenue, where others, such as payments, are told by a column.
    """

    table: Understanding
    account: str
    chart: _Chart
    customer: str
    name: str | None
    among: str | None

    @property
    def is_sale(self) -> str:
        """The condition of a row of revenue."""
        return self._of(self.chart.revenue)

    @property
    def is_customer(self) -> str:
        """The condition of a row of a customer's account."""
        return self._of(self.chart.customers)

    def _of(self, beginnings: Sequence[str]) -> str:
        return f"starts_with_any(text({quoted(self.account)}), `{json.dumps(list(beginnings))}`)"


def journal_of(table: Understanding) -> Journal | None:
    """Return what a table is as a journal; None if it is none, or its accounts aren't of a known chart."""
    needed = ("invoice_id", "invoice_date", "debit", "credit_side")
    if not all(table.column(role) for role in needed) or not all(
        table.column(role) in table.marks for role in ("debit", "credit_side")
    ):
        return None
    names = [name for name, profile in table.profiles.items() if _are_accounts(profile) and not _balances(table, name)]
    for chart in _CHARTS:
        for name in names:
            accounts = [str(value).strip() for value in table.profiles[name].values]
            has_all = all(any(one.startswith(kind) for one in accounts) for kind in chart)
            if has_all and (customer := _customer(table, name, chart)):
                return Journal(table, name, chart, *customer, _among_sales(table, name, chart))
    return None


def _are_accounts(profile: Profile) -> bool:
    accounts = [str(value).strip() for value in profile.values]
    return len(accounts) >= 3 and all(one[:3].isdigit() and len(one) <= _MOST_LETTERS for one in accounts)


def _balances(table: Understanding, name: str) -> bool:
    """Tell whether rows with one number have as much debit as credit, each time: it is an entry's, no account's."""
    sides = [one for role in ("debit", "credit_side") if (one := table.column(role))]
    sums: dict[object, Decimal] = defaultdict(Decimal)
    for number, *figures in proofs.rows_of(table.table, [name, *sides]):
        debit, credit = (proofs.figure(one, table.marks[side]) for side, one in zip(sides, figures, strict=True))
        sums[number] += (debit or Decimal(0)) - (credit or Decimal(0))
    return sum(not total for total in sums.values()) >= _SHARE * len(sums)


def _among_sales(table: Understanding, account: str, chart: _Chart) -> str | None:
    """Return the condition of rows of documents with revenue: what a column says of them, and of no others."""
    number = table.column("invoice_id") or account
    sales = {
        document
        for document, one in proofs.rows_of(table.table, [number, account])
        if str(one).startswith(chart.revenue)
    }
    for name, profile in table.profiles.items():
        if name in (account, number) or not 1 < len(profile.values) <= _MOST_JOURNALS:
            continue
        own: set[object] = set()
        other: set[object] = set()
        for document, value in proofs.rows_of(table.table, [number, name]):
            (own if document in sales else other).add(value)
        if other and own.isdisjoint(other):
            return one_of(name, sorted(map(str, own)))
    return None


def _customer(table: Understanding, account: str, chart: _Chart) -> tuple[str, str | None] | None:
    """Return the columns that the rows of customers' accounts have, and no others: a code, and a name for each."""
    own = _only_with(table, account, chart.customers)
    codes = [name for name in own if not _has_blanks(table.profiles[name])]
    pairs = [
        (code, name) for code in codes for name in own if name != code and proofs.name_alike(table.table, [code, name])
    ]
    if pairs:
        return min(pairs, key=lambda pair: (_has_blanks(table.profiles[pair[0]]), own.index(pair[0])))
    # Two customers may have one name.
    named = [(code, name) for code in codes for name in own if _is_named(table, code, name)]
    if len(named) == 1:
        return named[0]
    if len(codes) == 1:
        return codes[0], None
    accounts = {str(one) for one in table.profiles[account].values if str(one).startswith(chart.customers)}
    return (account, _title(table, account)) if not own and len(accounts) > 1 else None


def _is_named(table: Understanding, code: str, name: str) -> bool:
    """Tell whether a text with blanks is the same for each code, and hardly for two."""
    codes, names = table.profiles[code], table.profiles[name]
    is_name = names.is_text and _has_blanks(names) and len(names.values) >= _SHARE_OF_NAMES * len(codes.values)
    return is_name and code != name and proofs.depends(table.table, code, name)


def _title(table: Understanding, account: str) -> str | None:
    """Return the column with the names of accounts: a text, the same for each, and hardly twice."""
    accounts = len(table.profiles[account].values)
    names = [
        name
        for name, profile in table.profiles.items()
        if profile.is_text and profile.filled == profile.rows and len(profile.values) >= _SHARE_OF_NAMES * accounts
        if proofs.depends(table.table, account, name)
    ]
    return names[0] if len(names) == 1 else None


def _only_with(table: Understanding, account: str, beginnings: tuple[str, ...]) -> list[str]:
    """Return the columns that nearly all rows of some accounts have, and no other row."""
    names = [name for name in table.profiles if name != account]
    filled: dict[str, list[int]] = {name: [0, 0] for name in names}
    rows = [0, 0]
    for number, *values in proofs.rows_of(table.table, [account, *names]):
        is_other = not str(number).startswith(beginnings)
        rows[is_other] += 1
        for name, value in zip(names, values, strict=True):
            filled[name][is_other] += value not in (None, "")
    own = [name for name in names if filled[name][0] >= _SHARE * rows[0] > 0 and not filled[name][1]]
    return [name for name in own if table.profiles[name].dates is None]


def _has_blanks(profile: Profile) -> bool:
    return any(" " in str(value) for value in profile.values)


def customers(journal: Journal) -> Emission:
    """Return the customers."""
    made = Emission("customers", when=journal.is_customer)
    code, name = journal.customer, journal.name or journal.customer
    made.give("id", Decision(code, "what rows of customers' accounts have", (code,)))
    made.give("name", Decision(name, "what rows of customers' accounts have", (name,)))
    return made


def invoices(journal: Journal) -> Emission:
    """Return the documents, without their status and currency: all rows of one are put together."""
    table = journal.table
    of_sales = f"({journal.is_sale} || {journal.is_customer})"
    made = Emission("invoices", when=f"{of_sales} && {journal.among}" if journal.among else of_sales)
    number, issued = (table.column(role) or "" for role in ("invoice_id", "invoice_date"))
    for name in ("id", "number"):
        made.give(name, Decision(number, BY_NAME, (number,)))
    customer = f"when({journal.is_customer}, {quoted(journal.customer)})"
    made.give("customer_id", Decision(customer, "on the row of the customers' account", (journal.customer,)))
    made.give("date", table.reading(issued, table.date(issued)), table.doubts.get(issued))
    amount = revenue(journal)
    made.give("amount", Decision(f"when({journal.is_sale}, {amount.expression})", amount.reason, amount.columns))
    made.merge = {"customer_id": "first", "number": "first", "date": "min", "amount": "sum"}
    due = table.column("due_date")
    if due and (day := table.date(due)):
        own = quoted(day) if day == due else day
        made.give("due_date", Decision(f"when({journal.is_customer}, {own})", "on the customers' row", (due,)))
        made.merge["due_date"] = "first"
    return made


def sums_of_revenue(journal: Journal) -> dict[str, Decimal]:
    """Return what each document comes to by its rows of revenue."""
    table = journal.table
    number, credit, debit = (table.column(role) or "" for role in ("invoice_id", "credit_side", "debit"))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    rows = proofs.rows_of(table.table, [number, journal.account, credit, debit])
    for document, account, given, taken in rows:
        if str(account).startswith(journal.chart.revenue):
            sums[str(document)] += proofs.figure(given, table.marks[credit]) or Decimal(0)
            sums[str(document)] -= proofs.figure(taken, table.marks[debit]) or Decimal(0)
    return sums


def revenue(journal: Journal) -> Decision:
    """Return what a row of revenue comes to: its credit less its debit."""
    table = journal.table
    credit, debit = table.column("credit_side") or "", table.column("debit") or ""
    parts = [f"coalesce({table.number(name)}, `0`)" for name in (credit, debit)]
    begins = ", ".join(f"{one}…" for one in journal.chart.revenue)
    reason = f"{credit} less {debit} of the accounts of revenue ({begins} in {journal.account})"
    return Decision(f"subtract({', '.join(parts)})", reason, (credit, debit))


def lines(journal: Journal) -> Emission:
    """Return the rows of revenue, without type and currency: rows that nothing tells apart become one."""
    table = journal.table
    made = Emission("invoice_lines", when=journal.is_sale)
    number, label = table.column("invoice_id") or "", table.column("description")
    periods = (table.column("period_start") or table.column("period"), table.column("period_end"))
    names = [number, journal.account, *filter(None, (label, *periods))]
    made.give("invoice_id", Decision(number, BY_NAME, (number,)))
    made.give("id", Decision(f"concat('-', {', '.join(map(quoted, names))})", "rows alike are one", tuple(names)))
    if label:
        made.give("description", Decision(label, BY_NAME, (label,)))
    made.give("amount_excluding_tax_after_discount", revenue(journal))
    made.merge = {"amount_excluding_tax_after_discount": "sum"}
    return made
