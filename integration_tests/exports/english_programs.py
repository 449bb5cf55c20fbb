"""English companies' exports: Invoice Ninja, Maxio, Akaunting and Wave.

The columns are those of public code and documentation:

- Invoice Ninja, reports of invoice items and credits:
  https://github.com/invoiceninja/invoiceninja/tree/v5-stable/app/Export/CSV
- Maxio Advanced Billing (Chargify), invoices and credit notes of its API:
  https://docs.maxio.com/hc/en-us and https://github.com/maxio-com/ab-python-sdk
- Akaunting, the export of invoices: https://github.com/akaunting/akaunting/tree/master/app/Exports/Sales/Invoices
- Wave, accounting transactions: https://support.waveapps.com/hc/en-us, and public code that reads the file, such as
  https://github.com/search?q=%22Debit+Amount+%28Two+Column+Approach%29%22&type=code
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.entries import booked, credit, debit, entry_rows
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    FLAT,
    INVOICE,
    NET,
    START,
    Export,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, COUNT, NUMBER, TEXT, WHOLE, Form, amount, day, percent, words
from integration_tests.exports.languages import EN
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")
POINT = amount("1234.56")
BLANK_ZERO = amount("1234.56", blank_zero=True)


def _balance(row: Row) -> Decimal:
    return row.document.gross - v.paid(row)


def _ninja_invoice() -> list[Spec]:
    states = {"paid": "Paid", "open": "Sent", "cancelled": "Cancelled", "draft": "Draft"}
    return [
        v.unused_amount("Amount", v.document_gross, POINT, "document"),
        v.unused_amount("Balance", _balance, POINT, "balance"),
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("Due Date", ISO_DAY),
        col("Exchange Rate", lambda row: "1"),
        col("Number", v.number("{:04d}"), TEXT, INVOICE, may="invoices.number"),
        v.unused_amount("Paid to Date", v.paid, POINT, "document"),
        v.unused_amount("Partial", v.zero, POINT, "document"),
        col("PO Number", v.nothing),
        col("Public Notes", lambda row: "Thank you for your business!"),
        col("Status", v.state, words(states), "invoices.status"),
        col("Terms", lambda row: "Net 30"),
        v.unused_amount("Total Taxes", v.document_tax, POINT, "document"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
    ]


def _ninja_item() -> list[Spec]:
    return [
        v.quantity_column("Quantity", v.quantity, COUNT),
        v.unused_amount("Unit Cost", v.price, POINT, "unit price"),
        col("Product", v.plan("sub-{:03d}"), TEXT, may="products.id products.name plans.id invoice_lines.price_id"),
        v.unused_amount("Cost", v.zero, POINT, "unit price"),
        v.product_label("Notes"),
        v.unused_amount("Discount", v.zero, POINT, "discount"),
        col("Tax Rate 1", v.rate, percent("20"), role="rate"),
        col("Tax Name 1", lambda row: "VAT" if row.line.rate else ""),
        col("Line Total", v.net, POINT, NET),
        v.unused_amount("Gross Line Total", v.gross, POINT, "gross"),
        col("Service From", v.start, ISO_DAY, START),
        col("Service To", v.last_day, ISO_DAY, END),
    ]


def _ninja_credits() -> list[Spec]:
    return [
        col("Amount", v.document_gross, POINT, "credit_notes.amount", role="gross"),
        v.unused_amount("Balance", v.zero, POINT, "balance"),
        col("Client", v.name, TEXT, "credit_notes.customer_id", may="customers.name customers.id"),
        col("Date", v.issued, ISO_DAY, "credit_notes.date"),
        col("Number", v.number("", "C{:04d}"), TEXT, "credit_notes.id"),
        col("Status", lambda row: "Applied", TEXT, may="credit_notes.status"),
        col("Total Taxes", v.document_tax, POINT, "credit_notes.amount", role="tax"),
        col("Currency", v.currency, TEXT, "credit_notes.currency"),
        col("Public Notes", v.nothing),
    ]


def _invoice_ninja(export: Export, out: Writer) -> Truth:
    """Items with their invoice's amounts repeated, and credits, whose amounts have tax, in a file of their own."""
    book = Company(
        611, EN, currencies=("GBP", "GBP", "USD"), drafts=True, cancelled=0.03, discounts="line", anchor="anniversary"
    ).book()
    specs = [*_ninja_invoice(), *_ninja_item()]
    flat = "customers invoices invoice_lines"
    out.text("invoice_items.csv", specs, book.line_rows("invoices"), flat, separator=",", encoding="utf-8")
    credits = book.document_rows("credits")
    out.text("credits.csv", _ninja_credits(), credits, "credit_notes", separator=",", encoding="utf-8")
    facts = answers(credits="own table", sign_of_credits="positive", credit_reference="none", product="Notes")
    return export.truth(out, book, facts, amounts=["Line Total"])


