"""Exports of Exact Online, e-conomic and Collmex by companies of the Netherlands, Denmark and Germany.

The columns are those that the vendors document:

- Exact Online: https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoiceSalesInvoices, and
  likewise SalesInvoiceSalesInvoiceLines, SubscriptionSubscriptions and SubscriptionSubscriptionLines
- e-conomic: https://restdocs.e-conomic.com/#get-invoices-booked-bookedinvoicenumber
- Collmex, record CMXINV: https://www.collmex.de/c.cmx?1005,1,help,daten_importieren_rechnungen
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
from integration_tests.exports.forms import NUMBER, TEXT, WHOLE, Form, amount, day, percent, words
from integration_tests.exports.languages import DA, DE, NL
from integration_tests.exports.truth import Truth

POINT = amount("1234.56")
MIDNIGHT = Form("date", "YYYY-MM-DDThh:mm:ss", lambda value: "" if value is None else f"{value}T00:00:00")
ISO_DAY = Form("date", "YYYY-MM-DD", lambda value: None if value is None else f"{value}")


def _document(row: Row) -> str:
    return f"{row.document.is_credit}{row.document.number}"


def _line(row: Row) -> int:
    return row.line.number


def _billed(row: Row) -> int:
    return row.customer.number


def _subscribed(row: Row) -> int | None:
    return row.of_subscription.number if row.of_subscription else None


def _sold(row: Row) -> int | None:
    return row.of_plan.number if row.of_plan else None


def _processed(row: Row) -> str:
    return "draft" if row.document.status == "draft" else "open"


def _exact_invoices() -> list[Spec]:
    states = words({"draft": "20", "open": "50"})
    return [
        col("InvoiceID", v.guid("invoice", _document), TEXT, "invoices.id", may="credit_notes.id"),
        col("InvoiceNumber", v.number("25{:06d}", "258{:05d}"), TEXT, "invoices.number", matters=False),
        v.kind_column("Type", "8020", "8021"),
        col("TypeDescription", lambda row: "Creditnota" if row.document.is_credit else "Verkoopfactuur"),
        col("Status", _processed, states, "invoices.status"),
        col("Division", lambda row: "1284430"),
        col("Journal", lambda row: "70"),
        col("InvoiceDate", v.issued, MIDNIGHT, "invoices.date", may="credit_notes.date"),
        v.due_column("DueDate", MIDNIGHT),
        col("OrderNumber", lambda row: str(9000 + row.document.number)),
        col("OrderedBy", v.guid("account", _billed), TEXT, may="invoices.customer_id"),
        col("InvoiceTo", v.guid("account", _billed), TEXT, "invoices.customer_id", may="credit_notes.customer_id"),
        col("InvoiceToName", v.name, TEXT, may="customers.name"),
        col("Currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        v.unused_amount("AmountDC", v.signed_document_gross, POINT, "gross"),
        v.unused_amount("AmountFC", v.signed_document_gross, POINT, "gross"),
        col("AmountFCExclVat", v.signed_document_net, POINT, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("VATAmountDC", v.signed_document_tax, POINT, "tax"),
        v.unused_amount("VATAmountFC", v.signed_document_tax, POINT, "tax"),
        v.unused_amount("AmountDiscount", lambda row: Decimal(0), POINT, "discount"),
        col("PaymentCondition", lambda row: "30"),
        col("YourRef", lambda row: ""),
        col("Modified", lambda row: row.document.due, MIDNIGHT),
    ]


def _exact_lines() -> list[Spec]:
    return [
        col("ID", v.guid("line", _line), TEXT, "invoice_lines.id"),
        col("InvoiceID", v.guid("invoice", _document), TEXT, "invoice_lines.invoice_id"),
        col("LineNumber", lambda row: str(row.rank)),
        col("Item", v.guid("item", _sold), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("ItemCode", v.plan("ABO{:02d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Description"),
        v.quantity_column("Quantity", v.signed_quantity, POINT),
        v.unused_amount("UnitPrice", v.price, POINT, "unit price"),
        v.unused_amount("NetPrice", v.price, POINT, "unit price"),
        col("Discount", lambda row: Decimal(0), POINT, role="discount"),
        v.unused_amount("AmountDC", v.signed_net, POINT, "document"),
        col("AmountFC", v.signed_net, POINT, NET),
        col("VATCode", lambda row: "5 " if row.line.rate else "0 "),
        col("VATPercentage", v.rate, percent("0.2"), role="rate"),
        v.tax_column("VATAmountFC", v.signed_tax, POINT),
        v.unused_amount("VATAmountDC", v.signed_tax, POINT, "tax"),
        col("Subscription", v.guid("subscription", _subscribed), TEXT, "invoice_lines.subscription_id"),
        col("StartTime", v.start, MIDNIGHT, START),
        col("EndTime", v.last_day, MIDNIGHT, END),
        col("GLAccount", lambda row: "8000"),
    ]


def _exact_subscriptions() -> tuple[list[Spec], list[Spec]]:
    spans = words({"1": "MA", "3": "KW", "12": "JA"})
    heads = [
        col("EntryID", v.guid("subscription", _subscribed), TEXT, "subscriptions.id"),
        col("Number", lambda row: str(row.subscription.number)),
        col("Description", lambda row: row.plan.name, TEXT, may="plans.name products.name"),
        col("InvoiceTo", v.guid("account", _billed), TEXT, "subscriptions.customer_id"),
        col("InvoiceToName", v.name, TEXT, may="customers.name"),
        col("SubscriptionType", lambda row: str(row.plan.months), spans, may="plans.interval plans.interval_count"),
        col("StartDate", lambda row: row.subscription.start, MIDNIGHT, "subscriptions.start_date"),
        col("EndDate", lambda row: row.subscription.end, MIDNIGHT, "subscriptions.end_date"),
        col("CancellationDate", lambda row: None, MIDNIGHT, may="subscriptions.canceled_at"),
        col("Division", lambda row: "1284430"),
    ]
    lines = [
        col("ID", v.guid("subscription line", _subscribed)),
        col("EntryID", v.guid("subscription", _subscribed), TEXT, may="subscriptions.id"),
        col("LineType", lambda row: "0"),
        col("Item", v.guid("item", _sold), TEXT, may="subscriptions.plan_id plans.id"),
        col("ItemDescription", lambda row: row.plan.name, TEXT, may="plans.name products.name"),
        col("Quantity", lambda row: row.subscription.seats, POINT),
        v.unused_amount("NetPrice", lambda row: row.plan.price, POINT, "plan price"),
        v.unused_amount("AmountFC", lambda row: row.plan.price * row.subscription.seats, POINT, "plan price"),
        col("FromDate", lambda row: row.subscription.start, MIDNIGHT),
        col("ToDate", lambda row: row.subscription.end, MIDNIGHT),
    ]
    return heads, lines


def _exact(export: Export, out: Writer) -> Truth:
    """Five tables: ids of 36 characters join them, not the numbers; headers' amounts are with tax, lines' without."""
    book = Company(521, NL, rate="21", drafts=True, cancelled=0, anchor="anniversary", discounts="line").book()
    accounts = [
        col("ID", v.guid("account", _billed), TEXT, "customers.id"),
        col("Code", v.customer("{:>18}")),
        col("Name", v.name, TEXT, "customers.name"),
        col("Email", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("City", lambda row: row.customer.city),
        col("Country", lambda row: "NL ", TEXT, "customers.country", matters=False),
        col("Status", lambda row: "C"),
    ]
    subscriptions, subscription_lines = _exact_subscriptions()
    tables = (
        ("Accounts.csv", accounts, book.customer_rows(), "customers"),
        ("SalesInvoices.csv", _exact_invoices(), book.document_rows(), "invoices"),
        ("SalesInvoiceLines.csv", _exact_lines(), book.line_rows(), "invoice_lines"),
        ("Subscriptions.csv", subscriptions, book.subscription_rows(), "subscriptions"),
        ("SubscriptionLines.csv", subscription_lines, book.subscription_rows(), "subscription_lines"),
    )
    for file, specs, rows, objects in tables:
        out.text(file, specs, rows, objects, separator=";", encoding="utf-8-sig")
    facts = answers(
        credits="typed, negative", credit_reference="none", product="Description", subscription="Subscription"
    )
    return export.truth(out, book, facts, amounts=["AmountFC", "AmountFCExclVat"])


def _number(row: Row) -> int:
    return row.document.number + (70000 if row.document.is_credit else 30000)


def _in_kroner(row: Row) -> Decimal:
    return (v.signed_document_net(row) * (1 if row.document.currency == "DKK" else Decimal("7.46"))).quantize(
        Decimal("0.01")
    )


def _economic_invoices() -> list[Spec]:
    return [
        col("bookedInvoiceNumber", _number, WHOLE, INVOICE, may="invoices.number credit_notes.id"),
        col("orderNumber", lambda row: _number(row) + 100, WHOLE),
        col("date", v.issued, ISO_DAY, "invoices.date", may="credit_notes.date"),
        col("currency", v.currency, TEXT, "invoices.currency", may="invoice_lines.currency credit_notes.currency"),
        col("exchangeRate", lambda row: Decimal(100 if row.document.currency == "DKK" else 746), NUMBER),
        col("netAmount", v.signed_document_net, NUMBER, "invoices.amount", may="credit_notes.amount"),
        v.unused_amount("netAmountInBaseCurrency", _in_kroner, NUMBER, "document"),
        v.unused_amount("grossAmount", v.signed_document_gross, NUMBER, "gross"),
        v.unused_amount("vatAmount", v.signed_document_tax, NUMBER, "tax"),
        v.unused_amount("roundingAmount", lambda row: Decimal(0), NUMBER, "document"),
        v.unused_amount("remainder", v.left_to_pay, NUMBER, "balance"),
        v.due_column("dueDate", ISO_DAY),
        col("paymentTerms.paymentTermsNumber", lambda row: 5, WHOLE),
        col("paymentTerms.daysOfCredit", lambda row: 30, WHOLE),
        col("paymentTerms.name", lambda row: "Netto 30 dage"),
        col("customer.customerNumber", _billed, WHOLE, CUSTOMER, may="credit_notes.customer_id"),
        col("recipient.name", v.name, TEXT, "customers.name"),
        col("recipient.zip", lambda row: row.customer.zip_code[:4], TEXT, "customers.zip_code", matters=False),
        col("recipient.city", lambda row: row.customer.city),
        col("recipient.country", lambda row: "Danmark", TEXT, "customers.country", matters=False),
        col("recipient.vatZone.vatZoneNumber", lambda row: 1 if row.document.tax else 2, WHOLE),
        col("references.other", lambda row: ""),
    ]


def _economic_lines() -> list[Spec]:
    return [
        col("lineNumber", lambda row: row.rank, WHOLE),
        col("sortKey", lambda row: row.rank, WHOLE),
        v.product_label("description"),
        col("accrual.startDate", v.start, ISO_DAY, START),
        col("accrual.endDate", v.last_day, ISO_DAY, END),
        v.quantity_column("quantity", v.signed_quantity, NUMBER),
        v.unused_amount("unitNetPrice", v.price, NUMBER, "unit price"),
        col("discountPercentage", lambda row: Decimal(0), NUMBER, role="discount"),
        v.unused_amount("unitCostPrice", lambda row: Decimal(0), NUMBER, "unit price"),
        col("vatRate", v.rate, NUMBER, role="rate"),
        v.tax_column("vatAmount", v.signed_tax, NUMBER),
        col("totalNetAmount", v.signed_net, NUMBER, NET),
        col("product.productNumber", v.plan("{}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        col("unit.unitNumber", lambda row: 1, WHOLE),
        col("unit.name", lambda row: "stk."),
    ]


def _economic(export: Export, out: Writer) -> Truth:
    """Booked invoices of the API with their lines inside: credit notes below zero, accruals as periods."""
    book = Company(
        522, DA, currencies=("DKK", "DKK", "EUR"), rate="25", cancelled=0, anchor="anniversary", discounts="line"
    ).book()
    documents = Sheet("", _economic_invoices(), book.document_rows(), "customers invoices")
    lines = Sheet("lines", _economic_lines(), book.line_rows(), "invoice_lines")
    out.json_with_lists("invoices_booked.json", "collection", documents, lines)
    facts = answers(credits="negative, untyped", credit_reference="none", product="description", status="none")
    return export.truth(out, book, facts, amounts=["totalNetAmount", "netAmount"])


def _with_service_days(row: Row) -> str:
    """A line's text, with the days of service in it."""
    if not row.start or not row.last_day:
        return row.line.label
    return f"{row.line.label} (Leistungszeitraum {row.start:%d.%m.%Y} - {row.last_day:%d.%m.%Y})"


