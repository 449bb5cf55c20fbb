"""Tables of French companies' ERPs: Sage X3 and Divalto.

The columns are those of public code and documentation of the databases:

- Sage X3, SINVOICE, SINVOICED and BPCUSTOMER: https://online-help.sagex3.com/erp/12/en-us/Content/OBJ/SIV.htm
- Divalto infinity, MOUV and CLI: https://www.divalto.com/erp/ and public queries such as
  https://github.com/search?q=%22FROM+MOUV%22+%22MOUV.PICOD%22&type=code
"""

from __future__ import annotations

from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Company, Row
from integration_tests.exports.export import END, INVOICE, NET, START, Export, Spec, Writer, answers, col
from integration_tests.exports.forms import COUNT, TEXT, Form, amount, day, words
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

ISO_DAY = day("YYYY-MM-DD")
POINT = amount("1234.56")
MIDNIGHT = Form("date", "YYYY-MM-DD hh:mm:ss.000", lambda value: "" if value is None else f"{value} 00:00:00.000")


def _in_euros(of_document: bool) -> Spec:
    """The amount in the company's own currency, beside the one that was invoiced."""

    def value(row: Row) -> Decimal:
        amount_of = row.document.net if of_document else row.document.gross
        return (amount_of * (Decimal("1.17") if row.document.currency == "GBP" else 1)).quantize(Decimal("0.01"))

    return col("AMTNOTL_0" if of_document else "AMTATIL_0", value, POINT, role="document")


def _final(row: Row) -> str:
    return "draft" if row.document.status == "draft" else "open"


def _taxed(row: Row) -> Decimal:
    return row.document.net if row.document.tax else Decimal(0)


def _untaxed(row: Row) -> Decimal:
    return Decimal(0) if row.document.tax else row.document.net


