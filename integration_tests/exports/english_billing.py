"""Exports of billing systems: Stripe's dashboard, Chargebee."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import END, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, Form, amount, day, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth


def _lower_currency(row: Row) -> str:
    return row.customer.currency.lower()


def _is_active(row: Row) -> str:
    return "active" if row.subscription.end is None else "canceled"


def _stripe_heads(moment: Form, comma: Form) -> list[Spec]:
    statuses = {"paid": "paid", "open": "open", "overdue": "uncollectible", "cancelled": "void"}
    return [
        col("id", v.number("in_{:08d}"), TEXT, "invoices.id"),
        col("Number", v.number("7C1F-{:04d}"), TEXT, "invoices.number", matters=False),
        col("Customer", v.customer("cus_{:08d}"), TEXT, "invoices.customer_id"),
        col("Date (UTC)", v.issued, moment, "invoices.date"),
        col("Due Date (UTC)", v.due, moment, "invoices.due_date"),
        col("Currency", _lower_currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("Amount Due", v.document_gross, comma, "gross"),
        col("Subtotal", v.document_net, comma, "invoices.amount"),
        v.unused_amount("Tax", v.document_tax, comma, "tax"),
        v.unused_amount("Total", v.document_gross, comma, "gross"),
        col("Status", v.status, words(statuses), "invoices.status"),
    ]


def _stripe_lines(comma: Form) -> list[Spec]:
    return [
        col("Invoice Line Item ID", lambda row: f"il_{row.line.number:08d}", TEXT, "invoice_lines.id"),
        col("Invoice ID", v.number("in_{:08d}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("Description"),
        v.subscription_column("Subscription ID", "sub_{:08d}"),
        col("Price ID", v.plan("price_{:06d}"), TEXT, "invoice_lines.price_id", may="plans.id", matters=False),
        v.quantity_column("Quantity", v.quantity, amount("1,234.56")),
        col("Amount", v.net, comma, NET),
        v.type_column("Type", "subscription", "invoiceitem"),
        col("Period Start (UTC)", v.start, day("YYYY-MM-DD"), START),
        col("Period End (UTC)", v.end, day("YYYY-MM-DD"), END),
    ]


def _stripe(export: Export, out: Writer) -> Truth:
    book = Company(151, EN, currencies=("USD", "EUR"), rate="20", anchor="anniversary", discounts="none").book()
    moment, comma = day("YYYY-MM-DD hh:mm"), amount("1,234.56")
    customers = [
        col("id", v.customer("cus_{:08d}"), TEXT, "customers.id"),
        col("Description", lambda row: ""),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("Name", v.name, TEXT, "customers.name"),
        col("Created (UTC)", lambda row: book.documents[0].date, moment),
        col("Delinquent", lambda row: "false"),
    ]
    heads = _stripe_heads(moment, comma)
    lines = _stripe_lines(comma)
    credits = [
        col("ID", v.number("", "cn_{:08d}"), TEXT, "credit_notes.id"),
        col("Number", v.number("", "7C1F-CN-{:02d}")),
        col("Invoice ID", v.credited("in_{:08d}"), TEXT, "credit_notes.invoice_id"),
        col("Created (UTC)", v.issued, moment, "credit_notes.date"),
        col("Currency", _lower_currency, TEXT, "credit_notes.currency"),
        col("Subtotal", v.document_net, comma, "credit_notes.amount"),
        v.unused_amount("Total", v.document_gross, comma, "gross"),
    ]
    separator, encoding = ",", "utf-8"
    out.text("customers.csv", customers, book.customer_rows(), "customers", separator=separator, encoding=encoding)
    rows = book.document_rows("invoices")
    out.text("invoices.csv", heads, rows, "invoices", separator=separator, encoding=encoding)
    items = book.line_rows("invoices")
    out.text("invoice_line_items.csv", lines, items, "invoice_lines", separator=separator, encoding=encoding)
    given = book.document_rows("credits")
    out.text("credit_notes.csv", credits, given, "credit_notes", separator=separator, encoding=encoding)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Invoice ID",
        line_type="column",
        period_end="exclusive",
        product="Description",
        subscription="Subscription ID",
    )
    return export.truth(out, book, facts, amounts=["Amount", "Subtotal"])


def _chargebee_lines(date_only: Form, point: Form) -> list[Spec]:
    return [
        col("Line Item Id", lambda row: f"li_{row.line.number:06d}", TEXT, "invoice_lines.id"),
        col("Invoice Number", v.number("{:06d}"), TEXT, "invoice_lines.invoice_id"),
        v.subscription_column("Subscription Id", "AzS{:06d}"),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.quantity, amount("1234.56")),
        v.unused_amount("Unit Amount", v.price, point, "unit price"),
        col("Discount Amount", v.discount, point, "invoice_lines.discount_amount", role="discount", matters=False),
        col("Tax Amount", v.tax, point, "invoice_lines.tax_amount", role="tax", matters=False),
        col("Net Amount", v.net, point, NET),
        col("Date From", v.start, date_only, START),
        col("Date To", v.end, date_only, END),
        v.type_column("Entity Type", "Plan Item Price", "Charge Item Price"),
    ]


def _chargebee_heads(moment: Form, point: Form) -> list[Spec]:
    statuses = {"paid": "Paid", "open": "Payment Due", "overdue": "Not Paid", "cancelled": "Voided"}
    return [
        col("Invoice Number", v.number("{:06d}"), TEXT, "invoices.id", may="invoices.number"),
        col("Customer Id", v.customer("AzC{:06d}"), TEXT, "invoices.customer_id"),
        col("Invoice Date", v.issued, moment, "invoices.date"),
        col("Due Date", v.due, moment, "invoices.due_date"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("Amount", v.document_gross, point, "gross"),
        v.unused_amount("Tax Total", v.document_tax, point, "tax"),
        col("Sub Total", v.document_net, point, "invoices.amount"),
        col("Status", v.status, words(statuses), "invoices.status"),
    ]


def _chargebee_given(moment: Form, point: Form) -> list[Spec]:
    return [
        col("Credit Note Number", v.number("", "CN-{:04d}"), TEXT, "credit_notes.id"),
        col("Reference Invoice Number", v.credited("{:06d}"), TEXT, "credit_notes.invoice_id"),
        col("Customer Id", v.customer("AzC{:06d}"), TEXT, "credit_notes.customer_id"),
        col("Date", v.issued, moment, "credit_notes.date"),
        col("Currency", v.currency, TEXT, "credit_notes.currency"),
        col("Sub Total", v.document_net, point, "credit_notes.amount"),
        v.unused_amount("Total", v.document_gross, point, "gross"),
        col("Type", lambda row: "Adjustment"),
    ]


def _chargebee_subscriptions(moment: Form) -> list[Spec]:
    return [
        col("Subscription Id", lambda row: f"AzS{row.subscription.number:06d}", TEXT, "subscriptions.id"),
        col("Customer Id", v.customer("AzC{:06d}"), TEXT, "subscriptions.customer_id"),
        col("Plan Name", lambda row: row.plan.name, TEXT, may="plans.name products.name subscriptions.plan_id"),
        col("Status", _is_active, words({"active": "Active", "canceled": "Cancelled"}), "subscriptions.status"),
        col("Started At", lambda row: row.subscription.start, moment, "subscriptions.start_date"),
        col("Cancelled At", lambda row: row.subscription.end, moment, "subscriptions.canceled_at"),
        col("Currency", v.currency, TEXT, "subscriptions.currency", matters=False),
    ]


def _chargebee(export: Export, out: Writer) -> Truth:
    book = Company(
        152, EN, currencies=("USD",), rate="10", anchor="anniversary", discounts="column", cancelled=0.03
    ).book()
    moment, date_only, point = day("DD-MMM-YYYY hh:mm", EN), day("DD-MMM-YYYY", EN), amount("1234.56")
    customers = [
        col("Customer Id", v.customer("AzC{:06d}"), TEXT, "customers.id"),
        col("Company", v.name, TEXT, "customers.name"),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("Billing Zip", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Billing Country", lambda row: "US", TEXT, "customers.country", matters=False),
        col("Auto Collection", lambda row: "On"),
    ]
    subscriptions = _chargebee_subscriptions(moment)
    heads = _chargebee_heads(moment, point)
    lines = _chargebee_lines(date_only, point)
    separator, encoding = ",", "utf-8"
    out.text("Customers.csv", customers, book.customer_rows(), "customers", separator=separator, encoding=encoding)
    held = book.subscription_rows()
    out.text("Subscriptions.csv", subscriptions, held, "subscriptions", separator=separator, encoding=encoding)
    rows = book.document_rows("invoices")
    out.text("Invoices.csv", heads, rows, "invoices", separator=separator, encoding=encoding)
    items = book.line_rows("invoices")
    out.text("InvoiceLineItems.csv", lines, items, "invoice_lines", separator=separator, encoding=encoding)
    given = _chargebee_given(moment, point)
    notes = book.document_rows("credits")
    out.text("CreditNotes.csv", given, notes, "credit_notes", separator=separator, encoding=encoding)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Reference Invoice Number",
        line_type="column",
        period_end="exclusive",
        product="Description",
        subscription="Subscription Id",
    )
    return export.truth(out, book, facts, amounts=["Net Amount", "Sub Total"])


EXPORTS = (
    Export(
        "en_stripe_dashboard",
        "Stripe's dashboard: customers, invoices, items, credit notes; codes in small letters",
        _stripe,
    ),
    Export("en_chargebee", "Chargebee's CSV exports, five tables, month names with a time of day", _chargebee),
)
