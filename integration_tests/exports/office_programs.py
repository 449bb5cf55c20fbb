"""Exports of small companies' programs: Sage 50 (UK), Evoliz, CGM MAXX, Billomat, Planaday.

Their columns are documented:

- Sage 50, audit trail: https://gb-kb.sage.com/portal/app/portlets/results/viewsolution.jsp?solutionid=200427112211627
- Evoliz, template of invoices: https://help.evoliz.com/hc/fr/articles/41948127119249-Comment-importer-mes-factures
- CGM MAXX, list of invoices: https://update.compugroup.at/webhelp/cgm-maxx/1819437019.html
- Billomat, items of invoices: https://metacpan.org/pod/WWW::Billomat::Invoice::Item
- Planaday, lines of invoices: https://www.planaday.nl/export-factuurregels-met-datumselectie-en-status/
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    INVOICE,
    NET,
    Export,
    Layout,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Cell, amount, day, percent, words
from integration_tests.exports.languages import DE, EN, FR, NL
from integration_tests.exports.truth import Truth

POINT, DOTTED, COMMA = amount("1234.56"), amount("1.234,56"), amount("1234,56")
NO_PERIODS = {"line_type": "none", "period": "none", "subscription": "none", "period_end": None}


def _british(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} {row.start:%d/%m/%Y}-{row.last_day:%d/%m/%Y}"


def _sage(export: Export, out: Writer) -> Truth:
    """The audit trail, filtered to sales: credits (SC) above zero, accounts without names, periods in the details."""
    book = Company(
        431, EN, currencies=("GBP",), rate="20", cancelled=0, discounts="line", upgrades=0, issue_days=(0, 5)
    ).book()
    form = day("DD/MM/YYYY")
    specs = [
        col("No", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        v.kind_column("Type", "SI", "SC"),
        col("Account", v.customer("QL{:05d}"), TEXT, CUSTOMER, may="customers.name"),
        col("Nominal", lambda row: "4000" if row.line.period else "4010", may="invoice_lines.type"),
        col("Dept", lambda row: "0"),
        v.product_label("Details", _british),
        col("Date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Ref", v.number("{}", "CN{}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Ex.Ref", lambda row: ""),
        col("Net", v.net, POINT, NET, may="invoices.amount"),
        v.tax_column("Tax", v.tax, POINT),
        col("T/C", lambda row: "T1" if row.line.rate else "T0"),
        col("Pd", v.settled, words({"paid": "Y", "open": "N"}), "invoices.status"),
        v.unused_amount(
            "Paid", lambda row: row.line.gross if v.settled(row) == "paid" else Decimal(0), POINT, "balance"
        ),
    ]
    out.text("Audit trail.csv", specs, book.line_rows(), separator=",", encoding="cp1252")
    facts = answers(
        credits="typed, positive", credit_reference="none", currency="GBP", period="text", product="Details"
    )
    return export.truth(out, book, facts, amounts=["Net"])


def _french(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} du {row.start:%d/%m/%Y} au {row.last_day:%d/%m/%Y}"


def _evoliz(export: Export, out: Writer) -> Truth:
    """The template of the import, filled: no amount but quantity x price, periods in the lines' texts, no states."""
    book = Company(
        432, FR, cancelled=0, credits=0, discounts="line", upgrades=0, anchor="anniversary", issue_days=(0, 7)
    ).book()
    clients = [
        col("Code", v.customer("C{:04d}"), TEXT, "customers.id"),
        col("Société / Nom", v.name, TEXT, "customers.name"),
        col("Type", lambda row: "Professionnel"),
        col("Code postal", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ville", lambda row: row.customer.city),
        col("Pays", lambda row: "France", TEXT, "customers.country", matters=False),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
    ]
    lines = [
        col("N° facture externe", v.number("F-2025-{:05d}"), TEXT, INVOICE, may="invoices.number"),
        col("Date facture", v.issued, CELL, "invoices.date"),
        col("Code client", v.customer("C{:04d}"), TEXT, "invoices.customer_id", may="customers.id"),
        col("Objet", lambda row: ""),
        v.product_label("Désignation", _french),
        col("Qté", v.quantity, NUMBER, NET, may="invoice_lines.quantity", role="quantity"),
        col("Unité", lambda row: "U"),
        col("PU HT", v.price, NUMBER, NET, role="unit price"),
        v.unused_amount("Taux TVA", v.rate, NUMBER, "rate"),
        col("Conditions de règlement", lambda row: "30 jours"),
        col("Mode de paiement", lambda row: "Virement"),
    ]
    out.workbook("clients.xlsx", Sheet("Clients", clients, book.customer_rows(), "customers"))
    out.workbook("factures.xlsx", Sheet("Factures", lines, book.line_rows(), "invoices invoice_lines"))
    facts = answers(credits="none", currency="EUR", period="text", product="Désignation", status="none", amount="net")
    return export.truth(out, book, facts, amounts=["Qté", "PU HT"])


def _days_open(row: Row) -> str:
    days = (date(2026, 1, 9) - row.document.date).days
    return str(days) if row.document.status in ("open", "overdue") else ""


def _maxx_specs() -> list[Spec]:
    form = day("DD.MM.YYYY")
    states = {"paid": "Bezahlt", "open": "Offen", "overdue": "Gemahnt", "cancelled": "Storniert"}
    is_off = {"cancelled"}
    return [
        col("Rechnungsnummer", v.number("2025/{:04d}"), TEXT, "invoices.id", may="invoices.number invoice_lines.id"),
        col("Rechnungsdatum", v.issued, form, "invoices.date"),
        col("Rechnungsbetrag Brutto", v.document_gross, DOTTED, "invoices.amount", may=NET, role="gross"),
        col("USt Satz 1 Prozent", lambda row: row.document.lines[0].rate, percent("20,00"), role="rate"),
        col(
            "USt Satz 1 Betrag",
            v.document_tax,
            DOTTED,
            "invoices.amount",
            may=f"{NET} invoice_lines.tax_amount",
            role="tax",
        ),
        col("USt Satz 2 Prozent", lambda row: ""),
        col("USt Satz 2 Betrag", lambda row: Decimal(0), amount("1.234,56", blank_zero=True), may=NET, role="tax"),
        col("USt Satz 3 Prozent", lambda row: ""),
        col("USt Satz 3 Betrag", lambda row: Decimal(0), amount("1.234,56", blank_zero=True), may=NET, role="tax"),
        col("Rechnungsstatus", v.status, words(states), "invoices.status"),
        col("Rechnungsempfänger Zeile 0", lambda row: "Firma"),
        col("Rechnungsempfänger Zeile 1", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Rechnungsempfänger Zeile 2", lambda row: ""),
        col("Rechnungsempfänger Zeile 3", lambda row: f"Hauptstraße {row.customer.number}"),
        col("Rechnungsempfänger Zeile 4", lambda row: f"{row.customer.zip_code} {row.customer.city}"),
        col("Tage Offen", _days_open),
        col("Storno-Datum", lambda row: v.due(row) if row.document.status in is_off else None, form),
        col("Storno-Begründung", lambda row: "Fehlerhafte Eingabe" if row.document.status in is_off else ""),
    ]


def _maxx(export: Export, out: Writer) -> Truth:
    """A row for each invoice, with tax by rate: what the export is of stands in the first lines; no customer ids."""
    book = Company(
        433, DE, rate="20", cancelled=0.05, credits=0, discounts="none", upgrades=0, issue_days=(0, 2, 20)
    ).book()
    rows = book.document_rows()
    titles: list[list[Cell]] = [
        ["Exportdatum und -zeit", "09.01.2026 10:15"],
        ["Export durchgeführt von Benutzer", "Kanzlei Lindner"],
        ["Abrechnungsbereich", "Alle"],
        ["Zeitraum", "01.01.2025 - 31.12.2025"],
        ["Anzahl der Rechnungen im Export", len(rows)],
        [],
    ]
    out.text("Rechnungsliste.csv", _maxx_specs(), rows, "invoices customers", encoding="utf-8", layout=Layout(titles))
    facts = answers(**NO_PERIODS, amount="gross", amount_of="document", credits="none", currency="EUR", product="none")
    headings = ["Rechnungsbetrag Brutto", "USt Satz 1 Betrag"]
    return export.truth(out, book, facts, amounts=headings, has_mrr=False)


def _german(row: Row) -> str:
    if not row.start or not row.last_day:
        return ""
    return f"Leistungszeitraum {row.start:%d.%m.%Y} bis {row.last_day:%d.%m.%Y}"


def _billomat_notes() -> list[Spec]:
    return [
        col("id", v.number("", "{}"), TEXT, "credit_notes.id"),
        col("credit_note_number", v.number("", "GS{}"), TEXT, matters=False),
        col("client_id", v.customer("{}"), TEXT, "credit_notes.customer_id"),
        col("invoice_id", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("date", v.issued, day("YYYY-MM-DD"), "credit_notes.date"),
        col("status", lambda row: "PAID", TEXT, may="credit_notes.status"),
        col("currency_code", v.currency, TEXT, "credit_notes.currency"),
        col("net_gross", lambda row: "NET"),
        v.unused_amount("total_gross", v.document_gross, POINT, "gross"),
        col("total_net", v.document_net, POINT, "credit_notes.amount"),
    ]


def _billomat(export: Export, out: Writer) -> Truth:
    """Four lists of the API as JSON lines: all values are texts, periods stand in the items' descriptions."""
    book = Company(
        434, DE, rate="19", cancelled=0.03, drafts=True, discounts="none", upgrades=0, anchor="anniversary"
    ).book()
    form = day("YYYY-MM-DD")
    states = {"paid": "PAID", "open": "OPEN", "overdue": "OVERDUE", "cancelled": "CANCELED", "draft": "DRAFT"}
    clients = [
        col("id", v.customer("{}"), TEXT, "customers.id"),
        col("client_number", v.customer("KD{:04d}"), TEXT, matters=False),
        col("name", v.name, TEXT, "customers.name"),
        col("zip", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("country_code", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
    ]
    invoices = [
        col("id", v.number("{}"), TEXT, "invoices.id"),
        col("invoice_number", v.number("RE{}"), TEXT, "invoices.number", matters=False),
        col("client_id", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("date", v.issued, form, "invoices.date"),
        v.due_column("due_date", form),
        col("status", v.status, words(states), "invoices.status"),
        col("currency_code", v.currency, TEXT, "invoices.currency"),
        col("net_gross", lambda row: "NET"),
        v.unused_amount("total_gross", v.document_gross, POINT, "gross"),
        col("total_net", v.document_net, POINT, "invoices.amount"),
    ]
    items = [
        col("id", lambda row: str(row.line.number), TEXT, "invoice_lines.id", matters=False),
        col("invoice_id", v.number("{}"), TEXT, "invoice_lines.invoice_id"),
        col("position", lambda row: str(row.rank)),
        v.product_label("title"),
        v.product_label("description", _german),
        v.quantity_column("quantity", v.quantity, POINT),
        col("unit", lambda row: "Stück"),
        v.unused_amount("unit_price", v.price, POINT, "unit price"),
        col("tax_name", lambda row: "MwSt"),
        col("tax_rate", v.rate, percent("20.00"), role="rate"),
        v.unused_amount("total_gross", v.gross, POINT, "gross"),
        col("total_net", v.net, POINT, NET),
    ]
    out.json_lines("clients.jsonl", clients, book.customer_rows(), "customers")
    out.json_lines("invoices.jsonl", invoices, book.document_rows("invoices"), "invoices")
    out.json_lines("invoice_items.jsonl", items, book.line_rows("invoices"), "invoice_lines")
    out.json_lines("credit_notes.jsonl", _billomat_notes(), book.document_rows("credits"), "credit_notes")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="invoice_id",
        period="text",
        product="title",
    )
    return export.truth(out, book, facts, amounts=["total_net"])


def _planaday(export: Export, out: Writer) -> Truth:
    """Lines of invoices in Dutch, names in small letters: two ids of a customer, credits below zero, no periods."""
    book = Company(
        435, NL, rate="21", cancelled=0, drafts=True, discounts="none", upgrades=0, issue_days=(0, 14)
    ).book()
    form = day("DD-MM-YYYY")
    states = {"paid": "betaald", "open": "verzonden", "overdue": "herinnering", "draft": "concept"}
    specs = [
        col("factuur_id", v.number("{}", "9{:03d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("factuur_code", v.number("F25-{:04d}", "C25-{:04d}"), TEXT, may="invoices.number", matters=False),
        col("factuur_omschrijving", lambda row: row.document.lines[0].label, TEXT, may="invoice_lines.description"),
        col("factuur_datum", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("factuur_status", v.status, words(states), "invoices.status"),
        col("regel_bedrijf_naam", v.name, TEXT, "customers.name"),
        col("regel_bedrijf_code", v.customer("B{:04d}"), TEXT, CUSTOMER),
        col("regel_bedrijf_ext_id", v.customer("{:06d}"), TEXT, may=CUSTOMER, matters=False),
        col("regel_datum", v.issued, form, may="invoices.date"),
        col("regel_type", lambda row: "artikel" if row.line.period else "dienst", TEXT, may="invoice_lines.type"),
        col("regel_cursus_code", lambda row: ""),
        col("regel_dagdeel_code", lambda row: ""),
        v.quantity_column("regel_aantal", v.signed_quantity, COMMA),
        v.product_label("regel_beschrijving"),
        v.unused_amount("regel_prijs_ex_btw", v.price, COMMA, "unit price"),
        col("regel_btw", v.rate, percent("20"), role="rate"),
        col("regel_totaal_ex_btw", v.signed_net, COMMA, NET, may="invoices.amount"),
        col("regel_opmerking", lambda row: ""),
        col("factuur_referentiecode", lambda row: ""),
        col("regel_projectcode", lambda row: ""),
        col("regel_tariefcode", lambda row: "HOOG" if row.line.rate else "GEEN"),
    ]
    out.text("factuurregels.csv", specs, book.line_rows(), encoding="utf-8")
    facts = answers(
        **NO_PERIODS,
        credits="negative, untyped",
        credit_reference="none",
        currency="EUR",
        product="regel_beschrijving",
    )
    return export.truth(out, book, facts, amounts=["regel_totaal_ex_btw"], has_mrr=False)


EXPORTS = (
    Export("en_sage_50", "Sage 50 (UK), audit trail of sales: SI and SC above zero, accounts without names", _sage),
    Export("fr_evoliz", "Evoliz, its template in two workbooks: quantity and price, and no amount", _evoliz),
    Export("de_cgm_maxx", "CGM MAXX, one row an invoice, with tax and without net, five lines of titles", _maxx),
    Export("de_billomat", "Billomat, four lists of its API as JSON lines, all values texts", _billomat),
    Export("nl_planaday", "Planaday, lines of invoices in Dutch, two ids of a customer, no periods", _planaday),
)
