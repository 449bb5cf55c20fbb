"""Exports of companies whose program writes invoices and credit notes into files of their own.

Every kind of credit note is among them (`credit_kinds.py`). What the vendors' pages tell:

- Bleez, a row for each line, with an object, lengths and dates of two-digit years:
  https://doc.bleez.com/?p=28746
- Gestan, pieces and their lines: http://wiki.gestan.fr/doku.php?id=wiki:v15:outils:importer_pieces
- ProAbono, its report of invoices, and credit notes that come of refunds:
  https://docs.proabono.com/category/invoicing-billing/
- easybill, the book of invoices whose columns its user chooses:
  https://support.easybill.de/hc/de/articles/15314361078172-Wie-wird-das-Rechnungsausgangsbuch-generiert
- Business Central, posted invoices' lines and posted credit memos:
  https://microsoft.github.io/BCApps/reference/base-application/Table/Microsoft.Sales.History.Sales-Cr.Memo-Line.html

No page tells the headings that incwo and orgaMAX write, nor all of those above: these are what such files have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Book, Company, Row
from integration_tests.exports.credit_kinds import naming, reason, with_credits
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    INVOICE,
    NET,
    START,
    Export,
    Layout,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import COUNT, TEXT, amount, day, percent, words
from integration_tests.exports.languages import DE, EN, FR
from integration_tests.exports.truth import Truth

FRENCH_DAY, GERMAN_DAY = day("DD/MM/YYYY"), day("DD.MM.YYYY")
COMMA, DOTTED, SPACED = amount("1234,56"), amount("1.234,56"), amount("1 234,56")
YEARLY = ((12, "588.00"), (12, "1490.00"), (12, "2388.00"), (12, "4740.00"))
FRENCH_CONTRACTS = replace(FR, plans=("Contrat Essentiel", "Contrat Pro", "Contrat de maintenance", "Licence annuelle"))
GERMAN_CONTRACTS = replace(DE, plans=("Basisvertrag", "Profivertrag", "Wartungsvertrag", "Jahreslizenz"))
CREDITS = "credit_notes"
_PRODUCTS = "products.id plans.id invoice_lines.price_id"


_BELOW_ZERO = {
    "credit_notes.id": f"{INVOICE} invoices.number",
    "credit_notes.date": "invoices.date",
    "credit_notes.customer_id": "invoices.customer_id customers.id",
    "credit_notes.amount": f"{NET} invoices.amount credit_notes.lines",
    "credit_notes.currency": "invoices.currency invoice_lines.currency",
}
"""What a credit note's columns are read as where it names no invoice: it becomes a document below zero."""
_LINES = f"credit_notes.lines invoice_lines.description products.name plans.name {START} {END}"


def _of_credit(spec: Spec, field: str) -> Spec:
    """Return a column of credit notes that becomes that field."""
    return col(spec.heading, spec.value, spec.form, field, may=_BELOW_ZERO[field], role=spec.role, summed=spec.summed)


def _beside(spec: Spec, may: str = "", role: str = "") -> Spec:
    """Return a column of credit notes that nothing needs."""
    return col(spec.heading, spec.value, spec.form, may=may, role=role, summed=spec.summed)


def _named(spec: Spec) -> Spec:
    """Return a column of credit notes with the customer's name, which stands in the invoices too."""
    return _beside(spec, "customers.name credit_notes.customer_id invoices.customer_id customers.id")


def _original(row: Row) -> str | None:
    return naming("FA-2025-{:04d}", "goodwill")(row)


_INCWO_STATES = {"paid": "Réglée", "open": "À régler", "overdue": "En retard"}


