"""Control totals: each object once, in its newest version, in the cell that it belongs to; sums are exact."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_fincome.fincome.minor_units import decimals_of
from destination_fincome.outcomes import Outcome
from destination_fincome.reporting import totals as totals_module
from destination_fincome.reporting.totals import Totals, control_totals
from fincome_sandbox import figures
from unit_tests.reporting.brought import Brought, One

_NUMBER = count(1)


def invoice(**fields: Any) -> One:
    body = {"id": f"in-{next(_NUMBER)}", "customer_id": "c", "date": "2026-01-31", "status": "paid", "currency": "EUR",
            "amount": 10}  # fmt: skip
    return One("invoices", {**body, **fields})


def line(starts: str | None = "2026-01-01", ends: str | None = "2026-02-01", amount: Any = 10, **fields: Any) -> One:
    body = {"id": f"il-{next(_NUMBER)}", "invoice_id": "in", "type": "subscription", "subscription_id": "s",
            "currency": "EUR", "amount_excluding_tax_after_discount": amount, "period_start": starts,
            "period_end": ends}  # fmt: skip
    return One("invoice_lines", {**body, **fields})


def one_off(**fields: Any) -> One:
    return line(None, None, type="one_off", **fields)


def subscription(**fields: Any) -> One:
    body = {"id": f"s-{next(_NUMBER)}", "customer_id": "c", "status": "active", "start_date": "2026-01-15",
            "currency": "EUR", "monthly_value": 100}  # fmt: skip
    return One("subscriptions", {**body, **fields})


def credit_note(**fields: Any) -> One:
    body = {"id": f"cn-{next(_NUMBER)}", "invoice_id": "in", "date": "2026-02-03", "currency": "EUR", "amount": 3}
    return One("credit_notes", {**body, **fields})


@pytest.fixture
def brought(tmp_path: Any) -> Iterator[Brought]:
    found = Brought(str(tmp_path))
    yield found
    found.close()


def totals(brought: Brought) -> Totals:
    return control_totals(brought.book, decimals_of, partial=False)


def cells(brought: Brought) -> list[tuple[object, ...]]:
    return [tuple(cell.values()) for cell in totals(brought).document()["totals"]]


def test_each_kind_of_object_is_in_its_cell(brought: Brought) -> None:
    for one in (
        invoice(), invoice(amount="2.5"), invoice(status="open"), invoice(date="2026-02-01T10:00:00Z"),
        invoice(currency="JPY", amount=1000), line(amount="-4"), one_off(), subscription(),
        subscription(monthly_value=None, currency=None), credit_note(),
        One("customers", {"id": "c", "name": "C"}), One("products", {"id": "p", "name": "P"}),
    ):  # fmt: skip
        brought.see(one, Outcome.SENT)
    assert cells(brought) == [
        ("products", None, None, None, "sent", 1, None),
        ("customers", None, None, None, "sent", 1, None),
        ("subscriptions", None, "2026-01", "active", "sent", 1, None),
        ("subscriptions", "EUR", "2026-01", "active", "sent", 1, "100.00"),
        ("invoices", "EUR", "2026-01", "open", "sent", 1, "10.00"),
        ("invoices", "EUR", "2026-01", "paid", "sent", 2, "12.50"),
        ("invoices", "EUR", "2026-02", "paid", "sent", 1, "10.00"),
        ("invoices", "JPY", "2026-01", "paid", "sent", 1, "1000"),
        ("invoice_lines", "EUR", None, None, "sent", 1, "10.00"),
        ("invoice_lines", "EUR", "2026-01", None, "sent", 1, "-4.00"),
        ("credit_notes", "EUR", "2026-02", None, "sent", 1, "3.00"),
    ]


@pytest.mark.parametrize("between", [0, 3000])
@pytest.mark.parametrize("late", [(), (0,), (1,), (0, 1)])
def test_an_object_counts_once_as_its_newest_version_ended(
    brought: Brought, between: int, late: tuple[int, ...]
) -> None:
    def others() -> None:
        for number in range(between):
            brought.see(One("customers", {"id": f"c-{number}", "name": "C"}), Outcome.SENT)

    first, newest = (invoice(id="in", amount=amount) for amount in (99, 10))
    for version, (one, outcome) in enumerate(((first, Outcome.SENT), (newest, Outcome.REJECTED))):
        brought.see(one)
        if version in late:
            others()
        brought.end("invoices", "in", outcome)
        others()
    assert [cell for cell in cells(brought) if cell[0] == "invoices"] == [
        ("invoices", "EUR", "2026-01", "paid", "rejected", 1, "10.00")
    ]


@pytest.mark.parametrize("between", [0, 3000])
def test_what_has_not_ended_is_held_also_if_an_older_version_of_it_has(brought: Brought, between: int) -> None:
    brought.see(invoice(id="in", amount=99))
    for number in range(between):
        brought.see(One("products", {"id": f"p-{number}", "name": "P"}), Outcome.SENT)
    brought.end("invoices", "in", Outcome.SENT)
    for number in range(between):
        brought.see(One("products", {"id": f"q-{number}", "name": "P"}), Outcome.SENT)
    brought.see(invoice(id="in", amount=10))
    brought.see(invoice(amount=5))
    assert [cell for cell in cells(brought) if cell[0] == "invoices"] == [
        ("invoices", "EUR", "2026-01", "paid", "held", 2, "15.00")
    ]


@pytest.mark.parametrize(
    ("amounts", "together"),
    [
        (["0.1"] * 10, "1.00"),
        (["0.000001", "0.000002"], "0.000003"),
        (["9000000000000"] * 20, "180000000000000.00"),
        (["-9000000000000.01", "9000000000000"], "-0.01"),
        (["1.005", "1.005"], "2.01"),
        # Beyond all sense: not added, but counted.
        (["1" + "0" * 20, "1"], "1.00"),
    ],
)
def test_sums_are_exact(brought: Brought, amounts: list[str], together: str) -> None:
    for amount in amounts:
        brought.see(invoice(amount=amount), Outcome.SENT)
    assert [cell[5:] for cell in cells(brought)] == [(len(amounts), together)]


def test_lines_are_held_against_their_invoices_where_both_came_through(brought: Brought) -> None:
    brought.see(invoice(id="a", amount=10), Outcome.SENT)
    brought.see(invoice(id="b", amount=20), Outcome.UNCHANGED)
    brought.see(invoice(id="without-lines", amount=7), Outcome.SENT)
    brought.see(invoice(id="lost", amount=7), Outcome.REJECTED)
    for name, amount, outcome in (
        ("a", 10, Outcome.SENT), ("b", 15, Outcome.SENT), ("b", "4.5", Outcome.SENT), ("b", 1, Outcome.REJECTED),
        ("lost", 7, Outcome.SENT), ("elsewhere", 8, Outcome.SENT), ("b", 1, None),
    ):  # fmt: skip
        brought.see(one_off(invoice_id=name, amount=amount), outcome)
    assert totals(brought).document()["lines_of_invoices"] == [
        {"currency": "EUR", "invoices": 2, "invoices_amount": "30.00", "lines": 3, "lines_amount": "29.50",
         "difference": "-0.50"}
    ]  # fmt: skip


# --- too many for a log


def test_few_are_told_by_months(brought: Brought) -> None:
    brought.see(invoice(), Outcome.SENT)
    assert totals(brought).shortened() == totals(brought)


def test_many_are_told_by_years_and_add_up_all_the_same(brought: Brought, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals_module, "MOST_CELLS", 20)
    for number in range(24):
        brought.see(invoice(date=f"{2024 + number // 12}-{number % 12 + 1:02}-05", amount=number), Outcome.SENT)
    for status in ("active", "paused"):
        brought.see(subscription(status=status, monthly_value=None), Outcome.SENT)
    whole = totals(brought)
    assert len(whole.cells) == 26
    short = whole.shortened().document()
    assert short["totals_by"] == "year"
    assert [tuple(cell.values()) for cell in short["totals"]] == [
        ("subscriptions", "EUR", "2026", "active", "sent", 1, None),
        ("subscriptions", "EUR", "2026", "paused", "sent", 1, None),
        ("invoices", "EUR", "2024", "paid", "sent", 12, "66.00"),
        ("invoices", "EUR", "2025", "paid", "sent", 12, "210.00"),
    ]


def test_of_a_year_the_revenue_of_its_last_month_is_told(brought: Brought, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals_module, "MOST_CELLS", 5)
    brought.see(invoice(date="2026-03-10"), Outcome.SENT)
    brought.see(line("2025-06-01", "2026-06-01", 120), Outcome.SENT)
    brought.see(line("2025-12-01", "2026-02-01", 20), Outcome.SENT)
    found = totals(brought).shortened()
    assert [(one.month, one.lines) for one in found.revenue] == [
        ("2025-12", Decimal("20.00")),
        ("2026-03", Decimal("10.00")),
    ]
    assert found.by == "year"


# --- recurring revenue


def revenue(brought: Brought) -> dict[str, tuple[str | None, str | None]]:
    months = totals(brought).document()["mrr"]["months"]
    return {f"{one['month']} {one['currency']}": (one["lines"], one["monthly_values"]) for one in months}


@pytest.mark.parametrize(
    ("starts", "ends", "amount", "monthly"),
    [
        ("2026-01-01", "2026-02-01", 30, "30.00"),
        ("2026-01-31", "2026-02-28", 30, "30.00"),
        ("2026-01-15", "2027-01-15", 1200, "100.00"),
        ("2026-01-16", "2026-02-01", 45, "87.19"),  # 16 of 31 days
        ("2026-01-25", "2026-02-01", 7, "31.00"),
        ("2026-01-01", "2026-03-31", 90, "30.00"),  # without its last day
        ("2026-01-01T23:00:00Z", "2026-04-01T22:00:00Z", 90, "30.00"),  # the clocks change
        ("2026-01-01", "2026-04-01", "100", "33.33"),
    ],
)
def test_a_line_counts_with_its_amount_by_the_months_of_its_period(
    brought: Brought, starts: str, ends: str, amount: object, monthly: str
) -> None:
    brought.see(invoice(date="2026-01-31"), Outcome.SENT)
    brought.see(line(starts, ends, amount), Outcome.SENT)
    assert revenue(brought) == {"2026-01 EUR": (monthly, None)}


def test_a_month_counts_what_runs_at_its_last_moment_and_none_is_told_after_the_newest_invoice(
    brought: Brought,
) -> None:
    brought.see(invoice(date="2026-03-10"), Outcome.SENT)
    brought.see(line("2026-01-01", "2027-01-01", 120), Outcome.SENT)
    brought.see(line("2026-01-05", "2026-01-31", 50), Outcome.SENT)  # over before January's last moment
    brought.see(line("2026-02-10", "2026-03-10", 5), Outcome.SENT)
    brought.see(line("2026-03-11", "2026-04-11", 7), Outcome.SENT)  # after what is known
    brought.see(line("2026-01-01", "2027-01-01", 1200), Outcome.REJECTED)
    brought.see(one_off(amount=999), Outcome.SENT)
    assert revenue(brought) == {
        "2026-01 EUR": ("10.00", None), "2026-02 EUR": ("15.00", None), "2026-03 EUR": ("10.00", None),
    }  # fmt: skip


def test_subscriptions_count_by_their_own_monthly_values_from_the_end_of_a_trial_until_their_end(
    brought: Brought,
) -> None:
    brought.see(invoice(date="2026-04-30"), Outcome.SENT)
    for fields in (
        {"start_date": "2026-01-15", "monthly_value": 1},
        {"start_date": "2026-01-01", "trial_end": "2026-02-15", "monthly_value": 10},
        {"start_date": "2026-01-01", "end_date": "2026-03-01", "monthly_value": 100},
        {"start_date": "2026-01-01", "status": "canceled", "canceled_at": "2026-02-02", "monthly_value": 1000},
        {"start_date": "2026-01-01", "status": "canceled", "monthly_value": 10_000},  # nobody knows since when
        {"start_date": "2026-01-01", "status": "trialing", "monthly_value": 100_000},
        {"start_date": "2026-01-01", "monthly_value": None},
    ):
        brought.see(subscription(**fields), Outcome.SENT)
    assert revenue(brought) == {
        "2026-01 EUR": (None, "1101.00"), "2026-02 EUR": (None, "111.00"), "2026-03 EUR": (None, "11.00"),
        "2026-04 EUR": (None, "11.00"),
    }  # fmt: skip


def test_without_an_invoice_the_newest_start_is_the_last_that_is_known(brought: Brought) -> None:
    brought.see(subscription(start_date="2025-12-15"), Outcome.SENT)
    brought.see(subscription(start_date="2026-02-15"), Outcome.SENT)
    assert revenue(brought) == {
        "2025-12 EUR": (None, "100.00"), "2026-01 EUR": (None, "100.00"), "2026-02 EUR": (None, "200.00"),
    }  # fmt: skip


def test_ten_years_are_told_at_most(brought: Brought) -> None:
    brought.see(invoice(date="2026-12-31"), Outcome.SENT)
    brought.see(line("1970-01-01", "9999-12-31", 100), Outcome.SENT)
    months = list(revenue(brought))
    assert (len(months), months[0], months[-1]) == (120, "2017-01 EUR", "2026-12 EUR")


DAYS = st.dates(figures.Month(2025, 1).start.date(), figures.Month(2026, 6).start.date())
TIMES = st.sampled_from(["", "T00:00:00Z", "T09:30:15Z", "T22:00:00Z", "T23:00:00Z"])
PERIODS = st.tuples(st.tuples(DAYS, TIMES), st.tuples(DAYS, TIMES)).map(
    lambda pair: tuple(f"{day}{time}" for day, time in pair)
)
AMOUNTS = st.decimals(-5000, 5000, places=2)
LINES = st.tuples(PERIODS, AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]))


@settings(max_examples=80, deadline=None)
@given(st.lists(LINES, max_size=8), DAYS)
def test_it_is_what_the_sandbox_computes_from_the_same_objects(lines: list[Any], issued: Any) -> None:
    """Two programs, one page of formulas."""
    brought = Brought()
    try:
        newest = invoice(date=str(issued))
        objects = [
            line(*period, amount, currency=currency)
            for period, amount, currency in lines
            if (period[0] + "T00:00:00Z")[:20] < (period[1] + "T00:00:00Z")[:20]
        ]
        for one in (newest, *objects):
            brought.see(one, Outcome.SENT)
        found = {key: lines for key, (lines, _) in revenue(brought).items()}
        held = figures.recurring_lines(one.values for one in objects)
        date = figures.newest([newest.values])
        expected = {}
        for month in months_until(date):
            for currency, amount in figures.mrr(held, figures.snapshot(month, date)).items():
                expected[f"{month} {currency}"] = amount
        assert {key: Decimal(str(value)) for key, value in found.items()} == {
            key: Decimal(value) for key, value in expected.items()
        }
    finally:
        brought.close()


def months_until(date: Any) -> list[figures.Month]:
    months = [figures.Month(2025, 1)]
    while months[-1].end <= date:
        months.append(figures.Month.of(months[-1].end))
    return months


def test_a_question_that_takes_too_long_is_broken_off(brought: Brought) -> None:
    for number in range(5000):
        brought.see(invoice(amount=number), Outcome.SENT)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        control_totals(brought.book, decimals_of, partial=True, seconds=0)
