"""Exports of open-source ERPs: ERPNext, FacturaScripts.

Their columns stand in the sources:

- https://github.com/frappe/erpnext/tree/develop/erpnext/accounts/report/item_wise_sales_register
- https://github.com/NeoRazorX/facturascripts/tree/master/Core/Table (facturascli.xml, lineasfacturascli.xml)
"""

from __future__ import annotations

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import (
    CUSTOMER,
    FLAT,
    INVOICE,
    NET,
    Export,
    Layout,
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, NUMBER, TEXT, amount, day, percent, words
from integration_tests.exports.languages import EN, ES
from integration_tests.exports.truth import Truth


def _item(row: Row) -> str:
    return f"SUB-{row.of_plan.number:02d}" if row.of_plan else "SRV-01"


def _erpnext(export: Export, out: Writer) -> Truth:
    """The report Item-wise Sales Register: only what is submitted; returns below zero; neither periods nor states."""
    book = Company(
        411, EN, currencies=("GBP",), rate="20", cancelled=0, discounts="none", upgrades=0, issue_days=(0, 4, 15)
    ).book()
    names = v.number("ACC-SINV-2025-{:05d}", "ACC-SINV-RET-2025-{:05d}")
    specs = [
        col("Item Code", _item, TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Item Name"),
        col("Item Group", lambda row: "Subscriptions" if row.line.period else "Services", may="invoice_lines.type"),
        col("Description", v.label, TEXT, may="invoice_lines.description products.name"),
        col("Invoice", names, TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Posting Date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Customer Group", lambda row: "Commercial"),
        col("Customer", v.customer("CUST-{:05d}"), TEXT, CUSTOMER),
        col("Customer Name", v.name, TEXT, "customers.name"),
        col("Receivable Account", lambda row: "1310 - Debtors - QL"),
        col("Mode Of Payment", lambda row: "Wire Transfer" if row.document.status == "paid" else ""),
        col("Territory", lambda row: "United Kingdom", TEXT, may="customers.country"),
        col("Project", lambda row: ""),
        col("Company", lambda row: "Quill & Lantern Ltd"),
        col("Sales Order", lambda row: ""),
        col("Delivery Note", lambda row: ""),
        col("Income Account", lambda row: "4110 - Sales - QL" if row.line.period else "4120 - Service - QL"),
        col("Cost Center", lambda row: "Main - QL"),
        v.quantity_column("Stock Qty", v.signed_quantity, NUMBER),
        col("Stock UOM", lambda row: "Nos"),
        v.unused_amount("Rate", v.price, NUMBER, "unit price"),
        col("Amount", v.signed_net, NUMBER, NET, may="invoices.amount", summed=True),
        v.unused_amount("VAT 20% Rate", v.rate, NUMBER, "rate"),
        v.unused_amount("VAT 20% Amount", v.signed_tax, NUMBER, "tax", summed=True),
        v.tax_column("Total Tax", v.signed_tax, NUMBER, summed=True),
        v.unused_amount("Total", v.signed_gross, NUMBER, "gross", summed=True),
    ]
    rows = sorted(book.line_rows(), key=lambda row: row.document.date, reverse=True)
    sheet = Sheet("Item-wise Sales Register", specs, rows, FLAT, Layout(total="Total"))
    out.workbook("Item-wise Sales Register.xlsx", sheet)
    facts = answers(
        credits="negative, untyped",
        credit_reference="none",
        currency="GBP",
        line_type="none",
        period="none",
        product="Item Name",
        status="none",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Amount"], has_mrr=False)


def _facturas() -> list[Spec]:
    form, point = day("DD-MM-YYYY"), amount("1234.56")
    return [
        col("idfactura", v.number("{}", "9{:03d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        col("codigo", v.number("FAC2025A{}", "FAC2025R{}"), TEXT, may="invoices.number", matters=False),
        col("codejercicio", lambda row: "2025"),
        col("codserie", lambda row: "R" if row.document.is_credit else "A"),
        col("numero", v.number("{}"), TEXT, may="invoices.number"),
        col("fecha", v.issued, form, "invoices.date", may="credit_notes.date"),
        col("hora", lambda row: "09:12:00"),
        col("codcliente", v.customer("{}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("nombrecliente", v.name, TEXT, may="customers.name"),
        col("cifnif", v.customer("B{:08d}")),
        col("coddivisa", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("tasaconv", lambda row: "1"),
        col("neto", v.signed_document_net, point, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("totaliva", v.signed_document_tax, point, "tax"),
        col("totalirpf", lambda row: "0"),
        col("totalrecargo", lambda row: "0"),
        v.unused_amount("total", v.signed_document_gross, point, "gross"),
        v.unused_amount("totaleuros", v.signed_document_gross, point, "gross"),
        col("pagada", v.settled, words({"paid": "1", "open": "0"}), "invoices.status"),
        col("idfacturarect", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("codigorect", v.credited("FAC2025A{}"), TEXT, matters=False),
    ]


def _facturascripts(export: Export, out: Writer) -> Truth:
    """Three tables of the database: two series of numbers, rectifying invoices below zero, no periods."""
    book = Company(412, ES, rate="21", cancelled=0, discounts="none", upgrades=0, issue_days=(0, 9)).book()
    point = amount("1234.56")
    clients = [
        col("codcliente", v.customer("{}"), TEXT, "customers.id"),
        col("nombre", v.name, TEXT, "customers.name"),
        col("razonsocial", v.name, TEXT, may="customers.name"),
        col("cifnif", v.customer("B{:08d}")),
        col("email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("codpago", lambda row: "TRANS"),
    ]
    lines = [
        col("idlinea", lambda row: str(row.line.number), TEXT, may="invoice_lines.id"),
        col("idfactura", v.number("{}", "9{:03d}"), TEXT, "invoice_lines.invoice_id"),
        col("referencia", v.plan("SUS{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("descripcion"),
        v.quantity_column("cantidad", v.signed_quantity, amount("1234.56")),
        v.unused_amount("pvpunitario", v.price, point, "unit price"),
        col("dtopor", lambda row: "0"),
        col("pvpsindto", v.signed_net, point, may=NET, role="before discount"),
        col("pvptotal", v.signed_net, point, NET),
        col("codimpuesto", lambda row: "IVA21" if row.line.rate else "IVA0"),
        col("iva", v.rate, percent("20"), role="rate"),
        col("irpf", lambda row: "0"),
        col("recargo", lambda row: "0"),
    ]
    for file, specs, rows, objects in (
        ("clientes.csv", clients, book.customer_rows(), "customers"),
        ("facturascli.csv", _facturas(), book.document_rows(), "invoices"),
        ("lineasfacturascli.csv", lines, book.line_rows(), "invoice_lines"),
    ):
        out.text(file, specs, rows, objects, encoding="utf-8", quote_all=True)
    facts = answers(
        credits="negative, untyped",
        credit_reference="idfacturarect",
        line_type="none",
        period="none",
        product="descripcion",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["pvptotal", "neto"], has_mrr=False)


EXPORTS = (
    Export("en_erpnext", "ERPNext, Item-wise Sales Register: the newest first, a total, no periods", _erpnext),
    Export("es_facturascripts", "FacturaScripts, three tables of its database, rectifying invoices", _facturascripts),
)
