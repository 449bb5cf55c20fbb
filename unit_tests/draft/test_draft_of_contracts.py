"""Contracts in a table of their own that name customers as the invoices do, where nobody has a code."""

from __future__ import annotations

from pathlib import Path

from unit_tests.draft.drafting import Rows, drafted, read, run, totals

NAMES = ("Alba", "Berg", "Celt", "Dune")
CONTRACTS: Rows = [
    {"Contract ID": f"C-{n}", "Customer": name, "Start Date": "2025-01-15", "MRR": "100.00", "Status": "active"}
    for n, name in enumerate(NAMES)
]
INVOICES: Rows = [
    {
        "Invoice No": f"F{month}{n}",
        "Date": f"2025-{month:02}-15",
        "Customer": name,
        "Contract ID": f"C-{n}",
        "Net amount": "100.00",
        "Currency": "EUR",
        "Status": "paid",
    }
    for month in range(1, 7)
    for n, name in enumerate(NAMES)
]


def test_given_contracts_with_the_names_that_are_the_invoices_customers_when_drafted_then_they_are_theirs(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, {"invoices.period": "one_off"}, contracts=CONTRACTS, invoices=INVOICES)
    assert read(found, "subscriptions.customer_id") == read(found, "invoices.customer_id") == "Customer"
    assert totals(run(found, tmp_path))["subscriptions"][0] == len(NAMES)


def test_given_contracts_of_other_names_when_drafted_then_their_customers_are_not_known(tmp_path: Path) -> None:
    others = [{**row, "Customer": f"{row['Customer']} Ltd"} for row in CONTRACTS]
    found = drafted(tmp_path, {"invoices.period": "one_off"}, contracts=others, invoices=INVOICES)
    assert read(found, "subscriptions.customer_id") is None
    coded = [{**row, "Customer no": f"K{row['Customer']}"} for row in INVOICES]
    found = drafted(tmp_path, {"invoices.period": "one_off"}, contracts=CONTRACTS, invoices=coded)
    assert read(found, "subscriptions.customer_id") is None
