"""Exports of English-speaking companies' accounting: MYOB AccountRight, Sage Intacct, Dynamics GP and NetSuite.

The columns are those that the vendors document:

- MYOB AccountRight, Item Sales: https://help.myob.com/wiki/display/ar/Import+and+export+fields
- Sage Intacct, objects of accounts receivable: https://developer.intacct.com/api/accounts-receivable/
- Dynamics GP, SOP30200, SOP30300 and RM00101: https://victoriayudin.com/gp-tables/sop-tables/
- NetSuite, search columns of transactions: https://system.netsuite.com/help/helpcenter/en_US/srbrowser/Browser2023_2/
"""

from __future__ import annotations

from datetime import date
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
        col("STATE", v.state, states, "invoices.status"),
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


MIDNIGHT = Form("date", "YYYY-MM-DD hh:mm:ss.000", lambda value: "" if value is None else f"{value} 00:00:00.000")
NO_DAY = date(1900, 1, 1)


def _sop_number(row: Row) -> str:
    return f"{'RTN' if row.document.is_credit else 'STDINV'}{row.document.number + 2200}".ljust(21)


def _void(row: Row) -> str:
    return "cancelled" if row.document.status == "cancelled" else "open"


def _gp_headers(wide: Form) -> list[Spec]:
    return [
        v.kind_column("SOPTYPE", "3", "4"),
        col("SOPNUMBE", _sop_number, TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        col("ORIGTYPE", lambda row: "0" if row.document.is_credit else "2"),
        col("ORIGNUMB", lambda row: ("" if row.document.is_credit else f"ORD{row.document.number + 900}").ljust(21)),
        col("DOCID", lambda row: ("RETURN" if row.document.is_credit else "STDINV").ljust(15)),
        col("DOCDATE", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("GLPOSTDT", v.issued, MIDNIGHT, may="invoices.date credit_notes.date"),
        col("QUOTEDAT", lambda row: NO_DAY, MIDNIGHT),
        col(
            "DUEDATE", lambda row: NO_DAY if row.document.is_credit else row.document.due, MIDNIGHT, "invoices.due_date"
        ),
        col("PYMTRMID", lambda row: "Net 30".ljust(21)),
        col(
            "CUSTNMBR",
            lambda row: f"CUST{row.customer.number:05d}".ljust(15),
            TEXT,
            "invoices.customer_id",
            may="credit_notes.customer_id",
        ),
        col("CUSTNAME", v.name, TEXT, may="customers.name"),
        col("CSTPONBR", lambda row: "".ljust(21)),
        col("SUBTOTAL", v.document_net, wide, "invoices.amount", may="credit_notes.amount"),
        col("ORSUBTOT", v.document_net, wide, may="invoices.amount", role="document"),
        v.unused_amount("TRDISAMT", lambda row: Decimal(0), wide, "discount"),
        v.unused_amount("FRTAMNT", lambda row: Decimal(0), wide, "document"),
        v.unused_amount("MISCAMNT", lambda row: Decimal(0), wide, "document"),
        v.unused_amount("TAXAMNT", v.document_tax, wide, "tax"),
        v.unused_amount("DOCAMNT", v.document_gross, wide, "gross"),
        v.unused_amount("PYMTRCVD", lambda row: Decimal(0), wide, "document"),
        v.unused_amount("ACCTAMNT", v.document_gross, wide, "balance"),
        col("CURNCYID", lambda row: "Z-US$".ljust(15)),
        col("XCHGRATE", lambda row: Decimal(0), wide),
        col("VOIDSTTS", _void, words({"open": "0", "cancelled": "1"}), "invoices.status"),
        col("PSTGSTUS", lambda row: "2"),
        col("DEX_ROW_ID", lambda row: str(row.document.number + 9000 * row.document.is_credit)),
    ]


def _gp_details(wide: Form) -> list[Spec]:
    return [
        col("SOPTYPE", lambda row: "4" if row.document.is_credit else "3"),
        col("SOPNUMBE", _sop_number, TEXT, "invoice_lines.invoice_id"),
        col("LNITMSEQ", lambda row: str(row.rank * 16384)),
        col("CMPNTSEQ", lambda row: "0"),
        col(
            "ITEMNMBR",
            lambda row: (f"SUB{row.of_plan.number:03d}" if row.of_plan else "SERVICE").ljust(31),
            TEXT,
            may="products.id plans.id invoice_lines.price_id",
        ),
        col(
            "ITEMDESC",
            lambda row: row.line.label.ljust(101),
            TEXT,
            "invoice_lines.description",
            may="products.name plans.name",
            matters=False,
        ),
        col("UOFM", lambda row: "EACH".ljust(9)),
        v.unused_amount("UNITCOST", lambda row: Decimal(0), wide, "unit price"),
        v.unused_amount("UNITPRCE", v.price, wide, "unit price"),
        v.quantity_column("QUANTITY", v.quantity, wide),
        v.unused_amount("MRKDNAMT", lambda row: Decimal(0), wide, "discount"),
        col("XTNDPRCE", v.net, wide, NET),
        col("OXTNDPRC", v.net, wide, may=NET),
        v.unused_amount("EXTDCOST", lambda row: Decimal(0), wide, "document"),
        v.tax_column("TAXAMNT", v.tax, wide),
        col("ReqShipDate", v.issued, MIDNIGHT),
        col("DEX_ROW_ID", lambda row: str(60000 + row.line.number), TEXT, may="invoice_lines.id"),
    ]


def _dynamics_gp(export: Export, out: Writer) -> Truth:
    """Three tables as they stand: padded texts, 1900 for no day, returns above zero, a currency's own name."""
    book = Company(513, EN, currencies=("USD",), rate="8", cancelled=0.04, discounts="line", upgrades=0.1).book()
    wide = amount("1234.56000")
    customers = [
        col("CUSTNMBR", lambda row: f"CUST{row.customer.number:05d}".ljust(15), TEXT, "customers.id"),
        col("CUSTNAME", v.name, TEXT, "customers.name"),
        col("CUSTCLAS", lambda row: "USA-TX".ljust(15)),
        col("CPRCSTNM", lambda row: "".ljust(15)),
        col("CITY", lambda row: row.customer.city.ljust(35)),
        col("ZIP", lambda row: row.customer.zip_code.ljust(11), TEXT, "customers.zip_code", matters=False),
        col("CRLMTAMT", lambda row: Decimal(0), wide),
        col("INACTIVE", lambda row: "0"),
    ]
    tables = (
        ("RM00101.csv", customers, book.customer_rows(), "customers"),
        ("SOP30200.csv", _gp_headers(wide), book.document_rows(), "invoices"),
        ("SOP30300.csv", _gp_details(wide), book.line_rows(), "invoice_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8")
    facts = answers(
        credits="typed, positive",
        credit_reference="none",
        currency="USD",
        line_type="none",
        period="none",
        product="ITEMDESC",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["XTNDPRCE", "SUBTOTAL"], has_mrr=False)


def _status_name(row: Row) -> str:
    return "paid|credit" if row.document.is_credit else v.state(row)


def _exchange(row: Row) -> Decimal:
    return Decimal("1.36") if row.document.currency == "USD" else Decimal(1)


def _in_dollars(value: Decimal, row: Row) -> Decimal:
    return (value * _exchange(row)).quantize(Decimal("0.01"))


def _netsuite_heads(form: Form) -> list[Spec]:
    states = {
        "paid": "Invoice : Paid In Full",
        "open": "Invoice : Open",
        "draft": "Invoice : Pending Approval",
        "cancelled": "Invoice : Voided",
        "paid|credit": "Credit Memo : Fully Applied",
    }
    return [
        col(
            "Internal ID",
            lambda row: str(204000 + row.document.number * 9 + row.document.is_credit),
            TEXT,
            may=f"{INVOICE} credit_notes.id",
        ),
        col("Date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Period", lambda row: f"{row.document.date:%b %Y}"),
        v.kind_column("Type", "Invoice", "Credit Memo"),
        col("Document Number", v.number("INV{:05d}", "CM{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col(
            "Name",
            lambda row: f"C{row.customer.number:05d} {row.customer.name}",
            TEXT,
            f"{CUSTOMER} customers.name",
            may="credit_notes.customer_id",
        ),
        col("Account", lambda row: "4000 Sales : 4010 Subscriptions" if row.line.period else "4000 Sales"),
        col("Status", _status_name, words(states), "invoices.status"),
        col("Due Date/Receive By", v.due, form, "invoices.due_date"),
        col("Created From", _created_from, may="credit_notes.invoice_id"),
    ]


def _created_from(row: Row) -> str:
    if row.document.credits:
        return f"Invoice #INV{row.document.credits.number:05d}"
    return f"Sales Order #SO{row.document.number + 300:05d}"


def _netsuite_items(form: Form) -> list[Spec]:
    gst, pst = Decimal(5), Decimal(7)
    return [
        col("Line ID", lambda row: str(row.rank)),
        col("Line Unique Key", lambda row: str(1550000 + row.line.number), TEXT, "invoice_lines.id"),
        col("Item", v.plan("SUB-{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Memo"),
        v.quantity_column("Quantity", v.signed_quantity, COUNT),
        v.unused_amount("Item Rate", v.price, POINT, "unit price"),
        v.unused_amount("Amount", lambda row: _in_dollars(v.signed_net(row), row), POINT, "document"),
        col("Tax Rate", lambda row: gst if row.line.rate else Decimal(0), POINT, role="rate"),
        col("PST Rate", lambda row: pst if row.line.rate else Decimal(0), POINT, role="rate"),
        v.unused_amount("Amount (Tax)", lambda row: _in_dollars(v.signed_tax(row), row), POINT, "tax"),
        v.unused_amount("Amount (Gross)", lambda row: _in_dollars(v.signed_gross(row), row), POINT, "document"),
        v.unused_amount(
            "Amount (Transaction Total)", lambda row: _in_dollars(v.signed_document_gross(row), row), POINT, "document"
        ),
        col("Currency", v.currency, TEXT, "invoices.currency invoice_lines.currency", may="credit_notes.currency"),
        col("Exchange Rate", _exchange, POINT),
        col("Amount (Foreign Currency)", v.signed_net, POINT, NET, may="invoices.amount"),
        col("Rev. Rec. Start Date", v.start, form, START),
        col("Rev. Rec. End Date", v.last_day, form, END),
        col("Subscription", v.subscription("SUB{:06d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("Subsidiary", lambda row: "Parent Company : Canada Inc."),
        col("Class", lambda row: ""),
    ]


def _netsuite(export: Export, out: Writer) -> Truth:
    """A saved search's lines: amounts in the company's currency and in the invoice's, a posting period, two taxes."""
    book = Company(
        514,
        EN,
        currencies=("CAD", "CAD", "USD"),
        rate="12",
        drafts=True,
        cancelled=0.03,
        anchor="anniversary",
        discounts="line",
        issue_days=(0, 2),
    ).book()
    form = day("M/D/YYYY")
    specs = [*_netsuite_heads(form), *_netsuite_items(form)]
    out.text("Invoices and credit memos.csv", specs, book.line_rows(), FLAT, separator=",", encoding="utf-8-sig")
    facts = answers(
        credits="typed, negative", credit_reference="Created From", product="Memo", subscription="Subscription"
    )
    return export.truth(out, book, facts, amounts=["Amount (Foreign Currency)"])


EXPORTS = (
    Export("en_myob", "MYOB AccountRight, item sales with tabs and empty rows between, GST, credits below zero", _myob),
    Export("en_sage_intacct", "Sage Intacct, four objects; record numbers, adjustments, two currencies", _intacct),
    Export("en_dynamics_gp", "Dynamics GP, three tables; padded texts, 1900 for no day, types 3 and 4", _dynamics_gp),
    Export(
        "en_netsuite", "NetSuite, lines of a saved search; two currencies, GST and PST, a posting period", _netsuite
    ),
)
