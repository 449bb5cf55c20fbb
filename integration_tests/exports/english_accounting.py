"""Exports of English accounting and invoicing services: QuickBooks, Xero, Harvest, Zoho."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    INVOICE,
    NET,
    START,
    Export,
    Layout,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

AMERICAN_DAY, BRITISH_DAY, ISO_DAY = day("MM/DD/YYYY"), day("DD/MM/YYYY"), day("YYYY-MM-DD")
GROUPED = amount("1,234.56")


def _quickbooks(export: Export, out: Writer) -> Truth:
    book = Company(141, EN, currencies=("USD",), rate="0", untaxed_share=1, discounts="line", issue_days=(0, 7)).book()
    bracketed = amount("1,234.56", "parentheses")
    specs = [
        col("Date", v.issued, AMERICAN_DAY, "invoices.date", may="credit_notes.date"),
        v.kind_column("Transaction Type", "Invoice", "Credit Memo"),
        col("Num", v.number("{:04d}", "CM{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Customer", v.name, TEXT, f"{CUSTOMER} customers.name"),
        v.product_label("Product/Service"),
        col("Service Start", v.start, AMERICAN_DAY, START),
        col("Service End", v.last_day, AMERICAN_DAY, END),
        v.quantity_column("Qty", v.signed_quantity, amount("1,234.56", "parentheses")),
        v.unused_amount("Sales Price", v.price, bracketed, "unit price"),
        col("Amount", v.signed_net, bracketed, NET, may="invoices.amount", summed=True),
        col("Applied To", v.credited("{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    titles = [["Copper Tools Inc"], ["Sales by Customer Detail"], ["January - December 2025"], []]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    layout = Layout(titles, total="TOTAL")
    out.text("Sales by Customer Detail.csv", specs, rows, separator=",", encoding="utf-8", layout=layout)
    facts = answers(
        credits="typed, negative",
        credit_reference="Applied To",
        currency="USD",
        product="Product/Service",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Amount"])


def _xero(export: Export, out: Writer) -> Truth:
    book = Company(142, EN, currencies=("GBP",), issue_days=(0, 2), anchor="anniversary").book()
    point = amount("1234.56")
    statuses = {"paid": "Paid", "open": "Awaiting Payment", "overdue": "Overdue", "cancelled": "Voided"}
    specs = [
        col("ContactName", v.name, TEXT, "customers.name"),
        col("AccountNumber", v.customer("AC{:05d}"), TEXT, CUSTOMER),
        col("EmailAddress", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("InvoiceNumber", v.number("INV-{:04d}", "CN-{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Reference", v.credited("INV-{:04d}"), TEXT, "credit_notes.invoice_id"),
        col("InvoiceDate", v.issued, BRITISH_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("DueDate", BRITISH_DAY),
        v.unused_amount("Total", v.signed_document_gross, point, "document"),
        v.unused_amount("TaxTotal", v.signed_document_tax, point, "document"),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.signed_quantity, point),
        v.unused_amount("UnitAmount", v.price, amount("1234.5600"), "unit price"),
        col("Discount", v.signed_discount, point, may="invoice_lines.discount_amount", role="discount"),
        col("LineAmount", v.signed_net, point, NET),
        v.tax_column("TaxAmount", v.signed_tax, point),
        col("PeriodFrom", v.start, BRITISH_DAY, START),
        col("PeriodTo", v.last_day, BRITISH_DAY, END),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.kind_column("Type", "Sales invoice", "Sales credit note"),
        col("Status", v.status, words(statuses), "invoices.status"),
    ]
    out.text("SalesInvoices.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="typed, negative", credit_reference="Reference", product="Description")
    return export.truth(out, book, facts, amounts=["LineAmount"])


def _harvest(export: Export, out: Writer) -> Truth:
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "1490.00"))
    book = Company(
        143, EN, currencies=("USD",), rate="8", plans=monthly, credits=0, upgrades=0, issue_days=(1, 6, 10)
    ).book()
    specs = [
        col("Issue Date", v.issued, AMERICAN_DAY, "invoices.date"),
        col("Last Payment Date", lambda row: None, AMERICAN_DAY),
        col(
            "ID",
            v.number("{:05d}"),
            TEXT,
            "invoices.id",
            may="invoices.number invoice_lines.invoice_id invoice_lines.id",
        ),
        col("PO Number", lambda row: ""),
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Subject", lambda row: row.document.lines[0].label, TEXT, may="invoice_lines.description"),
        col("Subtotal", v.document_net, GROUPED, "invoices.amount", may=NET),
        col("Tax", v.document_tax, GROUPED, may="invoice_lines.tax_amount", role="tax"),
        v.unused_amount("Invoice Amount", v.document_gross, GROUPED, "gross"),
        v.unused_amount("Paid Amount", v.paid, GROUPED, "gross"),
        v.unused_amount("Balance", lambda row: row.document.gross - v.paid(row), GROUPED, "balance"),
        col("Currency", lambda row: "United States Dollar - USD", TEXT, "invoices.currency"),
    ]
    rows = [row for row in book.document_rows() if row.document.status != "cancelled"]
    out.text("harvest_invoices.csv", specs, rows, "invoices customers", separator=",", encoding="utf-8")
    facts = answers(
        amount_of="document",
        credits="none",
        date_proof="none",
        line_type="none",
        period="none",
        product="Subject",
        status="none",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Subtotal"], has_mrr=False)


def _zoho_specs(point: Form) -> list[Spec]:
    statuses = {"paid": "Closed", "open": "Sent", "overdue": "Overdue", "cancelled": "Void", "draft": "Draft"}
    return [
        col("Invoice Date", v.issued, ISO_DAY, "invoices.date"),
        col("Invoice ID", v.number("46000000{:09d}"), TEXT, INVOICE),
        col("Invoice Number", v.number("INV-{:06d}"), TEXT, "invoices.number", matters=False),
        col("Invoice Status", v.status, words(statuses), "invoices.status"),
        col("Customer ID", v.customer("46000001{:09d}"), TEXT, CUSTOMER),
        col("Customer Name", v.name, TEXT, "customers.name"),
        v.due_column("Due Date", ISO_DAY),
        col("Currency Code", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.unused_amount("SubTotal", v.document_net, point, "document"),
        v.unused_amount("Total", v.document_gross, point, "document"),
        v.unused_amount("Balance", lambda row: row.document.gross - v.paid(row), point, "balance"),
        v.product_label("Item Name"),
        v.quantity_column("Quantity", v.quantity, point),
        v.unused_amount("Item Price", v.price, point, "unit price"),
        col("Discount Amount", v.discount, point, "invoice_lines.discount_amount", role="discount", matters=False),
        col("Item Total", v.net, point, NET),
        col("Item Tax %", v.rate, percent("20"), role="rate"),
        v.tax_column("Item Tax Amount", v.tax, point),
        v.subscription_column("Subscription ID", "9000000{:05d}"),
        col("Service Start Date", v.start, ISO_DAY, START),
        col("Service End Date", v.last_day, ISO_DAY, END),
    ]


def _zoho(export: Export, out: Writer) -> Truth:
    book = Company(144, EN, currencies=("USD", "GBP"), rate="20", drafts=True, cancelled=0.04, issue_days=(0, 5)).book()
    point = amount("1234.56")
    specs = _zoho_specs(point)
    credits = [
        col("Credit Note Date", v.issued, ISO_DAY, "credit_notes.date"),
        col("CreditNotes ID", v.number("", "46000002{:09d}"), TEXT, "credit_notes.id"),
        col("Credit Note Number", v.number("", "CN-{:05d}")),
        col("Customer ID", v.customer("46000001{:09d}"), TEXT, "credit_notes.customer_id"),
        col("Associated Invoice Number", v.credited("INV-{:06d}")),
        col("Associated Invoice ID", v.credited("46000000{:09d}"), TEXT, "credit_notes.invoice_id"),
        col("Currency Code", v.currency, TEXT, "credit_notes.currency"),
        col("SubTotal", v.document_net, point, "credit_notes.amount"),
        v.unused_amount("Total", v.document_gross, point, "gross"),
    ]
    out.text("Invoice.csv", specs, book.line_rows("invoices"), separator=",", encoding="utf-8", quote_all=True)
    rows = book.document_rows("credits")
    out.text("Credit_Note.csv", credits, rows, "credit_notes", separator=",", encoding="utf-8", quote_all=True)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Associated Invoice ID",
        product="Item Name",
        subscription="Subscription ID",
    )
    return export.truth(out, book, facts, amounts=["Item Total", "SubTotal"])


def _invoice_register_heads() -> list[Spec]:
    statuses = {"paid": "Paid", "open": "Outstanding", "overdue": "Past due", "cancelled": "Cancelled"}
    return [
        col(
            "Document no.", v.number("SI{:05d}", "SC{:05d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"
        ),
        v.kind_column("Document type", "Sales invoice", "Sales credit"),
        col("Posting date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Due date", v.due, CELL, "invoices.due_date"),
        col("Customer code", v.customer("{:06d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("Status", v.status, words(statuses), "invoices.status"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("Net total", v.signed_document_net, NUMBER, "invoices.amount", may="credit_notes.amount", summed=True),
        v.unused_amount("VAT", v.signed_document_tax, NUMBER, "tax", summed=True),
        v.unused_amount("Gross total", v.signed_document_gross, NUMBER, "gross", summed=True),
        col("Credits document", v.credited("SI{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _invoice_register(export: Export, out: Writer) -> Truth:
    book = Company(145, EN, currencies=("GBP",), issue_days=(0, 11), arrears=True, upgrades=0).book()
    customers = [
        col("Customer code", v.customer("{:06d}"), TEXT, "customers.id"),
        col("Company name", v.name, TEXT, "customers.name"),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("Email consent", lambda row: "yes"),
        col("Country", lambda row: EN.country_name, TEXT, "customers.country", matters=False),
    ]
    heads = _invoice_register_heads()
    lines = [
        col("Document no.", v.number("SI{:05d}", "SC{:05d}"), TEXT, "invoice_lines.invoice_id"),
        col("Line no.", lambda row: row.rank, NUMBER, may="invoice_lines.id"),
        v.product_label("Item"),
        v.quantity_column("Quantity", v.signed_quantity, NUMBER),
        v.unused_amount("Unit price", v.price, NUMBER, "unit price"),
        col("Net amount", v.signed_net, NUMBER, NET),
        v.tax_column("VAT amount", v.signed_tax, NUMBER),
        col("Period start", v.start, CELL, START),
        col("Period end", v.end, CELL, END),
    ]
    layout = Layout([["Invoice register 2025"], []], total="Total")
    out.workbook(
        "register.xlsx",
        Sheet("Customers", customers, book.customer_rows(), "customers"),
        Sheet("Invoices", heads, book.document_rows(), "invoices", layout),
        Sheet("Lines", lines, book.line_rows(), "invoice_lines"),
    )
    facts = answers(
        credits="typed, negative", credit_reference="Credits document", period_end="exclusive", product="Item"
    )
    return export.truth(out, book, facts, amounts=["Net amount", "Net total"])


EXPORTS = (
    Export(
        "en_quickbooks", "QuickBooks, Sales by Customer Detail: month first, brackets, titles and a total", _quickbooks
    ),
    Export("en_xero", "Xero, sales invoices by line, totals of the document repeated", _xero),
    Export("en_harvest", "Harvest, one row an invoice, no periods; no day is past the 12th", _harvest),
    Export("en_zoho", "Zoho Invoice, items and credit notes, two currencies, ids of 17 digits", _zoho),
    Export(
        "en_register", "A workbook of three sheets, typed cells, billed in arrears, exclusive ends", _invoice_register
    ),
)
