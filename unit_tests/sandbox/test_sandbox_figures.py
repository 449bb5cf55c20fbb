"""Figures against examples computed by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from fincome_sandbox.figures import (
    Month,
    default_month,
    exact,
    figures,
    months_of,
    mrr,
    newest,
    recurring_lines,
    rounded,
    snapshot,
)
from fincome_sandbox.formats import parse_instant


def line(
    amount: str, start: str, end: str, currency: str = "EUR", type_: str = "subscription", tax: str = "0"
) -> dict[str, object]:
    return {
        "id": f"{amount}-{start}",
        "type": type_,
        "currency": currency,
        "amount_excluding_tax_after_discount": Decimal(amount),
        "tax_amount": Decimal(tax),
        "period_start": start,
        "period_end": end,
    }


MONTHLY = line("30.00", "2026-01-01", "2026-02-01")
MID_MONTH = line("28.00", "2026-02-15", "2026-03-15")
YEARLY = line("1200.00", "2026-01-01", "2027-01-01")
# Upgrade on 16 April 2026 from 30 to 90 a month: half of April is given back, half of the new plan charged.
BEFORE_UPGRADE = line("30.00", "2026-04-01", "2026-05-01")
GIVEN_BACK = line("-15.00", "2026-04-16", "2026-05-01")
UPGRADED = line("45.00", "2026-04-16", "2026-05-01")
UPGRADE = [BEFORE_UPGRADE, GIVEN_BACK, UPGRADED]


@pytest.mark.parametrize(
    ("lines", "month", "expected"),
    [
        ([MONTHLY], "2026-01", {"EUR": "30.00"}),
        ([MONTHLY], "2025-12", {}),
        ([MONTHLY], "2026-02", {}),
        # It runs at the end of February, and no longer at that of March.
        ([MID_MONTH], "2026-02", {"EUR": "28.00"}),
        ([MID_MONTH], "2026-03", {}),
        # 1200 / 12, in long months and short ones.
        ([YEARLY], "2026-01", {"EUR": "100.00"}),
        ([YEARLY], "2026-02", {"EUR": "100.00"}),
        ([YEARLY], "2026-12", {"EUR": "100.00"}),
        ([YEARLY], "2027-01", {}),
        # 30/1 - 15/0.5 + 45/0.5.
        (UPGRADE, "2026-04", {"EUR": "90.00"}),
        # The same change in a month of 31 days; the period has 30: it is measured by the month that ends with it.
        ([line("30", "2026-04-16", "2026-05-16"), line("-15", "2026-05-01", "2026-05-16"),
          line("45", "2026-05-01", "2026-05-16")], "2026-04", {"EUR": "30.00"}),
        # Cancelled on 16 April, the rest given back: 30/1 - 15/0.5.
        ([BEFORE_UPGRADE, GIVEN_BACK], "2026-04", {"EUR": "0.00"}),
        # A gap of ten days over the end of January, and an overlap over that of March.
        ([line("30", "2025-12-25", "2026-01-25"), line("30", "2026-02-04", "2026-03-04")], "2026-01", {}),
        ([line("30", "2026-03-01", "2026-04-01"), line("30", "2026-03-30", "2026-04-30")], "2026-03",
         {"EUR": "60.00"}),
        # 1001 / 2 = 500.5: half goes to the even 500. Three decimals: 1.001 / 2 = 0.5005, to the even 0.500.
        ([line("1001", "2026-04-16", "2026-06-16", "JPY")], "2026-04", {"JPY": "500"}),
        ([line("1003", "2026-04-16", "2026-06-16", "JPY")], "2026-04", {"JPY": "502"}),
        ([line("1.001", "2026-04-16", "2026-06-16", "KWD")], "2026-04", {"KWD": "0.500"}),
        # Rounded once, at the end: three times 0.005 are 0.015, to the even 0.02; one by one they'd be 0.00.
        ([line("0.01", "2026-04-16", "2026-06-16")] * 3, "2026-04", {"EUR": "0.02"}),
        # Six times 290 / 12 are exactly 145, although a twelfth has no end.
        ([line("290", "2026-01-01", "2027-01-01")] * 6, "2026-04", {"EUR": "145.00"}),
        ([line("10", "2026-01-01", "2026-02-01"), line("5", "2026-01-01", "2026-02-01", "USD")],
         "2026-01", {"EUR": "10.00", "USD": "5.00"}),
        ([line("99", "2026-01-01", "2026-02-01", type_="one_off")], "2026-01", {}),
    ],
)  # fmt: skip
def test_mrr(lines: list[dict[str, object]], month: str, expected: dict[str, str]) -> None:
    assert mrr(recurring_lines(lines), snapshot(Month.parse(month), None)) == expected


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-01-31", "2026-02-28", 1),
        ("2026-02-28", "2026-03-31", 1),
        ("2026-03-31", "2026-06-30", 3),
        ("2024-02-29", "2025-02-28", 12),
        ("2026-01-01", "2026-01-31", 1),  # the last day is missing
        ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", 12),
        ("2026-03-14T23:00:00Z", "2026-04-14T22:00:00Z", 1),  # the clocks went forward
        ("2026-04-16", "2026-05-01", Fraction(1, 2)),  # 15 of April's 30 days
        ("2026-05-01", "2026-05-16", Fraction(1, 2)),  # 15 of the 30 days from 16 April
        ("2026-01-15", "2026-03-10", 1 + Fraction(26, 31)),  # a month to 10 March, 26 of 31 days to 10 February
        ("2026-01-01", "2026-01-08", Fraction(7, 31)),  # a week: of the month from 8 December
        ("2026-04-01T06:00:00Z", "2026-05-01", Fraction(30 * 24 - 6, 30 * 24)),
        ("0001-01-01", "0001-01-05", 1),  # there is no month before
        ("0001-01-01", "9999-12-31", 9999 * 12),
    ],
)
def test_months_of_a_period(start: str, end: str, months: int | Fraction) -> None:
    begins, ends = parse_instant(start), parse_instant(end)
    assert begins is not None
    assert ends is not None
    assert months_of(begins, ends) == months


@pytest.mark.parametrize(
    ("month", "issued", "moment"),
    [
        ("2026-01", None, "2026-02-01"),
        ("2026-01", "2026-03-05", "2026-02-01"),
        ("2026-01", "2026-01-10T08:00:00Z", "2026-01-11"),  # the day's end
        ("2026-01", "2026-01-31T23:00:00Z", "2026-02-01"),
        ("2026-02", "2026-01-10", "2026-03-01"),
    ],
)
def test_a_month_is_told_for_its_last_moment_or_that_of_the_newest_invoices_day(
    month: str, issued: str | None, moment: str
) -> None:
    after = parse_instant(moment)
    assert after is not None
    told = snapshot(Month.parse(month), parse_instant(issued))
    assert (after - told).total_seconds() == 0.000001


def test_a_one_off_line_has_no_period_and_no_recurring_revenue() -> None:
    one_off = {"type": "one_off", "currency": "EUR", "amount_excluding_tax_after_discount": Decimal(50)}
    assert recurring_lines([one_off]) == []


INVOICE_JANUARY = {"currency": "EUR", "date": "2026-01-31T23:00:00Z", "amount": Decimal(1), "status": "paid"}
INVOICE_FEBRUARY = {"currency": "EUR", "date": "2026-02-01", "amount": Decimal(1), "status": "paid"}


@pytest.mark.parametrize(
    ("lines", "invoices", "expected"),
    [
        ([], [INVOICE_FEBRUARY], None),
        ([YEARLY], [INVOICE_FEBRUARY, INVOICE_JANUARY], "2026-02"),
        ([YEARLY], [], "2026-12"),
        ([MONTHLY], [], "2026-01"),  # its end, 1 February, is no longer in it
        ([MID_MONTH], [], "2026-02"),  # it doesn't run at the end of March
        ([MONTHLY], [INVOICE_FEBRUARY], "2026-01"),  # billed afterwards
        ([MONTHLY], [{**INVOICE_FEBRUARY, "date": "2026-06-30"}], "2026-01"),
        ([MONTHLY, YEARLY], [{**INVOICE_FEBRUARY, "date": "2026-06-30"}], "2026-06"),
        ([MID_MONTH], [INVOICE_JANUARY], None),  # it begins after all that is known
    ],
)
def test_default_month(lines: list[dict[str, object]], invoices: list[object], expected: str | None) -> None:
    month = default_month(recurring_lines(lines), newest(invoices))
    assert (None if month is None else str(month)) == expected


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "26-01", "2026-01-01", "", "2026-01\n"])
def test_a_month_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2026-01"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (Fraction(25, 2), "EUR", "12.50"),
        (Fraction(-1, 200), "EUR", "-0.005"),
        (Fraction(1234567890123456789012345678901, 100), "EUR", "12345678901234567890123456789.01"),
        (Fraction(500), "JPY", "500"),
        (Fraction(1), "BHD", "1.000"),
        (Fraction(0), "USD", "0.00"),
    ],
)
def test_a_sum_keeps_all_its_decimals(value: Fraction, currency: str, text: str) -> None:
    assert exact(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.005", "0.00"), ("0.015", "0.02"), ("-0.015", "-0.02"), ("-1.234", "-1.23"), ("0.0051", "0.01")],
)
def test_rounding_is_half_even(value: str, text: str) -> None:
    assert rounded(Fraction(value), "EUR") == text


def test_all_figures_of_an_account() -> None:
    account = {
        "invoices": [
            {"currency": "EUR", "date": "2026-01-01", "status": "paid", "amount": Decimal("30.00")},
            {"currency": "EUR", "date": "2026-02-01", "status": "open", "amount": Decimal("0.10")},
            {"currency": "EUR", "date": "2026-02-01", "status": "paid", "amount": Decimal("0.20")},
            {"currency": "JPY", "date": "2026-01-05", "status": "unpaid", "amount": 1000},
        ],
        "invoice_lines": [
            {**MONTHLY, "tax_amount": Decimal("6.00")},
            {"type": "one_off", "currency": "EUR", "amount_excluding_tax_after_discount": Decimal("0.30")},
            line("1000", "2026-01-01", "2026-02-01", "JPY", tax="100"),
        ],
        "credit_notes": [{"currency": "EUR", "amount": Decimal("5.5")}],
        "subscriptions": [
            {"status": status}
            for status in (
                "active",
                "past_due",
                "trialing",
                "canceled",
                "paused",
                "unpaid",
                "future",
                "active",
            )
        ],
    }
    assert figures(account, Month(2026, 1)) == {
        "month": "2026-01",
        "currencies": {
            "EUR": {
                "invoiced_net": "30.30",
                "line_net": "30.30",
                "line_tax": "6.00",
                "credited": "5.50",
                "mrr": "30.00",
                "invoices_by_status": {"open": 1, "paid": 2},
            },
            "JPY": {
                "invoiced_net": "1000",
                "line_net": "1000",
                "line_tax": "100",
                "credited": "0",
                "mrr": "1000",
                "invoices_by_status": {"unpaid": 1},
            },
        },
        "subscriptions": {"active": 3, "trialing": 1},
    }


def test_an_empty_account_has_figures() -> None:
    nothing = {"month": None, "currencies": {}, "subscriptions": {"active": 0, "trialing": 0}}
    assert figures({}, None) == nothing
