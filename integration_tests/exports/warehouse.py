"""Tables of warehouses and of applications' own databases."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import NUMBER, TEXT, Form, amount, cents, day, percent, words
from integration_tests.exports.languages import EN, FR
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")


def _json_lines_lines() -> list[Spec]:
    return [
        col("line_id", lambda row: row.line.number, NUMBER, "invoice_lines.id"),
        col("invoice_id", v.number("{:08d}"), TEXT, "invoice_lines.invoice_id"),
        v.subscription_column("subscription_id", "s-{:06d}"),
        v.product_label("description"),
        v.quantity_column("quantity", v.quantity, NUMBER),
        col("net_amount_cents", v.net, cents(), NET),
        v.type_column("kind", "recurring", "one_time"),
        col("period_start", v.start, ISO_DAY, START),
        col("period_end", v.end, ISO_DAY, END),
    ]


def _json_lines_heads(moment: Form) -> list[Spec]:
    statuses = {"paid": "settled", "open": "open", "overdue": "overdue", "cancelled": "cancelled"}
    return [
        col("invoice_id", v.number("{:08d}"), TEXT, "invoices.id"),
        col("customer_id", v.customer("{:010d}"), TEXT, "invoices.customer_id"),
        col("issued_at", v.issued, moment, "invoices.date"),
        col("due_at", v.due, moment, "invoices.due_date"),
        col("state", v.status, words(statuses), "invoices.status"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("net_amount_cents", v.document_net, cents(), "invoices.amount"),
        v.unused_amount("tax_amount_cents", v.document_tax, cents(), "tax"),
    ]


def _json_lines(export: Export, out: Writer) -> Truth:
    book = Company(161, EN, currencies=("EUR", "GBP"), anchor="anniversary", discounts="none").book()
    moment = day("YYYY-MM-DDThh:mm:ss+01:00")
    customers = [
        col("customer_id", v.customer("{:010d}"), TEXT, "customers.id"),
        col("legal_name", v.name, TEXT, "customers.name"),
        col("billing_email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("country_code", lambda row: EN.country, TEXT, "customers.country", matters=False),
        col("updated_at", lambda row: book.documents[-1].date, moment),
    ]
    heads = _json_lines_heads(moment)
    lines = _json_lines_lines()
    credits = [
        col("credit_note_id", v.number("", "c{:08d}"), TEXT, "credit_notes.id"),
        col("invoice_id", v.credited("{:08d}"), TEXT, "credit_notes.invoice_id"),
        col("issued_at", v.issued, moment, "credit_notes.date"),
        col("currency", v.currency, TEXT, "credit_notes.currency"),
        col("net_amount_cents", v.document_net, cents(), "credit_notes.amount"),
    ]
    out.json_lines("customers.jsonl", customers, book.customer_rows(), "customers")
    out.json_lines("invoices.jsonl", heads, book.document_rows("invoices"), "invoices")
    out.json_lines("invoice_lines.jsonl", lines, book.line_rows("invoices"), "invoice_lines")
    out.json_lines("credit_notes.jsonl", credits, book.document_rows("credits"), "credit_notes")
    facts = answers(
        minor_units="cents",
        credits="own table",
        sign_of_credits="positive",
        credit_reference="invoice_id",
        line_type="column",
        period_end="exclusive",
        product="description",
        subscription="subscription_id",
    )
    return export.truth(out, book, facts, amounts=["net_amount_cents"])


def _facts_table(export: Export, out: Writer) -> Truth:
    book = Company(162, FR, issue_days=(0, 1), discounts="none").book()
    point = amount("1234.5600")
    dimension = [
        col("account_key", v.customer("{}"), TEXT, "customers.id"),
        col("account_name", v.name, TEXT, "customers.name"),
        col("siret", lambda row: row.customer.siret),
        col("postcode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("country", lambda row: FR.country_name, TEXT, "customers.country", matters=False),
    ]
    lines = [
        col("invoice_line_key", lambda row: str(row.line.number), TEXT, "invoice_lines.id"),
        col("invoice_no", v.number("{:07d}", "7{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("account_key", v.customer("{}"), TEXT, "invoices.customer_id", may="customers.id"),
        col("invoice_date", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("due_date", v.due, ISO_DAY, "invoices.due_date"),
        col("product_name", v.label, TEXT, "invoice_lines.description", may="products.name plans.name", matters=False),
        col("amount_incl_vat", v.signed_gross, point, NET, role="gross"),
        col("vat_rate", v.rate, percent("0.2"), NET, role="rate"),
        col("currency_code", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("is_paid", v.settled, words({"paid": "true", "open": "false"}), "invoices.status"),
        col("service_from", v.start, ISO_DAY, START),
        col("service_to", v.last_day, ISO_DAY, END),
        col("credited_invoice_no", v.credited("{:07d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("dim_account.csv", dimension, book.customer_rows(), "customers", separator=",", encoding="utf-8")
    out.text("fct_invoice_line.csv", lines, rows, "invoices invoice_lines", separator=",", encoding="utf-8")
    facts = answers(
        amount="gross", credits="negative, untyped", credit_reference="credited_invoice_no", product="product_name"
    )
    return export.truth(out, book, facts, amounts=["amount_incl_vat", "vat_rate"])


def _json_document(export: Export, out: Writer) -> Truth:
    book = Company(163, FR, anchor="anniversary", cancelled=0.03, discounts="line").book()
    statuses = {"paid": "paid", "open": "issued", "overdue": "late", "cancelled": "cancelled"}
    specs = [
        col(
            "invoice.number",
            v.number("2025-{:05d}", "2025-A{:04d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        col("invoice.issued_on", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("invoice.due_on", v.due, ISO_DAY, "invoices.due_date"),
        col("invoice.status", v.status, words(statuses), "invoices.status"),
        col("invoice.credits", v.credited("2025-{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("customer.code", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("customer.name", v.name, TEXT, "customers.name"),
        col("customer.country", lambda row: "FR", TEXT, "customers.country", matters=False),
        v.product_label("item"),
        v.quantity_column("quantity", v.signed_quantity, NUMBER),
        col("net_amount", v.signed_net, NUMBER, NET, may="invoices.amount"),
        v.tax_column("vat_amount", v.signed_tax, NUMBER),
        v.unused_amount("gross_amount", v.signed_gross, NUMBER, "gross"),
        col("currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("contract", v.subscription("K-{:05d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("period.from", v.start, ISO_DAY, START),
        col("period.to", v.last_day, ISO_DAY, END),
    ]
    out.json("billing_export.json", "rows", specs, book.line_rows(), "customers invoices invoice_lines")
    facts = answers(
        credits="negative, untyped", credit_reference="invoice.credits", product="item", subscription="contract"
    )
    return export.truth(out, book, facts, amounts=["net_amount"])


EXPORTS = (
    Export("wh_json_lines", "Four tables as JSON lines, cents, times with an offset", _json_lines),
    Export("wh_facts_table", "A table of facts with gross amounts and a rate, and one of accounts", _facts_table),
    Export("wh_json_document", "One JSON document, nested columns", _json_document),
)
