"""From a catalog to a plan: which source it is, what each stream is, what is ignored and why."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.language import compiler
from destination_fincome.mapping.preset import load_presets, read_preset
from destination_fincome.mapping.recognition import Plan, PlanOptions, make_plan, normal
from destination_fincome.mapping.results import Draft
from unit_tests.mapping.payloads import Stream

# Some of the columns that source-stripe's streams have, the telling ones among them.
STRIPE: dict[str, str] = {
    "customers": "id object name email address metadata livemode invoice_prefix invoice_settings tax_exempt updated",
    "products": "id object name livemode default_price statement_descriptor unit_label tax_code updated",
    "prices": "id object livemode unit_amount unit_amount_decimal recurring lookup_key product updated",
    "plans": "id object livemode amount amount_decimal billing_scheme usage_type interval updated",
    "subscriptions": "id object livemode items billing_cycle_anchor collection_method latest_invoice customer updated",
    "subscription_items": "id object price subscription subscription_updated billing_thresholds",
    "invoices": "id object livemode lines status_transitions amount_due billing_reason customer total updated",
    "invoice_line_items": "id object period invoice_id invoice_updated discount_amounts discountable amount",
    "credit_notes": "id object livemode lines invoice discount_amount customer_balance_transaction updated",
    "coupons": "id object livemode duration percent_off amount_off",
    "payouts": "id object livemode amount balance_transaction",
}
FINCOME: dict[str, str] = {
    "customers": "id name email country segment",
    "invoices": "id customer_id date status currency amount",
    "invoice_lines": "id invoice_id type amount_excluding_tax_after_discount",
}


def stream(name: str, columns: str = "") -> Stream:
    return Stream(name, frozenset(columns.split()))


def stripe(*names: str, prefix: str = "") -> list[Stream]:
    return [stream(prefix + name, STRIPE[name]) for name in names or STRIPE]


def plan(streams: list[Stream], source: str = "auto", **options: Any) -> Plan:
    return make_plan(streams, load_presets(), load_contract(), PlanOptions(source, **options))


def test_a_stripe_connection_is_recognised_stream_by_stream() -> None:
    found = plan(stripe())
    assert found.preset.name == "stripe"
    assert {name: (set(p.entities), p.ignored) for name, p in zip(STRIPE, found.streams, strict=True)} == {
        "customers": ({"customers"}, None),
        "products": ({"products"}, None),
        "prices": ({"plans"}, None),
        "plans": (set(), "stream prices brings the same objects"),
        "subscriptions": ({"subscriptions"}, None),
        "subscription_items": (set(), "subscriptions carry their items"),
        "invoices": ({"invoices", "invoice_lines"}, None),
        "invoice_line_items": ({"invoice_lines"}, None),
        "credit_notes": ({"credit_notes"}, None),
        "coupons": (set(), "discounts are taken from invoices and subscriptions"),
        "payouts": (set(), "the mapping for Stripe doesn't know it"),
    }
    assert [p.mapper is None for p in found.streams] == [p.ignored is not None for p in found.streams]
    assert found.fed == frozenset(load_contract().entities)


def test_given_the_same_streams_when_planned_again_then_no_expression_is_compiled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    streams = stripe("customers", "products", "subscriptions")
    first = plan(streams)
    written: list[str] = []
    monkeypatch.setattr(compiler, "_code", lambda text, *_: written.append(text))
    again = plan(streams)
    assert written == []
    assert [one.entities for one in again.streams] == [one.entities for one in first.streams]
    with pytest.raises(TypeError):
        plan(stripe("customers", "products"))  # in another selection an expression may mean something else


def test_plans_are_used_when_prices_are_not_selected() -> None:
    found = plan(stripe("plans", "invoices"))
    assert (found.streams[0].entities, found.streams[0].ignored) == ({"plans"}, None)


def test_tables_with_fincomes_columns_are_recognised() -> None:
    found = plan([stream(name, columns) for name, columns in FINCOME.items()])
    assert found.preset.name == "fincome"
    assert found.fed == {"customers", "invoices", "invoice_lines"}


@pytest.mark.parametrize("name", ["customers", "products", "plans", "subscriptions", "invoices", "credit_notes"])
def test_the_columns_tell_stripe_from_fincome_when_the_names_are_the_same(name: str) -> None:
    assert plan(stripe(name)).preset.name == "stripe"
    columns = "id name product_id customer_id invoice_id amount currency status date start_date"
    assert plan([stream(name, columns)]).preset.name == "fincome"


@pytest.mark.parametrize("prefix", ["stripe_", "acme-", "Prod ", "invoices_", "x"])
def test_a_connections_prefix_is_seen_through(prefix: str) -> None:
    found = plan(stripe("customers", "invoices", "invoice_line_items", "payouts", prefix=prefix))
    assert (found.preset.name, [p.preset_stream for p in found.streams]) == (
        "stripe",
        ["customers", "invoices", "invoice_line_items", None],
    )


def test_one_stream_without_the_prefix_is_not_of_the_source() -> None:
    found = plan([*stripe("customers", "invoices", prefix="s_"), stream("products", STRIPE["products"])])
    assert [p.preset_stream for p in found.streams] == ["customers", "invoices", None]


@pytest.mark.parametrize("name", ["Invoice_Line_Items", "invoice line items", "INVOICE-LINE-ITEMS"])
def test_capitals_and_blanks_make_no_difference(name: str) -> None:
    found = plan([stream(name, STRIPE["invoice_line_items"])])
    assert found.streams[0].preset_stream == "invoice_line_items"


@pytest.mark.parametrize(
    ("name", "written"), [("Recurring Invoices", "recurring_invoices"), ("a.b-c", "a_b_c"), ("x1", "x1")]
)
def test_the_normal_form_of_a_name(name: str, written: str) -> None:
    assert normal(name) == written


@pytest.mark.parametrize(
    ("name", "columns", "source"),
    [
        ("invoices", "id object lines status_transitions amount_due", "stripe"),
        ("invoices", "id lines status_transitions amount_due total", "stripe"),
        ("invoices", "id lines status_transitions customer_id date status currency amount", "fincome"),
        ("customers", "id name email object livemode invoice_prefix", "stripe"),
    ],
)
def test_half_of_the_telling_columns_is_enough(name: str, columns: str, source: str) -> None:
    assert plan([stream(name, columns)]).preset.name == source


@pytest.mark.parametrize("names", [["customers"], ["customers", "invoices"], ["invoices", "invoice_line_items"]])
def test_without_columns_the_user_is_asked_for_the_source(names: list[str]) -> None:
    with pytest.raises(ConfigFailure, match=r"Set `source` to (\w+ or )*fincome or (\w+ or )*stripe"):
        plan([stream(name) for name in names])


def test_without_columns_names_that_only_one_source_has_are_enough() -> None:
    assert plan([stream("invoices"), stream("subscription_items"), stream("coupons")]).preset.name == "stripe"


def test_one_stream_that_tells_the_source_speaks_for_those_that_lost_their_columns() -> None:
    found = plan([*stripe("invoices"), stream("customers", "id name email"), stream("products")])
    assert [p.preset_stream for p in found.streams] == ["invoices", "customers", "products"]


def test_no_known_stream_is_a_failure_that_names_what_was_seen() -> None:
    with pytest.raises(ConfigFailure) as failure:
        plan([stream("zebras", "id"), stream("apples", "id name")])
    assert "None of the selected streams is known (apples, zebras)" in failure.value.message
    assert "; NetSuite, in SuiteQL's tables; " in failure.value.message
    assert "`source`" in failure.value.message


def test_an_empty_catalog_is_a_failure_too() -> None:
    with pytest.raises(ConfigFailure, match="There is no stream"):
        plan([])


def test_a_source_that_is_forced_needs_no_columns() -> None:
    found = plan([stream("customers"), stream("invoices", "id total")], source="stripe")
    assert (found.preset.name, [p.preset_stream for p in found.streams]) == ("stripe", ["customers", "invoices"])
    assert plan(stripe("customers"), source="fincome").preset.name == "fincome"


def test_a_source_that_does_not_exist_is_a_failure() -> None:
    with pytest.raises(ConfigFailure, match=r"must be auto or one of .*fincome, .*stripe"):
        plan(stripe("customers"), source="no_such")


def test_a_forced_source_without_a_known_stream_is_a_failure() -> None:
    with pytest.raises(ConfigFailure, match=r"known \(zebras\)"):
        plan([stream("zebras")], source="stripe")


def test_a_presets_stream_of_the_same_name_twice_is_mapped_twice() -> None:
    # Two namespaces may have a stream of one name: recognition sees the names only.
    found = plan(stripe("customers", "customers"))
    assert [p.preset_stream for p in found.streams] == ["customers", "customers"]


def test_a_column_that_is_needed_and_not_there_is_told() -> None:
    preset = read_preset("""
