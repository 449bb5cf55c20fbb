"""Accounting journals: rows of accounts with a debit and a credit, of which those of revenue are what was invoiced.

A document is all rows with its number: its amount stands on the rows of accounts of revenue, and its customer on that
of the customers' account, or on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.decisions import EMPTY, Decision, Emission, is_one_of
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.given import customer_id
from fincome_tools.draft.recognition.accounts import Accounts, accounts_of
from fincome_tools.draft.tables.sides import Sides, sides_in
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding

_SHARE = 0.95
_SHARE_OF_NAMES = 0.8
_MOST_JOURNALS = 40
_FEWEST_DOCUMENTS = 2


@dataclass(frozen=True)
class Journal:
    """A table that is a journal.

    Attributes:
        customer: the column that tells customers apart.
        name: that of their names.
        is_of_sales: the rows of revenue say the customer; else those of the customers' accounts do.
        among: the condition of rows of documents with revenue, where others, such as payments, are told by a column.
        are_known: another table has the customers.
    """

    table: Understanding
    accounts: Accounts
    sides: Sides
    customer: str
    name: str | None
    is_of_sales: bool
    among: str | None
    are_known: bool = False

    @property
    def is_sale(self) -> str:
        """The condition of a row of revenue."""
        return self.accounts.revenue.condition(self.accounts.column)

    @property
    def is_customer(self) -> str:
        """The condition of a row of a customer's account."""
        return self.accounts.customers.condition(self.accounts.column)

    @property
    def tells_customer(self) -> str:
        """The condition of a row that says whose the document is."""
        return self.is_sale if self.is_of_sales else self.is_customer


def journal_of(table: Understanding) -> Journal | None:
    """Return what a table is as a journal; None if it is none, or its accounts aren't known."""
    number, side = table.column("invoice_id"), table.column("sides")
    if number is None or table.column("invoice_date") is None:
        return None
    for sides in sides_in(table.profiles, table.roles, table.marks, side):
        for accounts in accounts_of(table.table, table.profiles, number, sides):
            if customer := _customer(table, accounts, sides):
                table.marks |= sides.marks
                return Journal(table, accounts, sides, *customer, _among_sales(table, accounts))
    return None


def _among_sales(table: Understanding, accounts: Accounts) -> str | None:
    """Return the condition of rows of documents with revenue: what a column says of them, and of no others."""
    account, number = accounts.column, table.column("invoice_id") or accounts.column
    sales = {document for document, one in proofs.rows_of(table.table, [number, account]) if accounts.revenue.has(one)}
    for name, profile in table.profiles.items():
        if name in (account, number) or not 1 < len(profile.values) <= _MOST_JOURNALS:
            continue
        own, other = set[str](), set[str]()
        for document, value in proofs.rows_of(table.table, [number, name]):
            (own if document in sales else other).add(EMPTY if value in (None, "") else str(value))
        if other and own.isdisjoint(other):
            return is_one_of(name, sorted(own), sorted(other))
    return None


def _customer(table: Understanding, accounts: Accounts, sides: Sides) -> tuple[str, str | None, bool] | None:
    """Return the columns of a customer's code and name, and whether they stand on the rows of revenue.

    They may be columns that the rows of customers' accounts have, and no others; columns that all rows of a document
    have; the counterpart of revenue; or the account itself.
    """
    own = _only_with(table, accounts, sides)
    if found := _code_and_name(table, own):
        return *found, False
    of_sales = _of_sales(table, accounts)
    named = [name for role in ("customer_id", "customer_name") if (name := table.column(role)) in of_sales and name]
    if named:
        return named[0], table.column("customer_name"), True
    codes = [name for name in own if not _has_blanks(table.profiles[name]) and _is_repeated(table, name)]
    if len(codes) == 1:
        return codes[0], None, False
    account = accounts.column
    accounts_of_customers = {str(one) for one in table.profiles[account].values if accounts.customers.has(one)}
    title = _title(table, account)
    counterparts = [] if title else [name for name in of_sales if _are_counterparts(table, accounts, name)]
    if len(counterparts) == 1:
        return counterparts[0], None, True
    return (account, title, False) if len(accounts_of_customers) > 1 and accounts.customers.beginnings else None


