"""Exports of German programs: DATEV-like bookings, Lexware."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Layout, Writer, answers, col
from integration_tests.exports.forms import TEXT, Cell, amount, day, percent, words
from integration_tests.exports.languages import DE
from integration_tests.exports.truth import Truth

GERMAN_DAY = day("DD.MM.YYYY")


def _side(row: Row) -> str:
    """A customer's account is debited by an invoice, credited by what gives back."""
    return "debit" if row.document.sign * row.line.gross >= 0 else "credit"


def _datev(export: Export, out: Writer) -> Truth:
    book = Company(121, DE, rate="19", untaxed_share=0, discounts="none", upgrades=0).book()
    specs = [
        col("Umsatz (ohne Soll/Haben-Kz)", lambda row: abs(row.line.gross), amount("1234,56"), NET, role="gross"),
        col("Soll/Haben-Kennzeichen", _side, words({"debit": "S", "credit": "H"}), role="kind", matters=True),
        col("WKZ Umsatz", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Konto", v.customer("1{:04d}"), TEXT, CUSTOMER),
        col("Gegenkonto (ohne BU-Schlüssel)", lambda row: "8400" if row.line.period else "8401", role="account"),
        col("BU-Schlüssel", lambda row: ""),
        col("Steuersatz", v.rate, percent("20,00"), NET, role="rate"),
        col("Belegdatum", v.issued, GERMAN_DAY, "invoices.date", may="credit_notes.date"),
        col("Belegfeld 1", v.number("RE{:05d}", "GU{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Belegfeld 2", v.credited("RE{:05d}"), TEXT, "credit_notes.invoice_id"),
        v.product_label("Buchungstext"),
        col("Kundenname", v.name, TEXT, "customers.name"),
    ]
    titles: list[list[Cell]] = [
        ["EXTF", 700, 21, "Buchungsstapel", 13, "20260107101500", "", "RE", "", "", 29098, 55003, 20250101, 4]
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("EXTF_Buchungsstapel.csv", specs, rows, layout=Layout(titles))
    facts = answers(
        amount="gross",
        amount_of="entry",
        credits="typed, positive",
        credit_reference="Belegfeld 2",
        line_type="none",
        period="none",
        product="Buchungstext",
        status="none",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Umsatz (ohne Soll/Haben-Kz)", "Steuersatz"], has_mrr=False)


def _lexware(export: Export, out: Writer) -> Truth:
    book = Company(122, DE, rate="19", issue_days=(0, 3, 16), anchor="first", drafts=True, discounts="line").book()
    dotted = amount("1.234,56")
    statuses = {"paid": "bezahlt", "open": "offen", "overdue": "überfällig", "cancelled": "storniert"}
    specs = [
        v.kind_column("Belegart", "Rechnung", "Rechnungskorrektur"),
        col(
            "Rechnungsnummer", v.number("RE-{:05d}", "RK-{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"
        ),
        col("Rechnungsdatum", v.issued, GERMAN_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("Fällig am", GERMAN_DAY),
        col("Kundennummer", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Firma", v.name, TEXT, "customers.name"),
        col("PLZ", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        v.product_label("Bezeichnung"),
        v.quantity_column("Menge", v.quantity, amount("1234,56")),
        v.unused_amount("Einzelpreis netto", v.price, dotted, "unit price"),
        col("Gesamt netto", v.signed_net, dotted, NET, may="invoices.amount"),
        col("USt %", v.rate, percent("20"), role="rate"),
        v.unused_amount("Gesamt brutto", v.signed_gross, dotted, "gross"),
        col("Leistungszeitraum von", v.start, GERMAN_DAY, START),
        col("Leistungszeitraum bis", v.last_day, GERMAN_DAY, END),
        col("Status", v.status, words({**statuses, "draft": "Entwurf"}), "invoices.status"),
        col("Ursprungsrechnung", v.credited("RE-{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("Währung", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
    ]
    out.text("Rechnungspositionen.csv", specs, book.line_rows())
    facts = answers(credits="typed, negative", credit_reference="Ursprungsrechnung", product="Bezeichnung")
    return export.truth(out, book, facts, amounts=["Gesamt netto"])


EXPORTS = (
    Export(
        "de_datev", "DATEV-like bookings: gross amounts with debit or credit marks, a line of settings first", _datev
    ),
    Export("de_lexware", "Lexware, items of invoices, windows-1252, corrections below zero", _lexware),
)
