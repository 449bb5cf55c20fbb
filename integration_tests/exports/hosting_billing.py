"""Exports of billing programs for services: Blesta and ChargeOver.

The columns are those that the vendors document:

- Blesta, tables contacts, invoices, invoice_lines, services and pricings: https://source-docs.blesta.com/ (models
  Invoices and Services)
- ChargeOver, invoices and subscriptions ("packages") of its API: https://developer.chargeover.com/docs/api/reference
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import NET, Export, Sheet, Spec, Writer, answers, col
from integration_tests.exports.forms import NUMBER, TEXT, WHOLE, Form, amount, day, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

MIDNIGHT = Form("date", "YYYY-MM-DD hh:mm:ss", lambda value: "" if value is None else f"{value} 00:00:00")
ISO_DAY = Form("date", "YYYY-MM-DD", lambda value: None if value is None else f"{value}")
FINE = amount("1234.5600")


def _renewed(row: Row) -> str:
    """What the line is for, from the day on which it was renewed to the day of the next renewal."""
    if not row.start or not row.end:
        return row.line.label
    days = " - ".join(f"{one:%b} {one.day}, {one.year}" for one in (row.start, row.end))
    return f"{row.line.label} ({days})"


def _state(row: Row) -> str:
    return row.document.status if row.document.status in ("draft", "cancelled") else "open"


def _blesta_invoices() -> list[Spec]:
    states = words({"open": "active", "draft": "draft", "cancelled": "void"})
    return [
        col("id", v.number("{}"), TEXT, "invoices.id"),
        col("id_format", lambda row: "INV-{num}"),
        col("id_value", lambda row: str(row.document.number + 1499), TEXT, may="invoices.number"),
        col("client_id", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("date_billed", v.issued, MIDNIGHT, "invoices.date"),
        col("date_due", v.due, MIDNIGHT, "invoices.due_date"),
        col("date_closed", lambda row: row.document.due if row.document.status == "paid" else None, MIDNIGHT),
        col("date_autodebit", lambda row: None, MIDNIGHT),
        col("autodebit", lambda row: "1"),
        col("status", _state, states, "invoices.status"),
        v.unused_amount("previous_due", v.zero, FINE, "balance"),
        col("subtotal", v.document_net, FINE, "invoices.amount"),
        v.unused_amount("total", v.document_gross, FINE, "gross"),
        v.unused_amount("paid", v.paid, FINE, "document"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("note_public", lambda row: ""),
    ]


def _blesta_lines() -> list[Spec]:
    return [
        col("id", lambda row: str(row.line.number), TEXT, "invoice_lines.id"),
        col("invoice_id", v.number("{}"), TEXT, "invoice_lines.invoice_id"),
        col("service_id", v.subscription("{}"), TEXT, "invoice_lines.subscription_id"),
        v.product_label("description", _renewed),
        col("qty", v.quantity, FINE, f"{NET} invoice_lines.quantity", role="quantity"),
        col("amount", v.price, FINE, NET, role="unit price"),
        col("order", lambda row: str(row.rank - 1)),
    ]


def _running(row: Row) -> str:
    return "canceled" if row.subscription.end else "active"


def _blesta_services() -> tuple[list[Spec], list[Spec]]:
    services = [
        col("id", lambda row: str(row.subscription.number), TEXT, "subscriptions.id"),
        col("parent_service_id", lambda row: ""),
        col("id_value", lambda row: str(row.subscription.number + 820)),
        col("pricing_id", v.plan("{}"), TEXT, "subscriptions.plan_id"),
        col("client_id", v.customer("{}"), TEXT, "subscriptions.customer_id"),
        col("module_row_id", lambda row: "3"),
        col("qty", lambda row: str(row.subscription.seats)),
        col("override_price", lambda row: ""),
        col("status", _running, words({"active": "active", "canceled": "canceled"}), "subscriptions.status"),
        col("date_added", lambda row: row.subscription.start, MIDNIGHT, "subscriptions.start_date"),
        col("date_renews", lambda row: row.subscription.end, MIDNIGHT),
        col(
            "date_canceled",
            lambda row: row.subscription.end,
            MIDNIGHT,
            "subscriptions.end_date",
            may="subscriptions.canceled_at",
        ),
    ]
    terms = {1: "1", 3: "3", 12: "1"}
    pricings = [
        col("id", v.plan("{}"), TEXT, "plans.id"),
        col("company_id", lambda row: "1"),
        col("term", lambda row: terms[row.plan.months], TEXT, "plans.interval_count", matters=False),
        col("period", lambda row: "year" if row.plan.months == 12 else "month", TEXT, "plans.interval", matters=False),
        col("price", lambda row: row.plan.price, FINE, may="plans.amount", role="plan price"),
        v.unused_amount("setup_fee", v.zero, FINE, "plan price"),
        v.unused_amount("cancel_fee", v.zero, FINE, "plan price"),
        col("currency", lambda row: "USD", TEXT, may="plans.currency"),
    ]
    return services, pricings


def _blesta(export: Export, out: Writer) -> Truth:
    """Five tables: customers go by another column than their table's id, lines have quantity and price and no sum."""
    book = Company(
        541, EN, currencies=("USD",), rate="8", drafts=True, cancelled=0.04, credits=0, discounts="line", upgrades=0.1
    ).book()
    contacts = [
        col("id", lambda row: str(row.customer.number * 3 + 5)),
        col("client_id", v.customer("{}"), TEXT, "customers.id"),
        col("contact_type", lambda row: "primary"),
        col("first_name", lambda row: "Sam"),
        col("last_name", lambda row: "Field"),
        col("company", v.name, TEXT, "customers.name"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("zip", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("country", lambda row: "US", TEXT, "customers.country", matters=False),
        col("date_added", lambda row: book.documents[0].date - timedelta(days=row.customer.number), MIDNIGHT),
    ]
    services, pricings = _blesta_services()
    tables = (
        ("contacts.csv", contacts, book.customer_rows(), "customers"),
        ("invoices.csv", _blesta_invoices(), book.document_rows(), "invoices"),
        ("invoice_lines.csv", _blesta_lines(), book.line_rows(), "invoice_lines"),
        ("services.csv", services, book.subscription_rows(), "subscriptions"),
        ("pricings.csv", pricings, book.plan_rows(), "plans"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8", quote_all=True)
    facts = answers(
        credits="none",
        period="text",
        period_end="exclusive",
        product="description",
        subscription="service_id",
    )
    return export.truth(out, book, facts, amounts=["qty", "amount", "subtotal"])


def _thru(row: Row) -> str:
    """What the line is for, with its first and last day."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label}\nService period: {row.start} thru {row.last_day}"


def _id(row: Row) -> int:
    return row.document.number + 10300


def _once(row: Row) -> Decimal:
    return sum((line.net for line in row.document.lines if not line.period), Decimal(0))


def _open_amount(row: Row) -> Decimal:
    return row.document.gross - v.paid(row)


def _chargeover_invoices() -> list[Spec]:
    states = {"paid": "closed-paid", "open": "open-unpaid", "overdue": "open-overdue", "cancelled": "closed-void"}
    return [
        col("invoice_id", _id, WHOLE, "invoices.id", may="invoice_lines.invoice_id"),
        col("external_key", lambda row: None),
        col("refnumber", v.number("CO-{:05d}"), TEXT, "invoices.number", matters=False),
        col("token", lambda row: f"{row.document.number * 7919:012x}"),
        col("currency_id", lambda row: 1, WHOLE),
        col("currency_iso4217", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("currency_symbol", lambda row: "$"),
        col("customer_id", lambda row: row.customer.number, WHOLE, "invoices.customer_id", may="customers.id"),
        col("package_id", _first_package, WHOLE, may="invoices.subscription_id"),
        col("date", v.issued, ISO_DAY, "invoices.date"),
        col("due_date", v.due, ISO_DAY, "invoices.due_date"),
        col("cycle_pkg_date", v.issued, ISO_DAY),
        col("terms_name", lambda row: "Net 30"),
        col("terms_days", lambda row: 30, WHOLE),
        col("invoice_status_id", lambda row: 1, WHOLE),
        col("invoice_status_str", v.status, words(states), "invoices.status"),
        v.unused_amount("sum_base", lambda row: row.document.net - _once(row), NUMBER, "document"),
        v.unused_amount("sum_usage", v.zero, NUMBER, "document"),
        v.unused_amount("sum_onetime", _once, NUMBER, "document"),
        col("subtotal", v.document_net, NUMBER, "invoices.amount"),
        v.unused_amount("taxes", v.document_tax, NUMBER, "tax"),
        v.unused_amount("total", v.document_gross, NUMBER, "gross"),
        v.unused_amount("credits", v.zero, NUMBER, "document"),
        v.unused_amount("payments", v.paid, NUMBER, "document"),
        v.unused_amount("writeoffs", v.zero, NUMBER, "document"),
        v.unused_amount("balance", _open_amount, NUMBER, "balance"),
        col("write_datetime", v.issued, day("YYYY-MM-DD hh:mm:ss"), may="invoices.date"),
        col("memo", lambda row: ""),
    ]


def _first_package(row: Row) -> int | None:
    return next((line.subscription.number for line in row.document.lines if line.subscription), None)


def _chargeover_lines() -> list[Spec]:
    return [
        col("invoice_id", _id, WHOLE, "invoice_lines.invoice_id"),
        col("line_item_id", lambda row: row.line.number, WHOLE, "invoice_lines.id"),
        col("item_type", lambda row: "discount" if row.line.net < 0 else "service"),
        col("item_id", lambda row: row.of_plan.number if row.of_plan else None, WHOLE, may=_PRODUCTS),
        col("item_name", v.label, TEXT, may="products.name plans.name invoice_lines.description"),
        v.product_label("descrip", _thru),
        v.unused_amount("line_rate", v.price, NUMBER, "unit price"),
        v.quantity_column("line_quantity", v.quantity, NUMBER),
        v.unused_amount("line_prorate", lambda row: Decimal(1), NUMBER, "unit price"),
        v.unused_amount("line_usage", v.zero, NUMBER, "document"),
        col("line_total", v.net, NUMBER, NET),
        v.tax_column("line_taxes", v.tax, NUMBER),
        col("package_id", _package, WHOLE, "invoice_lines.subscription_id"),
        col(
            "is_base",
            lambda row: bool(row.line.period),
            Form("text", "text", lambda value: value),
            may="invoice_lines.type",
        ),
        col("external_key", lambda row: None),
    ]


_PRODUCTS = "products.id plans.id invoice_lines.price_id"


def _package(row: Row) -> int | None:
    return row.of_subscription.number if row.of_subscription else None


def _monthly_value(row: Row) -> Decimal:
    return (row.plan.price * row.subscription.seats / row.plan.months).quantize(Decimal("0.01"))


def _chargeover_packages() -> list[Spec]:
    cycles = {1: "mon", 3: "qtr", 12: "yrl"}
    states = words({"active": "active-current", "canceled": "canceled-manual"})
    return [
        col("package_id", _package, WHOLE, "subscriptions.id"),
        col("customer_id", lambda row: row.customer.number, WHOLE, "subscriptions.customer_id customers.id"),
        col("customer_name", v.name, TEXT, "customers.name"),
        col("nickname", lambda row: row.plan.name, TEXT, may="plans.name"),
        col("paycycle", lambda row: cycles[row.plan.months], TEXT, may="plans.interval"),
        col("amount_collected", v.zero, NUMBER),
        v.unused_amount("amount_due", v.zero, NUMBER, "balance"),
        col("start_datetime", lambda row: row.subscription.start, MIDNIGHT, "subscriptions.start_date"),
        col("next_invoice_datetime", lambda row: None, MIDNIGHT),
        col("cancel_datetime", lambda row: row.subscription.end, MIDNIGHT, "subscriptions.end_date", may=_CANCELED),
        col("package_status_str", _running, states, "subscriptions.status"),
        col("mrr", _monthly_value, NUMBER, may="subscriptions.monthly_value"),
        v.unused_amount("arr", lambda row: _monthly_value(row) * 12, NUMBER, "plan price"),
    ]


_CANCELED = "subscriptions.canceled_at"


def _chargeover(export: Export, out: Writer) -> Truth:
    """Two answers of the API: invoices with their lines inside, and the contracts that the lines are of."""
    book = Company(
        542, EN, currencies=("USD",), rate="6", cancelled=0.03, credits=0, discounts="line", anchor="anniversary"
    ).book()
    invoices = Sheet("", _chargeover_invoices(), book.document_rows(), "invoices")
    lines = Sheet("line_items", _chargeover_lines(), book.line_rows(), "invoice_lines")
    out.json_with_lists("invoices.json", "response", invoices, lines)
    out.json("packages.json", "response", _chargeover_packages(), book.subscription_rows(), "subscriptions customers")
    facts = answers(credits="none", period="text", product="descrip", subscription="package_id")
    return export.truth(out, book, facts, amounts=["line_total", "subtotal"])


EXPORTS = (
    Export(
        "en_blesta",
        "Blesta, five tables; client_id as the customers' id, quantity and price, renewals in texts",
        _blesta,
    ),
    Export(
        "en_chargeover",
        "ChargeOver, JSON: invoices with their lines inside, and contracts with a pay cycle",
        _chargeover,
    ),
)
