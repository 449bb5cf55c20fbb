"""English exports that are held back."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Layout, Writer, answers, col
from integration_tests.exports.forms import TEXT, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

AMERICAN_DAY = day("MM/DD/YYYY")


def _brackets(export: Export, out: Writer) -> Truth:
    book = Company(
        231, EN, currencies=("USD", "CAD"), rate="13", discounts="line", issue_days=(0, 4), drafts=True
    ).book()
    dollars = amount("$1,234.56", "parentheses")
    states = {"paid": "Paid", "open": "Sent", "overdue": "Late", "cancelled": "Void", "draft": "Draft"}
    specs = [
        col("Client Name", v.name, TEXT, "customers.name"),
        col("Client Id", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Invoice #", v.number("{:07d}", "C{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Date Issued", v.issued, AMERICAN_DAY, "invoices.date", may="credit_notes.date"),
        col("Date Due", v.due, AMERICAN_DAY, "invoices.due_date"),
        col("Invoice Status", v.status, words(states), "invoices.status"),
        v.product_label("Item"),
        v.unused_amount("Rate", v.price, dollars, "unit price"),
        v.quantity_column("Quantity", v.signed_quantity, amount("1,234.56", "parentheses")),
        col("Line Subtotal", v.signed_net, dollars, NET, may="invoices.amount"),
        v.tax_column("Tax", v.signed_tax, dollars),
        v.unused_amount("Line Total", v.signed_gross, dollars, "gross"),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Service From", v.start, AMERICAN_DAY, START),
        col("Service Through", v.last_day, AMERICAN_DAY, END),
        col("Credit For Invoice #", v.credited("{:07d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("invoice_details.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="negative, untyped", credit_reference="Credit For Invoice #", product="Item")
    return export.truth(out, book, facts, amounts=["Line Subtotal"])


def _header_totals(export: Export, out: Writer) -> Truth:
    book = Company(232, EN, currencies=("USD",), rate="8", arrears=True, upgrades=0).book()
    plain, grouped = day("M/D/YYYY"), amount("1,234.56")
    specs = [
        col("Internal ID", v.number("{:06d}", "9{:05d}"), TEXT, INVOICE, may="credit_notes.id"),
        col("Document Number", v.number("INV{:05d}", "CM{:05d}"), TEXT, "invoices.number", matters=False),
        v.kind_column("Type", "Invoice", "Credit Memo"),
        col("Date", v.issued, plain, "invoices.date", may="credit_notes.date"),
        col("Due Date/Receive By", v.due, plain, "invoices.due_date"),
        col("Customer Internal ID", v.customer("{}"), TEXT, CUSTOMER),
        col("Name", lambda row: f"{row.customer.number} {row.customer.name}", TEXT, "customers.name"),
        v.unused_amount("Amount (Transaction Total)", v.signed_document_gross, grouped, "document"),
        v.product_label("Item"),
        v.quantity_column("Quantity", v.signed_quantity, grouped),
        col("Amount (Net)", v.signed_net, grouped, NET),
        v.tax_column("Amount (Tax)", v.signed_tax, grouped),
        col("Rev. Rec. Start Date", v.start, plain, START),
        col("Rev. Rec. End Date", v.last_day, plain, END),
        col("Created From: Internal ID", v.credited("{:06d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    layout = Layout([["Transaction detail"], ["Jan 2025 - Dec 2025"]])
    out.text("TransactionDetail.csv", specs, rows, separator=",", encoding="utf-8-sig", layout=layout)
    facts = answers(
        credits="typed, negative",
        credit_reference="Created From: Internal ID",
        currency="USD",
        product="Item",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Amount (Net)"])


def _plain_amount(export: Export, out: Writer) -> Truth:
    book = Company(
        233, EN, currencies=("GBP",), rate="20", untaxed_share=0, discounts="none", anchor="anniversary"
    ).book()
    named, grouped = day("DD MMM YYYY", EN), amount("1,234.56")
    specs = [
        col("Inv No", v.number("{:05d}", "CN{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Inv Date", v.issued, named, "invoices.date", may="credit_notes.date"),
        col("A/C Ref", v.customer("A{:04d}"), TEXT, CUSTOMER),
        col("A/C Name", v.name, TEXT, "customers.name"),
        v.product_label("Details"),
        col("Amount", v.signed_gross, grouped, NET, role="gross"),
        col("VAT rate", v.rate, percent("20%"), may=NET, role="rate"),
        v.tax_column("of which VAT", v.signed_tax, grouped),
        col("Cover start", v.start, named, START),
        col("Cover end", v.last_day, named, END),
        col("Original invoice", v.credited("{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("sales daybook.csv", specs, rows, separator="\t", encoding="cp1252")
    facts = answers(
        amount="gross",
        credits="negative, untyped",
        credit_reference="Original invoice",
        currency="GBP",
        product="Details",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Amount"])


EXPORTS = (
    Export("held_en_brackets", "Month first, dollars in brackets, two currencies, drafts and void invoices", _brackets),
    Export(
        "held_en_header_totals",
        "Totals of the document repeated, days without zeros, billed in arrears",
        _header_totals,
    ),
    Export("held_en_plain_amount", "A plain Amount that is gross, with the tax that is in it", _plain_amount),
)
