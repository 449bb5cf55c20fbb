"""The streams that source-stripe makes of the world: each a list of records, in the order of the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from examples.stripe_year.calendar_time import Instant, instant
from examples.stripe_year.model import Customer, Price, Product, World
from examples.stripe_year.render_invoices import credit_note_object, invoice_object, line_objects
from examples.stripe_year.render_parts import (
    StripeObject,
    address_object,
    coupon_object,
    plan_object,
    price_object,
)
from examples.stripe_year.render_subscriptions import item_objects, subscription_object

_T = TypeVar("_T")

MID_YEAR = instant(2025, 7)


def render_streams(world: World) -> dict[str, list[StripeObject]]:
    """Render every stream. Top-level nulls are gone, as from every source of the Python CDK."""
    subscriptions = _slices([(s.deal.start, s) for s in world.subscriptions])
    invoices = _slices([(invoice.created, invoice) for invoice in world.invoices])
    item_ids = {subscription.id: subscription.item_ids for subscription in world.subscriptions}
    notes = _slices([(note.created, note) for note in world.credit_notes])
    credited: Counter[str] = Counter()
    for note in world.credit_notes:
        credited[note.invoice.id] += 0 if note.voided_at else note.payable
    redeemed = Counter(s.deal.coupon.id for s in world.subscriptions if s.deal.coupon)
    streams = {
        "customers": [_customer(customer) for customer in _slices([(c.created, c) for c in world.customers])],
        "products": [_product(product, world.prices) for product in world.products],
        "prices": [_price_record(price) for price in world.prices],
        "plans": [{**plan_object(price), "updated": price.created} for price in world.prices],
        "coupons": [
            {**coupon_object(coupon, redeemed[coupon.id]), "updated": coupon.created} for coupon in world.coupons
        ],
        "subscriptions": [subscription_object(subscription) for subscription in subscriptions],
        "subscription_items": [
            {**item, "subscription_updated": subscription.deal.start}
            for subscription in subscriptions
            for item in item_objects(subscription)
        ],
        "invoices": [
            invoice_object(invoice, credited[invoice.id], item_ids.get(invoice.subscription_id or "", ()))
            for invoice in invoices
        ],
        "invoice_line_items": [
            {
                **line,
                "invoice_id": invoice.id,
                "invoice_created": invoice.created,
                "invoice_updated": invoice.created,
            }
            for invoice in invoices
            for line in line_objects(invoice, item_ids.get(invoice.subscription_id or "", ()))
        ],
        "credit_notes": [credit_note_object(note) for note in notes],
    }
    return {name: [_without_nulls(record) for record in records] for name, records in streams.items()}


def in_second_half(record: StripeObject) -> bool:
    """Tell if a record belongs to the second of the two slices that the source reads a stream in."""
    created = record["invoice_created"] if "invoice_created" in record else record["created"]
    return bool(created >= MID_YEAR)


def _slices(dated: Sequence[tuple[Instant, _T]]) -> list[_T]:
    """Put into the order of the source: half year by half year, newest first within each."""
    newest_first = sorted(dated, key=lambda pair: pair[0], reverse=True)
    first = [thing for created, thing in newest_first if created < MID_YEAR]
    return first + [thing for created, thing in newest_first if created >= MID_YEAR]


def _without_nulls(record: StripeObject) -> StripeObject:
    return {key: value for key, value in record.items() if value is not None}


def _customer(customer: Customer) -> StripeObject:
    return {
        "id": customer.id,
        "object": "customer",
        "address": address_object(customer),
        "balance": 0,
        "created": customer.created,
        "currency": customer.currency,
        "delinquent": False,
        "email": customer.email,
        "invoice_prefix": customer.series,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {"tax_zone": "vat" if customer.tax_percent else "none"},
        "name": customer.name,
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        "updated": customer.created,
    }


def _product(product: Product, prices: list[Price]) -> StripeObject:
    return {
        "id": product.id,
        "object": "product",
        "active": True,
        "created": product.created,
        "default_price": next(price.id for price in prices if price.product == product),
        "images": [],
        "livemode": False,
        "metadata": {},
        "name": product.name,
        "shippable": False,
        "updated": product.created,
    }


def _price_record(price: Price) -> StripeObject:
    """Render a price as the stream does: its schema calls the amount and the count numbers."""
    rendered = price_object(price)
    recurring = {**rendered["recurring"], "interval_count": float(rendered["recurring"]["interval_count"])}
    return {
        **rendered,
        "recurring": recurring,
        "unit_amount": float(rendered["unit_amount"]),
        "updated": price.created,
    }
