"""Columns whose headings say that they identify customers or documents, and whose values don't: they get no such role.

An account of the ledger is no customer, though both are called `Konto` or `Account`; what is the same in all rows tells
nobody from anybody; what differs within one document isn't the document's customer; a number that several customers
share isn't a document's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import are_of_phones_or_banks
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.roles import Assigned
from fincome_tools.draft.tables.evidence import names_some

_FEW_ROWS = 20
_DOCUMENTS_OF_EACH = 2
_FEWEST_CUSTOMERS = 3
_MOST_CREDITED = 0.5
_MOST_CUSTOMERS = 0.6
_LEAST_OWN = 0.9
_ACCOUNT_WORDS = (
    "account accounts acct compte comptes cpt cpte konto konten cuenta cta conto rekening conta gl ledger"
    " sachkonto gegenkonto erloskonto"
)
_CUSTOMER_WORDS = (
    "client clients cli clt customer customers cust tiers kunde kunden kd debitor debitoren debitore debiteur cliente"
    " clienti clientes acheteur abonne societe company organisation organization"
)
_OF_ACCOUNTS, _OF_CUSTOMERS = frozenset(_ACCOUNT_WORDS.split()), frozenset(_CUSTOMER_WORDS.split())
# Of revenue: 70… in French, Spanish and Portuguese charts, 8… and 4… with four digits in German and English ones.
_REVENUE = re.compile(r"7[0-9]{2,9}|[48][0-9]{3}")
_CONTACTS = frozenset(["contact", "contacts", "kontakt", "contacto", "contatto", "name", "nom"])
_IDS = frozenset(["id", "invoice", "document", "invoice_id"])
_IDS_OF_CUSTOMERS = frozenset({"id", "customer_id"})
_CUSTOMERS = ("customer_id", "customer_name")


def refused(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> Iterator[tuple[str, str]]:
    """Yield roles with the columns that have them, or are rivals for them, and can't be this by their values."""
    invoice = roles.get("invoice_id")
    if invoice and (_is_shared(table, profiles, roles, invoice) or _is_of_rows(table, profiles, roles, invoice)):
        # A plain id becomes a document's where there is no other.
        yield from (("invoice_id", invoice), ("id", invoice))
        return
    if invoice and _lacks_some(profiles, invoice):
        yield "invoice_id", invoice
        return
    if (origin := roles.get("origin_id")) and invoice and not _may_name(profiles[origin], profiles[invoice]):
        yield "origin_id", origin
    own = roles.get("description")
    for told in [own] if own else roles.rivals.get("description", []):
        if _tells_customers(table, profiles, roles, told):
            yield "description", told
    for role in _CUSTOMERS:
        names = [roles.columns[role]] if role in roles.columns else roles.rivals.get(role, [])
        for name in names:
            is_of_revenue = role == "customer_name" and _names_revenue(table, profiles, name)
            if is_of_revenue or not _may_be_customers(table, profiles[name], invoice, _name_beside(roles, name)):
                yield from ((one, name) for one in _CUSTOMERS[_CUSTOMERS.index(role) :])  # No code, so no name.


def _tells_customers(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, told: str) -> bool:
    """Tell whether a text is the same for each of several customers, and another for each: their name."""
    code, invoice = roles.get("customer_id"), roles.get("invoice_id")
    if any(role in roles.rivals for role in _CUSTOMERS) or roles.get("customer_name"):
        return False
    key = code or invoice
    count = len(profiles[told].values)
    if key is None or count < _FEWEST_CUSTOMERS or profiles[key].is_unique:
        return False
    if code:
        return profiles[code].rows >= _DOCUMENTS_OF_EACH * count and proofs.name_alike(table, [code, told])
    is_repeated = count <= _MOST_CUSTOMERS * len(profiles[key].values)
    return is_repeated and profiles[told].is_text and proofs.depends(table, key, told)


def _lacks_some(profiles: Mapping[str, Profile], invoice: str) -> bool:
    """Tell whether some documents have no such number, and each row has an id: the number is only what people read."""
    profile = profiles[invoice]
    if profile.filled == profile.rows or len(profile.values) < profile.filled:
        return False
    return any(one.is_unique and "id" in concepts_of(name) and _says_document(name) for name, one in profiles.items())


def _may_name(origin: Profile, invoices: Profile) -> bool:
    """Tell whether values may name credited documents: they do, or few rows have one under a heading that says so."""
    is_called_so = bool(concepts_of(origin.name) & _IDS)
    return names_some(origin, invoices) or (is_called_so and origin.filled <= _MOST_CREDITED * origin.rows)


def _name_beside(roles: Assigned, name: str) -> str | None:
    """Return the column of customers' names, if it is another one, and none of an account's."""
    other = roles.get("customer_name")
    return other if other and other != name and not _says_account(other) else None


