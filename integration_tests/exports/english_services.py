"""Exports of FreshBooks, FreeAgent, Quaderno and Zuora."""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import COUNT, TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

AMERICAN_DAY, ISO_DAY = day("MM/DD/YYYY"), day("YYYY-MM-DD")
POINT, GROUPED = amount("1234.56"), amount("1,234.56")


def _described(row: Row) -> str:
    """What the line is for, with its period in words."""
    if not row.start or not row.last_day:
        return row.line.label
    return (
        f"{row.line.label} ({row.start:%b} {row.start.day} - {row.last_day:%b} {row.last_day.day}, {row.last_day.year})"
    )


def _freshbooks(export: Export, out: Writer) -> Truth:
    """The report "Invoice Details": no customer ids, two taxes, no credits, periods in words only."""
    book = Company(
        321,
        EN,
        currencies=("USD",),
        rate="8",
        drafts=True,
        cancelled=0,
        credits=0,
        upgrades=0,
        discounts="none",
        issue_days=(0, 5, 13),
    ).book()
    states = {"paid": "paid", "open": "sent", "overdue": "overdue", "draft": "draft"}
    specs = [
        col("Client Name", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Invoice #", v.number("{:07d}"), TEXT, INVOICE, may="invoices.number"),
        col("Date Issued", v.issued, AMERICAN_DAY, "invoices.date"),
        col("Date Due", v.due, AMERICAN_DAY, "invoices.due_date"),
        col("Invoice Status", v.status, words(states), "invoices.status"),
        col("Date Paid", lambda row: row.document.due if row.document.status == "paid" else None, AMERICAN_DAY),
        col("Item Name", v.label, TEXT, may="invoice_lines.description products.name plans.name", matters=False),
        v.product_label("Item Description", _described),
        v.unused_amount("Rate", v.price, POINT, "unit price"),
        v.quantity_column("Quantity", v.quantity, COUNT),
        col("Discount Percentage", lambda row: Decimal(0), POINT, role="discount"),
        col("Line Subtotal", v.net, POINT, NET, may="invoices.amount"),
        col("Tax 1 Type", lambda row: f"Sales Tax {row.line.rate}%" if row.line.rate else ""),
        v.tax_column("Tax 1 Amount", v.tax, POINT),
        col("Tax 2 Type", lambda row: ""),
        col("Tax 2 Amount", lambda row: Decimal(0), POINT, may="invoice_lines.tax_amount", role="tax"),
        v.unused_amount("Line Total", v.gross, POINT, "gross"),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
    ]
    out.text("invoice_details.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="none", period="text", product="Item Name")
    return export.truth(out, book, facts, amounts=["Line Subtotal"])


def _freeagent_heads() -> list[Spec]:
    form = day("DD MMM YYYY", EN)
    states = {"paid": "Paid", "open": "Open", "overdue": "Overdue", "cancelled": "Written-off", "draft": "Draft"}
    return [
        col("Reference", v.number("{:03d}", "CN {:03d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        col(
            "Contact", v.name, TEXT, "customers.id invoices.customer_id customers.name", may="credit_notes.customer_id"
        ),
        col("Dated on", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Due on", v.due, form, "invoices.due_date"),
        col("Status", v.status, words(states), "invoices.status"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("Net value", v.signed_document_net, GROUPED, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("Sales tax value", v.signed_document_tax, GROUPED, "tax"),
        v.unused_amount("Total value", v.signed_document_gross, GROUPED, "gross"),
    ]


def _freeagent(export: Export, out: Writer) -> Truth:
    """Invoices and their items: credit notes are invoices below zero, days with the month's name, no periods."""
    book = Company(
        322, EN, currencies=("GBP",), rate="20", drafts=True, cancelled=0.03, discounts="none", upgrades=0.1
    ).book()
    items = [
        col("Invoice reference", v.number("{:03d}", "CN {:03d}"), TEXT, "invoice_lines.invoice_id"),
        col("Position", lambda row: str(row.rank)),
        col("Item type", lambda row: "Months" if row.line.period else "Services", TEXT, matters=False),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.signed_quantity, amount("1234.560000")),
        v.unused_amount("Price", v.price, GROUPED, "unit price"),
        col("Sales tax rate", v.rate, percent("20.00"), role="rate"),
        col("Subtotal", v.signed_net, GROUPED, NET),
    ]
    out.text(
        "Invoices.csv", _freeagent_heads(), book.document_rows(), "invoices customers", separator=",", encoding="cp1252"
    )
    out.text("Invoice items.csv", items, book.line_rows(), "invoice_lines", separator=",", encoding="cp1252")
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        line_type="none",
        period="none",
        product="Description",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Subtotal", "Net value"], has_mrr=False)


def _document_discount(row: Row) -> Decimal:
    return row.document.sign * sum((line.discount for line in row.document.lines), Decimal(0))


def _before_discount(row: Row) -> Decimal:
    return v.signed_document_net(row) + _document_discount(row)


def _quaderno_specs() -> list[Spec]:
    lines = "invoice_lines.description products.name plans.name"
    ids = "invoices.number invoice_lines.invoice_id invoice_lines.id credit_notes.id"
    currencies = "invoice_lines.currency credit_notes.currency"
    return [
        v.kind_column("document_type", "invoice", "credit note"),
        col("date", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("number", v.number("INV-{:05d}", "CRE-{:05d}"), TEXT, "invoices.id", may=ids),
        col("description", lambda row: row.document.lines[0].label, TEXT, may=lines),
        col("contact_name", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("original_currency", v.currency, TEXT, may=f"invoices.currency {currencies}"),
        v.unused_amount("original_amount", v.signed_document_gross, POINT, "gross"),
        col("accounting_currency", v.currency, TEXT, "invoices.currency", may=currencies),
        v.unused_amount("total_amount", v.signed_document_gross, POINT, "gross"),
        v.unused_amount("gross_amount", _before_discount, POINT, "document"),
        col("discounts", _document_discount, POINT, may="invoice_lines.discount_amount", role="discount"),
        col("net_amount", v.signed_document_net, POINT, "invoices.amount", may=NET),
        col("tax_1_amount", v.signed_document_tax, POINT, may="invoice_lines.tax_amount", role="tax"),
        col("tax_1_rate", lambda row: row.document.lines[0].rate, percent("20.00"), role="rate"),
        col("tax_1_country", lambda row: "GB", TEXT),
        col("state", v.status, words({"paid": "paid", "open": "outstanding", "overdue": "late"}), "invoices.status"),
    ]


def _quaderno(export: Export, out: Writer) -> Truth:
    """One row a document; what is called gross there is before discounts and tax, the total is with tax."""
    book = Company(
        323, EN, currencies=("USD",), rate="20", cancelled=0, discounts="column", upgrades=0.1, issue_days=(0, 9)
    ).book()
    out.text(
        "sales.csv", _quaderno_specs(), book.document_rows(), "invoices customers", separator=",", encoding="utf-8"
    )
    facts = answers(
        amount_of="document",
        credits="typed, negative",
        credit_reference="none",
        line_type="none",
        period="none",
        product="description",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["net_amount"], has_mrr=False)


def _posted(row: Row) -> str:
    return row.document.status if row.document.status in ("cancelled", "draft") else "open"


def _balance(row: Row) -> Decimal:
    return Decimal(0) if row.document.status == "paid" or row.document.is_credit else row.document.gross


def _zuora_heads(form: Form) -> list[Spec]:
    bill = "Invoice: "
    states = words({"open": "Posted", "cancelled": "Canceled", "draft": "Draft"})
    return [
        col("Account: Account Number", v.customer("A{:08d}"), TEXT, CUSTOMER),
        col("Account: Name", v.name, TEXT, "customers.name"),
        col("Account: Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col(
            f"{bill}Invoice Number",
            v.number("INV{:08d}", "INV9{:07d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        col(f"{bill}Invoice Date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col(f"{bill}Due Date", v.due, form, "invoices.due_date"),
        col(f"{bill}Status", _posted, states, "invoices.status"),
        v.unused_amount(f"{bill}Amount", v.signed_document_gross, POINT, "document"),
        v.unused_amount(f"{bill}Balance", _balance, POINT, "balance"),
    ]


def _zuora_items(form: Form) -> list[Spec]:
    item = "Invoice Item: "
    return [
        col(f"{item}ID", lambda row: f"2c92a0fd{row.line.number:024x}", TEXT, "invoice_lines.id"),
        col(
            f"{item}Charge Name",
            v.label,
            TEXT,
            "invoice_lines.description",
            may="products.name plans.name",
            matters=False,
        ),
        col(f"{item}Charge Amount", v.signed_net, POINT, NET, may="invoices.amount"),
        v.tax_column(f"{item}Tax Amount", v.signed_tax, POINT),
        v.quantity_column(f"{item}Quantity", v.quantity, COUNT),
        v.unused_amount(f"{item}Unit Price", v.price, POINT, "unit price"),
        col(f"{item}Service Start Date", v.start, form, START),
        col(f"{item}Service End Date", v.last_day, form, END),
        col(
            "Subscription: Name",
            v.subscription("A-S{:08d}"),
            TEXT,
            "invoice_lines.subscription_id",
            may="subscriptions.id",
        ),
        col(
            "Rate Plan Charge: Charge Type",
            v.line_type,
            words({"subscription": "Recurring", "one_off": "OneTime"}),
            "invoice_lines.type",
        ),
    ]


def _zuora(export: Export, out: Writer) -> Truth:
    """A data source export of invoice items: object and field as heading, negative invoices, two currencies."""
    book = Company(
        324,
        EN,
        currencies=("USD", "EUR"),
        rate="10",
        cancelled=0.04,
        drafts=True,
        discounts="line",
        anchor="anniversary",
        upgrades=0.2,
    ).book()
    specs = [*_zuora_heads(ISO_DAY), *_zuora_items(ISO_DAY)]
    out.text("InvoiceItem.csv", specs, book.line_rows(), separator=",", encoding="utf-8", quote_all=True)
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        line_type="column",
        product="Invoice Item: Charge Name",
        subscription="Subscription: Name",
    )
    return export.truth(out, book, facts, amounts=["Invoice Item: Charge Amount"])


EXPORTS = (
    Export("en_freshbooks", "FreshBooks, Invoice Details: month first, names only, periods in words", _freshbooks),
    Export("en_freeagent", "FreeAgent, invoices and items, credit notes below zero, no periods", _freeagent),
    Export("en_quaderno", "Quaderno, one row a document, a gross amount that is without tax", _quaderno),
    Export("en_zuora", "Zuora, invoice items with object and field as headings, two currencies", _zuora),
)
