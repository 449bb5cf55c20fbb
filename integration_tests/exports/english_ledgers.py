"""Exports of English-speaking companies' accounting: MYOB AccountRight and Sage Intacct.

The columns are those that the vendors document:

- MYOB AccountRight, Item Sales: https://help.myob.com/wiki/display/ar/Import+and+export+fields
- Sage Intacct, objects of accounts receivable: https://developer.intacct.com/api/accounts-receivable/
"""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    FLAT,
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
from integration_tests.exports.forms import COUNT, TEXT, Form, amount, day, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

AMERICAN_DAY = day("MM/DD/YYYY")
POINT = amount("1234.56")


def _in_words(row: Row) -> str:
    """What the line is for, with its period in words."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label}, {row.start.day} {row.start:%b %Y} to {row.last_day.day} {row.last_day:%b %Y}"


def _gross_price(row: Row) -> Decimal:
    return row.line.unit_price * (100 + row.line.rate) / 100


def _received(row: Row) -> Decimal:
    return v.signed_document_gross(row) if row.document.status == "paid" and not row.document.is_credit else Decimal(0)


def _myob_heads() -> list[Spec]:
    return [
        col("Co./Last Name", v.name, TEXT, "customers.name", may=CUSTOMER),
        col("First Name", lambda row: ""),
        col("Addr 1 - Line 1", lambda row: row.customer.city),
        col("- Line 2", lambda row: f"VIC {row.customer.zip_code[:4]}"),
        col("- Line 3", lambda row: ""),
        col("- Line 4", lambda row: ""),
        col("Inclusive", lambda row: ""),
        col("Invoice No.", v.number("{:08d}", "9{:07d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Date", v.issued, day("DD/MM/YYYY"), "invoices.date", may="credit_notes.date"),
        col("Customer PO", lambda row: ""),
        col("Ship Via", lambda row: ""),
        col("Delivery Status", lambda row: "E"),
    ]


def _myob_items(dollar: Form) -> list[Spec]:
    return [
        col("Item Number", v.plan("SUB-{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.quantity_column("Quantity", v.signed_quantity, COUNT),
        v.product_label("Description", _in_words),
        v.unused_amount("Price", v.price, dollar, "unit price"),
        v.unused_amount("Inc-Tax Price", _gross_price, dollar, "unit price"),
        col("Discount", lambda row: "0%"),
        col("Total", v.signed_net, dollar, NET, may="invoices.amount"),
        v.unused_amount("Inc-Tax Total", v.signed_gross, dollar, "gross"),
        col("Job", lambda row: ""),
        col("Comment", lambda row: "Thank you!"),
        col("Journal Memo", lambda row: f"Sale; {row.customer.name}"),
        col("Salesperson Last Name", lambda row: ""),
        col("Shipping Date", lambda row: ""),
        col("Referral Source", lambda row: ""),
        col("Tax Code", lambda row: "GST" if row.line.rate else "FRE"),
        v.unused_amount("Non-GST Amount", lambda row: Decimal(0), dollar, "tax"),
        v.tax_column("GST Amount", v.signed_tax, dollar),
        v.unused_amount("LCT Amount", lambda row: Decimal(0), dollar, "tax"),
        v.unused_amount("Freight Amount", lambda row: Decimal(0), dollar, "document"),
        v.unused_amount("Inc-Tax Freight Amount", lambda row: Decimal(0), dollar, "document"),
        col("Freight Tax Code", lambda row: "GST"),
        col("Sale Status", lambda row: "I"),
        col("Terms - Payment is Due", lambda row: "2"),
        col("- Discount Days", lambda row: "0"),
        col("- Balance Due Days", lambda row: "30"),
        v.unused_amount("Amount Paid", _received, dollar, "document"),
        col("Payment Method", lambda row: "Other"),
        col("Card ID", v.customer("CUS{:06d}"), TEXT, CUSTOMER),
        col("Record ID", v.customer("{}"), TEXT, may=CUSTOMER),
    ]


def _myob(export: Export, out: Writer) -> Truth:
    """Item sales with tabs: totals with tax and without, GST, an empty row between sales, the card's ids at the end."""
    book = Company(
        511, EN, currencies=("AUD",), rate="10", cancelled=0, discounts="line", upgrades=0.1, issue_days=(0, 5)
    ).book()
    specs = [*_myob_heads(), *_myob_items(amount("$1,234.56"))]
    layout = Layout(empty_between=True)
    out.text("ITEMSALE.TXT", specs, book.line_rows(), FLAT, separator="\t", encoding="cp1252", layout=layout)
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        currency="AUD",
        period="text",
        product="Description",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Total"])


