"""The test objects of `fincome contract probe`: recognisable, small, and made up."""

from __future__ import annotations

from typing import Any

PREFIX = "destination-fincome-probe-"
NAME = "Test object of destination-fincome, to be ignored"
# What they are called in the end.
IGNORED = "probe, ignore"
FRACTION = 0.02
WHOLE = 1
# Fields of each entity, the likeliest first, with the values that a second POST and a small update give them.
CHANGES: dict[str, list[tuple[str, Any, Any]]] = {
    "products": [("name", f"{NAME} (2)", f"{NAME} (4)")],
    "plans": [("name", f"{NAME} (2)", f"{NAME} (4)"), ("amount", 0.03, 0.04)],
    "customers": [("zip_code", "75002", "75004"), ("name", f"{NAME} (2)", f"{NAME} (4)")],
    "subscriptions": [("monthly_value", 0.03, 0.04), ("trial_end", "2026-01-03", "2026-01-05")],
    "invoices": [("number", "PROBE-2", "PROBE-4"), ("amount", 0.03, 0.04)],
    "invoice_lines": [("description", f"{NAME} (2)", f"{NAME} (4)"), ("tax_amount", 0.03, 0.04)],
    "credit_notes": [("date", "2026-02-05", "2026-02-06"), ("amount", 0.03, 0.04)],
}
Body = dict[str, Any]


class Chain:
    """One small object of each entity, with all its fields, each referring to those before it."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def identity(self, entity: str) -> str:
        """Return the id of an entity's object."""
        return f"{self.prefix}{entity.replace('_', '-').removesuffix('s')}"

    def body(self, entity: str) -> Body:
        """Return an object: fractions of amounts, days and times in turn."""
        return {"id": self.identity(entity), **self._fields(entity), "custom_properties": {"probe_a": "1"}}

    def other(self, entity: str) -> Body:
        """Return other values of what can change: whole amounts, times for days and days for times."""
        # There is no other customer that is sure to be there; one more would be one more that stays.
        above = {"root_parent_id": self.identity(entity)} if entity == "customers" else {}
        return {"id": self.identity(entity), **_OTHER[entity], **above}

    def _fields(self, entity: str) -> Body:
        references = {name: self.identity(parent) for name, parent in _REFERENCES[entity].items()}
        fields = {**references, **_FIELDS[entity]}
        if entity == "credit_notes":
            line = {"id": f"{self.prefix}credit-note-line", "invoice_line_id": self.identity("invoice_lines")}
            fields["lines"] = [{**line, "amount": FRACTION, "discount_amount": 0.01}]
        return fields


_REFERENCES: dict[str, dict[str, str]] = {
    "products": {},
    "plans": {"product_id": "products"},
    "customers": {},
    "subscriptions": {"customer_id": "customers", "plan_id": "plans"},
    "invoices": {"customer_id": "customers", "subscription_id": "subscriptions"},
    "invoice_lines": {"invoice_id": "invoices", "subscription_id": "subscriptions", "price_id": "plans"},
    "credit_notes": {"invoice_id": "invoices", "customer_id": "customers"},
}
_MONEY = {"currency": "EUR", "amount": FRACTION}
_FIELDS: dict[str, Body] = {
    "products": {"name": NAME},
    "plans": {"name": NAME, "interval": "month", "interval_count": 1, **_MONEY},
    "customers": {"name": NAME, "email": "probe@example.com", "country": "FR", "zip_code": "75001"},
    "subscriptions": {
        "status": "active",
        "start_date": "2026-01-01",
        "end_date": "2026-12-31T12:00:00Z",
        "trial_start": "2026-01-01T08:00:00Z",
        "trial_end": "2026-01-02",
        "canceled_at": "2026-02-01T12:00:00Z",
        "monthly_value": FRACTION,
        "currency": "EUR",
    },
    "invoices": {
        "number": "PROBE-1",
        "date": "2026-01-01",
        "due_date": "2026-01-31T12:00:00Z",
        "status": "open",
        **_MONEY,
    },
    "invoice_lines": {
        "type": "subscription",
        "description": NAME,
        "currency": "EUR",
        "amount_excluding_tax_after_discount": FRACTION,
        "tax_amount": 0.01,
        "discount_amount": 0.01,
        "quantity": 1.5,
        "period_start": "2026-01-01T00:00:00Z",
        "period_end": "2026-02-01",
    },
    "credit_notes": {"date": "2026-02-02", "status": "issued", **_MONEY},
}
_OTHER: dict[str, Body] = {
    "products": {"name": f"{NAME} (3)"},
    "plans": {"name": f"{NAME} (3)", "interval": "year", "interval_count": 2, "currency": "EUR", "amount": WHOLE},
    "customers": {"name": f"{NAME} (3)", "email": "probe-3@example.com", "country": "BE", "zip_code": "1000"},
    "subscriptions": {
        "status": "canceled",
        "start_date": "2026-01-01T12:00:00Z",
        "end_date": "2026-12-30",
        "trial_start": "2026-01-01",
        "trial_end": "2026-01-04T12:00:00Z",
        "canceled_at": "2026-02-02",
        "currency": "EUR",
        "monthly_value": WHOLE,
    },
    "invoices": {
        "number": "PROBE-3",
        "date": "2026-01-02T12:00:00Z",
        "due_date": "2026-01-30",
        "status": "paid",
        "currency": "EUR",
        "amount": WHOLE,
    },
    "invoice_lines": {
        "description": f"{NAME} (3)",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": WHOLE,
        "tax_amount": WHOLE,
        "discount_amount": WHOLE,
        "quantity": 2,
        "period_start": "2026-01-02",
        "period_end": "2026-02-02T00:00:00Z",
    },
    "credit_notes": {"date": "2026-02-03T12:00:00Z", "currency": "EUR", "amount": WHOLE},
}
