"""Exports of NetSuite, Oracle Receivables, Exact Online, weclapp and bexio.

Their columns are documented:

- NetSuite: https://system.netsuite.com/help/helpcenter/en_US/srbrowser/Browser2023_2/schema/record/invoice.html
- Oracle Receivables: https://docs.oracle.com/en/cloud/saas/financials/25d/oedmf/ (RA_CUSTOMER_TRX_ALL and its lines)
- Exact Online: https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoiceSalesInvoiceLines
- weclapp: https://www.weclapp.com/api/ (salesInvoice)
- bexio: https://docs.bexio.com/ (Invoices, Credit vouchers)
"""

from __future__ import annotations

import uuid
from calendar import timegm
from datetime import date
from typing import Any

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
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import NUMBER, TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import DE, EN, NL
from integration_tests.exports.truth import Truth

POINT = amount("1234.56")


def _is_paid(row: Row) -> str:
    return "paid" if row.document.status == "paid" else "open"


def _final(row: Row) -> str:
    return row.document.status if row.document.status in ("cancelled", "draft") else "open"


def _netsuite_status(row: Row) -> str:
    return "paid|credit" if row.document.is_credit else _is_paid(row)


def _number_and_name(row: Row) -> str:
    return f"C{row.customer.number:05d} {row.customer.name}"


