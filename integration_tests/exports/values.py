"""What stands in columns that most exports have."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from integration_tests.exports.book import Row
from integration_tests.exports.export import END, NET, START, Spec, col
from integration_tests.exports.forms import TEXT, Form, words


def issued(row: Row) -> date:
    return row.document.date


def due(row: Row) -> date:
    return row.document.due


def start(row: Row) -> date | None:
    return row.start


def end(row: Row) -> date | None:
    """The first day after the period."""
    return row.end


def last_day(row: Row) -> date | None:
    return row.last_day


def status(row: Row) -> str:
    return row.document.status


def settled(row: Row) -> str:
    """Whether a document is paid, where no more is told of those that count."""
    return "paid" if row.document.status == "paid" else "open"


def state(row: Row) -> str:
    """A document's status in programs that know no overdue ones."""
    return "open" if row.document.status == "overdue" else row.document.status


def zero(row: Row) -> Decimal:
    return Decimal(0)


def nothing(row: Row) -> str:
    return ""


def kind(row: Row) -> str:
    return "credit_note" if row.document.is_credit else "invoice"


def line_type(row: Row) -> str:
    return "subscription" if row.line.period else "one_off"


def currency(row: Row) -> str:
    return row.customer.currency


def name(row: Row) -> str:
    return row.customer.name


def label(row: Row) -> str:
    return row.line.label


def net(row: Row) -> Decimal:
    return row.line.net


def tax(row: Row) -> Decimal:
    return row.line.tax


def gross(row: Row) -> Decimal:
    return row.line.gross


def rate(row: Row) -> Decimal:
    return row.line.rate


def price(row: Row) -> Decimal:
    return row.line.unit_price


def discount(row: Row) -> Decimal:
    return row.line.discount


def percent_off(row: Row) -> Decimal:
    """The discount in percent of what the line would be without it."""
    whole = row.line.quantity * row.line.unit_price
    return row.line.discount * 100 / whole if whole else Decimal(0)


def quantity(row: Row) -> int:
    return row.line.quantity


def signed_quantity(row: Row) -> int:
    return row.document.sign * row.line.quantity


def signed_net(row: Row) -> Decimal:
    """The line's net amount, below zero in a credit note."""
    return row.document.sign * row.line.net


def signed_tax(row: Row) -> Decimal:
    return row.document.sign * row.line.tax


def signed_gross(row: Row) -> Decimal:
    return row.document.sign * row.line.gross


def signed_discount(row: Row) -> Decimal:
    return row.document.sign * row.line.discount


def document_net(row: Row) -> Decimal:
    return row.document.net


def document_tax(row: Row) -> Decimal:
    return row.document.tax


def document_gross(row: Row) -> Decimal:
    return row.document.gross


def signed_document_net(row: Row) -> Decimal:
    return row.document.sign * row.document.net


def signed_document_tax(row: Row) -> Decimal:
    return row.document.sign * row.document.tax


def signed_document_gross(row: Row) -> Decimal:
    return row.document.sign * row.document.gross


def paid(row: Row) -> Decimal:
    """What of a document is paid: all or nothing."""
    return row.document.gross if row.document.status == "paid" else Decimal(0)


def left_to_pay(row: Row) -> Decimal:
    """What is left to pay of a document, below zero in a credit note."""
    return Decimal(0) if row.document.status == "paid" else signed_document_gross(row)


def number(invoice: str, credit: str = "") -> Any:
    """Return what gives a document its number, by the format of its kind: `FA{:05d}`, `AV{:05d}`."""
    return lambda row: (credit if row.document.is_credit else invoice).format(row.document.number)


def credited(invoice: str) -> Any:
    """Return what gives the number of the credited invoice, nothing for invoices."""
    return lambda row: invoice.format(row.document.credits.number) if row.document.credits else None


def customer(pattern: str) -> Any:
    """Return what gives a customer's id."""
    return lambda row: pattern.format(row.customer.number)


def subscription(pattern: str) -> Any:
    """Return what gives the id of a line's subscription, nothing for one-off lines."""
    return lambda row: pattern.format(row.of_subscription.number) if row.of_subscription else None


def plan(pattern: str) -> Any:
    """Return what gives a plan's id, nothing for one-off lines."""
    return lambda row: pattern.format(row.of_plan.number) if row.of_plan else None


def guid(kind: str, of: Callable[[Row], Any]) -> Callable[[Row], str | None]:
    """Return what gives the 36 characters that identify a thing, nothing where there is no such thing."""
    return lambda row: None if of(row) is None else str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}/{of(row)}"))


def product_label(heading: str, value: Any = label) -> Spec:
    """Return the column that says what was sold: of use, and no figure depends on it."""
    return col(heading, value, TEXT, "invoice_lines.description", may="products.name plans.name", matters=False)


def period_text(heading: str, value: Callable[[Row], Any]) -> Spec:
    """Return the column whose text says which days a line is for, where no other column does."""
    more = f"products.name plans.name {START} {END}"
    return col(heading, value, TEXT, "invoice_lines.description", may=more, matters=False)


def quantity_column(heading: str, value: Any, form: Form) -> Spec:
    return col(heading, value, form, "invoice_lines.quantity", matters=False)


def due_column(heading: str, form: Form) -> Spec:
    return col(heading, due, form, "invoices.due_date")


def unused_amount(heading: str, value: Any, form: Form, role: str, *, summed: bool = False) -> Spec:
    """Return a column of amounts that no field needs, such as a gross one beside the net: net = gross - tax."""
    may = NET if role == "gross" and value in (gross, signed_gross) else ""
    return col(heading, value, form, may=may, role=role, summed=summed)


def kind_column(heading: str, invoice: str, credit: str) -> Spec:
    """Return the column that tells invoices from credit notes."""
    return col(heading, kind, words({"invoice": invoice, "credit_note": credit}), role="kind", matters=True)


def type_column(heading: str, subscription_word: str, one_off: str) -> Spec:
    """Return the column that tells subscriptions from one-off lines."""
    form = words({"subscription": subscription_word, "one_off": one_off})
    return col(heading, line_type, form, "invoice_lines.type")


def tax_column(heading: str, value: Any, form: Form, *, summed: bool = False) -> Spec:
    return col(heading, value, form, "invoice_lines.tax_amount", may=NET, role="tax", summed=summed, matters=False)


def subscription_column(heading: str, pattern: str) -> Spec:
    more = "subscriptions.id invoices.subscription_id"
    return col(heading, subscription(pattern), TEXT, "invoice_lines.subscription_id", may=more)