def _incwo_invoices() -> list[Spec]:
    return [
        col("Numéro", v.number("FA-2025-{:04d}", "AV-2025-{:03d}"), TEXT, INVOICE, may="invoices.number"),
        col("Date", v.issued, FRENCH_DAY, "invoices.date"),
        v.due_column("Échéance", FRENCH_DAY),
        col("Code client", v.customer("CL{:05d}"), TEXT, CUSTOMER),
        col("Client", v.name, TEXT, "customers.name"),
        col("Réf. article", v.plan("ABO{:02d}"), TEXT, may=_PRODUCTS),
        v.product_label("Désignation"),
        col("Du", v.start, FRENCH_DAY, START),
        col("Au", v.last_day, FRENCH_DAY, END),
        v.quantity_column("Qté", v.quantity, COMMA),
        v.unused_amount("PU HT", v.price, SPACED, "unit price"),
        v.unused_amount("Remise", v.discount, SPACED, "discount"),
        col("Total HT", v.net, SPACED, NET, summed=True),
        col("Taux TVA", v.rate, percent("20,00"), role="rate"),
        v.tax_column("Total TVA", v.tax, SPACED, summed=True),
        v.unused_amount("Total TTC", v.gross, SPACED, "gross", summed=True),
        col("Statut", v.status, words(_INCWO_STATES), "invoices.status"),
        col("Document d'origine", _original),
    ]


def _incwo_credits() -> list[Spec]:
    """The columns of the invoices, of credit notes."""
    of = {spec.heading: spec for spec in _incwo_invoices()}
    return [
        _of_credit(of["Numéro"], "credit_notes.id"),
        _of_credit(of["Date"], "credit_notes.date"),
        _beside(of["Échéance"], "invoices.due_date"),
        _of_credit(of["Code client"], "credit_notes.customer_id"),
        _named(of["Client"]),
        _beside(of["Réf. article"], f"{_PRODUCTS} credit_notes.lines"),
        *(_beside(of[name], _LINES) for name in ("Désignation", "Du", "Au")),
        _beside(of["Qté"], "invoice_lines.quantity credit_notes.lines"),
        _beside(of["PU HT"], role="unit price"),
        _beside(of["Remise"], "invoice_lines.discount_amount", role="discount"),
        _of_credit(of["Total HT"], "credit_notes.amount"),
        _beside(of["Taux TVA"], role="rate"),
        _beside(of["Total TVA"], "invoice_lines.tax_amount", role="tax"),
        _beside(of["Total TTC"], role="gross"),
        col("Statut", lambda row: "Remboursé", TEXT, may="credit_notes.status invoices.status"),
        col("Document d'origine", _original, TEXT, "credit_notes.invoice_id"),
    ]


def _incwo(export: Export, out: Writer) -> Truth:
    """The same columns in both files; credits above zero, each names its invoice but those of goodwill; totals."""
    book = with_credits(
        Company(701, FR, credits=0, cancelled=0, anchor="anniversary", issue_days=(0, 2)).book(),
        1,
        *("cancelled", "part", "rest", "part", "goodwill", "cancelled", "part", "goodwill"),
    )
    layout = Layout(total="TOTAL")
    out.text("factures_lignes.csv", _incwo_invoices(), book.line_rows("invoices"), layout=layout)
    out.text("avoirs_lignes.csv", _incwo_credits(), book.line_rows("credits"), CREDITS, layout=layout)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Document d'origine",
        currency="EUR",
        product="Désignation",
    )
    return export.truth(out, book, facts, amounts=["Total HT"])


_WHY = {
    "cancelled": "annulation et refacturation",
    "part": "trop facturé",
    "rest": "résiliation anticipée",
    "monthly": "mois non consommé",
    "several": "remise de fin de période",
}


def _object(row: Row) -> str:
    invoice = naming("FA-2025-{:04d}", "goodwill")(row)
    return f"Avoir sur facture {invoice} - {_WHY[reason(row)]}" if invoice else "Geste commercial"


