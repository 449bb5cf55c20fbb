"""Exports of SAP Business One, Business Central, sevDesk, Danea Easyfatt and Moneybird."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    END,
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
from integration_tests.exports.forms import CELL, COUNT, NUMBER, TEXT, Cell, Form, amount, day, percent, words
from integration_tests.exports.languages import DE, ES, IT, NL
from integration_tests.exports.truth import Truth


def _closed(row: Row) -> str:
    return "paid" if row.document.status in ("paid", "cancelled") else "open"


def _is_cancelled(row: Row) -> str:
    return "cancelled" if row.document.status == "cancelled" else "open"


def _sap_bills(form: Form, point: Form) -> list[Spec]:
    return [
        col("DocEntry", v.number("{}"), TEXT, "invoices.id"),
        col("DocNum", v.number("1{:06d}"), TEXT, "invoices.number", matters=False),
        col(
            "CANCELED",
            _is_cancelled,
            words({"cancelled": "Y", "open": "N"}),
            role="kind",
            may="invoices.status",
            matters=True,
        ),
        col("DocStatus", _closed, words({"paid": "C", "open": "O"}), "invoices.status"),
        col("DocDate", v.issued, form, "invoices.date"),
        col("DocDueDate", v.due, form, "invoices.due_date"),
        col("CardCode", v.customer("D{:05d}"), TEXT, "invoices.customer_id"),
        col("CardName", v.name, TEXT, may="customers.name"),
        col("DocCur", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("VatSum", v.document_tax, point, "tax"),
        v.unused_amount("DocTotal", v.document_gross, point, "gross"),
    ]


def _sap_lines(form: Form, point: Form) -> list[Spec]:
    return [
        col("DocEntry", v.number("{}"), TEXT, "invoice_lines.invoice_id"),
        col("LineNum", lambda row: str(row.rank - 1)),
        col("ItemCode", v.plan("A{:04d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Dscription"),
        v.quantity_column("Quantity", v.quantity, point),
        v.unused_amount("Price", v.price, point, "unit price"),
        col("LineTotal", v.net, point, NET),
        col("VatPrcnt", v.rate, point, role="rate"),
        v.tax_column("VatSum", v.tax, point),
        v.unused_amount("GTotal", v.gross, point, "gross"),
        col("U_PeriodStart", v.start, form, START),
        col("U_PeriodEnd", v.last_day, form, END),
    ]


def _sap_credits(form: Form, point: Form) -> tuple[list[Spec], list[Spec]]:
    notes = [
        col("DocEntry", v.number("", "{}"), TEXT, "credit_notes.id"),
        col("DocNum", v.number("", "2{:06d}"), TEXT, matters=False),
        col("DocDate", v.issued, form, "credit_notes.date"),
        col("CardCode", v.customer("D{:05d}"), TEXT, "credit_notes.customer_id"),
        col("DocCur", v.currency, TEXT, "credit_notes.currency"),
        col("VatSum", v.document_tax, point, "credit_notes.amount", role="tax"),
        col("DocTotal", v.document_gross, point, "credit_notes.amount", role="gross"),
    ]
    lines = [
        col("DocEntry", v.number("", "{}"), TEXT, may="credit_notes.id", matters=False),
        col("LineNum", lambda row: str(row.rank - 1)),
        col("BaseType", lambda row: "13"),
        col("BaseEntry", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("Dscription", v.label),
        col("LineTotal", v.net, point, may="credit_notes.amount", matters=False),
    ]
    return notes, lines


def _sap(export: Export, out: Writer) -> Truth:
    """Five tables of the database: customers, invoices with rows, credit notes with rows."""
    book = Company(311, DE, rate="19", cancelled=0.04, discounts="none", issue_days=(0, 1), anchor="anniversary").book()
    form, point = day("YYYYMMDD"), amount("1234.560000")
    partners = [
        col("CardCode", v.customer("D{:05d}"), TEXT, "customers.id"),
        col("CardName", v.name, TEXT, "customers.name"),
        col("CardType", lambda row: "C"),
        col("ZipCode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Country", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("E_Mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
    ]
    notes, note_lines = _sap_credits(form, point)
    tables = (
        ("OCRD.txt", partners, book.customer_rows(), "customers"),
        ("OINV.txt", _sap_bills(form, point), book.document_rows("invoices"), "invoices"),
        ("INV1.txt", _sap_lines(form, point), book.line_rows("invoices"), "invoice_lines"),
        ("ORIN.txt", notes, book.document_rows("credits"), "credit_notes"),
        ("RIN1.txt", note_lines, book.line_rows("credits"), "credit_note_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator="\t", encoding="utf-16")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="BaseEntry",
        product="Dscription",
    )
    return export.truth(out, book, facts, amounts=["LineTotal"])


def _spanish_heads() -> list[Spec]:
    return [
        col("Nº", v.number("FVR25-{:05d}"), TEXT, "invoices.id", may="invoices.number"),
        col("Venta a-Nº cliente", v.customer("C{:05d}"), TEXT, CUSTOMER),
        col("Venta a-Nombre", v.name, TEXT, "customers.name"),
        col("Fecha registro", v.issued, CELL, may="invoices.date"),
        col("Fecha emisión documento", v.issued, CELL, "invoices.date"),
        col("Fecha vencimiento", v.due, CELL, "invoices.due_date"),
        col("Cód. divisa", lambda row: ""),
        col("Importe", v.document_net, NUMBER, "invoices.amount"),
        v.unused_amount("Importe IVA incl.", v.document_gross, NUMBER, "gross"),
        col("Cerrado", _closed, words({"paid": "Sí", "open": "No"}), "invoices.status"),
        col(
            "Cancelada",
            _is_cancelled,
            words({"cancelled": "Sí", "open": "No"}),
            role="kind",
            may="invoices.status",
            matters=True,
        ),
    ]


def _spanish_lines() -> list[Spec]:
    return [
        col("Nº documento", v.number("FVR25-{:05d}"), TEXT, "invoice_lines.invoice_id"),
        col("Nº línea", lambda row: row.rank * 10000, NUMBER),
        col("Tipo", lambda row: "Producto" if row.line.period else "Cuenta"),
        v.product_label("Descripción"),
        v.quantity_column("Cantidad", v.quantity, NUMBER),
        v.unused_amount("Precio venta excl. IVA", v.price, NUMBER, "unit price"),
        col("Importe dto. línea", v.discount, NUMBER, "invoice_lines.discount_amount", role="discount", matters=False),
        col("Importe línea excl. IVA", v.net, NUMBER, NET),
        v.unused_amount("Importe IVA incl.", v.gross, NUMBER, "gross"),
        v.subscription_column("Nº contrato suscripción", "SUB{:06d}"),
        col("Facturación periódica desde", v.start, CELL, START),
        col("Facturación periódica hasta", v.last_day, CELL, END),
    ]


def _business_central(export: Export, out: Writer) -> Truth:
    """Three lists opened in Excel: posted invoices, their lines, posted credit memos; the local currency is blank."""
    book = Company(312, ES, rate="21", cancelled=0.04, anchor="anniversary", issue_days=(0, 3)).book()
    memos = [
        col("Nº", v.number("", "AVR25-{:05d}"), TEXT, "credit_notes.id"),
        col("Venta a-Nº cliente", v.customer("C{:05d}"), TEXT, "credit_notes.customer_id", may="customers.id"),
        col("Fecha emisión documento", v.issued, CELL, "credit_notes.date"),
        col("Corresponde a nº documento", v.credited("FVR25-{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("Cód. divisa", lambda row: ""),
        col("Importe", v.document_net, NUMBER, "credit_notes.amount"),
        v.unused_amount("Importe IVA incl.", v.document_gross, NUMBER, "gross"),
    ]
    out.workbook(
        "Histórico ventas.xlsx",
        Sheet("Hist. facturas venta", _spanish_heads(), book.document_rows("invoices"), "invoices customers"),
        Sheet("Lín. hist. facturas venta", _spanish_lines(), book.line_rows("invoices"), "invoice_lines"),
        Sheet("Hist. abonos venta", memos, book.document_rows("credits"), "credit_notes"),
    )
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Corresponde a nº documento",
        currency="EUR",
        product="Descripción",
        subscription="Nº contrato suscripción",
    )
    return export.truth(out, book, facts, amounts=["Importe línea excl. IVA", "Importe"])


def _sevdesk(export: Export, out: Writer) -> Truth:
    """Positions of invoices: euro signs, credit notes above zero, two-digit years."""
    book = Company(313, DE, rate="19", cancelled=0.04, drafts=True, discounts="line", issue_days=(0, 4, 11)).book()
    euro, form = amount("1.234,56 €"), day("DD.MM.YY")
    states = {"paid": "Bezahlt", "open": "Offen", "overdue": "Überfällig", "cancelled": "Storniert", "draft": "Entwurf"}
    specs = [
        col("Rechnungsnr.", v.number("RE-{:04d}", "GS-{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("Typ", "Rechnung", "Gutschrift"),
        col("Datum", v.issued, form, "invoices.date", may="credit_notes.date"),
        v.due_column("Zahlbar bis", form),
        col("Status", v.status, words(states), "invoices.status"),
        col("Kundennr.", v.customer("{:04d}"), TEXT, CUSTOMER),
        col("Empfänger", v.name, TEXT, "customers.name"),
        v.product_label("Position"),
        v.quantity_column("Anzahl", v.quantity, amount("1234,56")),
        v.unused_amount("Preis", v.price, euro, "unit price"),
        col("Summe netto", v.net, euro, NET, may="invoices.amount"),
        col("USt.-Satz", v.rate, percent("20 %"), role="rate"),
        v.tax_column("USt.", v.tax, euro),
        v.unused_amount("Summe brutto", v.gross, euro, "gross"),
        col("Leistung von", v.start, form, START),
        col("Leistung bis", v.last_day, form, END),
        col("Gutschrift zu", v.credited("RE-{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("Rechnungen_Export.csv", specs, book.line_rows(), encoding="iso8859-15", quote_all=True)
    facts = answers(
        credits="typed, positive", credit_reference="Gutschrift zu", currency="in cells", product="Position"
    )
    return export.truth(out, book, facts, amounts=["Summe netto"])


def _with_days(row: Row) -> str:
    """A line's label, with its period in it."""
    if not row.last_day:
        return row.line.label
    return f"{row.line.label} periodo {row.start:%d/%m/%Y} - {row.last_day:%d/%m/%Y}"


