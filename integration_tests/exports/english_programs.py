"""English companies' exports: Invoice Ninja and Maxio.

The columns are those of public code and documentation:

- Invoice Ninja, reports of invoice items and credits:
  https://github.com/invoiceninja/invoiceninja/tree/v5-stable/app/Export/CSV
- Maxio Advanced Billing (Chargify), invoices and credit notes of its API:
  https://docs.maxio.com/hc/en-us and https://github.com/maxio-com/ab-python-sdk
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
from integration_tests.exports.forms import COUNT, TEXT, WHOLE, Form, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")
POINT = amount("1234.56")


def _paid_to_date(row: Row) -> Decimal:
    return row.document.gross if row.document.status == "paid" else Decimal(0)


def _balance(row: Row) -> Decimal:
    return row.document.gross - _paid_to_date(row)


def _ninja_invoice() -> list[Spec]:
    states = {"paid": "Paid", "open": "Sent", "cancelled": "Cancelled", "draft": "Draft"}
    return [
        v.unused_amount("Amount", v.document_gross, POINT, "document"),
        v.unused_amount("Balance", _balance, POINT, "balance"),
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("Due Date", ISO_DAY),
        col("Exchange Rate", lambda row: "1"),
        col("Number", v.number("{:04d}"), TEXT, INVOICE, may="invoices.number"),
        v.unused_amount("Paid to Date", _paid_to_date, POINT, "document"),
        v.unused_amount("Partial", v.zero, POINT, "document"),
        col("PO Number", v.nothing),
        col("Public Notes", lambda row: "Thank you for your business!"),
        col("Status", v.state, words(states), "invoices.status"),
        col("Terms", lambda row: "Net 30"),
        v.unused_amount("Total Taxes", v.document_tax, POINT, "document"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
    ]


def _ninja_item() -> list[Spec]:
    return [
        v.quantity_column("Quantity", v.quantity, COUNT),
        v.unused_amount("Unit Cost", v.price, POINT, "unit price"),
        col("Product", v.plan("sub-{:03d}"), TEXT, may="products.id products.name plans.id invoice_lines.price_id"),
        v.unused_amount("Cost", v.zero, POINT, "unit price"),
        v.product_label("Notes"),
        v.unused_amount("Discount", v.zero, POINT, "discount"),
        col("Tax Rate 1", v.rate, percent("20"), role="rate"),
        col("Tax Name 1", lambda row: "VAT" if row.line.rate else ""),
        col("Line Total", v.net, POINT, NET),
        v.unused_amount("Gross Line Total", v.gross, POINT, "gross"),
        col("Service From", v.start, ISO_DAY, START),
        col("Service To", v.last_day, ISO_DAY, END),
    ]


def _ninja_credits() -> list[Spec]:
    return [
        col("Amount", v.document_gross, POINT, "credit_notes.amount", role="gross"),
        v.unused_amount("Balance", v.zero, POINT, "balance"),
        col("Client", v.name, TEXT, "credit_notes.customer_id", may="customers.name customers.id"),
        col("Date", v.issued, ISO_DAY, "credit_notes.date"),
        col("Number", v.number("", "C{:04d}"), TEXT, "credit_notes.id"),
        col("Status", lambda row: "Applied", TEXT, may="credit_notes.status"),
        col("Total Taxes", v.document_tax, POINT, "credit_notes.amount", role="tax"),
        col("Currency", v.currency, TEXT, "credit_notes.currency"),
        col("Public Notes", v.nothing),
    ]


def _invoice_ninja(export: Export, out: Writer) -> Truth:
    """Items with their invoice's amounts repeated, and credits, whose amounts have tax, in a file of their own."""
    book = Company(
        611, EN, currencies=("GBP", "GBP", "USD"), drafts=True, cancelled=0.03, discounts="line", anchor="anniversary"
    ).book()
    specs = [*_ninja_invoice(), *_ninja_item()]
    flat = "customers invoices invoice_lines"
    out.text("invoice_items.csv", specs, book.line_rows("invoices"), flat, separator=",", encoding="utf-8")
    credits = book.document_rows("credits")
    out.text("credits.csv", _ninja_credits(), credits, "credit_notes", separator=",", encoding="utf-8")
    facts = answers(credits="own table", sign_of_credits="positive", credit_reference="none", product="Notes")
    return export.truth(out, book, facts, amounts=["Line Total"])


def _uid(kind: str) -> Form:
    """Return the form of ids such as `inv_8gd8tdhtd3hgr`."""

    def write(value: int | None) -> str | None:
        return None if value is None else f"{kind}_8g{(value + 77) * 2654435761 % 36**9:09d}"

    return Form("text", "text", write)


def _total_discount(row: Row) -> Decimal:
    return sum((line.discount for line in row.document.lines), Decimal(0))


def _subtotal(row: Row) -> Decimal:
    return row.document.net + _total_discount(row)


def _line_subtotal(row: Row) -> Decimal:
    return row.line.net + row.line.discount


def _range_start(row: Row) -> date:
    return row.start or row.document.date


def _range_end(row: Row) -> date:
    """The day of the next billing; of charges that aren't periodic it is the start."""
    return row.end or row.document.date


