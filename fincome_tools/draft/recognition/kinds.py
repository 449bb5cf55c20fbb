"""Which kind of objects a table's rows are: by its columns, by its name, and by what else is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from fincome_tools.draft.columns.lists import ListTable
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.fields.amounts import settle_by_invoices
from fincome_tools.draft.recognition.credit_tables import is_of_credits
from fincome_tools.draft.recognition.journals import journal_of
from fincome_tools.draft.recognition.month_columns import months_in
from fincome_tools.draft.recognition.relations import ask_kind
from fincome_tools.draft.tables.keys import find_amount, find_invoice_number, names_sales
from fincome_tools.draft.tables.understanding import Understanding

Kind = Literal[
    "journal",
    "months",
    "lines",
    "invoices",
    "credits",
    "credit_lines",
    "customers",
    "subscriptions",
    "products",
    "plans",
    "unknown",
]
KINDS: Mapping[Kind, str] = {
    "journal": "an accounting journal",
    "months": "amounts in a column for each month",
    "lines": "lines of invoices",
    "invoices": "invoices",
    "credits": "credit notes",
    "credit_lines": "lines of credit notes",
    "customers": "customers",
    "subscriptions": "subscriptions",
    "products": "products",
    "plans": "plans",
    "unknown": "nothing that Fincome has",
}

_NO_INVOICES = frozenset({"paid", "quote", "order"})
"""What tables are of that have figures as invoices have, and are none: payments, quotes, orders."""


_AMOUNTS = ("net", "before_discount", "gross", "amount", "unit_price")
_WORDS_OF_SUPPLIERS = (
    "supplier suppliers vendor vendors fournisseur fournisseurs lieferant lieferanten kreditor fornitore fornitori"
    " proveedor proveedores leverancier leveranciers crediteur fornecedor"
)
_SUPPLIERS = frozenset(_WORDS_OF_SUPPLIERS.split())
_TOTALS = frozenset({"total", "net", "gross", "tax", "discount", "balance"})
_OF_TOTALS = _TOTALS | {"amount", "rate", "invoice", "due", "paid", "line"}
_MOST_TOTALS = 12
_LINES = frozenset({"line", "product", "charge", "service"})
_NO_LINES = frozenset({"paid", "tax", "discount", "customer", "credit"})


def kind_of(table: Understanding, tables: Sequence[Understanding]) -> Kind:
    """Return what a table's rows are; columns get the roles that this kind needs.

    Args:
        tables: all, the table among them.
    """
    if isinstance(table.table, ListTable):
        return _of_list(table, table.table.column)
    says = concepts_of(table.table.name)
    is_other = says & _NO_INVOICES and not says & {"invoice", "line"}
    if says & {"order"} and table.column("invoice_id"):
        is_other = says & {"paid", "quote"}
    if is_other and any(_has_invoices(one) for one in tables if one is not table):
        return "unknown"
    is_other = (is_other and not says & {"order"}) or _is_of_purchases(table)
    if is_other and ask_kind(table, likely="none") not in ("invoices", "credits"):
        return "unknown"
    if journal_of(table):
        return "journal"
    if months_in(table):
        return "months"
    if is_of_credits(table, tables):
        return "credits"
    if table.parent and any(_are_totals(profile) for profile in table.profiles.values()):
        return "unknown"
    return _named(table) or _of_columns(table, tables)


def _is_of_purchases(table: Understanding) -> bool:
    """Tell whether rows name suppliers, and no customers: what was bought isn't what was sold."""
    if any(role in table.roles.columns or role in table.roles.rivals for role in ("customer_id", "customer_name")):
        return False
    suppliers = [one for name, one in table.profiles.items() if set(words_of(name)) & _SUPPLIERS]
    return any(one.filled == one.rows and len(one.values) > 1 for one in suppliers)


def _are_totals(profile: Profile) -> bool:
    """Tell whether texts call each row a sum of its document, such as `Subtotal`, `VAT`, `Total`."""
    said = [concepts_of(str(value)) for value in profile.values] if 1 < len(profile.values) <= _MOST_TOTALS else []
    return (
        bool(said) and all(_TOTALS & one and one <= _OF_TOTALS for one in said) and any("total" in one for one in said)
    )


def _of_list(table: Understanding, name: str) -> Kind:
    """Return the kind of a list within records: lines by its name, or by what they come to."""
    if table.parent is None or concepts_of(name) & _NO_LINES:
        return "unknown"
    is_proved = settle_by_invoices(table, table.parent)
    amounts = any(table.column(role) or role in table.doubts for role in _AMOUNTS)
    is_called = concepts_of(name) & _LINES or table.column("quantity") or table.column("period_start")
    return "lines" if is_proved or (amounts and is_called) else "unknown"


def _has_invoices(table: Understanding) -> bool:
    return "invoice" in concepts_of(table.table.name) or bool(table.column("invoice_id"))


def _named(table: Understanding) -> Kind | None:
    """Return the kind that a table's name says, if its columns can be that, whatever figures it has besides."""
    says, column = concepts_of(table.table.name), table.column
    if says & {"invoice", "document", "credit", "line"} or column("invoice_id"):
        return None
    if "customer" in says and (column("customer_name") or column("email")) and _is_key(table, "customer_id"):
        return "customers"
    is_running = column("customer_id") and (column("period_start") or column("invoice_date"))
    if "subscription" in says and is_running and _is_key(table, "subscription_id"):
        if column("period_start") is None:
            table.roles.columns["period_start"] = table.roles.columns.pop("invoice_date")
        return "subscriptions"
    return None