def _x3_invoices() -> list[Spec]:
    return [
        col("ROWID", lambda row: str(90000 + row.document.number + 5000 * row.document.is_credit)),
        col(
            "NUM_0",
            v.number("FAC2501{:05d}", "AVC2501{:05d}"),
            TEXT,
            "invoices.id",
            may="invoices.number credit_notes.id",
        ),
        v.kind_column("SIVTYP_0", "FAC", "AVC"),
        col("INVTYP_0", v.kind, words({"invoice": "1", "credit_note": "2"}), role="kind"),
        col("SNS_0", lambda row: str(row.document.sign)),
        col("CPY_0", lambda row: "FR1"),
        col("FCY_0", lambda row: "FR011"),
        col("BPR_0", v.customer("C{:06d}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("BPRNAM_0", v.name, TEXT, may="customers.name"),
        col("ACCDAT_0", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("STRDUDDAT_0", v.issued, ISO_DAY, may="invoices.date"),
        col("PTE_0", lambda row: "FR30NETVIR"),
        col(
            "CUR_0",
            v.currency,
            TEXT,
            "invoices.currency",
            may="invoice_lines.currency credit_notes.currency",
        ),
        col("STA_0", _final, words({"draft": "1", "open": "3"}), "invoices.status"),
        col("AMTNOT_0", v.document_net, POINT, "invoices.amount", may="credit_notes.amount"),
        _in_euros(True),
        col("TAX_0", lambda row: "FNO" if row.document.tax else "EXP"),
        v.unused_amount("BASTAX_0", _taxed, POINT, "document"),
        v.unused_amount("AMTTAX_0", v.document_tax, POINT, "tax"),
        col("TAX_1", lambda row: ""),
        v.unused_amount("BASTAX_1", _untaxed, POINT, "document"),
        v.unused_amount("AMTTAX_1", lambda row: Decimal(0), POINT, "tax"),
        v.unused_amount("AMTATI_0", v.document_gross, POINT, "gross"),
        _in_euros(False),
        col("SIHORINUM_0", v.credited("FAC2501{:05d}"), TEXT, "credit_notes.invoice_id"),
        col("LASDATSVC_0", lambda row: "1753-01-01"),
        col("CREUSR_0", lambda row: "ADMIN"),
    ]


def _x3_lines() -> list[Spec]:
    return [
        col("NUM_0", v.number("FAC2501{:05d}", "AVC2501{:05d}"), TEXT, "invoice_lines.invoice_id"),
        col("SIDLIN_0", lambda row: str(row.rank * 1000)),
        col("INVTYP_0", lambda row: "2" if row.document.is_credit else "1"),
        col("ITMREF_0", v.plan("ABO{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("ITMDES_0"),
        v.quantity_column("QTY_0", v.quantity, amount("1234.56000")),
        col("SAU_0", lambda row: "UN"),
        v.unused_amount("GROPRI_0", v.price, amount("1234.56000"), "unit price"),
        col("DISCRGVAL1_0", lambda row: Decimal(0), POINT, role="discount"),
        v.unused_amount("NETPRI_0", v.price, amount("1234.56000"), "unit price"),
        col("AMTNOTLIN_0", v.net, POINT, NET),
        v.tax_column("AMTTAXLIN1_0", v.tax, POINT),
        v.unused_amount("AMTATILIN_0", v.gross, POINT, "gross"),
        col("VAT_0", lambda row: "NOR" if row.line.rate else "EXO"),
        col("YSTRDAT_0", v.start, ISO_DAY, START),
        col("YENDDAT_0", v.last_day, ISO_DAY, END),
        col("CREDATTIM_0", v.issued, day("YYYY-MM-DD hh:mm:ss")),
    ]


def _sage_x3(export: Export, out: Writer) -> Truth:
    """Three tables: credit notes are invoices of another type, above zero; two tax codes, two currencies."""
    book = Company(
        501, FR, currencies=("EUR", "EUR", "GBP"), drafts=True, cancelled=0, anchor="anniversary", discounts="line"
    ).book()
    customers = [
        col("ROWID", lambda row: str(row.customer.number + 3000)),
        col("BPCNUM_0", v.customer("C{:06d}"), TEXT, "customers.id"),
        col("BPCNAM_0", v.name, TEXT, "customers.name"),
        col("BCGCOD_0", lambda row: "FRCLI"),
        col("BPCSTA_0", lambda row: "2"),
        col("CUR_0", v.currency),
        col("REP_0", lambda row: "AR001"),
        col("OSTCTL_0", lambda row: "1"),
    ]
    out.text("BPCUSTOMER.csv", customers, book.customer_rows(), "customers", separator=";", encoding="utf-8-sig")
    out.text("SINVOICE.csv", _x3_invoices(), book.document_rows(), "invoices", separator=";", encoding="utf-8-sig")
    out.text("SINVOICED.csv", _x3_lines(), book.line_rows(), "invoice_lines", separator=";", encoding="utf-8-sig")
    facts = answers(
        credits="typed, positive",
        credit_reference="SIHORINUM_0",
        product="ITMDES_0",
    )
    return export.truth(out, book, facts, amounts=["AMTNOTLIN_0", "AMTNOT_0"])


def _with_short_days(row: Row) -> str:
    """A line's label, with its period in it, years of two digits."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} - Période du {row.start:%d/%m/%y} au {row.last_day:%d/%m/%y}"


def _divalto_moves() -> list[Spec]:
    return [
        col("DOS", lambda row: "1"),
        col("ENRNO", lambda row: str(700000 + row.line.number), TEXT, may="invoice_lines.id"),
        col("TICOD", lambda row: "C"),
        col("PICOD", lambda row: "4"),
        col("ETB", lambda row: "001"),
        col("TIERS", v.customer("C{:07d}"), TEXT, "invoices.customer_id", may="customers.id credit_notes.customer_id"),
        v.kind_column("OP", "C", "D"),
        col("CDNO", lambda row: str(40000 + row.document.number)),
        col("BLNO", lambda row: "0"),
        col("FANO", v.number("2500{:04d}", "2590{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("FADT", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("REF", v.plan("SVC-ABO{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("SREF1", lambda row: ""),
        v.product_label("DES", _with_short_days),
        v.quantity_column("FAQTE", v.quantity, amount("1234.560")),
        col("VENUN", lambda row: "U"),
        v.unused_amount("PUB", v.price, amount("1234.5600"), "unit price"),
        col("MONT", lambda row: row.line.net + row.line.discount, POINT, NET, role="before discount"),
        col("REMPIEMT_0004", v.discount, POINT, NET, may="invoice_lines.discount_amount", role="discount"),
        col("TVAART", lambda row: "1" if row.line.rate else "0", COUNT),
        col("DEV", v.currency, TEXT, "invoices.currency invoice_lines.currency", may="credit_notes.currency"),
        col("USERCRDH", v.issued, day("YYYY-MM-DD hh:mm:ss")),
        col("VRP", lambda row: f"R{row.customer.number % 3:02d}"),
    ]


def _divalto(export: Export, out: Writer) -> Truth:
    """Invoiced movements and customers: the net is what is left of the document's discount; D is a return."""
    book = Company(502, FR, cancelled=0, discounts="column", upgrades=0.1, issue_days=(0, 4)).book()
    customers = [
        col("DOS", lambda row: "1"),
        col("TIERS", v.customer("C{:07d}"), TEXT, "customers.id"),
        col("NOM", v.name, TEXT, "customers.name"),
        col("CPOSTAL", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("VIL", lambda row: row.customer.city),
        col("PAY", lambda row: "FR", TEXT, "customers.country", matters=False),
        col("SIRET", lambda row: row.customer.siret),
        col("STAT_0002", lambda row: "EV"),
        col("REPR_0001", lambda row: f"R{row.customer.number % 3:02d}"),
    ]
    out.text("CLI.csv", customers, book.customer_rows(), "customers", separator=",", encoding="utf-8")
    out.text("MOUV.csv", _divalto_moves(), book.line_rows(), "invoices invoice_lines", separator=",", encoding="utf-8")
    facts = answers(credits="typed, positive", credit_reference="none", period="text", product="DES", status="none")
    return export.truth(out, book, facts, amounts=["MONT", "REMPIEMT_0004"])


EXPORTS = (
    Export("fr_sage_x3", "Sage X3, three tables; types of documents as codes, two taxes, amounts twice", _sage_x3),
    Export(
        "fr_divalto", "Divalto, movements and customers; net after the document's discount, D for returns", _divalto
    ),
)
