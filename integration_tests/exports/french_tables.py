"""Tables of French companies' programs: Sage X3, Divalto, WaveSoft and Ciel.

The columns are those of public code and documentation of the databases:

- Sage X3, SINVOICE, SINVOICED and BPCUSTOMER: https://online-help.sagex3.com/erp/12/en-us/Content/OBJ/SIV.htm
- Divalto infinity, MOUV and CLI: https://www.divalto.com/erp/ and public queries such as
  https://github.com/search?q=%22FROM+MOUV%22+%22MOUV.PICOD%22&type=code
- WaveSoft, PIECEVENTES, PIECEVENTELIGNES, PIECE_NATURE and TIERS: public queries such as
  https://github.com/search?q=PIECEVENTELIGNES+PINSENSSTATISTIQUE&type=code
- Ciel Gestion commerciale (Sage 50c Ciel), list of invoices: https://fr.scribd.com/document/585799921/ME-Gestion
"""

from __future__ import annotations

from dataclasses import replace
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
    Sheet,
    Spec,
    Writer,
    answers,
    col,
)
from integration_tests.exports.forms import CELL, COUNT, NUMBER, TEXT, Cell, Form, amount, day, words
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


def _of_month(row: Row) -> str:
    """A line's label, with the month that it is for in words."""
    if not row.start:
        return row.line.label
    return f"{row.line.label} - {FR.months[row.start.month - 1]} {row.start.year}"


def _piece(row: Row) -> str:
    return str(118000 + row.document.number * 4 + (2 if row.document.is_credit else 1))


