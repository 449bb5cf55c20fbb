"""The configured catalog: source-stripe's ten billing streams with their schemas' top-level properties."""

from __future__ import annotations

from typing import Any

_COMMON = {
    "string": "id object",
    "boolean": "livemode is_deleted",
    "object": "metadata",
    "integer": "created updated",
}
_PROPERTIES: dict[str, dict[str, str]] = {
    "customers": {
        **_COMMON,
        "string": "id object name email phone description currency invoice_prefix tax_exempt default_source",
        "boolean": "livemode is_deleted delinquent",
        "object": "metadata address shipping invoice_settings discount subscriptions",
        "integer": "created updated balance account_balance next_invoice_sequence",
        "array": "preferred_locales cards",
    },
    "products": {
        **_COMMON,
        "string": "id object name description default_price statement_descriptor tax_code type unit_label url",
        "boolean": "livemode is_deleted active shippable",
        "object": "metadata package_dimensions",
        "array": "images attributes features",
    },
    "prices": {
        **_COMMON,
        "string": "id object billing_scheme currency custom_unit_amount lookup_key nickname product "
        "tax_behavior tiers_mode transform_quantity type unit_amount_decimal",
        "boolean": "livemode is_deleted active",
        "object": "metadata recurring",
        "number": "unit_amount",
    },
    "plans": {
        **_COMMON,
        "string": "id object aggregate_usage amount_decimal billing_scheme currency interval name "
        "nickname product tiers_mode transform_usage usage_type",
        "boolean": "livemode is_deleted active",
        "integer": "created updated amount interval_count trial_period_days",
        "array": "tiers",
    },
    "coupons": {
        **_COMMON,
        "string": "id object currency duration name redeem_by",
        "boolean": "livemode is_deleted valid",
        "integer": "created updated amount_off duration_in_months max_redemptions times_redeemed",
        "number": "percent_off percent_off_precise",
    },
    "subscriptions": {
        **_COMMON,
        "string": "id object collection_method currency customer default_payment_method description "
        "latest_invoice status schedule",
        "boolean": "livemode is_deleted cancel_at_period_end",
        "object": "metadata automatic_tax cancellation_details discount items pause_collection "
        "payment_settings plan trial_settings",
        "integer": "created updated current_period_start days_until_due quantity start_date trial_start",
        "number": "billing_cycle_anchor cancel_at canceled_at current_period_end ended_at trial_end "
        "application_fee_percent",
        "array": "default_tax_rates",
    },
    "subscription_items": {
        "string": "id object subscription customer status",
        "integer": "created subscription_updated quantity",
        "boolean": "livemode",
        "object": "metadata billing_thresholds plan price",
        "array": "tax_rates",
    },
    "invoices": {
        **_COMMON,
        "string": "id object account_country account_name billing_reason charge collection_method "
        "currency customer customer_email customer_name customer_phone "
        "customer_tax_exempt description hosted_invoice_url invoice_pdf number "
        "payment_intent receipt_number status subscription",
        "boolean": "livemode is_deleted attempted auto_advance paid paid_out_of_band",
        "object": "metadata automatic_tax customer_address customer_shipping discount lines "
        "payment_settings status_transitions subscription_details",
        "integer": "created updated amount_due amount_paid amount_remaining amount_shipping "
        "attempt_count effective_at ending_balance post_payment_credit_notes_amount "
        "pre_payment_credit_notes_amount starting_balance subtotal subtotal_excluding_tax "
        "tax total total_excluding_tax",
        "number": "due_date next_payment_attempt period_end period_start webhooks_delivered_at",
        "array": "customer_tax_ids default_tax_rates discounts total_discount_amounts total_tax_amounts",
    },
    "invoice_line_items": {
        "string": "id object currency description invoice invoice_id invoice_item subscription "
        "subscription_item type unit_amount_excluding_tax",
        "integer": "amount amount_excluding_tax invoice_created invoice_updated quantity",
        "boolean": "livemode discountable proration",
        "object": "metadata period plan price proration_details",
        "array": "discount_amounts discounts tax_amounts tax_rates",
    },
    "credit_notes": {
        **_COMMON,
        "string": "id object currency customer discount_amount invoice memo number pdf reason refund status type",
        "boolean": "livemode",
        "object": "metadata lines",
        "integer": "created updated amount amount_shipping effective_at out_of_band_amount subtotal "
        "subtotal_excluding_tax total total_excluding_tax voided_at",
        "array": "discount_amounts tax_amounts",
    },
}
_CURSORS = {"subscription_items": "subscription_updated", "invoice_line_items": "invoice_updated"}


def configured_catalog() -> dict[str, Any]:
    """Return the ConfiguredAirbyteCatalog: incremental, append_dedup, primary key `id` everywhere."""
    return {"streams": [_configured(name, properties) for name, properties in _PROPERTIES.items()]}


def _configured(name: str, properties: dict[str, str]) -> dict[str, Any]:
    schema = {
        "type": ["null", "object"],
        "additionalProperties": True,
        "properties": {key: {"type": ["null", kind]} for kind, keys in properties.items() for key in keys.split()},
    }
    cursor = [_CURSORS.get(name, "updated")]
    stream = {
        "name": name,
        "json_schema": schema,
        "supported_sync_modes": ["full_refresh", "incremental"],
        "source_defined_cursor": True,
        "default_cursor_field": cursor,
        "source_defined_primary_key": [["id"]],
        "is_resumable": True,
        "is_file_based": False,
    }
    return {
        "stream": stream,
        "sync_mode": "incremental",
        "cursor_field": cursor,
        "destination_sync_mode": "append_dedup",
        "primary_key": [["id"]],
        "generation_id": 1,
        "minimum_generation_id": 0,
        "sync_id": 1,
    }