def _maxio_totals(credit: bool) -> list[Spec]:
    net, more = ("credit_notes.amount", "credit_notes.amount") if credit else ("", "invoices.amount")
    return [
        v.unused_amount("subtotal_amount", _subtotal, POINT, "before discount")
        if not credit
        else col("subtotal_amount", _subtotal, POINT, may=more, role="before discount"),
        col("discount_amount", _total_discount, POINT, may=more if credit else "", role="discount"),
        col("tax_amount", v.document_tax, POINT, net, may=more, role="tax"),
        col("total_amount", v.document_gross, POINT, net, may=more, role="gross"),
    ]


def _maxio_invoices() -> list[Spec]:
    states = {"paid": "paid", "open": "open", "cancelled": "voided", "draft": "draft"}
    return [
        col("uid", lambda row: row.document.number, _uid("inv"), "invoices.id"),
        col("site_id", lambda row: 20, WHOLE),
        col("customer_id", lambda row: row.customer.number + 51000, WHOLE, "invoices.customer_id", may="customers.id"),
        col("number", v.number("{}"), TEXT, "invoices.number", matters=False),
        col("sequence_number", lambda row: row.document.number, WHOLE, may="invoices.number"),
        col("transaction_time", v.issued, day("YYYY-MM-DDThh:mm:ss-05:00"), may="invoices.date"),
        col("issue_date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("due_date", ISO_DAY),
        col("status", v.state, words(states), "invoices.status"),
        col("role", lambda row: "renewal"),
        col("collection_method", lambda row: "remittance"),
        col("payment_instructions", lambda row: "Make checks payable to Acme Billing."),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("customer.chargify_id", lambda row: row.customer.number + 51000, WHOLE, may="customers.id"),
        col("customer.organization", v.name, TEXT, "customers.name"),
        col("customer.email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        *_maxio_totals(credit=False),
        v.unused_amount("credit_amount", v.zero, POINT, "document"),
        v.unused_amount("refund_amount", v.zero, POINT, "document"),
        v.unused_amount("paid_amount", _paid_to_date, POINT, "document"),
        v.unused_amount("due_amount", _balance, POINT, "balance"),
    ]


def _maxio_lines() -> list[Spec]:
    return [
        col("uid", lambda row: row.line.number, _uid("li"), "invoice_lines.id"),
        v.product_label("title"),
        col("description", lambda row: "", TEXT, may="invoice_lines.description"),
        v.quantity_column("quantity", v.quantity, POINT),
        v.unused_amount("unit_price", v.price, POINT, "unit price"),
        col("subtotal_amount", _line_subtotal, POINT, NET, role="before discount"),
        col("discount_amount", v.discount, POINT, NET, may="invoice_lines.discount_amount", role="discount"),
        v.tax_column("tax_amount", v.tax, POINT),
        v.unused_amount("total_amount", v.gross, POINT, "gross"),
        col("tiered_unit_price", lambda row: False, Form("text", "text", lambda value: value)),
        col("period_range_start", _range_start, ISO_DAY, START),
        col("period_range_end", _range_end, ISO_DAY, END),
        col("product_id", lambda row: row.of_plan.number + 3800 if row.of_plan else None, WHOLE, may=_PRODUCTS),
        col("component_id", lambda row: None),
    ]


_PRODUCTS = "products.id plans.id invoice_lines.price_id"


def _maxio_credits() -> list[Spec]:
    return [
        col("uid", lambda row: row.document.number, _uid("cn"), "credit_notes.id"),
        col("site_id", lambda row: 20, WHOLE),
        col("customer_id", lambda row: row.customer.number + 51000, WHOLE, "credit_notes.customer_id"),
        col("number", v.number("", "CN-{}"), TEXT, may="credit_notes.id"),
        col("sequence_number", lambda row: row.document.number, WHOLE),
        col("issue_date", v.issued, ISO_DAY, "credit_notes.date"),
        col("applied_date", v.issued, ISO_DAY, may="credit_notes.date"),
        col("status", lambda row: "applied", TEXT, may="credit_notes.status"),
        col("currency", v.currency, TEXT, "credit_notes.currency"),
        col("memo", lambda row: "Courtesy credit"),
        *_maxio_totals(credit=True),
        v.unused_amount("applied_amount", v.document_gross, POINT, "document"),
        v.unused_amount("remaining_amount", v.zero, POINT, "balance"),
    ]


def _maxio(export: Export, out: Writer) -> Truth:
    """Two answers of the API, amounts as texts: lines inside their invoice, one-off ones with a period of no day."""
    book = Company(
        612, EN, currencies=("USD",), rate="7", drafts=True, cancelled=0.03, anchor="anniversary", discounts="column"
    ).book()
    invoices = Sheet("", _maxio_invoices(), book.document_rows("invoices"), "customers invoices")
    lines = Sheet("line_items", _maxio_lines(), book.line_rows("invoices"), "invoice_lines")
    out.json_with_lists("invoices.json", "invoices", invoices, lines)
    out.json("credit_notes.json", "credit_notes", _maxio_credits(), book.document_rows("credits"), "credit_notes")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="none",
        period_end="exclusive",
        product="title",
    )
    return export.truth(out, book, facts, amounts=["subtotal_amount", "discount_amount"])


EXPORTS = (
    Export(
        "en_invoice_ninja",
        "Invoice Ninja, items with repeated amounts of their invoice, and credits with tax",
        _invoice_ninja,
    ),
    Export("en_maxio", "Maxio, JSON; lines in invoices, exclusive ends, one-off lines of no day", _maxio),
)
