"""German exports that are held back."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    FLAT,
    INVOICE,
    NET,
    START,
    Export,
    Layout,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import NUMBER, TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import DE
from integration_tests.exports.truth import Truth

GERMAN_DAY = day("DD.MM.YYYY")


def _credits_apart_specs(named: Form, dotted: Form) -> list[Spec]:
    states = {"paid": "Bezahlt", "open": "Offen", "overdue": "Mahnung", "cancelled": "Storniert", "draft": "Entwurf"}
    return [
        col("Rechnungs-Nr.", v.number("{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("Datum", v.issued, named, "invoices.date"),
        v.due_column("Fälligkeit", named),
        col("Kd.-Nr.", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Kundenname", v.name, TEXT, "customers.name"),
        v.product_label("Artikelbezeichnung"),
        v.quantity_column("Anzahl", v.quantity, amount("1.234,56")),
        col("Rabatt", v.discount, dotted, may="invoice_lines.discount_amount", role="discount"),
        col("Nettobetrag", v.net, dotted, NET, may="invoices.amount"),
        v.tax_column("USt-Betrag", v.tax, dotted),
        v.unused_amount("Bruttobetrag", v.gross, dotted, "gross"),
        col("Vertragsnummer", v.subscription("V{:05d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("Zeitraum von", v.start, named, START),
        col("Zeitraum bis", v.last_day, named, END),
        col("Zahlungsstatus", v.status, words(states), "invoices.status"),
    ]


def _credits_apart(export: Export, out: Writer) -> Truth:
    book = Company(211, DE, rate="19", anchor="anniversary", drafts=True).book()
    named, dotted = day("DD. MMM YYYY", DE), amount("1.234,56", "parentheses")
    specs = _credits_apart_specs(named, dotted)
    credits = [
        col("Gutschrift-Nr.", v.number("", "GS{:05d}"), TEXT, "credit_notes.id"),
        col("Datum", v.issued, named, "credit_notes.date"),
        col("zu Rechnungs-Nr.", v.credited("{:06d}"), TEXT, "credit_notes.invoice_id"),
        col("Kd.-Nr.", v.customer("{:05d}"), TEXT, "credit_notes.customer_id"),
        col("Nettobetrag", v.signed_document_net, dotted, "credit_notes.amount"),
        v.unused_amount("Bruttobetrag", v.signed_document_gross, dotted, "gross"),
    ]
    rows, notes = book.line_rows("invoices"), book.document_rows("credits")
    out.text("Rechnungen.csv", specs, rows, separator="\t", encoding="utf-16")
    out.text("Gutschriften.csv", credits, notes, "credit_notes", separator="\t", encoding="utf-16")
    facts = answers(
        credits="own table",
        sign_of_credits="negative",
        credit_reference="zu Rechnungs-Nr.",
        currency="EUR",
        product="Artikelbezeichnung",
        subscription="Vertragsnummer",
    )
    return export.truth(out, book, facts, amounts=["Nettobetrag"])


def _typed_words(export: Export, out: Writer) -> Truth:
    book = Company(212, DE, rate="19", currencies=("EUR", "CHF"), issue_days=(0, 1, 13), discounts="line").book()
    specs = [
        col("Beleg", v.number("AR{:05d}", "SR{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("Vorgang", "Ausgangsrechnung", "Stornorechnung"),
        col("Belegdatum", v.issued, day("DD.MM.YY"), "invoices.date", may="credit_notes.date"),
        col("Debitor", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Bezeichnung Debitor", v.name, TEXT, "customers.name"),
        v.product_label("Position"),
        v.type_column("Abrechnungsart", "wiederkehrend", "einmalig"),
        col("Ab", v.start, day("DD.MM.YY"), START),
        col("Bis", v.last_day, day("DD.MM.YY"), END),
        col("Betrag netto", v.signed_net, NUMBER, NET, may="invoices.amount", summed=True),
        col("MwSt-Satz", v.rate, percent("20%"), role="rate"),
        v.unused_amount("Betrag brutto", v.signed_gross, NUMBER, "gross", summed=True),
        col("Whg.", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Bezugsbeleg", v.credited("AR{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    titles = [["Rechnungsjournal"], ["Mandant:", "Überall Software GmbH"], ["Zeitraum:", "01.01.2025 - 31.12.2025"], []]
    layout = Layout(titles, repeat_heading=80, total="Summe", empty_before_total=True)
    out.workbook("journal.xlsx", Sheet("Journal", specs, rows, FLAT, layout))
    facts = answers(
        credits="typed, negative", credit_reference="Bezugsbeleg", line_type="column", product="Position", status="none"
    )
    return export.truth(out, book, facts, amounts=["Betrag netto"])


EXPORTS = (
    Export(
        "held_de_credits_apart", "Credit notes in a file of their own, in brackets; UTF-16; month names", _credits_apart
    ),
    Export("held_de_journal", "A workbook: two-digit years as text, headings repeated, two currencies", _typed_words),
)
