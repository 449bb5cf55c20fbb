"""Which accounts of a journal are those of revenue, of customers and of tax: by their numbers, or words beside them.

Numbers say it in charts of accounts whose numbers are fixed. What a heading or a few words say is believed only where
it proves true: what customers owe by a document is its revenue and the tax on it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.decisions import says_one_of
from fincome_tools.draft.tables.sides import Sides

_SHARE = 0.95
_MOST_LETTERS = 20
_MOST_WORDS = 60
_FEWEST_DOCUMENTS = 5


class Told(NamedTuple):
    """How accounts are told: by how their number begins, or by what stands in a column."""

    beginnings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def has(self, value: object) -> bool:
        """Tell whether a value of the column is of these accounts."""
        text = str(value).strip()
        return text.startswith(self.beginnings) if self.beginnings else text in self.words

    def condition(self, column: str) -> str:
        """Return the condition of their rows."""
        if self.beginnings:
            return f"starts_with_any(text({quoted(column)}), `{json.dumps(list(self.beginnings))}`)"
        return says_one_of(column, self.words, ())

    def __str__(self) -> str:
        return ", ".join(f"{one}…" for one in self.beginnings) or ", ".join(self.words)


class Accounts(NamedTuple):
    """The accounts of a journal: the column that tells them, and which are what."""

    column: str
    revenue: Told
    customers: Told
    tax: Told

    def kind_of(self, value: object) -> str | None:
        """Return which of them a value of the column is of."""
        if self.revenue.has(value):
            return "revenue"
        if self.customers.has(value):
            return "customers"
        return "tax" if self.tax.has(value) else None


def _chart(revenue: str, customers: str, tax: str) -> tuple[Told, Told, Told]:
    return Told(tuple(revenue.split())), Told(tuple(customers.split())), Told(tuple(tax.split()))


_CHARTS = (
    _chart("70", "411", "4457 445"),  # France
    _chart("70", "430 431", "477"),  # Spain
    _chart("70", "400", "451"),  # Belgium
    _chart("71 72", "211", "2433"),  # Portugal
    _chart("8", "10 11 12 13 14 15 2 3 4 5 6", "17"),  # Germany, SKR 03
    _chart("4", "10 11 12 13 14 15 2 3 5 6", "38"),  # Germany, SKR 04
)
"""Charts in which nothing else begins so."""

_LOOSER_CHARTS = (
    *_CHARTS,  # Without tax.
    _chart("3", "110", "220"),  # Switzerland
    _chart("4", "20 21 22 23", "35"),  # Austria
    _chart("8", "13", "15 16 17 18"),  # Netherlands
    _chart("4", "11", "22"),  # United Kingdom
)

_REVENUE_WORDS = (
    "sales sale revenue revenues income incomes turnover fees ventes vente produits prestations abonnements umsatz"
    " umsatze erlos erlose umsatzerlose ingreso ingresos venta ventas prestaciones ricavo ricavi vendite vendita"
    " prestazioni proventi omzet opbrengst opbrengsten verkopen verkoop vendas receitas rendimentos prestacoes"
    " subscription subscriptions services"
)
_CUSTOMER_WORDS = (
    "receivable receivables debtor debtors debitoren debitor forderung forderungen clientes clients client deudores"
    " crediti clienti debiteuren creances customers"
)
_OTHER_WORDS = (
    "deferred unearned accrued advance advances anticipado anticipados constates avance avances acomptes risconti ratei"
    " acconti abgrenzung erhaltene cost costs cogs expense expenses purchase purchases achats aufwand gastos compras"
    " costi acquisti kosten inkopen bank cash payable payables liability liabilities asset assets equity stripe paypal"
    " doubtful bad dubiosi douteux douteuses provision provisions fee bancos caja banque caisse kasse interest"
)
_OF_REVENUE, _OF_CUSTOMERS = frozenset(_REVENUE_WORDS.split()), frozenset(_CUSTOMER_WORDS.split())
_OF_OTHERS = frozenset(_OTHER_WORDS.split())
_OF_TAXES = frozenset({"hst", "qst", "pst", "hmrc"})


def accounts_of(table: KeptTable, profiles: dict[str, Profile], number: str, sides: Sides) -> Iterator[Accounts]:
    """Yield what may be a table's accounts, the surest first.

    Args:
        number: the column with the documents' numbers.
    """
    numbered = [name for name, one in profiles.items() if _are_accounts(one) and not _balances(table, name, sides)]
    for name in numbered if sides.are_columns else ():
        for revenue, customers, tax in _CHARTS:
            values = profiles[name].values
            if all(any(map(told.has, values)) for told in (revenue, customers, tax)):
                yield Accounts(name, revenue, customers, tax)
    worded = [found for name, profile in profiles.items() if name != number and (found := _by_words(profile))]
    worded.sort(key=lambda one: len(profiles[one.column].values))  # Types of accounts come before their names.
    weaker = [*(Accounts(name, *chart) for name in numbered for chart in _LOOSER_CHARTS), *worded]
    for found in weaker:
        if _is_proved(table, number, sides, found):
            yield found


def _are_accounts(profile: Profile) -> bool:
    accounts = [str(value).strip() for value in profile.values]
    return len(accounts) >= 2 and all(one[:3].isdigit() and len(one) <= _MOST_LETTERS for one in accounts)


@proofs.once
def _balances(table: KeptTable, name: str, sides: Sides) -> bool:
    """Tell whether rows with one number have as much debit as credit, each time: it is an entry's, no account's."""
    sums: dict[object, Decimal] = defaultdict(Decimal)
    for number, *cells in proofs.rows_of(table, [name, *sides.columns]):
        sums[number] += sides.credited(cells)
    return sum(not total for total in sums.values()) >= _SHARE * len(sums)


def _by_words(profile: Profile) -> Accounts | None:
    """Return the accounts that words tell, such as `Sales`, `Accounts Receivable`, `VAT`."""
    if not profile.is_text or not 2 <= len(profile.values) <= _MOST_WORDS:
        return None
    found: dict[str, list[str]] = {"revenue": [], "customers": [], "tax": []}
    for value in profile.values:
        if kind := _kind(str(value)):
            found[kind].append(str(value))
    if not found["revenue"] or not found["customers"]:
        return None
    return Accounts(profile.name, *(Told(words=tuple(sorted(found[kind]))) for kind in found))


def _kind(text: str) -> str | None:
    """Return which accounts a text calls so; None of others, and of revenue that isn't earned yet."""
    said = set(words_of(text))
    if "tax" in concepts_of(text) or said & _OF_TAXES:
        return "tax"
    if said & _OF_OTHERS:
        return None
    if said & _OF_CUSTOMERS:
        return "customers"
    return "revenue" if said & _OF_REVENUE else None


