"""Italian companies' exports: OpenSTAManager, and the register of sales that the law of VAT asks for.

- OpenSTAManager's tables: https://github.com/devcode-it/openstamanager/tree/master/update
- The register's columns are those of article 23 of D.P.R. 633/1972, as accounting programs print them:
  https://learn.microsoft.com/it-it/dynamics365/finance/localizations/italy/emea-ita-fiscal-books
"""

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
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import TEXT, Cell, Form, amount, day, words
from integration_tests.exports.languages import IT
from integration_tests.exports.truth import Truth

MIDNIGHT = day("YYYY-MM-DD")
FINE = amount("1234.5600")


def _document_id(row: Row) -> str:
    return str(1800 + row.document.number + 4000 * row.document.is_credit)


def _credited_id(row: Row) -> str | None:
    return str(1800 + row.document.credits.number) if row.document.credits else None


def _before_discount(row: Row) -> Decimal:
    return row.line.net + row.line.discount


_TYPES = (
    ("2", "Fattura immediata di vendita", "entrata", "0", "TD01"),
    ("4", "Fattura differita di vendita", "entrata", "0", "TD24"),
    ("7", "Nota di credito", "entrata", "1", "TD04"),
)
_STATES = (("1", "Pagato"), ("2", "Bozza"), ("3", "Emessa"), ("4", "Annullata"))