def _of_sales(table: Understanding, accounts: Accounts) -> list[str]:
    """Return the columns that all rows of revenue have, the same in each of a document."""
    number = table.column("invoice_id") or accounts.column
    names = [name for name in table.profiles if name not in (accounts.column, number)]
    seen: dict[str, dict[object, object]] = {name: {} for name in names}
    fits = set(names)
    for account, document, *values in proofs.rows_of(table.table, [accounts.column, number, *names]):
        if accounts.revenue.has(account):
            for name, value in zip(names, values, strict=True):
                if value in (None, "") or seen[name].setdefault(document, value) != value:
                    fits.discard(name)
    return [name for name in names if name in fits]


def _are_counterparts(table: Understanding, accounts: Accounts, name: str) -> bool:
    """Tell whether a column has, on each row of revenue, the account of a customer, of which there are several."""
    values = {
        value
        for account, value in proofs.rows_of(table.table, [accounts.column, name])
        if accounts.revenue.has(account)
    }
    return len(values) > 1 and bool(accounts.customers.beginnings) and all(map(accounts.customers.has, values))


def _is_repeated(table: Understanding, name: str) -> bool:
    """Tell whether several documents have each value, in the mean: what matches payments is a document's own."""
    number = table.profile("invoice_id")
    return number is not None and _FEWEST_DOCUMENTS * len(table.profiles[name].values) <= len(number.values)


def _code_and_name(table: Understanding, own: list[str]) -> tuple[str, str | None] | None:
    """Return a code and a name that go together, of the columns that only rows of customers' accounts have."""
    codes = [name for name in own if not _has_blanks(table.profiles[name])]
    pairs = [
        (code, name) for code in codes for name in own if name != code and proofs.name_alike(table.table, [code, name])
    ]
    if pairs:
        return min(pairs, key=lambda pair: (_has_blanks(table.profiles[pair[0]]), own.index(pair[0])))
    # Two customers may have one name.
    named = [(code, name) for code in codes for name in own if _is_named(table, code, name)]
    return named[0] if len(named) == 1 else None


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


def _only_with(table: Understanding, accounts: Accounts, sides: Sides) -> list[str]:
    """Return the columns that nearly all rows of customers' accounts have, and no other row."""
    names = [name for name in table.profiles if name != accounts.column and name not in sides.columns]
    filled: dict[str, list[int]] = {name: [0, 0] for name in names}
    rows = [0, 0]
    for number, *values in proofs.rows_of(table.table, [accounts.column, *names]):
        is_other = not accounts.customers.has(number)
        rows[is_other] += 1
        for name, value in zip(names, values, strict=True):
            filled[name][is_other] += value not in (None, "")
    own = [name for name in names if filled[name][0] >= _SHARE * rows[0] > 0 and not filled[name][1]]
    return [name for name in own if table.profiles[name].dates is None]


def _has_blanks(profile: Profile) -> bool:
    return any(" " in str(value) for value in profile.values)


def key_of_customers(journal: Journal, table: Understanding) -> str | None:
    """Return the column that tells the rows of another table apart by the codes of a journal's customers."""
    accounts = journal.accounts
    told = accounts.revenue if journal.is_of_sales else accounts.customers
    rows = proofs.rows_of(journal.table.table, [accounts.column, journal.customer])
    codes = {str(code) for account, code in rows if told.has(account)}
    keys = [
        name
        for name, profile in table.profiles.items()
        if profile.is_unique and codes <= {str(value) for value in profile.values}
    ]
    return keys[0] if len(keys) == 1 and len(codes) > 1 else None


