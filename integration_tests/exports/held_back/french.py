"""French exports that are held back."""

from __future__ import annotations

from decimal import Decimal

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
from integration_tests.exports.forms import CELL, NUMBER, TEXT, amount, day, percent, words
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

FRENCH_DAY = day("DD/MM/YYYY")


def _credit_side(row: Row) -> Decimal:
    return max(v.signed_net(row), Decimal(0))


def _debit_side(row: Row) -> Decimal:
    return max(-v.signed_net(row), Decimal(0))


def _revenue_journal(export: Export, out: Writer) -> Truth:
    book = Company(201, FR, issue_days=(0, 3, 18), discounts="none", upgrades=0.2).book()
    spaced = amount("1 234,56", blank_zero=True)
    specs = [
        col("Jnl", lambda row: "VTE"),
        col("Date cpt.", v.issued, day("DD/MM/YY"), "invoices.date", may="credit_notes.date"),
        col("N° pièce", v.number("{:07d}", "A{:06d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Compte", lambda row: "70620000" if row.line.period else "70630000", TEXT, role="account"),
        col("Tiers", v.customer("411{:05d}"), TEXT, CUSTOMER),
        col("Nom du tiers", v.name, TEXT, "customers.name"),
        v.product_label("Libellé de l'écriture"),
        col("Débit", _debit_side, spaced, NET, role="debit", summed=True),
        col("Crédit", _credit_side, spaced, NET, role="credit", summed=True),
        col("Début prest.", v.start, day("DD/MM/YY"), START),
        col("Fin prest.", v.last_day, day("DD/MM/YY"), END),
        col("Pièce annulée", v.credited("{:07d}"), TEXT, "credit_notes.invoice_id"),
    ]
    titles = [["MÉTHODIS SAS"], ["Grand livre des produits", "", "Tenue de compte : EUR"], []]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.text("grand_livre_70.csv", specs, rows, layout=Layout(titles, repeat_heading=60, total="Totaux"))
    facts = answers(
        amount_of="entry",
        sides="credit minus debit",
        accounts="70",
        credits="negative, untyped",
        credit_reference="Pièce annulée",
        currency="EUR",
        product="Libellé de l'écriture",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Débit", "Crédit"])


def _three_sheets_heads() -> list[Spec]:
    states = {"paid": "Soldée", "open": "En cours", "overdue": "Impayée", "cancelled": "Annulée", "draft": "Proforma"}
    return [
        col("Facture n°", v.number("FV{:06d}", "AV{:06d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        v.kind_column("Type de pièce", "Facture", "Avoir"),
        col("Date d'émission", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Échéance", v.due, CELL, "invoices.due_date"),
        col("N° client", v.customer("{:06d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("État", v.status, words(states), "invoices.status"),
        col("Monnaie", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("HT", v.document_net, NUMBER, "invoices.amount", may="credit_notes.amount", summed=True),
        v.unused_amount("TTC", v.document_gross, NUMBER, "gross", summed=True),
        col("Avoir sur facture", v.credited("FV{:06d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _three_sheets(export: Export, out: Writer) -> Truth:
    book = Company(202, FR, currencies=("EUR", "EUR", "GBP"), drafts=True, discounts="line", issue_days=(0, 6)).book()
    clients = [
        col("N° client", v.customer("{:06d}"), TEXT, "customers.id"),
        col("Dénomination", v.name, TEXT, "customers.name"),
        col("Courriel", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("CP", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ville", lambda row: row.customer.city),
        col("N° SIRET", lambda row: row.customer.siret),
    ]
    heads = _three_sheets_heads()
    lines = [
        col("Facture n°", v.number("FV{:06d}", "AV{:06d}"), TEXT, "invoice_lines.invoice_id"),
        col("Ligne", lambda row: row.rank, NUMBER),
        v.product_label("Article"),
        v.quantity_column("Qté", v.quantity, NUMBER),
        v.unused_amount("PU HT", v.price, NUMBER, "unit price"),
        col("Net HT", v.net, NUMBER, NET),
        col("Tx TVA", v.rate, NUMBER, role="rate"),
        col("Contrat", v.subscription("CT{:05d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("Période du", v.start, CELL, START),
        col("Période au", v.last_day, CELL, END),
    ]
    layout = Layout([["Factures et avoirs 2025"], ["Extrait le", "07/01/2026"], []], total="Total")
    out.workbook(
        "export_facturation.xlsx",
        Sheet("Clients", clients, book.customer_rows(), "customers", Layout([["Fichier clients"], []])),
        Sheet("Factures", heads, book.document_rows(), "invoices", layout),
        Sheet("Lignes", lines, book.line_rows(), "invoice_lines", Layout([["Détail"], []])),
    )
    facts = answers(
        credits="typed, positive", credit_reference="Avoir sur facture", product="Article", subscription="Contrat"
    )
    return export.truth(out, book, facts, amounts=["Net HT", "HT"])


def _two_flat_files(export: Export, out: Writer) -> Truth:
    book = Company(203, FR, anchor="anniversary", cancelled=0.06, seats=9).book()
    form, comma = day("YYYYMMDD"), amount("1234,56", "trailing")
    states = {"paid": "P", "open": "E", "overdue": "R", "cancelled": "X"}
    clients = [
        col("CODCLI", v.customer("{:08d}"), TEXT, "customers.id"),
        col("RAISOC", v.name, TEXT, "customers.name"),
        col("CODPOS", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("CODPAY", lambda row: "FR", TEXT, "customers.country", matters=False),
    ]
    specs = [
        col("NUMFAC", v.number("{:08d}", "8{:07d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("TYPPCE", "F", "A"),
        col("DATFAC", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("DATECH", v.due, form, "invoices.due_date"),
        col("CODCLI", v.customer("{:08d}"), TEXT, "invoices.customer_id", may="customers.id"),
        col("ETAFAC", v.status, words(states), "invoices.status"),
        v.product_label("LIBART"),
        v.quantity_column("QTEFAC", v.signed_quantity, amount("1234,560", "trailing")),
        v.unused_amount("PUHT", v.price, comma, "unit price"),
        col("REMHT", v.signed_discount, comma, may="invoice_lines.discount_amount", role="discount"),
        col("MNTHT", v.signed_net, comma, NET, may="invoices.amount"),
        v.unused_amount("MNTTTC", v.signed_gross, comma, "gross"),
        col("PERDEB", v.start, form, START),
        col("PERFIN", v.end, form, END),
        col("FACORI", v.credited("{:08d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("CLI.TXT.csv", clients, book.customer_rows(), "customers", separator="|", encoding="iso-8859-15")
    rows = book.line_rows()
    out.text("FAC.TXT.csv", specs, rows, "invoices invoice_lines", separator="|", encoding="iso-8859-15")
    facts = answers(
        credits="typed, negative", credit_reference="FACORI", currency="EUR", period_end="exclusive", product="LIBART"
    )
    return export.truth(out, book, facts, amounts=["MNTHT"])


def _gross_only(export: Export, out: Writer) -> Truth:
    book = Company(204, FR, issue_days=(0, 2), discounts="none", anchor="anniversary").book()
    euro = amount("1\u00a0234,56\u00a0€")
    states = {"paid": "Réglée", "open": "Envoyée", "overdue": "En retard", "cancelled": "Annulée"}
    specs = [
        col(
            "Numéro de facture", v.number("{}-2025", "AV{}-2025"), TEXT, INVOICE, may="invoices.number credit_notes.id"
        ),
        col("Date de facture", v.issued, day("D MMMM YYYY", FR), "invoices.date", may="credit_notes.date"),
        col("Numéro client", v.customer("{}"), TEXT, CUSTOMER),
        col("Nom client", v.name, TEXT, "customers.name"),
        v.product_label("Description"),
        col("Montant TTC", v.signed_gross, euro, NET, role="gross"),
        col("Taux de TVA", v.rate, percent("20,00 %"), NET, role="rate"),
        col("Statut", v.status, words(states), "invoices.status"),
        col("Abonnement", v.subscription("{}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("Période - début", v.start, FRENCH_DAY, START),
        col("Période - fin", v.last_day, FRENCH_DAY, END),
        col("Annule la facture", v.credited("{}-2025"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("factures TTC.csv", specs, book.line_rows(), encoding="utf-8-sig", quote_all=True)
    facts = answers(
        amount="gross",
        credits="negative, untyped",
        credit_reference="Annule la facture",
        currency="in cells",
        product="Description",
        subscription="Abonnement",
    )
    return export.truth(out, book, facts, amounts=["Montant TTC", "Taux de TVA"])


EXPORTS = (
    Export(
        "held_fr_revenue_journal",
        "Revenue accounts with debit and credit, two-digit years, headings repeated",
        _revenue_journal,
    ),
    Export(
        "held_fr_three_sheets", "Three sheets with titles, proformas, credit notes with positive amounts", _three_sheets
    ),
    Export("held_fr_two_flat_files", "Short headings, pipes, minus signs behind, exclusive ends", _two_flat_files),
    Export(
        "held_fr_gross_only", "Gross amounts and a rate only, month names, euro signs after hard blanks", _gross_only
    ),
)
