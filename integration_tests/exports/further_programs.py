"""Exports of a Swedish, a Polish and a Belgian company: Fortnox, wFirma and Odoo's journal items.

- Fortnox, invoices and their rows by the fields of its API: https://apps.fortnox.se/apidocs#tag/fortnox_Invoices
- wFirma, lists of its modules: https://doc.wfirma.pl, whose fields are in English; the headings are what Polish
  invoices must have (art. 106e of the law on VAT) and what programs' lists show.
- Odoo, the list of journal items with the columns of deferred revenue:
  https://www.odoo.com/documentation/17.0/applications/finance/accounting/customer_invoices/deferred_revenues.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Book, Company, Row
from integration_tests.exports.entries import booked, entry_rows
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
from integration_tests.exports.forms import CELL, NUMBER, TEXT, WHOLE, amount, day, percent, words
from integration_tests.exports.languages import FR, PL, SV
from integration_tests.exports.truth import Truth

ISO_DAY, POINT = day("YYYY-MM-DD"), amount("1234.56")
_PRODUCTS = "products.id plans.id invoice_lines.price_id"


def _cancelled(row: Row) -> str:
    return "cancelled" if row.document.status == "cancelled" else "open"


def _fortnox_invoices() -> list[Spec]:
    number = v.number("{}", "9{:03d}")
    return [
        col("DocumentNumber", number, TEXT, "invoices.id", may="invoices.number credit_notes.id"),
        col(
            "CustomerNumber",
            v.customer("{}"),
            TEXT,
            "invoices.customer_id",
            may="customers.id credit_notes.customer_id",
        ),
        col("CustomerName", v.name, TEXT, "customers.name"),
        col("OrganisationNumber", lambda row: f"55{row.customer.siret[2:6]}-{row.customer.siret[6:10]}"),
        col("InvoiceDate", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        v.due_column("DueDate", ISO_DAY),
        col("InvoiceType", lambda row: "AGREEMENTINVOICE" if row.document.lines[0].period else "INVOICE"),
        col("Credit", v.kind, words({"invoice": "false", "credit_note": "true"}), role="kind", matters=True),
        col("CreditInvoiceReference", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("Cancelled", _cancelled, words({"cancelled": "true", "open": "false"}), "invoices.status"),
        col("Booked", lambda row: "true"),
        col("Sent", lambda row: "true"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("CurrencyRate", lambda row: "1" if row.customer.currency == "SEK" else "11.36"),
        v.unused_amount("Net", v.signed_document_net, POINT, "document"),
        v.unused_amount("TotalVAT", v.signed_document_tax, POINT, "document"),
        v.unused_amount("Total", v.signed_document_gross, POINT, "document"),
        v.unused_amount("Balance", v.left_to_pay, POINT, "balance"),
        col("YourReference", v.nothing),
    ]


def _swedish_title(row: Row) -> str:
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label}, avser perioden {row.start} - {row.last_day}"


def _fortnox_rows() -> list[Spec]:
    number = v.number("{}", "9{:03d}")
    return [
        col(
            "DocumentNumber",
            number,
            TEXT,
            "invoice_lines.invoice_id",
            may="invoices.id credit_notes.id",
        ),
        col("RowId", lambda row: str(row.rank)),
        col("AccountNumber", lambda row: "3041" if row.line.period else "3051"),
        col("ArticleNumber", v.plan("{}00"), TEXT, may=_PRODUCTS),
        v.period_text("Description", _swedish_title),
        v.quantity_column("DeliveredQuantity", v.signed_quantity, POINT),
        col("Unit", lambda row: "st"),
        v.unused_amount("Price", v.price, POINT, "unit price"),
        col("Discount", v.percent_off, POINT, role="discount"),
        col("DiscountType", lambda row: "PERCENT"),
        col("Total", v.signed_net, POINT, NET),
        col("VAT", v.rate, percent("20"), role="rate"),
    ]


def _fortnox(export: Export, out: Writer) -> Truth:
    """Two tables of an API's fields: discounts in percent, two currencies, credits below zero, words true and false."""
    book = Company(731, SV, currencies=("SEK", "SEK", "EUR"), rate="25", cancelled=0.03, anchor="anniversary").book()
    out.text(
        "Invoices.csv", _fortnox_invoices(), book.document_rows(), "customers invoices", separator=",", encoding="utf-8"
    )
    out.text("InvoiceRows.csv", _fortnox_rows(), book.line_rows(), "invoice_lines", separator=",", encoding="utf-8")
    facts = answers(
        credits="typed, negative",
        credit_reference="CreditInvoiceReference",
        period="text",
        product="Description",
    )
    return export.truth(out, book, facts, amounts=["Total"])


