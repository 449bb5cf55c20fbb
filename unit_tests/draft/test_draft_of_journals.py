"""Accounting journals of several countries: which column has the accounts, and who the customers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from fincome_tools.draft.recognition.journals import journal_of
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

DAYS = [date(2025, 1, 3) + timedelta(days=11 * n) for n in range(28)]


def journal(customer: str, revenue: str, tax: str) -> Rows:
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
            rows.append(row | {"Título": title, "Debe": f"{debit:.2f}", "Haber": f"{credit:.2f}"})
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


def sales_journal() -> Rows:
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


Entry = tuple[str, str, float]
"""An account's name or number, its type, and what is booked on it: above zero on the debit side."""


def entries(
    *,
    names: tuple[str, str, str],
    types: tuple[str, str, str] = ("", "", ""),
    heads: Mapping[str, str],
    rate: float = 0.2,
) -> Rows:
    """Return an entry for each of 28 invoices: the customer's row, one of revenue, one of tax."""
    rows: Rows = []
    for n, day in enumerate(DAYS):
        net = 100.0 + n
        booked: list[Entry] = [
            (names[0], types[0], round(net * (1 + rate), 2)),
            (names[1], types[1], -net),
            (names[2], types[2], -round(net * rate, 2)),
        ]
        for account, kind, amount in booked if rate else booked[:2]:
            told = {
                "number": f"INV-{n:04}",
                "date": f"{day:%Y-%m-%d}",
                "account": account.replace("*", f"{n % 6:03}"),
                "type": kind,
                "customer": f"Firm {n % 6} Ltd",
                "text": f"Plan {n % 3}",
                "debit": f"{max(amount, 0):.2f}",
                "credit": f"{max(-amount, 0):.2f}",
                "nothing": "0.00",
                "amount": f"{abs(amount):.2f}",
                "side": "D" if amount > 0 else "C",
                "Seite": "S" if amount > 0 else "H",
                "signed": f"{amount:.2f}",
                "credited": f"{-amount:.2f}",
                "other": names[0].replace("*", f"{n % 6:03}") if amount < 0 else names[1],
            }
            rows.append({heading: told[what] for heading, what in heads.items()})
    return rows


ENGLISH = {
    "Invoice Number": "number",
    "Date": "date",
    "Account": "account",
    "Account Type": "type",
    "Customer": "customer",
    "Description": "text",
    "Debit Amount (two columns)": "debit",
    "Credit Amount (two columns)": "credit",
}
WORDED = [
    (("Accounts Receivable", "Subscription Sales", "State Tax"), ("Receivable", "Income", "Sales Tax")),
    (("1100 Debtors", "4000 Sales", "2200 VAT"), ("", "", "")),
    (("Forderungen aus Lieferungen", "Umsatzerlöse", "Umsatzsteuer"), ("Aktiva", "Ertrag", "Passiva")),
    (("Crediti verso clienti", "Ricavi da servizi", "IVA a debito"), ("", "", "")),
    (("Debiteuren", "Omzet abonnementen", "Te betalen btw"), ("", "", "")),
    (("Clientes", "Ventas", "Hacienda, IVA repercutido"), ("", "", "")),
    (("Clients", "Prestations de services", "TVA collectée"), ("", "", "")),
]


@pytest.mark.parametrize(("names", "types"), WORDED, ids=[names[1] for names, _ in WORDED])
def test_given_accounts_in_words_when_what_is_owed_is_revenue_and_tax_then_it_is_a_journal(
    tmp_path: Path, names: Sequence[str], types: Sequence[str]
) -> None:
    found = drafted(tmp_path, ledger=entries(names=names, types=types, heads=ENGLISH))
    assert [one.kind for one in found.streams] == ["journal"]
    assert read(found, "invoices.customer_id") == "when(" + str(made(found, "invoice_lines").when) + ", Customer)"
    amount = str(read(found, "invoice_lines.amount_excluding_tax_after_discount"))
    assert amount.index("Credit Amount") < amount.index("Debit Amount")


def test_given_accounts_in_words_when_revenue_waits_on_another_account_then_nothing_is_taken_for_sure(
    tmp_path: Path,
) -> None:
    names = ("Accounts Receivable", "Deferred revenue", "VAT")
    found = drafted(tmp_path, ledger=entries(names=names, heads=ENGLISH))
    assert [one.kind for one in found.streams] != ["journal"]
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") is None


LOOSER = [("1100", "3400", "2200"), ("200*", "4020", "3500"), ("1300", "8020", "1520"), ("1100", "4000", "2201")]


@pytest.mark.parametrize("names", LOOSER, ids=["CH", "AT", "NL", "UK"])
def test_given_a_chart_that_is_no_law_when_its_sums_prove_it_then_it_is_a_journal(
    tmp_path: Path, names: Sequence[str]
) -> None:
    (stream,) = drafted(tmp_path, ledger=entries(names=names, heads=ENGLISH)).streams
    journal = journal_of(stream.table)
    assert journal is not None
    told = (journal.accounts.customers, journal.accounts.revenue, journal.accounts.tax)
    assert [[one.has(name) for one in told] for name in names] == [[n == m for m in range(3)] for n in range(3)]


