"""Accounting journals of several countries: which column has the accounts, and who the customers are."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from unit_tests.tools.drafting import Rows, drafted, made, read

DAYS = [date(2025, 1, 3) + timedelta(days=11 * n) for n in range(28)]


def journal(customer: str, revenue: str, tax: str, **more: str) -> Rows:
    """Return entries of a customer, a revenue and a tax, and each one's payment under the same document."""
    rows: Rows = []
    for n, day in enumerate(DAYS):
        who, net = f"{customer}{n % 6:04}", 100 + n
        for entry, account, title, debit, credit in (
            (n + 1, who, f"Firm {n % 6}", net * 1.21, 0),
            (n + 1, revenue, "Sales", 0, net),
            (n + 1, tax, "Tax", 0, net * 0.21),
            (801 + n, "57200001", "Bank", net * 1.21, 0),
            (801 + n, who, f"Firm {n % 6}", 0, net * 1.21),
        ):
            row = {"Asiento": str(entry), "Fecha": f"{day:%d/%m/%Y}", "Documento": f"F25/{n:03}", "Cuenta": account}
            rows.append(row | {"Título": title, "Debe": f"{debit:.2f}", "Haber": f"{credit:.2f}", **more})
    return rows


@pytest.mark.parametrize(
    ("customer", "revenue", "tax"),
    [("430", "70500000", "47700021"), ("411", "706000", "445710"), ("400", "700000", "451000"), ("211", "721", "2433")],
)
def test_given_a_chart_of_accounts_when_drafted_then_its_rows_of_revenue_are_the_lines(
    tmp_path: Path, customer: str, revenue: str, tax: str
) -> None:
    found = drafted(tmp_path, diario=journal(customer, revenue, tax))
    assert [one.kind for one in found.streams] == ["journal"]
    when = str(made(found, "invoice_lines").when)
    assert "text(Cuenta)" in when
    assert f'"{revenue[:2]}"' in when
    assert read(found, "customers.id") == "Cuenta"


def test_given_titles_of_accounts_when_these_are_the_customers_then_they_are_their_names(tmp_path: Path) -> None:
    assert read(drafted(tmp_path, diario=journal("430", "70500000", "47700021")), "customers.name") == "Título"


def test_given_numbers_of_entries_that_look_like_accounts_when_they_balance_then_they_are_none(tmp_path: Path) -> None:
    rows = journal("430", "9990000", "47700021")  # No revenue of any chart: entries 1 to 28, and 801 to 828, have all.
    found = drafted(tmp_path, diario=rows)
    assert [one.kind for one in found.streams] != ["journal"]
