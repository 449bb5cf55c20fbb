"""Exports of French invoicing services: Sellsy, Axonaut, Pennylane."""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    END,
    FLAT,
    INVOICE,
    NET,
    START,
    Export,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import NUMBER, TEXT, Form, amount, day, percent, words
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

FRENCH_DAY = day("DD/MM/YYYY")


def _with_days(row: Row) -> str:
    """A line's label, with its period in it."""
    if not row.last_day:
        return row.line.label
    return f"{row.line.label} - du {row.start:%d/%m/%Y} au {row.last_day:%d/%m/%Y}"


def _sellsy(export: Export, out: Writer) -> Truth:
    book = Company(111, FR, drafts=True, cancelled=0.04, issue_days=(0, 5, 9)).book()
    euro = amount("1 234,56 €")
    statuses = {"paid": "Payée", "open": "À régler", "overdue": "En retard", "cancelled": "Annulée"}
    specs = [
        col(
            "Référence",
            v.number("F-2025-{:04d}", "AV-2025-{:04d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        col("Date", v.issued, FRENCH_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("Date d'échéance", FRENCH_DAY),
        col("Statut", v.status, words({**statuses, "draft": "Brouillon"}), "invoices.status"),
        col("Réf. client", v.customer("CLI{:05d}"), TEXT, CUSTOMER),
        col("Société", v.name, TEXT, "customers.name"),
        v.product_label("Désignation", _with_days),
        v.quantity_column("Quantité", v.signed_quantity, amount("1234,56")),
        v.unused_amount("Prix unitaire HT", v.price, euro, "unit price"),
        col("Total HT", v.signed_net, euro, NET, may="invoices.amount"),
        col("TVA", v.rate, percent("20,00 %"), role="rate"),
        v.unused_amount("Total TTC", v.signed_gross, euro, "gross"),
        col("Facture d'origine", v.credited("F-2025-{:04d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.text("export-factures-lignes.csv", specs, book.line_rows(), encoding="utf-8-sig", quote_all=True)
    facts = answers(
        credits="negative, untyped",
        credit_reference="Facture d'origine",
        currency="in cells",
        period="text",
        product="Désignation",
    )
    return export.truth(out, book, facts, amounts=["Total HT"])


def _axonaut(export: Export, out: Writer) -> Truth:
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "690.00"))
    book = Company(112, FR, plans=monthly, upgrades=0, issue_days=(0, 3), discounts="none").book()
    specs = [
        col("Numéro de facture", v.number("FAC-{:05d}", "AVO-{:05d}"), TEXT, INVOICE, may="credit_notes.id"),
        v.kind_column("Type", "Facture", "Avoir"),
        col("Date de facturation", v.issued, day("YYYY-MM-DD"), "invoices.date", may="credit_notes.date"),
        v.due_column("Date limite de paiement", day("YYYY-MM-DD")),
        col("Identifiant client", v.customer("{}"), TEXT, CUSTOMER),
        col("Client", v.name, TEXT, "customers.name"),
        col("N° d'abonnement", v.subscription("{}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        v.product_label("Produit"),
        col("Période", v.start, day("MM/YYYY"), f"{START} {END}"),
        col("Montant HT", v.signed_net, NUMBER, NET, may="invoices.amount"),
        v.tax_column("Montant TVA", v.signed_tax, NUMBER),
        v.unused_amount("Montant TTC", v.signed_gross, NUMBER, "gross"),
        col("Facture associée", v.credited("FAC-{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("Payée", v.settled, words({"paid": "Oui", "open": "Non"}), "invoices.status"),
    ]
    rows = [row for row in book.line_rows() if row.document.status != "cancelled"]
    out.workbook("axonaut_factures.xlsx", Sheet("Feuil1", specs, rows, FLAT))
    facts = answers(
        credits="typed, negative",
        credit_reference="Facture associée",
        currency="EUR",
        period="one column",
        product="Produit",
        subscription="N° d'abonnement",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Montant HT"])


def _pennylane_heads(iso: Form, point: Form) -> list[Spec]:
    statuses = {"paid": "Payée", "open": "À payer", "overdue": "En retard", "cancelled": "Annulée"}
    return [
        col(
            "Identifiant de la facture",
            v.number("fac_{:06d}", "avo_{:06d}"),
            TEXT,
            "invoices.id",
            may="credit_notes.id",
        ),
        col("Numéro", v.number("F-2025-{:03d}", "A-2025-{:03d}"), TEXT, "invoices.number", matters=False),
        col(
            "Identifiant client", v.customer("cli_{:06d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"
        ),
        col("Date d'émission", v.issued, iso, "invoices.date", may="credit_notes.date"),
        col("Date d'échéance", v.due, iso, "invoices.due_date"),
        col("Statut", v.status, words(statuses), "invoices.status"),
        col("Devise", v.currency, TEXT, "invoices.currency", may="credit_notes.currency invoice_lines.currency"),
        col("Montant HT", v.signed_document_net, point, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("Montant TVA", v.signed_document_tax, point, "tax"),
        v.unused_amount("Montant TTC", v.signed_document_gross, point, "gross"),
        col("Facture créditée", v.credited("fac_{:06d}"), TEXT, "credit_notes.invoice_id"),
    ]


def _pennylane(export: Export, out: Writer) -> Truth:
    book = Company(113, FR, currencies=("EUR", "EUR", "USD"), anchor="anniversary").book()
    iso, point = day("YYYY-MM-DD"), amount("1234.56")
    clients = [
        col("Identifiant", v.customer("cli_{:06d}"), TEXT, "customers.id"),
        col("Nom", v.name, TEXT, "customers.name"),
        col("E-mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("Code postal", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ville", lambda row: row.customer.city),
        col("Pays", lambda row: "FR", TEXT, "customers.country", matters=False),
    ]
    heads = _pennylane_heads(iso, point)
    lines = [
        col("Identifiant de la ligne", lambda row: f"lig_{row.line.number:06d}", TEXT, "invoice_lines.id"),
        col("Identifiant de la facture", v.number("fac_{:06d}", "avo_{:06d}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("Libellé"),
        v.quantity_column("Quantité", v.signed_quantity, point),
        v.unused_amount("Prix unitaire", v.price, point, "unit price"),
        col("Remise", v.signed_discount, point, "invoice_lines.discount_amount", role="discount", matters=False),
        col("Montant HT", v.signed_net, point, NET),
        v.tax_column("Montant TVA", v.signed_tax, point),
        v.subscription_column("Identifiant d'abonnement", "abo_{:05d}"),
        col("Début de période", v.start, iso, START),
        col("Fin de période", v.last_day, iso, END),
    ]
    out.text("clients.csv", clients, book.customer_rows(), "customers", separator=",", encoding="utf-8")
    out.text("factures.csv", heads, book.document_rows(), "invoices", separator=",", encoding="utf-8")
    out.text("lignes_de_factures.csv", lines, book.line_rows(), "invoice_lines", separator=",", encoding="utf-8")
    facts = answers(
        credits="negative, untyped",
        credit_reference="Facture créditée",
        product="Libellé",
        subscription="Identifiant d'abonnement",
    )
    return export.truth(out, book, facts, amounts=["Montant HT"])


EXPORTS = (
    Export("fr_sellsy", "Sellsy, periods in the lines' texts, euro signs, drafts and cancelled invoices", _sellsy),
    Export("fr_axonaut", "Axonaut, a workbook; one column for the month that is billed", _axonaut),
    Export("fr_pennylane", "Pennylane, customers, invoices and lines; two currencies", _pennylane),
)