def _collmex_heads() -> list[Spec]:
    states = {"draft": "0", "open": "20", "overdue": "30", "paid": "40", "cancelled": "100"}
    return [
        col("Satzart", lambda row: "CMXINV"),
        col("Rechnungsnummer", v.number("{}", "9{:04d}"), TEXT, INVOICE, may="invoices.number credit_notes.id"),
        col("Position", lambda row: str(row.rank)),
        v.kind_column("Rechnungsart", "0", "1"),
        col("Firma Nr", lambda row: "1"),
        col("Auftrag Nr", lambda row: str(5000 + row.document.number)),
        col("Kunden-Nr", v.customer("1{:04d}"), TEXT, CUSTOMER, may="credit_notes.customer_id"),
        col("Anrede", lambda row: ""),
        col("Vorname", lambda row: ""),
        col("Name", lambda row: ""),
        col("Firma", v.name, TEXT, "customers.name"),
        col("PLZ", lambda row: row.customer.zip_code, TEXT, "customers.zip_code", matters=False),
        col("Ort", lambda row: row.customer.city),
        col("Land", lambda row: "DE", TEXT, "customers.country", matters=False),
        col("E-Mail", lambda row: row.customer.email, TEXT, "customers.email", matters=False),
        col("Rechnungsdatum", v.issued, day("DD.MM.YYYY"), "invoices.date", may="credit_notes.date"),
        col("Preisdatum", v.issued, day("DD.MM.YYYY")),
        col("Zahlungsbedingung", lambda row: "0"),
        col("Währung (ISO-Codes)", v.currency, TEXT, "invoices.currency invoice_lines.currency"),
        col("Preisgruppe", lambda row: "0"),
        col("Schlussrabatt", lambda row: Decimal(0), amount("1234,56"), role="discount"),
        col("Status", v.status, words(states), "invoices.status"),
        col("Verrechnen mit", v.credited("{}"), TEXT, "credit_notes.invoice_id"),
        col("Systemname", lambda row: ""),
    ]


