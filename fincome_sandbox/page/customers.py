"""Customers: a search over all of them, and all that is known of one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from fincome_sandbox.contract import Contract
from fincome_sandbox.exact_json import Json, parse
from fincome_sandbox.page import log
from fincome_sandbox.page.books import Books
from fincome_sandbox.page.paging import Paging
from fincome_sandbox.page.quality import money
from fincome_sandbox.page.reports import Reports
from fincome_sandbox.store import Store

_ROWS = 50
_INVOICES = 20
# Lines shown of one invoice, and subscriptions and credit notes of one customer: more are counted, not listed.
_MOST = 100


@dataclass(frozen=True)
class Money:
    """An amount as it is shown."""

    text: str
    currency: str


@dataclass(frozen=True)
class Row:
    """One customer of the list."""

    id: str
    name: str
    email: str
    country: str
    mrr: Sequence[Money]
    subscriptions: int


def all_of(books: Books, reports: Reports, search: str, page: int) -> dict[str, object]:
    """The customers whose name, e-mail address or id contains what is searched, by name."""
    wanted = search.strip().casefold()
    found = [id_ for id_, one in books.customers.items() if wanted in one.searched]
    found.sort(key=lambda id_: (books.customers[id_].name.casefold(), id_))
    paging = Paging(page, _ROWS, len(found))
    shown = found[paging.offset : paging.offset + paging.size]
    counts = dict.fromkeys(shown, 0)
    for subscription in books.subscriptions.values():
        if subscription.customer in counts:
            counts[subscription.customer] += 1
    rows = []
    for id_ in shown:
        one = books.customers[id_]
        values = reports.revenue.by_customer.get(id_, {})
        mrr = [Money(money(value, currency), currency) for currency, value in values.items()]
        rows.append(Row(id_, one.name, one.email, one.country, mrr, counts[id_]))
    return {"search": search, "rows": rows, "paging": paging, "revenue": reports.revenue}


class Fields(dict[str, Json]):
    """An object's fields; one that it doesn't have is an empty text."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Shown:
    """An object in full, and those that belong to it."""

    id: str
    fields: Fields
    lines: "Sequence[Shown]" = ()
    more_lines: int = 0


def one(
    contract: Contract, store: Store, books: Books, reports: Reports, id_: str, page: int, requests_page: int
) -> dict[str, object] | None:
    """All about one customer; None if there is no such customer."""
    if id_ not in books.customers:
        return None
    owned = _owned(books, id_)
    invoices = Paging(page, _INVOICES, len(owned["invoices"]))
    newest = sorted(owned["invoices"], key=lambda one: _dated(books, one), reverse=True)
    of_invoice: dict[str, list[str]] = defaultdict(list)
    for line in owned["invoice_lines"]:
        of_invoice[books.lines[line].invoice].append(line)
    objects = [(entity, one) for entity, ids in owned.items() for one in ids]
    sizes = Paging(requests_page, _ROWS, 0)
    total, requests = log.in_order(store, objects, sizes.offset, sizes.size)
    values = reports.revenue.by_customer.get(id_, {})
    return {
        "id": id_,
        "customer": _shown(store, "customers", id_).fields,
        "known_fields": [name for name in contract.entities["customers"].fields if name != "id"],
        "mrr": [Money(money(value, currency), currency) for currency, value in values.items()],
        "revenue": reports.revenue,
        "subscriptions": [_shown(store, "subscriptions", one) for one in owned["subscriptions"][:_MOST]],
        "invoices": [
            _shown(store, "invoices", one, of_invoice[one])
            for one in newest[invoices.offset : invoices.offset + invoices.size]
        ],
        "credit_notes": [_shown(store, "credit_notes", one) for one in owned["credit_notes"][:_MOST]],
        "counts": {entity: len(ids) for entity, ids in owned.items()},
        "paging": invoices,
        "requests": requests,
        "requests_paging": Paging(requests_page, _ROWS, total),
        "most": _MOST,
    }


def _owned(books: Books, customer: str) -> dict[str, list[str]]:
    """The ids of all that belongs to a customer, by entity, in the order in which it came."""
    subscriptions = [id_ for id_, one in books.subscriptions.items() if one.customer == customer]
    invoices = {id_ for id_, one in books.invoices.items() if one.customer == customer}
    return {
        "customers": [customer],
        "subscriptions": subscriptions,
        "invoices": list(invoices),
        "invoice_lines": [id_ for id_, line in books.lines.items() if line.invoice in invoices],
        "credit_notes": [
            id_ for id_, one in books.credit_notes.items() if one.customer == customer or one.invoice in invoices
        ],
    }


def _dated(books: Books, invoice: str) -> tuple[str, str]:
    date = books.invoices[invoice].date
    return (date.isoformat() if date else "", invoice)


def _shown(store: Store, entity: str, id_: str, lines: Sequence[str] = ()) -> Shown:
    body = parse(store.get(entity, id_) or "{}")
    assert isinstance(body, dict)
    of_it = [_shown(store, "invoice_lines", line) for line in lines[:_MOST]]
    return Shown(id_, Fields(body), of_it, max(0, len(lines) - _MOST))
