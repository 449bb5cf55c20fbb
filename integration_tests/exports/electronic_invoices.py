"""Lines of electronic invoices, taken out of the XML: the European norm's terms in French, FatturaPA.

- EN 16931, its business terms (BT): https://docs.peppol.eu/poacc/billing/3.0/syntax/ubl-invoice/ and
  https://fnfe-mpe.org/factur-x/
- FatturaPA: https://www.fatturapa.gov.it/it/norme-e-regole/documentazione-fattura-elettronica/formato-fatturapa/
"""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company
from integration_tests.exports.export import CUSTOMER, END, INVOICE, NET, START, Export, Writer, answers, col
from integration_tests.exports.forms import TEXT, amount, day, percent
from integration_tests.exports.languages import FR, IT
from integration_tests.exports.truth import Truth

POINT = amount("1234.56")


def _terms(export: Export, out: Writer) -> Truth:
    """A row for each line, headed by the terms' numbers and French names; credit notes (381) above zero."""
    book = Company(421, FR, cancelled=0, discounts="none", issue_days=(0, 3), upgrades=0.1).book()
    form = day("YYYYMMDD")
    specs = [
        col("BT-1 Numéro de facture", v.number("F{:06d}", "AV{:06d}"), TEXT, INVOICE, may="invoices.number"),
        col("BT-2 Date d'émission de la facture", v.issued, form, "invoices.date", may="credit_notes.date"),
        v.kind_column("BT-3 Code de type de facture", "380", "381"),
        col("BT-5 Code de devise de la facture", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        v.due_column("BT-9 Date d'échéance", form),
        col("BT-25 Référence à une facture antérieure", v.credited("F{:06d}"), TEXT, "credit_notes.invoice_id"),
        col("BT-31 Identifiant à la TVA du vendeur", lambda row: "FR32123456789"),
        col("BT-44 Nom de l'acheteur", v.name, TEXT, "customers.name"),
        col("BT-46 Identifiant de l'acheteur", lambda row: row.customer.siret, TEXT, CUSTOMER),
        col("BT-55 Code de pays de l'acheteur", lambda row: "FR", TEXT, "customers.country", matters=False),
        v.unused_amount("BT-109 Montant total de la facture hors TVA", v.document_net, POINT, "document"),
        v.unused_amount("BT-110 Montant total de TVA de la facture", v.document_tax, POINT, "document"),
        v.unused_amount("BT-112 Montant total de la facture avec la TVA", v.document_gross, POINT, "document"),
        col("BT-126 Identifiant de ligne de facture", lambda row: str(row.rank)),
        v.quantity_column("BT-129 Quantité facturée", v.quantity, amount("1234.5600")),
        col("BT-130 Code de l'unité de mesure", lambda row: "C62"),
        col("BT-131 Montant net de ligne de facture", v.net, POINT, NET, may="invoices.amount"),
        col("BT-134 Date de début de période de facturation d'une ligne de facture", v.start, form, START),
        col("BT-135 Date de fin de période de facturation d'une ligne de facture", v.last_day, form, END),
        v.unused_amount("BT-146 Prix net de l'article", v.price, amount("1234.5600"), "unit price"),
        col("BT-152 Taux de TVA de l'article facturé", v.rate, percent("20.00"), role="rate"),
        v.product_label("BT-153 Nom de l'article"),
    ]
    out.text("lignes_factures_emises.csv", specs, book.line_rows(), encoding="utf-8-sig")
    facts = answers(
        credits="typed, positive",
        credit_reference="BT-25 Référence à une facture antérieure",
        product="BT-153 Nom de l'article",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["BT-131 Montant net de ligne de facture"])


def _fattura_pa(export: Export, out: Writer) -> Truth:
    """A row for each DettaglioLinee, headed by the tags; TD04 is a credit note, above zero."""
    book = Company(
        422, IT, rate="22", cancelled=0, discounts="none", anchor="anniversary", issue_days=(0, 8), upgrades=0.1
    ).book()
    form = day("YYYY-MM-DD")
    specs = [
        col("IdTrasmittente", lambda row: "IT01234567890"),
        col("ProgressivoInvio", lambda row: f"{row.document.number:05d}"),
        v.kind_column("TipoDocumento", "TD01", "TD04"),
        col("Divisa", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Data", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("Numero", v.number("{}/2025", "{}/NC/2025"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.unused_amount("ImportoTotaleDocumento", v.document_gross, POINT, "document"),
        col("IdFatturaCollegata", v.credited("{}/2025"), TEXT, "credit_notes.invoice_id"),
        col("CessionarioIdFiscaleIVA", v.customer("IT{:011d}"), TEXT, CUSTOMER),
        col("CessionarioDenominazione", v.name, TEXT, "customers.name"),
        col("CessionarioCAP", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("NumeroLinea", lambda row: str(row.rank)),
        v.product_label("Descrizione"),
        v.quantity_column("Quantita", v.quantity, POINT),
        col("DataInizioPeriodo", v.start, form, START),
        col("DataFinePeriodo", v.last_day, form, END),
        v.unused_amount("PrezzoUnitario", v.price, amount("1234.56000000"), "unit price"),
        col("PrezzoTotale", v.net, POINT, NET, may="invoices.amount"),
        col("AliquotaIVA", v.rate, percent("20.00"), role="rate"),
        v.due_column("DataScadenzaPagamento", form),
        v.unused_amount("ImportoPagamento", v.document_gross, POINT, "document"),
    ]
    out.text("fatture_emesse_dettaglio.csv", specs, book.line_rows(), encoding="utf-8")
    facts = answers(
        credits="typed, positive", credit_reference="IdFatturaCollegata", product="Descrizione", status="none"
    )
    return export.truth(out, book, facts, amounts=["PrezzoTotale"])


EXPORTS = (
    Export("fr_business_terms", "Electronic invoices' lines, headed by the European norm's terms in French", _terms),
    Export("it_fattura_pa", "FatturaPA, lines headed by the XML's tags, TD01 and TD04", _fattura_pa),
)
