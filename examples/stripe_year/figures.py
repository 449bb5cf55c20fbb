"""What Fincome must hold after the sync, computed from the world.

The rules of what is loaded are Fincome's own connectors': no draft and no voided document. Nothing here looks
at the rendered records.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from examples.stripe_year.calendar_time import DAY, MRR_MONTH, Instant, add_months, instant
from examples.stripe_year.model import CreditNote, Invoice, InvoiceStatus, LineKind, SubscriptionStatus, World
from examples.stripe_year.money import major_units

FINCOME_STATUS = {
    InvoiceStatus.OPEN: "open",
    InvoiceStatus.PAID: "paid",
    InvoiceStatus.UNCOLLECTIBLE: "unpaid",
}
"""Statuses of the invoices that are loaded, in Fincome's words."""


def expected_figures(world: World, month: str = MRR_MONTH) -> dict[str, object]:
    """Return counts of objects, sums per currency, invoices by status, subscriptions and MRR."""
    invoices = [invoice for invoice in world.invoices if invoice.status in FINCOME_STATUS]
    notes = [note for note in world.credit_notes if note.voided_at is None]
    statuses = Counter(subscription.status for subscription in world.subscriptions)
    return {
        "mrr_month": month,
        "objects": {
            "products": len(world.products),
            "plans": len(world.prices),
            "customers": len(world.customers),
            "subscriptions": len(world.subscriptions) - statuses[SubscriptionStatus.INCOMPLETE_EXPIRED],
            "invoices": len(invoices),
            "invoice_lines": sum(len(invoice.lines) for invoice in invoices),
            "credit_notes": len(notes),
        },
        "currencies": _per_currency(invoices, notes, month),
        "invoices_by_status": _by_status(invoices),
        "active_subscriptions": statuses[SubscriptionStatus.ACTIVE] + statuses[SubscriptionStatus.PAST_DUE],
        "trialing_subscriptions": statuses[SubscriptionStatus.TRIALING],
    }


def monthly_recurring(invoices: Iterable[Invoice], moment: Instant) -> Fraction:
    """Return the recurring revenue just before a moment, in minor units, exact.

    Each recurring line whose period contains the second before it gives its net amount, divided by the months of its
    period.
    """
    total = Fraction(0)
    for invoice in invoices:
        for line in invoice.lines:
            if line.kind is not LineKind.ONE_OFF and line.start < moment <= line.end:
                total += line.net / months_between(line.start, line.end)
    return total


def end_of_knowledge(invoices: Iterable[Invoice], month: str) -> Instant:
    """Return the end of a month, or of the newest invoice's day if that is in the month: later is not billed yet."""
    first, last = month_bounds(month)
    newest = max((invoice.finalized_at or invoice.created for invoice in invoices), default=first)
    return min(last, newest - newest % DAY + DAY) if first <= newest < last else last


def months_between(start: Instant, end: Instant) -> Fraction:
    """Return the months of a billing period, or of the part of one that was left after a change.

    A whole period is anchored on its first day, or (31 January, 28 February, 31 March) on its last. A part ends
    where the next period begins, so it is measured by the month that ends with it.
    """
    for months in range(1, 13):
        if add_months(start, months) == end or add_months(end, -months) == start:
            return Fraction(months)
    whole = 0
    while add_months(end, -whole - 1) >= start:
        whole += 1
    last, before = add_months(end, -whole), add_months(end, -whole - 1)
    return whole + Fraction(last - start, last - before)


def month_bounds(month: str) -> tuple[Instant, Instant]:
    """Return the first instant of a month, given as YYYY-MM, and that of the next."""
    year, number = int(month[:4]), int(month[5:])
    start = instant(year, number)
    return start, start + calendar.monthrange(year, number)[1] * 86_400


def _per_currency(invoices: list[Invoice], notes: list[CreditNote], month: str) -> dict[str, dict[str, str]]:
    figures = {}
    moment = end_of_knowledge(invoices, month)
    for currency in sorted({invoice.customer.currency for invoice in invoices}):
        billed = [invoice for invoice in invoices if invoice.customer.currency == currency]
        lines = [line for invoice in billed for line in invoice.lines]
        credited = [note for note in notes if note.invoice.customer.currency == currency]
        # A header's amount is what is payable without its tax, so that header and lines are two sums.
        headers = sum(invoice.payable - sum(line.tax for line in invoice.lines) for invoice in billed)
        # `round` of a Fraction is half to even.
        mrr = round(monthly_recurring(billed, moment))
        figures[currency.upper()] = {
            "invoiced_net": major_units(headers, currency),
            "line_net": major_units(sum(line.net for line in lines), currency),
            "line_tax": major_units(sum(line.tax for line in lines), currency),
            "credited": major_units(sum(note.net for note in credited), currency),
            "mrr": major_units(mrr, currency),
        }
    return figures


def _by_status(invoices: list[Invoice]) -> dict[str, int]:
    counts = Counter(FINCOME_STATUS[invoice.status] for invoice in invoices)
    return {status: counts[status] for status in ("open", "paid", "unpaid")}