@proofs.once
def _texts_in(table: KeptTable, column: str) -> frozenset[str]:
    return frozenset(map(str, table.kept[column]))


@proofs.once
def _is_proved(table: KeptTable, number: str, sides: Sides, accounts: Accounts) -> bool:
    """Tell whether customers owe, by each document with revenue, what this and its tax come to."""
    kinds = {text: accounts.kind_of(text) for text in _texts_in(table, accounts.column)}
    if not {"revenue", "customers"} <= set(kinds.values()):
        return False
    owed: dict[object, Decimal] = defaultdict(Decimal)
    parts: dict[object, Decimal] = defaultdict(Decimal)
    earned: dict[object, Decimal] = {}
    taxes: dict[object, Decimal] = defaultdict(Decimal)
    for document, account, *cells in proofs.rows_of(table, [number, accounts.column, *sides.columns]):
        kind = kinds[str(account)]
        credit = sides.credited(cells) if kind else Decimal(0)
        if kind == "revenue":
            earned[document] = earned.get(document, Decimal(0)) + credit
        elif kind == "customers":
            owed[document] -= credit
            parts[document] += abs(credit)
        elif kind == "tax":
            taxes[document] += credit
    whole = [one for one in earned if one not in (None, "") and earned[one]]
    agree = [one for one in whole if abs(owed[one] - earned[one] - taxes[one]) <= proofs.CENT]
    agree = [one for one in agree if abs(owed[one]) == parts[one]]  # Else one of them is another account.
    above = sum(owed[one] > 0 for one in agree)
    return len(whole) >= _FEWEST_DOCUMENTS and len(agree) >= proofs.SHARE * len(whole) and 2 * above > len(agree)
