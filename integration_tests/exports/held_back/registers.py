"""Registers that companies keep by law or by hand: VAT books in Spanish and Italian, a journal, a list of invoices.

- Spain, libro registro de facturas expedidas: https://sede.agenciatributaria.gob.es/Sede/iva/facturacion-registro/
  and https://iranon.es/manuales/gf/libros_excel_aeat.html
- Italy, registro delle fatture emesse: https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:decreto:1972-10-26;633~art23
- Spain, libro diario by the accounts of the Plan General de Contabilidad: https://www.boe.es/eli/es/rd/2007/11/16/1514
- VosFactures: https://github.com/fakturownia/api
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Book, Company, Row
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
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Cell, amount, day, words
from integration_tests.exports.languages import ES, FR, IT
from integration_tests.exports.truth import Truth

NO_PERIODS = {"line_type": "none", "period": "none", "subscription": "none", "period_end": None}
NUMBERED = "invoices.number credit_notes.id invoice_lines.id invoice_lines.invoice_id"


def _first_rate(row: Row) -> Decimal:
    return row.document.lines[0].rate


def _quarter(row: Row) -> str:
    return f"{(row.document.date.month + 2) // 3}T"


def _aeat(export: Export, out: Writer) -> Truth:
    """The book of issued invoices as the tax office has it: groups above the headings, F1 and R1, below zero."""
    book = Company(521, ES, rate="21", cancelled=0, discounts="none", upgrades=0, issue_days=(0, 4, 16)).book()
    specs = [
        col("Ejercicio", lambda row: 2025, NUMBER),
        col("Periodo", _quarter),
        col("Código Actividad", lambda row: "A"),
        col("Tipo Actividad", lambda row: "03"),
        col("Grupo o Epígrafe del IAE", lambda row: "7629"),
        v.kind_column("Tipo de Factura", "F1", "R1"),
        col("Concepto de Ingreso", lambda row: "I01"),
        col("Ingreso Computable", v.signed_document_net, NUMBER, may=f"{NET} invoices.amount", role="document"),
        col("Fecha Expedición", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Fecha Operación", lambda row: None, CELL),
        col("Serie", lambda row: "2025"),
        col("Número", v.number("A-{:04d}", "R-{:04d}"), TEXT, "invoices.id", may=NUMBERED),
        col("NIF Destinatario", v.customer("B{:08d}"), TEXT, CUSTOMER),
        col("Nombre Destinatario", v.name, TEXT, "customers.name"),
        col("Clave de Operación", lambda row: "01"),
        v.unused_amount("Total Factura", v.signed_document_gross, NUMBER, "gross"),
        col("Base Imponible", v.signed_document_net, NUMBER, "invoices.amount", may=f"{NET} credit_notes.amount"),
        v.unused_amount("Tipo de IVA", _first_rate, NUMBER, "rate"),
        col("Cuota IVA Repercutida", v.signed_document_tax, NUMBER, may="invoice_lines.tax_amount", role="tax"),
    ]
    titles: list[list[Cell]] = [["Autoliquidación", "", "Actividad", "", "", "", "", "", "Factura"]]
    sheet = Sheet("EXPEDIDAS_INGRESOS", specs, book.document_rows(), "invoices customers", Layout(titles))
    out.workbook("2025_B12345678_C_Ingresos.xlsx", sheet)
    facts = answers(
        **NO_PERIODS,
        amount_of="document",
        credits="typed, negative",
        credit_reference="none",
        currency="EUR",
        product="none",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Base Imponible"], has_mrr=False)


def _iva(export: Export, out: Writer) -> Truth:
    """The register of sales for VAT as a program prints it: titles, headings on each page, totals at the end."""
    book = Company(522, IT, rate="22", cancelled=0, discounts="none", upgrades=0, issue_days=(0, 7)).book()
    form, dotted = day("DD/MM/YYYY"), amount("1.234,56")
    specs = [
        col("Prot.", lambda row: f"{row.document.number}{'/N' if row.document.is_credit else ''}"),
        col("Data reg.", v.issued, form, may="invoices.date"),
        col("Data doc.", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Num. doc.", v.number("{:05d}", "NC{:03d}"), TEXT, "invoices.id", may=NUMBERED),
        v.kind_column("Causale", "Fattura emessa", "Nota di credito emessa"),
        col("Cod.", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Ragione sociale", v.name, TEXT, "customers.name"),
        col("Partita IVA", v.customer("{:011d}"), TEXT, may=CUSTOMER),
        col("Imponibile", v.signed_document_net, dotted, "invoices.amount", may=NET, summed=True),
        col("Al. IVA", lambda row: f"{_first_rate(row)}" if _first_rate(row) else "N2.1", TEXT, role="rate"),
        col("Imposta", v.signed_document_tax, dotted, may="invoice_lines.tax_amount", role="tax", summed=True),
        v.unused_amount("Totale documento", v.signed_document_gross, dotted, "gross", summed=True),
    ]
    titles: list[list[Cell]] = [
        ["Libreria Bianchi S.r.l."],
        ["Registro IVA vendite", "", "", "Anno 2025"],
        [],
    ]
    layout = Layout(titles, repeat_heading=45, total="Totale", empty_before_total=True)
    out.text("Registro IVA vendite 2025.csv", specs, book.document_rows(), "invoices customers", layout=layout)
    facts = answers(
        **NO_PERIODS,
        amount_of="document",
        credits="typed, negative",
        credit_reference="none",
        currency="EUR",
        product="none",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Imponibile"], has_mrr=False)


TAX_ROW = 99


def _entries(book: Book) -> Iterator[Row]:
    """Each document's rows: the customer's, one for each line, the tax's."""
    for item in book.documents:
        yield Row(item.customer, item, rank=0)
        for rank, line in enumerate(item.lines, 1):
            yield Row(item.customer, item, line, line.subscription, rank=rank)
        if item.tax:
            yield Row(item.customer, item, rank=TAX_ROW)


