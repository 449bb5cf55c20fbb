"""Revenue by month against examples computed by hand (docs/revenue.md has the formulas)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fincome_sandbox.contract import load_contract
from fincome_sandbox.exact_json import JsonObject, write
from fincome_sandbox.figures import PARTS, figures
from fincome_sandbox.page.books import Books
from fincome_sandbox.page.revenue import MOVEMENTS, Revenue, revenue_of

Line = tuple[float, str, str]
"""Net amount, first day, and the day after the last."""


def books(lines: list[Line], *, customer: str = "ada", last: str = "2026-06-30", into: Books | None = None) -> Books:
    """A customer's lines, each on an invoice of its first day, and an invoice without lines on the last day."""
    kept = into or Books(load_contract())
    kept.written("customers", customer, write({"id": customer, "name": customer}))
    subscription = {"id": f"s-{customer}", "customer_id": customer, "status": "active", "start_date": "2026-01-01"}
    kept.written("subscriptions", f"s-{customer}", write(subscription))
    for number, (amount, start, end) in enumerate(lines):
        id_ = f"{customer}-{number}"
        kept.written("invoices", id_, write(invoice(id_, customer, start, amount)))
        kept.written("invoice_lines", id_, write(line(id_, f"s-{customer}", amount, start, end)))
    kept.written("invoices", f"last-{customer}", write(invoice(f"last-{customer}", customer, last, 0)))
    return kept


def invoice(id_: str, customer: str, date: str, amount: float, currency: str = "EUR") -> JsonObject:
    rest = {"date": date, "status": "paid", "currency": currency, "amount": exact(amount)}
    return {"id": id_, "customer_id": customer, **rest}


def line(id_: str, subscription: str, amount: float, start: str, end: str, currency: str = "EUR") -> JsonObject:
    return {
        "id": id_,
        "invoice_id": id_,
        "subscription_id": subscription,
        "type": "subscription",
        "currency": currency,
        "amount_excluding_tax_after_discount": exact(amount),
        "period_start": start,
        "period_end": end,
    }


def exact(amount: float) -> int:
    assert amount == int(amount)
    return int(amount)


def euros(report: Revenue) -> dict[str, list[Fraction]]:
    series = report.by_currency["EUR"]
    names = ("mrr", *MOVEMENTS)
    return {name: [Fraction(value, PARTS) for value in getattr(series, name)] for name in names}


def monthly(amount: float, *months: int) -> list[Line]:
    return [(amount, f"2026-{month:02d}-01", f"2026-{month + 1:02d}-01") for month in months]


