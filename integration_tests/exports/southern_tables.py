"""Tables of southern companies' programs: FactuSOL.

The tables F_FAC, F_LFA, F_FAB (abonos), F_LFB and F_CLI of FactuSOL's database are read by public code, such as what
https://github.com/search?q=TIPFAB+CODFAB+TOTFAB&type=code finds.
"""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import NET, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, Form, amount, day, words
from integration_tests.exports.languages import ES
from integration_tests.exports.truth import Truth


def _zero(row: Row) -> Decimal:
    return Decimal(0)


def _percent_off(row: Row) -> Decimal:
    whole = row.line.quantity * row.line.unit_price
    return (row.line.discount * 100 / whole).quantize(Decimal("0.01")) if whole else Decimal(0)


def _withheld(row: Row) -> Decimal:
    """The income tax of 15 % that some customers keep back from what they pay."""
    share = Decimal("0.15") if row.customer.number % 3 == 0 else Decimal(0)
    return (row.document.net * share).quantize(Decimal("0.01"))


def _payable(row: Row) -> Decimal:
    return row.document.gross - _withheld(row)


def _collected(row: Row) -> str:
    return "paid" if row.document.status == "paid" else "open"


def _factusol_taxes(end: str, comma: Form, base: Spec) -> list[Spec]:
    """The columns that make a document's total, in as many groups as there are rates; tables differ in their end."""
    amounts = [
        col(f"NET1{end}", v.document_net, comma, may=" ".join(base.becomes + base.may), role="document"),
        *(v.unused_amount(f"{name}{end}", _zero, comma, "document") for name in ("NET2", "NET3", "IDTO1", "IDTO2")),
        base,
        *(v.unused_amount(f"{name}{end}", _zero, comma, "document") for name in ("BAS2", "BAS3", "BAS4")),
    ]
    rates = [(21, "1"), (10, "2"), (4, "3")]
    return [
        *amounts,
        *(col(f"PIVA{place}{end}", lambda row, rate=rate: Decimal(rate), comma, role="rate") for rate, place in rates),
        v.unused_amount(f"IIVA1{end}", v.document_tax, comma, "tax"),
        *(v.unused_amount(f"{name}{end}", _zero, comma, "tax") for name in ("IIVA2", "IIVA3", "IREC1")),
        col(f"PRET1{end}", lambda row: Decimal(15 if _withheld(row) else 0), comma, role="rate"),
        v.unused_amount(f"IRET1{end}", _withheld, comma, "tax"),
        v.unused_amount(f"TOT{end}", _payable, comma, "gross"),
        col(f"FOP{end}", lambda row: "TRA"),
    ]


def _factusol_invoices(form: Form, comma: Form) -> list[Spec]:
    base = col("BAS1FAC", v.document_net, comma, may="invoices.amount", role="document")
    return [
        col("TIPFAC", lambda row: "1"),
        col("CODFAC", v.number("25{:04d}"), TEXT, "invoices.id", may="invoices.number"),
        col("REFFAC", lambda row: ""),
        col("FECFAC", v.issued, form, "invoices.date"),
        col("ESTFAC", _collected, words({"paid": "2", "open": "0"}), "invoices.status"),
        col("ALMFAC", lambda row: "GEN"),
        col("AGEFAC", lambda row: "1"),
        col("CLIFAC", v.customer("{}"), TEXT, "invoices.customer_id"),
        col("CNOFAC", v.name, TEXT, may="customers.name"),
        *_factusol_taxes("FAC", comma, base),
        col("FPEFAC", v.issued, form, may="invoices.date"),
        col("OB1FAC", lambda row: ""),
    ]


