"""Exports whose lines say in their titles what time they are for: an own system, FastBill and KashFlow.

- An own system of a French company: no page tells it; abbreviated names as its kind has, a price list beside.
- FastBill, invoices by the fields of its API: https://apidocs.fastbill.com/fastbill/de/invoice.html
- KashFlow, a report of invoices' lines: the columns are what its list shows, no page tells the file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import CUSTOMER, INVOICE, NET, Export, Layout, Sheet, Spec, Writer, answers, col
from integration_tests.exports.forms import COUNT, TEXT, amount, day, percent, words
from integration_tests.exports.languages import DE, EN, FR, Language
from integration_tests.exports.truth import Truth

COMPACT, FRENCH_DAY, ISO_DAY = day("YYYYMMDD"), day("DD/MM/YYYY"), day("YYYY-MM-DD")
COMMA, POINT, GROUPED = amount("1234,56"), amount("1234.56"), amount("1,234.56")
_PRODUCTS = "products.id plans.id plans.product_id invoice_lines.price_id"


def _from_that_day(row: Row) -> str:
    """A line's label, with its length and first day."""
    if not row.start:
        return row.line.label
    return f"{row.line.label} {row.of_plan.months if row.of_plan else 1} mois à compter du {row.start:%d/%m/%Y}"