def test_given_entries_without_tax_when_what_is_owed_is_the_revenue_then_it_is_a_journal(tmp_path: Path) -> None:
    found = drafted(tmp_path, ledger=entries(names=("411000", "706000", ""), heads=ENGLISH, rate=0))
    assert [one.kind for one in found.streams] == ["journal"]


SPANISH = {
    "ASIEN": "number",
    "FECHA": "date",
    "SUBCTA": "account",
    "CONTRA": "other",
    "PTADEBE": "nothing",
    "PTAHABER": "nothing",
    "FACTURA": "number",
    "EURODEBE": "debit",
    "EUROHABER": "credit",
}


def test_given_accounts_of_customers_without_names_when_drafted_then_it_is_asked_whether_each_is_one(
    tmp_path: Path,
) -> None:
    rows = entries(names=("430*", "70500001", "47700021"), heads=SPANISH)
    found = drafted(tmp_path, diario=rows)
    assert [one.kind for one in found.streams] == ["journal"]
    assert "diario.customer" in asked(found)
    assert read(found, "invoices.customer_id") is None
    told = drafted(tmp_path, {"diario.customer": "name"}, diario=rows)
    assert "CONTRA" in str(read(told, "invoices.customer_id"))


def test_given_a_table_with_a_row_for_each_account_when_drafted_then_it_is_that_of_customers(tmp_path: Path) -> None:
    known = [{"COD": f"430{n:03}", "TITULO": f"Firma {n} S.L.", "POBLACION": "León"} for n in range(8)]
    rows = entries(names=("430*", "70500001", "47700021"), heads=SPANISH)
    found = drafted(tmp_path, diario=rows, subcta=known)
    assert {one.table.table.name: one.kind for one in found.streams} == {"diario": "journal", "subcta": "customers"}
    assert (read(found, "customers.id"), read(found, "customers.name")) == ("COD", "TITULO")
    assert "diario.customer" not in asked(found)


def test_given_marks_on_the_rows_of_customers_that_match_payments_when_drafted_then_these_tell_no_customers(
    tmp_path: Path,
) -> None:
    heads = {key: one for key, one in ENGLISH.items() if key != "Account Type"}
    rows = entries(names=("411000", "706000", "445710"), heads=heads)
    for n, row in enumerate(rows):
        row["Matching"] = f"A{n:03}" if row["Account"] == "411000" else ""
    assert "Customer" in str(read(drafted(tmp_path, ledger=rows), "invoices.customer_id"))
    for row in rows:
        row["Customer"] = ""
    assert read(drafted(tmp_path, ledger=rows), "invoices.customer_id") is None


def test_given_codes_on_the_rows_of_customers_when_there_are_no_names_then_they_tell_the_customers(
    tmp_path: Path,
) -> None:
    heads = {key: one for key, one in ENGLISH.items() if key not in ("Account Type", "Customer")}
    rows = entries(names=("411000", "706000", "445710"), heads=heads)
    for n, row in enumerate(rows):
        row["Aux"] = f"A{n % 5:03}" if row["Account"] == "411000" else ""
    assert "Aux" in str(read(drafted(tmp_path, ledger=rows), "invoices.customer_id"))


OTHER_SIDES = {
    "letters": (
        {"Amount": "amount", "D/C": "side"},
        """when(lookup(coalesce("D/C", '?'), `{"D": false, "C": true}`), Amount, subtract(`0`, Amount))""",
    ),
    "German letters": (
        {"Betrag": "amount", "S/H": "Seite"},
        """when(lookup(coalesce("S/H", '?'), `{"S": false, "H": true}`), Betrag""",
    ),
    "credits below zero": ({"Amount": "signed"}, "subtract(`0`, Amount)"),
    "debits below zero": ({"Amount": "credited"}, "Amount"),
}


@pytest.mark.parametrize(("columns", "amount"), OTHER_SIDES.values(), ids=OTHER_SIDES)
def test_given_sides_in_letters_or_signs_when_what_is_owed_is_revenue_and_tax_then_it_is_a_journal(
    tmp_path: Path, columns: Mapping[str, str], amount: str
) -> None:
    heads = {key: one for key, one in ENGLISH.items() if one not in ("debit", "credit", "type")} | columns
    rows = entries(names=("411000", "706000", "445710"), heads=heads)
    found = drafted(tmp_path, ledger=rows)
    assert [one.kind for one in found.streams] == ["journal"]
    assert str(read(found, "invoice_lines.amount_excluding_tax_after_discount")).startswith(amount)
    assert str(made(found, "invoice_lines").when) == 'starts_with_any(text(Account), `["70"]`)'


def test_given_one_amount_when_its_rows_prove_nothing_then_it_is_no_journal(tmp_path: Path) -> None:
    heads = {key: one for key, one in ENGLISH.items() if one not in ("debit", "credit", "type")} | {"Amount": "signed"}
    rows = entries(names=("411000", "706000", "445710"), heads=heads)
    for n, row in enumerate(rows):
        row["Amount"] = f"{float(row['Amount']) + (n % 3 == 1) * n:.2f}"
    found = drafted(tmp_path, ledger=rows)
    assert [one.kind for one in found.streams] != ["journal"]
    assert read(found, "invoice_lines.amount_excluding_tax_after_discount") is None
