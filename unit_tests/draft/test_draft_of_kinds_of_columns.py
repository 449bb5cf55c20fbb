"""Kinds of columns in six languages: what a careful finance person takes each for (columns.yaml)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from fincome_tools.draft.objects import Drafted
from unit_tests.draft.drafting import drafted, made, read
from unit_tests.draft.invoiced_rows import rows

TOLD: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("columns.yaml").read_text(encoding="utf-8"))
# Each column may tell lines apart.
NEUTRAL = {"invoice_lines.id", "invoice_lines.type"}


def read_as(found: Drafted) -> dict[str, set[str]]:
    """Return the fields that each column becomes a part of, `asked` where it is asked about."""
    fields: dict[str, set[str]] = defaultdict(set)
    for stream in found.streams:
        for emission in stream.emissions:
            for name, decision in emission.fields.items():
                for column in decision.columns:
                    fields[column].add(f"{emission.entity}.{name}")
    for question in found.questions.open:
        for column in question.columns:
            fields[column].add("asked")
    return fields


@pytest.mark.parametrize("told", TOLD["kinds"], ids=[told["kind"] for told in TOLD["kinds"]])
def test_given_a_kind_of_column_when_drafted_then_it_is_read_as_a_careful_person_would(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    left_out = told.get("without", ())
    columns = {heading: what for heading, what in TOLD["bases"][told["base"]].items() if heading not in left_out}
    fields = read_as(drafted(tmp_path, factures=rows(columns | told["columns"])))
    for heading, becomes in told["reads"].items():
        expected, own = set(becomes.split()), fields[heading] - NEUTRAL
        assert expected <= own, heading
        if not expected:
            assert own == set(), heading
        elif expected == {"asked"}:
            assert own == {"asked"}, heading


TABLES = {
    "payments": {
        "Payment No": "counter",
        "Invoice": "number",
        "Date": "paid on",
        "Customer": "firm",
        "Amount": "gross",
    },
    "devis": {"N°": "number", "Date": "issued", "Client": "firm", "Montant HT": "net"},
    "export": {"Invoice No": "number", "Date": "issued", "Supplier": "firm", "Net": "net", "VAT": "tax"},
    "acquisti": {"Numero": "number", "Data": "issued", "Fornitore": "firm", "Imponibile": "net", "IVA": "tax"},
}


@pytest.mark.parametrize("name", TABLES)
def test_given_a_table_of_something_else_than_sales_when_it_stands_alone_then_nothing_is_taken_for_sure(
    tmp_path: Path, name: str
) -> None:
    found = drafted(tmp_path, **{name: rows(TABLES[name])})
    assert [question.id for question in found.questions.open] == [f"{name}.kind"]
    assert [emission for stream in found.streams for emission in stream.emissions] == []


def test_given_a_seller_beside_the_customer_when_drafted_then_the_rows_are_sales(tmp_path: Path) -> None:
    found = drafted(tmp_path, export=rows(TABLES["export"] | {"Customer": "other firm"}))
    assert "export.kind" not in [question.id for question in found.questions.open]


REPEATED = {"N°": "number", "Date": "issued", "Client": "firm", "Article": "product", "Total HT": "total net"}


@pytest.mark.parametrize("answer", ["invoice", "row"])
def test_given_a_total_on_all_rows_when_answered_whose_it_is_then_rows_have_it_or_nothing(
    tmp_path: Path, answer: str
) -> None:
    found = drafted(tmp_path, {"ventes.repeated": answer}, ventes=rows(REPEATED))
    is_of_rows = answer == "row"
    net = read(found, "invoice_lines.amount_excluding_tax_after_discount")
    assert net == ("Total HT" if is_of_rows else None)
    assert read(found, "invoices.amount") == "Total HT"
    assert ("amount" in made(found, "invoices").merge) == is_of_rows


def test_given_a_total_and_another_amount_when_it_is_the_invoices_then_the_other_may_be_the_rows(
    tmp_path: Path,
) -> None:
    columns = {"Referenz": "number", "Lieferschein": "order", "Belegdatum": "issued", "Firma": "firm"}
    columns |= {"Artikel": "product", "Wert": "net", "Rechnungssumme netto": "total net"}
    given = {"ventes.invoice_id": "Referenz", "ventes.repeated": "invoice", "ventes.net": "net"}
    found = drafted(tmp_path, given, ventes=rows(columns))
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") == "Wert"
    assert read(found, "invoices.amount") == "Rechnungssumme netto"
    assert "amount" not in made(found, "invoices").merge
