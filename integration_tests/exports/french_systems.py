"""Exports of Dolibarr, PrestaShop and Odoo by French companies, and a table of a French warehouse."""

from __future__ import annotations

from decimal import Decimal

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
from integration_tests.exports.forms import CELL, COUNT, NUMBER, TEXT, Form, amount, cents, day, percent, words
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")


def _signed_price(row: Row) -> Decimal:
    return row.document.sign * row.line.unit_price


def _dolibarr(export: Export, out: Writer) -> Truth:
    """The data set "invoices and lines" (modFacture.class.php), its headings in French, codes for types and states."""
    book = Company(301, FR, cancelled=0.04, drafts=True, anchor="anniversary", discounts="line").book()
    point = amount("1234.56000000")
    states = {"draft": "0", "overdue": "1", "open": "1", "paid": "2", "cancelled": "3"}
    specs = [
        col("Id société", v.customer("{}"), TEXT, CUSTOMER),
        col("Nom de l'entreprise", v.name, TEXT, "customers.name"),
        col("Code postal", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ville", lambda row: row.customer.city),
        col("Code pays", lambda row: "FR", TEXT, "customers.country", matters=False),
        col("Id. prof. 2", lambda row: row.customer.siret),
        col("Réf. facture", v.number("FA25{:05d}", "AV25{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("Type", "0", "2"),
        col("Date facturation", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("Date échéance", ISO_DAY),
        v.unused_amount("Total HT", v.signed_document_net, point, "document"),
        v.unused_amount("Total TVA", v.signed_document_tax, point, "document"),
        v.unused_amount("Total TTC", v.signed_document_gross, point, "document"),
        col("Facture réglée", v.settled, words({"paid": "1", "open": "0"}), may="invoices.status", matters=False),
        col("Statut facture", v.status, words(states), "invoices.status"),
        col("Id de ligne", lambda row: str(row.line.number), TEXT, "invoice_lines.id", matters=False),
        v.product_label("Description de ligne"),
        v.unused_amount("Prix unitaire HT de ligne", _signed_price, point, "unit price"),
        col("Taux TVA ligne", v.rate, percent("20.00"), role="rate"),
        v.quantity_column("Qté ligne", v.quantity, COUNT),
        col("Montant HT ligne", v.signed_net, point, NET),
        v.tax_column("Montant TVA ligne", v.signed_tax, point),
        v.unused_amount("Montant TTC ligne", v.signed_gross, point, "gross"),
        col("Date début", v.start, ISO_DAY, START),
        col("Date fin", v.last_day, ISO_DAY, END),
        col("Réf. produit", v.plan("ABO-{:02d}"), TEXT, may="invoice_lines.price_id products.id plans.id"),
    ]
    out.text("export_facture_1.csv", specs, book.line_rows(), separator=",", encoding="utf-8")
    facts = answers(credits="typed, negative", credit_reference="none", currency="EUR", product="Description de ligne")
    return export.truth(out, book, facts, amounts=["Montant HT ligne"])


def _shop_orders(moment: Form, point: Form) -> list[Spec]:
    states = {"paid": "2", "overdue": "10", "open": "10", "cancelled": "6"}
    return [
        col("id_order", v.number("{}"), TEXT, "invoices.id"),
        col("reference", v.number("XKBKN{:04d}"), TEXT, may="invoices.number"),
        col("id_customer", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("id_currency", lambda row: "1"),
        col("current_state", v.status, words(states), "invoices.status"),
        col("payment", lambda row: "Virement bancaire"),
        v.unused_amount("total_paid_tax_incl", v.document_gross, point, "gross"),
        col("total_paid_tax_excl", v.document_net, point, "invoices.amount"),
        col("invoice_number", v.number("{}"), TEXT, may="invoices.number invoices.id"),
        col("invoice_date", v.issued, moment, "invoices.date"),
    ]


def _shop_details(point: Form) -> list[Spec]:
    return [
        col("id_order_detail", lambda row: str(row.line.number), TEXT, "invoice_lines.id"),
        col("id_order", v.number("{}"), TEXT, "invoice_lines.invoice_id"),
        v.product_label("product_name"),
        v.quantity_column("product_quantity", v.quantity, COUNT),
        v.unused_amount("unit_price_tax_excl", v.price, point, "unit price"),
        v.unused_amount("total_price_tax_incl", v.gross, point, "gross"),
        col("total_price_tax_excl", v.net, point, NET),
    ]


def _shop_slips(moment: Form, point: Form) -> list[Spec]:
    return [
        col("id_order_slip", v.number("", "{}"), TEXT, "credit_notes.id"),
        col("id_customer", v.customer("{}"), TEXT, "credit_notes.customer_id"),
        col("id_order", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("total_products_tax_excl", v.document_net, point, "credit_notes.amount"),
        v.unused_amount("total_products_tax_incl", v.document_gross, point, "gross"),
        col("date_add", v.issued, moment, "credit_notes.date"),
    ]


def _prestashop(export: Export, out: Writer) -> Truth:
    """Four tables of the shop's database by its SQL manager: states are numbers, refunds have a table of their own."""
    book = Company(302, FR, cancelled=0.05, discounts="none", upgrades=0, seats=3).book()
    moment, point = day("YYYY-MM-DD hh:mm:ss"), amount("1234.560000")
    customers = [
        col("id_customer", v.customer("{}"), TEXT, "customers.id"),
        col("company", v.name, TEXT, "customers.name"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("siret", lambda row: row.customer.siret),
        col("active", lambda row: "1"),
    ]
    bills, notes = book.document_rows("invoices"), book.document_rows("credits")
    out.text("ps_customer.csv", customers, book.customer_rows(), "customers", encoding="utf-8", quote_all=True)
    out.text("ps_orders.csv", _shop_orders(moment, point), bills, "invoices", encoding="utf-8", quote_all=True)
    lines = book.line_rows("invoices")
    out.text("ps_order_detail.csv", _shop_details(point), lines, "invoice_lines", encoding="utf-8", quote_all=True)
    out.text("ps_order_slip.csv", _shop_slips(moment, point), notes, "credit_notes", encoding="utf-8", quote_all=True)
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="id_order",
        currency="EUR",
        line_type="none",
        period="none",
        product="product_name",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["total_price_tax_excl", "total_paid_tax_excl"], has_mrr=False)


def _posted(row: Row) -> str:
    return row.document.status if row.document.status in ("cancelled", "draft") else "open"


def _percent_off(row: Row) -> Decimal:
    whole = row.line.quantity * row.line.unit_price
    return (row.line.discount * 100 / whole).quantize(Decimal("0.01")) if whole else Decimal(0)


def _odoo(export: Export, out: Writer) -> Truth:
    """Lines of invoices by Odoo's list export: paths as headings, two states, refunds above zero."""
    book = Company(303, FR, cancelled=0.05, drafts=True, issue_days=(0, 2, 8), upgrades=0.2).book()
    before = "Pièce comptable/"
    posted = words({"open": "Comptabilisé", "cancelled": "Annulé", "draft": "Brouillon"})
    specs = [
        col(
            f"{before}Numéro",
            v.number("FAC/2025/{:05d}", "RFAC/2025/{:05d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        v.kind_column(f"{before}Type", "Facture client", "Avoir client"),
        col(f"{before}Date de facturation", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        v.due_column(f"{before}Date d'échéance", CELL),
        col(f"{before}Statut", _posted, posted, may="invoices.status", role="kind", matters=True),
        col(f"{before}Statut du paiement", v.settled, words({"paid": "Payé", "open": "Non payé"}), "invoices.status"),
        col("Partenaire/ID", v.customer("res_partner_{}"), TEXT, CUSTOMER),
        col("Partenaire/Nom", v.name, TEXT, "customers.name"),
        col("Compte", lambda row: "706000 Prestations de services"),
        v.product_label("Libellé"),
        v.quantity_column("Quantité", v.quantity, NUMBER),
        v.unused_amount("Prix unitaire", v.price, NUMBER, "unit price"),
        v.unused_amount("Remise (%)", _percent_off, NUMBER, "discount"),
        col("Sous-total", v.net, NUMBER, NET, may="invoices.amount"),
        v.unused_amount("Total", v.gross, NUMBER, "gross"),
        col("Devise", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Date de début", v.start, CELL, START),
        col("Date de fin", v.last_day, CELL, END),
        col(f"{before}Extourne de", v.credited("FAC/2025/{:05d}"), TEXT, "credit_notes.invoice_id"),
    ]
    out.workbook("Écriture comptable (account.move.line).xlsx", Sheet("Sheet1", specs, book.line_rows(), FLAT))
    facts = answers(credits="typed, positive", credit_reference=f"{before}Extourne de", product="Libellé")
    return export.truth(out, book, facts, amounts=["Sous-total"])


def _warehouse(export: Export, out: Writer) -> Truth:
    """One table of facts as JSON lines, with short French names: cents, exclusive ends, two currencies."""
    book = Company(
        304, FR, currencies=("EUR", "EUR", "CHF"), anchor="anniversary", discounts="none", cancelled=0.04
    ).book()
    states = {"paid": "REG", "open": "ATT", "overdue": "IMP", "cancelled": "ANN"}
    specs = [
        col("id_ligne", lambda row: row.line.number, NUMBER, "invoice_lines.id", matters=False),
        col("num_piece", v.number("{:010d}", "9{:09d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.kind_column("typ_piece", "FAC", "AVO"),
        col("num_piece_origine", v.credited("{:010d}"), TEXT, "credit_notes.invoice_id"),
        col("dt_piece", v.issued, day("YYYY-MM-DDThh:mm:ssZ"), "invoices.date", may="credit_notes.date"),
        col("dt_echeance", v.due, day("YYYY-MM-DDThh:mm:ssZ"), "invoices.due_date"),
        col("cd_client", v.customer("{:07d}"), TEXT, CUSTOMER),
        col("lb_client", v.name, TEXT, "customers.name"),
        col("cd_contrat", v.subscription("CTR{:06d}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        v.product_label("lb_offre"),
        v.quantity_column("qte", v.quantity, NUMBER),
        col("mt_ht_cts", v.net, cents(), NET, may="invoices.amount"),
        v.tax_column("mt_tva_cts", v.tax, cents()),
        v.unused_amount("mt_ttc_cts", v.gross, cents(), "gross"),
        col("cd_devise", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("dt_debut_periode", v.start, ISO_DAY, START),
        col("dt_fin_periode", v.end, ISO_DAY, END),
        col("st_reglement", v.status, words(states), "invoices.status"),
        col("dt_chargement", lambda row: book.documents[-1].date, day("YYYY-MM-DDThh:mm:ssZ")),
    ]
    out.json_lines("fct_lignes_facturation.jsonl", specs, book.line_rows(), FLAT)
    facts = answers(
        minor_units="cents",
        credits="typed, positive",
        credit_reference="num_piece_origine",
        period_end="exclusive",
        product="lb_offre",
        subscription="cd_contrat",
    )
    return export.truth(out, book, facts, amounts=["mt_ht_cts"])


EXPORTS = (
    Export("fr_dolibarr", "Dolibarr, invoices with lines: codes for types and states, totals repeated", _dolibarr),
    Export("fr_prestashop", "PrestaShop, four tables of its database, states as numbers, no periods", _prestashop),
    Export("fr_odoo", "Odoo, lines by the list export: paths as headings, two columns of states", _odoo),
    Export("fr_warehouse", "JSON lines with short names, cents, exclusive ends, two currencies", _warehouse),
)