def _bleez(export: Export, out: Writer) -> Truth:
    """Credits of fewer columns, below zero and a row each, whose invoice stands in a text only; two-digit years."""
    book = with_credits(
        Company(702, FR, credits=0, cancelled=0.03, drafts=True, discounts="none", issue_days=(0, 5)).book(),
        2,
        *("part", "cancelled", "goodwill", "part", "rest", "part", "goodwill"),
    )
    form = day("DD/MM/YY")
    states = {"paid": "Payée", "open": "Validée", "cancelled": "Annulée", "draft": "Brouillon"}
    invoices = [
        col("N° facture", v.number("FA-2025-{:04d}"), TEXT, INVOICE, may="invoices.number"),
        col("Compte client", v.customer("411{:05d}"), TEXT, CUSTOMER),
        col("Raison sociale", v.name, TEXT, "customers.name"),
        col("Objet", lambda row: f"Facturation {row.document.date:%m/%Y}", TEXT, may="invoice_lines.description"),
        col("Date facture", v.issued, form, "invoices.date"),
        v.due_column("Date échéance", form),
        col("Code produit", v.plan("P{:03d}"), TEXT, may=_PRODUCTS),
        v.product_label("Libellé complémentaire"),
        v.quantity_column("Quantité", v.quantity, COMMA),
        v.unused_amount("Prix unitaire", v.price, COMMA, "unit price"),
        col("Montant HT", v.net, COMMA, NET),
        v.unused_amount("Montant TTC", v.gross, COMMA, "gross"),
        col("Début période", v.start, form, START),
        col("Fin période", v.last_day, form, END),
        col("Etat", v.state, words(states), "invoices.status"),
    ]
    credits = [
        _of_credit(col("N° avoir", v.number("", "AV-2025-{:04d}")), "credit_notes.id"),
        _of_credit(col("Compte client", v.customer("411{:05d}")), "credit_notes.customer_id"),
        _named(col("Raison sociale", v.name)),
        col("Objet", _object, TEXT, may=f"credit_notes.invoice_id {_LINES}"),
        _of_credit(col("Date avoir", v.issued, form), "credit_notes.date"),
        _of_credit(col("Montant HT", v.signed_document_net, COMMA), "credit_notes.amount"),
        v.unused_amount("Montant TTC", v.signed_document_gross, COMMA, "gross"),
    ]
    out.text("Factures.csv", invoices, book.line_rows("invoices"), encoding="iso8859-1")
    out.text("Avoirs.csv", credits, book.document_rows("credits"), CREDITS, encoding="iso8859-1")
    facts = answers(
        credits="own table",
        sign_of_credits="negative",
        credit_reference="none",
        currency="EUR",
        product="Libellé complémentaire",
    )
    return export.truth(out, book, facts, amounts=["Montant HT"])


