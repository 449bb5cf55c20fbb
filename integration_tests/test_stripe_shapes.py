"""One year of one Stripe account is the same Fincome, whatever shape it comes in, but for what a shape can't tell.

The shapes: the API's of 2022-11-15, as Airbyte's source reads it in full; the API's of today, as in events and in
Stripe's own sync to Postgres; Fivetran's flat tables; and the models that dbt_stripe makes of those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from examples.stripe_year.cast import FEWEST_CUSTOMERS, invent_world
from examples.stripe_year.render_streams import render_streams
from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import catalog, record, state, stream
from integration_tests.orchestrator import Platform

Row = dict[str, Any]
Tables = dict[str, list[Row]]
NEEDED = ("customers", "products", "prices", "subscriptions", "subscription_items", "invoices", "invoice_line_items",
          "credit_notes")  # fmt: skip


# --- today's API: 2025-03-31.basil and after


def as_of_today(tables: Tables) -> Tables:
    """The same objects in the API's newest version, in Stripe's own tables."""
    found = {name: [in_postgres(one) for one in tables[name]] for name in NEEDED if name != "invoice_line_items"}
    found["subscriptions"] = [subscription_today(one) for one in found["subscriptions"]]
    lines = {one["invoice_id"]: [] for one in tables["invoice_line_items"]}  # type: dict[str, list[Row]]
    for one in tables["invoice_line_items"]:
        lines[one["invoice_id"]].append(line_today(one))
    found["invoices"] = [invoice_today(one, lines.get(one["id"], [])) for one in found["invoices"]]
    found["credit_notes"] = [credit_note_today(one) for one in found["credit_notes"]]
    return found


def in_postgres(one: Row) -> Row:
    kept = {name: value for name, value in one.items() if name not in ("updated", "subscription_updated")}
    return {**kept, "_account_id": "acct_1", "_updated_at": in_utc(one["updated"]) if "updated" in one else None}


def taxes_today(amounts: list[Row]) -> list[Row]:
    return [
        {"amount": one["amount"], "tax_behavior": "inclusive" if one["inclusive"] else "exclusive"} for one in amounts
    ]


def subscription_today(one: Row) -> Row:
    periods = {"current_period_start": one["current_period_start"], "current_period_end": one["current_period_end"]}
    items = [{**item, **periods} for item in one["items"]["data"]]
    kept = {name: value for name, value in one.items() if name not in periods and name != "discount"}
    return {
        **kept,
        "items": {**one["items"], "data": items},
        "discounts": [one["discount"]["id"]] if one.get("discount") else [],
    }


def line_today(one: Row) -> Row:
    subscription = one.get("subscription")
    details = {"subscription": subscription, "proration": one["proration"]}
    kind = "subscription_item_details" if one["type"] == "subscription" else "invoice_item_details"
    gone = ("price", "plan", "subscription", "subscription_item", "type", "proration", "tax_amounts", "invoice_id",
            "invoice_updated", "amount_excluding_tax", "unit_amount_excluding_tax")  # fmt: skip
    price = one.get("price")
    return {
        **{name: value for name, value in one.items() if name not in gone},
        "parent": {"type": kind, kind: details},
        "pricing": {"type": "price_details", "price_details": {"price": price["id"] if price else None}},
        "taxes": taxes_today(one["tax_amounts"]),
    }


def invoice_today(one: Row, lines: list[Row]) -> Row:
    gone = ("subscription", "tax", "total_tax_amounts", "discount")
    parent = {"type": "subscription_details", "subscription_details": {"subscription": one.get("subscription")}}
    return {
        **{name: value for name, value in one.items() if name not in gone},
        "parent": parent if one.get("subscription") else None,
        "total_taxes": taxes_today(one["total_tax_amounts"]),
        "lines": {"object": "list", "data": lines, "has_more": False},
    }


def credit_note_today(one: Row) -> Row:
    lines = [
        {**{name: value for name, value in line.items() if name not in ("tax_amounts", "amount_excluding_tax")},
         "taxes": taxes_today(line["tax_amounts"])}
        for line in one["lines"]["data"]
    ]  # fmt: skip
    kept = {name: value for name, value in one.items() if name != "tax_amounts"}
    return {**kept, "total_taxes": taxes_today(one["tax_amounts"]), "lines": {**one["lines"], "data": lines}}


# --- Fivetran's tables


def in_utc(epoch: object) -> str | None:
    """A timestamp without a zone, as a warehouse has it."""
    return None if epoch is None else datetime.fromtimestamp(float(str(epoch)), UTC).strftime("%Y-%m-%d %H:%M:%S")


def by_fivetran(tables: Tables) -> Tables:
    """The same objects in Fivetran's tables."""
    return {
        "customer": [customer_row(one) for one in tables["customers"]],
        "product": [row(one, "id", "name", "active") for one in tables["products"]],
        "price": [price_row(one) for one in tables["prices"]],
        "subscription_history": list(history(tables["subscriptions"])),
        "subscription_item": [
            {**row(one, "id", "quantity"), "subscription_id": one["subscription"], "plan_id": one["price"]["id"]}
            for one in tables["subscription_items"]
        ],
        "invoice": [invoice_row(one) for one in tables["invoices"]],
        "invoice_line_item": [line_row(one) for one in tables["invoice_line_items"]],
        "credit_note": [credit_note_row(one) for one in tables["credit_notes"]],
    }