def _rate_of(row: Row) -> Decimal:
    return Decimal("1.08") if row.document.currency == "EUR" else Decimal(1)


def _state(row: Row) -> str:
    return "open" if row.document.status == "overdue" else row.document.status


def _paid_amount(row: Row) -> Decimal:
    return row.document.net if row.document.status == "paid" else Decimal(0)


def _based(row: Row, value: Decimal) -> Decimal:
    return (value * _rate_of(row)).quantize(Decimal("0.01"))


def _record(row: Row) -> str:
    return str((52000 if row.document.is_credit else 31000) + row.document.number * 3)


def _intacct_heads() -> list[Spec]:
    states = words({"paid": "Paid", "open": "Posted", "draft": "Draft", "cancelled": "Reversed"})
    return [
        col("RECORDNO", _record, TEXT, "invoices.id"),
        col("RECORDTYPE", lambda row: "ri"),
        col("RECORDID", v.number("INV-{:05d}"), TEXT, "invoices.number", matters=False),
        col("STATE", _state, states, "invoices.status"),
        col("CUSTOMERID", v.customer("CUST-{:05d}"), TEXT, "invoices.customer_id", may="customers.id"),
        col("CUSTOMERNAME", v.name, TEXT, may="customers.name"),
        col("DOCNUMBER", lambda row: f"PO{row.document.number * 17 % 9973}"),
        col("DESCRIPTION", lambda row: "Subscription services"),
        col("TERMNAME", lambda row: "Net 30"),
        col("WHENCREATED", v.issued, AMERICAN_DAY, "invoices.date"),
        col("WHENPOSTED", v.issued, AMERICAN_DAY, may="invoices.date"),
        col("WHENDUE", v.due, AMERICAN_DAY, "invoices.due_date"),
        col("WHENPAID", lambda row: row.document.due if row.document.status == "paid" else None, AMERICAN_DAY),
        col("BASECURR", lambda row: "USD"),
        col("CURRENCY", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("EXCHANGE_RATE", _rate_of, amount("1234.5600")),
        v.unused_amount("TOTALENTERED", lambda row: _based(row, row.document.net), POINT, "document"),
        v.unused_amount("TOTALPAID", lambda row: _based(row, _paid_amount(row)), POINT, "document"),
        v.unused_amount("TOTALDUE", lambda row: _based(row, row.document.net - _paid_amount(row)), POINT, "balance"),
        col("TRX_TOTALENTERED", v.document_net, POINT, "invoices.amount"),
        v.unused_amount("TRX_TOTALPAID", _paid_amount, POINT, "document"),
        v.unused_amount("TRX_TOTALDUE", lambda row: row.document.net - _paid_amount(row), POINT, "balance"),
        col("PRBATCH", lambda row: f"Invoices: {row.document.date:%m/%d/%Y} Batch"),
        col("AUWHENCREATED", v.issued, day("YYYY-MM-DD hh:mm:ss")),
    ]


def _intacct_items() -> list[Spec]:
    return [
        col("RECORDNO", lambda row: str(810000 + row.line.number), TEXT, "invoice_lines.id"),
        col("RECORDKEY", _record, TEXT, "invoice_lines.invoice_id"),
        col("LINE_NO", lambda row: str(row.rank)),
        col("ACCOUNTNO", lambda row: "4010" if row.line.period else "4200"),
        col("ACCOUNTTITLE", lambda row: "Subscription revenue" if row.line.period else "Services revenue"),
        v.unused_amount("AMOUNT", lambda row: _based(row, row.line.net), POINT, "document"),
        col("TRX_AMOUNT", v.net, POINT, NET),
        v.product_label("ENTRYDESCRIPTION"),
        col("ITEMID", v.plan("SKU-{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("CURRENCY", v.currency, TEXT, "invoice_lines.currency", may="invoices.currency"),
        col("BASECURR", lambda row: "USD"),
        col("DEPARTMENTID", lambda row: "100"),
        col("LOCATIONID", lambda row: "US-01"),
        col("REVRECTEMPLATE", lambda row: "Straight line" if row.line.period else ""),
        col("REVRECSTARTDATE", v.start, AMERICAN_DAY, START),
        col("REVRECENDDATE", v.last_day, AMERICAN_DAY, END),
    ]


def _intacct_adjustments() -> list[Spec]:
    return [
        col("RECORDNO", _record, TEXT, "credit_notes.id"),
        col("RECORDTYPE", lambda row: "ra"),
        col("RECORDID", v.number("", "ADJ-{:04d}"), TEXT, may="credit_notes.id", matters=False),
        col("STATE", lambda row: "Posted", TEXT, may="credit_notes.status"),
        col("CUSTOMERID", v.customer("CUST-{:05d}"), TEXT, "credit_notes.customer_id", may="customers.id"),
        col("DOCNUMBER", v.credited("INV-{:05d}"), TEXT, may="credit_notes.invoice_id"),
        col("WHENCREATED", v.issued, AMERICAN_DAY, "credit_notes.date"),
        col("WHENPOSTED", v.issued, AMERICAN_DAY, may="credit_notes.date"),
        col("BASECURR", lambda row: "USD"),
        col("CURRENCY", v.currency, TEXT, "credit_notes.currency"),
        v.unused_amount("TOTALENTERED", lambda row: -_based(row, row.document.net), POINT, "document"),
        col("TRX_TOTALENTERED", v.signed_document_net, POINT, "credit_notes.amount"),
        v.unused_amount("TRX_TOTALDUE", lambda row: Decimal(0), POINT, "balance"),
    ]


def _intacct(export: Export, out: Writer) -> Truth:
    """Four objects of receivables: record numbers join, adjustments below zero, amounts in two currencies, no tax."""
    book = Company(
        512,
        EN,
        currencies=("USD", "USD", "EUR"),
        untaxed_share=1.0,
        drafts=True,
        cancelled=0.03,
        anchor="anniversary",
        discounts="line",
        upgrades=0.2,
    ).book()
    customers = [
        col("RECORDNO", lambda row: str(row.customer.number + 200)),
        col("CUSTOMERID", v.customer("CUST-{:05d}"), TEXT, "customers.id"),
        col("NAME", v.name, TEXT, "customers.name"),
        col("PARENTID", lambda row: ""),
        col("TERMNAME", lambda row: "Net 30"),
        col("STATUS", lambda row: "active"),
        col("DISPLAYCONTACT.EMAIL1", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("CURRENCY", v.currency),
    ]
    tables = (
        ("CUSTOMER.csv", customers, book.customer_rows(), "customers"),
        ("ARINVOICE.csv", _intacct_heads(), book.document_rows("invoices"), "invoices"),
        ("ARINVOICEITEM.csv", _intacct_items(), book.line_rows("invoices"), "invoice_lines"),
        ("ARADJUSTMENT.csv", _intacct_adjustments(), book.document_rows("credits"), "credit_notes"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8")
    facts = answers(
        credits="own table",
        sign_of_credits="negative",
        credit_reference="DOCNUMBER",
        product="ENTRYDESCRIPTION",
    )
    return export.truth(out, book, facts, amounts=["TRX_AMOUNT", "TRX_TOTALENTERED"])


EXPORTS = (
    Export("en_myob", "MYOB AccountRight, item sales with tabs and empty rows between, GST, credits below zero", _myob),
    Export("en_sage_intacct", "Sage Intacct, four objects; record numbers, adjustments, two currencies", _intacct),
)
