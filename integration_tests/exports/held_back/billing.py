"""Exports of Maxio Advanced Billing, WHMCS, WooCommerce and Invoice Ninja.

Their columns are documented:

- Maxio: https://app.unpkg.com/@maxio-com/advanced-billing-sdk@8.0.0/files/dist/types/models/invoiceLineItem.d.ts
- WHMCS: https://docs.whmcs.com/8-13/system/database/
- WooCommerce: https://woocommerce.com/document/ordercustomer-csv-export/
- Invoice Ninja: https://github.com/invoiceninja/invoiceninja/blob/v5-stable/app/Export/CSV/InvoiceItemExport.php
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

ISO_DAY, STAMP, POINT = day("YYYY-MM-DD"), day("YYYY-MM-DD hh:mm:ss"), amount("1234.56")
NO_PERIODS = {"line_type": "none", "period": "none", "subscription": "none", "period_end": None}


def _from(row: Row) -> date:
    """Charges without a period cover the day of the invoice: it is their start and their end."""
    return row.start or row.document.date


def _to(row: Row) -> date:
    return row.end or row.document.date


def _before_discount(row: Row) -> Decimal:
    return row.line.net + row.line.discount


def _document_before_discount(row: Row) -> Decimal:
    return sum((line.net + line.discount for line in row.document.lines), Decimal(0))


def _document_discount(row: Row) -> Decimal:
    return sum((line.discount for line in row.document.lines), Decimal(0))


def _owed(row: Row) -> str:
    return "open" if row.document.status == "overdue" else row.document.status


def _unpaid(row: Row) -> Decimal:
    return Decimal(0) if row.document.status == "paid" else row.document.gross


def _nothing(_: Row) -> Decimal:
    return Decimal(0)


def _maxio_invoices() -> list[Spec]:
    states = words({"paid": "paid", "open": "open", "cancelled": "voided", "draft": "draft"})
    return [
        col("uid", v.number("inv_{:013d}"), TEXT, "invoices.id"),
        col("site_id", lambda row: "48112"),
        col("customer_id", v.customer("{}"), TEXT, "invoices.customer_id", may="customers.id"),
        col("number", v.number("{}"), TEXT, "invoices.number", matters=False),
        col("issue_date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("due_date", ISO_DAY),
        col("paid_date", lambda row: row.document.due if row.document.status == "paid" else None, ISO_DAY),
        col("status", _owed, states, "invoices.status"),
        col("collection_method", lambda row: "automatic"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("customer.organization", v.name, TEXT, may="customers.name"),
        v.unused_amount("subtotal_amount", _document_before_discount, POINT, "document"),
        v.unused_amount("discount_amount", _document_discount, POINT, "document"),
        v.unused_amount("tax_amount", v.document_tax, POINT, "document"),
        v.unused_amount("total_amount", v.document_gross, POINT, "document"),
    ]


def _maxio(export: Export, out: Writer) -> Truth:
    """Three lists of the API: subtotals are before discounts, totals with tax; one-off charges end where they start."""
    book = Company(
        501, EN, currencies=("USD",), rate="8", credits=0, cancelled=0.03, drafts=True, anchor="anniversary"
    ).book()
    customers = [
        col("id", v.customer("{}"), TEXT, "customers.id"),
        col("organization", v.name, TEXT, "customers.name"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("reference", v.customer("crm-{:06d}"), TEXT),
        col("zip", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("country", lambda row: "US", TEXT, "customers.country", matters=False),
    ]
    lines = [
        col("uid", lambda row: f"li_{row.line.number:010d}", TEXT, may="invoice_lines.id"),
        col("invoice_uid", v.number("inv_{:013d}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("title"),
        col("description", lambda row: f"{_from(row):%m/%d/%Y} - {_to(row):%m/%d/%Y}", TEXT, matters=False),
        v.quantity_column("quantity", v.quantity, amount("1234.56")),
        v.unused_amount("unit_price", v.price, POINT, "unit price"),
        col("subtotal_amount", _before_discount, POINT, NET, role="before discount"),
        col("discount_amount", v.discount, POINT, NET, may="invoice_lines.discount_amount", role="discount"),
        v.tax_column("tax_amount", v.tax, POINT),
        v.unused_amount("total_amount", v.gross, POINT, "gross"),
        col("tiered_unit_price", lambda row: "false"),
        col("period_range_start", _from, ISO_DAY, START),
        col("period_range_end", _to, ISO_DAY, END),
        col("product_id", v.plan("{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
    ]
    out.json_lines("customers.jsonl", customers, book.customer_rows(), "customers")
    out.json_lines("invoices.jsonl", _maxio_invoices(), book.document_rows(), "invoices")
    out.json_lines("invoice_line_items.jsonl", lines, book.line_rows(), "invoice_lines")
    facts = answers(credits="none", period_end="exclusive", product="title")
    return export.truth(out, book, facts, amounts=["subtotal_amount", "discount_amount"])


def _described(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} ({row.start:%d/%m/%Y} - {row.last_day:%d/%m/%Y})"


def _whmcs(export: Export, out: Writer) -> Truth:
    """Three tables of the database: periods in brackets in the descriptions, the currency as a number."""
    book = Company(
        502, EN, currencies=("GBP",), rate="20", credits=0, cancelled=0.04, drafts=True, discounts="line", upgrades=0
    ).book()
    states = {"paid": "Paid", "open": "Unpaid", "overdue": "Collections", "cancelled": "Cancelled", "draft": "Draft"}
    clients = [
        col("id", v.customer("{}"), TEXT, "customers.id"),
        col("firstname", lambda row: ""),
        col("lastname", lambda row: ""),
        col("companyname", v.name, TEXT, "customers.name"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("postcode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("country", lambda row: "GB", TEXT, "customers.country", matters=False),
        col("currency", lambda row: "1"),
        col("datecreated", lambda row: date(2024, 11, 3), ISO_DAY),
        col("status", lambda row: "Active"),
    ]
    invoices = [
        col("id", v.number("{}"), TEXT, "invoices.id"),
        col("userid", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("invoicenum", v.number("WH-{:05d}"), TEXT, "invoices.number", matters=False),
        col("date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("duedate", ISO_DAY),
        col("datepaid", lambda row: row.document.due if row.document.status == "paid" else None, STAMP),
        v.unused_amount("subtotal", v.document_net, POINT, "document"),
        v.unused_amount("credit", _nothing, POINT, "balance"),
        v.unused_amount("tax", v.document_tax, POINT, "document"),
        v.unused_amount("total", v.document_gross, POINT, "document"),
        col("taxrate", lambda row: row.document.lines[0].rate, percent("20.00"), role="rate"),
        col("status", v.status, words(states), "invoices.status"),
        col("paymentmethod", lambda row: "banktransfer"),
    ]
    items = [
        col("id", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        col("invoiceid", v.number("{}"), TEXT, "invoice_lines.invoice_id"),
        col("userid", v.customer("{}"), TEXT, may="invoices.customer_id"),
        v.type_column("type", "Hosting", "Item"),
        col("relid", lambda row: str(row.of_subscription.number) if row.of_subscription else "0", TEXT, matters=False),
        v.product_label("description", _described),
        col("amount", v.net, POINT, NET),
        col("taxed", lambda row: "1" if row.line.rate else "0"),
        col("duedate", v.due, ISO_DAY, may="invoices.due_date"),
    ]
    for file, specs, rows, objects in (
        ("tblclients.csv", clients, book.customer_rows(), "customers"),
        ("tblinvoices.csv", invoices, book.document_rows(), "invoices"),
        ("tblinvoiceitems.csv", items, book.line_rows(), "invoice_lines"),
    ):
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8", quote_all=True)
    facts = answers(credits="none", currency="GBP", line_type="column", period="text", product="description")
    return export.truth(out, book, facts, amounts=["amount"])


def _woocommerce(export: Export, out: Writer) -> Truth:
    """Orders with a row for each item: what an order comes to is repeated; no periods, refunds in a column only."""
    book = Company(
        503, EN, currencies=("USD", "GBP"), rate="8", credits=0, cancelled=0.05, upgrades=0, issue_days=(0, 3, 17)
    ).book()
    states = {"paid": "completed", "open": "on-hold", "overdue": "pending", "cancelled": "cancelled"}
    specs = [
        col("order_id", v.number("{}"), TEXT, INVOICE),
        col("order_number", v.number("#{:05d}"), TEXT, "invoices.number", may=INVOICE, matters=False),
        col("date", v.issued, STAMP, "invoices.date"),
        col("status", v.status, words(states), "invoices.status"),
        v.unused_amount("shipping_total", _nothing, POINT, "document"),
        v.unused_amount("tax_total", v.document_tax, POINT, "document"),
        v.unused_amount("discount_total", _document_discount, POINT, "document"),
        v.unused_amount("order_total", v.document_gross, POINT, "document"),
        v.unused_amount("refunded_total", _nothing, POINT, "document"),
        col("order_currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("payment_method", lambda row: "stripe"),
        col("customer_id", v.customer("{}"), TEXT, CUSTOMER),
        col("billing_company", v.name, TEXT, "customers.name"),
        col("billing_email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("billing_postcode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("billing_country", lambda row: "US", TEXT, "customers.country", matters=False),
        col("item_id", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        col("item_product_id", v.plan("{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("item_name"),
        col("item_sku", v.plan("SUB-{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.quantity_column("item_quantity", v.quantity, amount("1234.56")),
        col("item_subtotal", _before_discount, POINT, may=NET, role="before discount"),
        col("item_total", v.net, POINT, NET, may="invoices.amount"),
        v.tax_column("item_total_tax", v.tax, POINT),
        v.unused_amount("item_refunded", _nothing, POINT, "balance"),
    ]
    out.text("orders-export.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(**NO_PERIODS, credits="none", product="item_name")
    return export.truth(out, book, facts, amounts=["item_total"], has_mrr=False)


def _noted(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label}, {row.start:%Y-%m-%d} to {row.last_day:%Y-%m-%d}"


def _invoice_ninja(export: Export, out: Writer) -> Truth:
    """The report of items: customers by name, balances and taxes of the document, periods in the notes."""
    book = Company(
        504, EN, currencies=("USD",), rate="8", credits=0, cancelled=0.03, drafts=True, discounts="none", upgrades=0
    ).book()
    form = day("DD/MMM/YYYY", EN)
    states = {"paid": "Paid", "open": "Sent", "overdue": "Past Due", "cancelled": "Cancelled", "draft": "Draft"}
    specs = [
        v.unused_amount("Amount", v.document_gross, POINT, "document"),
        v.unused_amount("Balance", _unpaid, POINT, "balance"),
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Date", v.issued, form, "invoices.date"),
        v.due_column("Due Date", form),
        col("Number", v.number("{:04d}"), TEXT, INVOICE, may="invoices.number"),
        col("PO Number", lambda row: ""),
        col("Status", v.status, words(states), "invoices.status"),
        v.unused_amount("Total Taxes", v.document_tax, POINT, "document"),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.quantity_column("Quantity", v.quantity, amount("1234.56")),
        v.unused_amount("Unit Cost", v.price, POINT, "unit price"),
        col("Product", v.label, TEXT, may="products.name plans.name invoice_lines.description", matters=False),
        v.unused_amount("Cost", _nothing, POINT, "unit price"),
        v.product_label("Notes", _noted),
        v.unused_amount("Discount", _nothing, POINT, "discount"),
        col("Tax Rate 1", v.rate, percent("20.00"), role="rate"),
        col("Tax Name 1", lambda row: "Sales tax" if row.line.rate else ""),
        col("Line Total", v.net, POINT, NET, may="invoices.amount"),
        v.unused_amount("Gross Line Total", v.gross, POINT, "gross"),
    ]
    out.text("invoice_items.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="none", period="text", product="Product")
    return export.truth(out, book, facts, amounts=["Line Total"])


EXPORTS = (
    Export("held_en_maxio", "Maxio, lists of its API: subtotals before discounts, one-off charges of a day", _maxio),
    Export("held_en_whmcs", "WHMCS, three tables of its database, periods in the items' descriptions", _whmcs),
    Export("held_en_woocommerce", "WooCommerce, a row an item, orders in place of invoices", _woocommerce),
    Export(
        "held_en_invoice_ninja", "Invoice Ninja, the report of items: names only, periods in the notes", _invoice_ninja
    ),
)
