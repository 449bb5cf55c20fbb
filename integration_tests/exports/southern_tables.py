"""Tables of southern companies' programs: FactuSOL, Primavera and Mago.

The tables F_FAC, F_LFA, F_FAB (abonos), F_LFB and F_CLI of FactuSOL's database are read by public code, such as what
https://github.com/search?q=TIPFAB+CODFAB+TOTFAB&type=code finds.

Likewise CabecDoc, LinhasDoc and Clientes of Primavera: https://github.com/search?q=LinhasDoc.IdCabecDoc&type=code, and
MA_SaleDoc, MA_SaleDocDetail, MA_SaleDocSummary and MA_CustSupp of Mago:
https://github.com/search?q=MA_SaleDocDetail+MA_SaleDocSummary&type=code.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import END, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import TEXT, Form, amount, day, words
from integration_tests.exports.languages import ES, IT, PT
from integration_tests.exports.truth import Truth


def _percent_off(row: Row) -> Decimal:
    whole = row.line.quantity * row.line.unit_price
    return (row.line.discount * 100 / whole).quantize(Decimal("0.01")) if whole else Decimal(0)


def _withheld(row: Row) -> Decimal:
    """The income tax of 15 % that some customers keep back from what they pay."""
    share = Decimal("0.15") if row.customer.number % 3 == 0 else Decimal(0)
    return (row.document.net * share).quantize(Decimal("0.01"))


def _payable(row: Row) -> Decimal:
    return row.document.gross - _withheld(row)


def _factusol_taxes(end: str, comma: Form, base: Spec) -> list[Spec]:
    """The columns that make a document's total, in as many groups as there are rates; tables differ in their end."""
    amounts = [
        col(f"NET1{end}", v.document_net, comma, may=" ".join(base.becomes + base.may), role="document"),
        *(v.unused_amount(f"{name}{end}", v.zero, comma, "document") for name in ("NET2", "NET3", "IDTO1", "IDTO2")),
        base,
        *(v.unused_amount(f"{name}{end}", v.zero, comma, "document") for name in ("BAS2", "BAS3", "BAS4")),
    ]
    rates = [(21, "1"), (10, "2"), (4, "3")]
    return [
        *amounts,
        *(col(f"PIVA{place}{end}", lambda row, rate=rate: Decimal(rate), comma, role="rate") for rate, place in rates),
        v.unused_amount(f"IIVA1{end}", v.document_tax, comma, "tax"),
        *(v.unused_amount(f"{name}{end}", v.zero, comma, "tax") for name in ("IIVA2", "IIVA3", "IREC1")),
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
        col("ESTFAC", v.settled, words({"paid": "2", "open": "0"}), "invoices.status"),
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
        col("DT2LFA", v.zero, comma, role="discount"),
        v.unused_amount("PRELFA", v.price, comma, "unit price"),
        col("TOTLFA", v.net, comma, NET),
        col("IVALFA", lambda row: "0"),
        col("PIVLFA", v.zero, comma),
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


MIDNIGHT = Form("date", "YYYY-MM-DD hh:mm:ss.000", lambda value: "" if value is None else f"{value} 00:00:00.000")


def _document(row: Row) -> str:
    return f"{row.document.is_credit}{row.document.number}"


def _before_discount(row: Row) -> Decimal:
    return v.signed_net(row) + v.signed_discount(row)


def _document_discount(row: Row) -> Decimal:
    return row.document.sign * sum((line.discount for line in row.document.lines), Decimal(0))


def _primavera_documents(comma: Form) -> list[Spec]:
    return [
        col("Id", v.guid("CabecDoc", _document), TEXT, "invoices.id", may="credit_notes.id"),
        v.kind_column("TipoDoc", "FA", "NC"),
        col("Serie", lambda row: "2025"),
        col("NumDoc", v.number("{}", "{}"), TEXT, may="invoices.number"),
        col("Documento", v.number("FA 2025/{}", "NC 2025/{}"), TEXT, "invoices.number", matters=False),
        col("Data", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("DataVenc", v.due, MIDNIGHT, "invoices.due_date"),
        col("DataGravacao", v.issued, day("YYYY-MM-DD hh:mm:ss")),
        col("TipoEntidade", lambda row: "C"),
        col("Entidade", v.customer("C{:04d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("Nome", v.name, TEXT, may="customers.name"),
        col("NumContribuinte", lambda row: f"5{row.customer.siret[1:9]}"),
        col("Moeda", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("Cambio", lambda row: Decimal(1), comma),
        v.unused_amount(
            "TotalMerc", lambda row: v.signed_document_net(row) + _document_discount(row), comma, "document"
        ),
        v.unused_amount("TotalDesc", _document_discount, comma, "discount"),
        v.unused_amount("TotalOutros", v.zero, comma, "document"),
        v.unused_amount("TotalIva", v.signed_document_tax, comma, "tax"),
        v.unused_amount("TotalRetencao", v.zero, comma, "tax"),
        v.unused_amount("TotalDocumento", v.signed_document_gross, comma, "gross"),
        col("CondPag", lambda row: "3"),
        col("RefTipoDocOrig", lambda row: "FA" if row.document.is_credit else ""),
        col("RefSerieDocOrig", lambda row: "2025" if row.document.is_credit else ""),
        col("RefDocOrig", v.credited("{}"), TEXT, may="credit_notes.invoice_id"),
        col("Utilizador", lambda row: "primavera"),
    ]


def _primavera_lines(comma: Form) -> list[Spec]:
    return [
        col("Id", v.guid("LinhasDoc", lambda row: row.line.number), TEXT, "invoice_lines.id"),
        col("IdCabecDoc", v.guid("CabecDoc", _document), TEXT, "invoice_lines.invoice_id"),
        col("NumLinha", lambda row: str(row.rank)),
        col("TipoLinha", lambda row: "20"),
        col("Data", v.issued, MIDNIGHT, may="invoices.date"),
        col("Artigo", v.plan("SUB{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Descricao"),
        v.quantity_column("Quantidade", v.signed_quantity, comma),
        col("Unidade", lambda row: "UN"),
        v.unused_amount("PrecUnit", v.price, comma, "unit price"),
        col("Desconto1", _percent_off, comma, role="discount"),
        col("Desconto2", v.zero, comma, role="discount"),
        col("CodIva", lambda row: "23" if row.line.rate else "0"),
        col("TaxaIva", v.rate, comma, role="rate"),
        v.unused_amount("TotalIliquido", _before_discount, comma, "before discount"),
        col("TotalDA", v.signed_discount, comma, may="invoice_lines.discount_amount", role="discount"),
        col("PrecoLiquido", v.signed_net, comma, NET),
        v.tax_column("TotalIva", v.signed_tax, comma),
        col("CDU_DataInicio", v.start, MIDNIGHT, START),
        col("CDU_DataFim", v.last_day, MIDNIGHT, END),
        col("Vendedor", lambda row: "1"),
    ]


def _primavera(export: Export, out: Writer) -> Truth:
    """Three tables: ids of 36 characters join them, a line's net is called a price, credited invoices by number."""
    book = Company(532, PT, rate="23", cancelled=0, anchor="anniversary", discounts="column").book()
    comma = amount("1234,56")
    customers = [
        col("Cliente", v.customer("C{:04d}"), TEXT, "customers.id"),
        col("Nome", v.name, TEXT, "customers.name"),
        col("Fac_Local", lambda row: row.customer.city),
        col("Fac_Cp", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("NumContrib", lambda row: f"5{row.customer.siret[1:9]}"),
        col("Pais", lambda row: "PT", TEXT, "customers.country", matters=False),
        col("Moeda", v.currency),
        col("TotalDeb", v.zero, comma),
        col("LimiteCred", v.zero, comma),
    ]
    out.text("Clientes.csv", customers, book.customer_rows(), "customers", encoding="utf-8-sig")
    out.text("CabecDoc.csv", _primavera_documents(comma), book.document_rows(), "invoices", encoding="utf-8-sig")
    out.text("LinhasDoc.csv", _primavera_lines(comma), book.line_rows(), "invoice_lines", encoding="utf-8-sig")
    facts = answers(credits="typed, negative", credit_reference="RefDocOrig", product="Descricao", status="none")
    return export.truth(out, book, facts, amounts=["PrecoLiquido"])


def _from_to(row: Row) -> str:
    """A line's label, with its period in it."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} dal {row.start:%d/%m/%Y} al {row.last_day:%d/%m/%Y}"


def _sale_doc(row: Row) -> str:
    return str(41000 + row.document.number + 3000 * row.document.is_credit)


def _issued(row: Row) -> str:
    return "draft" if row.document.status == "draft" else "open"


def _mago_documents() -> list[Spec]:
    return [
        col("SaleDocId", _sale_doc, TEXT, "invoices.id", may="credit_notes.id"),
        v.kind_column("DocumentType", "3407874", "3407876"),
        col("DocNo", v.number("25/{:05d}", "25/N{:04d}"), TEXT, "invoices.number", matters=False),
        col("DocumentDate", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("PostingDate", v.issued, MIDNIGHT, may="invoices.date"),
        col("CustSuppType", lambda row: "3211264"),
        col("CustSupp", v.customer("{:07d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("Payment", lambda row: "BB30"),
        col("TaxJournal", lambda row: "VEN"),
        col("Issued", _issued, words({"draft": "0", "open": "1"}), "invoices.status"),
        col("Printed", lambda row: "1"),
        col("PostedToAccounting", lambda row: "1"),
        col("IncludedInTurnover", lambda row: "1"),
        col("Salesperson", lambda row: "AG01"),
        col("DepartureDate", lambda row: date(1799, 12, 31), MIDNIGHT),
    ]


def _mago_lines(point: Form) -> list[Spec]:
    return [
        col("SaleDocId", _sale_doc, TEXT, "invoice_lines.invoice_id"),
        col("Line", lambda row: str(row.rank)),
        col("LineType", lambda row: "3538946"),
        col("DocumentType", lambda row: "3407876" if row.document.is_credit else "3407874"),
        col("Item", v.plan("CAN{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Description", _from_to),
        col("UoM", lambda row: "NR"),
        v.quantity_column("Qty", v.quantity, point),
        v.unused_amount("UnitValue", v.price, point, "unit price"),
        v.unused_amount("NetPrice", v.price, point, "unit price"),
        col("DiscountFormula", lambda row: ""),
        v.unused_amount("DiscountAmount", v.zero, point, "discount"),
        col("TaxableAmount", v.net, point, NET),
        col("TaxCode", lambda row: "22" if row.line.rate else "N3.2"),
        v.unused_amount("TotalAmount", v.gross, point, "gross"),
        col("SaleOrdId", lambda row: "0"),
        col("Job", lambda row: ""),
    ]


def _mago_summaries(point: Form) -> list[Spec]:
    return [
        col("SaleDocId", _sale_doc, TEXT, may="invoices.id"),
        v.unused_amount("GoodsAmount", v.zero, point, "document"),
        v.unused_amount("ServiceAmounts", v.document_net, point, "document"),
        v.unused_amount("StampsCharges", v.zero, point, "document"),
        v.unused_amount("CollectionCharges", v.zero, point, "document"),
        col("TaxableAmount", v.document_net, point, may="invoices.amount", role="document"),
        v.unused_amount("TaxAmount", v.document_tax, point, "tax"),
        v.unused_amount("TotalAmount", v.document_gross, point, "gross"),
        v.unused_amount("PayableAmount", v.document_gross, point, "balance"),
    ]


def _mago(export: Export, out: Writer) -> Truth:
    """Four tables: documents without amounts, lines, and totals in a table of theirs; types are long numbers."""
    book = Company(
        533, IT, rate="22", drafts=True, cancelled=0, discounts="line", upgrades=0.1, issue_days=(0, 8)
    ).book()
    point = amount("1234.560000")
    customers = [
        col("CustSuppType", lambda row: "3211264"),
        col("CustSupp", v.customer("{:07d}"), TEXT, "customers.id"),
        col("CompanyName", v.name, TEXT, "customers.name"),
        col("City", lambda row: row.customer.city),
        col("ZIPCode", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("ISOCountryCode", lambda row: "IT", TEXT, "customers.country", matters=False),
        col("TaxIdNumber", lambda row: f"0{row.customer.siret[1:9]}01"),
        col("Disabled", lambda row: "0"),
        col("Payment", lambda row: "BB30"),
    ]
    tables = (
        ("MA_CustSupp.csv", customers, book.customer_rows(), "customers"),
        ("MA_SaleDoc.csv", _mago_documents(), book.document_rows(), "invoices"),
        ("MA_SaleDocDetail.csv", _mago_lines(point), book.line_rows(), "invoice_lines"),
        ("MA_SaleDocSummary.csv", _mago_summaries(point), book.document_rows(), "invoice_totals"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, encoding="utf-8")
    facts = answers(credits="typed, positive", credit_reference="none", period="text", product="Description")
    return export.truth(out, book, facts, amounts=["TaxableAmount"])


EXPORTS = (
    Export(
        "es_factusol",
        "FactuSOL, five tables of its database; bases by rate, tax kept back, F_FAB for credits",
        _factusol,
    ),
    Export("pt_primavera", "Primavera, three tables; ids of 36 characters, a net amount called a price", _primavera),
    Export("it_mago", "Mago, four tables; types as long numbers, documents' totals in a table of their own", _mago),
)