def _collmex_items(comma: Form) -> list[Spec]:
    return [
        col("Positionstyp", lambda row: "0"),
        col("Produktnummer", v.plan("ABO-{:03d}"), TEXT, may="products.id plans.id invoice_lines.price_id"),
        v.product_label("Produktbeschreibung", _with_service_days),
        col("Mengeneinheit", lambda row: "PCE"),
        v.quantity_column("Menge", v.quantity, comma),
        v.unused_amount("Einzelpreis", v.price, comma, "unit price"),
        col("Preismenge", lambda row: "1"),
        col("Positionsrabatt", lambda row: Decimal(0), comma, role="discount"),
        col("Positionswert", v.net, comma, NET, may="invoices.amount"),
        col("Produktart", lambda row: "1"),
        col("Steuerklassifikation", lambda row: "0" if row.line.rate else "2"),
        col("Erlösart", lambda row: "0"),
    ]


def _collmex(export: Export, out: Writer) -> Truth:
    """One row a position, everything else repeated: codes for types and states, no tax, no due date."""
    book = Company(
        523, DE, rate="19", drafts=True, cancelled=0.04, discounts="line", upgrades=0.1, issue_days=(0, 3, 12)
    ).book()
    specs = [*_collmex_heads(), *_collmex_items(amount("1234,56"))]
    out.text("rechnungen.csv", specs, book.line_rows(), FLAT, separator=";", encoding="cp1252")
    facts = answers(
        credits="typed, positive",
        credit_reference="Verrechnen mit",
        period="text",
        product="Produktbeschreibung",
    )
    return export.truth(out, book, facts, amounts=["Positionswert"])


EXPORTS = (
    Export(
        "nl_exact_online", "Exact Online, five tables; ids of 36 characters, headers with tax, subscriptions", _exact
    ),
    Export("da_economic", "e-conomic, JSON: booked invoices with their lines inside, credits below zero", _economic),
    Export("de_collmex", "Collmex, one row a position: codes for types and states, periods in texts", _collmex),
)
