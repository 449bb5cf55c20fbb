"""What looks like an amount, a day or a period and is something else: payouts, days of records, terms of contracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, made, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
DAYS = [date(2025, 1, 3) + timedelta(days=5 * n) for n in range(60)]
CUSTOMERS = 6


def invoices(columns: dict[str, Callable[[int], object]], count: int = 60) -> Rows:
    """Return invoices of six customers with further columns, each made of the invoice's place."""
    return [
        {"Number": f"F{n:04d}", "Customer code": f"C{n % CUSTOMERS}", "Currency": "EUR"}
        | {heading: str(make(n)) for heading, make in columns.items()}
        for n in range(count)
    ]


def amount(n: int) -> Decimal:
    return Decimal(100 + 7 * (n % 13))


def fee(n: int) -> Decimal:
    return (amount(n) * Decimal("0.029")).quantize(Decimal("0.01")) + Decimal("0.30")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("whole", "kept", "net"),
    [
        ("Gross", "Fee", "Net"),
        ("Montant", "Frais", "Net"),
        ("Betrag", "Gebühr", "Netto"),
        ("Amount", "Fees", "Net amt"),
    ],
)
def test_given_what_a_payment_service_paid_out_when_it_is_called_net_then_the_amount_before_its_fee_is_asked(
    tmp_path: Path, whole: str, kept: str, net: str, sign: int
) -> None:
    figures = {whole: amount, kept: lambda n: sign * fee(n), net: lambda n: amount(n) - fee(n)}
    found = drafted(tmp_path, sales=invoices({"Date": lambda n: DAYS[n], **figures}))
    assert read(found, NET) is None
    (question,) = [one for one in found.questions.open if one.id == "sales.net"]
    assert question.columns[0] == whole
    found = drafted(tmp_path, {"sales.net": "net"}, sales=invoices({"Date": lambda n: DAYS[n], **figures}))
    assert read(found, NET) == whole


def test_given_a_fee_that_is_no_part_of_what_is_called_net_when_drafted_then_that_is_the_amount(tmp_path: Path) -> None:
    figures = {"Fee": fee, "Net amount": amount, "VAT": lambda n: amount(n) / 5, "Total": lambda n: amount(n) * 6 / 5}
    found = drafted(tmp_path, sales=invoices({"Date": lambda n: DAYS[n], **figures}))
    assert read(found, NET) == "Net amount"


def test_given_a_day_of_the_record_beside_one_that_nobody_knows_when_they_differ_then_the_date_is_asked(
    tmp_path: Path,
) -> None:
    days = {"Created at": lambda n: DAYS[n] - timedelta(days=20), "Sent at": lambda n: DAYS[n], "Net amount": amount}
    found = drafted(tmp_path, sales=invoices(days))
    (question,) = [one for one in found.questions.open if one.id == "sales.invoice_date"]
    assert question.columns == ("Created at", "Sent at")
    assert read(found, "invoices.date") is None


@pytest.mark.parametrize("other", ["Updated at", "Sent at"])
def test_given_a_day_of_the_record_when_no_other_day_may_be_the_invoices_then_it_is_the_date(
    tmp_path: Path, other: str
) -> None:
    clock = " 09:12:06" if other == "Sent at" else ""
    late = timedelta(days=0 if clock else 3)
    days = {"Created at": lambda n: DAYS[n], other: lambda n: f"{DAYS[n] + late}{clock}", "Net amount": amount}
    assert read(drafted(tmp_path, sales=invoices(days)), "invoices.date") == "Created at"


def start_of(n: int) -> date:
    """Return the first day of a customer's contract."""
    return date(2024, 1 + n % CUSTOMERS, 1)


TERMS: dict[str, Callable[[int], object]] = {
    "Date": lambda n: DAYS[n],
    "Contract start": start_of,
    "Contract end": lambda n: start_of(n).replace(year=2026) - timedelta(days=1),
    "Net amount": amount,
}