def _netsuite(export: Export, out: Writer) -> Truth:
    """A saved search of invoices and credit memos: American days, a customer's number and name in one column."""
    book = Company(
        511, EN, currencies=("USD",), rate="8", cancelled=0, discounts="line", issue_days=(0, 2, 15), upgrades=0.2
    ).book()
    form = day("M/D/YYYY")
    states = {"paid": "Paid In Full", "open": "Open", "paid|credit": "Fully Applied"}
    specs = [
        col("Internal ID", v.number("1{:05d}", "2{:05d}"), TEXT, may=f"{INVOICE} credit_notes.id", matters=False),
        v.kind_column("Type", "Invoice", "Credit Memo"),
        col("Date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Period", lambda row: f"{v.issued(row):%b %Y}"),
        col("Document Number", v.number("INV{:05d}", "CM{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Name", _number_and_name, TEXT, f"{CUSTOMER} customers.name"),
        col("Status", _netsuite_status, words(states), "invoices.status"),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.product_label("Item"),
        col("Memo", lambda row: ""),
        v.quantity_column("Quantity", v.signed_quantity, NUMBER),
        v.unused_amount("Item Rate", v.price, POINT, "unit price"),
        col("Amount", v.signed_net, POINT, NET, may="invoices.amount"),
        v.tax_column("Amount (Tax)", v.signed_tax, POINT),
        col("Rev. Rec. Start Date", v.start, form, START),
        col("Rev. Rec. End Date", v.last_day, form, END),
        col("Created From", v.credited("Invoice #INV{:05d}"), TEXT, "credit_notes.invoice_id"),
        v.due_column("Due Date/Receive By", form),
    ]
    out.text("InvoicesandCreditsResults.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="typed, negative", credit_reference="Created From", product="Item")
    return export.truth(out, book, facts, amounts=["Amount"])


def _oracle_heads(form: Form) -> list[Spec]:
    return [
        col("CUSTOMER_TRX_ID", v.number("3000000{:05d}", "3000001{:05d}"), TEXT, "invoices.id", may="credit_notes.id"),
        col("TRX_NUMBER", v.number("{:06d}", "9{:05d}"), TEXT, may="invoices.number", matters=False),
        col("TRX_DATE", v.issued, form, "invoices.date", may="credit_notes.date"),
        v.kind_column("TRX_CLASS", "INV", "CM"),
        col("CUST_TRX_TYPE_SEQ_ID", lambda row: "1021"),
        col("BILL_TO_CUSTOMER_ID", v.customer("10000{:05d}"), TEXT, "invoices.customer_id"),
        col("INVOICE_CURRENCY_CODE", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.due_column("TERM_DUE_DATE", form),
        col(
            "COMPLETE_FLAG",
            _final,
            words({"open": "Y", "draft": "N"}),
            may="invoices.status",
            role="kind",
            matters=True,
        ),
        col("STATUS_TRX", _is_paid, words({"paid": "CL", "open": "OP"}), "invoices.status"),
        col("PREVIOUS_CUSTOMER_TRX_ID", v.credited("3000000{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _oracle(export: Export, out: Writer) -> Truth:
    """Three tables of Receivables, tab-separated: days with the month's name, credit memos below zero."""
    book = Company(
        512, EN, currencies=("USD", "EUR"), rate="20", cancelled=0, drafts=True, discounts="none", anchor="anniversary"
    ).book()
    form = day("DD-MMM-YYYY", EN)
    accounts = [
        col("CUST_ACCOUNT_ID", v.customer("10000{:05d}"), TEXT, "customers.id"),
        col("ACCOUNT_NUMBER", v.customer("{:04d}"), TEXT),
        col("ACCOUNT_NAME", v.name, TEXT, "customers.name"),
        col("STATUS", lambda row: "A"),
    ]
    lines = [
        col("CUSTOMER_TRX_LINE_ID", lambda row: f"5000000{row.line.number:06d}", TEXT, may="invoice_lines.id"),
        col("CUSTOMER_TRX_ID", v.number("3000000{:05d}", "3000001{:05d}"), TEXT, "invoice_lines.invoice_id"),
        col("LINE_NUMBER", lambda row: str(row.rank)),
        col("LINE_TYPE", lambda row: "LINE"),
        v.product_label("DESCRIPTION"),
        v.quantity_column("QUANTITY_INVOICED", v.signed_quantity, NUMBER),
        v.unused_amount("UNIT_SELLING_PRICE", v.price, POINT, "unit price"),
        col("EXTENDED_AMOUNT", v.signed_net, POINT, NET),
        col("TAXABLE_FLAG", lambda row: "Y" if row.line.rate else "N"),
        col("RULE_START_DATE", v.start, form, START),
        col("RULE_END_DATE", v.last_day, form, END),
    ]
    for file, specs, rows, objects in (
        ("HZ_CUST_ACCOUNTS.csv", accounts, book.customer_rows(), "customers"),
        ("RA_CUSTOMER_TRX_ALL.csv", _oracle_heads(form), book.document_rows(), "invoices"),
        ("RA_CUSTOMER_TRX_LINES_ALL.csv", lines, book.line_rows(), "invoice_lines"),
    ):
        out.text(file, specs, rows, objects, separator="\t", encoding="utf-8")
    facts = answers(credits="typed, negative", credit_reference="PREVIOUS_CUSTOMER_TRX_ID", product="DESCRIPTION")
    return export.truth(out, book, facts, amounts=["EXTENDED_AMOUNT"])


def _guid(kind: str, number: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}{number}"))


def _document(row: Row) -> str:
    return _guid("invoice", v.number("{}", "C{}")(row))


def _exact(export: Export, out: Writer) -> Truth:
    """Two resources of the REST API as JSON lines: types are numbers, credit notes below zero, names in Dutch."""
    book = Company(513, NL, rate="21", cancelled=0, drafts=True, discounts="none", issue_days=(0, 5)).book()
    midnight = Form("date", "YYYY-MM-DDThh:mm:ss", lambda value: "" if value is None else f"{value}T00:00:00")
    heads = [
        col("InvoiceID", _document, TEXT, "invoices.id", may="credit_notes.id"),
        col("InvoiceNumber", v.number("25{:06d}", "26{:06d}"), TEXT, may="invoices.number", matters=False),
        v.kind_column("Type", "8020", "8021"),
        col("Status", _final, words({"open": "50", "draft": "20"}), "invoices.status"),
        col("InvoiceDate", v.issued, midnight, "invoices.date", may="credit_notes.date"),
        v.due_column("DueDate", midnight),
        col("InvoiceTo", lambda row: _guid("account", row.customer.number), TEXT, CUSTOMER),
        col("InvoiceToName", v.name, TEXT, "customers.name"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("AmountDC", v.signed_document_gross, NUMBER, "gross"),
        v.unused_amount("AmountFC", v.signed_document_gross, NUMBER, "gross"),
        col("AmountFCExclVat", v.signed_document_net, NUMBER, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("VATAmountFC", v.signed_document_tax, NUMBER, "tax"),
    ]
    lines = [
        col("ID", lambda row: _guid("line", row.line.number), TEXT, may="invoice_lines.id"),
        col("InvoiceID", _document, TEXT, "invoice_lines.invoice_id"),
        col("LineNumber", lambda row: row.rank, NUMBER),
        col("ItemCode", v.plan("ABO{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.signed_quantity, NUMBER),
        v.unused_amount("NetPrice", v.price, NUMBER, "unit price"),
        v.unused_amount("UnitPrice", v.price, NUMBER, "unit price"),
        col("Discount", lambda row: 0, NUMBER),
        col("AmountDC", v.signed_net, NUMBER, may=NET),
        col("AmountFC", v.signed_net, NUMBER, NET),
        col("VATCode", lambda row: "2" if row.line.rate else "0"),
        col("VATPercentage", v.rate, percent("0.2"), role="rate"),
        v.tax_column("VATAmountFC", v.signed_tax, NUMBER),
        col("StartTime", v.start, midnight, START),
        col("EndTime", v.last_day, midnight, END),
    ]
    out.json_lines("SalesInvoices.jsonl", heads, book.document_rows(), "invoices customers")
    out.json_lines("SalesInvoiceLines.jsonl", lines, book.line_rows(), "invoice_lines")
    facts = answers(credits="typed, negative", credit_reference="none", product="Description")
    return export.truth(out, book, facts, amounts=["AmountFC", "AmountFCExclVat"])


def _milliseconds(value: date | None) -> int | None:
    return None if value is None else timegm(value.timetuple()) * 1000


def _weclapp(export: Export, out: Writer) -> Truth:
    """Two lists of the API as JSON lines: days as milliseconds since 1970, credit notes above zero."""
    book = Company(
        514, DE, rate="19", cancelled=0.03, drafts=True, discounts="none", anchor="anniversary", issue_days=(0, 1)
    ).book()
    epoch = Form("date", "epoch milliseconds", _milliseconds)
    states = words({"open": "OPEN_ITEM_CREATED", "cancelled": "CANCELLED", "draft": "NEW"})
    heads = [
        col("id", v.number("{}", "9{:04d}"), TEXT, "invoices.id", may="credit_notes.id"),
        col("invoiceNumber", v.number("RE-{:05d}", "GU-{:05d}"), TEXT, may="invoices.number", matters=False),
        v.kind_column("salesInvoiceType", "STANDARD_INVOICE", "CREDIT_NOTE"),
        col("status", _final, states, may="invoices.status", role="kind", matters=True),
        col("paid", _is_paid, words({"paid": "true", "open": "false"}), "invoices.status"),
        col("customerId", v.customer("{}"), TEXT, may=CUSTOMER, matters=False),
        col("customerNumber", v.customer("K{:05d}"), TEXT, CUSTOMER),
        col("recordAddress.company", v.name, TEXT, "customers.name"),
        col("recordAddress.zipcode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("recordAddress.countryCode", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("invoiceDate", v.issued, epoch, "invoices.date", may="credit_notes.date"),
        col("dueDate", v.due, epoch, "invoices.due_date"),
        col("recordCurrencyName", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("netAmount", v.document_net, POINT, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("grossAmount", v.document_gross, POINT, "gross"),
        col("precedingSalesInvoiceId", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
    ]
    lines = [
        col("id", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        col("salesInvoiceId", v.number("{}", "9{:04d}"), TEXT, "invoice_lines.invoice_id"),
        col("positionNumber", lambda row: row.rank, NUMBER),
        col("articleNumber", v.plan("ART{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("title"),
        v.quantity_column("quantity", v.quantity, POINT),
        v.unused_amount("unitPrice", v.price, POINT, "unit price"),
        col("netAmount", v.net, POINT, NET),
        v.unused_amount("grossAmount", v.gross, POINT, "gross"),
        col("taxName", lambda row: f"USt {row.line.rate} %"),
        col("servicePeriodFrom", v.start, epoch, START),
        col("servicePeriodTo", v.last_day, epoch, END),
    ]
    out.json_lines("salesInvoice.jsonl", heads, book.document_rows(), "invoices customers")
    out.json_lines("salesInvoiceItem.jsonl", lines, book.line_rows(), "invoice_lines")
    facts = answers(credits="typed, positive", credit_reference="precedingSalesInvoiceId", product="title")
    return export.truth(out, book, facts, amounts=["netAmount"])


def _bexio(export: Export, out: Writer) -> Truth:
    """A Swiss company's invoices by position, and credit notes apart: an apostrophe for thousands, three currencies."""
    book = Company(
        515, DE, rate="8.1", currencies=("CHF", "CHF", "EUR"), drafts=True, cancelled=0.03, anchor="anniversary"
    ).book()
    form, swiss = day("DD.MM.YYYY"), amount("1'234.56")
    states = {"paid": "Bezahlt", "open": "Offen", "overdue": "Überfällig", "cancelled": "Storniert", "draft": "Entwurf"}
    lines = [
        col("Rechnung Nr.", v.number("RE-{:05d}"), TEXT, INVOICE, may="invoices.number"),
        col("Kunden-Nr.", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Kontakt", v.name, TEXT, "customers.name"),
        col("Datum", v.issued, form, "invoices.date"),
        v.due_column("Zahlbar bis", form),
        col("Status", v.status, words(states), "invoices.status"),
        col("Währung", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.product_label("Position"),
        v.quantity_column("Menge", v.quantity, amount("1234.56")),
        v.unused_amount("Einzelpreis", v.price, swiss, "unit price"),
        col("Rabatt", v.discount, swiss, may="invoice_lines.discount_amount", role="discount"),
        col("Total exkl. MWST", v.net, swiss, NET, may="invoices.amount"),
        col("MWST-Satz", v.rate, percent("20.00%"), role="rate"),
        v.tax_column("MWST", v.tax, swiss),
        v.unused_amount("Total inkl. MWST", v.gross, swiss, "gross"),
        col("Leistung von", v.start, form, START),
        col("Leistung bis", v.last_day, form, END),
    ]
    credits = [
        col("Gutschrift Nr.", v.number("", "GS-{:05d}"), TEXT, "credit_notes.id"),
        col("Rechnung Nr.", v.credited("RE-{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("Kunden-Nr.", v.customer("{:06d}"), TEXT, "credit_notes.customer_id"),
        col("Kontakt", v.name, TEXT, may="customers.name"),
        col("Datum", v.issued, form, "credit_notes.date"),
        col("Währung", v.currency, TEXT, "credit_notes.currency"),
        col("Total exkl. MWST", v.document_net, swiss, "credit_notes.amount"),
        v.unused_amount("MWST", v.document_tax, swiss, "tax"),
        v.unused_amount("Total inkl. MWST", v.document_gross, swiss, "gross"),
    ]
    out.text("Rechnungen.csv", lines, book.line_rows("invoices"), FLAT, encoding="utf-8-sig")
    out.text("Gutschriften.csv", credits, book.document_rows("credits"), "credit_notes", encoding="utf-8-sig")
    facts = answers(
        credits="own table", sign_of_credits="positive", credit_reference="Rechnung Nr.", product="Position"
    )
    return export.truth(out, book, facts, amounts=["Total exkl. MWST"])


EXPORTS = (
    Export("held_en_netsuite", "NetSuite, a saved search: number and name of a customer in one column", _netsuite),
    Export("held_en_oracle", "Oracle Receivables, three tables, tabs, days with the month's name", _oracle),
    Export("held_nl_exact_online", "Exact Online, two resources of its API as JSON lines, types as numbers", _exact),
    Export("held_de_weclapp", "weclapp, two lists of its API as JSON lines, days as milliseconds", _weclapp),
    Export("held_de_bexio", "bexio, invoices and credit notes of a Swiss company, apostrophes", _bexio),
)
