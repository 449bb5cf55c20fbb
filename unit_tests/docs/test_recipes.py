"""The recipes of docs/recipes: each mapping can be used as a whole, and rejects nothing of what its page shows."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.protocol.catalog import parse_catalog
from fincome_tools.preview.rehearsal import Preview, rehearse

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"
PAGES = sorted(path.stem for path in RECIPES.glob("*.md") if path.stem != "index")
# Where a page says which source is to be set.
SOURCES = {"salesforce_billing": "salesforce"}


def blocks(page: str, kind: str) -> list[str]:
    text = (RECIPES / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def records_of(page: str) -> list[tuple[str, dict[str, Any]]]:
    text = (RECIPES / f"{page}.md").read_text(encoding="utf-8")
    found = re.findall(r"^```json record (\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(stream, json.loads(record)) for stream, record in found]


def preview(page: str, records: list[tuple[str, dict[str, Any]]]) -> Preview:
    """Rehearse a sync of a recipe's streams, all of them selected."""
    (mapping,) = blocks(page, "yaml mapping")
    streams = re.findall(r"^  (\w+):$", mapping.split("\nstreams:\n")[1], re.MULTILINE)
    columns = {name: {column for stream, record in records if stream == name for column in record} for name in streams}
    catalog = parse_catalog(
        {
            "streams": [
                {"stream": {"name": name, "json_schema": {"properties": {column: {} for column in known}}}}
                for name, known in columns.items()
            ]
        }
    )
    lines = [
        json.dumps({"type": "RECORD", "record": {"stream": stream, "data": record, "emitted_at": 1}}).encode()
        for stream, record in records
    ]
    config = {"mapping": mapping, "source": SOURCES.get(page, "auto")}
    return rehearse(config, catalog, lambda: BytesIO(b"\n".join(lines) + b"\n").read)


def bodies(found: Preview) -> list[tuple[str, dict[str, Any]]]:
    return [body for view in found.streams for sample in view.samples for body in sample.bodies]


@pytest.mark.parametrize("page", PAGES)
def test_a_recipe_is_listed_and_has_a_mapping_and_records(page: str) -> None:
    assert f"({page}.md)" in (RECIPES / "index.md").read_text(encoding="utf-8")
    assert len(blocks(page, "yaml mapping")) == 1
    assert records_of(page)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "intacct"])
def test_a_recipe_maps_all_its_streams_and_rejects_nothing_of_its_page(page: str) -> None:
    found = preview(page, records_of(page))
    assert [view.name for view in found.streams if view.ignored] == []
    assert sum(view.counts["rejected"] for view in found.streams) == 0
    assert sum(view.counts["sent"] for view in found.streams) == len(records_of(page))


def test_a_payment_of_gocardless_that_fails_after_it_was_submitted_counts_no_more() -> None:
    (mapping,) = blocks("gocardless", "yaml mapping")
    document = read_yaml(mapping)
    assert isinstance(document, dict)
    assert document["streams"]["payments"]["skip"]["failed"]["gone"] is True


def test_an_invoice_of_intacct_is_made_of_its_header_and_the_sum_of_its_items() -> None:
    ((stream, item),) = records_of("intacct")
    header = {"recordno": item["recordkey"], "recordid": "INV-9", "customerid": "ACME", "state": "Posted"}
    times = {"whencreated": "2026-01-05", "whendue": "2026-02-04", "whenpaid": None, "currency": "EUR"}
    records = [
        (stream, item),
        (stream, {**item, "recordno": "9003", "trx_amount": 300.0}),
        (stream, {**item, "recordno": "9004", "trx_amount": 240.0, "lineitem": False}),
        ("ar_invoice", {**header, **times, "_fivetran_deleted": False}),
        ("customer", {"customerid": "ACME", "name": "Acme", "_fivetran_deleted": False}),
    ]
    found = preview("intacct", records)
    assert {view.name: view.counts["rejected"] for view in found.streams} == dict.fromkeys(
        ["customer", "ar_invoice", "ar_invoice_item"], 0
    )
    totals = {
        (row["entity"], row["outcome"]): (row["count"], row["amount"])
        for row in found.summary["totals"]
        if row["entity"] in ("invoices", "invoice_lines")
    }
    assert totals == {("invoices", "sent"): (1, "1500.00"), ("invoice_lines", "sent"): (2, "1500.00")}