def _uid(kind: str) -> Form:
    """Return the form of ids such as `inv_8gd8tdhtd3hgr`."""

    def write(value: int | None) -> str | None:
        return None if value is None else f"{kind}_8g{(value + 77) * 2654435761 % 36**9:09d}"

    return Form("text", "text", write)


def _total_discount(row: Row) -> Decimal:
    return sum((line.discount for line in row.document.lines), Decimal(0))


def _subtotal(row: Row) -> Decimal:
    return row.document.net + _total_discount(row)


def _line_subtotal(row: Row) -> Decimal:
    return row.line.net + row.line.discount


def _range_start(row: Row) -> date:
    return row.start or row.document.date


def _range_end(row: Row) -> date:
    """The day of the next billing; of charges that aren't periodic it is the start."""
    return row.end or row.document.date


def _maxio_totals(credit: bool) -> list[Spec]:
    net, more = ("credit_notes.amount", "credit_notes.amount") if credit else ("", "invoices.amount")
    return [
        v.unused_amount("subtotal_amount", _subtotal, POINT, "before discount")
        if not credit
        else col("subtotal_amount", _subtotal, POINT, may=more, role="before discount"),
        col("discount_amount", _total_discount, POINT, may=more if credit else "", role="discount"),
        col("tax_amount", v.document_tax, POINT, net, may=more, role="tax"),
        col("total_amount", v.document_gross, POINT, net, may=more, role="gross"),
    ]


