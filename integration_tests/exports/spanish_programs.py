"""Spanish companies' exports: Facturae and ContaPlus.

- Facturae 3.2.2, tags of the Spanish format of electronic invoices:
  https://www.facturae.gob.es/formato/Paginas/version-3-2.aspx
- ContaPlus (Sage), its tables DIARIO and SUBCTA, which public code reads and writes, such as
  https://github.com/search?q=EURODEBE+EUROHABER+SUBCTA+CONTRA&type=code
"""

from __future__ import annotations

from decimal import Decimal

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
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import TEXT, Form, amount, day
from integration_tests.exports.languages import ES
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")
POINT = amount("1234.56")


def _total_cost(row: Row) -> Decimal:
    return v.signed_net(row) + v.signed_discount(row)


def _facturae_invoice() -> list[Spec]:
    return [
        col("InvoiceSeriesCode", lambda row: "R" if row.document.is_credit else "A"),
        col(
            "InvoiceNumber",
            v.number("25{:05d}", "259{:04d}"),
            TEXT,
            INVOICE,
            may="invoices.number credit_notes.id",
        ),
        col("InvoiceDocumentType", lambda row: "FC"),
        v.kind_column("InvoiceClass", "OO", "OR"),
        col("Corrective.InvoiceNumber", v.credited("25{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("Corrective.ReasonCode", lambda row: "16" if row.document.is_credit else ""),
        col("IssueDate", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("InvoiceCurrencyCode", v.currency, TEXT, "invoices.currency", may=_CURRENCIES),
        col("TaxCurrencyCode", lambda row: "EUR"),
        col("LanguageName", lambda row: "es"),
        col("BuyerParty.TaxIdentificationNumber", v.customer("B{:08d}"), TEXT, CUSTOMER),
        col("BuyerParty.CorporateName", v.name, TEXT, "customers.name"),
        col("BuyerParty.PostCode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
    ]


_CURRENCIES = "invoice_lines.currency credit_notes.currency"


def _facturae_line() -> list[Spec]:
    return [
        col("ArticleCode", v.plan("{:05d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("ItemDescription"),
        v.quantity_column("Quantity", v.signed_quantity, POINT),
        col("UnitOfMeasure", lambda row: "01"),
        v.unused_amount("UnitPriceWithoutTax", v.price, amount("1234.560000"), "unit price"),
        v.unused_amount("TotalCost", _total_cost, amount("1234.560000"), "before discount"),
        col("DiscountAmount", v.signed_discount, POINT, may="invoice_lines.discount_amount", role="discount"),
        col("GrossAmount", v.signed_net, amount("1234.560000"), NET),
        col("TaxTypeCode", lambda row: "01"),
        col("TaxRate", v.rate, Form("rate", "20.00", lambda value: f"{value:.2f}"), role="rate"),
        col("TaxableBase", v.signed_net, POINT, may=NET),
        v.tax_column("TaxAmount", v.signed_tax, POINT),
        col("LineItemPeriod.StartDate", v.start, ISO_DAY, START),
        col("LineItemPeriod.EndDate", v.last_day, ISO_DAY, END),
    ]


def _facturae(export: Export, out: Writer) -> Truth:
    """A workbook whose cells are all texts, a row a line: what is called gross is without tax, after discounts."""
    book = Company(
        631, ES, rate="21", cancelled=0, anchor="anniversary", issue_days=(0, 2, 9), discounts="column"
    ).book()
    specs = [
        *_facturae_invoice(),
        *_facturae_line(),
        v.unused_amount("TotalGrossAmountBeforeTaxes", v.signed_document_net, POINT, "document"),
        v.unused_amount("TotalTaxOutputs", v.signed_document_tax, POINT, "document"),
        v.unused_amount("InvoiceTotal", v.signed_document_gross, POINT, "document"),
        v.unused_amount("TotalExecutableAmount", v.signed_document_gross, POINT, "document"),
        v.due_column("InstallmentDueDate", ISO_DAY),
        col("PaymentMeans", lambda row: "04"),
    ]
    out.workbook("facturae_lineas.xlsx", Sheet("Facturae", specs, book.line_rows(), FLAT))
    facts = answers(
        credits="typed, negative",
        credit_reference="Corrective.InvoiceNumber",
        product="ItemDescription",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["GrossAmount"])


COMMA = amount("1234,56")


def _client_account(row: Row) -> str:
    return f"43{row.customer.number:06d}"


def _own_account(row: Row) -> str:
    if row.of_line:
        return "70500001" if row.of_line.period else "70500009"
    return "47700021" if row.rank else _client_account(row)


def _counter_account(row: Row) -> str:
    """The account on the entry's other side: of revenue and tax it is the client's."""
    return _client_account(row) if row.rank else "70500001"


def _concept(row: Row) -> str:
    what = "N/ABONO" if row.document.is_credit else "N/FRA."
    return f"{what} {v.number('{}', '9{:05d}')(row)} {row.customer.name}"[:25].upper()


def _base(row: Row) -> Decimal | None:
    """What the tax is of: rows of tax have it."""
    return v.signed_document_net(row) if row.rank == -1 else None


def _entry_number(row: Row) -> str:
    return str(row.document.number + 5000 * row.document.is_credit)


def _diario(form: Form) -> list[Spec]:
    return [
        col("ASIEN", _entry_number, TEXT, may=INVOICE),
        col("FECHA", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("SUBCTA", _own_account, TEXT, role="account", matters=True),
        col("CONTRA", _counter_account, TEXT, "invoices.customer_id", may="customers.id credit_notes.customer_id"),
        v.unused_amount("PTADEBE", v.zero, COMMA, "document"),
        col("CONCEPTO", _concept, TEXT, may="invoice_lines.description"),
        v.unused_amount("PTAHABER", v.zero, COMMA, "document"),
        col("FACTURA", v.number("{}", "9{:05d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        v.unused_amount("BASEIMPO", v.zero, COMMA, "document"),
        col("IVA", lambda row: Decimal(21 if row.rank == -1 else 0), COMMA, role="rate"),
        v.unused_amount("RECEQUIV", v.zero, COMMA, "tax"),
        col("DOCUMENTO", v.number("A25/{:05d}", "R25/{:04d}"), TEXT, may="invoices.number"),
        col("DEPARTA", v.nothing),
        col("CLAVE", v.nothing),
        col("SERIE", lambda row: "R" if row.document.is_credit else "A"),
        col("CODDIVISA", v.nothing),
        col("MONEDAUSO", lambda row: "2"),
        col("EURODEBE", debit, COMMA, NET, role="debit"),
        col("EUROHABER", credit, COMMA, NET, role="credit"),
        v.unused_amount("BASEEURO", _base, COMMA, "document"),
        col("NOCONV", lambda row: "F"),
    ]


def _contaplus(export: Export, out: Writer) -> Truth:
    """A journal and its accounts: clients' accounts are the counterparts of revenue's, and pesetas have columns."""
    book = Company(632, ES, rate="21", cancelled=0, issue_days=(0, 1, 12), discounts="none", upgrades=0.1).book()
    accounts = [
        col("COD", _client_account, TEXT, "customers.id"),
        col("TITULO", v.name, TEXT, "customers.name"),
        col("NIF", lambda row: f"B{row.customer.siret[1:9]}"),
        col("POBLACION", lambda row: row.customer.city),
        col("CODPOSTAL", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("DIVISA", v.nothing),
    ]
    out.text("SUBCTA.csv", accounts, book.customer_rows(), "customers", encoding="latin-1")
    entries = list(entry_rows(book))
    out.text("DIARIO.csv", _diario(day("YYYYMMDD")), entries, "invoices invoice_lines", encoding="latin-1")
    return export.truth(out, book, bare_journal(), amounts=["EURODEBE", "EUROHABER"], has_mrr=False)


EXPORTS = (
    Export("es_facturae", "Facturae, a workbook of texts headed by the XML's tags; a gross that is net", _facturae),
    Export("es_contaplus", "ContaPlus, a journal and its accounts; clients as counterparts, no periods", _contaplus),
)
