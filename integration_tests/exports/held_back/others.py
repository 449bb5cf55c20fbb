"""A warehouse's tables and a spreadsheet that are held back."""

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
    Layout,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import NUMBER, TEXT, Form, amount, day, words
from integration_tests.exports.languages import EN, FR
from integration_tests.exports.truth import Truth


def _warehouse_lines(iso: Form, point: Form) -> list[Spec]:
    return [
        col("INVOICE_LINE_ID", lambda row: f"{row.line.number:012d}", TEXT, "invoice_lines.id"),
        col("INVOICE_ID", v.number("{:010d}"), TEXT, "invoice_lines.invoice_id"),
        col("PLAN_ID", v.plan("P{:03d}"), TEXT, "invoice_lines.price_id", matters=False),
        v.subscription_column("SUBSCRIPTION_ID", "{:010d}"),
        v.product_label("LINE_DESCRIPTION"),
        col(
            "CHARGE_TYPE",
            v.line_type,
            words({"subscription": "RECURRING", "one_off": "ONE_TIME"}),
            "invoice_lines.type",
        ),
        v.quantity_column("QTY", v.quantity, point),
        v.unused_amount("UNIT_PRICE", v.price, point, "unit price"),
        col("DISCOUNT_AMOUNT", v.discount, point, "invoice_lines.discount_amount", role="discount", matters=False),
        col("AMOUNT_NET", v.net, point, NET),
        v.tax_column("AMOUNT_TAX", v.tax, point),
        col("SERVICE_START_DATE", v.start, iso, START),
        col("SERVICE_END_DATE", v.last_day, iso, END),
    ]


def _warehouse_heads(moment: Form, point: Form) -> list[Spec]:
    states = {"paid": "PAID", "open": "POSTED", "overdue": "PAST_DUE", "cancelled": "VOIDED"}
    return [
        col("INVOICE_ID", v.number("{:010d}"), TEXT, "invoices.id"),
        col("INVOICE_NO", v.number("INV-{:06d}"), TEXT, "invoices.number", matters=False),
        col("ACCOUNT_ID", v.customer("{:012d}"), TEXT, "invoices.customer_id"),
        col("INVOICE_TS", v.issued, moment, "invoices.date"),
        col("DUE_TS", v.due, moment, "invoices.due_date"),
        col("INVOICE_STATUS", v.status, words(states), "invoices.status"),
        col("CURRENCY_CODE", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("AMOUNT_NET", v.document_net, point, "invoices.amount"),
        v.unused_amount("AMOUNT_GROSS", v.document_gross, point, "gross"),
    ]


def _warehouse_credits(moment: Form, point: Form) -> list[Spec]:
    return [
        col("CREDIT_MEMO_ID", v.number("", "{:010d}"), TEXT, "credit_notes.id"),
        col("APPLIED_INVOICE_ID", v.credited("{:010d}"), TEXT, "credit_notes.invoice_id"),
        col("MEMO_TS", v.issued, moment, "credit_notes.date"),
        col("CURRENCY_CODE", v.currency, TEXT, "credit_notes.currency"),
        col("AMOUNT_NET", v.document_net, point, "credit_notes.amount"),
    ]


def _warehouse(export: Export, out: Writer) -> Truth:
    book = Company(241, EN, currencies=("EUR", "USD"), anchor="anniversary", discounts="column", cancelled=0.03).book()
    moment, iso, point = day("YYYY-MM-DD hh:mm:ss+00:00"), day("YYYY-MM-DD"), amount("1234.5600")
    accounts = [
        col("ACCOUNT_ID", v.customer("{:012d}"), TEXT, "customers.id"),
        col("ACCOUNT_NAME", v.name, TEXT, "customers.name"),
        col("BILLING_COUNTRY", lambda row: EN.country, TEXT, "customers.country", matters=False),
        col("LOADED_AT", lambda row: book.documents[-1].date, moment),
    ]
    plans = [
        col("PLAN_ID", lambda row: f"P{row.plan.number:03d}", TEXT, "plans.id", may="products.id plans.product_id"),
        col("PLAN_NAME", lambda row: row.plan.name, TEXT, "plans.name", may="products.name"),
        col("LIST_PRICE", lambda row: row.plan.price, point, may="plans.amount", role="plan price"),
        col("BILLING_MONTHS", lambda row: row.plan.months, NUMBER, may="plans.interval_count"),
    ]
    heads = _warehouse_heads(moment, point)
    lines = _warehouse_lines(iso, point)
    credits = _warehouse_credits(moment, point)
    rows = book.document_rows("invoices")
    out.text("ACCOUNTS.csv", accounts, book.customer_rows(), "customers", separator="|", encoding="utf-8")
    out.text("PLANS.csv", plans, book.plan_rows(), "plans", separator="|", encoding="utf-8")
    out.text("INVOICES.csv", heads, rows, "invoices", separator="|", encoding="utf-8")
    items = book.line_rows("invoices")
    out.text("INVOICE_LINES.csv", lines, items, "invoice_lines", separator="|", encoding="utf-8")
    memos = book.document_rows("credits")
    out.text("CREDIT_MEMOS.csv", credits, memos, "credit_notes", separator="|", encoding="utf-8")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="APPLIED_INVOICE_ID",
        line_type="column",
        product="LINE_DESCRIPTION",
        subscription="SUBSCRIPTION_ID",
    )
    return export.truth(out, book, facts, amounts=["AMOUNT_NET"])


def _is_paid(row: Row) -> str:
    return "paid" if row.document.status == "paid" else "open"


def _serial_days(export: Export, out: Writer) -> Truth:
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "1490.00"))
    book = Company(242, FR, plans=monthly, upgrades=0, discounts="none", issue_days=(0, 9), rate="20").book()
    serial, spaced = day("serial"), amount("1 234,56")
    specs = [
        col("Facture", v.number("2025/{:04d}", "2025/A{:03d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Émise le", v.issued, serial, "invoices.date", may="credit_notes.date"),
        col("Code", v.customer("CL-{:04d}"), TEXT, CUSTOMER),
        col("Client", v.name, TEXT, "customers.name"),
        v.product_label("Objet"),
        col("Mois facturé", v.start, day("MMMM YYYY", FR), f"{START} {END}"),
        col("Hors taxes", v.signed_net, spaced, NET, may="invoices.amount", summed=True),
        v.tax_column("TVA", v.signed_tax, spaced, summed=True),
        v.unused_amount("Toutes taxes", v.signed_gross, spaced, "gross", summed=True),
        col("Encaissée", _is_paid, words({"paid": "X", "open": ""}), "invoices.status"),
        col("Avoir de", v.credited("2025/{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    layout = Layout([["Facturation 2025 - tout en euros"], []], total="TOTAL", empty_before_total=True)
    out.text("facturation.csv", specs, rows, layout=layout)
    facts = answers(
        credits="negative, untyped",
        credit_reference="Avoir de",
        currency="EUR",
        period="one column",
        product="Objet",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Hors taxes"])


EXPORTS = (
    Export("held_wh_tables", "Five tables in capitals, pipes, times in UTC, inclusive ends", _warehouse),
    Export(
        "held_ss_serials",
        "A CSV saved from a spreadsheet: serial numbers for days, one column for the month",
        _serial_days,
    ),
)