def _maxio_invoices() -> list[Spec]:
    states = {"paid": "paid", "open": "open", "cancelled": "voided", "draft": "draft"}
    return [
        col("uid", lambda row: row.document.number, _uid("inv"), "invoices.id"),
        col("site_id", lambda row: 20, WHOLE),
        col("customer_id", lambda row: row.customer.number + 51000, WHOLE, "invoices.customer_id", may="customers.id"),
        col("number", v.number("{}"), TEXT, "invoices.number", matters=False),
        col("sequence_number", lambda row: row.document.number, WHOLE, may="invoices.number"),
        col("transaction_time", v.issued, day("YYYY-MM-DDThh:mm:ss-05:00"), may="invoices.date"),
        col("issue_date", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("due_date", ISO_DAY),
        col("status", v.state, words(states), "invoices.status"),
        col("role", lambda row: "renewal"),
        col("collection_method", lambda row: "remittance"),
        col("payment_instructions", lambda row: "Make checks payable to Acme Billing."),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("customer.chargify_id", lambda row: row.customer.number + 51000, WHOLE, may="customers.id"),
        col("customer.organization", v.name, TEXT, "customers.name"),
        col("customer.email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        *_maxio_totals(credit=False),
        v.unused_amount("credit_amount", v.zero, POINT, "document"),
        v.unused_amount("refund_amount", v.zero, POINT, "document"),
        v.unused_amount("paid_amount", v.paid, POINT, "document"),
        v.unused_amount("due_amount", _balance, POINT, "balance"),
    ]


def _maxio_lines() -> list[Spec]:
    return [
        col("uid", lambda row: row.line.number, _uid("li"), "invoice_lines.id"),
        v.product_label("title"),
        col("description", lambda row: "", TEXT, may="invoice_lines.description"),
        v.quantity_column("quantity", v.quantity, POINT),
        v.unused_amount("unit_price", v.price, POINT, "unit price"),
        col("subtotal_amount", _line_subtotal, POINT, NET, role="before discount"),
        col("discount_amount", v.discount, POINT, NET, may="invoice_lines.discount_amount", role="discount"),
        v.tax_column("tax_amount", v.tax, POINT),
        v.unused_amount("total_amount", v.gross, POINT, "gross"),
        col("tiered_unit_price", lambda row: False, Form("text", "text", lambda value: value)),
        col("period_range_start", _range_start, ISO_DAY, START),
        col("period_range_end", _range_end, ISO_DAY, END),
        col("product_id", lambda row: row.of_plan.number + 3800 if row.of_plan else None, WHOLE, may=_PRODUCTS),
        col("component_id", lambda row: None),
    ]


_PRODUCTS = "products.id plans.id invoice_lines.price_id"


def _maxio_credits() -> list[Spec]:
    return [
        col("uid", lambda row: row.document.number, _uid("cn"), "credit_notes.id"),
        col("site_id", lambda row: 20, WHOLE),
        col("customer_id", lambda row: row.customer.number + 51000, WHOLE, "credit_notes.customer_id"),
        col("number", v.number("", "CN-{}"), TEXT, may="credit_notes.id"),
        col("sequence_number", lambda row: row.document.number, WHOLE),
        col("issue_date", v.issued, ISO_DAY, "credit_notes.date"),
        col("applied_date", v.issued, ISO_DAY, may="credit_notes.date"),
        col("status", lambda row: "applied", TEXT, may="credit_notes.status"),
        col("currency", v.currency, TEXT, "credit_notes.currency"),
        col("memo", lambda row: "Courtesy credit"),
        *_maxio_totals(credit=True),
        v.unused_amount("applied_amount", v.document_gross, POINT, "document"),
        v.unused_amount("remaining_amount", v.zero, POINT, "balance"),
    ]


def _maxio(export: Export, out: Writer) -> Truth:
    """Two answers of the API, amounts as texts: lines inside their invoice, one-off ones with a period of no day."""
    book = Company(
        612, EN, currencies=("USD",), rate="7", drafts=True, cancelled=0.03, anchor="anniversary", discounts="column"
    ).book()
    invoices = Sheet("", _maxio_invoices(), book.document_rows("invoices"), "customers invoices")
    lines = Sheet("line_items", _maxio_lines(), book.line_rows("invoices"), "invoice_lines")
    out.json_with_lists("invoices.json", "invoices", invoices, lines)
    out.json("credit_notes.json", "credit_notes", _maxio_credits(), book.document_rows("credits"), "credit_notes")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="none",
        period_end="exclusive",
        product="title",
    )
    return export.truth(out, book, facts, amounts=["subtotal_amount", "discount_amount"])


def _days_in_words(row: Row) -> str:
    if not row.start or not row.last_day:
        return ""
    first, last = (f"{one:%b} {one.day}, {one.year}" for one in (row.start, row.last_day))
    return f"{first} - {last}"


def _akaunting_invoices() -> list[Spec]:
    states = {"paid": "paid", "open": "sent", "cancelled": "cancelled", "draft": "draft"}
    return [
        col("invoice_number", v.number("INV-{:05d}"), TEXT, "invoices.id", may="invoices.number"),
        col("order_number", v.nothing),
        col("status", v.state, words(states), "invoices.status"),
        col("invoiced_at", v.issued, CELL, "invoices.date"),
        v.due_column("due_at", CELL),
        v.unused_amount("amount", v.document_gross, NUMBER, "gross"),
        col("discount_type", v.nothing),
        col("discount_rate", lambda row: 0, NUMBER, role="discount"),
        col("currency_code", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("currency_rate", lambda row: 1 if row.customer.currency == "GBP" else Decimal("1.27"), NUMBER),
        col("category_name", lambda row: "Sales"),
        col("contact_name", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("contact_email", lambda row: row.customer.email, TEXT, "customers.email", may=CUSTOMER, matters=False),
        col("contact_tax_number", lambda row: f"GB{row.customer.siret[:9]}", TEXT, may=CUSTOMER),
        col("contact_phone", lambda row: f"0113 496 {row.customer.number:04d}"),
        col("contact_country", lambda row: "United Kingdom", TEXT, may="customers.country"),
        col("contact_zip_code", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("title", lambda row: "Invoice"),
        col("template", lambda row: "default"),
        col("color", lambda row: "#55588b"),
        col("parent_number", v.nothing),
    ]


def _akaunting_items() -> list[Spec]:
    return [
        col("invoice_number", v.number("INV-{:05d}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("item_name"),
        col("item_description", _days_in_words, TEXT, may=f"invoice_lines.description {START} {END}"),
        col("item_type", lambda row: "service"),
        v.quantity_column("quantity", v.quantity, NUMBER),
        col("discount_type", v.nothing),
        col("discount_rate", lambda row: 0, NUMBER, role="discount"),
        v.unused_amount("price", v.price, NUMBER, "unit price"),
        col("total", v.net, NUMBER, NET),
        v.tax_column("tax", v.tax, NUMBER),
    ]


_TOTALS = (("sub_total", "Subtotal"), ("tax", "VAT"), ("total", "Total"))


def _total_of(row: Row) -> Decimal:
    return (row.document.net, row.document.tax, row.document.gross)[row.rank]


def _akaunting_totals() -> list[Spec]:
    return [
        col("invoice_number", v.number("INV-{:05d}"), TEXT, may="invoices.id invoice_lines.invoice_id"),
        col("code", lambda row: _TOTALS[row.rank][0]),
        col("name", lambda row: _TOTALS[row.rank][1]),
        v.unused_amount("amount", _total_of, NUMBER, "document"),
        col("sort_order", lambda row: row.rank + 1, NUMBER),
    ]


def _akaunting(export: Export, out: Writer) -> Truth:
    """A workbook of three sheets: invoices with tax, items with the days in words, and three totals an invoice."""
    book = Company(
        613, EN, currencies=("GBP", "GBP", "USD"), drafts=True, cancelled=0.03, credits=0, discounts="line"
    ).book()
    totals = [Row(row.customer, row.document, rank=rank) for row in book.document_rows() for rank in range(3)]
    out.workbook(
        "invoices.xlsx",
        Sheet("invoices", _akaunting_invoices(), book.document_rows(), "customers invoices"),
        Sheet("invoice_items", _akaunting_items(), book.line_rows(), "invoice_lines"),
        Sheet("invoice_totals", _akaunting_totals(), totals, "invoice_totals"),
    )
    facts = answers(credits="none", period="text", product="item_name")
    return export.truth(out, book, facts, amounts=["total"])


_WAVE_ACCOUNTS = {
    "sales": ("Subscription Sales", "Income", "Income"),
    "services": ("Professional Services", "Income", "Income"),
    "receivable": ("Accounts Receivable", "Asset", "System Receivable Invoice"),
    "tax": ("GA Sales Tax", "Liability", "Sales Tax on Sales and Purchases"),
}


def _wave_account(row: Row) -> tuple[str, str, str]:
    if row.of_line:
        return _WAVE_ACCOUNTS["sales" if row.of_line.period else "services"]
    return _WAVE_ACCOUNTS["tax" if row.rank else "receivable"]


def _increase(row: Row) -> Decimal:
    """The amount by which the row's account grows: revenue and tax by a credit, receivables by a debit."""
    return booked(row) if row.rank else -booked(row)


def _others(row: Row) -> str:
    return "Accounts Receivable" if row.rank else "GA Sales Tax, Subscription Sales"


def _line_sales_tax(row: Row) -> Decimal | None:
    return row.line.tax if row.of_line and row.line.tax else None


def _wave_transactions() -> list[Spec]:
    return [
        col("Transaction ID", lambda row: str(2403037444485185000 + row.document.number * 1931), TEXT, may=INVOICE),
        col("Transaction Date", v.issued, ISO_DAY, "invoices.date"),
        col("Account Name", lambda row: _wave_account(row)[0], TEXT, may="products.name"),
        col("Transaction Description", lambda row: f"{row.customer.name} - Invoice {row.document.number}"),
        v.product_label("Transaction Line Description", lambda row: row.of_line.label if row.of_line else ""),
        col("Amount (One column)", _increase, POINT, may=NET),
        col(" ", v.nothing),
        col("Debit Amount (Two Column Approach)", debit, BLANK_ZERO, NET, role="debit"),
        col("Credit Amount (Two Column Approach)", credit, BLANK_ZERO, NET, role="credit"),
        col("Other Accounts for this Transaction", _others),
        col("Customer", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Vendor", v.nothing),
        col("Invoice Number", v.number("{}"), TEXT, INVOICE, may="invoices.number"),
        col("Bill Number", v.nothing),
        col("Notes / Memo", v.nothing),
        col("Amount Before Sales Tax", _increase, POINT, may=NET),
        col("Sales Tax Amount", _line_sales_tax, POINT, may="invoice_lines.tax_amount", role="tax"),
        col("Sales Tax Name", lambda row: "GA Sales Tax" if _line_sales_tax(row) else ""),
        col("Transaction Date Added", v.issued, ISO_DAY, may="invoices.date"),
        col("Transaction Date Last Modified", v.issued, ISO_DAY),
        col("Account Group", lambda row: _wave_account(row)[1], TEXT),
        col("Account Type", lambda row: _wave_account(row)[2], TEXT, role="account", matters=True),
        col("Account ID", v.nothing),
    ]


def _wave(export: Export, out: Writer) -> Truth:
    """Transactions with an amount in one column and in two, a column without a name, and no numbers of accounts."""
    book = Company(
        614, EN, currencies=("USD",), rate="7", cancelled=0, credits=0, discounts="none", upgrades=0, issue_days=(0, 4)
    ).book()
    out.text("accounting.csv", _wave_transactions(), list(entry_rows(book)), FLAT, separator=",", encoding="utf-8")
    facts = answers(
        amount_of="entry",
        accounts="Income",
        sides="credit minus debit",
        credits="none",
        currency="USD",
        line_type="none",
        period="none",
        product="Transaction Line Description",
        status="none",
        subscription="none",
        period_end=None,
    )
    headings = [f"{side} Amount (Two Column Approach)" for side in ("Debit", "Credit")]
    return export.truth(out, book, facts, amounts=headings, has_mrr=False)


EXPORTS = (
    Export(
        "en_invoice_ninja",
        "Invoice Ninja, items with repeated amounts of their invoice, and credits with tax",
        _invoice_ninja,
    ),
    Export("en_maxio", "Maxio, JSON; lines in invoices, exclusive ends, one-off lines of no day", _maxio),
    Export("en_akaunting", "Akaunting, a workbook of three sheets; days in words, totals in rows", _akaunting),
    Export("en_wave", "Wave, accounting transactions; amounts in one column and in two, accounts by type", _wave),
)
