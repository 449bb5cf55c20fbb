"""The test objects of `fincome contract probe`: recognisable, small, and made up."""

from __future__ import annotations

from typing import Any

PREFIX = "destination-fincome-probe-"
NAME = "Test object of destination-fincome, to be ignored"
AMOUNT = 0.01
# A field of each entity that is changed, and the values it gets: by a second POST, then by an update.
CHANGES: dict[str, tuple[str, Any, Any]] = {
    "products": ("name", f"{NAME} (2)", f"{NAME} (3)"),
    "plans": ("name", f"{NAME} (2)", f"{NAME} (3)"),
    "customers": ("zip_code", "75002", "75003"),
    "subscriptions": ("monthly_value", 0.02, 0.03),
    "invoices": ("number", "PROBE-2", "PROBE-3"),
    "invoice_lines": ("description", f"{NAME} (2)", f"{NAME} (3)"),
    "credit_notes": ("date", "2026-01-03", "2026-01-04"),
}


def chain_of(prefix: str) -> dict[str, dict[str, Any]]:
    """Return one small object of each entity, each referring to those before it."""
    ids = {name: f"{prefix}{name.replace('_', '-').removesuffix('s')}" for name in CHANGES}
    money = {"currency": "EUR", "amount": AMOUNT}
    return {
        "products": {"id": ids["products"], "name": NAME},
        "plans": {
            "id": ids["plans"], "product_id": ids["products"], "name": NAME, "interval": "month", "interval_count": 1,
            **money,
        },
        "customers": {
            "id": ids["customers"], "name": NAME, "email": "probe@example.com", "country": "FR", "zip_code": "75001",
            "custom_properties": {"probe_a": "1"},
        },
        "subscriptions": {
            "id": ids["subscriptions"], "customer_id": ids["customers"], "plan_id": ids["plans"], "status": "active",
            "start_date": "2026-01-01", "monthly_value": AMOUNT, "currency": "EUR",
        },
        "invoices": {
            "id": ids["invoices"], "customer_id": ids["customers"], "subscription_id": ids["subscriptions"],
            "number": "PROBE-1", "date": "2026-01-01", "status": "open", **money,
        },
        "invoice_lines": {
            "id": ids["invoice_lines"], "invoice_id": ids["invoices"], "subscription_id": ids["subscriptions"],
            "price_id": ids["plans"], "type": "subscription", "description": NAME, "currency": "EUR",
            "amount_excluding_tax_after_discount": AMOUNT, "tax_amount": 0, "quantity": 1,
            "period_start": "2026-01-01", "period_end": "2026-02-01",
        },
        "credit_notes": {
            "id": ids["credit_notes"], "invoice_id": ids["invoices"], "customer_id": ids["customers"],
            "date": "2026-01-02", **money,
        },
    }  # fmt: skip