def customers(journal: Journal) -> Emission:
    """Return the customers."""
    made = Emission("customers", when=journal.tells_customer)
    decision, doubt = _identity(journal)
    name = journal.name or journal.customer
    made.give("id", decision, doubt)
    made.give("name", Decision(name, _where(journal), (name,)))
    return made


def _where(journal: Journal) -> str:
    return "what rows of revenue have" if journal.is_of_sales else "what rows of customers' accounts have"


def _identity(journal: Journal) -> tuple[Decision | None, str | None]:
    """Return what tells customers apart; that a name does, or an account for which there is no name, is asked."""
    code, table = journal.customer, journal.table
    if journal.is_of_sales and code == table.column("customer_name"):
        return customer_id(table)
    is_account = journal.accounts.customers.beginnings and code != table.column("customer_id")
    if not is_account or not _are_accounts(journal) or journal.name or journal.are_known:
        return Decision(code, _where(journal), (code,)), None
    question = Question(
        table.question_id("customer"),
        words(
            f"Is each account {journal.accounts.customers} in {code} that of one customer?",
            f"Chaque compte {journal.accounts.customers} de {code} est-il celui d'un seul client ?",
        ),
        (code,),
        answers(name=("yes, it is the customer's id", "oui, c'est l'identifiant du client"), none=("no", "non")),
        likely="name",
    )
    if table.questions.ask(question) != "name":
        return None, question.id
    return Decision(code, "the customer's account, as answered", (code,)), None


def _are_accounts(journal: Journal) -> bool:
    """Tell whether customers are told by their accounts, on their own rows or as the counterpart of revenue."""
    return journal.customer == journal.accounts.column or journal.is_of_sales


def invoices(journal: Journal) -> Emission:
    """Return the documents, without their status and currency: all rows of one are put together."""
    table = journal.table
    of_sales = f"({journal.is_sale} || {journal.is_customer})"
    made = Emission("invoices", when=f"{of_sales} && {journal.among}" if journal.among else of_sales)
    number, issued = (table.column(role) or "" for role in ("invoice_id", "invoice_date"))
    for name in ("id", "number"):
        made.give(name, Decision(number, BY_NAME, (number,)))
    identity, doubt = _identity(journal)
    customer = f"when({journal.tells_customer}, {quoted(journal.customer)})"
    made.give("customer_id", identity and Decision(customer, _where(journal), (journal.customer,)), doubt)
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
    number, sums = table.column("invoice_id") or "", dict[str, Decimal]()
    rows = proofs.rows_of(table.table, [number, journal.accounts.column, *journal.sides.columns])
    for document, account, *cells in rows:
        if journal.accounts.revenue.has(account):
            sums[str(document)] = sums.get(str(document), Decimal(0)) + journal.sides.credited(cells)
    return sums


def revenue(journal: Journal) -> Decision:
    """Return what a row of revenue comes to: its credit less its debit."""
    accounts, sides = journal.accounts, journal.sides
    reason = f"{sides} of the accounts of revenue ({accounts.revenue} in {accounts.column})"
    return Decision(sides.expression(journal.table.number), reason, sides.columns)


def lines(journal: Journal) -> Emission:
    """Return the rows of revenue, without type and currency: rows that nothing tells apart become one."""
    table = journal.table
    made = Emission("invoice_lines", when=journal.is_sale)
    number, label = table.column("invoice_id") or "", table.column("description")
    periods = (table.column("period_start") or table.column("period"), table.column("period_end"))
    names = [number, journal.accounts.column, *filter(None, (label, *periods))]
    made.give("invoice_id", Decision(number, BY_NAME, (number,)))
    made.give("id", Decision(f"concat('-', {', '.join(map(quoted, names))})", "rows alike are one", tuple(names)))
    if label:
        made.give("description", Decision(label, BY_NAME, (label,)))
    made.give("amount_excluding_tax_after_discount", revenue(journal))
    made.merge = {"amount_excluding_tax_after_discount": "sum"}
    return made
