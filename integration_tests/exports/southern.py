"""Exports of Spanish and Italian services: Holded, Fatture in Cloud."""

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
from integration_tests.exports.forms import NUMBER, TEXT, amount, day, percent, words
from integration_tests.exports.languages import ES, IT
from integration_tests.exports.truth import Truth

SLASHED = day("DD/MM/YYYY")


def _holded(export: Export, out: Writer) -> Truth:
    book = Company(131, ES, rate="21", issue_days=(0, 6), anchor="first").book()
    statuses = {"paid": "Cobrada", "open": "Pendiente", "overdue": "Vencida", "cancelled": "Anulada"}
    specs = [
        col("Núm", v.number("F25{:04d}", "R25{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Fecha", v.issued, SLASHED, "invoices.date", may="credit_notes.date"),
        v.due_column("Vencimiento", SLASHED),
        col("Código cliente", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Cliente", v.name, TEXT, "customers.name"),
        v.product_label("Concepto"),
        col("Desde", v.start, SLASHED, START),
        col("Hasta", v.last_day, SLASHED, END),
        v.quantity_column("Unidades", v.signed_quantity, NUMBER),
        v.unused_amount("Precio", v.price, NUMBER, "unit price"),
        col("Descuento", v.signed_discount, NUMBER, may="invoice_lines.discount_amount", role="discount"),
        col("Base imponible", v.signed_net, NUMBER, NET, may="invoices.amount", summed=True),
        v.tax_column("Cuota IVA", v.signed_tax, NUMBER, summed=True),
        v.unused_amount("Total", v.signed_gross, NUMBER, "gross", summed=True),
        col("Estado", v.status, words(statuses), "invoices.status"),
        col("Factura rectificada", v.credited("F25{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    layout = Layout([["Listado de facturas de venta"], ["01/01/2025 - 31/12/2025"], []], total="TOTAL")
    out.workbook("ventas_2025.xlsx", Sheet("Ventas", specs, book.line_rows(), FLAT, layout))
    facts = answers(
        credits="negative, untyped", credit_reference="Factura rectificada", currency="EUR", product="Concepto"
    )
    return export.truth(out, book, facts, amounts=["Base imponible"])


def _fatture(export: Export, out: Writer) -> Truth:
    book = Company(132, IT, rate="22", anchor="anniversary", discounts="line", upgrades=0.1).book()
    euro = amount("€ 1.234,56")
    clients = [
        col("Codice cliente", v.customer("{:04d}"), TEXT, "customers.id"),
        col("Denominazione", v.name, TEXT, "customers.name"),
        col("Indirizzo e-mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("CAP", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Comune", lambda row: row.customer.city),
        col("Paese", lambda row: IT.country_name, TEXT, "customers.country", matters=False),
    ]
    statuses = {"paid": "saldata", "open": "non saldata", "overdue": "scaduta", "cancelled": "annullata"}
    specs = [
        v.kind_column("Tipo documento", "Fattura", "Nota di credito"),
        col("Numero", v.number("{}/2025", "{}/2025/NC"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Data", v.issued, day("DD-MM-YYYY"), "invoices.date", may="credit_notes.date"),
        v.due_column("Data scadenza", day("DD-MM-YYYY")),
        col("Codice cliente", v.customer("{:04d}"), TEXT, "invoices.customer_id", may="customers.id"),
        v.product_label("Descrizione"),
        col("Competenza dal", v.start, day("DD-MM-YYYY"), START),
        col("Competenza al", v.last_day, day("DD-MM-YYYY"), END),
        col("Imponibile", v.net, euro, NET, may="invoices.amount"),
        col("Aliquota IVA", v.rate, percent("20%"), role="rate"),
        v.tax_column("IVA", v.tax, euro),
        v.unused_amount("Totale lordo", v.gross, euro, "gross"),
        col("Stato pagamento", v.status, words(statuses), "invoices.status"),
        col("Rif. fattura", v.credited("{}/2025"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("clienti.csv", clients, book.customer_rows(), "customers", encoding="utf-8-sig")
    out.text("documenti.csv", specs, book.line_rows(), "invoices invoice_lines", encoding="utf-8-sig")
    facts = answers(
        credits="typed, positive", credit_reference="Rif. fattura", currency="in cells", product="Descrizione"
    )
    return export.truth(out, book, facts, amounts=["Imponibile"])


EXPORTS = (
    Export("es_holded", "Holded, a workbook with titles and a total, days as text", _holded),
    Export(
        "it_fatture_in_cloud", "Fatture in Cloud, customers and documents, credit notes with positive amounts", _fatture
    ),
)