def row(one: Row, *columns: str) -> Row:
    """What all tables have, and some columns of the same name."""
    changed = one.get("updated", one.get("invoice_updated", one.get("subscription_updated")))
    metadata = {"metadata": json.dumps(one["metadata"])} if "metadata" in one else {}
    common = {"_fivetran_synced": in_utc(changed), "livemode": one.get("livemode", False), "is_deleted": False}
    return {**common, **metadata, **{column: one.get(column) for column in columns}}


def times(one: Row, *columns: str) -> Row:
    return {column: in_utc(one.get(column)) for column in columns}


def customer_row(one: Row) -> Row:
    address = one.get("address") or {}
    return {
        **row(one, "id", "name", "description", "email", "invoice_prefix"),
        "address_country": address.get("country"),
        "address_postal_code": address.get("postal_code"),
    }


def price_row(one: Row) -> Row:
    recurring = one.get("recurring") or {}
    return {
        **row(one, "id", "nickname", "currency", "unit_amount", "unit_amount_decimal", "type"),
        "product_id": one["product"],
        "recurring_interval": recurring.get("interval"),
        "recurring_interval_count": recurring.get("interval_count"),
    }


def history(subscriptions: list[Row]) -> Iterator[Row]:
    """Each subscription as it is, and before that as it was when it began."""
    for one in subscriptions:
        now = {
            **row(one, "id", "status", "cancel_at_period_end"),
            **times(one, "created", "start_date", "trial_start", "trial_end", "cancel_at", "canceled_at", "ended_at",
                    "current_period_start", "current_period_end", "billing_cycle_anchor"),
            "customer_id": one["customer"],
            "latest_invoice_id": one.get("latest_invoice"),
            "_fivetran_active": True,
        }  # fmt: skip
        yield {**now, "status": "active", "ended_at": None, "canceled_at": None, "_fivetran_active": False}
        yield now


def invoice_row(one: Row) -> Row:
    return {
        **row(one, "id", "number", "status", "currency", "subtotal", "tax", "total", "billing_reason"),
        **times(one, "created", "due_date", "effective_at"),
        "customer_id": one["customer"],
        "subscription_id": one.get("subscription"),
        "status_transitions_finalized_at": in_utc((one.get("status_transitions") or {}).get("finalized_at")),
    }


def line_row(one: Row) -> Row:
    return {
        **row(one, "id", "amount", "currency", "quantity", "description", "proration", "type", "discountable"),
        "invoice_id": one["invoice_id"],
        "subscription_id": one.get("subscription"),
        "subscription_item_id": one.get("subscription_item"),
        "price_id": (one.get("price") or {}).get("id"),
        "period_start": in_utc(one["period"]["start"]),
        "period_end": in_utc(one["period"]["end"]),
    }


def credit_note_row(one: Row) -> Row:
    return {
        **row(one, "id", "status", "currency", "amount", "subtotal", "discount_amount", "total"),
        **times(one, "created", "effective_at", "voided_at"),
        "invoice_id": one["invoice"],
    }


# --- dbt_stripe's models

RENAMED: dict[str, dict[str, str]] = {
    "customer": {"id": "customer_id", "name": "customer_name", "address_country": "customer_address_country",
                 "address_postal_code": "customer_address_postal_code"},
    "product": {"id": "product_id", "active": "is_active"},
    "price": {"id": "price_plan_id"},
    "subscription_history": {"id": "subscription_id", "created": "created_at", "start_date": "start_date_at",
                             "cancel_at_period_end": "is_cancel_at_period_end"},
    "subscription_item": {"id": "subscription_item_id"},
    "invoice": {"id": "invoice_id", "created": "created_at"},
    "invoice_line_item": {"id": "invoice_line_item_id", "discountable": "is_discountable"},
    "credit_note": {"id": "credit_note_id", "created": "created_at", "amount": "credit_note_amount",
                    "total": "credit_note_total", "currency": "credit_note_currency", "status": "credit_note_status"},
}  # fmt: skip
MODELS = {"price": "price_plan", "subscription_history": "subscription"}
DROPPED = {"_fivetran_synced", "_fivetran_active", "livemode", "effective_at", "trial_start", "trial_end"}


def by_dbt(tables: Tables) -> Tables:
    """Fivetran's tables as the staging models have them: other names, and only the rows that count."""
    found: Tables = {}
    for table, rows in by_fivetran(tables).items():
        named = RENAMED[table]
        found[f"stg_stripe__{MODELS.get(table, table)}"] = [
            {named.get(column, column): value for column, value in one.items() if column not in DROPPED}
            for one in rows
            if one.get("_fivetran_active") is not False
        ]
    return found


