"""Stripe objects that are embedded in others (API 2022-11-15): price, plan, tax rate, discount."""

from __future__ import annotations

from typing import Any

from examples.stripe_year.calendar_time import YEAR_START, Instant
from examples.stripe_year.model import Coupon, Customer, Price

StripeObject = dict[str, Any]

ACCOUNT_COUNTRY = "FR"
ACCOUNT_NAME = "Cobalt Harbour"


def price_object(price: Price) -> StripeObject:
    """Render a recurring price."""
    interval, count = price.interval
    return _price(
        id=price.id,
        active=True,
        created=price.created,
        currency=price.currency,
        nickname=price.nickname,
        product=price.product.id,
        recurring={
            "aggregate_usage": None,
            "interval": interval,
            "interval_count": count,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        tax_behavior="inclusive" if price.inclusive else "exclusive",
        type="recurring",
        unit_amount=price.amount,
    )


def inline_price(line_id: str, currency: str, created: Instant, unit_amount: int, *, inclusive: bool) -> StripeObject:
    """Render the one-time price that Stripe makes for a charge with an amount of its own."""
    suffix = line_id.partition("_")[2]
    return _price(
        id=f"price_{suffix}",
        active=False,
        created=created,
        currency=currency,
        nickname=None,
        product=f"prod_{suffix}",
        recurring=None,
        tax_behavior="inclusive" if inclusive else "exclusive",
        type="one_time",
        unit_amount=unit_amount,
    )


def _price(*, unit_amount: int, **fields: object) -> StripeObject:
    return {
        "object": "price",
        "billing_scheme": "per_unit",
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "tiers_mode": None,
        "transform_quantity": None,
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
        **fields,
    }


def plan_object(price: Price) -> StripeObject:
    """Render a price as the legacy plan of the same id."""
    interval, count = price.interval
    return {
        "id": price.id,
        "object": "plan",
        "active": True,
        "aggregate_usage": None,
        "amount": price.amount,
        "amount_decimal": str(price.amount),
        "billing_scheme": "per_unit",
        "created": price.created,
        "currency": price.currency,
        "interval": interval,
        "interval_count": count,
        "livemode": False,
        "metadata": {},
        "nickname": price.nickname,
        "product": price.product.id,
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def tax_rate_id(customer: Customer, *, inclusive: bool) -> str:
    """Return the id of the tax rate of a country: one for prices with tax, one for prices without."""
    return f"txr_{customer.country}{customer.tax_percent}{'in' if inclusive else 'ex'}"


def tax_rate_object(customer: Customer, *, inclusive: bool) -> StripeObject:
    """Render the tax rate that a customer's invoices carry."""
    return {
        "id": tax_rate_id(customer, inclusive=inclusive),
        "object": "tax_rate",
        "active": True,
        "country": customer.country,
        "created": YEAR_START,
        "description": None,
        "display_name": "VAT",
        "effective_percentage": None,
        "inclusive": inclusive,
        "jurisdiction": customer.country,
        "livemode": False,
        "metadata": {},
        "percentage": float(customer.tax_percent),
        "state": None,
        "tax_type": "vat",
    }


def tax_amount(amount: int, taxable: int, rate: object, *, inclusive: bool) -> StripeObject:
    """Render an amount of tax; the rate is an id on lines, the whole object on invoices."""
    return {
        "amount": amount,
        "inclusive": inclusive,
        "tax_rate": rate,
        "taxability_reason": None,
        "taxable_amount": taxable,
    }


def coupon_object(coupon: Coupon, times_redeemed: int) -> StripeObject:
    """Render a coupon."""
    return {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount_off,
        "created": coupon.created,
        "currency": coupon.currency,
        "duration": "forever",
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": coupon.name,
        "percent_off": None if coupon.percent_off is None else float(coupon.percent_off),
        "redeem_by": None,
        "times_redeemed": times_redeemed,
        "valid": True,
    }


def discount_object(
    discount_id: str, coupon: Coupon, customer: Customer, subscription_id: str, start: Instant
) -> StripeObject:
    """Render the use of a coupon by a subscription."""
    return {
        "id": discount_id,
        "object": "discount",
        "checkout_session": None,
        "coupon": coupon_object(coupon, times_redeemed=1),
        "customer": customer.id,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "start": start,
        "subscription": subscription_id,
    }


def address_object(customer: Customer) -> StripeObject | None:
    """Render a customer's address, if one is known."""
    if customer.country is None:
        return None
    return {
        "city": customer.city,
        "country": customer.country,
        "line1": customer.street,
        "line2": None,
        "postal_code": customer.postal_code,
        "state": None,
    }
