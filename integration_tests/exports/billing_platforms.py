"""Exports of billing platforms for subscriptions: Recurly, Lago, Kill Bill, Salesforce Billing.

The columns are those that the vendors document:

- Recurly: https://docs.recurly.com/docs/adjustments-exports
- Lago: https://github.com/getlago/lago-api/tree/main/app/services/data_exports/csv
- Kill Bill: https://github.com/killbill/killbill/blob/master/invoice/src/main/resources/org/killbill/billing/invoice/ddl.sql
- Salesforce Billing: https://developer.salesforce.com/docs/revenue/billing-developer/guide/
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import COUNT, TEXT, Form, amount, cents, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

ISO_DAY, STAMP = day("YYYY-MM-DD"), day("YYYY-MM-DD hh:mm:ss UTC")
POINT = amount("1234.56")


def _unique(kind: str, of: Callable[[Row], Any]) -> Callable[[Row], str | None]:
    """Return what gives the 36 characters that identify a thing, nothing where there is no such thing."""
    return lambda row: None if of(row) is None else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{of(row)}"))


def _hexadecimal(kind: str, of: Callable[[Row], Any]) -> Callable[[Row], str]:
    """Return what gives the same without hyphens."""
    return lambda row: (_unique(kind, of)(row) or "").replace("-", "")


def _document(row: Row) -> str:
    return f"{row.document.is_credit}{row.document.number}"


def _line(row: Row) -> int:
    return row.line.number


def _billed(row: Row) -> int:
    return row.customer.number


def _subscribed(row: Row) -> int | None:
    return row.of_subscription.number if row.of_subscription else None


def _code(row: Row) -> str:
    return f"plan-{row.of_plan.number}" if row.of_plan else "services"


def _amount_before_discount(row: Row) -> Decimal:
    return row.document.sign * (row.line.net + row.line.discount)


def _origin(row: Row) -> str:
    return "plan" if row.line.period else "one_time"


def _charge(row: Row) -> str:
    return "charge" if v.signed_net(row) >= 0 else "credit"


def _recurly_document() -> list[Spec]:
    states = {"paid": "paid", "open": "pending", "overdue": "past_due", "cancelled": "voided"}
    return [
        col("invoice_number", v.number("{}", "{}CR"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("invoice_state", v.status, words(states), "invoices.status"),
        col("invoice_billed_date", v.issued, STAMP, "invoices.date", may="credit_notes.date"),
        col("invoice_closed_at", lambda row: row.document.due if row.document.status == "paid" else None, STAMP),
        col("invoice_net_terms", lambda row: "net-30"),
        col("invoice_collection_method", lambda row: "automatic"),
        v.kind_column("invoice_type", "purchase", "refund"),
        col("account_name", v.name, TEXT, "customers.name"),
        col("account_country", lambda row: "US", TEXT, "customers.country", matters=False),
        col("original_invoice_number", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        v.due_column("invoice_due_on", STAMP),
    ]


def _recurly(export: Export, out: Writer) -> Truth:
    """The export Adjustments: amounts before discounts, after them, and with tax; times of the day; exclusive ends."""
    book = Company(401, EN, currencies=("USD", "EUR"), rate="8", cancelled=0.03, anchor="anniversary").book()
    specs = [
        col("uuid", _hexadecimal("adjustment", _line), TEXT, may="invoice_lines.id"),
        col("account_code", v.customer("{}"), TEXT, CUSTOMER),
        col("subscription_id", _hexadecimal("subscription", _subscribed), TEXT, "invoice_lines.subscription_id"),
        col("invoice_id", _hexadecimal("invoice", _document), TEXT, may=f"{INVOICE} credit_notes.id"),
        col("adjustment_status", lambda row: "invoiced"),
        col("adjustment_type", _charge, TEXT, matters=False),
        col("adjustment_created_at", v.issued, STAMP, may="invoices.date credit_notes.date"),
        col("adjustment_start_at", v.start, STAMP, START),
        col("adjustment_end_at", v.end, STAMP, END),
        v.product_label("adjustment_description"),
        v.quantity_column("adjustment_quantity", v.quantity, COUNT),
        col("adjustment_currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("adjustment_amount", _amount_before_discount, POINT, may=NET, role="before discount"),
        v.unused_amount("adjustment_total", v.signed_gross, POINT, "gross"),
        col("adjustment_discount", v.signed_discount, POINT, may="invoice_lines.discount_amount", role="discount"),
        v.tax_column("adjustment_tax", v.signed_tax, POINT),
        col("adjustment_product_code", _code, TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("adjustment_origin", _origin, TEXT, may="invoice_lines.type"),
        col("tax_rate", v.rate, percent("0.2"), role="rate"),
        *_recurly_document(),
        col("adjustment_subtotal", v.signed_net, POINT, NET, may="invoices.amount"),
    ]
    out.text("adjustments.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(
        credits="typed, negative",
        credit_reference="original_invoice_number",
        product="adjustment_description",
        period_end="exclusive",
        subscription="subscription_id",
    )
    return export.truth(out, book, facts, amounts=["adjustment_subtotal"])


def _final(row: Row) -> str:
    return row.document.status if row.document.status in ("cancelled", "draft") else "open"


def _lago_invoices() -> list[Spec]:
    states = words({"open": "finalized", "cancelled": "voided", "draft": "draft"})
    return [
        col("lago_id", _unique("invoice", _document), TEXT, "invoices.id"),
        col("sequential_id", v.number("{}"), TEXT),
        col("issuing_date", v.issued, ISO_DAY, "invoices.date"),
        col("customer_lago_id", _unique("customer", _billed), TEXT, may=CUSTOMER, matters=False),
        col("customer_external_id", v.customer("cust_{:05d}"), TEXT, CUSTOMER),
        col("customer_name", v.name, TEXT, "customers.name"),
        col("customer_country", lambda row: "GB", TEXT, "customers.country", matters=False),
        col("customer_tax_identification_number", lambda row: ""),
        col("invoice_number", v.number("NOR-4C1D-{:03d}"), TEXT, "invoices.number", may="invoices.id", matters=False),
        col("invoice_type", lambda row: "subscription"),
        col("payment_status", v.settled, words({"paid": "succeeded", "open": "pending"}), "invoices.status"),
        col("status", _final, states, may="invoices.status", role="kind", matters=True),
        col("file_url", lambda row: ""),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("fees_amount_cents", v.document_net, cents(), "document"),
        col("coupons_amount_cents", lambda row: 0, COUNT),
        v.unused_amount("taxes_amount_cents", v.document_tax, cents(), "tax"),
        col("credit_notes_amount_cents", lambda row: 0, COUNT),
        col("prepaid_credit_amount_cents", lambda row: 0, COUNT),
        v.unused_amount("total_amount_cents", v.document_gross, cents(), "gross"),
        v.due_column("payment_due_date", ISO_DAY),
        col("payment_dispute_lost_at", lambda row: ""),
        col("payment_overdue", lambda row: str(row.document.status == "overdue").lower(), TEXT, may="invoices.status"),
    ]


def _lago_fees() -> list[Spec]:
    pattern = "YYYY-MM-DDThh:mm:ss+00:00"
    from_midnight = Form("date", pattern, lambda value: "" if value is None else f"{value}T00:00:00+00:00")
    to_midnight = Form("date", pattern, lambda value: "" if value is None else f"{value}T23:59:59+00:00")
    return [
        col("invoice_lago_id", _unique("invoice", _document), TEXT, "invoice_lines.invoice_id"),
        col("invoice_number", v.number("NOR-4C1D-{:03d}"), TEXT, may="invoice_lines.invoice_id", matters=False),
        col("invoice_issuing_date", v.issued, ISO_DAY, may="invoices.date"),
        col("fee_lago_id", _unique("fee", _line), TEXT, may="invoice_lines.id"),
        v.type_column("fee_item_type", "subscription", "add_on"),
        col("fee_item_code", _code, TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("fee_item_name"),
        col("fee_item_description", lambda row: ""),
        col("fee_item_invoice_display_name", v.label, TEXT, may="invoice_lines.description products.name plans.name"),
        col("fee_item_filter_invoice_display_name", lambda row: ""),
        col("fee_item_grouped_by", lambda row: ""),
        v.subscription_column("subscription_external_id", "sub_{:06d}"),
        col("subscription_plan_code", v.plan("plan_{}"), TEXT, may="plans.id invoice_lines.price_id"),
        col("fee_from_date_utc", v.start, from_midnight, START),
        col("fee_to_date_utc", v.last_day, to_midnight, END),
        col("fee_amount_currency", v.currency, TEXT, "invoice_lines.currency", may="invoices.currency"),
        v.quantity_column("fee_units", v.quantity, amount("1234.56")),
        v.unused_amount("fee_precise_unit_amount", v.price, amount("1234.5600000000"), "unit price"),
        col("fee_taxes_amount_cents", v.tax, cents(), NET, may="invoice_lines.tax_amount", role="tax"),
        col("fee_total_amount_cents", v.gross, cents(), NET, role="gross"),
    ]


def _lago(export: Export, out: Writer) -> Truth:
    """Invoices and their fees: cents with tax, so that the net is their difference; no credit notes."""
    book = Company(
        402, EN, currencies=("EUR", "USD"), rate="20", drafts=True, cancelled=0.04, credits=0, discounts="none"
    ).book()
    heads, fees = book.document_rows(), book.line_rows()
    out.text("invoices.csv", _lago_invoices(), heads, "invoices customers", separator=",", encoding="utf-8")
    out.text("invoice_fees.csv", _lago_fees(), fees, "invoice_lines", separator=",", encoding="utf-8")
    facts = answers(
        amount="gross",
        minor_units="cents",
        credits="none",
        line_type="column",
        product="fee_item_name",
        subscription="subscription_external_id",
    )
    return export.truth(out, book, facts, amounts=["fee_total_amount_cents", "fee_taxes_amount_cents"])


def _item_type(row: Row) -> str:
    if not row.line.period:
        return "one_off"
    return "subscription" if row.line.net >= 0 else "subscription|repair"


def _kill_bill(export: Export, out: Writer) -> Truth:
    """Three tables of the database: nine decimals, exclusive ends, what was paid in vain as lines of their own."""
    book = Company(
        403,
        EN,
        currencies=("USD", "GBP"),
        untaxed_share=1,
        credits=0,
        cancelled=0.04,
        drafts=True,
        discounts="none",
        anchor="anniversary",
        upgrades=0.3,
    ).book()
    nine, stamp = amount("1234.560000000"), day("YYYY-MM-DD hh:mm:ss")
    types = {"subscription": "RECURRING", "subscription|repair": "REPAIR_ADJ", "one_off": "EXTERNAL_CHARGE"}
    accounts = [
        col("record_id", lambda row: str(row.customer.number)),
        col("id", _unique("account", _billed), TEXT, "customers.id"),
        col("external_key", v.customer("crm-{}"), TEXT, may="customers.id"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("name", v.name, TEXT, "customers.name"),
        col("currency", v.currency, TEXT, may="invoices.currency"),
        col("billing_cycle_day_local", lambda row: "1"),
        col("country", lambda row: "US", TEXT, "customers.country", matters=False),
        col("postal_code", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
    ]
    invoices = [
        col("record_id", v.number("{}"), TEXT, may="invoices.number"),
        col("id", _unique("invoice", _document), TEXT, "invoices.id"),
        col("account_id", _unique("account", _billed), TEXT, "invoices.customer_id"),
        col("invoice_date", v.issued, ISO_DAY, "invoices.date"),
        col("target_date", v.issued, ISO_DAY, may="invoices.date"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("status", _final, words({"open": "COMMITTED", "cancelled": "VOID", "draft": "DRAFT"}), "invoices.status"),
        col("migrated", lambda row: "0"),
        col("created_date", v.issued, stamp, may="invoices.date"),
    ]
    items = [
        col("record_id", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        col("id", _unique("item", _line), TEXT, may="invoice_lines.id"),
        col("type", _item_type, words(types), "invoice_lines.type"),
        col("invoice_id", _unique("invoice", _document), TEXT, "invoice_lines.invoice_id"),
        col("account_id", _unique("account", _billed), TEXT, may="invoices.customer_id"),
        col("subscription_id", _unique("subscription", _subscribed), TEXT, "invoice_lines.subscription_id"),
        v.product_label("description"),
        col("plan_name", v.plan("plan-{}-monthly"), TEXT, may="plans.id plans.name products.name"),
        col("phase_name", v.plan("plan-{}-monthly-evergreen"), TEXT, may="plans.name invoice_lines.price_id"),
        col("start_date", lambda row: row.start or row.document.date, ISO_DAY, START),
        col("end_date", v.end, ISO_DAY, END),
        col("amount", v.net, nine, NET),
        v.unused_amount("rate", v.price, nine, "unit price"),
        col("currency", v.currency, TEXT, "invoice_lines.currency", may="invoices.currency"),
        col("created_date", v.issued, stamp),
    ]
    out.text("accounts.tsv", accounts, book.customer_rows(), "customers", separator="\t", encoding="utf-8")
    out.text("invoices.tsv", invoices, book.document_rows(), "invoices", separator="\t", encoding="utf-8")
    out.text("invoice_items.tsv", items, book.line_rows(), "invoice_lines", separator="\t", encoding="utf-8")
    facts = answers(
        credits="none",
        line_type="column",
        period_end="exclusive",
        product="description",
        subscription="subscription_id",
    )
    return export.truth(out, book, facts, amounts=["amount"])


def _record(prefix: str, of: Callable[[Row], int | None]) -> Callable[[Row], str | None]:
    """Return what gives the 18 characters of a record's id."""
    return lambda row: None if of(row) is None else f"{prefix}{of(row):012d}AAE"


