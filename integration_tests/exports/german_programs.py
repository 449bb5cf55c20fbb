"""Exports in German from Austria and Switzerland: BMD and bexio.

- BMD NTCS, bookings for its interface, as public code writes them:
  https://github.com/search?q=%22satzart%3Bkonto%3Bgkonto%3Bbelegnr%22&type=code
- bexio, contacts, invoices and their positions by the fields of its API: https://docs.bexio.com/#tag/Invoices
"""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import INVOICE, NET, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import DE
from integration_tests.exports.truth import Truth

COMPACT = day("YYYYMMDD")
COMMA = amount("1234,56")
ISO_DAY = day("YYYY-MM-DD")


def _with_days(row: Row) -> str:
    """A line's label, with its period in it."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} {row.start:%d.%m.%Y}-{row.last_day:%d.%m.%Y}"


def _turned_tax(row: Row) -> Decimal:
    """The tax, with the sign that is opposite to the amount's."""
    return -v.signed_tax(row)


def _posting_code(row: Row) -> str:
    return "1" if v.signed_gross(row) >= 0 else "2"


def _bmd_bookings() -> list[Spec]:
    return [
        col("satzart", lambda row: "0"),
        col("konto", v.customer("2{:05d}"), TEXT, "invoices.customer_id", may="customers.id credit_notes.customer_id"),
        col("gkonto", lambda row: "4000" if row.line.period else "4010", role="account"),
        col("belegnr", v.number("{:06d}", "9{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("belegdatum", v.issued, COMPACT, "invoices.date", may="credit_notes.date"),
        col("buchdatum", v.issued, COMPACT, may="invoices.date credit_notes.date"),
        v.kind_column("buchsymbol", "AR", "GU"),
        col("buchcode", _posting_code),
        col("prozent", v.rate, percent("20,00"), NET, role="rate"),
        col("steuercode", lambda row: "1" if row.line.rate else "77"),
        col("betrag", v.signed_gross, COMMA, NET, role="gross"),
        col("steuer", _turned_tax, COMMA, may=f"{NET} invoices.amount credit_notes.amount", role="tax"),
        v.period_text("text", _with_days),
        col("extbelegnr", v.nothing),
        col("faelligkeit", v.due, COMPACT, "invoices.due_date"),
        col("waehrung", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("kost", lambda row: f"{100 + row.customer.number % 3}"),
        col("filiale", v.nothing),
        col("ausz-belegnr", v.credited("{:06d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _bmd(export: Export, out: Writer) -> Truth:
    """Bookings with tax in the amount and the tax turned, and the accounts of persons that they are booked on."""
    book = Company(621, DE, rate="20", cancelled=0, issue_days=(0, 3), discounts="line").book()
    accounts = [
        col("kontonr", v.customer("2{:05d}"), TEXT, "customers.id"),
        col("nachname", v.name, TEXT, "customers.name"),
        col("vorname", v.nothing),
        col("plz", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("ort", lambda row: row.customer.city),
        col("landnr", lambda row: "1"),
        col("uid-nummer", lambda row: f"ATU{row.customer.siret[1:9]}"),
        col("zahlungsziel", lambda row: "30"),
    ]
    out.text("personenkonten.csv", accounts, book.customer_rows(), "customers")
    out.text("buchungen.csv", _bmd_bookings(), book.line_rows(), "invoices invoice_lines")
    facts = answers(
        amount="gross",
        amount_of="entry",
        credits="typed, negative",
        credit_reference="ausz-belegnr",
        period="text",
        product="text",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["betrag", "prozent"])


SIX = amount("1234.560000")


def _with_markup(row: Row) -> str:
    """A position's text as its editor leaves it, with the period in its second line."""
    if not row.start or not row.last_day:
        return row.line.label
    days = f"{row.start:%d.%m.%Y} bis {row.last_day:%d.%m.%Y}"
    return f"<strong>{row.line.label}</strong><br />Leistungszeitraum: {days}"


def _remaining(row: Row) -> Decimal:
    return row.document.gross - v.paid(row)


def _bexio_invoices() -> list[Spec]:
    states = {"draft": "7", "open": "8", "paid": "9", "cancelled": "19"}
    return [
        col("id", lambda row: str(row.document.number + 310), TEXT, "invoices.id"),
        col("document_nr", v.number("RE-{:05d}"), TEXT, "invoices.number", matters=False),
        col("title", lambda row: "Abonnement"),
        col("contact_id", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("user_id", lambda row: "1"),
        col("project_id", v.nothing),
        col("language_id", lambda row: "1"),
        col("bank_account_id", lambda row: "1"),
        col("currency_id", lambda row: "1"),
        col("payment_type_id", lambda row: "4"),
        v.unused_amount("total_gross", v.document_net, SIX, "document"),
        col("total_net", v.document_net, SIX, "invoices.amount"),
        v.unused_amount("total_taxes", v.document_tax, amount("1234.5600"), "tax"),
        v.unused_amount("total_received_payments", v.paid, SIX, "document"),
        v.unused_amount("total_credit_vouchers", v.zero, SIX, "document"),
        v.unused_amount("total_remaining_payments", _remaining, SIX, "balance"),
        v.unused_amount("total", v.document_gross, SIX, "gross"),
        col("mwst_type", lambda row: "0"),
        col("mwst_is_net", lambda row: "true"),
        col("is_valid_from", v.issued, ISO_DAY, "invoices.date"),
        v.due_column("is_valid_to", ISO_DAY),
        col("kb_item_status_id", v.state, words(states), "invoices.status"),
        col("reference", v.nothing),
        col("esr_id", lambda row: "1"),
        col("updated_at", v.issued, day("YYYY-MM-DD hh:mm:ss")),
    ]


def _bexio_positions() -> list[Spec]:
    return [
        col("id", lambda row: str(row.line.number + 1200), TEXT, "invoice_lines.id"),
        col("kb_invoice_id", lambda row: str(row.document.number + 310), TEXT, "invoice_lines.invoice_id"),
        col("type", lambda row: "KbPositionArticle" if row.line.period else "KbPositionCustom", TEXT),
        v.quantity_column("amount", v.quantity, SIX),
        col("unit_name", lambda row: "Stk"),
        col("account_id", lambda row: "108" if row.line.period else "110"),
        col("tax_id", lambda row: "14" if row.line.rate else "3"),
        col("tax_value", v.rate, Form("rate", "20.00", lambda value: f"{value:.2f}"), role="rate"),
        v.period_text("text", _with_markup),
        v.unused_amount("unit_price", v.price, SIX, "unit price"),
        col("discount_in_percent", v.percent_off, SIX, role="discount"),
        col("position_total", v.net, SIX, NET),
        col("pos", lambda row: str(row.rank)),
        col("article_id", v.plan("{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("is_optional", lambda row: "false"),
    ]


def _bexio(export: Export, out: Writer) -> Truth:
    """Three tables of an API's fields: a currency and states by number, a gross that is net, texts with markup."""
    book = Company(
        622, DE, currencies=("CHF",), rate="8.1", drafts=True, cancelled=0.04, credits=0, discounts="column"
    ).book()
    contacts = [
        col("id", v.customer("{}"), TEXT, "customers.id"),
        col("nr", v.customer("{:06d}")),
        col("contact_type_id", lambda row: "1"),
        col("name_1", v.name, TEXT, "customers.name"),
        col("name_2", v.nothing),
        col("postcode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("city", lambda row: row.customer.city),
        col("country_id", lambda row: "1"),
        col("mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("phone_fixed", lambda row: f"044 555 {row.customer.number:04d}"),
        col("owner_id", lambda row: "1"),
    ]
    tables = (
        ("contact.csv", contacts, book.customer_rows(), "customers"),
        ("kb_invoice.csv", _bexio_invoices(), book.document_rows(), "invoices"),
        ("kb_position.csv", _bexio_positions(), book.line_rows(), "invoice_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=";", encoding="utf-8")
    facts = answers(credits="none", currency="CHF", period="text", product="text")
    return export.truth(out, book, facts, amounts=["position_total", "total_net"])


EXPORTS = (
    Export("de_bmd", "BMD, bookings with tax in the amount, the tax turned, periods in texts", _bmd),
    Export("de_bexio", "bexio, three tables; a gross that is net, states by number, texts with markup", _bexio),
)