def _own_lines() -> list[Spec]:
    states = {"paid": "2", "open": "1", "cancelled": "9"}
    return [
        col("CD_STE", lambda row: "01"),
        v.kind_column("TY_DOC", "F", "A"),
        col("NO_DOC", v.number("25{:05d}", "98{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("NO_LIG", lambda row: str(row.rank)),
        col("DT_FACT", v.issued, COMPACT, "invoices.date", may="credit_notes.date"),
        v.due_column("DT_ECH", COMPACT),
        col("CD_CLI", v.customer("{:06d}"), TEXT, "invoices.customer_id", may="customers.id credit_notes.customer_id"),
        col("CD_ART", v.plan("A{:03d}"), TEXT, may=_PRODUCTS),
        v.period_text("LB_ART", _from_that_day),
        v.quantity_column("QT_FACT", v.signed_quantity, COMMA),
        v.unused_amount("PU_HT", v.price, COMMA, "unit price"),
        col("TX_REM", v.percent_off, COMMA, role="discount"),
        col("MT_HT", v.signed_net, COMMA, NET),
        col("CD_TVA", lambda row: "1" if row.line.rate else "0"),
        v.tax_column("MT_TVA", v.signed_tax, COMMA),
        v.unused_amount("MT_TTC", v.signed_gross, COMMA, "gross"),
        col("CD_DEV", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("ET_FACT", v.state, words(states), "invoices.status"),
        col("NO_DOC_ORIG", v.credited("25{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _own_system(export: Export, out: Writer) -> Truth:
    """Lines, customers and prices by abbreviated names: states in codes, credits below zero, two currencies."""
    language = replace(FR, plans=(FR.plans[0], FR.plans[1], "Maintenance", FR.plans[3]))
    book = Company(721, language, currencies=("EUR", "EUR", "CHF"), upgrades=0, issue_days=(0, 4)).book()
    customers = [
        col("CD_CLI", v.customer("{:06d}"), TEXT, "customers.id"),
        col("LB_CLI", v.name, TEXT, "customers.name"),
        col("CD_POST", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("LB_VILLE", lambda row: row.customer.city),
        col("NO_SIRET", lambda row: row.customer.siret),
        col("CD_REGLT", lambda row: "VIR"),
    ]
    prices = [
        col("CD_ART", lambda row: f"A{row.plan.number:03d}", TEXT, may=_PRODUCTS),
        col("LB_ART", lambda row: row.plan.name, TEXT, may="products.name plans.name"),
        col("UN_FACT", lambda row: {1: "M", 3: "T", 12: "A"}[row.plan.months], TEXT, may="plans.interval"),
        col("PX_HT", lambda row: row.plan.price, COMMA, may="plans.amount", role="plan price"),
        col("DT_EFF", lambda row: book.documents[0].date.replace(month=1, day=1), COMPACT),
    ]
    out.text("CLIENT.TXT", customers, book.customer_rows(), "customers", separator="|", encoding="iso8859-1")
    out.text("FACTLIG.TXT", _own_lines(), book.line_rows(), "invoices invoice_lines", separator="|")
    out.text("TARIF.TXT", prices, book.plan_rows(), "products plans", separator="|", encoding="iso8859-1")
    facts = answers(
        credits="typed, negative",
        credit_reference="NO_DOC_ORIG",
        period="text",
        period_end=None,
        product="LB_ART",
    )
    return export.truth(out, book, facts, amounts=["MT_HT"])


def _months_in_words(row: Row, language: Language) -> str:
    """The months of a period of whole ones: `Jan 2025`, `Jan–Mar 2025`, `Nov 2025–Jan 2026`."""
    if not row.start or not row.end:
        return ""
    last = row.end - timedelta(days=1)
    first_name, last_name = (language.months[one.month - 1][:3] for one in (row.start, last))
    if (row.start.year, row.start.month) == (last.year, last.month):
        return f"{first_name} {last.year}"
    year = "" if row.start.year == last.year else f" {row.start.year}"
    return f"{first_name}{year}–{last_name} {last.year}"


def _german_title(row: Row) -> str:
    """A line's label, and its month, its quarter, or its first and last month."""
    if not row.start or not row.of_plan:
        return row.line.label
    if row.of_plan.months == 3 and row.start.month % 3 == 1:
        return f"{row.line.label} Q{row.start.month // 3 + 1}/{row.start.year}"
    return f"{row.line.label} {_months_in_words(row, DE)}"


def _paid_on(row: Row) -> str:
    """When it was paid, in a form that a database has for never."""
    return f"{row.document.due} 00:00:00" if row.document.status == "paid" else "0000-00-00 00:00:00"


def _fastbill_id(row: Row) -> str:
    return str(5210400 + row.document.number * 3 + row.document.is_credit)


def _fastbill_invoices() -> list[Spec]:
    return [
        col("INVOICE_ID", _fastbill_id, TEXT, "invoices.id"),
        v.kind_column("TYPE", "outgoing", "credit"),
        col("CUSTOMER_ID", lambda row: str(3210000 + row.customer.number), TEXT, CUSTOMER),
        col("CUSTOMER_NUMBER", v.customer("K{:04d}"), TEXT, may=CUSTOMER),
        col("ORGANIZATION", v.name, TEXT, "customers.name"),
        col("ZIPCODE", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("COUNTRY_CODE", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("CURRENCY_CODE", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("INVOICE_NUMBER", v.number("2025-{:04d}", "G2025-{:03d}"), TEXT, "invoices.number", matters=False),
        col("INVOICE_DATE", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("DUE_DATE", ISO_DAY),
        col("PAID_DATE", _paid_on, TEXT, may="invoices.status"),
        col("IS_CANCELED", v.state, words({"cancelled": "1", "paid": "0", "open": "0"}), "invoices.status"),
        v.unused_amount("SUB_TOTAL", v.signed_document_net, POINT, "document"),
        v.unused_amount("VAT_TOTAL", v.signed_document_tax, POINT, "document"),
        v.unused_amount("TOTAL", v.signed_document_gross, POINT, "document"),
    ]


def _fastbill_items() -> list[Spec]:
    return [
        col("INVOICE_ITEM_ID", lambda row: str(8800100 + row.line.number), TEXT, "invoice_lines.id"),
        col("ARTICLE_NUMBER", v.plan("{:02d}"), TEXT, may=_PRODUCTS),
        v.period_text("DESCRIPTION", _german_title),
        v.quantity_column("QUANTITY", v.signed_quantity, amount("1234.5600")),
        v.unused_amount("UNIT_PRICE", v.price, POINT, "unit price"),
        col("VAT_PERCENT", v.rate, percent("20.00"), role="rate"),
        v.tax_column("VAT_VALUE", v.signed_tax, POINT),
        col("COMPLETE_NET", v.signed_net, POINT, NET),
        v.unused_amount("COMPLETE_GROSS", v.signed_gross, POINT, "gross"),
        col("SORT_ORDER", lambda row: str(row.rank)),
    ]


def _fastbill(export: Export, out: Writer) -> Truth:
    """An answer of the API: items in invoices, months and quarters in their titles, zeros for a day that isn't."""
    language = replace(DE, plans=(DE.plans[0], DE.plans[1], "Wartung", DE.plans[3]))
    book = Company(722, language, rate="19", upgrades=0, cancelled=0.04, discounts="none", issue_days=(0, 2)).book()
    documents = Sheet("", _fastbill_invoices(), book.document_rows(), "customers invoices")
    items = Sheet("ITEMS", _fastbill_items(), book.line_rows(), "invoice_lines")
    out.json_with_lists("invoices.json", "INVOICES", documents, items)
    facts = answers(
        credits="typed, negative",
        credit_reference="none",
        period="text",
        product="DESCRIPTION",
    )
    return export.truth(out, book, facts, amounts=["COMPLETE_NET"])


def _english_title(row: Row) -> str:
    """A line's label, and its time as whoever keeps that product writes it."""
    if not row.start or not row.last_day or not row.of_plan:
        return row.line.label
    if row.of_plan.months == 12:
        return f"{row.line.label}, 12 months from {row.start:%d/%m/%Y}"
    if row.of_plan.months == 3:
        return f"{row.line.label} ({_months_in_words(row, EN)})"
    return f"{row.line.label} - {EN.months[row.start.month - 1]} {row.start.year}"


def _kashflow_customer(row: Row) -> str:
    return f"{row.customer.name[:4].strip().upper()}{row.customer.number:02d}"


def _kashflow_lines() -> list[Spec]:
    states = {"paid": "Paid", "open": "Due", "overdue": "Overdue"}
    return [
        col("Invoice No", v.number("{}", "CN{}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Invoice Date", v.issued, FRENCH_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("Due Date", FRENCH_DAY),
        col("Customer Code", _kashflow_customer, TEXT, CUSTOMER),
        col("Customer Name", v.name, TEXT, "customers.name"),
        col("Their Ref", lambda row: f"PO-{row.customer.number}"),
        v.period_text("Line Description", _english_title),
        v.quantity_column("Qty", v.signed_quantity, COUNT),
        v.unused_amount("Rate", v.price, GROUPED, "unit price"),
        col("Disc %", v.percent_off, GROUPED, role="discount"),
        col("Net", v.signed_net, GROUPED, NET, summed=True),
        col("VAT Rate", v.rate, percent("20%"), role="rate"),
        v.tax_column("VAT", v.signed_tax, GROUPED, summed=True),
        v.unused_amount("Gross", v.signed_gross, GROUPED, "gross", summed=True),
        col("Status", v.status, words(states), "invoices.status"),
    ]


def _kashflow(export: Export, out: Writer) -> Truth:
    """A report with a title and totals: the time of a line in words, in three ways, credits below zero."""
    book = Company(723, EN, currencies=("GBP",), upgrades=0, cancelled=0, issue_days=(0, 3)).book()
    layout = Layout([["Sales by line - 01/01/2025 to 31/12/2025"], []], total="Totals")
    out.text("sales_by_line.csv", _kashflow_lines(), book.line_rows(), separator=",", encoding="utf-8", layout=layout)
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        currency="GBP",
        period="text",
        product="Line Description",
    )
    return export.truth(out, book, facts, amounts=["Net"])


EXPORTS = (
    Export("fr_abbreviated", "A company's own system; abbreviated names, states in codes, prices beside", _own_system),
    Export("de_fastbill", "FastBill, items in invoices; months and quarters in their titles", _fastbill),
    Export("en_kashflow", "KashFlow, lines with a title and totals; their time in words, in three ways", _kashflow),
)