def _salesforce_invoices() -> list[Spec]:
    states = words({"open": "Posted", "cancelled": "Cancelled", "draft": "Draft"})
    return [
        col("Id", _record("a2X", lambda row: row.document.number), TEXT, "invoices.id"),
        col("Name", v.number("INV-{:05d}"), TEXT, "invoices.number", matters=False),
        col("blng__Account__c", _record("001", _billed), TEXT, "invoices.customer_id"),
        col("CurrencyIsoCode", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("blng__InvoiceDate__c", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("blng__DueDate__c", ISO_DAY),
        col("blng__InvoiceStatus__c", _final, states, may="invoices.status", role="kind", matters=True),
        col("blng__PaymentStatus__c", v.settled, words({"paid": "Paid", "open": "Unpaid"}), "invoices.status"),
        col("blng__Subtotal__c", v.document_net, POINT, "invoices.amount"),
        v.unused_amount("blng__TaxAmount__c", v.document_tax, POINT, "tax"),
        v.unused_amount("blng__TotalAmount__c", v.document_gross, POINT, "gross"),
    ]


def _salesforce(export: Export, out: Writer) -> Truth:
    """Three objects with the names that the API has for their fields: ids of 18 characters, every cell quoted."""
    book = Company(
        404, EN, currencies=("USD",), rate="8", credits=0, cancelled=0.03, drafts=True, discounts="none", upgrades=0.1
    ).book()
    accounts = [
        col("Id", _record("001", _billed), TEXT, "customers.id"),
        col("Name", v.name, TEXT, "customers.name"),
        col("BillingPostalCode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("BillingCountryCode", lambda row: "US", TEXT, "customers.country", matters=False),
    ]
    lines = [
        col("Id", _record("a2Y", _line), TEXT, may="invoice_lines.id"),
        col("Name", lambda row: f"INVL-{row.line.number:06d}", TEXT, may="invoice_lines.id"),
        col("blng__Invoice__c", _record("a2X", lambda row: row.document.number), TEXT, "invoice_lines.invoice_id"),
        col("blng__OrderProduct__c", _record("802", _subscribed), TEXT, may="invoice_lines.subscription_id"),
        v.product_label("blng__Product__r.Name"),
        v.type_column("blng__ChargeType__c", "Recurring", "One-Time"),
        v.quantity_column("blng__Quantity__c", v.quantity, POINT),
        v.unused_amount("blng__UnitPrice__c", v.price, POINT, "unit price"),
        col("blng__Subtotal__c", v.net, POINT, NET),
        v.tax_column("blng__TaxAmount__c", v.tax, POINT),
        v.unused_amount("blng__TotalAmount__c", v.gross, POINT, "gross"),
        col("blng__StartDate__c", v.start, ISO_DAY, START),
        col("blng__EndDate__c", v.last_day, ISO_DAY, END),
        col("blng__ChargeDate__c", v.issued, ISO_DAY),
    ]
    for file, specs, rows, objects in (
        ("Account.csv", accounts, book.customer_rows(), "customers"),
        ("blng__Invoice__c.csv", _salesforce_invoices(), book.document_rows(), "invoices"),
        ("blng__InvoiceLine__c.csv", lines, book.line_rows(), "invoice_lines"),
    ):
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8", quote_all=True)
    facts = answers(credits="none", line_type="column", product="blng__Product__r.Name")
    return export.truth(out, book, facts, amounts=["blng__Subtotal__c"])


EXPORTS = (
    Export(
        "en_recurly", "Recurly, adjustments: amounts before and after discounts, times, refunds below zero", _recurly
    ),
    Export("en_lago", "Lago, invoices and fees: cents with tax, and the tax; two currencies", _lago),
    Export("en_kill_bill", "Kill Bill, three tables of its database: tabs, nine decimals, exclusive ends", _kill_bill),
    Export("en_salesforce_billing", "Salesforce Billing, three objects with the names of its API", _salesforce),
)