def _is_shared(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, invoice: str) -> bool:
    """Tell whether rows with one number have several dates, and several customers or one of few: no document's."""
    if profiles[invoice].is_unique:
        return False
    if len(profiles[invoice].values) == 1 and profiles[invoice].rows >= _FEW_ROWS:
        return True
    customer = next((name for role in _CUSTOMERS if (name := roles.get(role))), None)
    issued = roles.get("invoice_date")
    if customer is None or issued is None or proofs.depends(table, invoice, issued):
        return False
    # A customer's own reference is the same on all of its documents.
    are_few = len(profiles[invoice].values) <= len(profiles[customer].values)
    return are_few or not proofs.depends(table, invoice, customer)


def _is_of_rows(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, invoice: str) -> bool:
    """Tell whether a number is each row's own, and another column groups rows that share customer and date."""
    customer = next((name for role in _CUSTOMERS if (name := roles.get(role))), None)
    issued = roles.get("invoice_date")
    if not profiles[invoice].is_unique or customer is None or issued is None:
        return False
    return any(
        profile.filled == profile.rows and len(profiles[customer].values) < len(profile.values) < profile.rows
        for name, profile in profiles.items()
        if (_says_document(name) or _numbers_documents(profile, profiles[customer]))
        and all(proofs.depends(table, name, one) for one in (customer, issued))
    )


def _numbers_documents(profile: Profile, customers: Profile) -> bool:
    """Tell whether values look like documents' numbers, and there are several for most customers."""
    if profile.dates or len(profile.values) < _DOCUMENTS_OF_EACH * len(customers.values):
        return False
    if profile.numbers and not profile.numbers.whole:
        return False
    return all(any(map(str.isdigit, text)) and " " not in text for text in map(str, profile.values))


def _says_document(heading: str) -> bool:
    says = concepts_of(heading)
    return bool(says & _IDS) and says <= _IDS


def _may_be_customers(table: KeptTable, profile: Profile, invoice: str | None, beside: str | None) -> bool:
    if len(profile.values) == 1 and profile.rows >= _FEW_ROWS:
        return False
    may_look_so = concepts_of(profile.name) & _IDS_OF_CUSTOMERS and not _says_account(profile.name)
    if not may_look_so and are_of_phones_or_banks(profile):
        return False
    if invoice and beside and _is_of_documents(table, profile, invoice, beside):
        return False
    if beside and concepts_of(profile.name) == {"customer"} and _are_groups(table, profile, beside):
        return False
    if not _says_account(profile.name) or (beside and proofs.name_alike(table, [profile.name, beside])):
        return True
    if _are_of_revenue(profile):
        return False
    if invoice and invoice != profile.name and not proofs.depends(table, invoice, profile.name):
        return False
    return beside is None or proofs.depends(table, profile.name, beside)


def _is_of_documents(table: KeptTable, profile: Profile, invoice: str, names: str) -> bool:
    """Tell whether nearly each document has another value, though customers have several: an order's, or a contact's.

    A customer's own reference to what it bought is called as the customer's number is.
    """
    documents, customers = set[str](), set[str]()
    for document, customer in proofs.rows_of(table, [invoice, names]):
        documents.add(str(document))
        customers.add(str(customer))
    if len(documents) < _FEW_ROWS or len(customers) > _MOST_CUSTOMERS * len(documents):
        return False
    return len(profile.values) >= _LEAST_OWN * len(documents)


def _are_of_revenue(profile: Profile) -> bool:
    return all(_REVENUE.fullmatch(str(value).strip()) for value in profile.values)


def _names_revenue(table: KeptTable, profiles: Mapping[str, Profile], name: str) -> bool:
    """Tell whether texts are the names of accounts of revenue."""
    if not _says_account(name):
        return False
    codes = [one for one, profile in profiles.items() if _says_account(one) and _are_of_revenue(profile)]
    return any(proofs.name_alike(table, [one, name]) for one in codes if one != name)


def _are_groups(table: KeptTable, profile: Profile, names: str) -> bool:
    """Tell whether each value stands for several customers, as an agency or an own company; no contacts' firm."""
    is_larger = not proofs.depends(table, profile.name, names) and proofs.depends(table, names, profile.name)
    return is_larger and not set(words_of(names)) & _CONTACTS


def _says_account(heading: str) -> bool:
    """Tell whether a heading says an account, and not whose it is."""
    words = set(words_of(heading))
    is_of_customers = bool(words & _OF_CUSTOMERS)
    return (bool(words & _OF_ACCOUNTS) and not is_of_customers) or concepts_of(heading) == {"account_number"}
