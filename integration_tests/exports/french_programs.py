"""French companies' exports: VosFactures and Fulll.

The columns are those of the vendors' help:

- VosFactures, the names under which documents with their positions are imported and exported:
  https://aide.vosfactures.fr/748672-Quelques-Conseils-avant-d-Importer and
  https://github.com/radgost/vosfactures-api
- Fulll, invoices and credit notes of its module Fact:
  https://aide.fulll.io/fr/articles/210167-importer-de-factures-et-d-avoirs
"""

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
from integration_tests.exports.forms import CELL, NUMBER, TEXT, Form, amount, day, percent, words
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


EXPORTS = (
    Export(
        "fr_vosfactures",
        "VosFactures, positions; corrections below zero, remarks with periods",
        _vosfactures,
    ),
    Export("fr_fulll", "Fulll, an ODS; quantity and price, and no amount; credit notes above zero", _fulll),
)
