"""Files whose headings aren't those that the mapping was made for are refused before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.mapping.misfits import is_month
from fincome_tools.files.reading import read_files
from fincome_tools.preview.headings import refuse_other_columns
from fincome_tools.preview.naming import as_mapped

MAPPING = """version: 1
streams:
  sales:
    let: {_customer: "coalesce(code, name)"}
    emits:
      - entity: customers
        fields: {id: _customer, name: name, email: email}
      - entity: invoices
        fields: {id: number, customer_id: _customer, date: "coalesce(day, issued)", amount: "when(net, number(net))"}
      - entity: invoice_lines
        ignore: true
        why: waits
        fields: {id: line}
"""
MONTHS = """version: 1
streams:
  sales:
    emits:
"""
MONTHS += "".join(
    f"      - {{entity: invoices, when: '\"{month}\"', fields: {{id: client, amount: 'number(\"{month}\")'}}}}\n"
    for month in ("janv. 2025", "févr. 2025", "mars 2025")
)


def refuse(folder: Path, mapping: str, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    files = read_files([folder / name])
    refuse_other_columns(files, as_mapped(files, mapping)[1], mapping)


@pytest.mark.parametrize("name", ["sales.csv", "sales_2025-02.csv"])
def test_given_a_renamed_heading_when_it_makes_figures_then_the_file_is_refused_and_it_is_named(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigFailure) as failure:
        refuse(tmp_path, MAPPING, name, "number;code;name;day;email;total\nF1;K1;Alba;2025-01-01;;7\n")
    assert "has no column net, which the mapping reads" in failure.value.message


@pytest.mark.parametrize(
    "heading", ["number;code;name;day;net", "NUMBER;name;issued;Net", "number;code;name;issued;net;more"]
)
def test_given_other_headings_that_change_no_figure_when_checked_then_nothing_is_said(
    tmp_path: Path, heading: str
) -> None:
    cells = ";".join("1" for _ in heading.split(";"))
    refuse(tmp_path, MAPPING, "sales.csv", f"{heading}\n{cells}\n")


def test_given_records_of_json_when_they_lack_a_field_then_nothing_is_said(tmp_path: Path) -> None:
    refuse(tmp_path, MAPPING, "sales.json", json.dumps([{"number": "F1", "code": "K1", "day": "2025-01-01"}]))


def test_given_a_further_month_with_amounts_when_the_mapping_reads_other_months_then_it_is_named(
    tmp_path: Path,
) -> None:
    heading = "client;janv. 2025;févr. 2025;mars 2025;avr. 2025;mai 2025\n"
    with pytest.raises(ConfigFailure) as failure:
        refuse(tmp_path, MONTHS, "sales.csv", f"{heading}Alba;1;2;3;4;\n")
    assert "has amounts in avr. 2025, and the mapping reads other months only" in failure.value.message
    refuse(tmp_path, MONTHS, "sales.csv", f"{heading}Alba;1;2;3;;\n")


def test_given_a_renamed_heading_of_a_table_of_words_when_it_makes_figures_then_the_file_is_refused(
    tmp_path: Path,
) -> None:
    mapping = MAPPING.replace("amount:", "status: {lookup: state, in: {p: paid}}, amount:")
    with pytest.raises(ConfigFailure, match="has no column state"):
        refuse(tmp_path, mapping, "sales.csv", "number;code;name;day;net;etat\nF1;K1;Alba;2025-01-01;7;p\n")


@pytest.mark.parametrize(
    ("heading", "there"),
    [
        ("janv. 2025", True),
        ("Janvier 2025", True),
        ("2025-01", True),
        ("01/2025", True),
        ("2025-01-01", True),
        ("2025-01-01 00:00:00", True),
        ("Jan-25", True),
        ("März 2025", True),
        ("MRR 2025", False),
        ("2025", False),
        ("Total 2025", False),
        ("2025-13", False),
        ("2025-01-15", False),
    ],
)
def test_given_a_heading_when_it_is_a_month_then_that_is_known(heading: str, there: bool) -> None:
    assert is_month(heading) is there