def _danea(export: Export, out: Writer) -> Truth:
    """Lines of documents under a title, with a row of totals; periods in the descriptions only."""
    book = Company(314, IT, rate="22", cancelled=0, discounts="none", upgrades=0, issue_days=(0, 6)).book()
    form, dotted = day("DD/MM/YYYY"), amount("1.234,56")
    specs = [
        col("Data", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Num. doc.", v.number("{}", "{}/NC"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("Tipo doc.", "Fattura", "Nota di credito"),
        col("Cod. cliente", v.customer("{:04d}"), TEXT, CUSTOMER),
        col("Cliente", v.name, TEXT, "customers.name"),
        v.product_label("Descrizione", _with_days),
        v.quantity_column("Q.tà", v.quantity, COUNT),
        v.unused_amount("Prezzo netto", v.price, dotted, "unit price"),
        col("Importo netto", v.signed_net, dotted, NET, may="invoices.amount", summed=True),
        col("Cod. Iva", v.rate, percent("20"), role="rate"),
        v.unused_amount("Importo ivato", v.signed_gross, dotted, "gross", summed=True),
        v.due_column("Data scad.", form),
        col("Saldato", v.settled, words({"paid": "Sì", "open": "No"}), "invoices.status"),
        col("Doc. rif.", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
    ]
    titles: list[list[Cell]] = [
        ["Elenco righe documenti - Anno 2025"],
        ["Studio Niccolò S.r.l.", "", "P.Iva 01234567890"],
        [],
    ]
    layout = Layout(titles, repeat_heading=60, total="Totale")
    out.text("Righe documenti.csv", specs, book.line_rows(), layout=layout)
    facts = answers(
        credits="typed, negative",
        credit_reference="Doc. rif.",
        currency="EUR",
        period="text",
        product="Descrizione",
        period_end="inclusive",
    )
    return export.truth(out, book, facts, amounts=["Importo netto"])


def _moneybird(export: Export, out: Writer) -> Truth:
    """Lines of invoices in Dutch, which few programs know: credit invoices below zero, inclusive periods."""
    book = Company(315, NL, rate="21", cancelled=0, drafts=True, anchor="anniversary", discounts="line").book()
    form, comma = day("DD-MM-YYYY"), amount("1234,56")
    states = {"paid": "betaald", "open": "openstaand", "overdue": "te laat", "draft": "concept"}
    specs = [
        col(
            "Factuurnummer",
            v.number("2025-{:04d}", "2025-C{:04d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        col("Factuurdatum", v.issued, form, "invoices.date", may="credit_notes.date"),
        v.due_column("Vervaldatum", form),
        col("Status", v.status, words(states), "invoices.status"),
        col("Klantnummer", v.customer("{}"), TEXT, CUSTOMER),
        col("Bedrijfsnaam", v.name, TEXT, "customers.name"),
        v.product_label("Omschrijving"),
        v.quantity_column("Aantal", v.signed_quantity, COUNT),
        v.unused_amount("Prijs excl. btw", v.price, comma, "unit price"),
        col("Btw-tarief", v.rate, percent("20%"), role="rate"),
        col("Totaal excl. btw", v.signed_net, comma, NET, may="invoices.amount"),
        v.unused_amount("Totaal incl. btw", v.signed_gross, comma, "gross"),
        col("Valuta", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Periode van", v.start, form, START),
        col("Periode tot en met", v.last_day, form, END),
        col("Creditfactuur van", v.credited("2025-{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("verkoopfacturen.csv", specs, book.line_rows(), separator=",", encoding="utf-8-sig")
    facts = answers(credits="negative, untyped", credit_reference="Creditfactuur van", product="Omschrijving")
    return export.truth(out, book, facts, amounts=["Totaal excl. btw"])


EXPORTS = (
    Export("de_sap_business_one", "SAP Business One, five tables, UTF-16 and tabs; a code for cancelled", _sap),
    Export("es_business_central", "Business Central, a workbook of three lists, a blank currency", _business_central),
    Export("de_sevdesk", "sevDesk, positions with euro signs, two-digit years, credit notes above zero", _sevdesk),
    Export("it_danea", "Danea Easyfatt, titles, headings repeated, a total; periods in texts", _danea),
    Export("nl_moneybird", "Moneybird, in Dutch; credit invoices below zero", _moneybird),
)