def _debtor(row: Row) -> str:
    return f"4300{row.customer.number:04d}"


def _account(row: Row) -> str:
    if row.of_line:
        return "70500001" if row.of_line.period else "70500002"
    return "47700021" if row.rank == TAX_ROW else _debtor(row)


def _against(row: Row) -> str:
    return _debtor(row) if row.rank else "70500001"


def _title(row: Row) -> str:
    titles = {"70500001": "Suscripciones", "70500002": "Servicios", "47700021": "IVA repercutido 21%"}
    return titles.get(_account(row), row.customer.name)


def _to_debit(row: Row) -> Decimal:
    """What is booked on the left, below zero for what stands on the right."""
    right = row.of_line.net if row.of_line else row.document.tax if row.rank == TAX_ROW else -row.document.gross
    return -row.document.sign * right


def _diary(export: Export, out: Writer) -> Truth:
    """The journal of sales: revenue is credited, the customer stands against it, Latin-1, no months of service."""
    book = Company(
        523, ES, rate="21", cancelled=0, discounts="none", upgrades=0, customers=20, issue_days=(0, 12)
    ).book()
    comma = amount("1.234,56", blank_zero=True)
    form = day("DD/MM/YYYY")
    specs = [
        col("Asiento", v.number("{}", "9{:04d}"), TEXT, may="invoices.number"),
        col("Fecha", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Subcuenta", _account, TEXT, may="customers.id", role="account", matters=True),
        col("Título", _title, TEXT, may="customers.name products.name invoice_lines.description"),
        col("Contrapartida", _against, TEXT, CUSTOMER),
        col("Documento", v.number("F25/{:04d}", "R25/{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Concepto", lambda row: row.of_line.label if row.of_line else "N/ Fra.", may="invoice_lines.description"),
        col("Debe", lambda row: max(_to_debit(row), Decimal(0)), comma, NET, role="debit"),
        col("Haber", lambda row: max(-_to_debit(row), Decimal(0)), comma, NET, role="credit"),
    ]
    out.text("Diario_2025.csv", specs, list(_entries(book)), encoding="latin-1")
    facts = answers(
        **NO_PERIODS,
        amount_of="entry",
        accounts="705",
        sides="credit minus debit",
        credits="negative, untyped",
        credit_reference="none",
        currency="EUR",
        product="none",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Debe", "Haber"], has_mrr=False)


def _french(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} - période du {row.start:%d/%m/%Y} au {row.last_day:%d/%m/%Y}"


def _sent(row: Row) -> str:
    return "open" if row.document.status == "overdue" else row.document.status


def _vosfactures_heads() -> list[Spec]:
    form, point = day("YYYY-MM-DD"), amount("1234.56")
    states = words({"paid": "paid", "open": "sent", "cancelled": "rejected"})
    return [
        col("id", v.number("1{:07d}", "2{:07d}"), TEXT, "invoices.id", may="credit_notes.id"),
        col("number", v.number("F2025/{}", "A2025/{}"), TEXT, may="invoices.number", matters=False),
        v.kind_column("kind", "vat", "correction"),
        col("issue_date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("sell_date", v.issued, form, may="invoices.date"),
        col("payment_to", v.due, form, "invoices.due_date"),
        col("status", _sent, states, "invoices.status"),
        col("client_id", v.customer("9{:06d}"), TEXT, CUSTOMER),
        col("buyer_name", v.name, TEXT, "customers.name"),
        col("buyer_tax_no", lambda row: row.customer.siret[:9]),
        col("buyer_post_code", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("buyer_country", lambda row: "FR", TEXT, "customers.country", matters=False),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        col("price_net", v.signed_document_net, point, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("price_tax", v.signed_document_tax, point, "tax"),
        v.unused_amount("price_gross", v.signed_document_gross, point, "gross"),
        col("from_invoice_id", v.credited("1{:07d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _vosfactures(export: Export, out: Writer) -> Truth:
    """Two lists of the API as JSON lines, French texts under English names: corrections below zero."""
    book = Company(524, FR, cancelled=0.03, discounts="line", upgrades=0, issue_days=(0, 2)).book()
    point = amount("1234.56")
    lines = [
        col("id", lambda row: f"8{row.line.number:08d}", TEXT, may="invoice_lines.id"),
        col("invoice_id", v.number("1{:07d}", "2{:07d}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("name", _french),
        v.quantity_column("quantity", v.signed_quantity, point),
        v.unused_amount("price_net", v.price, point, "unit price"),
        col("tax", lambda row: str(row.line.rate), TEXT, role="rate"),
        col("total_price_net", v.signed_net, point, NET),
        v.unused_amount("total_price_gross", v.signed_gross, point, "gross"),
    ]
    out.json_lines("invoices.jsonl", _vosfactures_heads(), book.document_rows(), "invoices customers")
    out.json_lines("positions.jsonl", lines, book.line_rows(), "invoice_lines")
    facts = answers(credits="typed, negative", credit_reference="from_invoice_id", period="text", product="name")
    return export.truth(out, book, facts, amounts=["total_price_net", "price_net"])


def _paid_on(row: Row) -> date | None:
    return row.document.due if row.document.status == "paid" else None


def _list(export: Export, out: Writer) -> Truth:
    """A list of invoices kept by hand in a workbook: months in words, paid if there is a day of payment."""
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "495.00"))
    book = Company(525, FR, plans=monthly, cancelled=0, upgrades=0, discounts="none", issue_days=(0, 3)).book()
    euro = amount("1 234,56 €")
    specs = [
        col("N° fact.", v.number("2025-{:03d}", "AV2025-{:02d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Émise le", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Client", v.name, TEXT, f"{CUSTOMER} customers.name"),
        v.product_label("Prestation"),
        col("Mois facturé", v.start, day("MMMM YYYY", FR), f"{START} {END}"),
        col("HT", v.signed_net, euro, NET, may="invoices.amount", summed=True),
        v.tax_column("TVA", v.signed_tax, euro, summed=True),
        v.unused_amount("TTC", v.signed_gross, euro, "gross", summed=True),
        v.due_column("À payer avant le", CELL),
        col("Réglée le", _paid_on, CELL, may="invoices.status"),
        col("Remarques", lambda row: "avoir" if row.document.is_credit else "", TEXT),
    ]
    layout = Layout([["Facturier 2025"], []], total="TOTAL", empty_before_total=True)
    out.workbook("Facturier.xlsx", Sheet("2025", specs, book.line_rows(), FLAT, layout))
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        currency="in cells",
        period="one column",
        period_end=None,
        product="Prestation",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["HT"])


EXPORTS = (
    Export("held_es_aeat", "The Spanish tax office's book of issued invoices, groups above the headings", _aeat),
    Export("held_it_registro_iva", "An Italian register of sales for VAT, headings on each page", _iva),
    Export("held_es_diario", "A Spanish journal of sales: customers stand against the revenue", _diary),
    Export(
        "held_fr_vosfactures", "VosFactures, two lists of its API as JSON lines, periods in the texts", _vosfactures
    ),
    Export("held_fr_facturier", "A French list of invoices by hand: months in words, paid by a day", _list),
)
