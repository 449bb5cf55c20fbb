"""Exports in JSON: a company's own billing, and billwerk's invoices.

- A company's own billing: lines of its event store; no page tells it, it is written as such things are.
- billwerk, invoices of its API with their items: https://swagger.billwerk.com and
  https://github.com/search?q=%22PeriodMultiplier%22+%22PricePerUnit%22+billwerk&type=code
"""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    INVOICE,
    NET,
    START,
    Export,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import COUNT, NUMBER, TEXT, Form, cents, day, words
from integration_tests.exports.languages import DE, EN
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")
_PRODUCTS = "products.id plans.id invoice_lines.price_id"


def _own_lines() -> list[Spec]:
    states = {"paid": "S", "open": "O", "cancelled": "V", "draft": "D"}
    return [
        col("doc.no", v.number("I-{:06d}", "C-{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("doc.k", "I", "C"),
        col("doc.dt", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("doc.due", ISO_DAY),
        col("doc.st", v.state, words(states), "invoices.status"),
        col("doc.ref", v.credited("I-{:06d}"), TEXT, "credit_notes.invoice_id"),
        col("acct.id", v.guid("account", lambda row: row.customer.number), TEXT, CUSTOMER),
        col("acct.nm", v.name, TEXT, "customers.name"),
        col("acct.cc", lambda row: "GB", TEXT, "customers.country", matters=False),
        col("ln.id", lambda row: f"ln_{row.line.number:07d}", TEXT, "invoice_lines.id"),
        col("ln.sku", v.plan("SUB-{:02d}"), TEXT, may=_PRODUCTS),
        v.product_label("ln.ttl"),
        col("ln.from", v.start, ISO_DAY, START),
        col("ln.to", v.end, ISO_DAY, END),
        v.quantity_column("ln.qty", v.quantity, COUNT),
        v.unused_amount("ln.unit_c", v.price, cents(), "unit price"),
        col("ln.disc_pct", v.percent_off, NUMBER, role="discount"),
        col("ln.net_c", v.net, cents(), NET),
        v.tax_column("ln.vat_c", v.tax, cents()),
        col("ccy", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        v.subscription_column("sub", "s-{:05d}"),
    ]


def _own_billing(export: Export, out: Writer) -> Truth:
    """A JSON object a line: abbreviated names within others, cents, codes of one letter, ends the day after."""
    book = Company(
        741, EN, currencies=("GBP", "GBP", "EUR"), drafts=True, cancelled=0.03, anchor="anniversary", issue_days=(0, 1)
    ).book()
    out.json_lines("billing_lines.jsonl", _own_lines(), book.line_rows(), "customers invoices invoice_lines")
    facts = answers(
        credits="typed, positive",
        credit_reference="doc.ref",
        minor_units="cents",
        period_end="exclusive",
        product="ln.ttl",
        subscription="sub",
    )
    return export.truth(out, book, facts, amounts=["ln.net_c"])


MIDNIGHT_UTC = Form("date", "YYYY-MM-DDThh:mm:ssZ", lambda value: None if value is None else f"{value}T00:00:00Z")
IS_INVOICE = Form(
    "words",
    "words",
    lambda value: value == "invoice",
    words={"True": "invoice", "true": "invoice", "False": "credit_note", "false": "credit_note"},
)


def _object_id(kind: str, number: int) -> str:
    """24 digits of a document store's kind of id."""
    return f"{kind}{number * 2654435761 % 16**20:022x}"


def _billwerk_id(row: Row) -> str:
    return _object_id("5f", row.document.number * 2 + row.document.is_credit)


_billwerk_number = v.number("2025-{:05d}", "G2025-{:05d}")


def _contract(row: Row) -> str | None:
    return _object_id("5c", row.of_subscription.number) if row.of_subscription else None


def _billwerk_invoices() -> list[Spec]:
    return [
        # Nothing else names an invoice: its number is as good an id.
        col("Id", _billwerk_id, TEXT, "invoices.id", matters=False),
        col("InvoiceNumber", _billwerk_number, TEXT, "invoices.number", may="invoices.id", matters=False),
        col("Created", v.issued, MIDNIGHT_UTC, may="invoices.date"),
        col("DocumentDate", v.issued, MIDNIGHT_UTC, "invoices.date", may="credit_notes.date", matters=False),
        v.due_column("DueDate", MIDNIGHT_UTC),
        col("IsInvoice", v.kind, IS_INVOICE, role="kind", matters=True),
        col("CustomerId", lambda row: _object_id("5a", row.customer.number), TEXT, CUSTOMER),
        col("RecipientName", v.name, TEXT, "customers.name"),
        col("RecipientAddress.PostalCode", _zip_code, TEXT, "customers.zip_code", matters=False),
        col("RecipientAddress.City", lambda row: row.customer.city),
        col("RecipientAddress.Country", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        v.unused_amount("TotalNet", v.document_net, NUMBER, "document"),
        v.unused_amount("TotalVat", v.document_tax, NUMBER, "document"),
        v.unused_amount("TotalGross", v.document_gross, NUMBER, "document"),
        v.unused_amount("PaidAmount", v.paid, NUMBER, "document"),
    ]


def _zip_code(row: Row) -> str:
    return row.customer.zip_code


def _billwerk_items() -> list[Spec]:
    return [
        col("Id", lambda row: _object_id("5e", row.line.number), TEXT, "invoice_lines.id"),
        v.product_label("ProductDescription"),
        col("Description", v.nothing),
        col("PlanVariantId", v.plan("5b{:022d}"), TEXT, may=_PRODUCTS),
        col("ContractId", _contract, TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        v.quantity_column("Quantity", v.quantity, NUMBER),
        v.unused_amount("PricePerUnit", v.price, NUMBER, "unit price"),
        col("DiscountPercentage", v.percent_off, NUMBER, role="discount"),
        col("TotalNet", v.net, NUMBER, NET),
        v.tax_column("TotalVat", v.tax, NUMBER),
        v.unused_amount("TotalGross", v.gross, NUMBER, "gross"),
        col("VatPercentage", v.rate, NUMBER, role="rate"),
        col("PeriodStart", v.start, MIDNIGHT_UTC, START),
        col("PeriodEnd", v.end, MIDNIGHT_UTC, END),
    ]


def _billwerk(export: Export, out: Writer) -> Truth:
    """A list of invoices with their items: what is none is a credit note above zero, by true and false."""
    book = Company(742, DE, rate="19", cancelled=0, anchor="anniversary", issue_days=(0, 1)).book()
    invoices = Sheet("", _billwerk_invoices(), book.document_rows(), "customers invoices")
    items = Sheet("ItemList", _billwerk_items(), book.line_rows(), "invoice_lines")
    out.json_with_lists("invoices.json", "", invoices, items)
    facts = answers(
        credits="typed, positive",
        credit_reference="none",
        period_end="exclusive",
        product="ProductDescription",
        status="none",
        subscription="ContractId",
    )
    return export.truth(out, book, facts, amounts=["TotalNet"])


EXPORTS = (
    Export(
        "en_own_billing", "A company's own billing, JSON lines; short names, cents, codes of a letter", _own_billing
    ),
    Export("de_billwerk", "billwerk, JSON; items in invoices, credit notes told by false", _billwerk),
)
