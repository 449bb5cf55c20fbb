"""A workbook by hand, as companies have it that bill without a program: a row a subscription, a column a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from integration_tests.exports import values as v
from integration_tests.exports.book import Book, Company, Row
from integration_tests.exports.export import NET, Export, Layout, Sheet, Spec, Writer, answers, col
from integration_tests.exports.forms import NUMBER, TEXT
from integration_tests.exports.languages import FR
from integration_tests.exports.truth import Truth

FIELDS = f"{NET} invoice_lines.period_start invoice_lines.period_end invoices.date"


def _of_month(book: Book, month: int) -> Callable[[Row], Decimal | None]:
    """Return what gives the net amount that a subscription was billed for a month, nothing if it was not."""
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for invoice in book.invoices:
        for line in invoice.lines:
            if line.subscription and line.period and line.period[0] == date(2025, month, 1):
                amounts[line.subscription.number] += line.net
    return lambda row: amounts.get(row.subscription.number)


def _month(book: Book, month: int) -> Spec:
    value = _of_month(book, month)
    heading = f"{FR.months[month - 1]} 2025"
    return col(heading, value, NUMBER, NET, may=FIELDS, role="month", matters=month == 1, summed=True)


def _year(row: Row, months: list[Spec]) -> Decimal:
    return sum((spec.value(row) or Decimal(0) for spec in months), Decimal(0))


def _pivot(export: Export, out: Writer) -> Truth:
    """Twelve columns of what was billed without tax, a title, a total to the right and one below."""
    monthly = ((1, "49.00"), (1, "129.90"), (1, "270.00"), (1, "495.00"))
    book = Company(
        441, FR, plans=monthly, credits=0, cancelled=0, one_offs=0, upgrades=0, discounts="none", customers=30
    ).book()
    months = [_month(book, month) for month in range(1, 13)]
    specs = [
        col("Code client", v.customer("{:05d}"), TEXT, "customers.id", may="invoices.customer_id"),
        col("Client", v.name, TEXT, "customers.name"),
        col("Formule", lambda row: row.plan.name, TEXT, "invoice_lines.description", matters=False),
        col("Utilisateurs", lambda row: row.subscription.seats, NUMBER, may="invoice_lines.quantity"),
        *months,
        v.unused_amount("Total 2025", lambda row: _year(row, months), NUMBER, "document", summed=True),
    ]
    rows = book.subscription_rows()
    layout = Layout([["CA HT récurrent par client, en euros"], []], total="TOTAL")
    out.workbook("CA 2025.xlsx", Sheet("Abonnements", specs, rows, "customers invoices invoice_lines", layout))
    facts = answers(
        credits="none",
        currency="EUR",
        period="headings",
        period_end=None,
        product="Formule",
        status="none",
    )
    return export.truth(out, book, facts, amounts=[spec.heading for spec in months])


EXPORTS = (Export("fr_by_month", "A French workbook by hand, a row a subscription and a column a month", _pivot),)
