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


def sales_journal(**more: object) -> Rows:
    """Return a French journal of sales: codes and names of customers on their rows, periods on those of revenue."""
    rows: Rows = []
    for n, day in enumerate(DAYS):
        sign = -1 if n == 9 else 1
        month = day.replace(day=1)
        own = {"Compte auxiliaire": f"C{n % 6:03}", "Nom tiers": "Firme Une" if n % 6 < 2 else f"Firme {n % 6}"}
        begun = {"Début période": f"{month:%d/%m/%Y}", "Fin période": f"{month.replace(day=28):%d/%m/%Y}"}
        for account, label, amount, besides in (
            ("411000", "Client", -120 * sign, own | {"Échéance": f"{day + timedelta(days=30):%d/%m/%Y}"}),
            ("706000", "Abonnement", 60 * sign, begun),
            ("706000", "Abonnement", 40 * sign, begun | {"Fin période": f"{month.replace(day=14):%d/%m/%Y}"}),
            ("445710", "TVA", 20 * sign, {}),
        ):
            row = dict.fromkeys(("Compte auxiliaire", "Nom tiers", "Échéance", "Début période", "Fin période"), "")
            row |= {"N° Pièce": f"{n:05}", "Date": f"{day:%d/%m/%Y}", "Compte": account, "Libellé": label} | besides
            rows.append(row | {"Débit": f"{max(-amount, 0)},00", "Crédit": f"{max(amount, 0)},00"})
    return rows


def test_given_two_customers_of_one_name_when_drafted_then_codes_are_told_from_names(tmp_path: Path) -> None:
    found = drafted(tmp_path, ventes=sales_journal())
    assert (read(found, "customers.id"), read(found, "customers.name")) == ("Compte auxiliaire", "Nom tiers")
    assert "Échéance" in str(read(found, "invoices.due_date"))


def test_given_rows_that_differ_by_their_period_only_when_drafted_then_they_are_lines_of_their_own(
    tmp_path: Path,
) -> None:
    assert "Fin période" in str(read(drafted(tmp_path, ventes=sales_journal()), "invoice_lines.id"))


def test_given_a_document_below_zero_when_answered_then_its_lines_have_no_revenue_of_a_period(tmp_path: Path) -> None:
    given = {"currency": "EUR", "ventes.ends": "last"}
    found = drafted(tmp_path, given, ventes=sales_journal())
    assert "ventes.negative" in [one.id for one in found.questions.open]
    told = drafted(tmp_path, given | {"ventes.negative": "yes"}, ventes=sales_journal())
    assert str(read(told, "invoice_lines.type")).startswith('when(contains(`["00009"]`, "N° Pièce"), \'one_off\'')