# --- the test

Unknown = dict[str, dict[str, set[str]]]
"""What a shape can't tell, by entity and id, or "*" for all: fields that may differ."""


def unknown_today(tables: Tables) -> Unknown:
    """Discounts are only ids."""
    discounted = [one["id"] for one in tables["subscriptions"] if one.get("discount")]
    return {"subscriptions": {name: {"monthly_value"} for name in discounted}}


def unknown_to_fivetran(tables: Tables) -> Unknown:
    several = [one["id"] for one in tables["subscriptions"] if len(one["items"]["data"]) > 1]
    return {
        "subscriptions": {"*": {"monthly_value", "currency"}} | {name: {"plan_id"} for name in several},
        "invoice_lines": {"*": {"discount_amount", "tax_amount"}},
        "credit_notes": {"*": {"lines", "customer_id"}},
    }


def unknown_to_dbt(tables: Tables) -> Unknown:
    """What Fivetran's tables don't tell, and trials and dates that somebody set."""
    unknown = unknown_to_fivetran(tables)
    unknown["subscriptions"]["*"] |= {"trial_start", "trial_end"}
    unknown["credit_notes"]["*"] |= {"date"}
    return unknown


SHAPES: dict[str, tuple[Callable[[Tables], Tables], Callable[[Tables], Unknown]]] = {
    "today": (as_of_today, unknown_today),
    "fivetran": (by_fivetran, unknown_to_fivetran),
    "dbt": (by_dbt, unknown_to_dbt),
}


Objects = dict[str, dict[str, Row]]


def held(platform: Platform, account: Account, tables: Tables, source: str = "auto") -> Objects:
    """What Fincome holds after a sync of all tables that rejects nothing and warns of nothing that matters."""
    columns = {name: sorted({column for one in rows for column in one}) for name, rows in tables.items()}
    streams = [stream(name, *columns[name]) for name in tables]
    messages = [record(name, one) for name, rows in tables.items() for one in rows]
    seen = platform.sync(
        account.config(source=source), catalog(*streams), *messages, *(state(n, {}) for n in tables), seconds=90
    )
    assert seen.good
    assert sum(one["rejected"] for one in seen.summary["streams"]) == 0
    told = {one["code"] for one in seen.summary["warnings"]}
    assert told <= {"monthly_value_unknown"}
    return {entity: account.objects(entity) for entity in account.summary()["objects"]}


def differences(expected: Objects, found: Objects, unknown: Unknown) -> Iterator[tuple[object, ...]]:
    """Yield what differs: entity, id, field, and both values."""
    for entity, objects in expected.items():
        untold = unknown.get(entity, {})
        for name, one in objects.items():
            other = found[entity][name]
            for field in (one.keys() | other.keys()) - untold.get("*", set()) - untold.get(name, set()):
                if not same(one, other, field, of_taxes=bool(untold)):
                    yield entity, name, field, one.get(field), other.get(field)


def same(one: Row, other: Row, field: str, *, of_taxes: bool) -> bool:
    """Fivetran's tables give no line its share of a discount or a tax: within a minor unit then.

    That lines add up to their invoices all the same is the sync's own check.
    """
    if of_taxes and field in ("amount", "amount_excluding_tax_after_discount"):
        minor = Decimal(1 if one["currency"] == "JPY" else "0.01")
        return abs(Decimal(str(one[field])) - Decimal(str(other[field]))) <= minor
    if field == "custom_properties":
        return without_shares(one) == without_shares(other)
    return bool(one.get(field) == other.get(field))


def without_shares(one: Row) -> Row:
    """The attributes, but for those by which Fivetran's invoices lower lines and credit notes that come later."""
    shares = {"lines_less_percent", "total_less_percent"}
    return {name: value for name, value in (one.get("custom_properties") or {}).items() if name not in shares}


@pytest.fixture(scope="module")
def tables() -> Tables:
    rendered = render_streams(invent_world(seed=26, customers=FEWEST_CUSTOMERS))
    return {name: rendered[name] for name in NEEDED}


@pytest.fixture(scope="module")
def expected() -> Objects:
    """What Fincome holds after a sync of the first shape; made by the first test that asks for it."""
    return {}


@pytest.mark.parametrize("shape", SHAPES)
def test_given_a_year_in_another_shape_when_synced_then_fincome_is_the_same(
    platform: Platform, new_account: NewAccount, tables: Tables, expected: Objects, shape: str
) -> None:
    rendered, unknown = SHAPES[shape]
    if not expected:
        with new_account() as account:
            expected |= held(platform, account, tables)
    with new_account() as account:
        found = held(platform, account, rendered(tables), "stripe_dbt" if shape == "dbt" else "auto")
    assert {entity: set(objects) for entity, objects in found.items()} == {
        entity: set(objects) for entity, objects in expected.items()
    }
    assert list(differences(expected, found, unknown(tables))) == []
