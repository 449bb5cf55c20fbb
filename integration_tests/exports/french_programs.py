"""French companies' exports: VosFactures, Fulll, Quadra and Bizyness.

The columns are those of the vendors' help:

- VosFactures, the names under which documents with their positions are imported and exported:
  https://aide.vosfactures.fr/748672-Quelques-Conseils-avant-d-Importer and
  https://github.com/radgost/vosfactures-api
- Fulll, invoices and credit notes of its module Fact:
  https://aide.fulll.io/fr/articles/210167-importer-de-factures-et-d-avoirs
- Quadra (Cegid), a journal as a workbook: https://support.sofakom.fr/index.php/Installation_et_utilisation_des_macros_Excel
- Bizyness, takings: https://support.bizyness.fr/fr/articles/8399295-format-pour-importer-des-recettes
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.entries import credit, debit, entry_rows
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

ISO_DAY = day("YYYY-MM-DD")
POINT = amount("1234.56")


def _for_the_days(row: Row) -> str:
    if not row.start or not row.last_day:
        return ""
    return f"Période du {row.start:%d/%m/%Y} au {row.last_day:%d/%m/%Y}"


def _paid_amount(row: Row) -> Decimal:
    return v.signed_document_gross(row) if row.document.status == "paid" else Decimal(0)


def _vosfactures_document() -> list[Spec]:
    return [
        col("id", lambda row: str(48210000 + row.document.number * 17 + 9 * row.document.is_credit), TEXT, INVOICE),
        v.kind_column("kind", "vat", "correction"),
        col("number", v.number("FA2025/{:04d}", "AV2025/{:03d}"), TEXT, "invoices.number", matters=False),
        col("issue_date", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("sell_date", v.issued, ISO_DAY, may="invoices.date"),
        v.due_column("payment_to", ISO_DAY),
        col("status", v.settled, words({"paid": "paid", "open": "issued"}), "invoices.status"),
        col("client_id", lambda row: str(9300000 + row.customer.number), TEXT, CUSTOMER),
        col("buyer_name", v.name, TEXT, "customers.name"),
        col("buyer_tax_no", lambda row: f"FR{row.customer.siret[3:5]}{row.customer.siret[:9]}"),
        col("buyer_email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("buyer_post_code", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("buyer_city", lambda row: row.customer.city),
        col("buyer_phone", lambda row: f"02 40 {row.customer.number:02d} 11 00"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        v.unused_amount("price_net", v.signed_document_net, POINT, "document"),
        v.unused_amount("price_tax", v.signed_document_tax, POINT, "document"),
        v.unused_amount("price_gross", v.signed_document_gross, POINT, "document"),
        v.unused_amount("paid", _paid_amount, POINT, "document"),
        col("payment_type", lambda row: "transfer"),
        col("seller_person", lambda row: "Camille R."),
    ]


def _vosfactures(export: Export, out: Writer) -> Truth:
    """Positions of documents: amounts of the document repeated, corrections below zero, periods in a remark."""
    book = Company(
        601, FR, currencies=("EUR", "EUR", "CHF"), cancelled=0, discounts="line", issue_days=(0, 1, 5)
    ).book()
    specs = [
        *_vosfactures_document(),
        col("position.code", v.plan("ABO-{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("position.name"),
        col("position.description", _for_the_days, TEXT, may=f"invoice_lines.description {START} {END}"),
        v.quantity_column("position.quantity", v.signed_quantity, POINT),
        col("position.quantity_unit", lambda row: "unité"),
        v.unused_amount("position.price_net", v.price, POINT, "unit price"),
        col("position.tax", v.rate, percent("20"), role="rate"),
        col("position.total_price_net", v.signed_net, POINT, NET),
        v.unused_amount("position.total_price_gross", v.signed_gross, POINT, "gross"),
    ]
    out.text("factures_positions.csv", specs, book.line_rows(), separator=",", encoding="utf-8-sig", quote_all=True)
    facts = answers(credits="typed, negative", credit_reference="none", period="text", product="position.name")
    return export.truth(out, book, facts, amounts=["position.total_price_net"])


_NUMBERS = "invoices.number credit_notes.id"
WHOLE_PERCENT = Form("rate", "cell", lambda value: int(value))


def _fulll(export: Export, out: Writer) -> Truth:
    """An ODS of typed cells: quantity and price make the amount, credit notes above zero, inclusive periods."""
    book = Company(602, FR, drafts=True, cancelled=0, anchor="anniversary", discounts="line", untaxed_share=0.15).book()
    states = {"paid": "Payée", "open": "Finalisée", "draft": "Brouillon"}
    specs = [
        v.kind_column("Type", "Facture", "Avoir"),
        col(
            "Référence facture", v.number("F-{:05d}", "A-{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"
        ),
        col("Statut", v.state, words(states), "invoices.status"),
        col("Date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        v.due_column("Date d'échéance", CELL),
        col("Référence client", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Client", v.name, TEXT, "customers.name"),
        col("SIRET", lambda row: row.customer.siret),
        col("Référence article", v.plan("{:04d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Désignation"),
        col("Début de prestation", v.start, CELL, START),
        col("Fin de prestation", v.last_day, CELL, END),
        col("Quantité", v.quantity, NUMBER, f"{NET} invoice_lines.quantity", role="quantity"),
        col("Unité", lambda row: "U"),
        col("Prix unitaire HT", v.price, NUMBER, NET, role="unit price"),
        col("Taux de TVA", v.rate, WHOLE_PERCENT, role="rate"),
        col("Référence commande", lambda row: f"BC{row.customer.number:03d}"),
        col("Facture d'origine", v.credited("F-{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.opendocument("export_factures.ods", Sheet("Factures et avoirs", specs, book.line_rows(), FLAT))
    facts = answers(
        credits="typed, positive",
        credit_reference="Facture d'origine",
        currency="EUR",
        product="Désignation",
    )
    return export.truth(out, book, facts, amounts=["Quantité", "Prix unitaire HT"])


_ACCOUNTS = {"411000": "Clients", "706100": "Abonnements", "706900": "Prestations", "445710": "TVA collectée"}


def _account(row: Row) -> str:
    if row.of_line:
        return "706100" if row.of_line.period else "706900"
    return "445710" if row.rank else "411000"


def _deferred_from(row: Row) -> date | None:
    return row.start if row.of_line else None


def _deferred_to(row: Row) -> date | None:
    return row.last_day if row.of_line else None


def _quadra_journal() -> list[Spec]:
    piece = v.number("{:07d}", "9{:06d}")
    return [
        col("Journal", lambda row: "VE"),
        col("Date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("N° Pièce", piece, TEXT, INVOICE, may=_NUMBERS),
        col("Compte", _account, TEXT, role="account", matters=True),
        col("Libellé compte", lambda row: _ACCOUNTS[_account(row)], TEXT, may="products.name"),
        col("Compte auxiliaire", lambda row: "" if row.rank else f"0{row.customer.number:05d}", TEXT, CUSTOMER),
        col("Nom tiers", lambda row: "" if row.rank else row.customer.name, TEXT, "customers.name"),
        v.product_label("Libellé écriture", lambda row: row.of_line.label if row.of_line else row.customer.name),
        col("Débit", debit, NUMBER, NET, role="debit", summed=True),
        col("Crédit", credit, NUMBER, NET, role="credit", summed=True),
        col("Date échéance", lambda row: None if row.rank else row.document.due, CELL, "invoices.due_date"),
        col("Lettrage", lambda row: "A" if row.document.status == "paid" and not row.rank else ""),
        col("Début période", _deferred_from, CELL, START),
        col("Fin période", _deferred_to, CELL, END),
        col("Centre analytique", lambda row: "SIEGE" if row.of_line else ""),
    ]


def _quadra(export: Export, out: Writer) -> Truth:
    """A journal of typed cells: revenue rows have the days that they are to be spread over; titles and a total."""
    book = Company(603, FR, cancelled=0, anchor="anniversary", issue_days=(0, 2), discounts="line").book()
    titles: list[list[Cell]] = [
        ["Dossier : 000123 - LOGICIELS DE L'OUEST SAS"],
        ["Journal des ventes du 01/01/2025 au 31/12/2025", None, None, None, None, "Édité le", date(2026, 1, 12)],
        [],
    ]
    layout = Layout(titles, total="TOTAL JOURNAL")
    out.workbook("journal_ventes.xlsx", Sheet("VE", _quadra_journal(), list(entry_rows(book)), FLAT, layout))
    facts = answers(
        amount_of="entry",
        accounts="70",
        sides="credit minus debit",
        credits="negative, untyped",
        credit_reference="none",
        currency="EUR",
        product="Libellé écriture",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Débit", "Crédit"])


def _from_that_day(row: Row) -> str:
    """A line's label, with its first day and its length."""
    if not row.start:
        return row.line.label
    return f"{row.line.label} - {row.of_plan.months if row.of_plan else 1} mois à compter du {row.start:%d/%m/%Y}"


