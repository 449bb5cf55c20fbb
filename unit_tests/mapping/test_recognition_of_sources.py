"""Every source is recognised by its own catalog and by no other's, with and without a prefix."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.preset import StreamRule, load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, make_plan, normal
from unit_tests.mapping.payloads import Stream

FOLDER = Path(__file__).parent / "catalogs"
CATALOGS: dict[str, dict[str, list[str]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}


def rules_for(source: str, name: str) -> list[StreamRule]:
    """The rules of a source's preset for one of its streams: one, or none."""
    streams = load_presets()[source].streams
    return [rule for key, rule in streams.items() if normal(name) in {normal(known) for known in (key, *rule.names)}]


# Every stream that a preset makes something of, with its catalog's columns.
NEEDED = [
    (source, name)
    for source, catalog in CATALOGS.items()
    for name in catalog
    if any(not rule.ignored for rule in rules_for(source, name))
]

# Those that are recognised and not asked for.
BY_THEMSELVES = [source for source in CATALOGS if not load_presets()[source].must_be_named]


def plan(source: str, names: list[str], prefix: str = "") -> Plan:
    streams = [Stream(prefix + name, frozenset(CATALOGS[source][name])) for name in names]
    return make_plan(streams, load_presets(), load_contract())


def test_every_source_has_a_catalog_that_says_where_it_is_from_and_since_when() -> None:
    assert set(CATALOGS) == set(load_presets()) - {"fincome"}
    origins = yaml.safe_load((FOLDER / "origins.yaml").read_text(encoding="utf-8"))
    assert set(origins) == set(CATALOGS)
    assert [name for name, one in origins.items() if not one["from"].startswith("https://")] == []
    assert all(isinstance(one["read"], date) for one in origins.values())


@pytest.mark.parametrize("prefix", ["", "billing_", "Prod-", "stripe_", "customer"])
@pytest.mark.parametrize("source", BY_THEMSELVES)
def test_a_source_is_recognised_by_its_whole_catalog_under_any_prefix(source: str, prefix: str) -> None:
    found = plan(source, list(CATALOGS[source]), prefix)
    assert (found.preset.name, found.notes) == (source, ())
    for name, planned in zip(CATALOGS[source], found.streams, strict=True):
        assert (planned.preset_stream is not None) == bool(rules_for(source, name)), name


@pytest.mark.parametrize("source", BY_THEMSELVES)
def test_a_source_is_recognised_in_capitals(source: str) -> None:
    streams = [
        Stream(f"RAW_{name.upper()}", frozenset(column.upper() for column in columns))
        for name, columns in CATALOGS[source].items()
    ]
    assert make_plan(streams, load_presets(), load_contract()).preset.name == source


@pytest.mark.parametrize("prefix", ["", "billing_", "customer"])
def test_given_models_of_dbt_stripe_when_not_named_then_the_sync_stops_and_asks_whether_they_are_in_cents(
    prefix: str,
) -> None:
    with pytest.raises(ConfigFailure, match=r"stripe__convert_values.*set `source` to stripe_dbt"):
        plan("stripe_dbt", list(CATALOGS["stripe_dbt"]), prefix)
    capitals = [
        Stream(f"RAW_{name.upper()}", frozenset(column.upper() for column in columns))
        for name, columns in CATALOGS["stripe_dbt"].items()
    ]
    with pytest.raises(ConfigFailure, match="set `source` to stripe_dbt"):
        make_plan(capitals, load_presets(), load_contract())


def test_given_the_setting_when_models_of_dbt_stripe_are_synced_then_staging_counts_before_what_is_made_of_it() -> None:
    names = list(CATALOGS["stripe_dbt"])
    streams = [Stream(name, frozenset(CATALOGS["stripe_dbt"][name])) for name in names]
    found = make_plan(streams, load_presets(), load_contract(), PlanOptions("stripe_dbt"))
    used = {name for name, planned in zip(names, found.streams, strict=True) if planned.mapper}
    assert all(name.startswith("stg_") for name in used)
    assert found.fed == {"customers", "products", "plans", "subscriptions", "invoices", "invoice_lines", "credit_notes"}
    assert found.notes == ()


