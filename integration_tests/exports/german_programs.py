"""Austrian companies' exports: BMD.

The columns of the bookings are those of BMD NTCS' interface of documents, as public code writes them, such as
https://github.com/search?q=%22satzart%3Bkonto%3Bgkonto%3Bbelegnr%22&type=code
"""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import INVOICE, NET, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, amount, day, percent
from integration_tests.exports.languages import DE
from integration_tests.exports.truth import Truth

COMPACT = day("YYYYMMDD")
COMMA = amount("1234,56")


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
        col("steuer", _turned_tax, COMMA, role="tax"),
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


EXPORTS = (Export("de_bmd", "BMD, bookings with tax in the amount, the tax turned, periods in texts", _bmd),)