def _why_credited(row: Row) -> str:
    return f"Avoir sur la facture F2025-{row.document.credits.number:04d}" if row.document.credits else ""


def _bizyness(export: Export, out: Writer) -> Truth:
    """Takings with tax and its rate, and nothing without; first days and lengths of periods in titles of articles."""
    book = Company(604, FR, cancelled=0, upgrades=0, discounts="none", issue_days=(0, 3), untaxed_share=0.2).book()
    french_day = day("DD/MM/YYYY")
    specs = [
        col("Activité", lambda row: "Édition de logiciels"),
        col("Date de vente", v.issued, french_day, "invoices.date", may="credit_notes.date"),
        col("Prénom", v.nothing),
        col("Nom", v.name, TEXT, f"{CUSTOMER} customers.name"),
        col("Adresse", lambda row: f"{row.customer.number} rue des Halles"),
        col("Adresse 2", v.nothing),
        col("Code postal", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ville", lambda row: row.customer.city),
        col("Pays", lambda row: "FR", TEXT, "customers.country", matters=False),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", may=CUSTOMER, matters=False),
        col("Devise", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("Mode de paiement", lambda row: "virement"),
        col("Libelle", lambda row: f"Vente {row.document.date:%m/%Y}", TEXT, may="invoice_lines.description"),
        col("Reference facture", v.number("F2025-{:04d}", "AV2025-{:03d}"), TEXT, INVOICE, may=_NUMBERS),
        col("Notes", _why_credited, may="credit_notes.invoice_id"),
        v.period_text("Titre de l'article", _from_that_day),
        col("Prix TTC", v.signed_gross, POINT, NET, role="gross"),
        col("TVA", v.rate, percent("20"), NET, role="rate"),
    ]
    out.text("recettes.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(
        amount="gross",
        credits="negative, untyped",
        credit_reference="none",
        period="text",
        period_end=None,
        product="Titre de l'article",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Prix TTC", "TVA"])


EXPORTS = (
    Export(
        "fr_vosfactures",
        "VosFactures, positions; corrections below zero, remarks with periods",
        _vosfactures,
    ),
    Export("fr_fulll", "Fulll, an ODS; quantity and price, and no amount; credit notes above zero", _fulll),
    Export("fr_quadra", "Quadra, a journal of sales; days of deferred revenue, titles and a total", _quadra),
    Export("fr_bizyness", "Bizyness, takings with tax and its rate; lengths of periods in titles", _bizyness),
)
