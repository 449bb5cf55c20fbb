"""Invoices, their lines and credit notes as Stripe objects (API 2022-11-15)."""

from __future__ import annotations

from collections.abc import Sequence

from examples.stripe_year.calendar_time import DAY
from examples.stripe_year.model import (
    CreditLine,
    CreditNote,
    Customer,
    Invoice,
    InvoiceStatus,
    Line,
    LineKind,
    Payment,
)
from examples.stripe_year.render_parts import (
    ACCOUNT_COUNTRY,
    ACCOUNT_NAME,
    StripeObject,
    address_object,
    discount_object,
    inline_price,
    plan_object,
    price_object,
    tax_amount,
    tax_rate_id,
    tax_rate_object,
)

EMBEDDED_LINES = 10
"""How many lines Stripe puts into an invoice; the others are in the stream invoice_line_items only."""


def invoice_object(invoice: Invoice, credited: int, item_ids: Sequence[str]) -> StripeObject:
    """Render an invoice; `credited` is what its credit notes gave back, tax included."""
    customer = invoice.customer
    draft = invoice.status is InvoiceStatus.DRAFT
    lines = line_objects(invoice, item_ids)
    by_transfer = invoice.payment is Payment.TRANSFER
    due = None if invoice.finalized_at is None else float(invoice.finalized_at + 30 * DAY)
    return {
        "id": invoice.id,
        "object": "invoice",
        "account_country": ACCOUNT_COUNTRY,
        "account_name": ACCOUNT_NAME,
        "auto_advance": draft,
        "automatic_tax": {"enabled": False, "status": None},
        "billing_reason": invoice.reason,
        "collection_method": "send_invoice" if by_transfer else "charge_automatically",
        "created": invoice.created,
        "currency": customer.currency,
        "customer": customer.id,
        "customer_address": address_object(customer),
        "customer_email": customer.email,
        "customer_name": customer.name,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "due_date": due if by_transfer else None,
        "effective_at": invoice.finalized_at,
        "lines": {
            "object": "list",
            "data": lines[:EMBEDDED_LINES],
            "has_more": len(lines) > EMBEDDED_LINES,
            "total_count": len(lines),
            "url": f"/v1/invoices/{invoice.id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "number": invoice.number,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": float(invoice.period[1]),
        "period_start": float(invoice.period[0]),
        "post_payment_credit_notes_amount": credited,
        "pre_payment_credit_notes_amount": 0,
        "status": invoice.status.value,
        "subscription": invoice.subscription_id,
        "subscription_details": {"metadata": {} if invoice.subscription_id else None},
        "updated": invoice.created,
        "webhooks_delivered_at": float(invoice.created),
        **_discounts(invoice),
        **_payment(invoice),
        **_totals(invoice),
        **_transitions(invoice),
    }


def line_objects(invoice: Invoice, item_ids: Sequence[str]) -> list[StripeObject]:
    """Render all lines of an invoice."""
    return [_line(invoice, line, item_ids) for line in invoice.lines]


def credit_note_object(note: CreditNote) -> StripeObject:
    """Render a credit note. Its discount_amount comes as text: the schema of source-stripe says so."""
    customer = note.invoice.customer
    discount = sum(line.discount for line in note.lines)
    return {
        "id": note.id,
        "object": "credit_note",
        "amount": note.payable,
        "amount_shipping": 0,
        "created": note.created,
        "currency": customer.currency,
        "customer": customer.id,
        "discount_amount": str(discount),
        "discount_amounts": [{"amount": discount, "discount": note.invoice.discount_id}] if discount else [],
        "effective_at": note.created,
        "invoice": note.invoice.id,
        "lines": {
            "object": "list",
            "data": [_credit_line(line, note) for line in note.lines],
            "has_more": False,
            "url": f"/v1/credit_notes/{note.id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "number": note.number,
        "reason": note.reason,
        "status": "issued" if note.voided_at is None else "void",
        "subtotal": sum(line.amount for line in note.lines),
        "subtotal_excluding_tax": sum(_without_tax(line) for line in note.lines),
        "tax_amounts": _taxes_by_rate(customer, note.lines),
        "total": note.payable,
        "total_excluding_tax": note.net,
        "type": "post_payment",
        "updated": note.created,
        "voided_at": note.voided_at,
    }


# -- parts of an invoice


def _totals(invoice: Invoice) -> StripeObject:
    """Render the sums. `subtotal_excluding_tax` and a line's `amount_excluding_tax` are before discount."""
    discount = sum(line.discount for line in invoice.lines)
    taxes = _taxes_by_rate(invoice.customer, invoice.lines, whole_rate=True)
    return {
        "subtotal": sum(line.amount for line in invoice.lines),
        "subtotal_excluding_tax": sum(_without_tax(line) for line in invoice.lines),
        "tax": sum(line.tax for line in invoice.lines) if taxes else None,
        "total": invoice.payable,
        "total_discount_amounts": [{"amount": discount, "discount": invoice.discount_id}] if discount else [],
        "total_excluding_tax": invoice.net,
        "total_tax_amounts": taxes,
    }


def _payment(invoice: Invoice) -> StripeObject:
    """Render what is due and paid. A negative total is owed to the customer: it becomes a balance."""
    due = max(0, invoice.payable)
    paid = due if invoice.status is InvoiceStatus.PAID else 0
    draft = invoice.status is InvoiceStatus.DRAFT
    by_card = invoice.payment is Payment.CARD and not draft and due > 0
    failed = invoice.status in (InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE)
    return {
        "amount_due": due,
        "amount_paid": paid,
        "amount_remaining": due - paid,
        "amount_shipping": 0,
        "attempt_count": (4 if failed else 1) if by_card else 0,
        "attempted": not draft,
        "ending_balance": None if draft else min(0, invoice.payable),
        "paid": invoice.status is InvoiceStatus.PAID,
        "paid_out_of_band": False,
        "payment_intent": f"pi_{invoice.id[3:]}" if by_card else None,
        "starting_balance": 0,
    }


def _transitions(invoice: Invoice) -> StripeObject:
    def closed_as(status: InvoiceStatus) -> int | None:
        return invoice.closed_at if invoice.status is status else None

    return {
        "status_transitions": {
            "finalized_at": invoice.finalized_at,
            "marked_uncollectible_at": closed_as(InvoiceStatus.UNCOLLECTIBLE),
            "paid_at": closed_as(InvoiceStatus.PAID),
            "voided_at": closed_as(InvoiceStatus.VOID),
        }
    }


def _discounts(invoice: Invoice) -> StripeObject:
    if invoice.coupon is None or invoice.discount_id is None or invoice.subscription_id is None:
        return {"discount": None, "discounts": []}
    discount = discount_object(
        invoice.discount_id, invoice.coupon, invoice.customer, invoice.subscription_id, invoice.created
    )
    return {"discount": discount, "discounts": [discount]}


def _taxes_by_rate(
    customer: Customer, lines: Sequence[Line] | Sequence[CreditLine], *, whole_rate: bool = False
) -> list[StripeObject]:
    """Sum the taxes of lines per tax rate; none where the customer's country has no VAT."""
    taxes = []
    for inclusive in (False, True):
        group = [line for line in lines if _is_inclusive(line) is inclusive]
        if not group or not customer.tax_percent:
            continue
        whole = tax_rate_object(customer, inclusive=inclusive)
        rate = whole if whole_rate else whole["id"]
        total, taxable = sum(line.tax for line in group), sum(line.net for line in group)
        taxes.append(tax_amount(total, taxable, rate, inclusive=inclusive))
    return taxes


# -- lines


def _is_inclusive(line: Line | CreditLine) -> bool:
    return line.inclusive if isinstance(line, Line) else line.line.inclusive


def _without_tax(line: Line | CreditLine) -> int:
    return line.amount - line.tax if _is_inclusive(line) else line.amount


def _tax_amounts(customer: Customer, line: Line | CreditLine) -> list[StripeObject]:
    if not customer.tax_percent:
        return []
    inclusive = _is_inclusive(line)
    return [tax_amount(line.tax, line.net, tax_rate_id(customer, inclusive=inclusive), inclusive=inclusive)]


def _line(invoice: Invoice, line: Line, item_ids: Sequence[str]) -> StripeObject:
    recurring = line.kind is LineKind.RECURRING
    rendered: StripeObject = {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "amount_excluding_tax": _without_tax(line),
        "currency": invoice.customer.currency,
        "description": line.description,
        "discount_amounts": _line_discounts(invoice, line),
        "discountable": line.kind is not LineKind.PRORATION,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "period": {"start": line.start, "end": line.end},
        "plan": plan_object(line.price) if line.price else None,
        "price": _line_price(invoice, line),
        "proration": line.kind is LineKind.PRORATION,
        "proration_details": {"credited_items": None},
        "quantity": line.quantity,
        "subscription": invoice.subscription_id if line.kind is not LineKind.ONE_OFF else None,
        "tax_amounts": _tax_amounts(invoice.customer, line),
        "tax_rates": [],
        "type": "subscription" if recurring else "invoiceitem",
        "unit_amount_excluding_tax": str(_without_tax(line) // line.quantity),
    }
    if not recurring:
        rendered["invoice_item"] = f"ii_{line.id[3:]}"
    if line.kind is not LineKind.ONE_OFF:
        rendered["subscription_item"] = item_ids[line.position]
    return rendered


def _line_discounts(invoice: Invoice, line: Line) -> list[StripeObject]:
    if line.kind is LineKind.PRORATION or invoice.discount_id is None:
        return []
    return [{"amount": line.discount, "discount": invoice.discount_id}]


def _line_price(invoice: Invoice, line: Line) -> StripeObject:
    if line.price is not None:
        return price_object(line.price)
    unit_amount = line.amount // line.quantity
    currency = invoice.customer.currency
    return inline_price(line.id, currency, invoice.created, unit_amount, inclusive=line.inclusive)


def _credit_line(credited: CreditLine, note: CreditNote) -> StripeObject:
    discounts = [{"amount": credited.discount, "discount": note.invoice.discount_id}] if credited.discount else []
    return {
        "id": credited.id,
        "object": "credit_note_line_item",
        "amount": credited.amount,
        "amount_excluding_tax": _without_tax(credited),
        "description": credited.line.description,
        "discount_amount": credited.discount,
        "discount_amounts": discounts,
        "invoice_line_item": credited.line.id,
        "livemode": False,
        "quantity": credited.line.quantity,
        "tax_amounts": _tax_amounts(note.invoice.customer, credited),
        "tax_rates": [],
        "type": "invoice_line_item",
        "unit_amount": None,
        "unit_amount_decimal": None,
        "unit_amount_excluding_tax": float(_without_tax(credited) // credited.line.quantity),
    }
