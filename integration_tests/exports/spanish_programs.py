"""Spanish companies' exports: Facturae.

The columns are tags of the Spanish format of electronic invoices, Facturae 3.2.2:
https://www.facturae.gob.es/formato/Paginas/version-3-2.aspx
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


EXPORTS = (
    Export("es_facturae", "Facturae, a workbook of texts headed by the XML's tags; a gross that is net", _facturae),
)
