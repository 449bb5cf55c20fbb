"""The mappings that a source's page suggests, tried on records of that source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.own import read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from unit_tests.mapping.payloads import Stream, payloads
from unit_tests.mapping.source_files import shared_cases, source_file

PAGES = Path(__file__).parents[2] / "docs" / "sources"


@pytest.mark.parametrize(
    ("source", "records", "unknown", "currency"),
    [
        ("invoice_ninja", ["invoice", "credit", "recurring"], "client", "EUR"),
    ],
)
def test_the_mapping_of_the_page_names_the_currency(
    source: str, records: list[str], unknown: str, currency: str
) -> None:
    page = (PAGES / f"{source}.md").read_text(encoding="utf-8")
    own = read_mapping(page.split("```yaml mapping\n")[1].split("```")[0])
    shared = shared_cases(source, source_file(source))
    streams = [Stream(shared[name].setting.stream) for name in records]
    plan = make_plan(streams, load_presets(), load_contract(), PlanOptions(source, own=own))
    for planned, name in zip(plan.streams, records, strict=True):
        assert planned.mapper is not None
        sent: dict[str, Any] = payloads(planned.mapper, {**shared[name].record, unknown: None}).sent
        assert sent
        assert all(body["currency"] == currency for bodies in sent.values() for body in bodies)


def test_the_mapping_of_zoho_billings_page_takes_the_tax_off() -> None:
    page = (PAGES / "zoho_billing.md").read_text(encoding="utf-8")
    own = read_mapping(page.split("```yaml mapping\n")[1].split("```")[0])
    plan = make_plan([Stream("invoices")], load_presets(), load_contract(), PlanOptions("zoho_billing", own=own))
    mapper = plan.streams[0].mapper
    assert mapper is not None
    record = shared_cases("zoho_billing", source_file("zoho_billing"))["invoice"].record
    sent: dict[str, Any] = payloads(mapper, {**record, "total": 180}).sent
    assert sent["invoices"][0]["amount"] == 150
    assert sent["invoice_lines"][0]["amount_excluding_tax_after_discount"] == 150
    assert mapper.map(record).warnings == []


def test_the_mapping_of_woocommerces_page_makes_subscriptions_of_its_plugin() -> None:
    page = (PAGES / "woocommerce.md").read_text(encoding="utf-8")
    own = read_mapping(page.split("```yaml mapping\n")[1].split("```")[0])
    streams = [Stream("subscriptions"), Stream("orders")]
    subscriptions, orders = make_plan(
        streams, load_presets(), load_contract(), PlanOptions("woocommerce", own=own)
    ).streams
    assert subscriptions.mapper
    assert orders.mapper
    plugin = {"id": 9, "customer_id": 3, "status": "pending-cancel", "billing_period": "month", "billing_interval": "3",
              "total": "108.00", "total_tax": "18.00", "currency": "EUR", "start_date_gmt": "2026-01-05T10:00:00",
              "end_date_gmt": "", "cancelled_date_gmt": ""}  # fmt: skip
    sent: dict[str, Any] = payloads(subscriptions.mapper, plugin).sent
    (found,) = sent["subscriptions"]
    assert (found["monthly_value"], found["status"], "end_date" in found) == (30, "active", False)
    order = shared_cases("woocommerce", source_file("woocommerce"))["order"].record
    renewal = {**order, "meta_data": [{"id": 1, "key": "_subscription_renewal", "value": "9"}]}
    sent = payloads(orders.mapper, renewal).sent
    assert sent["invoices"][0]["subscription_id"] == "9"
