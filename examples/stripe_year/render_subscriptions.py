"""Subscriptions and their items as Stripe objects (API 2022-11-15)."""

from __future__ import annotations

from examples.stripe_year.calendar_time import DAY
from examples.stripe_year.model import Payment, Subscription, SubscriptionStatus
from examples.stripe_year.render_parts import StripeObject, discount_object, plan_object, price_object


def subscription_object(subscription: Subscription) -> StripeObject:
    """Render a subscription. The times that source-stripe's schema calls numbers come as floats."""
    deal = subscription.deal
    items = item_objects(subscription)
    single = items[0] if len(items) == 1 else {"plan": None, "quantity": None}
    trial_end = deal.start + deal.trial_days * DAY if deal.trial_days else None
    return {
        "id": subscription.id,
        "object": "subscription",
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": float(trial_end or deal.start),
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "send_invoice" if deal.payment is Payment.TRANSFER else "charge_automatically",
        "created": deal.start,
        "currency": deal.customer.currency,
        "current_period_end": float(subscription.period[1]),
        "current_period_start": subscription.period[0],
        "customer": deal.customer.id,
        "days_until_due": 30 if deal.payment is Payment.TRANSFER else None,
        "default_tax_rates": [],
        "discount": _discount(subscription),
        "items": {
            "object": "list",
            "data": items,
            "has_more": False,
            "total_count": float(len(items)),
            "url": f"/v1/subscription_items?subscription={subscription.id}",
        },
        "latest_invoice": subscription.latest_invoice_id,
        "livemode": False,
        "metadata": {"contract": f"C-{deal.customer.series}"},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": None,
        },
        "plan": single["plan"],
        "quantity": single["quantity"],
        "start_date": deal.start,
        "status": subscription.status.value,
        "trial_end": None if trial_end is None else float(trial_end),
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": deal.start if trial_end else None,
        "updated": deal.start,
        **_ending(subscription),
    }


def item_objects(subscription: Subscription) -> list[StripeObject]:
    """Render a subscription's items, as they stand at the time of the sync."""
    return [
        {
            "id": item_id,
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": subscription.deal.start,
            "metadata": {},
            "plan": plan_object(item.price),
            "price": price_object(item.price),
            "quantity": item.quantity,
            "subscription": subscription.id,
            "tax_rates": [],
        }
        for item_id, item in zip(subscription.item_ids, subscription.items, strict=True)
    ]


def _discount(subscription: Subscription) -> StripeObject | None:
    deal = subscription.deal
    if deal.coupon is None or subscription.discount_id is None:
        return None
    return discount_object(subscription.discount_id, deal.coupon, deal.customer, subscription.id, deal.start)


def _ending(subscription: Subscription) -> StripeObject:
    """Render what tells that it ended, or is going to. One that never started was not canceled."""
    told = subscription.deal.cancellation
    never_started = subscription.status is SubscriptionStatus.INCOMPLETE_EXPIRED
    ended_at = None if never_started else subscription.ended_at
    cancel_at = subscription.ends_at if told else None
    canceled_at = told.at if told else ended_at
    return {
        "cancel_at": None if cancel_at is None else float(cancel_at),
        "cancel_at_period_end": bool(told and told.at_period_end),
        "canceled_at": None if canceled_at is None else float(canceled_at),
        "ended_at": None if ended_at is None else float(ended_at),
    }
