"""Exports of French ERPs and accounting programs: Sage 100, Cegid, EBP, an in-house ERP, the legal ledger file."""

from __future__ import annotations

from datetime import date

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.entries import bare_journal, credit, debit, entry_rows
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
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Cell, Form, amount, day, percent, words
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

FRENCH_DAY = day("DD/MM/YYYY")
SPACED = amount("1\u00a0234,56")
STATUSES = {"paid": "Payée", "open": "À échoir", "overdue": "En retard", "cancelled": "Annulée", "draft": "Brouillon"}


def _sage_lines(export: Export, out: Writer) -> Truth:
    book = Company(101, FR, issue_days=(0, 2, 14)).book()
    specs = [
        v.kind_column("Type de document", "Facture comptabilisée", "Facture d'avoir"),
        col("N° pièce", v.number("FA{:06d}", "AV{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Date pièce", v.issued, FRENCH_DAY, "invoices.date", may="credit_notes.date"),
        col("N° tiers", v.customer("{:08d}"), TEXT, CUSTOMER),
        col("Intitulé tiers", v.name, TEXT, "customers.name"),
        col("Référence article", v.plan("ART{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Désignation"),
        v.quantity_column("Quantité", v.signed_quantity, amount("1234,56")),
        v.unused_amount("P.U. HT", v.price, SPACED, "unit price"),
        col("Montant remise", v.signed_discount, SPACED, may="invoice_lines.discount_amount", role="discount"),
        col("Montant HT", v.signed_net, SPACED, NET, may="invoices.amount"),
        v.unused_amount("Montant TTC", v.signed_gross, SPACED, "gross"),
        col("Début période", v.start, FRENCH_DAY, START),
        col("Fin période", v.last_day, FRENCH_DAY, END),
        col("Pièce d'origine", v.credited("FA{:06d}"), TEXT, "credit_notes.invoice_id"),
        v.due_column("Échéance", FRENCH_DAY),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("lignes_documents.csv", specs, rows)
    facts = answers(
        credits="typed, negative",
        credit_reference="Pièce d'origine",
        currency="EUR",
        product="Désignation",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Montant HT"])


def _sage_tables_lines(form: Form, plain: Form) -> list[Spec]:
    return [
        col("DL_No", lambda row: str(row.line.number), TEXT, "invoice_lines.id"),
        col("DO_Piece", v.number("{:08d}", "9{:07d}"), TEXT, "invoice_lines.invoice_id"),
        col("DL_Ligne", lambda row: str(row.rank * 1000), TEXT),
        v.product_label("DL_Design"),
        v.quantity_column("DL_Qte", v.signed_quantity, plain),
        v.unused_amount("DL_PrixUnitaire", v.price, plain, "unit price"),
        col("DL_Taxe1", v.rate, percent("20,00"), role="rate"),
        col("DL_MontantHT", v.signed_net, plain, NET),
        v.unused_amount("DL_MontantTTC", v.signed_gross, plain, "gross"),
        col("DEBUT_PERIODE", v.start, form, START),
        col("FIN_PERIODE", v.last_day, form, END),
    ]


def _sage_tables(export: Export, out: Writer) -> Truth:
    book = Company(102, FR, anchor="anniversary", discounts="line").book()
    form, plain = day("YYYYMMDD"), amount("1234,56")
    third = [
        col("CT_Num", v.customer("{:06d}"), TEXT, "customers.id"),
        col("CT_Intitule", v.name, TEXT, "customers.name"),
        col("CT_EMail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("CT_CodePostal", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("CT_Pays", lambda row: FR.country_name, TEXT, "customers.country", matters=False),
        col("CT_Siret", lambda row: row.customer.siret, TEXT),
    ]
    heads = [
        col("DO_Piece", v.number("{:08d}", "9{:07d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        v.kind_column("DO_Provenance", "0", "1"),
        col("DO_Date", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("DO_DateEcheance", v.due, form, "invoices.due_date"),
        col("DO_Tiers", v.customer("{:06d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("DO_PieceOrig", v.credited("{:08d}"), TEXT, "credit_notes.invoice_id"),
        col("DO_TotalHT", v.signed_document_net, plain, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("DO_TotalTTC", v.signed_document_gross, plain, "gross"),
    ]
    lines = _sage_tables_lines(form, plain)
    kept = [row for row in book.document_rows() if row.document.status != "cancelled"]
    kept_lines = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("F_COMPTET.txt", third, book.customer_rows(), "customers", separator="\t", encoding="utf-16")
    out.text("F_DOCENTETE.txt", heads, kept, "invoices", separator="\t", encoding="utf-16")
    out.text("F_DOCLIGNE.txt", lines, kept_lines, "invoice_lines", separator="\t", encoding="utf-16")
    facts = answers(
        credits="typed, negative", credit_reference="DO_PieceOrig", currency="EUR", product="DL_Design", status="none"
    )
    return export.truth(out, book, facts, amounts=["DL_MontantHT", "DO_TotalHT"])


def _cegid(export: Export, out: Writer) -> Truth:
    book = Company(103, FR, issue_days=(0, 4), upgrades=0.1).book()
    specs = [
        v.kind_column("Nature", "Facture client", "Avoir client"),
        col("Numéro", v.number("{:07d}", "8{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        v.due_column("Date d'échéance", CELL),
        col("Code tiers", v.customer("C{:05d}"), TEXT, CUSTOMER),
        col("Raison sociale", v.name, TEXT, "customers.name"),
        v.product_label("Libellé"),
        col("Du", v.start, CELL, START),
        col("Au", v.last_day, CELL, END),
        v.quantity_column("Qté", v.quantity, NUMBER),
        col("Total HT", v.net, NUMBER, NET, may="invoices.amount", summed=True),
        v.tax_column("Total TVA", v.tax, NUMBER, summed=True),
        v.unused_amount("Total TTC", v.gross, NUMBER, "gross", summed=True),
        col("Devise", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Règlement", lambda row: row.document.status, words(STATUSES), "invoices.status"),
        col("Facture d'origine", v.credited("{:07d}"), TEXT, "credit_notes.invoice_id"),
    ]
    titles: list[list[Cell]] = [
        ["Société : MÉTHODIS SAS"],
        ["Journal des factures détaillé"],
        ["Exercice du 01/01/2025 au 31/12/2025"],
        [],
        ["Édité le", date(2026, 1, 6)],
        [],
    ]
    layout = Layout(titles, total="Total général", empty_before_total=True)
    out.workbook("factures_2025.xlsx", Sheet("Factures", specs, book.line_rows(), FLAT, layout))
    facts = answers(credits="typed, positive", credit_reference="Facture d'origine", product="Libellé")
    return export.truth(out, book, facts, amounts=["Total HT"])


def _ebp(export: Export, out: Writer) -> Truth:
    book = Company(104, FR, issue_days=(4, 8), discounts="none").book()
    comma = amount("1234,56")
    specs = [
        col("Document - Numéro du document", v.number("FC{:08d}", "AC{:08d}"), TEXT, INVOICE, may="credit_notes.id"),
        col("Document - Date", v.issued, FRENCH_DAY, "invoices.date", may="credit_notes.date"),
        col("Document - Code client", v.customer("{:05d}"), TEXT, CUSTOMER),
        col("Document - Nom du client", v.name, TEXT, "customers.name"),
        col("Document - Total net HT", v.signed_document_net, comma, may="invoices.amount", role="document"),
        v.unused_amount("Document - Total TTC", v.signed_document_gross, comma, "gross"),
        col("Ligne - Code article", v.plan("A{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Ligne - Description"),
        v.quantity_column("Ligne - Quantité", v.signed_quantity, comma),
        v.unused_amount("Ligne - PV HT", v.price, amount("1234,5600"), "unit price"),
        col("Ligne - Montant net HT", v.signed_net, comma, NET),
        col("Ligne - Taux TVA", v.rate, percent("20,00"), role="rate"),
        col("Ligne - Date début", v.start, FRENCH_DAY, START),
        col("Ligne - Date fin", v.last_day, FRENCH_DAY, END),
        col("Document - Facture liée", v.credited("FC{:08d}"), TEXT, "credit_notes.invoice_id"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("Export_EBP.txt", specs, rows, separator="\t")
    facts = answers(
        credits="negative, untyped",
        credit_reference="Document - Facture liée",
        currency="EUR",
        product="Ligne - Description",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Ligne - Montant net HT"])


def _in_house(export: Export, out: Writer) -> Truth:
    book = Company(105, FR, anchor="anniversary", seats=12, cancelled=0.05).book()
    form, trailing = day("YYYYMMDD"), amount("1234,56", "trailing")
    states = {"paid": "SOLDE", "open": "EMIS", "overdue": "RELANCE", "cancelled": "ANNUL"}
    specs = [
        col("NO_FACT", v.number("{:09d}", "5{:08d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("DT_FACT", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("CD_CLI", v.customer("{:07d}"), TEXT, CUSTOMER),
        col("NOM_CLI", v.name, TEXT, "customers.name"),
        col("SIRET", lambda row: row.customer.siret, TEXT),
        col("NO_CONTRAT", v.subscription("{:06d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        v.product_label("LIB_PREST"),
        col("DT_DEB", v.start, form, START),
        col("DT_FIN", v.last_day, form, END),
        col("MT_HT", v.signed_net, trailing, NET, may="invoices.amount"),
        v.tax_column("MT_TVA", v.signed_tax, trailing),
        v.unused_amount("MT_TTC", v.signed_gross, trailing, "gross"),
        col("DEV", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("ETAT", v.status, words(states), "invoices.status"),
        col("NO_FACT_REF", v.credited("{:09d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("factures.txt", specs, book.line_rows(), separator="|", layout=Layout(repeat_heading=50))
    facts = answers(
        credits="negative, untyped", credit_reference="NO_FACT_REF", product="LIB_PREST", subscription="NO_CONTRAT"
    )
    return export.truth(out, book, facts, amounts=["MT_HT"])


def _account(row: Row) -> str:
    if row.of_line:
        return "706000" if row.of_line.period else "706100"
    return "445710" if row.rank else "411000"


def _ledger_specs(form: Form, comma: Form) -> list[Spec]:
    accounts = {"411000": "Clients", "706000": "Abonnements", "706100": "Prestations", "445710": "TVA collectée"}
    piece = v.number("FA{:05d}", "AV{:05d}")
    return [
        col("JournalCode", lambda row: "VE"),
        col("JournalLib", lambda row: "Ventes"),
        col("EcritureNum", lambda row: piece(row)[1:]),
        col("EcritureDate", v.issued, form, may="invoices.date credit_notes.date"),
        col("CompteNum", _account, TEXT, role="account", matters=True),
        col("CompteLib", lambda row: accounts[_account(row)], TEXT, may="products.name invoice_lines.description"),
        col("CompAuxNum", lambda row: "" if row.rank else f"C{row.customer.number:05d}", TEXT, CUSTOMER),
        col("CompAuxLib", lambda row: "" if row.rank else row.customer.name, TEXT, "customers.name"),
        col("PieceRef", piece, TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("PieceDate", v.issued, form, "invoices.date", may="credit_notes.date"),
        col(
            "EcritureLib",
            lambda row: row.of_line.label if row.of_line else row.customer.name,
            TEXT,
            may="invoice_lines.description",
        ),
        col("Debit", debit, comma, NET, role="debit"),
        col("Credit", credit, comma, NET, role="credit"),
        col("EcritureLet", lambda row: "" if row.rank or row.document.status != "paid" else "AA"),
        col("DateLet", lambda row: None, form),
        col("ValidDate", v.issued, form),
        col("Montantdevise", lambda row: "", TEXT),
        col("Idevise", lambda row: "", TEXT),
    ]


def _ledger(export: Export, out: Writer) -> Truth:
    book = Company(106, FR, customers=20).book()
    form, comma = day("YYYYMMDD"), amount("1234,56")
    specs = _ledger_specs(form, comma)
    out.text("012345678FEC20251231.txt", specs, list(entry_rows(book)), separator="\t", encoding="iso-8859-15")
    return export.truth(out, book, bare_journal(), amounts=["Debit", "Credit"], has_mrr=False)


EXPORTS = (
    Export("fr_sage_lines", "Sage 100, document lines in one flat file, inclusive periods", _sage_lines),
    Export("fr_sage_tables", "Sage 100, three tables as in its database, UTF-16, tabs", _sage_tables),
    Export("fr_cegid", "Cegid, a workbook with titles and a total; credit notes have positive amounts", _cegid),
    Export("fr_ebp", "EBP, totals of the document repeated on its lines", _ebp),
    Export("fr_in_house", "An in-house ERP's flat file, headings repeated, minus signs behind", _in_house),
    Export("fr_ledger", "The legal ledger file (FEC), sales journal", _ledger),
)