# What is expected of January to June 2026: MRR, then what moved it as {month: amount}.
EXAMPLES: dict[str, tuple[list[Line], list[int], dict[str, dict[int, int]]]] = {
    "monthly": (monthly(30, 1, 2, 3, 4, 5, 6), [30] * 6, {"new": {1: 30}}),
    "yearly": ([(1200, "2026-01-15", "2027-01-15")], [100] * 6, {"new": {1: 100}}),
    "from the middle of a month": (
        [(30, f"2026-0{month}-15", f"2026-0{month + 1}-15") for month in range(1, 7)],
        [30] * 6,
        {"new": {1: 30}},
    ),
    # On 16 April from 30 to 90: half of April is given back, half of the new price charged.
    "upgrade in the middle of a period": (
        [
            *monthly(30, 1, 2, 3, 4),
            (-15, "2026-04-16", "2026-05-01"),
            (45, "2026-04-16", "2026-05-01"),
            *monthly(90, 5, 6),
        ],
        [30, 30, 30, 90, 90, 90],
        {"new": {1: 30}, "expansion": {4: 60}},
    ),
    "downgrade": (
        [*monthly(90, 1, 2, 3), *monthly(30, 4, 5, 6)],
        [90, 90, 90, 30, 30, 30],
        {"new": {1: 90}, "contraction": {4: -60}},
    ),
    "churn": (monthly(30, 1, 2, 3), [30, 30, 30, 0, 0, 0], {"new": {1: 30}, "churn": {4: -30}}),
    # Cancelled on 16 April, the rest of the month given back: gone at April's end.
    "churn with the rest given back": (
        [*monthly(30, 1, 2, 3, 4), (-15, "2026-04-16", "2026-05-01")],
        [30, 30, 30, 0, 0, 0],
        {"new": {1: 30}, "churn": {4: -30}},
    ),
    "a gap of two months": (
        [*monthly(30, 1, 2), *monthly(40, 5, 6)],
        [30, 30, 0, 0, 40, 40],
        {"new": {1: 30}, "churn": {3: -30}, "reactivation": {5: 40}},
    ),
    # From 20 March to 5 April nothing is billed; the end of March lies in between.
    "a gap over a month's end": (
        [(30, "2026-02-20", "2026-03-20"), (30, "2026-04-05", "2026-05-05"), (30, "2026-05-05", "2026-07-05")],
        [0, 30, 0, 30, 15, 15],
        {"new": {2: 30}, "churn": {3: -30}, "reactivation": {4: 30}, "contraction": {5: -15}},
    ),
    "a gap within a month": (
        [(30, "2026-02-06", "2026-03-06"), (30, "2026-03-09", "2026-04-09")],
        [0, 30, 30, 0, 0, 0],
        {"new": {2: 30}, "churn": {4: -30}},
    ),
    # Both periods contain the end of March.
    "an overlap over a month's end": (
        [(30, "2026-03-01", "2026-04-01"), (30, "2026-03-30", "2026-04-30"), *monthly(30, 4, 5, 6)],
        [0, 0, 60, 30, 30, 30],
        {"new": {3: 60}, "contraction": {4: -30}},
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_mrr_and_what_moved_it(name: str) -> None:
    lines, mrr, movements = EXAMPLES[name]
    # The calendar begins in January and ends in June, whatever the lines.
    kept = books(lines)
    kept.written("invoices", "first", write(invoice("first", "ada", "2026-01-01", 0)))
    report = revenue_of(kept)
    assert [str(month) for month in report.months] == [f"2026-0{number}" for number in range(1, 7)]
    expected = {kind: [movements.get(kind, {}).get(month, 0) for month in range(1, 7)] for kind in MOVEMENTS}
    assert euros(report) == {"mrr": mrr, **expected}
    assert report.subscriptions == report.customers == [int(value > 0) for value in mrr]


def test_movements_are_of_customers_and_add_up() -> None:
    kept = books(monthly(30, 1, 2, 3))
    books(monthly(50, 2, 3), customer="eve", into=kept, last="2026-03-31")
    kept.invoices.pop("last-ada")
    series = euros(revenue_of(kept))
    assert series["mrr"] == [30, 80, 80]
    assert series["new"] == [30, 50, 0]
    changes = [sum(series[kind][at] for kind in MOVEMENTS) for at in range(3)]
    assert changes == [30, 50, 0]


def test_a_cent_that_a_proration_leaves_is_no_customer() -> None:
    # 31 for a month; 14.98 of the 15.00 that half of it is are given back: 0.04 a month are left.
    kept = books([*monthly(30, 1, 2), (0, "2026-02-15", "2026-03-01")], last="2026-02-28")
    given_back = {**line("x", "s-ada", 0, "2026-02-15", "2026-03-01")}
    kept.written("invoice_lines", "x", write(given_back).replace('discount": 0', 'discount": -14.98'))
    report = revenue_of(kept)
    series = euros(report)
    assert series["mrr"] == [30, Fraction("0.04")]
    assert series["churn"] == [0, Fraction("-29.96")]
    assert report.customers == [1, 0]


def test_currencies_are_kept_apart_and_a_customer_with_two_is_one() -> None:
    kept = books(monthly(30, 1), last="2026-01-31")
    kept.written("invoices", "usd", write(invoice("usd", "ada", "2026-01-10", 50, "USD")))
    kept.written("invoice_lines", "usd", write(line("usd", "s-2", 50, "2026-01-10", "2026-02-10", "USD")))
    report = revenue_of(kept)
    assert {currency: series.mrr for currency, series in report.by_currency.items()} == {
        "EUR": [30 * PARTS],
        "USD": [50 * PARTS],
    }
    assert (report.customers, report.subscriptions) == ([1], [2])
    assert report.by_customer == {"ada": {"EUR": 30 * PARTS, "USD": 50 * PARTS}}


def test_invoices_and_credit_notes_count_in_the_month_of_their_date() -> None:
    kept = books(monthly(30, 1, 2), last="2026-02-28")
    note = {"id": "n", "invoice_id": "ada-0", "date": "2026-02-03", "currency": "EUR", "amount": 12}
    kept.written("credit_notes", "n", write(note))
    series = revenue_of(kept).by_currency["EUR"]
    assert (series.invoiced, series.credited) == ([30 * PARTS] * 2, [0, 12 * PARTS])
    # A credit note changes no MRR.
    assert series.mrr == [30 * PARTS] * 2


def test_an_object_that_is_written_again_counts_once() -> None:
    kept = books(monthly(30, 1), last="2026-01-31")
    kept.written("invoice_lines", "ada-0", write(line("ada-0", "s-ada", 70, "2026-01-01", "2026-02-01")))
    assert revenue_of(kept).by_currency["EUR"].mrr == [70 * PARTS]


def test_the_month_of_the_newest_invoice_is_told_for_that_day() -> None:
    report = revenue_of(books(monthly(30, 1, 2), last="2026-02-10"))
    assert report.told is not None
    assert f"{report.told:%Y-%m-%d}" == "2026-02-10"
    assert report.by_currency["EUR"].mrr == [30 * PARTS] * 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_newest_month_is_that_of_the_control_route(name: str) -> None:
    lines, *_ = EXAMPLES[name]
    objects = {
        "invoices": [invoice(str(at), "ada", start, amount) for at, (amount, start, _) in enumerate(lines)],
        "invoice_lines": [line(str(at), "s", amount, start, end) for at, (amount, start, end) in enumerate(lines)],
    }
    told = figures(objects, None)
    kept = books(lines)
    kept.invoices.pop("last-ada")
    report = revenue_of(kept)
    assert told["month"] == str(report.months[report.latest])
    assert told["currencies"]["EUR"]["mrr"] == f"{float(euros(report)['mrr'][report.latest]):.2f}"


def test_a_line_over_all_time_makes_no_report_of_all_time() -> None:
    report = revenue_of(books([(120, "0001-01-01", "9999-12-31")]))
    assert len(report.months) == 120
    series = report.by_currency["EUR"]
    assert len(set(series.mrr)) == 1
    assert {value for kind in MOVEMENTS for value in getattr(series, kind)} == {0}


def test_an_empty_account_has_a_report() -> None:
    assert revenue_of(Books(load_contract())) == Revenue()
