"""Tables of a test as files, and what is drafted of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from fincome_tools.draft.decisions.decisions import Emission
from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import Result, result_of

Rows = list[dict[str, str]]


def drafted(folder: Path, answers: Mapping[str, str] | None = None, **tables: Rows) -> Drafted:
    """Draft the mapping of tables, each a file of its name."""
    paths = []
    for name, rows in tables.items():
        paths.append(folder / f"{name}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    return draft(read_files(paths).tables, answers or {})


def drafted_file(path: Path, **answers: str) -> Drafted:
    """Draft the mapping of a file of one table, whose name the answers go without."""
    return draft(read_files([path]).tables, {f"{path.stem}.{name}": answer for name, answer in answers.items()})


def run(found: Drafted, folder: Path) -> Result:
    """Run a draft with the files of a folder, those of its tables."""
    return result_of(text_of(found), read_files(sorted(folder.iterdir())))


def totals(ran: Result) -> dict[str, tuple[int, Decimal]]:
    """Return the number and the sum of what is sent, by kind."""
    return {entity: (count, Decimal(amount)) for entity, _, count, amount in ran.totals}


def mrr_of(path: Path, **answers: str) -> dict[str, str]:
    """Return the MRR of the months that have some, of a file in a folder of its own."""
    ran = run(drafted_file(path, **answers), path.parent)
    assert ran.problem is None
    return {month: amount for month, _, amount in ran.mrr if float(amount)}


def made(found: Drafted, entity: str, table: str = "") -> Emission:
    """Return the one emission of an entity, of a table if it is named."""
    (one,) = [
        emission
        for stream in found.streams
        for emission in stream.emissions
        if emission.entity == entity and table in (stream.table.table.name, "")
    ]
    return one


def asked(found: Drafted) -> list[str]:
    """Return the ids of what is asked."""
    return [question.id for question in found.questions.open]


def read(found: Drafted, field: str, table: str = "") -> object:
    """Return the expression of an entity's field: `invoices.id`."""
    entity, name = field.split(".")
    decision = made(found, entity, table).fields.get(name)
    return decision.expression if decision else None