def _wavesoft_pieces(comma: Form) -> list[Spec]:
    return [
        col("PCVID", _piece, TEXT, "invoices.id", may="credit_notes.id"),
        v.kind_column("PINID", "21", "24"),
        col("PCVNUM", v.number("{}", "{}"), TEXT, may="invoices.number"),
        col("PCVNUMEXT", v.number("FA2500{:04d}", "AV2500{:04d}"), TEXT, "invoices.number", matters=False),
        col("TIRID", v.customer("{}"), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("TIRID_REP", lambda row: str(7000 + row.customer.number % 4)),
        col("PCVDATEEFFET", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        col("DEVID", lambda row: "1"),
        col("PCVCOURSDEV", lambda row: Decimal(1), comma),
        col("PCVISHT", lambda row: "O"),
        col("PCVMNTHT", v.signed_document_net, comma, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("PCVMNTTPF", lambda row: Decimal(0), comma, "tax"),
        v.unused_amount("PCVMNTTVA", v.signed_document_tax, comma, "tax"),
        v.unused_amount("PCVMNTTTC", v.signed_document_gross, comma, "gross"),
        v.unused_amount("PCVMNTACOMPTE", lambda row: Decimal(0), comma, "document"),
        v.unused_amount("PCVMNTAREGLER", v.left_to_pay, comma, "balance"),
        v.unused_amount("PCVMNTESCOMPTE", lambda row: Decimal(0), comma, "discount"),
        v.unused_amount("PCVMNTPORT", lambda row: Decimal(0), comma, "document"),
        col("PCVISSOLDE", v.settled, words({"paid": "O", "open": "N"}), "invoices.status"),
        col("PCVISCOMPTABILISE", lambda row: "O"),
        col("PCVCONDREGLEMENT", lambda row: "Virement 30 jours"),
    ]


def _wavesoft_lines(comma: Form) -> list[Spec]:
    return [
        col("PLVID", lambda row: str(400000 + row.line.number), TEXT, "invoice_lines.id"),
        col("PCVID", _piece, TEXT, "invoice_lines.invoice_id"),
        col("PLVNUMLIGNE", lambda row: str(row.rank)),
        col("PLVTYPE", lambda row: "L"),
        col("PLVDATE", v.issued, MIDNIGHT),
        col("ARTID", v.plan("55{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("ARTCODE", v.plan("ABO{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("PLVDESIGNATION", _of_month),
        v.quantity_column("PLVQTE", v.signed_quantity, comma),
        v.unused_amount("PLVPUBRUT", v.price, comma, "unit price"),
        col("PLVREMISE_T", lambda row: "P"),
        col("PLVREMISE_MNT", v.signed_discount, comma, may="invoice_lines.discount_amount", role="discount"),
        v.unused_amount("PLVPUNET", lambda row: row.line.net / row.line.quantity, comma, "unit price"),
        col("PLVMNTNET", v.signed_net, comma, may=NET),
        col("PLVMNTNETHT", v.signed_net, comma, NET),
        v.unused_amount("PLVLASTPA", lambda row: Decimal(0), comma, "unit price"),
        v.unused_amount("PLVFRAISTOTAL", lambda row: Decimal(0), comma, "document"),
    ]


_NATURES = (
    ("18", "DEV", "Devis client", "D", "0"),
    ("21", "FAC", "Facture client", "F", "1"),
    ("24", "AVO", "Avoir client", "F", "-1"),
)


def _wavesoft(export: Export, out: Writer) -> Truth:
    """Four tables: internal numbers join them, and only a list of natures tells invoices from credit notes."""
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "690.00"))
    names = ("Abonnement Essentiel", "Abonnement Pro", "Hébergement dédié", "Support étendu")
    book = Company(
        503, replace(FR, plans=names), plans=monthly, upgrades=0, cancelled=0, issue_days=(0, 2), discounts="column"
    ).book()
    comma = amount("1234,5600")
    clients = [
        col("TIRID", v.customer("{}"), TEXT, "customers.id"),
        col("TIRCODE", v.customer("CL{:05d}")),
        col("TIRTYPE", lambda row: "C"),
        col("TIRSOCIETE", v.name, TEXT, "customers.name"),
        col("TIRCPOSTAL", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("TIRVILLE", lambda row: row.customer.city),
        col("TIRISACTIF", lambda row: "O"),
    ]
    headings = ("PINID", "PINCODE", "PININTITULE", "PITCODE", "PINSENSSTATISTIQUE")
    natures = [
        col(heading, lambda row, place=place: _NATURES[row.rank][place]) for place, heading in enumerate(headings)
    ]
    tables = (
        ("TIERS.csv", clients, book.customer_rows(), "customers"),
        ("PIECE_NATURE.csv", natures, [Row(rank=place) for place in range(len(_NATURES))], "document_types"),
        ("PIECEVENTES.csv", _wavesoft_pieces(comma), book.document_rows(), "invoices"),
        ("PIECEVENTELIGNES.csv", _wavesoft_lines(comma), book.line_rows(), "invoice_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator="\t", encoding="cp1252")
    facts = answers(
        credits="typed, negative",
        credit_reference="none",
        currency="EUR",
        period="text",
        product="PLVDESIGNATION",
    )
    return export.truth(out, book, facts, amounts=["PLVMNTNETHT", "PCVMNTHT"])


def _signed(value: Decimal, row: Row) -> Decimal:
    return row.document.sign * value


def _ciel_specs() -> list[Spec]:
    return [
        col("N° pièce", v.number("FC{:06d}", "AC{:06d}"), TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        v.kind_column("Type de pièce", "Facture", "Avoir"),
        col("Date", v.issued, CELL, "invoices.date", may="credit_notes.date"),
        col("Référence", lambda row: f"BC{row.document.number * 31 % 997:03d}"),
        col("Code client", v.customer("CL{:04d}"), TEXT, CUSTOMER, may="credit_notes.customer_id"),
        col("Raison sociale", v.name, TEXT, "customers.name"),
        col("Code représentant", lambda row: "REP1"),
        v.unused_amount("Base HT 1", lambda row: _signed(_taxed(row), row), NUMBER, "document", summed=True),
        v.unused_amount("TVA 1", v.signed_document_tax, NUMBER, "tax", summed=True),
        v.unused_amount("Base HT 2", lambda row: Decimal(0), NUMBER, "document", summed=True),
        v.unused_amount("TVA 2", lambda row: Decimal(0), NUMBER, "tax", summed=True),
        v.unused_amount("Base HT 3", lambda row: _signed(_untaxed(row), row), NUMBER, "document", summed=True),
        v.unused_amount("TVA 3", lambda row: Decimal(0), NUMBER, "tax", summed=True),
        col("Total net HT", v.signed_document_net, NUMBER, "invoices.amount", may=NET, summed=True),
        v.tax_column("Total TVA", v.signed_document_tax, NUMBER, summed=True),
        v.unused_amount("Total TTC", v.signed_document_gross, NUMBER, "gross", summed=True),
        v.unused_amount("Acompte", lambda row: Decimal(0), NUMBER, "document", summed=True),
        v.unused_amount("Net à payer", v.signed_document_gross, NUMBER, "gross", summed=True),
        v.unused_amount("Solde dû", v.left_to_pay, NUMBER, "balance", summed=True),
        v.due_column("Échéance", CELL),
        col("Mode de règlement", lambda row: "Virement"),
        col("Soldée", v.settled, words({"paid": "Oui", "open": "Non"}), "invoices.status"),
    ]


def _ciel(export: Export, out: Writer) -> Truth:
    """One row a document in a workbook: three bases and three taxes, sums, titles above and a row of totals."""
    book = Company(504, FR, cancelled=0, discounts="none", issue_days=(0, 6, 11)).book()
    titles: list[list[Cell]] = [["Liste des factures et avoirs"], ["Exercice du 01/01/2025 au 31/12/2025"], []]
    layout = Layout(titles, total="Totaux", empty_before_total=True)
    out.workbook(
        "Liste des factures.xlsx", Sheet("Feuil1", _ciel_specs(), book.document_rows(), "invoices customers", layout)
    )
    facts = answers(
        amount_of="document",
        credits="typed, negative",
        credit_reference="none",
        currency="EUR",
        line_type="none",
        period="none",
        product="none",
        subscription="none",
        period_end=None,
    )
    return export.truth(out, book, facts, amounts=["Total net HT"], has_mrr=False)


EXPORTS = (
    Export("fr_sage_x3", "Sage X3, three tables; types of documents as codes, two taxes, amounts twice", _sage_x3),
    Export(
        "fr_divalto", "Divalto, movements and customers; net after the document's discount, D for returns", _divalto
    ),
    Export("fr_wavesoft", "WaveSoft, four tables; natures of documents in one of them, months in texts", _wavesoft),
    Export("fr_ciel", "Ciel, a workbook of documents; three bases and taxes, titles and totals", _ciel),
)