def _gestan_pieces() -> list[Spec]:
    return [
        col("N° PIECE", v.number("F{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("DATE PIECE", v.issued, FRENCH_DAY, "invoices.date"),
        v.due_column("ECHEANCE", FRENCH_DAY),
        col("REF CLIENT", v.customer("{:04d}"), TEXT, CUSTOMER),
        col("RAISON", v.name, TEXT, "customers.name"),
        col("CPOSTAL", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("VILLE", lambda row: row.customer.city),
        col("REF PRODUIT", v.plan("CTR{}"), TEXT, may=_PRODUCTS),
        v.product_label("LIBELLE"),
        v.quantity_column("QTE", v.quantity, COMMA),
        v.unused_amount("PU HT", v.price, COMMA, "unit price"),
        col("MONTANT HT", v.net, COMMA, NET),
        v.tax_column("TVA", v.tax, COMMA),
        v.unused_amount("MONTANT TTC", v.gross, COMMA, "gross"),
        col("DEBUT CONTRAT", v.start, FRENCH_DAY, START),
        col("FIN CONTRAT", v.last_day, FRENCH_DAY, END),
        col("REGLE", v.settled, words({"paid": "O", "open": "N"}), "invoices.status"),
    ]


def _gestan_credits() -> list[Spec]:
    return [
        col("N° AVOIR", v.number("", "A{:06d}"), TEXT, "credit_notes.id"),
        col("DATE AVOIR", v.issued, FRENCH_DAY, "credit_notes.date"),
        col("REF CLIENT", v.customer("{:04d}"), TEXT, "credit_notes.customer_id", may="customers.id"),
        _named(col("RAISON", v.name)),
        col("PIECE ORIGINE", v.credited("F{:06d}"), TEXT, "credit_notes.invoice_id"),
        col("TOTAL HT", v.signed_document_net, COMMA, "credit_notes.amount"),
        v.unused_amount("TOTAL TVA", v.signed_document_tax, COMMA, "tax"),
        v.unused_amount("TOTAL TTC", v.signed_document_gross, COMMA, "gross"),
    ]


def _gestan_credit_lines() -> list[Spec]:
    return [
        col("N° AVOIR", v.number("", "A{:06d}"), TEXT, may="credit_notes.id"),
        col("LIGNE", lambda row: str(row.rank)),
        col("LIBELLE", v.label, TEXT, may="credit_notes.lines"),
        col("QTE", v.quantity, COMMA, may="credit_notes.lines"),
        col("MONTANT HT", v.signed_net, COMMA, may="credit_notes.amount credit_notes.lines"),
        col("DU", v.start, FRENCH_DAY, may="credit_notes.lines"),
        col("AU", v.last_day, FRENCH_DAY, may="credit_notes.lines"),
    ]


def _gestan(export: Export, out: Writer) -> Truth:
    """Yearly contracts, months of them credited one by one: credits below zero, their heads and lines in two files."""
    book = with_credits(
        Company(
            703, FRENCH_CONTRACTS, months=16, plans=YEARLY, credits=0, cancelled=0, anchor="anniversary", seats=3
        ).book(),
        3,
        *("monthly", "cancelled", "part", "monthly", "rest"),
    )
    out.text("pieces_factures.csv", _gestan_pieces(), book.line_rows("invoices"))
    out.text("pieces_avoirs.csv", _gestan_credits(), book.document_rows("credits"), CREDITS)
    out.text("lignes_avoirs.csv", _gestan_credit_lines(), book.line_rows("credits"), "credit_note_lines")
    facts = answers(
        credits="own table",
        sign_of_credits="negative",
        credit_reference="PIECE ORIGINE",
        currency="EUR",
        product="LIBELLE",
    )
    return export.truth(out, book, facts, amounts=["MONTANT HT", "TOTAL HT"])


def _proabono(export: Export, out: Writer) -> Truth:
    """A row for each invoice that a credit note gives something back of, the credit's whole repeated on each."""
    book = with_credits(
        Company(704, FR, credits=0, cancelled=0, upgrades=0.2, discounts="line", seats=9).book(),
        4,
        *("several", "part", "cancelled", "several", "part", "rest", "several"),
    )
    euro, whole = amount("1 234,56 €"), _whole_gross(book)
    states = {"paid": "Payée", "open": "En attente", "overdue": "En retard"}
    invoices = [
        col("Numéro", v.number("2025-{:05d}"), TEXT, INVOICE, may="invoices.number"),
        col("Date d'émission", v.issued, FRENCH_DAY, "invoices.date"),
        v.due_column("Date d'exigibilité", FRENCH_DAY),
        col("Référence client", v.customer("ref-{:04d}"), TEXT, CUSTOMER),
        col("Nom du client", v.name, TEXT, "customers.name"),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", may=CUSTOMER, matters=False),
        v.product_label("Libellé"),
        col("Période : début", v.start, FRENCH_DAY, START),
        col("Période : fin", v.last_day, FRENCH_DAY, END),
        v.quantity_column("Quantité", v.quantity, COMMA),
        col("Montant HT", v.net, euro, NET),
        v.tax_column("TVA", v.tax, euro),
        v.unused_amount("Montant TTC", v.gross, euro, "gross"),
        col("État", v.status, words(states), "invoices.status"),
    ]
    credits = [
        col("N° d'avoir", v.number("", "AV2025-{:04d}"), TEXT, "credit_notes.id"),
        col("Date de l'avoir", v.issued, FRENCH_DAY, "credit_notes.date"),
        col("Référence client", v.customer("ref-{:04d}"), TEXT, "credit_notes.customer_id", may="customers.id"),
        col("Facture concernée", v.credited("2025-{:05d}"), TEXT, "credit_notes.invoice_id"),
        v.unused_amount("Total de l'avoir TTC", whole, euro, "document"),
        col("Montant imputé HT", v.document_net, euro, "credit_notes.amount"),
        v.unused_amount("Montant imputé TTC", v.document_gross, euro, "gross"),
        v.unused_amount("Reste à rembourser", v.zero, euro, "balance"),
        col("Motif", lambda row: _WHY[reason(row)], TEXT, may="credit_notes.lines"),
    ]
    out.text("rapport_factures.csv", invoices, book.line_rows("invoices"), encoding="utf-8-sig", quote_all=True)
    notes = book.document_rows("credits")
    out.text("rapport_avoirs.csv", credits, notes, CREDITS, encoding="utf-8-sig", quote_all=True)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Facture concernée",
        currency="EUR",
        product="Libellé",
    )
    return export.truth(out, book, facts, amounts=["Montant HT", "Montant imputé HT"])


def _whole_gross(book: Book) -> Callable[[Row], Decimal]:
    """Return what gives the gross amount of a credit note with all its parts."""
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for part in book.credits:
        totals[part.number] += part.gross
    return lambda row: totals[row.document.number]


def _order(row: Row) -> str:
    """The customer's order, of an invoice or of what a credit note gives back."""
    invoice = row.document.credits or row.document
    return f"B-{row.customer.number:03d}/{invoice.date:%m}-{invoice.number % 100:02d}"


def _easybill(export: Export, out: Writer) -> Truth:
    """The same columns in both files, of one document type each; credits above zero name the customer's order only."""
    book = with_credits(
        Company(705, DE, rate="19", credits=0, cancelled=0, discounts="line", issue_days=(0, 3)).book(),
        5,
        *("cancelled", "part", "part", "rest", "goodwill", "part", "cancelled", "several"),
    )
    states = {"paid": "bezahlt", "open": "offen", "overdue": "überfällig"}
    invoices = [
        col("Dokumentennummer", v.number("RE{:06d}", "GS{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("Dokumententyp", lambda row: "Gutschrift" if row.document.is_credit else "Rechnung"),
        col("Datum", v.issued, GERMAN_DAY, "invoices.date"),
        v.due_column("Fällig am", GERMAN_DAY),
        col("Kundennummer", v.customer("1{:04d}"), TEXT, CUSTOMER),
        col("Firma", v.name, TEXT, "customers.name"),
        col("Bestellnummer", _order),
        v.product_label("Positionsbeschreibung"),
        v.quantity_column("Menge", v.quantity, COMMA),
        v.unused_amount("Einzelpreis netto", v.price, DOTTED, "unit price"),
        col("Gesamt netto", v.net, DOTTED, NET),
        col("USt. %", v.rate, percent("20"), role="rate"),
        v.unused_amount("Gesamt brutto", v.gross, DOTTED, "gross"),
        col("Leistung von", v.start, GERMAN_DAY, START),
        col("Leistung bis", v.last_day, GERMAN_DAY, END),
        col("Zahlstatus", v.status, words(states), "invoices.status"),
    ]
    of = {spec.heading: spec for spec in invoices}
    credits = [
        _of_credit(of["Dokumentennummer"], "credit_notes.id"),
        _beside(of["Dokumententyp"]),
        _of_credit(of["Datum"], "credit_notes.date"),
        _beside(of["Fällig am"], "invoices.due_date"),
        _of_credit(of["Kundennummer"], "credit_notes.customer_id"),
        _named(of["Firma"]),
        _beside(of["Bestellnummer"], "credit_notes.invoice_id"),
        _beside(of["Positionsbeschreibung"], _LINES),
        _beside(of["Menge"], "invoice_lines.quantity credit_notes.lines"),
        _beside(of["Einzelpreis netto"], role="unit price"),
        _of_credit(of["Gesamt netto"], "credit_notes.amount"),
        _beside(of["USt. %"], role="rate"),
        _beside(of["Gesamt brutto"], role="gross"),
        *(_beside(of[name], _LINES) for name in ("Leistung von", "Leistung bis")),
        col("Zahlstatus", lambda row: "bezahlt", TEXT, may="credit_notes.status invoices.status"),
    ]
    out.text("Rechnungen.csv", invoices, book.line_rows("invoices"), encoding="utf-8")
    out.text("Gutschriften.csv", credits, book.line_rows("credits"), CREDITS, encoding="utf-8")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="none",
        currency="EUR",
        product="Positionsbeschreibung",
    )
    return export.truth(out, book, facts, amounts=["Gesamt netto"])


def _given_back(row: Row) -> str:
    """What a credit note is for, and the month that it gives back."""
    period = row.document.lines[0].period
    if reason(row) == "monthly" and period:
        return f"Gutschrift Nutzungsausfall {period[0]:%m/%Y}"
    return "Kulanzgutschrift" if reason(row) == "goodwill" else "Gutschrift wegen Preisanpassung"


def _orgamax(export: Export, out: Writer) -> Truth:
    """Yearly contracts, months of them credited: amounts with tax and its rate, credits of no more than a customer."""
    book = with_credits(
        Company(
            706, GERMAN_CONTRACTS, rate="19", months=15, plans=YEARLY, credits=0, cancelled=0, discounts="none", seats=2
        ).book(),
        6,
        *("monthly", "part", "goodwill", "monthly"),
    )
    invoices = [
        col("Rechnungsnr.", v.number("R-{:05d}"), TEXT, INVOICE, may="invoices.number"),
        col("Rechnungsdatum", v.issued, GERMAN_DAY, "invoices.date"),
        v.due_column("Fälligkeit", GERMAN_DAY),
        col("Kundennr.", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Name/Firma", v.name, TEXT, "customers.name"),
        col("PLZ", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Artikelnr.", v.plan("VTR-{:02d}"), TEXT, may=_PRODUCTS),
        v.product_label("Bezeichnung"),
        v.quantity_column("Menge", v.quantity, COMMA),
        col("MwSt.-Satz", v.rate, percent("20,00 %"), NET, role="rate"),
        col("Gesamt brutto", v.gross, DOTTED, NET, role="gross", summed=True),
        col("Vertragsbeginn", v.start, GERMAN_DAY, START),
        col("Vertragsende", v.last_day, GERMAN_DAY, END),
        col("Bezahlt", v.settled, words({"paid": "ja", "open": "nein"}), "invoices.status"),
    ]
    credits = [
        _of_credit(col("Belegnr.", v.number("", "G-{:05d}")), "credit_notes.id"),
        _of_credit(col("Belegdatum", v.issued, GERMAN_DAY), "credit_notes.date"),
        _of_credit(col("Kundennr.", v.customer("{:05d}")), "credit_notes.customer_id"),
        _named(col("Name/Firma", v.name)),
        col("Text", _given_back, TEXT, may=_LINES),
        _of_credit(col("Netto", v.signed_document_net, DOTTED, summed=True), "credit_notes.amount"),
        v.unused_amount("MwSt.", v.signed_document_tax, DOTTED, "tax", summed=True),
        v.unused_amount("Brutto", v.signed_document_gross, DOTTED, "gross", summed=True),
    ]
    layout = Layout(total="Summe")
    out.text("Rechnungspositionen.csv", invoices, book.line_rows("invoices"), layout=layout)
    out.text("Gutschriften.csv", credits, book.document_rows("credits"), CREDITS, layout=layout)
    facts = answers(
        amount="gross",
        credits="own table",
        sign_of_credits="negative",
        credit_reference="none",
        currency="EUR",
        product="Bezeichnung",
    )
    return export.truth(out, book, facts, amounts=["Gesamt brutto", "MwSt.-Satz"])


GROUPED = amount("1,234.56")


def _business_central_lines() -> list[Spec]:
    return [
        col("Document No.", v.number("PSINV-{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("Posting Date", v.issued, FRENCH_DAY, "invoices.date"),
        v.due_column("Due Date", FRENCH_DAY),
        col("Sell-to Customer No.", v.customer("C{:05d}"), TEXT, CUSTOMER),
        col("Sell-to Customer Name", v.name, TEXT, "customers.name"),
        col("Your Reference", lambda row: f"PO{row.customer.number}{row.document.date:%m}"),
        col("Line No.", lambda row: str(row.rank * 10000)),
        col("Type", lambda row: "Item" if row.line.period else "G/L Account"),
        col("No.", lambda row: f"SUB-{row.of_plan.number}" if row.of_plan else "40100", TEXT, may=_PRODUCTS),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.quantity, COUNT),
        v.unused_amount("Unit Price Excl. VAT", v.price, GROUPED, "unit price"),
        col(
            "Line Discount Amount", v.discount, GROUPED, "invoice_lines.discount_amount", role="discount", matters=False
        ),
        col("Line Amount Excl. VAT", v.net, GROUPED, NET),
        v.unused_amount("Amount Including VAT", v.gross, GROUPED, "gross"),
        col("Recurring Billing from", v.start, FRENCH_DAY, START),
        col("Recurring Billing to", v.last_day, FRENCH_DAY, END),
    ]


def _not_applied(row: Row) -> Decimal:
    return row.document.gross if reason(row) == "goodwill" else Decimal(0)


def _business_central(export: Export, out: Writer) -> Truth:
    """Lines of posted invoices, and posted credit memos with an amount and a document to apply to, if there is one."""
    book = with_credits(
        Company(707, EN, currencies=("GBP",), credits=0, cancelled=0, anchor="anniversary", issue_days=(0, 1)).book(),
        7,
        *("part", "goodwill", "cancelled", "rest", "part", "part", "goodwill", "cancelled"),
    )
    memos = [
        _of_credit(col("No.", v.number("", "PSCM-{:06d}")), "credit_notes.id"),
        _of_credit(col("Sell-to Customer No.", v.customer("C{:05d}")), "credit_notes.customer_id"),
        _named(col("Sell-to Customer Name", v.name)),
        col("Currency Code", v.nothing),
        _of_credit(col("Amount", v.document_net, GROUPED), "credit_notes.amount"),
        v.unused_amount("Amount Including VAT", v.document_gross, GROUPED, "gross"),
        v.unused_amount("Remaining Amount", _not_applied, GROUPED, "balance"),
        # Both days are the same: whichever is taken is right.
        col("Posting Date", v.issued, FRENCH_DAY, "credit_notes.date", may="invoices.date", matters=False),
        col("Document Date", v.issued, FRENCH_DAY, may="credit_notes.date invoices.date"),
        col("Applies-to Doc. Type", lambda row: "" if reason(row) == "goodwill" else "Invoice"),
        col("Applies-to Doc. No.", naming("PSINV-{:06d}", "goodwill"), TEXT, "credit_notes.invoice_id"),
        col("Corrective", lambda row: "Yes" if reason(row) == "cancelled" else "No"),
        col("No. Printed", lambda row: "1"),
    ]
    invoices, notes = book.line_rows("invoices"), book.document_rows("credits")
    specs = _business_central_lines()
    out.text("Posted Sales Invoice Lines.csv", specs, invoices, separator=",", encoding="utf-8-sig")
    out.text("Posted Sales Credit Memos.csv", memos, notes, CREDITS, separator=",", encoding="utf-8-sig")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="Applies-to Doc. No.",
        currency="GBP",
        product="Description",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Line Amount Excl. VAT", "Amount"])


EXPORTS = (
    Export("fr_incwo", "incwo, the same columns in both files; credits above zero, totals at the end", _incwo),
    Export("fr_bleez", "Bleez, credits of fewer columns, below zero, whose invoice stands in a text", _bleez),
    Export("fr_gestan", "Gestan, yearly contracts; credits of single months, heads and lines in two files", _gestan),
    Export("fr_proabono", "ProAbono, credits of several invoices, their whole repeated on each part", _proabono),
    Export("de_easybill", "easybill, one type a file; credits that name the customer's order", _easybill),
    Export("de_orgamax", "orgaMAX, yearly contracts with tax in them; credits that name a customer", _orgamax),
    Export(
        "en_business_central", "Business Central, lines of invoices, and credit memos by document", _business_central
    ),
)
