"""Which lines an invoice's record says that it has: what an older version had besides doesn't count."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.mapping.compiled_credits import written
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.results import Draft, Parts
from unit_tests.mapping.source_files import SOURCES, Case, cases_of, mapper_of

# In lists that their records don't have whole: some lines are in another stream, or come as rows of another table.
ELSEWHERE = {("lago", "invoices"), ("netsuite_tables", "transaction"), ("stripe", "invoice_line_items")}


def lists() -> list[tuple[str, str]]:
    """Return the streams, with their source, whose records have an invoice's lines in a list."""
    return [
        (source, name)
        for source, preset in load_presets().items()
        for name, stream in preset.streams.items()
        if any(one.entity == "invoice_lines" and one.for_each for one in stream.emits)
        and (source, name) not in ELSEWHERE
    ]


@pytest.mark.parametrize(("source", "stream"), lists())
def test_a_list_of_lines_says_whether_it_is_complete(source: str, stream: str) -> None:
    emits = load_presets()[source].streams[stream].emits
    assert any(one.complete for one in emits if one.entity == "invoice_lines")


def documents(case: Case) -> list[tuple[Draft, list[Any]]]:
    """Return the invoice of a case, with its lines; none if there are several, or no line."""
    found = mapper_of(case.setting).map(case.record).objects
    invoices = [one for one in found if isinstance(one, Draft) and one.entity == "invoices"]
    lines = [one for one in found if one.entity == "invoice_lines"]
    ids = [written(one.values["id"] if isinstance(one, Draft) else one.id) for one in lines]
    return [(invoices[0], ids)] if len(invoices) == 1 and ids else []


@pytest.mark.parametrize("source", SOURCES)
def test_an_invoice_lists_all_lines_of_its_record(source: str) -> None:
    for case in cases_of(source):
        for invoice, ids in documents(case):
            if invoice.parts is not None and invoice.parts.ids is not None:
                assert invoice.parts == Parts("invoice_lines", tuple(ids))