def test_given_only_models_that_tell_no_invoice_truly_when_synced_then_each_is_refused_with_the_way_out() -> None:
    names = ["stripe__invoice_details", "stripe__invoice_line_item_details"]
    with pytest.raises(
        ConfigFailure, match=r"select the model stg_stripe__invoice; .*select it, and stg_stripe__invoice"
    ):
        plan("stripe_dbt", names)


@pytest.mark.parametrize("source", BY_THEMSELVES)
def test_a_source_is_recognised_by_a_few_streams_beside_others_that_it_does_not_have(source: str) -> None:
    names = [name for known, name in NEEDED if known == source]
    strangers = [Stream("raw_users", frozenset(["id", "email"])), Stream("raw_events", frozenset(["id", "type"]))]
    for few in {*pairwise(names), *zip(names, names[2:], strict=False)}:
        streams = [Stream(f"raw_{name}", frozenset(CATALOGS[source][name])) for name in few]
        found = make_plan([*strangers, *streams], load_presets(), load_contract())
        assert (found.preset.name, few) == (source, few)


@pytest.mark.parametrize(("source", "name"), NEEDED)
def test_a_source_is_never_taken_for_another_one_by_a_single_stream(source: str, name: str) -> None:
    try:
        found = plan(source, [name]).preset.name
    except ConfigFailure:
        # Rather asked than guessed.
        return
    assert found == source


@pytest.mark.parametrize("source", BY_THEMSELVES)
def test_a_source_is_recognised_without_one_of_the_telling_columns_of_each_stream(source: str) -> None:
    streams = []
    for name, columns in CATALOGS[source].items():
        signature = [column for rule in rules_for(source, name) for column in rule.signature]
        streams.append(Stream(name, frozenset(columns) - set(signature[:1])))
    assert make_plan(streams, load_presets(), load_contract()).preset.name == source


# Each of them lost without a word makes a refund a sale, a month a one-off fee, or dollars euros.
DECISIVE = [
    ("braintree", "transaction_stream", "refunded_transaction_id"),
    ("braintree", "transaction_stream", "currency_iso_code"),
    ("chargebee", "credit_note", "reference_invoice_id"),
    ("chargebee", "subscription", "coupons"),
    ("hyperline", "invoices", "original_invoice_id"),
    ("invoice_ninja", "credits", "invoice_id"),
    ("invoiced", "invoices", "discounts"),
    ("lago", "fees", "from_date"),
    ("paddle", "transactions", "billing_period"),
    ("pennylane", "customer_invoices", "credit_notes"),
    ("quickbooks", "credit_memos", "CurrencyRef"),
    ("recurly", "subscriptions", "coupon_redemptions"),
    ("shopify", "orders", "refunds"),
    ("stripe", "invoices", "status"),
    ("stripe_fivetran", "invoice_line_item", "period_end"),
    ("woocommerce", "orders", "refunds"),
    ("xero", "credit_notes", "Allocations"),
    ("younium", "invoice", "totalAmount"),
    ("zoho_billing", "subscriptions", "interval"),
]


@pytest.mark.parametrize(("source", "name", "column"), DECISIVE)
def test_given_a_decisive_column_that_is_not_selected_then_that_is_told(source: str, name: str, column: str) -> None:
    columns = {stream: frozenset(found) for stream, found in CATALOGS[source].items()}
    columns[name] -= {column}
    streams = [Stream(stream, found) for stream, found in columns.items()]
    found = make_plan(streams, load_presets(), load_contract(), PlanOptions(source))
    assert [note for note in found.notes if f"{name} comes without its column {column}, so figures" in note]