def _listed(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[Spec]:
    """Return the columns of a table that says what codes mean."""
    return [col(heading, lambda row, place=place: rows[row.rank][place]) for place, heading in enumerate(headings)]


def _osm_documents() -> list[Spec]:
    states = {"paid": "1", "draft": "2", "open": "3", "cancelled": "4"}
    return [
        col("id", _document_id, TEXT, "invoices.id", may="credit_notes.id"),
        col("numero", v.number("{}", "{}")),
        col("numero_esterno", v.number("{:05d}/2025", "NC{:04d}/2025"), TEXT, "invoices.number", matters=False),
        col("data", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("data_registrazione", v.issued, MIDNIGHT, may="invoices.date"),
        col("data_competenza", v.issued, MIDNIGHT, may="invoices.date"),
        col("idagente", lambda row: str(3 + row.customer.number % 2)),
        v.kind_column("idtipodocumento", "2", "7"),
        col("idstatodocumento", v.state, words(states), "invoices.status"),
        col("idpagamento", lambda row: "12"),
        col("idanagrafica", v.customer("{}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("idsede_partenza", lambda row: "0"),
        col("id_segment", lambda row: "1"),
        v.unused_amount("iva_rivalsainps", v.zero, FINE, "tax"),
        v.unused_amount("ritenutaacconto", v.zero, FINE, "tax"),
        v.unused_amount("bollo", v.zero, FINE, "document"),
        col("ref_documento", _credited_id, TEXT, "credit_notes.invoice_id"),
        col("codice_stato_fe", lambda row: "RC"),
        col("created_at", v.issued, day("YYYY-MM-DD hh:mm:ss")),
    ]


def _osm_lines() -> list[Spec]:
    return [
        col("id", lambda row: str(row.line.number + 9000), TEXT, "invoice_lines.id"),
        col("iddocumento", _document_id, TEXT, "invoice_lines.invoice_id"),
        col("idarticolo", v.plan("{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("idcontratto", v.subscription("{}"), TEXT, "invoice_lines.subscription_id", may="subscriptions.id"),
        col("idconto", lambda row: "95"),
        col("idiva", lambda row: "91" if row.line.rate else "14"),
        col("desc_iva", lambda row: "Iva 22%" if row.line.rate else "Non imponibile art. 41"),
        v.tax_column("iva", v.tax, FINE),
        v.product_label("descrizione"),
        v.unused_amount("prezzo_unitario", v.price, FINE, "unit price"),
        col("subtotale", _before_discount, FINE, NET, role="before discount"),
        col("sconto", v.discount, FINE, NET, may="invoice_lines.discount_amount", role="discount"),
        col("tipo_sconto", lambda row: "UNT"),
        col("um", lambda row: "nr"),
        v.quantity_column("qta", v.quantity, FINE),
        v.unused_amount("costo_unitario", v.zero, FINE, "unit price"),
        col("data_inizio_periodo", v.start, MIDNIGHT, START),
        col("data_fine_periodo", v.last_day, MIDNIGHT, END),
        col("order", lambda row: str(row.rank)),
    ]


def _openstamanager(export: Export, out: Writer) -> Truth:
    """Five tables: types and states as numbers that other tables name, amounts before discounts, credits above zero."""
    book = Company(641, IT, rate="22", drafts=True, cancelled=0.03, anchor="anniversary", discounts="column").book()
    customers = [
        col("idanagrafica", v.customer("{}"), TEXT, "customers.id"),
        col("codice", v.customer("{:08d}")),
        col("ragione_sociale", v.name, TEXT, "customers.name"),
        col("piva", lambda row: row.customer.siret[:11]),
        col("citta", lambda row: row.customer.city),
        col("cap", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("telefono", lambda row: f"0544 {row.customer.number:06d}"),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("idpagamento_vendite", lambda row: "12"),
    ]
    types = _listed(("id", "descrizione", "dir", "reversed", "codice_tipo_documento_fe"), _TYPES)
    tables = (
        ("an_anagrafiche.csv", customers, book.customer_rows(), "customers"),
        ("co_tipidocumento.csv", types, [Row(rank=place) for place in range(3)], "document_types"),
        ("co_statidocumento.csv", _listed(("id", "descrizione"), _STATES), [Row(rank=n) for n in range(4)], "states"),
        ("co_documenti.csv", _osm_documents(), book.document_rows(), "invoices"),
        ("co_righe_documenti.csv", _osm_lines(), book.line_rows(), "invoice_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=",", encoding="utf-8", quote_all=True)
    facts = answers(
        credits="typed, positive",
        credit_reference="ref_documento",
        currency="EUR",
        product="descrizione",
        subscription="idcontratto",
    )
    return export.truth(out, book, facts, amounts=["subtotale", "sconto"])


DOTTED = amount("1.234,56")


def _protocol(row: Row) -> str:
    return f"{row.document.number + 900 * row.document.is_credit}/V"


def _nature(row: Row) -> str:
    return "" if row.document.lines[0].rate else "N3.2"


def _register_specs() -> list[Spec]:
    italian_day = day("DD/MM/YYYY")
    rate = Form("rate", "20 %", lambda value: f"{value:.0f} %")
    return [
        col("N. prot.", _protocol, TEXT, may=INVOICE),
        col("Data reg.", v.issued, italian_day, may="invoices.date credit_notes.date"),
        v.kind_column("Tipo doc.", "TD01", "TD04"),
        col("N. documento", v.number("{:06d}", "NC{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Data documento", v.issued, italian_day, "invoices.date", may="credit_notes.date"),
        col("Cod. cliente", v.customer("{:06d}"), TEXT, CUSTOMER),
        col("Ragione sociale", v.name, TEXT, "customers.name"),
        col("Partita IVA", lambda row: row.customer.siret[:11]),
        col("Causale", lambda row: "Nota di credito" if row.document.is_credit else "Fattura di vendita"),
        col(
            "Imponibile",
            v.signed_document_net,
            DOTTED,
            "invoices.amount",
            may=f"{NET} credit_notes.amount",
            summed=True,
        ),
        col("Aliquota", lambda row: row.document.lines[0].rate, rate, role="rate"),
        col("Imposta", v.signed_document_tax, DOTTED, may="invoice_lines.tax_amount", role="tax", summed=True),
        col("Natura", _nature),
        v.unused_amount("Totale documento", v.signed_document_gross, DOTTED, "gross", summed=True),
    ]


def _register(export: Export, out: Writer) -> Truth:
    """A register of sales, a row a document: titles above it and its totals below, UTF-16 with tabs, no periods."""
    book = Company(642, IT, rate="22", cancelled=0, issue_days=(0, 4, 13), discounts="none").book()
    titles: list[list[Cell]] = [
        ["NUVOLA GESTIONALE S.r.l. - P.IVA 01234567890"],
        ["Registro IVA vendite - Sezionale 1", "", "", "Anno 2025"],
        ["Periodo dal 01/01/2025 al 31/12/2025"],
        [],
    ]
    out.text(
        "registro_iva_vendite.txt",
        _register_specs(),
        book.document_rows(),
        separator="\t",
        encoding="utf-16",
        layout=Layout(titles, total="Totali", empty_before_total=True),
    )
    facts = answers(
        amount_of="document",
        credits="typed, negative",
        credit_reference="none",
        currency="EUR",
        line_type="none",
        period="none",
        product="none",
        status="none",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Imponibile"], has_mrr=False)


EXPORTS = (
    Export(
        "it_openstamanager",
        "OpenSTAManager, five tables; types and states as numbers, amounts before discounts",
        _openstamanager,
    ),
    Export("it_vat_register", "The register of sales by Italy's law of VAT; titles and totals, UTF-16", _register),
)