def _wfirma_invoices() -> list[Spec]:
    states = {"paid": "opłacona", "open": "nieopłacona", "cancelled": "anulowana"}
    return [
        col("Numer faktury", v.number("FV {}/2025"), TEXT, "invoices.id", may="invoices.number"),
        col("Data wystawienia", v.issued, CELL, "invoices.date"),
        col("Data sprzedaży", v.issued, CELL, may="invoices.date"),
        v.due_column("Termin płatności", CELL),
        col("Kontrahent", v.name, TEXT, may="customers.name invoices.customer_id"),
        col("NIP", _nip, TEXT, "invoices.customer_id", may="customers.id"),
        col("Waluta", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency"),
        v.unused_amount("Wartość netto", v.document_net, NUMBER, "document"),
        v.unused_amount("Kwota VAT", v.document_tax, NUMBER, "document"),
        v.unused_amount("Wartość brutto", v.document_gross, NUMBER, "document"),
        col("Stan płatności", v.state, words(states), "invoices.status"),
    ]


def _nip(row: Row) -> str:
    """A customer's tax number, by which Polish companies know each other."""
    return (
        f"{row.customer.siret[1:4]}-{row.customer.siret[4:7]}-{row.customer.siret[7:9]}-{row.customer.number % 100:02d}"
    )


def _polish_zip_code(row: Row) -> str:
    return f"{row.customer.zip_code[:2]}-{row.customer.zip_code[2:]}"


def _wfirma_items() -> list[Spec]:
    return [
        col("Numer faktury", v.number("FV {}/2025"), TEXT, "invoice_lines.invoice_id"),
        col("Lp.", lambda row: row.rank, WHOLE),
        col("Kod", v.plan("AB{}"), TEXT, may=_PRODUCTS),
        v.product_label("Nazwa towaru lub usługi"),
        col("J.m.", lambda row: "szt."),
        v.quantity_column("Ilość", v.quantity, NUMBER),
        v.unused_amount("Cena netto", v.price, NUMBER, "unit price"),
        col("Rabat %", v.percent_off, NUMBER, role="discount"),
        col("Wartość netto", v.net, NUMBER, NET),
        col("Stawka VAT", v.rate, percent("20%"), role="rate"),
        v.tax_column("Kwota VAT", v.tax, NUMBER),
        v.unused_amount("Wartość brutto", v.gross, NUMBER, "gross"),
        col("Okres od", v.start, CELL, START),
        col("Okres do", v.last_day, CELL, END),
    ]


def _wfirma_corrections() -> list[Spec]:
    return [
        col("Numer korekty", v.number("", "FK {}/2025"), TEXT, "credit_notes.id"),
        col("Data wystawienia", v.issued, CELL, "credit_notes.date"),
        col("Korekta do faktury", v.credited("FV {}/2025"), TEXT, "credit_notes.invoice_id"),
        col("Kontrahent", v.name, TEXT, may="credit_notes.customer_id customers.name"),
        col("NIP", _nip, TEXT, "credit_notes.customer_id", may="customers.id"),
        col("Waluta", v.currency, TEXT, "credit_notes.currency"),
        col("Zmiana netto", v.signed_document_net, NUMBER, "credit_notes.amount"),
        v.unused_amount("Zmiana VAT", v.signed_document_tax, NUMBER, "tax"),
        v.unused_amount("Zmiana brutto", v.signed_document_gross, NUMBER, "gross"),
        col("Przyczyna korekty", lambda row: "Zwrot części należności", TEXT, may="credit_notes.lines"),
    ]


def _wfirma(export: Export, out: Writer) -> Truth:
    """A workbook of five sheets in Polish: invoices, positions, corrections below zero, customers, prices."""
    book = Company(732, PL, currencies=("PLN", "PLN", "EUR"), rate="23", cancelled=0.03, issue_days=(0, 6)).book()
    units = {1: "miesiąc", 3: "kwartał", 12: "rok"}
    customers = [
        col("NIP", _nip, TEXT, "customers.id"),
        col("Nazwa", v.name, TEXT, "customers.name"),
        col("Kod pocztowy", _polish_zip_code, may="customers.zip_code"),
        col("Miejscowość", lambda row: row.customer.city),
        col("E-mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
    ]
    prices = [
        col("Kod", lambda row: f"AB{row.plan.number}", TEXT, may=_PRODUCTS),
        col("Nazwa", lambda row: row.plan.name, TEXT, may="products.name plans.name"),
        col("Cena netto", lambda row: row.plan.price, NUMBER, may="plans.amount", role="plan price"),
        col("Jednostka", lambda row: units[row.plan.months], TEXT, may="plans.interval"),
    ]
    out.workbook(
        "sprzedaz_2025.xlsx",
        Sheet("Faktury", _wfirma_invoices(), book.document_rows("invoices"), "invoices"),
        Sheet("Pozycje", _wfirma_items(), book.line_rows("invoices"), "invoice_lines"),
        Sheet("Korekty", _wfirma_corrections(), book.document_rows("credits"), "credit_notes"),
        Sheet("Kontrahenci", customers, book.customer_rows(), "customers"),
        Sheet("Cennik", prices, book.plan_rows(), "products plans"),
    )
    facts = answers(
        credits="own table",
        sign_of_credits="negative",
        credit_reference="Korekta do faktury",
        product="Nazwa towaru lub usługi",
    )
    return export.truth(out, book, facts, amounts=["Wartość netto", "Zmiana netto"])


_BANK, _PAID_OFF = -2, -3
"""Ranks of a payment's two rows: the bank's, and the customer's."""


def _with_payments(book: Book) -> Iterator[Row]:
    """Yield the entries of documents by date, and those of payments, on the day when each was due."""
    entries = list(entry_rows(book))
    paid = [row for row in entries if not row.rank and row.document.status == "paid" and not row.document.is_credit]
    payments = [Row(row.customer, row.document, rank=rank) for row in paid for rank in (_BANK, _PAID_OFF)]
    yield from sorted([*entries, *payments], key=_booked_on)


def _booked_on(row: Row) -> date:
    return row.document.due if row.rank <= _BANK else row.document.date


def _odoo_amount(row: Row) -> Decimal:
    """What a row books, above zero on the credit side."""
    if row.rank <= _BANK:
        return row.document.gross if row.rank == _PAID_OFF else -row.document.gross
    return booked(row)


def _odoo_account(row: Row) -> str:
    if row.of_line:
        return "700100 Abonnements" if row.of_line.period else "700200 Prestations de services"
    names = {0: "400000 Clients", _BANK: "550001 Banque", _PAID_OFF: "400000 Clients"}
    return names.get(row.rank, "451000 TVA à payer")


def _odoo_entry(row: Row) -> str:
    if row.rank <= _BANK:
        return f"BNK1/2025/{row.document.number:05d}"
    return f"{'RFAC' if row.document.is_credit else 'FAC'}/2025/{row.document.number:05d}"


def _odoo_items() -> list[Spec]:
    return [
        col("Date", _booked_on, CELL, "invoices.date", may="credit_notes.date"),
        col("Pièce comptable", _odoo_entry, TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Journal", lambda row: "Banque" if row.rank <= _BANK else "Factures clients"),
        col("Compte", _odoo_account, TEXT, role="account", matters=True),
        col("Partenaire", v.name, TEXT, f"{CUSTOMER} customers.name"),
        v.product_label("Libellé", lambda row: row.of_line.label if row.of_line else _odoo_entry(row)),
        col("Date d'échéance", lambda row: None if row.rank else row.document.due, CELL, "invoices.due_date"),
        col("Date de début", lambda row: row.start if row.of_line else None, CELL, START),
        col("Date de fin", lambda row: row.last_day if row.of_line else None, CELL, END),
        col("Débit", lambda row: max(-_odoo_amount(row), Decimal(0)), NUMBER, NET, role="debit"),
        col("Crédit", lambda row: max(_odoo_amount(row), Decimal(0)), NUMBER, NET, role="credit"),
        col("Lettrage", lambda row: f"P{row.document.number}" if row.rank in (0, _PAID_OFF) else ""),
    ]


def _odoo_journal(export: Export, out: Writer) -> Truth:
    """Items of two journals, sales and bank, as typed cells: payments are no invoices; accounts with their names."""
    book = Company(733, FR, rate="21", months=11, cancelled=0, anchor="anniversary", discounts="line").book()
    rows = list(_with_payments(book))
    out.workbook("Écritures comptables (account.move.line).xlsx", Sheet("Sheet1", _odoo_items(), rows, FLAT))
    facts = answers(
        amount_of="entry",
        accounts="70",
        sides="credit minus debit",
        credits="negative, untyped",
        credit_reference="none",
        currency="EUR",
        product="Libellé",
        status="none",
    )
    return export.truth(out, book, facts, amounts=["Débit", "Crédit"])


EXPORTS = (
    Export(
        "sv_fortnox", "Fortnox, invoices and rows; discounts in percent, two currencies, periods in texts", _fortnox
    ),
    Export("pl_wfirma", "wFirma, a workbook of five sheets in Polish; corrections below zero", _wfirma),
    Export("be_odoo_journal", "Odoo, items of the journals of sales and bank; days of deferred revenue", _odoo_journal),
)