name: shop
title: Shop
streams:
  bills:
    signature: [number]
    needs: [taxes_included]
    emits: [{entity: customers, fields: {id: number, name: number}}]
""")
    presets = {"shop": preset, "fincome": load_presets()["fincome"]}

    def notes(columns: str) -> tuple[str, ...]:
        return make_plan([stream("x_bills", columns)], presets, load_contract()).notes

    (note,) = notes("number total")
    assert "stream x_bills comes without its column taxes_included" in note
    assert notes("number taxes_included") == ()
    assert make_plan([stream("bills")], presets, load_contract(), PlanOptions("shop")).notes == ()


def test_a_part_of_an_invoice_has_the_invoices_currency_so_no_column_of_it_is_missed() -> None:
    columns = frozenset({"id", "invoice_id", "type", "amount_excluding_tax_after_discount"})
    plan = make_plan([Stream("invoice_lines", columns)], load_presets(), load_contract(), PlanOptions("fincome"))
    assert not [note for note in plan.notes if "never gives" in note]


def test_what_a_table_in_fincomes_own_shape_never_gives_is_told() -> None:
    """Such a table may have some columns only, to change these fields of what exists."""
    streams = [stream("customers", "id name"), stream("invoices", "id customer_id date amount")]
    (note,) = make_plan(streams, load_presets(), load_contract(), PlanOptions("fincome")).notes
    assert note.startswith("stream invoices never gives status, currency, without which Fincome creates no invoice")


def test_given_columns_of_a_later_version_when_planned_then_its_preset_is_taken() -> None:
    second = Stream("customer_invoices", frozenset(["id", "draft", "external_reference", "invoice_lines"]))
    first = Stream("customer_invoices", frozenset(["id", "is_draft", "line_items"]))
    found = [
        make_plan([one], load_presets(), load_contract(), PlanOptions("pennylane")).preset.name
        for one in (second, first)
    ]
    assert found == ["pennylane_v2", "pennylane"]


def test_given_lines_that_name_no_document_when_planned_then_it_is_told_what_to_add() -> None:
    lines = Stream("invoice_lines", frozenset(["id", "raw_currency_unit_price", "section_rank", "vat_rate"]))
    with pytest.raises(ConfigFailure, match=r"Stream invoice_lines can't be mapped: .* add its id"):
        make_plan([lines], load_presets(), load_contract(), PlanOptions("pennylane_v2"))
    named = Stream("invoice_lines", lines.properties | {"invoice_id"})
    assert make_plan([named], load_presets(), load_contract(), PlanOptions("pennylane_v2")).fed == {"invoice_lines"}


def test_ids_of_an_earlier_version_are_those_of_the_kept_mapping() -> None:
    streams = [Stream("customers", frozenset(["id", "external_reference", "ledger_account", "billing_language"]))]
    plan = make_plan(streams, load_presets(), load_contract(), PlanOptions("pennylane_v2"))
    record = {"id": 7, "external_reference": "v1-7", "name": "A"}
    ids = []
    for planned in (*plan.streams, *plan.kept):
        assert planned.mapper
        (found,) = planned.mapper.map(record).objects
        assert isinstance(found, Draft)
        ids.append(found.values["id"])
    assert ids == [7, "v1-7"]


def test_a_ledger_is_recognised_by_its_columns_whatever_its_name() -> None:
    columns = "JOURNALCODE EcritureNum EcritureDate CompteNum CompAuxNum PieceRef EcritureLib Montant Sens"
    streams = [stream("123456789FEC20251231", columns), stream("ledger of 2024", columns)]
    plan = make_plan(streams, load_presets(), load_contract())
    assert (plan.preset.name, [one.preset_stream for one in plan.streams]) == ("fec", ["fec", "fec"])
    other = [stream("123456789FEC20251231", columns.removesuffix("EcritureLib Montant Sens"))]
    with pytest.raises(ConfigFailure):
        make_plan(other, load_presets(), load_contract())