def _factusol_returns(form: Form, comma: Form) -> list[Spec]:
    base = col("BAS1FAB", v.document_net, comma, "credit_notes.amount")
    return [
        col("TIPFAB", lambda row: "6"),
        col("CODFAB", v.number("", "{}"), TEXT, "credit_notes.id"),
        col("REFFAB", lambda row: ""),
        col("FECFAB", v.issued, form, "credit_notes.date"),
        col("ESTFAB", lambda row: "2"),
        col("ALMFAB", lambda row: "GEN"),
        col("CLIFAB", v.customer("{}"), TEXT, "credit_notes.customer_id"),
        col("CNOFAB", v.name),
        *_factusol_taxes("FAB", comma, base),
        col("OB1FAB", _remark),
    ]


def _remark(row: Row) -> str:
    return f"Rectifica la factura 1-25{row.document.credits.number:04d}" if row.document.credits else ""


def _with_days(row: Row) -> str:
    """A line's label, with its period in it."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} periodo {row.start:%d/%m/%Y} al {row.last_day:%d/%m/%Y}"


def _factusol_lines(comma: Form) -> list[Spec]:
    return [
        col("TIPLFA", lambda row: "1"),
        col("CODLFA", v.number("25{:04d}"), TEXT, "invoice_lines.invoice_id"),
        col("POSLFA", lambda row: str(row.rank)),
        col("ARTLFA", v.plan("CUOTA{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("DESLFA", _with_days),
        v.quantity_column("CANLFA", v.quantity, comma),
        col("DT1LFA", _percent_off, comma, role="discount"),
        col("DT2LFA", _zero, comma, role="discount"),
        v.unused_amount("PRELFA", v.price, comma, "unit price"),
        col("TOTLFA", v.net, comma, NET),
        col("IVALFA", lambda row: "0"),
        col("PIVLFA", _zero, comma),
    ]


def _factusol_return_lines(comma: Form) -> list[Spec]:
    return [
        col("TIPLFB", lambda row: "6"),
        col("CODLFB", v.number("", "{}"), TEXT, may="credit_notes.id"),
        col("POSLFB", lambda row: str(row.rank)),
        col("DESLFB", v.label),
        col("CANLFB", v.quantity, comma),
        col("PRELFB", v.price, comma, role="unit price"),
        col("TOTLFB", v.net, comma, may="credit_notes.amount"),
    ]


def _factusol(export: Export, out: Writer) -> Truth:
    """Five tables: bases and taxes in four groups, tax kept back off the total, credit notes in tables of their own."""
    book = Company(
        531, ES, rate="21", untaxed_share=0, cancelled=0, discounts="column", upgrades=0.1, issue_days=(0, 7)
    ).book()
    form, comma = day("DD/MM/YYYY"), amount("1234,56")
    customers = [
        col("CODCLI", v.customer("{}"), TEXT, "customers.id"),
        col("CCOCLI", v.customer("4300{:05d}")),
        col("NIFCLI", lambda row: f"B{row.customer.siret[1:9]}"),
        col("NOFCLI", v.name, TEXT, "customers.name"),
        col("NOCCLI", v.name, TEXT, may="customers.name"),
        col("POBCLI", lambda row: row.customer.city),
        col("CPOCLI", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("EMACLI", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("FPACLI", lambda row: "TRA"),
    ]
    out.text("F_CLI.csv", customers, book.customer_rows(), "customers")
    out.text("F_FAC.csv", _factusol_invoices(form, comma), book.document_rows("invoices"), "invoices")
    out.text("F_LFA.csv", _factusol_lines(comma), book.line_rows("invoices"), "invoice_lines")
    out.text("F_FAB.csv", _factusol_returns(form, comma), book.document_rows("credits"), "credit_notes")
    out.text("F_LFB.csv", _factusol_return_lines(comma), book.line_rows("credits"), "credit_note_lines")
    facts = answers(
        credits="own table",
        sign_of_credits="positive",
        credit_reference="none",
        currency="EUR",
        period="text",
        product="DESLFA",
    )
    return export.truth(out, book, facts, amounts=["TOTLFA", "BAS1FAC"])


EXPORTS = (
    Export(
        "es_factusol",
        "FactuSOL, five tables of its database; bases by rate, tax kept back, F_FAB for credits",
        _factusol,
    ),
)
