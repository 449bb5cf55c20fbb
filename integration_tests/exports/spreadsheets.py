"""Tables that somebody keeps by hand."""

from __future__ import annotations

from datetime import date

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
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Cell, amount, day, words
from integration_tests.exports.languages import DE, ES, FR
from integration_tests.exports.truth import Truth

MONTHLY = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "690.00"))


def _by_month(export: Export, out: Writer) -> Truth:
    book = Company(171, FR, plans=MONTHLY, upgrades=0, credits=0, discounts="none", customers=18).book()
    euro = amount("1 234,56 €")
    specs = [
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("N° de facture", v.number("{:04d}"), TEXT, INVOICE, may="invoices.number"),
        col("Facturé le", v.issued, day("D MMMM YYYY", FR), "invoices.date"),
        v.product_label("Prestation"),
        col("Mois", v.start, day("MMM YYYY", FR), f"{START} {END}"),
        col("Prix HT", v.net, euro, NET, may="invoices.amount", summed=True),
        v.unused_amount("Prix TTC", v.gross, euro, "gross", summed=True),
        col("Réglé", v.settled, words({"paid": "oui", "open": "non"}), "invoices.status"),
        col("Commentaire", lambda row: "relancé" if row.document.status == "overdue" else ""),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    layout = Layout([["Suivi de facturation 2025"], []], total="TOTAL", empty_before_total=True)
    out.workbook("suivi.xlsx", Sheet("2025", specs, rows, FLAT, layout))
    facts = answers(credits="none", currency="in cells", period="one column", product="Prestation", period_end=None)
    return export.truth(out, book, facts, amounts=["Prix HT"])


def _ods(export: Export, out: Writer) -> Truth:
    book = Company(172, DE, rate="19", issue_days=(0, 2), discounts="none").book()
    specs = [
        col("Rechnung Nr.", v.number("{:05d}", "G{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("vom", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Kunden-Nr.", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Kunde", v.name, TEXT, "customers.name"),
        v.product_label("Leistung"),
        col("Beginn", v.start, CELL, START),
        col("Ende", v.last_day, CELL, END),
        col("Netto", v.signed_net, NUMBER, NET, may="invoices.amount", summed=True),
        v.tax_column("MwSt.", v.signed_tax, NUMBER, summed=True),
        v.unused_amount("Brutto", v.signed_gross, NUMBER, "gross", summed=True),
        col("zu Rechnung", v.credited("{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    titles: list[list[Cell]] = [["Rechnungsausgangsbuch 2025"], ["Stand:", date(2026, 1, 9)], []]
    out.opendocument("Rechnungen.ods", Sheet("2025", specs, rows, FLAT, Layout(titles, total="Summe")))
    facts = answers(
        credits="negative, untyped", credit_reference="zu Rechnung", currency="EUR", product="Leistung", status="none"
    )
    return export.truth(out, book, facts, amounts=["Netto"])


def _serials(export: Export, out: Writer) -> Truth:
    book = Company(173, ES, rate="21", anchor="anniversary", discounts="none", customers=20).book()
    serial, comma = day("serial"), amount("1234,56")
    specs = [
        col("Factura", v.number("{:06d}", "9{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Fecha factura", v.issued, serial, "invoices.date", may="credit_notes.date"),
        col("NIF cliente", v.customer("B{:08d}"), TEXT, CUSTOMER),
        col("Nombre cliente", v.name, TEXT, "customers.name"),
        v.product_label("Descripción"),
        col("Inicio periodo", v.start, serial, START),
        col("Fin periodo", v.last_day, serial, END),
        col("Importe neto", v.signed_net, comma, NET, may="invoices.amount"),
        v.tax_column("IVA", v.signed_tax, comma),
        v.unused_amount("Importe total", v.signed_gross, comma, "gross"),
        col("Divisa", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Abono de", v.credited("{:06d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("facturas.csv", specs, rows)
    facts = answers(credits="negative, untyped", credit_reference="Abono de", product="Descripción", status="none")
    return export.truth(out, book, facts, amounts=["Importe neto"])


EXPORTS = (
    Export("ss_by_month", "A French workbook by hand: month names, euro signs, a title and a total", _by_month),
    Export("ss_ods", "A German ODS, titles and a total", _ods),
    Export("ss_serials", "A Spanish CSV saved with days as serial numbers", _serials),
)