def _is_key(table: Understanding, role: str) -> bool:
    """Tell whether a role's column, or a plain id in its place, tells every row from every other."""
    own, plain = table.profile(role), table.profile("id")
    if own and own.is_unique:
        return True
    if own or plain is None or not plain.is_unique:
        return False
    table.roles.columns[role] = table.roles.columns.pop("id")
    return True


def _of_columns(table: Understanding, tables: Sequence[Understanding]) -> Kind:
    column = table.column
    says = concepts_of(table.table.name)
    amounts = any(column(role) or role in table.doubts for role in _AMOUNTS)
    amounts = amounts or bool(column("debit") and column("credit_side"))
    is_document = ("invoice" in says and "line" not in says) or column("invoice_date")
    plain = table.profile("id")
    if column("invoice_id") is None and plain and plain.filled == plain.rows and amounts and is_document:
        table.roles.columns["invoice_id"] = table.roles.columns.pop("id")
    if amounts and is_document and column("invoice_id") is None and (number := column("credit_id")):
        table.roles.release(number)
        table.roles.columns["invoice_id"] = number
        table.are_numbered_as_credits = True
    if amounts and column("invoice_id") is None and "invoice_id" not in table.doubts and not _is_other(table):
        find_invoice_number(table)
    if not amounts and not table.parent and not column("invoice_id") and names_sales(table):
        find_invoice_number(table)
        amounts = bool(column("invoice_id")) and find_amount(table)
    if table.parent and not any(column(role) for role in ("net", "gross", "before_discount")):
        amounts = settle_by_invoices(table, table.parent) or amounts
    has_lines = any(one.parent is table and _has_amounts(one) for one in tables)
    if column("invoice_id") and (column("invoice_date") or table.parent) and not amounts and not has_lines:
        amounts = find_amount(table)
    if amounts and "invoice_id" in table.doubts:
        return "lines"
    if (invoice := table.profile("invoice_id")) and amounts:
        has_own_lines = any(one.parent and one.parent is table.parent for one in tables if one is not table)
        is_alone = table.parent and not has_own_lines  # A line each: nothing else has what the documents come to.
        others = [one for one in tables if one is not table]
        if invoice.is_unique and not is_alone and any(_are_documents(one, invoice) for one in others):
            return "unknown" if not (column("invoice_date") or _names_customers(table)) else "invoices"
        is_one_each = table.parent and not column("invoice_date") and not _names_customers(table)
        return "invoices" if invoice.is_unique and not is_one_each else "lines"
    if invoice and invoice.is_unique and column("invoice_date") and any(one.parent is table for one in tables):
        return "invoices"  # Their lines have the amounts.
    if table.is_of_customers and not amounts:
        return "customers"
    contract = table.profile("subscription_id")
    is_contract = contract and column("invoice_id") is None and (contract.is_unique or "subscription" in says)
    if is_contract and (column("period_start") or column("status")) and not amounts:
        return "subscriptions"
    own = table.profile("id")
    is_key = own and own.is_unique and "invoice" not in says
    if is_key and column("customer_id") and column("period_start") and column("subscription_id") is None:
        table.roles.columns["subscription_id"] = table.roles.columns.pop("id")
        return "subscriptions"
    if not amounts and (key := _key_of_contracts(table)):
        table.roles.release(key)
        table.roles.columns["subscription_id"] = key
        if column("period_start") is None:
            table.roles.columns["period_start"] = table.roles.columns.pop("invoice_date")
        return "subscriptions"
    stands_alone = "invoice" not in says and not any(
        column(role) for role in ("customer_id", "customer_name", "invoice_id")
    )
    if stands_alone and (column("product_id") or column("product_name")):
        return "products"
    if "product" in says and column("id") and column("customer_name"):
        table.roles.columns["product_id"] = table.roles.columns.pop("id")
        table.roles.columns["product_name"] = table.roles.columns.pop("customer_name")
        return "products"
    if column("customer_name") or column("email"):
        if column("customer_id") is None and column("id"):
            table.roles.columns["customer_id"] = table.roles.columns.pop("id")
        customer = table.profile("customer_id")
        return "customers" if customer and customer.is_unique and not amounts else "unknown"
    return "unknown"


def _has_amounts(lines: Understanding) -> bool:
    return any(lines.column(role) for role in _AMOUNTS)


def _key_of_contracts(table: Understanding) -> str | None:
    """Return what tells rows apart that have a customer each, a first day, and a day on which they ended or may end."""
    column = table.column
    begins = column("period_start") or column("invoice_date")
    ends = column("period_end") or column("canceled_date")
    if not (column("customer_id") and begins and ends) or column("invoice_id") or table.parent:
        return None
    customer = table.profile("customer_id")
    named = [name for role in ("subscription_id", "id", "product_id") if (name := column(role))]
    unique = [name for name in named if table.profiles[name].is_unique]
    return unique[0] if unique and customer and not customer.is_unique else None


def _are_documents(table: Understanding, numbers: Profile) -> bool:
    """Tell whether a table has the days and the customers of just those documents whose amounts another has."""
    own = table.profile("invoice_id")
    is_whole = table.column("invoice_date") and _names_customers(table)
    return bool(is_whole and own and own.is_unique and own.values.keys() == numbers.values.keys())


def _names_customers(table: Understanding) -> bool:
    return bool(table.column("customer_id") or table.column("customer_name"))


def _is_other(table: Understanding) -> bool:
    """Tell whether a table with figures may be one of subscriptions, products or customers."""
    column = table.column
    contracts = column("subscription_id") or (column("id") and column("period_start"))
    sold = not column("invoice_date") and (column("product_id") or column("product_name") or column("email"))
    return bool(contracts or sold) and not column("invoice_date")