def test_given_a_start_and_an_end_that_a_customers_invoices_share_when_drafted_then_what_they_are_is_asked(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, sales=invoices(TERMS))
    assert "sales.terms" in asked(found)
    assert made(found, "invoice_lines").doubts["type"] == "sales.terms"
    assert read(found, "invoice_lines.period_start") is None
    found = drafted(tmp_path, {"sales.terms": "contracts", "sales.period": "month"}, sales=invoices(TERMS))
    assert read(found, "invoice_lines.period_start") == "Date"
    found = drafted(tmp_path, {"sales.terms": "lines"}, sales=invoices(TERMS))
    assert "Contract start" in str(read(found, "invoice_lines.period_start"))


def test_given_terms_in_lines_whose_invoices_name_the_customers_when_drafted_then_it_is_asked_as_well(
    tmp_path: Path,
) -> None:
    rows = invoices(TERMS)
    heads = [{one: row[one] for one in ("Number", "Customer code", "Date", "Currency")} for row in rows]
    parts = [{one: row[one] for one in ("Number", "Contract start", "Contract end", "Net amount")} for row in rows]
    found = drafted(tmp_path, invoices=heads, invoice_lines=parts)
    assert "invoice_lines.terms" in asked(found)


def test_given_periods_that_each_invoice_has_for_itself_when_drafted_then_nothing_is_asked_of_them(
    tmp_path: Path,
) -> None:
    months = TERMS | {
        "Contract start": lambda n: date(2025, 1 + n // CUSTOMERS, 1),
        "Contract end": lambda n: date(2025, 2 + n // CUSTOMERS, 1) - timedelta(days=1),
    }
    found = drafted(tmp_path, sales=invoices(months))
    assert "sales.terms" not in asked(found)
    assert "Contract start" in str(read(found, "invoice_lines.period_start"))


@pytest.mark.parametrize(
    ("start", "end"), [("Garantie du", "Garantie au"), ("Warranty A", "Warranty B"), ("Trial A", "Trial B")]
)
def test_given_what_lasts_for_whole_months_when_it_is_called_a_warranty_or_a_trial_then_it_is_no_period(
    tmp_path: Path, start: str, end: str
) -> None:
    days = {
        "Date": lambda n: DAYS[n],
        start: lambda n: DAYS[n].replace(day=1),
        end: lambda n: DAYS[n].replace(day=1, year=2027) - timedelta(days=1),
        "Net amount": amount,
    }
    found = drafted(tmp_path, sales=invoices(days))
    assert read(found, "invoice_lines.period_start") is None
    assert "sales.period" in asked(found)


def labelled(label: Callable[[int], str]) -> Rows:
    """Return invoices whose lines say a month in their text."""
    return invoices({"Date": lambda n: DAYS[n], "Libellé": label, "Montant HT": amount})


def month_of(n: int) -> str:
    return f"{DAYS[n]:%m/%Y}"


@pytest.mark.parametrize(
    ("words", "months"), [("Licence annuelle", 12), ("Wartung Quartal", 3), ("Abbonamento semestrale", 6)]
)
def test_given_months_in_texts_that_say_a_longer_time_when_drafted_then_how_long_periods_are_is_asked(
    tmp_path: Path, words: str, months: int
) -> None:
    rows = labelled(lambda n: f"{words if n % 4 == 0 else 'Abonnement Pro'} {month_of(n)}")
    given = {"sales.period": "text of Libellé"}
    assert "sales.length" in asked(drafted(tmp_path, given, sales=rows))
    found = drafted(tmp_path, {**given, "sales.length": "words"}, sales=rows)
    assert f"`{months}`, `1`)" in str(read(found, "invoice_lines.period_end"))
    found = drafted(tmp_path, {**given, "sales.length": "month"}, sales=rows)
    assert "`1`)" in str(read(found, "invoice_lines.period_end"))
    assert f"`{months}`" not in str(read(found, "invoice_lines.period_end"))


def test_given_months_in_texts_that_say_nothing_longer_when_drafted_then_each_is_one_month(tmp_path: Path) -> None:
    found = drafted(
        tmp_path, {"sales.period": "text of Libellé"}, sales=labelled(lambda n: f"Abonnement Pro {month_of(n)}")
    )
    assert "sales.length" not in asked(found)
    assert "`1`)" in str(read(found, "invoice_lines.period_end"))
