"""Business checks: what they find, what they must not find, and that only the newest versions count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import build_models
from destination_fincome.reporting.business_checks import Checks, Finding, invoice_facts, line_facts

MODELS = build_models(load_contract())
ALL = frozenset(load_contract().entities)
_NUMBER = count(1)


def invoice(identity: str = "in", **fields: Any) -> Any:
    body = {"id": identity, "customer_id": "c", "date": "2026-01-01", "status": "paid", "currency": "EUR", "amount": 10}
    return invoice_facts(MODELS["invoices"].validate({**body, **fields}).values)


def one_off(invoice_id: str = "in", **fields: Any) -> Any:
    body = {"id": f"il-{next(_NUMBER)}", "invoice_id": invoice_id, "type": "one_off", "currency": "EUR",
            "amount_excluding_tax_after_discount": 10}  # fmt: skip
    return line_facts(MODELS["invoice_lines"].validate({**body, **fields}).values)


def charge(starts: str, ends: str, amount: Any = 10, **fields: Any) -> Any:
    """A line of a subscription; its invoice is one of its own."""
    body = {"type": "subscription", "subscription_id": "sub", "price_id": "p", "period_start": starts,
            "period_end": ends, "amount_excluding_tax_after_discount": amount}  # fmt: skip
    return one_off(**{"invoice_id": f"in-{next(_NUMBER)}", **body, **fields})


@pytest.fixture
def checks(tmp_path: Any) -> Iterator[Checks]:
    found = Checks(ALL, str(tmp_path))
    yield found
    found.close()


def findings(checks: Checks, *facts: Any) -> dict[str, tuple[int, str]]:
    for one in facts:
        checks.see(one)
    return {finding.code: (finding.count, finding.example) for finding in checks.findings()}


def overlaps(checks: Checks, *facts: Any) -> int:
    return findings(checks, *facts).get("overlapping_periods", (0, ""))[0]


def test_good_invoices_give_no_finding(checks: Checks) -> None:
    assert findings(
        checks,
        invoice("a", amount="12.50"), one_off("a", amount_excluding_tax_after_discount="15"),
        one_off("a", amount_excluding_tax_after_discount="-2.5"),
        invoice("b", amount=0),
        invoice("c"), charge("2026-01-01", "2026-02-01", invoice_id="c"),
    ) == {}  # fmt: skip


def test_an_invoice_without_lines(checks: Checks) -> None:
    assert findings(checks, invoice("a"), invoice("b"), one_off("a"), invoice("c", amount=0)) == {
        "invoice_without_lines": (1, "invoice b")
    }


@pytest.mark.parametrize("fed", [ALL - {"invoice_lines"}, ALL - {"invoices"}])
def test_nothing_is_missed_that_the_connection_does_not_bring(fed: frozenset[str], tmp_path: Any) -> None:
    checks = Checks(fed, str(tmp_path))
    assert findings(checks, invoice("a"), invoice("b", amount=3), one_off("b")) == {}


@pytest.mark.parametrize(
    ("amount", "lines", "differs"),
    [
        ("10", ["10"], False),
        ("10", ["9.99"], True),
        ("10", ["3.3333", "3.3333", "3.3334"], False),
        ("10", ["9.998"], False),
        ("-5", ["5", "-10"], False),
        ("-5", ["5"], True),
        ("123456789012.34", ["123456789012.34"], False),
        ("0", ["10"], True),
        # Beyond all sense: not judged.
        ("1" + "0" * 20, ["10"], False),
        ("10", ["1" + "0" * 20], False),
    ],
)
def test_lines_that_add_up_to_another_amount(checks: Checks, amount: str, lines: list[str], differs: bool) -> None:
    facts = [one_off("a", amount_excluding_tax_after_discount=line) for line in lines]
    assert ("lines_differ_from_invoice" in findings(checks, invoice("a", amount=amount), *facts)) is differs


def test_a_line_in_another_currency_than_its_invoice(checks: Checks) -> None:
    found = findings(checks, invoice("a"), one_off("a", id="x", currency="USD"), one_off("elsewhere", currency="USD"))
    assert found["currency_differs"] == (1, "invoice line x")


def test_a_subscription_line_that_names_no_subscription(checks: Checks) -> None:
    found = findings(checks, charge("2026-01-01", "2026-02-01", subscription_id=None, id="x"))
    assert found["line_without_subscription"] == (1, "invoice line x")


# --- overlapping periods


def test_periods_that_follow_each_other_do_not_overlap(checks: Checks) -> None:
    assert overlaps(checks, charge("2026-01-01", "2026-02-01"), charge("2026-02-01", "2026-03-01")) == 0


def test_a_gap_is_no_overlap(checks: Checks) -> None:
    assert overlaps(checks, charge("2026-01-01", "2026-02-01"), charge("2026-04-01", "2026-05-01")) == 0


def test_two_charges_of_one_price_for_the_same_time_overlap_and_the_later_one_is_named(checks: Checks) -> None:
    found = findings(
        checks, charge("2026-01-15", "2026-02-15", id="late"), charge("2026-01-01", "2026-02-01", id="early")
    )
    assert found["overlapping_periods"] == (1, "invoice line late")


@pytest.mark.parametrize("fields", [{"price_id": "other"}, {"subscription_id": "other"}, {"price_id": None}])
def test_other_prices_and_subscriptions_may_run_at_the_same_time(checks: Checks, fields: dict[str, Any]) -> None:
    assert overlaps(checks, charge("2026-01-01", "2026-02-01"), charge("2026-01-01", "2026-02-01", **fields)) == 0


@pytest.mark.parametrize(("credit", "rest"), [("in-a", "in-a"), ("in-a", "in-b")])
def test_a_change_in_mid_period_with_its_credit_does_not_overlap(checks: Checks, credit: str, rest: str) -> None:
    assert overlaps(
        checks,
        charge("2026-01-01", "2026-02-01", 10),
        charge("2026-01-15", "2026-02-01", -5, invoice_id=credit),
        charge("2026-01-15", "2026-02-01", 15, invoice_id=rest),
        charge("2026-02-01", "2026-03-01", 30, invoice_id=rest),
    ) == 0  # fmt: skip


def test_tiers_of_one_invoice_are_one_charge(checks: Checks) -> None:
    same = {"invoice_id": "in"}
    tiers = charge("2026-01-01", "2026-02-01", 5, **same), charge("2026-01-01", "2026-02-01", 3, **same)
    assert overlaps(checks, *tiers) == 0


def test_the_same_period_billed_by_two_invoices_overlaps(checks: Checks) -> None:
    assert overlaps(checks, charge("2026-01-01", "2026-02-01"), charge("2026-01-01", "2026-02-01")) == 1


def test_free_periods_do_not_overlap(checks: Checks) -> None:
    assert overlaps(checks, charge("2026-01-01", "2026-03-01", 0), charge("2026-02-01", "2026-03-01")) == 0


def test_each_subscription_counts_once(checks: Checks) -> None:
    lines = [charge("2026-01-01", "2027-01-01", subscription_id=name) for name in "abc" for _ in range(5)]
    assert overlaps(checks, *lines) == 3


def charges_at(lines: list[tuple[int, int]], moment: int) -> int:
    return sum(starts <= moment < ends for starts, ends in lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9)).map(lambda x: (x[0], x[0] + x[1])), max_size=8))
def test_overlaps_are_found_exactly_where_two_charges_run_at_some_time(lines: list[tuple[int, int]]) -> None:
    checks = Checks(ALL)
    try:
        given_lines = [charge(f"2026-01-{a:02}", f"2026-01-{b:02}") for a, b in lines]
        expected = any(charges_at(lines, moment) > 1 for moment in range(32))
        assert bool(overlaps(checks, *given_lines)) is expected
    finally:
        checks.close()


# --- versions


@pytest.mark.parametrize("between", [0, 3000])
def test_only_the_newest_version_counts(checks: Checks, between: int) -> None:
    checks.see(invoice("a", amount=99))
    checks.see(one_off("a", id="x", currency="USD"))
    for _ in range(between):
        checks.see(one_off("elsewhere"))
    assert findings(checks, invoice("a"), one_off("a", id="x")) == {}


@pytest.mark.parametrize("between", [0, 3000])
def test_what_is_not_sent_after_all_does_not_count(checks: Checks, between: int) -> None:
    checks.see(invoice("a"))
    checks.see(invoice("b"))
    checks.see(one_off("b", id="x", currency="USD"))
    for _ in range(between):
        checks.see(one_off("elsewhere"))
    checks.forget("invoices", "a")
    checks.forget("invoices", "b")
    checks.forget("invoice_lines", "x")
    checks.forget("customers", "a")
    assert list(checks.findings()) == []


def test_many_are_counted(checks: Checks) -> None:
    for number in range(5000):
        checks.see(invoice(f"in-{number}", amount=Decimal(number)))
        if number % 10:
            checks.see(one_off(f"in-{number}", amount_excluding_tax_after_discount=number))
    assert list(checks.findings()) == [
        Finding(Code.INVOICE_WITHOUT_LINES, next(iter(checks.findings())).text, 499, "invoice in-10")
    ]


def test_nothing_is_left_in_the_folder(tmp_path: Any) -> None:
    checks = Checks(ALL, str(tmp_path))
    checks.see(invoice())
    assert list(tmp_path.iterdir()) == []
    checks.close()


def test_dates_and_date_times_are_compared(checks: Checks) -> None:
    first = charge("2026-01-01", "2026-02-01")
    assert overlaps(checks, first, charge("2026-02-01T00:00:00Z", "2026-03-01")) == 0
    assert overlaps(checks, first, charge("2026-01-31T23:59:59Z", "2026-03-01")) == 1
