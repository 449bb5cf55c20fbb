"""Spanish and Italian exports that are held back."""

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
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, NUMBER, TEXT, amount, day, percent
from integration_tests.exports.languages import ES, IT
from integration_tests.exports.truth import Truth

SLASHED = day("DD/MM/YYYY")


def _no_day_past_twelve(export: Export, out: Writer) -> Truth:
    book = Company(221, ES, rate="21", issue_days=(4, 7, 9), upgrades=0, credits=0, discounts="none").book()
    dotted = amount("1.234,56")
    specs = [
        col("Nº factura", v.number("{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("Fecha expedición", v.issued, SLASHED, "invoices.date"),
        v.due_column("Fecha vto.", SLASHED),
        col("Cta. cliente", v.customer("4300{:04d}"), TEXT, CUSTOMER),
        col("Razón social", v.name, TEXT, "customers.name"),
        v.product_label("Servicio"),
        v.quantity_column("Cantidad", v.quantity, dotted),
        v.unused_amount("Precio unit.", v.price, dotted, "unit price"),
        col("Base", v.net, dotted, NET, may="invoices.amount"),
        col("% IVA", v.rate, percent("20,00"), role="rate"),
        v.tax_column("IVA repercutido", v.tax, dotted),
        v.unused_amount("Total factura", v.gross, dotted, "gross"),
        col("Periodo desde", v.start, SLASHED, START),
        col("Periodo hasta", v.end, SLASHED, END),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("facturas_emitidas.csv", specs, rows)
    facts = answers(
        credits="none",
        currency="EUR",
        date_proof="due after issue",
        period_end="exclusive",
        product="Servicio",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Base"])


def _gross_sheet(export: Export, out: Writer) -> Truth:
    book = Company(222, IT, rate="22", anchor="anniversary", discounts="none", upgrades=0.1).book()
    specs = [
        col("N. doc.", v.number("{}/A", "{}/NC"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("Tipo", "Fattura di vendita", "Nota credito"),
        col("Data doc.", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Cod. cliente", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Ragione sociale", v.name, TEXT, "customers.name"),
        v.product_label("Articolo"),
        col("Importo ivato", v.gross, NUMBER, NET, role="gross", summed=True),
        col("Aliquota", v.rate, NUMBER, NET, role="rate"),
        col("Periodo dal", v.start, CELL, START),
        col("Periodo al", v.last_day, CELL, END),
        col("Valuta", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Fattura collegata", v.credited("{}/A"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    titles = [["Registro vendite 2025"], []]
    out.opendocument("vendite.ods", Sheet("Vendite", specs, rows, FLAT, Layout(titles, total="Totale")))
    facts = answers(
        amount="gross",
        credits="typed, positive",
        credit_reference="Fattura collegata",
        product="Articolo",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Importo ivato", "Aliquota"])


EXPORTS = (
    Export("held_es_no_day_past_12", "No day is past the 12th; due dates prove the order", _no_day_past_twelve),
    Export(
        "held_it_gross_ods", "An ODS with gross amounts and a rate, credit notes with positive amounts", _gross_sheet
    ),
)
